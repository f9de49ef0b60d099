/* SPDX-License-Identifier: MIT */
/* One step after the other until there is an event or nothing to do. */
#include "stream/stream.h"

#include "base/text.h"
#include <stdio.h>

static int is_foreign(const char *ns)
{
    static const char *const ours[] = {
        ENVOI_NS_CLIENT, "jabber:server", ENVOI__NS_STREAM, ENVOI__NS_TLS, ENVOI__NS_SASL, ENVOI__NS_BIND, ""};
    for (size_t i = 0; i < ENVOI__COUNT(ours); i++)
        if (envoi__eq(ns, ours[i]))
            return 0;
    return 1;
}

static enum envoi__input classify(const envoi_element *element)
{
    static const struct {
        const char *ns, *name; /* NULL: any name */
        enum envoi__input input;
    } rows[] = {
        {ENVOI_NS_CLIENT, "message", ENVOI__IN_STANZA},
        {ENVOI_NS_CLIENT, "presence", ENVOI__IN_STANZA},
        {ENVOI_NS_CLIENT, "iq", ENVOI__IN_STANZA},
        {ENVOI__NS_STREAM, "error", ENVOI__IN_ERROR},
        {ENVOI__NS_STREAM, "features", ENVOI__IN_FEATURES},
        {ENVOI__NS_TLS, NULL, ENVOI__IN_TLS},
        {ENVOI__NS_SASL, NULL, ENVOI__IN_SASL},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        if (envoi__eq(envoi_element_namespace(element), rows[i].ns) &&
            (!rows[i].name || envoi__eq(envoi_element_name(element), rows[i].name)))
            return rows[i].input;
    return is_foreign(envoi_element_namespace(element)) ? ENVOI__IN_FOREIGN : ENVOI__IN_OTHER;
}

/* RFC 6120 4.8.5: elements of the content namespace have no prefix, and one that has is not taken for a stanza. */
static enum envoi__state take_element(struct envoi_stream *stream, enum envoi__input input)
{
    if (input == ENVOI__IN_STANZA && stream->tree.prefixed)
        return envoi__stream_fail(stream, ENVOI_ERR_BAD_NAMESPACE, "bad-namespace-prefix",
                                  "a stanza's name has a prefix");
    return envoi__state_input(stream, input);
}

static enum envoi__state take_item(struct envoi_stream *stream, int item)
{
    switch (item) {
    case ENVOI__READ_HEADER:
        return envoi__state_input(stream, ENVOI__IN_HEADER);
    case ENVOI__READ_ELEMENT:
        stream->stanza_deadline = UINT64_MAX; /* the next one has a time of its own */
        envoi__stream_log_element(stream, "received", stream->tree.root, NULL);
        return take_element(stream, classify(stream->tree.root));
    case ENVOI__READ_END:
        return envoi__state_input(stream, ENVOI__IN_END);
    default:
        return stream->state; /* white space between elements */
    }
}

/* A request that was cancelled, timed out or cut off: 1 if there was one to tell. */
static int tell_settled(struct envoi_stream *stream)
{
    struct envoi__request *request = envoi__requests_settled(&stream->requests);
    if (!request)
        return 0;
    envoi__stream_event(stream, ENVOI_EVENT_REPLY);
    stream->event.token = request->token;
    stream->event.error = request->outcome;
    envoi__requests_finish(&stream->requests, request);
    return 1;
}

static int tell_closed(struct envoi_stream *stream)
{
    if (stream->closed_delivered)
        return 0;
    stream->closed_delivered = 1;
    envoi__stream_event(stream, ENVOI_EVENT_CLOSED);
    stream->event.error = stream->reason;
    stream->event.condition = stream->reason_condition;
    stream->event.text = stream->reason_text;
    stream->event.text_lang = stream->reason_lang;
    stream->event.retryable = stream->retryable;
    stream->event.stream_error = stream->error_came ? stream->tree.root : NULL;
    return 1;
}

static int has_room(struct envoi_stream *stream)
{
    if (stream->full && envoi__stream_waiting(stream) <= stream->writable_at)
        return 1;
    return stream->requests_full && stream->requests.open < stream->options->limits[ENVOI_LIMIT_REQUESTS];
}

static int tell_writable(struct envoi_stream *stream)
{
    if (!has_room(stream))
        return 0;
    stream->full = stream->requests_full = 0;
    envoi__stream_event(stream, ENVOI_EVENT_WRITABLE);
    return 1;
}

static enum envoi__state cut_off(struct envoi_stream *stream, int error, const char *detail)
{
    char text[1024]; /* a report of net/ fits whole */
    const char *phase = stream->transport_seen ? envoi__state_phase(stream->state) : "while connecting";
    snprintf(text, sizeof text, "%s%s%s", phase, detail ? ": " : "", detail ? detail : "");
    return envoi__stream_end(stream, error, NULL, text, envoi__error_is_retryable(error));
}

static enum envoi__state time_out(struct envoi_stream *stream, int error)
{
    /* 4.9.3.4 is for a peer that answers nothing; one that is slow with a stanza holds us up */
    const char *send = error == ENVOI_ERR_TIMEOUT_STANZA ? "policy-violation" : "connection-timeout";
    return envoi__stream_fail(stream, error, send, envoi__state_phase(stream->state));
}

/* What we read may have to be answered: first let the answers out. When no more will come, what did come is bounded
 * and read whatever waits. */
static int is_congested(const struct envoi_stream *stream)
{
    return stream->state == ENVOI__READY && !stream->eof && !stream->transport_error &&
           envoi__stream_waiting(stream) >= stream->options->limits[ENVOI_LIMIT_OUTPUT_BYTES];
}

/* Until when the stanza that has begun must be whole (a peer that sends a byte now and then must not hold
 * us). */
static void watch_stanza(struct envoi_stream *stream)
{
    uint64_t ms = stream->options->timeouts[ENVOI_TIMEOUT_STANZA];
    if (!ms || !envoi__reader_is_inside(stream->reader) || is_congested(stream)) {
        stream->stanza_deadline = UINT64_MAX;
    } else if (stream->stanza_deadline == UINT64_MAX) {
        stream->stanza_deadline = stream->now + ms;
        stream->stanza_is_new = envoi__life_moved(stream);
    }
}

static int login_is_late(const struct envoi_stream *stream)
{
    return !stream->was_ready && stream->state != ENVOI__PASSWORD && stream->state != ENVOI__CLOSING &&
           stream->now >= stream->login_deadline;
}

/* All that was received is parsed: what else ends a wait? */
static enum envoi__state wait_over(struct envoi_stream *stream)
{
    watch_stanza(stream);
    if (stream->transport_error)
        return cut_off(stream, stream->transport_error, stream->transport_text);
    if (stream->tls_eof)
        return cut_off(stream, ENVOI_ERR_EOF, NULL);
    if (stream->eof)
        return cut_off(stream, stream->tls && stream->secured ? ENVOI_ERR_TLS_TRUNCATED : ENVOI_ERR_EOF, NULL);
    if (stream->now >= stream->state_deadline)
        return time_out(stream, envoi__state_timeout_error(stream->state));
    if (stream->now >= stream->stanza_deadline)
        return time_out(stream, ENVOI_ERR_TIMEOUT_STANZA);
    if (login_is_late(stream))
        return time_out(stream, ENVOI_ERR_TIMEOUT_LOGIN);
    return envoi__life_step(stream);
}

/* Read one item and act on it. 1 if something was read. */
static int read_on(struct envoi_stream *stream)
{
    if (is_congested(stream))
        return 0;
    int item = envoi__stream_read(stream);
    if (item == ENVOI__READ_MORE)
        return 0;
    if (item < 0)
        envoi__stream_enter(stream, envoi__stream_fail(stream, item, envoi__stream_condition(item),
                                                       stream->tls ? envoi__tls_detail(stream->tls) : NULL));
    else
        envoi__stream_enter(stream, take_item(stream, item));
    return 1;
}

static int shake_hands(struct envoi_stream *stream)
{
    enum envoi__state before = stream->state;
    envoi__stream_enter(stream, envoi__handshake_step(stream));
    return stream->state != before;
}

/* 1: go on, or an event is ready; 0: nothing to do. */
static int step(struct envoi_stream *stream)
{
    if (tell_settled(stream))
        return 1;
    if (stream->state == ENVOI__CLOSED)
        return tell_closed(stream);
    if (tell_writable(stream))
        return 1;
    if (stream->working) {
        envoi__stream_enter(stream, envoi__auth_work(stream));
        return 1;
    }
    if (stream->state == ENVOI__HANDSHAKE ? shake_hands(stream) : read_on(stream))
        return 1;
    envoi__requests_expire(&stream->requests, stream->now);
    envoi__stream_enter(stream, wait_over(stream));
    return stream->requests.settled || stream->state == ENVOI__CLOSED;
}

const envoi_event *envoi_stream_next_event(envoi_stream *stream)
{
    if (!stream)
        return NULL;
    stream->event = (envoi_event){0};
    while (!stream->event.type && step(stream))
        ;
    const envoi_event *event = stream->event.type ? &stream->event : NULL;
    if (stream->tap)
        stream->tap->event(stream->tap_user, event);
    if (!event)
        envoi__stream_idle(stream);
    return event;
}
