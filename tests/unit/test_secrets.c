/* SPDX-License-Identifier: MIT */
/* G1, G2: what was freed holds no secret, and the log shows none. The link wraps free() too: a freed block is kept as
 * it was left, and searched at the end. */
#define __wrap_malloc  failing_malloc /* this program has its own */
#define __wrap_realloc failing_realloc
#include "test.h"
#undef __wrap_malloc
#undef __wrap_realloc

#include "tls_server.h"
#include <envoi/recorder.h>
#include <malloc.h>

#define w (&the_world)

void __real_free(void *memory);
void __wrap_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

enum { MOST_BLOCKS = 100000, LONG_PASSWORD = 700 };

static void *blocks[MOST_BLOCKS];
static size_t block_count;
static int is_keeping;

void __wrap_free(void *memory)
{
    if (!memory || !is_keeping || block_count == MOST_BLOCKS)
        __real_free(memory);
    else
        blocks[block_count++] = memory;
}

/* Empty, so that what other libraries left in memory that they freed is not found in ours. */
void *__wrap_malloc(size_t size)
{
    void *memory = __real_malloc(size);
    if (memory)
        memset(memory, 0, malloc_usable_size(memory));
    return memory;
}

/* Always moves, as realloc may. */
void *__wrap_realloc(void *memory, size_t size)
{
    size_t old = memory ? malloc_usable_size(memory) : 0;
    void *moved = __wrap_malloc(size);
    if (moved && memory) {
        memcpy(moved, memory, old < size ? old : size);
        __wrap_free(memory);
    }
    return moved;
}

static int block_has(const void *what, size_t len)
{
    for (size_t i = 0; i < block_count; i++) {
        const char *at = blocks[i];
        for (size_t left = malloc_usable_size(blocks[i]); left >= len; at++, left--)
            if (memcmp(at, what, len) == 0)
                return 1;
    }
    return 0;
}

static void forget_blocks(void)
{
    is_keeping = 0;
    for (size_t i = 0; i < block_count; i++)
        __real_free(blocks[i]);
    block_count = 0;
}

static int set_up(void **state)
{
    (void)state;
    block_count = 0;
    is_keeping = 1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forget_blocks();
    return 0;
}

/* The secrets of one password: itself, what PLAIN makes of it, and the keys of SCRAM. */
static void assert_nothing_left(const char *password)
{
    char plain[1024], encoded[2048];
    uint8_t salted[ENVOI__HASH_MAX], key[ENVOI__HASH_MAX];
    size_t len = (size_t)snprintf(plain, sizeof plain, "%c" USER "%c%s", 0, 0, password);
    is_keeping = 0;
    assert_in_range(block_count, 1, MOST_BLOCKS - 1);
    assert_true(block_has(DOMAIN, strlen(DOMAIN))); /* the search finds what is there */
    assert_false(block_has(password, strlen(password)));
    assert_false(block_has(password, 12)); /* nor the most of it */
    assert_false(block_has(password + strlen(password) - 12, 12));
    envoi__base64_encode(plain, len, encoded);
    assert_false(block_has(encoded, strlen(encoded)));
    assert_false(block_has(encoded + 12, 16));
    for (int hash = ENVOI__SHA1; hash <= ENVOI__SHA256; hash++) {
        peer_salted((enum envoi__hash)hash, salted);
        envoi__hmac((enum envoi__hash)hash, salted, envoi__hash_size((enum envoi__hash)hash), "Client Key", 10, key);
        assert_false(block_has(salted, 20));
        assert_false(block_has(key, 20));
    }
}

struct login {
    int tls;
    const char *priority, *mechanisms, *bindings;
};

static const struct login logins[] = {
    {ENVOI_TLS_EXTERNAL, NULL, "<mechanism>PLAIN</mechanism>", ""},
    {ENVOI_TLS_STARTTLS, TLS_1_3, "<mechanism>PLAIN</mechanism>", ""},
    {ENVOI_TLS_DIRECT, TLS_1_2, "<mechanism>SCRAM-SHA-1</mechanism>", ""},
    {ENVOI_TLS_STARTTLS, TLS_1_3, "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-256-PLUS</mechanism>",
     "<channel-binding type='tls-exporter'/>"},
};

static char logged[1 << 20];
static size_t logged_len;

static void keep_line(void *user, int level, const char *line)
{
    (void)user;
    (void)level;
    size_t len = strlen(line);
    assert_in_range(logged_len + len, 0, sizeof logged - 1);
    memcpy(logged + logged_len, line, len);
    logged_len += len;
}

static envoi_config *config_of(const struct login *login, const char *password)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, login->tls, password), 0);
    assert_int_equal(envoi_config_allow_mechanism(config, "PLAIN"), 0);
    assert_int_equal(envoi_config_set_log(config, ENVOI_LOG_DEBUG, keep_line, NULL), 0);
    assert_int_equal(envoi_config_log_bodies(config, 1), 0);
    logged_len = 0;
    return config;
}

static int is_recording;
static envoi_recorder *recorder;

/* What was recorded names the messages of the login, and shows none. */
static void end_recording(const char *password)
{
    size_t len;
    const char *text = envoi_recorder_text(recorder, &len);
    assert_non_null(text);
    assert_int_equal(envoi_recorder_error(recorder), 0);
    assert_true(has_bytes(text, len, "# recorded by envoi"));
    assert_false(has_bytes(text, len, password));
    envoi_recorder_free(recorder);
    recorder = NULL;
}

static void begin_login(const struct login *login, envoi_config *config)
{
    peer_init(&the_peer, login->priority, login->priority ? &good : NULL, 1);
    the_peer.mechanisms = login->mechanisms;
    the_peer.bindings = login->bindings;
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    if (is_recording)
        assert_int_equal(envoi_recorder_new(&recorder, w->stream, 0), 0);
}

/* Once whole, once in small pieces, and stopped at every phase. */
static void play(const struct login *login, const char *in_config, const char *in_answer, const char *password)
{
    for (int stop = AT_HEADER; stop <= NEVER; stop++) {
        if (stop == AT_STARTTLS || stop == AT_OFFER)
            continue;
        set_up(NULL);
        begin_login(login, config_of(login, in_config));
        the_peer.stop = (enum phase)stop;
        w->reply = in_answer;
        w->step = stop == AT_END ? 50 : SIZE_MAX;
        world_run(w);
        if (stop == NEVER)
            assert_int_equal(w->closed_error, 0);
        if (is_recording)
            end_recording(password);
        world_end(w);
        assert_nothing_left(password);
        assert_false(has_bytes(logged, logged_len, password));
        forget_blocks();
    }
}

static void test_nothing_is_left_of_a_password_of_the_config(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(logins); i++)
        play(&logins[i], PASSWORD, NULL, PASSWORD);
}

static void test_nothing_is_left_of_an_answered_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(logins); i++)
        play(&logins[i], NULL, PASSWORD, PASSWORD);
}

static void test_nothing_is_left_of_a_login_that_was_recorded(void **state)
{
    (void)state;
    is_recording = 1;
    for (size_t i = 0; i < ENVOI__COUNT(logins); i++) {
        play(&logins[i], PASSWORD, NULL, PASSWORD);
        play(&logins[i], NULL, PASSWORD, PASSWORD);
    }
    is_recording = 0;
}

static void test_nothing_is_left_of_a_long_password(void **state)
{
    char password[LONG_PASSWORD + 1];
    (void)state;
    for (int i = 0; i < LONG_PASSWORD; i++)
        password[i] = (char)('!' + (i * 7 + i / 90) % 90);
    password[LONG_PASSWORD] = '\0';
    for (size_t len = LONG_PASSWORD; len > 100; len -= 61) {
        password[len] = '\0';
        play(&logins[0], password, NULL, password);
        play(&logins[1], NULL, password, password);
    }
}

static void test_nothing_is_left_of_a_password_that_was_set_again(void **state)
{
    envoi_config *config = config_of(&logins[0], PASSWORD);
    envoi_stream *stream = NULL;
    (void)state;
    assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
    assert_int_equal(envoi_config_set_password(config, PASSWORD), 0); /* a copy of all options, then another text */
    assert_int_equal(envoi_config_set_password(config, "x"), 0);
    envoi_stream_free(stream);
    envoi_config_free(config);
    is_keeping = 0;
    assert_false(block_has(PASSWORD, strlen(PASSWORD)));
}

static void test_nothing_is_left_after_a_refusal(void **state)
{
    (void)state;
    begin_login(&logins[0], config_of(&logins[0], NULL));
    the_peer.stop = AT_SECURED_OFFER;
    world_run(w);
    for (int i = 0; i < 3; i++) {
        static const char refusal[] = "<failure xmlns='" NS_SASL "'><not-authorized/></failure>";
        assert_int_equal(w->passwords, i + 1);
        assert_int_equal(envoi_stream_set_password(w->stream, PASSWORD), 0);
        world_run(w);
        assert_int_equal(envoi_stream_receive(w->stream, refusal, sizeof refusal - 1), 0);
        world_run(w);
    }
    assert_int_equal(w->closed_error, ENVOI_ERR_AUTH_REJECTED);
    world_end(w);
    assert_nothing_left(PASSWORD);
    assert_false(has_bytes(logged, logged_len, PASSWORD));
    assert_false(has_bytes(logged, logged_len, "AGp1bGlldABy"));
}

static void test_a_session_holds_no_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        set_up(NULL);
        begin_login(&logins[i], config_of(&logins[i], NULL));
        w->reply = PASSWORD;
        w->closes = 0;
        world_run(w);
        assert_int_equal(w->ready, 1);
        assert_nothing_left(PASSWORD); /* long before the stream ends */
        world_end(w);
        forget_blocks();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_password_of_the_config, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_an_answered_password, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_login_that_was_recorded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_long_password, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_password_that_was_set_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_after_a_refusal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_session_holds_no_password, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
