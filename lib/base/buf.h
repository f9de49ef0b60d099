/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_BUF_H
#define ENVOI_BASE_BUF_H
/* A bounded byte queue: bytes are added at the end and taken from the front. It never holds more than its limit. */
#include <stddef.h>
#include <stdint.h>

struct envoi__buf {
    uint8_t *data; /* the storage; the queue begins at data + head */
    size_t head;
    size_t len; /* bytes in the queue */
    size_t cap;
    size_t limit;   /* 0: none */
    int secret;     /* storage is wiped before it is given back, also when the queue moves to a larger one */
    uint32_t usual; /* how much it held when it was last used: storage for that is made at once */
};

void envoi__buf_init(struct envoi__buf *buf, size_t limit);
void envoi__buf_free(struct envoi__buf *buf);      /* back to empty, storage given back; limit and secret stay */
void envoi__buf_wipe(struct envoi__buf *buf);      /* to empty, overwritten, storage kept */
void envoi__buf_wipe_free(struct envoi__buf *buf); /* the same for secrets */
void envoi__buf_trim(struct envoi__buf *buf);      /* give large storage back if the queue is empty */
const uint8_t *envoi__buf_bytes(const struct envoi__buf *buf); /* contiguous; NULL when empty */
size_t envoi__buf_room(const struct envoi__buf *buf);          /* bytes that may still be added */
/* All or nothing: 0, ENVOI_ERR_FULL, ENVOI_ERR_NOMEM. */
int envoi__buf_add(struct envoi__buf *buf, const void *data, size_t len);
int envoi__buf_add_text(struct envoi__buf *buf, const char *text);
/* Room for len more bytes at *out, to be followed by envoi__buf_added(). 0, ENVOI_ERR_FULL, ENVOI_ERR_NOMEM. */
int envoi__buf_reserve(struct envoi__buf *buf, size_t len, uint8_t **out);
void envoi__buf_added(struct envoi__buf *buf, size_t len);
void envoi__buf_take(struct envoi__buf *buf, size_t len);     /* drop from the front */
void envoi__buf_truncate(struct envoi__buf *buf, size_t len); /* drop from the end: len bytes stay */

#endif
