/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_COMMON_H
#define ENVOI_DATA_COMMON_H
/* What the files of data/ share: objects that keep all they have in one arena, numbers and languages. */
#include <envoi/element.h>

#include "base/arena.h"

/* Room for one more item at the end of an array in an arena. Returns the array, moved if it had to grow, or
 * NULL. */
void *envoi__list_room(struct envoi__arena *arena, void *items, size_t count, size_t *cap, size_t item_size);

/* Copies into an arena; *out is untouched on failure. A NULL text is copied as NULL. */
int envoi__copy_text(struct envoi__arena *arena, const char **out, const char *text); /* 0, ENVOI_ERR_NOMEM */
/* The same for texts of the caller: also ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR. */
int envoi__copy_checked(struct envoi__arena *arena, const char **out, const char *text);
/* The prepared form of a JID: 0, ENVOI_ERR_JID, ENVOI_ERR_UTF8, ENVOI_ERR_NOMEM. */
int envoi__copy_jid(struct envoi__arena *arena, const char **out, const char *text);

/* A whole number as XML Schema writes it: white space around it, a sign. 0, or ENVOI_ERR_ARGUMENT. */
int envoi__parse_int(const char *text, int64_t min, int64_t max, int64_t *out);

/* The child with a name, in the parent's namespace if ns is NULL, whose language suits best (RFC 4647 3.4);
 * NULL: no such child. */
const envoi_element *envoi__child_for_lang(const envoi_element *parent, const char *name, const char *ns,
                                           const char *lang);

/* The text of a stanza error in the language that suits best; NULL: it has none. */
const envoi_element *envoi__error_text_element(const envoi_element *stanza, const char *lang);

#endif
