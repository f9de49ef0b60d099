/* SPDX-License-Identifier: MIT */
/* The gate and the parser put together. */
#include "xml/reader.h"

#include "base/mem.h"
#include "base/text.h"
#include "xml/gate.h"
#include "xml/parser.h"
#include <string.h>

struct envoi__reader {
    struct envoi__xml_limits limits;
    struct envoi__gate gate;
    struct envoi__parser *parser; /* NULL: none needed at the moment */
    uint8_t *header; /* the stream's start tag, to be read again by a new parser; then its xml:lang */
    size_t header_len;
    const char *lang; /* inside header; NULL: none */
    size_t lang_len;
    int error; /* sticky */
};

_Static_assert(sizeof(struct envoi__reader) < 300, "thousands of idle readers must cost next to nothing");

int envoi__reader_new(struct envoi__reader **out, const struct envoi__xml_limits *limits)
{
    struct envoi__reader *reader = envoi__alloc_zero(sizeof *reader);
    if (!reader)
        return ENVOI_ERR_NOMEM;
    reader->limits = *limits;
    envoi__gate_init(&reader->gate, 1);
    *out = reader;
    return 0;
}

void envoi__reader_idle(struct envoi__reader *reader)
{
    envoi__parser_free(reader->parser);
    reader->parser = NULL;
}

void envoi__reader_restart(struct envoi__reader *reader)
{
    envoi__reader_idle(reader);
    envoi__free(reader->header);
    reader->header = NULL;
    reader->header_len = 0;
    reader->lang = NULL;
    reader->error = 0;
    envoi__gate_init(&reader->gate, 1);
}

void envoi__reader_free(struct envoi__reader *reader)
{
    if (!reader)
        return;
    envoi__reader_restart(reader);
    envoi__free(reader);
}

int envoi__reader_is_inside(const struct envoi__reader *reader)
{
    return !reader->error && envoi__gate_is_inside(&reader->gate);
}

/* A parser that stands where the stream stands: new ones read the stream's start tag again for its
 * namespaces. */
static int have_parser(struct envoi__reader *reader)
{
    if (reader->parser)
        return 0;
    int error = envoi__parser_new(&reader->parser);
    if (!error && reader->header)
        error =
            envoi__parser_read(reader->parser, ENVOI__PARSE_HEADER, reader->header, reader->header_len, NULL);
    return error;
}

static int keep_header(struct envoi__reader *reader, const uint8_t *data, size_t len,
                       const struct envoi__tree *tree)
{
    const char *lang = envoi_element_lang(tree->root);
    size_t lang_size = lang ? strlen(lang) + 1 : 0;
    reader->header = envoi__alloc(len + lang_size);
    if (!reader->header)
        return ENVOI_ERR_NOMEM;
    memcpy(reader->header, data, len);
    reader->header_len = len;
    if (lang) {
        reader->lang = memcpy(reader->header + len, lang, lang_size);
        reader->lang_len = lang_size - 1;
    }
    return 0;
}

static int read_header(struct envoi__reader *reader, const uint8_t *data, size_t len,
                       struct envoi__tree *tree)
{
    envoi__tree_reset(tree);
    int error = have_parser(reader);
    if (!error)
        error = envoi__parser_read(reader->parser, ENVOI__PARSE_HEADER, data, len, tree);
    if (!error)
        error = keep_header(reader, data, len, tree);
    return error ? error : ENVOI__READ_HEADER;
}

static int read_element(struct envoi__reader *reader, const uint8_t *data, size_t len,
                        struct envoi__tree *tree)
{
    envoi__tree_reset(tree);
    int error = have_parser(reader);
    if (!error)
        error = envoi__parser_read(reader->parser, ENVOI__PARSE_ELEMENT, data, len, tree);
    if (!error && reader->lang) {
        tree->lang = envoi__arena_text(&tree->arena, reader->lang, reader->lang_len);
        error = tree->lang ? 0 : ENVOI_ERR_NOMEM;
    }
    if (!error && envoi__parser_is_worn(reader->parser))
        envoi__reader_idle(reader);
    return error ? error : ENVOI__READ_ELEMENT;
}

static int read_end(struct envoi__reader *reader, const uint8_t *data, size_t len)
{
    int error = have_parser(reader);
    if (!error)
        error = envoi__parser_read(reader->parser, ENVOI__PARSE_END, data, len, NULL);
    envoi__reader_idle(reader);
    return error ? error : ENVOI__READ_END;
}

static int read_item(struct envoi__reader *reader, int item, const uint8_t *data, size_t len,
                     struct envoi__tree *tree)
{
    switch (item) {
    case ENVOI__GATE_SPACE:
        return ENVOI__READ_SPACE;
    case ENVOI__GATE_HEADER:
        return read_header(reader, data, len, tree);
    case ENVOI__GATE_ELEMENT:
        return read_element(reader, data, len, tree);
    case ENVOI__GATE_END:
        return read_end(reader, data, len);
    default:
        return item; /* ENVOI__GATE_MORE or an error */
    }
}

int envoi__reader_next(struct envoi__reader *reader, const uint8_t *data, size_t len,
                       struct envoi__tree *tree, size_t *used)
{
    size_t skipped = 0, item_len = 0;
    int item = ENVOI__GATE_MORE;
    if (reader->error)
        return reader->error;
    while (skipped < len) {
        item_len = 0;
        item = envoi__gate_scan(&reader->gate, &reader->limits, data + skipped, len - skipped, &item_len);
        if (item != ENVOI__GATE_SKIP)
            break;
        skipped += item_len;
        item = ENVOI__GATE_MORE;
        item_len = 0;
    }
    int result = read_item(reader, item, skipped < len ? data + skipped : NULL, item_len, tree);
    if (result < 0) {
        reader->error = result;
        envoi__reader_idle(reader);
    } else {
        *used = skipped + item_len;
    }
    return result;
}

/* ---- one element that stands alone ---- */

/* The element and nothing but white space around it; *begin and *end receive its place. */
static int find_element(const uint8_t *data, size_t len, size_t *begin, size_t *end)
{
    struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    struct envoi__gate gate;
    size_t at = 0, found = 0;
    limits.stanza_bytes = 16 * 1024 * 1024;
    envoi__gate_init(&gate, 0);
    while (at < len) {
        size_t used = 0;
        int item = envoi__gate_scan(&gate, &limits, data + at, len - at, &used);
        if (item < 0)
            return item;
        if (item == ENVOI__GATE_MORE)
            return ENVOI_ERR_XML_MALFORMED;
        if (item == ENVOI__GATE_ELEMENT) {
            *begin = at;
            *end = at + used;
            found = 1;
        }
        at += used;
    }
    return found ? 0 : ENVOI_ERR_XML_MALFORMED;
}

int envoi_stanza_parse(envoi_stanza **out, const char *xml, size_t len)
{
    const uint8_t *data = (const uint8_t *)xml;
    size_t begin = 0, end = 0;
    struct envoi__parser *parser = NULL;
    struct envoi__tree *tree;
    envoi_stanza *stanza = NULL;
    if (!out || !xml)
        return ENVOI_ERR_ARGUMENT;
    int error = find_element(data, len, &begin, &end);
    if (!error)
        error = envoi__stanza_make(&stanza, &tree);
    if (!error)
        error = envoi__parser_new(&parser);
    if (!error)
        error = envoi__parser_read(parser, ENVOI__PARSE_STANDALONE, data + begin, end - begin, tree);
    envoi__parser_free(parser);
    if (error)
        envoi_stanza_free(stanza);
    else
        *out = stanza;
    return error;
}
