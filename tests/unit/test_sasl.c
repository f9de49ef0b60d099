/* SPDX-License-Identifier: MIT */
#include "test.h"
#include "tsv.h"

#include "base/base64.h"
#include "base/mem.h"
#include "sasl/mechanisms.h"
#include "sasl/scram_message.h"

static const char *vectors; /* the folder */

enum { LIST_MAX = 16, MAX_ITERATIONS = 10000000 };

/* What the channel of a test can give: every type in `types` has this data. */
struct channel {
    const char *types;
    const void *data;
    size_t len;
    int error; /* for a type that it has not */
};

static int has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return 1;
    return 0;
}

static int give_binding(void *user, const char *type, uint8_t *out, size_t *len)
{
    const struct channel *channel = user;
    if (!has_word(channel->types, type))
        return channel->error ? channel->error : ENVOI_ERR_UNSUPPORTED;
    assert_true(channel->len <= *len);
    memcpy(out, channel->data, channel->len);
    *len = channel->len;
    return 0;
}

/* A list made of words between single separators; the texts live in `store`. */
struct list {
    char store[512];
    const char *item[LIST_MAX];
    size_t count;
};

static void split(struct list *list, const char *words, char separator)
{
    size_t len = strlen(words);
    assert_true(len < sizeof list->store);
    memcpy(list->store, words, len + 1);
    list->count = 0;
    for (char *at = list->store; len && at; list->count++) {
        assert_true(list->count < LIST_MAX);
        list->item[list->count] = at;
        at = strchr(at, separator);
        if (at)
            *at++ = '\0';
    }
}

/* Everything that one exchange needs. */
struct exchange {
    struct list offered, announced;
    struct channel channel;
    struct envoi__sasl_params params;
};

static void set_up(struct exchange *x, const char *offered, const char *announced, const char *available)
{
    static const uint8_t data[32] = {1, 2, 3};
    memset(x, 0, sizeof *x);
    split(&x->offered, offered, ' ');
    split(&x->announced, announced, ' ');
    x->channel = (struct channel){available, data, sizeof data, 0};
    x->params = (struct envoi__sasl_params){
        .authcid = "user",
        .password = "pencil",
        .offered = x->offered.item,
        .offered_count = x->offered.count,
        .cb_offered = x->announced.item,
        .cb_offered_count = x->announced.count,
        .channel_binding = ENVOI_CHANNEL_BINDING_OFFERED,
        .channel_is_secure = 1,
        .max_iterations = MAX_ITERATIONS,
        .cb = give_binding,
        .cb_user = &x->channel,
    };
}

static void assert_text(const char *id, const struct envoi__buf *buf, const char *text)
{
    if (buf->len != strlen(text) || (buf->len && memcmp(envoi__buf_bytes(buf), text, buf->len) != 0))
        fail_msg("%s: \"%.*s\" is not \"%s\"", id, (int)buf->len,
                 buf->len ? (const char *)envoi__buf_bytes(buf) : "", text);
}

static int feed(struct envoi__sasl *sasl, const char *text, size_t len, struct envoi__buf *response)
{
    /* a block that ends with the text, so that reading behind it is found out */
    uint8_t *block = malloc(len ? len : 1);
    if (!block)
        return ENVOI_ERR_NOMEM;
    memcpy(block, text, len);
    int result = envoi__sasl_challenge(sasl, block, len, response);
    free(block);
    while (result == ENVOI__SASL_WORKING)
        result = envoi__sasl_work(sasl, response);
    return result;
}

static int succeed(struct envoi__sasl *sasl, const char *text)
{
    return envoi__sasl_success(sasl, (const uint8_t *)text, text ? strlen(text) : 0);
}

/* ---- the vectors ---- */

struct scram_row {
    const struct tsv *tsv;
    const char *id, *first, *server_first, *final, *server_final, *verdict, *error;
    char *user, *password, *binding;
    char offered[64], nonce[128];
    struct exchange x;
    struct envoi__buf response;
};

static void open_row(struct scram_row *row, const struct tsv *tsv)
{
    const char *mechanism = tsv_get(tsv, "mechanism"), *type = tsv_get(tsv, "cb_type");
    *row = (struct scram_row){.tsv = tsv,
                              .id = tsv_get(tsv, "id"),
                              .first = tsv_get(tsv, "input"),
                              .server_first = tsv_get(tsv, "server_first"),
                              .final = tsv_get(tsv, "output"),
                              .server_final = tsv_get(tsv, "server_final"),
                              .verdict = tsv_get(tsv, "verdict"),
                              .error = tsv_get(tsv, "error")};
    int plain = (int)strlen(mechanism), plus = row->first[0] == 'p';
    if (plus)
        plain -= 5;
    snprintf(row->offered, sizeof row->offered, plus ? "%.*s %s" : "%.*s", plain, mechanism, mechanism);
    snprintf(row->nonce, sizeof row->nonce, "%s", strstr(row->first, ",r=") + 3);
    row->user = tsv_json(tsv, "user_json", NULL);
    row->password = tsv_json(tsv, "password_json", NULL);
    const char *types = strcmp(type, "tls-exporter") == 0 ? "tls-exporter tls-server-end-point"
                        : plus                            ? type
                                                          : "";
    set_up(&row->x, row->offered, types, plus ? type : row->first[0] == 'y' ? "tls-exporter" : "");
    size_t len = 0;
    row->binding = tsv_hex(tsv, "cb_data_hex", &len);
    if (plus) {
        row->x.channel.data = row->binding;
        row->x.channel.len = len;
    }
    row->x.params.authcid = row->user;
    row->x.params.password = row->password;
    row->x.params.nonce = row->nonce;
    envoi__buf_init(&row->response, 0);
}

static void close_row(struct scram_row *row)
{
    free(row->user);
    free(row->password);
    free(row->binding);
    envoi__buf_free(&row->response);
}

static void expect_error(const struct scram_row *row, int result)
{
    if (strcmp(envoi_error_name(result), row->error) != 0)
        fail_msg("%s: %s, not %s", row->id, envoi_error_name(result), row->error);
}

static void start_row(struct scram_row *row, struct envoi__sasl **sasl)
{
    int error = envoi__sasl_new(sasl, &row->x.params);
    if (error)
        fail_msg("%s: %s", row->id, envoi_error_name(error));
    assert_int_equal(envoi__sasl_begin(*sasl, &row->response), 0);
}

static void check_agreeing(struct scram_row *row, struct envoi__sasl *sasl)
{
    const char *mechanism = tsv_get(row->tsv, "mechanism");
    assert_string_equal(envoi__sasl_mechanism(sasl), mechanism);
    assert_text(row->id, &row->response, row->first);
    envoi__buf_free(&row->response);
    assert_int_equal(feed(sasl, row->server_first, strlen(row->server_first), &row->response),
                     ENVOI__SASL_SEND);
    assert_text(row->id, &row->response, row->final);
    assert_int_equal(succeed(sasl, row->server_final), ENVOI__SASL_DONE);
    assert_string_equal(envoi__sasl_mechanism(sasl), mechanism);
    if (row->first[0] == 'p')
        assert_string_equal(envoi__sasl_channel_binding(sasl), tsv_get(row->tsv, "cb_type"));
    else
        assert_null(envoi__sasl_channel_binding(sasl));
}

static void check_refused(struct scram_row *row, struct envoi__sasl *sasl)
{
    int final = strcmp(tsv_get(row->tsv, "kind"), "scram-negative-final") == 0;
    envoi__buf_free(&row->response);
    int result = feed(sasl, row->server_first, strlen(row->server_first), &row->response);
    if (final) {
        assert_int_equal(result, ENVOI__SASL_SEND);
        if (strcmp(row->server_final, "(none)") == 0)
            result = succeed(sasl, NULL);
        else
            result = feed(sasl, row->server_final, strlen(row->server_final), &row->response);
    } else {
        assert_int_equal(row->response.len, 0); /* no proof went out */
    }
    expect_error(row, result);
}

static void check_differing(struct scram_row *row, struct envoi__sasl *sasl)
{
    size_t first = strlen(row->first), binding = strcspn(row->final, ",");
    int same = row->response.len == first && memcmp(envoi__buf_bytes(&row->response), row->first, first) == 0;
    envoi__buf_free(&row->response);
    assert_int_equal(feed(sasl, row->server_first, strlen(row->server_first), &row->response),
                     ENVOI__SASL_SEND);
    if (same) /* all but what the reason names is as published */
        assert_memory_equal(envoi__buf_bytes(&row->response), row->final, binding);
    assert_int_equal(succeed(sasl, row->server_final), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
}

static const struct verdict {
    const char *name;
    void (*check)(struct scram_row *row, struct envoi__sasl *sasl);
    int rows;
} verdicts[] = {
    {"agree", check_agreeing, 16},
    {"refused", check_refused, 27},
    {"differs", check_differing, 3},
};

static int check_scram_row(const struct tsv *tsv, int *seen)
{
    struct scram_row row;
    struct envoi__sasl *sasl;
    for (size_t i = 0; i < ENVOI__COUNT(verdicts); i++) {
        if (strcmp(verdicts[i].name, tsv_get(tsv, "verdict")) != 0)
            continue;
        open_row(&row, tsv);
        start_row(&row, &sasl);
        verdicts[i].check(&row, sasl);
        envoi__sasl_free(sasl);
        close_row(&row);
        seen[i]++;
        return 1;
    }
    return 0;
}

static void test_scram_vectors_are_settled_one_by_one(void **state)
{
    (void)state;
    int seen[ENVOI__COUNT(verdicts)] = {0}, not_built = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        if (strncmp(tsv_get(tsv, "kind"), "scram", 5) != 0 || check_scram_row(tsv, seen))
            continue;
        assert_string_equal(tsv_get(tsv, "verdict"), "not-built");
        not_built++;
    }
    tsv_close(tsv);
    for (size_t i = 0; i < ENVOI__COUNT(verdicts); i++)
        assert_int_equal(seen[i], verdicts[i].rows);
    assert_int_equal(not_built, 3);
}

static void test_mechanisms_that_are_not_built_are_never_chosen(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        struct exchange x;
        struct envoi__sasl *sasl = NULL;
        if (strcmp(tsv_get(tsv, "verdict"), "agree") != 0)
            assert_true(*tsv_get(tsv, "reason") || strncmp(tsv_get(tsv, "kind"), "scram-neg", 9) == 0);
        if (strcmp(tsv_get(tsv, "verdict"), "not-built") != 0)
            continue;
        set_up(&x, tsv_get(tsv, "mechanism"), "", "tls-exporter");
        x.params.plain_allowed = 1;
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), ENVOI_ERR_AUTH_NO_MECHANISM);
        assert_null(sasl);
        rows++;
    }
    tsv_close(tsv);
    assert_int_equal(rows, 9);
}

static void test_plain_vectors_are_reproduced(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        struct exchange x;
        struct envoi__sasl *sasl;
        struct envoi__buf response;
        char text[256];
        if (strcmp(tsv_get(tsv, "kind"), "plain") != 0)
            continue;
        char *user = tsv_json(tsv, "user_json", NULL), *password = tsv_json(tsv, "password_json", NULL);
        set_up(&x, "PLAIN", "", "");
        x.params.plain_allowed = 1;
        x.params.authcid = user;
        x.params.password = password;
        envoi__buf_init(&response, 0);
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
        assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
        envoi__base64_encode(envoi__buf_bytes(&response), response.len, text);
        if (strcmp(tsv_get(tsv, "verdict"), "agree") == 0)
            assert_string_equal(text, tsv_get(tsv, "output"));
        else
            assert_string_not_equal(text, tsv_get(tsv, "output"));
        assert_int_equal(succeed(sasl, NULL), ENVOI__SASL_DONE);
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
        free(user);
        free(password);
        rows++;
    }
    tsv_close(tsv);
    assert_int_equal(rows, 4);
}

/* ---- the choice ---- */

static void describe(const struct envoi__sasl_params *params, char *out, size_t size)
{
    struct envoi__sasl_choice choice;
    int error = envoi__sasl_choose(&choice, params);
    if (error)
        snprintf(out, size, "%s", envoi_error_name(error));
    else if (strcmp(choice.mechanism->name, "PLAIN") == 0)
        snprintf(out, size, "PLAIN");
    else
        snprintf(out, size, "%s %c%s%s%s", choice.mechanism->name, choice.flag, choice.type ? " " : "",
                 choice.type ? choice.type : "", choice.hash_required ? " proof" : "");
}

static void test_choice_follows_the_decision_table(void **state)
{
    (void)state;
    static const char *const modes[] = {"", "offered", "required", "off"};
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl-choice.tsv");
    for (; tsv_next(tsv); rows++) {
        struct exchange x;
        char result[128];
        set_up(&x, tsv_get(tsv, "offered"), tsv_get(tsv, "announced"), tsv_get(tsv, "available"));
        x.params.plain_allowed = strcmp(tsv_get(tsv, "plain"), "yes") == 0;
        x.params.channel_is_secure = strcmp(tsv_get(tsv, "secure"), "yes") == 0;
        for (int mode = 1; mode <= 3; mode++)
            if (strcmp(tsv_get(tsv, "mode"), modes[mode]) == 0)
                x.params.channel_binding = mode;
        describe(&x.params, result, sizeof result);
        if (strcmp(result, tsv_get(tsv, "result")) != 0)
            fail_msg("%s: %s, not %s", tsv_get(tsv, "id"), result, tsv_get(tsv, "result"));
    }
    tsv_close(tsv);
    assert_true(rows > 40);
}

static void test_choice_without_a_channel_is_not_bound(void **state)
{
    (void)state;
    struct exchange x;
    char result[128];
    set_up(&x, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "tls-exporter", "");
    x.params.cb = NULL;
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "SCRAM-SHA-256 n");
}

static void test_an_error_of_the_channel_does_not_look_like_no_binding(void **state)
{
    (void)state;
    struct exchange x;
    char result[128];
    set_up(&x, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "tls-exporter", "tls-unique");
    x.channel.error = ENVOI_ERR_NOMEM;
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "ENVOI_ERR_NOMEM");
    set_up(&x, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "tls-exporter", "tls-exporter");
    x.channel.len = 0;
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "SCRAM-SHA-256 n");
}

/* ---- single messages ---- */

#define NONCE       "fyko+d2lbbFgONRv9qkxdawL"
#define FULL_NONCE  NONCE "3rfcNHYJY1ZVvWVs7j"
#define FIRST       "r=" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=4096"
#define PROOF_FINAL "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

static struct envoi__sasl *start_sha1(struct envoi__buf *response)
{
    struct exchange x;
    struct envoi__sasl *sasl;
    set_up(&x, "SCRAM-SHA-1", "", "");
    x.params.nonce = NONCE;
    envoi__buf_init(response, 0);
    assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
    assert_int_equal(envoi__sasl_begin(sasl, response), 0);
    envoi__buf_free(response);
    return sasl;
}

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

/* ---- the order of messages ---- */

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

static void test_plain_takes_no_challenge_and_no_data(void **state)
{
    (void)state;
    struct exchange x;
    struct envoi__sasl *sasl;
    struct envoi__buf response;
    envoi__buf_init(&response, 0);
    set_up(&x, "PLAIN", "", "");
    x.params.plain_allowed = 1;
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

/* ---- slices, nonces, credentials, lists ---- */

static void test_derivation_comes_in_slices_of_4096(void **state)
{
    (void)state;
    struct envoi__buf response;
    static const char first[] = "r=" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=12290";
    struct envoi__sasl *sasl = start_sha1(&response);
    int slices = 1, result = envoi__sasl_challenge(sasl, (const uint8_t *)first, strlen(first), &response);
    for (; result == ENVOI__SASL_WORKING; slices++) {
        assert_int_equal(response.len, 0);
        result = envoi__sasl_work(sasl, &response);
    }
    assert_int_equal(result, ENVOI__SASL_SEND);
    assert_int_equal(slices, 4); /* the first iteration is part of setting up */
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
}

static void test_nonces_are_long_and_never_the_same(void **state)
{
    (void)state;
    enum { HEAD = 12 }; /* n,,n=user,r= */
    char nonce[2][33];
    for (int i = 0; i < 2; i++) {
        struct exchange x;
        struct envoi__sasl *sasl;
        struct envoi__buf response;
        uint8_t bytes[24];
        size_t len;
        envoi__buf_init(&response, 0);
        set_up(&x, "SCRAM-SHA-256", "", "");
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
        assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
        assert_int_equal(response.len, HEAD + 32);
        memcpy(nonce[i], envoi__buf_bytes(&response) + HEAD, 32);
        nonce[i][32] = '\0';
        assert_int_equal(envoi__base64_decode(nonce[i], 32, bytes, &len), 0);
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
    assert_string_not_equal(nonce[0], nonce[1]);
}

static void test_credentials_that_saslprep_forbids_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password;
        int scram, plain;
    } cases[] = {
        {"user", "", ENVOI_ERR_AUTH_PASSWORD, ENVOI_ERR_AUTH_PASSWORD},
        {"", "pencil", ENVOI_ERR_AUTH_PASSWORD, ENVOI_ERR_AUTH_PASSWORD},
        {"user", "\xff", ENVOI_ERR_AUTH_PASSWORD, ENVOI_ERR_AUTH_PASSWORD},
        {"user", "\x07", ENVOI_ERR_AUTH_PASSWORD, 0},
        {"user", "\xc2\xad", ENVOI_ERR_AUTH_PASSWORD, 0}, /* nothing is left of it */
        {"us\x07"
         "er",
         "pencil", ENVOI_ERR_AUTH_PASSWORD, 0},
        {"user", "p\xc3\xa4ss w\xc3\xb6rd", 0, 0},
    };
    for (size_t i = 0; i < 2 * ENVOI__COUNT(cases); i++) {
        struct exchange x;
        struct envoi__sasl *sasl = NULL;
        int plain = i % 2, expected = plain ? cases[i / 2].plain : cases[i / 2].scram;
        set_up(&x, plain ? "PLAIN" : "SCRAM-SHA-1", "", "");
        x.params.plain_allowed = 1;
        x.params.authcid = cases[i / 2].user;
        x.params.password = cases[i / 2].password;
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), expected);
        assert_int_equal(sasl == NULL, expected != 0);
        envoi__sasl_free(sasl);
    }
}

static void test_list_hash_gives_the_published_values(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        if (strcmp(tsv_get(tsv, "kind"), "xep0474-hash") != 0)
            continue;
        struct list offered, announced = {.count = 0};
        struct envoi__sasl_params params = {0};
        char *text = tsv_json(tsv, "input", NULL), *lists = strchr(text, 0x1F), hash[ENVOI__LIST_HASH_SIZE];
        if (lists) {
            *lists++ = '\0';
            split(&announced, lists, 0x1E);
        }
        split(&offered, text, 0x1E);
        const char *moved = offered.item[0]; /* the order of the offer does not count */
        offered.item[0] = offered.item[offered.count - 1];
        offered.item[offered.count - 1] = moved;
        params.offered = offered.item;
        params.offered_count = offered.count;
        params.cb_offered = announced.item;
        params.cb_offered_count = announced.count;
        int sha1 = strcmp(tsv_get(tsv, "mechanism"), "SHA-1") == 0;
        assert_int_equal(envoi__sasl_list_hash(hash, sha1 ? ENVOI__SHA1 : ENVOI__SHA256, &params), 0);
        assert_string_equal(hash, tsv_get(tsv, "output"));
        free(text);
        rows++;
    }
    tsv_close(tsv);
    assert_int_equal(rows, 2);
}

static void test_lists_that_differ_from_the_signed_ones_end_the_login(void **state)
{
    (void)state;
    static const char types[] = "tls-exporter tls-server-end-point", h[] = ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=";
    enum { LIE = ENVOI_ERR_AUTH_SERVER_UNVERIFIED, BIND = ENVOI_ERR_AUTH_CHANNEL_BINDING };
    static const struct {
        const char *offered, *announced, *extension;
        int result;
    } cases[] = {
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", types, h, ENVOI__SASL_SEND},
        {"SCRAM-SHA-1-PLUS SCRAM-SHA-1", "tls-server-end-point tls-exporter", h, ENVOI__SASL_SEND},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", types, "", ENVOI__SASL_SEND},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "tls-server-end-point", h, LIE},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "", h, LIE},
        {"SCRAM-SHA-1", "", h, LIE},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS PLAIN", types, h, LIE},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", types, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ0", LIE},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", types, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,h=x",
         ENVOI_ERR_AUTH_MALFORMED},
        /* no common type: the hash must come */
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "tls-other", "", BIND},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "tls-other", h, LIE},
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", "tls-other", ",h=4ahpeSmu1pvgMTnH5hxpxtVwBeI=", ENVOI__SASL_SEND},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct exchange x;
        struct envoi__sasl *sasl;
        struct envoi__buf response;
        char message[256];
        envoi__buf_init(&response, 0);
        set_up(&x, cases[i].offered, cases[i].announced, types);
        x.params.nonce = NONCE;
        assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
        assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
        snprintf(message, sizeof message, FIRST "%s", cases[i].extension);
        int result = feed(sasl, message, strlen(message), &response);
        if (result != cases[i].result)
            fail_msg("case %zu: %d, not %d", i, result, cases[i].result);
        envoi__sasl_free(sasl);
        envoi__buf_free(&response);
    }
}

/* ---- damage and failing memory ---- */

/* Play a vector with the given server messages; the result of the step that ends it. */
static int play(struct scram_row *row, const char *first, size_t first_len, const char *final,
                size_t final_len, int final_as_challenge)
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
    const char *first = is_first ? message : row->server_first,
               *final = is_first ? row->server_final : message;
    size_t first_len = is_first ? len : strlen(first), final_len = is_first ? strlen(final) : len;
    for (int as_challenge = 0; as_challenge < 2; as_challenge++) {
        int result = play(row, first, first_len, final, final_len, as_challenge);
        if (result >= 0)
            fail_msg("%s: %d for \"%.*s\", \"%.*s\"", row->id, result, (int)first_len, first, (int)final_len,
                     final);
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
            assert_int_equal(play(&row, row.server_first, strlen(row.server_first), row.server_final,
                                  strlen(row.server_final), i),
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
    int result = play(row, row->server_first, strlen(row->server_first), row->server_final,
                      strlen(row->server_final), 1);
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

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scram_vectors_are_settled_one_by_one),
        cmocka_unit_test(test_mechanisms_that_are_not_built_are_never_chosen),
        cmocka_unit_test(test_plain_vectors_are_reproduced),
        cmocka_unit_test(test_choice_follows_the_decision_table),
        cmocka_unit_test(test_choice_without_a_channel_is_not_bound),
        cmocka_unit_test(test_an_error_of_the_channel_does_not_look_like_no_binding),
        cmocka_unit_test(test_server_first_is_read_strictly),
        cmocka_unit_test(test_a_nul_in_a_server_message_is_refused),
        cmocka_unit_test(test_iteration_count_is_bounded_on_both_sides),
        cmocka_unit_test(test_salt_length_is_bounded),
        cmocka_unit_test(test_only_a_proven_server_ends_the_login),
        cmocka_unit_test(test_success_while_the_key_is_derived_is_refused),
        cmocka_unit_test(test_calls_out_of_order_change_nothing),
        cmocka_unit_test(test_plain_takes_no_challenge_and_no_data),
        cmocka_unit_test(test_derivation_comes_in_slices_of_4096),
        cmocka_unit_test(test_nonces_are_long_and_never_the_same),
        cmocka_unit_test(test_credentials_that_saslprep_forbids_are_refused),
        cmocka_unit_test(test_list_hash_gives_the_published_values),
        cmocka_unit_test(test_lists_that_differ_from_the_signed_ones_end_the_login),
        cmocka_unit_test(test_damaged_or_cut_messages_never_log_in),
        cmocka_unit_test(test_exchanges_survive_every_failed_allocation),
        cmocka_unit_test(test_a_failure_leaves_the_response_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
