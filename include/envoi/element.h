/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_ELEMENT_H
#define ENVOI_ELEMENT_H
/** @file
 * Elements: the inside of a stanza, to read and to build.
 *
 * An envoi_element is always a view into an envoi_stanza or an event and has no free of its own. It dies with its
 * owner. Names are keyed by (namespace, local name) everywhere; prefixes never matter.
 *
 * Building needs no check line by line. A function that cannot do its work returns its error, marks the stanza with
 * the first one, and envoi_stream_send() reports it; functions on NULL or on a marked stanza do nothing.
 */
#include <envoi/api.h>
#include <envoi/error.h>

ENVOI_BEGIN_DECLS

/** One element of a stanza. */
typedef struct envoi_element envoi_element;

/** The namespace of xml:lang. */
#define ENVOI_NS_XML "http://www.w3.org/XML/1998/namespace"

/** The local name. @return a view; NULL for NULL */
ENVOI_API const char *envoi_element_name(const envoi_element *element);

/** The namespace. @return a view, "" for none; NULL for NULL */
ENVOI_API const char *envoi_element_namespace(const envoi_element *element);

/** @return 1 if the element has this name and namespace (NULL: any namespace), else 0; 0 for a NULL element */
ENVOI_API int envoi_element_is(const envoi_element *element, const char *name, const char *ns);

/** The value of an attribute without a namespace: an `x:from` never answers for `from`.
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_element_attr(const envoi_element *element, const char *name);

/** The value of an attribute in a namespace, such as ("lang", ENVOI_NS_XML). @return a view; NULL if there is none */
ENVOI_API const char *envoi_element_attr_ns(const envoi_element *element, const char *name, const char *ns);

/** How many attributes the element has, xmlns declarations not counted. */
ENVOI_API size_t envoi_element_attr_count(const envoi_element *element);

/** The name of the attribute at an index. @return a view; NULL past the end */
ENVOI_API const char *envoi_element_attr_name_at(const envoi_element *element, size_t index);

/** The namespace of the attribute at an index. @return a view, "" for none; NULL past the end */
ENVOI_API const char *envoi_element_attr_namespace_at(const envoi_element *element, size_t index);

/** The value of the attribute at an index. @return a view; NULL past the end */
ENVOI_API const char *envoi_element_attr_value_at(const envoi_element *element, size_t index);

/** The language in force here: the nearest xml:lang of the element or its ancestors. @return a view; NULL for none */
ENVOI_API const char *envoi_element_lang(const envoi_element *element);

/** The element around this one. @return NULL at the top */
ENVOI_API const envoi_element *envoi_element_parent(const envoi_element *element);

/** The first child element. @return NULL if there is none */
ENVOI_API const envoi_element *envoi_element_first_child(const envoi_element *element);

/** The next element with the same parent. @return NULL at the end */
ENVOI_API const envoi_element *envoi_element_next_sibling(const envoi_element *element);

/** The first child with a name.
 * @param name  NULL: any name
 * @param ns    NULL: the namespace of `element` itself
 * @return NULL if there is none */
ENVOI_API const envoi_element *envoi_element_child(const envoi_element *element, const char *name, const char *ns);

/** The next sibling that has the same name and namespace as this element. @return NULL if there is none */
ENVOI_API const envoi_element *envoi_element_next_same(const envoi_element *element);

/** The text directly inside the element, all runs joined. @return a view, "" if there is none; NULL for NULL */
ENVOI_API const char *envoi_element_text(const envoi_element *element);

/** The text of the first child of this name in the element's own namespace. @return a view; NULL if no such child */
ENVOI_API const char *envoi_element_child_text(const envoi_element *element, const char *name);

/**
 * Write the element as XML that stands on its own: every namespace it uses is declared in it.
 *
 * @param out   receives the text and a NUL; may be NULL if size is 0
 * @param size  bytes at out
 * @param len   receives the length without the NUL, also when the text does not fit
 * @return 0, ENVOI_ERR_FULL (does not fit; len tells what is needed), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_element_format(const envoi_element *element, char *out, size_t size, size_t *len);

/**
 * Add a child element at the end.
 * @param name  copied
 * @param ns    copied; NULL: the parent's namespace; "": none
 * @return the child, or NULL if the stanza is marked now: ENVOI_ERR_XML_NAME, ENVOI_ERR_XML_CHAR, ENVOI_ERR_UTF8,
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API envoi_element *envoi_element_add_child(envoi_element *parent, const char *name, const char *ns);

/** Add a child that holds a text; a shorthand for add_child and add_text. @return the child, or NULL as above */
ENVOI_API envoi_element *envoi_element_add_text_child(envoi_element *parent, const char *name, const char *ns,
                                                      const char *text);

/**
 * Set an attribute without a namespace.
 * @param value  copied; NULL removes the attribute
 * @return 0, ENVOI_ERR_XML_NAME (also for "xmlns"), ENVOI_ERR_XML_CHAR, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT,
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_element_set_attr(envoi_element *element, const char *name, const char *value);

/** Set an attribute in a namespace, such as ("lang", ENVOI_NS_XML, "de"). @return as envoi_element_set_attr() */
ENVOI_API int envoi_element_set_attr_ns(envoi_element *element, const char *name, const char *ns, const char *value);

/** Add text at the end; it is escaped when written.
 *  @return 0, ENVOI_ERR_XML_CHAR, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_element_add_text(envoi_element *element, const char *text);

/** Add a deep copy of another element at the end. @return the copy, or NULL if the stanza is marked now */
ENVOI_API envoi_element *envoi_element_add_copy(envoi_element *parent, const envoi_element *other);

ENVOI_END_DECLS

#endif
