/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/runs.h"
#include "base/text.h"
#include <envoi/version.h>

static void test_buf_keeps_order_and_limit(void **state)
{
    (void)state;
    struct envoi__buf buf;
    envoi__buf_init(&buf, 1000);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(envoi__buf_add(&buf, "abc", 3), 0);
        assert_memory_equal(envoi__buf_bytes(&buf), "abc", 3);
        if (i % 2)
            envoi__buf_take(&buf, 3);
    }
    assert_int_equal(buf.len, 450);
    static const char big[600];
    assert_int_equal(envoi__buf_add(&buf, big, 551), ENVOI_ERR_FULL);
    assert_int_equal(buf.len, 450);
    assert_int_equal(envoi__buf_add(&buf, big, 550), 0);
    assert_int_equal(envoi__buf_room(&buf), 0);
    envoi__buf_free(&buf);
    assert_null(envoi__buf_bytes(&buf));
}

static void test_arena_aligns_and_reuses_its_largest_block(void **state)
{
    (void)state;
    struct envoi__arena arena;
    envoi__arena_init(&arena);
    for (int round = 0; round < 3; round++) {
        long before = allocations;
        for (size_t i = 0; i < 20; i++) {
            char *text = envoi__arena_text(&arena, "abcdefghijklmnopqrst", i);
            assert_int_equal(strlen(text), i);
            void *object = envoi__arena_alloc(&arena, 24);
            assert_int_equal((uintptr_t)object % 16, 0);
            memset(object, 0xFF, 24);
            assert_int_equal(strlen(text), i);
        }
        assert_int_equal(allocations - before, round ? 0 : 1);
        envoi__arena_reset(&arena);
    }
    assert_non_null(envoi__arena_alloc(&arena, 1000000));
    envoi__arena_reset(&arena);
    long before = allocations;
    assert_non_null(envoi__arena_alloc(&arena, 1000000));
    assert_int_equal(allocations, before);
    envoi__arena_free(&arena);
}

static void test_arena_rewinds_to_an_object(void **state)
{
    (void)state;
    struct envoi__arena arena;
    envoi__arena_init(&arena);
    char *first = envoi__arena_text(&arena, "first", 5);
    char *next = envoi__arena_alloc(&arena, 8);
    for (int round = 0; round < 5; round++) {
        long before = allocations;
        envoi__arena_rewind(&arena, first + 6);
        assert_ptr_equal(envoi__arena_alloc(&arena, 8), next);
        for (int i = 0; i < 10; i++)
            memset(envoi__arena_alloc(&arena, 900), 0xFF, 900);
        assert_string_equal(first, "first");
        if (round > 2)
            assert_int_equal(allocations, before);
    }
    /* larger than what was kept */
    envoi__arena_rewind(&arena, first + 6);
    memset(envoi__arena_alloc(&arena, 100000), 0xFF, 100000);
    envoi__arena_rewind(&arena, first + 6);
    long before = allocations;
    memset(envoi__arena_alloc(&arena, 100000), 0xFF, 100000);
    assert_int_equal(allocations, before);
    assert_string_equal(first, "first");
    /* to where nothing is behind */
    envoi__arena_rewind(&arena, next + 8);
    envoi__arena_rewind(&arena, next + 8);
    envoi__arena_free(&arena);
    assert_null(arena.first);
}

/* Letters, no two of a block the same, and one byte among them. */
static void fill(char *text, size_t len, size_t at, int byte)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 26);
    text[at] = (char)byte;
}

/* Every byte at every place of texts of every length around a stride. */
static void test_runs_end_at_the_first_byte_that_needs_thought(void **state)
{
    (void)state;
    for (size_t len = 1; len < 50; len++) {
        char *text = malloc(len);
        assert_non_null(text);
        for (size_t at = 0; at < len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                fill(text, len, at, byte);
                int printable = byte >= 0x20 && byte < 0x80;
                assert_ptr_equal(envoi__skip_printable(text, text + len), printable ? text + len : text + at);
            }
        }
        free(text);
    }
    assert_ptr_equal(envoi__skip_printable(NULL, NULL), NULL);
}

static void test_runs_without_escapes_are_copied(void **state)
{
    (void)state;
    for (size_t len = 1; len < 50; len++) {
        char *text = malloc(len), *copy = malloc(len);
        assert_true(text && copy);
        for (size_t at = 0; at < len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                fill(text, len, at, byte);
                memset(copy, '?', len);
                size_t run = byte < 0x20 || (byte && strchr("&<>'\"", byte)) ? at : len;
                assert_int_equal(envoi__copy_unescaped(copy, text, len), run);
                assert_memory_equal(copy, text, run);
            }
        }
        free(text);
        free(copy);
    }
    char none = '?';
    assert_int_equal(envoi__copy_unescaped(&none, "", 0), 0);
    assert_int_equal(none, '?');
}

static void test_short_copies_are_whole(void **state)
{
    (void)state;
    const char from[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (size_t len = 0; len < sizeof from; len++) {
        char to[sizeof from + 1];
        memset(to, '?', sizeof to);
        envoi__copy_short(to, from, len);
        assert_memory_equal(to, from, len);
        assert_int_equal(to[len], '?');
    }
}

static void test_base64_round_trips_and_is_strict(void **state)
{
    (void)state;
    uint8_t data[64], back[64];
    char text[100];
    size_t len;
    for (size_t n = 0; n < sizeof data; n++) {
        data[n] = (uint8_t)(n * 37 + 200);
        envoi__base64_encode(data, n, text);
        assert_int_equal(strlen(text), ENVOI__BASE64_SIZE(n));
        assert_int_equal(envoi__base64_decode(text, strlen(text), back, &len), 0);
        assert_int_equal(len, n);
        assert_memory_equal(back, data, n);
    }
    static const char *const bad[] = {
        "A", "AA", "AAA", "AA=A", "====", "A===", "AB==", "AAB=", "AA==AAAA", "AAA\n", " AAA", "AA-_", "AAAA="};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_int_equal(envoi__base64_decode(bad[i], strlen(bad[i]), back, &len), ENVOI_ERR_BASE64);
}

static void test_utf8_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xc3\x28",         "\xff",  "\xc0\xbc",         "\xe0\x80\xbc", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xe0<", "\xf0\x8f\xbf\xbf", "\x80",         "\xe2\x82"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_false(envoi__utf8_valid(bad[i], strlen(bad[i])));
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        uint8_t bytes[4];
        uint32_t back;
        size_t len = envoi__utf8_encode(c, bytes);
        if (c >= 0xD800 && c <= 0xDFFF) {
            assert_int_equal(len, 0);
            continue;
        }
        if (envoi__utf8_decode(bytes, len, &back) != len || back != c)
            fail_msg("U+%04X", c);
    }
    uint8_t none[4];
    uint32_t code = 7;
    assert_int_equal(envoi__utf8_encode(0x110000, none), 0);
    assert_int_equal(envoi__utf8_decode(NULL, 0, &code), 0);
    assert_int_equal(code, 7);
    assert_int_equal(envoi__xml_text_check("a\tb\x7f\xc3\xa9", 6), 0);
    assert_int_equal(envoi__xml_text_check("\x1a", 1), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi__xml_text_check("\xef\xbf\xbe", 3), ENVOI_ERR_XML_CHAR);
    assert_int_equal(envoi__xml_text_check("\xc3", 1), ENVOI_ERR_UTF8);
}

static void test_parse_uint_refuses_overflow_and_signs(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(envoi__parse_uint("4294967295", UINT32_MAX, &value), 0);
    assert_int_equal(value, UINT32_MAX);
    assert_int_equal(envoi__parse_uint("18446744073709551615", UINT64_MAX, &value), 0);
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1e9", "4294967296", "18446744073709551616"};
    for (size_t i = 0; i < ENVOI__COUNT(bad); i++)
        assert_int_equal(envoi__parse_uint(bad[i], UINT32_MAX, &value), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi__parse_uint(NULL, UINT32_MAX, &value), ENVOI_ERR_ARGUMENT);
}

static void test_every_error_has_name_class_and_sentence(void **state)
{
    (void)state;
    static const int some[] = {ENVOI_ERR_STATE,    ENVOI_ERR_NOMEM,         ENVOI_ERR_FULL,
                               ENVOI_ERR_EOF,      ENVOI_ERR_CERT_EXPIRED,  ENVOI_ERR_AUTH_REJECTED,
                               ENVOI_ERR_CONFLICT, ENVOI_ERR_TIMEOUT_LOGIN, ENVOI_ERR_JID};
    for (size_t i = 0; i < ENVOI__COUNT(some); i++)
        assert_int_equal(envoi_error_class(some[i]), i + 1);
    assert_string_equal(envoi_error_name(ENVOI_ERR_EOF), "ENVOI_ERR_EOF");
    assert_string_equal(envoi_error_name(-1), "ENVOI_ERR_UNKNOWN");
    assert_string_equal(envoi_strerror(-1), "unknown error");
    assert_string_equal(envoi_strerror(0), "no error");
    assert_int_equal(envoi_error_class(-1), ENVOI_CLASS_NONE);
    assert_string_equal(envoi_version(), ENVOI_VERSION_STRING);
}

static void keep_line(void *user, int level, const char *line)
{
    (void)level;
    strncpy(user, line, 4095);
}

static void test_log_lines_are_harmless_and_bounded(void **state)
{
    (void)state;
    static char line[4096], big[5000];
    struct envoi__log log = {keep_line, line, ENVOI_LOG_INFO, 0};
    envoi__log(&log, ENVOI_LOG_INFO, "a\x1b[31m\nb\xc2\x9b%s", "\xff\xc3\xa9");
    assert_string_equal(line, "a?[31m?b???\xc3\xa9");
    memset(big, 'x', sizeof big - 1);
    envoi__log(&log, ENVOI_LOG_ERROR, "%s", big);
    assert_int_equal(strlen(line), 2047);
    assert_string_equal(line + 2043, "x...");
    envoi__log(&log, ENVOI_LOG_DEBUG, "not wanted");
    assert_string_equal(line + 2043, "x...");
    envoi__log(&log, ENVOI_LOG_ERROR, "%ls", L"\xD800"); /* which no encoding has, so there is no line */
    assert_string_equal(line + 2043, "x...");
}

/* As a stream uses it: filled in pieces, all sent at once, storage given back. */
static long fill_and_trim(struct envoi__buf *buf, int pieces)
{
    long before = allocations;
    for (int i = 0; i < pieces; i++)
        assert_int_equal(envoi__buf_add_text(buf, "0123456789"), 0);
    envoi__buf_take(buf, buf->len);
    envoi__buf_trim(buf);
    return allocations - before;
}

static void test_buf_takes_storage_for_as_much_as_the_last_time(void **state)
{
    (void)state;
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    assert_in_range(fill_and_trim(&buf, 100), 2, 10); /* 256, 512, 1024 */
    assert_null(buf.data);
    assert_int_equal(fill_and_trim(&buf, 100), 1);
    assert_int_equal(fill_and_trim(&buf, 1), 1); /* too much this once */
    assert_int_equal(fill_and_trim(&buf, 1), 1);
    assert_in_range(buf.cap, 10, 512);
    assert_int_equal(fill_and_trim(&buf, 1), 0);
    fill_and_trim(&buf, 1000000); /* what is huge once is not expected again */
    assert_int_equal(envoi__buf_add_text(&buf, "0123456789"), 0);
    assert_in_range(buf.cap, 10, 16 * 1024);
    envoi__buf_free(&buf);
}

static int fill_buf(void *user)
{
    (void)user;
    struct envoi__buf buf;
    envoi__buf_init(&buf, 0);
    int error = 0;
    for (int i = 0; i < 1000 && !error; i++)
        error = envoi__buf_add_text(&buf, "0123456789");
    envoi__buf_free(&buf);
    return error;
}

/* A size that a calculation made too large is no memory, not a small piece of it. */
static void test_sizes_beyond_memory_are_refused(void **state)
{
    (void)state;
    struct envoi__buf buf;
    struct envoi__arena arena;
    uint8_t *to = NULL;
    envoi__buf_init(&buf, 0);
    assert_int_equal(envoi__buf_reserve(&buf, SIZE_MAX - 1, &to), ENVOI_ERR_NOMEM);
    assert_null(to);
    assert_int_equal(envoi__buf_add_text(&buf, "a"), 0);
    assert_int_equal(envoi__buf_reserve(&buf, SIZE_MAX, &to), ENVOI_ERR_FULL);
    assert_int_equal(buf.len, 1);
    envoi__buf_free(&buf);
    envoi__arena_init(&arena);
    assert_null(envoi__arena_alloc(&arena, SIZE_MAX));
    assert_null(envoi__arena_alloc(&arena, SIZE_MAX - 16));
    assert_null(envoi__arena_text(&arena, "a", SIZE_MAX));
    assert_null(arena.first);
    envoi__arena_free(&arena);
}

static void test_nothing_has_a_place_of_its_own(void **state)
{
    (void)state;
    struct envoi__arena arena;
    envoi__arena_init(&arena);
    char *a = envoi__arena_alloc(&arena, 0), *b = envoi__arena_alloc(&arena, 0), *c = envoi__arena_alloc(&arena, 1);
    assert_non_null(a);
    assert_true(a < b && b < c);
    envoi__arena_free(&arena);
    void *memory = envoi__realloc(NULL, 0);
    assert_non_null(memory);
    memory = envoi__realloc(memory, 0);
    assert_non_null(memory);
    envoi__free(memory);
}

static void test_buf_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(fill_buf, NULL);
}

static void test_repaired_text_is_utf8(void **state)
{
    static const struct {
        const char *text, *repaired;
    } rows[] = {{"", ""},
                {"a\xc3\xa9z", "a\xc3\xa9z"},
                {"a\xc3", "a?"},
                {"\xff"
                 "b",
                 "?b"},
                {"\xe2\x82", "??"},
                {"\xed\xa0\x80", "???"},
                {"x\xf0\xa0\x80z", "x???z"}};
    char text[16];
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        strcpy(text, rows[i].text);
        envoi__utf8_repair(text);
        assert_string_equal(text, rows[i].repaired);
    }
    envoi__utf8_repair(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repaired_text_is_utf8),
        cmocka_unit_test(test_buf_keeps_order_and_limit),
        cmocka_unit_test(test_arena_aligns_and_reuses_its_largest_block),
        cmocka_unit_test(test_arena_rewinds_to_an_object),
        cmocka_unit_test(test_runs_end_at_the_first_byte_that_needs_thought),
        cmocka_unit_test(test_runs_without_escapes_are_copied),
        cmocka_unit_test(test_short_copies_are_whole),
        cmocka_unit_test(test_base64_round_trips_and_is_strict),
        cmocka_unit_test(test_utf8_is_strict),
        cmocka_unit_test(test_parse_uint_refuses_overflow_and_signs),
        cmocka_unit_test(test_every_error_has_name_class_and_sentence),
        cmocka_unit_test(test_log_lines_are_harmless_and_bounded),
        cmocka_unit_test(test_buf_takes_storage_for_as_much_as_the_last_time),
        cmocka_unit_test(test_buf_survives_every_failed_allocation),
        cmocka_unit_test(test_sizes_beyond_memory_are_refused),
        cmocka_unit_test(test_nothing_has_a_place_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
