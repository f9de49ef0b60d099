/* SPDX-License-Identifier: MIT */
#include "net/lookup.h"

#include "net/resolver.h"

#include <envoi/error.h>
#include <envoi/srv.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/*         literal address, localhost, or a host given
 *  START ------------------------------------------------> TARGETS ---- addresses, target by target
 *    +------ SRV ---- records, or certainly none --------->
 *                +--- target ".", or no telling: the end                                        */
enum stage { START, SRV, TARGETS };

enum { NAME_BYTES = 300, TRY_MS_MAX = 2000, TRY_MS_MIN = 20 };

struct envoi__lookup {
    char *domain, *host, *servers;
    uint16_t port;
    int direct, try_ms;
    struct envoi__report *report;

    enum stage stage;
    int asking;
    struct envoi__resolver *resolver; /* made when first needed */
    envoi_srv *targets;
    size_t next_target;
    struct envoi__address addresses[ENVOI__LOOKUP_ADDRESSES_MAX];
    size_t address_count;
};

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/* Three tries, each of which may wait twice as long as the one before, fit into the time for all. */
static int try_ms(uint32_t timeout_ms)
{
    uint32_t ms = timeout_ms / 15;
    if (ms > TRY_MS_MAX)
        return TRY_MS_MAX;
    return ms < TRY_MS_MIN ? TRY_MS_MIN : (int)ms;
}

int envoi__lookup_new(struct envoi__lookup **out, const struct envoi__lookup_plan *plan, struct envoi__report *report)
{
    struct envoi__lookup *lookup = malloc(sizeof *lookup);
    if (!lookup)
        return ENVOI_ERR_NOMEM;
    memset(lookup, 0, sizeof *lookup);
    lookup->port = plan->port;
    lookup->direct = plan->direct;
    lookup->try_ms = try_ms(plan->timeout_ms);
    lookup->report = report;
    lookup->domain = copy_of(plan->domain);
    lookup->host = plan->host ? copy_of(plan->host) : NULL;
    lookup->servers = plan->servers ? copy_of(plan->servers) : NULL;
    if (!lookup->domain || (plan->host && !lookup->host) || (plan->servers && !lookup->servers)) {
        envoi__lookup_free(lookup);
        return ENVOI_ERR_NOMEM;
    }
    *out = lookup;
    return 0;
}

void envoi__lookup_free(struct envoi__lookup *lookup)
{
    if (!lookup)
        return;
    envoi__resolver_free(lookup->resolver);
    envoi_srv_free(lookup->targets);
    free(lookup->domain);
    free(lookup->host);
    free(lookup->servers);
    free(lookup);
}

/* RFC 6761 6.3: "localhost" and all below it are this machine, whatever a name server says. Neither a JID's domain
 * (RFC 7622 3.2) nor a target of the list has a dot at its end. */
static int is_localhost(const char *name)
{
    static const char localhost[] = "localhost";
    size_t len = strlen(name), want = sizeof localhost - 1;
    if (len < want || strncasecmp(name + len - want, localhost, want) != 0)
        return 0;
    return len == want || name[len - want - 1] == '.';
}

static int needs_no_dns(const char *name)
{
    struct envoi__address address;
    return is_localhost(name) || envoi__address_parse(&address, name, 0);
}

static const char *service_name(const struct envoi__lookup *lookup, char out[NAME_BYTES])
{
    snprintf(out, NAME_BYTES, "_xmpp%s-client._tcp.%s", lookup->direct ? "s" : "", lookup->domain);
    return out;
}

static int need_resolver(struct envoi__lookup *lookup)
{
    if (lookup->resolver)
        return 0;
    int error = envoi__resolver_new(&lookup->resolver, lookup->servers, lookup->try_ms);
    if (error)
        envoi__report_add(lookup->report, "the resolver", error);
    return error;
}

/* One host is all there is to connect to. */
static int use_host(struct envoi__lookup *lookup, const char *host)
{
    lookup->stage = TARGETS;
    int error = envoi_srv_new(&lookup->targets);
    if (!error)
        error = envoi_srv_add(lookup->targets, 0, 0, lookup->port, host);
    return error;
}

static int start(struct envoi__lookup *lookup)
{
    char name[NAME_BYTES];
    if (lookup->host)
        return use_host(lookup, lookup->host);
    if (needs_no_dns(lookup->domain))
        return use_host(lookup, lookup->domain);
    int error = need_resolver(lookup);
    if (error)
        return error;
    lookup->stage = SRV;
    lookup->asking = 1;
    envoi__resolver_ask_srv(lookup->resolver, service_name(lookup, name));
    return 0;
}

/* For the choice among weights only; where the system has no randomness to give, an address does. */
static uint64_t seed(const struct envoi__lookup *lookup)
{
    uint64_t value;
    return getrandom(&value, sizeof value, GRND_NONBLOCK) == (ssize_t)sizeof value ? value : (uintptr_t)lookup;
}

/* RFC 6120 3.2.1: the fallback to addresses of the domain is for a domain without SRV records, not for one
 * whose records lead nowhere, nor for one that says ".". Where DNS itself fails it is left out too: the
 * records that could not be read may name other hosts and ports, or say that there is no service. */
static int srv_answered(struct envoi__lookup *lookup)
{
    char name[NAME_BYTES];
    int error = envoi__resolver_result(lookup->resolver);
    if (error == ENVOI_ERR_HOST_NOT_FOUND)
        return use_host(lookup, lookup->domain);
    if (!error) {
        lookup->targets = envoi__resolver_take_srv(lookup->resolver);
        lookup->stage = TARGETS;
        if (envoi_srv_count(lookup->targets) > 0)
            return envoi_srv_order(lookup->targets, seed(lookup));
        error = envoi_srv_is_refused(lookup->targets) ? ENVOI_ERR_SERVICE_NOT_OFFERED : ENVOI_ERR_HOST_NOT_FOUND;
    }
    envoi__report_add(lookup->report, service_name(lookup, name), error);
    return error;
}

/* IPv6 and IPv4 in turn, beginning with the kind that the system's rules (RFC 6724) put first. */
static void put_addresses(struct envoi__lookup *lookup, const struct envoi__address *from, size_t count,
                          uint16_t port)
{
    size_t next[2] = {0, 0}; /* by kind: where the search goes on */
    int kind = count ? from[0].is_v6 : 0;
    while (lookup->address_count < ENVOI__LOOKUP_ADDRESSES_MAX && (next[0] < count || next[1] < count)) {
        size_t *i = &next[kind];
        while (*i < count && from[*i].is_v6 != kind)
            ++*i;
        if (*i < count) {
            struct envoi__address *to = &lookup->addresses[lookup->address_count++];
            *to = from[(*i)++];
            to->port = port;
        }
        kind = !kind;
    }
}

static int next_target(struct envoi__lookup *lookup)
{
    static const struct envoi__address local[2] = {{.is_v6 = 1, .bytes = {[15] = 1}}, {.bytes = {127, 0, 0, 1}}};
    const char *name = envoi_srv_target(lookup->targets, lookup->next_target);
    uint16_t port = (uint16_t)envoi_srv_port(lookup->targets, lookup->next_target);
    struct envoi__address literal;
    lookup->next_target++;
    if (is_localhost(name)) {
        put_addresses(lookup, local, 2, port);
        return 0;
    }
    if (envoi__address_parse(&literal, name, port)) {
        put_addresses(lookup, &literal, 1, port);
        return 0;
    }
    int error = need_resolver(lookup);
    if (!error) {
        lookup->asking = 1;
        envoi__resolver_ask_addresses(lookup->resolver, name);
    }
    return error;
}

/* A target without address is passed over, unless memory is what is lacking. */
static int target_answered(struct envoi__lookup *lookup)
{
    const struct envoi__address *addresses;
    size_t index = lookup->next_target - 1; /* the one taken up last */
    int error = envoi__resolver_result(lookup->resolver);
    if (error) {
        envoi__report_add(lookup->report, envoi_srv_target(lookup->targets, index), error);
        return error == ENVOI_ERR_NOMEM ? error : 0;
    }
    size_t count = envoi__resolver_addresses(lookup->resolver, &addresses);
    put_addresses(lookup, addresses, count, (uint16_t)envoi_srv_port(lookup->targets, index));
    return 0;
}

int envoi__lookup_has_more(const struct envoi__lookup *lookup)
{
    return lookup->stage == START || lookup->next_target < envoi_srv_count(lookup->targets);
}

int envoi__lookup_next(struct envoi__lookup *lookup)
{
    return lookup->stage == START ? start(lookup) : next_target(lookup);
}

int envoi__lookup_step(struct envoi__lookup *lookup)
{
    if (!lookup->asking || envoi__resolver_process(lookup->resolver))
        return 0;
    lookup->asking = 0;
    return lookup->stage == SRV ? srv_answered(lookup) : target_answered(lookup);
}

int envoi__lookup_is_asking(const struct envoi__lookup *lookup)
{
    return lookup->asking;
}

void envoi__lookup_give_up(struct envoi__lookup *lookup)
{
    char name[NAME_BYTES];
    if (!lookup->asking)
        return;
    const char *target = envoi_srv_target(lookup->targets, lookup->next_target - 1);
    envoi__report_add(lookup->report, lookup->stage == SRV ? service_name(lookup, name) : target, ENVOI_ERR_DNS);
}

size_t envoi__lookup_take(struct envoi__lookup *lookup, struct envoi__address out[ENVOI__LOOKUP_ADDRESSES_MAX])
{
    size_t count = lookup->address_count;
    memcpy(out, lookup->addresses, count * sizeof *out);
    lookup->address_count = 0;
    return count;
}

size_t envoi__lookup_fds(const struct envoi__lookup *lookup, struct pollfd *fds, size_t count, size_t size)
{
    return lookup->asking ? envoi__resolver_fds(lookup->resolver, fds, count, size) : count;
}

int envoi__lookup_timeout(const struct envoi__lookup *lookup)
{
    return lookup->asking ? envoi__resolver_timeout(lookup->resolver) : -1;
}
