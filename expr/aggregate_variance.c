#include <math.h>
#include <stdlib.h>

#include "expr/aggregate_internal.h"

/* stddev and variance: exact sums of the values and of their squares. */

static bool
is_float(SqlType type)
{
    return type.id == TYPE_FLOAT4 || type.id == TYPE_FLOAT8;
}

static Moments *
moments_of(VarianceState *state)
{
    if (state->moments == NULL) {
        state->moments = memory_calloc(1, sizeof *state->moments);
        mpz_init(state->moments->sum);
        mpz_init(state->moments->squares);
    }
    return state->moments;
}

static void
scale_to(mpz_t value, int32_t places)
{
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long) places);
    mpz_mul(value, value, power);
    mpz_clear(power);
}

/* The value as an integer on the moments' scale. False: it is no finite number, and counted as such. */
static bool
scaled_value(Moments *moments, SqlType type, Datum value, int64_t diff, mpz_t out)
{
    if (is_float(type)) {
        if (isfinite(value.f)) {
            float_to_mpz(value.f, out);
            return true;
        }
        *(isnan(value.f) ? &moments->nan_count : &moments->infinite_count) += diff;
        return false;
    }
    if (type.id != TYPE_NUMERIC) {
        bool is_unsigned = type.id == TYPE_UINT8;
        if (is_unsigned)
            mpz_set_ui(out, (unsigned long) value.i);
        else
            mpz_set_si(out, (long) value.i);
        return true;
    }
    if (!numeric_is_finite(value.bytes)) {
        *(numeric_is_nan(value.bytes) ? &moments->nan_count : &moments->infinite_count) += diff;
        return false;
    }
    int32_t scale;
    numeric_to_mpz(value.bytes, out, &scale);
    scale_counts_add(&moments->scales, scale, diff);
    if (scale > moments->scale) {
        scale_to(moments->sum, scale - moments->scale);
        scale_to(moments->squares, 2 * (scale - moments->scale));
        moments->scale = scale;
    } else if (scale < moments->scale) {
        scale_to(out, moments->scale - scale);
    }
    return true;
}

void
variance_add(VarianceState *state, SqlType type, Datum value, int64_t diff)
{
    Moments *moments = moments_of(state);
    mpz_t term;
    mpz_init(term);
    if (scaled_value(moments, type, value, diff, term)) {
        mpz_t square;
        mpz_init(square);
        mpz_mul(square, term, term);
        mpz_mul_si(square, square, (long) diff);
        mpz_mul_si(term, term, (long) diff);
        mpz_add(moments->sum, moments->sum, term);
        mpz_add(moments->squares, moments->squares, square);
        mpz_clear(square);
        moments->count += diff;
    }
    mpz_clear(term);
}

bool
variance_is_zero(const VarianceState *state)
{
    const Moments *moments = state->moments;
    return moments == NULL ||
           (moments->count == 0 && moments->nan_count == 0 && moments->infinite_count == 0 &&
            scale_counts_are_zero(&moments->scales) && mpz_sgn(moments->sum) == 0 && mpz_sgn(moments->squares) == 0);
}

void
variance_free(VarianceState *state)
{
    if (state->moments == NULL)
        return;
    mpz_clear(state->moments->sum);
    mpz_clear(state->moments->squares);
    scale_counts_free(&state->moments->scales);
    free(state->moments);
    state->moments = NULL;
}

static bool
wants_sample(const AggregateCall *call)
{
    return call->function->code == AGGREGATE_STDDEV_SAMP || call->function->code == AGGREGATE_VAR_SAMP;
}

static bool
wants_root(const AggregateCall *call)
{
    return call->function->code == AGGREGATE_STDDEV_SAMP || call->function->code == AGGREGATE_STDDEV_POP;
}

/* count * squares - sum^2 */
static void
numerator(const Moments *moments, mpz_t out)
{
    mpz_t square;
    mpz_init(square);
    mpz_mul(square, moments->sum, moments->sum);
    mpz_mul_si(out, moments->squares, (long) moments->count);
    mpz_sub(out, out, square);
    mpz_clear(square);
}

#define LOWEST_EXPONENT (-1074)

static double
float_result(const Moments *moments, const AggregateCall *call)
{
    mpz_t top;
    mpz_init(top);
    numerator(moments, top);
    long exponent;
    double mantissa = mpz_get_d_2exp(&exponent, top);
    mpz_clear(top);
    double count = (double) moments->count, divisor = wants_sample(call) ? count * (count - 1) : count * count;
    double variance = ldexp(mantissa / divisor, (int) (exponent + 2 * LOWEST_EXPONENT));
    return wants_root(call) ? sqrt(variance) : variance;
}

static bool
numeric_result(const Moments *moments, const AggregateCall *call, Arena *arena, Datum *result, Error *err)
{
    mpz_t top;
    mpz_init(top);
    numerator(moments, top);
    bool positive = mpz_sgn(top) > 0;
    Numeric value = positive ? numeric_from_mpz(top, 2 * moments->scale, arena) : numeric_from_int64(0, arena);
    value = positive ? numeric_round(value, 2 * scale_counts_max(&moments->scales), arena) : value;
    mpz_clear(top);
    *result = datum_bytes(value);
    if (!positive)
        return true;
    __int128 divisor = (__int128) moments->count * (wants_sample(call) ? moments->count - 1 : moments->count);
    Numeric variance;
    if (!numeric_div(value, numeric_from_int128(divisor, 0, arena), arena, &variance, err))
        return false;
    if (wants_root(call)) {
        Numeric root;
        if (!numeric_sqrt(variance, arena, &root, err))
            return false;
        variance = numeric_round(root, numeric_scale(variance), arena);
    }
    *result = datum_bytes(variance);
    return true;
}

bool
variance_result(const VarianceState *state, const AggregateCall *call, Arena *arena, Datum *result, Error *err)
{
    const Moments *moments = state->moments;
    *result = DATUM_NULL;
    if (moments == NULL)
        return true;
    int64_t count = moments->count + moments->nan_count + moments->infinite_count;
    if (count <= (wants_sample(call) ? 1 : 0))
        return true;
    bool special = moments->nan_count > 0 || moments->infinite_count > 0;
    if (is_float(call->arg_type)) {
        *result = datum_float(special ? NAN : float_result(moments, call));
        return true;
    }
    if (special) {
        Numeric nan;
        if (!numeric_from_double(NAN, arena, &nan, err))
            return false;
        *result = datum_bytes(nan);
        return true;
    }
    return numeric_result(moments, call, arena, result, err);
}
