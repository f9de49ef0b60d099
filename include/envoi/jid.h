/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_JID_H
#define ENVOI_JID_H
/** @file
 * JIDs (RFC 7622): [ localpart "@" ] domainpart [ "/" resourcepart ]. An envoi_jid is immutable and always in its
 * prepared form, so two of them are the same address exactly when their texts are equal. The functions that return a
 * view return NULL for NULL.
 */
#include <envoi/api.h>
#include <envoi/error.h>

ENVOI_BEGIN_DECLS

/** A prepared JID. Freed with envoi_jid_free(). */
typedef struct envoi_jid envoi_jid;

/**
 * Parse and prepare a JID: PRECIS UsernameCaseMapped for the localpart, IDNA2008 for the domainpart (A-labels become
 * U-labels, a trailing dot goes), OpaqueString for the resourcepart (RFC 7622 3). No part may be empty once its
 * separator is there; localpart and resourcepart have at most 1023 octets when prepared, the domainpart 253 in
 * A-labels, which is the limit of DNS.
 *
 * @param out  receives the new JID; untouched on failure
 * @return 0, ENVOI_ERR_JID (no such JID can exist), ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_jid_parse(envoi_jid **out, const char *text);

/**
 * Make a JID from its parts; nothing in a part is read as a separator.
 *
 * @param localpart     NULL for none
 * @param domainpart    required
 * @param resourcepart  NULL for none
 * @return as envoi_jid_parse()
 */
ENVOI_API int envoi_jid_new(envoi_jid **out, const char *localpart, const char *domainpart, const char *resourcepart);

/** Copy a JID. @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_jid_dup(envoi_jid **out, const envoi_jid *jid);

/** Free a JID; NULL is allowed. */
ENVOI_API void envoi_jid_free(envoi_jid *jid);

/** The localpart. @return a view that lives as long as the JID; NULL if there is none */
ENVOI_API const char *envoi_jid_localpart(const envoi_jid *jid);

/** The domainpart, in U-labels. @return a view that lives as long as the JID */
ENVOI_API const char *envoi_jid_domainpart(const envoi_jid *jid);

/** The resourcepart. @return a view that lives as long as the JID; NULL if there is none */
ENVOI_API const char *envoi_jid_resourcepart(const envoi_jid *jid);

/** The domainpart as DNS and TLS want it: A-labels, or the address of an IP literal without brackets.
 *  @return a view that lives as long as the JID */
ENVOI_API const char *envoi_jid_ascii_domain(const envoi_jid *jid);

/** The JID without its resourcepart. @return a view that lives as long as the JID */
ENVOI_API const char *envoi_jid_bare(const envoi_jid *jid);

/** The whole JID as text. @return a view that lives as long as the JID */
ENVOI_API const char *envoi_jid_full(const envoi_jid *jid);

/** @return 1 if the two are the same address, else 0; NULL equals nothing */
ENVOI_API int envoi_jid_equal(const envoi_jid *a, const envoi_jid *b);

/** @return 1 if the two are the same address leaving resourceparts aside, else 0; NULL equals nothing */
ENVOI_API int envoi_jid_equal_bare(const envoi_jid *a, const envoi_jid *b);

/**
 * Escape a text for use as a localpart (XEP-0106), such as "d'artagnan" to "d\27artagnan".
 *
 * @param out   receives the text and a NUL; may be NULL if size is 0
 * @param size  bytes at out
 * @param len   receives the length without the NUL, also when the text does not fit
 * @return 0, ENVOI_ERR_FULL (does not fit; len tells what is needed), ENVOI_ERR_ARGUMENT,
 *   ENVOI_ERR_JID (begins or ends with a space, which XEP-0106 cannot carry)
 */
ENVOI_API int envoi_jid_escape(char *out, size_t size, size_t *len, const char *text);

/** Undo envoi_jid_escape(), as is to be done for display only (XEP-0106 4.1); same parameters. @return 0, ENVOI_ERR_FULL, ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_jid_unescape(char *out, size_t size, size_t *len, const char *localpart);

ENVOI_END_DECLS

#endif
