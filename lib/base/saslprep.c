/* SPDX-License-Identifier: MIT */
#include "base/codepoints.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "base/unicode_tables.h"
#include <envoi/error.h>

static int is_printable_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7E)
            return 0;
    return 1;
}

/* RFC 4013 2.1. U+200B is in both lists; the mapping to a space stands first there. */
static void map(struct envoi__codes *codes)
{
    size_t kept = 0;
    for (size_t i = 0; i < codes->len; i++) {
        uint32_t c = codes->data[i];
        if (envoi__saslprep_has(ENVOI__SASLPREP_SPACE, c))
            codes->data[kept++] = ' ';
        else if (!envoi__saslprep_has(ENVOI__SASLPREP_NOTHING, c))
            codes->data[kept++] = c;
    }
    codes->len = kept;
}

static int has_any(const struct envoi__codes *codes, enum envoi__saslprep_set set)
{
    for (size_t i = 0; i < codes->len; i++)
        if (envoi__saslprep_has(set, codes->data[i]))
            return 1;
    return 0;
}

/* RFC 3454 6, rules 2 and 3; rule 1 is part of the prohibited set. */
static int bidi_is_right(const struct envoi__codes *codes)
{
    if (!has_any(codes, ENVOI__SASLPREP_RIGHT))
        return 1;
    return !has_any(codes, ENVOI__SASLPREP_LEFT) &&
           envoi__saslprep_has(ENVOI__SASLPREP_RIGHT, codes->data[0]) &&
           envoi__saslprep_has(ENVOI__SASLPREP_RIGHT, codes->data[codes->len - 1]);
}

/* What the profile does to the code points. Unassigned ones are refused before the normalization, because
 * tables newer than Unicode 3.2 would turn some of them into assigned ones (RFC 4013 2.5, RFC 3454 7). The
 * five ideographs whose decomposition was wrong in 3.2 (Unicode corrigendum 4) are mapped as corrected. */
static int prepare(struct envoi__codes *codes, int is_query)
{
    map(codes);
    if (!is_query && has_any(codes, ENVOI__SASLPREP_UNASSIGNED))
        return ENVOI_ERR_JID;
    int error = envoi__codes_nfkc(codes);
    if (error)
        return error;
    return has_any(codes, ENVOI__SASLPREP_PROHIBITED) || !bidi_is_right(codes) ? ENVOI_ERR_JID : 0;
}

static int prepare_text(char **out, const char *text, size_t len, int is_query)
{
    if (is_printable_ascii(text, len)) {
        char *copy = envoi__strndup(text, len);
        if (!copy)
            return ENVOI_ERR_NOMEM;
        *out = copy;
        return 0;
    }
    struct envoi__codes codes = {0};
    int error = envoi__codes_decode(&codes, text, len);
    if (!error)
        error = prepare(&codes, is_query);
    if (!error)
        error = envoi__codes_encode(&codes, out);
    envoi__codes_free(&codes);
    return error;
}

int envoi__saslprep_stored(char **out, const char *text, size_t len)
{
    return prepare_text(out, text, len, 0);
}

int envoi__saslprep_query(char **out, const char *text, size_t len)
{
    return prepare_text(out, text, len, 1);
}
