/* SPDX-License-Identifier: MIT */
/* The end of a stream, whatever brought it: what the peer is told and what the program is told (RFC 6120 4.9). */
#include "stream/stream.h"

#include "base/mem.h"
#include "base/text.h"
#include <string.h>

#define END_TAG "</stream:stream>"

/* What to tell a peer whose bytes caused an error (RFC 6120 4.9.3). */
static const struct {
    int error;
    const char *condition;
} told[] = {
    {ENVOI_ERR_XML_MALFORMED, "not-well-formed"},
    {ENVOI_ERR_XML_RESTRICTED, "restricted-xml"},
    {ENVOI_ERR_XML_ENCODING, "unsupported-encoding"},
    {ENVOI_ERR_BAD_NAMESPACE, "not-well-formed"}, /* 4.9.3.13: by the rules of namespaces too */
    {ENVOI_ERR_STANZA_TOO_LARGE, "policy-violation"},
    {ENVOI_ERR_TOO_DEEP, "policy-violation"},
    {ENVOI_ERR_TOO_MANY_ATTRIBUTES, "policy-violation"},
    {ENVOI_ERR_NAME_TOO_LONG, "policy-violation"},
    {ENVOI_ERR_VALUE_TOO_LONG, "policy-violation"},
    {ENVOI_ERR_LOGIN_TOO_LARGE, "policy-violation"},
    {ENVOI_ERR_NOMEM, "resource-constraint"},
    {ENVOI_ERR_STREAM_HEADER, "bad-format"},
};

const char *envoi__stream_condition(int error)
{
    for (size_t i = 0; i < ENVOI__COUNT(told); i++)
        if (told[i].error == error)
            return told[i].condition;
    return NULL;
}

int envoi__error_is_retryable(int error)
{
    switch (error) {
    case ENVOI_ERR_SERVICE_NOT_OFFERED:
    case ENVOI_ERR_HOST_NOT_FOUND:
        return 0;
    case ENVOI_ERR_TLS_TRUNCATED:
    case ENVOI_ERR_TLS_RECORD:
    case ENVOI_ERR_AUTH_TEMPORARY:
    case ENVOI_ERR_NOMEM:
        return 1;
    default:
        return envoi_error_class(error) == ENVOI_CLASS_TRANSPORT || envoi_error_class(error) == ENVOI_CLASS_TIMEOUT;
    }
}

void envoi__stream_goodbye(struct envoi_stream *stream, const char *condition)
{
    const char *const error[] = {"<stream:error><", condition, " xmlns='" ENVOI__NS_STREAM_ERROR "'/></stream:error>",
                                 NULL};
    const char *const end[] = {END_TAG, NULL};
    if (!stream->header_sent)
        return;
    if (condition)
        envoi__stream_write(stream, error); /* without memory for it the connection simply ends */
    envoi__stream_write(stream, end);
    stream->header_sent = 0;
}

void envoi__auth_forget(struct envoi_stream *stream)
{
    envoi__sasl_free(stream->sasl);
    stream->sasl = NULL;
    envoi__free_secret(stream->password);
    stream->password = NULL;
    for (size_t i = 0; i < stream->offered_count + stream->binding_count; i++)
        envoi__free(stream->offered[i]);
    envoi__free(stream->offered);
    stream->offered = NULL;
    stream->offered_count = stream->binding_count = 0;
}

enum envoi__state envoi__stream_end(struct envoi_stream *stream, int error, const char *condition, const char *text,
                                    int retryable)
{
    stream->reason = error;
    stream->retryable = retryable && stream->state != ENVOI__CLOSING; /* the program wanted it to end */
    stream->reason_condition = envoi__strdup(condition);              /* without memory the code alone must tell */
    stream->reason_text = text && *text ? envoi__strdup(text) : NULL;
    envoi__utf8_repair(stream->reason_text); /* names that were cut short, certificates, errors of the system */
    envoi__requests_settle_all(&stream->requests, error ? error : ENVOI_ERR_CANCELLED);
    envoi__auth_forget(stream);
    stream->working = 0;
    stream->full = stream->requests_full = 0;
    envoi__log(&stream->options->log, error ? ENVOI_LOG_ERROR : ENVOI_LOG_INFO, "closed: %s%s%s",
               envoi_strerror(error), text && *text ? ": " : "", text ? text : "");
    return ENVOI__CLOSED;
}

enum envoi__state envoi__stream_told(struct envoi_stream *stream, int error, const char *condition,
                                     const envoi_element *text, int retryable)
{
    enum envoi__state next = envoi__stream_end(stream, error, condition, envoi_element_text(text), retryable);
    if (stream->reason_text)
        stream->reason_lang = envoi__strdup(envoi_element_lang(text));
    return next;
}

enum envoi__state envoi__stream_fail(struct envoi_stream *stream, int error, const char *send, const char *text)
{
    if (send)
        envoi__stream_goodbye(stream, send);
    return envoi__stream_end(stream, error, send && envoi_error_class(error) != ENVOI_CLASS_TIMEOUT ? send : NULL,
                             text, envoi__error_is_retryable(error));
}

void envoi__stream_free_reason(struct envoi_stream *stream)
{
    envoi__free(stream->reason_condition);
    envoi__free(stream->reason_text);
    envoi__free(stream->reason_lang);
    envoi__free(stream->transport_text);
}
