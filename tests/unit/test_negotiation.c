/* SPDX-License-Identifier: MIT */
/* Whole logins as tests/vectors/negotiation.tsv tells them: what the program wants, what the server can, and what
 * must come of it. */
#include "test.h"

#include "tls_server.h"
#include "tsv.h"

#define w    (&the_world)
#define DATA "binding data of a transport"

static const char *vectors;

/* The words of a cell and what they stand for. */
struct word {
    const char *word;
    int value;
};

static int value_of(const struct tsv *row, const char *column, const struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tsv_get(row, column), words[i].word) == 0)
            return words[i].value;
    fail_msg("%s: unknown %s '%s'", tsv_get(row, "id"), column, tsv_get(row, column));
    return 0;
}

#define VALUE(row, column, words) value_of(row, column, words, ENVOI__COUNT(words))

static const struct word policies[] = {{"starttls", ENVOI_TLS_STARTTLS},
                                       {"direct", ENVOI_TLS_DIRECT},
                                       {"external", ENVOI_TLS_EXTERNAL},
                                       {"local", ENVOI_TLS_LOCAL}};
static const struct word bindings[] = {{"offered", ENVOI_CHANNEL_BINDING_OFFERED},
                                       {"required", ENVOI_CHANNEL_BINDING_REQUIRED},
                                       {"off", ENVOI_CHANNEL_BINDING_OFF}};

/* What the server can do: TLS of one version, a refusal, or no TLS at all. */
static const char *const versions[][2] = {{"TLS1.3", TLS_1_3},
                                          {"TLS1.2", TLS_1_2},
                                          {"TLS1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT"},
                                          {"refused", TLS_1_3},
                                          {"-", NULL}};

static const char *priority_of(const struct tsv *row)
{
    for (size_t i = 0; i < ENVOI__COUNT(versions); i++)
        if (strcmp(tsv_get(row, "server_tls"), versions[i][0]) == 0)
            return versions[i][1];
    fail_msg("%s: unknown server_tls", tsv_get(row, "id"));
    return NULL;
}

/* ---- features, from words to XML ---- */

struct features {
    char text[2048], mechanisms[1024];
};

static void add(char *to, size_t size, const char *before, const char *word, int len, const char *behind)
{
    size_t at = strlen(to);
    int more = snprintf(to + at, size - at, "%s%.*s%s", before, len, word, behind);
    assert_in_range(more, 0, size - at - 1);
}

/* `starttls`, `starttls-required` and `bind` are features, all else is the name of a mechanism. */
static void add_feature(struct features *to, const char *word, int len)
{
    static const char *const known[][2] = {
        {"starttls", "<starttls xmlns='" NS_TLS "'/>"},
        {"starttls-required", "<starttls xmlns='" NS_TLS "'><required/></starttls>"},
        {"bind", "<bind xmlns='" NS_BIND "'/>"},
    };
    for (size_t i = 0; i < ENVOI__COUNT(known); i++) {
        if (strncmp(known[i][0], word, (size_t)len) == 0 && !known[i][0][len]) {
            add(to->text, sizeof to->text, known[i][1], "", 0, "");
            return;
        }
    }
    add(to->mechanisms, sizeof to->mechanisms, "<mechanism>", word, len, "</mechanism>");
}

static int next_word(const char **at)
{
    *at += strspn(*at, " ");
    return (int)strcspn(*at, " ");
}

static void make_features(struct features *out, const char *words, const char *types)
{
    char *text = out->text;
    size_t size = sizeof out->text;
    memset(out, 0, sizeof *out);
    for (int len; (len = next_word(&words)) != 0; words += len)
        add_feature(out, words, len);
    if (*out->mechanisms)
        add(text, size, "<mechanisms xmlns='" NS_SASL "'>", out->mechanisms, (int)strlen(out->mechanisms),
            "</mechanisms>");
    if (!next_word(&types))
        return;
    add(text, size, "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>", "", 0, "");
    for (int len; (len = next_word(&types)) != 0; types += len)
        add(text, size, "<channel-binding type='", types, len, "'/>");
    add(text, size, "</sasl-channel-binding>", "", 0, "");
}

/* ---- one row ---- */

static envoi_config *config_of(const struct tsv *row)
{
    envoi_config *config = NULL;
    const char *type = tsv_get(row, "transport");
    assert_int_equal(envoi_config_new(&config, ACCOUNT), 0);
    assert_int_equal(envoi_config_set_trust(config, trust), 0);
    assert_int_equal(envoi_config_set_password(config, PASSWORD), 0);
    assert_int_equal(envoi_config_set_tls(config, VALUE(row, "policy", policies)), 0);
    assert_int_equal(envoi_config_set_channel_binding(config, VALUE(row, "binding", bindings)), 0);
    if (*tsv_get(row, "allow"))
        assert_int_equal(envoi_config_allow_mechanism(config, tsv_get(row, "allow")), 0);
    if (*type)
        assert_int_equal(envoi_config_set_channel_binding_data(config, type, DATA, strlen(DATA)), 0);
    return config;
}

/* A server on the port of direct TLS may insist on the protocol's name (XEP-0368 3). */
static void insist_on_alpn(gnutls_session_t session)
{
    static unsigned char name[] = "xmpp-client";
    const gnutls_datum_t protocol = {name, sizeof name - 1};
    assert_int_equal(gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY), 0);
}

static void play(const struct tsv *row, size_t step)
{
    static struct features clear, offer;
    const char *priority = priority_of(row);
    envoi_config *config = config_of(row);
    peer_init(&the_peer, priority, priority ? &good : NULL, 1);
    if (VALUE(row, "policy", policies) == ENVOI_TLS_DIRECT)
        insist_on_alpn(the_peer.tls.session);
    make_features(&clear, tsv_get(row, "clear"), "");
    make_features(&offer, tsv_get(row, "offer"), tsv_get(row, "types"));
    the_peer.clear = clear.text;
    the_peer.offer = offer.text;
    the_peer.refuses_tls = strcmp(tsv_get(row, "server_tls"), "refused") == 0;
    the_peer.shared = *tsv_get(row, "transport") ? DATA : NULL;
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    w->step = step;
    world_run(w);
}

/* The GS2 header's first part (RFC 5802 7), as the server read it. */
static void gs2_of(const struct peer *peer, char *out, size_t size)
{
    snprintf(out, size, "%.*s", (int)strcspn(peer->client_first, ","), peer->client_first);
}

/* Every fault of every row is told before the test fails. */
static int faults;

static void expect(const struct tsv *row, const char *column, const char *found)
{
    if (strcmp(tsv_get(row, column), found) == 0)
        return;
    print_message("# %s: %s is '%s', not '%s' (%s)\n", tsv_get(row, "id"), column, found, tsv_get(row, column),
                  w->text);
    faults++;
}

static int has_left(const char *text)
{
    for (size_t i = 0; i + strlen(text) <= w->sent_len; i++)
        if (memcmp(w->sent + i, text, strlen(text)) == 0)
            return 1;
    return 0;
}

static void check_server_name(void)
{
    char name[64];
    size_t len = sizeof name;
    unsigned type;
    assert_int_equal(gnutls_server_name_get(the_peer.tls.session, name, &len, &type, 0), 0);
    assert_string_equal(name, DOMAIN);
}

static void check(const struct tsv *row)
{
    char gs2[64];
    int is_bare = strcmp(tsv_get(row, "policy"), "external") == 0 || strcmp(tsv_get(row, "policy"), "local") == 0;
    gs2_of(&the_peer, gs2, sizeof gs2);
    assert_int_equal(w->closed, 1);
    expect(row, "outcome", w->closed_error ? envoi_error_name(w->closed_error) : w->ready ? "ready" : "closed");
    expect(row, "secured", w->version);
    if (w->secured)
        check_server_name();
    expect(row, "mechanism", the_peer.mechanism);
    expect(row, "gs2", gs2);
    if (w->authenticated) { /* the program is told what the server saw */
        assert_string_equal(w->mechanism, the_peer.mechanism);
        assert_string_equal(w->binding, strncmp(gs2, "p=", 2) == 0 ? gs2 + 2 : "none");
    }
    assert_int_equal(w->authenticated, w->ready);
    assert_int_equal(the_peer.logins, *the_peer.mechanism != 0); /* no second mechanism behind the first */
    if (!is_bare)
        assert_false(has_left("<auth") || has_left(USER)); /* nothing of the login in the clear */
}

static void test_negotiation_follows_the_decision_table(void **state)
{
    (void)state;
    static const size_t steps[] = {SIZE_MAX, 1};
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "negotiation.tsv");
    for (; tsv_next(row); rows++) {
        for (size_t i = 0; i < ENVOI__COUNT(steps); i++) {
            play(row, steps[i]);
            check(row);
            world_end(w);
        }
    }
    tsv_close(row);
    print_message("# %d negotiations\n", rows);
    assert_true(rows > 0 && !faults);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_negotiation_follows_the_decision_table),
    };
    vectors = argc > 1 ? argv[1] : "tests/vectors";
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
