#include "types/numeric.h"

#include <math.h>

#include "base/buffer.h"
#include "expr/functions/family.h"

/* Functions on numerics; the arithmetic is types/numeric.c's. */

#define NUMERIC_BINARY(name, operation)                                                                                \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return operation(args[0].bytes, args[1].bytes, call->context->arena, &result->bytes, err);                     \
    }
#define NUMERIC_UNARY(name, operation)                                                                                 \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return operation(args[0].bytes, call->context->arena, &result->bytes, err);                                    \
    }
#define NUMERIC_PLAIN(name, operation)                                                                                 \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return give_bytes(result, operation(args[0].bytes, call->context->arena));                                     \
    }

NUMERIC_BINARY(add, numeric_add)
NUMERIC_BINARY(subtract, numeric_sub)
NUMERIC_BINARY(multiply, numeric_mul)
NUMERIC_BINARY(divide, numeric_div)
NUMERIC_BINARY(modulo, numeric_mod)
NUMERIC_BINARY(power, numeric_power)
NUMERIC_UNARY(square_root, numeric_sqrt)
NUMERIC_UNARY(exponential, numeric_exp)
NUMERIC_UNARY(natural_log, numeric_ln)
NUMERIC_PLAIN(negate, numeric_neg)
NUMERIC_PLAIN(absolute, numeric_abs)
NUMERIC_PLAIN(ceiling, numeric_ceil)
NUMERIC_PLAIN(floor_of, numeric_floor)
NUMERIC_PLAIN(normalize, numeric_normalize)

ROW_FUNCTION(increment)
{
    Arena *arena = call->context->arena;
    return numeric_add(args[0].bytes, numeric_from_int64(1, arena), arena, &result->bytes, err);
}

ROW_FUNCTION(same)
{
    *result = args[0];
    return true;
}

/* What PostgreSQL's numeric can show at most. */
#define NUMERIC_SCALE_MAX 16383

static int
clamp_scale(int64_t scale)
{
    return scale > NUMERIC_SCALE_MAX    ? NUMERIC_SCALE_MAX
           : scale < -NUMERIC_SCALE_MAX ? -NUMERIC_SCALE_MAX
                                        : (int) scale;
}

ROW_FUNCTION(round_whole)
{
    return give_bytes(result, numeric_round(args[0].bytes, 0, call->context->arena));
}

ROW_FUNCTION(round_to)
{
    return give_bytes(result, numeric_round(args[0].bytes, clamp_scale(args[1].i), call->context->arena));
}

ROW_FUNCTION(trunc_whole)
{
    return give_bytes(result, numeric_trunc(args[0].bytes, 0, call->context->arena));
}

ROW_FUNCTION(trunc_to)
{
    return give_bytes(result, numeric_trunc(args[0].bytes, clamp_scale(args[1].i), call->context->arena));
}

ROW_FUNCTION(sign_of)
{
    if (numeric_is_nan(args[0].bytes))
        return same(call, args, result, err);
    return give_bytes(result, numeric_from_int64(numeric_sign(args[0].bytes), call->context->arena));
}

ROW_FUNCTION(quotient_whole)
{
    Arena *arena = call->context->arena;
    Numeric remainder, difference, quotient;
    if (!numeric_is_finite(args[0].bytes) || !numeric_is_finite(args[1].bytes)) {
        if (!numeric_div(args[0].bytes, args[1].bytes, arena, &quotient, err))
            return false;
        return give_bytes(result, numeric_trunc(quotient, 0, arena));
    }
    /* Exact: what is left after the remainder is taken away divides evenly. */
    if (!numeric_mod(args[0].bytes, args[1].bytes, arena, &remainder, err) ||
        !numeric_sub(args[0].bytes, remainder, arena, &difference, err) ||
        !numeric_div(difference, args[1].bytes, arena, &quotient, err))
        return false;
    return give_bytes(result, numeric_round(quotient, 0, arena));
}

/* Decimal places before the point, less one, of a positive number: floor(log10(a)). */
static int
decimal_weight(Numeric a)
{
    int digits = be16_read(a.bytes), weight = (int16_t) be16_read(a.bytes + 2);
    if (digits == 0)
        return 0;
    int first = be16_read(a.bytes + 8), places = first >= 1000 ? 3 : first >= 100 ? 2 : first >= 10 ? 1 : 0;
    return weight * 4 + places;
}

static bool
log_argument(Numeric value, Error *err)
{
    if (numeric_sign(value) == 0 && !numeric_is_nan(value))
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of zero");
    if (numeric_sign(value) < 0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of a negative number");
    return true;
}

/* Places before the point of a logarithm, as PostgreSQL guesses them: the shown scale depends on the guess. */
static int
log_weight(Numeric a, Arena *arena)
{
    double approximate = numeric_to_double(a);
    if (approximate >= 0.9 && approximate <= 1.1) { /* ln(1 + x) is about x */
        Numeric difference;
        Error ignored = ERROR_INIT;
        if (!numeric_sub(a, numeric_from_int64(1, arena), arena, &difference, &ignored))
            error_clear(&ignored);
        return numeric_sign(difference) == 0 ? 0 : decimal_weight(difference);
    }
    int digits = be16_read(a.bytes), weight = (int16_t) be16_read(a.bytes + 2) * 4;
    double leading = digits == 0 ? 1 : be16_read(a.bytes + 8);
    if (digits > 1) {
        leading = leading * 10000 + be16_read(a.bytes + 10);
        weight -= 4;
    }
    return (int) log10(fabs(log(leading) + weight * 2.302585092994046));
}

static Slice
not_a_number(Arena *arena)
{
    static const char nan[8] = {0, 0, 0, 0, (char) 0xc0, 0, 0, 0};
    return slice_make(arena_strndup(arena, nan, sizeof nan), sizeof nan);
}

#define SIGNIFICANT_DIGITS_MIN 16
#define SCALE_MAX              1000

/* log(base, value) = ln(value) / ln(base), with as many digits as PostgreSQL shows: 16 significant ones at least. */
static bool
logarithm(FunctionCall *call, Numeric base, Numeric value, Datum *result, Error *err)
{
    Arena *arena = call->context->arena;
    if (numeric_is_nan(base) || numeric_is_nan(value))
        return give_bytes(result, numeric_is_nan(base) ? base : value);
    if (!log_argument(base, err) || !log_argument(value, err))
        return false;
    if (!numeric_is_finite(base))
        return give_bytes(result, numeric_is_finite(value) ? numeric_from_int64(0, arena) : not_a_number(arena));
    if (!numeric_is_finite(value))
        return give_bytes(result, value);
    Numeric ln_base, ln_value, quotient;
    int base_weight = log_weight(base, arena), value_weight = log_weight(value, arena);
    int scale = SIGNIFICANT_DIGITS_MIN - (value_weight - base_weight);
    int shown_base = numeric_scale(base), shown_value = numeric_scale(value);
    scale = scale < shown_base ? shown_base : scale;
    scale = scale < shown_value ? shown_value : scale;
    scale = scale < 0 ? 0 : scale > SCALE_MAX ? SCALE_MAX : scale;
    int work = scale + 16 + (base_weight < 0 ? -base_weight : 0) * 2 + (value_weight < 0 ? -value_weight : 0) * 2;
    /* A logarithm has at least the digits of its argument. */
    base = numeric_round(base, work, arena);
    value = numeric_round(value, work, arena);
    if (!numeric_ln(base, arena, &ln_base, err) || !numeric_ln(value, arena, &ln_value, err) ||
        !numeric_div(ln_value, ln_base, arena, &quotient, err))
        return false;
    return give_bytes(result, numeric_round(quotient, scale, arena));
}

ROW_FUNCTION(log_base)
{
    return logarithm(call, args[0].bytes, args[1].bytes, result, err);
}

ROW_FUNCTION(log_ten)
{
    return logarithm(call, numeric_from_int64(10, call->context->arena), args[0].bytes, result, err);
}

ROW_FUNCTION(scale_of)
{
    if (!numeric_is_finite(args[0].bytes))
        return give_null(result);
    return give_int(result, numeric_scale(args[0].bytes));
}

ROW_FUNCTION(min_scale_of)
{
    if (!numeric_is_finite(args[0].bytes))
        return give_null(result);
    return give_int(result, numeric_scale(numeric_normalize(args[0].bytes, call->context->arena)));
}

/* Euclid's; the scale is the larger of both. */
static bool
common_divisor(Numeric a, Numeric b, Arena *arena, Numeric *divisor, Error *err)
{
    int scale = numeric_scale(a) > numeric_scale(b) ? numeric_scale(a) : numeric_scale(b);
    while (numeric_sign(b) != 0) {
        Numeric rest;
        if (!numeric_mod(a, b, arena, &rest, err))
            return false;
        a = b;
        b = rest;
    }
    *divisor = numeric_round(numeric_abs(a, arena), scale, arena);
    return true;
}

ROW_FUNCTION(greatest_divisor)
{
    Arena *arena = call->context->arena;
    if (!numeric_is_finite(args[0].bytes) || !numeric_is_finite(args[1].bytes))
        return give_bytes(result, not_a_number(arena));
    return common_divisor(args[0].bytes, args[1].bytes, arena, &result->bytes, err);
}

ROW_FUNCTION(least_multiple)
{
    Arena *arena = call->context->arena;
    Numeric a = args[0].bytes, b = args[1].bytes, divisor, factor, product;
    if (!numeric_is_finite(a) || !numeric_is_finite(b))
        return give_bytes(result, not_a_number(arena));
    int scale = numeric_scale(a) > numeric_scale(b) ? numeric_scale(a) : numeric_scale(b);
    if (numeric_sign(a) == 0 || numeric_sign(b) == 0)
        return give_bytes(result, numeric_from_int128(0, scale, arena));
    if (!common_divisor(a, b, arena, &divisor, err) || !numeric_div(a, divisor, arena, &factor, err) ||
        !numeric_mul(numeric_round(factor, 0, arena), b, arena, &product, err))
        return false;
    return give_bytes(result, numeric_round(numeric_abs(product, arena), scale, arena));
}

#define FACTORIAL_MAX 32177

ROW_FUNCTION(factorial)
{
    Arena *arena = call->context->arena;
    if (args[0].i < 0)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "factorial of a negative number is undefined");
    if (args[0].i > FACTORIAL_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
    Numeric product = numeric_from_int64(1, arena);
    for (int64_t i = 2; i <= args[0].i; i++) {
        if (!numeric_mul(product, numeric_from_int64(i, arena), arena, &product, err))
            return false;
    }
    return give_bytes(result, product);
}

ROW_FUNCTION(width_bucket)
{
    Arena *arena = call->context->arena;
    Numeric operand = args[0].bytes, low = args[1].bytes, high = args[2].bytes;
    int64_t count = args[3].i, bucket;
    if (count <= 0)
        return error_set(err, "2201G", "count must be greater than zero");
    if (numeric_is_nan(operand) || numeric_is_nan(low) || numeric_is_nan(high))
        return error_set(err, "2201G", "operand, lower bound, and upper bound cannot be NaN");
    if (!numeric_is_finite(low) || !numeric_is_finite(high))
        return error_set(err, "2201G", "lower and upper bounds must be finite");
    int direction = numeric_compare(low, high), at_low = numeric_compare(operand, low),
        at_high = numeric_compare(operand, high);
    if (direction == 0)
        return error_set(err, "2201G", "lower bound cannot equal upper bound");
    if (direction < 0 ? at_low < 0 : at_low > 0)
        return give_int(result, 0);
    if (direction < 0 ? at_high >= 0 : at_high <= 0) {
        bucket = count + 1;
    } else {
        Numeric offset, width, scaled, quotient, remainder;
        if (!numeric_sub(operand, low, arena, &offset, err) || !numeric_sub(high, low, arena, &width, err) ||
            !numeric_mul(offset, numeric_from_int64(count, arena), arena, &scaled, err) ||
            !numeric_mod(scaled, width, arena, &remainder, err) ||
            !numeric_sub(scaled, remainder, arena, &scaled, err) ||
            !numeric_div(scaled, width, arena, &quotient, err) || !numeric_to_int64(quotient, &bucket, err))
            return false;
        bucket++;
    }
    if (bucket > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    return give_int(result, bucket);
}

const Function functions_numeric[] = {
#include "expr/functions/numeric.def"
};
const size_t functions_numeric_count = sizeof functions_numeric / sizeof *functions_numeric;
