/* SPDX-License-Identifier: MIT */
/* The gate as a state machine over bytes. Each state has a function that goes as far as it can, moves to the
 * next state and returns GO_ON, an item, or an error; WAIT means that the bytes end within a character. */
#include "xml/gate.h"

#include "base/text.h"
#include "xml/byte_class.h"
#include "xml/gate_road.h"
#include <envoi/error.h>
#include <string.h>

enum { GO_ON = 100, WAIT = 101 };

enum state {
    AT_START,    /* the first byte: a declaration, of a text that stands alone also a BOM, or as AT_PROLOG */
    IN_BOM,      /* its first byte was seen */
    BEHIND_BOM,  /* as AT_START, but another BOM is none */
    IN_DECL,     /* behind "<?" at the start */
    AT_PROLOG,   /* white space or the root */
    AT_BETWEEN,  /* white space or a tag, at the depth of items */
    AT_EPILOG,   /* white space alone */
    IN_TEXT,     /* content of an element */
    BEHIND_LESS, /* behind '<' */
    IN_BANG,     /* behind "<!" */
    IN_CDATA,
    IN_NAME,      /* the name in a start tag */
    IN_TAG,       /* behind white space in a start tag */
    BEHIND_VALUE, /* an attribute may follow only after white space */
    IN_ATTR,      /* the name of an attribute */
    BEHIND_ATTR,  /* '=' is due */
    BEHIND_EQUALS,
    IN_VALUE,
    BEHIND_SLASH, /* '>' is due */
    IN_END_NAME,  /* the name in an end tag */
    BEHIND_END_NAME,
    IN_REF, /* behind '&' */
    IN_ENTITY,
    BEHIND_HASH,
    IN_DECIMAL,
    IN_HEX
};

struct scan {
    struct envoi__gate *gate;
    const struct envoi__xml_limits *limits;
    const uint8_t *data, *p, *end;
};

/* Step over one character beyond ASCII. The table of well-formed sequences is RFC 3629 4. */
static int step_character(struct scan *s)
{
    size_t avail = (size_t)(s->end - s->p);
    uint8_t lead = s->p[0];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4)
        return ENVOI_ERR_XML_ENCODING;
    for (size_t i = 1; i < need; i++) {
        if (i == avail)
            return WAIT;
        if (s->p[i] < low || s->p[i] > high)
            return ENVOI_ERR_XML_ENCODING;
        low = 0x80;
        high = 0xBF;
    }
    /* U+FFFE and U+FFFF are no characters of XML (2.2). */
    if (lead == 0xEF && s->p[1] == 0xBF && s->p[2] >= 0xBE)
        return ENVOI_ERR_XML_MALFORMED;
    s->p += need;
    return GO_ON;
}

static int step_characters(struct scan *s)
{
    int result = GO_ON;
    while (result == GO_ON && s->p < s->end && *s->p >= 0x80)
        result = step_character(s);
    return result;
}

/* A byte that has no place here: a character, or not even that? */
static int misplaced(struct scan *s)
{
    int result = *s->p >= 0x80 ? step_character(s) : GO_ON;
    return result == GO_ON ? ENVOI_ERR_XML_MALFORMED : result;
}

static inline int go(struct scan *s, enum state state)
{
    s->gate->state = (uint8_t)state;
    return GO_ON;
}

static inline int step_to(struct scan *s, enum state state)
{
    s->p++;
    return go(s, state);
}

static inline size_t offset(const struct scan *s)
{
    return (size_t)(s->p - s->data);
}

static void skip_plain(struct scan *s, uint8_t c)
{
    while (s->p < s->end && (class_of[*s->p] & PLAIN) && *s->p != c)
        s->p++;
}

static void skip_name(struct scan *s)
{
    while (s->p < s->end && (class_of[*s->p] & NAME))
        s->p++;
}

static void skip_space(struct scan *s)
{
    while (s->p < s->end && (class_of[*s->p] & SPACE))
        s->p++;
}

/* ---- before, between and after elements ---- */

static int at_start(struct scan *s)
{
    if (*s->p == 0xEF && s->gate->state == AT_START && !s->gate->base)
        return go(s, IN_BOM);
    if (*s->p != '<')
        return go(s, AT_PROLOG);
    if (s->end - s->p < 2) /* "<?" must be told from "<s" */
        return WAIT;
    return go(s, s->p[1] == '?' ? IN_DECL : AT_PROLOG);
}

/* U+FEFF at the very start of a text that stands alone is a signature and no content (RFC 3629 6). In a stream it is
 * a character wherever it stands (RFC 6120 11.6), and so no beginning of one. */
static int in_bom(struct scan *s)
{
    static const uint8_t bom[] = {0xEF, 0xBB, 0xBF};
    size_t avail = (size_t)(s->end - s->p), n = avail < sizeof bom ? avail : sizeof bom;
    if (memcmp(s->p, bom, n) != 0)
        return misplaced(s);
    if (n < sizeof bom)
        return WAIT;
    s->p += sizeof bom;
    go(s, BEHIND_BOM);
    return ENVOI__GATE_SKIP;
}

static int in_decl(struct scan *s)
{
    static const char begin[] = "<?xml";
    size_t avail = (size_t)(s->end - s->data), n = avail < sizeof begin - 1 ? avail : sizeof begin - 1;
    if (memcmp(s->data, begin, n) != 0)
        return ENVOI_ERR_XML_RESTRICTED;
    const uint8_t *greater = memchr(s->p, '>', (size_t)(s->end - s->p));
    s->p = greater ? greater + 1 : s->end;
    if (offset(s) > ENVOI__DECLARATION_BYTES)
        return ENVOI_ERR_XML_MALFORMED;
    if (!greater)
        return GO_ON;
    int error = envoi__xml_declaration_check(s->data, offset(s));
    go(s, AT_PROLOG);
    return error ? error : ENVOI__GATE_SKIP;
}

/* An item ends here; what stands before it decides which. */
static int item(struct scan *s, int kind)
{
    go(s, kind == ENVOI__GATE_END || !s->gate->base ? AT_EPILOG : AT_BETWEEN);
    return kind;
}

/* Text inside the stream, or the '<' before an element in it. What is written in the usual way is passed at once. */
static int in_text(struct scan *s)
{
    while (s->p < s->end) {
        if (envoi__gate_pass(s->gate, s->limits, &s->p, s->end))
            return item(s, ENVOI__GATE_ELEMENT);
        if (s->p == s->end)
            break;
        if (*s->p >= 0x80) {
            int result = step_characters(s);
            if (result != GO_ON)
                return result;
        } else if (*s->p == '<') {
            return step_to(s, BEHIND_LESS);
        } else if (*s->p == '&') {
            s->gate->back = IN_TEXT;
            return step_to(s, IN_REF);
        } else if (*s->p == '>' && !(s->p[-1] == ']' && s->p[-2] == ']')) {
            s->p++; /* only "]]>" is forbidden (XML 1.0 2.4) */
        } else {
            return ENVOI_ERR_XML_MALFORMED;
        }
    }
    return GO_ON;
}

static int outside(struct scan *s, int kind)
{
    if (*s->p == '<' && s->gate->state == AT_BETWEEN) {
        go(s, IN_TEXT);
        return in_text(s);
    }
    if (*s->p == '<' && s->gate->state == AT_PROLOG)
        return step_to(s, BEHIND_LESS);
    if (!(class_of[*s->p] & SPACE))
        return misplaced(s);
    skip_space(s);
    return kind;
}

/* ---- content ---- */

static int in_cdata(struct scan *s)
{
    while (s->p < s->end) {
        skip_plain(s, '>');
        if (s->p == s->end)
            break;
        if (*s->p >= 0x80) {
            int result = step_characters(s);
            if (result != GO_ON)
                return result;
        } else if (*s->p == '<' || *s->p == '&') {
            s->p++;
        } else if (*s->p == '>') {
            s->p++;
            if (s->p[-2] == ']' && s->p[-3] == ']')
                return go(s, IN_TEXT);
        } else {
            return ENVOI_ERR_XML_MALFORMED;
        }
    }
    return GO_ON;
}

/* Of all that begins with "<!" only CDATA is left (RFC 6120 11.1). */
static int in_bang(struct scan *s)
{
    static const char rest[] = "[CDATA[";
    while (s->p < s->end) {
        if (*s->p != (uint8_t)rest[s->gate->matched])
            return s->gate->matched ? ENVOI_ERR_XML_MALFORMED : ENVOI_ERR_XML_RESTRICTED;
        s->p++;
        if (!rest[++s->gate->matched])
            return s->gate->depth > s->gate->base ? go(s, IN_CDATA) : ENVOI_ERR_XML_MALFORMED;
    }
    return GO_ON;
}

/* ---- tags ---- */

/* Over the rest of a name that began at the mark. */
static int take_name(struct scan *s)
{
    for (;;) {
        skip_name(s);
        if (offset(s) - s->gate->mark > s->limits->name_bytes)
            return ENVOI_ERR_NAME_TOO_LONG;
        if (s->p == s->end || *s->p < 0x80)
            return GO_ON;
        int result = step_character(s);
        if (result != GO_ON)
            return result;
    }
}

static int begin_name(struct scan *s, enum state state)
{
    if (*s->p < 0x80 && !(class_of[*s->p] & NAME_START))
        return ENVOI_ERR_XML_MALFORMED;
    s->gate->mark = offset(s);
    return go(s, state);
}

/* Behind the '>' of a start tag. */
static int opened(struct scan *s)
{
    s->p++;
    if (s->gate->depth++ < s->gate->base)
        return item(s, ENVOI__GATE_HEADER);
    return go(s, IN_TEXT);
}

/* Behind the '>' that ends an element. */
static int closed(struct scan *s)
{
    s->p++;
    if (s->gate->depth < s->gate->base)
        return item(s, ENVOI__GATE_END);
    if (s->gate->depth == s->gate->base)
        return item(s, ENVOI__GATE_ELEMENT);
    return go(s, IN_TEXT);
}

/* What may follow a name or a value in a start tag. */
static int behind_value(struct scan *s)
{
    if (class_of[*s->p] & SPACE)
        return step_to(s, IN_TAG);
    if (*s->p == '>')
        return opened(s);
    return *s->p == '/' ? step_to(s, BEHIND_SLASH) : misplaced(s);
}

static int in_name(struct scan *s)
{
    int result = take_name(s);
    return result != GO_ON || s->p == s->end ? result : behind_value(s);
}

static int in_tag(struct scan *s)
{
    skip_space(s);
    if (s->p == s->end)
        return GO_ON;
    if (*s->p == '>' || *s->p == '/')
        return behind_value(s);
    if (++s->gate->attributes > s->limits->attributes)
        return ENVOI_ERR_TOO_MANY_ATTRIBUTES;
    return begin_name(s, IN_ATTR);
}

static int behind_equals(struct scan *s)
{
    skip_space(s);
    if (s->p == s->end)
        return GO_ON;
    if (*s->p != '\'' && *s->p != '"')
        return misplaced(s);
    s->gate->quote = *s->p;
    step_to(s, IN_VALUE);
    s->gate->mark = offset(s);
    return GO_ON;
}

static int behind_attr(struct scan *s)
{
    skip_space(s);
    if (s->p == s->end)
        return GO_ON;
    if (*s->p != '=')
        return misplaced(s);
    step_to(s, BEHIND_EQUALS);
    return behind_equals(s);
}

static int in_attr(struct scan *s)
{
    int result = take_name(s);
    if (result != GO_ON || s->p == s->end)
        return result;
    go(s, BEHIND_ATTR);
    return behind_attr(s);
}

static int check_value_length(const struct scan *s)
{
    return offset(s) - s->gate->mark > s->limits->value_bytes ? ENVOI_ERR_VALUE_TOO_LONG : GO_ON;
}

static int in_value(struct scan *s)
{
    const uint8_t quote = s->gate->quote;
    int result = GO_ON;
    while (s->p < s->end && result == GO_ON) {
        skip_plain(s, quote);
        result = check_value_length(s);
        if (result != GO_ON || s->p == s->end)
            break;
        if (*s->p == quote)
            return step_to(s, BEHIND_VALUE);
        if (*s->p == '&') {
            s->gate->back = IN_VALUE;
            return step_to(s, IN_REF);
        }
        result = *s->p >= 0x80 ? step_characters(s) : ENVOI_ERR_XML_MALFORMED;
    }
    return result;
}

static int behind_slash(struct scan *s)
{
    if (*s->p != '>')
        return misplaced(s);
    if (s->gate->depth < s->gate->base) /* a stream without room for stanzas */
        return ENVOI_ERR_STREAM_HEADER;
    return closed(s);
}

static int behind_end_name(struct scan *s)
{
    skip_space(s);
    if (s->p == s->end)
        return GO_ON;
    if (*s->p != '>')
        return misplaced(s);
    s->gate->depth--;
    return closed(s);
}

static int in_end_name(struct scan *s)
{
    int result = take_name(s);
    if (result != GO_ON || s->p == s->end)
        return result;
    if (offset(s) == s->gate->mark)
        return ENVOI_ERR_XML_MALFORMED;
    go(s, BEHIND_END_NAME);
    return behind_end_name(s);
}

static int behind_less_slash(struct scan *s)
{
    struct envoi__gate *gate = s->gate;
    if (!gate->depth)
        return ENVOI_ERR_XML_MALFORMED;
    step_to(s, IN_END_NAME);
    gate->mark = offset(s);
    return GO_ON;
}

static int behind_less(struct scan *s)
{
    struct envoi__gate *gate = s->gate;
    gate->matched = 0;
    if (*s->p == '/')
        return behind_less_slash(s);
    if (*s->p == '!')
        return step_to(s, IN_BANG);
    if (*s->p == '?')
        return ENVOI_ERR_XML_RESTRICTED;
    if (gate->depth + 1 > s->limits->depth + gate->base)
        return ENVOI_ERR_TOO_DEEP;
    gate->attributes = 0;
    return begin_name(s, IN_NAME);
}

/* ---- references ---- */

static int in_ref(struct scan *s)
{
    s->gate->number = 0;
    s->gate->matched = 0;
    if (*s->p == '#')
        return step_to(s, BEHIND_HASH);
    return class_of[*s->p] & NAME_START ? go(s, IN_ENTITY) : misplaced(s);
}

#define LETTERS(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
static int is_predefined(uint32_t letters)
{
    return letters == LETTERS(0, 0, 'l', 't') || letters == LETTERS(0, 0, 'g', 't') ||
           letters == LETTERS(0, 'a', 'm', 'p') || letters == LETTERS('a', 'p', 'o', 's') ||
           letters == LETTERS('q', 'u', 'o', 't');
}

/* Without a DOCTYPE there are no entities but the five (XML 1.0 4.6). */
static int in_entity(struct scan *s)
{
    struct envoi__gate *gate = s->gate;
    while (s->p < s->end) {
        uint8_t c = *s->p++;
        if (c == ';')
            return is_predefined(gate->number) ? go(s, (enum state)gate->back) : ENVOI_ERR_XML_RESTRICTED;
        if (!(class_of[c] & NAME) && c < 0x80)
            return ENVOI_ERR_XML_MALFORMED;
        if (++gate->matched > 4)
            return ENVOI_ERR_XML_RESTRICTED;
        gate->number = gate->number << 8 | c;
    }
    return GO_ON;
}

static uint32_t digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A' + 10);
    return 99;
}

/* A number stands for a character that XML may carry (XML 1.0 4.1), else a reference would smuggle in what
 * the gate refuses as a byte. */
static int in_number(struct scan *s, uint32_t radix)
{
    enum { TOO_LARGE = 0x110000 };
    uint32_t number = s->gate->number;
    while (s->p < s->end) {
        uint8_t c = *s->p++;
        if (c == ';' && s->gate->matched)
            return envoi__xml_char(number) ? go(s, (enum state)s->gate->back) : ENVOI_ERR_XML_MALFORMED;
        uint32_t digit = digit_value(c);
        if (digit >= radix)
            return ENVOI_ERR_XML_MALFORMED;
        number = number * radix + digit;
        number = number > TOO_LARGE ? TOO_LARGE : number;
        s->gate->matched = 1;
    }
    s->gate->number = number;
    return GO_ON;
}

static int behind_hash(struct scan *s)
{
    return *s->p == 'x' ? step_to(s, IN_HEX) : go(s, IN_DECIMAL);
}

/* ---- the scan ---- */

static int step(struct scan *s)
{
    switch ((enum state)s->gate->state) {
    case AT_START:
    case BEHIND_BOM:
        return at_start(s);
    case IN_BOM:
        return in_bom(s);
    case IN_DECL:
        return in_decl(s);
    case AT_PROLOG:
        return outside(s, ENVOI__GATE_SKIP);
    case AT_BETWEEN:
    case AT_EPILOG:
        return outside(s, ENVOI__GATE_SPACE);
    case IN_TEXT:
        return in_text(s);
    case BEHIND_LESS:
        return behind_less(s);
    case IN_BANG:
        return in_bang(s);
    case IN_CDATA:
        return in_cdata(s);
    case IN_NAME:
        return in_name(s);
    case IN_TAG:
        return in_tag(s);
    case BEHIND_VALUE:
        return behind_value(s);
    case IN_ATTR:
        return in_attr(s);
    case BEHIND_ATTR:
        return behind_attr(s);
    case BEHIND_EQUALS:
        return behind_equals(s);
    case IN_VALUE:
        return in_value(s);
    case BEHIND_SLASH:
        return behind_slash(s);
    case IN_END_NAME:
        return in_end_name(s);
    case BEHIND_END_NAME:
        return behind_end_name(s);
    case IN_REF:
        return in_ref(s);
    case IN_ENTITY:
        return in_entity(s);
    case BEHIND_HASH:
        return behind_hash(s);
    case IN_DECIMAL:
        return in_number(s, 10);
    default: /* IN_HEX */
        return in_number(s, 16);
    }
}

void envoi__gate_init(struct envoi__gate *gate, int is_stream)
{
    *gate = (struct envoi__gate){.base = is_stream ? 1 : 0};
}

int envoi__gate_is_inside(const struct envoi__gate *gate)
{
    return gate->depth >= gate->base && gate->state >= IN_TEXT;
}

/* No byte past the limit is looked at, so that the verdict does not depend on how the bytes were cut. */
int envoi__gate_scan(struct envoi__gate *gate, const struct envoi__xml_limits *limits, const uint8_t *data,
                     size_t len, size_t *used)
{
    size_t limit = limits->stanza_bytes;
    if (gate->depth < gate->base && limit > ENVOI__HEADER_BYTES)
        limit = ENVOI__HEADER_BYTES;
    struct scan s = {gate, limits, data, data + gate->pos, data + (len < limit ? len : limit)};
    int result = GO_ON;
    while (result == GO_ON && s.p < s.end)
        result = step(&s);
    if (result == GO_ON || result == WAIT) {
        gate->pos = offset(&s);
        return len < limit ? ENVOI__GATE_MORE : ENVOI_ERR_STANZA_TOO_LARGE;
    }
    if (result > 0) {
        *used = offset(&s);
        gate->pos = 0;
    }
    return result;
}
