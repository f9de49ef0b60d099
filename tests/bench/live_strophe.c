/* SPDX-License-Identifier: MIT */
/* libstrophe against a server. Its loop waits as long at a time as its own xmpp_run() does. */
#include "live.h"

#include <stdlib.h>
#include <strophe.h>

enum { WAIT_MS = 1 };

struct session {
    xmpp_conn_t *connection;
    int is_ready, is_closed;
    struct session *other; /* of the flood */
    int to_send, received;
};

static xmpp_ctx_t *shared_context(void)
{
    static xmpp_ctx_t *context;
    if (!context) {
        xmpp_initialize();
        context = xmpp_ctx_new(NULL, NULL);
    }
    return context;
}

/* To the other session, which need not be another. */
static void send_message(struct session *session)
{
    session->to_send--;
    xmpp_stanza_t *message =
        xmpp_message_new(shared_context(), "chat", xmpp_conn_get_bound_jid(session->other->connection), NULL);
    xmpp_message_set_body(message, LIVE_BODY);
    xmpp_send(session->connection, message);
    xmpp_stanza_release(message);
}

static int on_message(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *user)
{
    struct session *session = user;
    (void)connection, (void)stanza;
    session->received++;
    if (session->other->to_send > 0)
        send_message(session->other);
    return 1;
}

static void on_event(xmpp_conn_t *connection, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error,
                     void *user)
{
    struct session *session = user;
    (void)connection, (void)error, (void)stream_error;
    session->is_ready |= event == XMPP_CONN_CONNECT;
    session->is_closed |= event == XMPP_CONN_DISCONNECT;
}

static void *log_in(const struct account *account)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session || !(session->connection = xmpp_conn_new(shared_context())))
        return NULL;
    xmpp_conn_set_jid(session->connection, account->jid);
    xmpp_conn_set_pass(session->connection, account->password);
    xmpp_conn_set_cafile(session->connection, account->ca);
    xmpp_conn_set_flags(session->connection, XMPP_CONN_FLAG_MANDATORY_TLS);
    if (xmpp_connect_client(session->connection, account->host, (unsigned short)atoi(account->port), on_event,
                            session))
        return NULL;
    while (!session->is_ready && !session->is_closed)
        xmpp_run_once(shared_context(), WAIT_MS);
    return session->is_closed ? NULL : session;
}

static void log_out(void *user)
{
    struct session *session = user;
    xmpp_disconnect(session->connection);
    while (!session->is_closed)
        xmpp_run_once(shared_context(), WAIT_MS);
    xmpp_conn_release(session->connection);
    free(session);
}

static int flood(void *first, void *second, int count, int in_flight)
{
    struct session *from = first, *to = second;
    from->other = to;
    to->other = from;
    to->received = 0;
    from->to_send = count;
    xmpp_handler_add(to->connection, on_message, NULL, "message", NULL, to);
    for (int i = 0; i < in_flight; i++)
        send_message(from);
    while (to->received < count && !from->is_closed && !to->is_closed)
        xmpp_run_once(shared_context(), WAIT_MS);
    xmpp_handler_delete(to->connection, on_message);
    return from->is_closed || to->is_closed;
}

const struct live_library live_library = {log_in, log_out, flood};
