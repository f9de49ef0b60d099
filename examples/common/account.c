/* SPDX-License-Identifier: MIT */
#include "account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_MAX = 1024 };

static void wipe(char *secret, size_t size)
{
    volatile char *at = secret;
    while (size--)
        *at++ = 0;
}

/* Reads one line without its end, straight from the descriptor, so that no buffer of stdio keeps it.
 * Returns 0, or -1: nothing there, or too long. */
static int read_line(int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    while (len < size && (got = read(fd, out + len, 1)) == 1 && out[len] != '\n')
        len++;
    if (got < 0 || len == size || (got == 0 && len == 0))
        return -1;
    if (len && out[len - 1] == '\r')
        len--;
    out[len] = '\0';
    return 0;
}

static int from_file(envoi_config *config, const struct program *program, const char *path)
{
    char password[PASSWORD_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "%s: cannot read the password from %s: %s. Check --password-file.\n", program->name, path,
                strerror(errno));
        return 1;
    }
    int failed = read_line(fd, password, sizeof password);
    int error = failed ? 0 : envoi_config_set_password(config, password);
    close(fd);
    wipe(password, sizeof password);
    if (failed) {
        fprintf(stderr, "%s: there is no password in the first line of %s. Check --password-file.\n", program->name,
                path);
        return 1;
    }
    return error ? explain(program, "cannot use the password", error, NULL) : GO_ON;
}

/* A variable of the environment, of a second account with its suffix. */
static const char *variable(const struct account *account, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", name, account->suffix ? account->suffix : "");
    return getenv(full);
}

static int complain_missing(const struct program *program, const struct account *account, const char *name,
                            const char *option, const char *value)
{
    char what[128];
    const char *suffix = account->suffix ? account->suffix : "";
    snprintf(what, sizeof what, "set %s%s or pass %s%s %s", name, suffix, option, suffix, value);
    return options_complain(program, what, NULL);
}

static int find_password(envoi_config *config, const struct program *program, const struct account *account)
{
    const char *password = variable(account, "XMPP_PASSWORD");
    if (account->password_file)
        return from_file(config, program, account->password_file);
    if (password) {
        int error = envoi_config_set_password(config, password);
        return error ? explain(program, "cannot use the password", error, NULL) : GO_ON;
    }
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return complain_missing(program, account, "XMPP_PASSWORD", "--password-file", "FILE");
    close(tty);
    return GO_ON;
}

static void print_log(void *user, int level, const char *line)
{
    (void)user;
    fprintf(stderr, "%s %s\n", level == ENVOI_LOG_ERROR ? "!" : "-", line);
}

static int configure(envoi_config *config, const struct program *program, const struct account *account)
{
    int error = account->ca ? envoi_config_set_trust_file(config, account->ca) : 0;
    if (error)
        return explain(program, "cannot load trusted certificates", error, account->ca);
    if (account->direct_tls)
        envoi_config_set_tls(config, ENVOI_TLS_DIRECT);
    if (account->verbose)
        envoi_config_set_log(config, ENVOI_LOG_DEBUG, print_log, NULL);
    return find_password(config, program, account);
}

int account_config(envoi_config **out, const struct program *program, struct account *account)
{
    envoi_config *config = NULL;
    account->jid = account->jid ? account->jid : variable(account, "XMPP_JID");
    account->host = account->host ? account->host : getenv("XMPP_HOST");
    account->ca = account->ca ? account->ca : getenv("XMPP_CA");
    if (!account->jid)
        return complain_missing(program, account, "XMPP_JID", "--jid", "JID");
    int error = envoi_config_new(&config, account->jid);
    if (error)
        return explain(program, "cannot use the account", error, account->jid);
    int result = configure(config, program, account);
    if (result == GO_ON)
        *out = config;
    else
        envoi_config_free(config);
    return result;
}

/* Returns 0, or -1 if there is no terminal, or the person gave up. */
static int prompt(const char *jid, int refused, char *out, size_t size)
{
    struct termios before, silent;
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return -1;
    if (tcgetattr(tty, &before) != 0) {
        close(tty);
        return -1;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(tty, TCSAFLUSH, &silent);
    dprintf(tty, "%sPassword of %s: ", refused ? "That was not it. " : "", jid);
    int result = read_line(tty, out, size);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    close(tty);
    return result;
}

void account_ask_password(envoi_stream *stream, const envoi_event *event)
{
    char password[PASSWORD_MAX];
    int given = prompt(envoi_stream_jid(stream), envoi_event_error(event) != 0, password, sizeof password) == 0;
    envoi_stream_tick(stream, envoi_net_now_ms()); /* the time it took does not count as the server's */
    if (envoi_stream_set_password(stream, given ? password : NULL))
        envoi_stream_set_password(stream, NULL);
    wipe(password, sizeof password);
}
