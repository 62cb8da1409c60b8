#define _GNU_SOURCE
#include "timeline.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/clock.h"
#include "events.h"

#define LOOK_NS (NS_PER_SECOND / 500)
/* Sessions that do not open for this long never will. */
#define PATIENCE_NS (20 * NS_PER_SECOND)

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

void timeline_prepare(void)
{
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

bool timeline_fail(const char *reason)
{
    event_error(reason);
    return false;
}

bool timeline_good(const struct crew *crew)
{
    if (crew != NULL && crew_failed(crew))
        return timeline_fail(crew->failure);
    return ended ? timeline_fail("ended by a signal") : true;
}

bool timeline_opened(const struct crew *crew)
{
    const struct timespec look = clock_timespec(LOOK_NS);
    uint32_t opened, known = 0;
    uint64_t since = clock_ns();
    while ((opened = atomic_load(&crew->opened)) < crew->role->sessions) {
        char reason[FAILURE_ROOM];
        if (!timeline_good(crew))
            return false;
        if (opened > known) {
            known = opened;
            since = clock_ns();
        }
        snprintf(reason, sizeof reason, "%u of %u sessions opened", opened, crew->role->sessions);
        if (clock_ns() - since > PATIENCE_NS)
            return timeline_fail(reason);
        nanosleep(&look, NULL);
    }
    return true;
}

/* Waits for a line, or the end of the input. */
static bool wait_for_line(const struct crew *crew)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&input, 1, 100) <= 0)
        if (!timeline_good(crew))
            return false;
    int character;
    while ((character = getchar()) != '\n' && character != EOF)
        ;
    return timeline_good(crew);
}

bool timeline_ready(const struct options *options, const struct crew *crew)
{
    if (!timeline_pause(crew, WARM_SECONDS))
        return false;
    event_tell("ready");
    return options->wait ? wait_for_line(crew) : true;
}

bool timeline_pause(const struct crew *crew, double seconds)
{
    uint64_t now, due = clock_ns() + (uint64_t)(seconds * (double)NS_PER_SECOND);
    while ((now = clock_ns()) < due) {
        uint64_t left = due - now < 10 * LOOK_NS ? due - now : 10 * LOOK_NS;
        const struct timespec pause = clock_timespec(left);
        nanosleep(&pause, NULL);
        if (!timeline_good(crew))
            return false;
    }
    return timeline_good(crew);
}
