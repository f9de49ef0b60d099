/* SPDX-License-Identifier: MIT */
/* JID escaping, XEP-0106. */
#include <envoi/jid.h>
#include <string.h>

static const struct {
    char character, code[3];
} escapes[] = {
    {' ', "20"}, {'"', "22"}, {'&', "26"}, {'\'', "27"}, {'/', "2f"},
    {':', "3a"}, {'<', "3c"}, {'>', "3e"}, {'@', "40"},  {'\\', "5c"},
};

#define ESCAPES (sizeof escapes / sizeof escapes[0])

static int find_character(char c)
{
    for (size_t i = 0; i < ESCAPES; i++)
        if (escapes[i].character == c)
            return (int)i;
    return -1;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'F' ? (char)(c + 'a' - 'A') : c;
}

/* The row of the sequence that begins at `text`, or -1. */
static int find_sequence(const char *text, int any_case)
{
    for (size_t i = 0; text[0] == '\\' && text[1] && i < ESCAPES; i++)
        if (text[1] == escapes[i].code[0] && (any_case ? lower(text[2]) : text[2]) == escapes[i].code[1])
            return (int)i;
    return -1;
}

/* The row by which the character at `text` must be written, or -1 if it stays. A backslash is written as \5c
 * only if it would begin a sequence (XEP-0106 4.1). Sequences are in lower case, but the preparation of the
 * localpart will turn \2F into one, so that counts as well. */
static int must_escape(const char *text)
{
    if (*text == '\\' && find_sequence(text, 1) < 0)
        return -1;
    return find_character(*text);
}

/* Write the escaped text to `out`, or only measure it if that is NULL. */
static size_t escape(char *out, const char *text)
{
    size_t len = 0;
    for (; *text; text++) {
        int row = must_escape(text);
        if (out && row < 0)
            out[len] = *text;
        if (out && row >= 0) {
            out[len] = '\\';
            memcpy(out + len + 1, escapes[row].code, 2);
        }
        len += row < 0 ? 1 : 3;
    }
    return len;
}

static size_t unescape(char *out, const char *text)
{
    size_t len = 0;
    for (; *text; text++, len++) {
        int row = find_sequence(text, 0);
        if (out)
            out[len] = row < 0 ? *text : escapes[row].character;
        text += row < 0 ? 0 : 2;
    }
    return len;
}

static int write_out(char *out, size_t size, size_t *len, const char *text,
                     size_t (*convert)(char *, const char *))
{
    *len = convert(NULL, text);
    if (*len >= size)
        return ENVOI_ERR_FULL;
    convert(out, text);
    out[*len] = '\0';
    return 0;
}

int envoi_jid_escape(char *out, size_t size, size_t *len, const char *text)
{
    if ((!out && size) || !len || !text)
        return ENVOI_ERR_ARGUMENT;
    if (*text == ' ' || (*text && text[strlen(text) - 1] == ' '))
        return ENVOI_ERR_JID; /* \20 neither begins nor ends a localpart: XEP-0106 4.1 */
    return write_out(out, size, len, text, escape);
}

int envoi_jid_unescape(char *out, size_t size, size_t *len, const char *localpart)
{
    if ((!out && size) || !len || !localpart)
        return ENVOI_ERR_ARGUMENT;
    return write_out(out, size, len, localpart, unescape);
}
