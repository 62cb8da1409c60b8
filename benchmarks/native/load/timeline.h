/*
 * The order of events of every mode: sessions open, warm-up, "ready", "start", a window, "end".
 * Each function is false if the run cannot go on: a session failed, a signal asked for the end,
 * or nothing came for too long. The reason has been told then.
 */
#ifndef LOAD_TIMELINE_H
#define LOAD_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "crew.h"

/* Before the window: until then socket buffers have grown. */
#define WARM_SECONDS 0.25

/* Lets SIGTERM and SIGINT end the run in good order. To be called before there are threads. */
void timeline_prepare(void);

/* Tells the reason, and returns false. */
bool timeline_fail(const char *reason);

/* Whether the run can go on; the crew may be NULL. */
bool timeline_good(const struct crew *crew);

/* Waits until all sessions run. */
bool timeline_opened(const struct crew *crew);

/* Waits the warm-up, tells "ready", and with --wait waits for a line on stdin. */
bool timeline_ready(const struct options *options, const struct crew *crew);

/* Waits, e.g. for the length of the window. */
bool timeline_pause(const struct crew *crew, double seconds);

#endif
