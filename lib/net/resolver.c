/* SPDX-License-Identifier: MIT */
#include "net/resolver.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h> /* fd_set, which ares.h of 1.18 takes as given */
#include <sys/time.h>

#include <ares.h>

#define HAVE_RECORD_API (ARES_VERSION >= 0x011c00) /* 1.28.0 */

#if HAVE_RECORD_API
#include <ares_dns_record.h>
#else
#include <arpa/nameser.h>
#endif

enum { SOCKETS_MAX = 32, ADDRESSES_MAX = 32, TRIES = 3 };

struct envoi__resolver {
    ares_channel channel;
    int busy, result;
    envoi_srv *srv;
    struct envoi__address addresses[ADDRESSES_MAX];
    size_t address_count;
    struct pollfd sockets[SOCKETS_MAX]; /* what c-ares waits for */
    size_t socket_count;
};

/* NXDOMAIN and an answer without such a record are certain. Of the rest, c-ares 1.18 tells REFUSED, SERVFAIL
 * and a dead name server all as ARES_ECONNREFUSED. A name that DNS cannot even carry is in no zone. */
static int error_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return 0;
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
        return ENVOI_ERR_HOST_NOT_FOUND;
    case ARES_ENOMEM:
        return ENVOI_ERR_NOMEM;
    default:
        return ENVOI_ERR_DNS;
    }
}

static void on_socket(void *user, ares_socket_t fd, int readable, int writable)
{
    struct envoi__resolver *resolver = user;
    size_t i = 0;
    while (i < resolver->socket_count && resolver->sockets[i].fd != fd)
        i++;
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    if (i == resolver->socket_count) {
        if (!events || i == SOCKETS_MAX)
            return;
        resolver->socket_count++;
    }
    if (events)
        resolver->sockets[i] = (struct pollfd){.fd = fd, .events = events};
    else
        resolver->sockets[i] = resolver->sockets[--resolver->socket_count];
}

int envoi__resolver_new(struct envoi__resolver **out, const char *servers, int try_ms)
{
    struct envoi__resolver *resolver = malloc(sizeof *resolver);
    if (!resolver)
        return ENVOI_ERR_NOMEM;
    memset(resolver, 0, sizeof *resolver);
    /* Search domains are never appended: whose server is meant must not depend on the network one sits in,
     * nor on HOSTALIASES. */
    char lookups[] = "fb"; /* /etc/hosts, then DNS; c-ares copies it */
    struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                                   .timeout = try_ms,
                                   .tries = TRIES,
                                   .lookups = lookups,
                                   .sock_state_cb = on_socket,
                                   .sock_state_cb_data = resolver};
    /* ares_library_init() does nothing on POSIX systems but count, and counting is not safe among threads */
    int status = ares_init_options(&resolver->channel, &options,
                                   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                       ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
        free(resolver);
        return status == ARES_ENOMEM ? ENVOI_ERR_NOMEM : ENVOI_ERR_DNS;
    }
    status = servers ? ares_set_servers_ports_csv(resolver->channel, servers) : ARES_SUCCESS;
    if (status != ARES_SUCCESS) {
        envoi__resolver_free(resolver);
        return status == ARES_ENOMEM ? ENVOI_ERR_NOMEM : ENVOI_ERR_ARGUMENT;
    }
    *out = resolver;
    return 0;
}

void envoi__resolver_free(struct envoi__resolver *resolver)
{
    if (!resolver)
        return;
    ares_destroy(resolver->channel); /* calls back, to a resolver that still is there */
    envoi_srv_free(resolver->srv);
    free(resolver);
}

static void finish(struct envoi__resolver *resolver, int result)
{
    resolver->busy = 0;
    resolver->result = result;
}

static int add_srv(struct envoi__resolver *resolver, unsigned priority, unsigned weight, unsigned port,
                   const char *target)
{
    int error = resolver->srv ? 0 : envoi_srv_new(&resolver->srv);
    if (!error)
        error = envoi_srv_add(resolver->srv, priority, weight, port, target);
    return error == ENVOI_ERR_ARGUMENT ? 0 : error; /* none, or one too long for DNS: not a target */
}

#if HAVE_RECORD_API
static int read_srv(struct envoi__resolver *resolver, const ares_dns_record_t *answer)
{
    int error = 0;
    size_t count = ares_dns_record_rr_cnt(answer, ARES_SECTION_ANSWER);
    for (size_t i = 0; i < count && !error; i++) {
        const ares_dns_rr_t *record = ares_dns_record_rr_get_const(answer, ARES_SECTION_ANSWER, i);
        if (record && ares_dns_rr_get_type(record) == ARES_REC_TYPE_SRV) {
            error = add_srv(resolver, ares_dns_rr_get_u16(record, ARES_RR_SRV_PRIORITY),
                            ares_dns_rr_get_u16(record, ARES_RR_SRV_WEIGHT),
                            ares_dns_rr_get_u16(record, ARES_RR_SRV_PORT),
                            ares_dns_rr_get_str(record, ARES_RR_SRV_TARGET));
        }
    }
    return error;
}

static void on_srv(void *user, ares_status_t status, size_t timeouts, const ares_dns_record_t *answer)
{
    (void)timeouts;
    struct envoi__resolver *resolver = user;
    int error = error_of((int)status);
    if (!error)
        error = answer ? read_srv(resolver, answer) : ENVOI_ERR_DNS;
    finish(resolver, !error && !resolver->srv ? ENVOI_ERR_HOST_NOT_FOUND : error);
}
#else
static int read_srv(struct envoi__resolver *resolver, const unsigned char *answer, int len)
{
    struct ares_srv_reply *records = NULL;
    int status = ares_parse_srv_reply(answer, len, &records);
    /* there are records, and a target whose name is too long; that is not the same as no records */
    int error = status == ARES_EBADNAME ? ENVOI_ERR_DNS : error_of(status);
    for (const struct ares_srv_reply *r = records; r && !error; r = r->next)
        error = add_srv(resolver, r->priority, r->weight, r->port, r->host);
    if (records)
        ares_free_data(records);
    return error;
}

static void on_srv(void *user, int status, int timeouts, unsigned char *answer, int len)
{
    (void)timeouts;
    struct envoi__resolver *resolver = user;
    int error = error_of(status);
    if (!error)
        error = answer ? read_srv(resolver, answer, len) : ENVOI_ERR_DNS;
    finish(resolver, !error && !resolver->srv ? ENVOI_ERR_HOST_NOT_FOUND : error);
}
#endif

static void forget(struct envoi__resolver *resolver)
{
    envoi_srv_free(resolver->srv);
    resolver->srv = NULL;
    resolver->address_count = 0;
    resolver->busy = 1;
}

void envoi__resolver_ask_srv(struct envoi__resolver *resolver, const char *name)
{
    forget(resolver);
#if HAVE_RECORD_API
    ares_query_dnsrec(resolver->channel, name, ARES_CLASS_IN, ARES_REC_TYPE_SRV, on_srv, resolver, NULL);
#else
    ares_query(resolver->channel, name, ns_c_in, ns_t_srv, on_srv, resolver);
#endif
}

static void add_address(struct envoi__resolver *resolver, const struct sockaddr *from)
{
    if (resolver->address_count < ADDRESSES_MAX &&
        envoi__address_read(&resolver->addresses[resolver->address_count], from))
        resolver->address_count++;
}

static void on_addresses(void *user, int status, int timeouts, struct ares_addrinfo *answer)
{
    (void)timeouts;
    struct envoi__resolver *resolver = user;
    int error = error_of(status);
    if (!error && answer) {
        for (const struct ares_addrinfo_node *node = answer->nodes; node; node = node->ai_next)
            add_address(resolver, node->ai_addr);
    }
    if (answer)
        ares_freeaddrinfo(answer);
    finish(resolver, !error && !resolver->address_count ? ENVOI_ERR_HOST_NOT_FOUND : error);
}

void envoi__resolver_ask_addresses(struct envoi__resolver *resolver, const char *host)
{
    forget(resolver);
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(resolver->channel, host, NULL, &hints, on_addresses, resolver);
}

int envoi__resolver_process(struct envoi__resolver *resolver)
{
    if (!resolver->busy)
        return 0;
    struct pollfd ready[SOCKETS_MAX];
    size_t count = resolver->socket_count;
    memcpy(ready, resolver->sockets, count * sizeof *ready);
    if (poll(ready, (nfds_t)count, 0) <= 0)
        count = 0;
    for (size_t i = 0; i < count && resolver->busy; i++) {
        short events = ready[i].revents;
        ares_socket_t readable = events & (POLLIN | POLLERR | POLLHUP) ? ready[i].fd : ARES_SOCKET_BAD;
        ares_socket_t writable = events & POLLOUT ? ready[i].fd : ARES_SOCKET_BAD;
        if (events)
            ares_process_fd(resolver->channel, readable, writable);
    }
    if (resolver->busy)
        ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what timed out */
    return resolver->busy;
}

int envoi__resolver_result(const struct envoi__resolver *resolver)
{
    return resolver->result;
}

envoi_srv *envoi__resolver_take_srv(struct envoi__resolver *resolver)
{
    envoi_srv *srv = resolver->srv;
    resolver->srv = NULL;
    return srv;
}

size_t envoi__resolver_addresses(const struct envoi__resolver *resolver, const struct envoi__address **out)
{
    *out = resolver->addresses;
    return resolver->address_count;
}

size_t envoi__resolver_fds(const struct envoi__resolver *resolver, struct pollfd *fds, size_t count, size_t size)
{
    for (size_t i = 0; i < resolver->socket_count && count < size; i++)
        fds[count++] = resolver->sockets[i];
    return count;
}

int envoi__resolver_timeout(const struct envoi__resolver *resolver)
{
    struct timeval left;
    if (!resolver->busy || !ares_timeout(resolver->channel, NULL, &left))
        return -1;
    return left.tv_sec > INT_MAX / 2000 ? INT_MAX / 2 : (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
}
