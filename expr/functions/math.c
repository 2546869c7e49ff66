#include <math.h>

#include "expr/functions/kernel.h"

/* Integers and floats. Numerics are in numeric.c. */

/* ---- integers: arithmetic fails when the result does not fit */

#define ADD(a, b, out)      __builtin_add_overflow((a), (b), (out))
#define SUBTRACT(a, b, out) __builtin_sub_overflow((a), (b), (out))
#define MULTIPLY(a, b, out) __builtin_mul_overflow((a), (b), (out))

#define SMALLINT_ERROR(a, b) ((void) (a), (void) (b), &error_smallint_range)
#define INTEGER_ERROR(a, b)  ((void) (a), (void) (b), &error_integer_range)
#define BIGINT_ERROR(a, b)   ((void) (a), (void) (b), &error_bigint_range)
#define UINT2_ERROR(a, b)    ((void) (a), (void) (b), &error_uint2_range)
#define UINT4_ERROR(a, b)    ((void) (a), (void) (b), &error_uint4_range)
#define UINT8_ERROR(a, b)    ((void) (a), (void) (b), &error_uint8_range)

#define SMALLINT_DIVIDE_ERROR(a, b) ((void) (a), (b) == 0 ? &error_division_by_zero : &error_smallint_range)
#define INTEGER_DIVIDE_ERROR(a, b)  ((void) (a), (b) == 0 ? &error_division_by_zero : &error_integer_range)
#define BIGINT_DIVIDE_ERROR(a, b)   ((void) (a), (b) == 0 ? &error_division_by_zero : &error_bigint_range)
#define DIVISION_BY_ZERO(a, b)      ((void) (a), (void) (b), &error_division_by_zero)

#define SIGNED_DIVISION(name, type)                                                                                    \
    static inline bool name##_quotient(type a, type b, type *out)                                                      \
    {                                                                                                                  \
        *out = 0;                                                                                                      \
        if (b == 0)                                                                                                    \
            return true;                                                                                               \
        if (b == -1)                                                                                                   \
            return __builtin_sub_overflow((type) 0, a, out);                                                           \
        *out = (type) (a / b);                                                                                         \
        return false;                                                                                                  \
    }                                                                                                                  \
    static inline bool name##_remainder(type a, type b, type *out)                                                     \
    {                                                                                                                  \
        *out = b == 0 || b == -1 ? 0 : (type) (a % b);                                                                 \
        return b == 0;                                                                                                 \
    }

#define UNSIGNED_DIVISION(name, type)                                                                                  \
    static inline bool name##_quotient(type a, type b, type *out)                                                      \
    {                                                                                                                  \
        *out = b == 0 ? 0 : (type) (a / b);                                                                            \
        return b == 0;                                                                                                 \
    }                                                                                                                  \
    static inline bool name##_remainder(type a, type b, type *out)                                                     \
    {                                                                                                                  \
        *out = b == 0 ? 0 : (type) (a % b);                                                                            \
        return b == 0;                                                                                                 \
    }

#define SIGNED_ARITHMETIC(name, type, phys, range, divide)                                                             \
    SIGNED_DIVISION(name, type)                                                                                        \
    KERNEL_BINARY_FAILING(name##_add, type, type, type, phys, ADD, range)                                              \
    KERNEL_BINARY_FAILING(name##_sub, type, type, type, phys, SUBTRACT, range)                                         \
    KERNEL_BINARY_FAILING(name##_mul, type, type, type, phys, MULTIPLY, range)                                         \
    KERNEL_BINARY_FAILING(name##_div, type, type, type, phys, name##_quotient, divide)                                 \
    KERNEL_BINARY_FAILING(name##_mod, type, type, type, phys, name##_remainder, DIVISION_BY_ZERO)

SIGNED_ARITHMETIC(int2, int16_t, PHYS_I16, SMALLINT_ERROR, SMALLINT_DIVIDE_ERROR)
SIGNED_ARITHMETIC(int4, int32_t, PHYS_I32, INTEGER_ERROR, INTEGER_DIVIDE_ERROR)
SIGNED_ARITHMETIC(int8, int64_t, PHYS_I64, BIGINT_ERROR, BIGINT_DIVIDE_ERROR)

/* uint2 lies in 32 bits, so that its results are checked against 16. */
#define IN_16_BITS(expression, out) (*(out) = (uint32_t) (expression), *(out) > UINT16_MAX)
#define UINT2_ADD(a, b, out)        IN_16_BITS((a) + (b), out)
#define UINT2_SUBTRACT(a, b, out)   IN_16_BITS((a) - (b), out)
#define UINT2_MULTIPLY(a, b, out)   IN_16_BITS((a) * (b), out)

#define UNSIGNED_ARITHMETIC(name, type, phys, add, subtract, multiply, range)                                          \
    UNSIGNED_DIVISION(name, type)                                                                                      \
    KERNEL_BINARY_FAILING(name##_add, type, type, type, phys, add, range)                                              \
    KERNEL_BINARY_FAILING(name##_sub, type, type, type, phys, subtract, range)                                         \
    KERNEL_BINARY_FAILING(name##_mul, type, type, type, phys, multiply, range)                                         \
    KERNEL_BINARY_FAILING(name##_div, type, type, type, phys, name##_quotient, DIVISION_BY_ZERO)                       \
    KERNEL_BINARY_FAILING(name##_mod, type, type, type, phys, name##_remainder, DIVISION_BY_ZERO)

UNSIGNED_ARITHMETIC(uint2, uint32_t, PHYS_I32, UINT2_ADD, UINT2_SUBTRACT, UINT2_MULTIPLY, UINT2_ERROR)
UNSIGNED_ARITHMETIC(uint4, uint32_t, PHYS_I32, ADD, SUBTRACT, MULTIPLY, UINT4_ERROR)
UNSIGNED_ARITHMETIC(uint8, uint64_t, PHYS_I64, ADD, SUBTRACT, MULTIPLY, UINT8_ERROR)

#define NEGATE(a, out)       __builtin_sub_overflow(0, (a), (out))
#define ABSOLUTE(a, out)     ((a) < 0 ? NEGATE(a, out) : (*(out) = (a), false))
#define SMALLINT_ERROR_OF(a) ((void) (a), &error_smallint_range)
#define INTEGER_ERROR_OF(a)  ((void) (a), &error_integer_range)
#define BIGINT_ERROR_OF(a)   ((void) (a), &error_bigint_range)
KERNEL_UNARY_FAILING(int2_neg, int16_t, int16_t, PHYS_I16, NEGATE, SMALLINT_ERROR_OF)
KERNEL_UNARY_FAILING(int4_neg, int32_t, int32_t, PHYS_I32, NEGATE, INTEGER_ERROR_OF)
KERNEL_UNARY_FAILING(int8_neg, int64_t, int64_t, PHYS_I64, NEGATE, BIGINT_ERROR_OF)
KERNEL_UNARY_FAILING(int2_abs, int16_t, int16_t, PHYS_I16, ABSOLUTE, SMALLINT_ERROR_OF)
KERNEL_UNARY_FAILING(int4_abs, int32_t, int32_t, PHYS_I32, ABSOLUTE, INTEGER_ERROR_OF)
KERNEL_UNARY_FAILING(int8_abs, int64_t, int64_t, PHYS_I64, ABSOLUTE, BIGINT_ERROR_OF)

static void
same_column(FunctionCall *call)
{
    call->made = column_retain(call->args[0].column);
}

/* Shifts count modulo the width, as PostgreSQL's do on the machines it runs on. */
#define BIT_KERNELS(name, type, unsigned_type, phys, width)                                                            \
    KERNEL_BINARY(name##_and, type, type, type, phys, a &b)                                                            \
    KERNEL_BINARY(name##_or, type, type, type, phys, a | b)                                                            \
    KERNEL_BINARY(name##_xor, type, type, type, phys, a ^ b)                                                           \
    KERNEL_UNARY(name##_not, type, type, phys, ~a)                                                                     \
    KERNEL_BINARY(name##_left, type, int32_t, type, phys, (unsigned_type) a << ((uint32_t) b & ((width) -1)))          \
    KERNEL_BINARY(name##_right, type, int32_t, type, phys, a >> ((uint32_t) b & ((width) -1)))

/* PostgreSQL computes smallint's shifts in 32 bits. */
BIT_KERNELS(int2, int16_t, uint32_t, PHYS_I16, 32)
BIT_KERNELS(int4, int32_t, uint32_t, PHYS_I32, 32)
BIT_KERNELS(int8, int64_t, uint64_t, PHYS_I64, 64)
BIT_KERNELS(uint4, uint32_t, uint32_t, PHYS_I32, 32)
BIT_KERNELS(uint8, uint64_t, uint64_t, PHYS_I64, 64)
KERNEL_BINARY(uint2_and, uint32_t, uint32_t, uint32_t, PHYS_I32, a &b)
KERNEL_BINARY(uint2_or, uint32_t, uint32_t, uint32_t, PHYS_I32, a | b)
KERNEL_BINARY(uint2_xor, uint32_t, uint32_t, uint32_t, PHYS_I32, a ^ b)
KERNEL_UNARY(uint2_not, uint32_t, uint32_t, PHYS_I32, (uint16_t) ~a)

static uint64_t
magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t) value : (uint64_t) value;
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool
give_magnitude(FunctionCall *call, unsigned __int128 value, Datum *result, Error *err)
{
    bool is_int4 = call->result_type.id == TYPE_INT4;
    if (value > (unsigned __int128) (is_int4 ? INT32_MAX : INT64_MAX))
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range", is_int4 ? "integer" : "bigint");
    return give_int(result, (int64_t) value);
}

ROW_FUNCTION(int_gcd)
{
    return give_magnitude(call, common_divisor(magnitude(args[0].i), magnitude(args[1].i)), result, err);
}

ROW_FUNCTION(int_lcm)
{
    uint64_t a = magnitude(args[0].i), b = magnitude(args[1].i);
    if (a == 0 || b == 0)
        return give_int(result, 0);
    return give_magnitude(call, (unsigned __int128) (a / common_divisor(a, b)) * b, result, err);
}

/* ---- floats */

#define FLOAT_OVERFLOWS(a, b, out) (isinf(*(out)) && !isinf(a) && !isinf(b))
#define FLOAT_ADD(a, b, out)       (*(out) = (a) + (b), FLOAT_OVERFLOWS(a, b, out))
#define FLOAT_SUBTRACT(a, b, out)  (*(out) = (a) - (b), FLOAT_OVERFLOWS(a, b, out))
#define FLOAT_MULTIPLY(a, b, out)                                                                                      \
    (*(out) = (a) * (b), FLOAT_OVERFLOWS(a, b, out) || (*(out) == 0 && (a) != 0 && (b) != 0))
#define FLOAT_DIVIDE(a, b, out)                                                                                        \
    (*(out) = (a) / (b),                                                                                               \
     ((b) == 0 && !isnan(a)) || FLOAT_OVERFLOWS(a, b, out) || (*(out) == 0 && (a) != 0 && !isinf(b)))
#define FLOAT_ADD_ERROR(a, b) ((void) (a), (void) (b), &error_float_overflow)
#define FLOAT_MULTIPLY_ERROR(a, b)                                                                                     \
    (fabs((double) (a) * (double) (b)) > 1.0 ? &error_float_overflow : &error_float_underflow)
#define FLOAT_DIVIDE_ERROR(a, b)                                                                                       \
    ((b) == 0                                  ? &error_division_by_zero                                               \
     : fabs((double) (a)) > fabs((double) (b)) ? &error_float_overflow                                                 \
                                               : &error_float_underflow)

#define FLOAT_ARITHMETIC(name, a_type, b_type, out_type, phys)                                                         \
    KERNEL_BINARY_FAILING(name##_add, a_type, b_type, out_type, phys, FLOAT_ADD, FLOAT_ADD_ERROR)                      \
    KERNEL_BINARY_FAILING(name##_sub, a_type, b_type, out_type, phys, FLOAT_SUBTRACT, FLOAT_ADD_ERROR)                 \
    KERNEL_BINARY_FAILING(name##_mul, a_type, b_type, out_type, phys, FLOAT_MULTIPLY, FLOAT_MULTIPLY_ERROR)            \
    KERNEL_BINARY_FAILING(name##_div, a_type, b_type, out_type, phys, FLOAT_DIVIDE, FLOAT_DIVIDE_ERROR)

FLOAT_ARITHMETIC(f32, float, float, float, PHYS_F32)
FLOAT_ARITHMETIC(f64, double, double, double, PHYS_F64)
FLOAT_ARITHMETIC(f32_f64, float, double, double, PHYS_F64)
FLOAT_ARITHMETIC(f64_f32, double, float, double, PHYS_F64)

KERNEL_UNARY(f32_neg, float, float, PHYS_F32, -a)
KERNEL_UNARY(f64_neg, double, double, PHYS_F64, -a)
KERNEL_UNARY(f32_abs, float, float, PHYS_F32, fabsf(a))
KERNEL_UNARY(f64_abs, double, double, PHYS_F64, fabs(a))
KERNEL_UNARY(f64_ceil, double, double, PHYS_F64, ceil(a))
KERNEL_UNARY(f64_floor, double, double, PHYS_F64, floor(a))
KERNEL_UNARY(f64_round, double, double, PHYS_F64, rint(a))
KERNEL_UNARY(f64_trunc, double, double, PHYS_F64, trunc(a))
KERNEL_UNARY(f64_sign, double, double, PHYS_F64, a > 0 ? 1.0 : a < 0 ? -1.0 : isnan(a) ? a : 0.0)
KERNEL_UNARY(f64_cbrt, double, double, PHYS_F64, cbrt(a))

static bool
overflow(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
}

static bool
underflow(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
}

static bool
out_of_domain(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
}

ROW_FUNCTION(float_sqrt)
{
    if (args[0].f < 0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "cannot take square root of a negative number");
    return give_float(result, sqrt(args[0].f));
}

static bool
log_argument(double value, Error *err)
{
    if (value == 0.0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of zero");
    if (value < 0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of a negative number");
    return true;
}

ROW_FUNCTION(float_ln)
{
    return log_argument(args[0].f, err) && give_float(result, log(args[0].f));
}

ROW_FUNCTION(float_log10)
{
    return log_argument(args[0].f, err) && give_float(result, log10(args[0].f));
}

ROW_FUNCTION(float_exp)
{
    double a = args[0].f, value = exp(a);
    if (isinf(value) && !isinf(a))
        return overflow(err);
    if (value == 0.0 && !isinf(a))
        return underflow(err);
    return give_float(result, value);
}

ROW_FUNCTION(float_power)
{
    double a = args[0].f, b = args[1].f;
    if (a == 0.0 && b < 0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "zero raised to a negative power is undefined");
    if (a < 0 && isfinite(b) && floor(b) != b)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "a negative number raised to a non-integer power yields a complex result");
    double value = pow(a, b);
    if (isfinite(a) && isfinite(b)) {
        if (isinf(value))
            return overflow(err);
        if (value == 0.0 && a != 0.0)
            return underflow(err);
    }
    return give_float(result, value);
}

/* Angles: infinite ones have no sine. */
#define ANGLE_FUNCTION(name, expression)                                                                               \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        double a = args[0].f;                                                                                          \
        if (isinf(a))                                                                                                  \
            return out_of_domain(err);                                                                                 \
        return give_float(result, expression);                                                                         \
    }

ANGLE_FUNCTION(float_sin, sin(a))
ANGLE_FUNCTION(float_cos, cos(a))
ANGLE_FUNCTION(float_tan, tan(a))
ANGLE_FUNCTION(float_cot, 1.0 / tan(a))

#define DOMAIN_FUNCTION(name, outside, expression)                                                                     \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        double a = args[0].f;                                                                                          \
        if (outside)                                                                                                   \
            return out_of_domain(err);                                                                                 \
        return give_float(result, expression);                                                                         \
    }

DOMAIN_FUNCTION(float_asin, a<-1.0 || a> 1.0, asin(a))
DOMAIN_FUNCTION(float_acos, a<-1.0 || a> 1.0, acos(a))
DOMAIN_FUNCTION(float_acosh, a < 1.0, acosh(a))
DOMAIN_FUNCTION(float_atanh, a<-1.0 || a> 1.0, atanh(a))
KERNEL_UNARY(float_atan, double, double, PHYS_F64, atan(a))
KERNEL_UNARY(float_sinh, double, double, PHYS_F64, sinh(a))
KERNEL_UNARY(float_tanh, double, double, PHYS_F64, tanh(a))
KERNEL_UNARY(float_asinh, double, double, PHYS_F64, asinh(a))
KERNEL_UNARY(float_cosh, double, double, PHYS_F64, cosh(a))
KERNEL_BINARY(float_atan2, double, double, double, PHYS_F64, atan2(a, b))

/* As PostgreSQL divides: the last bit depends on it. */
#define RADIANS_PER_DEGREE 0.0174532925199432957692

ROW_FUNCTION(float_degrees)
{
    double value = args[0].f / RADIANS_PER_DEGREE;
    return isinf(value) && !isinf(args[0].f) ? overflow(err) : give_float(result, value);
}

ROW_FUNCTION(float_radians)
{
    return give_float(result, args[0].f * RADIANS_PER_DEGREE);
}

ROW_FUNCTION(float_pi)
{
    return give_float(result, 3.14159265358979323846);
}

ROW_FUNCTION(float_width_bucket)
{
    double operand = args[0].f, low = args[1].f, high = args[2].f;
    int64_t count = args[3].i, bucket;
    if (count <= 0)
        return error_set(err, "2201G", "count must be greater than zero");
    if (isnan(operand) || isnan(low) || isnan(high))
        return error_set(err, "2201G", "operand, lower bound, and upper bound cannot be NaN");
    if (isinf(low) || isinf(high))
        return error_set(err, "2201G", "lower and upper bounds must be finite");
    if (low == high)
        return error_set(err, "2201G", "lower bound cannot equal upper bound");
    if (low < high ? operand < low : operand > low)
        bucket = 0;
    else if (low < high ? operand >= high : operand <= high)
        bucket = count + 1;
    else
        bucket = (int64_t) ((double) count * ((operand - low) / (high - low))) + 1;
    if (bucket > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    return give_int(result, bucket);
}

static bool
money_out_of_range(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "money out of range");
}

ROW_FUNCTION(money_add)
{
    int64_t value;
    return __builtin_add_overflow(args[0].i, args[1].i, &value) ? money_out_of_range(err) : give_int(result, value);
}

ROW_FUNCTION(money_sub)
{
    int64_t value;
    return __builtin_sub_overflow(args[0].i, args[1].i, &value) ? money_out_of_range(err) : give_int(result, value);
}

ROW_FUNCTION(money_mul_int)
{
    int64_t value;
    return __builtin_mul_overflow(args[0].i, args[1].i, &value) ? money_out_of_range(err) : give_int(result, value);
}

ROW_FUNCTION(int_mul_money)
{
    return money_mul_int(call, args, result, err);
}

ROW_FUNCTION(money_div_int)
{
    if (args[1].i == 0)
        return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    if (args[0].i == INT64_MIN && args[1].i == -1)
        return money_out_of_range(err);
    return give_int(result, args[0].i / args[1].i);
}

ROW_FUNCTION(money_div_money)
{
    if (args[1].i == 0)
        return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    return give_float(result, (double) args[0].i / (double) args[1].i);
}

static bool
give_money(Datum *result, double value, Error *err)
{
    double rounded = rint(value);
    if (!(rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0))
        return money_out_of_range(err);
    return give_int(result, (int64_t) rounded);
}

ROW_FUNCTION(money_mul_float)
{
    double value = (double) args[0].i * args[1].f;
    if (isinf(value) && !isinf(args[1].f))
        return overflow(err);
    return give_money(result, value, err);
}

ROW_FUNCTION(float_mul_money)
{
    Datum swapped[] = {args[1], args[0]};
    return money_mul_float(call, swapped, result, err);
}

ROW_FUNCTION(money_div_float)
{
    if (args[1].f == 0)
        return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    return give_money(result, (double) args[0].i / args[1].f, err);
}

const Function functions_math[] = {
#include "expr/functions/math.def"
};
const size_t functions_math_count = sizeof functions_math / sizeof *functions_math;
