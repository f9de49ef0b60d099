/* SPDX-License-Identifier: MIT */
/* What a recorder writes down, and what it leaves out. That recordings can be played again is shown by transcripts.
 */
#include "test.h"

#include <envoi/recorder.h>
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

struct scene {
    envoi_stream *stream;
    envoi_recorder *recorder;
    uint64_t now;
    char text[16384]; /* what was recorded */
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
    char whole[2048];
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
    assert_absent(&scene, ">c4uldr0n");
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

/* The stream meets failures of its own here; the recorder must survive them all, and must tell its own. */
static int record_all(void *user)
{
    static char whole[16384];
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
        if (!error && !*whole)
            snprintf(whole, sizeof whole, "%s", scene.text);
    }
    close_scene(&scene);
    return error;
}

static void test_recorder_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(record_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorder_writes_what_both_sides_say_in_order),
        cmocka_unit_test(test_recorder_writes_calls_and_their_failures),
        cmocka_unit_test(test_recorder_writes_stanzas_and_escapes_what_a_line_cannot_hold),
        cmocka_unit_test(test_recorder_hides_bodies_when_asked_to),
        cmocka_unit_test(test_recorder_never_writes_secrets),
        cmocka_unit_test(test_recorder_writes_an_unfinished_stanza_where_it_began),
        cmocka_unit_test(test_recorder_tells_how_the_transport_failed),
        cmocka_unit_test(test_recorder_keeps_xml_that_is_malformed),
        cmocka_unit_test(test_recorder_leaves_out_malformed_xml_that_may_hold_a_secret),
        cmocka_unit_test(test_recorder_writes_comments_until_tls_is_up),
        cmocka_unit_test(test_recorder_begins_only_with_a_new_stream),
        cmocka_unit_test(test_recorder_text_outlives_the_stream),
        cmocka_unit_test(test_recorder_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
