/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int type;
    const char *name;
} event_names[] = {
    {ENVOI_EVENT_SECURED, "secured"},   {ENVOI_EVENT_AUTHENTICATED, "authenticated"},
    {ENVOI_EVENT_READY, "ready"},       {ENVOI_EVENT_CLOSED, "closed"},
    {ENVOI_EVENT_STANZA, "stanza"},     {ENVOI_EVENT_REPLY, "reply"},
    {ENVOI_EVENT_WRITABLE, "writable"}, {ENVOI_EVENT_UNMATCHED_REPLY, "unmatched"},
    {ENVOI_EVENT_PASSWORD, "password"},
};
static const char *const field_names[] = {"jid", "mechanism", "binding", "condition", "text", "version"};

void play_fail(struct play *play, const char *format, ...)
{
    va_list arguments;
    size_t used = (size_t)snprintf(play->message, sizeof play->message, "%s:%d: ", play->script->path,
                                   play->line ? play->line->number : 0);
    va_start(arguments, format);
    vsnprintf(play->message + used, sizeof play->message - used, format, arguments);
    va_end(arguments);
    longjmp(play->failed, 1);
}

static const char *event_name(int type)
{
    for (size_t i = 0; i < ENVOI__COUNT(event_names); i++)
        if (event_names[i].type == type)
            return event_names[i].name;
    return "?";
}

static char *keep(const char *text)
{
    return text ? strdup(text) : NULL;
}

static char *keep_element(const envoi_element *element)
{
    size_t len = 0;
    char *text = NULL;
    if (element && envoi_element_format(element, NULL, 0, &len) == ENVOI_ERR_FULL) {
        text = malloc(len + 1);
        if (text && envoi_element_format(element, text, len + 1, &len))
            text[0] = '\0';
    }
    return text;
}

static void free_event(struct event *event)
{
    for (size_t i = 0; i < ENVOI__COUNT(event->fields); i++)
        free(event->fields[i]);
    free(event->stanza);
}

static void record_event(struct play *play, const envoi_event *event)
{
    if (envoi_event_type(event) == ENVOI_EVENT_PROGRESS)
        return;
    if (play->event_count == MOST_EVENTS)
        play_fail(play, "too many events");
    struct event *kept = &play->events[play->event_count++];
    *kept = (struct event){
        .type = envoi_event_type(event),
        .error = envoi_event_error(event),
        .retryable = envoi_event_is_retryable(event),
        .token = envoi_event_token(event),
        .fields = {keep(envoi_event_jid(event)), keep(envoi_event_mechanism(event)),
                   keep(envoi_event_channel_binding(event)), keep(envoi_event_condition(event)),
                   keep(envoi_event_text(event)), keep(envoi_event_tls_version(event))},
        .stanza = keep_element(envoi_event_stanza(event)),
    };
    play->closed += kept->type == ENVOI_EVENT_CLOSED;
    play->replies += kept->type == ENVOI_EVENT_REPLY;
    if (play->closed && kept->type != ENVOI_EVENT_CLOSED)
        play_fail(play, "an event behind CLOSED");
    if (kept->type == ENVOI_EVENT_CLOSED && play->replies != play->requests)
        play_fail(play, "%ld requests, but %ld replies", play->requests, play->replies);
}

static const envoi_event *next_event(struct play *play)
{
    faults_begin(play);
    const envoi_event *event = envoi_stream_next_event(play->stream);
    faults_end(play);
    return event;
}

static const void *next_output(struct play *play, size_t *len)
{
    faults_begin(play);
    const void *bytes = envoi_stream_output(play->stream, len);
    faults_end(play);
    return bytes;
}

/* The program's loop: drain events, then send output. */
static void pump(struct play *play)
{
    const envoi_event *event;
    const void *bytes;
    size_t len;
    while ((event = next_event(play)))
        record_event(play, event);
    while ((bytes = next_output(play, &len))) {
        envoi__buf_add(&play->output.bytes, bytes, len);
        envoi_stream_sent(play->stream, len);
    }
    if (play->closed > 1)
        play_fail(play, "CLOSED came twice");
}

static int receive(struct play *play, const uint8_t *bytes, size_t len)
{
    faults_begin(play);
    int error = envoi_stream_receive(play->stream, bytes, len);
    faults_end(play);
    return error;
}

static void deliver(struct play *play, const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t n = envoi_stream_receive_capacity(play->stream);
        n = n < len ? n : len;
        if (!n || receive(play, bytes, n))
            return; /* closed: what the peer still says is lost on us */
        bytes += n;
        len -= n;
        pump(play);
    }
}

/* Where in this delivery of len bytes does `at` fall? 0: nowhere. */
static size_t place_of(const struct play *play, long at, size_t len)
{
    long place = at - play->delivered;
    return at && !play->line->shared && place > 0 && (size_t)place <= len ? (size_t)place : 0;
}

static void deliver_in_parts(struct play *play, const uint8_t *data, size_t len)
{
    size_t split = place_of(play, play->delivery.split_at, len);
    if (play->delivery.bytewise) {
        for (size_t i = 0; i < len; i++)
            deliver(play, data + i, 1);
        return;
    }
    deliver(play, data, split);
    deliver(play, data + split, len - split);
}

static void server_says(struct play *play, const char *text)
{
    struct envoi__buf bytes;
    envoi__buf_init(&bytes, 0);
    expand(play, text, &bytes);
    size_t cut = place_of(play, play->delivery.cut_at, bytes.len);
    deliver_in_parts(play, envoi__buf_bytes(&bytes), cut ? cut - 1 : bytes.len);
    if (!play->line->shared)
        play->delivered += (long)bytes.len;
    envoi__buf_free(&bytes);
    if (cut)
        play_fail(play, "cut off");
}

/* key=value, or key='value with spaces'; returns what stands behind it, or NULL if there is none. */
static const char *next_pair(const char *text, char *key, size_t key_size, char *value, size_t value_size)
{
    text += strspn(text, " ");
    size_t key_len = strcspn(text, "= <");
    if (text[key_len] != '=')
        return NULL;
    snprintf(key, key_size, "%.*s", (int)key_len, text);
    text += key_len + 1;
    int quoted = *text == '\'';
    text += quoted;
    size_t len = strcspn(text, quoted ? "'" : " ");
    snprintf(value, value_size, "%.*s", (int)len, text);
    return text + len + (quoted && text[len]);
}

static int tls_mode(struct play *play, const char *name)
{
    static const char *const names[] = {"starttls", "direct", "external", "local"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            return i + 1;
    play_fail(play, "tls=%s", name);
}

static void set_option(struct play *play, envoi_config *config, const char *key, const char *value)
{
    static const char *const limits[] = {"stanza-bytes", "depth",      "input-bytes", "output-bytes",
                                         "requests",     "iterations", "passwords"};
    int error = ENVOI_ERR_ARGUMENT;
    if (strcmp(key, "password") == 0)
        error = envoi_config_set_password(config, value);
    else if (strcmp(key, "tls") == 0)
        error = envoi_config_set_tls(config, tls_mode(play, value));
    else if (strcmp(key, "resource") == 0)
        error = envoi_config_set_resource(config, value);
    else if (strcmp(key, "lang") == 0)
        error = envoi_config_set_lang(config, value);
    else if (strcmp(key, "allow") == 0)
        error = envoi_config_allow_mechanism(config, value);
    else if (strcmp(key, "accept-iq") == 0)
        error = envoi_config_accept_iq(config, value);
    else if (strcmp(key, "channel-binding") == 0)
        error = envoi_config_set_channel_binding(config, atoi(value));
    else if (strcmp(key, "exporter") == 0)
        error = envoi_config_set_channel_binding_data(config, "tls-exporter", value, strlen(value));
    for (size_t i = 0; i < ENVOI__COUNT(limits); i++)
        if (strcmp(key, limits[i]) == 0)
            error = envoi_config_set_limit(config, (int)i + 1, strtoull(value, NULL, 10));
    if (error)
        play_fail(play, "%s=%s: %s", key, value, envoi_strerror(error));
}

static const char *event_value(const struct event *event, const char *key, char *buffer, size_t size)
{
    static const char *const classes[] = {"NONE", "USAGE", "MEMORY", "LIMIT",   "TRANSPORT",
                                          "TLS",  "AUTH",  "STREAM", "TIMEOUT", "DATA"};
    for (size_t i = 0; i < ENVOI__COUNT(field_names); i++)
        if (strcmp(key, field_names[i]) == 0)
            return event->fields[i] ? event->fields[i] : "none";
    if (strcmp(key, "error") == 0)
        snprintf(buffer, size, "%s", envoi_error_name(event->error) + (event->error ? 10 : 6));
    else if (strcmp(key, "class") == 0)
        snprintf(buffer, size, "%s", classes[envoi_error_class(event->error)]);
    else if (strcmp(key, "token") == 0)
        snprintf(buffer, size, "%llu", event->token);
    else if (strcmp(key, "retryable") == 0)
        snprintf(buffer, size, "%d", event->retryable);
    else
        return NULL;
    return buffer;
}

static void describe_event(const struct event *event, char *out, size_t size)
{
    char buffer[80];
    snprintf(out, size, "%s error=%s jid=%s condition=%s text=%s %s", event_name(event->type),
             event_value(event, "error", buffer, sizeof buffer), event->fields[0] ? event->fields[0] : "",
             event->fields[3] ? event->fields[3] : "", event->fields[4] ? event->fields[4] : "",
             event->stanza ? event->stanza : "");
}

static void expect_the_end(struct play *play)
{
    char got[2048];
    if (play->event_first < play->event_count) {
        describe_event(&play->events[play->event_first], got, sizeof got);
        play_fail(play, "an event that is not in the transcript: %s", got);
    }
    if (play->output.bytes.len)
        play_fail(play, "output that is not in the transcript: %.*s", (int)play->output.bytes.len,
                  (const char *)envoi__buf_bytes(&play->output.bytes));
    if (play->closed && envoi_stream_receive(play->stream, " ", 1) != ENVOI_ERR_STATE)
        play_fail(play, "a closed stream takes bytes");
}

/* A second connect begins a new stream, once the first went as written. */
static void forget_stream(struct play *play)
{
    expect_the_end(play);
    envoi_stream_free(play->stream);
    play->stream = NULL;
    play->closed = 0;
    play->requests = play->replies = 0;
    play->variable_count = 0;
}

static void act_connect(struct play *play, const char *text)
{
    char key[64], value[512];
    envoi_config *config = NULL;
    if (play->stream)
        forget_stream(play);
    text = next_pair(text, key, sizeof key, value, sizeof value);
    if (!text || strcmp(key, "jid") != 0 || envoi_config_new(&config, value))
        play_fail(play, "connect wants jid= first");
    while ((text = next_pair(text, key, sizeof key, value, sizeof value))) {
        if (strcmp(key, "password") == 0)
            snprintf(play->password, sizeof play->password, "%s", value);
        set_option(play, config, key, value);
    }
    faults_begin(play);
    int error = envoi_stream_new(&play->stream, config, play->now);
    faults_end(play);
    envoi_config_free(config);
    if (error)
        play_fail(play, "connect: %s", envoi_strerror(error));
}

static envoi_stanza *parse_stanza(struct play *play, const char *text)
{
    struct envoi__buf xml;
    envoi_stanza *stanza = NULL;
    envoi__buf_init(&xml, 0);
    expand(play, text, &xml);
    int error = envoi_stanza_parse(&stanza, (const char *)envoi__buf_bytes(&xml), xml.len);
    envoi__buf_free(&xml);
    if (error)
        play_fail(play, "%s: %s", text, envoi_strerror(error));
    return stanza;
}

/* `send <message .../>` or `send error=STATE <message .../>`; send_iq the same, with timeout= */
static int act_send(struct play *play, const char *text, int is_request)
{
    char key[64], value[64];
    uint32_t timeout = 0;
    uint64_t token = 0;
    const char *rest;
    while ((rest = next_pair(text, key, sizeof key, value, sizeof value))) {
        timeout = (uint32_t)strtoul(value, NULL, 10);
        text = rest;
    }
    envoi_stanza *stanza = parse_stanza(play, text + strspn(text, " "));
    faults_begin(play);
    int error = is_request ? envoi_stream_send_iq(play->stream, stanza, timeout, &token)
                           : envoi_stream_send(play->stream, stanza);
    faults_end(play);
    envoi_stanza_free(stanza);
    play->requests += is_request && !error;
    return error;
}

static int act_fail(struct play *play, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "ENVOI_ERR_%s", name);
    for (int code = -1; code > -1000; code--)
        if (strcmp(envoi_error_name(code), full) == 0)
            return envoi_stream_transport_failed(play->stream, code, "as the transcript says");
    play_fail(play, "no such error: %s", name);
}

static int act_cancel(struct play *play, const char *text)
{
    return envoi_stream_cancel_iq(play->stream, strtoull(text, NULL, 10));
}

static int call(struct play *play, const char *verb, const char *text)
{
    if (strcmp(verb, "send") == 0)
        return act_send(play, text, 0);
    if (strcmp(verb, "send_iq") == 0)
        return act_send(play, text, 1);
    if (strcmp(verb, "cancel") == 0)
        return act_cancel(play, text);
    if (strcmp(verb, "close") == 0)
        return envoi_stream_close(play->stream);
    if (strcmp(verb, "eof") == 0)
        return envoi_stream_receive_eof(play->stream);
    if (strcmp(verb, "fail") == 0)
        return act_fail(play, text);
    if (strcmp(verb, "no-password") == 0)
        return envoi_stream_set_password(play->stream, NULL);
    if (strcmp(verb, "password") == 0) {
        snprintf(play->password, sizeof play->password, "%s", text);
        return envoi_stream_set_password(play->stream, text);
    }
    play_fail(play, "no such call: %s", verb);
}

/* `A: verb arguments`, or `A: verb -> STATE arguments` when the call is to fail. */
static void act(struct play *play, const char *text)
{
    char verb[32], wanted[64] = "OK", got[80];
    size_t len = strcspn(text, " ");
    snprintf(verb, sizeof verb, "%.*s", (int)len, text);
    text += len + (text[len] == ' ');
    if (strcmp(verb, "connect") == 0) {
        act_connect(play, text);
    } else {
        if (strncmp(text, "-> ", 3) == 0) {
            len = strcspn(text + 3, " ");
            snprintf(wanted, sizeof wanted, "%.*s", (int)len, text + 3);
            text += 3 + len + (text[3 + len] == ' ');
        }
        faults_begin(play);
        int error = call(play, verb, text);
        faults_end(play);
        snprintf(got, sizeof got, "%s", envoi_error_name(error) + (error ? 10 : 6));
        if (strcmp(got, wanted) != 0)
            play_fail(play, "%s gave %s, not %s", verb, got, wanted);
    }
    pump(play);
}

static void expect_stanza(struct play *play, const struct event *event, const char *text)
{
    if (!event->stanza)
        play_fail(play, "the event carries no stanza");
    envoi_stanza *pattern, *got;
    if (envoi_stanza_parse(&pattern, text, strlen(text)))
        play_fail(play, "not XML: %s", text);
    if (envoi_stanza_parse(&got, event->stanza, strlen(event->stanza)))
        play_fail(play, "the event's stanza does not parse: %s", event->stanza);
    int fits = match_element(play, envoi_stanza_root(pattern), envoi_stanza_root(got));
    envoi_stanza_free(pattern);
    envoi_stanza_free(got);
    if (!fits)
        play_fail(play, "the event's stanza is %s", event->stanza);
}

static void expect_event(struct play *play, const char *text)
{
    char name[32], key[64], value[1024], buffer[80], got[2048];
    size_t len = strcspn(text, " ");
    snprintf(name, sizeof name, "%.*s", (int)len, text);
    if (play->event_first == play->event_count)
        play_fail(play, "no event, but %s was awaited (state %s)", name, envoi_stream_state(play->stream));
    struct event *event = &play->events[play->event_first];
    describe_event(event, got, sizeof got);
    if (strcmp(name, event_name(event->type)) != 0)
        play_fail(play, "the event is %s, not %s", got, name);
    text += len;
    for (const char *rest; (rest = next_pair(text, key, sizeof key, value, sizeof value)); text = rest) {
        const char *have = event_value(event, key, buffer, sizeof buffer);
        if (!have || !match_text(play, value, have))
            play_fail(play, "%s is not %s in %s", key, value, got);
    }
    text += strspn(text, " ");
    if (*text)
        expect_stanza(play, event, text);
    play->event_first++;
}

static int read_item(struct side *side)
{
    for (;;) {
        size_t used = 0;
        envoi__tree_reset(&side->tree);
        int item =
            envoi__reader_next(side->reader, envoi__buf_bytes(&side->bytes), side->bytes.len, &side->tree, &used);
        envoi__buf_take(&side->bytes, used);
        if (item != ENVOI__READ_SPACE)
            return item;
    }
}

static void expect_output(struct play *play, const char *text)
{
    struct side *sides[] = {&play->expected, &play->output};
    int items[2];
    char have[1024];
    snprintf(have, sizeof have, "%.*s", (int)play->output.bytes.len,
             play->output.bytes.len ? (const char *)envoi__buf_bytes(&play->output.bytes) : "");
    if (strncmp(text, "<stream:stream", 14) == 0) {
        envoi__reader_restart(play->expected.reader);
        envoi__reader_restart(play->output.reader);
        envoi__buf_free(&play->expected.bytes);
    }
    envoi__buf_add_text(&play->expected.bytes, text);
    for (int i = 0; i < 2; i++)
        items[i] = sides[i]->bytes.len ? read_item(sides[i]) : ENVOI__READ_MORE;
    if (items[0] <= ENVOI__READ_MORE)
        play_fail(play, "not a whole element: %s (%d)", text, items[0]);
    int fits = items[0] == items[1];
    if (fits && items[0] != ENVOI__READ_END)
        fits = match_element(play, play->expected.tree.root, play->output.tree.root);
    if (!fits)
        play_fail(play, "the stream sent: %s", have);
}

static void expect_bytes(struct play *play, const char *text)
{
    size_t len = strlen(text);
    if (play->output.bytes.len < len || memcmp(envoi__buf_bytes(&play->output.bytes), text, len) != 0)
        play_fail(play, "the stream sent: %.*s", (int)play->output.bytes.len,
                  (const char *)envoi__buf_bytes(&play->output.bytes));
    envoi__buf_take(&play->output.bytes, len);
}

static void play_line(struct play *play, const struct line *line)
{
    play->line = line;
    if (!play->stream && line->kind != 'A')
        play_fail(play, "the first line is A: connect");
    switch (line->kind) {
    case 'A':
        act(play, line->text);
        break;
    case 'S':
        server_says(play, line->text);
        break;
    case 'C':
        expect_output(play, line->text);
        break;
    case 'B':
        expect_bytes(play, line->text);
        break;
    case 'E':
        expect_event(play, line->text);
        break;
    case 'T':
        play->now += strtoull(line->text, NULL, 10);
        envoi_stream_tick(play->stream, play->now);
        pump(play);
        break;
    }
}

static int init_side(struct side *side)
{
    static const struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    envoi__buf_init(&side->bytes, 0);
    envoi__tree_init(&side->tree);
    return envoi__reader_new(&side->reader, &limits);
}

static void free_side(struct side *side)
{
    envoi__reader_free(side->reader);
    envoi__buf_free(&side->bytes);
    envoi__tree_free(&side->tree);
}

static int begin(struct play *play, const struct script *script, struct delivery delivery)
{
    memset(play, 0, sizeof *play);
    play->script = script;
    play->delivery = delivery;
    play->now = 1000;
    return !init_side(&play->output) && !init_side(&play->expected);
}

static void end(struct play *play)
{
    for (size_t i = 0; i < play->event_count; i++)
        free_event(&play->events[i]);
    envoi_stream_free(play->stream);
    free_side(&play->output);
    free_side(&play->expected);
}

static void play_lines(struct play *play)
{
    for (size_t i = 0; i < play->script->count; i++)
        play_line(play, &play->script->lines[i]);
}

int play_run(struct play *play, const struct script *script, struct delivery delivery)
{
    volatile int fine = 0;
    if (!begin(play, script, delivery))
        return 0;
    if (!setjmp(play->failed)) {
        play_lines(play);
        expect_the_end(play);
        fine = 1;
    }
    end(play);
    return fine;
}

/* Whatever happened: the transport goes away, and then CLOSED must have come, once and last. */
static void end_of_transport(struct play *play)
{
    if (!play->stream)
        return;
    if (play->delivery.reset)
        envoi_stream_transport_failed(play->stream, ENVOI_ERR_RESET, "cut off");
    else
        envoi_stream_receive_eof(play->stream);
    pump(play);
    if (play->closed != 1 || !envoi_stream_is_closed(play->stream))
        play_fail(play, "no CLOSED (state %s)", envoi_stream_state(play->stream));
}

int play_rough(struct play *play, const struct script *script, struct delivery delivery)
{
    volatile int fine = 0;
    if (!begin(play, script, delivery))
        return 0;
    if (!setjmp(play->failed))
        play_lines(play);
    faults_end(play);
    if (!setjmp(play->failed)) {
        play->event_first = play->event_count;
        end_of_transport(play);
        fine = 1;
    }
    end(play);
    return fine;
}
