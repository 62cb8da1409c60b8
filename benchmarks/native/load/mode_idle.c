/* idle: sessions are held that nothing happens in; at the end each one is asked to answer. */
#define _GNU_SOURCE
#include <inttypes.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "modes.h"
#include "timeline.h"

#define ANSWER_SECONDS 10
/* Sessions that are asked at a time: the answers are small, and nobody's queue is. */
#define ASKED_AT_ONCE 64

/* Whether the guest's answer came through the session that was asked. */
static bool answered(struct session *session, uint64_t known, struct worker *worker, uint64_t due)
{
    const struct timespec look = clock_timespec(NS_PER_SECOND / 1000);
    while (session_open(session) && session_payload(session) < known + SMALL_BYTES) {
        session_continue(session, worker->crew->tls, worker->buffer, READ_ROOM);
        if (clock_ns() > due)
            return false;
        if (session_payload(session) < known + SMALL_BYTES)
            nanosleep(&look, NULL);
    }
    return session_open(session);
}

/* How many sessions of a crew that was stopped carry bytes to the guest and back. */
static uint32_t count_alive(struct crew *crew)
{
    static const uint8_t question[SMALL_BYTES] = "0123456789";
    uint64_t due = clock_ns() + ANSWER_SECONDS * NS_PER_SECOND;
    uint32_t alive = 0, sessions = crew->role->sessions;
    for (uint32_t first = 0; first < sessions; first += ASKED_AT_ONCE) {
        uint64_t known[ASKED_AT_ONCE];
        uint32_t count = sessions - first < ASKED_AT_ONCE ? sessions - first : ASKED_AT_ONCE;
        struct session *group = crew->sessions + first;
        for (uint32_t i = 0; i < count; i++) {
            known[i] = session_payload(group + i);
            if (session_open(group + i))
                session_say(group + i, question, sizeof question);
        }
        for (uint32_t i = 0; i < count; i++)
            alive += answered(group + i, known[i], crew->workers, due);
    }
    return alive;
}

bool mode_idle(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {.work = WORK_IDLE},
        .sessions = options->sessions,
        .events = EPOLLIN,
        .may_end = true,
        .handle = crew_read,
    };
    struct crew crew;

    crew_start(&crew, options, &role, tls);
    bool good = timeline_opened(&crew) && timeline_ready(options, &crew);
    if (good) {
        event_tell("start");
        good = timeline_pause(&crew, options->seconds);
    }
    crew_stop(&crew);
    if (good)
        event_end("\"alive\":%" PRIu32, count_alive(&crew));
    crew_free(&crew);
    return good;
}
