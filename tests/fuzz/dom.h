/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FUZZ_DOM_H
#define ENVOI_TESTS_FUZZ_DOM_H
/* The second opinion on a document: libxml2's own tree builder. */
#include <envoi/element.h>

#include <libxml/tree.h>
#include <stddef.h>
#include <stdint.h>

enum dom_verdict {
    DOM_REFUSED,    /* not well-formed, or not by Namespaces in XML */
    DOM_RESTRICTED, /* what RFC 6120 11.1 forbids: DOCTYPE, comment, processing instruction */
    DOM_FINE
};

struct dom {
    enum dom_verdict verdict;
    xmlDocPtr document;       /* NULL unless DOM_FINE */
    size_t depth, attributes; /* the most that one element has, declarations included */
    int namespace_fault;
    size_t odd_namespaces; /* names of namespaces that are no URIs */
};

void dom_read(struct dom *dom, const uint8_t *data, size_t len);
void dom_free(struct dom *dom);
/* 1 if element and node are equal, all below them included; `deep` 0: name and attributes only. */
int dom_same(const envoi_element *element, const xmlNode *node, int deep);

#endif
