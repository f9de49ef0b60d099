/* SPDX-License-Identifier: MIT */
/* Requests of XEP-0060 8: what owners ask of their nodes. */
#include "base/text.h"
#include "data/pubsub_builder.h"

static void begin(struct envoi__pubsub_request *request, const char *type, const char *service,
                  const char *command, const char *node)
{
    envoi__pubsub_begin(request, type, service, ENVOI_NS_PUBSUB_OWNER, command);
    envoi__pubsub_required(request, request->command, "node", node);
}

static int ask(envoi_stanza **out, const char *type, const char *service, const char *command,
               const char *node)
{
    struct envoi__pubsub_request request;
    begin(&request, type, service, command, node);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_configuration(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, "get", service, "configure", node);
}

int envoi_pubsub_set_configuration(envoi_stanza **out, const char *service, const char *node,
                                   const envoi_form *configuration)
{
    struct envoi__pubsub_request request;
    begin(&request, "set", service, "configure", node);
    if (envoi_form_type(configuration) == ENVOI_FORM_CANCEL) /* 8.2.4, where nothing but the type is said */
        envoi__pubsub_fail(&request, envoi_form_append(configuration, request.command));
    else
        envoi__pubsub_add_form(&request, request.command, configuration, ENVOI_PUBSUB_FORM_NODE_CONFIG);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_get_default_configuration(envoi_stanza **out, const char *service, const char *type)
{
    struct envoi__pubsub_request request;
    envoi__pubsub_begin(&request, "get", service, ENVOI_NS_PUBSUB_OWNER, "default");
    envoi__pubsub_optional(&request, request.command, "type", type);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_delete(envoi_stanza **out, const char *service, const char *node, const char *redirect_uri)
{
    struct envoi__pubsub_request request;
    begin(&request, "set", service, "delete", node);
    if (redirect_uri)
        envoi__pubsub_required(&request, envoi_element_add_child(request.command, "redirect", NULL), "uri",
                               redirect_uri);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_purge(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, "set", service, "purge", node);
}

int envoi_pubsub_get_node_subscriptions(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, "get", service, "subscriptions", node);
}

int envoi_pubsub_get_node_affiliations(envoi_stanza **out, const char *service, const char *node)
{
    return ask(out, "get", service, "affiliations", node);
}

/* A JID may come twice only with different subids (8.8.2.1), so an entry equals an earlier one if both agree.
 */
static int comes_twice(const envoi_element *entry)
{
    const char *jid = envoi_element_attr(entry, "jid"), *subid = envoi_element_attr(entry, "subid");
    const envoi_element *other = envoi_element_first_child(envoi_element_parent(entry));
    for (; other && other != entry; other = envoi_element_next_sibling(other)) {
        const char *other_subid = envoi_element_attr(other, "subid");
        if (envoi__eq(envoi_element_attr(other, "jid"), jid) &&
            (subid ? envoi__eq(other_subid, subid) : !other_subid))
            return 1;
    }
    return 0;
}

/* One entry of a change. `name` is both the element and the attribute with the new value. */
static void add_change(struct envoi__pubsub_request *request, const char *name, const char *jid,
                       const char *value, const char *subid, int bare)
{
    envoi_element *entry = envoi_element_add_child(request->command, name, NULL);
    envoi__pubsub_jid(request, entry, "jid", jid, bare);
    envoi__pubsub_required(request, entry, name, value);
    envoi__pubsub_optional(request, entry, "subid", subid);
    if (entry && comes_twice(entry))
        envoi__pubsub_fail(request, ENVOI_ERR_ARGUMENT);
}

int envoi_pubsub_modify_node_subscriptions(envoi_stanza **out, const char *service, const char *node,
                                           const char *const *jids, const int *states,
                                           const char *const *subids, size_t count)
{
    struct envoi__pubsub_request request;
    begin(&request, "set", service, "subscriptions", node);
    if (!jids || !states || !count)
        envoi__pubsub_fail(&request, ENVOI_ERR_ARGUMENT);
    for (size_t i = 0; i < count && !request.error; i++)
        add_change(&request, "subscription", jids[i], envoi_pubsub_subscription_state_name(states[i]),
                   subids ? subids[i] : NULL, 0);
    return envoi__pubsub_finish(out, &request);
}

int envoi_pubsub_modify_node_affiliations(envoi_stanza **out, const char *service, const char *node,
                                          const char *const *jids, const int *affiliations, size_t count)
{
    struct envoi__pubsub_request request;
    begin(&request, "set", service, "affiliations", node);
    if (!jids || !affiliations || !count)
        envoi__pubsub_fail(&request, ENVOI_ERR_ARGUMENT);
    for (size_t i = 0; i < count && !request.error; i++) /* held by bare JIDs only (4.1) */
        add_change(&request, "affiliation", jids[i], envoi_pubsub_affiliation_name(affiliations[i]), NULL, 1);
    return envoi__pubsub_finish(out, &request);
}
