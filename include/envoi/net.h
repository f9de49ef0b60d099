/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_H
#define ENVOI_NET_H
/** @file
 * The built-in TCP transport: finds the server of a domain by DNS (RFC 6120 3.2), connects to it, and moves
 * bytes between the connection and a stream. Nothing blocks but envoi_net_wait(). It uses nothing that a
 * program could not use itself. In a library built without c-ares envoi_net_new() says ENVOI_ERR_UNSUPPORTED.
 *
 *     while (running) {
 *         while ((event = envoi_stream_next_event(stream)))
 *             ...
 *         envoi_net_wait(net, -1);
 *     }
 *
 * In a loop of another kind: take all events and call envoi_net_process(), both again for as long as that
 * returns 1, for it may have brought events that no descriptor tells of; then wait for the descriptors of
 * envoi_net_fd() and the time of envoi_net_deadline(). Descriptors change; ask each time.
 *
 * How it finds the server, in this order: an address that is written as one (RFC 6120 3.2.4) and "localhost"
 * (RFC 6761 6.3) need no DNS; SRV records; without any, the domain's own addresses with the default port. A
 * name server that fails is no proof that there are no SRV records, so then nothing else is tried. Host names
 * are looked up in /etc/hosts first. Addresses are tried one after the other, 250 ms apart, IPv6 and IPv4 in
 * turn (RFC 8305), and the first connection wins. Whatever host is connected to, the certificate must be that
 * of the account's domain.
 */
#include <envoi/stream.h>

ENVOI_BEGIN_DECLS

/** The transport of one stream. Freed with envoi_net_free(). */
typedef struct envoi_net envoi_net;

/** What a descriptor waits for: a sum of these. */
#define ENVOI_NET_READ  1 /**< until there is something to read */
#define ENVOI_NET_WRITE 2 /**< until there is room to write */

/**
 * Make the transport of a stream. Nothing is looked up or connected yet.
 * @param out     receives the transport; untouched on failure
 * @param stream  must outlive the transport
 * @param config  the config that the stream was made of; its domain and kind of TLS are copied. With
 *   ENVOI_TLS_DIRECT the service is `_xmpps-client` and the default port 5223 (XEP-0368), else `_xmpp-client`
 * and 5222. With ENVOI_TLS_LOCAL only loopback addresses are ever connected to.
 * @return 0, ENVOI_ERR_TLS_REQUIRED (the config says ENVOI_TLS_EXTERNAL, and plain TCP is not that),
 *   ENVOI_ERR_UNSUPPORTED (built without c-ares), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_net_new(envoi_net **out, envoi_stream *stream, const envoi_config *config);

/** Send what output can be sent at once, close all descriptors and free; NULL is allowed. The stream is not
 * told. */
ENVOI_API void envoi_net_free(envoi_net *net);

/**
 * Connect to this host instead of asking for SRV records (RFC 6120 3.2.3). The certificate must still be that
 * of the account's domain.
 * @param host  name or address, copied; IPv6 with or without brackets. If port is 0 it may stand here, behind a
 *   colon: "xmpp.example.com:5222", "[2001:db8::1]:5222". NULL: SRV records again, the default
 * @param port  0: the one in host, else the default port
 * @return 0, ENVOI_ERR_STATE (started), ENVOI_ERR_ARGUMENT (no host, one of more than 255 bytes, or a port
 * that is not a number up to 65,535), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_net_set_host(envoi_net *net, const char *host, uint32_t port);

/**
 * Ask these name servers instead of the system's.
 * @param servers  addresses with optional port, separated by commas, such as "192.0.2.1,[2001:db8::1]:53";
 * copied
 * @return 0, ENVOI_ERR_STATE (started), ENVOI_ERR_ARGUMENT (not such a list), ENVOI_ERR_DNS (the resolver
 * cannot be set up), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_net_set_nameserver(envoi_net *net, const char *servers);

/** Set the time for lookups and connecting together, 30 s by default.
 *  @param ms milliseconds, 1 to 3,600,000 @return 0, ENVOI_ERR_STATE (started), ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_net_set_connect_timeout(envoi_net *net, uint32_t ms);

/**
 * Begin. The work itself is done by envoi_net_process() and envoi_net_wait(); what fails shows as the
 * stream's CLOSED, with a text that names what was tried: ENVOI_ERR_HOST_NOT_FOUND, ENVOI_ERR_DNS,
 * ENVOI_ERR_SERVICE_NOT_OFFERED, ENVOI_ERR_REFUSED, ENVOI_ERR_UNREACHABLE, ENVOI_ERR_TIMEOUT_CONNECT,
 * ENVOI_ERR_TRANSPORT, ENVOI_ERR_TLS_REQUIRED (ENVOI_TLS_LOCAL, and no address is a loopback address),
 * ENVOI_ERR_NOMEM.
 * @return 0, the first error of a setter (so they need no check of their own), ENVOI_ERR_STATE (started before),
 *   ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_net_start(envoi_net *net);

/**
 * Do all that can be done now without blocking: tell the stream the time, look up, connect, send its output,
 * give it what was received. May be called at any time and any number of times. Once the stream is closed it
 * sends what is left and closes the connection.
 * @param now_ms  the time, on the clock that the stream was made with
 * @return 1 if something was done that may have brought events, so take them; 0 if not; ENVOI_ERR_STATE (not
 *   started), ENVOI_ERR_ARGUMENT. A failure of the network is no error here, but the stream's CLOSED.
 */
ENVOI_API int envoi_net_process(envoi_net *net, uint64_t now_ms);

/** How many descriptors there are to wait for now. @return 0 for none, and for NULL */
ENVOI_API size_t envoi_net_fd_count(envoi_net *net);

/**
 * One of the descriptors. They belong to the transport: wait for them, and do nothing else.
 * @param index   from 0
 * @param fd      receives the descriptor
 * @param wanted  receives a sum of ENVOI_NET_READ and ENVOI_NET_WRITE
 * @return 0, ENVOI_ERR_NOT_FOUND (no such index), ENVOI_ERR_ARGUMENT; nothing is set then
 */
ENVOI_API int envoi_net_fd(envoi_net *net, size_t index, int *fd, int *wanted);

/** When to call envoi_net_process() even if no descriptor is ready; the stream's own deadline is in it.
 *  @return milliseconds on the stream's clock; UINT64_MAX: never */
ENVOI_API uint64_t envoi_net_deadline(envoi_net *net);

/**
 * The ready-made loop step: envoi_net_process(), and if that did nothing, wait and try again, until something
 * was done, the time is over, or a signal came. The stream must have been made with the time of
 * envoi_net_now_ms(). All events must have been taken before: an event that waits inside the stream ends no
 * waiting.
 * @param timeout_ms  how long to wait at most; 0: not at all; negative: until something happens
 * @return 1 if something was done, so take events; 0 if not, and always at once when the stream is closed;
 *   ENVOI_ERR_STATE (not started), ENVOI_ERR_ARGUMENT, ENVOI_ERR_TRANSPORT (waiting itself failed)
 */
ENVOI_API int envoi_net_wait(envoi_net *net, int timeout_ms);

/** The time for streams that are used with envoi_net_wait(). @return milliseconds of CLOCK_MONOTONIC */
ENVOI_API uint64_t envoi_net_now_ms(void);

/** The address connected to, such as "192.0.2.1 port 5222", for logs.
 *  @return a view that lives as long as the transport; NULL before there is a connection */
ENVOI_API const char *envoi_net_peer(const envoi_net *net);

ENVOI_END_DECLS

#endif
