/* down: sessions stream, and all payload is counted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "modes.h"
#include "timeline.h"

static void snapshot(const struct crew *crew, uint64_t *payload)
{
    for (uint32_t i = 0; i < crew->role->sessions; i++)
        payload[i] = session_payload(crew->sessions + i);
}

static void tell(uint32_t sessions, const uint64_t *before, const uint64_t *after, uint64_t ns)
{
    uint64_t bytes = 0;
    char *list = NULL;
    size_t length;
    FILE *out = open_memstream(&list, &length);
    for (uint32_t i = 0; i < sessions; i++) {
        bytes += after[i] - before[i];
        fprintf(out, "%s%" PRIu64, i ? "," : "", after[i] - before[i]);
    }
    fclose(out);
    event_end("\"bytes\":%" PRIu64 ",\"seconds\":%.6f,\"per_session\":[%s]", bytes,
              (double)ns / NS_PER_SECOND, list);
    free(list);
}

bool mode_down(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {WORK_STREAM, options->write_bytes, options->rate_kib},
        .sessions = options->sessions,
        .events = EPOLLIN,
        .handle = crew_read,
    };
    struct crew crew;
    uint64_t *before = calloc(2 * (size_t)role.sessions, sizeof *before);
    uint64_t *after = before + role.sessions;

    crew_start(&crew, options, &role, tls);
    bool good = timeline_opened(&crew) && timeline_ready(options, &crew);
    if (good) {
        event_tell("start");
        snapshot(&crew, before);
        uint64_t started = clock_ns();
        good = timeline_pause(&crew, options->seconds);
        snapshot(&crew, after);
        if (good)
            tell(role.sessions, before, after, clock_ns() - started);
    }
    crew_stop(&crew);
    crew_free(&crew);
    free(before);
    return good;
}
