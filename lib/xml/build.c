/* SPDX-License-Identifier: MIT */
/* Building elements. Every text is judged here, where the program can still see its mistake: an illegal
 * character that reached the wire would cost the stream. */
#include "base/runs.h"
#include "base/text.h"
#include "xml/byte_class.h"
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
    return (c | 0x20) - 'a' < 26 || c == '_' || (c >= 0x80 && in_ranges(name_start, ENVOI__COUNT(name_start), c));
}

static int is_name_char(uint32_t c)
{
    return is_name_start(c) || c - '0' < 10 || c == '-' || c == '.' ||
           (c >= 0x80 && in_ranges(name_more, ENVOI__COUNT(name_more), c));
}

/* A function of its own, so that the usual way, on which nothing is called, need not save registers for it: 2 % of
 * the instructions of building and writing a chat message. */
static __attribute__((noinline)) size_t decode_name(const char *name)
{
    const uint8_t *p = (const uint8_t *)name;
    size_t len = strlen(name), used = 0, step;
    for (; used < len; used += step) {
        uint32_t c;
        step = envoi__utf8_decode(p + used, len - used, &c);
        if (!step || !(used ? is_name_char(c) : is_name_start(c)))
            return 0;
    }
    return used;
}

size_t envoi__xml_name_len(const char *name)
{
    size_t len = 0;
    while (class_of[(uint8_t)name[len]] & LOCAL)
        len++;
    if (name[len])
        return decode_name(name);
    return class_of[(uint8_t)*name] & NAME_START ? len : 0;
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

/* What an element or attribute is called. */
struct qname {
    const char *name, *ns; /* ns: "" for none */
    size_t name_len, ns_len;
};

/* Namespaces in XML 1.0, 3: nothing may stand in the namespace of declarations. */
static int is_xmlns(const struct qname *qname)
{
    return qname->ns_len == strlen(ENVOI__NS_XMLNS) && memcmp(qname->ns, ENVOI__NS_XMLNS, qname->ns_len) == 0;
}

/* A text that is a name needs no other check; one that is none may have a worse fault. 0 and the lengths, or an
 * error. */
static int check_name(struct qname *qname)
{
    if (!qname->name)
        return ENVOI_ERR_ARGUMENT;
    qname->name_len = envoi__xml_name_len(qname->name);
    int error = qname->name_len ? 0 : envoi__xml_text_check(qname->name, strlen(qname->name));
    qname->ns_len = *qname->ns ? strlen(qname->ns) : 0;
    if (!error && qname->ns_len)
        error = envoi__xml_text_check(qname->ns, qname->ns_len);
    if (error)
        return error;
    return qname->name_len && !is_xmlns(qname) ? 0 : ENVOI_ERR_XML_NAME;
}

/* Copy a text and its NUL, and return the place behind it. */
static char *copy_text(char *to, const char *text, size_t len)
{
    envoi__copy_short(to, text, len + 1);
    return to + len + 1;
}

/* The element, its name and, unless it is the parent's, its namespace lie in one piece of the arena. */
static envoi_element *make_child(envoi_element *parent, const struct qname *qname, int inherits_ns)
{
    size_t ns_size = inherits_ns ? 0 : qname->ns_len + 1;
    envoi_element *child = envoi__arena_alloc(&parent->tree->arena, sizeof *child + qname->name_len + 1 + ns_size);
    if (!child)
        return NULL;
    char *name = (char *)(child + 1), *ns = copy_text(name, qname->name, qname->name_len);
    if (!inherits_ns)
        copy_text(ns, qname->ns, qname->ns_len);
    envoi__element_init(child, parent->tree, name, qname->name_len, inherits_ns ? parent->ns : ns);
    return child;
}

envoi_element *envoi_element_add_child(envoi_element *parent, const char *name, const char *ns)
{
    struct qname qname = {.name = name, .ns = ns ? ns : ""};
    if (begin(parent))
        return NULL;
    int error = check_name(&qname);
    envoi_element *child = error ? NULL : make_child(parent, &qname, !ns || envoi__eq(ns, parent->ns));
    if (child)
        envoi__element_append(parent, child);
    else
        fail(parent, error ? error : ENVOI_ERR_NOMEM);
    return child;
}

envoi_element *envoi_element_add_text_child(envoi_element *parent, const char *name, const char *ns, const char *text)
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

/* Without a namespace "xmlns" is a declaration and no attribute. */
static int check_attr_name(struct qname *qname)
{
    int error = check_name(qname);
    return !error && envoi__eq(qname->name, "xmlns") ? ENVOI_ERR_XML_NAME : error;
}

/* The attribute and its texts lie in one piece of the arena. */
static int add_attr(envoi_element *element, const struct qname *qname, const char *value, size_t len)
{
    struct envoi__attr *attr =
        envoi__arena_alloc(&element->tree->arena, sizeof *attr + qname->name_len + qname->ns_len + len + 3);
    if (!attr)
        return fail(element, ENVOI_ERR_NOMEM);
    char *name = (char *)(attr + 1), *own_value = copy_text(name, qname->name, qname->name_len);
    char *ns = copy_text(own_value, value, len);
    if (qname->ns_len)
        copy_text(ns, qname->ns, qname->ns_len);
    attr->name = name;
    attr->name_len = qname->name_len;
    attr->ns = qname->ns_len ? ns : "";
    attr->value = own_value;
    attr->value_len = len;
    envoi__element_append_attr(element, attr);
    return 0;
}

static int change_attr(envoi_element *element, struct envoi__attr *attr, const char *value, size_t len)
{
    const char *own_value = envoi__arena_text(&element->tree->arena, value, len);
    if (!own_value)
        return fail(element, ENVOI_ERR_NOMEM);
    attr->value = own_value;
    attr->value_len = len;
    return 0;
}

int envoi_element_set_attr_ns(envoi_element *element, const char *name, const char *ns, const char *value)
{
    struct qname qname = {.name = name, .ns = ns ? ns : ""};
    int error = begin(element);
    if (error)
        return error;
    size_t len = value ? strlen(value) : 0;
    error = check_attr_name(&qname);
    if (!error && value)
        error = envoi__xml_text_check(value, len);
    if (error)
        return fail(element, error);
    struct envoi__attr *attr = envoi__element_find_attr(element, name, qname.name_len, qname.ns);
    if (value && !attr)
        return add_attr(element, &qname, value, len);
    if (value)
        return change_attr(element, attr, value, len);
    if (attr)
        remove_attr(element, attr);
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
