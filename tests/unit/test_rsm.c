/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "corpus.h"
#include "elements.h"
#include <envoi/rsm.h>

#define RSM "<set xmlns='http://jabber.org/protocol/rsm'"

static envoi_rsm *new_page(void)
{
    envoi_rsm *page;
    assert_int_equal(envoi_rsm_new(&page), 0);
    return page;
}

/* The page as it is written, in a static buffer. */
static const char *written(const envoi_rsm *page)
{
    envoi_stanza *stanza = empty("query", "x");
    assert_int_equal(envoi_rsm_append(page, envoi_stanza_element(stanza)), 0);
    const char *xml = xml_of(envoi_element_first_child(envoi_stanza_root(stanza)));
    envoi_stanza_free(stanza);
    return xml;
}

static void test_rsm_writes_each_kind_of_request(void **state)
{
    (void)state;
    envoi_rsm *page = new_page();
    assert_string_equal(written(page), RSM "/>");
    assert_int_equal(envoi_rsm_set_max(page, 10), 0);
    assert_string_equal(written(page), RSM "><max>10</max></set>");
    assert_int_equal(envoi_rsm_set_after(page, "peterpan@neverland.lit"), 0);
    assert_string_equal(written(page), RSM "><max>10</max><after>peterpan@neverland.lit</after></set>");
    assert_int_equal(envoi_rsm_set_before(page, "a<b"), 0);
    assert_string_equal(written(page), RSM "><max>10</max><before>a&lt;b</before></set>");
    assert_int_equal(envoi_rsm_set_before(page, ""), 0);
    assert_string_equal(written(page), RSM "><max>10</max><before/></set>");
    assert_int_equal(envoi_rsm_set_index(page, 371), 0);
    assert_string_equal(written(page), RSM "><max>10</max><index>371</index></set>");
    assert_int_equal(envoi_rsm_set_after(page, NULL), 0);
    assert_int_equal(envoi_rsm_set_max(page, 0), 0);
    assert_string_equal(written(page), RSM "><max>0</max></set>");
    envoi_rsm_free(page);
}

static void test_rsm_writes_an_answer(void **state)
{
    (void)state;
    envoi_rsm *page = new_page();
    assert_int_equal(envoi_rsm_set_items(page, "stpeter@jabber.org", "peterpan@neverland.lit"), 0);
    assert_int_equal(envoi_rsm_set_first_index(page, 0), 0);
    assert_int_equal(envoi_rsm_set_count(page, 800), 0);
    assert_string_equal(written(page), RSM "><first index='0'>stpeter@jabber.org</first>"
                                           "<last>peterpan@neverland.lit</last><count>800</count></set>");
    assert_int_equal(envoi_rsm_set_items(page, NULL, NULL), 0);
    assert_string_equal(written(page), RSM "><count>800</count></set>");
    assert_int_equal(envoi_rsm_set_items(page, "one", NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_set_items(page, "one", "\x01"), ENVOI_ERR_XML_CHAR);
    assert_null(envoi_rsm_first(page));
    envoi_rsm_free(page);
}

static void test_rsm_refuses_what_cannot_be_written(void **state)
{
    (void)state;
    uint32_t number = 7;
    envoi_rsm *page = new_page();
    assert_int_equal(envoi_rsm_set_max(page, (uint32_t)ENVOI_RSM_MAX + 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_set_index(page, UINT32_MAX), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_set_count(NULL, 1), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_set_after(page, "kept"), 0);
    assert_int_equal(envoi_rsm_set_after(page, "\xFF"), ENVOI_ERR_UTF8);
    assert_int_equal(envoi_rsm_set_before(page, "\x02"), ENVOI_ERR_XML_CHAR);
    assert_string_equal(envoi_rsm_after(page), "kept");
    assert_null(envoi_rsm_before(page));
    assert_int_equal(envoi_rsm_max(page, &number), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(number, 7);
    assert_int_equal(envoi_rsm_append(page, NULL), ENVOI_ERR_ARGUMENT);
    envoi_stanza *stanza = empty("query", "x");
    assert_int_equal(envoi_rsm_append(NULL, envoi_stanza_element(stanza)), 0);
    assert_xml(envoi_stanza_root(stanza), "<query xmlns='x'/>");
    envoi_stanza_free(stanza);
    envoi_rsm_free(page);
    envoi_rsm_free(NULL);
}

static envoi_rsm *answer(const char *first, const char *last, uint32_t index, uint32_t count)
{
    envoi_rsm *page = new_page();
    assert_int_equal(envoi_rsm_set_items(page, first, last), 0);
    if (index != UINT32_MAX)
        assert_int_equal(envoi_rsm_set_first_index(page, index), 0);
    if (count != UINT32_MAX)
        assert_int_equal(envoi_rsm_set_count(page, count), 0);
    return page;
}

static void test_rsm_walks_forwards_and_ends(void **state)
{
    (void)state;
    envoi_rsm *page = new_page(), *one = answer("a", "c", 0, 5), *two = answer("d", "e", 3, 5), *none;
    assert_int_equal(envoi_rsm_set_max(page, 3), 0);
    assert_int_equal(envoi_rsm_set_next(page, one), 0);
    assert_string_equal(written(page), RSM "><max>3</max><after>c</after></set>");
    assert_int_equal(envoi_rsm_set_next(page, one), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_rsm_set_next(page, two), 0);
    assert_string_equal(envoi_rsm_after(page), "e");
    none = answer(NULL, NULL, UINT32_MAX, 5);
    assert_int_equal(envoi_rsm_set_next(page, none), ENVOI_ERR_NOT_FOUND);
    assert_string_equal(envoi_rsm_after(page), "e");
    envoi_rsm_free(page);
    envoi_rsm_free(one);
    envoi_rsm_free(two);
    envoi_rsm_free(none);
}

static void test_rsm_walks_backwards_and_ends(void **state)
{
    (void)state;
    envoi_rsm *page = new_page(), *two = answer("d", "e", 3, 5), *one = answer("a", "c", 0, 5);
    assert_int_equal(envoi_rsm_set_before(page, ""), 0);
    assert_int_equal(envoi_rsm_set_previous(page, two), 0);
    assert_string_equal(written(page), RSM "><before>d</before></set>");
    assert_int_equal(envoi_rsm_set_previous(page, two), ENVOI_ERR_STANZA);
    assert_int_equal(envoi_rsm_set_previous(page, one), ENVOI_ERR_NOT_FOUND);
    envoi_rsm_free(page);
    envoi_rsm_free(one);
    envoi_rsm_free(two);
}

/* ---- reading ---- */

static int parse_page(envoi_rsm **out, const char *xml)
{
    envoi_stanza *stanza = parse(xml);
    int error = envoi_rsm_parse(out, envoi_stanza_root(stanza));
    envoi_stanza_free(stanza);
    return error;
}

static void test_rsm_reads_an_answer(void **state)
{
    (void)state;
    envoi_rsm *page;
    uint32_t number;
    assert_int_equal(parse_page(&page,
                                "<query xmlns='q'><item/>" RSM "><first index='10'>a</first><last>b</last>"
                                "<count> 800 </count><extra/></set></query>"),
                     0);
    assert_string_equal(envoi_rsm_first(page), "a");
    assert_string_equal(envoi_rsm_last(page), "b");
    assert_int_equal(envoi_rsm_first_index(page, &number), 0);
    assert_int_equal(number, 10);
    assert_int_equal(envoi_rsm_count(page, &number), 0);
    assert_int_equal(number, 800);
    assert_int_equal(envoi_rsm_index(page, &number), ENVOI_ERR_NOT_FOUND);
    assert_int_equal(envoi_rsm_max(page, &number), ENVOI_ERR_NOT_FOUND);
    assert_null(envoi_rsm_after(page));
    assert_null(envoi_rsm_before(page));
    envoi_rsm_free(page);
}

static void test_rsm_reads_a_request(void **state)
{
    (void)state;
    envoi_rsm *page;
    uint32_t number;
    assert_int_equal(parse_page(&page, RSM "><max>0</max><before/><after>x</after><index>3</index></set>"),
                     0);
    assert_int_equal(envoi_rsm_max(page, &number), 0);
    assert_int_equal(number, 0);
    assert_string_equal(envoi_rsm_before(page), "");
    assert_string_equal(envoi_rsm_after(page), "x");
    assert_int_equal(envoi_rsm_index(page, &number), 0);
    assert_int_equal(number, 3);
    envoi_rsm_free(page);
}

static void test_rsm_reads_faulty_pages(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int error;
    } rows[] = {
        {"<query xmlns='q'/>", ENVOI_ERR_NOT_FOUND},
        {"<query xmlns='q'><set/></query>", ENVOI_ERR_NOT_FOUND},
        {"<query xmlns='q'><deep>" RSM "/></deep></query>", ENVOI_ERR_NOT_FOUND},
        {RSM "><first>a</first></set>", ENVOI_ERR_STANZA},
        {RSM "><last>a</last></set>", ENVOI_ERR_STANZA},
        {RSM "><max/></set>", ENVOI_ERR_STANZA},
        {RSM "><max>-1</max></set>", ENVOI_ERR_STANZA},
        {RSM "><max>ten</max></set>", ENVOI_ERR_STANZA},
        {RSM "><max>2147483648</max></set>", ENVOI_ERR_STANZA},
        {RSM "><max>2147483647</max></set>", 0},
        {RSM "/>", 0},
        {RSM "><max xmlns='other'>x</max><first xmlns='other'/></set>", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        envoi_rsm *page = NULL;
        assert_int_equal(parse_page(&page, rows[i].xml), rows[i].error);
        assert_int_equal(page == NULL, rows[i].error != 0);
        envoi_rsm_free(page);
    }
}

static void test_rsm_takes_bad_hints_for_none(void **state)
{
    (void)state;
    static const char *const hints[] = {
        "", "-1", "many", "2147483648", "99999999999999999999999999999999999999", "1.5"};
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        char xml[512];
        envoi_rsm *page;
        uint32_t number = 7;
        snprintf(xml, sizeof xml, RSM "><first index='%s'>a</first><last>b</last><count>%s</count></set>",
                 hints[i], hints[i]);
        assert_int_equal(parse_page(&page, xml), 0);
        assert_int_equal(envoi_rsm_count(page, &number), ENVOI_ERR_NOT_FOUND);
        assert_int_equal(envoi_rsm_first_index(page, &number), ENVOI_ERR_NOT_FOUND);
        assert_int_equal(number, 7);
        envoi_rsm_free(page);
    }
}

static void test_rsm_getters_take_null(void **state)
{
    (void)state;
    uint32_t number;
    envoi_rsm *page = NULL;
    assert_null(envoi_rsm_first(NULL));
    assert_null(envoi_rsm_last(NULL));
    assert_null(envoi_rsm_after(NULL));
    assert_null(envoi_rsm_before(NULL));
    assert_int_equal(envoi_rsm_count(NULL, &number), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_parse(&page, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_dup(&page, NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_new(NULL), ENVOI_ERR_ARGUMENT);
    assert_int_equal(envoi_rsm_set_next(NULL, NULL), ENVOI_ERR_ARGUMENT);
}

static void test_rsm_reads_the_examples_of_xep_0059(void **state)
{
    (void)state;
    static const struct {
        int number;
        const char *written;
    } rows[] = {
        {1, "><max>10</max></set>"},
        {4,
         "><first "
         "index='0'>stpeter@jabber.org</first><last>peterpan@neverland.lit</last><count>800</count></set>"},
        {5, "><max>10</max><after>peterpan@neverland.lit</after></set>"},
        {7, "><count>790</count></set>"},
        {8, "><max>10</max><before>peter@pixyland.org</before></set>"},
        {11, "><max>10</max><before/></set>"},
        {12, "><max>10</max><index>371</index></set>"},
        {13, "><first "
             "index='371'>peter@pixyland.org</first><last>peter@rabbit.lit</last><count>800</count></set>"},
        {15, "><max>0</max></set>"},
        {16, "><count>800</count></set>"},
    };
    if (!corpus_present())
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[512];
        envoi_rsm *page;
        envoi_stanza *example = corpus_example("xep-0059", rows[i].number);
        assert_non_null(example);
        const envoi_element *iq = envoi_element_first_child(envoi_stanza_root(example));
        assert_int_equal(envoi_rsm_parse(&page, envoi_iq_payload(iq)), 0);
        snprintf(expected, sizeof expected, RSM "%s", rows[i].written);
        assert_string_equal(written(page), expected);
        envoi_rsm_free(page);
        envoi_stanza_free(example);
    }
}

/* ---- failing allocations ---- */

static int read_all(void *user)
{
    envoi_rsm *page = NULL;
    int error = envoi_rsm_parse(&page, user);
    envoi_rsm_free(page);
    return error;
}

static int build_all(void *user)
{
    (void)user;
    envoi_rsm *page = NULL, *other = NULL, *copy = NULL;
    envoi_stanza *stanza = NULL;
    int error = envoi_rsm_new(&page);
    if (!error)
        error = envoi_rsm_new(&other);
    if (!error)
        error = envoi_rsm_set_items(other, "first", "last");
    if (!error)
        error = envoi_rsm_set_before(page, "x");
    if (!error)
        error = envoi_rsm_set_next(page, other);
    if (!error)
        error = envoi_rsm_dup(&copy, other);
    if (!error)
        error = envoi_stanza_new(&stanza, "query", "x");
    if (!error)
        error = envoi_rsm_append(page, envoi_stanza_element(stanza));
    if (!error)
        error = envoi_rsm_append(copy, envoi_stanza_element(stanza));
    if (!error)
        assert_int_equal(envoi_stanza_error(stanza), 0);
    envoi_rsm_free(page);
    envoi_rsm_free(other);
    envoi_rsm_free(copy);
    envoi_stanza_free(stanza);
    return error;
}

static void test_rsm_survives_failing_allocations(void **state)
{
    (void)state;
    with_failing_allocations(build_all, NULL);
    with_failing_pieces(build_all, NULL);
    envoi_stanza *stanza =
        parse(RSM "><first>a</first><last>b</last><after>c</after><before>d</before></set>");
    with_failing_allocations(read_all, envoi_stanza_element(stanza));
    with_failing_pieces(read_all, envoi_stanza_element(stanza));
    envoi_stanza_free(stanza);
}

int main(int argc, char **argv)
{
    corpus_root = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsm_writes_each_kind_of_request),
        cmocka_unit_test(test_rsm_writes_an_answer),
        cmocka_unit_test(test_rsm_refuses_what_cannot_be_written),
        cmocka_unit_test(test_rsm_walks_forwards_and_ends),
        cmocka_unit_test(test_rsm_walks_backwards_and_ends),
        cmocka_unit_test(test_rsm_reads_an_answer),
        cmocka_unit_test(test_rsm_reads_a_request),
        cmocka_unit_test(test_rsm_reads_faulty_pages),
        cmocka_unit_test(test_rsm_takes_bad_hints_for_none),
        cmocka_unit_test(test_rsm_getters_take_null),
        cmocka_unit_test(test_rsm_reads_the_examples_of_xep_0059),
        cmocka_unit_test(test_rsm_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
