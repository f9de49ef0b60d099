/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_READER_H
#define ENVOI_XML_READER_H
/* One direction of an XML stream, read one top-level element at a time: the gate finds the element and judges
 * every byte, the parser makes a tree of it, and both must agree. */
#include "xml/tree.h"
#include <stddef.h>
#include <stdint.h>

struct envoi__xml_limits {
    size_t stanza_bytes, depth, attributes, name_bytes, value_bytes;
};
#define ENVOI__XML_LIMITS_DEFAULT                                                                            \
    {                                                                                                        \
        256 * 1024, 64, 64, 1024, 8192                                                                       \
    }

enum envoi__read {
    ENVOI__READ_MORE =
        0,             /* the element is not complete; *used bytes (0 or leading white space) are done with */
    ENVOI__READ_SPACE, /* *used bytes of white space between elements (a keepalive) */
    ENVOI__READ_HEADER,  /* the stream's start tag: tree holds it, without children */
    ENVOI__READ_ELEMENT, /* one whole top-level element: tree holds it */
    ENVOI__READ_END      /* the stream's end tag */
};

struct envoi__reader; /* opaque */

int envoi__reader_new(struct envoi__reader **out, const struct envoi__xml_limits *limits);
void envoi__reader_free(struct envoi__reader *reader);
void envoi__reader_restart(
    struct envoi__reader *reader);                     /* a new stream header is expected (RFC 6120 4.3.3) */
void envoi__reader_idle(struct envoi__reader *reader); /* give back what only a busy reader needs */

/* Read on. `data` begins where the last call's *used ended; the caller keeps what is not used and adds to it,
 * and the reader scans no byte twice. Returns an enum envoi__read, or an error after which only restart and
 * free make sense: ENVOI_ERR_XML_*, ENVOI_ERR_BAD_NAMESPACE, ENVOI_ERR_STREAM_HEADER (a stream in one empty
 * tag), the class LIMIT, ENVOI_ERR_NOMEM. */
int envoi__reader_next(struct envoi__reader *reader, const uint8_t *data, size_t len,
                       struct envoi__tree *tree, size_t *used);
/* 1 while a top-level element is begun and not complete. */
int envoi__reader_is_inside(const struct envoi__reader *reader);

#endif
