/* SPDX-License-Identifier: MIT */
/* A whole envoi_stream, logged in over a transport that has TLS of its own, so that TLS is not what is
 * measured: bytes to events, stanzas to bytes, and the memory of a stream that idles. */
#include "bench.h"

#include "envoi_build.h"
#include "session.h"
#include <string.h>

static void *open_stream(void)
{
    return session_log_in();
}

/* The login had its own header, so that of the corpus is left out: it ends with the second '>'. */
static int feed(void *user, const char *data, size_t len)
{
    struct session *session = user;
    if (!session->begun) {
        const char *body = strchr(strchr(data, '>') + 1, '>') + 1;
        session->begun = 1;
        len -= (size_t)(body - data);
        data = body;
    }
    if (envoi_stream_receive(session->stream, data, len))
        return 1;
    session_drain(session);
    return 0;
}

static size_t close_stream(void *user)
{
    struct session *session = user;
    size_t stanzas = session->stanzas;
    session_free(session);
    return stanzas;
}

static size_t send_stanza(envoi_stanza *stanza)
{
    static struct session *session;
    size_t len = 0;
    if (!session)
        session = session_log_in();
    if (envoi_stream_send(session->stream, stanza))
        return 0;
    envoi_stream_output(session->stream, &len);
    envoi_stream_sent(session->stream, len);
    return len;
}

static size_t chat(const char *id)
{
    return send_stanza(build_chat(id));
}

static size_t publish(const char *id)
{
    return send_stanza(build_publish(id));
}

/* The stream lives until the program ends. */
static int hold(void)
{
    return !session_log_in();
}

const struct library library = {
    .open = open_stream, .feed = feed, .close = close_stream, .chat = chat, .publish = publish, .hold = hold};
