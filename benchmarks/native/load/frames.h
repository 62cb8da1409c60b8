/* Websocket frames (RFC 6455, section 5): masked ones to send, and a reader of plain ones. */
#ifndef LOAD_FRAMES_H
#define LOAD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opcode { OPCODE_DATA = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };

/* The longest payload that frame_write takes, and of a control frame. */
#define SHORT_PAYLOAD 125
/* What a short masked frame has beside its payload. */
#define SHORT_HEADER 6

/* Writes a masked frame with up to 125 bytes of payload; returns its length. */
size_t frame_write(uint8_t *out, enum opcode opcode, const uint8_t *payload, size_t length);

/* Where a stream of a server's frames is; zeros at its beginning. */
struct frames {
    uint64_t left;    /* payload bytes of the present frame still to come */
    uint8_t opcode;
    uint8_t have;     /* bytes of the header being read */
    uint8_t held;     /* bytes of a control frame's payload that are here */
    uint8_t header[10];
    uint8_t control[SHORT_PAYLOAD];
};

enum piece_kind {
    PIECE_NONE,    /* all bytes are used */
    PIECE_DATA,    /* payload, in place */
    PIECE_CONTROL, /* a whole control frame's payload; `opcode` says of which */
    PIECE_WRONG,   /* no server may send this */
};

struct piece {
    enum piece_kind kind;
    enum opcode opcode;
    const uint8_t *at;
    size_t length;
};

/* Cuts the next piece off the bytes from `*at` to `end`, and moves `*at` behind it. */
struct piece frames_next(struct frames *frames, const uint8_t **at, const uint8_t *end);

#endif
