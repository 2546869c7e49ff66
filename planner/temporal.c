/*
 * temporal.c -- conjuncts over mz_now() as bounds on the time at which a row is there.
 */
#include "planner/lower_mir.h"

bool
scalar_has_mz_now(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CONTEXT)
        return scalar->context == CONTEXT_MZ_NOW;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_has_mz_now(scalar->args[i]))
            return true;
    }
    return false;
}

static bool
step_row(FunctionCall *call, const Datum *args, Datum *result, Error *err)
{
    (void) call;
    uint64_t time = (uint64_t) args[0].i;
    if (time == UINT64_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "step mz_timestamp overflow");
    *result = datum_int((int64_t) (time + 1));
    return true;
}

/* The next mz_timestamp. SQL cannot call it: it is what <= is to < here. */
static const Function step_function = {
    .name = "step_mz_timestamp",
    .schema = "mz_internal",
    .kind = FUNCTION_SCALAR,
    .strict = true,
    .can_fail = true,
    .arg_count = 1,
    .args = {{.id = TYPE_MZ_TIMESTAMP, .typmod = -1}},
    .result = {.id = TYPE_MZ_TIMESTAMP, .typmod = -1},
    .row = step_row,
};

static Scalar *
step(Arena *arena, Scalar *time)
{
    Scalar **args = arena_new_array(arena, Scalar *, 1);
    args[0] = time;
    return scalar_call(arena, &step_function, args, 1, SQL_TYPE(MZ_TIMESTAMP));
}

static bool
unsupported(const Scalar *predicate, Error *err)
{
    Buffer text = {0};
    scalar_print(predicate, NULL, &text);
    error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
              "Unsupported temporal predicate. Note: `mz_now()` must be directly compared to a mz_timestamp-castable "
              "expression. "
              "Expression found: %s",
              buffer_text(&text));
    buffer_deinit(&text);
    return false;
}

/* NOT (a < b) says a >= b: in a filter, null and false are the same. */
static const char *
negated(const char *op)
{
    static const char *const pairs[][2] = {{"<", ">="}, {">", "<="}, {"<=", ">"}, {">=", "<"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(op, pairs[i][0]) == 0)
            return pairs[i][1];
    }
    return "";
}

static const char *
flipped(const char *op)
{
    static const char *const pairs[][2] = {{"<", ">"}, {">", "<"}, {"<=", ">="}, {">=", "<="}, {"=", "="}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(op, pairs[i][0]) == 0)
            return pairs[i][1];
    }
    return op;
}

bool
temporal_bounds(Arena *arena, const Scalar *predicate, TemporalBounds *bounds, Error *err)
{
    *bounds = (TemporalBounds){0};
    bool negate = predicate->kind == SCALAR_NOT;
    const Scalar *call = negate ? predicate->args[0] : predicate;
    if (call->kind != SCALAR_CALL || call->function->kind != FUNCTION_OPERATOR || call->arg_count != 2)
        return unsupported(predicate, err);
    bool left = call->args[0]->kind == SCALAR_CONTEXT && call->args[0]->context == CONTEXT_MZ_NOW;
    Scalar *now = call->args[left ? 0 : 1], *time = call->args[left ? 1 : 0];
    if (now->kind != SCALAR_CONTEXT || scalar_has_mz_now(time) || time->type.id != TYPE_MZ_TIMESTAMP)
        return unsupported(predicate, err);
    const char *op = left ? call->function->name : flipped(call->function->name);
    if (negate)
        op = negated(op);
    if (strcmp(op, "=") == 0 || strcmp(op, ">=") == 0)
        bounds->lower = time;
    else if (strcmp(op, ">") == 0)
        bounds->lower = step(arena, time);
    if (strcmp(op, "<") == 0)
        bounds->upper = time;
    else if (strcmp(op, "<=") == 0 || strcmp(op, "=") == 0)
        bounds->upper = step(arena, time);
    if (bounds->lower == NULL && bounds->upper == NULL)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "Unsupported binary temporal operation: %s",
                         call->function->name);
    return true;
}
