/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_PUBSUB_VECTORS_H
#define ENVOI_TESTS_PUBSUB_VECTORS_H
/* What the tests of publish-subscribe share: stanzas from a table's cell or from the folder of specification
 * examples, trees compared without regard to the order of attributes, and lists written as text. Include
 * behind test.h and tsv.h. */
#include <envoi/pubsub.h>
#include <stdio.h>

static const char *vectors;

/* The folder of examples; it need not be there. */
static inline const char *spec_folder(void)
{
    static char path[4096];
    const char *folder = getenv("ENVOI_SPEC");
    if (folder)
        return folder;
    int len = snprintf(path, sizeof path, "%s/../../../shared/spec", vectors);
    assert_in_range(len, 1, sizeof path - 1);
    return path;
}

/* A file of examples as text, to be freed; NULL if it is not there. */
static inline char *read_example(const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/corpus/%s", spec_folder(), name);
    assert_in_range(len, 1, sizeof path - 1);
    FILE *in = fopen(path, "rb");
    if (!in)
        return NULL;
    char *text = malloc(1 << 16);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 16) - 1, in);
    text[size] = '\0';
    fclose(in);
    return text;
}

/* Where the element that begins here ends; elements of its name may stand inside. */
static inline char *element_end(char *begin)
{
    size_t name = strcspn(begin + 1, " \n/>");
    int depth = 0;
    for (char *at = begin; (at = strchr(at, '<')); at++) {
        char *end = strchr(at, '>');
        int closes = at[1] == '/', same = strncmp(at + 1 + closes, begin + 1, name) == 0;
        assert_non_null(end);
        if (same && strchr(" \n/>", at[1 + closes + (ptrdiff_t)name]))
            depth += closes ? -1 : end[-1] != '/';
        if (!depth)
            return end + 1;
    }
    fail_msg("no end of %s", begin);
    return NULL;
}

/* Cut one stanza off a text that may hold several; NULL at the end. Examples name no namespace for stanzas.
 */
static inline envoi_stanza *cut_stanza(char **text)
{
    static char xml[1 << 16];
    char *begin = strchr(*text, '<');
    if (!begin)
        return NULL;
    char *end = element_end(begin);
    size_t name = strcspn(begin + 1, " \n/>");
    int len = snprintf(xml, sizeof xml, "%.*s xmlns='jabber:client'%.*s", (int)name + 1, begin,
                       (int)(end - begin - (ptrdiff_t)name - 1), begin + name + 1);
    assert_in_range(len, 1, sizeof xml - 1);
    *text = end;
    envoi_stanza *stanza = NULL;
    int error = envoi_stanza_parse(&stanza, xml, (size_t)len);
    if (error)
        fail_msg("%s in %s", envoi_error_name(error), xml);
    return stanza;
}

static inline char *copy_text(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    assert_non_null(copy);
    return memcpy(copy, text, strlen(text) + 1);
}

static inline envoi_stanza *parse_stanza(const char *xml)
{
    char *copy = copy_text(xml), *text = copy;
    envoi_stanza *stanza = cut_stanza(&text);
    assert_non_null(stanza);
    free(copy);
    return stanza;
}

/* The text of a cell, to be freed: the XML itself or, behind '@', an example. NULL if that is not there. */
static inline char *cell_text(const char *cell)
{
    return *cell == '@' ? read_example(cell + 1) : copy_text(cell);
}

/* ---- comparing ---- */

static inline int is_stamped(const envoi_element *element, const char *name)
{
    return envoi_stanza_kind(element) && (strcmp(name, "id") == 0 || strcmp(name, "from") == 0);
}

/* 1 if every attribute of a stands in b with the same value; id and from of stanzas are left to the stream.
 */
static inline int attributes_in(const envoi_element *a, const envoi_element *b)
{
    for (size_t i = 0; i < envoi_element_attr_count(a); i++) {
        const char *name = envoi_element_attr_name_at(a, i), *ns = envoi_element_attr_namespace_at(a, i);
        const char *value = envoi_element_attr_ns(b, name, ns);
        if (!is_stamped(a, name) && (!value || strcmp(value, envoi_element_attr_value_at(a, i)) != 0))
            return 0;
    }
    return 1;
}

/* White space between elements is of the example's layout. */
static inline int same_text(const envoi_element *a, const envoi_element *b)
{
    const char *x = envoi_element_text(a), *y = envoi_element_text(b);
    return strcmp(x, y) == 0 || (!x[strspn(x, " \n")] && !y[strspn(y, " \n")]);
}

static inline int same_tree(const envoi_element *a, const envoi_element *b)
{
    if (!a || !b)
        return a == b;
    if (!envoi_element_is(a, envoi_element_name(b), envoi_element_namespace(b)) || !attributes_in(a, b) ||
        !attributes_in(b, a) || !same_text(a, b))
        return 0;
    const envoi_element *x = envoi_element_first_child(a), *y = envoi_element_first_child(b);
    for (; x && same_tree(x, y); x = envoi_element_next_sibling(x))
        y = envoi_element_next_sibling(y);
    return !x && !y;
}

static inline void assert_same_tree(const char *id, const envoi_element *built, const envoi_element *expected)
{
    static char text[1 << 16];
    size_t len;
    if (same_tree(built, expected))
        return;
    assert_int_equal(envoi_element_format(built, text, sizeof text, &len), 0);
    fail_msg("%s: built %s", id, text);
}

/* ---- writing lists ---- */

static inline void put(char *out, const char *before, const char *text, const char *after)
{
    size_t used = strlen(out);
    int len = snprintf(out + used, 8192 - used, "%s%s%s", before, text ? text : "-", after);
    assert_in_range(len, 0, 8192 - used - 1);
}

static inline void put_number(char *out, const char *before, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    put(out, before, number < 0 ? envoi_error_name(number) : text, "");
}

static inline void put_items(char *out, const envoi_element *item, int with_node)
{
    for (; item; item = envoi_pubsub_item_next(item)) {
        put(out, *out ? " [" : "[", "", "");
        if (with_node)
            put(out, "", envoi_pubsub_item_node(item), " ");
        if (envoi_pubsub_item_is_retracted(item) && !with_node) {
            put(out, "retract ", envoi_pubsub_item_id(item), "]");
            continue;
        }
        put(out, "", envoi_pubsub_item_id(item), " ");
        put(out, "", envoi_pubsub_item_publisher(item), " ");
        put(out, "", envoi_element_name(envoi_pubsub_item_payload(item)), "]");
    }
}

static inline void put_subscriptions(char *out, const envoi_element *entry)
{
    for (; entry; entry = envoi_pubsub_subscription_next(entry)) {
        int state = envoi_pubsub_subscription_state(entry);
        put(out, *out ? " [" : "[", envoi_pubsub_subscription_node(entry), " ");
        put(out, "", envoi_pubsub_subscription_jid(entry), " ");
        put(out, "", envoi_pubsub_subscription_subid(entry), " ");
        if (state > 0)
            put(out, "", envoi_pubsub_subscription_state_name(state), "");
        else
            put_number(out, "", state);
        put_number(out, " ", envoi_pubsub_subscription_options(entry));
        put(out, " ", envoi_pubsub_subscription_expiry(entry), "]");
    }
}

static inline void put_affiliations(char *out, const envoi_element *entry)
{
    for (; entry; entry = envoi_pubsub_affiliation_next(entry)) {
        int affiliation = envoi_pubsub_affiliation(entry);
        put(out, *out ? " [" : "[", envoi_pubsub_affiliation_node(entry), " ");
        put(out, "", envoi_pubsub_affiliation_jid(entry), " ");
        if (affiliation > 0)
            put(out, "", envoi_pubsub_affiliation_name(affiliation), "]");
        else
            put_number(out, "", affiliation), put(out, "", "]", "");
    }
}

#endif
