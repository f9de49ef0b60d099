/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_SASL_CRYPTO_H
#define ENVOI_SASL_CRYPTO_H
/* Hashes and randomness; crypto.c is the only file that includes GnuTLS crypto. */
#include <stddef.h>
#include <stdint.h>

enum envoi__hash { ENVOI__SHA1, ENVOI__SHA256, ENVOI__SHA512, ENVOI__SHA384, ENVOI__SHA224 };
#define ENVOI__HASH_MAX 64

size_t envoi__hash_size(enum envoi__hash hash);
/* Both: 0, ENVOI_ERR_UNSUPPORTED (the system forbids the hash), ENVOI_ERR_NOMEM. */
int envoi__hash(enum envoi__hash hash, const void *data, size_t len, uint8_t *out);
int envoi__hmac(enum envoi__hash hash, const void *key, size_t key_len, const void *data, size_t len,
                uint8_t *out);
int envoi__random(void *out, size_t len); /* unpredictable bytes; 0 or ENVOI_ERR_UNSUPPORTED */
int envoi__equal_secret(const void *a, const void *b, size_t len); /* constant time; 1 if equal */

/* PBKDF2 (RFC 8018 5.2) for one block, as SCRAM needs it, in slices so that no call is long. */
struct envoi__pbkdf2;
/* 0, ENVOI_ERR_ARGUMENT (no iterations), ENVOI_ERR_UNSUPPORTED, ENVOI_ERR_NOMEM. */
int envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                      const uint8_t *salt, size_t salt_len, uint32_t iterations);
int envoi__pbkdf2_run(struct envoi__pbkdf2 *p, uint32_t at_most); /* 1: done, 0: more to do, or an error */
const uint8_t *envoi__pbkdf2_key(const struct envoi__pbkdf2 *p);  /* once done: envoi__hash_size() bytes */
void envoi__pbkdf2_free(struct envoi__pbkdf2 *p);                 /* wipes */

#endif
