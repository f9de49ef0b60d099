/* SPDX-License-Identifier: MIT */
#include "session.h"

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

static void fail(const char *what)
{
    fprintf(stderr, "engine: %s\n", what);
    abort();
}

void session_drain(struct session *session)
{
    const envoi_event *event;
    while ((event = envoi_stream_next_event(session->stream))) {
        int type = envoi_event_type(event);
        session->stanzas += type == ENVOI_EVENT_STANZA || type == ENVOI_EVENT_UNMATCHED_REPLY;
        session->ready |= type == ENVOI_EVENT_READY;
        if (type == ENVOI_EVENT_CLOSED)
            session->error = envoi_event_error(event);
    }
}

static void hear(struct session *session, const char *text)
{
    if (envoi_stream_receive(session->stream, text, strlen(text)))
        fail("does not take its input");
    session_drain(session);
}

void session_send_all(struct session *session, char *id, size_t size)
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

struct session *session_new(void)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session || envoi_stream_new(&session->stream, shared_config(), 0))
        fail("no stream");
    session_send_all(session, NULL, 0);
    return session;
}

void session_free(struct session *session)
{
    envoi_stream_free(session->stream);
    free(session);
}

struct session *session_log_in(void)
{
    char id[128] = "", bound[512];
    struct session *session = session_new();
    hear(session, HEADER OFFER_SASL);
    session_send_all(session, NULL, 0);
    hear(session, SUCCESS);
    session_send_all(session, NULL, 0);
    hear(session, HEADER OFFER_BIND);
    session_send_all(session, id, sizeof id);
    snprintf(bound, sizeof bound, BOUND, id);
    hear(session, bound);
    if (!session->ready)
        fail("not logged in");
    session_send_all(session, NULL, 0);
    return session;
}
