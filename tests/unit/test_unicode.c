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
    {"saslprep", envoi__saslprep},
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
    size_t len;
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

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_settle_every_published_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
