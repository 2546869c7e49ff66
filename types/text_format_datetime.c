#include <stdlib.h>

#include "types/datetime_internal.h"
#include "types/text_internal.h"

#define TIMESTAMP_TEXT_MAX 64

/* Years are shown with four digits at least; the year before 1 is 1 BC. */
static char *
civil_date_print(char *at, int year, int month, int day)
{
    int shown = year > 0 ? year : 1 - year;
    if (shown < 10000) {
        at = print_pair(at, (unsigned) shown / 100);
        at = print_pair(at, (unsigned) shown % 100);
    } else {
        at = print_uint64(at, (uint64_t) shown);
    }
    *at++ = '-';
    at = print_pair(at, (unsigned) month);
    *at++ = '-';
    return print_pair(at, (unsigned) day);
}

static char *
era_print(char *at, int year)
{
    if (year > 0)
        return at;
    memcpy(at, " BC", 3);
    return at + 3;
}

/* ".ffffff" without trailing zeros, nothing for 0. */
static char *
fraction_print(char *at, unsigned microseconds)
{
    if (microseconds == 0)
        return at;
    *at++ = '.';
    at = print_pair(at, microseconds / 10000);
    at = print_pair(at, microseconds / 100 % 100);
    at = print_pair(at, microseconds % 100);
    while (at[-1] == '0')
        at--;
    return at;
}

static char *
clock_print(char *at, unsigned hour, unsigned minute, unsigned second, unsigned microsecond)
{
    at = print_pair(at, hour);
    *at++ = ':';
    at = print_pair(at, minute);
    *at++ = ':';
    at = print_pair(at, second);
    return fraction_print(at, microsecond);
}

static char *
zone_print(char *at, int east)
{
    *at++ = east < 0 ? '-' : '+';
    unsigned seconds = (unsigned) abs(east);
    unsigned hours = seconds / 3600;
    at = hours < 100 ? print_pair(at, hours) : print_uint64(at, hours);
    if (seconds % 3600 != 0) {
        *at++ = ':';
        at = print_pair(at, seconds / 60 % 60);
    }
    if (seconds % 60 != 0) {
        *at++ = ':';
        at = print_pair(at, seconds % 60);
    }
    return at;
}

static char *
microseconds_print(char *at, int64_t time)
{
    unsigned seconds = (unsigned) (time / US_PER_SECOND);
    return clock_print(at, seconds / 3600, seconds / 60 % 60, seconds % 60, (unsigned) (time % US_PER_SECOND));
}

static char *
civil_print(char *at, const CivilTime *civil)
{
    at = civil_date_print(at, civil->year, civil->month, civil->day);
    *at++ = ' ';
    return clock_print(at, (unsigned) civil->hour, (unsigned) civil->minute, (unsigned) civil->second,
                       (unsigned) civil->microsecond);
}

static void
finish(Buffer *out, char *end)
{
    out->size = (size_t) (end - out->bytes);
}

void
date_print(int32_t date, Buffer *out)
{
    if (date == DATE_INFINITY || date == DATE_MINUS_INFINITY) {
        buffer_append_text(out, date == DATE_INFINITY ? "infinity" : "-infinity");
        return;
    }
    int year, month, day;
    date_to_civil(date, &year, &month, &day);
    char *at = civil_date_print(buffer_reserve(out, TIMESTAMP_TEXT_MAX), year, month, day);
    finish(out, era_print(at, year));
}

void
time_print(int64_t time, Buffer *out)
{
    finish(out, microseconds_print(buffer_reserve(out, TIMESTAMP_TEXT_MAX), time));
}

void
timetz_print(TimeTz value, Buffer *out)
{
    char *at = microseconds_print(buffer_reserve(out, TIMESTAMP_TEXT_MAX), value.microseconds);
    finish(out, zone_print(at, -value.zone_seconds_west));
}

static bool
infinity_print(int64_t timestamp, Buffer *out)
{
    if (timestamp_is_finite(timestamp))
        return false;
    buffer_append_text(out, timestamp == TIMESTAMP_INFINITY ? "infinity" : "-infinity");
    return true;
}

void
timestamp_print(int64_t timestamp, Buffer *out)
{
    if (infinity_print(timestamp, out))
        return;
    CivilTime civil;
    timestamp_split(timestamp, &civil);
    char *at = civil_print(buffer_reserve(out, TIMESTAMP_TEXT_MAX), &civil);
    finish(out, era_print(at, civil.year));
}

void
timestamptz_print(int64_t timestamp, const TextStyle *style, Buffer *out)
{
    if (infinity_print(timestamp, out))
        return;
    CivilTime civil;
    int east = timestamptz_split(timestamp, zone_of_session(style == NULL ? NULL : style->time_zone), &civil, NULL);
    char *at = civil_print(buffer_reserve(out, TIMESTAMP_TEXT_MAX), &civil);
    at = zone_print(at, east);
    finish(out, era_print(at, civil.year));
}

/* "3 mons": a plus sign only after something negative. */
static char *
interval_part_print(char *at, int64_t value, const char *unit, bool *is_first, bool *after_negative)
{
    if (value == 0)
        return at;
    if (!*is_first)
        *at++ = ' ';
    if (*after_negative && value > 0)
        *at++ = '+';
    at = print_int64(at, value);
    *at++ = ' ';
    size_t size = strlen(unit);
    memcpy(at, unit, size);
    at += size;
    if (value != 1)
        *at++ = 's';
    *is_first = false;
    *after_negative = value < 0;
    return at;
}

void
interval_print(Interval value, Buffer *out)
{
    char *at = buffer_reserve(out, 128);
    bool is_first = true, after_negative = false;
    at = interval_part_print(at, value.months / 12, "year", &is_first, &after_negative);
    at = interval_part_print(at, value.months % 12, "mon", &is_first, &after_negative);
    at = interval_part_print(at, value.days, "day", &is_first, &after_negative);
    if (is_first || value.microseconds != 0) {
        bool negative = value.microseconds < 0;
        uint64_t us = negative ? 0 - (uint64_t) value.microseconds : (uint64_t) value.microseconds;
        uint64_t seconds = us / 1000000, hours = seconds / 3600;
        if (!is_first)
            *at++ = ' ';
        if (negative || after_negative)
            *at++ = negative ? '-' : '+';
        at = hours < 100 ? print_pair(at, (unsigned) hours) : print_uint64(at, hours);
        *at++ = ':';
        at = print_pair(at, (unsigned) (seconds / 60 % 60));
        *at++ = ':';
        at = print_pair(at, (unsigned) (seconds % 60));
        at = fraction_print(at, (unsigned) (us % 1000000));
    }
    finish(out, at);
}
