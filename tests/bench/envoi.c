/* SPDX-License-Identifier: MIT */
/* envoi's reader: chunks into a buffer, from there to trees. And its builder and writer, through the public
 * functions. */
#include "bench.h"

#include "base/buf.h"
#include "envoi_build.h"
#include "xml/reader.h"
#include <stdlib.h>

struct parser {
    struct envoi__reader *reader;
    struct envoi__buf in;
    struct envoi__tree tree;
    size_t scanned, stanzas;
};

static void *open_parser(void)
{
    static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    struct parser *parser = calloc(1, sizeof *parser);
    if (!parser || envoi__reader_new(&parser->reader, &limits))
        abort();
    envoi__buf_init(&parser->in, 0);
    envoi__tree_init(&parser->tree);
    return parser;
}

static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    int item = envoi__buf_add(&parser->in, data, len);
    while (!item && parser->in.len > parser->scanned) {
        size_t used = 0;
        item =
            envoi__reader_next(parser->reader, envoi__buf_bytes(&parser->in), parser->in.len, &parser->tree, &used);
        if (item < 0)
            return item;
        parser->stanzas += item == ENVOI__READ_ELEMENT;
        envoi__buf_take(&parser->in, used);
        parser->scanned = item == ENVOI__READ_MORE ? parser->in.len : 0;
        if (item == ENVOI__READ_MORE)
            break;
        item = 0;
    }
    return 0;
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    envoi__reader_free(parser->reader);
    envoi__buf_free(&parser->in);
    envoi__tree_free(&parser->tree);
    free(parser);
    return stanzas;
}

static size_t write_out(envoi_stanza *stanza)
{
    static char text[4096];
    size_t len = 0;
    if (envoi_stanza_error(stanza) || envoi_element_format(envoi_stanza_root(stanza), text, sizeof text, &len))
        return 0;
    return len;
}

static size_t chat(const char *id)
{
    envoi_stanza *stanza;
    if (envoi_stanza_new(&stanza, "message", NULL))
        return 0;
    build_chat(stanza, id);
    size_t len = write_out(stanza);
    envoi_stanza_free(stanza);
    return len;
}

static size_t publish(const char *id)
{
    envoi_stanza *stanza;
    if (envoi_stanza_new(&stanza, "iq", NULL))
        return 0;
    build_publish(stanza, id);
    size_t len = write_out(stanza);
    envoi_stanza_free(stanza);
    return len;
}

const struct library library = {
    .open = open_parser, .feed = feed, .close = close_parser, .chat = chat, .publish = publish};
