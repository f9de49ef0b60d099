/* SPDX-License-Identifier: MIT */
/* Events of XEP-0060. All of a message is judged before anything of it is shown, so the accessors have
 * nothing left to refuse. */
#include "base/mem.h"
#include "base/text.h"
#include "data/pubsub_entry.h"
#include <envoi/jid.h>

#define NS_EVENT ENVOI_NS_PUBSUB_EVENT
#define NS_SHIM  "http://jabber.org/protocol/shim"
#define NS_DELAY "urn:xmpp:delay"

enum { NEEDS_NODE = 1 };

/* What may stand in a message, by the element around it. */
struct row {
    const char *parent; /* in the same namespace; NULL: the message */
    const char *ns, *name;
    int type;                            /* 0: no event itself, but events may stand inside */
    int needs;                           /* NEEDS_NODE: without it, it says nothing */
    int (*match)(const envoi_element *); /* NULL, or whether it is an event at all */
    int (*check)(const envoi_element *); /* NULL, or 0 or an error */
};

struct envoi_pubsub_event {
    const envoi_element *message, *entry;
    const struct row *row; /* of the entry */
    envoi_jid *sender;
};

static int check_items(const envoi_element *items)
{
    const envoi_element *item = envoi__pubsub_item_from(envoi_element_first_child(items));
    for (; item; item = envoi_pubsub_item_next(item))
        if (envoi_pubsub_item_is_retracted(item) && !envoi_pubsub_item_id(item))
            return ENVOI_ERR_STANZA;
    return 0;
}

static int check_subscription(const envoi_element *subscription)
{
    int state = envoi_pubsub_subscription_state(subscription);
    if (!envoi_pubsub_subscription_jid(subscription))
        return ENVOI_ERR_STANZA;
    return state < 0 ? state : 0;
}

static int check_affiliations(const envoi_element *affiliations)
{
    const envoi_element *entry = envoi__pubsub_affiliation_from(envoi_element_first_child(affiliations));
    for (; entry; entry = envoi_pubsub_affiliation_next(entry))
        if (envoi_pubsub_affiliation(entry) < 0)
            return ENVOI_ERR_STANZA;
    return 0;
}

/* A field, without reading the whole form. */
static const envoi_element *find_field(const envoi_element *form, const char *var)
{
    const envoi_element *field = envoi_element_child(form, "field", NULL);
    while (field && !envoi__eq(envoi_element_attr(field, "var"), var))
        field = envoi_element_next_same(field);
    return field;
}

static int is_authorization(const envoi_element *form)
{
    const envoi_element *form_type = find_field(form, "FORM_TYPE");
    if (!envoi__eq(envoi_element_attr(form_type, "type"), "hidden")) /* else it says nothing (XEP-0068 3.3) */
        return 0;
    return envoi__eq(envoi_element_attr(form, "type"), "form") &&
           envoi__eq(envoi_element_child_text(form_type, "value"), ENVOI_PUBSUB_FORM_AUTHORIZATION);
}

static const struct row rows[] = {
    {NULL, NS_EVENT, "event", 0, 0, NULL, NULL},
    {"event", NS_EVENT, "items", ENVOI_PUBSUB_EVENT_ITEMS, NEEDS_NODE, NULL, check_items},
    {"event", NS_EVENT, "purge", ENVOI_PUBSUB_EVENT_PURGE, NEEDS_NODE, NULL, NULL},
    {"event", NS_EVENT, "delete", ENVOI_PUBSUB_EVENT_DELETE, NEEDS_NODE, NULL, NULL},
    {"event", NS_EVENT, "configuration", ENVOI_PUBSUB_EVENT_CONFIGURATION, 0, NULL, NULL},
    {"event", NS_EVENT, "subscription", ENVOI_PUBSUB_EVENT_SUBSCRIPTION, 0, NULL, check_subscription},
    /* XEP-0060 8.9.4 puts affiliations into the namespace of requests; its kin are in that of events */
    {"event", NS_EVENT, "affiliations", ENVOI_PUBSUB_EVENT_AFFILIATION, 0, NULL, check_affiliations},
    {NULL, ENVOI_NS_PUBSUB, "pubsub", 0, 0, NULL, NULL},
    {"pubsub", ENVOI_NS_PUBSUB, "affiliations", ENVOI_PUBSUB_EVENT_AFFILIATION, 0, NULL, check_affiliations},
    {"event", NS_EVENT, "create", ENVOI_PUBSUB_EVENT_CREATE, NEEDS_NODE, NULL, NULL},
    {"event", NS_EVENT, "collection", 0, 0, NULL, NULL},
    {"collection", NS_EVENT, "associate", ENVOI_PUBSUB_EVENT_ASSOCIATE, NEEDS_NODE, NULL, NULL},
    /* one word in XEP-0248 5.3.2, another in the schema of XEP-0060 */
    {"collection", NS_EVENT, "dissociate", ENVOI_PUBSUB_EVENT_DISSOCIATE, NEEDS_NODE, NULL, NULL},
    {"collection", NS_EVENT, "disassociate", ENVOI_PUBSUB_EVENT_DISSOCIATE, NEEDS_NODE, NULL, NULL},
    {NULL, ENVOI_NS_DATA_FORM, "x", ENVOI_PUBSUB_EVENT_AUTHORIZATION, 0, is_authorization, NULL},
};

/* ---- walking ---- */

static const struct row *row_of(const envoi_element *message, const envoi_element *element)
{
    const envoi_element *parent = envoi_element_parent(element);
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        const struct row *row = &rows[i];
        int in_place = row->parent ? envoi_element_is(parent, row->parent, row->ns) : parent == message;
        if (in_place && envoi_element_is(element, row->name, row->ns))
            return !row->match || row->match(element) ? row : NULL;
    }
    return NULL;
}

/* The next element in the order of the message, going inside only where events may be. */
static const envoi_element *step(const envoi_element *message, const envoi_element *at)
{
    const struct row *row = row_of(message, at);
    const envoi_element *next = at == message || (row && !row->type) ? envoi_element_first_child(at) : NULL;
    while (!next && at != message) {
        next = envoi_element_next_sibling(at);
        at = envoi_element_parent(at);
    }
    return next;
}

/* The next event behind an element; NULL at the end. */
static const envoi_element *next_entry(const envoi_element *message, const envoi_element *at,
                                       const struct row **row)
{
    while ((at = step(message, at))) {
        const struct row *found = row_of(message, at);
        if (found && found->type) {
            *row = found;
            return at;
        }
    }
    return NULL;
}

/* ---- parsing ---- */

static int check_entry(const struct row *row, const envoi_element *entry)
{
    if (row->needs == NEEDS_NODE && !envoi_element_attr(entry, "node"))
        return ENVOI_ERR_STANZA;
    return row->check ? row->check(entry) : 0;
}

static int check_all(const envoi_element *message)
{
    const struct row *row = NULL;
    const envoi_element *entry = message;
    while ((entry = next_entry(message, entry, &row))) {
        int error = check_entry(row, entry);
        if (error)
            return error;
    }
    return 0;
}

static int sender_of(envoi_jid **out, const envoi_element *message)
{
    const char *from = envoi_element_attr(message, "from");
    envoi_jid *jid = NULL, *account = NULL;
    const char *text = from ? from : envoi_element_attr(message, "to");
    int error = text ? envoi_jid_parse(&jid, text) : ENVOI_ERR_STANZA;
    if (!error &&
        !from) { /* from the own account, whose bare JID speaks for it (RFC 6120 8.1.2.1, XEP-0163 4.3.1) */
        error = envoi_jid_parse(&account, envoi_jid_bare(jid));
        envoi_jid_free(jid);
        jid = account;
    }
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : ENVOI_ERR_STANZA;
    *out = jid;
    return 0;
}

static int is_expected(const envoi_jid *sender, const char *service, int *result)
{
    envoi_jid *expected = NULL;
    int error = envoi_jid_parse(&expected, service);
    if (!error)
        *result = envoi_jid_equal(sender, expected);
    envoi_jid_free(expected);
    return error;
}

/* The sender comes first: nothing that a stranger wrote is looked at any further. `service` NULL: anyone. */
static int judge(const envoi_element *message, const envoi_jid *sender, const char *service)
{
    int expected = 1;
    int error = service ? is_expected(sender, service, &expected) : 0;
    if (error)
        return error;
    return expected ? check_all(message) : ENVOI_ERR_UNEXPECTED;
}

static int parse(envoi_pubsub_event **out, const envoi_element *message, const char *service)
{
    const struct row *row = NULL;
    if (envoi_stanza_kind(message) != ENVOI_STANZA_MESSAGE || envoi__eq(envoi_stanza_type(message), "error"))
        return ENVOI_ERR_NOT_FOUND; /* an error holds the event that we could not deliver, not one that
                                       happened */
    const envoi_element *entry = next_entry(message, message, &row);
    if (!entry)
        return ENVOI_ERR_NOT_FOUND;
    envoi_jid *sender = NULL;
    int error = sender_of(&sender, message);
    if (!error)
        error = judge(message, sender, service);
    envoi_pubsub_event *event = error ? NULL : envoi__alloc(sizeof *event);
    if (!event) {
        envoi_jid_free(sender);
        return error ? error : ENVOI_ERR_NOMEM;
    }
    *event = (envoi_pubsub_event){.message = message, .entry = entry, .row = row, .sender = sender};
    *out = event;
    return 0;
}

int envoi_pubsub_event_parse(envoi_pubsub_event **out, const envoi_element *message, const char *service)
{
    return out && message && service ? parse(out, message, service) : ENVOI_ERR_ARGUMENT;
}

int envoi_pubsub_event_parse_from_anyone(envoi_pubsub_event **out, const envoi_element *message)
{
    return out && message ? parse(out, message, NULL) : ENVOI_ERR_ARGUMENT;
}

void envoi_pubsub_event_free(envoi_pubsub_event *event)
{
    if (event)
        envoi_jid_free(event->sender);
    envoi__free(event);
}

int envoi_pubsub_event_next(envoi_pubsub_event *event)
{
    const struct row *row = NULL;
    const envoi_element *entry = event ? next_entry(event->message, event->entry, &row) : NULL;
    if (!entry)
        return 0;
    event->entry = entry;
    event->row = row;
    return 1;
}

/* ---- reading ---- */

int envoi_pubsub_event_type(const envoi_pubsub_event *event)
{
    return event ? event->row->type : 0;
}

static int is_type(const envoi_pubsub_event *event, int type)
{
    return envoi_pubsub_event_type(event) == type;
}

static int is_about_child(const envoi_pubsub_event *event)
{
    return is_type(event, ENVOI_PUBSUB_EVENT_ASSOCIATE) || is_type(event, ENVOI_PUBSUB_EVENT_DISSOCIATE);
}

const char *envoi_pubsub_event_service(const envoi_pubsub_event *event)
{
    return event ? envoi_jid_full(event->sender) : NULL;
}

const char *envoi_pubsub_event_node(const envoi_pubsub_event *event)
{
    if (!event)
        return NULL;
    if (is_type(event, ENVOI_PUBSUB_EVENT_AUTHORIZATION))
        return envoi_element_child_text(find_field(event->entry, "pubsub#node"), "value");
    return envoi_element_attr(is_about_child(event) ? envoi_element_parent(event->entry) : event->entry,
                              "node");
}

const envoi_element *envoi_pubsub_event_items(const envoi_pubsub_event *event)
{
    return is_type(event, ENVOI_PUBSUB_EVENT_ITEMS)
               ? envoi__pubsub_item_from(envoi_element_first_child(event->entry))
               : NULL;
}

const char *envoi_pubsub_event_redirect(const envoi_pubsub_event *event)
{
    return is_type(event, ENVOI_PUBSUB_EVENT_DELETE)
               ? envoi_element_attr(envoi_element_child(event->entry, "redirect", NULL), "uri")
               : NULL;
}

int envoi_pubsub_event_form(envoi_form **out, const envoi_pubsub_event *event)
{
    if (!out || !event)
        return ENVOI_ERR_ARGUMENT;
    const envoi_element *form = event->entry;
    if (!is_type(event, ENVOI_PUBSUB_EVENT_AUTHORIZATION))
        form = envoi_form_find(event->entry);
    return form ? envoi_form_parse(out, form) : ENVOI_ERR_NOT_FOUND;
}

const envoi_element *envoi_pubsub_event_subscription(const envoi_pubsub_event *event)
{
    return is_type(event, ENVOI_PUBSUB_EVENT_SUBSCRIPTION) ? event->entry : NULL;
}

const envoi_element *envoi_pubsub_event_affiliations(const envoi_pubsub_event *event)
{
    return is_type(event, ENVOI_PUBSUB_EVENT_AFFILIATION)
               ? envoi__pubsub_affiliation_from(envoi_element_first_child(event->entry))
               : NULL;
}

const char *envoi_pubsub_event_child(const envoi_pubsub_event *event)
{
    return is_about_child(event) ? envoi_element_attr(event->entry, "node") : NULL;
}

static int is_same_header(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char lower = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        if (lower != *b)
            return 0;
    }
    return *a == *b;
}

/* Header names are compared without case, for services write "SubId" as well. */
static const char *header(const envoi_pubsub_event *event, const char *lower_name, size_t index)
{
    const envoi_element *headers = event ? envoi_element_child(event->message, "headers", NS_SHIM) : NULL;
    const envoi_element *at = envoi_element_child(headers, "header", NULL);
    for (; at; at = envoi_element_next_same(at)) {
        const char *name = envoi_element_attr(at, "name");
        if (name && is_same_header(name, lower_name) && !index--)
            return envoi_element_text(at);
    }
    return NULL;
}

const char *envoi_pubsub_event_subid(const envoi_pubsub_event *event, size_t index)
{
    return header(event, "subid", index);
}

const char *envoi_pubsub_event_collection(const envoi_pubsub_event *event, size_t index)
{
    return header(event, "collection", index);
}

const char *envoi_pubsub_event_delay(const envoi_pubsub_event *event)
{
    return event ? envoi_element_attr(envoi_element_child(event->message, "delay", NS_DELAY), "stamp") : NULL;
}

const envoi_element *envoi_pubsub_event_message(const envoi_pubsub_event *event)
{
    return event ? event->message : NULL;
}
