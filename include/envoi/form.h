/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_FORM_H
#define ENVOI_FORM_H
/** @file
 * Data forms (XEP-0004) and what FORM_TYPE makes of them (XEP-0068): parse one, read its fields by name, fill
 * it in or build one, and write it into a stanza.
 *
 * An envoi_form is a copy of its own and lives until envoi_form_free(). Fields and texts that are read from
 * it are views that live as long as the form and hold still until it is changed. The memory of a value that
 * is replaced is given back with the form.
 *
 * Building needs no check line by line: the first error is kept, later setters return it, and
 * envoi_form_append() passes it on to the stanza. Functions that read go on working on such a form.
 */
#include <envoi/element.h>
#include <envoi/jid.h>

ENVOI_BEGIN_DECLS

/** A data form. Freed with envoi_form_free(). */
typedef struct envoi_form envoi_form;

/** One field of a form; a view, never freed by the caller. */
typedef struct envoi_field envoi_field;

/** The namespace of data forms. */
#define ENVOI_NS_DATA_FORM "jabber:x:data"

/** The most fields that a form, its header of a result, or one of its rows may have. */
#define ENVOI_FORM_MAX_FIELDS 1024

/* Types of form (XEP-0004 3.1). */
#define ENVOI_FORM_FORM   1 /**< asks to be filled in */
#define ENVOI_FORM_SUBMIT 2 /**< filled in */
#define ENVOI_FORM_CANCEL 3 /**< will not be filled in */
#define ENVOI_FORM_RESULT 4 /**< data reported back */

/* Types of field (XEP-0004 3.3). */
#define ENVOI_FIELD_TEXT_SINGLE  1  /**< one line; also what an unknown or missing type stands for */
#define ENVOI_FIELD_TEXT_MULTI   2  /**< lines, one value each */
#define ENVOI_FIELD_TEXT_PRIVATE 3  /**< one line that is not shown while typed, such as a password */
#define ENVOI_FIELD_BOOLEAN      4  /**< yes or no */
#define ENVOI_FIELD_FIXED        5  /**< words for a person; nothing to fill in */
#define ENVOI_FIELD_HIDDEN       6  /**< not shown; goes back as it came */
#define ENVOI_FIELD_JID_SINGLE   7  /**< a JID */
#define ENVOI_FIELD_JID_MULTI    8  /**< JIDs, each once */
#define ENVOI_FIELD_LIST_SINGLE  9  /**< one of the options */
#define ENVOI_FIELD_LIST_MULTI   10 /**< some of the options */

/* ---- making and freeing ---- */

/**
 * Make an empty form.
 * @param out        receives the new form; untouched on failure
 * @param type       ENVOI_FORM_FORM, _SUBMIT, _CANCEL or _RESULT
 * @param form_type  the value of the hidden field FORM_TYPE (XEP-0068), such as
 *                   "http://jabber.org/protocol/pubsub#publish-options"; copied; NULL: no such field
 * @return 0, ENVOI_ERR_ARGUMENT (out is NULL, type is unknown), ENVOI_ERR_UTF8 or ENVOI_ERR_XML_CHAR
 *   (form_type cannot be written), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_form_new(envoi_form **out, int type, const char *form_type);

/**
 * Read a form from its element, <x xmlns='jabber:x:data'/>.
 *
 * JIDs in fields of the types jid-single and jid-multi are put into their prepared form, and one that comes
 * twice in a field is kept once; a value that is no JID stays as it is (envoi_form_jid() reports it).
 * Elements that are not of XEP-0004 itself, such as media (XEP-0221), are ignored; nothing is ever fetched. A
 * field without a name that is not of the type fixed is left out, for nobody could ask for it.
 *
 * @param out      receives the new form; untouched on failure
 * @param element  the <x/> element
 * @return 0, or
 *   ENVOI_ERR_FORM       the type is missing or unknown, or two fields have the same name: then it could not
 *                        be told which of them counts (FORM_TYPE twice, a hidden field behind a visible one)
 *   ENVOI_ERR_STANZA     the element is not a data form
 *   ENVOI_ERR_TOO_LARGE  more than ENVOI_FORM_MAX_FIELDS fields in one place
 *   ENVOI_ERR_ARGUMENT   out or element is NULL
 *   ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_form_parse(envoi_form **out, const envoi_element *element);

/** Find the first form among the children of an element. @return a view of its <x/>; NULL if there is none */
ENVOI_API const envoi_element *envoi_form_find(const envoi_element *parent);

/**
 * Make the answer to a form of the type ENVOI_FORM_FORM: a form of the type ENVOI_FORM_SUBMIT with the names
 * and values of the fields that have a value already, hidden ones included. Set the values that shall be
 * different, then append it. Fields that are neither there nor set are not written, which leaves them as they
 * are at the other side (XEP-0004 3.5). The answer still knows the types of the fields: its setters hold
 * values against them.
 *
 * @param out   receives the new form; untouched on failure
 * @param form  not changed, and not needed by the answer later
 * @return 0, ENVOI_ERR_ARGUMENT (NULL, or not of the type ENVOI_FORM_FORM), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_form_answer(envoi_form **out, const envoi_form *form);

/** Copy a form. @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_form_dup(envoi_form **out, const envoi_form *form);

/** Free a form; NULL is allowed. */
ENVOI_API void envoi_form_free(envoi_form *form);

/** The first error that building this form met. @return 0 if there was none; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_form_error(const envoi_form *form);

/* ---- reading the form ---- */

/** The type. @return ENVOI_FORM_*; 0 for NULL */
ENVOI_API int envoi_form_type(const envoi_form *form);

/** What the form is about: the value of FORM_TYPE. In forms of the types FORM and RESULT it counts only if
 *  the field is hidden (XEP-0068 3.3). @return a view; NULL if there is none */
ENVOI_API const char *envoi_form_form_type(const envoi_form *form);

/** The title. @return a view; NULL if there is none */
ENVOI_API const char *envoi_form_title(const envoi_form *form);

/** The instructions; several are joined by line feeds. @return a view; NULL if there are none */
ENVOI_API const char *envoi_form_instructions(const envoi_form *form);

/** How many fields the form has, FORM_TYPE and fixed ones included, those of rows not. */
ENVOI_API size_t envoi_form_field_count(const envoi_form *form);

/** The field at an index, in the order of the form. @return a view; NULL past the end */
ENVOI_API const envoi_field *envoi_form_field_at(const envoi_form *form, size_t index);

/** The field with a name. @return a view; NULL if there is none */
ENVOI_API const envoi_field *envoi_form_field(const envoi_form *form, const char *var);

/* ---- reading values ---- */

/** The first value of a field. @return a view; NULL if there is no such field or it has no value */
ENVOI_API const char *envoi_form_value(const envoi_form *form, const char *var);

/** How many values a field has. @return 0 also if there is no such field */
ENVOI_API size_t envoi_form_value_count(const envoi_form *form, const char *var);

/** A value of a field. @return a view; NULL past the end, or if there is no such field */
ENVOI_API const char *envoi_form_value_at(const envoi_form *form, const char *var, size_t index);

/**
 * The first value as a truth value: "1" or "true", "0" or "false" (XEP-0004 3.3).
 * @param out  receives 1 or 0; untouched on failure
 * @return 0, ENVOI_ERR_NOT_FOUND (no such field, or no value), ENVOI_ERR_FORM (another text),
 *   ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_form_bool(const envoi_form *form, const char *var, int *out);

/**
 * The first value as a whole number.
 * @param out  receives the number; untouched on failure
 * @return 0, ENVOI_ERR_NOT_FOUND (no such field, or no value), ENVOI_ERR_FORM (no decimal number, such as
 *   "max", or one that does not fit), ENVOI_ERR_ARGUMENT
 */
ENVOI_API int envoi_form_integer(const envoi_form *form, const char *var, int64_t *out);

/**
 * A value as a JID, whatever the type of the field.
 * @param out    receives a new JID, freed by the caller; untouched on failure
 * @param index  which value; 0 is the first
 * @return 0, ENVOI_ERR_NOT_FOUND (no such field or value), ENVOI_ERR_JID or ENVOI_ERR_UTF8 (not a JID),
 *   ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_form_jid(envoi_jid **out, const envoi_form *form, const char *var, size_t index);

/* ---- reading a field ---- */

/** The name. @return a view; NULL if there is none (fields of the type fixed only) */
ENVOI_API const char *envoi_field_var(const envoi_field *field);

/** The type. @return ENVOI_FIELD_*; 0 for NULL */
ENVOI_API int envoi_field_type(const envoi_field *field);

/** The label for a person. @return a view; NULL if there is none */
ENVOI_API const char *envoi_field_label(const envoi_field *field);

/** The description for a person. @return a view; NULL if there is none */
ENVOI_API const char *envoi_field_desc(const envoi_field *field);

/** @return 1 if the field must be filled in, else 0 */
ENVOI_API int envoi_field_is_required(const envoi_field *field);

/** How many values the field has. */
ENVOI_API size_t envoi_field_value_count(const envoi_field *field);

/** A value. @return a view; NULL past the end */
ENVOI_API const char *envoi_field_value_at(const envoi_field *field, size_t index);

/** How many options the field has. */
ENVOI_API size_t envoi_field_option_count(const envoi_field *field);

/** The value of an option. @return a view; NULL past the end */
ENVOI_API const char *envoi_field_option_at(const envoi_field *field, size_t index);

/** The label of an option. @return a view; NULL past the end, or if it has none */
ENVOI_API const char *envoi_field_option_label_at(const envoi_field *field, size_t index);

/* ---- reading the rows of a result (XEP-0004 3.4) ---- */

/** How many columns the header of the result names. */
ENVOI_API size_t envoi_form_column_count(const envoi_form *form);

/** A column of the header: name, type and label, no values. @return a view; NULL past the end */
ENVOI_API const envoi_field *envoi_form_column_at(const envoi_form *form, size_t index);

/** How many rows the result has. */
ENVOI_API size_t envoi_form_row_count(const envoi_form *form);

/** How many fields a row has. @return 0 past the last row */
ENVOI_API size_t envoi_form_row_field_count(const envoi_form *form, size_t row);

/** A field of a row. @return a view; NULL past the end */
ENVOI_API const envoi_field *envoi_form_row_field_at(const envoi_form *form, size_t row, size_t index);

/** The first value of a row's field with a name. @return a view; NULL if there is none */
ENVOI_API const char *envoi_form_row_value(const envoi_form *form, size_t row, const char *var);

/* ---- building ----
 * Every function here returns 0 or
 *   ENVOI_ERR_ARGUMENT  the form, the name or a needed text is NULL, or a type is unknown
 *   ENVOI_ERR_FORM      the value does not fit the type of its field: a boolean that is neither "0", "1",
 *                       "false" nor "true", a second value where one is allowed, anything for FORM_TYPE or a
 *                       fixed field
 *   ENVOI_ERR_JID       the value of a JID field is no JID
 *   ENVOI_ERR_UTF8, ENVOI_ERR_XML_CHAR  the text cannot be written
 *   ENVOI_ERR_TOO_LARGE more than ENVOI_FORM_MAX_FIELDS fields
 *   ENVOI_ERR_NOMEM
 * or the error that the form met before. Texts are copied. */

/** Set a field to one value. The field is added if it is not there, in an answer with the type that the form
 *  gave it.
 * @param value  NULL: the field stays without a value, which asks the other side to clear it */
ENVOI_API int envoi_form_set_value(envoi_form *form, const char *var, const char *value);

/** Add a value to a field, or a field with this value. A field added so may have many values. */
ENVOI_API int envoi_form_add_value(envoi_form *form, const char *var, const char *value);

/** Set a field to "1" or "0". @param value  0 is false, everything else true */
ENVOI_API int envoi_form_set_bool(envoi_form *form, const char *var, int value);

/** Set a field to a whole number. */
ENVOI_API int envoi_form_set_integer(envoi_form *form, const char *var, int64_t value);

/** Take a field out of the form; one that is not there is no error. */
ENVOI_API int envoi_form_remove(envoi_form *form, const char *var);

/** Set the title. @param title  NULL: none */
ENVOI_API int envoi_form_set_title(envoi_form *form, const char *title);

/** Set the instructions. @param instructions  NULL: none */
ENVOI_API int envoi_form_set_instructions(envoi_form *form, const char *instructions);

/**
 * Add a field with a type, for forms that others fill in.
 * @param var    NULL only if the type is ENVOI_FIELD_FIXED; a name that is there already is ENVOI_ERR_FORM
 * @param type   ENVOI_FIELD_*
 * @param label  NULL: none
 */
ENVOI_API int envoi_form_add_field(envoi_form *form, const char *var, int type, const char *label);

/** Add a fixed field: words for a person between the fields. */
ENVOI_API int envoi_form_add_fixed(envoi_form *form, const char *text);

/** Describe a field that is there. @param desc  NULL: none. @return also ENVOI_ERR_NOT_FOUND, which the form
 *  does not keep */
ENVOI_API int envoi_form_set_desc(envoi_form *form, const char *var, const char *desc);

/** Say whether a field that is there must be filled in. @return as envoi_form_set_desc() */
ENVOI_API int envoi_form_set_required(envoi_form *form, const char *var, int required);

/** Add an option to a field of the type list-single or list-multi. @param label  NULL: none.
 *  @return as envoi_form_set_desc(); ENVOI_ERR_FORM for a field of another type */
ENVOI_API int envoi_form_add_option(envoi_form *form, const char *var, const char *value, const char *label);

/**
 * Write the form as a child of an element. A form of the type SUBMIT is written with names and values only,
 * and FORM_TYPE as a hidden field; one of the type CANCEL without fields.
 * @param form    not changed; NULL marks the stanza with ENVOI_ERR_ARGUMENT
 * @param parent  gets the <x/> element at its end
 * @return 0, the error that the form met (the stanza is marked with it), or an error of adding to the stanza:
 *   ENVOI_ERR_ARGUMENT (parent is NULL), ENVOI_ERR_NOMEM, or the error that the stanza met before
 */
ENVOI_API int envoi_form_append(const envoi_form *form, envoi_element *parent);

ENVOI_END_DECLS

#endif
