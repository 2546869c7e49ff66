#include <sys/random.h>
#include <time.h>

#include "expr/functions/family.h"
#include "types/datetime.h"

/* What is another value at each call: chance and the clock. No constant, and nothing that can be maintained. */

static uint64_t
random_bits(void)
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t) sizeof bits)
        bug("no random bytes");
    return bits;
}

/* A generator of each thread's own (splitmix64): the kernel is asked once. */
static uint64_t
random_next(void)
{
    static _Thread_local uint64_t state;
    static _Thread_local bool seeded;
    if (!seeded) {
        state = random_bits();
        seeded = true;
    }
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

ROW_FUNCTION(random_float)
{
    return give_float(result, (double) (random_next() >> 11) * 0x1p-53);
}

ROW_FUNCTION(random_uuid)
{
    uint64_t halves[2] = {random_bits(), random_bits()};
    *result = (Datum){0};
    memcpy(result->b16, halves, sizeof halves);
    unsigned char *bytes = (unsigned char *) result->b16;
    bytes[6] = (unsigned char) ((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char) ((bytes[8] & 0x3f) | 0x80);
    return true;
}

static int64_t
clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000 - EPOCH_SHIFT_US;
}

ROW_FUNCTION(clock_timestamp)
{
    return give_int(result, clock_now());
}

ROW_FUNCTION(time_of_day)
{
    Buffer out = {0};
    const char *zone = call_zone(call) == NULL ? "UTC" : call_zone(call);
    if (timestamp_to_char(clock_now(), slice_of("Dy Mon DD HH24:MI:SS.US YYYY TZ"), zone, &out, err))
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

/* Sleeping would hold up every session, and chance is no sequence of one session's. */
ROW_FUNCTION(refused)
{
    (void) result;
    return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "function %s is not supported", call->function->name);
}

const Function functions_volatile[] = {
#include "expr/functions/volatile.def"
};
const size_t functions_volatile_count = sizeof functions_volatile / sizeof *functions_volatile;
