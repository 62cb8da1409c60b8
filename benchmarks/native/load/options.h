/* What the load generator is asked to do. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *mode;
    uint16_t port;       /* of the proxy, or of the guest itself */
    uint16_t guest_port; /* where the guest is asked for its counters; 0: not known */
    bool raw;            /* RFB over plain TCP (or TLS): no websocket */
    bool tls;
    bool wait; /* go on behind "ready" when a line comes on stdin */
    uint32_t sessions;
    uint32_t busy;   /* streaming sessions beside the measured one */
    uint32_t flight; /* consoles that are being opened at a time */
    uint32_t write_bytes;
    uint32_t rate_kib; /* KiB/s: of each stream, or of the slow browser; 0: flat out */
    double seconds; /* the window */
    char **targets; /* request targets, each good for one session; NULL: all take the default */
    uint32_t target_count;
};

/* Reads the command line. False, with the reason on stderr, if it makes no sense. */
bool options_read(struct options *options, int argc, char **argv);

void options_free(struct options *options);

#endif
