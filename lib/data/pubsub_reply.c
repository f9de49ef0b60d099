/* SPDX-License-Identifier: MIT */
/* Replies of XEP-0060. A reply is what the service says; so everything is looked up by name and namespace,
 * and a place that is not there is an error of its own. */
#include "base/text.h"
#include "data/pubsub_entry.h"

/* Where an answer stands: <iq><pubsub xmlns='ns'><name/></pubsub></iq>. */
struct place {
    const char *ns, *name;
};

static const struct place configuration_places[] = {
    {ENVOI_NS_PUBSUB_OWNER, "configure"}, /* 8.2.2 */
    {ENVOI_NS_PUBSUB_OWNER, "default"},   /* 8.3.2 */
};
static const struct place options_places[] = {
    {ENVOI_NS_PUBSUB, "options"}, /* 6.3.3, 6.3.7 */
    {ENVOI_NS_PUBSUB, "default"}, /* 6.4.2 */
};
static const struct place subscriptions_places[] = {
    {ENVOI_NS_PUBSUB, "subscriptions"},       /* 5.6 */
    {ENVOI_NS_PUBSUB_OWNER, "subscriptions"}, /* 8.8.1 */
};
static const struct place affiliations_places[] = {
    {ENVOI_NS_PUBSUB, "affiliations"},       /* 5.7 */
    {ENVOI_NS_PUBSUB_OWNER, "affiliations"}, /* 8.9.1 */
};

static int check_result(const void *out, const envoi_element *reply)
{
    if (!out || !reply)
        return ENVOI_ERR_ARGUMENT;
    if (envoi_stanza_kind(reply) != ENVOI_STANZA_IQ)
        return ENVOI_ERR_STANZA;
    if (envoi__eq(envoi_stanza_type(reply), "error"))
        return ENVOI_ERR_STANZA_ERROR;
    return envoi__eq(envoi_stanza_type(reply), "result") ? 0 : ENVOI_ERR_STANZA;
}

static const envoi_element *find(const envoi_element *reply, const char *ns, const char *name)
{
    return envoi_element_child(envoi_element_child(reply, "pubsub", ns), name, NULL);
}

static const envoi_element *find_place(const envoi_element *reply, const struct place *places, size_t count)
{
    const envoi_element *found = NULL;
    for (size_t i = 0; i < count && !found; i++)
        found = find(reply, places[i].ns, places[i].name);
    return found;
}

/* ---- what was made ---- */

static int parse_name(const char **out, const envoi_element *reply, const char *command, const char *child,
                      const char *attr)
{
    int error = check_result(out, reply);
    if (error)
        return error;
    const envoi_element *element = find(reply, ENVOI_NS_PUBSUB, command);
    if (child)
        element = envoi_element_child(element, child, NULL);
    *out = envoi_element_attr(element, attr);
    return 0;
}

int envoi_pubsub_parse_created(const char **node, const envoi_element *reply)
{
    return parse_name(node, reply, "create", NULL, "node");
}

int envoi_pubsub_parse_published(const char **item_id, const envoi_element *reply)
{
    return parse_name(item_id, reply, "publish", "item", "id");
}

/* ---- forms, pages and items ---- */

static int parse_form(envoi_form **out, const envoi_element *reply, const struct place *places, size_t count,
                      const char *form_type)
{
    int error = check_result(out, reply);
    if (error)
        return error;
    const envoi_element *place = find_place(reply, places, count);
    if (!place)
        return ENVOI_ERR_STANZA;
    const envoi_element *element = envoi_form_find(place);
    if (!element)
        return ENVOI_ERR_FORM;
    envoi_form *form = NULL;
    error = envoi_form_parse(&form, element);
    if (error)
        return error;
    if (envoi_form_form_type(form) && !envoi__eq(envoi_form_form_type(form), form_type)) {
        envoi_form_free(form);
        return ENVOI_ERR_FORM;
    }
    *out = form;
    return 0;
}

int envoi_pubsub_parse_configuration(envoi_form **out, const envoi_element *reply)
{
    return parse_form(out, reply, configuration_places, ENVOI__COUNT(configuration_places),
                      ENVOI_PUBSUB_FORM_NODE_CONFIG);
}

int envoi_pubsub_parse_options(envoi_form **out, const envoi_element *reply)
{
    return parse_form(out, reply, options_places, ENVOI__COUNT(options_places),
                      ENVOI_PUBSUB_FORM_SUBSCRIBE_OPTIONS);
}

int envoi_pubsub_parse_page(envoi_rsm **out, const envoi_element *reply)
{
    int error = check_result(out, reply);
    if (error)
        return error;
    const envoi_element *pubsub = envoi_element_child(reply, "pubsub", ENVOI_NS_PUBSUB);
    return pubsub ? envoi_rsm_parse(out, pubsub) : ENVOI_ERR_STANZA; /* beside the items (6.5.4) */
}

int envoi_pubsub_parse_items(const envoi_element **first, const envoi_element *reply)
{
    int error = check_result(first, reply);
    if (error)
        return error;
    const envoi_element *items = find(reply, ENVOI_NS_PUBSUB, "items");
    if (!items)
        return ENVOI_ERR_STANZA;
    *first = envoi__pubsub_item_of_lists(items);
    return 0;
}

/* ---- lists of subscriptions and affiliations ---- */

static int parse_list(const envoi_element **first, const envoi_element *reply, const struct place *places,
                      size_t count, const char *entry)
{
    int error = check_result(first, reply);
    if (error)
        return error;
    const envoi_element *list = find_place(reply, places, count);
    if (!list)
        return ENVOI_ERR_STANZA;
    *first = envoi_element_child(list, entry, NULL);
    return 0;
}

/* What could not be changed comes back beside the error (8.8.2.4, 8.9.2.4). */
static int parse_refused(const envoi_element **first, const envoi_element *reply, const struct place *places,
                         size_t count, const char *entry)
{
    int error = check_result(first, reply);
    if (error != ENVOI_ERR_STANZA_ERROR)
        return error ? error : ENVOI_ERR_STANZA;
    *first = envoi_element_child(find_place(reply, places, count), entry, NULL);
    return 0;
}

int envoi_pubsub_parse_subscription(const envoi_element **subscription, const envoi_element *reply)
{
    int error = check_result(subscription, reply);
    if (!error)
        *subscription = find(reply, ENVOI_NS_PUBSUB, "subscription");
    return error;
}

int envoi_pubsub_parse_subscriptions(const envoi_element **first, const envoi_element *reply)
{
    return parse_list(first, reply, subscriptions_places, ENVOI__COUNT(subscriptions_places), "subscription");
}

int envoi_pubsub_parse_refused_subscriptions(const envoi_element **first, const envoi_element *reply)
{
    return parse_refused(first, reply, subscriptions_places, ENVOI__COUNT(subscriptions_places),
                         "subscription");
}

int envoi_pubsub_parse_affiliations(const envoi_element **first, const envoi_element *reply)
{
    return parse_list(first, reply, affiliations_places, ENVOI__COUNT(affiliations_places), "affiliation");
}

int envoi_pubsub_parse_refused_affiliations(const envoi_element **first, const envoi_element *reply)
{
    return parse_refused(first, reply, affiliations_places, ENVOI__COUNT(affiliations_places), "affiliation");
}
