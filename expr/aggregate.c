#include "expr/aggregate.h"

#include <math.h>

#include "expr/aggregate_internal.h"
#include "expr/functions/family.h"
#include "expr/overload.h"
#include "types/datetime.h"

static const AggregateFunction aggregates[] = {
#define AGGREGATE0_FORM(the_form, the_name, the_schema, the_oid, the_kind, the_code, the_result)                       \
    {.name = the_name,                                                                                                 \
     .kind = AGGREGATE_##the_kind,                                                                                     \
     .form = AGGREGATE_##the_form,                                                                                     \
     .code = AGGREGATE_##the_code,                                                                                     \
     .oid = the_oid,                                                                                                   \
     .schema = #the_schema,                                                                                            \
     .result = the_result},
#define AGGREGATE_FORM(the_form, the_name, the_schema, the_oid, the_kind, the_code, the_result, ...)                   \
    {.name = the_name,                                                                                                 \
     .kind = AGGREGATE_##the_kind,                                                                                     \
     .form = AGGREGATE_##the_form,                                                                                     \
     .code = AGGREGATE_##the_code,                                                                                     \
     .oid = the_oid,                                                                                                   \
     .schema = #the_schema,                                                                                            \
     .result = the_result,                                                                                             \
     FUNCTION_ARGS(__VA_ARGS__)},
#define AGGREGATE(the_name, the_schema, the_oid, the_kind, the_code, the_result, ...)                                  \
    {.name = the_name,                                                                                                 \
     .kind = AGGREGATE_##the_kind,                                                                                     \
     .code = AGGREGATE_##the_code,                                                                                     \
     .oid = the_oid,                                                                                                   \
     .schema = #the_schema,                                                                                            \
     .result = the_result,                                                                                             \
     FUNCTION_ARGS(__VA_ARGS__)},
#define AGGREGATE0(the_name, the_schema, the_oid, the_kind, the_code, the_result)                                      \
    {.name = the_name,                                                                                                 \
     .kind = AGGREGATE_##the_kind,                                                                                     \
     .code = AGGREGATE_##the_code,                                                                                     \
     .oid = the_oid,                                                                                                   \
     .schema = #the_schema,                                                                                            \
     .result = the_result},
#include "expr/aggregate.def"
};
#define AGGREGATES_COUNT (sizeof aggregates / sizeof *aggregates)

const AggregateFunction *
aggregate_at(size_t index)
{
    return index < AGGREGATES_COUNT ? &aggregates[index] : NULL;
}

static int
named_aggregates(const char *schema, const char *name, const AggregateFunction **found, Overload *overloads, int room)
{
    int count = 0;
    for (size_t i = 0; i < AGGREGATES_COUNT && count < room; i++) {
        if (aggregates[i].form == AGGREGATE_HYPOTHETICAL || strcmp(aggregates[i].name, name) != 0 ||
            (schema != NULL && strcmp(aggregates[i].schema, schema) != 0))
            continue;
        found[count] = &aggregates[i];
        overloads[count++] = (Overload){aggregates[i].args, aggregates[i].arg_count, false};
    }
    return count;
}

bool
aggregate_exists(const char *schema, const char *name)
{
    const AggregateFunction *found;
    Overload overload;
    return named_aggregates(schema, name, &found, &overload, 1) > 0;
}

const AggregateFunction *
aggregate_hypothetical(const char *schema, const char *name)
{
    for (size_t i = 0; i < AGGREGATES_COUNT; i++) {
        const AggregateFunction *function = &aggregates[i];
        if (function->form == AGGREGATE_HYPOTHETICAL && strcmp(function->name, name) == 0 &&
            (schema == NULL || strcmp(schema, function->schema) == 0))
            return function;
    }
    return NULL;
}

#define OVERLOADS_MAX 64

bool
aggregate_resolve(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
                  const AggregateFunction **function, SqlType *arg_types, SqlType *result, Error *err)
{
    const AggregateFunction *found[OVERLOADS_MAX];
    Overload overloads[OVERLOADS_MAX];
    int count = named_aggregates(schema, name, found, overloads, OVERLOADS_MAX), chosen = -1;
    OverloadFound outcome = count == 0 ? OVERLOAD_NONE : overload_select(overloads, count, args, arg_count, &chosen);
    if (outcome != OVERLOAD_ONE)
        return call_not_found(schema, name, args, arg_count, position, outcome, err);
    *function = found[chosen];
    return overload_bind(&overloads[chosen], found[chosen]->result, args, arg_count, position, arg_types, result, err);
}

/* ---- states */

size_t
aggregate_state_size(const AggregateCall *call)
{
    if (call->function->form == AGGREGATE_PAIRED)
        return sizeof(RegressionState);
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
        return sizeof(CountState);
    case AGGREGATE_SUM_INT:
    case AGGREGATE_AVG_INT:
        return sizeof(IntSum);
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        return sizeof(NumericSum);
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        return sizeof(FloatSum);
    case AGGREGATE_SUM_INTERVAL:
    case AGGREGATE_AVG_INTERVAL:
        return sizeof(IntervalSum);
    case AGGREGATE_BOOL_AND:
    case AGGREGATE_BOOL_OR:
        return sizeof(BoolCounts);
    case AGGREGATE_BIT_AND:
    case AGGREGATE_BIT_OR:
    case AGGREGATE_BIT_XOR:
        return sizeof(BitCounts);
    case AGGREGATE_STDDEV_SAMP:
    case AGGREGATE_STDDEV_POP:
    case AGGREGATE_VAR_SAMP:
    case AGGREGATE_VAR_POP:
        return sizeof(VarianceState);
    default:
        return 0;
    }
}

void
aggregate_state_free(const AggregateCall *call, void *state)
{
    if (call->function->form == AGGREGATE_PAIRED) {
        regression_free(state);
        return;
    }
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        numeric_sum_free(state);
        return;
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        float_sum_free(state);
        return;
    case AGGREGATE_STDDEV_SAMP:
    case AGGREGATE_STDDEV_POP:
    case AGGREGATE_VAR_SAMP:
    case AGGREGATE_VAR_POP:
        variance_free(state);
        return;
    default:
        return;
    }
}

static inline void
int_sum_add(IntSum *state, __int128 value, int64_t diff)
{
    wide_set(&state->sum, wide_get(&state->sum) + value * diff);
    state->count += diff;
}

static void
interval_sum_add(IntervalSum *state, Interval value, int64_t diff)
{
    wide_set(&state->microseconds, wide_get(&state->microseconds) + (__int128) value.microseconds * diff);
    state->days += value.days * diff;
    state->months += value.months * diff;
    state->count += diff;
}

static void
bits_add(BitCounts *state, uint64_t bits, int64_t diff)
{
    state->count += diff;
    for (; bits != 0; bits &= bits - 1)
        state->set[__builtin_ctzll(bits)] += diff;
}

static bool
is_uint8(const AggregateCall *call)
{
    return call->arg_type.id == TYPE_UINT8;
}

void
aggregate_accumulate(const AggregateCall *call, void *state, Datum value, int64_t diff)
{
    if (call->function->arg_count > 0 && value.is_null)
        return;
    if (call->function->form == AGGREGATE_PAIRED) {
        regression_add(state, value.bytes, diff);
        return;
    }
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
        ((CountState *) state)->count += diff;
        return;
    case AGGREGATE_SUM_INT:
    case AGGREGATE_AVG_INT:
        int_sum_add(state, is_uint8(call) ? (__int128) (uint64_t) value.i : (__int128) value.i, diff);
        return;
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        numeric_sum_add(state, value.bytes, diff);
        return;
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        float_sum_add(state, value.f, diff);
        return;
    case AGGREGATE_SUM_INTERVAL:
    case AGGREGATE_AVG_INTERVAL:
        interval_sum_add(state, value.interval, diff);
        return;
    case AGGREGATE_BOOL_AND:
    case AGGREGATE_BOOL_OR:
        *(value.i != 0 ? &((BoolCounts *) state)->true_count : &((BoolCounts *) state)->false_count) += diff;
        return;
    case AGGREGATE_BIT_AND:
    case AGGREGATE_BIT_OR:
    case AGGREGATE_BIT_XOR:
        bits_add(state, (uint64_t) value.i, diff);
        return;
    case AGGREGATE_STDDEV_SAMP:
    case AGGREGATE_STDDEV_POP:
    case AGGREGATE_VAR_SAMP:
    case AGGREGATE_VAR_POP:
        variance_add(state, call->arg_type, value, diff);
        return;
    default:
        bug("%s is not accumulated", call->function->name);
    }
}

/* ---- many rows at once */

static int64_t
count_rows(const Column *column, const uint32_t *rows, uint32_t count, const int64_t *diffs)
{
    const uint8_t *nulls = column == NULL ? NULL : column->nulls;
    int64_t total = 0;
    if (diffs == NULL && nulls == NULL)
        return count;
    for (uint32_t i = 0; i < count; i++) {
        int64_t diff = diffs == NULL ? 1 : diffs[rows[i]];
        total += nulls != NULL && nulls[rows[i]] ? 0 : diff;
    }
    return total;
}

/* The value under a null is zero, so only the count has to look at nulls. */
#define SUM_ROWS(type, wide)                                                                                           \
    do {                                                                                                               \
        const type *values = column->values;                                                                           \
        if (diffs == NULL) {                                                                                           \
            for (uint32_t i = 0; i < count; i++)                                                                       \
                sum += (wide) values[rows[i]];                                                                         \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < count; i++)                                                                       \
                sum += (__int128) values[rows[i]] * diffs[rows[i]];                                                    \
        }                                                                                                              \
    } while (0)

static void
int_sum_rows(const AggregateCall *call, IntSum *state, const Column *column, const uint32_t *rows, uint32_t count,
             const int64_t *diffs)
{
    __int128 sum = 0;
    switch (column->phys) {
    case PHYS_I16:
        SUM_ROWS(int16_t, int64_t);
        break;
    case PHYS_I32:
        if (call->arg_type.id == TYPE_UINT4)
            SUM_ROWS(uint32_t, int64_t);
        else
            SUM_ROWS(int32_t, int64_t);
        break;
    default:
        if (is_uint8(call))
            SUM_ROWS(uint64_t, __int128);
        else
            SUM_ROWS(int64_t, __int128);
    }
    wide_set(&state->sum, wide_get(&state->sum) + sum);
    state->count += count_rows(column, rows, count, diffs);
}

void
aggregate_accumulate_rows(const AggregateCall *call, void *state, const Column *column, const uint32_t *rows,
                          uint32_t count, const int64_t *diffs)
{
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
        ((CountState *) state)->count += count_rows(column, rows, count, diffs);
        return;
    case AGGREGATE_SUM_INT:
    case AGGREGATE_AVG_INT:
        int_sum_rows(call, state, column, rows, count, diffs);
        return;
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        for (uint32_t i = 0; i < count; i++) {
            if (!column_is_null(column, rows[i]))
                numeric_sum_add(state, column_bytes(column, rows[i]), diffs == NULL ? 1 : diffs[rows[i]]);
        }
        return;
    default:
        for (uint32_t i = 0; i < count; i++) {
            if (!column_is_null(column, rows[i]))
                aggregate_accumulate(call, state, column_datum(column, call->arg_type, rows[i]),
                                     diffs == NULL ? 1 : diffs[rows[i]]);
        }
    }
}

#define EACH(state_type, add)                                                                                          \
    for (uint32_t i = 0; i < count; i++) {                                                                             \
        uint32_t row = rows == NULL ? i : rows[i];                                                                     \
        if (nulls != NULL && nulls[row])                                                                               \
            continue;                                                                                                  \
        state_type *state = (state_type *) (states[row] + offset);                                                     \
        int64_t diff = diffs == NULL ? 1 : diffs[row];                                                                 \
        add;                                                                                                           \
    }

void
aggregate_accumulate_each(const AggregateCall *call, char *const *states, size_t offset, const Column *column,
                          const uint32_t *rows, uint32_t count, const int64_t *diffs)
{
    const uint8_t *nulls = column == NULL ? NULL : column->nulls;
    int code = call->function->form == AGGREGATE_PAIRED ? -1 : call->function->code;
    bool is_int = code == AGGREGATE_SUM_INT || code == AGGREGATE_AVG_INT;
    if (code == AGGREGATE_COUNT) {
        EACH(CountState, state->count += diff);
    } else if (is_int && column->phys == PHYS_I32 && call->arg_type.id != TYPE_UINT4) {
        EACH(IntSum, int_sum_add(state, ((const int32_t *) column->values)[row], diff));
    } else if (is_int && column->phys == PHYS_I64 && !is_uint8(call)) {
        EACH(IntSum, int_sum_add(state, ((const int64_t *) column->values)[row], diff));
    } else if (code == AGGREGATE_SUM_NUMERIC || code == AGGREGATE_AVG_NUMERIC) {
        EACH(NumericSum, numeric_sum_add(state, column_bytes(column, row), diff));
    } else {
        EACH(void, aggregate_accumulate(call, state, column_datum(column, call->arg_type, row), diff));
    }
}

bool
aggregate_can_merge(const AggregateCall *call)
{
    if (call->function->kind != AGGREGATE_ACCUMULABLE || call->function->form == AGGREGATE_PAIRED)
        return false;
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
    case AGGREGATE_SUM_INT:
    case AGGREGATE_AVG_INT:
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
    case AGGREGATE_BOOL_AND:
    case AGGREGATE_BOOL_OR:
        return true;
    default:
        return false;
    }
}

void
aggregate_merge(const AggregateCall *call, void *into, const void *from)
{
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
        ((CountState *) into)->count += ((const CountState *) from)->count;
        return;
    case AGGREGATE_SUM_INT:
    case AGGREGATE_AVG_INT: {
        IntSum *sum = into;
        const IntSum *other = from;
        wide_set(&sum->sum, wide_get(&sum->sum) + wide_get(&other->sum));
        sum->count += other->count;
        return;
    }
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        numeric_sum_merge(into, from);
        return;
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        float_sum_merge(into, from);
        return;
    case AGGREGATE_BOOL_AND:
    case AGGREGATE_BOOL_OR:
        ((BoolCounts *) into)->true_count += ((const BoolCounts *) from)->true_count;
        ((BoolCounts *) into)->false_count += ((const BoolCounts *) from)->false_count;
        return;
    default:
        bug("states of %s cannot be put together", call->function->name);
    }
}

bool
aggregate_state_is_zero(const AggregateCall *call, const void *state)
{
    if (call->function->form == AGGREGATE_PAIRED)
        return regression_is_zero(state);
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        return numeric_sum_is_zero(state);
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        return float_sum_is_zero(state);
    case AGGREGATE_STDDEV_SAMP:
    case AGGREGATE_STDDEV_POP:
    case AGGREGATE_VAR_SAMP:
    case AGGREGATE_VAR_POP:
        return variance_is_zero(state);
    default: {
        const char *bytes = state;
        for (size_t i = 0; i < aggregate_state_size(call); i++) {
            if (bytes[i] != 0)
                return false;
        }
        return true;
    }
    }
}

/* ---- results */

static bool
int_sum_result(const AggregateCall *call, const IntSum *state, Arena *arena, Datum *result, Error *err)
{
    __int128 sum = wide_get(&state->sum);
    switch (call->result_type.id) {
    case TYPE_NUMERIC:
        *result = datum_bytes(numeric_from_int128(sum, 0, arena));
        return true;
    case TYPE_UINT8:
        *result = datum_int((int64_t) sum);
        return (sum >= 0 && sum <= UINT64_MAX) ||
               error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "uint8 out of range");
    default:
        *result = datum_int((int64_t) sum);
        return sum == (int64_t) sum || error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range",
                                                 call->result_type.id == TYPE_MONEY ? "money" : "bigint");
    }
}

static bool
divide(Numeric sum, int64_t count, Arena *arena, Datum *result, Error *err)
{
    Numeric quotient;
    if (!numeric_div(sum, numeric_from_int64(count, arena), arena, &quotient, err))
        return false;
    *result = datum_bytes(quotient);
    return true;
}

static bool
numeric_result(const AggregateCall *call, const NumericSum *state, Arena *arena, Datum *result, Error *err)
{
    Numeric sum;
    int64_t count;
    if (!numeric_sum_result(state, arena, &sum, &count))
        return true;
    if (call->function->code == AGGREGATE_AVG_NUMERIC)
        return divide(sum, count, arena, result, err);
    *result = datum_bytes(sum);
    return true;
}

static bool
float_result(const AggregateCall *call, const FloatSum *state, Datum *result, Error *err)
{
    double sum;
    int64_t count;
    bool overflow;
    if (!float_sum_result(state, &sum, &count, &overflow))
        return true;
    if (call->function->code == AGGREGATE_AVG_FLOAT) {
        *result = datum_float(sum / (double) count);
    } else if (call->result_type.id == TYPE_FLOAT4) {
        float narrow = (float) sum;
        overflow = overflow || (isinf(narrow) && !isinf(sum));
        *result = datum_float((double) narrow);
    } else {
        *result = datum_float(sum);
    }
    return !overflow || error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
}

static bool
interval_result(const AggregateCall *call, const IntervalSum *state, Datum *result, Error *err)
{
    __int128 microseconds = wide_get(&state->microseconds);
    if (state->count == 0)
        return true;
    if (microseconds != (int64_t) microseconds || state->days != (int32_t) state->days ||
        state->months != (int32_t) state->months)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    Interval sum = {(int64_t) microseconds, (int32_t) state->days, (int32_t) state->months};
    if (call->function->code == AGGREGATE_AVG_INTERVAL && !interval_div(sum, (double) state->count, &sum, err))
        return false;
    *result = (Datum){.interval = sum};
    return true;
}

static Datum
bits_result(const AggregateCall *call, const BitCounts *state)
{
    if (state->count == 0)
        return DATUM_NULL;
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) {
        int64_t set = state->set[i];
        bool on = call->function->code == AGGREGATE_BIT_AND  ? set == state->count
                  : call->function->code == AGGREGATE_BIT_OR ? set > 0
                                                             : (set & 1) != 0;
        bits |= (uint64_t) on << i;
    }
    return datum_int((int64_t) bits);
}

static Datum
bool_result(const AggregateCall *call, const BoolCounts *state)
{
    if (state->true_count <= 0 && state->false_count <= 0)
        return DATUM_NULL;
    return datum_int(call->function->code == AGGREGATE_BOOL_AND ? state->false_count <= 0 : state->true_count > 0);
}

static bool
result_of(const AggregateCall *call, const void *state, Arena *arena, Datum *result, Error *err)
{
    *result = DATUM_NULL;
    if (call->function->form == AGGREGATE_PAIRED) {
        *result = regression_result(state, call);
        return true;
    }
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
        *result = datum_int(((const CountState *) state)->count);
        return true;
    case AGGREGATE_SUM_INT:
        return ((const IntSum *) state)->count == 0 || int_sum_result(call, state, arena, result, err);
    case AGGREGATE_AVG_INT: {
        const IntSum *sum = state;
        return sum->count == 0 ||
               divide(numeric_from_int128(wide_get(&sum->sum), 0, arena), sum->count, arena, result, err);
    }
    case AGGREGATE_SUM_NUMERIC:
    case AGGREGATE_AVG_NUMERIC:
        return numeric_result(call, state, arena, result, err);
    case AGGREGATE_SUM_FLOAT:
    case AGGREGATE_AVG_FLOAT:
        return float_result(call, state, result, err);
    case AGGREGATE_SUM_INTERVAL:
    case AGGREGATE_AVG_INTERVAL:
        return interval_result(call, state, result, err);
    case AGGREGATE_BOOL_AND:
    case AGGREGATE_BOOL_OR:
        *result = bool_result(call, state);
        return true;
    case AGGREGATE_BIT_AND:
    case AGGREGATE_BIT_OR:
    case AGGREGATE_BIT_XOR:
        *result = bits_result(call, state);
        return true;
    case AGGREGATE_STDDEV_SAMP:
    case AGGREGATE_STDDEV_POP:
    case AGGREGATE_VAR_SAMP:
    case AGGREGATE_VAR_POP:
        return variance_result(state, call, arena, result, err);
    default:
        bug("%s is not accumulated", call->function->name);
    }
}

static bool
eval_error_set(EvalError *error, Error *err, Arena *arena)
{
    memcpy(error->sqlstate, err->sqlstate, sizeof error->sqlstate);
    error->message = arena_strdup(arena, err->message);
    error->detail = err->detail == NULL ? NULL : arena_strdup(arena, err->detail);
    error->hint = err->hint == NULL ? NULL : arena_strdup(arena, err->hint);
    error_clear(err);
    return false;
}

bool
aggregate_result(const AggregateCall *call, const void *state, Arena *arena, Datum *result, EvalError *error)
{
    Error err = ERROR_INIT;
    return result_of(call, state, arena, result, &err) || eval_error_set(error, &err, arena);
}

bool
aggregate_takes_first(const AggregateCall *call)
{
    return call->function->code == AGGREGATE_MIN;
}

bool
aggregate_collect(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count, Arena *arena,
                  Datum *result, EvalError *error)
{
    Error err = ERROR_INIT;
    return collect_result(call, args, diffs, count, arena, result, &err) || eval_error_set(error, &err, arena);
}

Datum
aggregate_empty(const AggregateCall *call)
{
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_COUNT:
    case AGGREGATE_REGR_COUNT:
        return datum_int(0);
    case AGGREGATE_RANK:
    case AGGREGATE_DENSE_RANK:
        return datum_int(1);
    case AGGREGATE_PERCENT_RANK:
        return datum_float(0);
    case AGGREGATE_CUME_DIST:
        return datum_float(1);
    default:
        return DATUM_NULL;
    }
}
