/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_MEASURE_H
#define ENVOI_BENCH_MEASURE_H
/* What the programs measure with, and how speed.py gets to know it. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Of the CPU, user and system, so that another program's turn is not counted. */
static inline double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Resident bytes that are the program's own, not shared with files. */
static inline double resident(void)
{
    unsigned long total = 0, pages = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu %lu", &total, &pages, &shared) != 3)
        pages = shared = 0;
    if (file)
        fclose(file);
    return (double)(pages - shared) * (double)sysconf(_SC_PAGESIZE);
}

static inline void print(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
}

#endif
