/* SPDX-License-Identifier: MIT */
#include "sasl/scram_message.h"

#include "base/base64.h"
#include "base/text.h"
#include <envoi/error.h>
#include <string.h>

struct attribute {
    char name;
    const char *value;
    size_t len;
};

struct cursor {
    const char *at, *end;
    int more; /* a comma stood last: another attribute must follow */
};

/* The values of e= (RFC 5802 7); any other one is a rejection too. */
static const struct {
    const char *value;
    int error;
} server_errors[] = {
    {"invalid-encoding", ENVOI_ERR_AUTH_PROTOCOL},
    {"extensions-not-supported", ENVOI_ERR_AUTH_PROTOCOL},
    {"invalid-username-encoding", ENVOI_ERR_AUTH_PROTOCOL},
    {"channel-bindings-dont-match", ENVOI_ERR_AUTH_CHANNEL_BINDING},
    {"server-does-support-channel-binding", ENVOI_ERR_AUTH_CHANNEL_BINDING},
    {"channel-binding-not-supported", ENVOI_ERR_AUTH_CHANNEL_BINDING},
    {"unsupported-channel-binding-type", ENVOI_ERR_AUTH_CHANNEL_BINDING},
    {"no-resources", ENVOI_ERR_AUTH_TEMPORARY},
};

static int server_error(const struct attribute *e)
{
    for (size_t i = 0; i < ENVOI__COUNT(server_errors); i++)
        if (strlen(server_errors[i].value) == e->len && memcmp(server_errors[i].value, e->value, e->len) == 0)
            return server_errors[i].error;
    return ENVOI_ERR_AUTH_REJECTED;
}

static int open_message(struct cursor *c, const char *text, size_t len)
{
    if (!len || memchr(text, 0, len) || !envoi__utf8_valid(text, len))
        return ENVOI_ERR_AUTH_MALFORMED;
    *c = (struct cursor){text, text + len, 1};
    return 0;
}

/* 1: an attribute, 0: the message is over, or ENVOI_ERR_AUTH_MALFORMED. */
static int next(struct cursor *c, struct attribute *out)
{
    if (!c->more)
        return 0;
    size_t left = (size_t)(c->end - c->at);
    const char *comma = left ? memchr(c->at, ',', left) : NULL;
    size_t len = comma ? (size_t)(comma - c->at) : left;
    char letter = len ? (char)(c->at[0] | 0x20) : 0;
    if (len < 3 || letter < 'a' || letter > 'z' || c->at[1] != '=')
        return ENVOI_ERR_AUTH_MALFORMED;
    *out = (struct attribute){c->at[0], c->at + 2, len - 2};
    c->more = comma != NULL;
    c->at += len + (comma != NULL);
    return 1;
}

/* The next attribute, which must be this one; an e= in its place is the server's refusal. */
static int expect(struct cursor *c, char name, struct attribute *out)
{
    int got = next(c, out);
    if (got == 1 && out->name == 'e')
        return server_error(out);
    return got == 1 && out->name == name ? 0 : ENVOI_ERR_AUTH_MALFORMED;
}

/* printable = %x21-2B / %x2D-7E */
static int is_printable(const struct attribute *nonce)
{
    for (size_t i = 0; i < nonce->len; i++)
        if (nonce->value[i] < 0x21 || nonce->value[i] > 0x7E)
            return 0;
    return 1;
}

static int read_salt(struct envoi__scram_first *out, const struct attribute *s)
{
    if (s->len > ENVOI__BASE64_SIZE(ENVOI__SCRAM_SALT_MAX))
        return ENVOI_ERR_AUTH_PARAMETERS;
    if (envoi__base64_decode(s->value, s->len, out->salt, &out->salt_len))
        return ENVOI_ERR_AUTH_MALFORMED;
    return out->salt_len > ENVOI__SCRAM_SALT_MAX ? ENVOI_ERR_AUTH_PARAMETERS : 0;
}

/* posit-number; a count out of bounds is told apart from what is no number. */
static int read_iterations(struct envoi__scram_first *out, const struct attribute *i, uint32_t max)
{
    char digits[12] = {0};
    uint64_t value;
    for (size_t k = 0; k < i->len; k++)
        if (i->value[k] < '0' || i->value[k] > '9')
            return ENVOI_ERR_AUTH_MALFORMED;
    if (i->value[0] == '0' && i->len > 1)
        return ENVOI_ERR_AUTH_MALFORMED;
    if (i->len >= sizeof digits)
        return ENVOI_ERR_AUTH_PARAMETERS;
    memcpy(digits, i->value, i->len);
    if (envoi__parse_uint(digits, max, &value) || value < ENVOI__SCRAM_ITERATIONS_MIN)
        return ENVOI_ERR_AUTH_PARAMETERS;
    out->iterations = (uint32_t)value;
    return 0;
}

/* Extensions are skipped, but a mandatory one (m=) or a second copy of a known attribute is refused. */
static int read_extensions(struct cursor *c, const char *known, struct envoi__scram_first *first)
{
    struct attribute a;
    int got;
    while ((got = next(c, &a)) == 1) {
        if (a.name == 'm' || strchr(known, a.name))
            return ENVOI_ERR_AUTH_MALFORMED;
        if (!first || a.name != 'h')
            continue;
        if (first->list_hash)
            return ENVOI_ERR_AUTH_MALFORMED;
        first->list_hash = a.value;
        first->list_hash_len = a.len;
    }
    return got;
}

int envoi__scram_parse_first(struct envoi__scram_first *out, const char *text, size_t len,
                             uint32_t max_iterations)
{
    struct cursor c;
    struct attribute r, s, i;
    int error = open_message(&c, text, len);
    if (!error)
        error = expect(&c, 'r', &r);
    if (!error)
        error = expect(&c, 's', &s);
    if (!error)
        error = expect(&c, 'i', &i);
    if (error)
        return error;
    out->nonce = r.value;
    out->nonce_len = r.len;
    out->list_hash = NULL;
    error = is_printable(&r) ? read_extensions(&c, "rsie", out) : ENVOI_ERR_AUTH_MALFORMED;
    if (!error)
        error = read_salt(out, &s);
    if (!error)
        error = read_iterations(out, &i, max_iterations);
    return error;
}

int envoi__scram_parse_final(const char **verifier, size_t *verifier_len, const char *text, size_t len)
{
    struct cursor c;
    struct attribute v;
    int error = open_message(&c, text, len);
    if (!error)
        error = expect(&c, 'v', &v);
    if (!error)
        error = read_extensions(&c, "ve", NULL);
    if (error)
        return error;
    *verifier = v.value;
    *verifier_len = v.len;
    return 0;
}
