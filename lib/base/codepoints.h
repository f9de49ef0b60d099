/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_CODEPOINTS_H
#define ENVOI_BASE_CODEPOINTS_H
/* Texts as code points, and the properties of code points, for the preparation functions of base/. Everything
 * here is implemented in unicode.c, on libunistring and libidn2, which no other file includes. */
#include <stddef.h>
#include <stdint.h>

/* A growing row of code points. It may hold a password, so it is wiped whenever memory is given back. */
struct envoi__codes {
    uint32_t *data;
    size_t len, cap;
};

/* All of these give 0 or an error, and leave the row as it was on error. */
int envoi__codes_decode(struct envoi__codes *codes, const char *text,
                        size_t len);                                   /* ENVOI_ERR_UTF8, _NOMEM */
int envoi__codes_encode(const struct envoi__codes *codes, char **out); /* ENVOI_ERR_NOMEM */
int envoi__codes_nfc(struct envoi__codes *codes);                      /* ENVOI_ERR_NOMEM */
int envoi__codes_nfkc(struct envoi__codes *codes);                     /* ENVOI_ERR_NOMEM */
int envoi__codes_lower(
    struct envoi__codes *codes); /* toLowerCase() of the Unicode standard; ENVOI_ERR_NOMEM */
void envoi__codes_free(struct envoi__codes *codes);

#endif
