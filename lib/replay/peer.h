/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_REPLAY_PEER_H
#define ENVOI_REPLAY_PEER_H
/* Playing transcripts (tests/transcript/README.md tells what their lines mean).
 *
 *   script.c         text to lines
 *   match.c          what was sent against what is written, and the {names} that come of it
 *   expand.c         {names} back to text
 *   scram_server.c   the server's half of SCRAM
 *   connect.c        `A: connect` to a config
 *   side.c           one direction of a stream, read again
 *   replay.c         the whole, as envoi/replay.h has it
 */
#include <envoi/config.h>
#include <envoi/element.h>

#include "base/buf.h"

struct envoi__name {
    char *name, *value;
};

/* What a transcript knows while it is played. */
struct envoi__peer {
    struct envoi__name *names;
    size_t count, room;
    char *password; /* of the account; NULL: none */
};

void envoi__peer_init(struct envoi__peer *peer);
void envoi__peer_free(struct envoi__peer *peer);
const char *envoi__peer_get(const struct envoi__peer *peer, const char *name, size_t len); /* NULL: not known */
int envoi__peer_set(struct envoi__peer *peer, const char *name, size_t name_len, const char *value, size_t len);
int envoi__peer_set_password(struct envoi__peer *peer, const char *password);

/* match.c: 1 if it fits, 0 if not, ENVOI_ERR_TRANSCRIPT (too many unknown names in one text, or too many ways for
 * them to fit), ENVOI_ERR_NOMEM. In a pattern {name} is anything and gets that name, but must be the same again where
 * it has one; {any} is anything; {byte 7b} is that byte. */
int envoi__match_text(struct envoi__peer *peer, const char *pattern, const char *text);
int envoi__match_element(struct envoi__peer *peer, const envoi_element *pattern, const envoi_element *element);

/* expand.c: the text with what its {names} stand for. 0, ENVOI_ERR_NOT_FOUND (*unknown is the name that nothing is
 * known of, as long as it is), ENVOI_ERR_TRANSCRIPT (what a name asks for cannot be made, or out holds more than 64
 * MiB then), ENVOI_ERR_NOMEM. */
struct envoi__unknown {
    const char *name;
    size_t len;
};
int envoi__expand(struct envoi__peer *peer, const char *text, size_t len, struct envoi__buf *out,
                  struct envoi__unknown *unknown);

/* scram_server.c: base64 is appended to out. 0, ENVOI_ERR_TRANSCRIPT (the client's half is not known, or no SCRAM),
 * ENVOI_ERR_NOMEM, ENVOI_ERR_UNSUPPORTED (a hash that the system forbids). */
int envoi__scram_server_first(struct envoi__peer *peer, const char *options, struct envoi__buf *out);
int envoi__scram_server_final(struct envoi__peer *peer, const char *options, struct envoi__buf *out);

/* ---- connect.c ---- */

/* key=value, or key='value with blanks'; views. */
struct envoi__pair {
    const char *key, *value;
    size_t key_len, value_len;
};
const char *envoi__next_pair(const char *text, struct envoi__pair *pair); /* what stands behind it; NULL: no pair */
int envoi__pair_is(const struct envoi__pair *pair, const char *key);
/* What stands behind `A: connect`. The peer learns the password. On failure *at is the pair, or where one should
 * be, with NULL for a key where jid= should be. 0, ENVOI_ERR_TRANSCRIPT, or what a setter of the config said. */
int envoi__connect(struct envoi__peer *peer, const char *text, envoi_config **out, struct envoi__pair *at);
int envoi__error_of_word(const char *word); /* RESET to ENVOI_ERR_RESET; 0: no such error */

/* ---- script.c ---- */

struct envoi__line {
    size_t number;
    char kind;        /* 'A', 'C', 'E', 'S' or 'T' */
    char exact;       /* C: bytes are compared; S: they come in one piece */
    const char *text; /* what stands behind the mark */
};

/* One line without its end. 1, 0 for a comment or an empty line, or ENVOI_ERR_TRANSCRIPT. */
int envoi__line_parse(struct envoi__line *out, const char *text, size_t number);

struct envoi__script {
    char *text;
    struct envoi__line *lines;
    size_t count;
};
/* 0, ENVOI_ERR_TRANSCRIPT (*wrong is the number of the line), ENVOI_ERR_NOMEM. */
int envoi__script_parse(struct envoi__script *script, const char *text, size_t len, size_t *wrong);
void envoi__script_free(struct envoi__script *script);

#endif
