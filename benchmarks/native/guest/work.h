/* What a guest does behind the login. */
#ifndef GUEST_WORK_H
#define GUEST_WORK_H

#include <stdbool.h>

#include "connection.h"

/* Whether this work has a thread of its own; what has not is done by the main thread. */
bool work_has_thread(enum work work);

/* A thread's body: works until the connection ends, then calls `guest_finished`. */
void *work_run(void *connection);

/* Idle work: the banner. False if the connection ended. */
bool work_banner(struct connection *connection);

/* Idle work: sends back what is there. False if the connection ended. */
bool work_answer(struct connection *connection);

#endif
