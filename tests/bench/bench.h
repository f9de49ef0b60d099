/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BENCH_H
#define ENVOI_BENCH_H
/* What each library must do to be measured. One program per library, so that none sits in another's heap or
 * symbols; main.c runs it, and speed.py lets the programs take turns. */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is not measured of a library is NULL. */
struct library {
    /* Parsing: the stream comes in chunks, each stanza becomes a tree, and the tree is thrown away. */
    void *(*open)(void);
    int (*feed)(void *parser, const char *data, size_t len); /* 0, or it went wrong */
    size_t (*close)(void *parser);                           /* how many stanzas came out */
    /* Building and writing: element by element, to text. Returns its length, so that nothing is left out. */
    size_t (*chat)(const char *id);
    size_t (*publish)(const char *id);
    /* Memory: one more session that is logged in and idle; 0, or it went wrong. */
    int (*hold)(void);
};
extern const struct library library;

/* The texts of what is built. */
#define CHAT_TO      "juliet@capulet.example/balcony"
#define CHAT_BODY    "Wherefore art thou, Romeo? Deny thy father & refuse thy name; what's in it?"
#define NS_STATES    "http://jabber.org/protocol/chatstates"
#define NS_PUBSUB    "http://jabber.org/protocol/pubsub"
#define NS_ATOM      "http://www.w3.org/2005/Atom"
#define PUBLISH_TO   "pubsub.shakespeare.example"
#define PUBLISH_NODE "princely_musings"
#define ENTRY_TITLE  "Soliloquy"
#define ENTRY_LINK   "http://denmark.example/2003/12/13/atom03"
#define ENTRY_ID     "tag:denmark.example,2003:entry-32397"
#define ENTRY_TIME   "2003-12-13T18:30:02Z"
extern const char entry_summary[];

/* count.c: calls of malloc, calloc and realloc so far: of envoi's own code, and of all there is. */
struct counts {
    uint64_t ours, all;
};
struct counts count_allocations(void);

#ifdef __cplusplus
}
#endif
#endif
