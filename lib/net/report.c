/* SPDX-License-Identifier: MIT */
#include "net/report.h"

#include <envoi/error.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What a failure of one address or target says about the whole; of several, the last in this list is told. So
 * REFUSED means that no address did anything but refuse or lack a route. */
static const struct {
    int error;
    const char *word;
} failures[] = {
    {ENVOI_ERR_HOST_NOT_FOUND, "no such host"},
    {ENVOI_ERR_DNS, "the name server failed or did not answer"},
    {ENVOI_ERR_TLS_REQUIRED, "not a loopback address"},
    {ENVOI_ERR_UNREACHABLE, "no route"},
    {ENVOI_ERR_TRANSPORT, "failed"},
    {ENVOI_ERR_REFUSED, "refused"},
    {ENVOI_ERR_TIMEOUT_CONNECT, "no answer in time"},
    {ENVOI_ERR_SERVICE_NOT_OFFERED, "the target \".\" says that there is no such service"},
    {ENVOI_ERR_NOMEM, "out of memory"},
};

enum { FAILURES = sizeof failures / sizeof failures[0] };

static size_t rank_of(int error)
{
    size_t rank = 0;
    while (rank < FAILURES && failures[rank].error != error)
        rank++;
    return rank;
}

void envoi__report_add(struct envoi__report *report, const char *subject, int error)
{
    size_t rank = rank_of(error), len = strlen(report->text), left = sizeof report->text - len;
    if (rank == FAILURES)
        rank = rank_of(ENVOI_ERR_TRANSPORT);
    if (!report->error || rank > rank_of(report->error))
        report->error = failures[rank].error;
    int n = snprintf(report->text + len, left, "%s%s: %s", len ? "; " : "", subject, failures[rank].word);
    if ((size_t)n >= left)
        report->text[len] = '\0'; /* what no longer fits whole is left out */
}
