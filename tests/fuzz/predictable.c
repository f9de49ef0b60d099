/* SPDX-License-Identifier: MIT */
/* Put in the place of the library's own by the linker (--wrap): random bytes that are the same in every run,
 * so that an input means the same each time and can hold the ids and nonces it will meet; and a key
 * derivation of one iteration, so that SCRAM costs nothing. */
#include "fuzz.h"

#include "sasl/crypto.h"
#include <string.h>

int __wrap_envoi__random(void *out, size_t len);
int __wrap_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations);
int __real_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations);

static uint8_t calls;

void fuzz_reset_random(void)
{
    calls = 0;
}

int __wrap_envoi__random(void *out, size_t len)
{
    memset(out, calls++, len);
    return 0;
}

int __wrap_envoi__pbkdf2_new(struct envoi__pbkdf2 **out, enum envoi__hash hash, const char *password,
                             const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    return __real_envoi__pbkdf2_new(out, hash, password, salt, salt_len, iterations ? 1 : 0);
}

char *fuzz_text(struct fuzz_input chunk)
{
    size_t len = fuzz_left(&chunk);
    char *text = malloc(len + 1);
    FUZZ_CHECK(text != NULL);
    if (len)
        memcpy(text, chunk.at, len);
    text[len] = '\0';
    return text;
}
