/* SPDX-License-Identifier: MIT */
/* iksemel. It checks little: not that end tags match, and UTF-8 by halves. */
#include "bench.h"

#include <iksemel.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    iksparser *xml;
    size_t stanzas;
};

static int on_node(void *user, int type, iks *node)
{
    struct parser *parser = user;
    parser->stanzas += type == IKS_NODE_NORMAL;
    if (node)
        iks_delete(node);
    return IKS_OK;
}

static void *open_parser(void)
{
    static char ns[] = "jabber:client";
    struct parser *parser = calloc(1, sizeof *parser);
    if (!parser || !(parser->xml = iks_stream_new(ns, parser, on_node)))
        abort();
    return parser;
}

static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    return iks_parse(parser->xml, data, len, 0) != IKS_OK;
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    iks_parser_delete(parser->xml);
    free(parser);
    return stanzas;
}

/* The text lies in the stanza's own memory, which is iksemel's fastest way. */
static size_t write_out(iks *stanza)
{
    const char *text = iks_string(iks_stack(stanza), stanza);
    size_t len = text ? strlen(text) : 0;
    iks_delete(stanza);
    return len;
}

static void add_text(iks *parent, const char *name, const char *text)
{
    iks_insert_cdata(iks_insert(parent, name), text, 0);
}

static size_t chat(const char *id)
{
    iks *message = iks_make_msg(IKS_TYPE_CHAT, CHAT_TO, CHAT_BODY);
    iks_insert_attrib(message, "id", id);
    iks_insert_attrib(iks_insert(message, "active"), "xmlns", NS_STATES);
    return write_out(message);
}

static size_t publish(const char *id)
{
    iks *iq = iks_new("iq"); /* iks_make_iq() would put a <query/> into it */
    iks_insert_attrib(iq, "type", "set");
    iks_insert_attrib(iq, "to", PUBLISH_TO);
    iks_insert_attrib(iq, "id", id);
    iks *pubsub = iks_insert(iq, "pubsub");
    iks_insert_attrib(pubsub, "xmlns", NS_PUBSUB);
    iks *item = iks_insert(pubsub, "publish");
    iks_insert_attrib(item, "node", PUBLISH_NODE);
    item = iks_insert(item, "item");
    iks_insert_attrib(item, "id", id);
    iks *entry = iks_insert(item, "entry");
    iks_insert_attrib(entry, "xmlns", NS_ATOM);
    add_text(entry, "title", ENTRY_TITLE);
    add_text(entry, "summary", entry_summary);
    iks *link = iks_insert(entry, "link");
    iks_insert_attrib(link, "rel", "alternate");
    iks_insert_attrib(link, "type", "text/html");
    iks_insert_attrib(link, "href", ENTRY_LINK);
    add_text(entry, "id", ENTRY_ID);
    add_text(entry, "published", ENTRY_TIME);
    add_text(entry, "updated", ENTRY_TIME);
    return write_out(iq);
}

const struct library library = {
    .open = open_parser, .feed = feed, .close = close_parser, .chat = chat, .publish = publish};
