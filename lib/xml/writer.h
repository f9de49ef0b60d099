/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_WRITER_H
#define ENVOI_XML_WRITER_H
/* Elements to XML. */
#include "base/buf.h"
#include "xml/tree.h"

struct envoi__write_options {
    const char *default_ns; /* the namespace in force around the element; NULL: none */
    const char *id;         /* written in place of the root's id; NULL: as it is */
    int redact;             /* for the log: text and attribute values of SASL elements become "..." */
    int redact_bodies;      /* with redact: the text of <body/> and of PubSub items too */
};

/* Append the element. All or nothing: 0, ENVOI_ERR_FULL, ENVOI_ERR_NOMEM. */
int envoi__write_element(struct envoi__buf *out, const envoi_element *element,
                         const struct envoi__write_options *options);
/* Append text escaped for an element's content or an attribute in either quote. 0, ENVOI_ERR_FULL, ENVOI_ERR_NOMEM. */
int envoi__write_escaped(struct envoi__buf *out, const char *text);

#endif
