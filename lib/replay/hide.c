/* SPDX-License-Identifier: MIT */
/* Elements without their secrets: what the log may not show, a recording may not either. Of SASL (RFC 6120 6.4) the
 * messages get names, under which a replay makes messages of its own. */
#include "replay/recorder.h"

#include "base/text.h"
#include "xml/writer.h"
#include <string.h>

static int is_offer_or_failure(const envoi_element *element)
{
    return envoi_element_is(element, "mechanisms", NULL) || envoi_element_is(element, "failure", NULL);
}

/* The name of a message of SCRAM (RFC 5802 3); NULL: not one that could be told apart. */
static const char *scram_name(struct envoi__hiding *hiding, const envoi_element *element)
{
    if (hiding->is_ours && envoi_element_is(element, "auth", NULL))
        return "{client-first}";
    if (hiding->is_ours)
        return "{client-final}";
    if (envoi_element_is(element, "challenge", NULL))
        return hiding->challenges++ ? "{server-final}" : "{server-first}";
    return envoi_element_is(element, "success", NULL) ? "{server-final}" : NULL;
}

static const char *payload_name(struct envoi__hiding *hiding, const envoi_element *element)
{
    const char *name = hiding->is_scram ? scram_name(hiding, element) : NULL;
    if (!*envoi_element_text(element))
        return "";
    return name ? name : hiding->is_ours ? "{any}" : "Li4u"; /* "..." */
}

static int write_sasl(struct envoi__hiding *hiding, struct envoi__buf *out, const envoi_element *element)
{
    const char *name = envoi_element_name(element), *mechanism = envoi_element_attr(element, "mechanism");
    if (hiding->is_ours && mechanism)
        *hiding = (struct envoi__hiding){.is_ours = 1, .is_scram = strncmp(mechanism, "SCRAM-", 6) == 0};
    const char *payload = payload_name(hiding, element);
    const char *const texts[] = {"<",
                                 name,
                                 " xmlns='" ENVOI__NS_SASL "'",
                                 mechanism ? " mechanism='{mechanism}'" : "",
                                 *payload ? ">" : "/>",
                                 payload,
                                 *payload ? "</" : "",
                                 *payload ? name : "",
                                 *payload ? ">" : ""};
    int error = 0;
    for (size_t i = 0; i < ENVOI__COUNT(texts) && !error; i++)
        error = envoi__buf_add_text(out, texts[i]);
    return error;
}

static int differ(const struct envoi__buf *a, const struct envoi__buf *b)
{
    return a->len != b->len || memcmp(envoi__buf_bytes(a), envoi__buf_bytes(b), a->len) != 0;
}

static int write_hidden(struct envoi__buf *out, const envoi_element *element, const char *ns, int hide_bodies)
{
    const struct envoi__write_options options = {.default_ns = ns, .redact = 1, .redact_bodies = hide_bodies};
    return envoi__write_element(out, element, &options);
}

int envoi__hide(struct envoi__hiding *hiding, struct envoi__buf *out, int *named, const uint8_t *bytes, size_t len,
                const envoi_element *element, int hide_bodies)
{
    const struct envoi__write_options open = {.default_ns = ENVOI_NS_CLIENT};
    struct envoi__buf as_is, hidden;
    *named = envoi__eq(envoi_element_namespace(element), ENVOI__NS_SASL) && !is_offer_or_failure(element);
    if (*named)
        return write_sasl(hiding, out, element);
    envoi__buf_init(&as_is, 0);
    envoi__buf_init(&hidden, 0);
    as_is.secret = 1;
    int error = envoi__write_element(&as_is, element, &open);
    if (!error)
        error = write_hidden(&hidden, element, ENVOI_NS_CLIENT, hide_bodies);
    if (!error && differ(&as_is, &hidden))
        error = envoi__buf_add(out, envoi__buf_bytes(&hidden), hidden.len);
    else if (!error)
        error = envoi__buf_add(out, bytes, len);
    envoi__buf_free(&as_is);
    envoi__buf_free(&hidden);
    return error;
}

int envoi__hide_alone(struct envoi__buf *out, const envoi_element *element, int hide_bodies)
{
    return write_hidden(out, element, NULL, hide_bodies);
}

/* Without a tree only words can tell: those that stand near what the writer hides, the last two with bodies. */
int envoi__may_hold_secret(const uint8_t *bytes, size_t len, int hide_bodies)
{
    static const char *const words[] = {
        "sasl",        "xmpp:sm:", "xmpp:fast:", "xmpp:pars:",   "http:upload:", "iq:auth",
        "iq:register", "assword",  "secret",     "text-private", "body",         "item"};
    for (size_t i = 0; i < ENVOI__COUNT(words) - (hide_bodies ? 0 : 2); i++) {
        size_t word = strlen(words[i]);
        for (size_t at = 0; at + word <= len; at++)
            if (memcmp(bytes + at, words[i], word) == 0)
                return 1;
    }
    return 0;
}
