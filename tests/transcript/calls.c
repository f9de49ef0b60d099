/* SPDX-License-Identifier: MIT */
/* `A:` lines: what they ask for. */
#include "transcript.h"

#include "base/text.h"
#include "replay/names.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *next_pair(const char *text, char *key, size_t key_size, char *value, size_t value_size)
{
    text += strspn(text, " ");
    size_t key_len = strcspn(text, "= <");
    if (text[key_len] != '=')
        return NULL;
    snprintf(key, key_size, "%.*s", (int)key_len, text);
    text += key_len + 1;
    int quoted = *text == '\'';
    text += quoted;
    size_t len = strcspn(text, quoted ? "'" : " ");
    snprintf(value, value_size, "%.*s", (int)len, text);
    return text + len + (quoted && text[len]);
}

/* ---- connect ---- */

/* No system's certificates are loaded; who completes a handshake with a transcript would surprise everybody. */
static int set_tls(envoi_config *config, const char *name)
{
    static const char *const names[] = {"starttls", "direct", "external", "local"};
    static const unsigned char nobody[32];
    envoi_trust *trust = NULL;
    int error = ENVOI_ERR_ARGUMENT;
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            error = envoi_config_set_tls(config, i + 1);
    if (!error)
        error = envoi_trust_new(&trust);
    if (!error)
        error = envoi_config_set_trust(config, trust);
    if (!error)
        error = envoi_config_accept_certificate(config, nobody);
    envoi_trust_free(trust);
    return error;
}

static int allow(envoi_config *config, const char *value)
{
    return envoi_config_allow_mechanism(config, value);
}

static int channel_binding(envoi_config *config, const char *value)
{
    return envoi_config_set_channel_binding(config, (int)strtol(value, NULL, 10));
}

static const struct {
    const char *key;
    int (*set)(envoi_config *config, const char *value);
} options[] = {
    {"password", envoi_config_set_password}, {"tls", set_tls}, {"resource", envoi_config_set_resource},
    {"lang", envoi_config_set_lang},         {"allow", allow}, {"accept-iq", envoi_config_accept_iq},
    {"channel-binding", channel_binding},
};

static int set_option(envoi_config *config, const char *key, const char *value)
{
    for (size_t i = 0; i < ENVOI__COUNT(options); i++)
        if (strcmp(key, options[i].key) == 0)
            return options[i].set(config, value);
    for (int i = 1; envoi__limit_name(i); i++)
        if (strcmp(key, envoi__limit_name(i)) == 0)
            return envoi_config_set_limit(config, i, strtoull(value, NULL, 10));
    for (int i = 1; envoi__timeout_name(i); i++)
        if (strcmp(key, envoi__timeout_name(i)) == 0)
            return envoi_config_set_timeout(config, i, strtoull(value, NULL, 10));
    if (!envoi__binding_type(key))
        return ENVOI_ERR_ARGUMENT;
    return envoi_config_set_channel_binding_data(config, envoi__binding_type(key), value, strlen(value));
}

static void expand_value(struct play *play, char *value, size_t size)
{
    struct envoi__buf expanded;
    envoi__buf_init(&expanded, 0);
    expand(play, value, &expanded);
    snprintf(value, size, "%.*s", (int)expanded.len, expanded.len ? (const char *)envoi__buf_bytes(&expanded) : "");
    envoi__buf_free(&expanded);
}

static void prepare_connect(struct play *play, struct action *action, const char *text)
{
    char key[64], value[512];
    text = next_pair(text, key, sizeof key, value, sizeof value);
    if (!text || strcmp(key, "jid") != 0 || envoi_config_new(&action->config, value))
        run_fail(&play->run, "connect wants jid= first");
    envoi_config_set_timeout(action->config, ENVOI_TIMEOUT_IDLE, 0); /* a scenario waits as long as it likes */
    while ((text = next_pair(text, key, sizeof key, value, sizeof value))) {
        if (strcmp(key, "password") == 0)
            snprintf(play->password, sizeof play->password, "%s", value);
        expand_value(play, value, sizeof value);
        int error = set_option(action->config, key, value);
        if (error)
            run_fail(&play->run, "%s=%s: %s", key, value, envoi_strerror(error));
    }
}

/* ---- the others ---- */

/* `send <message .../>`; send_iq the same, with timeout= */
static void prepare_send(struct play *play, struct action *action, const char *text)
{
    char key[64], value[64];
    struct envoi__buf xml;
    const char *rest;
    while ((rest = next_pair(text, key, sizeof key, value, sizeof value))) {
        action->number = strtoull(value, NULL, 10);
        text = rest;
    }
    envoi__buf_init(&xml, 0);
    expand(play, text + strspn(text, " "), &xml);
    int error = envoi_stanza_parse(&action->stanza, (const char *)envoi__buf_bytes(&xml), xml.len);
    envoi__buf_free(&xml);
    if (error)
        run_fail(&play->run, "%s: %s", text, envoi_strerror(error));
}

static void prepare_fail(struct play *play, struct action *action, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "ENVOI_ERR_%s", name);
    for (int code = -1; code > -1000; code--) {
        if (strcmp(envoi_error_name(code), full) == 0) {
            action->number = (uint64_t)(int64_t)code;
            return;
        }
    }
    run_fail(&play->run, "no such error: %s", name);
}

static void prepare_password(struct play *play, struct action *action, const char *text)
{
    size_t size = strlen(text) + 1;
    snprintf(play->password, sizeof play->password, "%s", text);
    action->text = malloc(size);
    if (!action->text)
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
