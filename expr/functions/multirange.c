#include "types/multirange.h"

#include "expr/functions/family.h"

/* Multiranges, and ranges beside them; their algebra is types/multirange.h's. */

ROW_FUNCTION(construct)
{
    Slice ranges[FUNCTION_ARGS_MAX + 92];
    for (int i = 0; i < call->arg_count; i++) {
        if (args[i].is_null)
            return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "multirange values cannot contain null members");
        ranges[i] = args[i].bytes;
    }
    return multirange_make(call->result_type, ranges, (size_t) call->arg_count, call->context->arena, &result->bytes,
                           err);
}

static RangeSet
set_of(FunctionCall *call, const Datum *args, int index)
{
    return range_set_read(call->arg_types[index], args[index].bytes);
}

/* The outermost ranges; an empty one of none. */
static Range
first_of(FunctionCall *call, const Datum *args)
{
    Range range = {.empty = true};
    RangeSet set = set_of(call, args, 0);
    if (set.count > 0)
        range_read(set.range, set.first, NULL, &range);
    return range;
}

static Range
last_of(FunctionCall *call, const Datum *args)
{
    Range range = {.empty = true};
    RangeSet set = set_of(call, args, 0);
    if (set.count > 0)
        range_read(set.range, range_set_last(&set), NULL, &range);
    return range;
}

ROW_FUNCTION(lower_of)
{
    Range range = first_of(call, args);
    *result = range.empty || range.lower_infinite ? DATUM_NULL : range.lower;
    return true;
}

ROW_FUNCTION(upper_of)
{
    Range range = last_of(call, args);
    *result = range.empty || range.upper_infinite ? DATUM_NULL : range.upper;
    return true;
}

ROW_FUNCTION(is_empty)
{
    return give_bool(result, set_of(call, args, 0).count == 0);
}

ROW_FUNCTION(lower_inclusive)
{
    Range range = first_of(call, args);
    return give_bool(result, !range.empty && !range.lower_infinite && range.lower_inclusive);
}

ROW_FUNCTION(upper_inclusive)
{
    Range range = last_of(call, args);
    return give_bool(result, !range.empty && !range.upper_infinite && range.upper_inclusive);
}

ROW_FUNCTION(lower_infinite)
{
    Range range = first_of(call, args);
    return give_bool(result, !range.empty && range.lower_infinite);
}

ROW_FUNCTION(upper_infinite)
{
    Range range = last_of(call, args);
    return give_bool(result, !range.empty && range.upper_infinite);
}

/* What is asked of the sets of two arguments, each a range or a multirange; `left` and `right` are their numbers. */
#define SET_QUESTION(name, question, left, right)                                                                      \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        RangeSet a = set_of(call, args, left), b = set_of(call, args, right);                                          \
        return give_bool(result, question(&a, &b));                                                                    \
    }

SET_QUESTION(contains, range_set_contains, 0, 1)
SET_QUESTION(contained, range_set_contains, 1, 0)
SET_QUESTION(overlaps, range_set_overlaps, 0, 1)
SET_QUESTION(before, range_set_before, 0, 1)
SET_QUESTION(after, range_set_before, 1, 0)
SET_QUESTION(over_left, range_set_over_left, 0, 1)
SET_QUESTION(over_right, range_set_over_right, 0, 1)
SET_QUESTION(adjacent, range_set_adjacent, 0, 1)

ROW_FUNCTION(contains_element)
{
    RangeSet set = set_of(call, args, 0);
    return give_bool(result, range_set_contains_element(&set, args[1]));
}

ROW_FUNCTION(element_contained)
{
    RangeSet set = set_of(call, args, 1);
    return give_bool(result, range_set_contains_element(&set, args[0]));
}

#define OPERATION(name, operation)                                                                                     \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        return operation(call->arg_types[0], args[0].bytes, args[1].bytes, call->context->arena, &result->bytes, err); \
    }

OPERATION(join, multirange_union)
OPERATION(intersect, multirange_intersect)
OPERATION(minus, multirange_minus)

ROW_FUNCTION(span)
{
    return multirange_span(call->arg_types[0], args[0].bytes, call->context->arena, &result->bytes, err);
}

/* ---- comparisons by name */

ROW_FUNCTION(compare)
{
    return give_int(result, multirange_compare(call->arg_types[0], args[0].bytes, args[1].bytes));
}

#define BY_ORDER(name, holds)                                                                                          \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        int order = multirange_compare(call->arg_types[0], args[0].bytes, args[1].bytes);                              \
        return give_bool(result, holds);                                                                               \
    }

BY_ORDER(equal, order == 0)
BY_ORDER(not_equal, order != 0)
BY_ORDER(less, order < 0)
BY_ORDER(less_or_equal, order <= 0)
BY_ORDER(greater, order > 0)
BY_ORDER(greater_or_equal, order >= 0)

const Function functions_multirange[] = {
#include "expr/functions/multirange.def"
};
const size_t functions_multirange_count = sizeof functions_multirange / sizeof *functions_multirange;
