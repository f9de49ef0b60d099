/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_NET_RUN_H
#define ENVOI_TESTS_NET_RUN_H
/* A stream on its way to a connection: peers that take it, refuse it or stay silent, a scripted name server, and the
 * loop. Include test.h first. */
#include "scripted_dns.h"
#include <dirent.h>
#include <envoi/net.h>
#include <poll.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { PATIENCE_MS = 30000, CONNECTED = 2, UNDECIDED = 1 };

/* --- TCP peers --- */

static inline int bind_on(const char *address, unsigned port, int *fd, unsigned *port_out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int is_v6 = inet_pton(AF_INET, address, &v4.sin_addr) != 1;
    if (is_v6)
        assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    struct sockaddr *at = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t len = is_v6 ? sizeof v6 : sizeof v4;
    static const int on = 1;
    *port_out = 0;
    *fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return 0;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_v6)
        setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(*fd, at, len) != 0 || getsockname(*fd, at, &len) != 0) {
        close(*fd);
        return 0;
    }
    *port_out = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    return 1;
}

/* A port that takes connections; one that is held but refuses them; one whose queue is full, so that no
 * answer comes. */
static inline int open_live(const char *address, unsigned *port)
{
    int fd = -1;
    *port = 0;
    assert_int_equal(bind_on(address, 0, &fd, port), 1);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static inline int open_dead(const char *address, unsigned *port)
{
    int fd = -1;
    *port = 0;
    assert_int_equal(bind_on(address, 0, &fd, port), 1);
    return fd;
}

struct silent {
    int listener, clients[4];
    unsigned port;
};

static inline void open_silent(struct silent *silent, const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    assert_int_equal(bind_on(address, 0, &silent->listener, &silent->port), 1);
    assert_int_equal(listen(silent->listener, 0), 0);
    at.sin_port = htons((uint16_t)silent->port);
    assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
    for (size_t i = 0; i < COUNT(silent->clients); i++) {
        silent->clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(silent->clients[i], (struct sockaddr *)&at, sizeof at);
    }
}

static inline void close_silent(struct silent *silent)
{
    for (size_t i = 0; i < COUNT(silent->clients); i++)
        close(silent->clients[i]);
    close(silent->listener);
}

static inline int has_ipv6(void)
{
    int fd;
    unsigned port;
    if (!bind_on("::1", 0, &fd, &port))
        return 0;
    close(fd);
    return 1;
}

/* Somewhere in 127/8 the port, which is a fixed one, is free. */
static inline int open_standard(unsigned port, char address[32])
{
    int fd;
    unsigned same;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(address, 32, "127.%u.%u.%u", 83 + i, (unsigned)getpid() % 250 + 1,
                 (unsigned)getpid() / 250 % 250 + 1);
        if (bind_on(address, port, &fd, &same)) {
            assert_int_equal(listen(fd, 16), 0);
            return fd;
        }
    }
    fail_msg("no address with a free port %u", port);
    return -1;
}

static inline size_t open_fds(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* --- one run --- */

struct run {
    struct dns dns;
    envoi_stream *stream;
    envoi_net *net;
    size_t fds_before;
    int closed; /* CLOSED came, with: */
    int error;
    char text[600];
};

static inline void run_open_as(struct run *run, const char *jid, int tls, const struct dns_row *rows,
                               size_t row_count)
{
    envoi_config *config = NULL;
    memset(run, 0, sizeof *run);
    run->fds_before = open_fds();
    dns_open(&run->dns, rows, row_count);
    assert_int_equal(envoi_config_new(&config, jid), 0);
    assert_int_equal(envoi_config_set_tls(config, tls), 0);
    assert_int_equal(envoi_stream_new(&run->stream, config, envoi_net_now_ms()), 0);
    assert_int_equal(envoi_net_new(&run->net, run->stream, config), 0);
    assert_int_equal(envoi_net_set_nameserver(run->net, run->dns.address), 0);
    envoi_config_free(config);
}

static inline void run_open(struct run *run, const struct dns_row *rows, size_t row_count)
{
    run_open_as(run, "user@example.test", ENVOI_TLS_STARTTLS, rows, row_count);
}

/* To a host that is given, without a record in DNS. */
static inline void run_open_to(struct run *run, const char *host, unsigned port)
{
    run_open(run, NULL, 0);
    assert_int_equal(envoi_net_set_host(run->net, host, port), 0);
}

static inline void run_close(struct run *run)
{
    envoi_net_free(run->net);
    envoi_stream_free(run->stream);
    dns_close(&run->dns);
    assert_int_equal(open_fds(), run->fds_before);
}

static inline void take_events(struct run *run)
{
    const envoi_event *event;
    while ((event = envoi_stream_next_event(run->stream))) {
        if (envoi_event_type(event) != ENVOI_EVENT_CLOSED)
            continue;
        assert_int_equal(run->closed, 0);
        run->closed = 1;
        run->error = envoi_event_error(event);
        snprintf(run->text, sizeof run->text, "%s", envoi_event_text(event) ? envoi_event_text(event) : "");
    }
}

/* Wait for a descriptor of the transport or of the name server, or for the deadline. */
static inline void wait_a_moment(struct run *run)
{
    struct pollfd fds[80];
    size_t count = envoi_net_fd_count(run->net);
    assert_true(count + 2 + DNS_TCP_MAX <= COUNT(fds));
    for (size_t i = 0; i < count; i++) {
        int fd = -1, wanted = 0;
        assert_int_equal(envoi_net_fd(run->net, i, &fd, &wanted), 0);
        assert_in_range(wanted, ENVOI_NET_READ, ENVOI_NET_READ | ENVOI_NET_WRITE);
        fds[i] = (struct pollfd){
            .fd = fd,
            .events = (short)((wanted & ENVOI_NET_READ ? POLLIN : 0) | (wanted & ENVOI_NET_WRITE ? POLLOUT : 0))};
    }
    fds[count++] = (struct pollfd){.fd = run->dns.udp, .events = POLLIN};
    fds[count++] = (struct pollfd){.fd = run->dns.listener, .events = POLLIN};
    for (size_t i = 0; i < run->dns.tcp_count; i++)
        fds[count++] = (struct pollfd){.fd = run->dns.tcp[i], .events = POLLIN};
    uint64_t now = envoi_net_now_ms(), due = envoi_net_deadline(run->net);
    uint64_t ms = due > now ? due - now : 0;
    poll(fds, (nfds_t)count, ms < 50 ? (int)ms : 50);
}

/* Until there is a connection or the stream is closed. CONNECTED, or the error of CLOSED. */
static inline int run_to_end(struct run *run)
{
    uint64_t begin = envoi_net_now_ms();
    assert_int_equal(envoi_net_start(run->net), 0);
    while (envoi_net_now_ms() < begin + PATIENCE_MS) {
        dns_pump(&run->dns);
        assert_true(envoi_net_process(run->net, envoi_net_now_ms()) >= 0);
        take_events(run);
        if (envoi_net_peer(run->net))
            return CONNECTED;
        if (run->closed)
            return run->error;
        wait_a_moment(run);
    }
    return UNDECIDED;
}

static inline void assert_peer(const struct run *run, const char *address, unsigned port)
{
    char expected[64];
    snprintf(expected, sizeof expected, "%s port %u", address, port);
    assert_string_equal(envoi_net_peer(run->net), expected);
}

static inline void assert_text(const struct run *run, const char *part)
{
    if (!strstr(run->text, part))
        fail_msg("\"%s\" lacks \"%s\"", run->text, part);
}

#endif
