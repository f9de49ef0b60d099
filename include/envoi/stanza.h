/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STANZA_H
#define ENVOI_STANZA_H
/** @file
 * Stanzas: message, presence and IQ (RFC 6120 8). An envoi_stanza owns a tree of elements. Functions that
 * read take the `const envoi_element *` that an event shows, so received stanzas need no copy.
 */
#include <envoi/element.h>

ENVOI_BEGIN_DECLS

/** A tree of elements with an owner. Freed with envoi_stanza_free(). */
typedef struct envoi_stanza envoi_stanza;

/** The namespace of stanzas between client and server. */
#define ENVOI_NS_CLIENT "jabber:client"
/** The namespace of defined conditions in stanza errors (RFC 6120 8.3). */
#define ENVOI_NS_STANZA_ERROR "urn:ietf:params:xml:ns:xmpp-stanzas"

/**
 * Make a tree with one root element.
 * @param out  receives the new stanza; untouched on failure
 * @param ns   NULL: ENVOI_NS_CLIENT
 * @return 0, ENVOI_ERR_XML_NAME, ENVOI_ERR_XML_CHAR, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_new(envoi_stanza **out, const char *name, const char *ns);

/**
 * Parse one element that stands on its own, such as the payload of an Atom file. The same rules and default
 * limits hold as on a stream: UTF-8 only, no DOCTYPE, comment or processing instruction; an XML declaration
 * and white space around the element are allowed.
 * @return 0, ENVOI_ERR_XML_MALFORMED, ENVOI_ERR_XML_RESTRICTED, ENVOI_ERR_XML_ENCODING,
 *   ENVOI_ERR_BAD_NAMESPACE, an error of the class LIMIT, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_parse(envoi_stanza **out, const char *xml, size_t len);

/** Keep an element beyond its owner: a deep copy with the language in force on its root.
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_stanza_dup(envoi_stanza **out, const envoi_element *element);

/** Free a stanza and all its elements; NULL is allowed. */
ENVOI_API void envoi_stanza_free(envoi_stanza *stanza);

/** Begin anew with a stanza that has been sent: its root stays, without attributes and content, and an error it met
 * is forgotten. All other elements die. The memory is kept, so a program that builds one stanza after the other in
 * the same place allocates nothing for it. NULL is allowed. */
ENVOI_API void envoi_stanza_clear(envoi_stanza *stanza);

/** The root element, to build on. @return NULL for NULL */
ENVOI_API envoi_element *envoi_stanza_element(envoi_stanza *stanza);

/** The root element, to read. @return NULL for NULL */
ENVOI_API const envoi_element *envoi_stanza_root(const envoi_stanza *stanza);

/** The first error that building this stanza met. @return 0 if there was none; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_stanza_error(const envoi_stanza *stanza);

/* ---- making stanzas ---- */

/**
 * Make a message (RFC 6121 5).
 * @param out   receives the new stanza; untouched on failure
 * @param to    the address, written in its prepared form; NULL: none, which is one's own account
 * @param type  "chat", "error", "groupchat", "headline" or "normal"; NULL: none, which is "normal"
 * @return 0, ENVOI_ERR_ARGUMENT (out is NULL, another type), ENVOI_ERR_JID or ENVOI_ERR_UTF8 (to is not a
 *   JID), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_message_new(envoi_stanza **out, const char *to, const char *type);

/** Make a presence (RFC 6121 4).
 * @param type  "error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe" or "unsubscribed";
 *              NULL: none, which is "available"
 * @param to    of the four types about subscriptions the bare JID is written (RFC 6121 3)
 * @return as envoi_message_new() */
ENVOI_API int envoi_presence_new(envoi_stanza **out, const char *to, const char *type);

/** Make an IQ (RFC 6120 8.2.3); its id is given when it is sent.
 * @param type  "get", "set", "result" or "error"
 * @return as envoi_message_new() */
ENVOI_API int envoi_iq_new(envoi_stanza **out, const char *to, const char *type);

/* Setters of a stanza's attributes. A NULL value removes the attribute. They return 0, ENVOI_ERR_ARGUMENT
 * (stanza is NULL), ENVOI_ERR_JID, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_NOMEM, or the error that the
 * stanza met before; a failure marks the stanza. */

/** Set the id (RFC 6120 8.1.3). */
ENVOI_API int envoi_stanza_set_id(envoi_stanza *stanza, const char *id);

/** Give the stanza an id of 128 random bits, so that an error that answers it can be told from others: a message or a
 * presence should have one (RFC 6120 8.1.3). IQ requests get theirs when they are sent.
 * @return 0, ENVOI_ERR_UNSUPPORTED (no randomness), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM, or the error that the stanza
 * met before */
ENVOI_API int envoi_stanza_make_id(envoi_stanza *stanza);

/** Set the address that the stanza goes to. @param jid  written in its prepared form */
ENVOI_API int envoi_stanza_set_to(envoi_stanza *stanza, const char *jid);

/** Set the address that the stanza comes from; a server stamps it anyhow (RFC 6120 8.1.2.1).
 *  @param jid  written in its prepared form */
ENVOI_API int envoi_stanza_set_from(envoi_stanza *stanza, const char *jid);

/** Set the language of the stanza's text (RFC 6120 8.1.5), such as "de" or "pt-BR". */
ENVOI_API int envoi_stanza_set_lang(envoi_stanza *stanza, const char *lang);

/* ---- what kind of stanza ---- */

#define ENVOI_STANZA_NONE     0 /**< no stanza */
#define ENVOI_STANZA_MESSAGE  1 /**< <message/> */
#define ENVOI_STANZA_PRESENCE 2 /**< <presence/> */
#define ENVOI_STANZA_IQ       3 /**< <iq/> */

/** The kind of stanza that an element is, in the namespace ENVOI_NS_CLIENT only. @return ENVOI_STANZA_* */
ENVOI_API int envoi_stanza_kind(const envoi_element *element);

/** The type as it is to be understood: a message without a type, or with one that no RFC knows, is "normal"
 *  (RFC 6121 5.2.2); for presence and IQ the attribute as it is.
 *  @return a view; NULL for an available presence, an IQ without a type, and for no stanza */
ENVOI_API const char *envoi_stanza_type(const envoi_element *element);

/** The payload of an IQ: its first child that is not <error/>, which may stand before or behind (RFC 6120
 *  8.2.3).
 *  @return NULL if there is none, or the element is no IQ */
ENVOI_API const envoi_element *envoi_iq_payload(const envoi_element *iq);

/* ---- messages (RFC 6121 5.2) ----
 * Adding returns 0, ENVOI_ERR_ARGUMENT (stanza or text is NULL), ENVOI_ERR_STANZA (the stanza is of another
 * kind), ENVOI_ERR_STATE (there is one already, in the same language), ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR,
 * ENVOI_ERR_NOMEM, or the error that the stanza met before; a failure marks the stanza.
 *
 * Reading picks by language (RFC 4647 3.4): for "de-AT" the text in "de-AT", else the one in "de", else the
 * one that names no language, else the first. A NULL language goes for the one that names none. */

/** Add a body. @param lang  its xml:lang; NULL: none, so the stanza's own language */
ENVOI_API int envoi_message_add_body(envoi_stanza *message, const char *text, const char *lang);

/** The body that suits a language best.
 *  @return a view; NULL if there is none, or the element is no message */
ENVOI_API const char *envoi_message_body(const envoi_element *message, const char *lang);

/** Add a subject; "" clears the subject of a room. @param lang  as for a body */
ENVOI_API int envoi_message_add_subject(envoi_stanza *message, const char *text, const char *lang);

/** The subject that suits a language best. @return as envoi_message_body() */
ENVOI_API const char *envoi_message_subject(const envoi_element *message, const char *lang);

/** Set the thread. It should tell nothing about its maker: a random text is best.
 * @param parent  the thread that this one grew from; NULL: none; never the same text (ENVOI_ERR_ARGUMENT) */
ENVOI_API int envoi_message_set_thread(envoi_stanza *message, const char *thread, const char *parent);

/** Begin a thread: one of 128 random bits, which tells nothing about its maker (RFC 6121 5.2.5).
 * @param parent  as for envoi_message_set_thread()
 * @return as envoi_message_set_thread(); ENVOI_ERR_UNSUPPORTED (no randomness) */
ENVOI_API int envoi_message_make_thread(envoi_stanza *message, const char *parent);

/** The thread. @return as envoi_message_body() */
ENVOI_API const char *envoi_message_thread(const envoi_element *message);

/** The thread that this one grew from. @return as envoi_message_body() */
ENVOI_API const char *envoi_message_thread_parent(const envoi_element *message);

/* ---- presence (RFC 6121 4.7.2): the same rules as for messages ---- */

/** Set the availability; an unavailable presence has none (ENVOI_ERR_STANZA, RFC 6121 4.5.1).
 *  @param show  "away", "chat", "dnd" or "xa"; another text is ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_presence_set_show(envoi_stanza *presence, const char *show);

/** The availability. @return "away", "chat", "dnd" or "xa"; NULL: plainly available (none, or one that no RFC
 *  knows), or no presence */
ENVOI_API const char *envoi_presence_show(const envoi_element *presence);

/** Add a status text. @param lang  as for a body */
ENVOI_API int envoi_presence_add_status(envoi_stanza *presence, const char *text, const char *lang);

/** The status that suits a language best. @return as envoi_message_body() */
ENVOI_API const char *envoi_presence_status(const envoi_element *presence, const char *lang);

/** Set the priority; a negative one takes no messages to the bare JID. An unavailable presence has none either.
 *  @param priority  -128 to 127, else ENVOI_ERR_ARGUMENT */
ENVOI_API int envoi_presence_set_priority(envoi_stanza *presence, int priority);

/** The priority. @return -128 to 127; 0 if there is none, or one that is no number of that range */
ENVOI_API int envoi_presence_priority(const envoi_element *presence);

/* ---- answers ---- */

/**
 * Make the result of an IQ request, from and to swapped, with its id (RFC 6120 8.2.3). Add the payload, if
 * any.
 * @param out  receives the new stanza; untouched on failure
 * @param iq   the request, copied from
 * @return 0, ENVOI_ERR_STANZA (not an IQ of the type "get" or "set" with an id), ENVOI_ERR_ARGUMENT,
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_new_result(envoi_stanza **out, const envoi_element *iq);

/**
 * Make the error that answers a stanza: of its kind, from and to swapped, with its id (RFC 6120 8.3.1). The answer to
 * an IQ without an id has an empty one, so that it can be sent.
 * @param out        receives the new stanza; untouched on failure
 * @param request    copied from
 * @param type       "auth", "cancel", "continue", "modify" or "wait"; NULL: the usual one for the condition
 * @param condition  one of the defined conditions (RFC 6120 8.3.3), such as "bad-request"
 * @param text       for a person; NULL: none
 * @param lang       the language of the text; NULL: not told
 * @return 0, or
 *   ENVOI_ERR_STANZA    the request is no stanza, an error, or the result of an IQ: none of them is ever
 *                       answered by an error, or two programs could go on for ever
 *   ENVOI_ERR_ARGUMENT  out or request is NULL, type or condition is not defined
 *   ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR  text or lang cannot be written
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_stanza_new_error_reply(envoi_stanza **out, const envoi_element *request, const char *type,
                                           const char *condition, const char *text, const char *lang);

/** The <error/> of a stanza that is being built, to add an application-specific condition (RFC 6120 8.3.4) by
 *  envoi_element_add_child(). @return a view; NULL if there is none */
ENVOI_API envoi_element *envoi_stanza_error_element(envoi_stanza *stanza);

/** Tell in the condition "gone" or "redirect" of an error that is being built where to go instead (RFC 6120 8.3.3.5,
 * 8.3.3.14).
 * @param uri  an absolute URI or IRI, such as "xmpp:romeo@afterlife.example.net"
 * @return 0, ENVOI_ERR_STANZA (the stanza has no such condition), ENVOI_ERR_STATE (it has an address already),
 *   ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM, or the error that the stanza met before;
 * a failure marks the stanza */
ENVOI_API int envoi_stanza_set_error_uri(envoi_stanza *stanza, const char *uri);

/* ---- reading stanza errors (RFC 6120 8.3) ----
 * Each takes the stanza itself, of the type "error"; for any other NULL comes back, also if it has an
 * <error/> child, which is then no error. Nothing is allocated. The `code` of the time before RFC 3920 is
 * neither read nor written. */

/** What to do about it. @return "auth", "cancel", "continue", "modify" or "wait"; if the stanza tells none of
 *  these, the usual one for its condition, else "cancel" */
ENVOI_API const char *envoi_stanza_error_type(const envoi_element *stanza);

/** The defined condition as it came, such as "item-not-found". One that RFC 6120 does not define is to be
 *  handled like "undefined-condition" (8.3.2), by its type; envoi_stanza_error_default_type() tells them
 *  apart.
 *  @return a view; "undefined-condition" if there is none */
ENVOI_API const char *envoi_stanza_error_condition(const envoi_element *stanza);

/** The text for a person that suits a language best (see envoi_message_body()).
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_stanza_error_text(const envoi_element *stanza, const char *lang);

/** Who found the error, if not the one that the stanza was sent to. @return a view; NULL if not told */
ENVOI_API const char *envoi_stanza_error_by(const envoi_element *stanza);

/** Where to go instead: the URI in the conditions "gone" and "redirect" (RFC 6120 8.3.3.5, 8.3.3.14). Ask a
 *  person before following it. @return a view; NULL if there is none */
ENVOI_API const char *envoi_stanza_error_uri(const envoi_element *stanza);

/** The application-specific condition, such as closed-node of "http://jabber.org/protocol/pubsub#errors".
 *  @return its element; NULL if there is none */
ENVOI_API const envoi_element *envoi_stanza_error_application(const envoi_element *stanza);

/** The usual type of a defined condition (RFC 6120 8.3.3). @return a static text; NULL if no such condition
 *  is defined */
ENVOI_API const char *envoi_stanza_error_default_type(const char *condition);

ENVOI_END_DECLS

#endif
