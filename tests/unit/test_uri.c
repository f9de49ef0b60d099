/* SPDX-License-Identifier: MIT */
/* Reading xmpp: URIs: the tables, the grammar, the processing rules. */
#include "uri_helpers.h"

#include "data/uri.h"

/* ---- the tables ---- */

static void check_verdict(const struct tsv *row, const char *text, int flags, const char *column)
{
    envoi_uri *uri = NULL;
    const char *verdict = envoi_error_name(envoi_uri_parse(&uri, text, flags));
    if (strcmp(verdict, tsv_get(row, column)) != 0)
        fail_msg("%s: %s is %s", tsv_get(row, "id"), column, verdict);
    envoi_uri_free(uri);
}

static void check_cell(const struct tsv *row, const char *column, const char *actual)
{
    if (strcmp(actual, tsv_get(row, column)) != 0)
        fail_msg("%s: %s is %s, not %s", tsv_get(row, "id"), column, actual, tsv_get(row, column));
}

static int check_text(const struct tsv *row, const char *text)
{
    char pairs[ENVOI_URI_MAX_LENGTH];
    check_verdict(row, text, ENVOI_URI_STRICT, "strict");
    check_verdict(row, text, ENVOI_URI_LENIENT, "lenient");
    if (strcmp(tsv_get(row, "lenient"), "ENVOI_OK") != 0)
        return 1;
    envoi_uri *uri = parse(text, ENVOI_URI_LENIENT);
    assert_int_equal(envoi_uri_is_strict(uri), strcmp(tsv_get(row, "strict"), "ENVOI_OK") == 0);
    check_cell(row, "account", full(envoi_uri_account(uri)));
    check_cell(row, "jid", full(envoi_uri_jid(uri)));
    char *querytype = tsv_json(row, "querytype_json", NULL);
    assert_same_text(envoi_uri_querytype(uri), querytype);
    free(querytype);
    join_pairs(uri, pairs, sizeof pairs);
    check_cell(row, "pairs", pairs);
    check_cell(row, "action", envoi_uri_action_querytype(envoi_uri_action(uri)));
    char *as_uri = formatted(uri, envoi_uri_format), *as_iri = formatted(uri, envoi_uri_format_iri);
    check_cell(row, "formatted", as_uri);
    check_cell(row, "formatted_iri", strcmp(as_iri, as_uri) == 0 ? "" : as_iri);
    free(as_uri);
    free(as_iri);
    assert_fixed_point(uri);
    envoi_uri_free(uri);
    return 1;
}

static void test_every_vector_of_the_uri_table(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "uri.tsv");
    while (tsv_next(row))
        if (*tsv_get(row, "strict"))
            rows += check_text(row, tsv_get(row, "input"));
    tsv_close(row);
    assert_int_equal(rows, 34);
}

static void test_every_uri_of_the_xeps(void **state)
{
    (void)state;
    int rows = 0, broken = 0;
    struct tsv *row = tsv_open(vectors, "uri-corpus.tsv");
    for (; tsv_next(row); rows++) {
        check_text(row, tsv_get(row, "uri"));
        broken += strcmp(tsv_get(row, "rfc5122_uri"), "no") == 0;
        /* envoi's verdict is that of the grammar, but for one that fits it with a domain that is no JID's */
        if (strcmp(tsv_get(row, "id"), "uric-104") != 0)
            assert_string_equal(tsv_get(row, "strict"),
                                strcmp(tsv_get(row, "rfc5122_uri"), "yes") == 0 ? "ENVOI_OK" : "ENVOI_ERR_URI");
    }
    tsv_close(row);
    assert_int_equal(rows, 120);
    assert_int_equal(broken, 20);
}

static void test_every_known_querytype_has_one_action(void **state)
{
    (void)state;
    static const char *const names[] = {"IDENTIFY",    "MESSAGE", "ROSTER",       "REMOVE",     "SUBSCRIBE",
                                        "UNSUBSCRIBE", "DISCO",   "JOIN",         "INVITE",     "COMMAND",
                                        "VCARD",       "PUBSUB",  "REGISTER",     "UNREGISTER", "SENDFILE",
                                        "RECVFILE",    "JINGLE",  "TRUST_MESSAGE"};
    unsigned seen = 0;
    int rows = 0;
    char name[64];
    struct tsv *row = tsv_open(vectors, "uri-querytypes.tsv");
    for (; tsv_next(row); rows++) {
        const char *type = tsv_get(row, "querytype"), *key = tsv_get(row, "key");
        type = strcmp(type, "(empty)") == 0 ? "" : type;
        int action = envoi_uri_querytype_action(type);
        assert_in_range(action, 0, ENVOI__COUNT(names) - 1);
        seen |= 1u << action;
        snprintf(name, sizeof name, "ENVOI_URI_ACTION_%s", names[action]);
        assert_string_equal(name, tsv_get(row, "action"));
        assert_string_equal(envoi_uri_action_querytype(action), type);
        if (!*key)
            continue;
        if (!envoi_uri_is_known_key(type, key))
            fail_msg("line %d: key %s", row->line, key);
        assert_false(envoi_uri_is_known_key("presence", key));
    }
    tsv_close(row);
    assert_int_equal(rows, 44);
    assert_int_equal(seen, (1u << ENVOI__COUNT(names)) - 1);
    assert_null(envoi_uri_action_querytype((int)ENVOI__COUNT(names)));
    assert_null(envoi_uri_action_querytype(-1));
    assert_int_equal(envoi_uri_querytype_action("Message"), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_uri_querytype_action(NULL), ENVOI_ERR_ARGUMENT);
}

static void check_values(const struct tsv *row, const char *type, const char *key)
{
    char word[128];
    const char *allowed = tsv_get(row, "allowed"), *refused = tsv_get(row, "refused");
    for (size_t len; *allowed; allowed += len + (allowed[len] == ' ')) {
        len = strcspn(allowed, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, allowed);
        if (!envoi_uri_is_allowed_value(type, key, word))
            fail_msg("line %d: %s refused", row->line, word);
    }
    if (envoi_uri_is_allowed_value(type, key, *refused ? refused : "any text") != !*refused)
        fail_msg("line %d: %s", row->line, refused);
    assert_int_equal(envoi_uri_is_allowed_value(type, key, ""), !*refused);
    assert_false(envoi_uri_is_allowed_value(type, key, NULL));
    assert_false(envoi_uri_is_allowed_value("presence", key, "x"));
}

static void test_every_known_key_tells_its_values(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "uri-querytypes.tsv");
    while (tsv_next(row)) {
        const char *type = tsv_get(row, "querytype"), *key = tsv_get(row, "key");
        if (*key)
            check_values(row, strcmp(type, "(empty)") == 0 ? "" : type, key);
    }
    tsv_close(row);
    assert_false(envoi_uri_is_known_key("remove", "name"));
    assert_false(envoi_uri_is_known_key("message", "node"));
    assert_false(envoi_uri_is_known_key(NULL, "node"));
    assert_false(envoi_uri_is_known_key("message", NULL));
    static const char *const times[] = {"2026-05-27T14:30:00Z", "2026-05-27T14:30:00+02:00"};
    static const char *const no_times[] = {"2026-05-27T14:30:00",      "2026-05-27T14:30:00.Z",
                                           "2026-05-27T14:30:00+2:00", "2026-05-27T14:30:00Zz",
                                           "2026-05-27T14:30",         "2026-05-27T14:30:00+02:001"};
    for (size_t i = 0; i < ENVOI__COUNT(times); i++)
        assert_true(envoi_uri_is_allowed_value("", "xid-created", times[i]));
    for (size_t i = 0; i < ENVOI__COUNT(no_times); i++)
        assert_false(envoi_uri_is_allowed_value("", "xid-created", no_times[i]));
    assert_false(envoi_uri_is_allowed_value("disco", "request", "info items"));
    assert_false(envoi_uri_is_allowed_value("disco", "request", "inf"));
}

/* ---- grammar: the rows uri-g* ---- */

static void test_scheme_is_compared_without_case(void **state)
{
    (void)state;
    assert_strict("xmpp:a@b", 1);
    assert_strict("XMPP:a@b", 1);
    assert_strict("xMpP:a@b", 1);
    static const char *const others[] = {"",          "x",        "xmp",       "xmpp", "xmpp;a@b",
                                         "xmpps:a@b", "http:a@b", " xmpp:a@b", "a@b"};
    for (size_t i = 0; i < ENVOI__COUNT(others); i++)
        assert_refused(others[i], ENVOI_URI_LENIENT, ENVOI_ERR_URI);
}

static void test_authority_names_the_account(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp://guest@example.com/support@example.com/desk?message;body=x", ENVOI_URI_STRICT);
    assert_string_equal(full(envoi_uri_account(uri)), "guest@example.com");
    assert_string_equal(full(envoi_uri_jid(uri)), "support@example.com/desk");
    assert_string_equal(envoi_uri_querytype(uri), "message");
    assert_string_equal(envoi_uri_value(uri, "body"), "x");
    assert_formats(uri, "xmpp://guest@example.com/support@example.com/desk?message;body=x");
    envoi_uri_free(uri);
    /* the authority has a nodeid and a host, nothing else */
    assert_refused("xmpp://example.com", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_refused("xmpp://example.com/a@b", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_refused("xmpp://guest@example.com:5222/a@b", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_refused("xmpp:///a@b", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_refused("xmpp://@example.com", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp://guest@", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
}

static void test_authority_and_path_are_told_apart(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp://guest@example.com", ENVOI_URI_STRICT);
    assert_string_equal(full(envoi_uri_account(uri)), "guest@example.com");
    assert_null(envoi_uri_jid(uri));
    assert_formats(uri, "xmpp://guest@example.com");
    envoi_uri_free(uri);
    uri = parse("xmpp:guest@example.com", ENVOI_URI_STRICT);
    assert_null(envoi_uri_account(uri));
    assert_string_equal(full(envoi_uri_jid(uri)), "guest@example.com");
    assert_formats(uri, "xmpp:guest@example.com");
    envoi_uri_free(uri);
    uri = parse("xmpp://guest@example.com?register#top", ENVOI_URI_STRICT);
    assert_null(envoi_uri_jid(uri));
    assert_int_equal(envoi_uri_action(uri), ENVOI_URI_ACTION_REGISTER);
    assert_formats(uri, "xmpp://guest@example.com?register#top");
    envoi_uri_free(uri);
}

static void test_path_is_a_jid(void **state)
{
    (void)state;
    static const char *const jids[] = {"example.com",       "a@example.com", "a@example.com/r",  "example.com/r",
                                       "a@example.com/;=:", "a@192.0.2.1",   "a@[2001:db8::1]/r"};
    char text[64];
    for (size_t i = 0; i < ENVOI__COUNT(jids); i++) {
        snprintf(text, sizeof text, "xmpp:%s", jids[i]);
        envoi_uri *uri = parse(text, ENVOI_URI_STRICT);
        assert_string_equal(full(envoi_uri_jid(uri)), jids[i]);
        assert_formats(uri, text);
        envoi_uri_free(uri);
    }
    /* no port, one '@', an IP literal with both brackets and no percent-encoding */
    static const char *const bad[] = {"xmpp:a@b:5222",  "xmpp:a@b@c",   "xmpp:a@b c", "xmpp:a@[::1", "xmpp:a@::1",
                                      "xmpp:a@[::1]:5", "xmpp:a@[%3A]", "xmpp:a@[",   "xmpp:a@b<c",  "xmpp:a@[]x"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_refused(bad[i], ENVOI_URI_LENIENT, ENVOI_ERR_URI);
}

/* Each ASCII character in each part is as strict as the grammar says. `more` may stand bare beyond the
 * unreserved ones; `skipped` end the part, or no JID can hold them. */
/* RFC 3987 2.2: ucschar ends where private use and noncharacters begin, in each plane. */
static void test_code_points_that_an_iri_may_hold(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        int may;
    } rows[] = {{0, 0},       {0x9F, 0},    {0xA0, 1},     {0x200D, 1},  {0x200E, 0},  {0x200F, 0},  {0x2029, 1},
                {0x202A, 0},  {0x202E, 0},  {0x202F, 1},   {0xD7FF, 1},  {0xE000, 0},  {0xF8FF, 0},  {0xF900, 1},
                {0xFDCF, 1},  {0xFDD0, 0},  {0xFDF0, 1},   {0xFFEF, 1},  {0xFFF0, 0},  {0x10000, 1}, {0x1FFFD, 1},
                {0x1FFFE, 0}, {0xDFFFD, 1}, {0xE0000, 0},  {0xE0FFF, 0}, {0xE1000, 1}, {0xEFFFD, 1}, {0xEFFFE, 0},
                {0xF0000, 0}, {0xFFFFD, 0}, {0x100000, 0}, {0x10FFFD, 0}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        for (int part = PART_LOCAL; part <= PART_FRAGMENT; part++)
            if (!!envoi__uri_may_stand((enum uri_part)part, rows[i].code) != rows[i].may)
                fail_msg("U+%04X in part %d", (unsigned)rows[i].code, part);
}

static void test_characters_that_may_stand_bare(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *more, *skipped;
    } parts[] = {
        {"xmpp:a", "b@example.com", "!$()*+,;=", "/?#@&'\":<>%"},
        {"xmpp:a@example.com/a", "b", "!$&'()*+,:;=", "?#%"},
        {"xmpp:a@example.com?a", "b;k=v", "", "=;#%"},
        {"xmpp:a@example.com?t;a", "b=v", "", ";#%="},
        {"xmpp:a@example.com?t;k=a", "b", "", ";#%"},
        {"xmpp:a@example.com#a", "b", "!$&'()*+,;=:@/?", "%"},
    };
    char text[64];
    for (size_t i = 0; i < ENVOI__COUNT(parts); i++) {
        for (char c = '!'; c < 0x7F; c++) {
            int unreserved = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr("-._~", c);
            if (strchr(parts[i].skipped, c))
                continue;
            snprintf(text, sizeof text, "%s%c%s", parts[i].before, c, parts[i].after);
            assert_strict(text, unreserved || strchr(parts[i].more, c));
        }
    }
}

static void test_empty_querytype_key_and_value_fit_the_grammar(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:a@b?;=;k=;=v#", ENVOI_URI_STRICT);
    assert_string_equal(envoi_uri_querytype(uri), "");
    assert_int_equal(envoi_uri_pair_count(uri), 3);
    assert_string_equal(envoi_uri_key_at(uri, 0), "");
    assert_string_equal(envoi_uri_value_at(uri, 1), "");
    assert_string_equal(envoi_uri_value(uri, ""), "");
    assert_string_equal(envoi_uri_value_at(uri, 2), "v");
    assert_string_equal(envoi_uri_fragment(uri), "");
    assert_null(envoi_uri_key_at(uri, 3));
    assert_null(envoi_uri_value_at(uri, 3));
    assert_fixed_point(uri);
    envoi_uri_free(uri);
    uri = parse("xmpp:a@b?", ENVOI_URI_STRICT);
    assert_string_equal(envoi_uri_querytype(uri), "");
    assert_formats(uri, "xmpp:a@b?");
    envoi_uri_free(uri);
    uri = parse("xmpp:a@b", ENVOI_URI_STRICT);
    assert_null(envoi_uri_querytype(uri));
    assert_null(envoi_uri_fragment(uri));
    envoi_uri_free(uri);
}

static void test_iri_takes_percent_encoding_in_values_only(void **state)
{
    (void)state;
    assert_strict("xmpp:a@b?t%79pe;k%65y=v%61lue", 1); /* as a URI */
    assert_strict("xmpp:ř@b?type;key=v%61lue", 1);
    assert_strict("xmpp:ř@b?typ%65;key=value", 0);
    assert_strict("xmpp:ř@b?type;k%65y=value", 0);
    assert_strict("xmpp:a@b?ř;ř=ř#ř", 1);
    assert_strict("xmpp:a@b?;node=a\u202eb", 0); /* bidirectional override, RFC 3987 4.1 */
    assert_strict("xmpp:a@b?;node=a%E2%80%AEb", 1);
    assert_strict("xmpp:a@b?;node=a\u200eb", 0);
    assert_strict("xmpp:a@b?;node=a\u200db", 1);
    assert_strict("xmpp:a@b?;node=\U000e0001", 0);
    assert_strict("xmpp:a@b?;node=\U0001f600", 1);
    assert_strict("xmpp:a@b?;node=\ue000", 0); /* private use, RFC 3987 2.2 */
}

static void test_ampersand_never_separates(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:a@b?message&subject=hi;body=x&thread=y", ENVOI_URI_LENIENT);
    assert_string_equal(envoi_uri_querytype(uri), "message&subject=hi");
    assert_int_equal(envoi_uri_action(uri), ENVOI_URI_ACTION_IDENTIFY);
    assert_int_equal(envoi_uri_pair_count(uri), 1);
    assert_string_equal(envoi_uri_value(uri, "body"), "x&thread=y");
    assert_null(envoi_uri_value(uri, "thread"));
    assert_fixed_point(uri);
    envoi_uri_free(uri);
}

/* ---- processing: the rows uri-p* ---- */

static void test_text_is_split_before_it_is_decoded(void **state)
{
    (void)state;
    envoi_uri *uri =
        parse("xmpp:a%3Fb@c.example/d%2Fe%40f%3Fg%23?;node=h%3Bitem%3Di%26%23;item=%2540%252541", ENVOI_URI_STRICT);
    assert_string_equal(full(envoi_uri_jid(uri)), "a?b@c.example/d/e@f?g#");
    assert_string_equal(envoi_jid_resourcepart(envoi_uri_jid(uri)), "d/e@f?g#");
    assert_string_equal(envoi_uri_node(uri), "h;item=i&#");
    assert_string_equal(envoi_uri_item(uri), "%40%2541"); /* once, not twice */
    assert_int_equal(envoi_uri_pair_count(uri), 2);
    assert_null(envoi_uri_fragment(uri));
    assert_fixed_point(uri);
    envoi_uri_free(uri);
    assert_reads_as("xmpp:a%2540b@c.example", "xmpp:a%2540b@c.example");
}

static void test_address_that_is_no_jid_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "xmpp:",        "xmpp:?message", "xmpp:@b",    "xmpp:a@",   "xmpp:/r",
        "xmpp:a%20b@c", "xmpp:a%22b@c",  "xmpp:b%20c", "xmpp:a..b", "xmpp:%E2%99%9A@example.com",
        "xmpp:a%3Ab@c"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        assert_refused(bad[i], ENVOI_URI_STRICT, ENVOI_ERR_JID);
        assert_refused(bad[i], ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    }
}

static void test_addresses_are_decoded(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp://%67uest@ex%61mple.com/ji%C5%99i@%C4%8dechy.ex%61mple/v%20Praze", ENVOI_URI_STRICT);
    assert_string_equal(full(envoi_uri_account(uri)), "guest@example.com");
    assert_string_equal(full(envoi_uri_jid(uri)), "jiři@čechy.example/v Praze");
    assert_formats(uri, "xmpp://guest@example.com/ji%C5%99i@%C4%8Dechy.example/v%20Praze");
    envoi_uri_free(uri);
    static const char *const bad[] = {"xmpp:a@b?;k=%",  "xmpp:a@b?;k=%4", "xmpp:a@b?;k=%4g", "xmpp:a@b?;k=%g4",
                                      "xmpp:a%@b",      "xmpp:%a@b",      "xmpp:a@b/%",      "xmpp:a@b#%%20",
                                      "xmpp:a@b?%;k=v", "xmpp:a@b?;%=v",  "xmpp:a@b%2"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_refused(bad[i], ENVOI_URI_LENIENT, ENVOI_ERR_URI);
}

static void test_unknown_querytype_is_plain_identification(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int known, action;
    } rows[] = {
        {"xmpp:example-node@example.com?query", 0, ENVOI_URI_ACTION_IDENTIFY},
        {"xmpp:example-node@example.com?query;node=n", 0, ENVOI_URI_ACTION_IDENTIFY},
        {"xmpp:example-node@example.com?MESSAGE", 0, ENVOI_URI_ACTION_IDENTIFY},
        {"xmpp:example-node@example.com?message", 1, ENVOI_URI_ACTION_MESSAGE},
        {"xmpp:example-node@example.com?", 1, ENVOI_URI_ACTION_IDENTIFY},
        {"xmpp:example-node@example.com", 1, ENVOI_URI_ACTION_IDENTIFY},
        {"xmpp:example-node@example.com?trust-message", 1, ENVOI_URI_ACTION_TRUST_MESSAGE},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        envoi_uri *uri = parse(rows[i].text, ENVOI_URI_STRICT);
        assert_int_equal(envoi_uri_is_known_querytype(uri), rows[i].known);
        assert_int_equal(envoi_uri_action(uri), rows[i].action);
        assert_null(envoi_uri_node(uri));
        assert_string_equal(full(envoi_uri_jid(uri)), "example-node@example.com");
        envoi_uri_free(uri);
    }
}

static void test_unknown_key_is_told_apart(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:a@b?message;subject=s;colour=red;type=shout;type=chat;body=t", ENVOI_URI_STRICT);
    static const int known[] = {1, 0, 0, 1, 1, 0};
    for (size_t i = 0; i < ENVOI__COUNT(known); i++)
        assert_int_equal(envoi_uri_is_known_pair(uri, i), known[i]);
    assert_string_equal(envoi_uri_value(uri, "type"), "shout"); /* the first */
    assert_string_equal(envoi_uri_value(uri, "colour"), "red");
    assert_string_equal(envoi_uri_value(uri, "body"), "t");
    assert_null(envoi_uri_value(uri, "thread"));
    assert_null(envoi_uri_value(uri, NULL));
    envoi_uri_free(uri);
    uri = parse("xmpp:a@b?message;node=n;item=i", ENVOI_URI_STRICT);
    assert_null(envoi_uri_node(uri)); /* a message has none */
    assert_null(envoi_uri_item(uri));
    envoi_uri_free(uri);
}

static void test_fragment_changes_nothing(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:a@b?message;body=x#;subject=a%20?b", ENVOI_URI_STRICT);
    assert_string_equal(envoi_uri_fragment(uri), ";subject=a ?b");
    assert_int_equal(envoi_uri_pair_count(uri), 1);
    assert_formats(uri, "xmpp:a@b?message;body=x#;subject=a%20?b");
    envoi_uri_free(uri);
    uri = parse("xmpp:a@b#?join", ENVOI_URI_STRICT);
    assert_null(envoi_uri_querytype(uri));
    assert_int_equal(envoi_uri_action(uri), ENVOI_URI_ACTION_IDENTIFY);
    envoi_uri_free(uri);
    assert_strict("xmpp:a@b#a#b", 0);
}

static void test_lenient_reading_takes_what_people_write(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"xmpp:a@b?invite;jid=c@d/e:f", "xmpp:a@b?invite;jid=c%40d%2Fe%3Af"},
        {"xmpp:a@b?;  node=x y", "xmpp:a@b?;node=x%20y"},
        {"xmpp:a@b?roster;name;group=g", "xmpp:a@b?roster;name=;group=g"},
        {"xmpp:a@b?join;", "xmpp:a@b?join"},
        {"xmpp:a@b?join;;; ;password=p=;", "xmpp:a@b?join;password=p%3D"},
        {"xmpp:a@b?omemo-sid-1=AB;omemo-sid-2=CD", "xmpp:a@b?;omemo-sid-1=AB;omemo-sid-2=CD"},
        {"xmpp:a@b?ř=1", "xmpp:a@b?;%C5%99=1"},
        {"xmpp:a@b?=1", "xmpp:a@b?%3D1"},
        {"xmpp:a@b?x?y", "xmpp:a@b?x%3Fy"},
        {"xmpp:a@b?;k=<\">{}[]|\\^`'", "xmpp:a@b?;k=%3C%22%3E%7B%7D%5B%5D%7C%5C%5E%60%27"},
        {"xmpp:a@b/c/d@e f", "xmpp:a@b/c%2Fd%40e%20f"},
        {"xmpp:a[b]@c", "xmpp:a%5Bb%5D@c"},
        {"xmpp:a@b/", "xmpp:a@b"},
        {"xmpp:a@b/?join", "xmpp:a@b?join"},
        {"xmpp://a@b/", "xmpp://a@b"},
        {"xmpp://a@b/?join", "xmpp://a@b?join"},
        {"xmpp:b;node=n/m;item=i#f", "xmpp:b?;node=n%2Fm;item=i#f"},
        {"xmpp:a@b;node=n", "xmpp:a@b?;node=n"},
        {"xmpp://a@b/c;node=n", "xmpp://a@b/c?;node=n"},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        assert_reads_as(rows[i][0], rows[i][1]);
        assert_refused(rows[i][0], ENVOI_URI_STRICT, ENVOI_ERR_URI);
    }
    /* a ';' before '@' is the localpart's own (RFC 5122 3.3), and a second query is none */
    assert_strict("xmpp:b;node=a@c", 1);
    assert_refused("xmpp:b;node=n?join", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
}

static void test_plus_is_a_plus_unless_asked(void **state)
{
    (void)state;
    static const char text[] = "xmpp:a+b@c/d+e?roster;na+me=Romeo+Montague%2B;group=a#x+y";
    envoi_uri *uri = parse(text, ENVOI_URI_LENIENT);
    assert_string_equal(envoi_uri_value_at(uri, 0), "Romeo+Montague+");
    envoi_uri_free(uri);
    uri = parse(text, ENVOI_URI_PLUS_SPACE);
    assert_string_equal(envoi_uri_value_at(uri, 0), "Romeo Montague+");
    assert_string_equal(envoi_uri_key_at(uri, 0), "na+me");
    assert_string_equal(envoi_uri_fragment(uri), "x+y");
    assert_string_equal(full(envoi_uri_jid(uri)), "a+b@c/d+e");
    envoi_uri_free(uri);
    assert_refused(text, ENVOI_URI_STRICT | ENVOI_URI_PLUS_SPACE, ENVOI_ERR_ARGUMENT);
    assert_refused(text, -1, ENVOI_ERR_ARGUMENT);
    assert_refused(text, 4, ENVOI_ERR_ARGUMENT);
}

/* ---- the program ---- */

static void test_every_reading_row_is_settled(void **state);

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_reading_row_is_settled),
    cmocka_unit_test(test_every_vector_of_the_uri_table),
    cmocka_unit_test(test_every_uri_of_the_xeps),
    cmocka_unit_test(test_every_known_querytype_has_one_action),
    cmocka_unit_test(test_every_known_key_tells_its_values),
    cmocka_unit_test(test_scheme_is_compared_without_case),
    cmocka_unit_test(test_authority_names_the_account),
    cmocka_unit_test(test_authority_and_path_are_told_apart),
    cmocka_unit_test(test_path_is_a_jid),
    cmocka_unit_test(test_characters_that_may_stand_bare),
    cmocka_unit_test(test_code_points_that_an_iri_may_hold),
    cmocka_unit_test(test_empty_querytype_key_and_value_fit_the_grammar),
    cmocka_unit_test(test_iri_takes_percent_encoding_in_values_only),
    cmocka_unit_test(test_ampersand_never_separates),
    cmocka_unit_test(test_text_is_split_before_it_is_decoded),
    cmocka_unit_test(test_address_that_is_no_jid_is_refused),
    cmocka_unit_test(test_addresses_are_decoded),
    cmocka_unit_test(test_unknown_querytype_is_plain_identification),
    cmocka_unit_test(test_unknown_key_is_told_apart),
    cmocka_unit_test(test_fragment_changes_nothing),
    cmocka_unit_test(test_lenient_reading_takes_what_people_write),
    cmocka_unit_test(test_plus_is_a_plus_unless_asked),
};

static void test_every_reading_row_is_settled(void **state)
{
    (void)state;
    assert_int_equal(assert_rows_name_tests(tests, ENVOI__COUNT(tests), 0), 49);
}

int main(int argc, char **argv)
{
    vectors = argc > 1 ? argv[1] : "tests/vectors";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
