/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STREAM_STREAM_H
#define ENVOI_STREAM_STREAM_H
/* The inside of a stream, shared by the files of this folder.
 *
 *             header               features                 proceed              handshake done
 *  OPENING ----------> FEATURES ---------------> STARTTLS ----------> HANDSHAKE ---------------+
 *     ^                 |    ^                                        (direct TLS begins here) |
 *     |                 |    +--- PASSWORD                                                     |
 *     |                 +-------> SASL ------ success, server proved itself -------------------+
 *     |                 +-------> BINDING ---> READY ---> CLOSING ---> CLOSED                  |
 *     +------------------------------ a new header, a new parser ------------------------------+
 *
 * Any state may end in CLOSED. What to negotiate at FEATURES is a table in features.c.
 */
#include <envoi/stream.h>

#include "base/buf.h"
#include "sasl/sasl.h"
#include "stream/options.h"
#include "stream/requests.h"
#include "stream/tap.h"
#include "tls/tls.h"
#include "xml/reader.h"

#define ENVOI__NS_STREAM        "http://etherx.jabber.org/streams"
#define ENVOI__NS_STREAM_ERROR  "urn:ietf:params:xml:ns:xmpp-streams"
#define ENVOI__NS_TLS           "urn:ietf:params:xml:ns:xmpp-tls"
#define ENVOI__NS_SASL          "urn:ietf:params:xml:ns:xmpp-sasl"
#define ENVOI__NS_SASL_BINDINGS "urn:xmpp:sasl-cb:0"
#define ENVOI__NS_BIND          "urn:ietf:params:xml:ns:xmpp-bind"

enum envoi__state {
    ENVOI__OPENING,   /* our header is out, the peer's is awaited */
    ENVOI__FEATURES,  /* <stream:features/> are awaited */
    ENVOI__STARTTLS,  /* <proceed/> is awaited */
    ENVOI__HANDSHAKE, /* TLS handshake */
    ENVOI__PASSWORD,  /* the program's decision is awaited */
    ENVOI__SASL,      /* the peer's next SASL element is awaited, or a computation goes on */
    ENVOI__BINDING,   /* the answer to our bind request is awaited */
    ENVOI__READY,
    ENVOI__CLOSING, /* our end tag is out, the peer's is awaited */
    ENVOI__CLOSED,
    ENVOI__STATES
};

/* What the peer may say, as bits; states.c tells what is legal where. */
enum envoi__input {
    ENVOI__IN_HEADER = 1,
    ENVOI__IN_FEATURES = 2,
    ENVOI__IN_ERROR = 4, /* <stream:error/> */
    ENVOI__IN_TLS = 8,
    ENVOI__IN_SASL = 16,
    ENVOI__IN_STANZA = 32,
    ENVOI__IN_END = 64, /* </stream:stream> */
    ENVOI__IN_OTHER = 128,
    ENVOI__IN_FOREIGN = 256 /* of a namespace that is nobody's business here (RFC 6120 4.8.4) */
};

struct envoi_event {
    int type; /* 0: no event */
    int error, retryable;
    uint64_t token;
    const envoi_element *stanza, *stream_error;
    const char *condition, *text, *text_lang, *jid, *mechanism, *channel_binding, *tls_version, *tls_cipher;
};

struct envoi_stream {
    struct envoi__options *options;
    enum envoi__state state;
    struct envoi_event event;

    uint64_t now, state_deadline, login_deadline, stanza_deadline; /* UINT64_MAX: none */
    uint64_t asked_at;                                             /* when PASSWORD was entered */
    uint64_t silence_deadline, space_deadline;                     /* the next sign of life: the peer's, ours */
    int time_is_old; /* a call of the program's came since: what it began begins with the next tick */

    struct envoi__buf wire_in, wire_out;   /* the transport's side */
    struct envoi__buf plain_in, plain_out; /* with TLS: its inner side */
    size_t writable_at;                    /* how few bytes may wait before WRITABLE is told */
    size_t shown;                          /* bytes that envoi_stream_output() has shown */
    uint64_t login_bytes;                  /* of XML, read before the stream was ready */
    size_t scanned;                        /* bytes at the front of the input that the reader has seen */
    struct envoi__tls *tls;                /* NULL: none, or not yet */
    struct envoi__reader *reader;
    struct envoi__tree tree; /* the element that was read last */

    /* negotiation */
    struct envoi__sasl *sasl;
    char *password;                /* from the program's answer */
    const char *mechanism_refused; /* by the server, though it offered it; NULL: none */
    char **offered;                /* mechanisms, then channel-binding types, while a password is awaited */
    size_t offered_count, binding_count;
    unsigned passwords_tried;
    char own_id[ENVOI__REQUEST_ID_SIZE]; /* of the stream's own last request: bind, ping */
    envoi_jid *bound;                    /* once ready */
    const char *header_fault;
    char *id; /* of the server's latest header */

    struct envoi__requests requests;

    const struct envoi__tap *tap; /* NULL: nobody listens */
    void *tap_user;

    /* the end */
    int reason, retryable;
    char *reason_condition, *reason_text, *reason_lang;
    int transport_error; /* waits until what was received is parsed */
    char *transport_text;

    unsigned header_sent : 1;    /* an end tag makes sense */
    unsigned secured : 1;        /* inside verified TLS, or a transport that is as good */
    unsigned authenticated : 1;  /* SASL is done */
    unsigned working : 1;        /* SASL computes */
    unsigned eof : 1;            /* the transport brings no more */
    unsigned tls_eof : 1;        /* close_notify came */
    unsigned transport_seen : 1; /* a byte went either way, so the transport is up */
    unsigned full : 1;           /* a send was refused: WRITABLE is owed */
    unsigned requests_full : 1;  /* a request was, for there were too many */
    unsigned wish_refused : 1;   /* the server does not bind the wished resource */
    unsigned was_ready : 1;
    unsigned closed_delivered : 1;
    unsigned said_goodbye : 1; /* close_notify is out */
    unsigned error_came : 1;   /* the tree holds the peer's stream error */
    unsigned tls_spoken : 1;   /* the first byte of TLS came */
    unsigned pinged : 1;       /* and nothing was heard since */
    unsigned heard_since_tick : 1, spoke_since_tick : 1;
    unsigned state_is_new : 1, stanza_is_new : 1; /* begun behind such bytes: its time runs from the next tick */
};

/* states.c */
const char *envoi__state_name(enum envoi__state state);
const char *envoi__state_phase(enum envoi__state state); /* for a person: "during the TLS handshake" */
int envoi__state_timeout_error(enum envoi__state state);
void envoi__stream_enter(struct envoi_stream *stream, enum envoi__state next); /* the one place that sets the state */
void envoi__stream_arm(struct envoi_stream *stream);                           /* start the state's deadline */
enum envoi__state envoi__state_input(struct envoi_stream *stream, enum envoi__input input);

/* event.c */
void envoi__stream_event(struct envoi_stream *stream, int type); /* this step yields an event */

/* end.c: the end, whatever brought it. The first two return ENVOI__CLOSED; `send` is the stream error condition to
 * tell the peer, NULL for none. */
enum envoi__state envoi__stream_fail(struct envoi_stream *stream, int error, const char *send, const char *text);
enum envoi__state envoi__stream_end(struct envoi_stream *stream, int error, const char *condition, const char *text,
                                    int retryable);
/* The same in the words of the peer; `text` is its element, or NULL. */
enum envoi__state envoi__stream_told(struct envoi_stream *stream, int error, const char *condition,
                                     const envoi_element *text, int retryable);
/* Our end tag, once, behind a stream error if there is one to tell. Before the header and while TLS is being set up
 * nothing is said. */
void envoi__stream_goodbye(struct envoi_stream *stream, const char *condition);
/* What to tell a peer that caused this error; NULL: nothing. */
const char *envoi__stream_condition(int error);
int envoi__error_is_retryable(int error);
void envoi__auth_forget(struct envoi_stream *stream); /* wipe and free all of SASL */
void envoi__stream_free_reason(struct envoi_stream *stream);

/* closing.c: how the peer or the program ends it */
enum envoi__state envoi__closing_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__stream_error_received(struct envoi_stream *stream);
enum envoi__state envoi__end_received(struct envoi_stream *stream);
int envoi__stream_begin_close(struct envoi_stream *stream);

/* input.c: the next item. ENVOI__READ_*, or an error. */
int envoi__stream_read(struct envoi_stream *stream);
size_t envoi__stream_capacity(const struct envoi_stream *stream);
int envoi__stream_has_input(const struct envoi_stream *stream);   /* bytes that nobody has read yet */
void envoi__stream_idle(struct envoi_stream *stream);             /* give back what only a busy stream needs */
struct envoi__buf *envoi__stream_in(struct envoi_stream *stream); /* plain bytes that wait to be read */

/* output.c */
struct envoi__buf *envoi__stream_out(struct envoi_stream *stream); /* where plain bytes go */
int envoi__stream_write(struct envoi_stream *stream,
                        const char *const *texts); /* a NULL-ended list, all or nothing */
int envoi__stream_write_element(struct envoi_stream *stream, const envoi_element *element, const char *id);
size_t envoi__stream_waiting(const struct envoi_stream *stream); /* bytes that wait to be sent */
void envoi__stream_login_over(struct envoi_stream *stream);
void envoi__stream_flush(struct envoi_stream *stream); /* through TLS, as far as there is room */
void envoi__stream_log_element(struct envoi_stream *stream, const char *direction, const envoi_element *element,
                               const char *id);

/* One file per step of the negotiation. */
enum envoi__state envoi__stream_open(struct envoi_stream *stream); /* opening.c: send a header, expect one */
enum envoi__state envoi__opening_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__features_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__starttls_begin(struct envoi_stream *stream, const envoi_element *feature);
enum envoi__state envoi__starttls_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__handshake_begin(struct envoi_stream *stream); /* starttls.c */
enum envoi__state envoi__handshake_step(struct envoi_stream *stream);
enum envoi__state envoi__auth_begin(struct envoi_stream *stream, const envoi_element *feature);
enum envoi__state envoi__auth_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__auth_work(struct envoi_stream *stream);
enum envoi__state envoi__auth_answered(struct envoi_stream *stream); /* a password came */
enum envoi__state envoi__auth_ask(struct envoi_stream *stream);      /* for a password */
int envoi__auth_is_external(const struct envoi_stream *stream);      /* the channel has told who this is */
/* The server refused the mechanism: 1 and the next state if there is another one, 0 if not. */
int envoi__auth_next(struct envoi_stream *stream, enum envoi__state *next);
enum envoi__state envoi__auth_failed(struct envoi_stream *stream); /* auth_failure.c: <failure/> came */
enum envoi__state envoi__bind_begin(struct envoi_stream *stream, const envoi_element *feature);
enum envoi__state envoi__bind_on(struct envoi_stream *stream, enum envoi__input input);
enum envoi__state envoi__session_on(struct envoi_stream *stream, enum envoi__input input);

/* life.c: signs of life while ready */
void envoi__life_heard(struct envoi_stream *stream);      /* bytes came */
void envoi__life_spoke(struct envoi_stream *stream);      /* bytes went out */
void envoi__life_tick(struct envoi_stream *stream);       /* the time was told */
int envoi__life_moved(const struct envoi_stream *stream); /* bytes did, since the last tick */
uint64_t envoi__life_deadline(const struct envoi_stream *stream);
enum envoi__state envoi__life_step(struct envoi_stream *stream);
/* Whether an IQ is the answer to our own ping, and whether it is a ping of our own server's. 1, 0, ENVOI_ERR_NOMEM.
 */
int envoi__life_is_answer(const struct envoi_stream *stream, const envoi_element *iq);
int envoi__life_is_asked(const struct envoi_stream *stream, const envoi_element *iq);

#endif
