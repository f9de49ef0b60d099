/* SPDX-License-Identifier: MIT */
/* Every builder is given what an expected request says, and must build a tree equal to it. The expected ones
 * are those of the table and, where they are at hand, the examples of the specification. */
#include "test.h"

#include "pubsub_vectors.h"
#include "tsv.h"

enum { MOST = 16 };

/* What an expected request says. */
struct wanted {
    const char *to, *node, *jid, *subid, *type;
    const envoi_element *command;
    envoi_form *form; /* of any element in it */
    envoi_rsm *page;
    const char *ids[MOST], *jids[MOST], *subids[MOST];
    int values[MOST];
    size_t count;
};

/* ---- the builders by name ---- */

static int create(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_create(out, w->to, w->node, w->form);
}

static int get_configuration(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_configuration(out, w->to, w->node);
}

static int set_configuration(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_set_configuration(out, w->to, w->node, w->form);
}

static int get_default_configuration(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_default_configuration(out, w->to, w->type);
}

static int delete_node(envoi_stanza **out, const struct wanted *w)
{
    const envoi_element *redirect = envoi_element_child(w->command, "redirect", NULL);
    return envoi_pubsub_delete(out, w->to, w->node, envoi_element_attr(redirect, "uri"));
}

static int purge(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_purge(out, w->to, w->node);
}

static int publish(envoi_stanza **out, const struct wanted *w)
{
    const envoi_element *payload = envoi_element_first_child(envoi_element_first_child(w->command));
    return envoi_pubsub_publish(out, w->to, w->node, w->ids[0], payload, w->form);
}

static int publish_no_item(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_publish_no_item(out, w->to, w->node, w->form);
}

static int retract(envoi_stanza **out, const struct wanted *w)
{
    int notify = envoi_element_attr(w->command, "notify") != NULL;
    return envoi_pubsub_retract(out, w->to, w->node, w->ids, w->count, notify);
}

static int get_items(envoi_stanza **out, const struct wanted *w)
{
    const char *max = envoi_element_attr(w->command, "max_items");
    return envoi_pubsub_get_items(out, w->to, w->node, w->subid, max ? (uint32_t)strtoul(max, NULL, 10) : 0, w->page);
}

static int get_items_by_id(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_items_by_id(out, w->to, w->node, w->subid, w->ids, w->count);
}

static int subscribe(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_subscribe(out, w->to, w->node, w->jid, w->form);
}

static int unsubscribe(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_unsubscribe(out, w->to, w->node, w->jid, w->subid);
}

static int get_options(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_options(out, w->to, w->node, w->jid, w->subid);
}

static int set_options(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_set_options(out, w->to, w->node, w->jid, w->subid, w->form);
}

static int get_default_options(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_default_options(out, w->to, w->node);
}

static int get_subscriptions(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_subscriptions(out, w->to, w->node);
}

static int get_affiliations(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_affiliations(out, w->to, w->node);
}

static int get_node_subscriptions(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_node_subscriptions(out, w->to, w->node);
}

static int modify_node_subscriptions(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_modify_node_subscriptions(out, w->to, w->node, w->jids, w->values, w->subids, w->count);
}

static int get_node_affiliations(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_get_node_affiliations(out, w->to, w->node);
}

static int modify_node_affiliations(envoi_stanza **out, const struct wanted *w)
{
    return envoi_pubsub_modify_node_affiliations(out, w->to, w->node, w->jids, w->values, w->count);
}

static const struct builder {
    const char *name;
    int (*build)(envoi_stanza **out, const struct wanted *w);
} builders[] = {
    {"create", create},
    {"get_configuration", get_configuration},
    {"set_configuration", set_configuration},
    {"get_default_configuration", get_default_configuration},
    {"delete", delete_node},
    {"purge", purge},
    {"publish", publish},
    {"publish_no_item", publish_no_item},
    {"retract", retract},
    {"get_items", get_items},
    {"get_items_by_id", get_items_by_id},
    {"subscribe", subscribe},
    {"unsubscribe", unsubscribe},
    {"get_options", get_options},
    {"set_options", set_options},
    {"get_default_options", get_default_options},
    {"get_subscriptions", get_subscriptions},
    {"get_affiliations", get_affiliations},
    {"get_node_subscriptions", get_node_subscriptions},
    {"modify_node_subscriptions", modify_node_subscriptions},
    {"get_node_affiliations", get_node_affiliations},
    {"modify_node_affiliations", modify_node_affiliations},
};

static const struct builder *find_builder(const char *name)
{
    for (size_t i = 0; i < ENVOI__COUNT(builders); i++)
        if (strcmp(builders[i].name, name) == 0)
            return &builders[i];
    fail_msg("no builder %s", name);
    return NULL;
}

/* ---- reading what is wanted ---- */

static void want_entry(struct wanted *w, const envoi_element *entry)
{
    int subscription = envoi_element_is(entry, "subscription", NULL);
    assert_in_range(w->count, 0, MOST - 1);
    w->ids[w->count] = envoi_element_attr(entry, "id");
    w->jids[w->count] = envoi_element_attr(entry, "jid");
    w->subids[w->count] = envoi_element_attr(entry, "subid");
    w->values[w->count++] = subscription ? envoi_pubsub_subscription_state(entry) : envoi_pubsub_affiliation(entry);
}

static void want(struct wanted *w, const envoi_element *iq)
{
    const envoi_element *pubsub = envoi_element_first_child(iq);
    *w = (struct wanted){.to = envoi_element_attr(iq, "to"), .command = envoi_element_first_child(pubsub)};
    w->node = envoi_element_attr(w->command, "node");
    w->jid = envoi_element_attr(w->command, "jid");
    w->subid = envoi_element_attr(w->command, "subid");
    w->type = envoi_element_attr(w->command, "type");
    const envoi_element *entry = envoi_element_first_child(w->command);
    for (; entry; entry = envoi_element_next_sibling(entry))
        want_entry(w, entry);
    const envoi_element *form = NULL, *at = w->command;
    for (; at && !form; at = envoi_element_next_sibling(at))
        form = envoi_form_find(at);
    if (form)
        assert_int_equal(envoi_form_parse(&w->form, form), 0);
    if (envoi_element_child(pubsub, "set", ENVOI_NS_RSM))
        assert_int_equal(envoi_rsm_parse(&w->page, pubsub), 0);
}

static void wanted_free(struct wanted *w)
{
    envoi_form_free(w->form);
    envoi_rsm_free(w->page);
}

/* ---- the table and the examples ---- */

static void check_request(const char *id, const struct builder *builder, const envoi_element *expected)
{
    struct wanted w;
    envoi_stanza *built = NULL;
    want(&w, expected);
    int error = builder->build(&built, &w);
    if (error)
        fail_msg("%s: %s", id, envoi_error_name(error));
    assert_same_tree(id, envoi_stanza_root(built), expected);
    assert_null(envoi_element_attr(envoi_stanza_root(built), "id"));
    envoi_stanza_free(built);
    wanted_free(&w);
}

static void test_each_builder_builds_the_expected_tree(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-requests.tsv");
    size_t seen = 0;
    for (; tsv_next(row); seen++) {
        envoi_stanza *expected = parse_stanza(tsv_get(row, "xml"));
        check_request(tsv_get(row, "id"), find_builder(tsv_get(row, "builder")), envoi_stanza_root(expected));
        envoi_stanza_free(expected);
    }
    assert_true(seen > ENVOI__COUNT(builders));
    tsv_close(row);
}

/* Returns 1 if the example is there. */
static int check_example(const char *name, const struct builder *builder)
{
    char *text = read_example(name), *cursor = text;
    if (!text)
        return 0;
    envoi_stanza *expected = cut_stanza(&cursor);
    check_request(name, builder, envoi_stanza_root(expected));
    envoi_stanza_free(expected);
    free(text);
    return 1;
}

static void test_each_builder_builds_the_examples_of_the_specification(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-requests.tsv");
    size_t seen = 0;
    while (tsv_next(row)) {
        char *names = copy_text(tsv_get(row, "corpus"));
        for (char *name = names, *next; name && *name; name = next) {
            next = strchr(name, ' ');
            if (next)
                *next++ = '\0';
            seen += (size_t)check_example(name, find_builder(tsv_get(row, "builder")));
        }
        free(names);
    }
    tsv_close(row);
    if (!seen)
        print_message("# skipped: the examples of the specification are not at hand\n");
}

struct allocating {
    const struct builder *builder;
    const struct wanted *w;
};

static int build_once(void *user)
{
    const struct allocating *run = user;
    envoi_stanza *const untouched = (envoi_stanza *)(uintptr_t)0x10;
    envoi_stanza *built = untouched;
    int error = run->builder->build(&built, run->w);
    if (error) {
        assert_int_equal(error, ENVOI_ERR_NOMEM);
        assert_ptr_equal(built, untouched);
    } else {
        envoi_stanza_free(built);
    }
    return error;
}

static void test_each_builder_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-requests.tsv");
    while (tsv_next(row)) {
        struct wanted w;
        envoi_stanza *expected = parse_stanza(tsv_get(row, "xml"));
        want(&w, envoi_stanza_root(expected));
        struct allocating run = {find_builder(tsv_get(row, "builder")), &w};
        with_failing_allocations(build_once, &run);
        with_failing_pieces(build_once, &run);
        wanted_free(&w);
        envoi_stanza_free(expected);
    }
    tsv_close(row);
}

/* ---- refusals ---- */

#define S "pubsub.example.org"

static void assert_refused(int error, int expected, envoi_stanza *out)
{
    assert_int_equal(error, expected);
    assert_null(out);
}

static void test_builders_refuse_a_missing_node(void **state)
{
    (void)state;
    static const char *const needing[] = {"get_configuration",
                                          "set_configuration",
                                          "delete",
                                          "purge",
                                          "publish",
                                          "publish_no_item",
                                          "retract",
                                          "get_items",
                                          "get_items_by_id",
                                          "get_node_subscriptions",
                                          "modify_node_subscriptions",
                                          "get_node_affiliations",
                                          "modify_node_affiliations"};
    struct wanted w = {.to = S, .ids = {"a"}, .jids = {"ann@example.org"}, .values = {1}, .count = 1};
    assert_int_equal(envoi_form_new(&w.form, ENVOI_FORM_SUBMIT, NULL), 0);
    for (size_t i = 0; i < ENVOI__COUNT(needing); i++) {
        envoi_stanza *out = NULL;
        w.node = i % 2 ? NULL : "";
        assert_refused(find_builder(needing[i])->build(&out, &w), ENVOI_ERR_ARGUMENT, out);
        w.node = "garden";
        assert_int_equal(find_builder(needing[i])->build(&out, &w), 0);
        envoi_stanza_free(out);
    }
    wanted_free(&w);
}

static void test_builders_refuse_bad_addresses(void **state)
{
    (void)state;
    static const struct wanted bad[] = {{.to = "a@@b", .node = "n", .jid = "ann@example.org"},
                                        {.to = S, .node = "n", .jid = "a@@b"},
                                        {.to = S, .node = "n", .jid = ""},
                                        {.to = "", .node = "n", .jid = "ann@example.org"}};
    static const char *const names[] = {"subscribe", "unsubscribe", "get_options"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        for (size_t k = 0; k < ENVOI__COUNT(names); k++) {
            envoi_stanza *out = NULL;
            assert_refused(find_builder(names[k])->build(&out, &bad[i]), ENVOI_ERR_JID, out);
        }
    envoi_stanza *out = NULL;
    assert_refused(envoi_pubsub_subscribe(&out, S, "n", NULL, NULL), ENVOI_ERR_ARGUMENT, out);
}

static void test_builders_write_addresses_in_prepared_form(void **state)
{
    (void)state;
    envoi_stanza *out = NULL,
                 *expected = parse_stanza(
                     "<iq to='pubsub.example.org' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                     "<subscribe node='N' jid='ann@example.org/Porch'/></pubsub></iq>");
    assert_int_equal(envoi_pubsub_subscribe(&out, "PubSub.Example.org", "N", "ANN@EXAMPLE.org./Porch", NULL), 0);
    assert_same_tree("prepared", envoi_stanza_root(out), envoi_stanza_root(expected));
    envoi_stanza_free(out);
    envoi_stanza_free(expected);
}

static void test_builders_refuse_empty_texts_and_lists(void **state)
{
    (void)state;
    const char *const ids[] = {"a", ""}, *const null_ids[] = {"a", NULL};
    envoi_stanza *out = NULL;
    assert_refused(envoi_pubsub_retract(&out, S, "n", ids, 2, 0), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_retract(&out, S, "n", null_ids, 2, 0), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_retract(&out, S, "n", ids, 0, 0), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_retract(&out, S, "n", NULL, 1, 0), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_get_items_by_id(&out, S, "n", NULL, ids, 2), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_publish(&out, S, "n", "", NULL, NULL), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_get_items(&out, S, "n", "", 0, NULL), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_delete(&out, S, "n", ""), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_create(&out, S, "", NULL), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_set_configuration(&out, S, "n", NULL), ENVOI_ERR_ARGUMENT, out);
    assert_int_equal(envoi_pubsub_purge(NULL, S, "n"), ENVOI_ERR_ARGUMENT);
}

static void test_builders_refuse_texts_that_xml_cannot_carry(void **state)
{
    (void)state;
    envoi_stanza *out = NULL;
    const char *const ids[] = {"a", "\xff"};
    assert_refused(envoi_pubsub_purge(&out, S, "a\x01"), ENVOI_ERR_XML_CHAR, out);
    assert_refused(envoi_pubsub_create(&out, S, "\xc3", NULL), ENVOI_ERR_UTF8, out);
    assert_refused(envoi_pubsub_get_items_by_id(&out, S, "n", NULL, ids, 2), ENVOI_ERR_UTF8, out);
}

static void test_publish_refuses_half_a_payload(void **state)
{
    (void)state;
    envoi_stanza *payload = NULL, *out = NULL;
    assert_int_equal(envoi_stanza_new(&payload, "note", "urn:example:note"), 0);
    envoi_element_add_text(envoi_stanza_element(payload), "bell\x07");
    assert_refused(envoi_pubsub_publish(&out, S, "n", NULL, envoi_stanza_root(payload), NULL), ENVOI_ERR_XML_CHAR,
                   out);
    envoi_stanza_free(payload);
}

static void test_modify_refuses_what_the_service_would(void **state)
{
    (void)state;
    const char *const jids[] = {"ann@example.org", "ANN@example.org"}, *const subids[] = {"1", "2"};
    const char *const same[] = {"1", "1"}, *const full[] = {"ann@example.org/x"};
    const int values[] = {1, 2}, bad[] = {7, 0};
    envoi_stanza *out = NULL;
    assert_refused(envoi_pubsub_modify_node_affiliations(&out, S, "n", jids, values, 2), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_modify_node_affiliations(&out, S, "n", full, values, 1), ENVOI_ERR_JID, out);
    assert_refused(envoi_pubsub_modify_node_affiliations(&out, S, "n", jids, bad, 1), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_modify_node_affiliations(&out, S, "n", jids, values, 0), ENVOI_ERR_ARGUMENT, out);
    assert_refused(envoi_pubsub_modify_node_subscriptions(&out, S, "n", jids, values, NULL, 2), ENVOI_ERR_ARGUMENT,
                   out);
    assert_refused(envoi_pubsub_modify_node_subscriptions(&out, S, "n", jids, values, same, 2), ENVOI_ERR_ARGUMENT,
                   out);
    assert_refused(envoi_pubsub_modify_node_subscriptions(&out, S, "n", jids, bad + 1, NULL, 1), ENVOI_ERR_ARGUMENT,
                   out);
    assert_int_equal(envoi_pubsub_modify_node_subscriptions(&out, S, "n", jids, values, subids, 2), 0);
    envoi_stanza_free(out);
}

/* ---- forms ---- */

static const char *written_form_type(envoi_stanza *stanza, const char *name, size_t *fields)
{
    static char type[128];
    const envoi_element *pubsub = envoi_element_first_child(envoi_stanza_root(stanza));
    envoi_form *form = NULL;
    assert_int_equal(envoi_form_parse(&form, envoi_form_find(envoi_element_child(pubsub, name, NULL))), 0);
    snprintf(type, sizeof type, "%s", envoi_form_form_type(form));
    *fields = envoi_form_field_count(form);
    envoi_form_free(form);
    envoi_stanza_free(stanza);
    return type;
}

static void test_one_form_serves_as_configuration_and_as_publish_options(void **state)
{
    (void)state;
    static const char *const types[] = {NULL, ENVOI_PUBSUB_FORM_NODE_CONFIG, ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS};
    for (size_t i = 0; i < ENVOI__COUNT(types); i++) {
        envoi_form *form = NULL;
        envoi_stanza *out = NULL;
        size_t fields;
        assert_int_equal(envoi_form_new(&form, ENVOI_FORM_SUBMIT, types[i]), 0);
        envoi_form_set_value(form, "pubsub#access_model", "whitelist");
        envoi_form_add_value(form, "pubsub#roster_groups_allowed", "a");
        envoi_form_add_value(form, "pubsub#roster_groups_allowed", "b");
        envoi_form_set_value(form, "pubsub#title", NULL);
        envoi_form_add_fixed(form, "a text between fields");
        assert_int_equal(envoi_pubsub_publish(&out, S, "n", NULL, NULL, form), 0);
        assert_string_equal(written_form_type(out, "publish-options", &fields), ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS);
        assert_int_equal(fields, 4);
        assert_int_equal(envoi_pubsub_create(&out, S, "n", form), 0);
        assert_string_equal(written_form_type(out, "configure", &fields), ENVOI_PUBSUB_FORM_NODE_CONFIG);
        assert_int_equal(fields, 4);
        envoi_form_free(form);
    }
}

static int publish_with_options(void *user)
{
    envoi_stanza *out = NULL;
    int error = envoi_pubsub_publish(&out, S, "n", NULL, NULL, user);
    assert_int_equal(out != NULL, !error);
    envoi_stanza_free(out);
    return error;
}

static void test_a_form_in_place_of_another_survives_every_failed_allocation(void **state)
{
    (void)state;
    envoi_form *form = NULL;
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_NODE_CONFIG), 0);
    envoi_form_set_value(form, "pubsub#access_model", "whitelist");
    envoi_form_add_value(form, "pubsub#roster_groups_allowed", "a");
    envoi_form_add_value(form, "pubsub#roster_groups_allowed", "b");
    assert_int_equal(envoi_form_set_value(form, "pubsub#title", NULL), 0);
    with_failing_pieces(publish_with_options, form);
    envoi_form_free(form);
}

static void test_builders_refuse_forms_of_another_kind(void **state)
{
    (void)state;
    envoi_form *options = NULL, *question = NULL, *broken = NULL, *cancel = NULL;
    envoi_stanza *out = NULL;
    assert_int_equal(envoi_form_new(&options, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_SUBSCRIBE_OPTIONS), 0);
    assert_int_equal(envoi_form_new(&question, ENVOI_FORM_FORM, ENVOI_PUBSUB_FORM_NODE_CONFIG), 0);
    assert_int_equal(envoi_form_new(&cancel, ENVOI_FORM_CANCEL, NULL), 0);
    assert_int_equal(envoi_form_new(&broken, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_NODE_CONFIG), 0);
    assert_int_equal(envoi_form_set_value(broken, "pubsub#title", "\x01"), ENVOI_ERR_XML_CHAR);
    assert_refused(envoi_pubsub_create(&out, S, "n", options), ENVOI_ERR_FORM, out);
    assert_refused(envoi_pubsub_publish(&out, S, "n", NULL, NULL, options), ENVOI_ERR_FORM, out);
    envoi_form *publish = NULL; /* stands for a node's configuration, but for no subscription's */
    assert_int_equal(envoi_form_new(&publish, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS), 0);
    assert_refused(envoi_pubsub_subscribe(&out, S, "n", "ann@example.org", publish), ENVOI_ERR_FORM, out);
    envoi_form_free(publish);
    assert_refused(envoi_pubsub_set_configuration(&out, S, "n", question), ENVOI_ERR_FORM, out);
    assert_refused(envoi_pubsub_create(&out, S, "n", cancel), ENVOI_ERR_FORM, out);
    assert_refused(envoi_pubsub_set_configuration(&out, S, "n", broken), ENVOI_ERR_XML_CHAR, out);
    assert_refused(envoi_pubsub_subscribe(&out, S, "n", "ann@example.org", broken), ENVOI_ERR_XML_CHAR, out);
    envoi_form_free(options);
    envoi_form_free(question);
    envoi_form_free(cancel);
    envoi_form_free(broken);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_builder_builds_the_expected_tree),
        cmocka_unit_test(test_each_builder_builds_the_examples_of_the_specification),
        cmocka_unit_test(test_each_builder_survives_every_failed_allocation),
        cmocka_unit_test(test_builders_refuse_a_missing_node),
        cmocka_unit_test(test_builders_refuse_bad_addresses),
        cmocka_unit_test(test_builders_write_addresses_in_prepared_form),
        cmocka_unit_test(test_builders_refuse_empty_texts_and_lists),
        cmocka_unit_test(test_builders_refuse_texts_that_xml_cannot_carry),
        cmocka_unit_test(test_publish_refuses_half_a_payload),
        cmocka_unit_test(test_modify_refuses_what_the_service_would),
        cmocka_unit_test(test_one_form_serves_as_configuration_and_as_publish_options),
        cmocka_unit_test(test_a_form_in_place_of_another_survives_every_failed_allocation),
        cmocka_unit_test(test_builders_refuse_forms_of_another_kind),
    };
    if (argc < 2)
        return 1;
    vectors = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
