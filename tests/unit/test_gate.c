/* SPDX-License-Identifier: MIT */
/* The gate passes over usual tags and text many bytes at once, and over everything else, and what stands close before
 * the end, byte by byte. However the bytes are cut, the items, their lengths and the error must be the same. */
#include "test.h"

#include "base/text.h"
#include "xml/gate.h"
#include "xml_random.h"
#include <stdio.h>

enum { ROUNDS = 20000, SIZE = 2048, MOST_ITEMS = 64 };

/* What stands behind a text, so that its tags are not close before the end. */
#define FAR "                                                                                "
#define N32 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

/* Small, so that made-up documents often meet them. */
static const struct envoi__xml_limits small = {
    .stanza_bytes = 600, .depth = 4, .attributes = 3, .name_bytes = 33, .value_bytes = 40};

struct account {
    int items[MOST_ITEMS];
    size_t ends[MOST_ITEMS], count;
};

/* Scan a text that comes in pieces of `piece` bytes, each time from a copy that ends where the bytes end. */
static void scan(struct account *account, const char *text, size_t len, size_t piece)
{
    struct envoi__gate gate;
    size_t begin = 0, given = 0;
    int result = ENVOI__GATE_MORE;
    envoi__gate_init(&gate, 1);
    *account = (struct account){0};
    while (result >= 0 && begin < len && account->count < MOST_ITEMS) {
        size_t used = 0;
        if (result == ENVOI__GATE_MORE)
            given = len - given < piece ? len : given + piece;
        uint8_t *copy = malloc(given - begin + 1);
        assert_non_null(copy);
        memcpy(copy, text + begin, given - begin);
        result = given > begin ? envoi__gate_scan(&gate, &small, copy, given - begin, &used) : ENVOI__GATE_MORE;
        free(copy);
        begin += used;
        if (result == ENVOI__GATE_MORE && given == len)
            return;
        if (result == ENVOI__GATE_MORE || result == ENVOI__GATE_SPACE)
            continue; /* white space comes in as many pieces as it was cut into */
        account->items[account->count] = result;
        account->ends[account->count++] = begin;
    }
}

static const char *const pieces[] = {
    "<a>",
    "</a>",
    "<a/>",
    "<a\xC3\xA9>",
    "</a\xC3\xA9>",
    " c\xC3\xA9='d'",
    "<a\xCF/>",
    "<name x='1'>",
    "</name>",
    "<" N32 ">",
    "<" N32 "n>",
    "<" N32 "nn>",
    "<a b=''",
    " c='d'",
    " c=\"d\"",
    " c = 'd'",
    "  c='d'",
    " xml:lang='en'",
    "\tc='d'",
    " c='<'",
    " c='>'",
    " c='&lt;'",
    " c='\"'",
    " c='\xC3\xA9'",
    " \xC3\xA9='d'",
    " c='\t'",
    " c='1234567890123456789012345678901234567890'",
    " c='12345678901234567890123456789012345678901'",
    " " N32 "='d'",
    " " N32 "n='d'",
    " " N32 "nn='d'",
    " c='\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xE4\xBD\xA0\xE5\xA5\xBD'",
    "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80\xF0\x9F\x98\x80",
    ">",
    "/>",
    " >",
    " />",
    "/ >",
    "</a >",
    "</ a>",
    "text that is longer than sixteen bytes",
    "tab\tand\nline end, then more text",
    "]]>",
    "]]",
    "\xC3\xA9",
    "\xE2\x82\xAC",
    "\xF0\x9F\x98\x80",
    "\x01",
    "\x7f",
    "&amp;",
    "&x;",
    "<",
    " ",
    "=",
    "'",
    "<1>",
    "<a 1='2'>",
    "\xC3",
    "<![CDATA[<a>]]>",
};

/* Elements as everybody writes them, and here and there something else. */
static void make(char *text, struct random_source *random)
{
    static const char *const usual[] = {"<a>", "</a>", "<a b='1'>", "</a>", "<name b='1' c='22'/>", "<a/>", "text"};
    strcpy(text, "<s:s>");
    for (uint32_t n = 4 + random_below(random, 12); n; n--)
        strcat(text, random_below(random, 20) ? RANDOM_OF(random, usual) : RANDOM_OF(random, pieces));
    strcat(text, FAR);
}

static void test_verdict_does_not_depend_on_how_the_bytes_are_cut(void **state)
{
    (void)state;
    struct random_source random = {UINT64_C(0x67617465)};
    int errors = 0, elements = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char text[SIZE];
        struct account whole, cut;
        make(text, &random);
        scan(&whole, text, strlen(text), SIZE);
        for (size_t piece = 1; piece < 40; piece = piece * 2 + 1) {
            scan(&cut, text, strlen(text), piece);
            if (memcmp(&whole, &cut, sizeof cut) != 0)
                print_message("cut into pieces of %zu: %s\n", piece, text);
            assert_memory_equal(&whole, &cut, sizeof cut);
        }
        for (size_t i = 0; i < whole.count; i++) {
            errors += whole.items[i] < 0;
            elements += whole.items[i] == ENVOI__GATE_ELEMENT;
        }
    }
    /* The test is worth something only if it meets both. */
    assert_in_range(errors, ROUNDS / 10, ROUNDS);
    assert_in_range(elements, ROUNDS / 10, ROUNDS * 10);
}

static int verdict(const char *text)
{
    struct account account;
    char far[SIZE];
    assert_in_range(snprintf(far, sizeof far, "%s" FAR, text), 0, sizeof far - 1);
    scan(&account, far, strlen(far), SIZE);
    return account.count ? account.items[account.count - 1] : 0;
}

static void test_limits_hold_for_usual_tags(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int verdict;
    } rows[] = {
        {"<s:s><" N32 "n/>", ENVOI__GATE_ELEMENT},
        {"<s:s><" N32 "nn/>", ENVOI_ERR_NAME_TOO_LONG},
        {"<s:s><a " N32 "n='d'/>", ENVOI__GATE_ELEMENT},
        {"<s:s><a " N32 "nn='d'/>", ENVOI_ERR_NAME_TOO_LONG},
        {"<s:s><a></" N32 "nn>", ENVOI_ERR_NAME_TOO_LONG},
        {"<s:s><a b='1' c='2' d='3'/>", ENVOI__GATE_ELEMENT},
        {"<s:s><a b='1' c='2' d='3' e='4'/>", ENVOI_ERR_TOO_MANY_ATTRIBUTES},
        {"<s:s><a b='1234567890123456789012345678901234567890'/>", ENVOI__GATE_ELEMENT},
        {"<s:s><a b='12345678901234567890123456789012345678901'/>", ENVOI_ERR_VALUE_TOO_LONG},
        {"<s:s><a><b><c><d></d></c></b></a>", ENVOI__GATE_ELEMENT},
        {"<s:s><a><b><c><d><e>", ENVOI_ERR_TOO_DEEP},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        assert_int_equal(verdict(rows[i].text), rows[i].verdict);
}

/* The shortest names that a program may ask for: usual tags must not slip past the limit, and text stays text. */
static void test_short_limit_of_names_holds(void **state)
{
    (void)state;
    static const struct envoi__xml_limits shorter = {
        .stanza_bytes = 600, .depth = 4, .attributes = 3, .name_bytes = 4, .value_bytes = 40};
    static const char *const texts[] = {"<s:s><name a='1'>text &amp; more</name>" FAR, "<s:s><names>text</names>" FAR,
                                        "<s:s><a names='1'>text</a>" FAR, "<s:s><a>text</names>" FAR};
    for (size_t i = 0; i < ENVOI__COUNT(texts); i++) {
        struct envoi__gate gate;
        size_t used = 0, len = strlen(texts[i]);
        envoi__gate_init(&gate, 1);
        assert_int_equal(envoi__gate_scan(&gate, &shorter, (const uint8_t *)texts[i], len, &used),
                         ENVOI__GATE_HEADER);
        int result = envoi__gate_scan(&gate, &shorter, (const uint8_t *)texts[i] + used, len - used, &used);
        assert_int_equal(result, i == 0 ? ENVOI__GATE_ELEMENT : ENVOI_ERR_NAME_TOO_LONG);
    }
}

/* Every byte, at every place of a run that is passed over many bytes at a time. */
static void test_each_byte_is_judged_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t at = 0; at < 33; at++) {
        for (int byte = 1; byte < 256; byte++) {
            char text[128] = "<s:s><a>ppppppppppppppppppppppppppppppppp</a>";
            text[8 + at] = (char)byte;
            int plain = (byte >= 0x20 && byte < 0x80 && byte != '<' && byte != '&') || byte == '\t' || byte == '\n' ||
                        byte == '\r';
            assert_int_equal(verdict(text) == ENVOI__GATE_ELEMENT, plain);
        }
    }
}

/* Leads with whatever may follow them, as text and as value, behind runs of both kinds. */
static void test_each_sequence_beyond_ascii_is_judged_as_it_is(void **state)
{
    (void)state;
    static const char *const before[] = {"", "\xC3\xA9\xC3\xA9", "\xD0\xBF text \xE4\xBD\xA0 "};
    static const char follows[] = "\x41\x80\x8F\x90\x9F\xA0\xBE\xBF\xC3";
    enum { FOLLOWS = sizeof follows - 1 };
    for (int lead = 0x80; lead < 0x100; lead++) {
        for (int rest = 0; rest < FOLLOWS * FOLLOWS * FOLLOWS; rest++) {
            char text[128], sequence[] = {(char)lead, follows[rest % FOLLOWS], follows[rest / FOLLOWS % FOLLOWS],
                                          follows[rest / FOLLOWS / FOLLOWS], '\0'};
            int good = envoi__xml_text_check(sequence, strlen(sequence)) == 0;
            const char *run = before[rest % 3];
            snprintf(text, sizeof text, "<s:s><a>%s%s</a>", run, sequence);
            assert_int_equal(verdict(text) == ENVOI__GATE_ELEMENT, good);
            snprintf(text, sizeof text, "<s:s><a b='%s%s'/>", run, sequence);
            assert_int_equal(verdict(text) == ENVOI__GATE_ELEMENT, good);
        }
    }
}

/* The five references as everybody writes them, and others. */
static void test_each_reference_is_judged_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int verdict;
    } rows[] = {
        {"&amp;&lt;&gt;&apos;&quot;", ENVOI__GATE_ELEMENT},
        {"&#65;&#x41;", ENVOI__GATE_ELEMENT},
        {"&am;", ENVOI_ERR_XML_RESTRICTED},
        {"&amp:", ENVOI_ERR_XML_MALFORMED},
        {"&l t;", ENVOI_ERR_XML_MALFORMED},
        {"&aposs;", ENVOI_ERR_XML_RESTRICTED},
        {"&;", ENVOI_ERR_XML_MALFORMED},
        {"&#1;", ENVOI_ERR_XML_MALFORMED},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "<s:s><a>%s</a>", rows[i].text);
        assert_int_equal(verdict(text), rows[i].verdict);
    }
}

/* U+FEFF may stand before a text that stands alone, and is told from other bytes as soon as it can be (RFC 3629 6). */
static void test_a_signature_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF<?xml version='1.0'?><s><a/>", wrong[] = "\xEF\xBB<";
    struct envoi__gate gate;
    for (size_t len = 1; len <= 3; len++) {
        size_t used = 0;
        envoi__gate_init(&gate, 0);
        int result = envoi__gate_scan(&gate, &small, (const uint8_t *)text, len, &used);
        assert_int_equal(result, len < 3 ? ENVOI__GATE_MORE : ENVOI__GATE_SKIP);
        assert_int_equal(used, len < 3 ? 0 : 3);
        envoi__gate_init(&gate, 0);
        result = envoi__gate_scan(&gate, &small, (const uint8_t *)wrong, len, &used);
        assert_true(len < 3 ? result == ENVOI__GATE_MORE : result < 0);
        envoi__gate_init(&gate, 1); /* in a stream it is a character like others (RFC 6120 11.6) */
        assert_true(len < 3 || envoi__gate_scan(&gate, &small, (const uint8_t *)text, len, &used) < 0);
    }
}

/* XML 1.0, 2.8; what may not stand in the first bytes is refused before, so the check is asked itself. */
static void test_declaration_is_judged_to_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {
        {"<?xml version='1.0'?>", 0},
        {"<?xml\tversion\n=\r\"1.0\"\r\nencoding = 'UTF-8'\tstandalone='no' ?>", 0},
        {"<?xml version='1.0' standalone=\"yes\"?>", 0},
        {"<?xmk version='1.0'?>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xm", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml", ENVOI_ERR_XML_RESTRICTED},
        {"<?xmlversion='1.0'?>", ENVOI_ERR_XML_RESTRICTED},
        {"<?xml ", ENVOI_ERR_XML_MALFORMED},
        {"<?xml ?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version=", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version= ", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version=1.0?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0\"?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.1'?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0' ", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'encoding='utf-8'?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0' encoding='utf-16'?>", ENVOI_ERR_XML_ENCODING},
        {"<?xml version='1.0' encoding='utf-x'?>", ENVOI_ERR_XML_ENCODING},
        {"<?xml version='1.0' standalone='maybe'?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0' standalone='no' encoding='utf-8'?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'?> ", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='1.0'?>?>", ENVOI_ERR_XML_MALFORMED},
        {"<?xml version='0123456789012345678901234567890123456789'?>", ENVOI_ERR_XML_MALFORMED},
    };
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++) {
        size_t len = strlen(rows[i].text);
        uint8_t *copy = malloc(len); /* ends where the text ends, so that reading behind it is found out */
        assert_non_null(copy);
        memcpy(copy, rows[i].text, len);
        int error = envoi__xml_declaration_check(copy, len);
        free(copy);
        if (error != rows[i].error)
            fail_msg("%s: %s", rows[i].text, envoi_error_name(error));
    }
    static const char nul[] = "<?xml version='1.0\0'?>"; /* would hide what stands behind it */
    assert_int_equal(envoi__xml_declaration_check((const uint8_t *)nul, sizeof nul - 1), ENVOI_ERR_XML_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_does_not_depend_on_how_the_bytes_are_cut),
        cmocka_unit_test(test_limits_hold_for_usual_tags),
        cmocka_unit_test(test_declaration_is_judged_to_its_end),
        cmocka_unit_test(test_a_signature_may_come_byte_by_byte),
        cmocka_unit_test(test_short_limit_of_names_holds),
        cmocka_unit_test(test_each_byte_is_judged_wherever_it_stands),
        cmocka_unit_test(test_each_sequence_beyond_ascii_is_judged_as_it_is),
        cmocka_unit_test(test_each_reference_is_judged_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
