/* SPDX-License-Identifier: MIT */
/* Every reply of the table, and the examples of the specification where they are at hand, is read and written
 * as text: lists as "[node id ...]", '-' for what is not there, or the error. */
#include "test.h"

#include "pubsub_vectors.h"
#include "tsv.h"

static int put_text(char *out, int error, const char *text)
{
    if (!error)
        put(out, "", text, "");
    return error;
}

static int created(char *out, const envoi_element *reply)
{
    const char *node = NULL;
    int error = envoi_pubsub_parse_created(&node, reply);
    return put_text(out, error, node);
}

static int published(char *out, const envoi_element *reply)
{
    const char *id = NULL;
    int error = envoi_pubsub_parse_published(&id, reply);
    return put_text(out, error, id);
}

static void put_field(char *out, const envoi_field *field)
{
    if (strcmp(envoi_field_var(field), "FORM_TYPE") == 0)
        return;
    put(out, " ", envoi_field_var(field), "=");
    for (size_t i = 0; i < envoi_field_value_count(field); i++)
        put(out, i ? "," : "", envoi_field_value_at(field, i), "");
}

static int put_form(char *out, int error, envoi_form *form)
{
    if (error)
        return error;
    put_number(out, "", envoi_form_type(form));
    put(out, "", ":", "");
    for (size_t i = 0; i < envoi_form_field_count(form); i++)
        put_field(out, envoi_form_field_at(form, i));
    envoi_form_free(form);
    return 0;
}

static int configuration(char *out, const envoi_element *reply)
{
    envoi_form *form = NULL;
    int error = envoi_pubsub_parse_configuration(&form, reply);
    return put_form(out, error, form);
}

static int options(char *out, const envoi_element *reply)
{
    envoi_form *form = NULL;
    int error = envoi_pubsub_parse_options(&form, reply);
    return put_form(out, error, form);
}

static int items(char *out, const envoi_element *reply)
{
    const envoi_element *first = NULL;
    int error = envoi_pubsub_parse_items(&first, reply);
    put_items(out, first, 1);
    return error;
}

static int page(char *out, const envoi_element *reply)
{
    envoi_rsm *rsm = NULL;
    uint32_t number = 0;
    int error = envoi_pubsub_parse_page(&rsm, reply);
    if (error)
        return error;
    put(out, "", envoi_rsm_first(rsm), "..");
    put(out, "", envoi_rsm_last(rsm), " ");
    if (envoi_rsm_first_index(rsm, &number))
        put(out, "-/", "", "");
    else
        put_number(out, "", (int)number), put(out, "/", "", "");
    assert_int_equal(envoi_rsm_count(rsm, &number), 0);
    put_number(out, "", (int)number);
    envoi_rsm_free(rsm);
    return 0;
}

static int subscription(char *out, const envoi_element *reply)
{
    const envoi_element *entry = NULL;
    int error = envoi_pubsub_parse_subscription(&entry, reply);
    put_subscriptions(out, entry);
    return error;
}

static int subscriptions(char *out, const envoi_element *reply)
{
    const envoi_element *first = NULL;
    int error = envoi_pubsub_parse_subscriptions(&first, reply);
    put_subscriptions(out, first);
    return error;
}

static int affiliations(char *out, const envoi_element *reply)
{
    const envoi_element *first = NULL;
    int error = envoi_pubsub_parse_affiliations(&first, reply);
    put_affiliations(out, first);
    return error;
}

static int refused_subscriptions(char *out, const envoi_element *reply)
{
    const envoi_element *first = NULL;
    int error = envoi_pubsub_parse_refused_subscriptions(&first, reply);
    put_subscriptions(out, first);
    return error;
}

static int refused_affiliations(char *out, const envoi_element *reply)
{
    const envoi_element *first = NULL;
    int error = envoi_pubsub_parse_refused_affiliations(&first, reply);
    put_affiliations(out, first);
    return error;
}

typedef int parser_fn(char *out, const envoi_element *reply);

static const struct parser {
    const char *name;
    parser_fn *parse;
} parsers[] = {
    {"created", created},
    {"published", published},
    {"configuration", configuration},
    {"options", options},
    {"items", items},
    {"page", page},
    {"subscription", subscription},
    {"subscriptions", subscriptions},
    {"affiliations", affiliations},
    {"refused_subscriptions", refused_subscriptions},
    {"refused_affiliations", refused_affiliations},
};

static parser_fn *find_parser(const char *name)
{
    for (size_t i = 0; i < ENVOI__COUNT(parsers); i++)
        if (strcmp(parsers[i].name, name) == 0)
            return parsers[i].parse;
    fail_msg("no parser %s", name);
    return NULL;
}

static void test_each_reply_reads_as_its_row_says(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-replies.tsv");
    while (tsv_next(row)) {
        char out[8192] = "", *text = cell_text(tsv_get(row, "xml")), *cursor = text;
        if (!text)
            continue;
        envoi_stanza *reply = cut_stanza(&cursor);
        int error = find_parser(tsv_get(row, "parser"))(out, envoi_stanza_root(reply));
        const char *value = error ? envoi_error_name(error) : out;
        if (strcmp(value, tsv_get(row, "value")) != 0)
            fail_msg("%s: %s", tsv_get(row, "id"), value);
        envoi_stanza_free(reply);
        free(text);
    }
    tsv_close(row);
}

struct allocating {
    parser_fn *parse;
    const envoi_element *reply;
    int expected;
};

static int parse_once(void *user)
{
    const struct allocating *run = user;
    char out[8192] = "";
    int error = run->parse(out, run->reply);
    if (error == run->expected)
        return 0;
    assert_int_equal(error, ENVOI_ERR_NOMEM);
    return error;
}

static void test_each_parser_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-replies.tsv");
    while (tsv_next(row)) {
        char out[8192] = "";
        if (*tsv_get(row, "xml") == '@')
            continue;
        envoi_stanza *reply = parse_stanza(tsv_get(row, "xml"));
        struct allocating run = {find_parser(tsv_get(row, "parser")), envoi_stanza_root(reply), 0};
        run.expected = run.parse(out, run.reply);
        with_failing_allocations(parse_once, &run);
        with_failing_pieces(parse_once, &run);
        envoi_stanza_free(reply);
    }
    tsv_close(row);
}

static void test_parsers_and_accessors_take_null(void **state)
{
    (void)state;
    char out[8192] = "";
    for (size_t i = 0; i < ENVOI__COUNT(parsers); i++)
        assert_int_equal(parsers[i].parse(out, NULL), ENVOI_ERR_ARGUMENT);
    envoi_stanza *reply = parse_stanza("<iq type='result'/>");
    assert_int_equal(envoi_pubsub_parse_items(NULL, envoi_stanza_root(reply)), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(reply);
    assert_null(envoi_pubsub_item_next(NULL));
    assert_null(envoi_pubsub_item_id(NULL));
    assert_null(envoi_pubsub_item_node(NULL));
    assert_null(envoi_pubsub_item_payload(NULL));
    assert_int_equal(envoi_pubsub_item_is_retracted(NULL), 0);
    assert_null(envoi_pubsub_subscription_next(NULL));
    assert_null(envoi_pubsub_subscription_node(NULL));
    assert_int_equal(envoi_pubsub_subscription_state(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_subscription_options(NULL), ENVOI_PUBSUB_OPTIONS_UNKNOWN);
    assert_null(envoi_pubsub_affiliation_next(NULL));
    assert_int_equal(envoi_pubsub_affiliation(NULL), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_pubsub_error_condition(NULL));
    assert_null(envoi_pubsub_error_feature(NULL));
}

/* XEP-0060 6.1.5: must options be set before events flow, may they, or is nothing said? */
static void test_subscription_tells_about_its_options(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        int options;
    } rows[] = {
        {"", ENVOI_PUBSUB_OPTIONS_UNKNOWN},
        {"<subscribe-options/>", ENVOI_PUBSUB_OPTIONS_SUPPORTED},
        {"<subscribe-options><required/></subscribe-options>", ENVOI_PUBSUB_OPTIONS_REQUIRED},
        {"<subscribe-options xmlns='u'><required/></subscribe-options>", ENVOI_PUBSUB_OPTIONS_UNKNOWN},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        char xml[512];
        const envoi_element *subscription;
        snprintf(xml, sizeof xml,
                 "<iq type='result' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                 "<subscription node='n' jid='a@b' subscription='unconfigured'>%s</subscription></pubsub></iq>",
                 rows[i].content);
        envoi_stanza *reply = parse_stanza(xml);
        assert_int_equal(envoi_pubsub_parse_subscription(&subscription, envoi_stanza_root(reply)), 0);
        assert_int_equal(envoi_pubsub_subscription_state(subscription), ENVOI_PUBSUB_SUBSCRIPTION_UNCONFIGURED);
        assert_int_equal(envoi_pubsub_subscription_options(subscription), rows[i].options);
        envoi_stanza_free(reply);
    }
}

static void test_names_of_affiliations_and_states_round_trip(void **state)
{
    (void)state;
    for (int i = ENVOI_PUBSUB_AFFILIATION_NONE; i <= ENVOI_PUBSUB_AFFILIATION_OWNER; i++)
        assert_int_equal(envoi_pubsub_affiliation_from_name(envoi_pubsub_affiliation_name(i)), i);
    for (int i = ENVOI_PUBSUB_SUBSCRIPTION_NONE; i <= ENVOI_PUBSUB_SUBSCRIPTION_SUBSCRIBED; i++)
        assert_int_equal(envoi_pubsub_subscription_state_from_name(envoi_pubsub_subscription_state_name(i)), i);
    static const int none[] = {-1, 0, 7};
    for (size_t i = 0; i < ENVOI__COUNT(none); i++) {
        assert_null(envoi_pubsub_affiliation_name(none[i]));
        assert_null(envoi_pubsub_subscription_state_name(none[i]));
    }
    assert_int_equal(envoi_pubsub_affiliation_from_name("Owner"), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_pubsub_affiliation_from_name(""), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_pubsub_affiliation_from_name(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_subscription_state_from_name("both"), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_pubsub_subscription_state_from_name(NULL), ENVOI_ERR_ARGUMENT);
}

/* ---- errors ---- */

static void assert_text(const char *id, const char *got, const char *expected)
{
    if (strcmp(got ? got : "", expected) != 0)
        fail_msg("%s: \"%s\" in place of \"%s\"", id, got ? got : "", expected);
}

static void check_error(const struct tsv *row, const envoi_element *reply)
{
    const char *id = tsv_get(row, "id"), *condition = tsv_get(row, "condition");
    assert_text(id, envoi_pubsub_error_condition(reply), tsv_get(row, "pubsub_condition"));
    assert_text(id, envoi_pubsub_error_feature(reply), tsv_get(row, "feature"));
    assert_text(id, envoi_stanza_error_condition(reply), *condition ? condition : "undefined-condition");
    if (*tsv_get(row, "type"))
        assert_text(id, envoi_stanza_error_type(reply), tsv_get(row, "type"));
}

/* The error of a row with its parts in one of their orders, as services differ in it. */
static envoi_stanza *make_error(const struct tsv *row, int own_first, int with_text)
{
    envoi_stanza *stanza = NULL;
    assert_int_equal(envoi_iq_new(&stanza, NULL, "error"), 0);
    envoi_element *iq = envoi_stanza_element(stanza), *error, *own;
    envoi_element_add_child(envoi_element_add_child(iq, "pubsub", ENVOI_NS_PUBSUB), "items", NULL);
    error = envoi_element_add_child(iq, "error", NULL);
    if (*tsv_get(row, "type"))
        envoi_element_set_attr(error, "type", tsv_get(row, "type"));
    for (int i = 0; i < 2; i++) {
        if (i == own_first && *tsv_get(row, "condition"))
            envoi_element_add_child(error, tsv_get(row, "condition"), ENVOI_NS_STANZA_ERROR);
        else if (i != own_first && *tsv_get(row, "pubsub_condition")) {
            own = envoi_element_add_child(error, tsv_get(row, "pubsub_condition"), ENVOI_NS_PUBSUB_ERRORS);
            if (*tsv_get(row, "feature"))
                envoi_element_set_attr(own, "feature", tsv_get(row, "feature"));
        }
        if (with_text)
            envoi_element_add_text_child(error, "text", ENVOI_NS_STANZA_ERROR, "words");
    }
    assert_int_equal(envoi_stanza_error(stanza), 0);
    return stanza;
}

static void test_each_error_is_read_in_any_order(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-errors.tsv");
    size_t seen = 0;
    for (; tsv_next(row); seen++)
        for (int order = 0; order < 4; order++) {
            envoi_stanza *reply = make_error(row, order & 1, order & 2);
            check_error(row, envoi_stanza_root(reply));
            envoi_stanza_free(reply);
        }
    assert_int_equal(seen, 130);
    tsv_close(row);
}

static void test_each_error_example_reads_as_its_row_says(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-errors.tsv");
    size_t seen = 0;
    while (tsv_next(row)) {
        char *text = *tsv_get(row, "corpus") ? read_example(tsv_get(row, "corpus")) : NULL, *cursor = text;
        if (!text)
            continue;
        envoi_stanza *reply = cut_stanza(&cursor);
        check_error(row, envoi_stanza_root(reply));
        envoi_stanza_free(reply);
        free(text);
        seen++;
    }
    tsv_close(row);
    if (!seen)
        print_message("# skipped: the examples of the specification are not at hand\n");
}

static void test_what_is_no_error_reply_has_no_condition(void **state)
{
    (void)state;
    static const char *const none[] = {
        "<iq type='result'><error><closed-node "
        "xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>",
        "<iq type='error'><closed-node xmlns='http://jabber.org/protocol/pubsub#errors'/></iq>",
        "<iq type='error'><error><closed-node xmlns='urn:x'/></error></iq>",
        "<iq type='error'><error xmlns='urn:x'><a "
        "xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>",
        "<iq type='error'/>"};
    for (size_t i = 0; i < ENVOI__COUNT(none); i++) {
        envoi_stanza *reply = parse_stanza(none[i]);
        assert_null(envoi_pubsub_error_condition(envoi_stanza_root(reply)));
        assert_null(envoi_pubsub_error_feature(envoi_stanza_root(reply)));
        envoi_stanza_free(reply);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reply_reads_as_its_row_says),
        cmocka_unit_test(test_each_parser_survives_every_failed_allocation),
        cmocka_unit_test(test_parsers_and_accessors_take_null),
        cmocka_unit_test(test_subscription_tells_about_its_options),
        cmocka_unit_test(test_names_of_affiliations_and_states_round_trip),
        cmocka_unit_test(test_each_error_is_read_in_any_order),
        cmocka_unit_test(test_each_error_example_reads_as_its_row_says),
        cmocka_unit_test(test_what_is_no_error_reply_has_no_condition),
    };
    if (argc < 2)
        return 1;
    vectors = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
