/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_RUNS_H
#define ENVOI_BASE_RUNS_H
/* Passing over the bytes of a text that need no thought, and copying them: sixteen at a time where there is SSE2, one
 * by one elsewhere: then building and writing a chat message takes twice as long. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* memcpy() for what is mostly short: two moves that overlap instead of a call save 6 % of the instructions of
 * building and writing a chat message. */
static inline void envoi__copy_short(char *to, const char *from, size_t len)
{
    if (len >= 8) {
        if (len > 32) {
            memcpy(to, from, len);
        } else if (len >= 16) {
            memcpy(to, from, 16);
            memcpy(to + len - 16, from + len - 16, 16);
        } else {
            memcpy(to, from, 8);
            memcpy(to + len - 8, from + len - 8, 8);
        }
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else if (len) {
        to[0] = from[0];
        to[len / 2] = from[len / 2];
        to[len - 1] = from[len - 1];
    }
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Which of sixteen bytes a run ends at, as bits. */
typedef unsigned (*envoi__stops_fn)(__m128i bytes);

static inline unsigned envoi__not_printable(__m128i bytes)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))); /* signed: beyond ASCII is below 0 */
}

static inline unsigned envoi__to_escape(__m128i bytes)
{
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i amp_or_quote = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(4)), _mm_set1_epi8('&'));
    __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    __m128i apostrophe = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\''));
    __m128i found = _mm_or_si128(_mm_or_si128(control, amp_or_quote), _mm_or_si128(angle, apostrophe));
    return (unsigned)_mm_movemask_epi8(found);
}

/* A text of four to fifteen bytes in sixteen: its beginning, then its end, which overlap or repeat. Where a run stops
 * in there it stops in the text. */
static inline __m128i envoi__ends_of_short(const char *p, size_t len)
{
    if (len >= 8)
        return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)p),
                                  _mm_loadl_epi64((const __m128i *)(const void *)(p + len - 8)));
    int32_t first, last;
    memcpy(&first, p, 4);
    memcpy(&last, p + len - 4, 4);
    return _mm_set_epi32(last, last, last, first);
}

/* The length of the run in a text of four to fifteen bytes: one step for most names, identifiers and values there
 * are, which saves another 6 %. */
static inline size_t envoi__short_run(const char *p, size_t len, envoi__stops_fn stops_of)
{
    unsigned stops = stops_of(envoi__ends_of_short(p, len));
    if (!stops)
        return len;
    size_t half = len >= 8 ? 8 : 4, at = (size_t)__builtin_ctz(stops);
    return at < half ? at : len - 2 * half + at;
}

/* Where a run stops in sixteen bytes, which are copied if `copies`, a constant. */
static inline unsigned envoi__stops_at(char *to, const char *p, size_t at, envoi__stops_fn stops_of, int copies)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
    if (copies)
        _mm_storeu_si128((__m128i *)(void *)(to + at), bytes);
    return stops_of(bytes);
}

/* The length of the run in a text of at least sixteen bytes. The last ones are looked at together with some before
 * them. If `copies`, a constant, `to` gets the run; what stands behind it there is nothing. */
static inline size_t envoi__long_run(char *to, const char *p, size_t len, envoi__stops_fn stops_of, int copies)
{
    size_t at = 0, last = len - 16;
    unsigned stops;
    for (; at < last; at += 16) {
        stops = envoi__stops_at(to, p, at, stops_of, copies);
        if (stops)
            return at + (size_t)__builtin_ctz(stops);
    }
    stops = envoi__stops_at(to, p, last, stops_of, copies);
    return stops ? last + (size_t)__builtin_ctz(stops) : len;
}
#endif

/* Behind the run of ASCII from the blank up. */
static inline const char *envoi__skip_printable(const char *p, const char *end)
{
#ifdef __SSE2__
    if (end - p >= 16)
        return p + envoi__long_run(NULL, p, (size_t)(end - p), envoi__not_printable, 0);
    if (end - p >= 4)
        return p + envoi__short_run(p, (size_t)(end - p), envoi__not_printable);
#endif
    while (p < end && (uint8_t)(*p - 0x20) < 0x60)
        p++;
    return p;
}

static inline int envoi__is_escaped(uint8_t c)
{
    static const uint32_t escaped =
        1u << ('&' - 0x20) | 1u << ('<' - 0x20) | 1u << ('>' - 0x20) | 1u << ('\'' - 0x20) | 1u << ('"' - 0x20);
    return c < 0x20 || (c < 0x40 && escaped >> (c - 0x20) & 1);
}

/* Copy the run of bytes that XML carries as themselves in any place: those from the blank up but & < > ' ". There
 * must be room for all of the text; what stands in it behind the run is nothing. Returns the run's length. */
static inline size_t envoi__copy_unescaped(char *to, const char *from, size_t len)
{
    size_t run = 0;
#ifdef __SSE2__
    if (len >= 16)
        return envoi__long_run(to, from, len, envoi__to_escape, 1);
    if (len >= 4) {
        envoi__copy_short(to, from, len);
        return envoi__short_run(from, len, envoi__to_escape);
    }
#endif
    for (; run < len && !envoi__is_escaped((uint8_t)from[run]); run++)
        to[run] = from[run];
    return run;
}

#endif
