/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include "base/mem.h"
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

struct envoi__arena_block {
    struct envoi__arena_block *next;
    size_t size;
    max_align_t data[];
};

enum { FIRST_BLOCK = 2048 - 64, LARGEST_BLOCK = 64 * 1024, ALIGN = alignof(max_align_t) };

void envoi__arena_init(struct envoi__arena *arena)
{
    *arena = (struct envoi__arena){0};
}

static void use_block(struct envoi__arena *arena, struct envoi__arena_block *block)
{
    arena->last = block;
    arena->next = (char *)block->data;
    arena->end = arena->next + block->size;
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
    if (size > SIZE_MAX - sizeof(struct envoi__arena_block))
        return -1;
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

static void *take(struct envoi__arena *arena, size_t size)
{
    if (size > (size_t)(arena->end - arena->next) && add_block(arena, size) < 0)
        return NULL;
    void *memory = arena->next;
    arena->next += size;
    return memory;
}

void *envoi__arena_alloc(struct envoi__arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size_t pad = arena->next ? (size_t)(-(uintptr_t)arena->next & (ALIGN - 1)) : 0;
    if (arena->next && pad + size <= (size_t)(arena->end - arena->next))
        arena->next += pad;
    else if (add_block(arena, size) < 0)
        return NULL;
    return take(arena, size);
}

char *envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = take(arena, len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}
