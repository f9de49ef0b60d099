/* SPDX-License-Identifier: MIT */
/* PRECIS (RFC 8264) and the two profiles that JIDs use (RFC 8265, RFC 7622 3.3 and 3.4). */
#include "base/codepoints.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include <envoi/error.h>
#include <string.h>

#define PART_MAX 1023 /* octets of a prepared part, RFC 7622 3.1 */
/* More octets than this cannot become PART_MAX of them: NFC and width mapping together make a text less than
 * four times shorter. */
#define INPUT_MAX (4 * PART_MAX)
/* RFC 8264 7: apply the rules again until nothing changes, three more times at the most. */
#define ROUNDS 4

enum verdict { PVALID, FREE_ONLY, CONTEXT, DISALLOWED };

/* RFC 8264 9.6, ascending */
static const struct {
    uint32_t first, last;
    enum verdict verdict;
} exceptions[] = {
    {0x00B7, 0x00B7, CONTEXT},    {0x00DF, 0x00DF, PVALID},     {0x0375, 0x0375, CONTEXT},
    {0x03C2, 0x03C2, PVALID},     {0x05F3, 0x05F4, CONTEXT},    {0x0640, 0x0640, DISALLOWED},
    {0x0660, 0x0669, CONTEXT},    {0x06F0, 0x06F9, CONTEXT},    {0x06FD, 0x06FE, PVALID},
    {0x07FA, 0x07FA, DISALLOWED}, {0x0F0B, 0x0F0B, PVALID},     {0x3007, 0x3007, PVALID},
    {0x302E, 0x302F, DISALLOWED}, {0x3031, 0x3035, DISALLOWED}, {0x303B, 0x303B, DISALLOWED},
    {0x30FB, 0x30FB, CONTEXT},
};

/* Conjoining jamo: Hangul_Syllable_Type L, V or T (RFC 8264 9.9). */
static const uint32_t old_jamo[][2] = {
    {0x1100, 0x11FF}, {0xA960, 0xA97C}, {0xD7B0, 0xD7C6}, {0xD7CB, 0xD7FB}};

/* In the order of RFC 8264 8, behind the steps that need no property of the character database. */
static const struct {
    unsigned traits;
    enum verdict verdict;
} derived[] = {
    {ENVOI__TRAIT_UNASSIGNED, DISALLOWED},
    {ENVOI__TRAIT_JOIN_CONTROL, CONTEXT},
    {ENVOI__TRAIT_IGNORABLE | ENVOI__TRAIT_CONTROL, DISALLOWED},
    {ENVOI__TRAIT_COMPAT, FREE_ONLY},
    {ENVOI__TRAIT_LETTER_DIGIT, PVALID},
    {ENVOI__TRAIT_OTHER_LETTER_DIGIT | ENVOI__TRAIT_SPACE | ENVOI__TRAIT_SYMBOL | ENVOI__TRAIT_PUNCTUATION,
     FREE_ONLY},
};

static enum verdict classify(uint32_t code)
{
    for (size_t i = 0; i < ENVOI__COUNT(exceptions); i++)
        if (code >= exceptions[i].first && code <= exceptions[i].last)
            return exceptions[i].verdict;
    if (code >= 0x21 && code <= 0x7E) /* ASCII7; BackwardCompatible before it is empty */
        return PVALID;
    for (size_t i = 0; i < ENVOI__COUNT(old_jamo); i++)
        if (code >= old_jamo[i][0] && code <= old_jamo[i][1])
            return DISALLOWED;
    unsigned traits = envoi__code_traits(code);
    for (size_t i = 0; i < ENVOI__COUNT(derived); i++)
        if (traits & derived[i].traits)
            return derived[i].verdict;
    return DISALLOWED;
}

static int context_at(const struct envoi__codes *codes, size_t at, unsigned context)
{
    return at < codes->len && (envoi__code_context(codes->data[at]) & context);
}

/* What three of the contextual rules ask about the whole text. */
enum { HAS_JAPANESE = 1, HAS_ARABIC_DIGIT = 2, HAS_EXTENDED_DIGIT = 4 };

static unsigned look_at_all(const struct envoi__codes *codes)
{
    unsigned found = 0;
    for (size_t i = 0; i < codes->len; i++) {
        uint32_t code = codes->data[i];
        found |= context_at(codes, i, ENVOI__CONTEXT_JAPANESE) ? HAS_JAPANESE : 0;
        found |= code >= 0x0660 && code <= 0x0669 ? HAS_ARABIC_DIGIT : 0;
        found |= code >= 0x06F0 && code <= 0x06F9 ? HAS_EXTENDED_DIGIT : 0;
    }
    return found;
}

/* The contextual rules, RFC 5892 appendix A. `at - 1` of the first place is SIZE_MAX and so beyond the end.
 */
static int after_virama(const struct envoi__codes *codes, size_t at)
{
    return context_at(codes, at - 1, ENVOI__CONTEXT_VIRAMA);
}

static int zwnj_fits(const struct envoi__codes *codes, size_t at)
{
    if (after_virama(codes, at))
        return 1;
    size_t before = at - 1, after = at + 1;
    while (context_at(codes, before, ENVOI__CONTEXT_TRANSPARENT))
        before--;
    while (context_at(codes, after, ENVOI__CONTEXT_TRANSPARENT))
        after++;
    return context_at(codes, before, ENVOI__CONTEXT_JOINS_LEFT) &&
           context_at(codes, after, ENVOI__CONTEXT_JOINS_RIGHT);
}

static int middle_dot_fits(const struct envoi__codes *codes, size_t at)
{
    return at > 0 && at + 1 < codes->len && codes->data[at - 1] == 'l' && codes->data[at + 1] == 'l';
}

static int keraia_fits(const struct envoi__codes *codes, size_t at)
{
    return context_at(codes, at + 1, ENVOI__CONTEXT_GREEK);
}

static int geresh_fits(const struct envoi__codes *codes, size_t at)
{
    return context_at(codes, at - 1, ENVOI__CONTEXT_HEBREW);
}

/* A rule asks the neighbours by a function, or the whole text by bits that must or must not be there. */
static const struct {
    uint32_t first, last;
    int (*fits)(const struct envoi__codes *codes, size_t at);
    unsigned needs, forbids;
} context_rules[] = {
    {0x200C, 0x200C, zwnj_fits, 0, 0},
    {0x200D, 0x200D, after_virama, 0, 0},
    {0x00B7, 0x00B7, middle_dot_fits, 0, 0},
    {0x0375, 0x0375, keraia_fits, 0, 0},
    {0x05F3, 0x05F4, geresh_fits, 0, 0},
    {0x30FB, 0x30FB, NULL, HAS_JAPANESE, 0},
    {0x0660, 0x0669, NULL, 0, HAS_EXTENDED_DIGIT},
    {0x06F0, 0x06F9, NULL, 0, HAS_ARABIC_DIGIT},
};

static int fits_context(const struct envoi__codes *codes, size_t at, unsigned whole)
{
    uint32_t code = codes->data[at];
    for (size_t i = 0; i < ENVOI__COUNT(context_rules); i++)
        if (code >= context_rules[i].first && code <= context_rules[i].last)
            return context_rules[i].fits ? context_rules[i].fits(codes, at)
                                         : (whole & context_rules[i].needs) == context_rules[i].needs &&
                                               !(whole & context_rules[i].forbids);
    return 0;
}

/* 1 if every code point belongs to IdentifierClass, or else to FreeformClass. */
static int belongs(const struct envoi__codes *codes, int identifier)
{
    unsigned whole = look_at_all(codes);
    for (size_t i = 0; i < codes->len; i++) {
        enum verdict verdict = classify(codes->data[i]);
        if (verdict == DISALLOWED || (verdict == FREE_ONLY && identifier) ||
            (verdict == CONTEXT && !fits_context(codes, i, whole)))
            return 0;
    }
    return codes->len > 0;
}

/* One round of UsernameCaseMapped, RFC 8265 3.3: the class is checked behind the width mapping, as its 3.3.2
 * has it, and at the end, as RFC 8264 7 has it. */
static int username_round(struct envoi__codes *codes)
{
    envoi__codes_narrow(codes);
    if (!belongs(codes, 1))
        return ENVOI_ERR_JID;
    int error = envoi__codes_lower(codes);
    if (!error)
        error = envoi__codes_nfc(codes);
    if (error)
        return error;
    if (envoi__bidi_has_right(codes->data, codes->len) && !envoi__bidi_rule_holds(codes->data, codes->len))
        return ENVOI_ERR_JID;
    return belongs(codes, 1) ? 0 : ENVOI_ERR_JID;
}

/* One round of OpaqueString, RFC 8265 4.2. */
static int opaque_round(struct envoi__codes *codes)
{
    if (!belongs(codes, 0))
        return ENVOI_ERR_JID;
    for (size_t i = 0; i < codes->len; i++)
        if (codes->data[i] > 0x7F && (envoi__code_traits(codes->data[i]) & ENVOI__TRAIT_SPACE))
            codes->data[i] = ' ';
    int error = envoi__codes_nfc(codes);
    if (error)
        return error;
    return belongs(codes, 0) ? 0 : ENVOI_ERR_JID;
}

static int until_stable(struct envoi__codes *codes, int (*round)(struct envoi__codes *))
{
    for (int i = 0; i < ROUNDS; i++) {
        struct envoi__codes before;
        int error = envoi__codes_copy(&before, codes);
        if (error)
            return error;
        error = round(codes);
        int stable = !error && envoi__codes_equal(&before, codes);
        envoi__codes_free(&before);
        if (error || stable)
            return error;
    }
    return ENVOI_ERR_JID;
}

static int prepare(char **out, const char *text, size_t len, int (*round)(struct envoi__codes *))
{
    if (!len || len > INPUT_MAX)
        return ENVOI_ERR_JID;
    struct envoi__codes codes = {0};
    char *prepared = NULL;
    int error = envoi__codes_decode(&codes, text, len);
    if (!error)
        error = until_stable(&codes, round);
    if (!error)
        error = envoi__codes_encode(&codes, &prepared);
    envoi__codes_free(&codes);
    if (!error && strlen(prepared) > PART_MAX)
        error = ENVOI_ERR_JID;
    if (error) {
        envoi__free(prepared);
        return error;
    }
    *out = prepared;
    return 0;
}

static int copy(char **out, const char *text, size_t len)
{
    char *made = envoi__strndup(text, len);
    if (!made)
        return ENVOI_ERR_NOMEM;
    *out = made;
    return 0;
}

static const char excluded[] = "\"&'/:<>@"; /* from a localpart, RFC 7622 3.3.1 */

int envoi__plain_localpart(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x21 || text[i] > 0x7E || (text[i] >= 'A' && text[i] <= 'Z') ||
            memchr(excluded, text[i], sizeof excluded))
            return 0;
    return len > 0 && len <= PART_MAX;
}

int envoi__prep_localpart(char **out, const char *text, size_t len)
{
    if (envoi__plain_localpart(text, len))
        return copy(out, text, len);
    char *prepared;
    int error = prepare(&prepared, text, len, username_round);
    if (error)
        return error;
    if (strpbrk(prepared, excluded)) {
        envoi__free(prepared);
        return ENVOI_ERR_JID;
    }
    *out = prepared;
    return 0;
}

int envoi__plain_resourcepart(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7E)
            return 0;
    return len > 0 && len <= PART_MAX;
}

int envoi__prep_resourcepart(char **out, const char *text, size_t len)
{
    return envoi__plain_resourcepart(text, len) ? copy(out, text, len)
                                                : prepare(out, text, len, opaque_round);
}
