#include "expr/function.h"
#include "types/error_value.h"

Slice
eval_error_encode(const EvalError *error, Arena *arena)
{
    ErrorValue value = {.message = error->message, .detail = error->detail, .hint = error->hint};
    memcpy(value.sqlstate, error->sqlstate, sizeof value.sqlstate);
    return error_value_encode(&value, arena);
}

EvalError
eval_error_decode(Slice bytes, Arena *arena)
{
    ErrorValue value = error_value_decode(bytes, arena);
    EvalError error = {.message = value.message, .detail = value.detail, .hint = value.hint};
    memcpy(error.sqlstate, value.sqlstate, sizeof error.sqlstate);
    return error;
}

void
error_from_eval(Error *err, const EvalError *error)
{
    (void) error_set(err, error->sqlstate, "%s", error->message);
    if (error->detail != NULL)
        (void) error_detail(err, "%s", error->detail);
    if (error->hint != NULL)
        (void) error_hint(err, "%s", error->hint);
}
