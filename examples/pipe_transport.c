/* SPDX-License-Identifier: MIT */
/* A stream over a pair of pipes, without any socket of ours: a command such as `nc` or `ssh` carries the bytes.
 * Shows envoi_transport with functions of one's own, and a loop of one's own. */
#include "common/account.h"
#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    struct account account;
    const char *to, *body;
} given;

static const struct option options[] = {
    ACCOUNT_OPTIONS(given.account),
    {"--to", "JID", "send a message to this address; else the server is pinged", &given.to, NULL, 0},
    {"--body", "TEXT", "the message", &given.body, NULL, 0},
};

static const struct program program = {
    .name = "pipe_transport",
    .usage = "[OPTION]... -- COMMAND [ARGUMENT]...",
    .about = "Logs in through the standard input and output of a command, such as\n"
             "    pipe_transport --jid juliet@example.com -- nc xmpp.example.com 5222\n"
             "sends one message or ping, and ends. TLS is ours: the command sees nothing but ciphertext.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

/* ---- the transport ---- */

struct pipes {
    pid_t child;
    int from_child, to_child; /* both non-blocking */
};

static int read_pipe(void *user, void *buf, size_t len)
{
    const struct pipes *pipes = user;
    ssize_t n = read(pipes->from_child, buf, len < INT_MAX ? len : INT_MAX);
    if (n >= 0)
        return (int)n; /* 0: the command closed its output */
    return errno == EAGAIN || errno == EINTR ? ENVOI_ERR_AGAIN : ENVOI_ERR_TRANSPORT;
}

static int write_pipe(void *user, const void *data, size_t len)
{
    const struct pipes *pipes = user;
    ssize_t n = write(pipes->to_child, data, len);
    if (n >= 0)
        return (int)n; /* at most the 1 MiB that is offered */
    if (errno == EPIPE)
        return ENVOI_ERR_RESET;
    return errno == EAGAIN || errno == EINTR ? ENVOI_ERR_AGAIN : ENVOI_ERR_TRANSPORT;
}

static void close_pipes(void *user)
{
    const struct pipes *pipes = user;
    close(pipes->from_child);
    close(pipes->to_child);
    kill(pipes->child, SIGTERM); /* most commands end by the closed pipe alone, but some wait for the network */
    while (waitpid(pipes->child, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* In the child: pipes become standard input and output. Returns only if there is no such command. */
static void become(char **command, int in, int out)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
}

static int pair(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

static void close_pair(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

/* The command runs when `told`, which an exec closes, ends without a word. Returns 0, or -1 with errno set. */
static int start_child(struct pipes *pipes, char **command, const int in[2], const int out[2], const int told[2])
{
    int why = 0;
    pipes->child = fork();
    if (pipes->child < 0)
        return -1;
    if (pipes->child == 0) {
        become(command, in[0], out[1]);
        why = errno;
        _exit(write(told[1], &why, sizeof why) < 0 ? 126 : 127);
    }
    close(told[1]);
    ssize_t got = read(told[0], &why, sizeof why);
    close(told[0]);
    if (got != sizeof why)
        return 0;
    waitpid(pipes->child, NULL, 0);
    errno = why;
    return -1;
}

/* Returns 0, or -1 with errno set. */
static int spawn(struct pipes *pipes, char **command)
{
    int in[2], out[2], told[2];
    if (pair(in) || pair(out) || pair(told)) /* too few descriptors: the program ends anyway */
        return -1;
    if (start_child(pipes, command, in, out, told)) {
        close_pair(in);
        close_pair(out);
        return -1;
    }
    close(in[0]);
    close(out[1]);
    pipes->to_child = in[1];
    pipes->from_child = out[0];
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* ---- the stream ---- */

struct run {
    envoi_config *config;
    envoi_stream *stream;
    envoi_transport *transport;
    struct pipes pipes;
    int ready, closed;
    int result; /* -1: neither done nor failed yet */
};

static void send_message(struct run *run)
{
    envoi_stanza *message = NULL;
    int error = envoi_message_new(&message, given.to, "chat");
    if (!error) {
        envoi_message_add_body(message, given.body ? given.body : "Hello through a pipe", NULL);
        error = envoi_stream_send(run->stream, message);
    }
    envoi_stanza_free(message);
    if (error)
        explain(&program, "cannot send the message", error, given.to);
    else
        printf("sent a message to %s\n", given.to);
    run->result = error ? 1 : 0;
    envoi_stream_close(run->stream); /* what was sent goes out first */
}

static void send_ping(struct run *run)
{
    envoi_stanza *ping = NULL;
    int error = envoi_iq_new(&ping, envoi_config_domain(run->config), "get");
    envoi_element_add_child(envoi_stanza_element(ping), "ping", "urn:xmpp:ping"); /* XEP-0199 4.2 */
    if (!error)
        error = envoi_stream_send_iq(run->stream, ping, 0, NULL);
    envoi_stanza_free(ping);
    if (error) {
        explain(&program, "cannot ping", error, NULL);
        envoi_stream_close(run->stream);
    }
}

static void take_pong(struct run *run, const envoi_event *event)
{
    run->result = envoi_event_error(event) == 0 ? 0 : explain_reply(&program, "cannot ping", event);
    if (run->result == 0)
        printf("the server answered the ping\n");
    envoi_stream_close(run->stream);
}

static void take_end(struct run *run, const envoi_event *event)
{
    int error = envoi_event_error(event);
    run->closed = 1;
    if (error)
        run->result =
            explain(&program, run->ready ? "the connection ended" : "cannot log in", error, envoi_event_text(event));
}

static void take(struct run *run, const envoi_event *event)
{
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_PASSWORD:
        account_ask_password(run->stream, event);
        break;
    case ENVOI_EVENT_READY:
        run->ready = 1;
        fprintf(stderr, "%s: logged in as %s\n", program.name, envoi_event_jid(event));
        if (given.to)
            send_message(run);
        else
            send_ping(run);
        break;
    case ENVOI_EVENT_REPLY:
        take_pong(run, event);
        break;
    case ENVOI_EVENT_CLOSED:
        take_end(run, event);
        break;
    default:
        break;
    }
}

/* Until the pipes have something to do, the stream's deadline, or Ctrl-C. */
static void wait_for_pipes(struct run *run)
{
    int wanted = envoi_transport_wanted(run->transport, run->stream);
    struct pollfd fds[] = {
        {.fd = wanted & ENVOI_TRANSPORT_READ ? run->pipes.from_child : -1, .events = POLLIN},
        {.fd = wanted & ENVOI_TRANSPORT_WRITE ? run->pipes.to_child : -1, .events = POLLOUT},
    };
    uint64_t now = envoi_net_now_ms(), due = envoi_stream_deadline(run->stream);
    uint64_t left = due > now ? due - now : 0;
    poll(fds, 2, left < 500 ? (int)left : 500); /* a signal just before is seen after 500 ms */
}

static void loop(struct run *run)
{
    while (!run->closed) {
        const envoi_event *event;
        while ((event = envoi_stream_next_event(run->stream)))
            take(run, event);
        envoi_transport_flush(run->transport, run->stream);
        if (run->closed)
            break;
        if (!signals_caught() || envoi_stream_close(run->stream) != 0) /* closing already: wait for its end */
            wait_for_pipes(run);
        envoi_stream_tick(run->stream, envoi_net_now_ms());
        envoi_transport_fill(run->transport, run->stream);
    }
}

static int start(struct run *run, char **command)
{
    int error = envoi_stream_new(&run->stream, run->config, envoi_net_now_ms());
    if (error)
        return explain(&program, "cannot start", error, NULL);
    if (spawn(&run->pipes, command)) {
        fprintf(stderr, "%s: cannot run %s: %s. Check the command behind --.\n", program.name, command[0],
                strerror(errno));
        return 1;
    }
    error = envoi_transport_new(&run->transport, read_pipe, write_pipe, close_pipes, &run->pipes);
    if (!error)
        return GO_ON;
    close_pipes(&run->pipes);
    return explain(&program, "cannot start", error, NULL);
}

int main(int argc, char **argv)
{
    struct run run = {.result = -1};
    int operands = 0, result = options_read(&program, argc, argv, &operands);
    if (result != GO_ON)
        return result;
    if (operands == 0)
        return options_complain(&program, "a command is missing behind --", NULL);
    argv[operands + 1] = NULL;
    result = account_config(&run.config, &program, &given.account);
    if (result == GO_ON) {
        signals_catch();
        signal(SIGPIPE, SIG_IGN); /* a command that ended shall be an error of write(), not the end of us */
        result = start(&run, argv + 1);
    }
    if (result == GO_ON) {
        loop(&run);
        result = run.result ? 1 : 0;
    }
    envoi_transport_free(run.transport);
    envoi_stream_free(run.stream);
    envoi_config_free(run.config);
    return result;
}
