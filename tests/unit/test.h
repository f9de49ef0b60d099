/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TEST_H
#define ENVOI_TESTS_TEST_H
/* What every unit test includes: cmocka, and allocations that fail on demand. The link wraps malloc and realloc of
 * the library and of the test itself, not of libxml2 or GnuTLS; and what arenas are asked for pieces by, so that each
 * piece can be made an allocation of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <envoi/error.h>

#include "base/arena.h"

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static long allocations;      /* made so far */
static long allocation_fails; /* the number of the one that fails; 0: none */
static int allocation_sticky; /* and all after it */

static int allocation_may_go(void)
{
    allocations++;
    return !allocation_fails ||
           (allocation_sticky ? allocations < allocation_fails : allocations != allocation_fails);
}

void *__wrap_malloc(size_t size)
{
    return allocation_may_go() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_may_go() ? __real_realloc(memory, size) : NULL;
}

void *__real_envoi__arena_alloc_slow(struct envoi__arena *arena, size_t size);
void *__wrap_envoi__arena_alloc_slow(struct envoi__arena *arena, size_t size);
char *__real_envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len);
char *__wrap_envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len);

static int arenas_are_tight; /* no room is left behind a piece, so that the next one needs a new block */

/* A block of its own, as small as the first, put behind the others; a block begins with the pointer to the next. */
static void *arena_alloc_tight(struct envoi__arena *arena, size_t size)
{
    struct envoi__arena before = *arena;
    arena->first = arena->last = NULL;
    arena->room = 0;
    void *memory = __real_envoi__arena_alloc_slow(arena, size);
    if (!before.first)
        return memory;
    if (memory)
        memcpy(before.last, &arena->first, sizeof(void *));
    arena->first = before.first;
    arena->last = memory ? arena->last : before.last;
    return memory;
}

void *__wrap_envoi__arena_alloc_slow(struct envoi__arena *arena, size_t size)
{
    if (!arenas_are_tight)
        return __real_envoi__arena_alloc_slow(arena, size);
    void *memory = arena_alloc_tight(arena, size);
    arena->room = 0;
    return memory;
}

char *__wrap_envoi__arena_text(struct envoi__arena *arena, const char *text, size_t len)
{
    if (!arenas_are_tight || len == SIZE_MAX)
        return __real_envoi__arena_text(arena, text, len);
    char *copy = __wrap_envoi__arena_alloc_slow(arena, len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

static inline void with_each_failing(int (*body)(void *), void *user)
{
    for (long n = 1;; n++) {
        allocations = 0;
        allocation_fails = n;
        int error = body(user);
        allocation_fails = 0;
        if (allocations < n) {
            assert_int_equal(error, 0);
            break;
        }
        assert_in_range(n, 1, 1000000);
    }
}

/* Run `body` with the n-th allocation failing once, and with all failing from the n-th on, for every n until a run
 * needs fewer. body returns 0 or an error; the last run of each kind must succeed. */
static inline void with_failing_allocations(int (*body)(void *), void *user)
{
    for (allocation_sticky = 0; allocation_sticky < 2; allocation_sticky++)
        with_each_failing(body, user);
}

/* The same, where each piece of an arena is an allocation too. */
static inline void with_failing_pieces(int (*body)(void *), void *user)
{
    arenas_are_tight = 1;
    with_failing_allocations(body, user);
    arenas_are_tight = 0;
}

#endif
