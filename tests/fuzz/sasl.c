/* SPDX-License-Identifier: MIT */
/* What a server says during SASL, raw. The first byte chooses the offer; then come messages, each a letter
 * and a text up to a byte of 0: c a challenge, s the data of success, S success without data.
 *
 * The exchange is done only if the server signed exactly what was said (RFC 5802 3): that is computed here
 * once more. After an error or the end nothing goes on. */
#include "fuzz.h"

#include "base/base64.h"
#include "sasl/crypto.h"
#include "sasl/sasl.h"
#include <envoi/error.h>
#include <string.h>

static const struct offer {
    const char *name;
    enum envoi__hash hash;
    int binding, plain;
} offers[] = {{"SCRAM-SHA-1", ENVOI__SHA1, 0, 0},          {"SCRAM-SHA-256", ENVOI__SHA256, 0, 0},
              {"SCRAM-SHA-512", ENVOI__SHA512, 0, 0},      {"SCRAM-SHA-1-PLUS", ENVOI__SHA1, 1, 0},
              {"SCRAM-SHA-256-PLUS", ENVOI__SHA256, 1, 0}, {"PLAIN", ENVOI__SHA1, 0, 1}};
enum { OFFERS = sizeof offers / sizeof *offers };

static const char password[] = "pencil";

struct exchange {
    const struct offer *offer;
    struct envoi__sasl *sasl;
    struct envoi__buf response, first, server_first, final; /* what was said */
    int proved;                                             /* a challenge held the signature */
};

static int give_binding(void *user, const char *type, uint8_t *out, size_t *len)
{
    (void)user;
    if (strcmp(type, "tls-exporter") != 0 || *len < 32)
        return ENVOI_ERR_UNSUPPORTED;
    memset(out, 'x', 32);
    *len = 32;
    return 0;
}

static void begin(struct exchange *x, const struct offer *offer)
{
    static const char *const binding[] = {"tls-exporter"};
    *x = (struct exchange){.offer = offer};
    const struct envoi__sasl_params params = {.authcid = "user",
                                              .password = password,
                                              .offered = &offer->name,
                                              .offered_count = 1,
                                              .cb_offered = binding,
                                              .cb_offered_count = offer->binding ? 1 : 0,
                                              .channel_binding = ENVOI_CHANNEL_BINDING_OFFERED,
                                              .channel_is_secure = 1,
                                              .plain_allowed = 1,
                                              .max_iterations = 100000,
                                              .cb = offer->binding ? give_binding : NULL,
                                              .nonce = "fyko+d2lbbFgONRv9qkxdawL"};
    FUZZ_CHECK(envoi__sasl_new(&x->sasl, &params) == 0);
    FUZZ_CHECK(envoi__sasl_begin(x->sasl, &x->first) == 0);
}

static void end(struct exchange *x)
{
    envoi__sasl_free(x->sasl);
    envoi__buf_free(&x->response);
    envoi__buf_free(&x->first);
    envoi__buf_free(&x->server_first);
    envoi__buf_free(&x->final);
}

/* A NUL-terminated copy, freed by the caller. */
static char *text_of(const struct envoi__buf *buf)
{
    const uint8_t *bytes = envoi__buf_bytes(buf);
    return fuzz_text((struct fuzz_input){bytes, bytes + buf->len});
}

/* The salt of the server's first message, where libraries agree on what it is. */
static size_t salt_of(const char *server_first, uint8_t *salt)
{
    const char *at = strstr(server_first, ",s=");
    size_t len = 0;
    FUZZ_CHECK(at != NULL);
    FUZZ_CHECK(envoi__base64_decode(at + 3, strcspn(at + 3, ","), salt, &len) == 0);
    return len;
}

/* "v=..." as it must be. */
static void sign(const struct exchange *x, const char *first, const char *server_first, const char *final, char *out)
{
    enum envoi__hash hash = x->offer->hash;
    uint8_t *salt = malloc(strlen(server_first) + 1), key[ENVOI__HASH_MAX], signature[ENVOI__HASH_MAX];
    size_t size = envoi__hash_size(hash), most = strlen(first) + strlen(server_first) + strlen(final) + 3;
    char *message = malloc(most);
    struct envoi__pbkdf2 *pbkdf2;
    const char *authzid = strchr(first, ','), *bare = authzid ? strchr(authzid + 1, ',') : NULL,
               *proof = strstr(final, ",p=");
    FUZZ_CHECK(salt && message && bare && proof);
    FUZZ_CHECK(envoi__pbkdf2_new(&pbkdf2, hash, password, salt, salt_of(server_first, salt), 1) == 0);
    FUZZ_CHECK(envoi__pbkdf2_run(pbkdf2, 1) == 1);
    FUZZ_CHECK(envoi__hmac(hash, envoi__pbkdf2_key(pbkdf2), size, "Server Key", 10, key) == 0);
    int len = snprintf(message, most, "%s,%s,%.*s", bare + 1, server_first, (int)(proof - final), final);
    FUZZ_CHECK(envoi__hmac(hash, key, size, message, (size_t)len, signature) == 0);
    memcpy(out, "v=", 2);
    envoi__base64_encode(signature, size, out + 2);
    envoi__pbkdf2_free(pbkdf2);
    free(salt);
    free(message);
}

/* The server's last message must begin with the signature; optional extensions may follow. */
static void check_proof(const struct exchange *x, const char *server_final)
{
    char expected[2 + ENVOI__BASE64_SIZE(ENVOI__HASH_MAX) + 1];
    char *first = text_of(&x->first), *server_first = text_of(&x->server_first), *final = text_of(&x->final);
    sign(x, first, server_first, final, expected);
    size_t len = strlen(expected);
    FUZZ_CHECK(strncmp(server_final, expected, len) == 0 && (!server_final[len] || server_final[len] == ','));
    free(first);
    free(server_first);
    free(final);
}

static int work(struct exchange *x, int result)
{
    while (result == ENVOI__SASL_WORKING)
        result = envoi__sasl_work(x->sasl, &x->response);
    FUZZ_CHECK(envoi__sasl_work(x->sasl, &x->response) == ENVOI_ERR_STATE);
    return result;
}

/* Keep what was said, for the signature. */
static void remember(struct exchange *x, const char *text)
{
    if (x->final.len || !x->response.len)
        return;
    envoi__buf_add_text(&x->server_first, text);
    envoi__buf_add(&x->final, envoi__buf_bytes(&x->response), x->response.len);
}

/* One message. 1: the exchange goes on. */
static int say(struct exchange *x, char letter, char *text)
{
    size_t len = strlen(text), before = x->response.len;
    int result, verified = x->final.len > 0;
    if (letter == 'c') {
        result = work(x, envoi__sasl_challenge(x->sasl, (const uint8_t *)text, len, &x->response));
        FUZZ_CHECK(result >= 0 || x->response.len == before);
        if (result == ENVOI__SASL_SEND && !verified && !x->offer->plain)
            remember(x, text);
        if (result == ENVOI__SASL_SEND && verified) {
            check_proof(x, text); /* an empty response to a signature: only success may follow */
            x->proved = 1;
        }
    } else {
        size_t given = letter == 's' ? len : 0;
        result = envoi__sasl_success(x->sasl, given ? (const uint8_t *)text : NULL, given);
        FUZZ_CHECK(result != ENVOI__SASL_SEND && result != ENVOI__SASL_WORKING);
        if (result == ENVOI__SASL_DONE && given && !x->offer->plain)
            check_proof(x, text);
        FUZZ_CHECK(result != ENVOI__SASL_DONE || given || x->offer->plain || x->proved);
    }
    return result == ENVOI__SASL_SEND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    struct exchange x;
    int goes_on = 1;
    begin(&x, &offers[fuzz_byte(&input) % OFFERS]);
    while (fuzz_left(&input) && goes_on) {
        char letter = (char)fuzz_byte(&input);
        char *text = fuzz_text(fuzz_chunk(&input));
        goes_on = say(&x, letter, text);
        free(text);
    }
    if (!goes_on) {
        size_t before = x.response.len;
        FUZZ_CHECK(envoi__sasl_challenge(x.sasl, (const uint8_t *)"", 0, &x.response) == ENVOI_ERR_STATE);
        FUZZ_CHECK(envoi__sasl_success(x.sasl, NULL, 0) < 0 && x.response.len == before);
    }
    end(&x);
    return 0;
}
