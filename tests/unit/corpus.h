/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_CORPUS_H
#define ENVOI_TESTS_CORPUS_H
/* The example stanzas of the XEPs, one file each, in a folder that is no part of the sources: $ENVOI_SPEC,
 * else
 * ../shared/spec beside the source root, which is the program's first argument. Include behind test.h. */
#include "elements.h"
#include <stdio.h>
#include <stdlib.h>

static const char *corpus_root; /* set by main() to argv[1] */

static inline void corpus_path(char *out, size_t size, const char *file)
{
    const char *spec = getenv("ENVOI_SPEC");
    int len = spec
                  ? snprintf(out, size, "%s/corpus/%s", spec, file)
                  : snprintf(out, size, "%s/../shared/spec/corpus/%s", corpus_root ? corpus_root : ".", file);
    assert_in_range(len, 1, size - 1);
}

/* 1 if the examples are there; a test that needs them shows nothing without. */
static inline int corpus_present(void)
{
    char path[1024];
    corpus_path(path, sizeof path, "INDEX.tsv");
    FILE *stream = fopen(path, "r");
    if (stream)
        fclose(stream);
    else
        print_message("# skipped: no examples at %s\n", path);
    return stream != NULL;
}

/* An example, such as ("xep-0030", 2): an element around its stanzas, which are in the namespace of a
 * client's stream. NULL: it is not there, or not well-formed. */
static inline envoi_stanza *corpus_example(const char *xep, int number)
{
    static const char start[] = "<stream xmlns='jabber:client'>", end[] = "</stream>";
    char path[1024], file[64], text[16384];
    snprintf(file, sizeof file, "%s/example-%03d.xml", xep, number);
    corpus_path(path, sizeof path, file);
    FILE *stream = fopen(path, "r");
    if (!stream)
        return NULL;
    memcpy(text, start, sizeof start);
    size_t len = sizeof start - 1;
    len += fread(text + len, 1, sizeof text - len - sizeof end, stream);
    fclose(stream);
    memcpy(text + len, end, sizeof end);
    len += sizeof end - 1;
    envoi_stanza *stanza;
    return envoi_stanza_parse(&stanza, text, len) ? NULL : stanza;
}

#endif
