/* SPDX-License-Identifier: MIT */
/* The server's part of a transcript. */
#include <envoi/replay.h>

#include "base/mem.h"
#include "base/text.h"
#include "replay/peer.h"
#include "replay/side.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAULT_TEXT = 2048, FIRST_MS = 1000 };

struct envoi_replay {
    struct envoi__script script;
    struct envoi__peer peer;
    size_t at;    /* the line that is next */
    size_t wrong; /* the number of a line that cannot be read; 0: none */
    int error;    /* for good */
    uint64_t now;
    struct envoi__side sent, awaited;
    struct envoi__buf saying; /* what is left of the line that the server says */
    size_t piece;
    uint64_t said, cut_at; /* UINT64_MAX: never */
    int cut_error, is_cut;
    char fault[FAULT_TEXT]; /* "": none */
};

/* ---- faults ---- */

static const struct envoi__line *line_at(const struct envoi_replay *replay)
{
    return replay->at < replay->script.count ? &replay->script.lines[replay->at] : NULL;
}

/* "line 12: WHAT: DETAIL" */
static void describe(struct envoi_replay *replay, const char *what, const char *detail, size_t len)
{
    const struct envoi__line *line = line_at(replay);
    size_t number = replay->wrong ? replay->wrong : line ? line->number : 0;
    int used = number ? snprintf(replay->fault, sizeof replay->fault, "line %zu: %s", number, what)
                      : snprintf(replay->fault, sizeof replay->fault, "at the end: %s", what);
    if (detail)
        snprintf(replay->fault + used, sizeof replay->fault - (size_t)used, ": %.*s",
                 (int)(len < FAULT_TEXT ? len : FAULT_TEXT), detail);
    envoi__utf8_repair(replay->fault);
}

static int fail(struct envoi_replay *replay, int error, const char *what, const char *detail, size_t len)
{
    describe(replay, what, detail, len);
    replay->error = error;
    return error;
}

static int fail_for_good(struct envoi_replay *replay, int error)
{
    return fail(replay, error, envoi_strerror(error), NULL, 0);
}

static const char *unread(const struct envoi_replay *replay, size_t *len)
{
    *len = replay->sent.bytes.len;
    return (const char *)envoi__buf_bytes(&replay->sent.bytes);
}

static int fail_unexpected(struct envoi_replay *replay, const char *what)
{
    size_t len;
    const char *sent = unread(replay, &len);
    return fail(replay, ENVOI_ERR_TRANSCRIPT, what, sent, len);
}

/* ---- C: ---- */

static int wait_for(struct envoi_replay *replay, const struct envoi__line *line)
{
    describe(replay, "this was not sent yet", line->text, strlen(line->text));
    return 0;
}

static int compare_bytes(struct envoi_replay *replay, const struct envoi__line *line)
{
    struct envoi__unknown unknown;
    struct envoi__buf wanted, *sent = &replay->sent.bytes;
    envoi__buf_init(&wanted, 0);
    int error = envoi__expand(&replay->peer, line->text, strlen(line->text), &wanted, &unknown);
    size_t len = wanted.len < sent->len ? wanted.len : sent->len;
    int is_same = !error && (!len || memcmp(envoi__buf_bytes(&wanted), envoi__buf_bytes(sent), len) == 0);
    int is_whole = sent->len >= wanted.len;
    size_t wanted_len = wanted.len;
    envoi__buf_free(&wanted);
    if (error)
        return fail_for_good(replay, error == ENVOI_ERR_NOT_FOUND ? ENVOI_ERR_TRANSCRIPT : error);
    if (!is_same)
        return fail_unexpected(replay, "something else was sent");
    if (!is_whole)
        return wait_for(replay, line);
    envoi__buf_take(sent, wanted_len);
    replay->at++;
    return 1;
}

static int read_awaited(struct envoi_replay *replay, const struct envoi__line *line)
{
    size_t used;
    envoi__buf_truncate(&replay->awaited.bytes, 0);
    int error = envoi__buf_add_text(&replay->awaited.bytes, line->text);
    if (error)
        return error;
    int item = envoi__side_read(&replay->awaited, &used);
    if (item == ENVOI_ERR_NOMEM)
        return item;
    return item > ENVOI__READ_MORE && item != ENVOI__READ_SPACE ? item : ENVOI_ERR_TRANSCRIPT;
}

/* What the program sends between stanzas to keep the connection alive is passed over. */
static int read_sent(struct envoi_replay *replay, size_t *used)
{
    for (;;) {
        int item = envoi__side_read(&replay->sent, used);
        if (item != ENVOI__READ_SPACE)
            return item;
        envoi__buf_take(&replay->sent.bytes, *used);
    }
}

static int compare_element(struct envoi_replay *replay, const struct envoi__line *line)
{
    size_t used = 0;
    int got = read_sent(replay, &used);
    if (got == ENVOI__READ_MORE)
        return wait_for(replay, line);
    if (got < 0)
        return fail_for_good(replay, got);
    int wanted = read_awaited(replay, line);
    if (wanted < 0)
        return fail(replay, wanted, "this is no whole element", line->text, strlen(line->text));
    int fits = got == wanted;
    if (fits && got != ENVOI__READ_END)
        fits = envoi__match_element(&replay->peer, replay->awaited.tree.root, replay->sent.tree.root);
    if (fits == ENVOI_ERR_TRANSCRIPT)
        return fail(replay, fits, "there are too many ways in which this may fit", line->text, strlen(line->text));
    if (fits < 0)
        return fail_for_good(replay, fits);
    if (!fits)
        return fail_unexpected(replay, "something else was sent");
    envoi__buf_take(&replay->sent.bytes, used);
    replay->at++;
    return 1;
}

static int on_client(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line)
{
    (void)stream;
    return line->exact ? compare_bytes(replay, line) : compare_element(replay, line);
}

/* ---- S: ---- */

static int cut(struct envoi_replay *replay, envoi_stream *stream, int error)
{
    replay->is_cut = 1;
    if (error == ENVOI_ERR_EOF)
        envoi_stream_receive_eof(stream);
    else
        envoi_stream_transport_failed(stream, error, "as the transcript says");
    return 1;
}

/* How much arrives at once. */
static size_t next_piece(const struct envoi_replay *replay, const envoi_stream *stream)
{
    size_t len = replay->saying.len, room = envoi_stream_receive_capacity(stream);
    if (replay->piece && len > replay->piece)
        len = replay->piece;
    if (len > replay->cut_at - replay->said)
        len = (size_t)(replay->cut_at - replay->said);
    return len < room ? len : room;
}

/* A closed stream hears nothing any more, and the server does not know. */
static int say_on(struct envoi_replay *replay, envoi_stream *stream)
{
    int is_heard = !envoi_stream_is_closed(stream);
    size_t len = is_heard ? next_piece(replay, stream) : replay->saying.len;
    int error = is_heard ? envoi_stream_receive(stream, envoi__buf_bytes(&replay->saying), len) : 0;
    if (error)
        return fail_for_good(replay, error);
    if (!len && replay->saying.len) {
        describe(replay, "the program does not take what the server says", NULL, 0);
        return 0;
    }
    envoi__buf_take(&replay->saying, len);
    replay->said += len;
    if (!replay->saying.len)
        replay->at++;
    return 1;
}

static int on_server(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line)
{
    struct envoi__unknown unknown;
    if (!replay->saying.len) {
        int error = envoi__expand(&replay->peer, line->text, strlen(line->text), &replay->saying, &unknown);
        if (error == ENVOI_ERR_NOT_FOUND)
            return fail(replay, ENVOI_ERR_TRANSCRIPT, "nothing above has this name", unknown.name, unknown.len);
        if (error == ENVOI_ERR_TRANSCRIPT)
            return fail(replay, error, "this cannot be made of what stands above", line->text, strlen(line->text));
        if (error)
            return fail_for_good(replay, error);
    }
    return say_on(replay, stream);
}

/* ---- T: and A: ---- */

/* White space that keeps the connection alive may come at any time (RFC 6120 4.6.1). */
static void drop_space(struct envoi__buf *bytes)
{
    while (bytes->len && *envoi__buf_bytes(bytes) == ' ')
        envoi__buf_take(bytes, 1);
}

/* Whether nothing was sent but what the lines above say. 0, or ENVOI_ERR_TRANSCRIPT. */
static int check_all_read(struct envoi_replay *replay)
{
    drop_space(&replay->sent.bytes);
    return replay->sent.bytes.len ? fail_unexpected(replay, "this is not in the transcript, but was sent") : 0;
}

static int on_time(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line)
{
    uint64_t ms;
    if (envoi__parse_uint(line->text, UINT32_MAX, &ms))
        return fail(replay, ENVOI_ERR_TRANSCRIPT, "this is no time", line->text, strlen(line->text));
    replay->now += ms;
    replay->at++;
    envoi_stream_tick(stream, replay->now);
    return 1;
}

static int on_call(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line)
{
    int is_fail = strncmp(line->text, "fail ", 5) == 0;
    int error = is_fail ? envoi__error_of_word(line->text + 5) : envoi__eq(line->text, "eof") ? ENVOI_ERR_EOF : 0;
    if (is_fail && !error)
        return fail(replay, ENVOI_ERR_TRANSCRIPT, "no such error", line->text, strlen(line->text));
    if (replay->at && strncmp(line->text, "connect ", 8) == 0)
        return fail(replay, ENVOI_ERR_TRANSCRIPT, "a replay is of one stream", line->text, strlen(line->text));
    if (error && check_all_read(replay))
        return replay->error;
    replay->at++;
    return error ? cut(replay, stream, error) : 1;
}

static int on_event(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line)
{
    (void)stream;
    (void)line;
    replay->at++;
    return 1;
}

/* ---- the loop ---- */

static const struct {
    char kind;
    int (*play)(struct envoi_replay *replay, envoi_stream *stream, const struct envoi__line *line);
} kinds[] = {{'C', on_client}, {'S', on_server}, {'T', on_time}, {'A', on_call}, {'E', on_event}};

static int play_line(struct envoi_replay *replay, envoi_stream *stream)
{
    const struct envoi__line *line = line_at(replay);
    size_t i = 0;
    if (!line)
        return check_all_read(replay);
    while (kinds[i].kind != line->kind) /* no other is read */
        i++;
    return kinds[i].play(replay, stream, line);
}

static int take_output(struct envoi_replay *replay, envoi_stream *stream)
{
    size_t len;
    const void *output = envoi_stream_output(stream, &len);
    int error = output && !replay->is_cut ? envoi__buf_add(&replay->sent.bytes, output, len) : 0;
    if (!error && output)
        envoi_stream_sent(stream, len);
    return error;
}

int envoi_replay_step(envoi_replay *replay, envoi_stream *stream)
{
    if (!replay || !stream)
        return ENVOI_ERR_ARGUMENT;
    if (replay->error)
        return replay->error;
    *replay->fault = '\0';
    int error = take_output(replay, stream);
    if (error)
        return fail_for_good(replay, error);
    envoi_stream_tick(stream, replay->now); /* due at once after some calls */
    if (replay->is_cut)
        return 0;
    if (replay->said >= replay->cut_at)
        return cut(replay, stream, replay->cut_error);
    return play_line(replay, stream);
}

/* ---- the other verbs ---- */

/* 0, with a fault if the line is not what it must be; or ENVOI_ERR_NOMEM. */
static int connect_line(struct envoi_replay *replay, envoi_config **out)
{
    struct envoi__pair at = {0};
    const struct envoi__line *line = replay->script.count ? &replay->script.lines[0] : NULL;
    if (!line || line->kind != 'A' || strncmp(line->text, "connect ", 8) != 0) {
        fail(replay, ENVOI_ERR_TRANSCRIPT, "the first line must be A: connect", NULL, 0);
        return 0;
    }
    int error = envoi__connect(&replay->peer, line->text + 8, out, &at);
    if (error && error != ENVOI_ERR_NOMEM)
        fail(replay, ENVOI_ERR_TRANSCRIPT, envoi_strerror(error), at.key, at.key ? strlen(at.key) : 0);
    return error == ENVOI_ERR_NOMEM ? error : 0;
}

/* The first line is read at once, for it tells the password. */
static int check_connect(struct envoi_replay *replay)
{
    envoi_config *config = NULL;
    int error = connect_line(replay, &config);
    envoi_config_free(config);
    return error;
}

static int begin(struct envoi_replay *replay, const char *text, size_t len)
{
    int error = envoi__side_init(&replay->sent);
    if (!error)
        error = envoi__side_init(&replay->awaited);
    if (!error)
        error = envoi__script_parse(&replay->script, text, len, &replay->wrong);
    if (error == ENVOI_ERR_TRANSCRIPT) {
        fail(replay, error, "this is no line of a transcript", NULL, 0);
        return 0;
    }
    return error ? error : check_connect(replay);
}

int envoi_replay_new(envoi_replay **out, const char *text, size_t len)
{
    if (!out || !text)
        return ENVOI_ERR_ARGUMENT;
    struct envoi_replay *replay = envoi__alloc_zero(sizeof *replay);
    if (!replay)
        return ENVOI_ERR_NOMEM;
    envoi__peer_init(&replay->peer);
    envoi__buf_init(&replay->saying, 0);
    replay->now = FIRST_MS;
    replay->cut_at = UINT64_MAX;
    int error = begin(replay, text, len);
    if (error) {
        envoi_replay_free(replay);
        return error;
    }
    *out = replay;
    return 0;
}

void envoi_replay_free(envoi_replay *replay)
{
    if (!replay)
        return;
    envoi__script_free(&replay->script);
    envoi__peer_free(&replay->peer);
    envoi__side_free(&replay->sent);
    envoi__side_free(&replay->awaited);
    envoi__buf_free(&replay->saying);
    envoi__free(replay);
}

int envoi_replay_config(envoi_replay *replay, envoi_config **out)
{
    if (!replay || !out)
        return ENVOI_ERR_ARGUMENT;
    int error = replay->error ? 0 : connect_line(replay, out);
    return error ? error : replay->error;
}

uint64_t envoi_replay_now_ms(const envoi_replay *replay)
{
    return replay ? replay->now : 0;
}

int envoi_replay_is_over(const envoi_replay *replay)
{
    if (!replay || replay->error)
        return 0;
    return replay->is_cut || (replay->at == replay->script.count && !replay->sent.bytes.len);
}

const char *envoi_replay_fault(const envoi_replay *replay)
{
    return replay && *replay->fault ? replay->fault : NULL;
}

int envoi_replay_set_piece(envoi_replay *replay, size_t len)
{
    if (!replay)
        return ENVOI_ERR_ARGUMENT;
    replay->piece = len;
    return 0;
}

int envoi_replay_cut(envoi_replay *replay, uint64_t at, int error)
{
    if (!replay || error >= 0)
        return ENVOI_ERR_ARGUMENT;
    replay->cut_at = at;
    replay->cut_error = error;
    return 0;
}

uint64_t envoi_replay_said(const envoi_replay *replay)
{
    return replay ? replay->said : 0;
}
