/* SPDX-License-Identifier: MIT */
/* A stream that is logged in: a fuzzed peer and a fuzzed program (drive.h). The first byte chooses the
 * limits. */
#include "drive.h"

#define HEADER                                                                                                       \
    "<?xml version='1.0'?><stream:stream from='im.example.com' id='s1' version='1.0' xmlns='jabber:client' "         \
    "xmlns:stream='http://etherx.jabber.org/streams'>"

static envoi_config *configs[2];

static void make_configs(void)
{
    for (int i = 0; i < 2; i++) {
        FUZZ_CHECK(envoi_config_new(&configs[i], "juliet@im.example.com") == 0);
        FUZZ_CHECK(envoi_config_set_password(configs[i], "r0m30") == 0);
        FUZZ_CHECK(envoi_config_set_tls(configs[i], ENVOI_TLS_EXTERNAL) == 0);
        FUZZ_CHECK(envoi_config_allow_mechanism(configs[i], "PLAIN") == 0);
        FUZZ_CHECK(envoi_config_accept_iq(configs[i], "urn:xmpp:ping") == 0);
    }
    FUZZ_CHECK(envoi_config_set_limit(configs[1], ENVOI_LIMIT_STANZA_BYTES, 10000) == 0);
    FUZZ_CHECK(envoi_config_set_limit(configs[1], ENVOI_LIMIT_INPUT_BYTES, 4096) == 0);
    FUZZ_CHECK(envoi_config_set_limit(configs[1], ENVOI_LIMIT_OUTPUT_BYTES, 16384) == 0);
    FUZZ_CHECK(envoi_config_set_limit(configs[1], ENVOI_LIMIT_DEPTH, 8) == 0);
    for (int i = 0; i < 2; i++)
        FUZZ_CHECK(envoi_config_set_limit(configs[i], ENVOI_LIMIT_REQUESTS, i ? 3 : DRIVE_TOKENS) == 0);
}

static const char *const login[] = {
    HEADER "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
           "<mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    HEADER "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    "<iq type='result' id='AAAAAAAAAAAAAAAAAAAAAA.0'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>juliet@im.example.com/balcony</jid></bind></iq>",
    NULL};

static void check_ready(const struct drive *drive, int kind)
{
    (void)kind;
    FUZZ_CHECK(drive->ready);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    if (!configs[0])
        make_configs();
    int kind = fuzz_byte(&input) & 1;
    drive_run(configs[kind], login, input, check_ready, kind);
    return 0;
}
