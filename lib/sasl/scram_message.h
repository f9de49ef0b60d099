/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_SASL_SCRAM_MESSAGE_H
#define ENVOI_SASL_SCRAM_MESSAGE_H
/* What a server sends in SCRAM, by the grammar of RFC 5802 7. */
#include <stddef.h>
#include <stdint.h>

#define ENVOI__SCRAM_SALT_MAX       1024
#define ENVOI__SCRAM_ITERATIONS_MIN 4096 /* RFC 7677 4 */

struct envoi__scram_first {
    const char *nonce; /* points into the message, as do the others */
    size_t nonce_len;
    uint8_t salt[ENVOI__SCRAM_SALT_MAX + 2];
    size_t salt_len;
    uint32_t iterations;
    const char *list_hash; /* h= (XEP-0474); NULL: none */
    size_t list_hash_len;
};

/* 0, ENVOI_ERR_AUTH_MALFORMED, ENVOI_ERR_AUTH_PARAMETERS (salt or iteration count out of bounds), or what an
 * e= stands for. *out is only good after 0. */
int envoi__scram_parse_first(struct envoi__scram_first *out, const char *text, size_t len,
                             uint32_t max_iterations);
/* The verifier of a server-final-message, still in base64. 0, ENVOI_ERR_AUTH_MALFORMED, or what an e= stands
 * for. */
int envoi__scram_parse_final(const char **verifier, size_t *verifier_len, const char *text, size_t len);

#endif
