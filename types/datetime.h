/*
 * datetime.h -- dates, times, timestamps, intervals: arithmetic, fields, truncation, zones.
 *
 * Units and epochs are value.h's. Time zones come from the system's tz database (ICU or /usr/share/zoneinfo through
 * libc is not thread-safe per zone: the implementation reads TZif files itself through a cache behind a lock).
 * Errors: 22008 `timestamp out of range`, `date out of range`, `interval out of range`; 22023 for unknown units and zones.
 */
#ifndef FRESHET_TYPES_DATETIME_H
#define FRESHET_TYPES_DATETIME_H

#include "base/buffer.h"
#include "types/value.h"

#define US_PER_SECOND            INT64_C(1000000)
#define US_PER_DAY               INT64_C(86400000000)
#define EPOCH_SHIFT_US           INT64_C(946684800000000) /* 1970-01-01 to 2000-01-01 */
#define TIMESTAMP_MINUS_INFINITY INT64_MIN
#define TIMESTAMP_INFINITY       INT64_MAX
#define DATE_MINUS_INFINITY      INT32_MIN
#define DATE_INFINITY            INT32_MAX

typedef struct CivilTime {
    int year; /* astronomical: 0 is 1 BC */
    int month, day, hour, minute, second;
    int microsecond;
} CivilTime;

int32_t date_from_civil(int year, int month, int day); /* days since 2000-01-01, proleptic Gregorian */
void date_to_civil(int32_t date, int *year, int *month, int *day);
void timestamp_to_civil(int64_t timestamp, CivilTime *civil); /* finite only */
MUST_CHECK bool timestamp_from_civil(const CivilTime *civil, int64_t *timestamp, Error *err);

MUST_CHECK bool timestamp_add_interval(int64_t timestamp, Interval interval, int64_t *out, Error *err);
MUST_CHECK bool timestamptz_add_interval(int64_t timestamp, Interval interval, const char *zone, int64_t *out,
                                         Error *err);
MUST_CHECK bool timestamp_subtract(int64_t a, int64_t b, Interval *out, Error *err); /* days and microseconds */
MUST_CHECK bool timestamp_age(int64_t a, int64_t b, Interval *out, Error *err);
MUST_CHECK bool timestamp_trunc(Slice unit, int64_t timestamp, int64_t *out, Error *err);
MUST_CHECK bool timestamptz_trunc(Slice unit, int64_t timestamp, const char *zone, int64_t *out, Error *err);
/* In a zone that SQL names, abbreviations included. */
MUST_CHECK bool timestamptz_trunc_in(Slice unit, int64_t timestamp, Slice zone, int64_t *out, Error *err);
MUST_CHECK bool interval_trunc(Slice unit, Interval interval, Interval *out, Error *err);

/* extract(): the field of `value` of `type` (date, time, timetz, timestamp, timestamptz, interval) as numeric. */
MUST_CHECK bool datetime_extract(Slice unit, SqlType type, Datum value, const char *zone, Arena *arena, Datum *numeric,
                                 Error *err);

MUST_CHECK bool timestamp_to_zone(int64_t utc, Slice zone, int64_t *local, Error *err);   /* timestamptz AT TIME ZONE */
MUST_CHECK bool timestamp_from_zone(int64_t local, Slice zone, int64_t *utc, Error *err); /* timestamp AT TIME ZONE */
MUST_CHECK bool zone_check(Slice zone, Error *err); /* 22023 `time zone "x" not recognized` */

MUST_CHECK bool interval_add(Interval a, Interval b, Interval *out, Error *err);
MUST_CHECK bool interval_sub(Interval a, Interval b, Interval *out, Error *err);
MUST_CHECK bool interval_neg(Interval a, Interval *out, Error *err);
MUST_CHECK bool interval_mul(Interval a, double factor, Interval *out, Error *err);
MUST_CHECK bool interval_div(Interval a, double divisor, Interval *out, Error *err);
int interval_compare(Interval a, Interval b);
Interval interval_justify_hours(Interval a);
Interval interval_justify_days(Interval a);
Interval interval_justify_interval(Interval a);

MUST_CHECK bool date_to_timestamp(int32_t date, int64_t *out, Error *err);
int32_t timestamp_to_date(int64_t timestamp);
int64_t timestamp_round(int64_t timestamp, int32_t typmod); /* to typmod fractional digits */

/*
 * to_char(timestamp, format). `zone` is the session's for a timestamptz and NULL for a timestamp. Of an infinite timestamp
 * nothing is appended: SQL has null there.
 */
MUST_CHECK bool timestamp_to_char(int64_t timestamp, Slice format, const char *zone, Buffer *out, Error *err);
/* 22007 for patterns that want a date. */
MUST_CHECK bool interval_to_char(Interval interval, Slice format, Buffer *out, Error *err);

/*
 * to_date and to_timestamp: a text by a format. The result is a local timestamp in `zone` turned to UTC when the format has no zone
 * of its own; for a date the time of day and the zone are read and dropped. 22007, 22008.
 */
MUST_CHECK bool timestamptz_from_char(Slice text, Slice format, const char *zone, int64_t *out, Error *err);
MUST_CHECK bool date_from_char(Slice text, Slice format, int32_t *out, Error *err);

#endif
