/* SPDX-License-Identifier: MIT */
/* Counts allocations. The program's malloc stands before that of libc for every library in the process; the
 * linker's --wrap catches those of envoi, which is linked in. */
#include "bench.h"

#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static struct counts counts;

void *malloc(size_t size)
{
    counts.all++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    counts.all++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    counts.all++;
    return __libc_realloc(memory, size);
}

void *__wrap_malloc(size_t size)
{
    counts.ours++;
    return __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    counts.ours++;
    return __real_realloc(memory, size);
}

struct counts count_allocations(void)
{
    return counts;
}
