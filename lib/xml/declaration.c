/* SPDX-License-Identifier: MIT */
/* The XML declaration (XML 1.0, 2.8 and 4.3.3), the one thing that looks like a processing instruction and
 * may stand at the start of a stream (RFC 6120 11.3, 11.5). */
#include "base/text.h"
#include "xml/gate.h"
#include <envoi/error.h>
#include <string.h>

struct cursor {
    const uint8_t *p, *end;
};

static int skip_space(struct cursor *at)
{
    const uint8_t *begin = at->p;
    while (at->p < at->end && (*at->p == ' ' || *at->p == '\t' || *at->p == '\r' || *at->p == '\n'))
        at->p++;
    return at->p > begin;
}

static int skip_text(struct cursor *at, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(at->end - at->p) < len || memcmp(at->p, text, len) != 0)
        return 0;
    at->p += len;
    return 1;
}

/* `= 'value'` into out. */
static int take_value(struct cursor *at, char *out, size_t size)
{
    size_t len = 0;
    skip_space(at);
    if (!skip_text(at, "="))
        return 0;
    skip_space(at);
    if (at->p == at->end || (*at->p != '\'' && *at->p != '"'))
        return 0;
    uint8_t quote = *at->p++;
    for (; at->p < at->end && *at->p != quote; at->p++) {
        if (len + 1 == size || !*at->p) /* a NUL would hide what stands behind it */
            return 0;
        out[len++] = (char)*at->p;
    }
    out[len] = '\0';
    if (at->p == at->end)
        return 0;
    at->p++;
    return 1;
}

static int is_1_0(const char *value)
{
    return strcmp(value, "1.0") == 0;
}

/* Encoding names do not care for case (XML 1.0, 4.3.3). */
static int is_utf8(const char *value)
{
    static const char name[] = "utf-8";
    if (strlen(value) != sizeof name - 1)
        return 0;
    for (size_t i = 0; name[i]; i++) {
        char c = value[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != name[i])
            return 0;
    }
    return 1;
}

static int is_yes_or_no(const char *value)
{
    return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

static const struct {
    const char *name;
    int needed, error;
    int (*fits)(const char *);
} parts[] = {{"version", 1, ENVOI_ERR_XML_MALFORMED, is_1_0},
             {"encoding", 0, ENVOI_ERR_XML_ENCODING, is_utf8},
             {"standalone", 0, ENVOI_ERR_XML_MALFORMED, is_yes_or_no}};

int envoi__xml_declaration_check(const uint8_t *text, size_t len)
{
    struct cursor at = {text, text + len};
    char value[32];
    if (!skip_text(&at, "<?xml"))
        return ENVOI_ERR_XML_RESTRICTED;
    int space = skip_space(&at);
    if (!space)
        return ENVOI_ERR_XML_RESTRICTED;
    for (size_t i = 0; i < ENVOI__COUNT(parts); i++) {
        if (!space || !skip_text(&at, parts[i].name)) {
            if (parts[i].needed)
                return ENVOI_ERR_XML_MALFORMED;
            continue;
        }
        if (!take_value(&at, value, sizeof value))
            return ENVOI_ERR_XML_MALFORMED;
        if (!parts[i].fits(value))
            return parts[i].error;
        space = skip_space(&at);
    }
    return skip_text(&at, "?>") && at.p == at.end ? 0 : ENVOI_ERR_XML_MALFORMED;
}
