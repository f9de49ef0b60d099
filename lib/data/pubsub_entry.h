/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_PUBSUB_ENTRY_H
#define ENVOI_DATA_PUBSUB_ENTRY_H
/* Walking the lists that replies and events have in common. */
#include <envoi/pubsub.h>

/* The element itself or the next sibling that is an item, or in an event a retract; NULL at the end. */
const envoi_element *envoi__pubsub_item_from(const envoi_element *element);
/* The first item of this list or of one that follows it in the same reply: a collection answers with one list
 * for each of its nodes (XEP-0248 6.2.2). */
const envoi_element *envoi__pubsub_item_of_lists(const envoi_element *items);
/* The element itself or the next sibling that is an affiliation, also as example 210 of XEP-0060 spells it.
 */
const envoi_element *envoi__pubsub_affiliation_from(const envoi_element *element);

#endif
