/* What the guest counted until now. */
#ifndef LOAD_GUEST_REPORT_H
#define LOAD_GUEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_report {
    uint64_t received, sent; /* bytes behind logins */
    uint64_t *keys_ns;       /* how long keys were under way; of the sessions that are open */
    size_t keys;
};

/* Asks the guest at this port of 127.0.0.1. False if it did not answer. */
bool guest_report_ask(struct guest_report *report, uint16_t port);

void guest_report_free(struct guest_report *report);

#endif
