/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "net_run.h"
#include <envoi/transport.h>
#include <errno.h>
#include <netinet/tcp.h>

#define HEADER                                                                                                       \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                                                     \
    "xmlns:stream='http://etherx.jabber.org/streams' "                                                               \
    "id='1' from='example.test' version='1.0'>"
#define FEATURES                                                                                                     \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>"       \
    "</mechanisms></stream:features>"
#define CONFLICT                                                                                                     \
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"

/* --- what the library asks of its sockets --- */

static int without_delay, acknowledged; /* how often */

int __real_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    without_delay += level == IPPROTO_TCP && option == TCP_NODELAY;
#ifdef TCP_QUICKACK
    acknowledged += level == IPPROTO_TCP && option == TCP_QUICKACK;
#endif
    return __real_setsockopt(fd, level, option, value, len);
}

static int sends_blocked;

ssize_t __real_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags);

ssize_t __wrap_send(int fd, const void *data, size_t len, int flags)
{
    if (!sends_blocked)
        return __real_send(fd, data, len, flags);
    errno = EAGAIN;
    return -1;
}

/* --- which host --- */

static void test_targets_are_tried_by_priority_and_dead_ones_passed(void **state)
{
    (void)state;
    unsigned dead, live, spare;
    int dead_fd = open_dead("127.0.0.1", &dead), live_fd = open_live("127.0.0.1", &live);
    int spare_fd = open_live("127.0.0.1", &spare);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "c.example.test", 30, 65535, spare, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "b.example.test", 20, 0, live, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 10, 0, dead, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"b.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"c.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    assert_non_null(strstr(run.dns.log, " SRV _xmpp-client._tcp.example.test"));
    assert_null(strstr(run.dns.log, "c.example.test"));
    assert_null(strstr(run.dns.log, "OTHER")); /* no TXT: alternative methods found so cannot be trusted */
    run_close(&run);
    close(dead_fd);
    close(live_fd);
    close(spare_fd);
}

static void test_direct_tls_asks_for_its_own_service(void **state)
{
    (void)state;
    unsigned live, other;
    int live_fd = open_live("127.0.0.1", &live), other_fd = open_live("127.0.0.1", &other);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, other, 0, 0, 0},
        {"_xmpps-client._tcp.example.test", TYPE_SRV, "a.example.test", 9, 0, live, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open_as(&run, "user@example.test", ENVOI_TLS_DIRECT, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close(live_fd);
    close(other_fd);
}

static void test_target_dot_ends_the_search_without_a_lookup(void **state)
{
    (void)state;
    static const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, ".", 0, 0, 0, 0, 0, 0},
        {"example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), ENVOI_ERR_SERVICE_NOT_OFFERED);
    assert_string_equal(run.dns.log, " SRV _xmpp-client._tcp.example.test");
    assert_text(&run, "_xmpp-client._tcp.example.test");
    run_close(&run);
}

/* Without SRV records the domain's own addresses and the default port count (RFC 6120 3.2.2). */
static void check_fallback(int tls, unsigned port, const struct dns_row *more)
{
    char address[32];
    int fd = open_standard(port, address);
    const struct dns_row rows[] = {{"example.test", TYPE_A, address, 0, 0, 0, 0, 0, 0}, *more};
    struct run run;
    run_open_as(&run, "user@example.test", tls, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, address, port);
    run_close(&run);
    close(fd);
}

static void test_without_srv_records_the_domain_itself_is_tried(void **state)
{
    (void)state;
    static const struct dns_row nothing = {"unrelated.test", TYPE_OTHER, "", 0, 0, 0, 0, 0, 0};
    static const struct dns_row no_data = {"_xmpp-client._tcp.example.test", TYPE_OTHER, "", 0, 0, 0, 0, 0, 0};
    static const struct dns_row alias = {"_xmpp-client._tcp.example.test", TYPE_CNAME, "none.test", 0, 0, 0, 0, 0, 0};
    check_fallback(ENVOI_TLS_STARTTLS, 5222, &nothing); /* NXDOMAIN */
    check_fallback(ENVOI_TLS_STARTTLS, 5222, &no_data);
    check_fallback(ENVOI_TLS_STARTTLS, 5222, &alias);
    check_fallback(ENVOI_TLS_DIRECT, 5223, &nothing);
}

static void test_a_failing_name_server_is_no_reason_to_fall_back(void **state)
{
    (void)state;
    static const int rcodes[] = {RCODE_FORMERR, RCODE_SERVFAIL, RCODE_REFUSED};
    for (size_t i = 0; i < COUNT(rcodes); i++) {
        const struct dns_row rows[] = {
            {"_xmpp-client._tcp.example.test", 0, NULL, 0, 0, 0, rcodes[i], 0, 0},
            {"example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        };
        struct run run;
        run_open(&run, rows, COUNT(rows));
        assert_int_equal(run_to_end(&run), ENVOI_ERR_DNS);
        assert_null(strstr(run.dns.log, " A "));
        assert_text(&run, "name server");
        run_close(&run);
    }
}

static void test_a_mute_name_server_is_given_up_in_time(void **state)
{
    (void)state;
    static const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", 0, NULL, 0, 0, 0, 0, 1, 0},
        {"example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 400), 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_DNS);
    assert_null(strstr(run.dns.log, " A "));
    run_close(&run);
}

static void test_nobody_listening_as_name_server_is_a_dns_failure(void **state)
{
    (void)state;
    unsigned port;
    char address[32];
    struct run run;
    int fd = open_dead("127.0.0.1", &port);
    run_open(&run, NULL, 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal(envoi_net_set_nameserver(run.net, address), 0);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 3000), 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_DNS);
    run_close(&run);
    close(fd);
}

static void test_failed_targets_are_not_followed_by_the_domain_itself(void **state)
{
    (void)state;
    unsigned one, two;
    int one_fd = open_dead("127.0.0.1", &one), two_fd = open_dead("127.0.0.1", &two);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "b.example.test", 2, 0, two, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "nowhere.example.test", 3, 0, 5222, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 1, 0, one, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"b.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    char expected[200];
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), ENVOI_ERR_REFUSED);
    snprintf(expected, sizeof expected, "127.0.0.1 port %u: refused; 127.0.0.1 port %u: refused", one, two);
    assert_text(&run, expected);
    assert_text(&run, "nowhere.example.test: no such host");
    assert_null(strstr(run.dns.log, " A example.test"));
    run_close(&run);
    close(one_fd);
    close(two_fd);
}

static void test_a_domain_without_any_record_is_not_found(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, NULL, 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_HOST_NOT_FOUND);
    assert_text(&run, "example.test");
    run_close(&run);
}

static void test_targets_that_lead_nowhere_end(void **state)
{
    (void)state;
    static const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "loop1.example.test", 0, 0, 5222, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "nodata.example.test", 1, 0, 5222, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "ported.example.test", 2, 0, 0, 0, 0, 0},
        {"loop1.example.test", TYPE_CNAME, "loop2.example.test", 0, 0, 0, 0, 0, 0},
        {"loop2.example.test", TYPE_CNAME, "loop1.example.test", 0, 0, 0, 0, 0, 0},
        {"nodata.example.test", TYPE_OTHER, "", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), ENVOI_ERR_HOST_NOT_FOUND);
    assert_null(strstr(run.dns.log, "ported"));
    run_close(&run);
}

static void test_a_truncated_answer_is_fetched_by_tcp(void **state)
{
    (void)state;
    unsigned dead, live;
    int dead_fd = open_dead("127.0.0.1", &dead), live_fd = open_live("127.0.0.1", &live);
    struct dns_row rows[41];
    for (unsigned i = 0; i < 40; i++)
        rows[i] =
            (struct dns_row){"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 50 - i, 0, dead, 0, 0, 0};
    rows[39].port = live;
    rows[40] = (struct dns_row){"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0};
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    assert_true(run.dns.tcp_questions > 0);
    run_close(&run);
    close(dead_fd);
    close(live_fd);
}

static void test_answers_to_other_questions_are_ignored(void **state)
{
    (void)state;
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, live, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 1},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close(fd);
}

/* --- which address --- */

static void test_ipv6_and_ipv4_are_both_tried(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    for (int v6_live = 0; v6_live < 2; v6_live++) {
        unsigned live;
        int fd = open_live(v6_live ? "::1" : "127.0.0.1", &live), held = -1;
        unsigned same;
        if (!bind_on(v6_live ? "127.0.0.1" : "::1", live, &held, &same)) {
            close(fd);
            continue; /* another program has it, and may answer */
        }
        const struct dns_row rows[] = {
            {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, live, 0, 0, 0},
            {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
            {"a.example.test", TYPE_AAAA, "::1", 0, 0, 0, 0, 0, 0},
        };
        struct run run;
        run_open(&run, rows, COUNT(rows));
        assert_int_equal(run_to_end(&run), CONNECTED);
        assert_peer(&run, v6_live ? "::1" : "127.0.0.1", live);
        run_close(&run);
        close(fd);
        close(held);
    }
}

static void test_an_ipv6_only_host_is_reached(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    unsigned live;
    int fd = open_live("::1", &live);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "v6.example.test", 0, 0, live, 0, 0, 0},
        {"v6.example.test", TYPE_AAAA, "::1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "::1", live);
    run_close(&run);
    close(fd);
}

static void test_kinds_of_address_take_turns(void **state)
{
    (void)state;
    unsigned port, same;
    int v4 = open_dead("0.0.0.0", &port), v6 = -1;
    if (!has_ipv6() || !bind_on("::1", port, &v6, &same)) {
        close(v4);
        skip();
    }
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, port, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.2", 0, 0, 0, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.3", 0, 0, 0, 0, 0, 0},
        {"a.example.test", TYPE_AAAA, "::1", 0, 0, 0, 0, 0, 0},
        {"a.example.test", TYPE_AAAA, "::ffff:127.0.0.4", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), ENVOI_ERR_REFUSED);
    const char *at = run.text;
    int kind = -1;
    for (int i = 0; i < 4; i++) { /* which kind begins is the system's choice */
        const char *end = strstr(at, " port "), *begin = end;
        assert_non_null(end);
        while (begin > at && begin[-1] != ' ')
            begin--;
        int is_v6 = memchr(begin, ':', (size_t)(end - begin)) != NULL;
        if (is_v6 == kind)
            fail_msg("not in turn: %s", run.text);
        kind = is_v6;
        at = end + 1;
    }
    run_close(&run);
    close(v4);
    close(v6);
}

static void test_a_silent_address_holds_up_nobody(void **state)
{
    (void)state;
    struct silent silent;
    unsigned live;
    open_silent(&silent, "127.0.0.1");
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "127.0.0.1", 0, 0, silent.port, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "127.0.0.1", 1, 0, live, 0, 0, 0},
    };
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close_silent(&silent);
    close(fd);
}

static void test_addresses_that_never_answer_time_out(void **state)
{
    (void)state;
    struct silent silent;
    struct run run;
    open_silent(&silent, "127.0.0.1");
    run_open_to(&run, "127.0.0.1", silent.port);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 300), 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_TIMEOUT_CONNECT);
    assert_text(&run, "127.0.0.1 port");
    run_close(&run);
    close_silent(&silent);
}

static void test_a_host_that_is_given_needs_no_srv(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "a.example.test", "localhost", "LOCALHOST.", "x.localhost"};
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {{"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0}};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct run run;
        run_open(&run, rows, COUNT(rows));
        assert_int_equal(envoi_net_set_host(run.net, hosts[i], live), 0);
        assert_int_equal(run_to_end(&run), CONNECTED);
        assert_peer(&run, "127.0.0.1", live);
        assert_null(strstr(run.dns.log, "SRV"));
        assert_int_equal(run.dns.log[0] != '\0', i == 1);
        run_close(&run);
    }
    close(fd);
}

static void test_a_port_may_stand_behind_the_host(void **state)
{
    (void)state;
    struct run run;
    unsigned live;
    char host[64];
    int fd = open_live("127.0.0.1", &live);
    snprintf(host, sizeof host, "127.0.0.1:%u", live);
    run_open_to(&run, host, 0);
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close(fd);
    if (!has_ipv6())
        return;
    fd = open_live("::1", &live);
    snprintf(host, sizeof host, "[::1]:%u", live);
    run_open_to(&run, host, 0);
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "::1", live);
    run_close(&run);
    close(fd);
}

/* RFC 6120 4.9.3.19: what a redirect may name, for a program that follows it of its own accord. */
static void test_the_other_host_of_a_redirect_can_be_set(void **state)
{
    (void)state;
    static const char *const good[] = {"b.example.com",  "b.example.com:9222", "192.0.2.1",
                                       "192.0.2.1:9222", "[2001:db8::1]",      "[2001:41D0:1:A49b::1]:9222"};
    static const char *const bad[] = {
        "",       ":9222",    "b.example.com:", "b.example.com:x",    "b.example.com:65536",
        "[::1]:", "[::1]:-1", "192.0.2.1:+1",   "b.example.com:9222 "};
    struct run run;
    run_open(&run, NULL, 0);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(envoi_net_set_host(run.net, good[i], 0), 0);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(envoi_net_set_host(run.net, bad[i], 0), ENVOI_ERR_ARGUMENT);
    run_close(&run);
}

static void test_ipv6_literals_go_with_and_without_brackets(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    static const char *const hosts[] = {"::1", "[::1]"};
    unsigned live;
    int fd = open_live("::1", &live);
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct run run;
        run_open_to(&run, hosts[i], live);
        assert_int_equal(run_to_end(&run), CONNECTED);
        assert_peer(&run, "::1", live);
        run_close(&run);
    }
    close(fd);
}

static void test_local_mode_connects_to_loopback_alone(void **state)
{
    (void)state;
    static const char *const far[] = {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "0.0.0.0", "::"};
    for (size_t i = 0; i < COUNT(far); i++) {
        struct run run;
        run_open_as(&run, "user@example.test", ENVOI_TLS_LOCAL, NULL, 0);
        assert_int_equal(envoi_net_set_host(run.net, far[i], 5222), 0);
        assert_int_equal(run_to_end(&run), ENVOI_ERR_TLS_REQUIRED);
        assert_text(&run, "not a loopback address");
        run_close(&run);
    }
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, live, 0, 0, 0},
        {"a.example.test", TYPE_A, "192.0.2.1", 0, 0, 0, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    struct run run;
    run_open_as(&run, "user@example.test", ENVOI_TLS_LOCAL, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close(fd);
    /* elsewhere other addresses are fine; this one is an alias of the loopback address, by the kernel's grace
     */
    fd = open_live("127.0.0.1", &live);
    run_open_to(&run, "0.0.0.0", live);
    assert_int_equal(run_to_end(&run), CONNECTED);
    run_close(&run);
    close(fd);
}

/* --- the stream over it --- */

struct talk {
    struct run run;
    int listener, fd;
    char heard[8192];
    size_t heard_len;
};

static void talk_open(struct talk *talk)
{
    unsigned port;
    memset(talk, 0, sizeof *talk);
    run_open_as(&talk->run, "user@example.test", ENVOI_TLS_LOCAL, NULL, 0);
    talk->listener = open_live("127.0.0.1", &port);
    assert_int_equal(envoi_net_set_host(talk->run.net, "127.0.0.1", port), 0);
    assert_int_equal(run_to_end(&talk->run), CONNECTED);
    talk->fd = -1;
    for (uint64_t begin = envoi_net_now_ms(); talk->fd < 0 && envoi_net_now_ms() < begin + PATIENCE_MS;)
        talk->fd = accept(talk->listener, NULL, NULL);
    assert_true(talk->fd >= 0);
    assert_int_equal(fcntl(talk->fd, F_SETFL, O_NONBLOCK), 0);
}

static void talk_close(struct talk *talk)
{
    if (talk->fd >= 0)
        close(talk->fd);
    close(talk->listener);
    run_close(&talk->run);
}

static void talk_say(struct talk *talk, const char *text)
{
    assert_int_equal(send(talk->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Hear until the text came, or the client's end. 1 or 0. */
static int talk_hear(struct talk *talk, const char *text)
{
    for (uint64_t begin = envoi_net_now_ms(); envoi_net_now_ms() < begin + PATIENCE_MS;) {
        ssize_t n = recv(talk->fd, talk->heard + talk->heard_len, sizeof talk->heard - talk->heard_len - 1, 0);
        talk->heard_len += n > 0 ? (size_t)n : 0;
        if (text && strstr(talk->heard, text))
            return 1;
        if (n == 0)
            return !text;
        struct pollfd ready = {.fd = talk->fd, .events = POLLIN};
        poll(&ready, 1, 10);
        envoi_net_process(talk->run.net, envoi_net_now_ms());
        take_events(&talk->run);
    }
    return 0;
}

/* The loop that the header shows. */
static int talk_until_closed(struct talk *talk)
{
    for (uint64_t begin = envoi_net_now_ms(); envoi_net_now_ms() < begin + PATIENCE_MS;) {
        take_events(&talk->run);
        if (talk->run.closed)
            break;
        assert_in_range(envoi_net_wait(talk->run.net, PATIENCE_MS), 0, 1);
    }
    assert_int_equal(talk->run.closed, 1);
    return talk->run.error;
}

static void test_a_stream_lives_and_ends_over_tcp(void **state)
{
    (void)state;
    struct talk talk;
    talk_open(&talk);
    assert_int_equal(talk_hear(&talk, "<stream:stream"), 1);
    talk_say(&talk, HEADER CONFLICT);
    assert_int_equal(talk_until_closed(&talk), ENVOI_ERR_CONFLICT);
    assert_int_equal(envoi_net_wait(talk.run.net, -1), 0); /* at once, and it sends what is left */
    assert_int_equal(envoi_net_fd_count(talk.run.net), 0);
    assert_true(envoi_net_deadline(talk.run.net) == UINT64_MAX);
    assert_int_equal(talk_hear(&talk, "</stream:stream>"), 1);
    assert_int_equal(talk_hear(&talk, NULL), 1);
    talk_close(&talk);
}

static void test_a_closed_stream_is_not_waited_for_though_output_is_left(void **state)
{
    (void)state;
    struct talk talk;
    talk_open(&talk);
    assert_int_equal(talk_hear(&talk, "<stream:stream"), 1);
    talk_say(&talk, HEADER CONFLICT);
    sends_blocked = 1; /* the peer takes no more */
    assert_int_equal(talk_until_closed(&talk), ENVOI_ERR_CONFLICT);
    assert_int_equal(envoi_net_wait(talk.run.net, -1), 0);
    assert_int_equal(envoi_net_fd_count(talk.run.net), 1);
    sends_blocked = 0;
    assert_int_equal(envoi_net_wait(talk.run.net, -1), 0);
    assert_int_equal(envoi_net_fd_count(talk.run.net), 0);
    assert_int_equal(talk_hear(&talk, "</stream:stream>"), 1);
    talk_close(&talk);
}

/* Let the client read what was said, and take its events. */
static void talk_be_read(struct talk *talk, const char *text)
{
    struct pollfd ready = {.events = POLLIN};
    int wanted = 0;
    talk_say(talk, text);
    assert_int_equal(envoi_net_fd(talk->run.net, 0, &ready.fd, &wanted), 0);
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    assert_int_equal(envoi_net_process(talk->run.net, envoi_net_now_ms()), 1);
    take_events(&talk->run);
}

static void talk_go_on_until_nothing_moves(struct talk *talk)
{
    while (envoi_net_process(talk->run.net, envoi_net_now_ms()))
        take_events(&talk->run);
}

/* Or a server that keeps Nagle's algorithm has to wait for the acknowledgement before it goes on. */
static void test_what_is_read_is_acknowledged_at_once_unless_output_does_it(void **state)
{
    (void)state;
    struct talk talk;
    without_delay = 0;
    talk_open(&talk);
    assert_int_equal(without_delay, 1);
    assert_int_equal(talk_hear(&talk, "<stream:stream"), 1);
    acknowledged = 0;
    talk_be_read(&talk, HEADER);
    assert_int_equal(acknowledged, 0); /* there may be an answer */
    talk_go_on_until_nothing_moves(&talk);
#ifdef TCP_QUICKACK
    assert_int_equal(acknowledged, 1);
#endif
    talk_go_on_until_nothing_moves(&talk);
    acknowledged = 0;
    talk_be_read(&talk, FEATURES);
    assert_int_equal(envoi_stream_set_password(talk.run.stream, "secret"), 0);
    talk_go_on_until_nothing_moves(&talk);
    assert_int_equal(talk_hear(&talk, "<auth"), 1);
    assert_int_equal(acknowledged, 0);
    talk_close(&talk);
}

static void test_a_connection_that_ends_closes_the_stream(void **state)
{
    (void)state;
    struct talk talk;
    talk_open(&talk);
    assert_int_equal(talk_hear(&talk, "<stream:stream"), 1);
    close(talk.fd);
    talk.fd = -1;
    assert_int_equal(talk_until_closed(&talk), ENVOI_ERR_EOF);
    talk_close(&talk);
}

static void test_a_reset_connection_closes_the_stream(void **state)
{
    (void)state;
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct talk talk;
    talk_open(&talk);
    assert_int_equal(talk_hear(&talk, "<stream:stream"), 1);
    setsockopt(talk.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(talk.fd);
    talk.fd = -1;
    assert_int_equal(talk_until_closed(&talk), ENVOI_ERR_RESET);
    talk_close(&talk);
}

static void test_wait_keeps_its_time_and_needs_a_start(void **state)
{
    (void)state;
    struct run run;
    struct silent silent;
    open_silent(&silent, "127.0.0.1");
    run_open(&run, NULL, 0);
    assert_int_equal(envoi_net_wait(run.net, 0), ENVOI_ERR_STATE);
    assert_int_equal(envoi_net_process(run.net, 0), ENVOI_ERR_STATE);
    assert_int_equal(envoi_net_fd_count(run.net), 0);
    assert_int_equal(envoi_net_set_host(run.net, "127.0.0.1", silent.port), 0);
    assert_int_equal(envoi_net_start(run.net), 0);
    assert_true(envoi_net_deadline(run.net) == 0); /* due at once */
    assert_int_equal(envoi_net_wait(run.net, 0), 0);
    uint64_t begin = envoi_net_now_ms();
    assert_int_equal(envoi_net_wait(run.net, 60), 0);
    assert_true(envoi_net_now_ms() >= begin + 60);
    assert_int_equal(envoi_net_fd_count(run.net), 1);
    run_close(&run);
    close_silent(&silent);
}

static void test_freeing_in_the_middle_of_a_lookup_leaks_nothing(void **state)
{
    (void)state;
    static const struct dns_row rows[] = {{"_xmpp-client._tcp.example.test", 0, NULL, 0, 0, 0, 0, 1, 0}};
    struct run run;
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(envoi_net_start(run.net), 0);
    assert_int_equal(envoi_net_process(run.net, envoi_net_now_ms()), 0);
    assert_true(envoi_net_fd_count(run.net) > 0);
    run_close(&run);
}

static void test_wrong_arguments_are_refused(void **state)
{
    (void)state;
    char big[300];
    struct run run;
    envoi_config *config = NULL;
    envoi_net *none = NULL;
    int fd, wanted;
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    run_open(&run, NULL, 0);
    assert_int_equal(envoi_config_new(&config, "user@example.test"), 0);
    assert_int_equal(envoi_net_new(NULL, run.stream, config), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_new(&none, NULL, config), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_new(&none, run.stream, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL), 0);
    assert_int_equal(envoi_net_new(&none, run.stream, config), ENVOI_ERR_TLS_REQUIRED);
    assert_null(none);
    envoi_config_free(config);
    assert_int_equal(envoi_net_set_host(run.net, "", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_host(run.net, big, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_host(run.net, "a", 65536), ENVOI_ERR_ARGUMENT);
    static const char *const no_ports[] = {":1", "a:", "a:65536", "a:99999999999", "a:-1", "a:5222x", "[::1]:"};
    for (size_t i = 0; i < COUNT(no_ports); i++)
        assert_int_equal(envoi_net_set_host(run.net, no_ports[i], 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_nameserver(run.net, ""), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_nameserver(run.net, "not an address"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_fd(run.net, 0, &fd, &wanted), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_net_fd(run.net, 0, NULL, &wanted), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_process(NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_start(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_host(NULL, "a", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_nameserver(NULL, "127.0.0.1"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_nameserver(run.net, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_connect_timeout(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, UINT32_MAX), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_fd_count(NULL), 0);
    assert_int_equal(envoi_net_fd(NULL, 0, &wanted, &wanted), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_net_fd(run.net, 0, &wanted, NULL), ENVOI_ERR_ARGUMENT);
    assert_true(envoi_net_deadline(NULL) == UINT64_MAX && envoi_net_deadline(run.net) == UINT64_MAX);
    assert_null(envoi_net_peer(NULL));
    assert_null(envoi_net_peer(run.net));
    assert_int_equal(envoi_transport_wanted(NULL, run.stream), 0);
    assert_int_equal(envoi_net_wait(NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_net_peer(run.net));
    /* the setters' first error is kept for the one check that a program makes */
    assert_int_equal(envoi_net_start(run.net), ENVOI_ERR_ARGUMENT);
    run_close(&run);
    run_open_to(&run, NULL, 0);
    assert_int_equal(envoi_net_start(run.net), 0);
    assert_int_equal(envoi_net_start(run.net), ENVOI_ERR_STATE);
    assert_int_equal(envoi_net_set_host(run.net, "a", 1), ENVOI_ERR_STATE);
    assert_int_equal(envoi_net_set_nameserver(run.net, "127.0.0.1"), ENVOI_ERR_STATE);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 1), ENVOI_ERR_STATE);
    envoi_net_free(NULL);
    run_close(&run);
}

/* SRV, a dead target and a live one, with whatever memory there is. */
static int connect_once(void *user)
{
    const struct dns_row *rows = user;
    struct dns dns;
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    envoi_net *net = NULL;
    size_t fds_before = open_fds();
    dns_open(&dns, rows, 3);
    int error = envoi_config_new(&config, "user@example.test");
    if (!error)
        error = envoi_stream_new(&stream, config, envoi_net_now_ms());
    if (!error)
        error = envoi_net_new(&net, stream, config);
    if (!error)
        error = envoi_net_set_nameserver(net, dns.address);
    if (!error)
        error = envoi_net_start(net);
    for (uint64_t begin = envoi_net_now_ms(); !error && !envoi_net_peer(net);) {
        const envoi_event *event;
        dns_pump(&dns);
        envoi_net_process(net, envoi_net_now_ms());
        while ((event = envoi_stream_next_event(stream))) {
            if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
                error = envoi_event_error(event);
        }
        if (envoi_net_now_ms() > begin + PATIENCE_MS)
            fail_msg("no end");
    }
    envoi_net_free(net);
    envoi_stream_free(stream);
    envoi_config_free(config);
    dns_close(&dns);
    assert_int_equal(open_fds(), fds_before);
    return error;
}

static void test_net_survives_every_failed_allocation(void **state)
{
    (void)state;
    unsigned dead, live;
    int dead_fd = open_dead("127.0.0.1", &dead), live_fd = open_live("127.0.0.1", &live);
    struct dns_row rows[] = {
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 0, 0, dead, 0, 0, 0},
        {"_xmpp-client._tcp.example.test", TYPE_SRV, "a.example.test", 1, 0, live, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    with_failing_allocations(connect_once, rows);
    close(dead_fd);
    close(live_fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_are_tried_by_priority_and_dead_ones_passed),
        cmocka_unit_test(test_direct_tls_asks_for_its_own_service),
        cmocka_unit_test(test_target_dot_ends_the_search_without_a_lookup),
        cmocka_unit_test(test_without_srv_records_the_domain_itself_is_tried),
        cmocka_unit_test(test_a_failing_name_server_is_no_reason_to_fall_back),
        cmocka_unit_test(test_a_mute_name_server_is_given_up_in_time),
        cmocka_unit_test(test_nobody_listening_as_name_server_is_a_dns_failure),
        cmocka_unit_test(test_failed_targets_are_not_followed_by_the_domain_itself),
        cmocka_unit_test(test_a_domain_without_any_record_is_not_found),
        cmocka_unit_test(test_targets_that_lead_nowhere_end),
        cmocka_unit_test(test_a_truncated_answer_is_fetched_by_tcp),
        cmocka_unit_test(test_answers_to_other_questions_are_ignored),
        cmocka_unit_test(test_ipv6_and_ipv4_are_both_tried),
        cmocka_unit_test(test_an_ipv6_only_host_is_reached),
        cmocka_unit_test(test_kinds_of_address_take_turns),
        cmocka_unit_test(test_a_silent_address_holds_up_nobody),
        cmocka_unit_test(test_addresses_that_never_answer_time_out),
        cmocka_unit_test(test_a_host_that_is_given_needs_no_srv),
        cmocka_unit_test(test_a_port_may_stand_behind_the_host),
        cmocka_unit_test(test_the_other_host_of_a_redirect_can_be_set),
        cmocka_unit_test(test_ipv6_literals_go_with_and_without_brackets),
        cmocka_unit_test(test_local_mode_connects_to_loopback_alone),
        cmocka_unit_test(test_a_stream_lives_and_ends_over_tcp),
        cmocka_unit_test(test_a_closed_stream_is_not_waited_for_though_output_is_left),
        cmocka_unit_test(test_what_is_read_is_acknowledged_at_once_unless_output_does_it),
        cmocka_unit_test(test_a_connection_that_ends_closes_the_stream),
        cmocka_unit_test(test_a_reset_connection_closes_the_stream),
        cmocka_unit_test(test_wait_keeps_its_time_and_needs_a_start),
        cmocka_unit_test(test_freeing_in_the_middle_of_a_lookup_leaks_nothing),
        cmocka_unit_test(test_wrong_arguments_are_refused),
        cmocka_unit_test(test_net_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
