/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_BUILD_H
#define ENVOI_BENCH_BUILD_H
/* The two stanzas that are built, with envoi: each time in the memory of the one before. NULL: it went wrong. */
#include <envoi/stanza.h>

/* Of `kind`, empty. */
static inline envoi_stanza *begin_stanza(envoi_stanza **kept, const char *kind)
{
    if (!*kept && envoi_stanza_new(kept, kind, NULL))
        return NULL;
    envoi_stanza_clear(*kept);
    return *kept;
}

static inline envoi_stanza *build_chat(const char *id)
{
    static envoi_stanza *kept;
    envoi_stanza *stanza = begin_stanza(&kept, "message");
    envoi_element *message = envoi_stanza_element(stanza);
    envoi_element_set_attr(message, "to", CHAT_TO);
    envoi_element_set_attr(message, "type", "chat");
    envoi_element_set_attr(message, "id", id);
    envoi_element_add_text_child(message, "body", NULL, CHAT_BODY);
    envoi_element_add_child(message, "active", NS_STATES);
    return stanza;
}

static inline envoi_stanza *build_publish(const char *id)
{
    static envoi_stanza *kept;
    envoi_stanza *stanza = begin_stanza(&kept, "iq");
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
    return stanza;
}

#endif
