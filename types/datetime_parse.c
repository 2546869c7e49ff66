/*
 * Texts to dates, times and timestamps. The form that we print is read directly, every other one by datetime_read.c.
 */
#include "types/datetime_read.h"

/* --- the form that we print ourselves --- */

static bool
two_digits(const char *at, int *value)
{
    if (!is_digit(at[0]) || !is_digit(at[1]))
        return false;
    *value = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

/* yyyy-mm-dd at the start of the text, a date that exists. */
static bool
iso_date(Slice *text, CivilTime *civil)
{
    int century, rest;
    const char *at = text->bytes;
    if (text->size < 10 || !two_digits(at, &century) || !two_digits(at + 2, &rest) || at[4] != '-' ||
        !two_digits(at + 5, &civil->month) || at[7] != '-' || !two_digits(at + 8, &civil->day))
        return false;
    civil->year = century * 100 + rest;
    *text = slice_make(at + 10, text->size - 10);
    return civil->year > 0 && civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
           civil->day <= days_in_month(civil->year, civil->month);
}

/* hh:mm:ss[.ffffff] */
static bool
iso_clock(Slice *text, CivilTime *civil)
{
    const char *at = text->bytes, *end = at + text->size;
    if (text->size < 8 || !two_digits(at, &civil->hour) || at[2] != ':' || !two_digits(at + 3, &civil->minute) ||
        at[5] != ':' || !two_digits(at + 6, &civil->second) || civil->hour > 23 || civil->minute > 59 ||
        civil->second > 59)
        return false;
    at += 8;
    civil->microsecond = 0;
    if (at < end && *at == '.') {
        int digits = 0;
        for (at++; at < end && is_digit(*at) && digits < 6; at++, digits++)
            civil->microsecond = civil->microsecond * 10 + (*at - '0');
        for (; digits < 6; digits++)
            civil->microsecond *= 10;
    }
    *text = slice_make(at, (size_t) (end - at));
    return true;
}

/* +hh or +hh:mm, the whole rest. */
static bool
iso_offset(Slice text, int *west)
{
    int hour, minute = 0;
    if ((text.size != 3 && text.size != 6) || (text.bytes[0] != '+' && text.bytes[0] != '-') ||
        !two_digits(text.bytes + 1, &hour) || hour > 15)
        return false;
    if (text.size == 6 && (text.bytes[3] != ':' || !two_digits(text.bytes + 4, &minute) || minute > 59))
        return false;
    *west = (hour * 60 + minute) * (text.bytes[0] == '+' ? -60 : 60);
    return true;
}

static bool
iso_timestamp(const TextInput *in, bool with_zone, int64_t *out)
{
    CivilTime civil = {0};
    Slice rest = in->text;
    int west = 0;
    bool has_zone = false;
    if (!iso_date(&rest, &civil))
        return false;
    if (rest.size > 0) {
        if (rest.bytes[0] != ' ' && rest.bytes[0] != 'T')
            return false;
        rest = slice_make(rest.bytes + 1, rest.size - 1);
        if (!iso_clock(&rest, &civil))
            return false;
        has_zone = rest.size > 0;
        if (has_zone && !iso_offset(rest, &west))
            return false;
    }
    if (!timestamp_join(&civil, out))
        return false;
    if (with_zone && has_zone)
        *out += west * US_PER_SECOND;
    else if (with_zone)
        *out = timestamp_local_to_utc(*out, zone_of_session(in->style == NULL ? NULL : in->style->time_zone));
    return true;
}

/* --- the types --- */

bool
date_parse(const TextInput *in, int32_t *out, Error *err)
{
    DateState state = {.in = in};
    Fields fields;
    Slice rest = in->text;
    if (iso_date(&rest, &state.civil) && rest.size == 0) {
        *out = date_from_civil(state.civil.year, state.civil.month, state.civil.day);
        return true;
    }
    memset(&state.civil, 0, sizeof state.civil);
    TimeStatus status = date_state_read(&state, &fields);
    if (status != TIME_OK)
        return time_status_error(status, "date", in->text, state.unknown_zone, err);
    if (state.special >= 0) {
        *out = state.special == RESERVED_EPOCH
                   ? EPOCH_DATE
                   : (state.special == RESERVED_INFINITY ? DATE_INFINITY : DATE_MINUS_INFINITY);
        return true;
    }
    if (date_civil_in_range(state.civil.year, state.civil.month)) {
        *out = date_from_civil(state.civil.year, state.civil.month, state.civil.day);
        if (*out >= DATE_MIN && *out < DATE_END)
            return true;
    }
    return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range: \"%.*s\"", (int) in->text.size,
                     in->text.bytes);
}

static int64_t
civil_clock(const CivilTime *civil)
{
    return ((civil->hour * INT64_C(60) + civil->minute) * 60 + civil->second) * US_PER_SECOND + civil->microsecond;
}

bool
time_parse(const TextInput *in, int64_t *out, Error *err)
{
    DateState state = {.in = in};
    Fields fields;
    Slice rest = in->text;
    if (!iso_clock(&rest, &state.civil) || rest.size > 0) {
        memset(&state.civil, 0, sizeof state.civil);
        TimeStatus status = date_state_read_time(&state, &fields);
        if (status != TIME_OK)
            return time_status_error(status, "time", in->text, state.unknown_zone, err);
    }
    *out = time_round(civil_clock(&state.civil), in->type.typmod);
    return true;
}

bool
timetz_parse(const TextInput *in, TimeTz *out, Error *err)
{
    DateState state = {.in = in};
    Fields fields;
    TimeStatus status = date_state_read_time(&state, &fields);
    if (status != TIME_OK)
        return time_status_error(status, "time with time zone", in->text, state.unknown_zone, err);
    *out = (TimeTz){.microseconds = time_round(civil_clock(&state.civil), in->type.typmod),
                    .zone_seconds_west = state.west};
    return true;
}

bool
timestamp_parse(const TextInput *in, bool with_zone, int64_t *out, Error *err)
{
    DateState state = {.in = in};
    Fields fields;
    if (iso_timestamp(in, with_zone, out)) {
        *out = timestamp_round(*out, in->type.typmod);
        return true;
    }
    TimeStatus status = date_state_read(&state, &fields);
    if (status != TIME_OK)
        return time_status_error(status, with_zone ? "timestamp with time zone" : "timestamp", in->text,
                                 state.unknown_zone, err);
    if (state.special >= 0) {
        *out = state.special == RESERVED_EPOCH
                   ? EPOCH_DATE * US_PER_DAY
                   : (state.special == RESERVED_INFINITY ? TIMESTAMP_INFINITY : TIMESTAMP_MINUS_INFINITY);
        return true;
    }
    /* With a zone only the instant has to be in range, not the time on the wall. */
    if (!timestamp_join_wide(&state.civil, out) ||
        (with_zone && __builtin_add_overflow(*out, state.west * US_PER_SECOND, out)) || !timestamp_in_range(*out))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"%.*s\"", (int) in->text.size,
                         in->text.bytes);
    *out = timestamp_round(*out, in->type.typmod);
    return true;
}
