/* SPDX-License-Identifier: MIT */
/* The only file that includes libunistring and libidn2. */
#include "base/codepoints.h"
#include "base/text.h"
#include <envoi/error.h>
#include <idn2.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

/* No mapping makes one code point longer than this: U+FDFA under NFKC. */
#define MOST_EXPANSION 18

static int reserve_for_mapping(struct envoi__codes *fresh, const struct envoi__codes *codes)
{
    if (codes->len >= SIZE_MAX / MOST_EXPANSION)
        return ENVOI_ERR_NOMEM;
    int error = envoi__codes_reserve(fresh, codes->len * MOST_EXPANSION + 1);
    if (!error)
        fresh->len = fresh->cap;
    return error;
}

/* Put what a function of libunistring made of *codes in its place. It was given *fresh to write into, which
 * is large enough for any result, so that no copy of a password stays behind in memory that only the library
 * knows. */
static int replace(struct envoi__codes *codes, struct envoi__codes *fresh, const uint32_t *result)
{
    if (result != fresh->data) {
        envoi__codes_free(fresh);
        return ENVOI_ERR_NOMEM;
    }
    envoi__codes_free(codes);
    *codes = *fresh;
    return 0;
}

static int normalize(struct envoi__codes *codes, uninorm_t form)
{
    struct envoi__codes fresh;
    int error = reserve_for_mapping(&fresh, codes);
    if (error)
        return error;
    return replace(codes, &fresh, u32_normalize(form, codes->data, codes->len, fresh.data, &fresh.len));
}

int envoi__codes_nfc(struct envoi__codes *codes)
{
    return normalize(codes, UNINORM_NFC);
}

int envoi__codes_nfkc(struct envoi__codes *codes)
{
    return normalize(codes, UNINORM_NFKC);
}

/* The capital sigma becomes a small one wherever it stands, as in Nodeprep and UTS 46: the mapping that looks
 * at the end of the word is the optional local one (RFC 7790 2.3). */
int envoi__codes_lower(struct envoi__codes *codes)
{
    struct envoi__codes fresh;
    int error = reserve_for_mapping(&fresh, codes);
    if (error)
        return error;
    for (size_t i = 0; i < codes->len; i++)
        if (codes->data[i] == 0x03A3)
            codes->data[i] = 0x03C3;
    return replace(codes, &fresh, u32_tolower(codes->data, codes->len, NULL, NULL, fresh.data, &fresh.len));
}

void envoi__codes_narrow(struct envoi__codes *codes)
{
    for (size_t i = 0; i < codes->len; i++) {
        ucs4_t mapped[UC_DECOMPOSITION_MAX_LENGTH];
        int tag;
        if (uc_decomposition(codes->data[i], &tag, mapped) == 1 &&
            (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW))
            codes->data[i] = mapped[0];
    }
}

static int has_compat(uint32_t code)
{
    uint32_t mapped[MOST_EXPANSION + 1];
    size_t len = ENVOI__COUNT(mapped);
    return u32_normalize(UNINORM_NFKC, &code, 1, mapped, &len) != mapped || len != 1 || mapped[0] != code;
}

unsigned envoi__code_traits(uint32_t code)
{
    static const struct {
        uint32_t categories;
        unsigned trait;
    } rows[] = {
        {UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo | UC_CATEGORY_MASK_Nd |
             UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc,
         ENVOI__TRAIT_LETTER_DIGIT},
        {UC_CATEGORY_MASK_Lt | UC_CATEGORY_MASK_Nl | UC_CATEGORY_MASK_No | UC_CATEGORY_MASK_Me,
         ENVOI__TRAIT_OTHER_LETTER_DIGIT},
        {UC_CATEGORY_MASK_Zs, ENVOI__TRAIT_SPACE},
        {UC_CATEGORY_MASK_S, ENVOI__TRAIT_SYMBOL},
        {UC_CATEGORY_MASK_P, ENVOI__TRAIT_PUNCTUATION},
        {UC_CATEGORY_MASK_Cc, ENVOI__TRAIT_CONTROL},
        {UC_CATEGORY_MASK_Cn, ENVOI__TRAIT_UNASSIGNED},
    };
    unsigned traits = 0;
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        if (uc_is_general_category_withtable(code, rows[i].categories))
            traits |= rows[i].trait;
    if (uc_is_property_not_a_character(code))
        traits = (traits & ~(unsigned)ENVOI__TRAIT_UNASSIGNED) | ENVOI__TRAIT_IGNORABLE;
    if (uc_is_property_default_ignorable_code_point(code))
        traits |= ENVOI__TRAIT_IGNORABLE;
    if (uc_is_property_join_control(code))
        traits |= ENVOI__TRAIT_JOIN_CONTROL;
    return has_compat(code) ? traits | ENVOI__TRAIT_COMPAT : traits;
}

static unsigned joining_context(uint32_t code)
{
    switch (uc_joining_type(code)) {
    case UC_JOINING_TYPE_L:
        return ENVOI__CONTEXT_JOINS_LEFT;
    case UC_JOINING_TYPE_R:
        return ENVOI__CONTEXT_JOINS_RIGHT;
    case UC_JOINING_TYPE_D:
        return ENVOI__CONTEXT_JOINS_LEFT | ENVOI__CONTEXT_JOINS_RIGHT;
    case UC_JOINING_TYPE_T:
        return ENVOI__CONTEXT_TRANSPARENT;
    default:
        return 0;
    }
}

unsigned envoi__code_context(uint32_t code)
{
    static const struct {
        const char *script;
        unsigned context;
    } rows[] = {
        {"Greek", ENVOI__CONTEXT_GREEK},       {"Hebrew", ENVOI__CONTEXT_HEBREW},
        {"Hiragana", ENVOI__CONTEXT_JAPANESE}, {"Katakana", ENVOI__CONTEXT_JAPANESE},
        {"Han", ENVOI__CONTEXT_JAPANESE},
    };
    unsigned context = joining_context(code);
    if (uc_combining_class(code) == UC_CCC_VR)
        context |= ENVOI__CONTEXT_VIRAMA;
    const uc_script_t *script = uc_script(code);
    for (size_t i = 0; script && i < ENVOI__COUNT(rows); i++)
        if (strcmp(script->name, rows[i].script) == 0)
            context |= rows[i].context;
    return context;
}

unsigned envoi__code_bidi(uint32_t code)
{
    switch (uc_bidi_class(code)) {
    case UC_BIDI_L:
        return ENVOI__BIDI_L;
    case UC_BIDI_R:
    case UC_BIDI_AL:
        return ENVOI__BIDI_R;
    case UC_BIDI_AN:
        return ENVOI__BIDI_AN;
    case UC_BIDI_EN:
        return ENVOI__BIDI_EN;
    case UC_BIDI_NSM:
        return ENVOI__BIDI_NSM;
    case UC_BIDI_ES:
    case UC_BIDI_CS:
    case UC_BIDI_ET:
    case UC_BIDI_ON:
    case UC_BIDI_BN:
        return ENVOI__BIDI_NEUTRAL;
    default:
        return ENVOI__BIDI_OTHER;
    }
}

/* Take over a text of libidn2's and its verdict. */
static int take_label(char *out, size_t size, char *text, int rc)
{
    if (rc != IDN2_OK)
        return rc == IDN2_MALLOC ? ENVOI_ERR_NOMEM : ENVOI_ERR_JID;
    size_t len = strlen(text);
    if (len < size)
        memcpy(out, text, len + 1);
    idn2_free(text);
    return len < size ? 0 : ENVOI_ERR_JID;
}

/* The rules of registration, which check every contextual rule and map nothing (RFC 5891 4.2). */
int envoi__label_to_ascii(char ascii[ENVOI__LABEL_SIZE], const char *ulabel)
{
    uint8_t *text = NULL;
    int rc = idn2_register_u8((const uint8_t *)ulabel, NULL, &text, 0);
    return take_label(ascii, ENVOI__LABEL_SIZE, (char *)text, rc);
}

int envoi__label_to_unicode(char ulabel[ENVOI__ULABEL_SIZE], const char *alabel)
{
    char *text = NULL, again[ENVOI__LABEL_SIZE], decoded[ENVOI__ULABEL_SIZE];
    int rc = idn2_to_unicode_8z8z(alabel, &text, 0);
    int error = take_label(decoded, sizeof decoded, text, rc);
    if (!error)
        error = envoi__label_to_ascii(again, decoded);
    if (error)
        return error;
    if (strcmp(again, alabel) != 0) /* RFC 5891 5.4: an A-label that does not come back is none */
        return ENVOI_ERR_JID;
    memcpy(ulabel, decoded, strlen(decoded) + 1);
    return 0;
}
