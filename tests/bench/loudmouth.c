/* SPDX-License-Identifier: MIT */
/* Loudmouth, on GLib. Its parser is exported, though in no header. */
#include "bench.h"

#include <loudmouth/loudmouth.h>
#include <stdlib.h>
#include <string.h>

typedef struct LmParser LmParser;
LmParser *lm_parser_new(void (*on_message)(LmParser *xml, LmMessage *message, void *user), void *user,
                        GDestroyNotify notify);
gboolean lm_parser_parse(LmParser *xml, const gchar *text);
void lm_parser_free(LmParser *xml);

struct parser {
    LmParser *xml;
    size_t stanzas;
    char chunk[4097]; /* it wants NUL-terminated text */
};

static void on_message(LmParser *xml, LmMessage *message, void *user)
{
    struct parser *parser = user;
    (void)xml;
    parser->stanzas += lm_message_get_type(message) != LM_MESSAGE_TYPE_STREAM;
}

/* It tells its log every attribute, and the log's default is to print that. */
static void drop(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
    (void)domain, (void)level, (void)text, (void)user;
}

static void *open_parser(void)
{
    struct parser *parser = calloc(1, sizeof *parser);
    g_log_set_default_handler(drop, NULL);
    if (!parser || !(parser->xml = lm_parser_new(on_message, parser, NULL)))
        abort();
    return parser;
}

static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    memcpy(parser->chunk, data, len);
    parser->chunk[len] = '\0';
    return !lm_parser_parse(parser->xml, parser->chunk);
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    lm_parser_free(parser->xml);
    free(parser);
    return stanzas;
}

static size_t write_out(LmMessage *message)
{
    char *text = lm_message_node_to_string(message->node);
    size_t len = text ? strlen(text) : 0;
    g_free(text);
    lm_message_unref(message);
    return len;
}

static size_t chat(const char *id)
{
    LmMessage *message = lm_message_new_with_sub_type(CHAT_TO, LM_MESSAGE_TYPE_MESSAGE, LM_MESSAGE_SUB_TYPE_CHAT);
    lm_message_node_set_attribute(message->node, "id", id);
    lm_message_node_add_child(message->node, "body", CHAT_BODY);
    lm_message_node_set_attribute(lm_message_node_add_child(message->node, "active", NULL), "xmlns", NS_STATES);
    return write_out(message);
}

static size_t publish(const char *id)
{
    LmMessage *iq = lm_message_new_with_sub_type(PUBLISH_TO, LM_MESSAGE_TYPE_IQ, LM_MESSAGE_SUB_TYPE_SET);
    lm_message_node_set_attribute(iq->node, "id", id);
    LmMessageNode *node = lm_message_node_add_child(iq->node, "pubsub", NULL);
    lm_message_node_set_attribute(node, "xmlns", NS_PUBSUB);
    node = lm_message_node_add_child(node, "publish", NULL);
    lm_message_node_set_attribute(node, "node", PUBLISH_NODE);
    node = lm_message_node_add_child(node, "item", NULL);
    lm_message_node_set_attribute(node, "id", id);
    node = lm_message_node_add_child(node, "entry", NULL);
    lm_message_node_set_attribute(node, "xmlns", NS_ATOM);
    lm_message_node_add_child(node, "title", ENTRY_TITLE);
    lm_message_node_add_child(node, "summary", entry_summary);
    LmMessageNode *link = lm_message_node_add_child(node, "link", NULL);
    lm_message_node_set_attribute(link, "rel", "alternate");
    lm_message_node_set_attribute(link, "type", "text/html");
    lm_message_node_set_attribute(link, "href", ENTRY_LINK);
    lm_message_node_add_child(node, "id", ENTRY_ID);
    lm_message_node_add_child(node, "published", ENTRY_TIME);
    lm_message_node_add_child(node, "updated", ENTRY_TIME);
    return write_out(iq);
}

const struct library library = {
    .open = open_parser, .feed = feed, .close = close_parser, .chat = chat, .publish = publish};
