/* SPDX-License-Identifier: MIT */
/* `A: connect` to a config. */
#include "replay/peer.h"

#include "base/mem.h"
#include "base/text.h"
#include "replay/names.h"
#include <limits.h>
#include <string.h>

const char *envoi__next_pair(const char *text, struct envoi__pair *pair)
{
    text += strspn(text, " ");
    size_t key_len = strcspn(text, "= <");
    if (text[key_len] != '=')
        return NULL;
    *pair = (struct envoi__pair){.key = text, .key_len = key_len, .value = text + key_len + 1};
    int quoted = *pair->value == '\'';
    pair->value += quoted;
    pair->value_len = strcspn(pair->value, quoted ? "'" : " ");
    return pair->value + pair->value_len + (quoted && pair->value[pair->value_len]);
}

int envoi__pair_is(const struct envoi__pair *pair, const char *key)
{
    return strlen(key) == pair->key_len && memcmp(key, pair->key, pair->key_len) == 0;
}

int envoi__error_of_word(const char *word)
{
    for (int error = -1; error > -1000; error--)
        if (envoi__eq(envoi__error_word(error), word))
            return error;
    return 0;
}

/* ---- options ---- */

/* No system's certificates are loaded; who completes a handshake with a transcript would surprise everybody. */
static int trust_nobody(envoi_config *config)
{
    static const unsigned char nobody[32];
    envoi_trust *trust = NULL;
    int error = envoi_trust_new(&trust);
    if (!error)
        error = envoi_config_set_trust(config, trust);
    if (!error)
        error = envoi_config_accept_certificate(config, nobody);
    envoi_trust_free(trust);
    return error;
}

static int set_tls(envoi_config *config, const char *name)
{
    for (int mode = 1; envoi__tls_name(mode); mode++)
        if (envoi__eq(name, envoi__tls_name(mode)))
            return envoi_config_set_tls(config, mode);
    return ENVOI_ERR_TRANSCRIPT;
}

static int set_channel_binding(envoi_config *config, const char *value)
{
    uint64_t mode;
    return envoi__parse_uint(value, INT_MAX, &mode) ? ENVOI_ERR_TRANSCRIPT
                                                    : envoi_config_set_channel_binding(config, (int)mode);
}

static int set_number(envoi_config *config, int (*set)(envoi_config *config, int which, uint64_t value), int which,
                      const char *value)
{
    uint64_t number;
    return envoi__parse_uint(value, UINT64_MAX, &number) ? ENVOI_ERR_TRANSCRIPT : set(config, which, number);
}

static const struct {
    const char *key;
    int (*set)(envoi_config *config, const char *value);
} options[] = {
    {"password", envoi_config_set_password},  {"tls", set_tls},
    {"resource", envoi_config_set_resource},  {"lang", envoi_config_set_lang},
    {"allow", envoi_config_allow_mechanism},  {"accept-iq", envoi_config_accept_iq},
    {"channel-binding", set_channel_binding}, {"authzid", envoi_config_set_authzid},
};

static int set_option(envoi_config *config, const char *key, const char *value)
{
    for (size_t i = 0; i < ENVOI__COUNT(options); i++)
        if (envoi__eq(key, options[i].key))
            return options[i].set(config, value);
    for (int i = 1; envoi__limit_name(i); i++)
        if (envoi__eq(key, envoi__limit_name(i)))
            return set_number(config, envoi_config_set_limit, i, value);
    for (int i = 1; envoi__timeout_name(i); i++)
        if (envoi__eq(key, envoi__timeout_name(i)))
            return set_number(config, envoi_config_set_timeout, i, value);
    if (!envoi__binding_type(key))
        return ENVOI_ERR_TRANSCRIPT;
    return envoi_config_set_channel_binding_data(config, envoi__binding_type(key), value, strlen(value));
}

/* ---- the line ---- */

/* With a NUL behind it, and none in it: what stands behind that would be left out in silence. */
static int read_value(struct envoi__peer *peer, const struct envoi__pair *pair, struct envoi__buf *out)
{
    struct envoi__unknown unknown;
    int error = envoi__expand(peer, pair->value, pair->value_len, out, &unknown);
    if (!error)
        error = envoi__buf_add(out, "", 1);
    if (!error && strlen((const char *)envoi__buf_bytes(out)) + 1 < out->len)
        error = ENVOI_ERR_TRANSCRIPT;
    return error == ENVOI_ERR_NOT_FOUND ? ENVOI_ERR_TRANSCRIPT : error;
}

static int apply(struct envoi__peer *peer, envoi_config *config, const struct envoi__pair *pair)
{
    struct envoi__buf value;
    envoi__buf_init(&value, 0);
    value.secret = envoi__pair_is(pair, "password");
    char *key = envoi__strndup(pair->key, pair->key_len);
    int error = key ? read_value(peer, pair, &value) : ENVOI_ERR_NOMEM;
    if (!error)
        error = set_option(config, key, (const char *)envoi__buf_bytes(&value));
    if (!error && envoi__eq(key, "password"))
        error = envoi__peer_set_password(peer, (const char *)envoi__buf_bytes(&value));
    envoi__buf_free(&value);
    envoi__free(key);
    return error;
}

/* The account comes first. What is silent for long is not pinged unless the line says so: a transcript waits as long
 * as it likes. */
static int begin(struct envoi__peer *peer, envoi_config **out, const struct envoi__pair *pair)
{
    struct envoi__buf jid;
    envoi_config *config = NULL;
    envoi__buf_init(&jid, 0);
    int error = read_value(peer, pair, &jid);
    if (!error)
        error = envoi_config_new(&config, (const char *)envoi__buf_bytes(&jid));
    envoi__buf_free(&jid);
    if (!error)
        error = envoi_config_set_timeout(config, ENVOI_TIMEOUT_IDLE, 0);
    if (!error)
        error = trust_nobody(config);
    if (error) {
        envoi_config_free(config);
        return error;
    }
    *out = config;
    return 0;
}

int envoi__connect(struct envoi__peer *peer, const char *text, envoi_config **out, struct envoi__pair *at)
{
    envoi_config *config = NULL;
    *at = (struct envoi__pair){0};
    text = envoi__next_pair(text, at);
    if (!text || !envoi__pair_is(at, "jid"))
        return ENVOI_ERR_TRANSCRIPT;
    int error = begin(peer, &config, at);
    for (const char *next; !error && (next = envoi__next_pair(text, at)); text = next)
        error = apply(peer, config, at);
    if (!error && text[strspn(text, " ")]) { /* no pair */
        at->key = text + strspn(text, " ");
        error = ENVOI_ERR_TRANSCRIPT;
    }
    if (error) {
        envoi_config_free(config);
        return error;
    }
    *out = config;
    return 0;
}
