/* SPDX-License-Identifier: MIT */
/* The table of requests: ids, who may answer, slots, deadlines. */
#include "test.h"

#include "base/text.h"
#include "stream/requests.h"
#include <envoi/stanza.h>
#include <stdio.h>

enum { LIMIT = 65536, MANY = 10000 };

static struct envoi__requests requests;
static envoi_jid *own;

static int set_up(void **state)
{
    (void)state;
    envoi__requests_init(&requests);
    return envoi_jid_parse(&own, "juliet@im.example.com/balcony");
}

static int tear_down(void **state)
{
    (void)state;
    envoi__requests_free(&requests);
    envoi_jid_free(own);
    return 0;
}

static struct envoi__request *start(const char *to, uint64_t deadline)
{
    struct envoi__request *request = NULL;
    assert_int_equal(envoi__requests_prepare(&requests, LIMIT, to, &request), 0);
    envoi__requests_start(&requests, request, deadline);
    return request;
}

/* Does an IQ with this id and this sender (NULL: none) answer a request? The token of the one that it
 * answers. */
static uint64_t answered(const char *id, const char *from)
{
    char text[1024];
    envoi_stanza *iq = NULL;
    snprintf(text, sizeof text, "<iq xmlns='jabber:client' type='result' id='%s'%s%s%s/>", id, from ? " from='" : "",
             from ? from : "", from ? "'" : "");
    assert_int_equal(envoi_stanza_parse(&iq, text, strlen(text)), 0);
    struct envoi__request *request = NULL;
    assert_int_equal(envoi__requests_match(&requests, envoi_stanza_root(iq), own, &request), 0);
    envoi_stanza_free(iq);
    return request ? request->token : 0;
}

static uint64_t next_settled(int *outcome)
{
    struct envoi__request *request = envoi__requests_settled(&requests);
    if (!request)
        return 0;
    uint64_t token = request->token;
    *outcome = request->outcome;
    envoi__requests_finish(&requests, request);
    return token;
}

static void assert_settled(uint64_t token, int outcome)
{
    int got = 0;
    assert_int_equal(next_settled(&got), token);
    if (token)
        assert_int_equal(got, outcome);
}

/* ---- ids ---- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, 22);
}

static void test_ids_hold_128_random_bits_and_the_slot(void **state)
{
    static char ids[MANY][ENVOI__REQUEST_ID_SIZE];
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t seen[22][64] = {{0}};
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char slot[16];
        assert_int_equal(envoi__requests_make_id(ids[i], i), 0);
        snprintf(slot, sizeof slot, ".%zu", i);
        assert_string_equal(ids[i] + 22, slot);
        for (size_t at = 0; at < 22; at++) {
            const char *place = strchr(alphabet, ids[i][at]);
            assert_non_null(place);
            seen[at][place - alphabet]++;
        }
    }
    /* Every place but the last takes each of 64 characters about as often (156 of 10,000; 8 sigma is 100);
     * the last holds the two bits that are left. */
    for (size_t at = 0; at < 21; at++)
        for (size_t c = 0; c < 64; c++)
            assert_in_range(seen[at][c], 56, 256);
    for (size_t c = 0; c < 64; c += 16)
        assert_in_range(seen[21][c], 2100, 2900);
    qsort(ids, MANY, sizeof ids[0], compare_ids);
    for (size_t i = 1; i < MANY; i++)
        assert_true(memcmp(ids[i - 1], ids[i], 22) != 0);
}

static void test_an_id_of_the_greatest_slot_fits(void **state)
{
    char id[ENVOI__REQUEST_ID_SIZE];
    (void)state;
    assert_int_equal(envoi__requests_make_id(id, 65535), 0);
    assert_string_equal(id + 22, ".65535");
}

static void test_only_the_whole_id_answers(void **state)
{
    (void)state;
    struct envoi__request *request = start(NULL, UINT64_MAX);
    char id[ENVOI__REQUEST_ID_SIZE + 8];
    static const char *const tails[] = {
        "", ".", ".1", ".00", ".0 ", ".-1", ".+0", ".x", ".4", ".65536", ".18446744073709551616"};
    for (size_t i = 0; i < ENVOI__COUNT(tails); i++) {
        snprintf(id, sizeof id, "%.22s%s", request->id, tails[i]);
        assert_int_equal(answered(id, NULL), 0);
    }
    for (size_t i = 0; i < 22; i++) {
        snprintf(id, sizeof id, "%s", request->id);
        id[i] = id[i] == 'A' ? 'B' : 'A';
        assert_int_equal(answered(id, NULL), 0);
    }
    assert_int_equal(answered(".0", NULL), 0);
    assert_int_equal(answered("", NULL), 0);
    assert_int_equal(answered(request->id, NULL), 1);
}

static void test_an_answer_without_id_answers_nothing(void **state)
{
    (void)state;
    envoi_stanza *iq = NULL;
    static const char text[] = "<iq xmlns='jabber:client' type='result'/>";
    start(NULL, UINT64_MAX);
    assert_int_equal(envoi_stanza_parse(&iq, text, sizeof text - 1), 0);
    struct envoi__request *request = NULL;
    assert_int_equal(envoi__requests_match(&requests, envoi_stanza_root(iq), own, &request), 0);
    assert_null(request);
    envoi_stanza_free(iq);
}

static void test_without_memory_nobody_is_taken_for_a_stranger(void **state)
{
    (void)state;
    char text[256];
    envoi_stanza *iq = NULL;
    struct envoi__request *request = start("svc.example.com", UINT64_MAX), *found = request;
    snprintf(text, sizeof text, "<iq xmlns='jabber:client' type='result' id='%s' from='SVC.example.com'/>",
             request->id);
    assert_int_equal(envoi_stanza_parse(&iq, text, strlen(text)), 0);
    allocation_fails = allocations + 1;
    int error = envoi__requests_match(&requests, envoi_stanza_root(iq), own, &found);
    allocation_fails = 0;
    assert_int_equal(error, ENVOI_ERR_NOMEM);
    assert_int_equal(envoi__requests_match(&requests, envoi_stanza_root(iq), own, &found), 0);
    assert_ptr_equal(found, request);
    envoi_stanza_free(iq);
}

/* ---- who may answer (RFC 6120 8.1.2.1) ---- */

static const struct sender_row {
    const char *to, *from; /* NULL: none */
    int fits;
} sender_rows[] = {
    /* sent to the account: to nobody, or to its bare JID */
    {NULL, NULL, 1},
    {NULL, "juliet@im.example.com", 1},
    {NULL, "JULIET@IM.example.com", 1},
    {NULL, "juliet@im.example.com/balcony", 1},
    {NULL, "im.example.com", 1},
    {NULL, "juliet@im.example.com/garden", 0},
    {NULL, "im.example.com/x", 0},
    {NULL, "romeo@im.example.com", 0},
    {NULL, "mallory@evil.example/x", 0},
    {NULL, "example.com", 0},
    {NULL, "evil.im.example.com", 0},
    {NULL, "", 0},
    {NULL, "@im.example.com", 0},
    {NULL, "juliet@im.example.com/", 0},
    {"juliet@im.example.com", NULL, 1},
    {"juliet@im.example.com", "juliet@im.example.com", 1},
    {"juliet@im.example.com", "Juliet@im.example.com", 1},
    {"juliet@im.example.com", "mallory@im.example.com", 0},
    {"juliet@im.example.com", "juliet@im.example.com/garden", 0},
    /* to this session itself, and to the server */
    {"juliet@im.example.com/balcony", NULL, 1},
    {"juliet@im.example.com/balcony", "juliet@im.example.com/balcony", 1},
    {"juliet@im.example.com/balcony", "juliet@im.example.com/Balcony", 0},
    {"im.example.com", NULL, 1},
    {"im.example.com", "im.example.com", 1},
    {"im.example.com", "IM.EXAMPLE.COM", 1},
    {"im.example.com", "example.com", 0},
    {"im.example.com", "mallory@im.example.com", 0},
    /* to others: they alone, under their own name */
    {"juliet@im.example.com/garden", NULL, 0},
    {"svc.example.com", NULL, 0},
    {"svc.example.com", "svc.example.com", 1},
    {"svc.example.com", "SVC.example.com", 1},
    {"svc.example.com", "im.example.com", 0},
    {"svc.example.com", "juliet@im.example.com", 0},
    {"svc.example.com", "juliet@im.example.com/balcony", 0},
    {"svc.example.com", "mallory@svc.example.com", 0},
    {"svc.example.com", "svc.example.com/x", 0},
    {"svc.example.com", "mallory@evil.example/x", 0},
    {"romeo@example.net/orchard", "romeo@example.net/orchard", 1},
    {"romeo@example.net/orchard", "ROMEO@example.net/orchard", 1},
    {"romeo@example.net/orchard", "romeo@example.net/Orchard", 0},
    {"romeo@example.net/orchard", "romeo@example.net", 0},
    {"romeo@example.net", "romeo@example.net/orchard", 0},
    {"romeo@example.net/orchard", "r\xc3\xb6meo@example.net/orchard", 0},
    {"romeo@example.net/orchard", NULL, 0},
};

static void test_only_the_one_who_was_asked_may_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(sender_rows); i++) {
        const struct sender_row *row = &sender_rows[i];
        struct envoi__request *request = start(row->to, UINT64_MAX);
        uint64_t token = request->token;
        if (answered(request->id, row->from) != (row->fits ? token : 0))
            fail_msg("a request to %s and an answer from %s", row->to ? row->to : "nobody",
                     row->from ? row->from : "nobody");
        envoi__requests_finish(&requests, request);
    }
    assert_int_equal(requests.open, 0);
}

/* ---- slots ---- */

static void test_slots_are_used_again_and_tokens_never(void **state)
{
    char first_id[ENVOI__REQUEST_ID_SIZE];
    (void)state;
    struct envoi__request *request = start("svc.example.com", UINT64_MAX);
    memcpy(first_id, request->id, sizeof first_id);
    for (uint64_t i = 2; i < 1000; i++) {
        envoi__requests_finish(&requests, request);
        assert_int_equal(answered(first_id, "svc.example.com"), 0);
        request = start("svc.example.com", UINT64_MAX);
        assert_int_equal(request->token, i);
    }
    assert_in_range(requests.count, 1, 4);
}

static void test_the_limit_holds_and_a_free_slot_serves(void **state)
{
    struct envoi__request *all[5], *one_more = NULL;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(envoi__requests_prepare(&requests, 5, NULL, &all[0]), 0);
        envoi__requests_start(&requests, all[0], UINT64_MAX);
    }
    assert_int_equal(envoi__requests_prepare(&requests, 5, NULL, &one_more), ENVOI_ERR_FULL);
    assert_null(one_more);
    assert_int_equal(requests.open, 5);
    assert_int_equal(envoi__requests_cancel(&requests, 3, ENVOI_ERR_CANCELLED), 0);
    /* still open until it is told */
    assert_int_equal(envoi__requests_prepare(&requests, 5, NULL, &one_more), ENVOI_ERR_FULL);
    assert_settled(3, ENVOI_ERR_CANCELLED);
    assert_int_equal(envoi__requests_prepare(&requests, 5, NULL, &one_more), 0);
    envoi__requests_start(&requests, one_more, UINT64_MAX);
    assert_int_equal(one_more->token, 6);
}

static void test_a_request_that_was_never_started_counts_for_nothing(void **state)
{
    struct envoi__request *request;
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(envoi__requests_prepare(&requests, 1, "svc.example.com", &request), 0);
    assert_int_equal(requests.open, 0);
    assert_int_equal(answered(request->id, "svc.example.com"), 0);
    assert_int_equal(envoi__requests_prepare(&requests, 1, "not a jid@@", &request), ENVOI_ERR_JID);
    envoi__requests_settle_all(&requests, ENVOI_ERR_EOF);
    assert_int_equal(requests.settled, 0);
    assert_null(envoi__requests_settled(&requests));
}

/* ---- deadlines ---- */

static void test_requests_expire_at_their_deadline_and_not_before(void **state)
{
    (void)state;
    start(NULL, 300);
    start(NULL, 100);
    start(NULL, 200);
    start(NULL, UINT64_MAX);
    assert_int_equal(requests.deadline, 100);
    envoi__requests_expire(&requests, 99);
    assert_int_equal(requests.settled, 0);
    envoi__requests_expire(&requests, 100);
    assert_int_equal(requests.deadline, 200);
    assert_settled(2, ENVOI_ERR_TIMEOUT_REQUEST);
    assert_settled(0, 0);
    envoi__requests_expire(&requests, 1000);
    assert_int_equal(requests.deadline, UINT64_MAX);
    assert_settled(1, ENVOI_ERR_TIMEOUT_REQUEST); /* due together: in the order they were sent */
    assert_settled(3, ENVOI_ERR_TIMEOUT_REQUEST);
    assert_settled(0, 0);
    assert_int_equal(requests.open, 1);
}

static void test_an_outcome_that_was_not_told_yet_holds_no_deadline(void **state)
{
    (void)state;
    start(NULL, 100);
    start(NULL, 200);
    start(NULL, 300);
    assert_int_equal(envoi__requests_cancel(&requests, start(NULL, 250)->token, ENVOI_ERR_CANCELLED), 0);
    envoi__requests_expire(&requests, 100);
    envoi__requests_expire(&requests, 200);
    assert_int_equal(requests.deadline, 300);
    assert_settled(1, ENVOI_ERR_TIMEOUT_REQUEST);
    assert_settled(2, ENVOI_ERR_TIMEOUT_REQUEST);
    assert_settled(4, ENVOI_ERR_CANCELLED);
    assert_settled(0, 0);
}

static void test_an_expired_request_is_answered_by_nobody(void **state)
{
    (void)state;
    struct envoi__request *request = start(NULL, 100);
    char id[ENVOI__REQUEST_ID_SIZE];
    memcpy(id, request->id, sizeof id);
    envoi__requests_expire(&requests, 100);
    assert_int_equal(answered(id, NULL), 0);
    assert_int_equal(envoi__requests_cancel(&requests, 1, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
    assert_settled(1, ENVOI_ERR_TIMEOUT_REQUEST);
}

static void test_cancel_knows_only_open_requests(void **state)
{
    (void)state;
    start(NULL, 100);
    assert_int_equal(envoi__requests_cancel(&requests, 0, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi__requests_cancel(&requests, 2, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi__requests_cancel(&requests, UINT64_MAX, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi__requests_cancel(&requests, 1, ENVOI_ERR_CANCELLED), 0);
    assert_int_equal(envoi__requests_cancel(&requests, 1, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
    assert_settled(1, ENVOI_ERR_CANCELLED);
    assert_int_equal(requests.deadline, UINT64_MAX);
    assert_int_equal(envoi__requests_cancel(&requests, 1, ENVOI_ERR_CANCELLED), ENVOI_ERR_NOT_FOUND);
}

static void test_settle_all_keeps_earlier_outcomes(void **state)
{
    (void)state;
    start(NULL, 100);
    start("svc.example.com", 200);
    start(NULL, 300);
    envoi__requests_cancel(&requests, 2, ENVOI_ERR_CANCELLED);
    envoi__requests_settle_all(&requests, ENVOI_ERR_EOF);
    assert_int_equal(requests.settled, 3);
    assert_settled(1, ENVOI_ERR_EOF);
    assert_settled(2, ENVOI_ERR_CANCELLED);
    assert_settled(3, ENVOI_ERR_EOF);
    assert_settled(0, 0);
    assert_int_equal(requests.open, 0);
    assert_int_equal(requests.settled, 0);
}

static void test_ten_thousand_requests(void **state)
{
    static char ids[MANY + 1][ENVOI__REQUEST_ID_SIZE];
    char to[64];
    (void)state;
    for (size_t i = 1; i <= MANY; i++) {
        snprintf(to, sizeof to, "svc%zu.example.com", i);
        struct envoi__request *request = start(to, 1000 + i % 10);
        assert_int_equal(request->token, i);
        memcpy(ids[i], request->id, sizeof ids[i]);
    }
    /* every other one is answered, from the last to the first */
    for (size_t i = MANY; i; i -= 2) {
        snprintf(to, sizeof to, "svc%zu.example.com", i);
        assert_int_equal(answered(ids[i], to), i);
        envoi__requests_cancel(&requests, i, ENVOI_ERR_CANCELLED);
    }
    uint64_t last = 0, count = 0;
    int outcome = 0;
    for (uint64_t token; (token = next_settled(&outcome)) != 0; count++) {
        assert_true(token > last && token % 2 == 0 && outcome == ENVOI_ERR_CANCELLED);
        last = token;
    }
    assert_int_equal(count, MANY / 2);
    envoi__requests_expire(&requests, 1003);
    for (last = count = 0; (last = next_settled(&outcome)) != 0; count++)
        assert_true(last % 10 == 1 || last % 10 == 3);
    assert_int_equal(count, MANY / 5);
    assert_int_equal(requests.deadline, 1005);
    envoi__requests_settle_all(&requests, ENVOI_ERR_RESET);
    for (last = count = 0; (last = next_settled(&outcome)) != 0; count++)
        assert_int_equal(outcome, ENVOI_ERR_RESET);
    assert_int_equal(count, MANY * 3 / 10);
    assert_int_equal(requests.open, 0);
}

/* Work that grew with the square of their number would take minutes. */
static void test_as_many_requests_as_the_limit_allows(void **state)
{
    struct envoi__request *request;
    int outcome = 0;
    (void)state;
    for (int round = 0; round < 2; round++) {
        uint64_t last = requests.last_token;
        for (size_t i = 0; i < LIMIT; i++)
            start(NULL, 1000);
        assert_int_equal(envoi__requests_prepare(&requests, LIMIT, NULL, &request), ENVOI_ERR_FULL);
        envoi__requests_settle_all(&requests, ENVOI_ERR_EOF);
        for (size_t i = 1; i <= LIMIT; i++)
            assert_true(next_settled(&outcome) == last + i);
        assert_int_equal(requests.open, 0);
    }
}

static int body_of_failing(void *user)
{
    struct envoi__requests local;
    struct envoi__request *request = NULL;
    int error = 0;
    (void)user;
    envoi__requests_init(&local);
    for (int i = 0; i < 9 && !error; i++) {
        error = envoi__requests_prepare(&local, LIMIT, i % 2 ? "svc.example.com" : NULL, &request);
        if (!error)
            envoi__requests_start(&local, request, 100);
    }
    assert_true(!error || error == ENVOI_ERR_NOMEM);
    envoi__requests_free(&local);
    return error;
}

static void test_without_memory_nothing_is_begun(void **state)
{
    (void)state;
    with_failing_allocations(body_of_failing, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ids_hold_128_random_bits_and_the_slot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_id_of_the_greatest_slot_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only_the_whole_id_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_without_id_answers_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_memory_nobody_is_taken_for_a_stranger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only_the_one_who_was_asked_may_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slots_are_used_again_and_tokens_never, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_limit_holds_and_a_free_slot_serves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_request_that_was_never_started_counts_for_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_requests_expire_at_their_deadline_and_not_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_outcome_that_was_not_told_yet_holds_no_deadline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_expired_request_is_answered_by_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cancel_knows_only_open_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_settle_all_keeps_earlier_outcomes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ten_thousand_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_as_many_requests_as_the_limit_allows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_memory_nothing_is_begun, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
