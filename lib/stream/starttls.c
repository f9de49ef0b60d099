/* SPDX-License-Identifier: MIT */
/* STARTTLS (RFC 6120 5) and the handshake that it and direct TLS (XEP-0368) share. */
#include "stream/stream.h"

enum { TLS_ALERT = 21, TLS_HANDSHAKE = 22 };

enum envoi__state envoi__starttls_begin(struct envoi_stream *stream, const envoi_element *feature)
{
    static const char *const request[] = {"<starttls xmlns='" ENVOI__NS_TLS "'/>", NULL};
    (void)feature;
    int error = envoi__stream_write(stream, request);
    return error ? envoi__stream_fail(stream, error, NULL, NULL) : ENVOI__STARTTLS;
}

enum envoi__state envoi__starttls_on(struct envoi_stream *stream, enum envoi__input input)
{
    (void)input;
    if (envoi_element_is(stream->tree.root, "failure", ENVOI__NS_TLS)) /* 5.4.2.2: the peer closes, so do we */
        return envoi__stream_fail(stream, ENVOI_ERR_TLS_REFUSED, NULL, NULL);
    if (!envoi_element_is(stream->tree.root, "proceed", ENVOI__NS_TLS))
        return envoi__stream_fail(stream, ENVOI_ERR_UNEXPECTED, "unsupported-stanza-type", NULL);
    if (envoi__stream_has_input(stream)) /* 5.4.3.3: nothing in the clear behind <proceed/>, not even white space */
        return envoi__stream_fail(stream, ENVOI_ERR_TLS_INJECTION, NULL, NULL);
    return envoi__handshake_begin(stream);
}

enum envoi__state envoi__handshake_begin(struct envoi_stream *stream)
{
    const struct envoi__options *options = stream->options;
    const struct envoi__tls_params params = {
        .domain = envoi_jid_ascii_domain(options->jid),
        .trust = options->trust,
        .priority = options->priority,
        .accepted = options->has_accepted ? options->accepted : NULL,
        .identity = options->identity,
        .alpn = options->tls == ENVOI_TLS_DIRECT ? "xmpp-client" : NULL,
    };
    stream->header_sent = 0; /* nothing more may be said in the clear */
    stream->wire_out.limit = 0;
    int error = envoi__tls_new(&stream->tls, &params, &stream->wire_in, &stream->wire_out);
    if (error)
        return envoi__stream_fail(stream, error, NULL, NULL);
    return ENVOI__HANDSHAKE;
}

/* What a man in the middle added behind <proceed/> and the network brought later. */
static int is_injection(const struct envoi_stream *stream)
{
    const uint8_t *first = envoi__buf_bytes(&stream->wire_in);
    return stream->options->tls == ENVOI_TLS_STARTTLS && first && *first != TLS_HANDSHAKE && *first != TLS_ALERT;
}

static enum envoi__state secured(struct envoi_stream *stream)
{
    stream->secured = 1;
    envoi__log(&stream->options->log, ENVOI_LOG_INFO, "secured by %s, %s", envoi__tls_version(stream->tls),
               envoi__tls_cipher(stream->tls));
    envoi__stream_event(stream, ENVOI_EVENT_SECURED);
    stream->event.tls_version = envoi__tls_version(stream->tls);
    stream->event.tls_cipher = envoi__tls_cipher(stream->tls);
    return envoi__stream_open(stream);
}

enum envoi__state envoi__handshake_step(struct envoi_stream *stream)
{
    if (!stream->tls_spoken && stream->wire_in.len) {
        if (is_injection(stream))
            return envoi__stream_fail(stream, ENVOI_ERR_TLS_INJECTION, NULL, NULL);
        stream->tls_spoken = 1;
    }
    int result = envoi__tls_handshake(stream->tls);
    if (result == 0)
        return ENVOI__HANDSHAKE;
    if (result == 1)
        return secured(stream);
    return envoi__stream_fail(stream, result, NULL, envoi__tls_detail(stream->tls));
}
