/* SPDX-License-Identifier: MIT */
/* The gate passes over usual tags and plain runs at once, and over everything else byte by byte. However the bytes
 * are cut, the items, their lengths and the error must be the same. */
#include "test.h"

#include "base/text.h"
#include "xml/gate.h"
#include "xml_random.h"

enum { ROUNDS = 20000, SIZE = 1024, MOST_ITEMS = 64 };

/* Small, so that made-up documents often meet them. */
static const struct envoi__xml_limits small = {
    .stanza_bytes = 400, .depth = 4, .attributes = 3, .name_bytes = 9, .value_bytes = 40};

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
    "<nnnnnnnnn>",
    "<nnnnnnnnnn>",
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
    " ccccccccc='d'",
    " cccccccccc='d'",
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
    scan(&account, text, strlen(text), SIZE);
    return account.count ? account.items[account.count - 1] : 0;
}

static void test_limits_hold_for_usual_tags(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int verdict;
    } rows[] = {
        {"<s:s><nnnnnnnnn/>", ENVOI__GATE_ELEMENT},
        {"<s:s><nnnnnnnnnn/>", ENVOI_ERR_NAME_TOO_LONG},
        {"<s:s><a ccccccccc='d'/>", ENVOI__GATE_ELEMENT},
        {"<s:s><a cccccccccc='d'/>", ENVOI_ERR_NAME_TOO_LONG},
        {"<s:s><a></nnnnnnnnnn>", ENVOI_ERR_NAME_TOO_LONG},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_does_not_depend_on_how_the_bytes_are_cut),
        cmocka_unit_test(test_limits_hold_for_usual_tags),
        cmocka_unit_test(test_each_byte_is_judged_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
