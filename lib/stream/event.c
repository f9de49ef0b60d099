/* SPDX-License-Identifier: MIT */
#include "stream/stream.h"

void envoi__stream_event(struct envoi_stream *stream, int type)
{
    stream->event.type = type;
}

int envoi_event_type(const envoi_event *event)
{
    return event ? event->type : 0;
}

const envoi_element *envoi_event_stanza(const envoi_event *event)
{
    return event ? event->stanza : NULL;
}

const envoi_element *envoi_event_stream_error(const envoi_event *event)
{
    return event ? event->stream_error : NULL;
}

uint64_t envoi_event_token(const envoi_event *event)
{
    return event ? event->token : 0;
}

int envoi_event_error(const envoi_event *event)
{
    return event ? event->error : 0;
}

const char *envoi_event_condition(const envoi_event *event)
{
    return event ? event->condition : NULL;
}

const char *envoi_event_text(const envoi_event *event)
{
    return event ? event->text : NULL;
}

const char *envoi_event_text_lang(const envoi_event *event)
{
    return event ? event->text_lang : NULL;
}

int envoi_event_is_retryable(const envoi_event *event)
{
    return event ? event->retryable : 0;
}

const char *envoi_event_jid(const envoi_event *event)
{
    return event ? event->jid : NULL;
}

const char *envoi_event_mechanism(const envoi_event *event)
{
    return event ? event->mechanism : NULL;
}

const char *envoi_event_channel_binding(const envoi_event *event)
{
    return event ? event->channel_binding : NULL;
}

const char *envoi_event_tls_version(const envoi_event *event)
{
    return event ? event->tls_version : NULL;
}

const char *envoi_event_tls_cipher(const envoi_event *event)
{
    return event ? event->tls_cipher : NULL;
}
