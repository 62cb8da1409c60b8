/* up: sessions send small frames as fast as they are taken, and the guest counts them. */
#include <inttypes.h>

#include "../common/clock.h"
#include "crew.h"
#include "events.h"
#include "guest_report.h"
#include "modes.h"
#include "timeline.h"

#define FRAMES_PER_SEND 64
/* Then it is the next session's turn. */
#define SENDS_PER_EVENT 64

static uint8_t flood[FRAMES_PER_SEND * (SHORT_HEADER + SMALL_BYTES)];
static uint32_t flood_bytes;

static void prepare(bool raw)
{
    static const uint8_t payload[SMALL_BYTES] = "0123456789";
    uint8_t *at = flood;
    for (int i = 0; i < FRAMES_PER_SEND; i++) {
        if (raw)
            memcpy(at, payload, SMALL_BYTES);
        at += raw ? SMALL_BYTES : frame_write(at, OPCODE_DATA, payload, SMALL_BYTES);
    }
    flood_bytes = (uint32_t)(at - flood);
}

static void send_some(struct session *session)
{
    for (int i = 0; i < SENDS_PER_EVENT; i++) {
        const uint8_t *from = flood + session->flood_at;
        ssize_t sent = wire_write(&session->wire, from, flood_bytes - session->flood_at);
        if (sent == WIRE_AGAIN)
            return;
        if (sent <= 0) {
            session_fail(session, "the connection broke", 0);
            return;
        }
        session->flood_at = (session->flood_at + (uint32_t)sent) % flood_bytes;
    }
}

static uint32_t send_and_read(struct session *session, uint32_t events, struct worker *worker)
{
    if (events & ~(uint32_t)EPOLLOUT)
        session_continue(session, worker->crew->tls, worker->buffer, READ_ROOM);
    if (events & EPOLLOUT && session_open(session))
        send_some(session);
    return EPOLLIN | EPOLLOUT;
}

/* How many bytes the guest has received; false if it did not say. */
static bool received(const struct options *options, uint64_t *bytes)
{
    struct guest_report report;
    bool good = guest_report_ask(&report, options->guest_port);
    *bytes = report.received;
    guest_report_free(&report);
    return good || timeline_fail("the guest did not say what it received");
}

bool mode_up(const struct options *options, SSL_CTX *tls)
{
    struct role role = {
        .order = {.work = WORK_COUNT},
        .sessions = options->sessions,
        .events = EPOLLIN | EPOLLOUT,
        .handle = send_and_read,
    };
    struct crew crew;
    uint64_t before, after;

    prepare(options->raw);
    crew_start(&crew, options, &role, tls);
    bool good = timeline_opened(&crew) && timeline_ready(options, &crew) &&
                received(options, &before);
    if (good) {
        event_tell("start");
        uint64_t started = clock_ns();
        good = timeline_pause(&crew, options->seconds) && received(options, &after);
        double seconds = (double)(clock_ns() - started) / NS_PER_SECOND;
        if (good)
            event_end("\"frames\":%" PRIu64 ",\"seconds\":%.6f", (after - before) / SMALL_BYTES,
                      seconds);
    }
    crew_stop(&crew);
    crew_free(&crew);
    return good;
}
