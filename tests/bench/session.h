/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_SESSION_H
#define ENVOI_BENCH_SESSION_H
/* A stream that talks to nobody, over a transport that has TLS of its own, so that TLS is not what is measured. */
#include <envoi/config.h>
#include <envoi/stream.h>

struct session {
    envoi_stream *stream;
    size_t stanzas;
    int ready, begun, error; /* error: why it was closed */
};

/* A new one that waits for the server's header, and one that is logged in. Neither ever fails. */
struct session *session_new(void);
struct session *session_log_in(void);
void session_free(struct session *session);
/* Take all events. */
void session_drain(struct session *session);
/* All output so far counts as sent; its id attribute, if wanted, is kept. */
void session_send_all(struct session *session, char *id, size_t size);

#endif
