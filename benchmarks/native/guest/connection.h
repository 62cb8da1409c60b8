/* One connection to the guest. The main thread owns it; a thread of its own may do its work. */
#ifndef GUEST_CONNECTION_H
#define GUEST_CONNECTION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "../common/order.h"

/* How long keys were under way, in nanoseconds; one thread writes, another may read `count`. */
struct keys {
    _Atomic uint32_t count;
    uint64_t ns[MOST_KEYS];
};

enum step { STEP_VERSION, STEP_SECURITY, STEP_INIT, STEP_ORDER, STEP_REPORT, STEP_WORK };

struct connection {
    struct connection *next, *previous;
    struct connection *next_finished;
    struct guest *guest;
    int fd;
    enum step step;
    uint8_t have; /* bytes of this step's message */
    uint8_t message[ORDER_BYTES];
    struct order order;
    pthread_t thread;
    /* Behind the login. One thread writes each, others may read them. */
    _Atomic uint64_t sent, received;
    struct keys *keys;
};

/* Adds to a counter that nobody else adds to. */
static inline void count_up(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + more, memory_order_relaxed);
}

#endif
