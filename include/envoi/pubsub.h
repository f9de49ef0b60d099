/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_PUBSUB_H
#define ENVOI_PUBSUB_H
/** @file
 * Publish-subscribe (XEP-0060 1.30, XEP-0163): requests to build, replies and events to read. Nothing here
 * sends.
 *
 * A request is an IQ that the caller may decorate and then sends with envoi_stream_send_iq(). A reply is the
 * root element that the reply event shows. What a parser hands out are views into the reply or message: they
 * live as long as that does; envoi_stanza_dup() keeps it.
 *
 * Parameters that many functions share:
 *   out      receives a new stanza, freed by the caller with envoi_stanza_free(); untouched on failure
 *   service  the JID of the service; NULL: the own account (PEP), so the request carries no `to` (XEP-0163 3)
 *   node     the NodeID; copied, never empty
 *   jid      a bare or full JID; written in its prepared form
 *   subid    the subscription identifier; NULL: none. Where a service gave one, requests must name it.
 *
 * Forms (XEP-0004) must be of the type submit. One form serves as node configuration and as publish-options:
 * it is written with the FORM_TYPE that its place demands.
 *
 * All request builders return 0, ENVOI_ERR_ARGUMENT (a required text is NULL or empty, or a number out of
 * range), ENVOI_ERR_JID, ENVOI_ERR_UTF8 or ENVOI_ERR_XML_CHAR (a text that XML cannot carry), ENVOI_ERR_FORM
 * (a form of another type or FORM_TYPE), the error that building the given form or payload met,
 * ENVOI_ERR_NOMEM; further errors stand with the function.
 *
 * All reply parsers return 0, ENVOI_ERR_ARGUMENT (NULL), ENVOI_ERR_STANZA_ERROR (the reply is an error: see
 * envoi_pubsub_error_condition()), ENVOI_ERR_STANZA (not a reply to that request); further errors stand with
 * the function. Out parameters are untouched on failure.
 */
#include <envoi/form.h>
#include <envoi/rsm.h>
#include <envoi/stanza.h>

ENVOI_BEGIN_DECLS

#define ENVOI_NS_PUBSUB        "http://jabber.org/protocol/pubsub"
#define ENVOI_NS_PUBSUB_OWNER  "http://jabber.org/protocol/pubsub#owner"
#define ENVOI_NS_PUBSUB_EVENT  "http://jabber.org/protocol/pubsub#event"
#define ENVOI_NS_PUBSUB_ERRORS "http://jabber.org/protocol/pubsub#errors"

/* FORM_TYPE of the forms (XEP-0060 16.4) */
#define ENVOI_PUBSUB_FORM_NODE_CONFIG       "http://jabber.org/protocol/pubsub#node_config"
#define ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS   "http://jabber.org/protocol/pubsub#publish-options"
#define ENVOI_PUBSUB_FORM_SUBSCRIBE_OPTIONS "http://jabber.org/protocol/pubsub#subscribe_options"
#define ENVOI_PUBSUB_FORM_AUTHORIZATION     "http://jabber.org/protocol/pubsub#subscribe_authorization"
#define ENVOI_PUBSUB_FORM_META_DATA         "http://jabber.org/protocol/pubsub#meta-data"

/* affiliations (XEP-0060 4.1) */
#define ENVOI_PUBSUB_AFFILIATION_NONE         1
#define ENVOI_PUBSUB_AFFILIATION_OUTCAST      2
#define ENVOI_PUBSUB_AFFILIATION_MEMBER       3
#define ENVOI_PUBSUB_AFFILIATION_PUBLISH_ONLY 4
#define ENVOI_PUBSUB_AFFILIATION_PUBLISHER    5
#define ENVOI_PUBSUB_AFFILIATION_OWNER        6

/* subscription states (XEP-0060 4.2) */
#define ENVOI_PUBSUB_SUBSCRIPTION_NONE         1
#define ENVOI_PUBSUB_SUBSCRIPTION_PENDING      2 /**< waits for an owner */
#define ENVOI_PUBSUB_SUBSCRIPTION_UNCONFIGURED 3 /**< options must be set before events flow */
#define ENVOI_PUBSUB_SUBSCRIPTION_SUBSCRIBED   4

/* what the service says about options in its answer to subscribe (XEP-0060 6.1.4, 6.1.5) */
#define ENVOI_PUBSUB_OPTIONS_UNKNOWN   0 /**< says nothing */
#define ENVOI_PUBSUB_OPTIONS_SUPPORTED 1 /**< may be set */
#define ENVOI_PUBSUB_OPTIONS_REQUIRED  2 /**< must be set before events flow */

/** The affiliation as the protocol writes it, such as "publish-only".
 *  @return a static text; NULL for other numbers */
ENVOI_API const char *envoi_pubsub_affiliation_name(int affiliation);

/** The affiliation of a name.
 *  @return ENVOI_PUBSUB_AFFILIATION_*; ENVOI_ERR_STANZA for a name that is none; ENVOI_ERR_ARGUMENT for NULL
 */
ENVOI_API int envoi_pubsub_affiliation_from_name(const char *name);

/** The state as the protocol writes it, such as "pending".
 *  @return a static text; NULL for other numbers */
ENVOI_API const char *envoi_pubsub_subscription_state_name(int state);

/** The state of a name.
 *  @return ENVOI_PUBSUB_SUBSCRIPTION_*; ENVOI_ERR_STANZA for a name that is none; ENVOI_ERR_ARGUMENT for NULL
 */
ENVOI_API int envoi_pubsub_subscription_state_from_name(const char *name);

/* ---- requests: nodes ---- */

/**
 * Create a node (XEP-0060 8.1).
 * Reply: envoi_pubsub_parse_created().
 * @param node           NULL: an instant node, whose NodeID the service makes up
 * @param configuration  NULL: the service's defaults. A service that does not announce create-and-configure
 *                       silently ignores it (8.1.3).
 */
ENVOI_API int envoi_pubsub_create(envoi_stanza **out, const char *service, const char *node,
                                  const envoi_form *configuration);

/** Ask for the configuration form of a node (XEP-0060 8.2.1). Reply: envoi_pubsub_parse_configuration(). */
ENVOI_API int envoi_pubsub_get_configuration(envoi_stanza **out, const char *service, const char *node);

/** Submit a node's configuration, or cancel with a form of that type (XEP-0060 8.2.4).
 *  Reply: success only. */
ENVOI_API int envoi_pubsub_set_configuration(envoi_stanza **out, const char *service, const char *node,
                                             const envoi_form *configuration);

/** Ask for the configuration that new nodes get (XEP-0060 8.3). Reply: envoi_pubsub_parse_configuration().
 *  @param type  the node type, such as "collection" (XEP-0248 7.3); NULL: leaf */
ENVOI_API int envoi_pubsub_get_default_configuration(envoi_stanza **out, const char *service,
                                                     const char *type);

/** Delete a node and all its items (XEP-0060 8.4). Reply: success only.
 *  @param redirect_uri  where subscribers find the replacement, such as an xmpp: URI; NULL: none */
ENVOI_API int envoi_pubsub_delete(envoi_stanza **out, const char *service, const char *node,
                                  const char *redirect_uri);

/** Remove all items of a node (XEP-0060 8.5). Reply: success only. */
ENVOI_API int envoi_pubsub_purge(envoi_stanza **out, const char *service, const char *node);

/* ---- requests: items ---- */

/**
 * Publish one item (XEP-0060 7.1); the XEP allows no more in one request (7.1.1).
 * Reply: envoi_pubsub_parse_published().
 * @param item_id  NULL: the service makes one. An item that has the id already is overwritten.
 * @param payload  copied with its children; NULL: an item without payload, which also clears own PEP state
 *                 (XEP-0163 3)
 * @param options  preconditions on the node's configuration (7.1.5); NULL: none. Data that must
 *                 stay private is safe only with pubsub#access_model here: without it a node may be made, or
 *                 stand already, open to all.
 */
ENVOI_API int envoi_pubsub_publish(envoi_stanza **out, const char *service, const char *node,
                                   const char *item_id, const envoi_element *payload,
                                   const envoi_form *options);

/** Trigger a notification at a node that holds no items (transient and without payload: XEP-0060 4.3), by
 *  publishing no item at all. Reply: success only.
 *  @param options  as envoi_pubsub_publish() */
ENVOI_API int envoi_pubsub_publish_no_item(envoi_stanza **out, const char *service, const char *node,
                                           const envoi_form *options);

/**
 * Retract items (XEP-0060 7.2). Reply: success only.
 * @param item_ids  texts, none NULL or empty
 * @param count     at least 1. Many services take one at a time only (7.2.1); more is the batch of 12.11.
 * @param notify    not 0: subscribers are told
 */
ENVOI_API int envoi_pubsub_retract(envoi_stanza **out, const char *service, const char *node,
                                   const char *const *item_ids, size_t count, int notify);

/**
 * Ask for the items of a node: all, the newest, or a page (XEP-0060 6.5). Reply: envoi_pubsub_parse_items()
 * and envoi_pubsub_parse_page(); a service may cut any list and tell so in the page.
 * @param max_items  the newest this many (6.5.7); 0: no such limit
 * @param page       which page (XEP-0059); NULL: none. Services that do not announce pubsub#rsm ignore it.
 */
ENVOI_API int envoi_pubsub_get_items(envoi_stanza **out, const char *service, const char *node,
                                     const char *subid, uint32_t max_items, const envoi_rsm *page);

/** Ask for items by their ItemIDs (XEP-0060 6.5.8). Reply: envoi_pubsub_parse_items(); an unknown ItemID
 *  gives no item, or from some services the error item-not-found (6.5.9.12).
 *  @param item_ids  texts, none NULL or empty
 *  @param count     at least 1 */
ENVOI_API int envoi_pubsub_get_items_by_id(envoi_stanza **out, const char *service, const char *node,
                                           const char *subid, const char *const *item_ids, size_t count);

/* ---- requests: subscriptions ---- */

/** Subscribe to a node (XEP-0060 6.1). Reply: envoi_pubsub_parse_subscription().
 *  @param node     NULL: the root collection (XEP-0248 8.1)
 *  @param jid      who gets the events; its bare JID must be one's own
 *  @param options  subscription options to set at once (6.3.7); NULL: none */
ENVOI_API int envoi_pubsub_subscribe(envoi_stanza **out, const char *service, const char *node,
                                     const char *jid, const envoi_form *options);

/** End a subscription (XEP-0060 6.2). Reply: envoi_pubsub_parse_subscription().
 *  @param node  NULL: the root collection
 *  @param jid   exactly as it was subscribed */
ENVOI_API int envoi_pubsub_unsubscribe(envoi_stanza **out, const char *service, const char *node,
                                       const char *jid, const char *subid);

/** Ask for the options of a subscription (XEP-0060 6.3.2). Reply: envoi_pubsub_parse_options().
 *  @param node  NULL: the root collection */
ENVOI_API int envoi_pubsub_get_options(envoi_stanza **out, const char *service, const char *node,
                                       const char *jid, const char *subid);

/** Submit the options of a subscription (XEP-0060 6.3.5). Reply: success only.
 *  @param node  NULL: the root collection */
ENVOI_API int envoi_pubsub_set_options(envoi_stanza **out, const char *service, const char *node,
                                       const char *jid, const char *subid, const envoi_form *options);

/** Ask for the options that new subscriptions get (XEP-0060 6.4). Reply: envoi_pubsub_parse_options().
 *  @param node  NULL: of the whole service */
ENVOI_API int envoi_pubsub_get_default_options(envoi_stanza **out, const char *service, const char *node);

/** Ask for one's own subscriptions (XEP-0060 5.6). Reply: envoi_pubsub_parse_subscriptions().
 *  @param node  NULL: at all nodes */
ENVOI_API int envoi_pubsub_get_subscriptions(envoi_stanza **out, const char *service, const char *node);

/** Ask for one's own affiliations (XEP-0060 5.7). Reply: envoi_pubsub_parse_affiliations().
 *  @param node  NULL: at all nodes */
ENVOI_API int envoi_pubsub_get_affiliations(envoi_stanza **out, const char *service, const char *node);

/* ---- requests: an owner's ---- */

/** Ask who is subscribed to a node (XEP-0060 8.8.1). Reply: envoi_pubsub_parse_subscriptions(). */
ENVOI_API int envoi_pubsub_get_node_subscriptions(envoi_stanza **out, const char *service, const char *node);

/**
 * Change subscriptions at a node (XEP-0060 8.8.2); those that are not named stay. Reply: success only; on an
 * error envoi_pubsub_parse_refused_subscriptions().
 * @param jids    the subscribers, bare or full JIDs
 * @param states  for each its ENVOI_PUBSUB_SUBSCRIPTION_*; NONE ends the subscription
 * @param subids  for each its subid or NULL; NULL instead of the array: none has one. The same JID may come
 *                again only with another subid (8.8.2.1): else ENVOI_ERR_ARGUMENT.
 * @param count   how many; at least 1
 */
ENVOI_API int envoi_pubsub_modify_node_subscriptions(envoi_stanza **out, const char *service,
                                                     const char *node, const char *const *jids,
                                                     const int *states, const char *const *subids,
                                                     size_t count);

/** Ask who has which affiliation with a node (XEP-0060 8.9.1). Reply: envoi_pubsub_parse_affiliations(). */
ENVOI_API int envoi_pubsub_get_node_affiliations(envoi_stanza **out, const char *service, const char *node);

/**
 * Change affiliations with a node (XEP-0060 8.9.2); those that are not named stay. Reply: success only; on an
 * error envoi_pubsub_parse_refused_affiliations().
 * @param jids          bare JIDs, each once (4.1, 8.9.2.1): else ENVOI_ERR_JID, ENVOI_ERR_ARGUMENT
 * @param affiliations  for each its ENVOI_PUBSUB_AFFILIATION_*; NONE removes it
 * @param count         how many; at least 1
 */
ENVOI_API int envoi_pubsub_modify_node_affiliations(envoi_stanza **out, const char *service, const char *node,
                                                    const char *const *jids, const int *affiliations,
                                                    size_t count);

/* ---- replies ---- */

/** The reply to create.
 *  @param node  receives a view of the NodeID that the service made up or changed to; NULL: it is the one
 *               that was asked for */
ENVOI_API int envoi_pubsub_parse_created(const char **node, const envoi_element *reply);

/** The reply to publish.
 *  @param item_id  receives a view of the ItemID; NULL: the service does not tell, so it is the one that was
 *                  asked for or, without one, unknown */
ENVOI_API int envoi_pubsub_parse_published(const char **item_id, const envoi_element *reply);

/** The configuration form in a reply to get_configuration or get_default_configuration.
 *  @param out  receives a new form, freed by the caller
 *  @return also ENVOI_ERR_FORM (no valid form, or one of another FORM_TYPE), ENVOI_ERR_TOO_LARGE,
 *    ENVOI_ERR_NOMEM */
ENVOI_API int envoi_pubsub_parse_configuration(envoi_form **out, const envoi_element *reply);

/** The options form in a reply to get_options, get_default_options, or subscribe with options.
 *  @param out  receives a new form, freed by the caller
 *  @return also ENVOI_ERR_FORM (no valid form, or one of another FORM_TYPE), ENVOI_ERR_TOO_LARGE,
 *    ENVOI_ERR_NOMEM */
ENVOI_API int envoi_pubsub_parse_options(envoi_form **out, const envoi_element *reply);

/** The reply to get_items and get_items_by_id.
 *  @param first  receives the first item; NULL: there is none, which is a success (XEP-0060 6.5.9.12) */
ENVOI_API int envoi_pubsub_parse_items(const envoi_element **first, const envoi_element *reply);

/** The page that a reply to get_items holds (XEP-0059).
 *  @param out  receives a new page, freed by the caller
 *  @return also ENVOI_ERR_NOT_FOUND (the list is whole or the service knows no pages), ENVOI_ERR_NOMEM */
ENVOI_API int envoi_pubsub_parse_page(envoi_rsm **out, const envoi_element *reply);

/** The reply to subscribe and unsubscribe.
 *  @param subscription  receives the subscription; NULL: the reply is empty, as it may be for unsubscribe
 *                       (6.2.2) */
ENVOI_API int envoi_pubsub_parse_subscription(const envoi_element **subscription, const envoi_element *reply);

/** The reply to get_subscriptions and get_node_subscriptions.
 *  @param first  receives the first subscription; NULL: there is none */
ENVOI_API int envoi_pubsub_parse_subscriptions(const envoi_element **first, const envoi_element *reply);

/** The reply to get_affiliations and get_node_affiliations.
 *  @param first  receives the first affiliation; NULL: there is none */
ENVOI_API int envoi_pubsub_parse_affiliations(const envoi_element **first, const envoi_element *reply);

/** The error reply to modify_node_subscriptions: the entries that were refused, with the state they still
 *  have (8.8.2.4). Services that echo requests in errors show the request instead.
 *  @param first  receives the first entry; NULL: the service names none
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_STANZA (not an error reply) */
ENVOI_API int envoi_pubsub_parse_refused_subscriptions(const envoi_element **first,
                                                       const envoi_element *reply);

/** The error reply to modify_node_affiliations: the entries that were refused (8.9.2.4); else as
 *  envoi_pubsub_parse_refused_subscriptions(). */
ENVOI_API int envoi_pubsub_parse_refused_affiliations(const envoi_element **first,
                                                      const envoi_element *reply);

/** The condition of XEP-0060 in an error reply, such as "precondition-not-met", wherever it stands among the
 *  error's children; envoi_stanza_error_condition() tells the one of RFC 6120 beside it. The set is open.
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_error_condition(const envoi_element *reply);

/** The feature that the condition "unsupported" names, such as "retrieve-items".
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_error_feature(const envoi_element *reply);

/* ---- items, in replies and events ---- */

/** The next item, of a reply also in the further lists of a collection (XEP-0248 6.2.2).
 *  @return NULL at the end */
ENVOI_API const envoi_element *envoi_pubsub_item_next(const envoi_element *item);

/** The ItemID. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_item_id(const envoi_element *item);

/** The node whose item it is. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_item_node(const envoi_element *item);

/** Who published it, a bare or full JID as the service wrote it (XEP-0060 7.1.2.3).
 *  @return a view; NULL if unknown */
ENVOI_API const char *envoi_pubsub_item_publisher(const envoi_element *item);

/** The payload. @return NULL if the item came without: ask with envoi_pubsub_get_items_by_id() */
ENVOI_API const envoi_element *envoi_pubsub_item_payload(const envoi_element *item);

/** @return 1 if the entry of an event tells that the item was retracted (XEP-0060 7.2.2.1), else 0 */
ENVOI_API int envoi_pubsub_item_is_retracted(const envoi_element *item);

/* ---- subscriptions and affiliations, in replies and events ---- */

/** The next subscription of the list. @return NULL at the end */
ENVOI_API const envoi_element *envoi_pubsub_subscription_next(const envoi_element *subscription);

/** The node, named by the entry or by its list. @return a view; NULL: the root collection */
ENVOI_API const char *envoi_pubsub_subscription_node(const envoi_element *subscription);

/** The subscribed JID as the service wrote it. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_subscription_jid(const envoi_element *subscription);

/** The subscription identifier. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_subscription_subid(const envoi_element *subscription);

/** When a lease ends, a dateTime of XEP-0082 as the service wrote it (12.18).
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_subscription_expiry(const envoi_element *subscription);

/** The state of a subscription.
 *  @return ENVOI_PUBSUB_SUBSCRIPTION_*; 0 if the entry names none; ENVOI_ERR_STANZA for one that is none of
 *    the four; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_pubsub_subscription_state(const envoi_element *subscription);

/** Whether options may or must be set before events flow. @return ENVOI_PUBSUB_OPTIONS_* */
ENVOI_API int envoi_pubsub_subscription_options(const envoi_element *subscription);

/** The next affiliation of the list. @return NULL at the end */
ENVOI_API const envoi_element *envoi_pubsub_affiliation_next(const envoi_element *affiliation);

/** The node, named by the entry or by its list. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_affiliation_node(const envoi_element *affiliation);

/** Whose affiliation it is, as the service wrote it. @return a view; NULL: one's own */
ENVOI_API const char *envoi_pubsub_affiliation_jid(const envoi_element *affiliation);

/** The affiliation of an entry.
 *  @return ENVOI_PUBSUB_AFFILIATION_*; 0 if the entry names none; ENVOI_ERR_STANZA for one that is none of
 *    the six; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_pubsub_affiliation(const envoi_element *affiliation);

/* ---- events ---- */

/** The events of one message. Freed with envoi_pubsub_event_free(). */
typedef struct envoi_pubsub_event envoi_pubsub_event;

#define ENVOI_PUBSUB_EVENT_ITEMS         1 /**< items published or retracted, or a notification without any */
#define ENVOI_PUBSUB_EVENT_PURGE         2 /**< all items of the node are gone (8.5.2) */
#define ENVOI_PUBSUB_EVENT_DELETE        3 /**< the node is gone: redirect (8.4.2) */
#define ENVOI_PUBSUB_EVENT_CONFIGURATION 4 /**< the node's configuration changed: form (8.2.5) */
#define ENVOI_PUBSUB_EVENT_SUBSCRIPTION  5 /**< a subscription changed, or its lease ends: subscription */
#define ENVOI_PUBSUB_EVENT_AFFILIATION   6 /**< an affiliation changed: affiliations (8.9.4) */
#define ENVOI_PUBSUB_EVENT_CREATE        7 /**< a node was made in a collection (XEP-0248 5.3.1.2) */
#define ENVOI_PUBSUB_EVENT_ASSOCIATE     8 /**< a node joined a collection: child, form (XEP-0248 5.3.2) */
#define ENVOI_PUBSUB_EVENT_DISSOCIATE    9 /**< a node left a collection: child (XEP-0248 5.3.2) */
#define ENVOI_PUBSUB_EVENT_AUTHORIZATION 10 /**< somebody asks an owner to be let in: form (8.6) */

/**
 * Read the events of a message from one service. Everybody can write a message that looks like an event, so
 * the sender is part of what an event says: one that does not come from `service` is refused.
 *
 * A message without `from` is from the own account (RFC 6120 8.1.2.1), which its `to` names.
 *
 * @param out      receives the events, standing at the first; freed by the caller. Its views are of
 * `message`.
 * @param message  must outlive the events
 * @param service  the JID that the events must come from, compared in prepared form with resourcepart: the
 *                 service subscribed to, the bare JID of a contact, or for own PEP events the own bare JID
 * @return 0, or
 *   ENVOI_ERR_NOT_FOUND   the message holds no event that is known here, or is of type error
 *   ENVOI_ERR_UNEXPECTED  it holds events, and is from somebody else
 *   ENVOI_ERR_STANZA      an event lacks what it must have or names an unknown state; no sender can be told
 *   ENVOI_ERR_JID         service is not a JID
 *   ENVOI_ERR_ARGUMENT    an argument is NULL
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_pubsub_event_parse(envoi_pubsub_event **out, const envoi_element *message,
                                       const char *service);

/**
 * Read the events of a message whoever sent it. For programs that follow many contacts and look at
 * envoi_pubsub_event_service() themselves before they believe anything.
 * @return as envoi_pubsub_event_parse(), without ENVOI_ERR_UNEXPECTED
 */
ENVOI_API int envoi_pubsub_event_parse_from_anyone(envoi_pubsub_event **out, const envoi_element *message);

/** Free the events; NULL is allowed. */
ENVOI_API void envoi_pubsub_event_free(envoi_pubsub_event *event);

/** Go on to the next event of the message. @return 1; 0 if there is none, and the position stays */
ENVOI_API int envoi_pubsub_event_next(envoi_pubsub_event *event);

/** The kind of event. @return ENVOI_PUBSUB_EVENT_*; 0 for NULL */
ENVOI_API int envoi_pubsub_event_type(const envoi_pubsub_event *event);

/** Who sent the event: the message's sender in prepared form. @return a view; never NULL but for NULL */
ENVOI_API const char *envoi_pubsub_event_service(const envoi_pubsub_event *event);

/** The node that the event is about. @return a view; NULL: the root collection, or not told */
ENVOI_API const char *envoi_pubsub_event_node(const envoi_pubsub_event *event);

/** ITEMS: the first item; envoi_pubsub_item_next() goes on.
 *  @return NULL if there is none, and for other types */
ENVOI_API const envoi_element *envoi_pubsub_event_items(const envoi_pubsub_event *event);

/** DELETE: where the replacement is, as the service wrote it. @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_event_redirect(const envoi_pubsub_event *event);

/** CONFIGURATION, ASSOCIATE, AUTHORIZATION: the form that came with it.
 *  @param out  receives a new form, freed by the caller; untouched on failure
 *  @return 0, ENVOI_ERR_NOT_FOUND (there is none), ENVOI_ERR_FORM, ENVOI_ERR_TOO_LARGE, ENVOI_ERR_ARGUMENT,
 *    ENVOI_ERR_NOMEM */
ENVOI_API int envoi_pubsub_event_form(envoi_form **out, const envoi_pubsub_event *event);

/** SUBSCRIPTION: the one entry that the event is about. @return NULL for other types */
ENVOI_API const envoi_element *envoi_pubsub_event_subscription(const envoi_pubsub_event *event);

/** AFFILIATION: the first entry; envoi_pubsub_affiliation_next() goes on. @return NULL for other types */
ENVOI_API const envoi_element *envoi_pubsub_event_affiliations(const envoi_pubsub_event *event);

/** ASSOCIATE, DISSOCIATE: the node that joined or left. @return a view; NULL for other types */
ENVOI_API const char *envoi_pubsub_event_child(const envoi_pubsub_event *event);

/** A subscription that the message answers to (SHIM header SubID, XEP-0060 7.1.2.4).
 *  @param index  from 0; there may be several
 *  @return a view; NULL past the end */
ENVOI_API const char *envoi_pubsub_event_subid(const envoi_pubsub_event *event, size_t index);

/** A collection through which the message came (SHIM header Collection, XEP-0248 5.3.1).
 *  @param index  from 0
 *  @return a view; NULL past the end */
ENVOI_API const char *envoi_pubsub_event_collection(const envoi_pubsub_event *event, size_t index);

/** When the event happened, if it comes late: the stamp of XEP-0203 as written.
 *  @return a view; NULL if there is none */
ENVOI_API const char *envoi_pubsub_event_delay(const envoi_pubsub_event *event);

/** The message that holds the events; it may have a body beside them (XEP-0060 12.7).
 *  @return NULL for NULL */
ENVOI_API const envoi_element *envoi_pubsub_event_message(const envoi_pubsub_event *event);

/**
 * Approve or deny a request to subscribe (XEP-0060 8.6): a message that submits the form to its sender.
 * @param event  stands at an ENVOI_PUBSUB_EVENT_AUTHORIZATION
 * @param allow  0: deny
 * @return as a request builder; ENVOI_ERR_ARGUMENT also for an event of another type
 */
ENVOI_API int envoi_pubsub_authorize(envoi_stanza **out, const envoi_pubsub_event *event, int allow);

ENVOI_END_DECLS

#endif
