/* SPDX-License-Identifier: MIT */
#include "sasl/sasl.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include "sasl/mechanisms.h"
#include <envoi/error.h>
#include <string.h>

enum { FRESH, OPEN, OVER };

/* What is secret goes as soon as it has served; the names that a log shows stay. */
static void forget(struct envoi__sasl *sasl)
{
    sasl->choice.mechanism->verbs->free(sasl->own);
    sasl->own = NULL;
    envoi__free_secret(sasl->password);
    sasl->password = NULL;
    envoi__wipe(sasl->choice.data, sizeof sasl->choice.data);
    sasl->stage = OVER;
}

static int settle(struct envoi__sasl *sasl, int result)
{
    if ((result < 0 && result != ENVOI_ERR_STATE) || result == ENVOI__SASL_DONE)
        forget(sasl);
    return result;
}

typedef int (*saslprep_fn)(char **out, const char *text, size_t len);

/* RFC 5802 5.1: a preparation that fails or leaves nothing ends the login. */
static int prepare(char **out, const char *text, saslprep_fn saslprep)
{
    char *made = NULL;
    int error = 0;
    if (saslprep)
        error = saslprep(&made, text, strlen(text));
    else if (!envoi__utf8_valid(text, strlen(text)))
        error = ENVOI_ERR_UTF8;
    else if (!(made = envoi__strdup(text)))
        error = ENVOI_ERR_NOMEM;
    if (!error && !*made)
        error = ENVOI_ERR_AUTH_PASSWORD;
    if (error) {
        envoi__free_secret(made);
        return error == ENVOI_ERR_NOMEM ? error : ENVOI_ERR_AUTH_PASSWORD;
    }
    *out = made;
    return 0;
}

static int copy_params(struct envoi__sasl *sasl, const struct envoi__sasl_params *params)
{
    const struct envoi__sasl_mechanism *mechanism = sasl->choice.mechanism;
    int prepares = mechanism->verbs->prepares, is_external = mechanism->verbs == &envoi__external_verbs;
    int error = prepare(&sasl->authcid, params->authcid, prepares ? envoi__saslprep_query : NULL);
    /* RFC 6120 6.3.8: one's own identity is not said again; but a certificate may be good for several (XEP-0178 2) */
    if (!error && params->authzid && (is_external || !params->authzid_is_own) &&
        !(sasl->authzid = envoi__strdup(params->authzid)))
        error = ENVOI_ERR_NOMEM;
    if (!error && mechanism->verbs->needs_password)
        error = prepare(&sasl->password, params->password, prepares ? envoi__saslprep_stored : NULL);
    if (!error && mechanism->verbs == &envoi__scram_verbs)
        error = envoi__sasl_list_hash(sasl->list_hash, mechanism->hash, params);
    if (!error && params->nonce && !(sasl->nonce = envoi__strdup(params->nonce)))
        error = ENVOI_ERR_NOMEM;
    sasl->max_iterations = params->max_iterations;
    return error;
}

int envoi__sasl_needs_password(const struct envoi__sasl_params *params)
{
    struct envoi__sasl_choice choice;
    int error = envoi__sasl_choose(&choice, params);
    if (error)
        return error;
    envoi__wipe(choice.data, sizeof choice.data);
    return choice.mechanism->verbs->needs_password;
}

int envoi__sasl_new(struct envoi__sasl **out, const struct envoi__sasl_params *params)
{
    struct envoi__sasl *sasl = envoi__alloc_zero(sizeof *sasl);
    if (!sasl)
        return ENVOI_ERR_NOMEM;
    int error = envoi__sasl_choose(&sasl->choice, params);
    if (error) {
        envoi__free(sasl);
        return error;
    }
    error = copy_params(sasl, params);
    if (error) {
        envoi__sasl_free(sasl);
        return error;
    }
    *out = sasl;
    return 0;
}

void envoi__sasl_free(struct envoi__sasl *sasl)
{
    if (!sasl)
        return;
    forget(sasl);
    envoi__free(sasl->authcid);
    envoi__free(sasl->authzid);
    envoi__free(sasl->nonce);
    envoi__wipe(sasl, sizeof *sasl);
    envoi__free(sasl);
}

const char *envoi__sasl_mechanism(const struct envoi__sasl *sasl)
{
    return sasl->choice.mechanism->name;
}

const char *envoi__sasl_channel_binding(const struct envoi__sasl *sasl)
{
    return sasl->choice.type;
}

/* A response is all or nothing. */
static int settle_response(struct envoi__sasl *sasl, int result, struct envoi__buf *response, size_t before)
{
    if (result < 0)
        envoi__buf_truncate(response, before);
    return settle(sasl, result);
}

int envoi__sasl_begin(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    size_t before = response->len;
    if (sasl->stage != FRESH)
        return ENVOI_ERR_STATE;
    sasl->stage = OPEN;
    return settle_response(sasl, sasl->choice.mechanism->verbs->begin(sasl, response), response, before);
}

int envoi__sasl_challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response)
{
    size_t before = response->len;
    if (sasl->stage != OPEN)
        return ENVOI_ERR_STATE;
    int result = sasl->choice.mechanism->verbs->challenge(sasl, data, len, response);
    return settle_response(sasl, result, response, before);
}

int envoi__sasl_work(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    size_t before = response->len;
    if (sasl->stage != OPEN)
        return ENVOI_ERR_STATE;
    return settle_response(sasl, sasl->choice.mechanism->verbs->work(sasl, response), response, before);
}

int envoi__sasl_success(struct envoi__sasl *sasl, const uint8_t *data, size_t len)
{
    if (sasl->stage != OPEN) /* before the first message, or once more: nothing was proven */
        return ENVOI_ERR_AUTH_SERVER_UNVERIFIED;
    return settle(sasl, sasl->choice.mechanism->verbs->success(sasl, data, len));
}
