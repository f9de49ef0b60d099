/* SPDX-License-Identifier: MIT */
/* Each mode is one kind of runs over one session. */
#include "transcript.h"

/* A session of more bytes than WHOLE is taken apart at every byte of its end; before that at every so manieth. */
enum { WHOLE = 6000, END = 500, SAMPLES = 500, MOST_ALLOCATIONS = 4000 };

static long next_byte(const struct session *session, long at)
{
    long stride = session->bytes / SAMPLES | 1;
    if (session->bytes <= WHOLE || at + stride >= session->bytes - END)
        return at + 1;
    return at + stride;
}

static int run_once(struct test *test, enum fault_kind kind, long at, int how)
{
    enum outcome outcome = OUTCOME_SAME;
    const struct fault fault = {kind, at, how};
    int fine = replay(&test->run, test->session, &fault, &outcome);
    test->runs++;
    test->outcomes[outcome]++;
    return fine;
}

int mode_bytes(struct test *test)
{
    return run_once(test, FAULT_BYTEWISE, 0, 0);
}

int mode_split(struct test *test)
{
    for (long at = 1; at < test->session->bytes; at = next_byte(test->session, at))
        if (!run_once(test, FAULT_SPLIT, at, 0))
            return 0;
    return 1;
}

/* Who does TLS elsewhere hears of its end too. */
static int can_end(const struct session *session, int ending)
{
    return ending != ENDING_TRUNCATED || envoi_config_tls(session->actions[0].config) == ENVOI_TLS_EXTERNAL;
}

int mode_cut(struct test *test)
{
    for (long at = 0; at <= test->session->bytes; at = next_byte(test->session, at))
        for (int ending = 0; ending < ENDINGS; ending++)
            if (can_end(test->session, ending) && !run_once(test, FAULT_CUT, at, ending))
                return 0;
    return 1;
}

int mode_memory(struct test *test)
{
    long stride = 1 + test->session->allocations / MOST_ALLOCATIONS;
    for (long at = 1; at <= test->session->allocations; at += stride)
        for (int sticky = 0; sticky < 2; sticky++)
            if (!run_once(test, FAULT_MEMORY, at, sticky))
                return 0;
    return 1;
}

int mode_damage(struct test *test)
{
    for (long at = 0; at < test->session->bytes; at = next_byte(test->session, at))
        for (int damage = 0; damage < DAMAGES; damage++)
            if (!run_once(test, FAULT_DAMAGE, at, damage))
                return 0;
    return 1;
}

/* Every read and every write of the session, with every result. */
int mode_io(struct test *test)
{
    if (!run_once(test, FAULT_IO, 0, 0))
        return 0;
    const struct wire_calls calls = *wire_calls();
    for (long at = -calls.writes; at <= calls.reads; at++)
        for (int result = 0; at && result < WIRE_RESULTS; result++)
            if (!run_once(test, FAULT_IO, at, result))
                return 0;
    return 1;
}
