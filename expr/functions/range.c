#include "types/range.h"

#include "expr/functions/family.h"

/* Ranges; their algebra is types/range.h's. */

static bool
bad_flags(Error *err)
{
    (void) error_set(err, SQLSTATE_SYNTAX_ERROR, "invalid range bound flags");
    return error_hint(err, "Valid values are \"[]\", \"[)\", \"(]\", and \"()\".");
}

/* A null bound is an infinite one. */
ROW_FUNCTION(construct)
{
    Range range = {.lower_inclusive = true};
    if (call->arg_count == 3) {
        if (args[2].is_null)
            return error_set(err, SQLSTATE_DATA_EXCEPTION, "range constructor flags argument must not be null");
        Slice flags = args[2].bytes;
        if (flags.size != 2 || strchr("[(", flags.bytes[0]) == NULL || strchr("])", flags.bytes[1]) == NULL)
            return bad_flags(err);
        range.lower_inclusive = flags.bytes[0] == '[';
        range.upper_inclusive = flags.bytes[1] == ']';
    }
    range.lower_infinite = args[0].is_null;
    range.upper_infinite = args[1].is_null;
    range.lower = args[0];
    range.upper = args[1];
    return range_make(call->result_type, &range, call->context->arena, &result->bytes, err);
}

static Range
read(FunctionCall *call, const Datum *args)
{
    Range range;
    range_read(call->arg_types[0], args[0].bytes, call->context->arena, &range);
    return range;
}

ROW_FUNCTION(lower_of)
{
    Range range = read(call, args);
    *result = range.empty || range.lower_infinite ? DATUM_NULL : range.lower;
    return true;
}

ROW_FUNCTION(upper_of)
{
    Range range = read(call, args);
    *result = range.empty || range.upper_infinite ? DATUM_NULL : range.upper;
    return true;
}

ROW_FUNCTION(is_empty)
{
    return give_bool(result, read(call, args).empty);
}

ROW_FUNCTION(lower_inclusive)
{
    Range range = read(call, args);
    return give_bool(result, !range.empty && !range.lower_infinite && range.lower_inclusive);
}

ROW_FUNCTION(upper_inclusive)
{
    Range range = read(call, args);
    return give_bool(result, !range.empty && !range.upper_infinite && range.upper_inclusive);
}

ROW_FUNCTION(lower_infinite)
{
    Range range = read(call, args);
    return give_bool(result, !range.empty && range.lower_infinite);
}

ROW_FUNCTION(upper_infinite)
{
    Range range = read(call, args);
    return give_bool(result, !range.empty && range.upper_infinite);
}

#define RANGE_QUESTION(name, question)                                                                                 \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return give_bool(result, question(call->arg_types[0], args[0].bytes, args[1].bytes));                          \
    }

RANGE_QUESTION(contains_range, range_contains_range)
RANGE_QUESTION(overlaps, range_overlaps)
RANGE_QUESTION(before, range_before)
RANGE_QUESTION(over_left, range_over_left)
RANGE_QUESTION(over_right, range_over_right)
RANGE_QUESTION(adjacent, range_adjacent)

ROW_FUNCTION(contained_range)
{
    return give_bool(result, range_contains_range(call->arg_types[0], args[1].bytes, args[0].bytes));
}

ROW_FUNCTION(after)
{
    return give_bool(result, range_before(call->arg_types[0], args[1].bytes, args[0].bytes));
}

ROW_FUNCTION(contains_element)
{
    return give_bool(result, range_contains_element(call->arg_types[0], args[0].bytes, args[1]));
}

ROW_FUNCTION(element_contained)
{
    return give_bool(result, range_contains_element(call->arg_types[1], args[1].bytes, args[0]));
}

#define RANGE_OPERATION(name, operation)                                                                               \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return operation(call->arg_types[0], args[0].bytes, args[1].bytes, call->context->arena, &result->bytes, err); \
    }

RANGE_OPERATION(join, range_union)
RANGE_OPERATION(intersect, range_intersect)
RANGE_OPERATION(minus, range_minus)

/* The smallest range that covers both. */
ROW_FUNCTION(merge)
{
    SqlType type = call->arg_types[0], element = type_range_element(type);
    Range a, b;
    range_read(type, args[0].bytes, call->context->arena, &a);
    range_read(type, args[1].bytes, call->context->arena, &b);
    if (a.empty || b.empty)
        return give_bytes(result, a.empty ? args[1].bytes : args[0].bytes);
    Range merged = a;
    int low = a.lower_infinite || b.lower_infinite ? 0 : datum_compare(element, a.lower, b.lower);
    int high = a.upper_infinite || b.upper_infinite ? 0 : datum_compare(element, a.upper, b.upper);
    merged.lower_infinite = a.lower_infinite || b.lower_infinite;
    merged.upper_infinite = a.upper_infinite || b.upper_infinite;
    merged.lower = low > 0 ? b.lower : a.lower;
    merged.upper = high < 0 ? b.upper : a.upper;
    merged.lower_inclusive = low > 0   ? b.lower_inclusive
                             : low < 0 ? a.lower_inclusive
                                       : a.lower_inclusive || b.lower_inclusive;
    merged.upper_inclusive = high < 0   ? b.upper_inclusive
                             : high > 0 ? a.upper_inclusive
                                        : a.upper_inclusive || b.upper_inclusive;
    return range_make(type, &merged, call->context->arena, &result->bytes, err);
}

/* ---- comparisons by name */

#define BY_ORDER(name, holds)                                                                                          \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        int order = datum_compare(call->arg_types[0], args[0], args[1]);                                               \
        return give_bool(result, holds);                                                                               \
    }

BY_ORDER(equal, order == 0)
BY_ORDER(not_equal, order != 0)
BY_ORDER(less, order < 0)
BY_ORDER(less_or_equal, order <= 0)
BY_ORDER(greater, order > 0)
BY_ORDER(greater_or_equal, order >= 0)

const Function functions_range[] = {
#include "expr/functions/range.def"
};
const size_t functions_range_count = sizeof functions_range / sizeof *functions_range;
