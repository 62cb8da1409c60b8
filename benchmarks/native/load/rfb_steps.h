/* The viewer's side of the RFB login, a step for each message of the server. */
#ifndef LOAD_RFB_STEPS_H
#define LOAD_RFB_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "session.h"

/* Waits for the server's version. */
void rfb_begin(struct session *session);

/*
 * Takes payload, cut anywhere, and answers each message that is whole, at last with the work
 * order. Returns how many bytes belonged to the login.
 */
size_t rfb_take(struct session *session, const uint8_t *data, size_t length);

#endif
