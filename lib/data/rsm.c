/* SPDX-License-Identifier: MIT */
/* Result set management (XEP-0059). */
#include <envoi/rsm.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/common.h"
#include "xml/tree.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX, INDEX, FIRST_INDEX, COUNT, NUMBERS };
enum { AFTER, BEFORE, FIRST, LAST, TEXTS };
#define NOT_SET UINT32_MAX

struct envoi_rsm {
    uint32_t numbers[NUMBERS];
    char *texts[TEXTS];
};

static const char *const number_names[NUMBERS] = {
    [MAX] = "max", [INDEX] = "index", [FIRST_INDEX] = "index", [COUNT] = "count"};
static const char *const text_names[TEXTS] = {
    [AFTER] = "after", [BEFORE] = "before", [FIRST] = "first", [LAST] = "last"};

int envoi_rsm_new(envoi_rsm **out)
{
    if (!out)
        return ENVOI_ERR_ARGUMENT;
    envoi_rsm *page = envoi__alloc_zero(sizeof *page);
    if (!page)
        return ENVOI_ERR_NOMEM;
    for (size_t i = 0; i < NUMBERS; i++)
        page->numbers[i] = NOT_SET;
    *out = page;
    return 0;
}

void envoi_rsm_free(envoi_rsm *page)
{
    if (!page)
        return;
    for (size_t i = 0; i < TEXTS; i++)
        envoi__free(page->texts[i]);
    envoi__free(page);
}

int envoi_rsm_dup(envoi_rsm **out, const envoi_rsm *page)
{
    envoi_rsm *copy;
    if (!out || !page)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi_rsm_new(&copy);
    if (error)
        return error;
    memcpy(copy->numbers, page->numbers, sizeof copy->numbers);
    for (size_t i = 0; i < TEXTS; i++) {
        copy->texts[i] = envoi__strdup(page->texts[i]);
        if (page->texts[i] && !copy->texts[i]) {
            envoi_rsm_free(copy);
            return ENVOI_ERR_NOMEM;
        }
    }
    *out = copy;
    return 0;
}

/* ---- parsing ---- */

static uint32_t read_number(const char *text)
{
    int64_t number;
    return envoi__parse_int(text, 0, ENVOI_RSM_MAX, &number) ? NOT_SET : (uint32_t)number;
}

static int read_numbers(envoi_rsm *page, const envoi_element *set)
{
    const char *max = envoi_element_child_text(set, "max");
    page->numbers[MAX] = read_number(max);
    page->numbers[INDEX] = read_number(envoi_element_child_text(set, "index"));
    page->numbers[COUNT] = read_number(envoi_element_child_text(set, "count"));
    page->numbers[FIRST_INDEX] =
        read_number(envoi_element_attr(envoi_element_child(set, "first", NULL), "index"));
    return max && page->numbers[MAX] == NOT_SET ? ENVOI_ERR_STANZA : 0;
}

static int read_texts(envoi_rsm *page, const envoi_element *set)
{
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = envoi_element_child_text(set, text_names[i]);
        page->texts[i] = envoi__strdup(text);
        if (text && !page->texts[i])
            return ENVOI_ERR_NOMEM;
    }
    /* XEP-0059 2.2: an answer has both or, when the page is empty, none */
    return !page->texts[FIRST] != !page->texts[LAST] ? ENVOI_ERR_STANZA : 0;
}

int envoi_rsm_parse(envoi_rsm **out, const envoi_element *element)
{
    envoi_rsm *page;
    if (!out || !element)
        return ENVOI_ERR_ARGUMENT;
    const envoi_element *set = element;
    if (!envoi_element_is(element, "set", ENVOI_NS_RSM))
        set = envoi_element_child(element, "set", ENVOI_NS_RSM);
    if (!set)
        return ENVOI_ERR_NOT_FOUND;
    int error = envoi_rsm_new(&page);
    if (error)
        return error;
    error = read_numbers(page, set);
    if (!error)
        error = read_texts(page, set);
    if (error) {
        envoi_rsm_free(page);
        return error;
    }
    *out = page;
    return 0;
}

/* ---- reading ---- */

static int number(const envoi_rsm *page, size_t which, uint32_t *out)
{
    if (!page || !out)
        return ENVOI_ERR_ARGUMENT;
    if (page->numbers[which] == NOT_SET)
        return ENVOI_ERR_NOT_FOUND;
    *out = page->numbers[which];
    return 0;
}

int envoi_rsm_max(const envoi_rsm *page, uint32_t *out)
{
    return number(page, MAX, out);
}

int envoi_rsm_index(const envoi_rsm *page, uint32_t *out)
{
    return number(page, INDEX, out);
}

int envoi_rsm_first_index(const envoi_rsm *page, uint32_t *out)
{
    return number(page, FIRST_INDEX, out);
}

int envoi_rsm_count(const envoi_rsm *page, uint32_t *out)
{
    return number(page, COUNT, out);
}

const char *envoi_rsm_first(const envoi_rsm *page)
{
    return page ? page->texts[FIRST] : NULL;
}

const char *envoi_rsm_last(const envoi_rsm *page)
{
    return page ? page->texts[LAST] : NULL;
}

const char *envoi_rsm_after(const envoi_rsm *page)
{
    return page ? page->texts[AFTER] : NULL;
}

const char *envoi_rsm_before(const envoi_rsm *page)
{
    return page ? page->texts[BEFORE] : NULL;
}

/* ---- building ---- */

static int set_number(envoi_rsm *page, size_t which, uint32_t value)
{
    if (!page || value > ENVOI_RSM_MAX)
        return ENVOI_ERR_ARGUMENT;
    page->numbers[which] = value;
    return 0;
}

int envoi_rsm_set_max(envoi_rsm *page, uint32_t max)
{
    return set_number(page, MAX, max);
}

int envoi_rsm_set_first_index(envoi_rsm *page, uint32_t index)
{
    return set_number(page, FIRST_INDEX, index);
}

int envoi_rsm_set_count(envoi_rsm *page, uint32_t count)
{
    return set_number(page, COUNT, count);
}

static int copy(char **out, const char *text)
{
    int error = text ? envoi__xml_text_check(text, strlen(text)) : 0;
    if (error)
        return error;
    *out = envoi__strdup(text);
    return text && !*out ? ENVOI_ERR_NOMEM : 0;
}

/* Where a page begins is told in one way only. */
static void set_place(envoi_rsm *page, char *after, char *before, uint32_t index)
{
    envoi__free(page->texts[AFTER]);
    envoi__free(page->texts[BEFORE]);
    page->texts[AFTER] = after;
    page->texts[BEFORE] = before;
    page->numbers[INDEX] = index;
}

int envoi_rsm_set_after(envoi_rsm *page, const char *id)
{
    char *after = NULL;
    int error = page ? copy(&after, id) : ENVOI_ERR_ARGUMENT;
    if (!error)
        set_place(page, after, NULL, NOT_SET);
    return error;
}

int envoi_rsm_set_before(envoi_rsm *page, const char *id)
{
    char *before = NULL;
    int error = page ? copy(&before, id) : ENVOI_ERR_ARGUMENT;
    if (!error)
        set_place(page, NULL, before, NOT_SET);
    return error;
}

int envoi_rsm_set_index(envoi_rsm *page, uint32_t index)
{
    if (!page || index > ENVOI_RSM_MAX)
        return ENVOI_ERR_ARGUMENT;
    set_place(page, NULL, NULL, index);
    return 0;
}

int envoi_rsm_set_items(envoi_rsm *page, const char *first, const char *last)
{
    char *first_copy = NULL, *last_copy = NULL;
    if (!page || !first != !last)
        return ENVOI_ERR_ARGUMENT;
    int error = copy(&first_copy, first);
    if (!error)
        error = copy(&last_copy, last);
    if (error) {
        envoi__free(first_copy);
        return error;
    }
    envoi__free(page->texts[FIRST]);
    envoi__free(page->texts[LAST]);
    page->texts[FIRST] = first_copy;
    page->texts[LAST] = last_copy;
    return 0;
}

int envoi_rsm_set_next(envoi_rsm *page, const envoi_rsm *answer)
{
    if (!page || !answer)
        return ENVOI_ERR_ARGUMENT;
    const char *last = answer->texts[LAST];
    if (!last)
        return ENVOI_ERR_NOT_FOUND;
    if (envoi__eq(page->texts[AFTER], last))
        return ENVOI_ERR_STANZA;
    return envoi_rsm_set_after(page, last);
}

int envoi_rsm_set_previous(envoi_rsm *page, const envoi_rsm *answer)
{
    if (!page || !answer)
        return ENVOI_ERR_ARGUMENT;
    const char *first = answer->texts[FIRST];
    if (!first || answer->numbers[FIRST_INDEX] == 0)
        return ENVOI_ERR_NOT_FOUND;
    if (envoi__eq(page->texts[BEFORE], first))
        return ENVOI_ERR_STANZA;
    return envoi_rsm_set_before(page, first);
}

/* ---- writing ---- */

static void write_number(const envoi_rsm *page, size_t which, envoi_element *set)
{
    char digits[16];
    if (page->numbers[which] == NOT_SET || !set)
        return;
    snprintf(digits, sizeof digits, "%" PRIu32, page->numbers[which]);
    if (which == FIRST_INDEX)
        envoi_element_set_attr(set, number_names[which], digits);
    else
        envoi_element_add_text_child(set, number_names[which], NULL, digits);
}

static envoi_element *write_text(const envoi_rsm *page, size_t which, envoi_element *set)
{
    const char *text = page->texts[which];
    return text ? envoi_element_add_text_child(set, text_names[which], NULL, text) : NULL;
}

int envoi_rsm_append(const envoi_rsm *page, envoi_element *parent)
{
    if (!parent)
        return ENVOI_ERR_ARGUMENT;
    if (!page)
        return envoi__element_error(parent);
    envoi_element *set = envoi_element_add_child(parent, "set", ENVOI_NS_RSM);
    write_number(page, MAX, set);
    write_text(page, AFTER, set);
    write_text(page, BEFORE, set);
    write_number(page, INDEX, set);
    write_number(page, FIRST_INDEX, write_text(page, FIRST, set));
    write_text(page, LAST, set);
    write_number(page, COUNT, set);
    return envoi__element_error(parent);
}
