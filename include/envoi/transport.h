/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TRANSPORT_H
#define ENVOI_TRANSPORT_H
/** @file
 * A transport of your own: anything that carries bytes both ways, given as three functions.
 * envoi_transport_flush() and envoi_transport_fill() move bytes between it and a stream; they are built on
 * stream.h alone, and do what a careful program would do by hand. For TCP see net.h.
 *
 * The loop: take all events; flush; wait for what envoi_transport_wanted() says or for
 * envoi_stream_deadline(); tell the stream the time by envoi_stream_tick(); fill; again.
 */
#include <envoi/stream.h>

ENVOI_BEGIN_DECLS

/** A transport. Freed with envoi_transport_free(). */
typedef struct envoi_transport envoi_transport;

/** What a transport waits for: a sum of these. */
#define ENVOI_TRANSPORT_READ  1 /**< call envoi_transport_fill() when there is something to read */
#define ENVOI_TRANSPORT_WRITE 2 /**< call envoi_transport_flush() when there is room to write */

/**
 * Read up to len bytes into buf without waiting.
 * @return how many were read; 0 at the end, when no byte will ever come again; ENVOI_ERR_AGAIN if there is
 * nothing now; any other ENVOI_ERR_* is a failure and becomes the stream's reason to close
 */
typedef int (*envoi_transport_read_fn)(void *user, void *buf, size_t len);

/**
 * Write up to len bytes without waiting. len is at most 1 MiB.
 * @return how many were written; ENVOI_ERR_AGAIN (or 0) if there is no room now; any other ENVOI_ERR_* is a
 * failure
 */
typedef int (*envoi_transport_write_fn)(void *user, const void *data, size_t len);

/** Close what lies behind the transport. Called exactly once, by envoi_transport_free(). */
typedef void (*envoi_transport_close_fn)(void *user);

/**
 * Make a transport. The functions must not call back into the stream or the transport. After a failure, and
 * after the end, the function that reported it is not called again.
 * @param out   receives the transport; untouched on failure
 * @param close may be NULL
 * @param user  passed to each function
 * @return 0, ENVOI_ERR_ARGUMENT (out, read or write is NULL), ENVOI_ERR_NOMEM (close was not called)
 */
ENVOI_API int envoi_transport_new(envoi_transport **out, envoi_transport_read_fn read,
                                  envoi_transport_write_fn write, envoi_transport_close_fn close, void *user);

/** Close and free a transport; NULL is allowed. The stream is not told. */
ENVOI_API void envoi_transport_free(envoi_transport *transport);

/**
 * Write the stream's output until it is empty or there is no room. A failure to write is told to the stream
 * only after all that can still be read was read, since the peer may have said why (a stream error, RFC
 * 6120 4.9).
 * @return how many bytes were written, 0 if none could be; ENVOI_ERR_STATE (writing failed before), the
 * failure of the write function, ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_transport_flush(envoi_transport *transport, envoi_stream *stream);

/**
 * Read into the stream, until there is nothing more now, the stream takes no more (see
 * envoi_stream_receive_capacity()), or 64 KiB were read, so that one busy stream does not starve the others
 * of a loop. The end becomes envoi_stream_receive_eof(), a failure envoi_stream_transport_failed(): CLOSED
 * follows.
 * @return how many bytes were read, 0 if none could be or at the end; ENVOI_ERR_STATE (the end was reached
 * before, or reading failed before), the failure that the stream was told, ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_transport_fill(envoi_transport *transport, envoi_stream *stream);

/**
 * What to wait for. Reading is not wanted while the stream takes no more, so the peer is slowed down by its
 * own connection; take events and ask again.
 * @return a sum of ENVOI_TRANSPORT_READ and ENVOI_TRANSPORT_WRITE; 0 for nothing, for NULL, and when all is
 * over
 */
ENVOI_API int envoi_transport_wanted(const envoi_transport *transport, envoi_stream *stream);

/** Whether reading has ended, in order or by a failure. @return 1 or 0; 1 for NULL */
ENVOI_API int envoi_transport_is_ended(const envoi_transport *transport);

ENVOI_END_DECLS

#endif
