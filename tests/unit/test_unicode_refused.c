/* SPDX-License-Identifier: MIT */
/* What the libraries of Unicode and IDNA refuse for lack of memory, or give in a size that cannot be. */
#include "foreign.h"

#include "base/codepoints.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"

#include <errno.h>
#include <idn2.h>
#include <unicase.h>
#include <uninorm.h>

static const char *label; /* what IDNA gives for any label; NULL: the truth */

/* These give NULL for an error, with errno. */
FOREIGN(uint32_t *, u32_normalize,
        (uninorm_t form, const uint32_t *text, size_t len, uint32_t *result, size_t *result_len),
        (form, text, len, result, result_len), (errno = ENOMEM, NULL))
FOREIGN(uint32_t *, u32_tolower,
        (const uint32_t *text, size_t len, const char *language, uninorm_t form, uint32_t *result,
         size_t *result_len),
        (text, len, language, form, result, result_len), (errno = ENOMEM, NULL))

int __real_idn2_register_u8(const uint8_t *ulabel, const uint8_t *alabel, uint8_t **out, int flags);
int __wrap_idn2_register_u8(const uint8_t *ulabel, const uint8_t *alabel, uint8_t **out, int flags);
int __wrap_idn2_register_u8(const uint8_t *ulabel, const uint8_t *alabel, uint8_t **out, int flags)
{
    if (!foreign_may_go("idn2_register_u8"))
        return IDN2_MALLOC;
    if (!label)
        return __real_idn2_register_u8(ulabel, alabel, out, flags);
    *out = (uint8_t *)strdup(label);
    return IDN2_OK;
}

FOREIGN(int, idn2_to_unicode_8z8z, (const char *from, char **out, int flags), (from, out, flags), IDN2_MALLOC)

/* 0 when the text was prepared to what it must become; anything else would be worse than an error. */
static int prepare(int (*function)(char **, const char *, size_t), const char *text, const char *expected)
{
    char *out = NULL;
    int error = function(&out, text, strlen(text));
    assert_int_equal(out != NULL, !error);
    if (out)
        assert_string_equal(out, expected);
    envoi__free_secret(out);
    return error;
}

static int prepare_all(void *user)
{
    (void)user;
    char *ascii = NULL;
    int error = prepare(envoi__prep_localpart, "J\u00FCliet", "j\u00FCliet");
    if (!error)
        error = prepare(envoi__prep_resourcepart, "\u3000\u00FC", " \u00FC");
    if (!error)
        error =
            prepare(envoi__prep_domainpart, "xn--bcher-kva.B\u00DCcher.example", "b\u00FCcher.b\u00FCcher.example");
    if (!error)
        error = prepare(envoi__saslprep_stored, "p\u00E4\u2168", "p\u00E4IX");
    if (!error)
        error = envoi__domain_to_ascii(&ascii, "b\u00FCcher.example");
    if (ascii)
        assert_string_equal(ascii, "xn--bcher-kva.example");
    envoi__free(ascii);
    /* a code point about which nothing could be learned is not let through */
    assert_true(!error || error == ENVOI_ERR_NOMEM || error == ENVOI_ERR_JID);
    return error;
}

static void test_text_that_could_not_be_prepared_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"u32_normalize", "u32_tolower", "idn2_register_u8", "idn2_to_unicode_8z8z"};
    with_failing_calls(names, ENVOI__COUNT(names), prepare_all, NULL, MAY_BE_HARMLESS);
}

static void test_labels_of_impossible_size_are_refused(void **state)
{
    (void)state;
    char ascii[ENVOI__LABEL_SIZE] = "before", longest[ENVOI__LABEL_SIZE + 1];
    memset(longest, 'a', sizeof longest);
    longest[ENVOI__LABEL_SIZE] = '\0';
    label = longest;
    assert_int_equal(envoi__label_to_ascii(ascii, "x"), ENVOI_ERR_JID);
    assert_string_equal(ascii, "before");
    longest[ENVOI__LABEL_SIZE - 1] = '\0';
    assert_int_equal(envoi__label_to_ascii(ascii, "x"), 0);
    assert_string_equal(ascii, longest);
    label = NULL;
}

static void test_rows_beyond_memory_are_refused(void **state)
{
    (void)state;
    struct envoi__codes codes = {0};
    assert_int_equal(envoi__codes_reserve(&codes, SIZE_MAX / 2), ENVOI_ERR_NOMEM);
    codes.len = SIZE_MAX / 2;
    assert_int_equal(envoi__codes_nfc(&codes), ENVOI_ERR_NOMEM);
    assert_int_equal(envoi__codes_lower(&codes), ENVOI_ERR_NOMEM);
    assert_null(codes.data);
}

/* The limits of what is looked at at all stand before the limits of what a JID may hold. */
static void test_input_beyond_any_result_is_refused_unread(void **state)
{
    (void)state;
    static int (*const functions[])(char **, const char *, size_t) = {envoi__prep_localpart, envoi__prep_resourcepart,
                                                                      envoi__prep_domainpart};
    enum { LONGEST = 8000 };
    char *text = malloc(LONGEST);
    assert_non_null(text);
    memset(text, '\xff', LONGEST); /* which is not UTF-8, so that it would be seen */
    for (size_t i = 0; i < ENVOI__COUNT(functions); i++) {
        char *out = NULL;
        assert_int_equal(functions[i](&out, text, LONGEST), ENVOI_ERR_JID);
        assert_int_equal(functions[i](&out, text, 100), ENVOI_ERR_UTF8);
        assert_int_equal(functions[i](&out, text, 0), ENVOI_ERR_JID);
        assert_null(out);
    }
    free(text);
}

static int prepare_plain(void *user)
{
    (void)user;
    return prepare(envoi__prep_localpart, "juliet", "juliet");
}

static void test_plain_text_is_copied_or_not_at_all(void **state)
{
    (void)state;
    with_failing_allocations(prepare_plain, NULL);
}

/* RFC 5893 2, asked about one row of code points at a time. */
static void test_bidi_rule_is_kept_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        uint32_t codes[4];
        size_t count;
        int holds;
    } rows[] = {
        {{'a', 'b'}, 2, 1},
        {{'a', '1'}, 2, 1},
        {{'1', 'a'}, 2, 0},            /* 1: begins with neither L nor R nor AL */
        {{'a', '-'}, 2, 0},            /* 6: ends in a neutral one */
        {{'a', 0x0300}, 2, 1},         /* 6: a mark behind the end */
        {{'a', 0x05D0}, 2, 0},         /* 5 */
        {{'a', 0x0661}, 2, 0},         /* 5 */
        {{'a', 0x202A, 'b'}, 3, 0},    /* 5: an embedding */
        {{0x05D0, '1'}, 2, 1},         /* 3 */
        {{0x05D0, 0x0661}, 2, 1},      /* 3 */
        {{0x05D0, '-'}, 2, 0},         /* 3 */
        {{0x05D0, 'a', 0x05D0}, 3, 0}, /* 2 */
        {{0x05D0, 0x202A, 0x05D0}, 3, 0},
        {{0x05D0, '1', 0x0661}, 3, 0}, /* 4 */
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        if (envoi__bidi_rule_holds(rows[i].codes, rows[i].count) != rows[i].holds)
            fail_msg("row %zu", i);
    assert_int_equal(envoi__code_bidi(0x202A), ENVOI__BIDI_OTHER);
    assert_int_equal(envoi__code_bidi(' '), ENVOI__BIDI_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_that_could_not_be_prepared_is_refused),
        cmocka_unit_test(test_labels_of_impossible_size_are_refused),
        cmocka_unit_test(test_rows_beyond_memory_are_refused),
        cmocka_unit_test(test_input_beyond_any_result_is_refused_unread),
        cmocka_unit_test(test_plain_text_is_copied_or_not_at_all),
        cmocka_unit_test(test_bidi_rule_is_kept_to_the_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
