/* SPDX-License-Identifier: MIT */
/* Names and addresses out of the ordinary, and systems that refuse: no descriptor, no socket, no memory. */
#include "test.h"

#include "net_run.h"
#include <sys/select.h> /* fd_set, which ares.h of 1.18 takes as given */

#include <ares.h>
#include <errno.h>
#include <sys/resource.h>

#define SERVICE "_xmpp-client._tcp.example.test"

enum { STANDARD = 5222, STANDARD_DIRECT = 5223, ATTEMPTS_MOST = 16, NEXT_ADDRESS_MS = 250 };

/* --- what the system refuses --- */

static int connect_errno, poll_errno, recv_errno, socket_option_errno; /* 0: it works */
static int socket_error;                                               /* what a connection is said to have met */
static int connects;                                                   /* how many were refused */

int __real_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
int __real_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
ssize_t __real_recv(int fd, void *to, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t len, int flags);
int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len);

static int fail_with(int number)
{
    errno = number;
    return -1;
}

/* What is interrupted goes on all the same. */
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
    if (!connect_errno)
        return __real_connect(fd, to, len);
    connects++;
    if (connect_errno == EINTR)
        __real_connect(fd, to, len);
    return fail_with(connect_errno);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
    return poll_errno && ms ? fail_with(poll_errno) : __real_poll(fds, count, ms);
}

ssize_t __wrap_recv(int fd, void *to, size_t len, int flags)
{
    return recv_errno ? fail_with(recv_errno) : __real_recv(fd, to, len, flags);
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
    if (socket_option_errno)
        return fail_with(socket_option_errno);
    int result = __real_getsockopt(fd, level, option, value, len);
    if (socket_error && option == SO_ERROR)
        memcpy(value, &socket_error, sizeof socket_error);
    return result;
}

/* From here on, no further descriptor can be had. */
static rlim_t refuse_descriptors(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    int lowest = dup(0);
    assert_true(lowest >= 0);
    close(lowest);
    limit.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void allow_descriptors(rlim_t before)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* --- names --- */

/* RFC 6120 3.2.4 */
static void test_a_domain_that_is_an_address_needs_no_dns(void **state)
{
    (void)state;
    char address[32], jid[64];
    struct run run;
    int fd = open_standard(STANDARD, address);
    snprintf(jid, sizeof jid, "user@%s", address);
    run_open_as(&run, jid, ENVOI_TLS_STARTTLS, NULL, 0);
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, address, STANDARD);
    assert_string_equal(run.dns.log, "");
    run_close(&run);
    close(fd);
}

/* Whether somebody listens there is not ours to say: it must have been tried, or `before` it with success. */
static void assert_tried(struct run *run, const char *address, const char *before, unsigned port)
{
    char expected[64];
    int result = run_to_end(run);
    if (result == CONNECTED) {
        int is_before = before && strncmp(envoi_net_peer(run->net), before, strlen(before)) == 0;
        assert_peer(run, is_before ? before : address, port);
        return;
    }
    assert_true(result == ENVOI_ERR_REFUSED || result == ENVOI_ERR_UNREACHABLE);
    snprintf(expected, sizeof expected, "%s port %u: ", address, port);
    assert_text(run, expected);
}

static void test_a_domain_that_is_an_ipv6_address_needs_no_dns(void **state)
{
    (void)state;
    struct run run;
    run_open_as(&run, "user@[::1]", ENVOI_TLS_DIRECT, NULL, 0);
    assert_tried(&run, "::1", NULL, STANDARD_DIRECT);
    assert_string_equal(run.dns.log, "");
    run_close(&run);
}

static void test_an_ipv6_address_without_brackets_has_no_port_in_it(void **state)
{
    (void)state;
    struct run run;
    run_open_to(&run, "::1", 0);
    assert_tried(&run, "::1", NULL, STANDARD);
    run_close(&run);
}

/* RFC 6761 6.3, and what only looks like it */
static void test_localhost_is_never_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *jid;
        int is_asked;
    } rows[] = {{"user@localhost", 0},
                {"user@LocalHost.", 0},
                {"user@im.localhost", 0},
                {"user@notlocalhost", 1},
                {"user@localhost.test", 1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run;
        run_open_as(&run, rows[i].jid, ENVOI_TLS_STARTTLS, NULL, 0);
        if (rows[i].is_asked)
            assert_int_equal(run_to_end(&run), ENVOI_ERR_HOST_NOT_FOUND);
        else
            assert_tried(&run, "127.0.0.1", "::1", STANDARD);
        assert_int_equal(run.dns.log[0] != '\0', rows[i].is_asked);
        run_close(&run);
    }
}

static void test_what_only_looks_like_an_address_is_asked_for_as_a_name(void **state)
{
    (void)state;
    static const char *const hosts[] = {"a",
                                        "[::1",
                                        "[127.0.0.1]",
                                        "127.0.0.256",
                                        "a\\b.test",
                                        "[a]",
                                        "a-name-that-is-longer-than-any-address-can-ever-be-and-then-some.test"};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct run run;
        run_open_to(&run, hosts[i], STANDARD);
        assert_int_equal(run_to_end(&run), ENVOI_ERR_HOST_NOT_FOUND);
        assert_text(&run, hosts[i]);
        run_close(&run);
    }
}

/* With the service in front of it the longest of domains is no longer a name that DNS can carry; so there are no such
 * records. */
static void test_the_longest_domain_has_addresses_of_its_own(void **state)
{
    (void)state;
    char domain[254], jid[300], address[32];
    memset(domain, 'a', sizeof domain - 1);
    domain[63] = domain[127] = domain[191] = '.';
    domain[sizeof domain - 1] = '\0';
    snprintf(jid, sizeof jid, "user@%s", domain);
    int fd = open_standard(STANDARD, address);
    const struct dns_row rows[] = {{domain, TYPE_A, address, 0, 0, 0, 0, 0, 0}};
    struct run run;
    run_open_as(&run, jid, ENVOI_TLS_STARTTLS, rows, COUNT(rows));
    assert_int_equal(run_to_end(&run), CONNECTED);
    assert_peer(&run, address, STANDARD);
    assert_null(strstr(run.dns.log, "SRV"));
    run_close(&run);
    close(fd);
}

/* Targets that cannot be connected to are no refusal of the service, and no reason to try the domain itself. */
static void test_targets_without_a_port_or_a_good_name_lead_nowhere(void **state)
{
    (void)state;
    char dots[200]; /* each dot inside a label becomes two letters (RFC 1035 5.1) */
    memset(dots, '|', sizeof dots - 1);
    dots[60] = dots[120] = '.';
    dots[sizeof dots - 1] = '\0';
    const struct dns_row targets[] = {
        {SERVICE, TYPE_SRV, "a.example.test", 0, 0, 0, 0, 0, 0},
        {SERVICE, TYPE_SRV, dots, 0, 0, STANDARD, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(targets); i++) {
        const struct dns_row rows[] = {targets[i], {"example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0}};
        struct run run;
        run_open(&run, rows, COUNT(rows));
        int result = run_to_end(&run);
        if (i == 0 || result != ENVOI_ERR_DNS) /* c-ares 1.18 takes no answer with such names */
            assert_int_equal(result, ENVOI_ERR_HOST_NOT_FOUND);
        assert_text(&run, SERVICE);
        assert_null(strstr(run.dns.log, " A "));
        run_close(&run);
    }
}

/* --- times --- */

static const struct dns_row silent_service[] = {{SERVICE, 0, NULL, 0, 0, 0, 0, 1, 0}};

/* The first of three questions is given up after a fifteenth of the time for all, but in reason. */
static void test_a_name_server_has_no_more_than_seconds_for_an_answer(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, silent_service, COUNT(silent_service));
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 3600000), 0);
    assert_int_equal(envoi_net_start(run.net), 0);
    uint64_t now = envoi_net_now_ms();
    assert_int_equal(envoi_net_process(run.net, now), 0);
    assert_in_range(envoi_net_deadline(run.net), now, now + 5000);
    run_close(&run);
}

static void test_the_shortest_time_is_enough_for_a_question(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, silent_service, COUNT(silent_service));
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 1), 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_DNS);
    assert_text(&run, SERVICE);
    run_close(&run);
}

/* --- many addresses --- */

enum { ADDRESSES = 24 };

static void many_addresses(struct dns_row rows[ADDRESSES], char texts[ADDRESSES][32])
{
    for (int i = 0; i < ADDRESSES; i++) {
        snprintf(texts[i], sizeof texts[i], "127.0.0.%d", i + 1);
        rows[i] = (struct dns_row){"many.test", TYPE_A, texts[i], 0, 0, 0, 0, 0, 0};
    }
}

static void test_a_report_holds_as_many_addresses_as_fit_whole(void **state)
{
    (void)state;
    struct dns_row rows[ADDRESSES];
    char texts[ADDRESSES][32];
    unsigned dead;
    struct run run;
    int fd = open_dead("0.0.0.0", &dead);
    many_addresses(rows, texts);
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(envoi_net_set_host(run.net, "many.test", dead), 0);
    assert_int_equal(run_to_end(&run), ENVOI_ERR_REFUSED);
    size_t len = strlen(run.text);
    assert_in_range(len, 470, 530);
    assert_string_equal(run.text + len - strlen(": refused"), ": refused");
    run_close(&run);
    close(fd);
}

/* The time of the transport moves in steps of its own here. */
static void test_of_many_silent_addresses_the_oldest_gives_way(void **state)
{
    (void)state;
    struct dns_row rows[ADDRESSES];
    char texts[ADDRESSES][32], oldest[64];
    struct silent silent;
    struct run run;
    size_t most = 0;
    open_silent(&silent, "0.0.0.0");
    many_addresses(rows, texts);
    run_open(&run, rows, COUNT(rows));
    assert_int_equal(envoi_net_set_host(run.net, "many.test", silent.port), 0);
    assert_int_equal(envoi_net_start(run.net), 0);
    uint64_t begin = envoi_net_now_ms(), now = begin;
    while (!run.closed && envoi_net_now_ms() < begin + PATIENCE_MS) {
        dns_pump(&run.dns);
        assert_true(envoi_net_process(run.net, now) >= 0);
        take_events(&run);
        size_t count = envoi_net_fd_count(run.net);
        if (count > 2) /* no more than that are c-ares's */
            now += NEXT_ADDRESS_MS;
        else
            now += 1;
        if (count > most)
            most = count;
    }
    assert_int_equal(run.error, ENVOI_ERR_TIMEOUT_CONNECT);
    assert_int_equal(most, ATTEMPTS_MOST);
    snprintf(oldest, sizeof oldest, " port %u: no answer in time; ", silent.port);
    assert_text(&run, oldest);
    run_close(&run);
    close_silent(&silent);
}

/* --- what is told of several failures --- */

static void test_the_failure_that_says_most_is_told_whichever_came_first(void **state)
{
    (void)state;
    unsigned dead;
    int fd = open_dead("127.0.0.1", &dead);
    for (unsigned first = 0; first < 2; first++) {
        const struct dns_row rows[] = {
            {SERVICE, TYPE_SRV, "nowhere.example.test", first ? 1 : 2, 0, STANDARD, 0, 0, 0},
            {SERVICE, TYPE_SRV, "127.0.0.1", first ? 2 : 1, 0, dead, 0, 0, 0},
        };
        struct run run;
        run_open(&run, rows, COUNT(rows));
        assert_int_equal(run_to_end(&run), ENVOI_ERR_REFUSED);
        assert_text(&run, "nowhere.example.test: no such host");
        assert_text(&run, ": refused");
        run_close(&run);
    }
    close(fd);
}

/* --- refusals --- */

static void test_without_descriptors_nothing_can_be_reached(void **state)
{
    (void)state;
    unsigned live;
    struct run run;
    int fd = open_live("127.0.0.1", &live);
    run_open_to(&run, "127.0.0.1", live);
    rlim_t before = refuse_descriptors();
    int result = run_to_end(&run);
    allow_descriptors(before);
    assert_int_equal(result, ENVOI_ERR_TRANSPORT);
    assert_text(&run, ": failed");
    run_close(&run);
    close(fd);
}

static void test_without_descriptors_no_name_server_can_be_asked(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, NULL, 0);
    assert_int_equal(envoi_net_set_connect_timeout(run.net, 2000), 0);
    rlim_t before = refuse_descriptors();
    int result = run_to_end(&run);
    allow_descriptors(before);
    assert_int_equal(result, ENVOI_ERR_DNS);
    run_close(&run);
}

/* Addresses 127.0.0.1 and 127.0.0.2 of a live port, while the system is as it is. */
static int refused(struct run *run)
{
    static const struct dns_row rows[] = {{"two.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
                                          {"two.test", TYPE_A, "127.0.0.2", 0, 0, 0, 0, 0, 0}};
    run_open(run, rows, COUNT(rows));
    assert_int_equal(envoi_net_set_host(run->net, "two.test", STANDARD), 0);
    return run_to_end(run);
}

static void test_a_system_without_memory_for_sockets_ends_the_attempts(void **state)
{
    (void)state;
    struct run run;
    connects = 0;
    connect_errno = ENOBUFS;
    int result = refused(&run);
    connect_errno = 0;
    assert_int_equal(result, ENVOI_ERR_NOMEM);
    assert_text(&run, "out of memory");
    assert_int_equal(connects, 1);
    run_close(&run);
}

static void test_a_failure_nobody_knows_is_one_of_the_transport(void **state)
{
    (void)state;
    static const int numbers[] = {ECONNABORTED, EPROTO};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct run run;
        connect_errno = numbers[i];
        int result = refused(&run);
        connect_errno = 0;
        assert_int_equal(result, ENVOI_ERR_TRANSPORT);
        assert_text(&run, "127.0.0.1 port 5222: failed");
        assert_text(&run, "127.0.0.2 port 5222: failed");
        run_close(&run);
    }
}

static void test_an_interrupted_attempt_goes_on(void **state)
{
    (void)state;
    unsigned live;
    struct run run;
    int fd = open_live("127.0.0.1", &live);
    run_open_to(&run, "127.0.0.1", live);
    connect_errno = EINTR;
    int result = run_to_end(&run);
    connect_errno = 0;
    assert_int_equal(result, CONNECTED);
    assert_peer(&run, "127.0.0.1", live);
    run_close(&run);
    close(fd);
}

static void test_without_a_local_port_there_is_no_way(void **state)
{
    (void)state;
    struct run run;
    connect_errno = EAGAIN;
    int result = refused(&run);
    connect_errno = 0;
    assert_int_equal(result, ENVOI_ERR_UNREACHABLE);
    assert_text(&run, "127.0.0.1 port 5222: no route; 127.0.0.2 port 5222: no route");
    run_close(&run);
}

/* What the system says of a connection that it began in the background. */
static void test_what_an_attempt_met_is_told(void **state)
{
    (void)state;
    static const struct {
        int option_errno, met, error;
        const char *word;
    } rows[] = {{EBADF, 0, ENVOI_ERR_TRANSPORT, ": failed"},
                {0, ECONNRESET, ENVOI_ERR_REFUSED, ": refused"},
                {0, EHOSTUNREACH, ENVOI_ERR_UNREACHABLE, ": no route"},
                {0, ETIMEDOUT, ENVOI_ERR_TIMEOUT_CONNECT, ": no answer in time"}};
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run;
        run_open_to(&run, "127.0.0.1", live);
        socket_option_errno = rows[i].option_errno;
        socket_error = rows[i].met;
        int result = run_to_end(&run);
        socket_option_errno = socket_error = 0;
        assert_int_equal(result, rows[i].error);
        assert_text(&run, rows[i].word);
        run_close(&run);
    }
    close(fd);
}

/* Nobody tried to connect any more, so it is no failure to connect. */
static void test_a_connection_that_times_out_later_is_a_failed_one(void **state)
{
    (void)state;
    unsigned live;
    struct run run;
    int fd = open_live("127.0.0.1", &live);
    run_open_to(&run, "127.0.0.1", live);
    assert_int_equal(run_to_end(&run), CONNECTED);
    recv_errno = ETIMEDOUT;
    envoi_net_process(run.net, envoi_net_now_ms());
    recv_errno = 0;
    take_events(&run);
    assert_int_equal(run.closed, 1);
    assert_int_equal(run.error, ENVOI_ERR_TRANSPORT);
    run_close(&run);
    close(fd);
}

static void test_a_signal_ends_a_wait_and_a_failure_is_told(void **state)
{
    (void)state;
    struct silent silent;
    struct run run;
    open_silent(&silent, "127.0.0.1");
    run_open_to(&run, "127.0.0.1", silent.port);
    assert_int_equal(envoi_net_start(run.net), 0);
    assert_int_equal(envoi_net_wait(run.net, 0), 0);
    poll_errno = EINTR;
    int interrupted = envoi_net_wait(run.net, PATIENCE_MS);
    poll_errno = ENOMEM;
    int failed = envoi_net_wait(run.net, PATIENCE_MS);
    poll_errno = 0;
    assert_int_equal(interrupted, 0);
    assert_int_equal(failed, ENVOI_ERR_TRANSPORT);
    run_close(&run);
    close_silent(&silent);
}

static void test_without_descriptors_the_resolver_may_not_be_set_up(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, NULL, 0);
    rlim_t before = refuse_descriptors();
    int error = envoi_net_set_nameserver(run.net, run.dns.address);
    allow_descriptors(before);
    if (error) /* c-ares could not read the system's list of name servers, which is none of ours */
        assert_int_equal(error, ENVOI_ERR_DNS);
    assert_int_equal(envoi_net_start(run.net), error);
    run_close(&run);
}

/* --- memory, c-ares's too --- */

struct wish {
    int listener;
    const char *host; /* NULL: SRV records */
    unsigned port;
    const struct dns_row *rows;
    size_t row_count;
};

static int has_end(struct run *run, uint64_t begin)
{
    if (envoi_net_now_ms() > begin + PATIENCE_MS)
        fail_msg("no end");
    return run->closed || envoi_net_peer(run->net) != NULL;
}

static int connect_to(void *user)
{
    const struct wish *wish = user;
    struct run run = {.fds_before = open_fds()};
    envoi_config *config = NULL;
    dns_open(&run.dns, wish->rows, wish->row_count);
    int error = envoi_config_new(&config, "user@example.test");
    if (!error)
        error = envoi_stream_new(&run.stream, config, envoi_net_now_ms());
    if (!error)
        error = envoi_net_new(&run.net, run.stream, config);
    if (!error)
        error = envoi_net_set_nameserver(run.net, run.dns.address);
    if (!error && wish->host)
        error = envoi_net_set_host(run.net, wish->host, wish->port);
    if (!error)
        error = envoi_net_set_connect_timeout(run.net, 1);
    if (!error)
        error = envoi_net_start(run.net);
    for (uint64_t begin = envoi_net_now_ms(); !error && !has_end(&run, begin);) {
        dns_pump(&run.dns);
        envoi_net_process(run.net, begin); /* only c-ares may run out of time: it lost an answer */
        take_events(&run);
        error = run.closed ? run.error : 0;
    }
    int taken = accept(wish->listener, NULL, NULL);
    if (taken >= 0)
        close(taken);
    envoi_config_free(config);
    run_close(&run);
    /* c-ares does not always say what it was that failed */
    if (error && error != ENVOI_ERR_NOMEM && error != ENVOI_ERR_DNS && error != ENVOI_ERR_HOST_NOT_FOUND)
        fail_msg("%s: %s", envoi_error_name(error), run.text);
    return error;
}

static void survive(const struct wish *wish)
{
    struct wish copy = *wish;
    assert_int_equal(ares_library_init_mem(ARES_LIB_INIT_ALL, malloc, free, realloc), ARES_SUCCESS);
    with_failing_allocations(connect_to, &copy);
    ares_library_cleanup();
}

static void test_a_host_survives_every_failed_allocation(void **state)
{
    (void)state;
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {{"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0}};
    survive(&(struct wish){fd, "127.0.0.1", live, rows, COUNT(rows)});
    survive(&(struct wish){fd, "a.example.test", live, rows, COUNT(rows)});
    close(fd);
}

static void test_records_survive_every_failed_allocation(void **state)
{
    (void)state;
    unsigned live;
    int fd = open_live("127.0.0.1", &live);
    const struct dns_row rows[] = {
        {SERVICE, TYPE_SRV, "b.example.test", 2, 0, live, 0, 0, 0},
        {SERVICE, TYPE_SRV, "a.example.test", 1, 0, live, 0, 0, 0},
        {"a.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
        {"b.example.test", TYPE_A, "127.0.0.1", 0, 0, 0, 0, 0, 0},
    };
    survive(&(struct wish){fd, NULL, 0, rows, COUNT(rows)});
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_domain_that_is_an_address_needs_no_dns),
        cmocka_unit_test(test_a_domain_that_is_an_ipv6_address_needs_no_dns),
        cmocka_unit_test(test_an_ipv6_address_without_brackets_has_no_port_in_it),
        cmocka_unit_test(test_localhost_is_never_asked_for),
        cmocka_unit_test(test_what_only_looks_like_an_address_is_asked_for_as_a_name),
        cmocka_unit_test(test_the_longest_domain_has_addresses_of_its_own),
        cmocka_unit_test(test_targets_without_a_port_or_a_good_name_lead_nowhere),
        cmocka_unit_test(test_a_name_server_has_no_more_than_seconds_for_an_answer),
        cmocka_unit_test(test_the_shortest_time_is_enough_for_a_question),
        cmocka_unit_test(test_a_report_holds_as_many_addresses_as_fit_whole),
        cmocka_unit_test(test_of_many_silent_addresses_the_oldest_gives_way),
        cmocka_unit_test(test_the_failure_that_says_most_is_told_whichever_came_first),
        cmocka_unit_test(test_without_descriptors_nothing_can_be_reached),
        cmocka_unit_test(test_without_descriptors_no_name_server_can_be_asked),
        cmocka_unit_test(test_a_system_without_memory_for_sockets_ends_the_attempts),
        cmocka_unit_test(test_a_failure_nobody_knows_is_one_of_the_transport),
        cmocka_unit_test(test_an_interrupted_attempt_goes_on),
        cmocka_unit_test(test_without_a_local_port_there_is_no_way),
        cmocka_unit_test(test_what_an_attempt_met_is_told),
        cmocka_unit_test(test_a_connection_that_times_out_later_is_a_failed_one),
        cmocka_unit_test(test_a_signal_ends_a_wait_and_a_failure_is_told),
        cmocka_unit_test(test_without_descriptors_the_resolver_may_not_be_set_up),
        cmocka_unit_test(test_a_host_survives_every_failed_allocation),
        cmocka_unit_test(test_records_survive_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
