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

/* Free all blocks of a list but the largest, which is returned; NULL for an empty list. */
static struct envoi__arena_block *keep_largest(struct envoi__arena_block *block)
{
    struct envoi__arena_block *kept = NULL, *next;
    for (; block; block = next) {
        struct envoi__arena_block *smaller = kept && kept->size >= block->size ? block : kept;
        next = block->next;
        kept = smaller == block ? kept : block;
        envoi__free(smaller);
    }
    if (kept)
        kept->next = NULL;
    return kept;
}

void envoi__arena_reset(struct envoi__arena *arena)
{
    arena->first = keep_largest(arena->first);
    if (arena->first)
        use_block(arena, arena->first);
}

void envoi__arena_free(struct envoi__arena *arena)
{
    envoi__arena_reset(arena);
    envoi__free(arena->first);
    envoi__free(arena->spare);
    envoi__arena_init(arena);
}

static int holds(const struct envoi__arena_block *block, const void *place)
{
    /* an end may lie right behind the block, but not at its beginning; what lies before it becomes very large */
    return (uintptr_t)place - (uintptr_t)block->data - 1 < block->size;
}

void envoi__arena_rewind(struct envoi__arena *arena, void *end)
{
    struct envoi__arena_block *block = arena->first;
    while (!holds(block, end))
        block = block->next;
    struct envoi__arena_block *behind = block->next;
    block->next = NULL;
    if (behind) {
        envoi__free(arena->spare); /* one that was large enough would be in use */
        arena->spare = keep_largest(behind);
    }
    use_block(arena, block);
    (void)envoi__arena_alloc(arena, (size_t)((char *)end - arena->next));
}

/* The block that a rewind left over, if it is large enough. */
static struct envoi__arena_block *take_spare(struct envoi__arena *arena, size_t least)
{
    struct envoi__arena_block *block = arena->spare;
    if (!block || block->size < least)
        return NULL;
    arena->spare = NULL;
    return block;
}

static struct envoi__arena_block *make_block(size_t size, size_t least)
{
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < least)
        size = least;
    if (size > SIZE_MAX - sizeof(struct envoi__arena_block) - ENVOI__ARENA_ALIGN)
        return NULL;
    size = (size + ENVOI__ARENA_ALIGN - 1) & ~(size_t)(ENVOI__ARENA_ALIGN - 1);
    struct envoi__arena_block *block = envoi__alloc(sizeof *block + size);
    if (block)
        block->size = size;
    return block;
}

static int add_block(struct envoi__arena *arena, size_t least)
{
    struct envoi__arena_block *block = take_spare(arena, least);
    if (!block)
        block = make_block(arena->last ? arena->last->size * 2 : FIRST_BLOCK, least);
    if (!block)
        return -1;
    block->next = NULL;
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
