/* SPDX-License-Identifier: MIT */
/* Data forms (XEP-0004): a form to its element. Adding to a marked stanza does nothing, so only the end
 * checks. */
#include "base/text.h"
#include "data/form.h"
#include "xml/tree.h"
#include <string.h>

static void write_options(const envoi_field *field, envoi_element *to)
{
    for (size_t i = 0; i < field->options.count; i++) {
        envoi_element *option = envoi_element_add_child(to, "option", NULL);
        if (field->option_labels.at[i])
            envoi_element_set_attr(option, "label", field->option_labels.at[i]);
        envoi_element_add_text_child(option, "value", NULL, field->options.at[i]);
    }
}

/* plain: name and values only, as a submission has it; FORM_TYPE is hidden everywhere (XEP-0068 3.3). */
static void write_field(const envoi_field *field, envoi_element *parent, int plain)
{
    const char *type = envoi__field_type_name(field->type);
    envoi_element *to = envoi_element_add_child(parent, "field", NULL);
    if (type &&
        (!plain || (field->type == ENVOI_FIELD_HIDDEN && envoi__eq(field->var, ENVOI__FORM_TYPE_VAR))))
        envoi_element_set_attr(to, "type", type);
    if (field->var)
        envoi_element_set_attr(to, "var", field->var);
    if (field->label && !plain)
        envoi_element_set_attr(to, "label", field->label);
    if (field->desc && !plain)
        envoi_element_add_text_child(to, "desc", NULL, field->desc);
    if (field->required && !plain)
        envoi_element_add_child(to, "required", NULL);
    for (size_t i = 0; i < field->values.count; i++)
        envoi_element_add_text_child(to, "value", NULL, field->values.at[i]);
    if (!plain)
        write_options(field, to);
}

static void write_fields(const struct envoi__fields *fields, envoi_element *parent, int plain)
{
    for (size_t i = 0; i < fields->count; i++)
        if (!plain || (fields->at[i].var && fields->at[i].type != ENVOI_FIELD_FIXED))
            write_field(&fields->at[i], parent, plain);
}

/* XEP-0004 3: an element for each line. */
static void write_instructions(const char *text, envoi_element *parent)
{
    struct envoi__arena arena;
    envoi__arena_init(&arena);
    for (const char *end; text; text = end ? end + 1 : NULL) {
        end = strchr(text, '\n');
        const char *line = envoi__arena_text(&arena, text, end ? (size_t)(end - text) : strlen(text));
        if (!line)
            envoi__element_fail(parent, ENVOI_ERR_NOMEM);
        else
            envoi_element_add_text_child(parent, "instructions", NULL, line);
    }
    envoi__arena_free(&arena);
}

static void write_rows(const envoi_form *form, envoi_element *x)
{
    if (form->columns.count)
        write_fields(&form->columns, envoi_element_add_child(x, "reported", NULL), 0);
    for (size_t i = 0; i < form->row_count; i++)
        write_fields(&form->rows[i], envoi_element_add_child(x, "item", NULL), 0);
}

int envoi_form_append(const envoi_form *form, envoi_element *parent)
{
    if (!parent)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi_form_error(form);
    if (error)
        return envoi__element_fail(parent, error);
    envoi_element *x = envoi_element_add_child(parent, "x", ENVOI_NS_DATA_FORM);
    envoi_element_set_attr(x, "type", envoi__form_type_name(form->type));
    if (form->title)
        envoi_element_add_text_child(x, "title", NULL, form->title);
    if (form->instructions && x)
        write_instructions(form->instructions, x);
    if (form->type != ENVOI_FORM_CANCEL)
        write_fields(&form->fields, x, form->type == ENVOI_FORM_SUBMIT);
    write_rows(form, x);
    return envoi__element_error(parent);
}
