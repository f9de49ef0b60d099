/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_REPLAY_SIDE_H
#define ENVOI_REPLAY_SIDE_H
/* One direction of a stream, read again so that elements can be compared and told as elements. */
#include "base/buf.h"
#include "xml/reader.h"

struct envoi__side {
    struct envoi__reader *reader;
    struct envoi__buf bytes; /* not read yet */
    struct envoi__tree tree; /* what was read last */
};

int envoi__side_init(struct envoi__side *side); /* 0 or ENVOI_ERR_NOMEM; may be freed in both cases */
void envoi__side_free(struct envoi__side *side);
/* The next item, an enum envoi__read or an error, is made of *used bytes, which stay until they are taken. Where a
 * stream begins anew, so does the reader. */
int envoi__side_read(struct envoi__side *side, size_t *used);

#endif
