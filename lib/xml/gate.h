/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_GATE_H
#define ENVOI_XML_GATE_H
/* The gate: one scan over every byte before the parser sees any. It refuses what is not strict UTF-8, what
 * XML cannot carry and what RFC 6120 11.1 forbids, keeps the limits, and finds the exact end of each
 * top-level element. It holds offsets alone, so the bytes may move between two calls, and it looks at no byte
 * twice but the (at most three) of a character that is cut off, and those of a tag that is written in an unusual
 * way or cut off. Whether names are names and tags match is the parser's to say. */
#include "xml/reader.h"

/* The longest stream header, and the longest XML declaration. */
enum { ENVOI__HEADER_BYTES = 16 * 1024, ENVOI__DECLARATION_BYTES = 256 };

enum envoi__gate_item {
    ENVOI__GATE_MORE = 0, /* nothing is complete */
    ENVOI__GATE_SKIP,     /* what stands before the root and means nothing */
    ENVOI__GATE_SPACE,    /* white space between elements, or after the end */
    ENVOI__GATE_HEADER,
    ENVOI__GATE_ELEMENT,
    ENVOI__GATE_END
};

struct envoi__gate {
    size_t pos;   /* scanned already; the item begins at 0 */
    size_t mark;  /* where the name or value at pos begins */
    size_t depth; /* open elements, the stream's included */
    size_t attributes;
    uint32_t number; /* of a character reference, or the letters of an entity's name */
    uint8_t state;
    uint8_t back;    /* the state that a reference returns to */
    uint8_t quote;   /* around the value at pos */
    uint8_t matched; /* letters of a reference or of "[CDATA[" */
    uint8_t base;    /* the depth at which an element is an item: 1 in a stream, 0 for one that stands alone */
};

void envoi__gate_init(struct envoi__gate *gate, int is_stream);
/* Scan on. For an item, *used receives its length and the next scan begins behind it. Returns an enum
 * envoi__gate_item, or an error. */
int envoi__gate_scan(struct envoi__gate *gate, const struct envoi__xml_limits *limits, const uint8_t *data,
                     size_t len, size_t *used);
int envoi__gate_is_inside(const struct envoi__gate *gate);
/* Judge an XML declaration, "<?xml" to "?>". 0, ENVOI_ERR_XML_MALFORMED, ENVOI_ERR_XML_RESTRICTED (another
 * processing instruction), ENVOI_ERR_XML_ENCODING. */
int envoi__xml_declaration_check(const uint8_t *text, size_t len);

#endif
