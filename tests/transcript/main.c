/* SPDX-License-Identifier: MIT */
/* transcript FILE...: play every scenario whole, byte by byte, and split in two at every byte; TAP on
 * standard output. With ENVOI_TRANSCRIPT_WHOLE in the environment nothing is split: for runs under slow tools. */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_SPLITS = 20000 };

static int play_every_way(struct play *play, const struct script *script, long *runs)
{
    int fine = play_run(play, script, (struct delivery){-1, 0});
    long bytes = getenv("ENVOI_TRANSCRIPT_WHOLE") ? 0 : play->delivered;
    if (fine)
        fine = play_run(play, script, (struct delivery){-1, 1});
    *runs += 2;
    long stride = 1 + bytes / MOST_SPLITS; /* scenarios of a quarter of a megabyte are split here and there */
    for (long at = 1; fine && at < bytes; at += stride, ++*runs)
        fine = play_run(play, script, (struct delivery){at, 0});
    return fine;
}

int main(int argc, char **argv)
{
    static struct script script;
    static struct play play;
    int failed = 0;
    long runs = 0;
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        int fine = script_load(&script, argv[i]) && play_every_way(&play, &script, &runs);
        printf("%s %d - %s\n", fine ? "ok" : "not ok", i, argv[i]);
        if (!fine)
            printf("# %s\n", play.message);
        failed += !fine;
        script_free(&script);
    }
    printf("# %ld runs\n", runs);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
