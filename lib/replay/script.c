/* SPDX-License-Identifier: MIT */
#include "replay/peer.h"

#include "base/mem.h"
#include <string.h>

int envoi__line_parse(struct envoi__line *out, const char *text, size_t number)
{
    int exact = strncmp(text, "C=", 2) == 0 || strncmp(text, "S=", 2) == 0;
    if (!*text || *text == '#')
        return 0;
    if (!strchr("ACEST", *text) || (text[1] != ':' && !exact))
        return ENVOI_ERR_TRANSCRIPT;
    *out = (struct envoi__line){number, *text, (char)exact, text + 2 + (text[2] == ' ')};
    return 1;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    while ((text = strchr(text, '\n'))) {
        text++;
        count++;
    }
    return count;
}

static void end_line(char *line, char **next)
{
    char *end = strchr(line, '\n');
    *next = end ? end + 1 : NULL;
    if (!end)
        return;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
}

int envoi__script_parse(struct envoi__script *script, const char *text, size_t len, size_t *wrong)
{
    size_t number = 0;
    *script = (struct envoi__script){.text = envoi__strndup(text, len)};
    if (script->text)
        script->lines = envoi__alloc(count_lines(script->text) * sizeof *script->lines);
    if (!script->lines) {
        envoi__script_free(script);
        return ENVOI_ERR_NOMEM;
    }
    for (char *line = script->text, *next; line; line = next) {
        end_line(line, &next);
        int result = envoi__line_parse(&script->lines[script->count], line, ++number);
        if (result < 0) {
            *wrong = number;
            return result;
        }
        script->count += (size_t)result;
    }
    if (!memchr(text, '\0', len))
        return 0;
    *wrong = number; /* what stands behind a NUL would be left out in silence */
    return ENVOI_ERR_TRANSCRIPT;
}

void envoi__script_free(struct envoi__script *script)
{
    envoi__free(script->text);
    envoi__free(script->lines);
    *script = (struct envoi__script){0};
}
