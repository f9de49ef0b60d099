/* SPDX-License-Identifier: MIT */
#include "tls/names.h"

#include "base/mem.h"
#include "base/unicode.h"
#include <arpa/inet.h>
#include <envoi/error.h>
#include <string.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static int same_ascii(const uint8_t *name, size_t len, const char *text)
{
    if (len != strlen(text))
        return 0;
    for (size_t i = 0; i < len; i++)
        if (lower(name[i]) != lower((uint8_t)text[i]))
            return 0;
    return 1;
}

size_t envoi__ip_parse(const char *text, uint8_t ip[ENVOI__IP_MAX])
{
    char bare[INET6_ADDRSTRLEN + 1];
    size_t len = strlen(text);
    if (inet_pton(AF_INET, text, ip) == 1)
        return 4;
    int brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    size_t bare_len = brackets ? len - 2 : len;
    if (bare_len >= sizeof bare)
        return 0;
    memcpy(bare, text + brackets, bare_len);
    bare[bare_len] = '\0';
    return inet_pton(AF_INET6, bare, ip) == 1 ? 16 : 0;
}

const uint8_t *envoi__der_string(const uint8_t *der, size_t len, uint8_t tag, size_t *content_len)
{
    size_t content;
    size_t header;
    if (len < 2 || der[0] != tag)
        return NULL;
    if (der[1] < 0x80) {
        header = 2;
        content = der[1];
    } else if (der[1] == 0x81 && len >= 3 &&
               der[2] >= 0x80) { /* long form, only where the short one cannot do */
        header = 3;
        content = der[2];
    } else {
        return NULL; /* more than 255 bytes: longer than a domain (RFC 1035 2.3.4) */
    }
    if (len - header != content)
        return NULL;
    *content_len = content;
    return der + header;
}

/* RFC 9525 6.3: a wildcard is the whole left-most label and stands for exactly one label. It needs two labels
 * behind it, so that neither "*" nor "*.com" matches. */
int envoi__name_is_dns_id(const uint8_t *name, size_t len, const char *domain)
{
    if (len < 2 || name[0] != '*' || name[1] != '.')
        return same_ascii(name, len, domain); /* "f*.example.com" equals no domain: '*' is in none */
    const char *parent = strchr(domain, '.');
    if (!parent || parent == domain || !strchr(parent + 1, '.'))
        return 0;
    return same_ascii(name + 1, len - 1, parent);
}

/* RFC 4985: "_Service.Name". RFC 6120 13.7.1.2.1 requires it of clients, for the service xmpp-client. */
int envoi__name_is_srv_id(const uint8_t *name, size_t len, const char *domain)
{
    static const char service[] = "_xmpp-client.";
    size_t service_len = sizeof service - 1;
    return len > service_len && same_ascii(name, service_len, service) &&
           envoi__name_is_dns_id(name + service_len, len - service_len, domain);
}

/* RFC 6120 13.7.1.4: an XmppAddr is a JID, here one that is only a domainpart, and may be written in
 * U-labels. Taken because 13.7.1.2.1 encourages it for the sake of older certificates; equality only, no
 * wildcard. */
int envoi__name_is_xmpp_addr(const uint8_t *name, size_t len, const char *domain)
{
    char *unicode;
    char *ascii;
    if (same_ascii(name, len, domain))
        return 1;
    int error =
        memchr(name, 0, len) ? ENVOI_ERR_JID : envoi__prep_domainpart(&unicode, (const char *)name, len);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : 0;
    error = envoi__domain_to_ascii(&ascii, unicode);
    envoi__free(unicode);
    if (error)
        return error == ENVOI_ERR_NOMEM ? error : 0;
    int same = same_ascii((const uint8_t *)ascii, strlen(ascii), domain);
    envoi__free(ascii);
    return same;
}

int envoi__name_is_ip(const uint8_t *address, size_t len, const char *domain)
{
    uint8_t ip[ENVOI__IP_MAX];
    size_t wanted = envoi__ip_parse(domain, ip);
    return wanted && wanted == len && !memcmp(ip, address, len);
}
