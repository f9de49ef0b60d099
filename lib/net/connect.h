/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_CONNECT_H
#define ENVOI_NET_CONNECT_H
/* To a connected socket: the addresses that the lookup finds are tried side by side (RFC 8305). */
#include "net/lookup.h"

struct envoi__connect;

/* loopback_only: refuse every other address. 0, ENVOI_ERR_NOMEM. */
int envoi__connect_new(struct envoi__connect **out, const struct envoi__lookup_plan *plan, int loopback_only);
void envoi__connect_free(struct envoi__connect *connect); /* closes what is open */

/* Go on. 0: not yet; 1: connected, see take(); negative: why not, see text(). Not to be called after that. */
int envoi__connect_step(struct envoi__connect *connect, uint64_t now);
int envoi__connect_take(struct envoi__connect *connect); /* the connected descriptor; the caller closes it */
const char *
envoi__connect_text(const struct envoi__connect *connect); /* what was tried; or the address connected to */

uint64_t envoi__connect_deadline(const struct envoi__connect *connect); /* when step() is due */
size_t envoi__connect_fds(const struct envoi__connect *connect, struct pollfd *fds, size_t size);

#endif
