/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_LOOKUP_H
#define ENVOI_NET_LOOKUP_H
/* From the name of a domain to addresses, one target after the other (RFC 6120 3.2). */
#include "net/report.h"
#include "net/socket.h"

#include <poll.h>

struct envoi__lookup;

struct envoi__lookup_plan {
    const char *domain;  /* A-labels */
    const char *host;    /* NULL: ask for SRV records of the domain */
    uint16_t port;       /* of host or, without SRV records, of the domain */
    int direct;          /* the service is direct TLS (XEP-0368) */
    const char *servers; /* name servers; NULL: the system's */
    uint32_t timeout_ms; /* how long lookups and connecting may take together */
};

enum { ENVOI__LOOKUP_ADDRESSES_MAX = 32 };

/* The texts of the plan are copied. Failures are told to the report. 0, ENVOI_ERR_NOMEM. */
int envoi__lookup_new(struct envoi__lookup **out, const struct envoi__lookup_plan *plan,
                      struct envoi__report *report);
void envoi__lookup_free(struct envoi__lookup *lookup);

/* Whether there is something to take up, and taking it up: the SRV records, then each target. Not while
 * asking. 0, or an error that ends it all. */
int envoi__lookup_has_more(const struct envoi__lookup *lookup);
int envoi__lookup_next(struct envoi__lookup *lookup);

/* Go on with a question. 0, or an error that ends it all: the service is not offered, or there is no telling.
 */
int envoi__lookup_step(struct envoi__lookup *lookup);
int envoi__lookup_is_asking(const struct envoi__lookup *lookup);
void envoi__lookup_give_up(struct envoi__lookup *lookup); /* out of time: report what did not answer */

/* The addresses of the target taken up last, in the order to try, once. Returns how many. */
size_t envoi__lookup_take(struct envoi__lookup *lookup,
                          struct envoi__address out[ENVOI__LOOKUP_ADDRESSES_MAX]);

/* What to wait for: adds to fds and returns the new count; the milliseconds until step() is due, -1: none. */
size_t envoi__lookup_fds(const struct envoi__lookup *lookup, struct pollfd *fds, size_t count, size_t size);
int envoi__lookup_timeout(const struct envoi__lookup *lookup);

#endif
