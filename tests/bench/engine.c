/* SPDX-License-Identifier: MIT */
/* A whole envoi_stream, logged in over a transport that has TLS of its own, so that TLS is not what is
 * measured: bytes to events, stanzas to bytes, and the memory of a stream that idles. */
#include "bench.h"

#include "envoi_build.h"
#include <envoi/config.h>
#include <envoi/stream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                                                       \
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "                          \
    "from='capulet.example' id='t7AMCin9zjMNwQKDnplntZPIDEI=' version='1.0' xml:lang='en'>"
#define OFFER_SASL                                                                                                   \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"                                         \
    "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"
#define SUCCESS    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
#define OFFER_BIND "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
#define BOUND                                                                                                        \
    "<iq type='result' id='%s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"                                      \
    "<jid>juliet@capulet.example/balcony</jid></bind></iq>"

struct session {
    envoi_stream *stream;
    size_t stanzas;
    int ready, begun;
};

static void fail(const char *what)
{
    fprintf(stderr, "engine: %s\n", what);
    abort();
}

static void drain(struct session *session)
{
    const envoi_event *event;
    while ((event = envoi_stream_next_event(session->stream))) {
        int type = envoi_event_type(event);
        session->stanzas += type == ENVOI_EVENT_STANZA || type == ENVOI_EVENT_UNMATCHED_REPLY;
        session->ready |= type == ENVOI_EVENT_READY;
    }
}

static void hear(struct session *session, const char *text)
{
    if (envoi_stream_receive(session->stream, text, strlen(text)))
        fail("does not take its input");
    drain(session);
}

/* All output so far counts as sent; its id attribute, if wanted, is kept. */
static void send_all(struct session *session, char *id, size_t size)
{
    size_t len;
    const char *out = envoi_stream_output(session->stream, &len);
    for (size_t i = 0; id && out && i + 4 < len; i++)
        if (!memcmp(out + i, "id='", 4))
            snprintf(id, size, "%.*s", (int)strcspn(out + i + 4, "'"), out + i + 4);
    if (out)
        envoi_stream_sent(session->stream, len);
}

static envoi_config *shared_config(void)
{
    static envoi_config *config;
    if (!config &&
        (envoi_config_new(&config, "juliet@capulet.example") || envoi_config_set_password(config, "secret") ||
         envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL) || envoi_config_allow_mechanism(config, "PLAIN")))
        fail("no config");
    return config;
}

static struct session *log_in(void)
{
    char id[128] = "", bound[512];
    struct session *session = calloc(1, sizeof *session);
    if (!session || envoi_stream_new(&session->stream, shared_config(), 0))
        fail("no stream");
    send_all(session, NULL, 0);
    hear(session, HEADER OFFER_SASL);
    send_all(session, NULL, 0);
    hear(session, SUCCESS);
    send_all(session, NULL, 0);
    hear(session, HEADER OFFER_BIND);
    send_all(session, id, sizeof id);
    snprintf(bound, sizeof bound, BOUND, id);
    hear(session, bound);
    if (!session->ready)
        fail("not logged in");
    send_all(session, NULL, 0);
    return session;
}

static void *open_stream(void)
{
    return log_in();
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
    drain(session);
    return 0;
}

static size_t close_stream(void *user)
{
    struct session *session = user;
    size_t stanzas = session->stanzas;
    envoi_stream_free(session->stream);
    free(session);
    return stanzas;
}

static size_t send_stanza(envoi_stanza *stanza)
{
    static struct session *session;
    size_t len = 0;
    if (!session)
        session = log_in();
    if (envoi_stream_send(session->stream, stanza))
        return 0;
    envoi_stream_output(session->stream, &len);
    envoi_stream_sent(session->stream, len);
    return len;
}

static size_t chat(const char *id)
{
    static envoi_stanza *stanza;
    if (!stanza && envoi_stanza_new(&stanza, "message", NULL))
        return 0;
    envoi_stanza_clear(stanza);
    build_chat(stanza, id);
    return send_stanza(stanza);
}

static size_t publish(const char *id)
{
    static envoi_stanza *stanza;
    if (!stanza && envoi_stanza_new(&stanza, "iq", NULL))
        return 0;
    envoi_stanza_clear(stanza);
    build_publish(stanza, id);
    return send_stanza(stanza);
}

/* The stream lives until the program ends. */
static int hold(void)
{
    return !log_in();
}

const struct library library = {
    .open = open_stream, .feed = feed, .close = close_stream, .chat = chat, .publish = publish, .hold = hold};
