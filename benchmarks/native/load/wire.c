#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/process.h"

/* The payload of the longest TLS record. */
#define RECORD (16U << 10)

bool wire_connect(struct wire *wire, uint16_t port, uint8_t source)
{
    struct sockaddr_in from = loopback(0), to = loopback(port);
    int on = 1;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + source);
    wire->ssl = NULL;
    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->fd < 0)
        return false;
    /* The port is chosen when connecting, when the other end counts as well. */
    setsockopt(wire->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    send_at_once(wire->fd);
    return bind(wire->fd, (struct sockaddr *)&from, sizeof from) == 0 &&
           (connect(wire->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS);
}

bool wire_connected(const struct wire *wire)
{
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    return error == 0;
}

/* What became of a call of OpenSSL that moved nothing. */
static int moved_nothing(const struct wire *wire, int result)
{
    switch (SSL_get_error(wire->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return WIRE_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return WIRE_END;
    default:
        ERR_clear_error();
        return WIRE_BROKEN;
    }
}

int wire_handshake(struct wire *wire, SSL_CTX *context)
{
    if (wire->ssl == NULL) {
        wire->ssl = SSL_new(context);
        if (wire->ssl == NULL || SSL_set_fd(wire->ssl, wire->fd) != 1)
            return WIRE_BROKEN;
    }
    int result = SSL_connect(wire->ssl);
    return result == 1 ? 1 : moved_nothing(wire, result);
}

static ssize_t read_records(struct wire *wire, uint8_t *into, size_t room)
{
    size_t got = 0;
    while (room - got >= RECORD) {
        int length = SSL_read(wire->ssl, into + got, (int)(room - got));
        if (length <= 0) {
            int why = moved_nothing(wire, length);
            return got > 0 ? (ssize_t)got : why;
        }
        got += (size_t)length;
    }
    return (ssize_t)got;
}

ssize_t wire_read(struct wire *wire, uint8_t *into, size_t room)
{
    if (wire->ssl != NULL)
        return read_records(wire, into, room);
    ssize_t got = recv(wire->fd, into, room, 0);
    if (got < 0)
        return errno == EAGAIN ? WIRE_AGAIN : WIRE_BROKEN;
    return got;
}

ssize_t wire_write(struct wire *wire, const uint8_t *data, size_t length)
{
    if (wire->ssl != NULL) {
        int sent = SSL_write(wire->ssl, data, (int)length);
        return sent > 0 ? sent : moved_nothing(wire, sent);
    }
    ssize_t sent = send(wire->fd, data, length, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN ? WIRE_AGAIN : WIRE_BROKEN;
    return sent;
}

bool wire_pending(const struct wire *wire)
{
    return wire->ssl != NULL && SSL_has_pending(wire->ssl);
}

void wire_half_close(struct wire *wire)
{
    if (wire->ssl != NULL)
        SSL_shutdown(wire->ssl);
    shutdown(wire->fd, SHUT_WR);
}

void wire_close(struct wire *wire)
{
    SSL_free(wire->ssl);
    wire->ssl = NULL;
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
    ERR_clear_error();
}
