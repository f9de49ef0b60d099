/* SPDX-License-Identifier: MIT */
/* One measurement of one library: `parse FILE`, `chat`, `publish` or `hold SESSIONS`. Prints lines of a name
 * and a number. */
#include "bench.h"

#include "measure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096, BUILDS = 50000, WARM_UP = 1000, IDS = 64 };

const char entry_summary[] =
    "To be, or not to be: that is the question: Whether 'tis nobler in the mind to suffer the slings and arrows "
    "of outrageous fortune, or to take arms against a sea of troubles, and by opposing end them? To die: to "
    "sleep; no more; and by a sleep to say we end the heart-ache and the thousand natural shocks that flesh is "
    "heir to, 'tis a consummation devoutly to be wish'd. To die, to sleep; to sleep: perchance to dream: ay, "
    "there's the rub; for in that sleep of death what dreams may come when we have shuffled off this mortal "
    "coil, must give us pause.";

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return NULL;
    *len = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*len + 1);
    if (data && fread(data, 1, *len, file) != *len)
        data = NULL;
    fclose(file);
    return data;
}

static int parse(const char *path)
{
    size_t len = 0;
    char *data = read_file(path, &len);
    if (!data || !library.open)
        return 1;
    struct counts before = count_allocations();
    double begun = cpu_ms();
    void *parser = library.open();
    for (size_t at = 0; at < len; at += CHUNK)
        if (library.feed(parser, data + at, len - at < CHUNK ? len - at : CHUNK)) {
            fprintf(stderr, "failed near byte %zu\n", at);
            return 1;
        }
    size_t stanzas = library.close(parser);
    double ms = cpu_ms() - begun;
    struct counts after = count_allocations();
    free(data);
    print("stanzas", (double)stanzas);
    print("mb_per_s", (double)len / 1e3 / ms);
    print("ours", (double)(after.ours - before.ours) / (double)stanzas);
    print("all", (double)(after.all - before.all) / (double)stanzas);
    return 0;
}

static int build(size_t (*one)(const char *id))
{
    char ids[IDS][16];
    size_t len = 0, bytes = 0;
    if (!one)
        return 1;
    for (int i = 0; i < IDS; i++)
        snprintf(ids[i], sizeof ids[i], "id-%05d", i * 739);
    for (int i = 0; i < WARM_UP; i++)
        len = one(ids[i % IDS]);
    struct counts before = count_allocations();
    double begun = cpu_ms();
    for (int i = 0; i < BUILDS; i++)
        bytes += one(ids[i % IDS]);
    double ms = cpu_ms() - begun;
    struct counts after = count_allocations();
    if (!len || bytes != len * BUILDS) {
        fprintf(stderr, "not all stanzas were written\n");
        return 1;
    }
    print("bytes", (double)len);
    print("ns", ms * 1e6 / BUILDS);
    print("ours", (double)(after.ours - before.ours) / BUILDS);
    print("all", (double)(after.all - before.all) / BUILDS);
    return 0;
}

/* The first tenth pays for what all sessions share. */
static int hold(int sessions)
{
    double begun = 0;
    if (!library.hold || sessions < 10)
        return 1;
    for (int i = 0; i < sessions + sessions / 10; i++) {
        if (i == sessions / 10)
            begun = resident();
        if (library.hold())
            return 1;
    }
    print("bytes", (resident() - begun) / sessions);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "parse") && argc == 3)
        return parse(argv[2]);
    if (!strcmp(what, "chat"))
        return build(library.chat);
    if (!strcmp(what, "publish"))
        return build(library.publish);
    if (!strcmp(what, "hold") && argc == 3)
        return hold(atoi(argv[2]));
    fprintf(stderr, "usage: %s parse FILE | chat | publish | hold SESSIONS\n", argv[0]);
    return 2;
}
