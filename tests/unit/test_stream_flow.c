/* SPDX-License-Identifier: MIT */
/* Bounds of a stream and rules of its calls: what is full, what is too large, what is out of turn. */
#include "test.h"

#include "tls_server.h"
#include <gnutls/crypto.h>
#include <malloc.h>

#define w (&the_world)

static int randomness_fails;

int __real_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len);
int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len);

int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t len)
{
    return randomness_fails ? GNUTLS_E_RANDOM_FAILED : __real_gnutls_rnd(level, out, len);
}

enum { INPUT = 4096, OUTPUT = 16384 };

struct setting {
    int limit;
    uint64_t value;
};

static void get_ready_as(int tls, const struct setting *settings, int timeout, uint64_t ms)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, tls, PASSWORD), 0);
    for (; settings && settings->limit; settings++)
        assert_int_equal(envoi_config_set_limit(config, settings->limit, settings->value), 0);
    if (timeout)
        assert_int_equal(envoi_config_set_timeout(config, timeout, ms), 0);
    int is_bare = tls == ENVOI_TLS_EXTERNAL;
    peer_init(&the_peer, is_bare ? NULL : TLS_1_3, is_bare ? NULL : &good, 1);
    if (is_bare)
        the_peer.mechanisms = "<mechanism>PLAIN</mechanism>";
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    w->closes = 0;
    world_run(w);
    assert_int_equal(w->ready, 1);
    w->stanzas = 0;
}

/* A stream that is ready, over a transport that needs no TLS, with small buffers. */
static void get_ready(const struct setting *settings)
{
    get_ready_as(ENVOI_TLS_EXTERNAL, settings, 0, 0);
}

static const struct setting small[] = {
    {ENVOI_LIMIT_INPUT_BYTES, INPUT}, {ENVOI_LIMIT_OUTPUT_BYTES, OUTPUT}, {ENVOI_LIMIT_STANZA_BYTES, 10000}, {0, 0}};

static envoi_stanza *message_of(size_t len)
{
    static char body[OUTPUT * 4];
    envoi_stanza *stanza = NULL;
    assert_in_range(len, 0, sizeof body - 1);
    memset(body, 'x', len);
    body[len] = '\0';
    assert_int_equal(envoi_stanza_new(&stanza, "message", NULL), 0);
    envoi_element_add_text_child(envoi_stanza_element(stanza), "body", NULL, body);
    return stanza;
}

static int new_request(envoi_stanza **out, const char *type, const char *to)
{
    int error = envoi_stanza_new(out, "iq", NULL);
    if (error)
        return error;
    envoi_element *iq = envoi_stanza_element(*out);
    error = envoi_element_set_attr(iq, "type", type);
    return to && !error ? envoi_element_set_attr(iq, "to", to) : error;
}

static int send_message(size_t len)
{
    envoi_stanza *stanza = message_of(len);
    int error = envoi_stream_send(w->stream, stanza);
    envoi_stanza_free(stanza);
    return error;
}

static size_t waiting(void)
{
    size_t len = 0;
    envoi_stream_output(w->stream, &len);
    return len;
}

static void drain(size_t len)
{
    assert_true(waiting() >= len);
    assert_int_equal(envoi_stream_sent(w->stream, len), 0);
}

static void receive_text(const char *text)
{
    assert_int_equal(envoi_stream_receive(w->stream, text, strlen(text)), 0);
}

/* ---- output ---- */

static void test_full_output_is_told_and_told_again_when_there_is_room(void **state)
{
    (void)state;
    get_ready(small);
    int sent = 0, error;
    while ((error = send_message(1000)) == 0)
        sent++;
    assert_int_equal(error, ENVOI_ERR_FULL);
    assert_in_range(sent, 14, 16);
    size_t before = waiting();
    assert_in_range(before, OUTPUT - 1100, OUTPUT);
    assert_int_equal(send_message(1000), ENVOI_ERR_FULL);
    assert_int_equal(waiting(), before); /* nothing of it was taken */
    world_events(w);
    assert_int_equal(w->writable, 0);
    drain(before - OUTPUT / 2 - 1);
    world_events(w);
    assert_int_equal(w->writable, 0);
    drain(1);
    world_events(w);
    world_events(w);
    assert_int_equal(w->writable, 1); /* once */
    assert_int_equal(send_message(1000), 0);
    drain(waiting());
    world_events(w);
    assert_int_equal(w->writable, 1);
    world_end(w);
}

static void test_writable_waits_until_something_has_gone_out(void **state)
{
    (void)state;
    get_ready(small);
    assert_int_equal(send_message(5000), 0); /* less than half */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_message(13000), ENVOI_ERR_FULL);
        world_events(w);
        assert_int_equal(w->writable, 0); /* or a program that sends again at once would turn round for ever */
    }
    int tries = 0;
    for (; waiting() && !w->writable; tries++) {
        drain(100);
        world_events(w);
    }
    assert_int_equal(w->writable, 1);
    assert_true(tries > 0);
    while (send_message(13000) == ENVOI_ERR_FULL) {
        assert_true(waiting());
        drain(waiting());
        world_events(w);
    }
    assert_int_equal(w->closed, 0);
    world_end(w);
}

/* What TLS adds counts too, so what waits behind it can be more than the limit by itself. */
static void test_what_waits_behind_tls_counts_too(void **state)
{
    (void)state;
    get_ready_as(ENVOI_TLS_STARTTLS, small, 0, 0);
    while (waiting() < OUTPUT) { /* looking is what encrypts it */
        size_t room = OUTPUT - waiting();
        assert_int_equal(send_message(room > 4000 ? 3000 : room - 40), 0);
    }
    size_t before = waiting();
    assert_int_equal(send_message(1), ENVOI_ERR_FULL);
    assert_int_equal(waiting(), before);
    assert_int_equal(w->writable, 0);
    drain(before);
    world_events(w);
    assert_int_equal(w->writable, 1);
    assert_int_equal(send_message(1), 0);
    world_end(w);
}

static void test_a_ping_that_could_be_anyones_is_not_sent(void **state)
{
    (void)state;
    get_ready_as(ENVOI_TLS_EXTERNAL, NULL, ENVOI_TIMEOUT_IDLE, 5000);
    randomness_fails = 1;
    world_tick(w, 5000);
    randomness_fails = 0;
    assert_int_equal(w->closed, 1);
    assert_int_equal(w->closed_error, ENVOI_ERR_UNSUPPORTED);
    world_end(w);
}

static void test_no_space_is_sent_while_more_waits_to_be_sent(void **state)
{
    (void)state;
    get_ready_as(ENVOI_TLS_EXTERNAL, NULL, ENVOI_TIMEOUT_KEEPALIVE, 1000);
    assert_int_equal(send_message(1), 0);
    size_t before = waiting();
    world_tick(w, 1000);
    assert_int_equal(waiting(), before);
    assert_true(envoi_stream_deadline(w->stream) > w->now);
    drain(before);
    world_tick(w, 1000);
    assert_int_equal(waiting(), 1);
    world_end(w);
}

static void test_what_can_never_be_sent_is_too_large(void **state)
{
    (void)state;
    get_ready(small);
    assert_int_equal(send_message(OUTPUT), ENVOI_ERR_TOO_LARGE);
    world_events(w);
    assert_int_equal(w->writable, 0);
    assert_int_equal(waiting(), 0);
    assert_int_equal(send_message(OUTPUT - 200), 0);
    assert_int_equal(w->closed, 0);
    world_end(w);
}

static void test_a_refused_request_is_no_request(void **state)
{
    envoi_stanza *iq = NULL;
    uint64_t token = 77;
    (void)state;
    get_ready(small);
    while (send_message(500) == 0)
        ;
    assert_int_equal(new_request(&iq, "get", "svc.example.com"), 0);
    envoi_element *query = envoi_element_add_child(envoi_stanza_element(iq), "query", "urn:q");
    assert_non_null(query);
    for (int i = 0; i < 20; i++)
        envoi_element_add_text_child(query, "padding", NULL, "of some length, so that it does not fit any more");
    assert_int_equal(envoi_stream_send_iq(w->stream, iq, 0, &token), ENVOI_ERR_FULL);
    assert_int_equal(token, 77);
    assert_int_equal(envoi_stream_cancel_iq(w->stream, 1), ENVOI_ERR_NOT_FOUND);
    drain(waiting());
    assert_int_equal(envoi_stream_send_iq(w->stream, iq, 0, &token), 0);
    assert_int_equal(token, 1);
    envoi_stanza_free(iq);
    world_end(w);
}

static void test_nothing_is_writable_once_the_stream_closes(void **state)
{
    (void)state;
    get_ready(small);
    while (send_message(1000) == 0)
        ;
    assert_int_equal(envoi_stream_close(w->stream), 0);
    while (waiting())
        drain(waiting());
    world_events(w);
    assert_int_equal(w->writable, 0);
    world_end(w);
}

static void test_sent_is_checked(void **state)
{
    (void)state;
    get_ready(small);
    assert_int_equal(send_message(100), 0);
    assert_int_equal(envoi_stream_sent(w->stream, 1), ENVOI_ERR_ARGUMENT); /* not shown yet */
    size_t len = waiting();
    assert_int_equal(envoi_stream_sent(w->stream, (size_t)-1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_sent(w->stream, len + 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(waiting(), len);
    assert_int_equal(envoi_stream_sent(w->stream, 1), 0);
    assert_int_equal(envoi_stream_sent(w->stream, len), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_sent(w->stream, len - 1), 0);
    assert_int_equal(waiting(), 0);
    assert_int_equal(envoi_stream_sent(w->stream, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_sent(w->stream, 0), 0);
    world_end(w);
}

/* ---- requests of others that nobody drains the answers of ---- */

enum { FLOOD = 10000 };

static size_t flood_request(char *out, size_t size, long i)
{
    return (size_t)snprintf(out, size,
                            "<iq type='get' id='flood-%ld' from='mallory@evil.example/x'>"
                            "<query xmlns='jabber:iq:version'/></iq>",
                            i);
}

/* Offer requests until the stream takes no more; how many it took. */
static long flood(long from)
{
    char text[256];
    long i = from;
    for (; i < FLOOD; i++) {
        size_t len = flood_request(text, sizeof text, i);
        if (envoi_stream_receive_capacity(w->stream) < len) {
            world_events(w);
            if (envoi_stream_receive_capacity(w->stream) < len)
                break;
        }
        assert_int_equal(envoi_stream_receive(w->stream, text, len), 0);
    }
    world_events(w);
    return i - from;
}

static long count_of(const char *bytes, size_t len, const char *what)
{
    long count = 0;
    for (size_t i = 0, n = strlen(what); i + n <= len; i++)
        count += memcmp(bytes + i, what, n) == 0;
    return count;
}

static void test_ten_thousand_requests_with_nobody_draining_stay_bounded(void **state)
{
    char text[256];
    (void)state;
    get_ready(small);
    size_t before = mallinfo2().uordblks;
    long taken = flood(0);
    assert_in_range(taken, 50, FLOOD / 4);
    size_t len = flood_request(text, sizeof text, taken);
    assert_int_equal(envoi_stream_receive(w->stream, text, len), ENVOI_ERR_FULL);
    assert_in_range(waiting(), OUTPUT, OUTPUT + 512);
    assert_in_range(mallinfo2().uordblks - before, 0, 4 * (INPUT + OUTPUT));
    /* and with somebody who drains, every one is answered */
    long answered = 0;
    for (long next = taken; answered < FLOOD;) {
        size_t shown = 0;
        const char *bytes = envoi_stream_output(w->stream, &shown);
        assert_non_null(bytes);
        const char *end = bytes + shown;
        while (end[-1] != '>' || end[-2] != 'q')
            end--;
        answered += count_of(bytes, (size_t)(end - bytes), "<service-unavailable ");
        assert_int_equal(envoi_stream_sent(w->stream, (size_t)(end - bytes)), 0);
        next += flood(next);
    }
    assert_int_equal(answered, FLOOD);
    assert_int_equal(w->stanzas + w->closed, 0);
    world_end(w);
}

static void test_what_came_before_the_end_is_delivered_even_if_answers_wait(void **state)
{
    (void)state;
    get_ready(small);
    char text[256];
    long i = 0;
    while (waiting() < OUTPUT) {
        size_t len = flood_request(text, sizeof text, i++);
        assert_int_equal(envoi_stream_receive(w->stream, text, len), 0);
        world_events(w);
    }
    receive_text("<message from='a@b.example'/>");
    world_events(w);
    assert_int_equal(w->stanzas, 0); /* first the answers must go */
    assert_int_equal(envoi_stream_receive_eof(w->stream), 0);
    world_events(w);
    assert_int_equal(w->stanzas, 1);
    assert_int_equal(w->closed, 1);
    assert_int_equal(w->closed_error, ENVOI_ERR_EOF);
    world_end(w);
}

static void test_a_stanza_that_nobody_reads_is_not_late(void **state)
{
    static const char message[] = "<message from='a@b.example'><body>x</body></message>";
    char text[256];
    (void)state;
    get_ready(small);
    for (long i = 0; waiting() < OUTPUT - 400; i++) {
        size_t len = flood_request(text, sizeof text, i);
        assert_int_equal(envoi_stream_receive(w->stream, text, len), 0);
        world_events(w);
    }
    receive_text("<mess"); /* begun, and then the output fills */
    world_events(w);
    size_t had = waiting();
    assert_int_equal(send_message(1), 0);
    assert_int_equal(send_message(OUTPUT - waiting() - (waiting() - had) + 1), 0);
    assert_int_equal(waiting(), OUTPUT);
    receive_text(message + 5);
    world_events(w);
    world_tick(w, 60000);
    assert_int_equal(w->closed, 0);
    assert_true(envoi_stream_deadline(w->stream) > w->now); /* nor does the loop spin */
    drain(waiting());
    world_events(w);
    assert_int_equal(w->stanzas, 1);
    world_end(w);
}

static void test_a_stanza_without_a_limit_of_time_may_take_any(void **state)
{
    (void)state;
    get_ready_as(ENVOI_TLS_EXTERNAL, NULL, ENVOI_TIMEOUT_STANZA, 0);
    receive_text("<message><body>");
    world_events(w);
    for (int i = 0; i < 3; i++) {
        world_tick(w, 250000); /* not silence enough for a ping */
        receive_text("x");
        world_events(w);
    }
    assert_int_equal(w->closed, 0);
    receive_text("</body></message>");
    world_events(w);
    assert_int_equal(w->stanzas, 1);
    world_end(w);
}

/* ---- input ---- */

/* The program was idle for an hour, then calls, and only then tells the time. */
static void test_time_runs_from_the_tick_behind_a_call(void **state)
{
    (void)state;
    envoi_stanza *iq = NULL;
    get_ready(NULL);
    assert_int_equal(new_request(&iq, "get", "example.com"), 0);
    envoi_element_add_child(envoi_stanza_element(iq), "ping", "urn:xmpp:ping");
    assert_int_equal(envoi_stream_send_iq(w->stream, iq, 1000, NULL), 0);
    assert_true(envoi_stream_deadline(w->stream) <= w->now);
    w->now += 3600000;
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    assert_null(envoi_stream_next_event(w->stream));
    assert_true(envoi_stream_deadline(w->stream) <= w->now + 1000);
    w->now += 1000;
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    const envoi_event *event = envoi_stream_next_event(w->stream);
    assert_int_equal(envoi_event_type(event), ENVOI_EVENT_REPLY);
    assert_int_equal(envoi_event_error(event), ENVOI_ERR_TIMEOUT_REQUEST);

    assert_int_equal(envoi_stream_close(w->stream), 0);
    w->now += 3600000;
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    assert_null(envoi_stream_next_event(w->stream));
    w->now = envoi_stream_deadline(w->stream);
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    event = envoi_stream_next_event(w->stream);
    assert_int_equal(envoi_event_error(event), ENVOI_ERR_TIMEOUT_CLOSE);
    envoi_stanza_free(iq);
    world_end(w);
}

/* A program may tell the time only when it is due: what came meanwhile has its whole time from then on. */
static void test_a_stanza_has_its_time_from_the_tick_behind_it(void **state)
{
    (void)state;
    get_ready(NULL);
    w->now += 100000;
    receive_text("<message from='a@b.example'><bo");
    world_events(w);
    assert_true(envoi_stream_deadline(w->stream) < w->now);
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    world_events(w);
    assert_int_equal(w->closed, 0);
    w->now = envoi_stream_deadline(w->stream) - 1;
    world_tick(w, 0);
    assert_int_equal(w->closed, 0);
    world_tick(w, 1);
    assert_int_equal(w->closed_error, ENVOI_ERR_TIMEOUT_STANZA);
    world_end(w);
}

static void test_a_stanza_that_became_whole_asks_for_no_tick(void **state)
{
    (void)state;
    get_ready_as(ENVOI_TLS_EXTERNAL, NULL, ENVOI_TIMEOUT_IDLE, 0);
    assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
    receive_text("<message from='a@b.example'><bo");
    world_events(w);
    assert_int_equal(envoi_stream_deadline(w->stream), w->now);
    receive_text("dy>x</body></message>");
    world_events(w);
    assert_int_equal(envoi_stream_deadline(w->stream), UINT64_MAX);
    world_end(w);
}

static void test_a_state_has_its_time_from_the_tick_behind_it(void **state)
{
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    static const char header[] =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "from='example.com' id='a' version='1.0'>";
    size_t len;
    (void)state;
    assert_int_equal(make_config(&config, ENVOI_TLS_STARTTLS, PASSWORD), 0);
    assert_int_equal(envoi_stream_new(&stream, config, 0), 0);
    assert_non_null(envoi_stream_output(stream, &len));
    assert_int_equal(envoi_stream_sent(stream, len), 0);
    assert_int_equal(envoi_stream_tick(stream, 0), 0);
    assert_int_equal(envoi_stream_deadline(stream), 30000);
    assert_int_equal(envoi_stream_receive(stream, header, sizeof header - 1), 0); /* 29 s later */
    assert_null(envoi_stream_next_event(stream));
    assert_int_equal(envoi_stream_deadline(stream), 0);
    assert_int_equal(envoi_stream_tick(stream, 29000), 0);
    assert_null(envoi_stream_next_event(stream));
    assert_int_equal(envoi_stream_deadline(stream), 59000);
    envoi_stream_free(stream);
    envoi_config_free(config);
}

static void test_input_has_its_bounds(void **state)
{
    static char bytes[INPUT + 1];
    (void)state;
    get_ready(small);
    memset(bytes, ' ', sizeof bytes);
    assert_int_equal(envoi_stream_receive_capacity(w->stream), INPUT);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, INPUT + 1), ENVOI_ERR_TOO_LARGE);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, SIZE_MAX), ENVOI_ERR_TOO_LARGE);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, 10), 0);
    assert_int_equal(envoi_stream_receive_capacity(w->stream), INPUT - 10);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, INPUT), ENVOI_ERR_FULL);
    assert_int_equal(envoi_stream_receive_capacity(w->stream), INPUT - 10); /* nothing was taken */
    assert_int_equal(envoi_stream_receive(w->stream, bytes, INPUT - 10), 0);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, 1), ENVOI_ERR_FULL);
    assert_int_equal(envoi_stream_receive(w->stream, NULL, 0), 0);
    world_events(w);
    assert_int_equal(envoi_stream_receive_capacity(w->stream), INPUT);
    assert_int_equal(w->closed, 0);
    assert_int_equal(envoi_stream_receive_eof(w->stream), 0);
    assert_int_equal(envoi_stream_receive_capacity(w->stream), 0);
    assert_int_equal(envoi_stream_receive(w->stream, bytes, 1), ENVOI_ERR_STATE);
    world_end(w);
}

/* With and without TLS: a stanza of exactly the limit, then one byte more. */
static void try_stanza_limit(int tls, const char *priority)
{
    static char text[20000];
    enum { LIMIT = 10000 };
    static const char open[] = "<message><b>", shut[] = "</b></message>";
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, tls, PASSWORD), 0);
    assert_int_equal(envoi_config_set_limit(config, ENVOI_LIMIT_STANZA_BYTES, LIMIT), 0);
    peer_init(&the_peer, priority, priority ? &good : NULL, 1);
    if (!priority)
        the_peer.mechanisms = "<mechanism>PLAIN</mechanism>";
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    w->closes = 0;
    world_run(w);
    for (size_t extra = 0; extra < 2; extra++) {
        size_t frame = sizeof open - 1 + sizeof shut - 1, fill = LIMIT - frame + extra;
        memcpy(text, open, sizeof open);
        memset(text + sizeof open - 1, 'x', fill);
        memcpy(text + sizeof open - 1 + fill, shut, sizeof shut);
        assert_int_equal(strlen(text), LIMIT + extra);
        w->stanzas = 0;
        peer_send(&the_peer, text);
        world_run(w);
        assert_int_equal(w->stanzas, !extra);
        assert_int_equal(w->closed, extra);
    }
    assert_int_equal(w->closed_error, ENVOI_ERR_STANZA_TOO_LARGE);
    world_end(w);
}

static void test_a_stanza_of_exactly_the_limit_passes(void **state)
{
    (void)state;
    try_stanza_limit(ENVOI_TLS_EXTERNAL, NULL);
    try_stanza_limit(ENVOI_TLS_STARTTLS, TLS_1_3);
    try_stanza_limit(ENVOI_TLS_DIRECT, TLS_1_2);
}

/* ---- calls ---- */

static void test_null_is_refused_everywhere(void **state)
{
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    envoi_stanza *stanza = message_of(1);
    size_t len = 9;
    (void)state;
    assert_int_equal(make_config(&config, ENVOI_TLS_EXTERNAL, PASSWORD), 0);
    assert_int_equal(envoi_stream_new(NULL, config, 0), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_new(&stream, NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_null(stream);
    assert_int_equal(envoi_stream_receive(NULL, "x", 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_receive_capacity(NULL), 0);
    assert_int_equal(envoi_stream_receive_eof(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_transport_failed(NULL, ENVOI_ERR_RESET, NULL), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_stream_output(NULL, &len));
    assert_int_equal(len, 0);
    assert_int_equal(envoi_stream_sent(NULL, 0), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_stream_next_event(NULL));
    assert_int_equal(envoi_stream_deadline(NULL), UINT64_MAX);
    assert_int_equal(envoi_stream_tick(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_send(NULL, stanza), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_send_iq(NULL, stanza, 0, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_cancel_iq(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_set_password(NULL, "x"), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_close(NULL), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_stream_jid(NULL));
    assert_null(envoi_stream_state(NULL));
    assert_int_equal(envoi_stream_is_closed(NULL), 1);
    get_ready(NULL);
    assert_int_equal(envoi_stream_receive(w->stream, NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_null(envoi_stream_output(w->stream, NULL));
    assert_int_equal(envoi_stream_send(w->stream, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_send_iq(w->stream, NULL, 0, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_transport_failed(w->stream, 0, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_stream_transport_failed(w->stream, 1, NULL), ENVOI_ERR_ARGUMENT);
    world_end(w);
    envoi_stanza_free(stanza);
    envoi_config_free(config);
}

static void test_events_of_nobody_hold_nothing(void **state)
{
    (void)state;
    assert_int_equal(envoi_event_type(NULL), 0);
    assert_int_equal(envoi_event_token(NULL), 0);
    assert_int_equal(envoi_event_error(NULL), 0);
    assert_int_equal(envoi_event_is_retryable(NULL), 0);
    assert_true(!envoi_event_stanza(NULL) && !envoi_event_condition(NULL) && !envoi_event_text(NULL));
    assert_true(!envoi_event_jid(NULL) && !envoi_event_mechanism(NULL) && !envoi_event_channel_binding(NULL));
    assert_true(!envoi_event_tls_version(NULL) && !envoi_event_tls_cipher(NULL));
    assert_true(!envoi_event_stream_error(NULL) && !envoi_stream_id(NULL));
}

/* Calls that make no sense change nothing: the stream that met them all goes on as if there had been none. */
static void call_out_of_turn(int is_closed)
{
    envoi_stanza *stanza = message_of(1), *iq = NULL, *failed = NULL;
    const char *before = envoi_stream_state(w->stream);
    assert_int_equal(new_request(&iq, "get", NULL), 0);
    assert_non_null(envoi_element_add_child(envoi_stanza_element(iq), "query", "urn:q"));
    assert_int_equal(envoi_stream_send(w->stream, stanza), ENVOI_ERR_STATE);
    assert_int_equal(envoi_stream_send_iq(w->stream, iq, 0, NULL), ENVOI_ERR_STATE);
    assert_int_equal(envoi_stream_send_iq(w->stream, stanza, 0, NULL), ENVOI_ERR_STATE);
    assert_int_equal(envoi_stream_set_password(w->stream, "x"), ENVOI_ERR_STATE);
    assert_int_equal(envoi_stream_set_password(w->stream, NULL), ENVOI_ERR_STATE);
    assert_int_equal(envoi_stream_cancel_iq(w->stream, 1), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_stanza_new(&failed, "message", NULL), 0);
    envoi_element_set_attr(envoi_stanza_element(failed), "to", "\xff");
    assert_int_equal(envoi_stream_send(w->stream, failed), ENVOI_ERR_UTF8);
    if (is_closed) {
        assert_int_equal(envoi_stream_close(w->stream), ENVOI_ERR_STATE);
        assert_int_equal(envoi_stream_receive(w->stream, "x", 1), ENVOI_ERR_STATE);
        assert_int_equal(envoi_stream_receive_eof(w->stream), ENVOI_ERR_STATE);
        assert_int_equal(envoi_stream_transport_failed(w->stream, ENVOI_ERR_RESET, NULL), ENVOI_ERR_STATE);
        assert_int_equal(envoi_stream_receive_capacity(w->stream), 0);
        assert_int_equal(envoi_stream_tick(w->stream, w->now), 0);
        assert_null(envoi_stream_next_event(w->stream));
    }
    assert_string_equal(envoi_stream_state(w->stream), before);
    envoi_stanza_free(failed);
    envoi_stanza_free(iq);
    envoi_stanza_free(stanza);
}

static void test_calls_out_of_turn_change_nothing(void **state)
{
    static const enum phase stops[] = {AT_HEADER,    AT_STARTTLS,      AT_HANDSHAKE,
                                       AT_CHALLENGE, AT_AUTHENTICATED, AT_BIND_ASKED};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(stops); i++) {
        begin(ENVOI_TLS_STARTTLS, TLS_1_3);
        the_peer.stop = stops[i];
        world_run(w);
        call_out_of_turn(0);
        assert_string_equal(envoi_stream_jid(w->stream), ACCOUNT);
        world_end(w);
    }
    begin(ENVOI_TLS_STARTTLS, TLS_1_3);
    for (int i = 0; i < 200 && !w->ready; i++) {
        w->moves = 1;
        world_run(w);
        if (!w->ready)
            call_out_of_turn(0);
    }
    w->moves = -1;
    world_run(w);
    assert_int_equal(w->closed, 1);
    assert_int_equal(w->closed_error, 0);
    call_out_of_turn(1);
    world_end(w);
}

static void test_a_password_must_be_text(void **state)
{
    envoi_config *config = NULL;
    (void)state;
    assert_int_equal(make_config(&config, ENVOI_TLS_EXTERNAL, NULL), 0);
    peer_init(&the_peer, NULL, NULL, 0);
    the_peer.mechanisms = "<mechanism>PLAIN</mechanism>";
    assert_int_equal(world_begin(w, &the_peer, config), 0);
    envoi_config_free(config);
    world_run(w);
    assert_int_equal(w->passwords, 1);
    assert_int_equal(envoi_stream_set_password(w->stream, "\xc3\x28"), ENVOI_ERR_UTF8);
    assert_string_equal(envoi_stream_state(w->stream), "password");
    assert_int_equal(envoi_stream_set_password(w->stream, PASSWORD), 0);
    world_run(w);
    assert_int_equal(w->closed_error, 0);
    assert_int_equal(w->ready, 1);
    world_end(w);
}

static void test_a_stream_that_never_spoke_closes_at_once(void **state)
{
    (void)state;
    for (int tls = ENVOI_TLS_STARTTLS; tls <= ENVOI_TLS_LOCAL; tls++) {
        begin(tls, tls <= ENVOI_TLS_DIRECT ? TLS_1_3 : NULL);
        w->mute = 1;
        world_events(w);
        assert_int_equal(envoi_stream_close(w->stream), 0);
        world_events(w);
        assert_int_equal(w->closed, 1); /* there is no transport yet that could bring an answer */
        assert_int_equal(w->closed_error, 0);
        assert_int_equal(w->retryable, 0);
        assert_int_equal(waiting(), 0);
        world_end(w);
    }
}

static void test_the_text_of_a_long_name_is_whole_characters(void **state)
{
    static char text[1200];
    (void)state;
    for (size_t pad = 0; pad < 4; pad++) {
        size_t len = (size_t)snprintf(text, sizeof text, "<%.*s", (int)pad, "aaaa");
        for (int i = 0; i < 200; i++, len += 4)
            memcpy(text + len, "\xf0\xa0\x80\x80", 4);
        memcpy(text + len, " xmlns=''/>", 12);
        get_ready(NULL);
        receive_text(text);
        world_events(w);
        assert_int_equal(w->closed_error, ENVOI_ERR_UNEXPECTED);
        assert_true(envoi__utf8_valid(w->text, strlen(w->text)));
        assert_non_null(strstr(w->text, "/> came during the session"));
        world_end(w);
    }
}

/* RFC 6120 8.1.1.1 and 8.1.2.1: what an address that is left out stands for. */
static void test_addresses_that_are_left_out_are_those_of_the_session(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *sender, *recipient;
    } rows[] = {
        {"<message/>", "juliet@im.example.com", "juliet@im.example.com/balcony"},
        {"<message from='romeo@example.net/orchard'/>", "romeo@example.net/orchard", "juliet@im.example.com/balcony"},
        {"<presence to='juliet@im.example.com'/>", "juliet@im.example.com", "juliet@im.example.com"},
        {"<message xmlns:x='urn:x' x:from='romeo@example.net' x:to='a@b.example'/>", "juliet@im.example.com",
         "juliet@im.example.com/balcony"},
    };
    get_ready(small);
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        receive_text(rows[i].xml);
        const envoi_event *event = envoi_stream_next_event(w->stream);
        assert_int_equal(envoi_event_type(event), ENVOI_EVENT_STANZA);
        const envoi_element *stanza = envoi_event_stanza(event);
        assert_string_equal(envoi_stream_sender(w->stream, stanza), rows[i].sender);
        assert_string_equal(envoi_stream_recipient(w->stream, stanza), rows[i].recipient);
    }
    assert_null(envoi_stream_sender(w->stream, NULL));
    assert_null(envoi_stream_recipient(w->stream, NULL));
    assert_null(envoi_stream_sender(NULL, NULL));
    assert_null(envoi_stream_recipient(NULL, NULL));
    world_end(w);
}

/* RFC 6120 10.1: what came in one piece is handled one after the other. */
static void test_stanzas_of_one_piece_are_handled_in_their_order(void **state)
{
    (void)state;
    static const char *const answered[] = {"id='1'", "id='3'", "id='4'"};
    get_ready(small);
    drain(waiting());
    receive_text("<iq type='get' id='1'><q xmlns='u'/></iq><message id='2'/><iq type='set' id='3'><q xmlns='u'/></iq>"
                 "<iq type='get' id='4'/><presence id='5'/>");
    for (int i = 0; i < 2; i++) {
        const envoi_element *stanza = envoi_event_stanza(envoi_stream_next_event(w->stream));
        assert_string_equal(envoi_element_attr(stanza, "id"), i ? "5" : "2");
    }
    assert_null(envoi_stream_next_event(w->stream));
    size_t len;
    const char *sent = envoi_stream_output(w->stream, &len);
    char text[2048];
    assert_in_range(len, 1, sizeof text - 1);
    memcpy(text, sent, len);
    text[len] = '\0';
    const char *at = text;
    for (size_t i = 0; i < ENVOI__COUNT(answered); i++) {
        at = strstr(at, answered[i]);
        assert_non_null(at);
    }
    world_end(w);
}

/* RFC 6120 4.3.3 and 4.7.3: the stream that replaces another has an id of its own, if the server gives it one. */
static void test_the_id_is_that_of_the_latest_header(void **state)
{
    static const char after_login[] =
        "<stream:stream version='1.0' %s xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    static const char *const ids[] = {"id='two'", "id='&lt;\xc3\xbc'", "id=''", ""}, *const wanted[] = {"two",
                                                                                                        "<\xc3\xbc",
                                                                                                        "", NULL};
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(ids); i++) {
        envoi_config *config = NULL;
        char text[256];
        assert_int_equal(make_config(&config, ENVOI_TLS_EXTERNAL, PASSWORD), 0);
        peer_init(&the_peer, NULL, NULL, 0);
        assert_int_equal(world_begin(w, &the_peer, config), 0);
        envoi_config_free(config);
        assert_null(envoi_stream_id(w->stream));
        receive_text(HEADER FEATURES("<mechanisms xmlns='" NS_SASL "'><mechanism>PLAIN</mechanism></mechanisms>"));
        world_events(w);
        assert_string_equal(envoi_stream_id(w->stream), "t7AMCin9zjMNwQKD");
        receive_text("<success xmlns='" NS_SASL "'/>");
        world_events(w);
        assert_int_equal(w->authenticated, 1);
        assert_null(envoi_stream_id(w->stream));
        snprintf(text, sizeof text, after_login, ids[i]);
        receive_text(text);
        world_events(w);
        if (wanted[i])
            assert_string_equal(envoi_stream_id(w->stream), wanted[i]);
        else
            assert_null(envoi_stream_id(w->stream));
        assert_int_equal(w->closed, 0);
        world_end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_output_is_told_and_told_again_when_there_is_room),
        cmocka_unit_test(test_writable_waits_until_something_has_gone_out),
        cmocka_unit_test(test_what_can_never_be_sent_is_too_large),
        cmocka_unit_test(test_a_ping_that_could_be_anyones_is_not_sent),
        cmocka_unit_test(test_no_space_is_sent_while_more_waits_to_be_sent),
        cmocka_unit_test(test_what_waits_behind_tls_counts_too),
        cmocka_unit_test(test_a_refused_request_is_no_request),
        cmocka_unit_test(test_nothing_is_writable_once_the_stream_closes),
        cmocka_unit_test(test_sent_is_checked),
        cmocka_unit_test(test_ten_thousand_requests_with_nobody_draining_stay_bounded),
        cmocka_unit_test(test_what_came_before_the_end_is_delivered_even_if_answers_wait),
        cmocka_unit_test(test_a_stanza_that_nobody_reads_is_not_late),
        cmocka_unit_test(test_a_stanza_without_a_limit_of_time_may_take_any),
        cmocka_unit_test(test_time_runs_from_the_tick_behind_a_call),
        cmocka_unit_test(test_a_stanza_has_its_time_from_the_tick_behind_it),
        cmocka_unit_test(test_a_stanza_that_became_whole_asks_for_no_tick),
        cmocka_unit_test(test_a_state_has_its_time_from_the_tick_behind_it),
        cmocka_unit_test(test_input_has_its_bounds),
        cmocka_unit_test(test_a_stanza_of_exactly_the_limit_passes),
        cmocka_unit_test(test_null_is_refused_everywhere),
        cmocka_unit_test(test_events_of_nobody_hold_nothing),
        cmocka_unit_test(test_calls_out_of_turn_change_nothing),
        cmocka_unit_test(test_a_password_must_be_text),
        cmocka_unit_test(test_the_id_is_that_of_the_latest_header),
        cmocka_unit_test(test_a_stream_that_never_spoke_closes_at_once),
        cmocka_unit_test(test_the_text_of_a_long_name_is_whole_characters),
        cmocka_unit_test(test_addresses_that_are_left_out_are_those_of_the_session),
        cmocka_unit_test(test_stanzas_of_one_piece_are_handled_in_their_order),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
