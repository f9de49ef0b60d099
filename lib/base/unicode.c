/* SPDX-License-Identifier: MIT */
#include "base/unicode.h"

#include "base/codepoints.h"
#include "base/mem.h"
#include "base/text.h"
#include <envoi/error.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

/* No mapping makes one code point longer than this: U+FDFA under NFKC. */
#define MOST_EXPANSION 18

static int codes_reserve(struct envoi__codes *codes, size_t cap)
{
    if (cap > SIZE_MAX / sizeof *codes->data / MOST_EXPANSION)
        return ENVOI_ERR_NOMEM;
    uint32_t *data = envoi__alloc(cap * sizeof *data);
    if (!data)
        return ENVOI_ERR_NOMEM;
    *codes = (struct envoi__codes){.data = data, .cap = cap};
    return 0;
}

int envoi__codes_decode(struct envoi__codes *codes, const char *text, size_t len)
{
    struct envoi__codes fresh;
    int error = codes_reserve(&fresh, len);
    if (error)
        return error;
    for (size_t used = 0, step; used < len; used += step) {
        step = envoi__utf8_decode((const uint8_t *)text + used, len - used, &fresh.data[fresh.len]);
        if (!step) {
            envoi__codes_free(&fresh);
            return ENVOI_ERR_UTF8;
        }
        fresh.len++;
    }
    *codes = fresh;
    return 0;
}

int envoi__codes_encode(const struct envoi__codes *codes, char **out)
{
    size_t size = 1;
    uint8_t bytes[4];
    for (size_t i = 0; i < codes->len; i++)
        size += envoi__utf8_encode(codes->data[i], bytes);
    char *text = envoi__alloc(size);
    if (!text)
        return ENVOI_ERR_NOMEM;
    char *p = text;
    for (size_t i = 0; i < codes->len; i++)
        p += envoi__utf8_encode(codes->data[i], (uint8_t *)p);
    *p = '\0';
    *out = text;
    return 0;
}

void envoi__codes_free(struct envoi__codes *codes)
{
    if (codes->data)
        envoi__wipe(codes->data, codes->cap * sizeof *codes->data);
    envoi__free(codes->data);
    *codes = (struct envoi__codes){0};
}

/* Put what a function of libunistring made of `from` in its place. It was given `fresh` to write into, which
 * is large enough for any result, so that no unwiped copy of a password is left in memory of the library's
 * own. */
static int codes_replace(struct envoi__codes *codes, struct envoi__codes *fresh, const uint32_t *result)
{
    if (result != fresh->data) {
        envoi__codes_free(fresh);
        return ENVOI_ERR_NOMEM;
    }
    envoi__codes_free(codes);
    *codes = *fresh;
    return 0;
}

static int codes_normalize(struct envoi__codes *codes, uninorm_t form)
{
    struct envoi__codes fresh;
    int error = codes_reserve(&fresh, codes->len * MOST_EXPANSION + 1);
    if (error)
        return error;
    fresh.len = fresh.cap;
    return codes_replace(codes, &fresh, u32_normalize(form, codes->data, codes->len, fresh.data, &fresh.len));
}

int envoi__codes_nfc(struct envoi__codes *codes)
{
    return codes_normalize(codes, UNINORM_NFC);
}

int envoi__codes_nfkc(struct envoi__codes *codes)
{
    return codes_normalize(codes, UNINORM_NFKC);
}

int envoi__codes_lower(struct envoi__codes *codes)
{
    struct envoi__codes fresh;
    int error = codes_reserve(&fresh, codes->len * MOST_EXPANSION + 1);
    if (error)
        return error;
    fresh.len = fresh.cap;
    return codes_replace(codes, &fresh,
                         u32_tolower(codes->data, codes->len, NULL, NULL, fresh.data, &fresh.len));
}
