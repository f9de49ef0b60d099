/* SPDX-License-Identifier: MIT */
/* The way of a byte out: writer, plain_out, TLS, wire_out. Without TLS the writer fills wire_out itself. */
#include "stream/stream.h"

#include "base/mem.h"
#include "xml/writer.h"
#include <string.h>

enum { ENCRYPT_AHEAD = 64 << 10, RECORD = 16 << 10 };

struct envoi__buf *envoi__stream_out(struct envoi_stream *stream)
{
    return stream->tls ? &stream->plain_out : &stream->wire_out;
}

size_t envoi__stream_waiting(const struct envoi_stream *stream)
{
    return stream->plain_out.len + stream->wire_out.len;
}

static void tell(const struct envoi_stream *stream, const struct envoi__buf *out, size_t before)
{
    if (stream->tap)
        stream->tap->sent(stream->tap_user, envoi__buf_bytes(out) + before, out->len - before);
}

int envoi__stream_write(struct envoi_stream *stream, const char *const *texts)
{
    struct envoi__buf *out = envoi__stream_out(stream);
    size_t before = out->len;
    for (; *texts; texts++) {
        int error = envoi__buf_add_text(out, *texts);
        if (error) {
            envoi__buf_truncate(out, before);
            return error;
        }
    }
    tell(stream, out, before);
    return 0;
}

int envoi__stream_write_element(struct envoi_stream *stream, const envoi_element *element, const char *id)
{
    const struct envoi__write_options options = {.default_ns = ENVOI_NS_CLIENT, .id = id};
    struct envoi__buf *out = envoi__stream_out(stream);
    size_t before = out->len;
    int error = envoi__write_element(out, element, &options);
    if (error)
        return error;
    tell(stream, out, before);
    envoi__stream_log_element(stream, "sent", element, id);
    return 0;
}

void envoi__stream_log_element(struct envoi_stream *stream, const char *direction, const envoi_element *element,
                               const char *id)
{
    const struct envoi__log *log = &stream->options->log;
    const struct envoi__write_options options = {
        .default_ns = ENVOI_NS_CLIENT, .id = id, .redact = 1, .redact_bodies = !log->bodies};
    struct envoi__buf text;
    if (!envoi__log_wants(log, ENVOI_LOG_DEBUG))
        return;
    envoi__buf_init(&text, 0);
    if (!envoi__write_element(&text, element, &options) && !envoi__buf_add(&text, "", 1))
        envoi__log(log, ENVOI_LOG_DEBUG, "%s: %s", direction, (const char *)envoi__buf_bytes(&text));
    envoi__buf_free(&text);
}

static int encrypt_record(struct envoi_stream *stream)
{
    struct envoi__buf *plain = &stream->plain_out;
    size_t len = plain->len < RECORD ? plain->len : RECORD;
    int error = envoi__tls_write(stream->tls, envoi__buf_bytes(plain), len);
    if (!error)
        envoi__buf_take(plain, len);
    return error;
}

/* Nothing secret is said any more, so what stands in the storage goes; wiping all that follows would cost time. */
void envoi__stream_login_over(struct envoi_stream *stream)
{
    struct envoi__buf *const out[] = {&stream->plain_out, &stream->wire_out};
    for (size_t i = 0; i < 2; i++) {
        if (out[i]->len)
            continue;
        envoi__buf_trim(out[i]); /* a little stays, so that an end can be told without memory too */
        envoi__buf_wipe(out[i]);
        out[i]->secret = 0;
    }
}

void envoi__stream_flush(struct envoi_stream *stream)
{
    int error = 0;
    if (!stream->tls || !stream->secured || stream->said_goodbye)
        return;
    while (!error && stream->plain_out.len && stream->wire_out.len < ENCRYPT_AHEAD)
        error = encrypt_record(stream);
    if (!error && !stream->plain_out.len) {
        envoi__buf_trim(&stream->plain_out);
        if (stream->state == ENVOI__CLOSED) {
            stream->said_goodbye = 1;
            envoi__tls_close(stream->tls); /* best effort: everything of value is out */
        }
    }
    if (error && !stream->transport_error)
        stream->transport_error = error;
}
