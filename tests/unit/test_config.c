/* SPDX-License-Identifier: MIT */
/* Every setter of a config: what it takes, what it refuses, and that streams share without seeing changes. */
#include "test.h"

#include "base/text.h"
#include "stream/stream.h"
#include "tls/tls.h"
#include "tls_peer.h"
#include <stdio.h>
#include <unistd.h>

#define JID "juliet@im.example.com"

static envoi_config *config;
static struct cert own, other_key; /* a client's certificate; another one, whose key it is not */
static gnutls_datum_t own_pem, own_key, strange_key;

static int make_certificates(void **state)
{
    static const struct cert_spec spec = {.cn = "juliet", .purpose = GNUTLS_KP_TLS_WWW_CLIENT};
    static const struct cert_spec other = {.cn = "other", .ca = 1};
    (void)state;
    own = make_cert(&spec, NULL);
    other_key = make_cert(&other, NULL);
    own_pem = cert_pem(&own);
    own_key = key_pem(&own);
    strange_key = key_pem(&other_key);
    return 0;
}

static int free_certificates(void **state)
{
    (void)state;
    gnutls_free(own_pem.data);
    gnutls_free(own_key.data);
    gnutls_free(strange_key.data);
    free_cert(&own);
    free_cert(&other_key);
    free_keys();
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return envoi_config_new(&config, JID);
}

static int tear_down(void **state)
{
    (void)state;
    envoi_config_free(config);
    return 0;
}

/* What the config holds now; the reference is given back at once, for the config keeps its own. */
static const struct envoi__options *options(void)
{
    struct envoi__options *held = envoi__options_ref(config);
    envoi__options_unref(held);
    return held;
}

/* ---- making one ---- */

static void test_defaults_are_those_of_the_header(void **state)
{
    static const uint64_t limits[] = {0, 256 << 10, 64, 64 << 10, 1 << 20, 256, 10000000, 3, 64, 256 << 10};
    static const uint64_t timeouts[] = {0, 30000, 30000, 30000, 30000, 120000, 60000, 60000, 5000, 0, 300000, 60000};
    (void)state;
    const struct envoi__options *have = options();
    assert_string_equal(envoi_config_jid(config), JID);
    assert_string_equal(envoi_config_domain(config), "im.example.com");
    assert_int_equal(envoi_config_tls(config), ENVOI_TLS_STARTTLS);
    assert_int_equal(ENVOI__COUNT(limits), ENVOI__LIMITS);
    assert_int_equal(ENVOI__COUNT(timeouts), ENVOI__TIMEOUTS);
    for (size_t i = 1; i < ENVOI__LIMITS; i++)
        assert_int_equal(have->limits[i], limits[i]);
    for (size_t i = 1; i < ENVOI__TIMEOUTS; i++)
        assert_int_equal(have->timeouts[i], timeouts[i]);
    assert_string_equal(have->lang, "en");
    assert_int_equal(have->channel_binding, ENVOI_CHANNEL_BINDING_OFFERED);
    assert_false(have->plain_allowed || have->has_accepted || have->iq_namespace_count || have->binding_len);
    assert_true(!have->password && !have->resource && !have->priority && !have->log.fn && !have->log.bodies);
    assert_non_null(have->trust);
}

static void test_the_account_is_prepared_and_its_resource_is_a_wish(void **state)
{
    envoi_config *other = NULL;
    (void)state;
    assert_int_equal(envoi_config_new(&other, "Juliet@B\xc3\xbc"
                                              "cher.example/Balcony"),
                     0);
    assert_string_equal(envoi_config_jid(other), "juliet@b\xc3\xbc"
                                                 "cher.example");
    assert_string_equal(envoi_config_domain(other), "xn--bcher-kva.example");
    struct envoi__options *held = envoi__options_ref(other);
    assert_string_equal(held->resource, "Balcony");
    envoi__options_unref(held);
    envoi_config_free(other);
}

static void test_what_is_no_account_makes_no_config(void **state)
{
    static const struct {
        const char *jid;
        int error;
    } rows[] = {{"", ENVOI_ERR_JID},
                {"im.example.com", ENVOI_ERR_JID},
                {"im.example.com/x", ENVOI_ERR_JID},
                {"@im.example.com", ENVOI_ERR_JID},
                {"a b@im.example.com", ENVOI_ERR_JID},
                {"a@\xff", ENVOI_ERR_UTF8}};
    envoi_config *untouched = config;
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        int error = envoi_config_new(&untouched, rows[i].jid);
        if (error != rows[i].error)
            fail_msg("\"%s\" gave %s", rows[i].jid, envoi_error_name(error));
        assert_ptr_equal(untouched, config);
    }
    assert_int_equal(envoi_config_new(NULL, JID), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_new(&untouched, NULL), ENVOI_ERR_ARGUMENT);
    assert_ptr_equal(untouched, config);
}

static void test_null_is_refused_everywhere(void **state)
{
    envoi_trust *trust = NULL;
    static const unsigned char hash[32];
    (void)state;
    assert_int_equal(envoi_trust_new(&trust), 0);
    assert_int_equal(envoi_config_set_password(NULL, "x"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_password(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_resource(NULL, "x"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_lang(NULL, "en"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_lang(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_tls(NULL, ENVOI_TLS_DIRECT), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_trust(NULL, trust), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_trust(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_accept_certificate(NULL, hash), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_tls_priority(NULL, "NORMAL"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_tls_priority(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding_data(NULL, "tls-exporter", "x", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding_data(config, NULL, "x", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-exporter", NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding(NULL, ENVOI_CHANNEL_BINDING_OFF), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_allow_mechanism(NULL, "PLAIN"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_allow_mechanism(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_accept_iq(NULL, "urn:x"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_accept_iq(config, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_limit(NULL, ENVOI_LIMIT_DEPTH, 64), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_timeout(NULL, ENVOI_TIMEOUT_TLS, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_log(NULL, ENVOI_LOG_DEBUG, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_log_bodies(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_config_jid(NULL));
    assert_null(envoi_config_domain(NULL));
    assert_int_equal(envoi_config_tls(NULL), 0);
    envoi_config_free(NULL);
    envoi_trust_free(trust);
}

/* ---- values ---- */

static void test_passwords_are_texts(void **state)
{
    (void)state;
    assert_int_equal(envoi_config_set_password(config, "r0m30"), 0);
    assert_int_equal(envoi_config_set_password(config, "\xc3\x28"), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_config_set_password(config, "\xed\xa0\x80"), ENVOI_ERR_UTF8);
    assert_string_equal(options()->password, "r0m30");
    assert_int_equal(envoi_config_set_password(config, ""), 0);
    assert_string_equal(options()->password, "");
}

static void test_a_resource_is_prepared_or_left_to_the_server(void **state)
{
    static char longest[1025];
    (void)state;
    assert_int_equal(envoi_config_set_resource(config, "Ba\xcc\x88lkon"), 0);
    assert_string_equal(options()->resource, "B\xc3\xa4lkon"); /* NFC, as RFC 7622 3.4 wants */
    assert_int_equal(envoi_config_set_resource(config, "a\x07"), ENVOI_ERR_JID);
    assert_int_equal(envoi_config_set_resource(config, "\xff"), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_config_set_resource(config, ""), ENVOI_ERR_JID);
    assert_string_equal(options()->resource, "B\xc3\xa4lkon");
    memset(longest, 'x', 1024);
    assert_int_equal(envoi_config_set_resource(config, longest), ENVOI_ERR_JID);
    longest[1023] = '\0';
    assert_int_equal(envoi_config_set_resource(config, longest), 0);
    assert_int_equal(envoi_config_set_resource(config, NULL), 0);
    assert_null(options()->resource);
}

static void test_a_language_is_a_tag(void **state)
{
    static const char *const good[] = {"de", "zh-Hant-TW", "x-12345678", "sl-rozaj-biske-1994"};
    static const char *const bad[] = {"",          "-",     "de-",         "-de",       "de--at", "de_AT",
                                      "abcdefghi", "de at", "en'><evil/>", "d\xc3\xa9", "en\n"};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(good); i++) {
        assert_int_equal(envoi_config_set_lang(config, good[i]), 0);
        assert_string_equal(options()->lang, good[i]);
    }
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_int_equal(envoi_config_set_lang(config, bad[i]), ENVOI_ERR_ARGUMENT);
    assert_string_equal(options()->lang, "sl-rozaj-biske-1994");
}

static void test_modes_are_in_their_ranges(void **state)
{
    (void)state;
    for (int mode = ENVOI_TLS_STARTTLS; mode <= ENVOI_TLS_LOCAL; mode++) {
        assert_int_equal(envoi_config_set_tls(config, mode), 0);
        assert_int_equal(envoi_config_tls(config), mode);
    }
    assert_int_equal(envoi_config_set_tls(config, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_tls(config, 5), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_tls(config), ENVOI_TLS_LOCAL);
    for (int mode = ENVOI_CHANNEL_BINDING_OFFERED; mode <= ENVOI_CHANNEL_BINDING_OFF; mode++) {
        assert_int_equal(envoi_config_set_channel_binding(config, mode), 0);
        assert_int_equal(options()->channel_binding, mode);
    }
    assert_int_equal(envoi_config_set_channel_binding(config, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding(config, 4), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_log(config, 0, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_log(config, 4, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_log(config, ENVOI_LOG_ERROR, NULL, NULL), 0);
    assert_int_equal(envoi_config_log_bodies(config, 7), 0);
    assert_int_equal(options()->log.bodies, 1);
}

static void test_one_certificate_can_be_accepted_and_taken_back(void **state)
{
    unsigned char hash[32];
    (void)state;
    memset(hash, 0xA5, sizeof hash);
    assert_int_equal(envoi_config_accept_certificate(config, hash), 0);
    memset(hash, 0, sizeof hash);
    assert_true(options()->has_accepted);
    assert_int_equal(options()->accepted[31], 0xA5);
    assert_int_equal(envoi_config_accept_certificate(config, NULL), 0);
    assert_false(options()->has_accepted);
}

static void test_priority_strings_are_tried(void **state)
{
    (void)state;
    assert_int_equal(envoi_config_set_tls_priority(config, "SECURE256"), 0);
    assert_int_equal(envoi_config_set_tls_priority(config, "NONSENSE:+NOTHING"), ENVOI_ERR_ARGUMENT);
    assert_string_equal(options()->priority, "SECURE256");
}

static void test_channel_binding_data_is_copied(void **state)
{
    uint8_t data[ENVOI__CB_MAX + 1];
    (void)state;
    memset(data, 7, sizeof data);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-exporter", data, ENVOI__CB_MAX), 0);
    data[0] = 0;
    assert_string_equal(options()->binding_type, "tls-exporter");
    assert_int_equal(options()->binding_len, ENVOI__CB_MAX);
    assert_int_equal(options()->binding[0], 7);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-exporter", data, ENVOI__CB_MAX + 1),
                     ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-exporter", data, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-else", data, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(options()->binding_len, ENVOI__CB_MAX);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-unique", data, 12), 0);
    assert_int_equal(envoi_config_set_channel_binding_data(config, "tls-server-end-point", data, 32), 0);
    assert_string_equal(options()->binding_type, "tls-server-end-point");
}

static void test_plain_and_external_can_be_allowed(void **state)
{
    static const char *const others[] = {"",         "plain", "PLAIN ",   "DIGEST-MD5", "SCRAM-SHA-1",
                                         "external", "LOGIN", "ANONYMOUS"};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(others); i++)
        assert_int_equal(envoi_config_allow_mechanism(config, others[i]), ENVOI_ERR_UNSUPPORTED);
    assert_false(options()->plain_allowed);
    assert_int_equal(envoi_config_allow_mechanism(config, "PLAIN"), 0);
    assert_true(options()->plain_allowed);
    assert_false(options()->external_allowed);
    assert_int_equal(envoi_config_allow_mechanism(config, "EXTERNAL"), 0);
    assert_true(options()->plain_allowed && options()->external_allowed);
}

/* RFC 6120 6.3.8: a bare JID. */
static void test_an_authorization_identity_is_a_bare_jid(void **state)
{
    static const struct {
        const char *jid;
        int error;
    } bad[] = {{"im.example.com", ENVOI_ERR_JID},
               {"romeo@im.example.com/orchard", ENVOI_ERR_JID},
               {"", ENVOI_ERR_JID},
               {"a b@im.example.com", ENVOI_ERR_JID},
               {"\xff@im.example.com", ENVOI_ERR_UTF8}};
    (void)state;
    assert_int_equal(envoi_config_set_authzid(NULL, "romeo@im.example.com"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_authzid(config, "Romeo@IM.example.com"), 0);
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        assert_int_equal(envoi_config_set_authzid(config, bad[i].jid), bad[i].error);
        assert_string_equal(envoi_jid_full(options()->authzid), "romeo@im.example.com");
    }
    assert_int_equal(envoi_config_set_authzid(config, NULL), 0);
    assert_null(options()->authzid);
}

static int set_pair(const gnutls_datum_t *certificate, const gnutls_datum_t *key)
{
    return envoi_config_set_certificate(config, certificate->data, certificate->size, key->data, key->size);
}

static void test_a_certificate_comes_with_its_own_key(void **state)
{
    unsigned char no_pem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const gnutls_datum_t garbage = {no_pem, sizeof no_pem - 1};
    (void)state;
    assert_int_equal(set_pair(&own_pem, &own_key), 0);
    const struct envoi__identity *kept = options()->identity;
    assert_non_null(kept);
    assert_int_equal(set_pair(&own_pem, &strange_key), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(set_pair(&own_pem, &own_pem), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(set_pair(&own_key, &own_key), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(set_pair(&garbage, &own_key), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(set_pair(&own_pem, &garbage), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(envoi_config_set_certificate(config, own_pem.data, 0, own_key.data, 0),
                     ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(envoi_config_set_certificate(config, own_pem.data, SIZE_MAX, own_key.data, own_key.size),
                     ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(envoi_config_set_certificate(config, own_pem.data, own_pem.size, own_key.data, SIZE_MAX),
                     ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(envoi_config_set_certificate(config, own_pem.data, own_pem.size, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_certificate(NULL, NULL, 0, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_ptr_equal(options()->identity, kept);
    assert_int_equal(envoi_config_set_certificate(config, NULL, 0, NULL, 0), 0);
    assert_null(options()->identity);
}

static void test_a_certificate_can_stand_in_one_file_with_its_key(void **state)
{
    char path[] = "/tmp/envoi-test-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, own_pem.data, own_pem.size), own_pem.size);
    assert_int_equal(write(fd, own_key.data, own_key.size), own_key.size);
    assert_int_equal(close(fd), 0);
    assert_int_equal(envoi_config_set_certificate_files(config, path, path), 0);
    assert_non_null(options()->identity);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(envoi_config_set_certificate_files(config, path, path), ENVOI_ERR_OWN_CERTIFICATE);
    assert_int_equal(envoi_config_set_certificate_files(config, path, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_certificate_files(NULL, path, path), ENVOI_ERR_ARGUMENT);
    assert_non_null(options()->identity);
    assert_int_equal(envoi_config_set_certificate_files(config, NULL, NULL), 0);
    assert_null(options()->identity);
}

static int trust_file(void *path)
{
    return envoi_config_set_trust_file(config, path);
}

static void test_a_trust_file_survives_every_failed_allocation(void **state)
{
    char path[] = "/tmp/envoi-test-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, own_pem.data, own_pem.size), own_pem.size);
    assert_int_equal(close(fd), 0);
    with_failing_allocations(trust_file, path);
    assert_int_equal(unlink(path), 0);
    assert_non_null(options()->trust);
}

static void test_namespaces_of_requests_are_kept(void **state)
{
    char ns[32];
    (void)state;
    assert_int_equal(envoi_config_accept_iq(config, ""), ENVOI_ERR_ARGUMENT);
    for (int i = 0; i < 100; i++) {
        snprintf(ns, sizeof ns, "urn:%d", i);
        assert_int_equal(envoi_config_accept_iq(config, ns), 0);
    }
    assert_int_equal(options()->iq_namespace_count, 100);
    assert_string_equal(options()->iq_namespaces[57], "urn:57");
}

struct range {
    int what;
    uint64_t least, most;
};

static void assert_range(const struct range *row, int (*set)(envoi_config *, int, uint64_t))
{
    assert_int_equal(set(config, row->what, row->least), 0);
    assert_int_equal(set(config, row->what, row->most), 0);
    assert_int_equal(set(config, row->what, row->most + 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(set(config, row->what, UINT64_MAX), ENVOI_ERR_ARGUMENT);
    if (row->least)
        assert_int_equal(set(config, row->what, row->least - 1), ENVOI_ERR_ARGUMENT);
}

static void test_limits_are_in_their_ranges(void **state)
{
    static const struct range rows[] = {{ENVOI_LIMIT_STANZA_BYTES, 10000, 16 << 20},
                                        {ENVOI_LIMIT_DEPTH, 8, 256},
                                        {ENVOI_LIMIT_INPUT_BYTES, 4 << 10, 16 << 20},
                                        {ENVOI_LIMIT_OUTPUT_BYTES, 16 << 10, 256 << 20},
                                        {ENVOI_LIMIT_REQUESTS, 1, 65536},
                                        {ENVOI_LIMIT_ITERATIONS, 4096, 100000000},
                                        {ENVOI_LIMIT_PASSWORDS, 1, 5},
                                        {ENVOI_LIMIT_ATTRIBUTES, 16, 1024},
                                        {ENVOI_LIMIT_LOGIN_BYTES, 10000, 16 << 20}};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        assert_range(&rows[i], envoi_config_set_limit);
        assert_int_equal(options()->limits[rows[i].what], rows[i].most);
    }
    static const int unknown[] = {0, -1, 10, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < ENVOI__COUNT(unknown); i++)
        assert_int_equal(envoi_config_set_limit(config, unknown[i], 10000), ENVOI_ERR_ARGUMENT);
}

static void test_timeouts_are_in_their_ranges(void **state)
{
    enum { DAY = 24 * 60 * 60 * 1000 };
    static const struct range rows[] = {
        {ENVOI_TIMEOUT_STREAM, 0, DAY},  {ENVOI_TIMEOUT_TLS, 0, DAY},   {ENVOI_TIMEOUT_AUTH, 0, DAY},
        {ENVOI_TIMEOUT_BIND, 0, DAY},    {ENVOI_TIMEOUT_LOGIN, 0, DAY}, {ENVOI_TIMEOUT_STANZA, 0, DAY},
        {ENVOI_TIMEOUT_REQUEST, 1, DAY}, {ENVOI_TIMEOUT_CLOSE, 1, DAY}, {ENVOI_TIMEOUT_KEEPALIVE, 0, DAY},
        {ENVOI_TIMEOUT_IDLE, 0, DAY},    {ENVOI_TIMEOUT_PING, 1, DAY}};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        assert_range(&rows[i], envoi_config_set_timeout);
        assert_int_equal(options()->timeouts[rows[i].what], rows[i].most);
    }
    static const int unknown[] = {0, -1, 12, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < ENVOI__COUNT(unknown); i++)
        assert_int_equal(envoi_config_set_timeout(config, unknown[i], 10000), ENVOI_ERR_ARGUMENT);
}

/* ---- sharing ---- */

static void ignore_line(void *user, int level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

/* Every setter once, each with a value that is not the default. */
static int set_everything(envoi_config *to, envoi_trust *trust)
{
    static const unsigned char hash[32] = {1};
    int error = envoi_config_set_password(to, "other");
    error = error ? error : envoi_config_set_resource(to, "other");
    error = error ? error : envoi_config_set_lang(to, "de");
    error = error ? error : envoi_config_set_tls(to, ENVOI_TLS_LOCAL);
    error = error ? error : envoi_config_set_trust(to, trust);
    error = error ? error : envoi_config_accept_certificate(to, hash);
    error = error ? error : envoi_config_set_tls_priority(to, "SECURE128");
    error = error ? error : envoi_config_set_channel_binding_data(to, "tls-unique", "123456789012", 12);
    error = error ? error : envoi_config_set_channel_binding(to, ENVOI_CHANNEL_BINDING_OFF);
    error = error ? error : envoi_config_allow_mechanism(to, "PLAIN");
    error = error ? error : envoi_config_allow_mechanism(to, "EXTERNAL");
    error = error ? error : envoi_config_set_authzid(to, "nurse@im.example.com");
    error = error ? error : envoi_config_set_certificate(to, own_pem.data, own_pem.size, own_key.data, own_key.size);
    error = error ? error : envoi_config_accept_iq(to, "urn:other");
    error = error ? error : envoi_config_set_limit(to, ENVOI_LIMIT_DEPTH, 9);
    error = error ? error : envoi_config_set_timeout(to, ENVOI_TIMEOUT_BIND, 9);
    error = error ? error : envoi_config_set_log(to, ENVOI_LOG_DEBUG, ignore_line, NULL);
    return error ? error : envoi_config_log_bodies(to, 1);
}

static void test_a_stream_never_sees_a_change(void **state)
{
    envoi_stream *stream = NULL;
    envoi_trust *trust = NULL;
    (void)state;
    assert_int_equal(envoi_config_set_password(config, "r0m30"), 0);
    assert_int_equal(envoi_config_accept_iq(config, "urn:mine"), 0);
    assert_int_equal(envoi_trust_new(&trust), 0);
    assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
    const struct envoi__options *seen = stream->options;
    struct envoi__options before = *seen;
    assert_ptr_equal(seen, options()); /* shared as long as nobody writes */
    assert_int_equal(set_everything(config, trust), 0);
    assert_ptr_not_equal(seen, options());
    before.references = seen->references;
    assert_memory_equal(seen, &before, sizeof before);
    assert_string_equal(seen->password, "r0m30");
    assert_string_equal(seen->lang, "en");
    assert_string_equal(seen->iq_namespaces[0], "urn:mine");
    const struct envoi__options *now = options();
    assert_string_equal(now->password, "other");
    assert_int_equal(now->iq_namespace_count, 2);
    assert_string_equal(now->iq_namespaces[0], "urn:mine");
    assert_string_equal(now->iq_namespaces[1], "urn:other");
    assert_ptr_equal(now->trust, trust);
    envoi_stream_free(stream);
    envoi_trust_free(trust);
}

static void test_each_setter_alone_leaves_a_stream_as_it_was(void **state)
{
    envoi_stream *stream = NULL;
    (void)state;
    for (int i = 0; i < 14; i++) {
        assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
        const struct envoi__options *seen = stream->options;
        assert_ptr_equal(seen, options());
        struct envoi__options before = *seen;
        int error = i == 0    ? envoi_config_set_password(config, "x")
                    : i == 1  ? envoi_config_set_resource(config, "x")
                    : i == 2  ? envoi_config_set_lang(config, "fr")
                    : i == 3  ? envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL)
                    : i == 4  ? envoi_config_accept_certificate(config, (const unsigned char *)&before)
                    : i == 5  ? envoi_config_set_tls_priority(config, "NORMAL")
                    : i == 6  ? envoi_config_set_channel_binding(config, ENVOI_CHANNEL_BINDING_REQUIRED)
                    : i == 7  ? envoi_config_allow_mechanism(config, "PLAIN")
                    : i == 8  ? envoi_config_accept_iq(config, "urn:x")
                    : i == 9  ? envoi_config_set_limit(config, ENVOI_LIMIT_PASSWORDS, 5)
                    : i == 11 ? envoi_config_set_authzid(config, "nurse@im.example.com")
                    : i == 12 ? set_pair(&own_pem, &own_key)
                    : i == 10 ? envoi_config_set_timeout(config, ENVOI_TIMEOUT_CLOSE, 1)
                              : envoi_config_log_bodies(config, 1);
        assert_int_equal(error, 0);
        before.references = seen->references;
        assert_memory_equal(seen, &before, sizeof before);
        assert_ptr_not_equal(seen, options());
        envoi_stream_free(stream);
    }
}

static void test_a_stream_outlives_its_config(void **state)
{
    envoi_config *other = NULL;
    envoi_stream *streams[3];
    size_t len;
    (void)state;
    assert_int_equal(envoi_config_new(&other, "romeo@example.net"), 0);
    assert_int_equal(envoi_config_set_tls(other, ENVOI_TLS_LOCAL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(envoi_stream_new(&streams[i], other, 0), 0);
    envoi_config_free(other);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(envoi_stream_jid(streams[i]), "romeo@example.net");
        assert_non_null(envoi_stream_output(streams[i], &len));
        envoi_stream_free(streams[i]);
    }
}

static int body_of_setters(void *user)
{
    envoi_config *made = NULL;
    envoi_stream *stream = NULL;
    envoi_trust *trust = NULL;
    (void)user;
    int error = envoi_trust_new(&trust);
    error = error ? error : envoi_config_new(&made, JID "/balcony");
    error = error ? error : set_everything(made, trust);
    error = error ? error : envoi_stream_new(&stream, made, 0);
    error = error ? error : set_everything(made, trust); /* copies first */
    if (error && error != ENVOI_ERR_NOMEM)
        fail_msg("%s", envoi_error_name(error));
    if (made)
        assert_string_equal(envoi_config_jid(made), JID);
    envoi_config_free(made);
    envoi_stream_free(stream);
    envoi_trust_free(trust);
    return error;
}

static void test_without_memory_setters_say_so(void **state)
{
    (void)state;
    with_failing_allocations(body_of_setters, NULL);
}

static void test_a_setter_that_fails_changes_nothing(void **state)
{
    envoi_stream *stream = NULL;
    (void)state;
    assert_int_equal(envoi_config_set_password(config, "r0m30"), 0);
    assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
    for (long n = 1; n < 4; n++) {
        allocations = 0;
        allocation_fails = n;
        allocation_sticky = 1;
        int error = envoi_config_set_password(config, "other");
        allocation_fails = 0;
        assert_int_equal(error, ENVOI_ERR_NOMEM);
        assert_ptr_equal(stream->options, options());
        assert_string_equal(options()->password, "r0m30");
    }
    envoi_stream_free(stream);
}

static void test_the_first_error_of_a_setter_is_kept_for_the_stream(void **state)
{
    envoi_stream *stream = NULL;
    (void)state;
    assert_int_equal(envoi_config_error(config), 0);
    assert_int_equal(envoi_config_set_lang(config, "not a tag"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_password(config, "\xff"), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_config_set_password(config, "r0m30"), 0);
    assert_int_equal(envoi_config_error(config), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_new(&stream, config, 0), ENVOI_ERR_ARGUMENT);
    assert_null(stream);
    assert_int_equal(envoi_config_error(NULL), ENVOI_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_error_of_a_setter_is_kept_for_the_stream, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_defaults_are_those_of_the_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_account_is_prepared_and_its_resource_is_a_wish, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_account_makes_no_config, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_null_is_refused_everywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_passwords_are_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_resource_is_prepared_or_left_to_the_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_language_is_a_tag, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modes_are_in_their_ranges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_certificate_can_be_accepted_and_taken_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_priority_strings_are_tried, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_channel_binding_data_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_plain_and_external_can_be_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_authorization_identity_is_a_bare_jid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_certificate_comes_with_its_own_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_certificate_can_stand_in_one_file_with_its_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_trust_file_survives_every_failed_allocation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_namespaces_of_requests_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits_are_in_their_ranges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timeouts_are_in_their_ranges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stream_never_sees_a_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_setter_alone_leaves_a_stream_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stream_outlives_its_config, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_memory_setters_say_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_setter_that_fails_changes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
