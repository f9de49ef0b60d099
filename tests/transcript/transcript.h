/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TRANSCRIPT_H
#define ENVOI_TESTS_TRANSCRIPT_H
/* A transcript is one scenario as text; README.md in this folder tells how to write one.
 *
 *   script.c   files to lines, each of which lib/replay/ understands
 *   play.c     the lines are played once; what was expected is compared (events.c, output.c, match.c), what was done
 *              is kept as a session (calls.c)
 *   replay.c   the session is played again with a fault, as often as a mode of modes.c wants
 *   run.c      what both share: one stream and the loop around it; wire.c is the same loop over a real socket
 *   journal.c  what a run brought: its events and its output
 *   ledger.c   memory that fails on demand, randomness that repeats, keys that are derived once
 */
#include <envoi/stream.h>

#include "base/buf.h"
#include "replay/names.h"
#include "replay/peer.h"
#include "replay/side.h"
#include <setjmp.h>

enum {
    MOST_LINES = 2000,
    MOST_FILES = 64,
    MOST_STREAMS = 64, /* of one script */
    MOST_OPEN = 1024,
    MOST_PROOFS = 8
};

/* ---- script.c ---- */

struct script {
    const char *path;
    char *files[MOST_FILES]; /* the script and what it includes */
    size_t file_count;
    struct envoi__line lines[MOST_LINES];
    size_t count;
};

int script_load(struct script *script, const char *path);
void script_free(struct script *script);

/* ---- journal.c: what a run brought ---- */

enum field {
    FIELD_JID,
    FIELD_MECHANISM,
    FIELD_BINDING,
    FIELD_CONDITION,
    FIELD_TEXT,
    FIELD_VERSION,
    FIELD_LANG, /* of the stanza, or of the text; its own or inherited */
    FIELD_STANZA,
    FIELDS
};

struct event {
    int type, error, retryable;
    unsigned long long token;
    size_t fields[FIELDS]; /* where in the journal's text; 0: none */
};

/* TLS records are counted, not kept: they are never the same twice. */
struct journal {
    struct event *events;
    size_t count, room;
    char *text;
    size_t text_len, text_room;
    char *output; /* ends with a NUL that does not count */
    size_t output_len, output_room;
    size_t *ends, end_count, end_room;     /* of the pieces it was taken in */
    size_t records, record_at, record_len; /* how many began; where in the last one we are */
};

void journal_reset(struct journal *journal); /* empty again, the room stays */
void journal_free(struct journal *journal);
void journal_add_event(struct journal *journal, const envoi_event *event);
void journal_add_output(struct journal *journal, const uint8_t *bytes, size_t len);
const char *journal_field(const struct journal *journal, const struct event *event, enum field field); /* or NULL */
int journal_same_event(const struct journal *a, const struct journal *b, size_t at);
/* The event for a person, in a static buffer. */
const char *journal_describe(const struct journal *journal, size_t at);

/* ---- the session: what was done with one stream, ready to be done again ---- */

enum verb {
    VERB_CONNECT,
    VERB_SERVER, /* the server says something */
    VERB_TIME,
    VERB_SEND,
    VERB_SEND_IQ,
    VERB_CANCEL,
    VERB_CLOSE,
    VERB_EOF,
    VERB_FAIL,
    VERB_PASSWORD
};

struct action {
    enum verb verb;
    int line; /* its number in the script */
    envoi_config *config;
    envoi_stanza *stanza;
    char *text;      /* the password; NULL: none */
    uint64_t number; /* a timeout, a token, an error, milliseconds */
    uint8_t *bytes;
    size_t len;
    long at;   /* of the first of bytes, among all that the server says */
    int exact; /* they come in one piece */
    int result;
};

struct span {
    long from, to; /* server bytes */
};

struct session {
    const char *path;
    struct action actions[MOST_LINES];
    size_t count;
    long bytes;                      /* that the server says in all */
    struct span proofs[MOST_PROOFS]; /* what SCRAM signs, or the signature: no login if one of these bytes is wrong */
    size_t proof_count;
    struct journal journal; /* what it brings when nothing goes wrong */
    size_t *events_before;  /* by server byte: how many events had come before it */
    size_t *output_before;
    long allocations;
};

void session_free(struct session *session);

/* ---- run.c: one stream and the loop around it ---- */

struct wire;

struct run {
    const char *path;
    int line;
    envoi_stream *stream;
    struct wire *wire; /* NULL: bytes are handed over directly */
    uint64_t now;
    struct journal journal;
    int closed;  /* CLOSED was seen */
    int ended;   /* the transport is gone: nothing more can be delivered */
    int starved; /* without memory for what it wanted to do, the program gave up */
    uint64_t open[MOST_OPEN];
    size_t open_count; /* requests that await their answer */
    jmp_buf failed;
    char message[4096];
};

void run_begin(struct run *run, const char *path);
void run_end(struct run *run); /* frees the stream */
int run_call(struct run *run, const struct action *action);
void run_deliver(struct run *run, const uint8_t *bytes, size_t len);
void run_tick(struct run *run, uint64_t now);
void run_pump(struct run *run); /* drain events, send output, until there is nothing left to do */
void run_take_events(struct run *run);
_Noreturn void run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- play.c ---- */

struct play {
    struct session *session; /* of the stream that lives now */
    struct session *last;    /* where room for sessions ends */
    struct run run;
    struct envoi__peer peer;
    size_t events_seen, output_seen, records_seen; /* of the run's journal */
    struct envoi__side output, expected;           /* read again, so that elements compare as elements */
};

/* 1 if the scenario went as written, and the sessions, one for each `A: connect`, are what happened; otherwise
 * play->run.message tells where and why. */
int play_script(struct play *play, const struct script *script, struct session sessions[MOST_STREAMS]);

/* calls.c: what an `A:` line asks for. `verb` and `text` are the line without "A: " and "-> ERROR". */
void call_prepare(struct play *play, struct action *action, const char *verb, const char *text);

/* events.c and output.c: the next event, or output, is this one. */
void expect_event(struct play *play, const char *text);
void expect_element(struct play *play, const char *text);
void expect_bytes(struct play *play, const char *text);
int output_begin(struct play *play);
void output_end(struct play *play);
void expect_no_more_output(struct play *play);

/* match.c */
int match_text(struct play *play, const char *pattern, const char *text); /* binds variables */
int match_element(struct play *play, const envoi_element *pattern, const envoi_element *element);
void expand(struct play *play, const char *text, struct envoi__buf *out); /* {name} and {function ...} to text */

/* ---- replay.c ---- */

enum fault_kind { FAULT_NONE, FAULT_BYTEWISE, FAULT_SPLIT, FAULT_CUT, FAULT_DAMAGE, FAULT_MEMORY, FAULT_IO };
/* TRUNCATED: as a transport that does TLS itself tells the end of a connection without close_notify */
enum ending { ENDING_EOF, ENDING_RESET, ENDING_SILENCE, ENDING_TRUNCATED, ENDINGS };
enum damage { DAMAGE_LOW_BIT, DAMAGE_HIGH_BIT, DAMAGE_DELETED, DAMAGE_DOUBLED, DAMAGES };

struct fault {
    enum fault_kind kind;
    long at; /* the server byte before which, or at which; the number of the allocation; of the read or write */
    int how; /* an ending, a damage, an enum wire_result; 1: allocations go on failing */
};

/* How a run ended, where something may have been lost. */
enum outcome { OUTCOME_SAME, OUTCOME_CLOSED, OUTCOME_ALIVE, OUTCOME_NOT_BEGUN, OUTCOMES };

/* 1 if the run did what it must; otherwise run->message tells what it did. */
int replay(struct run *run, const struct session *session, const struct fault *fault, enum outcome *outcome);
/* An undisturbed run byte by byte, which fills in the session's events_before and output_before. */
int replay_mark(struct run *run, struct session *session);

/* check.c: what a run must have brought. Each calls run_fail() if it did not. */
void check_same(struct run *run, const struct session *session);
void check_begins_as(struct run *run, const struct session *session, size_t events, size_t output);
/* Nothing behind the first `events` but the answers to open requests and CLOSED, with one of these errors (a
 * 0-ended list). */
void check_closed_by(struct run *run, size_t events, const int *errors);
/* The same, wherever it ended. Returns how many events came before the end. */
size_t check_cut_short(struct run *run, const struct session *session, const int *errors);
/* What was sent is a beginning of the session's output, of whole pieces unless a wire tore them, and a goodbye. */
void check_goodbye(struct run *run, const struct session *session);
void check_end(struct run *run); /* CLOSED came, and the stream keeps to it */

/* ---- wire.c: a transport over a real socket, one of whose calls goes wrong ---- */

enum wire_result { WIRE_AGAIN, WIRE_ONE_BYTE, WIRE_INTERRUPTED, WIRE_RESET, WIRE_PIPE, WIRE_ZERO, WIRE_RESULTS };
struct wire_calls {
    long reads, writes; /* made so far */
    long at;            /* this one goes wrong: reads from 1 up, writes from -1 down; 0: none */
    int how;
    int hit; /* it did */
};
int wire_open(struct run *run, long at, int how);
void wire_close(struct run *run);
void wire_say(struct run *run, const uint8_t *bytes, size_t len);
void wire_pump(struct run *run);
void wire_shut(struct run *run);           /* the server says no more */
const struct wire_calls *wire_calls(void); /* of the last run */

/* ---- modes.c ---- */

struct test {
    const struct session *session;
    struct run run;
    long runs, outcomes[OUTCOMES];
};

/* Each is one kind of runs over one session; 1 if all went well. */
int mode_bytes(struct test *test);
int mode_split(struct test *test);
int mode_cut(struct test *test);
int mode_memory(struct test *test);
int mode_damage(struct test *test);
int mode_io(struct test *test);

/* ---- ledger.c ---- */

struct ledger {
    long made;    /* allocations so far */
    long fail_at; /* the number of the one that fails; 0: none */
    int sticky;   /* and all after it */
    int failed;   /* one did */
    long live;    /* made and not freed */
    int paused;   /* the runner's own use of the library: not counted, never refused */
};

extern struct ledger ledger;
void ledger_reset(long fail_at, int sticky); /* counts and randomness begin anew */
uint64_t ledger_random(void);                /* where randomness stands, to put it back there */
void ledger_set_random(uint64_t state);
void *ledger_grow(void *memory, size_t *room, size_t wanted); /* memory of the runner: at least `wanted` bytes */
void ledger_release(void *memory);

#endif
