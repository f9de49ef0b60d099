/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "corpus.h"
#include "elements.h"
#include <envoi/disco.h>

#define C     "xmlns='jabber:client'"
#define INFO  "<query xmlns='http://jabber.org/protocol/disco#info'"
#define ITEMS "<query xmlns='http://jabber.org/protocol/disco#items'"

static envoi_disco_info *info_of(const char *xml)
{
    envoi_disco_info *info;
    envoi_stanza *stanza = parse(xml);
    assert_int_equal(envoi_disco_info_parse(&info, envoi_stanza_root(stanza)), 0);
    envoi_stanza_free(stanza);
    return info;
}

static envoi_disco_items *items_of(const char *xml)
{
    envoi_disco_items *items;
    envoi_stanza *stanza = parse(xml);
    assert_int_equal(envoi_disco_items_parse(&items, envoi_stanza_root(stanza)), 0);
    envoi_stanza_free(stanza);
    return items;
}

/* ---- requests ---- */

static void test_disco_requests_are_written(void **state)
{
    (void)state;
    envoi_stanza *iq;
    envoi_rsm *page;
    assert_int_equal(envoi_disco_info_request(&iq, "PubSub.example.com", NULL), 0);
    assert_xml(envoi_stanza_root(iq), "<iq " C " to='pubsub.example.com' type='get'>" INFO "/></iq>");
    envoi_stanza_free(iq);
    assert_int_equal(envoi_disco_info_request(&iq, NULL, "a'b"), 0);
    assert_xml(envoi_stanza_root(iq), "<iq " C " type='get'>" INFO " node='a&apos;b'/></iq>");
    envoi_stanza_free(iq);
    assert_int_equal(envoi_rsm_new(&page), 0);
    assert_int_equal(envoi_rsm_set_max(page, 20), 0);
    assert_int_equal(envoi_disco_items_request(&iq, "example.com", "n", page), 0);
    assert_xml(envoi_stanza_root(iq),
               "<iq " C " to='example.com' type='get'>" ITEMS
               " node='n'><set xmlns='http://jabber.org/protocol/rsm'><max>20</max></set>"
               "</query></iq>");
    envoi_stanza_free(iq);
    envoi_rsm_free(page);
}

static void test_disco_requests_refuse_what_cannot_be_sent(void **state)
{
    (void)state;
    envoi_stanza *iq = NULL;
    assert_int_equal(envoi_disco_info_request(&iq, "@", NULL), ENVOI_ERR_JID);
    assert_int_equal(envoi_disco_info_request(&iq, NULL, "\x01"), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_items_request(&iq, NULL, "\xFF", NULL), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_disco_items_request(NULL, NULL, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(iq);
}

/* ---- information ---- */

static void test_info_reads_every_part(void **state)
{
    (void)state;
    envoi_disco_info *info =
        info_of("<iq " C " type='result' xml:lang='fr'>" INFO " node='n'>"
                "<identity category='pubsub' type='service' name='Feuilles' xml:lang='fr'/>"
                "<identity category='pubsub' type='pep'/>"
                "<feature var='http://jabber.org/protocol/disco#info'/><feature var='urn:example'/>"
                "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' "
                "type='hidden'><value>urn:form</value></field>"
                "<field var='os'><value>Mac</value></field></x></query></iq>");
    assert_string_equal(envoi_disco_info_node(info), "n");
    assert_int_equal(envoi_disco_info_identity_count(info), 2);
    assert_string_equal(envoi_disco_info_category_at(info, 0), "pubsub");
    assert_string_equal(envoi_disco_info_type_at(info, 1), "pep");
    assert_string_equal(envoi_disco_info_name_at(info, 0), "Feuilles");
    assert_string_equal(envoi_disco_info_lang_at(info, 0), "fr");
    assert_null(envoi_disco_info_name_at(info, 1));
    assert_null(envoi_disco_info_lang_at(info, 1));
    assert_null(envoi_disco_info_category_at(info, 2));
    assert_null(envoi_disco_info_type_at(info, 2));
    assert_true(envoi_disco_info_has_identity(info, "pubsub", "pep"));
    assert_true(envoi_disco_info_has_identity(info, "pubsub", NULL));
    assert_false(envoi_disco_info_has_identity(info, "pubsub", "leaf"));
    assert_false(envoi_disco_info_has_identity(info, "server", NULL));
    assert_int_equal(envoi_disco_info_feature_count(info), 2);
    assert_string_equal(envoi_disco_info_feature_at(info, 1), "urn:example");
    assert_null(envoi_disco_info_feature_at(info, 2));
    assert_true(envoi_disco_info_has_feature(info, "urn:example"));
    assert_false(envoi_disco_info_has_feature(info, "URN:example"));
    assert_false(envoi_disco_info_has_feature(info, NULL));
    assert_int_equal(envoi_disco_info_form_count(info), 1);
    assert_ptr_equal(envoi_disco_info_form(info, "urn:form"), envoi_disco_info_form_at(info, 0));
    assert_string_equal(envoi_form_value(envoi_disco_info_form(info, "urn:form"), "os"), "Mac");
    assert_null(envoi_disco_info_form(info, "urn:other"));
    assert_null(envoi_disco_info_form_at(info, 1));
    envoi_disco_info_free(info);
}

static void test_info_leaves_out_what_is_wrong_or_unknown(void **state)
{
    (void)state;
    envoi_disco_info *info = info_of(
        INFO " xmlns:o='o'>text<identity type='t'/><identity category='c'/><identity category='' type=''/>"
             "<identity o:category='c' o:type='t'/><feature/><feature var=''/><feature o:var='x'/>"
             "<feature xmlns='o' var='y'/><o:identity category='c' type='t'/><unknown/>"
             "<x xmlns='jabber:x:data' type='bogus'/><x xmlns='jabber:x:data' type='result'>"
             "<field var='FORM_TYPE'/><field var='FORM_TYPE'/></x><x xmlns='jabber:x:data' type='result'/>"
             "<feature var='last'/></query>");
    assert_int_equal(envoi_disco_info_identity_count(info), 0);
    assert_int_equal(envoi_disco_info_feature_count(info), 1);
    assert_true(envoi_disco_info_has_feature(info, "last"));
    assert_int_equal(envoi_disco_info_form_count(info), 1);
    assert_null(envoi_disco_info_form(info, "x"));
    assert_null(envoi_disco_info_node(info));
    envoi_disco_info_free(info);
}

static void test_disco_refuses_what_is_no_result(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<iq " C " type='result'/>",
        "<iq " C " type='get'>" INFO "/></iq>",
        "<iq " C " type='error'>" INFO "/><error/></iq>",
        "<iq " C ">" INFO "/></iq>",
        "<iq " C " type='result'><query xmlns='other'/></iq>",
        "<message " C " type='result'>" INFO "/></message>",
        "<query/>",
        "<x xmlns='http://jabber.org/protocol/disco#info'/>",
    };
    envoi_disco_info *info = NULL;
    envoi_disco_items *items = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = parse(rows[i]);
        assert_int_equal(envoi_disco_info_parse(&info, envoi_stanza_root(stanza)), ENVOI_ERR_STANZA);
        assert_int_equal(envoi_disco_items_parse(&items, envoi_stanza_root(stanza)), ENVOI_ERR_STANZA);
        envoi_stanza_free(stanza);
    }
    envoi_stanza *stanza = parse(INFO "/>");
    assert_int_equal(envoi_disco_items_parse(&items, envoi_stanza_root(stanza)), ENVOI_ERR_STANZA);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_disco_info_parse(&info, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_items_parse(&items, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(info);
    assert_null(items);
}

static void test_info_answers_a_request(void **state)
{
    (void)state;
    envoi_stanza *request = parse("<iq " C " from='a@b/c' id='1' type='get'>" INFO " node='n'/></iq>"),
                 *reply;
    envoi_disco_info *info;
    envoi_form *form;
    assert_int_equal(envoi_disco_info_new(&info, "n"), 0);
    assert_int_equal(envoi_disco_info_add_identity(info, "client", "bot", "Écho", "fr"), 0);
    assert_int_equal(envoi_disco_info_add_identity(info, "client", "pc", NULL, NULL), 0);
    assert_int_equal(envoi_disco_info_add_feature(info, "urn:one"), 0);
    assert_int_equal(envoi_disco_info_add_feature(info, "urn:one"), 0);
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_RESULT, "urn:form"), 0);
    assert_int_equal(envoi_disco_info_add_form(info, form), 0);
    envoi_form_free(form);
    assert_int_equal(envoi_stanza_new_result(&reply, envoi_stanza_root(request)), 0);
    assert_int_equal(envoi_disco_info_append(info, envoi_stanza_element(reply)), 0);
    assert_xml(
        envoi_stanza_root(reply),
        "<iq " C " type='result' id='1' to='a@b/c'>" INFO " node='n'>"
        "<identity category='client' type='bot' name='Écho' xml:lang='fr'/>"
        "<identity category='client' type='pc'/><feature var='urn:one'/>"
        "<x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'><value>urn:form</value>"
        "</field></x></query></iq>");
    envoi_stanza_free(request);
    envoi_stanza_free(reply);
    envoi_disco_info_free(info);
}

static void test_info_refuses_wrong_building(void **state)
{
    (void)state;
    envoi_disco_info *info = NULL;
    envoi_form *form;
    assert_int_equal(envoi_disco_info_new(&info, "\x01"), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_info_new(NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(info);
    assert_int_equal(envoi_disco_info_new(&info, NULL), 0);
    assert_int_equal(envoi_disco_info_add_identity(info, NULL, "t", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_info_add_identity(info, "c", "", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_info_add_identity(info, "c", "t", "\xFF", NULL), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_disco_info_add_feature(info, ""), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_info_add_feature(info, "\x02"), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_info_add_feature(NULL, "f"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_RESULT, NULL), 0);
    assert_int_equal(envoi_form_set_value(form, "a", "\x01"), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_info_add_form(info, form), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_info_add_form(info, NULL), ENVOI_ERR_ARGUMENT);
    envoi_form_free(form);
    envoi_stanza *stanza = empty("iq", NULL);
    assert_int_equal(envoi_disco_info_append(info, envoi_stanza_element(stanza)), 0);
    assert_xml(envoi_stanza_root(stanza), "<iq " C ">" INFO "/></iq>");
    assert_int_equal(envoi_disco_info_append(info, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_info_append(NULL, envoi_stanza_element(stanza)), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
    envoi_disco_info_free(info);
}

/* ---- items ---- */

static void test_items_read_every_part(void **state)
{
    (void)state;
    envoi_disco_items *items = items_of(
        "<iq " C " type='result'>" ITEMS " node='n' xmlns:o='o'><item jid='A@Example.com' node='i' name='N'/>"
        "<item/><item jid='@'/><item o:jid='x@y'/><item jid=''/><item xmlns='o' jid='x@y'/><unknown/>"
        "<item jid='b@example.com'/><set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first>"
        "<last>b</last><count>150</count></set></query></iq>");
    uint32_t count = 0;
    assert_string_equal(envoi_disco_items_node(items), "n");
    assert_int_equal(envoi_disco_items_count(items), 2);
    assert_string_equal(envoi_disco_items_jid_at(items, 0), "a@example.com");
    assert_string_equal(envoi_disco_items_node_at(items, 0), "i");
    assert_string_equal(envoi_disco_items_name_at(items, 0), "N");
    assert_string_equal(envoi_disco_items_jid_at(items, 1), "b@example.com");
    assert_null(envoi_disco_items_node_at(items, 1));
    assert_null(envoi_disco_items_name_at(items, 1));
    assert_null(envoi_disco_items_jid_at(items, 2));
    assert_int_equal(envoi_rsm_count(envoi_disco_items_page(items), &count), 0);
    assert_int_equal(count, 150);
    envoi_disco_items_free(items);
    items = items_of(ITEMS "><set xmlns='http://jabber.org/protocol/rsm'><first>a</first></set></query>");
    assert_null(envoi_disco_items_page(items));
    assert_int_equal(envoi_disco_items_count(items), 0);
    envoi_disco_items_free(items);
}

static void test_items_answer_a_request(void **state)
{
    (void)state;
    envoi_disco_items *items = NULL;
    envoi_rsm *page;
    assert_int_equal(envoi_disco_items_new(&items, "\xFF"), ENVOI_ERR_UTF8);
    assert_null(items);
    assert_int_equal(envoi_disco_items_new(&items, NULL), 0);
    assert_int_equal(envoi_disco_items_add(items, "A@B", "n", "N"), 0);
    assert_int_equal(envoi_disco_items_add(items, "c", NULL, NULL), 0);
    assert_int_equal(envoi_disco_items_add(items, NULL, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_disco_items_add(items, "@", NULL, NULL), ENVOI_ERR_JID);
    assert_int_equal(envoi_disco_items_add(items, "d", "\x01", NULL), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_disco_items_add(NULL, "d", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_new(&page), 0);
    assert_int_equal(envoi_rsm_set_count(page, 2), 0);
    assert_int_equal(envoi_disco_items_set_page(items, page), 0);
    assert_int_equal(envoi_disco_items_set_page(items, page), 0);
    envoi_rsm_free(page);
    envoi_stanza *stanza = empty("iq", NULL);
    assert_int_equal(envoi_disco_items_append(items, envoi_stanza_element(stanza)), 0);
    assert_xml(envoi_stanza_root(stanza),
               "<iq " C ">" ITEMS "><item jid='a@b' node='n' name='N'/><item jid='c'/>"
               "<set xmlns='http://jabber.org/protocol/rsm'><count>2</count></set></query></iq>");
    assert_int_equal(envoi_disco_items_append(NULL, envoi_stanza_element(stanza)), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_disco_items_set_page(items, NULL), 0);
    assert_null(envoi_disco_items_page(items));
    envoi_disco_items_free(items);
}

static void test_disco_getters_take_null(void **state)
{
    (void)state;
    assert_null(envoi_disco_info_node(NULL));
    assert_null(envoi_disco_info_name_at(NULL, 0));
    assert_null(envoi_disco_info_form(NULL, "x"));
    assert_int_equal(envoi_disco_info_has_feature(NULL, "x"), 0);
    assert_int_equal(envoi_disco_info_has_identity(NULL, "x", NULL), 0);
    assert_int_equal(envoi_disco_items_count(NULL), 0);
    assert_null(envoi_disco_items_node(NULL));
    assert_null(envoi_disco_items_jid_at(NULL, 0));
    assert_null(envoi_disco_items_page(NULL));
    envoi_disco_info_free(NULL);
    envoi_disco_items_free(NULL);
}

/* 20,000 features and items: linear work, or this test would not end soon. */
static void test_disco_reads_long_answers_in_linear_time(void **state)
{
    (void)state;
    envoi_stanza *info_stanza = empty("query", ENVOI_NS_DISCO_INFO),
                 *items_stanza = empty("query", ENVOI_NS_DISCO_ITEMS);
    envoi_disco_info *info;
    envoi_disco_items *items;
    for (int i = 0; i < 20000; i++) {
        envoi_element *feature = envoi_element_add_child(envoi_stanza_element(info_stanza), "feature", NULL);
        envoi_element_set_attr(feature, "var", "the same");
        envoi_element *item = envoi_element_add_child(envoi_stanza_element(items_stanza), "item", NULL);
        envoi_element_set_attr(item, "jid", "a@b");
    }
    assert_int_equal(envoi_disco_info_parse(&info, envoi_stanza_root(info_stanza)), 0);
    assert_int_equal(envoi_disco_items_parse(&items, envoi_stanza_root(items_stanza)), 0);
    assert_int_equal(envoi_disco_info_feature_count(info), 20000);
    assert_int_equal(envoi_disco_items_count(items), 20000);
    envoi_disco_info_free(info);
    envoi_disco_items_free(items);
    envoi_stanza_free(info_stanza);
    envoi_stanza_free(items_stanza);
}

/* ---- examples, and memory ---- */

static void read_example(const envoi_element *iq, size_t *infos, size_t *items_read, size_t *errors)
{
    envoi_disco_info *info = NULL;
    envoi_disco_items *items = NULL;
    if (envoi_disco_info_parse(&info, iq) == 0) {
        assert_int_not_equal(envoi_disco_info_identity_count(info), 0);
        assert_true(envoi_disco_info_has_feature(info, ENVOI_NS_DISCO_INFO));
        ++*infos;
    }
    if (envoi_disco_items_parse(&items, iq) == 0)
        *items_read += envoi_disco_items_count(items);
    if (envoi_stanza_error_condition(iq)) {
        assert_non_null(envoi_stanza_error_default_type(envoi_stanza_error_condition(iq)));
        assert_true(envoi_element_is(envoi_iq_payload(iq), "query", NULL));
        ++*errors;
    }
    envoi_disco_info_free(info);
    envoi_disco_items_free(items);
}

static void test_disco_reads_the_examples_of_xep_0030(void **state)
{
    (void)state;
    size_t infos = 0, items = 0, errors = 0;
    if (!corpus_present())
        return;
    for (int i = 1; i <= 28; i++) {
        envoi_stanza *example = corpus_example("xep-0030", i);
        const envoi_element *iq = example ? envoi_element_first_child(envoi_stanza_root(example)) : NULL;
        for (; iq; iq = envoi_element_next_sibling(iq))
            read_example(iq, &infos, &items, &errors);
        envoi_stanza_free(example);
    }
    assert_int_equal(infos, 5);
    assert_int_equal(items, 22);
    assert_int_equal(errors, 3);
}

static int build_all(void *user)
{
    const envoi_form *form = user;
    envoi_disco_info *info = NULL;
    envoi_disco_items *items = NULL;
    envoi_rsm *page = NULL;
    envoi_stanza *stanza = NULL;
    int error = envoi_disco_info_new(&info, "node");
    for (int i = 0; i < 50 && !error; i++)
        error = envoi_disco_info_add_identity(info, "category", "type", "a name", "en");
    if (!error)
        error = envoi_disco_info_add_feature(info, "feature");
    if (!error)
        error = envoi_disco_info_add_form(info, form);
    if (!error)
        error = envoi_disco_items_new(&items, "node");
    if (!error)
        error = envoi_disco_items_add(items, "a@b", "node", "name");
    if (!error)
        error = envoi_rsm_new(&page);
    if (!error)
        error = envoi_disco_items_set_page(items, page);
    if (!error)
        error = envoi_disco_items_request(&stanza, "a@b", "node", page);
    if (!error)
        error = envoi_disco_info_append(info, envoi_stanza_element(stanza));
    if (!error)
        error = envoi_disco_items_append(items, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
    envoi_rsm_free(page);
    envoi_disco_items_free(items);
    envoi_disco_info_free(info);
    return error;
}

static int read_info(void *user)
{
    envoi_disco_info *info = NULL;
    int error = envoi_disco_info_parse(&info, user);
    if (!error)
        assert_int_equal(envoi_disco_info_form_count(info), 1);
    envoi_disco_info_free(info);
    return error;
}

static int read_items(void *user)
{
    envoi_disco_items *items = NULL;
    int error = envoi_disco_items_parse(&items, user);
    if (!error)
        assert_int_equal(envoi_disco_items_count(items), 1);
    if (!error)
        assert_non_null(envoi_disco_items_page(items));
    envoi_disco_items_free(items);
    return error;
}

static void test_disco_survives_failing_allocations(void **state)
{
    (void)state;
    envoi_form *form;
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_RESULT, "ft"), 0);
    with_failing_allocations(build_all, form);
    with_failing_pieces(build_all, form);
    envoi_form_free(form);
    envoi_stanza *stanza = parse(INFO " node='n'><identity category='c' type='t'/><feature var='f'/>"
                                      "<x xmlns='jabber:x:data' type='result'><field var='a'/></x></query>");
    with_failing_allocations(read_info, envoi_stanza_element(stanza));
    with_failing_pieces(read_info, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
    stanza =
        parse(ITEMS "><item jid='a@b' node='n'/><set xmlns='http://jabber.org/protocol/rsm'><first>a</first>"
                    "<last>b</last></set></query>");
    with_failing_allocations(read_items, envoi_stanza_element(stanza));
    with_failing_pieces(read_items, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
}

int main(int argc, char **argv)
{
    corpus_root = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disco_requests_are_written),
        cmocka_unit_test(test_disco_requests_refuse_what_cannot_be_sent),
        cmocka_unit_test(test_info_reads_every_part),
        cmocka_unit_test(test_info_leaves_out_what_is_wrong_or_unknown),
        cmocka_unit_test(test_disco_refuses_what_is_no_result),
        cmocka_unit_test(test_info_answers_a_request),
        cmocka_unit_test(test_info_refuses_wrong_building),
        cmocka_unit_test(test_items_read_every_part),
        cmocka_unit_test(test_items_answer_a_request),
        cmocka_unit_test(test_disco_getters_take_null),
        cmocka_unit_test(test_disco_reads_long_answers_in_linear_time),
        cmocka_unit_test(test_disco_reads_the_examples_of_xep_0030),
        cmocka_unit_test(test_disco_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
