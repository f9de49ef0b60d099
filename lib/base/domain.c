/* SPDX-License-Identifier: MIT */
/* Domainparts: RFC 7622 3.2 on IDNA2008 (RFC 5890 to 5893), with the mappings of RFC 5895. */
#include "base/buf.h"
#include "base/codepoints.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include <envoi/error.h>
#include <string.h>

#define DOMAIN_MAX 1023 /* octets in U-labels, RFC 7622 3.2 */
#define ASCII_MAX  253  /* octets in A-labels, RFC 1034 3.1 */
#define INPUT_MAX  (4 * DOMAIN_MAX)

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t count_run(const char *text, size_t len, int (*accepts)(char))
{
    size_t n = 0;
    while (n < len && accepts(text[n]))
        n++;
    return n;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_ipv4(const char *text, size_t len)
{
    for (int part = 0; part < 4; part++) {
        size_t n = count_run(text, len, is_digit);
        if (n < 1 || n > 3 || (n > 1 && text[0] == '0') || (n == 3 && memcmp(text, "255", 3) > 0))
            return 0;
        text += n;
        len -= n;
        if (part < 3 && (!len || *text != '.'))
            return 0;
        text += part < 3;
        len -= part < 3;
    }
    return len == 0;
}

/* The address of RFC 3986 3.2.2: eight groups, of which one "::" may stand for one or more, and the last two
 * may be written as IPv4. The text is at least two bytes long. */
static int is_ipv6(const char *text, size_t len)
{
    int groups = 0, gap = memcmp(text, "::", 2) == 0;
    if (gap && len == 2)
        return 1;
    text += gap ? 2 : 0;
    len -= gap ? 2 : 0;
    for (;;) {
        if (is_ipv4(text, len)) {
            groups += 2;
            break;
        }
        size_t n = count_run(text, len, is_hex);
        if (n < 1 || n > 4 || ++groups > 8)
            return 0;
        text += n;
        len -= n;
        if (!len)
            break;
        if (*text++ != ':' || !--len)
            return 0;
        if (*text != ':')
            continue;
        if (gap++)
            return 0;
        text++;
        if (!--len)
            break;
    }
    return gap ? groups < 8 : groups == 8;
}

static int is_ldh(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

/* A reserved LDH label has hyphens in its third and fourth place (RFC 5890 2.3.1). */
static int is_nr_ldh_label(const char *label, size_t len)
{
    if (len < 1 || len >= ENVOI__LABEL_SIZE || label[0] == '-' || label[len - 1] == '-')
        return 0;
    return !(len >= 4 && label[2] == '-' && label[3] == '-') && count_run(label, len, is_ldh) == len;
}

static size_t label_length(const char *text, size_t len)
{
    const char *dot = memchr(text, '.', len);
    return dot ? (size_t)(dot - text) : len;
}

int envoi__plain_domainpart(const char *text, size_t len)
{
    if (len > ASCII_MAX)
        return 0;
    for (;;) {
        size_t n = label_length(text, len);
        if (!is_nr_ldh_label(text, n))
            return 0;
        if (n == len)
            return 1;
        text += n + 1;
        len -= n + 1;
    }
}

static int is_ascii(const char *text)
{
    while (*text && !((unsigned char)*text & 0x80))
        text++;
    return !*text;
}

/* Check one label, already mapped; it becomes an NR-LDH label or U-label in place, and `ascii` its other
 * form. */
static int prepare_label(char label[ENVOI__ULABEL_SIZE], char ascii[ENVOI__LABEL_SIZE])
{
    if (!is_ascii(label))
        return envoi__label_to_ascii(ascii, label);
    size_t len = strlen(label);
    int is_alabel = strncmp(label, "xn--", 4) == 0 && len < ENVOI__LABEL_SIZE;
    if (!is_alabel && !is_nr_ldh_label(label, len))
        return ENVOI_ERR_JID;
    memcpy(ascii, label, len + 1);
    return is_alabel ? envoi__label_to_unicode(label, ascii) : 0;
}

/* Both forms of a domain, as they grow label by label. */
struct forms {
    struct envoi__buf unicode, ascii;
};

static int add_label(struct envoi__buf *buf, const char *label)
{
    int error = buf->len ? envoi__buf_add(buf, ".", 1) : 0;
    if (!error)
        error = envoi__buf_add_text(buf, label);
    return error == ENVOI_ERR_FULL ? ENVOI_ERR_JID : error;
}

static int add_labels(struct forms *forms, const char *text, size_t len)
{
    for (;;) {
        char label[ENVOI__ULABEL_SIZE], ascii[ENVOI__LABEL_SIZE];
        size_t n = label_length(text, len);
        if (!n || n >= sizeof label)
            return ENVOI_ERR_JID;
        memcpy(label, text, n);
        label[n] = '\0';
        int error = prepare_label(label, ascii);
        if (!error)
            error = add_label(&forms->unicode, label);
        if (!error)
            error = add_label(&forms->ascii, ascii);
        if (error || n == len)
            return error;
        text += n + 1;
        len -= n + 1;
    }
}

/* In a name with a right-to-left label every label obeys the Bidi Rule (RFC 5893 2), not only that one. */
static int check_bidi(const struct envoi__buf *domain)
{
    struct envoi__codes codes;
    int error = envoi__codes_decode(&codes, (const char *)envoi__buf_bytes(domain), domain->len);
    if (error)
        return error;
    int holds = 1, right = envoi__bidi_has_right(codes.data, codes.len);
    for (size_t start = 0, end; right && holds && start < codes.len; start = end + 1) {
        for (end = start; end < codes.len && codes.data[end] != '.';)
            end++;
        holds = envoi__bidi_rule_holds(codes.data + start, end - start);
    }
    envoi__codes_free(&codes);
    return holds ? 0 : ENVOI_ERR_JID;
}

/* Check the labels of a mapped domain; *out becomes one of the two forms. */
static int build_form(char **out, const char *text, size_t len, int ascii)
{
    struct forms forms;
    envoi__buf_init(&forms.unicode, DOMAIN_MAX);
    envoi__buf_init(&forms.ascii, ASCII_MAX);
    int error = add_labels(&forms, text, len);
    if (!error)
        error = check_bidi(&forms.unicode);
    const struct envoi__buf *form = ascii ? &forms.ascii : &forms.unicode;
    char *made = error ? NULL : envoi__strndup((const char *)envoi__buf_bytes(form), form->len);
    envoi__buf_free(&forms.unicode);
    envoi__buf_free(&forms.ascii);
    if (made)
        *out = made;
    return error || made ? error : ENVOI_ERR_NOMEM;
}

/* Cherokee alone folds to its capitals, since they were there first; so these are what IDNA2008 takes (RFC 5892
 * 2.2), and the small letters, typed or made by lower case, stand for them. */
static uint32_t cherokee_capital(uint32_t code)
{
    if (code >= 0xAB70 && code <= 0xABBF)
        return code - 0xAB70 + 0x13A0;
    return code >= 0x13F8 && code <= 0x13FD ? code - 8 : code;
}

/* RFC 5895 2: usual width, lower case, NFC, and the ideographic full stop is a dot. */
static int map(struct envoi__codes *codes)
{
    envoi__codes_narrow(codes);
    int error = envoi__codes_lower(codes);
    for (size_t i = 0; !error && i < codes->len; i++)
        codes->data[i] = cherokee_capital(codes->data[i]);
    if (!error)
        error = envoi__codes_nfc(codes);
    for (size_t i = 0; !error && i < codes->len; i++)
        if (codes->data[i] == 0x3002)
            codes->data[i] = '.';
    return error;
}

static int map_text(char **out, const char *text, size_t len)
{
    struct envoi__codes codes = {0};
    int error = envoi__codes_decode(&codes, text, len);
    if (!error)
        error = map(&codes);
    if (!error)
        error = envoi__codes_encode(&codes, out);
    envoi__codes_free(&codes);
    return error;
}

/* An IPv6 address in brackets, in lower case. */
static int copy_ip_literal(char **out, const char *text, size_t len)
{
    if (len < 4 || text[len - 1] != ']' || !is_ipv6(text + 1, len - 2))
        return ENVOI_ERR_JID;
    char *made = envoi__strndup(text, len);
    if (!made)
        return ENVOI_ERR_NOMEM;
    for (char *p = made; *p; p++)
        if (*p >= 'A' && *p <= 'F')
            *p = (char)(*p + 'a' - 'A');
    *out = made;
    return 0;
}

int envoi__prep_domainpart(char **out, const char *text, size_t len)
{
    if (!len || len > INPUT_MAX || memchr(text, '\0', len))
        return ENVOI_ERR_JID;
    if (text[0] == '[')
        return copy_ip_literal(out, text, len);
    char *mapped;
    int error = map_text(&mapped, text, len);
    if (error)
        return error;
    size_t mapped_len = strlen(mapped);
    if (mapped[mapped_len - 1] == '.') /* the root label goes, RFC 7622 3.2 */
        mapped_len--;
    error = build_form(out, mapped, mapped_len, 0);
    envoi__free(mapped);
    return error;
}

int envoi__domain_to_ascii(char **out, const char *domainpart)
{
    size_t len = strlen(domainpart);
    if (domainpart[0] != '[')
        return build_form(out, domainpart, len, 1);
    char *made = envoi__strndup(domainpart + 1, len > 1 ? len - 2 : 0);
    if (!made)
        return ENVOI_ERR_NOMEM;
    *out = made;
    return 0;
}
