#include <math.h>
#include <stdlib.h>

#include "expr/aggregate_internal.h"
#include "types/array.h"

/* corr, covar_... and regr_...: exact sums of pairs, rounded once at the end. */

#define PRODUCT_EXPONENT (-2148)
#define VALUE_EXPONENT   (-1074)

static PairSums *
sums_of(RegressionState *state)
{
    if (state->sums == NULL) {
        state->sums = memory_calloc(1, sizeof *state->sums);
        mpz_inits(state->sums->y, state->sums->x, state->sums->yy, state->sums->xx, state->sums->xy, NULL);
    }
    return state->sums;
}

static void
add_product(mpz_t sum, const mpz_t a, const mpz_t b, int64_t diff)
{
    mpz_t product;
    mpz_init(product);
    mpz_mul(product, a, b);
    mpz_mul_si(product, product, (long) diff);
    mpz_add(sum, sum, product);
    mpz_clear(product);
}

static void
add_times(mpz_t sum, const mpz_t value, int64_t diff)
{
    mpz_t times;
    mpz_init(times);
    mpz_mul_si(times, value, (long) diff);
    mpz_add(sum, sum, times);
    mpz_clear(times);
}

/* False: one of them is null. */
static bool
read_pair(Slice pair, double *y, double *x)
{
    Arena *arena = arena_new();
    ArrayReader reader;
    Datum values[2] = {DATUM_NULL, DATUM_NULL};
    array_read(&reader, SQL_ARRAY(FLOAT8), pair);
    (void) (array_next(&reader, arena, &values[0]) && array_next(&reader, arena, &values[1]));
    arena_free(arena);
    *y = values[0].f;
    *x = values[1].f;
    return !values[0].is_null && !values[1].is_null;
}

void
regression_add(RegressionState *state, Slice pair, int64_t diff)
{
    double y_value, x_value;
    if (!read_pair(pair, &y_value, &x_value))
        return;
    PairSums *sums = sums_of(state);
    sums->count += diff;
    sums->special_y += isfinite(y_value) ? 0 : diff;
    sums->special_x += isfinite(x_value) ? 0 : diff;
    mpz_t y, x;
    mpz_inits(y, x, NULL);
    if (isfinite(y_value))
        float_to_mpz(y_value, y);
    if (isfinite(x_value))
        float_to_mpz(x_value, x);
    add_times(sums->y, y, diff);
    add_times(sums->x, x, diff);
    add_product(sums->yy, y, y, diff);
    add_product(sums->xx, x, x, diff);
    add_product(sums->xy, x, y, diff);
    mpz_clears(y, x, NULL);
}

bool
regression_is_zero(const RegressionState *state)
{
    const PairSums *sums = state->sums;
    return sums == NULL ||
           (sums->count == 0 && sums->special_y == 0 && sums->special_x == 0 && mpz_sgn(sums->y) == 0 &&
            mpz_sgn(sums->x) == 0 && mpz_sgn(sums->yy) == 0 && mpz_sgn(sums->xx) == 0 && mpz_sgn(sums->xy) == 0);
}

void
regression_free(RegressionState *state)
{
    if (state->sums == NULL)
        return;
    mpz_clears(state->sums->y, state->sums->x, state->sums->yy, state->sums->xx, state->sums->xy, NULL);
    free(state->sums);
    state->sums = NULL;
}

static double
scaled(const mpz_t value, double divisor, int exponent)
{
    long bits;
    double mantissa = mpz_get_d_2exp(&bits, value);
    return ldexp(mantissa / divisor, (int) bits + exponent);
}

/* The sum of (a - mean of a) * (b - mean of b): (count * sum of products - sum * sum) / count. */
static double
centered(const PairSums *sums, const mpz_t products, const mpz_t a, const mpz_t b)
{
    mpz_t top, square;
    mpz_inits(top, square, NULL);
    mpz_mul_si(top, products, (long) sums->count);
    mpz_mul(square, a, b);
    mpz_sub(top, top, square);
    double value = scaled(top, (double) sums->count, PRODUCT_EXPONENT);
    mpz_clears(top, square, NULL);
    return value;
}

static Datum
unless_zero(double divisor, double value)
{
    return divisor == 0 ? DATUM_NULL : datum_float(value);
}

Datum
regression_result(const RegressionState *state, const AggregateCall *call)
{
    const PairSums *sums = state->sums;
    AggregateCode code = (AggregateCode) call->function->code;
    int64_t count = sums == NULL ? 0 : sums->count;
    if (code == AGGREGATE_REGR_COUNT)
        return datum_int(count);
    if (count < (code == AGGREGATE_COVAR_SAMP ? 2 : 1))
        return DATUM_NULL;
    double n = (double) count;
    double sxx = centered(sums, sums->xx, sums->x, sums->x), syy = centered(sums, sums->yy, sums->y, sums->y);
    double sxy = centered(sums, sums->xy, sums->x, sums->y);
    double sx = scaled(sums->x, 1, VALUE_EXPONENT), sy = scaled(sums->y, 1, VALUE_EXPONENT);
    if (sums->special_x > 0)
        sx = sxx = sxy = NAN;
    if (sums->special_y > 0)
        sy = syy = sxy = NAN;
    switch (code) {
    case AGGREGATE_CORR:
        return sxx == 0 || syy == 0 ? DATUM_NULL : datum_float(sxy / sqrt(sxx * syy));
    case AGGREGATE_COVAR_POP:
        return datum_float(sxy / n);
    case AGGREGATE_COVAR_SAMP:
        return datum_float(sxy / (n - 1));
    case AGGREGATE_REGR_AVGX:
        return datum_float(sx / n);
    case AGGREGATE_REGR_AVGY:
        return datum_float(sy / n);
    case AGGREGATE_REGR_INTERCEPT:
        return unless_zero(sxx, (sy - sx * sxy / sxx) / n);
    case AGGREGATE_REGR_R2:
        return unless_zero(sxx, syy == 0 ? 1 : sxy * sxy / (sxx * syy));
    case AGGREGATE_REGR_SLOPE:
        return unless_zero(sxx, sxy / sxx);
    case AGGREGATE_REGR_SXX:
        return datum_float(sxx);
    case AGGREGATE_REGR_SXY:
        return datum_float(sxy);
    case AGGREGATE_REGR_SYY:
        return datum_float(syy);
    default:
        bug("%s is not of pairs", call->function->name);
    }
}
