/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_NAMES_H
#define ENVOI_XML_NAMES_H
/* Names and namespaces that stanzas are made of. A tree that holds one of these need not copy it. */

/* The static text that equals `text`, or NULL. */
const char *envoi__known_name(const char *text);

#endif
