/* SPDX-License-Identifier: MIT */
#include "stream/options.h"

#include "base/mem.h"
#include "base/text.h"
#include "tls/tls.h"
#include <string.h>

struct bounds {
    uint64_t initial, least, most;
};

static const struct bounds limit_bounds[ENVOI__LIMITS] = {
    [ENVOI_LIMIT_STANZA_BYTES] = {256 << 10, 10000, 16 << 20},
    [ENVOI_LIMIT_DEPTH] = {64, 8, 256},
    [ENVOI_LIMIT_INPUT_BYTES] = {64 << 10, 4 << 10, 16 << 20},
    [ENVOI_LIMIT_OUTPUT_BYTES] = {1 << 20, 16 << 10, 256 << 20},
    [ENVOI_LIMIT_REQUESTS] = {256, 1, 65536},
    [ENVOI_LIMIT_ITERATIONS] = {10000000, 4096, 100000000},
    [ENVOI_LIMIT_PASSWORDS] = {3, 1, 5},
    [ENVOI_LIMIT_ATTRIBUTES] = {64, 16, 1024},
    [ENVOI_LIMIT_LOGIN_BYTES] = {256 << 10, 10000, 16 << 20},
};

enum { SECOND = 1000, DAY = 24 * 60 * 60 * SECOND };

static const struct bounds timeout_bounds[ENVOI__TIMEOUTS] = {
    [ENVOI_TIMEOUT_STREAM] = {30 * SECOND, 0, DAY},  [ENVOI_TIMEOUT_TLS] = {30 * SECOND, 0, DAY},
    [ENVOI_TIMEOUT_AUTH] = {30 * SECOND, 0, DAY},    [ENVOI_TIMEOUT_BIND] = {30 * SECOND, 0, DAY},
    [ENVOI_TIMEOUT_LOGIN] = {120 * SECOND, 0, DAY},  [ENVOI_TIMEOUT_STANZA] = {60 * SECOND, 0, DAY},
    [ENVOI_TIMEOUT_REQUEST] = {60 * SECOND, 1, DAY}, [ENVOI_TIMEOUT_CLOSE] = {5 * SECOND, 1, DAY},
    [ENVOI_TIMEOUT_KEEPALIVE] = {0, 0, DAY},         [ENVOI_TIMEOUT_IDLE] = {300 * SECOND, 0, DAY},
    [ENVOI_TIMEOUT_PING] = {60 * SECOND, 1, DAY},
};

static void free_options(struct envoi__options *options)
{
    envoi_jid_free(options->jid);
    envoi_jid_free(options->authzid);
    envoi__free(options->resource);
    envoi__free_secret(options->password);
    envoi__free(options->lang);
    envoi__free(options->priority);
    for (size_t i = 0; i < options->iq_namespace_count; i++)
        envoi__free(options->iq_namespaces[i]);
    envoi__free(options->iq_namespaces);
    envoi_trust_free(options->trust);
    envoi__identity_free(options->identity);
    envoi__free(options);
}

struct envoi__options *envoi__options_ref(const envoi_config *config)
{
    atomic_fetch_add(&config->options->references, 1);
    return config->options;
}

void envoi__options_unref(struct envoi__options *options)
{
    if (options && atomic_fetch_sub(&options->references, 1) == 1)
        free_options(options);
}

static int copy_namespaces(struct envoi__options *to, const struct envoi__options *from)
{
    if (!from->iq_namespace_count)
        return 0;
    to->iq_namespaces = envoi__alloc(from->iq_namespace_count * sizeof *to->iq_namespaces);
    if (!to->iq_namespaces)
        return ENVOI_ERR_NOMEM;
    for (size_t i = 0; i < from->iq_namespace_count; i++) {
        to->iq_namespaces[i] = envoi__strdup(from->iq_namespaces[i]);
        if (!to->iq_namespaces[i])
            return ENVOI_ERR_NOMEM;
        to->iq_namespace_count++;
    }
    return 0;
}

static int copy_text(char **to, const char *from)
{
    *to = envoi__strdup(from);
    return from && !*to ? ENVOI_ERR_NOMEM : 0;
}

static struct envoi__options *copy_options(const struct envoi__options *from)
{
    struct envoi__options *to = envoi__alloc_zero(sizeof *to);
    if (!to)
        return NULL;
    to->trust = envoi__trust_ref(from->trust);
    to->identity = envoi__identity_ref(from->identity);
    to->tls = from->tls;
    to->channel_binding = from->channel_binding;
    to->plain_allowed = from->plain_allowed;
    to->external_allowed = from->external_allowed;
    to->has_accepted = from->has_accepted;
    memcpy(to->accepted, from->accepted, sizeof to->accepted);
    memcpy(to->binding_type, from->binding_type, sizeof to->binding_type);
    memcpy(to->binding, from->binding, sizeof to->binding);
    to->binding_len = from->binding_len;
    memcpy(to->limits, from->limits, sizeof to->limits);
    memcpy(to->timeouts, from->timeouts, sizeof to->timeouts);
    to->log = from->log;
    atomic_init(&to->references, 1);
    if (envoi_jid_dup(&to->jid, from->jid) || (from->authzid && envoi_jid_dup(&to->authzid, from->authzid)) ||
        copy_text(&to->resource, from->resource) || copy_text(&to->password, from->password) ||
        copy_text(&to->lang, from->lang) || copy_text(&to->priority, from->priority) || copy_namespaces(to, from)) {
        free_options(to);
        return NULL;
    }
    return to;
}

int envoi__config_own(envoi_config *config)
{
    if (!config)
        return ENVOI_ERR_ARGUMENT;
    if (atomic_load(&config->options->references) == 1)
        return 0;
    struct envoi__options *copy = copy_options(config->options);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    envoi__options_unref(config->options);
    config->options = copy;
    return 0;
}

static int set_account(struct envoi__options *options, const char *text)
{
    envoi_jid *full = NULL;
    int error = envoi_jid_parse(&full, text);
    if (error)
        return error;
    if (!envoi_jid_localpart(full))
        error = ENVOI_ERR_JID;
    else
        error = envoi_jid_new(&options->jid, envoi_jid_localpart(full), envoi_jid_domainpart(full), NULL);
    if (!error)
        error = copy_text(&options->resource, envoi_jid_resourcepart(full));
    envoi_jid_free(full);
    return error;
}

static int init_options(struct envoi__options *options, const char *jid)
{
    atomic_init(&options->references, 1);
    options->tls = ENVOI_TLS_STARTTLS;
    options->channel_binding = ENVOI_CHANNEL_BINDING_OFFERED;
    for (size_t i = 0; i < ENVOI__LIMITS; i++)
        options->limits[i] = limit_bounds[i].initial;
    for (size_t i = 0; i < ENVOI__TIMEOUTS; i++)
        options->timeouts[i] = timeout_bounds[i].initial;
    int error = copy_text(&options->lang, "en");
    if (!error)
        error = envoi__trust_new_system(&options->trust);
    return error ? error : set_account(options, jid);
}

int envoi_config_new(envoi_config **out, const char *jid)
{
    if (!out || !jid)
        return ENVOI_ERR_ARGUMENT;
    envoi_config *config = envoi__alloc(sizeof *config);
    struct envoi__options *options = envoi__alloc_zero(sizeof *options);
    int error = config && options ? init_options(options, jid) : ENVOI_ERR_NOMEM;
    if (error) {
        envoi__free(config);
        if (options)
            free_options(options);
        return error;
    }
    config->options = options;
    config->error = 0;
    *out = config;
    return 0;
}

void envoi_config_free(envoi_config *config)
{
    if (!config)
        return;
    envoi__options_unref(config->options);
    envoi__free(config);
}

/* So that a program may leave the checks to envoi_stream_new(). */
int envoi__config_note(envoi_config *config, int error)
{
    if (config && !config->error)
        config->error = error;
    return error;
}

int envoi_config_error(const envoi_config *config)
{
    return config ? config->error : ENVOI_ERR_ARGUMENT;
}

/* Replace one owned text by a copy of another. */
static int replace_text(char **field, const char *text)
{
    char *copy;
    int error = copy_text(&copy, text);
    if (error)
        return error;
    envoi__free_secret(*field);
    *field = copy;
    return 0;
}

int envoi_config_set_password(envoi_config *config, const char *password)
{
    int error = password ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (!error && !envoi__utf8_valid(password, strlen(password)))
        error = ENVOI_ERR_UTF8;
    return envoi__config_note(config, error ? error : replace_text(&config->options->password, password));
}

int envoi_config_set_resource(envoi_config *config, const char *resource)
{
    envoi_jid *checked = NULL;
    int error = envoi__config_own(config);
    if (!error && resource)
        error = envoi_jid_new(&checked, NULL, "localhost", resource);
    if (!error)
        error = replace_text(&config->options->resource, envoi_jid_resourcepart(checked));
    envoi_jid_free(checked);
    return envoi__config_note(config, error);
}

/* RFC 5646 2.1: subtags of one to eight letters and digits; no list of languages is kept here. */
static int is_language_tag(const char *lang)
{
    size_t subtag = 0;
    for (; *lang; lang++) {
        if (*lang == '-') {
            if (!subtag)
                return 0;
            subtag = 0;
        } else if ((*lang >= '0' && *lang <= '9') || ((*lang | 0x20) >= 'a' && (*lang | 0x20) <= 'z')) {
            if (++subtag > 8)
                return 0;
        } else {
            return 0;
        }
    }
    return subtag > 0;
}

int envoi_config_set_lang(envoi_config *config, const char *lang)
{
    int error = lang && is_language_tag(lang) ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    return envoi__config_note(config, error ? error : replace_text(&config->options->lang, lang));
}

int envoi_config_set_tls(envoi_config *config, int mode)
{
    int error =
        mode >= ENVOI_TLS_STARTTLS && mode <= ENVOI_TLS_LOCAL ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (!error)
        config->options->tls = mode;
    return envoi__config_note(config, error);
}

int envoi_config_set_trust(envoi_config *config, envoi_trust *trust)
{
    int error = trust ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (error)
        return envoi__config_note(config, error);
    envoi_trust *kept = envoi__trust_ref(trust);
    envoi_trust_free(config->options->trust);
    config->options->trust = kept;
    return envoi__config_note(config, 0);
}

int envoi_config_set_trust_file(envoi_config *config, const char *path)
{
    envoi_trust *trust = NULL;
    int error = path ? envoi_trust_new(&trust) : envoi__trust_new_system(&trust);
    if (!error && path)
        error = envoi_trust_add_file(trust, path);
    if (!error)
        error = envoi_config_set_trust(config, trust);
    envoi_trust_free(trust);
    return envoi__config_note(config, error);
}

int envoi_config_accept_certificate(envoi_config *config, const unsigned char *sha256)
{
    int error = envoi__config_own(config);
    if (error)
        return envoi__config_note(config, error);
    config->options->has_accepted = sha256 != NULL;
    if (sha256)
        memcpy(config->options->accepted, sha256, sizeof config->options->accepted);
    return envoi__config_note(config, 0);
}

int envoi_config_set_tls_priority(envoi_config *config, const char *priority)
{
    int error = envoi__tls_priority_check(priority);
    if (!error)
        error = envoi__config_own(config);
    return envoi__config_note(config, error ? error : replace_text(&config->options->priority, priority));
}

int envoi_config_set_channel_binding_data(envoi_config *config, const char *type, const void *data, size_t len)
{
    static const char *const types[] = {"tls-exporter", "tls-server-end-point", "tls-unique"};
    int known = 0;
    for (size_t i = 0; i < ENVOI__COUNT(types); i++)
        known |= envoi__eq(type, types[i]);
    if (!known || !data || !len || len > ENVOI__CB_MAX)
        return envoi__config_note(config, ENVOI_ERR_ARGUMENT);
    int error = envoi__config_own(config);
    if (error)
        return envoi__config_note(config, error);
    memcpy(config->options->binding_type, type, strlen(type) + 1);
    memcpy(config->options->binding, data, len);
    config->options->binding_len = len;
    return envoi__config_note(config, 0);
}

int envoi_config_set_channel_binding(envoi_config *config, int mode)
{
    int known = mode >= ENVOI_CHANNEL_BINDING_OFFERED && mode <= ENVOI_CHANNEL_BINDING_OFF;
    int error = known ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (!error)
        config->options->channel_binding = mode;
    return envoi__config_note(config, error);
}

int envoi_config_accept_iq(envoi_config *config, const char *ns)
{
    int error = ns && *ns ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (error)
        return envoi__config_note(config, error);
    struct envoi__options *options = config->options;
    char *copy = envoi__strdup(ns);
    char **grown = envoi__realloc(options->iq_namespaces, (options->iq_namespace_count + 1) * sizeof *grown);
    if (grown)
        options->iq_namespaces = grown;
    if (!copy || !grown) {
        envoi__free(copy);
        return envoi__config_note(config, ENVOI_ERR_NOMEM);
    }
    grown[options->iq_namespace_count++] = copy;
    return envoi__config_note(config, 0);
}

static int set_number(const struct bounds *bounds, uint64_t *field, uint64_t value)
{
    if (value < bounds->least || value > bounds->most)
        return ENVOI_ERR_ARGUMENT;
    *field = value;
    return 0;
}

int envoi_config_set_limit(envoi_config *config, int limit, uint64_t value)
{
    int error = limit > 0 && limit < ENVOI__LIMITS ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    return envoi__config_note(
        config, error ? error : set_number(&limit_bounds[limit], &config->options->limits[limit], value));
}

int envoi_config_set_timeout(envoi_config *config, int timeout, uint64_t ms)
{
    int error = timeout > 0 && timeout < ENVOI__TIMEOUTS ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    return envoi__config_note(
        config, error ? error : set_number(&timeout_bounds[timeout], &config->options->timeouts[timeout], ms));
}

int envoi_config_set_log(envoi_config *config, int level, envoi_log_fn fn, void *user)
{
    int known = level >= ENVOI_LOG_ERROR && level <= ENVOI_LOG_DEBUG;
    int error = known ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (error)
        return envoi__config_note(config, error);
    config->options->log.level = level;
    config->options->log.fn = fn;
    config->options->log.user = user;
    return envoi__config_note(config, 0);
}

int envoi_config_log_bodies(envoi_config *config, int on)
{
    int error = envoi__config_own(config);
    if (!error)
        config->options->log.bodies = on != 0;
    return envoi__config_note(config, error);
}

const char *envoi_config_jid(const envoi_config *config)
{
    return config ? envoi_jid_bare(config->options->jid) : NULL;
}

const char *envoi_config_domain(const envoi_config *config)
{
    return config ? envoi_jid_ascii_domain(config->options->jid) : NULL;
}

int envoi_config_tls(const envoi_config *config)
{
    return config ? config->options->tls : 0;
}
