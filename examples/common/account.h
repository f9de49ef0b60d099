/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_ACCOUNT_H
#define EXAMPLES_ACCOUNT_H
/* Who logs in and where: from options and the environment to an envoi_config; and every failure in a sentence. */
#include "options.h"

#include <envoi/envoi.h>

struct account {
    const char *jid;           /* else XMPP_JID */
    const char *password_file; /* else XMPP_PASSWORD, else the terminal is asked */
    const char *host;          /* else XMPP_HOST, else DNS tells */
    const char *ca;            /* else XMPP_CA, else the system's certificates */
    int direct_tls, verbose;
    const char *suffix; /* of a second account's variables and options, such as "2" for XMPP_JID2; NULL: none */
};

/* Rows for a program's table of options. */
#define ACCOUNT_OPTIONS(account)                                                                                     \
    {"--jid", "JID", "the account; else XMPP_JID", &(account).jid, NULL, 0},                                         \
        {"--password-file",        "FILE", "its first line is the password; else XMPP_PASSWORD, else you are asked", \
         &(account).password_file, NULL,   0},                                                                       \
        {"--ca", "FILE", "trust the certificates of this PEM file; else XMPP_CA", &(account).ca, NULL, 0},           \
        {"--direct-tls", NULL, "TLS from the first byte instead of STARTTLS", NULL, &(account).direct_tls, 0},       \
    {                                                                                                                \
        "--verbose", NULL, "log what happens", NULL, &(account).verbose, 0                                           \
    }

/* One more, for programs that open the connection themselves. */
#define HOST_OPTION(account)                                                                                         \
    {                                                                                                                \
        "--host", "HOST:PORT", "connect here instead of asking DNS; else XMPP_HOST", &(account).host, NULL, 0        \
    }

/* Makes the config, and puts what the environment says into `account`. Returns GO_ON, or the exit code after a line
 * on stderr that says why. */
int account_config(envoi_config **out, const struct program *program, struct account *account);

/* Answers ENVOI_EVENT_PASSWORD by asking at the terminal, without echo; gives up without one. */
void account_ask_password(envoi_stream *stream, const envoi_event *event);

/* Says on stderr, in one line, what failed and what to do about it.
 * doing: such as "cannot log in"; detail: from the event, may be NULL. Returns 1, the exit code. */
int explain(const struct program *program, const char *doing, int error, const char *detail);

/* The same for an error that was the answer to a request: a REPLY event. */
int explain_reply(const struct program *program, const char *doing, const envoi_event *reply);

#endif
