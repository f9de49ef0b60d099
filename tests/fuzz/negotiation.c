/* SPDX-License-Identifier: MIT */
/* A stream from its first byte on: a fuzzed peer and a fuzzed program (drive.h). The first byte chooses how
 * the stream is secured and what the program knows. No fuzzer completes a TLS handshake, so where TLS is
 * required nobody may ever get as far as logging in. */
#include "drive.h"

#include "stream/stream.h"
#include <string.h>

static const struct {
    int tls;
    const char *password; /* NULL: the program is asked */
    int plain, binding;   /* allow PLAIN; have channel-binding data */
    int logs_in;          /* a server can get us to log in */
} kinds[] = {
    {ENVOI_TLS_EXTERNAL, "r0m30", 1, 0, 1}, {ENVOI_TLS_LOCAL, "r0m30", 0, 0, 1},
    {ENVOI_TLS_EXTERNAL, NULL, 1, 1, 1},    {ENVOI_TLS_LOCAL, NULL, 1, 0, 1},
    {ENVOI_TLS_EXTERNAL, "r0m30", 0, 1, 1}, {ENVOI_TLS_STARTTLS, "r0m30", 1, 0, 0},
    {ENVOI_TLS_STARTTLS, NULL, 1, 0, 0},    {ENVOI_TLS_DIRECT, "r0m30", 1, 0, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static envoi_config *configs[KINDS];

/* Somebody to trust, whose key nobody has. */
/* clang-format off */
static const char root[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIULynvMH+X6DJm3Cn2e647+DHLsvwwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjIyMjM0NTdaGA8yMTI2MTAyOTIyMzQ1\n"
    "N1owDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKkw\n"
    "aAVWOGMIL8jTx2xWcpJklmfJogn1tI98WXZc7zGAtAb9Wgs+U36uRJ5J30mzUALq\n"
    "RNMpXGEHu58BB9WH++CjUzBRMB0GA1UdDgQWBBQvcuGY4495pvZ6aVjFqs0sixY+\n"
    "/TAfBgNVHSMEGDAWgBQvcuGY4495pvZ6aVjFqs0sixY+/TAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIE8pwTHVeVMQGBfDxWn/i5ojbVUd8O1ZVM6D\n"
    "3XX8mlvyAiEAotCzV/p/cTWbBfCPgFwOntFPVU/COAv2BYOnwHk1n7w=\n"
    "-----END CERTIFICATE-----\n";
/* clang-format on */

static void make_configs(void)
{
    envoi_trust *trust;
    FUZZ_CHECK(envoi_trust_new(&trust) == 0);
    FUZZ_CHECK(envoi_trust_add_pem(trust, root, sizeof root - 1) == 0);
    for (int i = 0; i < KINDS; i++) {
        FUZZ_CHECK(envoi_config_new(&configs[i], "juliet@im.example.com") == 0);
        FUZZ_CHECK(envoi_config_set_tls(configs[i], kinds[i].tls) == 0);
        FUZZ_CHECK(envoi_config_set_trust(configs[i], trust) == 0);
        FUZZ_CHECK(envoi_config_set_limit(configs[i], ENVOI_LIMIT_REQUESTS, DRIVE_TOKENS) == 0);
        if (kinds[i].password)
            FUZZ_CHECK(envoi_config_set_password(configs[i], kinds[i].password) == 0);
        if (kinds[i].plain)
            FUZZ_CHECK(envoi_config_allow_mechanism(configs[i], "PLAIN") == 0);
        if (kinds[i].binding)
            FUZZ_CHECK(envoi_config_set_channel_binding_data(configs[i], "tls-exporter",
                                                             "0123456789abcdef0123456789abcdef", 32) == 0);
    }
    envoi_trust_free(trust);
}

static int has_text(const struct envoi__buf *buf, const char *text)
{
    size_t len = strlen(text);
    const uint8_t *bytes = envoi__buf_bytes(buf);
    for (size_t at = 0; at + len <= buf->len; at++)
        if (memcmp(bytes + at, text, len) == 0)
            return 1;
    return 0;
}

static void check_secrets(const struct drive *drive, int kind)
{
    FUZZ_CHECK(kinds[kind].logs_in || !drive->authenticated);
    FUZZ_CHECK(kinds[kind].logs_in || !has_text(&drive->sent, "<auth"));
    FUZZ_CHECK(kinds[kind].tls == ENVOI_TLS_EXTERNAL || !has_text(&drive->sent, "mechanism='PLAIN'"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const nothing[] = {NULL};
    struct fuzz_input input = {data, data + size};
    if (!configs[0])
        make_configs();
    int kind = fuzz_byte(&input) % KINDS;
    drive_run(configs[kind], nothing, input, check_secrets, kind);
    return 0;
}
