/* SPDX-License-Identifier: MIT */
#include <envoi/error.h>
#include <envoi/version.h>

#include "base/text.h"

struct row {
    int error;
    const char *name;
    const char *sentence;
};

#define ROW(name, sentence) {name, #name, sentence}
static const struct row rows[] = {
#include "base/error_table.h"
};
#undef ROW

static const struct row *find(int error)
{
    for (size_t i = 0; i < ENVOI__COUNT(rows); i++)
        if (rows[i].error == error)
            return &rows[i];
    return NULL;
}

int envoi_error_class(int error)
{
    return find(error) ? -error / 100 : ENVOI_CLASS_NONE;
}

const char *envoi_strerror(int error)
{
    const struct row *row = find(error);
    return row ? row->sentence : "unknown error";
}

const char *envoi_error_name(int error)
{
    const struct row *row = find(error);
    return row ? row->name : "ENVOI_ERR_UNKNOWN";
}

const char *envoi_version(void)
{
    return ENVOI_VERSION_STRING;
}
