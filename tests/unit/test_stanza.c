/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "elements.h"

#define C "xmlns='jabber:client'"
#define E "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

/* ---- making ---- */

static void test_stanza_is_made_with_prepared_address(void **state)
{
    (void)state;
    envoi_stanza *stanza;
    assert_int_equal(envoi_message_new(&stanza, "Romeo@Example.NET/Orchard", "chat"), 0);
    assert_xml(envoi_stanza_root(stanza), "<message " C " to='romeo@example.net/Orchard' type='chat'/>");
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_presence_new(&stanza, NULL, NULL), 0);
    assert_xml(envoi_stanza_root(stanza), "<presence " C "/>");
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_iq_new(&stanza, "EXAMPLE.net.", "get"), 0);
    assert_xml(envoi_stanza_root(stanza), "<iq " C " to='example.net' type='get'/>");
    envoi_stanza_free(stanza);
}

static void test_stanza_types_are_closed_sets(void **state)
{
    (void)state;
    static const struct {
        int (*make)(envoi_stanza **out, const char *to, const char *type);
        const char *type;
        int error;
    } rows[] = {
        {envoi_message_new, "normal", 0},
        {envoi_message_new, "headline", 0},
        {envoi_message_new, "groupchat", 0},
        {envoi_message_new, "error", 0},
        {envoi_message_new, "get", ENVOI_ERR_ARGUMENT},
        {envoi_message_new, "", ENVOI_ERR_ARGUMENT},
        {envoi_message_new, "Chat", ENVOI_ERR_ARGUMENT},
        {envoi_presence_new, "unavailable", 0},
        {envoi_presence_new, "probe", 0},
        {envoi_presence_new, "unsubscribed", 0},
        {envoi_presence_new, "available", ENVOI_ERR_ARGUMENT},
        {envoi_presence_new, "chat", ENVOI_ERR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = NULL;
        assert_int_equal(rows[i].make(&stanza, "a@b", rows[i].type), rows[i].error);
        assert_int_equal(stanza == NULL, rows[i].error != 0);
        envoi_stanza_free(stanza);
    }
    envoi_stanza *iq = NULL;
    assert_int_equal(envoi_iq_new(&iq, "a@b", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_iq_new(&iq, "a@b", "chat"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_iq_new(NULL, "a@b", "get"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_iq_new(&iq, "a@", "get"), ENVOI_ERR_JID);
    assert_int_equal(envoi_iq_new(&iq, "\xFF@b", "get"), ENVOI_ERR_UTF8);
    assert_null(iq);
}

static void test_stanza_setters_write_and_remove(void **state)
{
    (void)state;
    envoi_stanza *stanza;
    assert_int_equal(envoi_message_new(&stanza, NULL, NULL), 0);
    assert_int_equal(envoi_stanza_set_id(stanza, "1"), 0);
    assert_int_equal(envoi_stanza_set_to(stanza, "A@B"), 0);
    assert_int_equal(envoi_stanza_set_from(stanza, "C@D/E"), 0);
    assert_int_equal(envoi_stanza_set_lang(stanza, "de"), 0);
    assert_xml(envoi_stanza_root(stanza), "<message " C " id='1' to='a@b' from='c@d/E' xml:lang='de'/>");
    assert_int_equal(envoi_stanza_set_id(stanza, NULL), 0);
    assert_int_equal(envoi_stanza_set_to(stanza, NULL), 0);
    assert_int_equal(envoi_stanza_set_from(stanza, NULL), 0);
    assert_int_equal(envoi_stanza_set_lang(stanza, NULL), 0);
    assert_xml(envoi_stanza_root(stanza), "<message " C "/>");
    assert_int_equal(envoi_stanza_set_to(stanza, "@"), ENVOI_ERR_JID);
    assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_JID);
    assert_int_equal(envoi_stanza_set_id(stanza, "2"), ENVOI_ERR_JID);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_stanza_set_to(NULL, "a@b"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_set_lang(NULL, "de"), ENVOI_ERR_ARGUMENT);
}

static void test_message_is_written_whole(void **state)
{
    (void)state;
    envoi_stanza *stanza;
    assert_int_equal(envoi_message_new(&stanza, "juliet@example.com", "chat"), 0);
    assert_int_equal(envoi_message_add_body(stanza, "Wherefore art thou?", NULL), 0);
    assert_int_equal(envoi_message_add_body(stanza, "Warum <nur>?", "de"), 0);
    assert_int_equal(envoi_message_add_subject(stanza, "", NULL), 0);
    assert_int_equal(envoi_message_set_thread(stanza, "t2", "t1"), 0);
    assert_xml(envoi_stanza_root(stanza),
               "<message " C " to='juliet@example.com' type='chat'><body>Wherefore art thou?</body>"
               "<body xml:lang='de'>Warum &lt;nur&gt;?</body><subject/><thread parent='t1'>t2</thread></message>");
    envoi_stanza_free(stanza);
}

static void test_message_refuses_and_marks(void **state)
{
    (void)state;
    envoi_stanza *message, *presence;
#define REFUSED(call, error)                                                                                         \
    assert_int_equal(envoi_message_new(&message, NULL, NULL), 0);                                                    \
    assert_int_equal(envoi_message_add_body(message, "one", "de"), 0);                                               \
    assert_int_equal(envoi_message_set_thread(message, "t", NULL), 0);                                               \
    assert_int_equal(call, error);                                                                                   \
    assert_int_equal(envoi_stanza_error(message), error);                                                            \
    envoi_stanza_free(message)
    REFUSED(envoi_message_add_body(message, NULL, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_message_add_body(message, "two", "de"), ENVOI_ERR_STATE);
    REFUSED(envoi_message_add_body(message, "\x01", NULL), ENVOI_ERR_XML_CHAR);
    REFUSED(envoi_message_add_body(message, "\xC0\x80", NULL), ENVOI_ERR_UTF8);
    REFUSED(envoi_message_add_subject(message, "x", "\xFF"), ENVOI_ERR_UTF8);
    REFUSED(envoi_message_set_thread(message, "u", NULL), ENVOI_ERR_STATE);
    REFUSED(envoi_message_set_thread(message, "u", "u"), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_message_set_thread(message, NULL, NULL), ENVOI_ERR_ARGUMENT);
    REFUSED(envoi_presence_set_show(message, "away"), ENVOI_ERR_STANZA);
#undef REFUSED
    assert_int_equal(envoi_presence_new(&presence, NULL, NULL), 0);
    assert_int_equal(envoi_message_add_body(presence, "x", NULL), ENVOI_ERR_STANZA);
    envoi_stanza_free(presence);
    assert_int_equal(envoi_message_add_body(NULL, "x", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_message_set_thread(NULL, "x", "x"), ENVOI_ERR_ARGUMENT);
}

static void test_presence_is_written_and_checked(void **state)
{
    (void)state;
    envoi_stanza *stanza;
    assert_int_equal(envoi_presence_new(&stanza, NULL, NULL), 0);
    assert_int_equal(envoi_presence_set_show(stanza, "dnd"), 0);
    assert_int_equal(envoi_presence_add_status(stanza, "Wooing", NULL), 0);
    assert_int_equal(envoi_presence_add_status(stanza, "Werbend", "de"), 0);
    assert_int_equal(envoi_presence_set_priority(stanza, -128), 0);
    const envoi_element *root = envoi_stanza_root(stanza);
    assert_xml(root, "<presence " C "><show>dnd</show><status>Wooing</status><status xml:lang='de'>Werbend</status>"
                     "<priority>-128</priority></presence>");
    assert_string_equal(envoi_presence_show(root), "dnd");
    assert_string_equal(envoi_presence_status(root, "de-AT"), "Werbend");
    assert_string_equal(envoi_presence_status(root, "fr"), "Wooing");
    assert_int_equal(envoi_presence_priority(root), -128);
    assert_int_equal(envoi_presence_set_priority(stanza, 1), ENVOI_ERR_STATE);
    envoi_stanza_free(stanza);
    static const int out_of_range[] = {-129, 128, 2147483647};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(envoi_presence_new(&stanza, NULL, NULL), 0);
        assert_int_equal(envoi_presence_set_priority(stanza, out_of_range[i]), ENVOI_ERR_ARGUMENT);
        assert_int_equal(envoi_stanza_error(stanza), ENVOI_ERR_ARGUMENT);
        envoi_stanza_free(stanza);
    }
    assert_int_equal(envoi_presence_new(&stanza, NULL, NULL), 0);
    assert_int_equal(envoi_presence_set_show(stanza, "online"), ENVOI_ERR_ARGUMENT);
    envoi_stanza_free(stanza);
}

/* ---- reading ---- */

static void test_stanza_kind_needs_the_client_namespace(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int kind;
        const char *type;
    } rows[] = {
        {"<message " C "/>", ENVOI_STANZA_MESSAGE, "normal"},
        {"<message " C " type='chat'/>", ENVOI_STANZA_MESSAGE, "chat"},
        {"<message " C " type='bogus'/>", ENVOI_STANZA_MESSAGE, "normal"},
        {"<message " C " xmlns:x='y' x:type='error'/>", ENVOI_STANZA_MESSAGE, "normal"},
        {"<presence " C "/>", ENVOI_STANZA_PRESENCE, NULL},
        {"<presence " C " type='unavailable'/>", ENVOI_STANZA_PRESENCE, "unavailable"},
        {"<iq " C " type='bogus'/>", ENVOI_STANZA_IQ, "bogus"},
        {"<iq " C "/>", ENVOI_STANZA_IQ, NULL},
        {"<iq xmlns='jabber:server' type='get'/>", ENVOI_STANZA_NONE, NULL},
        {"<iq/>", ENVOI_STANZA_NONE, NULL},
        {"<stanza " C "/>", ENVOI_STANZA_NONE, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = parse(rows[i].xml);
        const envoi_element *root = envoi_stanza_root(stanza);
        assert_int_equal(envoi_stanza_kind(root), rows[i].kind);
        if (rows[i].type)
            assert_string_equal(envoi_stanza_type(root), rows[i].type);
        else
            assert_null(envoi_stanza_type(root));
        envoi_stanza_free(stanza);
    }
    assert_int_equal(envoi_stanza_kind(NULL), ENVOI_STANZA_NONE);
    assert_null(envoi_stanza_type(NULL));
}

static void test_iq_payload_stands_before_or_behind_the_error(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *payload;
    } rows[] = {
        {"<iq " C " type='get'><query xmlns='a'/></iq>", "query"},
        {"<iq " C " type='error'><query xmlns='a'/><error/></iq>", "query"},
        {"<iq " C " type='error'><error/><query xmlns='a'/></iq>", "query"},
        {"<iq " C " type='error'><error/></iq>", NULL},
        {"<iq " C " type='result'> </iq>", NULL},
        {"<iq " C " type='get'><error xmlns='other'/></iq>", "error"},
        {"<message " C "><query xmlns='a'/></message>", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = parse(rows[i].xml);
        const char *name = envoi_element_name(envoi_iq_payload(envoi_stanza_root(stanza)));
        if (rows[i].payload)
            assert_string_equal(name, rows[i].payload);
        else
            assert_null(name);
        envoi_stanza_free(stanza);
    }
}

static void test_text_is_picked_by_language(void **state)
{
    (void)state;
    static const char bodies[] = "<message " C " xml:lang='en'><body xml:lang='fr'>fr</body><body>plain</body>"
                                 "<body xml:lang='de'>de</body><body xml:lang='zh-Hant-TW'>tw</body>"
                                 "<body xml:lang='zh-Hant'>hant</body><body xml:lang='it-x'>x</body><body xmlns='x' "
                                 "xml:lang='nl'>no</body></message>";
    static const struct {
        const char *lang, *body;
    } rows[] = {
        {"fr", "fr"},           {"FR", "fr"},       {"fr-CA", "fr"},       {"de-AT-1901", "de"},
        {"en", "plain"},        {"en-GB", "plain"}, {NULL, "plain"},       {"", "plain"},
        {"nl", "plain"},        {"f", "plain"},     {"zh-Hant-TW", "tw"},  {"zh-hant-tw-x-y", "tw"},
        {"zh-Hant-HK", "hant"}, {"zh", "plain"},    {"-", "plain"},        {"de-x-private", "de"},
        {"--", "plain"},        {"*", "plain"},     {"zh-Hant-x", "hant"}, {"it-x-private", "plain"},
    };
    envoi_stanza *stanza = parse(bodies);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(envoi_message_body(envoi_stanza_root(stanza), rows[i].lang), rows[i].body);
    envoi_stanza_free(stanza);
    stanza = parse("<message " C "><body xml:lang='fr'>fr</body><body xml:lang='de'>de</body></message>");
    assert_string_equal(envoi_message_body(envoi_stanza_root(stanza), NULL), "fr");
    assert_string_equal(envoi_message_body(envoi_stanza_root(stanza), "it"), "fr");
    assert_null(envoi_message_subject(envoi_stanza_root(stanza), "it"));
    envoi_stanza_free(stanza);
    stanza = parse("<message " C "><subject xml:lang='fr'>fr</subject><subject>plain</subject>"
                   "<subject xml:lang='de'>de</subject></message>");
    assert_string_equal(envoi_message_subject(envoi_stanza_root(stanza), "de-AT"), "de");
    assert_string_equal(envoi_message_subject(envoi_stanza_root(stanza), "fr"), "fr");
    assert_string_equal(envoi_message_subject(envoi_stanza_root(stanza), "it"), "plain");
    envoi_stanza_free(stanza);
}

static void test_message_children_of_other_namespaces_are_not_read(void **state)
{
    (void)state;
    envoi_stanza *stanza = parse("<message " C "><body xmlns='x'>1</body><x xmlns='y'><body " C ">2</body></x>"
                                 "<thread parent='p'>t</thread><thread>u</thread></message>");
    const envoi_element *root = envoi_stanza_root(stanza);
    assert_null(envoi_message_body(root, NULL));
    assert_string_equal(envoi_message_thread(root), "t");
    assert_string_equal(envoi_message_thread_parent(root), "p");
    assert_null(envoi_presence_show(root));
    assert_null(envoi_presence_status(root, NULL));
    assert_int_equal(envoi_presence_priority(root), 0);
    envoi_stanza_free(stanza);
    assert_null(envoi_message_body(NULL, NULL));
    assert_null(envoi_message_thread(NULL));
    assert_null(envoi_message_thread_parent(NULL));
}

static void test_presence_reads_odd_values_safely(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int priority;
    } rows[] = {
        {"1", 1},
        {" 127 ", 127},
        {"+5", 5},
        {"-1", -1},
        {"128", 0},
        {"-129", 0},
        {"", 0},
        {"ten", 0},
        {"1.5", 0},
        {"- 1", 0},
        {"--1", 0},
        {"0x10", 0},
        {"-0", 0},
        {"+", 0},
        {"99999999999999999999999999999999999999", 0},
        {"18446744073709551617", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char xml[256];
        snprintf(xml, sizeof xml, "<presence " C "><priority>%s</priority><show>brb</show></presence>", rows[i].text);
        envoi_stanza *stanza = parse(xml);
        assert_int_equal(envoi_presence_priority(envoi_stanza_root(stanza)), rows[i].priority);
        assert_null(envoi_presence_show(envoi_stanza_root(stanza)));
        envoi_stanza_free(stanza);
    }
}

/* ---- errors ---- */

static void test_stanza_error_reads_each_condition(void **state)
{
    (void)state;
    static const struct {
        const char *condition, *type;
    } rows[] = {
        {"bad-request", "modify"},
        {"conflict", "cancel"},
        {"feature-not-implemented", "cancel"},
        {"forbidden", "auth"},
        {"gone", "cancel"},
        {"internal-server-error", "cancel"},
        {"item-not-found", "cancel"},
        {"jid-malformed", "modify"},
        {"not-acceptable", "modify"},
        {"not-allowed", "cancel"},
        {"not-authorized", "auth"},
        {"policy-violation", "modify"},
        {"recipient-unavailable", "wait"},
        {"redirect", "modify"},
        {"registration-required", "auth"},
        {"remote-server-not-found", "cancel"},
        {"remote-server-timeout", "wait"},
        {"resource-constraint", "wait"},
        {"service-unavailable", "cancel"},
        {"subscription-required", "auth"},
        {"undefined-condition", "cancel"},
        {"unexpected-request", "wait"},
    };
    static const char *const types[] = {"auth", "cancel", "continue", "modify", "wait"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char xml[512];
        assert_string_equal(envoi_stanza_error_default_type(rows[i].condition), rows[i].type);
        snprintf(xml, sizeof xml, "<iq " C " type='error'><error><%s " E "/></error></iq>", rows[i].condition);
        envoi_stanza *stanza = parse(xml);
        assert_string_equal(envoi_stanza_error_condition(envoi_stanza_root(stanza)), rows[i].condition);
        assert_string_equal(envoi_stanza_error_type(envoi_stanza_root(stanza)), rows[i].type);
        envoi_stanza_free(stanza);
        for (size_t t = 0; t < 5; t++) {
            snprintf(xml, sizeof xml, "<iq " C " type='error'><error code='302' type='%s'><%s " E "/></error></iq>",
                     types[t], rows[i].condition);
            stanza = parse(xml);
            assert_string_equal(envoi_stanza_error_type(envoi_stanza_root(stanza)), types[t]);
            envoi_stanza_free(stanza);
        }
    }
    assert_null(envoi_stanza_error_default_type("closed-node"));
    assert_null(envoi_stanza_error_default_type(NULL));
}

static void test_stanza_error_reads_every_part(void **state)
{
    (void)state;
    envoi_stanza *stanza =
        parse("<iq " C " type='error' id='1'><pubsub xmlns='p'/><error type='cancel' by='pubsub.example.com'>"
              "<text " E " xml:lang='de'>Zu</text><closed-node xmlns='http://jabber.org/protocol/pubsub#errors'/>"
              "<not-allowed " E "/><text " E ">Closed</text></error></iq>");
    const envoi_element *root = envoi_stanza_root(stanza);
    assert_string_equal(envoi_stanza_error_type(root), "cancel");
    assert_string_equal(envoi_stanza_error_condition(root), "not-allowed");
    assert_string_equal(envoi_stanza_error_text(root, "de-CH"), "Zu");
    assert_string_equal(envoi_stanza_error_text(root, NULL), "Closed");
    assert_string_equal(envoi_stanza_error_by(root), "pubsub.example.com");
    assert_null(envoi_stanza_error_uri(root));
    assert_true(envoi_element_is(envoi_stanza_error_application(root), "closed-node",
                                 "http://jabber.org/protocol/pubsub#errors"));
    envoi_stanza_free(stanza);
    stanza = parse("<message " C " type='error'><error><gone " E ">xmpp:a@b</gone></error></message>");
    assert_string_equal(envoi_stanza_error_uri(envoi_stanza_root(stanza)), "xmpp:a@b");
    assert_null(envoi_stanza_error_text(envoi_stanza_root(stanza), NULL));
    assert_null(envoi_stanza_error_by(envoi_stanza_root(stanza)));
    assert_null(envoi_stanza_error_application(envoi_stanza_root(stanza)));
    envoi_stanza_free(stanza);
}

static void test_stanza_error_reads_faulty_errors(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *type, *condition;
    } rows[] = {
        {"<iq " C " type='error'/>", "cancel", "undefined-condition"},
        {"<iq " C " type='error'><error/></iq>", "cancel", "undefined-condition"},
        {"<iq " C " type='error'><error code='404'>Not found</error></iq>", "cancel", "undefined-condition"},
        {"<iq " C " type='error'><error type='panic'><bad-request " E "/></error></iq>", "modify", "bad-request"},
        {"<iq " C " type='error'><error type='wait'><brand-new " E "/></error></iq>", "wait", "brand-new"},
        {"<iq " C " type='error'><error><brand-new " E "/></error></iq>", "cancel", "brand-new"},
        {"<iq " C " type='error'><error type='auth'><bad-request/></error></iq>", "auth", "undefined-condition"},
        {"<iq " C " type='error'><error type='auth'><text " E ">x</text></error></iq>", "auth",
         "undefined-condition"},
        {"<iq " C " type='error'><error xmlns='x' type='auth'><gone " E "/></error></iq>", "cancel",
         "undefined-condition"},
        {"<iq " C " type='error'><error type='wait'><gone " E "/><conflict " E "/></error></iq>", "wait", "gone"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = parse(rows[i].xml);
        assert_string_equal(envoi_stanza_error_type(envoi_stanza_root(stanza)), rows[i].type);
        assert_string_equal(envoi_stanza_error_condition(envoi_stanza_root(stanza)), rows[i].condition);
        assert_null(envoi_stanza_error_uri(envoi_stanza_root(stanza)));
        envoi_stanza_free(stanza);
    }
}

static void test_stanza_error_needs_the_type_error(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "<message " C " type='chat'><error type='auth' by='a'><gone " E ">x</gone><text " E
        ">t</text></error></message>",
        "<message " C "><error type='auth' by='a'><gone " E ">x</gone><text " E ">t</text></error></message>",
        "<x " C " type='error'><error type='auth' by='a'><gone " E ">x</gone><text " E ">t</text></error></x>",
        "<iq xmlns='y' type='error'><error type='auth' by='a'><gone " E ">x</gone><text " E ">t</text></error></iq>",
    };
    for (size_t i = 0; i <= sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = i < sizeof rows / sizeof *rows ? parse(rows[i]) : NULL;
        const envoi_element *root = envoi_stanza_root(stanza);
        assert_null(envoi_stanza_error_type(root));
        assert_null(envoi_stanza_error_condition(root));
        assert_null(envoi_stanza_error_text(root, NULL));
        assert_null(envoi_stanza_error_by(root));
        assert_null(envoi_stanza_error_uri(root));
        assert_null(envoi_stanza_error_application(root));
        envoi_stanza_free(stanza);
    }
}

/* ---- answers ---- */

static void test_result_swaps_addresses(void **state)
{
    (void)state;
    envoi_stanza *request = parse("<iq " C " xmlns:x='y' x:from='evil@x' x:id='9' from='a@b/c' to='d@e' id='1' "
                                  "type='get'><query xmlns='q'/></iq>"),
                 *reply = NULL;
    assert_int_equal(envoi_stanza_new_result(&reply, envoi_stanza_root(request)), 0);
    assert_xml(envoi_stanza_root(reply), "<iq " C " type='result' id='1' to='a@b/c' from='d@e'/>");
    envoi_stanza_free(reply);
    envoi_stanza_free(request);
    static const char *const refused[] = {
        "<iq " C " id='1' type='result'/>", "<iq " C " id='1' type='error'/>",    "<iq " C " id='1'/>",
        "<iq " C " type='get'/>",           "<message " C " id='1' type='get'/>", "<iq id='1' type='get'/>",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        request = parse(refused[i]);
        reply = NULL;
        assert_int_equal(envoi_stanza_new_result(&reply, envoi_stanza_root(request)), ENVOI_ERR_STANZA);
        assert_null(reply);
        envoi_stanza_free(request);
    }
    assert_int_equal(envoi_stanza_new_result(&reply, NULL), ENVOI_ERR_ARGUMENT);
}

static void test_error_reply_is_of_the_same_kind(void **state)
{
    (void)state;
    static const struct {
        const char *request, *reply;
    } rows[] = {
        {"<iq " C " from='a@b/c' to='d@e/f' id='1' type='set'><q xmlns='q'/></iq>",
         "<iq " C " type='error' id='1' to='a@b/c' from='d@e/f'><error type='modify'><bad-request " E
         "/></error></iq>"},
        {"<message " C " from='a@b' type='groupchat'><body>x</body></message>",
         "<message " C " type='error' to='a@b'><error type='modify'><bad-request " E "/></error></message>"},
        {"<presence " C " from='a@b/c' type='subscribe'/>",
         "<presence " C " type='error' to='a@b/c'><error type='modify'><bad-request " E "/></error></presence>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *request = parse(rows[i].request), *reply = NULL;
        assert_int_equal(
            envoi_stanza_new_error_reply(&reply, envoi_stanza_root(request), NULL, "bad-request", NULL, NULL), 0);
        assert_xml(envoi_stanza_root(reply), rows[i].reply);
        envoi_stanza_free(reply);
        envoi_stanza_free(request);
    }
}

static void test_error_reply_carries_text_and_application_condition(void **state)
{
    (void)state;
    envoi_stanza *request = parse("<iq " C " from='a@b/c' id='1' type='set'/>"), *reply;
    assert_int_equal(envoi_stanza_new_error_reply(&reply, envoi_stanza_root(request), "wait", "unexpected-request",
                                                  "Zu früh & zu viel", "de"),
                     0);
    envoi_element_add_child(envoi_stanza_error_element(reply), "too-much", "urn:example:errors");
    const envoi_element *root = envoi_stanza_root(reply);
    assert_xml(root, "<iq " C " type='error' id='1' to='a@b/c'><error type='wait'><unexpected-request " E "/>"
                     "<text " E " xml:lang='de'>Zu früh &amp; zu viel</text><too-much xmlns='urn:example:errors'/>"
                     "</error></iq>");
    assert_string_equal(envoi_stanza_error_type(root), "wait");
    assert_string_equal(envoi_stanza_error_text(root, NULL), "Zu früh & zu viel");
    assert_string_equal(envoi_element_name(envoi_stanza_error_application(root)), "too-much");
    assert_null(envoi_stanza_error_element(request));
    assert_null(envoi_stanza_error_element(NULL));
    envoi_stanza_free(reply);
    envoi_stanza_free(request);
}

static void test_error_reply_never_answers_an_error_or_a_result(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "<iq " C " id='1' type='error'/>",
        "<iq " C " id='1' type='result'/>",
        "<message " C " type='error'/>",
        "<presence " C " type='error'/>",
        "<query " C "/>",
        "<iq id='1' type='get'/>",
    };
    envoi_stanza *reply = NULL;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        envoi_stanza *request = parse(refused[i]);
        const envoi_element *root = envoi_stanza_root(request);
        assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, "bad-request", NULL, NULL),
                         ENVOI_ERR_STANZA);
        envoi_stanza_free(request);
    }
    envoi_stanza *request = parse("<iq " C " id='1' type='get'/>");
    const envoi_element *root = envoi_stanza_root(request);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, "closed-node", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, "fatal", "gone", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, NULL, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, NULL, NULL, "gone", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, "gone", "\x01", NULL), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi_stanza_new_error_reply(&reply, root, NULL, "gone", "x", "\xFF"), ENVOI_ERR_UTF8);
    assert_null(reply);
    envoi_stanza_free(request);
}

/* ---- failing allocations ---- */

static int build_all(void *user)
{
    (void)user;
    envoi_stanza *message = NULL, *presence = NULL, *iq = NULL, *result = NULL, *error_reply = NULL;
    int error = envoi_message_new(&message, "a@b/c", "chat");
    if (!error)
        error = envoi_message_add_body(message, "text", "de");
    if (!error)
        error = envoi_message_set_thread(message, "t", "p");
    if (!error)
        error = envoi_stanza_set_from(message, "d@e");
    if (!error)
        error = envoi_presence_new(&presence, NULL, NULL);
    if (!error)
        error = envoi_presence_set_priority(presence, 5);
    if (!error)
        error = envoi_iq_new(&iq, "a@b", "get");
    if (!error)
        error = envoi_stanza_set_id(iq, "1");
    if (!error)
        error = envoi_stanza_new_result(&result, envoi_stanza_root(iq));
    if (!error)
        error = envoi_stanza_new_error_reply(&error_reply, envoi_stanza_root(iq), NULL, "gone", "text", "de");
    envoi_stanza_free(message);
    envoi_stanza_free(presence);
    envoi_stanza_free(iq);
    envoi_stanza_free(result);
    envoi_stanza_free(error_reply);
    return error;
}

static void test_stanza_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(build_all, NULL);
    with_failing_pieces(build_all, NULL);
}

/* RFC 6121 3.1.1: a request to subscribe goes to the account, whichever of the two is set first. */
static void test_the_order_of_type_and_address_is_free(void **state)
{
    static const struct {
        const char *type, *to;
    } rows[] = {{"subscribe", "romeo@example.net"},
                {"unsubscribed", "romeo@example.net"},
                {"unavailable", "romeo@example.net/orchard"},
                {NULL, "romeo@example.net/orchard"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_stanza *stanza = NULL;
        assert_int_equal(envoi_presence_new(&stanza, NULL, rows[i].type), 0);
        assert_int_equal(envoi_stanza_set_to(stanza, "romeo@example.net/orchard"), 0);
        assert_string_equal(envoi_element_attr(envoi_stanza_root(stanza), "to"), rows[i].to);
        envoi_stanza_free(stanza);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stanza_is_made_with_prepared_address),
        cmocka_unit_test(test_stanza_types_are_closed_sets),
        cmocka_unit_test(test_stanza_setters_write_and_remove),
        cmocka_unit_test(test_message_is_written_whole),
        cmocka_unit_test(test_message_refuses_and_marks),
        cmocka_unit_test(test_presence_is_written_and_checked),
        cmocka_unit_test(test_stanza_kind_needs_the_client_namespace),
        cmocka_unit_test(test_iq_payload_stands_before_or_behind_the_error),
        cmocka_unit_test(test_text_is_picked_by_language),
        cmocka_unit_test(test_message_children_of_other_namespaces_are_not_read),
        cmocka_unit_test(test_presence_reads_odd_values_safely),
        cmocka_unit_test(test_stanza_error_reads_each_condition),
        cmocka_unit_test(test_stanza_error_reads_every_part),
        cmocka_unit_test(test_stanza_error_reads_faulty_errors),
        cmocka_unit_test(test_stanza_error_needs_the_type_error),
        cmocka_unit_test(test_result_swaps_addresses),
        cmocka_unit_test(test_error_reply_is_of_the_same_kind),
        cmocka_unit_test(test_error_reply_carries_text_and_application_condition),
        cmocka_unit_test(test_error_reply_never_answers_an_error_or_a_result),
        cmocka_unit_test(test_the_order_of_type_and_address_is_free),
        cmocka_unit_test(test_stanza_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
