/* SPDX-License-Identifier: MIT */
/* transcript FILE...: play every scenario whole, byte by byte, split in two at every byte, cut off at every byte, and
 * with every allocation failing; TAP on standard output. With ENVOI_TRANSCRIPT_WHOLE in the environment only the first
 * two: for runs under slow tools. */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes played for one scenario in one way; those of a quarter of a megabyte are split and cut here and there. */
enum { MOST_BYTES = 8 << 20 };

static long stride_of(long bytes)
{
    return 1 + bytes / (1 + MOST_BYTES / (bytes + 1));
}

static int play_faults(struct play *play, const struct script *script, long *runs)
{
    for (int always = 0; always < 2; always++) {
        for (long n = 1; n == 1 || play->allocations >= n - 1; n++, ++*runs)
            if (!play_rough(play, script, (struct delivery){.fail_at = n, .fail_always = always}))
                return 0;
    }
    return 1;
}

static int play_every_way(struct play *play, const struct script *script, long *runs)
{
    int fine = play_run(play, script, (struct delivery){0});
    long bytes = play->delivered, stride = stride_of(bytes);
    if (fine)
        fine = play_run(play, script, (struct delivery){.bytewise = 1});
    *runs += 2;
    if (getenv("ENVOI_TRANSCRIPT_WHOLE"))
        return fine;
    for (long at = 1; fine && at < bytes; at += stride, ++*runs)
        fine = play_run(play, script, (struct delivery){.split_at = at});
    for (long at = 1; fine && at <= bytes; at += stride, ++*runs) /* by the end of the transport, or its failure */
        fine = play_rough(play, script, (struct delivery){.cut_at = at, .reset = at % 2 == 0});
    return fine && play_faults(play, script, runs);
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
