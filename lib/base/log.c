/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 2048 };

int envoi__log_wants(const struct envoi__log *log, int level)
{
    return log->fn && level <= log->level;
}

/* A line is data of the peer too: no terminal escape, no second line and no broken UTF-8 may leave here. */
static void make_harmless(char *line)
{
    uint32_t c;
    size_t left = strlen(line), step;
    for (; left; line += step, left -= step) {
        step = envoi__utf8_decode((const uint8_t *)line, left, &c);
        if (!step || c < 0x20 || (c >= 0x7F && c < 0xA0)) {
            step = step ? step : 1;
            memset(line, '?', step);
        }
    }
}

void envoi__log(const struct envoi__log *log, int level, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    if (!envoi__log_wants(log, level))
        return;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len < 0)
        return;
    if ((size_t)len >= sizeof line)
        memcpy(line + sizeof line - 4, "...", 4);
    make_harmless(line);
    log->fn(log->user, level, line);
}
