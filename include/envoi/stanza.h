/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STANZA_H
#define ENVOI_STANZA_H
/** @file
 * Stanzas: message, presence and IQ (RFC 6120 8). An envoi_stanza owns a tree of elements. Functions that read take
 * the `const envoi_element *` that an event shows, so received stanzas need no copy.
 */
#include <envoi/element.h>

ENVOI_BEGIN_DECLS

/** A tree of elements with an owner. Freed with envoi_stanza_free(). */
typedef struct envoi_stanza envoi_stanza;

/** The namespace of stanzas between client and server. */
#define ENVOI_NS_CLIENT "jabber:client"
/** The namespace of defined conditions in stanza errors (RFC 6120 8.3). */
#define ENVOI_NS_STANZA_ERROR "urn:ietf:params:xml:ns:xmpp-stanzas"

/**
 * Make a tree with one root element.
 * @param out  receives the new stanza; untouched on failure
 * @param ns   NULL: ENVOI_NS_CLIENT
 * @return 0, ENVOI_ERR_XML_NAME, ENVOI_ERR_XML_CHAR, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_new(envoi_stanza **out, const char *name, const char *ns);

/**
 * Parse one element that stands on its own, such as the payload of an Atom file. The same rules and default limits
 * hold as on a stream: UTF-8 only, no DOCTYPE, comment or processing instruction; an XML declaration and white space
 * around the element are allowed.
 * @return 0, ENVOI_ERR_XML_MALFORMED, ENVOI_ERR_XML_RESTRICTED, ENVOI_ERR_XML_ENCODING, ENVOI_ERR_BAD_NAMESPACE, an
 *   error of the class LIMIT, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_parse(envoi_stanza **out, const char *xml, size_t len);

/** Keep an element beyond its owner: a deep copy with the language in force on its root.
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_stanza_dup(envoi_stanza **out, const envoi_element *element);

/** Free a stanza and all its elements; NULL is allowed. */
ENVOI_API void envoi_stanza_free(envoi_stanza *stanza);

/** The root element, to build on. @return NULL for NULL */
ENVOI_API envoi_element *envoi_stanza_element(envoi_stanza *stanza);

/** The root element, to read. @return NULL for NULL */
ENVOI_API const envoi_element *envoi_stanza_root(const envoi_stanza *stanza);

/** The first error that building this stanza met. @return 0 if there was none; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_stanza_error(const envoi_stanza *stanza);

ENVOI_END_DECLS

#endif
