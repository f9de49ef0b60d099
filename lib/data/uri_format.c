/* SPDX-License-Identifier: MIT */
/* xmpp: URIs and IRIs to text (RFC 5122 2.7, 3.3). */
#include "data/uri.h"

#include "base/text.h"
#include <string.h>

struct writer {
    char *out; /* NULL: only count */
    size_t len;
    int iri;   /* leave characters outside ASCII bare */
    int error; /* the first one */
};

static void put(struct writer *w, const char *bytes, size_t len)
{
    if (w->out)
        memcpy(w->out + w->len, bytes, len);
    w->len += len;
}

static void put_encoded(struct writer *w, const char *bytes, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        put(w, (const char[3]){'%', hex[byte >> 4], hex[byte & 15]}, 3);
    }
}

/* `before`, then the text with what may not stand bare encoded; nothing for NULL. */
static void put_part(struct writer *w, const char *before, enum uri_part part, const char *text)
{
    if (!text)
        return;
    put(w, before, strlen(before));
    size_t len = strlen(text);
    for (size_t used = 0, step; used < len; used += step) {
        uint32_t c;
        step = envoi__utf8_decode((const uint8_t *)text + used, len - used, &c);
        if (!step) { /* cannot be: every text was checked on its way in */
            w->error = ENVOI_ERR_UTF8;
            return;
        }
        if (envoi__uri_may_stand(part, c) && (c < 0x80 || w->iri)) {
            put(w, text + used, step);
            continue;
        }
        /* iquerytype and ikey are iunreserved only (RFC 5122 2.2) */
        if (w->iri && (part == PART_QUERYTYPE || part == PART_KEY))
            w->error = ENVOI_ERR_URI;
        put_encoded(w, text + used, step);
    }
}

static void put_jid(struct writer *w, const char *before, const envoi_jid *jid)
{
    if (!jid)
        return;
    put_part(w, before, PART_LOCAL, envoi_jid_localpart(jid));
    if (envoi_jid_localpart(jid))
        before = "@";
    const char *domain = envoi_jid_domainpart(jid);
    if (*domain == '[') { /* an IP literal stands as it is, colons and all (RFC 3986 3.2.2) */
        put(w, before, strlen(before));
        put(w, domain, strlen(domain));
    } else {
        put_part(w, before, PART_HOST, domain);
    }
    put_part(w, "/", PART_RESOURCE, envoi_jid_resourcepart(jid));
}

static void put_uri(struct writer *w, const envoi_uri *uri)
{
    put(w, "xmpp:", 5);
    put_jid(w, "//", uri->account);
    put_jid(w, uri->account ? "/" : "", uri->jid);
    put_part(w, "?", PART_QUERYTYPE, uri->querytype);
    for (size_t i = 0; i < uri->pair_count; i++) {
        put_part(w, ";", PART_KEY, uri->pairs[i].key);
        put_part(w, "=", PART_VALUE, uri->pairs[i].value);
    }
    put_part(w, "#", PART_FRAGMENT, uri->fragment);
}

static int format(const envoi_uri *uri, int iri, char *out, size_t size, size_t *len)
{
    struct writer w = {.iri = iri};
    if (!uri || !len || (!out && size))
        return ENVOI_ERR_ARGUMENT;
    if (!uri->jid && !uri->account)
        return ENVOI_ERR_STATE;
    put_uri(&w, uri);
    if (w.error)
        return w.error;
    if (w.len > ENVOI_URI_MAX_LENGTH)
        return ENVOI_ERR_TOO_LARGE;
    *len = w.len;
    if (w.len >= size)
        return ENVOI_ERR_FULL;
    w = (struct writer){.iri = iri, .out = out};
    put_uri(&w, uri);
    out[w.len] = '\0';
    return 0;
}

int envoi_uri_format(const envoi_uri *uri, char *out, size_t size, size_t *len)
{
    return format(uri, 0, out, size, len);
}

int envoi_uri_format_iri(const envoi_uri *uri, char *out, size_t size, size_t *len)
{
    return format(uri, 1, out, size, len);
}
