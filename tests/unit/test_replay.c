/* SPDX-License-Identifier: MIT */
/* A replay plays the server's part and judges the program's. */
#include "test.h"

#include <envoi/recorder.h>
#include <envoi/replay.h>
#include <stdio.h>

#define HEADER_ATTRS                                                                                                 \
    "version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>\n"
#define HEADERS                                                                                                      \
    "C: <stream:stream to='im.example.com' from='juliet@im.example.com' " HEADER_ATTRS                               \
    "S: <stream:stream from='im.example.com' id='1' " HEADER_ATTRS
#define SASL "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define LOGIN                                                                                                        \
    "A: connect jid=juliet@im.example.com password=r0m30 tls=local\n" HEADERS                                        \
    "S: <stream:features><mechanisms " SASL "><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>\n" \
    "C: <auth " SASL " mechanism='{mechanism}'>{client-first}</auth>\n"                                              \
    "S: <challenge " SASL ">{server-first}</challenge>\n"                                                            \
    "C: <response " SASL ">{client-final}</response>\n"                                                              \
    "S: <success " SASL ">{server-final}</success>\n"                                                                \
    "E: authenticated mechanism=SCRAM-SHA-256 binding=none\n" HEADERS                                                \
    "S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>\n"                       \
    "C: <iq id='{bind}' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>\n"                          \
    "S: <iq type='result' id='{bind}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"                               \
    "<jid>juliet@im.example.com/x</jid></bind></iq>\n"                                                               \
    "E: ready jid=juliet@im.example.com/x\n"
#define MESSAGE "S: <message from='romeo@im.example.com' id='{byte 61}'><body>one</body></message>\n"
#define ECHO    "C: <message to='romeo@im.example.com'><body>one</body></message>\n"

/* A bot: answers messages with their own body, asks once ready if it is to. */
struct bot {
    envoi_replay *replay;
    envoi_stream *stream;
    envoi_recorder *recorder;
    int asks, closes;                /* what it does once ready */
    int closed, reply, ready, error; /* what came */
    char text[8192];                 /* of the recorder */
};

static void keep(struct bot *bot, int error)
{
    if (error && !bot->error)
        bot->error = error;
}

static void echo(struct bot *bot, const envoi_element *message)
{
    envoi_stanza *answer = NULL;
    keep(bot, envoi_message_new(&answer, envoi_element_attr(message, "from"), NULL));
    if (answer)
        keep(bot, envoi_message_add_body(answer, envoi_message_body(message, NULL), NULL));
    if (answer)
        keep(bot, envoi_stream_send(bot->stream, answer));
    envoi_stanza_free(answer);
}

static void ask(struct bot *bot)
{
    envoi_stanza *iq = NULL;
    keep(bot, envoi_iq_new(&iq, NULL, "get"));
    if (iq)
        envoi_element_add_child(envoi_stanza_element(iq), "ping", "urn:xmpp:ping");
    if (iq)
        keep(bot, envoi_stream_send_iq(bot->stream, iq, 5000, NULL));
    envoi_stanza_free(iq);
}

static void act(struct bot *bot, const envoi_event *event)
{
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_READY:
        bot->ready = 1;
        if (bot->asks)
            ask(bot);
        if (bot->closes)
            keep(bot, envoi_stream_close(bot->stream));
        break;
    case ENVOI_EVENT_STANZA:
        if (envoi_message_body(envoi_event_stanza(event), NULL))
            echo(bot, envoi_event_stanza(event));
        break;
    case ENVOI_EVENT_REPLY:
        bot->reply = envoi_event_error(event) ? envoi_event_error(event) : 1;
        break;
    case ENVOI_EVENT_CLOSED:
        bot->closed = envoi_event_error(event) ? envoi_event_error(event) : 1;
        break;
    default:
        break;
    }
}

static int begin(struct bot *bot, const char *text)
{
    envoi_config *config = NULL;
    int error = envoi_replay_new(&bot->replay, text, strlen(text));
    if (!error)
        error = envoi_replay_config(bot->replay, &config);
    if (!error)
        error = envoi_stream_new(&bot->stream, config, envoi_replay_now_ms(bot->replay));
    envoi_config_free(config);
    return error;
}

static int go_on(struct bot *bot)
{
    int result;
    do {
        const envoi_event *event;
        while ((event = envoi_stream_next_event(bot->stream)))
            act(bot, event);
        result = envoi_replay_step(bot->replay, bot->stream);
    } while (result > 0);
    return result;
}

static void finish(struct bot *bot)
{
    envoi_recorder_free(bot->recorder);
    envoi_stream_free(bot->stream);
    envoi_replay_free(bot->replay);
}

static void assert_over(struct bot *bot)
{
    if (envoi_replay_fault(bot->replay) || !envoi_replay_is_over(bot->replay))
        fail_msg("%s", envoi_replay_fault(bot->replay) ? envoi_replay_fault(bot->replay) : "not over");
}

static void assert_plays(struct bot *bot, const char *text)
{
    assert_int_equal(begin(bot, text), 0);
    assert_int_equal(go_on(bot), 0);
    assert_over(bot);
}

/* The transcript is not what happens; the fault says why. */
static void assert_faults(const char *text, int error, const char *fault)
{
    struct bot bot = {0};
    assert_int_equal(begin(&bot, text), 0);
    assert_int_equal(go_on(&bot), error);
    assert_int_equal(envoi_replay_is_over(bot.replay), 0);
    assert_non_null(envoi_replay_fault(bot.replay));
    if (!strstr(envoi_replay_fault(bot.replay), fault))
        fail_msg("`%s` is not in: %s", fault, envoi_replay_fault(bot.replay));
    if (error)
        assert_int_equal(envoi_replay_step(bot.replay, bot.stream), error);
    finish(&bot);
}

/* The transcript cannot even begin. */
static void assert_unreadable(const char *text, const char *fault)
{
    envoi_replay *replay;
    envoi_config *config = NULL;
    assert_int_equal(envoi_replay_new(&replay, text, strlen(text)), 0);
    assert_int_equal(envoi_replay_config(replay, &config), ENVOI_ERR_TRANSCRIPT);
    assert_null(config);
    assert_non_null(envoi_replay_fault(replay));
    if (!strstr(envoi_replay_fault(replay), fault))
        fail_msg("`%s` is not in: %s", fault, envoi_replay_fault(replay));
    envoi_replay_free(replay);
}

static void test_replay_logs_in_and_talks_without_a_server(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, "# a comment\n\n" LOGIN MESSAGE ECHO);
    assert_int_equal(bot.ready, 1);
    finish(&bot);
}

static void test_replay_knows_the_password_of_a_config_that_is_not_its_own(void **state)
{
    struct bot bot = {0};
    envoi_config *config;
    (void)state;
    assert_int_equal(envoi_replay_new(&bot.replay, LOGIN, strlen(LOGIN)), 0);
    assert_int_equal(envoi_config_new(&config, "juliet@im.example.com"), 0);
    envoi_config_set_password(config, "r0m30");
    envoi_config_set_tls(config, ENVOI_TLS_LOCAL);
    assert_int_equal(envoi_stream_new(&bot.stream, config, envoi_replay_now_ms(bot.replay)), 0);
    envoi_config_free(config);
    assert_int_equal(go_on(&bot), 0);
    assert_over(&bot);
    assert_int_equal(bot.ready, 1);
    finish(&bot);
}

static void test_replay_finds_what_was_not_sent(void **state)
{
    (void)state;
    assert_faults(LOGIN "C: <presence/>\n", 0, "line 16: this was not sent yet: <presence/>");
}

static void test_replay_finds_what_was_sent_instead(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE "C: <message to='romeo@im.example.com'><body>two</body></message>\n",
                  ENVOI_ERR_TRANSCRIPT, "line 17: something else was sent: <message to='romeo@im.example.com'>");
    assert_faults(LOGIN MESSAGE "C: <message to='romeo@im.example.com'/>\n", ENVOI_ERR_TRANSCRIPT, "line 17:");
    assert_faults(LOGIN MESSAGE "C: <message><body>one</body></message>\n", ENVOI_ERR_TRANSCRIPT, "line 17:");
    assert_faults(LOGIN MESSAGE "C: <message to='romeo@im.example.com'><body>one</body><x/></message>\n",
                  ENVOI_ERR_TRANSCRIPT, "line 17:");
    assert_faults(LOGIN MESSAGE "C: </stream:stream>\n", ENVOI_ERR_TRANSCRIPT, "line 17:");
    assert_faults(LOGIN MESSAGE "C= <presence\n", ENVOI_ERR_TRANSCRIPT, "line 17: something else");
}

static void test_replay_finds_what_was_sent_beyond_the_transcript(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE, ENVOI_ERR_TRANSCRIPT,
                  "at the end: this is not in the transcript, but was sent: <message");
}

static void test_replay_tells_which_line_it_cannot_read(void **state)
{
    (void)state;
    assert_unreadable("", "the first line must be A: connect");
    assert_unreadable("S: <x/>\n", "line 1: the first line must be A: connect");
    assert_unreadable("A: connect password=x\n", "line 1: ");
    assert_unreadable("A: connect jid=@ password=x\n", "line 1: ");
    assert_unreadable("A: connect jid=a@b colour=red\n", "colour=red");
    assert_unreadable("A: connect jid=a@b tls=none\n", "tls=none");
    assert_unreadable("A: connect jid=a@b channel-binding=9\n", "channel-binding=9");
    assert_unreadable("A: connect jid=a@b depth=1\n", "depth=1");
    assert_unreadable("A: connect jid=a@b timeout-close=0\n", "timeout-close=0");
    assert_unreadable("A: connect jid=a@b lang='{unknown}'\n", "lang=");
    assert_unreadable("A: connect jid=a@b tls\n", "tls");
    assert_unreadable("A: connect jid=a@b password=x timeout-auth=soon\n", "timeout-auth=soon");
    assert_unreadable("A: connect jid=a@b depth=\n", "depth=");
    assert_unreadable("A: connect jid=a@b channel-binding=off\n", "channel-binding=off");
    assert_unreadable(LOGIN "\n# fine\nwhat is this?\n", "line 18: this is no line of a transcript");
    assert_faults(LOGIN "S: <message id='{nobody}'/>\n", ENVOI_ERR_TRANSCRIPT,
                  "line 16: nothing above has this name: nobody");
    assert_faults(LOGIN "T: soon\n", ENVOI_ERR_TRANSCRIPT, "line 16: this is no time: soon");
    assert_faults(LOGIN "A: fail BADLY\n", ENVOI_ERR_TRANSCRIPT, "line 16: no such error");
    assert_faults(LOGIN "A: connect jid=a@b\n", ENVOI_ERR_TRANSCRIPT, "line 16: a replay is of one stream");
    assert_faults(LOGIN MESSAGE "C: <message\n", ENVOI_ERR_TRANSCRIPT, "line 17: this is no whole element: <message");
    assert_faults("A: connect jid=juliet@im.example.com tls=local\n" HEADERS "S: {server-final}\n",
                  ENVOI_ERR_TRANSCRIPT, "line 4: ");
}

static void test_replay_matches_names_and_anything(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN "S: <message from='a@b/{byte 7b}1}'><body>x{byte 0a}y</body></message>\n"
                             "C: <message to='{who}'><body>x{byte 0a}{any}</body></message>\n"
                             "S: <message from='{who}'><body>again</body></message>\n"
                             "C: <message to='{who}'><body>a{middle}i{end}</body></message>\n"
                             "S: <message from='a@b'><body>{middle}+{end}</body></message>\n"
                             "C: <message to='a@b'><body>ga+n</body></message>\n");
    finish(&bot);
    assert_faults(
        LOGIN "S: <message from='a@b'><body>x</body></message>\nC: <message to='{who}'><body>x</body></message>\n"
              "S: <message from='c@d'><body>x</body></message>\nC: <message to='{who}'><body>x</body></message>\n",
        ENVOI_ERR_TRANSCRIPT, "line 19:");
}

static void test_replay_wants_a_name_to_be_the_same_within_a_text_too(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN "S: <message from='a@b'><body>x and x</body></message>\n"
                             "C: <message to='a@b'><body>{it} and {it}</body></message>\n");
    finish(&bot);
    assert_faults(LOGIN "S: <message from='a@b'><body>x and y</body></message>\n"
                        "C: <message to='a@b'><body>{it} and {it}</body></message>\n",
                  ENVOI_ERR_TRANSCRIPT, "line 17: something else was sent");
}

/* What a name took at first may be too little for where it stands again. */
static void test_replay_tries_all_that_a_name_used_twice_may_be(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN "S: <message from='a@b'><body>1-2-3-1-2</body></message>\n"
                             "C: <message to='a@b'><body>{a}-{b}-{a}</body></message>\n"
                             "S: <message from='a@b'><body>{a}+{b}</body></message>\n"
                             "C: <message to='a@b'><body>1-2+3</body></message>\n"
                             "S: <message from='a@b'><body>xaxb-b</body></message>\n"
                             "C: <message to='a@b'><body>{any}x{c}-{c}</body></message>\n"
                             "S: <message from='a@b'><body>{c}</body></message>\n"
                             "C: <message to='a@b'><body>b</body></message>\n");
    finish(&bot);
}

static void test_replay_reads_addresses_that_a_recorder_writes(void **state)
{
    static const char text[] = "A: connect jid='{byte 7b}juliet}@im.example.com' password=r0m30 tls=local\n";
    struct bot bot = {0};
    (void)state;
    assert_int_equal(begin(&bot, text), 0);
    assert_string_equal(envoi_stream_jid(bot.stream), "{juliet}@im.example.com");
    finish(&bot);
}

static void test_replay_reads_no_text_with_a_nul_in_it(void **state)
{
    static const char text[] = "A: connect jid=a@b\nS: <a/>\0\nC: <presence/>\n";
    envoi_replay *replay;
    envoi_config *config = NULL;
    (void)state;
    assert_int_equal(envoi_replay_new(&replay, text, sizeof text - 1), 0);
    assert_int_equal(envoi_replay_config(replay, &config), ENVOI_ERR_TRANSCRIPT);
    assert_string_equal(envoi_replay_fault(replay), "line 2: this is no line of a transcript");
    envoi_replay_free(replay);
}

static void test_replay_finds_what_was_sent_before_the_connection_ended(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE "A: eof\n", ENVOI_ERR_TRANSCRIPT,
                  "line 17: this is not in the transcript, but was sent: <message");
    assert_faults(LOGIN MESSAGE "A: fail RESET\n", ENVOI_ERR_TRANSCRIPT, "line 17: this is not in the transcript");
}

static void test_replay_compares_bytes(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot,
                 LOGIN MESSAGE "C= <message to=\nC= 'romeo@im.example.com'><body>{byte 6f}ne</body></message>\n");
    finish(&bot);
}

static void test_replay_moves_time_by_its_lines_only(void **state)
{
    struct bot bot = {.asks = 1};
    (void)state;
    assert_int_equal(begin(&bot, LOGIN "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>\nT: 4999\n"),
                     0);
    uint64_t before = envoi_replay_now_ms(bot.replay);
    assert_int_equal(go_on(&bot), 0);
    assert_over(&bot);
    assert_int_equal(envoi_replay_now_ms(bot.replay), before + 4999);
    assert_int_equal(bot.reply, 0);
    finish(&bot);
    bot = (struct bot){.asks = 1};
    assert_plays(&bot, LOGIN "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>\nT: 4999\nT: 1\n");
    assert_int_equal(bot.reply, ENVOI_ERR_TIMEOUT_REQUEST);
    finish(&bot);
}

static void test_replay_answers_requests_by_their_name(void **state)
{
    struct bot bot = {.asks = 1};
    (void)state;
    assert_plays(
        &bot,
        LOGIN "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>\nS: <iq type='result' id='{id}'/>\n");
    assert_int_equal(bot.reply, 1);
    finish(&bot);
}

static void test_replay_ends_the_connection(void **state)
{
    static const struct {
        const char *line;
        int error;
    } ends[] = {{"A: eof\n", ENVOI_ERR_EOF},
                {"A: fail RESET\n", ENVOI_ERR_RESET},
                {"S: </stream:stream>\nC: </stream:stream>\n", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[8192];
        struct bot bot = {0};
        snprintf(text, sizeof text, "%s%s", LOGIN, ends[i].line);
        assert_plays(&bot, text);
        assert_int_equal(bot.closed, ends[i].error);
        finish(&bot);
    }
}

static void test_replay_reads_over_what_a_closed_stream_no_longer_hears(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN "S: </stream:stream>\nC: </stream:stream>\nS: <message/>\nT: 5\n");
    finish(&bot);
}

static void test_replay_in_pieces_is_the_same(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 50; piece += 3) {
        struct bot bot = {0};
        assert_int_equal(begin(&bot, LOGIN MESSAGE ECHO), 0);
        assert_int_equal(envoi_replay_set_piece(bot.replay, piece), 0);
        assert_int_equal(go_on(&bot), 0);
        assert_over(&bot);
        finish(&bot);
    }
}

static void test_replay_cut_anywhere_closes_the_stream(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN MESSAGE ECHO);
    uint64_t said = envoi_replay_said(bot.replay);
    assert_in_range(said, 1000, 2000);
    finish(&bot);
    for (uint64_t at = 0; at < said; at += 7) {
        int error = at % 2 ? ENVOI_ERR_EOF : ENVOI_ERR_RESET;
        bot = (struct bot){0};
        assert_int_equal(begin(&bot, LOGIN MESSAGE ECHO), 0);
        assert_int_equal(envoi_replay_cut(bot.replay, at, error), 0);
        assert_int_equal(go_on(&bot), 0);
        assert_over(&bot);
        assert_int_equal(envoi_replay_said(bot.replay), at);
        assert_int_equal(bot.closed, error);
        finish(&bot);
    }
}

static void test_replay_plays_what_was_recorded(void **state)
{
    struct bot first = {.asks = 1, .closes = 1}, second = {.asks = 1, .closes = 1};
    const char *text =
        LOGIN "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>\nC: </stream:stream>\n" MESSAGE
              "S: <iq type='result' id='{id}'/>\nT: 30\nS: </stream:stream>\n";
    size_t len;
    (void)state;
    assert_int_equal(begin(&first, text), 0);
    assert_int_equal(envoi_recorder_new(&first.recorder, first.stream, 0), 0);
    assert_int_equal(go_on(&first), 0);
    assert_over(&first);
    const char *recorded = envoi_recorder_text(first.recorder, &len);
    assert_true(recorded && len < sizeof second.text);
    memcpy(second.text, recorded, len);
    assert_null(strstr(second.text, "r0m30"));
    assert_int_equal(first.error, ENVOI_ERR_STATE); /* to a closing stream no echo can be sent */
    assert_plays(&second, second.text);
    assert_int_equal(second.closed, first.closed);
    assert_int_equal(second.reply, first.reply);
    finish(&first);
    finish(&second);
}

static void test_replay_waits_for_the_rest_of_bytes(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE "C= <message to='romeo@im.example.com'><body>one</body></message><presence/>\n", 0,
                  "line 17: this was not sent yet");
    assert_faults(LOGIN MESSAGE "C= {nobody}\n", ENVOI_ERR_TRANSCRIPT, "line 17: ");
}

static void test_replay_passes_over_spaces_that_keep_a_connection_alive(void **state)
{
    struct bot bot = {0};
    char text[8192];
    (void)state;
    snprintf(text, sizeof text, "%s", LOGIN "T: 1000\nT: 1000\n" MESSAGE ECHO "T: 1000\n");
    char *at = strstr(text, " tls=local");
    memmove(at + 23, at, strlen(at) + 1);
    memcpy(at, " timeout-keepalive=1000", 23);
    assert_plays(&bot, text);
    assert_int_equal(envoi_replay_now_ms(bot.replay), 4000);
    finish(&bot);
}

static void test_replay_stops_where_the_program_takes_no_events(void **state)
{
    struct bot bot = {0};
    int result;
    (void)state;
    assert_int_equal(begin(&bot, "A: connect jid=a@b tls=local input-bytes=4096\nS: {repeat 5000 x}\n"), 0);
    while ((result = envoi_replay_step(bot.replay, bot.stream)) > 0)
        ;
    assert_int_equal(result, 0);
    assert_string_equal(envoi_replay_fault(bot.replay), "line 2: the program does not take what the server says");
    assert_int_equal(envoi_replay_is_over(bot.replay), 0);
    assert_int_equal(envoi_replay_said(bot.replay), 4096);
    finish(&bot);
}

static void test_replay_reads_lines_that_end_as_elsewhere(void **state)
{
    struct bot bot = {0};
    char text[8192];
    size_t len = 0;
    (void)state;
    for (const char *at = LOGIN MESSAGE ECHO "A: eof\n"; *at; at++) {
        if (*at == '\n')
            text[len++] = '\r';
        text[len++] = *at;
    }
    text[len] = '\0';
    assert_plays(&bot, text);
    assert_int_equal(bot.closed, ENVOI_ERR_EOF);
    finish(&bot);
}

static void test_replay_refuses_wrong_arguments(void **state)
{
    envoi_replay *replay = NULL;
    envoi_config *config;
    (void)state;
    assert_int_equal(envoi_replay_new(NULL, "", 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_new(&replay, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_config(NULL, &config), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_step(NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_cut(NULL, 1, ENVOI_ERR_EOF), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_set_piece(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_is_over(NULL), 0);
    assert_null(envoi_replay_fault(NULL));
    assert_int_equal(envoi_replay_now_ms(NULL), 0);
    assert_int_equal(envoi_replay_said(NULL), 0);
    envoi_replay_free(NULL);
    assert_int_equal(envoi_replay_new(&replay, LOGIN, strlen(LOGIN)), 0);
    assert_int_equal(envoi_replay_config(replay, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_cut(replay, 1, 0), ENVOI_ERR_ARGUMENT);
    envoi_replay_free(replay);
}

static int play_all(void *user)
{
    struct bot bot = {.asks = 1};
    (void)user;
    int error = begin(&bot, LOGIN "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>\n" MESSAGE ECHO);
    if (!error)
        error = go_on(&bot);
    if (!error && !envoi_replay_is_over(bot.replay)) /* the program was without memory */
        error = bot.error ? bot.error : bot.closed == ENVOI_ERR_NOMEM ? ENVOI_ERR_NOMEM : ENVOI_ERR_STATE;
    if (error == ENVOI_ERR_TRANSCRIPT && (bot.closed == ENVOI_ERR_NOMEM || bot.error == ENVOI_ERR_NOMEM))
        error = ENVOI_ERR_NOMEM; /* it said something else: resource-constraint */
    finish(&bot);
    if (error && error != ENVOI_ERR_NOMEM)
        fail_msg("%s", envoi_error_name(error));
    return error;
}

static void test_replay_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(play_all, NULL);
}

/* ---- odd transcripts ---- */

#define PLAIN_LOGIN                                                                                                  \
    "A: connect jid=juliet@im.example.com password=r0m30 tls=external allow=PLAIN\n" HEADERS                         \
    "S: <stream:features><mechanisms " SASL "><mechanism>PLAIN</mechanism></mechanisms></stream:features>\n"         \
    "C: <auth " SASL " mechanism='PLAIN'>{any}</auth>\n"                                                             \
    "S: <success " SASL "/>\n" HEADERS                                                                               \
    "S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>\n"                       \
    "C: <iq id='{bind}' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>\n"                          \
    "S: <iq type='result' id='{bind}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"                               \
    "<jid>juliet@im.example.com/x</jid></bind></iq>\n" /* 11 lines */
#define SAY(text)        "S: <message from='a@b'><body>" text "</body></message>\n"
#define HEAR(text)       "C: <message to='a@b'><body>" text "</body></message>\n"
#define KEEP(name, text) SAY(text) HEAR("{" name "}") /* the bot makes a text known by a name */

static void test_replay_takes_no_end_of_text_for_a_byte(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE "C: <message to='romeo@im.example.com{byte 00}{any}'><body>one</body></message>\n",
                  ENVOI_ERR_TRANSCRIPT, "line 17: something else was sent");
    assert_unreadable("A: connect jid=a@b password='x{byte 00}y'\n", "password=");
    assert_unreadable("A: connect jid='a@b{byte 00}c'\n", "jid=");
}

static void test_replay_repeats_within_reason(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot,
                 LOGIN "S: {repeat 5}{count 1 3}{count 3 1 x}{repeat 0 x}<message>{count 9 11 <n#/>}</message>\n");
    finish(&bot);
    assert_faults(LOGIN "S: {repeat 18446744073709551615 }\n", ENVOI_ERR_TRANSCRIPT, "line 16: ");
    assert_faults(LOGIN "S: {repeat 99999999 <a>}\n", ENVOI_ERR_TRANSCRIPT, "line 16: ");
    assert_faults(LOGIN "S: {count 0 18446744073709551615 <a/>}\n", ENVOI_ERR_TRANSCRIPT, "line 16: ");
    assert_faults(LOGIN "S: {count 1 99999999 }\n", ENVOI_ERR_TRANSCRIPT, "line 16: ");
}

/* 36,000,000 bytes in few letters: the bound is of all that a line comes to. */
static const char *half_of_what_a_line_may_be(void)
{
    static char text[1024];
    int used = snprintf(text, sizeof text, "{repeat 40000 ");
    memset(text + used, 'x', 900);
    memcpy(text + used + 900, "}", 2);
    return text;
}

static void test_replay_makes_no_line_longer_than_reason_of_many_short_ones(void **state)
{
    static char text[sizeof LOGIN + 16384];
    const char *half = half_of_what_a_line_may_be();
    (void)state;
    snprintf(text, sizeof text, LOGIN "S: %s%s\n", half, half);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 16: this cannot be made of what stands above: {repeat ");
    snprintf(text, sizeof text, LOGIN "S: %s{count 1 2000000 #}\n", half);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 16: this cannot be made of what stands above: {repeat ");
    snprintf(text, sizeof text, "A: connect jid=a@b password='%s%s'\n", half, half);
    assert_unreadable(text, "line 1: ");
    int used = snprintf(text, sizeof text, LOGIN SAY("{repeat 66000 x}") HEAR("{long}") "S: ");
    for (int i = 0; i < 1100; i++, used += 6)
        memcpy(text + used, "{long}", 7);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 18: this cannot be made of what stands above: {long}");
}

static void test_replay_knows_no_name_that_is_too_long(void **state)
{
    static char text[sizeof LOGIN + 2048];
    (void)state;
    int used = snprintf(text, sizeof text, LOGIN "S: <message id='{");
    memset(text + used, 'n', 1500);
    memcpy(text + used + 1500, "}'/>\n", 6);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 16: nothing above has this name: nnnn");
}

static void test_replay_cuts_what_it_tells_at_whole_characters(void **state)
{
    static char text[sizeof LOGIN + 8192];
    struct bot bot = {0};
    (void)state;
    int used = snprintf(text, sizeof text, LOGIN "C: <message><body>x");
    for (int i = 0; i < 3000; i++, used += 2)
        memcpy(text + used, "\xC3\xA9", 2);
    memcpy(text + used, "</body></message>\n", 19);
    assert_int_equal(begin(&bot, text), 0);
    assert_int_equal(go_on(&bot), 0);
    const char *fault = envoi_replay_fault(bot.replay);
    size_t len = strlen(fault);
    assert_int_equal(len, 2047);
    assert_true(strcmp(fault + len - 2, "\xC3\xA9") == 0 || strcmp(fault + len - 3, "\xC3\xA9?") == 0);
    finish(&bot);
}

static void test_replay_reads_lines_with_little_in_them(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN "S:\nC=\nS:<message/>\nE:\n");
    finish(&bot);
    assert_faults(LOGIN "C= <presence/>\n", 0, "line 16: this was not sent yet: <presence/>");
    assert_faults(LOGIN MESSAGE "C:  \n", ENVOI_ERR_TRANSCRIPT, "line 17: this is no whole element");
    assert_unreadable(LOGIN "C+ <presence/>\n", "line 16: this is no line of a transcript");
    assert_unreadable("A: close\n", "line 1: the first line must be A: connect");
    assert_unreadable("A: connect \n", "line 1: ");
    assert_int_equal(begin(&bot, "A: connect jid='juliet@im.example.com"), 0);
    assert_string_equal(envoi_stream_jid(bot.stream), "juliet@im.example.com");
    finish(&bot);
}

static void test_replay_knows_many_names_at_once(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN SAY("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")
                           HEAR("{aa} {ab} {ac} {ad} {ae} {af} {ag} {ah} {ai} {aj} "
                                "{ak} {al} {am} {an} {ao} {ap} {aq} {ar} {as} {at}") SAY("{at}{aa}") HEAR("201"));
    finish(&bot);
}

/* More would overflow the stack. */
static void test_replay_refuses_more_unknown_names_than_a_text_may_have(void **state)
{
    enum { MANY = 100000 };
    static char text[sizeof LOGIN + 5 * MANY + 256];
    struct bot bot = {0};
    (void)state;
    int used = snprintf(text, sizeof text, LOGIN SAY("x") "C: <message to='a@b'><body>");
    for (int i = 0; i < 32; i++)
        memcpy(text + used + 5 * i, "{any}", 5);
    memcpy(text + used + 5 * 32, "</body></message>\n", 19);
    assert_plays(&bot, text);
    finish(&bot);
    for (int i = 0; i < MANY; i++)
        memcpy(text + used + 5 * i, "{any}", 5);
    memcpy(text + used + 5 * 33, "</body></message>\n", 19);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 17: there are too many ways in which this may fit: <message");
    memcpy(text + used + 5 * 33, "{any}{any}{any}{any}", 20);
    memcpy(text + used + 5 * MANY, "</body></message>\n", 19);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 17: there are too many ways in which this may fit: <message");
}

/* To try all that each of twenty may stand for would not end before the universe does. */
static void test_replay_tries_no_more_of_a_name_than_it_has_to(void **state)
{
    (void)state;
    assert_faults(LOGIN SAY("{repeat 150 x}") HEAR("{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}x"
                                                   "{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}x{any}!"),
                  ENVOI_ERR_TRANSCRIPT, "line 17: something else was sent: <message");
    assert_faults(LOGIN SAY("{repeat 150 x}")
                      HEAR("{aa}x{ab}x{ac}x{ad}x{ae}x{af}x{ag}x{ah}x{ai}x{aj}x{aa}x{ab}x{ac}x{ad}x{ae}!"),
                  ENVOI_ERR_TRANSCRIPT, "line 17: there are too many ways in which this may fit: <message");
}

static void test_replay_wants_the_attributes_that_are_written(void **state)
{
    (void)state;
    assert_faults(LOGIN MESSAGE "C: <message from='romeo@im.example.com'><body>one</body></message>\n",
                  ENVOI_ERR_TRANSCRIPT, "line 17: something else was sent");
}

static void test_replay_knows_names_of_nothing(void **state)
{
    struct bot bot = {0};
    (void)state;
    assert_plays(&bot, LOGIN SAY("x") HEAR("{none}x") SAY("y{none}") HEAR("{none}y"));
    finish(&bot);
    assert_faults(LOGIN SAY("x") HEAR("{none}x") SAY("zx") HEAR("{none}x"), ENVOI_ERR_TRANSCRIPT, "line 19: ");
}

/* c= and r= and so on are read from what the client said; what it did not say is nobody's to guess. */
static void test_replay_plays_no_scram_of_half_a_login(void **state)
{
    static const char *const halves[] = {
        KEEP("client-first", "!!!!") "S: {server-first}\n",
        KEEP("client-first", "bixhPXg=") "S: {server-first}\n", /* n,a=x */
        KEEP("client-first", "eA==") KEEP("client-final", "eA==") "S: {server-final}\n",
        KEEP("client-first", "biwsbj14LHI9YWJj")
            KEEP("client-final", "eA==") "S: {server-final}\n", /* n,,n=x,r=abc */
        KEEP("client-first", "biwsbj14LHI9YWJj")
            KEEP("client-final", "Yz1iaXdzLHI9YWJjLHA9eA==") "S: {server-final}\n",
        KEEP("client-first", "biwsbj14LHI9YWJj") KEEP("client-final", "Yz1iaXdzLHI9YWJjLHA9eA==")
            KEEP("server-first-text", "x") KEEP("mechanism", "x") "S: {server-final}\n",
        KEEP("client-first", "biwsbj14LHI9YWJj") "S: <message id='{server-first}'/>\n" KEEP(
            "client-final", "Yz1iaXdzLHI9YWJjLHA9eA==") "S: {server-final}\n", /* by no mechanism */
    };
    (void)state;
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        char text[8192], line[32];
        int lines = 0;
        snprintf(text, sizeof text, PLAIN_LOGIN "%s", halves[i]);
        for (const char *at = text; (at = strchr(at, '\n')); at++)
            lines++;
        snprintf(line, sizeof line, "line %d: ", lines);
        assert_faults(text, ENVOI_ERR_TRANSCRIPT, line);
    }
    assert_faults("A: connect jid=juliet@im.example.com tls=local\nC= {server-final}\n", ENVOI_ERR_TRANSCRIPT,
                  "line 2: ");
}

static void test_replay_wants_the_mechanism_by_its_name(void **state)
{
    char text[sizeof LOGIN + 64];
    (void)state;
    snprintf(text, sizeof text, "%s", LOGIN);
    char *at = strstr(text, "'{mechanism}'");
    memmove(at + 15, at + 13, strlen(at + 13) + 1);
    memcpy(at, "'SCRAM-SHA-256'", 15);
    assert_faults(text, ENVOI_ERR_TRANSCRIPT, "line 8: this cannot be made of what stands above: <success ");
}

/* LOGIN up to its challenge, and something else from there on. */
static void login_until_challenge(char *out, size_t size, const char *rest)
{
    const char *end = strstr(LOGIN, "{server-first}");
    snprintf(out, size, "%.*s%s", (int)(end - LOGIN), LOGIN, rest);
}

static void test_replay_makes_no_salt_longer_than_it_has_room_for(void **state)
{
    struct bot bot = {0};
    char text[sizeof LOGIN + 256];
    (void)state;
    login_until_challenge(text, sizeof text,
                          "{server-first salt-bytes=99999999}</challenge>\n"
                          "C: <abort " SASL "/>\nC: </stream:stream>\n");
    assert_plays(&bot, text);
    assert_int_equal(bot.closed, ENVOI_ERR_AUTH_PARAMETERS);
    finish(&bot);
}

static void test_replay_is_not_over_while_something_was_sent(void **state)
{
    struct bot bot = {0};
    int result;
    (void)state;
    assert_int_equal(begin(&bot, LOGIN "S: <message from='a@b'><body>x</body></message><message from='a@b'>"
                                       "<body>y</body></message>\n" HEAR("x")),
                     0);
    do {
        const envoi_event *event;
        while ((event = envoi_stream_next_event(bot.stream)))
            act(&bot, event);
        assert_int_equal(envoi_replay_is_over(bot.replay), 0);
        result = envoi_replay_step(bot.replay, bot.stream);
    } while (result > 0);
    assert_int_equal(result, ENVOI_ERR_TRANSCRIPT);
    assert_int_equal(envoi_replay_is_over(bot.replay), 0);
    finish(&bot);
}

static void test_replay_drops_what_is_sent_once_it_was_cut(void **state)
{
    struct bot bot = {0};
    envoi_stanza *message = NULL;
    (void)state;
    assert_plays(&bot, LOGIN);
    assert_int_equal(envoi_replay_step(bot.replay, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_replay_cut(bot.replay, envoi_replay_said(bot.replay), ENVOI_ERR_EOF), 0);
    assert_int_equal(envoi_replay_step(bot.replay, bot.stream), 1);
    assert_int_equal(envoi_message_new(&message, "a@b", NULL), 0);
    assert_int_equal(envoi_stream_send(bot.stream, message), 0); /* it does not know yet */
    envoi_stanza_free(message);
    assert_int_equal(go_on(&bot), 0);
    assert_over(&bot);
    assert_int_equal(bot.closed, ENVOI_ERR_EOF);
    finish(&bot);
}

/* ---- recordings of logins ---- */

static void record(struct bot *bot, const char *text)
{
    size_t len;
    assert_int_equal(begin(bot, text), 0);
    assert_int_equal(envoi_recorder_new(&bot->recorder, bot->stream, 0), 0);
    assert_int_equal(go_on(bot), 0);
    assert_over(bot);
    const char *recorded = envoi_recorder_text(bot->recorder, &len);
    assert_true(recorded && len < sizeof bot->text);
    memcpy(bot->text, recorded, len);
    bot->text[len] = '\0';
}

/* RFC 5802 5.1: the server's signature may come in a challenge, and an empty message answers it. */
static void test_replay_plays_a_recorded_signature_in_a_challenge(void **state)
{
    struct bot first = {0}, second = {0};
    char text[sizeof LOGIN + 512];
    (void)state;
    const char *final = strstr(LOGIN, "S: <success"), *rest = strchr(final, '\n') + 1;
    snprintf(text, sizeof text,
             "%.*sS: <challenge " SASL ">{server-final}</challenge>\nC: <response " SASL "/>\n"
             "S: <success " SASL "/>\n%s",
             (int)(final - LOGIN), LOGIN, rest);
    record(&first, text);
    assert_int_equal(first.ready, 1);
    assert_non_null(strstr(first.text, ">{server-final}</challenge>\n"));
    assert_non_null(strstr(first.text, "\nC: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\n"));
    assert_plays(&second, first.text);
    assert_int_equal(second.ready, 1);
    finish(&first);
    finish(&second);
}

/* Slices of a long computation are the engine's own affair. */
static void test_replay_plays_a_recorded_login_of_many_iterations(void **state)
{
    struct bot bot = {0};
    char text[sizeof LOGIN + 64];
    (void)state;
    login_until_challenge(text, sizeof text,
                          "{server-first i=50000}</challenge>\n"
                          "C: <response " SASL ">{client-final}</response>\n");
    record(&bot, text);
    assert_null(strstr(bot.text, "progress"));
    assert_null(strstr(bot.text, "E: ?"));
    finish(&bot);
}

static int play_long(void *user)
{
    struct bot bot = {0};
    int error = begin(&bot, user);
    if (!error)
        error = go_on(&bot);
    if (!error && !envoi_replay_is_over(bot.replay))
        error = bot.error ? bot.error : bot.closed == ENVOI_ERR_NOMEM ? ENVOI_ERR_NOMEM : ENVOI_ERR_STATE;
    if (error == ENVOI_ERR_TRANSCRIPT && (bot.closed == ENVOI_ERR_NOMEM || bot.error == ENVOI_ERR_NOMEM))
        error = ENVOI_ERR_NOMEM;
    finish(&bot);
    if (error && error != ENVOI_ERR_NOMEM)
        fail_msg("%s", envoi_error_name(error));
    return error;
}

static void test_replay_survives_failing_allocations_of_long_texts(void **state)
{
    static char text[] = LOGIN SAY("{repeat 300 x}") HEAR("{repeated}") SAY("{count 1 300 ##########}") HEAR("{any}")
        /* n,,n=x,r= and a nonce of 600 letters */
        SAY("biwsbj14LHI9{repeat 200 YWFh}") HEAR("{client-first}") SAY("{server-first}") HEAR("{any}")
            SAY("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")
                HEAR("{aa} {ab} {ac} {ad} {ae} {af} {ag} {ah} {ai} {aj} {ak} {al} {am} {an} {ao} {ap} {aq} {ar} {as} "
                     "{at}");
    (void)state;
    with_failing_allocations(play_long, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay_logs_in_and_talks_without_a_server),
        cmocka_unit_test(test_replay_knows_the_password_of_a_config_that_is_not_its_own),
        cmocka_unit_test(test_replay_finds_what_was_not_sent),
        cmocka_unit_test(test_replay_finds_what_was_sent_instead),
        cmocka_unit_test(test_replay_finds_what_was_sent_beyond_the_transcript),
        cmocka_unit_test(test_replay_tells_which_line_it_cannot_read),
        cmocka_unit_test(test_replay_matches_names_and_anything),
        cmocka_unit_test(test_replay_wants_a_name_to_be_the_same_within_a_text_too),
        cmocka_unit_test(test_replay_tries_all_that_a_name_used_twice_may_be),
        cmocka_unit_test(test_replay_reads_addresses_that_a_recorder_writes),
        cmocka_unit_test(test_replay_reads_no_text_with_a_nul_in_it),
        cmocka_unit_test(test_replay_finds_what_was_sent_before_the_connection_ended),
        cmocka_unit_test(test_replay_compares_bytes),
        cmocka_unit_test(test_replay_moves_time_by_its_lines_only),
        cmocka_unit_test(test_replay_answers_requests_by_their_name),
        cmocka_unit_test(test_replay_ends_the_connection),
        cmocka_unit_test(test_replay_reads_over_what_a_closed_stream_no_longer_hears),
        cmocka_unit_test(test_replay_in_pieces_is_the_same),
        cmocka_unit_test(test_replay_cut_anywhere_closes_the_stream),
        cmocka_unit_test(test_replay_plays_what_was_recorded),
        cmocka_unit_test(test_replay_waits_for_the_rest_of_bytes),
        cmocka_unit_test(test_replay_passes_over_spaces_that_keep_a_connection_alive),
        cmocka_unit_test(test_replay_stops_where_the_program_takes_no_events),
        cmocka_unit_test(test_replay_reads_lines_that_end_as_elsewhere),
        cmocka_unit_test(test_replay_refuses_wrong_arguments),
        cmocka_unit_test(test_replay_survives_failing_allocations),
        cmocka_unit_test(test_replay_takes_no_end_of_text_for_a_byte),
        cmocka_unit_test(test_replay_repeats_within_reason),
        cmocka_unit_test(test_replay_makes_no_line_longer_than_reason_of_many_short_ones),
        cmocka_unit_test(test_replay_knows_no_name_that_is_too_long),
        cmocka_unit_test(test_replay_cuts_what_it_tells_at_whole_characters),
        cmocka_unit_test(test_replay_reads_lines_with_little_in_them),
        cmocka_unit_test(test_replay_knows_names_of_nothing),
        cmocka_unit_test(test_replay_knows_many_names_at_once),
        cmocka_unit_test(test_replay_refuses_more_unknown_names_than_a_text_may_have),
        cmocka_unit_test(test_replay_tries_no_more_of_a_name_than_it_has_to),
        cmocka_unit_test(test_replay_wants_the_attributes_that_are_written),
        cmocka_unit_test(test_replay_plays_no_scram_of_half_a_login),
        cmocka_unit_test(test_replay_wants_the_mechanism_by_its_name),
        cmocka_unit_test(test_replay_makes_no_salt_longer_than_it_has_room_for),
        cmocka_unit_test(test_replay_is_not_over_while_something_was_sent),
        cmocka_unit_test(test_replay_drops_what_is_sent_once_it_was_cut),
        cmocka_unit_test(test_replay_plays_a_recorded_signature_in_a_challenge),
        cmocka_unit_test(test_replay_plays_a_recorded_login_of_many_iterations),
        cmocka_unit_test(test_replay_survives_failing_allocations_of_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
