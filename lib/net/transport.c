/* SPDX-License-Identifier: MIT */
#include <envoi/transport.h>

#include <stdlib.h>

/* Reading and writing end apart: a peer that closed its side may still take our </stream:stream>, and one
 * that no longer takes anything may have left its reason to be read. */
struct envoi_transport {
    envoi_transport_read_fn read;
    envoi_transport_write_fn write;
    envoi_transport_close_fn close;
    void *user;
    int read_ended;
    int write_error; /* not told to the stream before reading is done */
};

enum { CHUNK_BYTES = 16384, FILL_BYTES = 65536, WRITE_BYTES = 1 << 20 };

int envoi_transport_new(envoi_transport **out, envoi_transport_read_fn read, envoi_transport_write_fn write,
                        envoi_transport_close_fn close, void *user)
{
    if (!out || !read || !write)
        return ENVOI_ERR_ARGUMENT;
    envoi_transport *transport = malloc(sizeof *transport);
    if (!transport)
        return ENVOI_ERR_NOMEM;
    *transport = (envoi_transport){.read = read, .write = write, .close = close, .user = user};
    *out = transport;
    return 0;
}

void envoi_transport_free(envoi_transport *transport)
{
    if (!transport)
        return;
    if (transport->close)
        transport->close(transport->user);
    free(transport);
}

/* What a function returned, made safe: a count within len, or one of our errors. */
static int checked(int result, size_t len)
{
    if (result < 0)
        return envoi_error_class(result) == ENVOI_CLASS_NONE ? ENVOI_ERR_TRANSPORT : result;
    return (size_t)result <= len ? result : ENVOI_ERR_TRANSPORT;
}

static int fail(envoi_transport *transport, envoi_stream *stream, int error, const char *text)
{
    transport->read_ended = 1;
    envoi_stream_transport_failed(stream, error, text);
    return error;
}

/* One read of at most len bytes; 0 or an error when there is no more for now. */
static int fill_once(envoi_transport *transport, envoi_stream *stream, size_t len)
{
    unsigned char buf[CHUNK_BYTES];
    int n = checked(transport->read(transport->user, buf, len), len);
    if (n == 0 && transport->write_error) /* a reset is told once; a write that met it leaves us an end to read */
        return fail(transport, stream, transport->write_error, "writing failed");
    if (n == 0) {
        transport->read_ended = 1;
        envoi_stream_receive_eof(stream);
        return 0;
    }
    if (n == ENVOI_ERR_AGAIN)
        return transport->write_error ? fail(transport, stream, transport->write_error, "writing failed") : n;
    if (n < 0)
        return fail(transport, stream, n, "reading failed");
    /* never more than the stream's capacity, so a refusal means that it is closed or that memory is gone; in
     * both cases the bytes are lost and nothing behind them may be taken for what follows */
    int error = envoi_stream_receive(stream, buf, (size_t)n);
    return error ? fail(transport, stream, error, "received bytes could not be stored") : n;
}

int envoi_transport_fill(envoi_transport *transport, envoi_stream *stream)
{
    if (!transport || !stream)
        return ENVOI_ERR_ARGUMENT;
    if (transport->read_ended)
        return ENVOI_ERR_STATE;
    int total = 0;
    while (total < FILL_BYTES) {
        size_t len = envoi_stream_receive_capacity(stream);
        if (len == 0)
            break;
        int n = fill_once(transport, stream, len < CHUNK_BYTES ? len : CHUNK_BYTES);
        if (n == 0 || n == ENVOI_ERR_AGAIN)
            break;
        if (n < 0)
            return n;
        total += n;
    }
    /* A stream that takes no more can do so only when its output goes out, and that it never will. */
    if (transport->write_error && !transport->read_ended && !envoi_stream_receive_capacity(stream))
        return fail(transport, stream, transport->write_error, "writing failed");
    return total;
}

/* The peer may have said why it takes no more: read that first. The last fill tells the stream. */
static void write_failed(envoi_transport *transport, envoi_stream *stream, int error)
{
    transport->write_error = error;
    if (transport->read_ended)
        envoi_stream_transport_failed(stream, error, "writing failed");
    else
        envoi_transport_fill(transport, stream);
}

int envoi_transport_flush(envoi_transport *transport, envoi_stream *stream)
{
    if (!transport || !stream)
        return ENVOI_ERR_ARGUMENT;
    if (transport->write_error)
        return ENVOI_ERR_STATE;
    const void *data;
    size_t len;
    int total = 0;
    while ((data = envoi_stream_output(stream, &len)) && len > 0) {
        if (len > WRITE_BYTES)
            len = WRITE_BYTES;
        int n = checked(transport->write(transport->user, data, len), len);
        if (n == 0 || n == ENVOI_ERR_AGAIN)
            break;
        if (n < 0) {
            write_failed(transport, stream, n);
            return n;
        }
        envoi_stream_sent(stream, (size_t)n);
        total += n;
    }
    return total;
}

int envoi_transport_wanted(const envoi_transport *transport, envoi_stream *stream)
{
    if (!transport || !stream)
        return 0;
    int wanted = 0;
    size_t len;
    if (!transport->read_ended && envoi_stream_receive_capacity(stream) > 0)
        wanted |= ENVOI_TRANSPORT_READ;
    if (!transport->write_error && envoi_stream_output(stream, &len))
        wanted |= ENVOI_TRANSPORT_WRITE;
    return wanted;
}

int envoi_transport_is_ended(const envoi_transport *transport)
{
    return transport ? transport->read_ended : 1;
}
