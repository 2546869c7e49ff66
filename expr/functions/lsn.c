#include "types/numeric.h"

#include "expr/functions/family.h"

/* Positions in a write-ahead log: they differ by numbers of bytes, which are numeric. */

static Numeric
lsn_numeric(Datum value, Arena *arena)
{
    return numeric_from_int128((__int128) (uint64_t) value.i, 0, arena);
}

static bool
give_lsn(FunctionCall *call, Numeric bytes, Datum *result, Error *err)
{
    __int128 whole;
    int scale;
    if (numeric_is_nan(bytes))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert NaN to pg_lsn");
    if (!numeric_is_finite(bytes))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert infinity to pg_lsn");
    if (!numeric_to_int128(numeric_round(bytes, 0, call->context->arena), &scale, &whole) || whole < 0 ||
        whole > UINT64_MAX)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "pg_lsn out of range");
    *result = datum_int((int64_t) (uint64_t) whole);
    return true;
}

ROW_FUNCTION(distance)
{
    __int128 bytes = (__int128) (uint64_t) args[0].i - (__int128) (uint64_t) args[1].i;
    return give_bytes(result, numeric_from_int128(bytes, 0, call->context->arena));
}

static bool
add(FunctionCall *call, Datum lsn, Numeric bytes, Datum *result, Error *err)
{
    Arena *arena = call->context->arena;
    Numeric sum;
    if (numeric_is_nan(bytes))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot add NaN to pg_lsn");
    return numeric_add(lsn_numeric(lsn, arena), bytes, arena, &sum, err) && give_lsn(call, sum, result, err);
}

ROW_FUNCTION(plus)
{
    return add(call, args[0], args[1].bytes, result, err);
}

ROW_FUNCTION(plus_reversed)
{
    return add(call, args[1], args[0].bytes, result, err);
}

ROW_FUNCTION(minus)
{
    Arena *arena = call->context->arena;
    Numeric rest;
    if (numeric_is_nan(args[1].bytes))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot subtract NaN from pg_lsn");
    return numeric_sub(lsn_numeric(args[0], arena), args[1].bytes, arena, &rest, err) &&
           give_lsn(call, rest, result, err);
}

ROW_FUNCTION(of_numeric)
{
    return give_lsn(call, args[0].bytes, result, err);
}

const Function functions_lsn[] = {
#include "expr/functions/lsn.def"
};
const size_t functions_lsn_count = sizeof functions_lsn / sizeof *functions_lsn;
