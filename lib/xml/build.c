/* SPDX-License-Identifier: MIT */
/* Building elements. Every text is judged here, where the program can still see its mistake: an illegal
 * character that reached the wire would cost the stream. */
#include "base/text.h"
#include "xml/node.h"
#include <string.h>

/* XML 1.0 (fifth edition) 2.3: NameStartChar beyond ASCII; then what a name may also hold. */
static const struct range {
    uint32_t from, to;
} name_start[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                  {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                  {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}},
  name_more[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

static int in_ranges(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return 1;
    return 0;
}

static int is_name_start(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return in_ranges(name_start, ENVOI__COUNT(name_start), c);
}

static int is_name_char(uint32_t c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           in_ranges(name_more, ENVOI__COUNT(name_more), c);
}

int envoi__xml_name_valid(const char *name)
{
    const uint8_t *p = (const uint8_t *)name;
    size_t len = strlen(name), used = 0, step;
    uint32_t c;
    for (; used < len; used += step) {
        step = envoi__utf8_decode(p + used, len - used, &c);
        if (!step || !(used ? is_name_char(c) : is_name_start(c)))
            return 0;
    }
    return used > 0;
}

static int fail(struct envoi_element *element, int error)
{
    element->tree->error = error;
    return error;
}

/* 0, or why this element cannot be built on. */
static int begin(const struct envoi_element *element)
{
    return element ? element->tree->error : ENVOI_ERR_ARGUMENT;
}

int envoi__element_error(const envoi_element *element)
{
    return begin(element);
}

int envoi__element_fail(envoi_element *element, int error)
{
    int before = begin(element);
    return before ? before : fail(element, error);
}

static int check_name(const char *name, const char *ns)
{
    if (!name)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__xml_text_check(name, strlen(name));
    if (!error)
        error = envoi__xml_text_check(ns, strlen(ns));
    if (error)
        return error;
    /* Namespaces in XML 1.0, 3: nothing may stand in the namespace of declarations. */
    return envoi__xml_name_valid(name) && strcmp(ns, ENVOI__NS_XMLNS) != 0 ? 0 : ENVOI_ERR_XML_NAME;
}

static char *keep(struct envoi_element *element, const char *text)
{
    return envoi__arena_text(&element->tree->arena, text, strlen(text));
}

envoi_element *envoi_element_add_child(envoi_element *parent, const char *name, const char *ns)
{
    if (begin(parent))
        return NULL;
    int error = check_name(name, ns ? ns : "");
    if (error) {
        fail(parent, error);
        return NULL;
    }
    const char *own_ns = !ns || strcmp(ns, parent->ns) == 0 ? parent->ns : keep(parent, ns);
    const char *own_name = keep(parent, name);
    envoi_element *child = own_ns && own_name ? envoi__element_make(parent->tree, own_name, own_ns) : NULL;
    if (child)
        envoi__element_append(parent, child);
    else
        fail(parent, ENVOI_ERR_NOMEM);
    return child;
}

envoi_element *envoi_element_add_text_child(envoi_element *parent, const char *name, const char *ns,
                                            const char *text)
{
    envoi_element *child = envoi_element_add_child(parent, name, ns);
    return child && !envoi_element_add_text(child, text) ? child : NULL;
}

static void remove_attr(envoi_element *element, const struct envoi__attr *attr)
{
    struct envoi__attr *before = NULL;
    for (struct envoi__attr *a = element->attrs; a != attr; a = a->next)
        before = a;
    if (before)
        before->next = attr->next;
    else
        element->attrs = attr->next;
    if (element->last_attr == attr)
        element->last_attr = before;
}

static int add_attr(envoi_element *element, const char *name, const char *ns, const char *value)
{
    struct envoi__attr *attr = envoi__arena_alloc(&element->tree->arena, sizeof *attr);
    const char *own_name = keep(element, name), *own_ns = *ns ? keep(element, ns) : "",
               *own = keep(element, value);
    if (!attr || !own_name || !own_ns || !own)
        return fail(element, ENVOI_ERR_NOMEM);
    *attr = (struct envoi__attr){.name = own_name, .ns = own_ns, .value = own};
    envoi__element_append_attr(element, attr);
    return 0;
}

int envoi_element_set_attr_ns(envoi_element *element, const char *name, const char *ns, const char *value)
{
    int error = begin(element);
    if (error)
        return error;
    ns = ns ? ns : "";
    error = check_name(name, ns);
    /* Without a namespace "xmlns" is a declaration and no attribute. */
    if (!error && strcmp(name, "xmlns") == 0)
        error = ENVOI_ERR_XML_NAME;
    if (!error && value)
        error = envoi__xml_text_check(value, strlen(value));
    if (error)
        return fail(element, error);
    struct envoi__attr *attr = envoi__element_find_attr(element, name, ns);
    if (!value) {
        if (attr)
            remove_attr(element, attr);
        return 0;
    }
    if (!attr)
        return add_attr(element, name, ns, value);
    const char *own = keep(element, value);
    if (!own)
        return fail(element, ENVOI_ERR_NOMEM);
    attr->value = own;
    return 0;
}

int envoi_element_set_attr(envoi_element *element, const char *name, const char *value)
{
    return envoi_element_set_attr_ns(element, name, "", value);
}

int envoi_element_add_text(envoi_element *element, const char *text)
{
    int error = begin(element);
    if (error)
        return error;
    if (!text)
        return fail(element, ENVOI_ERR_ARGUMENT);
    size_t len = strlen(text);
    error = envoi__xml_text_check(text, len);
    if (!error)
        error = envoi__element_append_text(element, text, len);
    return error ? fail(element, error) : 0;
}

/* The copy is whole before it is linked in, so that an element may be copied into itself or below itself. */
envoi_element *envoi_element_add_copy(envoi_element *parent, const envoi_element *other)
{
    if (begin(parent))
        return NULL;
    if (!other) {
        fail(parent, ENVOI_ERR_ARGUMENT);
        return NULL;
    }
    envoi_element *copy = envoi__element_copy(parent->tree, other);
    if (copy)
        envoi__element_append(parent, copy);
    else
        fail(parent, ENVOI_ERR_NOMEM);
    return copy;
}
