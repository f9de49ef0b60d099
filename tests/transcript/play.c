/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_free(struct session *session)
{
    if (!session->count)
        return; /* never begun */
    for (size_t i = 0; i < session->count; i++) {
        envoi_config_free(session->actions[i].config);
        envoi_stanza_free(session->actions[i].stanza);
        free(session->actions[i].text);
        free(session->actions[i].bytes);
    }
    journal_free(&session->journal);
    free(session->events_before);
    free(session->output_before);
    memset(session, 0, sizeof *session);
}

static struct action *new_action(struct play *play, const struct envoi__line *line, enum verb verb)
{
    struct action *action = &play->session->actions[play->session->count++];
    *action = (struct action){.verb = verb, .line = (int)line->number};
    return action;
}

static void expect_the_end(struct play *play)
{
    const struct journal *journal = &play->run.journal;
    if (play->events_seen < journal->count)
        run_fail(&play->run, "an event that is not in the transcript: %s",
                 journal_describe(journal, play->events_seen));
    expect_no_more_output(play);
    if (play->run.closed)
        check_end(&play->run);
}

/* Another connect begins another session, once all went as written in the last one. */
static void begin_session(struct play *play)
{
    const char *path = play->run.path;
    int line = play->run.line;
    if (play->session->count) {
        expect_the_end(play);
        if (++play->session == play->last)
            run_fail(&play->run, "too many streams");
    }
    output_end(play);
    run_end(&play->run);
    run_begin(&play->run, path);
    play->run.line = line;
    play->events_seen = play->output_seen = play->records_seen = 0;
    envoi__peer_free(&play->peer);
    play->session->path = path;
    ledger_reset(0, 0);
    if (!output_begin(play))
        run_fail(&play->run, "no memory");
}

/* `A: verb arguments`, or `A: verb -> STATE arguments` when the call is to fail. */
static void act(struct play *play, const struct envoi__line *line)
{
    char verb[32], wanted[64] = "OK", got[80];
    const char *text = line->text;
    size_t len = strcspn(text, " ");
    snprintf(verb, sizeof verb, "%.*s", (int)len, text);
    text += len + (text[len] == ' ');
    if (strncmp(text, "-> ", 3) == 0) {
        len = strcspn(text + 3, " ");
        snprintf(wanted, sizeof wanted, "%.*s", (int)len, text + 3);
        text += 3 + len + (text[3 + len] == ' ');
    }
    if (strcmp(verb, "connect") == 0)
        begin_session(play);
    else if (!play->run.stream)
        run_fail(&play->run, "the first line is A: connect");
    struct action *action = new_action(play, line, VERB_CONNECT);
    call_prepare(play, action, verb, text);
    action->result = run_call(&play->run, action);
    snprintf(got, sizeof got, "%s", envoi__error_word(action->result));
    if (strcmp(got, wanted) != 0)
        run_fail(&play->run, "%s gave %s, not %s", verb, got, wanted);
}

static void server_says(struct play *play, const struct envoi__line *line)
{
    struct action *action = new_action(play, line, VERB_SERVER);
    struct envoi__buf bytes;
    envoi__buf_init(&bytes, 0);
    action->at = play->session->bytes;
    action->exact = line->exact;
    expand(play, line->text, &bytes);
    action->len = bytes.len;
    action->bytes = malloc(bytes.len + 1);
    if (!action->bytes)
        run_fail(&play->run, "no memory");
    if (bytes.len)
        memcpy(action->bytes, envoi__buf_bytes(&bytes), bytes.len);
    envoi__buf_free(&bytes);
    play->session->bytes += (long)action->len;
    run_deliver(&play->run, action->bytes, action->len);
}

static void time_passes(struct play *play, const struct envoi__line *line)
{
    struct action *action = new_action(play, line, VERB_TIME);
    action->number = strtoull(line->text, NULL, 10);
    run_tick(&play->run, play->run.now + action->number);
}

static void play_line(struct play *play, const struct envoi__line *line)
{
    play->run.line = (int)line->number;
    if (!play->run.stream && line->kind != 'A')
        run_fail(&play->run, "the first line is A: connect");
    switch (line->kind) {
    case 'A':
        act(play, line);
        break;
    case 'S':
        server_says(play, line);
        break;
    case 'C':
        (line->exact ? expect_bytes : expect_element)(play, line->text);
        break;
    case 'E':
        expect_event(play, line->text);
        break;
    case 'T':
        time_passes(play, line);
        break;
    }
}

int play_script(struct play *play, const struct script *script, struct session sessions[MOST_STREAMS])
{
    volatile int fine = 0;
    struct journal kept = play->run.journal; /* its room is used again */
    memset(play, 0, sizeof *play);
    play->run.journal = kept;
    play->session = sessions;
    play->last = sessions + MOST_STREAMS;
    run_begin(&play->run, script->path);
    if (!setjmp(play->run.failed)) {
        for (size_t i = 0; i < script->count; i++)
            play_line(play, &script->lines[i]);
        expect_the_end(play);
        fine = 1;
    }
    run_end(&play->run);
    output_end(play);
    envoi__peer_free(&play->peer);
    return fine;
}
