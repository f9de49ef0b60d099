/* SPDX-License-Identifier: MIT */
/* The parser alone, without the gate before it: what the gate lets through by mistake, it refuses too; and whatever
 * the XML library runs out of memory over, no wrong tree comes of it. */
#include "foreign.h"

#include "base/text.h"
#include "xml/node.h"
#include "xml/parser.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>

FOREIGN(xmlParserCtxtPtr, xmlCreatePushParserCtxt,
        (xmlSAXHandlerPtr sax, void *user, const char *chunk, int size, const char *name),
        (sax, user, chunk, size, name), NULL)

void __real_xmlInitParser(void);
void __wrap_xmlInitParser(void);
static long contexts_before_init = -1;

void __wrap_xmlInitParser(void)
{
    if (contexts_before_init < 0)
        contexts_before_init = foreign_calls("xmlCreatePushParserCtxt");
    __real_xmlInitParser();
}

static const char header[] = "<s:s xmlns:s='u' xmlns='c'>";

static int read_text(struct envoi__parser *parser, enum envoi__parse what, const char *text, struct envoi__tree *tree)
{
    return envoi__parser_read(parser, what, (const uint8_t *)text, strlen(text), tree);
}

/* The verdict over one element inside a stream. */
static int verdict(const char *text)
{
    struct envoi__parser *parser;
    struct envoi__tree tree;
    envoi__tree_init(&tree);
    assert_int_equal(envoi__parser_new(&parser), 0);
    assert_int_equal(read_text(parser, ENVOI__PARSE_HEADER, header, NULL), 0);
    int error = read_text(parser, ENVOI__PARSE_ELEMENT, text, &tree);
    envoi__parser_free(parser);
    envoi__tree_free(&tree);
    return error;
}

/* libxml2 sets up what all threads share without a lock, but for xmlInitParser(): two first streams of two threads
 * must not be what does it. The first test of the program. */
static void test_the_library_is_set_up_before_it_is_used(void **state)
{
    (void)state;
    assert_int_equal(verdict("<a/>"), 0);
    assert_int_equal(contexts_before_init, 0);
}

static void test_what_the_gate_would_refuse_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {
        {"<a/>", 0},
        {"<a>b<c xmlns='odd'/><![CDATA[\r]]></a>", 0},
        {"<a><!-- b --></a>", ENVOI_ERR_XML_RESTRICTED},
        {"<a><?b c?></a>", ENVOI_ERR_XML_RESTRICTED},
        {"<a>&b;</a>", ENVOI_ERR_XML_MALFORMED},
        {"<a", ENVOI_ERR_XML_MALFORMED},
        {"<a>", ENVOI_ERR_XML_MALFORMED},
        {"<a><b/>", ENVOI_ERR_XML_MALFORMED},
        {"<a/><b/>", ENVOI_ERR_XML_MALFORMED},
        {"a", ENVOI_ERR_XML_MALFORMED},
        {"a<b/>", ENVOI_ERR_XML_MALFORMED},
        {"<b/>a<", ENVOI_ERR_XML_MALFORMED},
        {"", ENVOI_ERR_XML_MALFORMED},
        {"</s:s>", ENVOI_ERR_XML_MALFORMED},
        {"<a></b>", ENVOI_ERR_XML_MALFORMED},
        {"<a b='1' b='2'/>", ENVOI_ERR_XML_MALFORMED},
        {"<b:a/>", ENVOI_ERR_BAD_NAMESPACE},
        {"<a xmlns:b='u' b:c='1' s:c='2'/>", ENVOI_ERR_BAD_NAMESPACE},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        int error = verdict(rows[i].text);
        if (error != rows[i].error)
            fail_msg("%s: %s", rows[i].text, envoi_error_name(error));
    }
}

static void test_a_document_type_is_refused(void **state)
{
    (void)state;
    struct envoi__parser *parser;
    static const char *const texts[] = {"<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM 'b'><a/>",
                                        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"};
    for (size_t i = 0; i < ENVOI__COUNT(texts); i++) {
        struct envoi__tree tree;
        envoi__tree_init(&tree);
        assert_int_equal(envoi__parser_new(&parser), 0);
        assert_int_equal(read_text(parser, ENVOI__PARSE_STANDALONE, texts[i], &tree), ENVOI_ERR_XML_RESTRICTED);
        assert_int_equal(read_text(parser, ENVOI__PARSE_STANDALONE, "<a/>", &tree) != 0, 1); /* and it stays so */
        envoi__parser_free(parser);
        envoi__tree_free(&tree);
    }
}

static void test_kinds_of_input_keep_their_order(void **state)
{
    (void)state;
    struct envoi__parser *parser;
    struct envoi__tree tree;
    envoi__tree_init(&tree);
    assert_int_equal(envoi__parser_new(&parser), 0);
    assert_int_equal(read_text(parser, ENVOI__PARSE_ELEMENT, "<a/>", &tree), ENVOI_ERR_XML_MALFORMED);
    assert_int_equal(read_text(parser, ENVOI__PARSE_END, "</a>", &tree), ENVOI_ERR_XML_MALFORMED);
    assert_int_equal(read_text(parser, ENVOI__PARSE_HEADER, header, &tree), 0);
    assert_int_equal(read_text(parser, ENVOI__PARSE_HEADER, header, &tree), ENVOI_ERR_XML_MALFORMED);
    assert_int_equal(read_text(parser, ENVOI__PARSE_STANDALONE, "<a/>", &tree), ENVOI_ERR_XML_MALFORMED);
    assert_int_equal(
        envoi__parser_read(parser, ENVOI__PARSE_ELEMENT, (const uint8_t *)"<a/>", (size_t)INT32_MAX + 1, &tree),
        ENVOI_ERR_XML_MALFORMED);
    envoi__parser_free(parser);
    envoi__tree_free(&tree);
}

/* ---- memory of the XML library ---- */

static long xml_fails, xml_calls; /* the n-th allocation fails, and all behind it; 0: none */
static int xml_sticky;

static int xml_may_go(void)
{
    xml_calls++;
    return !xml_fails || (xml_sticky ? xml_calls < xml_fails : xml_calls != xml_fails);
}

/* What libxml2 itself forgets when it is starved is given back behind each run. */
static void *xml_blocks[4096];
static size_t xml_block_count;

static void xml_free(void *memory)
{
    for (size_t i = xml_block_count; memory && i-- > 0;) {
        if (xml_blocks[i] == memory) {
            xml_blocks[i] = xml_blocks[--xml_block_count];
            break;
        }
    }
    free(memory);
}

static void *xml_malloc(size_t size)
{
    void *memory = xml_may_go() ? __real_malloc(size) : NULL;
    if (memory) {
        assert_true(xml_block_count < ENVOI__COUNT(xml_blocks));
        xml_blocks[xml_block_count++] = memory;
    }
    return memory;
}

static void *xml_realloc(void *memory, size_t size)
{
    if (!memory)
        return xml_malloc(size);
    size_t i = 0;
    while (i < xml_block_count && xml_blocks[i] != memory)
        i++;
    void *moved = xml_may_go() ? __real_realloc(memory, size) : NULL;
    if (moved && i < xml_block_count)
        xml_blocks[i] = moved;
    return moved;
}

static void xml_forget(void)
{
    xmlResetLastError();
    while (xml_block_count)
        free(xml_blocks[--xml_block_count]);
}

static char *xml_strdup(const char *text)
{
    char *copy = xml_malloc(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

static const char stanza[] = "<message to='a@b' xml:lang='de'><body>a&amp;b &#252;</body><x xmlns='d' y='&lt;'/>"
                             "<p:z xmlns:p='e' p:q='r'><![CDATA[s]]></p:z></message>";

/* 0 when the stanza was read as it is. */
static int read_stanza(void)
{
    struct envoi__parser *parser;
    struct envoi__tree tree;
    envoi__tree_init(&tree);
    int error = envoi__parser_new(&parser);
    if (error)
        return error;
    error = read_text(parser, ENVOI__PARSE_HEADER, header, NULL);
    if (!error)
        error = read_text(parser, ENVOI__PARSE_ELEMENT, stanza, &tree);
    if (!error) {
        const envoi_element *root = tree.root;
        assert_true(envoi_element_is(root, "message", "c"));
        assert_string_equal(envoi_element_attr(root, "to"), "a@b");
        assert_string_equal(envoi_element_attr_ns(root, "lang", ENVOI_NS_XML), "de");
        assert_string_equal(envoi_element_child_text(root, "body"), "a&b \u00FC");
        assert_string_equal(envoi_element_attr(envoi_element_child(root, "x", "d"), "y"), "<");
        const envoi_element *last = envoi_element_child(root, "z", "e");
        assert_string_equal(envoi_element_attr_ns(last, "q", "e"), "r");
        assert_string_equal(envoi_element_text(last), "s");
    }
    envoi__parser_free(parser);
    envoi__tree_free(&tree);
    return error;
}

static void test_no_wrong_tree_comes_of_failing_memory(void **state)
{
    (void)state;
    int seen_nomem = 0;
    assert_int_equal(read_stanza(), 0); /* makes what the library keeps for good */
    assert_int_equal(xmlMemSetup(xml_free, xml_malloc, xml_realloc, xml_strdup), 0);
    for (xml_sticky = 0; xml_sticky < 2; xml_sticky++) {
        for (xml_fails = 1;; xml_fails++) {
            xml_calls = 0;
            int error = read_stanza();
            xml_forget();
            seen_nomem |= error == ENVOI_ERR_NOMEM;
            if (xml_calls < xml_fails) {
                assert_int_equal(error, 0);
                break;
            }
        }
    }
    xml_fails = 0;
    assert_true(seen_nomem);
    assert_int_equal(xmlMemSetup(free, malloc, realloc, strdup), 0);
}

static int make_parser(void *user)
{
    struct envoi__parser *parser = NULL;
    (void)user;
    int error = envoi__parser_new(&parser);
    assert_int_equal(parser != NULL, !error);
    envoi__parser_free(parser);
    return error;
}

static void test_no_parser_is_no_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"xmlCreatePushParserCtxt"};
    with_failing_calls(names, ENVOI__COUNT(names), make_parser, NULL, MUST_SHOW);
    with_failing_allocations(make_parser, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_library_is_set_up_before_it_is_used),
        cmocka_unit_test(test_what_the_gate_would_refuse_is_refused),
        cmocka_unit_test(test_a_document_type_is_refused),
        cmocka_unit_test(test_kinds_of_input_keep_their_order),
        cmocka_unit_test(test_no_wrong_tree_comes_of_failing_memory),
        cmocka_unit_test(test_no_parser_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
