/* SPDX-License-Identifier: MIT */
/* What stands under a program in place of a network: a transcript, which PLAYED_TRANSCRIPT names. */
#include <envoi/envoi.h>
#include <stdio.h>
#include <stdlib.h>

int played_config_new(envoi_config **out, const char *jid);
int played_net_new(envoi_net **out, envoi_stream *stream, const envoi_config *config);
int played_net_start(envoi_net *net);
int played_net_wait(envoi_net *net, int timeout_ms);
uint64_t played_net_now_ms(void);

static envoi_replay *replay;
static envoi_stream *played;

int played_config_new(envoi_config **out, const char *jid)
{
    int error = envoi_config_new(out, jid);
    return error ? error : envoi_config_set_tls(*out, ENVOI_TLS_LOCAL);
}

int played_net_new(envoi_net **out, envoi_stream *stream, const envoi_config *config)
{
    static char text[65536];
    const char *path = getenv("PLAYED_TRANSCRIPT");
    FILE *file = path ? fopen(path, "rb") : NULL;
    (void)out;
    (void)config;
    if (!file)
        return ENVOI_ERR_ARGUMENT;
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    played = stream;
    return envoi_replay_new(&replay, text, len);
}

int played_net_start(envoi_net *net)
{
    (void)net;
    return 0;
}

int played_net_wait(envoi_net *net, int timeout_ms)
{
    (void)net;
    (void)timeout_ms;
    int result = envoi_replay_step(replay, played);
    if (result > 0)
        return result;
    const char *fault = envoi_replay_fault(replay);
    fprintf(stderr, "%s\n", fault ? fault : "the transcript is over, and the stream is not");
    exit(2);
}

uint64_t played_net_now_ms(void)
{
    return 0;
}
