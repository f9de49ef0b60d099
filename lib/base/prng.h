/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_PRNG_H
#define ENVOI_BASE_PRNG_H
/* Numbers that are only as random as their seed, for fair choices and nothing secret. */
#include <stdint.h>

/* splitmix64 by its public definition: one step of a counter, mixed. */
static inline uint64_t envoi__prng_next(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* 0 to bound, both included. bound stays below 2^32, so the bias of the remainder is below 2^-32. */
static inline uint64_t envoi__prng_up_to(uint64_t *state, uint64_t bound)
{
    return envoi__prng_next(state) % (bound + 1);
}

#endif
