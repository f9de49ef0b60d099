/* SPDX-License-Identifier: MIT */
#include <envoi/envoi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) /* a bot that answers each chat message with the same text */
{
    const char *usage = "check XMPP_JID, XMPP_PASSWORD and, if set, XMPP_HOST (host:port), XMPP_CA (PEM file)", *text;
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    envoi_net *net = NULL;
    const envoi_event *event = NULL;
    if (argc > 1)
        return puts(usage) < 0 || strcmp(argv[1], "--help") ? 2 : 0;
    int err = envoi_config_new(&config, getenv("XMPP_JID"));
    envoi_config_set_password(config, getenv("XMPP_PASSWORD"));
    envoi_config_set_trust_file(config, getenv("XMPP_CA"));
    err = err ? err : envoi_stream_new(&stream, config, envoi_net_now_ms());
    err = err ? err : envoi_net_new(&net, stream, config);
    envoi_net_set_host(net, getenv("XMPP_HOST"), 0);
    err = err ? err : envoi_net_start(net);
    while (!err && envoi_event_type(event = envoi_stream_next_event(stream)) != ENVOI_EVENT_CLOSED) {
        const envoi_element *in = envoi_event_stanza(event);
        envoi_stanza *out = NULL;
        if (!event)
            envoi_net_wait(net, -1);
        else if (envoi_event_type(event) == ENVOI_EVENT_READY)
            envoi_presence_new(&out, NULL, NULL);
        else if ((text = envoi_message_body(in, NULL)) && !strcmp(envoi_stanza_type(in), "chat") &&
                 !envoi_message_new(&out, envoi_element_attr(in, "from"), "chat"))
            envoi_message_add_body(out, text, NULL);
        envoi_stream_send(stream, out);
        envoi_stanza_free(out);
    }
    text = envoi_event_text(event);
    fprintf(stderr, "%s (%s); %s\n", envoi_strerror(err |= envoi_event_error(event)), text ? text : "-", usage);
    envoi_net_free(net), envoi_stream_free(stream), envoi_config_free(config);
    return err ? 1 : 0;
}
