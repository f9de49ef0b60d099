/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_URI_H
#define ENVOI_DATA_URI_H
/* The inside of an envoi_uri, and the character classes that its reader and its writer share. */
#include <envoi/uri.h>

struct uri_pair {
    char *key, *value;
};

struct envoi_uri {
    envoi_jid *account; /* bare */
    envoi_jid *jid;
    char *querytype; /* NULL: no query */
    char *fragment;
    struct uri_pair *pairs;
    size_t pair_count;
    int strict;
};

/* The parts of a URI that hold text, for the table of characters that may stand bare in them. */
enum uri_part { PART_LOCAL, PART_HOST, PART_RESOURCE, PART_QUERYTYPE, PART_KEY, PART_VALUE, PART_FRAGMENT };

/* 1 if the code point may stand bare in this part of a URI (RFC 5122 3.3), or of an IRI if it is outside
 * ASCII (RFC 5122 2.2, RFC 3987 2.2 and 4.1). */
int envoi__uri_may_stand(enum uri_part part, uint32_t code_point);
/* 0, ENVOI_ERR_UTF8, or ENVOI_ERR_URI for a control character or one that XML cannot carry. */
int envoi__uri_check_text(const char *text, size_t len);
/* Add a pair that owns both texts from now on, also on failure. 0, ENVOI_ERR_TOO_LARGE, ENVOI_ERR_NOMEM. */
int envoi__uri_take_pair(envoi_uri *uri, char *key, char *value);

#endif
