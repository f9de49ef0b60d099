/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_SASL_EXCHANGE_H
#define ENVOI_TESTS_SASL_EXCHANGE_H
/* What the tests of SASL share: a channel, parameters, and exchanges from a table of vectors. */
#include "test.h"
#include "tsv.h"

#include "base/base64.h"
#include "base/mem.h"
#include "sasl/mechanisms.h"
#include "sasl/scram_message.h"

enum { LIST_MAX = 16, MAX_ITERATIONS = 10000000 };

/* What the channel of a test can give: every type in `types` has this data. */
struct channel {
    const char *types;
    const void *data;
    size_t len;
    int error; /* for a type that it has not */
};

static inline int has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return 1;
    return 0;
}

static inline int give_binding(void *user, const char *type, uint8_t *out, size_t *len)
{
    const struct channel *channel = user;
    if (!has_word(channel->types, type))
        return channel->error ? channel->error : ENVOI_ERR_UNSUPPORTED;
    assert_true(channel->len <= *len);
    memcpy(out, channel->data, channel->len);
    *len = channel->len;
    return 0;
}

/* A list made of words between single separators; the texts live in `store`. */
struct list {
    char store[512];
    const char *item[LIST_MAX];
    size_t count;
};

static inline void split(struct list *list, const char *words, char separator)
{
    size_t len = strlen(words);
    assert_true(len < sizeof list->store);
    memcpy(list->store, words, len + 1);
    list->count = 0;
    for (char *at = list->store; len && at; list->count++) {
        assert_true(list->count < LIST_MAX);
        list->item[list->count] = at;
        at = strchr(at, separator);
        if (at)
            *at++ = '\0';
    }
}

/* Everything that one exchange needs. */
struct exchange {
    struct list offered, announced;
    struct channel channel;
    struct envoi__sasl_params params;
};

static inline void set_up(struct exchange *x, const char *offered, const char *announced, const char *available)
{
    static const uint8_t data[32] = {1, 2, 3};
    memset(x, 0, sizeof *x);
    split(&x->offered, offered, ' ');
    split(&x->announced, announced, ' ');
    x->channel = (struct channel){available, data, sizeof data, 0};
    x->params = (struct envoi__sasl_params){
        .authcid = "user",
        .password = "pencil",
        .offered = x->offered.item,
        .offered_count = x->offered.count,
        .cb_offered = x->announced.item,
        .cb_offered_count = x->announced.count,
        .channel_binding = ENVOI_CHANNEL_BINDING_OFFERED,
        .channel_is_secure = 1,
        .max_iterations = MAX_ITERATIONS,
        .cb = give_binding,
        .cb_user = &x->channel,
    };
}

static inline void assert_text(const char *id, const struct envoi__buf *buf, const char *text)
{
    if (buf->len != strlen(text) || (buf->len && memcmp(envoi__buf_bytes(buf), text, buf->len) != 0))
        fail_msg("%s: \"%.*s\" is not \"%s\"", id, (int)buf->len, buf->len ? (const char *)envoi__buf_bytes(buf) : "",
                 text);
}

static inline int feed(struct envoi__sasl *sasl, const char *text, size_t len, struct envoi__buf *response)
{
    /* a block that ends with the text, so that reading behind it is found out */
    uint8_t *block = malloc(len ? len : 1);
    if (!block)
        return ENVOI_ERR_NOMEM;
    memcpy(block, text, len);
    int result = envoi__sasl_challenge(sasl, block, len, response);
    free(block);
    while (result == ENVOI__SASL_WORKING)
        result = envoi__sasl_work(sasl, response);
    return result;
}

static inline int succeed(struct envoi__sasl *sasl, const char *text)
{
    return envoi__sasl_success(sasl, (const uint8_t *)text, text ? strlen(text) : 0);
}

struct scram_row {
    const struct tsv *tsv;
    const char *id, *first, *server_first, *final, *server_final, *verdict, *error;
    char *user, *password, *binding;
    char offered[64], nonce[128], authzid[64];
    struct exchange x;
    struct envoi__buf response;
};

static inline void open_row(struct scram_row *row, const struct tsv *tsv)
{
    const char *mechanism = tsv_get(tsv, "mechanism"), *type = tsv_get(tsv, "cb_type");
    *row = (struct scram_row){.tsv = tsv,
                              .id = tsv_get(tsv, "id"),
                              .first = tsv_get(tsv, "input"),
                              .server_first = tsv_get(tsv, "server_first"),
                              .final = tsv_get(tsv, "output"),
                              .server_final = tsv_get(tsv, "server_final"),
                              .verdict = tsv_get(tsv, "verdict"),
                              .error = tsv_get(tsv, "error")};
    int plain = (int)strlen(mechanism), plus = row->first[0] == 'p';
    if (plus)
        plain -= 5;
    snprintf(row->offered, sizeof row->offered, plus ? "%.*s %s" : "%.*s", plain, mechanism, mechanism);
    snprintf(row->nonce, sizeof row->nonce, "%s", strstr(row->first, ",r=") + 3);
    row->user = tsv_json(tsv, "user_json", NULL);
    row->password = tsv_json(tsv, "password_json", NULL);
    const char *types = strcmp(type, "tls-exporter") == 0 ? "tls-exporter tls-server-end-point" : plus ? type : "";
    set_up(&row->x, row->offered, types, plus ? type : row->first[0] == 'y' ? "tls-exporter" : "");
    size_t len = 0;
    row->binding = tsv_hex(tsv, "cb_data_hex", &len);
    if (plus) {
        row->x.channel.data = row->binding;
        row->x.channel.len = len;
    }
    row->x.params.authcid = row->user;
    row->x.params.password = row->password;
    row->x.params.nonce = row->nonce;
    const char *authzid = strstr(row->first, ",a=");
    if (authzid) { /* none of the rows has one that needs escapes */
        snprintf(row->authzid, sizeof row->authzid, "%.*s", (int)strcspn(authzid + 3, ","), authzid + 3);
        row->x.params.authzid = row->authzid;
    }
    envoi__buf_init(&row->response, 0);
}

static inline void close_row(struct scram_row *row)
{
    free(row->user);
    free(row->password);
    free(row->binding);
    envoi__buf_free(&row->response);
}

#define NONCE       "fyko+d2lbbFgONRv9qkxdawL"
#define FULL_NONCE  NONCE "3rfcNHYJY1ZVvWVs7j"
#define FIRST       "r=" FULL_NONCE ",s=QSXCR+Q6sek8bf92,i=4096"
#define PROOF_FINAL "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

static inline struct envoi__sasl *start_sha1(struct envoi__buf *response)
{
    struct exchange x;
    struct envoi__sasl *sasl;
    set_up(&x, "SCRAM-SHA-1", "", "");
    x.params.nonce = NONCE;
    envoi__buf_init(response, 0);
    assert_int_equal(envoi__sasl_new(&sasl, &x.params), 0);
    assert_int_equal(envoi__sasl_begin(sasl, response), 0);
    envoi__buf_free(response);
    return sasl;
}

#endif
