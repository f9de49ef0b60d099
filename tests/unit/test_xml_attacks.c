/* SPDX-License-Identifier: MIT */
/* What a hostile peer may send: each test is named after its row in the list of attacks. */
#include "feed.h"

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
    assert_int_equal(envoi__reader_next(feed.reader, (const uint8_t *)PLAIN, strlen(PLAIN), &feed.tree, &used),
                     error);
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
    static const char *const places[] = {"<m><b>%</b></m>", "<m a='%'/>", "<m><b%/></m>",         "<m><%/></m>",
                                         "<m a%='1'/>",     "%",          "<m><![CDATA[%]]></m>", "<m></m%>"};
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
    static const char *const odd[] = {"a&#10;b", "a b",      "a|b",     "jabber:client ", "jabber:client|message",
                                      "%zz",     "relative", "\xC3\xA9"};
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
        refuse_bytes(bad[i], strlen(bad[i]), ENVOI_ERR_BAD_NAMESPACE, strncmp(bad[i], "<m xmlns:x='u'/>", 16) == 0);
    /* The header may bind its namespace to any prefix. */
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed,
              "<q:stream xmlns:q='" STREAM_NS "' xmlns:c='jabber:client'><c:message/><q:features/></q:stream>");
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
    static const char *const entities[] = {"<m>&x;</m>",    "<m>&nbsp;</m>", "<m a='&foo;'/>",       "<m>&LT;</m>",
                                           "<m>&amp1;</m>", "<m>&a",         "<m>&\x41\xC3\xA9;</m>"};
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

/* Complaints of the library about odd namespaces, which are none of ours, must not drown those that are. */
static void test_b4_many_odd_namespaces_hide_no_undeclared_prefix(void **state)
{
    (void)state;
    static const struct {
        int odd;
        const char *last;
        int error;
    } rows[] = {{64, "", 0},
                {65, "", ENVOI_ERR_BAD_NAMESPACE},
                {20, "<p:x/>", ENVOI_ERR_BAD_NAMESPACE},
                {150, "<p:x/>", ENVOI_ERR_BAD_NAMESPACE}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        char text[8192] = "<m>";
        for (int n = 0; n < rows[i].odd; n++)
            strcat(text, "<o xmlns='not a|uri'/>");
        assert_int_equal(give_after_header(strcat(strcat(text, rows[i].last), "</m>"), NULL), rows[i].error);
    }
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
    long parsers = 0;
    for (uint32_t i = 0; i < 30000; i++) {
        for (size_t at = 0, digit = 0; form[at]; at++)
            if (form[at] == '@')
                text[at] = (char)('a' + (i >> (digit++ % 8 * 4) & 15));
        size_t used;
        long before = allocations;
        assert_int_equal(envoi__reader_next(feed.reader, (const uint8_t *)text, sizeof text - 1, &feed.tree, &used),
                         ENVOI__READ_ELEMENT);
        parsers += allocations - before;
    }
    /* Four names a stanza and a budget of 4096: a warm reader allocates nothing but now and then a parser. */
    assert_in_range(parsers, 20, 60);
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
        {"\xEF\xBB\xBF<s>", ENVOI_ERR_XML_MALFORMED}, /* RFC 6120 11.6: a character, and no mark */
        {"\xEF\xBB\xBF<?xml version='1.0'?><s>", ENVOI_ERR_XML_MALFORMED},
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
    static const char hidden[] = "<?xml version='1.0\0x'?><s>";
    assert_int_equal(begin_stream(hidden, sizeof hidden - 1), ENVOI_ERR_XML_MALFORMED);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a7_namespaced_attributes_never_shadow),
        cmocka_unit_test(test_b1_invalid_utf8_closes),
        cmocka_unit_test(test_b1_characters_that_xml_cannot_carry_close),
        cmocka_unit_test(test_b2_no_second_stream_inside_a_stream),
        cmocka_unit_test(test_b3_namespaces_count_and_prefixes_do_not),
        cmocka_unit_test(test_b4_doctypes_and_entities_close_at_once),
        cmocka_unit_test(test_b5_depth_is_limited),
        cmocka_unit_test(test_b6_stanza_bytes_are_limited),
        cmocka_unit_test(test_b4_many_odd_namespaces_hide_no_undeclared_prefix),
        cmocka_unit_test(test_b7_attributes_names_and_values_are_limited),
        cmocka_unit_test(test_b8_ever_new_names_do_not_pile_up),
        cmocka_unit_test(test_b9_comments_and_instructions_close_and_cdata_is_text),
        cmocka_unit_test(test_b10_other_encodings_close),
        cmocka_unit_test(test_b11_malformed_xml_closes_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
