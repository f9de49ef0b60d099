/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <envoi/srv.h>
#include <stdio.h>

struct record {
    uint32_t priority, weight, port;
    const char *target;
};

static envoi_srv *list_of(const struct record *records, size_t count)
{
    envoi_srv *list = NULL;
    assert_int_equal(envoi_srv_new(&list), 0);
    for (size_t i = 0; i < count; i++) {
        const struct record *r = &records[i];
        assert_int_equal(envoi_srv_add(list, r->priority, r->weight, r->port, r->target), 0);
    }
    return list;
}

/* How often each of `count` records of one priority comes first, in `draws` orders. */
static void count_firsts(const struct record *records, size_t count, size_t draws, size_t *firsts)
{
    memset(firsts, 0, count * sizeof *firsts);
    for (size_t i = 0; i < draws; i++) {
        envoi_srv *list = list_of(records, count);
        envoi_srv_order(list, 0x5EED + i);
        firsts[envoi_srv_port(list, 0) - 1]++;
        envoi_srv_free(list);
    }
}

static double chi_square(const size_t *seen, const double *expected, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)seen[i] - expected[i]) * ((double)seen[i] - expected[i]) / expected[i];
    return sum;
}

static void test_weights_share_the_first_place_as_rfc_2782_says(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    static const struct record records[] = {{0, 10, 1, "a"}, {0, 20, 2, "b"}, {0, 30, 3, "c"}, {0, 39, 4, "d"}};
    size_t firsts[4];
    count_firsts(records, 4, DRAWS, firsts);
    /* the numbers 0 to 99: without a weight 0 the first of the shuffled list owns the number 0 as well */
    double expected[4];
    for (size_t i = 0; i < 4; i++)
        expected[i] = DRAWS * (records[i].weight + 0.25) / 100;
    assert_true(chi_square(firsts, expected, 4) < 16.27); /* 3 degrees of freedom, p = 0.001; the seed is fixed */
}

static void test_weight_zero_is_rare_but_not_never(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    static const struct record records[] = {{0, 0, 1, "a"}, {0, 9, 2, "b"}, {0, 90, 3, "c"}};
    size_t firsts[3];
    count_firsts(records, 3, DRAWS, firsts);
    static const double expected[] = {DRAWS * 0.01, DRAWS * 0.09, DRAWS * 0.90};
    assert_true(chi_square(firsts, expected, 3) < 13.82); /* 2 degrees of freedom, p = 0.001 */
}

static void test_weights_zero_and_65535_hold(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    static const struct record records[] = {{0, 0, 1, "a"}, {0, 65535, 2, "b"}, {0, 65535, 3, "c"}};
    size_t firsts[3];
    count_firsts(records, 3, DRAWS, firsts);
    assert_true(firsts[0] <= 8); /* 0.76 expected */
    assert_in_range(firsts[1], 49000, 51000);
    assert_in_range(firsts[2], 49000, 51000);
}

static void test_all_weights_zero_are_even(void **state)
{
    (void)state;
    enum { DRAWS = 100000, COUNT = 5 };
    struct record records[COUNT];
    double expected[COUNT];
    size_t firsts[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        records[i] = (struct record){7, 0, i + 1, "host"};
        expected[i] = DRAWS / (double)COUNT;
    }
    count_firsts(records, COUNT, DRAWS, firsts);
    assert_true(chi_square(firsts, expected, COUNT) < 18.47); /* 4 degrees of freedom, p = 0.001 */
}

static void test_second_place_is_drawn_among_the_rest(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    static const struct record records[] = {{0, 1, 1, "a"}, {0, 99, 2, "b"}, {0, 65000, 3, "c"}};
    size_t second_b = 0, first_c = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        envoi_srv *list = list_of(records, 3);
        envoi_srv_order(list, i);
        if (envoi_srv_port(list, 0) == 3) {
            first_c++;
            second_b += envoi_srv_port(list, 1) == 2;
        }
        envoi_srv_free(list);
    }
    assert_true(first_c > DRAWS * 0.99);
    assert_in_range(second_b, (size_t)(0.978 * (double)first_c), (size_t)(0.992 * (double)first_c)); /* 98.5 % */
}

static void test_priority_goes_before_weight(void **state)
{
    (void)state;
    static const struct record records[] = {
        {30, 65535, 1, "c"}, {10, 0, 2, "a"}, {65535, 5, 3, "d"}, {20, 1, 4, "b"}};
    static const char *const order[] = {"a", "b", "c", "d"};
    for (uint64_t seed = 0; seed < 1000; seed++) {
        envoi_srv *list = list_of(records, 4);
        assert_int_equal(envoi_srv_order(list, seed), 0);
        for (size_t i = 0; i < 4; i++)
            assert_string_equal(envoi_srv_target(list, i), order[i]);
        assert_int_equal(envoi_srv_priority(list, 3), 65535);
        assert_int_equal(envoi_srv_weight(list, 2), 65535);
        envoi_srv_free(list);
    }
}

static void test_order_keeps_every_target_once(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        envoi_srv *list = list_of(NULL, 0);
        for (uint32_t i = 0; i < 32; i++)
            assert_int_equal(envoi_srv_add(list, i % 3, i % 5 ? i : 0, i + 1, "host"), 0);
        envoi_srv_order(list, seed);
        uint64_t seen = 0;
        for (size_t i = 0; i < 32; i++) {
            seen |= UINT64_C(1) << envoi_srv_port(list, i);
            assert_true(i == 0 || envoi_srv_priority(list, i) >= envoi_srv_priority(list, i - 1));
        }
        assert_true(seen == UINT64_C(0x1FFFFFFFE));
        envoi_srv_free(list);
    }
}

static void test_same_seed_gives_same_order(void **state)
{
    (void)state;
    static const struct record records[] = {{0, 5, 1, "a"}, {0, 5, 2, "b"}, {0, 5, 3, "c"}, {0, 5, 4, "d"}};
    size_t differs = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        envoi_srv *one = list_of(records, 4), *two = list_of(records, 4), *other = list_of(records, 4);
        envoi_srv_order(one, seed);
        envoi_srv_order(two, seed);
        envoi_srv_order(other, seed + 1000);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(envoi_srv_port(one, i), envoi_srv_port(two, i));
            differs += envoi_srv_port(one, i) != envoi_srv_port(other, i);
        }
        envoi_srv_free(one);
        envoi_srv_free(two);
        envoi_srv_free(other);
    }
    assert_true(differs > 0);
}

static void test_a_single_root_target_means_not_offered(void **state)
{
    (void)state;
    static const char *const roots[] = {".", ""};
    for (size_t i = 0; i < 2; i++) {
        envoi_srv *list = list_of((const struct record[]){{0, 0, 0, roots[i]}}, 1);
        assert_int_equal(envoi_srv_is_refused(list), 1);
        assert_int_equal(envoi_srv_count(list), 0);
        envoi_srv_free(list);
    }
    static const struct record mixed[] = {{0, 0, 0, "."}, {1, 0, 5222, "a.example."}};
    envoi_srv *list = list_of(mixed, 2);
    assert_int_equal(envoi_srv_is_refused(list), 0);
    assert_int_equal(envoi_srv_count(list), 1);
    assert_string_equal(envoi_srv_target(list, 0), "a.example");
    envoi_srv_free(list);
    list = list_of(NULL, 0);
    assert_int_equal(envoi_srv_is_refused(list), 0);
    envoi_srv_free(list);
}

static void test_port_zero_is_dropped_and_is_no_refusal(void **state)
{
    (void)state;
    static const struct record records[] = {{0, 0, 0, "a"}, {0, 0, 0, "."}};
    envoi_srv *list = list_of(records, 2);
    assert_int_equal(envoi_srv_count(list), 0);
    assert_int_equal(envoi_srv_is_refused(list), 0);
    envoi_srv_free(list);
}

static void test_of_200_records_the_32_of_lowest_priority_are_kept(void **state)
{
    (void)state;
    envoi_srv *list = list_of(NULL, 0);
    for (uint32_t i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "host%u.example", (unsigned)(199 - i));
        assert_int_equal(envoi_srv_add(list, 199 - i, i, 5222, name), 0);
    }
    envoi_srv_order(list, 1);
    assert_int_equal(envoi_srv_count(list), ENVOI_SRV_TARGETS_MAX);
    for (size_t i = 0; i < ENVOI_SRV_TARGETS_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "host%u.example", (unsigned)i);
        assert_string_equal(envoi_srv_target(list, i), name);
    }
    assert_int_equal(envoi_srv_add(list, 500, 0, 5222, "worse.example"), 0); /* than all that there is */
    assert_int_equal(envoi_srv_count(list), ENVOI_SRV_TARGETS_MAX);
    for (size_t i = 0; i < ENVOI_SRV_TARGETS_MAX; i++)
        assert_string_not_equal(envoi_srv_target(list, i), "worse.example");
    envoi_srv_free(list);
}

static void test_wrong_arguments_change_nothing(void **state)
{
    (void)state;
    char big[300];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    envoi_srv *list = list_of(NULL, 0);
    assert_int_equal(envoi_srv_add(list, 65536, 0, 1, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_add(list, 0, 65536, 1, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_add(list, 0, 0, 65536, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_add(list, 0, 0, 1, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_add(list, 0, 0, 1, big), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_add(NULL, 0, 0, 1, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_order(NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_new(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_srv_count(list), 0);
    assert_int_equal(envoi_srv_count(NULL), 0);
    assert_null(envoi_srv_target(list, 0));
    assert_int_equal(envoi_srv_port(list, 0), 0);
    envoi_srv_free(list);
    envoi_srv_free(NULL);
}

static int fill_list(void *user)
{
    (void)user;
    envoi_srv *list = NULL;
    int error = envoi_srv_new(&list);
    for (uint32_t i = 0; i < 40 && !error; i++) {
        size_t before = envoi_srv_count(list);
        error = envoi_srv_add(list, 40 - i, 1, 5222, "host.example");
        assert_true(!error || envoi_srv_count(list) == before);
    }
    envoi_srv_order(list, 1);
    envoi_srv_free(list);
    return error;
}

static void test_srv_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(fill_list, NULL);
    with_failing_pieces(fill_list, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_share_the_first_place_as_rfc_2782_says),
        cmocka_unit_test(test_weight_zero_is_rare_but_not_never),
        cmocka_unit_test(test_weights_zero_and_65535_hold),
        cmocka_unit_test(test_all_weights_zero_are_even),
        cmocka_unit_test(test_second_place_is_drawn_among_the_rest),
        cmocka_unit_test(test_priority_goes_before_weight),
        cmocka_unit_test(test_order_keeps_every_target_once),
        cmocka_unit_test(test_same_seed_gives_same_order),
        cmocka_unit_test(test_a_single_root_target_means_not_offered),
        cmocka_unit_test(test_port_zero_is_dropped_and_is_no_refusal),
        cmocka_unit_test(test_of_200_records_the_32_of_lowest_priority_are_kept),
        cmocka_unit_test(test_wrong_arguments_change_nothing),
        cmocka_unit_test(test_srv_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
