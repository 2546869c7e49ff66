/* to_char of timestamps and intervals: a format of patterns, each with FM before it and TH behind it, quoted text, and plain text. */
#include <stdlib.h>

#include "types/time_pattern.h"

typedef struct Moment {
    CivilTime civil;
    int32_t date;
    int east;
    const char *abbreviation; /* of the zone, or NULL */
    bool is_interval;         /* civil has its months within a year, its days; `date` and zone mean nothing */
    int64_t hour;
    int day_of_year;
} Moment;

/* --- output --- */

static void
put_number(const Piece *piece, int64_t value, int width, Buffer *out)
{
    buffer_printf(out, "%0*lld", piece->fill ? width + (value < 0) : 0, (long long) value);
}

static void
put_name(const Piece *piece, const char *name, Buffer *out)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool upper = piece->spelling == SPELL_UPPER && c >= 'a' && c <= 'z';
        bool lower = piece->spelling == SPELL_LOWER && c >= 'A' && c <= 'Z';
        buffer_append_char(out, (char) (upper ? c - 32 : lower ? c + 32 : c));
    }
    for (; piece->fill_name && size < (size_t) piece->word->digits; size++)
        buffer_append_char(out, ' ');
}

static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
static const char *const day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const roman_months[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};

static void
put_short_name(const Piece *piece, const char *name, Buffer *out)
{
    char text[4] = {name[0], name[1], name[2], 0};
    put_name(piece, text, out);
}

static int
shown_year(int year)
{
    return year > 0 ? year : 1 - year;
}

static void
put_year(const Piece *piece, int year, Buffer *out)
{
    static const int modulus[] = {1, 10, 100, 1000, INT32_MAX};
    int digits = piece->word->digits;
    put_number(piece, shown_year(year) % modulus[digits], digits, out);
}

static int
iso_day_of_year(const Moment *moment)
{
    int iso_year;
    int week = date_iso_week(moment->date, &iso_year);
    return (week - 1) * 7 + (date_weekday(moment->date) + 6) % 7 + 1;
}

static void
put_century(const Piece *piece, int year, Buffer *out)
{
    int century = year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
    put_number(piece, century, century > 99 || century < -99 ? 0 : 2, out);
}

static void
put_offset(const Piece *piece, int east, Buffer *out)
{
    int seconds = abs(east);
    buffer_append_char(out, east < 0 ? '-' : '+');
    put_number(piece, seconds / 3600, 2, out);
    if (seconds % 3600 != 0)
        buffer_printf(out, ":%02d", seconds % 3600 / 60);
}

/* `width` with the sign. */
static void
put_wide_number(const Piece *piece, int64_t value, int width, Buffer *out)
{
    buffer_printf(out, "%0*lld", piece->fill ? width : 0, (long long) value);
}

/* Patterns of the clock; false: not one of them. */
static bool
put_clock(const Piece *piece, const Moment *moment, Buffer *out)
{
    const CivilTime *civil = &moment->civil;
    int64_t hour = moment->hour;
    static const int scale[] = {0, 100000, 10000, 1000, 100, 10, 1};
    switch (piece->word->pattern) {
    case PATTERN_AM:
        put_name(piece, hour % 24 >= 12 ? "PM" : "AM", out);
        return true;
    case PATTERN_AM_DOTS:
        put_name(piece, hour % 24 >= 12 ? "P.M." : "A.M.", out);
        return true;
    case PATTERN_HH24:
        put_number(piece, hour, 2, out);
        return true;
    case PATTERN_HH12:
        put_wide_number(piece, hour % 12 == 0 ? 12 : hour % 12, hour >= 0 ? 2 : 3, out);
        return true;
    case PATTERN_MI:
        put_number(piece, civil->minute, 2, out);
        return true;
    case PATTERN_SS:
        put_number(piece, civil->second, 2, out);
        return true;
    case PATTERN_FF:
    case PATTERN_MS:
    case PATTERN_US:
        buffer_printf(out, "%0*d", piece->word->digits, civil->microsecond / scale[piece->word->digits]);
        return true;
    case PATTERN_SSSS:
        put_number(piece, (hour * 60 + civil->minute) * 60 + civil->second, 0, out);
        return true;
    default:
        return false;
    }
}

/* Patterns that count days, weeks and months by number. */
static bool
put_day(const Piece *piece, const Moment *moment, Buffer *out)
{
    int iso_year, weekday = date_weekday(moment->date);
    switch (piece->word->pattern) {
    case PATTERN_DDD:
        put_number(piece, date_yearday(moment->date), 3, out);
        return true;
    case PATTERN_IDDD:
        put_number(piece, iso_day_of_year(moment), 3, out);
        return true;
    case PATTERN_DD:
        put_number(piece, moment->civil.day, 2, out);
        return true;
    case PATTERN_D:
        put_number(piece, weekday + 1, 0, out);
        return true;
    case PATTERN_ID:
        put_number(piece, weekday == 0 ? 7 : weekday, 0, out);
        return true;
    case PATTERN_WW:
        put_number(piece, (date_yearday(moment->date) - 1) / 7 + 1, 2, out);
        return true;
    case PATTERN_IW:
        put_number(piece, date_iso_week(moment->date, &iso_year), 2, out);
        return true;
    case PATTERN_W:
        put_number(piece, (moment->civil.day - 1) / 7 + 1, 0, out);
        return true;
    case PATTERN_MM:
        put_number(piece, moment->civil.month, 2, out);
        return true;
    case PATTERN_Q:
        put_number(piece, (moment->civil.month - 1) / 3 + 1, 0, out);
        return true;
    case PATTERN_J:
        put_number(piece, (int64_t) moment->date + JULIAN_OF_2000, 0, out);
        return true;
    default:
        return false;
    }
}

/* true: a number was put, which TH may follow */
static bool
put_pattern(const Piece *piece, const Moment *moment, Buffer *out)
{
    const CivilTime *civil = &moment->civil;
    Piece plain = *piece;
    if (put_clock(piece, moment, out))
        return piece->word->pattern != PATTERN_AM && piece->word->pattern != PATTERN_AM_DOTS;
    if (put_day(piece, moment, out))
        return true;
    switch (piece->word->pattern) {
    case PATTERN_AD:
        put_name(piece, civil->year > 0 ? "AD" : "BC", out);
        return false;
    case PATTERN_AD_DOTS:
        put_name(piece, civil->year > 0 ? "A.D." : "B.C.", out);
        return false;
    case PATTERN_DAY:
        put_name(piece, day_names[date_weekday(moment->date)], out);
        return false;
    case PATTERN_DY:
        put_short_name(piece, day_names[date_weekday(moment->date)], out);
        return false;
    case PATTERN_MONTH:
        put_name(piece, month_names[civil->month - 1], out);
        return false;
    case PATTERN_MON:
        put_short_name(piece, month_names[civil->month - 1], out);
        return false;
    case PATTERN_RM:
        put_name(piece, roman_months[civil->month - 1], out);
        return false;
    case PATTERN_CC:
        put_century(piece, civil->year, out);
        return true;
    case PATTERN_YYYY:
        put_year(piece, civil->year, out);
        return true;
    case PATTERN_IYYY: {
        int iso_year;
        date_iso_week(moment->date, &iso_year);
        put_year(piece, iso_year, out);
        return true;
    }
    case PATTERN_Y_COMMA:
        buffer_printf(out, "%d,%03d", shown_year(civil->year) / 1000, shown_year(civil->year) % 1000);
        return true;
    case PATTERN_TZ:
        if (moment->abbreviation != NULL)
            put_name(&plain, moment->abbreviation, out);
        return false;
    case PATTERN_TZH:
        buffer_printf(out, "%c%02d", moment->east < 0 ? '-' : '+', abs(moment->east) / 3600);
        return false;
    case PATTERN_TZM:
        buffer_printf(out, "%02d", abs(moment->east) % 3600 / 60);
        return false;
    case PATTERN_OF:
        put_offset(piece, moment->east, out);
        return false;
    default:
        return false;
    }
}

static const char *
ordinal(const Buffer *out)
{
    char last = out->bytes[out->size - 1];
    if (out->size >= 2 && out->bytes[out->size - 2] == '1')
        return "TH";
    return last == '1' ? "ST" : last == '2' ? "ND" : last == '3' ? "RD" : "TH";
}

/* TH or th behind a pattern, and SP, which means nothing here. */
static Slice
put_suffix(Slice format, bool is_number, Buffer *out)
{
    if (text_starts_with_any(format, "TH")) {
        bool lower = format.bytes[0] == 't';
        const char *text = ordinal(out);
        for (int i = 0; is_number && i < 2; i++)
            buffer_append_char(out, lower ? lower_char(text[i]) : text[i]);
        return slice_make(format.bytes + 2, format.size - 2);
    }
    if (text_starts_with(format, "SP", false))
        return slice_make(format.bytes + 2, format.size - 2);
    return format;
}

/* "text" in quotes, or one character. */
static Slice
put_literal(Slice format, Buffer *out)
{
    const char *at = format.bytes, *end = at + format.size;
    if (*at == '"') {
        for (at++; at < end && *at != '"'; at++) {
            if (*at == '\\' && at + 1 < end)
                at++;
            buffer_append_char(out, *at);
        }
        at += at < end;
    } else {
        if (*at == '\\' && at + 1 < end && at[1] == '"')
            at++;
        buffer_append_char(out, *at++);
    }
    return slice_make(at, (size_t) (end - at));
}

/* Patterns as they are for an interval; *fine is false for those that want a date. */
static bool
put_interval_pattern(const Piece *piece, const Moment *moment, Buffer *out, bool *fine)
{
    static const int modulus[] = {1, 10, 100, 1000, INT32_MAX};
    const CivilTime *civil = &moment->civil;
    int month = civil->month, year = civil->year, at;
    switch (piece->word->pattern) {
    case PATTERN_DDD:
    case PATTERN_IDDD:
        put_wide_number(piece, moment->day_of_year, 3, out);
        return true;
    case PATTERN_DD:
        put_wide_number(piece, civil->day, 2, out);
        return true;
    case PATTERN_MM:
        put_wide_number(piece, month, month >= 0 ? 2 : 3, out);
        return true;
    case PATTERN_WW:
        put_wide_number(piece, (moment->day_of_year - 1) / 7 + 1, 2, out);
        return true;
    case PATTERN_W:
        put_wide_number(piece, (civil->day - 1) / 7 + 1, 0, out);
        return true;
    case PATTERN_Q:
        if (month != 0)
            put_wide_number(piece, (month - 1) / 3 + 1, 0, out);
        return month != 0;
    case PATTERN_CC:
        put_wide_number(piece, year / 100, year / 100 <= 99 && year / 100 >= -99 ? (year / 100 >= 0 ? 2 : 3) : 0, out);
        return true;
    case PATTERN_Y_COMMA:
        buffer_printf(out, "%d,%03d", year / 1000, year % 1000);
        return true;
    case PATTERN_YYYY:
        at = piece->word->digits;
        put_wide_number(piece, year % modulus[at], year >= 0 || at == 1 ? at : at + 1, out);
        return true;
    case PATTERN_RM:
        if (month == 0 && year == 0)
            return false;
        at = month == 0 ? (year >= 0 ? 11 : 0) : month > 0 ? month - 1 : 12 + month;
        put_name(piece, roman_months[at], out);
        return false;
    case PATTERN_IW:
    case PATTERN_IYYY:
    case PATTERN_J:
        return put_pattern(piece, moment, out);
    case PATTERN_FX:
        return false;
    default:
        if (put_clock(piece, moment, out))
            return piece->word->pattern != PATTERN_AM && piece->word->pattern != PATTERN_AM_DOTS;
        *fine = false;
        return false;
    }
}

static bool
put_format(const Moment *moment, Slice format, Buffer *out, Error *err)
{
    while (format.size > 0) {
        Piece piece = {.fill = true, .fill_name = true};
        while (text_starts_with_any(format, "FM") || text_starts_with_any(format, "TM")) {
            piece.fill &= lower_char(format.bytes[0]) != 'f';
            piece.fill_name = false;
            format = slice_make(format.bytes + 2, format.size - 2);
        }
        if (format.size > 0 && pattern_find(format, &piece)) {
            size_t size = strlen(piece.word->word);
            bool fine = true;
            bool is_number = moment->is_interval ? put_interval_pattern(&piece, moment, out, &fine)
                                                 : put_pattern(&piece, moment, out);
            if (!fine) {
                (void) error_set(err, SQLSTATE_INVALID_DATETIME_FORMAT,
                                 "invalid format specification for an interval value");
                return error_hint(err, "Intervals are not tied to specific calendar dates.");
            }
            format = put_suffix(slice_make(format.bytes + size, format.size - size), is_number, out);
        } else if (format.size > 0) {
            format = put_literal(format, out);
        }
    }
    return true;
}

bool
timestamp_to_char(int64_t timestamp, Slice format, const char *zone, Buffer *out, Error *err)
{
    Moment moment = {.east = 0};
    if (!timestamp_is_finite(timestamp))
        return true;
    if (zone == NULL)
        timestamp_split(timestamp, &moment.civil);
    else
        moment.east = timestamptz_split(timestamp, zone_of_session(zone), &moment.civil, &moment.abbreviation);
    if (!date_civil_in_range(moment.civil.year, moment.civil.month))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    moment.date = date_from_civil(moment.civil.year, moment.civil.month, moment.civil.day);
    moment.hour = moment.civil.hour;
    return put_format(&moment, format, out, err);
}

bool
interval_to_char(Interval interval, Slice format, Buffer *out, Error *err)
{
    int64_t rest = interval.microseconds;
    Moment moment = {.is_interval = true, .hour = rest / US_PER_HOUR};
    rest %= US_PER_HOUR;
    moment.civil = (CivilTime){.year = interval.months / 12,
                               .month = interval.months % 12,
                               .day = interval.days,
                               .minute = (int) (rest / US_PER_MINUTE),
                               .second = (int) (rest % US_PER_MINUTE / US_PER_SECOND),
                               .microsecond = (int) (rest % US_PER_SECOND)};
    moment.day_of_year = (int) ((uint32_t) interval.months * 30 + (uint32_t) interval.days);
    bool has_date = date_civil_in_range(moment.civil.year, moment.civil.month);
    moment.date = has_date ? date_from_civil(moment.civil.year, moment.civil.month, moment.civil.day) : 0;
    return put_format(&moment, format, out, err);
}
