/* SPDX-License-Identifier: MIT */
/* URIs: what lenient reading understands is written as a URI and an IRI that mean the same, and the URI fits
 * the grammar. Strict reading takes exactly what lenient reading calls strict. */
#include "fuzz.h"

#include <envoi/error.h>
#include <envoi/uri.h>
#include <string.h>

static int equal_texts(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int equal_jids(const envoi_jid *a, const envoi_jid *b)
{
    return a == b || envoi_jid_equal(a, b);
}

static void check_equal(const envoi_uri *a, const envoi_uri *b)
{
    FUZZ_CHECK(equal_jids(envoi_uri_account(a), envoi_uri_account(b)));
    FUZZ_CHECK(equal_jids(envoi_uri_jid(a), envoi_uri_jid(b)));
    FUZZ_CHECK(equal_texts(envoi_uri_querytype(a), envoi_uri_querytype(b)));
    FUZZ_CHECK(equal_texts(envoi_uri_fragment(a), envoi_uri_fragment(b)));
    FUZZ_CHECK(envoi_uri_pair_count(a) == envoi_uri_pair_count(b));
    FUZZ_CHECK(envoi_uri_pair_count(a) <= ENVOI_URI_MAX_PAIRS);
    for (size_t i = 0; i < envoi_uri_pair_count(a); i++) {
        FUZZ_CHECK(equal_texts(envoi_uri_key_at(a, i), envoi_uri_key_at(b, i)));
        FUZZ_CHECK(equal_texts(envoi_uri_value_at(a, i), envoi_uri_value_at(b, i)));
        FUZZ_CHECK(envoi_uri_is_known_pair(a, i) == envoi_uri_is_known_pair(b, i));
    }
    FUZZ_CHECK(envoi_uri_action(a) == envoi_uri_action(b));
    FUZZ_CHECK(equal_texts(envoi_uri_node(a), envoi_uri_node(b)));
    FUZZ_CHECK(equal_texts(envoi_uri_item(a), envoi_uri_item(b)));
}

typedef int (*format_fn)(const envoi_uri *uri, char *out, size_t size, size_t *len);

/* NULL if it cannot be written: percent-encoding can make it too long, and has no place in the querytype and
 * the keys of an IRI. */
static char *formatted(format_fn format, const envoi_uri *uri)
{
    size_t len = 0, again = 0;
    int error = format(uri, NULL, 0, &len);
    if (error == ENVOI_ERR_TOO_LARGE || (error == ENVOI_ERR_URI && format == envoi_uri_format_iri))
        return NULL;
    FUZZ_CHECK(error == ENVOI_ERR_FULL);
    char *out = malloc(len + 1);
    FUZZ_CHECK(out && format(uri, out, len + 1, &again) == 0 && again == len && strlen(out) == len);
    return out;
}

static void check_written(const envoi_uri *uri, format_fn format, int flags, int is_ascii)
{
    char *text = formatted(format, uri);
    envoi_uri *again = NULL;
    if (!text)
        return;
    for (const char *p = text; is_ascii && *p; p++)
        FUZZ_CHECK(*p > ' ' && *p < 0x7F);
    FUZZ_CHECK(envoi_uri_parse(&again, text, flags) == 0);
    char *same = formatted(format, again);
    check_equal(uri, again);
    FUZZ_CHECK(same && strcmp(same, text) == 0);
    free(same);
    envoi_uri_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    envoi_uri *uri = NULL, *strict = NULL, *plus = NULL;
    char *text = fuzz_text(fuzz_chunk(&input));
    int error = envoi_uri_parse(&uri, text, ENVOI_URI_LENIENT);
    int strict_error = envoi_uri_parse(&strict, text, ENVOI_URI_STRICT);
    FUZZ_CHECK(!strict_error == (!error && envoi_uri_is_strict(uri)));
    FUZZ_CHECK(!envoi_uri_parse(&plus, text, ENVOI_URI_LENIENT | ENVOI_URI_PLUS_SPACE) == !error);
    if (strict)
        check_equal(uri, strict);
    if (uri) {
        check_written(uri, envoi_uri_format, ENVOI_URI_STRICT, 1);
        check_written(uri, envoi_uri_format_iri, ENVOI_URI_LENIENT, 0);
    }
    envoi_uri_free(plus);
    envoi_uri_free(strict);
    envoi_uri_free(uri);
    free(text);
    return 0;
}
