/* One session, driven by the calling thread. */
#ifndef LOAD_SOLO_H
#define LOAD_SOLO_H

#include "session.h"

struct solo {
    struct session session;
    SSL_CTX *tls;
    uint8_t *buffer;
};

/* Opens a console; false if that failed, which has been told. `number` chooses the target. */
bool solo_open(struct solo *solo, const struct options *options, SSL_CTX *tls,
               const struct order *order, uint32_t number);

/* Waits for something to read, up to this long, and reads; false if the session is at its end. */
bool solo_read(struct solo *solo, int milliseconds);

/* Whether the session runs; else the reason has been told. */
bool solo_good(const struct solo *solo);

void solo_drop(struct solo *solo);

#endif
