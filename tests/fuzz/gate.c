/* SPDX-License-Identifier: MIT */
/* The reader (gate and parser) against libxml2's tree builder.
 *
 * The first byte chooses: bit 0 a stream, else a document that stands alone; bits 1 to 5 the size of the
 * pieces that the stream is delivered in; bit 6 gives the parser back between pieces. The rest is XML.
 *
 * Whatever the reader takes, libxml2 must take and see the same tree. Whatever libxml2 takes, the reader must
 * take, but for what it refuses by policy: DOCTYPE, comments and processing instructions, other encodings and
 * lax UTF-8, XML versions other than 1.0, declarations that are too long, its limits; and in a stream a root
 * without room for children, and text between stanzas. However the bytes are cut, the verdict is the same. */
#include "fuzz.h"

#include "dom.h"

#include "base/buf.h"
#include "base/text.h"
#include "xml/gate.h"
#include "xml/reader.h"
#include "xml/writer.h"
#include <envoi/error.h>
#include <envoi/stanza.h>
#include <string.h>
#include <strings.h>

enum { LONG = 1000 }; /* shorter inputs can pass no limit of bytes */

static const struct envoi__xml_limits usual = ENVOI__XML_LIMITS_DEFAULT, tiny = {150, 4, 3, 9, 40};

/* A stream being read. */
struct reading {
    const struct envoi__xml_limits *limits;
    struct envoi__reader *reader;
    struct envoi__tree tree;
    struct envoi__buf log; /* what was read, written again */
    size_t consumed;       /* behind the last item, or white space before the next */
    int header, ended, error;
    const xmlNode *expected; /* NULL: nothing to compare with */
};

static const xmlNode *next_element(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static void compare_item(struct reading *reading, int item)
{
    const xmlNode *node = reading->expected;
    if (!node)
        return;
    if (item == ENVOI__READ_HEADER) {
        FUZZ_CHECK(dom_same(reading->tree.root, node, 0));
        reading->expected = next_element(node->children);
        return;
    }
    FUZZ_CHECK(dom_same(reading->tree.root, node, 1));
    reading->expected = next_element(node->next);
}

static void take_item(struct reading *reading, int item)
{
    static const char *const words[] = {"", "", "H", "E", "."};
    envoi__buf_add_text(&reading->log, words[item]);
    if (item == ENVOI__READ_HEADER || item == ENVOI__READ_ELEMENT) {
        FUZZ_CHECK(reading->tree.root != NULL);
        FUZZ_CHECK(envoi__write_element(&reading->log, reading->tree.root, NULL) == 0);
        compare_item(reading, item);
    }
    reading->header |= item == ENVOI__READ_HEADER;
    reading->ended |= item == ENVOI__READ_END;
}

/* All that data brings to its end. */
static void read_on(struct reading *reading, const uint8_t *data, size_t len)
{
    while (!reading->error) {
        size_t used = 0, avail = len - reading->consumed;
        uint8_t *copy = malloc(avail ? avail : 1);
        FUZZ_CHECK(copy != NULL);
        memcpy(copy, data + reading->consumed, avail);
        int item = envoi__reader_next(reading->reader, copy, avail, &reading->tree, &used);
        free(copy);
        if (item < 0) {
            reading->error = item;
            return;
        }
        FUZZ_CHECK(used <= avail);
        reading->consumed += used;
        if (item == ENVOI__READ_MORE)
            return;
        FUZZ_CHECK(used > 0);
        take_item(reading, item);
    }
}

static void begin(struct reading *reading, const struct envoi__xml_limits *limits, const xmlNode *expected)
{
    *reading = (struct reading){.limits = limits, .expected = expected};
    FUZZ_CHECK(envoi__reader_new(&reading->reader, limits) == 0);
    envoi__tree_init(&reading->tree);
    envoi__buf_init(&reading->log, 0);
}

static void end(struct reading *reading)
{
    envoi__reader_free(reading->reader);
    envoi__tree_free(&reading->tree);
    envoi__buf_free(&reading->log);
}

/* ---- what policy refuses ---- */

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end_of)
{
    while (at < end_of && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* Something other than tags between stanzas, or U+FEFF before them all, which is a character there (RFC 6120 11.6).
 */
static int is_stream_text(const struct reading *reading, const uint8_t *data, size_t len)
{
    if (!reading->header && len > 2 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        return 1;
    const uint8_t *at = skip_space(data + reading->consumed, data + len), *stop = data + len;
    return reading->header && !reading->ended && at < stop &&
           (*at != '<' || (stop - at > 2 && at[1] == '!' && at[2] == '['));
}

static int is_odd_declaration(const struct dom *dom, const uint8_t *data, size_t len)
{
    const uint8_t *close = memchr(data, '>', len);
    return (dom->document->version && strcmp((const char *)dom->document->version, "1.0") != 0) ||
           (close && close - data >= ENVOI__DECLARATION_BYTES);
}

/* An XML declaration that names an encoding, and not this one. libxml2 was told to take the bytes for UTF-8 anyhow.
 */
static int names_other_encoding(const uint8_t *data, size_t len)
{
    static const char word[] = "encoding", name[] = "utf-8";
    const uint8_t *close = memchr(data, '>', len), *at = data;
    while (close && close - at > 8 && memcmp(at, word, sizeof word - 1) != 0)
        at++;
    if (!close || close - at <= 8)
        return 0;
    at = skip_space(at + sizeof word - 1, close);
    at = skip_space(at + (*at == '='), close);
    return close - at < 7 || at[6] != at[0] || strncasecmp((const char *)at + 1, name, sizeof name - 1) != 0;
}

static int is_other_encoding(const uint8_t *data, size_t len)
{
    return !envoi__utf8_valid((const char *)data, len) || names_other_encoding(data, len);
}

/* May the reader refuse with this error what libxml2 finds fine? */
static int is_policy(int error, const struct envoi__xml_limits *limits, const struct dom *dom, const uint8_t *data,
                     size_t len)
{
    if (envoi_error_class(error) == ENVOI_CLASS_LIMIT)
        return limits == &tiny || len >= LONG || dom->depth > limits->depth || dom->attributes > limits->attributes;
    if (error == ENVOI_ERR_BAD_NAMESPACE)
        return dom->odd_namespaces > 64;
    if (error == ENVOI_ERR_XML_ENCODING)
        return is_other_encoding(data, len);
    return is_odd_declaration(dom, data, len);
}

/* ---- a document that stands alone ---- */

static void judge_document(const uint8_t *data, size_t len)
{
    envoi_stanza *stanza = NULL;
    struct dom dom;
    char *copy = fuzz_text((struct fuzz_input){data, data + len});
    int error = envoi_stanza_parse(&stanza, copy, len);
    free(copy);
    dom_read(&dom, data, len);
    if (!error) {
        FUZZ_CHECK(dom.verdict == DOM_FINE);
        FUZZ_CHECK(dom_same(envoi_stanza_root(stanza), xmlDocGetRootElement(dom.document), 1));
    } else {
        FUZZ_CHECK(stanza == NULL);
        FUZZ_CHECK(dom.verdict != DOM_FINE || is_policy(error, &usual, &dom, data, len));
    }
    dom_free(&dom);
    envoi_stanza_free(stanza);
}

/* ---- a stream ---- */

/* What the reader took so far as a document: with an end tag if there was none. */
static void complete(struct envoi__buf *out, const struct reading *reading, const uint8_t *data)
{
    const uint8_t *name = data, *stop = data + reading->consumed;
    envoi__buf_add(out, data, reading->consumed);
    if (reading->ended)
        return;
    while (name < stop && (*name != '<' || name[1] == '?'))
        name++;
    size_t len = 1;
    while (!strchr(" \t\r\n>", name[len]))
        len++;
    envoi__buf_add_text(out, "</");
    envoi__buf_add(out, name + 1, len - 1);
    envoi__buf_add_text(out, ">");
}

static void play_in_pieces(const struct reading *whole, const xmlNode *expected, uint8_t control, const uint8_t *data,
                           size_t len, size_t piece)
{
    struct reading reading;
    begin(&reading, whole->limits, expected);
    for (size_t at = 0; at < len && !reading.error; at += piece) {
        read_on(&reading, data, len - at < piece ? len : at + piece);
        if (control & 0x40 && !reading.error)
            envoi__reader_idle(reading.reader);
    }
    FUZZ_CHECK(reading.error == whole->error && reading.log.len == whole->log.len);
    FUZZ_CHECK(!whole->log.len ||
               memcmp(envoi__buf_bytes(&reading.log), envoi__buf_bytes(&whole->log), whole->log.len) == 0);
    if (!reading.error)
        FUZZ_CHECK(reading.consumed == whole->consumed && reading.ended == whole->ended);
    end(&reading);
}

static void judge_stream(const uint8_t *data, size_t len, uint8_t control)
{
    enum { BYTEWISE = 400 };
    struct reading whole;
    struct dom taken = {0}, all;
    struct envoi__buf prefix;
    begin(&whole, control & 0x80 ? &tiny : &usual, NULL);
    read_on(&whole, data, len);
    envoi__buf_init(&prefix, 0);
    if (whole.header) {
        complete(&prefix, &whole, data);
        dom_read(&taken, envoi__buf_bytes(&prefix), prefix.len);
        FUZZ_CHECK(taken.verdict == DOM_FINE);
    }
    const xmlNode *root = whole.header ? xmlDocGetRootElement(taken.document) : NULL;
    play_in_pieces(&whole, root, control, data, len, 1 + (control >> 1 & 31));
    if (len <= BYTEWISE)
        play_in_pieces(&whole, root, control, data, len, 1);
    dom_read(&all, data, len);
    if (all.verdict == DOM_FINE && whole.error)
        FUZZ_CHECK(whole.error == ENVOI_ERR_STREAM_HEADER || is_stream_text(&whole, data, len) ||
                   is_policy(whole.error, whole.limits, &all, data, len));
    else
        FUZZ_CHECK(all.verdict != DOM_FINE || whole.ended);
    dom_free(&all);
    dom_free(&taken);
    envoi__buf_free(&prefix);
    end(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    uint8_t control = fuzz_byte(&input);
    if (control & 1)
        judge_stream(input.at, fuzz_left(&input), control);
    else
        judge_document(input.at, fuzz_left(&input));
    return 0;
}
