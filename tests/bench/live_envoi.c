/* SPDX-License-Identifier: MIT */
/* envoi against a server, with its own transport, as a program would use it. */
#include "live.h"

#include <envoi/envoi.h>
#include <poll.h>
#include <stdlib.h>

struct session {
    envoi_stream *stream;
    envoi_net *net;
    int is_ready, is_closed;
    struct session *other; /* of the flood */
    int to_send, received;
};

/* One for all sessions, and so one trust store. Both libraries log in without channel binding, which libstrophe
 * does not have. */
static const envoi_config *shared_config(const struct account *account)
{
    static envoi_config *config;
    if (config || envoi_config_new(&config, account->jid))
        return config;
    envoi_config_set_password(config, account->password);
    envoi_config_set_trust_file(config, account->ca);
    envoi_config_set_channel_binding(config, ENVOI_CHANNEL_BINDING_OFF);
    return config;
}

/* To the other session, which need not be another. */
static void send_message(struct session *session)
{
    envoi_stanza *message = NULL;
    session->to_send--;
    envoi_message_new(&message, envoi_stream_jid(session->other->stream), "chat");
    envoi_message_add_body(message, LIVE_BODY, NULL);
    session->is_closed |= envoi_stream_send(session->stream, message) != 0;
    envoi_stanza_free(message);
}

static void on_stanza(struct session *session)
{
    session->received++;
    if (session->other && session->other->to_send > 0)
        send_message(session->other);
}

static void take_events(struct session *session)
{
    const envoi_event *event;
    while ((event = envoi_stream_next_event(session->stream))) {
        int type = envoi_event_type(event);
        session->is_ready |= type == ENVOI_EVENT_READY;
        session->is_closed |= type == ENVOI_EVENT_CLOSED;
        if (type == ENVOI_EVENT_STANZA)
            on_stanza(session);
    }
}

static void end(struct session *session)
{
    envoi_net_free(session->net);
    envoi_stream_free(session->stream);
    free(session);
}

static void *log_in(const struct account *account)
{
    const envoi_config *config = shared_config(account);
    struct session *session = calloc(1, sizeof *session);
    if (!session || envoi_stream_new(&session->stream, config, envoi_net_now_ms()) ||
        envoi_net_new(&session->net, session->stream, config) ||
        envoi_net_set_host(session->net, account->host, (uint32_t)atoi(account->port)) ||
        envoi_net_start(session->net))
        return NULL;
    for (take_events(session); !session->is_ready && !session->is_closed; take_events(session))
        envoi_net_wait(session->net, -1);
    return session->is_closed ? NULL : session;
}

static void log_out(void *user)
{
    struct session *session = user;
    envoi_stream_close(session->stream);
    for (take_events(session); !session->is_closed; take_events(session))
        envoi_net_wait(session->net, -1);
    end(session);
}

/* Whatever can be done at once for both, and otherwise wait for something to happen to either. */
static void turn(struct session *const *both, nfds_t count)
{
    struct pollfd fds[2];
    int moved = 0, wanted = 0;
    for (nfds_t i = 0; i < count; i++) {
        moved |= envoi_net_process(both[i]->net, envoi_net_now_ms());
        fds[i] = (struct pollfd){.fd = -1};
        envoi_net_fd(both[i]->net, 0, &fds[i].fd, &wanted);
        fds[i].events = (short)((wanted & ENVOI_NET_READ ? POLLIN : 0) | (wanted & ENVOI_NET_WRITE ? POLLOUT : 0));
    }
    if (!moved)
        poll(fds, count, -1);
    for (nfds_t i = 0; i < count; i++)
        take_events(both[i]);
}

static int flood(void *first, void *second, int count, int in_flight)
{
    struct session *from = first, *to = second, *const both[] = {from, to};
    from->other = to;
    to->other = from;
    to->received = 0;
    from->to_send = count;
    for (int i = 0; i < in_flight; i++)
        send_message(from);
    while (to->received < count && !from->is_closed && !to->is_closed)
        turn(both, from == to ? 1 : 2);
    return from->is_closed || to->is_closed;
}

const struct live_library live_library = {log_in, log_out, flood};
