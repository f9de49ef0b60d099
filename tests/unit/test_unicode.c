/* SPDX-License-Identifier: MIT */
#include "test.h"
#include "tsv.h"

#include "base/mem.h"
#include "base/unicode.h"

static const char *vectors; /* the folder */

typedef int prep_fn(char **out, const char *text, size_t len);

struct profile {
    const char *name;
    prep_fn *prepare;
};

static const struct profile profiles[] = {
    {"saslprep", envoi__saslprep_stored},
    {"opaquestring", envoi__prep_resourcepart},
    {"usernamecasemapped", envoi__prep_localpart},
};

static prep_fn *find_profile(const char *name)
{
    for (size_t i = 0; i < ENVOI__COUNT(profiles); i++)
        if (strcmp(profiles[i].name, name) == 0)
            return profiles[i].prepare;
    return NULL;
}

/* The text in a block that ends with it, so that reading behind it is found out. */
static int prepare_exact(prep_fn *prepare, char **out, const char *text, size_t len)
{
    char *block = malloc(len ? len : 1);
    assert_non_null(block);
    memcpy(block, text, len);
    int error = prepare(out, len ? block : block + 1, len);
    free(block);
    return error;
}

/* 1 if the profile does with the row's input what the row says. */
static int row_agrees(const struct tsv *row, prep_fn *prepare)
{
    size_t len = 0;
    char *input = tsv_json(row, "input_json", &len), *expected = tsv_json(row, "output_json", NULL);
    assert_non_null(input);
    static char untouched[] = "";
    char *out = untouched;
    int error = prepare_exact(prepare, &out, input, len), agrees;
    if (error) {
        assert_int_equal(error, ENVOI_ERR_JID);
        assert_ptr_equal(out, untouched);
        agrees = !expected;
    } else {
        agrees = expected && strcmp(out, expected) == 0;
        envoi__free(out);
    }
    free(input);
    free(expected);
    return agrees;
}

static void test_profiles_settle_every_published_vector(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "prep.tsv");
    int rows = 0, wrong = 0;
    for (; tsv_next(row); rows++) {
        prep_fn *prepare = find_profile(tsv_get(row, "kind"));
        assert_non_null(prepare);
        int agrees = row_agrees(row, prepare), differs = *tsv_get(row, "differs") != '\0';
        if (differs)
            print_message("# %s differs: %s\n", tsv_get(row, "id"), tsv_get(row, "differs"));
        wrong += agrees == differs;
        if (agrees == differs)
            print_message("# %s: %s\n", tsv_get(row, "id"),
                          agrees ? "agrees, and has a reason not to" : "differs");
    }
    tsv_close(row);
    assert_int_equal(wrong, 0);
    assert_int_equal(rows, 33);
}

static void test_profiles_survive_cuts_at_every_byte(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "prep.tsv");
    while (tsv_next(row)) {
        size_t len = 0;
        char *input = tsv_json(row, "input_json", &len);
        for (size_t i = 0; i < ENVOI__COUNT(profiles) * len; i++) {
            char *out = NULL;
            int error = prepare_exact(profiles[i / len].prepare, &out, input, i % len);
            assert_true(error == 0 || error == ENVOI_ERR_JID || error == ENVOI_ERR_UTF8);
            envoi__free(out);
        }
        free(input);
    }
    tsv_close(row);
}

/* One line of a table of texts: what a profile makes of it, NULL if it refuses. */
struct expectation {
    prep_fn *prepare;
    const char *input, *output;
};

static void check_expectations(const struct expectation *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *out = NULL;
        int error = prepare_exact(rows[i].prepare, &out, rows[i].input, strlen(rows[i].input));
        if (error != (rows[i].output ? 0 : ENVOI_ERR_JID))
            fail_msg("row %d: error %d", (int)i, error);
        if (rows[i].output)
            assert_string_equal(out, rows[i].output);
        envoi__free(out);
    }
}

#define LOCAL    envoi__prep_localpart
#define RESOURCE envoi__prep_resourcepart
#define SASL     envoi__saslprep_stored

static void test_contextual_rules_look_at_the_neighbours(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        /* A.1 zero width non-joiner: behind a virama, or between letters that join over it */
        {LOCAL, "\u0915\u094D\u200C\u0937", "\u0915\u094D\u200C\u0937"},
        {LOCAL, "\u0628\u200C\u0628", "\u0628\u200C\u0628"},
        {LOCAL, "\u0628\u064E\u200C\u064E\u0627", "\u0628\u064E\u200C\u064E\u0627"},
        {LOCAL, "\u0627\u200C\u0628", NULL}, /* alef does not join to what follows */
        {LOCAL, "\u0628\u200Ca", NULL},
        {LOCAL, "\u0628\u200C", NULL},
        {LOCAL, "a\u200Cb", NULL},
        {LOCAL, "\u200C", NULL},
        /* A.2 zero width joiner: behind a virama only */
        {LOCAL, "\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937"},
        {LOCAL, "\u0628\u200D\u0628", NULL},
        {RESOURCE, "\u200Da", NULL},
        /* A.3 middle dot: between two l */
        {LOCAL, "l\u00B7l", "l\u00B7l"},
        {LOCAL, "l\u00B7", NULL},
        {LOCAL, "\u00B7l", NULL},
        {LOCAL, "l\u00B7a", NULL},
        {LOCAL, "a\u00B7l", NULL},
        {RESOURCE, "L\u00B7L", NULL},
        /* A.4 keraia: before Greek */
        {LOCAL, "\u0375\u03B1", "\u0375\u03B1"},
        {LOCAL, "\u0375a", NULL},
        {LOCAL, "\u03B1\u0375", NULL},
        /* A.5, A.6 geresh and gershayim: behind Hebrew */
        {LOCAL, "\u05D0\u05F3", "\u05D0\u05F3"},
        {LOCAL, "\u05D0\u05F4\u05D0", "\u05D0\u05F4\u05D0"},
        {LOCAL, "\u05F3\u05D0", NULL},
        /* A.7 katakana middle dot: with Hiragana, Katakana or Han anywhere */
        {LOCAL, "\u30FB\u3042", "\u30FB\u3042"},
        {LOCAL, "a\u30FB\u30A2", "a\u30FB\u30A2"},
        {LOCAL, "\u4E00\u30FB", "\u4E00\u30FB"},
        {LOCAL, "a\u30FBb", NULL},
        /* A.8, A.9: one kind of Arabic digits */
        {LOCAL, "\u0628\u0661", "\u0628\u0661"},
        {LOCAL, "\u06CC\u06F1", "\u06CC\u06F1"},
        {RESOURCE, "\u0661\u06F1", NULL},
    };
    check_expectations(rows, ENVOI__COUNT(rows));
}

static void test_localparts_obey_the_bidi_rule(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        {LOCAL, "\u05D0\u05D1", "\u05D0\u05D1"},
        {LOCAL, "\u05D01", "\u05D01"},
        {LOCAL, "\u05D0\u0301", "\u05D0\u0301"}, /* a mark may come last */
        {LOCAL, "1\u05D0", NULL},                /* rule 1 */
        {LOCAL, "\u05D0a\u05D0", NULL},          /* rule 2 */
        {LOCAL, "\u05D0-", NULL},                /* rule 3 */
        {LOCAL, "\u05D01\u0661", NULL},          /* rule 4 */
        {LOCAL, "a\u05D0a", NULL},               /* rule 5 */
        {LOCAL, "a-", "a-"},                     /* no right-to-left character: no rule */
        {RESOURCE, "1\u05D0", "1\u05D0"},
        {envoi__prep_domainpart, "a1.\u05D0", "a1.\u05D0"},
        {envoi__prep_domainpart, "1a.\u05D0", NULL}, /* rules 1 to 6 hold for every label then */
        {envoi__prep_domainpart, "1a.b", "1a.b"},
    };
    check_expectations(rows, ENVOI__COUNT(rows));
}

static void test_profiles_map_before_and_after_they_check(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        {LOCAL, "\uFF21\uFF11", "a1"},     /* fullwidth */
        {LOCAL, "\uFF76\uFF9E", "\u30AC"}, /* halfwidth, and composed */
        {LOCAL, "e\u0301", "\u00E9"},      /* NFC */
        {LOCAL, "\uFF20", NULL},           /* a fullwidth @ */
        {LOCAL, "\u212B", NULL},           /* the angstrom sign has a mapping: before NFC */
        {RESOURCE, "\u212B", "\u00C5"},
        {RESOURCE, "\uFF21", "\uFF21"},          /* no width mapping, no case mapping */
        {LOCAL, "\u0391\u03A3", "\u03B1\u03C3"}, /* the sigma at the end, too */
        {LOCAL, "\u0130", "i\u0307"},
        {LOCAL, "\u1100\u1161", NULL}, /* conjoining jamo */
        {LOCAL, "\U0001F600", NULL},
        {RESOURCE, "\U0001F600", "\U0001F600"},
        {RESOURCE, "\u2003a\u3000", " a "}, /* spaces */
        {RESOURCE, "\uE000", NULL},         /* private use */
        {RESOURCE, "\uFFFF", NULL},         /* a noncharacter */
        {RESOURCE, "\u0378", NULL},         /* unassigned */
        {RESOURCE, "\u2028", NULL},         /* line separator */
        {RESOURCE, "a\x7F", NULL},
        {SASL, "\u00AD", ""},      /* mapped to nothing */
        {SASL, "a\u200Bb", "a b"}, /* in C.1.2 and in B.1 */
        {SASL, "\u212B", "\u00C5"},
        {SASL, "\u1100\u1161", "\uAC00"},
        {SASL, "\u0221", NULL}, /* assigned after Unicode 3.2 */
        {SASL, "\U0001F600", NULL},
        {SASL, "\uE000", NULL},
        {SASL, "\uFFFD", NULL},
        {SASL, "\u200E", NULL},     /* changes the direction */
        {SASL, "\U000E0041", NULL}, /* tagging */
        {SASL, "\u2FF0", NULL},     /* ideographic description */
    };
    check_expectations(rows, ENVOI__COUNT(rows));
}

static void test_profiles_refuse_what_is_not_utf8(void **state)
{
    (void)state;
    static const char *const rows[] = {"\xC3",    "a\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                       "\xE2\x99"};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        char *out = NULL;
        for (size_t j = 0; j < ENVOI__COUNT(profiles); j++)
            assert_int_equal(prepare_exact(profiles[j].prepare, &out, rows[i], strlen(rows[i])),
                             ENVOI_ERR_UTF8);
        assert_int_equal(prepare_exact(envoi__prep_domainpart, &out, rows[i], strlen(rows[i])),
                         ENVOI_ERR_UTF8);
        assert_null(out);
    }
}

static void test_profiles_refuse_a_nul_inside(void **state)
{
    (void)state;
    char *out = NULL;
    for (size_t j = 0; j < ENVOI__COUNT(profiles); j++)
        assert_int_equal(prepare_exact(profiles[j].prepare, &out, "a\0b", 3), ENVOI_ERR_JID);
    assert_int_equal(prepare_exact(envoi__prep_domainpart, &out, "a\0b", 3), ENVOI_ERR_JID);
    assert_int_equal(prepare_exact(envoi__prep_domainpart, &out, "[::1\0]", 6), ENVOI_ERR_JID);
    assert_null(out);
}

/* What was prepared stays as it is when it is prepared again. */
static void test_preparation_is_stable(void **state)
{
    (void)state;
    for (uint32_t code = 0x80; code < 0x20000; code++) {
        char text[8] = {0}, *once = NULL, *twice = NULL;
        size_t len = envoi__utf8_encode(code, (uint8_t *)text);
        for (size_t i = 0; len && i < ENVOI__COUNT(profiles); i++) {
            if (profiles[i].prepare(&once, text, len))
                continue;
            assert_int_equal(profiles[i].prepare(&twice, once, strlen(once)), 0);
            assert_string_equal(once, twice);
            envoi__free(once);
            envoi__free(twice);
        }
    }
}

static int prepare_many(void *user)
{
    static const struct expectation rows[] = {
        {SASL, "pencil", NULL},
        {SASL, "p\u00E4\u2168", NULL},
        {LOCAL, "J\u00FCliet", NULL},
        {RESOURCE, "\u3000\u265A", NULL},
        {envoi__prep_domainpart, "B\u00DCcher.example", NULL},
        {envoi__prep_domainpart, "xn--bcher-kva.\u05D0", NULL},
    };
    (void)user;
    char *ascii = NULL;
    int error = envoi__domain_to_ascii(&ascii, "b\u00FCcher.example");
    envoi__free(ascii);
    for (size_t i = 0; !error && i < ENVOI__COUNT(rows); i++) {
        char *out = NULL;
        error = rows[i].prepare(&out, rows[i].input, strlen(rows[i].input));
        envoi__free_secret(out);
    }
    assert_true(error == 0 || error == ENVOI_ERR_NOMEM);
    return error;
}

static void test_profiles_survive_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(prepare_many, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_settle_every_published_vector),
        cmocka_unit_test(test_profiles_survive_cuts_at_every_byte),
        cmocka_unit_test(test_contextual_rules_look_at_the_neighbours),
        cmocka_unit_test(test_localparts_obey_the_bidi_rule),
        cmocka_unit_test(test_profiles_map_before_and_after_they_check),
        cmocka_unit_test(test_profiles_refuse_what_is_not_utf8),
        cmocka_unit_test(test_profiles_refuse_a_nul_inside),
        cmocka_unit_test(test_preparation_is_stable),
        cmocka_unit_test(test_profiles_survive_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
