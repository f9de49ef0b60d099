/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_INSIDE_H
#define ENVOI_NET_INSIDE_H
/* The inside of a built-in transport, shared by net.c and poll.c. */
#include "net/connect.h"
#include "net/socket.h"

#include <envoi/net.h>
#include <envoi/transport.h>

enum { ENVOI__NET_FDS_MAX = 64 }; /* above what a resolver and all attempts can have */

struct envoi_net {
    envoi_stream *stream;
    char *domain, *host, *servers;
    int tls;
    uint16_t port; /* 0: the default */
    uint32_t timeout_ms;

    int error;                      /* the first that a setter met */
    int started, over;              /* over: the stream is closed and so is the connection */
    struct envoi__connect *connect; /* while there is no connection */
    envoi_transport *transport;     /* once there is one */
    int fd;
    int unanswered;        /* bytes were read, and none were sent since */
    uint64_t linger_until; /* when closed: how long to go on sending; 0: not closed */
    char peer[ENVOI__ADDRESS_TEXT];
};

/* What to wait for; returns how many. */
size_t envoi__net_fds(struct envoi_net *net, struct pollfd fds[ENVOI__NET_FDS_MAX]);

#endif
