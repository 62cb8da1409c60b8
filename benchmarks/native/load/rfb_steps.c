#include "rfb_steps.h"

#include <stdlib.h>
#include <string.h>

#include "../common/bytes.h"

#define SHARED 1

static void wait_for(struct session *session, enum phase phase, uint32_t bytes)
{
    session->phase = phase;
    session->opening->have = 0;
    session->opening->need = bytes;
}

static void run(struct session *session)
{
    session->phase = PHASE_RUNNING;
    free(session->opening);
    session->opening = NULL;
}

static void send_order(struct session *session)
{
    uint8_t order[ORDER_BYTES];
    order_write(&session->order, order);
    if (session->order.work == WORK_IDLE)
        wait_for(session, PHASE_BANNER, 1);
    else
        run(session);
    session_say(session, order, sizeof order);
}

static void answer_types(struct session *session, const uint8_t *types, uint32_t count)
{
    static const uint8_t none = RFB_SECURITY_NONE;
    if (memchr(types, none, count) == NULL) {
        session_fail(session, "RFB without a password is not offered", 0);
        return;
    }
    wait_for(session, PHASE_RESULT, RFB_RESULT_BYTES);
    session_say(session, &none, 1);
}

/* Answers the message that is whole now, and says what is waited for next. */
static void answer(struct session *session)
{
    static const uint8_t shared = SHARED;
    const uint8_t *message = (const uint8_t *)session->opening->head;

    switch (session->phase) {
    case PHASE_VERSION:
        if (memcmp(message, RFB_VERSION, RFB_VERSION_BYTES) != 0) {
            session_fail(session, "this is not RFB 3.8", 0);
            return;
        }
        wait_for(session, PHASE_SECURITY_COUNT, 1);
        session_say(session, (const uint8_t *)RFB_VERSION, RFB_VERSION_BYTES);
        return;
    case PHASE_SECURITY_COUNT:
        if (message[0] == 0)
            session_fail(session, "the RFB server refused the connection", 0);
        else
            wait_for(session, PHASE_SECURITY_TYPES, message[0]);
        return;
    case PHASE_SECURITY_TYPES:
        answer_types(session, message, session->opening->need);
        return;
    case PHASE_RESULT:
        if (get_u32(message) != 0) {
            session_fail(session, "the RFB login failed", 0);
            return;
        }
        wait_for(session, PHASE_INIT, RFB_INIT_BYTES);
        session_say(session, &shared, 1);
        return;
    case PHASE_INIT: {
        uint32_t name = get_u32(message + RFB_NAME_LENGTH_AT);
        if (name >= HEAD_ROOM)
            session_fail(session, "the screen's name is too long", 0);
        else if (name == 0)
            send_order(session);
        else
            wait_for(session, PHASE_NAME, name);
        return;
    }
    case PHASE_NAME:
        send_order(session);
        return;
    default:
        run(session);
    }
}

void rfb_begin(struct session *session)
{
    wait_for(session, PHASE_VERSION, RFB_VERSION_BYTES);
}

size_t rfb_take(struct session *session, const uint8_t *data, size_t length)
{
    size_t used = 0;
    while (used < length && session->phase < PHASE_RUNNING) {
        struct opening *opening = session->opening;
        size_t more = opening->need - opening->have;
        if (more > length - used)
            more = length - used;
        memcpy(opening->head + opening->have, data + used, more);
        opening->have += (uint32_t)more;
        used += more;
        if (opening->have == opening->need)
            answer(session);
    }
    return used;
}
