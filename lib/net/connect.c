/* SPDX-License-Identifier: MIT */
#include "net/connect.h"

#include <envoi/error.h>

#include <stdlib.h>
#include <string.h>

enum {
    ATTEMPTS_MAX = 16,
    NEXT_ADDRESS_MS = 250, /* RFC 8305 8, Connection Attempt Delay */
    /* A target of lower priority is for when the others cannot be reached (RFC 2782), not a rival of a slow
       one. */
    NEXT_TARGET_MS = 3000
};

struct attempt {
    int fd;
    struct envoi__address address;
};

struct envoi__connect {
    struct envoi__lookup *lookup;
    struct envoi__report report;
    int loopback_only, started;
    uint32_t timeout_ms;
    uint64_t now, deadline, next_address_at, next_target_at;
    struct envoi__address addresses[ENVOI__LOOKUP_ADDRESSES_MAX]; /* of one target, in the order to try */
    size_t address_count, next_address;
    struct attempt attempts[ATTEMPTS_MAX]; /* the oldest first */
    size_t attempt_count;
    int connected_fd;
    char peer[ENVOI__ADDRESS_TEXT];
};

int envoi__connect_new(struct envoi__connect **out, const struct envoi__lookup_plan *plan, int loopback_only)
{
    struct envoi__connect *c = malloc(sizeof *c);
    if (!c)
        return ENVOI_ERR_NOMEM;
    memset(c, 0, sizeof *c);
    c->connected_fd = -1;
    c->loopback_only = loopback_only;
    c->timeout_ms = plan->timeout_ms;
    int error = envoi__lookup_new(&c->lookup, plan, &c->report);
    if (error) {
        free(c);
        return error;
    }
    *out = c;
    return 0;
}

static void drop_attempts(struct envoi__connect *c)
{
    while (c->attempt_count > 0)
        envoi__socket_drop(c->attempts[--c->attempt_count].fd);
}

void envoi__connect_free(struct envoi__connect *c)
{
    if (!c)
        return;
    drop_attempts(c);
    if (c->connected_fd >= 0)
        envoi__socket_drop(c->connected_fd);
    envoi__lookup_free(c->lookup);
    free(c);
}

static void report_address(struct envoi__connect *c, const struct envoi__address *address, int error)
{
    char text[ENVOI__ADDRESS_TEXT];
    envoi__address_format(address, text);
    envoi__report_add(&c->report, text, error);
}

static void remove_attempt(struct envoi__connect *c, size_t index, int error)
{
    report_address(c, &c->attempts[index].address, error);
    envoi__socket_drop(c->attempts[index].fd);
    c->attempt_count--;
    memmove(&c->attempts[index], &c->attempts[index + 1], (c->attempt_count - index) * sizeof c->attempts[0]);
}

static void win(struct envoi__connect *c, size_t index)
{
    envoi__address_format(&c->attempts[index].address, c->peer);
    c->connected_fd = c->attempts[index].fd;
    c->attempts[index] = c->attempts[--c->attempt_count];
    drop_attempts(c);
}

/* 1 if one is connected. A failure lets the next address begin at once. */
static int check_attempts(struct envoi__connect *c)
{
    size_t i = 0;
    while (i < c->attempt_count) {
        int error = envoi__socket_connected(c->attempts[i].fd);
        if (error == 0) {
            win(c, i);
            return 1;
        }
        if (error == ENVOI_ERR_AGAIN) {
            i++;
        } else {
            remove_attempt(c, i, error);
            c->next_address_at = c->now;
        }
    }
    return 0;
}

static int begin_attempt(struct envoi__connect *c)
{
    struct attempt attempt = {.address = c->addresses[c->next_address++]};
    int error =
        c->loopback_only && !envoi__address_is_loopback(&attempt.address) ? ENVOI_ERR_TLS_REQUIRED : 0;
    if (!error)
        error = envoi__socket_open(&attempt.address, &attempt.fd);
    if (error) {
        report_address(c, &attempt.address, error);
        return error == ENVOI_ERR_NOMEM ? error : 0;
    }
    if (c->attempt_count == ATTEMPTS_MAX)
        remove_attempt(c, 0, ENVOI_ERR_TIMEOUT_CONNECT);
    c->attempts[c->attempt_count++] = attempt;
    c->next_address_at = c->now + NEXT_ADDRESS_MS;
    return 0;
}

static int has_address(const struct envoi__connect *c)
{
    return c->next_address < c->address_count;
}

/* The addresses of a target that the lookup has found meanwhile. */
static int look_up(struct envoi__connect *c)
{
    int error = envoi__lookup_step(c->lookup);
    if (error || has_address(c))
        return error;
    c->address_count = envoi__lookup_take(c->lookup, c->addresses);
    c->next_address = 0;
    if (c->address_count > 0) {
        c->next_address_at = c->now;
        c->next_target_at = c->now + NEXT_TARGET_MS;
    }
    return 0;
}

/* One step towards a connection. 1: something was begun, so look again; 0: nothing to begin now; or an error.
 */
static int begin_more(struct envoi__connect *c)
{
    int error = 0;
    if (envoi__lookup_is_asking(c->lookup))
        return 0;
    if (has_address(c) && c->now >= c->next_address_at)
        error = begin_attempt(c);
    else if (!has_address(c) && envoi__lookup_has_more(c->lookup) &&
             (c->attempt_count == 0 || c->now >= c->next_target_at))
        error = envoi__lookup_next(c->lookup);
    else
        return 0;
    return error ? error : 1;
}

static int waits(const struct envoi__connect *c)
{
    return c->attempt_count > 0 || has_address(c) || envoi__lookup_is_asking(c->lookup) ||
           envoi__lookup_has_more(c->lookup);
}

static int time_out(struct envoi__connect *c)
{
    envoi__lookup_give_up(c->lookup);
    while (c->attempt_count > 0)
        remove_attempt(c, 0, ENVOI_ERR_TIMEOUT_CONNECT);
    return c->report.error ? c->report.error : ENVOI_ERR_TIMEOUT_CONNECT;
}

int envoi__connect_step(struct envoi__connect *c, uint64_t now)
{
    if (!c->started)
        c->deadline = now + c->timeout_ms;
    c->started = 1;
    c->now = now;
    for (int more = 1; more;) {
        if (check_attempts(c))
            return 1;
        int error = look_up(c);
        if (error)
            return error;
        more = begin_more(c);
        if (more < 0)
            return more;
    }
    if (!waits(c))
        return c->report.error ? c->report.error : ENVOI_ERR_HOST_NOT_FOUND;
    return c->now >= c->deadline ? time_out(c) : 0;
}

int envoi__connect_take(struct envoi__connect *c)
{
    int fd = c->connected_fd;
    c->connected_fd = -1;
    return fd;
}

const char *envoi__connect_text(const struct envoi__connect *c)
{
    return c->peer[0] ? c->peer : c->report.text;
}

uint64_t envoi__connect_deadline(const struct envoi__connect *c)
{
    if (!c->started)
        return 0;
    uint64_t due = UINT64_MAX;
    int left = envoi__lookup_timeout(c->lookup);
    if (left >= 0)
        due = c->now + (uint64_t)left;
    else if (has_address(c))
        due = c->next_address_at;
    else if (envoi__lookup_has_more(c->lookup) && !envoi__lookup_is_asking(c->lookup))
        due = c->next_target_at;
    return due < c->deadline ? due : c->deadline;
}

size_t envoi__connect_fds(const struct envoi__connect *c, struct pollfd *fds, size_t size)
{
    size_t count = envoi__lookup_fds(c->lookup, fds, 0, size);
    for (size_t i = 0; i < c->attempt_count && count < size; i++)
        fds[count++] = (struct pollfd){.fd = c->attempts[i].fd, .events = POLLOUT};
    return count;
}
