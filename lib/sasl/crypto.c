/* SPDX-License-Identifier: MIT */
#include "sasl/crypto.h"

#include "base/mem.h"
#include <envoi/error.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

static const struct {
    gnutls_digest_algorithm_t digest;
    gnutls_mac_algorithm_t mac;
    size_t size;
} hashes[] = {
    [ENVOI__SHA1] = {GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20},
    [ENVOI__SHA256] = {GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32},
    [ENVOI__SHA512] = {GNUTLS_DIG_SHA512, GNUTLS_MAC_SHA512, 64},
    [ENVOI__SHA384] = {GNUTLS_DIG_SHA384, GNUTLS_MAC_SHA384, 48},
    [ENVOI__SHA224] = {GNUTLS_DIG_SHA224, GNUTLS_MAC_SHA224, 28},
};

/* GnuTLS refuses an algorithm where the system's policy forbids it. */
static int translate(int gnutls_error)
{
    if (gnutls_error >= 0)
        return 0;
    return gnutls_error == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_UNSUPPORTED;
}

size_t envoi__hash_size(enum envoi__hash hash)
{
    return hashes[hash].size;
}

int envoi__hash(enum envoi__hash hash, const void *data, size_t len, uint8_t *out)
{
    return translate(gnutls_hash_fast(hashes[hash].digest, data, len, out));
}

int envoi__hmac(enum envoi__hash hash, const void *key, size_t key_len, const void *data, size_t len,
                uint8_t *out)
{
    return translate(gnutls_hmac_fast(hashes[hash].mac, key, key_len, data, len, out));
}

int envoi__random(void *out, size_t len)
{
    return gnutls_rnd(GNUTLS_RND_RANDOM, out, len) < 0 ? ENVOI_ERR_UNSUPPORTED : 0;
}

int envoi__equal_secret(const void *a, const void *b, size_t len)
{
    return gnutls_memcmp(a, b, len) == 0;
}

struct envoi__pbkdf2 {
    gnutls_hmac_hd_t hmac; /* keyed with the password; each output resets it to just that */
    size_t size;
    uint32_t left;
    uint8_t last[ENVOI__HASH_MAX]; /* U of the newest iteration; zeros behind its size */
    uint8_t key[ENVOI__HASH_MAX];  /* the exclusive or of every U so far */
};

/* U1 = HMAC(password, salt || INT(1)), RFC 8018 5.2. */
static int first_iteration(struct envoi__pbkdf2 *p, const uint8_t *salt, size_t salt_len)
{
    static const uint8_t block_number[4] = {0, 0, 0, 1};
    int error = translate(gnutls_hmac(p->hmac, salt, salt_len));
    if (!error)
        error = translate(gnutls_hmac(p->hmac, block_number, sizeof block_number));
    if (error)
        return error;
    gnutls_hmac_output(p->hmac, p->last);
    memcpy(p->key, p->last, sizeof p->key);
    return 0;
}

int envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                      const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    if (!iterations)
        return ENVOI_ERR_ARGUMENT;
    struct envoi__pbkdf2 *p = envoi__alloc_zero(sizeof *p);
    if (!p)
        return ENVOI_ERR_NOMEM;
    int error = translate(gnutls_hmac_init(&p->hmac, hashes[hash].mac, password, strlen(password)));
    if (error) {
        envoi__free(p);
        return error;
    }
    p->size = hashes[hash].size;
    p->left = iterations - 1;
    error = first_iteration(p, salt, salt_len);
    if (error) {
        envoi__pbkdf2_free(p);
        return error;
    }
    *out = p;
    return 0;
}

int envoi__pbkdf2_run(struct envoi__pbkdf2 *p, uint32_t at_most)
{
    uint32_t count = p->left < at_most ? p->left : at_most;
    for (uint32_t i = 0; i < count; i++) {
        int error = translate(gnutls_hmac(p->hmac, p->last, p->size));
        if (error)
            return error;
        gnutls_hmac_output(p->hmac, p->last);
        for (size_t k = 0; k < sizeof p->key; k++) /* the fixed size lets the compiler use wide registers */
            p->key[k] ^= p->last[k];
    }
    p->left -= count;
    return p->left == 0;
}

const uint8_t *envoi__pbkdf2_key(const struct envoi__pbkdf2 *p)
{
    return p->key;
}

void envoi__pbkdf2_free(struct envoi__pbkdf2 *p)
{
    if (!p)
        return;
    gnutls_hmac_deinit(p->hmac, NULL); /* GnuTLS wipes the keyed state itself */
    envoi__wipe(p, sizeof *p);
    envoi__free(p);
}
