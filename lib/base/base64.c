/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <envoi/error.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void envoi__base64_encode(const void *data, size_t len, char *out)
{
    const uint8_t *in = data;
    for (; len >= 3; len -= 3, in += 3) {
        *out++ = alphabet[in[0] >> 2];
        *out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
        *out++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
        *out++ = alphabet[in[2] & 63];
    }
    if (len) {
        unsigned second = len == 2 ? in[1] : 0;
        *out++ = alphabet[in[0] >> 2];
        *out++ = alphabet[(in[0] & 3u) << 4 | second >> 4];
        *out++ = '=';
        if (len == 2)
            out[-1] = alphabet[(second & 15) << 2];
        *out++ = '=';
    }
    *out = '\0';
}

static int value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int envoi__base64_decode(const char *text, size_t text_len, uint8_t *out, size_t *len)
{
    size_t padding = 0, made = 0;
    if (text_len % 4)
        return ENVOI_ERR_BASE64;
    while (padding < 2 && padding < text_len && text[text_len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text_len; i += 4) {
        uint32_t group = 0;
        size_t digits = i + 4 == text_len ? 4 - padding : 4;
        for (size_t k = 0; k < 4; k++) {
            int v = k < digits ? value(text[i + k]) : 0;
            if (v < 0)
                return ENVOI_ERR_BASE64;
            group = group << 6 | (uint32_t)v;
        }
        if ((digits == 2 && (group & 0xFFFF)) || (digits == 3 && (group & 0xFF)))
            return ENVOI_ERR_BASE64; /* bits that no encoder sets */
        for (size_t k = 0; k + 1 < digits; k++)
            out[made++] = (uint8_t)(group >> (16 - 8 * k));
    }
    *len = made;
    return 0;
}
