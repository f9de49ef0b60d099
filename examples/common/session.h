/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_SESSION_H
#define EXAMPLES_SESSION_H
/* One account over TCP, for programs that do one thing after the other: the ready-made loop. */
#include "account.h"

struct session {
    const struct program *program;
    envoi_config *config;
    envoi_stream *stream;
    envoi_net *net;
    uint64_t deadline_ms;                                /* on the clock of envoi_net_now_ms(); UINT64_MAX: none */
    void (*other)(void *user, const envoi_event *event); /* what comes while session_ask() waits; may be NULL */
    void *user;
    int ready, ending, closed, failed;
    int interrupted, timed_out; /* why session_next() said NULL on a session that is still open */
};

/* Connects and logs in, and says on stderr how. Ctrl-C works from here on: once in order, a second time at once.
 * timeout_s: of the whole session; 0: none. Returns GO_ON, or the exit code after a line on stderr that says why. */
int session_open(struct session *session, const struct program *program, struct account *account, unsigned timeout_s);

/* Waits for the next event. NULL: the stream is closed; or Ctrl-C was pressed or the time is over, told once each. */
const envoi_event *session_next(struct session *session);

/* Sends a request and waits for its answer: a REPLY event, that lives as all events do. NULL as session_next(). */
const envoi_event *session_ask(struct session *session, const envoi_stanza *iq);

/* Closes in order whatever is still open, and frees. Returns 1 if the stream failed, else 0. */
int session_close(struct session *session);

#endif
