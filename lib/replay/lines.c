/* SPDX-License-Identifier: MIT */
/* Lines of a recording. */
#include "replay/recorder.h"

#include "base/mem.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void envoi__line_fail(struct envoi_recorder *recorder, int error)
{
    if (!recorder->error)
        recorder->error = error;
}

void envoi__line_add_raw(struct envoi_recorder *recorder, const void *bytes, size_t len)
{
    if (!recorder->error)
        recorder->error = envoi__buf_add(&recorder->line, bytes, len);
}

void envoi__line_add(struct envoi_recorder *recorder, const char *text)
{
    envoi__line_add_raw(recorder, text, strlen(text));
}

/* A line ends where it ends, and a brace begins a name. A blank at the end would be lost on many ways. */
static size_t stands_for_itself(uint8_t byte, int is_last)
{
    return byte != '{' && (byte >= ' ' || byte == '\t') && byte != 0x7F && !(byte == ' ' && is_last);
}

/* Of the character that begins here; 0: a byte that cannot stand there. What a peer says may be no UTF-8. */
static size_t length_of(const uint8_t *at, const uint8_t *end)
{
    uint32_t c;
    if (*at >= 0x80)
        return envoi__utf8_decode(at, (size_t)(end - at), &c);
    return stands_for_itself(*at, at + 1 == end);
}

static void add_byte(struct envoi_recorder *recorder, uint8_t byte)
{
    char name[16];
    snprintf(name, sizeof name, "{byte %02x}", byte);
    envoi__line_add(recorder, name);
}

void envoi__line_add_bytes(struct envoi_recorder *recorder, const void *bytes, size_t len)
{
    const uint8_t *from = bytes, *end = from + len;
    for (const uint8_t *at = from; at < end;) {
        size_t passed = length_of(at, end);
        if (!passed) {
            envoi__line_add_raw(recorder, from, (size_t)(at - from));
            add_byte(recorder, *at);
            from = at + 1;
        }
        at += passed ? passed : 1;
    }
    envoi__line_add_raw(recorder, from, (size_t)(end - from));
}

/* ---- identifiers ---- */

void envoi__line_name(struct envoi_recorder *recorder, const char *id)
{
    if (!recorder->named)
        recorder->named = envoi__alloc(ENVOI__MOST_NAMED * sizeof *recorder->named);
    if (!recorder->named) {
        envoi__line_fail(recorder, ENVOI_ERR_NOMEM);
        return;
    }
    size_t slot = recorder->named_count++ % ENVOI__MOST_NAMED;
    snprintf(recorder->named[slot], sizeof recorder->named[slot], "%s", id);
}

/* The number of the identifier that this value is, and how long it is. 0: none. */
static size_t find(const struct envoi_recorder *recorder, const char *value, const char *end, size_t *len)
{
    size_t kept = recorder->named_count < ENVOI__MOST_NAMED ? recorder->named_count : ENVOI__MOST_NAMED;
    for (size_t i = 0; i < kept; i++) {
        size_t number = recorder->named_count - i;
        const char *id = recorder->named[(number - 1) % ENVOI__MOST_NAMED];
        *len = strlen(id);
        if ((size_t)(end - value) > *len && memcmp(value, id, *len) == 0 && value[*len] == value[-1])
            return number;
    }
    return 0;
}

/* Whether the value of an attribute `id` begins here. */
static int is_id(const char *xml, const char *at)
{
    return at - xml >= 5 && (at[-1] == '\'' || at[-1] == '"') && memcmp(at - 5, " id=", 4) == 0;
}

void envoi__line_add_xml(struct envoi_recorder *recorder, const void *bytes, size_t len)
{
    const char *xml = bytes, *from = xml, *end = xml + len;
    char name[32];
    for (const char *at = xml; at < end; at++) {
        size_t id_len, number = is_id(xml, at) ? find(recorder, at, end, &id_len) : 0;
        if (!number)
            continue;
        envoi__line_add_bytes(recorder, from, (size_t)(at - from));
        snprintf(name, sizeof name, "{id-%zu}", number);
        envoi__line_add(recorder, name);
        from = at + id_len;
    }
    envoi__line_add_bytes(recorder, from, (size_t)(end - from));
}

/* ---- pairs ---- */

void envoi__line_add_pair(struct envoi_recorder *recorder, const char *key, const char *value)
{
    if (!value)
        return;
    const char *quote = strpbrk(value, " '<") ? "'" : "";
    envoi__line_add(recorder, " ");
    envoi__line_add(recorder, key);
    envoi__line_add(recorder, "=");
    envoi__line_add(recorder, quote);
    for (const char *apostrophe; (apostrophe = strchr(value, '\'')); value = apostrophe + 1) {
        envoi__line_add_bytes(recorder, value, (size_t)(apostrophe - value));
        add_byte(recorder, '\'');
    }
    envoi__line_add_bytes(recorder, value, strlen(value));
    envoi__line_add(recorder, quote);
}

void envoi__line_add_count(struct envoi_recorder *recorder, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, " %" PRIu64, value);
    envoi__line_add(recorder, text);
}

void envoi__line_add_number(struct envoi_recorder *recorder, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    envoi__line_add_pair(recorder, key, text);
}

/* ---- whole lines ---- */

static int is_comment(const struct envoi_recorder *recorder)
{
    return recorder->stage == ENVOI__RECORDER_BEFORE || recorder->muted;
}

static void tell_time(struct envoi_recorder *recorder)
{
    char line[40];
    if (!recorder->passed || is_comment(recorder))
        return;
    snprintf(line, sizeof line, "T: %" PRIu64 "\n", recorder->passed);
    recorder->passed = recorder->waiting = 0;
    envoi__line_add(recorder, line);
}

void envoi__line_begin(struct envoi_recorder *recorder, const char *mark)
{
    tell_time(recorder);
    if (is_comment(recorder) && *mark != '#')
        envoi__line_add(recorder, "# ");
    envoi__line_add(recorder, mark);
}

/* A line is there as a whole or not at all. */
void envoi__line_end(struct envoi_recorder *recorder)
{
    struct envoi__buf *line = &recorder->line;
    struct envoi__buf *to = recorder->stage == ENVOI__RECORDER_HOLDING ? &recorder->held : &recorder->text;
    envoi__line_add(recorder, "\n");
    if (!recorder->error)
        recorder->error = envoi__buf_add(to, envoi__buf_bytes(line), line->len);
    envoi__buf_truncate(line, 0);
}
