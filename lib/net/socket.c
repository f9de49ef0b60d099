/* SPDX-License-Identifier: MIT */
#include "net/socket.h"

#include <envoi/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

int envoi__address_parse(struct envoi__address *out, const char *text, uint16_t port)
{
    char bare[64];
    size_t len = strlen(text);
    int bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (bracketed) {
        text++;
        len -= 2;
    }
    if (len >= sizeof bare)
        return 0;
    memcpy(bare, text, len);
    bare[len] = '\0';
    struct envoi__address address = {.port = port};
    if (inet_pton(AF_INET6, bare, address.bytes) == 1)
        address.is_v6 = 1;
    else if (bracketed || inet_pton(AF_INET, bare, address.bytes) != 1)
        return 0;
    *out = address;
    return 1;
}

int envoi__address_read(struct envoi__address *out, const struct sockaddr *from)
{
    union any_address system;
    struct envoi__address address = {.port = 0};
    if (from->sa_family == AF_INET) {
        memcpy(&system.v4, from, sizeof system.v4);
        memcpy(address.bytes, &system.v4.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&system.v6, from, sizeof system.v6);
        address.is_v6 = 1;
        address.scope = system.v6.sin6_scope_id;
        memcpy(address.bytes, &system.v6.sin6_addr, 16);
    } else {
        return 0;
    }
    *out = address;
    return 1;
}

int envoi__address_is_loopback(const struct envoi__address *address)
{
    static const unsigned char loopback[16] = {[15] = 1}, mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (!address->is_v6)
        return address->bytes[0] == 127;
    if (memcmp(address->bytes, mapped, sizeof mapped) == 0)
        return address->bytes[12] == 127;
    return memcmp(address->bytes, loopback, sizeof loopback) == 0;
}

void envoi__address_format(const struct envoi__address *address, char out[ENVOI__ADDRESS_TEXT])
{
    char text[INET6_ADDRSTRLEN] = "?";
    inet_ntop(address->is_v6 ? AF_INET6 : AF_INET, address->bytes, text, sizeof text);
    snprintf(out, ENVOI__ADDRESS_TEXT, "%s port %u", text, (unsigned)address->port);
}

static socklen_t to_system(const struct envoi__address *address, union any_address *out)
{
    memset(out, 0, sizeof *out);
    if (address->is_v6) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(address->port);
        out->v6.sin6_scope_id = address->scope;
        memcpy(&out->v6.sin6_addr, address->bytes, 16);
        return sizeof out->v6;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(address->port);
    memcpy(&out->v4.sin_addr, address->bytes, 4);
    return sizeof out->v4;
}

static int error_of(int number)
{
    static const struct {
        int number, error;
    } rows[] = {
        {EAGAIN, ENVOI_ERR_AGAIN},
        {EWOULDBLOCK, ENVOI_ERR_AGAIN},
        {ECONNREFUSED, ENVOI_ERR_REFUSED},
        {ECONNRESET, ENVOI_ERR_RESET},
        {ECONNABORTED, ENVOI_ERR_RESET},
        {EPIPE, ENVOI_ERR_RESET},
        {ENETUNREACH, ENVOI_ERR_UNREACHABLE},
        {EHOSTUNREACH, ENVOI_ERR_UNREACHABLE},
        {ENETDOWN, ENVOI_ERR_UNREACHABLE},
        {EADDRNOTAVAIL, ENVOI_ERR_UNREACHABLE},
        {EAFNOSUPPORT, ENVOI_ERR_UNREACHABLE},
        {EPERM, ENVOI_ERR_UNREACHABLE}, /* a local packet filter */
        {EACCES, ENVOI_ERR_UNREACHABLE},
        {ETIMEDOUT, ENVOI_ERR_TIMEOUT_CONNECT},
        {ENOMEM, ENVOI_ERR_NOMEM},
        {ENOBUFS, ENVOI_ERR_NOMEM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].number == number)
            return rows[i].error;
    }
    return ENVOI_ERR_TRANSPORT;
}

/* TCP_NODELAY: a stanza that waits for the acknowledgement of the last one costs 40 ms, and output is written
 * in one piece anyway. */
static void set_options(int fd)
{
    static const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

int envoi__socket_open(const struct envoi__address *address, int *fd_out)
{
    union any_address to;
    socklen_t len = to_system(address, &to);
    int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return error_of(errno);
    set_options(fd);
    /* interrupted or not, it goes on in the background */
    if (connect(fd, &to.any, len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        int error = error_of(errno);
        close(fd);
        return error == ENVOI_ERR_AGAIN ? ENVOI_ERR_UNREACHABLE : error; /* EAGAIN: no local port is left */
    }
    *fd_out = fd;
    return 0;
}

/* A port of this machine that nobody listens on can be given to the connecting socket itself, which then is
 * its own peer (RFC 9293 3.5, simultaneous open). */
static int is_own_peer(int fd)
{
    union any_address local, peer;
    socklen_t local_len = sizeof local, peer_len = sizeof peer;
    memset(&local, 0, sizeof local);
    memset(&peer, 0, sizeof peer);
    if (getsockname(fd, &local.any, &local_len) != 0 || getpeername(fd, &peer.any, &peer_len) != 0)
        return 0;
    return local_len == peer_len && memcmp(&local, &peer, local_len) == 0;
}

int envoi__socket_connected(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) <= 0)
        return ENVOI_ERR_AGAIN;
    int number = 0;
    socklen_t len = sizeof number;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
        return ENVOI_ERR_TRANSPORT;
    if (number == 0)
        return is_own_peer(fd) ? ENVOI_ERR_REFUSED : 0;
    int error = error_of(number);
    return error == ENVOI_ERR_RESET ? ENVOI_ERR_REFUSED : error;
}

/* The result of recv() or send() as a transport wants it. A connection that was up and timed out is no
 * failure to connect. */
static int result_of(ssize_t n, int number)
{
    if (n >= 0)
        return (int)n;
    return number == ETIMEDOUT ? ENVOI_ERR_TRANSPORT : error_of(number);
}

int envoi__socket_read(void *user, void *buf, size_t len)
{
    const int *fd = user;
    ssize_t n;
    do
        n = recv(*fd, buf, len, 0);
    while (n < 0 && errno == EINTR);
    return result_of(n, errno);
}

int envoi__socket_write(void *user, const void *data, size_t len)
{
    const int *fd = user;
    ssize_t n;
    do
        n = send(*fd, data, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return result_of(n, errno);
}

void envoi__socket_acknowledge(int fd)
{
#ifdef TCP_QUICKACK
    static const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
#else
    (void)fd;
#endif
}

void envoi__socket_close(void *user)
{
    const int *fd = user;
    char waste[4096];
    shutdown(*fd, SHUT_WR);
    for (int i = 0; i < 64; i++) {
        if (recv(*fd, waste, sizeof waste, 0) <= 0)
            break;
    }
    close(*fd);
}

void envoi__socket_drop(int fd)
{
    close(fd);
}
