/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_REPLAY_H
#define ENVOI_REPLAY_H
/** @file
 * A replay plays the server's part of a transcript, so that a program can be tested without any server, network or
 * clock. A transcript is what recorder.h wrote, or a text written by hand in the same form:
 *
 *     A: connect jid=bot@example.com password=secret tls=local
 *     C: <stream:stream to='example.com' from='bot@example.com' version='1.0' xml:lang='en' ...>
 *     S: <stream:stream from='example.com' id='1' version='1.0' xmlns='jabber:client' ...>
 *     ...                                                 (the login: copy it from examples/replay_bot.txt)
 *     S: <message from='romeo@example.com/a' type='chat'><body>Hello</body></message>
 *     C: <message to='romeo@example.com/a' type='chat'><body>{any}</body></message>
 *     T: 60000
 *
 * - `A: connect` comes first and once; envoi_replay_config() makes a config of it.
 * - `C:` The program must have sent this. Elements are compared, not letters: the order of attributes is free. {any}
 *   stands for anything, {name} too, and is the same wherever it stands again; one text may have 32 of these that are
 *   new. `C= ` compares bytes.
 * - `S:` The server says this, once the program has sent all that stands above. {name} is what it was before,
 *   {server-first} and {server-final} are the server's half of SCRAM, made of what stands above as {mechanism},
 *   {client-first} and {client-final}; {byte 0a} is a byte.
 * - `T:` So many milliseconds pass.
 * - `A: eof` and `A: fail RESET` are the end of the connection; what was sent before must stand above. All other `A:`
 *   lines are the program's own doing, and `E:` lines what it then sees; the replay reads over both. `#` begins a
 *   comment.
 *
 * The test is a loop: take all events of the stream and let the program act on them, then envoi_replay_step(), until
 * that returns 0; then envoi_replay_is_over() must be 1, or envoi_replay_fault() says what is missing.
 * examples/replay_bot.c shows it.
 */
#include <envoi/stream.h>

ENVOI_BEGIN_DECLS

/** One transcript, being played. Freed with envoi_replay_free(). */
typedef struct envoi_replay envoi_replay;

/**
 * Make a replay.
 * @param out   receives the replay; untouched on failure
 * @param text  the transcript, len bytes without a NUL, copied; a line of it that cannot be read shows as a fault
 * @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_replay_new(envoi_replay **out, const char *text, size_t len);

/** Free a replay; NULL is allowed. */
ENVOI_API void envoi_replay_free(envoi_replay *replay);

/**
 * Make the config that the transcript's first line asks for: the account, its password, and no TLS, since the replay
 * speaks none (ENVOI_TLS_LOCAL or ENVOI_TLS_EXTERNAL). A program that brings a config of its own must do the same.
 * @param out  receives the config, the caller's to free; untouched on failure
 * @return 0, ENVOI_ERR_TRANSCRIPT (see envoi_replay_fault()), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_replay_config(envoi_replay *replay, envoi_config **out);

/** The time in the transcript, for envoi_stream_new() and for the program's own timers. It moves by `T:` lines only.
 *  @return milliseconds; 0 for NULL */
ENVOI_API uint64_t envoi_replay_now_ms(const envoi_replay *replay);

/**
 * Go on: take what the stream sends, and do what the transcript says next. Call it when all events are taken, with
 * the same stream each time.
 * @return 1: something happened, so take events and call again; 0: nothing more can happen until the program sends
 *   something, or the transcript is over; ENVOI_ERR_TRANSCRIPT: the program sent something else, or the transcript
 *   cannot be read, see envoi_replay_fault(); ENVOI_ERR_ARGUMENT; ENVOI_ERR_NOMEM. An error stays
 */
ENVOI_API int envoi_replay_step(envoi_replay *replay, envoi_stream *stream);

/** Whether all lines were played, and nothing was sent that is not in them. @return 1 or 0; 0 for NULL */
ENVOI_API int envoi_replay_is_over(const envoi_replay *replay);

/** What is wrong, or what the replay waits for, with the number of the line: for the person who reads the test's
 *  output. @return a view that lives until the next call; NULL: nothing is wrong */
ENVOI_API const char *envoi_replay_fault(const envoi_replay *replay);

/* ---- bad networks ---- */

/** Let the server's bytes arrive in pieces of this size. @param len  0: as the lines are, the default
 *  @return 0, ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_replay_set_piece(envoi_replay *replay, size_t len);

/**
 * Cut the connection when the server has said so many bytes. Then the replay is over, whatever lines follow, and what
 * the program still sends goes nowhere.
 * @param at     UINT64_MAX: never, the default
 * @param error  ENVOI_ERR_EOF for an end in order, or what the transport reports, such as ENVOI_ERR_RESET
 * @return 0, ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_replay_cut(envoi_replay *replay, uint64_t at, int error);

/** How many bytes the server has said so far: where envoi_replay_cut() can cut. @return 0 for NULL */
ENVOI_API uint64_t envoi_replay_said(const envoi_replay *replay);

ENVOI_END_DECLS

#endif
