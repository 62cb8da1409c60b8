/* Many sessions, driven by epoll threads: one for one session, up to the cores for more. */
#ifndef LOAD_CREW_H
#define LOAD_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "options.h"
#include "session.h"

struct worker;

/* What the sessions of a crew are for. */
struct role {
    struct order order;
    uint32_t sessions;
    uint32_t events; /* epoll's, that a running session waits for */
    /* Closes each session as soon as it runs, and opens the next one in its place. */
    bool cycle;
    /* Sessions may end while they run; else this is a failure. */
    bool may_end;
    /*
     * Handles events of a running session. Returns the events it waits for from now on; 0 leaves
     * it alone for good.
     */
    uint32_t (*handle)(struct session *session, uint32_t events, struct worker *worker);
};

struct crew {
    const struct options *options;
    const struct role *role;
    SSL_CTX *tls; /* NULL: plain */
    struct session *sessions;
    struct worker *workers;
    uint32_t worker_count;
    _Atomic uint32_t next_number; /* of the session that is started next */
    _Atomic uint32_t opened;      /* sessions that came to run */
    _Atomic uint32_t left_alone;  /* sessions whose handler returned 0 */
    _Atomic uint64_t closed;      /* sessions that ended in good order, with `cycle` */
    _Atomic bool stop, failed;
    char failure[FAILURE_ROOM];
};

struct worker {
    struct crew *crew;
    pthread_t thread;
    int poller, wake;
    uint32_t first, count; /* its sessions */
    uint32_t started, opening, flight;
    uint8_t *buffer; /* READ_ROOM bytes */
};

/* A handler that reads and counts. */
uint32_t crew_read(struct session *session, uint32_t events, struct worker *worker);

/* Starts the threads, which open the sessions, --flight of them at a time. */
void crew_start(struct crew *crew, const struct options *options, const struct role *role,
                SSL_CTX *tls);

/* Whether a session failed; then `failure` says how. */
bool crew_failed(const struct crew *crew);

/* Joins the threads; the sessions stay, and are the caller's. */
void crew_stop(struct crew *crew);

/* Closes all sockets of a crew that was stopped. */
void crew_free(struct crew *crew);

/* Payload bytes of all sessions until now. */
uint64_t crew_payload(const struct crew *crew);

#endif
