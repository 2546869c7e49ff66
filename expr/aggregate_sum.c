#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "expr/aggregate_internal.h"
#include "types/text_format.h"

/* ---- numerics as big integers: PostgreSQL's wire form is ndigits, weight, sign, dscale, digits to the base 10000 */

#define DIGIT_BASE   10000
#define DIGIT_PLACES 4

void
numeric_to_mpz(Numeric value, mpz_t coefficient, int32_t *scale)
{
    int digits = be16_read(value.bytes), weight = (int16_t) be16_read(value.bytes + 2);
    bool negative = be16_read(value.bytes + 4) == 0x4000;
    *scale = be16_read(value.bytes + 6);
    mpz_set_ui(coefficient, 0);
    for (int i = 0; i < digits; i++) {
        mpz_mul_ui(coefficient, coefficient, DIGIT_BASE);
        mpz_add_ui(coefficient, coefficient, be16_read(value.bytes + 8 + 2 * i));
    }
    int places = *scale + DIGIT_PLACES * (weight - digits + 1);
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long) abs(places));
    if (places >= 0)
        mpz_mul(coefficient, coefficient, power);
    else
        mpz_tdiv_q(coefficient, coefficient, power);
    mpz_clear(power);
    if (negative)
        mpz_neg(coefficient, coefficient);
}

Numeric
numeric_from_mpz(const mpz_t coefficient, int32_t scale, Arena *arena)
{
    Buffer text = {0};
    char *digits = mpz_get_str(NULL, 10, coefficient);
    const char *p = digits;
    if (*p == '-') {
        buffer_append_char(&text, '-');
        p++;
    }
    int32_t size = (int32_t) strlen(p);
    if (size <= scale)
        buffer_append_char(&text, '0');
    else
        buffer_append(&text, p, (size_t) (size - scale));
    if (scale > 0) {
        buffer_append_char(&text, '.');
        for (int32_t i = size; i < scale; i++)
            buffer_append_char(&text, '0');
        int32_t fraction = size < scale ? size : scale;
        buffer_append(&text, p + size - fraction, (size_t) fraction);
    }
    void (*release)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &release);
    release(digits, strlen(digits) + 1);
    Datum value = {0};
    Error err = ERROR_INIT;
    if (!datum_parse(SQL_TYPE(NUMERIC), buffer_slice(&text), NULL, arena, &value, &err))
        bug("a sum is no numeric: %s", err.message);
    buffer_deinit(&text);
    return value.bytes;
}

static const __int128 powers_of_ten[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};
#define POWERS_OF_TEN ((int) (sizeof powers_of_ten / sizeof *powers_of_ten))

/* ---- how many values have which scale */

typedef struct ScaleHeap {
    int count, capacity;
    ScaleCount slots[];
} ScaleHeap;

static ScaleCount *
slot_of(ScaleCount *slots, int count, int32_t scale, ScaleCount **unused)
{
    for (int i = 0; i < count; i++) {
        if (slots[i].count != 0 && slots[i].scale == scale)
            return &slots[i];
        if (slots[i].count == 0 && *unused == NULL)
            *unused = &slots[i];
    }
    return NULL;
}

/* A scale is in one slot at a time: where it is counted, else in a free one. */
void
scale_counts_add(ScaleCounts *counts, int32_t scale, int64_t diff)
{
    ScaleCount *unused = NULL, *slot = slot_of(counts->slots, SCALES_INLINE, scale, &unused);
    ScaleHeap *heap = counts->more;
    if (slot == NULL && heap != NULL)
        slot = slot_of(heap->slots, heap->count, scale, &unused);
    if (slot == NULL && unused == NULL) {
        if (heap == NULL || heap->count == heap->capacity) {
            int used = heap == NULL ? 0 : heap->count, capacity = used * 2 + 4;
            heap = memory_realloc(heap, sizeof *heap + sizeof(ScaleCount) * (size_t) capacity);
            heap->count = used;
            heap->capacity = capacity;
            counts->more = heap;
        }
        unused = &heap->slots[heap->count++];
    }
    if (slot == NULL) {
        slot = unused;
        *slot = (ScaleCount){.scale = scale};
    }
    slot->count += diff;
}

static int32_t
slots_max(const ScaleCount *slots, int count, int32_t most)
{
    for (int i = 0; i < count; i++) {
        if (slots[i].count != 0 && slots[i].scale > most)
            most = slots[i].scale;
    }
    return most;
}

int32_t
scale_counts_max(const ScaleCounts *counts)
{
    int32_t most = slots_max(counts->slots, SCALES_INLINE, 0);
    return counts->more == NULL ? most : slots_max(counts->more->slots, counts->more->count, most);
}

bool
scale_counts_are_zero(const ScaleCounts *counts)
{
    for (int i = 0; i < SCALES_INLINE; i++) {
        if (counts->slots[i].count != 0)
            return false;
    }
    for (int i = 0; counts->more != NULL && i < counts->more->count; i++) {
        if (counts->more->slots[i].count != 0)
            return false;
    }
    return true;
}

void
scale_counts_free(ScaleCounts *counts)
{
    free(counts->more);
    counts->more = NULL;
}

/* ---- sums of numerics */

static void
mpz_set_int128(mpz_t out, __int128 value)
{
    unsigned __int128 magnitude = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
    mpz_set_ui(out, (unsigned long) (magnitude >> 64));
    mpz_mul_2exp(out, out, 64);
    mpz_add_ui(out, out, (unsigned long) magnitude);
    if (value < 0)
        mpz_neg(out, out);
}

static void
mpz_scale_up(mpz_t value, int32_t places)
{
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long) places);
    mpz_mul(value, value, power);
    mpz_clear(power);
}

static void
mpz_times(mpz_t value, int64_t factor)
{
    mpz_mul_si(value, value, (long) factor);
}

static void
numeric_sum_add_big(NumericSum *state, Numeric value, int64_t diff)
{
    if (state->big == NULL) {
        state->big = memory_alloc(sizeof *state->big);
        mpz_init(*state->big);
        mpz_set_int128(*state->big, wide_get(&state->sum));
        wide_set(&state->sum, 0);
    }
    mpz_t coefficient;
    int32_t scale;
    mpz_init(coefficient);
    numeric_to_mpz(value, coefficient, &scale);
    if (scale > state->scale) {
        mpz_scale_up(*state->big, scale - state->scale);
        state->scale = scale;
    } else if (scale < state->scale) {
        mpz_scale_up(coefficient, state->scale - scale);
    }
    mpz_times(coefficient, diff);
    mpz_add(*state->big, *state->big, coefficient);
    mpz_clear(coefficient);
}

/* False: it does not fit in 128 bits. */
static bool
numeric_sum_add_small(NumericSum *state, Numeric value, int64_t diff)
{
    __int128 coefficient, sum = wide_get(&state->sum);
    int scale;
    if (!numeric_to_int128(value, &scale, &coefficient))
        return false;
    int places = scale - state->scale;
    if (places > 0 && (places >= POWERS_OF_TEN || __builtin_mul_overflow(sum, powers_of_ten[places], &sum)))
        return false;
    if (places < 0 &&
        (-places >= POWERS_OF_TEN || __builtin_mul_overflow(coefficient, powers_of_ten[-places], &coefficient)))
        return false;
    if (__builtin_mul_overflow(coefficient, (__int128) diff, &coefficient) ||
        __builtin_add_overflow(sum, coefficient, &sum))
        return false;
    wide_set(&state->sum, sum);
    if (places > 0)
        state->scale = scale;
    return true;
}

/* The common case: few digits, on the scale that the sum has already and that is counted first. */
static inline bool
numeric_sum_add_short(NumericSum *state, Numeric value, int64_t diff)
{
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    int digits = be16_read(value.bytes), sign = be16_read(value.bytes + 4), scale = be16_read(value.bytes + 6);
    ScaleCount *slot = &state->scales.slots[0];
    if (digits > 3 || (sign & 0x8000) != 0 || slot->count == 0 || slot->scale != scale || state->scale != scale ||
        state->big != NULL)
        return false;
    int64_t units = 0;
    for (int i = 0; i < digits; i++)
        units = units * DIGIT_BASE + be16_read(value.bytes + 8 + 2 * i);
    int places = digits == 0 ? 0 : scale + DIGIT_PLACES * ((int16_t) be16_read(value.bytes + 2) - digits + 1);
    if (places < -3 || places > 6)
        return false;
    units = places < 0 ? units / powers[-places] : units * powers[places];
    __int128 sum;
    if (__builtin_add_overflow(wide_get(&state->sum), (__int128) (sign != 0 ? -units : units) * diff, &sum))
        return false;
    wide_set(&state->sum, sum);
    state->count += diff;
    slot->count += diff;
    return true;
}

void
numeric_sum_add(NumericSum *state, Numeric value, int64_t diff)
{
    if (numeric_sum_add_short(state, value, diff))
        return;
    if (!numeric_is_finite(value)) {
        int64_t *count = numeric_is_nan(value)     ? &state->nan_count
                         : numeric_sign(value) > 0 ? &state->plus_count
                                                   : &state->minus_count;
        *count += diff;
        return;
    }
    if (state->big != NULL || !numeric_sum_add_small(state, value, diff))
        numeric_sum_add_big(state, value, diff);
    state->count += diff;
    scale_counts_add(&state->scales, numeric_scale(value), diff);
}

/* The sums alone, where they have the same scale and stay below 128 bits. */
static bool
numeric_sum_merge_small(NumericSum *into, const NumericSum *from)
{
    __int128 sum;
    if (into->big != NULL || from->big != NULL || into->scale != from->scale ||
        __builtin_add_overflow(wide_get(&into->sum), wide_get(&from->sum), &sum))
        return false;
    wide_set(&into->sum, sum);
    return true;
}

void
numeric_sum_merge(NumericSum *into, const NumericSum *from)
{
    if (!numeric_sum_merge_small(into, from)) {
        Arena *arena = arena_new();
        Numeric value = from->big != NULL ? numeric_from_mpz(*from->big, from->scale, arena)
                                          : numeric_from_int128(wide_get(&from->sum), from->scale, arena);
        if (into->big != NULL || !numeric_sum_add_small(into, value, 1))
            numeric_sum_add_big(into, value, 1);
        arena_free(arena);
    }
    into->count += from->count;
    into->nan_count += from->nan_count;
    into->plus_count += from->plus_count;
    into->minus_count += from->minus_count;
    for (int i = 0; i < SCALES_INLINE; i++)
        if (from->scales.slots[i].count != 0)
            scale_counts_add(&into->scales, from->scales.slots[i].scale, from->scales.slots[i].count);
    for (int i = 0; from->scales.more != NULL && i < from->scales.more->count; i++)
        if (from->scales.more->slots[i].count != 0)
            scale_counts_add(&into->scales, from->scales.more->slots[i].scale, from->scales.more->slots[i].count);
}

bool
numeric_sum_is_zero(const NumericSum *state)
{
    return state->count == 0 && wide_get(&state->sum) == 0 && state->nan_count == 0 && state->plus_count == 0 &&
           state->minus_count == 0 && scale_counts_are_zero(&state->scales) &&
           (state->big == NULL || mpz_sgn(*state->big) == 0);
}

void
numeric_sum_free(NumericSum *state)
{
    scale_counts_free(&state->scales);
    if (state->big != NULL)
        mpz_clear(*state->big);
    free(state->big);
    state->big = NULL;
}

static Numeric
special_numeric(const char *name, Arena *arena)
{
    Datum value = {0};
    Error err = ERROR_INIT;
    if (!datum_parse(SQL_TYPE(NUMERIC), slice_of(name), NULL, arena, &value, &err))
        bug("no numeric %s: %s", name, err.message);
    return value.bytes;
}

bool
numeric_sum_result(const NumericSum *state, Arena *arena, Numeric *sum, int64_t *count)
{
    *count = state->count + state->nan_count + state->plus_count + state->minus_count;
    if (*count == 0)
        return false;
    int32_t scale = scale_counts_max(&state->scales);
    if (state->nan_count > 0 || (state->plus_count > 0 && state->minus_count > 0))
        *sum = special_numeric("NaN", arena);
    else if (state->plus_count > 0 || state->minus_count > 0)
        *sum = special_numeric(state->plus_count > 0 ? "Infinity" : "-Infinity", arena);
    else if (state->big != NULL)
        *sum = numeric_round(numeric_from_mpz(*state->big, state->scale, arena), scale, arena);
    else if (scale == state->scale)
        *sum = numeric_from_int128(wide_get(&state->sum), scale, arena);
    else
        *sum = numeric_round(numeric_from_int128(wide_get(&state->sum), state->scale, arena), scale, arena);
    return true;
}

/* ---- sums of floats */

#define LOWEST_EXPONENT (-1074) /* of the smallest subnormal */
#define WINDOW_BITS     120     /* what `sum` may use of its 128 bits */

/* value = mantissa x 2^exponent, the mantissa odd; 0 for 0. */
static int64_t
float_parts(double value, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int biased = (int) (bits >> 52 & 0x7ff);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (biased != 0)
        mantissa |= UINT64_C(1) << 52;
    *exponent = (biased == 0 ? 1 : biased) - 1075;
    if (mantissa == 0)
        return 0;
    int zeros = __builtin_ctzll(mantissa);
    mantissa >>= zeros;
    *exponent += zeros;
    return bits >> 63 ? -(int64_t) mantissa : (int64_t) mantissa;
}

void
float_to_mpz(double value, mpz_t out)
{
    int exponent;
    int64_t mantissa = float_parts(value, &exponent);
    mpz_set_si(out, (long) mantissa);
    if (mantissa != 0)
        mpz_mul_2exp(out, out, (mp_bitcnt_t) (exponent - LOWEST_EXPONENT));
}

static FloatHeap *
float_heap(FloatSum *state)
{
    if (state->heap == NULL) {
        state->heap = memory_calloc(1, sizeof *state->heap);
        mpz_init(state->heap->sum);
    }
    return state->heap;
}

static void
float_sum_make_big(FloatSum *state)
{
    FloatHeap *heap = float_heap(state);
    if (heap->is_big)
        return;
    mpz_set_int128(heap->sum, wide_get(&state->sum));
    if (mpz_sgn(heap->sum) != 0)
        mpz_mul_2exp(heap->sum, heap->sum, (mp_bitcnt_t) (state->exponent - LOWEST_EXPONENT));
    wide_set(&state->sum, 0);
    heap->is_big = true;
}

static void
float_sum_add_big(FloatSum *state, double value, int64_t diff)
{
    float_sum_make_big(state);
    FloatHeap *heap = state->heap;
    mpz_t scaled;
    mpz_init(scaled);
    float_to_mpz(value, scaled);
    mpz_times(scaled, diff);
    mpz_add(heap->sum, heap->sum, scaled);
    mpz_clear(scaled);
}

static bool
shift_left(__int128 value, int places, __int128 *out)
{
    unsigned __int128 magnitude = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
    uint64_t high = (uint64_t) (magnitude >> 64), low = (uint64_t) magnitude;
    int bits = high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
    if (bits != 0 && bits + places > WINDOW_BITS)
        return false;
    *out = bits == 0 ? 0 : value * ((__int128) 1 << places);
    return true;
}

static bool
float_sum_add_small(FloatSum *state, double value, int64_t diff)
{
    int exponent;
    __int128 sum = wide_get(&state->sum), term = float_parts(value, &exponent);
    if (term == 0)
        return true;
    int32_t base = state->exponent;
    if (sum == 0)
        base = exponent;
    else if (exponent < base) {
        if (!shift_left(sum, base - exponent, &sum))
            return false;
        base = exponent;
    }
    if (!shift_left(term, exponent - base, &term) || __builtin_mul_overflow(term, (__int128) diff, &term) ||
        __builtin_add_overflow(sum, term, &sum))
        return false;
    wide_set(&state->sum, sum);
    state->exponent = base;
    return true;
}

void
float_sum_add(FloatSum *state, double value, int64_t diff)
{
    if (!isfinite(value)) {
        FloatHeap *heap = float_heap(state);
        *(isnan(value) ? &heap->nan_count : value > 0 ? &heap->plus_count : &heap->minus_count) += diff;
        return;
    }
    bool big = state->heap != NULL && state->heap->is_big;
    if (big || !float_sum_add_small(state, value, diff))
        float_sum_add_big(state, value, diff);
    state->count += diff;
}

void
float_sum_merge(FloatSum *into, const FloatSum *from)
{
    into->count += from->count;
    if (from->heap != NULL) {
        FloatHeap *heap = float_heap(into);
        heap->nan_count += from->heap->nan_count;
        heap->plus_count += from->heap->plus_count;
        heap->minus_count += from->heap->minus_count;
    }
    if (from->heap != NULL && from->heap->is_big) {
        float_sum_make_big(into);
        mpz_add(into->heap->sum, into->heap->sum, from->heap->sum);
        return;
    }
    __int128 term = wide_get(&from->sum), sum = wide_get(&into->sum);
    if (term == 0)
        return;
    bool big = into->heap != NULL && into->heap->is_big;
    int32_t base = sum == 0 || from->exponent < into->exponent ? from->exponent : into->exponent;
    if (!big && (sum == 0 || shift_left(sum, into->exponent - base, &sum)) &&
        shift_left(term, from->exponent - base, &term) && !__builtin_add_overflow(sum, term, &sum)) {
        wide_set(&into->sum, sum);
        into->exponent = base;
        return;
    }
    float_sum_make_big(into);
    mpz_t scaled;
    mpz_init(scaled);
    mpz_set_int128(scaled, wide_get(&from->sum));
    mpz_mul_2exp(scaled, scaled, (mp_bitcnt_t) (from->exponent - LOWEST_EXPONENT));
    mpz_add(into->heap->sum, into->heap->sum, scaled);
    mpz_clear(scaled);
}

bool
float_sum_is_zero(const FloatSum *state)
{
    if (state->count != 0 || wide_get(&state->sum) != 0)
        return false;
    const FloatHeap *heap = state->heap;
    return heap == NULL ||
           (mpz_sgn(heap->sum) == 0 && heap->nan_count == 0 && heap->plus_count == 0 && heap->minus_count == 0);
}

void
float_sum_free(FloatSum *state)
{
    if (state->heap == NULL)
        return;
    mpz_clear(state->heap->sum);
    free(state->heap);
    state->heap = NULL;
}

/* To the nearest double: the top 64 bits, the lowest of them standing for all bits below. */
static double
mpz_to_double(const mpz_t value, int exponent)
{
    size_t bits = mpz_sizeinbase(value, 2);
    if (bits <= 64) {
        double whole = (double) mpz_get_ui(value);
        return ldexp(mpz_sgn(value) < 0 ? -whole : whole, exponent);
    }
    mpz_t top;
    mpz_init(top);
    mpz_tdiv_q_2exp(top, value, bits - 64);
    uint64_t leading = mpz_get_ui(top);
    mpz_clear(top);
    if (mpz_scan1(value, 0) < bits - 64)
        leading |= 1;
    double result = ldexp((double) leading, exponent + (int) bits - 64);
    return mpz_sgn(value) < 0 ? -result : result;
}

bool
float_sum_result(const FloatSum *state, double *sum, int64_t *count, bool *overflow)
{
    const FloatHeap *heap = state->heap;
    *count = state->count;
    *overflow = false;
    if (heap != NULL)
        *count += heap->nan_count + heap->plus_count + heap->minus_count;
    if (*count == 0)
        return false;
    if (heap != NULL && (heap->nan_count > 0 || (heap->plus_count > 0 && heap->minus_count > 0))) {
        *sum = NAN;
    } else if (heap != NULL && (heap->plus_count > 0 || heap->minus_count > 0)) {
        *sum = heap->plus_count > 0 ? INFINITY : -INFINITY;
    } else {
        *sum = heap != NULL && heap->is_big ? mpz_to_double(heap->sum, LOWEST_EXPONENT)
                                            : ldexp((double) wide_get(&state->sum), state->exponent);
        *overflow = isinf(*sum);
    }
    return true;
}
