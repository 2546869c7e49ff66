/*
 * Fields are read from left to right: `have` gathers what is known so far and decides what a number means.
 */
#include "types/datetime_read.h"

#include <stdlib.h>

#include "base/clock.h"

typedef enum Part {
    HAVE_YEAR = 1 << 0,
    HAVE_MONTH = 1 << 1,
    HAVE_DAY = 1 << 2,
    HAVE_DAY_OF_YEAR = 1 << 3,
    HAVE_HOUR = 1 << 4,
    HAVE_MINUTE = 1 << 5,
    HAVE_SECOND = 1 << 6,
    HAVE_FRACTION = 1 << 7,
    HAVE_ZONE = 1 << 8,
    HAVE_DST_ZONE = 1 << 9,
    HAVE_DST_WORD = 1 << 10,
    HAVE_DYNAMIC_ZONE = 1 << 11,
    HAVE_AMPM = 1 << 12,
    HAVE_ERA = 1 << 13,
    HAVE_WEEKDAY = 1 << 14,
    HAVE_SPECIAL = 1 << 15,
} Part;

#define HAVE_DATE (HAVE_YEAR | HAVE_MONTH | HAVE_DAY)
#define HAVE_TIME (HAVE_HOUR | HAVE_MINUTE | HAVE_SECOND | HAVE_FRACTION)

/* What a number field turned out to be. */
typedef enum NumberRole { NUMBER_IS_PART, NUMBER_IS_DATE, NUMBER_IS_TIME } NumberRole;

/* --- now --- */

static int64_t
now_us(const TextStyle *style)
{
    return style == NULL || style->now_us == 0 ? clock_wall_us() - EPOCH_SHIFT_US : style->now_us;
}

static const Zone *
session_zone(const DateState *state)
{
    return zone_of_session(state->in->style == NULL ? NULL : state->in->style->time_zone);
}

static void
civil_set_date(CivilTime *civil, int32_t date)
{
    date_to_civil(date, &civil->year, &civil->month, &civil->day);
}

/* Numbers of days that no date has are kept away from date arithmetic. */
static bool
julian_to_civil(int julian, CivilTime *civil)
{
    if (julian < 0)
        return false;
    int64_t date = (int64_t) julian - JULIAN_OF_2000;
    civil_set_date(civil, (int32_t) date);
    return true;
}

/* --- numbers --- */

/* Run-together digits: yyyymmdd, hhmmss, hhmm, with or without a fraction of a second. */
static TimeStatus
take_digits(DateState *state, char *text, unsigned have, NumberRole *role)
{
    CivilTime *civil = &state->civil;
    char *point = strchr(text, '.');
    const char *end;
    if (point != NULL) {
        TimeStatus status = field_fraction(point, &civil->microsecond);
        if (status != TIME_OK)
            return status;
        *point = 0;
    }
    size_t size = strlen(text);
    if (point == NULL && (have & HAVE_DATE) != HAVE_DATE && size >= 6) {
        state->read = HAVE_DATE;
        (void) field_int(text + size - 2, &end, &civil->day);
        text[size - 2] = 0;
        (void) field_int(text + size - 4, &end, &civil->month);
        text[size - 4] = 0;
        if (!field_int(text, &end, &civil->year))
            return TIME_OVERFLOW;
        if (size - 4 == 2)
            state->two_digit_year = true;
        *role = NUMBER_IS_DATE;
        return TIME_OK;
    }
    if ((have & HAVE_TIME) != HAVE_TIME && (size == 6 || size == 4)) {
        state->read = HAVE_TIME;
        civil->second = 0;
        if (size == 6) {
            (void) field_int(text + 4, &end, &civil->second);
            text[4] = 0;
        }
        (void) field_int(text + 2, &end, &civil->minute);
        text[2] = 0;
        (void) field_int(text, &end, &civil->hour);
        *role = NUMBER_IS_TIME;
        return TIME_OK;
    }
    return TIME_BAD;
}

/* A number on its own, by what is known of the date so far. Month, day, year is the order unless the year leads. */
static TimeStatus
take_number(DateState *state, char *text, bool text_month, unsigned have)
{
    const char *at;
    int value;
    size_t size = strlen(text);
    NumberRole role;
    state->read = 0;
    if (!field_int(text, &at, &value))
        return TIME_OVERFLOW;
    if (at == text)
        return TIME_BAD;
    if (*at == '.') {
        if (at - text > 2)
            return take_digits(state, text, have | HAVE_DATE, &role);
        TimeStatus status = field_fraction(at, &state->civil.microsecond);
        if (status != TIME_OK)
            return status;
    } else if (*at != 0) {
        return TIME_BAD;
    }
    if (size == 3 && (have & HAVE_DATE) == HAVE_YEAR && value >= 1 && value <= 366) {
        state->read = HAVE_DAY_OF_YEAR | HAVE_MONTH | HAVE_DAY;
        state->day_of_year = value;
        return TIME_OK;
    }
    Part part;
    switch (have & HAVE_DATE) {
    case 0:
        part = size >= 3 ? HAVE_YEAR : HAVE_MONTH;
        break;
    case HAVE_YEAR:
        part = HAVE_MONTH;
        break;
    case HAVE_MONTH:
        part = text_month && size >= 3 ? HAVE_YEAR : HAVE_DAY;
        break;
    case HAVE_YEAR | HAVE_MONTH:
        if (text_month && size >= 3 && state->two_digit_year) {
            /* What was taken for a short year was the day. */
            state->civil.day = state->civil.year;
            state->civil.year = value;
            state->two_digit_year = false;
            state->read = HAVE_DAY;
            return TIME_OK;
        }
        part = HAVE_DAY;
        break;
    case HAVE_DAY:
        part = HAVE_MONTH;
        break;
    case HAVE_MONTH | HAVE_DAY:
        part = HAVE_YEAR;
        break;
    case HAVE_DATE:
        return take_digits(state, text, have, &role);
    default:
        return TIME_BAD;
    }
    state->read = part;
    if (part == HAVE_YEAR) {
        state->civil.year = value;
        state->two_digit_year = size <= 2;
    } else {
        *(part == HAVE_MONTH ? &state->civil.month : &state->civil.day) = value;
    }
    return TIME_OK;
}

/* A date whose parts are joined by punctuation; letters among them are a month. */
static TimeStatus
take_date(DateState *state, char *text)
{
    char *parts[FIELD_COUNT_MAX];
    int count = 0, value;
    bool text_month = false;
    unsigned have = state->have, read = 0;
    while (*text != 0 && count < FIELD_COUNT_MAX) {
        while (*text != 0 && !is_digit(*text) && !is_letter(*text))
            text++;
        if (*text == 0)
            return TIME_BAD;
        parts[count++] = text;
        if (is_digit(*text))
            while (is_digit(*text))
                text++;
        else
            while (is_letter(*text))
                text++;
        if (*text != 0)
            *text++ = 0;
    }
    for (int i = 0; i < count; i++) {
        if (!is_letter(parts[i][0]))
            continue;
        WordKind kind = date_word_find(parts[i], &value);
        if (kind == WORD_IGNORED)
            continue;
        if (kind != WORD_MONTH || (have & HAVE_MONTH) != 0)
            return TIME_BAD;
        state->civil.month = value;
        text_month = true;
        have |= HAVE_MONTH;
        read |= HAVE_MONTH;
        parts[i] = NULL;
    }
    for (int i = 0; i < count; i++) {
        if (parts[i] == NULL)
            continue;
        if (parts[i][0] == 0)
            return TIME_BAD;
        TimeStatus status = take_number(state, parts[i], text_month, have);
        if (status != TIME_OK)
            return status;
        if ((have & state->read) != 0)
            return TIME_BAD;
        have |= state->read;
        read |= state->read;
    }
    state->read = read;
    return (have & ~(unsigned) (HAVE_DAY_OF_YEAR | HAVE_ZONE)) == HAVE_DATE ? TIME_OK : TIME_BAD;
}

/* --- zones --- */

/* +hh, +hhmm, +hh:mm or +hh:mm:ss; `rest` must be the end. */
static TimeStatus
take_offset(DateState *state, const char *text)
{
    const char *at;
    int hour, minute = 0, second = 0;
    if (*text != '+' && *text != '-')
        return TIME_BAD;
    if (!field_int(text + 1, &at, &hour))
        return TIME_ZONE_OVERFLOW;
    if (*at == ':') {
        if (!field_int(at + 1, &at, &minute))
            return TIME_ZONE_OVERFLOW;
        if (*at == ':' && !field_int(at + 1, &at, &second))
            return TIME_ZONE_OVERFLOW;
    } else if (*at == 0 && strlen(text) > 3) {
        minute = hour % 100;
        hour /= 100;
    }
    if (hour < 0 || hour > 15 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return TIME_ZONE_OVERFLOW;
    int seconds = (hour * 60 + minute) * 60 + second;
    state->west = *text == '+' ? -seconds : seconds;
    return *at == 0 ? TIME_OK : TIME_BAD;
}

static TimeStatus
take_zone_name(DateState *state, const char *text)
{
    state->zone = zone_find(slice_of(text));
    state->read = HAVE_ZONE;
    if (state->zone != NULL)
        return TIME_OK;
    state->unknown_zone = text;
    return TIME_ZONE_UNKNOWN;
}

static bool
take_zone_abbreviation(DateState *state, const char *text)
{
    const ZoneAbbreviation *found = zone_abbreviation_find(slice_of(text));
    if (found == NULL)
        return false;
    if (found->zone != NULL) {
        state->zone = zone_find(slice_of(found->zone));
        state->abbreviation = found->word;
        state->read = HAVE_ZONE | HAVE_DYNAMIC_ZONE;
        return state->zone != NULL;
    }
    state->west = -found->east;
    state->read = HAVE_ZONE | (found->is_dst ? HAVE_DST_ZONE : 0);
    return true;
}

/* --- fields by kind --- */

static TimeStatus
take_clock(DateState *state, const char *text)
{
    ClockTime clock;
    TimeStatus status = field_clock(text, false, &clock);
    if (status != TIME_OK)
        return status;
    if (clock.hour > INT32_MAX)
        return TIME_OVERFLOW;
    state->read = HAVE_TIME;
    state->civil.hour = (int) clock.hour;
    state->civil.minute = clock.minute;
    state->civil.second = clock.second;
    state->civil.microsecond = clock.microsecond;
    return TIME_OK;
}

/* hhmmss-zz: digits of a time, then an offset. */
static TimeStatus
take_time_with_offset(DateState *state, char *text, unsigned have)
{
    NumberRole role;
    char *sign = strchr(text, '-');
    if ((state->have & HAVE_TIME) == HAVE_TIME || sign == NULL)
        return TIME_BAD;
    TimeStatus status = take_offset(state, sign);
    if (status != TIME_OK)
        return status;
    *sign = 0;
    status = take_digits(state, text, have, &role);
    state->read |= HAVE_ZONE;
    return status;
}

static TimeStatus
take_julian_with_offset(DateState *state, const char *text)
{
    const char *at;
    int julian;
    if (!field_int(text, &at, &julian) || !julian_to_civil(julian, &state->civil))
        return TIME_OVERFLOW;
    state->julian = true;
    TimeStatus status = take_offset(state, at);
    state->read = HAVE_DATE | HAVE_TIME | HAVE_ZONE;
    state->unit = UNIT_UNKNOWN;
    return status;
}

static TimeStatus
take_joined(DateState *state, int i)
{
    char *text = state->fields[i].text;
    if (state->time_only) {
        bool date_follows =
            i == 0 && state->field_count >= 2 &&
            (state->fields[state->field_count - 1].kind == FIELD_DATE || state->fields[1].kind == FIELD_TIME);
        if (date_follows)
            return take_date(state, text);
        if (is_digit(text[0]))
            return take_time_with_offset(state, text, state->have | HAVE_DATE);
        return take_zone_name(state, text);
    }
    if (state->unit == UNIT_JULIAN)
        return take_julian_with_offset(state, text);
    bool after_word = state->iso_time || state->unit != UNIT_UNKNOWN;
    if (!after_word && (state->have & (HAVE_MONTH | HAVE_DAY)) != (HAVE_MONTH | HAVE_DAY))
        return take_date(state, text);
    if (!is_digit(text[0]) && !after_word)
        return take_zone_name(state, text);
    if (after_word && !state->iso_time)
        return TIME_BAD;
    state->iso_time = false;
    return take_time_with_offset(state, text, state->have);
}

/* A number after a word that says what it is, as in y2001m02d04. */
static TimeStatus
take_number_of_unit(DateState *state, const char *text)
{
    const char *at;
    int value;
    CivilTime *civil = &state->civil;
    TimeUnit unit = state->unit;
    state->unit = UNIT_UNKNOWN;
    if (!field_int(text, &at, &value))
        return TIME_OVERFLOW;
    if (*at == '.' ? unit != UNIT_JULIAN && unit != UNIT_SECOND : *at != 0)
        return TIME_BAD;
    switch (unit) {
    case UNIT_YEAR:
        civil->year = value;
        state->read = HAVE_YEAR;
        return TIME_OK;
    case UNIT_MONTH:
        /* After an hour an m is for minutes. */
        if ((state->have & HAVE_MONTH) != 0 && (state->have & HAVE_HOUR) != 0) {
            civil->minute = value;
            state->read = HAVE_MINUTE;
        } else {
            civil->month = value;
            state->read = HAVE_MONTH;
        }
        return TIME_OK;
    case UNIT_DAY:
        civil->day = value;
        state->read = HAVE_DAY;
        return TIME_OK;
    case UNIT_HOUR:
        civil->hour = value;
        state->read = HAVE_HOUR;
        return TIME_OK;
    case UNIT_MINUTE:
        civil->minute = value;
        state->read = HAVE_MINUTE;
        return TIME_OK;
    case UNIT_SECOND:
        civil->second = value;
        state->read = HAVE_SECOND;
        if (*at != '.')
            return TIME_OK;
        state->read |= HAVE_FRACTION;
        return field_fraction(at, &civil->microsecond);
    case UNIT_JULIAN: {
        if (!julian_to_civil(value, civil))
            return TIME_OVERFLOW;
        state->read = HAVE_DATE;
        state->julian = true;
        if (*at != '.')
            return TIME_OK;
        char *end;
        double fraction = strtod(at, &end);
        if (*end != 0)
            return TIME_BAD;
        int64_t us = (int64_t) (fraction * (double) US_PER_DAY);
        civil->hour = (int) (us / US_PER_HOUR);
        civil->minute = (int) (us / US_PER_MINUTE % 60);
        civil->second = (int) (us / US_PER_SECOND % 60);
        civil->microsecond = (int) (us % US_PER_SECOND);
        state->read |= HAVE_TIME;
        return TIME_OK;
    }
    default:
        return TIME_BAD;
    }
}

static TimeStatus
take_number_field(DateState *state, int i)
{
    char *text = state->fields[i].text;
    const char *point = strchr(text, '.');
    size_t size = strlen(text);
    NumberRole role = NUMBER_IS_PART;
    TimeStatus status;
    if (state->iso_time) {
        state->iso_time = false;
        status = take_digits(state, text, state->have | HAVE_DATE, &role);
        return status == TIME_OK && role != NUMBER_IS_TIME ? TIME_BAD : status;
    }
    if (state->unit != UNIT_UNKNOWN)
        return take_number_of_unit(state, text);
    if (state->time_only) {
        if (point != NULL) {
            if (i == 0 && state->field_count >= 2 && state->fields[state->field_count - 1].kind == FIELD_DATE)
                return take_date(state, text);
            if (point - text <= 2)
                return TIME_BAD;
            return take_digits(state, text, state->have | HAVE_DATE, &role);
        }
        if (size > 4)
            return take_digits(state, text, state->have | HAVE_DATE, &role);
        return take_number(state, text, false, state->have | HAVE_DATE);
    }
    if (point != NULL && (state->have & HAVE_DATE) == 0)
        return take_date(state, text);
    if (point != NULL && point - text > 2)
        return take_digits(state, text, state->have, &role);
    if (size >= 6 && ((state->have & HAVE_DATE) == 0 || (state->have & HAVE_TIME) == 0))
        return take_digits(state, text, state->have, &role);
    return take_number(state, text, state->text_month, state->have);
}

static TimeStatus
take_reserved(DateState *state, Reserved word)
{
    CivilTime *civil = &state->civil;
    const Zone *zone = session_zone(state);
    int64_t now = now_us(state->in->style);
    if (state->time_only && word != RESERVED_NOW && word != RESERVED_ZULU)
        return TIME_BAD;
    switch (word) {
    case RESERVED_NOW:
        state->read = state->time_only ? HAVE_TIME : HAVE_DATE | HAVE_TIME | HAVE_ZONE;
        state->west = -timestamptz_split(now, zone, civil, NULL);
        return TIME_OK;
    case RESERVED_TODAY:
    case RESERVED_TOMORROW:
    case RESERVED_YESTERDAY: {
        CivilTime today;
        timestamptz_split(now, zone, &today, NULL);
        int32_t date = date_from_civil(today.year, today.month, today.day);
        civil_set_date(civil, date + (word == RESERVED_TOMORROW) - (word == RESERVED_YESTERDAY));
        state->read = HAVE_DATE;
        return TIME_OK;
    }
    case RESERVED_ZULU:
        civil->hour = civil->minute = civil->second = 0;
        state->west = 0;
        state->read = HAVE_TIME | HAVE_ZONE;
        return TIME_OK;
    case RESERVED_EPOCH:
    case RESERVED_INFINITY:
    case RESERVED_MINUS_INFINITY:
        state->special = (int) word;
        state->read = HAVE_SPECIAL;
        return TIME_OK;
    }
    return TIME_BAD;
}

static TimeStatus
take_month_word(DateState *state, int month)
{
    /* A number that was taken for the month was the day. */
    if ((state->have & HAVE_MONTH) != 0 && !state->text_month && (state->have & HAVE_DAY) == 0 &&
        state->civil.month >= 1 && state->civil.month <= 31) {
        state->civil.day = state->civil.month;
        state->read = HAVE_DAY;
    } else {
        state->read = HAVE_MONTH;
    }
    state->text_month = true;
    state->civil.month = month;
    return TIME_OK;
}

static TimeStatus
take_word(DateState *state, int i)
{
    const char *text = state->fields[i].text;
    int value = 0;
    state->read = 0;
    if (take_zone_abbreviation(state, text))
        return TIME_OK;
    WordKind kind = date_word_find(text, &value);
    if (state->time_only && (kind == WORD_MONTH || kind == WORD_WEEKDAY))
        return TIME_BAD;
    switch (kind) {
    case WORD_IGNORED:
        return TIME_OK;
    case WORD_RESERVED:
        return take_reserved(state, (Reserved) value);
    case WORD_MONTH:
        return take_month_word(state, value);
    case WORD_WEEKDAY:
        state->read = HAVE_WEEKDAY;
        return TIME_OK;
    case WORD_DST:
        state->read = HAVE_DST_WORD | HAVE_DST_ZONE;
        state->west -= 3600;
        return TIME_OK;
    case WORD_AMPM:
        state->read = HAVE_AMPM;
        state->ampm = value;
        return TIME_OK;
    case WORD_ERA:
        state->read = HAVE_ERA;
        state->before_christ = value == 1;
        return TIME_OK;
    case WORD_UNIT:
        state->unit = (TimeUnit) value;
        return TIME_OK;
    case WORD_ISO_TIME:
        if (!state->time_only && (state->have & HAVE_DATE) != HAVE_DATE)
            return TIME_BAD;
        if (i + 1 >= state->field_count ||
            (state->fields[i + 1].kind != FIELD_NUMBER && state->fields[i + 1].kind != FIELD_TIME &&
             state->fields[i + 1].kind != FIELD_DATE))
            return TIME_BAD;
        state->iso_time = true;
        return TIME_OK;
    case WORD_AGO:
    case WORD_UNKNOWN:
        break;
    }
    /* A word that is not known may still name a zone; if not, it is the text that is wrong. */
    TimeStatus status = take_zone_name(state, text);
    return status == TIME_ZONE_UNKNOWN ? TIME_BAD : status;
}

static bool
clock_overflows(const CivilTime *civil)
{
    if (civil->hour < 0 || civil->hour > 24 || civil->minute < 0 || civil->minute > 59 || civil->second < 0 ||
        civil->second > 60 || civil->microsecond < 0 || civil->microsecond > 1000000)
        return true;
    int64_t us = ((civil->hour * INT64_C(60) + civil->minute) * 60 + civil->second) * US_PER_SECOND;
    return us + civil->microsecond > US_PER_DAY;
}

static TimeStatus
take_field(DateState *state, int i)
{
    state->read = 0;
    switch (state->fields[i].kind) {
    case FIELD_DATE:
        return take_joined(state, i);
    case FIELD_TIME: {
        if (!state->time_only && state->unit != UNIT_UNKNOWN)
            return TIME_BAD;
        state->iso_time = false;
        TimeStatus status = take_clock(state, state->fields[i].text);
        return status == TIME_OK && !state->time_only && clock_overflows(&state->civil) ? TIME_OVERFLOW : status;
    }
    case FIELD_ZONE:
        state->read = HAVE_ZONE;
        return take_offset(state, state->fields[i].text);
    case FIELD_NUMBER:
        return take_number_field(state, i);
    case FIELD_WORD:
    case FIELD_SPECIAL:
        return take_word(state, i);
    }
    return TIME_BAD;
}

/* --- the whole --- */

static TimeStatus
state_check_date(DateState *state)
{
    CivilTime *civil = &state->civil;
    if ((state->have & HAVE_YEAR) != 0 && !state->julian) {
        if (state->before_christ) {
            if (civil->year <= 0)
                return TIME_OVERFLOW;
            civil->year = 1 - civil->year;
        } else if (state->two_digit_year) {
            if (civil->year < 0)
                return TIME_OVERFLOW;
            civil->year += civil->year < 70 ? 2000 : civil->year < 100 ? 1900 : 0;
        } else if (civil->year <= 0) {
            return TIME_OVERFLOW;
        }
    }
    if ((state->have & HAVE_DAY_OF_YEAR) != 0)
        civil_set_date(civil, date_from_civil(civil->year, 1, 1) + state->day_of_year - 1);
    if ((state->have & HAVE_MONTH) != 0 && (civil->month < 1 || civil->month > 12))
        return TIME_DAY_OVERFLOW;
    if ((state->have & HAVE_DAY) != 0 && (civil->day < 1 || civil->day > 31))
        return TIME_DAY_OVERFLOW;
    if ((state->have & HAVE_DATE) == HAVE_DATE && civil->day > days_in_month(civil->year, civil->month))
        return TIME_OVERFLOW;
    return TIME_OK;
}

static TimeStatus
state_check_ampm(DateState *state)
{
    if (state->ampm < 0)
        return TIME_OK;
    if (state->civil.hour > 12)
        return TIME_OVERFLOW;
    if (state->ampm == 0 && state->civil.hour == 12)
        state->civil.hour = 0;
    else if (state->ampm == 1 && state->civil.hour != 12)
        state->civil.hour += 12;
    return TIME_OK;
}

static int64_t
civil_seconds(const CivilTime *civil)
{
    int64_t date =
        date_civil_in_range(civil->year, civil->month) ? date_from_civil(civil->year, civil->month, civil->day) : 0;
    return (date - EPOCH_DATE) * SECONDS_PER_DAY + (civil->hour * INT64_C(60) + civil->minute) * 60 + civil->second;
}

/* Turns what was said of the zone into an offset, now that the date is known. */
static TimeStatus
state_resolve_zone(DateState *state)
{
    int east;
    int64_t seconds = civil_seconds(&state->civil);
    if (state->zone == NULL && (state->have & HAVE_ZONE) != 0)
        return TIME_OK;
    if ((state->have & HAVE_DST_WORD) != 0)
        return TIME_BAD;
    if (state->zone == NULL)
        east = zone_offset_of_local(session_zone(state), seconds);
    else if (state->abbreviation == NULL ||
             !zone_abbreviation_offset(state->zone, slice_of(state->abbreviation), seconds, &east))
        east = zone_offset_of_local(state->zone, seconds);
    state->west = -east;
    return TIME_OK;
}

static TimeStatus
state_read(DateState *state, Fields *fields)
{
    TimeStatus status = fields_split(state->in->text, fields);
    state->fields = fields->items;
    state->field_count = fields->count;
    state->ampm = -1;
    state->special = -1;
    for (int i = 0; status == TIME_OK && i < fields->count; i++) {
        status = take_field(state, i);
        if (status == TIME_OK && (state->read & state->have) != 0)
            status = TIME_BAD;
        state->have |= state->read;
    }
    if (status != TIME_OK)
        return status;
    status = state_check_date(state);
    return status == TIME_OK ? state_check_ampm(state) : status;
}

TimeStatus
date_state_read(DateState *state, Fields *fields)
{
    TimeStatus status = state_read(state, fields);
    if (status != TIME_OK || state->special >= 0)
        return status;
    if ((state->have & HAVE_DATE) != HAVE_DATE)
        return TIME_BAD;
    return state_resolve_zone(state);
}

/* A zone that changes its offset needs a date beside the time; the session's takes today. */
TimeStatus
date_state_read_time(DateState *state, Fields *fields)
{
    int east;
    state->time_only = true;
    TimeStatus status = state_read(state, fields);
    if (status != TIME_OK)
        return status;
    if (clock_overflows(&state->civil))
        return TIME_OVERFLOW;
    if ((state->have & HAVE_TIME) != HAVE_TIME)
        return TIME_BAD;
    if (state->zone != NULL && (state->have & HAVE_DATE) != HAVE_DATE && state->abbreviation == NULL) {
        if ((state->have & HAVE_DST_WORD) != 0 || !zone_is_fixed(state->zone, &east))
            return TIME_BAD;
        state->west = -east;
        return TIME_OK;
    }
    if ((state->have & HAVE_ZONE) != 0 && state->zone == NULL)
        return TIME_OK;
    if ((state->have & HAVE_DATE) != HAVE_DATE) {
        CivilTime today;
        if ((state->have & HAVE_DATE) != 0)
            return TIME_BAD;
        timestamptz_split(now_us(state->in->style), session_zone(state), &today, NULL);
        state->civil.year = today.year;
        state->civil.month = today.month;
        state->civil.day = today.day;
    }
    return state_resolve_zone(state);
}
