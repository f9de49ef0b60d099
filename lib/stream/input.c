/* SPDX-License-Identifier: MIT */
/* The way of a byte in: wire_in, TLS, plain_in, reader, tree. */
#include "stream/stream.h"

#include "base/mem.h"
#include <string.h>

enum { DECRYPT_AT_ONCE = 16 << 10 };

struct envoi__buf *envoi__stream_in(struct envoi_stream *stream)
{
    return stream->tls ? &stream->plain_in : &stream->wire_in;
}

size_t envoi__stream_capacity(const struct envoi_stream *stream)
{
    size_t limit = (size_t)stream->options->limits[ENVOI_LIMIT_INPUT_BYTES];
    size_t unread = stream->wire_in.len - (stream->tls ? 0 : stream->scanned);
    return unread < limit ? limit - unread : 0;
}

int envoi__stream_has_input(const struct envoi_stream *stream)
{
    return stream->wire_in.len || stream->plain_in.len;
}

static void tell(const struct envoi_stream *stream, int item, const struct envoi__buf *in, size_t used)
{
    if (stream->tap && item != ENVOI__READ_MORE)
        stream->tap->received(stream->tap_user, item, envoi__buf_bytes(in), item < 0 ? in->len : used,
                              stream->tree.root);
}

/* RFC 6120 13.12: who has not yet proven anything must not keep us busy. */
static int is_too_much(struct envoi_stream *stream, size_t used)
{
    if (stream->was_ready)
        return 0;
    stream->login_bytes += used;
    return stream->login_bytes > stream->options->limits[ENVOI_LIMIT_LOGIN_BYTES];
}

/* Read from the bytes at hand. */
static int read_buffered(struct envoi_stream *stream, struct envoi__buf *in)
{
    size_t used = 0;
    if (in->len <= stream->scanned)
        return ENVOI__READ_MORE;
    envoi__tree_reset(&stream->tree);
    int item = envoi__reader_next(stream->reader, envoi__buf_bytes(in), in->len, &stream->tree, &used);
    tell(stream, item, in, used);
    envoi__buf_take(in, used);
    stream->scanned = item == ENVOI__READ_MORE ? in->len : 0;
    return item >= 0 && is_too_much(stream, used) ? ENVOI_ERR_LOGIN_TOO_LARGE : item;
}

/* Decrypt a little. 1: something came; 0: nothing; or an error. */
static int decrypt(struct envoi_stream *stream)
{
    if (!stream->tls || stream->tls_eof)
        return 0;
    stream->plain_in.limit = stream->plain_in.len + DECRYPT_AT_ONCE;
    int result = envoi__tls_read(stream->tls, &stream->plain_in);
    if (result != ENVOI_ERR_EOF)
        return result;
    stream->tls_eof = 1;
    return 0;
}

int envoi__stream_read(struct envoi_stream *stream)
{
    for (;;) {
        int item = read_buffered(stream, envoi__stream_in(stream));
        if (item != ENVOI__READ_MORE)
            return item;
        int more = decrypt(stream);
        if (more <= 0)
            return more;
    }
}

void envoi__stream_idle(struct envoi_stream *stream)
{
    if (!envoi__reader_is_inside(stream->reader))
        envoi__reader_idle(stream->reader);
    envoi__tree_free(&stream->tree);
    envoi__buf_trim(&stream->wire_in);
    envoi__buf_trim(&stream->plain_in);
}
