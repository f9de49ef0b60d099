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

static char *parse_input(const struct tsv *row, size_t *len)
{
    char *text = tsv_json(row, "input_json", len);
    if (!text) /* it is not UTF-8 */
        text = tsv_hex(row, "input_hex", len);
    assert_non_null(text);
    return text;
}

static int parse_agrees(const struct tsv *row)
{
    size_t len;
    char *text = parse_input(row, &len);
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
    int error = envoi_jid_new(&jid, localpart, domainpart, resourcepart && *resourcepart ? resourcepart : NULL);
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

static void check_cut(const char *text, size_t len)
{
    envoi_jid *jid = NULL;
    int error = parse_exact(&jid, text, len);
    assert_true(error == 0 || error == ENVOI_ERR_JID || error == ENVOI_ERR_UTF8);
    if (!error)
        check_invariants(jid);
    envoi_jid_free(jid);
}

/* Every vector, cut off at every byte: a verdict, and nothing read behind the end. */
static void test_jid_survives_cuts_at_every_byte(void **state)
{
    (void)state;
    struct tsv *row = tsv_open(vectors, "jid.tsv");
    while (tsv_next(row)) {
        if (strcmp(tsv_get(row, "op"), "parse") != 0)
            continue;
        size_t len;
        char *text = parse_input(row, &len);
        for (size_t cut = 0; cut < len; cut++)
            check_cut(text, cut);
        free(text);
    }
    tsv_close(row);
}

static void test_jid_gives_dns_the_form_it_needs(void **state)
{
    (void)state;
    static const struct {
        const char *text, *domainpart, *ascii;
    } rows[] = {
        {"example.com", "example.com", "example.com"},
        {"EXAMPLE.com.", "example.com", "example.com"},
        {"B\u00DCCHER.ch", "b\u00FCcher.ch", "xn--bcher-kva.ch"},
        {"XN--BCHER-KVA.CH", "b\u00FCcher.ch", "xn--bcher-kva.ch"},
        {"xn--fa-hia.de", "fa\u00DF.de", "xn--fa-hia.de"},
        {"\uFF41\u3002\uFF42", "a.b", "a.b"}, /* fullwidth, ideographic full stop */
        {"192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {"[2001:DB8::1]", "[2001:db8::1]", "2001:db8::1"},
        {"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", "::ffff:192.0.2.1"},
        {"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", "1:2:3:4:5:6:7::"},
        {"[::]", "[::]", "::"},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        envoi_jid *jid;
        if (envoi_jid_new(&jid, "romeo", rows[i].text, "x"))
            fail_msg("refused: %s", rows[i].text);
        check_invariants(jid);
        assert_string_equal(envoi_jid_domainpart(jid), rows[i].domainpart);
        assert_string_equal(envoi_jid_ascii_domain(jid), rows[i].ascii);
        envoi_jid_free(jid);
    }
}

/* Cherokee capitals have lower case, and yet it is the capitals that IDNA2008 takes. */
static void test_jid_keeps_cherokee_domains(void **state)
{
    (void)state;
    static const char *const same[] = {"xn--3bedv", "\u13E6\u13ED\u13E4", "\uABB6\uABBD\uABB4"};
    for (size_t i = 0; i < ENVOI__COUNT(same); i++) {
        envoi_jid *jid;
        assert_int_equal(envoi_jid_parse(&jid, same[i]), 0);
        assert_string_equal(envoi_jid_full(jid), same[1]);
        assert_string_equal(envoi_jid_ascii_domain(jid), same[0]);
        envoi_jid_free(jid);
    }
    envoi_jid *capital = NULL, *small_one = NULL; /* the letters that lie behind the others */
    assert_int_equal(envoi_jid_parse(&capital, "\u13F0\u13F5"), 0);
    assert_int_equal(envoi_jid_parse(&small_one, "\u13F8\u13FD"), 0);
    assert_string_equal(envoi_jid_full(small_one), "\u13F0\u13F5");
    assert_true(envoi_jid_equal(capital, small_one));
    envoi_jid_free(capital);
    envoi_jid_free(small_one);
    envoi_jid *none = NULL;
    assert_int_equal(envoi_jid_parse(&none, "\u13FE"), ENVOI_ERR_JID); /* behind the last small letter is nothing */
    assert_null(none);
}

static void test_jid_refuses_what_is_no_domain(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        ".",
        "a..",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a_b",
        "a b",
        "a:1",
        "a@b",
        "a/b",
        "ab--c",
        "xn--",
        "xn--a",
        "xn--abc",
        "xn--abc-",
        "xn--bcher-kva-",
        "xn--99999999999",
        "xn--\u00FC",
        "\u00FC/b",
        "\u00FC@b",
        "\u00FC_",
        "-\u00FC",
        "\u265A",
        "a\u200Db",
        "\uFF0F",
        "\u00AD",
        "[]",
        "[",
        "]",
        "[:]",
        "[:::]",
        "[1]",
        "[1::2::3]",
        "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4:5:6:7:8::]",
        "[12345::]",
        "[::g]",
        "[::1%25eth0]",
        "[::1.2.3]",
        "[::1.2.3.256]",
        "[::01.2.3.4]",
        "[v1.a]",
        "[::1]]",
        "[::1].",
        "[1:2:3:4:5:6:7:1.2.3.4]",
        "[1:]",
        "[:1]",
        "[1.2.3.4::]",
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        envoi_jid *jid = NULL;
        if (envoi_jid_new(&jid, NULL, rows[i], NULL) != ENVOI_ERR_JID)
            fail_msg("not refused: %s", rows[i]);
        assert_null(jid);
    }
}

static void test_jid_of_plain_ascii_is_one_allocation(void **state)
{
    (void)state;
    envoi_jid *jid, *copy;
    long before = allocations;
    assert_int_equal(envoi_jid_parse(&jid, "juliet@capulet.example/balcony 2"), 0);
    assert_int_equal(allocations, before + 1);
    assert_int_equal(envoi_jid_dup(&copy, jid), 0);
    assert_int_equal(allocations, before + 2);
    assert_ptr_not_equal(jid, copy);
    assert_true(envoi_jid_equal(jid, copy));
    envoi_jid_free(jid);
    check_invariants(copy);
    assert_string_equal(envoi_jid_localpart(copy), "juliet");
    assert_string_equal(envoi_jid_resourcepart(copy), "balcony 2");
    envoi_jid_free(copy);
}

static void test_jid_parts_stand_at_their_length_limits(void **state)
{
    (void)state;
    char part[1025], domain[256];
    memset(part, 'a', 1024);
    part[1024] = '\0';
    memset(domain, 'b', 255);
    for (size_t i = 60; i < 255; i += 61)
        domain[i] = '.';
    domain[254] = '\0';
    envoi_jid *jid = NULL;
    assert_int_equal(envoi_jid_new(&jid, part, "a", NULL), ENVOI_ERR_JID);
    assert_int_equal(envoi_jid_new(&jid, NULL, "a", part), ENVOI_ERR_JID);
    assert_int_equal(envoi_jid_new(&jid, NULL, domain, NULL), ENVOI_ERR_JID);
    domain[253] = '\0';
    assert_int_equal(envoi_jid_new(&jid, part + 1, domain, part + 1), 0);
    check_invariants(jid);
    assert_int_equal(strlen(envoi_jid_full(jid)), 1023 + 1 + 253 + 1 + 1023);
    envoi_jid_free(jid);
}

static void test_jid_functions_check_their_arguments(void **state)
{
    (void)state;
    envoi_jid *jid = NULL;
    char out[4];
    size_t len;
    assert_int_equal(envoi_jid_parse(NULL, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_parse(&jid, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_new(NULL, NULL, "a", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_new(&jid, "a", NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_new(&jid, "", "a", NULL), ENVOI_ERR_JID);
    assert_int_equal(envoi_jid_new(&jid, NULL, "a", ""), ENVOI_ERR_JID);
    assert_int_equal(envoi_jid_dup(&jid, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_dup(NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_escape(NULL, 1, &len, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_escape(out, sizeof out, NULL, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_escape(out, sizeof out, &len, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_unescape(out, sizeof out, &len, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_unescape(NULL, 1, &len, "a"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_jid_unescape(out, sizeof out, NULL, "a"), ENVOI_ERR_ARGUMENT);
    assert_null(jid);
    envoi_jid_free(NULL);
    assert_null(envoi_jid_full(NULL));
    assert_null(envoi_jid_bare(NULL));
    assert_null(envoi_jid_localpart(NULL));
    assert_null(envoi_jid_domainpart(NULL));
    assert_null(envoi_jid_resourcepart(NULL));
    assert_null(envoi_jid_ascii_domain(NULL));
    assert_false(envoi_jid_equal(NULL, NULL));
    assert_false(envoi_jid_equal_bare(NULL, NULL));
}

/* The preparation makes \2F into \2f, which would read as a slash. */
static void test_jid_escape_survives_the_preparation(void **state)
{
    (void)state;
    char escaped[32], back[32];
    size_t len;
    envoi_jid *jid;
    assert_int_equal(envoi_jid_escape(escaped, sizeof escaped, &len, "a\\2Fb\\5Cc"), 0);
    assert_int_equal(envoi_jid_new(&jid, escaped, "example.com", NULL), 0);
    assert_int_equal(envoi_jid_unescape(back, sizeof back, &len, envoi_jid_localpart(jid)), 0);
    assert_string_equal(back, "a\\2fb\\5cc");
    envoi_jid_free(jid);
}

static int make_many(void *user)
{
    static const char *const texts[] = {
        "juliet@example.com/x", "Juliet@Example.COM/\u00E9", "\u03A3@b\u00FCcher.example/\u265A",
        "xn--bcher-kva.ch",     "a@[2001:DB8::1]/b",
    };
    (void)user;
    for (size_t i = 0; i < ENVOI__COUNT(texts); i++) {
        envoi_jid *jid = NULL, *copy = NULL;
        int error = envoi_jid_parse(&jid, texts[i]);
        if (!error)
            error = envoi_jid_dup(&copy, jid);
        envoi_jid_free(jid);
        envoi_jid_free(copy);
        if (error) {
            assert_int_equal(error, ENVOI_ERR_NOMEM);
            return error;
        }
    }
    return 0;
}

static void test_jid_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(make_many, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jid_settles_every_vector),
        cmocka_unit_test(test_jid_survives_cuts_at_every_byte),
        cmocka_unit_test(test_jid_gives_dns_the_form_it_needs),
        cmocka_unit_test(test_jid_keeps_cherokee_domains),
        cmocka_unit_test(test_jid_refuses_what_is_no_domain),
        cmocka_unit_test(test_jid_of_plain_ascii_is_one_allocation),
        cmocka_unit_test(test_jid_parts_stand_at_their_length_limits),
        cmocka_unit_test(test_jid_functions_check_their_arguments),
        cmocka_unit_test(test_jid_escape_survives_the_preparation),
        cmocka_unit_test(test_jid_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
