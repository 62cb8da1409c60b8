#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../common/clock.h"
#include "../common/order.h"
#include "guest.h"

#define LONGEST_WRITE (16U << 20)
#define COUNT_BUFFER (1U << 20)
#define ECHO_BUFFER (64U << 10)

/* Waits until then; false if the viewer has gone meanwhile. */
static bool wait_until(int fd, uint64_t due)
{
    uint64_t now = clock_ns();
    if (now >= due)
        return true;
    struct timespec left = clock_timespec(due - now);
    struct pollfd gone = {.fd = fd, .events = POLLRDHUP};
    return ppoll(&gone, 1, &left, NULL) == 0;
}

static bool send_all(int fd, const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void stream(struct connection *connection)
{
    uint32_t length = connection->order.write_bytes;
    uint64_t rate = (uint64_t)connection->order.rate_kib * 1024;
    if (length == 0 || length > LONGEST_WRITE)
        return;
    uint8_t *data = malloc(length);
    if (data == NULL)
        return;
    for (uint32_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i * 7);
    uint64_t begun = clock_ns();
    for (uint64_t sent = 0; send_all(connection->fd, data, length);) {
        sent += length;
        count_up(&connection->sent, length);
        if (rate > 0 && !wait_until(connection->fd, begun + sent * NS_PER_SECOND / rate))
            break;
    }
    free(data);
}

static void echo(struct connection *connection)
{
    uint8_t buffer[ECHO_BUFFER];
    ssize_t got;
    while ((got = recv(connection->fd, buffer, sizeof buffer, 0)) > 0) {
        count_up(&connection->received, (uint64_t)got);
        if (!send_all(connection->fd, buffer, (size_t)got))
            break;
        count_up(&connection->sent, (uint64_t)got);
    }
}

static void count(struct connection *connection)
{
    uint8_t *buffer = malloc(COUNT_BUFFER);
    ssize_t got;
    while (buffer != NULL && (got = recv(connection->fd, buffer, COUNT_BUFFER, 0)) > 0)
        count_up(&connection->received, (uint64_t)got);
    free(buffer);
}

static void note_keys(struct connection *connection)
{
    struct keys *keys = connection->keys;
    uint8_t key[SMALL_BYTES];
    while (recv(connection->fd, key, sizeof key, MSG_WAITALL) == sizeof key) {
        uint64_t under_way = clock_ns() - get_u64(key + KEY_TIME_AT);
        uint32_t known = atomic_load_explicit(&keys->count, memory_order_relaxed);
        count_up(&connection->received, sizeof key);
        if (known == MOST_KEYS)
            break;
        keys->ns[known] = under_way;
        atomic_store_explicit(&keys->count, known + 1, memory_order_release);
    }
}

static void *stream_beside(void *connection)
{
    stream(connection);
    return NULL;
}

static void stream_and_note_keys(struct connection *connection)
{
    pthread_t streaming;
    if (pthread_create(&streaming, NULL, stream_beside, connection) != 0)
        return;
    note_keys(connection);
    shutdown(connection->fd, SHUT_RDWR);
    pthread_join(streaming, NULL);
}

bool work_has_thread(enum work work)
{
    return work != WORK_IDLE;
}

void *work_run(void *argument)
{
    struct connection *connection = argument;
    switch (connection->order.work) {
    case WORK_STREAM:
        stream(connection);
        break;
    case WORK_ECHO:
        echo(connection);
        break;
    case WORK_COUNT:
        count(connection);
        break;
    case WORK_KEYS:
        stream_and_note_keys(connection);
        break;
    default:
        break;
    }
    guest_finished(connection);
    return NULL;
}

bool work_banner(struct connection *connection)
{
    count_up(&connection->sent, 1);
    return send(connection->fd, "!", 1, MSG_NOSIGNAL) == 1;
}

bool work_answer(struct connection *connection)
{
    uint8_t buffer[256];
    ssize_t got = recv(connection->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN;
    if (got == 0)
        return false;
    count_up(&connection->received, (uint64_t)got);
    count_up(&connection->sent, (uint64_t)got);
    return send_all(connection->fd, buffer, (size_t)got);
}
