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
 * After every call all promises of <envoi/stream.h> are checked that can be. */
#include "fuzz.h"

#include "base/buf.h"
#include <envoi/stream.h>

enum { DRIVE_TOKENS = 64 };

struct drive {
    envoi_stream *stream;
    uint64_t now;
    uint64_t tokens[DRIVE_TOKENS]; /* requests without an answer */
    size_t token_count;
    struct envoi__buf sent; /* all output in the clear */
    size_t left_at_close;   /* bytes of output when CLOSED came */
    int waits;              /* Q */
    unsigned steps;         /* events taken */
    int authenticated, ready, closed;
};

void drive_begin(struct drive *drive, const envoi_config *config);
void drive_say(struct drive *drive, const char *text); /* the server says this, and all is drained */
void drive_play(struct drive *drive, struct fuzz_input *input);
/* End the transport, see CLOSED come, check all that was sent, and free everything. */
void drive_end(struct drive *drive);

#endif
