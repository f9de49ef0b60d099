/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_EVENT_H
#define ENVOI_EVENT_H
/** @file
 * Events: what envoi_stream_next_event() returns. An event and everything reached through it die at the next call of
 * that function. Programs ignore the types they do not know. An accessor that does not belong to the event's type
 * returns NULL or 0.
 */
#include <envoi/element.h>

ENVOI_BEGIN_DECLS

/** One event; a view, never freed by the caller. */
typedef struct envoi_event envoi_event;

/* the life of the stream */
#define ENVOI_EVENT_SECURED       101 /**< TLS is up and the certificate verified: tls_version, tls_cipher */
#define ENVOI_EVENT_AUTHENTICATED 102 /**< logged in, the server proved itself: mechanism, channel_binding */
#define ENVOI_EVENT_READY         103 /**< the resource is bound: jid. Stanzas may be sent from here on. */
#define ENVOI_EVENT_PROGRESS      104 /**< a slice of a long computation is done (SCRAM); nothing to do but go on */
#define ENVOI_EVENT_CLOSED        199 /**< the end, exactly once and last: error, condition, text, is_retryable */
/* stanzas */
#define ENVOI_EVENT_STANZA          201 /**< message, presence, or an IQ request that the config accepts: stanza */
#define ENVOI_EVENT_REPLY           202 /**< the one answer to envoi_stream_send_iq(): token, error, stanza */
#define ENVOI_EVENT_UNMATCHED_REPLY 203 /**< an IQ result or error that answers nothing: late, doubled or forged */
/* decisions: answered by a call, now or later */
#define ENVOI_EVENT_PASSWORD 301 /**< answer by envoi_stream_set_password(); error tells whether one was refused */
/* flow */
#define ENVOI_EVENT_WRITABLE 401 /**< after ENVOI_ERR_FULL: there is room to try again */

/** The type. @return ENVOI_EVENT_*; 0 for NULL */
ENVOI_API int envoi_event_type(const envoi_event *event);

/** STANZA, REPLY (result and error), UNMATCHED_REPLY: the stanza's root element. @return NULL if there is none */
ENVOI_API const envoi_element *envoi_event_stanza(const envoi_event *event);

/** REPLY: the token that envoi_stream_send_iq() gave. */
ENVOI_API uint64_t envoi_event_token(const envoi_event *event);

/** CLOSED: why, 0 after an orderly close. REPLY: 0 for a result, ENVOI_ERR_STANZA_ERROR, ENVOI_ERR_TIMEOUT_REQUEST,
 *  ENVOI_ERR_CANCELLED, or the reason the stream closed. PASSWORD: 0, or ENVOI_ERR_AUTH_REJECTED after a refusal. */
ENVOI_API int envoi_event_error(const envoi_event *event);

/** CLOSED, REPLY, PASSWORD: the defined condition as it came over the wire, such as "conflict" or "item-not-found". CLOSED
 *  by an error that the stream found itself: the condition that it told the peer. @return NULL if there was none */
ENVOI_API const char *envoi_event_condition(const envoi_event *event);

/** CLOSED, REPLY, PASSWORD: the peer's text for a person, or a detail of the local failure. After see-other-host it is the
 *  other host (RFC 6120 4.9.3.19), which is never followed from here: a program that trusts it hands it to
 *  envoi_net_set_host() for a new stream of the same config. @return NULL if none */
ENVOI_API const char *envoi_event_text(const envoi_event *event);

/** CLOSED, REPLY, PASSWORD: the language of the peer's text (xml:lang, RFC 6120 4.7.4), its own or inherited. Where the
 *  peer sent the text in several languages, it is the one nearest to that of the config.
 *  @return a language tag; NULL if there is no text of the peer's, or none is known */
ENVOI_API const char *envoi_event_text_lang(const envoi_event *event);

/** CLOSED by the server's stream error: the whole <stream:error/>, for its application condition (RFC 6120 4.9.4) and
 *  for a defined condition that RFC 6120 does not have, which envoi_event_condition() gives as "undefined-condition".
 *  @return NULL if the server sent none */
ENVOI_API const envoi_element *envoi_event_stream_error(const envoi_event *event);

/** CLOSED: @return 1 if the same login may succeed later without a person's help, else 0; also 0 if the program closed
 *  the stream, however it then ended */
ENVOI_API int envoi_event_is_retryable(const envoi_event *event);

/** READY: the bound JID. @return NULL for other types */
ENVOI_API const char *envoi_event_jid(const envoi_event *event);

/** AUTHENTICATED: the mechanism, such as "SCRAM-SHA-256-PLUS". @return NULL for other types */
ENVOI_API const char *envoi_event_mechanism(const envoi_event *event);

/** AUTHENTICATED: the channel-binding type, such as "tls-exporter". @return NULL if the login was not bound */
ENVOI_API const char *envoi_event_channel_binding(const envoi_event *event);

/** SECURED: such as "TLS1.3". @return NULL for other types */
ENVOI_API const char *envoi_event_tls_version(const envoi_event *event);

/** SECURED: such as "AES-256-GCM". @return NULL for other types */
ENVOI_API const char *envoi_event_tls_cipher(const envoi_event *event);

ENVOI_END_DECLS

#endif
