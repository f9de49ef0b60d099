/* SPDX-License-Identifier: MIT */
/* What a recorder hears, and in which order it is told: a call before what it made the stream send, what the server
 * said before what came of it. */
#include "replay/recorder.h"

#include "base/mem.h"
#include "base/text.h"
#include <envoi/version.h>
#include <string.h>

static void free_storage(struct envoi_recorder *recorder)
{
    envoi__buf_free(&recorder->held);
    envoi__buf_free(&recorder->line);
    envoi__side_free(&recorder->sent);
    envoi__free(recorder->named);
    recorder->named = NULL;
    recorder->named_count = 0;
}

/* With the first byte inside TLS, or without it at once, begins what can be played again. */
static void find_stage(struct envoi_recorder *recorder)
{
    const struct envoi_stream *stream = recorder->stream;
    if (recorder->stage == ENVOI__RECORDER_BEFORE && (stream->secured || stream->options->tls == ENVOI_TLS_LOCAL))
        recorder->stage = ENVOI__RECORDER_HOLDING;
}

/* ---- what the stream sent ---- */

static void tell_sent(struct envoi_recorder *recorder)
{
    struct envoi__side *sent = &recorder->sent;
    while (sent->bytes.len && !recorder->error) {
        size_t used;
        int item = envoi__side_read(sent, &used);
        if (item <= ENVOI__READ_MORE) { /* no memory, or a reader would refuse what the program had us send */
            envoi__line_fail(recorder, item ? item : ENVOI_ERR_XML_MALFORMED);
            return;
        }
        const envoi_element *element = sent->tree.root;
        envoi__tell_item(recorder, "C: ", item, envoi__buf_bytes(&sent->bytes), used, element);
        if (item == ENVOI__READ_ELEMENT && envoi_element_is(element, "auth", ENVOI__NS_SASL))
            envoi__tell_connect(recorder); /* what the login is bound to is known now */
        envoi__buf_take(&sent->bytes, used);
    }
}

static void keep(struct envoi_recorder *recorder, const void *bytes, size_t len)
{
    if (!recorder->error)
        recorder->error = envoi__buf_add(&recorder->sent.bytes, bytes, len);
}

static int begins_with(const uint8_t *bytes, size_t len, const char *text)
{
    return len >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

/* What a SASL element of ours carries never gets into the recorder's memory; "..." in base64 stands in its place. */
static void on_sent(void *user, const uint8_t *bytes, size_t len)
{
    struct envoi_recorder *recorder = user;
    const uint8_t *end = bytes + len, *from = NULL, *to = end;
    find_stage(recorder);
    if (begins_with(bytes, len, "<auth ") || begins_with(bytes, len, "<response "))
        from = memchr(bytes, '>', len);
    while (from && *--to != '<') /* the first byte is one */
        ;
    if (!from || to <= from + 1) {
        keep(recorder, bytes, len);
        return;
    }
    keep(recorder, bytes, (size_t)(from + 1 - bytes));
    keep(recorder, "Li4u", 4);
    keep(recorder, to, (size_t)(end - to));
}

/* ---- what the server said ---- */

static void on_received(void *user, int item, const uint8_t *bytes, size_t len, const envoi_element *element)
{
    struct envoi_recorder *recorder = user;
    int is_end = item == ENVOI__READ_END || item < 0;
    tell_sent(recorder);
    recorder->inside = 0;
    recorder->waiting = 0;
    recorder->peer_ended |= is_end;
    if (item != ENVOI_ERR_NOMEM)
        envoi__tell_item(recorder, "S: ", item, bytes, len, element);
}

/* ---- time ---- */

static void on_passed(void *user, uint64_t ms)
{
    struct envoi_recorder *recorder = user;
    recorder->passed += ms;
    recorder->waiting += recorder->inside ? ms : 0;
}

/* A stanza was begun: its time runs from now. */
static void on_idle(struct envoi_recorder *recorder)
{
    if (!recorder->inside && envoi__reader_is_inside(recorder->stream->reader)) {
        recorder->inside = 1;
        recorder->waiting = 0;
    }
}

/* ---- the end ---- */

/* What was begun and never whole stands where it began. */
static void tell_unfinished(struct envoi_recorder *recorder)
{
    const struct envoi__buf *in = envoi__stream_in(recorder->stream);
    uint64_t waited = recorder->waiting;
    if (!recorder->inside)
        return;
    recorder->passed -= waited;
    envoi__tell_item(recorder, "S: ", ENVOI_ERR_EOF, envoi__buf_bytes(in), in->len, NULL);
    recorder->passed += waited;
}

/* The transport's end, as one that does TLS itself would tell it. */
static void tell_transport(struct envoi_recorder *recorder)
{
    int reason = recorder->stream->reason;
    int is_transport = envoi_error_class(reason) == ENVOI_CLASS_TRANSPORT ||
                       envoi_error_class(reason) == ENVOI_CLASS_TLS ||
                       (recorder->stream->transport_error && reason == recorder->stream->transport_error);
    if (!is_transport || recorder->peer_ended)
        return;
    envoi__line_begin(recorder, "A: ");
    envoi__line_add(recorder, reason == ENVOI_ERR_EOF ? "eof" : "fail ");
    envoi__line_add(recorder, reason == ENVOI_ERR_EOF ? "" : envoi__error_word(reason));
    envoi__line_end(recorder);
}

static void tell_end(struct envoi_recorder *recorder)
{
    if (recorder->end_told || !envoi_stream_is_closed(recorder->stream))
        return;
    recorder->end_told = 1;
    tell_unfinished(recorder);
    tell_sent(recorder); /* what was answered before the transport ended */
    tell_transport(recorder);
}

static void on_event(void *user, const envoi_event *event)
{
    struct envoi_recorder *recorder = user;
    tell_end(recorder);
    tell_sent(recorder);
    if (event)
        envoi__tell_event(recorder, event);
    else
        on_idle(recorder);
    if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
        envoi__tell_connect(recorder);
}

/* ---- the program's calls ---- */

static void on_called(void *user, const struct envoi__call *call)
{
    struct envoi_recorder *recorder = user;
    envoi__tell_call(recorder, call);
    tell_sent(recorder);
}

static void on_freed(void *user)
{
    struct envoi_recorder *recorder = user;
    envoi__tell_connect(recorder);
    recorder->stream = NULL;
    free_storage(recorder);
}

/* ---- the public verbs ---- */

/* The header that envoi_stream_new() wrote. */
static int take_header(struct envoi_recorder *recorder)
{
    const struct envoi__buf *out = &recorder->stream->wire_out;
    if (recorder->stream->tls)
        return 0;
    return envoi__buf_add(&recorder->sent.bytes, envoi__buf_bytes(out), out->len);
}

static int begin(struct envoi_recorder *recorder, struct envoi_stream *stream)
{
    int error = envoi__side_init(&recorder->sent);
    recorder->stream = stream;
    if (!error)
        error = take_header(recorder);
    if (error)
        return error;
    envoi__line_add(recorder,
                    "# recorded by envoi " ENVOI_VERSION_STRING "; secrets, and what TLS adds, are left out");
    envoi__line_end(recorder);
    find_stage(recorder);
    tell_sent(recorder);
    return recorder->error;
}

int envoi_recorder_new(envoi_recorder **out, envoi_stream *stream, int flags)
{
    static const struct envoi__tap tap = {on_received, on_sent, on_event, on_called, on_passed, on_freed};
    if (!out || !stream || (flags & ~ENVOI_RECORDER_HIDE_BODIES))
        return ENVOI_ERR_ARGUMENT;
    if (stream->transport_seen || stream->tap || envoi_stream_is_closed(stream))
        return ENVOI_ERR_STATE;
    struct envoi_recorder *recorder = envoi__alloc_zero(sizeof *recorder);
    if (!recorder)
        return ENVOI_ERR_NOMEM;
    recorder->flags = flags;
    envoi__buf_init(&recorder->text, ENVOI_RECORDER_BYTES_MAX);
    envoi__buf_init(&recorder->held, ENVOI_RECORDER_BYTES_MAX);
    envoi__buf_init(&recorder->line, 0);
    int error = begin(recorder, stream);
    if (error) {
        free_storage(recorder);
        envoi__buf_free(&recorder->text);
        envoi__free(recorder);
        return error;
    }
    stream->tap = &tap;
    stream->tap_user = recorder;
    *out = recorder;
    return 0;
}

void envoi_recorder_free(envoi_recorder *recorder)
{
    if (!recorder)
        return;
    if (recorder->stream)
        recorder->stream->tap = NULL;
    free_storage(recorder);
    envoi__buf_free(&recorder->text);
    envoi__free(recorder);
}

const char *envoi_recorder_text(const envoi_recorder *recorder, size_t *len)
{
    if (!len)
        return NULL;
    *len = 0;
    if (!recorder)
        return NULL;
    *len = recorder->text.len;
    return (const char *)envoi__buf_bytes(&recorder->text);
}

int envoi_recorder_taken(envoi_recorder *recorder, size_t len)
{
    if (!recorder || len > recorder->text.len)
        return ENVOI_ERR_ARGUMENT;
    envoi__buf_take(&recorder->text, len);
    envoi__buf_trim(&recorder->text);
    return 0;
}

int envoi_recorder_error(const envoi_recorder *recorder)
{
    return recorder ? recorder->error : ENVOI_ERR_ARGUMENT;
}
