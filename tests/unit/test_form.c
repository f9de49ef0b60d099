/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "corpus.h"
#include "elements.h"
#include <envoi/form.h>

#define X "<x xmlns='jabber:x:data'"

static int parse_form(envoi_form **out, const char *xml)
{
    envoi_stanza *stanza = parse(xml);
    int error = envoi_form_parse(out, envoi_stanza_root(stanza));
    envoi_stanza_free(stanza); /* a form lives on without what it was read from */
    return error;
}

static envoi_form *form_of(const char *xml)
{
    envoi_form *form;
    assert_int_equal(parse_form(&form, xml), 0);
    return form;
}

static envoi_form *new_form(int type, const char *form_type)
{
    envoi_form *form;
    assert_int_equal(envoi_form_new(&form, type, form_type), 0);
    return form;
}

/* The form as it is written, in a static buffer. */
static const char *written(const envoi_form *form)
{
    envoi_stanza *stanza = empty("query", "q");
    assert_int_equal(envoi_form_append(form, envoi_stanza_element(stanza)), 0);
    assert_int_equal(envoi_stanza_error(stanza), 0);
    const char *xml = xml_of(envoi_element_first_child(envoi_stanza_root(stanza)));
    envoi_stanza_free(stanza);
    return xml;
}

static const char bot[] =
    X " type='form'><title>Bot Configuration</title><instructions>Fill out this form!</instructions>"
      "<instructions>Or do not.</instructions>"
      "<field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>"
      "<field type='fixed'><value>Section 1</value></field>"
      "<field type='text-single' var='name' label='The name'/>"
      "<field type='text-multi' var='description'><value>one</value><value>two</value></field>"
      "<field type='boolean' var='public'><desc>For all?</desc><required/><value>true</value></field>"
      "<field type='text-private' var='password'/>"
      "<field type='list-multi' var='features'><value>news</value><value>search</value>"
      "<option label='News'><value>news</value></option><option><value>search</value></option></field>"
      "<field type='list-single' var='maxsubs'><value>20</value><option "
      "label='20'><value>20</value></option></field>"
      "<field type='jid-multi' var='invitelist'/><field type='jid-single' "
      "var='owner'><value>a@b</value></field></x>";

/* ---- reading ---- */

static void test_form_reads_every_part(void **state)
{
    (void)state;
    envoi_form *form = form_of(bot);
    assert_int_equal(envoi_form_type(form), ENVOI_FORM_FORM);
    assert_int_equal(envoi_form_error(form), 0);
    assert_string_equal(envoi_form_form_type(form), "jabber:bot");
    assert_string_equal(envoi_form_title(form), "Bot Configuration");
    assert_string_equal(envoi_form_instructions(form), "Fill out this form!\nOr do not.");
    assert_int_equal(envoi_form_field_count(form), 10);
    assert_null(envoi_form_field_at(form, 10));
    static const int types[] = {ENVOI_FIELD_HIDDEN,     ENVOI_FIELD_FIXED,       ENVOI_FIELD_TEXT_SINGLE,
                                ENVOI_FIELD_TEXT_MULTI, ENVOI_FIELD_BOOLEAN,     ENVOI_FIELD_TEXT_PRIVATE,
                                ENVOI_FIELD_LIST_MULTI, ENVOI_FIELD_LIST_SINGLE, ENVOI_FIELD_JID_MULTI,
                                ENVOI_FIELD_JID_SINGLE};
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(envoi_field_type(envoi_form_field_at(form, i)), types[i]);
    assert_null(envoi_field_var(envoi_form_field_at(form, 1)));
    assert_string_equal(envoi_field_value_at(envoi_form_field_at(form, 1), 0), "Section 1");
    assert_string_equal(envoi_field_label(envoi_form_field(form, "name")), "The name");
    assert_null(envoi_field_desc(envoi_form_field(form, "name")));
    assert_string_equal(envoi_field_desc(envoi_form_field(form, "public")), "For all?");
    assert_true(envoi_field_is_required(envoi_form_field(form, "public")));
    assert_false(envoi_field_is_required(envoi_form_field(form, "name")));
    const envoi_field *features = envoi_form_field(form, "features");
    assert_int_equal(envoi_field_option_count(features), 2);
    assert_string_equal(envoi_field_option_at(features, 1), "search");
    assert_string_equal(envoi_field_option_label_at(features, 0), "News");
    assert_null(envoi_field_option_label_at(features, 1));
    assert_null(envoi_field_option_at(features, 2));
    assert_int_equal(envoi_form_value_count(form, "features"), 2);
    assert_string_equal(envoi_form_value_at(form, "features", 1), "search");
    assert_null(envoi_form_value_at(form, "features", 2));
    assert_null(envoi_form_value(form, "name"));
    assert_null(envoi_form_value(form, "none"));
    assert_null(envoi_form_field(form, NULL));
    envoi_form_free(form);
}

static void test_form_getters_take_null(void **state)
{
    (void)state;
    assert_int_equal(envoi_form_type(NULL), 0);
    assert_int_equal(envoi_form_error(NULL), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_form_form_type(NULL));
    assert_null(envoi_form_value(NULL, "x"));
    assert_int_equal(envoi_form_value_count(NULL, "x"), 0);
    assert_int_equal(envoi_form_field_count(NULL) + envoi_form_row_count(NULL) + envoi_form_column_count(NULL), 0);
    assert_int_equal(envoi_field_type(NULL), 0);
    assert_null(envoi_field_value_at(NULL, 0));
    assert_null(envoi_form_find(NULL));
    assert_int_equal(envoi_form_set_value(NULL, "a", "b"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_form_set_title(NULL, "b"), ENVOI_ERR_ARGUMENT);
    envoi_form_free(NULL);
}

static void test_form_reads_truth_values_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int bool_error, truth, integer_error;
        int64_t integer;
    } rows[] = {
        {"1", 0, 1, 0, 1},
        {"0", 0, 0, 0, 0},
        {"true", 0, 1, ENVOI_ERR_FORM, 0},
        {"false", 0, 0, ENVOI_ERR_FORM, 0},
        {"True", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
        {"", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
        {"max", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
        {" 10 ", ENVOI_ERR_FORM, 0, 0, 10},
        {"-7", ENVOI_ERR_FORM, 0, 0, -7},
        {"9223372036854775807", ENVOI_ERR_FORM, 0, 0, INT64_MAX},
        {"-9223372036854775808", ENVOI_ERR_FORM, 0, 0, INT64_MIN},
        {"9223372036854775808", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
        {"-9223372036854775809", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
        {"1e3", ENVOI_ERR_FORM, 0, ENVOI_ERR_FORM, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char xml[256];
        snprintf(xml, sizeof xml, X " type='submit'><field var='f'><value>%s</value></field></x>", rows[i].text);
        envoi_form *form = form_of(xml);
        int truth = 0;
        int64_t integer = 0;
        assert_int_equal(envoi_form_bool(form, "f", &truth), rows[i].bool_error);
        assert_int_equal(truth, rows[i].truth);
        assert_int_equal(envoi_form_integer(form, "f", &integer), rows[i].integer_error);
        assert_true(integer == rows[i].integer);
        assert_int_equal(envoi_form_bool(form, "g", &truth), ENVOI_ERR_NOT_FOUND);
        assert_int_equal(envoi_form_integer(form, "g", &integer), ENVOI_ERR_NOT_FOUND);
        assert_int_equal(envoi_form_bool(form, "f", NULL), ENVOI_ERR_ARGUMENT);
        envoi_form_free(form);
    }
}

static void test_form_prepares_jids_and_drops_doubles(void **state)
{
    (void)state;
    envoi_form *form = form_of(X " type='form'><field type='jid-multi' var='j'><value>B@Example.com</value>"
                                 "<value>a@example.com</value><value>no@</value><value>A@EXAMPLE.COM</value>"
                                 "<value>no@</value><value>b@example.com</value></field>"
                                 "<field type='jid-single' var='s'><value>C@D</value></field>"
                                 "<field type='text-single' var='t'><value>C@D</value></field></x>");
    assert_int_equal(envoi_form_value_count(form, "j"), 3);
    assert_string_equal(envoi_form_value_at(form, "j", 0), "b@example.com");
    assert_string_equal(envoi_form_value_at(form, "j", 1), "a@example.com");
    assert_string_equal(envoi_form_value_at(form, "j", 2), "no@");
    assert_string_equal(envoi_form_value(form, "s"), "c@d");
    assert_string_equal(envoi_form_value(form, "t"), "C@D");
    envoi_jid *jid = NULL;
    assert_int_equal(envoi_form_jid(&jid, form, "j", 2), ENVOI_ERR_JID);
    assert_int_equal(envoi_form_jid(&jid, form, "j", 3), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_form_jid(&jid, form, "none", 0), ENVOI_ERR_NOT_FOUND);
    assert_null(jid);
    assert_int_equal(envoi_form_jid(&jid, form, "t", 0), 0);
    assert_string_equal(envoi_jid_full(jid), "c@d");
    envoi_jid_free(jid);
    envoi_form_free(form);
}

static void test_form_type_counts_only_where_it_may(void **state)
{
    (void)state;
    static const struct {
        const char *type, *field_type, *form_type;
    } rows[] = {
        {"form", "type='hidden'", "ft"},
        {"form", "", NULL},
        {"form", "type='text-single'", NULL},
        {"result", "type='hidden'", "ft"},
        {"result", "", NULL},
        {"submit", "type='hidden'", "ft"},
        {"submit", "", "ft"},
        {"cancel", "", "ft"},
        {"submit", "type='text-single'", "ft"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char xml[256];
        snprintf(xml, sizeof xml, X " type='%s'><field var='FORM_TYPE' %s><value>ft</value></field></x>",
                 rows[i].type, rows[i].field_type);
        envoi_form *form = form_of(xml);
        if (rows[i].form_type)
            assert_string_equal(envoi_form_form_type(form), rows[i].form_type);
        else
            assert_null(envoi_form_form_type(form));
        envoi_form_free(form);
    }
}

static void test_form_reads_rows(void **state)
{
    (void)state;
    envoi_form *form = form_of(X " type='result'><title>T</title><item><field var='name'><value>a</value></field>"
                                 "<field var='url'><value>u</value></field></item><reported><field var='name' "
                                 "label='Name' type='text-single'/><field var='url'/></reported>"
                                 "<item><field var='name'><value>b</value></field></item><item/></x>");
    assert_int_equal(envoi_form_field_count(form), 0);
    assert_int_equal(envoi_form_column_count(form), 2);
    assert_string_equal(envoi_field_label(envoi_form_column_at(form, 0)), "Name");
    assert_null(envoi_form_column_at(form, 2));
    assert_int_equal(envoi_form_row_count(form), 3);
    assert_string_equal(envoi_form_row_value(form, 0, "url"), "u");
    assert_string_equal(envoi_form_row_value(form, 1, "name"), "b");
    assert_null(envoi_form_row_value(form, 1, "url"));
    assert_null(envoi_form_row_value(form, 3, "name"));
    assert_int_equal(envoi_form_row_field_count(form, 0), 2);
    assert_int_equal(envoi_form_row_field_count(form, 2), 0);
    assert_int_equal(envoi_form_row_field_count(form, 3), 0);
    assert_string_equal(envoi_field_var(envoi_form_row_field_at(form, 0, 1)), "url");
    assert_null(envoi_form_row_field_at(form, 0, 2));
    assert_null(envoi_form_row_field_at(form, 9, 0));
    assert_string_equal(written(form),
                        X " type='result'><title>T</title><reported><field type='text-single' var='name' "
                          "label='Name'/><field var='url'/></reported><item><field var='name'><value>a"
                          "</value></field><field var='url'><value>u</value></field></item><item>"
                          "<field var='name'><value>b</value></field></item><item/></x>");
    envoi_form_free(form);
}

/* ---- what peers get wrong ---- */

static void test_form_refuses_what_is_ambiguous_or_no_form(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int error;
    } rows[] = {
        {"<x xmlns='jabber:x:dat' type='form'/>", ENVOI_ERR_STANZA},
        {"<y xmlns='jabber:x:data' type='form'/>", ENVOI_ERR_STANZA},
        {X "/>", ENVOI_ERR_FORM},
        {X " type=''/>", ENVOI_ERR_FORM},
        {X " type='Form'/>", ENVOI_ERR_FORM},
        {X " xmlns:n='n' n:type='form'/>", ENVOI_ERR_FORM},
        {X " type='form'><field var='FORM_TYPE' type='hidden'><value>a</value></field>"
           "<field var='FORM_TYPE' type='hidden'><value>b</value></field></x>",
         ENVOI_ERR_FORM},
        {X " type='form'><field var='amount' type='hidden'><value>9999</value></field>"
           "<field var='amount' type='text-single'><value>1</value></field></x>",
         ENVOI_ERR_FORM},
        {X " type='form'><field var='amount'/><field var='other'/><field var='amount' type='hidden'/></x>",
         ENVOI_ERR_FORM},
        {X " type='result'><reported><field var='a'/><field var='a'/></reported></x>", ENVOI_ERR_FORM},
        {X " type='result'><reported><field var='a'/></reported><reported/></x>", ENVOI_ERR_FORM},
        {X " type='result'><item><field var='a'/><field var='a'/></item></x>", ENVOI_ERR_FORM},
    };
    envoi_form *form = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse_form(&form, rows[i].xml), rows[i].error);
        assert_null(form);
    }
    assert_int_equal(envoi_form_parse(&form, NULL), ENVOI_ERR_ARGUMENT);
}

static void test_form_skips_what_it_does_not_know(void **state)
{
    (void)state;
    envoi_form *form =
        form_of(X " type='form'>text<field/><field type='text-single'><value>nobody</value></field><page "
                  "xmlns='layout'/>"
                  "<field xmlns='other' var='x'/><field var='a' type='brand-new'><value>1</value><value "
                  "xmlns='o'>2</value>"
                  "<media xmlns='urn:xmpp:media-element'><uri type='image/png'>http://example.com/a.png</uri></media>"
                  "<option label='empty'/><validate xmlns='v'/></field><field type='fixed' var='b'/></x>");
    assert_int_equal(envoi_form_field_count(form), 2);
    assert_int_equal(envoi_field_type(envoi_form_field(form, "a")), ENVOI_FIELD_TEXT_SINGLE);
    assert_int_equal(envoi_form_value_count(form, "a"), 1);
    assert_int_equal(envoi_field_option_count(envoi_form_field(form, "a")), 0);
    assert_null(envoi_form_field(form, "x"));
    assert_null(envoi_form_title(form));
    assert_null(envoi_form_instructions(form));
    envoi_form_free(form);
}

static envoi_stanza *form_with_fields(size_t count)
{
    envoi_stanza *stanza = empty("x", ENVOI_NS_DATA_FORM);
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element_set_attr(root, "type", "submit");
    for (size_t i = 0; i < count; i++) {
        char var[16];
        snprintf(var, sizeof var, "v%zu", i);
        envoi_element_set_attr(envoi_element_add_child(root, "field", NULL), "var", var);
    }
    return stanza;
}

static void test_form_bounds_its_fields(void **state)
{
    (void)state;
    envoi_form *form = NULL;
    envoi_stanza *stanza = form_with_fields(ENVOI_FORM_MAX_FIELDS);
    assert_int_equal(envoi_form_parse(&form, envoi_stanza_root(stanza)), 0);
    assert_int_equal(envoi_form_field_count(form), ENVOI_FORM_MAX_FIELDS);
    assert_int_equal(envoi_form_set_value(form, "v1023", "x"), 0);
    assert_int_equal(envoi_form_set_value(form, "one more", "x"), ENVOI_ERR_TOO_LARGE);
    assert_int_equal(envoi_form_error(form), ENVOI_ERR_TOO_LARGE);
    envoi_form_free(form);
    envoi_stanza_free(stanza);
    form = NULL;
    stanza = form_with_fields(10000);
    assert_int_equal(envoi_form_parse(&form, envoi_stanza_root(stanza)), ENVOI_ERR_TOO_LARGE);
    assert_null(form);
    envoi_stanza_free(stanza);
}

/* 20,000 of each thing that may come many times: linear work, or this test would not end soon. */
static void test_form_reads_many_values_in_linear_time(void **state)
{
    (void)state;
    envoi_form *form;
    envoi_stanza *stanza = parse(X " type='form'><field type='jid-multi' var='j'/></x>");
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element *field = envoi_element_add_child(root, "field", NULL);
    envoi_element_set_attr(field, "var", "many");
    envoi_element_set_attr(field, "type", "jid-multi");
    for (size_t i = 0; i < 20000; i++) {
        char jid[32];
        snprintf(jid, sizeof jid, "U%zu@example", i % 10000);
        envoi_element_add_text_child(field, "value", NULL, jid);
        envoi_element_add_text_child(root, "instructions", NULL, "twenty characters xx");
    }
    assert_int_equal(envoi_form_parse(&form, envoi_stanza_root(stanza)), 0);
    assert_int_equal(envoi_form_value_count(form, "many"), 10000);
    assert_string_equal(envoi_form_value_at(form, "many", 9999), "u9999@example");
    assert_int_equal(strlen(envoi_form_instructions(form)), 20000 * 21 - 1);
    envoi_form_free(form);
    envoi_stanza_free(stanza);
}

/* ---- building ---- */

static void test_form_submits_names_and_values(void **state)
{
    (void)state;
    envoi_form *form = new_form(ENVOI_FORM_SUBMIT, "http://jabber.org/protocol/pubsub#node_config");
    assert_int_equal(envoi_form_set_value(form, "pubsub#title", "A <b>"), 0);
    assert_int_equal(envoi_form_set_bool(form, "pubsub#persist_items", 5), 0);
    assert_int_equal(envoi_form_set_integer(form, "pubsub#max_items", -9), 0);
    assert_int_equal(envoi_form_add_value(form, "pubsub#roster_groups_allowed", "friends"), 0);
    assert_int_equal(envoi_form_add_value(form, "pubsub#roster_groups_allowed", "enemies"), 0);
    assert_int_equal(envoi_form_set_value(form, "pubsub#type", NULL), 0);
    assert_int_equal(envoi_form_set_value(form, "gone", "x"), 0);
    assert_int_equal(envoi_form_remove(form, "gone"), 0);
    assert_int_equal(envoi_form_remove(form, "never"), 0);
    static const char expected[] =
        X " type='submit'><field type='hidden' "
          "var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config"
          "</value></field><field var='pubsub#title'><value>A &lt;b&gt;</value></field>"
          "<field var='pubsub#persist_items'><value>1</value></field><field "
          "var='pubsub#max_items'><value>-9</value>"
          "</field><field "
          "var='pubsub#roster_groups_allowed'><value>friends</value><value>enemies</value></field>"
          "<field var='pubsub#type'/></x>";
    assert_string_equal(written(form), expected);
    assert_int_equal(envoi_form_set_value(form, "pubsub#title", "B"), 0);
    assert_string_equal(envoi_form_value(form, "pubsub#title"), "B");
    envoi_form_free(form);
}

static void test_form_for_others_is_written_whole(void **state)
{
    (void)state;
    envoi_form *form = new_form(ENVOI_FORM_FORM, "urn:example"), *copy;
    assert_int_equal(envoi_form_set_title(form, "T"), 0);
    assert_int_equal(envoi_form_set_instructions(form, "one\n\nthree"), 0);
    assert_int_equal(envoi_form_add_fixed(form, "Words"), 0);
    assert_int_equal(envoi_form_add_field(form, "l", ENVOI_FIELD_LIST_SINGLE, "List"), 0);
    assert_int_equal(envoi_form_add_option(form, "l", "1", "One"), 0);
    assert_int_equal(envoi_form_add_option(form, "l", "2", NULL), 0);
    assert_int_equal(envoi_form_set_value(form, "l", "2"), 0);
    assert_int_equal(envoi_form_set_desc(form, "l", "Which?"), 0);
    assert_int_equal(envoi_form_set_required(form, "l", 1), 0);
    assert_int_equal(envoi_form_set_desc(form, "none", "x"), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_form_error(form), 0);
    static const char expected[] =
        X " type='form'><title>T</title><instructions>one</instructions><instructions/><instructions>three"
          "</instructions><field type='hidden' var='FORM_TYPE'><value>urn:example</value></field><field "
          "type='fixed'>"
          "<value>Words</value></field><field type='list-single' var='l' "
          "label='List'><desc>Which?</desc><required/>"
          "<value>2</value><option "
          "label='One'><value>1</value></option><option><value>2</value></option></field></x>";
    assert_string_equal(written(form), expected);
    assert_int_equal(envoi_form_dup(&copy, form), 0);
    envoi_form_free(form);
    assert_string_equal(written(copy), expected);
    envoi_form_free(copy);
}

static void test_form_written_reads_back_the_same(void **state)
{
    (void)state;
    envoi_form *form = form_of(bot);
    char first[4096];
    snprintf(first, sizeof first, "%s", written(form));
    envoi_form *again = form_of(first);
    assert_string_equal(written(again), first);
    assert_string_equal(envoi_form_instructions(again), envoi_form_instructions(form));
    envoi_form_free(form);
    envoi_form_free(again);
}

static void test_form_cancel_has_no_fields(void **state)
{
    (void)state;
    envoi_form *form = new_form(ENVOI_FORM_CANCEL, "ft");
    assert_string_equal(written(form), X " type='cancel'/>");
    envoi_form_free(form);
}

static void test_form_holds_values_against_types(void **state)
{
    (void)state;
    static const struct {
        const char *var, *value;
        int add, error;
    } rows[] = {
        {"FORM_TYPE", "other", 0, ENVOI_ERR_FORM},
        {"FORM_TYPE", "other", 1, ENVOI_ERR_FORM},
        {"public", "maybe", 0, ENVOI_ERR_FORM},
        {"public", "false", 0, 0},
        {"public", "1", 1, ENVOI_ERR_FORM},
        {"maxsubs", "50", 0, 0},
        {"maxsubs", "50", 1, ENVOI_ERR_FORM},
        {"invitelist", "a@", 1, ENVOI_ERR_JID},
        {"invitelist", "A@B", 1, 0},
        {"owner", "\xFF", 0, ENVOI_ERR_UTF8},
        {"name", "\x01", 0, ENVOI_ERR_XML_CHAR},
        {"name", "\xFF", 1, ENVOI_ERR_UTF8},
        {"\x01", "x", 0, ENVOI_ERR_XML_CHAR},
        {NULL, "x", 0, ENVOI_ERR_ARGUMENT},
        {"name", NULL, 1, ENVOI_ERR_ARGUMENT},
        {"new", "x", 1, 0},
    };
    envoi_form *form = form_of(bot);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_form *answer;
        assert_int_equal(envoi_form_answer(&answer, form), 0);
        int error = rows[i].add ? envoi_form_add_value(answer, rows[i].var, rows[i].value)
                                : envoi_form_set_value(answer, rows[i].var, rows[i].value);
        assert_int_equal(error, rows[i].error);
        assert_int_equal(envoi_form_error(answer), rows[i].error);
        if (error) { /* kept, and passed on to the stanza */
            assert_int_equal(envoi_form_set_value(answer, "later", "x"), error);
            assert_string_equal(envoi_form_value(answer, "public"), "true");
            envoi_stanza *stanza = empty("query", "q");
            assert_int_equal(envoi_form_append(answer, envoi_stanza_element(stanza)), error);
            assert_int_equal(envoi_stanza_error(stanza), error);
            envoi_stanza_free(stanza);
        }
        envoi_form_free(answer);
    }
    envoi_form_free(form);
}

/* XEP-0004 3.3: which kinds of fields take more than one value, and that fixed ones take none. */
static void test_form_keeps_to_the_kinds_of_its_fields(void **state)
{
    (void)state;
    static const char *const many[] = {"text", "list", "hidden", "untyped"};
    envoi_form *form = form_of(X " type='form'><field type='fixed' var='words'><value>w</value></field>"
                                 "<field type='text-multi' var='text'/><field type='list-multi' var='list'/>"
                                 "<field type='hidden' var='hidden'/><field type='jid-multi' var='jids'/></x>");
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        assert_int_equal(envoi_form_add_value(form, many[i], "a"), 0);
        assert_int_equal(envoi_form_add_value(form, many[i], "b"), 0);
        assert_int_equal(envoi_form_value_count(form, many[i]), 2);
    }
    assert_int_equal(envoi_form_add_value(form, "jids", "a@b"), 0);
    assert_int_equal(envoi_form_add_value(form, "jids", "c@d"), 0);
    assert_int_equal(envoi_form_add_value(form, "jids", "A@B"), 0); /* is there already */
    assert_int_equal(envoi_form_value_count(form, "jids"), 2);
    int64_t number = 0;
    assert_int_equal(envoi_form_add_value(form, "number", "\r\n\t 7\t\r\n "), 0);
    assert_int_equal(envoi_form_integer(form, "number", &number), 0);
    assert_int_equal(number, 7);
    assert_int_equal(envoi_form_add_option(form, "list", "a", NULL), 0);
    envoi_form *answer;
    assert_int_equal(envoi_form_answer(&answer, form), 0);
    assert_null(envoi_form_field(answer, "words"));
    assert_int_equal(envoi_form_value_count(answer, "jids"), 2);
    envoi_form_free(answer);
    assert_int_equal(envoi_form_set_value(form, "words", "x"), ENVOI_ERR_FORM);
    envoi_form_free(form);
    form = form_of(X " type='submit'><field type='fixed' var='words'><value>w</value></field>"
                     "<field type='fixed'><value>w</value></field><field var='a'><value>b</value></field></x>");
    assert_string_equal(written(form), X " type='submit'><field var='a'><value>b</value></field></x>");
    assert_int_equal(envoi_form_add_option(form, "a", "b", NULL), ENVOI_ERR_FORM);
    assert_int_equal(envoi_form_set_value(form, "a", "c"), ENVOI_ERR_FORM);
    envoi_form_free(form);
}

static int read_rows(void *user)
{
    envoi_form *form = NULL, *copy = NULL;
    int error = envoi_form_parse(&form, user);
    if (!error)
        error = envoi_form_dup(&copy, form);
    envoi_form_free(form);
    envoi_form_free(copy);
    return error;
}

static void test_form_rows_survive_failing_allocations(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse(X " type='result'><reported><field var='a'/><field var='b'/></reported>"
                                   "<item><field var='a'><value>1</value></field></item>"
                                   "<item><field var='a'><value>2</value></field></item></x>");
    with_failing_pieces(read_rows, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
    stanza = parse(X " type='result'><item><field var='a'/><field var='a'/><field var='b'/></item></x>");
    assert_int_equal(read_rows(envoi_stanza_element(stanza)), ENVOI_ERR_FORM);
    envoi_stanza_free(stanza);
}

static void test_form_refuses_wrong_building(void **state)
{
    (void)state;
    envoi_form *form = NULL;
    assert_int_equal(envoi_form_new(&form, 0, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_form_new(&form, 5, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_form_new(NULL, ENVOI_FORM_FORM, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_form_new(&form, ENVOI_FORM_FORM, "\x01"), ENVOI_ERR_XML_CHAR);
    assert_null(form);
#define REFUSED(call, code)                                                                                          \
    form = new_form(ENVOI_FORM_FORM, NULL);                                                                          \
    assert_int_equal(envoi_form_add_field(form, "a", ENVOI_FIELD_TEXT_SINGLE, NULL), 0);                             \
    assert_int_equal(call, code);                                                                                    \
    assert_int_equal(envoi_form_error(form), code);                                                                  \
    envoi_form_free(form)
    REFUSED(envoi_form_add_field(form, "a", ENVOI_FIELD_TEXT_SINGLE, NULL), ENVOI_ERR_FORM);
    REFUSED(envoi_form_add_field(form, "FORM_TYPE", ENVOI_FIELD_HIDDEN, NULL), ENVOI_ERR_FORM);
    REFUSED(envoi_form_add_field(form, NULL, ENVOI_FIELD_HIDDEN, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_form_add_field(form, "b", 0, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_form_add_field(form, "b", 11, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_form_add_field(form, "b", ENVOI_FIELD_HIDDEN, "\xFF"), ENVOI_ERR_UTF8);
    REFUSED(envoi_form_add_option(form, "a", "x", NULL), ENVOI_ERR_FORM);
    REFUSED(envoi_form_add_fixed(form, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_form_set_title(form, "\x01"), ENVOI_ERR_XML_CHAR);
    REFUSED(envoi_form_remove(form, NULL), ENVOI_ERR_ARGUMENT);
#undef REFUSED
    envoi_stanza *stanza = empty("query", "q");
    assert_int_equal(envoi_form_append(NULL, envoi_stanza_element(stanza)), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
    form = new_form(ENVOI_FORM_SUBMIT, NULL);
    assert_int_equal(envoi_form_append(form, NULL), ENVOI_ERR_ARGUMENT);
    envoi_form *answer = NULL;
    assert_int_equal(envoi_form_answer(&answer, form), ENVOI_ERR_ARGUMENT);
    assert_null(answer);
    envoi_form_free(form);
}

static void test_form_answer_keeps_names_and_values_only(void **state)
{
    (void)state;
    envoi_form *form = form_of(bot), *answer;
    assert_int_equal(envoi_form_answer(&answer, form), 0);
    envoi_form_free(form);
    assert_int_equal(envoi_form_set_value(answer, "name", "Joogle"), 0);
    assert_int_equal(envoi_form_set_bool(answer, "public", 0), 0);
    assert_int_equal(envoi_form_add_value(answer, "invitelist", "Juliet@Capulet.com"), 0);
    assert_int_equal(envoi_form_add_value(answer, "invitelist", "juliet@capulet.com"), 0);
    assert_string_equal(
        written(answer),
        X " type='submit'><field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>"
          "<field var='description'><value>one</value><value>two</value></field>"
          "<field var='public'><value>0</value></field><field "
          "var='features'><value>news</value><value>search</value>"
          "</field><field var='maxsubs'><value>20</value></field><field var='owner'><value>a@b</value></field>"
          "<field var='name'><value>Joogle</value></field>"
          "<field var='invitelist'><value>juliet@capulet.com</value></field></x>");
    envoi_form_free(answer);
}

/* ---- examples, and memory ---- */

static void test_form_reads_the_examples_of_xep_0004(void **state)
{
    (void)state;
    static const struct {
        int number, type;
        size_t fields, rows;
    } rows[] = {{2, ENVOI_FORM_FORM, 12, 0}, {3, ENVOI_FORM_SUBMIT, 8, 0}, {4, ENVOI_FORM_RESULT, 7, 0},
                {6, ENVOI_FORM_FORM, 1, 0},  {7, ENVOI_FORM_SUBMIT, 1, 0}, {8, ENVOI_FORM_RESULT, 0, 5}};
    if (!corpus_present())
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *example = corpus_example("xep-0004", rows[i].number);
        assert_non_null(example);
        const envoi_element *iq = envoi_element_first_child(envoi_stanza_root(example));
        envoi_form *form;
        assert_int_equal(envoi_form_parse(&form, envoi_form_find(envoi_iq_payload(iq))), 0);
        assert_int_equal(envoi_form_type(form), rows[i].type);
        assert_int_equal(envoi_form_field_count(form), rows[i].fields);
        assert_int_equal(envoi_form_row_count(form), rows[i].rows);
        envoi_form_free(form);
        envoi_stanza_free(example);
    }
}

static int build_all(void *user)
{
    (void)user;
    envoi_form *form = NULL;
    envoi_stanza *stanza = NULL;
    int error = envoi_form_new(&form, ENVOI_FORM_FORM, "ft");
    envoi_form_set_title(form, "title");
    envoi_form_set_instructions(form, "a\nb");
    envoi_form_add_field(form, "list", ENVOI_FIELD_LIST_SINGLE, "label");
    envoi_form_add_option(form, "list", "value", "label");
    envoi_form_add_field(form, "jid", ENVOI_FIELD_JID_MULTI, NULL);
    envoi_form_add_value(form, "jid", "a@b");
    envoi_form_add_fixed(form, "words");
    for (int i = 0; i < 100; i++)
        envoi_form_add_value(form, "many", "a value that fills the arena's blocks one after the other");
    if (!error)
        error = envoi_stanza_new(&stanza, "query", "q");
    if (!error)
        error = envoi_form_append(form, envoi_stanza_element(stanza));
    if (!error)
        assert_int_equal(envoi_stanza_error(stanza), 0);
    envoi_form_free(form);
    envoi_stanza_free(stanza);
    return error;
}

static int read_all(void *user)
{
    envoi_form *form = NULL, *copy = NULL, *answer = NULL;
    int error = envoi_form_parse(&form, user);
    if (!error)
        error = envoi_form_dup(&copy, form);
    if (!error)
        error = envoi_form_answer(&answer, copy);
    envoi_jid *jid = NULL;
    if (!error)
        error = envoi_form_jid(&jid, answer, "owner", 0);
    envoi_jid_free(jid);
    envoi_form_free(form);
    envoi_form_free(copy);
    envoi_form_free(answer);
    return error;
}

static void test_form_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(build_all, NULL);
    with_failing_pieces(build_all, NULL);
    envoi_stanza *stanza = parse(bot);
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element_add_text_child(envoi_element_add_child(root, "item", NULL), "field", NULL, "");
    envoi_element *field = envoi_element_add_child(root, "field", NULL);
    envoi_element_set_attr(field, "var", "jids");
    envoi_element_set_attr(field, "type", "jid-multi");
    for (int i = 0; i < 200; i++)
        envoi_element_add_text_child(field, "value", NULL, i % 2 ? "someone@example.com" : "another@example.com");
    with_failing_allocations(read_all, root);
    with_failing_pieces(read_all, root);
    envoi_stanza_free(stanza);
}

int main(int argc, char **argv)
{
    corpus_root = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_reads_every_part),
        cmocka_unit_test(test_form_getters_take_null),
        cmocka_unit_test(test_form_reads_truth_values_and_numbers),
        cmocka_unit_test(test_form_prepares_jids_and_drops_doubles),
        cmocka_unit_test(test_form_type_counts_only_where_it_may),
        cmocka_unit_test(test_form_reads_rows),
        cmocka_unit_test(test_form_refuses_what_is_ambiguous_or_no_form),
        cmocka_unit_test(test_form_skips_what_it_does_not_know),
        cmocka_unit_test(test_form_bounds_its_fields),
        cmocka_unit_test(test_form_reads_many_values_in_linear_time),
        cmocka_unit_test(test_form_submits_names_and_values),
        cmocka_unit_test(test_form_for_others_is_written_whole),
        cmocka_unit_test(test_form_written_reads_back_the_same),
        cmocka_unit_test(test_form_cancel_has_no_fields),
        cmocka_unit_test(test_form_holds_values_against_types),
        cmocka_unit_test(test_form_keeps_to_the_kinds_of_its_fields),
        cmocka_unit_test(test_form_rows_survive_failing_allocations),
        cmocka_unit_test(test_form_refuses_wrong_building),
        cmocka_unit_test(test_form_answer_keeps_names_and_values_only),
        cmocka_unit_test(test_form_reads_the_examples_of_xep_0004),
        cmocka_unit_test(test_form_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
