#include "expr/functions/kernel.h"

const EvalError error_smallint_range = {"22003", "smallint out of range", NULL, NULL};
const EvalError error_integer_range = {"22003", "integer out of range", NULL, NULL};
const EvalError error_bigint_range = {"22003", "bigint out of range", NULL, NULL};
const EvalError error_uint2_range = {"22003", "uint2 out of range", NULL, NULL};
const EvalError error_uint4_range = {"22003", "uint4 out of range", NULL, NULL};
const EvalError error_uint8_range = {"22003", "uint8 out of range", NULL, NULL};
const EvalError error_division_by_zero = {"22012", "division by zero", NULL, NULL};
const EvalError error_float_overflow = {"22003", "value out of range: overflow", NULL, NULL};
const EvalError error_float_underflow = {"22003", "value out of range: underflow", NULL, NULL};

uint8_t *
kernel_nulls(const FunctionCall *call)
{
    uint8_t *nulls = NULL;
    for (int a = 0; a < call->arg_count; a++) {
        const Evaluated *arg = &call->args[a];
        const uint8_t *of_arg = arg->column->nulls;
        if (of_arg == NULL || (arg->is_constant && of_arg[0] == 0))
            continue;
        if (nulls == NULL)
            nulls = memory_calloc((size_t) call->count + 1, 1);
        if (arg->is_constant) {
            memset(nulls, 1, call->count);
            continue;
        }
        for (uint32_t i = 0; i < call->count; i++)
            nulls[i] |= of_arg[i];
    }
    return nulls;
}

bool
kernel_row_is_null(const FunctionCall *call, uint32_t row)
{
    for (int a = 0; a < call->arg_count; a++) {
        if (column_is_null(call->args[a].column, call->args[a].is_constant ? 0 : row))
            return true;
    }
    return false;
}

#define ZERO_UNDER_NULLS(type)                                                                                         \
    do {                                                                                                               \
        type *typed = values;                                                                                          \
        for (uint32_t i = 0; i < count; i++)                                                                           \
            typed[i] = nulls[i] ? 0 : typed[i];                                                                        \
    } while (0)

static void
zero_under_nulls(void *values, Phys phys, const uint8_t *nulls, uint32_t count)
{
    switch (phys_width(phys)) {
    case 1:
        ZERO_UNDER_NULLS(uint8_t);
        break;
    case 2:
        ZERO_UNDER_NULLS(uint16_t);
        break;
    case 4:
        ZERO_UNDER_NULLS(uint32_t);
        break;
    case 8:
        ZERO_UNDER_NULLS(uint64_t);
        break;
    default:
        for (uint32_t i = 0; i < count; i++) {
            if (nulls[i])
                memset((char *) values + (size_t) i * 16, 0, 16);
        }
    }
}

void
kernel_finish(FunctionCall *call, void *values, Phys phys)
{
    uint8_t *nulls = kernel_nulls(call);
    if (nulls != NULL)
        zero_under_nulls(values, phys, nulls, call->count);
    call->made = column_from_buffers(phys, call->count, nulls, values, NULL);
}
