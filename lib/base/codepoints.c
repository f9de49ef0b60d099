/* SPDX-License-Identifier: MIT */
#include "base/codepoints.h"

#include "base/mem.h"
#include "base/text.h"
#include <envoi/error.h>
#include <string.h>

int envoi__codes_reserve(struct envoi__codes *codes, size_t cap)
{
    uint32_t *data = cap <= SIZE_MAX / sizeof *data ? envoi__alloc(cap * sizeof *data) : NULL;
    if (!data)
        return ENVOI_ERR_NOMEM;
    *codes = (struct envoi__codes){.data = data, .cap = cap};
    return 0;
}

int envoi__codes_decode(struct envoi__codes *codes, const char *text, size_t len)
{
    struct envoi__codes fresh;
    int error = envoi__codes_reserve(&fresh, len);
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

int envoi__codes_copy(struct envoi__codes *codes, const struct envoi__codes *from)
{
    int error = envoi__codes_reserve(codes, from->len);
    if (error)
        return error;
    memcpy(codes->data, from->data, from->len * sizeof *from->data);
    codes->len = from->len;
    return 0;
}

int envoi__codes_equal(const struct envoi__codes *a, const struct envoi__codes *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof *a->data) == 0;
}

void envoi__codes_free(struct envoi__codes *codes)
{
    if (codes->data)
        envoi__wipe(codes->data, codes->cap * sizeof *codes->data);
    envoi__free(codes->data);
    *codes = (struct envoi__codes){0};
}

int envoi__bidi_has_right(const uint32_t *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (envoi__code_bidi(codes[i]) & (ENVOI__BIDI_R | ENVOI__BIDI_AN))
            return 1;
    return 0;
}

int envoi__bidi_rule_holds(const uint32_t *codes, size_t count)
{
    unsigned first = envoi__code_bidi(codes[0]), all = 0, last = 0;
    if (!(first & (ENVOI__BIDI_L | ENVOI__BIDI_R))) /* rule 1 */
        return 0;
    for (size_t i = 0; i < count; i++) {
        unsigned bidi = envoi__code_bidi(codes[i]);
        all |= bidi;
        if (bidi != ENVOI__BIDI_NSM)
            last = bidi;
    }
    if (first == ENVOI__BIDI_L) /* rules 5 and 6 */
        return !(all & (ENVOI__BIDI_R | ENVOI__BIDI_AN | ENVOI__BIDI_OTHER)) &&
               (last & (ENVOI__BIDI_L | ENVOI__BIDI_EN));
    const unsigned both = ENVOI__BIDI_AN | ENVOI__BIDI_EN;
    return !(all & (ENVOI__BIDI_L | ENVOI__BIDI_OTHER)) &&
           (last & (ENVOI__BIDI_R | both)) && /* rules 2 and 3 */
           (all & both) != both;              /* rule 4 */
}
