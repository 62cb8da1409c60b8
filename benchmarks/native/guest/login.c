#include "login.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../common/bytes.h"
#include "../common/rfb.h"

#define WIDTH 640
#define HEIGHT 480
#define NAME "bench"

static const uint8_t length_of[] = {
    [STEP_VERSION] = RFB_VERSION_BYTES,
    [STEP_SECURITY] = 1,
    [STEP_INIT] = 1,
    [STEP_ORDER] = ORDER_BYTES,
};

static bool say(struct connection *connection, const void *data, size_t length)
{
    return send(connection->fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool say_init(struct connection *connection)
{
    uint8_t init[RFB_INIT_BYTES + sizeof NAME - 1] = {0};
    put_u16(init, WIDTH);
    put_u16(init + 2, HEIGHT);
    init[4] = 32; /* bits per pixel */
    init[5] = 24; /* depth */
    init[7] = 1;  /* true colour; the maxima and shifts of red, green, blue */
    put_u16(init + 8, 255);
    put_u16(init + 10, 255);
    put_u16(init + 12, 255);
    init[14] = 16;
    init[15] = 8;
    put_u32(init + RFB_NAME_LENGTH_AT, sizeof NAME - 1);
    memcpy(init + RFB_INIT_BYTES, NAME, sizeof NAME - 1);
    return say(connection, init, sizeof init);
}

/* Answers the message that is whole now, and goes to the next step. */
static bool answer(struct connection *connection)
{
    static const uint8_t offer[] = {1, RFB_SECURITY_NONE};
    static const uint8_t accepted[RFB_RESULT_BYTES] = {0};

    switch (connection->step) {
    case STEP_VERSION:
        connection->step = STEP_SECURITY;
        return memcmp(connection->message, RFB_VERSION, RFB_VERSION_BYTES) == 0 &&
               say(connection, offer, sizeof offer);
    case STEP_SECURITY:
        connection->step = STEP_INIT;
        return connection->message[0] == RFB_SECURITY_NONE &&
               say(connection, accepted, sizeof accepted);
    case STEP_INIT:
        connection->step = STEP_ORDER;
        return say_init(connection);
    case STEP_ORDER:
        if (!order_read(connection->message, &connection->order))
            return false;
        connection->step =
            connection->order.work == WORK_REPORT ? STEP_REPORT : STEP_WORK;
        return true;
    default:
        return false;
    }
}

bool login_begin(struct connection *connection)
{
    connection->step = STEP_VERSION;
    return say(connection, RFB_VERSION, RFB_VERSION_BYTES);
}

bool login_continue(struct connection *connection)
{
    size_t missing = length_of[connection->step] - connection->have;
    ssize_t got =
        recv(connection->fd, connection->message + connection->have, missing, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN;
    if (got == 0)
        return false;
    connection->have += (uint8_t)got;
    if ((size_t)got < missing)
        return true;
    /* Who asks for the report has not logged in: its order begins where a version would. */
    if (connection->step == STEP_VERSION &&
        memcmp(connection->message, ORDER_MAGIC, ORDER_MAGIC_BYTES) == 0) {
        connection->step = STEP_ORDER;
        return true;
    }
    connection->have = 0;
    return answer(connection);
}
