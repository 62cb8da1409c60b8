/* slow: sessions stream, and their viewers stop reading; what the guest gets rid of is counted. */
#include <inttypes.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "guest_report.h"
#include "modes.h"
#include "timeline.h"

#define READ_BEFORE (1U << 20)

static uint32_t read_until_enough(struct session *session, uint32_t events, struct worker *worker)
{
    uint32_t wanted = crew_read(session, events, worker);
    return session_payload(session) < READ_BEFORE ? wanted : 0;
}

/* How much the guest has sent; false if it did not say. */
static bool sent(const struct options *options, uint64_t *bytes)
{
    struct guest_report report;
    bool good = guest_report_ask(&report, options->guest_port);
    *bytes = report.sent;
    guest_report_free(&report);
    return good || timeline_fail("the guest did not say what it sent");
}

/* Waits until all viewers have stopped. */
static bool stopped(const struct crew *crew)
{
    while (atomic_load(&crew->left_alone) < crew->role->sessions)
        if (!timeline_pause(crew, 0.001))
            return false;
    return true;
}

bool mode_slow(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {WORK_STREAM, options->write_bytes, options->rate_kib},
        .sessions = options->sessions,
        .events = EPOLLIN,
        .handle = read_until_enough,
    };
    struct crew crew;
    uint64_t before, after;

    if (!sent(options, &before))
        return false;
    crew_start(&crew, options, &role, tls);
    bool good = timeline_opened(&crew) && stopped(&crew) && timeline_ready(options, &crew);
    if (good) {
        event_tell("start");
        good = timeline_pause(&crew, options->seconds) && sent(options, &after);
    }
    crew_stop(&crew);
    if (good)
        event_end("\"taken\":%" PRIu64 ",\"read\":%" PRIu64, after - before,
                  crew_payload(&crew));
    crew_free(&crew);
    return good;
}
