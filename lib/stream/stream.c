/* SPDX-License-Identifier: MIT */
/* The public verbs of a stream. */
#include "stream/stream.h"

#include "base/mem.h"
#include "base/text.h"
#include "data/stanza_check.h"
#include <string.h>

static void free_stream(struct envoi_stream *stream)
{
    if (stream->tap)
        stream->tap->freed(stream->tap_user);
    envoi__auth_forget(stream);
    envoi__requests_free(&stream->requests);
    envoi__stream_free_reason(stream);
    envoi_jid_free(stream->bound);
    envoi__free(stream->id);
    envoi__tls_free(stream->tls);
    envoi__reader_free(stream->reader);
    envoi__tree_free(&stream->tree);
    envoi__buf_wipe_free(&stream->wire_in);
    envoi__buf_wipe_free(&stream->wire_out);
    envoi__buf_wipe_free(&stream->plain_in);
    envoi__buf_wipe_free(&stream->plain_out);
    envoi__options_unref(stream->options);
    envoi__free(stream);
}

static int init_reader(struct envoi_stream *stream)
{
    struct envoi__xml_limits limits = ENVOI__XML_LIMITS_DEFAULT;
    limits.stanza_bytes = (size_t)stream->options->limits[ENVOI_LIMIT_STANZA_BYTES];
    limits.depth = (size_t)stream->options->limits[ENVOI_LIMIT_DEPTH];
    limits.attributes = (size_t)stream->options->limits[ENVOI_LIMIT_ATTRIBUTES];
    return envoi__reader_new(&stream->reader, &limits);
}

static void init_stream(struct envoi_stream *stream, const envoi_config *config, uint64_t now_ms)
{
    stream->options = envoi__options_ref(config);
    stream->now = now_ms;
    uint64_t login = stream->options->timeouts[ENVOI_TIMEOUT_LOGIN];
    stream->login_deadline = login ? now_ms + login : UINT64_MAX;
    stream->state_deadline = stream->stanza_deadline = UINT64_MAX;
    stream->silence_deadline = stream->space_deadline = UINT64_MAX;
    stream->secured = stream->options->tls == ENVOI_TLS_EXTERNAL;
    envoi__buf_init(&stream->wire_in, 0);
    envoi__buf_init(&stream->wire_out, 0);
    envoi__buf_init(&stream->plain_in, 0);
    envoi__buf_init(&stream->plain_out, 0);
    stream->wire_out.secret = stream->plain_out.secret = 1; /* a login will stand there */
    envoi__tree_init(&stream->tree);
    envoi__requests_init(&stream->requests);
}

int envoi_stream_new(envoi_stream **out, const envoi_config *config, uint64_t now_ms)
{
    if (!out || !config)
        return ENVOI_ERR_ARGUMENT;
    if (envoi_config_error(config))
        return envoi_config_error(config);
    struct envoi_stream *stream = envoi__alloc_zero(sizeof *stream);
    if (!stream)
        return ENVOI_ERR_NOMEM;
    init_stream(stream, config, now_ms);
    int error = init_reader(stream);
    if (!error) {
        int direct = stream->options->tls == ENVOI_TLS_DIRECT;
        stream->state = direct ? envoi__handshake_begin(stream) : envoi__stream_open(stream);
        if (stream->state == ENVOI__HANDSHAKE)
            stream->state = envoi__handshake_step(stream); /* the ClientHello */
        error = stream->state == ENVOI__CLOSED ? stream->reason : 0;
    }
    if (error) {
        free_stream(stream);
        return error;
    }
    *out = stream;
    return 0;
}

void envoi_stream_free(envoi_stream *stream)
{
    if (stream)
        free_stream(stream);
}

static int takes_input(const struct envoi_stream *stream)
{
    return stream->state != ENVOI__CLOSED && !stream->eof && !stream->transport_error;
}

/* A byte went either way, so there is a connection; making it may have taken long, and nobody told the time. */
static void see_transport(struct envoi_stream *stream)
{
    if (stream->transport_seen)
        return;
    stream->transport_seen = 1;
    envoi__stream_arm(stream);
}

int envoi_stream_receive(envoi_stream *stream, const void *data, size_t len)
{
    if (!stream || (!data && len))
        return ENVOI_ERR_ARGUMENT;
    if (!takes_input(stream))
        return ENVOI_ERR_STATE;
    if (len > stream->options->limits[ENVOI_LIMIT_INPUT_BYTES])
        return ENVOI_ERR_TOO_LARGE;
    if (len > envoi__stream_capacity(stream))
        return ENVOI_ERR_FULL;
    int error = envoi__buf_add(&stream->wire_in, data, len);
    if (!error && len) {
        envoi__life_heard(stream);
        see_transport(stream);
    }
    return error;
}

size_t envoi_stream_receive_capacity(const envoi_stream *stream)
{
    return stream && takes_input(stream) ? envoi__stream_capacity(stream) : 0;
}

int envoi_stream_receive_eof(envoi_stream *stream)
{
    if (!stream)
        return ENVOI_ERR_ARGUMENT;
    if (!takes_input(stream))
        return ENVOI_ERR_STATE;
    stream->eof = 1;
    return 0;
}

int envoi_stream_transport_failed(envoi_stream *stream, int error, const char *text)
{
    if (!stream || error >= 0)
        return ENVOI_ERR_ARGUMENT;
    if (stream->state == ENVOI__CLOSED || stream->transport_error)
        return ENVOI_ERR_STATE;
    stream->transport_error = error;
    stream->transport_text = envoi__strdup(text); /* without memory the code alone must tell */
    return 0;
}

const void *envoi_stream_output(envoi_stream *stream, size_t *len)
{
    if (!len)
        return NULL;
    *len = 0;
    if (!stream)
        return NULL;
    envoi__stream_flush(stream);
    *len = stream->shown = stream->wire_out.len;
    return envoi__buf_bytes(&stream->wire_out);
}

int envoi_stream_sent(envoi_stream *stream, size_t len)
{
    if (!stream || len > stream->shown)
        return ENVOI_ERR_ARGUMENT;
    stream->shown -= len;
    envoi__buf_take(&stream->wire_out, len);
    envoi__buf_trim(&stream->wire_out);
    if (len) {
        envoi__life_spoke(stream);
        see_transport(stream);
    }
    return 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t envoi_stream_deadline(const envoi_stream *stream)
{
    if (!stream || stream->state == ENVOI__CLOSED)
        return UINT64_MAX;
    if (stream->time_is_old || stream->state_is_new ||
        (stream->stanza_is_new && stream->stanza_deadline != UINT64_MAX))
        return stream->now;
    uint64_t deadline = earlier(stream->state_deadline, stream->stanza_deadline);
    if (!stream->was_ready && stream->state != ENVOI__PASSWORD && stream->state != ENVOI__CLOSING)
        deadline = earlier(deadline, stream->login_deadline);
    deadline = earlier(deadline, envoi__life_deadline(stream));
    return earlier(deadline, stream->requests.deadline);
}

static void postpone(uint64_t *deadline, uint64_t ms)
{
    if (*deadline != UINT64_MAX)
        *deadline += ms;
}

/* A program may call after a long idle time, before it has told the time again. What such a call began must not count
 * as begun when the time was last told. */
int envoi_stream_tick(envoi_stream *stream, uint64_t now_ms)
{
    if (!stream)
        return ENVOI_ERR_ARGUMENT;
    uint64_t passed = now_ms > stream->now ? now_ms - stream->now : 0;
    if (stream->time_is_old || stream->state_is_new)
        postpone(&stream->state_deadline, passed);
    if (stream->stanza_is_new)
        postpone(&stream->stanza_deadline, passed);
    if (stream->time_is_old) {
        postpone(&stream->login_deadline, passed);
        envoi__requests_postpone(&stream->requests, passed);
    }
    stream->time_is_old = stream->state_is_new = stream->stanza_is_new = 0;
    stream->now += passed;
    if (stream->tap && passed)
        stream->tap->passed(stream->tap_user, passed);
    envoi__life_tick(stream);
    return 0;
}

static int told(struct envoi_stream *stream, const struct envoi__call *call)
{
    if (stream && stream->tap)
        stream->tap->called(stream->tap_user, call);
    return call->result;
}

static int may_send(const struct envoi_stream *stream, const envoi_stanza *stanza)
{
    if (!stream || !stanza)
        return ENVOI_ERR_ARGUMENT;
    if (envoi_stanza_error(stanza))
        return envoi_stanza_error(stanza);
    int error = envoi__stanza_check(envoi_stanza_root(stanza));
    if (error)
        return error;
    return stream->state == ENVOI__READY ? 0 : ENVOI_ERR_STATE;
}

/* WRITABLE comes when half of the bytes that may wait are gone; where fewer wait already, when half of those are:
 * a program that sends again at once must not be told so for ever. */
static int refuse_full(struct envoi_stream *stream)
{
    size_t half = (size_t)stream->options->limits[ENVOI_LIMIT_OUTPUT_BYTES] / 2,
           waiting = envoi__stream_waiting(stream);
    stream->full = 1;
    stream->writable_at = waiting > half ? half : waiting / 2;
    return ENVOI_ERR_FULL;
}

/* The program's own stanzas stay inside the limit; the stream's short answers may pass it, for it reads on
 * only when there is room. */
static int send_bounded(struct envoi_stream *stream, const envoi_element *element, const char *id)
{
    struct envoi__buf *out = envoi__stream_out(stream);
    size_t limit = (size_t)stream->options->limits[ENVOI_LIMIT_OUTPUT_BYTES];
    size_t elsewhere = envoi__stream_waiting(stream) - out->len;
    if (elsewhere >= limit)
        return refuse_full(stream);
    out->limit = limit - elsewhere;
    int error = envoi__stream_write_element(stream, element, id);
    out->limit = 0;
    if (error != ENVOI_ERR_FULL)
        return error;
    return envoi__stream_waiting(stream) ? refuse_full(stream) : ENVOI_ERR_TOO_LARGE;
}

/* That it has one payload was checked. */
static int is_request(const envoi_element *iq)
{
    const char *type = envoi_element_attr(iq, "type");
    return envoi_element_is(iq, "iq", NULL) && (envoi__eq(type, "get") || envoi__eq(type, "set"));
}

static int send_stanza(envoi_stream *stream, const envoi_stanza *stanza)
{
    char id[ENVOI__REQUEST_ID_SIZE];
    int error = may_send(stream, stanza);
    if (error)
        return error;
    const envoi_element *root = envoi_stanza_root(stanza);
    int needs_id = envoi_element_is(root, "iq", NULL) && !envoi_element_attr(root, "id");
    if (needs_id) /* an answer without the id of its request answers nobody */
        error = is_request(root) ? envoi__requests_make_id(id, 0) : ENVOI_ERR_STANZA;
    return error ? error : send_bounded(stream, root, needs_id ? id : NULL);
}

int envoi_stream_send(envoi_stream *stream, const envoi_stanza *stanza)
{
    int result = send_stanza(stream, stanza);
    return told(stream, &(struct envoi__call){ENVOI__CALL_SEND, stanza, 0, result});
}

static int send_request(envoi_stream *stream, const envoi_stanza *iq, uint32_t timeout_ms, uint64_t *token_out)
{
    struct envoi__request *request;
    int error = may_send(stream, iq);
    if (error)
        return error;
    const envoi_element *root = envoi_stanza_root(iq);
    if (!is_request(root))
        return ENVOI_ERR_STANZA;
    error = envoi__requests_prepare(&stream->requests, (size_t)stream->options->limits[ENVOI_LIMIT_REQUESTS],
                                    envoi_element_attr(root, "to"), &request);
    stream->requests_full |= error == ENVOI_ERR_FULL;
    if (!error)
        error = send_bounded(stream, root, request->id);
    if (error)
        return error;
    uint64_t timeout = timeout_ms ? timeout_ms : stream->options->timeouts[ENVOI_TIMEOUT_REQUEST];
    envoi__requests_start(&stream->requests, request, stream->now + timeout);
    stream->time_is_old = 1;
    if (token_out)
        *token_out = request->token;
    return 0;
}

int envoi_stream_send_iq(envoi_stream *stream, const envoi_stanza *iq, uint32_t timeout_ms, uint64_t *token_out)
{
    int result = send_request(stream, iq, timeout_ms, token_out);
    return told(stream, &(struct envoi__call){ENVOI__CALL_SEND_IQ, iq, timeout_ms, result});
}

int envoi_stream_cancel_iq(envoi_stream *stream, uint64_t token)
{
    int result = stream ? envoi__requests_cancel(&stream->requests, token, ENVOI_ERR_CANCELLED) : ENVOI_ERR_ARGUMENT;
    return told(stream, &(struct envoi__call){ENVOI__CALL_CANCEL, NULL, token, result});
}

static int take_password(envoi_stream *stream, const char *password)
{
    if (!stream)
        return ENVOI_ERR_ARGUMENT;
    if (stream->state != ENVOI__PASSWORD)
        return ENVOI_ERR_STATE;
    if (!password) {
        envoi__stream_enter(
            stream, envoi__stream_fail(stream, ENVOI_ERR_CANCELLED, "policy-violation", "no password was given"));
        return 0;
    }
    if (!envoi__utf8_valid(password, strlen(password)))
        return ENVOI_ERR_UTF8;
    char *copy = envoi__strdup(password);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    envoi__free_secret(stream->password);
    stream->password = copy;
    envoi__stream_enter(stream, envoi__auth_answered(stream));
    stream->time_is_old = 1;
    return 0;
}

int envoi_stream_set_password(envoi_stream *stream, const char *password)
{
    int result = take_password(stream, password);
    return told(stream, &(struct envoi__call){ENVOI__CALL_PASSWORD, NULL, password != NULL, result});
}

int envoi_stream_close(envoi_stream *stream)
{
    int error = stream ? envoi__stream_begin_close(stream) : ENVOI_ERR_ARGUMENT;
    if (!error)
        stream->time_is_old = 1;
    return told(stream, &(struct envoi__call){ENVOI__CALL_CLOSE, NULL, 0, error});
}

const char *envoi_stream_jid(const envoi_stream *stream)
{
    if (!stream)
        return NULL;
    return stream->was_ready ? envoi_jid_full(stream->bound) : envoi_jid_bare(stream->options->jid);
}

const char *envoi_stream_id(const envoi_stream *stream)
{
    return stream ? stream->id : NULL;
}

const char *envoi_stream_state(const envoi_stream *stream)
{
    return stream ? envoi__state_name(stream->state) : NULL;
}

int envoi_stream_is_closed(const envoi_stream *stream)
{
    return !stream || stream->state == ENVOI__CLOSED;
}
