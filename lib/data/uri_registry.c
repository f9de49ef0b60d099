/* SPDX-License-Identifier: MIT */
/* The known querytypes with their keys and values: XSF registrar, XEP-0147 and the XEPs that define more. A
 * new querytype is an ENVOI_URI_ACTION_* constant and rows here. */
#include "data/uri.h"

#include "base/text.h"
#include <string.h>

static const char *const querytypes[] = {
    [ENVOI_URI_ACTION_IDENTIFY] = "",           [ENVOI_URI_ACTION_MESSAGE] = "message",
    [ENVOI_URI_ACTION_ROSTER] = "roster",       [ENVOI_URI_ACTION_REMOVE] = "remove",
    [ENVOI_URI_ACTION_SUBSCRIBE] = "subscribe", [ENVOI_URI_ACTION_UNSUBSCRIBE] = "unsubscribe",
    [ENVOI_URI_ACTION_DISCO] = "disco",         [ENVOI_URI_ACTION_JOIN] = "join",
    [ENVOI_URI_ACTION_INVITE] = "invite",       [ENVOI_URI_ACTION_COMMAND] = "command",
    [ENVOI_URI_ACTION_VCARD] = "vcard",         [ENVOI_URI_ACTION_PUBSUB] = "pubsub",
    [ENVOI_URI_ACTION_REGISTER] = "register",   [ENVOI_URI_ACTION_UNREGISTER] = "unregister",
    [ENVOI_URI_ACTION_SENDFILE] = "sendfile",   [ENVOI_URI_ACTION_RECVFILE] = "recvfile",
    [ENVOI_URI_ACTION_JINGLE] = "jingle",       [ENVOI_URI_ACTION_TRUST_MESSAGE] = "trust-message",
};

/* What a value may be: a list of words between spaces, or one of these. */
static const char any[] = "any text";
static const char hex[] = "hexadecimal digits";
static const char date_time[] = "a dateTime of XEP-0082";

struct key_row {
    int action;
    const char *key;
    const char *values;
};

static const struct key_row keys[] = {
    {ENVOI_URI_ACTION_IDENTIFY, "node", any},        /* XEP-0060, XEP-0271 */
    {ENVOI_URI_ACTION_IDENTIFY, "item", any},        /* XEP-0060 */
    {ENVOI_URI_ACTION_IDENTIFY, "xid-private", hex}, /* XEP-0516 */
    {ENVOI_URI_ACTION_IDENTIFY, "xid-created", date_time},
    {ENVOI_URI_ACTION_MESSAGE, "subject", any},
    {ENVOI_URI_ACTION_MESSAGE, "body", any},
    {ENVOI_URI_ACTION_MESSAGE, "thread", any},
    {ENVOI_URI_ACTION_MESSAGE, "from", any},
    {ENVOI_URI_ACTION_MESSAGE, "id", any},
    {ENVOI_URI_ACTION_MESSAGE, "type", " chat groupchat headline normal "},
    {ENVOI_URI_ACTION_ROSTER, "name", any},
    {ENVOI_URI_ACTION_ROSTER, "group", any},
    {ENVOI_URI_ACTION_ROSTER, "preauth", any}, /* XEP-0379 */
    {ENVOI_URI_ACTION_ROSTER, "ibr", " y "},   /* XEP-0401 */
    {ENVOI_URI_ACTION_DISCO, "node", any},
    {ENVOI_URI_ACTION_DISCO, "request", " info items "},
    {ENVOI_URI_ACTION_DISCO, "type", " get set "},
    {ENVOI_URI_ACTION_JOIN, "password", any}, /* also an invitation token, XEP-0488 */
    {ENVOI_URI_ACTION_INVITE, "jid", any},
    {ENVOI_URI_ACTION_INVITE, "password", any},
    {ENVOI_URI_ACTION_COMMAND, "node", any},
    {ENVOI_URI_ACTION_COMMAND, "action", " cancel complete execute next prev "},
    {ENVOI_URI_ACTION_PUBSUB, "action", " subscribe unsubscribe retrieve "},
    {ENVOI_URI_ACTION_PUBSUB, "node", any},
    {ENVOI_URI_ACTION_PUBSUB, "item", any},
    {ENVOI_URI_ACTION_REGISTER, "preauth", any}, /* XEP-0401, XEP-0445 */
    {ENVOI_URI_ACTION_RECVFILE, "mime-type", any},
    {ENVOI_URI_ACTION_RECVFILE, "name", any},
    {ENVOI_URI_ACTION_RECVFILE, "sid", any},
    {ENVOI_URI_ACTION_RECVFILE, "size", any},
    {ENVOI_URI_ACTION_RECVFILE, "algo", any},
    {ENVOI_URI_ACTION_RECVFILE, "hash", any},
    {ENVOI_URI_ACTION_JINGLE, "id", any},
    {ENVOI_URI_ACTION_TRUST_MESSAGE, "encryption", any},
    {ENVOI_URI_ACTION_TRUST_MESSAGE, "trust", hex},
    {ENVOI_URI_ACTION_TRUST_MESSAGE, "distrust", hex},
};

static const char digits[] = "0123456789";

static const struct key_row *find_key(const char *querytype, const char *key)
{
    int action = envoi_uri_querytype_action(querytype);
    for (size_t i = 0; i < ENVOI__COUNT(keys); i++)
        if (keys[i].action == action && envoi__eq(keys[i].key, key))
            return &keys[i];
    return NULL;
}

/* ---- values ---- */

static int is_word_of(const char *words, const char *value)
{
    size_t len = strlen(value);
    if (!len || strchr(value, ' '))
        return 0;
    for (const char *at = words; (at = strstr(at, value)); at++)
        if (at[-1] == ' ' && at[len] == ' ') /* a list begins and ends with a space */
            return 1;
    return 0;
}

static int is_hex(const char *value)
{
    return *value && !value[strspn(value, "0123456789ABCDEFabcdef")];
}

/* If the text begins with this shape, where 9 is any digit: what follows it. Else NULL. */
static const char *skip_shape(const char *text, const char *shape)
{
    for (; *shape; text++, shape++)
        if (*shape == '9' ? !*text || !strchr(digits, *text) : *text != *shape)
            return NULL;
    return text;
}

/* CCYY-MM-DDThh:mm:ss[.sss]TZD (XEP-0082 3.2): the shape, not the calendar. */
static int is_date_time(const char *value)
{
    const char *rest = skip_shape(value, "9999-99-99T99:99:99");
    if (!rest)
        return 0;
    if (*rest == '.') {
        size_t len = strspn(rest + 1, digits);
        if (!len)
            return 0;
        rest += 1 + len;
    }
    if (strcmp(rest, "Z") == 0)
        return 1;
    if (*rest != '+' && *rest != '-')
        return 0;
    rest = skip_shape(rest + 1, "99:99");
    return rest && !*rest;
}

/* ---- the interface ---- */

int envoi_uri_querytype_action(const char *querytype)
{
    if (!querytype)
        return ENVOI_ERR_ARGUMENT;
    for (size_t i = 0; i < ENVOI__COUNT(querytypes); i++)
        if (strcmp(querytypes[i], querytype) == 0)
            return (int)i;
    return ENVOI_ERR_NOT_FOUND;
}

const char *envoi_uri_action_querytype(int action)
{
    return action >= 0 && (size_t)action < ENVOI__COUNT(querytypes) ? querytypes[action] : NULL;
}

int envoi_uri_is_known_key(const char *querytype, const char *key)
{
    return find_key(querytype, key) != NULL;
}

int envoi_uri_is_allowed_value(const char *querytype, const char *key, const char *value)
{
    const struct key_row *row = find_key(querytype, key);
    if (!row || !value)
        return 0;
    if (row->values == any)
        return 1;
    if (row->values == hex)
        return is_hex(value);
    if (row->values == date_time)
        return is_date_time(value);
    return is_word_of(row->values, value);
}

int envoi_uri_is_known_querytype(const envoi_uri *uri)
{
    return uri && (!uri->querytype || envoi_uri_querytype_action(uri->querytype) >= 0);
}

int envoi_uri_action(const envoi_uri *uri)
{
    int action =
        uri && uri->querytype ? envoi_uri_querytype_action(uri->querytype) : ENVOI_URI_ACTION_IDENTIFY;
    return action < 0 ? ENVOI_URI_ACTION_IDENTIFY : action; /* unknown: the query is ignored (RFC 5122 2.5) */
}

int envoi_uri_is_known_pair(const envoi_uri *uri, size_t index)
{
    if (!uri || index >= uri->pair_count)
        return 0;
    return envoi_uri_is_allowed_value(uri->querytype, uri->pairs[index].key, uri->pairs[index].value);
}

/* The first value of a key, where the querytype defines it. */
static const char *known_value(const envoi_uri *uri, const char *key)
{
    return uri && find_key(uri->querytype, key) ? envoi_uri_value(uri, key) : NULL;
}

const char *envoi_uri_node(const envoi_uri *uri)
{
    return known_value(uri, "node");
}

const char *envoi_uri_item(const envoi_uri *uri)
{
    return known_value(uri, "item");
}
