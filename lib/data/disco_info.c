/* SPDX-License-Identifier: MIT */
/* Service discovery (XEP-0030): information, with the forms of XEP-0128. */
#include "base/mem.h"
#include "base/text.h"
#include "data/common.h"
#include "data/disco.h"
#include "xml/tree.h"

struct identity {
    const char *category, *type, *name, *lang;
};

struct envoi_disco_info {
    struct envoi__arena arena;
    const char *node;
    struct identity *identities;
    size_t identity_count, identity_cap;
    const char **features;
    size_t feature_count, feature_cap;
    envoi_form **forms; /* the array lies in the arena, the forms do not */
    size_t form_count, form_cap;
};

int envoi_disco_info_new(envoi_disco_info **out, const char *node)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    envoi_disco_info *info = envoi__alloc_zero(sizeof *info);
    if (!info)
        return ENVOI_ERR_NOMEM;
    int error = envoi__copy_checked(&info->arena, &info->node, node);
    if (error)
        envoi_disco_info_free(info);
    else
        *out = info;
    return error;
}

void envoi_disco_info_free(envoi_disco_info *info)
{
    if (!info)
        return;
    for (size_t i = 0; i < info->form_count; i++)
        envoi_form_free(info->forms[i]);
    envoi__arena_free(&info->arena);
    envoi__free(info);
}

/* ---- adding ---- */

static int is_empty(const char *text)
{
    return !text || !*text;
}

int envoi_disco_info_add_identity(envoi_disco_info *info, const char *category, const char *type,
                                  const char *name, const char *lang)
{
    struct identity identity = {0};
    if (!info || is_empty(category) || is_empty(type))
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__copy_checked(&info->arena, &identity.category, category);
    if (!error)
        error = envoi__copy_checked(&info->arena, &identity.type, type);
    if (!error)
        error = envoi__copy_checked(&info->arena, &identity.name, name);
    if (!error)
        error = envoi__copy_checked(&info->arena, &identity.lang, lang);
    if (error)
        return error;
    void *at = envoi__list_room(&info->arena, info->identities, info->identity_count, &info->identity_cap,
                                sizeof identity);
    if (!at)
        return ENVOI_ERR_NOMEM;
    info->identities = at;
    info->identities[info->identity_count++] = identity;
    return 0;
}

static int add_feature(envoi_disco_info *info, const char *feature)
{
    const char *own = NULL;
    int error = envoi__copy_checked(&info->arena, &own, feature);
    if (error)
        return error;
    void *at =
        envoi__list_room(&info->arena, info->features, info->feature_count, &info->feature_cap, sizeof own);
    if (!at)
        return ENVOI_ERR_NOMEM;
    info->features = at;
    info->features[info->feature_count++] = own;
    return 0;
}

int envoi_disco_info_add_feature(envoi_disco_info *info, const char *feature)
{
    if (!info || is_empty(feature))
        return ENVOI_ERR_ARGUMENT;
    return envoi_disco_info_has_feature(info, feature) ? 0 : add_feature(info, feature);
}

/* Takes the form over, also on failure. */
static int take_form(envoi_disco_info *info, envoi_form *form)
{
    void *at = envoi__list_room(&info->arena, info->forms, info->form_count, &info->form_cap, sizeof form);
    if (!at) {
        envoi_form_free(form);
        return ENVOI_ERR_NOMEM;
    }
    info->forms = at;
    info->forms[info->form_count++] = form;
    return 0;
}

int envoi_disco_info_add_form(envoi_disco_info *info, const envoi_form *form)
{
    envoi_form *copy;
    if (!info || !form)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi_form_error(form);
    if (!error)
        error = envoi_form_dup(&copy, form);
    return error ? error : take_form(info, copy);
}

/* ---- parsing: what is wrong is left out, and only a lack of memory ends the reading ---- */

static int read_form(envoi_disco_info *info, const envoi_element *element)
{
    envoi_form *form;
    int error = envoi_form_parse(&form, element);
    return error ? error : take_form(info, form);
}

static int read_child(envoi_disco_info *info, const envoi_element *child)
{
    const char *feature = envoi_element_attr(child, "var");
    if (envoi_element_is(child, "identity", ENVOI_NS_DISCO_INFO))
        return envoi_disco_info_add_identity(
            info, envoi_element_attr(child, "category"), envoi_element_attr(child, "type"),
            envoi_element_attr(child, "name"), envoi_element_attr_ns(child, "lang", ENVOI_NS_XML));
    /* doubles are kept: to look for them among thousands would be slow, and XEP-0115 5.4 wants to know of
     * them */
    if (envoi_element_is(child, "feature", ENVOI_NS_DISCO_INFO) && !is_empty(feature))
        return add_feature(info, feature);
    if (envoi_element_is(child, "x", ENVOI_NS_DATA_FORM))
        return read_form(info, child);
    return 0;
}

int envoi_disco_info_parse(envoi_disco_info **out, const envoi_element *element)
{
    envoi_disco_info *info;
    if (!out || !element)
        return ENVOI_ERR_ARGUMENT;
    const envoi_element *query = envoi__disco_query(element, ENVOI_NS_DISCO_INFO);
    if (!query)
        return ENVOI_ERR_STANZA;
    int error = envoi_disco_info_new(&info, envoi_element_attr(query, "node"));
    if (error)
        return error;
    const envoi_element *child = envoi_element_first_child(query);
    for (; child && error != ENVOI_ERR_NOMEM; child = envoi_element_next_sibling(child))
        error = read_child(info, child);
    if (error == ENVOI_ERR_NOMEM) {
        envoi_disco_info_free(info);
        return error;
    }
    *out = info;
    return 0;
}

/* ---- writing ---- */

static void write_identity(const struct identity *identity, envoi_element *query)
{
    envoi_element *element = envoi_element_add_child(query, "identity", NULL);
    envoi_element_set_attr(element, "category", identity->category);
    envoi_element_set_attr(element, "type", identity->type);
    if (identity->name)
        envoi_element_set_attr(element, "name", identity->name);
    if (identity->lang)
        envoi_element_set_attr_ns(element, "lang", ENVOI_NS_XML, identity->lang);
}

int envoi_disco_info_append(const envoi_disco_info *info, envoi_element *parent)
{
    if (!parent)
        return ENVOI_ERR_ARGUMENT;
    if (!info)
        return envoi__element_fail(parent, ENVOI_ERR_ARGUMENT);
    envoi_element *query = envoi__disco_append(parent, ENVOI_NS_DISCO_INFO, info->node);
    for (size_t i = 0; i < info->identity_count; i++)
        write_identity(&info->identities[i], query);
    for (size_t i = 0; i < info->feature_count; i++)
        envoi_element_set_attr(envoi_element_add_child(query, "feature", NULL), "var", info->features[i]);
    for (size_t i = 0; i < info->form_count; i++)
        envoi_form_append(info->forms[i], query);
    return envoi__element_error(parent);
}

/* ---- reading ---- */

const char *envoi_disco_info_node(const envoi_disco_info *info)
{
    return info ? info->node : NULL;
}

size_t envoi_disco_info_identity_count(const envoi_disco_info *info)
{
    return info ? info->identity_count : 0;
}

static const struct identity *identity_at(const envoi_disco_info *info, size_t index)
{
    static const struct identity none;
    return index < envoi_disco_info_identity_count(info) ? &info->identities[index] : &none;
}

const char *envoi_disco_info_category_at(const envoi_disco_info *info, size_t index)
{
    return identity_at(info, index)->category;
}

const char *envoi_disco_info_type_at(const envoi_disco_info *info, size_t index)
{
    return identity_at(info, index)->type;
}

const char *envoi_disco_info_name_at(const envoi_disco_info *info, size_t index)
{
    return identity_at(info, index)->name;
}

const char *envoi_disco_info_lang_at(const envoi_disco_info *info, size_t index)
{
    return identity_at(info, index)->lang;
}

int envoi_disco_info_has_identity(const envoi_disco_info *info, const char *category, const char *type)
{
    for (size_t i = 0; i < envoi_disco_info_identity_count(info); i++)
        if (envoi__eq(info->identities[i].category, category) &&
            (!type || envoi__eq(info->identities[i].type, type)))
            return 1;
    return 0;
}

size_t envoi_disco_info_feature_count(const envoi_disco_info *info)
{
    return info ? info->feature_count : 0;
}

const char *envoi_disco_info_feature_at(const envoi_disco_info *info, size_t index)
{
    return index < envoi_disco_info_feature_count(info) ? info->features[index] : NULL;
}

int envoi_disco_info_has_feature(const envoi_disco_info *info, const char *feature)
{
    for (size_t i = 0; i < envoi_disco_info_feature_count(info); i++)
        if (envoi__eq(info->features[i], feature))
            return 1;
    return 0;
}

size_t envoi_disco_info_form_count(const envoi_disco_info *info)
{
    return info ? info->form_count : 0;
}

const envoi_form *envoi_disco_info_form_at(const envoi_disco_info *info, size_t index)
{
    return index < envoi_disco_info_form_count(info) ? info->forms[index] : NULL;
}

const envoi_form *envoi_disco_info_form(const envoi_disco_info *info, const char *form_type)
{
    for (size_t i = 0; i < envoi_disco_info_form_count(info); i++)
        if (envoi__eq(envoi_form_form_type(info->forms[i]), form_type))
            return info->forms[i];
    return NULL;
}
