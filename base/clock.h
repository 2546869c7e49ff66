/*
 * clock.h -- the wall clock and the steady clock, in the units the rest uses.
 */
#ifndef FRESHET_BASE_CLOCK_H
#define FRESHET_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);   /* milliseconds since 1970, may step back */
int64_t clock_wall_us(void);   /* microseconds since 1970, may step back */
int64_t clock_steady_us(void); /* microseconds since some start, never steps back */

#endif
