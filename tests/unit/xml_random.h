/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_XML_RANDOM_H
#define ENVOI_TESTS_XML_RANDOM_H
/* Numbers that are the same in every run (xorshift64*). */
#include <stddef.h>
#include <stdint.h>

struct random_source {
    uint64_t state;
};

static inline uint32_t random_next(struct random_source *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return (uint32_t)((random->state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

static inline uint32_t random_below(struct random_source *random, uint32_t limit)
{
    return random_next(random) % limit;
}

/* One of an array of texts. */
#define RANDOM_OF(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

#endif
