/* SPDX-License-Identifier: MIT */
/* How the peer or the program ends a stream (RFC 6120 4.4 and 4.9). */
#include "base/text.h"
#include "data/common.h"
#include "stream/stream.h"

/* RFC 6120 4.9.3: what a stream error means, and whether the same login may succeed after it. */
static const struct received_row {
    const char *condition;
    int error, retryable;
    const char *means; /* NULL: itself */
} received[] = {
    {"undefined-condition", ENVOI_ERR_STREAM_ERROR, 1, NULL}, /* the first: for what is not in the table */
    {"bad-format", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"bad-namespace-prefix", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"conflict", ENVOI_ERR_CONFLICT, 0, NULL},
    {"connection-timeout", ENVOI_ERR_STREAM_ERROR, 1, NULL},
    {"host-gone", ENVOI_ERR_HOST_UNKNOWN, 0, NULL},
    {"host-unknown", ENVOI_ERR_HOST_UNKNOWN, 0, NULL},
    {"improper-addressing", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"internal-server-error", ENVOI_ERR_STREAM_ERROR, 1, NULL},
    {"invalid-from", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"invalid-namespace", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"invalid-xml", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"not-authorized", ENVOI_ERR_NOT_AUTHORIZED, 0, NULL},
    {"not-well-formed", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"policy-violation", ENVOI_ERR_POLICY, 0, NULL},
    {"remote-connection-failed", ENVOI_ERR_STREAM_ERROR, 1, NULL},
    {"reset", ENVOI_ERR_STREAM_ERROR, 1, NULL},
    {"resource-constraint", ENVOI_ERR_POLICY, 1, NULL},
    {"restricted-xml", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"see-other-host", ENVOI_ERR_SEE_OTHER_HOST, 0, NULL},
    {"system-shutdown", ENVOI_ERR_SYSTEM_SHUTDOWN, 1, NULL},
    {"unsupported-encoding", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"unsupported-feature", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"unsupported-stanza-type", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"unsupported-version", ENVOI_ERR_STREAM_ERROR, 0, NULL},
    {"xml-not-well-formed", ENVOI_ERR_STREAM_ERROR, 0, "not-well-formed"}, /* RFC 3920 4.7.3 */
};

/* RFC 6120 4.9.2: the first child in the namespace of stream errors is the defined condition. */
static const envoi_element *defined_condition(const envoi_element *error)
{
    const envoi_element *child = envoi_element_first_child(error);
    while (child && (!envoi_element_is(child, envoi_element_name(child), ENVOI__NS_STREAM_ERROR) ||
                     envoi_element_is(child, "text", NULL)))
        child = envoi_element_next_sibling(child);
    return child;
}

/* RFC 6120 4.9.2: an unknown condition is read as undefined-condition, and so is none. */
static const struct received_row *meaning(const char *condition)
{
    for (size_t i = 0; i < ENVOI__COUNT(received); i++)
        if (envoi__eq(received[i].condition, condition))
            return &received[i];
    return received;
}

enum envoi__state envoi__stream_error_received(struct envoi_stream *stream)
{
    const envoi_element *error = stream->tree.root, *child = defined_condition(error);
    const struct received_row *row = meaning(child ? envoi_element_name(child) : NULL);
    const char *condition = row->means ? row->means : row->condition;
    const envoi_element *text = envoi__child_for_lang(error, "text", ENVOI__NS_STREAM_ERROR, stream->options->lang);
    stream->error_came = 1;
    envoi__stream_goodbye(stream, NULL);
    if (row->error == ENVOI_ERR_SEE_OTHER_HOST) /* the other host's name; a redirect is never followed from here */
        return envoi__stream_end(stream, row->error, condition, envoi_element_text(child), row->retryable);
    return envoi__stream_told(stream, row->error, condition, text, row->retryable);
}

enum envoi__state envoi__end_received(struct envoi_stream *stream)
{
    int in_order = stream->state == ENVOI__CLOSING || stream->was_ready;
    const char *text = stream->state == ENVOI__CLOSING ? NULL : "the server closed the stream";
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_end(stream, in_order ? ENVOI_OK : ENVOI_ERR_EOF, NULL, text, 1);
}

enum envoi__state envoi__closing_on(struct envoi_stream *stream, enum envoi__input input)
{
    if (input == ENVOI__IN_STANZA && stream->was_ready)
        return envoi__session_on(stream, input);
    return ENVOI__CLOSING; /* what belonged to a negotiation that is given up */
}

/* Nothing was said to anybody yet, so there is nobody to wait for. */
static void drop_output(struct envoi_stream *stream)
{
    envoi__buf_wipe_free(&stream->wire_out);
    stream->shown = 0;
}

int envoi__stream_begin_close(struct envoi_stream *stream)
{
    if (stream->state == ENVOI__CLOSING || stream->state == ENVOI__CLOSED)
        return ENVOI_ERR_STATE;
    envoi__auth_forget(stream);
    stream->working = 0;
    stream->full = stream->requests_full = 0;
    if (!stream->transport_seen)
        drop_output(stream);
    if (!stream->transport_seen || !stream->header_sent || stream->state == ENVOI__STARTTLS ||
        stream->state == ENVOI__HANDSHAKE) {
        envoi__stream_enter(stream, envoi__stream_end(stream, ENVOI_OK, NULL, NULL, 0));
        return 0;
    }
    envoi__stream_goodbye(stream, NULL);
    envoi__stream_enter(stream, ENVOI__CLOSING);
    return 0;
}
