/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_H
#define CLIENT_H
/* A client that is driven by lines: it does what its standard input says and writes what happens to its standard
 * output, one line each. Public headers only. */
#include <envoi/disco.h>
#include <envoi/net.h>
#include <envoi/pubsub.h>
#include <envoi/recorder.h>
#include <envoi/uri.h>
#include <stdio.h>

/* Print what a reply holds, in lines of its own. */
typedef void (*reply_printer)(const envoi_element *reply);

enum { MOST_REQUESTS = 64 };

struct client {
    envoi_stream *stream;
    envoi_net *net;
    envoi_recorder *recorder; /* NULL: nothing is recorded */
    FILE *record;
    const char *service; /* whose events are believed */
    struct {
        uint64_t token;
        reply_printer print;
    } requests[MOST_REQUESTS];
    size_t request_count;
};

/* Carry out one line. @return 0, an ENVOI_ERR_*, which is printed too */
int client_command(struct client *client, char *line);

void client_print_reply(struct client *client, const envoi_event *event);
void client_print_stanza(struct client *client, const envoi_element *stanza);

#endif
