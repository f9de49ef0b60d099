/* SPDX-License-Identifier: MIT */
/* Whole lives of a stream against a server with real TLS: logins, certificates, endings, deadlines, memory. */
#include "test.h"

#include "tls_server.h"

#define w (&the_world)

static const char *const versions[] = {TLS_1_3, TLS_1_2};
static const char *const version_names[] = {"TLS1.3", "TLS1.2"};

static void assert_closed(int error)
{
    if (w->closed != 1 || w->closed_error != error)
        fail_msg("closed %d times, by %s (%s), not by %s; state %s", w->closed, envoi_error_name(w->closed_error),
                 w->text, envoi_error_name(error), envoi_stream_state(w->stream));
    assert_true(envoi_stream_is_closed(w->stream));
    assert_null(envoi_stream_next_event(w->stream));
    assert_int_equal(envoi_stream_deadline(w->stream), UINT64_MAX);
    assert_int_equal(envoi_stream_receive(w->stream, " ", 1), ENVOI_ERR_STATE);
}

/* ---- logins ---- */

struct login {
    const char *name;
    int tls;
    const char *priority, *mechanisms, *bindings;
    const char *mechanism, *binding; /* what must come of it */
};

#define SHA1        "<mechanism>SCRAM-SHA-1</mechanism>"
#define SHA1_PLUS   "<mechanism>SCRAM-SHA-1-PLUS</mechanism>"
#define SHA256      "<mechanism>SCRAM-SHA-256</mechanism>"
#define SHA256_PLUS "<mechanism>SCRAM-SHA-256-PLUS</mechanism>"
#define TYPE(type)  "<channel-binding type='" type "'/>"

static const struct login logins[] = {
    {"exporter", ENVOI_TLS_STARTTLS, TLS_1_3, SHA1 SHA1_PLUS, TYPE("tls-exporter") TYPE("tls-server-end-point"),
     "SCRAM-SHA-1-PLUS", "tls-exporter"},
    {"direct", ENVOI_TLS_DIRECT, TLS_1_3, SHA1 SHA1_PLUS SHA256 SHA256_PLUS, TYPE("tls-exporter"),
     "SCRAM-SHA-256-PLUS", "tls-exporter"},
    {"unique", ENVOI_TLS_STARTTLS, TLS_1_2, SHA1 SHA1_PLUS, TYPE("tls-unique"), "SCRAM-SHA-1-PLUS", "tls-unique"},
    {"end point", ENVOI_TLS_STARTTLS, TLS_1_2, SHA1 SHA1_PLUS, TYPE("tls-server-end-point"), "SCRAM-SHA-1-PLUS",
     "tls-server-end-point"},
    {"direct end point", ENVOI_TLS_DIRECT, TLS_1_3, SHA256 SHA256_PLUS, TYPE("tls-server-end-point"),
     "SCRAM-SHA-256-PLUS", "tls-server-end-point"},
    {"no binding", ENVOI_TLS_STARTTLS, TLS_1_3, SHA1, "", "SCRAM-SHA-1", "none"},
    {"direct, no binding", ENVOI_TLS_DIRECT, TLS_1_2, SHA256, "", "SCRAM-SHA-256", "none"},
};

static void begin_login(const struct login *login)
{
    begin(login->tls, login->priority);
    the_peer.mechanisms = login->mechanisms;
    the_peer.bindings = login->bindings;
}

static void play_login(const struct login *login, size_t step)
{
    begin_login(login);
    w->step = step;
    world_run(w);
    if (w->closed != 1 || w->closed_error)
        fail_msg("%s: %s, %s", login->name, envoi_error_name(w->closed_error), w->text);
    assert_closed(ENVOI_OK);
    assert_true(w->secured == 1 && w->authenticated == 1 && w->ready == 1 && w->stanzas == 1);
    assert_string_equal(w->mechanism, login->mechanism);
    assert_string_equal(w->binding, login->binding);
    assert_string_equal(w->version, version_names[login->priority == versions[1]]);
    assert_string_equal(envoi_stream_jid(w->stream), ACCOUNT "/balcony");
    assert_int_equal(the_peer.messages, 1);
    assert_int_equal(the_peer.headers, login->tls == ENVOI_TLS_DIRECT ? 2 : 3);
    assert_int_equal(the_peer.phase, AT_END);
    /* what was said in the clear is what anybody may know */
    assert_false(has_bytes(w->sent, w->sent_len, "juliet"));
    assert_false(has_bytes(w->sent, w->sent_len, "<auth"));
    /* our close_notify came too, so the server can tell the end from a cut */
    char byte;
    assert_int_equal(gnutls_record_recv(the_peer.tls.session, &byte, 1), 0);
    world_end(w);
}

static void test_logins_with_tls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(logins); i++) {
        play_login(&logins[i], SIZE_MAX);
        play_login(&logins[i], 1);
        play_login(&logins[i], 7);
    }
}

static void test_a_transport_with_tls_of_its_own(void **state)
{
    (void)state;
    static const int modes[] = {ENVOI_TLS_EXTERNAL};
    for (size_t i = 0; i < ENVOI__COUNT(modes); i++) {
        begin(modes[i], NULL);
        world_run(w);
        assert_closed(ENVOI_OK);
        assert_string_equal(w->mechanism, "PLAIN");
        assert_string_equal(w->binding, "none");
        assert_int_equal(w->secured, 0);
        world_end(w);
    }
}

/* ---- memory ---- */

static int play_starved(void *user)
{
    const struct login *login = user;
    envoi_config *config = NULL;
    int error = make_config(&config, login->tls, PASSWORD);
    if (error)
        return error;
    peer_init(&the_peer, login->priority, login->priority ? &good : NULL, 1);
    the_peer.mechanisms = login->mechanisms;
    the_peer.bindings = login->bindings;
    error = world_begin(w, &the_peer, config);
    envoi_config_free(config);
    if (!error) {
        world_run(w);
        if (!w->closed) /* bytes or the message were lost to the lack of memory: the transport goes away */
            envoi_stream_receive_eof(w->stream);
        world_events(w);
        assert_int_equal(w->closed, 1);
        error = w->closed_error;
        if (error && error != ENVOI_ERR_NOMEM && error != ENVOI_ERR_TLS_TRUNCATED && error != ENVOI_ERR_EOF)
            fail_msg("%s: %s", envoi_error_name(error), w->text);
    } else {
        assert_int_equal(error, ENVOI_ERR_NOMEM);
        w->stream = NULL;
    }
    world_end(w);
    return error;
}

static void test_without_memory_starttls_ends_in_order(void **state)
{
    (void)state;
    static struct login login;
    login = logins[0];
    with_failing_allocations(play_starved, &login);
}

static void test_without_memory_direct_tls_ends_in_order(void **state)
{
    (void)state;
    static struct login login;
    login = logins[4];
    with_failing_allocations(play_starved, &login);
}

static void test_without_memory_a_plain_login_ends_in_order(void **state)
{
    (void)state;
    static struct login login = {"plain", ENVOI_TLS_EXTERNAL, NULL, "<mechanism>PLAIN</mechanism>", "", "PLAIN",
                                 "none"};
    with_failing_allocations(play_starved, &login);
}

static void test_a_stream_can_be_freed_at_any_time(void **state)
{
    (void)state;
    for (long moves = 0, done = 0; !done; moves++) {
        begin_login(&logins[0]);
        w->step = 700;
        w->moves = moves;
        world_run(w);
        done = w->moves != 0;
        world_end(w);
    }
    envoi_stream_free(NULL);
}

/* ---- certificates ---- */

struct bad_cert {
    const char *name;
    struct cert_spec spec;
    int foreign; /* 1: signed by an issuer nobody trusts, 2: by itself */
    int error;
};

static const struct bad_cert bad_certs[] = {
    {"wrong host", {.san = {{NAME_DNS, "evil.example", 0}}}, 0, ENVOI_ERR_CERT_WRONG_HOST},
    {"name in CN alone", {.cn = DOMAIN}, 0, ENVOI_ERR_CERT_WRONG_HOST},
    {"expired", {.san = {{NAME_DNS, DOMAIN, 0}}, .from_day = -9, .to_day = -2}, 0, ENVOI_ERR_CERT_EXPIRED},
    {"not yet valid", {.san = {{NAME_DNS, DOMAIN, 0}}, .from_day = 2, .to_day = 9}, 0, ENVOI_ERR_CERT_NOT_YET_VALID},
    {"unknown issuer", {.san = {{NAME_DNS, DOMAIN, 0}}}, 1, ENVOI_ERR_CERT_UNTRUSTED},
    {"self-signed", {.san = {{NAME_DNS, DOMAIN, 0}}}, 2, ENVOI_ERR_CERT_SELF_SIGNED},
    {"for clients", {.san = {{NAME_DNS, DOMAIN, 0}}, .purpose = GNUTLS_KP_TLS_WWW_CLIENT}, 0, ENVOI_ERR_CERT_INVALID},
};

static void refuse_cert(const struct bad_cert *row, const struct cert *cert, int tls, const char *priority)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, tls, PASSWORD), 0);
    peer_init(&the_peer, priority, cert, 1);
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    world_run(w);
    if (w->closed_error != row->error)
        fail_msg("%s: %s, %s", row->name, envoi_error_name(w->closed_error), w->text);
    assert_closed(row->error);
    assert_int_equal(envoi_error_class(row->error), ENVOI_CLASS_TLS);
    assert_string_not_equal(w->text, "none");
    assert_int_equal(w->retryable, 0);
    assert_int_equal(w->secured, 0);
    assert_no_credentials(w);
    assert_int_equal(the_peer.headers, tls == ENVOI_TLS_STARTTLS);
    world_end(w);
}

static void test_a_bad_certificate_ends_the_stream_before_any_credential(void **state)
{
    static const struct cert_spec foreign_spec = {.cn = "Foreign Root", .ca = 1};
    struct cert foreign = make_cert(&foreign_spec, NULL);
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(bad_certs); i++) {
        const struct bad_cert *row = &bad_certs[i];
        struct cert cert = make_cert(&row->spec, row->foreign == 2 ? NULL : row->foreign ? &foreign : &root);
        for (size_t v = 0; v < ENVOI__COUNT(versions); v++) {
            refuse_cert(row, &cert, ENVOI_TLS_STARTTLS, versions[v]);
            refuse_cert(row, &cert, ENVOI_TLS_DIRECT, versions[v]);
        }
        free_cert(&cert);
    }
    free_cert(&foreign);
}

static void test_a_certificate_accepted_by_its_hash(void **state)
{
    static const struct cert_spec spec = {.cn = "own"};
    struct cert own = make_cert(&spec, NULL);
    unsigned char hash[32];
    envoi_config *config = NULL;
    (void)state;
    cert_sha256(&own, hash);
    for (int right = 1; right >= 0; right--, hash[0] ^= 1) {
        assert_int_equal(make_config(&config, ENVOI_TLS_STARTTLS, PASSWORD), 0);
        assert_int_equal(envoi_config_accept_certificate(config, hash), 0);
        peer_init(&the_peer, TLS_1_3, &own, 1);
        assert_int_equal(world_begin(w, &the_peer, config), 0);
        envoi_config_free(config);
        world_run(w);
        assert_closed(right ? ENVOI_OK : w->closed_error);
        assert_int_equal(w->ready, right);
        assert_int_equal(envoi_error_class(w->closed_error), right ? ENVOI_CLASS_NONE : ENVOI_CLASS_TLS);
        world_end(w);
    }
    free_cert(&own);
}

static void test_a_server_without_tls_1_2_is_refused(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT");
    world_run(w);
    assert_closed(ENVOI_ERR_TLS_HANDSHAKE);
    assert_string_not_equal(w->text, "none");
    assert_no_credentials(w);
    world_end(w);
}

static void test_an_empty_trust_store_makes_no_direct_stream(void **state)
{
    envoi_trust *empty = NULL;
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    (void)state;
    assert_int_equal(envoi_trust_new(&empty), 0);
    assert_int_equal(make_config(&config, ENVOI_TLS_DIRECT, PASSWORD), 0);
    assert_int_equal(envoi_config_set_trust(config, empty), 0);
    assert_int_equal(envoi_stream_new(&stream, config, 0), ENVOI_ERR_TRUST_STORE);
    assert_null(stream);
    envoi_config_free(config);
    envoi_trust_free(empty);
}

/* ---- a certificate of our own ---- */

static const struct cert_spec own_spec = {
    .cn = "juliet", .san = {{NAME_XMPP, ACCOUNT, 0}}, .purpose = GNUTLS_KP_TLS_WWW_CLIENT};

static int set_own(envoi_config *config, const struct cert *own)
{
    gnutls_datum_t pem = cert_pem(own), key = key_pem(own);
    int error = envoi_config_set_certificate(config, pem.data, pem.size, key.data, key.size);
    gnutls_free(pem.data);
    gnutls_free(key.data);
    return error;
}

/* A login without a password, against a server that asks for a certificate (or does not). */
static void begin_external(const struct cert *own, int tls, const char *priority, gnutls_certificate_request_t asks)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, tls, NULL), 0);
    assert_int_equal(set_own(config, own), 0);
    peer_init(&the_peer, priority, &good, 1);
    the_peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism><mechanism>EXTERNAL</mechanism>";
    gnutls_certificate_server_set_request(the_peer.tls.session, asks);
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    world_run(w);
}

/* RFC 6120 5.4.3.1, 6.3.4, 13.8: what the server sees is this very certificate, and the key is known. */
static void test_a_certificate_of_our_own_logs_in(void **state)
{
    static const enum key_kind kinds[] = {KEY_EC, KEY_RSA, KEY_ED25519};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(kinds) * 4; i++) {
        struct cert_spec spec = own_spec;
        spec.key = kinds[i / 4];
        struct cert own = make_cert(&spec, &root);
        uint8_t hash[32], seen[32];
        size_t len = sizeof seen;
        unsigned count = 0;
        begin_external(&own, i & 1 ? ENVOI_TLS_STARTTLS : ENVOI_TLS_DIRECT, versions[i / 2 % 2], GNUTLS_CERT_REQUIRE);
        assert_closed(ENVOI_OK);
        assert_true(w->ready == 1 && w->passwords == 0);
        assert_string_equal(w->mechanism, "EXTERNAL");
        assert_non_null(strstr(the_peer.client_first, " mechanism='EXTERNAL'>=</auth>"));
        const gnutls_datum_t *chain = gnutls_certificate_get_peers(the_peer.tls.session, &count);
        assert_int_equal(count, 1);
        cert_sha256(&own, hash);
        assert_int_equal(gnutls_fingerprint(GNUTLS_DIG_SHA256, chain, seen, &len), 0);
        assert_memory_equal(seen, hash, sizeof hash);
        world_end(w);
        free_cert(&own);
    }
}

/* Nothing told the server who this is, so EXTERNAL would tell it nothing. */
static void test_a_certificate_that_was_not_asked_for_is_not_spoken_of(void **state)
{
    struct cert own = make_cert(&own_spec, &root);
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        begin_external(&own, ENVOI_TLS_STARTTLS, versions[i], GNUTLS_CERT_IGNORE);
        assert_int_equal(w->closed, 0);
        assert_int_equal(w->passwords, 1);
        assert_string_equal(envoi_stream_state(w->stream), "password");
        world_end(w);
    }
    free_cert(&own);
}

static int play_external_starved(void *user)
{
    const struct cert *own = user;
    envoi_config *config = NULL;
    int error = make_config(&config, ENVOI_TLS_STARTTLS, NULL);
    if (error)
        return error;
    gnutls_datum_t pem = cert_pem(own), key = key_pem(own);
    error = envoi_config_set_certificate(config, pem.data, pem.size, key.data, key.size);
    gnutls_free(pem.data);
    gnutls_free(key.data);
    peer_init(&the_peer, TLS_1_3, &good, 1);
    the_peer.mechanisms = "<mechanism>EXTERNAL</mechanism>";
    gnutls_certificate_server_set_request(the_peer.tls.session, GNUTLS_CERT_REQUIRE);
    w->stream = NULL;
    if (!error)
        error = world_begin(w, &the_peer, config);
    envoi_config_free(config);
    if (!error) {
        world_run(w);
        if (!w->closed)
            envoi_stream_receive_eof(w->stream);
        world_events(w);
        assert_int_equal(w->closed, 1);
        error = w->closed_error;
    }
    w->peer = &the_peer;
    world_end(w);
    if (error && error != ENVOI_ERR_NOMEM && error != ENVOI_ERR_TLS_TRUNCATED && error != ENVOI_ERR_EOF)
        fail_msg("%s: %s", envoi_error_name(error), w->text);
    return error;
}

static void test_without_memory_a_certificate_ends_in_order(void **state)
{
    static struct cert own;
    (void)state;
    own = make_cert(&own_spec, &root);
    with_failing_allocations(play_external_starved, &own);
    free_cert(&own);
}

/* ---- C2: bytes behind <proceed/> ---- */

static const char *const injections[] = {
    " ",
    "\n",
    "<",
    "\x15",
    "\x16\x03\x03",
    "<message from='ceo@" DOMAIN "'><body>x</body></message>",
    FEATURES("<mechanisms xmlns='" NS_SASL "'><mechanism>PLAIN</mechanism></mechanisms>"),
    "<success xmlns='" NS_SASL "'/>",
    "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='mallory@evil.example'/></query></iq>",
    HEADER,
    "</stream:stream>",
};

static void test_c2_bytes_behind_proceed_end_the_stream_without_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(injections); i++) {
        begin(ENVOI_TLS_STARTTLS, TLS_1_3);
        the_peer.behind_proceed = injections[i];
        world_run(w);
        assert_closed(ENVOI_ERR_TLS_INJECTION);
        assert_int_equal(w->stanzas + w->secured + w->authenticated, 0);
        assert_no_credentials(w);
        /* no ClientHello: the last thing that left is our request */
        assert_memory_equal(w->sent + w->sent_len - 2, "/>", 2);
        world_end(w);
    }
}

static void test_c2_bytes_that_come_later_end_the_stream_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(injections); i++) {
        int looks_like_tls = injections[i][0] < 0x20 && injections[i][0] > '\n';
        begin(ENVOI_TLS_STARTTLS, TLS_1_3);
        the_peer.stop = AT_HANDSHAKE;
        world_run(w);
        assert_string_equal(envoi_stream_state(w->stream), "handshake");
        peer_send(&the_peer, injections[i]);
        the_peer.phase = AT_HANDSHAKE;
        if (looks_like_tls)
            peer_send(&the_peer, "more that is no record of TLS at all, as it must be, to be judged");
        world_run(w);
        assert_closed(looks_like_tls ? ENVOI_ERR_TLS_HANDSHAKE : ENVOI_ERR_TLS_INJECTION);
        assert_no_credentials(w);
        world_end(w);
    }
}

static void test_c2_what_was_said_before_tls_is_forgotten(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    the_peer.stop = AT_SECURED_OFFER;
    the_peer.mechanisms = "<mechanism>X-NOTHING</mechanism>";
    world_run(w);
    /* the clear features would have offered nothing; those inside TLS count alone */
    assert_closed(ENVOI_ERR_AUTH_NO_MECHANISM);
    assert_int_equal(the_peer.headers, 2);
    world_end(w);
}

/* RFC 6120 13.7.2: the certificate is for one domain, so the stream inside must not be another one's. */
static void test_a_header_inside_tls_that_names_another_domain_ends_the_stream(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    the_peer.other_header = "<stream:stream from='evil.example' id='1' version='1.0' xmlns='jabber:client' "
                            "xmlns:stream='http://etherx.jabber.org/streams'>";
    world_run(w);
    assert_closed(ENVOI_ERR_STREAM_HEADER);
    assert_int_equal(w->secured, 1);
    assert_int_equal(w->authenticated, 0);
    assert_string_equal(the_peer.client_first, ""); /* no <auth/> came */
    world_end(w);
}

/* ---- endings ---- */

struct ending {
    enum phase stop;
    const char *state;      /* of the stream */
    int error, clean_error; /* cut off; and after close_notify */
    int timeout_error;      /* ... and if nothing happens at all */
    uint64_t timeout;
};

static const struct ending endings[] = {
    {AT_HEADER, "opening", ENVOI_ERR_EOF, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_STREAM, 30000},
    {AT_STARTTLS, "starttls", ENVOI_ERR_EOF, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_TLS, 30000},
    {AT_HANDSHAKE, "handshake", ENVOI_ERR_EOF, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_TLS, 30000},
    {AT_CHALLENGE, "sasl", ENVOI_ERR_TLS_TRUNCATED, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_AUTH, 30000},
    {AT_AUTHENTICATED, "opening", ENVOI_ERR_TLS_TRUNCATED, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_STREAM, 30000},
    {AT_BIND_ASKED, "binding", ENVOI_ERR_TLS_TRUNCATED, ENVOI_ERR_EOF, ENVOI_ERR_TIMEOUT_BIND, 30000},
};

static void begin_ending(const struct ending *row, const char *priority)
{
    begin(ENVOI_TLS_STARTTLS, priority);
    the_peer.stop = row->stop;
    world_run(w);
    assert_string_equal(envoi_stream_state(w->stream), row->state);
    assert_int_equal(w->closed, 0);
}

static void test_a_cut_is_told_from_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(endings); i++) {
        for (int clean = 0; clean < 2; clean++) {
            begin_ending(&endings[i], TLS_1_3);
            if (clean && the_peer.secure) {
                gnutls_bye(the_peer.tls.session, GNUTLS_SHUT_WR);
                world_receive(w);
                world_events(w);
                assert_int_equal(w->closed, 1); /* close_notify is enough */
            } else {
                assert_int_equal(envoi_stream_receive_eof(w->stream), 0);
                assert_int_equal(envoi_stream_receive_eof(w->stream), ENVOI_ERR_STATE);
                world_events(w);
            }
            assert_closed(clean ? endings[i].clean_error : endings[i].error);
            assert_int_equal(w->retryable, 1);
            world_end(w);
        }
    }
}

static void test_a_session_that_is_cut(void **state)
{
    (void)state;
    for (int clean = 0; clean < 2; clean++) {
        begin(ENVOI_TLS_DIRECT, TLS_1_2);
        w->closes = 0;
        world_run(w);
        assert_int_equal(w->stanzas, 1);
        peer_send(&the_peer, "<message from='a@b.example'/><message from='c@d.example'>");
        if (clean)
            gnutls_bye(the_peer.tls.session, GNUTLS_SHUT_WR);
        world_receive(w);
        envoi_stream_receive_eof(w->stream);
        world_events(w);
        assert_int_equal(w->stanzas, 2); /* what came whole is delivered */
        assert_closed(clean ? ENVOI_ERR_EOF : ENVOI_ERR_TLS_TRUNCATED);
        world_end(w);
    }
}

/* RFC 6120 5.3.5: the connection ends, without a stream error. */
static void test_renegotiation_ends_the_stream_without_a_word(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, TLS_1_2);
    w->closes = 0;
    world_run(w);
    assert_int_equal(w->ready, 1);
    size_t headers = (size_t)the_peer.headers;
    assert_int_equal(gnutls_rehandshake(the_peer.tls.session), 0);
    world_run(w);
    assert_closed(ENVOI_ERR_TLS_RECORD);
    assert_non_null(strstr(w->text, "renegotiate"));
    assert_int_equal(the_peer.headers, headers);
    assert_int_equal(the_peer.phase, AT_SESSION); /* not even an end tag came */
    assert_int_equal(the_peer.len, 0);
    world_end(w);
}

static void test_a_damaged_record_ends_the_stream(void **state)
{
    (void)state;
    for (size_t v = 0; v < ENVOI__COUNT(versions); v++) {
        begin(ENVOI_TLS_DIRECT, versions[v]);
        w->closes = 0;
        world_run(w);
        peer_send(&the_peer, "<message from='a@b.example'/>");
        the_peer.tls.out.data[the_peer.tls.out.len - 3] ^= 1;
        world_run(w);
        assert_int_equal(w->stanzas, 1);
        assert_closed(ENVOI_ERR_TLS_RECORD);
        assert_int_equal(w->retryable, 1); /* as after a reset: the next connection may be sound */
        assert_string_not_equal(w->text, "none");
        world_end(w);
    }
}

static void test_a_failed_transport_ends_every_phase(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(endings); i++) {
        begin_ending(&endings[i], TLS_1_2);
        assert_int_equal(envoi_stream_transport_failed(w->stream, ENVOI_ERR_RESET, "reset by peer"), 0);
        assert_int_equal(envoi_stream_transport_failed(w->stream, ENVOI_ERR_EOF, NULL), ENVOI_ERR_STATE);
        world_events(w);
        assert_closed(ENVOI_ERR_RESET);
        assert_non_null(strstr(w->text, "reset by peer"));
        world_end(w);
    }
}

/* ---- deadlines ---- */

static void test_every_phase_has_its_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(endings); i++) {
        begin_ending(&endings[i], TLS_1_3);
        world_tick(w, 0);
        assert_int_equal(envoi_stream_deadline(w->stream), w->now + endings[i].timeout);
        world_tick(w, endings[i].timeout - 1);
        assert_int_equal(w->closed, 0);
        world_tick(w, 1);
        assert_closed(endings[i].timeout_error);
        assert_int_equal(w->retryable, 1);
        world_end(w);
    }
}

static void test_a_byte_now_and_then_is_no_excuse(void **state)
{
    (void)state;
    begin_ending(&endings[0], TLS_1_3);
    for (int i = 0; i < 30 && !w->closed; i++) {
        envoi_stream_receive(w->stream, &HEADER[i], 1);
        world_events(w);
        world_tick(w, 1000);
    }
    assert_closed(ENVOI_ERR_TIMEOUT_STREAM);
    world_end(w);
}

static void test_before_a_byte_went_out_only_the_login_has_a_deadline(void **state)
{
    (void)state;
    for (int tls = ENVOI_TLS_STARTTLS; tls <= ENVOI_TLS_DIRECT; tls++) {
        size_t len;
        begin(tls, TLS_1_3);
        w->mute = 1;
        world_events(w);
        assert_int_equal(envoi_stream_deadline(w->stream), w->now + 120000);
        world_tick(w, 60000); /* the transport takes its time to connect */
        assert_int_equal(w->closed, 0);
        assert_non_null(envoi_stream_output(w->stream, &len));
        assert_int_equal(envoi_stream_sent(w->stream, 0), 0);
        assert_int_equal(envoi_stream_deadline(w->stream), w->now + 60000);
        assert_int_equal(envoi_stream_sent(w->stream, 1), 0);
        assert_int_equal(envoi_stream_deadline(w->stream), w->now); /* tell the time first */
        world_tick(w, 0);
        assert_int_equal(envoi_stream_deadline(w->stream), w->now + 30000);
        world_tick(w, 30000);
        assert_closed(tls == ENVOI_TLS_DIRECT ? ENVOI_ERR_TIMEOUT_TLS : ENVOI_ERR_TIMEOUT_STREAM);
        world_end(w);
        begin(tls, TLS_1_3);
        w->mute = 1;
        world_tick(w, 119999);
        assert_int_equal(w->closed, 0);
        world_tick(w, 1);
        assert_closed(ENVOI_ERR_TIMEOUT_LOGIN);
        world_end(w);
    }
}

/* A program may wait for its connection without telling the time. */
static void test_time_that_a_connection_takes_does_not_count(void **state)
{
    (void)state;
    size_t len;
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    w->mute = 1;
    world_tick(w, 0);
    w->now += 29000; /* so long connecting took */
    assert_non_null(envoi_stream_output(w->stream, &len));
    assert_int_equal(envoi_stream_sent(w->stream, len), 0);
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 30000);
    world_tick(w, 29999);
    assert_int_equal(w->closed, 0);
    world_tick(w, 1);
    assert_closed(ENVOI_ERR_TIMEOUT_STREAM);
    world_end(w);
}

static void test_time_that_a_person_takes_does_not_count(void **state)
{
    envoi_config *config = NULL;
    (void)state;
    assert_int_equal(make_config(&config, ENVOI_TLS_STARTTLS, NULL), 0);
    peer_init(&the_peer, TLS_1_3, &good, 1);
    the_peer.stop = AT_CHALLENGE;
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    world_run(w);
    assert_string_equal(envoi_stream_state(w->stream), "password");
    assert_int_equal(envoi_stream_deadline(w->stream), UINT64_MAX);
    world_tick(w, UINT64_C(1000) * 60 * 60 * 24 * 7);
    assert_int_equal(w->closed, 0);
    assert_int_equal(envoi_stream_set_password(w->stream, PASSWORD), 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now); /* tell the time first */
    world_tick(w, 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 30000);
    world_run(w);
    world_tick(w, 29999);
    assert_int_equal(w->closed, 0);
    world_tick(w, 1);
    assert_closed(ENVOI_ERR_TIMEOUT_AUTH);
    world_end(w);
}

static void test_a_ready_stream_that_asks_for_no_sign_of_life_waits_for_ever(void **state)
{
    (void)state;
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, ENVOI_TLS_STARTTLS, PASSWORD), 0);
    assert_int_equal(envoi_config_set_timeout(config, ENVOI_TIMEOUT_IDLE, 0), 0);
    peer_init(&the_peer, TLS_1_3, &good, 1);
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    w->closes = 0;
    world_run(w);
    assert_int_equal(envoi_stream_deadline(w->stream), UINT64_MAX);
    world_tick(w, UINT64_C(1000) * 60 * 60 * 24 * 365 * 20);
    assert_int_equal(w->closed, 0);
    assert_int_equal(envoi_stream_tick(w->stream, 5), 0); /* a clock that goes back stands still */
    world_tick(w, 0);
    assert_int_equal(envoi_stream_close(w->stream), 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now); /* tell the time first */
    world_tick(w, 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 5000);
    world_run(w);
    assert_closed(ENVOI_OK);
    world_end(w);
}

/* RFC 6120 4.6.4: not more often than every five minutes. */
static void test_a_silent_server_is_pinged_after_five_minutes(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    w->closes = 0;
    world_run(w);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now); /* tell the time first */
    world_tick(w, 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 300000);
    w->mute = 1; /* the connection is dead */
    world_tick(w, 299999);
    size_t len = 0, before = 0;
    envoi_stream_output(w->stream, &before);
    world_tick(w, 1);
    assert_int_equal(w->closed, 0);
    envoi_stream_output(w->stream, &len);
    assert_true(len > before);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 60000);
    world_tick(w, 60000);
    assert_closed(ENVOI_ERR_TIMEOUT_PING);
    assert_int_equal(w->retryable, 1);
    world_end(w);
}

/* Bytes may come long after the time was last told: the silence begins when it is told again. */
static void test_silence_runs_from_the_tick_behind_the_last_byte(void **state)
{
    (void)state;
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    w->closes = 0;
    world_run(w);
    world_tick(w, 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 300000);
    say_hello(w->stream);
    world_run(w); /* the answer comes, and nobody has told the time */
    w->now += 299000;
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 300000);
    world_tick(w, 1000); /* now nothing came */
    assert_int_equal(envoi_stream_deadline(w->stream), w->now + 299000);
    world_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logins_with_tls),
        cmocka_unit_test(test_a_transport_with_tls_of_its_own),
        cmocka_unit_test(test_without_memory_starttls_ends_in_order),
        cmocka_unit_test(test_without_memory_direct_tls_ends_in_order),
        cmocka_unit_test(test_without_memory_a_plain_login_ends_in_order),
        cmocka_unit_test(test_a_stream_can_be_freed_at_any_time),
        cmocka_unit_test(test_a_bad_certificate_ends_the_stream_before_any_credential),
        cmocka_unit_test(test_a_certificate_accepted_by_its_hash),
        cmocka_unit_test(test_a_certificate_of_our_own_logs_in),
        cmocka_unit_test(test_a_certificate_that_was_not_asked_for_is_not_spoken_of),
        cmocka_unit_test(test_without_memory_a_certificate_ends_in_order),
        cmocka_unit_test(test_a_server_without_tls_1_2_is_refused),
        cmocka_unit_test(test_an_empty_trust_store_makes_no_direct_stream),
        cmocka_unit_test(test_c2_bytes_behind_proceed_end_the_stream_without_a_word),
        cmocka_unit_test(test_c2_bytes_that_come_later_end_the_stream_too),
        cmocka_unit_test(test_c2_what_was_said_before_tls_is_forgotten),
        cmocka_unit_test(test_a_cut_is_told_from_an_end),
        cmocka_unit_test(test_a_session_that_is_cut),
        cmocka_unit_test(test_a_header_inside_tls_that_names_another_domain_ends_the_stream),
        cmocka_unit_test(test_renegotiation_ends_the_stream_without_a_word),
        cmocka_unit_test(test_a_damaged_record_ends_the_stream),
        cmocka_unit_test(test_a_failed_transport_ends_every_phase),
        cmocka_unit_test(test_every_phase_has_its_deadline),
        cmocka_unit_test(test_a_byte_now_and_then_is_no_excuse),
        cmocka_unit_test(test_before_a_byte_went_out_only_the_login_has_a_deadline),
        cmocka_unit_test(test_time_that_a_connection_takes_does_not_count),
        cmocka_unit_test(test_time_that_a_person_takes_does_not_count),
        cmocka_unit_test(test_a_silent_server_is_pinged_after_five_minutes),
        cmocka_unit_test(test_silence_runs_from_the_tick_behind_the_last_byte),
        cmocka_unit_test(test_a_ready_stream_that_asks_for_no_sign_of_life_waits_for_ever),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
