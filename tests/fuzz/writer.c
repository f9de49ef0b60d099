/* SPDX-License-Identifier: MIT */
/* The writer: a tree is built as the input says, written, and read again: it is the same tree. The input is a
 * list of calls, each a letter and texts up to a byte of 0:
 *
 *     e name 0 ns 0   a child, which is built on from here; u: back to its parent
 *     a name 0 value 0, n name 0 ns 0 value 0   an attribute, without and with a namespace
 *     t text 0   text; c: a copy of the root's first child */
#include "fuzz.h"

#include "same.h"

#include "base/buf.h"
#include "xml/reader.h"
#include "xml/writer.h"
#include <envoi/error.h>
#include <envoi/stanza.h>

enum { DEEPEST = 30, MOST_CALLS = 200 };

struct builder {
    envoi_stanza *stanza;
    envoi_element *at;
    int depth, calls;
};

static void call(struct builder *builder, struct fuzz_input *input)
{
    char letter = (char)fuzz_byte(input), *a = NULL, *b = NULL, *c = NULL;
    envoi_element *child;
    if (strchr("eant", letter))
        a = fuzz_text(fuzz_chunk(input));
    if (strchr("ean", letter))
        b = fuzz_text(fuzz_chunk(input));
    if (letter == 'n')
        c = fuzz_text(fuzz_chunk(input));
    if (letter == 'e' && builder->depth < DEEPEST) {
        child = envoi_element_add_child(builder->at, a, *b ? b : NULL);
        builder->depth += child != NULL;
        builder->at = child ? child : builder->at;
    } else if (letter == 'u' && builder->depth) {
        builder->depth--;
        builder->at = (envoi_element *)(uintptr_t)envoi_element_parent(builder->at);
    } else if (letter == 'a') {
        envoi_element_set_attr(builder->at, a, b);
    } else if (letter == 'n') {
        envoi_element_set_attr_ns(builder->at, a, b, c);
    } else if (letter == 't') {
        envoi_element_add_text(builder->at, a);
    } else if (letter == 'c' && builder->depth < DEEPEST / 2) {
        const envoi_element *first = envoi_element_first_child(envoi_stanza_root(builder->stanza));
        if (first && builder->calls < MOST_CALLS / 20)
            envoi_element_add_copy(builder->at, first);
    }
    free(a);
    free(b);
    free(c);
}

/* What was written may be past a limit; more than 64 names of namespaces that are no URIs take some room. */
static int may_refuse(int error, size_t len)
{
    return envoi_error_class(error) == ENVOI_CLASS_LIMIT ||
           (error == ENVOI_ERR_BAD_NAMESPACE && len > 64 * strlen("<e xmlns='|'/>"));
}

static void check_again(const envoi_element *element, const uint8_t *text, size_t len)
{
    envoi_stanza *again = NULL;
    int error = envoi_stanza_parse(&again, (const char *)text, len);
    FUZZ_CHECK(error == 0 || may_refuse(error, len));
    if (!error)
        FUZZ_CHECK(same_tree(element, envoi_stanza_root(again)));
    envoi_stanza_free(again);
}

static void check_written(const envoi_element *element)
{
    size_t len = 0, again = 0;
    int error = envoi_element_format(element, NULL, 0, &len);
    FUZZ_CHECK(error == ENVOI_ERR_FULL);
    char *text = malloc(len + 1);
    FUZZ_CHECK(text && envoi_element_format(element, text, len + 1, &again) == 0 && again == len);
    check_again(element, (const uint8_t *)text, len);
    free(text);
}

/* Inside a stream the writer leaves out the declaration of the stream's namespace; the log's form hides
 * texts. Both must be well-formed there. */
static void check_inside_stream(const envoi_element *element, int redact)
{
    static const char open[] = "<s xmlns='jabber:client'>";
    const struct envoi__write_options options = {
        .default_ns = "jabber:client", .redact = redact, .redact_bodies = redact};
    struct envoi__buf buf;
    envoi_stanza *again = NULL;
    envoi__buf_init(&buf, 0);
    envoi__buf_add_text(&buf, open);
    FUZZ_CHECK(envoi__write_element(&buf, element, &options) == 0);
    envoi__buf_add_text(&buf, "</s>");
    int error = envoi_stanza_parse(&again, (const char *)envoi__buf_bytes(&buf), buf.len);
    FUZZ_CHECK(error == 0 || may_refuse(error, buf.len));
    if (!error && !redact)
        FUZZ_CHECK(same_tree(element, envoi_element_first_child(envoi_stanza_root(again))));
    envoi_stanza_free(again);
    envoi__buf_free(&buf);
}

static void check_copy(const envoi_element *element)
{
    envoi_stanza *copy = NULL;
    FUZZ_CHECK(envoi_stanza_dup(&copy, element) == 0);
    FUZZ_CHECK(same_tree(element, envoi_stanza_root(copy)));
    envoi_stanza_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    struct builder builder = {0};
    FUZZ_CHECK(envoi_stanza_new(&builder.stanza, "message", NULL) == 0);
    builder.at = envoi_stanza_element(builder.stanza);
    while (fuzz_left(&input) && builder.calls++ < MOST_CALLS && !envoi_stanza_error(builder.stanza))
        call(&builder, &input);
    /* A failed call marks the stanza; what stands in it is still whole. */
    const envoi_element *root = envoi_stanza_root(builder.stanza);
    check_written(root);
    check_inside_stream(root, 0);
    check_inside_stream(root, 1);
    if (!envoi_stanza_error(builder.stanza))
        check_copy(root);
    envoi_stanza_free(builder.stanza);
    return 0;
}
