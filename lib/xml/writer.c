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
    char *start, *next, *end; /* the buffer's free room, begun at start */
    int error;
};

struct walk {
    struct cursor out;
    const struct envoi__write_options *options;
    const envoi_element *root;
    const envoi_element *hidden; /* all below it is written as "..." */
    const char *usual_ns;        /* the last one that was found to be another than that of XML itself */
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
    uint8_t *place;
    out->error = envoi__buf_reserve(buf, len, &place);
    if (out->error) {
        out->end = out->next;
        return 0;
    }
    size_t room = envoi__buf_room(buf), storage = buf->cap - buf->head - buf->len;
    out->start = out->next = (char *)place;
    out->end = out->next + (storage < room ? storage : room);
    return 1;
}

static inline int has_room(struct cursor *out, size_t len)
{
    return (size_t)(out->end - out->next) >= len || make_room(out, len);
}

/* Copy to a place that has room, and return the place behind it. Inline, so that marks, whose length is known, need
 * no call. */
static inline char *copy(char *to, const char *text, size_t len)
{
    envoi__copy_short(to, text, len);
    return to + len;
}

static inline void put(struct cursor *out, const char *text, size_t len)
{
    if (has_room(out, len))
        out->next = copy(out->next, text, len);
}

/* What may not stand as itself. Every quote is escaped everywhere, so that escaped text fits any place. White
 * space other than the blank would become a blank in an attribute, and CR a LF anywhere
 * (XML 1.0 3.3.3, 2.11). */
static const struct {
    char text[7];
    uint8_t len;
} escapes[] = {{"", 0},       {"&amp;", 5}, {"&lt;", 4}, {"&gt;", 4}, {"&apos;", 6},
               {"&quot;", 6}, {"&#13;", 5}, {"&#9;", 4}, {"&#10;", 5}};
enum { IN_TEXT = 6, IN_VALUE = 8 }; /* the last escape that is needed there */
static const uint8_t escape_of[256] = {
    ['&'] = 1, ['<'] = 2, ['>'] = 3, ['\''] = 4, ['"'] = 5, ['\r'] = 6, ['\t'] = 7, ['\n'] = 8};

static void put_escaped(struct cursor *out, const char *text, size_t len, unsigned last)
{
    while (has_room(out, len)) {
        size_t run = envoi__copy_unescaped(out->next, text, len);
        out->next += run;
        if (run == len)
            return;
        unsigned escape = escape_of[(uint8_t)text[run]];
        if (escape - 1 < last)
            put(out, escapes[escape].text, escapes[escape].len);
        else
            put(out, text + run, 1);
        text += run + 1;
        len -= run + 1;
    }
}

/* name='value'. Room is made for all of it at once; only a value that has something to escape may need more. */
static void put_attr(struct cursor *out, const char *name, size_t name_len, const char *value, size_t len)
{
    if (!has_room(out, name_len + len + 3))
        return;
    char *to = copy(copy(out->next, name, name_len), "='", 2);
    size_t run = envoi__copy_unescaped(to, value, len);
    out->next = to + run;
    if (run < len)
        put_escaped(out, value + run, len - run, IN_VALUE);
    put(out, "'", 1);
}

/* Elements whose content must never be logged, and names among those of SASL that are harmless and help to find
 * faults. */
static const struct secret {
    const char *ns, *name; /* name: NULL for all */
    int sasl;
} secrets[] = {
    {"urn:ietf:params:xml:ns:xmpp-sasl", NULL, 1},
    {"urn:xmpp:sasl:2", NULL, 1},
    {"urn:xmpp:fast:0", NULL, 0},
    {"urn:xmpp:sm:3", NULL, 0},
    {"jabber:iq:auth", NULL, 0},
    {"jabber:iq:register", NULL, 0},
    {"urn:xmpp:http:upload:0", "header", 0}, /* Authorization and Cookie (XEP-0363 5) */
    {"urn:xmpp:pars:0", NULL, 0},            /* the token of an invitation (XEP-0379) */
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
        if (!envoi__eq(element->ns, secrets[i].ns) || (secrets[i].name && !envoi__eq(element->name, secrets[i].name)))
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
    return envoi__eq(element->name, "item") && (envoi__eq(element->ns, "http://jabber.org/protocol/pubsub") ||
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
        put_attr(out, "", 0, attr->ns, strlen(attr->ns));
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

static int is_id(const struct envoi__attr *attr)
{
    return !*attr->ns && envoi__eq(attr->name, "id");
}

static void put_attrs(struct walk *walk, const envoi_element *element)
{
    struct cursor *out = &walk->out;
    const char *id = element == walk->root ? walk->options->id : NULL;
    for (const struct envoi__attr *attr = element->attrs; attr; attr = attr->next) {
        if (*attr->ns)
            put_attr_prefix(out, element, attr);
        else
            put(out, " ", 1);
        if (id && is_id(attr)) {
            put_attr(out, "id", 2, id, strlen(id));
            id = NULL;
        } else if (is_hidden(walk, attr)) {
            put_attr(out, attr->name, attr->name_len, "...", 3);
        } else {
            put_attr(out, attr->name, attr->name_len, attr->value, attr->value_len);
        }
    }
    if (id)
        put_attr(out, " id", 3, id, strlen(id));
}

/* The namespace of XML itself needs its own prefix and may not be a default (Namespaces in XML 1.0, 3). Elements that
 * stand together mostly share one, and it is compared once: 5 % of the instructions of a publish request. */
static int has_xml_prefix(struct walk *walk, const envoi_element *element)
{
    if (element->ns == walk->usual_ns)
        return 0;
    if (envoi__eq(element->ns, ENVOI_NS_XML))
        return 1;
    walk->usual_ns = element->ns;
    return 0;
}

static int needs_declaration(const struct walk *walk, const envoi_element *element)
{
    if (element == walk->root)
        return !envoi__eq(element->ns, walk->options->default_ns ? walk->options->default_ns : "");
    const envoi_element *parent = element->parent;
    return parent->ns != element->ns && !envoi__eq(parent->ns, element->ns);
}

/* Copy an element's name as it stands in a tag: with the prefix "xml:" or without. */
static inline char *copy_name(char *to, const envoi_element *element, int xml_prefix)
{
    if (xml_prefix)
        to = copy(to, "xml:", 4);
    return copy(to, element->name, element->name_len);
}

static void open_element(struct walk *walk, const envoi_element *element)
{
    struct cursor *out = &walk->out;
    int xml_prefix = has_xml_prefix(walk, element);
    if (!has_room(out, 1 + (xml_prefix ? 4 : 0) + element->name_len))
        return;
    out->next = copy_name(copy(out->next, "<", 1), element, xml_prefix);
    if (!xml_prefix && needs_declaration(walk, element))
        put_attr(out, " xmlns", 6, element->ns, strlen(element->ns));
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
    struct cursor *out = &walk->out;
    int xml_prefix = has_xml_prefix(walk, element);
    if (element->first && has_room(out, 3 + (xml_prefix ? 4 : 0) + element->name_len))
        out->next = copy(copy_name(copy(out->next, "</", 2), element, xml_prefix), ">", 1);
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
