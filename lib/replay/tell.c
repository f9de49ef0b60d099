/* SPDX-License-Identifier: MIT */
/* What the lines of a recording say. */
#include "replay/recorder.h"

#include "base/text.h"
#include "xml/writer.h"
#include <string.h>

enum { RANDOM_ID_TEXT = 22 };

/* ---- A: connect ---- */

static void tell_numbers(struct envoi_recorder *recorder, const struct envoi__options *usual)
{
    const struct envoi__options *options = recorder->stream->options;
    for (int i = 1; i < ENVOI__LIMITS; i++)
        if (options->limits[i] != usual->limits[i])
            envoi__line_add_number(recorder, envoi__limit_name(i), options->limits[i]);
    for (int i = 1; i < ENVOI__TIMEOUTS; i++)
        if (options->timeouts[i] != (i == ENVOI_TIMEOUT_IDLE ? 0 : usual->timeouts[i])) /* off in transcripts */
            envoi__line_add_number(recorder, envoi__timeout_name(i), options->timeouts[i]);
}

/* The data of the channel is made up: what matters is that there is some of this type. */
static void tell_channel(struct envoi_recorder *recorder)
{
    const struct envoi_stream *stream = recorder->stream;
    const char *type = stream->sasl ? envoi__sasl_channel_binding(stream->sasl) : NULL;
    const char *option = envoi__binding_option(type ? type : stream->options->binding_type);
    if (option)
        envoi__line_add_pair(recorder, option, "channel");
    if (stream->options->channel_binding != ENVOI_CHANNEL_BINDING_OFFERED)
        envoi__line_add_number(recorder, "channel-binding", (uint64_t)stream->options->channel_binding);
}

static void tell_options(struct envoi_recorder *recorder, const struct envoi__options *usual)
{
    const struct envoi__options *options = recorder->stream->options;
    int is_local = options->tls == ENVOI_TLS_LOCAL;
    envoi__line_add_pair(recorder, "jid", envoi_jid_bare(options->jid));
    envoi__line_add_pair(recorder, "password", options->password ? ENVOI__REPLAY_PASSWORD : NULL);
    envoi__line_add_pair(recorder, "tls", envoi__tls_name(is_local ? ENVOI_TLS_LOCAL : ENVOI_TLS_EXTERNAL));
    envoi__line_add_pair(recorder, "resource", options->resource);
    envoi__line_add_pair(recorder, "lang", envoi__eq(options->lang, usual->lang) ? NULL : options->lang);
    envoi__line_add_pair(recorder, "allow", options->plain_allowed ? "PLAIN" : NULL);
    envoi__line_add_pair(recorder, "allow", envoi__auth_is_external(recorder->stream) ? "EXTERNAL" : NULL);
    envoi__line_add_pair(recorder, "authzid", options->authzid ? envoi_jid_bare(options->authzid) : NULL);
    for (size_t i = 0; i < options->iq_namespace_count; i++)
        envoi__line_add_pair(recorder, "accept-iq", options->iq_namespaces[i]);
    tell_channel(recorder);
    tell_numbers(recorder, usual);
}

static int usual_options(struct envoi__options **out, const struct envoi__options *options)
{
    envoi_config *config = NULL;
    int error = envoi_config_new(&config, envoi_jid_bare(options->jid));
    if (error)
        return error;
    *out = envoi__options_ref(config);
    envoi_config_free(config);
    return 0;
}

void envoi__tell_connect(struct envoi_recorder *recorder)
{
    struct envoi__options *usual = NULL;
    if (recorder->stage != ENVOI__RECORDER_HOLDING || recorder->error)
        return;
    recorder->error = usual_options(&usual, recorder->stream->options);
    if (recorder->error)
        return;
    recorder->stage = ENVOI__RECORDER_OPEN;
    envoi__line_add(recorder, "A: connect");
    tell_options(recorder, usual);
    envoi__line_end(recorder);
    if (!recorder->error)
        recorder->error = envoi__buf_add(&recorder->text, envoi__buf_bytes(&recorder->held), recorder->held.len);
    envoi__buf_free(&recorder->held);
    envoi__options_unref(usual);
}

/* ---- S: and C: ---- */

/* Whether the stream made this id up (stream/requests.c). */
static int is_made_up(const char *id)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return id && strspn(id, alphabet) == RANDOM_ID_TEXT && id[RANDOM_ID_TEXT] == '.' &&
           strlen(id) < ENVOI__REQUEST_ID_SIZE &&
           strspn(id + RANDOM_ID_TEXT + 1, "0123456789") == strlen(id + RANDOM_ID_TEXT + 1);
}

/* What answers has the identifier of what it answers, which the other side made up. */
static int is_answer(const envoi_element *element)
{
    const char *type = envoi_element_attr(element, "type");
    return envoi__eq(type, "result") || envoi__eq(type, "error");
}

/* Of an element with an identifier of ours the first line gives it its name. */
static void tell_element(struct envoi_recorder *recorder, const char *mark, const uint8_t *bytes, size_t len,
                         const envoi_element *element)
{
    struct envoi__buf open;
    int named = 0;
    if (*mark == 'C' && !is_answer(element) && is_made_up(envoi_element_attr(element, "id")))
        envoi__line_name(recorder, envoi_element_attr(element, "id"));
    envoi__buf_init(&open, 0);
    recorder->hiding.is_ours = *mark == 'C';
    int error = envoi__hide(&recorder->hiding, &open, &named, bytes, len, element,
                            recorder->flags & ENVOI_RECORDER_HIDE_BODIES);
    if (error)
        envoi__line_fail(recorder, error);
    else if (named)
        envoi__line_add_raw(recorder, envoi__buf_bytes(&open), open.len);
    else
        envoi__line_add_xml(recorder, envoi__buf_bytes(&open), open.len);
    envoi__buf_free(&open);
}

/* Both sides compare headers without the XML declaration; the server's stays as it came. */
static void tell_header(struct envoi_recorder *recorder, const char *mark, const uint8_t *bytes, size_t len)
{
    static const char declaration[] = "<?xml version='1.0'?>";
    size_t skip = *mark == 'C' ? sizeof declaration - 1 : 0; /* ours has one always, and this one */
    envoi__line_add_bytes(recorder, bytes + skip, len - skip);
}

/* What is no element, or not the whole of one, cannot be played again if it may hold a secret. */
static void tell_broken(struct envoi_recorder *recorder, const char *mark, const uint8_t *bytes, size_t len)
{
    if (!envoi__may_hold_secret(bytes, len, recorder->flags & ENVOI_RECORDER_HIDE_BODIES)) {
        envoi__line_begin(recorder, mark);
        envoi__line_add_bytes(recorder, bytes, len);
        envoi__line_end(recorder);
        return;
    }
    recorder->muted = 1;
    envoi__line_begin(recorder, mark);
    envoi__line_add(recorder, "no whole element, and it may hold a secret; bytes:");
    envoi__line_add_count(recorder, len);
    envoi__line_end(recorder);
}

void envoi__tell_item(struct envoi_recorder *recorder, const char *mark, int item, const uint8_t *bytes, size_t len,
                      const envoi_element *element)
{
    if (item < 0) {
        tell_broken(recorder, mark, bytes, len);
        return;
    }
    int is_space = item == ENVOI__READ_SPACE && *mark == 'C'; /* compared by its bytes */
    envoi__line_begin(recorder, is_space ? "C= " : mark);
    if (item == ENVOI__READ_ELEMENT)
        tell_element(recorder, mark, bytes, len, element);
    else if (item == ENVOI__READ_HEADER)
        tell_header(recorder, mark, bytes, len);
    else
        envoi__line_add_bytes(recorder, bytes, len);
    envoi__line_end(recorder);
}

/* ---- E: ---- */

static void tell_alone(struct envoi_recorder *recorder, const envoi_element *element, int by_name)
{
    struct envoi__buf text;
    envoi__buf_init(&text, 0);
    int error = envoi__hide_alone(&text, element, recorder->flags & ENVOI_RECORDER_HIDE_BODIES);
    envoi__line_add(recorder, " ");
    if (error)
        envoi__line_fail(recorder, error);
    else if (by_name)
        envoi__line_add_xml(recorder, envoi__buf_bytes(&text), text.len);
    else
        envoi__line_add_bytes(recorder, envoi__buf_bytes(&text), text.len);
    envoi__buf_free(&text);
}

static void tell_error(struct envoi_recorder *recorder, const envoi_event *event)
{
    envoi__line_add_pair(recorder, "error", envoi__error_word(envoi_event_error(event)));
    envoi__line_add_pair(recorder, "condition", envoi_event_condition(event));
}

static void tell_authenticated(struct envoi_recorder *recorder, const envoi_event *event)
{
    const char *binding = envoi_event_channel_binding(event);
    envoi__line_add_pair(recorder, "mechanism", envoi_event_mechanism(event));
    envoi__line_add_pair(recorder, "binding", binding ? binding : "none");
}

static void tell_secured(struct envoi_recorder *recorder, const envoi_event *event)
{
    envoi__line_add_pair(recorder, "version", envoi_event_tls_version(event));
    envoi__line_add_pair(recorder, "cipher", envoi_event_tls_cipher(event));
}

static void tell_ready(struct envoi_recorder *recorder, const envoi_event *event)
{
    envoi__line_add_pair(recorder, "jid", envoi_event_jid(event));
}

static void tell_reply(struct envoi_recorder *recorder, const envoi_event *event)
{
    envoi__line_add_number(recorder, "token", envoi_event_token(event));
    if (envoi_event_error(event))
        tell_error(recorder, event);
}

/* The text for a person is left out: it may read better in another version. */
static void tell_closed(struct envoi_recorder *recorder, const envoi_event *event)
{
    tell_error(recorder, event);
    envoi__line_add_number(recorder, "retryable", (uint64_t)envoi_event_is_retryable(event));
}

/* How an event is told. What depends on when output was sent, or on TLS, cannot be played again. */
static const struct {
    int type;
    const char *mark;
    void (*tell)(struct envoi_recorder *recorder, const envoi_event *event); /* NULL: nothing but its stanza */
} events[] = {
    {ENVOI_EVENT_SECURED, "# E: ", tell_secured},
    {ENVOI_EVENT_AUTHENTICATED, "E: ", tell_authenticated},
    {ENVOI_EVENT_READY, "E: ", tell_ready},
    {ENVOI_EVENT_CLOSED, "E: ", tell_closed},
    {ENVOI_EVENT_STANZA, "E: ", NULL},
    {ENVOI_EVENT_REPLY, "E: ", tell_reply},
    {ENVOI_EVENT_UNMATCHED_REPLY, "E: ", NULL},
    {ENVOI_EVENT_PASSWORD, "E: ", tell_error},
    {ENVOI_EVENT_WRITABLE, "# E: ", NULL},
};

void envoi__tell_event(struct envoi_recorder *recorder, const envoi_event *event)
{
    size_t row = 0;
    while (row < ENVOI__COUNT(events) && events[row].type != envoi_event_type(event))
        row++;
    if (row == ENVOI__COUNT(events))
        return;
    envoi__line_begin(recorder, events[row].mark);
    envoi__line_add(recorder, envoi__event_name(events[row].type));
    if (events[row].tell)
        events[row].tell(recorder, event);
    if (envoi_event_stanza(event))
        tell_alone(recorder, envoi_event_stanza(event), 1);
    envoi__line_end(recorder);
}

/* ---- A: ---- */

/* A call that failed for want of room or memory would not fail in a replay. */
static int can_be_repeated(const struct envoi__call *call)
{
    int is_stanza = call->verb == ENVOI__CALL_SEND || call->verb == ENVOI__CALL_SEND_IQ;
    return call->result != ENVOI_ERR_FULL && call->result != ENVOI_ERR_NOMEM &&
           call->result != ENVOI_ERR_UNSUPPORTED && (!is_stanza || !envoi_stanza_error(call->stanza));
}

static const char *verb_name(const struct envoi__call *call)
{
    static const char *const names[] = {[ENVOI__CALL_SEND] = "send",
                                        [ENVOI__CALL_SEND_IQ] = "send_iq",
                                        [ENVOI__CALL_CANCEL] = "cancel",
                                        [ENVOI__CALL_CLOSE] = "close"};
    if (call->verb == ENVOI__CALL_PASSWORD)
        return call->number ? "password" : "no-password";
    return names[call->verb];
}

static void tell_arguments(struct envoi_recorder *recorder, const struct envoi__call *call)
{
    if (call->verb == ENVOI__CALL_PASSWORD && call->number)
        envoi__line_add(recorder, " " ENVOI__REPLAY_PASSWORD);
    else if (call->verb == ENVOI__CALL_CANCEL)
        envoi__line_add_count(recorder, call->number);
    else if (call->verb == ENVOI__CALL_SEND_IQ && call->number)
        envoi__line_add_number(recorder, "timeout", call->number);
    if (call->stanza && !envoi_stanza_error(call->stanza))
        tell_alone(recorder, envoi_stanza_root(call->stanza), 0);
}

void envoi__tell_call(struct envoi_recorder *recorder, const struct envoi__call *call)
{
    envoi__line_begin(recorder, can_be_repeated(call) ? "A: " : "# A: ");
    envoi__line_add(recorder, verb_name(call));
    if (call->result) {
        envoi__line_add(recorder, " -> ");
        envoi__line_add(recorder, envoi__error_word(call->result));
    }
    tell_arguments(recorder, call);
    envoi__line_end(recorder);
}
