/* SPDX-License-Identifier: MIT */
/* Requests of XEP-0060: what everybody may ask of a service. */
#include "data/pubsub_builder.h"
#include "xml/tree.h"

#include <inttypes.h>
#include <stdio.h>

int envoi_pubsub_create(envoi_stanza **out, const char *service, const char *node,
                        const envoi_form *configuration)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "set", service, ENVOI_NS_PUBSUB, "create");
    envoi__pubsub_optional(&request, request.command, "node", node);
    if (configuration) /* beside create and without a node (8.1.3) */
        envoi__pubsub_add_form(&request, envoi_element_add_child(request.pubsub, "configure", NULL),
                               configuration, ENVOI_PUBSUB_FORM_NODE_CONFIG);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_publish(envoi_stanza **out, const char *service, const char *node, const char *item_id,
                         const envoi_element *payload, const envoi_form *options)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "set", service, ENVOI_NS_PUBSUB, "publish");
    envoi__pubsub_required(&request, request.command, "node", node);
    envoi_element *item = envoi_element_add_child(request.command, "item", NULL);
    envoi__pubsub_optional(&request, item, "id", item_id);
    if (payload) {
        envoi__pubsub_fail(&request, envoi__element_error(payload)); /* half a payload is never published */
        envoi_element_add_copy(item, payload);
    }
    envoi__pubsub_publish_options(&request, options);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_publish_no_item(envoi_stanza **out, const char *service, const char *node,
                                 const envoi_form *options)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "set", service, ENVOI_NS_PUBSUB, "publish");
    envoi__pubsub_required(&request, request.command, "node", node);
    envoi__pubsub_publish_options(&request, options);
    return envoi__pubsub_finish(out, &request);
}

static void add_item_ids(struct envoi__pubsub_request *request, const char *const *item_ids, size_t count)
{
    if (!item_ids || !count) {
        envoi__pubsub_fail(request, ENVOI_ERR_ARGUMENT);
        return;
    }
    for (size_t i = 0; i < count && !request->error; i++)
        envoi__pubsub_required(request, envoi_element_add_child(request->command, "item", NULL), "id",
                               item_ids[i]);
}

int envoi_pubsub_retract(envoi_stanza **out, const char *service, const char *node,
                         const char *const *item_ids, size_t count, int notify)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "set", service, ENVOI_NS_PUBSUB, "retract");
    envoi__pubsub_required(&request, request.command, "node", node);
    if (notify)
        envoi_element_set_attr(request.command, "notify", "true");
    add_item_ids(&request, item_ids, count);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_items(envoi_stanza **out, const char *service, const char *node, const char *subid,
                           uint32_t max_items, const envoi_rsm *page)
{
    struct envoi__pubsub_request request;
    char number[sizeof "4294967295"];
    envoi__pubsub_begin(&request, "get", service, ENVOI_NS_PUBSUB, "items");
    envoi__pubsub_required(&request, request.command, "node", node);
    envoi__pubsub_optional(&request, request.command, "subid", subid);
    if (max_items) {
        snprintf(number, sizeof number, "%" PRIu32, max_items);
        envoi_element_set_attr(request.command, "max_items", number);
    }
    if (page)
        envoi__pubsub_fail(&request, envoi_rsm_append(page, request.pubsub));
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_items_by_id(envoi_stanza **out, const char *service, const char *node, const char *subid,
                                 const char *const *item_ids, size_t count)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "get", service, ENVOI_NS_PUBSUB, "items");
    envoi__pubsub_required(&request, request.command, "node", node);
    envoi__pubsub_optional(&request, request.command, "subid", subid);
    add_item_ids(&request, item_ids, count);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_subscribe(envoi_stanza **out, const char *service, const char *node, const char *jid,
                           const envoi_form *options)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "set", service, ENVOI_NS_PUBSUB, "subscribe");
    envoi__pubsub_optional(&request, request.command, "node", node);
    envoi__pubsub_jid(&request, request.command, "jid", jid, 0);
    if (options) /* behind subscribe, with neither node nor jid (6.3.7) */
        envoi__pubsub_add_form(&request, envoi_element_add_child(request.pubsub, "options", NULL), options,
                               ENVOI_PUBSUB_FORM_SUBSCRIBE_OPTIONS);
    return envoi__pubsub_finish(out, &request);
}

/* The requests about one subscription: node, jid and subid name it. */
static void begin_subscription(struct envoi__pubsub_request *request, const char *type, const char *service,
                               const char *command, const char *node, const char *jid, const char *subid)
{
    envoi__pubsub_begin(request, type, service, ENVOI_NS_PUBSUB, command);
    envoi__pubsub_optional(request, request->command, "node", node);
    envoi__pubsub_jid(request, request->command, "jid", jid, 0);
    envoi__pubsub_optional(request, request->command, "subid", subid);
}

int envoi_pubsub_unsubscribe(envoi_stanza **out, const char *service, const char *node, const char *jid,
                             const char *subid)
{
    struct envoi__pubsub_request request;
    begin_subscription(&request, "set", service, "unsubscribe", node, jid, subid);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_options(envoi_stanza **out, const char *service, const char *node, const char *jid,
                             const char *subid)
{
    struct envoi__pubsub_request request;
    begin_subscription(&request, "get", service, "options", node, jid, subid);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_set_options(envoi_stanza **out, const char *service, const char *node, const char *jid,
                             const char *subid, const envoi_form *options)
{
    struct envoi__pubsub_request request;
    begin_subscription(&request, "set", service, "options", node, jid, subid);
    envoi__pubsub_add_form(&request, request.command, options, ENVOI_PUBSUB_FORM_SUBSCRIBE_OPTIONS);
    return envoi__pubsub_finish(out, &request);
}

/* The questions that name a node or, without one, mean the whole service. */
static int ask(envoi_stanza **out, const char *service, const char *command, const char *node)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "get", service, ENVOI_NS_PUBSUB, command);
    envoi__pubsub_optional(&request, request.command, "node", node);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_default_options(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, service, "default", node); /* not in the owner's namespace (6.4.1) */
}

int envoi_pubsub_get_subscriptions(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, service, "subscriptions", node);
}

int envoi_pubsub_get_affiliations(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, service, "affiliations", node);
}
