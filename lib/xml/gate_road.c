/* SPDX-License-Identifier: MIT */
#include "xml/gate_road.h"

#include "xml/gate_bytes.h"

/* Tags and references are passed over only if ROOM bytes are before us, and names only up to LONGEST_NAME, so that
 * the steps within them need not ask for the end: 15 % of all the instructions of the gate. */
enum { LONGEST_NAME = 32, ROOM = 64 };

struct road {
    const struct envoi__xml_limits *limits;
    const uint8_t *end;
    const uint8_t *block; /* the bytes that `stops` is of */
    uint64_t stops;
    size_t depth, base;
};

/* ---- from mark to mark ---- */

/* As next_block(), for the last bytes. Behind them stand zeros, which are marked. */
static __attribute__((noinline)) const uint8_t *last_block(struct road *road, const uint8_t *p)
{
    uint8_t last[BLOCK] = {0};
    memcpy(last, p, (size_t)(road->end - p));
    road->block = p;
    road->stops = marks(last);
    return p + __builtin_ctzll(road->stops);
}

/* Mark the bytes from p on, until there is a stop. */
static __attribute__((noinline)) const uint8_t *next_block(struct road *road, const uint8_t *p)
{
    for (; road->end - p >= BLOCK; p += BLOCK) {
        uint64_t found = marks(p);
        if (found) {
            road->block = p;
            road->stops = found;
            return p + __builtin_ctzll(found);
        }
    }
    return last_block(road, p);
}

/* The first byte from p on that is marked, or the end. */
static inline const uint8_t *next_stop(struct road *road, const uint8_t *p)
{
    size_t at = (size_t)(p - road->block);
    if (at >= BLOCK)
        return next_block(road, p);
    uint64_t left = road->stops >> at;
    return left ? p + __builtin_ctzll(left) : next_block(road, road->block + BLOCK);
}

/* Go on from a stop that is no c, over characters beyond ASCII and over marked bytes that mean nothing here. */
static __attribute__((noinline)) const uint8_t *pass_marked(struct road *road, const uint8_t *p, uint8_t c)
{
    while (p < road->end && *p != c) {
        unsigned passed = 1;
        if (*p >= 0x80)
            passed = road->end - p >= 16 ? whole_characters(p) : 0;
        else if (!(class_of[*p] & PLAIN) || *p == '>')
            passed = 0;
        if (!passed)
            break;
        p = next_stop(road, p + passed);
    }
    return p;
}

/* Over text, up to c or what needs thought. */
static inline const uint8_t *pass_plain(struct road *road, const uint8_t *p, uint8_t c)
{
    p = next_stop(road, p);
    return p < road->end && *p == c ? p : pass_marked(road, p, c);
}

/* ---- tags ---- */

static inline int has_room(const struct road *road, const uint8_t *p)
{
    return road->end - p >= ROOM;
}

/* Where the name ends, or NULL. */
static inline const uint8_t *pass_name(const uint8_t *p)
{
    if (!(class_of[*p] & NAME_START))
        return NULL;
    for (const uint8_t *last = p + LONGEST_NAME; p < last; p += 4) {
        if (!(class_of[p[1]] & NAME))
            return p + 1;
        if (!(class_of[p[2]] & NAME))
            return p + 2;
        if (!(class_of[p[3]] & NAME))
            return p + 3;
        if (!(class_of[p[4]] & NAME))
            return p + 4;
    }
    return NULL;
}

/* Behind the value, or NULL. */
static inline const uint8_t *pass_attribute(struct road *road, const uint8_t *p)
{
    p = has_room(road, p) ? pass_name(p) : NULL;
    if (!p || p[0] != '=' || (p[1] != '\'' && p[1] != '"'))
        return NULL;
    const uint8_t quote = p[1], *value = p + 2;
    p = pass_plain(road, value, quote);
    return has_room(road, p) && *p == quote && (size_t)(p - value) <= road->limits->value_bytes ? p + 1 : NULL;
}

/* Behind the start tag whose name begins here, or NULL. */
static inline const uint8_t *pass_start_tag(struct road *road, const uint8_t *p)
{
    p = road->depth < road->limits->depth + road->base ? pass_name(p) : NULL;
    for (size_t left = road->limits->attributes; p && *p == ' '; left--)
        p = left ? pass_attribute(road, p + 1) : NULL;
    if (!p)
        return NULL;
    if (*p == '>') {
        road->depth++;
        return p + 1;
    }
    return p[0] == '/' && p[1] == '>' ? p + 2 : NULL;
}

/* The same for an end tag; that of the stream is an item of its own. */
static inline const uint8_t *pass_end_tag(struct road *road, const uint8_t *p)
{
    p = road->depth > road->base ? pass_name(p) : NULL;
    if (!p || *p != '>')
        return NULL;
    road->depth--;
    return p + 1;
}

/* There is room for it. */
static inline const uint8_t *pass_tag(struct road *road, const uint8_t *p)
{
    return p[1] == '/' ? pass_end_tag(road, p + 2) : pass_start_tag(road, p + 1);
}

/* Behind one of the references that everybody uses, or NULL. */
static inline const uint8_t *pass_reference(const uint8_t *p)
{
    if (memcmp(p, "&amp;", 5) == 0)
        return p + 5;
    if (memcmp(p, "&lt;", 4) == 0 || memcmp(p, "&gt;", 4) == 0)
        return p + 4;
    if (memcmp(p, "&apos;", 6) == 0 || memcmp(p, "&quot;", 6) == 0)
        return p + 6;
    return NULL;
}

int envoi__gate_pass(struct envoi__gate *gate, const struct envoi__xml_limits *limits, const uint8_t **p,
                     const uint8_t *end)
{
    struct road road = {.limits = limits, .end = end, .block = end, .depth = gate->depth, .base = gate->base};
    const uint8_t *at = *p, *behind;
    int is_item = 0;
    while (!is_item) {
        if (*at != '<')
            at = pass_plain(&road, at, '<');
        if (!has_room(&road, at) || limits->name_bytes < LONGEST_NAME)
            break;
        behind = *at == '<' ? pass_tag(&road, at) : pass_reference(at);
        if (!behind)
            break;
        is_item = road.depth == road.base;
        at = behind;
    }
    gate->depth = road.depth;
    *p = at;
    return is_item;
}
