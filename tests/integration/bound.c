/* SPDX-License-Identifier: MIT */
/* bound JID PASSWORD HOST PORT CA-FILE BINDING
 *
 * Logs in over a TLS connection of its own, and gives the stream the data of one type of channel binding, so that no
 * other can be used. Writes `secured`, `authenticated`, `ready` and `closed` as client.c does, or why it did not come
 * so far. */
#include <envoi/net.h>
#include <envoi/transport.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JID = 1, PASSWORD, HOST, PORT, CA, BINDING, ARGUMENTS };

static const struct {
    const char *name;
    gnutls_channel_binding_t type;
} bindings[] = {
    {"tls-unique", GNUTLS_CB_TLS_UNIQUE},
    {"tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT},
    {"tls-exporter", GNUTLS_CB_TLS_EXPORTER},
};

static void check(const char *what, int fails, const char *why)
{
    if (!fails)
        return;
    printf("failed %s %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void check_tls(const char *what, int result)
{
    check(what, result < 0, result < 0 ? gnutls_strerror_name(result) : "");
}

static void check_envoi(const char *what, int error)
{
    check(what, error != 0, envoi_error_name(error));
}

static int connect_to(const char *host, const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    check("host", inet_pton(AF_INET, host, &address.sin_addr) != 1, host);
    check("connect", connect(fd, (const struct sockaddr *)&address, sizeof address) != 0, port);
    return fd;
}

static gnutls_session_t secure(int fd, const char *domain, const char *ca)
{
    gnutls_session_t session;
    gnutls_certificate_credentials_t trust;
    check_tls("trust", gnutls_certificate_allocate_credentials(&trust));
    check_tls("ca", gnutls_certificate_set_x509_trust_file(trust, ca, GNUTLS_X509_FMT_PEM));
    check_tls("session", gnutls_init(&session, GNUTLS_CLIENT));
    check_tls("priority", gnutls_set_default_priority(session));
    check_tls("trust", gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust));
    check_tls("name", gnutls_server_name_set(session, GNUTLS_NAME_DNS, domain, strlen(domain)));
    gnutls_session_set_verify_cert(session, domain, 0);
    gnutls_transport_set_int(session, fd);
    int result;
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    check_tls("handshake", result);
    printf("secured %s %s\n", gnutls_protocol_get_name(gnutls_protocol_get_version(session)),
           gnutls_cipher_get_name(gnutls_cipher_get(session)));
    return session;
}

static void bind_to(envoi_config *config, gnutls_session_t session, const char *name)
{
    gnutls_datum_t data = {0};
    int result = GNUTLS_E_INVALID_REQUEST;
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++)
        if (strcmp(bindings[i].name, name) == 0)
            result = gnutls_session_channel_binding(session, bindings[i].type, &data);
    check_tls("binding", result);
    check_envoi("data", envoi_config_set_channel_binding_data(config, name, data.data, data.size));
    check_envoi("required", envoi_config_set_channel_binding(config, ENVOI_CHANNEL_BINDING_REQUIRED));
    gnutls_free(data.data);
}

static int as_error(ssize_t result)
{
    return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED ? ENVOI_ERR_AGAIN : ENVOI_ERR_TRANSPORT;
}

static int read_some(void *user, void *buf, size_t len)
{
    ssize_t n = gnutls_record_recv(user, buf, len);
    return n >= 0 ? (int)n : as_error(n);
}

static int write_some(void *user, const void *data, size_t len)
{
    ssize_t n = gnutls_record_send(user, data, len);
    return n >= 0 ? (int)n : as_error(n);
}

/* One line for each event. Once logged in there is nothing more to do. @return 0 after CLOSED */
static int print_event(envoi_stream *stream, const envoi_event *event)
{
    const char *binding = envoi_event_channel_binding(event), *text = envoi_event_text(event);
    switch (envoi_event_type(event)) {
    case ENVOI_EVENT_AUTHENTICATED:
        printf("authenticated %s %s\n", envoi_event_mechanism(event), binding ? binding : "none");
        break;
    case ENVOI_EVENT_READY:
        printf("ready %s\n", envoi_event_jid(event));
        envoi_stream_close(stream);
        break;
    case ENVOI_EVENT_PASSWORD:
        envoi_stream_set_password(stream, NULL);
        break;
    case ENVOI_EVENT_CLOSED:
        printf("closed %s | %s\n", envoi_event_error(event) ? envoi_error_name(envoi_event_error(event)) : "ENVOI_OK",
               text ? text : "none");
        return 0;
    default:
        break;
    }
    return 1;
}

static void run(envoi_stream *stream, envoi_transport *transport, int fd)
{
    for (;;) {
        const envoi_event *event;
        while ((event = envoi_stream_next_event(stream)))
            if (!print_event(stream, event)) {
                envoi_transport_flush(transport, stream);
                return;
            }
        envoi_transport_flush(transport, stream);
        int wanted = envoi_transport_wanted(transport, stream);
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (wanted & ENVOI_TRANSPORT_WRITE)
            ready.events |= POLLOUT;
        uint64_t now = envoi_net_now_ms(), deadline = envoi_stream_deadline(stream);
        poll(&ready, 1, deadline <= now ? 0 : deadline - now > 60000 ? 60000 : (int)(deadline - now));
        envoi_stream_tick(stream, envoi_net_now_ms());
        envoi_transport_fill(transport, stream);
    }
}

int main(int argc, char **argv)
{
    envoi_config *config;
    envoi_stream *stream;
    envoi_transport *transport;
    check("arguments", argc != ARGUMENTS, "six are wanted");
    setvbuf(stdout, NULL, _IOLBF, 0);
    check_envoi("jid", envoi_config_new(&config, argv[JID]));
    check_envoi("password", envoi_config_set_password(config, argv[PASSWORD]));
    check_envoi("external", envoi_config_set_tls(config, ENVOI_TLS_EXTERNAL));
    int fd = connect_to(argv[HOST], argv[PORT]);
    gnutls_session_t session = secure(fd, envoi_config_domain(config), argv[CA]);
    bind_to(config, session, argv[BINDING]);
    check("fcntl", fcntl(fd, F_SETFL, O_NONBLOCK) != 0, "O_NONBLOCK");
    check_envoi("stream", envoi_stream_new(&stream, config, envoi_net_now_ms()));
    check_envoi("transport", envoi_transport_new(&transport, read_some, write_some, NULL, session));
    run(stream, transport, fd);
    envoi_transport_free(transport);
    envoi_stream_free(stream);
    envoi_config_free(config);
    gnutls_certificate_credentials_t trust = NULL;
    gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, (void **)&trust);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(trust);
    close(fd);
    return EXIT_SUCCESS;
}
