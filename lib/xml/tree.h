/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_TREE_H
#define ENVOI_XML_TREE_H
/* The element tree: one tree, one arena, one free. Freeing, copying, comparing and writing never recurse, so
 * a tree may be as deep as it likes. */
#include <envoi/stanza.h>

#include "base/arena.h"

/* The namespace of xmlns declarations (Namespaces in XML 1.0, 3), which no element or attribute of a tree may
 * have. */
#define ENVOI__NS_XMLNS "http://www.w3.org/2000/xmlns/"

/* A tree that the stream reads stanza after stanza into. Public envoi_stanza wraps one. */
struct envoi__tree {
    struct envoi__arena arena;
    struct envoi_element *root; /* NULL: empty */
    const char *lang;           /* the language in force around the root (the stream's); NULL: none */
    const char *default_ns;     /* that the root's tag declares; NULL: none. Only trees that were read have it, and */
    int prefixed;               /* whether the root has a prefix */
    int error;                  /* sticky: the first error of a builder call */
};

void envoi__tree_init(struct envoi__tree *tree);
void envoi__tree_free(struct envoi__tree *tree);
void envoi__tree_reset(struct envoi__tree *tree); /* empty again, storage kept for the next stanza */

/* The error that marks an element's stanza, and marking it (the first mark stays, and is returned). For builders that
 * judge more than XML does. An element of NULL is ENVOI_ERR_ARGUMENT. */
int envoi__element_error(const envoi_element *element);
int envoi__element_fail(envoi_element *element, int error);

/* A stanza without a root yet, and its tree to read into. 0 or ENVOI_ERR_NOMEM. */
int envoi__stanza_make(envoi_stanza **out, struct envoi__tree **tree);

#endif
