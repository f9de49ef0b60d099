/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TLS_TLS_H
#define ENVOI_TLS_TLS_H
/* TLS as a filter between two byte queues: wire bytes on one side, plain bytes on the other. tls_gnutls.c is
 * the only user of GnuTLS sessions. */
#include "base/buf.h"
#include <envoi/config.h>
#include <stddef.h>
#include <stdint.h>

struct envoi__tls;
struct envoi__identity;

struct envoi__tls_params {
    const char *domain;        /* A-labels or IP address: what the certificate must name (RFC 6125, RFC 9525) */
    struct envoi_trust *trust; /* a reference is taken */
    const char *priority;      /* NULL: the safe default */
    const uint8_t *accepted;   /* SHA-256 of a certificate to accept whatever it is; NULL: none */
    struct envoi__identity *identity; /* the client's own certificate, a reference is taken; NULL: none */
    const char *alpn;                 /* NULL, or "xmpp-client" for direct TLS (XEP-0368) */
};

/* 0 if the text is a priority string that can be used; else ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM. Whatever it
 * says, TLS below 1.2 stays off and secure renegotiation is demanded; the profile is MEDIUM unless it names
 * one. */
int envoi__tls_priority_check(const char *priority);

/* in: what the transport received, taken from its front; out: what is to be sent, added. Both must outlive
 * the filter; the params are copied. 0, ENVOI_ERR_TRUST_STORE (the store is empty and no certificate is
 * accepted), ENVOI_ERR_NOMEM, ENVOI_ERR_UNSUPPORTED (the priority or the domain cannot be used). */
int envoi__tls_new(struct envoi__tls **out, const struct envoi__tls_params *params, struct envoi__buf *wire_in,
                   struct envoi__buf *wire_out);
void envoi__tls_free(struct envoi__tls *tls);
/* 1: done and the peer's certificate verified; 0: needs more bytes; or ENVOI_ERR_TLS_HANDSHAKE,
 * ENVOI_ERR_CERT_*, ENVOI_ERR_FULL (send output first), ENVOI_ERR_NOMEM. An error other than FULL stays; the
 * alert that tells the peer stands in `out` and should still be sent. */
int envoi__tls_handshake(struct envoi__tls *tls);
/* Decrypt into `plain`, as far as its room goes. 1: something was added; 0: needs more bytes, or `plain` has
 * no room (more may wait inside even when `in` is empty, so read again after taking from `plain`);
 * ENVOI_ERR_EOF: the peer said close_notify; or ENVOI_ERR_TLS_RECORD, ENVOI_ERR_NOMEM, ENVOI_ERR_STATE (no
 * handshake yet). */
int envoi__tls_read(struct envoi__tls *tls, struct envoi__buf *plain);
/* Encrypt all of it, or nothing. 0, ENVOI_ERR_FULL (less room than envoi__tls_wire_size()),
 * ENVOI_ERR_TLS_RECORD, ENVOI_ERR_NOMEM, ENVOI_ERR_STATE (no handshake yet, or closed). */
int envoi__tls_write(struct envoi__tls *tls, const uint8_t *data, size_t len);
/* The most bytes on the wire that envoi__tls_write() makes of len bytes. */
size_t envoi__tls_wire_size(const struct envoi__tls *tls, size_t len);
/* Send close_notify, once, past the limit of `out` if it must be; nothing before the handshake is done. */
int envoi__tls_close(struct envoi__tls *tls);
/* An envoi__cb_fn; user is the filter. tls-exporter (RFC 9266; TLS 1.2 only with extended
 * master secret), tls-unique (TLS 1.2 with extended
 * master secret), tls-server-end-point (RFC 5929). */
int envoi__tls_channel_binding(void *tls, const char *type, uint8_t *out, size_t *len);
/* Whether the server asked for the client's certificate and got it. */
int envoi__tls_has_shown_identity(const struct envoi__tls *tls);
const char *envoi__tls_version(const struct envoi__tls *tls); /* such as "TLS1.3" */
const char *envoi__tls_cipher(const struct envoi__tls *tls);
/* Why it failed, a sentence for a person; "" if it did not. */
const char *envoi__tls_detail(const struct envoi__tls *tls);

/* The client's own certificate, with those of its issuers behind it, and its key, all in PEM. 0,
 * ENVOI_ERR_OWN_CERTIFICATE, ENVOI_ERR_NOMEM. */
int envoi__identity_new(struct envoi__identity **out, const void *certificate, size_t certificate_len,
                        const void *key, size_t key_len);
int envoi__identity_load(struct envoi__identity **out, const char *certificate_path, const char *key_path);
struct envoi__identity *envoi__identity_ref(struct envoi__identity *identity); /* NULL is allowed */
void envoi__identity_free(struct envoi__identity *identity);

struct envoi_trust *envoi__trust_ref(struct envoi_trust *trust);
/* A store that loads the system's certificates when it is first needed. */
int envoi__trust_new_system(struct envoi_trust **out);

#endif
