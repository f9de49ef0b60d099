/* SPDX-License-Identifier: MIT */
/* How a stream ends (RFC 6120 4.4 and 4.9). */
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
    {ENVOI_ERR_XML_MALFORMED, "not-well-formed"},        {ENVOI_ERR_XML_RESTRICTED, "restricted-xml"},
    {ENVOI_ERR_XML_ENCODING, "unsupported-encoding"},    {ENVOI_ERR_BAD_NAMESPACE, "bad-namespace-prefix"},
    {ENVOI_ERR_STANZA_TOO_LARGE, "policy-violation"},    {ENVOI_ERR_TOO_DEEP, "policy-violation"},
    {ENVOI_ERR_TOO_MANY_ATTRIBUTES, "policy-violation"}, {ENVOI_ERR_NAME_TOO_LONG, "policy-violation"},
    {ENVOI_ERR_VALUE_TOO_LONG, "policy-violation"},      {ENVOI_ERR_NOMEM, "resource-constraint"},
};

/* Stream errors that have a code of their own, and after which the same login may succeed later. */
static const struct {
    const char *condition;
    int error, retryable;
} received[] = {
    {"conflict", ENVOI_ERR_CONFLICT, 0},
    {"connection-timeout", ENVOI_ERR_STREAM_ERROR, 1},
    {"host-gone", ENVOI_ERR_HOST_UNKNOWN, 0},
    {"host-unknown", ENVOI_ERR_HOST_UNKNOWN, 0},
    {"internal-server-error", ENVOI_ERR_STREAM_ERROR, 1},
    {"not-authorized", ENVOI_ERR_NOT_AUTHORIZED, 0},
    {"policy-violation", ENVOI_ERR_POLICY, 0},
    {"remote-connection-failed", ENVOI_ERR_STREAM_ERROR, 1},
    {"reset", ENVOI_ERR_STREAM_ERROR, 1},
    {"resource-constraint", ENVOI_ERR_POLICY, 1},
    {"see-other-host", ENVOI_ERR_SEE_OTHER_HOST, 0},
    {"system-shutdown", ENVOI_ERR_SYSTEM_SHUTDOWN, 1},
    {"undefined-condition", ENVOI_ERR_STREAM_ERROR, 1},
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
    case ENVOI_ERR_AUTH_TEMPORARY:
    case ENVOI_ERR_NOMEM:
        return 1;
    default:
        return envoi_error_class(error) == ENVOI_CLASS_TRANSPORT ||
               envoi_error_class(error) == ENVOI_CLASS_TIMEOUT;
    }
}

void envoi__stream_goodbye(struct envoi_stream *stream, const char *condition)
{
    const char *const error[] = {"<stream:error><", condition,
                                 " xmlns='" ENVOI__NS_STREAM_ERROR "'/></stream:error>", NULL};
    const char *const end[] = {END_TAG, NULL};
    if (!stream->header_sent)
        return;
    if (condition)
        envoi__stream_write(stream, error); /* without memory for it the connection simply ends */
    envoi__stream_write(stream, end);
    stream->header_sent = 0;
}

enum envoi__state envoi__stream_end(struct envoi_stream *stream, int error, const char *condition,
                                    const char *text, int retryable)
{
    stream->reason = error;
    stream->retryable = retryable;
    stream->reason_condition = envoi__strdup(condition); /* without memory the code alone must tell */
    stream->reason_text = text && *text ? envoi__strdup(text) : NULL;
    envoi__requests_settle_all(&stream->requests, error ? error : ENVOI_ERR_CANCELLED);
    envoi__auth_forget(stream);
    stream->working = 0;
    stream->full = 0;
    envoi__log(&stream->options->log, error ? ENVOI_LOG_ERROR : ENVOI_LOG_INFO, "closed: %s%s%s",
               envoi_strerror(error), text && *text ? ": " : "", text ? text : "");
    return ENVOI__CLOSED;
}

enum envoi__state envoi__stream_fail(struct envoi_stream *stream, int error, const char *send,
                                     const char *text)
{
    if (send)
        envoi__stream_goodbye(stream, send);
    return envoi__stream_end(stream, error,
                             send && envoi_error_class(error) != ENVOI_CLASS_TIMEOUT ? send : NULL, text,
                             envoi__error_is_retryable(error));
}

void envoi__stream_free_reason(struct envoi_stream *stream)
{
    envoi__free(stream->reason_condition);
    envoi__free(stream->reason_text);
    envoi__free(stream->transport_text);
}

/* RFC 6120 4.9.2: the first child in the namespace of stream errors is the defined condition. */
static const envoi_element *defined_condition(const envoi_element *error)
{
    const envoi_element *child = envoi_element_first_child(error);
    while (child && (!envoi_element_is(child, envoi_element_name(child), ENVOI__NS_STREAM_ERROR) ||
                     envoi_element_is(child, "text", NULL)))
        child = envoi_element_next_sibling(child);
    return child;
}

enum envoi__state envoi__stream_error_received(struct envoi_stream *stream)
{
    const envoi_element *error = stream->tree.root, *child = defined_condition(error);
    const char *condition = child ? envoi_element_name(child) : "undefined-condition";
    const char *text = envoi_element_text(envoi_element_child(error, "text", ENVOI__NS_STREAM_ERROR));
    int code = ENVOI_ERR_STREAM_ERROR, retryable = 0;
    for (size_t i = 0; i < ENVOI__COUNT(received); i++) {
        if (envoi__eq(condition, received[i].condition)) {
            code = received[i].error;
            retryable = received[i].retryable;
        }
    }
    if (code == ENVOI_ERR_SEE_OTHER_HOST) /* the other host's name; a redirect is never followed from here */
        text = envoi_element_text(child);
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_end(stream, code, condition, text, retryable);
}

enum envoi__state envoi__end_received(struct envoi_stream *stream)
{
    int in_order = stream->state == ENVOI__CLOSING || stream->was_ready;
    const char *text = stream->state == ENVOI__CLOSING ? NULL : "the server closed the stream";
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_end(stream, in_order ? ENVOI_OK : ENVOI_ERR_EOF, NULL, text,
                             stream->state != ENVOI__CLOSING);
}

enum envoi__state envoi__closing_on(struct envoi_stream *stream, enum envoi__input input)
{
    if (input == ENVOI__IN_STANZA && stream->was_ready)
        return envoi__session_on(stream, input);
    return ENVOI__CLOSING; /* what belonged to a negotiation that is given up */
}

int envoi__stream_begin_close(struct envoi_stream *stream)
{
    if (stream->state == ENVOI__CLOSING || stream->state == ENVOI__CLOSED)
        return ENVOI_ERR_STATE;
    envoi__auth_forget(stream);
    stream->working = 0;
    if (!stream->header_sent || stream->state == ENVOI__STARTTLS || stream->state == ENVOI__HANDSHAKE) {
        envoi__stream_enter(stream, envoi__stream_end(stream, ENVOI_OK, NULL, NULL, 0));
        return 0;
    }
    envoi__stream_goodbye(stream, NULL);
    envoi__stream_enter(stream, ENVOI__CLOSING);
    return 0;
}
