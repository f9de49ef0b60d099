/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_ARENA_H
#define ENVOI_BASE_ARENA_H
/* Memory that is given back all at once. A reset keeps the largest block, so that one arena that serves
 * stanza after stanza allocates nothing once it is warm. */
#include <stddef.h>

struct envoi__arena_block;

struct envoi__arena {
    struct envoi__arena_block *first, *last;
    char *next, *end; /* free space in the last block */
};

void envoi__arena_init(struct envoi__arena *arena);
void envoi__arena_free(struct envoi__arena *arena);  /* back to init */
void envoi__arena_reset(struct envoi__arena *arena); /* everything allocated dies; the largest block stays */
void *envoi__arena_alloc(struct envoi__arena *arena, size_t size); /* aligned for any object; NULL: no memory */
char *envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len); /* NUL-terminated copy */

#endif
