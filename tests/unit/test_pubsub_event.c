/* SPDX-License-Identifier: MIT */
/* Every message of the table, and the examples of the specification where they are at hand, is read from the
 * service that the row names ('*': from anyone) and written as text: "service | kind node ..." for each
 * event, or the error. */
#include "test.h"

#include "pubsub_vectors.h"
#include "tsv.h"

static const char *const kinds[] = {
    [ENVOI_PUBSUB_EVENT_ITEMS] = "items",
    [ENVOI_PUBSUB_EVENT_PURGE] = "purge",
    [ENVOI_PUBSUB_EVENT_DELETE] = "delete",
    [ENVOI_PUBSUB_EVENT_CONFIGURATION] = "configuration",
    [ENVOI_PUBSUB_EVENT_SUBSCRIPTION] = "subscription",
    [ENVOI_PUBSUB_EVENT_AFFILIATION] = "affiliation",
    [ENVOI_PUBSUB_EVENT_CREATE] = "create",
    [ENVOI_PUBSUB_EVENT_ASSOCIATE] = "associate",
    [ENVOI_PUBSUB_EVENT_DISSOCIATE] = "dissociate",
    [ENVOI_PUBSUB_EVENT_AUTHORIZATION] = "authorization",
};

static void put_optional(char *out, const char *before, const char *text)
{
    if (text)
        put(out, before, text, "");
}

static int put_event_form(char *out, const envoi_pubsub_event *event)
{
    envoi_form *form = NULL;
    int error = envoi_pubsub_event_form(&form, event);
    if (!error)
        put_number(out, " form=", (int)envoi_form_field_count(form));
    envoi_form_free(form);
    return error == ENVOI_ERR_NOT_FOUND ? 0 : error;
}

static int put_event(char *out, const envoi_pubsub_event *event)
{
    int type = envoi_pubsub_event_type(event);
    put(out, " | ", kinds[type], " ");
    put(out, "", envoi_pubsub_event_node(event), "");
    put_items(out, envoi_pubsub_event_items(event), 0);
    put_optional(out, " redirect=", envoi_pubsub_event_redirect(event));
    put_subscriptions(out, envoi_pubsub_event_subscription(event));
    put_affiliations(out, envoi_pubsub_event_affiliations(event));
    put_optional(out, " child=", envoi_pubsub_event_child(event));
    return put_event_form(out, event);
}

static int put_events(char *out, envoi_pubsub_event *event)
{
    put(out, "", envoi_pubsub_event_service(event), "");
    int error, more;
    do {
        error = put_event(out, event);
        more = envoi_pubsub_event_next(event);
    } while (more && !error);
    for (size_t i = 0; envoi_pubsub_event_subid(event, i); i++)
        put(out, i ? "," : " subid=", envoi_pubsub_event_subid(event, i), "");
    for (size_t i = 0; envoi_pubsub_event_collection(event, i); i++)
        put(out, i ? "," : " collection=", envoi_pubsub_event_collection(event, i), "");
    put_optional(out, " delay=", envoi_pubsub_event_delay(event));
    return error;
}

static int read_events(char *out, const envoi_element *message, const char *service)
{
    envoi_pubsub_event *const untouched = (envoi_pubsub_event *)(uintptr_t)0x10;
    envoi_pubsub_event *event = untouched;
    int error = *service == '*' ? envoi_pubsub_event_parse_from_anyone(&event, message)
                                : envoi_pubsub_event_parse(&event, message, service);
    if (error) {
        assert_ptr_equal(event, untouched);
        return error;
    }
    assert_ptr_equal(envoi_pubsub_event_message(event), message);
    error = put_events(out, event);
    envoi_pubsub_event_free(event);
    return error;
}

static void check_message(const struct tsv *row, const envoi_element *message)
{
    char out[8192] = "";
    int error = read_events(out, message, tsv_get(row, "service"));
    const char *value = error ? envoi_error_name(error) : out;
    if (strcmp(value, tsv_get(row, "value")) != 0)
        fail_msg("%s: %s", tsv_get(row, "id"), value);
}

static void test_each_message_reads_as_its_row_says(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-events.tsv");
    while (tsv_next(row)) {
        char *text = cell_text(tsv_get(row, "xml")), *cursor = text;
        if (!text)
            continue;
        for (envoi_stanza *message = cut_stanza(&cursor); message; message = cut_stanza(&cursor)) {
            check_message(row, envoi_stanza_root(message));
            envoi_stanza_free(message);
        }
        free(text);
    }
    tsv_close(row);
}

/* Attack: everybody can write a message that looks like an event. */
static void test_no_event_is_taken_from_another_service(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-events.tsv");
    size_t seen = 0;
    while (tsv_next(row)) {
        char out[8192] = "";
        const char *value = tsv_get(row, "value");
        if (*tsv_get(row, "xml") == '@' || strcmp(value, "ENVOI_ERR_NOT_FOUND") == 0)
            continue;
        envoi_stanza *message = parse_stanza(tsv_get(row, "xml"));
        int error = read_events(out, envoi_stanza_root(message), "other.example.org");
        if (error != ENVOI_ERR_UNEXPECTED && error != ENVOI_ERR_STANZA)
            fail_msg("%s: %s", tsv_get(row, "id"), envoi_error_name(error));
        seen++;
        envoi_stanza_free(message);
    }
    assert_true(seen > 50);
    tsv_close(row);
}

struct allocating {
    const char *service;
    const envoi_element *message;
    int expected;
};

static int read_once(void *user)
{
    const struct allocating *run = user;
    char out[8192] = "";
    int error = read_events(out, run->message, run->service);
    if (error == run->expected)
        return 0;
    assert_int_equal(error, ENVOI_ERR_NOMEM);
    return error;
}

static void test_reading_events_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "pubsub-events.tsv");
    while (tsv_next(row)) {
        char out[8192] = "";
        if (*tsv_get(row, "xml") == '@')
            continue;
        envoi_stanza *message = parse_stanza(tsv_get(row, "xml"));
        struct allocating run = {tsv_get(row, "service"), envoi_stanza_root(message), 0};
        run.expected = read_events(out, run.message, run.service);
        with_failing_allocations(read_once, &run);
        with_failing_pieces(read_once, &run);
        envoi_stanza_free(message);
    }
    tsv_close(row);
}

static void test_parsing_needs_a_service(void **state)
{
    (void)state;
    envoi_stanza *message = parse_stanza("<message from='pubsub.example.org'><event "
                                         "xmlns='http://jabber.org/protocol/pubsub#event'><purge node='a'/></event>"
                                         "</message>");
    const envoi_element *root = envoi_stanza_root(message);
    envoi_pubsub_event *event = NULL;
    assert_int_equal(envoi_pubsub_event_parse(&event, root, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_event_parse(&event, NULL, "pubsub.example.org"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_event_parse(NULL, root, "pubsub.example.org"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_event_parse(&event, root, ""), ENVOI_ERR_JID);
    assert_int_equal(envoi_pubsub_event_parse_from_anyone(&event, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(event);
    envoi_stanza_free(message);
}

static void test_accessors_take_null_and_other_kinds(void **state)
{
    (void)state;
    char out[8192] = "";
    envoi_form *form = NULL;
    envoi_stanza *stanza = NULL;
    envoi_pubsub_event_free(NULL);
    assert_int_equal(envoi_pubsub_event_next(NULL), 0);
    assert_int_equal(envoi_pubsub_event_type(NULL), 0);
    assert_null(envoi_pubsub_event_service(NULL));
    assert_null(envoi_pubsub_event_node(NULL));
    assert_null(envoi_pubsub_event_items(NULL));
    assert_null(envoi_pubsub_event_redirect(NULL));
    assert_null(envoi_pubsub_event_subscription(NULL));
    assert_null(envoi_pubsub_event_affiliations(NULL));
    assert_null(envoi_pubsub_event_child(NULL));
    assert_null(envoi_pubsub_event_subid(NULL, 0));
    assert_null(envoi_pubsub_event_collection(NULL, 0));
    assert_null(envoi_pubsub_event_delay(NULL));
    assert_null(envoi_pubsub_event_message(NULL));
    assert_int_equal(envoi_pubsub_event_form(&form, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_pubsub_authorize(&stanza, NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_null(stanza);
    assert_string_equal(out, "");
}

/* SHIM headers (XEP-0131): one without a name is none, and names are compared without regard to case. */
static void test_headers_are_found_by_their_names(void **state)
{
    (void)state;
    static const char xml[] =
        "<message xmlns='jabber:client' from='s.example'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        "<items node='n'><item id='1'/></items></event><headers xmlns='http://jabber.org/protocol/shim'>"
        "<header>none</header><header name=''>empty</header><header name='-ubid'>other</header>"
        "<header name='{ubid'>other</header><header name='SubIds'>longer</header><header name='SUBID'>a</header>"
        "<header name='subid'>b</header></headers></message>";
    envoi_stanza *message = NULL;
    envoi_pubsub_event *event = NULL;
    assert_int_equal(envoi_stanza_parse(&message, xml, sizeof xml - 1), 0);
    assert_int_equal(envoi_pubsub_event_parse_from_anyone(&event, envoi_stanza_root(message)), 0);
    assert_string_equal(envoi_pubsub_event_subid(event, 0), "a");
    assert_string_equal(envoi_pubsub_event_subid(event, 1), "b");
    assert_null(envoi_pubsub_event_subid(event, 2));
    envoi_pubsub_event_free(event);
    envoi_stanza_free(message);
}

static void test_a_message_with_thousands_of_events_is_walked_whole(void **state)
{
    (void)state;
    envoi_stanza *stanza = NULL;
    envoi_pubsub_event *event = NULL;
    assert_int_equal(envoi_message_new(&stanza, NULL, NULL), 0);
    envoi_stanza_set_from(stanza, "pubsub.example.org");
    envoi_element *message = envoi_stanza_element(stanza);
    size_t count = 1;
    for (size_t i = 0; i < 5000; i++) {
        envoi_element *inside = envoi_element_add_child(message, "event", ENVOI_NS_PUBSUB_EVENT);
        inside = envoi_element_add_child(inside, i % 2 ? "purge" : "later", NULL);
        envoi_element_set_attr(inside, "node", "n");
    }
    assert_int_equal(envoi_pubsub_event_parse(&event, envoi_stanza_root(stanza), "pubsub.example.org"), 0);
    while (envoi_pubsub_event_next(event))
        count++;
    assert_int_equal(count, 2500);
    assert_int_equal(envoi_pubsub_event_type(event), ENVOI_PUBSUB_EVENT_PURGE);
    envoi_pubsub_event_free(event);
    envoi_stanza_free(stanza);
}

/* ---- authorization ---- */

#define ASKING                                                                                                       \
    "<message id='ask-1' from='pubsub.example.org' to='ann@example.org'><x xmlns='jabber:x:data' "                   \
    "type='form'>"                                                                                                   \
    "<title>A subscriber</title><field var='FORM_TYPE' type='hidden'>"                                               \
    "<value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>"                               \
    "<field var='pubsub#subid' type='hidden'><value>s-1</value></field>"                                             \
    "<field var='pubsub#node' type='text-single' label='Node'><value>garden</value></field>"                         \
    "<field var='pubsub#subscriber_jid' type='jid-single'><value>bob@example.org</value></field>"                    \
    "<field var='pubsub#allow' type='boolean' label='Let in?'><value>false</value></field></x></message>"
#define ANSWER(allow)                                                                                                \
    "<message id='ask-1' to='pubsub.example.org'><x xmlns='jabber:x:data' type='submit'>"                            \
    "<field var='FORM_TYPE' type='hidden'>"                                                                          \
    "<value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>"                               \
    "<field var='pubsub#subid'><value>s-1</value></field><field "                                                    \
    "var='pubsub#node'><value>garden</value></field>"                                                                \
    "<field var='pubsub#subscriber_jid'><value>bob@example.org</value></field>"                                      \
    "<field var='pubsub#allow'><value>" allow "</value></field></x></message>"

static int authorize_once(void *user)
{
    envoi_stanza *answer = NULL;
    int error = envoi_pubsub_authorize(&answer, user, 1);
    if (error)
        assert_null(answer);
    envoi_stanza_free(answer);
    return error;
}

static void test_authorize_submits_the_form_to_the_service_with_its_id(void **state)
{
    (void)state;
    static const char *const answers[] = {ANSWER("0"), ANSWER("1")};
    envoi_stanza *message = parse_stanza(ASKING), *answer = NULL;
    envoi_pubsub_event *event = NULL;
    assert_int_equal(envoi_pubsub_event_parse(&event, envoi_stanza_root(message), "pubsub.example.org"), 0);
    for (int allow = 0; allow < 2; allow++) {
        envoi_stanza *expected = parse_stanza(answers[allow]);
        assert_int_equal(envoi_pubsub_authorize(&answer, event, allow), 0);
        assert_same_tree("answer", envoi_stanza_root(answer), envoi_stanza_root(expected));
        assert_string_equal(envoi_element_attr(envoi_stanza_root(answer), "id"), "ask-1");
        envoi_stanza_free(answer);
        envoi_stanza_free(expected);
    }
    with_failing_allocations(authorize_once, event);
    with_failing_pieces(authorize_once, event);
    envoi_pubsub_event_free(event);
    envoi_stanza_free(message);
}

static void test_authorize_refuses_other_events(void **state)
{
    (void)state;
    envoi_stanza *message = parse_stanza("<message from='a.example'><event "
                                         "xmlns='http://jabber.org/protocol/pubsub#event'><purge node='a'/></event>"
                                         "</message>");
    envoi_stanza *answer = NULL;
    envoi_pubsub_event *event = NULL;
    assert_int_equal(envoi_pubsub_event_parse(&event, envoi_stanza_root(message), "a.example"), 0);
    assert_int_equal(envoi_pubsub_authorize(&answer, event, 1), ENVOI_ERR_ARGUMENT);
    assert_null(answer);
    envoi_pubsub_event_free(event);
    envoi_stanza_free(message);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_message_reads_as_its_row_says),
        cmocka_unit_test(test_no_event_is_taken_from_another_service),
        cmocka_unit_test(test_reading_events_survives_every_failed_allocation),
        cmocka_unit_test(test_parsing_needs_a_service),
        cmocka_unit_test(test_accessors_take_null_and_other_kinds),
        cmocka_unit_test(test_headers_are_found_by_their_names),
        cmocka_unit_test(test_a_message_with_thousands_of_events_is_walked_whole),
        cmocka_unit_test(test_authorize_submits_the_form_to_the_service_with_its_id),
        cmocka_unit_test(test_authorize_refuses_other_events),
    };
    if (argc < 2)
        return 1;
    vectors = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
