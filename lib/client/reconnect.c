/* SPDX-License-Identifier: MIT */
/* RFC 6120 3.3: a random first delay, and truncated exponential growth while connecting fails. */
#include <envoi/reconnect.h>

#include "base/mem.h"
#include "base/prng.h"
#include "sasl/crypto.h"

enum { FIRST_MS = 60000, MOST_MS = 300000, LONGEST_MS = 24 * 60 * 60 * 1000 };

struct envoi_reconnect {
    uint64_t state; /* of the random numbers */
    uint64_t first_ms, most_ms;
    uint64_t window;   /* the longest that the last delay could be; 0: none yet, or a good session since */
    uint64_t ready_at; /* UINT64_MAX: the stream is not ready */
};

int envoi_reconnect_new(envoi_reconnect **out, uint64_t seed)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    int error = seed ? 0 : envoi__random(&seed, sizeof seed);
    if (error)
        return error;
    envoi_reconnect *reconnect = envoi__alloc(sizeof *reconnect);
    if (!reconnect)
        return ENVOI_ERR_NOMEM;
    *reconnect = (envoi_reconnect){.state = seed, .first_ms = FIRST_MS, .most_ms = MOST_MS, .ready_at = UINT64_MAX};
    *out = reconnect;
    return 0;
}

void envoi_reconnect_free(envoi_reconnect *reconnect)
{
    envoi__free(reconnect);
}

int envoi_reconnect_set_delays(envoi_reconnect *reconnect, uint64_t first_ms, uint64_t most_ms)
{
    if (!reconnect || first_ms < 1 || first_ms > most_ms || most_ms > LONGEST_MS)
        return ENVOI_ERR_ARGUMENT;
    reconnect->first_ms = first_ms;
    reconnect->most_ms = most_ms;
    return 0;
}

/* The first delay is anything up to its window; later ones lie in the upper half of theirs, so that they grow. */
static uint64_t next_delay(envoi_reconnect *reconnect)
{
    uint64_t window = reconnect->window ? reconnect->window * 2 : reconnect->first_ms;
    if (window > reconnect->most_ms)
        window = reconnect->most_ms;
    uint64_t least = reconnect->window ? window / 2 : 0;
    reconnect->window = window;
    return least + envoi__prng_up_to(&reconnect->state, window - least);
}

/* A server that takes us and throws us out again at once is no better than one that refuses. */
static uint64_t closed(envoi_reconnect *reconnect, const envoi_event *event, uint64_t now_ms)
{
    uint64_t ready_at = reconnect->ready_at;
    reconnect->ready_at = UINT64_MAX;
    if (!envoi_event_is_retryable(event))
        return UINT64_MAX;
    if (ready_at <= now_ms && now_ms - ready_at > reconnect->window)
        reconnect->window = 0;
    return now_ms + next_delay(reconnect);
}

uint64_t envoi_reconnect_after(envoi_reconnect *reconnect, const envoi_event *event, uint64_t now_ms)
{
    int type = envoi_event_type(event);
    if (reconnect && type == ENVOI_EVENT_READY)
        reconnect->ready_at = now_ms;
    return reconnect && type == ENVOI_EVENT_CLOSED ? closed(reconnect, event, now_ms) : UINT64_MAX;
}
