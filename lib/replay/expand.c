/* SPDX-License-Identifier: MIT */
/* {names} to text. */
#include "replay/peer.h"

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_FUNCTION = 1024, LONGEST_TEXT = 64 << 20 }; /* a transcript may come from anywhere */

static int expand_first(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out)
{
    return envoi__scram_server_first(peer, arguments, out);
}

static int expand_final(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out)
{
    return envoi__scram_server_final(peer, arguments, out);
}

/* "100 x": the text behind the blank a hundred times. */
static int expand_repeat(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out)
{
    char *text;
    int error = 0;
    unsigned long n = strtoul(arguments, &text, 10);
    (void)peer;
    if (!*text)
        return 0;
    if (n > envoi__buf_room(out) / strlen(text))
        return ENVOI_ERR_TRANSCRIPT;
    for (; n && !error; n--)
        error = envoi__buf_add_text(out, text + 1);
    return error;
}

/* "FROM TO TEXT": the text once for each number, which stands where it says #. */
static int expand_count(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out)
{
    char *rest, number[24];
    unsigned long from = strtoul(arguments, &rest, 10), to = strtoul(rest, &rest, 10);
    int error = 0;
    (void)peer;
    if (!*rest || from > to)
        return 0;
    if (to - from >= envoi__buf_room(out) / (sizeof number * strlen(rest)))
        return ENVOI_ERR_TRANSCRIPT;
    for (unsigned long n = to - from + 1; n && !error; n--, from++) {
        snprintf(number, sizeof number, "%lu", from);
        for (const char *text = rest + 1; *text && !error; text++)
            error = envoi__buf_add(out, *text == '#' ? number : text, *text == '#' ? strlen(number) : 1);
    }
    return error;
}

static int expand_byte(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out)
{
    uint8_t byte = (uint8_t)strtoul(arguments, NULL, 16);
    (void)peer;
    return envoi__buf_add(out, &byte, 1);
}

static const struct {
    const char *name;
    int (*expand)(struct envoi__peer *peer, const char *arguments, struct envoi__buf *out);
} functions[] = {
    {"server-first", expand_first}, {"server-final", expand_final}, {"repeat", expand_repeat},
    {"count", expand_count},        {"byte", expand_byte},
};

/* 1 if it is a function; its result goes to *error. */
static int call(struct envoi__peer *peer, const char *name, size_t len, struct envoi__buf *out, int *error)
{
    char words[LONGEST_FUNCTION];
    if (len >= sizeof words)
        return 0;
    memcpy(words, name, len);
    words[len] = '\0';
    char *arguments = words + strcspn(words, " ");
    if (*arguments)
        *arguments++ = '\0';
    for (size_t i = 0; i < ENVOI__COUNT(functions); i++) {
        if (strcmp(words, functions[i].name) == 0) {
            *error = functions[i].expand(peer, arguments, out);
            return 1;
        }
    }
    return 0;
}

static int expand_one(struct envoi__peer *peer, const char *name, size_t len, struct envoi__buf *out,
                      struct envoi__unknown *unknown)
{
    int error = 0;
    if (call(peer, name, len, out, &error))
        return error;
    const char *value = envoi__peer_get(peer, name, len);
    if (value)
        return envoi__buf_add_text(out, value);
    *unknown = (struct envoi__unknown){name, len};
    return ENVOI_ERR_NOT_FOUND;
}

int envoi__expand(struct envoi__peer *peer, const char *text, size_t len, struct envoi__buf *out,
                  struct envoi__unknown *unknown)
{
    const char *end = text + len;
    int error = 0;
    out->limit = LONGEST_TEXT;
    while (text < end && !error) {
        const char *open = memchr(text, '{', (size_t)(end - text));
        const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
        const char *plain = close ? open : end; /* a brace that nothing closes is itself */
        error = envoi__buf_add(out, text, (size_t)(plain - text));
        if (!error && close)
            error = expand_one(peer, open + 1, (size_t)(close - open - 1), out, unknown);
        text = close ? close + 1 : end;
    }
    return error == ENVOI_ERR_FULL ? ENVOI_ERR_TRANSCRIPT : error;
}
