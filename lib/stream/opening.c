/* SPDX-License-Identifier: MIT */
/* Stream headers (RFC 6120 4.7). */
#include "stream/stream.h"

#include "base/mem.h"
#include "base/text.h"
#include <string.h>

/* The account's address stands in the header only where nobody on the way can read it (RFC 6120 4.7.1). */
static int is_private(const struct envoi_stream *stream)
{
    return stream->secured || stream->options->tls == ENVOI_TLS_LOCAL;
}

/* JIDs without a resourcepart and language tags hold nothing that needs escaping. */
enum envoi__state envoi__stream_open(struct envoi_stream *stream)
{
    const struct envoi__options *options = stream->options;
    int private = is_private(stream);
    const char *const header[] = {"<?xml version='1.0'?><stream:stream to='",
                                  envoi_jid_domainpart(options->jid),
                                  private ? "' from='" : "",
                                  private ? envoi_jid_bare(options->jid) : "",
                                  "' version='1.0' xml:lang='",
                                  options->lang,
                                  "' xmlns='" ENVOI_NS_CLIENT "' xmlns:stream='" ENVOI__NS_STREAM "'>",
                                  NULL};
    int error = envoi__stream_write(stream, header);
    if (error)
        return envoi__stream_fail(stream, error, NULL, NULL);
    stream->header_sent = 1;
    stream->header_fault = NULL;
    envoi__free(stream->id); /* of the stream that this one replaces (4.3.3) */
    stream->id = NULL;
    stream->scanned = 0;
    envoi__reader_restart(stream->reader);
    return ENVOI__OPENING;
}

/* "1.0" or any higher version: we speak the lower of the two (4.7.5). A peer without one offers no features,
 * and so no TLS either: the stream of an old server, or of somebody who wants us to think so. */
static int version_is_good(const char *version)
{
    static const char digits[] = "0123456789";
    size_t major = version ? strspn(version, digits) : 0;
    if (!major || version[major] != '.' || strspn(version, "0") == major)
        return 0; /* leading zeros do not count */
    const char *minor = version + major + 1;
    return *minor && strspn(minor, digits) == strlen(minor);
}

/* 4.8.2 and 4.8.3: the content namespace is the same both ways. Where the header declares none, each stanza does. */
static int content_is_good(const struct envoi_stream *stream)
{
    const char *ns = stream->tree.default_ns;
    return !ns || !*ns || envoi__eq(ns, ENVOI_NS_CLIENT) || envoi__eq(ns, ENVOI__NS_STREAM);
}

static int keep_id(struct envoi_stream *stream, const char *id)
{
    stream->id = envoi__strdup(id);
    if (id && !stream->id)
        return ENVOI_ERR_NOMEM;
    envoi__log(&stream->options->log, ENVOI_LOG_DEBUG, "stream id: %s", id ? id : "none");
    return 0;
}

/* 1, 0, or ENVOI_ERR_NOMEM. */
static int domain_fits(const struct envoi_stream *stream, const char *from)
{
    envoi_jid *jid = NULL;
    if (!from || envoi__eq(from, envoi_jid_domainpart(stream->options->jid)))
        return 1;
    int error = envoi_jid_parse(&jid, from);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : 0;
    int fits = !envoi_jid_localpart(jid) && !envoi_jid_resourcepart(jid) &&
               envoi__eq(envoi_jid_domainpart(jid), envoi_jid_domainpart(stream->options->jid));
    envoi_jid_free(jid);
    return fits;
}

enum envoi__state envoi__opening_on(struct envoi_stream *stream, enum envoi__input input)
{
    (void)input;
    const envoi_element *header = stream->tree.root;
    if (!envoi_element_is(header, "stream", ENVOI__NS_STREAM))
        return envoi__stream_fail(stream, ENVOI_ERR_STREAM_HEADER, "invalid-namespace",
                                  "the server does not speak XMPP");
    int fits = domain_fits(stream, envoi_element_attr(header, "from"));
    int error = fits < 0 ? fits : keep_id(stream, envoi_element_attr(header, "id"));
    if (error)
        return envoi__stream_fail(stream, error, "resource-constraint", NULL);
    /* A header that goes with a stream error may be wrong because of that very error: judge it at the
     * features. */
    if (!version_is_good(envoi_element_attr(header, "version")))
        stream->header_fault = "unsupported-version";
    else if (!content_is_good(stream))
        stream->header_fault = "invalid-namespace";
    else if (!fits)
        stream->header_fault = "invalid-from";
    if (!envoi__eq(stream->header_fault, "unsupported-version"))
        return ENVOI__FEATURES;
    /* no features will follow a stream without a version (RFC 6120 4.7.5), so there is nothing to wait for */
    if (!stream->secured && stream->options->tls == ENVOI_TLS_STARTTLS)
        return envoi__stream_fail(stream, ENVOI_ERR_TLS_REQUIRED, stream->header_fault,
                                  "the stream has no version, so the server offers no STARTTLS");
    return envoi__stream_fail(stream, ENVOI_ERR_STREAM_HEADER, stream->header_fault, "the stream has no version");
}
