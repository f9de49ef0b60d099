/* SPDX-License-Identifier: MIT */
/* Reading elements. */
#include "base/text.h"
#include "xml/node.h"

const char *envoi_element_name(const envoi_element *element)
{
    return element ? element->name : NULL;
}

const char *envoi_element_namespace(const envoi_element *element)
{
    return element ? element->ns : NULL;
}

int envoi_element_is(const envoi_element *element, const char *name, const char *ns)
{
    return element && envoi__eq(element->name, name) && (!ns || envoi__eq(element->ns, ns));
}

const char *envoi_element_attr(const envoi_element *element, const char *name)
{
    return envoi_element_attr_ns(element, name, "");
}

const char *envoi_element_attr_ns(const envoi_element *element, const char *name, const char *ns)
{
    const struct envoi__attr *attr =
        element && name ? envoi__element_find_attr(element, name, strlen(name), ns ? ns : "") : NULL;
    return attr ? attr->value : NULL;
}

size_t envoi_element_attr_count(const envoi_element *element)
{
    size_t count = 0;
    for (const struct envoi__attr *attr = element ? element->attrs : NULL; attr; attr = attr->next)
        count++;
    return count;
}

static const struct envoi__attr *attr_at(const envoi_element *element, size_t index)
{
    const struct envoi__attr *attr = element ? element->attrs : NULL;
    while (attr && index--)
        attr = attr->next;
    return attr;
}

const char *envoi_element_attr_name_at(const envoi_element *element, size_t index)
{
    const struct envoi__attr *attr = attr_at(element, index);
    return attr ? attr->name : NULL;
}

const char *envoi_element_attr_namespace_at(const envoi_element *element, size_t index)
{
    const struct envoi__attr *attr = attr_at(element, index);
    return attr ? attr->ns : NULL;
}

const char *envoi_element_attr_value_at(const envoi_element *element, size_t index)
{
    const struct envoi__attr *attr = attr_at(element, index);
    return attr ? attr->value : NULL;
}

/* XML 1.0 2.12: the nearest declaration holds, and an empty one takes the language away. Around the root
 * stands the language of the stream (RFC 6120 4.7.4). */
const char *envoi_element_lang(const envoi_element *element)
{
    const char *lang = element ? element->tree->lang : NULL;
    for (const envoi_element *e = element; e; e = e->parent) {
        const char *own = envoi_element_attr_ns(e, "lang", ENVOI_NS_XML);
        if (own) {
            lang = own;
            break;
        }
    }
    return lang && *lang ? lang : NULL;
}

const envoi_element *envoi_element_parent(const envoi_element *element)
{
    return element ? element->parent : NULL;
}

static const envoi_element *first_element(const struct envoi__node *node)
{
    while (node && node->is_text)
        node = node->next;
    return node ? envoi__node_element(node) : NULL;
}

const envoi_element *envoi_element_first_child(const envoi_element *element)
{
    return element ? first_element(element->first) : NULL;
}

const envoi_element *envoi_element_next_sibling(const envoi_element *element)
{
    return element ? first_element(element->node.next) : NULL;
}

static const envoi_element *first_match(const envoi_element *e, const char *name, const char *ns)
{
    while (e && !(envoi__eq(e->ns, ns) && (!name || envoi__eq(e->name, name))))
        e = envoi_element_next_sibling(e);
    return e;
}

const envoi_element *envoi_element_child(const envoi_element *element, const char *name, const char *ns)
{
    return element ? first_match(envoi_element_first_child(element), name, ns ? ns : element->ns) : NULL;
}

const envoi_element *envoi_element_next_same(const envoi_element *element)
{
    return element ? first_match(envoi_element_next_sibling(element), element->name, element->ns) : NULL;
}

const char *envoi_element_text(const envoi_element *element)
{
    if (!element)
        return NULL;
    return element->text ? element->text : "";
}

const char *envoi_element_child_text(const envoi_element *element, const char *name)
{
    return name ? envoi_element_text(envoi_element_child(element, name, NULL)) : NULL;
}
