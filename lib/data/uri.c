/* SPDX-License-Identifier: MIT */
/* The object behind an xmpp: URI: its parts, its making by hand, its freeing. Nothing here acts on one. */
#include "data/uri.h"

#include "base/mem.h"
#include "base/text.h"
#include <string.h>

/* ---- texts ---- */

/* RFC 3987 2.2 ucschar, less the bidirectional formatting characters that 4.1 forbids. */
static int iri_char(uint32_t c)
{
    if (c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E))
        return 0;
    if (c < 0x10000)
        return (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF);
    return (c & 0xFFFF) <= 0xFFFD && c <= 0xEFFFD && !(c >= 0xE0000 && c < 0xE1000);
}

int envoi__uri_may_stand(enum uri_part part, uint32_t c)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char *const more[] = {
        [PART_LOCAL] = "!$()*+,;=",         /* nodeallow */
        [PART_HOST] = "!$&'()*+,;=",        /* reg-name, RFC 3986 3.2.2 */
        [PART_RESOURCE] = "!$&'()*+,:;=",   /* resallow */
        [PART_FRAGMENT] = "!$&'()*+,;=:@/?" /* RFC 3986 3.5 */
    };
    if (c >= 0x80)
        return iri_char(c);
    return c && (strchr(unreserved, (int)c) || (more[part] && strchr(more[part], (int)c)));
}

int envoi__uri_check_text(const char *text, size_t len)
{
    uint32_t c;
    for (size_t used = 0, step; used < len; used += step) {
        step = envoi__utf8_decode((const uint8_t *)text + used, len - used, &c);
        if (!step)
            return ENVOI_ERR_UTF8;
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || !envoi__xml_char(c))
            return ENVOI_ERR_URI;
    }
    return 0;
}

/* A checked copy of a text that a caller sets. */
static int copy_text(char **out, const char *text)
{
    size_t len = strnlen(text, ENVOI_URI_MAX_LENGTH + 1);
    if (len > ENVOI_URI_MAX_LENGTH)
        return ENVOI_ERR_TOO_LARGE;
    int error = envoi__uri_check_text(text, len);
    if (error)
        return error;
    *out = envoi__strndup(text, len);
    return *out ? 0 : ENVOI_ERR_NOMEM;
}

static int replace_text(char **slot, const char *text)
{
    char *copy = NULL;
    int error = text ? copy_text(&copy, text) : 0;
    if (error)
        return error;
    envoi__free_secret(*slot);
    *slot = copy;
    return 0;
}

/* ---- making and freeing ---- */

static void drop_pairs(envoi_uri *uri)
{
    for (size_t i = 0; i < uri->pair_count; i++) {
        envoi__free_secret(uri->pairs[i].key);
        envoi__free_secret(uri->pairs[i].value);
    }
    envoi__free(uri->pairs);
    uri->pairs = NULL;
    uri->pair_count = 0;
}

void envoi_uri_free(envoi_uri *uri)
{
    if (!uri)
        return;
    drop_pairs(uri);
    envoi__free_secret(uri->querytype);
    envoi__free_secret(uri->fragment);
    envoi_jid_free(uri->account);
    envoi_jid_free(uri->jid);
    envoi__free(uri);
}

int envoi_uri_new(envoi_uri **out, const envoi_jid *jid)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    envoi_uri *uri = envoi__alloc_zero(sizeof *uri);
    if (!uri)
        return ENVOI_ERR_NOMEM;
    uri->strict = 1;
    int error = jid ? envoi_jid_dup(&uri->jid, jid) : 0;
    if (error) {
        envoi_uri_free(uri);
        return error;
    }
    *out = uri;
    return 0;
}

int envoi_uri_new_pubsub(envoi_uri **out, const envoi_jid *service, const char *node, const char *item)
{
    if (!out || !service || !node)
        return ENVOI_ERR_ARGUMENT;
    envoi_uri *uri;
    int error = envoi_uri_new(&uri, service);
    if (error)
        return error;
    error = envoi_uri_add_pair(uri, "node", node);
    if (!error && item)
        error = envoi_uri_add_pair(uri, "item", item);
    if (error) {
        envoi_uri_free(uri);
        return error;
    }
    *out = uri;
    return 0;
}

int envoi_uri_set_account(envoi_uri *uri, const envoi_jid *account)
{
    envoi_jid *bare = NULL;
    /* authxmpp = nodeid "@" host: no account without a localpart, none with a resourcepart (RFC 5122 3.3) */
    if (!uri || (account && !envoi_jid_localpart(account)))
        return ENVOI_ERR_ARGUMENT;
    if (account) {
        int error = envoi_jid_new(&bare, envoi_jid_localpart(account), envoi_jid_domainpart(account), NULL);
        if (error)
            return error;
    }
    envoi_jid_free(uri->account);
    uri->account = bare;
    return 0;
}

int envoi_uri_set_querytype(envoi_uri *uri, const char *querytype)
{
    if (!uri)
        return ENVOI_ERR_ARGUMENT;
    int error = replace_text(&uri->querytype, querytype);
    if (!error && !querytype)
        drop_pairs(uri);
    return error;
}

int envoi__uri_take_pair(envoi_uri *uri, char *key, char *value)
{
    struct uri_pair *pairs = NULL;
    int error = uri->pair_count >= ENVOI_URI_MAX_PAIRS ? ENVOI_ERR_TOO_LARGE : 0;
    if (!error) {
        pairs = envoi__realloc(uri->pairs, (uri->pair_count + 1) * sizeof *pairs);
        error = pairs ? 0 : ENVOI_ERR_NOMEM;
    }
    if (error) {
        envoi__free_secret(key);
        envoi__free_secret(value);
        return error;
    }
    uri->pairs = pairs;
    uri->pairs[uri->pair_count++] = (struct uri_pair){key, value};
    return 0;
}

int envoi_uri_add_pair(envoi_uri *uri, const char *key, const char *value)
{
    char *key_copy, *value_copy;
    if (!uri || !key || !value)
        return ENVOI_ERR_ARGUMENT;
    int error = copy_text(&key_copy, key);
    if (error)
        return error;
    error = copy_text(&value_copy, value);
    if (error) {
        envoi__free_secret(key_copy);
        return error;
    }
    error = envoi__uri_take_pair(uri, key_copy, value_copy);
    if (error || uri->querytype)
        return error;
    error = envoi_uri_set_querytype(uri, "");
    if (error)
        drop_pairs(uri); /* there was no query, so there were no others */
    return error;
}

int envoi_uri_set_fragment(envoi_uri *uri, const char *fragment)
{
    return uri ? replace_text(&uri->fragment, fragment) : ENVOI_ERR_ARGUMENT;
}

/* ---- reading ---- */

int envoi_uri_is_strict(const envoi_uri *uri)
{
    return uri && uri->strict;
}

const envoi_jid *envoi_uri_account(const envoi_uri *uri)
{
    return uri ? uri->account : NULL;
}

const envoi_jid *envoi_uri_jid(const envoi_uri *uri)
{
    return uri ? uri->jid : NULL;
}

const char *envoi_uri_querytype(const envoi_uri *uri)
{
    return uri ? uri->querytype : NULL;
}

size_t envoi_uri_pair_count(const envoi_uri *uri)
{
    return uri ? uri->pair_count : 0;
}

const char *envoi_uri_key_at(const envoi_uri *uri, size_t index)
{
    return uri && index < uri->pair_count ? uri->pairs[index].key : NULL;
}

const char *envoi_uri_value_at(const envoi_uri *uri, size_t index)
{
    return uri && index < uri->pair_count ? uri->pairs[index].value : NULL;
}

const char *envoi_uri_value(const envoi_uri *uri, const char *key)
{
    for (size_t i = 0; i < envoi_uri_pair_count(uri); i++)
        if (envoi__eq(uri->pairs[i].key, key))
            return uri->pairs[i].value;
    return NULL;
}

const char *envoi_uri_fragment(const envoi_uri *uri)
{
    return uri ? uri->fragment : NULL;
}
