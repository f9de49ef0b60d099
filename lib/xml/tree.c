/* SPDX-License-Identifier: MIT */
/* Trees as storage: making, linking and copying nodes, and the stanza that owns a tree. */
#include "xml/tree.h"

#include "base/mem.h"
#include "base/text.h"
#include "xml/node.h"
#include <string.h>

struct envoi_stanza {
    struct envoi__tree tree;
};

void envoi__tree_init(struct envoi__tree *tree)
{
    *tree = (struct envoi__tree){0};
}

void envoi__tree_free(struct envoi__tree *tree)
{
    envoi__arena_free(&tree->arena);
    envoi__tree_init(tree);
}

void envoi__tree_reset(struct envoi__tree *tree)
{
    envoi__arena_reset(&tree->arena);
    tree->root = NULL;
    tree->lang = tree->default_ns = NULL;
    tree->prefixed = 0;
    tree->error = 0;
}

struct envoi_element *envoi__element_make(struct envoi__tree *tree, const char *name, size_t name_len, const char *ns)
{
    struct envoi_element *element = envoi__arena_alloc(&tree->arena, sizeof *element);
    if (element)
        envoi__element_init(element, tree, name, name_len, ns);
    return element;
}

/* Room for more characters behind the text there is. The first text gets exactly what it needs, since most
 * elements have one; then the room doubles. */
static int grow_text(struct envoi_element *element, size_t more)
{
    if (more <= element->text_cap - element->text_len)
        return 0;
    if (more > SIZE_MAX / 4 || element->text_len > SIZE_MAX / 4)
        return ENVOI_ERR_NOMEM;
    size_t cap = element->text_len + more;
    if (element->text && cap < element->text_cap * 2)
        cap = element->text_cap * 2;
    char *text = envoi__arena_alloc(&element->tree->arena, cap + 1);
    if (!text)
        return ENVOI_ERR_NOMEM;
    if (element->text_len)
        memcpy(text, element->text, element->text_len);
    element->text = text;
    element->text_cap = cap;
    text[element->text_len] = '\0';
    return 0;
}

/* Most elements have one text and nothing else: the run and its characters lie in one piece. */
static int only_text(struct envoi_element *element, const char *text, size_t len)
{
    if (len > SIZE_MAX / 4)
        return ENVOI_ERR_NOMEM;
    struct envoi__run *run = envoi__arena_alloc(&element->tree->arena, sizeof *run + len + 1);
    if (!run)
        return ENVOI_ERR_NOMEM;
    run->node.next = NULL;
    run->node.is_text = 1;
    run->start = 0;
    run->len = element->text_len = element->text_cap = len;
    element->text = (char *)(run + 1);
    element->first = element->last = &run->node;
    memcpy(element->text, text, len);
    element->text[len] = '\0';
    return 0;
}

int envoi__element_append_text(struct envoi_element *element, const char *text, size_t len)
{
    struct envoi__run *run = NULL;
    if (!len)
        return 0;
    if (!element->first)
        return only_text(element, text, len);
    /* The text may be the element's own: growing leaves the old buffer as it is, so it is still good to read.
     */
    if (grow_text(element, len) < 0)
        return ENVOI_ERR_NOMEM;
    if (element->last->is_text) {
        run = (struct envoi__run *)element->last;
    } else {
        run = envoi__arena_alloc(&element->tree->arena, sizeof *run);
        if (!run)
            return ENVOI_ERR_NOMEM;
        *run = (struct envoi__run){.node.is_text = 1, .start = element->text_len};
        envoi__node_append(element, &run->node);
    }
    memmove(element->text + element->text_len, text, len);
    run->len += len;
    element->text_len += len;
    element->text[element->text_len] = '\0';
    return 0;
}

static char *keep(struct envoi__tree *tree, const char *text)
{
    return envoi__arena_text(&tree->arena, text, strlen(text));
}

static struct envoi__attr *copy_attr(struct envoi__tree *tree, const struct envoi__attr *from)
{
    struct envoi__attr *attr = envoi__arena_alloc(&tree->arena, sizeof *attr);
    if (!attr)
        return NULL;
    *attr = *from;
    attr->name = envoi__arena_text(&tree->arena, from->name, from->name_len);
    attr->ns = *from->ns ? keep(tree, from->ns) : "";
    attr->value = envoi__arena_text(&tree->arena, from->value, from->value_len);
    return attr->name && attr->ns && attr->value ? attr : NULL;
}

/* One element and its attributes. A namespace that is the parent's is not copied again. */
static struct envoi_element *copy_one(struct envoi__tree *tree, const struct envoi_element *from,
                                      const struct envoi_element *copied_parent)
{
    const char *name = envoi__arena_text(&tree->arena, from->name, from->name_len);
    const char *ns =
        copied_parent && envoi__eq(copied_parent->ns, from->ns) ? copied_parent->ns : keep(tree, from->ns);
    struct envoi_element *copy = name && ns ? envoi__element_make(tree, name, from->name_len, ns) : NULL;
    for (const struct envoi__attr *a = from->attrs; copy && a; a = a->next) {
        struct envoi__attr *attr = copy_attr(tree, a);
        if (!attr)
            return NULL;
        envoi__element_append_attr(copy, attr);
    }
    return copy;
}

/* Copy node after node in document order; `at` is the source element whose content is being copied, `to` its
 * copy. */
struct envoi_element *envoi__element_copy(struct envoi__tree *tree, const struct envoi_element *from)
{
    struct envoi_element *copy = copy_one(tree, from, NULL), *to = copy;
    const struct envoi_element *at = from;
    const struct envoi__node *node = from->first;
    while (to) {
        if (!node) { /* the content of `at` is done: go on behind it */
            if (at == from)
                return copy;
            node = at->node.next;
            at = at->parent;
            to = to->parent;
        } else if (node->is_text) {
            const struct envoi__run *run = envoi__node_run(node);
            if (envoi__element_append_text(to, at->text + run->start, run->len) < 0)
                return NULL;
            node = node->next;
        } else {
            at = envoi__node_element(node);
            struct envoi_element *child = copy_one(tree, at, to);
            if (child)
                envoi__element_append(to, child);
            to = child;
            node = at->first;
        }
    }
    return NULL;
}

/* The stanza lies in its own arena: one allocation makes both. */
static struct envoi_stanza *make_stanza(void)
{
    struct envoi__arena arena;
    envoi__arena_init(&arena);
    struct envoi_stanza *stanza = envoi__arena_alloc(&arena, sizeof *stanza);
    if (stanza) {
        envoi__tree_init(&stanza->tree);
        stanza->tree.arena = arena;
    }
    return stanza;
}

void envoi_stanza_free(envoi_stanza *stanza)
{
    if (!stanza)
        return;
    struct envoi__arena arena = stanza->tree.arena;
    envoi__arena_free(&arena);
}

/* The root, its name and its namespace were allocated before all else, so they survive. */
void envoi_stanza_clear(envoi_stanza *stanza)
{
    if (!stanza)
        return;
    struct envoi__tree *tree = &stanza->tree;
    envoi__arena_rewind(&tree->arena, tree->root + 1);
    envoi__element_init(tree->root, tree, tree->root->name, tree->root->name_len, tree->root->ns);
    tree->lang = NULL;
    tree->error = 0;
}

static int check_root(const char *name, const char *ns)
{
    int error = envoi__xml_text_check(ns, strlen(ns));
    if (!error)
        error = envoi__xml_text_check(name, strlen(name));
    if (!error && (!envoi__xml_name_len(name) || strcmp(ns, ENVOI__NS_XMLNS) == 0))
        error = ENVOI_ERR_XML_NAME;
    return error;
}

int envoi_stanza_new(envoi_stanza **out, const char *name, const char *ns)
{
    if (!out || !name)
        return ENVOI_ERR_ARGUMENT;
    ns = ns ? ns : ENVOI_NS_CLIENT;
    int error = check_root(name, ns);
    if (error)
        return error;
    struct envoi_stanza *stanza = make_stanza();
    if (!stanza)
        return ENVOI_ERR_NOMEM;
    const char *own_name = keep(&stanza->tree, name), *own_ns = keep(&stanza->tree, ns);
    if (own_name && own_ns)
        stanza->tree.root = envoi__element_make(&stanza->tree, own_name, strlen(name), own_ns);
    if (!stanza->tree.root) {
        envoi_stanza_free(stanza);
        return ENVOI_ERR_NOMEM;
    }
    *out = stanza;
    return 0;
}

int envoi_stanza_dup(envoi_stanza **out, const envoi_element *element)
{
    if (!out || !element)
        return ENVOI_ERR_ARGUMENT;
    struct envoi_stanza *stanza = make_stanza();
    if (!stanza)
        return ENVOI_ERR_NOMEM;
    stanza->tree.root = envoi__element_copy(&stanza->tree, element);
    const char *lang = envoi_element_lang(element);
    if (!stanza->tree.root ||
        (lang && envoi_element_set_attr_ns(stanza->tree.root, "lang", ENVOI_NS_XML, lang) < 0)) {
        envoi_stanza_free(stanza);
        return ENVOI_ERR_NOMEM;
    }
    *out = stanza;
    return 0;
}

int envoi__stanza_make(envoi_stanza **out, struct envoi__tree **tree)
{
    struct envoi_stanza *stanza = make_stanza();
    if (!stanza)
        return ENVOI_ERR_NOMEM;
    *out = stanza;
    *tree = &stanza->tree;
    return 0;
}

envoi_element *envoi_stanza_element(envoi_stanza *stanza)
{
    return stanza ? stanza->tree.root : NULL;
}

const envoi_element *envoi_stanza_root(const envoi_stanza *stanza)
{
    return stanza ? stanza->tree.root : NULL;
}

int envoi_stanza_error(const envoi_stanza *stanza)
{
    return stanza ? stanza->tree.error : ENVOI_ERR_ARGUMENT;
}
