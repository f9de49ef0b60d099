/* SPDX-License-Identifier: MIT */
#include "print.h"

void print_text(FILE *file, const char *text, const char *indent)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '\n' && indent) {
            fprintf(file, "\n%s", indent);
        } else if (*at < 0x20 || *at == 0x7f) {
            fputc(' ', file);
        } else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
            fputc(' ', file);
            at++;
        } else {
            fputc(*at, file);
        }
    }
}
