/* SPDX-License-Identifier: MIT */
/* The mechanisms and the choice between them. The choice is made once: whatever fails later, no weaker one follows,
 * but for a server that does not know a mechanism which it offered; then it is another hash, with the same channel
 * binding. */
#include "sasl/mechanisms.h"

#include "base/mem.h"
#include "base/text.h"
#include <envoi/error.h>
#include <string.h>

/* In order of preference. */
static const struct envoi__sasl_mechanism mechanisms[] = {
    {"EXTERNAL", &envoi__external_verbs, ENVOI__SHA1, 0}, /* RFC 6120 6.3.4 */
    {"SCRAM-SHA-512-PLUS", &envoi__scram_verbs, ENVOI__SHA512, 1},
    {"SCRAM-SHA-256-PLUS", &envoi__scram_verbs, ENVOI__SHA256, 1},
    {"SCRAM-SHA-1-PLUS", &envoi__scram_verbs, ENVOI__SHA1, 1},
    {"SCRAM-SHA-512", &envoi__scram_verbs, ENVOI__SHA512, 0},
    {"SCRAM-SHA-256", &envoi__scram_verbs, ENVOI__SHA256, 0},
    {"SCRAM-SHA-1", &envoi__scram_verbs, ENVOI__SHA1, 0},
    {"PLAIN", &envoi__plain_verbs, ENVOI__SHA1, 0},
};

/* In order of strength: tls-server-end-point binds to the certificate alone, so it does not see a stolen key
 * (XEP-0440 3). The TLS layer has tls-unique only where it is safe, and never together with tls-exporter. */
enum { EXPORTER, UNIQUE, END_POINT, TYPES };
static const char *const types[TYPES] = {"tls-exporter", "tls-unique", "tls-server-end-point"};

struct facts {
    int available[TYPES]; /* this channel has such data */
    int can;              /* ... of any type */
    int plus;             /* NONE, FOREIGN, OURS */
    int bare;             /* a SCRAM mechanism of ours without channel binding is offered */
    int announced;        /* the server named channel-binding types */
    int common;           /* the index of the type to use; TYPES: none */
    int end_point;        /* the server named tls-server-end-point */
};

enum { NONE, FOREIGN, OURS, ANY = -1 };
enum { REFUSE = 'r', PROVE = 'h' /* 'n', and the server must prove its lists */ };

/* RFC 5802 6, XEP-0440 3, XEP-0474 7; the first row that fits decides. 'y' says "I could bind, but you do not
 * offer it", by which a server notices that its -PLUS forms were stripped; it refuses a 'y' if it did offer
 * them.
 *
 * Types that are not announced: such a server may predate XEP-0440. It then knows tls-unique, the default of
 * RFC 5802 6.1; under TLS 1.3, which has no tls-unique, some of them go on offering -PLUS forms although no
 * binding can succeed. So tls-unique is used if there is one, and 'n' otherwise: a try with another type
 * could fail, and then nothing weaker may follow. Only where nothing less will do, another type is tried too;
 * see may_try(). */
static const struct {
    int can, plus, announced, common, end_point;
    char flag;
} rules[] = {
    {0, ANY, ANY, ANY, ANY, 'n'},
    {1, NONE, 0, ANY, ANY, 'y'},
    {1, NONE, 1, ANY, ANY, REFUSE},     /* the -PLUS forms were stripped from the list */
    {1, FOREIGN, ANY, ANY, ANY, PROVE}, /* only -PLUS forms unknown here: offered so, or put in to avoid the 'y' */
    {1, OURS, ANY, 1, ANY, 'p'},
    {1, OURS, 0, 0, ANY, 'n'},
    {1, OURS, 1, 0, 1, 'n'},
    /* servers must have tls-server-end-point: the types may have been changed; fits whatever is left */
    {ANY, ANY, ANY, ANY, ANY, PROVE},
};

static int contains(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (envoi__eq(list[i], text))
            return 1;
    return 0;
}

static int offers(const struct envoi__sasl_params *params, const struct envoi__sasl_mechanism *mechanism)
{
    return contains(params->offered, params->offered_count, mechanism->name);
}

static int announces(const struct envoi__sasl_params *params, int type)
{
    return contains(params->cb_offered, params->cb_offered_count, types[type]);
}

static int is_plus(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, "-PLUS") == 0;
}

static int get_binding(const struct envoi__sasl_params *params, const char *type, struct envoi__sasl_choice *choice)
{
    choice->len = sizeof choice->data;
    int error = params->cb(params->cb_user, type, choice->data, &choice->len);
    if (!error && (choice->len == 0 || choice->len > sizeof choice->data))
        error = ENVOI_ERR_UNSUPPORTED;
    return error;
}

/* What the channel can do. An error other than ENVOI_ERR_UNSUPPORTED must not look like a channel without
 * binding. */
static int look_at_channel(const struct envoi__sasl_params *params, struct facts *facts)
{
    struct envoi__sasl_choice probe;
    int error = 0;
    if (!params->cb || params->channel_binding == ENVOI_CHANNEL_BINDING_OFF)
        return 0;
    for (int i = 0; i < TYPES && !error; i++) {
        error = get_binding(params, types[i], &probe);
        facts->available[i] = error == 0;
        facts->can |= error == 0;
        if (error == ENVOI_ERR_UNSUPPORTED)
            error = 0;
    }
    envoi__wipe(&probe, sizeof probe);
    return error;
}

static void look_at_offer(const struct envoi__sasl_params *params, struct facts *facts)
{
    for (size_t i = 0; i < params->offered_count; i++)
        if (is_plus(params->offered[i]))
            facts->plus = FOREIGN;
    for (size_t i = 0; i < ENVOI__COUNT(mechanisms); i++) {
        if (mechanisms[i].verbs != &envoi__scram_verbs || !offers(params, &mechanisms[i]))
            continue;
        if (mechanisms[i].plus)
            facts->plus = OURS;
        else
            facts->bare = 1;
    }
    facts->announced = params->cb_offered_count > 0;
    facts->end_point = announces(params, END_POINT);
}

static int may_try(const struct envoi__sasl_params *params, const struct facts *facts, int type)
{
    if (facts->announced)
        return announces(params, type);
    return params->channel_binding == ENVOI_CHANNEL_BINDING_REQUIRED || !facts->bare;
}

static int find_common(const struct envoi__sasl_params *params, const struct facts *facts)
{
    /* Where nothing is announced, tls-unique is what every server with -PLUS has (RFC 5802 6.1). */
    if (!facts->announced && facts->available[UNIQUE])
        return UNIQUE;
    for (int i = 0; i < TYPES; i++)
        if (facts->available[i] && may_try(params, facts, i))
            return i;
    return TYPES;
}

static int fits(int wanted, int fact)
{
    return wanted == ANY || wanted == fact;
}

static char decide(const struct facts *facts)
{
    size_t i = 0;
    while (!fits(rules[i].can, facts->can) || !fits(rules[i].plus, facts->plus) ||
           !fits(rules[i].announced, facts->announced) || !fits(rules[i].common, facts->common != TYPES) ||
           !fits(rules[i].end_point, facts->end_point))
        i++;
    return rules[i].flag;
}

/* PLAIN gives the password away, so it never stands in for a SCRAM form that is offered. */
static int allowed(const struct envoi__sasl_params *params, const struct facts *facts,
                   const struct envoi__sasl_mechanism *mechanism, int plus)
{
    if (mechanism->verbs == &envoi__external_verbs)
        return 0; /* see choose_external() */
    if (mechanism->verbs == &envoi__plain_verbs)
        return params->plain_allowed && !facts->bare && facts->plus != OURS;
    return mechanism->plus == plus;
}

/* Where to begin: behind the mechanism that the server refused. */
static size_t first_to_try(const struct envoi__sasl_params *params)
{
    for (size_t i = 0; params->refused && i < ENVOI__COUNT(mechanisms); i++)
        if (envoi__eq(mechanisms[i].name, params->refused))
            return i + 1;
    return 0;
}

static const struct envoi__sasl_mechanism *best(const struct envoi__sasl_params *params, const struct facts *facts,
                                                int plus)
{
    for (size_t i = first_to_try(params); i < ENVOI__COUNT(mechanisms); i++)
        if (allowed(params, facts, &mechanisms[i], plus) && offers(params, &mechanisms[i]))
            return &mechanisms[i];
    return NULL;
}

/* EXTERNAL before all others, if the channel speaks for us (RFC 6120 6.3.4). A channel that the client's own
 * certificate secures is bound by it already, so whatever the rules of channel binding, they are met. */
static int choose_external(struct envoi__sasl_choice *out, const struct envoi__sasl_params *params)
{
    if (!params->external_allowed || first_to_try(params) || !offers(params, &mechanisms[0]))
        return 0;
    *out = (struct envoi__sasl_choice){.mechanism = &mechanisms[0], .flag = 'n'};
    return 1;
}

int envoi__sasl_choose(struct envoi__sasl_choice *out, const struct envoi__sasl_params *params)
{
    struct facts facts = {0};
    struct envoi__sasl_choice choice = {0};
    if (!params->channel_is_secure)
        return ENVOI_ERR_AUTH_NO_MECHANISM;
    if (choose_external(out, params))
        return 0;
    int error = look_at_channel(params, &facts);
    if (error)
        return error;
    look_at_offer(params, &facts);
    facts.common = find_common(params, &facts);
    char flag = decide(&facts);
    choice.mechanism = best(params, &facts, flag == 'p');
    if (!choice.mechanism)
        return facts.plus == OURS && params->channel_binding != ENVOI_CHANNEL_BINDING_OFF
                   ? ENVOI_ERR_AUTH_CHANNEL_BINDING
                   : ENVOI_ERR_AUTH_NO_MECHANISM;
    if (flag != 'p' && params->channel_binding == ENVOI_CHANNEL_BINDING_REQUIRED)
        return ENVOI_ERR_AUTH_CHANNEL_BINDING;
    /* Stripped -PLUS forms show nothing about a login that could not be bound anyway. */
    if (flag == REFUSE && choice.mechanism->verbs == &envoi__scram_verbs)
        return ENVOI_ERR_AUTH_CHANNEL_BINDING;
    choice.hash_required = flag == PROVE;
    choice.flag = flag == 'p' || flag == 'y' ? flag : 'n';
    if (flag == 'p') {
        choice.type = types[facts.common];
        error = get_binding(params, choice.type, &choice);
        if (error)
            return error;
    }
    *out = choice;
    return 0;
}
