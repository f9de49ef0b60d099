/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_ELEMENTS_H
#define ENVOI_TESTS_ELEMENTS_H
/* Elements from text and to text, for tests of what is made of them. Include behind test.h. */
#include <envoi/stanza.h>
#include <stdio.h>

/* The element as XML in a static buffer. */
static inline const char *xml_of(const envoi_element *element)
{
    static char out[16384];
    size_t len;
    assert_int_equal(envoi_element_format(element, out, sizeof out, &len), 0);
    return out;
}

#define assert_xml(element, expected) assert_string_equal(xml_of(element), expected)

/* One element from text. */
static inline envoi_stanza *parse(const char *xml)
{
    envoi_stanza *stanza;
    assert_int_equal(envoi_stanza_parse(&stanza, xml, strlen(xml)), 0);
    return stanza;
}

/* An empty stanza to append to. */
static inline envoi_stanza *empty(const char *name, const char *ns)
{
    envoi_stanza *stanza;
    assert_int_equal(envoi_stanza_new(&stanza, name, ns), 0);
    return stanza;
}

#endif
