/* SPDX-License-Identifier: MIT */
#include "data/pubsub_builder.h"

#include "base/text.h"
#include <envoi/jid.h>

void envoi__pubsub_fail(struct envoi__pubsub_request *request, int error)
{
    if (request->error || !error)
        return;
    int earlier = request->stanza ? envoi_stanza_error(request->stanza) : 0;
    request->error = earlier ? earlier : error;
}

void envoi__pubsub_begin(struct envoi__pubsub_request *request, const char *type, const char *service,
                         const char *ns, const char *command)
{
    *request = (struct envoi__pubsub_request){0};
    /* without `to` the own account answers (RFC 6120 10.3.3, XEP-0163 3) */
    envoi__pubsub_fail(request, envoi_iq_new(&request->stanza, service, type));
    request->pubsub = envoi_element_add_child(envoi_stanza_element(request->stanza), "pubsub", ns);
    request->command = envoi_element_add_child(request->pubsub, command, NULL);
}

void envoi__pubsub_required(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                            const char *value)
{
    if (!value || !*value)
        envoi__pubsub_fail(request, ENVOI_ERR_ARGUMENT);
    else
        envoi_element_set_attr(element, name, value);
}

void envoi__pubsub_optional(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                            const char *value)
{
    if (value)
        envoi__pubsub_required(request, element, name, value);
}

void envoi__pubsub_jid(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                       const char *jid, int bare)
{
    envoi_jid *prepared = NULL;
    int error = envoi_jid_parse(&prepared, jid);
    if (!error && bare && envoi_jid_resourcepart(prepared))
        error = ENVOI_ERR_JID;
    envoi__pubsub_fail(request, error);
    if (!error)
        envoi_element_set_attr(element, name, envoi_jid_full(prepared));
    envoi_jid_free(prepared);
}

/* Node configuration and publish-options have the same fields (7.1.5), so one form may stand for the other. A
 * form that came without FORM_TYPE, as some services send it, goes back with it. */
static int may_stand_for(const char *form_type, const char *due)
{
    static const char *const kin[] = {ENVOI_PUBSUB_FORM_NODE_CONFIG, ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS};
    if (!form_type)
        return 1;
    return (envoi__eq(form_type, kin[0]) && envoi__eq(due, kin[1])) ||
           (envoi__eq(form_type, kin[1]) && envoi__eq(due, kin[0]));
}

static int copy_field(envoi_form *to, const envoi_field *field)
{
    const char *var = envoi_field_var(field);
    if (!var || envoi__eq(var, "FORM_TYPE"))
        return 0;
    size_t count = envoi_field_value_count(field);
    int error = count ? 0 : envoi_form_set_value(to, var, NULL);
    for (size_t i = 0; i < count && !error; i++)
        error = envoi_form_add_value(to, var, envoi_field_value_at(field, i));
    return error;
}

static int append_as(envoi_element *parent, const envoi_form *form, const char *form_type)
{
    envoi_form *copy = NULL;
    int error = envoi_form_new(&copy, ENVOI_FORM_SUBMIT, form_type);
    for (size_t i = 0; !error && i < envoi_form_field_count(form); i++)
        error = copy_field(copy, envoi_form_field_at(form, i));
    if (!error)
        error = envoi_form_append(copy, parent);
    envoi_form_free(copy);
    return error;
}

void envoi__pubsub_add_form(struct envoi__pubsub_request *request, envoi_element *parent,
                            const envoi_form *form, const char *form_type)
{
    int error = envoi_form_error(form);
    if (!error && envoi_form_type(form) != ENVOI_FORM_SUBMIT)
        error = ENVOI_ERR_FORM;
    if (!error && envoi__eq(envoi_form_form_type(form), form_type))
        error = envoi_form_append(form, parent);
    else if (!error && may_stand_for(envoi_form_form_type(form), form_type))
        error = append_as(parent, form, form_type);
    else if (!error)
        error = ENVOI_ERR_FORM;
    envoi__pubsub_fail(request, error);
}

void envoi__pubsub_publish_options(struct envoi__pubsub_request *request, const envoi_form *options)
{
    if (options)
        envoi__pubsub_add_form(request, envoi_element_add_child(request->pubsub, "publish-options", NULL),
                               options, ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS);
}

int envoi__pubsub_finish(envoi_stanza **out, struct envoi__pubsub_request *request)
{
    if (!out)
        envoi__pubsub_fail(request, ENVOI_ERR_ARGUMENT);
    if (request->stanza)
        envoi__pubsub_fail(request, envoi_stanza_error(request->stanza));
    if (request->error)
        envoi_stanza_free(request->stanza);
    else
        *out = request->stanza;
    return request->error;
}
