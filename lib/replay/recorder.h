/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_REPLAY_RECORDER_H
#define ENVOI_REPLAY_RECORDER_H
/* The inside of a recorder.
 *
 *   recorder.c   hears what happens to the stream (stream/tap.h) and brings it into order
 *   lines.c      puts lines together: marks, bytes that cannot stand for themselves, names of identifiers
 *   tell.c       what a line says of an element, an event, a call
 *   hide.c       elements without their secrets
 */
#include <envoi/recorder.h>

#include "replay/names.h"
#include "replay/side.h"
#include "stream/stream.h"

enum { ENVOI__MOST_NAMED = 512 };

enum envoi__recorder_stage {
    ENVOI__RECORDER_BEFORE,  /* no TLS yet: comments only */
    ENVOI__RECORDER_HOLDING, /* lines wait for `A: connect`, which waits for the mechanism */
    ENVOI__RECORDER_OPEN
};

/* Where a SASL exchange is. */
struct envoi__hiding {
    int is_ours; /* the element at hand is the program's */
    int is_scram;
    int challenges;
};

struct envoi_recorder {
    struct envoi_stream *stream; /* NULL: it is gone */
    int flags, error;
    enum envoi__recorder_stage stage;
    struct envoi__buf text;  /* for the program */
    struct envoi__buf held;  /* behind the line that is not written yet */
    struct envoi__buf line;  /* the one in work */
    struct envoi__side sent; /* what no line tells yet */
    struct envoi__hiding hiding;
    uint64_t passed;                       /* milliseconds that no line tells yet */
    uint64_t waiting;                      /* of these, while a stanza was begun and not whole */
    char (*named)[ENVOI__REQUEST_ID_SIZE]; /* a ring of the last identifiers */
    size_t named_count;                    /* of all */
    unsigned inside : 1;                   /* a stanza is begun */
    unsigned muted : 1;                    /* what follows cannot be played again: comments only */
    unsigned peer_ended : 1;               /* the peer said its end tag, or what is no XML */
    unsigned end_told : 1;
};

/* lines.c. A line is begun, added to, and ended; after an error nothing is written any more. */
void envoi__line_begin(struct envoi_recorder *recorder, const char *mark);
void envoi__line_add(struct envoi_recorder *recorder, const char *text);
void envoi__line_add_raw(struct envoi_recorder *recorder, const void *bytes, size_t len);
void envoi__line_add_bytes(struct envoi_recorder *recorder, const void *bytes, size_t len);
void envoi__line_add_xml(struct envoi_recorder *recorder, const void *bytes, size_t len); /* identifiers by name */
void envoi__line_add_pair(struct envoi_recorder *recorder, const char *key, const char *value); /* NULL: nothing */
void envoi__line_add_number(struct envoi_recorder *recorder, const char *key, uint64_t value);
void envoi__line_add_count(struct envoi_recorder *recorder, uint64_t value); /* a blank and the number */
void envoi__line_end(struct envoi_recorder *recorder);
void envoi__line_fail(struct envoi_recorder *recorder, int error);
/* An identifier that the stream made up: from now on it stands by its name. */
void envoi__line_name(struct envoi_recorder *recorder, const char *id);

/* tell.c */
void envoi__tell_connect(struct envoi_recorder *recorder); /* and what waits behind it */
void envoi__tell_item(struct envoi_recorder *recorder, const char *mark, int item, const uint8_t *bytes, size_t len,
                      const envoi_element *element);
void envoi__tell_event(struct envoi_recorder *recorder, const envoi_event *event);
void envoi__tell_call(struct envoi_recorder *recorder, const struct envoi__call *call);

/* hide.c. Both append to `out` and return 0, ENVOI_ERR_FULL or ENVOI_ERR_NOMEM. */
/* The element as it came if it holds no secret, otherwise written anew; *named becomes 1 if {names} stand in it.
 * `hide_bodies` as in recorder.h. */
int envoi__hide(struct envoi__hiding *hiding, struct envoi__buf *out, int *named, const uint8_t *bytes, size_t len,
                const envoi_element *element, int hide_bodies);
/* On its own, with its namespace. */
int envoi__hide_alone(struct envoi__buf *out, const envoi_element *element, int hide_bodies);
int envoi__may_hold_secret(const uint8_t *bytes, size_t len, int hide_bodies); /* bytes that are no whole element */

#endif
