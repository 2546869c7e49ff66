#include "types/datetime.h"

#include "types/datetime_internal.h"
#include "types/text_internal.h"

int
days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && year_is_leap(year));
}

/*
 * Years are counted from March, so that the leap day ends them; 730425 days lie between 0000-03-01 and 2000-01-01,
 * and 400 years have 146097 days.
 */
int32_t
date_from_civil(int year, int month, int day)
{
    int64_t march_year = (int64_t) year - (month <= 2);
    int64_t era = floor_div(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t) (era * 146097 + day_of_era - 730425);
}

void
date_to_civil(int32_t date, int *year, int *month, int *day)
{
    int64_t days = (int64_t) date + 730425;
    int64_t era = floor_div(days, 146097);
    uint32_t day_of_era = (uint32_t) (days - era * 146097);
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t march_month = (5 * day_of_year + 2) / 153;
    *day = (int) (day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int) (march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int) (year_of_era + era * 400 + (*month <= 2));
}

bool
date_civil_in_range(int64_t year, int month)
{
    if (year > -4713 && year < 5874898)
        return true;
    return (year == -4713 && month >= 11) || (year == 5874898 && month < 6);
}

void
timestamp_split(int64_t timestamp, CivilTime *civil)
{
    int64_t days = floor_div(timestamp, US_PER_DAY);
    int64_t us = timestamp - days * US_PER_DAY;
    uint32_t seconds = (uint32_t) (us / US_PER_SECOND);
    civil->microsecond = (int) (us - (int64_t) seconds * US_PER_SECOND);
    civil->hour = (int) (seconds / 3600);
    civil->minute = (int) (seconds / 60 % 60);
    civil->second = (int) (seconds % 60);
    date_to_civil((int32_t) days, &civil->year, &civil->month, &civil->day);
}

bool
timestamp_join_wide(const CivilTime *civil, int64_t *timestamp)
{
    if (!date_civil_in_range(civil->year, civil->month))
        return false;
    int64_t date = date_from_civil(civil->year, civil->month, civil->day);
    int64_t time =
        ((civil->hour * INT64_C(60) + civil->minute) * 60 + civil->second) * US_PER_SECOND + civil->microsecond;
    return !__builtin_mul_overflow(date, US_PER_DAY, timestamp) && !__builtin_add_overflow(*timestamp, time, timestamp);
}

bool
timestamp_join(const CivilTime *civil, int64_t *timestamp)
{
    return timestamp_join_wide(civil, timestamp) && timestamp_in_range(*timestamp);
}

void
timestamp_to_civil(int64_t timestamp, CivilTime *civil)
{
    timestamp_split(timestamp, civil);
}

static bool
timestamp_range_error(Error *err)
{
    return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
}

bool
timestamp_from_civil(const CivilTime *civil, int64_t *timestamp, Error *err)
{
    return timestamp_join(civil, timestamp) || timestamp_range_error(err);
}

int
date_weekday(int32_t date)
{
    int64_t shifted = ((int64_t) date + 6) % 7; /* 2000-01-01 was a Saturday */
    return (int) (shifted < 0 ? shifted + 7 : shifted);
}

int
date_yearday(int32_t date)
{
    int year, month, day;
    date_to_civil(date, &year, &month, &day);
    return date - date_from_civil(year, 1, 1) + 1;
}

int
date_iso_week(int32_t date, int *iso_year)
{
    /* The week belongs to the year that its Thursday lies in. */
    int from_monday = (date_weekday(date) + 6) % 7;
    int32_t thursday = date - from_monday + 3;
    int month, day;
    date_to_civil(thursday, iso_year, &month, &day);
    return (thursday - date_from_civil(*iso_year, 1, 1)) / 7 + 1;
}

/* Moves a date by whole months; the day is clipped to the month's last. */
static void
civil_add_months(CivilTime *civil, int32_t months)
{
    int64_t month = (int64_t) civil->year * 12 + (civil->month - 1) + months;
    civil->year = (int) floor_div(month, 12);
    civil->month = (int) (month - (int64_t) civil->year * 12) + 1;
    int last = days_in_month(civil->year, civil->month);
    if (civil->day > last)
        civil->day = last;
}

bool
timestamp_add_interval(int64_t timestamp, Interval interval, int64_t *out, Error *err)
{
    *out = timestamp;
    if (!timestamp_is_finite(timestamp))
        return true;
    if (interval.months != 0) {
        CivilTime civil;
        timestamp_split(timestamp, &civil);
        civil_add_months(&civil, interval.months);
        if (!timestamp_join(&civil, &timestamp))
            return timestamp_range_error(err);
    }
    if (interval.days != 0) {
        int64_t days;
        if (__builtin_mul_overflow((int64_t) interval.days, US_PER_DAY, &days) ||
            __builtin_add_overflow(timestamp, days, &timestamp) || !timestamp_in_range(timestamp))
            return timestamp_range_error(err);
    }
    if (__builtin_add_overflow(timestamp, interval.microseconds, &timestamp) || !timestamp_in_range(timestamp))
        return timestamp_range_error(err);
    *out = timestamp;
    return true;
}

/* Months and days move the clock on the wall, microseconds move the instant. */
bool
timestamptz_add_interval(int64_t timestamp, Interval interval, const char *zone_name, int64_t *out, Error *err)
{
    *out = timestamp;
    if (!timestamp_is_finite(timestamp))
        return true;
    const Zone *zone = zone_of_session(zone_name);
    Interval parts[] = {{.months = interval.months}, {.days = interval.days}};
    for (int i = 0; i < 2; i++) {
        if (parts[i].months == 0 && parts[i].days == 0)
            continue;
        int64_t local = timestamp + zone_offset_at(zone, timestamp_unix_seconds(timestamp), NULL, NULL) * US_PER_SECOND;
        if (!timestamp_add_interval(local, parts[i], &local, err))
            return false;
        timestamp = timestamp_local_to_utc(local, zone);
        if (!timestamp_in_range(timestamp))
            return timestamp_range_error(err);
    }
    return timestamp_add_interval(timestamp, (Interval){.microseconds = interval.microseconds}, out, err);
}

bool
timestamp_subtract(int64_t a, int64_t b, Interval *out, Error *err)
{
    int64_t microseconds;
    if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps");
    if (__builtin_sub_overflow(a, b, &microseconds))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    *out = interval_justify_hours((Interval){.microseconds = microseconds});
    return true;
}

bool
timestamp_age(int64_t a, int64_t b, Interval *out, Error *err)
{
    if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
        return timestamp_range_error(err);
    bool negative = a < b;
    CivilTime late, early;
    timestamp_split(negative ? b : a, &late);
    timestamp_split(negative ? a : b, &early);
    int64_t us =
        ((late.hour - early.hour) * INT64_C(3600) + (late.minute - early.minute) * 60 + (late.second - early.second)) *
            US_PER_SECOND +
        (late.microsecond - early.microsecond);
    int days = late.day - early.day;
    int months = (late.year - early.year) * 12 + late.month - early.month;
    if (us < 0) {
        us += US_PER_DAY;
        days--;
    }
    /* Borrows the month that the earlier of the two lies in. */
    while (days < 0) {
        days += days_in_month(early.year, early.month);
        months--;
    }
    *out = (Interval){.months = months, .days = days, .microseconds = us};
    return !negative || interval_neg(*out, out, err);
}

bool
date_to_timestamp(int32_t date, int64_t *out, Error *err)
{
    if (date == DATE_INFINITY || date == DATE_MINUS_INFINITY) {
        *out = date == DATE_INFINITY ? TIMESTAMP_INFINITY : TIMESTAMP_MINUS_INFINITY;
        return true;
    }
    if (date >= TIMESTAMP_END / US_PER_DAY)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range for timestamp");
    *out = date * US_PER_DAY;
    return true;
}

int32_t
timestamp_to_date(int64_t timestamp)
{
    if (!timestamp_is_finite(timestamp))
        return timestamp == TIMESTAMP_INFINITY ? DATE_INFINITY : DATE_MINUS_INFINITY;
    return (int32_t) floor_div(timestamp, US_PER_DAY);
}

/* Half a unit is rounded away from zero. */
static int64_t
round_to_digits(int64_t value, int32_t digits)
{
    static const int64_t scale[] = {1000000, 100000, 10000, 1000, 100, 10};
    if (digits < 0 || digits >= 6)
        return value;
    int64_t unit = scale[digits];
    int64_t half = unit / 2;
    return value >= 0 ? (value + half) / unit * unit : -((half - value) / unit * unit);
}

int64_t
timestamp_round(int64_t timestamp, int32_t typmod)
{
    return timestamp_is_finite(timestamp) ? round_to_digits(timestamp, typmod) : timestamp;
}

int64_t
time_round(int64_t time, int32_t typmod)
{
    return round_to_digits(time, typmod);
}

int
timestamptz_split(int64_t timestamp, const Zone *zone, CivilTime *civil, const char **abbreviation)
{
    int east = zone_offset_at(zone, timestamp_unix_seconds(timestamp), NULL, abbreviation);
    timestamp_split(timestamp + east * US_PER_SECOND, civil);
    return east;
}

int64_t
timestamp_local_to_utc(int64_t local, const Zone *zone)
{
    return local - zone_offset_of_local(zone, timestamp_unix_seconds(local)) * US_PER_SECOND;
}

bool
timestamp_to_zone(int64_t utc, Slice name, int64_t *local, Error *err)
{
    int east;
    *local = utc;
    if (!timestamp_is_finite(utc))
        return true;
    if (!zone_offset_for_sql(name, timestamp_unix_seconds(utc), false, &east, err))
        return false;
    *local = utc + east * US_PER_SECOND;
    return timestamp_in_range(*local) || timestamp_range_error(err);
}

bool
timestamp_from_zone(int64_t local, Slice name, int64_t *utc, Error *err)
{
    int east;
    *utc = local;
    if (!timestamp_is_finite(local))
        return true;
    if (!zone_offset_for_sql(name, timestamp_unix_seconds(local), true, &east, err))
        return false;
    *utc = local - east * US_PER_SECOND;
    return timestamp_in_range(*utc) || timestamp_range_error(err);
}

bool
zone_check(Slice name, Error *err)
{
    int east;
    return zone_offset_for_sql(name, 0, false, &east, err);
}
