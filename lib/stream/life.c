/* SPDX-License-Identifier: MIT */
/* Signs of life of a stream that is ready (RFC 6120 4.6): a space when nothing was sent for long, for those on the
 * way who forget idle connections; and a ping (XEP-0199) when nothing was received for long. Whatever comes then is a
 * sign of life; if nothing does, the peer is gone. */
#include "stream/stream.h"

#include "base/text.h"

#define NS_PING "urn:xmpp:ping"

static uint64_t after(const struct envoi_stream *stream, int timeout)
{
    uint64_t ms = stream->options->timeouts[timeout];
    return ms ? stream->now + ms : UINT64_MAX;
}

void envoi__life_heard(struct envoi_stream *stream)
{
    stream->silence_deadline = after(stream, ENVOI_TIMEOUT_IDLE);
    stream->pinged = 0;
    stream->heard_since_tick = 1;
}

void envoi__life_spoke(struct envoi_stream *stream)
{
    stream->space_deadline = after(stream, ENVOI_TIMEOUT_KEEPALIVE);
    stream->spoke_since_tick = 1;
}

int envoi__life_moved(const struct envoi_stream *stream)
{
    return stream->heard_since_tick || stream->spoke_since_tick;
}

/* Bytes moved since the time was last told: until it is told again nobody knows when a sign of life is due. */
static int is_unsettled(const struct envoi_stream *stream)
{
    return (stream->heard_since_tick && stream->silence_deadline != UINT64_MAX) ||
           (stream->spoke_since_tick && stream->space_deadline != UINT64_MAX);
}

uint64_t envoi__life_deadline(const struct envoi_stream *stream)
{
    if (stream->state != ENVOI__READY)
        return UINT64_MAX;
    if (is_unsettled(stream))
        return stream->now;
    return stream->silence_deadline < stream->space_deadline ? stream->silence_deadline : stream->space_deadline;
}

/* What was sent and received since the time was last told was so just now. */
void envoi__life_tick(struct envoi_stream *stream)
{
    if (stream->heard_since_tick)
        envoi__life_heard(stream);
    if (stream->spoke_since_tick)
        envoi__life_spoke(stream);
    stream->heard_since_tick = stream->spoke_since_tick = 0;
}

static int send_ping(struct envoi_stream *stream)
{
    const char *const ping[] = {"<iq type='get' to='", envoi_jid_domainpart(stream->options->jid), "' id='",
                                stream->own_id,        "'><ping xmlns='" NS_PING "'/></iq>",       NULL};
    int error = envoi__requests_make_id(stream->own_id, 0);
    if (!error)
        error = envoi__stream_write(stream, ping);
    if (!error)
        envoi__log(&stream->options->log, ENVOI_LOG_DEBUG, "sent: a ping");
    return error;
}

static enum envoi__state break_silence(struct envoi_stream *stream)
{
    if (stream->pinged) /* RFC 6120 4.9.3.4: the peer does not answer what was sent */
        return envoi__stream_fail(stream, ENVOI_ERR_TIMEOUT_PING, "connection-timeout",
                                  envoi__state_phase(stream->state));
    int error = send_ping(stream);
    if (error)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    stream->pinged = 1;
    stream->silence_deadline = after(stream, ENVOI_TIMEOUT_PING);
    return stream->state;
}

/* RFC 6120 4.6.1. Where more waits to be sent, that will do. */
static enum envoi__state send_space(struct envoi_stream *stream)
{
    static const char *const space[] = {" ", NULL};
    int error = envoi__stream_waiting(stream) ? 0 : envoi__stream_write(stream, space);
    if (error)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    stream->space_deadline = after(stream, ENVOI_TIMEOUT_KEEPALIVE);
    return stream->state;
}

enum envoi__state envoi__life_step(struct envoi_stream *stream)
{
    if (stream->state == ENVOI__READY && stream->now >= stream->silence_deadline)
        return break_silence(stream);
    if (stream->state == ENVOI__READY && stream->now >= stream->space_deadline)
        return send_space(stream);
    return stream->state;
}

int envoi__life_is_answer(const struct envoi_stream *stream, const envoi_element *iq)
{
    if (!*stream->own_id || !envoi__eq(envoi_element_attr(iq, "id"), stream->own_id))
        return 0;
    return envoi__requests_sender_fits(NULL, envoi_element_attr(iq, "from"), stream->bound);
}

int envoi__life_is_asked(const struct envoi_stream *stream, const envoi_element *iq)
{
    if (!envoi__eq(envoi_element_attr(iq, "type"), "get") || !envoi_element_child(iq, "ping", NS_PING))
        return 0;
    return envoi__requests_sender_fits(NULL, envoi_element_attr(iq, "from"), stream->bound);
}
