/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_URI_H
#define ENVOI_URI_H
/** @file
 * xmpp: URIs and IRIs (RFC 5122, XEP-0147): xmpp:[//account/]jid[?querytype;key=value...][#fragment].
 *
 * An envoi_uri is data and nothing else: no function here joins, sends, subscribes or runs a command. A URI
 * comes from strangers, so ask the user before doing what it says (RFC 5122 5, XEP-0147 5).
 *
 * Percent-encoding is undone exactly once, after the URI was split, so a decoded '/', '@' or ';' never
 * separates anything. All texts are UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F) and
 * without characters that XML cannot carry; a URI that encodes one is refused.
 */
#include <envoi/jid.h>

ENVOI_BEGIN_DECLS

/** An xmpp: URI, parsed or being built. Freed with envoi_uri_free(). */
typedef struct envoi_uri envoi_uri;

/** Flags of envoi_uri_parse(). */
#define ENVOI_URI_LENIENT    0 /**< read what people write, and tell by envoi_uri_is_strict() */
#define ENVOI_URI_STRICT     1 /**< refuse what does not fit the grammar of RFC 5122 */
#define ENVOI_URI_PLUS_SPACE 2 /**< with ENVOI_URI_LENIENT: a bare '+' in a value is a space (XEP-0379) */

/** Limits: bytes of a URI, and pairs in its query. */
#define ENVOI_URI_MAX_LENGTH 8192
#define ENVOI_URI_MAX_PAIRS  64

/** What a URI asks for: one constant for each known querytype. */
#define ENVOI_URI_ACTION_IDENTIFY      0  /**< nothing: it names a JID, a node or an item */
#define ENVOI_URI_ACTION_MESSAGE       1  /**< message: write to the JID (XEP-0147) */
#define ENVOI_URI_ACTION_ROSTER        2  /**< roster: add or edit a roster item (XEP-0147, 0379, 0401) */
#define ENVOI_URI_ACTION_REMOVE        3  /**< remove: remove the roster item (XEP-0147) */
#define ENVOI_URI_ACTION_SUBSCRIBE     4  /**< subscribe: ask for presence (XEP-0147) */
#define ENVOI_URI_ACTION_UNSUBSCRIBE   5  /**< unsubscribe: end the presence subscription (XEP-0147) */
#define ENVOI_URI_ACTION_DISCO         6  /**< disco: service discovery (XEP-0030) */
#define ENVOI_URI_ACTION_JOIN          7  /**< join: join a room (XEP-0045) */
#define ENVOI_URI_ACTION_INVITE        8  /**< invite: invite others to a room (XEP-0045) */
#define ENVOI_URI_ACTION_COMMAND       9  /**< command: run an ad-hoc command (XEP-0050) */
#define ENVOI_URI_ACTION_VCARD         10 /**< vcard: fetch the vCard (XEP-0054) */
#define ENVOI_URI_ACTION_PUBSUB        11 /**< pubsub: subscribe to a node or retrieve items (XEP-0060) */
#define ENVOI_URI_ACTION_REGISTER      12 /**< register: register with a service (XEP-0077, 0401, 0445) */
#define ENVOI_URI_ACTION_UNREGISTER    13 /**< unregister: cancel a registration (XEP-0077) */
#define ENVOI_URI_ACTION_SENDFILE      14 /**< sendfile: send a file to the JID (XEP-0096) */
#define ENVOI_URI_ACTION_RECVFILE      15 /**< recvfile: fetch a file from the JID (XEP-0096) */
#define ENVOI_URI_ACTION_JINGLE        16 /**< jingle: fetch a published Jingle session (XEP-0358) */
#define ENVOI_URI_ACTION_TRUST_MESSAGE 17 /**< trust-message: decide on keys of the JID (XEP-0434) */

/**
 * Parse an xmpp: URI or IRI; a text that is not all ASCII is read as an IRI (RFC 5122 2.2, 2.8, 3.3).
 *
 * Lenient reading also takes: any bare character in a resourcepart, querytype, key, value or fragment; white
 * space before a key; a key without '=' (its value is empty); empty pairs, as after a last ';'; a first pair
 * in the place of the querytype, as in "?omemo-sid-1=AB" (the querytype is then empty); a query behind the
 * domainpart whose '?' is missing; a '/' with nothing behind it. '&' never separates pairs (RFC 5122 2.5).
 *
 * @param out    receives the new URI; untouched on failure
 * @param text   NUL-terminated
 * @param flags  ENVOI_URI_STRICT, or ENVOI_URI_LENIENT with or without ENVOI_URI_PLUS_SPACE
 * @return 0, or
 *   ENVOI_ERR_URI        another scheme, a misplaced character, a bad percent-encoding, a control character
 *   ENVOI_ERR_JID        an address in it is not a JID (RFC 5122 2.8.1)
 *   ENVOI_ERR_UTF8       not UTF-8, before or after decoding
 *   ENVOI_ERR_TOO_LARGE  longer than ENVOI_URI_MAX_LENGTH, or more than ENVOI_URI_MAX_PAIRS pairs
 *   ENVOI_ERR_ARGUMENT   NULL, or flags that do not exist or do not go together
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_uri_parse(envoi_uri **out, const char *text, int flags);

/** Free a URI; NULL is allowed. Its query is wiped first, for a pair can be a password. */
ENVOI_API void envoi_uri_free(envoi_uri *uri);

/** @return 1 if the parsed text fitted the grammar of RFC 5122 3.3 (URI) or 2.2 (IRI) with valid JIDs, or if
 *  the URI was built and not parsed; else 0; 0 for NULL */
ENVOI_API int envoi_uri_is_strict(const envoi_uri *uri);

/** The account to act as: the bare JID of the authority component (RFC 5122 2.3).
 *  @return a view that lives as long as the URI, or until envoi_uri_set_account(); NULL if there is none */
ENVOI_API const envoi_jid *envoi_uri_account(const envoi_uri *uri);

/** The JID that the URI is about: the path component (RFC 5122 2.4).
 *  @return a view that lives as long as the URI; NULL if there is only an account */
ENVOI_API const envoi_jid *envoi_uri_jid(const envoi_uri *uri);

/** The querytype as written, known or not (RFC 5122 2.5).
 *  @return a view that lives as long as the URI, or until envoi_uri_set_querytype(); "" for the empty
 *  querytype (XEP-0060 12.22 names nodes and items by it); NULL if there is no query */
ENVOI_API const char *envoi_uri_querytype(const envoi_uri *uri);

/** How many key-value pairs the query has. @return 0 to ENVOI_URI_MAX_PAIRS */
ENVOI_API size_t envoi_uri_pair_count(const envoi_uri *uri);

/** The key of a pair, decoded, in the order of the text.
 *  @return a view that lives until the query is taken away or the URI freed; NULL past the end */
ENVOI_API const char *envoi_uri_key_at(const envoi_uri *uri, size_t index);

/** The value of a pair, decoded.
 *  @return a view that lives until the query is taken away or the URI freed; NULL past the end */
ENVOI_API const char *envoi_uri_value_at(const envoi_uri *uri, size_t index);

/** The value of the first pair with this key, known or not.
 *  @return a view that lives until the query is taken away or the URI freed; NULL if there is none */
ENVOI_API const char *envoi_uri_value(const envoi_uri *uri, const char *key);

/** The fragment, decoded. No meaning is defined for one: ignore it (RFC 5122 2.6).
 *  @return a view that lives as long as the URI, or until envoi_uri_set_fragment(); NULL if there is none */
ENVOI_API const char *envoi_uri_fragment(const envoi_uri *uri);

/** The PubSub or disco node that the URI names, where its querytype knows the key "node" (empty, pubsub,
 *  disco, command). @return a view as of envoi_uri_value(); NULL if there is none */
ENVOI_API const char *envoi_uri_node(const envoi_uri *uri);

/** The PubSub item that the URI names, where its querytype knows the key "item" (empty, pubsub).
 *  @return a view as of envoi_uri_value(); NULL if there is none */
ENVOI_API const char *envoi_uri_item(const envoi_uri *uri);

/** What the URI asks for. @return ENVOI_URI_ACTION_*; ENVOI_URI_ACTION_IDENTIFY without a query, for the
 *  empty querytype, and for an unknown one, since the whole query is then ignored (RFC 5122 2.5) */
ENVOI_API int envoi_uri_action(const envoi_uri *uri);

/** @return 0 if the querytype is unknown, so that the whole query is to be ignored (RFC 5122 2.5); else 1,
 *  also without a query and for the empty querytype; 0 for NULL */
ENVOI_API int envoi_uri_is_known_querytype(const envoi_uri *uri);

/** @return 1 if the querytype defines the key of this pair and allows its value; 0 if the pair is to be
 *  ignored (RFC 5122 2.5), and past the end */
ENVOI_API int envoi_uri_is_known_pair(const envoi_uri *uri, size_t index);

/**
 * Look a querytype up among the known ones: those of the XSF registrar and of XEPs not yet registered.
 * @return ENVOI_URI_ACTION_*, ENVOI_URI_ACTION_IDENTIFY for ""; ENVOI_ERR_NOT_FOUND for an unknown one,
 *   ENVOI_ERR_ARGUMENT for NULL
 */
ENVOI_API int envoi_uri_querytype_action(const char *querytype);

/** The querytype of an action, for envoi_uri_set_querytype(). @return a static string, "" for
 *  ENVOI_URI_ACTION_IDENTIFY; NULL for a number that is no action */
ENVOI_API const char *envoi_uri_action_querytype(int action);

/** @return 1 if this querytype defines this key; else 0 */
ENVOI_API int envoi_uri_is_known_key(const char *querytype, const char *key);

/** @return 1 if this querytype defines this key and allows the value, any where it lists none; else 0 */
ENVOI_API int envoi_uri_is_allowed_value(const char *querytype, const char *key, const char *value);

/**
 * Begin a URI.
 * @param out  receives the new URI; untouched on failure
 * @param jid  what the URI is about, copied; NULL for one that will have an account only
 * @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_uri_new(envoi_uri **out, const envoi_jid *jid);

/**
 * Make the URI of a PubSub node or item, xmpp:service?;node=node;item=item (XEP-0060 12.22).
 * @param out      receives the new URI; untouched on failure
 * @param service  the JID of the service, or the account for PEP; copied
 * @param node     copied
 * @param item     copied; NULL to name the node
 * @return as envoi_uri_add_pair(), ENVOI_ERR_ARGUMENT for a missing service or node
 */
ENVOI_API int envoi_uri_new_pubsub(envoi_uri **out, const envoi_jid *service, const char *node,
                                   const char *item);

/**
 * Set the account to act as. Its bare JID is copied.
 * @param account  NULL takes it away
 * @return 0, ENVOI_ERR_ARGUMENT (uri is NULL, or the account has no localpart: RFC 5122 3.3), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_uri_set_account(envoi_uri *uri, const envoi_jid *account);

/**
 * Set the querytype.
 * @param querytype  copied; "" for the empty one; NULL takes the whole query away, pairs included
 * @return 0, or
 *   ENVOI_ERR_URI        a control character, or one that XML cannot carry
 *   ENVOI_ERR_UTF8       not UTF-8
 *   ENVOI_ERR_TOO_LARGE  longer than ENVOI_URI_MAX_LENGTH
 *   ENVOI_ERR_ARGUMENT   uri is NULL
 *   ENVOI_ERR_NOMEM      nothing was changed
 */
ENVOI_API int envoi_uri_set_querytype(envoi_uri *uri, const char *querytype);

/**
 * Add a key-value pair at the end; a key may stand more than once. A URI without a query gets the empty
 * querytype.
 * @return as envoi_uri_set_querytype(); ENVOI_ERR_TOO_LARGE also when there are ENVOI_URI_MAX_PAIRS pairs,
 *   ENVOI_ERR_ARGUMENT also when key or value is NULL
 */
ENVOI_API int envoi_uri_add_pair(envoi_uri *uri, const char *key, const char *value);

/** Set the fragment. @param fragment  copied; NULL takes it away @return as envoi_uri_set_querytype() */
ENVOI_API int envoi_uri_set_fragment(envoi_uri *uri, const char *fragment);

/**
 * Write the URI in ASCII, by the grammar of RFC 5122 3.3: non-ASCII characters as percent-encoded UTF-8, in
 * the domain too, and in querytype, keys and values everything but letters, digits and "-._~" encoded
 * (RFC 5122 2.7). What this writes parses with ENVOI_URI_STRICT to an equal URI.
 *
 * @param out   receives the text and a NUL; may be NULL if size is 0; untouched on failure
 * @param size  bytes at out; ENVOI_URI_MAX_LENGTH + 1 always suffice
 * @param len   receives the length without the NUL, also with ENVOI_ERR_FULL
 * @return 0, or
 *   ENVOI_ERR_FULL       does not fit; len tells what is needed
 *   ENVOI_ERR_TOO_LARGE  longer than ENVOI_URI_MAX_LENGTH
 *   ENVOI_ERR_STATE      the URI has neither a JID nor an account
 *   ENVOI_ERR_ARGUMENT   uri or len is NULL, or out is NULL and size is not 0
 */
ENVOI_API int envoi_uri_format(const envoi_uri *uri, char *out, size_t size, size_t *len);

/**
 * Write the IRI (RFC 5122 2.2), for people to read: as envoi_uri_format(), but characters outside ASCII stay
 * as they are where RFC 3987 2.2 and 4.1 allow them.
 * @return as envoi_uri_format(); ENVOI_ERR_URI also when querytype or a key holds a character that an IRI
 *   cannot carry there, since percent-encoding is for values only
 */
ENVOI_API int envoi_uri_format_iri(const envoi_uri *uri, char *out, size_t size, size_t *len);

ENVOI_END_DECLS

#endif
