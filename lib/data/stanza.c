/* SPDX-License-Identifier: MIT */
/* Message, presence and IQ: making them and reading them (RFC 6120 8, RFC 6121 4.7 and 5.2). */
#include <envoi/stanza.h>

#include <envoi/jid.h>

#include "base/text.h"
#include "data/common.h"
#include "xml/tree.h"
#include <stdio.h>

enum { MOST_TYPES = 8, LOWEST_PRIORITY = -128, HIGHEST_PRIORITY = 127 };

static const struct kind_row {
    const char *name, *types[MOST_TYPES];
} kinds[] = {
    [ENVOI_STANZA_MESSAGE] = {"message", {"chat", "error", "groupchat", "headline", "normal"}},
    [ENVOI_STANZA_PRESENCE] = {"presence",
                               {"error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe",
                                "unsubscribed"}},
    [ENVOI_STANZA_IQ] = {"iq", {"get", "set", "result", "error"}},
};

/* RFC 6121 3.1.1, 3.2.1, 3.3.1: subscriptions are between accounts, so these go to bare JIDs. */
static const char *const subscription_types[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};

static const char *const shows[] = {"away", "chat", "dnd", "xa"};

/* ---- making ---- */

static int is_type(int kind, const char *type)
{
    for (size_t i = 0; i < MOST_TYPES; i++)
        if (envoi__eq(kinds[kind].types[i], type))
            return 1;
    return 0;
}

static int is_subscription(const char *type)
{
    for (size_t i = 0; i < ENVOI__COUNT(subscription_types); i++)
        if (envoi__eq(subscription_types[i], type))
            return 1;
    return 0;
}

static int set_address(envoi_stanza *stanza, const char *name, const char *text, int bare)
{
    envoi_element *root = envoi_stanza_element(stanza);
    int error = envoi__element_error(root);
    if (error || !text)
        return error ? error : envoi_element_set_attr(root, name, NULL);
    envoi_jid *jid;
    error = envoi_jid_parse(&jid, text);
    if (error)
        return envoi__element_fail(root, error);
    error = envoi_element_set_attr(root, name, bare ? envoi_jid_bare(jid) : envoi_jid_full(jid));
    envoi_jid_free(jid);
    return error;
}

static int make(envoi_stanza **out, int kind, const char *type, const char *to)
{
    envoi_stanza *stanza;
    if (!out || (type && !is_type(kind, type)))
        return ENVOI_ERR_ARGUMENT;
    int error = envoi_stanza_new(&stanza, kinds[kind].name, NULL);
    if (error)
        return error;
    if (to)
        error = set_address(stanza, "to", to, kind == ENVOI_STANZA_PRESENCE && is_subscription(type));
    if (!error && type)
        error = envoi_element_set_attr(envoi_stanza_element(stanza), "type", type);
    if (error) {
        envoi_stanza_free(stanza);
        return error;
    }
    *out = stanza;
    return 0;
}

int envoi_message_new(envoi_stanza **out, const char *to, const char *type)
{
    return make(out, ENVOI_STANZA_MESSAGE, type, to);
}

int envoi_presence_new(envoi_stanza **out, const char *to, const char *type)
{
    return make(out, ENVOI_STANZA_PRESENCE, type, to);
}

int envoi_iq_new(envoi_stanza **out, const char *to, const char *type)
{
    return type ? make(out, ENVOI_STANZA_IQ, type, to) : ENVOI_ERR_ARGUMENT;
}

int envoi_stanza_set_id(envoi_stanza *stanza, const char *id)
{
    return envoi_element_set_attr(envoi_stanza_element(stanza), "id", id);
}

int envoi_stanza_set_to(envoi_stanza *stanza, const char *jid)
{
    const envoi_element *root = envoi_stanza_root(stanza);
    int is_presence = envoi_stanza_kind(root) == ENVOI_STANZA_PRESENCE;
    return set_address(stanza, "to", jid, is_presence && is_subscription(envoi_element_attr(root, "type")));
}

int envoi_stanza_set_from(envoi_stanza *stanza, const char *jid)
{
    return set_address(stanza, "from", jid, 0);
}

int envoi_stanza_set_lang(envoi_stanza *stanza, const char *lang)
{
    return envoi_element_set_attr_ns(envoi_stanza_element(stanza), "lang", ENVOI_NS_XML, lang);
}

/* ---- kinds ---- */

int envoi_stanza_kind(const envoi_element *element)
{
    for (size_t kind = ENVOI_STANZA_MESSAGE; kind < ENVOI__COUNT(kinds); kind++)
        if (envoi_element_is(element, kinds[kind].name, ENVOI_NS_CLIENT))
            return (int)kind;
    return ENVOI_STANZA_NONE;
}

const char *envoi_stanza_type(const envoi_element *element)
{
    int kind = envoi_stanza_kind(element);
    const char *type = kind ? envoi_element_attr(element, "type") : NULL;
    /* RFC 6121 5.2.2 */
    if (kind == ENVOI_STANZA_MESSAGE && !is_type(kind, type))
        return "normal";
    return type;
}

const envoi_element *envoi_iq_payload(const envoi_element *iq)
{
    if (envoi_stanza_kind(iq) != ENVOI_STANZA_IQ)
        return NULL;
    const envoi_element *child = envoi_element_first_child(iq);
    while (child && envoi_element_is(child, "error", ENVOI_NS_CLIENT))
        child = envoi_element_next_sibling(child);
    return child;
}

/* ---- children of messages and presence ---- */

/* RFC 6121 5.2.3, 4.7.2.2: of texts there may be one in each language. */
static int has_text(const envoi_element *root, const char *name, const char *lang)
{
    const envoi_element *child = envoi_element_child(root, name, NULL);
    for (; child; child = envoi_element_next_same(child)) {
        const char *other = envoi_element_attr_ns(child, "lang", ENVOI_NS_XML);
        if (other ? envoi__eq(other, lang) : !lang)
            return 1;
    }
    return 0;
}

static int add_child(envoi_stanza *stanza, int kind, const char *name, const char *text, const char *lang,
                     envoi_element **out)
{
    envoi_element *root = envoi_stanza_element(stanza);
    int error = envoi__element_error(root);
    if (error)
        return error;
    if (!text)
        return envoi__element_fail(root, ENVOI_ERR_ARGUMENT);
    if (envoi_stanza_kind(root) != kind)
        return envoi__element_fail(root, ENVOI_ERR_STANZA);
    if (has_text(root, name, lang))
        return envoi__element_fail(root, ENVOI_ERR_STATE);
    envoi_element *child = envoi_element_add_text_child(root, name, NULL, text);
    if (lang)
        envoi_element_set_attr_ns(child, "lang", ENVOI_NS_XML, lang);
    if (out)
        *out = child;
    return envoi__element_error(root);
}

static const char *best_text(const envoi_element *stanza, int kind, const char *name, const char *lang)
{
    if (envoi_stanza_kind(stanza) != kind)
        return NULL;
    return envoi_element_text(envoi__child_for_lang(stanza, name, NULL, lang));
}

int envoi_message_add_body(envoi_stanza *message, const char *text, const char *lang)
{
    return add_child(message, ENVOI_STANZA_MESSAGE, "body", text, lang, NULL);
}

const char *envoi_message_body(const envoi_element *message, const char *lang)
{
    return best_text(message, ENVOI_STANZA_MESSAGE, "body", lang);
}

int envoi_message_add_subject(envoi_stanza *message, const char *text, const char *lang)
{
    return add_child(message, ENVOI_STANZA_MESSAGE, "subject", text, lang, NULL);
}

const char *envoi_message_subject(const envoi_element *message, const char *lang)
{
    return best_text(message, ENVOI_STANZA_MESSAGE, "subject", lang);
}

static const envoi_element *thread_of(const envoi_element *message)
{
    return envoi_stanza_kind(message) == ENVOI_STANZA_MESSAGE ? envoi_element_child(message, "thread", NULL) : NULL;
}

int envoi_message_set_thread(envoi_stanza *message, const char *thread, const char *parent)
{
    envoi_element *root = envoi_stanza_element(message);
    /* RFC 6121 5.2.5: a thread is not its own parent */
    if (!envoi__element_error(root) && envoi__eq(thread, parent))
        return envoi__element_fail(root, ENVOI_ERR_ARGUMENT);
    envoi_element *child;
    int error = add_child(message, ENVOI_STANZA_MESSAGE, "thread", thread, NULL, &child);
    return error || !parent ? error : envoi_element_set_attr(child, "parent", parent);
}

const char *envoi_message_thread(const envoi_element *message)
{
    return envoi_element_text(thread_of(message));
}

const char *envoi_message_thread_parent(const envoi_element *message)
{
    const envoi_element *thread = thread_of(message);
    return thread ? envoi_element_attr(thread, "parent") : NULL;
}

/* ---- presence ---- */

static const char *known_show(const char *text)
{
    for (size_t i = 0; i < ENVOI__COUNT(shows); i++)
        if (envoi__eq(shows[i], text))
            return shows[i];
    return NULL;
}

/* RFC 6121 4.5.1: who is not there has no availability and no priority. */
static int add_availability(envoi_stanza *presence, const char *name, const char *text)
{
    envoi_element *root = envoi_stanza_element(presence);
    if (!envoi__element_error(root) && envoi__eq(envoi_element_attr(root, "type"), "unavailable"))
        return envoi__element_fail(root, ENVOI_ERR_STANZA);
    return add_child(presence, ENVOI_STANZA_PRESENCE, name, text, NULL, NULL);
}

int envoi_presence_set_show(envoi_stanza *presence, const char *show)
{
    return add_availability(presence, "show", known_show(show));
}

const char *envoi_presence_show(const envoi_element *presence)
{
    if (envoi_stanza_kind(presence) != ENVOI_STANZA_PRESENCE)
        return NULL;
    return known_show(envoi_element_child_text(presence, "show"));
}

int envoi_presence_add_status(envoi_stanza *presence, const char *text, const char *lang)
{
    return add_child(presence, ENVOI_STANZA_PRESENCE, "status", text, lang, NULL);
}

const char *envoi_presence_status(const envoi_element *presence, const char *lang)
{
    return best_text(presence, ENVOI_STANZA_PRESENCE, "status", lang);
}

int envoi_presence_set_priority(envoi_stanza *presence, int priority)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%d", priority);
    int in_range = priority >= LOWEST_PRIORITY && priority <= HIGHEST_PRIORITY;
    return add_availability(presence, "priority", in_range ? digits : NULL);
}

int envoi_presence_priority(const envoi_element *presence)
{
    int64_t priority;
    if (envoi_stanza_kind(presence) != ENVOI_STANZA_PRESENCE)
        return 0;
    const char *text = envoi_element_child_text(presence, "priority");
    return envoi__parse_int(text, LOWEST_PRIORITY, HIGHEST_PRIORITY, &priority) ? 0 : (int)priority;
}
