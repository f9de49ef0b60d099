/* SPDX-License-Identifier: MIT */
/* The link puts these in front of the functions whose names they carry, for the library and the runner, not for the
 * libraries below. Runs are repeated by the hundred thousand and compared letter by letter: randomness must repeat,
 * and a key is derived from a password only once. */
#include "transcript.h"

#include "base/text.h"
#include "sasl/crypto.h"
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *data, size_t len);

struct ledger ledger;
static uint64_t random_state;

/* ---- memory ---- */

void ledger_reset(long fail_at, int sticky)
{
    ledger.made = 0;
    ledger.fail_at = fail_at;
    ledger.sticky = sticky;
    ledger.failed = 0;
    random_state = 0x9E3779B97F4A7C15u;
}

static int may_go(void)
{
    if (ledger.paused)
        return 1;
    ledger.made++;
    if (!ledger.fail_at || ledger.made < ledger.fail_at || (!ledger.sticky && ledger.made > ledger.fail_at))
        return 1;
    ledger.failed = 1;
    return 0;
}

void *__wrap_malloc(size_t size)
{
    void *memory = may_go() ? __real_malloc(size) : NULL;
    ledger.live += memory != NULL;
    return memory;
}

void *__wrap_realloc(void *memory, size_t size)
{
    void *grown = may_go() ? __real_realloc(memory, size) : NULL;
    ledger.live += !memory && grown;
    return grown;
}

void __wrap_free(void *memory)
{
    ledger.live -= memory != NULL;
    __real_free(memory);
}

void *ledger_grow(void *memory, size_t *room, size_t wanted)
{
    if (wanted <= *room)
        return memory;
    size_t grown = *room ? *room : 256;
    while (grown < wanted)
        grown *= 2;
    memory = __real_realloc(memory, grown);
    if (!memory) {
        fputs("the runner itself is out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    *room = grown;
    return memory;
}

void ledger_release(void *memory)
{
    __real_free(memory);
}

/* ---- randomness ---- */

uint64_t ledger_random(void)
{
    return random_state;
}

void ledger_set_random(uint64_t state)
{
    random_state = state;
}

int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *data, size_t len)
{
    uint8_t *out = data;
    (void)level;
    while (len--) {
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        *out++ = (uint8_t)(random_state >> 32);
    }
    return 0;
}

/* ---- PBKDF2: the first time as it is, then from memory, in the same slices and with the same allocation ---- */

enum { MOST_KEYS = 64, LONGEST_SALT = 64, LONGEST_PASSWORD = 128 };

struct known_key {
    enum envoi__hash hash;
    char password[LONGEST_PASSWORD];
    uint8_t salt[LONGEST_SALT];
    size_t salt_len;
    uint32_t iterations;
    uint8_t key[ENVOI__HASH_MAX];
};
static struct known_key keys[MOST_KEYS];
static size_t key_count;

/* What the library holds for a struct envoi__pbkdf2. */
struct derivation {
    struct envoi__pbkdf2 *real; /* NULL: the key is known */
    struct known_key it;
    uint32_t left;
};

int __real_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations);
int __real_envoi__pbkdf2_run(struct envoi__pbkdf2 *p, uint32_t at_most);
const uint8_t *__real_envoi__pbkdf2_key(const struct envoi__pbkdf2 *p);
void __real_envoi__pbkdf2_free(struct envoi__pbkdf2 *p);
int __wrap_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations);
int __wrap_envoi__pbkdf2_run(struct envoi__pbkdf2 *p, uint32_t at_most);
const uint8_t *__wrap_envoi__pbkdf2_key(const struct envoi__pbkdf2 *p);
void __wrap_envoi__pbkdf2_free(struct envoi__pbkdf2 *p);

static const struct known_key *find_key(const struct known_key *wanted)
{
    for (size_t i = 0; i < key_count; i++) {
        const struct known_key *key = &keys[i];
        if (key->hash == wanted->hash && key->iterations == wanted->iterations &&
            strcmp(key->password, wanted->password) == 0 && key->salt_len == wanted->salt_len &&
            memcmp(key->salt, wanted->salt, key->salt_len) == 0)
            return key;
    }
    return NULL;
}

int __wrap_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    struct known_key it = {.hash = hash, .iterations = iterations, .salt_len = salt_len};
    const struct known_key *known = NULL;
    int small = salt_len <= sizeof it.salt && strlen(password) < sizeof it.password;
    if (small) {
        memcpy(it.salt, salt, salt_len);
        strncpy(it.password, password, sizeof it.password - 1);
        known = find_key(&it);
    }
    struct derivation *derivation = known ? malloc(sizeof *derivation) : __real_malloc(sizeof *derivation);
    if (!derivation)
        return ENVOI_ERR_NOMEM;
    *derivation = (struct derivation){.it = known ? *known : it, .left = iterations - 1};
    derivation->it.iterations = small ? iterations : 0; /* 0: not to be kept */
    int error = known ? 0 : __real_envoi__pbkdf2_new(&derivation->real, hash, password, salt, salt_len, iterations);
    if (error)
        __real_free(derivation);
    else
        *out = (void *)derivation;
    return error;
}

int __wrap_envoi__pbkdf2_run(struct envoi__pbkdf2 *p, uint32_t at_most)
{
    struct derivation *derivation = (void *)p;
    derivation->left -= derivation->left < at_most ? derivation->left : at_most;
    if (!derivation->real)
        return derivation->left == 0;
    int result = __real_envoi__pbkdf2_run(derivation->real, at_most);
    if (result == 1) {
        memcpy(derivation->it.key, __real_envoi__pbkdf2_key(derivation->real), ENVOI__HASH_MAX);
        if (derivation->it.iterations && !find_key(&derivation->it) && key_count < MOST_KEYS)
            keys[key_count++] = derivation->it;
    }
    return result;
}

const uint8_t *__wrap_envoi__pbkdf2_key(const struct envoi__pbkdf2 *p)
{
    return ((const struct derivation *)(const void *)p)->it.key;
}

void __wrap_envoi__pbkdf2_free(struct envoi__pbkdf2 *p)
{
    struct derivation *derivation = (void *)p;
    if (!derivation)
        return;
    if (derivation->real) {
        __real_envoi__pbkdf2_free(derivation->real);
        __real_free(derivation);
    } else {
        free(derivation);
    }
}
