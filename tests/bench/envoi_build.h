/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_BUILD_H
#define ENVOI_BENCH_BUILD_H
/* The two stanzas that are built, with envoi. */
#include <envoi/stanza.h>

static inline void build_chat(envoi_stanza *stanza, const char *id)
{
    envoi_element *message = envoi_stanza_element(stanza);
    envoi_element_set_attr(message, "to", CHAT_TO);
    envoi_element_set_attr(message, "type", "chat");
    envoi_element_set_attr(message, "id", id);
    envoi_element_add_text_child(message, "body", NULL, CHAT_BODY);
    envoi_element_add_child(message, "active", NS_STATES);
}

static inline void build_publish(envoi_stanza *stanza, const char *id)
{
    envoi_element *iq = envoi_stanza_element(stanza);
    envoi_element_set_attr(iq, "to", PUBLISH_TO);
    envoi_element_set_attr(iq, "type", "set");
    envoi_element_set_attr(iq, "id", id);
    envoi_element *pubsub = envoi_element_add_child(iq, "pubsub", NS_PUBSUB);
    envoi_element *publish = envoi_element_add_child(pubsub, "publish", NULL);
    envoi_element_set_attr(publish, "node", PUBLISH_NODE);
    envoi_element *item = envoi_element_add_child(publish, "item", NULL);
    envoi_element_set_attr(item, "id", id);
    envoi_element *entry = envoi_element_add_child(item, "entry", NS_ATOM);
    envoi_element_add_text_child(entry, "title", NULL, ENTRY_TITLE);
    envoi_element_add_text_child(entry, "summary", NULL, entry_summary);
    envoi_element *link = envoi_element_add_child(entry, "link", NULL);
    envoi_element_set_attr(link, "rel", "alternate");
    envoi_element_set_attr(link, "type", "text/html");
    envoi_element_set_attr(link, "href", ENTRY_LINK);
    envoi_element_add_text_child(entry, "id", NULL, ENTRY_ID);
    envoi_element_add_text_child(entry, "published", NULL, ENTRY_TIME);
    envoi_element_add_text_child(entry, "updated", NULL, ENTRY_TIME);
}

#endif
