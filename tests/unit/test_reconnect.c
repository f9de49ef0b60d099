/* SPDX-License-Identifier: MIT */
/* When to connect again (RFC 6120 3.3). */
#include "test.h"

#include "stream/stream.h"
#include <envoi/reconnect.h>

enum { FIRST = 60000, MOST = 300000, ROUNDS = 2000 };

static const struct envoi_event ready = {.type = ENVOI_EVENT_READY};
static const struct envoi_event refused = {.type = ENVOI_EVENT_CLOSED, .error = ENVOI_ERR_REFUSED, .retryable = 1};
static const struct envoi_event by_server = {.type = ENVOI_EVENT_CLOSED, .retryable = 1};

static envoi_reconnect *make(uint64_t seed)
{
    envoi_reconnect *reconnect = NULL;
    assert_int_equal(envoi_reconnect_new(&reconnect, seed), 0);
    return reconnect;
}

static void test_the_first_delay_is_any_time_up_to_a_minute(void **state)
{
    uint64_t least = UINT64_MAX, most = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        envoi_reconnect *reconnect = make(seed);
        uint64_t delay = envoi_reconnect_after(reconnect, &refused, 5000) - 5000;
        assert_in_range(delay, 0, FIRST);
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
        envoi_reconnect_free(reconnect);
    }
    assert_in_range(least, 0, FIRST / 100); /* the whole of it is used */
    assert_in_range(most, FIRST - FIRST / 100, FIRST);
}

static void test_delays_grow_up_to_a_bound(void **state)
{
    static const uint64_t bounds[][2] = {{0, FIRST},       {FIRST, 2 * FIRST}, {2 * FIRST, 4 * FIRST},
                                         {MOST / 2, MOST}, {MOST / 2, MOST},   {MOST / 2, MOST}};
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        envoi_reconnect *reconnect = make(seed);
        uint64_t now = 1000;
        for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
            uint64_t at = envoi_reconnect_after(reconnect, &refused, now);
            assert_in_range(at - now, bounds[i][0], bounds[i][1]);
            now = at;
        }
        for (int i = 0; i < 100; i++)
            assert_in_range(envoi_reconnect_after(reconnect, &refused, now) - now, MOST / 2, MOST);
        envoi_reconnect_free(reconnect);
    }
}

static void test_a_session_that_lasts_ends_the_row(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        envoi_reconnect *reconnect = make(seed);
        uint64_t now = 0;
        for (int i = 0; i < 4; i++)
            now = envoi_reconnect_after(reconnect, &refused, now);
        assert_int_equal(envoi_reconnect_after(reconnect, &ready, now), UINT64_MAX);
        now += MOST + 1;
        assert_in_range(envoi_reconnect_after(reconnect, &by_server, now) - now, 0, FIRST);
        envoi_reconnect_free(reconnect);
    }
}

static void test_a_server_that_throws_out_at_once_is_met_ever_more_seldom(void **state)
{
    envoi_reconnect *reconnect = make(7);
    uint64_t now = 0, delay = 0;
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(envoi_reconnect_after(reconnect, &ready, now), UINT64_MAX);
        delay = envoi_reconnect_after(reconnect, &by_server, now + 1) - (now + 1);
        now += 1 + delay;
    }
    assert_in_range(delay, MOST / 2, MOST);
    envoi_reconnect_free(reconnect);
}

/* RFC 6120 4.9.3.3: two clients that throw each other out would do so for ever. */
static void test_what_cannot_succeed_is_not_tried_again(void **state)
{
    static const struct envoi_event ends[] = {
        {.type = ENVOI_EVENT_CLOSED, .error = ENVOI_ERR_CONFLICT},
        {.type = ENVOI_EVENT_CLOSED, .error = ENVOI_ERR_AUTH_REJECTED},
        {.type = ENVOI_EVENT_CLOSED}, /* by the program itself */
        {.type = ENVOI_EVENT_STANZA},
        {.type = ENVOI_EVENT_REPLY, .error = ENVOI_ERR_TIMEOUT_REQUEST, .retryable = 1},
    };
    envoi_reconnect *reconnect = make(1);
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        assert_int_equal(envoi_reconnect_after(reconnect, &ends[i], 1000), UINT64_MAX);
    assert_int_equal(envoi_reconnect_after(reconnect, NULL, 1000), UINT64_MAX);
    assert_int_equal(envoi_reconnect_after(NULL, &refused, 1000), UINT64_MAX);
    assert_in_range(envoi_reconnect_after(reconnect, &refused, 0), 0, FIRST); /* and none of them counted */
    envoi_reconnect_free(reconnect);
}

static void test_delays_can_be_chosen_within_reason(void **state)
{
    static const uint64_t wrong[][2] = {{0, 1}, {2, 1}, {1, 86400001}, {UINT64_MAX, UINT64_MAX}};
    envoi_reconnect *reconnect = make(3);
    (void)state;
    assert_int_equal(envoi_reconnect_set_delays(reconnect, 10, 15), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(envoi_reconnect_set_delays(reconnect, wrong[i][0], wrong[i][1]), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_reconnect_set_delays(NULL, 10, 15), ENVOI_ERR_ARGUMENT);
    assert_in_range(envoi_reconnect_after(reconnect, &refused, 0), 0, 10);
    for (int i = 0; i < 100; i++)
        assert_in_range(envoi_reconnect_after(reconnect, &refused, 0), 7, 15);
    assert_int_equal(envoi_reconnect_set_delays(reconnect, 86400000, 86400000), 0);
    assert_in_range(envoi_reconnect_after(reconnect, &refused, 0), 1, 86400000);
    envoi_reconnect_free(reconnect);
    envoi_reconnect_free(NULL);
    assert_int_equal(envoi_reconnect_new(NULL, 1), ENVOI_ERR_ARGUMENT);
}

static void test_without_a_seed_nobody_can_tell_the_delays(void **state)
{
    int same = 0;
    (void)state;
    for (int i = 0; i < 20; i++) {
        envoi_reconnect *a = make(0), *b = make(0);
        same += envoi_reconnect_after(a, &refused, 0) == envoi_reconnect_after(b, &refused, 0);
        envoi_reconnect_free(a);
        envoi_reconnect_free(b);
    }
    assert_in_range(same, 0, 2);
}

static int make_and_free(void *user)
{
    envoi_reconnect *reconnect = NULL;
    (void)user;
    int error = envoi_reconnect_new(&reconnect, 1);
    assert_int_equal(reconnect != NULL, error == 0);
    envoi_reconnect_free(reconnect);
    return error;
}

static void test_without_memory_there_is_none(void **state)
{
    (void)state;
    with_failing_allocations(make_and_free, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_delay_is_any_time_up_to_a_minute),
        cmocka_unit_test(test_delays_grow_up_to_a_bound),
        cmocka_unit_test(test_a_session_that_lasts_ends_the_row),
        cmocka_unit_test(test_a_server_that_throws_out_at_once_is_met_ever_more_seldom),
        cmocka_unit_test(test_what_cannot_succeed_is_not_tried_again),
        cmocka_unit_test(test_delays_can_be_chosen_within_reason),
        cmocka_unit_test(test_without_a_seed_nobody_can_tell_the_delays),
        cmocka_unit_test(test_without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
