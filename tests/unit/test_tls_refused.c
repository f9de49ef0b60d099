/* SPDX-License-Identifier: MIT */
/* Whatever GnuTLS refuses, for lack of memory or by the system's policy, ends the session before a byte is trusted.
 */
#include "foreign.h"

#include "base/mem.h"
#include "tls/internal.h"
#include "tls/names.h"
#include "tls_pair.h"
#include <unistd.h>

static int refusal; /* what GnuTLS says when a call fails */

/* The server of the test uses some of the functions too; its own calls go through. */
#define OURS(session) ((session) != pair.server.session)

FOREIGN(int, gnutls_priority_set, (gnutls_session_t session, gnutls_priority_t priority), (session, priority),
        refusal)
FOREIGN(int, gnutls_priority_init, (gnutls_priority_t * out, const char *text, const char **at), (out, text, at),
        refusal)
FOREIGN(int, gnutls_server_name_set,
        (gnutls_session_t session, gnutls_server_name_type_t type, const void *name, size_t len),
        (session, type, name, len), refusal)
FOREIGN(int, gnutls_alpn_set_protocols,
        (gnutls_session_t session, const gnutls_datum_t *list, unsigned count, unsigned flags),
        (session, list, count, flags), refusal)
FOREIGN(int, gnutls_prf_rfc5705,
        (gnutls_session_t session, size_t label_len, const char *label, size_t context_len, const char *context,
         size_t len, char *out),
        (session, label_len, label, context_len, context, len, out), refusal)
FOREIGN(int, gnutls_certificate_verify_peers,
        (gnutls_session_t session, gnutls_typed_vdata_st *data, unsigned count, unsigned *status),
        (session, data, count, status), refusal)
FOREIGN(const gnutls_datum_t *, gnutls_certificate_get_peers, (gnutls_session_t session, unsigned *count),
        (session, count), NULL)
FOREIGN(int, gnutls_x509_crt_get_fingerprint,
        (gnutls_x509_crt_t crt, gnutls_digest_algorithm_t digest, void *out, size_t *size), (crt, digest, out, size),
        refusal)
FOREIGN(int, gnutls_x509_crt_get_dn3, (gnutls_x509_crt_t crt, gnutls_datum_t *dn, unsigned flags), (crt, dn, flags),
        refusal)
FOREIGN(int, gnutls_x509_crt_get_issuer_dn3, (gnutls_x509_crt_t crt, gnutls_datum_t *dn, unsigned flags),
        (crt, dn, flags), refusal)
FOREIGN(int, gnutls_x509_crt_init, (gnutls_x509_crt_t * crt), (crt), GNUTLS_E_MEMORY_ERROR)
FOREIGN(int, gnutls_x509_crt_import,
        (gnutls_x509_crt_t crt, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format), (crt, data, format),
        refusal)
FOREIGN(int, gnutls_subject_alt_names_init, (gnutls_subject_alt_names_t * names), (names), GNUTLS_E_MEMORY_ERROR)
FOREIGN(int, gnutls_load_file, (const char *path, gnutls_datum_t *data), (path, data), refusal)
FOREIGN(int, gnutls_certificate_set_x509_trust_mem,
        (gnutls_certificate_credentials_t credentials, const gnutls_datum_t *pem, gnutls_x509_crt_fmt_t format),
        (credentials, pem, format), refusal)
FOREIGN(int, gnutls_x509_crt_get_signature_oid, (gnutls_x509_crt_t crt, char *oid, size_t *size), (crt, oid, size),
        refusal)
FOREIGN(int, gnutls_fingerprint,
        (gnutls_digest_algorithm_t digest, const gnutls_datum_t *data, void *out, size_t *size),
        (digest, data, out, size), refusal)
FOREIGN(int, gnutls_credentials_get, (gnutls_session_t session, gnutls_credentials_type_t type, void **found),
        (session, type, found), refusal)
FOREIGN(int, gnutls_session_channel_binding,
        (gnutls_session_t session, gnutls_channel_binding_t type, gnutls_datum_t *data), (session, type, data),
        refusal)
FOREIGN(int, gnutls_bye, (gnutls_session_t session, gnutls_close_request_t how), (session, how), refusal)
FOREIGN(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes),
        (mutex, attributes), ENOMEM)

FOREIGN(int, gnutls_pubkey_init, (gnutls_pubkey_t * key), (key), refusal)
FOREIGN(int, gnutls_pubkey_import_privkey,
        (gnutls_pubkey_t key, gnutls_privkey_t own, unsigned usage, unsigned flags), (key, own, usage, flags),
        refusal)
FOREIGN(int, gnutls_pubkey_get_key_id, (gnutls_pubkey_t key, unsigned flags, unsigned char *out, size_t *size),
        (key, flags, out, size), refusal)
FOREIGN(int, gnutls_privkey_init, (gnutls_privkey_t * key), (key), refusal)
FOREIGN(int, gnutls_privkey_import_x509_raw,
        (gnutls_privkey_t key, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format, const char *password,
         unsigned flags),
        (key, data, format, password, flags), refusal)
FOREIGN(int, gnutls_pcert_list_import_x509_raw,
        (gnutls_pcert_st * list, unsigned *count, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format,
         unsigned flags),
        (list, count, data, format, flags), refusal)

#define FOREIGN_OURS(type, name, parameters, arguments, ours, failure)                                               \
    type __real_##name parameters;                                                                                   \
    type __wrap_##name parameters;                                                                                   \
    type __wrap_##name parameters                                                                                    \
    {                                                                                                                \
        return !(ours) || foreign_may_go(#name) ? __real_##name arguments : (failure);                               \
    }

static int makes_trust; /* the library is making its credentials, not the server */

FOREIGN_OURS(int, gnutls_init, (gnutls_session_t * session, unsigned flags), (session, flags), flags &GNUTLS_CLIENT,
             refusal)
FOREIGN_OURS(int, gnutls_credentials_set,
             (gnutls_session_t session, gnutls_credentials_type_t type, void *credentials),
             (session, type, credentials), OURS(session), refusal)
FOREIGN_OURS(int, gnutls_certificate_allocate_credentials, (gnutls_certificate_credentials_t * out), (out),
             makes_trust, GNUTLS_E_MEMORY_ERROR)
FOREIGN_OURS(ssize_t, gnutls_record_send, (gnutls_session_t session, const void *data, size_t len),
             (session, data, len), OURS(session), refusal)
FOREIGN_OURS(ssize_t, gnutls_record_recv, (gnutls_session_t session, void *data, size_t len), (session, data, len),
             OURS(session), refusal)
FOREIGN_OURS(int, gnutls_handshake, (gnutls_session_t session), (session), OURS(session), refusal)

static char path[] = "/tmp/envoi-test-ca-XXXXXX";

static int bind_channel(const char *type, size_t wanted)
{
    uint8_t data[64];
    size_t len = sizeof data;
    int error = envoi__tls_channel_binding(pair.client, type, data, &len);
    if (!error)
        assert_int_equal(len, wanted);
    return error;
}

static int talk(void)
{
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    int error = bind_channel("tls-server-end-point", 32);
    if (!error)
        error = bind_channel("tls-exporter", 32);
    if (!error)
        error = bind_channel("tls-unique", 12);
    if (!error)
        error = envoi__tls_write(pair.client, (const uint8_t *)"x", 1);
    if (!error) {
        server_says(&pair, "y");
        int result = client_reads(&pair, &plain);
        error = result == 1 ? 0 : result ? result : ENVOI_ERR_AGAIN;
    }
    if (!error)
        error = envoi__tls_close(pair.client);
    envoi__buf_free(&plain);
    return error;
}

/* A session from a trust store of its own to its end. */
static int live(void *user)
{
    struct envoi_trust *own = NULL;
    makes_trust = 1;
    int error = envoi_trust_new(&own);
    makes_trust = 0;
    if (error)
        return error;
    error = envoi_trust_add_file(own, path);
    pair = (struct pair){0};
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = own, .alpn = "xmpp-client", .accepted = user};
    if (!error) {
        error = pair_try(&pair, &params, TLS_1_2, &good, 1);
        if (!error) {
            int result = pair_shake(&pair);
            error = result == 1 ? 0 : result ? result : ENVOI_ERR_AGAIN;
            if (error) /* no session, so nothing can be said in it */
                assert_true(envoi__tls_write(pair.client, (const uint8_t *)"x", 1) < 0);
        }
        if (!error)
            error = talk();
        pair_free(&pair);
    }
    envoi_trust_free(own);
    return error;
}

static void test_whatever_is_refused_ends_the_session(void **state)
{
    (void)state;
    static const char *const names[] = {"gnutls_certificate_allocate_credentials",
                                        "gnutls_load_file",
                                        "gnutls_certificate_set_x509_trust_mem",
                                        "gnutls_init",
                                        "gnutls_credentials_set",
                                        "gnutls_priority_init",
                                        "gnutls_priority_set",
                                        "gnutls_server_name_set",
                                        "gnutls_alpn_set_protocols",
                                        "gnutls_handshake",
                                        "gnutls_certificate_verify_peers",
                                        "gnutls_certificate_get_peers",
                                        "gnutls_x509_crt_init",
                                        "gnutls_x509_crt_import",
                                        "gnutls_subject_alt_names_init",
                                        "gnutls_fingerprint",
                                        "gnutls_x509_crt_get_signature_oid",
                                        "gnutls_prf_rfc5705",
                                        "gnutls_session_channel_binding",
                                        "gnutls_record_send",
                                        "gnutls_record_recv",
                                        "gnutls_bye",
                                        "pthread_mutex_init"};
    static const int refusals[] = {GNUTLS_E_MEMORY_ERROR, GNUTLS_E_INTERNAL_ERROR, GNUTLS_E_UNWANTED_ALGORITHM};
    for (size_t i = 0; i < ENVOI__COUNT(refusals); i++) {
        refusal = refusals[i];
        with_failing_calls(names, ENVOI__COUNT(names), live, NULL, MUST_SHOW);
    }
}

static int own_pair(void *user)
{
    const gnutls_datum_t *pem = user;
    struct envoi__identity *identity = NULL;
    int error = envoi__identity_new(&identity, pem[0].data, pem[0].size, pem[1].data, pem[1].size);
    assert_int_equal(error == 0, identity != NULL);
    if (error)
        assert_int_equal(error, refusal == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_OWN_CERTIFICATE);
    envoi__identity_free(identity);
    return error;
}

static void test_a_certificate_and_key_that_cannot_be_compared_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"gnutls_pcert_list_import_x509_raw", "gnutls_privkey_init",
                                        "gnutls_privkey_import_x509_raw",    "gnutls_pubkey_init",
                                        "gnutls_pubkey_import_privkey",      "gnutls_pubkey_get_key_id"};
    gnutls_datum_t pem[] = {cert_pem(&good), key_pem(&good)};
    refusal = GNUTLS_E_MEMORY_ERROR;
    with_failing_calls(names, ENVOI__COUNT(names), own_pair, pem, MUST_SHOW);
    refusal = GNUTLS_E_INTERNAL_ERROR;
    with_failing_calls(names, ENVOI__COUNT(names), own_pair, pem, MUST_SHOW);
    gnutls_free(pem[0].data);
    gnutls_free(pem[1].data);
}

/* Calls that were interrupted are made again; a trusted issuer that is not found is not counted. */
static void test_what_does_no_harm_is_passed_over(void **state)
{
    (void)state;
    static const char *const interrupted[] = {"gnutls_handshake", "gnutls_record_send", "gnutls_record_recv"};
    static const char *const issuer[] = {"gnutls_credentials_get"};
    refusal = GNUTLS_E_INTERRUPTED;
    for (size_t i = 0; i < ENVOI__COUNT(interrupted); i++) {
        for (long n = 1; n < 4; n++) {
            foreign_begin(interrupted[i], n);
            assert_int_equal(live(NULL), 0);
        }
    }
    refusal = GNUTLS_E_INVALID_REQUEST;
    foreign_begin(issuer[0], 1);
    assert_int_equal(live(NULL), 0);
    foreign_begin(NULL, 0);
}

/* The certificate that was accepted once is known by its digest; without one it must stand the usual check. */
static void test_an_accepted_certificate_without_digest_is_checked(void **state)
{
    (void)state;
    uint8_t digest[32];
    cert_sha256(&good, digest);
    refusal = GNUTLS_E_INTERNAL_ERROR;
    foreign_begin("gnutls_certificate_verify_peers", 1);
    assert_int_equal(live(digest), 0);
    foreign_begin("gnutls_fingerprint", 1);
    assert_int_equal(live(digest), 0);
    assert_int_equal(foreign_calls("gnutls_certificate_verify_peers"), 1);
    foreign_begin(NULL, 0);
}

/* What a person is told is as good as it can be, and the verdict is the same. */
static void test_verdicts_do_not_need_their_words(void **state)
{
    (void)state;
    static const struct {
        const char *refused, *detail;
        int self_signed;
    } cases[] = {
        {NULL, "the certificate of CN=Self is signed by itself and not trusted here; its SHA-256 is ", 1},
        {"gnutls_x509_crt_get_fingerprint", "the certificate of CN=Self is signed by itself and not trusted here", 1},
        {"gnutls_x509_crt_get_dn3", "the certificate of nobody is signed by itself and not trusted here", 1},
        {NULL, "the certificate of CN=good was issued by CN=Test Root, who is not trusted here", 0},
        {"gnutls_x509_crt_get_dn3", "the certificate of nobody was issued by CN=Test Root, who", 0},
        {"gnutls_x509_crt_get_issuer_dn3", "the certificate of CN=good was issued by nobody, who is", 0},
    };
    static const struct cert_spec self_spec = {.cn = "Self", .san = {{NAME_DNS, DOMAIN, 0}}};
    struct cert self = make_cert(&self_spec, NULL);
    struct envoi_trust *other;
    assert_int_equal(envoi_trust_new(&other), 0);
    trust_cert(other, &steady);
    refusal = GNUTLS_E_INTERNAL_ERROR;
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        const struct envoi__tls_params params = {.domain = DOMAIN, .trust = other};
        int error = cases[i].self_signed ? ENVOI_ERR_CERT_SELF_SIGNED : ENVOI_ERR_CERT_UNTRUSTED;
        assert_int_equal(pair_try(&pair, &params, TLS_1_3, cases[i].self_signed ? &self : &good, 1), 0);
        foreign_begin(cases[i].refused, 1);
        assert_int_equal(pair_shake(&pair), error);
        const char *detail = envoi__tls_detail(pair.client);
        if (strncmp(detail, cases[i].detail, strlen(cases[i].detail)) != 0)
            fail_msg("%s", detail);
        foreign_begin(NULL, 0);
        pair_free(&pair);
    }
    envoi_trust_free(other);
    free_cert(&self);
}

static void test_what_is_too_long_is_refused(void **state)
{
    (void)state;
    const struct envoi__tls_params params = {
        .domain = DOMAIN, .trust = trust, .alpn = "a-protocol-whose-name-is-too-long"};
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), ENVOI_ERR_UNSUPPORTED);
    assert_null(pair.client);
    pair_free(&pair);
    struct envoi_trust *own;
    assert_int_equal(envoi_trust_new(&own), 0);
    assert_int_equal(envoi_trust_add_pem(own, "x", (size_t)INT32_MAX + 1), ENVOI_ERR_ARGUMENT);
    envoi_trust_free(own);
}

static void test_names_are_compared_whole(void **state)
{
    (void)state;
    static const struct {
        int (*matches)(const uint8_t *, size_t, const char *);
        const char *name, *domain;
        int match;
    } rows[] = {
        {envoi__name_is_dns_id, "*.example.com", "im.example.com", 1},
        {envoi__name_is_dns_id, "*.example.com", "a.im.example.com", 0},
        {envoi__name_is_dns_id, "*.com", "example.com", 0},
        {envoi__name_is_dns_id, "*.com", "com", 0},
        {envoi__name_is_dns_id, "*.example.com", ".example.com", 0}, /* no label is not one label */
        {envoi__name_is_dns_id, "*", "a", 0},
        {envoi__name_is_srv_id, "_xmpp-client.example.com", "example.com", 1},
        {envoi__name_is_srv_id, "_xmpp-server.example.com", "example.com", 0},
        {envoi__name_is_srv_id, "_xmpp-client.", "example.com", 0},
        {envoi__name_is_srv_id, "_xmpp", "example.com", 0},
        {envoi__name_is_ip, "\x7f\x01\x01\x01", "127.1.1.1", 1},
        {envoi__name_is_ip, "\x7f\x01\x01\x02", "127.1.1.1", 0},
        {envoi__name_is_ip, "\x7f\x01\x01", "127.1.1.1", 0},
        {envoi__name_is_ip, "\x7f\x01\x01\x01", "example.com", 0},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        const uint8_t *name = (const uint8_t *)rows[i].name;
        if (rows[i].matches(name, strlen(rows[i].name), rows[i].domain) != rows[i].match)
            fail_msg("row %zu: %s", i, rows[i].domain);
    }
}

static int set_up(void **state)
{
    int fd = mkstemp(path);
    if (fd < 0 || pair_set_up(state))
        return -1;
    gnutls_datum_t pem = cert_pem(&root);
    ssize_t written = write(fd, pem.data, pem.size);
    close(fd);
    int whole = written == (ssize_t)pem.size;
    gnutls_free(pem.data);
    return whole ? 0 : -1;
}

static int tear_down(void **state)
{
    return remove(path) || pair_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_is_refused_ends_the_session),
        cmocka_unit_test(test_a_certificate_and_key_that_cannot_be_compared_are_refused),
        cmocka_unit_test(test_what_does_no_harm_is_passed_over),
        cmocka_unit_test(test_an_accepted_certificate_without_digest_is_checked),
        cmocka_unit_test(test_verdicts_do_not_need_their_words),
        cmocka_unit_test(test_what_is_too_long_is_refused),
        cmocka_unit_test(test_names_are_compared_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
