/* What the load generator tells, one line of JSON each. */
#ifndef LOAD_EVENTS_H
#define LOAD_EVENTS_H

/* {"event": name}. */
void event_tell(const char *name);

/* {"event":"error","reason":...}. */
void event_error(const char *reason);

/* {"event":"end", ...}, with these members. */
void event_end(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
