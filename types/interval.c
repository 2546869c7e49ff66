/* Arithmetic of intervals. */
#include <math.h>

#include "types/datetime_internal.h"

#define DAYS_PER_MONTH 30

static bool
interval_range_error(Error *err)
{
    return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
}

bool
interval_add(Interval a, Interval b, Interval *out, Error *err)
{
    if (__builtin_add_overflow(a.months, b.months, &out->months) ||
        __builtin_add_overflow(a.days, b.days, &out->days) ||
        __builtin_add_overflow(a.microseconds, b.microseconds, &out->microseconds))
        return interval_range_error(err);
    return true;
}

bool
interval_sub(Interval a, Interval b, Interval *out, Error *err)
{
    if (__builtin_sub_overflow(a.months, b.months, &out->months) ||
        __builtin_sub_overflow(a.days, b.days, &out->days) ||
        __builtin_sub_overflow(a.microseconds, b.microseconds, &out->microseconds))
        return interval_range_error(err);
    return true;
}

bool
interval_neg(Interval a, Interval *out, Error *err)
{
    return interval_sub((Interval){0}, a, out, err);
}

static double
round_to_microseconds(double value)
{
    return rint(value * 1000000.0) / 1000000.0;
}

static bool
to_int32(double value, int32_t *out)
{
    if (isnan(value) || value < (double) INT32_MIN || value >= -(double) INT32_MIN)
        return false;
    *out = (int32_t) value;
    return true;
}

/* From parts that were scaled: the fraction of a month becomes days, that of a day microseconds, never upwards. */
static bool
interval_cascade(double months, double days, double microseconds, Interval *out, Error *err)
{
    if (!to_int32(months, &out->months) || !to_int32(days, &out->days))
        return interval_range_error(err);
    double month_days = round_to_microseconds((months - out->months) * DAYS_PER_MONTH);
    double seconds = (days - out->days + month_days - (int32_t) month_days) * (double) SECONDS_PER_DAY;
    seconds = round_to_microseconds(seconds);
    /* What rounding made a whole day is one. */
    if (fabs(seconds) >= (double) SECONDS_PER_DAY) {
        int32_t whole = (int32_t) (seconds / (double) SECONDS_PER_DAY);
        if (__builtin_add_overflow(out->days, whole, &out->days))
            return interval_range_error(err);
        seconds -= whole * (double) SECONDS_PER_DAY;
    }
    if (__builtin_add_overflow(out->days, (int32_t) month_days, &out->days))
        return interval_range_error(err);
    double us = rint(microseconds + seconds * (double) US_PER_SECOND);
    if (isnan(us) || us < (double) INT64_MIN || us >= -(double) INT64_MIN)
        return interval_range_error(err);
    out->microseconds = (int64_t) us;
    return true;
}

bool
interval_mul(Interval a, double factor, Interval *out, Error *err)
{
    return interval_cascade(a.months * factor, a.days * factor, (double) a.microseconds * factor, out, err);
}

bool
interval_div(Interval a, double divisor, Interval *out, Error *err)
{
    if (divisor == 0)
        return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    return interval_cascade(a.months / divisor, a.days / divisor, (double) a.microseconds / divisor, out, err);
}

/* As if every month had 30 days and every day 24 hours. */
int
interval_compare(Interval a, Interval b)
{
    __int128 x = ((__int128) a.months * DAYS_PER_MONTH + a.days) * US_PER_DAY + a.microseconds;
    __int128 y = ((__int128) b.months * DAYS_PER_MONTH + b.days) * US_PER_DAY + b.microseconds;
    return (x > y) - (x < y);
}

static void
carry_days(int64_t *microseconds, int64_t *days)
{
    int64_t whole = *microseconds / US_PER_DAY;
    *microseconds -= whole * US_PER_DAY;
    *days += whole;
}

static void
carry_months(int64_t *days, int64_t *months)
{
    int64_t whole = *days / DAYS_PER_MONTH;
    *days -= whole * DAYS_PER_MONTH;
    *months += whole;
}

static void
align_time_sign(int64_t *microseconds, int64_t *days)
{
    if (*days > 0 && *microseconds < 0) {
        *microseconds += US_PER_DAY;
        (*days)--;
    } else if (*days < 0 && *microseconds > 0) {
        *microseconds -= US_PER_DAY;
        (*days)++;
    }
}

static void
align_day_sign(int64_t *days, int64_t *months)
{
    if (*months > 0 && *days < 0) {
        *days += DAYS_PER_MONTH;
        (*months)--;
    } else if (*months < 0 && *days > 0) {
        *days -= DAYS_PER_MONTH;
        (*months)++;
    }
}

Interval
interval_justify_hours(Interval a)
{
    int64_t us = a.microseconds, days = a.days;
    carry_days(&us, &days);
    align_time_sign(&us, &days);
    return (Interval){us, (int32_t) days, a.months};
}

Interval
interval_justify_days(Interval a)
{
    int64_t days = a.days, months = a.months;
    carry_months(&days, &months);
    align_day_sign(&days, &months);
    return (Interval){a.microseconds, (int32_t) days, (int32_t) months};
}

Interval
interval_justify_interval(Interval a)
{
    int64_t us = a.microseconds, days = a.days, months = a.months;
    carry_days(&us, &days);
    carry_months(&days, &months);
    if (months > 0 && (days < 0 || (days == 0 && us < 0))) {
        days += DAYS_PER_MONTH;
        months--;
    } else if (months < 0 && (days > 0 || (days == 0 && us > 0))) {
        days -= DAYS_PER_MONTH;
        months++;
    }
    align_time_sign(&us, &days);
    return (Interval){us, (int32_t) days, (int32_t) months};
}
