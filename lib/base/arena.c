/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include "base/mem.h"
#include <stdint.h>
#include <string.h>

struct envoi__arena_block {
    struct envoi__arena_block *next;
    size_t size;
    max_align_t data[];
};

enum { FIRST_BLOCK = 2048 - 64, LARGEST_BLOCK = 64 * 1024 };
_Static_assert(FIRST_BLOCK % ENVOI__ARENA_ALIGN == 0, "the room of a block is a multiple of the alignment");

void envoi__arena_init(struct envoi__arena *arena)
{
    *arena = (struct envoi__arena){0};
}

static void use_block(struct envoi__arena *arena, struct envoi__arena_block *block)
{
    arena->last = block;
    arena->next = (char *)block->data;
    arena->room = block->size;
}

void envoi__arena_reset(struct envoi__arena *arena)
{
    struct envoi__arena_block *kept = arena->first;
    if (!kept)
        return;
    for (struct envoi__arena_block *next, *block = kept->next; block; block = next) {
        struct envoi__arena_block *smaller = block->size > kept->size ? kept : block;
        next = block->next;
        kept = smaller == kept ? block : kept;
        envoi__free(smaller);
    }
    kept->next = NULL;
    arena->first = kept;
    use_block(arena, kept);
}

void envoi__arena_free(struct envoi__arena *arena)
{
    envoi__arena_reset(arena);
    envoi__free(arena->first);
    envoi__arena_init(arena);
}

static int add_block(struct envoi__arena *arena, size_t least)
{
    size_t size = arena->last ? arena->last->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < least)
        size = least;
    if (size > SIZE_MAX - sizeof(struct envoi__arena_block) - ENVOI__ARENA_ALIGN)
        return -1;
    size = (size + ENVOI__ARENA_ALIGN - 1) & ~(size_t)(ENVOI__ARENA_ALIGN - 1);
    struct envoi__arena_block *block = envoi__alloc(sizeof *block + size);
    if (!block)
        return -1;
    block->next = NULL;
    block->size = size;
    if (arena->last)
        arena->last->next = block;
    else
        arena->first = block;
    use_block(arena, block);
    return 0;
}

void *envoi__arena_alloc_slow(struct envoi__arena *arena, size_t size)
{
    size = size ? size : 1;
    if (size > arena->room && add_block(arena, size) < 0)
        return NULL;
    return envoi__arena_alloc(arena, size);
}

char *envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? envoi__arena_alloc(arena, len + 1) : NULL;
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}
