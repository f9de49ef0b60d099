/* SPDX-License-Identifier: MIT */
#include "stream/stream.h"

#include "base/text.h"
#include <stdio.h>

typedef enum envoi__state (*input_fn)(struct envoi_stream *stream, enum envoi__input input);

struct state_row {
    const char *name;
    const char *phase;
    input_fn on_input;
    int timeout, timeout_error; /* 0: waits for ever */
    unsigned legal;             /* besides a stream error and the end, which are always legal */
};

static const struct state_row states[ENVOI__STATES] = {
    [ENVOI__OPENING] = {"opening", "while the stream was opened", envoi__opening_on, ENVOI_TIMEOUT_STREAM,
                        ENVOI_ERR_TIMEOUT_STREAM, ENVOI__IN_HEADER},
    [ENVOI__FEATURES] = {"features", "while stream features were awaited", envoi__features_on, ENVOI_TIMEOUT_STREAM,
                         ENVOI_ERR_TIMEOUT_STREAM, ENVOI__IN_FEATURES},
    [ENVOI__STARTTLS] = {"starttls", "while STARTTLS was negotiated", envoi__starttls_on, ENVOI_TIMEOUT_TLS,
                         ENVOI_ERR_TIMEOUT_TLS, ENVOI__IN_TLS},
    [ENVOI__HANDSHAKE] = {"handshake", "during the TLS handshake", NULL, ENVOI_TIMEOUT_TLS, ENVOI_ERR_TIMEOUT_TLS, 0},
    [ENVOI__PASSWORD] = {"password", "while a password was awaited", NULL, 0, 0, 0},
    [ENVOI__SASL] = {"sasl", "during authentication", envoi__auth_on, ENVOI_TIMEOUT_AUTH, ENVOI_ERR_TIMEOUT_AUTH,
                     ENVOI__IN_SASL},
    [ENVOI__BINDING] = {"binding", "during resource binding", envoi__bind_on, ENVOI_TIMEOUT_BIND,
                        ENVOI_ERR_TIMEOUT_BIND, ENVOI__IN_STANZA},
    [ENVOI__READY] = {"ready", "during the session", envoi__session_on, 0, 0, ENVOI__IN_STANZA | ENVOI__IN_FOREIGN},
    [ENVOI__CLOSING] = {"closing", "while the stream was closed", envoi__closing_on, ENVOI_TIMEOUT_CLOSE,
                        ENVOI_ERR_TIMEOUT_CLOSE, ~0u},
    [ENVOI__CLOSED] = {"closed", "after the stream was closed", NULL, 0, 0, 0},
};

const char *envoi__state_name(enum envoi__state state)
{
    return states[state].name;
}

const char *envoi__state_phase(enum envoi__state state)
{
    return states[state].phase;
}

int envoi__state_timeout_error(enum envoi__state state)
{
    return states[state].timeout_error;
}

void envoi__stream_arm(struct envoi_stream *stream)
{
    int timeout = states[stream->state].timeout;
    uint64_t ms = timeout ? stream->options->timeouts[timeout] : 0;
    stream->state_deadline = ms && stream->transport_seen ? stream->now + ms : UINT64_MAX;
    stream->state_is_new = stream->state_deadline != UINT64_MAX && envoi__life_moved(stream);
}

void envoi__stream_enter(struct envoi_stream *stream, enum envoi__state next)
{
    if (next == stream->state)
        return;
    envoi__log(&stream->options->log, ENVOI_LOG_DEBUG, "state: %s -> %s", states[stream->state].name,
               states[next].name);
    stream->state = next;
    envoi__stream_arm(stream);
}

static enum envoi__state refuse(struct envoi_stream *stream, enum envoi__input input)
{
    char text[160];
    const char *name = stream->tree.root ? envoi_element_name(stream->tree.root) : "stream";
    const char *send = input == ENVOI__IN_STANZA ? "not-authorized" : "unsupported-stanza-type";
    snprintf(text, sizeof text, "<%.60s/> came %s", name, states[stream->state].phase);
    return envoi__stream_fail(stream, ENVOI_ERR_UNEXPECTED, send, text);
}

enum envoi__state envoi__state_input(struct envoi_stream *stream, enum envoi__input input)
{
    const struct state_row *row = &states[stream->state];
    if (input == ENVOI__IN_ERROR)
        return envoi__stream_error_received(stream);
    if (input == ENVOI__IN_END)
        return envoi__end_received(stream);
    if (!(row->legal & input))
        return refuse(stream, input);
    return row->on_input(stream, input);
}
