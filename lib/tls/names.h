/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TLS_NAMES_H
#define ENVOI_TLS_NAMES_H
/* Does a name in a certificate stand for the JID's domain? Pure functions; names are bytes with a length, so
 * that a NUL inside one never shortens it. `domain` is in A-labels, without a trailing dot. */
#include <stddef.h>
#include <stdint.h>

#define ENVOI__IP_MAX 16

/* 4 or 16 bytes of address in `ip` if the text is an IP literal (brackets around IPv6 allowed), else 0. */
size_t envoi__ip_parse(const char *text, uint8_t ip[ENVOI__IP_MAX]);
/* The content of a DER string that fills `der` exactly and has this tag; NULL if it is anything else. */
const uint8_t *envoi__der_string(const uint8_t *der, size_t len, uint8_t tag, size_t *content_len);

/* 1 or 0; is_xmpp_addr also ENVOI_ERR_NOMEM. */
int envoi__name_is_dns_id(const uint8_t *name, size_t len, const char *domain);
int envoi__name_is_srv_id(const uint8_t *name, size_t len, const char *domain);    /* of _xmpp-client */
int envoi__name_is_xmpp_addr(const uint8_t *name, size_t len, const char *domain); /* a bare domain */
int envoi__name_is_ip(const uint8_t *address, size_t len, const char *domain);

#endif
