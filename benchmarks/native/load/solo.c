#define _GNU_SOURCE
#include "solo.h"

#include <poll.h>
#include <stdlib.h>

#include "../common/clock.h"
#include "timeline.h"

#define PATIENCE_NS (20 * NS_PER_SECOND)

bool solo_open(struct solo *solo, const struct options *options, SSL_CTX *tls,
               const struct order *order, uint32_t number)
{
    struct session *session = &solo->session;
    uint64_t due = clock_ns() + PATIENCE_NS;
    solo->tls = tls;
    solo->buffer = aligned_alloc(4096, READ_ROOM);
    session_start(session, options, tls, order, number, false);
    while (session->phase < PHASE_RUNNING && clock_ns() < due) {
        bool connecting = session->phase == PHASE_CONNECT;
        struct pollfd ready = {session->wire.fd, connecting ? POLLOUT : POLLIN, 0};
        if (!timeline_good(NULL))
            return false;
        if (poll(&ready, 1, 100) > 0)
            session_continue(session, tls, solo->buffer, READ_ROOM);
    }
    return solo_good(solo);
}

bool solo_read(struct solo *solo, int milliseconds)
{
    struct pollfd ready = {solo->session.wire.fd, POLLIN, 0};
    if (poll(&ready, 1, milliseconds) > 0)
        session_continue(&solo->session, solo->tls, solo->buffer, READ_ROOM);
    return solo_good(solo);
}

bool solo_good(const struct solo *solo)
{
    char reason[FAILURE_ROOM];
    if (session_open(&solo->session))
        return true;
    session_failure(&solo->session, reason);
    return timeline_fail(reason);
}

void solo_drop(struct solo *solo)
{
    session_drop(&solo->session);
    free(solo->buffer);
}
