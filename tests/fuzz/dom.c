/* SPDX-License-Identifier: MIT */
#include "dom.h"

#include "xml/node.h"
#include <libxml/parser.h>
#include <string.h>

#if LIBXML_VERSION >= 21200
static void on_problem(void *user, const xmlError *problem)
#else
static void on_problem(void *user, xmlError *problem)
#endif
{
    xmlParserCtxtPtr context = user;
    struct dom *dom = context->_private;
    if (problem->domain == XML_FROM_NAMESPACE && problem->level != XML_ERR_WARNING && problem->code != XML_WAR_NS_URI)
        dom->namespace_fault = 1;
    /* Behind an error libxml2 from 2.12 on does not look any more at what follows the root. */
    if (problem->code == XML_WAR_NS_URI) {
        context->errNo = XML_ERR_OK;
        dom->odd_namespaces++;
    }
}

static size_t count_attributes(const xmlNode *node)
{
    size_t count = 0;
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
        count++;
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
        count++;
    return count;
}

/* Take the measure of what stands here and below. Returns 1 for what is restricted. */
static int survey(struct dom *dom, const xmlNode *node, size_t depth)
{
    for (; node; node = node->next) {
        if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE || node->type == XML_ENTITY_REF_NODE)
            return 1;
        if (node->type != XML_ELEMENT_NODE)
            continue;
        size_t count = count_attributes(node);
        dom->depth = depth > dom->depth ? depth : dom->depth;
        dom->attributes = count > dom->attributes ? count : dom->attributes;
        if (survey(dom, node->children, depth + 1))
            return 1;
    }
    return 0;
}

void dom_read(struct dom *dom, const uint8_t *data, size_t len)
{
    *dom = (struct dom){0};
    if (memchr(data, 0, len)) /* no character of XML, but libxml2 may take it for the end */
        return;
    xmlParserCtxtPtr context = xmlNewParserCtxt();
    if (!context)
        return;
    context->_private = dom;
    context->sax->serror = on_problem;
    xmlDocPtr document = xmlCtxtReadMemory(context, (const char *)data, (int)len, NULL, "UTF-8",
                                           XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOCDATA);
    if (document && context->wellFormed && !dom->namespace_fault) {
        int restricted = survey(dom, document->children, 1) || document->intSubset;
        dom->verdict = restricted ? DOM_RESTRICTED : DOM_FINE;
    }
    xmlFreeParserCtxt(context);
    if (dom->verdict == DOM_FINE)
        dom->document = document;
    else
        xmlFreeDoc(document);
}

void dom_free(struct dom *dom)
{
    xmlFreeDoc(dom->document);
    dom->document = NULL;
}

static const char *ns_of(const xmlNs *ns)
{
    return ns && ns->href ? (const char *)ns->href : "";
}

static int same_attributes(const envoi_element *element, const xmlNode *node)
{
    size_t count = 0;
    for (xmlAttrPtr attr = node->properties; attr; attr = attr->next, count++) {
        xmlChar *value = xmlNodeGetContent((xmlNodePtr)attr);
        const char *own = envoi_element_attr_ns(element, (const char *)attr->name, ns_of(attr->ns));
        int same = own && value && strcmp(own, (const char *)value) == 0;
        xmlFree(value);
        if (!same)
            return 0;
    }
    return envoi_element_attr_count(element) == count;
}

/* The text that begins at *node, which libxml2 may hold in pieces, is this run, or nothing. */
static int same_run(const envoi_element *element, const struct envoi__node **own, const xmlNode **node)
{
    const struct envoi__run *run = *own && (*own)->is_text ? envoi__node_run(*own) : NULL;
    size_t at = 0;
    for (; *node && (*node)->type != XML_ELEMENT_NODE; *node = (*node)->next) {
        size_t len = strlen((const char *)(*node)->content);
        if (!len)
            continue;
        if (!run || run->len - at < len || memcmp(element->text + run->start + at, (*node)->content, len) != 0)
            return 0;
        at += len;
    }
    if (run)
        *own = (*own)->next;
    return run ? at == run->len : 1;
}

int dom_same(const envoi_element *element, const xmlNode *node, int deep)
{
    if (strcmp(envoi_element_name(element), (const char *)node->name) != 0 ||
        strcmp(envoi_element_namespace(element), ns_of(node->ns)) != 0 || !same_attributes(element, node))
        return 0;
    if (!deep)
        return 1;
    const struct envoi__node *own = element->first;
    const xmlNode *child = node->children;
    for (;;) {
        if (!same_run(element, &own, &child))
            return 0;
        if (!own || !child)
            return !own && !child;
        if (own->is_text || !dom_same(envoi__node_element(own), child, 1))
            return 0;
        own = own->next;
        child = child->next;
    }
}
