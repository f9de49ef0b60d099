/* SPDX-License-Identifier: MIT */
#include "atom.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

int atom_build(envoi_stanza **out, const struct atom_text *text)
{
    envoi_stanza *entry = NULL;
    int error = envoi_stanza_new(&entry, "entry", NS_ATOM);
    envoi_element *root = envoi_stanza_element(entry);
    envoi_element *author = envoi_element_add_child(root, "author", NULL);
    envoi_element_add_text_child(author, "name", NULL, text->author);
    envoi_element_add_text_child(root, "title", NULL, text->title);
    envoi_element_add_text_child(root, "id", NULL, text->id);
    envoi_element_add_text_child(root, "updated", NULL, text->updated);
    envoi_element *content = envoi_element_add_text_child(root, "content", NULL, text->content);
    envoi_element_set_attr(content, "type", "text");
    if (!error)
        error = envoi_stanza_error(entry);
    if (error)
        envoi_stanza_free(entry);
    else
        *out = entry;
    return error;
}

static void print_line(FILE *file, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(file, "  %-9s", label);
    print_text(file, text, "           ");
    fputc('\n', file);
}

/* The XML of an element, for what is not known better. */
static void print_xml(FILE *file, const char *label, const envoi_element *element)
{
    size_t len = 0;
    int error = envoi_element_format(element, NULL, 0, &len);
    char *xml = error && error != ENVOI_ERR_FULL ? NULL : malloc(len + 1);
    if (xml && !envoi_element_format(element, xml, len + 1, &len))
        print_line(file, label, xml);
    free(xml);
}

/* Content that is no text, such as XHTML, has elements inside (RFC 4287 4.1.3.3). */
static void print_content(FILE *file, const envoi_element *content)
{
    if (envoi_element_first_child(content))
        print_xml(file, "content", envoi_element_first_child(content));
    else
        print_line(file, "content", envoi_element_text(content));
}

void atom_print(FILE *file, const envoi_element *payload)
{
    if (!envoi_element_is(payload, "entry", NS_ATOM)) {
        print_xml(file, "payload", payload);
        return;
    }
    const envoi_element *content = envoi_element_child(payload, "content", NULL);
    print_line(file, "title", envoi_element_child_text(payload, "title"));
    print_line(file, "author", envoi_element_child_text(envoi_element_child(payload, "author", NULL), "name"));
    print_line(file, "updated", envoi_element_child_text(payload, "updated"));
    print_line(file, "summary", envoi_element_child_text(payload, "summary"));
    if (content)
        print_content(file, content);
}
