/*
 * The work order: the first bytes that a viewer sends behind the RFB login. They tell the guest
 * what to do in this session. The report is asked for without a login, right after connecting.
 */
#ifndef COMMON_ORDER_H
#define COMMON_ORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

#define ORDER_MAGIC "WORK"
#define ORDER_MAGIC_BYTES 4
#define ORDER_BYTES 16
/* Keys, echoes and frames of a flood: about as small as RFB's key and pointer events. */
#define SMALL_BYTES 10
/* The guest remembers when so many keys of a session came. */
#define MOST_KEYS 4096
/* Where a key's record has the time of its sending. */
#define KEY_TIME_AT 2

enum work {
    WORK_STREAM = 'S', /* send */
    WORK_ECHO = 'E',   /* send back what comes */
    WORK_COUNT = 'C',  /* take what comes */
    WORK_IDLE = 'I',   /* one byte as a banner, then send back what comes, now and then */
    WORK_KEYS = 'K',   /* send flat out, and note when the records of keys come */
    WORK_REPORT = 'R', /* a line of JSON with what was done until now */
};

struct order {
    enum work work;
    uint32_t write_bytes;
    uint32_t rate_kib; /* KiB/s; 0: flat out */
};

static inline void order_write(const struct order *order, uint8_t out[ORDER_BYTES])
{
    memset(out, 0, ORDER_BYTES);
    memcpy(out, ORDER_MAGIC, ORDER_MAGIC_BYTES);
    out[4] = (uint8_t)order->work;
    put_u32(out + 8, order->write_bytes);
    put_u32(out + 12, order->rate_kib);
}

/* Whether these bytes were an order. */
static inline bool order_read(const uint8_t in[ORDER_BYTES], struct order *order)
{
    order->work = (enum work)in[4];
    order->write_bytes = get_u32(in + 8);
    order->rate_kib = get_u32(in + 12);
    return memcmp(in, ORDER_MAGIC, ORDER_MAGIC_BYTES) == 0;
}

#endif
