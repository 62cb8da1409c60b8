/*
 * A console as a viewer sees it: connection, opening handshake, RFB login (each step is waited for,
 * as noVNC does), the work order, and then payload. One thread at a time may use it.
 */
#ifndef LOAD_SESSION_H
#define LOAD_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../common/order.h"
#include "../common/rfb.h"
#include "frames.h"
#include "options.h"
#include "upgrade.h"
#include "wire.h"

/* One read takes up to this much. */
#define READ_ROOM (1U << 20)
#define FAILURE_ROOM 256

enum phase {
    PHASE_CONNECT,
    PHASE_TLS,
    PHASE_UPGRADE,
    PHASE_VERSION,
    PHASE_SECURITY_COUNT,
    PHASE_SECURITY_TYPES,
    PHASE_RESULT,
    PHASE_INIT,
    PHASE_NAME,
    PHASE_BANNER,
    PHASE_RUNNING,
    PHASE_CLOSING,
    PHASE_CLOSED,
    PHASE_FAILED,
};

/* What is only of use until the session runs. */
struct opening {
    uint32_t have, need; /* of the head, or of the present RFB message */
    char head[HEAD_ROOM];
};

struct session {
    struct wire wire;
    struct frames frames;
    struct order order;
    enum phase phase;
    bool raw;
    uint32_t flood_at;        /* where in the prepared frames a flood's next write begins */
    _Atomic uint64_t payload; /* bytes behind the login; others may read it */
    struct opening *opening;
    /* In PHASE_FAILED: in which phase, why (never freed), and the errno behind it, or 0. */
    enum phase failed_in;
    const char *failure;
    int error;
};

/* Begins to open a console. `number` chooses the target, and with `spread` the source address. */
void session_start(struct session *session, const struct options *options, SSL_CTX *tls,
                   const struct order *order, uint32_t number, bool spread);


/*
 * Goes on where the socket is ready: with what opens the session, or by reading up to `room` bytes,
 * 16 KiB or more.
 */
void session_continue(struct session *session, SSL_CTX *tls, uint8_t *buffer, size_t room);

/* Sends a short message: in one masked frame, or plain. */
void session_say(struct session *session, const uint8_t *data, size_t length);

/* Begins the closing handshake; PHASE_CLOSED follows. */
void session_close(struct session *session);

/* Closes the socket, in any phase. */
void session_drop(struct session *session);

/* Ends it as failed; the first reason stays. */
void session_fail(struct session *session, const char *why, int error);

/* Writes what went wrong, for a person. */
void session_failure(const struct session *session, char out[FAILURE_ROOM]);

static inline uint64_t session_payload(const struct session *session)
{
    return atomic_load_explicit(&session->payload, memory_order_relaxed);
}

static inline bool session_open(const struct session *session)
{
    return session->phase == PHASE_RUNNING;
}

#endif
