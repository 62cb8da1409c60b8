#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rfb_steps.h"

#define DEFAULT_TARGET "/websockify"
/* More addresses than one: a port that was just used is not used again at once. */
#define SOURCES 16
#define CLOSE_NORMAL "\x03\xe8"

static const char closed_by_proxy[] = "the proxy closed the websocket";

void session_fail(struct session *session, const char *why, int error)
{
    if (session->phase == PHASE_FAILED)
        return;
    session->failed_in = session->phase;
    session->phase = PHASE_FAILED;
    session->failure = why;
    session->error = error;
}

static void send_bytes(struct session *session, const void *data, size_t length)
{
    errno = 0;
    if (wire_write(&session->wire, data, length) != (ssize_t)length)
        session_fail(session, "a short message could not be sent", errno);
}

void session_start(struct session *session, const struct options *options, SSL_CTX *tls,
                   const struct order *order, uint32_t number, bool spread)
{
    uint8_t source = spread ? (uint8_t)(1 + number % SOURCES) : 1;
    *session = (struct session){.raw = options->raw, .order = *order, .wire.fd = -1};
    session->phase = PHASE_CONNECT;
    session->opening = calloc(1, sizeof *session->opening);
    if (session->opening == NULL)
        session_fail(session, "memory", ENOMEM);
    else if (options->targets != NULL && number >= options->target_count)
        session_fail(session, "the request targets are used up", 0);
    else if (!wire_connect(&session->wire, options->port, source))
        session_fail(session, "no connection", errno);
    else if (!options->raw) {
        const char *target = options->targets ? options->targets[number] : DEFAULT_TARGET;
        session->opening->need = (uint32_t)upgrade_request(session->opening->head, options->port,
                                                           tls != NULL, target);
        if (session->opening->need == 0)
            session_fail(session, "a request target is too long", 0);
    }
}


/* The transport is there: asks for the websocket, or waits for RFB's first message. */
static void transport_ready(struct session *session)
{
    struct opening *opening = session->opening;
    if (session->raw) {
        rfb_begin(session);
        return;
    }
    session->phase = PHASE_UPGRADE;
    send_bytes(session, opening->head, opening->need);
    opening->have = 0;
}

static void connect_further(struct session *session, SSL_CTX *tls)
{
    if (session->phase == PHASE_CONNECT) {
        if (!wire_connected(&session->wire)) {
            session_fail(session, "no connection", errno);
            return;
        }
        if (tls == NULL) {
            transport_ready(session);
            return;
        }
        session->phase = PHASE_TLS;
    }
    int result = wire_handshake(&session->wire, tls);
    if (result == 1)
        transport_ready(session);
    else if (result != WIRE_AGAIN)
        session_fail(session, "no TLS", 0);
}

/* Takes the response's head; returns how many bytes it used. */
static size_t take_head(struct session *session, const uint8_t *data, size_t length)
{
    struct opening *opening = session->opening;
    for (size_t i = 0; i < length; i++) {
        if (opening->have == HEAD_ROOM - 1) {
            session_fail(session, "the response's head is too long", 0);
            return length;
        }
        opening->head[opening->have++] = (char)data[i];
        if (opening->have < 4 || memcmp(opening->head + opening->have - 4, "\r\n\r\n", 4) != 0)
            continue;
        opening->head[opening->have] = '\0';
        if (upgrade_accepted(opening->head))
            rfb_begin(session);
        else
            session_fail(session, "the websocket was refused", 0);
        return i + 1;
    }
    return length;
}

static void take_payload(struct session *session, const uint8_t *data, size_t length)
{
    if (session->phase < PHASE_RUNNING) {
        size_t used = rfb_take(session, data, length);
        length -= used;
    }
    if (length > 0 && session->phase >= PHASE_RUNNING) {
        uint64_t known = session_payload(session);
        atomic_store_explicit(&session->payload, known + length, memory_order_relaxed);
    }
}

static void take_control(struct session *session, const struct piece *piece)
{
    if (piece->opcode == OPCODE_CLOSE && session->phase == PHASE_CLOSING)
        wire_half_close(&session->wire);
    else if (piece->opcode == OPCODE_CLOSE)
        session_fail(session, closed_by_proxy, 0);
    /* A pong would cut a frame of the flood that is not sent whole yet; it may come late. */
    else if (piece->opcode == OPCODE_PING && session->flood_at == 0) {
        uint8_t frame[SHORT_HEADER + SHORT_PAYLOAD];
        send_bytes(session, frame, frame_write(frame, OPCODE_PONG, piece->at, piece->length));
    }
}

static void take_bytes(struct session *session, const uint8_t *data, size_t length)
{
    const uint8_t *end = data + length;
    if (session->phase == PHASE_UPGRADE)
        data += take_head(session, data, length);
    if (session->raw) {
        take_payload(session, data, (size_t)(end - data));
        return;
    }
    while (session->phase < PHASE_CLOSED) {
        struct piece piece = frames_next(&session->frames, &data, end);
        if (piece.kind == PIECE_NONE)
            return;
        if (piece.kind == PIECE_DATA)
            take_payload(session, piece.at, piece.length);
        else if (piece.kind == PIECE_CONTROL)
            take_control(session, &piece);
        else
            session_fail(session, "a frame that no server may send", 0);
    }
}

void session_continue(struct session *session, SSL_CTX *tls, uint8_t *buffer, size_t room)
{
    if (session->phase == PHASE_CONNECT || session->phase == PHASE_TLS) {
        connect_further(session, tls);
        if (!wire_pending(&session->wire))
            return;
    }
    do {
        errno = 0;
        ssize_t got = wire_read(&session->wire, buffer, room);
        if (got == WIRE_AGAIN)
            return;
        if (got > 0)
            take_bytes(session, buffer, (size_t)got);
        else if (session->phase == PHASE_CLOSING)
            session->phase = PHASE_CLOSED;
        else
            session_fail(session, "the connection ended", errno);
    } while (session->phase < PHASE_CLOSED && wire_pending(&session->wire));
}

void session_say(struct session *session, const uint8_t *data, size_t length)
{
    uint8_t frame[SHORT_HEADER + SHORT_PAYLOAD];
    if (session->raw)
        send_bytes(session, data, length);
    else
        send_bytes(session, frame, frame_write(frame, OPCODE_DATA, data, length));
}

void session_close(struct session *session)
{
    session->phase = PHASE_CLOSING;
    if (session->raw) {
        wire_half_close(&session->wire);
        return;
    }
    uint8_t frame[SHORT_HEADER + 2];
    send_bytes(session, frame,
               frame_write(frame, OPCODE_CLOSE, (const uint8_t *)CLOSE_NORMAL, 2));
}

void session_drop(struct session *session)
{
    wire_close(&session->wire);
    free(session->opening);
    session->opening = NULL;
}

void session_failure(const struct session *session, char out[FAILURE_ROOM])
{
    static const char *const during[] = {
        [PHASE_CONNECT] = "connecting",
        [PHASE_TLS] = "TLS handshake",
        [PHASE_UPGRADE] = "opening handshake",
        [PHASE_VERSION] = "RFB version",
        [PHASE_SECURITY_COUNT] = "RFB security",
        [PHASE_SECURITY_TYPES] = "RFB security",
        [PHASE_RESULT] = "RFB security result",
        [PHASE_INIT] = "RFB ServerInit",
        [PHASE_NAME] = "RFB ServerInit",
        [PHASE_BANNER] = "banner",
        [PHASE_RUNNING] = "running",
        [PHASE_CLOSING] = "closing",
    };
    const char *why = session->phase == PHASE_FAILED ? session->failure : "nothing came";
    const char *more = session->error ? strerror(session->error) : "";
    enum phase phase = session->phase == PHASE_FAILED ? session->failed_in : session->phase;
    int length = (int)strlen(more);
    /* A close frame's reason comes behind two bytes of code. */
    if (why == closed_by_proxy && session->frames.held > 2) {
        more = (const char *)session->frames.control + 2;
        length = session->frames.held - 2;
    }
    snprintf(out, FAILURE_ROOM, "%s: %s%s%.*s", during[phase], why, length ? ": " : "", length,
             more);
}
