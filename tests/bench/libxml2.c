/* SPDX-License-Identifier: MIT */
/* libxml2's push parser with handlers that do nothing: what envoi could reach at best with this parser. */
#include "bench.h"

#include <libxml/parser.h>
#include <stdlib.h>

struct parser {
    xmlParserCtxtPtr xml;
    int depth;
    size_t stanzas;
};

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns, int declared,
                     const xmlChar **declarations, int attr_count, int defaulted, const xmlChar **attrs)
{
    struct parser *parser = user;
    (void)name, (void)prefix, (void)ns, (void)declared, (void)declarations, (void)attr_count, (void)defaulted;
    (void)attrs;
    parser->depth++;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
    struct parser *parser = user;
    (void)name, (void)prefix, (void)ns;
    if (--parser->depth == 1)
        parser->stanzas++;
}

static void on_text(void *user, const xmlChar *text, int len)
{
    (void)user, (void)text, (void)len;
}

static void *open_parser(void)
{
    static const xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                                           .startElementNs = on_start,
                                           .endElementNs = on_end,
                                           .characters = on_text,
                                           .ignorableWhitespace = on_text,
                                           .cdataBlock = on_text};
    struct parser *parser = calloc(1, sizeof *parser);
    xmlSAXHandler sax = handlers;
    if (!parser || !(parser->xml = xmlCreatePushParserCtxt(&sax, parser, NULL, 0, NULL)))
        abort();
    xmlCtxtUseOptions(parser->xml, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_HUGE);
    return parser;
}

static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    return xmlParseChunk(parser->xml, data, (int)len, 0);
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    xmlFreeParserCtxt(parser->xml);
    free(parser);
    return stanzas;
}

const struct library library = {.open = open_parser, .feed = feed, .close = close_parser};
