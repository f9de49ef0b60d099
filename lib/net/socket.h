/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_SOCKET_H
#define ENVOI_NET_SOCKET_H
/* Addresses and TCP sockets. The only file that knows the socket API is socket.c. */
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct envoi__address {
    int is_v6;
    unsigned char bytes[16]; /* the first 4 for IPv4 */
    uint32_t scope;
    uint16_t port;
};

enum { ENVOI__ADDRESS_TEXT = 80 };

/* 1 if text is an IPv4 or IPv6 address, the latter with or without brackets; else 0 and nothing is set. */
int envoi__address_parse(struct envoi__address *out, const char *text, uint16_t port);
/* 1 if the system's address is IPv4 or IPv6; the port is not taken. Else 0 and nothing is set. */
int envoi__address_read(struct envoi__address *out, const struct sockaddr *from);
int envoi__address_is_loopback(const struct envoi__address *address);
void envoi__address_format(const struct envoi__address *address, char out[ENVOI__ADDRESS_TEXT]);

/* Begin to connect, without blocking. 0 and the descriptor, or an error. */
int envoi__socket_open(const struct envoi__address *address, int *fd_out);
/* 0 once connected, ENVOI_ERR_AGAIN while it is going on, or why it failed. */
int envoi__socket_connected(int fd);
/* The functions of a transport; user points to the descriptor. Closing takes what still lies unread first,
 * since the kernel would answer unread bytes with a reset, and that can destroy our last bytes on their way.
 */
int envoi__socket_read(void *user, void *buf, size_t len);
int envoi__socket_write(void *user, const void *data, size_t len);
void envoi__socket_close(void *user);
void envoi__socket_drop(int fd); /* close at once */
/* Acknowledge what was read, now and not with the next output or 40 ms later, where the system knows how. */
void envoi__socket_acknowledge(int fd);

#endif
