/* Fields of dates and times: date_trunc and extract. */
#include <stdio.h>
#include <stdlib.h>

#include "types/datetime_fields.h"
#include "types/numeric.h"

#define WORD_MAX 64

static const char *
lower_word(Slice name, char *out)
{
    size_t size = name.size < WORD_MAX ? name.size : WORD_MAX - 1;
    for (size_t i = 0; i < size; i++)
        out[i] = lower_char(name.bytes[i]);
    out[size] = 0;
    return out;
}

TimeUnit
time_unit_of_interval(Slice name)
{
    char word[WORD_MAX];
    int value;
    return interval_word_find(lower_word(name, word), &value) == WORD_UNIT ? (TimeUnit) value : UNIT_UNKNOWN;
}

TimeUnit
time_unit_find(Slice name)
{
    char word[WORD_MAX];
    int value;
    TimeUnit unit = time_unit_of_interval(name);
    if (unit != UNIT_UNKNOWN)
        return unit;
    WordKind kind = date_word_find(lower_word(name, word), &value);
    if (kind == WORD_RESERVED && value == RESERVED_EPOCH)
        return UNIT_EPOCH;
    return kind == WORD_UNIT ? (TimeUnit) value : UNIT_UNKNOWN;
}

static bool
unit_error(Slice unit, SqlType type, bool known, Error *err)
{
    char word[WORD_MAX];
    Arena *arena = arena_new();
    type.typmod = -1;
    error_set(err, known ? SQLSTATE_FEATURE_NOT_SUPPORTED : SQLSTATE_INVALID_PARAMETER_VALUE,
              "unit \"%s\" not %s for type %s", lower_word(unit, word), known ? "supported" : "recognized",
              type_format(type, arena));
    arena_free(arena);
    return false;
}

/* --- date_trunc --- */

/* Years count from 1 without a year 0: the first of the `size` years that the year belongs to. */
static int
first_year_of(int year, int size)
{
    return year > 0 ? (year + size - 1) / size * size - size + 1 : -((size - 1 - (year - 1)) / size) * size + 1;
}

static void
trunc_week(CivilTime *civil)
{
    int32_t date = date_from_civil(civil->year, civil->month, civil->day);
    date -= (date_weekday(date) + 6) % 7;
    date_to_civil(date, &civil->year, &civil->month, &civil->day);
}

/* false: not a unit that a timestamp can be truncated to. */
static bool
civil_trunc(CivilTime *civil, TimeUnit unit)
{
    switch (unit) {
    case UNIT_WEEK:
        trunc_week(civil);
        break;
    case UNIT_MILLENNIUM:
        civil->year = first_year_of(civil->year, 1000);
        break;
    case UNIT_CENTURY:
        civil->year = first_year_of(civil->year, 100);
        break;
    case UNIT_DECADE:
        civil->year = (int) floor_div(civil->year, 10) * 10;
        break;
    case UNIT_QUARTER:
        civil->month = (civil->month - 1) / 3 * 3 + 1;
        break;
    case UNIT_MILLISECOND:
        civil->microsecond = civil->microsecond / 1000 * 1000;
        break;
    case UNIT_MICROSECOND:
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_DAY:
    case UNIT_MONTH:
    case UNIT_YEAR:
        break;
    default:
        return false;
    }
    bool is_years = unit == UNIT_MILLENNIUM || unit == UNIT_CENTURY || unit == UNIT_DECADE || unit == UNIT_YEAR;
    bool is_months = is_years || unit == UNIT_QUARTER || unit == UNIT_MONTH;
    bool is_days = is_months || unit == UNIT_WEEK || unit == UNIT_DAY;
    if (is_years)
        civil->month = 1;
    if (is_months)
        civil->day = 1;
    if (is_days)
        civil->hour = 0;
    if (is_days || unit == UNIT_HOUR)
        civil->minute = 0;
    if (is_days || unit == UNIT_HOUR || unit == UNIT_MINUTE)
        civil->second = 0;
    if (unit != UNIT_MILLISECOND && unit != UNIT_MICROSECOND)
        civil->microsecond = 0;
    return true;
}

bool
timestamp_trunc(Slice unit, int64_t timestamp, int64_t *out, Error *err)
{
    CivilTime civil;
    TimeUnit found = time_unit_of_interval(unit);
    *out = timestamp;
    if (!timestamp_is_finite(timestamp))
        return true;
    timestamp_split(timestamp, &civil);
    if (found == UNIT_UNKNOWN || !civil_trunc(&civil, found))
        return unit_error(unit, SQL_TYPE(TIMESTAMP), found != UNIT_UNKNOWN, err);
    return timestamp_from_civil(&civil, out, err);
}

static bool
trunc_in_zone(Slice unit, int64_t timestamp, const Zone *zone, int64_t *out, Error *err)
{
    CivilTime civil;
    TimeUnit found = time_unit_of_interval(unit);
    *out = timestamp;
    if (!timestamp_is_finite(timestamp))
        return true;
    int east = timestamptz_split(timestamp, zone, &civil, NULL);
    if (found == UNIT_UNKNOWN || !civil_trunc(&civil, found))
        return unit_error(unit, SQL_TYPE(TIMESTAMPTZ), found != UNIT_UNKNOWN, err);
    if (!timestamp_join_wide(&civil, out))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    /* Within a day the offset stays, so that the second 01:30 of a night does not become the first. */
    bool within_day = found == UNIT_HOUR || found == UNIT_MINUTE || found == UNIT_SECOND || found == UNIT_MILLISECOND ||
                      found == UNIT_MICROSECOND;
    *out = within_day ? *out - east * US_PER_SECOND : timestamp_local_to_utc(*out, zone);
    if (!timestamp_in_range(*out))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    return true;
}

bool
timestamptz_trunc(Slice unit, int64_t timestamp, const char *zone_name, int64_t *out, Error *err)
{
    return trunc_in_zone(unit, timestamp, zone_of_session(zone_name), out, err);
}

bool
timestamptz_trunc_in(Slice unit, int64_t timestamp, Slice zone_name, int64_t *out, Error *err)
{
    char word[WORD_MAX], posix[40];
    const ZoneAbbreviation *abbreviation = zone_abbreviation_find(slice_of(lower_word(zone_name, word)));
    if (abbreviation != NULL && abbreviation->zone != NULL) {
        zone_name = slice_of(abbreviation->zone);
    } else if (abbreviation != NULL) { /* POSIX counts to the west */
        int west = -abbreviation->east, away = west < 0 ? -west : west;
        snprintf(posix, sizeof posix, "<X>%s%d:%02d:%02d", west < 0 ? "-" : "+", away / 3600, away / 60 % 60,
                 away % 60);
        zone_name = slice_of(posix);
    }
    const Zone *zone = zone_find(zone_name);
    if (zone == NULL)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%.*s\" not recognized",
                         (int) zone_name.size, zone_name.bytes);
    return trunc_in_zone(unit, timestamp, zone, out, err);
}

bool
interval_trunc(Slice unit, Interval interval, Interval *out, Error *err)
{
    TimeUnit found = time_unit_of_interval(unit);
    int months = 0;
    int64_t us = 0;
    *out = interval;
    switch (found) {
    case UNIT_MILLENNIUM:
        months = 12000;
        break;
    case UNIT_CENTURY:
        months = 1200;
        break;
    case UNIT_DECADE:
        months = 120;
        break;
    case UNIT_YEAR:
        months = 12;
        break;
    case UNIT_QUARTER:
        months = 3;
        break;
    case UNIT_MONTH:
        months = 1;
        break;
    case UNIT_DAY:
        out->microseconds = 0;
        return true;
    case UNIT_HOUR:
        us = US_PER_HOUR;
        break;
    case UNIT_MINUTE:
        us = US_PER_MINUTE;
        break;
    case UNIT_SECOND:
        us = US_PER_SECOND;
        break;
    case UNIT_MILLISECOND:
        us = 1000;
        break;
    case UNIT_MICROSECOND:
        us = 1;
        break;
    default:
        unit_error(unit, SQL_TYPE(INTERVAL), found != UNIT_UNKNOWN, err);
        return found == UNIT_WEEK ? error_detail(err, "Months usually have fractional weeks.") : false;
    }
    if (months != 0)
        *out = (Interval){.months = interval.months / months * months};
    else
        out->microseconds = interval.microseconds / us * us;
    return true;
}

/* --- extract --- */

/* What extract gives: a scaled integer, one of the infinities, null, or an error. */
typedef enum FieldKindOf { FIELD_OF_VALUE, FIELD_OF_JULIAN, FIELD_OF_NOTHING } FieldKindOf;

typedef struct Extracted {
    FieldKindOf kind;
    __int128 value; /* over 10^scale; of a julian day the microseconds since its noon's midnight */
    int scale;
    int32_t date; /* of a julian day */
} Extracted;

static int
counted_year(int year) /* 0 is 1 BC */
{
    return year > 0 ? year : year - 1;
}

/* Century 1 begins with year 1, century -1 ends with year -1. */
static int
period_of(int year, int size)
{
    return year > 0 ? (year + size - 1) / size : -((size - 1 - (year - 1)) / size);
}

static bool
extract_of_date(TimeUnit unit, int32_t date, Extracted *out)
{
    int year, month, day, iso_year;
    date_to_civil(date, &year, &month, &day);
    switch (unit) {
    case UNIT_DAY:
        out->value = day;
        return true;
    case UNIT_MONTH:
        out->value = month;
        return true;
    case UNIT_QUARTER:
        out->value = (month - 1) / 3 + 1;
        return true;
    case UNIT_WEEK:
        out->value = date_iso_week(date, &iso_year);
        return true;
    case UNIT_YEAR:
        out->value = counted_year(year);
        return true;
    case UNIT_DECADE:
        out->value = floor_div(year, 10);
        return true;
    case UNIT_CENTURY:
        out->value = period_of(year, 100);
        return true;
    case UNIT_MILLENNIUM:
        out->value = period_of(year, 1000);
        return true;
    case UNIT_ISOYEAR:
        date_iso_week(date, &iso_year);
        out->value = counted_year(iso_year);
        return true;
    case UNIT_DOW:
        out->value = date_weekday(date);
        return true;
    case UNIT_ISODOW:
        out->value = (date_weekday(date) + 6) % 7 + 1;
        return true;
    case UNIT_DOY:
        out->value = date_yearday(date);
        return true;
    default:
        return false;
    }
}

static bool
extract_of_clock(TimeUnit unit, int64_t us, Extracted *out)
{
    switch (unit) {
    case UNIT_MICROSECOND:
        out->value = us % US_PER_MINUTE;
        return true;
    case UNIT_MILLISECOND:
        out->value = us % US_PER_MINUTE;
        out->scale = 3;
        return true;
    case UNIT_SECOND:
        out->value = us % US_PER_MINUTE;
        out->scale = 6;
        return true;
    case UNIT_MINUTE:
        out->value = us / US_PER_MINUTE % 60;
        return true;
    case UNIT_HOUR:
        out->value = us / US_PER_HOUR;
        return true;
    default:
        return false;
    }
}

static bool
extract_of_zone(TimeUnit unit, int west, Extracted *out)
{
    switch (unit) {
    case UNIT_TIMEZONE:
        out->value = -west;
        return true;
    case UNIT_TIMEZONE_HOUR:
        out->value = -west / 3600;
        return true;
    case UNIT_TIMEZONE_MINUTE:
        out->value = -west / 60 % 60;
        return true;
    default:
        return false;
    }
}

static bool
extract_of_timestamp(TimeUnit unit, int64_t local, Extracted *out)
{
    int64_t date = floor_div(local, US_PER_DAY);
    int64_t us = local - date * US_PER_DAY;
    if (unit == UNIT_JULIAN) {
        out->kind = FIELD_OF_JULIAN;
        out->date = (int32_t) date;
        out->value = us;
        return true;
    }
    return extract_of_clock(unit, us, out) || extract_of_date(unit, (int32_t) date, out);
}

static bool
extract_of_interval(TimeUnit unit, Interval interval, Extracted *out)
{
    int years = interval.months / 12, months = interval.months % 12;
    switch (unit) {
    case UNIT_DAY:
        out->value = interval.days;
        return true;
    case UNIT_MONTH:
        out->value = months;
        return true;
    case UNIT_QUARTER:
        out->value = months / 3 + 1;
        return true;
    case UNIT_YEAR:
        out->value = years;
        return true;
    case UNIT_DECADE:
        out->value = years / 10;
        return true;
    case UNIT_CENTURY:
        out->value = years / 100;
        return true;
    case UNIT_MILLENNIUM:
        out->value = years / 1000;
        return true;
    case UNIT_EPOCH:
        /* A year has 365.25 days, a month 30. */
        out->value = ((__int128) years * 1461 + ((__int128) months * 30 + interval.days) * 4) * (US_PER_DAY / 4) +
                     interval.microseconds;
        out->scale = 6;
        return true;
    default:
        return extract_of_clock(unit, interval.microseconds, out);
    }
}

/* Fields that grow with time are infinite at infinity, those that come around are null. */
static bool
extract_of_infinity(TimeUnit unit, bool is_date, Extracted *out)
{
    switch (unit) {
    case UNIT_YEAR:
    case UNIT_DECADE:
    case UNIT_CENTURY:
    case UNIT_MILLENNIUM:
    case UNIT_JULIAN:
    case UNIT_ISOYEAR:
    case UNIT_EPOCH:
        out->kind = FIELD_OF_VALUE;
        return true;
    case UNIT_MICROSECOND:
    case UNIT_MILLISECOND:
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_TIMEZONE:
    case UNIT_TIMEZONE_HOUR:
    case UNIT_TIMEZONE_MINUTE:
        out->kind = FIELD_OF_NOTHING;
        return !is_date;
    default:
        out->kind = FIELD_OF_NOTHING;
        return unit != UNIT_UNKNOWN;
    }
}

static bool
extract_infinite(TimeUnit unit, SqlType type, Datum value, Slice name, Arena *arena, Datum *numeric, Error *err)
{
    Extracted found = {0};
    bool is_date = type.id == TYPE_DATE;
    if (!extract_of_infinity(unit, is_date, &found))
        return unit_error(name, type, unit != UNIT_UNKNOWN, err);
    *numeric = DATUM_NULL;
    if (found.kind == FIELD_OF_NOTHING)
        return true;
    numeric->is_null = false;
    return numeric_parse(slice_of(value.i > 0 ? "Infinity" : "-Infinity"), arena, &numeric->bytes, err);
}

static bool
extract_julian(const Extracted *found, Arena *arena, Datum *numeric, Error *err)
{
    Numeric day = numeric_from_int64((int64_t) found->date + JULIAN_OF_2000, arena);
    Numeric rest;
    return numeric_div(numeric_from_int64((int64_t) found->value, arena), numeric_from_int64(US_PER_DAY, arena), arena,
                       &rest, err) &&
           numeric_add(day, rest, arena, &numeric->bytes, err);
}

static bool
extract_finite(TimeUnit unit, SqlType type, Datum value, const char *zone_name, Extracted *out)
{
    switch (type.id) {
    case TYPE_DATE:
        if (unit == UNIT_EPOCH)
            out->value = ((int64_t) value.i - EPOCH_DATE) * SECONDS_PER_DAY;
        else if (unit == UNIT_JULIAN)
            out->value = value.i + JULIAN_OF_2000;
        else
            return extract_of_date(unit, (int32_t) value.i, out);
        return true;
    case TYPE_TIME:
    case TYPE_TIMETZ: {
        bool has_zone = type.id == TYPE_TIMETZ;
        int64_t us = has_zone ? value.timetz.microseconds : value.i;
        int west = has_zone ? value.timetz.zone_seconds_west : 0;
        if (unit == UNIT_EPOCH) {
            out->value = us + west * US_PER_SECOND;
            out->scale = 6;
            return true;
        }
        return extract_of_clock(unit, us, out) || (has_zone && extract_of_zone(unit, west, out));
    }
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: {
        if (unit == UNIT_EPOCH) {
            out->value = (__int128) value.i + EPOCH_SHIFT_US;
            out->scale = 6;
            return true;
        }
        if (type.id == TYPE_TIMESTAMP)
            return extract_of_timestamp(unit, value.i, out);
        int east = zone_offset_at(zone_of_session(zone_name), timestamp_unix_seconds(value.i), NULL, NULL);
        return extract_of_zone(unit, -east, out) || extract_of_timestamp(unit, value.i + east * US_PER_SECOND, out);
    }
    case TYPE_INTERVAL:
        return extract_of_interval(unit, value.interval, out);
    default:
        return false;
    }
}

static bool
is_infinite(SqlType type, Datum value)
{
    if (type.id == TYPE_DATE)
        return value.i == DATE_INFINITY || value.i == DATE_MINUS_INFINITY;
    return (type.id == TYPE_TIMESTAMP || type.id == TYPE_TIMESTAMPTZ) && !timestamp_is_finite(value.i);
}

bool
datetime_extract(Slice name, SqlType type, Datum value, const char *zone, Arena *arena, Datum *numeric, Error *err)
{
    Extracted found = {0};
    TimeUnit unit = time_unit_find(name);
    *numeric = (Datum){.is_null = false};
    if (is_infinite(type, value))
        return extract_infinite(unit, type, value, name, arena, numeric, err);
    if (unit == UNIT_UNKNOWN || !extract_finite(unit, type, value, zone, &found))
        return unit_error(name, type, unit != UNIT_UNKNOWN, err);
    if (found.kind == FIELD_OF_JULIAN)
        return extract_julian(&found, arena, numeric, err);
    numeric->bytes = numeric_from_int128(found.value, found.scale, arena);
    return true;
}
