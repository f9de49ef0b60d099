/* SPDX-License-Identifier: MIT */
/* Service discovery (XEP-0030): what both halves share, and items. Information is in disco_info.c. */
#include "data/disco.h"

#include "base/mem.h"
#include "base/text.h"
#include "data/common.h"
#include "xml/tree.h"

struct item {
    const char *jid, *node, *name;
};

struct envoi_disco_items {
    struct envoi__arena arena;
    const char *node;
    struct item *items;
    size_t count, cap;
    envoi_rsm *page; /* NULL: none */
};

/* ---- shared ---- */

const envoi_element *envoi__disco_query(const envoi_element *element, const char *ns)
{
    if (envoi_stanza_kind(element) == ENVOI_STANZA_IQ) {
        if (!envoi__eq(envoi_element_attr(element, "type"), "result"))
            return NULL;
        element = envoi_iq_payload(element);
    }
    return envoi_element_is(element, "query", ns) ? element : NULL;
}

envoi_element *envoi__disco_append(envoi_element *parent, const char *ns, const char *node)
{
    envoi_element *query = envoi_element_add_child(parent, "query", ns);
    if (node)
        envoi_element_set_attr(query, "node", node);
    return query;
}

static int request(envoi_stanza **out, const char *ns, const char *to, const char *node,
                   const envoi_rsm *page)
{
    envoi_stanza *stanza;
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi_iq_new(&stanza, to, "get");
    if (error)
        return error;
    envoi_element *query = envoi__disco_append(envoi_stanza_element(stanza), ns, node);
    envoi_rsm_append(page, query);
    error = envoi_stanza_error(stanza);
    if (error)
        envoi_stanza_free(stanza);
    else
        *out = stanza;
    return error;
}

int envoi_disco_info_request(envoi_stanza **out, const char *to, const char *node)
{
    return request(out, ENVOI_NS_DISCO_INFO, to, node, NULL);
}

int envoi_disco_items_request(envoi_stanza **out, const char *to, const char *node, const envoi_rsm *page)
{
    return request(out, ENVOI_NS_DISCO_ITEMS, to, node, page);
}

/* ---- items ---- */

int envoi_disco_items_new(envoi_disco_items **out, const char *node)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    envoi_disco_items *items = envoi__alloc_zero(sizeof *items);
    if (!items)
        return ENVOI_ERR_NOMEM;
    int error = envoi__copy_checked(&items->arena, &items->node, node);
    if (error)
        envoi_disco_items_free(items);
    else
        *out = items;
    return error;
}

void envoi_disco_items_free(envoi_disco_items *items)
{
    if (!items)
        return;
    envoi_rsm_free(items->page);
    envoi__arena_free(&items->arena);
    envoi__free(items);
}

int envoi_disco_items_add(envoi_disco_items *items, const char *jid, const char *node, const char *name)
{
    struct item item = {0};
    if (!items || !jid)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__copy_jid(&items->arena, &item.jid, jid);
    if (!error)
        error = envoi__copy_checked(&items->arena, &item.node, node);
    if (!error)
        error = envoi__copy_checked(&items->arena, &item.name, name);
    if (error)
        return error;
    void *at = envoi__list_room(&items->arena, items->items, items->count, &items->cap, sizeof item);
    if (!at)
        return ENVOI_ERR_NOMEM;
    items->items = at;
    items->items[items->count++] = item;
    return 0;
}

int envoi_disco_items_set_page(envoi_disco_items *items, const envoi_rsm *page)
{
    envoi_rsm *copy = NULL;
    if (!items)
        return ENVOI_ERR_ARGUMENT;
    int error = page ? envoi_rsm_dup(&copy, page) : 0;
    if (error)
        return error;
    envoi_rsm_free(items->page);
    items->page = copy;
    return 0;
}

/* Of what is wrong only a lack of memory ends the reading. */
static int read_items(envoi_disco_items *items, const envoi_element *query)
{
    const envoi_element *item = envoi_element_child(query, "item", NULL);
    for (; item; item = envoi_element_next_same(item)) {
        int error = envoi_disco_items_add(items, envoi_element_attr(item, "jid"),
                                          envoi_element_attr(item, "node"), envoi_element_attr(item, "name"));
        if (error == ENVOI_ERR_NOMEM)
            return error;
    }
    return envoi_rsm_parse(&items->page, query) == ENVOI_ERR_NOMEM ? ENVOI_ERR_NOMEM : 0;
}

int envoi_disco_items_parse(envoi_disco_items **out, const envoi_element *element)
{
    envoi_disco_items *items;
    if (!out || !element)
        return ENVOI_ERR_ARGUMENT;
    const envoi_element *query = envoi__disco_query(element, ENVOI_NS_DISCO_ITEMS);
    if (!query)
        return ENVOI_ERR_STANZA;
    int error = envoi_disco_items_new(&items, envoi_element_attr(query, "node"));
    if (error)
        return error;
    error = read_items(items, query);
    if (error)
        envoi_disco_items_free(items);
    else
        *out = items;
    return error;
}

int envoi_disco_items_append(const envoi_disco_items *items, envoi_element *parent)
{
    if (!parent)
        return ENVOI_ERR_ARGUMENT;
    if (!items)
        return envoi__element_fail(parent, ENVOI_ERR_ARGUMENT);
    envoi_element *query = envoi__disco_append(parent, ENVOI_NS_DISCO_ITEMS, items->node);
    for (size_t i = 0; i < items->count; i++) {
        envoi_element *item = envoi_element_add_child(query, "item", NULL);
        envoi_element_set_attr(item, "jid", items->items[i].jid);
        if (items->items[i].node)
            envoi_element_set_attr(item, "node", items->items[i].node);
        if (items->items[i].name)
            envoi_element_set_attr(item, "name", items->items[i].name);
    }
    envoi_rsm_append(items->page, query);
    return envoi__element_error(parent);
}

const char *envoi_disco_items_node(const envoi_disco_items *items)
{
    return items ? items->node : NULL;
}

size_t envoi_disco_items_count(const envoi_disco_items *items)
{
    return items ? items->count : 0;
}

static const struct item *item_at(const envoi_disco_items *items, size_t index)
{
    return items && index < items->count ? &items->items[index] : NULL;
}

const char *envoi_disco_items_jid_at(const envoi_disco_items *items, size_t index)
{
    const struct item *item = item_at(items, index);
    return item ? item->jid : NULL;
}

const char *envoi_disco_items_node_at(const envoi_disco_items *items, size_t index)
{
    const struct item *item = item_at(items, index);
    return item ? item->node : NULL;
}

const char *envoi_disco_items_name_at(const envoi_disco_items *items, size_t index)
{
    const struct item *item = item_at(items, index);
    return item ? item->name : NULL;
}

const envoi_rsm *envoi_disco_items_page(const envoi_disco_items *items)
{
    return items ? items->page : NULL;
}
