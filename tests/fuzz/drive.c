/* SPDX-License-Identifier: MIT */
#include "drive.h"

#include "base/text.h"
#include "stream/stream.h"
#include "xml/writer.h"
#include <string.h>

enum { TWICE_BYTES = 600, LARGEST_PIECE = 17, MOST_EVENTS = 100000, ANSWER_BYTES = 70000, FORMAT_BYTES = 64 };

/* ---- what every stream promises at any time ---- */

static size_t output_len(struct drive *drive)
{
    size_t len;
    const void *out = envoi_stream_output(drive->stream, &len);
    FUZZ_CHECK(!out == !len);
    return len;
}

static void check_bounds(struct drive *drive)
{
    const struct envoi_stream *stream = drive->stream;
    const uint64_t *limit = stream->options->limits;
    FUZZ_CHECK(stream->requests.count <= limit[ENVOI_LIMIT_REQUESTS]);
    FUZZ_CHECK(stream->requests.open == drive->token_count);
    FUZZ_CHECK(stream->wire_in.len <= limit[ENVOI_LIMIT_INPUT_BYTES] + limit[ENVOI_LIMIT_STANZA_BYTES]);
    FUZZ_CHECK(envoi__stream_waiting(stream) <=
               limit[ENVOI_LIMIT_OUTPUT_BYTES] + ANSWER_BYTES + limit[ENVOI_LIMIT_STANZA_BYTES]);
    FUZZ_CHECK(envoi_stream_state(drive->stream) != NULL && envoi_stream_jid(drive->stream) != NULL);
    if (drive->closed) {
        FUZZ_CHECK(output_len(drive) <= drive->left_at_close);
        FUZZ_CHECK(envoi_stream_deadline(drive->stream) == UINT64_MAX);
        FUZZ_CHECK(envoi_stream_receive_capacity(drive->stream) == 0);
    }
}

/* ---- output ---- */

static void send_output(struct drive *drive, size_t most)
{
    size_t len;
    const void *out = envoi_stream_output(drive->stream, &len);
    FUZZ_CHECK(envoi_stream_sent(drive->stream, len + 1) == ENVOI_ERR_ARGUMENT);
    len = len < most ? len : most;
    if (len && !drive->stream->tls)
        FUZZ_CHECK(envoi__buf_add(&drive->sent, out, len) == 0);
    FUZZ_CHECK(envoi_stream_sent(drive->stream, len) == 0);
}

/* ---- events ---- */

static void forget_token(struct drive *drive, uint64_t token)
{
    size_t i = 0;
    while (i < drive->token_count && drive->tokens[i] != token)
        i++;
    FUZZ_CHECK(i < drive->token_count); /* answered twice, or never asked */
    drive->tokens[i] = drive->tokens[--drive->token_count];
}

static void look_at(const envoi_event *event)
{
    char text[FORMAT_BYTES];
    size_t len;
    const envoi_element *stanza = envoi_event_stanza(event);
    const char *texts[] = {envoi_event_condition(event), envoi_event_text(event), envoi_event_jid(event),
                           envoi_event_mechanism(event), envoi_event_channel_binding(event)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        FUZZ_CHECK(!texts[i] || envoi__utf8_valid(texts[i], strlen(texts[i])));
    if (!stanza)
        return;
    int error = envoi_element_format(stanza, text, sizeof text, &len);
    FUZZ_CHECK(error == (len < sizeof text ? 0 : ENVOI_ERR_FULL));
    FUZZ_CHECK(envoi_stanza_kind(stanza) != 0);
    envoi_stanza_error_condition(stanza);
    envoi_stanza_error_text(stanza, "en");
}

static void note(struct drive *drive, const envoi_event *event)
{
    char numbers[64];
    const envoi_element *stanza = envoi_event_stanza(event);
    snprintf(numbers, sizeof numbers, "%d %d %d\n", envoi_event_type(event), envoi_event_error(event),
             (int)envoi_event_token(event));
    envoi__buf_add_text(&drive->events, numbers);
    if (envoi_event_text(event))
        envoi__buf_add_text(&drive->events, envoi_event_text(event));
    if (stanza)
        FUZZ_CHECK(envoi__write_element(&drive->events, stanza, NULL) == 0);
}

/* Bytes of the next stream that come together with the last one's are refused: here it does matter how they are cut.
 */
static int is_hasty(const envoi_event *event)
{
    static const char text[] = "bytes behind";
    return envoi_event_text(event) && strncmp(envoi_event_text(event), text, sizeof text - 1) == 0;
}

static void on_event(struct drive *drive, const envoi_event *event)
{
    FUZZ_CHECK(!drive->closed && ++drive->steps < MOST_EVENTS);
    look_at(event);
    note(drive, event);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_AUTHENTICATED:
        FUZZ_CHECK(!drive->authenticated && envoi_event_mechanism(event));
        drive->authenticated = 1;
        break;
    case ENVOI_EVENT_READY:
        FUZZ_CHECK(drive->authenticated && !drive->ready && envoi_event_jid(event));
        drive->ready = 1;
        break;
    case ENVOI_EVENT_STANZA:
    case ENVOI_EVENT_UNMATCHED_REPLY:
        FUZZ_CHECK(drive->ready && envoi_event_stanza(event));
        break;
    case ENVOI_EVENT_REPLY:
        FUZZ_CHECK(drive->ready);
        forget_token(drive, envoi_event_token(event));
        break;
    case ENVOI_EVENT_CLOSED:
        FUZZ_CHECK(drive->token_count == 0);
        drive->hasty = is_hasty(event);
        drive->closed = 1;
        drive->left_at_close = output_len(drive);
        break;
    case ENVOI_EVENT_PROGRESS:
    case ENVOI_EVENT_PASSWORD:
        FUZZ_CHECK(!drive->ready);
        break;
    default:
        FUZZ_CHECK(envoi_event_type(event) == ENVOI_EVENT_WRITABLE);
    }
}

static int take_event(struct drive *drive)
{
    const envoi_event *event = envoi_stream_next_event(drive->stream);
    if (event)
        on_event(drive, event);
    return event != NULL;
}

/* As programs do: all events, all output, until nothing is left. Then nothing may be due any more. */
static void drain(struct drive *drive)
{
    do {
        while (take_event(drive))
            ;
        send_output(drive, SIZE_MAX);
    } while (take_event(drive));
    send_output(drive, SIZE_MAX);
    FUZZ_CHECK(envoi_stream_tick(drive->stream, drive->now) == 0); /* due at once after some calls */
    FUZZ_CHECK(envoi_stream_deadline(drive->stream) > drive->now);
}

/* ---- calls ---- */

static void receive(struct drive *drive, struct fuzz_input chunk, size_t piece)
{
    while (fuzz_left(&chunk)) {
        size_t len = envoi_stream_receive_capacity(drive->stream);
        if (!len) {
            int error = envoi_stream_receive(drive->stream, chunk.at, 1);
            FUZZ_CHECK(error == ENVOI_ERR_FULL || error == ENVOI_ERR_STATE);
            if (drive->waits)
                return;
            drain(drive);
            FUZZ_CHECK(error == ENVOI_ERR_STATE || envoi_stream_receive_capacity(drive->stream) ||
                       envoi_stream_receive(drive->stream, "", 1) == ENVOI_ERR_STATE);
            if (error == ENVOI_ERR_STATE)
                return;
            continue;
        }
        len = len < piece ? len : piece;
        len = len < fuzz_left(&chunk) ? len : fuzz_left(&chunk);
        FUZZ_CHECK(envoi_stream_receive(drive->stream, chunk.at, len) == 0);
        chunk.at += len;
        if (!drive->waits)
            drain(drive);
    }
}

static envoi_stanza *stanzas[8];
enum { FIRST_REQUEST = 4 };

static void make_stanzas(void)
{
    static const char *const texts[] = {
        "<message xmlns='jabber:client' to='romeo@example.net' type='chat'><body>Wherefore?</body></message>",
        "<presence xmlns='jabber:client'/>",
        "<iq xmlns='jabber:client' type='result' id='a'/>",
        "<query xmlns='urn:q'/>",
        "<iq xmlns='jabber:client' type='get'><query xmlns='urn:q'/></iq>",
        "<iq xmlns='jabber:client' type='get' to='svc.example.com'><query xmlns='urn:q'/></iq>",
        "<iq xmlns='jabber:client' type='set' to='juliet@im.example.com' id='mine'><q xmlns='u'/></iq>",
        "<iq xmlns='jabber:client' type='get' to='@'><query xmlns='urn:q'/></iq>"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !stanzas[i]; i++)
        FUZZ_CHECK(envoi_stanza_parse(&stanzas[i], texts[i], strlen(texts[i])) == 0);
}

static void call_send(struct drive *drive, uint8_t which)
{
    int error = envoi_stream_send(drive->stream, stanzas[which % 8]);
    FUZZ_CHECK(error == 0 || error == ENVOI_ERR_STATE || error == ENVOI_ERR_FULL || error == ENVOI_ERR_STANZA);
    FUZZ_CHECK(error || drive->ready);
}

static void call_send_iq(struct drive *drive, uint8_t which, uint8_t timeout)
{
    uint64_t token = 0;
    int error = envoi_stream_send_iq(drive->stream, stanzas[FIRST_REQUEST + which % 4], timeout, &token);
    if (!error) {
        FUZZ_CHECK(drive->ready && token && drive->token_count < DRIVE_TOKENS);
        drive->tokens[drive->token_count++] = token;
    } else {
        FUZZ_CHECK(token == 0);
    }
}

static void call_cancel(struct drive *drive, uint8_t which)
{
    uint64_t token = drive->token_count ? drive->tokens[which % drive->token_count] : which;
    int error = envoi_stream_cancel_iq(drive->stream, token);
    FUZZ_CHECK(error == ENVOI_ERR_NOT_FOUND || (error == 0 && drive->token_count));
}

static void call_password(struct drive *drive, uint8_t which)
{
    static const char *const passwords[] = {NULL, "r0m30", "nope", "", "\xFF", "\xC2\xAD", "\x07"};
    envoi_stream_set_password(drive->stream, passwords[which % ENVOI__COUNT(passwords)]);
}

static void pass_time(struct drive *drive, uint64_t ms)
{
    drive->now += ms;
    FUZZ_CHECK(envoi_stream_tick(drive->stream, drive->now) == 0);
}

static void pass_to_deadline(struct drive *drive)
{
    uint64_t deadline = envoi_stream_deadline(drive->stream);
    if (deadline != UINT64_MAX && deadline > drive->now)
        pass_time(drive, deadline - drive->now);
}

static void call(struct drive *drive, struct fuzz_input *input)
{
    uint8_t letter = fuzz_byte(input);
    switch (letter) {
    case 'S':
    case 's':
        receive(drive, fuzz_chunk(input), letter == 'S' ? drive->piece : 1);
        break;
    case 'E':
        envoi_stream_receive_eof(drive->stream);
        break;
    case 'F':
        envoi_stream_transport_failed(drive->stream, ENVOI_ERR_RESET, "reset");
        break;
    case 'T':
        pass_time(drive, UINT64_C(1) << fuzz_byte(input) % 24);
        break;
    case 't':
        pass_to_deadline(drive);
        break;
    case 'O':
        send_output(drive, fuzz_byte(input));
        break;
    case 'o':
        send_output(drive, SIZE_MAX);
        break;
    case 'N':
        take_event(drive);
        break;
    case 'n':
        while (take_event(drive))
            ;
        break;
    case 'Q':
    case 'q':
        drive->waits = letter == 'Q';
        drive->waited |= drive->waits;
        break;
    case 'M':
        call_send(drive, fuzz_byte(input));
        break;
    case 'I': {
        uint8_t which = fuzz_byte(input);
        call_send_iq(drive, which, fuzz_byte(input));
        break;
    }
    case 'X':
        call_cancel(drive, fuzz_byte(input));
        break;
    case 'P':
        call_password(drive, fuzz_byte(input));
        break;
    case 'C':
        envoi_stream_close(drive->stream);
        break;
    default:
        break;
    }
}

static void begin(struct drive *drive, const envoi_config *config)
{
    *drive = (struct drive){.now = 1000};
    make_stanzas();
    fuzz_reset_random();
    envoi__buf_init(&drive->sent, 0);
    envoi__buf_init(&drive->events, 0);
    FUZZ_CHECK(envoi_stream_new(&drive->stream, config, drive->now) == 0);
}

static void say(struct drive *drive, const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;
    receive(drive, (struct fuzz_input){bytes, bytes + strlen(text)}, SIZE_MAX);
}

static void play(struct drive *drive, struct fuzz_input *input)
{
    while (fuzz_left(input)) {
        call(drive, input);
        if (!drive->waits)
            drain(drive);
        check_bounds(drive);
    }
}

/* ---- what was sent ---- */

/* Whole elements of one stream, or of several that each begin anew, and nothing behind an end tag. */
static void check_sent(const struct drive *drive)
{
    static const char header[] = "<?xml "; /* before each stream header */
    struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    struct envoi__reader *reader;
    struct envoi__tree tree;
    const uint8_t *at = envoi__buf_bytes(&drive->sent);
    size_t left = drive->sent.len;
    int item = ENVOI__READ_SPACE;
    FUZZ_CHECK(envoi__reader_new(&reader, &limits) == 0);
    envoi__tree_init(&tree);
    while (left) {
        size_t used = 0;
        FUZZ_CHECK(item != ENVOI__READ_END);
        if (left >= sizeof header - 1 && memcmp(at, header, sizeof header - 1) == 0)
            envoi__reader_restart(reader);
        item = envoi__reader_next(reader, at, left, &tree, &used);
        FUZZ_CHECK(item > ENVOI__READ_MORE);
        at += used;
        left -= used;
    }
    envoi__tree_free(&tree);
    envoi__reader_free(reader);
}

static void check_closed_for_good(struct drive *drive)
{
    FUZZ_CHECK(envoi_stream_next_event(drive->stream) == NULL);
    FUZZ_CHECK(envoi_stream_receive(drive->stream, "x", 1) == ENVOI_ERR_STATE);
    FUZZ_CHECK(envoi_stream_receive_eof(drive->stream) == ENVOI_ERR_STATE);
    FUZZ_CHECK(envoi_stream_send(drive->stream, stanzas[0]) == ENVOI_ERR_STATE);
    FUZZ_CHECK(envoi_stream_send_iq(drive->stream, stanzas[FIRST_REQUEST], 0, NULL) == ENVOI_ERR_STATE);
    FUZZ_CHECK(envoi_stream_set_password(drive->stream, "x") == ENVOI_ERR_STATE);
    FUZZ_CHECK(envoi_stream_close(drive->stream) == ENVOI_ERR_STATE);
    pass_time(drive, UINT32_MAX);
    FUZZ_CHECK(envoi_stream_next_event(drive->stream) == NULL && output_len(drive) == 0);
}

static void finish(struct drive *drive)
{
    drain(drive);
    check_bounds(drive);
    if (!drive->closed) {
        int error = envoi_stream_receive_eof(drive->stream);
        FUZZ_CHECK(error == 0 || error == ENVOI_ERR_STATE);
        drain(drive);
    }
    FUZZ_CHECK(drive->closed);
    check_bounds(drive);
    check_closed_for_good(drive);
    if (!drive->stream->tls)
        check_sent(drive);
}

static void release(struct drive *drive)
{
    envoi_stream_free(drive->stream);
    envoi__buf_free(&drive->sent);
    envoi__buf_free(&drive->events);
}

static void run_once(struct drive *drive, const envoi_config *config, const char *const *prologue,
                     struct fuzz_input input, size_t piece)
{
    begin(drive, config);
    drive->piece = piece;
    for (; *prologue; prologue++)
        say(drive, *prologue);
    FUZZ_CHECK(!drive->closed);
    play(drive, &input);
    finish(drive);
}

static int same_bytes(const struct envoi__buf *a, const struct envoi__buf *b)
{
    return a->len == b->len && (!a->len || memcmp(envoi__buf_bytes(a), envoi__buf_bytes(b), a->len) == 0);
}

void drive_run(const envoi_config *config, const char *const *prologue, struct fuzz_input input, drive_check check,
               int kind)
{
    struct drive first, second;
    run_once(&first, config, prologue, input, SIZE_MAX);
    if (check)
        check(&first, kind);
    if (!first.waited && !first.hasty && !first.stream->tls && fuzz_left(&input) <= TWICE_BYTES) {
        run_once(&second, config, prologue, input, 1 + fuzz_left(&input) % LARGEST_PIECE);
        FUZZ_CHECK(same_bytes(&first.events, &second.events) && same_bytes(&first.sent, &second.sent));
        release(&second);
    }
    release(&first);
}
