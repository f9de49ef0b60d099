/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FOREIGN_H
#define ENVOI_TESTS_FOREIGN_H
/* Functions of the libraries behind us that fail on demand. The link wraps each (the list is in meson.build). */
#include "test.h"

#define FOREIGN_MOST 64

static struct foreign {
    const char *name;
    long calls; /* of the run so far */
} foreign[FOREIGN_MOST];
static const char *foreign_victim; /* the one whose n-th call fails; NULL: none */
static long foreign_fails;

static int foreign_may_go(const char *name)
{
    struct foreign *f = foreign;
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    assert_true(f < foreign + FOREIGN_MOST - 1);
    f->name = name;
    f->calls++;
    return !foreign_victim || strcmp(name, foreign_victim) != 0 || f->calls != foreign_fails;
}

/* The function `name`, which gives `failure` when its turn to fail has come. */
#define FOREIGN(type, name, parameters, arguments, failure)                                                          \
    type __real_##name parameters;                                                                                   \
    type __wrap_##name parameters;                                                                                   \
    type __wrap_##name parameters                                                                                    \
    {                                                                                                                \
        return foreign_may_go(#name) ? __real_##name arguments : (failure);                                          \
    }

static void foreign_begin(const char *victim, long n)
{
    for (size_t i = 0; i < FOREIGN_MOST; i++)
        foreign[i].calls = 0;
    foreign_victim = victim;
    foreign_fails = n;
}

static long foreign_calls(const char *name)
{
    for (size_t i = 0; foreign[i].name; i++)
        if (strcmp(foreign[i].name, name) == 0)
            return foreign[i].calls;
    return 0;
}

/* Does every failed call show as an error? Where not, the body itself checks that nothing came out differently. */
enum { MUST_SHOW, MAY_BE_HARMLESS };

/* Run `body` with the n-th call of each of `names` failing, for every n until it makes fewer (beyond the 16th only
 * some); it must succeed when all goes well. */
static inline void with_failing_calls(const char *const *names, size_t count, int (*body)(void *), void *user,
                                      int harmless)
{
    foreign_begin(NULL, 0);
    assert_int_equal(body(user), 0);
    for (size_t i = 0; i < count; i++) {
        for (long n = 1;; n += n < 16 ? 1 : n) {
            foreign_begin(names[i], n);
            int error = body(user);
            if (foreign_calls(names[i]) < n) {
                assert_int_equal(error, 0);
                assert_true(n > 1); /* it was called at all */
                break;
            }
            if (error >= 0 && !harmless)
                fail_msg("call %ld of %s failed, and nobody noticed", n, names[i]);
        }
    }
    foreign_begin(NULL, 0);
}

#endif
