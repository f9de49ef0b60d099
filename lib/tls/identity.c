/* SPDX-License-Identifier: MIT */
/* The client's own certificate and key: read once, shared by many streams, shown to a server that asks for one. */
#include "base/mem.h"
#include "tls/internal.h"
#include "tls/tls.h"
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <string.h>

enum { LONGEST_CHAIN = 16 };

struct envoi__identity {
    atomic_uint refs;
    gnutls_pcert_st chain[LONGEST_CHAIN];
    unsigned count;
    gnutls_privkey_t key;
};

static int meaning(int code)
{
    return code == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_OWN_CERTIFICATE;
}

static int key_id(gnutls_pubkey_t key, unsigned char out[ENVOI__SHA256_SIZE])
{
    size_t len = ENVOI__SHA256_SIZE;
    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out, &len);
}

/* 0 if the certificate is this key's. */
static int compare(gnutls_pubkey_t certified, gnutls_privkey_t key)
{
    unsigned char one[ENVOI__SHA256_SIZE], other[ENVOI__SHA256_SIZE];
    gnutls_pubkey_t own;
    int code = gnutls_pubkey_init(&own);
    if (code < 0)
        return meaning(code);
    code = gnutls_pubkey_import_privkey(own, key, 0, 0);
    if (code >= 0)
        code = key_id(own, one);
    if (code >= 0)
        code = key_id(certified, other);
    gnutls_pubkey_deinit(own);
    if (code < 0)
        return meaning(code);
    return memcmp(one, other, sizeof one) == 0 ? 0 : ENVOI_ERR_OWN_CERTIFICATE;
}

static int read_pair(struct envoi__identity *identity, const gnutls_datum_t *certificate, const gnutls_datum_t *key)
{
    unsigned count = LONGEST_CHAIN;
    int code = gnutls_pcert_list_import_x509_raw(identity->chain, &count, certificate, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return meaning(code);
    identity->count = count;
    code = gnutls_privkey_init(&identity->key);
    if (code >= 0)
        code = gnutls_privkey_import_x509_raw(identity->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
    return code < 0 ? meaning(code) : compare(identity->chain[0].pubkey, identity->key);
}

int envoi__identity_new(struct envoi__identity **out, const void *certificate, size_t certificate_len,
                        const void *key, size_t key_len)
{
    if (certificate_len > INT32_MAX || key_len > INT32_MAX)
        return ENVOI_ERR_OWN_CERTIFICATE;
    /* GnuTLS takes them without const, and reads only */
    gnutls_datum_t pem = {(void *)(uintptr_t)certificate, (unsigned)certificate_len};
    gnutls_datum_t key_pem = {(void *)(uintptr_t)key, (unsigned)key_len};
    struct envoi__identity *identity = envoi__alloc_zero(sizeof *identity);
    if (!identity)
        return ENVOI_ERR_NOMEM;
    atomic_init(&identity->refs, 1);
    int error = read_pair(identity, &pem, &key_pem);
    if (error) {
        envoi__identity_free(identity);
        return error;
    }
    *out = identity;
    return 0;
}

static int load(const char *path, gnutls_datum_t *out)
{
    int code = gnutls_load_file(path, out);
    return code < 0 ? meaning(code) : 0;
}

static void forget(gnutls_datum_t *file)
{
    if (file->data)
        envoi__wipe(file->data, file->size);
    gnutls_free(file->data);
}

int envoi__identity_load(struct envoi__identity **out, const char *certificate_path, const char *key_path)
{
    gnutls_datum_t certificate = {NULL, 0}, key = {NULL, 0};
    int error = load(certificate_path, &certificate);
    if (!error)
        error = load(key_path, &key);
    if (!error)
        error = envoi__identity_new(out, certificate.data, certificate.size, key.data, key.size);
    forget(&certificate);
    forget(&key);
    return error;
}

struct envoi__identity *envoi__identity_ref(struct envoi__identity *identity)
{
    if (identity)
        atomic_fetch_add_explicit(&identity->refs, 1, memory_order_relaxed);
    return identity;
}

void envoi__identity_free(struct envoi__identity *identity)
{
    if (!identity || atomic_fetch_sub_explicit(&identity->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < identity->count; i++)
        gnutls_pcert_deinit(&identity->chain[i]);
    if (identity->key)
        gnutls_privkey_deinit(identity->key);
    envoi__free(identity);
}

/* The server asks: RFC 6120 5.4.3.1. What stands in the identity stays its own. */
static int give(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
                unsigned *count, gnutls_privkey_t *key)
{
    struct envoi__identity *identity = envoi__tls_show_identity(gnutls_session_get_ptr(session));
    (void)issuers;
    (void)issuer_count;
    (void)algorithms;
    (void)algorithm_count;
    *chain = identity ? identity->chain : NULL;
    *count = identity ? identity->count : 0;
    *key = identity ? identity->key : NULL;
    return 0;
}

void envoi__identity_serve(struct gnutls_certificate_credentials_st *credentials)
{
    gnutls_certificate_set_retrieve_function2(credentials, give);
}
