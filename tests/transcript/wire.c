/* SPDX-License-Identifier: MIT */
/* The loop of a program with a socket: transport.h on one end of a pair, the server on the other. The link puts
 * recv() and send() of this file in front of the system's, so that any one call can go wrong. */
#include "transcript.h"

#include "net/socket.h"
#include <envoi/transport.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT, SERVER, MOST_ROUNDS = 100000 };

struct wire {
    int fds[2];
    envoi_transport *transport;
    struct wire_calls calls;
};

static struct wire the_wire = {.fds = {-1, -1}};

ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);

/* The number of errno that this call must fail with, or 0; *len becomes what it may carry. */
static int go_wrong(long number, size_t *len)
{
    static const int numbers[WIRE_RESULTS] = {
        [WIRE_AGAIN] = EAGAIN, [WIRE_INTERRUPTED] = EINTR, [WIRE_RESET] = ECONNRESET, [WIRE_PIPE] = EPIPE};
    struct wire_calls *calls = &the_wire.calls;
    if (calls->at != number)
        return 0;
    calls->hit = 1;
    if (calls->how == WIRE_ONE_BYTE)
        *len = 1;
    if (calls->how == WIRE_ZERO)
        *len = 0;
    return numbers[calls->how];
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    int number = go_wrong(++the_wire.calls.reads, &len);
    if (!number)
        return len ? __real_recv(fd, buf, len, flags) : 0;
    errno = number;
    return -1;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    int number = go_wrong(-++the_wire.calls.writes, &len);
    if (!number)
        return len ? __real_send(fd, buf, len, flags) : 0;
    errno = number;
    return -1;
}

int wire_open(struct run *run, long at, int how)
{
    struct wire *wire = &the_wire;
    wire->calls = (struct wire_calls){.at = at, .how = how};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, wire->fds))
        return 0;
    run->wire = wire;
    return envoi_transport_new(&wire->transport, envoi__socket_read, envoi__socket_write, NULL, &wire->fds[CLIENT]) ==
           0;
}

void wire_close(struct run *run)
{
    struct wire *wire = run->wire;
    if (!wire)
        return;
    envoi_transport_free(wire->transport);
    wire->transport = NULL;
    for (int i = 0; i < 2; i++)
        close(wire->fds[i]);
    run->wire = NULL;
}

void wire_shut(struct run *run)
{
    shutdown(run->wire->fds[SERVER], SHUT_WR);
}

/* What reached the server. */
static void overhear(struct run *run)
{
    uint8_t bytes[4096];
    ssize_t n;
    while ((n = __real_recv(run->wire->fds[SERVER], bytes, sizeof bytes, 0)) > 0)
        journal_add_output(&run->journal, bytes, (size_t)n);
}

/* One turn of the loop; 1 if anything happened. */
static int turn(struct run *run)
{
    struct wire *wire = run->wire;
    size_t events = run->journal.count;
    int hit = wire->calls.hit;
    run_take_events(run);
    int sent = envoi_transport_flush(wire->transport, run->stream);
    overhear(run);
    int received = envoi_transport_fill(wire->transport, run->stream);
    run_take_events(run);
    return sent > 0 || received > 0 || run->journal.count != events || wire->calls.hit != hit;
}

void wire_pump(struct run *run)
{
    int rounds = 0;
    while (turn(run))
        if (rounds++ == MOST_ROUNDS)
            run_fail(run, "the loop spins");
}

void wire_say(struct run *run, const uint8_t *bytes, size_t len)
{
    while (len) {
        ssize_t n = __real_send(run->wire->fds[SERVER], bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* nobody reads any more */
        bytes += n;
        len -= (size_t)n;
        run_pump(run);
    }
}

const struct wire_calls *wire_calls(void)
{
    return &the_wire.calls;
}
