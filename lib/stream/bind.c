/* SPDX-License-Identifier: MIT */
/* Resource binding (RFC 6120 7). */
#include "stream/stream.h"

#include "base/text.h"
#include "data/common.h"
#include <string.h>

static int add_request(envoi_element *iq, const struct envoi_stream *stream)
{
    envoi_element *bind = envoi_element_add_child(iq, "bind", ENVOI__NS_BIND);
    if (stream->options->resource && !stream->wish_refused)
        envoi_element_add_text_child(bind, "resource", NULL, stream->options->resource);
    return envoi_element_set_attr(iq, "type", "set");
}

static int send_request(struct envoi_stream *stream)
{
    envoi_stanza *iq;
    int error = envoi_stanza_new(&iq, "iq", NULL);
    if (error)
        return error;
    error = add_request(envoi_stanza_element(iq), stream);
    if (!error)
        error = envoi_stanza_error(iq);
    if (!error)
        error = envoi__requests_make_id(stream->own_id, 0);
    if (!error)
        error = envoi__stream_write_element(stream, envoi_stanza_root(iq), stream->own_id);
    envoi_stanza_free(iq);
    return error;
}

enum envoi__state envoi__bind_begin(struct envoi_stream *stream, const envoi_element *feature)
{
    (void)feature;
    int error = send_request(stream);
    return error ? envoi__stream_fail(stream, error, "resource-constraint", NULL) : ENVOI__BINDING;
}

/* 1, 0, or ENVOI_ERR_NOMEM. */
static int is_answer(const struct envoi_stream *stream, const envoi_element *iq)
{
    const char *type = envoi_element_attr(iq, "type");
    if (!envoi_element_is(iq, "iq", ENVOI_NS_CLIENT) || !envoi__eq(envoi_element_attr(iq, "id"), stream->own_id) ||
        !(envoi__eq(type, "result") || envoi__eq(type, "error")))
        return 0;
    return envoi__requests_sender_fits(NULL, envoi_element_attr(iq, "from"), envoi__options_account(stream->options));
}

/* The resource is taken, or the server cannot make one of it (RFC 6120 7.7.2): one that the server makes itself may
 * do, and is asked for once (7.7.3). */
static int may_ask_without_wish(const struct envoi_stream *stream, const char *condition)
{
    return stream->options->resource && !stream->wish_refused &&
           (envoi__eq(condition, "conflict") || envoi__eq(condition, "bad-request"));
}

static enum envoi__state refused(struct envoi_stream *stream, const envoi_element *iq)
{
    const char *condition = envoi_stanza_error_condition(iq);
    if (may_ask_without_wish(stream, condition)) {
        envoi__log(&stream->options->log, ENVOI_LOG_INFO, "the wished resource was refused: %s", condition);
        stream->wish_refused = 1;
        return envoi__bind_begin(stream, NULL);
    }
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_told(stream, ENVOI_ERR_BIND, condition, envoi__error_text_element(iq, stream->options->lang),
                              envoi__eq(envoi_stanza_error_type(iq), "wait")); /* 7.6.2.1 */
}

static enum envoi__state ready(struct envoi_stream *stream)
{
    stream->was_ready = 1;
    stream->own_id[0] = '\0';
    envoi__life_heard(stream);
    envoi__life_spoke(stream);
    envoi__auth_forget(stream);
    envoi__stream_login_over(stream);
    envoi__log(&stream->options->log, ENVOI_LOG_INFO, "ready as %s", envoi_jid_full(stream->bound));
    envoi__stream_event(stream, ENVOI_EVENT_READY);
    stream->event.jid = envoi_jid_full(stream->bound);
    return ENVOI__READY;
}

enum envoi__state envoi__bind_on(struct envoi_stream *stream, enum envoi__input input)
{
    const envoi_element *iq = stream->tree.root;
    (void)input;
    int fits = is_answer(stream, iq);
    if (fits < 0)
        return envoi__stream_fail(stream, fits, "resource-constraint", NULL);
    if (!fits)
        return envoi__stream_fail(stream, ENVOI_ERR_UNEXPECTED, "not-authorized",
                                  "a stanza came before the resource was bound");
    if (envoi__eq(envoi_element_attr(iq, "type"), "error"))
        return refused(stream, iq);
    const char *jid = envoi_element_child_text(envoi_element_child(iq, "bind", ENVOI__NS_BIND), "jid");
    int error = jid ? envoi_jid_parse(&stream->bound, jid) : ENVOI_ERR_JID;
    if (error == ENVOI_ERR_NOMEM)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    if (error || !envoi_jid_resourcepart(stream->bound))
        return envoi__stream_fail(stream, ENVOI_ERR_BIND, "bad-format", "the server bound no full JID");
    return ready(stream);
}
