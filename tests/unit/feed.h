/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FEED_H
#define ENVOI_TESTS_FEED_H
/* A stream that is fed to the reader in pieces, and an account in words of what comes out. */
#include "test.h"

#include "base/buf.h"
#include "base/text.h"
#include "xml/reader.h"
#include "xml/writer.h"

#define STREAM_NS "http://etherx.jabber.org/streams"
#define HEADER                                                                                               \
    "<stream:stream xmlns='jabber:client' xmlns:stream='" STREAM_NS                                          \
    "' id='s1' from='example.net' version='1.0'>"
#define PLAIN "<message from='a@b'><body>hi</body></message>"

static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;

/* A stream being read, and an account of it in words: what was read, in order. */
struct feed {
    struct envoi__reader *reader;
    struct envoi__tree tree;
    struct envoi__buf in, log;
    int error, elements;
};

static inline void open_feed(struct feed *feed, const struct envoi__xml_limits *with)
{
    *feed = (struct feed){0};
    assert_int_equal(envoi__reader_new(&feed->reader, with ? with : &limits), 0);
    envoi__tree_init(&feed->tree);
    envoi__buf_init(&feed->in, 0);
    envoi__buf_init(&feed->log, 0);
}

static inline void close_feed(struct feed *feed)
{
    envoi__reader_free(feed->reader);
    envoi__tree_free(&feed->tree);
    envoi__buf_free(&feed->in);
    envoi__buf_free(&feed->log);
}

static inline void note(struct feed *feed, int what)
{
    static const char *const words[] = {"", "", "header ", "element ", "end"};
    envoi__buf_add_text(&feed->log, words[what]);
    if (what == ENVOI__READ_HEADER || what == ENVOI__READ_ELEMENT)
        assert_int_equal(envoi__write_element(&feed->log, feed->tree.root, NULL), 0);
    if (what != ENVOI__READ_SPACE)
        envoi__buf_add_text(&feed->log, "\n");
    feed->elements += what == ENVOI__READ_ELEMENT;
}

/* Offer bytes and take all that becomes complete. The bytes that stay are moved to a new place each time. */
static inline int give(struct feed *feed, const void *data, size_t len)
{
    assert_int_equal(envoi__buf_add(&feed->in, data, len), 0);
    while (!feed->error) {
        size_t used = 0, avail = feed->in.len;
        uint8_t *copy = avail ? malloc(avail) : NULL;
        if (avail)
            memcpy(copy, envoi__buf_bytes(&feed->in), avail);
        int what = envoi__reader_next(feed->reader, copy, avail, &feed->tree, &used);
        free(copy);
        if (what < 0) {
            feed->error = what;
            break;
        }
        assert_true(used <= avail);
        envoi__buf_take(&feed->in, used);
        if (what == ENVOI__READ_MORE)
            break;
        assert_true(used > 0);
        note(feed, what);
    }
    return feed->error;
}

static inline int give_text(struct feed *feed, const char *text)
{
    return give(feed, text, strlen(text));
}

static inline const char *log_text(struct feed *feed)
{
    envoi__buf_add(&feed->log, "", 1);
    envoi__buf_truncate(&feed->log, feed->log.len - 1);
    return (const char *)feed->log.data;
}

/* What a stream gives that is fed in pieces of `size` bytes: its log, which the caller frees. */
static inline char *account(const char *text, size_t len, size_t first, size_t size, int *error)
{
    struct feed feed;
    open_feed(&feed, NULL);
    give(&feed, text, first);
    for (size_t at = first; at < len; at += size)
        give(&feed, text + at, len - at < size ? len - at : size);
    char *log = strdup(log_text(&feed));
    *error = feed.error;
    close_feed(&feed);
    return log;
}

/* before + n times c + after */
static inline char *padded(const char *before, char c, size_t n, const char *after)
{
    size_t head = strlen(before);
    char *text = malloc(head + n + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, head);
    memset(text + head, c, n);
    memcpy(text + head + n, after, strlen(after) + 1);
    return text;
}

/* The header and `bytes` are fine and give these words behind the header's. */
static inline void accept(const char *bytes, const char *expected)
{
    struct feed feed;
    open_feed(&feed, NULL);
    give_text(&feed, HEADER);
    envoi__buf_truncate(&feed.log, 0);
    if (give_text(&feed, bytes))
        print_message("case <%s>: %s\n", bytes, envoi_error_name(feed.error));
    assert_int_equal(feed.error, 0);
    assert_string_equal(log_text(&feed), expected);
    close_feed(&feed);
}

#endif
