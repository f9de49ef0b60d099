/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "signals.h"

#include <stdio.h>
#include <string.h>

/* A signal that comes between looking at the flag and waiting is noticed after this long. */
enum { LOOK_MS = 500 };

static void show_login(const struct session *session, const envoi_event *event)
{
    const char *name = session->program->name, *binding = envoi_event_channel_binding(event);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_SECURED:
        fprintf(stderr, "%s: encrypted by %s, %s\n", name, envoi_event_tls_version(event),
                envoi_event_tls_cipher(event));
        break;
    case ENVOI_EVENT_AUTHENTICATED:
        fprintf(stderr, "%s: authenticated by %s%s%s\n", name, envoi_event_mechanism(event),
                binding ? ", bound to the channel by " : "", binding ? binding : "");
        break;
    case ENVOI_EVENT_READY:
        fprintf(stderr, "%s: logged in as %s\n", name, envoi_event_jid(event));
        break;
    default:
        break;
    }
}

/* An end that the program asked for is not a failure; every other is. */
static void closed(struct session *session, const envoi_event *event)
{
    int error = envoi_event_error(event), asked = session->interrupted || session->timed_out;
    const char *doing = session->ready ? "the connection ended" : "cannot log in";
    session->closed = 1;
    if (error) {
        session->failed = 1;
        explain(session->program, doing, error, envoi_event_text(event));
    } else if (!session->ending && !asked) {
        session->failed = 1;
        fprintf(stderr, "%s: %s: the server closed the stream. Try again later.\n", session->program->name, doing);
    }
}

/* Returns what session_next() shall return, or NULL if the event was for us alone. */
static const envoi_event *take(struct session *session, const envoi_event *event)
{
    show_login(session, event);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_PASSWORD:
        account_ask_password(session->stream, event);
        return NULL;
    case ENVOI_EVENT_READY:
        session->ready = 1;
        return event;
    case ENVOI_EVENT_CLOSED:
        closed(session, event);
        return NULL;
    default:
        return event;
    }
}

/* 1 if there is a reason to stop that was not told yet. */
static int shall_stop(struct session *session)
{
    if (signals_caught() && !session->interrupted)
        return session->interrupted = 1;
    if (envoi_net_now_ms() >= session->deadline_ms && !session->timed_out)
        return session->timed_out = 1;
    return 0;
}

static void wait(struct session *session)
{
    uint64_t now = envoi_net_now_ms(), left = LOOK_MS;
    if (!session->timed_out && session->deadline_ms - now < left)
        left = session->deadline_ms - now;
    envoi_net_wait(session->net, (int)left);
}

const envoi_event *session_next(struct session *session)
{
    while (!session->closed && !shall_stop(session)) {
        const envoi_event *event = envoi_stream_next_event(session->stream);
        if (!event)
            wait(session);
        else if ((event = take(session, event)))
            return event;
    }
    return NULL;
}

const envoi_event *session_ask(struct session *session, const envoi_stanza *iq)
{
    const envoi_event *event;
    uint64_t token = 0;
    int error = envoi_stream_send_iq(session->stream, iq, 0, &token);
    if (error) {
        explain(session->program, "cannot send the request", error, NULL);
        session->failed = 1;
        return NULL;
    }
    while ((event = session_next(session))) {
        if (envoi_event_type(event) == ENVOI_EVENT_REPLY && envoi_event_token(event) == token)
            return event;
        if (session->other)
            session->other(session->user, event);
    }
    return NULL;
}

static int start(struct session *session, const struct account *account)
{
    int error = envoi_stream_new(&session->stream, session->config, envoi_net_now_ms());
    if (!error)
        error = envoi_net_new(&session->net, session->stream, session->config);
    if (!error && account->host)
        error = envoi_net_set_host(session->net, account->host, 0);
    if (!error)
        error = envoi_net_start(session->net);
    return error;
}

int session_open(struct session *session, const struct program *program, struct account *account, unsigned timeout_s)
{
    memset(session, 0, sizeof *session);
    session->program = program;
    session->deadline_ms = timeout_s ? envoi_net_now_ms() + timeout_s * (uint64_t)1000 : UINT64_MAX;
    int result = account_config(&session->config, program, account);
    if (result != GO_ON)
        return result;
    signals_catch();
    int error = start(session, account);
    if (error) {
        explain(program, "cannot connect", error, account->host);
        session->closed = 1;
        session_close(session);
        return 1;
    }
    const envoi_event *event;
    while (!session->ready && (event = session_next(session)))
        ;
    if (session->ready)
        return GO_ON;
    if (session->timed_out)
        fprintf(stderr, "%s: cannot log in: the time is over. Allow more by --timeout.\n", program->name);
    session_close(session);
    return 1;
}

int session_close(struct session *session)
{
    session->ending = 1;
    session->interrupted = session->timed_out = 1; /* what remains has a deadline of its own */
    envoi_stream_close(session->stream);
    while (session->stream && !session->closed)
        session_next(session);
    envoi_net_free(session->net);
    envoi_stream_free(session->stream);
    envoi_config_free(session->config);
    return session->failed;
}
