/* SPDX-License-Identifier: MIT */
/* net.h in a library that was built without c-ares: the symbols are there, so that programs and bindings
 * load, and making a transport says what is the matter. As none can be made, the others only ever see NULL.
 */
#include <envoi/net.h>

int envoi_net_new(envoi_net **out, envoi_stream *stream, const envoi_config *config)
{
    return out && stream && config ? ENVOI_ERR_UNSUPPORTED : ENVOI_ERR_ARGUMENT;
}

void envoi_net_free(envoi_net *net)
{
    (void)net;
}

int envoi_net_set_host(envoi_net *net, const char *host, uint32_t port)
{
    (void)net, (void)host, (void)port;
    return ENVOI_ERR_ARGUMENT;
}

int envoi_net_set_nameserver(envoi_net *net, const char *servers)
{
    (void)net, (void)servers;
    return ENVOI_ERR_ARGUMENT;
}

int envoi_net_set_connect_timeout(envoi_net *net, uint32_t ms)
{
    (void)net, (void)ms;
    return ENVOI_ERR_ARGUMENT;
}

int envoi_net_start(envoi_net *net)
{
    (void)net;
    return ENVOI_ERR_ARGUMENT;
}

int envoi_net_process(envoi_net *net, uint64_t now_ms)
{
    (void)net, (void)now_ms;
    return ENVOI_ERR_ARGUMENT;
}

size_t envoi_net_fd_count(envoi_net *net)
{
    (void)net;
    return 0;
}

int envoi_net_fd(envoi_net *net, size_t index, int *fd, int *wanted)
{
    (void)net, (void)index, (void)fd, (void)wanted;
    return ENVOI_ERR_ARGUMENT;
}

uint64_t envoi_net_deadline(envoi_net *net)
{
    (void)net;
    return UINT64_MAX;
}

int envoi_net_wait(envoi_net *net, int timeout_ms)
{
    (void)net, (void)timeout_ms;
    return ENVOI_ERR_ARGUMENT;
}

const char *envoi_net_peer(const envoi_net *net)
{
    (void)net;
    return NULL;
}
