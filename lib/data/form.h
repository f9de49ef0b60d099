/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_FORM_H
#define ENVOI_DATA_FORM_H
/* The inside of a data form, for the files form*.c. All of it lies in the form's arena.
 */
#include <envoi/form.h>

#include "data/common.h"

struct envoi__texts {
    const char **at;
    size_t count, cap;
};

struct envoi_field {
    const char *var, *label, *desc;
    int type; /* 0: not told */
    int required;
    struct envoi__texts values, options,
        option_labels; /* one label for each option, NULL where there is none */
};

struct envoi__fields {
    struct envoi_field *at;
    size_t count, cap;
};

struct envoi_form {
    struct envoi__arena arena;
    int type, error;
    const char *title, *instructions; /* the lines of the instructions joined */
    struct envoi__fields fields;
    struct envoi__fields columns; /* the header of a result */
    struct envoi__fields *rows;
    size_t row_count, row_cap;
    struct envoi__fields asked; /* of an answer: names and types of the fields of the form that asked */
};

int envoi__form_make(envoi_form **out, int type);
struct envoi_field *envoi__fields_find(const struct envoi__fields *fields, const char *var);
/* A new field at the end; var is taken over, not copied. 0, ENVOI_ERR_TOO_LARGE, ENVOI_ERR_NOMEM. */
int envoi__fields_add(envoi_form *form, struct envoi__fields *fields, const char *var,
                      struct envoi_field **out);
int envoi__texts_add(envoi_form *form, struct envoi__texts *texts,
                     const char *text); /* taken over; or ENVOI_ERR_NOMEM */
int envoi__field_takes_jids(int type);
int envoi__field_has_value(const struct envoi_field *field, const char *value);
/* "0", "1", "false" or "true": 0 or 1, else -1. */
int envoi__parse_bool(const char *text);

/* The names of types on the wire. 0 for a text that is none; NULL for a number that is none. */
int envoi__form_type_parse(const char *text);
const char *envoi__form_type_name(int type);
int envoi__field_type_parse(const char *text);
const char *envoi__field_type_name(int type);

#define ENVOI__FORM_TYPE_VAR "FORM_TYPE" /* XEP-0068 */

#endif
