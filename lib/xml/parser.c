/* SPDX-License-Identifier: MIT */
/* The only file that knows libxml2: its push parser, whose SAX events build the tree. */
#include "xml/parser.h"

#include "base/mem.h"
#include "base/runs.h"
#include "xml/names.h"
#include "xml/node.h"
#include <libxml/parser.h>
#include <string.h>

enum {
    NAME_SLOTS = 512,
    NAME_SHIFT = 64 - 9, /* of a hash of 64 bits */
    /* The library's dictionary never shrinks, and a peer that makes up names fills it (attack B8). */
    DICTIONARY_BUDGET = 4096,
    /* libxml2 from 2.12 on falls silent after 100 errors, and what it finds wrong with namespaces then is lost. */
    MOST_ODD_NAMESPACES = 64
};

#define FOREVER UINT64_MAX

struct name {
    const char *text;
    size_t len;
};

/* The library keeps every name once, so a name is known again by its address. */
struct name_slot {
    const xmlChar *key;
    struct name name;
    uint64_t tree; /* the number of the tree whose arena holds it; FOREVER: it is static */
};

struct envoi__parser {
    xmlParserCtxtPtr xml;
    struct envoi__tree *tree;
    struct envoi_element *at; /* the open element */
    size_t depth;             /* open elements */
    size_t top;               /* the depth at which a root begins */
    unsigned roots_begun;
    int error;
    int odd_namespaces; /* namespace names that are no URIs: worth a complaint of the library, but none of ours */
    uint64_t tree_number;
    struct name_slot names[NAME_SLOTS];
};

static void fail(struct envoi__parser *parser, int error)
{
    if (!parser->error)
        parser->error = error;
}

/* ---- names ---- */

static const struct name no_name = {"", 0};

/* A name that is new to the tree: a static one, or a copy in the arena. */
static struct name learn_name(struct envoi__parser *parser, struct name_slot *slot, const xmlChar *key)
{
    const char *text = (const char *)key, *known = slot->key == key ? NULL : envoi__known_name(text);
    struct name name = {known, strlen(text)};
    if (!known)
        name.text = envoi__arena_text(&parser->tree->arena, text, name.len);
    if (!name.text) {
        fail(parser, ENVOI_ERR_NOMEM);
        return no_name;
    }
    *slot = (struct name_slot){key, name, known ? FOREVER : parser->tree_number};
    return name;
}

static inline struct name keep_name(struct envoi__parser *parser, const xmlChar *text)
{
    if (!text)
        return no_name;
    /* Fibonacci hashing: names that lie close together in the dictionary spread over the slots. */
    struct name_slot *slot = &parser->names[(uint64_t)(uintptr_t)text * UINT64_C(0x9E3779B97F4A7C15) >> NAME_SHIFT];
    if (slot->key == text && slot->tree >= parser->tree_number)
        return slot->name;
    return learn_name(parser, slot, text);
}

/* ---- SAX events ---- */

enum { ATTR_NAME, ATTR_PREFIX, ATTR_NS, ATTR_VALUE, ATTR_END, ATTR_FIELDS };

static inline size_t value_len(const xmlChar **fields)
{
    return (size_t)(fields[ATTR_END] - fields[ATTR_VALUE]);
}

/* An element, its attributes and their values lie in one piece of the arena; a piece for each takes 1.3 M more
 * instructions for each MB, 2.5 %. */
static struct envoi_element *make_element(struct envoi__parser *parser, struct name name, const char *ns, int count,
                                          const xmlChar **fields)
{
    size_t size = sizeof(struct envoi_element) + (size_t)count * sizeof(struct envoi__attr);
    for (int i = 0; i < count; i++)
        size += value_len(fields + i * ATTR_FIELDS) + 1;
    struct envoi_element *element = envoi__arena_alloc(&parser->tree->arena, size);
    if (!element)
        return NULL;
    envoi__element_init(element, parser->tree, name.text, name.len, ns);
    struct envoi__attr *attr = (struct envoi__attr *)(void *)(element + 1);
    char *text = (char *)(attr + count);
    for (int i = 0; i < count; i++, attr++, fields += ATTR_FIELDS) {
        size_t len = value_len(fields);
        struct name attr_name = keep_name(parser, fields[ATTR_NAME]);
        attr->name = attr_name.text;
        attr->name_len = attr_name.len;
        attr->ns = keep_name(parser, fields[ATTR_NS]).text;
        attr->value = text;
        attr->value_len = len;
        envoi__copy_short(text, (const char *)fields[ATTR_VALUE], len);
        text[len] = '\0';
        text += len + 1;
        envoi__element_append_attr(element, attr);
    }
    return element;
}

static void place(struct envoi__parser *parser, struct envoi_element *element)
{
    if (parser->depth > parser->top)
        envoi__element_append(parser->at, element);
    else
        parser->tree->root = element;
    parser->at = element;
}

/* What a tree does not keep of other elements: of the root it tells whether the peer follows RFC 6120 4.8. */
static void note_root(struct envoi__parser *parser, const xmlChar *prefix, int declared, const xmlChar **declarations)
{
    parser->tree->prefixed = prefix != NULL;
    for (int i = 0; i < declared; i++)
        if (!declarations[2 * i])
            parser->tree->default_ns = keep_name(parser, declarations[2 * i + 1]).text;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns, int declared,
                     const xmlChar **declarations, int attr_count, int defaulted, const xmlChar **attrs)
{
    struct envoi__parser *parser = user;
    (void)defaulted;
    if (parser->depth == parser->top)
        parser->roots_begun++;
    if (!parser->error && parser->tree) {
        if (parser->depth == parser->top)
            note_root(parser, prefix, declared, declarations);
        struct name own_name = keep_name(parser, name);
        const char *own_ns = keep_name(parser, ns).text;
        struct envoi_element *element = make_element(parser, own_name, own_ns, attr_count, attrs);
        if (element)
            place(parser, element);
        else
            fail(parser, ENVOI_ERR_NOMEM);
    }
    parser->depth++;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
    struct envoi__parser *parser = user;
    (void)name;
    (void)prefix;
    (void)ns;
    parser->depth--;
    if (parser->at)
        parser->at = parser->at->parent;
}

static void on_text(void *user, const xmlChar *text, int len)
{
    struct envoi__parser *parser = user;
    if (parser->error)
        return;
    if (!parser->at)
        fail(parser, ENVOI_ERR_XML_MALFORMED);
    else if (envoi__element_append_text(parser->at, (const char *)text, (size_t)len) < 0)
        fail(parser, ENVOI_ERR_NOMEM);
}

/* Of CDATA sections libxml2 2.9 pushes the bytes as they came; XML 1.0 2.11 wants every CR LF, and every
 * other CR, to be one LF. No reference can stand in there, so each CR is one of the input's. */
static void on_cdata(void *user, const xmlChar *text, int len)
{
    const xmlChar *end = text + len, *cr;
    while ((cr = memchr(text, '\r', (size_t)(end - text))) != NULL) {
        on_text(user, text, (int)(cr - text));
        if (end - cr == 1 || cr[1] != '\n')
            on_text(user, (const xmlChar *)"\n", 1);
        text = cr + 1;
    }
    on_text(user, text, (int)(end - text));
}

/* What follows never comes through the gate; if it does, the two disagree and the stream ends (RFC
 * 6120 11.1). */
static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    fail(user, ENVOI_ERR_XML_RESTRICTED);
}

static void on_comment(void *user, const xmlChar *text)
{
    (void)text;
    fail(user, ENVOI_ERR_XML_RESTRICTED);
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *text)
{
    (void)target;
    (void)text;
    fail(user, ENVOI_ERR_XML_RESTRICTED);
}

static void odd_namespace(struct envoi__parser *parser)
{
    if (++parser->odd_namespaces > MOST_ODD_NAMESPACES)
        fail(parser, ENVOI_ERR_BAD_NAMESPACE);
}

/* A namespace name is compared letter by letter; that it should be a URI (Namespaces in XML 1.0, 2.2) is no
 * reason to end a stream over what a stranger put into a message. */
static void on_problem(struct envoi__parser *parser, const xmlError *problem)
{
    if (problem->level == XML_ERR_WARNING)
        return;
    if (problem->code == XML_WAR_NS_URI || problem->code == XML_WAR_NS_URI_RELATIVE)
        odd_namespace(parser);
    else if (problem->code == XML_ERR_NO_MEMORY)
        fail(parser, ENVOI_ERR_NOMEM);
    else
        fail(parser, problem->domain == XML_FROM_NAMESPACE ? ENVOI_ERR_BAD_NAMESPACE : ENVOI_ERR_XML_MALFORMED);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *user, const xmlError *problem)
#else
static void on_error(void *user, xmlError *problem)
#endif
{
    on_problem(user, problem);
}

static const xmlSAXHandler handlers = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .internalSubset = on_doctype,
    .externalSubset = on_doctype,
    .reference = on_comment,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .serror = on_error,
};

/* ---- the parser ---- */

int envoi__parser_new(struct envoi__parser **out)
{
    struct envoi__parser *parser = envoi__alloc_zero(sizeof *parser);
    if (!parser)
        return ENVOI_ERR_NOMEM;
    xmlInitParser(); /* the only set-up of what threads share that takes a lock, and nothing after the first time */
    xmlSAXHandler sax = handlers;
    /* The library waits for four bytes before it begins, and a start tag may have three. */
    static const char blanks[4] = "    ";
    parser->xml = xmlCreatePushParserCtxt(&sax, parser, blanks, sizeof blanks, NULL);
    if (!parser->xml) {
        envoi__free(parser);
        return ENVOI_ERR_NOMEM;
    }
    /* NOENT: without it `&amp;` in an attribute arrives as "&#38;". HUGE: the limits are the gate's. */
    xmlCtxtUseOptions(parser->xml, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_HUGE);
    *out = parser;
    return 0;
}

void envoi__parser_free(struct envoi__parser *parser)
{
    if (!parser)
        return;
    xmlFreeDoc(parser->xml->myDoc); /* made for the entities of a DOCTYPE, which the gate lets nobody have */
    xmlFreeParserCtxt(parser->xml);
    envoi__free(parser);
}

/* What must be true before and after each kind of input. */
static const struct expectation {
    size_t depth_before, depth_after, top;
    unsigned begun;
} expectations[] = {
    [ENVOI__PARSE_HEADER] = {0, 1, 0, 1},
    [ENVOI__PARSE_ELEMENT] = {1, 1, 1, 1},
    [ENVOI__PARSE_END] = {1, 0, 1, 0},
    [ENVOI__PARSE_STANDALONE] = {0, 0, 0, 1},
};

int envoi__parser_read(struct envoi__parser *parser, enum envoi__parse what, const uint8_t *data, size_t len,
                       struct envoi__tree *tree)
{
    const struct expectation *expected = &expectations[what];
    if (parser->depth != expected->depth_before || len > INT32_MAX)
        return ENVOI_ERR_XML_MALFORMED;
    parser->tree = tree;
    parser->tree_number++;
    parser->at = NULL;
    parser->top = expected->top;
    parser->roots_begun = 0;
    xmlParseChunk(parser->xml, (const char *)data, (int)len, 0);
    parser->tree = NULL;
    if (parser->error)
        return parser->error;
    /* On some malformed input the library waits in silence for more. */
    if (!parser->xml->wellFormed || parser->depth != expected->depth_after || parser->roots_begun != expected->begun)
        return ENVOI_ERR_XML_MALFORMED;
    return parser->xml->nsWellFormed || parser->odd_namespaces ? 0 : ENVOI_ERR_BAD_NAMESPACE;
}

int envoi__parser_is_worn(const struct envoi__parser *parser)
{
    return parser->odd_namespaces || xmlDictSize(parser->xml->dict) > DICTIONARY_BUDGET;
}
