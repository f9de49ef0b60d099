/* SPDX-License-Identifier: MIT */
/* Deriving a key takes longer than one call may: it comes in slices, with an event after each, and the stream goes on
 * as soon as the key is there. The server is played by hand, up to the proof. */
#include "test.h"

#include "base/base64.h"
#include "base/text.h"
#include <envoi/config.h>
#include <envoi/event.h>
#include <envoi/stream.h>
#include <stdio.h>

#define SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define HEADER                                                                                                       \
    "<stream:stream from='b.example' id='1' version='1.0' xmlns='jabber:client'"                                     \
    " xmlns:stream='http://etherx.jabber.org/streams'>"
#define OFFER                                                                                                        \
    "<stream:features><mechanisms xmlns='" SASL "'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></"                \
    "stream:features>"

/* What the stream wants to send, as text. */
static const char *output(envoi_stream *stream)
{
    static char text[2048];
    size_t len = 0;
    const void *data = envoi_stream_output(stream, &len);
    snprintf(text, sizeof text, "%.*s", (int)len, data ? (const char *)data : "");
    envoi_stream_sent(stream, len);
    return text;
}

static envoi_stream *open_stream(void)
{
    envoi_config *config;
    envoi_stream *stream;
    assert_int_equal(envoi_config_new(&config, "a@b.example"), 0);
    assert_int_equal(envoi_config_set_password(config, "secret"), 0);
    assert_int_equal(envoi_config_set_tls(config, ENVOI_TLS_LOCAL), 0);
    assert_int_equal(envoi_stream_new(&stream, config, 1000), 0);
    envoi_config_free(config);
    return stream;
}

static void say(envoi_stream *stream, const char *text)
{
    assert_int_equal(envoi_stream_receive(stream, text, strlen(text)), 0);
}

/* The server's first message, in answer to the client's in `auth`. */
static void challenge(envoi_stream *stream, const char *auth, unsigned iterations)
{
    uint8_t first[256];
    char message[512], coded[1024], element[1200];
    size_t len = 0;
    const char *data = strchr(auth, '>') + 1;
    assert_int_equal(envoi__base64_decode(data, strcspn(data, "<"), first, &len), 0);
    first[len] = '\0';
    const char *nonce = strstr((const char *)first, ",r=");
    assert_non_null(nonce);
    snprintf(message, sizeof message, "%sx,s=QSXCR+Q6sek8bf92,i=%u", nonce + 1, iterations);
    envoi__base64_encode((const uint8_t *)message, strlen(message), coded);
    snprintf(element, sizeof element, "<challenge xmlns='" SASL "'>%s</challenge>", coded);
    say(stream, element);
}

/* The events until there are none; returns how many told of progress. */
static int drain(envoi_stream *stream, int *closed)
{
    int progress = 0;
    for (const envoi_event *event; (event = envoi_stream_next_event(stream));) {
        progress += envoi_event_type(event) == ENVOI_EVENT_PROGRESS;
        if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
            *closed = envoi_event_error(event);
    }
    return progress;
}

static envoi_stream *open_to_challenge(unsigned iterations)
{
    int closed = 0;
    envoi_stream *stream = open_stream();
    drain(stream, &closed);
    output(stream);
    say(stream, HEADER OFFER);
    drain(stream, &closed);
    const char *auth = output(stream);
    assert_non_null(strstr(auth, "mechanism='SCRAM-SHA-1'"));
    challenge(stream, auth, iterations);
    assert_int_equal(closed, 0);
    return stream;
}

static void test_a_long_derivation_comes_in_slices(void **state)
{
    (void)state;
    static const struct {
        unsigned iterations;
        int progress;
    } rows[] = {{4096, 0}, {4098, 0}, {8194, 1}, {20000, 3}};
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        int closed = 0;
        envoi_stream *stream = open_to_challenge(rows[i].iterations);
        assert_int_equal(drain(stream, &closed), rows[i].progress);
        assert_int_equal(closed, 0);
        assert_non_null(strstr(output(stream), "<response xmlns='" SASL "'>"));
        envoi_stream_free(stream);
    }
}

/* Between two slices the program may do as it likes, and nothing is sent before the key is there. */
static void test_a_derivation_can_be_left_at_any_slice(void **state)
{
    (void)state;
    for (int slices = 0; slices < 3; slices++) {
        int closed = 0;
        envoi_stream *stream = open_to_challenge(20000);
        for (int i = 0; i <= slices; i++) {
            assert_int_equal(envoi_event_type(envoi_stream_next_event(stream)), ENVOI_EVENT_PROGRESS);
            assert_string_equal(output(stream), "");
        }
        if (slices % 2) {
            assert_int_equal(envoi_stream_receive_eof(stream), 0);
            drain(stream, &closed);
            assert_int_equal(closed, ENVOI_ERR_EOF);
        }
        envoi_stream_free(stream);
    }
}

/* The time that the program's machine took for it is not the server's. */
static void test_a_derivation_does_not_use_up_the_time_of_the_server(void **state)
{
    (void)state;
    int closed = 0;
    envoi_stream *stream = open_to_challenge(20000);
    drain(stream, &closed);
    output(stream);
    assert_int_equal(envoi_stream_tick(stream, 1000 + 1000 * 1000), 0); /* the first look at the clock since */
    drain(stream, &closed);
    assert_true(closed == 0 || closed == ENVOI_ERR_TIMEOUT_LOGIN);
    envoi_stream_free(stream);
}

static void test_readers_of_events_take_null(void **state)
{
    (void)state;
    assert_null(envoi_event_text_lang(NULL));
    assert_null(envoi_event_tls_version(NULL));
    assert_null(envoi_event_tls_cipher(NULL));
    assert_null(envoi_stream_sender(NULL, NULL));
    assert_null(envoi_stream_recipient(NULL, NULL));
    envoi_stream *stream = open_stream();
    assert_null(envoi_stream_sender(stream, NULL));
    assert_null(envoi_stream_recipient(stream, NULL));
    int closed = 0;
    envoi_stanza *stanza;
    assert_int_equal(envoi_stanza_new(&stanza, "message", NULL), 0);
    assert_null(envoi_stream_sender(stream, envoi_stanza_root(stanza))); /* before a JID is bound */
    assert_null(envoi_stream_recipient(stream, envoi_stanza_root(stanza)));
    envoi_stanza_free(stanza);
    drain(stream, &closed);
    const envoi_event *event = NULL;
    assert_int_equal(envoi_stream_receive_eof(stream), 0);
    while ((event = envoi_stream_next_event(stream)))
        assert_null(envoi_event_tls_cipher(event)); /* there was no TLS */
    envoi_stream_free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_derivation_comes_in_slices),
        cmocka_unit_test(test_a_derivation_can_be_left_at_any_slice),
        cmocka_unit_test(test_a_derivation_does_not_use_up_the_time_of_the_server),
        cmocka_unit_test(test_readers_of_events_take_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
