/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TEST_H
#define ENVOI_TESTS_TEST_H
/* What every unit test includes: cmocka, and allocations that fail on demand. The link wraps malloc and realloc of
 * the library and of the test itself, not of libxml2 or GnuTLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <envoi/error.h>

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
    return !allocation_fails || (allocation_sticky ? allocations < allocation_fails : allocations != allocation_fails);
}

void *__wrap_malloc(size_t size)
{
    return allocation_may_go() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_may_go() ? __real_realloc(memory, size) : NULL;
}

/* Run `body` with the n-th allocation failing once, and with all failing from the n-th on, for every n until a run
 * needs fewer. body returns 0 or an error; the last run of each kind must succeed. */
static inline void with_failing_allocations(int (*body)(void *), void *user)
{
    for (allocation_sticky = 0; allocation_sticky < 2; allocation_sticky++) {
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
}

#endif
