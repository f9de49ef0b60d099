/* SPDX-License-Identifier: MIT */
/* Data forms (XEP-0004): an element to a form. */
#include "base/text.h"
#include "data/form.h"
#include <stdlib.h>
#include <string.h>

/* ---- fields ---- */

static int read_value(envoi_form *form, struct envoi_field *field, const char *text)
{
    const char *value = NULL;
    int error = ENVOI_ERR_JID;
    if (envoi__field_takes_jids(field->type))
        error = envoi__copy_jid(&form->arena, &value, text);
    if (error == ENVOI_ERR_JID ||
        error == ENVOI_ERR_UTF8) /* kept as it is: one bad value must not cost the form */
        error = envoi__copy_text(&form->arena, &value, text);
    return error ? error : envoi__texts_add(form, &field->values, value);
}

/* By text, and equal texts by place. */
static int compare_values(const void *a, const void *b)
{
    const char *const *x = *(const char *const *const *)a, *const *y = *(const char *const *const *)b;
    int order = strcmp(*x, *y);
    return order ? order : (x > y) - (x < y);
}

/* XEP-0004 3.3: a JID that is there already is ignored. Sorting finds it, for a peer may send thousands. */
static int drop_doubles(envoi_form *form, struct envoi__texts *values)
{
    if (values->count < 2)
        return 0;
    const char ***sorted = envoi__arena_alloc(&form->arena, values->count * sizeof *sorted);
    if (!sorted)
        return ENVOI_ERR_NOMEM;
    for (size_t i = 0; i < values->count; i++)
        sorted[i] = &values->at[i];
    qsort(sorted, values->count, sizeof *sorted, compare_values);
    for (size_t i = values->count - 1; i > 0; i--)
        if (envoi__eq(*sorted[i], *sorted[i - 1]))
            *sorted[i] = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < values->count; i++)
        if (values->at[i])
            values->at[kept++] = values->at[i];
    values->count = kept;
    return 0;
}

static int read_option(envoi_form *form, struct envoi_field *field, const envoi_element *element)
{
    const char *text = envoi_element_child_text(element, "value"), *value = NULL, *label = NULL;
    if (!text)
        return 0;
    int error = envoi__copy_text(&form->arena, &value, text);
    if (!error)
        error = envoi__copy_text(&form->arena, &label, envoi_element_attr(element, "label"));
    if (!error)
        error = envoi__texts_add(form, &field->options, value);
    return error ? error : envoi__texts_add(form, &field->option_labels, label);
}

static int read_field_child(envoi_form *form, struct envoi_field *field, const envoi_element *child)
{
    const char *name = envoi_element_name(child);
    if (envoi__eq(name, "value"))
        return read_value(form, field, envoi_element_text(child));
    if (envoi__eq(name, "option"))
        return read_option(form, field, child);
    if (envoi__eq(name, "desc"))
        return envoi__copy_text(&form->arena, &field->desc, envoi_element_text(child));
    if (envoi__eq(name, "required"))
        field->required = 1;
    return 0;
}

static int read_field_content(envoi_form *form, struct envoi_field *field, const envoi_element *element)
{
    int error = envoi__copy_text(&form->arena, &field->label, envoi_element_attr(element, "label"));
    const envoi_element *child = envoi_element_first_child(element);
    for (; child && !error; child = envoi_element_next_sibling(child))
        if (envoi__eq(envoi_element_namespace(child), ENVOI_NS_DATA_FORM))
            error = read_field_child(form, field, child);
    if (!error && field->type == ENVOI_FIELD_JID_MULTI)
        error = drop_doubles(form, &field->values);
    return error;
}

static int read_field(envoi_form *form, struct envoi__fields *fields, const envoi_element *element)
{
    const char *var = envoi_element_attr(element, "var"), *own_var = NULL;
    const char *type_name = envoi_element_attr(element, "type");
    int type = envoi__field_type_parse(type_name);
    struct envoi_field *field;
    /* XEP-0004 3.3: a type that is not understood is text-single; no type is told by the context */
    if (!type && type_name)
        type = ENVOI_FIELD_TEXT_SINGLE;
    if (!var && type != ENVOI_FIELD_FIXED)
        return fields->count < ENVOI_FORM_MAX_FIELDS ? 0 : ENVOI_ERR_TOO_LARGE;
    /* XEP-0004 3.2: names are unique. If the first or the last of two counted, a hidden one could stand in
     * for the one that a person saw. */
    if (var && envoi__fields_find(fields, var))
        return ENVOI_ERR_FORM;
    int error = envoi__copy_text(&form->arena, &own_var, var);
    if (!error)
        error = envoi__fields_add(form, fields, own_var, &field);
    if (error)
        return error;
    field->type = type;
    return read_field_content(form, field, element);
}

/* The fields of a header or a row. */
static int read_fields(envoi_form *form, struct envoi__fields *fields, const envoi_element *element)
{
    int error = 0;
    const envoi_element *child = envoi_element_child(element, "field", NULL);
    for (; child && !error; child = envoi_element_next_same(child))
        error = read_field(form, fields, child);
    return error;
}

/* ---- the form ---- */

static int read_top_field(envoi_form *form, const envoi_element *element)
{
    return read_field(form, &form->fields, element);
}

static int read_title(envoi_form *form, const envoi_element *element)
{
    return envoi__copy_text(&form->arena, &form->title, envoi_element_text(element));
}

/* XEP-0004 3: there may be several; they are lines. The first one reads all, so that joining stays linear. */
static int read_instructions(envoi_form *form, const envoi_element *element)
{
    size_t size = 0;
    if (form->instructions)
        return 0;
    for (const envoi_element *line = element; line; line = envoi_element_next_same(line))
        size += strlen(envoi_element_text(line)) + 1;
    char *joined = envoi__arena_alloc(&form->arena, size), *end = joined;
    if (!joined)
        return ENVOI_ERR_NOMEM;
    for (const envoi_element *line = element; line; line = envoi_element_next_same(line)) {
        size_t len = strlen(envoi_element_text(line));
        memcpy(end, envoi_element_text(line), len);
        end += len;
        *end++ = '\n';
    }
    end[-1] = '\0';
    form->instructions = joined;
    return 0;
}

/* XEP-0004 3.4: the header stands first, but older programs put it elsewhere. */
static int read_reported(envoi_form *form, const envoi_element *element)
{
    return form->columns.count ? ENVOI_ERR_FORM : read_fields(form, &form->columns, element);
}

static int read_row(envoi_form *form, const envoi_element *element)
{
    void *rows =
        envoi__list_room(&form->arena, form->rows, form->row_count, &form->row_cap, sizeof *form->rows);
    if (!rows)
        return ENVOI_ERR_NOMEM;
    form->rows = rows;
    struct envoi__fields *row = &form->rows[form->row_count++];
    *row = (struct envoi__fields){0};
    return read_fields(form, row, element);
}

static const struct child_row {
    const char *name;
    int (*read)(envoi_form *form, const envoi_element *element);
} children[] = {
    {"field", read_top_field},   {"title", read_title}, {"instructions", read_instructions},
    {"reported", read_reported}, {"item", read_row},
};

static int read_child(envoi_form *form, const envoi_element *child)
{
    for (size_t i = 0; i < ENVOI__COUNT(children); i++)
        if (envoi_element_is(child, children[i].name, ENVOI_NS_DATA_FORM))
            return children[i].read(form, child);
    return 0;
}

int envoi_form_parse(envoi_form **out, const envoi_element *element)
{
    envoi_form *form;
    if (!out || !element)
        return ENVOI_ERR_ARGUMENT;
    if (!envoi_element_is(element, "x", ENVOI_NS_DATA_FORM))
        return ENVOI_ERR_STANZA;
    int type = envoi__form_type_parse(envoi_element_attr(element, "type"));
    if (!type)
        return ENVOI_ERR_FORM;
    int error = envoi__form_make(&form, type);
    if (error)
        return error;
    const envoi_element *child = envoi_element_first_child(element);
    for (; child && !error; child = envoi_element_next_sibling(child))
        error = read_child(form, child);
    if (error) {
        envoi_form_free(form);
        return error;
    }
    *out = form;
    return 0;
}

const envoi_element *envoi_form_find(const envoi_element *parent)
{
    return envoi_element_child(parent, "x", ENVOI_NS_DATA_FORM);
}
