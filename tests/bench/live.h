/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_LIVE_H
#define ENVOI_BENCH_LIVE_H
/* What each library must do against a server. live.c measures it; one program per library. */

struct account {
    const char *jid, *password;
    const char *host, *port; /* connected to without asking DNS */
    const char *ca;          /* file of the only certificate that is to be trusted */
};

struct live_library {
    /* Connect, secure and log in with SCRAM; NULL, or it went wrong. */
    void *(*log_in)(const struct account *account);
    void (*log_out)(void *session);
    /* Send `count` messages from one session to another, or to itself, with `in_flight` of them on the way at a
     * time; 0 when all have come. */
    int (*flood)(void *from, void *to, int count, int in_flight);
};
extern const struct live_library live_library;

#define LIVE_BODY "Wherefore art thou, Romeo? Deny thy father & refuse thy name"

#endif
