/* Times, and what they were at least in a share of the cases. */
#ifndef LOAD_SAMPLES_H
#define LOAD_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* Brings times into order, the shortest first. */
void samples_sort(uint64_t *ns, size_t count);

/* The time, in microseconds, that this share of sorted samples did not take longer than. */
double samples_us(const uint64_t *ns, size_t count, double share);

#endif
