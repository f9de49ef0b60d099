/* SPDX-License-Identifier: MIT */
/* `C:` and `C=` lines: what the stream sent next is this. */
#include "transcript.h"

#include <stdio.h>
#include <string.h>

int output_begin(struct play *play)
{
    return !envoi__side_init(&play->output) && !envoi__side_init(&play->expected);
}

void output_end(struct play *play)
{
    envoi__side_free(&play->output);
    envoi__side_free(&play->expected);
}

static void catch_up(struct play *play)
{
    const struct journal *journal = &play->run.journal;
    envoi__buf_add(&play->output.bytes, journal->output + play->output_seen, journal->output_len - play->output_seen);
    play->output_seen = journal->output_len;
}

static const char *bytes_for_a_person(struct play *play)
{
    static char text[1024];
    snprintf(text, sizeof text, "%.*s", (int)play->output.bytes.len,
             play->output.bytes.len ? (const char *)envoi__buf_bytes(&play->output.bytes) : "");
    return text;
}

/* White space is an item as any other: where none may be sent (RFC 6120 5.3.3, 6.3.5), the next element is not it. */
static int read_item(struct envoi__side *side)
{
    size_t used = 0;
    int item = envoi__side_read(side, &used);
    envoi__buf_take(&side->bytes, used);
    return item;
}

static void expect_record(struct play *play)
{
    if (play->records_seen == play->run.journal.records)
        run_fail(&play->run, "no TLS record was sent, but: %s", bytes_for_a_person(play));
    play->records_seen = play->run.journal.records;
}

void expect_element(struct play *play, const char *text)
{
    struct envoi__side *sides[] = {&play->expected, &play->output};
    int items[2];
    if (strcmp(text, "{tls}") == 0) {
        expect_record(play);
        return;
    }
    catch_up(play);
    if (strncmp(text, "<stream:stream", 14) == 0)
        envoi__buf_free(&play->expected.bytes);
    envoi__buf_add_text(&play->expected.bytes, text);
    const char *have = bytes_for_a_person(play);
    for (int i = 0; i < 2; i++)
        items[i] = read_item(sides[i]);
    if (items[0] <= ENVOI__READ_MORE)
        run_fail(&play->run, "not a whole element: %s (%d)", text, items[0]);
    int fits = items[0] == items[1];
    if (fits && items[0] != ENVOI__READ_END)
        fits = match_element(play, play->expected.tree.root, play->output.tree.root);
    if (!fits)
        run_fail(&play->run, "the stream sent: %s", have);
}

void expect_bytes(struct play *play, const char *text)
{
    struct envoi__buf wanted, *got = &play->output.bytes;
    envoi__buf_init(&wanted, 0);
    expand(play, text, &wanted);
    size_t len = wanted.len;
    catch_up(play);
    int fits = got->len >= len && (!len || memcmp(envoi__buf_bytes(got), envoi__buf_bytes(&wanted), len) == 0);
    envoi__buf_free(&wanted);
    if (!fits)
        run_fail(&play->run, "the stream sent: %s", bytes_for_a_person(play));
    envoi__buf_take(got, len);
}

void expect_no_more_output(struct play *play)
{
    catch_up(play);
    if (play->output.bytes.len)
        run_fail(&play->run, "output that is not in the transcript: %s", bytes_for_a_person(play));
    if (play->records_seen < play->run.journal.records)
        run_fail(&play->run, "TLS records that are not in the transcript");
}
