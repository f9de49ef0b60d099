/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_TREE_H
#define ENVOI_XML_TREE_H
/* The element tree: one tree, one arena, one free. Freeing, copying, comparing and writing never recurse, so a tree
 * may be as deep as it likes. */
#include <envoi/stanza.h>

#include "base/arena.h"

/* A tree that the stream reads stanza after stanza into. Public envoi_stanza wraps one. */
struct envoi__tree {
    struct envoi__arena arena;
    struct envoi_element *root; /* NULL: empty */
    int error;                  /* sticky: the first error of a builder call */
};

void envoi__tree_init(struct envoi__tree *tree);
void envoi__tree_free(struct envoi__tree *tree);
void envoi__tree_reset(struct envoi__tree *tree); /* empty again, storage kept for the next stanza */

#endif
