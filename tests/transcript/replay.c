/* SPDX-License-Identifier: MIT */
/* A session once more, with a fault. */
#include "transcript.h"

#include "base/text.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_DEADLINES = 2000, MOST_SECONDS = 300 /* for a thousand runs */ };

/* ---- the server's bytes ---- */

static void deliver_damaged(struct run *run, const struct action *action, size_t at, int damage)
{
    static uint8_t *bytes;
    static size_t room;
    size_t len = action->len, behind = len - at - 1;
    bytes = ledger_grow(bytes, &room, len + 1);
    memcpy(bytes, action->bytes, len);
    switch (damage) {
    case DAMAGE_LOW_BIT:
        bytes[at] ^= 0x01;
        break;
    case DAMAGE_HIGH_BIT:
        bytes[at] ^= 0x80;
        break;
    case DAMAGE_DELETED:
        memmove(bytes + at, bytes + at + 1, behind);
        len--;
        break;
    default:
        memmove(bytes + at + 1, bytes + at, behind + 1);
        len++;
    }
    run_deliver(run, bytes, len);
}

/* 0 if the bytes end here. */
static int deliver(struct run *run, const struct action *action, const struct fault *fault)
{
    int hit = fault->at >= action->at && fault->at < action->at + (long)action->len;
    size_t at = hit ? (size_t)(fault->at - action->at) : 0;
    if (action->exact && fault->kind != FAULT_DAMAGE) {
        if (hit && fault->kind == FAULT_CUT)
            return 0;
        run_deliver(run, action->bytes, action->len);
    } else if (fault->kind == FAULT_BYTEWISE) {
        for (size_t i = 0; i < action->len; i++)
            run_deliver(run, action->bytes + i, 1);
    } else if (hit && fault->kind == FAULT_SPLIT) {
        run_deliver(run, action->bytes, at);
        run_deliver(run, action->bytes + at, action->len - at);
    } else if (hit && fault->kind == FAULT_CUT) {
        run_deliver(run, action->bytes, at);
        return 0;
    } else if (hit && fault->kind == FAULT_DAMAGE) {
        deliver_damaged(run, action, at, fault->how);
    } else {
        run_deliver(run, action->bytes, action->len);
    }
    return 1;
}

/* ---- the whole ---- */

static int loses_something(const struct fault *fault)
{
    return fault->kind == FAULT_DAMAGE || fault->kind == FAULT_MEMORY || fault->kind == FAULT_IO;
}

/* Whether the stream closed where undisturbed it does not. */
static int closed_early(const struct run *run, const struct session *session)
{
    return run->closed && !journal_same_event(&run->journal, &session->journal, run->journal.count - 1);
}

static void do_action(struct run *run, const struct action *action, int strict)
{
    if (action->verb == VERB_TIME) {
        run_tick(run, run->now + action->number);
        return;
    }
    int result = run_call(run, action);
    if (strict && result != action->result)
        run_fail(run, "the call gave %s, and undisturbed %s", envoi_error_name(result),
                 envoi_error_name(action->result));
}

static void play_actions(struct run *run, const struct session *session, const struct fault *fault)
{
    int strict = !loses_something(fault);
    for (size_t i = 0; i < session->count; i++) {
        const struct action *action = &session->actions[i];
        run->line = action->line;
        if (action->verb != VERB_SERVER)
            do_action(run, action, strict);
        else if (!deliver(run, action, fault))
            return;
        if (!run->stream || run->starved || (!strict && closed_early(run, session)))
            return;
    }
}

/* ---- the end that a fault must bring ---- */

static const struct {
    const char *state;
    int error; /* when its time is over; 0: it waits for ever */
} patience[] = {
    {"opening", ENVOI_ERR_TIMEOUT_STREAM},
    {"features", ENVOI_ERR_TIMEOUT_STREAM},
    {"starttls", ENVOI_ERR_TIMEOUT_TLS},
    {"handshake", ENVOI_ERR_TIMEOUT_TLS},
    {"password", 0},
    {"sasl", ENVOI_ERR_TIMEOUT_AUTH},
    {"binding", ENVOI_ERR_TIMEOUT_BIND},
    {"ready", ENVOI_ERR_TIMEOUT_PING}, /* or it waits for ever */
    {"closing", ENVOI_ERR_TIMEOUT_CLOSE},
};

static int patience_error(struct run *run)
{
    const char *state = envoi_stream_state(run->stream);
    for (size_t i = 0; i < ENVOI__COUNT(patience); i++)
        if (envoi__eq(patience[i].state, state))
            return patience[i].error;
    run_fail(run, "state %s", state);
}

/* Once more what the transport can do to every stream that is alive. */
static void end_transport(struct run *run, int error)
{
    size_t events = run->journal.count;
    int taken = error == ENVOI_ERR_EOF ? envoi_stream_receive_eof(run->stream)
                                       : envoi_stream_transport_failed(run->stream, error, NULL);
    if (taken)
        run_fail(run, "%s from a stream that is %s", envoi_error_name(taken), envoi_stream_state(run->stream));
    run->ended = 1;
    run_pump(run);
    check_closed_by(run, events, (const int[]){error, 0});
}

/* An idle stream may stay as it is; it still takes what comes. */
static void prove_alive(struct run *run)
{
    size_t events = run->journal.count;
    int error = patience_error(run);
    if (error && error != ENVOI_ERR_TIMEOUT_PING)
        run_fail(run, "the stream waits for ever and is %s", envoi_stream_state(run->stream));
    run_deliver(run, (const uint8_t *)" ", 1);
    if (run->journal.count != events)
        run_fail(run, "white space brought %s", journal_describe(&run->journal, events));
}

/* Its own signs of life: they come at any time, and no undisturbed run sends the same. */
static void forget_signs_of_life(struct run *run, size_t before)
{
    const char *sent = run->journal.output + before;
    size_t len = run->journal.output_len - before;
    if (len && (strcmp(sent, " ") == 0 || strstr(sent, "<ping xmlns='urn:xmpp:ping'/></iq>") == sent + len - 34)) {
        run->journal.output_len = before;
        run->journal.output[before] = '\0';
    }
}

/* Deadlines are neither early nor idle: nothing happens before one, something at it. 1 if the stream closed. */
static int wait_in_silence(struct run *run)
{
    for (int i = 0; i < MOST_DEADLINES && !run->closed; i++) {
        uint64_t due = envoi_stream_deadline(run->stream);
        size_t events = run->journal.count, output = run->journal.output_len;
        int error = patience_error(run);
        if (due == UINT64_MAX) {
            prove_alive(run);
            return 0;
        }
        run_tick(run, due - 1);
        if (run->journal.count != events)
            run_fail(run, "before its time came %s", journal_describe(&run->journal, events));
        run_tick(run, due);
        if (!run->closed)
            forget_signs_of_life(run, output);
        while (events < run->journal.count && run->journal.events[events].error == ENVOI_ERR_TIMEOUT_REQUEST)
            events++; /* requests give up on their own */
        if (run->closed) {
            const int errors[] = {ENVOI_ERR_TIMEOUT_LOGIN, ENVOI_ERR_TIMEOUT_STANZA, error, 0};
            check_closed_by(run, events, errors);
            return 1;
        }
    }
    run_fail(run, "deadlines without end");
}

static enum outcome finish_cut(struct run *run, const struct session *session, const struct fault *fault)
{
    static const int errors[ENDINGS] = {
        [ENDING_EOF] = ENVOI_ERR_EOF, [ENDING_RESET] = ENVOI_ERR_RESET, [ENDING_TRUNCATED] = ENVOI_ERR_TLS_TRUNCATED};
    size_t events = session->events_before[fault->at], output = session->output_before[fault->at];
    check_begins_as(run, session, events, output);
    if (run->journal.count != events || run->journal.output_len != output)
        run_fail(run, "half of what was said brought %s", journal_describe(&run->journal, events));
    if (run->closed) {
        check_end(run);
        return OUTCOME_SAME;
    }
    if (fault->how == ENDING_SILENCE && !wait_in_silence(run)) {
        end_transport(run, ENVOI_ERR_EOF);
        return OUTCOME_ALIVE;
    }
    if (fault->how != ENDING_SILENCE) {
        end_transport(run, errors[fault->how]);
        if (run->journal.output_len != output)
            run_fail(run, "to nobody the stream sent: %s", run->journal.output + output);
    }
    check_goodbye(run, session);
    check_end(run);
    return OUTCOME_CLOSED;
}

static int is_same(const struct run *run, const struct session *session)
{
    const struct journal *got = &run->journal, *wanted = &session->journal;
    for (size_t i = 0; i < wanted->count; i++)
        if (!journal_same_event(got, wanted, i))
            return 0;
    return got->count == wanted->count && got->output_len == wanted->output_len &&
           memcmp(got->output, wanted->output, got->output_len) == 0;
}

static int is_login(const struct journal *journal, size_t from)
{
    for (size_t i = from; i < journal->count; i++)
        if (journal->events[i].type == ENVOI_EVENT_AUTHENTICATED)
            return 1;
    return 0;
}

/* Without TLS that is up no credentials are sent. */
static int tells_secrets(const struct run *run, const struct session *session)
{
    int tls = envoi_config_tls(session->actions[0].config);
    return (tls == ENVOI_TLS_STARTTLS || tls == ENVOI_TLS_DIRECT) && strstr(run->journal.output, "<auth");
}

/* Whatever was made of it, the past stays, a broken proof proves nothing, and the end still comes. */
static enum outcome finish_damage(struct run *run, const struct session *session, const struct fault *fault)
{
    size_t events = session->events_before[fault->at];
    enum outcome outcome = is_same(run, session) ? OUTCOME_SAME : run->closed ? OUTCOME_CLOSED : OUTCOME_ALIVE;
    check_begins_as(run, session, events, session->output_before[fault->at]);
    for (size_t i = 0; i < session->proof_count; i++)
        if (fault->at >= session->proofs[i].from && fault->at < session->proofs[i].to &&
            is_login(&run->journal, events))
            run_fail(run, "a login although the proof was damaged");
    if (tells_secrets(run, session))
        run_fail(run, "in the clear the stream sent: %.1000s", run->journal.output);
    if (!run->closed)
        end_transport(run, ENVOI_ERR_EOF);
    check_end(run);
    return outcome;
}

/* The text is the same, or what of it there was memory for. */
static int is_remnant(const char *text, const char *wanted)
{
    return !text || (wanted && strncmp(text, wanted, strlen(text)) == 0);
}

/* The stream closed where and as it does undisturbed, but without memory for all the words. */
static int closed_as_ever(const struct run *run, const struct session *session)
{
    const struct journal *got = &run->journal, *wanted = &session->journal;
    if (!run->closed || got->count != wanted->count)
        return 0;
    size_t last = got->count - 1;
    for (size_t i = 0; i < last; i++)
        if (!journal_same_event(got, wanted, i))
            return 0;
    const struct event *x = &got->events[last], *y = &wanted->events[last];
    return x->type == y->type && x->error == y->error && x->retryable == y->retryable &&
           is_remnant(journal_field(got, x, FIELD_CONDITION), journal_field(wanted, y, FIELD_CONDITION)) &&
           is_remnant(journal_field(got, x, FIELD_TEXT), journal_field(wanted, y, FIELD_TEXT)) &&
           is_remnant(journal_field(got, x, FIELD_LANG), journal_field(wanted, y, FIELD_LANG));
}

static enum outcome finish_memory(struct run *run, const struct session *session)
{
    static const int no_memory[] = {ENVOI_ERR_NOMEM, 0};
    if (!ledger.failed)
        run_fail(run, "only %ld allocations were made", ledger.made);
    if (!run->stream)
        return OUTCOME_NOT_BEGUN;
    if (is_same(run, session))
        return OUTCOME_SAME;
    if (!closed_as_ever(run, session))
        check_cut_short(run, session, no_memory);
    check_goodbye(run, session);
    check_end(run);
    return OUTCOME_CLOSED;
}

static enum outcome finish_io(struct run *run, const struct session *session, const struct fault *fault)
{
    int harmless = fault->how == WIRE_AGAIN || fault->how == WIRE_ONE_BYTE || fault->how == WIRE_INTERRUPTED ||
                   (fault->how == WIRE_ZERO && fault->at < 0);
    int failure = fault->how == WIRE_ZERO ? ENVOI_ERR_EOF : ENVOI_ERR_RESET;
    if (fault->at && !wire_calls()->hit)
        run_fail(run, "the call was not made");
    if (!fault->at || harmless) {
        check_same(run, session);
        return OUTCOME_SAME;
    }
    if (is_same(run, session) && run->closed)
        return OUTCOME_SAME;
    if (!closed_early(run, session)) { /* closed in order, and only the last words were lost */
        check_begins_as(run, session, session->journal.count, 0);
    } else {
        check_cut_short(run, session, (const int[]){failure, 0});
    }
    check_goodbye(run, session);
    check_end(run);
    return OUTCOME_CLOSED;
}

static enum outcome finish(struct run *run, const struct session *session, const struct fault *fault)
{
    switch (fault->kind) {
    case FAULT_CUT:
        return finish_cut(run, session, fault);
    case FAULT_DAMAGE:
        return finish_damage(run, session, fault);
    case FAULT_MEMORY:
        return finish_memory(run, session);
    case FAULT_IO:
        return finish_io(run, session, fault);
    default:
        if (session->journal.count || session->journal.output_len)
            check_same(run, session);
        if (run->closed)
            check_end(run);
        return OUTCOME_SAME;
    }
}

/* ---- from outside ---- */

static void describe(const struct fault *fault, char *out, size_t size)
{
    static const char *const endings[] = {"the end", "a reset", "silence", "an end without close_notify"};
    static const char *const damages[] = {"its low bit flipped", "its high bit flipped", "deleted", "doubled"};
    static const char *const results[] = {"EAGAIN", "one byte", "EINTR", "ECONNRESET", "EPIPE", "0"};
    switch (fault->kind) {
    case FAULT_BYTEWISE:
        snprintf(out, size, "byte by byte");
        break;
    case FAULT_SPLIT:
        snprintf(out, size, "split before byte %ld", fault->at);
        break;
    case FAULT_CUT:
        snprintf(out, size, "cut off before byte %ld by %s", fault->at, endings[fault->how]);
        break;
    case FAULT_DAMAGE:
        snprintf(out, size, "with byte %ld %s", fault->at, damages[fault->how]);
        break;
    case FAULT_MEMORY:
        snprintf(out, size, "with allocation %ld failing%s", fault->at, fault->how ? " and all behind it" : "");
        break;
    case FAULT_IO:
        snprintf(out, size, "%s %ld giving %s", fault->at < 0 ? "write" : "read", labs(fault->at),
                 results[fault->how]);
        break;
    default:
        snprintf(out, size, "undisturbed");
    }
}

static const struct fault *current; /* what the watch tells if a call into the library never comes back */

static void on_hang(int signal)
{
    char what[100];
    (void)signal;
    describe(current, what, sizeof what);
    fprintf(stderr, "Bail out! it hangs %s\n", what);
    _exit(EXIT_FAILURE);
}

/* The watch is wound up now and then, for a run takes less than its system call. */
static void watch(const struct fault *fault)
{
    static unsigned runs;
    current = fault;
    if (runs++ % 1024 == 0) {
        signal(SIGALRM, on_hang);
        alarm(MOST_SECONDS);
    }
}

static void explain(struct run *run, const struct fault *fault)
{
    char what[100], why[sizeof run->message];
    describe(fault, what, sizeof what);
    memcpy(why, run->message, sizeof why);
    snprintf(run->message, sizeof run->message, "%s: %.3800s", what, why);
}

int replay(struct run *run, const struct session *session, const struct fault *fault, enum outcome *outcome)
{
    volatile int fine = 0;
    long live = ledger.live;
    watch(fault);
    run_begin(run, session->path);
    ledger_reset(fault->kind == FAULT_MEMORY ? fault->at : 0, fault->how);
    if (!setjmp(run->failed)) {
        if (fault->kind == FAULT_IO && !wire_open(run, fault->at, fault->how))
            run_fail(run, "no socket");
        play_actions(run, session, fault);
        *outcome = finish(run, session, fault);
        fine = 1;
    }
    run_end(run);
    if (fine && ledger.live != live) {
        snprintf(run->message, sizeof run->message, "%s: %ld allocations leaked", session->path, ledger.live - live);
        fine = 0;
    }
    if (!fine)
        explain(run, fault);
    ledger.fail_at = 0;
    return fine;
}

static void mark_and_deliver(struct run *run, struct session *session, const struct action *action)
{
    size_t piece = action->exact ? action->len : 1;
    for (size_t i = 0; i < action->len; i++) {
        session->events_before[(size_t)action->at + i] = run->journal.count;
        session->output_before[(size_t)action->at + i] = run->journal.output_len;
        if ((i + 1) % piece == 0)
            run_deliver(run, action->bytes + i + 1 - piece, piece);
    }
}

int replay_mark(struct run *run, struct session *session)
{
    volatile int fine = 0;
    size_t size = ((size_t)session->bytes + 1) * sizeof(size_t);
    session->events_before = malloc(size);
    session->output_before = malloc(size);
    run_begin(run, session->path);
    ledger_reset(0, 0);
    if (!setjmp(run->failed)) {
        if (!session->events_before || !session->output_before)
            run_fail(run, "no memory");
        for (size_t i = 0; i < session->count; i++) {
            run->line = session->actions[i].line;
            if (session->actions[i].verb == VERB_SERVER)
                mark_and_deliver(run, session, &session->actions[i]);
            else
                do_action(run, &session->actions[i], 1);
        }
        session->events_before[session->bytes] = run->journal.count;
        session->output_before[session->bytes] = run->journal.output_len;
        check_same(run, session);
        fine = 1;
    }
    run_end(run);
    if (!fine)
        explain(run, &(struct fault){.kind = FAULT_BYTEWISE});
    return fine;
}
