/* SPDX-License-Identifier: MIT */
#include <envoi/envoi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A bot that answers each chat message with the same text, and comes back when its server was gone. */

static void answer(envoi_stream *stream, const envoi_event *event)
{
    const envoi_element *in = envoi_event_stanza(event);
    const char *text = envoi_message_body(in, NULL);
    envoi_stanza *out = NULL;
    if (envoi_event_type(event) == ENVOI_EVENT_READY)
        envoi_presence_new(&out, NULL, NULL);
    else if (text && !strcmp(envoi_stanza_type(in), "chat") &&
             !envoi_message_new(&out, envoi_element_attr(in, "from"), "chat"))
        envoi_message_add_body(out, text, NULL);
    envoi_stream_send(stream, out);
    envoi_stanza_free(out);
}

/* One stream from its first byte to its last. Returns when to connect again; UINT64_MAX: never. */
static uint64_t live(envoi_stream *stream, envoi_net *net, envoi_reconnect *reconnect)
{
    uint64_t again = UINT64_MAX;
    for (int type = 0; type != ENVOI_EVENT_CLOSED;) {
        const envoi_event *event = envoi_stream_next_event(stream);
        type = envoi_event_type(event);
        if (!event) {
            envoi_net_wait(net, -1);
            continue;
        }
        again = envoi_reconnect_after(reconnect, event, envoi_net_now_ms());
        if (type == ENVOI_EVENT_READY)
            fprintf(stderr, "logged in as %s\n", envoi_event_jid(event));
        if (type == ENVOI_EVENT_CLOSED)
            fprintf(stderr, "closed: %s (%s)\n", envoi_strerror(envoi_event_error(event)),
                    envoi_event_text(event) ? envoi_event_text(event) : "-");
        else
            answer(stream, event);
    }
    return again;
}

/* Connect and stay. Returns 0, or an error that another try will not mend; *again as live() returns it. */
static int session(const envoi_config *config, envoi_reconnect *reconnect, uint64_t *again)
{
    envoi_stream *stream = NULL;
    envoi_net *net = NULL;
    int error = envoi_stream_new(&stream, config, envoi_net_now_ms());
    if (!error)
        error = envoi_net_new(&net, stream, config);
    envoi_net_set_host(net, getenv("XMPP_HOST"), 0);
    if (!error)
        error = envoi_net_start(net);
    if (!error)
        *again = live(stream, net, reconnect);
    envoi_net_free(net);
    envoi_stream_free(stream);
    return error;
}

static void sleep_until(uint64_t at)
{
    uint64_t now = envoi_net_now_ms(), left = at > now ? at - now : 0;
    struct timespec pause = {.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
    fprintf(stderr, "connecting again in %llu ms\n", (unsigned long long)left);
    nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
    envoi_config *config = NULL;
    envoi_reconnect *reconnect = NULL;
    const char *first = getenv("XMPP_RETRY_MS");
    uint64_t again = 0;
    if (argc > 1) {
        puts("set XMPP_JID, XMPP_PASSWORD and, if need be, XMPP_HOST (host:port), XMPP_CA (PEM file) and "
             "XMPP_RETRY_MS\n"
             "(the longest time before the first new try, 60000)");
        return strcmp(argv[1], "--help") ? 2 : 0;
    }
    int error = envoi_config_new(&config, getenv("XMPP_JID"));
    envoi_config_set_password(config, getenv("XMPP_PASSWORD"));
    envoi_config_set_trust_file(config, getenv("XMPP_CA"));
    if (!error)
        error = envoi_reconnect_new(&reconnect, 0);
    if (!error && first)
        error = envoi_reconnect_set_delays(reconnect, strtoull(first, NULL, 10), 5 * strtoull(first, NULL, 10));
    while (!error && again != UINT64_MAX) {
        if (again)
            sleep_until(again);
        error = session(config, reconnect, &again);
    }
    if (error)
        fprintf(stderr, "%s; try --help\n", envoi_strerror(error));
    envoi_reconnect_free(reconnect);
    envoi_config_free(config);
    return 1; /* it is meant to stay */
}
