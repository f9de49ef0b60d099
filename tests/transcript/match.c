/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *variable_get(struct play *play, const char *name)
{
    for (size_t i = 0; i < play->variable_count; i++)
        if (strcmp(play->variables[i].name, name) == 0)
            return play->variables[i].value;
    return NULL;
}

void variable_set(struct play *play, const char *name, const char *value, size_t len)
{
    char *old = (char *)(uintptr_t)variable_get(play, name);
    struct variable *variable = &play->variables[play->variable_count];
    if (len >= sizeof variable->value || strlen(name) >= sizeof variable->name)
        run_fail(&play->run, "the value of {%s} is too long", name);
    if (!old) {
        if (play->variable_count == MOST_VARIABLES)
            run_fail(&play->run, "too many variables");
        play->variable_count++;
        strncpy(variable->name, name, sizeof variable->name - 1);
        old = variable->value;
    }
    memcpy(old, value, len);
    old[len] = '\0';
}

/* A pattern is literal text around at most one {name}; {any} binds nothing, a bound name must match again. */
int match_text(struct play *play, const char *pattern, const char *text)
{
    const char *open = strchr(pattern, '{'), *close = open ? strchr(open, '}') : NULL;
    if (!close)
        return strcmp(pattern, text) == 0;
    size_t before = (size_t)(open - pattern), after = strlen(close + 1), len = strlen(text);
    if (len < before + after || strncmp(pattern, text, before) != 0 || strcmp(close + 1, text + len - after) != 0)
        return 0;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(close - open - 1), open + 1);
    const char *value = text + before;
    size_t value_len = len - before - after;
    const char *bound = strcmp(name, "any") == 0 ? NULL : variable_get(play, name);
    if (bound)
        return strlen(bound) == value_len && memcmp(bound, value, value_len) == 0;
    if (strcmp(name, "any") != 0)
        variable_set(play, name, value, value_len);
    return 1;
}

static int match_attributes(struct play *play, const envoi_element *pattern, const envoi_element *element)
{
    size_t count = envoi_element_attr_count(pattern);
    if (count != envoi_element_attr_count(element))
        return 0;
    for (size_t i = 0; i < count; i++) {
        const char *ns = envoi_element_attr_namespace_at(pattern, i), *name = envoi_element_attr_name_at(pattern, i);
        const char *value = *ns ? envoi_element_attr_ns(element, name, ns) : envoi_element_attr(element, name);
        if (!value || !match_text(play, envoi_element_attr_value_at(pattern, i), value))
            return 0;
    }
    return 1;
}

static int match_one(struct play *play, const envoi_element *pattern, const envoi_element *element)
{
    return envoi_element_is(element, envoi_element_name(pattern), envoi_element_namespace(pattern)) &&
           match_attributes(play, pattern, element) &&
           match_text(play, envoi_element_text(pattern), envoi_element_text(element));
}

int match_element(struct play *play, const envoi_element *pattern, const envoi_element *element)
{
    if (!match_one(play, pattern, element))
        return 0;
    const envoi_element *a = envoi_element_first_child(pattern), *b = envoi_element_first_child(element);
    for (; a && b; a = envoi_element_next_sibling(a), b = envoi_element_next_sibling(b))
        if (!match_element(play, a, b))
            return 0;
    return !a && !b;
}

/* The session remembers where it stands: a login must not survive damage there. */
static void expand_proof(struct play *play, const char *options, struct envoi__buf *out,
                         void (*say)(struct play *play, const char *options, struct envoi__buf *out))
{
    struct session *session = play->session;
    long from = session->bytes + (long)out->len;
    say(play, options, out);
    if (session->proof_count == MOST_PROOFS)
        run_fail(&play->run, "too many proofs");
    session->proofs[session->proof_count++] = (struct span){from, session->bytes + (long)out->len};
}

/* "FROM TO TEXT": the text once for each number, which stands where it says #. */
static void expand_count(const char *arguments, struct envoi__buf *out)
{
    char *rest, number[24];
    unsigned long from = strtoul(arguments, &rest, 10), to = strtoul(rest, &rest, 10);
    for (; from <= to; from++) {
        snprintf(number, sizeof number, "%lu", from);
        for (const char *text = rest + 1; *text; text++)
            envoi__buf_add(out, *text == '#' ? number : text, *text == '#' ? strlen(number) : 1);
    }
}

static void expand_one(struct play *play, const char *name, struct envoi__buf *out)
{
    if (strncmp(name, "server-first", 12) == 0) {
        expand_proof(play, name + 12, out, scram_server_first);
    } else if (strncmp(name, "server-final", 12) == 0) {
        expand_proof(play, name + 12, out, scram_server_final);
    } else if (strncmp(name, "repeat ", 7) == 0) {
        char *text;
        for (unsigned long n = strtoul(name + 7, &text, 10); n; n--)
            envoi__buf_add_text(out, text + 1);
    } else if (strncmp(name, "count ", 6) == 0) {
        expand_count(name + 6, out);
    } else if (strncmp(name, "byte ", 5) == 0) {
        uint8_t byte = (uint8_t)strtoul(name + 5, NULL, 16);
        envoi__buf_add(out, &byte, 1);
    } else {
        const char *value = variable_get(play, name);
        if (!value)
            run_fail(&play->run, "{%s} is not bound", name);
        envoi__buf_add_text(out, value);
    }
}

void expand(struct play *play, const char *text, struct envoi__buf *out)
{
    char name[256];
    while (*text) {
        const char *close = *text == '{' ? strchr(text, '}') : NULL;
        if (!close) {
            envoi__buf_add(out, text++, 1);
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)(close - text - 1), text + 1);
        expand_one(play, name, out);
        text = close + 1;
    }
}
