/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_NODE_H
#define ENVOI_XML_NODE_H
/* The inside of the element tree, for lib/xml alone. All of it lies in the tree's arena.
 *
 * The content of an element is an ordered list of nodes: child elements and text runs. The characters of all
 * runs of one element stand joined in one buffer, and a run is a slice of it, so that the text of an element
 * is always at hand as one C string and is stored once. Two runs are never adjacent. */
#include "base/text.h"
#include "xml/tree.h"
#include <string.h>

struct envoi__node {
    struct envoi__node *next; /* within the same parent */
    int is_text;
};

struct envoi__run {
    struct envoi__node node;
    size_t start, len; /* a slice of the parent's text */
};

struct envoi__attr {
    struct envoi__attr *next;
    const char *name, *ns, *value; /* ns: "" for none */
    size_t name_len, value_len;
};

struct envoi_element {
    struct envoi__node node;
    struct envoi_element *parent;
    struct envoi__tree *tree;
    const char *name, *ns; /* ns: "" for none */
    size_t name_len;
    struct envoi__attr *attrs, *last_attr;
    struct envoi__node *first, *last;
    char *text; /* NUL-terminated; NULL: no text */
    size_t text_len, text_cap;
};

/* Make a piece of memory an element without content. Store by store: for a literal GCC clears the memory by `rep
 * stos`, which takes longer than all of these. With the arena's inline part it saves 3 % of the time of reading. */
static inline void envoi__element_init(struct envoi_element *element, struct envoi__tree *tree, const char *name,
                                       size_t name_len, const char *ns)
{
    element->node.next = NULL;
    element->node.is_text = 0;
    element->parent = NULL;
    element->tree = tree;
    element->name = name;
    element->name_len = name_len;
    element->ns = ns;
    element->attrs = element->last_attr = NULL;
    element->first = element->last = NULL;
    element->text = NULL;
    element->text_len = element->text_cap = 0;
}

/* A new element that stands nowhere yet; name and ns are taken over, not copied. NULL: no memory. */
struct envoi_element *envoi__element_make(struct envoi__tree *tree, const char *name, size_t name_len,
                                          const char *ns);
/* Add checked text. 0 or ENVOI_ERR_NOMEM, then nothing is changed. */
int envoi__element_append_text(struct envoi_element *element, const char *text, size_t len);
/* A deep copy into a tree, standing nowhere yet. NULL: no memory. */
struct envoi_element *envoi__element_copy(struct envoi__tree *tree, const struct envoi_element *from);
/* The length of an NCName of Namespaces in XML 1.0; 0 if it is none. */
size_t envoi__xml_name_len(const char *name);

/* Put a node at the end of an element's content. */
static inline void envoi__node_append(struct envoi_element *parent, struct envoi__node *node)
{
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
}

static inline void envoi__element_append(struct envoi_element *parent, struct envoi_element *child)
{
    child->parent = parent;
    envoi__node_append(parent, &child->node);
}

static inline void envoi__element_append_attr(struct envoi_element *element, struct envoi__attr *attr)
{
    attr->next = NULL;
    if (element->last_attr)
        element->last_attr->next = attr;
    else
        element->attrs = attr;
    element->last_attr = attr;
}

/* Attributes are found by namespace and name together, so that one in a namespace never answers for the one
 * without: an `x:from` beside the `from` that the server stamped would make every other check worthless. */
static inline struct envoi__attr *envoi__element_find_attr(const struct envoi_element *element, const char *name,
                                                           size_t name_len, const char *ns)
{
    struct envoi__attr *attr = element->attrs;
    while (attr && !(attr->name_len == name_len && *attr->name == *name && memcmp(attr->name, name, name_len) == 0 &&
                     envoi__eq(attr->ns, ns)))
        attr = attr->next;
    return attr;
}

/* The node as what it is. */
static inline const struct envoi_element *envoi__node_element(const struct envoi__node *node)
{
    return (const struct envoi_element *)(const void *)node;
}

static inline const struct envoi__run *envoi__node_run(const struct envoi__node *node)
{
    return (const struct envoi__run *)(const void *)node;
}

#endif
