/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 1000000 }; /* of one pump: more is a stream that spins */

void run_fail(struct run *run, const char *format, ...)
{
    va_list arguments;
    size_t used = (size_t)snprintf(run->message, sizeof run->message, "%s:%d: ", run->path, run->line);
    va_start(arguments, format);
    vsnprintf(run->message + used, sizeof run->message - used, format, arguments);
    va_end(arguments);
    longjmp(run->failed, 1);
}

void run_begin(struct run *run, const char *path)
{
    run->path = path;
    run->line = 0;
    run->stream = NULL;
    run->wire = NULL;
    run->now = 1000;
    run->closed = run->ended = run->starved = 0;
    run->open_count = 0;
    journal_reset(&run->journal);
}

void run_end(struct run *run)
{
    wire_close(run);
    envoi_stream_free(run->stream);
    run->stream = NULL;
}

/* ---- events and output ---- */

static void answer(struct run *run, unsigned long long token)
{
    for (size_t i = 0; i < run->open_count; i++) {
        if (run->open[i] == token) {
            run->open[i] = run->open[--run->open_count];
            return;
        }
    }
    run_fail(run, "a reply for token %llu, which is not open", token);
}

static void take_event(struct run *run, const envoi_event *event)
{
    int type = envoi_event_type(event);
    if (type == ENVOI_EVENT_PROGRESS)
        return;
    ledger.paused++;
    journal_add_event(&run->journal, event);
    ledger.paused--;
    if (run->closed)
        run_fail(run, "an event behind CLOSED: %s", journal_describe(&run->journal, run->journal.count - 1));
    if (type == ENVOI_EVENT_REPLY)
        answer(run, envoi_event_token(event));
    if (type != ENVOI_EVENT_CLOSED)
        return;
    run->closed = 1;
    if (run->open_count)
        run_fail(run, "CLOSED came before the answer to token %llu", (unsigned long long)run->open[0]);
    if (!envoi_stream_is_closed(run->stream))
        run_fail(run, "CLOSED came, and the stream is %s", envoi_stream_state(run->stream));
}

void run_take_events(struct run *run)
{
    const envoi_event *event;
    for (int round = 0; (event = envoi_stream_next_event(run->stream)); round++) {
        take_event(run, event);
        if (round == MOST_ROUNDS)
            run_fail(run, "events without end");
    }
}

/* 1 if there was any. */
static int take_output(struct run *run)
{
    size_t len;
    const void *bytes = envoi_stream_output(run->stream, &len);
    if (!bytes)
        return 0;
    journal_add_output(&run->journal, bytes, len);
    envoi_stream_sent(run->stream, len);
    return 1;
}

void run_pump(struct run *run)
{
    if (!run->stream)
        return;
    if (run->wire) {
        wire_pump(run);
    } else {
        int round = 0;
        do {
            run_take_events(run);
            if (round++ == MOST_ROUNDS)
                run_fail(run, "output without end");
        } while (take_output(run));
    }
    envoi_stream_tick(run->stream, run->now); /* due at once after some calls */
    if (run->closed ? envoi_stream_deadline(run->stream) != UINT64_MAX
                    : envoi_stream_deadline(run->stream) <= run->now)
        run_fail(run, "a deadline that is over stays (state %s)", envoi_stream_state(run->stream));
}

/* ---- what happens to it ---- */

/* A program without memory has nothing else left to do; a transport does the same with bytes it cannot store. */
static void give_up(struct run *run)
{
    run->starved = run->ended = 1;
    envoi_stream_transport_failed(run->stream, ENVOI_ERR_NOMEM, "no memory");
    run_pump(run);
}

void run_deliver(struct run *run, const uint8_t *bytes, size_t len)
{
    if (run->wire) {
        wire_say(run, bytes, len);
        return;
    }
    while (len && !run->ended && !envoi_stream_is_closed(run->stream)) {
        size_t n = envoi_stream_receive_capacity(run->stream);
        n = n < len ? n : len;
        if (!n)
            run_fail(run, "the stream takes no bytes in state %s", envoi_stream_state(run->stream));
        int error = envoi_stream_receive(run->stream, bytes, n);
        if (error == ENVOI_ERR_NOMEM) /* nothing was taken: once more */
            error = envoi_stream_receive(run->stream, bytes, n);
        if (error == ENVOI_ERR_NOMEM) {
            give_up(run);
            return;
        }
        if (error)
            run_fail(run, "%s from receive()", envoi_error_name(error));
        bytes += n;
        len -= n;
        run_pump(run);
    }
}

void run_tick(struct run *run, uint64_t now)
{
    run->now = now;
    envoi_stream_tick(run->stream, now);
    run_pump(run);
}

static int connect_stream(struct run *run, const struct action *action)
{
    return envoi_stream_new(&run->stream, action->config, run->now);
}

static int send_request(struct run *run, const struct action *action)
{
    uint64_t token = 0;
    int error = envoi_stream_send_iq(run->stream, action->stanza, (uint32_t)action->number, &token);
    if (error)
        return error;
    if (run->open_count == MOST_OPEN)
        run_fail(run, "too many open requests");
    run->open[run->open_count++] = token;
    return 0;
}

static int call_once(struct run *run, const struct action *action)
{
    switch (action->verb) {
    case VERB_CONNECT:
        return connect_stream(run, action);
    case VERB_SEND:
        return envoi_stream_send(run->stream, action->stanza);
    case VERB_SEND_IQ:
        return send_request(run, action);
    case VERB_CANCEL:
        return envoi_stream_cancel_iq(run->stream, action->number);
    case VERB_CLOSE:
        return envoi_stream_close(run->stream);
    case VERB_EOF:
        run->ended = 1;
        if (run->wire && !action->result) {
            wire_shut(run);
            return 0;
        }
        return envoi_stream_receive_eof(run->stream);
    case VERB_FAIL:
        run->ended = 1;
        return envoi_stream_transport_failed(run->stream, (int)(int64_t)action->number, "as the transcript says");
    case VERB_PASSWORD:
        return envoi_stream_set_password(run->stream, action->text);
    default:
        return ENVOI_ERR_ARGUMENT;
    }
}

int run_call(struct run *run, const struct action *action)
{
    uint64_t random = ledger_random();
    int result = call_once(run, action);
    if (result == ENVOI_ERR_NOMEM) { /* nothing was changed: once more */
        ledger_set_random(random);
        result = call_once(run, action);
    }
    if (result == ENVOI_ERR_NOMEM && run->stream)
        give_up(run);
    else
        run_pump(run);
    return result;
}
