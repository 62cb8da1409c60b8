#define _GNU_SOURCE
#include "crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS 256

static void fail(struct crew *crew, const struct session *session)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!atomic_load(&crew->failed)) {
        session_failure(session, crew->failure);
        atomic_store(&crew->failed, true);
    }
    pthread_mutex_unlock(&lock);
}

uint32_t crew_read(struct session *session, uint32_t events, struct worker *worker)
{
    (void)events;
    session_continue(session, worker->crew->tls, worker->buffer, READ_ROOM);
    return EPOLLIN;
}

static void watch(struct worker *worker, struct session *session, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = session};
    epoll_ctl(worker->poller, operation, session->wire.fd, &event);
}

static void start(struct worker *worker, struct session *session)
{
    struct crew *crew = worker->crew;
    uint32_t number = atomic_fetch_add(&crew->next_number, 1);
    session_start(session, crew->options, crew->tls, &crew->role->order, number,
                  crew->role->cycle);
    worker->opening++;
    if (session->phase == PHASE_FAILED)
        fail(crew, session);
    else
        watch(worker, session, EPOLL_CTL_ADD, EPOLLOUT);
}

static void start_more(struct worker *worker)
{
    while (worker->started < worker->count && worker->opening < worker->flight &&
           !crew_failed(worker->crew))
        start(worker, worker->crew->sessions + worker->first + worker->started++);
}

static void opened(struct worker *worker, struct session *session)
{
    worker->opening--;
    atomic_fetch_add(&worker->crew->opened, 1);
    if (worker->crew->role->cycle)
        session_close(session);
    else
        watch(worker, session, EPOLL_CTL_MOD, worker->crew->role->events);
    start_more(worker);
}

static void handle(struct worker *worker, struct session *session, uint32_t events)
{
    const struct role *role = worker->crew->role;
    if (session->phase == PHASE_RUNNING) {
        uint32_t wanted = role->handle(session, events, worker);
        if (wanted == 0) {
            epoll_ctl(worker->poller, EPOLL_CTL_DEL, session->wire.fd, NULL);
            atomic_fetch_add(&worker->crew->left_alone, 1);
        }
    } else {
        bool connecting = session->phase == PHASE_CONNECT;
        session_continue(session, worker->crew->tls, worker->buffer, READ_ROOM);
        if (connecting && session->phase != PHASE_FAILED)
            watch(worker, session, EPOLL_CTL_MOD, EPOLLIN);
        if (session->phase == PHASE_RUNNING)
            opened(worker, session);
    }
    if (session->phase == PHASE_CLOSED) {
        session_drop(session);
        atomic_fetch_add(&worker->crew->closed, 1);
        start(worker, session);
    }
    if (session->phase == PHASE_FAILED && !(role->may_end && session->failed_in == PHASE_RUNNING))
        fail(worker->crew, session);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct epoll_event events[EVENTS];
    start_more(worker);
    while (!atomic_load_explicit(&worker->crew->stop, memory_order_relaxed)) {
        int count = epoll_wait(worker->poller, events, EVENTS, -1);
        for (int i = 0; i < count && !crew_failed(worker->crew); i++)
            if (events[i].data.ptr != NULL)
                handle(worker, events[i].data.ptr, events[i].events);
        if (crew_failed(worker->crew))
            break;
    }
    return NULL;
}

static uint32_t cores(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

void crew_start(struct crew *crew, const struct options *options, const struct role *role,
                SSL_CTX *tls)
{
    uint32_t workers = role->sessions < cores() ? role->sessions : cores();
    *crew = (struct crew){.options = options, .role = role, .tls = tls};
    crew->sessions = calloc(role->sessions, sizeof *crew->sessions);
    crew->workers = calloc(workers, sizeof *crew->workers);
    crew->worker_count = workers;
    for (uint32_t i = 0; i < role->sessions; i++)
        crew->sessions[i].wire.fd = -1;
    for (uint32_t i = 0, first = 0; i < workers; i++) {
        struct worker *worker = crew->workers + i;
        struct epoll_event woken = {.events = EPOLLIN, .data.ptr = NULL};
        worker->crew = crew;
        worker->first = first;
        worker->count = (role->sessions - first) / (workers - i);
        worker->flight = (options->flight + workers - 1) / workers;
        worker->buffer = aligned_alloc(4096, READ_ROOM);
        worker->poller = epoll_create1(EPOLL_CLOEXEC);
        worker->wake = eventfd(0, EFD_CLOEXEC);
        epoll_ctl(worker->poller, EPOLL_CTL_ADD, worker->wake, &woken);
        first += worker->count;
        pthread_create(&worker->thread, NULL, work, worker);
    }
}

bool crew_failed(const struct crew *crew)
{
    return atomic_load_explicit(&crew->failed, memory_order_acquire);
}

void crew_stop(struct crew *crew)
{
    atomic_store(&crew->stop, true);
    for (uint32_t i = 0; i < crew->worker_count; i++)
        eventfd_write(crew->workers[i].wake, 1);
    for (uint32_t i = 0; i < crew->worker_count; i++)
        pthread_join(crew->workers[i].thread, NULL);
}

void crew_free(struct crew *crew)
{
    for (uint32_t i = 0; i < crew->role->sessions; i++)
        session_drop(crew->sessions + i);
    for (uint32_t i = 0; i < crew->worker_count; i++) {
        close(crew->workers[i].poller);
        close(crew->workers[i].wake);
        free(crew->workers[i].buffer);
    }
    free(crew->sessions);
    free(crew->workers);
}

uint64_t crew_payload(const struct crew *crew)
{
    uint64_t payload = 0;
    for (uint32_t i = 0; i < crew->role->sessions; i++)
        payload += session_payload(crew->sessions + i);
    return payload;
}
