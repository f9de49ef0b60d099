/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_ATOM_H
#define EXAMPLES_ATOM_H
/* Atom entries (RFC 4287): what people publish to nodes. */
#include <envoi/envoi.h>
#include <stdio.h>

#define NS_ATOM "http://www.w3.org/2005/Atom"

struct atom_text {
    const char *id;      /* a URI that names the entry for ever */
    const char *title;   /* one line */
    const char *author;  /* a name */
    const char *updated; /* such as "2026-01-31T12:00:00Z" */
    const char *content; /* plain text */
};

/* Makes an entry. Returns 0 or an ENVOI_ERR_*. */
int atom_build(envoi_stanza **out, const struct atom_text *text);

/* Prints an entry for people: title, author, updated, content. Of another payload it shows the XML. */
void atom_print(FILE *file, const envoi_element *payload);

#endif
