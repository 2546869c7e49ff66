/*
 * kernel.h -- tight loops over columns of fixed width. Private to expr.
 *
 * A kernel computes every row, null or not (the value under a null is zero), and kernel_finish puts the nulls back.
 * What can fail reports a flag for the whole loop; only when it is up are the rows looked at one by one.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_KERNEL_H
#define FRESHET_EXPR_FUNCTIONS_KERNEL_H

#include <math.h>

#include "expr/functions/family.h"

extern const EvalError error_smallint_range, error_integer_range, error_bigint_range, error_uint2_range,
    error_uint4_range, error_uint8_range, error_division_by_zero, error_float_overflow, error_float_underflow;

/* Nulls of all arguments together, heap; NULL when no row has one. */
uint8_t *kernel_nulls(const FunctionCall *call);
/* Takes `values` over; values under nulls become zero. */
void kernel_finish(FunctionCall *call, void *values, Phys phys);
bool kernel_row_is_null(const FunctionCall *call, uint32_t row);

/* out[i] = expression of `a`. */
#define KERNEL_UNARY(name, a_type, out_type, out_phys, expression)                                                     \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        const a_type *as = call->args[0].column->values;                                                               \
        out_type *out = memory_alloc(sizeof(out_type) * ((size_t) call->count + 1));                                   \
        for (uint32_t i = 0; i < call->count; i++) {                                                                   \
            a_type a = as[i];                                                                                          \
            out[i] = (out_type) (expression);                                                                          \
        }                                                                                                              \
        kernel_finish(call, out, out_phys);                                                                            \
    }

/* out[i] = expression of `a` and `b`. */
#define KERNEL_BINARY(name, a_type, b_type, out_type, out_phys, expression)                                            \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        const a_type *as = call->args[0].column->values;                                                               \
        const b_type *bs = call->args[1].column->values;                                                               \
        out_type *out = memory_alloc(sizeof(out_type) * ((size_t) call->count + 1));                                   \
        if (call->args[1].is_constant) {                                                                               \
            b_type b = bs[0];                                                                                          \
            for (uint32_t i = 0; i < call->count; i++) {                                                               \
                a_type a = as[i];                                                                                      \
                out[i] = (out_type) (expression);                                                                      \
            }                                                                                                          \
        } else if (call->args[0].is_constant) {                                                                        \
            a_type a = as[0];                                                                                          \
            for (uint32_t i = 0; i < call->count; i++) {                                                               \
                b_type b = bs[i];                                                                                      \
                out[i] = (out_type) (expression);                                                                      \
            }                                                                                                          \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < call->count; i++) {                                                               \
                a_type a = as[i];                                                                                      \
                b_type b = bs[i];                                                                                      \
                out[i] = (out_type) (expression);                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        kernel_finish(call, out, out_phys);                                                                            \
    }

/* `failing(a, b, &out[i])` says whether the row fails, and with which error through `row_error(a, b)`. */
#define KERNEL_BINARY_FAILING(name, a_type, b_type, out_type, out_phys, failing, row_error)                            \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        const a_type *as = call->args[0].column->values;                                                               \
        const b_type *bs = call->args[1].column->values;                                                               \
        out_type *out = memory_alloc(sizeof(out_type) * ((size_t) call->count + 1));                                   \
        bool failed = false;                                                                                           \
        if (call->args[1].is_constant) {                                                                               \
            b_type b = bs[0];                                                                                          \
            for (uint32_t i = 0; i < call->count; i++)                                                                 \
                failed |= failing(as[i], b, &out[i]);                                                                  \
        } else if (call->args[0].is_constant) {                                                                        \
            a_type a = as[0];                                                                                          \
            for (uint32_t i = 0; i < call->count; i++)                                                                 \
                failed |= failing(a, bs[i], &out[i]);                                                                  \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < call->count; i++)                                                                 \
                failed |= failing(as[i], bs[i], &out[i]);                                                              \
        }                                                                                                              \
        for (uint32_t i = 0; failed && i < call->count; i++) {                                                         \
            a_type a = as[call->args[0].is_constant ? 0 : i];                                                          \
            b_type b = bs[call->args[1].is_constant ? 0 : i];                                                          \
            if (!kernel_row_is_null(call, i) && failing(a, b, &out[i]))                                                \
                function_fail_with(call, i, row_error(a, b));                                                          \
        }                                                                                                              \
        kernel_finish(call, out, out_phys);                                                                            \
    }

#define KERNEL_UNARY_FAILING(name, a_type, out_type, out_phys, failing, row_error)                                     \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        const a_type *as = call->args[0].column->values;                                                               \
        out_type *out = memory_alloc(sizeof(out_type) * ((size_t) call->count + 1));                                   \
        bool failed = false;                                                                                           \
        for (uint32_t i = 0; i < call->count; i++)                                                                     \
            failed |= failing(as[i], &out[i]);                                                                         \
        for (uint32_t i = 0; failed && i < call->count; i++) {                                                         \
            if (!kernel_row_is_null(call, i) && failing(as[i], &out[i]))                                               \
                function_fail_with(call, i, row_error(as[i]));                                                         \
        }                                                                                                              \
        kernel_finish(call, out, out_phys);                                                                            \
    }

#endif
