/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FUZZ_DRIVE_H
#define ENVOI_TESTS_FUZZ_DRIVE_H
/* A stream, driven by a fuzzed peer and a fuzzed program. The input is a list of calls, each a letter and
 * what it takes:
 *
 *     S text 0   the server says this, in pieces as large as there is room; s: in single bytes
 *     E          the transport ends; F: it fails
 *     T byte     time passes: 2 to the power of byte % 24 milliseconds; t: up to the deadline
 *     O byte     so many bytes of output are sent; o: all
 *     N          take one event; n: all
 *     Q          from here on events and output wait until they are asked for; q: no longer (as at the start)
 *     M byte     send one of the messages; I byte byte: send one of the requests, with a timeout
 *     X byte     cancel a request
 *     P byte     answer with one of the passwords
 *     C          close
 *
 * After every call all promises of <envoi/stream.h> are checked that can be. A short input whose events never wait is
 * played once more with the server's words in small pieces: nothing may change. */
#include "fuzz.h"

#include "base/buf.h"
#include <envoi/stream.h>

enum { DRIVE_TOKENS = 64 };

struct drive {
    envoi_stream *stream;
    uint64_t now;
    uint64_t tokens[DRIVE_TOKENS]; /* requests without an answer */
    size_t token_count;
    struct envoi__buf sent;   /* all output in the clear */
    struct envoi__buf events; /* all that was told, in words */
    size_t left_at_close;     /* bytes of output when CLOSED came */
    int waits, waited;        /* Q is in force, was ever */
    size_t piece;             /* the most bytes that S gives at once */
    int hasty;                /* the server did not wait for our header */
    unsigned steps;           /* events taken */
    int authenticated, ready, closed;
};

typedef void (*drive_check)(const struct drive *drive, int kind);

/* Make a stream, let the server say the NULL-ended list of texts, play the input, end the transport, see CLOSED come,
 * and look at all that was sent; `check` (or NULL) may look further, at a stream that is played out. */
void drive_run(const envoi_config *config, const char *const *prologue, struct fuzz_input input, drive_check check,
               int kind);

#endif
