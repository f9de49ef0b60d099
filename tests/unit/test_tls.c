/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/mem.h"
#include "base/text.h"
#include "tls/internal.h"
#include "tls/names.h"
#include "tls_peer.h"
#include "tsv.h"
#include <unistd.h>

#define DOMAIN "im.example.com"

static const char *vectors;
static struct cert root;
static struct cert good;
static struct cert steady;
static struct envoi_trust *trust;

/* ---- a client and a server joined ---- */

struct pair {
    struct envoi__tls *client;
    struct envoi__buf in, out; /* the client's side of the wire */
    struct server server;
    size_t step; /* bytes moved at once */
};

static struct pair pair; /* large, and one at a time */

static int pair_try(struct pair *p, const struct envoi__tls_params *params, const char *priority,
                    const struct cert *chain, unsigned count)
{
    envoi__buf_init(&p->in, 64 * 1024);
    envoi__buf_init(&p->out, 64 * 1024);
    p->step = SIZE_MAX;
    p->client = NULL;
    server_init(&p->server, priority, chain, count);
    return envoi__tls_new(&p->client, params, &p->in, &p->out);
}

static void pair_init(struct pair *p, const char *priority)
{
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    assert_int_equal(pair_try(p, &params, priority, &good, 1), 0);
}

/* With handshakes that are all of one length, for Ed25519 signatures are. */
static void pair_init_steady(struct pair *p, const char *priority)
{
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    assert_int_equal(pair_try(p, &params, priority, &steady, 1), 0);
}

static void pair_free(struct pair *p)
{
    envoi__tls_free(p->client);
    envoi__buf_free(&p->in);
    envoi__buf_free(&p->out);
    server_free(&p->server);
}

/* Shake hands until both are done, or one failed, or nothing moves any more. The client's last word. */
static int pair_shake(struct pair *p)
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

static void pair_open(struct pair *p, const char *priority)
{
    pair_init(p, priority);
    assert_int_equal(pair_shake(p), 1);
    assert_true(p->server.done);
}

static void server_says(struct pair *p, const char *text)
{
    assert_int_equal(gnutls_record_send(p->server.session, text, strlen(text)), strlen(text));
}

/* Give the client all that waits for it, and read. */
static int client_reads(struct pair *p, struct envoi__buf *plain)
{
    while (to_client(&p->server, &p->in, p->step))
        ;
    return envoi__tls_read(p->client, plain);
}

static void assert_client_reads(struct pair *p, const char *text)
{
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    assert_int_equal(client_reads(p, &plain), 1);
    assert_int_equal(plain.len, strlen(text));
    assert_memory_equal(envoi__buf_bytes(&plain), text, plain.len);
    envoi__buf_free(&plain);
}

static void assert_server_reads(struct pair *p, const char *text)
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

/* ---- the ordinary life ---- */

static void test_handshake_and_data_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        pair_open(&pair, versions[i]);
        assert_string_equal(envoi__tls_version(pair.client), version_names[i]);
        assert_non_null(strstr(envoi__tls_cipher(pair.client), "-"));
        assert_string_equal(envoi__tls_detail(pair.client), "");
        assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"<stream>", 8), 0);
        assert_server_reads(&pair, "<stream>");
        server_says(&pair, "<features/>");
        assert_client_reads(&pair, "<features/>");
        pair_free(&pair);
    }
}

static void test_handshake_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        pair_init(&pair, versions[i]);
        pair.step = 1;
        assert_int_equal(pair_shake(&pair), 1);
        assert_true(pair.server.done);
        struct envoi__buf plain;
        envoi__buf_init(&plain, 0);
        server_says(&pair, "abc");
        while (to_client(&pair.server, &pair.in, 1)) {
            assert_int_equal(plain.len, 0);
            assert_int_equal(envoi__tls_read(pair.client, &plain), pair.server.out.len == 0);
        }
        assert_int_equal(plain.len, 3);
        envoi__buf_free(&plain);
        pair_free(&pair);
    }
}

static void test_data_before_the_handshake_is_a_state_error(void **state)
{
    (void)state;
    struct envoi__buf plain;
    uint8_t binding[ENVOI__SHA256_SIZE];
    size_t len = sizeof binding;
    envoi__buf_init(&plain, 0);
    pair_init(&pair, TLS_1_3);
    assert_int_equal(envoi__tls_read(pair.client, &plain), ENVOI_ERR_STATE);
    assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"x", 1), ENVOI_ERR_STATE);
    assert_int_equal(envoi__tls_channel_binding(pair.client, "tls-exporter", binding, &len),
                     ENVOI_ERR_UNSUPPORTED);
    assert_int_equal(envoi__tls_close(pair.client), 0);
    assert_int_equal(pair.out.len, 0);
    assert_string_equal(envoi__tls_version(pair.client), "");
    envoi__buf_free(&plain);
    pair_free(&pair);
}

static void test_server_name_and_alpn_are_sent(void **state)
{
    (void)state;
    char name[64];
    size_t len = sizeof name;
    unsigned type;
    unsigned char protocol[] = "xmpp-client";
    gnutls_datum_t datum = {protocol, sizeof protocol - 1};
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .alpn = "xmpp-client"};
    assert_int_equal(pair_try(&pair, &params, TLS_1_3, &good, 1), 0);
    assert_int_equal(gnutls_alpn_set_protocols(pair.server.session, &datum, 1, GNUTLS_ALPN_MANDATORY), 0);
    assert_int_equal(pair_shake(&pair), 1);
    assert_int_equal(gnutls_server_name_get(pair.server.session, name, &len, &type, 0), 0);
    assert_string_equal(name, DOMAIN);
    assert_int_equal(gnutls_alpn_get_selected_protocol(pair.server.session, &datum), 0);
    assert_int_equal(datum.size, sizeof protocol - 1);
    assert_memory_equal(datum.data, protocol, datum.size);
    pair_free(&pair);
}

static void test_handshake_waits_for_room_in_the_output(void **state)
{
    (void)state;
    int full = 0;
    pair_init(&pair, TLS_1_2);
    pair.out.limit = 50;
    for (int result = 0; result != 1;) {
        result = envoi__tls_handshake(pair.client);
        assert_true(result >= 0 || result == ENVOI_ERR_FULL);
        assert_in_range(pair.out.len, 0, 50);
        full += result == ENVOI_ERR_FULL;
        to_server(&pair.out, &pair.server, SIZE_MAX);
        server_run(&pair.server);
        to_client(&pair.server, &pair.in, SIZE_MAX);
    }
    assert_true(full > 2);
    pair_free(&pair);
}

/* ---- bounded buffers ---- */

enum { BIG = 1024 * 1024 };

static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) + (at >> 16));
}

static void send_big(struct pair *p)
{
    static uint8_t chunk[20000];
    static uint8_t got[16384];
    size_t received = 0;
    for (size_t sent = 0; received < BIG;) {
        size_t len = BIG - sent < sizeof chunk ? BIG - sent : sizeof chunk;
        for (size_t i = 0; i < len; i++)
            chunk[i] = pattern(sent + i);
        size_t before = p->out.len;
        int error = envoi__tls_write(p->client, chunk, len);
        if (error) {
            assert_int_equal(error, ENVOI_ERR_FULL);
            assert_int_equal(p->out.len, before);
        } else {
            sent += len;
            assert_in_range(p->out.len, 0, p->out.limit);
            assert_in_range(p->out.len - before, len, envoi__tls_wire_size(p->client, len));
        }
        if (!error && len)
            continue;
        to_server(&p->out, &p->server, SIZE_MAX);
        for (ssize_t n; (n = gnutls_record_recv(p->server.session, got, sizeof got)) > 0;)
            for (ssize_t i = 0; i < n; i++)
                assert_int_equal(got[i], pattern(received++));
    }
    assert_int_equal(received, BIG);
}

static void receive_big(struct pair *p)
{
    static uint8_t chunk[16384];
    struct envoi__buf plain;
    envoi__buf_init(&plain, 3000);
    size_t sent = 0;
    for (size_t received = 0; received < BIG;) {
        while (sent < BIG && p->server.out.len < 60000) {
            for (size_t i = 0; i < sizeof chunk; i++)
                chunk[i] = pattern(sent + i);
            assert_int_equal(gnutls_record_send(p->server.session, chunk, sizeof chunk), sizeof chunk);
            sent += sizeof chunk;
        }
        to_client(&p->server, &p->in, 5000);
        while (envoi__tls_read(p->client, &plain) == 1) {
            assert_in_range(plain.len, 1, 3000);
            for (size_t i = 0; i < plain.len; i++)
                assert_int_equal(plain.data[plain.head + i], pattern(received + i));
            received += plain.len;
            envoi__buf_take(&plain, plain.len);
        }
    }
    envoi__buf_free(&plain);
}

static void test_big_transfers_through_bounded_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        pair_open(&pair, versions[i]);
        send_big(&pair);
        receive_big(&pair);
        pair_free(&pair);
    }
}

static void test_read_stops_at_a_full_buffer_and_goes_on(void **state)
{
    (void)state;
    struct envoi__buf plain;
    envoi__buf_init(&plain, 4);
    pair_open(&pair, TLS_1_3);
    server_says(&pair, "abcdef");
    assert_int_equal(client_reads(&pair, &plain), 1);
    assert_int_equal(plain.len, 4);
    assert_int_equal(envoi__tls_read(pair.client, &plain), 0);
    envoi__buf_take(&plain, 4);
    assert_int_equal(envoi__tls_read(pair.client, &plain), 1);
    assert_memory_equal(envoi__buf_bytes(&plain), "ef", 2);
    assert_int_equal(envoi__tls_read(pair.client, &plain), 0);
    envoi__buf_free(&plain);
    pair_free(&pair);
}

/* ---- the end ---- */

static void test_close_notify_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        char byte;
        struct envoi__buf plain;
        envoi__buf_init(&plain, 0);
        pair_open(&pair, versions[i]);
        server_says(&pair, "last");
        assert_int_equal(gnutls_bye(pair.server.session, GNUTLS_SHUT_WR), 0);
        assert_client_reads(&pair, "last");
        assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_EOF);
        assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_EOF);
        assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"bye", 3), 0);
        assert_server_reads(&pair, "bye");
        assert_int_equal(envoi__tls_close(pair.client), 0);
        size_t len = pair.out.len;
        assert_in_range(len, 1, 64);
        assert_int_equal(envoi__tls_close(pair.client), 0);
        assert_int_equal(pair.out.len, len);
        assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"x", 1), ENVOI_ERR_STATE);
        to_server(&pair.out, &pair.server, SIZE_MAX);
        assert_int_equal(gnutls_record_recv(pair.server.session, &byte, 1), 0);
        envoi__buf_free(&plain);
        pair_free(&pair);
    }
}

static void test_close_passes_a_full_output(void **state)
{
    (void)state;
    char byte;
    pair_open(&pair, TLS_1_3);
    pair.out.limit = 1;
    assert_int_equal(envoi__tls_close(pair.client), 0);
    assert_int_equal(pair.out.limit, 1);
    to_server(&pair.out, &pair.server, SIZE_MAX);
    assert_int_equal(gnutls_record_recv(pair.server.session, &byte, 1), 0);
    pair_free(&pair);
}

static void test_end_of_input_without_close_notify_is_not_eof(void **state)
{
    (void)state;
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    pair_open(&pair, TLS_1_3);
    server_says(&pair, "cut off");
    pair.server.out.len -= 3;
    assert_int_equal(client_reads(&pair, &plain), 0);
    assert_int_equal(envoi__tls_read(pair.client, &plain), 0);
    assert_int_equal(plain.len, 0);
    envoi__buf_free(&plain);
    pair_free(&pair);
}

/* ---- what a server may ask of TLS ---- */

static void test_renegotiation_is_refused(void **state)
{
    (void)state;
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    pair_open(&pair, TLS_1_2);
    assert_int_equal(gnutls_rehandshake(pair.server.session), 0);
    assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_TLS_RECORD);
    assert_non_null(strstr(envoi__tls_detail(pair.client), "renegotiate"));
    assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"x", 1), ENVOI_ERR_TLS_RECORD);
    envoi__buf_free(&plain);
    pair_free(&pair);
}

static void test_key_update_is_silent(void **state)
{
    (void)state;
    pair_open(&pair, TLS_1_3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gnutls_session_key_update(pair.server.session, GNUTLS_KU_PEER), 0);
        server_says(&pair, "new keys");
        assert_client_reads(&pair, "new keys");
        assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"mine too", 8), 0);
        assert_server_reads(&pair, "mine too");
    }
    pair_free(&pair);
}

static void test_warning_alerts_are_passed_over_a_few_times(void **state)
{
    (void)state;
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    pair_open(&pair, TLS_1_2);
    for (int i = 0; i < 8; i++)
        assert_int_equal(gnutls_alert_send(pair.server.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED),
                         0);
    server_says(&pair, "still here");
    assert_client_reads(&pair, "still here");
    assert_int_equal(gnutls_alert_send(pair.server.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
    assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_TLS_RECORD);
    envoi__buf_free(&plain);
    pair_free(&pair);
}

static void test_fatal_alert_is_told(void **state)
{
    (void)state;
    struct envoi__buf plain;
    envoi__buf_init(&plain, 0);
    pair_open(&pair, TLS_1_3);
    server_says(&pair, "before");
    assert_int_equal(gnutls_alert_send(pair.server.session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR), 0);
    assert_client_reads(&pair, "before");
    assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_TLS_RECORD);
    assert_non_null(strstr(envoi__tls_detail(pair.client), "Internal error"));
    envoi__buf_free(&plain);
    pair_free(&pair);
}

static void test_client_certificate_is_not_needed_where_it_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        pair_init(&pair, versions[i]);
        gnutls_certificate_server_set_request(pair.server.session, GNUTLS_CERT_REQUEST);
        assert_int_equal(pair_shake(&pair), 1);
        pair_free(&pair);
        pair_init(&pair, versions[i]);
        gnutls_certificate_server_set_request(pair.server.session, GNUTLS_CERT_REQUIRE);
        struct envoi__buf plain;
        envoi__buf_init(&plain, 0);
        if (pair_shake(&pair) == 1) /* in TLS 1.3 the client is done before it hears of the refusal */
            assert_int_equal(client_reads(&pair, &plain), ENVOI_ERR_TLS_RECORD);
        else
            assert_int_equal(envoi__tls_handshake(pair.client), ENVOI_ERR_TLS_HANDSHAKE);
        assert_int_not_equal(strlen(envoi__tls_detail(pair.client)), 0);
        envoi__buf_free(&plain);
        pair_free(&pair);
    }
}

/* ---- versions and priorities ---- */

static void test_tls_below_1_2_is_refused(void **state)
{
    (void)state;
    static const char *const wishes[] = {NULL, "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0", "LEGACY",
                                         "PERFORMANCE:+VERS-ALL"};
    for (size_t i = 0; i < ENVOI__COUNT(wishes); i++) {
        const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .priority = wishes[i]};
        assert_int_equal(pair_try(&pair, &params, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", &good, 1), 0);
        assert_int_equal(pair_shake(&pair), ENVOI_ERR_TLS_HANDSHAKE);
        assert_non_null(strstr(envoi__tls_detail(pair.client), "the TLS handshake failed"));
        pair_free(&pair);
    }
}

static void test_priorities_are_checked(void **state)
{
    (void)state;
    static const char *const valid[] = {"NORMAL", "SECURE256", "SECURE128:-VERS-ALL:+VERS-TLS1.3",
                                        "PFS:%PROFILE_HIGH"};
    static const char *const invalid[] = {"", "nonsense", "NORMAL:+", "NORMAL:-VERS-ALL:+VERS-TLS1.1",
                                          "NONE"};
    for (size_t i = 0; i < ENVOI__COUNT(valid); i++)
        assert_int_equal(envoi__tls_priority_valid(valid[i]), 1);
    for (size_t i = 0; i < ENVOI__COUNT(invalid); i++)
        assert_int_equal(envoi__tls_priority_valid(invalid[i]), 0);
    assert_int_equal(envoi__tls_priority_valid(NULL), 0);
}

static void test_priority_is_used(void **state)
{
    (void)state;
    static const char *const wishes[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.2",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-SECP256R1",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-SECP384R1",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM",
    }; /* more than the store remembers */
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < ENVOI__COUNT(wishes); i++) {
            const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .priority = wishes[i]};
            assert_int_equal(pair_try(&pair, &params, "NORMAL", &good, 1), 0);
            assert_int_equal(pair_shake(&pair), 1);
            assert_string_equal(envoi__tls_version(pair.client), "TLS1.2");
            pair_free(&pair);
        }
    }
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .priority = "nonsense"};
    assert_int_equal(pair_try(&pair, &params, "NORMAL", &good, 1), ENVOI_ERR_UNSUPPORTED);
    assert_null(pair.client);
    pair_free(&pair);
}

/* ---- damage ---- */

static void test_handshake_cut_at_every_byte_is_never_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        for (size_t most = 0, done = 0; !done; most++) {
            size_t left = most;
            size_t moved = 1;
            int result = 0;
            pair_init_steady(&pair, versions[i]);
            while (moved && !result) {
                result = envoi__tls_handshake(pair.client);
                moved = to_server(&pair.out, &pair.server, SIZE_MAX);
                server_run(&pair.server);
                size_t got = to_client(&pair.server, &pair.in, left);
                left -= got;
                moved += got;
            }
            assert_in_range(result, 0, 1);
            done = result == 1;
            assert_true(done || left == 0);
            assert_true(!done || (left == 0 && most > 300)); /* the last byte was needed */
            pair_free(&pair);
        }
    }
}

/* Record headers carry a version that nobody looks at (RFC 8446 5.1), and change_cipher_spec says nothing. */
static int is_without_meaning(const uint8_t *flight, size_t len, size_t at)
{
    for (size_t start = 0; start + 5 <= len;) {
        size_t end = start + 5 + (size_t)(flight[start + 3] << 8 | flight[start + 4]);
        if (at < end)
            return flight[start] == 20 || at - start == 1 || at - start == 2;
        start = end;
    }
    return 0;
}

static void test_damaged_handshake_is_never_done(void **state)
{
    (void)state;
    size_t len = 1;
    size_t failed = 0;
    for (size_t at = 0; at < len; at++) {
        pair_init_steady(&pair, TLS_1_3);
        assert_int_equal(envoi__tls_handshake(pair.client), 0);
        to_server(&pair.out, &pair.server, SIZE_MAX);
        server_run(&pair.server);
        len = pair.server.out.len;
        int harmless = is_without_meaning(pair.server.out.data, len, at);
        pair.server.out.data[at] ^= 0x55;
        to_client(&pair.server, &pair.in, SIZE_MAX);
        int result = envoi__tls_handshake(pair.client);
        if (!harmless) {
            assert_int_not_equal(result, 1);
            failed++;
        }
        if (result < 0)
            assert_int_equal(envoi__tls_handshake(pair.client), result);
        pair_free(&pair);
    }
    assert_true(failed > 300);
}

static void test_damaged_records_give_no_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        size_t len = 1;
        for (size_t at = 0; at < len; at++) {
            struct envoi__buf plain;
            envoi__buf_init(&plain, 0);
            pair_open(&pair, versions[i]);
            server_says(&pair, "abcdef");
            len = pair.server.out.len;
            pair.server.out.data[at] ^= 0x55;
            int result = client_reads(&pair, &plain);
            if (at == 1 || at == 2)
                assert_true(result != 1 || i == 0); /* the version: TLS 1.3 does not look */
            else
                assert_true(result == ENVOI_ERR_TLS_RECORD || result == 0);
            if (result < 0)
                assert_int_equal(envoi__tls_read(pair.client, &plain), result);
            if (result == 0 && at > 4)
                fail_msg("a record damaged at %zu went unseen", at);
            envoi__buf_free(&plain);
            pair_free(&pair);
        }
    }
}

static void test_text_in_place_of_tls_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"<message from='mallory@evil.example'/>",
                                        "HTTP/1.1 400 Bad Request\r\n\r\n", "                    "};
    for (size_t i = 0; i < ENVOI__COUNT(texts); i++) {
        pair_init(&pair, TLS_1_3);
        assert_int_equal(envoi__tls_handshake(pair.client), 0);
        assert_int_equal(envoi__buf_add_text(&pair.in, texts[i]), 0);
        assert_int_equal(envoi__tls_handshake(pair.client), ENVOI_ERR_TLS_HANDSHAKE);
        assert_int_equal(envoi__tls_handshake(pair.client), ENVOI_ERR_TLS_HANDSHAKE);
        pair_free(&pair);
    }
}

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

static int set_up(void **state)
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

static int tear_down(void **state)
{
    (void)state;
    envoi_trust_free(trust);
    free_cert(&steady);
    free_cert(&good);
    free_cert(&root);
    free_keys();
    return 0;
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_and_data_both_ways),
        cmocka_unit_test(test_handshake_byte_by_byte),
        cmocka_unit_test(test_data_before_the_handshake_is_a_state_error),
        cmocka_unit_test(test_server_name_and_alpn_are_sent),
        cmocka_unit_test(test_handshake_waits_for_room_in_the_output),
        cmocka_unit_test(test_big_transfers_through_bounded_buffers),
        cmocka_unit_test(test_read_stops_at_a_full_buffer_and_goes_on),
        cmocka_unit_test(test_close_notify_both_ways),
        cmocka_unit_test(test_close_passes_a_full_output),
        cmocka_unit_test(test_end_of_input_without_close_notify_is_not_eof),
        cmocka_unit_test(test_renegotiation_is_refused),
        cmocka_unit_test(test_key_update_is_silent),
        cmocka_unit_test(test_warning_alerts_are_passed_over_a_few_times),
        cmocka_unit_test(test_fatal_alert_is_told),
        cmocka_unit_test(test_client_certificate_is_not_needed_where_it_is_asked),
        cmocka_unit_test(test_tls_below_1_2_is_refused),
        cmocka_unit_test(test_priorities_are_checked),
        cmocka_unit_test(test_priority_is_used),
        cmocka_unit_test(test_handshake_cut_at_every_byte_is_never_done),
        cmocka_unit_test(test_damaged_handshake_is_never_done),
        cmocka_unit_test(test_damaged_records_give_no_data),
        cmocka_unit_test(test_text_in_place_of_tls_is_refused),
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
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
