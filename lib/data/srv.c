/* SPDX-License-Identifier: MIT */
#include "base/mem.h"
#include "base/prng.h"
#include <envoi/srv.h>

#include <string.h>

struct target {
    uint32_t priority, weight, port;
    char *name;
};

struct envoi_srv {
    struct target targets[ENVOI_SRV_TARGETS_MAX];
    size_t count;
    int has_root; /* a target "." was among the records */
    int has_host; /* any other target was, kept or not */
};

enum { NUMBER_MAX = 65535, NAME_MAX_BYTES = 255 };

int envoi_srv_new(envoi_srv **out)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    envoi_srv *list = envoi__alloc_zero(sizeof *list);
    if (!list)
        return ENVOI_ERR_NOMEM;
    *out = list;
    return 0;
}

void envoi_srv_free(envoi_srv *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        envoi__free(list->targets[i].name);
    envoi__free(list);
}

/* Where a record of this priority goes: a free place, the place of the worst record kept, or nowhere. */
static struct target *place_for(envoi_srv *list, uint32_t priority)
{
    if (list->count < ENVOI_SRV_TARGETS_MAX)
        return &list->targets[list->count];
    struct target *worst = &list->targets[0];
    for (size_t i = 1; i < list->count; i++) {
        if (list->targets[i].priority >= worst->priority)
            worst = &list->targets[i];
    }
    return priority < worst->priority ? worst : NULL;
}

int envoi_srv_add(envoi_srv *list, uint32_t priority, uint32_t weight, uint32_t port, const char *target)
{
    if (!list || !target || priority > NUMBER_MAX || weight > NUMBER_MAX || port > NUMBER_MAX)
        return ENVOI_ERR_ARGUMENT;
    size_t len = strlen(target);
    if (len > 0 && target[len - 1] == '.')
        len--;
    if (len > NAME_MAX_BYTES)
        return ENVOI_ERR_ARGUMENT;
    if (len == 0) {
        list->has_root = 1;
        return 0;
    }
    struct target *place = port ? place_for(list, priority) : NULL;
    if (place) {
        char *name = envoi__strndup(target, len);
        if (!name)
            return ENVOI_ERR_NOMEM;
        if (place == &list->targets[list->count])
            list->count++;
        else
            envoi__free(place->name);
        *place = (struct target){priority, weight, port, name};
    }
    list->has_host = 1;
    return 0;
}

static void swap(struct target *a, struct target *b)
{
    struct target held = *a;
    *a = *b;
    *b = held;
}

static void sort_by_priority(struct target *targets, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && targets[k].priority < targets[k - 1].priority; k--)
            swap(&targets[k], &targets[k - 1]);
    }
}

/* RFC 2782 leaves the start order open but for weight 0, which comes first. A shuffle spreads the load among
 * targets that all have weight 0. */
static void shuffle_zeros_first(struct target *targets, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--)
        swap(&targets[i - 1], &targets[envoi__prng_up_to(state, i - 1)]);
    size_t zeros = 0;
    for (size_t i = 0; i < count; i++) {
        if (targets[i].weight == 0)
            swap(&targets[i], &targets[zeros++]);
    }
}

/* RFC 2782, weighted choice: a number from 0 to the sum of weights, both included; the first target whose
 * running sum reaches it. So a target of weight 0 has a small chance beside others, and an even one among its
 * like. */
static size_t choose(const struct target *targets, size_t count, uint64_t *state)
{
    uint64_t sum = 0, running = targets[0].weight;
    for (size_t i = 0; i < count; i++)
        sum += targets[i].weight;
    uint64_t number = envoi__prng_up_to(state, sum);
    size_t chosen = 0;
    while (running < number) /* the last sum is the largest number */
        running += targets[++chosen].weight;
    return chosen;
}

static void order_group(struct target *targets, size_t count, uint64_t *state)
{
    shuffle_zeros_first(targets, count, state);
    while (count > 1) {
        /* move the choice to the front and keep the rest in order, so that weight 0 stays first */
        for (size_t k = choose(targets, count, state); k > 0; k--)
            swap(&targets[k], &targets[k - 1]);
        targets++;
        count--;
    }
}

int envoi_srv_order(envoi_srv *list, uint64_t seed)
{
    if (!list)
        return ENVOI_ERR_ARGUMENT;
    sort_by_priority(list->targets, list->count);
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        for (end = begin + 1; end < list->count; end++) {
            if (list->targets[end].priority != list->targets[begin].priority)
                break;
        }
        order_group(list->targets + begin, end - begin, &seed);
    }
    return 0;
}

int envoi_srv_is_refused(const envoi_srv *list)
{
    return list && list->has_root && !list->has_host;
}

size_t envoi_srv_count(const envoi_srv *list)
{
    return list ? list->count : 0;
}

static const struct target *target_at(const envoi_srv *list, size_t index)
{
    return index < envoi_srv_count(list) ? &list->targets[index] : NULL;
}

const char *envoi_srv_target(const envoi_srv *list, size_t index)
{
    const struct target *target = target_at(list, index);
    return target ? target->name : NULL;
}

uint32_t envoi_srv_port(const envoi_srv *list, size_t index)
{
    const struct target *target = target_at(list, index);
    return target ? target->port : 0;
}

uint32_t envoi_srv_priority(const envoi_srv *list, size_t index)
{
    const struct target *target = target_at(list, index);
    return target ? target->priority : 0;
}

uint32_t envoi_srv_weight(const envoi_srv *list, size_t index)
{
    const struct target *target = target_at(list, index);
    return target ? target->weight : 0;
}
