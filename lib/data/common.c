/* SPDX-License-Identifier: MIT */
#include "data/common.h"

#include <envoi/jid.h>

#include "base/text.h"
#include <string.h>

void *envoi__list_room(struct envoi__arena *arena, void *items, size_t count, size_t *cap, size_t item_size)
{
    if (count < *cap)
        return items;
    size_t wanted = *cap ? *cap * 2 : 4;
    if (wanted > SIZE_MAX / item_size)
        return NULL;
    void *moved = envoi__arena_alloc(arena, wanted * item_size);
    if (!moved)
        return NULL;
    if (count)
        memcpy(moved, items, count * item_size);
    *cap = wanted;
    return moved;
}

int envoi__copy_text(struct envoi__arena *arena, const char **out, const char *text)
{
    const char *copy = text ? envoi__arena_text(arena, text, strlen(text)) : NULL;
    if (text && !copy)
        return ENVOI_ERR_NOMEM;
    *out = copy;
    return 0;
}

int envoi__copy_checked(struct envoi__arena *arena, const char **out, const char *text)
{
    int error = text ? envoi__xml_text_check(text, strlen(text)) : 0;
    return error ? error : envoi__copy_text(arena, out, text);
}

int envoi__copy_jid(struct envoi__arena *arena, const char **out, const char *text)
{
    envoi_jid *jid;
    int error = envoi_jid_parse(&jid, text);
    if (error)
        return error;
    error = envoi__copy_text(arena, out, envoi_jid_full(jid));
    envoi_jid_free(jid);
    return error;
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int envoi__parse_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
    if (!text)
        return ENVOI_ERR_ARGUMENT;
    while (is_space(*text))
        text++;
    int negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    size_t len = strlen(text);
    while (len && is_space(text[len - 1]))
        len--;
    char digits[32];
    if (len >= sizeof digits)
        return ENVOI_ERR_ARGUMENT;
    memcpy(digits, text, len);
    digits[len] = '\0';

    uint64_t value;
    int error = envoi__parse_uint(digits, (uint64_t)INT64_MAX + (negative ? 1 : 0), &value);
    if (error)
        return error;
    int64_t number = !negative ? (int64_t)value : value ? -(int64_t)(value - 1) - 1 : 0;
    if (number < min || number > max)
        return ENVOI_ERR_ARGUMENT;
    *out = number;
    return 0;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Language tags are ASCII and compared without regard to case (RFC 5646 2.1.1). */
static int is_tag(const char *tag, const char *range, size_t range_len)
{
    for (size_t i = 0; i < range_len; i++)
        if (!tag[i] || lower(tag[i]) != lower(range[i]))
            return 0;
    return tag[range_len] == '\0';
}

/* Take the last subtag off, and a single letter that would then stand at the end (RFC 4647 3.4). */
static size_t shorten(const char *range, size_t len)
{
    while (len && range[len - 1] != '-')
        len--;
    if (len)
        len--;
    if (len >= 2 && range[len - 2] == '-')
        len -= 2;
    return len;
}

static const envoi_element *without_lang(const envoi_element *first)
{
    for (const envoi_element *child = first; child; child = envoi_element_next_same(child))
        if (!envoi_element_attr_ns(child, "lang", ENVOI_NS_XML))
            return child;
    return first;
}

const envoi_element *envoi__child_for_lang(const envoi_element *parent, const char *name, const char *ns,
                                           const char *lang)
{
    const envoi_element *first = envoi_element_child(parent, name, ns);
    size_t len = lang ? strlen(lang) : 0;
    for (; first && len; len = shorten(lang, len)) {
        for (const envoi_element *child = first; child; child = envoi_element_next_same(child)) {
            const char *tag = envoi_element_lang(child);
            if (tag && is_tag(tag, lang, len))
                return child;
        }
    }
    return without_lang(first);
}
