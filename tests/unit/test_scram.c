/* SPDX-License-Identifier: MIT */
#include "sasl_exchange.h"

static const char *vectors; /* the folder */

static void test_server_first_is_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
    } cases[] = {
        {FIRST, ENVOI__SASL_SEND},
        {FIRST ",x=1,Z=a=b=,h2", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",x=1,Z=a=b=", ENVOI__SASL_SEND},
        {FIRST ",", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",,x=1", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",x=", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",1=x", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",m=x", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",s=QSXCR+Q6sek8bf92", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",r=" FULL_NONCE, ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",e=other-error", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",x=\xff", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST ",x=\xc3\xa9", ENVOI__SASL_SEND},
        {" " FIRST, ENVOI_ERR_AUTH_MALFORMED},
        {FIRST " ", ENVOI_ERR_AUTH_MALFORMED},
        {FIRST "\n", ENVOI_ERR_AUTH_MALFORMED},
        {"R=" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"x=1," FIRST, ENVOI_ERR_AUTH_MALFORMED},
        {"r=" NONCE " x,s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" NONCE "\xc3\xa9,s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" NONCE "\x7f,s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=fyko,s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=x" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" FULL_NONCE ",s=QSXCR+Q6sek8bf9,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" FULL_NONCE ",s=QSXCR Q6sek8bf92,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" FULL_NONCE ",s=QR==,i=4096", ENVOI_ERR_AUTH_MALFORMED},
        {"r=" FULL_NONCE ",s=QQ==,i=4096", ENVOI__SASL_SEND},
        {"e=channel-bindings-dont-match", ENVOI_ERR_AUTH_CHANNEL_BINDING},
        {"e=no-resources", ENVOI_ERR_AUTH_TEMPORARY},
        {"e=invalid-encoding", ENVOI_ERR_AUTH_PROTOCOL},
        {"e=invalid-encodin", ENVOI_ERR_AUTH_REJECTED},
        {PROOF_FINAL, ENVOI_ERR_AUTH_MALFORMED},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct envoi__buf response;
        struct envoi__sasl *sasl = start_sha1(&response);
        int result = feed(sasl, cases[i].text, strlen(cases[i].text), &response);
        if (result != cases[i].result)
            fail_msg("\"%s\": %d, not %d", cases[i].text, result, cases[i].result);
        assert_int_equal(response.len != 0, result == ENVOI__SASL_SEND);
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
}

/* RFC 5802 7: eleven values, and what is new is other-error. They may come in either place. */
static void test_each_error_of_a_server_has_its_code(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } cases[] = {
        {"e=invalid-encoding", ENVOI_ERR_AUTH_PROTOCOL},
        {"e=extensions-not-supported", ENVOI_ERR_AUTH_PROTOCOL},
        {"e=invalid-username-encoding", ENVOI_ERR_AUTH_PROTOCOL},
        {"e=channel-bindings-dont-match", ENVOI_ERR_AUTH_CHANNEL_BINDING},
        {"e=server-does-support-channel-binding", ENVOI_ERR_AUTH_CHANNEL_BINDING},
        {"e=channel-binding-not-supported", ENVOI_ERR_AUTH_CHANNEL_BINDING},
        {"e=unsupported-channel-binding-type", ENVOI_ERR_AUTH_CHANNEL_BINDING},
        {"e=no-resources", ENVOI_ERR_AUTH_TEMPORARY},
        {"e=invalid-proof", ENVOI_ERR_AUTH_REJECTED},
        {"e=unknown-user", ENVOI_ERR_AUTH_REJECTED},
        {"e=other-error", ENVOI_ERR_AUTH_REJECTED},
        {"e=an-error-to-come", ENVOI_ERR_AUTH_REJECTED},
    };
    for (size_t i = 0; i < 2 * ENVOI__COUNT(cases); i++) {
        struct envoi__buf response;
        struct envoi__sasl *sasl = start_sha1(&response);
        const char *text = cases[i / 2].text;
        if (i % 2)
            assert_int_equal(feed(sasl, FIRST, strlen(FIRST), &response), ENVOI__SASL_SEND);
        assert_int_equal(feed(sasl, text, strlen(text), &response), cases[i / 2].error);
        assert_true(succeed(sasl, PROOF_FINAL) < 0);
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
}

static void test_a_nul_in_a_server_message_is_refused(void **state)
{
    (void)state;
    static const char message[] = FIRST ",x=a\0b";
    struct envoi__buf response;
    struct envoi__sasl *sasl = start_sha1(&response);
    assert_int_equal(feed(sasl, message, sizeof message - 1, &response), ENVOI_ERR_AUTH_MALFORMED);
    envoi__sasl_free(sasl);
}

static int result_for(const char *salt, const char *iterations)
{
    char message[2048];
    struct envoi__buf response;
    struct envoi__sasl *sasl = start_sha1(&response);
    int len = snprintf(message, sizeof message, "r=" FULL_NONCE ",s=%s,i=%s", salt, iterations);
    assert_in_range(len, 1, sizeof message - 1);
    int result = envoi__sasl_challenge(sasl, (const uint8_t *)message, (size_t)len, &response);
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
    return result;
}

static void test_iteration_count_is_bounded_on_both_sides(void **state)
{
    (void)state;
    static const struct {
        const char *count;
        int result;
    } cases[] = {
        {"4095", ENVOI_ERR_AUTH_PARAMETERS},       {"4096", ENVOI__SASL_SEND},
        {"10000000", ENVOI__SASL_WORKING},         {"10000001", ENVOI_ERR_AUTH_PARAMETERS},
        {"4294971392", ENVOI_ERR_AUTH_PARAMETERS}, {"18446744073709555712", ENVOI_ERR_AUTH_PARAMETERS},
        {"0", ENVOI_ERR_AUTH_PARAMETERS},          {"04096", ENVOI_ERR_AUTH_MALFORMED},
        {"-1", ENVOI_ERR_AUTH_MALFORMED},          {"+4096", ENVOI_ERR_AUTH_MALFORMED},
        {"1e9", ENVOI_ERR_AUTH_MALFORMED},         {"", ENVOI_ERR_AUTH_MALFORMED},
        {"4096 ", ENVOI_ERR_AUTH_MALFORMED},       {"0x1000", ENVOI_ERR_AUTH_MALFORMED},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++)
        assert_int_equal(result_for("QSXCR+Q6sek8bf92", cases[i].count), cases[i].result);
}

static void test_salt_length_is_bounded(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int result;
    } cases[] = {{0, ENVOI_ERR_AUTH_MALFORMED},     {1, ENVOI__SASL_SEND},
                 {1024, ENVOI__SASL_SEND},          {1025, ENVOI_ERR_AUTH_PARAMETERS},
                 {1026, ENVOI_ERR_AUTH_PARAMETERS}, {1027, ENVOI_ERR_AUTH_PARAMETERS}};
    static const uint8_t salt[1027];
    char text[ENVOI__BASE64_SIZE(sizeof salt) + 1];
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        envoi__base64_encode(salt, cases[i].len, text);
        assert_int_equal(result_for(text, "4096"), cases[i].result);
    }
}

/* Steps: c = challenge with the text, s = success with the text, S = success without data. */
struct step {
    char kind;
    const char *text;
    int result;
};

static int take_step(struct envoi__sasl *sasl, const struct step *step, struct envoi__buf *response)
{
    if (step->kind == 'c')
        return feed(sasl, step->text, strlen(step->text), response);
    return succeed(sasl, step->kind == 's' ? step->text : NULL);
}

static void test_only_a_proven_server_ends_the_login(void **state)
{
    (void)state;
    enum { SEND = ENVOI__SASL_SEND, DONE = ENVOI__SASL_DONE, LIE = ENVOI_ERR_AUTH_SERVER_UNVERIFIED };
    static const struct step cases[][4] = {
        {{'c', FIRST, SEND}, {'s', PROOF_FINAL, DONE}},
        {{'c', FIRST, SEND}, {'c', PROOF_FINAL, SEND}, {'S', NULL, DONE}},
        {{'c', FIRST, SEND}, {'c', PROOF_FINAL, SEND}, {'s', "", DONE}, {'S', NULL, LIE}},
        {{'c', FIRST, SEND}, {'c', PROOF_FINAL, SEND}, {'s', PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND},
         {'c', PROOF_FINAL, SEND},
         {'c', PROOF_FINAL, ENVOI_ERR_AUTH_MALFORMED},
         {'S', NULL, LIE}},
        {{'c', FIRST, SEND}, {'c', PROOF_FINAL ",x=1", SEND}, {'S', NULL, DONE}},
        {{'c', FIRST, SEND}, {'s', PROOF_FINAL ",m=1", LIE}},
        {{'c', FIRST, SEND}, {'s', PROOF_FINAL "," PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND}, {'s', "x=1," PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND}, {'S', NULL, LIE}, {'s', PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND}, {'s', "", LIE}},
        {{'c', FIRST, SEND}, {'s', "v=", LIE}},
        {{'c', FIRST, SEND}, {'s', "v=rmF9pqV8S7suAoZWja4dJRkFsKR=", LIE}},
        {{'c', FIRST, SEND}, {'s', "v=rmF9pqV8S7suAoZWja4dJRkFsA==", LIE}},
        {{'c', FIRST, SEND}, {'s', "v=rmF9pqV8S7suAoZWja4dJRkFsKQA", LIE}},
        {{'c', FIRST, SEND}, {'s', "e=invalid-proof", LIE}},
        {{'c', FIRST, SEND}, {'c', "e=invalid-proof", ENVOI_ERR_AUTH_REJECTED}, {'s', PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND}, {'c', FIRST, ENVOI_ERR_AUTH_MALFORMED}, {'s', PROOF_FINAL, LIE}},
        {{'c', FIRST, SEND}, {'s', FIRST, LIE}},
        {{'s', FIRST, LIE}},
        {{'s', PROOF_FINAL, LIE}},
        {{'S', NULL, LIE}, {'c', FIRST, ENVOI_ERR_STATE}},
        {{'c', PROOF_FINAL, ENVOI_ERR_AUTH_MALFORMED}, {'c', FIRST, ENVOI_ERR_STATE}},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct envoi__buf response;
        struct envoi__sasl *sasl = start_sha1(&response);
        for (size_t k = 0; k < ENVOI__COUNT(cases[i]) && cases[i][k].kind; k++) {
            size_t before = response.len;
            int result = take_step(sasl, &cases[i][k], &response);
            if (result != cases[i][k].result)
                fail_msg("case %zu step %zu: %d, not %d", i, k, result, cases[i][k].result);
            if (k == 1)
                assert_int_equal(response.len, before); /* the answer to a verifier is empty */
        }
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
}

static void test_success_while_the_key_is_derived_is_refused(void **state)
{
    (void)state;
    static const char first[] = "r=" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=100000";
    struct envoi__buf response;
    struct envoi__sasl *sasl = start_sha1(&response);
    assert_int_equal(envoi__sasl_challenge(sasl, (const uint8_t *)first, strlen(first), &response),
                     ENVOI__SASL_WORKING);
    assert_int_equal(succeed(sasl, PROOF_FINAL), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
    assert_int_equal(envoi__sasl_work(sasl, &response), ENVOI_ERR_STATE);
    envoi__sasl_free(sasl);
    sasl = start_sha1(&response);
    assert_int_equal(envoi__sasl_challenge(sasl, (const uint8_t *)first, strlen(first), &response),
                     ENVOI__SASL_WORKING);
    assert_int_equal(feed(sasl, first, strlen(first), &response), ENVOI_ERR_AUTH_MALFORMED);
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
}

static void test_calls_out_of_order_change_nothing(void **state)
{
    (void)state;
    struct exchange x;
    struct envoi__sasl *sasl;
    struct envoi__buf response;
    envoi__buf_init(&response, 0);
    set_up(&x, "SCRAM-SHA-1", "", "");
    x.params.nonce = NONCE;
    assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
    assert_int_equal(feed(sasl, FIRST, strlen(FIRST), &response), ENVOI_ERR_STATE);
    assert_int_equal(envoi__sasl_work(sasl, &response), ENVOI_ERR_STATE);
    assert_int_equal(succeed(sasl, PROOF_FINAL), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
    assert_int_equal(response.len, 0);
    assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
    assert_int_equal(envoi__sasl_begin(sasl, &response), ENVOI_ERR_STATE);
    assert_int_equal(envoi__sasl_work(sasl, &response), ENVOI_ERR_STATE);
    assert_text("first", &response, "n,,n=user,r=" NONCE);
    assert_int_equal(feed(sasl, FIRST, strlen(FIRST), &response), ENVOI__SASL_SEND);
    assert_int_equal(envoi__sasl_work(sasl, &response), ENVOI_ERR_STATE);
    assert_int_equal(succeed(sasl, PROOF_FINAL), ENVOI__SASL_DONE);
    envoi__sasl_free(sasl);
    envoi__sasl_free(NULL);
    envoi__buf_free(&response);
}

static void take_no_challenge_and_no_data(const char *mechanism)
{
    struct exchange x;
    struct envoi__sasl *sasl;
    struct envoi__buf response;
    envoi__buf_init(&response, 0);
    set_up(&x, mechanism, "", "");
    x.params.plain_allowed = x.params.external_allowed = 1;
    assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
    assert_int_equal(succeed(sasl, NULL), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
    assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
    assert_int_equal(feed(sasl, "", 0, &response), ENVOI_ERR_AUTH_MALFORMED);
    assert_int_equal(succeed(sasl, NULL), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
    envoi__sasl_free(sasl);
    assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
    assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
    assert_int_equal(envoi__sasl_work(sasl, &response), ENVOI_ERR_STATE);
    assert_int_equal(succeed(sasl, "v=x"), ENVOI_ERR_AUTH_MALFORMED);
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
}

static void test_mechanisms_of_one_message_take_no_challenge_and_no_data(void **state)
{
    (void)state;
    take_no_challenge_and_no_data("PLAIN");
    take_no_challenge_and_no_data("EXTERNAL");
}

/* Play a vector with the given server messages; the result of the step that ends it. */
static int play(struct scram_row *row, const char *first, size_t first_len, const char *final, size_t final_len,
                int final_as_challenge)
{
    struct envoi__sasl *sasl = NULL;
    int result = envoi__sasl_new(&sasl, &row->x.params);
    if (!result)
        result = envoi__sasl_begin(sasl, &row->response);
    if (!result)
        result = feed(sasl, first, first_len, &row->response);
    if (result == ENVOI__SASL_SEND && final_as_challenge) {
        result = feed(sasl, final, final_len, &row->response);
        final_len = 0;
    }
    if (result == ENVOI__SASL_SEND)
        result = envoi__sasl_success(sasl, final_len ? (const uint8_t *) final : NULL, final_len);
    envoi__sasl_free(sasl);
    envoi__buf_free(&row->response);
    return result;
}

static void never_done(struct scram_row *row, char *message, size_t len, int is_first)
{
    const char *first = is_first ? message : row->server_first, *final = is_first ? row->server_final : message;
    size_t first_len = is_first ? len : strlen(first), final_len = is_first ? strlen(final) : len;
    for (int as_challenge = 0; as_challenge < 2; as_challenge++) {
        int result = play(row, first, first_len, final, final_len, as_challenge);
        if (result >= 0)
            fail_msg("%s: %d for \"%.*s\", \"%.*s\"", row->id, result, (int)first_len, first, (int)final_len, final);
    }
}

static void damage(struct scram_row *row, const char *original, int is_first)
{
    static const char bits[] = {1, 0x20, 4};
    size_t len = strlen(original);
    char *message = malloc(len + 1);
    assert_non_null(message);
    memcpy(message, original, len + 1);
    for (size_t i = 0; i < len; i++)
        never_done(row, message, i, is_first);
    for (size_t i = 0; i < len; i++) {
        message[i] ^= bits[i % sizeof bits];
        never_done(row, message, len, is_first);
        message[i] = original[i];
    }
    free(message);
}

static void test_damaged_or_cut_messages_never_log_in(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        struct scram_row row;
        if (!has_word("sasl-001 sasl-013 sasl-020 sasl-027", tsv_get(tsv, "id")))
            continue;
        open_row(&row, tsv);
        for (int i = 0; i < 2; i++)
            assert_int_equal(
                play(&row, row.server_first, strlen(row.server_first), row.server_final, strlen(row.server_final), i),
                ENVOI__SASL_DONE);
        damage(&row, row.server_first, 1);
        damage(&row, row.server_final, 0);
        close_row(&row);
        rows++;
    }
    tsv_close(tsv);
    assert_int_equal(rows, 4);
}

static int play_whole(void *user)
{
    struct scram_row *row = user;
    int result =
        play(row, row->server_first, strlen(row->server_first), row->server_final, strlen(row->server_final), 1);
    return result == ENVOI__SASL_DONE ? 0 : result;
}

static int play_plain(void *user)
{
    struct exchange *x = user;
    struct envoi__sasl *sasl = NULL;
    struct envoi__buf response;
    envoi__buf_init(&response, 0);
    int error = envoi__sasl_new(&sasl, &x->params);
    if (!error)
        error = envoi__sasl_begin(sasl, &response);
    if (!error)
        error = succeed(sasl, NULL) == ENVOI__SASL_DONE ? 0 : ENVOI_ERR_STATE;
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
    return error;
}

static void test_exchanges_survive_every_failed_allocation(void **state)
{
    (void)state;
    struct exchange plain;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        struct scram_row row;
        if (!has_word("sasl-013 sasl-015 sasl-019 sasl-025", tsv_get(tsv, "id")))
            continue;
        open_row(&row, tsv);
        with_failing_allocations(play_whole, &row);
        row.x.params.nonce = NULL; /* one of its own, which the server's message does not repeat */
        assert_int_equal(play_whole(&row), ENVOI_ERR_AUTH_MALFORMED);
        close_row(&row);
    }
    tsv_close(tsv);
    set_up(&plain, "PLAIN", "", "");
    plain.params.plain_allowed = 1;
    with_failing_allocations(play_plain, &plain);
}

static void test_a_failure_leaves_the_response_as_it_was(void **state)
{
    (void)state;
    struct exchange x;
    struct envoi__sasl *sasl;
    struct envoi__buf response;
    static const size_t limits[] = {10, 30, 50};
    for (size_t i = 0; i < ENVOI__COUNT(limits); i++) {
        envoi__buf_init(&response, limits[i]);
        assert_int_equal(envoi__buf_add_text(&response, "before"), 0);
        set_up(&x, "SCRAM-SHA-1", "", "");
        x.params.nonce = NONCE;
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
        int result = envoi__sasl_begin(sasl, &response);
        if (limits[i] == 50) {
            assert_int_equal(result, 0);
            envoi__buf_truncate(&response, 6);
            result = feed(sasl, FIRST, strlen(FIRST), &response);
        }
        assert_int_equal(result, ENVOI_ERR_FULL);
        assert_text("response", &response, "before");
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
}

/* A login whose texts are as long as the test says, so that each of their pieces is once the one that makes a buffer
 * grow. */
struct grown {
    char user[300], authzid[300]; /* with an authzid, the channel is bound too */
    size_t pad;
};

static int play_grown(void *user)
{
    const struct grown *grown = user;
    struct exchange x;
    struct envoi__sasl *sasl = NULL;
    struct envoi__buf response;
    char before[300];
    memset(before, 'b', sizeof before);
    envoi__buf_init(&response, 0);
    if (*grown->authzid)
        set_up(&x, "SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "tls-unique", "tls-unique");
    else
        set_up(&x, "SCRAM-SHA-1", "", "");
    x.params.authzid = *grown->authzid ? grown->authzid : NULL;
    x.params.authcid = grown->user;
    x.params.nonce = NONCE;
    int result = envoi__buf_add(&response, before, grown->pad);
    if (!result)
        result = envoi__sasl_new(&sasl, &x.params);
    if (!result)
        result = envoi__sasl_begin(sasl, &response);
    if (!result) {
        envoi__buf_truncate(&response, grown->pad);
        result = feed(sasl, FIRST, strlen(FIRST), &response);
    }
    if (result < 0) /* a response is all or nothing */
        assert_true(response.len == grown->pad || (!sasl && !response.len));
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
    return result;
}

static void test_a_buffer_that_cannot_grow_ends_the_login_at_any_place(void **state)
{
    (void)state;
    struct grown grown;
    memset(&grown, 0, sizeof grown);
    for (size_t i = 0; i < 256; i++) {
        grown.user[i] = i % 8 == 7 ? ',' : 'u'; /* AuthMessage */
        grown.pad = i;                          /* the response */
        with_failing_allocations(play_grown, &grown);
    }
    memset(&grown, 0, sizeof grown);
    grown.user[0] = 'u';
    for (size_t i = 0; i < 260; i++) {
        grown.authzid[i] = 'a'; /* GS2 header and binding */
        if (i > 190)
            with_failing_allocations(play_grown, &grown);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_first_is_read_strictly),
        cmocka_unit_test(test_each_error_of_a_server_has_its_code),
        cmocka_unit_test(test_a_nul_in_a_server_message_is_refused),
        cmocka_unit_test(test_iteration_count_is_bounded_on_both_sides),
        cmocka_unit_test(test_salt_length_is_bounded),
        cmocka_unit_test(test_only_a_proven_server_ends_the_login),
        cmocka_unit_test(test_success_while_the_key_is_derived_is_refused),
        cmocka_unit_test(test_calls_out_of_order_change_nothing),
        cmocka_unit_test(test_mechanisms_of_one_message_take_no_challenge_and_no_data),
        cmocka_unit_test(test_damaged_or_cut_messages_never_log_in),
        cmocka_unit_test(test_exchanges_survive_every_failed_allocation),
        cmocka_unit_test(test_a_failure_leaves_the_response_as_it_was),
        cmocka_unit_test(test_a_buffer_that_cannot_grow_ends_the_login_at_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
