/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_SASL_MECHANISMS_H
#define ENVOI_SASL_MECHANISMS_H
/* What the files of this folder share. A new mechanism is a file with its verbs and a row in mechanisms.c. */
#include "base/base64.h"
#include "sasl/crypto.h"
#include "sasl/sasl.h"

/* begin() is called once and before the others, and nothing after an error (but ENVOI_ERR_STATE) or
 * ENVOI__SASL_DONE. */
struct envoi__sasl_verbs {
    int (*begin)(struct envoi__sasl *sasl, struct envoi__buf *response);
    int (*challenge)(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response);
    int (*work)(struct envoi__sasl *sasl, struct envoi__buf *response);
    int (*success)(struct envoi__sasl *sasl, const uint8_t *data, size_t len);
    void (*free)(void *own); /* wipes; NULL allowed */
    int needs_password;
    int prepares; /* user name and password go through SASLprep here, not at the server */
};

/* Verbs of mechanisms whose initial response is all they say (single.c). */
int envoi__single_challenge(struct envoi__sasl *sasl, const uint8_t *data, size_t len, struct envoi__buf *response);
int envoi__single_work(struct envoi__sasl *sasl, struct envoi__buf *response);
int envoi__single_success(struct envoi__sasl *sasl, const uint8_t *data, size_t len);
void envoi__single_free(void *own);

extern const struct envoi__sasl_verbs envoi__scram_verbs, envoi__plain_verbs, envoi__external_verbs;

struct envoi__sasl_mechanism {
    const char *name;
    const struct envoi__sasl_verbs *verbs;
    enum envoi__hash hash; /* SCRAM */
    int plus;              /* with channel binding */
};

struct envoi__sasl_choice {
    const struct envoi__sasl_mechanism *mechanism;
    char flag;         /* 'p', 'y' or 'n' of the GS2 header (RFC 5802 7) */
    int hash_required; /* go on only if the server proves its lists by XEP-0474 */
    const char *type;  /* with 'p': the channel-binding type and its data */
    uint8_t data[ENVOI__CB_MAX];
    size_t len;
};

/* 0, ENVOI_ERR_AUTH_NO_MECHANISM, ENVOI_ERR_AUTH_CHANNEL_BINDING, or an error of params->cb. */
int envoi__sasl_choose(struct envoi__sasl_choice *out, const struct envoi__sasl_params *params);

#define ENVOI__LIST_HASH_SIZE (ENVOI__BASE64_SIZE(ENVOI__HASH_MAX) + 1)
/* The hash over what the server offered (XEP-0474 6.1), in base64. 0, ENVOI_ERR_NOMEM, ENVOI_ERR_UNSUPPORTED.
 */
int envoi__sasl_list_hash(char out[ENVOI__LIST_HASH_SIZE], enum envoi__hash hash,
                          const struct envoi__sasl_params *params);

struct envoi__sasl {
    struct envoi__sasl_choice choice;
    char *authcid;
    char *authzid; /* to be said to the server; NULL: none */
    char *password;
    char *nonce; /* the client's; NULL until it is made */
    uint32_t max_iterations;
    char list_hash[ENVOI__LIST_HASH_SIZE];
    int stage; /* sasl.c: before begin(), open, over */
    void *own; /* the mechanism's state, freed by its verbs */
};

#endif
