/* SPDX-License-Identifier: MIT */
/* PLAIN (RFC 4616): the password itself, inside verified TLS. */
#include "sasl/mechanisms.h"
#include <envoi/error.h>
#include <string.h>

/* [authzid] NUL authcid NUL passwd; without an authorization identity it is left to the server. */
static int begin(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    const char *authzid = sasl->authzid ? sasl->authzid : "";
    size_t first = strlen(authzid) + 1, user = strlen(sasl->authcid) + 1, password = strlen(sasl->password);
    uint8_t *to;
    int error = envoi__buf_reserve(response, first + user + password, &to);
    if (error)
        return error;
    memcpy(to, authzid, first);
    memcpy(to + first, sasl->authcid, user);
    memcpy(to + first + user, sasl->password, password);
    envoi__buf_added(response, first + user + password);
    return ENVOI__SASL_SEND;
}

const struct envoi__sasl_verbs envoi__plain_verbs = {
    begin, envoi__single_challenge, envoi__single_work, envoi__single_success, envoi__single_free, 1, 0};
