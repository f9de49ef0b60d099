/* SPDX-License-Identifier: MIT */
/* SCRAM (RFC 5802, RFC 7677) with any hash, with and without channel binding. */
#include "base/mem.h"
#include "sasl/mechanisms.h"
#include "sasl/scram_message.h"
#include <envoi/error.h>
#include <string.h>

enum { NONCE_BYTES = 24, SLICE = 4096 /* iterations: about 2.5 ms of SHA-512 on a common machine */ };

struct scram {
    enum { FIRST_SENT, DERIVING, FINAL_SENT, VERIFIED } state;
    struct envoi__buf gs2;  /* gs2-header (RFC 5802 7) */
    struct envoi__buf auth; /* AuthMessage as far as it is known (RFC 5802 3) */
    size_t final_at;        /* where client-final-message-without-proof begins in it */
    struct envoi__pbkdf2 *salted;
    uint8_t server_signature[ENVOI__HASH_MAX];
};

static void free_scram(void *own)
{
    struct scram *s = own;
    if (!s)
        return;
    envoi__buf_wipe_free(&s->gs2);
    envoi__buf_wipe_free(&s->auth);
    envoi__pbkdf2_free(s->salted);
    envoi__wipe(s, sizeof *s);
    envoi__free(s);
}

static int make_nonce(struct envoi__sasl *sasl)
{
    uint8_t bytes[NONCE_BYTES];
    char text[ENVOI__BASE64_SIZE(NONCE_BYTES) + 1];
    if (sasl->nonce)
        return 0;
    int error = envoi__random(bytes, sizeof bytes);
    if (error)
        return error;
    envoi__base64_encode(bytes, sizeof bytes, text);
    sasl->nonce = envoi__strdup(text);
    return sasl->nonce ? 0 : ENVOI_ERR_NOMEM;
}

/* saslname: a comma and an equals sign are escaped (RFC 5802 5.1). */
static int add_name(struct envoi__buf *to, const char *name)
{
    int error = 0;
    while (*name && !error) {
        size_t plain = strcspn(name, ",=");
        error = envoi__buf_add(to, name, plain);
        name += plain;
        if (!error && *name)
            error = envoi__buf_add_text(to, *name++ == ',' ? "=2C" : "=3D");
    }
    return error;
}

/* gs2-cbind-flag "," [ "a=" saslname ] "," */
static int add_gs2_header(struct envoi__buf *to, const struct envoi__sasl *sasl)
{
    const struct envoi__sasl_choice *choice = &sasl->choice;
    int error = envoi__buf_add(to, &choice->flag, 1);
    if (!error && choice->flag == 'p')
        error = envoi__buf_add_text(to, "=");
    if (!error && choice->flag == 'p')
        error = envoi__buf_add_text(to, choice->type);
    if (!error)
        error = envoi__buf_add_text(to, sasl->authzid ? ",a=" : ",");
    if (!error && sasl->authzid)
        error = add_name(to, sasl->authzid);
    return error ? error : envoi__buf_add_text(to, ",");
}

/* client-first-message-bare */
static int add_first_bare(struct envoi__buf *to, const struct envoi__sasl *sasl)
{
    int error = envoi__buf_add_text(to, "n=");
    if (!error)
        error = add_name(to, sasl->authcid);
    if (!error)
        error = envoi__buf_add_text(to, ",r=");
    return error ? error : envoi__buf_add_text(to, sasl->nonce);
}

static int begin(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    struct scram *s = envoi__alloc_zero(sizeof *s);
    if (!s)
        return ENVOI_ERR_NOMEM;
    sasl->own = s;
    envoi__buf_init(&s->gs2, 0);
    envoi__buf_init(&s->auth, 0);
    int error = make_nonce(sasl);
    if (!error)
        error = add_first_bare(&s->auth, sasl);
    if (!error)
        error = add_gs2_header(&s->gs2, sasl);
    if (!error)
        error = envoi__buf_add(response, envoi__buf_bytes(&s->gs2), s->gs2.len);
    if (!error)
        error = envoi__buf_add(response, envoi__buf_bytes(&s->auth), s->auth.len);
    return error;
}

/* The client's nonce must come back with something added (RFC 5802 5.1). */
static int check_nonce(const struct envoi__sasl *sasl, const struct envoi__scram_first *first)
{
    size_t own = strlen(sasl->nonce);
    return first->nonce_len > own && memcmp(first->nonce, sasl->nonce, own) == 0 ? 0 : ENVOI_ERR_AUTH_MALFORMED;
}

/* XEP-0474 6.2. A server that knows nothing of it sends none, which is enough unless the lists are suspect.
 */
static int check_list_hash(const struct envoi__sasl *sasl, const struct envoi__scram_first *first)
{
    size_t len = strlen(sasl->list_hash);
    if (!first->list_hash)
        return sasl->choice.hash_required ? ENVOI_ERR_AUTH_CHANNEL_BINDING : 0;
    return first->list_hash_len == len && memcmp(first->list_hash, sasl->list_hash, len) == 0
               ? 0
               : ENVOI_ERR_AUTH_SERVER_UNVERIFIED;
}

/* "c=" and base64 of the GS2 header and, with channel binding, its data (RFC 5802 7: cbind-input). The header has
 * served then. */
static int add_binding(struct envoi__buf *to, struct scram *s, const struct envoi__sasl_choice *choice)
{
    int error = choice->flag == 'p' ? envoi__buf_add(&s->gs2, choice->data, choice->len) : 0;
    char *text = error ? NULL : envoi__alloc(ENVOI__BASE64_SIZE(s->gs2.len) + 1);
    if (!text)
        return ENVOI_ERR_NOMEM;
    envoi__base64_encode(envoi__buf_bytes(&s->gs2), s->gs2.len, text);
    envoi__buf_wipe_free(&s->gs2);
    error = envoi__buf_add_text(to, "c=");
    if (!error)
        error = envoi__buf_add_text(to, text);
    envoi__free_secret(text);
    return error;
}

/* client-final-message-without-proof: the binding, then the whole nonce. */
static int add_final(struct scram *s, const struct envoi__sasl *sasl, const struct envoi__scram_first *first)
{
    int error = add_binding(&s->auth, s, &sasl->choice);
    if (!error)
        error = envoi__buf_add_text(&s->auth, ",r=");
    return error ? error : envoi__buf_add(&s->auth, first->nonce, first->nonce_len);
}

static int complete_auth_message(struct scram *s, const struct envoi__sasl *sasl, const char *text, size_t len,
                                 const struct envoi__scram_first *first)
{
    int error = envoi__buf_add_text(&s->auth, ",");
    if (!error)
        error = envoi__buf_add(&s->auth, text, len);
    if (!error)
        error = envoi__buf_add_text(&s->auth, ",");
    s->final_at = s->auth.len;
    return error ? error : add_final(s, sasl, first);
}

/* RFC 5802 3. ClientProof into `proof`, and the ServerSignature that is to come into the state. */
static int sign(struct scram *s, enum envoi__hash hash, uint8_t *proof)
{
    uint8_t key[ENVOI__HASH_MAX], stored[ENVOI__HASH_MAX];
    const uint8_t *salted = envoi__pbkdf2_key(s->salted), *auth = envoi__buf_bytes(&s->auth);
    size_t size = envoi__hash_size(hash);
    int error = envoi__hmac(hash, salted, size, "Client Key", 10, key);
    if (!error)
        error = envoi__hash(hash, key, size, stored);
    if (!error)
        error = envoi__hmac(hash, stored, size, auth, s->auth.len, proof);
    for (size_t i = 0; i < size && !error; i++)
        proof[i] ^= key[i];
    if (!error)
        error = envoi__hmac(hash, salted, size, "Server Key", 10, key);
    if (!error)
        error = envoi__hmac(hash, key, size, auth, s->auth.len, s->server_signature);
    envoi__wipe(key, sizeof key);
    envoi__wipe(stored, sizeof stored);
    return error;
}

static int send_final(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    struct scram *s = sasl->own;
    enum envoi__hash hash = sasl->choice.mechanism->hash;
    uint8_t proof[ENVOI__HASH_MAX];
    char text[ENVOI__BASE64_SIZE(ENVOI__HASH_MAX) + 1];
    int error = sign(s, hash, proof);
    if (!error) {
        envoi__base64_encode(proof, envoi__hash_size(hash), text);
        error = envoi__buf_add(response, envoi__buf_bytes(&s->auth) + s->final_at, s->auth.len - s->final_at);
    }
    if (!error)
        error = envoi__buf_add_text(response, ",p=");
    if (!error)
        error = envoi__buf_add_text(response, text);
    if (error)
        return error;
    envoi__pbkdf2_free(s->salted);
    s->salted = NULL;
    s->state = FINAL_SENT;
    return ENVOI__SASL_SEND;
}

static int work(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    struct scram *s = sasl->own;
    if (s->state != DERIVING)
        return ENVOI_ERR_STATE;
    int done = envoi__pbkdf2_run(s->salted, SLICE);
    if (done < 0)
        return done;
    return done ? send_final(sasl, response) : ENVOI__SASL_WORKING;
}

static int server_first(struct envoi__sasl *sasl, const char *text, size_t len, struct envoi__buf *response)
{
    struct scram *s = sasl->own;
    struct envoi__scram_first first;
    int error = envoi__scram_parse_first(&first, text, len, sasl->max_iterations);
    if (!error)
        error = check_nonce(sasl, &first);
    if (!error)
        error = check_list_hash(sasl, &first);
    if (!error)
        error = complete_auth_message(s, sasl, text, len, &first);
    if (!error)
        error = envoi__pbkdf2_new(&s->salted, sasl->choice.mechanism->hash, sasl->password, first.salt,
                                  first.salt_len, first.iterations);
    if (error)
        return error;
    envoi__free_secret(sasl->password); /* its part is done */
    sasl->password = NULL;
    s->state = DERIVING;
    return work(sasl, response);
}

/* ENVOI_ERR_AUTH_SERVER_UNVERIFIED when the signature is another one: the server does not know the password.
 */
static int server_final(struct envoi__sasl *sasl, const char *text, size_t len)
{
    struct scram *s = sasl->own;
    size_t size = envoi__hash_size(sasl->choice.mechanism->hash);
    uint8_t signature[ENVOI__BASE64_SIZE(ENVOI__HASH_MAX) / 4 * 3];
    const char *verifier;
    size_t verifier_len, signature_len;
    int error = envoi__scram_parse_final(&verifier, &verifier_len, text, len);
    if (error)
        return error;
    if (verifier_len != ENVOI__BASE64_SIZE(size) ||
        envoi__base64_decode(verifier, verifier_len, signature, &signature_len) || signature_len != size ||
        !envoi__equal_secret(signature, s->server_signature, size))
        return ENVOI_ERR_AUTH_SERVER_UNVERIFIED;
    s->state = VERIFIED;
    return 0;
}

/* The server's final message may also come as a challenge; it is answered by an empty response (RFC 4422 5).
 */
static int challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response)
{
    const struct scram *s = sasl->own;
    if (s->state == FIRST_SENT)
        return server_first(sasl, (const char *)data, len, response);
    if (s->state != FINAL_SENT)
        return ENVOI_ERR_AUTH_MALFORMED;
    int error = server_final(sasl, (const char *)data, len);
    return error ? error : ENVOI__SASL_SEND;
}

/* Whatever is wrong here, the server claims a login that it did not prove. */
static int success(struct envoi__sasl *sasl, const uint8_t *data, size_t len)
{
    const struct scram *s = sasl->own;
    if (s->state == VERIFIED && !len)
        return ENVOI__SASL_DONE;
    if (s->state != FINAL_SENT || server_final(sasl, (const char *)data, len))
        return ENVOI_ERR_AUTH_SERVER_UNVERIFIED;
    return ENVOI__SASL_DONE;
}

const struct envoi__sasl_verbs envoi__scram_verbs = {begin, challenge, work, success, free_scram, 1, 1};
