/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TRANSCRIPT_H
#define ENVOI_TESTS_TRANSCRIPT_H
/* A transcript is one scenario as text; README.md in this folder tells how to write one. */
#include <envoi/stream.h>

#include "base/buf.h"
#include "xml/reader.h"
#include <setjmp.h>

enum { MOST_LINES = 400, MOST_VARIABLES = 32, MOST_EVENTS = 64, MOST_FILES = 64 };

struct line {
    int number;
    char kind;   /* 'C', 'S', 'E', 'A' or 'T'; 'B' is C with bytes compared */
    char shared; /* from an included file: played whole, for other scenarios split it */
    const char *text;
};

struct script {
    const char *path;
    char *files[MOST_FILES]; /* the script and what it includes */
    size_t file_count;
    int depth; /* of includes, while it is read */
    struct line lines[MOST_LINES];
    size_t count;
};

/* How the server's bytes reach the stream, and what goes wrong. Bytes and allocations of included lines do not count.
 */
struct delivery {
    long split_at; /* cut one delivery in two before this byte of the scenario; 0: nowhere */
    int bytewise;
    long cut_at;     /* the transport ends before this byte; 0: never */
    int reset;       /* ... by a failure, not by its end */
    long fail_at;    /* the number of the allocation that fails; 0: none */
    int fail_always; /* and all that follow */
};

struct variable {
    char name[32];
    char value[2048];
};

struct event {
    int type, error, retryable;
    unsigned long long token;
    char *fields[6]; /* jid, mechanism, binding, condition, text, version */
    char *stanza;
};

/* One side of the stream, read again by the library's own reader so that elements compare as elements. */
struct side {
    struct envoi__reader *reader;
    struct envoi__buf bytes;
    struct envoi__tree tree;
};

struct play {
    const struct script *script;
    const struct line *line;
    struct delivery delivery;
    envoi_stream *stream;
    uint64_t now;
    long delivered; /* server bytes so far that may be split */
    char password[512];
    struct variable variables[MOST_VARIABLES];
    size_t variable_count;
    struct event events[MOST_EVENTS];
    size_t event_first, event_count;
    struct side output, expected;
    int closed; /* CLOSED events seen */
    long requests, replies;
    long allocations; /* of the engine, so far */
    jmp_buf failed;
    char message[4096];
};

/* script.c */
int script_load(struct script *script, const char *path);
void script_free(struct script *script);

/* play.c: 1 if the scenario went as written; otherwise play->message tells where and why. */
int play_run(struct play *play, const struct script *script, struct delivery delivery);
/* The same where something goes wrong: the scenario need not go as written, but the stream must end in order. */
int play_rough(struct play *play, const struct script *script, struct delivery delivery);
_Noreturn void play_fail(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* fault.c: between the two, allocations count, and fail as the delivery wants. */
void faults_begin(struct play *play);
void faults_end(struct play *play);

/* match.c */
const char *variable_get(struct play *play, const char *name);
void variable_set(struct play *play, const char *name, const char *value, size_t len);
int match_text(struct play *play, const char *pattern, const char *text); /* binds variables */
int match_element(struct play *play, const envoi_element *pattern, const envoi_element *element);
void expand(struct play *play, const char *text, struct envoi__buf *out); /* {name} and {function ...} to text */

/* scram.c: the server's half. Each appends base64 to out; options change what is sent. */
void scram_server_first(struct play *play, const char *options, struct envoi__buf *out);
void scram_server_final(struct play *play, const char *options, struct envoi__buf *out);

#endif
