/* SPDX-License-Identifier: MIT */
/* The library's matching (lib/replay/), where what does not go well ends the scenario. */
#include "transcript.h"

#include <stdio.h>
#include <string.h>

static int judge(struct play *play, int result)
{
    if (result < 0)
        run_fail(&play->run, "%s", envoi_strerror(result));
    return result;
}

int match_text(struct play *play, const char *pattern, const char *text)
{
    return judge(play, envoi__match_text(&play->peer, pattern, text));
}

int match_element(struct play *play, const envoi_element *pattern, const envoi_element *element)
{
    return judge(play, envoi__match_element(&play->peer, pattern, element));
}

static void expand_piece(struct play *play, const char *text, size_t len, struct envoi__buf *out)
{
    struct envoi__unknown unknown;
    int error = envoi__expand(&play->peer, text, len, out, &unknown);
    if (error == ENVOI_ERR_NOT_FOUND)
        run_fail(&play->run, "{%.*s} is not bound", (int)unknown.len, unknown.name);
    if (error)
        run_fail(&play->run, "%.*s: %s", (int)len, text, envoi_strerror(error));
}

/* The session remembers where proofs stand: a login must not survive damage there. */
static void expand_proof(struct play *play, const char *text, size_t len, struct envoi__buf *out)
{
    struct session *session = play->session;
    long from = session->bytes + (long)out->len;
    expand_piece(play, text, len, out);
    if (session->proof_count == MOST_PROOFS)
        run_fail(&play->run, "too many proofs");
    session->proofs[session->proof_count++] = (struct span){from, session->bytes + (long)out->len};
}

void expand(struct play *play, const char *text, struct envoi__buf *out)
{
    for (const char *proof; (proof = strstr(text, "{server-f")) && strchr(proof, '}');) {
        const char *end = strchr(proof, '}') + 1;
        expand_piece(play, text, (size_t)(proof - text), out);
        expand_proof(play, proof, (size_t)(end - proof), out);
        text = end;
    }
    expand_piece(play, text, strlen(text), out);
}
