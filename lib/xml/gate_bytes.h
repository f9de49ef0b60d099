/* SPDX-License-Identifier: MIT */
/* Included by gate.c alone: what a byte is, and how to pass over many of them. */
#include <stdint.h>
#include <string.h>

/* PLAIN may stand in text and in values as itself. Bytes of 0x80 and above are judged as characters. */
enum { PLAIN = 1, NAME = 2, NAME_START = 4, SPACE = 8 };
#define P PLAIN
#define B (PLAIN | SPACE)
#define N (PLAIN | NAME)
#define L (PLAIN | NAME | NAME_START)
/* clang-format off */
static const uint8_t class_of[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, B, B, 0, 0, B, 0, 0, /* tab, LF, CR */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    B, P, P, P, P, P, 0, P, P, P, P, P, P, N, N, P, /*   ! " # $ % & ' ( ) * + , - . / */
    N, N, N, N, N, N, N, N, N, N, L, P, 0, P, 0, P, /* 0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
    P, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* @ A B C D E F G H I J K L M N O */
    L, L, L, L, L, L, L, L, L, L, L, P, P, P, P, L, /* P Q R S T U V W X Y Z [ \ ] ^ _ */
    P, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* ` a b c d e f g h i j k l m n o */
    L, L, L, L, L, L, L, L, L, L, L, P, P, P, P, P, /* p q r s t u v w x y z { | } ~ DEL */
};
/* clang-format on */
#undef P
#undef B
#undef N
#undef L

/* Eight bytes at a time: 1 if all are ASCII from the blank up and none is one of the three. A carry may cry
 * wolf, but never keeps silent. */
#define EIGHT(c) (UINT64_C(0x0101010101010101) * (uint8_t)(c))
static inline uint64_t eight_equal(uint64_t word, uint8_t c)
{
    uint64_t differs = word ^ EIGHT(c);
    return (differs - EIGHT(1)) & ~differs;
}

static inline int eight_plain(const uint8_t *p, uint8_t a, uint8_t b, uint8_t c)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    uint64_t low = (word - EIGHT(0x20)) & ~word;
    return !((word | low | eight_equal(word, a) | eight_equal(word, b) | eight_equal(word, c)) & EIGHT(0x80));
}

/* Behind the run of bytes that need no thought: PLAIN and not c. */
static inline const uint8_t *skip_plain(const uint8_t *p, const uint8_t *end, uint8_t c)
{
    for (;;) {
        while (end - p >= 8 && eight_plain(p, '<', '&', c))
            p += 8;
        const uint8_t *stop = end - p < 8 ? end : p + 8;
        while (p < stop && (class_of[*p] & PLAIN) && *p != c)
            p++;
        if (p < stop || p == end)
            return p;
    }
}
