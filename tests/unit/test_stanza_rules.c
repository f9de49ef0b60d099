/* SPDX-License-Identifier: MIT */
/* The rules of RFC 6120 8: every stanza error condition in both directions, and what is refused before it is sent. */
#include "test.h"

#include "data/stanza_check.h"
#include "elements.h"
#include "tsv.h"

#define C "xmlns='jabber:client'"
#define E "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static const char *vectors; /* the folder */

/* ---- stanza errors ---- */

static const char *const kinds[] = {"message", "presence", "iq"};
static const char *const types[] = {"auth", "cancel", "continue", "modify", "wait"};

static envoi_stanza *request_of(const char *kind)
{
    char xml[200];
    snprintf(xml, sizeof xml, "<%s " C " id='1' from='a@b.example/c' to='d@e.example'%s>", kind,
             strcmp(kind, "iq") == 0 ? " type='get'><q xmlns='urn:q'/></iq" : "/");
    return parse(xml);
}

static envoi_stanza *error_of(const char *kind, const char *type, const char *condition)
{
    envoi_stanza *request = request_of(kind), *reply = NULL;
    assert_int_equal(envoi_stanza_new_error_reply(&reply, envoi_stanza_root(request), type, condition, "why", "en"),
                     0);
    envoi_stanza_free(request);
    return reply;
}

static void assert_reads(const envoi_element *error, const char *type, const char *condition, const char *uri)
{
    assert_string_equal(envoi_stanza_error_type(error), type);
    assert_string_equal(envoi_stanza_error_condition(error), condition);
    assert_string_equal(envoi_stanza_error_text(error, NULL), "why");
    if (*uri)
        assert_string_equal(envoi_stanza_error_uri(error), uri);
    else
        assert_null(envoi_stanza_error_uri(error));
}

/* Made with a type (NULL: the usual one), written, and read from what was written. */
static void check_condition(const char *kind, const char *type, const char *usual, const char *condition,
                            const char *uri)
{
    char expected[600];
    envoi_stanza *made = error_of(kind, type, condition);
    if (*uri)
        assert_int_equal(envoi_stanza_set_error_uri(made, uri), 0);
    snprintf(expected, sizeof expected,
             "<%s " C " type='error' id='1' to='a@b.example/c' from='d@e.example'><error type='%s'><%s " E
             "%s%s%s%s%s<text " E " xml:lang='en'>why</text></error></%s>",
             kind, type ? type : usual, condition, *uri ? ">" : "/>", uri, *uri ? "</" : "", *uri ? condition : "",
             *uri ? ">" : "", kind);
    assert_xml(envoi_stanza_root(made), expected);
    assert_int_equal(envoi__stanza_check(envoi_stanza_root(made)), 0);
    envoi_stanza *read = parse(expected);
    assert_reads(envoi_stanza_root(read), type ? type : usual, condition, uri);
    envoi_stanza_free(read);
    envoi_stanza_free(made);
}

static void test_each_condition_is_made_and_read_with_each_type(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "stanza-errors.tsv");
    for (; tsv_next(row); rows++) {
        const char *condition = tsv_get(row, "id"), *usual = tsv_get(row, "usual_type"), *uri = tsv_get(row, "uri");
        assert_string_equal(envoi_stanza_error_default_type(condition), usual);
        for (size_t kind = 0; kind < ENVOI__COUNT(kinds); kind++) {
            check_condition(kinds[kind], NULL, usual, condition, uri);
            for (size_t type = 0; type < ENVOI__COUNT(types); type++)
                check_condition(kinds[kind], types[type], usual, condition, "");
        }
    }
    tsv_close(row);
    assert_int_equal(rows, 22);
}

static void test_only_gone_and_redirect_tell_where_to_go(void **state)
{
    (void)state;
    envoi_stanza *error = error_of("iq", NULL, "conflict");
    assert_int_equal(envoi_stanza_set_error_uri(error, "xmpp:a@b.example"), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_stanza_error(error), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_stanza_set_error_uri(error, NULL), ENVOI_ERR_STANZA);
    envoi_stanza_free(error);
    error = error_of("iq", NULL, "redirect");
    assert_int_equal(envoi_stanza_set_error_uri(error, "xmpp:a@b.example"), 0);
    assert_int_equal(envoi_stanza_set_error_uri(error, "xmpp:c@d.example"), ENVOI_ERR_STATE);
    assert_string_equal(envoi_stanza_error_uri(envoi_stanza_root(error)), "xmpp:a@b.example");
    envoi_stanza_free(error);
    error = error_of("iq", NULL, "gone");
    assert_int_equal(envoi_stanza_set_error_uri(error, "\x01"), ENVOI_ERR_XML_CHAR);
    assert_null(envoi_stanza_error_uri(envoi_stanza_root(error)));
    envoi_stanza_free(error);
    envoi_stanza *request = request_of("iq");
    assert_int_equal(envoi_stanza_set_error_uri(request, "xmpp:a@b.example"), ENVOI_ERR_STANZA);
    envoi_stanza_free(request);
    assert_int_equal(envoi_stanza_set_error_uri(NULL, "xmpp:a@b.example"), ENVOI_ERR_ARGUMENT);
}

/* RFC 6120 8.3.1: who found the error, and what it was about. */
static void test_error_tells_who_found_it_and_shows_the_request(void **state)
{
    (void)state;
    envoi_stanza *request = request_of("iq"), *reply = NULL;
    const envoi_element *root = envoi_stanza_root(request);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, "forbidden", NULL, NULL), 0);
    assert_int_equal(envoi_element_set_attr(envoi_stanza_error_element(reply), "by", "gate.example"), 0);
    assert_non_null(envoi_element_add_copy(envoi_stanza_element(reply), envoi_iq_payload(root)));
    assert_xml(envoi_stanza_root(reply),
               "<iq " C " type='error' id='1' to='a@b.example/c' from='d@e.example'><error type='auth' "
               "by='gate.example'><forbidden " E "/></error><q xmlns='urn:q'/></iq>");
    assert_int_equal(envoi__stanza_check(envoi_stanza_root(reply)), 0);
    assert_string_equal(envoi_stanza_error_by(envoi_stanza_root(reply)), "gate.example");
    assert_string_equal(envoi_element_name(envoi_iq_payload(envoi_stanza_root(reply))), "q");
    envoi_stanza_free(reply);
    envoi_stanza_free(request);
}

/* RFC 6120 8.3.4 */
static void test_unknown_application_condition_hides_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<error type='modify'><x xmlns='urn:unknown'>text</x><not-acceptable " E "/><text " E ">t</text></error>",
        "<error type='modify'><not-acceptable " E "/><x xmlns='urn:unknown'><conflict " E "/></x><text " E
        ">t</text></error>",
        "<error type='modify'><not-acceptable " E "/><text " E ">t</text><text xmlns='urn:unknown'>u</text></error>",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        char xml[400];
        snprintf(xml, sizeof xml, "<message " C " type='error'>%s</message>", rows[i]);
        envoi_stanza *stanza = parse(xml);
        const envoi_element *root = envoi_stanza_root(stanza);
        assert_string_equal(envoi_stanza_error_condition(root), "not-acceptable");
        assert_string_equal(envoi_stanza_error_type(root), "modify");
        assert_string_equal(envoi_stanza_error_text(root, NULL), "t");
        assert_string_equal(envoi_element_namespace(envoi_stanza_error_application(root)), "urn:unknown");
        envoi_stanza_free(stanza);
    }
}

/* ---- what may be sent ---- */

static void assert_check(const char *xml, int error)
{
    envoi_stanza *stanza = parse(xml);
    if (envoi__stanza_check(envoi_stanza_root(stanza)) != error)
        fail_msg("%s: not %s", xml, envoi_error_name(error));
    envoi_stanza_free(stanza);
}

static void test_each_kind_of_stanza_may_be_sent(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<message " C "/>",
        "<message " C " type='chat'><subject>s</subject><body>b</body><body xml:lang='de'>c</body>"
        "<thread>t</thread><x xmlns='urn:x'/><y xmlns='urn:y'/></message>",
        "<message " C " type='error'><body>b</body><error type='wait'><gone " E "/></error></message>",
        "<presence " C "/>",
        "<presence " C "><show>xa</show><status>s</status><priority>1</priority>"
        "<c xmlns='urn:c'/></presence>",
        "<iq " C " type='get'><q xmlns='urn:q'/></iq>",
        "<iq " C " type='set'><error xmlns='urn:q'/></iq>",
        "<iq " C " type='result'/>",
        "<iq " C " type='result'><q xmlns='urn:q'><a/><b/></q></iq>",
        "<iq " C " type='error'><error type='cancel' by='a.example'><gone " E ">xmpp:a@b</gone><text " E
        ">t</text><text " E " xml:lang='de'>u</text><x xmlns='urn:x'/></error></iq>",
        "<iq " C " type='error'><q xmlns='urn:q'/><error type='cancel'><gone " E "/></error></iq>",
        "<iq " C " type='error'><error type='cancel'><gone " E "/></error><q xmlns='urn:q'/></iq>",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        assert_check(rows[i], 0);
}

/* RFC 6120 8.2.3 */
static void test_iq_of_another_shape_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<iq " C "/>",
        "<iq " C "><q xmlns='urn:q'/></iq>",
        "<iq " C " type='GET'><q xmlns='urn:q'/></iq>",
        "<iq " C " type='chat'><q xmlns='urn:q'/></iq>",
        "<iq " C " xmlns:x='x' x:type='get'><q xmlns='urn:q'/></iq>",
        "<iq " C " type='get'/>",
        "<iq " C " type='set'>text</iq>",
        "<iq " C " type='get'><q xmlns='urn:q'/><q xmlns='urn:q'/></iq>",
        "<iq " C " type='set'><q xmlns='urn:q'/><r xmlns='urn:r'/></iq>",
        "<iq " C " type='result'><q xmlns='urn:q'/><r xmlns='urn:r'/></iq>",
        "<iq " C " type='error'><q xmlns='urn:q'/><r xmlns='urn:r'/><error type='wait'><gone " E "/></error></iq>",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        assert_check(rows[i], ENVOI_ERR_STANZA);
}

/* RFC 6120 8.3.1, 8.3.2 */
static void test_error_of_another_shape_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<iq " C " type='error'/>",
        "<message " C " type='error'><body>b</body></message>",
        "<presence " C " type='error'><error xmlns='urn:x' type='wait'><gone " E "/></error></presence>",
        "<message " C "><error type='wait'><gone " E "/></error></message>",
        "<presence " C " type='unavailable'><error type='wait'><gone " E "/></error></presence>",
        "<iq " C " type='result'><error type='wait'><gone " E "/></error></iq>",
        "<iq " C " type='get'><q xmlns='urn:q'/><error type='wait'><gone " E "/></error></iq>",
        "<message " C " type='error'><error type='wait'><gone " E "/></error><error type='wait'><gone " E
        "/></error></message>",
        "<message " C " type='error'><error><gone " E "/></error></message>",
        "<message " C " type='error'><error type='panic'><gone " E "/></error></message>",
        "<message " C " type='error'><error type='wait'/></message>",
        "<message " C " type='error'><error type='wait'><text " E ">t</text></error></message>",
        "<message " C " type='error'><error type='wait'><gone xmlns='urn:x'/></error></message>",
        "<message " C " type='error'><error type='wait'><gone " E "/><conflict " E "/></error></message>",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        assert_check(rows[i], ENVOI_ERR_STANZA);
}

/* RFC 6120 8.4 */
static void test_payload_without_a_namespace_of_its_own_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<iq " C " type='get'><query/></iq>",
        "<iq " C " type='set'><query xmlns=''/></iq>",
        "<iq " C " type='result'><body/></iq>",
        "<message " C "><x/></message>",
        "<message " C "><body xmlns=''>b</body></message>",
        "<message " C "><body>b</body><status>s</status></message>",
        "<presence " C "><body>b</body></presence>",
        "<presence " C "><x xmlns=''/></presence>",
        "<stanza " C "/>",
        "<message xmlns='jabber:server'/>",
        "<message/>",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        assert_check(rows[i], ENVOI_ERR_STANZA);
    assert_int_equal(envoi__stanza_check(NULL), ENVOI_ERR_STANZA);
}

/* ---- presence ---- */

/* RFC 6121 3.1.1, 3.2.1, 3.3.1 */
static void test_presence_of_subscriptions_goes_to_the_bare_jid(void **state)
{
    (void)state;
    static const char *const subscriptions[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};
    envoi_stanza *presence;
    char expected[100];
    for (size_t i = 0; i < ENVOI__COUNT(subscriptions); i++) {
        assert_int_equal(envoi_presence_new(&presence, "Romeo@example.net/orchard", subscriptions[i]), 0);
        snprintf(expected, sizeof expected, "<presence " C " to='romeo@example.net' type='%s'/>", subscriptions[i]);
        assert_xml(envoi_stanza_root(presence), expected);
        assert_int_equal(envoi_stanza_set_to(presence, "romeo@example.net/house"), 0);
        assert_xml(envoi_stanza_root(presence), expected);
        envoi_stanza_free(presence);
    }
    static const char *const others[] = {"unavailable", "probe", "error"};
    for (size_t i = 0; i < ENVOI__COUNT(others); i++) {
        assert_int_equal(envoi_presence_new(&presence, "romeo@example.net/orchard", others[i]), 0);
        assert_string_equal(envoi_element_attr(envoi_stanza_root(presence), "to"), "romeo@example.net/orchard");
        envoi_stanza_free(presence);
    }
}

/* RFC 6121 4.5.1 */
static void test_unavailable_presence_tells_no_availability(void **state)
{
    (void)state;
    envoi_stanza *presence;
    assert_int_equal(envoi_presence_new(&presence, NULL, "unavailable"), 0);
    assert_int_equal(envoi_presence_add_status(presence, "Gone home", NULL), 0);
    assert_int_equal(envoi__stanza_check(envoi_stanza_root(presence)), 0);
    assert_int_equal(envoi_presence_set_show(presence, "xa"), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_stanza_error(presence), ENVOI_ERR_STANZA);
    envoi_stanza_free(presence);
    assert_int_equal(envoi_presence_new(&presence, NULL, "unavailable"), 0);
    assert_int_equal(envoi_presence_set_priority(presence, 0), ENVOI_ERR_STANZA);
    envoi_stanza_free(presence);
    assert_check("<presence " C " type='unavailable'><show>xa</show></presence>", ENVOI_ERR_STANZA);
    assert_check("<presence " C " type='unavailable'><priority>1</priority></presence>", ENVOI_ERR_STANZA);
    assert_int_equal(envoi_presence_set_show(NULL, "xa"), ENVOI_ERR_ARGUMENT);
}

/* ---- ids ---- */

/* RFC 6121 5.2.5 */
static void test_threads_are_made_of_randomness(void **state)
{
    (void)state;
    envoi_stanza *one, *two;
    assert_int_equal(envoi_message_new(&one, NULL, NULL), 0);
    assert_int_equal(envoi_message_new(&two, NULL, NULL), 0);
    assert_int_equal(envoi_message_make_thread(one, NULL), 0);
    const char *thread = envoi_message_thread(envoi_stanza_root(one));
    assert_in_range(strlen(thread), 22, 63);
    assert_int_equal(envoi_message_make_thread(two, thread), 0);
    assert_string_not_equal(envoi_message_thread(envoi_stanza_root(two)), thread);
    assert_string_equal(envoi_message_thread_parent(envoi_stanza_root(two)), thread);
    assert_int_equal(envoi_message_make_thread(one, NULL), ENVOI_ERR_STATE);
    assert_int_equal(envoi_message_make_thread(NULL, NULL), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(one);
    envoi_stanza_free(two);
}

/* RFC 6120 8.1.3 */
static void test_ids_of_messages_are_made_and_never_the_same(void **state)
{
    (void)state;
    char last[64] = "";
    for (int i = 0; i < 100; i++) {
        envoi_stanza *message;
        assert_int_equal(envoi_message_new(&message, "a@b.example", "chat"), 0);
        assert_int_equal(envoi_stanza_make_id(message), 0);
        const char *id = envoi_element_attr(envoi_stanza_root(message), "id");
        assert_in_range(strlen(id), 22, sizeof last - 1);
        assert_string_not_equal(id, last);
        snprintf(last, sizeof last, "%s", id);
        assert_int_equal(envoi_stanza_make_id(message), 0); /* a new one for what is sent again */
        assert_string_not_equal(envoi_element_attr(envoi_stanza_root(message), "id"), last);
        envoi_stanza_free(message);
    }
    envoi_stanza *broken;
    assert_int_equal(envoi_message_new(&broken, NULL, NULL), 0);
    assert_int_equal(envoi_stanza_set_to(broken, "@"), ENVOI_ERR_JID);
    assert_int_equal(envoi_stanza_make_id(broken), ENVOI_ERR_JID);
    envoi_stanza_free(broken);
    assert_int_equal(envoi_stanza_make_id(NULL), ENVOI_ERR_ARGUMENT);
}

static int build_error(void *user)
{
    envoi_stanza *reply = NULL;
    int error = envoi_stanza_new_error_reply(&reply, user, NULL, "redirect", NULL, NULL);
    if (!error)
        error = envoi_stanza_set_error_uri(reply, "xmpp:a@b.example");
    if (!error)
        error = envoi_stanza_make_id(reply);
    envoi_stanza_free(reply);
    return error;
}

static void test_building_an_error_survives_every_failed_allocation(void **state)
{
    (void)state;
    envoi_stanza *request = request_of("message");
    with_failing_allocations(build_error, envoi_stanza_element(request));
    envoi_stanza_free(request);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_condition_is_made_and_read_with_each_type),
        cmocka_unit_test(test_only_gone_and_redirect_tell_where_to_go),
        cmocka_unit_test(test_error_tells_who_found_it_and_shows_the_request),
        cmocka_unit_test(test_unknown_application_condition_hides_nothing),
        cmocka_unit_test(test_each_kind_of_stanza_may_be_sent),
        cmocka_unit_test(test_iq_of_another_shape_is_refused),
        cmocka_unit_test(test_error_of_another_shape_is_refused),
        cmocka_unit_test(test_payload_without_a_namespace_of_its_own_is_refused),
        cmocka_unit_test(test_presence_of_subscriptions_goes_to_the_bare_jid),
        cmocka_unit_test(test_unavailable_presence_tells_no_availability),
        cmocka_unit_test(test_ids_of_messages_are_made_and_never_the_same),
        cmocka_unit_test(test_threads_are_made_of_randomness),
        cmocka_unit_test(test_building_an_error_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
