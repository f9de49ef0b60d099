/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TLS_PEER_H
#define ENVOI_TESTS_TLS_PEER_H
/* A TLS server in memory and certificates made on the spot. Include test.h first. */
#include "base/buf.h"
#include "tls/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <time.h>

/* ---- DER ---- */

struct der {
    uint8_t data[2048];
    size_t len;
};

static inline void der_put(struct der *der, uint8_t tag, const void *content, size_t len)
{
    assert_in_range(len, 0, 65535);
    assert_in_range(der->len + len, 0, sizeof der->data - 4);
    der->data[der->len++] = tag;
    if (len > 255) {
        der->data[der->len++] = 0x82;
        der->data[der->len++] = (uint8_t)(len >> 8);
    } else if (len > 127) {
        der->data[der->len++] = 0x81;
    }
    der->data[der->len++] = (uint8_t)len;
    if (len)
        memcpy(der->data + der->len, content, len);
    der->len += len;
}

static inline void der_wrap(struct der *der, uint8_t tag)
{
    struct der inner = *der;
    der->len = 0;
    der_put(der, tag, inner.data, inner.len);
}

static inline void der_add(struct der *der, const struct der *more)
{
    assert_in_range(der->len + more->len, 0, sizeof der->data);
    memcpy(der->data + der->len, more->data, more->len);
    der->len += more->len;
}

/* ---- certificates ---- */

enum name_kind { NAME_NONE, NAME_DNS, NAME_SRV, NAME_XMPP, NAME_IP, NAME_MAIL, NAME_ODD };

enum { MOST_NAMES = 6 };

struct san {
    enum name_kind kind;
    const char *text;
    size_t len; /* 0: up to the NUL */
};

enum key_kind { KEY_EC, KEY_RSA, KEY_RSA_1024, KEY_ED25519, KEY_KINDS };

struct cert_spec {
    const char *cn;
    struct san san[MOST_NAMES];
    int from_day, to_day; /* from today; both 0: valid now */
    int ca;               /* 1: an issuer without a limit to its path; 2: with a limit of 0 */
    const char *purpose;  /* NULL: TLS server for a leaf */
    enum key_kind key;
    gnutls_digest_algorithm_t digest; /* 0: SHA-256 */
    unsigned sign_flags;
    const char *permitted; /* name constraint */
    int must_staple;
};

struct cert {
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t key; /* shared among certificates */
};

/* One key of a kind for all subjects and one for all issuers: making them is what takes the time. */
static gnutls_x509_privkey_t keys[KEY_KINDS][2];

static inline gnutls_x509_privkey_t key_of(enum key_kind kind, int ca)
{
    static const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned bits;
    } kinds[KEY_KINDS] = {{GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
                          {GNUTLS_PK_RSA, 2048},
                          {GNUTLS_PK_RSA, 1024},
                          {GNUTLS_PK_EDDSA_ED25519, 256}};
    gnutls_x509_privkey_t *key = &keys[kind][ca != 0];
    if (!*key) {
        assert_int_equal(gnutls_x509_privkey_init(key), 0);
        assert_int_equal(gnutls_x509_privkey_generate(*key, kinds[kind].algorithm, kinds[kind].bits, 0), 0);
    }
    return *key;
}

static inline void free_keys(void)
{
    for (size_t i = 0; i < KEY_KINDS; i++)
        for (size_t j = 0; j < 2; j++)
            if (keys[i][j])
                gnutls_x509_privkey_deinit(keys[i][j]);
}

static inline void put_san(struct der *names, const struct san *san)
{
    static const uint8_t on_srv[] = {0x2B, 6, 1, 5, 5, 7, 8, 7};
    static const uint8_t on_xmpp[] = {0x2B, 6, 1, 5, 5, 7, 8, 5};
    struct der value = {.len = 0};
    struct der other = {.len = 0};
    size_t len = san->len ? san->len : strlen(san->text);
    switch (san->kind) {
    case NAME_DNS:
        der_put(names, 0x82, san->text, len);
        break;
    case NAME_IP:
        der_put(names, 0x87, san->text, len);
        break;
    case NAME_MAIL:
        der_put(names, 0x81, san->text, len);
        break;
    default:
        /* NAME_ODD: an XmppAddr that is no UTF8String */
        der_put(&value, san->kind == NAME_XMPP ? 0x0C : 0x16, san->text, len);
        der_wrap(&value, 0xA0);
        der_put(&other, 0x06, san->kind == NAME_SRV ? on_srv : on_xmpp, sizeof on_srv);
        der_add(&other, &value);
        der_wrap(&other, 0xA0);
        der_add(names, &other);
    }
}

static inline void set_sans(gnutls_x509_crt_t crt, const struct san *san)
{
    struct der names = {.len = 0};
    for (size_t i = 0; i < MOST_NAMES && san[i].kind; i++)
        put_san(&names, &san[i]);
    if (!names.len)
        return;
    der_wrap(&names, 0x30);
    assert_int_equal(gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", names.data, names.len, 0), 0);
}

static inline void set_constraint(gnutls_x509_crt_t crt, const char *permitted)
{
    gnutls_x509_name_constraints_t constraints;
    unsigned char name[64];
    gnutls_datum_t datum = {name, (unsigned)strlen(permitted)};
    memcpy(name, permitted, datum.size);
    assert_int_equal(gnutls_x509_name_constraints_init(&constraints), 0);
    assert_int_equal(gnutls_x509_name_constraints_add_permitted(constraints, GNUTLS_SAN_DNSNAME, &datum), 0);
    assert_int_equal(gnutls_x509_crt_set_name_constraints(crt, constraints, 1), 0);
    gnutls_x509_name_constraints_deinit(constraints);
}

static inline void set_must_staple(gnutls_x509_crt_t crt)
{
    gnutls_x509_tlsfeatures_t features;
    assert_int_equal(gnutls_x509_tlsfeatures_init(&features), 0);
    assert_int_equal(gnutls_x509_tlsfeatures_add(features, 5), 0); /* status_request (RFC 7633) */
    assert_int_equal(gnutls_x509_crt_set_tlsfeatures(crt, features), 0);
    gnutls_x509_tlsfeatures_deinit(features);
}

static inline void set_use(gnutls_x509_crt_t crt, const struct cert_spec *spec)
{
    unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE | (spec->ca ? GNUTLS_KEY_KEY_CERT_SIGN : 0);
    assert_int_equal(gnutls_x509_crt_set_basic_constraints(crt, spec->ca != 0, spec->ca == 2 ? 0 : -1), 0);
    assert_int_equal(gnutls_x509_crt_set_key_usage(crt, usage), 0);
    if (!spec->ca)
        assert_int_equal(
            gnutls_x509_crt_set_key_purpose_oid(crt, spec->purpose ? spec->purpose : GNUTLS_KP_TLS_WWW_SERVER, 0), 0);
}

/* Read back what was made: GnuTLS knows the names of a certificate only once it has read it. */
static inline gnutls_x509_crt_t reread(gnutls_x509_crt_t made)
{
    gnutls_datum_t der;
    gnutls_x509_crt_t crt;
    assert_int_equal(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_DER, &der), 0);
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    assert_int_equal(gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER), 0);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(made);
    return crt;
}

/* Make a certificate. issuer NULL: signed by itself. */
static inline struct cert make_cert(const struct cert_spec *spec, const struct cert *issuer)
{
    static unsigned serial;
    struct cert cert = {.key = key_of(spec->key, spec->ca)};
    time_t now = time(NULL);
    const int day = 24 * 60 * 60;
    serial++;
    uint8_t number[2] = {(uint8_t)(serial >> 8 & 0x7F), (uint8_t)serial};
    assert_int_equal(gnutls_x509_crt_init(&cert.crt), 0);
    gnutls_x509_crt_t crt = cert.crt;
    assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(crt, number, sizeof number), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(crt, now + (spec->to_day ? spec->from_day : -1) * day), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, now + (spec->to_day ? spec->to_day : 30) * day), 0);
    const char *cn = spec->cn ? spec->cn : "a server";
    assert_int_equal(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, cn, (unsigned)strlen(cn)), 0);
    assert_int_equal(gnutls_x509_crt_set_key(crt, cert.key), 0);
    set_use(crt, spec);
    set_sans(crt, spec->san);
    if (spec->permitted)
        set_constraint(crt, spec->permitted);
    if (spec->must_staple)
        set_must_staple(crt);
    assert_int_equal(gnutls_x509_crt_sign2(crt, issuer ? issuer->crt : crt, issuer ? issuer->key : cert.key,
                                           spec->digest ? spec->digest : GNUTLS_DIG_SHA256, spec->sign_flags),
                     0);
    cert.crt = reread(crt);
    return cert;
}

static inline void free_cert(struct cert *cert)
{
    gnutls_x509_crt_deinit(cert->crt);
}

static inline gnutls_datum_t cert_pem(const struct cert *cert)
{
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    return pem;
}

static inline gnutls_datum_t key_pem(const struct cert *cert)
{
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_privkey_export2_pkcs8(cert->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
                     0);
    return pem;
}

static inline void cert_sha256(const struct cert *cert, uint8_t out[32])
{
    size_t len = 32;
    assert_int_equal(gnutls_x509_crt_get_fingerprint(cert->crt, GNUTLS_DIG_SHA256, out, &len), 0);
}

static inline void trust_cert(struct envoi_trust *trust, const struct cert *cert)
{
    gnutls_datum_t pem = cert_pem(cert);
    assert_int_equal(envoi_trust_add_pem(trust, pem.data, pem.size), 0);
    gnutls_free(pem.data);
}

/* ---- the server ---- */

/* A queue that never allocates, so that failing allocations are the client's alone. */
struct pipe {
    uint8_t data[128 * 1024];
    size_t len;
};

struct server {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    struct pipe in, out;
    int done;
    int error;
};

static inline ssize_t server_push(gnutls_transport_ptr_t user, const void *data, size_t len)
{
    struct server *server = user;
    if (len > sizeof server->out.data - server->out.len) {
        gnutls_transport_set_errno(server->session, EAGAIN);
        return -1;
    }
    memcpy(server->out.data + server->out.len, data, len);
    server->out.len += len;
    return (ssize_t)len;
}

static inline ssize_t server_pull(gnutls_transport_ptr_t user, void *data, size_t len)
{
    struct server *server = user;
    struct pipe *in = &server->in;
    len = len < in->len ? len : in->len;
    if (!len) {
        gnutls_transport_set_errno(server->session, EAGAIN);
        return -1;
    }
    memcpy(data, in->data, len);
    in->len -= len;
    memmove(in->data, in->data + len, in->len);
    return (ssize_t)len;
}

static inline int server_pull_timeout(gnutls_transport_ptr_t user, unsigned ms)
{
    (void)ms;
    return ((struct server *)user)->in.len != 0;
}

#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3:%VERIFY_ALLOW_SIGN_WITH_SHA1"
#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2:%VERIFY_ALLOW_SIGN_WITH_SHA1"

static gnutls_status_request_ocsp_func server_status;       /* gives the OCSP answer to staple; NULL: none */
static gnutls_certificate_retrieve_function2 *server_chain; /* gives a chain in place of the usual one; NULL: none */

static inline void server_init(struct server *server, const char *priority, const struct cert *chain, unsigned count)
{
    gnutls_x509_crt_t crts[4];
    assert_in_range(count, 1, sizeof crts / sizeof *crts);
    server->in.len = server->out.len = 0;
    server->done = server->error = 0;
    for (unsigned i = 0; i < count; i++)
        crts[i] = chain[i].crt;
    assert_int_equal(gnutls_certificate_allocate_credentials(&server->credentials), 0);
    assert_true(gnutls_certificate_set_x509_key(server->credentials, crts, (int)count, chain[0].key) >= 0);
    if (server_chain)
        gnutls_certificate_set_retrieve_function2(server->credentials, server_chain);
    if (server_status)
        gnutls_certificate_set_ocsp_status_request_function(server->credentials, server_status, NULL);
    assert_int_equal(gnutls_init(&server->session, GNUTLS_SERVER | GNUTLS_NONBLOCK), 0);
    gnutls_session_set_keylog_function(server->session, NULL);
    gnutls_transport_set_ptr(server->session, server);
    gnutls_transport_set_push_function(server->session, server_push);
    gnutls_transport_set_pull_function(server->session, server_pull);
    gnutls_transport_set_pull_timeout_function(server->session, server_pull_timeout);
    assert_int_equal(gnutls_credentials_set(server->session, GNUTLS_CRD_CERTIFICATE, server->credentials), 0);
    assert_int_equal(gnutls_priority_set_direct(server->session, priority, NULL), 0);
}

static inline void server_free(struct server *server)
{
    gnutls_deinit(server->session);
    gnutls_certificate_free_credentials(server->credentials);
}

/* Let the server work on what has come. */
static inline void server_run(struct server *server)
{
    if (server->done || server->error)
        return;
    int code = gnutls_handshake(server->session);
    server->done = code == 0;
    if (code >= 0 || !gnutls_error_is_fatal(code))
        return;
    server->error = code;
    if (code != GNUTLS_E_FATAL_ALERT_RECEIVED)
        gnutls_alert_send_appropriate(server->session, code);
}

/* Move at most `most` bytes from the client to the server or back; how many went. */
static inline size_t to_server(struct envoi__buf *from, struct server *server, size_t most)
{
    size_t room = sizeof server->in.data - server->in.len;
    size_t some = from->len < most ? from->len : most;
    some = some < room ? some : room;
    if (some)
        memcpy(server->in.data + server->in.len, envoi__buf_bytes(from), some);
    server->in.len += some;
    envoi__buf_take(from, some);
    return some;
}

static inline size_t to_client(struct server *server, struct envoi__buf *to, size_t most)
{
    struct pipe *out = &server->out;
    size_t room = envoi__buf_room(to);
    size_t some = out->len < most ? out->len : most;
    some = some < room ? some : room;
    if (!some || envoi__buf_add(to, out->data, some))
        return 0;
    out->len -= some;
    memmove(out->data, out->data + some, out->len);
    return some;
}

#endif
