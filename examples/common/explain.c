/* SPDX-License-Identifier: MIT */
/* What to do about a failure. */
#include "account.h"
#include "print.h"

#include <string.h>

static const struct {
    int error;
    const char *advice;
} advices[] = {
    {ENVOI_ERR_UNSUPPORTED, "Build envoi with c-ares to have its TCP transport"},
    {ENVOI_ERR_HOST_NOT_FOUND, "Check the domain of the JID, or name the server by --host HOST:PORT"},
    {ENVOI_ERR_DNS, "Check this machine's name server, or name the server by --host HOST:PORT"},
    {ENVOI_ERR_SERVICE_NOT_OFFERED, "Check the domain of the JID: it says that it has no XMPP"},
    {ENVOI_ERR_REFUSED, "Check that the server runs, and the port in --host HOST:PORT"},
    {ENVOI_ERR_UNREACHABLE, "Check this machine's network"},
    {ENVOI_ERR_TIMEOUT_CONNECT, "Check this machine's network and firewall, or --host HOST:PORT"},
    {ENVOI_ERR_RESET, "Check that this is an XMPP port, and whether it wants --direct-tls"},
    {ENVOI_ERR_EOF, "Check that this is an XMPP port, and whether it wants --direct-tls"},
    {ENVOI_ERR_TLS_REQUIRED, "Use a server that has TLS, or --direct-tls if its port wants that"},
    {ENVOI_ERR_TLS_HANDSHAKE, "Check that the port and --direct-tls go together"},
    {ENVOI_ERR_XML_MALFORMED, "Check that this is an XMPP port, and whether it wants --direct-tls"},
    {ENVOI_ERR_TIMEOUT_STREAM, "Check that this is an XMPP port, and whether it wants --direct-tls"},
    {ENVOI_ERR_TRUST_STORE, "Check the file given by --ca or XMPP_CA, or install the system's ca-certificates"},
    {ENVOI_ERR_CERT_UNTRUSTED, "If you know the server's CA, pass its certificate by --ca FILE"},
    {ENVOI_ERR_CERT_SELF_SIGNED, "If you know it to be the server's own, pass the certificate by --ca FILE"},
    {ENVOI_ERR_CERT_EXPIRED, "Ask the server's operator for a new certificate, and check this machine's clock"},
    {ENVOI_ERR_CERT_NOT_YET_VALID, "Check this machine's clock"},
    {ENVOI_ERR_CERT_WRONG_HOST, "Check the domain of the JID: the certificate must name it, whatever --host says"},
    {ENVOI_ERR_CERT_REVOKED, "Ask the server's operator for a new certificate"},
    {ENVOI_ERR_CERT_INVALID, "Ask the server's operator for a proper certificate"},
    {ENVOI_ERR_AUTH_REJECTED, "Check the JID, and XMPP_PASSWORD or --password-file"},
    {ENVOI_ERR_AUTH_PASSWORD, "Check the JID, and XMPP_PASSWORD or --password-file"},
    {ENVOI_ERR_AUTH_NO_MECHANISM, "Ask the server's operator for SCRAM"},
    {ENVOI_ERR_AUTH_SERVER_UNVERIFIED, "Do not use this server: it may be an impostor"},
    {ENVOI_ERR_AUTH_ACCOUNT_DISABLED, "Ask the server's operator"},
    {ENVOI_ERR_AUTH_CREDENTIALS_EXPIRED, "Set a new password with another client"},
    {ENVOI_ERR_AUTH_TEMPORARY, "Try again later"},
    {ENVOI_ERR_HOST_UNKNOWN, "Check the domain of the JID, and --host HOST:PORT"},
    {ENVOI_ERR_CONFLICT, "Let only one program use this resource"},
    {ENVOI_ERR_SYSTEM_SHUTDOWN, "Try again later"},
    {ENVOI_ERR_CANCELLED, "Set XMPP_PASSWORD or pass --password-file FILE"},
    {ENVOI_ERR_TIMEOUT_REQUEST, "Check the address that was asked, or try again later"},
    {ENVOI_ERR_JID, "A JID looks like juliet@example.com"},
    {ENVOI_ERR_URI, "A node's address looks like xmpp:pubsub.example.com?;node=news"},
    {ENVOI_ERR_XML_RESTRICTED, "Remove DOCTYPE, comments and processing instructions"},
};

static const struct {
    const char *condition, *advice;
} reply_advices[] = {
    {"precondition-not-met", "The node is configured otherwise than --option demands"},
    {"not-subscribed", "Subscribe first"},
    {"item-not-found", "Check the node's name, or make the node by pubsub_publish --create"},
    {"forbidden", "Ask the node's owner, or, if there is no such node yet, make it by pubsub_publish --create"},
    {"not-authorized", "Ask the node's owner to let you in"},
    {"not-acceptable", "Ask the node's owner to let you in"},
    {"not-allowed", "Ask the service's operator whether you may do that"},
    {"service-unavailable", "Check the address: no publish-subscribe service answers there"},
    {"feature-not-implemented", "Check the address: it is no publish-subscribe service, or cannot do this"},
    {"remote-server-not-found", "Check the domain of the service"},
    {"remote-server-timeout", "Check the domain of the service, or try again later"},
};

static void say(const struct program *program, const char *doing, const char *why, const char *detail,
                const char *advice)
{
    fprintf(stderr, "%s: %s: %s", program->name, doing, why);
    if (detail) {
        fputs(" (", stderr);
        print_text(stderr, detail, NULL);
        fputc(')', stderr);
    }
    fprintf(stderr, "%s%s.\n", advice ? ". " : "", advice ? advice : "");
}

int explain(const struct program *program, const char *doing, int error, const char *detail)
{
    const char *advice = NULL;
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++)
        if (advices[i].error == error)
            advice = advices[i].advice;
    say(program, doing, envoi_strerror(error), detail, advice);
    return 1;
}

static const char *advice_of_condition(const char *condition)
{
    for (size_t i = 0; condition && i < sizeof reply_advices / sizeof reply_advices[0]; i++)
        if (strcmp(reply_advices[i].condition, condition) == 0)
            return reply_advices[i].advice;
    return NULL;
}

int explain_reply(const struct program *program, const char *doing, const envoi_event *reply)
{
    if (envoi_event_error(reply) != ENVOI_ERR_STANZA_ERROR)
        return explain(program, doing, envoi_event_error(reply), envoi_event_text(reply));
    const char *special = envoi_pubsub_error_condition(envoi_event_stanza(reply));
    const char *advice = advice_of_condition(special);
    char why[160];
    if (!advice)
        advice = advice_of_condition(envoi_event_condition(reply));
    snprintf(why, sizeof why, "the answer was %s%s%s", envoi_event_condition(reply), special ? ", " : "",
             special ? special : "");
    say(program, doing, why, envoi_event_text(reply), advice);
    return 1;
}
