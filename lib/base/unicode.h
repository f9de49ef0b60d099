/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_UNICODE_H
#define ENVOI_BASE_UNICODE_H
/* Preparation of international text (precis.c, domain.c, saslprep.c).
 * Each function makes a new text in *out (freed by envoi__free, or envoi__free_secret for passwords) from
 * `len` bytes of UTF-8. Errors: ENVOI_ERR_UTF8, ENVOI_ERR_JID (a code point or shape that the profile
 * forbids; the SASL callers translate it), ENVOI_ERR_NOMEM. *out is untouched on failure. */
#include <stddef.h>

int envoi__prep_localpart(char **out, const char *text,
                          size_t len); /* UsernameCaseMapped, RFC 8265 3.3 + RFC 7622 3.3.1 */
int envoi__prep_resourcepart(char **out, const char *text, size_t len); /* OpaqueString, RFC 8265 4.2 */
int envoi__prep_domainpart(char **out, const char *text,
                           size_t len);                         /* U-labels, or an IP literal; RFC 7622 3.2 */
int envoi__domain_to_ascii(char **out, const char *domainpart); /* A-labels, IP literal without brackets */
/* RFC 4013, for a password as a stored string, for a user name as a query, which may hold newer code points
 * (RFC 5802 5.1). */
int envoi__saslprep_stored(char **out, const char *text, size_t len);
int envoi__saslprep_query(char **out, const char *text, size_t len);

/* 1 if the text is ASCII that its preparation would leave as it is: no call and no allocation is needed. 0:
 * ask. */
int envoi__plain_localpart(const char *text, size_t len);
int envoi__plain_resourcepart(const char *text, size_t len);
int envoi__plain_domainpart(const char *text, size_t len);

#endif
