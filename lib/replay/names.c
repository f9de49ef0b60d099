/* SPDX-License-Identifier: MIT */
#include "replay/names.h"

#include "base/text.h"
#include "stream/options.h"
#include <envoi/event.h>

static const char *const limits[ENVOI__LIMITS] = {
    [ENVOI_LIMIT_STANZA_BYTES] = "stanza-bytes", [ENVOI_LIMIT_DEPTH] = "depth",
    [ENVOI_LIMIT_INPUT_BYTES] = "input-bytes",   [ENVOI_LIMIT_OUTPUT_BYTES] = "output-bytes",
    [ENVOI_LIMIT_REQUESTS] = "requests",         [ENVOI_LIMIT_ITERATIONS] = "iterations",
    [ENVOI_LIMIT_PASSWORDS] = "passwords",       [ENVOI_LIMIT_ATTRIBUTES] = "attributes",
    [ENVOI_LIMIT_LOGIN_BYTES] = "login-bytes",
};
static const char *const timeouts[ENVOI__TIMEOUTS] = {
    [ENVOI_TIMEOUT_STREAM] = "timeout-stream",       [ENVOI_TIMEOUT_TLS] = "timeout-tls",
    [ENVOI_TIMEOUT_AUTH] = "timeout-auth",           [ENVOI_TIMEOUT_BIND] = "timeout-bind",
    [ENVOI_TIMEOUT_LOGIN] = "timeout-login",         [ENVOI_TIMEOUT_STANZA] = "timeout-stanza",
    [ENVOI_TIMEOUT_REQUEST] = "timeout-request",     [ENVOI_TIMEOUT_CLOSE] = "timeout-close",
    [ENVOI_TIMEOUT_KEEPALIVE] = "timeout-keepalive", [ENVOI_TIMEOUT_IDLE] = "timeout-idle",
    [ENVOI_TIMEOUT_PING] = "timeout-ping",
};
static const char *const modes[] = {
    [ENVOI_TLS_STARTTLS] = "starttls",
    [ENVOI_TLS_DIRECT] = "direct",
    [ENVOI_TLS_EXTERNAL] = "external",
    [ENVOI_TLS_LOCAL] = "local",
};
static const struct {
    int type;
    const char *name;
} events[] = {
    {ENVOI_EVENT_SECURED, "secured"},   {ENVOI_EVENT_AUTHENTICATED, "authenticated"},
    {ENVOI_EVENT_READY, "ready"},       {ENVOI_EVENT_PROGRESS, "progress"},
    {ENVOI_EVENT_CLOSED, "closed"},     {ENVOI_EVENT_STANZA, "stanza"},
    {ENVOI_EVENT_REPLY, "reply"},       {ENVOI_EVENT_UNMATCHED_REPLY, "unmatched"},
    {ENVOI_EVENT_PASSWORD, "password"}, {ENVOI_EVENT_WRITABLE, "writable"},
};
static const struct {
    const char *option, *type;
} bindings[] = {
    {"exporter", "tls-exporter"},
    {"end-point", "tls-server-end-point"},
    {"unique", "tls-unique"},
};

const char *envoi__limit_name(size_t limit)
{
    return limit < ENVOI__LIMITS ? limits[limit] : NULL;
}

const char *envoi__timeout_name(size_t timeout)
{
    return timeout < ENVOI__TIMEOUTS ? timeouts[timeout] : NULL;
}

const char *envoi__tls_name(size_t mode)
{
    return mode < ENVOI__COUNT(modes) ? modes[mode] : NULL;
}

const char *envoi__event_name(int type)
{
    for (size_t i = 0; i < ENVOI__COUNT(events); i++)
        if (events[i].type == type)
            return events[i].name;
    return "?";
}

const char *envoi__error_word(int error)
{
    return envoi_error_name(error) + (error ? sizeof "ENVOI_ERR_" : sizeof "ENVOI_") - 1;
}

const char *envoi__binding_type(const char *option)
{
    for (size_t i = 0; i < ENVOI__COUNT(bindings); i++)
        if (envoi__eq(bindings[i].option, option))
            return bindings[i].type;
    return NULL;
}

const char *envoi__binding_option(const char *type)
{
    for (size_t i = 0; i < ENVOI__COUNT(bindings); i++)
        if (envoi__eq(bindings[i].type, type))
            return bindings[i].option;
    return NULL;
}
