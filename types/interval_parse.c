/*
 * Texts to intervals: PostgreSQL's words ("1 year -2 days 03:04:05"), SQL's ("1-2", "3 4:05"), and ISO 8601's
 * ("P1Y2M3DT4H5M6S", "P0001-02-03T04:05:06").
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "types/datetime_fields.h"

#define UNIT_BIT(unit) (1u << (unit))
#define ALL_SECONDS    (UNIT_BIT(UNIT_SECOND) | UNIT_BIT(UNIT_MILLISECOND) | UNIT_BIT(UNIT_MICROSECOND))
#define ALL_TIME       (UNIT_BIT(UNIT_HOUR) | UNIT_BIT(UNIT_MINUTE) | ALL_SECONDS)
#define PRECISION_FULL 0xffff
#define NOT_A_UNIT     UNIT_EPOCH /* no number can be of it */

/* Bits of a typmod's range, as PostgreSQL numbers them. */
#define RANGE_MONTH  (1 << 1)
#define RANGE_YEAR   (1 << 2)
#define RANGE_DAY    (1 << 3)
#define RANGE_HOUR   (1 << 10)
#define RANGE_MINUTE (1 << 11)
#define RANGE_SECOND (1 << 12)
#define RANGE_FULL   0x7fff

static int
typmod_range(int32_t typmod)
{
    return typmod < 0 ? RANGE_FULL : typmod >> 16 & 0x7fff;
}

/* --- adding up --- */

static bool
add_int32(int32_t *to, int64_t value)
{
    int64_t sum;
    if (__builtin_add_overflow(*to, value, &sum) || sum != (int32_t) sum)
        return false;
    *to = (int32_t) sum;
    return true;
}

static bool
add_scaled_int32(int32_t *to, int64_t value, int64_t scale)
{
    int64_t product;
    return !__builtin_mul_overflow(value, scale, &product) && add_int32(to, product);
}

/* Years are kept apart from months until the end: only their sum may overflow by another name. */
typedef struct IntervalSum {
    Interval value;
    int32_t years;
} IntervalSum;

/* A fraction of a unit of `scale` microseconds; half a microsecond rounds to the even one below. */
static bool
add_fraction_us(IntervalSum *to, double fraction, int64_t scale)
{
    if (fraction == 0)
        return true;
    fraction *= (double) scale;
    int64_t us = (int64_t) fraction;
    fraction -= (double) us;
    us += fraction > 0.5 ? 1 : fraction < -0.5 ? -1 : 0;
    return !__builtin_add_overflow(to->value.microseconds, us, &to->value.microseconds);
}

static bool
add_fraction_days(IntervalSum *to, double fraction, int scale)
{
    if (fraction == 0)
        return true;
    fraction *= scale;
    int days = (int) fraction;
    return add_int32(&to->value.days, days) && add_fraction_us(to, fraction - days, US_PER_DAY);
}

static bool
add_us(IntervalSum *to, int64_t value, double fraction, int64_t scale)
{
    int64_t product;
    return !__builtin_mul_overflow(value, scale, &product) &&
           !__builtin_add_overflow(to->value.microseconds, product, &to->value.microseconds) &&
           add_fraction_us(to, fraction, scale);
}

static bool
add_years(IntervalSum *to, int64_t value, double fraction, int scale)
{
    int64_t years;
    return !__builtin_mul_overflow(value, (int64_t) scale, &years) && add_int32(&to->years, years) &&
           add_int32(&to->value.months, (int64_t) rint(fraction * scale * 12));
}

/* `value` plus `fraction` units. */
static TimeStatus
add_unit(IntervalSum *to, TimeUnit unit, int64_t value, double fraction)
{
    bool ok;
    switch (unit) {
    case UNIT_MICROSECOND:
        ok = add_us(to, value, fraction, 1);
        break;
    case UNIT_MILLISECOND:
        ok = add_us(to, value, fraction, 1000);
        break;
    case UNIT_SECOND:
        ok = add_us(to, value, fraction, US_PER_SECOND);
        break;
    case UNIT_MINUTE:
        ok = add_us(to, value, fraction, US_PER_MINUTE);
        break;
    case UNIT_HOUR:
        ok = add_us(to, value, fraction, US_PER_HOUR);
        break;
    case UNIT_DAY:
        ok = add_int32(&to->value.days, value) && add_fraction_us(to, fraction, US_PER_DAY);
        break;
    case UNIT_WEEK:
        ok = add_scaled_int32(&to->value.days, value, 7) && add_fraction_days(to, fraction, 7);
        break;
    case UNIT_MONTH:
        ok = add_int32(&to->value.months, value) && add_fraction_days(to, fraction, 30);
        break;
    case UNIT_YEAR:
        ok = add_years(to, value, fraction, 1);
        break;
    case UNIT_DECADE:
        ok = add_years(to, value, fraction, 10);
        break;
    case UNIT_CENTURY:
        ok = add_years(to, value, fraction, 100);
        break;
    case UNIT_MILLENNIUM:
        ok = add_years(to, value, fraction, 1000);
        break;
    default:
        return TIME_BAD;
    }
    return ok ? TIME_OK : TIME_OVERFLOW;
}

static bool
sum_negate(IntervalSum *sum)
{
    Interval *value = &sum->value;
    if (value->microseconds == INT64_MIN || value->days == INT32_MIN || value->months == INT32_MIN ||
        sum->years == INT32_MIN)
        return false;
    *value = (Interval){-value->microseconds, -value->days, -value->months};
    sum->years = -sum->years;
    return true;
}

/* --- words --- */

typedef struct IntervalState {
    IntervalSum sum;
    int range;     /* of the typmod: what a number without a unit counts */
    TimeUnit unit; /* of the number to the left; UNIT_UNKNOWN: not said */
    unsigned have;
    unsigned read;
} IntervalState;

static TimeUnit
unit_of_range(int range)
{
    if (range == RANGE_YEAR)
        return UNIT_YEAR;
    if (range == RANGE_MONTH || range == (RANGE_YEAR | RANGE_MONTH))
        return UNIT_MONTH;
    if (range == RANGE_DAY)
        return UNIT_DAY;
    if (range == RANGE_HOUR || range == (RANGE_DAY | RANGE_HOUR))
        return UNIT_HOUR;
    if (range == RANGE_MINUTE || range == (RANGE_HOUR | RANGE_MINUTE) ||
        range == (RANGE_DAY | RANGE_HOUR | RANGE_MINUTE))
        return UNIT_MINUTE;
    return UNIT_SECOND;
}

static TimeStatus
take_clock(IntervalState *state, const char *text, bool negative)
{
    ClockTime clock;
    TimeStatus status = field_clock(text, state->range == (RANGE_MINUTE | RANGE_SECOND), &clock);
    if (status != TIME_OK)
        return status;
    int64_t us;
    int64_t rest = (clock.minute * INT64_C(60) + clock.second) * US_PER_SECOND + clock.microsecond;
    if (__builtin_mul_overflow(clock.hour, US_PER_HOUR, &us) || __builtin_add_overflow(us, rest, &us))
        return TIME_OVERFLOW;
    /* Whatever fractions of days stood behind it are replaced. */
    state->sum.value.microseconds = negative ? -us : us;
    state->read = ALL_TIME;
    state->unit = UNIT_DAY; /* of a bare number before it */
    return TIME_OK;
}

static TimeStatus
fraction_of(const char *text, double *out)
{
    char *end;
    *out = 0;
    if (text[1] == 0)
        return TIME_OK;
    errno = 0;
    *out = strtod(text, &end);
    return *end != 0 || errno != 0 ? TIME_BAD : TIME_OK;
}

/* Which of the units the number was of, so that none is given twice. */
static unsigned
unit_read_bits(TimeUnit unit, double fraction)
{
    return unit == UNIT_SECOND && fraction != 0 ? ALL_SECONDS : UNIT_BIT(unit);
}

static TimeStatus
take_number(IntervalState *state, const char *text)
{
    const char *at;
    int64_t value;
    double fraction = 0;
    bool negative = text[0] == '-';
    if (state->unit == UNIT_UNKNOWN)
        state->unit = unit_of_range(state->range);
    if (!field_int64(text, &at, &value))
        return TIME_OVERFLOW;
    if (*at == '-') {
        /* years-months */
        int months;
        bool fits = field_int(at + 1, &at, &months);
        if (!fits || months < 0 || months >= 12)
            return TIME_OVERFLOW;
        if (*at != 0)
            return TIME_BAD;
        state->unit = UNIT_MONTH;
        if (__builtin_mul_overflow(value, 12, &value) ||
            __builtin_add_overflow(value, negative ? -months : months, &value))
            return TIME_OVERFLOW;
    } else if (*at == '.') {
        TimeStatus status = fraction_of(at, &fraction);
        if (status != TIME_OK)
            return status;
        if (negative)
            fraction = -fraction;
    } else if (*at != 0) {
        return TIME_BAD;
    }
    TimeStatus status = add_unit(&state->sum, state->unit, value, fraction);
    state->read = unit_read_bits(state->unit, fraction);
    if (state->unit == UNIT_HOUR)
        state->unit = UNIT_DAY;
    return status;
}

/* Fields are read from right to left, since a unit follows its number. */
static TimeStatus
words_parse(Slice text, int range, IntervalSum *out)
{
    Fields fields;
    IntervalState state = {.range = range};
    bool ago = false;
    TimeStatus status = fields_split(text, &fields);
    for (int i = fields.count - 1; status == TIME_OK && i >= 0; i--) {
        const char *field = fields.items[i].text;
        int value = 0;
        WordKind word;
        state.read = 0;
        switch (fields.items[i].kind) {
        case FIELD_TIME:
            status = take_clock(&state, field, false);
            break;
        case FIELD_ZONE: {
            IntervalSum before = state.sum;
            if (strchr(field + 1, ':') != NULL && take_clock(&state, field + 1, field[0] == '-') == TIME_OK)
                break;
            state.sum = before;
            status = take_number(&state, field);
            break;
        }
        case FIELD_DATE:
        case FIELD_NUMBER:
            status = take_number(&state, field);
            break;
        case FIELD_WORD:
        case FIELD_SPECIAL:
            word = interval_word_find(field, &value);
            if (word != WORD_UNIT && word != WORD_AGO && word != WORD_IGNORED)
                status = TIME_BAD;
            if (word == WORD_UNIT)
                state.unit = (TimeUnit) value;
            /* A unit must stand between a number and "ago". */
            if (word == WORD_AGO)
                state.unit = NOT_A_UNIT;
            ago |= word == WORD_AGO;
            break;
        }
        if (status == TIME_OK && (state.have & state.read) != 0)
            status = TIME_BAD;
        state.have |= state.read;
    }
    if (status == TIME_OK && state.have == 0)
        status = TIME_BAD;
    if (status == TIME_OK && ago && !sum_negate(&state.sum))
        status = TIME_OVERFLOW;
    *out = state.sum;
    return status;
}

/* --- ISO 8601 --- */

/* A signed decimal number, cut into its whole and the rest. */
static TimeStatus
iso_number(const char **at, int64_t *value, double *fraction, int *digits)
{
    char *end;
    const char *start = *at;
    if (!is_digit(*start) && *start != '-' && *start != '.')
        return TIME_BAD;
    errno = 0;
    double number = strtod(start, &end);
    if (end == start || errno != 0)
        return TIME_BAD;
    if (number < -1e15 || number > 1e15)
        return TIME_OVERFLOW;
    *value = number >= 0 ? (int64_t) floor(number) : -(int64_t) floor(-number);
    *fraction = number - (double) *value;
    *digits = 0;
    for (const char *p = start + (*start == '-'); is_digit(*p); p++)
        (*digits)++;
    *at = end;
    return TIME_OK;
}

static TimeStatus
iso_date_designator(IntervalSum *sum, char unit, int64_t value, double fraction)
{
    switch (unit) {
    case 'Y':
        return add_unit(sum, UNIT_YEAR, value, fraction);
    case 'M':
        return add_unit(sum, UNIT_MONTH, value, fraction);
    case 'W':
        return add_unit(sum, UNIT_WEEK, value, fraction);
    case 'D':
        return add_unit(sum, UNIT_DAY, value, fraction);
    default:
        return TIME_BAD;
    }
}

static TimeStatus
iso_time_designator(IntervalSum *sum, char unit, int64_t value, double fraction)
{
    switch (unit) {
    case 'H':
        return add_unit(sum, UNIT_HOUR, value, fraction);
    case 'M':
        return add_unit(sum, UNIT_MINUTE, value, fraction);
    case 'S':
        return add_unit(sum, UNIT_SECOND, value, fraction);
    default:
        return TIME_BAD;
    }
}

/* The parts of P0001-02-03T04:05:06 after the first number, which was taken already; units in order of size. */
static TimeStatus
iso_alternative(IntervalSum *sum, const char **at, const TimeUnit *units, int count, char delimiter, int64_t value,
                double fraction)
{
    int digits;
    for (int i = 0;; i++) {
        TimeStatus status = add_unit(sum, units[i], value, fraction);
        if (status != TIME_OK || **at == 0 || **at == 'T')
            return status;
        if (**at != delimiter || i + 1 == count)
            return TIME_BAD;
        (*at)++;
        status = iso_number(at, &value, &fraction, &digits);
        if (status != TIME_OK)
            return status;
    }
}

/* yyyymmdd and hhmmss without delimiters */
static TimeStatus
iso_basic(IntervalSum *sum, bool is_time, int64_t value, double fraction)
{
    TimeStatus status = add_unit(sum, is_time ? UNIT_HOUR : UNIT_YEAR, value / 10000, 0);
    if (status == TIME_OK)
        status = add_unit(sum, is_time ? UNIT_MINUTE : UNIT_MONTH, value / 100 % 100, 0);
    if (status == TIME_OK)
        status = add_unit(sum, is_time ? UNIT_SECOND : UNIT_DAY, value % 100, fraction);
    return status;
}

static TimeStatus
iso_parse(Slice text, IntervalSum *out)
{
    static const TimeUnit date_units[] = {UNIT_YEAR, UNIT_MONTH, UNIT_DAY};
    static const TimeUnit time_units[] = {UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND};
    char copy[FIELD_BYTES_MAX];
    const char *at = copy + 1;
    bool is_time = false, have = false;
    if (text.size < 2 || text.size >= sizeof copy || text.bytes[0] != 'P')
        return TIME_BAD;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = 0;
    *out = (IntervalSum){.years = 0};
    while (*at != 0) {
        int64_t value;
        double fraction;
        int digits;
        if (*at == 'T') {
            is_time = true;
            have = false;
            at++;
            continue;
        }
        TimeStatus status = iso_number(&at, &value, &fraction, &digits);
        if (status != TIME_OK)
            return status;
        char unit = *at;
        if (unit == (is_time ? ':' : '-') && !have) {
            status = iso_alternative(out, &at, is_time ? time_units : date_units, 3, unit, value, fraction);
        } else if (unit == 0 || (unit == 'T' && !is_time)) {
            if (digits == (is_time ? 6 : 8) && !have)
                status = iso_basic(out, is_time, value, fraction);
            else if (have)
                status = TIME_BAD;
            else
                status = add_unit(out, is_time ? UNIT_HOUR : UNIT_YEAR, value, fraction);
        } else {
            at++;
            status = is_time ? iso_time_designator(out, unit, value, fraction)
                             : iso_date_designator(out, unit, value, fraction);
        }
        if (status != TIME_OK)
            return status;
        have = true;
    }
    return TIME_OK;
}

/* --- the whole --- */

static int64_t
us_trunc(int64_t us, int64_t unit)
{
    return us / unit * unit;
}

/* Keeps the fields that the type names, and rounds seconds. */
bool
interval_apply_typmod(Interval *value, int32_t typmod, Error *err)
{
    static const int64_t scales[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    int range = typmod_range(typmod);
    int precision = typmod < 0 ? PRECISION_FULL : typmod & 0xffff;
    if (typmod < 0)
        return true;
    if (range == RANGE_YEAR)
        value->months = value->months / 12 * 12;
    /* A range that is not known keeps everything. */
    if (range != RANGE_FULL) {
        if ((range & ~(RANGE_YEAR | RANGE_MONTH)) == 0)
            *value = (Interval){.months = value->months};
        else if (range == RANGE_DAY)
            value->microseconds = 0;
        else if ((range & RANGE_SECOND) == 0)
            value->microseconds =
                us_trunc(value->microseconds, (range & RANGE_MINUTE) != 0 ? US_PER_MINUTE : US_PER_HOUR);
    }
    if (precision > 6)
        return true;
    int64_t unit = scales[precision], rounded = value->microseconds;
    if (__builtin_add_overflow(rounded, rounded >= 0 ? unit / 2 : -(unit / 2), &rounded))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    value->microseconds = rounded / unit * unit;
    return true;
}

bool
interval_parse(const TextInput *in, Interval *out, Error *err)
{
    IntervalSum sum;
    TimeStatus status = words_parse(in->text, typmod_range(in->type.typmod), &sum);
    if (status == TIME_BAD)
        status = iso_parse(in->text, &sum);
    if (status == TIME_OVERFLOW)
        status = TIME_INTERVAL_OVERFLOW;
    if (status != TIME_OK)
        return time_status_error(status, "interval", in->text, NULL, err);
    *out = sum.value;
    if (!add_scaled_int32(&out->months, sum.years, 12))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
    return interval_apply_typmod(out, in->type.typmod, err);
}
