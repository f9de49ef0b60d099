/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TLS_PAIR_H
#define ENVOI_TESTS_TLS_PAIR_H
/* A client and a server joined in memory, and the certificates they use. Include test.h first. */
#include "base/text.h"
#include "tls_peer.h"

#define DOMAIN "im.example.com"

static struct cert root;
static struct cert good;
static struct cert steady;
static struct envoi_trust *trust;

struct pair {
    struct envoi__tls *client;
    struct envoi__buf in, out; /* the client's side of the wire */
    struct server server;
    size_t step; /* bytes moved at once */
};

static struct pair pair; /* large, and one at a time */

static inline int pair_try(struct pair *p, const struct envoi__tls_params *params, const char *priority,
                           const struct cert *chain, unsigned count)
{
    envoi__buf_init(&p->in, 64 * 1024);
    envoi__buf_init(&p->out, 64 * 1024);
    p->step = SIZE_MAX;
    p->client = NULL;
    server_init(&p->server, priority, chain, count);
    return envoi__tls_new(&p->client, params, &p->in, &p->out);
}

static inline void pair_init(struct pair *p, const char *priority)
{
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    assert_int_equal(pair_try(p, &params, priority, &good, 1), 0);
}

/* With handshakes that are all of one length, for Ed25519 signatures are. */
static inline void pair_init_steady(struct pair *p, const char *priority)
{
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    assert_int_equal(pair_try(p, &params, priority, &steady, 1), 0);
}

static inline void pair_free(struct pair *p)
{
    envoi__tls_free(p->client);
    envoi__buf_free(&p->in);
    envoi__buf_free(&p->out);
    server_free(&p->server);
}

/* Shake hands until both are done, or one failed, or nothing moves any more. The client's last word. */
static inline int pair_shake(struct pair *p)
{
    for (;;) {
        int result = envoi__tls_handshake(p->client);
        size_t moved = to_server(&p->out, &p->server, p->step);
        server_run(&p->server);
        if ((result == 1 && p->server.done) || (result < 0 && !moved && result != ENVOI_ERR_FULL))
            return result;
        moved += to_client(&p->server, &p->in, p->step);
        if (!moved)
            return result;
    }
}

static inline void pair_open(struct pair *p, const char *priority)
{
    pair_init(p, priority);
    assert_int_equal(pair_shake(p), 1);
    assert_true(p->server.done);
}

static inline void server_says(struct pair *p, const char *text)
{
    assert_int_equal(gnutls_record_send(p->server.session, text, strlen(text)), strlen(text));
}

/* Give the client all that waits for it, and read. */
static inline int client_reads(struct pair *p, struct envoi__buf *plain)
{
    while (to_client(&p->server, &p->in, p->step))
        ;
    return envoi__tls_read(p->client, plain);
}

static inline void assert_client_reads(struct pair *p, const char *text)
{
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    assert_int_equal(client_reads(p, &plain), 1);
    assert_int_equal(plain.len, strlen(text));
    assert_memory_equal(envoi__buf_bytes(&plain), text, plain.len);
    envoi__buf_free(&plain);
}

static inline void assert_server_reads(struct pair *p, const char *text)
{
    char got[64];
    ssize_t len;
    to_server(&p->out, &p->server, SIZE_MAX);
    do
        len = gnutls_record_recv(p->server.session, got, sizeof got);
    while (len == GNUTLS_E_AGAIN && p->server.in.len);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, (size_t)len);
}

static const char *const versions[] = {TLS_1_3, TLS_1_2};
static const char *const version_names[] = {"TLS1.3", "TLS1.2"};

static inline int pair_set_up(void **state)
{
    (void)state;
    static const struct cert_spec root_spec = {.cn = "Test Root", .ca = 1};
    static const struct cert_spec good_spec = {.cn = "good", .san = {{NAME_DNS, DOMAIN, 0}}};
    root = make_cert(&root_spec, NULL);
    static const struct cert_spec steady_spec = {.san = {{NAME_DNS, DOMAIN, 0}}, .key = KEY_ED25519};
    good = make_cert(&good_spec, &root);
    steady = make_cert(&steady_spec, &root);
    assert_int_equal(envoi_trust_new(&trust), 0);
    trust_cert(trust, &root);
    return 0;
}

static inline int pair_tear_down(void **state)
{
    (void)state;
    envoi_trust_free(trust);
    free_cert(&steady);
    free_cert(&good);
    free_cert(&root);
    free_keys();
    return 0;
}

#endif
