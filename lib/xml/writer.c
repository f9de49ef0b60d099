/* SPDX-License-Identifier: MIT */
/* Elements to XML. The tree is walked by its own links, so depth costs no stack; bytes go straight into the
 * buffer's free room, and a failure takes them all back. */
#include "xml/writer.h"

#include "base/runs.h"
#include "base/text.h"
#include "xml/node.h"
#include <string.h>

/* Where the next byte goes. After an error nothing is written any more. */
struct cursor {
    struct envoi__buf *buf;
    uint8_t *start, *next, *end; /* the buffer's free room, begun at start */
    int error;
};

struct walk {
    struct cursor out;
    const struct envoi__write_options *options;
    const envoi_element *root;
    const envoi_element *hidden; /* all below it is written as "..." */
};

/* Make room for len bytes: what is written so far joins the queue, then the queue grows if it must. */
static int make_room(struct cursor *out, size_t len)
{
    struct envoi__buf *buf = out->buf;
    if (out->error)
        return 0;
    if (out->start)
        envoi__buf_added(buf, (size_t)(out->next - out->start));
    out->start = NULL;
    out->error = envoi__buf_reserve(buf, len, &out->next);
    if (out->error)
        return 0;
    size_t room = envoi__buf_room(buf), storage = buf->cap - buf->head - buf->len;
    out->start = out->next;
    out->end = out->next + (storage < room ? storage : room);
    return 1;
}

static inline int has_room(struct cursor *out, size_t len)
{
    return (size_t)(out->end - out->next) >= len || make_room(out, len);
}

/* What room was made for. Inline, so that the marks of a tag, whose length is known, need no call. */
static inline void put_next(struct cursor *out, const char *text, size_t len)
{
    envoi__copy_short((char *)out->next, text, len);
    out->next += len;
}

static inline void put(struct cursor *out, const char *text, size_t len)
{
    if (has_room(out, len))
        put_next(out, text, len);
}

static void put_text(struct cursor *out, const char *text)
{
    put(out, text, strlen(text));
}

/* What may not stand as itself. Every quote is escaped everywhere, so that escaped text fits any place. White
 * space other than the blank would become a blank in an attribute, and CR a LF anywhere
 * (XML 1.0 3.3.3, 2.11). */
static const char *const escapes[] = {NULL, "&amp;", "&lt;", "&gt;", "&apos;", "&quot;", "&#13;", "&#9;", "&#10;"};
enum { IN_TEXT = 6, IN_VALUE = 8 }; /* the last escape that is needed there */
static const uint8_t escape_of[256] = {
    ['&'] = 1, ['<'] = 2, ['>'] = 3, ['\''] = 4, ['"'] = 5, ['\r'] = 6, ['\t'] = 7, ['\n'] = 8};

static void put_escaped(struct cursor *out, const char *text, size_t len, unsigned last)
{
    const char *end = text + len, *stop = text;
    while ((stop = envoi__skip_unescaped(stop, end)) < end) {
        unsigned escape = escape_of[(uint8_t)*stop++];
        if (escape - 1 >= last)
            continue;
        put(out, text, (size_t)(stop - 1 - text));
        put_text(out, escapes[escape]);
        text = stop;
    }
    put(out, text, (size_t)(end - text));
}

/* name='value'. Room is made for all of it at once; only a value that has something to escape may need more. */
static void put_attr(struct cursor *out, const char *name, const char *value)
{
    size_t name_len = strlen(name), len = strlen(value);
    const char *end = value + len;
    if (!has_room(out, name_len + len + 3))
        return;
    put_next(out, name, name_len);
    put_next(out, "='", 2);
    if (envoi__skip_unescaped(value, end) == end) {
        put_next(out, value, len);
        put_next(out, "'", 1);
    } else {
        put_escaped(out, value, len, IN_VALUE);
        put(out, "'", 1);
    }
}

/* Elements whose content must never be logged, and names among them that are harmless and help to find
 * faults. */
static const struct secret {
    const char *ns;
    int sasl;
} secrets[] = {
    {"urn:ietf:params:xml:ns:xmpp-sasl", 1},
    {"urn:xmpp:sasl:2", 1},
    {"urn:xmpp:fast:0", 0},
    {"urn:xmpp:sm:3", 0},
    {"jabber:iq:auth", 0},
    {"jabber:iq:register", 0},
};
static const char *const harmless[] = {"mechanisms", "mechanism", "failure", "text", "authentication"};

static const char *plain_attr(const envoi_element *element, const char *name)
{
    const char *value = envoi_element_attr(element, name);
    return value ? value : "";
}

/* A password by any namespace, such as that of a chat room (XEP-0045) or in a form (XEP-0004). */
static int is_password(const envoi_element *element)
{
    if (envoi__eq(element->name, "password"))
        return 1;
    return envoi__eq(element->name, "field") && envoi__eq(element->ns, "jabber:x:data") &&
           (envoi__eq(plain_attr(element, "type"), "text-private") ||
            strstr(plain_attr(element, "var"), "password") || strstr(plain_attr(element, "var"), "secret"));
}

static int is_secret(const envoi_element *element)
{
    if (is_password(element))
        return 1;
    for (size_t i = 0; i < ENVOI__COUNT(secrets); i++) {
        if (!envoi__eq(element->ns, secrets[i].ns))
            continue;
        for (size_t j = 0; secrets[i].sasl && j < ENVOI__COUNT(harmless); j++)
            if (envoi__eq(element->name, harmless[j]))
                return 0;
        return 1;
    }
    return 0;
}

static int is_pubsub_item(const envoi_element *element)
{
    return envoi__eq(element->name, "item") &&
           (envoi__eq(element->ns, "http://jabber.org/protocol/pubsub") ||
            envoi__eq(element->ns, "http://jabber.org/protocol/pubsub#event"));
}

/* 1 if this element begins what the log must not show. Of a PubSub item the id may show, its payload not. */
static int begins_hidden(const struct walk *walk, const envoi_element *element)
{
    if (!walk->options->redact || walk->hidden)
        return 0;
    if (is_secret(element))
        return 1;
    return walk->options->redact_bodies &&
           (envoi__eq(element->name, "body") || (element != walk->root && is_pubsub_item(element->parent)));
}

/* The number of the prefix of an attribute: attributes in one namespace share theirs. */
static size_t prefix_number(const envoi_element *element, const struct envoi__attr *attr, int *is_new)
{
    size_t number = 0;
    *is_new = 1;
    for (const struct envoi__attr *a = element->attrs; a != attr; a = a->next) {
        if (!*a->ns || envoi__eq(a->ns, ENVOI_NS_XML))
            continue;
        if (envoi__eq(a->ns, attr->ns)) {
            *is_new = 0;
            return number;
        }
        number++;
    }
    return number;
}

static void put_number(struct cursor *out, size_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    put(out, digits + at, sizeof digits - at);
}

static void put_attr_prefix(struct cursor *out, const envoi_element *element, const struct envoi__attr *attr)
{
    if (envoi__eq(attr->ns, ENVOI_NS_XML)) {
        put(out, " xml:", 5);
        return;
    }
    int is_new;
    size_t number = prefix_number(element, attr, &is_new);
    if (is_new) {
        put(out, " xmlns:n", 8);
        put_number(out, number);
        put_attr(out, "", attr->ns);
    }
    put(out, " n", 2);
    put_number(out, number);
    put(out, ":", 1);
}

/* The password of a chat room may stand in an attribute (XEP-0249). */
static int is_hidden(const struct walk *walk, const struct envoi__attr *attr)
{
    return walk->hidden || (walk->options->redact && envoi__eq(attr->name, "password"));
}

static void put_attrs(struct walk *walk, const envoi_element *element)
{
    struct cursor *out = &walk->out;
    const char *id = element == walk->root ? walk->options->id : NULL;
    for (const struct envoi__attr *attr = element->attrs; attr; attr = attr->next) {
        const char *value = is_hidden(walk, attr) ? "..." : attr->value;
        if (*attr->ns)
            put_attr_prefix(out, element, attr);
        else
            put(out, " ", 1);
        if (id && !*attr->ns && envoi__eq(attr->name, "id")) {
            value = id;
            id = NULL;
        }
        put_attr(out, attr->name, value);
    }
    if (id)
        put_attr(out, " id", id);
}

/* The namespace of XML itself needs its own prefix and may not be a default (Namespaces in XML 1.0, 3). */
static int has_xml_prefix(const envoi_element *element)
{
    return envoi__eq(element->ns, ENVOI_NS_XML);
}

static int needs_declaration(const struct walk *walk, const envoi_element *element)
{
    if (element == walk->root)
        return !envoi__eq(element->ns, walk->options->default_ns ? walk->options->default_ns : "");
    const envoi_element *parent = element->parent;
    return parent->ns != element->ns && !envoi__eq(parent->ns, element->ns);
}

/* mark: "<" or "</" */
static inline void put_name(struct cursor *out, const char *mark, const envoi_element *element, int xml_prefix)
{
    size_t mark_len = strlen(mark), len = strlen(element->name);
    if (!has_room(out, mark_len + (xml_prefix ? 4 : 0) + len))
        return;
    put_next(out, mark, mark_len);
    if (xml_prefix)
        put_next(out, "xml:", 4);
    put_next(out, element->name, len);
}

static void open_element(struct walk *walk, const envoi_element *element)
{
    struct cursor *out = &walk->out;
    int xml_prefix = has_xml_prefix(element);
    put_name(out, "<", element, xml_prefix);
    if (!xml_prefix && needs_declaration(walk, element))
        put_attr(out, " xmlns", element->ns);
    if (begins_hidden(walk, element))
        walk->hidden = element;
    put_attrs(walk, element);
    if (element->first)
        put(out, ">", 1);
    else
        put(out, "/>", 2);
}

static void close_element(struct walk *walk, const envoi_element *element)
{
    if (element->first) {
        put_name(&walk->out, "</", element, has_xml_prefix(element));
        put(&walk->out, ">", 1);
    }
    if (walk->hidden == element)
        walk->hidden = NULL;
}

static void put_run(struct walk *walk, const envoi_element *in, const struct envoi__run *run)
{
    if (walk->hidden)
        put(&walk->out, "...", 3);
    else
        put_escaped(&walk->out, in->text + run->start, run->len, IN_TEXT);
}

static void put_tree(struct walk *walk)
{
    const envoi_element *at = walk->root;
    const struct envoi__node *node = at->first;
    open_element(walk, at);
    while (!walk->out.error) {
        if (!node) { /* the content of `at` is done: go on behind it */
            close_element(walk, at);
            if (at == walk->root)
                return;
            node = at->node.next;
            at = at->parent;
        } else if (node->is_text) {
            put_run(walk, at, envoi__node_run(node));
            node = node->next;
        } else {
            at = envoi__node_element(node);
            open_element(walk, at);
            node = at->first;
        }
    }
}

/* Settle what was written, or take it back. */
static int finish(struct cursor *out, size_t len_before)
{
    if (out->error)
        envoi__buf_truncate(out->buf, len_before);
    else
        envoi__buf_added(out->buf, (size_t)(out->next - out->start));
    return out->error;
}

int envoi__write_element(struct envoi__buf *out, const envoi_element *element,
                         const struct envoi__write_options *options)
{
    static const struct envoi__write_options plain;
    struct walk walk = {.out.buf = out, .options = options ? options : &plain, .root = element};
    size_t before = out->len;
    if (make_room(&walk.out, 1))
        put_tree(&walk);
    return finish(&walk.out, before);
}

int envoi_element_format(const envoi_element *element, char *out, size_t size, size_t *len)
{
    if (!element || !len || (!out && size))
        return ENVOI_ERR_ARGUMENT;
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    int error = envoi__write_element(&buf, element, NULL);
    if (!error)
        error = envoi__copy_out(out, size, len, (const char *)envoi__buf_bytes(&buf), buf.len);
    envoi__buf_free(&buf);
    return error;
}
