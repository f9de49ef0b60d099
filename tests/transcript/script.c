/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len = 0;
    char *text = malloc(1 << 20);
    if (file && text) {
        len = fread(text, 1, (1 << 20) - 1, file);
        text[len] = '\0';
    }
    if (file)
        fclose(file);
    if (file && text)
        return text;
    free(text);
    return NULL;
}

static int add_file(struct script *script, const char *path);

/* "include FILE", beside the file that says so. */
static int add_include(struct script *script, const char *name)
{
    char path[1024];
    const char *slash = strrchr(script->path, '/');
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - script->path + 1) : 0, script->path, name);
    return add_file(script, path);
}

/* A line, an include, a comment or an empty line. */
static int add_line(struct script *script, char *text, int number)
{
    if (strncmp(text, "include ", 8) == 0)
        return add_include(script, text + 8);
    if (script->count == MOST_LINES)
        return 0;
    int result = envoi__line_parse(&script->lines[script->count], text, (size_t)number);
    script->count += result == 1;
    return result >= 0;
}

static int add_file(struct script *script, const char *path)
{
    int number = 0;
    char *text = script->file_count < MOST_FILES ? read_file(path) : NULL;
    if (!text) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 0;
    }
    script->files[script->file_count++] = text;
    for (char *next; text; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = '\0';
        if (!add_line(script, text, ++number)) {
            fprintf(stderr, "%s:%d: not a line of a transcript: %s\n", path, number, text);
            return 0;
        }
    }
    return 1;
}

int script_load(struct script *script, const char *path)
{
    *script = (struct script){.path = path};
    return add_file(script, path);
}

void script_free(struct script *script)
{
    for (size_t i = 0; i < script->file_count; i++)
        free(script->files[i]);
    script->file_count = 0;
}
