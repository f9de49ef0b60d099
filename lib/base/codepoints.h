/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_CODEPOINTS_H
#define ENVOI_BASE_CODEPOINTS_H
/* Texts as code points, and the properties of code points, for the preparation functions of base/. What needs
 * libunistring or libidn2 is implemented in unicode.c, the only file that includes them. */
#include <stddef.h>
#include <stdint.h>

/* A row of code points. It may hold a password, so it is wiped whenever its memory is given back. */
struct envoi__codes {
    uint32_t *data;
    size_t len, cap;
};

/* These give 0 or an error. On error decode, encode and copy leave *codes and *out untouched; the others
 * leave in *codes what is still to be freed. */
int envoi__codes_reserve(struct envoi__codes *codes, size_t cap); /* new and empty; ENVOI_ERR_NOMEM */
int envoi__codes_decode(struct envoi__codes *codes, const char *text,
                        size_t len);                                   /* ENVOI_ERR_UTF8, _NOMEM */
int envoi__codes_encode(const struct envoi__codes *codes, char **out); /* ENVOI_ERR_NOMEM */
int envoi__codes_copy(struct envoi__codes *codes, const struct envoi__codes *from); /* ENVOI_ERR_NOMEM */
int envoi__codes_equal(const struct envoi__codes *a, const struct envoi__codes *b);
void envoi__codes_free(struct envoi__codes *codes);

int envoi__codes_nfc(struct envoi__codes *codes);  /* ENVOI_ERR_NOMEM */
int envoi__codes_nfkc(struct envoi__codes *codes); /* ENVOI_ERR_NOMEM */
int envoi__codes_lower(
    struct envoi__codes *codes); /* full lower case, no context, no language; ENVOI_ERR_NOMEM */
void envoi__codes_narrow(
    struct envoi__codes *codes); /* fullwidth and halfwidth forms become the usual ones */

/* What PRECIS and IDNA ask about one code point, as bits. */
enum envoi__trait {
    ENVOI__TRAIT_LETTER_DIGIT = 1 << 0,       /* Ll Lu Lo Nd Lm Mn Mc */
    ENVOI__TRAIT_OTHER_LETTER_DIGIT = 1 << 1, /* Lt Nl No Me */
    ENVOI__TRAIT_SPACE = 1 << 2,              /* Zs */
    ENVOI__TRAIT_SYMBOL = 1 << 3,             /* Sm Sc Sk So */
    ENVOI__TRAIT_PUNCTUATION = 1 << 4,        /* Pc Pd Ps Pe Pi Pf Po */
    ENVOI__TRAIT_CONTROL = 1 << 5,            /* Cc */
    ENVOI__TRAIT_UNASSIGNED = 1 << 6,         /* Cn, but not a noncharacter */
    ENVOI__TRAIT_IGNORABLE = 1 << 7,          /* Default_Ignorable_Code_Point or Noncharacter_Code_Point */
    ENVOI__TRAIT_JOIN_CONTROL = 1 << 8,
    ENVOI__TRAIT_COMPAT = 1 << 9, /* differs from its NFKC */
};
unsigned envoi__code_traits(uint32_t code);

/* What the contextual rules of RFC 5892 appendix A ask about the neighbours, as bits. */
enum envoi__context {
    ENVOI__CONTEXT_VIRAMA = 1 << 0,
    ENVOI__CONTEXT_JOINS_LEFT = 1 << 1,  /* Joining_Type L or D */
    ENVOI__CONTEXT_JOINS_RIGHT = 1 << 2, /* Joining_Type R or D */
    ENVOI__CONTEXT_TRANSPARENT = 1 << 3, /* Joining_Type T */
    ENVOI__CONTEXT_GREEK = 1 << 4,
    ENVOI__CONTEXT_HEBREW = 1 << 5,
    ENVOI__CONTEXT_JAPANESE = 1 << 6, /* Hiragana, Katakana or Han */
};
unsigned envoi__code_context(uint32_t code);

/* Bidi_Class as far as RFC 5893 tells them apart, as bits. */
enum envoi__bidi {
    ENVOI__BIDI_L = 1 << 0,
    ENVOI__BIDI_R = 1 << 1, /* R and AL */
    ENVOI__BIDI_AN = 1 << 2,
    ENVOI__BIDI_EN = 1 << 3,
    ENVOI__BIDI_NSM = 1 << 4,
    ENVOI__BIDI_NEUTRAL = 1 << 5, /* ES, CS, ET, ON, BN */
    ENVOI__BIDI_OTHER = 1 << 6,
};
unsigned envoi__code_bidi(uint32_t code);
int envoi__bidi_has_right(const uint32_t *codes, size_t count); /* 1 if any is R, AL or AN */
int envoi__bidi_rule_holds(const uint32_t *codes,
                           size_t count); /* the Bidi Rule, RFC 5893 2, for count > 0 */

/* IDNA2008 for one label (RFC 5891), NUL-terminated. 0, ENVOI_ERR_JID, ENVOI_ERR_NOMEM. */
#define ENVOI__LABEL_SIZE  64  /* an A-label or NR-LDH label and a NUL */
#define ENVOI__ULABEL_SIZE 256 /* a U-label and a NUL: less than 63 code points */
int envoi__label_to_ascii(char ascii[ENVOI__LABEL_SIZE], const char *ulabel);
int envoi__label_to_unicode(char ulabel[ENVOI__ULABEL_SIZE],
                            const char *alabel); /* checks that it comes back */

#endif
