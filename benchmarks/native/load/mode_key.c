/* key: how long a key is under way while the screen streams flat out to a slow browser. */
#define _GNU_SOURCE
#include <inttypes.h>

#include "../common/bytes.h"
#include "../common/clock.h"
#include "../common/order.h"
#include "events.h"
#include "guest_report.h"
#include "modes.h"
#include "samples.h"
#include "solo.h"
#include "timeline.h"

#define KEY_NS (NS_PER_SECOND / 20)
/* The browser looks this often whether it may read. */
#define TICK_NS (NS_PER_SECOND / 500)
/* It reads so much at a time, and so much at most after it found nothing for a while. */
#define LEAST_READ (16U << 10)
#define MOST_READ (256U << 10)
/* Keys that have not come after this long never will. */
#define PATIENCE_NS (5 * NS_PER_SECOND)

struct browser {
    struct solo *solo;
    uint64_t rate; /* bytes/s; 0: flat out */
    uint64_t looked, next_key;
    uint64_t credit; /* bytes that it may read by now */
    size_t pressed;
    uint64_t pressed_at[MOST_KEYS];
};

static void press(struct browser *browser, uint64_t now)
{
    uint8_t key[SMALL_BYTES] = {0};
    put_u64(key + KEY_TIME_AT, now);
    session_say(&browser->solo->session, key, sizeof key);
    browser->pressed_at[browser->pressed++] = now;
    browser->next_key = now + KEY_NS;
}

static void read_slowly(struct browser *browser, uint64_t now)
{
    struct session *session = &browser->solo->session;
    uint64_t known = session_payload(session), room = READ_ROOM;
    if (browser->rate > 0) {
        browser->credit += (now - browser->looked) * browser->rate / NS_PER_SECOND;
        browser->credit = browser->credit < MOST_READ ? browser->credit : MOST_READ;
        room = browser->credit;
    }
    browser->looked = now;
    if (room < LEAST_READ)
        return;
    session_continue(session, browser->solo->tls, browser->solo->buffer, room);
    uint64_t read = session_payload(session) - known;
    browser->credit -= read < browser->credit ? read : browser->credit;
}

/* One look at what is due. */
static bool tick(struct browser *browser, bool pressing)
{
    const struct timespec pause = clock_timespec(TICK_NS);
    uint64_t now = clock_ns();
    if (pressing && now >= browser->next_key && browser->pressed < MOST_KEYS)
        press(browser, now);
    read_slowly(browser, now);
    nanosleep(&pause, NULL);
    return solo_good(browser->solo) && timeline_good(NULL);
}

static bool type_for(struct browser *browser, double seconds)
{
    uint64_t due = clock_ns() + (uint64_t)(seconds * (double)NS_PER_SECOND);
    while (clock_ns() < due)
        if (!tick(browser, true))
            return false;
    return true;
}

/* Waits until the guest has all keys, or will not get them; the report is the caller's to free. */
static bool all_came(struct browser *browser, uint16_t guest_port, struct guest_report *report)
{
    uint64_t due = clock_ns() + PATIENCE_NS;
    for (;;) {
        if (!guest_report_ask(report, guest_port))
            return timeline_fail("the guest did not say when keys came");
        if (report->keys >= browser->pressed || clock_ns() > due)
            return true;
        guest_report_free(report);
        if (!tick(browser, false))
            return false;
    }
}

/* Keys that did not come count with the time that they have been under way until now. */
static void tell(const struct browser *browser, const struct guest_report *report, size_t first,
                 uint64_t queued)
{
    uint64_t ns[MOST_KEYS], now = clock_ns();
    size_t count = browser->pressed - first, missing = browser->pressed - report->keys;
    for (size_t i = 0; i < count; i++) {
        size_t key = first + i;
        ns[i] = key < report->keys ? report->keys_ns[key] : now - browser->pressed_at[key];
    }
    samples_sort(ns, count);
    event_end("\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f,\"samples\":%zu,\"missing\":%zu,"
              "\"queued\":%" PRIu64,
              samples_us(ns, count, 0.5), samples_us(ns, count, 0.99), samples_us(ns, count, 1),
              count, missing < count ? missing : count, queued);
}

static bool measure(struct browser *browser, const struct options *options, uint64_t sent_before)
{
    struct guest_report report;
    if (!type_for(browser, WARM_SECONDS) || !timeline_ready(options, NULL))
        return false;
    event_tell("start");
    size_t first = browser->pressed;
    if (!type_for(browser, options->seconds) ||
        !all_came(browser, options->guest_port, &report))
        return false;
    uint64_t queued = report.sent - sent_before - session_payload(&browser->solo->session);
    tell(browser, &report, first, queued);
    guest_report_free(&report);
    return true;
}

bool mode_key(const struct options *options, SSL_CTX *tls)
{
    struct order order = {WORK_KEYS, options->write_bytes, 0};
    struct guest_report before;
    struct solo solo;
    if (!guest_report_ask(&before, options->guest_port))
        return timeline_fail("the guest did not answer");
    guest_report_free(&before);
    bool good = solo_open(&solo, options, tls, &order, 0);
    struct browser browser = {
        .solo = &solo,
        .rate = (uint64_t)options->rate_kib * 1024,
        .looked = clock_ns(),
    };
    good = good && measure(&browser, options, before.sent);
    solo_drop(&solo);
    return good;
}
