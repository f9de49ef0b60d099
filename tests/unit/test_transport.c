/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <envoi/transport.h>
#include <stdio.h>

#define HEADER                                                                                                       \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                                                     \
    "xmlns:stream='http://etherx.jabber.org/streams' "                                                               \
    "id='1' from='example.test' version='1.0'>"
#define CONFLICT                                                                                                     \
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"

enum { ALL = 0x7FFFFFFF, OVERLONG = 0x7FFFFFFE, STEPS_MAX = 16 };

/* The far side: what each call of read and write results in. Behind the last step the last one is repeated.
 */
struct pipe {
    int read_steps[STEPS_MAX], write_steps[STEPS_MAX]; /* a count, ALL, OVERLONG, 0 or an error; ends with 0 or ALL */
    size_t reads, writes, closes;
    const char *incoming;
    size_t incoming_len, incoming_used;
    char outgoing[8192];
    size_t outgoing_len;
    size_t longest_read;
};

static int step_of(const int *steps, size_t call)
{
    return steps[call < STEPS_MAX ? call : STEPS_MAX - 1];
}

static int pipe_read(void *user, void *buf, size_t len)
{
    struct pipe *pipe = user;
    int step = step_of(pipe->read_steps, pipe->reads++);
    pipe->longest_read = len > pipe->longest_read ? len : pipe->longest_read;
    if (step == OVERLONG)
        return (int)len + 1;
    if (step <= 0)
        return step;
    size_t n = pipe->incoming_len - pipe->incoming_used;
    n = n < len ? n : len;
    n = n < (size_t)step ? n : (size_t)step;
    memcpy(buf, pipe->incoming + pipe->incoming_used, n);
    pipe->incoming_used += n;
    return n ? (int)n : ENVOI_ERR_AGAIN;
}

static int pipe_write(void *user, const void *data, size_t len)
{
    struct pipe *pipe = user;
    int step = step_of(pipe->write_steps, pipe->writes++);
    if (step == OVERLONG)
        return (int)len + 1;
    if (step <= 0)
        return step;
    size_t n = len < (size_t)step ? len : (size_t)step;
    assert_true(pipe->outgoing_len + n <= sizeof pipe->outgoing);
    memcpy(pipe->outgoing + pipe->outgoing_len, data, n);
    pipe->outgoing_len += n;
    return (int)n;
}

static void pipe_close(void *user)
{
    ((struct pipe *)user)->closes++;
}

static void repeat(int steps[STEPS_MAX], int step)
{
    for (size_t i = 0; i < STEPS_MAX; i++)
        steps[i] = step;
}

static void give(struct pipe *pipe, const char *incoming)
{
    pipe->incoming = incoming;
    pipe->incoming_len = strlen(incoming);
    pipe->incoming_used = 0;
}

struct fixture {
    struct pipe pipe;
    envoi_stream *stream;
    envoi_transport *transport;
};

static void set_up_limit(struct fixture *f, uint64_t input_bytes)
{
    envoi_config *config = NULL;
    memset(f, 0, sizeof *f);
    repeat(f->pipe.read_steps, ALL);
    repeat(f->pipe.write_steps, ALL);
    give(&f->pipe, "");
    assert_int_equal(envoi_config_new(&config, "user@example.test"), 0);
    assert_int_equal(envoi_config_set_tls(config, ENVOI_TLS_LOCAL), 0);
    if (input_bytes)
        assert_int_equal(envoi_config_set_limit(config, ENVOI_LIMIT_INPUT_BYTES, input_bytes), 0);
    assert_int_equal(envoi_stream_new(&f->stream, config, 1000), 0);
    envoi_config_free(config);
    assert_int_equal(envoi_transport_new(&f->transport, pipe_read, pipe_write, pipe_close, &f->pipe), 0);
}

static void set_up(struct fixture *f)
{
    set_up_limit(f, 0);
}

static void tear_down(struct fixture *f)
{
    assert_int_equal(f->pipe.closes, 0);
    envoi_transport_free(f->transport);
    assert_int_equal(f->pipe.closes, 1);
    envoi_stream_free(f->stream);
}

/* Take all events; the error of CLOSED, or 1 if it did not come. */
static int drain(envoi_stream *stream)
{
    int result = 1;
    const envoi_event *event;
    while ((event = envoi_stream_next_event(stream))) {
        assert_int_equal(result, 1); /* nothing behind CLOSED */
        if (envoi_event_type(event) == ENVOI_EVENT_CLOSED)
            result = envoi_event_error(event);
    }
    return result;
}

static void copy_output(const struct fixture *f, char *out, size_t size, size_t *len)
{
    const void *data = envoi_stream_output(f->stream, len);
    assert_non_null(data);
    assert_true(*len <= size);
    memcpy(out, data, *len);
}

static void test_output_goes_out_whole_however_little_is_taken(void **state)
{
    (void)state;
    static const int steps[] = {1, 2, 7, ALL};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct fixture f;
        char expected[4096];
        size_t len;
        set_up(&f);
        copy_output(&f, expected, sizeof expected, &len);
        repeat(f.pipe.write_steps, steps[i]);
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), (int)len);
        assert_int_equal(f.pipe.outgoing_len, len);
        assert_memory_equal(f.pipe.outgoing, expected, len);
        assert_int_equal(envoi_transport_wanted(f.transport, f.stream), ENVOI_TRANSPORT_READ);
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), 0);
        tear_down(&f);
    }
}

static void test_writing_goes_on_where_it_would_have_blocked(void **state)
{
    (void)state;
    static const int blocked[] = {ENVOI_ERR_AGAIN, 0};
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        char expected[4096];
        size_t len;
        set_up(&f);
        copy_output(&f, expected, sizeof expected, &len);
        f.pipe.write_steps[0] = 3;
        f.pipe.write_steps[1] = blocked[i];
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), 3);
        assert_int_equal(f.pipe.writes, 2);
        assert_int_equal(envoi_transport_wanted(f.transport, f.stream), ENVOI_TRANSPORT_READ | ENVOI_TRANSPORT_WRITE);
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), (int)len - 3);
        assert_memory_equal(f.pipe.outgoing, expected, len);
        assert_int_equal(drain(f.stream), 1);
        tear_down(&f);
    }
}

static void test_every_failure_to_write_closes_with_its_reason(void **state)
{
    (void)state;
    static const int cases[][2] = {{ENVOI_ERR_RESET, ENVOI_ERR_RESET},
                                   {ENVOI_ERR_TRANSPORT, ENVOI_ERR_TRANSPORT},
                                   {-1, ENVOI_ERR_TRANSPORT},
                                   {OVERLONG, ENVOI_ERR_TRANSPORT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        set_up(&f);
        f.pipe.write_steps[0] = 5;
        f.pipe.write_steps[1] = cases[i][0];
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), cases[i][1]);
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), ENVOI_ERR_STATE);
        assert_int_equal(f.pipe.writes, 2);
        assert_int_equal(drain(f.stream), cases[i][1]);
        assert_int_equal(envoi_transport_wanted(f.transport, f.stream), 0);
        tear_down(&f);
    }
}

static void test_the_peers_last_words_are_read_before_a_failed_write_is_told(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    give(&f.pipe, HEADER CONFLICT);
    f.pipe.write_steps[0] = ENVOI_ERR_RESET;
    assert_int_equal(envoi_transport_flush(f.transport, f.stream), ENVOI_ERR_RESET);
    assert_int_equal(drain(f.stream), ENVOI_ERR_CONFLICT);
    tear_down(&f);
}

/* A kernel tells of a reset once: to the write, and reading then finds an end. */
static void test_a_reset_that_the_write_met_is_no_end_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *incoming;
        int error;
    } cases[] = {{"", ENVOI_ERR_RESET}, {HEADER, ENVOI_ERR_RESET}, {HEADER CONFLICT, ENVOI_ERR_CONFLICT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        set_up(&f);
        give(&f.pipe, cases[i].incoming);
        f.pipe.read_steps[cases[i].incoming[0] ? 1 : 0] = 0;
        f.pipe.write_steps[0] = ENVOI_ERR_RESET;
        assert_int_equal(envoi_transport_flush(f.transport, f.stream), ENVOI_ERR_RESET);
        assert_int_equal(envoi_transport_is_ended(f.transport), 1);
        assert_int_equal(drain(f.stream), cases[i].error);
        tear_down(&f);
    }
}

static void test_a_write_that_fails_after_the_end_is_told(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    f.pipe.read_steps[0] = 0;
    assert_int_equal(envoi_transport_fill(f.transport, f.stream), 0);
    f.pipe.write_steps[0] = ENVOI_ERR_RESET;
    assert_int_equal(envoi_transport_flush(f.transport, f.stream), ENVOI_ERR_RESET);
    int error = drain(f.stream);
    assert_true(error == ENVOI_ERR_EOF || error == ENVOI_ERR_RESET);
    tear_down(&f);
}

static void test_every_failure_to_read_closes_with_its_reason(void **state)
{
    (void)state;
    static const int cases[][2] = {{ENVOI_ERR_RESET, ENVOI_ERR_RESET},
                                   {ENVOI_ERR_TRANSPORT, ENVOI_ERR_TRANSPORT},
                                   {ENVOI_ERR_TLS_RECORD, ENVOI_ERR_TLS_RECORD},
                                   {-1, ENVOI_ERR_TRANSPORT},
                                   {OVERLONG, ENVOI_ERR_TRANSPORT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        set_up(&f);
        give(&f.pipe, HEADER);
        f.pipe.read_steps[1] = cases[i][0];
        assert_int_equal(envoi_transport_fill(f.transport, f.stream), cases[i][1]);
        assert_int_equal(envoi_transport_is_ended(f.transport), 1);
        assert_int_equal(envoi_transport_fill(f.transport, f.stream), ENVOI_ERR_STATE);
        assert_int_equal(f.pipe.reads, 2);
        assert_int_equal(drain(f.stream), cases[i][1]);
        tear_down(&f);
    }
}

static void test_the_end_closes_the_stream_after_what_came_before_it(void **state)
{
    (void)state;
    static const struct {
        const char *incoming;
        int error;
    } cases[] = {{"", ENVOI_ERR_EOF}, {HEADER, ENVOI_ERR_EOF}, {HEADER CONFLICT, ENVOI_ERR_CONFLICT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        set_up(&f);
        give(&f.pipe, cases[i].incoming);
        f.pipe.read_steps[cases[i].incoming[0] ? 1 : 0] = 0;
        assert_int_equal(envoi_transport_fill(f.transport, f.stream), (int)strlen(cases[i].incoming));
        assert_int_equal(envoi_transport_is_ended(f.transport), 1);
        assert_int_equal(envoi_transport_wanted(f.transport, f.stream) & ENVOI_TRANSPORT_READ, 0);
        assert_int_equal(drain(f.stream), cases[i].error);
        tear_down(&f);
    }
}

static void test_bytes_may_come_one_by_one_with_pauses(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    give(&f.pipe, HEADER CONFLICT);
    for (size_t i = 0; i < STEPS_MAX; i++)
        f.pipe.read_steps[i] = i % 2 ? ENVOI_ERR_AGAIN : 1;
    f.pipe.read_steps[STEPS_MAX - 1] = 1;
    int closed = 1;
    for (size_t i = 0; i < 1000 && closed == 1; i++) {
        int n = envoi_transport_fill(f.transport, f.stream);
        assert_true(n >= 0);
        closed = drain(f.stream);
    }
    assert_int_equal(closed, ENVOI_ERR_CONFLICT);
    tear_down(&f);
}

static void test_a_full_stream_stops_reading_until_events_are_taken(void **state)
{
    (void)state;
    enum { LIMIT = 4096, LENGTH = 20000 };
    static char incoming[LENGTH + 1];
    struct fixture f;
    memset(incoming, ' ', LENGTH);
    memcpy(incoming, HEADER, strlen(HEADER));
    set_up_limit(&f, LIMIT);
    give(&f.pipe, incoming);
    size_t total = 0;
    for (int round = 0; total < LENGTH; round++) {
        assert_true(round < 100);
        assert_true(envoi_transport_wanted(f.transport, f.stream) & ENVOI_TRANSPORT_READ);
        int n = envoi_transport_fill(f.transport, f.stream);
        assert_in_range(n, 1, LIMIT);
        total += (size_t)n;
        if (n == LIMIT) {
            assert_int_equal(envoi_transport_wanted(f.transport, f.stream) & ENVOI_TRANSPORT_READ, 0);
            size_t reads = f.pipe.reads;
            assert_int_equal(envoi_transport_fill(f.transport, f.stream), 0);
            assert_int_equal(f.pipe.reads, reads);
        }
        assert_int_equal(drain(f.stream), 1);
    }
    assert_int_equal(f.pipe.incoming_used, LENGTH);
    tear_down(&f);
}

static void test_one_call_reads_a_bounded_amount(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    static char incoming[LENGTH + 1];
    struct fixture f;
    memset(incoming, ' ', LENGTH);
    set_up_limit(&f, 1 << 20);
    give(&f.pipe, incoming);
    assert_int_equal(envoi_transport_fill(f.transport, f.stream), 65536);
    assert_true(f.pipe.longest_read <= 16384);
    tear_down(&f);
}

static void test_wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    envoi_transport *none = NULL;
    assert_int_equal(envoi_transport_new(NULL, pipe_read, pipe_write, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_new(&none, NULL, pipe_write, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_new(&none, pipe_read, NULL, NULL, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(none);
    assert_int_equal(envoi_transport_flush(NULL, f.stream), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_flush(f.transport, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_fill(NULL, f.stream), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_fill(f.transport, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_transport_wanted(NULL, f.stream), 0);
    assert_int_equal(envoi_transport_wanted(f.transport, NULL), 0);
    assert_int_equal(envoi_transport_is_ended(NULL), 1);
    envoi_transport_free(NULL);
    assert_int_equal(envoi_transport_new(&none, pipe_read, pipe_write, NULL, NULL), 0);
    envoi_transport_free(none); /* without a close function */
    tear_down(&f);
}

/* Header and stream error through a transport. */
static int run_whole(void *user)
{
    (void)user;
    struct pipe pipe = {.closes = 0};
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    envoi_transport *transport = NULL;
    repeat(pipe.read_steps, 50);
    repeat(pipe.write_steps, 50);
    give(&pipe, HEADER CONFLICT);
    int error = envoi_config_new(&config, "user@example.test");
    if (!error)
        error = envoi_config_set_tls(config, ENVOI_TLS_LOCAL);
    if (!error)
        error = envoi_stream_new(&stream, config, 0);
    if (!error)
        error = envoi_transport_new(&transport, pipe_read, pipe_write, pipe_close, &pipe);
    if (!error) {
        envoi_transport_flush(transport, stream);
        envoi_transport_fill(transport, stream);
        error = drain(stream);
        error = error == ENVOI_ERR_CONFLICT ? 0 : error;
    }
    envoi_transport_free(transport);
    envoi_stream_free(stream);
    envoi_config_free(config);
    return error;
}

static void test_transport_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(run_whole, NULL);
}

/* --- a stream that is ready, and whose output and input are both full --- */

static void take_events(envoi_stream *stream)
{
    while (envoi_stream_next_event(stream))
        ;
}

static void feed(envoi_stream *stream, const char *text)
{
    assert_int_equal(envoi_stream_receive(stream, text, strlen(text)), 0);
    take_events(stream);
}

static envoi_stream *ready_stream(void)
{
    static const char features[] =
        HEADER "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
               "</mechanisms><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    char answer[512], *id, *end;
    size_t len;
    assert_int_equal(envoi_config_new(&config, "juliet@example.test"), 0);
    envoi_config_set_password(config, "r0m30");
    envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL);
    envoi_config_allow_mechanism(config, "PLAIN");
    envoi_config_set_limit(config, ENVOI_LIMIT_OUTPUT_BYTES, 16384);
    envoi_config_set_limit(config, ENVOI_LIMIT_INPUT_BYTES, 4096);
    assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
    envoi_config_free(config);
    feed(stream, features);
    feed(stream, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    feed(stream, features);
    const char *output = envoi_stream_output(stream, &len);
    assert_non_null(output);
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, output, len);
    copy[len] = '\0';
    id = strstr(copy, "<iq");
    assert_non_null(id);
    id = strstr(id, "id='") + 4;
    end = strchr(id, '\'');
    snprintf(
        answer, sizeof answer,
        "<iq type='result' id='%.*s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@example.test/x</jid>"
        "</bind></iq>",
        (int)(end - id), id);
    free(copy);
    envoi_stream_sent(stream, len);
    feed(stream, answer);
    assert_string_equal(envoi_stream_state(stream), "ready");
    return stream;
}

static void fill_output(envoi_stream *stream)
{
    envoi_stanza *message = NULL;
    assert_int_equal(envoi_message_new(&message, "a@b", NULL), 0);
    envoi_message_add_body(message, "0123456789012345678901234567890123456789", NULL);
    while (envoi_stream_send(stream, message) == 0)
        ;
    envoi_stanza_free(message);
    feed(stream, "<iq type='get' id='1' from='a@b'><q xmlns='x'/></iq>"); /* its answer passes the limit */
}

static void test_a_dead_connection_is_told_though_the_stream_takes_no_more(void **state)
{
    (void)state;
    static char spaces[65536];
    memset(spaces, ' ', sizeof spaces);
    struct pipe pipe = {.incoming = spaces, .incoming_len = sizeof spaces};
    envoi_transport *transport = NULL;
    envoi_stream *stream = ready_stream();
    repeat(pipe.read_steps, ALL);
    repeat(pipe.write_steps, ENVOI_ERR_AGAIN);
    assert_int_equal(envoi_transport_new(&transport, pipe_read, pipe_write, NULL, &pipe), 0);
    fill_output(stream);
    while (envoi_transport_fill(transport, stream) > 0)
        take_events(stream);
    assert_int_equal(envoi_stream_receive_capacity(stream), 0);
    repeat(pipe.write_steps, ENVOI_ERR_RESET);
    assert_int_equal(envoi_transport_flush(transport, stream), ENVOI_ERR_RESET);
    const envoi_event *event;
    int closed = 0;
    while ((event = envoi_stream_next_event(stream)))
        closed = envoi_event_type(event) == ENVOI_EVENT_CLOSED ? envoi_event_error(event) : 0;
    assert_int_equal(closed, ENVOI_ERR_RESET);
    envoi_transport_free(transport);
    envoi_stream_free(stream);
}

/* ---- the loop of transport.h ---- */

#define EXTERNAL                                                                                                     \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism>"          \
    "</mechanisms></stream:features>"
#define SUCCESS "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
#define BIND    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"

/* What the server says next, when the stream has said what it waits for. */
static void serve(struct pipe *pipe, size_t *turn)
{
    static const char *const awaited[] = {"<stream:stream", "</auth>", "<stream:stream", "</iq>"};
    static const char *const said[] = {HEADER EXTERNAL, SUCCESS, HEADER BIND};
    static char bound[512];
    pipe->outgoing[pipe->outgoing_len] = '\0';
    if (*turn == 4 || !strstr(pipe->outgoing, awaited[*turn]))
        return;
    const char *id = strstr(pipe->outgoing, "id='");
    if (*turn == 3)
        snprintf(bound, sizeof bound,
                 "<iq type='result' id='%.*s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                 "<jid>user@example.test/7</jid></bind></iq>",
                 (int)strcspn(id + 4, "'"), id + 4);
    give(pipe, *turn == 3 ? bound : said[*turn]);
    pipe->outgoing_len = 0;
    ++*turn;
}

/* Waits until the deadline where nothing is left to read. Returns the time, at which something was sent. */
static uint64_t wait_for_output(struct fixture *f, uint64_t now, size_t *turn)
{
    for (int round = 0; round < 100; round++) {
        assert_int_equal(drain(f->stream), 1);
        if (envoi_transport_flush(f->transport, f->stream) > 0 && *turn == 4)
            return now;
        serve(&f->pipe, turn);
        uint64_t due = envoi_stream_deadline(f->stream);
        if (f->pipe.incoming_used == f->pipe.incoming_len && due > now)
            now = due;
        assert_int_equal(envoi_stream_tick(f->stream, now), 0);
        envoi_transport_fill(f->transport, f->stream);
    }
    fail_msg("nothing was sent");
    return UINT64_MAX;
}

static void test_the_loop_gives_its_signs_of_life_in_time(void **state)
{
    (void)state;
    struct fixture f;
    envoi_config *config = NULL;
    size_t turn = 0;
    set_up(&f);
    envoi_stream_free(f.stream);
    assert_int_equal(envoi_config_new(&config, "user@example.test"), 0);
    assert_int_equal(envoi_config_set_tls(config, ENVOI_TLS_LOCAL), 0);
    assert_int_equal(envoi_config_allow_mechanism(config, "EXTERNAL"), 0);
    assert_int_equal(envoi_config_set_timeout(config, ENVOI_TIMEOUT_KEEPALIVE, 200000), 0);
    assert_int_equal(envoi_stream_new(&f.stream, config, 1000), 0);
    envoi_config_free(config);
    assert_int_equal(wait_for_output(&f, 1000, &turn), 201000);
    assert_int_equal(f.pipe.outgoing_len, 1);
    assert_int_equal(wait_for_output(&f, 201000, &turn), 301000);
    f.pipe.outgoing[f.pipe.outgoing_len] = '\0';
    assert_non_null(strstr(f.pipe.outgoing, "<ping xmlns='urn:xmpp:ping'/>"));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_goes_out_whole_however_little_is_taken),
        cmocka_unit_test(test_writing_goes_on_where_it_would_have_blocked),
        cmocka_unit_test(test_every_failure_to_write_closes_with_its_reason),
        cmocka_unit_test(test_the_peers_last_words_are_read_before_a_failed_write_is_told),
        cmocka_unit_test(test_a_reset_that_the_write_met_is_no_end_in_order),
        cmocka_unit_test(test_a_write_that_fails_after_the_end_is_told),
        cmocka_unit_test(test_every_failure_to_read_closes_with_its_reason),
        cmocka_unit_test(test_the_end_closes_the_stream_after_what_came_before_it),
        cmocka_unit_test(test_bytes_may_come_one_by_one_with_pauses),
        cmocka_unit_test(test_a_full_stream_stops_reading_until_events_are_taken),
        cmocka_unit_test(test_one_call_reads_a_bounded_amount),
        cmocka_unit_test(test_a_dead_connection_is_told_though_the_stream_takes_no_more),
        cmocka_unit_test(test_wrong_arguments_are_refused),
        cmocka_unit_test(test_the_loop_gives_its_signs_of_life_in_time),
        cmocka_unit_test(test_transport_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
