/* SPDX-License-Identifier: MIT */
/* `E:` lines: the next event is this one. */
#include "transcript.h"

#include "base/text.h"
#include <stdio.h>
#include <string.h>

static const char *const field_names[] = {[FIELD_JID] = "jid",         [FIELD_MECHANISM] = "mechanism",
                                          [FIELD_BINDING] = "binding", [FIELD_CONDITION] = "condition",
                                          [FIELD_TEXT] = "text",       [FIELD_VERSION] = "version",
                                          [FIELD_LANG] = "lang"};
static const char *const class_names[] = {"NONE", "USAGE", "MEMORY", "LIMIT",   "TRANSPORT",
                                          "TLS",  "AUTH",  "STREAM", "TIMEOUT", "DATA"};

static const char *value_of(struct play *play, const struct event *event, const char *key, char *buffer, size_t size)
{
    for (size_t i = 0; i < ENVOI__COUNT(field_names); i++) {
        if (strcmp(key, field_names[i]) == 0) {
            const char *value = journal_field(&play->run.journal, event, (enum field)i);
            return value ? value : "none";
        }
    }
    if (strcmp(key, "error") == 0)
        snprintf(buffer, size, "%s", envoi__error_word(event->error));
    else if (strcmp(key, "class") == 0)
        snprintf(buffer, size, "%s", class_names[envoi_error_class(event->error)]);
    else if (strcmp(key, "token") == 0)
        snprintf(buffer, size, "%llu", event->token);
    else if (strcmp(key, "retryable") == 0)
        snprintf(buffer, size, "%d", event->retryable);
    else
        return NULL;
    return buffer;
}

static void expect_stanza(struct play *play, const struct event *event, const char *text)
{
    const char *stanza = journal_field(&play->run.journal, event, FIELD_STANZA);
    envoi_stanza *pattern, *got;
    if (!stanza)
        run_fail(&play->run, "the event carries no stanza");
    if (envoi_stanza_parse(&pattern, text, strlen(text)))
        run_fail(&play->run, "not XML: %s", text);
    if (envoi_stanza_parse(&got, stanza, strlen(stanza)))
        run_fail(&play->run, "the event's stanza does not parse: %s", stanza);
    int fits = match_element(play, envoi_stanza_root(pattern), envoi_stanza_root(got));
    envoi_stanza_free(pattern);
    envoi_stanza_free(got);
    if (!fits)
        run_fail(&play->run, "the event's stanza is %s", stanza);
}

/* NUL-terminated copies of a pair; what is longer never fits. */
static void copy_pair(const struct envoi__pair *pair, char *key, size_t key_size, char *value, size_t value_size)
{
    snprintf(key, key_size, "%.*s", (int)pair->key_len, pair->key);
    snprintf(value, value_size, "%.*s", (int)pair->value_len, pair->value);
}

void expect_event(struct play *play, const char *text)
{
    char name[32], key[64], value[1024], buffer[80];
    const struct journal *journal = &play->run.journal;
    size_t len = strcspn(text, " ");
    snprintf(name, sizeof name, "%.*s", (int)len, text);
    if (play->events_seen == journal->count)
        run_fail(&play->run, "no event, but %s was awaited (state %s)", name, envoi_stream_state(play->run.stream));
    const struct event *event = &journal->events[play->events_seen];
    const char *got = journal_describe(journal, play->events_seen);
    if (strcmp(name, envoi__event_name(event->type)) != 0)
        run_fail(&play->run, "the event is %s, not %s", got, name);
    text += len;
    struct envoi__pair pair;
    for (const char *rest; (rest = envoi__next_pair(text, &pair)); text = rest) {
        copy_pair(&pair, key, sizeof key, value, sizeof value);
        const char *have = value_of(play, event, key, buffer, sizeof buffer);
        if (!have || !match_text(play, value, have))
            run_fail(&play->run, "%s is not %s in %s", key, value, got);
    }
    text += strspn(text, " ");
    if (*text)
        expect_stanza(play, event, text);
    play->events_seen++;
}
