/* SPDX-License-Identifier: MIT */
#include "sasl_exchange.h"

static const char *vectors; /* the folder */

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
    assert_int_equal(feed(sasl, row->server_first, strlen(row->server_first), &row->response), ENVOI__SASL_SEND);
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
    assert_int_equal(feed(sasl, row->server_first, strlen(row->server_first), &row->response), ENVOI__SASL_SEND);
    if (same) /* all but what the reason names is as published */
        assert_memory_equal(envoi__buf_bytes(&row->response), row->final, binding);
    assert_int_equal(succeed(sasl, row->server_final), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
}

static const struct verdict {
    const char *name;
    void (*check)(struct scram_row *row, struct envoi__sasl *sasl);
    int rows;
} verdicts[] = {
    {"agree", check_agreeing, 17},
    {"refused", check_refused, 27},
    {"differs", check_differing, 2},
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
    assert_int_equal(rows, 7);
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

/* The first message of a login with this offer, in base64. */
static void first_message(const struct envoi__sasl_params *params, char *out)
{
    struct envoi__sasl *sasl;
    struct envoi__buf response;
    envoi__buf_init(&response, 0);
    assert_int_equal(envoi__sasl_new(&sasl, params), 0);
    assert_int_equal(envoi__sasl_begin(sasl, &response), 0);
    envoi__base64_encode(envoi__buf_bytes(&response), response.len, out);
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
}

static void test_external_vectors_are_reproduced(void **state)
{
    (void)state;
    int rows = 0;
    struct tsv *tsv = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(tsv)) {
        struct exchange x;
        char text[256], *account;
        size_t len;
        const char *wanted = tsv_get(tsv, "output");
        if (strcmp(tsv_get(tsv, "kind"), "external") != 0)
            continue;
        set_up(&x, "EXTERNAL", "", "");
        x.params.external_allowed = 1;
        x.params.password = NULL;
        account = malloc(strlen(wanted) + 1);
        assert_non_null(account);
        if (strcmp(wanted, "=") != 0) {
            assert_int_equal(envoi__base64_decode(wanted, strlen(wanted), (uint8_t *)account, &len), 0);
            account[len] = '\0';
            x.params.authzid = account;
        }
        first_message(&x.params, text);
        assert_string_equal(text, strcmp(wanted, "=") == 0 ? "" : wanted); /* the stream writes "=" for no data */
        free(account);
        rows++;
    }
    tsv_close(tsv);
    assert_int_equal(rows, 2);
}

/* RFC 6120 6.3.8: bytes of the first messages with an authorization identity. */
static void test_an_authorization_identity_is_said_where_it_is_another(void **state)
{
    static const struct {
        const char *mechanism, *authzid, *first; /* the bytes, with | for NUL */
        int is_own;
    } rows[] = {{"PLAIN", NULL, "|user|pencil", 0},
                {"PLAIN", "juliet@im.example.com", "juliet@im.example.com|user|pencil", 0},
                {"PLAIN", "user@im.example.com", "|user|pencil", 1},
                {"SCRAM-SHA-1", "juliet@im.example.com", "n,a=juliet@im.example.com,n=user,r=abc", 0},
                {"SCRAM-SHA-1", "a=b,c@im.example.com", "n,a=a=3Db=2Cc@im.example.com,n=user,r=abc", 0},
                {"SCRAM-SHA-1", "user@im.example.com", "n,,n=user,r=abc", 1},
                {"EXTERNAL", "juliet@im.example.com", "juliet@im.example.com", 0},
                {"EXTERNAL", "user@im.example.com", "user@im.example.com", 1},
                {"EXTERNAL", NULL, "", 0}};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        struct exchange x;
        char text[256];
        uint8_t bytes[256];
        size_t len = 0;
        set_up(&x, rows[i].mechanism, "", "");
        x.params.plain_allowed = x.params.external_allowed = 1;
        x.params.authzid = rows[i].authzid;
        x.params.authzid_is_own = rows[i].is_own;
        x.params.nonce = "abc";
        first_message(&x.params, text);
        assert_int_equal(envoi__base64_decode(text, strlen(text), bytes, &len), 0);
        for (size_t at = 0; at < len; at++)
            bytes[at] = bytes[at] ? bytes[at] : '|';
        assert_int_equal(len, strlen(rows[i].first));
        assert_memory_equal(bytes, rows[i].first, len);
    }
}

static void describe(const struct envoi__sasl_params *params, char *out, size_t size)
{
    struct envoi__sasl_choice choice;
    int error = envoi__sasl_choose(&choice, params);
    if (error)
        snprintf(out, size, "%s", envoi_error_name(error));
    else if (choice.mechanism->verbs != &envoi__scram_verbs)
        snprintf(out, size, "%s", choice.mechanism->name);
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

/* RFC 6120 6.3.4, and what follows when it is refused (6.4.5). */
static void test_external_goes_before_all_others(void **state)
{
    static const struct {
        const char *offered, *refused;
        int allowed, secure, mode;
        const char *choice;
    } rows[] = {
        {"SCRAM-SHA-512-PLUS SCRAM-SHA-256 EXTERNAL", NULL, 1, 1, ENVOI_CHANNEL_BINDING_OFFERED, "EXTERNAL"},
        {"EXTERNAL", NULL, 1, 1, ENVOI_CHANNEL_BINDING_REQUIRED, "EXTERNAL"},
        {"EXTERNAL", NULL, 1, 1, ENVOI_CHANNEL_BINDING_OFF, "EXTERNAL"},
        {"EXTERNAL", NULL, 1, 0, ENVOI_CHANNEL_BINDING_OFFERED, "ENVOI_ERR_AUTH_NO_MECHANISM"},
        {"EXTERNAL", NULL, 0, 1, ENVOI_CHANNEL_BINDING_OFFERED, "ENVOI_ERR_AUTH_NO_MECHANISM"},
        {"EXTERNAL SCRAM-SHA-256", NULL, 0, 1, ENVOI_CHANNEL_BINDING_OFFERED, "SCRAM-SHA-256 n"},
        {"EXTERNAL SCRAM-SHA-256", "EXTERNAL", 1, 1, ENVOI_CHANNEL_BINDING_OFFERED, "SCRAM-SHA-256 n"},
        {"EXTERNAL SCRAM-SHA-256", "EXTERNAL", 1, 1, ENVOI_CHANNEL_BINDING_REQUIRED,
         "ENVOI_ERR_AUTH_CHANNEL_BINDING"},
        {"EXTERNAL SCRAM-SHA-256", "SCRAM-SHA-256", 1, 1, ENVOI_CHANNEL_BINDING_OFFERED,
         "ENVOI_ERR_AUTH_NO_MECHANISM"},
        {"external", NULL, 1, 1, ENVOI_CHANNEL_BINDING_OFFERED, "ENVOI_ERR_AUTH_NO_MECHANISM"},
    };
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        struct exchange x;
        char got[128];
        set_up(&x, rows[i].offered, "", "");
        x.params.refused = rows[i].refused;
        x.params.external_allowed = rows[i].allowed;
        x.params.channel_is_secure = rows[i].secure;
        x.params.channel_binding = rows[i].mode;
        describe(&x.params, got, sizeof got);
        if (strcmp(got, rows[i].choice) != 0)
            fail_msg("row %zu: %s, not %s", i, got, rows[i].choice);
    }
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
        {"\xc8\xa1", "pencil", 0, 0},                     /* U+0221 is newer than RFC 4013: a user name is a query, */
        {"user", "\xc8\xa1", ENVOI_ERR_AUTH_PASSWORD, 0}, /* a password a stored string */
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
        {"SCRAM-SHA-1 SCRAM-SHA-1-PLUS", types, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,h=x", ENVOI_ERR_AUTH_MALFORMED},
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

/* A channel that changes between two questions: its data has this length then, or it fails. */
struct fickle {
    size_t lens[4];
    int errors[4], asked;
};

static int give_fickle(void *user, const char *type, uint8_t *out, size_t *len)
{
    struct fickle *fickle = user;
    (void)type;
    assert_in_range(fickle->asked, 0, 3);
    size_t given = fickle->lens[fickle->asked];
    memset(out, 7, given < *len ? given : *len);
    *len = given;
    return fickle->errors[fickle->asked++];
}

static void test_binding_data_of_no_use_is_none(void **state)
{
    (void)state;
    static const struct {
        struct fickle fickle;
        const char *result;
    } cases[] = {
        {{{32, 32, 32, 32}, {0}, 0}, "SCRAM-SHA-256-PLUS p tls-exporter"},
        {{{0, 0, 0, 0}, {0}, 0}, "SCRAM-SHA-256 n"},
        {{{ENVOI__CB_MAX + 1, ENVOI__CB_MAX + 1, ENVOI__CB_MAX + 1, 0}, {0}, 0}, "SCRAM-SHA-256 n"},
        {{{32, 32, 32, 0}, {0}, 0}, "ENVOI_ERR_UNSUPPORTED"},
        {{{32, 32, 32, 32}, {0, 0, 0, ENVOI_ERR_NOMEM}, 0}, "ENVOI_ERR_NOMEM"},
    };
    for (size_t i = 0; i < ENVOI__COUNT(cases); i++) {
        struct exchange x;
        struct fickle fickle = cases[i].fickle;
        char result[128];
        set_up(&x, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "", "");
        x.announced = (struct list){.item = {"tls-exporter", "tls-server-end-point"}, .count = 2};
        x.params.cb_offered_count = 2;
        x.params.cb = give_fickle;
        x.params.cb_user = &fickle;
        describe(&x.params, result, sizeof result);
        assert_string_equal(result, cases[i].result);
    }
}

/* The server refused a mechanism that is none of ours: all of ours are still to be tried. */
static void test_refusal_of_an_unknown_mechanism_excludes_none(void **state)
{
    (void)state;
    struct exchange x;
    char result[128];
    set_up(&x, "SCRAM-SHA-1 SCRAM-SHA-256", "", "");
    x.params.refused = "X-OTHER";
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "SCRAM-SHA-256 n");
    x.params.refused = "SCRAM-SHA-256";
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "SCRAM-SHA-1 n");
    x.params.refused = "SCRAM-SHA-1";
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "ENVOI_ERR_AUTH_NO_MECHANISM");
}

/* PLAIN would give the password to a server that could have proven itself. */
static void test_plain_never_stands_in_for_scram(void **state)
{
    (void)state;
    struct exchange x;
    char result[128];
    set_up(&x, "PLAIN SCRAM-SHA-256-PLUS", "tls-exporter", "");
    x.params.plain_allowed = 1;
    x.params.channel_binding = ENVOI_CHANNEL_BINDING_OFF;
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "ENVOI_ERR_AUTH_NO_MECHANISM");
    set_up(&x, "PLAIN SCRAM-SHA-256", "", "");
    x.params.plain_allowed = 1;
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "SCRAM-SHA-256 n");
    x.params.refused = "SCRAM-SHA-256"; /* nor when that was refused */
    describe(&x.params, result, sizeof result);
    assert_string_equal(result, "ENVOI_ERR_AUTH_NO_MECHANISM");
}

static int hash_lists(void *user)
{
    char out[ENVOI__LIST_HASH_SIZE];
    return envoi__sasl_list_hash(out, ENVOI__SHA256, user);
}

static void test_list_hash_survives_every_failed_allocation(void **state)
{
    (void)state;
    char longest[300] = "";
    const char *offered[] = {longest, "B", "A"}, *announced[] = {"d", "c"};
    struct envoi__sasl_params params = {
        .offered = offered, .offered_count = 3, .cb_offered = announced, .cb_offered_count = 2};
    for (size_t len = 240; len < 260; len++) { /* each piece is once the one that makes the text grow */
        memset(longest, 'C', len);
        with_failing_allocations(hash_lists, &params);
    }
    params.offered_count = SIZE_MAX / 2;
    assert_int_equal(hash_lists(&params), ENVOI_ERR_NOMEM);
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
        cmocka_unit_test(test_external_vectors_are_reproduced),
        cmocka_unit_test(test_an_authorization_identity_is_said_where_it_is_another),
        cmocka_unit_test(test_external_goes_before_all_others),
        cmocka_unit_test(test_choice_follows_the_decision_table),
        cmocka_unit_test(test_choice_without_a_channel_is_not_bound),
        cmocka_unit_test(test_an_error_of_the_channel_does_not_look_like_no_binding),
        cmocka_unit_test(test_binding_data_of_no_use_is_none),
        cmocka_unit_test(test_plain_never_stands_in_for_scram),
        cmocka_unit_test(test_refusal_of_an_unknown_mechanism_excludes_none),
        cmocka_unit_test(test_list_hash_survives_every_failed_allocation),
        cmocka_unit_test(test_derivation_comes_in_slices_of_4096),
        cmocka_unit_test(test_nonces_are_long_and_never_the_same),
        cmocka_unit_test(test_credentials_that_saslprep_forbids_are_refused),
        cmocka_unit_test(test_list_hash_gives_the_published_values),
        cmocka_unit_test(test_lists_that_differ_from_the_signed_ones_end_the_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
