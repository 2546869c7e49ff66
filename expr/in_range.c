#include "expr/in_range.h"

#include <math.h>

#include "types/datetime.h"
#include "types/numeric.h"

bool
in_range_offset_type(SqlType type, int index, SqlType *offset)
{
    static const struct {
        TypeId type;
        TypeId offset;
    } pairs[] = {
        {TYPE_INT8, TYPE_INT8},
        {TYPE_INT4, TYPE_INT8},
        {TYPE_INT4, TYPE_INT4},
        {TYPE_INT4, TYPE_INT2},
        {TYPE_INT2, TYPE_INT8},
        {TYPE_INT2, TYPE_INT4},
        {TYPE_INT2, TYPE_INT2},
        {TYPE_FLOAT8, TYPE_FLOAT8},
        {TYPE_FLOAT4, TYPE_FLOAT8},
        {TYPE_NUMERIC, TYPE_NUMERIC},
        {TYPE_DATE, TYPE_INTERVAL},
        {TYPE_TIMESTAMP, TYPE_INTERVAL},
        {TYPE_TIMESTAMPTZ, TYPE_INTERVAL},
        {TYPE_INTERVAL, TYPE_INTERVAL},
        {TYPE_TIME, TYPE_INTERVAL},
        {TYPE_TIMETZ, TYPE_INTERVAL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].type == type.id && index-- == 0) {
            *offset = type_of_id(pairs[i].offset);
            return true;
        }
    }
    return false;
}

bool
in_range_check_offset(const InRange *range, Error *err)
{
    bool negative = false;
    switch (range->offset_type.id) {
    case TYPE_FLOAT8:
        negative = isnan(range->offset.f) || range->offset.f < 0;
        break;
    case TYPE_NUMERIC:
        negative = numeric_is_nan(range->offset.bytes) || numeric_sign(range->offset.bytes) < 0;
        break;
    case TYPE_INTERVAL:
        if (range->type.id == TYPE_TIME || range->type.id == TYPE_TIMETZ)
            negative = range->offset.interval.microseconds < 0;
        else
            negative = interval_compare(range->offset.interval, (Interval){0}) < 0;
        break;
    default:
        negative = range->offset.i < 0;
        break;
    }
    return !negative || error_set(err, SQLSTATE_INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                                  "invalid preceding or following size in window function");
}

static bool
ordered(const InRange *range, int compared)
{
    return range->less ? compared <= 0 : compared >= 0;
}

static bool
in_range_integer(const InRange *range, int64_t value, int64_t base)
{
    int64_t bound;
    bool over = range->subtract ? __builtin_sub_overflow(base, range->offset.i, &bound)
                                : __builtin_add_overflow(base, range->offset.i, &bound);
    if (over)
        return range->subtract ? !range->less : range->less;
    return ordered(range, (value > bound) - (value < bound));
}

/* NaN is the greatest value and equal to itself; an infinity less an infinity is taken as it stands for any value. */
static bool
in_range_float(const InRange *range, double value, double base)
{
    if (isnan(value) || isnan(base))
        return ordered(range, isnan(value) - isnan(base));
    if (isinf(range->offset.f) && isinf(base) && (range->subtract ? base > 0 : base < 0))
        return true;
    double bound = range->subtract ? base - range->offset.f : base + range->offset.f;
    if (range->type.id == TYPE_FLOAT4)
        value = (float) value;
    return ordered(range, (value > bound) - (value < bound));
}

static bool
in_range_numeric(const InRange *range, Numeric value, Numeric base, bool *result, Error *err)
{
    if (numeric_is_nan(value) || numeric_is_nan(base)) {
        *result = ordered(range, numeric_is_nan(value) - numeric_is_nan(base));
        return true;
    }
    Numeric offset = range->offset.bytes, bound;
    bool base_end = !numeric_is_finite(base) && (range->subtract ? numeric_sign(base) > 0 : numeric_sign(base) < 0);
    if (!numeric_is_finite(offset) && base_end) {
        *result = true;
        return true;
    }
    if (!(range->subtract ? numeric_sub(base, offset, range->arena, &bound, err)
                          : numeric_add(base, offset, range->arena, &bound, err)))
        return false;
    *result = ordered(range, numeric_compare(value, bound));
    return true;
}

static bool
signed_offset(const InRange *range, Interval *offset, Error *err)
{
    *offset = range->offset.interval;
    return !range->subtract || interval_neg(*offset, offset, err);
}

static bool
in_range_timestamp(const InRange *range, int64_t value, int64_t base, bool *result, Error *err)
{
    Interval offset;
    int64_t bound = base;
    if (!signed_offset(range, &offset, err))
        return false;
    if (base != TIMESTAMP_INFINITY && base != TIMESTAMP_MINUS_INFINITY) {
        bool worked = range->type.id == TYPE_TIMESTAMPTZ
                          ? timestamptz_add_interval(base, offset, range->zone, &bound, err)
                          : timestamp_add_interval(base, offset, &bound, err);
        if (!worked)
            return false;
    }
    *result = ordered(range, (value > bound) - (value < bound));
    return true;
}

/* Only the time of day of the offset counts, and a day has two ends. */
static bool
in_range_time(const InRange *range, Datum value, Datum base)
{
    int64_t offset = range->offset.interval.microseconds, of_day;
    bool zoned = range->type.id == TYPE_TIMETZ;
    int64_t start = zoned ? base.timetz.microseconds : base.i;
    if (range->subtract)
        of_day = start - offset;
    else if (__builtin_add_overflow(start, offset, &of_day))
        return range->less;
    if (!zoned)
        return ordered(range, (value.i > of_day) - (value.i < of_day));
    Datum bound = base;
    bound.timetz.microseconds = of_day;
    return ordered(range, datum_compare(range->type, value, bound));
}

bool
in_range(const InRange *range, Datum value, Datum base, bool *result, Error *err)
{
    switch (range->type.id) {
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        *result = in_range_float(range, value.f, base.f);
        return true;
    case TYPE_NUMERIC:
        return in_range_numeric(range, value.bytes, base.bytes, result, err);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return in_range_timestamp(range, value.i, base.i, result, err);
    case TYPE_DATE: {
        int64_t from, to;
        return date_to_timestamp((int32_t) value.i, &to, err) && date_to_timestamp((int32_t) base.i, &from, err) &&
               in_range_timestamp(range, to, from, result, err);
    }
    case TYPE_INTERVAL: {
        Interval bound;
        if (!(range->subtract ? interval_sub(base.interval, range->offset.interval, &bound, err)
                              : interval_add(base.interval, range->offset.interval, &bound, err)))
            return false;
        *result = ordered(range, interval_compare(value.interval, bound));
        return true;
    }
    case TYPE_TIME:
    case TYPE_TIMETZ:
        *result = in_range_time(range, value, base);
        return true;
    default:
        *result = in_range_integer(range, value.i, base.i);
        return true;
    }
}
