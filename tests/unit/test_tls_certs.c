/* SPDX-License-Identifier: MIT */
/* Which certificates a client takes, and what it says about the others. */
#include "test.h"

#include "base/text.h"
#include "tls/names.h"
#include "tls_peer.h"
#include <gnutls/crypto.h>

#define DOMAIN   "im.example.com"
#define IDN      "xn--bcher-kva.example"
#define OTHER_CA "Other Root"
#define TEN_OF_X "xxxxxxxxxx"
#define LONG_NAME                                                                                                    \
    TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X TEN_OF_X      \
        TEN_OF_X

/* Issuers, by their places in the table below. */
enum issuer {
    ROOT, /* trusted, as are the next two */
    EXPIRED_ROOT,
    COMING_ROOT,
    OTHER_ROOT,
    MIDDLE,           /* by ROOT */
    SHORT_MIDDLE,     /* by ROOT, path limit 0 */
    BELOW_SHORT,      /* by SHORT_MIDDLE, which is one too many */
    CONSTRAINED,      /* by ROOT, for other.example only */
    CONSTRAINED_HERE, /* by ROOT, for example.com only */
    NO_CA,            /* by ROOT, a server */
    WEAK_MIDDLE,      /* by ROOT, with RSA of 1024 bits */
    ISSUERS,
    SELF
};

static const struct {
    struct cert_spec spec;
    enum issuer by;
} issuer_rows[ISSUERS] = {
    [ROOT] = {{.cn = "Test Root", .ca = 1}, SELF},
    [EXPIRED_ROOT] = {{.cn = "Old Root", .ca = 1, .from_day = -30, .to_day = -10}, SELF},
    [COMING_ROOT] = {{.cn = "Coming Root", .ca = 1, .from_day = 10, .to_day = 30}, SELF},
    [OTHER_ROOT] = {{.cn = OTHER_CA, .ca = 1}, SELF},
    [MIDDLE] = {{.cn = "Middle", .ca = 1}, ROOT},
    [SHORT_MIDDLE] = {{.cn = "Short Middle", .ca = 2}, ROOT},
    [BELOW_SHORT] = {{.cn = "Below Short", .ca = 1}, SHORT_MIDDLE},
    [CONSTRAINED] = {{.cn = "Constrained", .ca = 1, .permitted = "other.example"}, ROOT},
    [CONSTRAINED_HERE] = {{.cn = "Constrained Here", .ca = 1, .permitted = "example.com"}, ROOT},
    [NO_CA] = {{.cn = "No CA", .san = {{NAME_DNS, DOMAIN, 0}}}, ROOT},
    [WEAK_MIDDLE] = {{.cn = "Weak Middle", .ca = 1, .key = KEY_RSA_1024}, ROOT},
};

static struct cert issuers[ISSUERS];
static struct envoi_trust *trust;

/* One server certificate, what it comes with, and what the client must say. */
struct cert_case {
    const char *name;
    int error;
    struct cert_spec leaf;
    enum issuer by;
    unsigned chain_count;
    enum issuer chain[3];
    const char *domain; /* NULL: DOMAIN */
    const char *detail; /* must stand in what a person is told */
};

#define DNS(text)                                                                                                    \
    {                                                                                                                \
        {                                                                                                            \
            NAME_DNS, text, 0                                                                                        \
        }                                                                                                            \
    }
#define SRV(text)                                                                                                    \
    {                                                                                                                \
        {                                                                                                            \
            NAME_SRV, text, 0                                                                                        \
        }                                                                                                            \
    }
#define XMPP(text)                                                                                                   \
    {                                                                                                                \
        {                                                                                                            \
            NAME_XMPP, text, 0                                                                                       \
        }                                                                                                            \
    }
#define IP(bytes)                                                                                                    \
    {                                                                                                                \
        {                                                                                                            \
            NAME_IP, bytes, sizeof bytes - 1                                                                         \
        }                                                                                                            \
    }
#define WRONG   ENVOI_ERR_CERT_WRONG_HOST
#define INVALID ENVOI_ERR_CERT_INVALID

#define CASE(text, code, ...)                                                                                        \
    {                                                                                                                \
        .name = text, .error = code, .leaf = __VA_ARGS__                                                             \
    }

static const struct cert_case cases[] = {
    CASE("good", 0, {.san = DNS(DOMAIN)}),
    CASE("upper case", 0, {.san = DNS("IM.Example.COM")}),
    CASE("second of two", 0, {.san = {{NAME_DNS, "example.com", 0}, {NAME_DNS, DOMAIN, 0}}}),
    CASE("RSA 2048", 0, {.san = DNS(DOMAIN), .key = KEY_RSA}),
    CASE("with intermediate", 0, {.san = DNS(DOMAIN)}, .by = MIDDLE, .chain_count = 1, .chain = {MIDDLE}),
    CASE("with intermediate and root", 0, {.san = DNS(DOMAIN)}, .by = MIDDLE, .chain_count = 2,
         .chain = {MIDDLE, ROOT}),
    CASE("extra wrong intermediate", 0, {.san = DNS(DOMAIN)}, .by = MIDDLE, .chain_count = 2,
         .chain = {MIDDLE, SHORT_MIDDLE}),
    CASE("constraint kept", 0, {.san = DNS(DOMAIN)}, .by = CONSTRAINED_HERE, .chain_count = 1,
         .chain = {CONSTRAINED_HERE}),

    CASE("expired", ENVOI_ERR_CERT_EXPIRED, {.cn = "past", .san = DNS(DOMAIN), .from_day = -30, .to_day = -10},
         .detail = "CN=past expired on 20"),
    CASE("expired and wrong host", ENVOI_ERR_CERT_EXPIRED, {.san = DNS("x.example"), .from_day = -30, .to_day = -10}),
    CASE("not yet valid", ENVOI_ERR_CERT_NOT_YET_VALID,
         {.cn = "future", .san = DNS(DOMAIN), .from_day = 10, .to_day = 30},
         .detail = "CN=future is not valid before 20"),
    CASE("expired issuer", ENVOI_ERR_CERT_EXPIRED, {.san = DNS(DOMAIN)}, .by = EXPIRED_ROOT,
         .detail = "CN=Old Root expired on"),
    CASE("coming issuer", ENVOI_ERR_CERT_NOT_YET_VALID, {.san = DNS(DOMAIN)}, .by = COMING_ROOT,
         .detail = "CN=Coming Root is not valid before"),

    CASE("wrong host", WRONG, {.san = DNS("www.example.com")},
         .detail = "the certificate is for www.example.com, but not for im.example.com"),
    CASE("parent domain", WRONG, {.san = DNS("example.com")}),
    CASE("name of the SRV target", WRONG, {.san = DNS("xmpp1.hosting.example")}),
    CASE("common name only", WRONG, {.cn = DOMAIN}, .detail = "a common name does not count"),
    CASE("common name beside another SAN", WRONG, {.cn = DOMAIN, .san = DNS("x.example")}),
    CASE("trailing dot", WRONG, {.san = DNS(DOMAIN ".")}),
    CASE("many names", WRONG,
         {.san = {{NAME_DNS, "a.example", 0},
                  {NAME_SRV, "_xmpp-client.b.example", 0},
                  {NAME_XMPP, "c.example", 0},
                  {NAME_IP, "\x7f\0\0\1", 4}}},
         .detail = "for a.example, _xmpp-client.b.example, c.example, 127.0.0.1, but"),
    CASE("more names than are shown", WRONG,
         {.san = {{NAME_DNS, "a.example", 0},
                  {NAME_DNS, "b.example", 0},
                  {NAME_DNS, "c.example", 0},
                  {NAME_DNS, "d.example", 0},
                  {NAME_DNS, "e.example", 0},
                  {NAME_DNS, "f.example", 0}}},
         .detail = "d.example, e.example and others, but not for im.example.com"),
    CASE("names that say nothing here", WRONG,
         {.san = {{NAME_MAIL, "a@im.example.com", 0},
                  {NAME_ODD, DOMAIN, 0},
                  {NAME_IP, "\x7f\0\0", 3},
                  {NAME_DNS, "b.example", 0}}},
         .detail = "the certificate is for b.example, but not"),
    CASE("names longer than there is room to tell", WRONG,
         {.san = {{NAME_DNS, LONG_NAME, 0},
                  {NAME_DNS, LONG_NAME, 0},
                  {NAME_DNS, LONG_NAME, 0},
                  {NAME_DNS, LONG_NAME, 0}}},
         .detail = "the certificate is for xxxxxxxx"),
    CASE("untrusted, with controls in the subject", ENVOI_ERR_CERT_UNTRUSTED,
         {.cn = "a\x7f\x1b[2Jb", .san = DNS(DOMAIN)}, .by = OTHER_ROOT, .detail = "was issued by CN=Other Root"),
    CASE("NUL in the name", WRONG,
         {.san = {{NAME_DNS, DOMAIN "\0.evil.example", sizeof DOMAIN "\0.evil.example" - 1}}},
         .detail = "im.example.com?.evil.example"),
    CASE("NUL at the end", WRONG, {.san = {{NAME_DNS, DOMAIN "\0", sizeof DOMAIN}}}),
    CASE("terminal controls in the name", WRONG, {.san = DNS("\x1b[2J.evil.example\n")},
         .detail = "?[2J.evil.example?"),

    CASE("wildcard", 0, {.san = DNS("*.example.com")}),
    CASE("wildcard two labels deep", WRONG, {.san = DNS("*.example.com")}, .domain = "a.im.example.com"),
    CASE("wildcard for its own parent", WRONG, {.san = DNS("*.example.com")}, .domain = "example.com"),
    CASE("wildcard below the domain", WRONG, {.san = DNS("*." DOMAIN)}),
    CASE("bare wildcard", WRONG, {.san = DNS("*")}, .domain = "localhost"),
    CASE("wildcard of a top-level domain", WRONG, {.san = DNS("*.com")}, .domain = "example.com"),
    CASE("wildcard in a label", WRONG, {.san = DNS("i*.example.com")}),
    CASE("wildcard at a label's end", WRONG, {.san = DNS("*m.example.com")}),
    CASE("wildcard not left-most", WRONG, {.san = DNS("im.*.com")}),
    CASE("two wildcards", WRONG, {.san = DNS("*.*.com")}),

    CASE("SRV-ID", 0, {.san = SRV("_xmpp-client." DOMAIN)}),
    CASE("SRV-ID in capitals", 0, {.san = SRV("_XMPP-Client.IM.example.com")}),
    CASE("SRV-ID with wildcard", 0, {.san = SRV("_xmpp-client.*.example.com")}),
    CASE("SRV-ID for servers", WRONG, {.san = SRV("_xmpp-server." DOMAIN)}),
    CASE("SRV-ID of another domain", WRONG, {.san = SRV("_xmpp-client.example.com")}),
    CASE("SRV-ID without a service", WRONG, {.san = SRV(DOMAIN)}),
    CASE("XmppAddr", 0, {.san = XMPP(DOMAIN)}),
    CASE("XmppAddr of a user", WRONG, {.san = XMPP("juliet@" DOMAIN)}),
    CASE("XmppAddr with wildcard", WRONG, {.san = XMPP("*.example.com")}),
    CASE("XmppAddr with NUL", WRONG, {.san = {{NAME_XMPP, DOMAIN "\0x", sizeof DOMAIN "x"}}}),
    CASE("SRV-ID below a constrained issuer", WRONG, {.cn = "other.example", .san = SRV("_xmpp-client." DOMAIN)},
         .by = CONSTRAINED, .chain_count = 1, .chain = {CONSTRAINED}),
    CASE("XmppAddr below a constrained issuer", WRONG, {.cn = "other.example", .san = XMPP(DOMAIN)},
         .by = CONSTRAINED, .chain_count = 1, .chain = {CONSTRAINED}),

    CASE("A-label", 0, {.san = DNS(IDN)}, .domain = IDN),
    CASE("U-label in a DNS name", WRONG,
         {.san = DNS("b\xc3\xbc"
                     "cher.example")},
         .domain = IDN),
    CASE("U-label in XmppAddr", 0,
         {.san = XMPP("b\xc3\xbc"
                      "cher.example")},
         .domain = IDN),
    CASE("another U-label in XmppAddr", WRONG,
         {.san = XMPP("b\xc3\xb6"
                      "cher.example")},
         .domain = IDN),
    CASE("bad UTF-8 in XmppAddr", WRONG,
         {.san = XMPP("b\xc3"
                      "cher.example")},
         .domain = IDN),
    CASE("wildcard for an A-label", 0, {.san = DNS("*.example.com")}, .domain = "xn--bcher-kva.example.com"),

    CASE("IPv4", 0, {.san = IP("\xc0\0\2\1")}, .domain = "192.0.2.1"),
    CASE("IPv6", 0, {.san = IP("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}, .domain = "2001:db8::1"),
    CASE("IPv6 in brackets", 0, {.san = IP("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}, .domain = "[2001:db8::1]"),
    CASE("another address", WRONG, {.san = IP("\xc0\0\2\2")}, .domain = "192.0.2.1", .detail = "is for 192.0.2.2,"),
    CASE("address as DNS name", WRONG, {.san = DNS("192.0.2.1")}, .domain = "192.0.2.1"),
    CASE("wildcard for an address", WRONG, {.san = DNS("*.0.2.1")}, .domain = "192.0.2.1"),
    CASE("address for a domain", WRONG, {.san = IP("\xc0\0\2\1")}),
    CASE("address of odd size", WRONG, {.san = IP("\xc0\0\2\1\1")}, .domain = "192.0.2.1"),

    CASE("self-signed", ENVOI_ERR_CERT_SELF_SIGNED, {.cn = "alone", .san = DNS(DOMAIN)}, .by = SELF,
         .detail = "its SHA-256 is "),
    CASE("self-signed and expired", ENVOI_ERR_CERT_SELF_SIGNED, {.san = DNS(DOMAIN), .from_day = -30, .to_day = -10},
         .by = SELF),
    CASE("self-signed issuer as server", ENVOI_ERR_CERT_SELF_SIGNED, {.san = DNS(DOMAIN), .ca = 1}, .by = SELF),
    CASE("unknown issuer", ENVOI_ERR_CERT_UNTRUSTED, {.cn = "leaf", .san = DNS(DOMAIN)}, .by = OTHER_ROOT,
         .detail = "CN=leaf was issued by CN=" OTHER_CA ", who is not trusted"),
    CASE("unknown issuer that was sent", ENVOI_ERR_CERT_UNTRUSTED, {.san = DNS(DOMAIN)}, .by = OTHER_ROOT,
         .chain_count = 1, .chain = {OTHER_ROOT}),
    CASE("missing intermediate", ENVOI_ERR_CERT_UNTRUSTED, {.san = DNS(DOMAIN)}, .by = MIDDLE),

    CASE("path too long", INVALID, {.san = DNS(DOMAIN)}, .by = BELOW_SHORT, .chain_count = 2,
         .chain = {BELOW_SHORT, SHORT_MIDDLE}),
    CASE("constraint broken", INVALID, {.san = DNS(DOMAIN)}, .by = CONSTRAINED, .chain_count = 1,
         .chain = {CONSTRAINED}),
    CASE("issued by a server", INVALID, {.san = DNS(DOMAIN)}, .by = NO_CA, .chain_count = 1, .chain = {NO_CA}),
    CASE("for clients only", INVALID, {.san = DNS(DOMAIN), .purpose = GNUTLS_KP_TLS_WWW_CLIENT},
         .detail = "not issued for servers"),
    CASE("RSA 1024", INVALID, {.san = DNS(DOMAIN), .key = KEY_RSA_1024}, .detail = "no longer secure"),
    CASE("RSA 1024 in the middle", INVALID, {.san = DNS(DOMAIN)}, .by = WEAK_MIDDLE, .chain_count = 1,
         .chain = {WEAK_MIDDLE}),
    CASE("SHA-1", INVALID, {.san = DNS(DOMAIN), .digest = GNUTLS_DIG_SHA1}, .detail = "no longer secure"),
    CASE("must-staple without staple", INVALID, {.san = DNS(DOMAIN), .must_staple = 1}, .detail = "OCSP"),
};

/* ---- playing a case ---- */

struct outcome {
    int result;
    char detail[512];
    gnutls_alert_description_t alert; /* what the server was told */
    int server_done;
};

/* Only the credentials of the server differ, so one place serves all. */
static struct server server;

static struct outcome play(const struct envoi__tls_params *params, const char *priority, const struct cert *chain,
                           unsigned count)
{
    struct outcome out = {.result = 0};
    struct envoi__tls *client;
    struct envoi__buf in;
    struct envoi__buf wire_out;
    envoi__buf_init(&in, 0);
    envoi__buf_init(&wire_out, 0);
    server_init(&server, priority, chain, count);
    assert_int_equal(envoi__tls_new(&client, params, &in, &wire_out), 0);
    for (size_t moved = 1; moved;) {
        if (out.result == 0)
            out.result = envoi__tls_handshake(client);
        moved = to_server(&wire_out, &server, SIZE_MAX);
        server_run(&server);
        moved += to_client(&server, &in, SIZE_MAX);
    }
    snprintf(out.detail, sizeof out.detail, "%s", envoi__tls_detail(client));
    if (server.error == GNUTLS_E_FATAL_ALERT_RECEIVED)
        out.alert = gnutls_alert_get(server.session);
    out.server_done = server.done;
    if (out.result < 0) {
        struct envoi__buf plain;
        envoi__buf_init(&plain, 0);
        assert_int_equal(envoi__tls_handshake(client), out.result);
        assert_int_equal(envoi__tls_read(client, &plain), ENVOI_ERR_STATE);
        assert_int_equal(envoi__tls_write(client, (const uint8_t *)"secret", 6), out.result);
        assert_int_equal(wire_out.len, 0);
        envoi__buf_free(&plain);
    }
    envoi__tls_free(client);
    envoi__buf_free(&in);
    envoi__buf_free(&wire_out);
    server_free(&server);
    return out;
}

static const struct {
    int error;
    gnutls_alert_description_t alert;
} alerts[] = {
    {ENVOI_ERR_CERT_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED},
    {ENVOI_ERR_CERT_NOT_YET_VALID, GNUTLS_A_CERTIFICATE_EXPIRED},
    {ENVOI_ERR_CERT_WRONG_HOST, GNUTLS_A_BAD_CERTIFICATE},
    {ENVOI_ERR_CERT_SELF_SIGNED, GNUTLS_A_UNKNOWN_CA},
    {ENVOI_ERR_CERT_UNTRUSTED, GNUTLS_A_UNKNOWN_CA},
    {ENVOI_ERR_CERT_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED},
    {ENVOI_ERR_CERT_INVALID, GNUTLS_A_BAD_CERTIFICATE},
};

static void assert_alert(const char *name, const struct outcome *out)
{
    for (size_t i = 0; i < ENVOI__COUNT(alerts); i++)
        if (alerts[i].error == out->result && alerts[i].alert == out->alert)
            return;
    fail_msg("%s: the server was told %d", name, (int)out->alert);
}

static void assert_outcome(const char *name, const struct outcome *out, int error, const char *detail)
{
    int wanted = error ? error : 1;
    if (out->result != wanted)
        fail_msg("%s: %d instead of %d (%s)", name, out->result, wanted, out->detail);
    if (!error) {
        assert_true(out->server_done);
        assert_string_equal(out->detail, "");
        return;
    }
    assert_alert(name, out);
    if (!out->detail[0] || (detail && !strstr(out->detail, detail)))
        fail_msg("%s: \"%s\" lacks \"%s\"", name, out->detail, detail ? detail : "anything");
    for (const char *c = out->detail; *c; c++)
        assert_in_range(*c, ' ', '~');
}

static unsigned make_chain(const struct cert_case *row, struct cert *chain)
{
    chain[0] = make_cert(&row->leaf, row->by == SELF ? NULL : &issuers[row->by]);
    for (unsigned i = 0; i < row->chain_count; i++)
        chain[1 + i] = issuers[row->chain[i]];
    return 1 + row->chain_count;
}

static void test_certificate_cases(void **state)
{
    (void)state;
    static const char *const versions[] = {TLS_1_3, TLS_1_2};
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct cert chain[4];
        unsigned count = make_chain(&cases[i], chain);
        const struct envoi__tls_params params = {.domain = cases[i].domain ? cases[i].domain : DOMAIN,
                                                 .trust = trust};
        for (size_t v = 0; v < ENVOI__COUNT(versions); v++) {
            struct outcome out = play(&params, versions[v], chain, count);
            assert_outcome(cases[i].name, &out, cases[i].error, cases[i].detail);
        }
        free_cert(&chain[0]);
    }
}

/* More certificates than GnuTLS itself would set for a server. */
enum { MOST_SENT = 16 };

static struct {
    gnutls_pcert_st certs[MOST_SENT + 1];
    unsigned count;
    gnutls_privkey_t key;
} long_chain;

static int give_long_chain(gnutls_session_t session, const gnutls_datum_t *issuers_known, int issuer_count,
                           const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
                           unsigned *count, gnutls_privkey_t *key)
{
    (void)session;
    (void)issuers_known;
    (void)issuer_count;
    (void)algorithms;
    (void)algorithm_count;
    *chain = long_chain.certs;
    *count = long_chain.count;
    *key = long_chain.key;
    return 0;
}

static void make_long_chain(const struct cert *leaf)
{
    assert_int_equal(gnutls_privkey_init(&long_chain.key), 0);
    assert_int_equal(gnutls_privkey_import_x509(long_chain.key, leaf->key, 0), 0);
    for (unsigned i = 0; i <= MOST_SENT; i++) {
        const struct cert *cert = i == 0 ? leaf : &issuers[i == 1 ? MIDDLE : CONSTRAINED];
        assert_int_equal(gnutls_pcert_import_x509(&long_chain.certs[i], cert->crt, 0), 0);
    }
}

static void test_a_server_sends_sixteen_certificates_at_most(void **state)
{
    (void)state;
    static const struct cert_spec spec = {.san = DNS(DOMAIN)};
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    struct cert leaf = make_cert(&spec, &issuers[MIDDLE]);
    make_long_chain(&leaf);
    server_chain = give_long_chain;
    long_chain.count = MOST_SENT;
    struct outcome out = play(&params, TLS_1_3, &leaf, 1);
    assert_outcome("as many as there may be", &out, 0, NULL);
    long_chain.count = MOST_SENT + 1;
    out = play(&params, TLS_1_3, &leaf, 1);
    assert_outcome("one more", &out, INVALID, "17 certificates, which is too many");
    server_chain = NULL;
    for (unsigned i = 0; i <= MOST_SENT; i++)
        gnutls_pcert_deinit(&long_chain.certs[i]);
    gnutls_privkey_deinit(long_chain.key);
    free_cert(&leaf);
}

/* ---- one's own decisions ---- */

static void test_accepted_certificate_passes_whatever_is_wrong(void **state)
{
    (void)state;
    size_t bad = 0;
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        if (!cases[i].error)
            continue;
        struct cert chain[4];
        uint8_t digest[32];
        unsigned count = make_chain(&cases[i], chain);
        cert_sha256(&chain[0], digest);
        const char *domain = cases[i].domain ? cases[i].domain : DOMAIN;
        const struct envoi__tls_params params = {.domain = domain, .trust = trust, .accepted = digest};
        struct outcome out = play(&params, TLS_1_3, chain, count);
        assert_outcome(cases[i].name, &out, 0, NULL);
        digest[31] ^= 1;
        out = play(&params, TLS_1_3, chain, count);
        assert_outcome(cases[i].name, &out, cases[i].error, cases[i].detail);
        free_cert(&chain[0]);
        bad++;
    }
    assert_true(bad > 30);
}

static void test_self_signed_certificate_in_the_store_is_trusted(void **state)
{
    (void)state;
    static const struct cert_spec spec = {.cn = "home", .san = DNS(DOMAIN)};
    static const struct cert_spec twin = {.cn = "home", .san = DNS(DOMAIN), .key = KEY_RSA};
    struct envoi_trust *own;
    struct cert home = make_cert(&spec, NULL);
    struct cert other = make_cert(&twin, NULL);
    assert_int_equal(envoi_trust_new(&own), 0);
    trust_cert(own, &home);
    struct envoi__tls_params params = {.domain = DOMAIN, .trust = own};
    struct outcome out = play(&params, TLS_1_3, &home, 1);
    assert_outcome("home", &out, 0, NULL);
    params.domain = "other.example.com";
    out = play(&params, TLS_1_3, &home, 1);
    assert_outcome("home by another name", &out, WRONG, DOMAIN);
    params.domain = DOMAIN;
    out = play(&params, TLS_1_3, &other, 1);
    assert_outcome("a certificate of the same name", &out, ENVOI_ERR_CERT_SELF_SIGNED, NULL);
    free_cert(&home);
    free_cert(&other);
    envoi_trust_free(own);
}

static void test_weaker_profile_must_be_named(void **state)
{
    (void)state;
    static const struct cert_spec spec = {.san = DNS(DOMAIN), .key = KEY_RSA_1024};
    struct cert weak = make_cert(&spec, &issuers[ROOT]);
    struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust, .priority = "NORMAL"};
    struct outcome out = play(&params, TLS_1_2, &weak, 1);
    assert_outcome("NORMAL", &out, INVALID, "no longer secure");
    params.priority = "NORMAL:%PROFILE_LOW";
    out = play(&params, TLS_1_2, &weak, 1);
    assert_outcome("LOW", &out, 0, NULL);
    free_cert(&weak);
}

/* ---- a stapled OCSP answer ---- */

static void put_time(struct der *der, time_t when)
{
    char text[32];
    struct tm parts;
    assert_non_null(gmtime_r(&when, &parts));
    size_t len = strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &parts);
    der_put(der, 0x18, text, len);
}

static void put_sha1(struct der *der, uint8_t tag, const void *data, size_t len)
{
    uint8_t digest[20];
    assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA1, data, len, digest), 0);
    der_put(der, tag, digest, sizeof digest);
}

/* CertID (RFC 6960 4.1.1) by SHA-1. */
static void put_cert_id(struct der *der, const struct cert *issuer, const struct cert *leaf)
{
    static const uint8_t sha1[] = {0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0};
    struct der id = {.len = 0};
    gnutls_datum_t name;
    uint8_t serial[32];
    size_t serial_len = sizeof serial;
    memcpy(id.data, sha1, sizeof sha1);
    id.len = sizeof sha1;
    assert_int_equal(gnutls_x509_crt_get_raw_dn(issuer->crt, &name), 0);
    put_sha1(&id, 0x04, name.data, name.size);
    gnutls_free(name.data);
    /* the key itself, without its algorithm: an uncompressed point of 65 bytes at the end of the P-256 key */
    uint8_t spki[256];
    gnutls_pubkey_t key;
    size_t spki_len = sizeof spki;
    assert_int_equal(gnutls_pubkey_init(&key), 0);
    assert_int_equal(gnutls_pubkey_import_x509(key, issuer->crt, 0), 0);
    assert_int_equal(gnutls_pubkey_export(key, GNUTLS_X509_FMT_DER, spki, &spki_len), 0);
    gnutls_pubkey_deinit(key);
    put_sha1(&id, 0x04, spki + spki_len - 65, 65);
    assert_int_equal(gnutls_x509_crt_get_serial(leaf->crt, serial, &serial_len), 0);
    der_put(&id, 0x02, serial, serial_len);
    der_wrap(&id, 0x30);
    der_add(der, &id);
}

/* BasicOCSPResponse (RFC 6960 4.2.1) signed by the issuer, inside an OCSPResponse. revoked 0: good. */
static struct der ocsp_answer(const struct cert *issuer, const struct cert *leaf, int revoked, int next_day)
{
    static const uint8_t ecdsa_sha256[] = {0x30, 10, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2};
    static const uint8_t basic[] = {0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1};
    const int day = 24 * 60 * 60;
    time_t now = time(NULL);
    struct der single = {.len = 0};
    put_cert_id(&single, issuer, leaf);
    if (revoked) {
        struct der when = {.len = 0};
        put_time(&when, now - 5 * day);
        der_put(&single, 0xA1, when.data, when.len);
    } else {
        der_put(&single, 0x80, NULL, 0);
    }
    put_time(&single, now - 4 * day);
    struct der next = {.len = 0};
    put_time(&next, now + next_day * day);
    der_put(&single, 0xA0, next.data, next.len);
    der_wrap(&single, 0x30);
    der_wrap(&single, 0x30);

    struct der tbs = {.len = 0};
    gnutls_datum_t name;
    assert_int_equal(gnutls_x509_crt_get_raw_dn(issuer->crt, &name), 0);
    der_put(&tbs, 0xA1, name.data, name.size);
    gnutls_free(name.data);
    put_time(&tbs, now - 4 * day);
    der_add(&tbs, &single);
    der_wrap(&tbs, 0x30);

    gnutls_privkey_t key;
    gnutls_datum_t data = {tbs.data, (unsigned)tbs.len};
    gnutls_datum_t signature;
    assert_int_equal(gnutls_privkey_init(&key), 0);
    assert_int_equal(gnutls_privkey_import_x509(key, issuer->key, 0), 0);
    assert_int_equal(gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0, &data, &signature), 0);
    gnutls_privkey_deinit(key);

    struct der answer = tbs;
    memcpy(answer.data + answer.len, ecdsa_sha256, sizeof ecdsa_sha256);
    answer.len += sizeof ecdsa_sha256;
    uint8_t bits[128] = {0};
    assert_in_range(signature.size, 1, sizeof bits - 1);
    memcpy(bits + 1, signature.data, signature.size);
    der_put(&answer, 0x03, bits, signature.size + 1);
    gnutls_free(signature.data);
    der_wrap(&answer, 0x30);
    der_wrap(&answer, 0x04);
    struct der bytes = {.len = 0};
    der_put(&bytes, 0x06, basic, sizeof basic);
    der_add(&bytes, &answer);
    der_wrap(&bytes, 0x30);
    der_wrap(&bytes, 0xA0);
    struct der whole = {.len = 0};
    der_put(&whole, 0x0A, "\0", 1);
    der_add(&whole, &bytes);
    der_wrap(&whole, 0x30);
    return whole;
}

static struct der stapled;

static int staple(gnutls_session_t session, void *user, gnutls_datum_t *out)
{
    (void)session;
    (void)user;
    out->data = gnutls_malloc(stapled.len);
    assert_non_null(out->data);
    memcpy(out->data, stapled.data, stapled.len);
    out->size = (unsigned)stapled.len;
    return 0;
}

static struct outcome play_stapled(const struct cert *leaf, const char *priority)
{
    const struct envoi__tls_params params = {.domain = DOMAIN, .trust = trust};
    server_status = staple;
    struct outcome out = play(&params, priority, leaf, 1);
    server_status = NULL;
    return out;
}

static void test_stapled_ocsp_answer_counts(void **state)
{
    (void)state;
    static const char *const versions[] = {TLS_1_3, TLS_1_2};
    static const struct cert_spec spec = {.san = DNS(DOMAIN), .must_staple = 1};
    struct cert leaf = make_cert(&spec, &issuers[ROOT]);
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++) {
        stapled = ocsp_answer(&issuers[ROOT], &leaf, 0, 4);
        struct outcome out = play_stapled(&leaf, versions[i]);
        assert_outcome("good", &out, 0, NULL);
        stapled = ocsp_answer(&issuers[ROOT], &leaf, 1, 4);
        out = play_stapled(&leaf, versions[i]);
        assert_outcome("revoked", &out, ENVOI_ERR_CERT_REVOKED, "revoked by its issuer");
        stapled = ocsp_answer(&issuers[ROOT], &leaf, 0, -1);
        out = play_stapled(&leaf, versions[i]);
        assert_outcome("out of date", &out, INVALID, "out of date");
        stapled = ocsp_answer(&issuers[MIDDLE], &leaf, 0, 4);
        out = play_stapled(&leaf, versions[i]);
        assert_outcome("from another issuer", &out, INVALID, "not valid");
    }
    free_cert(&leaf);
}

/* ---- the rules of names alone ---- */

static void test_der_strings_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *der;
        size_t len;
        size_t content; /* SIZE_MAX: refused */
    } rows[] = {
        {"\x16\x03"
         "abc",
         5, 3},
        {"\x16\x00", 2, 0},
        {"\x16\x03"
         "ab",
         4, SIZE_MAX},
        {"\x16\x03"
         "abcd",
         6, SIZE_MAX},
        {"\x0c\x03"
         "abc",
         5, SIZE_MAX},
        {"\x16\x81\x03"
         "abc",
         6, SIZE_MAX},
        {"\x16\x80", 2, SIZE_MAX},
        {"\x16\x81", 2, SIZE_MAX},
        {"\x16\x82\x00\x03"
         "abc",
         7, SIZE_MAX},
        {"\x16", 1, SIZE_MAX},
        {"", 0, SIZE_MAX},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        size_t len = SIZE_MAX;
        const uint8_t *content = envoi__der_string((const uint8_t *)rows[i].der, rows[i].len, 0x16, &len);
        assert_int_equal(len, rows[i].content);
        assert_int_equal(content != NULL, rows[i].content != SIZE_MAX);
    }
    uint8_t longer[3 + 200] = {0x16, 0x81, 200};
    size_t len;
    assert_ptr_equal(envoi__der_string(longer, sizeof longer, 0x16, &len), longer + 3);
    assert_int_equal(len, 200);
}

static void test_ip_literals_are_told_from_domains(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {{"192.0.2.1", 4},
                {"::1", 16},
                {"[::1]", 16},
                {"[192.0.2.1]", 0},
                {"192.0.2", 0},
                {"192.0.2.256", 0},
                {"[::1", 0},
                {"example.com", 0},
                {"", 0},
                {"[]", 0},
                {"1.2.3.4.example", 0},
                {"[fe80::1%eth0]", 0}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        uint8_t ip[ENVOI__IP_MAX];
        assert_int_equal(envoi__ip_parse(rows[i].text, ip), rows[i].size);
    }
    char longest[300];
    uint8_t ip[ENVOI__IP_MAX];
    memset(longest, ':', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(envoi__ip_parse(longest, ip), 0);
}

static int compare_xmpp_addr(void *user)
{
    int matches = envoi__name_is_xmpp_addr(user, strlen(user), IDN);
    assert_true(matches == 1 || matches == ENVOI_ERR_NOMEM);
    return matches == 1 ? 0 : matches;
}

static void test_xmpp_addr_tells_of_missing_memory(void **state)
{
    (void)state;
    char name[] = "b\xc3\xbc"
                  "cher.example";
    with_failing_allocations(compare_xmpp_addr, name);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(envoi_trust_new(&trust), 0);
    for (size_t i = 0; i < ISSUERS; i++) {
        enum issuer by = issuer_rows[i].by;
        issuers[i] = make_cert(&issuer_rows[i].spec, by == SELF ? NULL : &issuers[by]);
    }
    trust_cert(trust, &issuers[ROOT]);
    trust_cert(trust, &issuers[EXPIRED_ROOT]);
    trust_cert(trust, &issuers[COMING_ROOT]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    envoi_trust_free(trust);
    for (size_t i = 0; i < ISSUERS; i++)
        free_cert(&issuers[i]);
    free_keys();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_cases),
        cmocka_unit_test(test_a_server_sends_sixteen_certificates_at_most),
        cmocka_unit_test(test_accepted_certificate_passes_whatever_is_wrong),
        cmocka_unit_test(test_self_signed_certificate_in_the_store_is_trusted),
        cmocka_unit_test(test_weaker_profile_must_be_named),
        cmocka_unit_test(test_stapled_ocsp_answer_counts),
        cmocka_unit_test(test_der_strings_are_exact),
        cmocka_unit_test(test_ip_literals_are_told_from_domains),
        cmocka_unit_test(test_xmpp_addr_tells_of_missing_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
