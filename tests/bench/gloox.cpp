/* SPDX-License-Identifier: MIT */
/* gloox, in C++. */
#include "bench.h"

#include <gloox/parser.h>
#include <gloox/tag.h>
#include <gloox/taghandler.h>
#include <string>

namespace
{

struct Counter : gloox::TagHandler {
    gloox::Parser parser;
    size_t stanzas;
    Counter() : parser(this), stanzas(0)
    {
    }
    void handleTag(gloox::Tag *tag) override
    {
        if (tag->name() != "stream")
            stanzas++;
    }
};

void *open_parser()
{
    return new Counter;
}

int feed(void *user, const char *data, size_t len)
{
    std::string chunk(data, len); /* as its connections do */
    return static_cast<Counter *>(user)->parser.feed(chunk) >= 0;
}

size_t close_parser(void *user)
{
    Counter *counter = static_cast<Counter *>(user);
    size_t stanzas = counter->stanzas;
    delete counter;
    return stanzas;
}

size_t write_out(gloox::Tag *tag)
{
    size_t len = tag->xml().size();
    delete tag;
    return len;
}

size_t chat(const char *id)
{
    gloox::Tag *message = new gloox::Tag("message");
    message->addAttribute("to", CHAT_TO);
    message->addAttribute("type", "chat");
    message->addAttribute("id", id);
    new gloox::Tag(message, "body", CHAT_BODY);
    (new gloox::Tag(message, "active"))->setXmlns(NS_STATES);
    return write_out(message);
}

size_t publish(const char *id)
{
    gloox::Tag *iq = new gloox::Tag("iq");
    iq->addAttribute("to", PUBLISH_TO);
    iq->addAttribute("type", "set");
    iq->addAttribute("id", id);
    gloox::Tag *pubsub = new gloox::Tag(iq, "pubsub");
    pubsub->setXmlns(NS_PUBSUB);
    gloox::Tag *item = new gloox::Tag(new gloox::Tag(pubsub, "publish", "node", PUBLISH_NODE), "item", "id", id);
    gloox::Tag *entry = new gloox::Tag(item, "entry");
    entry->setXmlns(NS_ATOM);
    new gloox::Tag(entry, "title", ENTRY_TITLE);
    new gloox::Tag(entry, "summary", entry_summary);
    gloox::Tag *link = new gloox::Tag(entry, "link", "rel", "alternate");
    link->addAttribute("type", "text/html");
    link->addAttribute("href", ENTRY_LINK);
    new gloox::Tag(entry, "id", ENTRY_ID);
    new gloox::Tag(entry, "published", ENTRY_TIME);
    new gloox::Tag(entry, "updated", ENTRY_TIME);
    return write_out(iq);
}

} // namespace

extern "C" const struct library library = {open_parser, feed, close_parser, chat, publish, nullptr};
