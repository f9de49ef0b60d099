/* SPDX-License-Identifier: MIT */
/* What a stanza must be before it may be sent: a program hears of its own mistake here, and not by a stream error or
 * by an answer that nobody understands. */
#include "data/stanza_check.h"

#include <envoi/stanza.h>

#include "base/text.h"

enum { OWN_CHILDREN = 4 };

/* RFC 6121 5.2, 4.7: the children that the content namespace itself defines. */
static const char *const own_children[][OWN_CHILDREN] = {
    [ENVOI_STANZA_MESSAGE] = {"subject", "body", "thread", "error"},
    [ENVOI_STANZA_PRESENCE] = {"show", "status", "priority", "error"},
    [ENVOI_STANZA_IQ] = {"error"},
};

/* RFC 6120 8.2.3: the types of an IQ, and how many payloads each has, the <error/> not counted. */
static const struct {
    const char *type;
    int least, most;
} iq_types[] = {{"get", 1, 1}, {"set", 1, 1}, {"result", 0, 1}, {"error", 0, 1}};

static const char *const error_types[] = {"auth", "cancel", "continue", "modify", "wait"};

/* RFC 6120 8.4: every other child has a namespace of its own. */
static int is_fit_child(int kind, const envoi_element *child)
{
    const char *ns = envoi_element_namespace(child);
    if (!envoi__eq(ns, ENVOI_NS_CLIENT))
        return *ns != '\0';
    for (size_t i = 0; i < OWN_CHILDREN; i++)
        if (envoi__eq(own_children[kind][i], envoi_element_name(child)))
            return 1;
    return 0;
}

/* RFC 6120 8.3.2: one of the five types, and exactly one condition. */
static int is_whole_error(const envoi_element *error)
{
    int known = 0, conditions = 0;
    for (size_t i = 0; i < ENVOI__COUNT(error_types); i++)
        known |= envoi__eq(error_types[i], envoi_element_attr(error, "type"));
    for (const envoi_element *child = envoi_element_first_child(error); child;
         child = envoi_element_next_sibling(child))
        conditions += envoi__eq(envoi_element_namespace(child), ENVOI_NS_STANZA_ERROR) &&
                      !envoi__eq(envoi_element_name(child), "text");
    return known && conditions == 1;
}

/* RFC 6121 4.5.1: who is not there has no availability and no priority. */
static int is_fit_presence(const envoi_element *presence, const char *type)
{
    return !envoi__eq(type, "unavailable") ||
           (!envoi_element_child(presence, "show", NULL) && !envoi_element_child(presence, "priority", NULL));
}

static int is_fit_iq(const char *type, int payloads)
{
    for (size_t i = 0; i < ENVOI__COUNT(iq_types); i++)
        if (envoi__eq(iq_types[i].type, type))
            return payloads >= iq_types[i].least && payloads <= iq_types[i].most;
    return 0;
}

int envoi__stanza_check(const envoi_element *stanza)
{
    int kind = envoi_stanza_kind(stanza), errors = 0, payloads = 0;
    if (kind == ENVOI_STANZA_NONE)
        return ENVOI_ERR_STANZA;
    const char *type = envoi_element_attr(stanza, "type");
    for (const envoi_element *child = envoi_element_first_child(stanza); child;
         child = envoi_element_next_sibling(child)) {
        int is_error = envoi_element_is(child, "error", ENVOI_NS_CLIENT);
        if (!is_fit_child(kind, child) || (is_error && !is_whole_error(child)))
            return ENVOI_ERR_STANZA;
        errors += is_error;
        payloads += !is_error;
    }
    /* 8.3.1: a stanza of the type "error" has an <error/>, and no other has one */
    if (errors != envoi__eq(type, "error"))
        return ENVOI_ERR_STANZA;
    if (kind == ENVOI_STANZA_IQ && !is_fit_iq(type, payloads))
        return ENVOI_ERR_STANZA;
    return kind == ENVOI_STANZA_PRESENCE && !is_fit_presence(stanza, type) ? ENVOI_ERR_STANZA : 0;
}
