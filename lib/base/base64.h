/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_BASE64_H
#define ENVOI_BASE_BASE64_H
/* base64 of RFC 4648 4: canonical only, so no white space, no missing padding, no stray bits. */
#include <stddef.h>
#include <stdint.h>

#define ENVOI__BASE64_SIZE(len) (((len) + 2) / 3 * 4) /* characters that len bytes become */

/* Writes ENVOI__BASE64_SIZE(len) characters and a NUL. */
void envoi__base64_encode(const void *data, size_t len, char *out);
/* out has room for text_len / 4 * 3 bytes. 0 or ENVOI_ERR_BASE64. */
int envoi__base64_decode(const char *text, size_t text_len, uint8_t *out, size_t *len);

#endif
