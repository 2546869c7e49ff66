#include "types/datetime_fields.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define WORD_SIZE 10 /* longer words are known by their first ten letters */

typedef struct Word {
    char text[WORD_SIZE + 1];
    WordKind kind;
    int value;
} Word;

/* Both tables are sorted. */
static const Word date_words[] = {
    {"-infinity", WORD_RESERVED, RESERVED_MINUS_INFINITY},
    {"ad", WORD_ERA, 0},
    {"allballs", WORD_RESERVED, RESERVED_ZULU},
    {"am", WORD_AMPM, 0},
    {"apr", WORD_MONTH, 4},
    {"april", WORD_MONTH, 4},
    {"at", WORD_IGNORED, 0},
    {"aug", WORD_MONTH, 8},
    {"august", WORD_MONTH, 8},
    {"bc", WORD_ERA, 1},
    {"d", WORD_UNIT, UNIT_DAY},
    {"dec", WORD_MONTH, 12},
    {"december", WORD_MONTH, 12},
    {"dow", WORD_UNIT, UNIT_DOW},
    {"doy", WORD_UNIT, UNIT_DOY},
    {"dst", WORD_DST, 0},
    {"epoch", WORD_RESERVED, RESERVED_EPOCH},
    {"feb", WORD_MONTH, 2},
    {"february", WORD_MONTH, 2},
    {"fri", WORD_WEEKDAY, 5},
    {"friday", WORD_WEEKDAY, 5},
    {"h", WORD_UNIT, UNIT_HOUR},
    {"infinity", WORD_RESERVED, RESERVED_INFINITY},
    {"isodow", WORD_UNIT, UNIT_ISODOW},
    {"isoyear", WORD_UNIT, UNIT_ISOYEAR},
    {"j", WORD_UNIT, UNIT_JULIAN},
    {"jan", WORD_MONTH, 1},
    {"january", WORD_MONTH, 1},
    {"jd", WORD_UNIT, UNIT_JULIAN},
    {"jul", WORD_MONTH, 7},
    {"julian", WORD_UNIT, UNIT_JULIAN},
    {"july", WORD_MONTH, 7},
    {"jun", WORD_MONTH, 6},
    {"june", WORD_MONTH, 6},
    {"m", WORD_UNIT, UNIT_MONTH},
    {"mar", WORD_MONTH, 3},
    {"march", WORD_MONTH, 3},
    {"may", WORD_MONTH, 5},
    {"mm", WORD_UNIT, UNIT_MINUTE},
    {"mon", WORD_WEEKDAY, 1},
    {"monday", WORD_WEEKDAY, 1},
    {"nov", WORD_MONTH, 11},
    {"november", WORD_MONTH, 11},
    {"now", WORD_RESERVED, RESERVED_NOW},
    {"oct", WORD_MONTH, 10},
    {"october", WORD_MONTH, 10},
    {"on", WORD_IGNORED, 0},
    {"pm", WORD_AMPM, 1},
    {"s", WORD_UNIT, UNIT_SECOND},
    {"sat", WORD_WEEKDAY, 6},
    {"saturday", WORD_WEEKDAY, 6},
    {"sep", WORD_MONTH, 9},
    {"sept", WORD_MONTH, 9},
    {"september", WORD_MONTH, 9},
    {"sun", WORD_WEEKDAY, 0},
    {"sunday", WORD_WEEKDAY, 0},
    {"t", WORD_ISO_TIME, 0},
    {"thu", WORD_WEEKDAY, 4},
    {"thur", WORD_WEEKDAY, 4},
    {"thurs", WORD_WEEKDAY, 4},
    {"thursday", WORD_WEEKDAY, 4},
    {"today", WORD_RESERVED, RESERVED_TODAY},
    {"tomorrow", WORD_RESERVED, RESERVED_TOMORROW},
    {"tue", WORD_WEEKDAY, 2},
    {"tues", WORD_WEEKDAY, 2},
    {"tuesday", WORD_WEEKDAY, 2},
    {"wed", WORD_WEEKDAY, 3},
    {"wednesday", WORD_WEEKDAY, 3},
    {"weds", WORD_WEEKDAY, 3},
    {"y", WORD_UNIT, UNIT_YEAR},
    {"yesterday", WORD_RESERVED, RESERVED_YESTERDAY},
};

static const Word interval_words[] = {
    {"@", WORD_IGNORED, 0},
    {"ago", WORD_AGO, 0},
    {"c", WORD_UNIT, UNIT_CENTURY},
    {"cent", WORD_UNIT, UNIT_CENTURY},
    {"centuries", WORD_UNIT, UNIT_CENTURY},
    {"century", WORD_UNIT, UNIT_CENTURY},
    {"d", WORD_UNIT, UNIT_DAY},
    {"day", WORD_UNIT, UNIT_DAY},
    {"days", WORD_UNIT, UNIT_DAY},
    {"dec", WORD_UNIT, UNIT_DECADE},
    {"decade", WORD_UNIT, UNIT_DECADE},
    {"decades", WORD_UNIT, UNIT_DECADE},
    {"decs", WORD_UNIT, UNIT_DECADE},
    {"h", WORD_UNIT, UNIT_HOUR},
    {"hour", WORD_UNIT, UNIT_HOUR},
    {"hours", WORD_UNIT, UNIT_HOUR},
    {"hr", WORD_UNIT, UNIT_HOUR},
    {"hrs", WORD_UNIT, UNIT_HOUR},
    {"m", WORD_UNIT, UNIT_MINUTE},
    {"microsecon", WORD_UNIT, UNIT_MICROSECOND},
    {"mil", WORD_UNIT, UNIT_MILLENNIUM},
    {"millennia", WORD_UNIT, UNIT_MILLENNIUM},
    {"millennium", WORD_UNIT, UNIT_MILLENNIUM},
    {"millisecon", WORD_UNIT, UNIT_MILLISECOND},
    {"mils", WORD_UNIT, UNIT_MILLENNIUM},
    {"min", WORD_UNIT, UNIT_MINUTE},
    {"mins", WORD_UNIT, UNIT_MINUTE},
    {"minute", WORD_UNIT, UNIT_MINUTE},
    {"minutes", WORD_UNIT, UNIT_MINUTE},
    {"mon", WORD_UNIT, UNIT_MONTH},
    {"mons", WORD_UNIT, UNIT_MONTH},
    {"month", WORD_UNIT, UNIT_MONTH},
    {"months", WORD_UNIT, UNIT_MONTH},
    {"ms", WORD_UNIT, UNIT_MILLISECOND},
    {"msec", WORD_UNIT, UNIT_MILLISECOND},
    {"mseconds", WORD_UNIT, UNIT_MILLISECOND},
    {"msecs", WORD_UNIT, UNIT_MILLISECOND},
    {"qtr", WORD_UNIT, UNIT_QUARTER},
    {"quarter", WORD_UNIT, UNIT_QUARTER},
    {"s", WORD_UNIT, UNIT_SECOND},
    {"sec", WORD_UNIT, UNIT_SECOND},
    {"second", WORD_UNIT, UNIT_SECOND},
    {"seconds", WORD_UNIT, UNIT_SECOND},
    {"secs", WORD_UNIT, UNIT_SECOND},
    {"timezone", WORD_UNIT, UNIT_TIMEZONE},
    {"timezone_h", WORD_UNIT, UNIT_TIMEZONE_HOUR},
    {"timezone_m", WORD_UNIT, UNIT_TIMEZONE_MINUTE},
    {"us", WORD_UNIT, UNIT_MICROSECOND},
    {"usec", WORD_UNIT, UNIT_MICROSECOND},
    {"usecond", WORD_UNIT, UNIT_MICROSECOND},
    {"useconds", WORD_UNIT, UNIT_MICROSECOND},
    {"usecs", WORD_UNIT, UNIT_MICROSECOND},
    {"w", WORD_UNIT, UNIT_WEEK},
    {"week", WORD_UNIT, UNIT_WEEK},
    {"weeks", WORD_UNIT, UNIT_WEEK},
    {"y", WORD_UNIT, UNIT_YEAR},
    {"year", WORD_UNIT, UNIT_YEAR},
    {"years", WORD_UNIT, UNIT_YEAR},
    {"yr", WORD_UNIT, UNIT_YEAR},
    {"yrs", WORD_UNIT, UNIT_YEAR},
};

static int
word_order(const void *key, const void *entry)
{
    return strncmp(key, ((const Word *) entry)->text, WORD_SIZE);
}

static WordKind
word_find(const Word *words, size_t count, const char *word, int *value)
{
    const Word *found = bsearch(word, words, count, sizeof *words, word_order);
    if (found == NULL)
        return WORD_UNKNOWN;
    *value = found->value;
    return found->kind;
}

WordKind
date_word_find(const char *word, int *value)
{
    return word_find(date_words, sizeof date_words / sizeof *date_words, word, value);
}

WordKind
interval_word_find(const char *word, int *value)
{
    return word_find(interval_words, sizeof interval_words / sizeof *interval_words, word, value);
}

/* --- cutting --- */

/* Reads characters of `text` into the field being made. */
typedef struct Cutter {
    const char *at, *end;
    char *to, *to_end;
} Cutter;

static char
cutter_peek(const Cutter *cutter)
{
    return cutter->at < cutter->end ? *cutter->at : 0;
}

static void
cutter_take(Cutter *cutter)
{
    if (cutter->to < cutter->to_end)
        *cutter->to = lower_char(*cutter->at);
    cutter->to++;
    cutter->at++;
}

static void
cutter_take_digits(Cutter *cutter)
{
    while (is_digit(cutter_peek(cutter)))
        cutter_take(cutter);
}

static bool
is_alnum(char c)
{
    return is_digit(c) || is_letter(c);
}

/* Digits first: a time, a date, or a number. */
static FieldKind
cut_digits(Cutter *cutter)
{
    cutter_take_digits(cutter);
    char c = cutter_peek(cutter);
    if (c == ':') {
        while (is_digit(c) || c == ':' || c == '.') {
            cutter_take(cutter);
            c = cutter_peek(cutter);
        }
        return FIELD_TIME;
    }
    if (c != '-' && c != '/' && c != '.')
        return FIELD_NUMBER;
    char delimiter = c;
    cutter_take(cutter);
    if (!is_digit(cutter_peek(cutter))) {
        while (is_alnum(cutter_peek(cutter)) || cutter_peek(cutter) == delimiter)
            cutter_take(cutter);
        return FIELD_DATE;
    }
    cutter_take_digits(cutter);
    FieldKind kind = delimiter == '.' ? FIELD_NUMBER : FIELD_DATE;
    /* Two equal delimiters make a date of three parts. */
    if (cutter_peek(cutter) == delimiter) {
        kind = FIELD_DATE;
        while (is_digit(cutter_peek(cutter)) || cutter_peek(cutter) == delimiter)
            cutter_take(cutter);
    }
    return kind;
}

static FieldKind
cut_letters(Cutter *cutter)
{
    char *start = cutter->to;
    int value;
    while (is_letter(cutter_peek(cutter)))
        cutter_take(cutter);
    char c = cutter_peek(cutter);
    bool is_date = c == '-' || c == '/' || c == '.';
    if ((c == '+' || is_digit(c)) && cutter->to < cutter->to_end) {
        /* A known word ends here; otherwise this is the name of a zone, like etc/gmt+1 or est5edt. */
        *cutter->to = 0;
        is_date = date_word_find(start, &value) == WORD_UNKNOWN;
    }
    if (!is_date)
        return FIELD_WORD;
    while (c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':' || is_alnum(c)) {
        cutter_take(cutter);
        c = cutter_peek(cutter);
    }
    return FIELD_DATE;
}

/* A sign must be followed by a number or by letters. */
static bool
cut_signed(Cutter *cutter, FieldKind *kind)
{
    cutter_take(cutter);
    while (is_blank(cutter_peek(cutter)))
        cutter->at++;
    char c = cutter_peek(cutter);
    if (is_digit(c)) {
        *kind = FIELD_ZONE;
        for (; is_digit(c) || c == ':' || c == '.' || c == '-'; c = cutter_peek(cutter))
            cutter_take(cutter);
        return true;
    }
    *kind = FIELD_SPECIAL;
    if (!is_letter(c))
        return false;
    while (is_letter(cutter_peek(cutter)))
        cutter_take(cutter);
    return true;
}

static bool
is_punctuation(char c)
{
    return c > ' ' && c < 127 && !is_alnum(c);
}

TimeStatus
fields_split(Slice text, Fields *fields)
{
    Cutter cutter = {text.bytes, text.bytes + text.size, fields->bytes, fields->bytes + FIELD_BYTES_MAX};
    fields->count = 0;
    while (cutter.at < cutter.end) {
        char c = *cutter.at;
        if (is_blank(c)) {
            cutter.at++;
            continue;
        }
        char *start = cutter.to;
        FieldKind kind;
        if (is_digit(c)) {
            kind = cut_digits(&cutter);
        } else if (c == '.') {
            kind = FIELD_NUMBER;
            cutter_take(&cutter);
            cutter_take_digits(&cutter);
        } else if (is_letter(c)) {
            kind = cut_letters(&cutter);
        } else if (c == '+' || c == '-') {
            if (!cut_signed(&cutter, &kind))
                return TIME_BAD;
        } else if (is_punctuation(c)) {
            cutter.at++;
            continue;
        } else {
            return TIME_BAD;
        }
        if (cutter.to >= cutter.to_end || fields->count == FIELD_COUNT_MAX)
            return TIME_BAD;
        *cutter.to++ = 0;
        fields->items[fields->count++] = (Field){kind, start};
    }
    return TIME_OK;
}

/* --- numbers --- */

bool
field_int64(const char *text, const char **end, int64_t *value)
{
    char *stop;
    errno = 0;
    *value = strtoll(text, &stop, 10);
    *end = stop;
    return errno != ERANGE;
}

bool
field_int(const char *text, const char **end, int *value)
{
    int64_t wide;
    bool ok = field_int64(text, end, &wide);
    *value = (int) wide;
    return ok && wide == *value;
}

TimeStatus
field_fraction(const char *text, int *microseconds)
{
    double fraction = 0;
    if (text[1] != 0) {
        char *end;
        errno = 0;
        fraction = strtod(text, &end);
        if (*end != 0 || errno != 0)
            return TIME_BAD;
    }
    *microseconds = (int) rint(fraction * 1000000);
    return TIME_OK;
}

TimeStatus
field_clock(const char *text, bool minute_to_second, ClockTime *clock)
{
    const char *at;
    TimeStatus status = TIME_OK;
    *clock = (ClockTime){0};
    if (!field_int64(text, &at, &clock->hour))
        return TIME_OVERFLOW;
    if (*at != ':')
        return TIME_BAD;
    if (!field_int(at + 1, &at, &clock->minute))
        return TIME_OVERFLOW;
    bool shift = *at == 0 ? minute_to_second : *at == '.';
    if (*at == ':' && !field_int(at + 1, &at, &clock->second))
        return TIME_OVERFLOW;
    if (*at == '.')
        status = field_fraction(at, &clock->microsecond);
    else if (*at != 0)
        status = TIME_BAD;
    if (status != TIME_OK)
        return status;
    if (shift) {
        if (clock->hour != (int) clock->hour)
            return TIME_OVERFLOW;
        clock->second = clock->minute;
        clock->minute = (int) clock->hour;
        clock->hour = 0;
    }
    if (clock->hour < 0 || clock->minute < 0 || clock->minute > 59 || clock->second < 0 || clock->second > 60 ||
        clock->microsecond < 0 || clock->microsecond > 1000000)
        return TIME_OVERFLOW;
    return TIME_OK;
}

bool
time_status_error(TimeStatus status, const char *type_name, Slice text, const char *zone, Error *err)
{
    const char *what = "date/time field value out of range";
    const char *sqlstate = SQLSTATE_DATETIME_FIELD_OVERFLOW;
    switch (status) {
    case TIME_OK:
        return true;
    case TIME_BAD:
        return syntax_error(err, SQLSTATE_INVALID_DATETIME_FORMAT, type_name, text);
    case TIME_ZONE_UNKNOWN:
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", zone);
    case TIME_INTERVAL_OVERFLOW:
        what = "interval field value out of range";
        sqlstate = SQLSTATE_INTERVAL_FIELD_OVERFLOW;
        break;
    case TIME_ZONE_OVERFLOW:
        what = "time zone displacement out of range";
        sqlstate = SQLSTATE_INVALID_TIME_ZONE_DISPLACEMENT_VALUE;
        break;
    case TIME_OVERFLOW:
    case TIME_DAY_OVERFLOW:
        break;
    }
    error_set(err, sqlstate, "%s: \"%.*s\"", what, (int) text.size, text.bytes);
    if (status == TIME_DAY_OVERFLOW)
        error_hint(err, "Perhaps you need a different \"datestyle\" setting.");
    return false;
}
