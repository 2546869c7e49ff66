#include "expr/evaluate_internal.h"
#include "expr/functions/kernel.h"

/* ---- fixed width: the six comparisons of a C type */

#define COMPARE_KERNELS(name, a_type, b_type)                                                                          \
    KERNEL_BINARY(name##_eq, a_type, b_type, uint8_t, PHYS_U8, a == b)                                                 \
    KERNEL_BINARY(name##_ne, a_type, b_type, uint8_t, PHYS_U8, a != b)                                                 \
    KERNEL_BINARY(name##_lt, a_type, b_type, uint8_t, PHYS_U8, a < b)                                                  \
    KERNEL_BINARY(name##_le, a_type, b_type, uint8_t, PHYS_U8, a <= b)                                                 \
    KERNEL_BINARY(name##_gt, a_type, b_type, uint8_t, PHYS_U8, a > b)                                                  \
    KERNEL_BINARY(name##_ge, a_type, b_type, uint8_t, PHYS_U8, a >= b)

COMPARE_KERNELS(u8, uint8_t, uint8_t)
COMPARE_KERNELS(i16, int16_t, int16_t)
COMPARE_KERNELS(i32, int32_t, int32_t)
COMPARE_KERNELS(u32, uint32_t, uint32_t)
COMPARE_KERNELS(i64, int64_t, int64_t)
COMPARE_KERNELS(u64, uint64_t, uint64_t)

/* NaN equals NaN and is greater than everything else. */
#define FLOAT_EQ(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))
#define FLOAT_LT(a, b) ((b) != (b) ? (a) == (a) : (a) < (b))
#define FLOAT_KERNELS(name, a_type, b_type)                                                                            \
    KERNEL_BINARY(name##_eq, a_type, b_type, uint8_t, PHYS_U8, FLOAT_EQ(a, b))                                         \
    KERNEL_BINARY(name##_ne, a_type, b_type, uint8_t, PHYS_U8, !FLOAT_EQ(a, b))                                        \
    KERNEL_BINARY(name##_lt, a_type, b_type, uint8_t, PHYS_U8, FLOAT_LT(a, b))                                         \
    KERNEL_BINARY(name##_le, a_type, b_type, uint8_t, PHYS_U8, !FLOAT_LT(b, a))                                        \
    KERNEL_BINARY(name##_gt, a_type, b_type, uint8_t, PHYS_U8, FLOAT_LT(b, a))                                         \
    KERNEL_BINARY(name##_ge, a_type, b_type, uint8_t, PHYS_U8, !FLOAT_LT(a, b))

FLOAT_KERNELS(f32, float, float)
FLOAT_KERNELS(f64, double, double)
FLOAT_KERNELS(f32_f64, float, double)
FLOAT_KERNELS(f64_f32, double, float)

/* ---- bytes and everything else: an order of two rows, turned into an answer */

typedef enum Answer { ANSWER_EQ, ANSWER_NE, ANSWER_LT, ANSWER_LE, ANSWER_GT, ANSWER_GE } Answer;

static inline uint8_t
answer_of(Answer answer, int order)
{
    switch (answer) {
    case ANSWER_EQ:
        return order == 0;
    case ANSWER_NE:
        return order != 0;
    case ANSWER_LT:
        return order < 0;
    case ANSWER_LE:
        return order <= 0;
    case ANSWER_GT:
        return order > 0;
    case ANSWER_GE:
        return order >= 0;
    }
    return 0;
}

static inline void
bytes_compare(FunctionCall *call, Answer answer)
{
    const Column *a = call->args[0].column, *b = call->args[1].column;
    uint32_t step_a = !call->args[0].is_constant, step_b = !call->args[1].is_constant;
    uint8_t *out = memory_alloc((size_t) call->count + 1);
    for (uint32_t i = 0, at_a = 0, at_b = 0; i < call->count; i++, at_a += step_a, at_b += step_b) {
        Slice left = column_bytes(a, at_a), right = column_bytes(b, at_b);
        if (answer == ANSWER_EQ || answer == ANSWER_NE)
            out[i] = slice_equal(left, right) == (answer == ANSWER_EQ);
        else
            out[i] = answer_of(answer, slice_compare(left, right));
    }
    kernel_finish(call, out, PHYS_U8);
}

static inline Slice
without_blanks(Slice text)
{
    while (text.size > 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text;
}

static inline void
blanks_compare(FunctionCall *call, Answer answer)
{
    const Column *a = call->args[0].column, *b = call->args[1].column;
    uint32_t step_a = !call->args[0].is_constant, step_b = !call->args[1].is_constant;
    uint8_t *out = memory_alloc((size_t) call->count + 1);
    for (uint32_t i = 0, at_a = 0, at_b = 0; i < call->count; i++, at_a += step_a, at_b += step_b) {
        Slice left = without_blanks(column_bytes(a, at_a)), right = without_blanks(column_bytes(b, at_b));
        out[i] = answer_of(answer, slice_compare(left, right));
    }
    kernel_finish(call, out, PHYS_U8);
}

static inline void
any_compare(FunctionCall *call, Answer answer)
{
    SqlType type = call->arg_types[0];
    Fetch a = fetch_init(call->args[0].column, type), b = fetch_init(call->args[1].column, type);
    uint8_t *out = memory_alloc((size_t) call->count + 1);
    Datum left, right;
    for (uint32_t i = 0; i < call->count; i++) {
        fetch_into(&a, evaluated_row(&call->args[0], i), &left);
        fetch_into(&b, evaluated_row(&call->args[1], i), &right);
        bool failed = first_error(call->args, 2, i) != NULL;
        if (left.is_null || right.is_null || failed)
            out[i] = 0;
        else if (answer == ANSWER_EQ || answer == ANSWER_NE)
            out[i] = datum_equal(type, left, right) == (answer == ANSWER_EQ);
        else
            out[i] = answer_of(answer, datum_compare(type, left, right));
    }
    kernel_finish(call, out, PHYS_U8);
}

#define ORDERED_COMPARISON(name, compare, answer)                                                                      \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        compare(call, answer);                                                                                         \
    }
#define ORDERED_COMPARISONS(name, compare)                                                                             \
    ORDERED_COMPARISON(name##_eq, compare, ANSWER_EQ)                                                                  \
    ORDERED_COMPARISON(name##_ne, compare, ANSWER_NE)                                                                  \
    ORDERED_COMPARISON(name##_lt, compare, ANSWER_LT)                                                                  \
    ORDERED_COMPARISON(name##_le, compare, ANSWER_LE)                                                                  \
    ORDERED_COMPARISON(name##_gt, compare, ANSWER_GT)                                                                  \
    ORDERED_COMPARISON(name##_ge, compare, ANSWER_GE)

ORDERED_COMPARISONS(bytes, bytes_compare)
ORDERED_COMPARISONS(bpchar, blanks_compare)
ORDERED_COMPARISONS(any, any_compare)

ROW_FUNCTION(is_distinct_from)
{
    if (args[0].is_null || args[1].is_null)
        return give_bool(result, args[0].is_null != args[1].is_null);
    return give_bool(result, !datum_equal(call->arg_types[0], args[0], args[1]));
}

const Function functions_compare[] = {
/* The six operators of a type, with pg_operator's OIDs. */
#define COMPARISONS(left, right, kernels, eq, ne, lt, le, gt, ge)                                                      \
    OPC("=", eq, TOTAL | COMMUTES, T(BOOL), kernels##_eq, left, right)                                                 \
    OPC("<>", ne, TOTAL | COMMUTES, T(BOOL), kernels##_ne, left, right)                                                \
    OPC("<", lt, TOTAL, T(BOOL), kernels##_lt, left, right)                                                            \
    OPC("<=", le, TOTAL, T(BOOL), kernels##_le, left, right)                                                           \
    OPC(">", gt, TOTAL, T(BOOL), kernels##_gt, left, right)                                                            \
    OPC(">=", ge, TOTAL, T(BOOL), kernels##_ge, left, right)
#include "expr/functions/compare.def"
};
const size_t functions_compare_count = sizeof functions_compare / sizeof *functions_compare;
