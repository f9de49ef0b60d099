/* SPDX-License-Identifier: MIT */
/* Many streams in one process, driven by one thread: each logs in, exchanges a message and idles. What one costs is
 * printed, and a second round must not need more than the first. */
#include "test.h"

#include "tls_server.h"
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
enum { CAN_MEASURE = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { CAN_MEASURE = 0 };
#else
enum { CAN_MEASURE = 1 };
#endif
#else
enum { CAN_MEASURE = 1 };
#endif

enum { MANY = 1000, SECURE = 50, PLAIN_COST = 4 * 1024, SECURE_COST = 20 * 1024 };

static size_t heap_in_use(void)
{
    return mallinfo2().uordblks;
}

/* glibc counts the blocks that a thread keeps for itself as in use; only without them the figures are exact. */
static size_t slack(void)
{
    const char *tunables = getenv("GLIBC_TUNABLES");
    return tunables && strstr(tunables, "tcache_count=0") ? 0 : 64 * 1024;
}

/* ---- streams whose transport is as good as TLS, against a peer that knows the words by heart ---- */

struct light {
    envoi_stream *stream;
    int said; /* how often the peer spoke */
    int ready, stanzas, closed, error;
};

static struct light lights[MANY];

/* What the peer answers to what came; one answer to each delivery. */
static void light_answer(struct light *light, const char *heard, size_t len)
{
    static const char *const answers[] = {
        HEADER FEATURES("<mechanisms xmlns='" NS_SASL "'><mechanism>PLAIN</mechanism></mechanisms>"),
        "<success xmlns='" NS_SASL "'/>",
        HEADER FEATURES("<bind xmlns='" NS_BIND "'/>"),
        NULL, /* needs the id */
        "<message from='romeo@example.net/orchard'><body>Neither, fair saint</body></message>",
        "</stream:stream>",
    };
    char bound[512];
    assert_in_range(light->said, 0, (int)ENVOI__COUNT(answers) - 1);
    const char *answer = answers[light->said++];
    if (!answer) {
        const char *id = strstr(heard, " id='");
        assert_true(id && (size_t)(id - heard) < len);
        snprintf(bound, sizeof bound,
                 "<iq type='result' id='%.*s'><bind xmlns='" NS_BIND "'><jid>" ACCOUNT "/balcony</jid></bind></iq>",
                 (int)strcspn(id + 5, "'"), id + 5);
        answer = bound;
    }
    assert_int_equal(envoi_stream_receive(light->stream, answer, strlen(answer)), 0);
}

static void light_event(struct light *light, const envoi_event *event)
{
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_READY:
        light->ready++;
        say_hello(light->stream);
        break;
    case ENVOI_EVENT_STANZA:
        light->stanzas++;
        break;
    case ENVOI_EVENT_CLOSED:
        light->closed++;
        light->error = envoi_event_error(event);
        break;
    }
}

/* One turn of the loop; 1 if something moved. */
static int light_turn(struct light *light)
{
    const envoi_event *event;
    size_t len;
    while ((event = envoi_stream_next_event(light->stream)))
        light_event(light, event);
    const char *bytes = envoi_stream_output(light->stream, &len);
    if (!bytes)
        return 0;
    static char heard[2048];
    assert_in_range(len, 1, sizeof heard - 1);
    memcpy(heard, bytes, len);
    heard[len] = '\0';
    assert_int_equal(envoi_stream_sent(light->stream, len), 0);
    if (!light->closed)
        light_answer(light, heard, len);
    return 1;
}

static void turn_all_lights(void)
{
    for (int moved = 1; moved;) {
        moved = 0;
        for (size_t i = 0; i < MANY; i++)
            moved |= light_turn(&lights[i]);
    }
}

/* All of it once; returns what one ready, idle stream costs. */
static size_t play_lights(void)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, ENVOI_TLS_EXTERNAL, PASSWORD), 0);
    for (size_t i = 0; i < MANY; i++) {
        lights[i] = (struct light){0};
        assert_int_equal(envoi_stream_new(&lights[i].stream, config, 0), 0);
    }
    envoi_config_free(config);
    turn_all_lights();
    for (size_t i = 0; i < MANY; i++)
        assert_true(lights[i].ready == 1 && lights[i].stanzas == 1 && !lights[i].closed);
    size_t idle = heap_in_use();
    for (size_t i = 0; i < MANY / 2; i++)
        envoi_stream_free(lights[i].stream);
    size_t cost = (idle - heap_in_use()) / (MANY / 2);
    for (size_t i = 0; i < MANY / 2; i++) { /* the other half is closed in order */
        lights[i] = lights[i + MANY / 2];
        assert_int_equal(envoi_stream_close(lights[i].stream), 0);
        while (light_turn(&lights[i]))
            ;
        assert_true(lights[i].closed == 1 && lights[i].error == 0);
        envoi_stream_free(lights[i].stream);
    }
    return cost;
}

static void test_a_thousand_streams(void **state)
{
    (void)state;
    play_lights();
    size_t first = heap_in_use();
    size_t cost = play_lights();
    size_t second = heap_in_use();
    print_message("# %zu bytes a ready stream; heap %zu, then %zu\n", cost, first, second);
    if (!CAN_MEASURE || !first) /* valgrind keeps a heap of its own */
        return;
    assert_in_range(second, 0, first + slack());
    assert_in_range(cost, 500, PLAIN_COST);
}

/* ---- with TLS ---- */

static struct world borrowed; /* lent to one stream at a time */
static struct peer *peers;
static envoi_stream *streams[SECURE];
static int answered[SECURE], closed[SECURE];

/* Lend the one world to this stream for a turn. */
static int secure_turn(size_t i)
{
    struct world *world = &borrowed;
    world->stream = streams[i];
    world->peer = &peers[i];
    world->step = SIZE_MAX;
    world->moves = 3;
    world->closes = world->stanzas = world->closed = 0;
    world->sent_len = 0;
    world_run(world);
    answered[i] += world->stanzas;
    closed[i] += world->closed;
    if (world->closed)
        assert_int_equal(world->closed_error, 0);
    return world->moves == 0;
}

static void turn_all_secure(void)
{
    for (int moved = 1; moved;) {
        moved = 0;
        for (size_t i = 0; i < SECURE; i++)
            moved |= secure_turn(i);
    }
}

static size_t play_secure(void)
{
    envoi_config *config = NULL;
    assert_int_equal(make_config(&config, ENVOI_TLS_STARTTLS, PASSWORD), 0);
    peers = __real_malloc(SECURE * sizeof *peers);
    assert_non_null(peers);
    for (size_t i = 0; i < SECURE; i++) {
        answered[i] = closed[i] = 0;
        peer_init(&peers[i], TLS_1_3, &good, 1);
        assert_int_equal(envoi_stream_new(&streams[i], config, 0), 0);
    }
    envoi_config_free(config);
    turn_all_secure();
    for (size_t i = 0; i < SECURE; i++)
        assert_true(answered[i] == 1 && !closed[i]);
    size_t idle = heap_in_use();
    for (size_t i = 0; i < SECURE / 2; i++)
        envoi_stream_free(streams[i]);
    size_t cost = (idle - heap_in_use()) / (SECURE / 2);
    for (size_t i = SECURE / 2; i < SECURE; i++) {
        assert_int_equal(envoi_stream_close(streams[i]), 0);
        while (secure_turn(i))
            ;
        assert_int_equal(closed[i], 1);
        envoi_stream_free(streams[i]);
    }
    for (size_t i = 0; i < SECURE; i++)
        peer_free(&peers[i]);
    free(peers);
    return cost;
}

static void test_fifty_streams_with_tls(void **state)
{
    (void)state;
    play_secure();
    size_t first = heap_in_use();
    size_t cost = play_secure();
    size_t second = heap_in_use();
    print_message("# %zu bytes a ready stream with TLS; heap %zu, then %zu\n", cost, first, second);
    if (!CAN_MEASURE || !first) /* valgrind keeps a heap of its own */
        return;
    assert_in_range(second, 0, first + slack());
    assert_in_range(cost, 5000, SECURE_COST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_streams),
        cmocka_unit_test(test_fifty_streams_with_tls),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
