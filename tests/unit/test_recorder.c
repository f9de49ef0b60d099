/* SPDX-License-Identifier: MIT */
/* What a recorder writes down, and what it leaves out. That recordings can be played again is shown by transcripts.
 */
#include "test.h"

#include "base/text.h"
#include <envoi/recorder.h>
#include <gnutls/crypto.h>
#include <stdio.h>

#define DOMAIN   "im.example.com"
#define SASL     "urn:ietf:params:xml:ns:xmpp-sasl"
#define PASSWORD "r0m30 and more"
#define HEADER                                                                                                       \
    "<?xml version='1.0'?><stream:stream from='" DOMAIN "' id='1' version='1.0' xmlns='jabber:client'"               \
    " xmlns:stream='http://etherx.jabber.org/streams'>"
#define PLAIN                                                                                                        \
    "<stream:features><mechanisms xmlns='" SASL "'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
#define BIND "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"

static int randomness_fails;

int __real_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len);
int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len);

int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len)
{
    return randomness_fails ? GNUTLS_E_RANDOM_FAILED : __real_gnutls_rnd(level, out, len);
}

struct scene {
    envoi_stream *stream;
    envoi_recorder *recorder;
    uint64_t now;
    char text[65536]; /* what was recorded */
    size_t len;
    char id[64]; /* of the last iq that was sent */
    int error;
};

static void keep(struct scene *scene, int error)
{
    if (error && !scene->error)
        scene->error = error;
}

static void take_text(struct scene *scene)
{
    size_t len;
    const char *text = envoi_recorder_text(scene->recorder, &len);
    if (!text)
        return;
    assert_true(scene->len + len < sizeof scene->text);
    memcpy(scene->text + scene->len, text, len);
    scene->len += len;
    scene->text[scene->len] = '\0';
    assert_int_equal(envoi_recorder_taken(scene->recorder, len), 0);
}

static void find_id(struct scene *scene, const char *output, size_t len)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%.*s", (int)len, output);
    const char *id = strstr(copy, "<iq ") ? strstr(strstr(copy, "<iq "), " id='") : NULL;
    if (id)
        snprintf(scene->id, sizeof scene->id, "%.*s", (int)strcspn(id + 5, "'"), id + 5);
}

static void pump(struct scene *scene)
{
    const envoi_event *event;
    size_t len;
    while ((event = envoi_stream_next_event(scene->stream)))
        if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
            keep(scene, envoi_event_error(event) == ENVOI_ERR_NOMEM ? ENVOI_ERR_NOMEM : 0);
    const char *output = envoi_stream_output(scene->stream, &len);
    if (output) {
        find_id(scene, output, len);
        envoi_stream_sent(scene->stream, len);
    }
    take_text(scene);
}

static void say(struct scene *scene, const char *text)
{
    keep(scene, envoi_stream_receive(scene->stream, text, strlen(text)));
    pump(scene);
}

static void pass(struct scene *scene, uint64_t ms)
{
    envoi_stream_tick(scene->stream, scene->now); /* due at once behind what came */
    envoi_stream_tick(scene->stream, scene->now += ms);
    pump(scene);
}

static envoi_config *make_config(int tls)
{
    envoi_config *config = NULL;
    if (envoi_config_new(&config, "juliet@" DOMAIN "/a {balcony}"))
        return NULL;
    envoi_config_set_password(config, PASSWORD);
    envoi_config_set_tls(config, tls);
    envoi_config_allow_mechanism(config, "PLAIN");
    if (!envoi_config_error(config))
        return config;
    envoi_config_free(config);
    return NULL;
}

/* 0, or for want of memory there is no stream or no recorder. */
static int open_scene(struct scene *scene, int tls, int flags)
{
    *scene = (struct scene){.now = 1000};
    envoi_config *config = make_config(tls);
    if (!config)
        return ENVOI_ERR_NOMEM;
    int error = envoi_stream_new(&scene->stream, config, scene->now);
    envoi_config_free(config);
    return error ? error : envoi_recorder_new(&scene->recorder, scene->stream, flags);
}

static void close_scene(struct scene *scene)
{
    envoi_stream_free(scene->stream);
    if (scene->recorder)
        take_text(scene);
    envoi_recorder_free(scene->recorder);
}

static void log_in(struct scene *scene)
{
    char result[512];
    pump(scene);
    pass(scene, 20);
    say(scene, HEADER);
    say(scene, PLAIN);
    say(scene, "<success xmlns='" SASL "'/>");
    say(scene, HEADER);
    say(scene, BIND);
    snprintf(result, sizeof result,
             "<iq type='result' id='%s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@" DOMAIN
             "/x</jid></bind></iq>",
             scene->id);
    say(scene, result);
}

static void send_xml(struct scene *scene, const char *xml)
{
    envoi_stanza *stanza = NULL;
    keep(scene, envoi_stanza_parse(&stanza, xml, strlen(xml)));
    if (stanza)
        keep(scene, envoi_stream_send(scene->stream, stanza));
    envoi_stanza_free(stanza);
    pump(scene);
}

static void ask(struct scene *scene, const char *xml)
{
    envoi_stanza *stanza = NULL;
    keep(scene, envoi_stanza_parse(&stanza, xml, strlen(xml)));
    if (stanza)
        keep(scene, envoi_stream_send_iq(scene->stream, stanza, 5000, NULL));
    envoi_stanza_free(stanza);
    pump(scene);
}

static void assert_line(const struct scene *scene, const char *line)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(scene->text, whole))
        fail_msg("no line `%s` in:\n%s", line, scene->text);
}

static void assert_absent(const struct scene *scene, const char *text)
{
    if (strstr(scene->text, text))
        fail_msg("`%s` in:\n%s", text, scene->text);
}

static void ready_scene(struct scene *scene, int flags)
{
    assert_int_equal(open_scene(scene, ENVOI_TLS_EXTERNAL, flags), 0);
    log_in(scene);
    assert_string_equal(envoi_stream_state(scene->stream), "ready");
}

static void test_recorder_writes_what_both_sides_say_in_order(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    const char *wanted[] = {
        "# recorded by envoi ",
        "\nA: connect jid=juliet@" DOMAIN
        " password=secret tls=external resource='a {byte 7b}balcony}' allow=PLAIN timeout-idle=300000\n",
        "\nC: <stream:stream to='" DOMAIN "' from='juliet@" DOMAIN "' version='1.0'",
        "\nT: 20\n",
        "\nS: " HEADER "\n",
        "\nS: " PLAIN "\n",
        "\nC: <auth xmlns='" SASL "' mechanism='{mechanism}'>{any}</auth>\n",
        "\nS: <success xmlns='" SASL "'/>\n",
        "\nC: <stream:stream ",
        "\nE: authenticated mechanism=PLAIN binding=none\n",
        "\nS: " HEADER "\n",
        "\nC: <iq type='set' id='{id-1}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>a {byte 7b}balcony}"
        "</resource></bind></iq>\n",
        "\nS: <iq type='result' id='{id-1}'><bind ",
        "\nE: ready jid=juliet@" DOMAIN "/x\n",
    };
    const char *at = scene.text;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *found = strstr(at, wanted[i]);
        if (!found)
            fail_msg("no `%s` in its place:\n%s", wanted[i], scene.text);
        at = found + strlen(wanted[i]) - 1;
    }
    assert_absent(&scene, scene.id);
    close_scene(&scene);
}

static void test_recorder_writes_calls_and_their_failures(void **state)
{
    struct scene scene;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    assert_int_equal(envoi_stream_cancel_iq(scene.stream, 9), ENVOI_ERR_NOT_FOUND);
    log_in(&scene);
    send_xml(&scene, "<presence xmlns='jabber:client'/>");
    ask(&scene, "<iq type='get' id='mine' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert_int_equal(envoi_stream_set_password(scene.stream, PASSWORD), ENVOI_ERR_STATE);
    pass(&scene, 0);
    pass(&scene, 4000);
    pass(&scene, 1000);
    envoi_stream_close(scene.stream);
    pump(&scene);
    assert_line(&scene, "A: cancel -> NOT_FOUND 9");
    assert_line(&scene, "A: send <presence xmlns='jabber:client'/>\nC: <presence/>");
    assert_line(&scene,
                "A: send_iq timeout=5000 <iq xmlns='jabber:client' type='get' id='mine'><ping "
                "xmlns='urn:xmpp:ping'/></iq>\nC: <iq type='get' id='{id-2}'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert_line(&scene, "A: password -> STATE secret");
    assert_line(&scene, "T: 5000");
    assert_line(&scene, "E: reply token=1 error=TIMEOUT_REQUEST");
    assert_line(&scene, "A: close\nC: </stream:stream>");
    close_scene(&scene);
}

static void test_recorder_writes_stanzas_and_escapes_what_a_line_cannot_hold(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message from='romeo@" DOMAIN "'><body>{\"two\":\nlines}</body></message> ");
    assert_line(&scene,
                "S: <message from='romeo@" DOMAIN "'><body>{byte 7b}\"two\":{byte 0a}lines}</body></message>");
    assert_line(&scene, "E: stanza <message xmlns='jabber:client' from='romeo@" DOMAIN
                        "'><body>{byte 7b}&quot;two&quot;:{byte 0a}lines}</body></message>");
    assert_line(&scene, "S: {byte 20}");
    close_scene(&scene);
}

static void test_recorder_names_identifiers_of_messages_too(void **state)
{
    struct scene scene;
    envoi_stanza *message;
    char id[64], answer[512];
    (void)state;
    ready_scene(&scene, 0);
    assert_int_equal(envoi_message_new(&message, "romeo@" DOMAIN, NULL), 0);
    assert_int_equal(envoi_stanza_make_id(message), 0);
    snprintf(id, sizeof id, "%s", envoi_element_attr(envoi_stanza_root(message), "id"));
    assert_int_equal(envoi_stream_send(scene.stream, message), 0);
    envoi_stanza_free(message);
    pump(&scene);
    snprintf(answer, sizeof answer, "<message type='error' id='%s' from='romeo@" DOMAIN "'/>", id);
    say(&scene, answer);
    assert_line(&scene, "C: <message to='romeo@" DOMAIN "' id='{id-2}'/>");
    assert_line(&scene, "S: <message type='error' id='{id-2}' from='romeo@" DOMAIN "'/>");
    close_scene(&scene);
}

static void test_recorder_hides_bodies_when_asked_to(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, ENVOI_RECORDER_HIDE_BODIES);
    say(&scene, "<message from='romeo@" DOMAIN "'><body>private</body></message>");
    send_xml(&scene, "<message xmlns='jabber:client' to='romeo@" DOMAIN "'><body>private</body></message>");
    assert_absent(&scene, "private");
    assert_line(&scene, "S: <message from='romeo@" DOMAIN "'><body>...</body></message>");
    assert_line(&scene, "C: <message to='romeo@" DOMAIN "'><body>...</body></message>");
    close_scene(&scene);
}

static void test_recorder_never_writes_secrets(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    send_xml(&scene, "<iq type='set' id='1' xmlns='jabber:client'><query xmlns='jabber:iq:register'>"
                     "<username>juliet</username><password>n3w</password></query></iq>");
    say(&scene, "<message from='room@" DOMAIN "'><x xmlns='jabber:x:conference' password='c4uldr0n'/>"
                "<password xmlns='urn:x'>c4uldr0n</password></message>");
    say(&scene, "<message from='room@" DOMAIN "'><x xmlns='jabber:x:data'><field var='muc#roomconfig_roomsecret'>"
                "<value>c4ve</value></field></x></message>");
    assert_absent(&scene, "n3w");
    assert_absent(&scene, "c4uldr0n");
    assert_absent(&scene, "c4ve");
    assert_absent(&scene, "AGp1bGlldAByMG0zMC"); /* what PLAIN makes of it */
    assert_absent(&scene, "r0m30");
    close_scene(&scene);
}

static void test_recorder_writes_an_unfinished_stanza_where_it_began(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    pass(&scene, 7);
    say(&scene, "<message from='romeo@" DOMAIN "'><body>But soft");
    pass(&scene, 13);
    envoi_stream_receive_eof(scene.stream);
    pump(&scene);
    assert_line(&scene, "T: 7\nS: <message from='romeo@" DOMAIN "'><body>But soft\nT: 13\nA: eof\n"
                        "E: closed error=EOF retryable=1");
    close_scene(&scene);
}

static void test_recorder_tells_how_the_transport_failed(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    ask(&scene, "<iq type='get' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>");
    envoi_stream_transport_failed(scene.stream, ENVOI_ERR_RESET, "as a test says");
    pump(&scene);
    assert_line(&scene, "A: fail RESET\nE: reply token=1 error=RESET\nE: closed error=RESET retryable=1");
    close_scene(&scene);
}

static void test_recorder_keeps_xml_that_is_malformed(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message></presence>");
    assert_non_null(strstr(scene.text, "\nS: <message></presence>\nC: <stream:error><not-well-formed "));
    assert_non_null(strstr(scene.text, "\nE: closed error=XML_MALFORMED condition=not-well-formed "));
    close_scene(&scene);
}

static void test_recorder_leaves_out_malformed_xml_that_may_hold_a_secret(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message><password>c4uldr0n</message></message>");
    assert_absent(&scene, "c4uldr0n");
    assert_non_null(strstr(scene.text, "\n# S: "));
    assert_non_null(strstr(scene.text, "\n# E: closed "));
    assert_absent(&scene, "\nE: closed");
    close_scene(&scene);
}

static void test_recorder_hides_bodies_that_are_no_whole_stanza_too(void **state)
{
    static const char *const broken[] = {
        "<message><body>private", "<message><body>private</message>",
        "<message><event xmlns='http://jabber.org/protocol/pubsub#event'><items><item><a>private"};
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct scene scene;
        ready_scene(&scene, ENVOI_RECORDER_HIDE_BODIES);
        say(&scene, broken[i]);
        envoi_stream_receive_eof(scene.stream);
        pump(&scene);
        assert_absent(&scene, "private");
        assert_non_null(strstr(scene.text, "\n# S: "));
        close_scene(&scene);
    }
}

static void test_recorder_text_is_utf8_whatever_came(void **state)
{
    struct scene scene;
    size_t used = 0, step = 1;
    uint32_t c;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message><body>\xC3\xA9\xFF\xC3(</body></message>\xE2\x82");
    for (; used < scene.len && step; used += step)
        step = envoi__utf8_decode((const uint8_t *)scene.text + used, scene.len - used, &c);
    assert_int_equal(used, scene.len);
    assert_non_null(strstr(scene.text, "\nS: <message><body>\xC3\xA9{byte ff}{byte c3}(</body></message>"
                                       "{byte e2}{byte 82}\n"));
    close_scene(&scene);
}

static void test_recorder_writes_comments_until_tls_is_up(void **state)
{
    struct scene scene;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_STARTTLS, 0), 0);
    pump(&scene);
    say(&scene, HEADER "<stream:features/>");
    for (const char *line = scene.text; *line; line = strchr(line, '\n') + 1)
        assert_int_equal(*line, '#');
    assert_non_null(strstr(scene.text, "\n# C: <stream:stream to='" DOMAIN "' version"));
    assert_non_null(strstr(scene.text, "\n# E: closed error=TLS_REQUIRED"));
    close_scene(&scene);
}

static void test_recorder_begins_only_with_a_new_stream(void **state)
{
    struct scene scene;
    envoi_recorder *second = NULL;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    assert_int_equal(envoi_recorder_new(&second, scene.stream, 0), ENVOI_ERR_STATE);
    envoi_recorder_free(scene.recorder);
    scene.recorder = NULL;
    assert_int_equal(envoi_recorder_new(&second, scene.stream, 2), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_recorder_new(&second, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_recorder_new(NULL, scene.stream, 0), ENVOI_ERR_ARGUMENT);
    envoi_stream_sent(scene.stream, 0);
    assert_int_equal(envoi_stream_receive(scene.stream, HEADER, strlen(HEADER)), 0);
    assert_int_equal(envoi_recorder_new(&second, scene.stream, 0), ENVOI_ERR_STATE);
    assert_null(second);
    close_scene(&scene);
}

static void test_recorder_text_outlives_the_stream(void **state)
{
    struct scene scene;
    size_t len = 0;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    envoi_stream_free(scene.stream);
    scene.stream = NULL;
    assert_non_null(envoi_recorder_text(scene.recorder, &len));
    assert_int_equal(envoi_recorder_taken(scene.recorder, len + 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_recorder_taken(scene.recorder, len), 0);
    assert_null(envoi_recorder_text(scene.recorder, &len));
    assert_int_equal(len, 0);
    assert_int_equal(envoi_recorder_error(scene.recorder), 0);
    assert_int_equal(envoi_recorder_error(NULL), ENVOI_ERR_ARGUMENT);
    close_scene(&scene);
}

/* Opens a scene with a config of its own, which it frees. */
static void open_with(struct scene *scene, envoi_config *config)
{
    *scene = (struct scene){.now = 1000};
    assert_int_equal(envoi_stream_new(&scene->stream, config, scene->now), 0);
    envoi_config_free(config);
    assert_int_equal(envoi_recorder_new(&scene->recorder, scene->stream, 0), 0);
}

static void test_recorder_writes_the_options_that_are_not_usual(void **state)
{
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    (void)state;
    envoi_config_set_resource(config, "Juliet's {balcony}");
    envoi_config_set_lang(config, "it");
    envoi_config_accept_iq(config, "urn:one");
    envoi_config_accept_iq(config, "urn:two");
    envoi_config_set_channel_binding(config, ENVOI_CHANNEL_BINDING_OFF);
    envoi_config_set_channel_binding_data(config, "tls-server-end-point", "0123456789", 10);
    envoi_config_set_limit(config, ENVOI_LIMIT_DEPTH, 9);
    envoi_config_set_timeout(config, ENVOI_TIMEOUT_CLOSE, 77);
    envoi_config_set_timeout(config, ENVOI_TIMEOUT_IDLE, 0);
    open_with(&scene, config);
    log_in(&scene);
    assert_line(&scene, "A: connect jid=juliet@" DOMAIN " password=secret tls=external"
                        " resource='Juliet{byte 27}s {byte 7b}balcony}' lang=it allow=PLAIN accept-iq=urn:one"
                        " accept-iq=urn:two end-point=channel channel-binding=3 depth=9 timeout-close=77");
    assert_absent(&scene, "0123456789");
    close_scene(&scene);
}

static void test_recorder_writes_no_password_that_was_asked_for(void **state)
{
    struct scene scene;
    envoi_config *config = NULL;
    (void)state;
    assert_int_equal(envoi_config_new(&config, "juliet@" DOMAIN), 0);
    envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL);
    envoi_config_allow_mechanism(config, "PLAIN");
    open_with(&scene, config);
    pump(&scene);
    say(&scene, HEADER PLAIN);
    assert_int_equal(envoi_stream_set_password(scene.stream, PASSWORD), 0);
    pump(&scene);
    say(&scene, "<failure xmlns='" SASL "'><not-authorized/></failure>");
    assert_int_equal(envoi_stream_set_password(scene.stream, NULL), 0);
    pump(&scene);
    assert_line(&scene, "A: connect jid=juliet@" DOMAIN " tls=external allow=PLAIN timeout-idle=300000");
    assert_line(&scene, "E: password error=OK\nA: password secret\nC: <auth xmlns='" SASL
                        "' mechanism='{mechanism}'>{any}</auth>");
    assert_line(&scene, "E: password error=AUTH_REJECTED condition=not-authorized\nA: no-password");
    assert_absent(&scene, PASSWORD);
    close_scene(&scene);
}

static void test_recorder_notes_in_comments_what_depends_on_room(void **state)
{
    static char body[20001];
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    envoi_stanza *stanza = NULL;
    (void)state;
    envoi_config_set_limit(config, ENVOI_LIMIT_OUTPUT_BYTES, 16384);
    open_with(&scene, config);
    log_in(&scene);
    memset(body, 'x', 9000);
    assert_int_equal(envoi_message_new(&stanza, "romeo@" DOMAIN, "chat"), 0);
    envoi_message_add_body(stanza, body, NULL);
    assert_int_equal(envoi_stream_send(scene.stream, stanza), 0);
    assert_int_equal(envoi_stream_send(scene.stream, stanza), ENVOI_ERR_FULL);
    pump(&scene);
    pump(&scene);
    envoi_stanza_free(stanza);
    assert_int_equal(envoi_message_new(&stanza, NULL, NULL), 0);
    envoi_message_add_body(stanza, "\x01", NULL);
    assert_int_equal(envoi_stream_send(scene.stream, stanza), ENVOI_ERR_XML_CHAR);
    envoi_stanza_free(stanza);
    take_text(&scene);
    assert_true(scene.len > 9000);
    assert_non_null(strstr(scene.text, "\n# A: send -> FULL <message "));
    assert_line(&scene, "# E: writable");
    assert_line(&scene, "# A: send -> XML_CHAR");
    close_scene(&scene);
}

static void test_recorder_writes_answers_to_nobody_and_errors(void **state)
{
    struct scene scene;
    char error[512];
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<iq type='result' id='stray'/>");
    assert_line(&scene, "E: unmatched <iq xmlns='jabber:client' type='result' id='stray'/>");
    ask(&scene, "<iq type='get' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>");
    snprintf(error, sizeof error,
             "<iq type='error' id=\"%s\"><error type='cancel'><gone "
             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
             scene.id);
    say(&scene, error);
    assert_non_null(strstr(scene.text, "\nS: <iq type='error' id=\"{id-2}\">"));
    assert_non_null(strstr(scene.text, "\nE: reply token=1 error=STANZA_ERROR condition=gone <iq "));
    assert_absent(&scene, scene.id);
    close_scene(&scene);
}

static void test_recorder_writes_signs_of_life(void **state)
{
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    (void)state;
    envoi_config_set_timeout(config, ENVOI_TIMEOUT_KEEPALIVE, 1000);
    open_with(&scene, config);
    log_in(&scene);
    pass(&scene, 0);
    pass(&scene, 1000);
    assert_line(&scene, "T: 1000\nC= {byte 20}");
    pass(&scene, 0);
    pass(&scene, 299000);
    assert_line(&scene,
                "T: 299000\nC: <iq type='get' to='" DOMAIN "' id='{id-2}'><ping xmlns='urn:xmpp:ping'/></iq>");
    close_scene(&scene);
}

/* Of very many identifiers the oldest lose their names; what is recorded then still tells the truth. */
static void test_recorder_forgets_the_oldest_identifiers(void **state)
{
    struct scene scene;
    char first[64], answer[256];
    (void)state;
    ready_scene(&scene, 0);
    for (int i = 0; i < 600; i++) {
        envoi_stanza *iq = NULL;
        const char *xml = "<iq type='get' xmlns='jabber:client'><q xmlns='a'/></iq>";
        assert_int_equal(envoi_stanza_parse(&iq, xml, strlen(xml)), 0);
        assert_int_equal(envoi_stream_send(scene.stream, iq), 0);
        envoi_stanza_free(iq);
        pump(&scene);
        if (i == 0)
            snprintf(first, sizeof first, "%s", scene.id);
        scene.len = 0; /* of all this only the end is looked at */
    }
    snprintf(answer, sizeof answer, "<message id='%s'/><message id='%s'/>", first, scene.id);
    say(&scene, answer);
    assert_non_null(strstr(scene.text, first));
    assert_non_null(strstr(scene.text, "S: <message id='{id-601}'/>"));
    assert_absent(&scene, scene.id);
    close_scene(&scene);
}

static void test_recorder_writes_comments_of_a_handshake_that_fails(void **state)
{
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_DIRECT);
    envoi_trust *trust = NULL;
    (void)state;
    assert_int_equal(envoi_trust_new(&trust), 0);
    envoi_config_set_trust(config, trust);
    envoi_trust_free(trust);
    envoi_config_accept_certificate(config, (const unsigned char *)"0123456789abcdef0123456789abcdef");
    open_with(&scene, config);
    pump(&scene);
    say(&scene, "HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_non_null(strstr(scene.text, "\n# E: closed error=TLS_"));
    for (const char *line = scene.text; *line; line = strchr(line, '\n') + 1)
        assert_int_equal(*line, '#');
    close_scene(&scene);
}

static void test_recorder_hides_what_other_mechanisms_say(void **state)
{
    struct scene scene;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    pump(&scene);
    say(&scene, HEADER PLAIN);
    say(&scene, "<challenge xmlns='" SASL "'>c2VjcmV0</challenge>");
    assert_line(&scene, "S: <challenge xmlns='" SASL "'>Li4u</challenge>\nC: <abort xmlns='" SASL "'/>");
    assert_absent(&scene, "c2VjcmV0");
    close_scene(&scene);
}

/* The stream meets failures of its own here; the recorder must survive them all, and must tell its own. */
static int record_all(void *user)
{
    struct scene scene;
    int error = open_scene(&scene, ENVOI_TLS_EXTERNAL, 0);
    (void)user;
    if (!error) {
        log_in(&scene);
        send_xml(&scene, "<presence xmlns='jabber:client'/>");
        ask(&scene, "<iq type='get' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>");
        say(&scene, "<message from='room@" DOMAIN "'><password xmlns='urn:x'>c4uldr0n</password></message>");
        say(&scene, "</stream:stream>");
        error = scene.error ? scene.error : envoi_recorder_error(scene.recorder);
    }
    close_scene(&scene);
    return error;
}

static void test_recorder_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(record_all, NULL);
}

static void test_recorder_hides_bodies_as_long_as_what_stands_for_them(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, ENVOI_RECORDER_HIDE_BODIES);
    say(&scene, "<message><body>yes</body></message>");
    assert_line(&scene, "S: <message><body>...</body></message>");
    assert_absent(&scene, ">yes<");
    close_scene(&scene);
}

static void test_recorder_writes_tabs_as_they_are_and_other_controls_by_number(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message><body>a\tb\x7F"
                "c</body></message>");
    assert_line(&scene, "S: <message><body>a\tb{byte 7f}c</body></message>");
    close_scene(&scene);
}

/* Only what the stream made up differs from one session to the next. */
static void test_recorder_keeps_identifiers_of_the_program(void **state)
{
    static const char *const ids[] = {"0123456789012345678901", "0123456789012345678901.x", "01234567890123456789012",
                                      "0123456789012345678901.123456789012345678901234567890"};
    struct scene scene;
    char text[256];
    (void)state;
    ready_scene(&scene, 0);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        snprintf(text, sizeof text, "<message xmlns='jabber:client' id='%s'/>", ids[i]);
        send_xml(&scene, text);
        snprintf(text, sizeof text, "C: <message id='%s'/>", ids[i]);
        assert_line(&scene, text);
    }
    send_xml(&scene, "<message xmlns='jabber:client'/>");
    snprintf(text, sizeof text, "<message id='%s1'/>", scene.id); /* begins as one of the stream's */
    say(&scene, text);
    snprintf(text, sizeof text, "S: <message id='%s1'/>", scene.id);
    assert_line(&scene, text);
    close_scene(&scene);
}

/* Whose identifier is in an answer: that of the one who asked. */
static void test_recorder_keeps_identifiers_that_are_answered(void **state)
{
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    (void)state;
    envoi_config_accept_iq(config, "urn:one");
    open_with(&scene, config);
    log_in(&scene);
    say(&scene, "<iq type='get' id='0123456789012345678901.1' from='a@b'><q xmlns='urn:one'/></iq>");
    send_xml(&scene, "<iq xmlns='jabber:client' type='result' id='0123456789012345678901.1' to='a@b'/>");
    send_xml(&scene, "<iq xmlns='jabber:client' type='error' id='0123456789012345678901.1' to='a@b'><error "
                     "type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    assert_line(&scene, "C: <iq type='result' id='0123456789012345678901.1' to='a@b'/>");
    assert_non_null(strstr(scene.text, "\nC: <iq type='error' id='0123456789012345678901.1' to='a@b'>"));
    close_scene(&scene);
}

static void test_recorder_writes_who_is_to_be_acted_for(void **state)
{
    struct scene scene;
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    (void)state;
    envoi_config_allow_mechanism(config, "EXTERNAL");
    envoi_config_set_authzid(config, "romeo@" DOMAIN);
    open_with(&scene, config);
    pump(&scene);
    say(&scene, HEADER PLAIN);
    assert_non_null(strstr(scene.text, " allow=PLAIN allow=EXTERNAL authzid=romeo@" DOMAIN " "));
    close_scene(&scene);
}

static void test_recorder_tells_one_end_only(void **state)
{
    struct scene scene;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    pump(&scene);
    say(&scene, HEADER "</stream:stream>");
    assert_non_null(strstr(scene.text, "\nS: </stream:stream>\nC: </stream:stream>\nE: closed error=EOF "));
    assert_absent(&scene, "A: eof");
    close_scene(&scene);

    ready_scene(&scene, 0);
    assert_int_equal(envoi_stream_receive(scene.stream, "</stream:stream>", 16), 0);
    assert_int_equal(envoi_stream_transport_failed(scene.stream, ENVOI_ERR_RESET, NULL), 0);
    pump(&scene);
    assert_line(&scene, "E: closed error=OK retryable=1");
    assert_absent(&scene, "A: fail");
    close_scene(&scene);
}

static void test_recorder_tells_failures_of_every_kind_that_a_transport_has(void **state)
{
    static const struct {
        int error;
        const char *line;
    } rows[] = {{ENVOI_ERR_TIMEOUT_CONNECT, "A: fail TIMEOUT_CONNECT"},
                {ENVOI_ERR_NOMEM, "A: fail NOMEM"},
                {ENVOI_ERR_TLS_TRUNCATED, "A: fail TLS_TRUNCATED"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene scene;
        ready_scene(&scene, 0);
        assert_int_equal(envoi_stream_transport_failed(scene.stream, rows[i].error, NULL), 0);
        pump(&scene);
        assert_line(&scene, rows[i].line);
        close_scene(&scene);
    }
}

static void test_recorder_writes_a_stanza_that_came_too_slowly(void **state)
{
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    say(&scene, "<message><body>But soft");
    pass(&scene, 60000);
    assert_non_null(
        strstr(scene.text, "\nS: <message><body>But soft\nT: 60000\nC: <stream:error><policy-violation "));
    assert_non_null(strstr(scene.text, "\nE: closed error=TIMEOUT_STANZA "));
    close_scene(&scene);
}

static void test_recorder_needs_a_stream_that_is_not_closed(void **state)
{
    struct scene scene;
    envoi_recorder *late = NULL;
    size_t len = 7;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    envoi_recorder_free(scene.recorder);
    scene.recorder = NULL;
    assert_int_equal(envoi_stream_close(scene.stream), 0);
    assert_int_equal(envoi_recorder_new(&late, scene.stream, 0), ENVOI_ERR_STATE);
    assert_null(late);
    close_scene(&scene);
    assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
    assert_null(envoi_recorder_text(NULL, &len));
    assert_int_equal(len, 0);
    assert_null(envoi_recorder_text(scene.recorder, NULL));
    assert_int_equal(envoi_recorder_taken(NULL, 0), ENVOI_ERR_ARGUMENT);
    close_scene(&scene);
}

static void test_recorder_writes_one_mark_only_before_tls(void **state)
{
    struct scene scene;
    envoi_stanza *stanza = NULL;
    (void)state;
    assert_int_equal(open_scene(&scene, ENVOI_TLS_STARTTLS, 0), 0);
    pump(&scene);
    assert_int_equal(envoi_message_new(&stanza, NULL, NULL), 0);
    envoi_message_add_body(stanza, "\x01", NULL);
    assert_true(envoi_stream_send(scene.stream, stanza) < 0);
    envoi_stanza_free(stanza);
    pump(&scene);
    assert_non_null(strstr(scene.text, "\n# A: send -> "));
    assert_absent(&scene, "# # ");
    close_scene(&scene);
}

static void test_recorder_notes_requests_that_could_not_be_made(void **state)
{
    const char *ping = "<iq type='get' xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>";
    envoi_stanza *stanza = NULL;
    struct scene scene;
    (void)state;
    ready_scene(&scene, 0);
    assert_int_equal(envoi_stanza_parse(&stanza, ping, strlen(ping)), 0);
    randomness_fails = 1;
    int error = envoi_stream_send_iq(scene.stream, stanza, 0, NULL);
    randomness_fails = 0;
    assert_int_equal(error, ENVOI_ERR_UNSUPPORTED);
    assert_int_equal(envoi_stream_send_iq(scene.stream, stanza, 0, NULL), 0);
    pump(&scene);
    envoi_stanza_free(stanza);
    assert_non_null(strstr(scene.text, "\n# A: send_iq -> UNSUPPORTED <iq "));
    assert_non_null(strstr(scene.text, "\nA: send_iq <iq xmlns='jabber:client' type='get'>"));
    close_scene(&scene);
}

/* What no server says can be read again all the same, and holds no secret. */
static void test_recorder_writes_sasl_that_comes_from_the_wrong_side(void **state)
{
    static const struct {
        const char *mechanism, *said, *written;
    } rows[] = {
        {"PLAIN", "<auth xmlns='" SASL "' mechanism='SCRAM-SHA-1'>c2VjcmV0</auth>", ">Li4u</auth>\n"},
        {"SCRAM-SHA-1", "<response xmlns='" SASL "'>c2VjcmV0</response>",
         "\nS: <response xmlns='" SASL "'>Li4u</response>\n"},
        {"PLAIN", "<mechanisms xmlns='" SASL "'><mechanism>X</mechanism></mechanisms>",
         "\nS: <mechanisms xmlns='" SASL "'><mechanism>X</mechanism></mechanisms>\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene scene;
        char features[256];
        snprintf(features, sizeof features,
                 "<stream:features><mechanisms xmlns='" SASL
                 "'><mechanism>%s</mechanism></mechanisms></stream:features>",
                 rows[i].mechanism);
        assert_int_equal(open_scene(&scene, ENVOI_TLS_EXTERNAL, 0), 0);
        pump(&scene);
        say(&scene, HEADER);
        say(&scene, features);
        say(&scene, rows[i].said);
        assert_non_null(strstr(scene.text, rows[i].written));
        assert_absent(&scene, "c2VjcmV0");
        close_scene(&scene);
    }
}

/* What a program has the stream send may be more than a reader takes: its memory is not to blame. */
static void test_recorder_tells_what_it_could_not_read_again(void **state)
{
    struct scene scene;
    envoi_stanza *message;
    (void)state;
    ready_scene(&scene, 0);
    assert_int_equal(envoi_message_new(&message, "romeo@" DOMAIN, NULL), 0);
    for (int i = 0; i < 70; i++) {
        char ns[32];
        snprintf(ns, sizeof ns, "http://[bad %d", i);
        envoi_element_add_child(envoi_stanza_element(message), "x", ns);
    }
    assert_int_equal(envoi_stream_send(scene.stream, message), 0);
    envoi_stanza_free(message);
    pump(&scene);
    assert_int_equal(envoi_recorder_error(scene.recorder), ENVOI_ERR_BAD_NAMESPACE);
    assert_string_equal(envoi_stream_state(scene.stream), "ready");
    assert_line(&scene, "E: ready jid=juliet@" DOMAIN "/x"); /* what was written before stays */
    close_scene(&scene);
}

static int record_long(void *user)
{
    static char resource[900];
    struct scene scene = {.now = 1000};
    (void)user;
    memset(resource, 'x', sizeof resource - 1);
    envoi_config *config = make_config(ENVOI_TLS_EXTERNAL);
    int error = config ? envoi_config_set_resource(config, resource) : ENVOI_ERR_NOMEM;
    if (!error)
        error = envoi_stream_new(&scene.stream, config, scene.now);
    if (!error)
        error = envoi_recorder_new(&scene.recorder, scene.stream, 0);
    envoi_config_free(config);
    if (!error) {
        pump(&scene);
        say(&scene, HEADER PLAIN);
        error = scene.error ? scene.error : envoi_recorder_error(scene.recorder);
    }
    close_scene(&scene);
    return error;
}

static void test_recorder_survives_failing_allocations_of_a_long_line(void **state)
{
    (void)state;
    with_failing_allocations(record_long, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorder_writes_what_both_sides_say_in_order),
        cmocka_unit_test(test_recorder_writes_calls_and_their_failures),
        cmocka_unit_test(test_recorder_writes_stanzas_and_escapes_what_a_line_cannot_hold),
        cmocka_unit_test(test_recorder_names_identifiers_of_messages_too),
        cmocka_unit_test(test_recorder_hides_bodies_when_asked_to),
        cmocka_unit_test(test_recorder_never_writes_secrets),
        cmocka_unit_test(test_recorder_writes_an_unfinished_stanza_where_it_began),
        cmocka_unit_test(test_recorder_tells_how_the_transport_failed),
        cmocka_unit_test(test_recorder_keeps_xml_that_is_malformed),
        cmocka_unit_test(test_recorder_leaves_out_malformed_xml_that_may_hold_a_secret),
        cmocka_unit_test(test_recorder_hides_bodies_that_are_no_whole_stanza_too),
        cmocka_unit_test(test_recorder_text_is_utf8_whatever_came),
        cmocka_unit_test(test_recorder_writes_comments_until_tls_is_up),
        cmocka_unit_test(test_recorder_begins_only_with_a_new_stream),
        cmocka_unit_test(test_recorder_text_outlives_the_stream),
        cmocka_unit_test(test_recorder_writes_the_options_that_are_not_usual),
        cmocka_unit_test(test_recorder_writes_no_password_that_was_asked_for),
        cmocka_unit_test(test_recorder_notes_in_comments_what_depends_on_room),
        cmocka_unit_test(test_recorder_writes_answers_to_nobody_and_errors),
        cmocka_unit_test(test_recorder_writes_signs_of_life),
        cmocka_unit_test(test_recorder_forgets_the_oldest_identifiers),
        cmocka_unit_test(test_recorder_writes_comments_of_a_handshake_that_fails),
        cmocka_unit_test(test_recorder_hides_what_other_mechanisms_say),
        cmocka_unit_test(test_recorder_survives_failing_allocations),
        cmocka_unit_test(test_recorder_hides_bodies_as_long_as_what_stands_for_them),
        cmocka_unit_test(test_recorder_writes_tabs_as_they_are_and_other_controls_by_number),
        cmocka_unit_test(test_recorder_keeps_identifiers_of_the_program),
        cmocka_unit_test(test_recorder_keeps_identifiers_that_are_answered),
        cmocka_unit_test(test_recorder_writes_who_is_to_be_acted_for),
        cmocka_unit_test(test_recorder_tells_one_end_only),
        cmocka_unit_test(test_recorder_tells_failures_of_every_kind_that_a_transport_has),
        cmocka_unit_test(test_recorder_writes_a_stanza_that_came_too_slowly),
        cmocka_unit_test(test_recorder_needs_a_stream_that_is_not_closed),
        cmocka_unit_test(test_recorder_writes_one_mark_only_before_tls),
        cmocka_unit_test(test_recorder_notes_requests_that_could_not_be_made),
        cmocka_unit_test(test_recorder_writes_sasl_that_comes_from_the_wrong_side),
        cmocka_unit_test(test_recorder_tells_what_it_could_not_read_again),
        cmocka_unit_test(test_recorder_survives_failing_allocations_of_a_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
