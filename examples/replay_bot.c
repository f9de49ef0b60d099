/* SPDX-License-Identifier: MIT */
/* replay_bot TRANSCRIPT: the unit test of a bot, without a server, a network or a clock.
 *
 * The bot is the function bot(); a real one would stand in a file of its own, and its test would link it. The
 * transcript (replay_bot.txt) says what the server says, and what the bot must answer. It may be written by hand, or
 * by envoi_recorder while the bot talks to a real server. */
#include <envoi/envoi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the bot ---- */

/* Says hello when asked to, and echoes the rest. */
static void bot(envoi_stream *stream, const envoi_event *event)
{
    const envoi_element *in = envoi_event_stanza(event);
    const char *body = envoi_message_body(in, NULL);
    envoi_stanza *out = NULL;
    if (envoi_event_type(event) == ENVOI_EVENT_READY)
        envoi_presence_new(&out, NULL, NULL);
    else if (body && strcmp(envoi_stanza_type(in), "chat") == 0 &&
             !envoi_message_new(&out, envoi_element_attr(in, "from"), "chat"))
        envoi_message_add_body(out, strcmp(body, "hello?") == 0 ? "Hello, I am a bot." : body, NULL);
    envoi_stream_send(stream, out);
    envoi_stanza_free(out);
}

/* ---- its test ---- */

/* How the network behaves. */
struct network {
    size_t piece; /* bytes that arrive at once; 0: as they are said */
    uint64_t cut; /* the connection ends behind so many bytes; UINT64_MAX: never */
};

struct transcript {
    char text[65536];
    size_t len;
    uint64_t bytes; /* that the server says */
};

/* Lets the bot act until nothing more happens. Returns why the stream closed, 0 if it did not. */
static int talk(envoi_replay *replay, envoi_stream *stream)
{
    const envoi_event *event;
    int closed = 0;
    do {
        while ((event = envoi_stream_next_event(stream))) {
            if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
                closed = envoi_event_error(event);
            else
                bot(stream, event);
        }
    } while (envoi_replay_step(replay, stream) > 0);
    return closed;
}

/* Returns 1 if all went as it must, otherwise says why not. */
static int judge(const envoi_replay *replay, const struct network *network, int closed)
{
    const char *fault = envoi_replay_fault(replay);
    int is_cut = network->cut != UINT64_MAX;
    if (fault || !envoi_replay_is_over(replay))
        printf("# %s\n", fault ? fault : "it did not come to its end");
    else if (is_cut && closed != ENVOI_ERR_EOF)
        printf("# cut behind byte %llu it closed with: %s\n", (unsigned long long)network->cut,
               envoi_strerror(closed));
    else
        return 1;
    return 0;
}

/* Plays the transcript once. Returns 1 if all went well. */
static int play(struct transcript *transcript, const struct network *network)
{
    envoi_replay *replay = NULL;
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    int fine = 0;
    int error = envoi_replay_new(&replay, transcript->text, transcript->len);
    error = error ? error : envoi_replay_config(replay, &config);
    error = error ? error : envoi_stream_new(&stream, config, envoi_replay_now_ms(replay));
    if (error) {
        printf("# %s\n", envoi_replay_fault(replay) ? envoi_replay_fault(replay) : envoi_strerror(error));
    } else {
        envoi_replay_set_piece(replay, network->piece);
        envoi_replay_cut(replay, network->cut, ENVOI_ERR_EOF);
        fine = judge(replay, network, talk(replay, stream));
        transcript->bytes = envoi_replay_said(replay);
    }
    envoi_stream_free(stream);
    envoi_config_free(config);
    envoi_replay_free(replay);
    return fine;
}

static int test_answers(struct transcript *transcript)
{
    return play(transcript, &(struct network){.cut = UINT64_MAX});
}

static int test_answers_byte_by_byte(struct transcript *transcript)
{
    return play(transcript, &(struct network){.piece = 1, .cut = UINT64_MAX});
}

static int test_survives_every_cut(struct transcript *transcript)
{
    uint64_t most = transcript->bytes;
    int fine = 1;
    for (uint64_t cut = 0; fine && cut < most; cut++)
        fine = play(transcript, &(struct network){.cut = cut});
    return fine;
}

static int load(struct transcript *transcript, const char *path)
{
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (!file)
        return 0;
    transcript->len = fread(transcript->text, 1, sizeof transcript->text, file);
    fclose(file);
    return transcript->len < sizeof transcript->text;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct transcript *transcript);
    } tests[] = {{"the bot answers", test_answers},
                 {"the same byte by byte", test_answers_byte_by_byte},
                 {"it survives a cut at every byte", test_survives_every_cut}};
    static struct transcript transcript;
    int failed = 0;
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return puts("usage: replay_bot TRANSCRIPT\nTests a bot without a server; examples/replay_bot.txt is one.") <
               0;
    if (!load(&transcript, argv[1])) {
        fputs("replay_bot: pass a transcript, such as examples/replay_bot.txt\n", stderr);
        return 2;
    }
    for (int i = 0; i < 3; i++) {
        int fine = tests[i].run(&transcript);
        printf("%s %d - %s\n", fine ? "ok" : "not ok", i + 1, tests[i].name);
        failed += !fine;
    }
    puts("1..3");
    return failed ? 1 : 0;
}
