/* SPDX-License-Identifier: MIT */
#include "replay/side.h"

#include <string.h>

int envoi__side_init(struct envoi__side *side)
{
    enum { ANY = 1 << 30 }; /* who sent it has judged it */
    static const struct envoi__xml_limits limits = {ANY, ANY, ANY, ANY, ANY};
    *side = (struct envoi__side){0};
    envoi__buf_init(&side->bytes, 0);
    envoi__tree_init(&side->tree);
    return envoi__reader_new(&side->reader, &limits);
}

void envoi__side_free(struct envoi__side *side)
{
    envoi__reader_free(side->reader);
    side->reader = NULL;
    envoi__buf_wipe_free(&side->bytes);
    envoi__tree_free(&side->tree);
}

static int begins_with(const struct envoi__buf *bytes, const char *text)
{
    return bytes->len >= strlen(text) && memcmp(envoi__buf_bytes(bytes), text, strlen(text)) == 0;
}

int envoi__side_read(struct envoi__side *side, size_t *used)
{
    *used = 0;
    if (!side->bytes.len)
        return ENVOI__READ_MORE;
    if (begins_with(&side->bytes, "<?xml") || begins_with(&side->bytes, "<stream:stream"))
        envoi__reader_restart(side->reader);
    envoi__tree_reset(&side->tree);
    return envoi__reader_next(side->reader, envoi__buf_bytes(&side->bytes), side->bytes.len, &side->tree, used);
}
