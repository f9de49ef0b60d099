/* SPDX-License-Identifier: MIT */
#include "data/jid.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include <string.h>

/* One block: the offsets, then the full JID, and behind it what cannot be a view into that. The prepared
 * parts have at most 1023 octets each, so every offset fits. 0 is the offset of the full JID and so means
 * "none" for a part that stands elsewhere. */
struct envoi_jid {
    uint16_t bare, localpart, domainpart, resourcepart, ascii, size;
    char text[];
};

struct part {
    const char *text; /* NULL: none */
    size_t len;
    char *made; /* what the preparation allocated */
};

enum part_kind { LOCALPART, DOMAINPART, RESOURCEPART, ASCII_DOMAIN, PARTS };

static const struct {
    int (*is_plain)(const char *text, size_t len);
    int (*prepare)(char **out, const char *text, size_t len);
} preparations[] = {
    [LOCALPART] = {envoi__plain_localpart, envoi__prep_localpart},
    [DOMAINPART] = {envoi__plain_domainpart, envoi__prep_domainpart},
    [RESOURCEPART] = {envoi__plain_resourcepart, envoi__prep_resourcepart},
};

static int prepare(struct part *part, enum part_kind kind)
{
    if (!part->text || preparations[kind].is_plain(part->text, part->len))
        return 0;
    int error = preparations[kind].prepare(&part->made, part->text, part->len);
    if (error)
        return error;
    part->text = part->made;
    part->len = strlen(part->made);
    return 0;
}

/* The form for DNS and TLS, for a domainpart that is not its own. */
static int prepare_ascii(struct part *ascii, const struct part *domainpart)
{
    if (envoi__plain_domainpart(domainpart->text, domainpart->len))
        return 0;
    int error = envoi__domain_to_ascii(&ascii->made, domainpart->made);
    if (error)
        return error;
    ascii->text = ascii->made;
    ascii->len = strlen(ascii->made);
    return 0;
}

/* Append the part, between the separators that are not NUL, and return where it begins. */
static uint16_t put(envoi_jid *jid, const struct part *part, char before, char after)
{
    if (before)
        jid->text[jid->size++] = before;
    uint16_t start = jid->size;
    memcpy(jid->text + start, part->text, part->len);
    jid->size = (uint16_t)(start + part->len);
    if (after)
        jid->text[jid->size++] = after;
    return start;
}

static void put_end(envoi_jid *jid)
{
    jid->text[jid->size++] = '\0';
}

static void put_bare(envoi_jid *jid, const struct part *parts)
{
    jid->bare = jid->size;
    if (parts[LOCALPART].text)
        put(jid, &parts[LOCALPART], '\0', '@');
    jid->domainpart = put(jid, &parts[DOMAINPART], '\0', '\0');
}

static int build(envoi_jid **out, const struct part *parts)
{
    size_t bare = parts[LOCALPART].len + 1 + parts[DOMAINPART].len + 1;
    size_t most =
        2 * bare + parts[RESOURCEPART].len + 1 + parts[LOCALPART].len + 1 + parts[ASCII_DOMAIN].len + 1;
    envoi_jid *jid = envoi__alloc(sizeof *jid + most);
    if (!jid)
        return ENVOI_ERR_NOMEM;
    *jid = (envoi_jid){0};
    put_bare(jid, parts);
    if (parts[RESOURCEPART].text) {
        jid->resourcepart = put(jid, &parts[RESOURCEPART], '/', '\0');
        put_end(jid);
        put_bare(jid, parts);
    }
    put_end(jid);
    if (parts[LOCALPART].text) {
        jid->localpart = put(jid, &parts[LOCALPART], '\0', '\0');
        put_end(jid);
    }
    jid->ascii = jid->domainpart;
    if (parts[ASCII_DOMAIN].text) {
        jid->ascii = put(jid, &parts[ASCII_DOMAIN], '\0', '\0');
        put_end(jid);
    }
    *out = jid;
    return 0;
}

static int make(envoi_jid **out, struct part *parts)
{
    int error = 0;
    for (int kind = LOCALPART; kind <= RESOURCEPART && !error; kind++)
        error = prepare(&parts[kind], (enum part_kind)kind);
    if (!error)
        error = prepare_ascii(&parts[ASCII_DOMAIN], &parts[DOMAINPART]);
    if (!error)
        error = build(out, parts);
    for (int kind = 0; kind < PARTS; kind++)
        envoi__free(parts[kind].made);
    return error;
}

/* RFC 7622 3.1: the first "/" ends the bare JID, and in that the first "@" ends the localpart. */
int envoi__jid_parse(envoi_jid **out, const char *text, size_t len)
{
    struct part parts[PARTS] = {0};
    const char *slash = memchr(text, '/', len), *end = text + len;
    if (slash) {
        parts[RESOURCEPART] = (struct part){.text = slash + 1, .len = (size_t)(end - slash - 1)};
        end = slash;
    }
    const char *at = memchr(text, '@', (size_t)(end - text)), *domainpart = at ? at + 1 : text;
    if (at)
        parts[LOCALPART] = (struct part){.text = text, .len = (size_t)(at - text)};
    parts[DOMAINPART] = (struct part){.text = domainpart, .len = (size_t)(end - domainpart)};
    return make(out, parts);
}

int envoi_jid_parse(envoi_jid **out, const char *text)
{
    if (!out || !text)
        return ENVOI_ERR_ARGUMENT;
    return envoi__jid_parse(out, text, strlen(text));
}

int envoi_jid_new(envoi_jid **out, const char *localpart, const char *domainpart, const char *resourcepart)
{
    if (!out || !domainpart)
        return ENVOI_ERR_ARGUMENT;
    struct part parts[PARTS] = {
        [LOCALPART] = {.text = localpart, .len = localpart ? strlen(localpart) : 0},
        [DOMAINPART] = {.text = domainpart, .len = strlen(domainpart)},
        [RESOURCEPART] = {.text = resourcepart, .len = resourcepart ? strlen(resourcepart) : 0},
    };
    return make(out, parts);
}

int envoi_jid_dup(envoi_jid **out, const envoi_jid *jid)
{
    if (!out || !jid)
        return ENVOI_ERR_ARGUMENT;
    envoi_jid *copy = envoi__alloc(sizeof *jid + jid->size);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    memcpy(copy, jid, sizeof *jid + jid->size);
    *out = copy;
    return 0;
}

void envoi_jid_free(envoi_jid *jid)
{
    envoi__free(jid);
}

const char *envoi_jid_localpart(const envoi_jid *jid)
{
    return jid && jid->localpart ? jid->text + jid->localpart : NULL;
}

const char *envoi_jid_domainpart(const envoi_jid *jid)
{
    return jid ? jid->text + jid->domainpart : NULL;
}

const char *envoi_jid_resourcepart(const envoi_jid *jid)
{
    return jid && jid->resourcepart ? jid->text + jid->resourcepart : NULL;
}

const char *envoi_jid_ascii_domain(const envoi_jid *jid)
{
    return jid ? jid->text + jid->ascii : NULL;
}

const char *envoi_jid_bare(const envoi_jid *jid)
{
    return jid ? jid->text + jid->bare : NULL;
}

const char *envoi_jid_full(const envoi_jid *jid)
{
    return jid ? jid->text : NULL;
}

int envoi_jid_equal(const envoi_jid *a, const envoi_jid *b)
{
    return envoi__eq(envoi_jid_full(a), envoi_jid_full(b));
}

int envoi_jid_equal_bare(const envoi_jid *a, const envoi_jid *b)
{
    return envoi__eq(envoi_jid_bare(a), envoi_jid_bare(b));
}
