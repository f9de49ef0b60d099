/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DISCO_H
#define ENVOI_DISCO_H
/** @file
 * Service discovery (XEP-0030): what an entity is and can do (disco#info, with the forms of XEP-0128), and
 * what it knows of (disco#items). Requests to send, answers to read, and answers to give.
 *
 * envoi_disco_info and envoi_disco_items are copies of their own; what is read from them is a view that lives
 * as long as they do and holds still until they are changed. Parsers skip what they do not know.
 */
#include <envoi/form.h>
#include <envoi/rsm.h>
#include <envoi/stanza.h>

ENVOI_BEGIN_DECLS

/** What an entity is and can do. Freed with envoi_disco_info_free(). */
typedef struct envoi_disco_info envoi_disco_info;

/** What an entity knows of. Freed with envoi_disco_items_free(). */
typedef struct envoi_disco_items envoi_disco_items;

/** The namespace of information. */
#define ENVOI_NS_DISCO_INFO "http://jabber.org/protocol/disco#info"
/** The namespace of items. */
#define ENVOI_NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"

/* ---- requests ---- */

/**
 * Ask an entity what it is and can do (XEP-0030 3.1).
 * @param out   receives the IQ; untouched on failure
 * @param to    whom to ask; NULL: one's own account
 * @param node  which part of it; NULL: all
 * @return 0, ENVOI_ERR_JID, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_disco_info_request(envoi_stanza **out, const char *to, const char *node);

/** Ask an entity what it knows of (XEP-0030 4.1).
 * @param page  which page of a long list (XEP-0059); NULL: all
 * @return as envoi_disco_info_request() */
ENVOI_API int envoi_disco_items_request(envoi_stanza **out, const char *to, const char *node,
                                        const envoi_rsm *page);

/* ---- information ---- */

/** Make an empty answer. @param node  the node that was asked for, which the answer repeats (XEP-0030 3.2);
 *  NULL: none
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_NOMEM; out is untouched on
 *    failure */
ENVOI_API int envoi_disco_info_new(envoi_disco_info **out, const char *node);

/**
 * Read an answer, in the order in which it came. Identities without category or type, features without a
 * name, and forms that envoi_form_parse() refuses are left out.
 * @param out      receives the information; untouched on failure
 * @param element  the IQ, or its <query/>
 * @return 0, ENVOI_ERR_STANZA (no <query/> of disco#info, or an IQ that is not a result), ENVOI_ERR_ARGUMENT,
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_disco_info_parse(envoi_disco_info **out, const envoi_element *element);

/** Free it; NULL is allowed. */
ENVOI_API void envoi_disco_info_free(envoi_disco_info *info);

/** The node. @return a view; NULL if there is none */
ENVOI_API const char *envoi_disco_info_node(const envoi_disco_info *info);

/** How many identities there are. */
ENVOI_API size_t envoi_disco_info_identity_count(const envoi_disco_info *info);

/** The category of an identity, such as "pubsub". @return a view; NULL past the end */
ENVOI_API const char *envoi_disco_info_category_at(const envoi_disco_info *info, size_t index);

/** The type of an identity, such as "service". @return a view; NULL past the end */
ENVOI_API const char *envoi_disco_info_type_at(const envoi_disco_info *info, size_t index);

/** The name of an identity, for a person. @return a view; NULL past the end, or if there is none */
ENVOI_API const char *envoi_disco_info_name_at(const envoi_disco_info *info, size_t index);

/** The language of an identity's name. @return a view; NULL past the end, or if it is not told */
ENVOI_API const char *envoi_disco_info_lang_at(const envoi_disco_info *info, size_t index);

/** @param type  NULL: any type of this category. @return 1 if there is such an identity, else 0 */
ENVOI_API int envoi_disco_info_has_identity(const envoi_disco_info *info, const char *category,
                                            const char *type);

/** How many features there are. */
ENVOI_API size_t envoi_disco_info_feature_count(const envoi_disco_info *info);

/** A feature. @return a view; NULL past the end */
ENVOI_API const char *envoi_disco_info_feature_at(const envoi_disco_info *info, size_t index);

/** @return 1 if there is this feature, else 0 */
ENVOI_API int envoi_disco_info_has_feature(const envoi_disco_info *info, const char *feature);

/** How many forms there are (XEP-0128). */
ENVOI_API size_t envoi_disco_info_form_count(const envoi_disco_info *info);

/** A form. @return a view; NULL past the end */
ENVOI_API const envoi_form *envoi_disco_info_form_at(const envoi_disco_info *info, size_t index);

/** The first form with a FORM_TYPE. @return a view; NULL if there is none */
ENVOI_API const envoi_form *envoi_disco_info_form(const envoi_disco_info *info, const char *form_type);

/* Adding copies its arguments and returns 0, ENVOI_ERR_ARGUMENT (a needed one is NULL or ""), ENVOI_ERR_UTF8,
 * ENVOI_ERR_XML_CHAR, ENVOI_ERR_NOMEM; nothing is added on failure. */

/** Add an identity. @param name  NULL: none. @param lang  the language of the name; NULL: not told */
ENVOI_API int envoi_disco_info_add_identity(envoi_disco_info *info, const char *category, const char *type,
                                            const char *name, const char *lang);

/** Add a feature; one that is there already is not added again. */
ENVOI_API int envoi_disco_info_add_feature(envoi_disco_info *info, const char *feature);

/** Add a form; it should be of the type ENVOI_FORM_RESULT and have a FORM_TYPE (XEP-0128 3).
 *  @return also the error that the form met */
ENVOI_API int envoi_disco_info_add_form(envoi_disco_info *info, const envoi_form *form);

/**
 * Write it as a <query/> child of an element, such as what envoi_stanza_new_result() made.
 * @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM, or the error that the stanza met before; a failure marks
 *   the stanza
 */
ENVOI_API int envoi_disco_info_append(const envoi_disco_info *info, envoi_element *parent);

/* ---- items ---- */

/** Make an empty answer. @return as envoi_disco_info_new() */
ENVOI_API int envoi_disco_items_new(envoi_disco_items **out, const char *node);

/** Read an answer. JIDs are put into their prepared form; an item whose JID is missing or not valid is left
 *  out.
 *  @return as envoi_disco_info_parse() for disco#items */
ENVOI_API int envoi_disco_items_parse(envoi_disco_items **out, const envoi_element *element);

/** Free it; NULL is allowed. */
ENVOI_API void envoi_disco_items_free(envoi_disco_items *items);

/** The node whose items these are. @return a view; NULL if there is none */
ENVOI_API const char *envoi_disco_items_node(const envoi_disco_items *items);

/** How many items there are. */
ENVOI_API size_t envoi_disco_items_count(const envoi_disco_items *items);

/** The JID of an item. @return a view; NULL past the end */
ENVOI_API const char *envoi_disco_items_jid_at(const envoi_disco_items *items, size_t index);

/** The node of an item. @return a view; NULL past the end, or if there is none */
ENVOI_API const char *envoi_disco_items_node_at(const envoi_disco_items *items, size_t index);

/** The name of an item, for a person. @return a view; NULL past the end, or if there is none */
ENVOI_API const char *envoi_disco_items_name_at(const envoi_disco_items *items, size_t index);

/** What the answer says about its page (XEP-0059). @return a view; NULL if it is the whole list, or tells
 *  nothing that can be read */
ENVOI_API const envoi_rsm *envoi_disco_items_page(const envoi_disco_items *items);

/** Add an item; texts are copied.
 * @param jid   put into its prepared form
 * @param node  NULL: none
 * @param name  NULL: none
 * @return 0, ENVOI_ERR_JID, ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_disco_items_add(envoi_disco_items *items, const char *jid, const char *node,
                                    const char *name);

/** Say which page this is; copied. @param page  NULL: none. @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_disco_items_set_page(envoi_disco_items *items, const envoi_rsm *page);

/** Write it as a <query/> child of an element. @return as envoi_disco_info_append() */
ENVOI_API int envoi_disco_items_append(const envoi_disco_items *items, envoi_element *parent);

ENVOI_END_DECLS

#endif
