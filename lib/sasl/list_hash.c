/* SPDX-License-Identifier: MIT */
/* XEP-0474: a server may put a hash over the lists it offered into its first SCRAM message, where the
 * password protects it; an attacker inside TLS who removed a strong mechanism or channel-binding type is then
 * found out. */
#include "base/mem.h"
#include "sasl/mechanisms.h"
#include <envoi/error.h>
#include <stdlib.h>
#include <string.h>

enum { BETWEEN_NAMES = 0x1E, BETWEEN_LISTS = 0x1F };

/* i;octet (RFC 4790 9.3): by byte value, as strcmp() does it. */
static int by_octets(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_sorted(struct envoi__buf *text, const char *const *list, size_t count)
{
    if (!count)
        return 0;
    if (count > SIZE_MAX / sizeof *list)
        return ENVOI_ERR_NOMEM;
    const char **sorted = envoi__alloc(count * sizeof *sorted);
    if (!sorted)
        return ENVOI_ERR_NOMEM;
    memcpy(sorted, list, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_octets);
    int error = envoi__buf_add_text(text, sorted[0]);
    for (size_t i = 1; i < count && !error; i++) {
        error = envoi__buf_add(text, &(char){BETWEEN_NAMES}, 1);
        if (!error)
            error = envoi__buf_add_text(text, sorted[i]);
    }
    envoi__free(sorted);
    return error;
}

int envoi__sasl_list_hash(char out[ENVOI__LIST_HASH_SIZE], enum envoi__hash hash,
                          const struct envoi__sasl_params *params)
{
    struct envoi__buf text;
    uint8_t digest[ENVOI__HASH_MAX];
    envoi__buf_init(&text, 0);
    int error = add_sorted(&text, params->offered, params->offered_count);
    if (!error && params->cb_offered_count)
        error = envoi__buf_add(&text, &(char){BETWEEN_LISTS}, 1);
    if (!error)
        error = add_sorted(&text, params->cb_offered, params->cb_offered_count);
    if (!error)
        error = envoi__hash(hash, envoi__buf_bytes(&text), text.len, digest);
    if (!error)
        envoi__base64_encode(digest, envoi__hash_size(hash), out);
    envoi__buf_free(&text);
    return error;
}
