/* SPDX-License-Identifier: MIT */
/* What becomes of a login that the server refused (RFC 6120 6.4.5, 6.5). */
#include "stream/stream.h"

#include "base/text.h"
#include "data/common.h"

static const struct {
    const char *condition;
    int error;
} failures[] = {
    {"aborted", ENVOI_ERR_AUTH_ABORTED},
    {"account-disabled", ENVOI_ERR_AUTH_ACCOUNT_DISABLED},
    {"credentials-expired", ENVOI_ERR_AUTH_CREDENTIALS_EXPIRED},
    {"encryption-required", ENVOI_ERR_AUTH_ENCRYPTION_REQUIRED},
    {"incorrect-encoding", ENVOI_ERR_AUTH_INCORRECT_ENCODING},
    {"invalid-authzid", ENVOI_ERR_AUTH_INVALID_AUTHZID},
    {"invalid-mechanism", ENVOI_ERR_AUTH_INVALID_MECHANISM},
    {"malformed-request", ENVOI_ERR_AUTH_MALFORMED_REQUEST},
    {"mechanism-too-weak", ENVOI_ERR_AUTH_MECHANISM_TOO_WEAK},
    {"not-authorized", ENVOI_ERR_AUTH_REJECTED},
    {"temporary-auth-failure", ENVOI_ERR_AUTH_TEMPORARY},
};

static int error_of(const char *condition)
{
    for (size_t i = 0; i < ENVOI__COUNT(failures); i++)
        if (envoi__eq(condition, failures[i].condition))
            return failures[i].error;
    return ENVOI_ERR_AUTH_REJECTED; /* an unknown condition is not-authorized (6.5) */
}

static const char *condition_of(const envoi_element *failure)
{
    const envoi_element *child = envoi_element_first_child(failure);
    while (child &&
           (envoi_element_is(child, "text", NULL) || !envoi__eq(envoi_element_namespace(child), ENVOI__NS_SASL)))
        child = envoi_element_next_sibling(child);
    return child ? envoi_element_name(child) : "not-authorized";
}

/* 6.5.7 is said of mechanisms; and what is said of a certificate says nothing about a password. */
static int is_about_mechanism(const struct envoi_stream *stream, int error)
{
    int is_external = envoi__eq(envoi__sasl_mechanism(stream->sasl), "EXTERNAL");
    return error == ENVOI_ERR_AUTH_INVALID_MECHANISM ||
           (is_external && (error == ENVOI_ERR_AUTH_REJECTED || error == ENVOI_ERR_AUTH_MECHANISM_TOO_WEAK));
}

/* 6.4.5: only a program that answers by new passwords can mend a rejected one. */
static int may_ask_again(const struct envoi_stream *stream, int error)
{
    return error == ENVOI_ERR_AUTH_REJECTED && stream->password &&
           stream->passwords_tried < stream->options->limits[ENVOI_LIMIT_PASSWORDS];
}

static enum envoi__state ask_again(struct envoi_stream *stream, int error, const char *condition,
                                   const envoi_element *text)
{
    enum envoi__state next = envoi__auth_ask(stream);
    stream->event.error = error;
    stream->event.condition = condition;
    stream->event.text = envoi_element_text(text);
    stream->event.text_lang = envoi_element_lang(text);
    return next;
}

enum envoi__state envoi__auth_failed(struct envoi_stream *stream)
{
    const envoi_element *failure = stream->tree.root;
    const envoi_element *text = envoi__child_for_lang(failure, "text", NULL, stream->options->lang);
    const char *condition = condition_of(failure);
    int error = error_of(condition);
    enum envoi__state next;
    if (is_about_mechanism(stream, error) && envoi__auth_next(stream, &next))
        return next;
    if (may_ask_again(stream, error))
        return ask_again(stream, error, condition, text);
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_told(stream, error, condition, text, envoi__error_is_retryable(error));
}
