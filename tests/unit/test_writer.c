/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/text.h"
#include "xml/writer.h"
#include "xml_random.h"
#include <envoi/stanza.h>

static envoi_stanza *parse(const char *text)
{
    envoi_stanza *stanza = NULL;
    int error = envoi_stanza_parse(&stanza, text, strlen(text));
    if (error)
        print_message("<%s>: %s\n", text, envoi_error_name(error));
    assert_int_equal(error, 0);
    return stanza;
}

/* Parse, write with options, compare. */
static void assert_written(const char *text, const struct envoi__write_options *options, const char *expected)
{
    envoi_stanza *stanza = parse(text);
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    assert_int_equal(envoi__write_element(&buf, envoi_stanza_root(stanza), options), 0);
    envoi__buf_add(&buf, "", 1);
    assert_string_equal((const char *)envoi__buf_bytes(&buf), expected);
    envoi__buf_free(&buf);
    envoi_stanza_free(stanza);
}

static void test_markup_and_white_space_are_escaped(void **state)
{
    (void)state;
    envoi_stanza *stanza = NULL, *back;
    static const char odd[] = "a&b<c>d'e\"f\tg\nh\ri]]>\xC3\xA9";
    assert_int_equal(envoi_stanza_new(&stanza, "m", ""), 0);
    envoi_element_set_attr(envoi_stanza_element(stanza), "v", odd);
    envoi_element_add_text(envoi_stanza_element(stanza), odd);
    char out[300];
    size_t len;
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), out, sizeof out, &len), 0);
    assert_string_equal(out, "<m v='a&amp;b&lt;c&gt;d&apos;e&quot;f&#9;g&#10;h&#13;i]]&gt;\xC3\xA9'>"
                             "a&amp;b&lt;c&gt;d&apos;e&quot;f\tg\nh&#13;i]]&gt;\xC3\xA9</m>");
    back = parse(out);
    assert_string_equal(envoi_element_attr(envoi_stanza_root(back), "v"), odd);
    assert_string_equal(envoi_element_text(envoi_stanza_root(back)), odd);
    envoi_stanza_free(back);
    envoi_stanza_free(stanza);
}

static void test_namespaces_are_declared_where_they_change(void **state)
{
    (void)state;
    static const struct envoi__write_options client = {.default_ns = "jabber:client"};
    static const char text[] = "<x:m xmlns:x='jabber:client'><x:b/><c xmlns='u'><d/><x:e/></c><f/></x:m>";
    assert_written(text, NULL,
                   "<m xmlns='jabber:client'><b/><c xmlns='u'><d/><e xmlns='jabber:client'/></c><f xmlns=''/></m>");
    assert_written(text, &client, "<m><b/><c xmlns='u'><d/><e xmlns='jabber:client'/></c><f xmlns=''/></m>");
    assert_written("<m/>", &client, "<m xmlns=''/>");
    assert_written("<m/>", NULL, "<m/>");
    assert_written("<m xmlns='a&amp;b'/>", NULL, "<m xmlns='a&amp;b'/>");
    assert_written("<m xmlns='u'><xml:x><xml:y/><z/></xml:x><z/></m>", NULL,
                   "<m xmlns='u'><xml:x><xml:y/><z xmlns='u'/></xml:x><z/></m>");
}

static void test_attributes_in_a_namespace_get_prefixes(void **state)
{
    (void)state;
    assert_written("<m xmlns:a='u' xmlns:b='v' a:x='1' x='2' b:x='3' a:y='4' xml:lang='de'><n b:x='5'/></m>", NULL,
                   "<m xmlns:n0='u' n0:x='1' x='2' xmlns:n1='v' n1:x='3' n0:y='4' xml:lang='de'><n xmlns:n0='v' "
                   "n0:x='5'/></m>");
}

static void test_prefixes_are_numbered_beyond_nine(void **state)
{
    (void)state;
    envoi_stanza *stanza;
    char name[8] = "a", ns[8] = "u", out[1024], *at;
    size_t len;
    assert_int_equal(envoi_stanza_new(&stanza, "a", ""), 0);
    for (char i = 'a'; i < 'a' + 12; i++) {
        ns[0] = name[0] = i;
        assert_int_equal(envoi_element_set_attr_ns(envoi_stanza_element(stanza), name, ns, "v"), 0);
    }
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), out, sizeof out, &len), 0);
    at = strstr(out, " xmlns:n9='j' n9:j='v'");
    assert_non_null(at);
    assert_string_equal(at, " xmlns:n9='j' n9:j='v' xmlns:n10='k' n10:k='v' xmlns:n11='l' n11:l='v'/>");
    envoi_stanza_free(stanza);
}

static void test_id_of_the_root_is_replaced_or_added(void **state)
{
    (void)state;
    static const struct envoi__write_options options = {.id = "n'w"};
    assert_written("<iq id='old' type='get'><q id='stays'/></iq>", &options,
                   "<iq id='n&apos;w' type='get'><q id='stays'/></iq>");
    assert_written("<iq type='get'/>", &options, "<iq type='get' id='n&apos;w'/>");
    assert_written("<iq xmlns:x='u' x:id='old'/>", &options, "<iq xmlns:n0='u' n0:id='old' id='n&apos;w'/>");
}

static void test_secrets_are_redacted(void **state)
{
    (void)state;
    static const struct envoi__write_options secrets = {.redact = 1}, all = {.redact = 1, .redact_bodies = 1},
                                             bodies_alone = {.redact_bodies = 1};
    static const char auth[] = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>c2VjcmV0</auth>";
    assert_written(auth, &secrets, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='...'>...</auth>");
    assert_written(auth, &bodies_alone, auth);
    static const char *const harmless[] = {
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/><text>no</text></failure>",
        "<message from='a'><body>b</body></message>"};
    for (size_t i = 0; i < ENVOI__COUNT(harmless); i++)
        assert_written(harmless[i], &secrets, harmless[i]);
    assert_written("<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' token='t'/>s<x>y</x></success>",
                   &secrets,
                   "<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' "
                   "token='...'/>...<x>...</x></success>");
    assert_written("<iq><query xmlns='jabber:iq:auth'><password>p</password></query><a b='c'>d</a></iq>", &secrets,
                   "<iq><query xmlns='jabber:iq:auth'><password>...</password></query><a b='c'>d</a></iq>");
    assert_written("<x xmlns='http://jabber.org/protocol/muc'><password>p</password></x>", &secrets,
                   "<x xmlns='http://jabber.org/protocol/muc'><password>...</password></x>");
    assert_written(
        "<x xmlns='jabber:x:data'><field type='text-private' var='a'><value>p</value></field>"
        "<field var='muc#roomconfig_roomsecret'><value>p</value></field><field var='b'><value>v</value></field></x>",
        &secrets,
        "<x xmlns='jabber:x:data'><field type='...' var='...'><value>...</value></field>"
        "<field var='...'><value>...</value></field><field var='b'><value>v</value></field></x>");
    assert_written("<x xmlns='jabber:x:data'><field var='a_password'><value>p</value></field></x>", &secrets,
                   "<x xmlns='jabber:x:data'><field var='...'><value>...</value></field></x>");
    assert_written("<x xmlns='u'><field var='password'><value>v</value></field></x>", &secrets,
                   "<x xmlns='u'><field var='password'><value>v</value></field></x>");
    assert_written("<pubsub xmlns='http://jabber.org/protocol/pubsub'><item id='1'><e>c</e></item></pubsub>", &all,
                   "<pubsub xmlns='http://jabber.org/protocol/pubsub'><item id='1'><e>...</e></item></pubsub>");
    assert_written("<q xmlns='u'><item id='1'><e>c</e></item></q>", &all,
                   "<q xmlns='u'><item id='1'><e>c</e></item></q>");
    assert_written("<x xmlns='jabber:x:conference' jid='r@c' password='p'/>", &secrets,
                   "<x xmlns='jabber:x:conference' jid='r@c' password='...'/>"); /* XEP-0249 */
    assert_written("<x password='p'/>", &bodies_alone, "<x password='p'/>");
    assert_written("<put xmlns='urn:xmpp:http:upload:0' url='u'><header name='Cookie'>c</header></put>", &secrets,
                   "<put xmlns='urn:xmpp:http:upload:0' url='u'><header name='...'>...</header></put>");
    assert_written("<header xmlns='u'>h</header>", &secrets, "<header xmlns='u'>h</header>");
    assert_written("<preauth xmlns='urn:xmpp:pars:0' token='t'/>", &secrets,
                   "<preauth xmlns='urn:xmpp:pars:0' token='...'/>");
    assert_written("<enabled xmlns='urn:xmpp:sm:3' id='secret'/>", &secrets,
                   "<enabled xmlns='urn:xmpp:sm:3' id='...'/>");
    assert_written("<message><body>b<i>c</i></body><subject>s</subject></message>", &all,
                   "<message><body>...<i>...</i></body><subject>s</subject></message>");
    assert_written("<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='1'><e xmlns='u' "
                   "a='b'>c</e></item><item id='2'/></items></event>",
                   &all,
                   "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='1'><e xmlns='u' "
                   "a='...'>...</e></item><item id='2'/></items></event>");
}

/* A text that is written as it stands here, to a buffer with any room. */
static void assert_all_or_nothing(const char *expected)
{
    envoi_stanza *stanza = parse(expected);
    const size_t len = strlen(expected);
    for (size_t room = 0; room <= len + 1; room++) {
        struct envoi__buf buf;
        envoi__buf_init(&buf, 7 + room);
        envoi__buf_add_text(&buf, "1234567");
        int error = envoi__write_element(&buf, envoi_stanza_root(stanza), NULL);
        assert_int_equal(error, room < len ? ENVOI_ERR_FULL : 0);
        assert_int_equal(buf.len, room < len ? 7 : 7 + len);
        assert_memory_equal(envoi__buf_bytes(&buf), "1234567", 7);
        if (!error)
            assert_memory_equal(envoi__buf_bytes(&buf) + 7, expected, len);
        envoi__buf_free(&buf);
    }
    envoi_stanza_free(stanza);
}

static void test_buffer_gets_all_or_nothing(void **state)
{
    (void)state;
    assert_all_or_nothing("<m a='b'>text &amp; more<c/></m>");
    assert_all_or_nothing("<message xmlns:n0='urn:some:namespace' n0:a='' b='A value of some length &amp; an end.'>"
                          "<xml:x>Text &lt; more &amp; &apos;more&apos;</xml:x> text behind it</message>");
}

static void test_buffer_with_room_is_not_allocated_again(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<m a='b'>text &amp; more<c/></m>");
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    for (int round = 0; round < 20; round++) {
        long before = allocations;
        assert_int_equal(envoi__write_element(&buf, envoi_stanza_root(stanza), NULL), 0);
        assert_int_equal(allocations - before, !round);
        if (round % 3 == 2)
            envoi__buf_take(&buf, 2 * 32);
    }
    envoi__buf_free(&buf);
    envoi_stanza_free(stanza);
}

static void test_format_tells_what_it_needs(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<m/>");
    char out[5] = "????";
    size_t len = 0;
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), NULL, 0, &len), ENVOI_ERR_FULL);
    assert_int_equal(len, 4);
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), out, 4, &len), ENVOI_ERR_FULL);
    assert_string_equal(out, "????");
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), out, 5, &len), 0);
    assert_string_equal(out, "<m/>");
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), NULL, 5, &len), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), out, 5, NULL), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
}

/* ---- any tree that can be built is written so that it reads back the same ---- */

static const char *const names[] = {"a",    "b",  "message", "\xC3\xA9", "x-1.y",       "_",
                                    "lang", "id", "n0",      "xmlnsx",   "\xE4\xBD\xA0"};
static const char *const spaces[] = {"",    "u", "v", "jabber:client", ENVOI_NS_XML, "a&b<'\"", "tab\there\nand\r",
                                     " x ", "n0"};
static const char *const texts[] = {"x",
                                    " ",
                                    "\n",
                                    "\r",
                                    "\t",
                                    "\r\n",
                                    "&",
                                    "<",
                                    ">",
                                    "]]>",
                                    "'",
                                    "\"",
                                    "\xC3\xA9",
                                    "\xF0\x9F\x98\x80",
                                    "&amp;",
                                    "]]",
                                    "plain words",
                                    "\xEF\xBF\xBD",
                                    "\x7f",
                                    "\xC2\x85",
                                    "\xE2\x80\xA8",
                                    "<!--",
                                    "<![CDATA[x]]>"};

static void random_text(struct random_source *random, char *out, uint32_t parts)
{
    for (*out = '\0'; parts; parts--)
        strcat(out, RANDOM_OF(random, texts));
}

static void grow(struct random_source *random, envoi_element *at)
{
    char text[200];
    for (uint32_t steps = 1 + random_below(random, 30); steps; steps--) {
        random_text(random, text, random_below(random, 5));
        switch (random_below(random, 8)) {
        case 0:
        case 1:
            at = envoi_element_add_child(at, RANDOM_OF(random, names), RANDOM_OF(random, spaces));
            break;
        case 2:
            at = envoi_element_add_child(at, RANDOM_OF(random, names), NULL);
            break;
        case 3:
            assert_int_equal(envoi_element_set_attr_ns(at, RANDOM_OF(random, names), RANDOM_OF(random, spaces), text),
                             0);
            break;
        case 4:
            assert_int_equal(envoi_element_set_attr(at, RANDOM_OF(random, names), text), 0);
            break;
        case 5:
        case 6:
            assert_int_equal(envoi_element_add_text(at, text), 0);
            break;
        default: /* up again; the public views are const, the tree is ours */
            if (envoi_element_parent(at))
                at = (envoi_element *)(uintptr_t)envoi_element_parent(at);
        }
    }
}

static void assert_same_attrs(const envoi_element *a, const envoi_element *b)
{
    assert_int_equal(envoi_element_attr_count(a), envoi_element_attr_count(b));
    for (size_t i = 0; i < envoi_element_attr_count(a); i++) {
        assert_string_equal(envoi_element_attr_name_at(a, i), envoi_element_attr_name_at(b, i));
        assert_string_equal(envoi_element_attr_namespace_at(a, i), envoi_element_attr_namespace_at(b, i));
        assert_string_equal(envoi_element_attr_value_at(a, i), envoi_element_attr_value_at(b, i));
    }
}

static void assert_same(const envoi_element *a, const envoi_element *b)
{
    assert_string_equal(envoi_element_name(a), envoi_element_name(b));
    assert_string_equal(envoi_element_namespace(a), envoi_element_namespace(b));
    assert_string_equal(envoi_element_text(a), envoi_element_text(b));
    assert_same_attrs(a, b);
    const envoi_element *x = envoi_element_first_child(a), *y = envoi_element_first_child(b);
    for (; x && y; x = envoi_element_next_sibling(x), y = envoi_element_next_sibling(y))
        assert_same(x, y);
    assert_true(!x && !y);
}

static void test_b12_whatever_is_built_reads_back_the_same(void **state)
{
    (void)state;
    struct random_source random = {UINT64_C(0x656e766f69)};
    static char first[65536], second[65536];
    for (int round = 0; round < 3000; round++) {
        envoi_stanza *built = NULL, *back, *copy = NULL;
        size_t len;
        assert_int_equal(envoi_stanza_new(&built, RANDOM_OF(&random, names), RANDOM_OF(&random, spaces)), 0);
        grow(&random, envoi_stanza_element(built));
        assert_int_equal(envoi_stanza_error(built), 0);
        assert_int_equal(envoi_element_format(envoi_stanza_root(built), first, sizeof first, &len), 0);
        back = parse(first);
        assert_same(envoi_stanza_root(built), envoi_stanza_root(back));
        assert_int_equal(envoi_stanza_dup(&copy, envoi_stanza_root(back)), 0);
        assert_int_equal(envoi_element_format(envoi_stanza_root(copy), second, sizeof second, &len), 0);
        assert_string_equal(first, second);
        envoi_stanza_free(copy);
        envoi_stanza_free(back);
        envoi_stanza_free(built);
    }
}

static int write_large(void *user)
{
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    int error = envoi__buf_add_text(&buf, "before");
    if (!error) {
        error = envoi__write_element(&buf, user, NULL);
        assert_true(!error || buf.len == 6);
    }
    envoi__buf_free(&buf);
    return error;
}

static void test_writing_survives_every_failed_allocation(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<m/>");
    for (int i = 0; i < 300; i++)
        envoi_element_add_text_child(envoi_stanza_element(stanza), "child", "u", "some text that fills the buffer");
    with_failing_allocations(write_large, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_and_white_space_are_escaped),
        cmocka_unit_test(test_namespaces_are_declared_where_they_change),
        cmocka_unit_test(test_attributes_in_a_namespace_get_prefixes),
        cmocka_unit_test(test_prefixes_are_numbered_beyond_nine),
        cmocka_unit_test(test_id_of_the_root_is_replaced_or_added),
        cmocka_unit_test(test_secrets_are_redacted),
        cmocka_unit_test(test_buffer_gets_all_or_nothing),
        cmocka_unit_test(test_buffer_with_room_is_not_allocated_again),
        cmocka_unit_test(test_format_tells_what_it_needs),
        cmocka_unit_test(test_b12_whatever_is_built_reads_back_the_same),
        cmocka_unit_test(test_writing_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
