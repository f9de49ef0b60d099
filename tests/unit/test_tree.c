/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/text.h"
#include "xml/tree.h"
#include <envoi/stanza.h>

static envoi_stanza *message(void)
{
    envoi_stanza *stanza;
    assert_int_equal(envoi_stanza_new(&stanza, "message", NULL), 0);
    return stanza;
}

static void assert_xml(const envoi_element *element, const char *expected)
{
    char out[4096];
    size_t len;
    assert_int_equal(envoi_element_format(element, out, sizeof out, &len), 0);
    assert_string_equal(out, expected);
    assert_int_equal(len, strlen(expected));
}

static void test_built_tree_reads_back(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    envoi_element *root = envoi_stanza_element(stanza);
    assert_int_equal(envoi_element_set_attr(root, "to", "romeo@example.net"), 0);
    assert_int_equal(envoi_element_set_attr(root, "type", "chat"), 0);
    assert_int_equal(envoi_element_set_attr_ns(root, "lang", ENVOI_NS_XML, "en"), 0);
    envoi_element *body = envoi_element_add_text_child(root, "body", NULL, "Wherefore");
    assert_int_equal(envoi_element_add_text(body, " art thou?"), 0);
    envoi_element *thread = envoi_element_add_text_child(root, "thread", "", "1");
    envoi_element_add_text_child(root, "body", NULL, "second");
    assert_string_equal(envoi_element_name(root), "message");
    assert_string_equal(envoi_element_namespace(root), ENVOI_NS_CLIENT);
    assert_string_equal(envoi_element_namespace(thread), "");
    assert_true(envoi_element_is(root, "message", NULL) && envoi_element_is(root, "message", ENVOI_NS_CLIENT));
    assert_false(envoi_element_is(root, "message", "other") || envoi_element_is(root, "iq", NULL));
    assert_string_equal(envoi_element_child_text(root, "body"), "Wherefore art thou?");
    assert_null(envoi_element_child_text(root, "thread"));
    assert_ptr_equal(envoi_element_child(root, "thread", ""), thread);
    assert_ptr_equal(envoi_element_child(root, NULL, NULL), body);
    assert_ptr_equal(envoi_element_first_child(root), body);
    assert_ptr_equal(envoi_element_next_sibling(body), thread);
    assert_string_equal(envoi_element_text(envoi_element_next_same(body)), "second");
    assert_null(envoi_element_next_same(thread));
    assert_ptr_equal(envoi_element_parent(body), root);
    assert_null(envoi_element_parent(root));
    assert_string_equal(envoi_element_text(root), "");
    assert_int_equal(envoi_element_attr_count(root), 3);
    assert_string_equal(envoi_element_attr_name_at(root, 2), "lang");
    assert_string_equal(envoi_element_attr_namespace_at(root, 2), ENVOI_NS_XML);
    assert_string_equal(envoi_element_attr_namespace_at(root, 0), "");
    assert_string_equal(envoi_element_attr_value_at(root, 1), "chat");
    assert_null(envoi_element_attr_name_at(root, 3));
    assert_string_equal(envoi_element_lang(body), "en");
    assert_int_equal(envoi_stanza_error(stanza), 0);
    assert_ptr_equal(envoi_stanza_root(stanza), root);
    envoi_stanza_free(stanza);
}

static void test_a7_namespaced_attribute_never_answers_for_the_plain_one(void **state)
{
    (void)state;
    static const char *const names[] = {"from", "to", "id", "type", "node", "h", "previd"};
    for (size_t i = 0; i < ENVOI__COUNT(names); i++) {
        for (int order = 0; order < 2; order++) {
            envoi_stanza *stanza = message();
            envoi_element *root = envoi_stanza_element(stanza);
            if (order)
                envoi_element_set_attr_ns(root, names[i], "u", "shadow");
            assert_null(envoi_element_attr(root, names[i]));
            envoi_element_set_attr(root, names[i], "true");
            if (!order)
                envoi_element_set_attr_ns(root, names[i], "u", "shadow");
            assert_string_equal(envoi_element_attr(root, names[i]), "true");
            assert_string_equal(envoi_element_attr_ns(root, names[i], "u"), "shadow");
            assert_string_equal(envoi_element_attr_ns(root, names[i], NULL), "true");
            envoi_stanza_free(stanza);
        }
    }
}

static void test_attributes_are_replaced_and_removed(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    envoi_element *root = envoi_stanza_element(stanza);
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++)
        envoi_element_set_attr(root, names[i], "1");
    envoi_element_set_attr(root, "b", "2");
    assert_xml(root, "<message xmlns='jabber:client' a='1' b='2' c='1'/>");
    envoi_element_set_attr(root, "c", NULL);
    envoi_element_set_attr(root, "d", "3");
    envoi_element_set_attr(root, "a", NULL);
    envoi_element_set_attr(root, "none", NULL);
    assert_xml(root, "<message xmlns='jabber:client' b='2' d='3'/>");
    envoi_element_set_attr(root, "b", NULL);
    envoi_element_set_attr(root, "d", NULL);
    assert_int_equal(envoi_element_attr_count(root), 0);
    envoi_element_set_attr(root, "e", "4");
    assert_xml(root, "<message xmlns='jabber:client' e='4'/>");
    envoi_stanza_free(stanza);
}

static void test_mixed_content_keeps_order_and_joins_its_text(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element_add_text(root, "one ");
    envoi_element_add_text(root, "");
    envoi_element_add_text_child(root, "b", NULL, "two");
    envoi_element_add_text(root, " three");
    envoi_element_add_text(root, " four");
    assert_string_equal(envoi_element_text(root), "one  three four");
    assert_xml(root, "<message xmlns='jabber:client'>one <b>two</b> three four</message>");
    envoi_element_add_text(root, envoi_element_text(root));
    assert_string_equal(envoi_element_text(root), "one  three fourone  three four");
    envoi_stanza_free(stanza);
}

static void test_lang_is_the_nearest_and_may_be_taken_away(void **state)
{
    (void)state;
    envoi_stanza *stanza = message(), *copy;
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element *a = envoi_element_add_child(root, "a", NULL), *b = envoi_element_add_child(a, "b", NULL);
    assert_null(envoi_element_lang(b));
    envoi_element_set_attr_ns(root, "lang", ENVOI_NS_XML, "de");
    assert_string_equal(envoi_element_lang(b), "de");
    assert_int_equal(envoi_stanza_dup(&copy, b), 0);
    assert_xml(envoi_stanza_root(copy), "<b xmlns='jabber:client' xml:lang='de'/>");
    envoi_stanza_free(copy);
    envoi_element_set_attr(b, "lang", "no");
    envoi_element_set_attr_ns(a, "lang", ENVOI_NS_XML, "");
    assert_null(envoi_element_lang(b));
    envoi_stanza_free(stanza);
}

static void test_b12_illegal_text_is_an_error_at_the_setter(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {{"\x1a", ENVOI_ERR_XML_CHAR},          {"\xEF\xBF\xBE", ENVOI_ERR_XML_CHAR},
                {"a\xEF\xBF\xBF", ENVOI_ERR_XML_CHAR}, {"\xED\xA0\x80", ENVOI_ERR_UTF8},
                {"\xC3\x28", ENVOI_ERR_UTF8},          {"ok\xFF", ENVOI_ERR_UTF8},
                {"\xF4\x90\x80\x80", ENVOI_ERR_UTF8},  {"\x01", ENVOI_ERR_XML_CHAR}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        for (int way = 0; way < 6; way++) {
            envoi_stanza *stanza = message();
            envoi_element *root = envoi_stanza_element(stanza);
            switch (way) {
            case 0:
                assert_int_equal(envoi_element_add_text(root, rows[i].text), rows[i].error);
                break;
            case 1:
                assert_int_equal(envoi_element_set_attr(root, "a", rows[i].text), rows[i].error);
                break;
            case 2:
                assert_null(envoi_element_add_text_child(root, "b", NULL, rows[i].text));
                break;
            case 3:
                assert_null(envoi_element_add_child(root, rows[i].text, NULL));
                break;
            case 4:
                assert_null(envoi_element_add_child(root, "b", rows[i].text));
                break;
            case 5:
                assert_int_equal(envoi_element_set_attr_ns(root, "a", rows[i].text, "v"), rows[i].error);
                break;
            }
            assert_int_equal(envoi_stanza_error(stanza), rows[i].error);
            assert_null(envoi_element_add_child(root, "fine", NULL));
            assert_int_equal(envoi_element_set_attr(root, "fine", "x"), rows[i].error);
            assert_int_equal(envoi_element_add_text(root, "fine"), rows[i].error);
            envoi_stanza_free(stanza);
        }
        envoi_stanza *none = NULL;
        assert_int_equal(envoi_stanza_new(&none, rows[i].text, NULL), rows[i].error);
        assert_int_equal(envoi_stanza_new(&none, "a", rows[i].text), rows[i].error);
        assert_null(none);
    }
}

static void test_names_are_ncnames(void **state)
{
    (void)state;
    static const char *const good[] = {"a",        "_", "a-b.c1", "\xC3\xA9t\xC3\xA9", "xmlnsx", "\xF0\x90\x80\x80",
                                       "a\xC2\xB7"};
    static const char *const bad[] = {"",   "1a", "-a",       ".a",       "a b", "a:b", "a>",
                                      "a'", "a=", "\xC2\xB7", "\xC3\x97", "a/",  "a\n"};
    for (size_t i = 0; i < ENVOI__COUNT(good); i++) {
        envoi_stanza *stanza = message();
        assert_non_null(envoi_element_add_child(envoi_stanza_element(stanza), good[i], NULL));
        assert_int_equal(envoi_element_set_attr(envoi_stanza_element(stanza), good[i], "v"), 0);
        envoi_stanza_free(stanza);
    }
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++) {
        envoi_stanza *stanza = message(), *none = NULL;
        assert_int_equal(envoi_element_set_attr(envoi_stanza_element(stanza), bad[i], "v"), ENVOI_ERR_XML_NAME);
        assert_null(envoi_element_add_child(envoi_stanza_element(stanza), "b", NULL));
        assert_int_equal(envoi_stanza_new(&none, bad[i], NULL), ENVOI_ERR_XML_NAME);
        envoi_stanza_free(stanza);
    }
    envoi_stanza *stanza = message();
    assert_int_equal(envoi_element_set_attr(envoi_stanza_element(stanza), "xmlns", "v"), ENVOI_ERR_XML_NAME);
    envoi_stanza_free(stanza);
    stanza = message();
    assert_int_equal(envoi_element_set_attr_ns(envoi_stanza_element(stanza), "x", ENVOI__NS_XMLNS, "v"),
                     ENVOI_ERR_XML_NAME);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_stanza_new(&stanza, "x", ENVOI__NS_XMLNS), ENVOI_ERR_XML_NAME);
    assert_int_equal(envoi_stanza_new(&stanza, "x", "http://www.w3.org/2000/xmlns#"), 0); /* as long, and another */
    envoi_element *child =
        envoi_element_add_child(envoi_stanza_element(stanza), "y", "http://www.w3.org/2001/xmlns/");
    assert_non_null(child);
    assert_string_equal(envoi_element_namespace(child), "http://www.w3.org/2001/xmlns/");
    assert_null(envoi_element_add_child(envoi_stanza_element(stanza), "y", ENVOI__NS_XMLNS));
    envoi_stanza_free(stanza);
}

static void test_null_is_harmless(void **state)
{
    (void)state;
    envoi_stanza *stanza = NULL;
    size_t len;
    assert_null(envoi_element_name(NULL));
    assert_null(envoi_element_namespace(NULL));
    assert_int_equal(envoi_element_is(NULL, "a", NULL), 0);
    assert_null(envoi_element_attr(NULL, "a"));
    assert_int_equal(envoi_element_attr_count(NULL), 0);
    assert_null(envoi_element_attr_value_at(NULL, 0));
    assert_null(envoi_element_lang(NULL));
    assert_null(envoi_element_parent(NULL));
    assert_null(envoi_element_first_child(NULL));
    assert_null(envoi_element_next_sibling(NULL));
    assert_null(envoi_element_child(NULL, "a", NULL));
    assert_null(envoi_element_next_same(NULL));
    assert_null(envoi_element_text(NULL));
    assert_null(envoi_element_child_text(NULL, "a"));
    assert_null(envoi_element_add_child(NULL, "a", NULL));
    assert_null(envoi_element_add_text_child(NULL, "a", NULL, "b"));
    assert_null(envoi_element_add_copy(NULL, NULL));
    assert_int_equal(envoi_element_set_attr(NULL, "a", "b"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_element_add_text(NULL, "b"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_element_format(NULL, NULL, 0, &len), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_new(&stanza, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_dup(&stanza, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_error(NULL), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_stanza_element(NULL));
    assert_null(envoi_stanza_root(NULL));
    envoi_stanza_free(NULL);
    stanza = message();
    assert_int_equal(envoi_element_add_text(envoi_stanza_element(stanza), NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
    stanza = message();
    assert_null(envoi_element_add_copy(envoi_stanza_element(stanza), NULL));
    assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
}

static void test_copy_into_itself_and_below_itself_ends(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    envoi_element *root = envoi_stanza_element(stanza), *a = envoi_element_add_child(root, "a", "u");
    envoi_element *b = envoi_element_add_text_child(a, "b", NULL, "t");
    envoi_element_set_attr_ns(b, "k", "v", "w");
    assert_non_null(envoi_element_add_copy(b, root));
    assert_xml(root, "<message xmlns='jabber:client'><a xmlns='u'><b xmlns:n0='v' n0:k='w'>t"
                     "<message xmlns='jabber:client'><a xmlns='u'><b xmlns:n0='v' n0:k='w'>t</b></a></message>"
                     "</b></a></message>");
    assert_non_null(envoi_element_add_copy(b, b));
    assert_non_null(envoi_element_add_copy(a, b));
    assert_int_equal(envoi_stanza_error(stanza), 0);
    envoi_stanza_free(stanza);
}

static void test_copy_outlives_its_source(void **state)
{
    (void)state;
    envoi_stanza *stanza = message(), *other = message(), *copy;
    envoi_element *item = envoi_element_add_child(envoi_stanza_element(stanza), "item", "u");
    envoi_element_set_attr(item, "id", "1");
    envoi_element_add_text(item, "before");
    envoi_element_add_text_child(item, "x", "w", "inside");
    envoi_element_add_text(item, "after");
    assert_int_equal(envoi_stanza_dup(&copy, item), 0);
    assert_non_null(envoi_element_add_copy(envoi_stanza_element(other), item));
    envoi_stanza_free(stanza);
    assert_xml(envoi_stanza_root(copy), "<item xmlns='u' id='1'>before<x xmlns='w'>inside</x>after</item>");
    assert_xml(envoi_stanza_root(other),
               "<message xmlns='jabber:client'>"
               "<item xmlns='u' id='1'>before<x xmlns='w'>inside</x>after</item></message>");
    assert_string_equal(envoi_element_text(envoi_stanza_root(copy)), "beforeafter");
    envoi_stanza_free(copy);
    envoi_stanza_free(other);
}

static void test_b5_a_million_levels_cost_no_stack(void **state)
{
    (void)state;
    enum { LEVELS = 1000000 };
    envoi_stanza *stanza = message(), *copy;
    envoi_element *at = envoi_stanza_element(stanza);
    for (int i = 1; i < LEVELS; i++)
        at = envoi_element_add_child(at, "e", NULL);
    assert_non_null(at);
    assert_int_equal(envoi_stanza_dup(&copy, envoi_stanza_root(stanza)), 0);
    size_t len = 0, copy_len = 0;
    assert_int_equal(envoi_element_format(envoi_stanza_root(stanza), NULL, 0, &len), ENVOI_ERR_FULL);
    assert_int_equal(envoi_element_format(envoi_stanza_root(copy), NULL, 0, &copy_len), ENVOI_ERR_FULL);
    assert_int_equal(len, strlen("<message xmlns='jabber:client'></message>") + (LEVELS - 2) * strlen("<e></e>") +
                              strlen("<e/>"));
    assert_int_equal(copy_len, len);
    assert_non_null(envoi_element_add_copy(at, envoi_stanza_root(copy)));
    envoi_stanza_free(copy);
    envoi_stanza_free(stanza);
}

static void test_reset_tree_allocates_nothing_again(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    struct envoi__tree tree;
    envoi__tree_init(&tree);
    for (int round = 0; round < 3; round++) {
        long before = allocations;
        assert_non_null(envoi__arena_text(&tree.arena, "abc", 3));
        tree.error = ENVOI_ERR_NOMEM;
        assert_int_equal(allocations - before, round ? 0 : 1);
        envoi__tree_reset(&tree);
        assert_null(tree.root);
        assert_int_equal(tree.error, 0);
    }
    envoi__tree_free(&tree);
    envoi_stanza_free(stanza);
}

/* A stanza of several blocks. */
static void fill(envoi_stanza *stanza)
{
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element_set_attr(root, "id", "1");
    for (int i = 0; i < 60; i++)
        envoi_element_add_text_child(root, "entry", "urn:example:items",
                                     "a text of some length that fills the arena");
}

static const char *const long_ns = "urn:example:a-long-name";

static void test_cleared_stanza_is_as_good_as_new(void **state)
{
    (void)state;
    static char long_name[3000];
    memset(long_name, 'n', sizeof long_name - 1);
    envoi_stanza *stanzas[4];
    assert_int_equal(envoi_stanza_new(&stanzas[0], "m", "u"), 0);
    assert_int_equal(envoi_stanza_parse(&stanzas[1], "<x:m xmlns:x='u' a='b'><c>d</c></x:m>", 37), 0);
    assert_int_equal(envoi_stanza_dup(&stanzas[2], envoi_stanza_root(stanzas[1])), 0);
    assert_int_equal(envoi_stanza_new(&stanzas[3], long_name, long_ns), 0); /* its root is in another block */
    for (size_t i = 0; i < ENVOI__COUNT(stanzas); i++) {
        for (int round = 0; round < 3; round++) {
            fill(stanzas[i]);
            envoi_element_add_text(envoi_stanza_element(stanzas[i]), "\x01");
            assert_int_equal(envoi_stanza_error(stanzas[i]), ENVOI_ERR_XML_CHAR);
            envoi_stanza_clear(stanzas[i]);
            assert_int_equal(envoi_stanza_error(stanzas[i]), 0);
            const envoi_element *root = envoi_stanza_root(stanzas[i]);
            assert_true(envoi_element_is(root, i < 3 ? "m" : long_name, i < 3 ? "u" : long_ns));
            assert_int_equal(envoi_element_attr_count(root), 0);
            assert_null(envoi_element_first_child(root));
            assert_string_equal(envoi_element_text(root), "");
        }
        envoi_element_set_attr(envoi_stanza_element(stanzas[i]), "a", "b");
        envoi_element_add_text_child(envoi_stanza_element(stanzas[i]), "c", NULL, "d");
        if (i < 3)
            assert_xml(envoi_stanza_root(stanzas[i]), "<m xmlns='u' a='b'><c>d</c></m>");
        envoi_stanza_free(stanzas[i]);
    }
    envoi_stanza_clear(NULL);
}

static void test_building_in_a_cleared_stanza_allocates_nothing(void **state)
{
    (void)state;
    envoi_stanza *stanza = message();
    for (int round = 0; round < 6; round++) {
        long before = allocations;
        fill(stanza);
        assert_int_equal(envoi_stanza_error(stanza), 0);
        if (round > 3) /* blocks double, and the largest is kept, so it takes a few turns until one holds all */
            assert_int_equal(allocations, before);
        envoi_stanza_clear(stanza);
    }
    envoi_stanza_free(stanza);
}

/* Builds what needs several blocks; an error must be sticky and the only sign. */
static int build(void *user)
{
    const int *count = user;
    envoi_stanza *stanza, *copy = NULL;
    int error = envoi_stanza_new(&stanza, "iq", NULL);
    if (error)
        return error;
    envoi_element_set_attr_ns(envoi_stanza_element(stanza), "lang", ENVOI_NS_XML, "en");
    envoi_element_set_attr_ns(envoi_stanza_element(stanza), "lang", ENVOI_NS_XML, "de");
    for (int i = 0; i < *count; i++) {
        envoi_element *item = envoi_element_add_child(envoi_stanza_element(stanza), "item", "urn:example:items");
        envoi_element_set_attr(item, "id", "a-value-of-some-length-that-fills-the-arena");
        envoi_element_set_attr_ns(item, "k", "urn:example:keys", "v");
        envoi_element_add_text(item, "some text and");
        envoi_element_add_text_child(item, "entry", NULL, "some more of it, again and again");
        envoi_element_add_text(item, "still some more");
    }
    envoi_element_add_copy(envoi_stanza_element(stanza), envoi_stanza_root(stanza));
    error = envoi_stanza_error(stanza);
    if (!error)
        error = envoi_stanza_dup(&copy, envoi_element_first_child(envoi_stanza_root(stanza)));
    if (!error) {
        char *text = NULL;
        size_t len;
        error = envoi_element_format(envoi_stanza_root(copy), text, 0, &len);
        error = error == ENVOI_ERR_FULL ? 0 : error;
    }
    envoi_stanza_free(copy);
    envoi_stanza_free(stanza);
    assert_true(error == 0 || error == ENVOI_ERR_NOMEM);
    return error;
}

static void test_building_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(build, &(int){40});
    with_failing_pieces(build, &(int){2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_tree_reads_back),
        cmocka_unit_test(test_a7_namespaced_attribute_never_answers_for_the_plain_one),
        cmocka_unit_test(test_attributes_are_replaced_and_removed),
        cmocka_unit_test(test_mixed_content_keeps_order_and_joins_its_text),
        cmocka_unit_test(test_lang_is_the_nearest_and_may_be_taken_away),
        cmocka_unit_test(test_b12_illegal_text_is_an_error_at_the_setter),
        cmocka_unit_test(test_names_are_ncnames),
        cmocka_unit_test(test_null_is_harmless),
        cmocka_unit_test(test_copy_into_itself_and_below_itself_ends),
        cmocka_unit_test(test_copy_outlives_its_source),
        cmocka_unit_test(test_b5_a_million_levels_cost_no_stack),
        cmocka_unit_test(test_reset_tree_allocates_nothing_again),
        cmocka_unit_test(test_cleared_stanza_is_as_good_as_new),
        cmocka_unit_test(test_building_in_a_cleared_stanza_allocates_nothing),
        cmocka_unit_test(test_building_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
