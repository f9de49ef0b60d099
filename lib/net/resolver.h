/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_RESOLVER_H
#define ENVOI_NET_RESOLVER_H
/* Questions to DNS, one at a time, without blocking. The only file that knows c-ares is resolver.c. */
#include "net/socket.h"

#include <envoi/srv.h>

#include <poll.h>

struct envoi__resolver;

/* servers: a list as envoi_net_set_nameserver() takes it; NULL: the system's. try_ms: how long to wait for
 * the first answer; later tries wait longer. 0, ENVOI_ERR_ARGUMENT (servers), ENVOI_ERR_DNS, ENVOI_ERR_NOMEM.
 */
int envoi__resolver_new(struct envoi__resolver **out, const char *servers, int try_ms);
void envoi__resolver_free(struct envoi__resolver *resolver);

/* Ask. Not while busy. The name is copied. */
void envoi__resolver_ask_srv(struct envoi__resolver *resolver, const char *name);
void envoi__resolver_ask_addresses(struct envoi__resolver *resolver, const char *host);

/* Go on. 1 while busy, 0 once there is a result. */
int envoi__resolver_process(struct envoi__resolver *resolver);

/* 0; ENVOI_ERR_HOST_NOT_FOUND: there is no such record, for certain; ENVOI_ERR_DNS: there is no telling;
 * ENVOI_ERR_NOMEM. */
int envoi__resolver_result(const struct envoi__resolver *resolver);
envoi_srv *envoi__resolver_take_srv(struct envoi__resolver *resolver); /* the caller frees it */
size_t envoi__resolver_addresses(const struct envoi__resolver *resolver, const struct envoi__address **out);

/* What to wait for: adds to fds and returns the new count; the milliseconds until process() is due, -1: none.
 */
size_t envoi__resolver_fds(const struct envoi__resolver *resolver, struct pollfd *fds, size_t count,
                           size_t size);
int envoi__resolver_timeout(const struct envoi__resolver *resolver);

#endif
