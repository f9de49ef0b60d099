/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_XML_BYTE_CLASS_H
#define ENVOI_XML_BYTE_CLASS_H
/* What a byte of XML may be. */
#include <stdint.h>

/* PLAIN may stand in text and in values as itself, LOCAL in a name without a prefix. Bytes of 0x80 and above are
 * judged as characters. */
enum { PLAIN = 1, NAME = 2, NAME_START = 4, SPACE = 8, LOCAL = 16 };
#define P PLAIN
#define B (PLAIN | SPACE)
#define N (PLAIN | NAME | LOCAL)
#define L (PLAIN | NAME | NAME_START | LOCAL)
#define C (PLAIN | NAME | NAME_START)
/* clang-format off */
static const uint8_t class_of[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, B, B, 0, 0, B, 0, 0, /* tab, LF, CR */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    B, P, P, P, P, P, 0, P, P, P, P, P, P, N, N, P, /*   ! " # $ % & ' ( ) * + , - . / */
    N, N, N, N, N, N, N, N, N, N, C, P, 0, P, P, P, /* 0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
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
#undef C

#endif
