/* SPDX-License-Identifier: MIT */
/* Is this the server of the JID's domain? GnuTLS checks the chain, its times, purpose and stapled OCSP
 * answer. The names are checked here: GnuTLS takes a common name where there is no subjectAltName, which RFC
 * 9525 2 forbids. */
#include "base/mem.h"
#include "base/text.h"
#include "tls/internal.h"
#include "tls/names.h"
#include <arpa/inet.h>
#include <envoi/error.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DETAIL_SIZE = 512, NAME_SIZE = 128, NAMES_SHOWN = 5, SENT_MAX = 16, TIME_SIZE = 32 };

#define OID_SAN              "2.5.29.17"
#define OID_NAME_CONSTRAINTS "2.5.29.30"
#define OID_XMPP_ADDR        "1.3.6.1.5.5.7.8.5"
#define OID_DNS_SRV          "1.3.6.1.5.5.7.8.7"

enum { DER_UTF8_STRING = 0x0C, DER_IA5_STRING = 0x16 };

struct check {
    gnutls_session_t session;
    const char *domain;
    const uint8_t *accepted;
    gnutls_x509_crt_t chain[2 * SENT_MAX]; /* what was sent, the leaf first, then trusted issuers of these */
    unsigned count;
    char detail[DETAIL_SIZE];
    size_t detail_len;
};

/* What a certificate says is shown to people: only printable ASCII passes. */
static void clean(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static void say(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof check->detail - check->detail_len;
    int len = vsnprintf(check->detail + check->detail_len, room, format, args);
    va_end(args);
    if (len > 0)
        check->detail_len += (size_t)len < room ? (size_t)len : room - 1;
}

/* ---- what a certificate says of itself ---- */

typedef int (*dn_fn)(gnutls_x509_crt_t crt, gnutls_datum_t *dn, unsigned flags);

static const char *dn_text(gnutls_x509_crt_t crt, dn_fn get, char out[NAME_SIZE])
{
    gnutls_datum_t dn;
    snprintf(out, NAME_SIZE, "%s", "nobody");
    if (get(crt, &dn, 0) < 0)
        return out;
    if (dn.size)
        snprintf(out, NAME_SIZE, "%.*s", (int)dn.size, (const char *)dn.data);
    gnutls_free(dn.data);
    clean(out);
    return out;
}

static const char *time_text(time_t when, char out[TIME_SIZE])
{
    struct tm parts;
    if (when == (time_t)-1 || !gmtime_r(&when, &parts) ||
        !strftime(out, TIME_SIZE, "%Y-%m-%d %H:%M UTC", &parts))
        snprintf(out, TIME_SIZE, "%s", "an unknown time");
    return out;
}

/* ---- names ---- */

struct name {
    unsigned type;
    const uint8_t *bytes;
    size_t len;
    const struct name_row *row; /* NULL: a kind of name that says nothing here */
};

/* The kinds of name that can identify an XMPP server: RFC 6120 13.7.1.2.1 (DNS-ID, SRV-ID, XmppAddr), RFC
 * 9525 for IP addresses. Name constraints of issuers are written for DNS names and say nothing about the
 * other two, so below such an issuer only DNS-IDs count: else it could certify any domain by an SRV-ID. */
static const struct name_row {
    unsigned type;
    const char *oid;
    uint8_t tag; /* DER string inside an otherName */
    uint8_t for_ip;
    uint8_t escapes_constraints;
    int (*matches)(const uint8_t *name, size_t len, const char *domain);
} name_rows[] = {
    {GNUTLS_SAN_DNSNAME, NULL, 0, 0, 0, envoi__name_is_dns_id},
    {GNUTLS_SAN_IPADDRESS, NULL, 0, 1, 0, envoi__name_is_ip},
    {GNUTLS_SAN_OTHERNAME, OID_DNS_SRV, DER_IA5_STRING, 0, 1, envoi__name_is_srv_id},
    {GNUTLS_SAN_OTHERNAME, OID_XMPP_ADDR, DER_UTF8_STRING, 0, 1, envoi__name_is_xmpp_addr},
};

static const struct name_row *find_name_row(unsigned type, const char *oid)
{
    for (size_t i = 0; i < ENVOI__COUNT(name_rows); i++)
        if (name_rows[i].type == type && (!name_rows[i].oid || envoi__eq(name_rows[i].oid, oid)))
            return &name_rows[i];
    return NULL;
}

/* The n-th subjectAltName: 1, or 0 behind the last. */
static int get_name(gnutls_subject_alt_names_t names, unsigned n, struct name *out)
{
    gnutls_datum_t value;
    gnutls_datum_t oid = {NULL, 0};
    unsigned type;
    if (gnutls_subject_alt_names_get(names, n, &type, &value, &oid) < 0)
        return 0;
    *out = (struct name){.type = type, .bytes = value.data, .len = value.size};
    out->row = find_name_row(type, (const char *)oid.data);
    if (out->row && out->row->tag)
        out->bytes = envoi__der_string(value.data, value.size, out->row->tag, &out->len);
    if (!out->bytes)
        out->row = NULL;
    return 1;
}

static void show_name(struct check *check, const struct name *name, unsigned shown)
{
    char text[NAME_SIZE];
    if (name->row->for_ip) {
        if (!inet_ntop(name->len == 4 ? AF_INET : AF_INET6, name->bytes, text, sizeof text))
            return;
    } else {
        size_t len = name->len < sizeof text ? name->len : sizeof text - 1;
        for (size_t i = 0; i < len; i++)
            text[i] = name->bytes[i] ? (char)name->bytes[i] : '?';
        text[len] = '\0';
        clean(text);
    }
    say(check, "%s%s", shown ? ", " : "the certificate is for ", text);
}

static void say_wrong_host(struct check *check, gnutls_subject_alt_names_t names)
{
    struct name name;
    unsigned shown = 0;
    check->detail_len = 0;
    for (unsigned n = 0; get_name(names, n, &name) && shown < NAMES_SHOWN; n++) {
        if (!name.row || (name.row->for_ip && name.len != 4 && name.len != 16))
            continue;
        show_name(check, &name, shown++);
    }
    if (!shown)
        say(check, "the certificate names no domain in its subjectAltName (a common name does not count)");
    say(check, "%s but not for %.255s", shown == NAMES_SHOWN ? " and others," : ",", check->domain);
}

static int has_extension(gnutls_x509_crt_t crt, const char *oid)
{
    size_t size = 0;
    int code = gnutls_x509_crt_get_extension_by_oid(crt, oid, 0, NULL, &size, NULL);
    return code != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static int is_constrained(const struct check *check)
{
    for (unsigned i = 1; i < check->count; i++)
        if (has_extension(check->chain[i], OID_NAME_CONSTRAINTS))
            return 1;
    return 0;
}

static int find_identity(struct check *check, gnutls_subject_alt_names_t names)
{
    struct name name;
    uint8_t ip[ENVOI__IP_MAX];
    int wants_ip = envoi__ip_parse(check->domain, ip) != 0;
    int constrained = is_constrained(check);
    for (unsigned n = 0; get_name(names, n, &name); n++) {
        if (!name.row || name.row->for_ip != wants_ip || (constrained && name.row->escapes_constraints))
            continue;
        int matches = name.row->matches(name.bytes, name.len, check->domain);
        if (matches)
            return matches < 0 ? matches : 0;
    }
    say_wrong_host(check, names);
    return ENVOI_ERR_CERT_WRONG_HOST;
}

static int check_names(struct check *check)
{
    gnutls_subject_alt_names_t names;
    gnutls_datum_t extension;
    if (gnutls_subject_alt_names_init(&names) < 0)
        return ENVOI_ERR_NOMEM;
    int code = gnutls_x509_crt_get_extension_by_oid2(check->chain[0], OID_SAN, 0, &extension, NULL);
    if (code >= 0) { /* a list that cannot be read counts as empty */
        gnutls_x509_ext_import_subject_alt_names(&extension, names, 0);
        gnutls_free(extension.data);
    }
    int error = find_identity(check, names);
    gnutls_subject_alt_names_deinit(names);
    return error;
}

/* ---- the chain ---- */

static void say_untrusted(struct check *check)
{
    char subject[NAME_SIZE];
    char issuer[NAME_SIZE];
    say(check, "the certificate of %s was issued by %s, who is not trusted here",
        dn_text(check->chain[0], gnutls_x509_crt_get_dn3, subject),
        dn_text(check->chain[0], gnutls_x509_crt_get_issuer_dn3, issuer));
}

static void say_self_signed(struct check *check)
{
    uint8_t digest[ENVOI__SHA256_SIZE];
    size_t size = sizeof digest;
    char subject[NAME_SIZE];
    say(check, "the certificate of %s is signed by itself and not trusted here",
        dn_text(check->chain[0], gnutls_x509_crt_get_dn3, subject));
    if (gnutls_x509_crt_get_fingerprint(check->chain[0], GNUTLS_DIG_SHA256, digest, &size) < 0)
        return;
    say(check, "; its SHA-256 is ");
    for (size_t i = 0; i < size; i++)
        say(check, "%02x", digest[i]);
}

/* If any certificate of the chain has expired, the one that ends first has; likewise for the beginning. So no
 * clock is needed to name the culprit. */
static void say_expired(struct check *check)
{
    char subject[NAME_SIZE];
    char when[TIME_SIZE];
    unsigned first = 0;
    for (unsigned i = 1; i < check->count; i++)
        if (gnutls_x509_crt_get_expiration_time(check->chain[i]) <
            gnutls_x509_crt_get_expiration_time(check->chain[first]))
            first = i;
    say(check, "the certificate of %s expired on %s",
        dn_text(check->chain[first], gnutls_x509_crt_get_dn3, subject),
        time_text(gnutls_x509_crt_get_expiration_time(check->chain[first]), when));
}

static void say_not_yet_valid(struct check *check)
{
    char subject[NAME_SIZE];
    char when[TIME_SIZE];
    unsigned last = 0;
    for (unsigned i = 1; i < check->count; i++)
        if (gnutls_x509_crt_get_activation_time(check->chain[i]) >
            gnutls_x509_crt_get_activation_time(check->chain[last]))
            last = i;
    say(check, "the certificate of %s is not valid before %s",
        dn_text(check->chain[last], gnutls_x509_crt_get_dn3, subject),
        time_text(gnutls_x509_crt_get_activation_time(check->chain[last]), when));
}

/* In order of weight: the first row that applies is the one a person is told. */
static const struct status_row {
    unsigned flag;
    int error;
    const char *text;
    void (*say)(struct check *check); /* in place of text */
} status_rows[] = {
    {GNUTLS_CERT_REVOKED, ENVOI_ERR_CERT_REVOKED, "the certificate was revoked by its issuer", NULL},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, ENVOI_ERR_CERT_UNTRUSTED, NULL, say_untrusted},
    {GNUTLS_CERT_SIGNATURE_FAILURE, ENVOI_ERR_CERT_INVALID, "a signature in the certificate's chain is wrong",
     NULL},
    {GNUTLS_CERT_SIGNER_NOT_CA, ENVOI_ERR_CERT_INVALID,
     "the certificate was issued by one that may not issue certificates", NULL},
    {GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, ENVOI_ERR_CERT_INVALID,
     "the certificate breaks the limits that were set to its issuer", NULL},
    {GNUTLS_CERT_INSECURE_ALGORITHM, ENVOI_ERR_CERT_INVALID,
     "the certificate's key or signature is of a kind that is no longer secure", NULL},
    {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, ENVOI_ERR_CERT_INVALID,
     "the certificate has a critical extension that is not known here", NULL},
    {GNUTLS_CERT_NOT_ACTIVATED, ENVOI_ERR_CERT_NOT_YET_VALID, NULL, say_not_yet_valid},
    {GNUTLS_CERT_EXPIRED, ENVOI_ERR_CERT_EXPIRED, NULL, say_expired},
    {GNUTLS_CERT_PURPOSE_MISMATCH, ENVOI_ERR_CERT_INVALID, "the certificate was not issued for servers",
     NULL},
    {GNUTLS_CERT_MISSING_OCSP_STATUS, ENVOI_ERR_CERT_INVALID,
     "the certificate demands an OCSP answer, and the server sent none", NULL},
    {GNUTLS_CERT_INVALID_OCSP_STATUS, ENVOI_ERR_CERT_INVALID,
     "the OCSP answer that came with the certificate is not valid", NULL},
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, ENVOI_ERR_CERT_INVALID,
     "the OCSP answer that came with the certificate is out of date", NULL},
    {~0U, ENVOI_ERR_CERT_INVALID, "the certificate is not valid", NULL},
};

/* What it means that no trusted issuer stands behind the leaf; also when a trusted certificate bears the same
 * name, as after a server has made itself a new one. */
enum {
    NOT_TRUSTED = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE
};

static int judge(struct check *check, unsigned status)
{
    const struct status_row *row = status_rows;
    if (!status)
        return 0;
    while (!(row->flag & status))
        row++;
    if (row->flag & NOT_TRUSTED && gnutls_x509_crt_check_issuer(check->chain[0], check->chain[0])) {
        say_self_signed(check);
        return ENVOI_ERR_CERT_SELF_SIGNED;
    }
    if (row->say)
        row->say(check);
    else
        say(check, "%s", row->text);
    return row->error;
}

static int check_chain(struct check *check)
{
    unsigned status;
    char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
    gnutls_typed_vdata_st wanted = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)purpose, 0};
    int code = gnutls_certificate_verify_peers(check->session, &wanted, 1, &status);
    if (code == GNUTLS_E_MEMORY_ERROR)
        return ENVOI_ERR_NOMEM;
    if (code < 0) {
        say(check, "the certificate cannot be checked: %s", gnutls_strerror(code));
        return ENVOI_ERR_CERT_INVALID;
    }
    return judge(check, status);
}

static int add_certificate(struct check *check, const gnutls_datum_t *der)
{
    gnutls_x509_crt_t crt;
    if (gnutls_x509_crt_init(&crt) < 0)
        return ENVOI_ERR_NOMEM;
    int code = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
    if (code < 0) {
        gnutls_x509_crt_deinit(crt);
        return code == GNUTLS_E_MEMORY_ERROR ? ENVOI_ERR_NOMEM : ENVOI_ERR_CERT_INVALID;
    }
    check->chain[check->count++] = crt;
    return 0;
}

static void add_trusted_issuers(struct check *check)
{
    gnutls_certificate_credentials_t credentials;
    void *found;
    unsigned sent = check->count;
    if (gnutls_credentials_get(check->session, GNUTLS_CRD_CERTIFICATE, &found) < 0)
        return;
    credentials = found;
    for (unsigned i = 0; i < sent; i++) {
        gnutls_x509_crt_t issuer;
        if (gnutls_certificate_get_issuer(credentials, check->chain[i], &issuer, GNUTLS_TL_GET_COPY) >= 0)
            check->chain[check->count++] = issuer;
    }
}

static int read_chain(struct check *check, const gnutls_datum_t *ders, unsigned count)
{
    if (count > SENT_MAX) {
        say(check, "the server sent %u certificates, which is too many", count);
        return ENVOI_ERR_CERT_INVALID;
    }
    for (unsigned i = 0; i < count; i++) {
        int error = add_certificate(check, &ders[i]);
        if (error) {
            say(check, "a certificate of the server cannot be read");
            return error;
        }
    }
    add_trusted_issuers(check);
    return 0;
}

static int is_accepted(const uint8_t *accepted, const gnutls_datum_t *der)
{
    uint8_t digest[ENVOI__SHA256_SIZE];
    size_t size = sizeof digest;
    return accepted && gnutls_fingerprint(GNUTLS_DIG_SHA256, der, digest, &size) >= 0 &&
           !memcmp(digest, accepted, sizeof digest);
}

static int run(struct check *check)
{
    unsigned count = 0;
    const gnutls_datum_t *ders = NULL;
    if (gnutls_certificate_type_get2(check->session, GNUTLS_CTYPE_SERVER) == GNUTLS_CRT_X509)
        ders = gnutls_certificate_get_peers(check->session, &count);
    if (!ders || !count) {
        say(check, "the server sent no certificate");
        return ENVOI_ERR_CERT_INVALID;
    }
    if (is_accepted(check->accepted, &ders[0]))
        return 0;
    int error = read_chain(check, ders, count);
    if (!error)
        error = check_chain(check);
    return error ? error : check_names(check);
}

int envoi__tls_verify(struct gnutls_session_int *session, const char *domain, const uint8_t *accepted,
                      char **detail)
{
    struct check check = {.session = session, .domain = domain, .accepted = accepted};
    int error = run(&check);
    for (unsigned i = 0; i < check.count; i++)
        gnutls_x509_crt_deinit(check.chain[i]);
    *detail = error && check.detail_len ? envoi__strdup(check.detail) : NULL;
    return error;
}

/* ---- tls-server-end-point ---- */

/* RFC 5929 4.1: the hash of the signature, SHA-256 in place of MD5 and SHA-1. A signature without a hash of
 * its own (Ed25519, Ed448) leaves it undefined. RSASSA-PSS has its hash in the parameters, not in the OID. */
static const struct hash_row {
    const char *oid;
    const char *name;
    gnutls_digest_algorithm_t digest;
} hash_rows[] = {
    {"1.2.840.113549.1.1.4", "SHA-256", GNUTLS_DIG_SHA256},  /* RSA, MD5 */
    {"1.2.840.113549.1.1.5", "SHA-256", GNUTLS_DIG_SHA256},  /* RSA, SHA-1 */
    {"1.2.840.113549.1.1.14", "SHA-224", GNUTLS_DIG_SHA224}, /* RSA */
    {"1.2.840.113549.1.1.11", "SHA-256", GNUTLS_DIG_SHA256},
    {"1.2.840.113549.1.1.12", "SHA-384", GNUTLS_DIG_SHA384},
    {"1.2.840.113549.1.1.13", "SHA-512", GNUTLS_DIG_SHA512},
    {"1.2.840.10040.4.3", "SHA-256", GNUTLS_DIG_SHA256},      /* DSA, SHA-1 */
    {"2.16.840.1.101.3.4.3.2", "SHA-256", GNUTLS_DIG_SHA256}, /* DSA */
    {"1.2.840.10045.4.1", "SHA-256", GNUTLS_DIG_SHA256},      /* ECDSA, SHA-1 */
    {"1.2.840.10045.4.3.1", "SHA-224", GNUTLS_DIG_SHA224},    /* ECDSA */
    {"1.2.840.10045.4.3.2", "SHA-256", GNUTLS_DIG_SHA256},
    {"1.2.840.10045.4.3.3", "SHA-384", GNUTLS_DIG_SHA384},
    {"1.2.840.10045.4.3.4", "SHA-512", GNUTLS_DIG_SHA512},
};

static const struct hash_row *find_hash_row(const char *oid)
{
    for (size_t i = 0; i < ENVOI__COUNT(hash_rows); i++)
        if (!strcmp(hash_rows[i].oid, oid))
            return &hash_rows[i];
    return NULL;
}

const char *envoi__tls_end_point_hash(const char *signature_oid)
{
    const struct hash_row *row = find_hash_row(signature_oid);
    return row ? row->name : NULL;
}

static gnutls_digest_algorithm_t end_point_digest(gnutls_x509_crt_t crt)
{
    char oid[NAME_SIZE];
    size_t size = sizeof oid;
    if (gnutls_x509_crt_get_signature_oid(crt, oid, &size) < 0)
        return GNUTLS_DIG_UNKNOWN;
    const struct hash_row *row = find_hash_row(oid);
    if (row)
        return row->digest;
    /* Peers agree in practice to take the hash of the parameters for RSASSA-PSS. */
    int algorithm = gnutls_x509_crt_get_signature_algorithm(crt);
    return algorithm > 0 &&
                   gnutls_sign_get_pk_algorithm((gnutls_sign_algorithm_t)algorithm) == GNUTLS_PK_RSA_PSS
               ? gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)algorithm)
               : GNUTLS_DIG_UNKNOWN;
}

int envoi__tls_end_point(struct gnutls_session_int *session, uint8_t *out, size_t *len)
{
    unsigned count = 0;
    struct check check = {.session = session};
    const gnutls_datum_t *ders = gnutls_certificate_get_peers(session, &count);
    if (!ders || !count)
        return ENVOI_ERR_UNSUPPORTED;
    int error = add_certificate(&check, &ders[0]);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : ENVOI_ERR_UNSUPPORTED;
    gnutls_digest_algorithm_t digest = end_point_digest(check.chain[0]);
    gnutls_x509_crt_deinit(check.chain[0]);
    if (digest == GNUTLS_DIG_UNKNOWN)
        return ENVOI_ERR_UNSUPPORTED;
    return gnutls_fingerprint(digest, &ders[0], out, len) < 0 ? ENVOI_ERR_UNSUPPORTED : 0;
}
