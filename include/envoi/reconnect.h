/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_RECONNECT_H
#define ENVOI_RECONNECT_H
/** @file
 * When to connect again (RFC 6120 3.3), for programs that are to stay online. Nothing here connects, waits or reads a
 * clock: it is told the events of one stream after the other, and tells a time.
 *
 *     uint64_t again = UINT64_MAX;
 *     while ((event = envoi_stream_next_event(stream))) {
 *         again = envoi_reconnect_after(reconnect, event, now_ms);
 *         ...
 *     }
 *     when the stream is closed: free it; again == UINT64_MAX: give up; else wait until then and make a new one
 *
 * The first delay is a random time up to 60 s, so that the clients of a server that restarts do not come back all at
 * once. While connecting fails, the delays grow: the second lies between 60 s and 120 s, and so on up to 300 s. A
 * session that lasts longer than the delay before it could be ends the row, and the next delay is a first one again.
 */
#include <envoi/event.h>

ENVOI_BEGIN_DECLS

/** The delays of one account. Freed with envoi_reconnect_free(). */
typedef struct envoi_reconnect envoi_reconnect;

/**
 * Begin with no failure behind.
 * @param out   receives the new object; untouched on failure
 * @param seed  0: unpredictable delays, as RFC 6120 3.3 wants them; else the same delays for the same seed, for tests
 * @return 0, ENVOI_ERR_ARGUMENT (out is NULL), ENVOI_ERR_UNSUPPORTED (no randomness), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_reconnect_new(envoi_reconnect **out, uint64_t seed);

/** Free; NULL is allowed. */
ENVOI_API void envoi_reconnect_free(envoi_reconnect *reconnect);

/**
 * Choose other delays.
 * @param first_ms  the longest first delay, 60,000 by default; 1 to 86,400,000
 * @param most_ms   the longest delay of all, 300,000 by default; first_ms to 86,400,000
 * @return 0, ENVOI_ERR_ARGUMENT (NULL, or outside these ranges; nothing is set)
 */
ENVOI_API int envoi_reconnect_set_delays(envoi_reconnect *reconnect, uint64_t first_ms, uint64_t most_ms);

/**
 * Tell an event, every one or at least READY and CLOSED.
 * @param now_ms  the time on the clock that the streams are made with
 * @return for a CLOSED after which the same login may succeed later (envoi_event_is_retryable()) the time to connect
 *   again, in milliseconds; UINT64_MAX for one after which it cannot, such as a wrong password or a session that
 *   another one replaced (RFC 6120 4.9.3.3), and for every other event
 */
ENVOI_API uint64_t envoi_reconnect_after(envoi_reconnect *reconnect, const envoi_event *event, uint64_t now_ms);

ENVOI_END_DECLS

#endif
