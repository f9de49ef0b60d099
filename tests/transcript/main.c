/* SPDX-License-Identifier: MIT */
/* transcript [--quick | --modes=MODE,...] FILE... | FOLDER: play every scenario in these ways (README.md tells what
 * each is); TAP on standard output. --quick is --modes=bytes, and so is ENVOI_TRANSCRIPT_WHOLE in the environment:
 * for runs under slow tools. */
#include "transcript.h"

#include "base/text.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mode {
    const char *name;
    int (*play)(struct test *test);
    int chosen;
    long runs, outcomes[OUTCOMES];
} modes[] = {
    {"bytes", mode_bytes, 0, 0, {0}},   {"split", mode_split, 0, 0, {0}},   {"cut", mode_cut, 0, 0, {0}},
    {"memory", mode_memory, 0, 0, {0}}, {"damage", mode_damage, 0, 0, {0}}, {"io", mode_io, 0, 0, {0}},
};

static struct script script;
static struct play play;
static struct session sessions[MOST_STREAMS];
static struct test test;
static const char *reason;
static long whole;

static int choose(const char *list)
{
    while (*list) {
        size_t len = strcspn(list, ","), found = 0;
        for (size_t i = 0; i < ENVOI__COUNT(modes); i++) {
            if (strncmp(list, modes[i].name, len) == 0 && !modes[i].name[len]) {
                modes[i].chosen = 1;
                found = 1;
            }
        }
        if (!found)
            return 0;
        list += len + (list[len] == ',');
    }
    return 1;
}

/* 0 if there is nothing to do then. */
static int only_bytes(void)
{
    int found = 0;
    for (size_t i = 0; i < ENVOI__COUNT(modes); i++) {
        int is_bytes = modes[i].play == mode_bytes;
        found |= is_bytes && modes[i].chosen;
        modes[i].chosen &= is_bytes;
    }
    return found;
}

/* The first runs of what was kept: whole, and byte by byte. */
static int prepare(struct session *session)
{
    enum outcome outcome;
    reason = test.run.message;
    if (!replay(&test.run, session, &(struct fault){.kind = FAULT_NONE}, &outcome))
        return 0;
    session->allocations = ledger.made;
    session->journal = test.run.journal;
    test.run.journal = (struct journal){0};
    test.session = session;
    whole++;
    return replay_mark(&test.run, session);
}

static int play_mode(struct mode *mode)
{
    test.runs = 0;
    memset(test.outcomes, 0, sizeof test.outcomes);
    int fine = mode->play(&test);
    mode->runs += test.runs;
    for (int i = 0; i < OUTCOMES; i++)
        mode->outcomes[i] += test.outcomes[i];
    return fine;
}

static int play_session(struct session *session)
{
    int fine = prepare(session);
    for (size_t i = 0; fine && i < ENVOI__COUNT(modes); i++)
        fine = !modes[i].chosen || play_mode(&modes[i]);
    return fine;
}

static int play_file(const char *path)
{
    snprintf(play.run.message, sizeof play.run.message, "%s cannot be loaded", path);
    reason = play.run.message;
    int fine = script_load(&script, path) && play_script(&play, &script, sessions);
    for (size_t i = 0; fine && i < MOST_STREAMS && sessions[i].count; i++)
        fine = play_session(&sessions[i]);
    for (size_t i = 0; i < MOST_STREAMS; i++)
        session_free(&sessions[i]);
    script_free(&script);
    return fine;
}

static void print_counts(int scenarios)
{
    printf("# scenarios: %d\n# whole: %ld runs\n", scenarios, whole);
    for (size_t i = 0; i < ENVOI__COUNT(modes); i++)
        if (modes[i].chosen)
            printf("# %s: %ld runs; %ld as undisturbed, %ld closed, %ld still alive, %ld not begun\n", modes[i].name,
                   modes[i].runs, modes[i].outcomes[OUTCOME_SAME], modes[i].outcomes[OUTCOME_CLOSED],
                   modes[i].outcomes[OUTCOME_ALIVE], modes[i].outcomes[OUTCOME_NOT_BEGUN]);
}

static int play_files(char **files, int count)
{
    int failed = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        int fine = play_file(files[i]);
        printf("%s %d - %s\n", fine ? "ok" : "not ok", i + 1, files[i]);
        if (!fine)
            printf("# %s\n", reason);
        fflush(stdout);
        failed += !fine;
    }
    print_counts(count);
    return !failed;
}

/* The scenarios of a folder. None: it is a file, or not there. */
static glob_t in_folder(const char *path)
{
    glob_t found = {0};
    char pattern[4096];
    if (path && snprintf(pattern, sizeof pattern, "%s/*.txt", path) < (int)sizeof pattern)
        glob(pattern, 0, NULL, &found);
    return found;
}

int main(int argc, char **argv)
{
    int first = 1;
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[first++] : "";
    const char *list = strncmp(option, "--modes=", 8) == 0 ? option + 8 : "";
    if (!choose(strcmp(option, "--quick") == 0 ? "bytes" : list)) {
        fputs("no such mode\n", stderr);
        return EXIT_FAILURE;
    }
    if (getenv("ENVOI_TRANSCRIPT_WHOLE") && !only_bytes()) {
        puts("1..0 # SKIP");
        return EXIT_SUCCESS;
    }
    glob_t folder = in_folder(argc - first == 1 ? argv[first] : NULL);
    int fine =
        folder.gl_pathc ? play_files(folder.gl_pathv, (int)folder.gl_pathc) : play_files(argv + first, argc - first);
    globfree(&folder);
    journal_free(&test.run.journal);
    journal_free(&play.run.journal);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
