/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TLS_INTERNAL_H
#define ENVOI_TLS_INTERNAL_H
/* What the files of this folder share. GnuTLS types stand here by their tags alone, so that only the files
 * that work with GnuTLS include it. */
#include <stddef.h>
#include <stdint.h>

struct envoi_trust;
struct envoi__identity;
struct gnutls_session_int;
struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;

#define ENVOI__SHA256_SIZE 32

/* trust.c */

/* Take the store into use: from now on it never changes, so that sessions may read it without a lock. The
 * credentials live as long as the store. 0, ENVOI_ERR_TRUST_STORE (nothing is in it, unless that is allowed),
 * ENVOI_ERR_NOMEM. */
int envoi__trust_use(struct envoi_trust *trust, int may_be_empty, struct gnutls_certificate_credentials_st **out);
/* The priorities of a text, NULL for the default. They are the store's and live as long as it, unless *owned:
 * then the caller frees them after use. 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM. */
int envoi__trust_priority(struct envoi_trust *trust, const char *text, struct gnutls_priority_st **out, int *owned);

/* identity.c: let sessions with these credentials show their identity where the server asks for one. */
void envoi__identity_serve(struct gnutls_certificate_credentials_st *credentials);
/* tls_gnutls.c: the identity of a filter, which is shown now; NULL: none. */
struct envoi__identity *envoi__tls_show_identity(void *tls);

/* tls_verify.c */

/* Check the peer's certificate. 0, ENVOI_ERR_CERT_*, ENVOI_ERR_NOMEM; *detail gets a text to be freed, or
 * NULL. */
int envoi__tls_verify(struct gnutls_session_int *session, const char *domain, const uint8_t *accepted, char **detail);
/* tls-server-end-point (RFC 5929 4.1); an envoi__cb_fn in all but the first argument. */
int envoi__tls_end_point(struct gnutls_session_int *session, uint8_t *out, size_t *len);
/* The hash of tls-server-end-point for a certificate's signature algorithm, such as "SHA-256"; NULL:
 * undefined. */
const char *envoi__tls_end_point_hash(const char *signature_oid);

#endif
