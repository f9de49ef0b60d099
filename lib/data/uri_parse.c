/* SPDX-License-Identifier: MIT */
/* Text to xmpp: URI (RFC 5122 2.8, 3.3). There is one reader; whatever it takes beyond the grammar marks the
 * URI as not strict, and strict parsing refuses what is so marked. The raw text is split first and each part
 * decoded once, so nothing that was encoded can separate. */
#include "data/uri.h"

#include "base/mem.h"
#include "base/text.h"
#include <string.h>
#include <strings.h>

struct span {
    const char *text; /* NULL: not there */
    size_t len;
};

struct reader {
    envoi_uri *uri;
    int iri;        /* the text is not all ASCII */
    int plus_space; /* '+' in a value is a space */
};

/* ---- splitting ---- */

/* Take what stands before the separator, or everything if there is none; then *rest is what follows it, or
 * NULL. */
static struct span cut(struct span *rest, char separator)
{
    struct span head = *rest;
    const char *at = memchr(rest->text, separator, rest->len);
    if (!at) {
        *rest = (struct span){NULL, 0};
        return head;
    }
    head.len = (size_t)(at - head.text);
    *rest = (struct span){at + 1, rest->len - head.len - 1};
    return head;
}

static int has(struct span span, char c)
{
    return memchr(span.text, c, span.len) != NULL;
}

/* ---- decoding ---- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = memchr(digits, c, sizeof digits - 1);
    return at ? (int)(at - digits) & 15 : -1;
}

/* One percent-encoded byte. */
static int decode_byte(struct reader *r, enum uri_part part, struct span rest, char *out)
{
    int high = rest.len > 2 ? hex_digit(rest.text[1]) : -1;
    int low = high < 0 ? -1 : hex_digit(rest.text[2]);
    if (low < 0)
        return ENVOI_ERR_URI; /* guessing what was meant would make the text mean two things */
    if (r->iri && (part == PART_QUERYTYPE || part == PART_KEY))
        r->uri->strict = 0; /* iquerytype and ikey take no pct-encoded (RFC 5122 2.2) */
    *out = (char)(high << 4 | low);
    return 0;
}

/* A character that stands bare: is it allowed to? */
static int check_bare(struct reader *r, enum uri_part part, uint32_t c)
{
    if (envoi__uri_may_stand(part, c))
        return 0;
    r->uri->strict = 0;
    return part == PART_HOST ? ENVOI_ERR_URI : 0; /* such as a port, which an xmpp: URI does not have */
}

static int decode(struct reader *r, enum uri_part part, struct span span, char *out, size_t *len)
{
    size_t step;
    for (*len = 0; span.len; span = (struct span){span.text + step, span.len - step}) {
        uint32_t c = 0;
        int error;
        if (*span.text == '%') {
            step = 3;
            error = decode_byte(r, part, span, out + (*len)++);
        } else {
            step = envoi__utf8_decode((const uint8_t *)span.text, span.len, &c);
            error = step ? check_bare(r, part, c) : ENVOI_ERR_UTF8;
            memcpy(out + *len, span.text, step);
            if (c == '+' && part == PART_VALUE && r->plus_space)
                out[*len] = ' ';
            *len += step;
        }
        if (error)
            return error;
    }
    out[*len] = '\0';
    return envoi__uri_check_text(out, *len);
}

/* The decoded text of a part in *out, to be freed by envoi__free_secret(). */
static int read_text(struct reader *r, enum uri_part part, struct span span, char **out)
{
    size_t len;
    char *text = envoi__alloc(span.len + 1);
    if (!text)
        return ENVOI_ERR_NOMEM;
    text[span.len] = '\0';
    int error = decode(r, part, span, text, &len);
    if (error) {
        envoi__wipe(text, span.len);
        envoi__free(text);
        return error;
    }
    *out = text;
    return 0;
}

/* ---- addresses ---- */

/* host: a name with percent-encoding, or an IP literal without (RFC 3986 3.2.2). */
static int read_host(struct reader *r, struct span span, char **out)
{
    if (span.len && *span.text == '[') {
        if (strspn(span.text + 1, "0123456789ABCDEFabcdef:.") + 2 != span.len ||
            span.text[span.len - 1] != ']')
            return ENVOI_ERR_URI;
        *out = envoi__strndup(span.text, span.len);
        return *out ? 0 : ENVOI_ERR_NOMEM;
    }
    char *host;
    int error = read_text(r, PART_HOST, span, &host);
    if (error)
        return error;
    if (strpbrk(host, "[]@/")) { /* an encoded one never makes an IP literal or another part */
        envoi__free(host);
        return ENVOI_ERR_JID;
    }
    *out = host;
    return 0;
}

/* [ nodeid "@" ] host, and the resource apart; nothing in a decoded part separates any more. */
static int read_jid(struct reader *r, struct span address, struct span resource, envoi_jid **out)
{
    char *localpart = NULL, *host = NULL, *resourcepart = NULL;
    int error = 0;
    if (has(address, '@'))
        error = read_text(r, PART_LOCAL, cut(&address, '@'), &localpart);
    if (!error)
        error = read_host(r, address, &host);
    if (!error && resource.text)
        error = read_text(r, PART_RESOURCE, resource, &resourcepart);
    if (!error)
        error = envoi_jid_new(out, localpart, host, resourcepart);
    envoi__free(localpart);
    envoi__free(host);
    envoi__free(resourcepart);
    return error;
}

/* "//" authxmpp [ "/" pathxmpp ]: read the account; *hier becomes the path. */
static int read_account(struct reader *r, struct span *hier)
{
    if (hier->len < 2 || memcmp(hier->text, "//", 2) != 0)
        return 0;
    *hier = (struct span){hier->text + 2, hier->len - 2};
    struct span account = cut(hier, '/');
    if (!has(account, '@'))
        return ENVOI_ERR_URI; /* unlike other schemes, the authority is never a host alone (RFC 5122 2.3) */
    if (hier->text && !hier->len) {
        r->uri->strict = 0;
        *hier = (struct span){NULL, 0};
    }
    return read_jid(r, account, (struct span){NULL, 0}, &r->uri->account);
}

/* A ';' behind a domainpart cannot belong to it: the '?' before the pairs was forgotten, as an example of
 * XEP-0513 does. Give *query what follows and take it off the path. */
static void find_lost_query(struct reader *r, struct span *path, struct span *query)
{
    struct span resource = *path;
    struct span host = cut(&resource, '/');
    if (has(host, '@'))
        cut(&host, '@');
    if (query->text || !has(host, ';'))
        return;
    cut(&host, ';');
    size_t path_len = (size_t)(host.text - 1 - path->text);
    query->text = host.text - 1; /* with the ';', so that the querytype is empty */
    query->len = path->len - path_len;
    path->len = path_len;
    r->uri->strict = 0;
}

/* pathxmpp = [ nodeid "@" ] host [ "/" resid ] */
static int read_path(struct reader *r, struct span path, struct span *query)
{
    find_lost_query(r, &path, query);
    struct span resource = path;
    struct span address = cut(&resource, '/');
    if (resource.text && !resource.len) {
        r->uri->strict = 0; /* fits the grammar, but no JID has an empty resourcepart */
        resource.text = NULL;
    }
    return read_jid(r, address, resource, &r->uri->jid);
}

/* ---- query ---- */

static int read_pair(struct reader *r, struct span pair)
{
    char *key, *value;
    while (pair.len && *pair.text == ' ') {
        r->uri->strict = 0;
        pair = (struct span){pair.text + 1, pair.len - 1};
    }
    if (!has(pair, '='))
        r->uri->strict = 0;
    if (!pair.len)
        return 0;
    struct span value_span = pair;
    struct span key_span = cut(&value_span, '=');
    if (!value_span.text)
        value_span = (struct span){"", 0};
    int error = read_text(r, PART_KEY, key_span, &key);
    if (error)
        return error;
    error = read_text(r, PART_VALUE, value_span, &value);
    if (error) {
        envoi__free_secret(key);
        return error;
    }
    return envoi__uri_take_pair(r->uri, key, value);
}

/* Is this, where a querytype should stand, a key with its value? "?message&subject=x" is not. */
static int is_misplaced_pair(struct span type)
{
    struct span key = type;
    key = cut(&type, '=');
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.text[i] < 0x80 && !envoi__uri_may_stand(PART_KEY, (unsigned char)key.text[i]))
            return 0;
    return type.text && key.len;
}

/* querytype *( ";" key "=" value ) */
static int read_query(struct reader *r, struct span rest)
{
    struct span pair = rest;
    struct span type = cut(&rest, ';');
    int misplaced = is_misplaced_pair(type);
    if (misplaced) {
        r->uri->strict = 0;
        type.len = 0;
        rest = pair;
    }
    int error = read_text(r, PART_QUERYTYPE, type, &r->uri->querytype);
    while (!error && rest.text) {
        pair = cut(&rest, ';');
        error = read_pair(r, pair);
    }
    return error;
}

/* ---- the whole ---- */

static int read_uri(struct reader *r, struct span hier)
{
    struct span fragment = hier;
    hier = cut(&fragment, '#');
    struct span query = hier;
    hier = cut(&query, '?');
    int error = read_account(r, &hier);
    if (!error && hier.text)
        error = read_path(r, hier, &query);
    if (!error && query.text)
        error = read_query(r, query);
    if (!error && fragment.text)
        error = read_text(r, PART_FRAGMENT, fragment, &r->uri->fragment);
    return error;
}

static int is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return !*text;
}

int envoi_uri_parse(envoi_uri **out, const char *text, int flags)
{
    static const char scheme[] = "xmpp:";
    enum { SCHEME_LEN = sizeof scheme - 1 };
    if (!out || !text || flags < 0 || flags > ENVOI_URI_PLUS_SPACE)
        return ENVOI_ERR_ARGUMENT;
    size_t len = strnlen(text, ENVOI_URI_MAX_LENGTH + 1);
    if (len > ENVOI_URI_MAX_LENGTH)
        return ENVOI_ERR_TOO_LARGE;
    if (strncasecmp(text, scheme, SCHEME_LEN) != 0)
        return ENVOI_ERR_URI;
    struct reader r = {.iri = !is_ascii(text), .plus_space = flags == ENVOI_URI_PLUS_SPACE};
    int error = envoi_uri_new(&r.uri, NULL);
    if (error)
        return error;
    error = read_uri(&r, (struct span){text + SCHEME_LEN, len - SCHEME_LEN});
    if (!error && flags == ENVOI_URI_STRICT && !r.uri->strict)
        error = ENVOI_ERR_URI;
    if (error) {
        envoi_uri_free(r.uri);
        return error;
    }
    *out = r.uri;
    return 0;
}
