/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_TEXT_H
#define ENVOI_BASE_TEXT_H
/* Small helpers on text. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ENVOI__COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 1 if both are texts and equal; NULL equals nothing. Most that differ do so at once. */
static inline int envoi__eq(const char *a, const char *b)
{
    return a && b && *a == *b && strcmp(a, b) == 0;
}

/* Decode one code point of strict UTF-8 (RFC 3629). Returns its length, 0 if there is none or it is cut off. */
size_t envoi__utf8_decode(const uint8_t *data, size_t len, uint32_t *code_point);
size_t envoi__utf8_encode(uint32_t code_point, uint8_t out[4]); /* the length; 0 for no Unicode scalar value */
int envoi__utf8_valid(const char *text, size_t len);
void envoi__utf8_repair(char *text);      /* every byte that is no UTF-8, or cut off, becomes "?"; NULL allowed */
int envoi__xml_char(uint32_t code_point); /* 1 if XML 1.0 (2.2) can carry it */
/* Check text for XML: 0, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR. */
int envoi__xml_text_check(const char *text, size_t len);
/* Unsigned decimal without sign, space or overflow. 0, or ENVOI_ERR_ARGUMENT. */
int envoi__parse_uint(const char *text, uint64_t max, uint64_t *out);
/* Copy text into a caller's buffer the way the public format functions promise: *len is always set.
 * 0 or ENVOI_ERR_FULL. */
int envoi__copy_out(char *out, size_t size, size_t *len, const char *text, size_t text_len);

#endif
