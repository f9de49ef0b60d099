/* SPDX-License-Identifier: MIT */
/* What stands around the filter: channel bindings, the trust store that sessions share, memory and secrets.
 */
#include "test.h"

#include "tls/internal.h"
#include "tls_pair.h"
#include "tsv.h"
#include <unistd.h>

static const char *vectors;

/* ---- channel binding ---- */

static void assert_binding(const char *type, gnutls_channel_binding_t kind, size_t size)
{
    uint8_t ours[128];
    size_t len = sizeof ours;
    gnutls_datum_t theirs;
    assert_int_equal(envoi__tls_channel_binding(pair.client, type, ours, &len), 0);
    assert_int_equal(gnutls_session_channel_binding(pair.server.session, kind, &theirs), 0);
    assert_int_equal(len, theirs.size);
    assert_int_equal(len, size);
    assert_memory_equal(ours, theirs.data, len);
    gnutls_free(theirs.data);
    len = size - 1;
    assert_int_equal(envoi__tls_channel_binding(pair.client, type, ours, &len), ENVOI_ERR_UNSUPPORTED);
}

static void assert_no_binding(const char *type)
{
    uint8_t data[128] = {0};
    size_t len = sizeof data;
    assert_int_equal(envoi__tls_channel_binding(pair.client, type, data, &len), ENVOI_ERR_UNSUPPORTED);
    assert_int_equal(len, sizeof data);
    assert_int_equal(data[0], 0);
}

static void test_channel_bindings_are_equal_at_both_ends(void **state)
{
    (void)state;
    pair_open(&pair, TLS_1_3);
    assert_binding("tls-exporter", GNUTLS_CB_TLS_EXPORTER, 32);
    assert_binding("tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT, 32);
    assert_no_binding("tls-unique");
    assert_no_binding("tls-nonsense");
    pair_free(&pair);
    pair_open(&pair, TLS_1_2);
    assert_binding("tls-exporter", GNUTLS_CB_TLS_EXPORTER, 32);
    assert_binding("tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT, 32);
    assert_binding("tls-unique", GNUTLS_CB_TLS_UNIQUE, 12);
    pair_free(&pair);
}

static void test_no_unique_binding_without_extended_master_secret(void **state)
{
    (void)state;
    pair_open(&pair, TLS_1_2 ":%NO_SESSION_HASH");
    assert_no_binding("tls-unique");
    assert_no_binding("tls-exporter");
    assert_binding("tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT, 32);
    pair_free(&pair);
}

static void test_end_point_follows_the_signature_of_the_certificate(void **state)
{
    (void)state;
    static const struct {
        struct cert_spec root;
        gnutls_digest_algorithm_t digest;
        unsigned flags;
        size_t size;
    } cases[] = {
        {{.cn = "root", .ca = 1}, GNUTLS_DIG_SHA384, 0, 48},
        {{.cn = "root", .ca = 1}, GNUTLS_DIG_SHA512, 0, 64},
        {{.cn = "root", .ca = 1, .key = KEY_RSA}, GNUTLS_DIG_SHA256, 0, 32},
        {{.cn = "root", .ca = 1, .key = KEY_RSA}, GNUTLS_DIG_SHA384, GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS, 48},
        {{.cn = "root", .ca = 1, .key = KEY_ED25519, .digest = GNUTLS_DIG_SHA512}, GNUTLS_DIG_SHA512, 0, 0},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct cert issuer = make_cert(&cases[i].root, NULL);
        struct cert_spec leaf = {.san = {{NAME_DNS, DOMAIN, 0}}, .digest = cases[i].digest};
        leaf.sign_flags = cases[i].flags;
        struct cert cert = make_cert(&leaf, &issuer);
        struct envoi_trust *own;
        assert_int_equal(envoi_trust_new(&own), 0);
        trust_cert(own, &issuer);
        const struct envoi__tls_params params = {.domain = DOMAIN, .trust = own};
        assert_int_equal(pair_try(&pair, &params, TLS_1_3, &cert, 1), 0);
        assert_int_equal(pair_shake(&pair), 1);
        if (cases[i].size)
            assert_binding("tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT, cases[i].size);
        else
            assert_no_binding("tls-server-end-point");
        pair_free(&pair);
        envoi_trust_free(own);
        free_cert(&cert);
        free_cert(&issuer);
    }
}

static void test_end_point_hash_vectors(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "tls-endpoint.tsv");
    while (tsv_next(row)) {
        const char *hash = envoi__tls_end_point_hash(tsv_get(row, "signature_oid"));
        const char *wanted = tsv_get(row, "hash");
        if (!envoi__eq(hash ? hash : "undefined", wanted))
            fail_msg("%s: %s instead of %s", tsv_get(row, "id"), hash ? hash : "undefined", wanted);
        rows++;
    }
    tsv_close(row);
    assert_int_equal(rows, 11);
}

/* ---- many ---- */

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
static size_t memory_in_use(void)
{
    return mallinfo2().uordblks; /* 0 under a sanitizer */
}
#else
static size_t memory_in_use(void)
{
    return 0;
}
#endif

static void test_hundred_idle_sessions_share_one_store(void **state)
{
    (void)state;
    enum { SESSIONS = 100, MOST = 20 * 1024 };
    static struct pair many[SESSIONS];
    for (size_t v = 0; v < ENVOI__COUNT(versions); v++) {
        pair_open(&pair, versions[v]); /* what GnuTLS makes once */
        pair_free(&pair);
        size_t before = memory_in_use();
        for (size_t i = 0; i < SESSIONS; i++) {
            pair_open(&many[i], versions[v]);
            server_free(&many[i].server);
            envoi__buf_free(&many[i].in);
            envoi__buf_free(&many[i].out);
        }
        size_t each = (memory_in_use() - before) / SESSIONS;
        print_message("# %zu bytes for an idle session of %s\n", each, version_names[v]);
        assert_in_range(each, 0, MOST);
        for (size_t i = 0; i < SESSIONS; i++)
            envoi__tls_free(many[i].client);
    }
}

static int session_under_pressure(void *user)
{
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .accepted = user};
    int error = pair_try(&pair, &params, TLS_1_3, &good, 1);
    if (!error) {
        int result = pair_shake(&pair);
        error = result == 1 ? 0 : result ? result : ENVOI_ERR_NOMEM; /* 0: the test's own copying failed */
    }
    if (!error)
        error = envoi__tls_write(pair.client, (const uint8_t *)"x", 1);
    if (!error) {
        server_says(&pair, "y");
        int result = client_reads(&pair, &plain);
        error = result == 1 ? 0 : result ? result : ENVOI_ERR_NOMEM;
    }
    if (!error)
        error = envoi__tls_close(pair.client);
    assert_true(error == 0 || error == ENVOI_ERR_NOMEM);
    envoi__buf_free(&plain);
    pair_free(&pair);
    return error;
}

static int trust_under_pressure(void *user)
{
    gnutls_datum_t *pem = user;
    struct envoi_trust *own;
    int error = envoi_trust_new(&own);
    if (error)
        return error;
    error = envoi_trust_add_pem(own, pem->data, pem->size);
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = own, .priority = "SECURE128"};
    if (!error)
        error = pair_try(&pair, &params, TLS_1_3, &good, 1);
    if (!error)
        error = pair_shake(&pair) == 1 ? 0 : ENVOI_ERR_NOMEM;
    if (pair.server.session)
        pair_free(&pair);
    pair.server.session = NULL;
    envoi_trust_free(own);
    return error;
}

static void test_failing_allocations(void **state)
{
    (void)state;
    gnutls_datum_t pem = cert_pem(&root);
    uint8_t digest[32];
    cert_sha256(&good, digest);
    with_failing_allocations(session_under_pressure, NULL);
    with_failing_allocations(session_under_pressure, digest);
    pair.server.session = NULL;
    with_failing_allocations(trust_under_pressure, &pem);
    gnutls_free(pem.data);
}

/* ---- the trust store ---- */

static void test_trust_takes_certificates_only(void **state)
{
    (void)state;
    struct envoi_trust *own;
    static const char damaged[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    assert_int_equal(envoi_trust_new(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_trust_new(&own), 0);
    assert_int_equal(envoi_trust_add_pem(own, "nothing", 7), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_pem(own, "", 0), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_pem(own, damaged, sizeof damaged - 1), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_pem(own, NULL, 7), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_trust_add_pem(NULL, "x", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_trust_add_file(own, "/nonexistent/ca.pem"), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_file(own, "/"), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_file(own, "pkcs11:token=x"), ENVOI_ERR_TRUST_STORE);
    assert_int_equal(envoi_trust_add_file(own, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_trust_add_file(NULL, "x"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_trust_add_system(NULL), ENVOI_ERR_ARGUMENT);
    envoi_trust_free(own);
    envoi_trust_free(NULL);
}

static void test_trust_reads_files(void **state)
{
    (void)state;
    char path[] = "/tmp/envoi-test-ca-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    gnutls_datum_t pem = cert_pem(&root);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
    assert_int_equal(fclose(file), 0);
    gnutls_free(pem.data);
    struct envoi_trust *own;
    assert_int_equal(envoi_trust_new(&own), 0);
    assert_int_equal(envoi_trust_add_file(own, path), 0);
    assert_int_equal(envoi_trust_add_file(own, path), 0); /* once more does no harm */
    assert_int_equal(remove(path), 0);
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = own};
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), 0);
    assert_int_equal(pair_shake(&pair), 1);
    envoi_trust_free(own); /* the session holds its own reference */
    server_says(&pair, "here");
    assert_client_reads(&pair, "here");
    pair_free(&pair);
}

static void test_trust_in_use_does_not_change(void **state)
{
    (void)state;
    struct envoi_trust *own;
    gnutls_datum_t pem = cert_pem(&root);
    assert_int_equal(envoi_trust_new(&own), 0);
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = own};
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1),
                     ENVOI_ERR_TRUST_STORE); /* nothing is in it */
    pair_free(&pair);
    assert_int_equal(envoi_trust_add_pem(own, pem.data, pem.size), 0);
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), 0);
    assert_int_equal(envoi_trust_add_pem(own, pem.data, pem.size), ENVOI_ERR_STATE);
    assert_int_equal(envoi_trust_add_system(own), ENVOI_ERR_STATE);
    assert_int_equal(pair_shake(&pair), 1);
    pair_free(&pair);
    assert_int_equal(envoi_trust_add_pem(own, pem.data, pem.size), ENVOI_ERR_STATE);
    envoi_trust_free(own);
    gnutls_free(pem.data);
}

static void test_system_store_loads_at_first_use(void **state)
{
    (void)state;
    struct envoi_trust *lazy;
    struct envoi_trust *eager;
    uint8_t digest[32];
    cert_sha256(&good, digest);
    assert_int_equal(envoi__trust_new_system(&lazy), 0);
    assert_int_equal(envoi_trust_new(&eager), 0);
    int there = envoi_trust_add_system(eager);
    assert_true(there == 0 || there == ENVOI_ERR_TRUST_STORE);
    struct envoi__tls_params params = {.domain = DOMAIN, .trust = lazy};
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), there);
    if (!there)
        assert_int_equal(pair_shake(&pair), ENVOI_ERR_CERT_UNTRUSTED);
    pair_free(&pair);
    params.accepted = digest;
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), 0);
    assert_int_equal(pair_shake(&pair), 1);
    pair_free(&pair);
    envoi_trust_free(lazy);
    envoi_trust_free(eager);
}

/* ---- secrets ---- */

static char key_log[64];

static int exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

static int log_as_gnutls_does(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    (void)session;
    (void)label;
    (void)secret;
    return 0;
}

static void test_keys_are_never_logged(void **state)
{
    (void)state;
    gnutls_session_t plain;
    assert_int_equal(gnutls_init(&plain, GNUTLS_CLIENT), 0);
    gnutls_keylog_func usual = gnutls_session_get_keylog_function(plain);
    gnutls_deinit(plain);
    assert_non_null(usual);
    assert_string_equal(getenv("SSLKEYLOGFILE"), key_log);
    pair_open(&pair, TLS_1_3);
    pair_free(&pair);
    pair_open(&pair, TLS_1_2);
    pair_free(&pair);
    assert_false(exists(key_log));
    pair_init(&pair, TLS_1_3); /* a session that does log, so that the check above is worth something */
    gnutls_session_set_keylog_function(pair.server.session, usual ? usual : log_as_gnutls_does);
    assert_int_equal(pair_shake(&pair), 1);
    pair_free(&pair);
    assert_true(exists(key_log));
    assert_int_equal(remove(key_log), 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_bindings_are_equal_at_both_ends),
        cmocka_unit_test(test_no_unique_binding_without_extended_master_secret),
        cmocka_unit_test(test_end_point_follows_the_signature_of_the_certificate),
        cmocka_unit_test(test_end_point_hash_vectors),
        cmocka_unit_test(test_hundred_idle_sessions_share_one_store),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_trust_takes_certificates_only),
        cmocka_unit_test(test_trust_reads_files),
        cmocka_unit_test(test_trust_in_use_does_not_change),
        cmocka_unit_test(test_system_store_loads_at_first_use),
        cmocka_unit_test(test_keys_are_never_logged),
    };
    vectors = argc > 1 ? argv[1] : "tests/vectors";
    snprintf(key_log, sizeof key_log, "/tmp/envoi-test-keys-%ld", (long)getpid());
    setenv("SSLKEYLOGFILE", key_log, 1);
    return cmocka_run_group_tests(tests, pair_set_up, pair_tear_down);
}
