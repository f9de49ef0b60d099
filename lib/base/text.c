/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/runs.h"
#include <envoi/error.h>
#include <string.h>

size_t envoi__utf8_decode(const uint8_t *data, size_t len, uint32_t *code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!len)
        return 0;
    uint8_t lead = data[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || need > len)
        return 0;
    uint32_t c = lead & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((data[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (data[i] & 0x3F);
    }
    if (c < smallest[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code_point = c;
    return need;
}

size_t envoi__utf8_encode(uint32_t c, uint8_t out[4])
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3F));
    out[0] = (uint8_t)((0xF00u >> len) | c);
    return len;
}

int envoi__utf8_valid(const char *text, size_t len)
{
    uint32_t c;
    for (size_t used = 0, step; used < len; used += step) {
        step = envoi__utf8_decode((const uint8_t *)text + used, len - used, &c);
        if (!step)
            return 0;
    }
    return 1;
}

void envoi__utf8_repair(char *text)
{
    uint32_t c;
    for (size_t left = text ? strlen(text) : 0, step; left; text += step, left -= step) {
        step = envoi__utf8_decode((const uint8_t *)text, left, &c);
        if (!step) {
            *text = '?';
            step = 1;
        }
    }
}

int envoi__xml_char(uint32_t c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF;
}

int envoi__xml_text_check(const char *text, size_t len)
{
    const char *end = text + len, *p = text;
    while ((p = envoi__skip_printable(p, end)) < end) {
        uint32_t c;
        size_t step = envoi__utf8_decode((const uint8_t *)p, (size_t)(end - p), &c);
        if (!step)
            return ENVOI_ERR_UTF8;
        if (!envoi__xml_char(c))
            return ENVOI_ERR_XML_CHAR;
        p += step;
    }
    return 0;
}

int envoi__parse_uint(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (!text || !*text)
        return ENVOI_ERR_ARGUMENT;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return ENVOI_ERR_ARGUMENT;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (max - digit) / 10 || digit > max)
            return ENVOI_ERR_ARGUMENT;
        value = value * 10 + digit;
    }
    *out = value;
    return 0;
}

int envoi__copy_out(char *out, size_t size, size_t *len, const char *text, size_t text_len)
{
    *len = text_len;
    if (text_len >= size)
        return ENVOI_ERR_FULL;
    memcpy(out, text, text_len);
    out[text_len] = '\0';
    return 0;
}
