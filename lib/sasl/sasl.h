/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_SASL_SASL_H
#define ENVOI_SASL_SASL_H
/* SASL (RFC 4422) for a client: choose a mechanism and play it. Bytes in, bytes out; base64 and XML are the
 * stream's. */
#include "base/buf.h"
#include <envoi/config.h>
#include <stddef.h>
#include <stdint.h>

/* Gets the data of one channel-binding type, such as "tls-exporter"; at most *len bytes, sets *len.
 * 0, or ENVOI_ERR_UNSUPPORTED if this channel has no such binding. */
typedef int (*envoi__cb_fn)(void *user, const char *type, uint8_t *out, size_t *len);
#define ENVOI__CB_MAX 128

struct envoi__sasl_params {
    const char *authcid; /* prepared localpart */
    const char *authzid; /* bare JID to act for; NULL: the account's own */
    int authzid_is_own;  /* it was named, and is the account's own all the same: EXTERNAL alone says it */
    const char *password;
    const char *const *offered; /* the server's mechanisms */
    size_t offered_count;
    const char *refused; /* a mechanism that the server offers and does not take: go on behind it; NULL: none */
    const char *const *cb_offered; /* the server's channel-binding types (XEP-0440); count 0: not announced */
    size_t cb_offered_count;
    int channel_binding;   /* ENVOI_CHANNEL_BINDING_* */
    int channel_is_secure; /* inside verified TLS (or a transport that is as good) */
    int plain_allowed;
    int external_allowed; /* the channel itself tells the server who this is */
    uint32_t max_iterations;
    envoi__cb_fn cb; /* NULL: no channel */
    void *cb_user;
    const char *nonce; /* tests only: NULL for a random one */
};

struct envoi__sasl;

enum envoi__sasl_result {
    ENVOI__SASL_SEND = 0, /* the response stands in the buffer */
    ENVOI__SASL_WORKING,  /* call envoi__sasl_work() until it says otherwise */
    ENVOI__SASL_DONE      /* success, and the server proved itself */
};

/* Whether a login with this offer needs a password: 1, 0, or an error of envoi__sasl_new(). */
int envoi__sasl_needs_password(const struct envoi__sasl_params *params);
/* Choose the mechanism; the choice is final, so after a wrong password nothing weaker is tried (mechanisms.c has the
 * rules). Everything in params is copied. 0, or ENVOI_ERR_AUTH_NO_MECHANISM: nothing that is offered is
 * allowed here, or the channel is not secure; ENVOI_ERR_AUTH_CHANNEL_BINDING: binding is required and cannot
 * be had, or the server's lists were tampered with; ENVOI_ERR_AUTH_PASSWORD: user name or password is empty
 * or not allowed by SASLprep; ENVOI_ERR_NOMEM, ENVOI_ERR_UNSUPPORTED (a hash that the system forbids), or
 * what cb returned. */
int envoi__sasl_new(struct envoi__sasl **out, const struct envoi__sasl_params *params);
void envoi__sasl_free(struct envoi__sasl *sasl); /* wipes */
const char *envoi__sasl_mechanism(const struct envoi__sasl *sasl);
const char *envoi__sasl_channel_binding(const struct envoi__sasl *sasl); /* the type in use; NULL: none */

/* In all of these an error leaves the response buffer as it was and ends the exchange: secrets are wiped, and
 * further calls return ENVOI_ERR_STATE; envoi__sasl_success() then says that nothing was proven. */

/* The initial response. 0 or an error. */
int envoi__sasl_begin(struct envoi__sasl *sasl, struct envoi__buf *response);
/* A challenge. An enum envoi__sasl_result (with an empty response where the mechanism wants one), or
 * ENVOI_ERR_AUTH_MALFORMED, ENVOI_ERR_AUTH_PARAMETERS, ENVOI_ERR_AUTH_SERVER_UNVERIFIED (a wrong signature,
 * or lists of mechanisms and binding types that differ from those the server signed, XEP-0474: someone in
 * between changed them), ENVOI_ERR_AUTH_CHANNEL_BINDING, ENVOI_ERR_AUTH_REJECTED, ENVOI_ERR_AUTH_PROTOCOL,
 * ENVOI_ERR_AUTH_TEMPORARY (the last four also by the server's e=). */
int envoi__sasl_challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response);
/* One slice, well under 5 ms. As for envoi__sasl_challenge(); ENVOI_ERR_STATE when there is nothing to do. */
int envoi__sasl_work(struct envoi__sasl *sasl, struct envoi__buf *response);
/* Success, with the additional data or (NULL, 0). ENVOI__SASL_DONE, or ENVOI_ERR_AUTH_SERVER_UNVERIFIED, or
 * ENVOI_ERR_AUTH_MALFORMED (data that the mechanism does not have). */
int envoi__sasl_success(struct envoi__sasl *sasl, const uint8_t *data, size_t len);

#endif
