#include "types/datetime.h"

#include <math.h>
#include <strings.h>

#include "expr/functions/kernel.h"
#include "types/numeric.h"
#include "types/text_format.h"

/* Dates, times, timestamps, intervals; the calendar is types/datetime.h's. */

static inline bool
date_is_finite(int64_t date)
{
    return date != DATE_MINUS_INFINITY && date != DATE_INFINITY;
}

static inline bool
timestamp_is_finite(int64_t timestamp)
{
    return timestamp != TIMESTAMP_MINUS_INFINITY && timestamp != TIMESTAMP_INFINITY;
}

static int64_t
within_day(int64_t time)
{
    time %= US_PER_DAY;
    return time < 0 ? time + US_PER_DAY : time;
}

/* ---- dates */

#define DATE_MIN (-2451545)             /* 4714-11-24 BC */
#define DATE_END (2147483494 - 2451545) /* the day after 5874897-12-31 */

static bool
give_date(Datum *result, int64_t date, Error *err)
{
    if (date < DATE_MIN || date >= DATE_END)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
    return give_int(result, date);
}

ROW_FUNCTION(date_plus_int)
{
    return date_is_finite(args[0].i) ? give_date(result, args[0].i + args[1].i, err) : give_int(result, args[0].i);
}

ROW_FUNCTION(int_plus_date)
{
    return date_is_finite(args[1].i) ? give_date(result, args[1].i + args[0].i, err) : give_int(result, args[1].i);
}

ROW_FUNCTION(date_minus_int)
{
    return date_is_finite(args[0].i) ? give_date(result, args[0].i - args[1].i, err) : give_int(result, args[0].i);
}

ROW_FUNCTION(date_minus_date)
{
    if (!date_is_finite(args[0].i) || !date_is_finite(args[1].i))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates");
    return give_int(result, args[0].i - args[1].i);
}

static bool
date_plus(const Datum *date, Interval interval, Datum *result, Error *err)
{
    int64_t timestamp;
    return date_to_timestamp((int32_t) date->i, &timestamp, err) &&
           timestamp_add_interval(timestamp, interval, &result->i, err);
}

ROW_FUNCTION(date_plus_interval)
{
    return date_plus(&args[0], args[1].interval, result, err);
}

ROW_FUNCTION(interval_plus_date)
{
    return date_plus(&args[1], args[0].interval, result, err);
}

ROW_FUNCTION(date_minus_interval)
{
    Interval negated;
    return interval_neg(args[1].interval, &negated, err) && date_plus(&args[0], negated, result, err);
}

static bool
date_at_time(const Datum *date, int64_t time, Datum *result, Error *err)
{
    int64_t timestamp;
    if (!date_to_timestamp((int32_t) date->i, &timestamp, err))
        return false;
    if (timestamp_is_finite(timestamp) && __builtin_add_overflow(timestamp, time, &timestamp))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    return give_int(result, timestamp);
}

ROW_FUNCTION(date_plus_time)
{
    return date_at_time(&args[0], args[1].i, result, err);
}

ROW_FUNCTION(time_plus_date)
{
    return date_at_time(&args[1], args[0].i, result, err);
}

ROW_FUNCTION(date_plus_timetz)
{
    return date_at_time(&args[0], args[1].timetz.microseconds + args[1].timetz.zone_seconds_west * US_PER_SECOND,
                        result, err);
}

ROW_FUNCTION(timetz_plus_date)
{
    return date_at_time(&args[1], args[0].timetz.microseconds + args[0].timetz.zone_seconds_west * US_PER_SECOND,
                        result, err);
}

/* ---- timestamps and intervals */

ROW_FUNCTION(timestamp_plus)
{
    return timestamp_add_interval(args[0].i, args[1].interval, &result->i, err);
}

ROW_FUNCTION(plus_timestamp)
{
    return timestamp_add_interval(args[1].i, args[0].interval, &result->i, err);
}

ROW_FUNCTION(timestamp_minus_interval)
{
    Interval negated;
    return interval_neg(args[1].interval, &negated, err) && timestamp_add_interval(args[0].i, negated, &result->i, err);
}

ROW_FUNCTION(timestamptz_plus)
{
    return timestamptz_add_interval(args[0].i, args[1].interval, call_zone(call), &result->i, err);
}

ROW_FUNCTION(plus_timestamptz)
{
    return timestamptz_add_interval(args[1].i, args[0].interval, call_zone(call), &result->i, err);
}

ROW_FUNCTION(timestamptz_minus_interval)
{
    Interval negated;
    return interval_neg(args[1].interval, &negated, err) &&
           timestamptz_add_interval(args[0].i, negated, call_zone(call), &result->i, err);
}

ROW_FUNCTION(timestamp_minus)
{
    return timestamp_subtract(args[0].i, args[1].i, &result->interval, err);
}

ROW_FUNCTION(time_minus_time)
{
    return give_interval(result, (Interval){.microseconds = args[0].i - args[1].i});
}

ROW_FUNCTION(time_plus)
{
    return give_int(result, within_day(args[0].i + args[1].interval.microseconds % US_PER_DAY));
}

ROW_FUNCTION(plus_time)
{
    return give_int(result, within_day(args[1].i + args[0].interval.microseconds % US_PER_DAY));
}

ROW_FUNCTION(time_minus_interval)
{
    return give_int(result, within_day(args[0].i - args[1].interval.microseconds % US_PER_DAY));
}

static bool
give_timetz(Datum *result, int64_t time, int32_t zone)
{
    *result = (Datum){0};
    result->timetz.microseconds = within_day(time);
    result->timetz.zone_seconds_west = zone;
    return true;
}

ROW_FUNCTION(timetz_plus)
{
    return give_timetz(result, args[0].timetz.microseconds + args[1].interval.microseconds % US_PER_DAY,
                       args[0].timetz.zone_seconds_west);
}

ROW_FUNCTION(plus_timetz)
{
    return give_timetz(result, args[1].timetz.microseconds + args[0].interval.microseconds % US_PER_DAY,
                       args[1].timetz.zone_seconds_west);
}

ROW_FUNCTION(timetz_minus_interval)
{
    return give_timetz(result, args[0].timetz.microseconds - args[1].interval.microseconds % US_PER_DAY,
                       args[0].timetz.zone_seconds_west);
}

ROW_FUNCTION(interval_plus)
{
    return interval_add(args[0].interval, args[1].interval, &result->interval, err);
}

ROW_FUNCTION(interval_minus)
{
    return interval_sub(args[0].interval, args[1].interval, &result->interval, err);
}

ROW_FUNCTION(interval_negate)
{
    return interval_neg(args[0].interval, &result->interval, err);
}

ROW_FUNCTION(interval_times)
{
    return interval_mul(args[0].interval, args[1].f, &result->interval, err);
}

ROW_FUNCTION(times_interval)
{
    return interval_mul(args[1].interval, args[0].f, &result->interval, err);
}

ROW_FUNCTION(interval_divide)
{
    return interval_div(args[0].interval, args[1].f, &result->interval, err);
}

ROW_FUNCTION(justify_hours)
{
    return give_interval(result, interval_justify_hours(args[0].interval));
}

ROW_FUNCTION(justify_days)
{
    return give_interval(result, interval_justify_days(args[0].interval));
}

ROW_FUNCTION(justify_interval)
{
    return give_interval(result, interval_justify_interval(args[0].interval));
}

ROW_FUNCTION(age)
{
    return timestamp_age(args[0].i, args[1].i, &result->interval, err);
}

ROW_FUNCTION(age_in_zone)
{
    int64_t a = args[0].i, b = args[1].i;
    if (call_zone(call) != NULL) {
        Slice zone = slice_of(call_zone(call));
        if ((timestamp_is_finite(a) && !timestamp_to_zone(a, zone, &a, err)) ||
            (timestamp_is_finite(b) && !timestamp_to_zone(b, zone, &b, err)))
            return false;
    }
    return timestamp_age(a, b, &result->interval, err);
}

KERNEL_UNARY(date_finite, int32_t, uint8_t, PHYS_U8, date_is_finite(a))
KERNEL_UNARY(timestamp_finite, int64_t, uint8_t, PHYS_U8, timestamp_is_finite(a))

ROW_FUNCTION(interval_finite)
{
    return give_bool(result, true);
}

/* ---- fields */

ROW_FUNCTION(extract)
{
    return datetime_extract(args[0].bytes, call->arg_types[1], args[1], call_zone(call), call->context->arena, result,
                            err);
}

/* Summed in floating point as PostgreSQL does, whose last digit is then not the exact sum's. */
static double
interval_seconds(Interval interval)
{
    double seconds = (double) interval.microseconds / (double) US_PER_SECOND;
    seconds += 365.25 * 86400 * (interval.months / 12);
    seconds += 30.0 * 86400 * (interval.months % 12);
    return seconds + 86400.0 * interval.days;
}

ROW_FUNCTION(date_part)
{
    Datum numeric = {0}, value = args[1];
    SqlType type = call->arg_types[1];
    if (type.id == TYPE_INTERVAL && args[0].bytes.size == 5 && strncasecmp(args[0].bytes.bytes, "epoch", 5) == 0)
        return give_float(result, interval_seconds(args[1].interval));
    if (type.id == TYPE_DATE) { /* date_part has no dates of its own, extract has */
        type = SQL_TYPE(TIMESTAMP);
        if (!date_to_timestamp((int32_t) args[1].i, &value.i, err))
            return false;
    }
    if (!datetime_extract(args[0].bytes, type, value, call_zone(call), call->context->arena, &numeric, err))
        return false;
    return numeric.is_null ? give_null(result) : give_float(result, numeric_to_double(numeric.bytes));
}

ROW_FUNCTION(trunc_timestamp)
{
    return timestamp_trunc(args[0].bytes, args[1].i, &result->i, err);
}

ROW_FUNCTION(trunc_timestamptz)
{
    return timestamptz_trunc(args[0].bytes, args[1].i, call_zone(call), &result->i, err);
}

ROW_FUNCTION(trunc_timestamptz_in)
{
    if (!timestamp_is_finite(args[1].i))
        return give_int(result, args[1].i);
    return timestamptz_trunc_in(args[0].bytes, args[1].i, args[2].bytes, &result->i, err);
}

ROW_FUNCTION(trunc_interval)
{
    return interval_trunc(args[0].bytes, args[1].interval, &result->interval, err);
}

/* With two arguments the bins start at 1970-01-01. */
ROW_FUNCTION(date_bin)
{
    Interval stride = args[0].interval;
    int64_t source = args[1].i, origin = call->arg_count == 3 ? args[2].i : -EPOCH_SHIFT_US, width, distance;
    if (!timestamp_is_finite(source))
        return give_int(result, source);
    if (!timestamp_is_finite(origin))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "origin out of range");
    if (stride.months != 0)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "timestamps cannot be binned into intervals containing months or years");
    if (__builtin_mul_overflow((int64_t) stride.days, US_PER_DAY, &width) ||
        __builtin_add_overflow(width, stride.microseconds, &width))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    if (width <= 0)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "stride must be greater than zero");
    if (__builtin_sub_overflow(source, origin, &distance))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    int64_t rest = distance % width, start = distance - rest;
    if (rest < 0 && __builtin_sub_overflow(start, width, &start))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    if (__builtin_add_overflow(origin, start, &start))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    if (start < (int64_t) DATE_MIN * US_PER_DAY)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    return give_int(result, start);
}

/* ---- zones */

ROW_FUNCTION(timestamptz_at_zone)
{
    return timestamp_is_finite(args[1].i) ? timestamp_to_zone(args[1].i, args[0].bytes, &result->i, err)
                                          : give_int(result, args[1].i);
}

ROW_FUNCTION(timestamp_at_zone)
{
    return timestamp_is_finite(args[1].i) ? timestamp_from_zone(args[1].i, args[0].bytes, &result->i, err)
                                          : give_int(result, args[1].i);
}

/* Microseconds to add to UTC. */
static bool
interval_offset(Interval interval, int64_t *offset, Error *err)
{
    if (interval.months != 0 || interval.days != 0) {
        Buffer text = {0};
        datum_print(SQL_TYPE(INTERVAL), (Datum){.interval = interval}, NULL, &text);
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                         "interval time zone \"%s\" must not include months or days", buffer_text(&text));
        buffer_deinit(&text);
        return false;
    }
    *offset = interval.microseconds / US_PER_SECOND * US_PER_SECOND;
    return true;
}

static bool
give_shifted(int64_t timestamp, int64_t offset, Datum *result, Error *err)
{
    return timestamp_add_interval(timestamp, (Interval){.microseconds = offset}, &result->i, err);
}

ROW_FUNCTION(timestamptz_at_offset)
{
    int64_t offset;
    if (!timestamp_is_finite(args[1].i))
        return give_int(result, args[1].i);
    return interval_offset(args[0].interval, &offset, err) && give_shifted(args[1].i, offset, result, err);
}

ROW_FUNCTION(timestamp_at_offset)
{
    int64_t offset;
    if (!timestamp_is_finite(args[1].i))
        return give_int(result, args[1].i);
    return interval_offset(args[0].interval, &offset, err) && give_shifted(args[1].i, -offset, result, err);
}

ROW_FUNCTION(timetz_at_offset)
{
    int64_t offset;
    if (!interval_offset(args[0].interval, &offset, err))
        return false;
    int64_t utc = args[1].timetz.microseconds + args[1].timetz.zone_seconds_west * US_PER_SECOND;
    return give_timetz(result, utc + offset, (int32_t) (-offset / US_PER_SECOND));
}

ROW_FUNCTION(timetz_at_zone)
{
    int64_t now = call->context->style.now_us, local;
    if (!timestamp_to_zone(now, args[0].bytes, &local, err))
        return false;
    int64_t utc = args[1].timetz.microseconds + args[1].timetz.zone_seconds_west * US_PER_SECOND;
    return give_timetz(result, utc + (local - now), (int32_t) ((now - local) / US_PER_SECOND));
}

ROW_FUNCTION(date_plus_time_in_zone)
{
    Datum local = {0};
    Slice zone = slice_of(call_zone(call) == NULL ? "UTC" : call_zone(call));
    if (!date_plus_time(call, args, &local, err))
        return false;
    return local.i == TIMESTAMP_INFINITY || local.i == TIMESTAMP_MINUS_INFINITY
               ? give_int(result, local.i)
               : timestamp_from_zone(local.i, zone, &result->i, err);
}

/* ---- made from fields */

static bool
make_date_of(int64_t year, int64_t month, int64_t day, int64_t said_year, int32_t *date, Error *err)
{
    bool fine = year != 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && year > -5000 && year < 5900000;
    if (fine) {
        int astronomical = (int) (year < 0 ? year + 1 : year), y, m, d;
        *date = date_from_civil(astronomical, (int) month, (int) day);
        date_to_civil(*date, &y, &m, &d);
        fine = y == astronomical && m == (int) month && d == (int) day && *date >= DATE_MIN;
    }
    return fine || error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date field value out of range: %lld-%02lld-%02lld",
                             (long long) said_year, (long long) month, (long long) day);
}

static bool
make_time_of(int64_t hour, int64_t minute, double second, int64_t *time, Error *err)
{
    bool fine = hour >= 0 && minute >= 0 && minute < 60 && second >= 0 && second <= 60 && hour <= 24 &&
                !(hour == 24 && (minute > 0 || second > 0));
    if (!fine)
        return isfinite(second)
                   ? error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time field value out of range: %lld:%02lld:%02g",
                               (long long) hour, (long long) minute, second)
                   : error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time field value out of range: %lld:%02lld:%s",
                               (long long) hour, (long long) minute,
                               isnan(second) ? "NaN"
                               : second < 0  ? "-Infinity"
                                             : "Infinity");
    *time = (hour * 3600 + minute * 60) * US_PER_SECOND + (int64_t) rint(second * (double) US_PER_SECOND);
    return true;
}

ROW_FUNCTION(make_date)
{
    int32_t date;
    int64_t year = args[0].i;
    return make_date_of(year, args[1].i, args[2].i, year < 0 ? year + 1 : year, &date, err) && give_int(result, date);
}

ROW_FUNCTION(make_time)
{
    return make_time_of(args[0].i, args[1].i, args[2].f, &result->i, err);
}

ROW_FUNCTION(make_timestamp)
{
    int32_t date;
    int64_t time;
    if (!make_date_of(args[0].i, args[1].i, args[2].i, args[0].i, &date, err) ||
        !make_time_of(args[3].i, args[4].i, args[5].f, &time, err))
        return false;
    Datum day = datum_int(date);
    return date_at_time(&day, time, result, err);
}

ROW_FUNCTION(make_timestamptz)
{
    Datum local = {0};
    Slice zone = call->arg_count == 7 ? args[6].bytes : slice_of(call_zone(call) == NULL ? "UTC" : call_zone(call));
    return make_timestamp(call, args, &local, err) && timestamp_from_zone(local.i, zone, &result->i, err);
}

ROW_FUNCTION(make_interval)
{
    int64_t field[6] = {0};
    double seconds = call->arg_count == 7 ? args[6].f : 0;
    for (int i = 0; i < 6 && i < call->arg_count; i++)
        field[i] = args[i].i;
    /* Months and days wrap around, as PostgreSQL's do. */
    int64_t months = (int32_t) (uint32_t) (field[0] * 12 + field[1]);
    int64_t days = (int32_t) (uint32_t) (field[2] * 7 + field[3]);
    double microseconds = ((double) field[4] * 3600 + (double) field[5] * 60) * 1e6 + rint(seconds * 1e6);
    if (!isfinite(seconds) || fabs(microseconds) > 9.2e18)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    Interval interval = {.months = (int32_t) months, .days = (int32_t) days};
    interval.microseconds = (field[4] * 3600 + field[5] * 60) * US_PER_SECOND + (int64_t) rint(seconds * 1e6);
    return give_interval(result, interval);
}

ROW_FUNCTION(timestamp_of_epoch)
{
    double seconds = args[0].f;
    if (isnan(seconds))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN");
    if (isinf(seconds))
        return give_int(result, seconds < 0 ? TIMESTAMP_MINUS_INFINITY : TIMESTAMP_INFINITY);
    if (seconds < -210866803200.0 || seconds >= 9224318016000.0)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"%g\"", seconds);
    double shifted = rint((seconds - 946684800.0) * 1e6);
    if (shifted >= 9.2233715e18)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"%g\"", seconds);
    return give_int(result, (int64_t) shifted);
}

static bool
to_char(FunctionCall *call, int64_t timestamp, Slice format, const char *zone, Datum *result, Error *err)
{
    if (format.size == 0 || !timestamp_is_finite(timestamp))
        return give_null(result);
    Buffer out = {0};
    if (timestamp_to_char(timestamp, format, zone, &out, err))
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

ROW_FUNCTION(timestamp_char)
{
    return to_char(call, args[0].i, args[1].bytes, NULL, result, err);
}

ROW_FUNCTION(timestamptz_char)
{
    const char *zone = call_zone(call) == NULL ? "UTC" : call_zone(call);
    return to_char(call, args[0].i, args[1].bytes, zone, result, err);
}

/* ---- (start, end) OVERLAPS (start, end) */

typedef struct Span {
    bool has_start, has_end;
    int64_t start, end;
} Span;

static Span
span_of(Datum a, Datum b)
{
    Span span = {!a.is_null, !b.is_null, a.i, b.i};
    if (a.is_null || (!b.is_null && a.i > b.i))
        span = (Span){!b.is_null, !a.is_null, b.i, a.i};
    return span;
}

static bool
overlap_spans(Span a, Span b, Datum *result)
{
    if (!a.has_start || !b.has_start)
        return give_null(result);
    if (a.start > b.start) {
        Span swapped = a;
        a = b;
        b = swapped;
    }
    if (a.start == b.start)
        return a.has_end && b.has_end ? give_bool(result, true) : give_null(result);
    if (!a.has_end)
        return give_null(result);
    if (b.start < a.end)
        return give_bool(result, true);
    return b.has_end ? give_bool(result, false) : give_null(result);
}

ROW_FUNCTION(overlaps)
{
    return overlap_spans(span_of(args[0], args[1]), span_of(args[2], args[3]), result);
}

/* timetz is ordered by instant, then by zone. */
static bool
timetz_is_before(TimeTz a, TimeTz b)
{
    int64_t utc_a = a.microseconds + a.zone_seconds_west * US_PER_SECOND;
    int64_t utc_b = b.microseconds + b.zone_seconds_west * US_PER_SECOND;
    return utc_a != utc_b ? utc_a < utc_b : a.zone_seconds_west < b.zone_seconds_west;
}

/* Puts the four ends in order as numbers: only how they compare matters. */
ROW_FUNCTION(overlaps_timetz)
{
    Datum ranks[4];
    for (int i = 0; i < 4; i++) {
        int64_t rank = 0;
        for (int j = 0; j < 4 && !args[i].is_null; j++)
            rank += !args[j].is_null && timetz_is_before(args[j].timetz, args[i].timetz);
        ranks[i] = args[i].is_null ? DATUM_NULL : datum_int(rank);
    }
    return overlap_spans(span_of(ranks[0], ranks[1]), span_of(ranks[2], ranks[3]), result);
}

/* An end given as an interval is one after the start. */
static bool
end_of(FunctionCall *call, const Datum *args, int start, Datum *end, Error *err)
{
    *end = args[start + 1];
    if (call->arg_types[start + 1].id != TYPE_INTERVAL)
        return true;
    if (args[start].is_null || args[start + 1].is_null) {
        *end = DATUM_NULL;
        return true;
    }
    *end = (Datum){0};
    switch (call->arg_types[start].id) {
    case TYPE_TIMESTAMP:
        return timestamp_add_interval(args[start].i, args[start + 1].interval, &end->i, err);
    case TYPE_TIMESTAMPTZ:
        return timestamptz_add_interval(args[start].i, args[start + 1].interval, call_zone(call), &end->i, err);
    default:
        return give_int(end, within_day(args[start].i + args[start + 1].interval.microseconds % US_PER_DAY));
    }
}

ROW_FUNCTION(overlaps_interval)
{
    Datum first, second;
    if (!end_of(call, args, 0, &first, err) || !end_of(call, args, 2, &second, err))
        return false;
    return overlap_spans(span_of(args[0], first), span_of(args[2], second), result);
}

/* ---- datediff: how many boundaries of a unit lie between two times */

static int64_t
floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static const struct {
    const char *names[3];
    int months;           /* of a unit of the calendar, else 0 */
    int64_t microseconds; /* else */
} diff_units[] = {
    {{"millennium", "millenniums", "millennia"}, 12000, 0},
    {{"century", "centuries", "c"}, 1200, 0},
    {{"decade", "decades", "dec"}, 120, 0},
    {{"year", "years", "y"}, 12, 0},
    {{"quarter", "quarters", "qtr"}, 3, 0},
    {{"month", "months", "mon"}, 1, 0},
    {{"day", "days", "d"}, 0, US_PER_DAY},
    {{"hour", "hours", "h"}, 0, INT64_C(3600000000)},
    {{"minute", "minutes", "m"}, 0, INT64_C(60000000)},
    {{"second", "seconds", "s"}, 0, US_PER_SECOND},
    {{"millisecond", "milliseconds", "ms"}, 0, 1000},
    {{"microsecond", "microseconds", "us"}, 0, 1},
};

static int64_t
calendar_months(int64_t timestamp)
{
    CivilTime civil;
    timestamp_to_civil(timestamp, &civil);
    return (int64_t) civil.year * 12 + civil.month - 1;
}

static bool
diff(FunctionCall *call UNUSED, Slice unit, int64_t from, int64_t to, Datum *result, Error *err)
{
    if (!timestamp_is_finite(from) || !timestamp_is_finite(to))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    if (slice_equal_nocase(unit, "week") || slice_equal_nocase(unit, "weeks") || slice_equal_nocase(unit, "w"))
        return give_int(result, (floor_divide(to, US_PER_DAY) - floor_divide(from, US_PER_DAY)) / 7);
    for (size_t u = 0; u < sizeof diff_units / sizeof *diff_units; u++) {
        for (int n = 0; n < 3; n++) {
            if (!slice_equal_nocase(unit, diff_units[u].names[n]))
                continue;
            int months = diff_units[u].months;
            int64_t width = diff_units[u].microseconds;
            if (months > 0)
                return give_int(result, floor_divide(calendar_months(to), months) -
                                            floor_divide(calendar_months(from), months));
            return give_int(result, floor_divide(to, width) - floor_divide(from, width));
        }
    }
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unit '%.*s' not recognized", (int) unit.size, unit.bytes);
}

ROW_FUNCTION(datediff)
{
    return diff(call, args[0].bytes, args[1].i, args[2].i, result, err);
}

ROW_FUNCTION(datediff_dates)
{
    int64_t from, to;
    return date_to_timestamp((int32_t) args[1].i, &from, err) && date_to_timestamp((int32_t) args[2].i, &to, err) &&
           diff(call, args[0].bytes, from, to, result, err);
}

/* 2020-01-01T00:00:00.000Z and nothing else; null for what is not. */
ROW_FUNCTION(monotonic_iso8601)
{
    static const char shape[] = "0000-00-00T00:00:00.000Z";
    Slice text = args[0].bytes;
    bool fine = text.size == sizeof shape - 1;
    int fields[7] = {0};
    for (size_t i = 0, f = 0; fine && i < text.size; i++) {
        char c = text.bytes[i];
        if (shape[i] == '0') {
            fine = c >= '0' && c <= '9';
            fields[f] = fields[f] * 10 + (c - '0');
        } else {
            fine = c == shape[i];
            f++;
        }
    }
    CivilTime civil = {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6] * 1000};
    int y, m, d;
    if (!fine || civil.month < 1 || civil.month > 12 || civil.hour > 23 || civil.minute > 59 || civil.second > 59)
        return give_null(result);
    date_to_civil(date_from_civil(civil.year, civil.month, civil.day), &y, &m, &d);
    if (d != civil.day || !timestamp_from_civil(&civil, &result->i, err)) {
        error_clear(err);
        return give_null(result);
    }
    return true;
}

const Function functions_datetime[] = {
#include "expr/functions/datetime.def"
};
const size_t functions_datetime_count = sizeof functions_datetime / sizeof *functions_datetime;
