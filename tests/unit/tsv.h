/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_TSV_H
#define ENVOI_TESTS_TSV_H
/* Tables of vectors: UTF-8, one row a line, fields between tabs, the first line names the columns. A cell of
 * a column named *_json holds one JSON string, or nothing at all. Include test.h first.
 *
 *     struct tsv *row = tsv_open(folder, "jid.tsv");
 *     while (tsv_next(row))
 *         check(tsv_get(row, "id"), tsv_get(row, "note"));
 *     tsv_close(row);
 */
#include "base/text.h"

#include <stdio.h>

#define TSV_COLUMNS 32

struct tsv {
    char *text, *next;
    int columns, line; /* line: number of the current row in the file, for messages */
    char *name[TSV_COLUMNS], *field[TSV_COLUMNS];
};

/* Cut the next line into fields; missing ones at its end are "". Returns 0 at the end of the file. */
static inline int tsv_split(struct tsv *tsv, char **field, int *count)
{
    char *p = tsv->next;
    if (!*p)
        return 0;
    char *end = strchr(p, '\n');
    tsv->next = end ? end + 1 : p + strlen(p);
    if (end)
        *end = '\0';
    tsv->line++;
    *count = 0;
    for (int i = 0; i < TSV_COLUMNS; i++) {
        char *tab = strchr(p, '\t');
        field[i] = p;
        *count += *p || tab;
        p = tab ? tab + 1 : p + strlen(p);
        if (tab)
            *tab = '\0';
    }
    assert_true(*p == '\0');
    return 1;
}

static inline struct tsv *tsv_open(const char *folder, const char *file)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_in_range(len, 1, sizeof path - 1);
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("cannot open %s", path);
    struct tsv *tsv = calloc(1, sizeof *tsv);
    assert_non_null(tsv);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(in);
    rewind(in);
    tsv->next = tsv->text = malloc(size + 1);
    assert_non_null(tsv->text);
    assert_int_equal(fread(tsv->text, 1, size, in), size);
    tsv->text[size] = '\0';
    fclose(in);
    assert_true(tsv_split(tsv, tsv->name, &tsv->columns));
    return tsv;
}

/* Go to the next row; lines that are empty or begin with '#' are skipped. Returns 0 at the end. */
static inline int tsv_next(struct tsv *tsv)
{
    int count;
    while (tsv_split(tsv, tsv->field, &count)) {
        if (!count || tsv->field[0][0] == '#')
            continue;
        if (count > tsv->columns)
            fail_msg("line %d has %d fields for %d columns", tsv->line, count, tsv->columns);
        return 1;
    }
    return 0;
}

/* The cell as it stands; "" if it is empty. Valid until the file is closed. */
static inline const char *tsv_get(const struct tsv *tsv, const char *column)
{
    for (int i = 0; i < tsv->columns; i++)
        if (strcmp(tsv->name[i], column) == 0)
            return tsv->field[i];
    fail_msg("no column %s", column);
    return "";
}

static inline void tsv_close(struct tsv *tsv)
{
    free(tsv->text);
    free(tsv);
}

static inline uint32_t tsv_hex_number(const char **cursor, int digits)
{
    uint32_t value = 0;
    for (; digits; digits--, (*cursor)++) {
        const char *set = "0123456789abcdef", *digit = **cursor ? strchr(set, **cursor | 0x20) : NULL;
        if (!digit)
            fail_msg("bad hex digits at %s", *cursor);
        else
            value = value << 4 | (uint32_t)(digit - set);
    }
    return value;
}

/* What stands behind a backslash: the code point, surrogate pairs joined. */
static inline uint32_t tsv_json_escape(const char **cursor)
{
    static const char from[] = "bfnrt\"\\/", to[] = "\b\f\n\r\t\"\\/";
    char kind = *(*cursor)++;
    if (kind != 'u') {
        const char *found = kind ? strchr(from, kind) : NULL;
        if (!found)
            fail_msg("bad JSON escape \\%c", kind);
        return found ? (uint32_t)(unsigned char)to[found - from] : 0;
    }
    uint32_t c = tsv_hex_number(cursor, 4);
    if (c >= 0xD800 && c < 0xDC00) {
        assert_memory_equal(*cursor, "\\u", 2);
        *cursor += 2;
        c = 0x10000 + ((c - 0xD800) << 10) + (tsv_hex_number(cursor, 4) - 0xDC00);
    }
    return c;
}

/* Decode one JSON string at *cursor and move behind it. The caller frees the text, which has a NUL at its
 * end; a NUL inside counts in *len (which may be NULL). NULL if no string stands there. */
static inline char *tsv_json_at(const char **cursor, size_t *len)
{
    while (**cursor == ' ')
        (*cursor)++;
    if (**cursor != '"')
        return NULL;
    (*cursor)++;
    char *text = malloc(strlen(*cursor) + 1), *p = text;
    assert_non_null(text);
    while (**cursor != '"') {
        assert_true(**cursor != '\0');
        if (*(*cursor)++ != '\\')
            *p++ = (*cursor)[-1];
        else
            p += envoi__utf8_encode(tsv_json_escape(cursor), (uint8_t *)p);
    }
    (*cursor)++;
    *p = '\0';
    if (len)
        *len = (size_t)(p - text);
    return text;
}

/* The string of a *_json cell, freed by the caller; NULL for an empty cell. */
static inline char *tsv_json(const struct tsv *tsv, const char *column, size_t *len)
{
    const char *cursor = tsv_get(tsv, column);
    char *text = tsv_json_at(&cursor, len);
    if (*cursor)
        fail_msg("line %d: column %s is not one JSON string: %s", tsv->line, column, tsv_get(tsv, column));
    return text;
}

/* The bytes of a cell of hex digits, with a NUL behind them, freed by the caller; NULL for an empty cell. */
static inline char *tsv_hex(const struct tsv *tsv, const char *column, size_t *len)
{
    const char *cursor = tsv_get(tsv, column);
    size_t count = strlen(cursor) / 2;
    if (!count)
        return NULL;
    char *bytes = malloc(count + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)tsv_hex_number(&cursor, 2);
    bytes[count] = '\0';
    if (len)
        *len = count;
    return bytes;
}

#endif
