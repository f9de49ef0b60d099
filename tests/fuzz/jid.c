/* SPDX-License-Identifier: MIT */
/* JIDs: a text that is one is, once prepared, the same JID for ever, whole, bare and in parts. Texts up to a
 * byte of 0 are parsed one after the other; each is also escaped and unescaped by XEP-0106. */
#include "fuzz.h"

#include "base/mem.h"
#include "base/unicode.h"
#include <envoi/error.h>
#include <envoi/jid.h>
#include <string.h>

static int equal_texts(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_again(const envoi_jid *jid, const char *text)
{
    envoi_jid *again = NULL;
    FUZZ_CHECK(envoi_jid_parse(&again, text) == 0);
    FUZZ_CHECK(strcmp(envoi_jid_full(again), text) == 0);
    FUZZ_CHECK(envoi_jid_equal_bare(again, jid));
    FUZZ_CHECK(equal_texts(envoi_jid_localpart(again), envoi_jid_localpart(jid)));
    FUZZ_CHECK(equal_texts(envoi_jid_domainpart(again), envoi_jid_domainpart(jid)));
    envoi_jid_free(again);
}

static void check_parts(const envoi_jid *jid)
{
    envoi_jid *again = NULL, *copy = NULL;
    FUZZ_CHECK(
        envoi_jid_new(&again, envoi_jid_localpart(jid), envoi_jid_domainpart(jid), envoi_jid_resourcepart(jid)) == 0);
    FUZZ_CHECK(envoi_jid_equal(again, jid));
    FUZZ_CHECK(envoi_jid_dup(&copy, jid) == 0 && envoi_jid_equal(copy, again));
    FUZZ_CHECK(strcmp(envoi_jid_ascii_domain(copy), envoi_jid_ascii_domain(again)) == 0);
    envoi_jid_free(copy);
    envoi_jid_free(again);
}

/* The name for DNS stands for the same domainpart. */
static void check_domain(const envoi_jid *jid)
{
    envoi_jid *again = NULL;
    const char *ascii = envoi_jid_ascii_domain(jid);
    for (const char *p = ascii; *p; p++)
        FUZZ_CHECK(*p > ' ' && *p < 0x7F);
    if (strchr(ascii, ':')) /* IPv6: the brackets are gone */
        return;
    FUZZ_CHECK(envoi_jid_parse(&again, ascii) == 0);
    FUZZ_CHECK(strcmp(envoi_jid_domainpart(again), envoi_jid_domainpart(jid)) == 0);
    envoi_jid_free(again);
}

static void check_lengths(const envoi_jid *jid)
{
    const char *local = envoi_jid_localpart(jid), *resource = envoi_jid_resourcepart(jid);
    FUZZ_CHECK(!local || (*local && strlen(local) <= 1023 && !strpbrk(local, "\"&'/:<>@ ")));
    FUZZ_CHECK(!resource || (*resource && strlen(resource) <= 1023));
    FUZZ_CHECK(*envoi_jid_ascii_domain(jid) && strlen(envoi_jid_ascii_domain(jid)) <= 253);
}

static void check_jid(const char *text)
{
    envoi_jid *jid = NULL;
    int error = envoi_jid_parse(&jid, text);
    FUZZ_CHECK(error ? jid == NULL && (error == ENVOI_ERR_JID || error == ENVOI_ERR_UTF8) : jid != NULL);
    if (!jid)
        return;
    check_lengths(jid);
    check_again(jid, envoi_jid_full(jid));
    check_again(jid, envoi_jid_bare(jid));
    check_parts(jid);
    check_domain(jid);
    envoi_jid_free(jid);
}

typedef int (*rewrite_fn)(char *out, size_t size, size_t *len, const char *text);

/* What the function makes of the text, freed by the caller; NULL on ENVOI_ERR_JID. */
static char *rewritten(rewrite_fn rewrite, const char *text)
{
    size_t len = 0, again = 0;
    int error = rewrite(NULL, 0, &len, text);
    if (error == ENVOI_ERR_JID)
        return NULL;
    FUZZ_CHECK(error == ENVOI_ERR_FULL);
    char *out = malloc(len + 1);
    FUZZ_CHECK(out && rewrite(out, len + 1, &again, text) == 0 && again == len && strlen(out) == len);
    return out;
}

static void check_escape(const char *text)
{
    char *escaped = rewritten(envoi_jid_escape, text), *unescaped = rewritten(envoi_jid_unescape, text);
    if (escaped) {
        char *back = rewritten(envoi_jid_unescape, escaped);
        FUZZ_CHECK(!strpbrk(escaped, "\"&'/:<>@ "));
        FUZZ_CHECK(back && strcmp(back, text) == 0);
        free(back);
    }
    free(escaped);
    free(unescaped);
}

static const struct {
    int (*prepare)(char **out, const char *text, size_t len);
    int (*is_plain)(const char *text, size_t len); /* NULL: none */
} profiles[] = {{envoi__prep_localpart, envoi__plain_localpart},
                {envoi__prep_domainpart, envoi__plain_domainpart},
                {envoi__prep_resourcepart, envoi__plain_resourcepart},
                {envoi__saslprep_stored, NULL},
                {envoi__saslprep_query, NULL}};

static void check_profile(size_t i, const char *text)
{
    char *prepared = NULL, *again = NULL;
    size_t len = strlen(text);
    int error = profiles[i].prepare(&prepared, text, len);
    FUZZ_CHECK(!error == !!prepared);
    if (profiles[i].is_plain && profiles[i].is_plain(text, len))
        FUZZ_CHECK(prepared && strcmp(prepared, text) == 0);
    if (prepared) {
        FUZZ_CHECK(profiles[i].prepare(&again, prepared, strlen(prepared)) == 0);
        FUZZ_CHECK(strcmp(again, prepared) == 0);
    }
    envoi__free(again);
    envoi__free(prepared);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    while (fuzz_left(&input)) {
        char *text = fuzz_text(fuzz_chunk(&input));
        check_jid(text);
        check_escape(text);
        for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
            check_profile(i, text);
        free(text);
    }
    return 0;
}
