/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_URI_HELPERS_H
#define ENVOI_TESTS_URI_HELPERS_H
/* What the tests of xmpp: URIs share. */
#include "test.h"

#include "tsv.h"
#include <envoi/uri.h>

static const char *vectors; /* the folder */

static inline envoi_uri *parse(const char *text, int flags)
{
    envoi_uri *uri = NULL;
    int error = envoi_uri_parse(&uri, text, flags);
    if (error)
        fail_msg("%s: %s", text, envoi_error_name(error));
    return uri;
}

static inline void assert_refused(const char *text, int flags, int expected)
{
    envoi_uri *const untouched = (envoi_uri *)&vectors, *uri = untouched;
    int error = envoi_uri_parse(&uri, text, flags);
    if (error != expected)
        fail_msg("%s: %s instead of %s", text, envoi_error_name(error), envoi_error_name(expected));
    assert_ptr_equal(uri, untouched);
}

static inline void assert_strict(const char *text, int expected)
{
    envoi_uri *uri = parse(text, ENVOI_URI_LENIENT);
    if (envoi_uri_is_strict(uri) != expected)
        fail_msg("%s: strict is %d", text, envoi_uri_is_strict(uri));
    envoi_uri_free(uri);
    if (!expected)
        assert_refused(text, ENVOI_URI_STRICT, ENVOI_ERR_URI);
    else
        envoi_uri_free(parse(text, ENVOI_URI_STRICT));
}

typedef int format_fn(const envoi_uri *uri, char *out, size_t size, size_t *len);

/* The text that a format function writes, or the name of its error; freed by the caller. */
static inline char *formatted(const envoi_uri *uri, format_fn *format)
{
    size_t len = 77, again = 0;
    char *text = malloc(ENVOI_URI_MAX_LENGTH + 1);
    int error = format(uri, NULL, 0, &len);
    if (error == ENVOI_ERR_FULL)
        error = format(uri, text, len + 1, &again);
    if (error) {
        assert_int_equal(len, 77);
        strcpy(text, envoi_error_name(error));
        return text;
    }
    assert_int_equal(again, len);
    assert_int_equal(strlen(text), len);
    return text;
}

static inline void assert_formats(const envoi_uri *uri, const char *expected)
{
    char *text = formatted(uri, envoi_uri_format);
    assert_string_equal(text, expected);
    free(text);
}

static inline void assert_formats_iri(const envoi_uri *uri, const char *expected)
{
    char *text = formatted(uri, envoi_uri_format_iri);
    assert_string_equal(text, expected);
    free(text);
}

static inline void assert_reads_as(const char *text, const char *expected)
{
    envoi_uri *uri = parse(text, ENVOI_URI_LENIENT);
    assert_formats(uri, expected);
    envoi_uri_free(uri);
}

static inline const char *full(const envoi_jid *jid)
{
    return jid ? envoi_jid_full(jid) : "";
}

/* All pairs as the tables write them. */
static inline void join_pairs(const envoi_uri *uri, char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0, len = 0; i < envoi_uri_pair_count(uri); i++, len = strlen(out))
        snprintf(out + len, size - len, "%s%s=%s", i ? " | " : "", envoi_uri_key_at(uri, i),
                 envoi_uri_value_at(uri, i));
}

static inline void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a && b)
        assert_string_equal(a, b);
}

static inline void assert_equal_uris(const envoi_uri *a, const envoi_uri *b)
{
    assert_string_equal(full(envoi_uri_account(a)), full(envoi_uri_account(b)));
    assert_string_equal(full(envoi_uri_jid(a)), full(envoi_uri_jid(b)));
    assert_same_text(envoi_uri_querytype(a), envoi_uri_querytype(b));
    assert_same_text(envoi_uri_fragment(a), envoi_uri_fragment(b));
    assert_int_equal(envoi_uri_pair_count(a), envoi_uri_pair_count(b));
    for (size_t i = 0; i < envoi_uri_pair_count(a); i++) {
        assert_string_equal(envoi_uri_key_at(a, i), envoi_uri_key_at(b, i));
        assert_string_equal(envoi_uri_value_at(a, i), envoi_uri_value_at(b, i));
    }
}

/* What is written parses strictly, to an equal URI, and is written the same again: as URI, and as IRI if it
 * has one. */
static inline void assert_fixed_point(const envoi_uri *uri)
{
    static format_fn *const formats[] = {envoi_uri_format, envoi_uri_format_iri};
    for (size_t i = 0; i < ENVOI__COUNT(formats); i++) {
        char *text = formatted(uri, formats[i]);
        if (i == 1 && strcmp(text, "ENVOI_ERR_URI") == 0) {
            free(text);
            continue;
        }
        envoi_uri *again = parse(text, ENVOI_URI_STRICT);
        assert_equal_uris(uri, again);
        char *second = formatted(again, formats[i]);
        assert_string_equal(second, text);
        envoi_uri_free(again);
        free(second);
        free(text);
    }
}

static inline envoi_jid *jid_of(const char *text)
{
    envoi_jid *jid = NULL;
    assert_int_equal(envoi_jid_parse(&jid, text), 0);
    return jid;
}

static inline envoi_uri *begin(const char *jid_text)
{
    envoi_uri *uri = NULL;
    envoi_jid *jid = jid_of(jid_text);
    assert_int_equal(envoi_uri_new(&uri, jid), 0);
    envoi_jid_free(jid);
    return uri;
}

/* The rows of uri.tsv of one kind: each has an input, and is checked as a vector elsewhere, or names one of
 * these tests. Returns how many there are. */
static inline int assert_rows_name_tests(const struct CMUnitTest *list, size_t count, int generation)
{
    int rows = 0;
    struct tsv *row = tsv_open(vectors, "uri.tsv");
    while (tsv_next(row)) {
        const char *test = tsv_get(row, "test");
        size_t i = 0;
        if ((strcmp(tsv_get(row, "row_kind"), "generation") == 0) != generation)
            continue;
        while (i < count && strcmp(list[i].name, test) != 0)
            i++;
        if (*test ? i == count : !*tsv_get(row, "strict"))
            fail_msg("%s is not checked: %s", tsv_get(row, "id"), test);
        rows++;
    }
    tsv_close(row);
    return rows;
}

#endif
