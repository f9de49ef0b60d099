/* SPDX-License-Identifier: MIT */
/* Data forms (XEP-0004): the object and what is read from it. */
#include "data/form.h"

#include "base/mem.h"
#include "base/text.h"
#include <string.h>

static const char *const form_types[] = {
    [ENVOI_FORM_FORM] = "form",
    [ENVOI_FORM_SUBMIT] = "submit",
    [ENVOI_FORM_CANCEL] = "cancel",
    [ENVOI_FORM_RESULT] = "result",
};

static const char *const field_types[] = {
    [ENVOI_FIELD_TEXT_SINGLE] = "text-single",
    [ENVOI_FIELD_TEXT_MULTI] = "text-multi",
    [ENVOI_FIELD_TEXT_PRIVATE] = "text-private",
    [ENVOI_FIELD_BOOLEAN] = "boolean",
    [ENVOI_FIELD_FIXED] = "fixed",
    [ENVOI_FIELD_HIDDEN] = "hidden",
    [ENVOI_FIELD_JID_SINGLE] = "jid-single",
    [ENVOI_FIELD_JID_MULTI] = "jid-multi",
    [ENVOI_FIELD_LIST_SINGLE] = "list-single",
    [ENVOI_FIELD_LIST_MULTI] = "list-multi",
};

static int find_name(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 1; i < count; i++)
        if (envoi__eq(names[i], text))
            return (int)i;
    return 0;
}

static const char *name_of(const char *const *names, size_t count, int type)
{
    return type > 0 && (size_t)type < count ? names[type] : NULL;
}

int envoi__form_type_parse(const char *text)
{
    return find_name(form_types, ENVOI__COUNT(form_types), text);
}

const char *envoi__form_type_name(int type)
{
    return name_of(form_types, ENVOI__COUNT(form_types), type);
}

int envoi__field_type_parse(const char *text)
{
    return find_name(field_types, ENVOI__COUNT(field_types), text);
}

const char *envoi__field_type_name(int type)
{
    return name_of(field_types, ENVOI__COUNT(field_types), type);
}

/* ---- the object ---- */

int envoi__form_make(envoi_form **out, int type)
{
    envoi_form *form = envoi__alloc_zero(sizeof *form);
    if (!form)
        return ENVOI_ERR_NOMEM;
    form->type = type;
    *out = form;
    return 0;
}

void envoi_form_free(envoi_form *form)
{
    if (!form)
        return;
    envoi__arena_free(&form->arena);
    envoi__free(form);
}

struct envoi_field *envoi__fields_find(const struct envoi__fields *fields, const char *var)
{
    for (size_t i = 0; i < fields->count; i++)
        if (envoi__eq(fields->at[i].var, var))
            return &fields->at[i];
    return NULL;
}

int envoi__fields_add(envoi_form *form, struct envoi__fields *fields, const char *var,
                      struct envoi_field **out)
{
    if (fields->count >= ENVOI_FORM_MAX_FIELDS)
        return ENVOI_ERR_TOO_LARGE;
    void *at = envoi__list_room(&form->arena, fields->at, fields->count, &fields->cap, sizeof *fields->at);
    if (!at)
        return ENVOI_ERR_NOMEM;
    fields->at = at;
    *out = &fields->at[fields->count++];
    **out = (struct envoi_field){.var = var};
    return 0;
}

int envoi__texts_add(envoi_form *form, struct envoi__texts *texts, const char *text)
{
    void *at = envoi__list_room(&form->arena, texts->at, texts->count, &texts->cap, sizeof *texts->at);
    if (!at)
        return ENVOI_ERR_NOMEM;
    texts->at = at;
    texts->at[texts->count++] = text;
    return 0;
}

int envoi__field_takes_jids(int type)
{
    return type == ENVOI_FIELD_JID_SINGLE || type == ENVOI_FIELD_JID_MULTI;
}

int envoi__field_has_value(const struct envoi_field *field, const char *value)
{
    for (size_t i = 0; i < field->values.count; i++)
        if (envoi__eq(field->values.at[i], value))
            return 1;
    return 0;
}

int envoi__parse_bool(const char *text)
{
    if (envoi__eq(text, "1") || envoi__eq(text, "true"))
        return 1;
    return envoi__eq(text, "0") || envoi__eq(text, "false") ? 0 : -1;
}

/* ---- reading the form ---- */

int envoi_form_error(const envoi_form *form)
{
    return form ? form->error : ENVOI_ERR_ARGUMENT;
}

int envoi_form_type(const envoi_form *form)
{
    return form ? form->type : 0;
}

const char *envoi_form_form_type(const envoi_form *form)
{
    const envoi_field *field = envoi_form_field(form, ENVOI__FORM_TYPE_VAR);
    if (!field)
        return NULL;
    /* XEP-0068 3.3: where fields carry a type, a FORM_TYPE that is not hidden says nothing */
    int needs_hidden = form->type == ENVOI_FORM_FORM || form->type == ENVOI_FORM_RESULT;
    return needs_hidden && field->type != ENVOI_FIELD_HIDDEN ? NULL : envoi_field_value_at(field, 0);
}

const char *envoi_form_title(const envoi_form *form)
{
    return form ? form->title : NULL;
}

const char *envoi_form_instructions(const envoi_form *form)
{
    return form ? form->instructions : NULL;
}

size_t envoi_form_field_count(const envoi_form *form)
{
    return form ? form->fields.count : 0;
}

static const envoi_field *field_at(const struct envoi__fields *fields, size_t index)
{
    return index < fields->count ? &fields->at[index] : NULL;
}

const envoi_field *envoi_form_field_at(const envoi_form *form, size_t index)
{
    return form ? field_at(&form->fields, index) : NULL;
}

const envoi_field *envoi_form_field(const envoi_form *form, const char *var)
{
    return form ? envoi__fields_find(&form->fields, var) : NULL;
}

const char *envoi_form_value(const envoi_form *form, const char *var)
{
    return envoi_form_value_at(form, var, 0);
}

size_t envoi_form_value_count(const envoi_form *form, const char *var)
{
    return envoi_field_value_count(envoi_form_field(form, var));
}

const char *envoi_form_value_at(const envoi_form *form, const char *var, size_t index)
{
    return envoi_field_value_at(envoi_form_field(form, var), index);
}

int envoi_form_bool(const envoi_form *form, const char *var, int *out)
{
    if (!form || !var || !out)
        return ENVOI_ERR_ARGUMENT;
    const char *text = envoi_form_value(form, var);
    if (!text)
        return ENVOI_ERR_NOT_FOUND;
    int value = envoi__parse_bool(text);
    if (value < 0)
        return ENVOI_ERR_FORM;
    *out = value;
    return 0;
}

int envoi_form_integer(const envoi_form *form, const char *var, int64_t *out)
{
    if (!form || !var || !out)
        return ENVOI_ERR_ARGUMENT;
    const char *text = envoi_form_value(form, var);
    if (!text)
        return ENVOI_ERR_NOT_FOUND;
    return envoi__parse_int(text, INT64_MIN, INT64_MAX, out) ? ENVOI_ERR_FORM : 0;
}

int envoi_form_jid(envoi_jid **out, const envoi_form *form, const char *var, size_t index)
{
    if (!out || !form || !var)
        return ENVOI_ERR_ARGUMENT;
    const char *text = envoi_form_value_at(form, var, index);
    return text ? envoi_jid_parse(out, text) : ENVOI_ERR_NOT_FOUND;
}

/* ---- reading a field ---- */

const char *envoi_field_var(const envoi_field *field)
{
    return field ? field->var : NULL;
}

int envoi_field_type(const envoi_field *field)
{
    if (!field)
        return 0;
    return field->type ? field->type : ENVOI_FIELD_TEXT_SINGLE; /* XEP-0004 3.3: the default */
}

const char *envoi_field_label(const envoi_field *field)
{
    return field ? field->label : NULL;
}

const char *envoi_field_desc(const envoi_field *field)
{
    return field ? field->desc : NULL;
}

int envoi_field_is_required(const envoi_field *field)
{
    return field ? field->required : 0;
}

static const char *text_at(const struct envoi__texts *texts, size_t index)
{
    return index < texts->count ? texts->at[index] : NULL;
}

size_t envoi_field_value_count(const envoi_field *field)
{
    return field ? field->values.count : 0;
}

const char *envoi_field_value_at(const envoi_field *field, size_t index)
{
    return field ? text_at(&field->values, index) : NULL;
}

size_t envoi_field_option_count(const envoi_field *field)
{
    return field ? field->options.count : 0;
}

const char *envoi_field_option_at(const envoi_field *field, size_t index)
{
    return field ? text_at(&field->options, index) : NULL;
}

const char *envoi_field_option_label_at(const envoi_field *field, size_t index)
{
    return field ? text_at(&field->option_labels, index) : NULL;
}

/* ---- reading rows ---- */

size_t envoi_form_column_count(const envoi_form *form)
{
    return form ? form->columns.count : 0;
}

const envoi_field *envoi_form_column_at(const envoi_form *form, size_t index)
{
    return form ? field_at(&form->columns, index) : NULL;
}

size_t envoi_form_row_count(const envoi_form *form)
{
    return form ? form->row_count : 0;
}

size_t envoi_form_row_field_count(const envoi_form *form, size_t row)
{
    return row < envoi_form_row_count(form) ? form->rows[row].count : 0;
}

const envoi_field *envoi_form_row_field_at(const envoi_form *form, size_t row, size_t index)
{
    return row < envoi_form_row_count(form) ? field_at(&form->rows[row], index) : NULL;
}

const char *envoi_form_row_value(const envoi_form *form, size_t row, const char *var)
{
    if (row >= envoi_form_row_count(form))
        return NULL;
    return envoi_field_value_at(envoi__fields_find(&form->rows[row], var), 0);
}
