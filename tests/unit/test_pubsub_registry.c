/* SPDX-License-Identifier: MIT */
/* The registered words of XEP-0060 and XEP-0248: features and form fields, one row each. */
#include "test.h"

#include "elements.h"
#include "tsv.h"
#include <envoi/disco.h>
#include <envoi/form.h>

static const char *vectors; /* the folder */

/* ---- features ---- */

/* An answer with every feature of the table but one, or with that one alone. */
static envoi_disco_info *info_with(const char *feature, int alone)
{
    envoi_stanza *stanza = empty("query", "http://jabber.org/protocol/disco#info");
    envoi_disco_info *info = NULL;
    struct tsv *row = tsv_open(vectors, "pubsub-features.tsv");
    while (tsv_next(row))
        if ((strcmp(tsv_get(row, "feature"), feature) == 0) == alone)
            envoi_element_set_attr(envoi_element_add_child(envoi_stanza_element(stanza), "feature", NULL), "var",
                                   tsv_get(row, "feature"));
    tsv_close(row);
    assert_int_equal(envoi_disco_info_parse(&info, envoi_stanza_root(stanza)), 0);
    envoi_stanza_free(stanza);
    return info;
}

static void test_each_feature_is_found_where_it_is_and_only_there(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "pubsub-features.tsv");
    for (; tsv_next(row); rows++) {
        const char *feature = tsv_get(row, "feature");
        for (int alone = 0; alone < 2; alone++) {
            envoi_disco_info *info = info_with(feature, alone);
            if (envoi_disco_info_has_feature(info, feature) != alone)
                fail_msg("%s: %s", tsv_get(row, "id"), alone ? "not found" : "found where it is not");
            envoi_disco_info_free(info);
        }
    }
    tsv_close(row);
    assert_int_equal(rows, 50);
}

/* ---- form fields ---- */

static const char *const types[] = {
    [ENVOI_FIELD_TEXT_SINGLE] = "text-single", [ENVOI_FIELD_TEXT_MULTI] = "text-multi",
    [ENVOI_FIELD_BOOLEAN] = "boolean",         [ENVOI_FIELD_JID_SINGLE] = "jid-single",
    [ENVOI_FIELD_JID_MULTI] = "jid-multi",     [ENVOI_FIELD_LIST_SINGLE] = "list-single",
    [ENVOI_FIELD_LIST_MULTI] = "list-multi",
};

static envoi_element *add_field(envoi_element *form, const char *var, const char *type, const char *value)
{
    envoi_element *field = envoi_element_add_child(form, "field", NULL);
    envoi_element_set_attr(field, "var", var);
    envoi_element_set_attr(field, "type", type);
    if (value)
        envoi_element_add_text_child(field, "value", NULL, value);
    return field;
}

/* The form of a service that asks for the row's field, with its options if it has any. */
static envoi_form *form_asking(const struct tsv *row, size_t *options)
{
    char words[200], *word;
    envoi_form *form = NULL;
    envoi_stanza *stanza = empty("x", ENVOI_NS_DATA_FORM);
    envoi_element *x = envoi_stanza_element(stanza);
    envoi_element_set_attr(x, "type", "form");
    add_field(x, "FORM_TYPE", "hidden", tsv_get(row, "form_type"));
    envoi_element *field = add_field(x, tsv_get(row, "var"), tsv_get(row, "type"), NULL);
    snprintf(words, sizeof words, "%s", tsv_get(row, "options"));
    for (*options = 0, word = strtok(words, ","); word; word = strtok(NULL, ","), ++*options)
        envoi_element_add_text_child(envoi_element_add_child(field, "option", NULL), "value", NULL, word);
    assert_int_equal(envoi_form_parse(&form, envoi_stanza_root(stanza)), 0);
    envoi_stanza_free(stanza);
    return form;
}

/* The form as it goes out holds the field with the row's value; and so it reads back. */
static void assert_goes_out(const envoi_form *form, const struct tsv *row)
{
    char expected[600];
    envoi_stanza *stanza = empty("configure", "urn:x");
    envoi_form *back = NULL;
    assert_int_equal(envoi_form_append(form, envoi_stanza_element(stanza)), 0);
    const envoi_element *x = envoi_stanza_root(stanza);
    snprintf(expected, sizeof expected,
             "<configure xmlns='urn:x'><x xmlns='jabber:x:data' type='submit'><field type='hidden' "
             "var='FORM_TYPE'><value>%s</value></field><field var='%s'><value>%s</value></field></x></configure>",
             tsv_get(row, "form_type"), tsv_get(row, "var"), tsv_get(row, "value"));
    assert_xml(x, expected);
    assert_int_equal(envoi_form_parse(&back, envoi_form_find(x)), 0);
    assert_string_equal(envoi_form_form_type(back), tsv_get(row, "form_type"));
    assert_string_equal(envoi_form_value(back, tsv_get(row, "var")), tsv_get(row, "value"));
    envoi_form_free(back);
    envoi_stanza_free(stanza);
}

static void check_asked(const struct tsv *row)
{
    size_t options;
    const char *var = tsv_get(row, "var");
    envoi_form *form = form_asking(row, &options), *answer = NULL;
    assert_string_equal(envoi_form_form_type(form), tsv_get(row, "form_type"));
    const envoi_field *field = envoi_form_field(form, var);
    assert_non_null(field);
    assert_string_equal(types[envoi_field_type(field)], tsv_get(row, "type"));
    assert_int_equal(envoi_field_option_count(field), options);
    assert_int_equal(envoi_form_answer(&answer, form), 0);
    assert_int_equal(envoi_form_set_value(answer, var, tsv_get(row, "value")), 0);
    assert_goes_out(answer, row);
    envoi_form_free(answer);
    envoi_form_free(form);
}

static void check_unasked(const struct tsv *row)
{
    envoi_form *form = NULL;
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_SUBMIT, tsv_get(row, "form_type")), 0);
    assert_int_equal(envoi_form_set_value(form, tsv_get(row, "var"), tsv_get(row, "value")), 0);
    assert_goes_out(form, row);
    envoi_form_free(form);
}

static void test_each_form_field_is_read_by_its_type_and_filled_in(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "pubsub-fields.tsv");
    for (; tsv_next(row); rows++) {
        check_asked(row);
        check_unasked(row);
    }
    tsv_close(row);
    assert_int_equal(rows, 62);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_feature_is_found_where_it_is_and_only_there),
        cmocka_unit_test(test_each_form_field_is_read_by_its_type_and_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
