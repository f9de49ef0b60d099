/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <envoi/error.h>

#include "base/mem.h"
#include <string.h>

enum { SMALLEST = 256, KEPT = 512, USUAL_MAX = 16 * 1024 };

void envoi__buf_init(struct envoi__buf *buf, size_t limit)
{
    *buf = (struct envoi__buf){.limit = limit};
}

void envoi__buf_free(struct envoi__buf *buf)
{
    if (buf->secret && buf->data)
        envoi__wipe(buf->data, buf->cap);
    envoi__free(buf->data);
    *buf = (struct envoi__buf){.limit = buf->limit, .secret = buf->secret, .usual = buf->usual};
}

void envoi__buf_wipe(struct envoi__buf *buf)
{
    if (buf->data)
        envoi__wipe(buf->data, buf->cap);
    envoi__buf_truncate(buf, 0);
}

void envoi__buf_wipe_free(struct envoi__buf *buf)
{
    envoi__buf_wipe(buf);
    envoi__buf_free(buf);
}

void envoi__buf_trim(struct envoi__buf *buf)
{
    if (!buf->len && buf->cap > KEPT)
        envoi__buf_free(buf);
}

const uint8_t *envoi__buf_bytes(const struct envoi__buf *buf)
{
    return buf->len ? buf->data + buf->head : NULL;
}

size_t envoi__buf_room(const struct envoi__buf *buf)
{
    if (!buf->limit)
        return SIZE_MAX - buf->len;
    return buf->limit > buf->len ? buf->limit - buf->len : 0;
}

static uint8_t *move_secret(struct envoi__buf *buf, size_t cap)
{
    uint8_t *data = envoi__alloc(cap);
    if (data && buf->data) {
        memcpy(data, buf->data, buf->cap);
        envoi__wipe(buf->data, buf->cap);
        envoi__free(buf->data);
    }
    return data;
}

/* A queue that was trimmed is filled again piece by piece, often with as much as the last time: then one allocation
 * does, where doubling would take four for 1 KB. */
static int grow(struct envoi__buf *buf, size_t wanted)
{
    size_t cap = buf->cap ? buf->cap : SMALLEST;
    if (wanted < buf->usual)
        wanted = buf->usual;
    while (cap < wanted) {
        if (cap > SIZE_MAX / 2)
            return ENVOI_ERR_NOMEM;
        cap *= 2;
    }
    uint8_t *data = buf->secret ? move_secret(buf, cap) : envoi__realloc(buf->data, cap);
    if (!data)
        return ENVOI_ERR_NOMEM;
    buf->data = data;
    buf->cap = cap;
    return 0;
}

int envoi__buf_reserve(struct envoi__buf *buf, size_t len, uint8_t **out)
{
    if (len > envoi__buf_room(buf))
        return ENVOI_ERR_FULL;
    if (buf->head && buf->head + buf->len + len > buf->cap) {
        memmove(buf->data, buf->data + buf->head, buf->len);
        buf->head = 0;
    }
    if (buf->head + buf->len + len > buf->cap) {
        int error = grow(buf, buf->len + len);
        if (error)
            return error;
    }
    *out = buf->data + buf->head + buf->len;
    return 0;
}

void envoi__buf_added(struct envoi__buf *buf, size_t len)
{
    buf->len += len;
}

int envoi__buf_add(struct envoi__buf *buf, const void *data, size_t len)
{
    uint8_t *to;
    if (!len)
        return 0;
    int error = envoi__buf_reserve(buf, len, &to);
    if (error)
        return error;
    memcpy(to, data, len);
    buf->len += len;
    return 0;
}

int envoi__buf_add_text(struct envoi__buf *buf, const char *text)
{
    return envoi__buf_add(buf, text, strlen(text));
}

void envoi__buf_take(struct envoi__buf *buf, size_t len)
{
    buf->head += len;
    buf->len -= len;
    if (!buf->len) {
        buf->usual = buf->head < USUAL_MAX ? (uint32_t)buf->head : USUAL_MAX;
        buf->head = 0;
    }
}

void envoi__buf_truncate(struct envoi__buf *buf, size_t len)
{
    buf->len = len;
    if (!len)
        buf->head = 0;
}
