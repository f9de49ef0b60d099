/* SPDX-License-Identifier: MIT */
/* What to negotiate next (RFC 6120 4.3). */
#include "stream/stream.h"

#include "base/text.h"
#include <stdio.h>

enum { SECURED = 1, AUTHENTICATED = 2, CAN_STARTTLS = 4 };

typedef enum envoi__state (*begin_fn)(struct envoi_stream *stream, const envoi_element *feature);

struct feature_row {
    const char *ns, *name;
    unsigned needs, forbids;
    int is_last; /* no features are told behind it, so that all demands must be met before (4.3.5) */
    begin_fn begin;
};

/* In order of preference: the first row that is offered and fits wins. A new stream feature is a row here and
 * a file with its begin function; the answers it awaits are a row in states.c. */
static const struct feature_row features[] = {
    {ENVOI__NS_TLS, "starttls", CAN_STARTTLS, SECURED, 0, envoi__starttls_begin},
    {ENVOI__NS_SASL, "mechanisms", SECURED, AUTHENTICATED, 0, envoi__auth_begin},
    {ENVOI__NS_BIND, "bind", AUTHENTICATED, 0, 1, envoi__bind_begin},
};

static unsigned facts(const struct envoi_stream *stream)
{
    unsigned bits = 0;
    if (stream->secured || stream->options->tls == ENVOI_TLS_LOCAL)
        bits |= SECURED;
    if (stream->options->tls == ENVOI_TLS_STARTTLS)
        bits |= CAN_STARTTLS;
    if (stream->authenticated)
        bits |= AUTHENTICATED;
    return bits;
}

static const struct feature_row *known(const envoi_element *feature)
{
    for (size_t i = 0; i < ENVOI__COUNT(features); i++)
        if (envoi_element_is(feature, features[i].name, features[i].ns))
            return &features[i];
    return NULL;
}

/* A feature that the server makes mandatory (RFC 6120 4.3.2) and that is not in the table; NULL: none. */
static const envoi_element *unknown_demand(const envoi_element *offer)
{
    const envoi_element *feature = envoi_element_first_child(offer);
    while (feature && (known(feature) || !envoi_element_child(feature, "required", envoi_element_namespace(feature))))
        feature = envoi_element_next_sibling(feature);
    return feature;
}

static enum envoi__state refuse_demand(struct envoi_stream *stream, const envoi_element *feature)
{
    char text[160];
    snprintf(text, sizeof text, "<%.40s xmlns='%.80s'/>", envoi_element_name(feature),
             envoi_element_namespace(feature));
    return envoi__stream_fail(stream, ENVOI_ERR_FEATURE_REQUIRED, "unsupported-feature", text);
}

static enum envoi__state nothing_fits(struct envoi_stream *stream, unsigned have)
{
    if (!(have & SECURED))
        return envoi__stream_fail(stream, ENVOI_ERR_TLS_REQUIRED, "policy-violation",
                                  "the server does not offer STARTTLS");
    if (!(have & AUTHENTICATED))
        return envoi__stream_fail(stream, ENVOI_ERR_AUTH_NO_MECHANISM, "policy-violation",
                                  "the server offers no mechanisms");
    return envoi__stream_fail(stream, ENVOI_ERR_NO_FEATURE, "policy-violation", NULL);
}

/* RFC 6120 5.3.1: marked as required, or the only feature. */
static int demands_tls(const envoi_element *offers)
{
    const envoi_element *offer = envoi_element_child(offers, "starttls", ENVOI__NS_TLS);
    return offer && (envoi_element_child(offer, "required", NULL) ||
                     (envoi_element_first_child(offers) == offer && !envoi_element_next_sibling(offer)));
}

enum envoi__state envoi__features_on(struct envoi_stream *stream, enum envoi__input input)
{
    (void)input;
    unsigned have = facts(stream);
    const envoi_element *demand = unknown_demand(stream->tree.root);
    if (stream->header_fault)
        return envoi__stream_fail(stream, ENVOI_ERR_STREAM_HEADER, stream->header_fault,
                                  envoi__eq(stream->header_fault, "invalid-from")
                                      ? "the server's stream header names another domain"
                                      : "the server's stanzas are of another namespace");
    if (stream->options->tls == ENVOI_TLS_LOCAL && demands_tls(stream->tree.root))
        return envoi__stream_fail(stream, ENVOI_ERR_AUTH_ENCRYPTION_REQUIRED, "policy-violation", NULL);
    for (size_t i = 0; i < ENVOI__COUNT(features); i++) {
        const struct feature_row *row = &features[i];
        const envoi_element *offer = envoi_element_child(stream->tree.root, row->name, row->ns);
        if (offer && (have & row->needs) == row->needs && !(have & row->forbids))
            return demand && row->is_last ? refuse_demand(stream, demand) : row->begin(stream, offer);
    }
    return demand ? refuse_demand(stream, demand) : nothing_fits(stream, have);
}
