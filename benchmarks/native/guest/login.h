/* The server's side of the login, a step for each readable event, and the work order behind it. */
#ifndef GUEST_LOGIN_H
#define GUEST_LOGIN_H

#include <stdbool.h>

#include "connection.h"

/* Sends the version, with which a server begins. */
bool login_begin(struct connection *connection);

/*
 * Reads what is there of the present step's message, and answers when it is whole. Never reads
 * beyond it, so what follows the order is left to the work. `step` is STEP_WORK or STEP_REPORT
 * when the order is there. False if the connection ended or made no sense.
 */
bool login_continue(struct connection *connection);

#endif
