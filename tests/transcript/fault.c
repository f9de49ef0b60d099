/* SPDX-License-Identifier: MIT */
/* Allocations that fail. The link wraps malloc and realloc of the library and of the player; what the player needs
 * for itself is never counted and never fails. */
#include "transcript.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static struct play *counting; /* NULL: not now */

static int may_go(void)
{
    if (!counting)
        return 1;
    long n = ++counting->allocations, bad = counting->delivery.fail_at;
    return !bad || (counting->delivery.fail_always ? n < bad : n != bad);
}

void *__wrap_malloc(size_t size)
{
    return may_go() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return may_go() ? __real_realloc(memory, size) : NULL;
}

void faults_begin(struct play *play)
{
    if (!play->line || !play->line->shared)
        counting = play;
}

void faults_end(struct play *play)
{
    (void)play;
    counting = NULL;
}
