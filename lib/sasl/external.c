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

const struct envoi__sasl_verbs envoi__external_verbs = {
    begin, envoi__single_challenge, envoi__single_work, envoi__single_success, envoi__single_free, 0, 0};
