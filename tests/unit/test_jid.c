/* SPDX-License-Identifier: MIT */
#include "test.h"
#include "tsv.h"

#include "data/jid.h"

static const char *vectors; /* the folder */

static int same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Parse from a block that ends with the text, so that reading behind it is found out. */
static int parse_exact(envoi_jid **out, const char *text, size_t len)
{
    char *block = malloc(len + 1);
    assert_non_null(block);
    memcpy(block + 1, text, len);
    int error = envoi__jid_parse(out, block + 1, len);
    free(block);
    return error;
}

/* What holds for every JID, whatever it was made from. */
static void check_invariants(const envoi_jid *jid)
{
    char text[4096];
    const char *localpart = envoi_jid_localpart(jid), *resourcepart = envoi_jid_resourcepart(jid);
    snprintf(text, sizeof text, "%s%s%s", localpart ? localpart : "", localpart ? "@" : "",
             envoi_jid_domainpart(jid));
    assert_string_equal(envoi_jid_bare(jid), text);
    snprintf(text, sizeof text, "%s%s%s", envoi_jid_bare(jid), resourcepart ? "/" : "",
             resourcepart ? resourcepart : "");
    assert_string_equal(envoi_jid_full(jid), text);
    for (const char *p = envoi_jid_ascii_domain(jid); *p; p++)
        assert_in_range(*p, 0x21, 0x7E);
    envoi_jid *again;
    assert_int_equal(envoi_jid_parse(&again, envoi_jid_full(jid)), 0);
    assert_true(envoi_jid_equal(jid, again));
    assert_string_equal(envoi_jid_ascii_domain(jid), envoi_jid_ascii_domain(again));
    envoi_jid_free(again);
}

/* 1 if the parts are those of the row; a row may be silent about them all. */
static int has_parts_of_row(const envoi_jid *jid, const struct tsv *row)
{
    char *localpart = tsv_json(row, "local_json", NULL), *domainpart = tsv_json(row, "domain_json", NULL),
         *resourcepart = tsv_json(row, "resource_json", NULL);
    int agrees = !domainpart || (same_text(envoi_jid_localpart(jid), localpart) &&
                                 same_text(envoi_jid_domainpart(jid), domainpart) &&
                                 same_text(envoi_jid_resourcepart(jid), resourcepart));
    free(localpart);
    free(domainpart);
    free(resourcepart);
    return agrees;
}

/* The functions for each op: 1 if the library does what the row expects. */
static int verdict_agrees(const struct tsv *row, int error, envoi_jid *jid)
{
    const char *expected = tsv_get(row, "expected");
    if (error) {
        assert_true(error == ENVOI_ERR_JID || error == ENVOI_ERR_UTF8);
        return strncmp(expected, "invalid", 7) == 0;
    }
    check_invariants(jid);
    int agrees = strcmp(expected, "valid") == 0 && has_parts_of_row(jid, row);
    envoi_jid_free(jid);
    return agrees;
}

static int parse_agrees(const struct tsv *row)
{
    size_t len = 0;
    char *text = tsv_json(row, "input_json", &len);
    if (!text) /* it is not UTF-8 */
        text = tsv_hex(row, "input_hex", &len);
    assert_non_null(text);
    envoi_jid *jid = NULL;
    int error = parse_exact(&jid, text, len);
    free(text);
    return verdict_agrees(row, error, jid);
}

static int from_parts_agrees(const struct tsv *row)
{
    char *localpart = tsv_json(row, "local_json", NULL), *domainpart = tsv_json(row, "domain_json", NULL),
         *resourcepart = tsv_json(row, "resource_json", NULL);
    envoi_jid *jid = NULL;
    int error =
        envoi_jid_new(&jid, localpart, domainpart, resourcepart && *resourcepart ? resourcepart : NULL);
    free(localpart);
    free(domainpart);
    free(resourcepart);
    return verdict_agrees(row, error, error ? NULL : jid);
}

static int compare_agrees(const struct tsv *row)
{
    const char *cursor = tsv_get(row, "input_json"), *expected = tsv_get(row, "expected");
    envoi_jid *jids[2];
    for (int i = 0; i < 2; i++) {
        char *text = tsv_json_at(&cursor, NULL);
        assert_int_equal(envoi_jid_parse(&jids[i], text), 0);
        free(text);
    }
    int equal = envoi_jid_equal(jids[0], jids[1]), bare = envoi_jid_equal_bare(jids[0], jids[1]);
    envoi_jid_free(jids[0]);
    envoi_jid_free(jids[1]);
    return same_text(expected, equal ? "equal" : bare ? "bare equal" : "different");
}

typedef int convert_fn(char *out, size_t size, size_t *len, const char *text);

/* Also with every size that is too small. */
static int convert_agrees(const struct tsv *row, convert_fn *convert)
{
    char *input = tsv_json(row, "input_json", NULL), *expected = tsv_json(row, "expected", NULL), out[256];
    size_t len = 0, needed = 0;
    int error = convert(out, sizeof out, &len, input);
    int agrees = !error && same_text(out, expected) && len == strlen(expected);
    for (size_t size = 0; !error && size <= len; size++) {
        memset(out, '#', sizeof out);
        assert_int_equal(convert(size ? out : NULL, size, &needed, input), ENVOI_ERR_FULL);
        assert_int_equal(needed, len);
        assert_int_equal(out[0], '#');
    }
    free(input);
    free(expected);
    return agrees;
}

static int escape_agrees(const struct tsv *row)
{
    char *input = tsv_json(row, "input_json", NULL), escaped[256], back[256];
    size_t len;
    if (envoi_jid_escape(escaped, sizeof escaped, &len, input) == 0) {
        assert_int_equal(envoi_jid_unescape(back, sizeof back, &len, escaped), 0);
        assert_string_equal(back, input);
    }
    free(input);
    return convert_agrees(row, envoi_jid_escape);
}

static int unescape_agrees(const struct tsv *row)
{
    return convert_agrees(row, envoi_jid_unescape);
}

static int row_agrees(const struct tsv *row)
{
    static const struct {
        const char *op;
        int (*agrees)(const struct tsv *row);
    } ops[] = {
        {"parse", parse_agrees},   {"from-parts", from_parts_agrees}, {"compare", compare_agrees},
        {"escape", escape_agrees}, {"unescape", unescape_agrees},
    };
    for (size_t i = 0; i < ENVOI__COUNT(ops); i++)
        if (strcmp(ops[i].op, tsv_get(row, "op")) == 0)
            return ops[i].agrees(row);
    return 0; /* not about a JID: only with a reason */
}

static void test_jid_settles_every_vector(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "jid.tsv");
    int rows = 0, settled = 0, wrong = 0;
    for (; tsv_next(row); rows++) {
        int agrees = row_agrees(row), differs = *tsv_get(row, "differs") != '\0';
        settled += differs;
        if (differs)
            print_message("# %s differs: %s\n", tsv_get(row, "id"), tsv_get(row, "differs"));
        if (agrees != differs)
            continue;
        wrong++;
        print_message("# %s %s, expected %s: %s%s (%s)\n", tsv_get(row, "id"), tsv_get(row, "op"),
                      tsv_get(row, "expected"), agrees ? "agrees, and has a reason not to" : "does not agree",
                      agrees ? "" : " and has no reason", tsv_get(row, "note"));
    }
    tsv_close(row);
    print_message("# %d vectors, %d of them settled by a reason\n", rows, settled);
    assert_int_equal(wrong, 0);
    assert_int_equal(rows, 265);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jid_settles_every_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
