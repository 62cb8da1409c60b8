#define _GNU_SOURCE
#include "upgrade.h"

#include <stdio.h>
#include <string.h>

/* The key and its answer are those of RFC 6455, section 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

size_t upgrade_request(char out[HEAD_ROOM], uint16_t port, bool tls, const char *target)
{
    int length = snprintf(out, HEAD_ROOM,
                          "GET %s HTTP/1.1\r\n"
                          "Host: 127.0.0.1:%u\r\n"
                          "Connection: Upgrade\r\n"
                          "Upgrade: websocket\r\n"
                          "Origin: %s://127.0.0.1:%u\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: " KEY "\r\n"
                          "Sec-WebSocket-Protocol: binary\r\n"
                          "\r\n",
                          target, port, tls ? "https" : "http", port);
    return length < HEAD_ROOM ? (size_t)length : 0;
}

bool upgrade_accepted(const char *head)
{
    static const char name[] = "\r\nSec-WebSocket-Accept:";
    if (strncmp(head, "HTTP/1.1 101 ", 13) != 0)
        return false;
    const char *value = strcasestr(head, name);
    if (value == NULL)
        return false;
    value += sizeof name - 1;
    value += strspn(value, " ");
    return strncmp(value, ACCEPT "\r\n", sizeof ACCEPT + 1) == 0;
}
