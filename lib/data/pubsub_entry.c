/* SPDX-License-Identifier: MIT */
/* The entries that replies and events have in common: items, subscriptions, affiliations. */
#include "data/pubsub_entry.h"

/* ---- items ---- */

static int is_item(const envoi_element *element)
{
    if (envoi_element_is(element, "item", ENVOI_NS_PUBSUB))
        return 1;
    return envoi_element_is(element, "item", ENVOI_NS_PUBSUB_EVENT) ||
           envoi_pubsub_item_is_retracted(element);
}

const envoi_element *envoi__pubsub_item_from(const envoi_element *element)
{
    while (element && !is_item(element))
        element = envoi_element_next_sibling(element);
    return element;
}

const envoi_element *envoi__pubsub_item_of_lists(const envoi_element *items)
{
    const envoi_element *item = NULL;
    for (; items && !item; items = envoi_element_next_same(items))
        item = envoi__pubsub_item_from(envoi_element_first_child(items));
    return item;
}

const envoi_element *envoi_pubsub_item_next(const envoi_element *item)
{
    const envoi_element *next = envoi__pubsub_item_from(envoi_element_next_sibling(item));
    const envoi_element *items = envoi_element_parent(item);
    if (next || !envoi_element_is(items, "items", ENVOI_NS_PUBSUB))
        return next;
    return envoi__pubsub_item_of_lists(envoi_element_next_same(items));
}

const char *envoi_pubsub_item_id(const envoi_element *item)
{
    return envoi_element_attr(item, "id");
}

const char *envoi_pubsub_item_node(const envoi_element *item)
{
    return envoi_element_attr(envoi_element_parent(item), "node");
}

const char *envoi_pubsub_item_publisher(const envoi_element *item)
{
    return envoi_element_attr(item, "publisher");
}

const envoi_element *envoi_pubsub_item_payload(const envoi_element *item)
{
    return envoi_element_first_child(item);
}

int envoi_pubsub_item_is_retracted(const envoi_element *item)
{
    return envoi_element_is(item, "retract", ENVOI_NS_PUBSUB_EVENT);
}

/* ---- subscriptions ---- */

const envoi_element *envoi_pubsub_subscription_next(const envoi_element *subscription)
{
    return envoi_element_next_same(subscription);
}

/* The entry names its node, or the list does so for all. */
static const char *node_of(const envoi_element *entry)
{
    const char *node = envoi_element_attr(entry, "node");
    return node ? node : envoi_element_attr(envoi_element_parent(entry), "node");
}

const char *envoi_pubsub_subscription_node(const envoi_element *subscription)
{
    return node_of(subscription);
}

const char *envoi_pubsub_subscription_jid(const envoi_element *subscription)
{
    return envoi_element_attr(subscription, "jid");
}

const char *envoi_pubsub_subscription_subid(const envoi_element *subscription)
{
    return envoi_element_attr(subscription, "subid");
}

const char *envoi_pubsub_subscription_expiry(const envoi_element *subscription)
{
    return envoi_element_attr(subscription, "expiry");
}

int envoi_pubsub_subscription_state(const envoi_element *subscription)
{
    const char *state = envoi_element_attr(subscription, "subscription");
    if (!subscription)
        return ENVOI_ERR_ARGUMENT;
    return state ? envoi_pubsub_subscription_state_from_name(state) : 0;
}

int envoi_pubsub_subscription_options(const envoi_element *subscription)
{
    const envoi_element *options = envoi_element_child(subscription, "subscribe-options", NULL);
    if (!options)
        return ENVOI_PUBSUB_OPTIONS_UNKNOWN;
    return envoi_element_child(options, "required", NULL) ? ENVOI_PUBSUB_OPTIONS_REQUIRED
                                                          : ENVOI_PUBSUB_OPTIONS_SUPPORTED;
}

/* ---- affiliations ---- */

static int is_affiliation(const envoi_element *element)
{
    const char *ns = envoi_element_namespace(envoi_element_parent(element));
    return envoi_element_is(element, "affiliation", ns) || envoi_element_is(element, "affilation", ns);
}

const envoi_element *envoi__pubsub_affiliation_from(const envoi_element *element)
{
    while (element && !is_affiliation(element))
        element = envoi_element_next_sibling(element);
    return element;
}

const envoi_element *envoi_pubsub_affiliation_next(const envoi_element *affiliation)
{
    return envoi__pubsub_affiliation_from(envoi_element_next_sibling(affiliation));
}

const char *envoi_pubsub_affiliation_node(const envoi_element *affiliation)
{
    return node_of(affiliation);
}

const char *envoi_pubsub_affiliation_jid(const envoi_element *affiliation)
{
    return envoi_element_attr(affiliation, "jid");
}

int envoi_pubsub_affiliation(const envoi_element *affiliation)
{
    const char *name = envoi_element_attr(affiliation, "affiliation");
    if (!affiliation)
        return ENVOI_ERR_ARGUMENT;
    return name ? envoi_pubsub_affiliation_from_name(name) : 0;
}
