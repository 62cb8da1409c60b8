/* open: consoles are opened, one byte is awaited, and they are closed in good order, for ever. */
#include <inttypes.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "modes.h"
#include "timeline.h"

bool mode_open(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {.work = WORK_IDLE},
        .sessions = options->flight,
        .cycle = true,
    };
    struct crew crew;

    crew_start(&crew, options, &role, tls);
    bool good = timeline_ready(options, &crew);
    if (good) {
        event_tell("start");
        uint64_t started = clock_ns(), before = atomic_load(&crew.closed);
        good = timeline_pause(&crew, options->seconds);
        uint64_t opened = atomic_load(&crew.closed) - before;
        double seconds = (double)(clock_ns() - started) / NS_PER_SECOND;
        if (good && opened == 0)
            good = timeline_fail("no console was opened and closed");
        if (good)
            event_end("\"consoles\":%" PRIu64 ",\"seconds\":%.6f", opened, seconds);
    }
    crew_stop(&crew);
    crew_free(&crew);
    return good;
}
