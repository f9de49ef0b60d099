/* SPDX-License-Identifier: MIT */
/* The server's half of SCRAM (RFC 5802), honest unless the transcript says otherwise. It reads {client-first}
 * and {client-final}, which the transcript binds, and the {mechanism}. */
#include "replay/peer.h"

#include "base/base64.h"
#include "base/mem.h"
#include "sasl/crypto.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SALT = 1100, ITERATIONS = 4096, AT_ONCE = 100000 }; /* i= only lies */

static const char *get(const struct envoi__peer *peer, const char *name)
{
    return envoi__peer_get(peer, name, strlen(name));
}

static int set(struct envoi__peer *peer, const char *name, const char *value, size_t len)
{
    return envoi__peer_set(peer, name, strlen(name), value, len);
}

/* The value of `key=value` among the options, or the fallback; a view. */
static const char *option(const char *options, const char *key, const char *fallback, size_t *len)
{
    const char *at = strstr(options, key);
    const char *value = at ? at + strlen(key) : fallback;
    *len = at ? strcspn(value, " ") : strlen(fallback);
    return value;
}

/* The salt of this transcript, which its first message has told; returns its length. */
static size_t make_salt(const struct envoi__peer *peer, uint8_t salt[LONGEST_SALT])
{
    size_t len = strtoul(get(peer, "salt-bytes"), NULL, 10);
    if (len > LONGEST_SALT)
        len = LONGEST_SALT;
    for (size_t i = 0; i < len; i++)
        salt[i] = (uint8_t)(i * 7 + 3);
    return len;
}

static enum envoi__hash hash_of(const char *mechanism)
{
    if (strstr(mechanism, "SHA-256"))
        return ENVOI__SHA256;
    return strstr(mechanism, "SHA-512") ? ENVOI__SHA512 : ENVOI__SHA1;
}

/* A message of the client's, to be freed. 0, ENVOI_ERR_TRANSCRIPT, ENVOI_ERR_NOMEM. */
static int decode(const struct envoi__peer *peer, const char *name, char **out)
{
    const char *text = get(peer, name);
    size_t len = 0;
    if (!text)
        return ENVOI_ERR_TRANSCRIPT;
    char *message = envoi__alloc(strlen(text) + 1);
    if (!message)
        return ENVOI_ERR_NOMEM;
    if (envoi__base64_decode(text, strlen(text), (uint8_t *)message, &len)) {
        envoi__free(message);
        return ENVOI_ERR_TRANSCRIPT;
    }
    message[len] = '\0';
    *out = message;
    return 0;
}

static int add_base64(struct envoi__buf *out, const void *data, size_t len)
{
    char *text = envoi__alloc(ENVOI__BASE64_SIZE(len) + 1);
    if (!text)
        return ENVOI_ERR_NOMEM;
    envoi__base64_encode(data, len, text);
    int error = envoi__buf_add_text(out, text);
    envoi__free(text);
    return error;
}

/* ---- the first message ---- */

static int add_nonce(struct envoi__buf *out, const char *options, const char *client)
{
    size_t len;
    const char *nonce = option(options, "nonce=", "", &len);
    if (len || strstr(options, "nonce="))
        return envoi__buf_add(out, nonce, len);
    int error = envoi__buf_add_text(out, client);
    return error || strstr(options, "same-nonce") ? error : envoi__buf_add_text(out, "server");
}

static int add_salt(struct envoi__peer *peer, struct envoi__buf *out, const char *options)
{
    uint8_t salt[LONGEST_SALT];
    size_t len;
    const char *number = option(options, "salt-bytes=", "16", &len);
    int error = set(peer, "salt-bytes", number, len);
    const char *given = option(options, "salt=", "", &len);
    if (error)
        return error;
    return strstr(options, "salt=") ? envoi__buf_add(out, given, len) : add_base64(out, salt, make_salt(peer, salt));
}

static int write_first(struct envoi__peer *peer, struct envoi__buf *out, const char *options, const char *nonce)
{
    size_t len;
    const char *iterations = option(options, "i=", "4096", &len);
    int error = envoi__buf_add_text(out, "r=");
    error = error ? error : add_nonce(out, options, nonce);
    error = error ? error : envoi__buf_add_text(out, ",s=");
    error = error ? error : add_salt(peer, out, options);
    error = error ? error : envoi__buf_add_text(out, ",i=");
    error = error ? error : envoi__buf_add(out, iterations, len);
    return error || !strstr(options, "m-ext") ? error : envoi__buf_add_text(out, ",m=x");
}

int envoi__scram_server_first(struct envoi__peer *peer, const char *options, struct envoi__buf *out)
{
    char *first;
    struct envoi__buf message;
    int error = decode(peer, "client-first", &first);
    if (error)
        return error;
    const char *nonce = strstr(first, ",r=");
    envoi__buf_init(&message, 0);
    error = nonce ? write_first(peer, &message, options, nonce + 3) : ENVOI_ERR_TRANSCRIPT;
    if (!error)
        error = set(peer, "server-first-text", (const char *)envoi__buf_bytes(&message), message.len);
    if (!error)
        error = add_base64(out, envoi__buf_bytes(&message), message.len);
    envoi__buf_free(&message);
    envoi__free(first);
    return error;
}

/* ---- the last message ---- */

static int derive(const struct envoi__peer *peer, enum envoi__hash hash, const char *password,
                  uint8_t key[ENVOI__HASH_MAX])
{
    uint8_t salt[LONGEST_SALT];
    size_t len = make_salt(peer, salt);
    struct envoi__pbkdf2 *pbkdf2 = NULL;
    int error = envoi__pbkdf2_new(&pbkdf2, hash, password, salt, len, ITERATIONS), done = 0;
    while (!error && !done) {
        done = envoi__pbkdf2_run(pbkdf2, AT_ONCE);
        error = done < 0 ? done : 0;
    }
    if (!error)
        memcpy(key, envoi__pbkdf2_key(pbkdf2), envoi__hash_size(hash));
    envoi__pbkdf2_free(pbkdf2);
    return error;
}

static int sign(const struct envoi__peer *peer, const char *password, const char *message, struct envoi__buf *out)
{
    enum envoi__hash hash = hash_of(get(peer, "mechanism"));
    size_t size = envoi__hash_size(hash);
    uint8_t salted[ENVOI__HASH_MAX], key[ENVOI__HASH_MAX], signature[ENVOI__HASH_MAX];
    int error = derive(peer, hash, password, salted);
    if (!error)
        error = envoi__hmac(hash, salted, size, "Server Key", 10, key);
    if (!error)
        error = envoi__hmac(hash, key, size, message, strlen(message), signature);
    if (!error)
        error = envoi__buf_add_text(out, "v=");
    return error ? error : add_base64(out, signature, size);
}

/* RFC 5802 3: what both sides sign, with a NUL. */
static int write_signed(const struct envoi__peer *peer, struct envoi__buf *out, const char *first, char *final)
{
    const char *authzid = strchr(first, ','), *bare = authzid ? strchr(authzid + 1, ',') : NULL,
               *ours = get(peer, "server-first-text");
    char *proof = strstr(final, ",p=");
    if (!bare || !proof || !ours || !get(peer, "salt-bytes") || !get(peer, "mechanism"))
        return ENVOI_ERR_TRANSCRIPT; /* without the mechanism's name its hash would be a guess */
    *proof = '\0';
    const char *const texts[] = {bare + 1, ",", ours, ",", final};
    int error = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !error; i++)
        error = envoi__buf_add_text(out, texts[i]);
    return error ? error : envoi__buf_add(out, "", 1);
}

static int write_final(const struct envoi__peer *peer, const char *options, struct envoi__buf *out)
{
    char *first = NULL, *final = NULL;
    const char *password = strstr(options, "wrong") ? "wrong" : peer->password ? peer->password : "";
    struct envoi__buf message;
    envoi__buf_init(&message, 0);
    int error = decode(peer, "client-first", &first);
    if (!error)
        error = decode(peer, "client-final", &final);
    if (!error)
        error = write_signed(peer, &message, first, final);
    if (!error)
        error = sign(peer, password, (const char *)envoi__buf_bytes(&message), out);
    envoi__buf_free(&message);
    envoi__free(first);
    envoi__free(final);
    return error;
}

int envoi__scram_server_final(struct envoi__peer *peer, const char *options, struct envoi__buf *out)
{
    const char *text = strstr(options, "text=");
    struct envoi__buf message;
    if (text)
        return add_base64(out, text + 5, strlen(text + 5));
    envoi__buf_init(&message, 0);
    int error = write_final(peer, options, &message);
    if (!error)
        error = add_base64(out, envoi__buf_bytes(&message), message.len);
    envoi__buf_free(&message);
    return error;
}
