/* A connection to the proxy: TCP, or TLS on it. */
#ifndef LOAD_WIRE_H
#define LOAD_WIRE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What wire_read, wire_write and wire_handshake return when no byte was moved. */
#define WIRE_END 0
#define WIRE_AGAIN (-1)
#define WIRE_BROKEN (-2)

struct wire {
    int fd;
    SSL *ssl; /* NULL: plain */
};

/* Begins to connect to 127.0.0.1, from 127.0.0.<source>, without waiting. False, with errno. */
bool wire_connect(struct wire *wire, uint16_t port, uint8_t source);

/* Whether the connection is there, once it is writable; else errno says why not. */
bool wire_connected(const struct wire *wire);

/* Goes on with the TLS handshake: 1 if it is done. Begins it at the first call. */
int wire_handshake(struct wire *wire, SSL_CTX *context);

/* Reads as much as there is, up to `room`, which is 16 KiB or more for TLS. */
ssize_t wire_read(struct wire *wire, uint8_t *into, size_t room);

ssize_t wire_write(struct wire *wire, const uint8_t *data, size_t length);

/* Whether bytes may wait that were taken off the socket: no event will tell of them. */
bool wire_pending(const struct wire *wire);

/* Says that nothing more will be sent. */
void wire_half_close(struct wire *wire);

void wire_close(struct wire *wire);

#endif
