/* SPDX-License-Identifier: MIT */
/* `A:` lines: what they ask for. */
#include "transcript.h"

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void prepare_connect(struct play *play, struct action *action, const char *text)
{
    struct envoi__pair at;
    int error = envoi__connect(&play->peer, text, &action->config, &at);
    if (error && !at.key)
        run_fail(&play->run, "connect wants jid= first");
    if (error)
        run_fail(&play->run, "%.*s=%.*s: %s", (int)at.key_len, at.key, (int)at.value_len, at.value,
                 envoi_strerror(error));
}

/* `send <message .../>`; send_iq the same, with timeout= */
static void prepare_send(struct play *play, struct action *action, const char *text)
{
    struct envoi__pair pair;
    struct envoi__buf xml;
    for (const char *rest; (rest = envoi__next_pair(text, &pair)); text = rest)
        action->number = strtoull(pair.value, NULL, 10);
    envoi__buf_init(&xml, 0);
    expand(play, text + strspn(text, " "), &xml);
    int error = envoi_stanza_parse(&action->stanza, (const char *)envoi__buf_bytes(&xml), xml.len);
    envoi__buf_free(&xml);
    if (error)
        run_fail(&play->run, "%s: %s", text, envoi_strerror(error));
}

static void prepare_fail(struct play *play, struct action *action, const char *name)
{
    int error = envoi__error_of_word(name);
    if (!error)
        run_fail(&play->run, "no such error: %s", name);
    action->number = (uint64_t)(int64_t)error;
}

static void prepare_password(struct play *play, struct action *action, const char *text)
{
    size_t size = strlen(text) + 1;
    action->text = malloc(size);
    if (!action->text || envoi__peer_set_password(&play->peer, text))
        run_fail(&play->run, "no memory");
    memcpy(action->text, text, size);
}

static void prepare_number(struct play *play, struct action *action, const char *text)
{
    (void)play;
    action->number = strtoull(text, NULL, 10);
}

static const struct {
    const char *name;
    enum verb verb;
    void (*prepare)(struct play *play, struct action *action, const char *text); /* NULL: no arguments */
} calls[] = {
    {"connect", VERB_CONNECT, prepare_connect},
    {"send", VERB_SEND, prepare_send},
    {"send_iq", VERB_SEND_IQ, prepare_send},
    {"cancel", VERB_CANCEL, prepare_number},
    {"close", VERB_CLOSE, NULL},
    {"eof", VERB_EOF, NULL},
    {"fail", VERB_FAIL, prepare_fail},
    {"password", VERB_PASSWORD, prepare_password},
    {"no-password", VERB_PASSWORD, NULL},
};

void call_prepare(struct play *play, struct action *action, const char *verb, const char *text)
{
    for (size_t i = 0; i < ENVOI__COUNT(calls); i++) {
        if (strcmp(verb, calls[i].name) != 0)
            continue;
        action->verb = calls[i].verb;
        if (calls[i].prepare)
            calls[i].prepare(play, action, text);
        return;
    }
    run_fail(&play->run, "no such call: %s", verb);
}
