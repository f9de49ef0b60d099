/* SPDX-License-Identifier: MIT */
/* libstrophe. Its parser is no public function, but stands in the static library. */
#include "bench.h"

#include <stdlib.h>
#include <strophe.h>

typedef struct _parser_t parser_t;
parser_t *parser_new(xmpp_ctx_t *ctx, void (*on_header)(char *name, char **attrs, void *user),
                     void (*on_end)(char *name, void *user), void (*on_stanza)(xmpp_stanza_t *stanza, void *user),
                     void *user);
void parser_free(parser_t *parser);
int parser_feed(parser_t *parser, char *chunk, int len);

struct parser {
    parser_t *xml;
    size_t stanzas;
};

static xmpp_ctx_t *shared_context(void)
{
    static xmpp_ctx_t *context;
    if (!context)
        context = xmpp_ctx_new(NULL, NULL);
    return context;
}

static void on_header(char *name, char **attrs, void *user)
{
    (void)name, (void)attrs, (void)user;
}

static void on_end(char *name, void *user)
{
    (void)name, (void)user;
}

static void on_stanza(xmpp_stanza_t *stanza, void *user)
{
    struct parser *parser = user;
    (void)stanza; /* it is released by the parser */
    parser->stanzas++;
}

static void *open_parser(void)
{
    struct parser *parser = calloc(1, sizeof *parser);
    if (!parser || !(parser->xml = parser_new(shared_context(), on_header, on_end, on_stanza, parser)))
        abort();
    return parser;
}

static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    return !parser_feed(parser->xml, (char *)(uintptr_t)data, (int)len);
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    parser_free(parser->xml);
    free(parser);
    return stanzas;
}

static size_t write_out(xmpp_stanza_t *stanza)
{
    char *text;
    size_t len = 0;
    if (xmpp_stanza_to_text(stanza, &text, &len))
        return 0;
    xmpp_free(shared_context(), text);
    xmpp_stanza_release(stanza);
    return len;
}

static xmpp_stanza_t *add(xmpp_stanza_t *parent, const char *name, const char *ns)
{
    xmpp_stanza_t *child = xmpp_stanza_new(shared_context());
    xmpp_stanza_set_name(child, name);
    if (ns)
        xmpp_stanza_set_ns(child, ns);
    xmpp_stanza_add_child_ex(parent, child, 0); /* the parent holds it now */
    return child;
}

static void add_text(xmpp_stanza_t *parent, const char *name, const char *content)
{
    xmpp_stanza_t *child = add(parent, name, NULL), *text = xmpp_stanza_new(shared_context());
    xmpp_stanza_set_text(text, content);
    xmpp_stanza_add_child_ex(child, text, 0);
}

static size_t chat(const char *id)
{
    xmpp_stanza_t *message = xmpp_message_new(shared_context(), "chat", CHAT_TO, id);
    xmpp_message_set_body(message, CHAT_BODY);
    add(message, "active", NS_STATES);
    return write_out(message);
}

static size_t publish(const char *id)
{
    xmpp_stanza_t *iq = xmpp_iq_new(shared_context(), "set", id);
    xmpp_stanza_set_to(iq, PUBLISH_TO);
    xmpp_stanza_t *item = add(add(iq, "pubsub", NS_PUBSUB), "publish", NULL);
    xmpp_stanza_set_attribute(item, "node", PUBLISH_NODE);
    item = add(item, "item", NULL);
    xmpp_stanza_set_id(item, id);
    xmpp_stanza_t *entry = add(item, "entry", NS_ATOM);
    add_text(entry, "title", ENTRY_TITLE);
    add_text(entry, "summary", entry_summary);
    xmpp_stanza_t *link = add(entry, "link", NULL);
    xmpp_stanza_set_attribute(link, "rel", "alternate");
    xmpp_stanza_set_attribute(link, "type", "text/html");
    xmpp_stanza_set_attribute(link, "href", ENTRY_LINK);
    add_text(entry, "id", ENTRY_ID);
    add_text(entry, "published", ENTRY_TIME);
    add_text(entry, "updated", ENTRY_TIME);
    return write_out(iq);
}

const struct library library = {
    .open = open_parser, .feed = feed, .close = close_parser, .chat = chat, .publish = publish};
