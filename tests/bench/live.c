/* SPDX-License-Identifier: MIT */
/* One measurement of one library against a server: `login COUNT`, `flood COUNT`, `echo COUNT` or `hold SESSIONS`. The
 * account stands in the environment. Prints lines of a name and a number. */
#include "live.h"

#include "measure.h"
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT = 64, WARM_UP = 500 };

static double wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void *log_in(const struct account *account)
{
    void *session = live_library.log_in(account);
    if (!session) {
        fprintf(stderr, "cannot log in\n");
        exit(EXIT_FAILURE);
    }
    return session;
}

/* One after the other; the ends are not counted. The first one pays for what all share. */
static int login(const struct account *account, int count)
{
    double wall = 0, cpu = 0;
    live_library.log_out(log_in(account));
    for (int i = 0; i < count; i++) {
        double wall_before = wall_ms(), cpu_before = cpu_ms();
        void *session = log_in(account);
        wall += wall_ms() - wall_before;
        cpu += cpu_ms() - cpu_before;
        live_library.log_out(session);
    }
    print("ms", wall / count);
    print("cpu_ms", cpu / count);
    return 0;
}

static int flood_between(void *from, void *to, int count)
{
    int failed = live_library.flood(from, to, WARM_UP, IN_FLIGHT);
    double wall_before = wall_ms(), cpu_before = cpu_ms();
    if (failed || live_library.flood(from, to, count, IN_FLIGHT)) {
        fprintf(stderr, "messages were lost\n");
        return 1;
    }
    print("per_s", count * 1e3 / (wall_ms() - wall_before));
    print("cpu_us", (cpu_ms() - cpu_before) * 1e3 / count);
    return 0;
}

static int flood(const struct account *account, int count)
{
    void *from = log_in(account), *to = log_in(account);
    return flood_between(from, to, count);
}

static int flood_self(const struct account *account, int count)
{
    void *session = log_in(account);
    return flood_between(session, session, count);
}

/* The first tenth pays for what all sessions share. They live until the program ends. */
static int hold(const struct account *account, int sessions)
{
    for (int i = 0; i < sessions / 10; i++)
        log_in(account);
    double begun = resident();
    for (int i = 0; i < sessions; i++)
        log_in(account);
    print("bytes", (resident() - begun) / sessions);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*measure)(const struct account *account, int count);
    } jobs[] = {{"login", login}, {"flood", flood}, {"echo", flood_self}, {"hold", hold}};
    const struct account account = {getenv("XMPP_JID"), getenv("XMPP_PASSWORD"), getenv("XMPP_ADDRESS"),
                                    getenv("XMPP_PORT"), getenv("XMPP_CA")};
    int count = argc == 3 ? atoi(argv[2]) : 0;
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0] && count > 0; i++) {
        if (!strcmp(argv[1], jobs[i].name))
            return jobs[i].measure(&account, count);
    }
    fprintf(stderr, "usage: %s login COUNT | flood COUNT | echo COUNT | hold SESSIONS\n", argv[0]);
    return 2;
}
