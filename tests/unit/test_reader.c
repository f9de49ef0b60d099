/* SPDX-License-Identifier: MIT */
#include "feed.h"

static void test_header_stanzas_keepalives_and_end(void **state)
{
    (void)state;
    struct feed feed;
    size_t used = 99;
    open_feed(&feed, NULL);
    assert_int_equal(envoi__reader_next(feed.reader, NULL, 0, &feed.tree, &used), ENVOI__READ_MORE);
    assert_int_equal(used, 0);
    static const char text[] = "\n<?xml version='1.0'?>";
    assert_int_equal(give_text(&feed, text + 1), 0);
    assert_int_equal(feed.in.len, 0);
    assert_int_equal(give_text(&feed, "\r\n\t " HEADER), 0);
    assert_string_equal(envoi_element_name(feed.tree.root), "stream");
    assert_string_equal(envoi_element_namespace(feed.tree.root), STREAM_NS);
    assert_string_equal(envoi_element_attr(feed.tree.root, "id"), "s1");
    assert_null(envoi_element_first_child(feed.tree.root));
    static const uint8_t space[] = " \n\t" PLAIN " ";
    assert_int_equal(envoi__reader_next(feed.reader, space, sizeof space - 1, &feed.tree, &used),
                     ENVOI__READ_SPACE);
    assert_int_equal(used, 3);
    assert_int_equal(envoi__reader_is_inside(feed.reader), 0);
    assert_int_equal(envoi__reader_next(feed.reader, space + 3, 5, &feed.tree, &used), ENVOI__READ_MORE);
    assert_int_equal(used, 0);
    assert_int_equal(envoi__reader_is_inside(feed.reader), 1);
    assert_int_equal(envoi__reader_next(feed.reader, space + 3, sizeof space - 4, &feed.tree, &used),
                     ENVOI__READ_ELEMENT);
    assert_int_equal(used, strlen(PLAIN));
    assert_string_equal(envoi_element_child_text(feed.tree.root, "body"), "hi");
    assert_int_equal(give_text(&feed, " <a/></stream:stream >\n"), 0);
    assert_int_equal(envoi__reader_next(feed.reader, (const uint8_t *)"x", 1, &feed.tree, &used),
                     ENVOI_ERR_XML_MALFORMED);
    assert_string_equal(log_text(&feed),
                        "header <stream xmlns='" STREAM_NS "' id='s1' from='example.net' version='1.0'/>\n"
                        "element <a xmlns='jabber:client'/>\nend\n");
    close_feed(&feed);
}

static void test_restart_expects_a_new_header(void **state)
{
    (void)state;
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER "<a/>");
    envoi__reader_restart(feed.reader);
    assert_int_equal(give_text(&feed, "<?xml version='1.0'?><s xmlns='u'><b/>"), 0);
    assert_int_equal(give_text(&feed, "<x:a/>"), ENVOI_ERR_BAD_NAMESPACE);
    envoi__reader_restart(feed.reader);
    envoi__buf_truncate(&feed.in, 0);
    feed.error = 0;
    assert_int_equal(give_text(&feed, "<s><b/></s>"), 0);
    assert_string_equal(log_text(&feed),
                        "header <stream xmlns='" STREAM_NS "' id='s1' from='example.net' version='1.0'/>\n"
                        "element <a xmlns='jabber:client'/>\nheader <s xmlns='u'/>\n"
                        "element <b xmlns='u'/>\nheader <s/>\nelement <b/>\nend\n");
    close_feed(&feed);
}

static void test_content_arrives_as_written(void **state)
{
    (void)state;
    accept("<a b='x&amp;y &lt;&gt;&apos;&quot; &#65;&#x42;\tz'>1&amp;2 &#x1F600;&#0009;<b/>t\r\nu</a>",
           "element <a xmlns='jabber:client' b='x&amp;y &lt;&gt;&apos;&quot; AB z'>1&amp;2 "
           "\xF0\x9F\x98\x80\t<b/>t\nu</a>\n");
    accept("<a>]] > ]&gt; \x7f</a>", "element <a xmlns='jabber:client'>]] &gt; ]&gt; \x7f</a>\n");
    /* XML 1.0 2.11 and 3.3.3: line ends are LF, in attributes a blank; CR itself comes by reference alone. */
    accept("<a b='1\r\n2\r3\n4&#13;'>\r\n1\r2\n\r3&#13;</a>",
           "element <a xmlns='jabber:client' b='1 2 3 4&#13;'>\n1\n2\n\n3&#13;</a>\n");
    accept("<a><![CDATA[\r\n1\r2\n\r\r\n\r]]><![CDATA[\n\r\n]]></a>",
           "element <a xmlns='jabber:client'>\n1\n2\n\n\n\n\n\n</a>\n");
    accept("<a b=\"it's\" c='\"' d = '>' ></a >",
           "element <a xmlns='jabber:client' b='it&apos;s' c='&quot;' d='&gt;'/>\n");
    accept("<stream:features/><m xmlns='u' x='1' xml:lang='de'/>",
           "element <features xmlns='" STREAM_NS "'/>\nelement <m xmlns='u' x='1' xml:lang='de'/>\n");
    accept(
        "<\xC3\xA9t\xC3\xA9 \xC3\xA9='\xC3\xA9'>\xE2\x82\xAC\xEF\xBF\xBD\xF4\x8F\xBF\xBF</\xC3\xA9t\xC3\xA9>",
        "element <\xC3\xA9t\xC3\xA9 xmlns='jabber:client' "
        "\xC3\xA9='\xC3\xA9'>\xE2\x82\xAC\xEF\xBF\xBD\xF4\x8F\xBF\xBF"
        "</\xC3\xA9t\xC3\xA9>\n");
}

/* A session as servers send it. */
static const char session[] =
    "<?xml version='1.0'?>"
    "<stream:stream id='13126126754662775446' version='1.0' xml:lang='en' xmlns:stream='" STREAM_NS
    "' from='localhost' xmlns='jabber:client'>"
    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>"
    "<c xmlns=\"http://jabber.org/protocol/caps\" hash='sha-1' "
    "ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></stream:features>\n"
    "<iq type='result' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@example.net/Balkon "
    "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80</jid></bind></iq> "
    "<message from='romeo@example.net/orchard' to='juliet@example.net' type='chat' xml:lang='cs'>"
    "<body>Ne&#x10D;ekaj &amp; &lt;p\xC5\x99ijd\xC3\xA9\xC5\x88&gt; hned</body><x:y xmlns:x='urn:x' x:z='1'/>"
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
    "<p>one <em>two</em> three<![CDATA[ <four> ]]]]></p></body></html></message>"
    "<message from='pubsub.example.net'><event xmlns='http://jabber.org/protocol/pubsub#event'><items "
    "node='n'>"
    "<item id='1'>\r\n  <entry "
    "xmlns='http://www.w3.org/2005/Atom'><title>T&quot;</title></entry>\r\n</item></items>"
    "</event></message>\n\n<presence from='a@b/c'/></stream:stream>\n";

static void test_b14_every_split_gives_the_same_trees(void **state)
{
    (void)state;
    int error = 1;
    size_t len = sizeof session - 1;
    char *whole = account(session, len, len, 1, &error);
    assert_int_equal(error, 0);
    assert_non_null(strstr(whole, "\nend\n"));
    assert_non_null(strstr(whole, "<body>Ne\xC4\x8D"
                                  "ekaj &amp; &lt;p\xC5\x99ijd\xC3\xA9\xC5\x88&gt; hned</body>"));
    assert_non_null(strstr(whole, "<p>one <em>two</em> three &lt;four&gt; ]]</p>"));
    for (size_t cut = 0; cut < len; cut++) {
        char *split = account(session, len, cut, len, &error);
        assert_int_equal(error, 0);
        assert_string_equal(split, whole);
        free(split);
    }
    static const size_t sizes[] = {1, 2, 3, 7, 64};
    for (size_t i = 0; i < ENVOI__COUNT(sizes); i++) {
        char *pieces = account(session, len, 0, sizes[i], &error);
        assert_int_equal(error, 0);
        assert_string_equal(pieces, whole);
        free(pieces);
    }
    free(whole);
}

static void test_stanza_comes_with_its_last_byte(void **state)
{
    (void)state;
    struct feed feed;
    open_feed(&feed, NULL);
    static const char *const stanzas[] = {
        "<a/>", "<a></a>", "<a>text</a>", "<a><b/></a>", "<a b='>'/>", "<a><![CDATA[>]]></a >", "<a>\r</a>"};
    give(&feed, HEADER, strlen(HEADER) - 1);
    assert_int_equal(feed.log.len, 0);
    give_text(&feed, ">");
    assert_true(feed.log.len > 0);
    for (size_t i = 0; i < ENVOI__COUNT(stanzas); i++) {
        give(&feed, stanzas[i], strlen(stanzas[i]) - 1);
        assert_int_equal(feed.elements, i);
        assert_int_equal(envoi__reader_is_inside(feed.reader), 1);
        give_text(&feed, ">");
        assert_int_equal(feed.elements, i + 1);
        assert_int_equal(envoi__reader_is_inside(feed.reader), 0);
    }
    assert_int_equal(feed.error, 0);
    close_feed(&feed);
}

static void test_idle_reader_goes_on_identically(void **state)
{
    (void)state;
    int error;
    char *whole = account(session, sizeof session - 1, sizeof session - 1, 1, &error);
    struct feed feed;
    open_feed(&feed, NULL);
    for (size_t i = 0; i < sizeof session - 1; i++) {
        give(&feed, session + i, 1);
        envoi__reader_idle(feed.reader);
    }
    assert_int_equal(feed.error, 0);
    assert_string_equal(log_text(&feed), whole);
    close_feed(&feed);
    free(whole);
}

static void test_idle_reader_makes_its_parser_anew_and_a_busy_one_keeps_it(void **state)
{
    (void)state;
    struct feed feed;
    size_t used;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER PLAIN PLAIN);
    for (int idle = 0; idle < 2; idle++) {
        if (idle)
            envoi__reader_idle(feed.reader);
        long before = allocations;
        assert_int_equal(
            envoi__reader_next(feed.reader, (const uint8_t *)PLAIN, strlen(PLAIN), &feed.tree, &used),
            ENVOI__READ_ELEMENT);
        assert_int_equal(allocations - before, idle);
    }
    close_feed(&feed);
}

static void test_language_of_the_stream_holds_for_its_stanzas(void **state)
{
    (void)state;
    struct feed feed;
    envoi_stanza *copy;
    open_feed(&feed, NULL);
    give_text(&feed, "<s xml:lang='cs'><a><b/></a>");
    assert_string_equal(envoi_element_lang(envoi_element_first_child(feed.tree.root)), "cs");
    assert_int_equal(envoi_stanza_dup(&copy, feed.tree.root), 0);
    envoi__reader_idle(feed.reader);
    give_text(&feed, "<a xml:lang='de'/>");
    assert_string_equal(envoi_element_lang(feed.tree.root), "de");
    give_text(&feed, "<a xml:lang=''/>");
    assert_null(envoi_element_lang(feed.tree.root));
    close_feed(&feed);
    assert_string_equal(envoi_element_lang(envoi_stanza_root(copy)), "cs");
    envoi_stanza_free(copy);
}

static void test_parse_reads_one_element_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {{"<a/>", 0},
                {"<?xml version='1.0' encoding='UTF-8'?>\n<a b='c'>d<e/></a>\n \t\r", 0},
                {"\xEF\xBB\xBF<a/>", 0},
                {" <x:a xmlns:x='u'/>", 0},
                {"", ENVOI_ERR_XML_MALFORMED},
                {"  ", ENVOI_ERR_XML_MALFORMED},
                {"<a>", ENVOI_ERR_XML_MALFORMED},
                {"<a", ENVOI_ERR_XML_MALFORMED},
                {"<a/><b/>", ENVOI_ERR_XML_MALFORMED},
                {"<a/>text", ENVOI_ERR_XML_MALFORMED},
                {"text", ENVOI_ERR_XML_MALFORMED},
                {"<a></b>", ENVOI_ERR_XML_MALFORMED},
                {"</a>", ENVOI_ERR_XML_MALFORMED},
                {"<a>\xE2\x82", ENVOI_ERR_XML_MALFORMED},
                {"<a>\xE2\x82</a>", ENVOI_ERR_XML_ENCODING},
                {"<a>\x01</a>", ENVOI_ERR_XML_MALFORMED},
                {"<a>&b;</a>", ENVOI_ERR_XML_RESTRICTED},
                {"<!DOCTYPE a><a/>", ENVOI_ERR_XML_RESTRICTED},
                {"<!-- c --><a/>", ENVOI_ERR_XML_RESTRICTED},
                {"<a/><!-- c -->", ENVOI_ERR_XML_MALFORMED},
                {"<?xml version='1.0' encoding='latin1'?><a/>", ENVOI_ERR_XML_ENCODING},
                {"<x:a/>", ENVOI_ERR_BAD_NAMESPACE}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        envoi_stanza *stanza = NULL;
        int error = envoi_stanza_parse(&stanza, rows[i].text, strlen(rows[i].text));
        if (error != rows[i].error)
            print_message("row <%s>: %s\n", rows[i].text, envoi_error_name(error));
        assert_int_equal(error, rows[i].error);
        assert_true(error ? stanza == NULL : envoi_element_is(envoi_stanza_root(stanza), "a", NULL));
        envoi_stanza_free(stanza);
    }
    envoi_stanza *stanza = NULL;
    assert_int_equal(envoi_stanza_parse(&stanza, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_parse(NULL, "<a/>", 4), ENVOI_ERR_ARGUMENT);
    /* A parsed stanza can be built on. */
    assert_int_equal(envoi_stanza_parse(&stanza, "<a><b/></a>", 11), 0);
    assert_non_null(envoi_element_add_text_child(envoi_stanza_element(stanza), "c", NULL, "d"));
    assert_string_equal(envoi_element_child_text(envoi_stanza_root(stanza), "c"), "d");
    envoi_stanza_free(stanza);
}

static void test_parse_has_its_own_limit_of_16_mib(void **state)
{
    (void)state;
    enum { LIMIT = 16 * 1024 * 1024 };
    envoi_stanza *stanza = NULL;
    char *good = padded("<m>", 'x', LIMIT - 7, "</m>"), *bad = padded("<m>", 'x', LIMIT - 6, "</m>");
    assert_int_equal(envoi_stanza_parse(&stanza, good, LIMIT), 0);
    assert_int_equal(strlen(envoi_element_text(envoi_stanza_root(stanza))), LIMIT - 7);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_stanza_parse(&stanza, bad, LIMIT + 1), ENVOI_ERR_STANZA_TOO_LARGE);
    free(good);
    free(bad);
}

static int read_session(void *user)
{
    (void)user;
    struct envoi__reader *reader;
    struct envoi__tree tree;
    size_t at = 0, used;
    int what = envoi__reader_new(&reader, &limits);
    if (what < 0)
        return what;
    envoi__tree_init(&tree);
    while (at < sizeof session - 1 && what >= 0) {
        what =
            envoi__reader_next(reader, (const uint8_t *)session + at, sizeof session - 1 - at, &tree, &used);
        if (what >= 0)
            at += used;
        if (what == ENVOI__READ_ELEMENT && at % 2)
            envoi__reader_idle(reader);
    }
    envoi__reader_free(reader);
    envoi__tree_free(&tree);
    return what < 0 ? what : 0;
}

static int parse_alone(void *user)
{
    envoi_stanza *stanza = NULL;
    int error = envoi_stanza_parse(&stanza, user, strlen(user));
    assert_true(error ? stanza == NULL : stanza != NULL);
    envoi_stanza_free(stanza);
    return error;
}

static void test_reading_survives_every_failed_allocation(void **state)
{
    (void)state;
    char *large = padded("<m xmlns='urn:example:large' a='b'><own-name other-name='1'>", 'x', 5000,
                         "</own-name>t<![CDATA[u]]><v/>w</m>");
    with_failing_allocations(read_session, NULL);
    with_failing_pieces(read_session, NULL);
    with_failing_allocations(parse_alone, large);
    with_failing_pieces(parse_alone, large);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_stanzas_keepalives_and_end),
        cmocka_unit_test(test_restart_expects_a_new_header),
        cmocka_unit_test(test_content_arrives_as_written),
        cmocka_unit_test(test_b14_every_split_gives_the_same_trees),
        cmocka_unit_test(test_stanza_comes_with_its_last_byte),
        cmocka_unit_test(test_idle_reader_goes_on_identically),
        cmocka_unit_test(test_idle_reader_makes_its_parser_anew_and_a_busy_one_keeps_it),
        cmocka_unit_test(test_language_of_the_stream_holds_for_its_stanzas),
        cmocka_unit_test(test_parse_reads_one_element_alone),
        cmocka_unit_test(test_parse_has_its_own_limit_of_16_mib),
        cmocka_unit_test(test_reading_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
