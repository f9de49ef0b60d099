/* SPDX-License-Identifier: MIT */
/* Writing xmpp: URIs, and reading hostile ones. */
#include "uri_helpers.h"

#include "data/uri.h"

/* ---- generation: the rows uri-b* ---- */

static void test_format_encodes_localpart_and_resourcepart(void **state)
{
    (void)state;
    envoi_uri *uri = begin("!#$%()*+,-.;=?[\\]^_`{|}~@example.com/ !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~");
    assert_formats(uri, "xmpp:!%23$%25()*+,-.;=%3F%5B%5C%5D%5E_%60%7B%7C%7D~@example.com/"
                        "%20!%22%23$%25&'()*+,-.%2F09:;%3C=%3E%3F%40AZ%5B%5C%5D%5E_%60az%7B%7C%7D~");
    assert_fixed_point(uri);
    envoi_uri_free(uri);
}

static void test_format_is_ascii_and_iri_is_not(void **state)
{
    (void)state;
    envoi_uri *uri = begin("jiři@čechy.example/Praze");
    assert_int_equal(envoi_uri_add_pair(uri, "ž", "š \u202e\ue000"), 0);
    assert_int_equal(envoi_uri_set_fragment(uri, "ý"), 0);
    assert_formats(uri, "xmpp:ji%C5%99i@%C4%8Dechy.example/Praze?;%C5%BE=%C5%A1%20%E2%80%AE%EE%80%80#%C3%BD");
    assert_formats_iri(uri, "xmpp:jiři@čechy.example/Praze?;ž=š%20%E2%80%AE%EE%80%80#ý");
    assert_fixed_point(uri);
    /* a key that needs percent-encoding has no place in an IRI */
    assert_int_equal(envoi_uri_add_pair(uri, "a b", ""), 0);
    assert_formats_iri(uri, "ENVOI_ERR_URI");
    assert_fixed_point(uri);
    envoi_uri_free(uri);
}

static void test_format_writes_prepared_jids(void **state)
{
    (void)state;
    envoi_uri *uri = begin("Juliet@Example.COM./Balcony");
    assert_formats(uri, "xmpp:juliet@example.com/Balcony");
    envoi_uri_free(uri);
    assert_reads_as("xmpp:Juliet@xn--echy-fua.example.", "xmpp:juliet@%C4%8Dechy.example");
}

static void test_format_encodes_all_but_unreserved_in_the_query(void **state)
{
    (void)state;
    static const char all[] = " !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~";
    static const char encoded[] = "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ"
                                  "%5B%5C%5D%5E_%60az%7B%7C%7D~";
    char expected[512];
    envoi_uri *uri = begin("b");
    assert_int_equal(envoi_uri_set_querytype(uri, all), 0);
    assert_int_equal(envoi_uri_add_pair(uri, all, all), 0);
    snprintf(expected, sizeof expected, "xmpp:b?%s;%s=%s", encoded, encoded, encoded);
    assert_formats(uri, expected);
    assert_fixed_point(uri);
    envoi_uri_free(uri);
}

static void test_jid_is_at_hand_without_a_scheme(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:Romeo@montague.net/orchard?;node=n", ENVOI_URI_STRICT);
    assert_string_equal(envoi_jid_bare(envoi_uri_jid(uri)), "romeo@montague.net");
    assert_string_equal(envoi_jid_full(envoi_uri_jid(uri)), "romeo@montague.net/orchard");
    envoi_uri_free(uri);
}

static void test_pubsub_uri_has_the_empty_querytype(void **state)
{
    (void)state;
    envoi_jid *service = jid_of("pubsub.example.com");
    envoi_uri *uri = NULL;
    assert_int_equal(envoi_uri_new_pubsub(&uri, service, "urn:xmpp:microblog:0", "a/b@c;d=e"), 0);
    assert_formats(uri, "xmpp:pubsub.example.com?;node=urn%3Axmpp%3Amicroblog%3A0;item=a%2Fb%40c%3Bd%3De");
    assert_string_equal(envoi_uri_querytype(uri), "");
    assert_string_equal(envoi_uri_node(uri), "urn:xmpp:microblog:0");
    assert_string_equal(envoi_uri_item(uri), "a/b@c;d=e");
    assert_int_equal(envoi_uri_action(uri), ENVOI_URI_ACTION_IDENTIFY);
    assert_true(envoi_uri_is_strict(uri));
    assert_fixed_point(uri);
    envoi_uri_free(uri);
    assert_int_equal(envoi_uri_new_pubsub(&uri, service, "n", NULL), 0);
    assert_formats(uri, "xmpp:pubsub.example.com?;node=n");
    assert_null(envoi_uri_item(uri));
    envoi_uri_free(uri);
    uri = NULL;
    assert_int_equal(envoi_uri_new_pubsub(&uri, NULL, "n", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_new_pubsub(&uri, service, NULL, "i"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_new_pubsub(&uri, service, "n", "a\nb"), ENVOI_ERR_URI);
    assert_null(uri);
    envoi_jid_free(service);
}

static void test_parts_can_be_set_and_taken_away(void **state)
{
    (void)state;
    envoi_jid *account = jid_of("me@example.org/phone"), *host = jid_of("example.org");
    envoi_uri *uri = begin("a@b");
    assert_int_equal(envoi_uri_set_account(uri, account), 0);
    assert_string_equal(full(envoi_uri_account(uri)), "me@example.org");
    assert_int_equal(envoi_uri_set_account(uri, host),
                     ENVOI_ERR_ARGUMENT); /* RFC 5122 3.3: nodeid "@" host */
    assert_int_equal(envoi_uri_set_querytype(uri, envoi_uri_action_querytype(ENVOI_URI_ACTION_INVITE)), 0);
    assert_int_equal(envoi_uri_add_pair(uri, "jid", "c@d"), 0);
    assert_int_equal(envoi_uri_add_pair(uri, "jid", "e@f"), 0);
    assert_int_equal(envoi_uri_set_fragment(uri, "f"), 0);
    assert_formats(uri, "xmpp://me@example.org/a@b?invite;jid=c%40d;jid=e%40f#f");
    assert_int_equal(envoi_uri_set_account(uri, NULL), 0);
    assert_int_equal(envoi_uri_set_fragment(uri, NULL), 0);
    assert_int_equal(envoi_uri_set_querytype(uri, "join"), 0);
    assert_formats(uri, "xmpp:a@b?join;jid=c%40d;jid=e%40f");
    assert_int_equal(envoi_uri_set_querytype(uri, NULL), 0);
    assert_formats(uri, "xmpp:a@b");
    envoi_uri_free(uri);
    assert_int_equal(envoi_uri_new(&uri, NULL), 0);
    assert_formats(uri, "ENVOI_ERR_STATE");
    assert_int_equal(envoi_uri_set_account(uri, account), 0);
    assert_formats(uri, "xmpp://me@example.org");
    envoi_uri_free(uri);
    envoi_jid_free(account);
    envoi_jid_free(host);
}

static void test_format_tells_the_size_and_keeps_the_buffer(void **state)
{
    (void)state;
    envoi_uri *uri = begin("a@b");
    char out[16] = "untouched";
    size_t len = 0;
    assert_int_equal(envoi_uri_format(uri, out, 8, &len), ENVOI_ERR_FULL);
    assert_int_equal(len, 8);
    assert_string_equal(out, "untouched");
    assert_int_equal(envoi_uri_format(uri, out, 9, &len), 0);
    assert_string_equal(out, "xmpp:a@b");
    assert_int_equal(envoi_uri_format(NULL, out, 9, &len), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_format(uri, NULL, 9, &len), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_format(uri, out, 9, NULL), ENVOI_ERR_ARGUMENT);
    envoi_uri_free(uri);
}

/* ---- hostile input ---- */

static void test_control_characters_are_refused(void **state)
{
    (void)state;
    static const char *const places[] = {"xmpp:a%sb@c",     "xmpp:a@b%sc",     "xmpp:a@b/c%sd",
                                         "xmpp:a@b?j%soin", "xmpp:a@b?;k%s=v", "xmpp:a@b?;k=v%s",
                                         "xmpp:a@b#f%s",    "xmpp://a%sb@c"};
    static const char *const hostile[] = {"%00", "%0A",    "%0D",      "%1B",       "%09",
                                          "%7F", "%C2%85", "%C2%9B",   "\n",        "\r",
                                          "\t",  "\x7f",   "\xc2\x85", "%EF%BF%BE", "%EF%BF%BF"};
    char text[64];
    for (size_t i = 0; i < ENVOI__COUNT(places); i++) {
        const char *gap = strchr(places[i], '%');
        for (size_t k = 0; k < ENVOI__COUNT(hostile); k++) {
            snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - places[i]), places[i], hostile[k], gap + 2);
            assert_refused(text, ENVOI_URI_LENIENT, ENVOI_ERR_URI);
            assert_refused(text, ENVOI_URI_STRICT, ENVOI_ERR_URI);
        }
    }
    envoi_uri *uri = begin("a@b");
    assert_int_equal(envoi_uri_set_querytype(uri, "a\nb"), ENVOI_ERR_URI);
    assert_int_equal(envoi_uri_add_pair(uri, "a\nb", ""), ENVOI_ERR_URI);
    assert_int_equal(envoi_uri_add_pair(uri, "", "\xc2\x85"), ENVOI_ERR_URI);
    assert_int_equal(envoi_uri_set_fragment(uri, "\x7f"), ENVOI_ERR_URI);
    assert_int_equal(envoi_uri_set_fragment(uri, "\xff"), ENVOI_ERR_UTF8);
    assert_formats(uri, "xmpp:a@b");
    envoi_uri_free(uri);
}

static void test_encoded_separators_never_split_an_address(void **state)
{
    (void)state;
    assert_refused("xmpp:a%40b@c", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:a%2Fb@c", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:a%3Cb@c", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:a%40b", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:a@b%2Fc", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:a@%5B::1%5D", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_refused("xmpp:a@%5B%3A%3A1%5D", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp://a%40b@c", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp:%2F%2Fa@b", ENVOI_URI_LENIENT, ENVOI_ERR_JID);
    assert_refused("xmpp%3Aa@b", ENVOI_URI_LENIENT, ENVOI_ERR_URI);
    assert_reads_as("xmpp:a@b/%2E%2E%2F%2E%2E%2Fetc", "xmpp:a@b/..%2F..%2Fetc");
}

static void test_text_must_be_utf8_before_and_after_decoding(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "xmpp:a@b?;k=\xff",         "xmpp:\xc3@b",        "xmpp:a@b/\xed\xa0\x80",
        "xmpp:a@b?;k=%FF",          "xmpp:a@b?;k=%C3",    "xmpp:a@b?;k=%C3;l=%A9",
        "xmpp:a@b?;k=%C0%AF",       "xmpp:a@b/%ED%A0%80", "xmpp:%C3@%A9",
        "xmpp:a@b?;k=%F4%90%80%80", "xmpp:a@b#%80"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_refused(bad[i], ENVOI_URI_LENIENT, ENVOI_ERR_UTF8);
}

static void test_length_and_pairs_are_bounded(void **state)
{
    (void)state;
    static char text[10000];
    int start = snprintf(text, sizeof text, "xmpp:a@b?;k=");
    memset(text + start, 'x', ENVOI_URI_MAX_LENGTH - (size_t)start);
    envoi_uri *uri = parse(text, ENVOI_URI_STRICT);
    assert_formats(uri, text);
    assert_int_equal(envoi_uri_set_fragment(uri, ""), 0);
    assert_formats(uri, "ENVOI_ERR_TOO_LARGE");
    envoi_uri_free(uri);
    text[ENVOI_URI_MAX_LENGTH] = 'x';
    assert_refused(text, ENVOI_URI_LENIENT, ENVOI_ERR_TOO_LARGE);
    memset(text, 'x', sizeof text - 1);
    assert_refused(text, ENVOI_URI_LENIENT, ENVOI_ERR_TOO_LARGE);
    uri = begin("a@b");
    assert_int_equal(envoi_uri_add_pair(uri, "k", text), ENVOI_ERR_TOO_LARGE);
    assert_int_equal(envoi_uri_set_querytype(uri, text), ENVOI_ERR_TOO_LARGE);
    strcpy(text, "xmpp:a@b?");
    for (int i = 0; i < ENVOI_URI_MAX_PAIRS; i++) {
        strcpy(text + strlen(text), ";k=v");
        assert_int_equal(envoi_uri_add_pair(uri, "k", "v"), 0);
    }
    assert_formats(uri, text);
    assert_fixed_point(uri);
    assert_int_equal(envoi_uri_add_pair(uri, "k", "v"), ENVOI_ERR_TOO_LARGE);
    envoi_uri_free(uri);
    strcpy(text + strlen(text), ";k=v");
    assert_refused(text, ENVOI_URI_LENIENT, ENVOI_ERR_TOO_LARGE);
}

static void test_null_is_an_argument_error_or_nothing(void **state)
{
    (void)state;
    envoi_uri *uri = NULL;
    assert_int_equal(envoi_uri_parse(NULL, "xmpp:b", 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_parse(&uri, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_new(NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_set_account(NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_set_querytype(NULL, ""), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_add_pair(NULL, "", ""), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_new(&uri, NULL), 0);
    assert_int_equal(envoi_uri_add_pair(uri, NULL, ""), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_add_pair(uri, "", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_uri_new_pubsub(NULL, envoi_uri_jid(uri), "n", NULL), ENVOI_ERR_ARGUMENT);
    envoi_uri_free(uri);
    uri = NULL;
    assert_int_equal(envoi_uri_set_fragment(NULL, ""), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_uri_account(NULL));
    assert_null(envoi_uri_jid(NULL));
    assert_null(envoi_uri_querytype(NULL));
    assert_null(envoi_uri_fragment(NULL));
    assert_null(envoi_uri_node(NULL));
    assert_null(envoi_uri_key_at(NULL, 0));
    assert_null(envoi_uri_value_at(NULL, 0));
    assert_null(envoi_uri_value(NULL, ""));
    assert_int_equal(envoi_uri_pair_count(NULL), 0);
    assert_int_equal(envoi_uri_action(NULL), ENVOI_URI_ACTION_IDENTIFY);
    assert_false(envoi_uri_is_strict(NULL));
    assert_false(envoi_uri_is_known_querytype(NULL));
    assert_false(envoi_uri_is_known_pair(NULL, 0));
    envoi_uri_free(NULL);
}

/* Every text of a URI was checked on its way in; should one be broken all the same, it does not get out. */
static void test_what_is_not_utf8_is_never_written(void **state)
{
    (void)state;
    envoi_uri *uri = parse("xmpp:b?message;k=vw", ENVOI_URI_STRICT);
    uri->pairs[0].value[1] = '\xff';
    char *text = formatted(uri, envoi_uri_format);
    assert_string_equal(text, "ENVOI_ERR_UTF8");
    free(text);
    envoi_uri_free(uri);
}

/* Whatever stands at the beginning of a URI is refused, or read and written to a fixed point; never past its
 * end. */
static void check_cut(const char *text, size_t len)
{
    char *cut = malloc(len + 1); /* of its own, so that reading too far is found */
    memcpy(cut, text, len);
    cut[len] = '\0';
    for (int flags = ENVOI_URI_LENIENT; flags <= ENVOI_URI_PLUS_SPACE; flags++) {
        envoi_uri *uri = NULL;
        int error = envoi_uri_parse(&uri, cut, flags);
        assert_true(error == 0 || error == ENVOI_ERR_URI || error == ENVOI_ERR_JID ||
                    error == ENVOI_ERR_UTF8);
        assert_int_equal(uri != NULL, error == 0);
        if (uri)
            assert_fixed_point(uri);
        envoi_uri_free(uri);
    }
    free(cut);
}

static void test_every_uri_cut_at_every_byte(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "uri-corpus.tsv");
    while (tsv_next(row))
        for (size_t len = 0; len < strlen(tsv_get(row, "uri")); len++)
            check_cut(tsv_get(row, "uri"), len);
    tsv_close(row);
    row = tsv_open(vectors, "uri.tsv");
    while (tsv_next(row))
        for (size_t len = 0; len < strlen(tsv_get(row, "input")); len++)
            check_cut(tsv_get(row, "input"), len);
    tsv_close(row);
}

static int parse_one(void *user)
{
    envoi_uri *uri = NULL;
    int error = envoi_uri_parse(&uri, user, ENVOI_URI_LENIENT);
    if (error)
        assert_null(uri);
    envoi_uri_free(uri);
    return error;
}

static int build_one(void *user)
{
    envoi_uri *uri = NULL;
    int error = envoi_uri_new_pubsub(&uri, user, "node", "item");
    if (!error)
        error = envoi_uri_set_account(uri, user);
    if (!error)
        error = envoi_uri_set_querytype(uri, "pubsub");
    if (!error)
        error = envoi_uri_set_fragment(uri, "f");
    if (!error)
        error = envoi_uri_set_querytype(uri, NULL);
    if (!error) {
        error = envoi_uri_add_pair(uri, "k", "v"); /* whole, or not at all */
        assert_int_equal(envoi_uri_pair_count(uri), !error);
        assert_int_equal(envoi_uri_querytype(uri) != NULL, !error);
    }
    envoi_uri_free(uri);
    return error;
}

static void test_every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static char text[] = "xmpp://guest@example.com/ji%C5%99i@b.example/r?join;password=p;;k=v;x#f";
    with_failing_allocations(parse_one, text);
    static char misplaced[] = "xmpp:b?k=v";
    with_failing_allocations(parse_one, misplaced);
    static char literal[] = "xmpp:a@[::1]";
    with_failing_allocations(parse_one, literal);
    envoi_jid *jid = jid_of("a@b/c");
    with_failing_allocations(build_one, jid);
    envoi_jid_free(jid);
}

/* ---- the program ---- */

static void test_every_generation_row_is_settled(void **state);

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_generation_row_is_settled),
    cmocka_unit_test(test_format_encodes_localpart_and_resourcepart),
    cmocka_unit_test(test_format_is_ascii_and_iri_is_not),
    cmocka_unit_test(test_format_writes_prepared_jids),
    cmocka_unit_test(test_format_encodes_all_but_unreserved_in_the_query),
    cmocka_unit_test(test_jid_is_at_hand_without_a_scheme),
    cmocka_unit_test(test_pubsub_uri_has_the_empty_querytype),
    cmocka_unit_test(test_parts_can_be_set_and_taken_away),
    cmocka_unit_test(test_format_tells_the_size_and_keeps_the_buffer),
    cmocka_unit_test(test_control_characters_are_refused),
    cmocka_unit_test(test_encoded_separators_never_split_an_address),
    cmocka_unit_test(test_text_must_be_utf8_before_and_after_decoding),
    cmocka_unit_test(test_length_and_pairs_are_bounded),
    cmocka_unit_test(test_null_is_an_argument_error_or_nothing),
    cmocka_unit_test(test_what_is_not_utf8_is_never_written),
    cmocka_unit_test(test_every_uri_cut_at_every_byte),
    cmocka_unit_test(test_every_failed_allocation_is_survived),
};

static void test_every_generation_row_is_settled(void **state)
{
    (void)state;
    assert_int_equal(assert_rows_name_tests(tests, ENVOI__COUNT(tests), 1), 5);
}

int main(int argc, char **argv)
{
    vectors = argc > 1 ? argv[1] : "tests/vectors";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
