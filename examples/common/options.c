/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <string.h>

int options_complain(const struct program *program, const char *what, const char *argument)
{
    fprintf(stderr, "%s: %s%s%s; try %s --help\n", program->name, what, argument ? " " : "", argument ? argument : "",
            program->name);
    return EXIT_USAGE;
}

int options_number(const char *text, unsigned most, unsigned *out)
{
    unsigned number = 0;
    if (!*text)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || number > most / 10)
            return -1;
        number = number * 10 + (unsigned)(*text - '0');
    }
    if (number > most)
        return -1;
    *out = number;
    return 0;
}

static void help(const struct program *program)
{
    printf("usage: %s %s\n%s\n\noptions:\n", program->name, program->usage, program->about);
    for (size_t i = 0; i < program->option_count; i++) {
        const struct option *option = &program->options[i];
        char left[64];
        snprintf(left, sizeof left, "%s %s", option->name, option->value ? option->value : "");
        printf("  %-24s %s\n", left, option->help);
    }
    printf("  %-24s %s\n", "--help", "print this");
}

static const struct option *find(const struct program *program, const char *name)
{
    for (size_t i = 0; i < program->option_count; i++)
        if (strcmp(program->options[i].name, name) == 0)
            return &program->options[i];
    return NULL;
}

/* 0, or -1 if it was given too often. */
static int store(const struct option *option, const char *value)
{
    size_t at = 0, most = option->most ? option->most : 1;
    while (at < most && option->text[at])
        at++;
    if (at == most)
        return -1;
    option->text[at] = value;
    return 0;
}

int options_read(const struct program *program, int argc, char **argv, int *operand_count)
{
    int operands = 0, only_operands = 0;
    for (int i = 1; i < argc; i++) {
        const struct option *option = only_operands ? NULL : find(program, argv[i]);
        if (only_operands || argv[i][0] != '-') {
            argv[++operands] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_operands = 1;
        } else if (strcmp(argv[i], "--help") == 0) {
            help(program);
            return 0;
        } else if (!option) {
            return options_complain(program, "there is no option", argv[i]);
        } else if (!option->value) {
            *option->on = 1;
        } else if (i + 1 == argc) {
            return options_complain(program, "a value is missing behind", argv[i]);
        } else if (store(option, argv[++i])) {
            return options_complain(program, "given too often:", option->name);
        }
    }
    *operand_count = operands;
    return GO_ON;
}
