/* SPDX-License-Identifier: MIT */
/* GnuTLS as a filter between byte queues: its push and pull functions are the queues, so that it never sees a
 * socket and never waits. */
#include "tls/tls.h"
#include "base/mem.h"
#include "base/text.h"
#include "tls/internal.h"
#include "tls/names.h"
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    DETAIL_SIZE = 256,
    RECORD_SIZE = 16384,   /* RFC 8446 5.1 */
    RECORD_OVERHEAD = 128, /* header, nonce, padding and tag of every cipher of TLS 1.2 and 1.3, and some room */
    READ_STEP = 2048,      /* kept small, for `plain` grows by it */
    WARNINGS_MAX = 8,      /* warning alerts that are passed over; more are an attempt to keep us busy */
    EXPORTER_SIZE = 32     /* RFC 9266 2 */
};

struct envoi__tls {
    gnutls_session_t session;
    struct envoi_trust *trust;
    struct envoi__identity *identity;
    int has_shown_identity;
    struct envoi__buf *in;
    struct envoi__buf *out;
    char *domain;
    uint8_t accepted[ENVOI__SHA256_SIZE];
    int has_accepted;
    char *detail;
    int error;      /* the filter failed; all later calls say the same */
    int cert_error; /* what the check of the certificate said */
    int push_error; /* why the last push did not take everything */
    int verified;   /* the certificate was checked and is good */
    int established;
    int eof;    /* the peer said close_notify */
    int closed; /* we did */
    unsigned warnings;
};

/* ---- the two queues as GnuTLS wants them ---- */

static ssize_t push(gnutls_transport_ptr_t user, const void *data, size_t len)
{
    struct envoi__tls *tls = user;
    size_t room = envoi__buf_room(tls->out);
    size_t some = len < room ? len : room;
    int error = some ? envoi__buf_add(tls->out, data, some) : ENVOI_ERR_FULL;
    if (!error)
        return (ssize_t)some;
    tls->push_error = error;
    gnutls_transport_set_errno(tls->session, error == ENVOI_ERR_FULL ? EAGAIN : ENOMEM);
    return -1;
}

static ssize_t pull(gnutls_transport_ptr_t user, void *data, size_t len)
{
    struct envoi__tls *tls = user;
    size_t some = len < tls->in->len ? len : tls->in->len;
    if (!some) { /* never 0, which means the end: that is for the stream to see */
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    memcpy(data, envoi__buf_bytes(tls->in), some);
    envoi__buf_take(tls->in, some);
    return (ssize_t)some;
}

/* Without one of our own GnuTLS would ask select() about a descriptor that is none. */
static int pull_timeout(gnutls_transport_ptr_t user, unsigned ms)
{
    (void)ms;
    return ((struct envoi__tls *)user)->in->len != 0;
}

/* The few bytes of an alert, and records whose room was checked before, pass the limit: half of a record on
 * the wire would be worse. */
static size_t lift_limit(struct envoi__tls *tls)
{
    size_t limit = tls->out->limit;
    tls->out->limit = 0;
    return limit;
}

/* ---- failure ---- */

static int fail(struct envoi__tls *tls, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(struct envoi__tls *tls, int error, const char *format, ...)
{
    char text[DETAIL_SIZE];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tls->error = error;
    if (len > 0 && !tls->detail)
        tls->detail = envoi__strdup(text); /* without memory the error alone must do */
    return error;
}

/* RFC 8446 6.2: what the server is told about its certificate. */
static const struct alert_row {
    int error;
    gnutls_alert_description_t alert;
} alert_rows[] = {
    {ENVOI_ERR_CERT_UNTRUSTED, GNUTLS_A_UNKNOWN_CA},
    {ENVOI_ERR_CERT_SELF_SIGNED, GNUTLS_A_UNKNOWN_CA},
    {ENVOI_ERR_CERT_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED},
    {ENVOI_ERR_CERT_NOT_YET_VALID, GNUTLS_A_CERTIFICATE_EXPIRED},
    {ENVOI_ERR_CERT_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED},
    {ENVOI_ERR_CERT_WRONG_HOST, GNUTLS_A_BAD_CERTIFICATE},
    {ENVOI_ERR_CERT_INVALID, GNUTLS_A_BAD_CERTIFICATE},
    {ENVOI_ERR_NOMEM, GNUTLS_A_INTERNAL_ERROR},
};

static void send_alert(struct envoi__tls *tls, int code)
{
    size_t limit = lift_limit(tls);
    size_t i = 0;
    while (i < ENVOI__COUNT(alert_rows) && alert_rows[i].error != tls->cert_error)
        i++;
    if (i < ENVOI__COUNT(alert_rows))
        gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, alert_rows[i].alert);
    else if (code != GNUTLS_E_FATAL_ALERT_RECEIVED)
        gnutls_alert_send_appropriate(tls->session, code);
    tls->out->limit = limit;
}

/* Turn what GnuTLS says into what the filter says. error: the meaning of anything that is not more exact. */
static int fail_by(struct envoi__tls *tls, int code, int error, const char *what)
{
    if (code == GNUTLS_E_MEMORY_ERROR || tls->push_error == ENVOI_ERR_NOMEM)
        return fail(tls, ENVOI_ERR_NOMEM, "there was no memory for TLS");
    send_alert(tls, code);
    if (tls->cert_error)
        return tls->error = tls->cert_error;
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
        return fail(tls, error, "%s: the server said \"%s\"", what,
                    gnutls_alert_get_name(gnutls_alert_get(tls->session)));
    return fail(tls, error, "%s: %s", what, gnutls_strerror(code));
}

/* 1 if the call is to be made again: nothing happened that matters. */
static int is_passing(struct envoi__tls *tls, ssize_t code)
{
    if (code == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return ++tls->warnings <= WARNINGS_MAX;
    return code == GNUTLS_E_INTERRUPTED;
}

/* ---- making one ---- */

struct envoi__identity *envoi__tls_show_identity(void *user)
{
    struct envoi__tls *tls = user;
    tls->has_shown_identity = tls->identity != NULL;
    return tls->identity;
}

int envoi__tls_has_shown_identity(const struct envoi__tls *tls)
{
    return tls->has_shown_identity;
}

static int verify(gnutls_session_t session)
{
    struct envoi__tls *tls = gnutls_session_get_ptr(session);
    char *detail;
    tls->cert_error = envoi__tls_verify(session, tls->domain, tls->has_accepted ? tls->accepted : NULL, &detail);
    if (tls->cert_error) {
        tls->detail = detail;
        return GNUTLS_E_CERTIFICATE_ERROR;
    }
    tls->verified = 1;
    return 0;
}

static int set_priority(struct envoi__tls *tls, const char *text)
{
    struct gnutls_priority_st *priority;
    int owned;
    int error = envoi__trust_priority(tls->trust, text, &priority, &owned);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : ENVOI_ERR_UNSUPPORTED;
    int code = gnutls_priority_set(tls->session, priority);
    if (owned)
        gnutls_priority_deinit(priority); /* the session keeps it */
    return code < 0 ? ENVOI_ERR_UNSUPPORTED : 0;
}

/* RFC 6066 3: the name a virtual host is chosen by; never an IP address. */
static int set_server_name(struct envoi__tls *tls)
{
    uint8_t ip[ENVOI__IP_MAX];
    if (envoi__ip_parse(tls->domain, ip))
        return 0;
    int code = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, tls->domain, strlen(tls->domain));
    return code < 0 ? ENVOI_ERR_UNSUPPORTED : 0;
}

static int set_alpn(struct envoi__tls *tls, const char *protocol)
{
    if (!protocol)
        return 0;
    unsigned char name[32];
    size_t len = strlen(protocol);
    if (len > sizeof name)
        return ENVOI_ERR_UNSUPPORTED;
    memcpy(name, protocol, len);
    gnutls_datum_t datum = {name, (unsigned)len};
    return gnutls_alpn_set_protocols(tls->session, &datum, 1, 0) < 0 ? ENVOI_ERR_UNSUPPORTED : 0;
}

/* No session tickets: nothing is resumed, so a server need not make them and we need not keep them. No early
 * data, which GnuTLS sends only when asked to. */
static int open_session(struct envoi__tls *tls, const struct envoi__tls_params *params)
{
    struct gnutls_certificate_credentials_st *credentials;
    int error = envoi__trust_use(tls->trust, tls->has_accepted, &credentials);
    if (error)
        return error;
    if (gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS) < 0) {
        tls->session = NULL;
        return ENVOI_ERR_NOMEM;
    }
    gnutls_session_set_ptr(tls->session, tls);
    gnutls_transport_set_ptr(tls->session, tls);
    gnutls_transport_set_push_function(tls->session, push);
    gnutls_transport_set_pull_function(tls->session, pull);
    gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
    gnutls_session_set_verify_function(tls->session, verify);
    /* GnuTLS would write the keys of every session to the file that SSLKEYLOGFILE names. */
    gnutls_session_set_keylog_function(tls->session, NULL);
    if (gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, credentials) < 0)
        return ENVOI_ERR_NOMEM;
    error = set_priority(tls, params->priority);
    if (!error)
        error = set_server_name(tls);
    return error ? error : set_alpn(tls, params->alpn);
}

int envoi__tls_new(struct envoi__tls **out, const struct envoi__tls_params *params, struct envoi__buf *wire_in,
                   struct envoi__buf *wire_out)
{
    struct envoi__tls *tls = envoi__alloc_zero(sizeof *tls);
    if (!tls)
        return ENVOI_ERR_NOMEM;
    tls->trust = envoi__trust_ref(params->trust);
    tls->identity = envoi__identity_ref(params->identity);
    tls->in = wire_in;
    tls->out = wire_out;
    if (params->accepted) {
        memcpy(tls->accepted, params->accepted, sizeof tls->accepted);
        tls->has_accepted = 1;
    }
    tls->domain = envoi__strdup(params->domain);
    int error = tls->domain ? open_session(tls, params) : ENVOI_ERR_NOMEM;
    if (error) {
        envoi__tls_free(tls);
        return error;
    }
    *out = tls;
    return 0;
}

void envoi__tls_free(struct envoi__tls *tls)
{
    if (!tls)
        return;
    if (tls->session)
        gnutls_deinit(tls->session);
    envoi_trust_free(tls->trust); /* after the session, which uses what the store holds */
    envoi__identity_free(tls->identity);
    envoi__free(tls->domain);
    envoi__free(tls->detail);
    envoi__free(tls);
}

/* ---- the work ---- */

int envoi__tls_handshake(struct envoi__tls *tls)
{
    int code;
    if (tls->error)
        return tls->error;
    if (tls->established)
        return 1;
    tls->push_error = 0;
    do
        code = gnutls_handshake(tls->session);
    while (is_passing(tls, code));
    if (code == GNUTLS_E_AGAIN)
        return tls->push_error; /* 0, or full */
    if (code < 0)
        return fail_by(tls, code, ENVOI_ERR_TLS_HANDSHAKE, "the TLS handshake failed");
    if (!tls->verified) /* a priority string allowed a key exchange without certificates */
        return fail(tls, ENVOI_ERR_TLS_HANDSHAKE, "the server did not show a certificate");
    tls->established = 1;
    return 1;
}

/* Nothing to read for now: 1 to ask again, since what was taken from the queue carried no plain bytes. */
static int has_more(const struct envoi__tls *tls, size_t before)
{
    return tls->in->len && tls->in->len < before;
}

/* One call of GnuTLS: bytes read; 0: go on; or an error, ENVOI_ERR_AGAIN when there is no more for now. */
static ssize_t read_some(struct envoi__tls *tls, uint8_t *to, size_t room)
{
    size_t before = tls->in->len;
    tls->push_error = 0;
    ssize_t got = gnutls_record_recv(tls->session, to, room);
    if (got > 0)
        return got;
    if (got == 0) {
        tls->eof = 1;
        return ENVOI_ERR_EOF;
    }
    if (got == GNUTLS_E_AGAIN)
        return has_more(tls, before) ? 0 : ENVOI_ERR_AGAIN;
    if (is_passing(tls, got))
        return 0;
    if (got == GNUTLS_E_REHANDSHAKE) { /* RFC 6120 5.3.5: strictly optional */
        send_alert(tls, (int)got);
        return fail(tls, ENVOI_ERR_TLS_RECORD, "the server asked to renegotiate TLS, which is refused");
    }
    return fail_by(tls, (int)got, ENVOI_ERR_TLS_RECORD, "the TLS connection broke");
}

int envoi__tls_read(struct envoi__tls *tls, struct envoi__buf *plain)
{
    int added = 0;
    int error = tls->established ? tls->error : ENVOI_ERR_STATE;
    if (!error && tls->eof)
        error = ENVOI_ERR_EOF;
    while (!error) {
        uint8_t *to;
        size_t room = envoi__buf_room(plain);
        room = room < READ_STEP ? room : READ_STEP;
        if (!room)
            break;
        error = envoi__buf_reserve(plain, room, &to);
        if (error)
            break;
        ssize_t got = read_some(tls, to, room);
        if (got == ENVOI_ERR_AGAIN)
            break;
        if (got < 0) {
            error = (int)got;
        } else if (got > 0) {
            envoi__buf_added(plain, (size_t)got);
            added = 1;
        }
    }
    return added ? 1 : error; /* an error behind good bytes comes with the next call */
}

size_t envoi__tls_wire_size(const struct envoi__tls *tls, size_t len)
{
    (void)tls;
    size_t records = len / RECORD_SIZE + 2; /* the last, and a key update */
    return len + records * RECORD_OVERHEAD;
}

static int write_records(struct envoi__tls *tls, const uint8_t *data, size_t len)
{
    tls->push_error = 0;
    while (len) {
        ssize_t sent = gnutls_record_send(tls->session, data, len < RECORD_SIZE ? len : RECORD_SIZE);
        if (sent == GNUTLS_E_INTERRUPTED)
            continue;
        if (sent <= 0)
            return fail_by(tls, (int)sent, ENVOI_ERR_TLS_RECORD, "nothing can be sent over TLS");
        data += sent;
        len -= (size_t)sent;
    }
    return 0;
}

int envoi__tls_write(struct envoi__tls *tls, const uint8_t *data, size_t len)
{
    uint8_t *reserved;
    if (tls->error)
        return tls->error;
    if (!tls->established || tls->closed)
        return ENVOI_ERR_STATE;
    if (!len)
        return 0;
    /* Here it is still all or nothing. */
    int error = envoi__buf_reserve(tls->out, envoi__tls_wire_size(tls, len), &reserved);
    if (error)
        return error;
    /* A server that wants smaller records (RFC 8449) makes a little more of it than the estimate. */
    size_t limit = lift_limit(tls);
    error = write_records(tls, data, len);
    tls->out->limit = limit;
    return error;
}

int envoi__tls_close(struct envoi__tls *tls)
{
    if (tls->error)
        return tls->error;
    if (!tls->established || tls->closed)
        return 0;
    size_t limit = lift_limit(tls);
    tls->push_error = 0;
    int code = gnutls_bye(tls->session, GNUTLS_SHUT_WR);
    tls->out->limit = limit;
    tls->closed = 1;
    return code < 0 ? fail_by(tls, code, ENVOI_ERR_TLS_RECORD, "close_notify cannot be sent") : 0;
}

/* ---- channel binding ---- */

/* RFC 9266 4.2: where the keys are bound to this handshake alone, so TLS 1.3, or the extended master secret.
 */
static int is_unique(const struct envoi__tls *tls)
{
    return gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3 ||
           gnutls_session_ext_master_secret_status(tls->session);
}

static int tls_exporter(struct envoi__tls *tls, uint8_t *out, size_t *len)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    if (!is_unique(tls) || *len < EXPORTER_SIZE)
        return ENVOI_ERR_UNSUPPORTED;
    char data[EXPORTER_SIZE];
    if (gnutls_prf_rfc5705(tls->session, sizeof label - 1, label, 0, "", sizeof data, data) < 0)
        return ENVOI_ERR_UNSUPPORTED;
    memcpy(out, data, sizeof data);
    *len = sizeof data;
    return 0;
}

/* RFC 5929 3. TLS 1.3 has none (RFC 8446 C.5), and without the extended master secret it does not bind (RFC
 * 7627). */
static int tls_unique(struct envoi__tls *tls, uint8_t *out, size_t *len)
{
    gnutls_datum_t data;
    if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3 || !is_unique(tls) ||
        gnutls_session_channel_binding(tls->session, GNUTLS_CB_TLS_UNIQUE, &data) < 0)
        return ENVOI_ERR_UNSUPPORTED;
    int error = data.size && data.size <= *len ? 0 : ENVOI_ERR_UNSUPPORTED;
    if (!error) {
        memcpy(out, data.data, data.size);
        *len = data.size;
    }
    gnutls_free(data.data);
    return error;
}

static int tls_server_end_point(struct envoi__tls *tls, uint8_t *out, size_t *len)
{
    return envoi__tls_end_point(tls->session, out, len);
}

static const struct binding_row {
    const char *type;
    int (*get)(struct envoi__tls *tls, uint8_t *out, size_t *len);
} binding_rows[] = {
    {"tls-exporter", tls_exporter},
    {"tls-unique", tls_unique},
    {"tls-server-end-point", tls_server_end_point},
};

int envoi__tls_channel_binding(void *user, const char *type, uint8_t *out, size_t *len)
{
    struct envoi__tls *tls = user;
    for (size_t i = 0; tls->established && i < ENVOI__COUNT(binding_rows); i++)
        if (envoi__eq(binding_rows[i].type, type))
            return binding_rows[i].get(tls, out, len);
    return ENVOI_ERR_UNSUPPORTED;
}

/* ---- what people are told ---- */

const char *envoi__tls_version(const struct envoi__tls *tls)
{
    const char *name = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
    return tls->established && name ? name : "";
}

const char *envoi__tls_cipher(const struct envoi__tls *tls)
{
    const char *name = gnutls_cipher_get_name(gnutls_cipher_get(tls->session));
    return tls->established && name ? name : "";
}

const char *envoi__tls_detail(const struct envoi__tls *tls)
{
    return tls->detail ? tls->detail : "";
}
