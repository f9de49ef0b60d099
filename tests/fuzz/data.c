/* SPDX-License-Identifier: MIT */
/* Everything that reads elements, given any element of a stream: stanzas and their errors, forms, service discovery,
 * result sets, publish-subscribe replies and events. What was read is written and read again, and is the
 * same. */
#include "fuzz.h"

#include "xml/reader.h"
#include <envoi/disco.h>
#include <envoi/error.h>
#include <envoi/form.h>
#include <envoi/pubsub.h>
#include <envoi/rsm.h>
#include <envoi/stanza.h>
#include <string.h>

enum { MOST_ELEMENTS = 64, MOST_ENTRIES = 10000 };

static int equal_texts(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Written as the only child of a new element by a function of the library. */
static envoi_stanza *written_by(int (*append)(const void *, envoi_element *), const void *object)
{
    envoi_stanza *stanza;
    FUZZ_CHECK(envoi_iq_new(&stanza, NULL, "result") == 0);
    FUZZ_CHECK(append(object, envoi_stanza_element(stanza)) == 0);
    FUZZ_CHECK(envoi_stanza_error(stanza) == 0);
    return stanza;
}

/* ---- forms ---- */

static int append_form(const void *form, envoi_element *parent)
{
    return envoi_form_append(form, parent);
}

static void same_field(const envoi_field *a, const envoi_field *b)
{
    FUZZ_CHECK(equal_texts(envoi_field_var(a), envoi_field_var(b)));
    FUZZ_CHECK(envoi_field_value_count(a) == envoi_field_value_count(b));
    for (size_t i = 0; i < envoi_field_value_count(a); i++)
        FUZZ_CHECK(equal_texts(envoi_field_value_at(a, i), envoi_field_value_at(b, i)));
}

static void same_asking(const envoi_field *a, const envoi_field *b)
{
    FUZZ_CHECK(envoi_field_type(a) == envoi_field_type(b));
    FUZZ_CHECK(equal_texts(envoi_field_label(a), envoi_field_label(b)));
    FUZZ_CHECK(equal_texts(envoi_field_desc(a), envoi_field_desc(b)));
    FUZZ_CHECK(envoi_field_is_required(a) == envoi_field_is_required(b));
    FUZZ_CHECK(envoi_field_option_count(a) == envoi_field_option_count(b));
    for (size_t i = 0; i < envoi_field_option_count(a); i++) {
        FUZZ_CHECK(equal_texts(envoi_field_option_at(a, i), envoi_field_option_at(b, i)));
        FUZZ_CHECK(equal_texts(envoi_field_option_label_at(a, i), envoi_field_option_label_at(b, i)));
    }
}

static void same_rows(const envoi_form *a, const envoi_form *b)
{
    FUZZ_CHECK(envoi_form_column_count(a) == envoi_form_column_count(b));
    FUZZ_CHECK(envoi_form_row_count(a) == envoi_form_row_count(b));
    for (size_t row = 0; row < envoi_form_row_count(a); row++) {
        FUZZ_CHECK(envoi_form_row_field_count(a, row) == envoi_form_row_field_count(b, row));
        for (size_t i = 0; i < envoi_form_row_field_count(a, row); i++)
            same_field(envoi_form_row_field_at(a, row, i), envoi_form_row_field_at(b, row, i));
    }
}

/* A form to submit is written without what only asks, and without fixed fields. */
static void same_form(const envoi_form *a, const envoi_form *b)
{
    int type = envoi_form_type(a);
    FUZZ_CHECK(type == envoi_form_type(b));
    if (type == ENVOI_FORM_CANCEL)
        return;
    for (size_t i = 0; i < envoi_form_field_count(a); i++) {
        const envoi_field *field = envoi_form_field_at(a, i);
        const char *var = envoi_field_var(field);
        if (type == ENVOI_FORM_SUBMIT && envoi_field_type(field) == ENVOI_FIELD_FIXED)
            continue;
        const envoi_field *other = var ? envoi_form_field(b, var) : NULL;
        FUZZ_CHECK(!var || (other && envoi_form_field(a, var) == field));
        if (other)
            same_field(field, other);
        if (other && type == ENVOI_FORM_FORM)
            same_asking(field, other);
    }
    if (type != ENVOI_FORM_SUBMIT) {
        FUZZ_CHECK(envoi_form_field_count(a) == envoi_form_field_count(b));
        FUZZ_CHECK(equal_texts(envoi_form_form_type(a), envoi_form_form_type(b)));
        FUZZ_CHECK(equal_texts(envoi_form_title(a), envoi_form_title(b)));
        FUZZ_CHECK(equal_texts(envoi_form_instructions(a), envoi_form_instructions(b)));
        same_rows(a, b);
    }
}

static void check_written_form(const envoi_form *form)
{
    envoi_stanza *stanza = written_by(append_form, form);
    envoi_form *again = NULL;
    FUZZ_CHECK(envoi_form_parse(&again, envoi_form_find(envoi_stanza_root(stanza))) == 0);
    same_form(form, again);
    envoi_form_free(again);
    envoi_stanza_free(stanza);
}

static void read_values(const envoi_form *form)
{
    for (size_t i = 0; i < envoi_form_field_count(form); i++) {
        const char *var = envoi_field_var(envoi_form_field_at(form, i));
        envoi_jid *jid = NULL;
        int64_t number;
        int truth = 2;
        if (!var)
            continue;
        FUZZ_CHECK(envoi_form_bool(form, var, &truth) ? truth == 2 : truth == 0 || truth == 1);
        envoi_form_integer(form, var, &number);
        FUZZ_CHECK(!envoi_form_jid(&jid, form, var, 0) == !!jid);
        envoi_jid_free(jid);
    }
}

static void check_form(envoi_form *form)
{
    envoi_form *answer = NULL, *copy = NULL;
    read_values(form);
    check_written_form(form);
    FUZZ_CHECK(envoi_form_dup(&copy, form) == 0);
    same_form(form, copy);
    if (envoi_form_type(form) == ENVOI_FORM_FORM) {
        FUZZ_CHECK(envoi_form_answer(&answer, form) == 0);
        check_written_form(answer);
    }
    envoi_form_free(copy);
    envoi_form_free(answer);
}

static void try_form(const envoi_element *element)
{
    envoi_form *form = NULL;
    int error = envoi_form_parse(&form, element);
    FUZZ_CHECK(!error == !!form);
    if (form)
        check_form(form);
    envoi_form_free(form);
}

/* ---- result sets ---- */

static int append_page(const void *page, envoi_element *parent)
{
    return envoi_rsm_append(page, parent);
}

static void same_number(int (*get)(const envoi_rsm *, uint32_t *), const envoi_rsm *a, const envoi_rsm *b)
{
    uint32_t x = 0, y = 0;
    FUZZ_CHECK(get(a, &x) == get(b, &y));
    FUZZ_CHECK(x == y && x <= ENVOI_RSM_MAX);
}

static void same_page(const envoi_rsm *a, const envoi_rsm *b)
{
    FUZZ_CHECK(equal_texts(envoi_rsm_first(a), envoi_rsm_first(b)));
    FUZZ_CHECK(equal_texts(envoi_rsm_last(a), envoi_rsm_last(b)));
    FUZZ_CHECK(equal_texts(envoi_rsm_after(a), envoi_rsm_after(b)));
    FUZZ_CHECK(equal_texts(envoi_rsm_before(a), envoi_rsm_before(b)));
    same_number(envoi_rsm_max, a, b);
    same_number(envoi_rsm_index, a, b);
    same_number(envoi_rsm_count, a, b);
    same_number(envoi_rsm_first_index, a, b);
}

static void try_page(const envoi_element *element)
{
    envoi_rsm *page = NULL, *again = NULL, *next = NULL;
    int error = envoi_rsm_parse(&page, element);
    FUZZ_CHECK(!error == !!page);
    if (error)
        return;
    envoi_stanza *stanza = written_by(append_page, page);
    FUZZ_CHECK(envoi_rsm_parse(&again, envoi_stanza_root(stanza)) == 0);
    same_page(page, again);
    FUZZ_CHECK(envoi_rsm_new(&next) == 0);
    envoi_rsm_set_next(next, page);
    envoi_rsm_set_previous(next, page);
    envoi_stanza_free(stanza);
    envoi_rsm_free(next);
    envoi_rsm_free(again);
    envoi_rsm_free(page);
}

/* ---- service discovery ---- */

static int append_info(const void *info, envoi_element *parent)
{
    return envoi_disco_info_append(info, parent);
}

static int append_items(const void *items, envoi_element *parent)
{
    return envoi_disco_items_append(items, parent);
}

static void same_info(const envoi_disco_info *a, const envoi_disco_info *b)
{
    size_t forms = envoi_disco_info_form_count(a), features = envoi_disco_info_feature_count(a);
    FUZZ_CHECK(equal_texts(envoi_disco_info_node(a), envoi_disco_info_node(b)));
    FUZZ_CHECK(envoi_disco_info_identity_count(a) == envoi_disco_info_identity_count(b));
    FUZZ_CHECK(envoi_disco_info_feature_count(b) == features && envoi_disco_info_form_count(b) == forms);
    for (size_t i = 0; i < envoi_disco_info_identity_count(a); i++) {
        FUZZ_CHECK(equal_texts(envoi_disco_info_category_at(a, i), envoi_disco_info_category_at(b, i)));
        FUZZ_CHECK(equal_texts(envoi_disco_info_type_at(a, i), envoi_disco_info_type_at(b, i)));
        FUZZ_CHECK(equal_texts(envoi_disco_info_name_at(a, i), envoi_disco_info_name_at(b, i)));
        FUZZ_CHECK(envoi_disco_info_has_identity(b, envoi_disco_info_category_at(a, i), NULL));
    }
    for (size_t i = 0; i < features; i++)
        FUZZ_CHECK(envoi_disco_info_has_feature(b, envoi_disco_info_feature_at(a, i)));
    for (size_t i = 0; i < forms; i++)
        same_form(envoi_disco_info_form_at(a, i), envoi_disco_info_form_at(b, i));
}

static void try_info(const envoi_element *element)
{
    envoi_disco_info *info = NULL, *again = NULL;
    int error = envoi_disco_info_parse(&info, element);
    FUZZ_CHECK(!error == !!info);
    if (error)
        return;
    envoi_stanza *stanza = written_by(append_info, info);
    FUZZ_CHECK(envoi_disco_info_parse(&again, envoi_stanza_root(stanza)) == 0);
    same_info(info, again);
    envoi_stanza_free(stanza);
    envoi_disco_info_free(again);
    envoi_disco_info_free(info);
}

static void try_items(const envoi_element *element)
{
    envoi_disco_items *items = NULL, *again = NULL;
    int error = envoi_disco_items_parse(&items, element);
    FUZZ_CHECK(!error == !!items);
    if (error)
        return;
    envoi_stanza *stanza = written_by(append_items, items);
    FUZZ_CHECK(envoi_disco_items_parse(&again, envoi_stanza_root(stanza)) == 0);
    FUZZ_CHECK(envoi_disco_items_count(items) == envoi_disco_items_count(again));
    for (size_t i = 0; i < envoi_disco_items_count(items); i++) {
        FUZZ_CHECK(equal_texts(envoi_disco_items_jid_at(items, i), envoi_disco_items_jid_at(again, i)));
        FUZZ_CHECK(equal_texts(envoi_disco_items_node_at(items, i), envoi_disco_items_node_at(again, i)));
        FUZZ_CHECK(equal_texts(envoi_disco_items_name_at(items, i), envoi_disco_items_name_at(again, i)));
    }
    FUZZ_CHECK(!envoi_disco_items_page(items) == !envoi_disco_items_page(again));
    if (envoi_disco_items_page(items))
        same_page(envoi_disco_items_page(items), envoi_disco_items_page(again));
    envoi_stanza_free(stanza);
    envoi_disco_items_free(again);
    envoi_disco_items_free(items);
}

/* ---- publish-subscribe ---- */

static void walk_items(const envoi_element *item)
{
    for (int count = 0; item; item = envoi_pubsub_item_next(item)) {
        FUZZ_CHECK(++count < MOST_ENTRIES);
        envoi_pubsub_item_id(item);
        envoi_pubsub_item_node(item);
        envoi_pubsub_item_publisher(item);
        const envoi_element *payload = envoi_pubsub_item_payload(item);
        FUZZ_CHECK(!payload || envoi_element_parent(payload) == item);
        FUZZ_CHECK(!payload || !envoi_pubsub_item_is_retracted(item));
    }
}

static void walk_subscriptions(const envoi_element *entry)
{
    for (int count = 0; entry; entry = envoi_pubsub_subscription_next(entry)) {
        FUZZ_CHECK(++count < MOST_ENTRIES);
        envoi_pubsub_subscription_node(entry);
        envoi_pubsub_subscription_jid(entry);
        envoi_pubsub_subscription_subid(entry);
        envoi_pubsub_subscription_expiry(entry);
        int state = envoi_pubsub_subscription_state(entry);
        FUZZ_CHECK(state <= 0 || envoi_pubsub_subscription_state_name(state));
        envoi_pubsub_subscription_options(entry);
    }
}

static void walk_affiliations(const envoi_element *entry)
{
    for (int count = 0; entry; entry = envoi_pubsub_affiliation_next(entry)) {
        FUZZ_CHECK(++count < MOST_ENTRIES);
        envoi_pubsub_affiliation_node(entry);
        envoi_pubsub_affiliation_jid(entry);
        int affiliation = envoi_pubsub_affiliation(entry);
        FUZZ_CHECK(affiliation <= 0 || envoi_pubsub_affiliation_name(affiliation));
    }
}

static void try_replies(const envoi_element *reply)
{
    static int (*const lists[])(const envoi_element **,
                                const envoi_element *) = {envoi_pubsub_parse_items,
                                                          envoi_pubsub_parse_subscription,
                                                          envoi_pubsub_parse_subscriptions,
                                                          envoi_pubsub_parse_affiliations,
                                                          envoi_pubsub_parse_refused_subscriptions,
                                                          envoi_pubsub_parse_refused_affiliations};
    static void (*const walks[])(const envoi_element *) = {walk_items,        walk_subscriptions, walk_subscriptions,
                                                           walk_affiliations, walk_subscriptions, walk_affiliations};
    static int (*const forms[])(envoi_form **, const envoi_element *) = {envoi_pubsub_parse_configuration,
                                                                         envoi_pubsub_parse_options};
    const char *text = NULL;
    envoi_rsm *page = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const envoi_element *first = NULL;
        if (!lists[i](&first, reply))
            walks[i](first);
    }
    for (size_t i = 0; i < 2; i++) {
        envoi_form *form = NULL;
        if (!forms[i](&form, reply))
            check_form(form);
        envoi_form_free(form);
    }
    envoi_pubsub_parse_created(&text, reply);
    envoi_pubsub_parse_published(&text, reply);
    envoi_pubsub_error_condition(reply);
    envoi_pubsub_error_feature(reply);
    envoi_pubsub_parse_page(&page, reply);
    envoi_rsm_free(page);
}

static void look_at_event(const envoi_pubsub_event *event)
{
    envoi_form *form = NULL;
    envoi_stanza *answer = NULL;
    FUZZ_CHECK(envoi_pubsub_event_type(event) > 0 && envoi_pubsub_event_service(event));
    envoi_pubsub_event_node(event);
    envoi_pubsub_event_redirect(event);
    envoi_pubsub_event_child(event);
    envoi_pubsub_event_delay(event);
    walk_items(envoi_pubsub_event_items(event));
    walk_subscriptions(envoi_pubsub_event_subscription(event));
    walk_affiliations(envoi_pubsub_event_affiliations(event));
    for (size_t i = 0; envoi_pubsub_event_subid(event, i) || envoi_pubsub_event_collection(event, i); i++)
        FUZZ_CHECK(i < MOST_ENTRIES);
    if (!envoi_pubsub_event_form(&form, event))
        check_form(form);
    if (envoi_pubsub_event_type(event) == ENVOI_PUBSUB_EVENT_AUTHORIZATION &&
        !envoi_pubsub_authorize(&answer, event, 1))
        FUZZ_CHECK(envoi_stanza_error(answer) == 0);
    envoi_stanza_free(answer);
    envoi_form_free(form);
}

/* An event is told only if it comes from the service that is meant. */
static void try_events(const envoi_element *message)
{
    envoi_pubsub_event *event = NULL, *same = NULL, *other = NULL;
    if (envoi_pubsub_event_parse_from_anyone(&event, message))
        return;
    const char *service = envoi_pubsub_event_service(event);
    FUZZ_CHECK(envoi_pubsub_event_parse(&same, message, service) == 0);
    FUZZ_CHECK(strcmp(service, "else.example.net") == 0 ||
               envoi_pubsub_event_parse(&other, message, "else.example.net") == ENVOI_ERR_UNEXPECTED);
    for (int count = 0, more = 1; more; more = envoi_pubsub_event_next(event)) {
        FUZZ_CHECK(++count < MOST_ENTRIES);
        look_at_event(event);
    }
    envoi_pubsub_event_free(other);
    envoi_pubsub_event_free(same);
    envoi_pubsub_event_free(event);
}

/* ---- stanzas ---- */

static void check_reply(const envoi_element *root, const envoi_stanza *reply)
{
    const char *id = envoi_element_attr(root, "id");
    if (!id && envoi_stanza_kind(root) == ENVOI_STANZA_IQ) /* an IQ has an id */
        id = "";
    FUZZ_CHECK(envoi_stanza_error(reply) == 0);
    FUZZ_CHECK(equal_texts(envoi_element_attr(envoi_stanza_root(reply), "id"), id));
    FUZZ_CHECK(equal_texts(envoi_element_attr(envoi_stanza_root(reply), "to"), envoi_element_attr(root, "from")));
}

static void try_stanza(const envoi_element *root)
{
    envoi_stanza *reply = NULL, *result = NULL;
    const char *type = envoi_stanza_error_type(root), *condition = envoi_stanza_error_condition(root);
    FUZZ_CHECK(!type == !condition);
    envoi_stanza_error_text(root, "de-AT");
    envoi_stanza_error_by(root);
    envoi_stanza_error_uri(root);
    envoi_stanza_error_application(root);
    envoi_stanza_type(root);
    envoi_message_body(root, "de");
    envoi_message_subject(root, NULL);
    envoi_message_thread(root);
    envoi_message_thread_parent(root);
    envoi_presence_show(root);
    envoi_presence_status(root, "");
    int priority = envoi_presence_priority(root);
    FUZZ_CHECK(priority >= -128 && priority <= 127);
    const envoi_element *payload = envoi_iq_payload(root);
    FUZZ_CHECK(!payload || envoi_element_parent(payload) == root);
    if (!envoi_stanza_new_result(&result, root))
        check_reply(root, result);
    if (!envoi_stanza_new_error_reply(&reply, root, NULL, "bad-request", "no", NULL)) {
        check_reply(root, reply);
        FUZZ_CHECK(equal_texts(envoi_stanza_error_condition(envoi_stanza_root(reply)), "bad-request"));
    }
    envoi_stanza_free(reply);
    envoi_stanza_free(result);
}

/* The next element in the order of the text; NULL at the end. */
static const envoi_element *next_element(const envoi_element *element, const envoi_element *root)
{
    const envoi_element *next = envoi_element_first_child(element);
    while (!next && element != root) {
        next = envoi_element_next_sibling(element);
        element = envoi_element_parent(element);
    }
    return next;
}

static void try_all(const envoi_element *root)
{
    const envoi_element *element = root;
    try_stanza(root);
    try_replies(root);
    try_events(root);
    for (int count = 0; element && count < MOST_ELEMENTS; count++) {
        try_form(element);
        try_page(element);
        try_info(element);
        try_items(element);
        element = next_element(element, root);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char header[] = "<s xmlns='jabber:client' xml:lang='en'>";
    const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    struct envoi__reader *reader;
    struct envoi__tree tree;
    size_t used = 0;
    FUZZ_CHECK(envoi__reader_new(&reader, &limits) == 0);
    envoi__tree_init(&tree);
    FUZZ_CHECK(envoi__reader_next(reader, (const uint8_t *)header, sizeof header - 1, &tree, &used) ==
               ENVOI__READ_HEADER);
    if (size && envoi__reader_next(reader, data, size, &tree, &used) == ENVOI__READ_ELEMENT)
        try_all(tree.root);
    envoi__tree_free(&tree);
    envoi__reader_free(reader);
    return 0;
}
