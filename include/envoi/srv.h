/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_SRV_H
#define ENVOI_SRV_H
/** @file
 * The order in which the SRV targets of a domain are tried (RFC 2782). Nothing here asks a name server or
 * draws a random number: records come from the caller's resolver, the seed from the caller's random source.
 * Programs that use net.h never need this.
 */
#include <envoi/api.h>
#include <envoi/error.h>

ENVOI_BEGIN_DECLS

/** A list of SRV targets. Freed with envoi_srv_free(). */
typedef struct envoi_srv envoi_srv;

/** How many targets a list keeps. Of more, those with the highest priority number are left out. */
#define ENVOI_SRV_TARGETS_MAX 32

/**
 * Make an empty list.
 * @param out  receives the list; untouched on failure
 * @return 0, ENVOI_ERR_ARGUMENT (NULL), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_srv_new(envoi_srv **out);

/** Free a list; NULL is allowed. */
ENVOI_API void envoi_srv_free(envoi_srv *list);

/**
 * Add one record of the answer. A record that can never be connected to (port 0) is left out, and so is one
 * past ENVOI_SRV_TARGETS_MAX with a priority number no lower than those kept; both are success.
 * @param priority  the lowest is tried first
 * @param weight    the share inside one priority
 * @param target    host name, copied; one trailing dot is removed. "." or "": see envoi_srv_is_refused()
 * @return 0, ENVOI_ERR_ARGUMENT (NULL, a number above 65,535, or a name of more than 255 bytes),
 * ENVOI_ERR_NOMEM (the list is unchanged)
 */
ENVOI_API int envoi_srv_add(envoi_srv *list, uint32_t priority, uint32_t weight, uint32_t port,
                            const char *target);

/**
 * Put the list in the order to try: by priority, and inside a priority by weighted random choice (RFC 2782,
 * "Usage rules"). The same records, seed and order of adding give the same order, so a test can be repeated.
 * @param seed  64 bits from a random source, new for each connection
 * @return 0, ENVOI_ERR_ARGUMENT (NULL)
 */
ENVOI_API int envoi_srv_order(envoi_srv *list, uint64_t seed);

/** Whether the domain says that it does not offer the service: there is no target but the root "." (RFC 2782,
 * RFC 6120 3.2.1 step 3). Then no address of the domain may be tried either. @return 1 or 0; 0 for NULL */
ENVOI_API int envoi_srv_is_refused(const envoi_srv *list);

/** How many targets are kept; "." is none. @return 0 for NULL */
ENVOI_API size_t envoi_srv_count(const envoi_srv *list);

/** The host name of a target, without trailing dot. @param index from 0
 *  @return a view that lives until the list changes; NULL if there is no such index */
ENVOI_API const char *envoi_srv_target(const envoi_srv *list, size_t index);

/** The port of a target. @return 1 to 65,535; 0 if there is no such index */
ENVOI_API uint32_t envoi_srv_port(const envoi_srv *list, size_t index);

/** The priority of a target. @return 0 if there is no such index */
ENVOI_API uint32_t envoi_srv_priority(const envoi_srv *list, size_t index);

/** The weight of a target. @return 0 if there is no such index */
ENVOI_API uint32_t envoi_srv_weight(const envoi_srv *list, size_t index);

ENVOI_END_DECLS

#endif
