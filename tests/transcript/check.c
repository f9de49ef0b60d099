/* SPDX-License-Identifier: MIT */
/* What a run must have brought. */
#include "transcript.h"

#include "base/text.h"
#include <string.h>

#define NS_STREAM_ERROR "urn:ietf:params:xml:ns:xmpp-streams"
#define END_TAG         "</stream:stream>"

void check_begins_as(struct run *run, const struct session *session, size_t events, size_t output)
{
    const struct journal *got = &run->journal, *wanted = &session->journal;
    for (size_t i = 0; i < events; i++)
        if (!journal_same_event(got, wanted, i))
            run_fail(run, "event %zu is %s, and undisturbed it was event %s", i, journal_describe(got, i),
                     envoi__event_name(wanted->events[i].type));
    if (got->output_len < output || (output && memcmp(got->output, wanted->output, output) != 0))
        run_fail(run, "the stream sent: %.500s, and undisturbed: %.500s", got->output, wanted->output);
}

void check_same(struct run *run, const struct session *session)
{
    const struct journal *got = &run->journal, *wanted = &session->journal;
    check_begins_as(run, session, wanted->count, wanted->output_len);
    if (got->count > wanted->count)
        run_fail(run, "one more event: %s", journal_describe(got, wanted->count));
    if (got->output_len > wanted->output_len)
        run_fail(run, "the stream sent more: %.500s", got->output + wanted->output_len);
}

static int is_one_of(int error, const int *errors)
{
    while (*errors && *errors != error)
        errors++;
    return *errors != 0;
}

void check_closed_by(struct run *run, size_t events, const int *errors)
{
    const struct journal *journal = &run->journal;
    if (!run->closed)
        run_fail(run, "the stream is not closed but %s", envoi_stream_state(run->stream));
    if (journal->count == events)
        run_fail(run, "CLOSED was there already");
    int error = journal->events[journal->count - 1].error;
    if (!is_one_of(error, errors))
        run_fail(run, "closed by %s: %s", envoi_error_name(error), journal_describe(journal, journal->count - 1));
    for (size_t i = events; i + 1 < journal->count; i++)
        if (journal->events[i].type != ENVOI_EVENT_REPLY || journal->events[i].error != error)
            run_fail(run, "behind the end of the input came %s", journal_describe(journal, i));
}

size_t check_cut_short(struct run *run, const struct session *session, const int *errors)
{
    const struct journal *journal = &run->journal;
    if (!run->closed)
        run_fail(run, "the stream is not closed but %s", envoi_stream_state(run->stream));
    size_t before = journal->count - 1;
    int error = journal->events[before].error;
    while (before && journal->events[before - 1].type == ENVOI_EVENT_REPLY &&
           journal->events[before - 1].error == error)
        before--;
    check_closed_by(run, before, errors);
    check_begins_as(run, session, before, 0);
    return before;
}

static int ends_with(const struct journal *journal, const char *text)
{
    size_t len = strlen(text);
    return journal->output_len >= len && memcmp(journal->output + journal->output_len - len, text, len) == 0;
}

/* 1 if what is left without this ending is a beginning of what an undisturbed run sends, made of whole pieces. */
static int fits_without(const struct journal *got, const struct journal *wanted, const char *ending, int whole)
{
    if (!ends_with(got, ending))
        return 0;
    size_t len = got->output_len - strlen(ending);
    if (len > wanted->output_len || memcmp(got->output, wanted->output, len) != 0)
        return 0;
    for (size_t i = 0; whole && i < wanted->end_count; i++)
        if (wanted->ends[i] == len)
            return 1;
    return !whole;
}

void check_goodbye(struct run *run, const struct session *session)
{
    static const char *const endings[] = {
        "",
        END_TAG,
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" END_TAG,
        "<stream:error><connection-timeout xmlns='" NS_STREAM_ERROR "'/></stream:error>" END_TAG,
        "<stream:error><resource-constraint xmlns='" NS_STREAM_ERROR "'/></stream:error>" END_TAG,
        "<stream:error><policy-violation xmlns='" NS_STREAM_ERROR "'/></stream:error>" END_TAG};
    for (size_t i = 0; i < ENVOI__COUNT(endings); i++)
        if (fits_without(&run->journal, &session->journal, endings[i], !run->wire))
            return;
    run_fail(run, "the stream sent: %.1000s", run->journal.output);
}

void check_end(struct run *run)
{
    if (!run->closed)
        run_fail(run, "no CLOSED (state %s)", envoi_stream_state(run->stream));
    if (envoi_stream_receive(run->stream, " ", 1) != ENVOI_ERR_STATE ||
        envoi_stream_receive_eof(run->stream) != ENVOI_ERR_STATE)
        run_fail(run, "a closed stream takes bytes");
    if (envoi_stream_close(run->stream) != ENVOI_ERR_STATE)
        run_fail(run, "a closed stream can be closed");
    if (envoi_stream_next_event(run->stream))
        run_fail(run, "an event behind CLOSED");
}
