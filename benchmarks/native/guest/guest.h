/* The guest: its connections, and the thread that owns them. */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "connection.h"

struct guest {
    int listener, poller, signals, wake;
    uint16_t port;
    struct connection *connections;
    /* Connections whose thread is at its end, to be joined by the main thread. */
    pthread_mutex_t lock;
    struct connection *finished;
    /* What connections did that are gone. */
    uint64_t sessions, sent, received;
};

/* Listens; port 0 is any. False, with errno, if that cannot be. */
bool guest_open(struct guest *guest, uint16_t port);

/* Serves until SIGTERM, SIGINT, or the end of stdin, where that is a pipe or a terminal. */
void guest_serve(struct guest *guest);

/* Ends all connections and joins their threads. */
void guest_close(struct guest *guest);

/* Called by a connection's thread as its last deed. */
void guest_finished(struct connection *connection);

#endif
