/* SPDX-License-Identifier: MIT */
/* The server's half of SCRAM (RFC 5802), honest unless the transcript says otherwise. It reads {client-first}
 * and {client-final}, which the transcript binds, and the {mechanism}. */
#include "transcript.h"

#include "base/base64.h"
#include "sasl/crypto.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SALT = 16, LONGEST_SALT = 1100 };

/* The salt of this scenario; returns its length. */
static size_t make_salt(struct play *play, uint8_t salt[LONGEST_SALT])
{
    const char *wanted = variable_get(play, "salt-bytes");
    size_t len = wanted ? strtoul(wanted, NULL, 10) : SALT;
    if (len > LONGEST_SALT)
        run_fail(&play->run, "a salt of %zu bytes", len);
    for (size_t i = 0; i < len; i++)
        salt[i] = (uint8_t)(i * 7 + 3);
    return len;
}

static enum envoi__hash hash_of(struct play *play)
{
    const char *mechanism = variable_get(play, "mechanism");
    if (mechanism && strstr(mechanism, "SHA-256"))
        return ENVOI__SHA256;
    return mechanism && strstr(mechanism, "SHA-512") ? ENVOI__SHA512 : ENVOI__SHA1;
}

static void decoded(struct play *play, const char *name, char *out, size_t size)
{
    const char *text = variable_get(play, name);
    size_t len = 0;
    if (!text || strlen(text) >= size || envoi__base64_decode(text, strlen(text), (uint8_t *)out, &len))
        run_fail(&play->run, "{%s} is not base64", name);
    out[len] = '\0';
}

/* The value of ` key=value` among the options, or a default. */
static void option(const char *options, const char *key, const char *fallback, char *out, size_t size)
{
    const char *at = strstr(options, key);
    size_t len = at ? strcspn(at + strlen(key), " ") : 0;
    if (at)
        snprintf(out, size, "%.*s", (int)len, at + strlen(key));
    else
        snprintf(out, size, "%s", fallback);
}

static void add_base64(struct envoi__buf *out, const char *text)
{
    char encoded[8192];
    envoi__base64_encode(text, strlen(text), encoded);
    envoi__buf_add_text(out, encoded);
}

void scram_server_first(struct play *play, const char *options, struct envoi__buf *out)
{
    char first[1024], nonce[512], iterations[32], salt_text[2048], message[3000], number[16];
    uint8_t salt[LONGEST_SALT];
    decoded(play, "client-first", first, sizeof first);
    const char *at = strstr(first, ",r=");
    if (!at)
        run_fail(&play->run, "no nonce in %s", first);
    snprintf(nonce, sizeof nonce, "%sserver", at + 3);
    if (strstr(options, "nonce="))
        option(options, "nonce=", "", nonce, sizeof nonce);
    if (strstr(options, "same-nonce"))
        snprintf(nonce, sizeof nonce, "%s", at + 3);
    option(options, "i=", "4096", iterations, sizeof iterations);
    option(options, "salt-bytes=", "16", number, sizeof number);
    variable_set(play, "salt-bytes", number, strlen(number));
    envoi__base64_encode(salt, make_salt(play, salt), salt_text);
    if (strstr(options, "salt="))
        option(options, "salt=", "", salt_text, sizeof salt_text);
    snprintf(message, sizeof message, "r=%s,s=%s,i=%s%s", nonce, salt_text, iterations,
             strstr(options, "m-ext") ? ",m=x" : "");
    variable_set(play, "server-first-text", message, strlen(message));
    add_base64(out, message);
}

void scram_server_final(struct play *play, const char *options, struct envoi__buf *out)
{
    enum envoi__hash hash = hash_of(play);
    uint8_t key[ENVOI__HASH_MAX], signature[ENVOI__HASH_MAX], salt[LONGEST_SALT];
    char first[1024], final[2048], message[6000], encoded[128];
    if (strstr(options, "text=")) {
        add_base64(out, strstr(options, "text=") + 5);
        return;
    }
    size_t size = envoi__hash_size(hash);
    struct envoi__pbkdf2 *pbkdf2 = NULL;
    decoded(play, "client-first", first, sizeof first);
    decoded(play, "client-final", final, sizeof final);
    const char *bare = strstr(first, ",,");
    char *proof = strstr(final, ",p=");
    if (!bare || !proof)
        run_fail(&play->run, "not SCRAM: %s %s", first, final);
    *proof = '\0';
    snprintf(message, sizeof message, "%s,%s,%s", bare + 2, variable_get(play, "server-first-text"), final);
    if (envoi__pbkdf2_new(&pbkdf2, hash, strstr(options, "wrong") ? "wrong" : play->password, salt,
                          make_salt(play, salt), 4096))
        run_fail(&play->run, "no memory");
    while (envoi__pbkdf2_run(pbkdf2, 100000) == 0)
        ;
    envoi__hmac(hash, envoi__pbkdf2_key(pbkdf2), size, "Server Key", 10, key);
    envoi__hmac(hash, key, size, message, strlen(message), signature);
    envoi__pbkdf2_free(pbkdf2);
    envoi__base64_encode(signature, size, encoded);
    snprintf(message, sizeof message, "v=%s", encoded);
    add_base64(out, message);
}
