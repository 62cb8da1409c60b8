#include "frames.h"

#include <string.h>

#include "../common/bytes.h"

#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE_BITS 0x0f
#define CONTROL_BIT 0x08
#define MASKED 0x80
#define LENGTH_16 126
#define LENGTH_64 127

static const uint8_t mask[4] = {0x5a, 0xc3, 0x17, 0x8e};

size_t frame_write(uint8_t *out, enum opcode opcode, const uint8_t *payload, size_t length)
{
    out[0] = (uint8_t)(FINAL | opcode);
    out[1] = (uint8_t)(MASKED | length);
    memcpy(out + 2, mask, sizeof mask);
    for (size_t i = 0; i < length; i++)
        out[SHORT_HEADER + i] = payload[i] ^ mask[i % sizeof mask];
    return SHORT_HEADER + length;
}

/* Bytes that the header has in all, as far as is known from those that are here. */
static uint8_t header_length(const struct frames *frames)
{
    if (frames->have < 2 || frames->header[1] < LENGTH_16)
        return 2;
    return frames->header[1] == LENGTH_16 ? 4 : 10;
}

/* Whether a server may send this header. */
static bool begin_frame(struct frames *frames)
{
    const uint8_t *header = frames->header;
    frames->opcode = header[0] & OPCODE_BITS;
    frames->have = 0;
    frames->held = 0;
    if (header[1] == LENGTH_16)
        frames->left = get_u16(header + 2);
    else if (header[1] == LENGTH_64)
        frames->left = get_u64(header + 2);
    else
        frames->left = header[1];
    if (header[0] & RESERVED || header[1] & MASKED)
        return false;
    if (frames->opcode & CONTROL_BIT)
        return frames->left <= SHORT_PAYLOAD && header[0] & FINAL;
    return frames->opcode == OPCODE_DATA || frames->opcode == 0;
}

static struct piece control(struct frames *frames)
{
    struct piece piece = {PIECE_CONTROL, frames->opcode, frames->control, frames->held};
    frames->opcode = OPCODE_DATA;
    return piece;
}

struct piece frames_next(struct frames *frames, const uint8_t **at, const uint8_t *end)
{
    while (*at < end) {
        if (frames->left == 0) {
            frames->header[frames->have++] = *(*at)++;
            if (frames->have < 2 || frames->have < header_length(frames))
                continue;
            if (!begin_frame(frames))
                return (struct piece){.kind = PIECE_WRONG};
            if (frames->left == 0 && frames->opcode & CONTROL_BIT)
                return control(frames);
            continue;
        }
        size_t length = (size_t)(end - *at);
        if (length > frames->left)
            length = frames->left;
        const uint8_t *from = *at;
        *at += length;
        frames->left -= length;
        if (!(frames->opcode & CONTROL_BIT))
            return (struct piece){PIECE_DATA, OPCODE_DATA, from, length};
        memcpy(frames->control + frames->held, from, length);
        frames->held += (uint8_t)length;
        if (frames->left == 0)
            return control(frames);
    }
    return (struct piece){.kind = PIECE_NONE};
}
