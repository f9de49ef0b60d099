/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_RECORDER_H
#define ENVOI_RECORDER_H
/** @file
 * A recorder writes down what happens to one stream, as a text that a person can read and replay.h can play again:
 * what the server says and what the stream sends, both as they are inside TLS; the events; the program's calls; and
 * the time that passes. Lines begin with what they are:
 *
 *     A: send <presence xmlns='jabber:client'/>     a call of the program's
 *     C: <presence/>                                the stream (the client) sent this
 *     S: <message from='romeo@example.com/a'/>      the server said this
 *     E: stanza <message .../>                      the program got this event
 *     T: 250                                        so many milliseconds passed
 *     # E: secured version=TLS1.3                   a comment: nothing that could be played again
 *
 * The program makes a recorder right behind its stream, and now and then, such as after each round of its loop, moves
 * what envoi_recorder_text() shows to a file, then says so by envoi_recorder_taken().
 *
 * **Secrets do not get in.** All that a SASL exchange carries becomes a name, such as {client-first}, so that a
 * replay can log in with a password of its own, which is "secret". Elements and attributes that hold passwords, and
 * ids that could resume a session, become "...". Addresses and message bodies stay; see ENVOI_RECORDER_HIDE_BODIES.
 *
 * Identifiers of stanzas that the library makes up, different each time, are named when they are sent, such as
 * {id-3}, and the last 512 of them stand under their name in what the server answers. "{byte 7b}" is a byte that
 * cannot stand for itself in a line. What is said before TLS is up, and where memory or room was short, shows in
 * comments.
 *
 * Take the text as it comes, behind each round of the program's loop and once more behind CLOSED:
 *
 *     while ((text = envoi_recorder_text(recorder, &len))) {
 *         fwrite(text, 1, len, file);
 *         envoi_recorder_taken(recorder, len);
 *     }
 *
 * The recorder only listens: nothing it does, and no failure of its own, changes what the stream does.
 */
#include <envoi/stream.h>

ENVOI_BEGIN_DECLS

/** Writes one stream down. Freed with envoi_recorder_free(). */
typedef struct envoi_recorder envoi_recorder;

/** For envoi_recorder_new(): bodies of messages and payloads of PubSub items become "..." too. */
#define ENVOI_RECORDER_HIDE_BODIES 1

/** How many bytes of text may wait for the program. One more, and recording ends with ENVOI_ERR_FULL. */
#define ENVOI_RECORDER_BYTES_MAX 67108864

/**
 * Begin to record a stream. Call it right behind envoi_stream_new(). The recorder belongs to the thread of the
 * stream.
 * @param out     receives the recorder; untouched on failure
 * @param stream  one that nothing was sent from and nothing received by. It must not be freed while another thread
 *                uses the recorder; in one thread either may be freed first
 * @param flags   0, or ENVOI_RECORDER_HIDE_BODIES
 * @return 0, ENVOI_ERR_STATE (bytes went either way, or the stream is recorded already), ENVOI_ERR_ARGUMENT,
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_recorder_new(envoi_recorder **out, envoi_stream *stream, int flags);

/** Stop recording and forget the text that was not taken; NULL is allowed. The stream goes on. */
ENVOI_API void envoi_recorder_free(envoi_recorder *recorder);

/**
 * The text that was not taken yet: whole lines of UTF-8, each with its line end, not NUL-terminated. Before the login
 * begins there may be none, for the first line tells how the login is bound to its channel.
 * @param len  receives its length, 0 with NULL
 * @return a view that lives until the next call on the recorder or its stream; NULL: nothing
 */
ENVOI_API const char *envoi_recorder_text(const envoi_recorder *recorder, size_t *len);

/** Tell how much of the text was taken; it is given no more.
 *  @return 0, ENVOI_ERR_ARGUMENT (more than there was) */
ENVOI_API int envoi_recorder_taken(envoi_recorder *recorder, size_t len);

/** Why recording ended early; what was written before stays. @return 0 while all is well; ENVOI_ERR_NOMEM;
 *  ENVOI_ERR_FULL (text waited too long to be taken); ENVOI_ERR_BAD_NAMESPACE, ENVOI_ERR_XML_MALFORMED (the stream
 *  sent what cannot be read again, such as more than 64 namespaces that are no URIs); ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_recorder_error(const envoi_recorder *recorder);

ENVOI_END_DECLS

#endif
