/* SPDX-License-Identifier: MIT */
/* NULL where an object, a text or a place for the result belongs: an argument error that changes nothing, or "not
 * there"; and the same for what is beyond a list. */
#include "test.h"

#include "data/common.h"
#include "elements.h"
#include "xml/node.h"
#include <envoi/disco.h>
#include <envoi/form.h>
#include <envoi/pubsub.h>
#include <envoi/rsm.h>
#include <envoi/srv.h>

#define assert_refused(call) assert_int_equal(call, ENVOI_ERR_ARGUMENT)

static void test_elements_take_null(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<message xmlns='jabber:client' id='1'><body/></message>"), *made = NULL;
    const envoi_element *root = envoi_stanza_root(stanza);
    assert_refused(envoi_stanza_new(NULL, "message", NULL));
    assert_refused(envoi_stanza_new(&made, NULL, NULL));
    assert_refused(envoi_stanza_dup(NULL, root));
    assert_refused(envoi_stanza_dup(&made, NULL));
    assert_refused(envoi_stanza_new_result(NULL, root));
    assert_refused(envoi_stanza_new_result(&made, NULL));
    assert_refused(envoi_stanza_new_error_reply(NULL, root, NULL, "conflict", NULL, NULL));
    assert_refused(envoi_stanza_new_error_reply(&made, NULL, NULL, "conflict", NULL, NULL));
    assert_refused(envoi_stanza_new_error_reply(&made, root, NULL, NULL, NULL, NULL));
    assert_null(made);
    assert_null(envoi_element_attr_ns(root, NULL, NULL));
    assert_string_equal(envoi_element_attr_ns(root, "id", NULL), "1");
    assert_null(envoi_element_attr_name_at(root, 1));
    assert_null(envoi_element_attr_namespace_at(root, 1));
    assert_null(envoi_element_attr_value_at(root, 1));
    assert_null(envoi_element_child_text(root, NULL));
    assert_int_equal(envoi_element_set_attr_ns(envoi_stanza_element(stanza), "id", NULL, "2"), 0);
    assert_string_equal(envoi_element_attr(root, "id"), "2");
    assert_refused(envoi_element_set_attr(envoi_stanza_element(stanza), NULL, "3"));
    assert_refused(envoi_stanza_error(stanza));
    envoi_stanza_free(stanza);
}

static void test_text_beyond_memory_is_refused(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<a>b<c/></a>");
    envoi_element *root = envoi_stanza_element(stanza), *child = (envoi_element *)root->last;
    assert_int_equal(envoi__element_append_text(root, "x", SIZE_MAX / 2), ENVOI_ERR_NOMEM);
    assert_int_equal(envoi__element_append_text(child, "x", SIZE_MAX / 2), ENVOI_ERR_NOMEM);
    assert_xml(root, "<a>b<c/></a>");
    size_t len = root->text_len;
    root->text_len = root->text_cap = SIZE_MAX / 2;
    assert_int_equal(envoi__element_append_text(root, "x", 1), ENVOI_ERR_NOMEM);
    root->text_len = root->text_cap = len;
    assert_xml(root, "<a>b<c/></a>");
    envoi_stanza_free(stanza);
}

static void test_lists_beyond_memory_are_refused(void **state)
{
    (void)state;
    struct envoi__arena arena;
    size_t cap = SIZE_MAX / 4;
    envoi__arena_init(&arena);
    assert_null(envoi__list_room(&arena, NULL, cap, &cap, 16));
    assert_int_equal(cap, SIZE_MAX / 4);
    envoi__arena_free(&arena);
}

static void test_disco_takes_null(void **state)
{
    (void)state;
    envoi_disco_info *info = NULL;
    envoi_disco_items *items = NULL;
    envoi_form *form;
    envoi_stanza *stanza = parse("<query xmlns='http://jabber.org/protocol/disco#info'/>");
    const envoi_element *query = envoi_stanza_root(stanza);
    assert_refused(envoi_disco_info_new(NULL, NULL));
    assert_refused(envoi_disco_info_parse(NULL, query));
    assert_refused(envoi_disco_info_parse(&info, NULL));
    assert_refused(envoi_disco_items_new(NULL, NULL));
    assert_refused(envoi_disco_items_parse(NULL, query));
    assert_refused(envoi_disco_items_parse(&items, NULL));
    assert_refused(envoi_disco_info_add_identity(NULL, "client", "pc", NULL, NULL));
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_RESULT, NULL), 0);
    assert_refused(envoi_disco_info_add_form(NULL, form));
    envoi_form_free(form);
    assert_refused(envoi_disco_items_set_page(NULL, NULL));
    assert_refused(envoi_disco_items_append(NULL, NULL));
    assert_null(envoi_disco_items_jid_at(NULL, 0));
    assert_int_equal(envoi_disco_items_new(&items, NULL), 0);
    assert_null(envoi_disco_items_node_at(items, 0));
    assert_null(envoi_disco_items_name_at(items, 0));
    envoi_disco_items_free(items);
    envoi_stanza_free(stanza);
}

static void test_form_readers_take_null(void **state)
{
    (void)state;
    envoi_form *form = NULL, *made = NULL;
    envoi_jid *jid = NULL;
    int64_t number = 7;
    int truth = 7;
    assert_null(envoi_form_title(NULL));
    assert_null(envoi_form_instructions(NULL));
    assert_null(envoi_form_field_at(NULL, 0));
    assert_null(envoi_form_column_at(NULL, 0));
    assert_null(envoi_field_var(NULL));
    assert_null(envoi_field_label(NULL));
    assert_null(envoi_field_desc(NULL));
    assert_int_equal(envoi_field_is_required(NULL), 0);
    assert_int_equal(envoi_field_option_count(NULL), 0);
    assert_null(envoi_field_option_at(NULL, 0));
    assert_null(envoi_field_option_label_at(NULL, 0));
    assert_refused(envoi_form_parse(NULL, NULL));
    assert_refused(envoi_form_dup(NULL, NULL));
    assert_refused(envoi_form_dup(&made, NULL));
    assert_refused(envoi_form_answer(NULL, NULL));
    assert_refused(envoi_form_answer(&made, NULL));
    assert_refused(envoi_form_bool(NULL, "a", &truth));
    assert_refused(envoi_form_integer(NULL, "a", &number));
    assert_refused(envoi_form_jid(&jid, NULL, "a", 0));
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_FORM, NULL), 0);
    assert_refused(envoi_form_parse(NULL, NULL));
    assert_refused(envoi_form_dup(NULL, form));
    assert_refused(envoi_form_answer(NULL, form));
    assert_refused(envoi_form_bool(form, NULL, &truth));
    assert_refused(envoi_form_integer(form, NULL, &number));
    assert_refused(envoi_form_integer(form, "a", NULL));
    assert_refused(envoi_form_jid(NULL, form, "a", 0));
    assert_refused(envoi_form_jid(&jid, form, NULL, 0));
    assert_true(number == 7 && truth == 7 && !jid && !made);
    envoi_form_free(form);
}

/* Each on a form of its own, for the first error stays. */
static int build_wrongly(int which)
{
    envoi_form *form;
    int error = 0;
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_FORM, NULL), 0);
    assert_int_equal(envoi_form_add_field(form, "l", ENVOI_FIELD_LIST_SINGLE, NULL), 0);
    switch (which) {
    case 0:
        error = envoi_form_add_value(form, NULL, "v");
        break;
    case 1:
        error = envoi_form_add_value(form, "l", NULL);
        break;
    case 2:
        error = envoi_form_set_value(form, NULL, "v");
        break;
    case 3:
        error = envoi_form_remove(form, NULL);
        break;
    case 4:
        error = envoi_form_set_desc(form, NULL, "d");
        break;
    case 5:
        error = envoi_form_set_required(form, NULL, 1);
        break;
    case 6:
        error = envoi_form_add_option(form, NULL, "v", NULL);
        break;
    case 7:
        error = envoi_form_add_option(form, "l", NULL, NULL);
        break;
    default:
        error = envoi_form_add_fixed(form, NULL);
        break;
    }
    assert_int_equal(envoi_form_error(form), error);
    assert_int_equal(envoi_form_remove(form, "l"), error); /* nor can it be built on any more */
    envoi_form_free(form);
    return error;
}

static void test_form_builders_take_null(void **state)
{
    (void)state;
    for (int which = 0; which < 9; which++)
        assert_refused(build_wrongly(which));
}

static void test_rsm_takes_null(void **state)
{
    (void)state;
    envoi_rsm *page = NULL, *copy = NULL;
    envoi_stanza *stanza = parse("<query xmlns='u'/>");
    uint32_t number = 7;
    assert_int_equal(envoi_rsm_new(&page), 0);
    assert_refused(envoi_rsm_new(NULL));
    assert_refused(envoi_rsm_parse(NULL, envoi_stanza_root(stanza)));
    assert_refused(envoi_rsm_parse(&copy, NULL));
    assert_refused(envoi_rsm_dup(NULL, page));
    assert_refused(envoi_rsm_dup(&copy, NULL));
    assert_refused(envoi_rsm_set_after(NULL, "a"));
    assert_refused(envoi_rsm_set_before(NULL, "a"));
    assert_refused(envoi_rsm_set_index(NULL, 1));
    assert_refused(envoi_rsm_set_items(NULL, "a", "b"));
    assert_refused(envoi_rsm_set_next(NULL, page));
    assert_refused(envoi_rsm_set_next(page, NULL));
    assert_refused(envoi_rsm_set_previous(NULL, page));
    assert_refused(envoi_rsm_set_previous(page, NULL));
    assert_refused(envoi_rsm_count(NULL, &number));
    assert_refused(envoi_rsm_count(page, NULL));
    assert_true(number == 7 && !copy);
    envoi_rsm_free(page);
    envoi_stanza_free(stanza);
}

static void test_srv_takes_null(void **state)
{
    (void)state;
    envoi_srv *list;
    assert_int_equal(envoi_srv_new(&list), 0);
    assert_false(envoi_srv_is_refused(NULL));
    assert_int_equal(envoi_srv_count(NULL), 0);
    assert_null(envoi_srv_target(list, 0));
    assert_int_equal(envoi_srv_port(list, 0), 0);
    assert_int_equal(envoi_srv_priority(list, 0), 0);
    assert_int_equal(envoi_srv_weight(list, 0), 0);
    envoi_srv_free(list);
}

static void test_pubsub_takes_null(void **state)
{
    (void)state;
    static const char *const jids[] = {"a@b"};
    static const int states[] = {ENVOI_PUBSUB_SUBSCRIPTION_NONE}, owners[] = {ENVOI_PUBSUB_AFFILIATION_OWNER};
    envoi_stanza *made = NULL;
    envoi_pubsub_event *event = NULL;
    envoi_form *form = NULL;
    envoi_stanza *message =
        parse("<message xmlns='jabber:client' from='s'><event "
              "xmlns='http://jabber.org/protocol/pubsub#event'><purge node='n'/></event></message>");
    assert_refused(envoi_pubsub_modify_node_subscriptions(&made, "s", "n", NULL, states, NULL, 1));
    assert_refused(envoi_pubsub_modify_node_subscriptions(&made, "s", "n", jids, NULL, NULL, 1));
    assert_refused(envoi_pubsub_modify_node_subscriptions(&made, "s", "n", jids, states, NULL, 0));
    assert_refused(envoi_pubsub_modify_node_subscriptions(NULL, "s", "n", jids, states, NULL, 1));
    assert_refused(envoi_pubsub_modify_node_affiliations(&made, "s", "n", NULL, owners, 1));
    assert_refused(envoi_pubsub_modify_node_affiliations(&made, "s", "n", jids, NULL, 1));
    assert_refused(envoi_pubsub_modify_node_affiliations(&made, "s", "n", jids, owners, 0));
    assert_refused(envoi_pubsub_event_parse_from_anyone(NULL, envoi_stanza_root(message)));
    assert_int_equal(envoi_pubsub_event_parse_from_anyone(&event, envoi_stanza_root(message)), 0);
    assert_refused(envoi_pubsub_event_form(NULL, event));
    assert_refused(envoi_pubsub_event_form(&form, NULL));
    assert_refused(envoi_pubsub_authorize(NULL, event, 1));
    assert_true(!made && !form);
    envoi_pubsub_event_free(event);
    envoi_stanza_free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_take_null),
        cmocka_unit_test(test_text_beyond_memory_is_refused),
        cmocka_unit_test(test_lists_beyond_memory_are_refused),
        cmocka_unit_test(test_disco_takes_null),
        cmocka_unit_test(test_form_readers_take_null),
        cmocka_unit_test(test_form_builders_take_null),
        cmocka_unit_test(test_rsm_takes_null),
        cmocka_unit_test(test_srv_takes_null),
        cmocka_unit_test(test_pubsub_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
