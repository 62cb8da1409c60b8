/* The websocket's opening handshake (RFC 6455, section 4.1). */
#ifndef LOAD_UPGRADE_H
#define LOAD_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer heads than this are not sent and not taken. */
#define HEAD_ROOM 4096

/* Writes the request; returns its length, or 0 if the target is too long. */
size_t upgrade_request(char out[HEAD_ROOM], uint16_t port, bool tls, const char *target);

/* Whether the response's head, which a NUL ends, opens the websocket. */
bool upgrade_accepted(const char *head);

#endif
