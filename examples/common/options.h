/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_OPTIONS_H
#define EXAMPLES_OPTIONS_H
/* The command line as a table, and --help made from it. */
#include <stddef.h>

struct option {
    const char *name;  /* such as "--node" */
    const char *value; /* what stands behind it, such as "NODE"; NULL: a switch */
    const char *help;  /* one line */
    const char **text; /* receives the value; one that is given again takes the next place, up to `most` */
    int *on;           /* of a switch: receives 1 */
    size_t most;       /* 0: it is given once at the most */
};

struct program {
    const char *name;
    const char *usage; /* what stands behind the name, such as "[OPTION]... URI" */
    const char *about; /* what it does, for --help */
    const struct option *options;
    size_t option_count;
};

enum { GO_ON = -1, EXIT_USAGE = 2 };

/* Reads the command line. What is no option is moved to the front of argv, behind argv[0], and counted; all behind
 * "--" is. Returns GO_ON, or the exit code: 0 after --help, EXIT_USAGE after a line on stderr that says why. */
int options_read(const struct program *program, int argc, char **argv, int *operand_count);

/* Says on stderr, in one line, what is wrong with the command line. Returns EXIT_USAGE. */
int options_complain(const struct program *program, const char *what, const char *argument);

/* A whole number from 0 to `most`. Returns 0, or -1 if the text is none. */
int options_number(const char *text, unsigned most, unsigned *out);

#endif
