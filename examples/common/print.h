/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_PRINT_H
#define EXAMPLES_PRINT_H
/* What strangers wrote, shown on a terminal. */
#include <stdio.h>

/* Prints UTF-8 text without its control characters (U+0000 to U+001F, U+007F to U+009F), which could steer a
 * terminal. A line feed is followed by `indent`; NULL: it becomes a space. */
void print_text(FILE *file, const char *text, const char *indent);

#endif
