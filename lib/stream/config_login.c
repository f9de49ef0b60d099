/* SPDX-License-Identifier: MIT */
/* Options of a login that are not a password. */
#include "stream/options.h"

#include "base/text.h"
#include "tls/tls.h"

/* RFC 6120 6.3.8: a bare JID, of somebody. */
static int parse_account(envoi_jid **out, const char *text)
{
    envoi_jid *jid = NULL;
    int error = envoi_jid_parse(&jid, text);
    if (!error && (!envoi_jid_localpart(jid) || envoi_jid_resourcepart(jid))) {
        envoi_jid_free(jid);
        error = ENVOI_ERR_JID;
    }
    if (!error)
        *out = jid;
    return error;
}

int envoi_config_set_authzid(envoi_config *config, const char *jid)
{
    envoi_jid *account = NULL;
    int error = envoi__config_own(config);
    if (!error && jid)
        error = parse_account(&account, jid);
    if (error)
        return envoi__config_note(config, error);
    envoi_jid_free(config->options->authzid);
    config->options->authzid = account;
    return 0;
}

static int set_identity(envoi_config *config, struct envoi__identity *identity, int error)
{
    if (!error)
        error = envoi__config_own(config);
    if (error) {
        envoi__identity_free(identity);
        return envoi__config_note(config, error);
    }
    envoi__identity_free(config->options->identity);
    config->options->identity = identity;
    return 0;
}

int envoi_config_set_certificate(envoi_config *config, const void *certificate, size_t certificate_len,
                                 const void *key, size_t key_len)
{
    struct envoi__identity *identity = NULL;
    int error = !config || !certificate != !key ? ENVOI_ERR_ARGUMENT : 0;
    if (!error && certificate)
        error = envoi__identity_new(&identity, certificate, certificate_len, key, key_len);
    return set_identity(config, identity, error);
}

int envoi_config_set_certificate_files(envoi_config *config, const char *certificate_path, const char *key_path)
{
    struct envoi__identity *identity = NULL;
    int error = !config || !certificate_path != !key_path ? ENVOI_ERR_ARGUMENT : 0;
    if (!error && certificate_path)
        error = envoi__identity_load(&identity, certificate_path, key_path);
    return set_identity(config, identity, error);
}

int envoi_config_allow_mechanism(envoi_config *config, const char *mechanism)
{
    int error = mechanism ? envoi__config_own(config) : ENVOI_ERR_ARGUMENT;
    if (error)
        return envoi__config_note(config, error);
    if (envoi__eq(mechanism, "PLAIN"))
        config->options->plain_allowed = 1;
    else if (envoi__eq(mechanism, "EXTERNAL"))
        config->options->external_allowed = 1;
    else
        return envoi__config_note(config, ENVOI_ERR_UNSUPPORTED);
    return 0;
}
