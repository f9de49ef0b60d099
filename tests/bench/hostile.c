/* SPDX-License-Identifier: MIT */
/* What hostile input costs a whole stream: names that never come twice, and what must end the stream at once. The
 * reasons are checked here too, since the time of another end would say nothing. */
#include "measure.h"
#include "session.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096, NAMES_BYTES = 30000000, NAMES_IN_STANZA = 28, ONE_BYTES = 256, NESTED = 200000, ROUNDS = 21 };

struct text {
    char *bytes;
    size_t len;
};

static struct text text_new(size_t size)
{
    struct text text = {malloc(size), 0};
    if (!text.bytes)
        abort();
    memset(text.bytes, 0, size); /* resident from now on */
    return text;
}

/* In chunks, until the stream is closed or all is taken. */
static void hear(struct session *session, const struct text *text)
{
    for (size_t at = 0; at < text->len && !envoi_stream_is_closed(session->stream); at += CHUNK) {
        size_t len = text->len - at < CHUNK ? text->len - at : CHUNK;
        if (envoi_stream_receive(session->stream, text->bytes + at, len))
            abort();
        session_drain(session);
    }
}

/* Elements and attributes with names of their own, a thousand bytes to a stanza. */
static struct text write_names(void)
{
    struct text text = text_new(NAMES_BYTES + ONE_BYTES);
    for (unsigned i = 0; text.len < NAMES_BYTES; i++) {
        const char *begin = i % NAMES_IN_STANZA ? "" : "<message>";
        const char *end = i % NAMES_IN_STANZA == NAMES_IN_STANZA - 1 ? "</message>" : "";
        text.len += (size_t)snprintf(text.bytes + text.len, ONE_BYTES, "%s<element-%x attribute-%x='1'/>%s", begin, i,
                                     i, end);
    }
    return text;
}

static int names(void)
{
    struct text text = write_names();
    struct session *session = session_log_in();
    double bytes = resident(), begun = cpu_ms();
    hear(session, &text);
    double ms = cpu_ms() - begun;
    if (session->error || session->stanzas < text.len / 2000) {
        fprintf(stderr, "names: %s after %zu stanzas\n", envoi_error_name(session->error), session->stanzas);
        return 1;
    }
    print("names_mb_per_s", (double)text.len / 1000 / ms);
    print("names_kib", (resident() - bytes) / 1024);
    free(text.bytes);
    session_free(session);
    return 0;
}

static struct text write_nested(void)
{
    static const char begin[] = "<message>", one[] = "<a>";
    struct text text = text_new(sizeof begin + NESTED * (sizeof one - 1));
    memcpy(text.bytes, begin, sizeof begin - 1);
    text.len = sizeof begin - 1;
    for (int i = 0; i < NESTED; i++, text.len += sizeof one - 1)
        memcpy(text.bytes + text.len, one, sizeof one - 1);
    return text;
}

static const char bomb[] = "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'lollollollollollollol'>"
                           "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
                           "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>"
                           "<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'><!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>"
                           "<!ENTITY h '&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;'>]><stream:stream xmlns='jabber:client' "
                           "xmlns:stream='http://etherx.jabber.org/streams' id='&h;' version='1.0'>";
static const char latin[] = "<?xml version='1.0' encoding='ISO-8859-1'?><stream:stream xmlns='jabber:client' "
                            "xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>";
static const char comment[] = "<message type='chat'><body>Wherefore <!-- art thou --> Romeo</body></message>";

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The median of many: what is measured is shorter than what else may happen to a CPU. */
static int ending(const char *name, struct text text, struct session *(*open)(void), int error)
{
    double ms[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct session *session = open();
        double begun = cpu_ms();
        hear(session, &text);
        ms[i] = cpu_ms() - begun;
        if (session->error != error) {
            fprintf(stderr, "%s: %s\n", name, envoi_error_name(session->error));
            return 1;
        }
        session_free(session);
    }
    qsort(ms, ROUNDS, sizeof ms[0], by_size);
    print(name, ms[ROUNDS / 2]);
    return 0;
}

/* A copy, as what was received is not constant either. */
static struct text text_of(const char *from)
{
    struct text text = text_new(strlen(from) + 1);
    text.len = strlen(from);
    memcpy(text.bytes, from, text.len);
    return text;
}

int main(void)
{
    int failed = names();
    failed |= ending("nested_ms", write_nested(), session_log_in, ENVOI_ERR_TOO_DEEP);
    failed |= ending("doctype_ms", text_of(bomb), session_new, ENVOI_ERR_XML_RESTRICTED);
    failed |= ending("latin_ms", text_of(latin), session_new, ENVOI_ERR_XML_ENCODING);
    failed |= ending("comment_ms", text_of(comment), session_log_in, ENVOI_ERR_XML_RESTRICTED);
    return failed;
}
