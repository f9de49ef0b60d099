/* SPDX-License-Identifier: MIT */
/* The filter: handshakes, data, the end, and what a server may do wrong. */
#include "test.h"

#include "tls_pair.h"

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
    uint8_t binding[32];
    size_t len = sizeof binding;
    envoi__buf_init(&plain, 0);
    pair_init(&pair, TLS_1_3);
    assert_int_equal(envoi__tls_read(pair.client, &plain), ENVOI_ERR_STATE);
    assert_int_equal(envoi__tls_write(pair.client, (const uint8_t *)"x", 1), ENVOI_ERR_STATE);
    assert_int_equal(envoi__tls_channel_binding(pair.client, "tls-exporter", binding, &len), ENVOI_ERR_UNSUPPORTED);
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
        assert_int_equal(gnutls_alert_send(pair.server.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
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
    static const char *const wishes[] = {NULL, "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0", "LEGACY", "PERFORMANCE:+VERS-ALL"};
    for (size_t i = 0; i < ENVOI__COUNT(wishes); i++) {
        const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .priority = wishes[i]};
        assert_int_equal(pair_try(&pair, &params, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", &good, 1), 0);
        assert_int_equal(pair_shake(&pair), ENVOI_ERR_TLS_HANDSHAKE);
        assert_non_null(strstr(envoi__tls_detail(pair.client), "the TLS handshake failed"));
        pair_free(&pair);
    }
}

#define ONLY_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

/* RFC 7590 1, RFC 9325 4.1: nothing broken, nothing that does not encrypt, no key that opens all recorded sessions.
 */
static void test_weak_ciphers_are_refused(void **state)
{
    (void)state;
    static const struct cert_spec rsa_spec = {.san = {{NAME_DNS, DOMAIN, 0}}, .key = KEY_RSA};
    static const struct {
        const char *server;
        int result;
    } rows[] = {{ONLY_1_2 ":-CIPHER-ALL:+AES-128-GCM", 1},
                {ONLY_1_2 ":-CIPHER-ALL:+ARCFOUR-128:+MAC-ALL", ENVOI_ERR_TLS_HANDSHAKE},
                {ONLY_1_2 ":-CIPHER-ALL:+3DES-CBC:+MAC-ALL", ENVOI_ERR_TLS_HANDSHAKE},
                {ONLY_1_2 ":-CIPHER-ALL:+NULL:+MAC-ALL", ENVOI_ERR_TLS_HANDSHAKE},
                {ONLY_1_2 ":-KX-ALL:+RSA", ENVOI_ERR_TLS_HANDSHAKE},
                {ONLY_1_2 ":-KX-ALL:+ANON-ECDH", ENVOI_ERR_TLS_HANDSHAKE}};
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    struct cert rsa = make_cert(&rsa_spec, &root);
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        assert_int_equal(pair_try(&pair, &params, rows[i].server, &rsa, 1), 0);
        if (pair_shake(&pair) != rows[i].result)
            fail_msg("%s: %s", rows[i].server, envoi__tls_cipher(pair.client));
        pair_free(&pair);
    }
    free_cert(&rsa);
}

static size_t number(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

/* Where the extensions of the ClientHello that waits begin (RFC 8446 4.1.2); *end receives where they end. */
static const uint8_t *hello_extensions(const uint8_t **end)
{
    const uint8_t *at = envoi__buf_bytes(&pair.out);
    assert_in_range(pair.out.len, 100, 16384);
    assert_int_equal(at[0], 22);
    *end = at + pair.out.len;
    at += 5 + 4 + 2 + 32;
    at += 1 + at[0];      /* session */
    at += 2 + number(at); /* cipher suites */
    at += 1 + at[0];      /* compression methods */
    assert_ptr_equal(at + 2 + number(at), *end);
    return at + 2;
}

/* RFC 7590 3.3: neither a ticket is asked for nor one shown, and no data is sent ahead. */
static void test_no_session_is_resumed(void **state)
{
    (void)state;
    enum { SESSION_TICKET = 35, PRE_SHARED_KEY = 41, EARLY_DATA = 42, SERVER_NAME = 0 };
    for (int round = 0; round < 2; round++) { /* the second time there could be a session to go on with */
        const uint8_t *end;
        int names = 0;
        pair_init(&pair, TLS_1_3);
        assert_int_equal(envoi__tls_handshake(pair.client), 0);
        for (const uint8_t *at = hello_extensions(&end); at < end; at += 4 + number(at + 2)) {
            assert_true(number(at) != SESSION_TICKET && number(at) != PRE_SHARED_KEY && number(at) != EARLY_DATA);
            names += number(at) == SERVER_NAME;
        }
        assert_int_equal(names, 1);
        assert_int_equal(pair_shake(&pair), 1);
        assert_int_equal(gnutls_session_is_resumed(pair.server.session), 0);
        pair_free(&pair);
    }
}

static void test_priorities_are_checked(void **state)
{
    (void)state;
    static const char *const valid[] = {"NORMAL", "SECURE256", "SECURE128:-VERS-ALL:+VERS-TLS1.3",
                                        "PFS:%PROFILE_HIGH"};
    static const char *const invalid[] = {"", "nonsense", "NORMAL:+", "NORMAL:-VERS-ALL:+VERS-TLS1.1", "NONE"};
    for (size_t i = 0; i < ENVOI__COUNT(valid); i++)
        assert_int_equal(envoi__tls_priority_check(valid[i]), 0);
    for (size_t i = 0; i < ENVOI__COUNT(invalid); i++)
        assert_int_equal(envoi__tls_priority_check(invalid[i]), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi__tls_priority_check(NULL), ENVOI_ERR_ARGUMENT);
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
    static const char *const texts[] = {"<message from='mallory@evil.example'/>", "HTTP/1.1 400 Bad Request\r\n\r\n",
                                        "                    "};
    for (size_t i = 0; i < ENVOI__COUNT(texts); i++) {
        pair_init(&pair, TLS_1_3);
        assert_int_equal(envoi__tls_handshake(pair.client), 0);
        assert_int_equal(envoi__buf_add_text(&pair.in, texts[i]), 0);
        assert_int_equal(envoi__tls_handshake(pair.client), ENVOI_ERR_TLS_HANDSHAKE);
        assert_int_equal(envoi__tls_handshake(pair.client), ENVOI_ERR_TLS_HANDSHAKE);
        pair_free(&pair);
    }
}

int main(void)
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
        cmocka_unit_test(test_weak_ciphers_are_refused),
        cmocka_unit_test(test_no_session_is_resumed),
        cmocka_unit_test(test_handshake_cut_at_every_byte_is_never_done),
        cmocka_unit_test(test_damaged_handshake_is_never_done),
        cmocka_unit_test(test_damaged_records_give_no_data),
        cmocka_unit_test(test_text_in_place_of_tls_is_refused),
    };
    return cmocka_run_group_tests(tests, pair_set_up, pair_tear_down);
}
