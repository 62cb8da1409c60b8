#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/process.h"
#include "login.h"
#include "report.h"
#include "work.h"

#define BACKLOG 4096
#define EVENTS 128
#define ACCEPTS 64

/* The address of a guest's own descriptor marks its events; other events are of connections. */
static bool watch(struct guest *guest, int fd, void *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
    return epoll_ctl(guest->poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool guest_open(struct guest *guest, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    socklen_t length = sizeof address;
    int on = 1;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    pthread_mutex_init(&guest->lock, NULL);
    guest->poller = epoll_create1(EPOLL_CLOEXEC);
    guest->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    guest->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    guest->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(guest->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(guest->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(guest->listener, BACKLOG) != 0 ||
        getsockname(guest->listener, (struct sockaddr *)&address, &length) != 0)
        return false;
    guest->port = ntohs(address.sin_port);
    return watch(guest, guest->listener, &guest->listener) &&
           watch(guest, guest->wake, &guest->wake) &&
           watch(guest, guest->signals, &guest->signals);
}

static void forget(struct connection *connection)
{
    struct guest *guest = connection->guest;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        guest->connections = connection->next;
    guest->sent += atomic_load_explicit(&connection->sent, memory_order_relaxed);
    guest->received += atomic_load_explicit(&connection->received, memory_order_relaxed);
    close(connection->fd);
    free(connection->keys);
    free(connection);
}

static void accept_some(struct guest *guest)
{
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(guest->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) {
            close(fd);
            return;
        }
        send_at_once(fd);
        connection->fd = fd;
        connection->guest = guest;
        connection->next = guest->connections;
        if (connection->next != NULL)
            connection->next->previous = connection;
        guest->connections = connection;
        if (!login_begin(connection) || !watch(guest, fd, connection))
            forget(connection);
    }
}

void guest_finished(struct connection *connection)
{
    struct guest *guest = connection->guest;
    pthread_mutex_lock(&guest->lock);
    connection->next_finished = guest->finished;
    guest->finished = connection;
    pthread_mutex_unlock(&guest->lock);
    eventfd_write(guest->wake, 1);
}

static void join_finished(struct guest *guest)
{
    eventfd_t count;
    eventfd_read(guest->wake, &count);
    pthread_mutex_lock(&guest->lock);
    struct connection *connection = guest->finished;
    guest->finished = NULL;
    pthread_mutex_unlock(&guest->lock);
    while (connection != NULL) {
        struct connection *next = connection->next_finished;
        pthread_join(connection->thread, NULL);
        forget(connection);
        connection = next;
    }
}

static bool begin_work(struct connection *connection)
{
    struct guest *guest = connection->guest;
    guest->sessions++;
    if (!work_has_thread(connection->order.work))
        return work_banner(connection);
    if (connection->order.work == WORK_KEYS &&
        (connection->keys = calloc(1, sizeof *connection->keys)) == NULL)
        return false;
    epoll_ctl(guest->poller, EPOLL_CTL_DEL, connection->fd, NULL);
    return pthread_create(&connection->thread, NULL, work_run, connection) == 0;
}

/* False if the connection is at its end. */
static bool readable(struct connection *connection)
{
    if (connection->step == STEP_WORK)
        return work_answer(connection);
    if (!login_continue(connection))
        return false;
    if (connection->step == STEP_REPORT) {
        report_send(connection->guest, connection->fd);
        return false;
    }
    return connection->step != STEP_WORK || begin_work(connection);
}

void guest_serve(struct guest *guest)
{
    struct epoll_event events[EVENTS];
    int input = STDIN_FILENO;
    /* Files and /dev/null cannot be watched, and never close. */
    watch(guest, input, &input);
    for (;;) {
        int count = epoll_wait(guest->poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            void *mark = events[i].data.ptr;
            char unread[256];
            if (mark == &guest->signals)
                return;
            if (mark == &input && read(input, unread, sizeof unread) <= 0)
                return;
            if (mark == &guest->listener)
                accept_some(guest);
            else if (mark == &guest->wake)
                join_finished(guest);
            else if (mark != &input && !readable(mark))
                forget(mark);
        }
    }
}

void guest_close(struct guest *guest)
{
    close(guest->listener);
    for (struct connection *each = guest->connections; each != NULL; each = each->next)
        shutdown(each->fd, SHUT_RDWR);
    while (guest->connections != NULL) {
        struct connection *connection = guest->connections;
        if (connection->step == STEP_WORK && work_has_thread(connection->order.work))
            pthread_join(connection->thread, NULL);
        forget(connection);
    }
    close(guest->signals);
    close(guest->wake);
    close(guest->poller);
    pthread_mutex_destroy(&guest->lock);
}
