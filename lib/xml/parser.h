/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_PARSER_H
#define ENVOI_XML_PARSER_H
/* XML that the gate let through to a tree. This is the seam: all that the reader knows of the XML library is
 * here, and parser.c alone includes it. A parser costs little to make, so it lives only while there is
 * something to read. */
#include "xml/tree.h"
#include <stddef.h>
#include <stdint.h>

struct envoi__parser; /* opaque */

enum envoi__parse {
    ENVOI__PARSE_HEADER,    /* the stream's start tag */
    ENVOI__PARSE_ELEMENT,   /* one whole element inside the stream */
    ENVOI__PARSE_END,       /* the stream's end tag */
    ENVOI__PARSE_STANDALONE /* one whole element without a stream */
};

int envoi__parser_new(struct envoi__parser **out); /* 0 or ENVOI_ERR_NOMEM */
void envoi__parser_free(struct envoi__parser *parser);
/* Read what the gate found whole. The bytes must be exactly that: one tree, no more, no less. The tree must
 * be empty; NULL reads a header for its namespaces alone. 0, ENVOI_ERR_XML_MALFORMED,
 * ENVOI_ERR_XML_RESTRICTED, ENVOI_ERR_BAD_NAMESPACE, ENVOI_ERR_NOMEM; after an error only free makes sense.
 */
int envoi__parser_read(struct envoi__parser *parser, enum envoi__parse what, const uint8_t *data, size_t len,
                       struct envoi__tree *tree);
/* 1 if the parser remembers so much that a new one is cheaper to keep. */
int envoi__parser_is_worn(const struct envoi__parser *parser);

#endif
