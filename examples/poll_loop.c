/* SPDX-License-Identifier: MIT */
/* Two accounts in one loop of poll(2): they greet each other and leave. Shows envoi_net in a loop of one's own, which
 * may as well be that of a toolkit or of an event library. */
#include "common/account.h"
#include "common/print.h"
#include "common/signals.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIR = 2, FDS_MAX = 64 };

static struct {
    struct account account[PAIR];
    const char *timeout;
} given;

static const struct option options[] = {
    ACCOUNT_OPTIONS(given.account[0]),
    HOST_OPTION(given.account[0]),
    {"--jid2", "JID", "the second account; else XMPP_JID2", &given.account[1].jid, NULL, 0},
    {"--password-file2", "FILE", "its password; else XMPP_PASSWORD2, else you are asked",
     &given.account[1].password_file, NULL, 0},
    {"--timeout", "SECONDS", "give up after this long; else 60", &given.timeout, NULL, 0},
};

static const struct program program = {
    .name = "poll_loop",
    .usage = "[OPTION]...",
    .about = "Logs two accounts in, lets them greet each other, and logs them out, all in one poll loop.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

struct guest {
    envoi_config *config;
    envoi_stream *stream;
    envoi_net *net;
    struct guest *other;
    int present, greeted, closed, failed; /* greeted: by the other */
};

/* ---- what is said ---- */

static void send_presence(struct guest *guest)
{
    envoi_stanza *presence = NULL;
    if (envoi_presence_new(&presence, NULL, NULL) == 0)
        envoi_stream_send(guest->stream, presence);
    envoi_stanza_free(presence);
}

static void greet(struct guest *guest)
{
    envoi_stanza *message = NULL;
    int error = envoi_message_new(&message, envoi_stream_jid(guest->other->stream), "chat");
    if (!error) {
        envoi_message_add_body(message, "Hello, nice to meet you", NULL);
        error = envoi_stream_send(guest->stream, message);
    }
    envoi_stanza_free(message);
    if (error)
        guest->failed = explain(&program, "cannot greet", error, envoi_config_jid(guest->other->config));
}

/* The server shows us our own presence, too (RFC 6121 4.2.2): from then on messages reach us. */
static void take_presence(struct guest *guest, const envoi_element *presence)
{
    const char *from = envoi_element_attr(presence, "from");
    if (!from || strcmp(from, envoi_stream_jid(guest->stream)) != 0 || guest->present)
        return;
    guest->present = 1;
    if (guest->other->present) {
        greet(guest);
        greet(guest->other);
    }
}

static void take_message(struct guest *guest, const envoi_element *message)
{
    const char *from = envoi_element_attr(message, "from"), *body = envoi_message_body(message, NULL);
    if (!from || !body || strcmp(from, envoi_stream_jid(guest->other->stream)) != 0)
        return;
    printf("%s hears from %s: ", envoi_stream_jid(guest->stream), from);
    print_text(stdout, body, NULL);
    putchar('\n');
    guest->greeted = 1;
}

static void take_stanza(struct guest *guest, const envoi_element *stanza)
{
    if (envoi_stanza_kind(stanza) == ENVOI_STANZA_PRESENCE)
        take_presence(guest, stanza);
    else if (envoi_stanza_kind(stanza) == ENVOI_STANZA_MESSAGE)
        take_message(guest, stanza);
}

static void take_end(struct guest *guest, const envoi_event *event)
{
    int error = envoi_event_error(event);
    char doing[256];
    guest->closed = 1;
    if (!error)
        return;
    snprintf(doing, sizeof doing, "the connection of %.200s ended", envoi_config_jid(guest->config));
    guest->failed = explain(&program, doing, error, envoi_event_text(event));
}

static void show_login(const struct guest *guest, const envoi_event *event)
{
    const char *binding = envoi_event_channel_binding(event);
    fprintf(stderr, "%s: %s: authenticated by %s%s%s\n", program.name, envoi_config_jid(guest->config),
            envoi_event_mechanism(event), binding ? ", bound to the channel by " : "", binding ? binding : "");
}

static void take(struct guest *guest, const envoi_event *event)
{
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_PASSWORD:
        account_ask_password(guest->stream, event);
        break;
    case ENVOI_EVENT_AUTHENTICATED:
        show_login(guest, event);
        break;
    case ENVOI_EVENT_READY:
        fprintf(stderr, "%s: logged in as %s\n", program.name, envoi_event_jid(event));
        send_presence(guest);
        break;
    case ENVOI_EVENT_STANZA:
        take_stanza(guest, envoi_event_stanza(event));
        break;
    case ENVOI_EVENT_CLOSED:
        take_end(guest, event);
        break;
    default:
        break;
    }
}

/* ---- the loop ---- */

/* Events until there are none, then bytes; again if the bytes brought events. */
static void work(struct guest *guest)
{
    const envoi_event *event;
    do {
        while ((event = envoi_stream_next_event(guest->stream)))
            take(guest, event);
    } while (envoi_net_process(guest->net, envoi_net_now_ms()) > 0);
}

/* Descriptors come and go: they are asked for each time. */
static size_t collect(envoi_net *net, struct pollfd *fds, size_t most)
{
    size_t count = 0;
    int fd, wanted;
    for (; count < most && envoi_net_fd(net, count, &fd, &wanted) == 0; count++) {
        fds[count].fd = fd;
        fds[count].events =
            (short)((wanted & ENVOI_NET_READ ? POLLIN : 0) | (wanted & ENVOI_NET_WRITE ? POLLOUT : 0));
    }
    return count;
}

static void wait_for_both(struct guest *guests, uint64_t until)
{
    struct pollfd fds[FDS_MAX];
    uint64_t now = envoi_net_now_ms(), due = until < now + 500 ? until : now + 500; /* for a signal just before */
    size_t count = 0;
    for (size_t i = 0; i < PAIR; i++) {
        uint64_t deadline = envoi_net_deadline(guests[i].net);
        due = deadline < due ? deadline : due;
        count += collect(guests[i].net, fds + count, FDS_MAX - count);
    }
    poll(fds, (nfds_t)count, due > now ? (int)(due - now) : 0);
}

/* One that failed, or both being done, ends it for both. */
static int is_over(const struct guest *guests, uint64_t until)
{
    int done = guests[0].greeted && guests[1].greeted;
    return done || guests[0].closed || guests[1].closed || guests[0].failed || guests[1].failed || signals_caught() ||
           envoi_net_now_ms() >= until;
}

static void loop(struct guest *guests, uint64_t until)
{
    int ending = 0;
    while (!guests[0].closed || !guests[1].closed) {
        for (size_t i = 0; i < PAIR; i++)
            work(&guests[i]);
        if (!ending && is_over(guests, until)) {
            ending = 1;
            until = UINT64_MAX; /* closing has a deadline of its own */
            envoi_stream_close(guests[0].stream);
            envoi_stream_close(guests[1].stream);
        } else if (!guests[0].closed || !guests[1].closed) {
            wait_for_both(guests, until);
        }
    }
}

/* ---- all of it ---- */

static int invite(struct guest *guest, struct account *account)
{
    int result = account_config(&guest->config, &program, account);
    if (result != GO_ON)
        return result;
    int error = envoi_stream_new(&guest->stream, guest->config, envoi_net_now_ms());
    if (!error)
        error = envoi_net_new(&guest->net, guest->stream, guest->config);
    if (!error && account->host)
        error = envoi_net_set_host(guest->net, account->host, 0);
    if (!error)
        error = envoi_net_start(guest->net);
    return error ? explain(&program, "cannot connect", error, account->host) : GO_ON;
}

static void see_off(struct guest *guest)
{
    envoi_net_free(guest->net);
    envoi_stream_free(guest->stream);
    envoi_config_free(guest->config);
}

static int run(struct guest *guests, unsigned timeout_s)
{
    signals_catch();
    loop(guests, envoi_net_now_ms() + timeout_s * (uint64_t)1000);
    if (guests[0].failed || guests[1].failed)
        return 1;
    if (guests[0].greeted && guests[1].greeted)
        return 0;
    fprintf(stderr, "%s: %s.\n", program.name,
            signals_caught() ? "interrupted before both had heard the other"
                             : "the time was over before both had heard the other. Allow more by --timeout");
    return 1;
}

int main(int argc, char **argv)
{
    struct guest guests[PAIR] = {{.other = &guests[1]}, {.other = &guests[0]}};
    unsigned timeout_s = 60;
    int operands = 0, result = options_read(&program, argc, argv, &operands);
    if (result != GO_ON)
        return result;
    if (operands)
        return options_complain(&program, "this is no option:", argv[1]);
    if (given.timeout && options_number(given.timeout, 86400, &timeout_s))
        return options_complain(&program, "this is not a number of seconds:", given.timeout);
    result = invite(&guests[0], &given.account[0]);
    if (result == GO_ON) {
        const char *jid = given.account[1].jid, *password_file = given.account[1].password_file;
        given.account[1] = given.account[0]; /* the same server */
        given.account[1].jid = jid;
        given.account[1].password_file = password_file;
        given.account[1].suffix = "2";
        result = invite(&guests[1], &given.account[1]);
    }
    if (result == GO_ON)
        result = run(guests, timeout_s);
    see_off(&guests[0]);
    see_off(&guests[1]);
    return result;
}
