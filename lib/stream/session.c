/* SPDX-License-Identifier: MIT */
/* Stanzas of a stream that is ready (RFC 6120 8). */
#include "stream/stream.h"

#include "base/text.h"
#include "data/common.h"

#define NS_ROSTER "jabber:iq:roster"

static enum envoi__state deliver(struct envoi_stream *stream, int type)
{
    envoi__stream_event(stream, type);
    stream->event.stanza = stream->tree.root;
    return stream->state;
}

/* To nothing that the program asked: to our own ping, or to nothing at all. */
static enum envoi__state on_other_reply(struct envoi_stream *stream, const envoi_element *iq)
{
    int fits = envoi__life_is_answer(stream, iq);
    if (fits < 0)
        return envoi__stream_fail(stream, fits, "resource-constraint", NULL);
    if (!fits)
        return deliver(stream, ENVOI_EVENT_UNMATCHED_REPLY);
    stream->own_id[0] = '\0'; /* once; as a sign of life it has counted already */
    return stream->state;
}

static enum envoi__state on_reply(struct envoi_stream *stream, const envoi_element *iq, int is_error)
{
    struct envoi__request *request;
    int error = envoi__requests_match(&stream->requests, iq, stream->bound, &request);
    if (error)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    if (!request)
        return on_other_reply(stream, iq);
    stream->event.token = request->token;
    if (is_error) {
        stream->event.error = ENVOI_ERR_STANZA_ERROR;
        stream->event.condition = envoi_stanza_error_condition(iq);
        const envoi_element *text = envoi__error_text_element(iq, stream->options->lang);
        stream->event.text = envoi_element_text(text);
        stream->event.text_lang = envoi_element_lang(text);
    }
    envoi__requests_finish(&stream->requests, request);
    return deliver(stream, ENVOI_EVENT_REPLY);
}

static enum envoi__state send_answer(struct envoi_stream *stream, envoi_stanza *reply)
{
    int error = envoi__stream_write_element(stream, envoi_stanza_root(reply), NULL);
    envoi_stanza_free(reply);
    return error ? envoi__stream_fail(stream, error, "resource-constraint", NULL) : stream->state;
}

/* After our end tag nothing more may be sent, so an answer is due no longer. */
static enum envoi__state answer_error(struct envoi_stream *stream, const envoi_element *iq, const char *type,
                                      const char *condition)
{
    envoi_stanza *reply;
    if (stream->state != ENVOI__READY)
        return stream->state;
    int error = envoi_stanza_new_error_reply(&reply, iq, type, condition, NULL, NULL);
    if (error)
        return error == ENVOI_ERR_NOMEM ? envoi__stream_fail(stream, error, "resource-constraint", NULL)
                                        : stream->state;
    return send_answer(stream, reply);
}

/* XEP-0199: a ping of our own server is answered. What others want to know is the program's affair. */
static enum envoi__state answer_ping(struct envoi_stream *stream, const envoi_element *iq)
{
    envoi_stanza *reply;
    if (stream->state != ENVOI__READY)
        return stream->state;
    int error = envoi_stanza_new_result(&reply, iq);
    return error ? envoi__stream_fail(stream, error, "resource-constraint", NULL) : send_answer(stream, reply);
}

static int is_accepted(const struct envoi_stream *stream, const envoi_element *payload)
{
    const struct envoi__options *options = stream->options;
    for (size_t i = 0; i < options->iq_namespace_count; i++)
        if (envoi__eq(envoi_element_namespace(payload), options->iq_namespaces[i]))
            return 1;
    return 0;
}

/* RFC 6121 2.1.6: a roster is changed by the account that it belongs to, and by nobody else. 1, 0, or
 * ENVOI_ERR_NOMEM. */
static int is_of_account(const struct envoi_stream *stream, const envoi_element *iq)
{
    envoi_jid *sender = NULL;
    const char *from = envoi_element_attr(iq, "from");
    if (!from || envoi__eq(from, envoi_jid_bare(stream->bound)))
        return 1;
    int error = envoi_jid_parse(&sender, from);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : 0;
    int is_own = !envoi_jid_resourcepart(sender) && envoi_jid_equal_bare(sender, stream->bound);
    envoi_jid_free(sender);
    return is_own;
}

/* RFC 6120 8.2.3: a request has an id and exactly one payload, and is always answered. */
static enum envoi__state on_request(struct envoi_stream *stream, const envoi_element *iq)
{
    const envoi_element *payload = envoi_element_first_child(iq);
    if (!envoi_element_attr(iq, "id") || !payload || envoi_element_next_sibling(payload))
        return answer_error(stream, iq, "modify", "bad-request");
    int accepted = is_accepted(stream, payload);
    if (accepted && envoi__eq(envoi_element_namespace(payload), NS_ROSTER))
        accepted = is_of_account(stream, iq);
    if (accepted < 0)
        return envoi__stream_fail(stream, accepted, "resource-constraint", NULL);
    if (accepted)
        return deliver(stream, ENVOI_EVENT_STANZA);
    int ping = envoi__life_is_asked(stream, iq);
    if (ping < 0)
        return envoi__stream_fail(stream, ping, "resource-constraint", NULL);
    return ping ? answer_ping(stream, iq) : answer_error(stream, iq, "cancel", "service-unavailable");
}

static enum envoi__state on_iq(struct envoi_stream *stream, const envoi_element *iq)
{
    const char *type = envoi_element_attr(iq, "type");
    if (envoi__eq(type, "result") || envoi__eq(type, "error"))
        return on_reply(stream, iq, envoi__eq(type, "error"));
    if (envoi__eq(type, "get") || envoi__eq(type, "set"))
        return on_request(stream, iq);
    return answer_error(stream, iq, "modify", "bad-request");
}

enum envoi__state envoi__session_on(struct envoi_stream *stream, enum envoi__input input)
{
    const envoi_element *stanza = stream->tree.root;
    if (input == ENVOI__IN_FOREIGN) /* 4.8.4: of an extension that was not negotiated */
        return stream->state;
    if (envoi_element_is(stanza, "iq", ENVOI_NS_CLIENT))
        return on_iq(stream, stanza);
    return deliver(stream, ENVOI_EVENT_STANZA);
}

/* ---- addresses that are left out ---- */

const char *envoi_stream_sender(const envoi_stream *stream, const envoi_element *stanza)
{
    if (!stream || !stanza || !stream->bound)
        return NULL;
    const char *from = envoi_element_attr(stanza, "from");
    return from ? from : envoi_jid_bare(stream->bound);
}

const char *envoi_stream_recipient(const envoi_stream *stream, const envoi_element *stanza)
{
    if (!stream || !stanza || !stream->bound)
        return NULL;
    const char *to = envoi_element_attr(stanza, "to");
    return to ? to : envoi_jid_full(stream->bound);
}
