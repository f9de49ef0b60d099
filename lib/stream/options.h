/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STREAM_OPTIONS_H
#define ENVOI_STREAM_OPTIONS_H
/* What an envoi_config holds. Streams share it by reference; a setter on a config whose options are shared
 * makes the config a copy of its own first, so a stream never sees a change and a thousand streams need one
 * copy. */
#include <envoi/config.h>
#include <envoi/jid.h>

#include "base/log.h"
#include "sasl/sasl.h"
#include <stdatomic.h>

enum { ENVOI__LIMITS = ENVOI_LIMIT_LOGIN_BYTES + 1, ENVOI__TIMEOUTS = ENVOI_TIMEOUT_PING + 1 };

struct envoi__options {
    atomic_uint references;
    envoi_jid *jid;     /* bare */
    envoi_jid *authzid; /* bare, the account to act for; NULL: jid */
    char *resource, *password, *lang, *priority;
    char **iq_namespaces; /* payloads that the program answers itself */
    size_t iq_namespace_count;
    envoi_trust *trust;
    struct envoi__identity *identity; /* our own certificate; NULL: none */
    int tls, channel_binding, plain_allowed, external_allowed, has_accepted;
    uint8_t accepted[32];
    char binding_type[24]; /* of a transport with TLS of its own; "" for none */
    uint8_t binding[ENVOI__CB_MAX];
    size_t binding_len;
    uint64_t limits[ENVOI__LIMITS];
    uint64_t timeouts[ENVOI__TIMEOUTS];
    struct envoi__log log;
};

struct envoi_config {
    struct envoi__options *options;
    int error; /* the first that a setter met */
};

/* Every setter goes through the first before it writes, and comes out through the second. */
int envoi__config_own(envoi_config *config);
int envoi__config_note(envoi_config *config, int error);

/* Whose the session will be. */
static inline const envoi_jid *envoi__options_account(const struct envoi__options *options)
{
    return options->authzid ? options->authzid : options->jid;
}

struct envoi__options *envoi__options_ref(const envoi_config *config);
void envoi__options_unref(struct envoi__options *options);

#endif
