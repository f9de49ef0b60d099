/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_ARENA_H
#define ENVOI_BASE_ARENA_H
/* Memory that is given back all at once. A reset keeps the largest block, so that one arena that serves
 * stanza after stanza allocates nothing once it is warm. */
#include <stddef.h>

struct envoi__arena_block;

struct envoi__arena {
    struct envoi__arena_block *first, *last;
    struct envoi__arena_block *spare; /* kept by a rewind for the next block; NULL: none */
    char *next;                       /* free space in the last block, aligned for any object */
    size_t room;
};

enum { ENVOI__ARENA_ALIGN = _Alignof(max_align_t) };

void envoi__arena_init(struct envoi__arena *arena);
void envoi__arena_free(struct envoi__arena *arena);  /* back to init */
void envoi__arena_reset(struct envoi__arena *arena); /* everything allocated dies; the largest block stays */
/* Everything allocated behind `end` dies, which is the end of an object in this arena; the largest block that held it
 * is kept for what comes next. */
void envoi__arena_rewind(struct envoi__arena *arena, void *end);
void *envoi__arena_alloc_slow(struct envoi__arena *arena, size_t size); /* as below, from a new block if need be */
char *envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len); /* NUL-terminated copy */

/* Aligned for any object; NULL: no memory. Inline, since a tree takes a piece for every element and text. */
static inline void *envoi__arena_alloc(struct envoi__arena *arena, size_t size)
{
    if (size - 1 >= arena->room) /* also if size is 0 */
        return envoi__arena_alloc_slow(arena, size);
    void *memory = arena->next;
    size = (size + ENVOI__ARENA_ALIGN - 1) & ~(size_t)(ENVOI__ARENA_ALIGN - 1); /* room is a multiple, so it fits */
    arena->next += size;
    arena->room -= size;
    return memory;
}

#endif
