/* SPDX-License-Identifier: MIT */
/* Data forms (XEP-0004): building, copying and answering. */
#include "base/text.h"
#include "data/form.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int fail(envoi_form *form, int error)
{
    if (error && !form->error)
        form->error = error;
    return error;
}

/* 0, or why this form cannot be built on. */
static int begin(const envoi_form *form)
{
    return form ? form->error : ENVOI_ERR_ARGUMENT;
}

/* ---- making ---- */

static int add_form_type(envoi_form *form, const char *form_type)
{
    const char *value = NULL;
    struct envoi_field *field;
    int error = envoi__copy_checked(&form->arena, &value, form_type);
    if (!error)
        error = envoi__fields_add(form, &form->fields, ENVOI__FORM_TYPE_VAR, &field);
    if (error)
        return error;
    field->type = ENVOI_FIELD_HIDDEN;
    return envoi__texts_add(form, &field->values, value);
}

int envoi_form_new(envoi_form **out, int type, const char *form_type)
{
    envoi_form *form;
    if (!out || !envoi__form_type_name(type))
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__form_make(&form, type);
    if (error)
        return error;
    if (form_type)
        error = add_form_type(form, form_type);
    if (error) {
        envoi_form_free(form);
        return error;
    }
    *out = form;
    return 0;
}

static int copy_texts(envoi_form *form, struct envoi__texts *to, const struct envoi__texts *from)
{
    int error = 0;
    for (size_t i = 0; i < from->count && !error; i++) {
        const char *text = NULL;
        error = envoi__copy_text(&form->arena, &text, from->at[i]);
        if (!error)
            error = envoi__texts_add(form, to, text);
    }
    return error;
}

static int copy_var(envoi_form *form, struct envoi__fields *to, const struct envoi_field *from,
                    struct envoi_field **out)
{
    const char *var = NULL;
    int error = envoi__copy_text(&form->arena, &var, from->var);
    if (!error)
        error = envoi__fields_add(form, to, var, out);
    if (!error)
        (*out)->type = from->type;
    return error;
}

static int copy_field(envoi_form *form, struct envoi__fields *to, const struct envoi_field *from)
{
    struct envoi_field *field;
    int error = copy_var(form, to, from, &field);
    if (error)
        return error;
    field->required = from->required;
    error = envoi__copy_text(&form->arena, &field->label, from->label);
    if (!error)
        error = envoi__copy_text(&form->arena, &field->desc, from->desc);
    if (!error)
        error = copy_texts(form, &field->values, &from->values);
    if (!error)
        error = copy_texts(form, &field->options, &from->options);
    return error ? error : copy_texts(form, &field->option_labels, &from->option_labels);
}

static int copy_fields(envoi_form *form, struct envoi__fields *to, const struct envoi__fields *from)
{
    int error = 0;
    for (size_t i = 0; i < from->count && !error; i++)
        error = copy_field(form, to, &from->at[i]);
    return error;
}

static int copy_rows(envoi_form *form, const envoi_form *from)
{
    int error = 0;
    if (!from->row_count)
        return 0;
    form->rows = envoi__arena_alloc(&form->arena, from->row_count * sizeof *form->rows);
    if (!form->rows)
        return ENVOI_ERR_NOMEM;
    form->row_cap = from->row_count;
    for (size_t i = 0; i < from->row_count && !error; i++) {
        form->rows[form->row_count++] = (struct envoi__fields){0};
        error = copy_fields(form, &form->rows[i], &from->rows[i]);
    }
    return error;
}

static int copy_form(envoi_form *form, const envoi_form *from)
{
    form->error = from->error;
    int error = envoi__copy_text(&form->arena, &form->title, from->title);
    if (!error)
        error = envoi__copy_text(&form->arena, &form->instructions, from->instructions);
    if (!error)
        error = copy_fields(form, &form->fields, &from->fields);
    if (!error)
        error = copy_fields(form, &form->columns, &from->columns);
    if (!error)
        error = copy_fields(form, &form->asked, &from->asked);
    return error ? error : copy_rows(form, from);
}

int envoi_form_dup(envoi_form **out, const envoi_form *form)
{
    envoi_form *copy;
    if (!out || !form)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__form_make(&copy, form->type);
    if (error)
        return error;
    error = copy_form(copy, form);
    if (error) {
        envoi_form_free(copy);
        return error;
    }
    *out = copy;
    return 0;
}

/* XEP-0004 3.1, 3.5: an answer has the fields that have a value; what it leaves out stays as it is. */
static int answer_field(envoi_form *answer, const struct envoi_field *from)
{
    struct envoi_field *field;
    if (!from->var || from->type == ENVOI_FIELD_FIXED)
        return 0;
    int error = copy_var(answer, &answer->asked, from, &field);
    if (error || !from->values.count)
        return error;
    error = copy_var(answer, &answer->fields, from, &field);
    return error ? error : copy_texts(answer, &field->values, &from->values);
}

int envoi_form_answer(envoi_form **out, const envoi_form *form)
{
    envoi_form *answer;
    if (!out || !form || form->type != ENVOI_FORM_FORM)
        return ENVOI_ERR_ARGUMENT;
    int error = envoi__form_make(&answer, ENVOI_FORM_SUBMIT);
    if (error)
        return error;
    for (size_t i = 0; i < form->fields.count && !error; i++)
        error = answer_field(answer, &form->fields.at[i]);
    if (error) {
        envoi_form_free(answer);
        return error;
    }
    *out = answer;
    return 0;
}

/* ---- setting values ---- */

static int takes_many(int type)
{
    return !type || type == ENVOI_FIELD_TEXT_MULTI || type == ENVOI_FIELD_HIDDEN ||
           type == ENVOI_FIELD_JID_MULTI || type == ENVOI_FIELD_LIST_MULTI;
}

/* The field to set, made if it is not there. */
static int open_field(envoi_form *form, const char *var, struct envoi_field **out)
{
    const char *own_var = NULL;
    if (envoi__eq(var, ENVOI__FORM_TYPE_VAR))
        return ENVOI_ERR_FORM;
    struct envoi_field *field = envoi__fields_find(&form->fields, var);
    if (field) {
        *out = field;
        return field->type == ENVOI_FIELD_FIXED ? ENVOI_ERR_FORM : 0;
    }
    int error = envoi__copy_checked(&form->arena, &own_var, var);
    if (!error)
        error = envoi__fields_add(form, &form->fields, own_var, out);
    const struct envoi_field *asked = envoi__fields_find(&form->asked, var);
    if (!error && asked)
        (*out)->type = asked->type;
    return error;
}

static int add_value(envoi_form *form, struct envoi_field *field, const char *value)
{
    const char *own = NULL;
    if (field->type == ENVOI_FIELD_BOOLEAN && envoi__parse_bool(value) < 0)
        return ENVOI_ERR_FORM;
    if (field->values.count && !takes_many(field->type))
        return ENVOI_ERR_FORM;
    int error = envoi__field_takes_jids(field->type) ? envoi__copy_jid(&form->arena, &own, value)
                                                     : envoi__copy_checked(&form->arena, &own, value);
    if (error)
        return error;
    if (field->type == ENVOI_FIELD_JID_MULTI && envoi__field_has_value(field, own))
        return 0;
    return envoi__texts_add(form, &field->values, own);
}

int envoi_form_set_value(envoi_form *form, const char *var, const char *value)
{
    struct envoi_field *field;
    int error = begin(form);
    if (error)
        return error;
    error = var ? open_field(form, var, &field) : ENVOI_ERR_ARGUMENT;
    if (error)
        return fail(form, error);
    size_t before = field->values.count;
    field->values.count = 0;
    error = value ? add_value(form, field, value) : 0;
    if (error)
        field->values.count = before;
    return fail(form, error);
}

int envoi_form_add_value(envoi_form *form, const char *var, const char *value)
{
    struct envoi_field *field;
    int error = begin(form);
    if (error)
        return error;
    error = var && value ? open_field(form, var, &field) : ENVOI_ERR_ARGUMENT;
    if (!error)
        error = add_value(form, field, value);
    return fail(form, error);
}

int envoi_form_set_bool(envoi_form *form, const char *var, int value)
{
    return envoi_form_set_value(form, var, value ? "1" : "0");
}

int envoi_form_set_integer(envoi_form *form, const char *var, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    return envoi_form_set_value(form, var, digits);
}

int envoi_form_remove(envoi_form *form, const char *var)
{
    int error = begin(form);
    if (error)
        return error;
    if (!var)
        return fail(form, ENVOI_ERR_ARGUMENT);
    struct envoi_field *field = envoi__fields_find(&form->fields, var);
    if (field) {
        size_t index = (size_t)(field - form->fields.at);
        memmove(field, field + 1, (--form->fields.count - index) * sizeof *field);
    }
    return 0;
}

/* ---- forms for others ---- */

static int set_text(envoi_form *form, const char **to, const char *text)
{
    int error = begin(form);
    return error ? error : fail(form, envoi__copy_checked(&form->arena, to, text));
}

int envoi_form_set_title(envoi_form *form, const char *title)
{
    return form ? set_text(form, &form->title, title) : ENVOI_ERR_ARGUMENT;
}

int envoi_form_set_instructions(envoi_form *form, const char *instructions)
{
    return form ? set_text(form, &form->instructions, instructions) : ENVOI_ERR_ARGUMENT;
}

int envoi_form_add_field(envoi_form *form, const char *var, int type, const char *label)
{
    const char *own_var = NULL, *own_label = NULL;
    struct envoi_field *field;
    int error = begin(form);
    if (error)
        return error;
    if (!envoi__field_type_name(type) || (!var && type != ENVOI_FIELD_FIXED))
        return fail(form, ENVOI_ERR_ARGUMENT);
    if (envoi__eq(var, ENVOI__FORM_TYPE_VAR) || envoi__fields_find(&form->fields, var))
        return fail(form, ENVOI_ERR_FORM);
    error = envoi__copy_checked(&form->arena, &own_var, var);
    if (!error)
        error = envoi__copy_checked(&form->arena, &own_label, label);
    if (!error)
        error = envoi__fields_add(form, &form->fields, own_var, &field);
    if (error)
        return fail(form, error);
    field->type = type;
    field->label = own_label;
    return 0;
}

int envoi_form_add_fixed(envoi_form *form, const char *text)
{
    const char *own = NULL;
    int error = begin(form);
    if (error)
        return error;
    error = text ? envoi__copy_checked(&form->arena, &own, text) : ENVOI_ERR_ARGUMENT;
    if (!error)
        error = envoi_form_add_field(form, NULL, ENVOI_FIELD_FIXED, NULL);
    if (!error)
        error = envoi__texts_add(form, &form->fields.at[form->fields.count - 1].values, own);
    return fail(form, error);
}

/* A field that must be there. */
static int find_field(envoi_form *form, const char *var, struct envoi_field **out)
{
    int error = begin(form);
    if (error)
        return error;
    if (!var)
        return fail(form, ENVOI_ERR_ARGUMENT);
    *out = envoi__fields_find(&form->fields, var);
    return *out ? 0 : ENVOI_ERR_NOT_FOUND;
}

int envoi_form_set_desc(envoi_form *form, const char *var, const char *desc)
{
    struct envoi_field *field;
    int error = find_field(form, var, &field);
    return error ? error : set_text(form, &field->desc, desc);
}

int envoi_form_set_required(envoi_form *form, const char *var, int required)
{
    struct envoi_field *field;
    int error = find_field(form, var, &field);
    if (!error)
        field->required = required != 0;
    return error;
}

int envoi_form_add_option(envoi_form *form, const char *var, const char *value, const char *label)
{
    const char *own = NULL, *own_label = NULL;
    struct envoi_field *field;
    int error = find_field(form, var, &field);
    if (error)
        return error;
    if (field->type != ENVOI_FIELD_LIST_SINGLE && field->type != ENVOI_FIELD_LIST_MULTI)
        return fail(form, ENVOI_ERR_FORM);
    error = value ? envoi__copy_checked(&form->arena, &own, value) : ENVOI_ERR_ARGUMENT;
    if (!error)
        error = envoi__copy_checked(&form->arena, &own_label, label);
    if (!error)
        error = envoi__texts_add(form, &field->option_labels, own_label);
    if (!error)
        error = envoi__texts_add(form, &field->options, own);
    return fail(form, error);
}
