/* SPDX-License-Identifier: MIT */
/* envoi's reader: chunks to trees. And its builder and writer. */
#include "bench.h"

#include "envoi_build.h"
#include "xml/reader.h"
#include "xml/writer.h"
#include <stdlib.h>

struct parser {
    struct envoi__reader *reader;
    struct envoi__tree tree;
    const char *begin; /* of what is not read yet */
    size_t stanzas;
};

static void *open_parser(void)
{
    static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    struct parser *parser = calloc(1, sizeof *parser);
    if (!parser || envoi__reader_new(&parser->reader, &limits))
        abort();
    envoi__tree_init(&parser->tree);
    return parser;
}

/* The reader leaves it to its caller to keep what is not read yet. Here the chunks stand one behind the other in
 * memory, so nothing has to be copied for that. */
static int feed(void *user, const char *data, size_t len)
{
    struct parser *parser = user;
    const char *end = data + len;
    int item = ENVOI__READ_SPACE;
    if (!parser->begin)
        parser->begin = data;
    while (item > ENVOI__READ_MORE && parser->begin < end) {
        size_t used = 0;
        item = envoi__reader_next(parser->reader, (const uint8_t *)parser->begin, (size_t)(end - parser->begin),
                                  &parser->tree, &used);
        parser->stanzas += item == ENVOI__READ_ELEMENT;
        parser->begin += used;
    }
    return item < 0;
}

static size_t close_parser(void *user)
{
    struct parser *parser = user;
    size_t stanzas = parser->stanzas;
    envoi__reader_free(parser->reader);
    envoi__tree_free(&parser->tree);
    free(parser);
    return stanzas;
}

/* As envoi_stream_send() does it: into a buffer that is there already. */
static size_t write_out(const envoi_stanza *stanza)
{
    static const struct envoi__write_options options = {.default_ns = ENVOI_NS_CLIENT};
    static struct envoi__buf out;
    if (envoi_stanza_error(stanza) || envoi__write_element(&out, envoi_stanza_root(stanza), &options))
        return 0;
    size_t len = out.len;
    envoi__buf_take(&out, len);
    return len;
}

static size_t chat(const char *id)
{
    return write_out(build_chat(id));
}

static size_t publish(const char *id)
{
    return write_out(build_publish(id));
}

const struct library library = {
    .open = open_parser, .feed = feed, .close = close_parser, .chat = chat, .publish = publish};
