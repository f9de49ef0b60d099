/* SPDX-License-Identifier: MIT */
/* What mechanisms of a single message have in common: the initial response is all that the client says, nothing is
 * worked out over several turns, and the server has proven itself by its certificate alone. */
#include "sasl/mechanisms.h"
#include <envoi/error.h>

int envoi__single_challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response)
{
    (void)sasl;
    (void)data;
    (void)len;
    (void)response;
    return ENVOI_ERR_AUTH_MALFORMED;
}

int envoi__single_work(struct envoi__sasl *sasl, struct envoi__buf *response)
{
    (void)sasl;
    (void)response;
    return ENVOI_ERR_STATE;
}

int envoi__single_success(struct envoi__sasl *sasl, const uint8_t *data, size_t len)
{
    (void)sasl;
    (void)data;
    return len ? ENVOI_ERR_AUTH_MALFORMED : ENVOI__SASL_DONE;
}

void envoi__single_free(void *own)
{
    (void)own;
}
