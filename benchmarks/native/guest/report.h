/* What the guest counted, as one line of JSON. */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "guest.h"

/*
 * Sends {"received": bytes, "sent": bytes, "sessions": n, "keys_ns": [...]}: bytes behind logins
 * and sessions since the start, and how long the keys of sessions that are open were under way.
 */
void report_send(struct guest *guest, int fd);

#endif
