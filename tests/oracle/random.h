/*
 * random.h -- numbers that are the same for the same seed on every machine (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
 */
#ifndef FRESHET_TESTS_ORACLE_RANDOM_H
#define FRESHET_TESTS_ORACLE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

static inline uint64_t
random_next(Random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* From 0 to below `limit`, which is at least 1. */
static inline int
random_below(Random *random, int limit)
{
    return (int) (random_next(random) % (uint64_t) limit);
}

static inline bool
random_percent(Random *random, int percent)
{
    return random_below(random, 100) < percent;
}

#endif
