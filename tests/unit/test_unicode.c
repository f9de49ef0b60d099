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

static void check_row(const struct tsv *row, prep_fn *prepare)
{
    size_t len;
    char *input = tsv_json(row, "input_json", &len), *expected = tsv_json(row, "output_json", NULL);
    assert_non_null(input);
    static char untouched[] = "";
    char *out = untouched;
    int error = prepare_exact(prepare, &out, input, len);
    if (expected) {
        if (error)
            fail_msg("%s: error %d", tsv_get(row, "id"), error);
        assert_string_equal(out, expected);
        envoi__free(out);
    } else {
        if (error != ENVOI_ERR_JID)
            fail_msg("%s: %d, not refused", tsv_get(row, "id"), error);
        assert_ptr_equal(out, untouched);
    }
    free(input);
    free(expected);
}

static void test_profiles_agree_with_their_published_vectors(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "prep.tsv");
    int rows = 0;
    while (tsv_next(row)) {
        prep_fn *prepare = find_profile(tsv_get(row, "kind"));
        if (!prepare)
            continue;
        check_row(row, prepare);
        rows++;
    }
    tsv_close(row);
    assert_true(rows > 10);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_agree_with_their_published_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
