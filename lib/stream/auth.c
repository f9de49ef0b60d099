/* SPDX-License-Identifier: MIT */
/* SASL negotiation (RFC 6120 6): XML and base64 around the mechanisms of sasl/. */
#include "stream/stream.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/text.h"
#include <string.h>

enum { MOST_NAMES = 64, LONGEST_NAME = 64, MOST_BYTES = 64 << 10 };

/* One name of the offer; what no mechanism can be called is passed over. */
static int keep_name(struct envoi_stream *stream, const char *name, size_t *count)
{
    size_t len = name ? strlen(name) : 0;
    if (!len || len > LONGEST_NAME || *count == MOST_NAMES)
        return 0;
    char *copy = envoi__strdup(name);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    stream->offered[stream->offered_count + stream->binding_count] = copy;
    ++*count;
    return 0;
}

/* The offer is kept, for it outlives its element while a password is awaited. */
static int keep_offer(struct envoi_stream *stream, const envoi_element *mechanisms)
{
    const envoi_element *features = envoi_element_parent(mechanisms);
    const envoi_element *bindings = envoi_element_child(features, "sasl-channel-binding", ENVOI__NS_SASL_BINDINGS);
    int error = 0;
    envoi__auth_forget(stream);
    stream->offered = envoi__alloc(2 * MOST_NAMES * sizeof *stream->offered);
    if (!stream->offered)
        return ENVOI_ERR_NOMEM;
    for (const envoi_element *e = envoi_element_child(mechanisms, "mechanism", NULL); e && !error;
         e = envoi_element_next_same(e))
        error = keep_name(stream, envoi_element_text(e), &stream->offered_count);
    for (const envoi_element *e = envoi_element_child(bindings, "channel-binding", NULL); e && !error;
         e = envoi_element_next_same(e))
        error = keep_name(stream, envoi_element_attr(e, "type"), &stream->binding_count);
    return error;
}

enum envoi__state envoi__auth_ask(struct envoi_stream *stream)
{
    stream->asked_at = stream->now;
    envoi__stream_event(stream, ENVOI_EVENT_PASSWORD);
    return ENVOI__PASSWORD;
}

/* The binding data of a transport that does TLS itself. */
static int external_binding(void *user, const char *type, uint8_t *out, size_t *len)
{
    const struct envoi__options *options = user;
    if (!envoi__eq(type, options->binding_type) || *len < options->binding_len)
        return ENVOI_ERR_UNSUPPORTED;
    memcpy(out, options->binding, options->binding_len);
    *len = options->binding_len;
    return 0;
}

/* Send <NAME xmlns='...' ATTRIBUTE>base64</NAME>; no data at all is "=" (RFC 6120 6.4.2). */
static int send_response(struct envoi_stream *stream, const char *name, const char *mechanism,
                         struct envoi__buf *response)
{
    char *text = envoi__alloc(ENVOI__BASE64_SIZE(response->len) + 1);
    if (!text)
        return ENVOI_ERR_NOMEM;
    envoi__base64_encode(envoi__buf_bytes(response), response->len, text);
    const char *const element[] = {"<",
                                   name,
                                   " xmlns='" ENVOI__NS_SASL "'",
                                   mechanism ? " mechanism='" : "",
                                   mechanism ? mechanism : "",
                                   mechanism ? "'>" : ">",
                                   *text || !mechanism ? text : "=",
                                   "</",
                                   name,
                                   ">",
                                   NULL};
    int error = envoi__stream_write(stream, element);
    envoi__free_secret(text);
    envoi__log(&stream->options->log, ENVOI_LOG_DEBUG, "sent: <%s/>", name);
    return error;
}

/* Our side gives up: say so before the end (RFC 6120 6.4.4). */
static enum envoi__state give_up(struct envoi_stream *stream, int error, const char *text)
{
    static const char *const abort[] = {"<abort xmlns='" ENVOI__NS_SASL "'/>", NULL};
    envoi__stream_write(stream, abort);
    envoi__stream_goodbye(stream, NULL);
    return envoi__stream_end(stream, error, NULL, text, envoi__error_is_retryable(error));
}

int envoi__auth_is_external(const struct envoi_stream *stream)
{
    return stream->options->external_allowed || (stream->tls && envoi__tls_has_shown_identity(stream->tls));
}

static struct envoi__sasl_params login_params(struct envoi_stream *stream)
{
    const struct envoi__options *options = stream->options;
    int has_channel = options->tls == ENVOI_TLS_EXTERNAL;
    return (struct envoi__sasl_params){
        .authcid = envoi_jid_localpart(options->jid),
        .authzid = options->authzid ? envoi_jid_bare(options->authzid) : NULL,
        .authzid_is_own = options->authzid && envoi_jid_equal(options->authzid, options->jid),
        .password = stream->password ? stream->password : options->password,
        .offered = (const char *const *)stream->offered,
        .offered_count = stream->offered_count,
        .refused = stream->mechanism_refused,
        .cb_offered = (const char *const *)stream->offered + stream->offered_count,
        .cb_offered_count = stream->binding_count,
        .channel_binding = options->channel_binding,
        .channel_is_secure = stream->secured || options->tls == ENVOI_TLS_LOCAL,
        .plain_allowed = options->plain_allowed && stream->secured,
        .external_allowed = envoi__auth_is_external(stream),
        .max_iterations = (uint32_t)options->limits[ENVOI_LIMIT_ITERATIONS],
        .cb = stream->tls   ? envoi__tls_channel_binding
              : has_channel ? external_binding
                            : NULL,
        .cb_user = stream->tls ? (void *)stream->tls : (void *)stream->options,
    };
}

static int choose_mechanism(struct envoi_stream *stream)
{
    const struct envoi__sasl_params params = login_params(stream);
    return envoi__sasl_new(&stream->sasl, &params);
}

/* 1, 0, or an error of the choice. */
static int lacks_password(struct envoi_stream *stream)
{
    const struct envoi__sasl_params params = login_params(stream);
    int needed = envoi__sasl_needs_password(&params);
    return needed < 0 ? needed : needed && !params.password;
}

/* With the mechanism that was chosen, or the error of the choice. */
static enum envoi__state start(struct envoi_stream *stream, int error)
{
    struct envoi__buf response;
    envoi__buf_init(&response, MOST_BYTES);
    if (!error)
        error = envoi__sasl_begin(stream->sasl, &response);
    if (!error)
        error = send_response(stream, "auth", envoi__sasl_mechanism(stream->sasl), &response);
    envoi__buf_wipe_free(&response);
    if (error)
        return envoi__stream_fail(stream, error, "policy-violation", NULL);
    return ENVOI__SASL;
}

static enum envoi__state try_password(struct envoi_stream *stream)
{
    stream->passwords_tried++;
    return start(stream, choose_mechanism(stream));
}

/* A mechanism that was refused says nothing about the password, so that is not counted (RFC 6120 6.4.5). */
int envoi__auth_next(struct envoi_stream *stream, enum envoi__state *next)
{
    stream->mechanism_refused = envoi__sasl_mechanism(stream->sasl);
    if (lacks_password(stream)) /* or there is no other mechanism; the old one can still tell its name */
        return 0;
    envoi__sasl_free(stream->sasl);
    stream->sasl = NULL;
    *next = start(stream, choose_mechanism(stream));
    return 1;
}

enum envoi__state envoi__auth_begin(struct envoi_stream *stream, const envoi_element *feature)
{
    int error = keep_offer(stream, feature);
    if (error)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    stream->mechanism_refused = NULL;
    int lacks = lacks_password(stream);
    if (lacks < 0)
        return start(stream, lacks);
    return lacks ? envoi__auth_ask(stream) : try_password(stream);
}

enum envoi__state envoi__auth_answered(struct envoi_stream *stream)
{
    uint64_t waited = stream->now - stream->asked_at; /* a person's time does not count */
    if (stream->login_deadline != UINT64_MAX)
        stream->login_deadline += waited;
    envoi__sasl_free(stream->sasl);
    stream->sasl = NULL;
    return try_password(stream);
}

static enum envoi__state authenticated(struct envoi_stream *stream)
{
    /* Whatever stands behind <success/> was sent before our new header (RFC 6120 6.4.6): an injection. */
    if (envoi__stream_has_input(stream))
        return envoi__stream_fail(stream, ENVOI_ERR_UNEXPECTED, "policy-violation", "bytes behind <success/>");
    stream->authenticated = 1;
    envoi__log(&stream->options->log, ENVOI_LOG_INFO, "authenticated by %s", envoi__sasl_mechanism(stream->sasl));
    envoi__stream_event(stream, ENVOI_EVENT_AUTHENTICATED);
    stream->event.mechanism = envoi__sasl_mechanism(stream->sasl);
    stream->event.channel_binding = envoi__sasl_channel_binding(stream->sasl);
    return envoi__stream_open(stream);
}

/* What sasl/ made of a challenge, a slice of work or a success. */
static enum envoi__state go_on(struct envoi_stream *stream, int result, struct envoi__buf *response)
{
    stream->working = result == ENVOI__SASL_WORKING;
    if (result == ENVOI__SASL_SEND)
        result = send_response(stream, "response", NULL, response);
    else if (result == ENVOI__SASL_DONE)
        return authenticated(stream);
    return result < 0 ? give_up(stream, result, NULL) : ENVOI__SASL;
}

enum envoi__state envoi__auth_work(struct envoi_stream *stream)
{
    struct envoi__buf response;
    envoi__buf_init(&response, MOST_BYTES);
    enum envoi__state next = go_on(stream, envoi__sasl_work(stream->sasl, &response), &response);
    envoi__buf_wipe_free(&response);
    if (stream->working)
        envoi__stream_event(stream, ENVOI_EVENT_PROGRESS);
    else
        stream->time_is_old = 1; /* the server is not to pay for our own computation */
    return next;
}

/* The element's base64: *data is NULL if it is empty, "=" is data of length 0. */
static int decode(const envoi_element *element, uint8_t **data, size_t *len)
{
    const char *text = envoi_element_text(element);
    size_t text_len = strlen(text);
    *data = NULL;
    *len = 0;
    if (!text_len)
        return 0;
    *data = envoi__alloc(text_len);
    if (!*data)
        return ENVOI_ERR_NOMEM;
    if (envoi__eq(text, "="))
        return 0;
    return envoi__base64_decode(text, text_len, *data, len) ? ENVOI_ERR_AUTH_MALFORMED : 0;
}

enum envoi__state envoi__auth_on(struct envoi_stream *stream, enum envoi__input input)
{
    const envoi_element *element = stream->tree.root;
    int is_success = envoi_element_is(element, "success", ENVOI__NS_SASL);
    struct envoi__buf response;
    uint8_t *data;
    size_t len;
    (void)input;
    if (envoi_element_is(element, "failure", ENVOI__NS_SASL))
        return envoi__auth_failed(stream);
    if (!is_success && !envoi_element_is(element, "challenge", ENVOI__NS_SASL))
        return envoi__stream_fail(stream, ENVOI_ERR_UNEXPECTED, "unsupported-stanza-type", NULL);
    envoi__buf_init(&response, MOST_BYTES);
    int result = decode(element, &data, &len);
    if (!result && is_success)
        result = envoi__sasl_success(stream->sasl, data, len);
    else if (!result)
        result = envoi__sasl_challenge(stream->sasl, data, len, &response);
    enum envoi__state next = go_on(stream, result, &response);
    envoi__buf_wipe_free(&response);
    envoi__free(data);
    return next;
}
