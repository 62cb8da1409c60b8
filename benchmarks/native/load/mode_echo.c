/* echo: small frames to the guest and back, one at a time, beside streams if so asked. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "modes.h"
#include "samples.h"
#include "solo.h"
#include "timeline.h"

#define THINK_NS 200000
#define PATIENCE_NS (10 * NS_PER_SECOND)

struct echoes {
    uint64_t *ns;
    size_t count, room;
};

static bool one_echo(struct solo *solo, const struct crew *busy, uint64_t *ns)
{
    static const uint8_t payload[SMALL_BYTES] = "0123456789";
    uint64_t wanted = session_payload(&solo->session) + SMALL_BYTES;
    uint64_t sent = clock_ns();
    session_say(&solo->session, payload, sizeof payload);
    while (session_payload(&solo->session) < wanted) {
        if (!solo_read(solo, 100) || !timeline_good(busy))
            return false;
        if (clock_ns() - sent > PATIENCE_NS)
            return timeline_fail("an echo did not come");
    }
    *ns = clock_ns() - sent;
    return true;
}

/* Echoes for so long. */
static bool echo(struct solo *solo, const struct crew *busy, double seconds, struct echoes *echoes)
{
    const struct timespec think = clock_timespec(THINK_NS);
    uint64_t due = clock_ns() + (uint64_t)(seconds * (double)NS_PER_SECOND);
    echoes->count = 0;
    while (clock_ns() < due) {
        if (echoes->count == echoes->room) {
            echoes->room = echoes->room * 2 + 4096;
            echoes->ns = realloc(echoes->ns, echoes->room * sizeof *echoes->ns);
        }
        if (!one_echo(solo, busy, echoes->ns + echoes->count++))
            return false;
        nanosleep(&think, NULL);
    }
    return true;
}

static bool measure(const struct options *options, struct solo *solo, const struct crew *busy,
                    struct echoes *echoes)
{
    if (!echo(solo, busy, WARM_SECONDS, echoes) || !timeline_ready(options, busy))
        return false;
    event_tell("start");
    uint64_t started = clock_ns(), before = busy ? crew_payload(busy) : 0;
    if (!echo(solo, busy, options->seconds, echoes))
        return false;
    uint64_t after = busy ? crew_payload(busy) : 0;
    double seconds = (double)(clock_ns() - started) / NS_PER_SECOND;
    samples_sort(echoes->ns, echoes->count);
    event_end("\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"samples\":%zu,\"busy_bytes\":%" PRIu64
              ",\"seconds\":%.6f",
              samples_us(echoes->ns, echoes->count, 0.5),
              samples_us(echoes->ns, echoes->count, 0.99),
              samples_us(echoes->ns, echoes->count, 0.999), echoes->count, after - before,
              seconds);
    return true;
}

bool mode_echo(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {WORK_STREAM, options->write_bytes, options->rate_kib},
        .sessions = options->busy,
        .events = EPOLLIN,
        .handle = crew_read,
    };
    struct order order = {.work = WORK_ECHO};
    struct crew crew, *busy = options->busy > 0 ? &crew : NULL;
    struct echoes echoes = {0};
    struct solo solo;

    /* A pause of 200 us is else one of 250 us. */
    prctl(PR_SET_TIMERSLACK, 1);
    bool good = solo_open(&solo, options, tls, &order, options->busy);
    if (good && busy != NULL) {
        crew_start(busy, options, &role, tls);
        good = timeline_opened(busy);
    }
    good = good && measure(options, &solo, busy, &echoes);
    if (busy != NULL && solo.session.phase >= PHASE_RUNNING) {
        crew_stop(busy);
        crew_free(busy);
    }
    solo_drop(&solo);
    free(echoes.ns);
    return good;
}
