/* SPDX-License-Identifier: MIT */
/* `C:` and `C=` lines: what the stream sent next is this. */
#include "transcript.h"

#include <stdio.h>
#include <string.h>

static int side_begin(struct side *side)
{
    static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    envoi__buf_init(&side->bytes, 0);
    envoi__tree_init(&side->tree);
    return envoi__reader_new(&side->reader, &limits) == 0;
}

int output_begin(struct play *play)
{
    return side_begin(&play->output) && side_begin(&play->expected);
}

static void side_end(struct side *side)
{
    envoi__reader_free(side->reader);
    envoi__buf_free(&side->bytes);
    envoi__tree_free(&side->tree);
    *side = (struct side){0};
}

void output_end(struct play *play)
{
    side_end(&play->output);
    side_end(&play->expected);
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

static int read_item(struct side *side)
{
    for (;;) {
        size_t used = 0;
        envoi__tree_reset(&side->tree);
        int item =
            envoi__reader_next(side->reader, envoi__buf_bytes(&side->bytes), side->bytes.len, &side->tree, &used);
        envoi__buf_take(&side->bytes, used);
        if (item != ENVOI__READ_SPACE)
            return item;
    }
}

static void expect_record(struct play *play)
{
    if (play->records_seen == play->run.journal.records)
        run_fail(&play->run, "no TLS record was sent, but: %s", bytes_for_a_person(play));
    play->records_seen = play->run.journal.records;
}

void expect_element(struct play *play, const char *text)
{
    struct side *sides[] = {&play->expected, &play->output};
    int items[2];
    if (strcmp(text, "{tls}") == 0) {
        expect_record(play);
        return;
    }
    catch_up(play);
    if (strncmp(text, "<stream:stream", 14) == 0) {
        envoi__reader_restart(play->expected.reader);
        envoi__reader_restart(play->output.reader);
        envoi__buf_free(&play->expected.bytes);
    }
    envoi__buf_add_text(&play->expected.bytes, text);
    const char *have = bytes_for_a_person(play);
    for (int i = 0; i < 2; i++)
        items[i] = sides[i]->bytes.len ? read_item(sides[i]) : ENVOI__READ_MORE;
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
