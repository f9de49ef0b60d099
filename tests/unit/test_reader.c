/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/buf.h"
#include "base/text.h"
#include "xml/reader.h"
#include "xml/writer.h"

#define STREAM_NS "http://etherx.jabber.org/streams"
#define HEADER                                                                                               \
    "<stream:stream xmlns='jabber:client' xmlns:stream='" STREAM_NS                                          \
    "' id='s1' from='example.net' version='1.0'>"
#define PLAIN "<message from='a@b'><body>hi</body></message>"

static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;

/* A stream being read, and an account of it in words: what was read, in order. */
struct feed {
    struct envoi__reader *reader;
    struct envoi__tree tree;
    struct envoi__buf in, log;
    int error, elements;
};

static void open_feed(struct feed *feed, const struct envoi__xml_limits *with)
{
    *feed = (struct feed){0};
    assert_int_equal(envoi__reader_new(&feed->reader, with ? with : &limits), 0);
    envoi__tree_init(&feed->tree);
    envoi__buf_init(&feed->in, 0);
    envoi__buf_init(&feed->log, 0);
}

static void close_feed(struct feed *feed)
{
    envoi__reader_free(feed->reader);
    envoi__tree_free(&feed->tree);
    envoi__buf_free(&feed->in);
    envoi__buf_free(&feed->log);
}

static void note(struct feed *feed, int what)
{
    static const char *const words[] = {"", "", "header ", "element ", "end"};
    envoi__buf_add_text(&feed->log, words[what]);
    if (what == ENVOI__READ_HEADER || what == ENVOI__READ_ELEMENT)
        assert_int_equal(envoi__write_element(&feed->log, feed->tree.root, NULL), 0);
    if (what != ENVOI__READ_SPACE)
        envoi__buf_add_text(&feed->log, "\n");
    feed->elements += what == ENVOI__READ_ELEMENT;
}

/* Offer bytes and take all that becomes complete. The bytes that stay are moved to a new place each time. */
static int give(struct feed *feed, const void *data, size_t len)
{
    assert_int_equal(envoi__buf_add(&feed->in, data, len), 0);
    while (!feed->error) {
        size_t used = 0, avail = feed->in.len;
        uint8_t *copy = avail ? malloc(avail) : NULL;
        if (avail)
            memcpy(copy, envoi__buf_bytes(&feed->in), avail);
        int what = envoi__reader_next(feed->reader, copy, avail, &feed->tree, &used);
        free(copy);
        if (what < 0) {
            feed->error = what;
            break;
        }
        assert_true(used <= avail);
        envoi__buf_take(&feed->in, used);
        if (what == ENVOI__READ_MORE)
            break;
        assert_true(used > 0);
        note(feed, what);
    }
    return feed->error;
}

static int give_text(struct feed *feed, const char *text)
{
    return give(feed, text, strlen(text));
}

static const char *log_text(struct feed *feed)
{
    envoi__buf_add(&feed->log, "", 1);
    envoi__buf_truncate(&feed->log, feed->log.len - 1);
    return (const char *)feed->log.data;
}

/* What a stream gives that is fed in pieces of `size` bytes: its log, which the caller frees. */
static char *account(const char *text, size_t len, size_t first, size_t size, int *error)
{
    struct feed feed;
    open_feed(&feed, NULL);
    give(&feed, text, first);
    for (size_t at = first; at < len; at += size)
        give(&feed, text + at, len - at < size ? len - at : size);
    char *log = strdup(log_text(&feed));
    *error = feed.error;
    close_feed(&feed);
    return log;
}

/* One case of an attack: the header, `bytes`, and a stanza that must not be delivered any more, whole, byte
 * by byte, and cut in two everywhere. `delivered` stanzas come before the error. */
static void refuse_bytes(const char *bytes, size_t len, int error, int delivered)
{
    char all[4096];
    size_t head = strlen(HEADER), total = head + len + strlen(PLAIN);
    assert_true(total < sizeof all);
    memcpy(all, HEADER, head);
    memcpy(all + head, bytes, len);
    memcpy(all + head + len, PLAIN, strlen(PLAIN));
    for (size_t cut = head; cut <= total; cut++) {
        struct feed feed;
        open_feed(&feed, NULL);
        give(&feed, all, cut);
        give(&feed, all + cut, total - cut);
        if (feed.error != error)
            print_message("case <%.*s> cut at %zu: %s\n", (int)len, bytes, cut, envoi_error_name(feed.error));
        assert_int_equal(feed.error, error);
        assert_int_equal(feed.elements, delivered);
        close_feed(&feed);
    }
    struct feed feed;
    open_feed(&feed, NULL);
    for (size_t i = 0; i < total; i++)
        give(&feed, all + i, 1);
    assert_int_equal(feed.error, error);
    assert_int_equal(feed.elements, delivered);
    /* B11: nothing wakes a dead reader but a restart. */
    size_t used = 77;
    assert_int_equal(
        envoi__reader_next(feed.reader, (const uint8_t *)PLAIN, strlen(PLAIN), &feed.tree, &used), error);
    assert_int_equal(used, 77);
    envoi__reader_idle(feed.reader);
    assert_int_equal(envoi__reader_next(feed.reader, NULL, 0, &feed.tree, &used), error);
    assert_int_equal(envoi__reader_is_inside(feed.reader), 0);
    close_feed(&feed);
}

static void refuse(const char *bytes, int error)
{
    refuse_bytes(bytes, strlen(bytes), error, 0);
}

/* The header and `bytes` are fine and give these words behind the header's. */
static void accept(const char *bytes, const char *expected)
{
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER);
    envoi__buf_truncate(&feed.log, 0);
    if (give_text(&feed, bytes))
        print_message("case <%s>: %s\n", bytes, envoi_error_name(feed.error));
    assert_int_equal(feed.error, 0);
    assert_string_equal(log_text(&feed), expected);
    close_feed(&feed);
}

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

static void test_a7_namespaced_attributes_never_shadow(void **state)
{
    (void)state;
    static const char *const names[] = {"from", "to", "id", "type", "node", "h", "previd"};
    for (size_t i = 0; i < ENVOI__COUNT(names); i++) {
        for (int order = 0; order < 3; order++) {
            static const char *const forms[] = {"<m xmlns:x='u' %s='true' x:%s='shadow'/>",
                                                "<m xmlns:x='u' x:%s='shadow' %s='true'/>",
                                                "<m xmlns:x='u' x:%s='shadow'/>"};
            char text[200], *at = text;
            for (const char *f = forms[order]; *f; f++) {
                if (*f == '%') {
                    memcpy(at, names[i], strlen(names[i]));
                    at += strlen(names[i]);
                    f++;
                } else {
                    *at++ = *f;
                }
            }
            *at = '\0';
            struct feed feed;
            open_feed(&feed, NULL);
            give_text(&feed, HEADER);
            assert_int_equal(give_text(&feed, text), 0);
            const char *value = envoi_element_attr(feed.tree.root, names[i]);
            if (order == 2)
                assert_null(value);
            else
                assert_string_equal(value, "true");
            assert_string_equal(envoi_element_attr_ns(feed.tree.root, names[i], "u"), "shadow");
            close_feed(&feed);
        }
    }
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER);
    assert_int_equal(give_text(&feed, "<m xmlns:x='u' x:lang='no' lang='no' xml:lang='yes'/>"), 0);
    assert_string_equal(envoi_element_lang(feed.tree.root), "yes");
    close_feed(&feed);
}

static void test_b1_invalid_utf8_closes(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xc3\x28",
                                      "\xff",
                                      "\xc0\xbc",
                                      "\xe0\x80\xbc",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xe0<",
                                      "\xf0\x8f\xbf\xbf",
                                      "\x80",
                                      "\xe2\x82",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xc1\xbf",
                                      "\xed\xbf\xbf",
                                      "\xe2\x28\xa1",
                                      "\xf0\x9f\x98"};
    static const char *const places[] = {"<m><b>%</b></m>",      "<m a='%'/>",  "<m><b%/></m>",
                                         "<m><%/></m>",          "<m a%='1'/>", "%",
                                         "<m><![CDATA[%]]></m>", "<m></m%>"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        for (size_t j = 0; j < ENVOI__COUNT(places); j++) {
            char text[100];
            const char *mark = strchr(places[j], '%');
            size_t before = (size_t)(mark - places[j]), len = strlen(bad[i]);
            memcpy(text, places[j], before);
            memcpy(text + before, bad[i], len);
            memcpy(text + before + len, mark + 1, strlen(mark));
            refuse(text, ENVOI_ERR_XML_ENCODING);
        }
    }
}

static void test_b1_characters_that_xml_cannot_carry_close(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x01",
                                      "\x1f",
                                      "\x0b",
                                      "\xEF\xBF\xBE",
                                      "\xEF\xBF\xBF",
                                      "&#0;",
                                      "&#1;",
                                      "&#x1F;",
                                      "&#xD800;",
                                      "&#xDFFF;",
                                      "&#xFFFE;",
                                      "&#65535;",
                                      "&#x110000;",
                                      "&#99999999999999999999;",
                                      "&#x100000041;",
                                      "&#;",
                                      "&#x;",
                                      "&#xg;",
                                      "&#1a;",
                                      "&;",
                                      "& ",
                                      "&lt",
                                      "&l t;",
                                      "&#",
                                      "&#x"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        char text[100] = "<m><b>";
        strncat(text, bad[i], 40);
        strncat(text, "</b></m>", 40);
        refuse(text, ENVOI_ERR_XML_MALFORMED);
        memcpy(text, "<m a='", 6);
        memcpy(text + 6 + strlen(bad[i]), "'/>", 4);
        refuse(text, ENVOI_ERR_XML_MALFORMED);
    }
    refuse_bytes("<m>\0</m>", 8, ENVOI_ERR_XML_MALFORMED, 0);
    refuse_bytes("\0", 1, ENVOI_ERR_XML_MALFORMED, 0);
    refuse_bytes("<m a='\0'/>", 10, ENVOI_ERR_XML_MALFORMED, 0);
}

static void test_b2_no_second_stream_inside_a_stream(void **state)
{
    (void)state;
    static const char *const places[] = {"%",
                                         "<m/>%",
                                         " %",
                                         "<m>%</m>",
                                         "<m>t%</m>",
                                         "<m>%t</m>",
                                         "<m><b>%</b></m>",
                                         "<m><b/>%</m>",
                                         "<m><b></b>%<c/></m>",
                                         "<m a='1'>%</m>",
                                         "<m xmlns='u'>%</m>",
                                         "<m>&amp;%</m>"};
    for (size_t i = 0; i < ENVOI__COUNT(places); i++) {
        const char *mark = strchr(places[i], '%');
        char text[300] = "";
        int before = i == 1;
        strncat(text, places[i], (size_t)(mark - places[i]));
        size_t len = strlen(text);
        strncat(text, "<?xml version='1.0'?>", 100);
        strncat(text, mark + 1, 100);
        refuse_bytes(text, strlen(text), ENVOI_ERR_XML_RESTRICTED, before);
        text[len] = '\0';
        if (i >= 3) { /* the stream's end tag inside a stanza ends nothing */
            strncat(text, "</stream:stream>", 100);
            strncat(text, mark + 1, 100);
            refuse_bytes(text, strlen(text), ENVOI_ERR_XML_MALFORMED, 0);
            text[len] = '\0';
        }
        struct feed feed; /* a stream tag inside is an element as any other */
        open_feed(&feed, NULL);
        give_text(&feed, HEADER);
        strncat(text, "<stream:stream xmlns:stream='" STREAM_NS "'><x/></stream:stream>", 200);
        strncat(text, mark + 1, 100);
        assert_int_equal(give_text(&feed, text), 0);
        assert_int_equal(give_text(&feed, PLAIN), 0);
        assert_int_equal(feed.elements, i == 1 ? 3 : 2);
        close_feed(&feed);
    }
}

static void test_b3_namespaces_count_and_prefixes_do_not(void **state)
{
    (void)state;
    accept("<x:message xmlns:x='jabber:client'><x:body>b</x:body></x:message>",
           "element <message xmlns='jabber:client'><body>b</body></message>\n");
    accept("<message xmlns='urn:evil'/>", "element <message xmlns='urn:evil'/>\n");
    accept("<message><body xmlns=''><c/></body></message>",
           "element <message xmlns='jabber:client'><body xmlns=''><c/></body></message>\n");
    /* A namespace is compared letter by letter; odd ones must neither match others nor end the stream. */
    static const char *const odd[] = {
        "a&#10;b", "a b", "a|b", "jabber:client ", "jabber:client|message", "%zz", "relative", "\xC3\xA9"};
    for (size_t i = 0; i < ENVOI__COUNT(odd); i++) {
        char text[200] = "<message xmlns='";
        strncat(text, odd[i], 50);
        strncat(text, "'/>", 10);
        struct feed feed;
        open_feed(&feed, NULL);
        give_text(&feed, HEADER);
        assert_int_equal(give_text(&feed, text), 0);
        assert_int_equal(envoi_element_is(feed.tree.root, "message", ENVOI_NS_CLIENT), 0);
        assert_int_equal(give_text(&feed, PLAIN), 0);
        assert_int_equal(feed.elements, 2);
        /* and the complaint is forgotten: real faults are still found */
        assert_int_equal(give_text(&feed, "<u:m/>"), ENVOI_ERR_BAD_NAMESPACE);
        close_feed(&feed);
    }
    static const char *const bad[] = {"<x:m/>",
                                      "<m><x:b/></m>",
                                      "<m x:a='1'/>",
                                      "<m xmlns:x=''/>",
                                      "<m xmlns:x='u' xmlns:y='u' x:a='1' y:a='2'/>",
                                      "<m xmlns:xml='u'/>",
                                      "<m xmlns:xmlns='u'/>",
                                      "<m xmlns:x='http://www.w3.org/2000/xmlns/'/>",
                                      "<m xmlns='http://www.w3.org/XML/1998/namespace'/>",
                                      "<m xmlns='http://www.w3.org/2000/xmlns/'/>",
                                      "<m xmlns:x='u'/><x:m/>",
                                      "<a:b:c/>"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        refuse_bytes(bad[i], strlen(bad[i]), ENVOI_ERR_BAD_NAMESPACE,
                     strncmp(bad[i], "<m xmlns:x='u'/>", 16) == 0);
    /* The header may bind its namespace to any prefix. */
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, "<q:stream xmlns:q='" STREAM_NS
                     "' xmlns:c='jabber:client'><c:message/><q:features/></q:stream>");
    assert_string_equal(log_text(&feed),
                        "header <stream xmlns='" STREAM_NS "'/>\nelement <message xmlns='jabber:client'/>\n"
                        "element <features xmlns='" STREAM_NS "'/>\nend\n");
    close_feed(&feed);
}

static void test_b4_doctypes_and_entities_close_at_once(void **state)
{
    (void)state;
    static const char *const bad[] = {"<!DOCTYPE s>",
                                      "<!DOCTYPE s [<!ENTITY x 'y'>]>",
                                      "<!DOCTYPE s SYSTEM 'file:///etc/passwd'>",
                                      "<!DOCTYPE s [<!ENTITY a SYSTEM 'http://127.0.0.1/'>]>",
                                      "<!ENTITY x 'y'>",
                                      "<!ELEMENT x ANY>"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        refuse(bad[i], ENVOI_ERR_XML_RESTRICTED);
        struct feed feed;
        open_feed(&feed, NULL); /* and before the header; the byte of "<!D" is enough */
        assert_int_equal(give_text(&feed, "<?xml version='1.0'?> "), 0);
        assert_int_equal(give(&feed, bad[i], 2), 0);
        assert_int_equal(give(&feed, bad[i] + 2, 1), ENVOI_ERR_XML_RESTRICTED);
        close_feed(&feed);
    }
    static const char *const entities[] = {"<m>&x;</m>",           "<m>&nbsp;</m>", "<m a='&foo;'/>",
                                           "<m>&LT;</m>",          "<m>&amp1;</m>", "<m>&a",
                                           "<m>&\x41\xC3\xA9;</m>"};
    for (size_t i = 0; i < ENVOI__COUNT(entities); i++)
        if (strcmp(entities[i], "<m>&a") != 0)
            refuse(entities[i], ENVOI_ERR_XML_RESTRICTED);
}

/* `levels` nested elements. */
static char *nested(size_t levels)
{
    char *text = malloc(levels * 7 + 1), *at = text;
    for (size_t i = 0; i < levels; i++, at += 3)
        memcpy(at, "<e>", 3);
    for (size_t i = 0; i < levels; i++, at += 4)
        memcpy(at, "</e>", 4);
    *at = '\0';
    return text;
}

static int give_after_header(const char *text, const struct envoi__xml_limits *with)
{
    struct feed feed;
    open_feed(&feed, with);
    assert_int_equal(give_text(&feed, HEADER), 0);
    int error = give_text(&feed, text);
    assert_int_equal(feed.elements, !error);
    close_feed(&feed);
    open_feed(&feed, with);
    give_text(&feed, HEADER);
    for (size_t i = 0, len = strlen(text); i < len; i += 7)
        give(&feed, text + i, len - i < 7 ? len - i : 7);
    assert_int_equal(feed.error, error);
    close_feed(&feed);
    return error;
}

static void test_b5_depth_is_limited(void **state)
{
    (void)state;
    char *good = nested(64), *bad = nested(65), *deep = nested(256), *deeper = nested(257);
    struct envoi__xml_limits wide = limits;
    wide.depth = 256;
    assert_int_equal(give_after_header(good, NULL), 0);
    assert_int_equal(give_after_header(bad, NULL), ENVOI_ERR_TOO_DEEP);
    assert_int_equal(give_after_header(deep, &wide), 0);
    assert_int_equal(give_after_header(deeper, &wide), ENVOI_ERR_TOO_DEEP);
    envoi_stanza *stanza = NULL;
    assert_int_equal(envoi_stanza_parse(&stanza, bad, strlen(bad)), ENVOI_ERR_TOO_DEEP);
    assert_int_equal(envoi_stanza_parse(&stanza, good, strlen(good)), 0);
    envoi_stanza_free(stanza);
    free(good);
    free(bad);
    free(deep);
    free(deeper);
}

/* before + n times c + after */
static char *padded(const char *before, char c, size_t n, const char *after)
{
    size_t head = strlen(before);
    char *text = malloc(head + n + strlen(after) + 1);
    memcpy(text, before, head);
    memset(text + head, c, n);
    memcpy(text + head + n, after, strlen(after) + 1);
    return text;
}

static void check_padded(const char *before, size_t n, const char *after, int error)
{
    char *text = padded(before, 'x', n, after);
    assert_int_equal(give_after_header(text, NULL), error);
    free(text);
}

static void test_b6_stanza_bytes_are_limited(void **state)
{
    (void)state;
    enum { AROUND = 7 };
    check_padded("<m>", 262144 - AROUND, "</m>", 0);
    check_padded("<m>", 262145 - AROUND, "</m>", ENVOI_ERR_STANZA_TOO_LARGE);
    check_padded("<m>", 262144, "", ENVOI_ERR_STANZA_TOO_LARGE);
    /* A fault behind the limit is never looked at, however the bytes come. */
    check_padded("<m>", 262144, "&bad;</m>", ENVOI_ERR_STANZA_TOO_LARGE);
    /* Before the header, white space is dropped as it comes; the header itself is bounded. */
    struct feed feed;
    open_feed(&feed, NULL);
    char *space = padded("", ' ', 300000, "<s>");
    assert_int_equal(give_text(&feed, space), 0);
    close_feed(&feed);
    free(space);
    open_feed(&feed, NULL);
    char *header = padded("<s ", ' ', 17000, ">");
    assert_int_equal(give_text(&feed, header), ENVOI_ERR_STANZA_TOO_LARGE);
    close_feed(&feed);
    free(header);
}

static char *with_attributes(int count)
{
    char *text = malloc((size_t)count * 12 + 100), *at = text;
    memcpy(at, "<m", 2);
    at += 2;
    for (int i = 0; i < count; i++, at += 9) {
        memcpy(at, " a000='x'", 9);
        at[2] = (char)('a' + i / 26);
        at[3] = (char)('a' + i % 26);
    }
    memcpy(at, "/>", 3);
    return text;
}

static void test_b7_attributes_names_and_values_are_limited(void **state)
{
    (void)state;
    char *good = with_attributes(64), *bad = with_attributes(65);
    assert_int_equal(give_after_header(good, NULL), 0);
    assert_int_equal(give_after_header(bad, NULL), ENVOI_ERR_TOO_MANY_ATTRIBUTES);
    free(good);
    free(bad);
    check_padded("<", 1024, "/>", 0);
    check_padded("<", 1025, "/>", ENVOI_ERR_NAME_TOO_LONG);
    check_padded("<m ", 1024, "=''/>", 0);
    check_padded("<m ", 1025, "=''/>", ENVOI_ERR_NAME_TOO_LONG);
    check_padded("<m></m", 1025, ">", ENVOI_ERR_NAME_TOO_LONG);
    check_padded("<m a='", 8192, "'/>", 0);
    check_padded("<m a='", 8193, "'/>", ENVOI_ERR_VALUE_TOO_LONG);
    check_padded("<m xmlns='", 8193, "'/>", ENVOI_ERR_VALUE_TOO_LONG);
    check_padded("<m>", 8193, "</m>", 0);
}

static void test_b8_ever_new_names_do_not_pile_up(void **state)
{
    (void)state;
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER);
    /* 2 MB of names, each seen once: without a limit the library would hold them all until the end. */
    char text[] = "<n@@@@@@@@><o@@@@@@@@ p@@@@@@@@='1' xmlns='urn:q@@@@@@@@'/></n@@@@@@@@>";
    static const char form[] = "<n@@@@@@@@><o@@@@@@@@ p@@@@@@@@='1' xmlns='urn:q@@@@@@@@'/></n@@@@@@@@>";
    for (uint32_t i = 0; i < 30000; i++) {
        for (size_t at = 0, digit = 0; form[at]; at++)
            if (form[at] == '@')
                text[at] = (char)('a' + (i >> (digit++ % 8 * 4) & 15));
        assert_int_equal(give_text(&feed, text), 0);
    }
    assert_int_equal(feed.elements, 30000);
    assert_int_equal(give_text(&feed, "<stream:features/>"), 0);
    close_feed(&feed);
}

static void test_b9_comments_and_instructions_close_and_cdata_is_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"<!-- c -->", "<m><!-- c --></m>", "<m>t<!---->u</m>",
                                      "<?pi?>",     "<m><?pi x?></m>",   "<?xml-stylesheet href='x'?>"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        refuse(bad[i], ENVOI_ERR_XML_RESTRICTED);
    accept("<m>a<![CDATA[<b>&amp;]] ]>]]>c<![CDATA[]]><![CDATA[]]]]>\xC3\xA9</m>",
           "element <m xmlns='jabber:client'>a&lt;b&gt;&amp;amp;]] ]&gt;c]]\xC3\xA9</m>\n");
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER "<m>a<![CDATA[b]]>&amp;<![CDATA[c]]>d</m>");
    assert_string_equal(envoi_element_text(feed.tree.root), "ab&cd");
    close_feed(&feed);
    static const char *const malformed[] = {
        "<![CDATA[x]]>",        " <![CDATA[ ]]>",        "<m>]]></m>",
        "<m><![cdata[x]]></m>", "<m><![CDATA [x]]></m>", "<m>a<![CDATA[\x01]]></m>"};
    for (size_t i = 0; i < ENVOI__COUNT(malformed); i++)
        refuse(malformed[i], ENVOI_ERR_XML_MALFORMED);
}

/* What a stream that begins so comes to. */
static int begin_stream(const char *text, size_t len)
{
    int whole = 0, bytewise = 0;
    free(account(text, len, len, 1, &whole));
    free(account(text, len, 0, 1, &bytewise));
    assert_int_equal(whole, bytewise);
    return whole;
}

static void test_b10_other_encodings_close(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {
        {"<?xml version='1.0'?><s>", 0},
        {"<?xml version=\"1.0\" encoding=\"UTF-8\"?><s>", 0},
        {"<?xml version = '1.0'\tencoding = 'utf-8'\nstandalone='yes' ?>\n<s>", 0},
        {"<?xml version='1.0' standalone='no'?><s>", 0},
        {"\xEF\xBB\xBF<s>", 0},
        {"\xEF\xBB\xBF<?xml version='1.0'?><s>", 0},
        {"  <s>", 0},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><s>", ENVOI_ERR_XML_ENCODING},
        {"<?xml version='1.0' encoding='UTF-16'?><s>", ENVOI_ERR_XML_ENCODING},
        {"<?xml version='1.0' encoding='utf8'?><s>", ENVOI_ERR_XML_ENCODING},
        {"<?xml version='1.0' encoding=''?><s>", ENVOI_ERR_XML_ENCODING},
        {"\xEF\xBB\xBF\xEF\xBB\xBF<s>", ENVOI_ERR_XML_MALFORMED},
        {" \xEF\xBB\xBF<s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'?>\xEF\xBB\xBF<s>", ENVOI_ERR_XML_MALFORMED},
        {"\xFE\xFF<s>", ENVOI_ERR_XML_ENCODING},
        {"\xFF\xFE<s>", ENVOI_ERR_XML_ENCODING},
        {"\xEF\xBB<s>", ENVOI_ERR_XML_ENCODING},
        {"\xEF\xBF\xBE<s>", ENVOI_ERR_XML_MALFORMED},
        {" <?xml version='1.0'?><s>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml version='1.0'?><?xml version='1.0'?><s>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml version='1.1'?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml?><s>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml ?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xmlx version='1.0'?><s>", ENVOI_ERR_XML_RESTRICTED},
        {"<?php ?><s>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml encoding='UTF-8'?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'encoding='UTF-8'?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0' standalone='maybe'?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0><s>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'><s>", ENVOI_ERR_XML_MALFORMED},
        {"text<s>", ENVOI_ERR_XML_MALFORMED},
        {"</s>", ENVOI_ERR_XML_MALFORMED},
        {"<s/>", ENVOI_ERR_STREAM_HEADER},
        {"<![CDATA[x]]><s>", ENVOI_ERR_XML_MALFORMED},
        {"<p:s>", ENVOI_ERR_BAD_NAMESPACE},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        int error = begin_stream(rows[i].text, strlen(rows[i].text));
        if (error != rows[i].error)
            print_message("row %zu: %s\n", i, rows[i].text);
        assert_int_equal(error, rows[i].error);
    }
    assert_int_equal(begin_stream("\0<\0s\0>", 6), ENVOI_ERR_XML_MALFORMED);
    assert_int_equal(begin_stream("<\0s\0>\0", 6), ENVOI_ERR_XML_MALFORMED);
    char *endless = padded("<?xml version='1.0'", ' ', 1000, "?><s>");
    assert_int_equal(begin_stream(endless, strlen(endless)), ENVOI_ERR_XML_MALFORMED);
    free(endless);
}

static void test_b11_malformed_xml_closes_for_good(void **state)
{
    (void)state;
    static const char *const bad[] = {"<>",
                                      "< m/>",
                                      "<m",
                                      "<m a></m>",
                                      "<m a=></m>",
                                      "<m a=1/>",
                                      "<m a='1'b='2'/>",
                                      "<m a='1' a='2'/>",
                                      "<m a='<'/>",
                                      "<m/ >",
                                      "<m></>",
                                      "<m></n>",
                                      "<m><b></m></b>",
                                      "</m>",
                                      "<1m/>",
                                      "<m 1='x'/>",
                                      "<-m/>",
                                      "text",
                                      "<m></m x>",
                                      "<m/x>",
                                      "<m a='1''/>",
                                      "<m a=\"1'/>",
                                      "<m \xC3\x97='1'/>",
                                      "<m></ m>",
                                      "</stream>",
                                      "</stream:strea>",
                                      "<m a = '1' = '2'/>",
                                      "<m/>/",
                                      "<m a='x&'/>",
                                      "<m =''/>",
                                      "<m/><",
                                      "<m/>&amp;",
                                      "</>",
                                      "<m a='1' /b='1'/>"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        int whole = strncmp(bad[i], "<m/>", 4) == 0;
        refuse_bytes(bad[i], strlen(bad[i]), ENVOI_ERR_XML_MALFORMED, whole);
    }
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
    with_failing_allocations(parse_alone, large);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_stanzas_keepalives_and_end),
        cmocka_unit_test(test_restart_expects_a_new_header),
        cmocka_unit_test(test_content_arrives_as_written),
        cmocka_unit_test(test_a7_namespaced_attributes_never_shadow),
        cmocka_unit_test(test_b1_invalid_utf8_closes),
        cmocka_unit_test(test_b1_characters_that_xml_cannot_carry_close),
        cmocka_unit_test(test_b2_no_second_stream_inside_a_stream),
        cmocka_unit_test(test_b3_namespaces_count_and_prefixes_do_not),
        cmocka_unit_test(test_b4_doctypes_and_entities_close_at_once),
        cmocka_unit_test(test_b5_depth_is_limited),
        cmocka_unit_test(test_b6_stanza_bytes_are_limited),
        cmocka_unit_test(test_b7_attributes_names_and_values_are_limited),
        cmocka_unit_test(test_b8_ever_new_names_do_not_pile_up),
        cmocka_unit_test(test_b9_comments_and_instructions_close_and_cdata_is_text),
        cmocka_unit_test(test_b10_other_encodings_close),
        cmocka_unit_test(test_b11_malformed_xml_closes_for_good),
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
