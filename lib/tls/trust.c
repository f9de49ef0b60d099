/* SPDX-License-Identifier: MIT */
/* The trust store: certificates, and priorities parsed once, that many sessions share. A set of system
 * certificates costs megabytes and 9 ms; a session on top of a shared set costs some 11 KB. */
#include "base/mem.h"
#include "base/text.h"
#include "tls/internal.h"
#include "tls/tls.h"
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { PRIORITIES = 4 };

struct priorities {
    char *text;
    gnutls_priority_t parsed; /* NULL: an empty place */
};

struct envoi_trust {
    atomic_uint refs;
    pthread_mutex_t lock; /* guards all that follows */
    gnutls_certificate_credentials_t credentials;
    unsigned certificates;
    int system_at_first_use;
    int in_use; /* sessions read it without a lock: nothing changes any more */
    struct priorities
        priorities[PRIORITIES]; /* only ever added to, for sessions of other threads hold them */
};

int envoi_trust_new(envoi_trust **out)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    struct envoi_trust *trust = envoi__alloc_zero(sizeof *trust);
    if (!trust)
        return ENVOI_ERR_NOMEM;
    atomic_init(&trust->refs, 1);
    if (pthread_mutex_init(&trust->lock, NULL)) {
        envoi__free(trust);
        return ENVOI_ERR_NOMEM;
    }
    if (gnutls_certificate_allocate_credentials(&trust->credentials) < 0) {
        pthread_mutex_destroy(&trust->lock);
        envoi__free(trust);
        return ENVOI_ERR_NOMEM;
    }
    envoi__identity_serve(trust->credentials);
    *out = trust;
    return 0;
}

void envoi_trust_free(envoi_trust *trust)
{
    if (!trust || atomic_fetch_sub_explicit(&trust->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < PRIORITIES && trust->priorities[i].parsed; i++) {
        gnutls_priority_deinit(trust->priorities[i].parsed);
        envoi__free(trust->priorities[i].text);
    }
    gnutls_certificate_free_credentials(trust->credentials);
    pthread_mutex_destroy(&trust->lock);
    envoi__free(trust);
}

struct envoi_trust *envoi__trust_ref(struct envoi_trust *trust)
{
    atomic_fetch_add_explicit(&trust->refs, 1, memory_order_relaxed);
    return trust;
}

int envoi__trust_new_system(struct envoi_trust **out)
{
    int error = envoi_trust_new(out);
    if (!error)
        (*out)->system_at_first_use = 1;
    return error;
}

/* What the loading functions of GnuTLS answer: a count of certificates, or an error. */
static int loaded(struct envoi_trust *trust, int count)
{
    if (count == GNUTLS_E_MEMORY_ERROR)
        return ENVOI_ERR_NOMEM;
    if (count <= 0)
        return ENVOI_ERR_TRUST_STORE;
    trust->certificates += (unsigned)count;
    return 0;
}

static int load_system(struct envoi_trust *trust)
{
    return loaded(trust, gnutls_certificate_set_x509_system_trust(trust->credentials));
}

int envoi_trust_add_system(envoi_trust *trust)
{
    if (!trust)
        return ENVOI_ERR_ARGUMENT;
    pthread_mutex_lock(&trust->lock);
    int error = trust->in_use ? ENVOI_ERR_STATE : load_system(trust);
    pthread_mutex_unlock(&trust->lock);
    return error;
}

int envoi_trust_add_pem(envoi_trust *trust, const void *pem, size_t len)
{
    if (!trust || !pem || len > INT32_MAX)
        return ENVOI_ERR_ARGUMENT;
    unsigned char *copy = envoi__alloc(len); /* GnuTLS takes it without const */
    if (!copy)
        return ENVOI_ERR_NOMEM;
    memcpy(copy, pem, len);
    gnutls_datum_t datum = {copy, (unsigned)len};
    pthread_mutex_lock(&trust->lock);
    int error = ENVOI_ERR_STATE;
    if (!trust->in_use)
        error = loaded(
            trust, gnutls_certificate_set_x509_trust_mem(trust->credentials, &datum, GNUTLS_X509_FMT_PEM));
    pthread_mutex_unlock(&trust->lock);
    envoi__free(copy);
    return error;
}

/* Not gnutls_certificate_set_x509_trust_file(), which would take a path such as "pkcs11:..." for a token. */
int envoi_trust_add_file(envoi_trust *trust, const char *path)
{
    gnutls_datum_t pem;
    if (!trust || !path)
        return ENVOI_ERR_ARGUMENT;
    int code = gnutls_load_file(path, &pem);
    if (code < 0)
        return code == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_TRUST_STORE;
    int error = envoi_trust_add_pem(trust, pem.data, pem.size);
    gnutls_free(pem.data);
    return error;
}

int envoi__trust_use(struct envoi_trust *trust, int may_be_empty,
                     struct gnutls_certificate_credentials_st **out)
{
    int error = 0;
    pthread_mutex_lock(&trust->lock);
    if (trust->system_at_first_use && !trust->in_use)
        error = load_system(trust);
    if (error != ENVOI_ERR_NOMEM)
        error = trust->certificates || may_be_empty ? 0 : ENVOI_ERR_TRUST_STORE;
    if (!error) {
        trust->in_use = 1;
        *out = trust->credentials;
    }
    pthread_mutex_unlock(&trust->lock);
    return error;
}

/* No key exchange without forward secrecy (RFC 9325 4.1). */
static const char default_priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA";
/* Behind every text, so that no text can have it otherwise: nothing below TLS 1.2 (RFC 8996, RFC 9325 3.1.1),
 * and no server that does not know secure renegotiation (RFC 5746 4.1). */
static const char always[] = ":-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL:%SAFE_RENEGOTIATION";
/* RSA of 2048 bits and SHA-256 at the least; only a text that names a profile itself may have another. */
static const char profile[] = ":%PROFILE_MEDIUM";

static int parse_priority(const char *text, gnutls_priority_t *out)
{
    size_t len = strlen(text);
    const char *middle = strstr(text, "%PROFILE_") ? "" : profile;
    char *whole = envoi__alloc(len + sizeof profile + sizeof always);
    if (!whole)
        return ENVOI_ERR_NOMEM;
    memcpy(whole, text, len);
    memcpy(whole + len, middle, strlen(middle));
    memcpy(whole + len + strlen(middle), always, sizeof always);
    gnutls_priority_t parsed;
    int code = gnutls_priority_init(&parsed, whole, NULL);
    envoi__free(whole);
    if (code < 0)
        return code == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_ARGUMENT;
    *out = parsed;
    return 0;
}

int envoi__tls_priority_check(const char *text)
{
    gnutls_priority_t parsed;
    int error = text && *text ? parse_priority(text, &parsed) : ENVOI_ERR_ARGUMENT;
    if (!error)
        gnutls_priority_deinit(parsed);
    return error;
}

static int find_priority(struct envoi_trust *trust, const char *text, gnutls_priority_t *out, int *owned)
{
    size_t i = 0;
    for (; i < PRIORITIES && trust->priorities[i].parsed; i++) {
        if (envoi__eq(trust->priorities[i].text, text)) {
            *out = trust->priorities[i].parsed;
            *owned = 0;
            return 0;
        }
    }
    int error = parse_priority(text, out);
    *owned = 1;
    if (error || i == PRIORITIES)
        return error;
    trust->priorities[i].text = envoi__strdup(text);
    if (trust->priorities[i].text) { /* without memory to remember it, it is merely not shared */
        trust->priorities[i].parsed = *out;
        *owned = 0;
    }
    return 0;
}

int envoi__trust_priority(struct envoi_trust *trust, const char *text, struct gnutls_priority_st **out,
                          int *owned)
{
    gnutls_priority_t found;
    int found_owned;
    pthread_mutex_lock(&trust->lock);
    int error = find_priority(trust, text ? text : default_priority, &found, &found_owned);
    pthread_mutex_unlock(&trust->lock);
    if (error)
        return error;
    *out = found;
    *owned = found_owned;
    return 0;
}
