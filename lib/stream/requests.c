/* SPDX-License-Identifier: MIT */
#include "stream/requests.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/text.h"
#include "sasl/crypto.h"
#include <stdio.h>
#include <string.h>

enum { ID_RANDOM_BYTES = 16, ID_RANDOM_TEXT = 22 };

void envoi__requests_init(struct envoi__requests *requests)
{
    *requests = (struct envoi__requests){.deadline = UINT64_MAX};
}

void envoi__requests_free(struct envoi__requests *requests)
{
    for (size_t i = 0; i < requests->count; i++)
        envoi_jid_free(requests->slots[i].to);
    envoi__free(requests->slots);
    envoi__requests_init(requests);
}

static struct envoi__request *at(struct envoi__requests *requests, uint32_t link)
{
    return link ? &requests->slots[link - 1] : NULL;
}

static uint32_t link_of(const struct envoi__requests *requests, const struct envoi__request *request)
{
    return (uint32_t)(request - requests->slots) + 1;
}

/* The next one by age, the oldest first. */
static struct envoi__request *next_of(struct envoi__requests *requests, const struct envoi__request *request)
{
    return at(requests, request ? request->newer : requests->oldest);
}

static int grow(struct envoi__requests *requests, size_t limit)
{
    size_t count = requests->count ? requests->count * 2 : 4;
    if (count > limit)
        count = limit;
    if (count <= requests->count)
        return ENVOI_ERR_FULL;
    struct envoi__request *slots = envoi__realloc(requests->slots, count * sizeof *slots);
    if (!slots)
        return ENVOI_ERR_NOMEM;
    memset(slots + requests->count, 0, (count - requests->count) * sizeof *slots);
    for (size_t i = count; i > requests->count; i--) {
        slots[i - 1].newer = requests->spare;
        requests->spare = (uint32_t)i;
    }
    requests->slots = slots;
    requests->count = count;
    return 0;
}

/* 128 random bits in the alphabet of URLs, then the slot's number. */
int envoi__requests_make_id(char id[ENVOI__REQUEST_ID_SIZE], size_t slot)
{
    uint8_t random[ID_RANDOM_BYTES];
    int error = envoi__random(random, sizeof random);
    if (error)
        return error;
    envoi__base64_encode(random, sizeof random, id);
    for (size_t i = 0; i < ID_RANDOM_TEXT; i++)
        id[i] = id[i] == '+' ? '-' : id[i] == '/' ? '_' : id[i];
    snprintf(id + ID_RANDOM_TEXT, ENVOI__REQUEST_ID_SIZE - ID_RANDOM_TEXT, ".%u", (unsigned)slot);
    return 0;
}

int envoi_stanza_make_id(envoi_stanza *stanza)
{
    char id[ENVOI__REQUEST_ID_SIZE];
    int error = stanza ? envoi_stanza_error(stanza) : ENVOI_ERR_ARGUMENT;
    if (!error)
        error = envoi__requests_make_id(id, 0);
    return error ? error : envoi_stanza_set_id(stanza, id);
}

int envoi_message_make_thread(envoi_stanza *message, const char *parent)
{
    char id[ENVOI__REQUEST_ID_SIZE];
    int error = message ? envoi_stanza_error(message) : ENVOI_ERR_ARGUMENT;
    if (!error)
        error = envoi__requests_make_id(id, 0);
    return error ? error : envoi_message_set_thread(message, id, parent);
}

int envoi__requests_prepare(struct envoi__requests *requests, size_t limit, const char *to,
                            struct envoi__request **out)
{
    envoi_jid *address = NULL;
    int error = requests->open >= limit ? ENVOI_ERR_FULL : 0;
    if (!error && !requests->spare)
        error = grow(requests, limit);
    struct envoi__request *request = at(requests, requests->spare);
    if (!error && to)
        error = envoi_jid_parse(&address, to);
    if (!error)
        error = envoi__requests_make_id(request->id, (size_t)(request - requests->slots));
    if (error) {
        envoi_jid_free(address);
        return error;
    }
    envoi_jid_free(request->to); /* of a request that was prepared and never started */
    request->to = address;
    *out = request;
    return 0;
}

void envoi__requests_start(struct envoi__requests *requests, struct envoi__request *request, uint64_t deadline)
{
    uint32_t link = link_of(requests, request);
    requests->spare = request->newer; /* it is the one that was prepared last */
    request->newer = 0;
    request->older = requests->newest;
    if (requests->newest)
        at(requests, requests->newest)->newer = link;
    else
        requests->oldest = link;
    requests->newest = link;
    request->token = ++requests->last_token;
    request->deadline = deadline;
    request->outcome = 0;
    requests->open++;
    if (deadline < requests->deadline)
        requests->deadline = deadline;
}

static void unlink_request(struct envoi__requests *requests, const struct envoi__request *request)
{
    if (request->older)
        at(requests, request->older)->newer = request->newer;
    else
        requests->oldest = request->newer;
    if (request->newer)
        at(requests, request->newer)->older = request->older;
    else
        requests->newest = request->older;
}

void envoi__requests_finish(struct envoi__requests *requests, struct envoi__request *request)
{
    requests->settled -= request->outcome != 0;
    requests->open--;
    unlink_request(requests, request);
    envoi_jid_free(request->to);
    *request = (struct envoi__request){.newer = requests->spare};
    requests->spare = link_of(requests, request);
    if (!requests->open)
        requests->deadline = UINT64_MAX;
}

static struct envoi__request *find_id(struct envoi__requests *requests, const char *id)
{
    uint64_t slot;
    const char *number = id ? strrchr(id, '.') : NULL;
    if (!number || envoi__parse_uint(number + 1, requests->count, &slot) || slot >= requests->count)
        return NULL;
    struct envoi__request *request = &requests->slots[slot];
    return request->token && !request->outcome && envoi__eq(request->id, id) ? request : NULL;
}

/* Who speaks for an account: the account, this session of it, or the server that hosts it, which could say
 * anything in the account's name anyway. */
static int is_own(const envoi_jid *from, const envoi_jid *own)
{
    if (envoi_jid_equal(from, own))
        return 1;
    if (envoi_jid_resourcepart(from))
        return 0;
    return envoi_jid_equal_bare(from, own) ||
           (!envoi_jid_localpart(from) && envoi__eq(envoi_jid_domainpart(from), envoi_jid_domainpart(own)));
}

/* RFC 6120 8.1.2.1: a server may leave `from` out when it answers for the account or for itself. */
int envoi__requests_sender_fits(const envoi_jid *to, const char *from, const envoi_jid *own)
{
    envoi_jid *sender = NULL;
    if (!from)
        return !to || is_own(to, own);
    if (to && envoi__eq(from, envoi_jid_full(to)))
        return 1;
    int error = envoi_jid_parse(&sender, from);
    if (error) /* who sent it cannot be told without memory; whatever else is wrong with it, it is nobody's */
        return error == ENVOI_ERR_NOMEM ? error : 0;
    int fits = to ? envoi_jid_equal(sender, to) : is_own(sender, own);
    envoi_jid_free(sender);
    return fits;
}

int envoi__requests_match(struct envoi__requests *requests, const envoi_element *iq, const envoi_jid *own,
                          struct envoi__request **out)
{
    struct envoi__request *request = find_id(requests, envoi_element_attr(iq, "id"));
    int fits = request ? envoi__requests_sender_fits(request->to, envoi_element_attr(iq, "from"), own) : 0;
    if (fits < 0)
        return fits;
    *out = fits ? request : NULL;
    return 0;
}

static void settle(struct envoi__requests *requests, struct envoi__request *request, int outcome)
{
    if (request->outcome)
        return;
    request->outcome = outcome;
    requests->settled++;
}

int envoi__requests_cancel(struct envoi__requests *requests, uint64_t token, int outcome)
{
    struct envoi__request *request = next_of(requests, NULL);
    while (request && request->token < token)
        request = next_of(requests, request);
    if (!request || request->token != token || request->outcome)
        return ENVOI_ERR_NOT_FOUND;
    settle(requests, request, outcome);
    return 0;
}

void envoi__requests_settle_all(struct envoi__requests *requests, int outcome)
{
    for (struct envoi__request *r = next_of(requests, NULL); r; r = next_of(requests, r))
        settle(requests, r, outcome);
}

/* requests->deadline may stay: it only says that none is due before. */
void envoi__requests_postpone(struct envoi__requests *requests, uint64_t ms)
{
    for (uint32_t link = requests->newest; link && at(requests, link)->token > requests->last_timed;
         link = at(requests, link)->older)
        at(requests, link)->deadline += ms;
    requests->last_timed = requests->last_token;
}

void envoi__requests_expire(struct envoi__requests *requests, uint64_t now)
{
    uint64_t next = UINT64_MAX;
    if (now < requests->deadline)
        return;
    for (struct envoi__request *r = next_of(requests, NULL); r; r = next_of(requests, r)) {
        if (r->deadline <= now)
            settle(requests, r, ENVOI_ERR_TIMEOUT_REQUEST);
        else if (!r->outcome && r->deadline < next)
            next = r->deadline;
    }
    requests->deadline = next;
}

struct envoi__request *envoi__requests_settled(struct envoi__requests *requests)
{
    struct envoi__request *request = requests->settled ? next_of(requests, NULL) : NULL;
    while (request && !request->outcome)
        request = next_of(requests, request);
    return request;
}
