/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_WRITER_H
#define ENVOI_XML_WRITER_H
/* Elements to XML. */
#include "base/buf.h"
#include "xml/tree.h"

struct envoi__write_options {
    const char *default_ns; /* the namespace in force around the element; NULL: none */
    const char *id;         /* written in place of the root's id; NULL: as it is */
    /* For the log: text and attribute values become "..." in SASL elements (but not in offers and failures,
     * which hold no secret), stream management (its id resumes a session), jabber:iq:auth and
     * jabber:iq:register. */
    int redact;
    int redact_bodies; /* with redact: <body/> and the payload of PubSub items too */
};

/* Append the element. All or nothing: 0, ENVOI_ERR_FULL, ENVOI_ERR_NOMEM. */
int envoi__write_element(struct envoi__buf *out, const envoi_element *element,
                         const struct envoi__write_options *options);

#endif
