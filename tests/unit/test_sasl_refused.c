/* SPDX-License-Identifier: MIT */
/* A system may forbid a hash, or have no randomness: whatever the library behind the hashes refuses ends the login.
 */
#include "foreign.h"
#include "sasl_exchange.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static int refusal; /* what GnuTLS says when a call fails */

FOREIGN(int, gnutls_hash_fast, (gnutls_digest_algorithm_t algorithm, const void *text, size_t len, void *digest),
        (algorithm, text, len, digest), refusal)
FOREIGN(int, gnutls_hmac_fast,
        (gnutls_mac_algorithm_t algorithm, const void *key, size_t key_len, const void *text, size_t len,
         void *digest),
        (algorithm, key, key_len, text, len, digest), refusal)
FOREIGN(int, gnutls_hmac_init,
        (gnutls_hmac_hd_t * hmac, gnutls_mac_algorithm_t algorithm, const void *key, size_t key_len),
        (hmac, algorithm, key, key_len), refusal)
FOREIGN(int, gnutls_hmac, (gnutls_hmac_hd_t hmac, const void *text, size_t len), (hmac, text, len), refusal)
FOREIGN(int, gnutls_rnd, (gnutls_rnd_level_t level, void *data, size_t len), (level, data, len), refusal)

static const char *const names[] = {"gnutls_hash_fast", "gnutls_hmac_fast", "gnutls_hmac_init", "gnutls_hmac",
                                    "gnutls_rnd"};

/* A login with SCRAM up to the client's proof, with a nonce of our own making. */
static int log_in(void *user)
{
    struct exchange *x = user;
    struct envoi__sasl *sasl = NULL;
    struct envoi__buf response;
    char first[256];
    envoi__buf_init(&response, 0);
    int result = envoi__sasl_new(&sasl, &x->params);
    if (!result)
        result = envoi__sasl_begin(sasl, &response);
    if (!result) {
        enum { HEAD = 10 }; /* n,,n=user, */
        int len = snprintf(first, sizeof first, "%.*sx,s=QSXCR+Q6sek8bf92,i=10000", (int)response.len - HEAD,
                           (const char *)envoi__buf_bytes(&response) + HEAD);
        assert_in_range(len, 1, sizeof first - 1);
        envoi__buf_truncate(&response, 0);
        result = feed(sasl, first, (size_t)len, &response);
        assert_int_equal(response.len != 0, result == ENVOI__SASL_SEND);
    }
    if (result < 0 && sasl) /* a login that failed proves nothing any more */
        assert_int_equal(succeed(sasl, PROOF_FINAL), ENVOI_ERR_AUTH_SERVER_UNVERIFIED);
    envoi__sasl_free(sasl);
    envoi__buf_free(&response);
    if (foreign_victim && result < 0)
        assert_int_equal(result, refusal == GNUTLS_E_MEMORY_ERROR && strcmp(foreign_victim, "gnutls_rnd") != 0
                                     ? ENVOI_ERR_NOMEM
                                     : ENVOI_ERR_UNSUPPORTED);
    return result;
}

static void test_whatever_the_system_refuses_ends_the_login(void **state)
{
    (void)state;
    static const int refusals[] = {GNUTLS_E_UNWANTED_ALGORITHM, GNUTLS_E_MEMORY_ERROR};
    struct exchange x;
    set_up(&x, "SCRAM-SHA-256", "", "");
    for (size_t i = 0; i < ENVOI__COUNT(refusals); i++) {
        refusal = refusals[i];
        with_failing_calls(names, ENVOI__COUNT(names), log_in, &x, MUST_SHOW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_the_system_refuses_ends_the_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
