/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STREAM_H
#define ENVOI_STREAM_H
/** @file
 * One XMPP stream (RFC 6120), from the first byte to the last: bytes in, bytes out, events out, time in. Nothing in
 * here reads a clock, opens a socket, blocks, starts a thread or calls back.
 *
 * 1. Drain events, then send output, then wait for bytes or the deadline.
 * 2. An event and all that is reached through it die at the next envoi_stream_next_event(); envoi_stanza_dup() keeps
 *    a stanza.
 * 3. Any function may be called between calls, in any order; one that makes no sense returns ENVOI_ERR_STATE and
 *    changes nothing.
 * 4. CLOSED comes exactly once and last.
 * 5. Every envoi_stream_send_iq() is answered by exactly one REPLY event, before CLOSED.
 * 6. What the peer does wrong never comes back from a byte call: it becomes CLOSED. A return value means that *your*
 *    call failed.
 * 7. Decisions are events, answered by a call, now or later.
 * 8. One stream belongs to one thread at a time; different streams run in parallel without locks; there are no
 *    globals.
 *
 * Times are milliseconds on any clock that never goes back; the stream compares them with each other only.
 */
#include <envoi/config.h>
#include <envoi/event.h>
#include <envoi/stanza.h>

ENVOI_BEGIN_DECLS

/** One stream. Freed with envoi_stream_free(). */
typedef struct envoi_stream envoi_stream;

/**
 * Make a stream. Its first output is the stream header (or TLS ClientHello).
 * @param out     receives the stream; untouched on failure
 * @param config  copied
 * @param now_ms  the time
 * @return 0, the error that the config is marked with, ENVOI_ERR_TRUST_STORE (direct TLS without a trusted
 * certificate), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stream_new(envoi_stream **out, const envoi_config *config, uint64_t now_ms);

/** Free a stream at any time, and wipe its secrets; NULL is allowed. Nothing is sent. */
ENVOI_API void envoi_stream_free(envoi_stream *stream);

/**
 * Give the stream bytes received from the transport. They are copied, and parsed by envoi_stream_next_event(), so a
 * malformed stream shows there, as CLOSED, not here.
 * @return 0, ENVOI_ERR_FULL (nothing was taken: take events and send output first, then offer the same bytes again),
 *   ENVOI_ERR_TOO_LARGE (len exceeds ENVOI_LIMIT_INPUT_BYTES: offer less), ENVOI_ERR_STATE (the stream is closed),
 *   ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM (nothing was taken)
 */
ENVOI_API int envoi_stream_receive(envoi_stream *stream, const void *data, size_t len);

/** How many bytes envoi_stream_receive() would take now; 0 means: take events first. */
ENVOI_API size_t envoi_stream_receive_capacity(const envoi_stream *stream);

/** Tell that the transport will bring no more bytes. What was received is still parsed.
 *  @return 0, ENVOI_ERR_STATE, ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_stream_receive_eof(envoi_stream *stream);

/**
 * Tell that the transport failed or could not be opened; CLOSED follows with this reason.
 * @param error  one of ENVOI_ERR_*, mostly of the classes TRANSPORT and TIMEOUT
 * @param text   detail for a person, copied; may be NULL
 * @return 0, ENVOI_ERR_STATE, ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_stream_transport_failed(envoi_stream *stream, int error, const char *text);

/** The bytes to send now. @param len receives how many, 0 with NULL
 *  @return a view that lives until the next call on the stream; NULL: nothing to send */
ENVOI_API const void *envoi_stream_output(envoi_stream *stream, size_t *len);

/** Tell how many bytes of the output were sent.
 *  @return 0, ENVOI_ERR_ARGUMENT (more than was shown, such as a send() of -1) */
ENVOI_API int envoi_stream_sent(envoi_stream *stream, size_t len);

/** Go on with what was received, up to the next event. @return NULL when nothing more can happen now */
ENVOI_API const envoi_event *envoi_stream_next_event(envoi_stream *stream);

/** When envoi_stream_tick() is due. It is due at once after a call that starts a time (send_iq, set_password, close) and
 *  after bytes that start one (the first ones, a sign of life, what leads to another state, half a stanza): that time runs
 *  from the next tick, so that nothing depends on when the time was last told.
 *  @return milliseconds; UINT64_MAX: never */
ENVOI_API uint64_t envoi_stream_deadline(const envoi_stream *stream);

/** Tell the time, at the deadline or whenever it is known. What it brings shows as events. A time before the last one
 *  is taken as the last one. @return 0, ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_stream_tick(envoi_stream *stream, uint64_t now_ms);

/** Send a stanza: it is written now and the caller keeps it. A missing id of an IQ get or set is made up.
 *  @return 0, ENVOI_ERR_STATE (not ready, or closing), ENVOI_ERR_FULL (nothing was taken: send output first; WRITABLE
 *   follows), ENVOI_ERR_TOO_LARGE (larger than ENVOI_LIMIT_OUTPUT_BYTES), the stanza's own error,
 *   ENVOI_ERR_STANZA (see below), ENVOI_ERR_UNSUPPORTED (no randomness for an id), ENVOI_ERR_ARGUMENT,
 * ENVOI_ERR_NOMEM
 *
 * ENVOI_ERR_STANZA is what RFC 6120 forbids to send: neither message, presence nor IQ; an IQ without one of its four
 * types, a request without exactly one payload, a result with several, a result or error without an id (8.2.3); an
 * <error/> in a stanza of another type, none in an error, or one without a known type and exactly one condition
 * (8.3); a payload without a namespace of its own (8.4); an unavailable presence with a show or priority (RFC 6121
 * 4.5.1). */
ENVOI_API int envoi_stream_send(envoi_stream *stream, const envoi_stanza *stanza);

/**
 * Send an IQ get or set, and get exactly one REPLY event for it. The answer must carry the request's id and come from
 * the address it was sent to. The id is always made here, from 128 random bits.
 * @param timeout_ms  0: the config's
 * @param token_out   receives the number that REPLY will carry; may be NULL
 * @return as envoi_stream_send(); ENVOI_ERR_STANZA (no IQ get or set with exactly one payload), ENVOI_ERR_JID or
 *   ENVOI_ERR_UTF8 (`to` is no JID); ENVOI_ERR_FULL also for too many open requests, and then WRITABLE follows a
 * REPLY
 */
ENVOI_API int envoi_stream_send_iq(envoi_stream *stream, const envoi_stanza *iq, uint32_t timeout_ms,
                                   uint64_t *token_out);

/** Give up a request: its REPLY comes with ENVOI_ERR_CANCELLED. @return 0, ENVOI_ERR_NOT_FOUND, ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_stream_cancel_iq(envoi_stream *stream, uint64_t token);

/** Answer ENVOI_EVENT_PASSWORD; copied. NULL gives up, and the stream closes.
 *  @return 0, ENVOI_ERR_STATE (not asked), ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_stream_set_password(envoi_stream *stream, const char *password);

/** Close the stream in order: what was sent goes out, then </stream:stream>; stanzas are still received until the
 *  peer closes too. A stream of which no byte went either way is over at once, and has no output any more.
 *  @return 0, ENVOI_ERR_STATE (closing already), ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_stream_close(envoi_stream *stream);

/** The JID that is logged in: the bound JID once ready, before that the account's bare JID.
 *  @return a view that lives as long as the stream and until READY */
ENVOI_API const char *envoi_stream_jid(const envoi_stream *stream);

/** Who a received stanza comes from: its `from`, or the account itself if it has none (RFC 6120 8.1.2.1).
 * @return a view that lives as long as the stanza and the stream; NULL before READY, and for NULL */
ENVOI_API const char *envoi_stream_sender(const envoi_stream *stream, const envoi_element *stanza);

/** Whom a received stanza goes to: its `to`, or this session's full JID if it has none (RFC 6120 8.1.1.1).
 * @return as envoi_stream_sender() */
ENVOI_API const char *envoi_stream_recipient(const envoi_stream *stream, const envoi_element *stanza);

/** The id that the server gave the stream in its latest header (RFC 6120 4.7.3), for its operator's logs.
 *  @return a view that lives until the next envoi_stream_next_event(); NULL: none yet, or the server gave none */
ENVOI_API const char *envoi_stream_id(const envoi_stream *stream);

/** Whether the stream is over: it takes no more bytes, and when CLOSED is taken and the output sent, it can be freed.
 *  @return 1 or 0; 1 for NULL */
ENVOI_API int envoi_stream_is_closed(const envoi_stream *stream);

/** The state's name, such as "ready", for logs. @return a static string */
ENVOI_API const char *envoi_stream_state(const envoi_stream *stream);

ENVOI_END_DECLS

#endif
