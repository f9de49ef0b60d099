/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FUZZ_SAME_H
#define ENVOI_TESTS_FUZZ_SAME_H
/* Comparing trees, the order of text and elements included. */
#include "fuzz.h"

#include "xml/node.h"
#include <string.h>

static inline int same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline int same_attrs(const envoi_element *a, const envoi_element *b)
{
    size_t count = envoi_element_attr_count(a);
    if (count != envoi_element_attr_count(b))
        return 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = envoi_element_attr_name_at(a, i), *ns = envoi_element_attr_namespace_at(a, i);
        const char *value = *ns ? envoi_element_attr_ns(b, name, ns) : envoi_element_attr(b, name);
        if (!same_text(value, envoi_element_attr_value_at(a, i)))
            return 0;
    }
    return 1;
}

static inline int same_tree(const envoi_element *a, const envoi_element *b);

static inline int same_node(const envoi_element *a, const struct envoi__node *x, const envoi_element *b,
                            const struct envoi__node *y)
{
    if (x->is_text != y->is_text)
        return 0;
    if (!x->is_text)
        return same_tree(envoi__node_element(x), envoi__node_element(y));
    const struct envoi__run *run = envoi__node_run(x), *other = envoi__node_run(y);
    return run->len == other->len && memcmp(a->text + run->start, b->text + other->start, run->len) == 0;
}

/* The targets keep their trees shallow enough for this to recurse. */
static inline int same_tree(const envoi_element *a, const envoi_element *b)
{
    if (!same_text(envoi_element_name(a), envoi_element_name(b)) ||
        !same_text(envoi_element_namespace(a), envoi_element_namespace(b)) || !same_attrs(a, b))
        return 0;
    const struct envoi__node *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next)
        if (!same_node(a, x, b, y))
            return 0;
    return !x && !y;
}

#endif
