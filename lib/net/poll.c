/* SPDX-License-Identifier: MIT */
#include "net/net.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

/* How often to look again while nothing can tell when to go on: the stream takes no more bytes. The program
 * is to take events then; if it waits instead, this keeps it from waiting for ever. */
enum { LOOK_AGAIN_MS = 100 };

size_t envoi_net_fd_count(envoi_net *net)
{
    struct pollfd fds[ENVOI__NET_FDS_MAX];
    return net ? envoi__net_fds(net, fds) : 0;
}

int envoi_net_fd(envoi_net *net, size_t index, int *fd, int *wanted)
{
    struct pollfd fds[ENVOI__NET_FDS_MAX];
    if (!net || !fd || !wanted)
        return ENVOI_ERR_ARGUMENT;
    if (index >= envoi__net_fds(net, fds))
        return ENVOI_ERR_NOT_FOUND;
    *fd = fds[index].fd;
    *wanted = (fds[index].events & POLLIN ? ENVOI_NET_READ : 0) |
              (fds[index].events & POLLOUT ? ENVOI_NET_WRITE : 0);
    return 0;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The stream takes no more bytes, so no descriptor can tell when it goes on. */
static int is_blind(envoi_net *net)
{
    return net->transport && !(envoi_transport_wanted(net->transport, net->stream) & ENVOI_TRANSPORT_READ);
}

/* How long poll() may wait: to the end of the call or to the deadline. */
static int wait_ms(envoi_net *net, uint64_t now, uint64_t until)
{
    uint64_t due = lower(until, envoi_net_deadline(net));
    if (is_blind(net))
        due = lower(due, now + LOOK_AGAIN_MS);
    if (due == UINT64_MAX)
        return -1;
    uint64_t ms = due > now ? due - now : 0;
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* 0 if there is something to do now, 1 if a signal came, or an error. */
static int wait_once(envoi_net *net, int ms)
{
    struct pollfd fds[ENVOI__NET_FDS_MAX];
    size_t count = envoi__net_fds(net, fds);
    if (poll(fds, (nfds_t)count, ms) >= 0)
        return 0;
    return errno == EINTR ? 1 : ENVOI_ERR_TRANSPORT;
}

int envoi_net_wait(envoi_net *net, int timeout_ms)
{
    if (!net)
        return ENVOI_ERR_ARGUMENT;
    uint64_t now = envoi_net_now_ms();
    uint64_t until = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms;
    for (;; now = envoi_net_now_ms()) {
        int done = envoi_net_process(net, now);
        if (done != 0)
            return done;
        int ms = wait_ms(net, now, until);
        if (net->over || net->linger_until || now >= until || (ms < 0 && !envoi_net_fd_count(net)))
            return 0;
        int blind = is_blind(net);
        int stopped = wait_once(net, ms);
        if (stopped)
            return stopped < 0 ? stopped : 0;
        if (blind)
            return 1;
    }
}
