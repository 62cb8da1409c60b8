#include "samples.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void samples_sort(uint64_t *ns, size_t count)
{
    qsort(ns, count, sizeof *ns, compare);
}

double samples_us(const uint64_t *ns, size_t count, double share)
{
    if (count == 0)
        return 0;
    size_t rank = (size_t)ceil(share * (double)count);
    return (double)ns[rank > 0 ? rank - 1 : 0] / 1000;
}
