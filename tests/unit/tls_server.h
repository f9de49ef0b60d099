/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TLS_SERVER_H
#define ENVOI_TESTS_TLS_SERVER_H
/* An XMPP server in memory, with real TLS and a real SCRAM, and a program that uses a stream against it. Include
 * test.h first. What the server needs for itself never fails and is not counted. */
#include "base/base64.h"
#include "base/text.h"
#include "sasl/crypto.h"
#include "tls_peer.h"
#include <envoi/stream.h>

#define DOMAIN   "im.example.com"
#define USER     "juliet"
#define ACCOUNT  USER "@" DOMAIN
#define PASSWORD "r0m30-and-capulet"
#define NS_SASL  "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_TLS   "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_BIND  "urn:ietf:params:xml:ns:xmpp-bind"
#define HEADER                                                                                                       \
    "<?xml version='1.0'?><stream:stream from='" DOMAIN "' id='t7AMCin9zjMNwQKD' version='1.0' xml:lang='en' "       \
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define FEATURES(offer) "<stream:features>" offer "</stream:features>"

/* What the server has done last; it stops once it has reached peer.stop. */
enum phase {
    AT_NOTHING,
    AT_HEADER, /* the first header came, and is not answered yet */
    AT_OFFER,  /* features went out */
    AT_STARTTLS,
    AT_HANDSHAKE, /* TLS is being set up */
    AT_SECURED_OFFER,
    AT_CHALLENGE,
    AT_AUTHENTICATED,
    AT_BIND_OFFER,
    AT_BIND_ASKED, /* the request for a resource came, and is not answered */
    AT_SESSION,
    AT_END,
    NEVER
};

struct peer {
    struct server tls;
    int has_tls;    /* the session exists */
    int direct;     /* TLS from the first byte */
    int secure;     /* text goes through TLS now */
    int is_trusted; /* no TLS at all: the transport is as good */
    const char *mechanisms, *bindings, *behind_proceed;
    const char *other_header;  /* in place of the header inside TLS; NULL: none */
    const char *clear, *offer; /* features before and after TLS; offer NULL: of mechanisms and bindings */
    const char *shared;        /* binding data of a transport that is as good as TLS */
    int refuses_tls;
    enum phase phase, stop;
    char text[256 * 1024]; /* what the client said and is not understood yet */
    size_t len;
    char mechanism[32], client_first[512], server_first[512];
    long messages, headers, logins;
};

static const uint8_t peer_salt[] = "salt of a test";

static inline void peer_send_raw(struct peer *peer, const void *data, size_t len)
{
    struct pipe *out = &peer->tls.out;
    assert_in_range(len, 0, sizeof out->data - out->len);
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

static inline void peer_send(struct peer *peer, const char *text)
{
    size_t len = strlen(text);
    if (!peer->secure)
        peer_send_raw(peer, text, len);
    else if (len)
        assert_int_equal(gnutls_record_send(peer->tls.session, text, len), len);
}

/* ---- SCRAM (RFC 5802), the server's half ---- */

static inline void peer_salted(enum envoi__hash hash, uint8_t out[ENVOI__HASH_MAX])
{
    static uint8_t known[5][ENVOI__HASH_MAX];
    static int is_known[5];
    if (!is_known[hash]) {
        struct envoi__pbkdf2 *work;
        assert_int_equal(envoi__pbkdf2_new(&work, hash, PASSWORD, peer_salt, sizeof peer_salt, 4096), 0);
        while (envoi__pbkdf2_run(work, 4096) == 0)
            ;
        memcpy(known[hash], envoi__pbkdf2_key(work), envoi__hash_size(hash));
        envoi__pbkdf2_free(work);
        is_known[hash] = 1;
    }
    memcpy(out, known[hash], ENVOI__HASH_MAX);
}

static inline enum envoi__hash peer_hash(const struct peer *peer)
{
    if (strstr(peer->mechanism, "SHA-512"))
        return ENVOI__SHA512;
    return strstr(peer->mechanism, "SHA-256") ? ENVOI__SHA256 : ENVOI__SHA1;
}

/* The text between the tags of an element, decoded from base64. */
static inline size_t element_data(const char *element, size_t len, char *out, size_t size)
{
    const char *begin = memchr(element, '>', len);
    const char *end = begin ? memchr(begin, '<', len - (size_t)(begin - element)) : NULL;
    size_t out_len = 0;
    assert_non_null(end);
    assert_true((size_t)(end - begin) < size);
    assert_int_equal(envoi__base64_decode(begin + 1, (size_t)(end - begin - 1), (uint8_t *)out, &out_len), 0);
    out[out_len] = '\0';
    return out_len;
}

static inline void peer_challenge(struct peer *peer, const char *element, size_t len)
{
    char salt[64], encoded[1024], text[1200];
    element_data(element, len, peer->client_first, sizeof peer->client_first);
    const char *nonce = strstr(peer->client_first, ",r=");
    assert_non_null(nonce);
    envoi__base64_encode(peer_salt, sizeof peer_salt, salt);
    snprintf(peer->server_first, sizeof peer->server_first, "%.200sserver,s=%s,i=4096", nonce + 1, salt);
    envoi__base64_encode(peer->server_first, strlen(peer->server_first), encoded);
    snprintf(text, sizeof text, "<challenge xmlns='" NS_SASL "'>%s</challenge>", encoded);
    peer_send(peer, text);
}

/* "c=" must be the GS2 header and this connection's own binding data. */
static inline void peer_check_binding(struct peer *peer, const char *final)
{
    static const struct {
        const char *gs2;
        gnutls_channel_binding_t type;
    } rows[] = {{"p=tls-exporter,,", GNUTLS_CB_TLS_EXPORTER},
                {"p=tls-unique,,", GNUTLS_CB_TLS_UNIQUE},
                {"p=tls-server-end-point,,", GNUTLS_CB_TLS_SERVER_END_POINT}};
    uint8_t wanted[512];
    char encoded[1024];
    const char *bare = strstr(peer->client_first, ",,");
    size_t len = (size_t)(bare - peer->client_first) + 2;
    memcpy(wanted, peer->client_first, len);
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        gnutls_datum_t data;
        if (strncmp(peer->client_first, rows[i].gs2, strlen(rows[i].gs2)) != 0)
            continue;
        if (peer->shared) {
            memcpy(wanted + len, peer->shared, strlen(peer->shared));
            len += strlen(peer->shared);
            break;
        }
        assert_int_equal(gnutls_session_channel_binding(peer->tls.session, rows[i].type, &data), 0);
        memcpy(wanted + len, data.data, data.size);
        len += data.size;
        gnutls_free(data.data);
    }
    envoi__base64_encode(wanted, len, encoded);
    assert_int_equal(strncmp(final, "c=", 2), 0);
    assert_int_equal(strncmp(final + 2, encoded, strlen(encoded)), 0);
    assert_int_equal(final[2 + strlen(encoded)], ',');
}

/* 1 if the client knows the password; the ServerSignature is sent. */
static inline void peer_verify(struct peer *peer, const char *element, size_t len)
{
    enum envoi__hash hash = peer_hash(peer);
    size_t size = envoi__hash_size(hash), proof_len = 0;
    uint8_t salted[ENVOI__HASH_MAX], key[ENVOI__HASH_MAX], stored[ENVOI__HASH_MAX], signature[ENVOI__HASH_MAX];
    uint8_t proof[ENVOI__HASH_MAX * 2];
    char final[1024], auth[2500], text[512], encoded[200];
    element_data(element, len, final, sizeof final);
    char *at = strstr(final, ",p=");
    assert_non_null(at);
    peer_check_binding(peer, final);
    assert_int_equal(envoi__base64_decode(at + 3, strlen(at + 3), proof, &proof_len), 0);
    assert_int_equal(proof_len, size);
    *at = '\0';
    snprintf(auth, sizeof auth, "%s,%s,%s", strstr(peer->client_first, ",,") + 2, peer->server_first, final);
    peer_salted(hash, salted);
    envoi__hmac(hash, salted, size, "Client Key", 10, key);
    envoi__hash(hash, key, size, stored);
    envoi__hmac(hash, stored, size, auth, strlen(auth), signature);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(proof[i] ^ signature[i], key[i]);
    envoi__hmac(hash, salted, size, "Server Key", 10, key);
    envoi__hmac(hash, key, size, auth, strlen(auth), signature);
    envoi__base64_encode(signature, size, encoded);
    snprintf(auth, sizeof auth, "v=%s", encoded);
    envoi__base64_encode(auth, strlen(auth), encoded);
    snprintf(text, sizeof text, "<success xmlns='" NS_SASL "'>%s</success>", encoded);
    peer_send(peer, text);
}

/* ---- what the server answers ---- */

static inline void peer_features(struct peer *peer)
{
    char text[1024];
    if (peer->other_header && peer->secure) {
        peer_send(peer, peer->other_header);
        peer_send(peer, FEATURES("<mechanisms xmlns='" NS_SASL "'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"));
        peer->phase = AT_SECURED_OFFER;
    } else if (peer->phase >= AT_AUTHENTICATED) {
        peer_send(peer, HEADER FEATURES("<bind xmlns='" NS_BIND "'/>"));
        peer->phase = AT_BIND_OFFER;
    } else if ((peer->secure || peer->is_trusted) && peer->offer) {
        snprintf(text, sizeof text, HEADER FEATURES("%s"), peer->offer);
        peer_send(peer, text);
        peer->phase = AT_SECURED_OFFER;
    } else if (peer->secure || peer->is_trusted) {
        snprintf(text, sizeof text,
                 HEADER FEATURES("<mechanisms xmlns='" NS_SASL "'>%s</mechanisms>"
                                 "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>%s</sasl-channel-binding>"),
                 peer->mechanisms, peer->bindings);
        peer_send(peer, text);
        peer->phase = AT_SECURED_OFFER;
    } else {
        peer->phase = AT_HEADER;
        if (peer->stop == AT_HEADER)
            return;
        snprintf(text, sizeof text, HEADER FEATURES("%s"), peer->clear);
        peer_send(peer, text);
        peer->phase = AT_OFFER;
    }
}

static inline void peer_starttls(struct peer *peer)
{
    peer->phase = AT_STARTTLS;
    if (peer->stop == AT_STARTTLS)
        return;
    if (peer->refuses_tls) {
        peer_send(peer, "<failure xmlns='" NS_TLS "'/></stream:stream>");
        peer->phase = AT_END;
        return;
    }
    peer_send(peer, "<proceed xmlns='" NS_TLS "'/>");
    peer_send(peer, peer->behind_proceed);
    peer->phase = AT_HANDSHAKE;
}

static inline void peer_bound(struct peer *peer, const char *element, size_t len)
{
    char text[512];
    const char *id = strstr(element, " id='");
    const char *end = id && (size_t)(id - element) < len ? strchr(id + 5, '\'') : NULL;
    assert_non_null(end);
    peer->phase = AT_BIND_ASKED;
    if (peer->stop == AT_BIND_ASKED)
        return;
    snprintf(text, sizeof text,
             "<iq type='result' id='%.*s'><bind xmlns='" NS_BIND "'><jid>" ACCOUNT "/balcony</jid></bind></iq>",
             (int)(end - id - 5), id + 5);
    peer_send(peer, text);
    peer->phase = AT_SESSION;
}

static inline int begins(const char *text, size_t len, const char *with)
{
    return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* RFC 6120 4.7: the domain always, the account only where nobody on the way can read it, an id never. */
static inline void peer_check_header(const struct peer *peer, const char *header, size_t len)
{
    char text[1024];
    assert_in_range(len, 1, sizeof text - 1);
    snprintf(text, sizeof text, "%.*s", (int)len, header);
    assert_non_null(strstr(text, " to='" DOMAIN "'"));
    assert_int_equal(strstr(text, " from='" ACCOUNT "'") != NULL, peer->secure || peer->is_trusted);
    assert_null(strstr(text, " id="));
    assert_non_null(strstr(text, " version='1.0'"));
    assert_non_null(strstr(text, " xml:lang='en'"));
}

static inline void peer_auth(struct peer *peer, const char *element, size_t len)
{
    const char *name = strstr(element, " mechanism='");
    assert_non_null(name);
    name += strlen(" mechanism='");
    peer->logins++;
    snprintf(peer->mechanism, sizeof peer->mechanism, "%.*s", (int)strcspn(name, "'"), name);
    if (strcmp(peer->mechanism, "EXTERNAL") == 0)
        snprintf(peer->client_first, sizeof peer->client_first, "%.*s", (int)len, element);
    if (strcmp(peer->mechanism, "PLAIN") == 0 || strcmp(peer->mechanism, "EXTERNAL") == 0) {
        peer_send(peer, "<success xmlns='" NS_SASL "'/>");
        peer->phase = AT_AUTHENTICATED;
        return;
    }
    peer->phase = AT_CHALLENGE;
    if (peer->stop != AT_CHALLENGE)
        peer_challenge(peer, element, len);
}

static inline void peer_take(struct peer *peer, const char *element, size_t len)
{
    if (begins(element, len, "<stream:stream")) {
        peer->headers++;
        peer_check_header(peer, element, len);
        peer_features(peer);
    } else if (begins(element, len, "<starttls")) {
        peer_starttls(peer);
    } else if (begins(element, len, "<auth")) {
        peer_auth(peer, element, len);
    } else if (begins(element, len, "<response")) {
        peer_verify(peer, element, len);
        peer->phase = AT_AUTHENTICATED;
    } else if (begins(element, len, "<iq") && peer->phase == AT_BIND_OFFER) {
        peer_bound(peer, element, len);
    } else if (begins(element, len, "<message")) {
        peer->messages++;
        peer_send(peer, "<message from='romeo@example.net/orchard'><body>Neither, fair saint</body></message>");
    } else if (begins(element, len, "</stream:stream")) {
        if (peer->phase != AT_END)
            peer_send(peer, "</stream:stream>");
        peer->phase = AT_END;
    }
}

/* Length of the first whole tag or element of the text; 0: not there yet. Elements here hold none of their own name.
 */
static inline size_t first_element(const char *text, size_t len)
{
    char end[64];
    const char *close = memchr(text, '>', len);
    if (!close)
        return 0;
    size_t tag = (size_t)(close - text) + 1, name = strcspn(text + 1, " />");
    if (text[1] == '?' || text[1] == '/' || begins(text, len, "<stream:stream") || close[-1] == '/')
        return tag;
    snprintf(end, sizeof end, "</%.*s>", (int)name, text + 1);
    const char *found = strstr(text, end);
    return found ? (size_t)(found - text) + strlen(end) : 0;
}

static inline void peer_understand(struct peer *peer)
{
    size_t len;
    while (peer->phase < peer->stop && (len = first_element(peer->text, peer->len)) != 0) {
        peer_take(peer, peer->text, len);
        memmove(peer->text, peer->text + len, peer->len - len + 1);
        peer->len -= len;
        if (peer->phase == AT_HANDSHAKE)
            return; /* what follows is TLS */
    }
}

static inline void peer_hear(struct peer *peer, const void *data, size_t len)
{
    assert_in_range(len, 0, sizeof peer->text - 1 - peer->len);
    memcpy(peer->text + peer->len, data, len);
    peer->len += len;
    peer->text[peer->len] = '\0';
}

static inline void peer_shake(struct peer *peer)
{
    server_run(&peer->tls);
    if (peer->tls.done && peer->stop > AT_HANDSHAKE) {
        peer->secure = 1;
        peer->len = 0;
    }
}

/* Let the server work on what the client sent, which stands in tls.in. */
static inline void peer_run(struct peer *peer)
{
    long fails = allocation_fails, made = allocations;
    allocation_fails = 0;
    if (!peer->secure && (peer->direct || peer->phase == AT_HANDSHAKE)) {
        if (peer->stop > AT_HANDSHAKE)
            peer_shake(peer);
    } else if (!peer->secure) {
        peer_hear(peer, peer->tls.in.data, peer->tls.in.len);
        peer->tls.in.len = 0;
        peer_understand(peer);
    }
    if (peer->secure) {
        char data[4096];
        ssize_t got;
        while ((got = gnutls_record_recv(peer->tls.session, data, sizeof data)) > 0)
            peer_hear(peer, data, (size_t)got);
        peer_understand(peer);
    }
    allocation_fails = fails;
    allocations = made;
}

static inline void peer_init(struct peer *peer, const char *priority, const struct cert *chain, unsigned count)
{
    memset(peer, 0, sizeof *peer);
    peer->mechanisms = "<mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>";
    peer->bindings = peer->behind_proceed = "";
    peer->clear = "<starttls xmlns='" NS_TLS "'><required/></starttls>";
    peer->stop = NEVER;
    if (chain) {
        server_init(&peer->tls, priority, chain, count);
        peer->has_tls = 1;
    } else {
        peer->is_trusted = 1;
    }
}

static inline void peer_free(struct peer *peer)
{
    if (peer->has_tls)
        server_free(&peer->tls);
    peer->has_tls = 0;
}

/* ---- the program ---- */

struct world {
    envoi_stream *stream;
    struct peer *peer;
    uint64_t now;
    size_t step;       /* bytes moved at once */
    long moves;        /* how often bytes may still be moved; the world stands still at 0 */
    const char *reply; /* what to say when a password is asked for; NULL: nothing yet */
    int closes;        /* the program closes once its message is answered */
    int mute;          /* nothing of the program's is sent */
    /* what was seen */
    int secured, authenticated, ready, stanzas, passwords, writable, closed, closed_error, retryable;
    char mechanism[32], binding[32], text[256], version[16];
    char sent[512 * 1024]; /* every byte that left, as it left */
    size_t sent_len;
};

static inline void keep_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "none");
}

static inline void say_hello(envoi_stream *stream)
{
    envoi_stanza *stanza = NULL;
    if (envoi_stanza_new(&stanza, "message", NULL))
        return;
    envoi_element *message = envoi_stanza_element(stanza);
    envoi_element_set_attr(message, "to", "romeo@example.net");
    envoi_element_add_text_child(message, "body", NULL, "Art thou not Romeo, and a Montague?");
    envoi_stream_send(stream, stanza);
    envoi_stanza_free(stanza);
}

static inline void world_event(struct world *world, const envoi_event *event)
{
    assert_int_equal(world->closed, 0);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_SECURED:
        world->secured++;
        keep_text(world->version, sizeof world->version, envoi_event_tls_version(event));
        break;
    case ENVOI_EVENT_AUTHENTICATED:
        world->authenticated++;
        keep_text(world->mechanism, sizeof world->mechanism, envoi_event_mechanism(event));
        keep_text(world->binding, sizeof world->binding, envoi_event_channel_binding(event));
        break;
    case ENVOI_EVENT_READY:
        world->ready++;
        say_hello(world->stream);
        break;
    case ENVOI_EVENT_STANZA:
        world->stanzas++;
        if (world->closes)
            envoi_stream_close(world->stream);
        break;
    case ENVOI_EVENT_PASSWORD:
        world->passwords++;
        if (world->reply)
            envoi_stream_set_password(world->stream, world->reply);
        break;
    case ENVOI_EVENT_WRITABLE:
        world->writable++;
        break;
    case ENVOI_EVENT_CLOSED:
        world->closed++;
        world->closed_error = envoi_event_error(event);
        world->retryable = envoi_event_is_retryable(event);
        keep_text(world->text, sizeof world->text, envoi_event_text(event));
        break;
    }
}

static inline void world_events(struct world *world)
{
    const envoi_event *event;
    while ((event = envoi_stream_next_event(world->stream)))
        world_event(world, event);
}

static inline size_t world_send(struct world *world)
{
    size_t len = 0;
    struct pipe *in = &world->peer->tls.in;
    const void *bytes = world->mute ? NULL : envoi_stream_output(world->stream, &len);
    len = len < world->step ? len : world->step;
    len = len < sizeof in->data - in->len ? len : sizeof in->data - in->len;
    if (!bytes || !len)
        return 0;
    assert_in_range(world->sent_len + len, 0, sizeof world->sent);
    memcpy(world->sent + world->sent_len, bytes, len);
    world->sent_len += len;
    memcpy(in->data + in->len, bytes, len);
    in->len += len;
    assert_int_equal(envoi_stream_sent(world->stream, len), 0);
    return len;
}

static inline size_t world_receive(struct world *world)
{
    struct pipe *out = &world->peer->tls.out;
    size_t len = envoi_stream_receive_capacity(world->stream);
    len = len < out->len ? len : out->len;
    len = len < world->step ? len : world->step;
    if (!len || envoi_stream_receive(world->stream, out->data, len))
        return 0;
    out->len -= len;
    memmove(out->data, out->data + len, out->len);
    return len;
}

/* Go on until nothing moves any more. */
static inline void world_run(struct world *world)
{
    for (size_t moved = 1; moved && world->moves; world->moves--) {
        world_events(world);
        moved = world_send(world);
        peer_run(world->peer);
        moved += world_receive(world);
    }
    if (world->moves)
        world_events(world);
}

static inline int world_begin(struct world *world, struct peer *peer, const envoi_config *config)
{
    memset(world, 0, offsetof(struct world, sent));
    world->sent_len = 0;
    world->peer = peer;
    world->step = SIZE_MAX;
    world->moves = -1;
    world->now = 1000;
    world->closes = 1;
    peer->direct = envoi_config_tls(config) == ENVOI_TLS_DIRECT;
    return envoi_stream_new(&world->stream, config, world->now);
}

static inline void world_tick(struct world *world, uint64_t ms)
{
    assert_int_equal(envoi_stream_tick(world->stream, world->now), 0); /* what calls have begun began before */
    world->now += ms;
    assert_int_equal(envoi_stream_tick(world->stream, world->now), 0);
    world_events(world);
}

static inline void world_end(struct world *world)
{
    envoi_stream_free(world->stream);
    world->stream = NULL;
    peer_free(world->peer);
}

/* ---- what the tests of a group share ---- */

static struct cert root, good;
static envoi_trust *trust;
static struct peer the_peer;
static struct world the_world;

static inline int group_set_up(void **state)
{
    static const struct cert_spec root_spec = {.cn = "Test Root", .ca = 1};
    static const struct cert_spec good_spec = {.cn = "good", .san = {{NAME_DNS, DOMAIN, 0}}};
    (void)state;
    root = make_cert(&root_spec, NULL);
    good = make_cert(&good_spec, &root);
    if (envoi_trust_new(&trust))
        return -1;
    trust_cert(trust, &root);
    return 0;
}

static inline int group_tear_down(void **state)
{
    (void)state;
    envoi_trust_free(trust);
    free_cert(&good);
    free_cert(&root);
    free_keys();
    return 0;
}

/* A config for the_peer; 0 or an error. */
static inline int make_config(envoi_config **out, int tls, const char *password)
{
    envoi_config *config = NULL;
    int error = envoi_config_new(&config, ACCOUNT);
    error = error ? error : envoi_config_set_tls(config, tls);
    error = error ? error : envoi_config_set_trust(config, trust);
    if (!error && password)
        error = envoi_config_set_password(config, password);
    if (!error && tls >= ENVOI_TLS_EXTERNAL)
        error = envoi_config_allow_mechanism(config, "PLAIN");
    if (error)
        envoi_config_free(config);
    else
        *out = config;
    return error;
}

/* Begin a stream of this kind against a fresh peer; priority NULL: no TLS in the engine, login by PLAIN. */
static inline void begin(int tls, const char *priority)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, tls, PASSWORD), 0);
    peer_init(&the_peer, priority, priority ? &good : NULL, 1);
    if (!priority)
        the_peer.mechanisms = "<mechanism>PLAIN</mechanism>";
    assert_int_equal(world_begin(&the_world, &the_peer, config), 0);
    envoi_config_free(config);
}

static inline int has_bytes(const void *in, size_t len, const char *what)
{
    size_t what_len = strlen(what);
    for (const char *at = in, *end = at + len; (size_t)(end - at) >= what_len; at++)
        if (memcmp(at, what, what_len) == 0)
            return 1;
    return 0;
}

/* Neither on the wire nor inside TLS. */
static inline void assert_no_credentials(const struct world *world)
{
    static const char *const secrets[] = {PASSWORD, "<auth", "AGp1bGlldABy", "n=juliet", "biws", "bixuPWp1bGlldA"};
    for (size_t i = 0; i < ENVOI__COUNT(secrets); i++) {
        assert_false(has_bytes(world->sent, world->sent_len, secrets[i]));
        assert_false(has_bytes(world->peer->text, world->peer->len, secrets[i]));
    }
    assert_true(world->peer->phase < AT_CHALLENGE);
}

#endif
