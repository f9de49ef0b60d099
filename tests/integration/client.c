/* SPDX-License-Identifier: MIT */
/* client --jid JID --password PASSWORD [--host HOST:PORT] [--ca FILE] [--direct] [--nameserver LIST] [--bound]
 *        [--connect-timeout MS] [--service JID] [--record FILE] */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FDS = 16, LINE_BYTES = 16384 };

struct options {
    const char *jid, *password, *host, *ca, *direct, *nameserver, *bound, *connect_timeout, *service, *record;
};

struct input {
    char bytes[LINE_BYTES];
    size_t len;
    int ended;
};

static const char *or_none(const char *text)
{
    return text ? text : "none";
}

static void fail(const char *what, int error)
{
    printf("failed %s %s\n", what, envoi_error_name(error));
    exit(EXIT_FAILURE);
}

static void check(const char *what, int error)
{
    if (error)
        fail(what, error);
}

static struct options parse_options(int argc, char **argv)
{
    struct options options = {0};
    const struct {
        const char *name;
        const char **value;
        int is_switch;
    } rows[] = {
        {"--jid", &options.jid, 0},         {"--password", &options.password, 0},
        {"--host", &options.host, 0},       {"--ca", &options.ca, 0},
        {"--direct", &options.direct, 1},   {"--nameserver", &options.nameserver, 0},
        {"--bound", &options.bound, 1},     {"--connect-timeout", &options.connect_timeout, 0},
        {"--service", &options.service, 0}, {"--record", &options.record, 0},
    };
    for (int i = 1; i < argc; i++) {
        size_t row = 0;
        while (row < sizeof rows / sizeof *rows && strcmp(rows[row].name, argv[i]) != 0)
            row++;
        if (row == sizeof rows / sizeof *rows || (!rows[row].is_switch && i + 1 == argc))
            fail(argv[i], ENVOI_ERR_ARGUMENT);
        *rows[row].value = rows[row].is_switch ? argv[i] : argv[i + 1];
        i += !rows[row].is_switch;
    }
    return options;
}

static void print_log(void *user, int level, const char *line)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s\n", line);
}

static envoi_config *make_config(const struct options *options)
{
    envoi_config *config = NULL;
    envoi_trust *trust = NULL;
    check("jid", envoi_config_new(&config, options->jid));
    check("log", envoi_config_set_log(config, ENVOI_LOG_DEBUG, print_log, NULL));
    if (options->password)
        check("password", envoi_config_set_password(config, options->password));
    if (options->direct)
        check("direct", envoi_config_set_tls(config, ENVOI_TLS_DIRECT));
    if (options->bound)
        check("bound", envoi_config_set_channel_binding(config, ENVOI_CHANNEL_BINDING_REQUIRED));
    if (options->ca) {
        check("trust", envoi_trust_new(&trust));
        check("ca", envoi_trust_add_file(trust, options->ca));
        check("trust", envoi_config_set_trust(config, trust));
        envoi_trust_free(trust);
    }
    return config;
}

static void begin_record(struct client *client, const char *path)
{
    client->record = fopen(path, "w");
    check("record", client->record ? envoi_recorder_new(&client->recorder, client->stream, 0) : ENVOI_ERR_NOT_FOUND);
}

static void write_record(struct client *client)
{
    size_t len;
    const char *text = envoi_recorder_text(client->recorder, &len);
    if (!text)
        return;
    fwrite(text, 1, len, client->record);
    envoi_recorder_taken(client->recorder, len);
}

static void end_record(struct client *client)
{
    if (!client->recorder)
        return;
    write_record(client);
    check("record", envoi_recorder_error(client->recorder));
    envoi_recorder_free(client->recorder);
    fclose(client->record);
}

static void open_client(struct client *client, const struct options *options)
{
    envoi_config *config = make_config(options);
    check("stream", envoi_stream_new(&client->stream, config, envoi_net_now_ms()));
    if (options->record)
        begin_record(client, options->record);
    check("net", envoi_net_new(&client->net, client->stream, config));
    envoi_config_free(config);
    client->service = options->service;
    if (options->host) {
        char host[256];
        snprintf(host, sizeof host, "%s", options->host);
        char *colon = strrchr(host, ':');
        uint32_t port = colon ? (uint32_t)strtoul(colon + 1, NULL, 10) : 0;
        if (colon)
            *colon = '\0';
        check("host", envoi_net_set_host(client->net, host, port));
    }
    if (options->nameserver)
        check("nameserver", envoi_net_set_nameserver(client->net, options->nameserver));
    if (options->connect_timeout)
        check("timeout",
              envoi_net_set_connect_timeout(client->net, (uint32_t)strtoul(options->connect_timeout, NULL, 10)));
    check("start", envoi_net_start(client->net));
}

/* One line for each event. @return 0 after CLOSED */
static int print_event(struct client *client, const envoi_event *event)
{
    int error = envoi_event_error(event);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_SECURED:
        printf("secured %s %s\n", envoi_event_tls_version(event), envoi_event_tls_cipher(event));
        break;
    case ENVOI_EVENT_AUTHENTICATED:
        printf("authenticated %s %s\n", envoi_event_mechanism(event), or_none(envoi_event_channel_binding(event)));
        break;
    case ENVOI_EVENT_READY:
        printf("ready %s\n", envoi_event_jid(event));
        break;
    case ENVOI_EVENT_STANZA:
        client_print_stanza(client, envoi_event_stanza(event));
        break;
    case ENVOI_EVENT_REPLY:
        client_print_reply(client, event);
        break;
    case ENVOI_EVENT_PASSWORD: /* the same password would be refused again */
        printf("password %s\n", envoi_error_name(error));
        envoi_stream_set_password(client->stream, NULL);
        break;
    case ENVOI_EVENT_CLOSED:
        printf("closed %s retry=%d condition=%s | %s | %s\n", error ? envoi_error_name(error) : "ENVOI_OK",
               envoi_event_is_retryable(event), or_none(envoi_event_condition(event)), envoi_strerror(error),
               or_none(envoi_event_text(event)));
        return 0;
    default:
        break;
    }
    return 1;
}

/* Whole lines become commands; the end of the input closes the stream in order. */
static void take_input(struct client *client, struct input *input)
{
    ssize_t n = read(STDIN_FILENO, input->bytes + input->len, sizeof input->bytes - 1 - input->len);
    if (n <= 0) {
        input->ended = n == 0 || errno != EINTR;
        if (input->ended)
            envoi_stream_close(client->stream);
        return;
    }
    input->len += (size_t)n;
    input->bytes[input->len] = '\0';
    char *end;
    while ((end = strchr(input->bytes, '\n'))) {
        *end = '\0';
        client_command(client, input->bytes);
        input->len -= (size_t)(end + 1 - input->bytes);
        memmove(input->bytes, end + 1, input->len + 1);
    }
}

/* Wait for the network, the next deadline, or a line. */
static void wait_for_something(struct client *client, struct input *input)
{
    struct pollfd fds[MOST_FDS] = {{.fd = input->ended ? -1 : STDIN_FILENO, .events = POLLIN}};
    nfds_t count = 1;
    int wanted;
    for (size_t i = 0; count < MOST_FDS && !envoi_net_fd(client->net, i, &fds[count].fd, &wanted); i++, count++)
        fds[count].events =
            (short)((wanted & ENVOI_NET_READ ? POLLIN : 0) | (wanted & ENVOI_NET_WRITE ? POLLOUT : 0));
    uint64_t now = envoi_net_now_ms(), deadline = envoi_net_deadline(client->net);
    int timeout = deadline <= now ? 0 : deadline - now > 60000 ? 60000 : (int)(deadline - now);
    if (poll(fds, count, timeout) > 0 && fds[0].revents)
        take_input(client, input);
}

int main(int argc, char **argv)
{
    static struct client client;
    static struct input input;
    const struct options options = parse_options(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    open_client(&client, &options);
    const envoi_event *event;
    int running = 1;
    while (running) {
        while (running && (event = envoi_stream_next_event(client.stream)))
            running = print_event(&client, event);
        write_record(&client);
        if (running && envoi_net_process(client.net, envoi_net_now_ms()) == 0)
            wait_for_something(&client, &input);
    }
    envoi_net_process(client.net, envoi_net_now_ms());
    envoi_net_free(client.net);
    end_record(&client);
    envoi_stream_free(client.stream);
    return EXIT_SUCCESS;
}
