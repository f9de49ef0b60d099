/* SPDX-License-Identifier: MIT */
/* EXTERNAL (RFC 4422 A): the channel has told the server who this is, by a client certificate (XEP-0178) or by what a
 * local socket knows of its peer. */
#include "sasl/mechanisms.h"
#include <envoi/error.h>
#include <string.h>

static int begin(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    int error = sasl->authzid ? envoi__buf_add(response, sasl->authzid, strlen(sasl->authzid)) : 0;
    return error ? error : ENVOI__SASL_SEND;
}

static int challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response)
{
    (void)sasl;
    (void)data;
    (void)len;
    (void)response;
    return ENVOI_ERR_AUTH_MALFORMED; /* there is but one message */
}

static int work(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    (void)sasl;
    (void)response;
    return ENVOI_ERR_STATE;
}

/* The server has proven itself by its certificate. */
static int success(struct envoi__sasl *sasl, const uint8_t *data, size_t len)
{
    (void)sasl;
    (void)data;
    return len ? ENVOI_ERR_AUTH_MALFORMED : ENVOI__SASL_DONE;
}

static void free_own(void *own)
{
    (void)own;
}

const struct envoi__sasl_verbs envoi__external_verbs = {begin, challenge, work, success, free_own, 0, 0};
