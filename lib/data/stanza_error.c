/* SPDX-License-Identifier: MIT */
/* Stanza errors and answers (RFC 6120 8.2.3, 8.3). */
#include "base/text.h"
#include "data/common.h"
#include "xml/tree.h"

/* RFC 6120 8.3.3: the defined conditions and the usual type of each; undefined-condition goes with any. */
static const struct condition_row {
    const char *condition, *type;
} conditions[] = {
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

const char *envoi_stanza_error_default_type(const char *condition)
{
    for (size_t i = 0; i < ENVOI__COUNT(conditions); i++)
        if (envoi__eq(conditions[i].condition, condition))
            return conditions[i].type;
    return NULL;
}

static const char *known_type(const char *type)
{
    for (size_t i = 0; i < ENVOI__COUNT(types); i++)
        if (envoi__eq(types[i], type))
            return types[i];
    return NULL;
}

/* ---- reading ---- */

static int is_error(const envoi_element *stanza)
{
    return envoi_stanza_kind(stanza) && envoi__eq(envoi_element_attr(stanza, "type"), "error");
}

/* RFC 6120 8.3.1: only a stanza of the type error has one; NULL also if it lacks it. */
static const envoi_element *error_of(const envoi_element *stanza)
{
    return is_error(stanza) ? envoi_element_child(stanza, "error", NULL) : NULL;
}

static const envoi_element *condition_of(const envoi_element *error)
{
    const envoi_element *child = error ? envoi_element_first_child(error) : NULL;
    for (; child; child = envoi_element_next_sibling(child))
        if (envoi__eq(envoi_element_namespace(child), ENVOI_NS_STANZA_ERROR) &&
            !envoi__eq(envoi_element_name(child), "text"))
            return child;
    return NULL;
}

const char *envoi_stanza_error_condition(const envoi_element *stanza)
{
    if (!is_error(stanza))
        return NULL;
    const envoi_element *condition = condition_of(error_of(stanza));
    return condition ? envoi_element_name(condition) : "undefined-condition";
}

const char *envoi_stanza_error_type(const envoi_element *stanza)
{
    if (!is_error(stanza))
        return NULL;
    const envoi_element *error = error_of(stanza);
    const char *type = error ? known_type(envoi_element_attr(error, "type")) : NULL;
    if (!type)
        type = envoi_stanza_error_default_type(envoi_stanza_error_condition(stanza));
    return type ? type : "cancel";
}

const envoi_element *envoi__error_text_element(const envoi_element *stanza, const char *lang)
{
    const envoi_element *error = error_of(stanza);
    return error ? envoi__child_for_lang(error, "text", ENVOI_NS_STANZA_ERROR, lang) : NULL;
}

const char *envoi_stanza_error_text(const envoi_element *stanza, const char *lang)
{
    return envoi_element_text(envoi__error_text_element(stanza, lang));
}

const char *envoi_stanza_error_by(const envoi_element *stanza)
{
    const envoi_element *error = error_of(stanza);
    return error ? envoi_element_attr(error, "by") : NULL;
}

const char *envoi_stanza_error_uri(const envoi_element *stanza)
{
    const envoi_element *condition = condition_of(error_of(stanza));
    const char *name = condition ? envoi_element_name(condition) : NULL;
    if (!envoi__eq(name, "gone") && !envoi__eq(name, "redirect"))
        return NULL;
    const char *uri = envoi_element_text(condition);
    return *uri ? uri : NULL;
}

const envoi_element *envoi_stanza_error_application(const envoi_element *stanza)
{
    const envoi_element *error = error_of(stanza);
    const envoi_element *child = error ? envoi_element_first_child(error) : NULL;
    for (; child; child = envoi_element_next_sibling(child)) {
        const char *ns = envoi_element_namespace(child);
        if (!envoi__eq(ns, ENVOI_NS_STANZA_ERROR) && !envoi__eq(ns, ENVOI_NS_CLIENT))
            return child;
    }
    return NULL;
}

envoi_element *envoi_stanza_error_element(envoi_stanza *stanza)
{
    const envoi_element *error = envoi_element_child(envoi_stanza_root(stanza), "error", NULL);
    return (envoi_element *)(uintptr_t)error; /* the caller may change the stanza that it is in */
}

int envoi_stanza_set_error_uri(envoi_stanza *stanza, const char *uri)
{
    envoi_element *root = envoi_stanza_element(stanza);
    int error = envoi__element_error(root);
    if (error)
        return error;
    const envoi_element *condition = condition_of(envoi_stanza_error_element(stanza));
    const char *name = condition ? envoi_element_name(condition) : NULL;
    if (!envoi__eq(name, "gone") && !envoi__eq(name, "redirect"))
        return envoi__element_fail(root, ENVOI_ERR_STANZA);
    if (*envoi_element_text(condition))
        return envoi__element_fail(root, ENVOI_ERR_STATE);
    return envoi_element_add_text((envoi_element *)(uintptr_t)condition, uri); /* it stands in the caller's stanza */
}

/* ---- answers ---- */

/* RFC 6120 8.2.3: an IQ has an id, so what answers one without has one as empty. */
static const char *id_for(const envoi_element *request)
{
    const char *id = envoi_element_attr(request, "id");
    return id || envoi_stanza_kind(request) != ENVOI_STANZA_IQ ? id : "";
}

/* A stanza of the request's kind with its addresses swapped (RFC 6120 8.3.1). They are copied as they are:
 * who could send can be answered. */
static int answer(envoi_stanza **out, const envoi_element *request, const char *type)
{
    envoi_stanza *stanza;
    int error = envoi_stanza_new(&stanza, envoi_element_name(request), NULL);
    if (error)
        return error;
    envoi_element *root = envoi_stanza_element(stanza);
    envoi_element_set_attr(root, "type", type);
    envoi_element_set_attr(root, "id", id_for(request));
    envoi_element_set_attr(root, "to", envoi_element_attr(request, "from"));
    envoi_element_set_attr(root, "from", envoi_element_attr(request, "to"));
    error = envoi_stanza_error(stanza);
    if (error)
        envoi_stanza_free(stanza);
    else
        *out = stanza;
    return error;
}

int envoi_stanza_new_result(envoi_stanza **out, const envoi_element *iq)
{
    if (!out || !iq)
        return ENVOI_ERR_ARGUMENT;
    const char *type = envoi_element_attr(iq, "type");
    int is_request = envoi__eq(type, "get") || envoi__eq(type, "set");
    if (envoi_stanza_kind(iq) != ENVOI_STANZA_IQ || !is_request || !envoi_element_attr(iq, "id"))
        return ENVOI_ERR_STANZA;
    return answer(out, iq, "result");
}

/* RFC 6120 8.3.1: no error answers an error; 8.2.3: nothing answers a result. */
static int may_answer(const envoi_element *request)
{
    int kind = envoi_stanza_kind(request);
    const char *type = envoi_element_attr(request, "type");
    return kind && !envoi__eq(type, "error") && !(kind == ENVOI_STANZA_IQ && envoi__eq(type, "result"));
}

static int add_error(envoi_stanza *stanza, const char *type, const char *condition, const char *text,
                     const char *lang)
{
    envoi_element *error = envoi_element_add_child(envoi_stanza_element(stanza), "error", NULL);
    envoi_element_set_attr(error, "type", type);
    envoi_element_add_child(error, condition, ENVOI_NS_STANZA_ERROR);
    if (text) {
        envoi_element *child = envoi_element_add_text_child(error, "text", ENVOI_NS_STANZA_ERROR, text);
        envoi_element_set_attr_ns(child, "lang", ENVOI_NS_XML, lang);
    }
    return envoi_stanza_error(stanza);
}

int envoi_stanza_new_error_reply(envoi_stanza **out, const envoi_element *request, const char *type,
                                 const char *condition, const char *text, const char *lang)
{
    envoi_stanza *stanza;
    const char *usual = envoi_stanza_error_default_type(condition);
    if (!out || !request || !usual || (type && !known_type(type)))
        return ENVOI_ERR_ARGUMENT;
    if (!may_answer(request))
        return ENVOI_ERR_STANZA;
    int error = answer(&stanza, request, "error");
    if (error)
        return error;
    error = add_error(stanza, type ? type : usual, condition, text, lang);
    if (error)
        envoi_stanza_free(stanza);
    else
        *out = stanza;
    return error;
}
