/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_RSM_H
#define ENVOI_RSM_H
/** @file
 * Result set management (XEP-0059): asking for a long list page by page.
 *
 * One envoi_rsm is either what is asked for (max and one of after, before, index) or what the answer says
 * about the page (first, last, count). The usual way through a whole list is: set max, send, parse the
 * answer's page, call envoi_rsm_set_next() and send again until it says ENVOI_ERR_NOT_FOUND. Item identifiers
 * are opaque.
 */
#include <envoi/element.h>

ENVOI_BEGIN_DECLS

/** A page of a list: asked for, or described. Freed with envoi_rsm_free(). */
typedef struct envoi_rsm envoi_rsm;

/** The namespace of result set management. */
#define ENVOI_NS_RSM "http://jabber.org/protocol/rsm"

/** The largest number that max, index and count can have. */
#define ENVOI_RSM_MAX 2147483647

/** Make an empty page. @param out receives it; untouched on failure. @return 0, ENVOI_ERR_ARGUMENT,
 *  ENVOI_ERR_NOMEM */
ENVOI_API int envoi_rsm_new(envoi_rsm **out);

/**
 * Read a page from an element that has a <set/> child, such as the payload of an IQ, or from the <set/>
 * itself. A count or index that is no number of its range is taken for not there, since both are only hints.
 *
 * @param out  receives the new page; untouched on failure
 * @return 0, or
 *   ENVOI_ERR_NOT_FOUND  there is no <set/>: the other side does not page
 *   ENVOI_ERR_STANZA     one of first and last without the other, or max is no number
 *   ENVOI_ERR_ARGUMENT   out or element is NULL
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_rsm_parse(envoi_rsm **out, const envoi_element *element);

/** Copy a page. @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_rsm_dup(envoi_rsm **out, const envoi_rsm *page);

/** Free a page; NULL is allowed. */
ENVOI_API void envoi_rsm_free(envoi_rsm *page);

/* ---- asking ---- */

/** Set how many items the page may have; 0 asks for the count alone (XEP-0059 2.7).
 *  @return 0, ENVOI_ERR_ARGUMENT (page is NULL, max above ENVOI_RSM_MAX) */
ENVOI_API int envoi_rsm_set_max(envoi_rsm *page, uint32_t max);

/** Ask for the page behind an item (XEP-0059 2.2); before and index are forgotten.
 * @param id  copied; NULL: from the beginning
 * @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_NOMEM; nothing is changed on
 *   failure */
ENVOI_API int envoi_rsm_set_after(envoi_rsm *page, const char *id);

/** Ask for the page in front of an item (XEP-0059 2.3); after and index are forgotten.
 * @param id  copied; "": the last page (2.5); NULL: from the beginning
 * @return as envoi_rsm_set_after() */
ENVOI_API int envoi_rsm_set_before(envoi_rsm *page, const char *id);

/** Ask for the page that begins at an index (XEP-0059 2.6); after and before are forgotten.
 *  @return 0, ENVOI_ERR_ARGUMENT (page is NULL, index above ENVOI_RSM_MAX) */
ENVOI_API int envoi_rsm_set_index(envoi_rsm *page, uint32_t index);

/**
 * Turn a request into the one for the page behind an answer. max stays.
 * @param page    the request that was answered; untouched on failure
 * @param answer  the page that came with the answer
 * @return 0, or
 *   ENVOI_ERR_NOT_FOUND  there is no further page: the answer is empty. Nothing else tells for sure, for
 *                        items may come while the list is read, and the count may be approximate
 *   ENVOI_ERR_STANZA     the answer ends where the request began, and would go on like this for ever
 *   ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_rsm_set_next(envoi_rsm *page, const envoi_rsm *answer);

/** The same for the page in front of an answer; one that begins at index 0 is the first.
 *  @return as envoi_rsm_set_next() */
ENVOI_API int envoi_rsm_set_previous(envoi_rsm *page, const envoi_rsm *answer);

/**
 * Write the page as a <set/> child of an element, which marks the stanza if it fails.
 * @param page    NULL: nothing is written, so that builders can pass on an optional page
 * @param parent  gets the <set/> element at its end
 * @return 0, ENVOI_ERR_ARGUMENT (parent is NULL), ENVOI_ERR_NOMEM, or the error that the stanza met before
 */
ENVOI_API int envoi_rsm_append(const envoi_rsm *page, envoi_element *parent);

/* ---- the answer ---- */

/** The identifier of the first item of the page. @return a view; NULL if the page is empty */
ENVOI_API const char *envoi_rsm_first(const envoi_rsm *page);

/** The identifier of the last item of the page. @return a view; NULL if the page is empty */
ENVOI_API const char *envoi_rsm_last(const envoi_rsm *page);

/** Where in the whole list the first item stands; may be approximate.
 *  @return 0, ENVOI_ERR_NOT_FOUND (not told), ENVOI_ERR_ARGUMENT; out is untouched on failure */
ENVOI_API int envoi_rsm_first_index(const envoi_rsm *page, uint32_t *out);

/** How many items the whole list has; may be approximate. @return as envoi_rsm_first_index() */
ENVOI_API int envoi_rsm_count(const envoi_rsm *page, uint32_t *out);

/** Say what an answer holds, for programs that answer. Both NULL: an empty page.
 *  @return 0, ENVOI_ERR_ARGUMENT (only one is NULL), ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_rsm_set_items(envoi_rsm *page, const char *first, const char *last);

/** Say where the first item stands. @return as envoi_rsm_set_max() */
ENVOI_API int envoi_rsm_set_first_index(envoi_rsm *page, uint32_t index);

/** Say how many items the whole list has. @return as envoi_rsm_set_max() */
ENVOI_API int envoi_rsm_set_count(envoi_rsm *page, uint32_t count);

/* ---- the request, for programs that answer ---- */

/** How many items are asked for. @return as envoi_rsm_first_index() */
ENVOI_API int envoi_rsm_max(const envoi_rsm *page, uint32_t *out);

/** The item behind which the page begins. @return a view; NULL if not asked so */
ENVOI_API const char *envoi_rsm_after(const envoi_rsm *page);

/** The item in front of which the page ends, "" for the last page. @return a view; NULL if not asked so */
ENVOI_API const char *envoi_rsm_before(const envoi_rsm *page);

/** The index at which the page begins. @return as envoi_rsm_first_index() */
ENVOI_API int envoi_rsm_index(const envoi_rsm *page, uint32_t *out);

ENVOI_END_DECLS

#endif
