/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_LOG_H
#define ENVOI_BASE_LOG_H
/* One line to the program's log callback. Secrets never come here: callers pass names and numbers, and XML goes
 * through the redacting writer first. */
#include <envoi/config.h>

struct envoi__log {
    envoi_log_fn fn; /* NULL: off */
    void *user;
    int level;
    int bodies; /* message bodies may show */
};

/* A format for printf; control characters and bytes that are not UTF-8 show as '?', long lines end in "...". */
void envoi__log(const struct envoi__log *log, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int envoi__log_wants(const struct envoi__log *log, int level);

#endif
