/* to_date and to_timestamp: a text taken apart along a format. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/time_pattern.h"

/* ---- the format, as a list of pieces */

typedef enum NodeKind { NODE_PATTERN, NODE_SPACE, NODE_SEPARATOR, NODE_TEXT } NodeKind;

typedef struct Node {
    NodeKind kind;
    Piece piece;
    bool fill_mode, ordinal;
    char byte; /* of NODE_TEXT, when it is ASCII */
} Node;

typedef enum Calendar { CALENDAR_ANY, CALENDAR_GREGORIAN, CALENDAR_ISO } Calendar;

/* What the text said; 0 is not said. */
typedef struct Fields {
    Calendar calendar;
    bool twelve_hours;
    int hour, minute, second, second_of_day, milliseconds, microseconds, digits;
    int pm, weekday, day, day_of_year, month, bc, week, week_of_month, century, julian;
    int year, year_digits;
    int zone_sign, zone_hour, zone_minute;
} Fields;

typedef struct Reader {
    const char *at, *start; /* NUL-terminated text */
    const Node *nodes;
    size_t node, node_count;
    Fields fields;
    bool fixed;
    int skipped; /* more characters than the format had */
    Error *err;
} Reader;

static bool
is_separator(char c)
{
    return c > ' ' && c < 127 && !is_letter(c) && !is_digit(c);
}

static size_t
character_size(const char *at)
{
    size_t size = utf8_char_size((const unsigned char *) at, strlen(at));
    return size == 0 ? 1 : size;
}

static void
add_character(Node *nodes, size_t *count, Slice *format, bool quoted)
{
    size_t size = utf8_char_size((const unsigned char *) format->bytes, format->size);
    char c = format->bytes[0];
    size = size == 0 ? 1 : size;
    nodes[(*count)++] = (Node){.kind = quoted            ? NODE_TEXT
                                       : is_separator(c) ? NODE_SEPARATOR
                                       : is_blank(c)     ? NODE_SPACE
                                                         : NODE_TEXT,
                               .byte = size == 1 ? c : '\0'};
    *format = slice_make(format->bytes + size, format->size - size);
}

static Slice
after(Slice text, size_t size)
{
    return slice_make(text.bytes + size, text.size - size);
}

static void
add_literal(Node *nodes, size_t *count, Slice *format)
{
    if (format->bytes[0] != '"') {
        if (format->bytes[0] == '\\' && format->size > 1 && format->bytes[1] == '"')
            *format = after(*format, 1);
        add_character(nodes, count, format, false);
        return;
    }
    *format = after(*format, 1);
    while (format->size > 0 && format->bytes[0] != '"') {
        if (format->bytes[0] == '\\' && format->size > 1)
            *format = after(*format, 1);
        add_character(nodes, count, format, true);
    }
    if (format->size > 0)
        *format = after(*format, 1);
}

static size_t
format_split(Slice format, Node *nodes)
{
    size_t count = 0;
    while (format.size > 0) {
        Node node = {.kind = NODE_PATTERN};
        if (text_starts_with_any(format, "FM") || text_starts_with_any(format, "TM")) {
            node.fill_mode = lower_char(format.bytes[0]) == 'f';
            format = after(format, 2);
        }
        if (format.size == 0)
            break;
        if (!pattern_find(format, &node.piece)) {
            add_literal(nodes, &count, &format);
            continue;
        }
        format = after(format, strlen(node.piece.word->word));
        if (text_starts_with_any(format, "TH")) {
            node.ordinal = true;
            format = after(format, 2);
        } else if (text_starts_with(format, "SP", false)) {
            format = after(format, 2);
        }
        nodes[count++] = node;
    }
    return count;
}

/* ---- single fields */

/* The pattern as it is written. */
static const char *
pattern_name(const Piece *piece, char name[16])
{
    const char *word = piece->spelling == SPELL_CAPITAL ? piece->word->capital : piece->word->word;
    size_t size = strlen(word);
    for (size_t i = 0; i <= size; i++)
        name[i] = piece->spelling == SPELL_LOWER ? lower_char(word[i]) : word[i];
    return name;
}

static bool
invalid(Reader *reader, const char *value, int size, const char *detail)
{
    char name[16];
    (void) error_set(reader->err, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid value \"%.*s\" for \"%s\"", size, value,
                     pattern_name(&reader->nodes[reader->node].piece, name));
    return error_detail(reader->err, "%s", detail);
}

static bool
set(Reader *reader, int *field, int value)
{
    char name[16];
    if (*field != 0 && *field != value) {
        (void) error_set(reader->err, SQLSTATE_INVALID_DATETIME_FORMAT,
                         "conflicting values for \"%s\" field in formatting string",
                         pattern_name(&reader->nodes[reader->node].piece, name));
        return error_detail(reader->err, "This value contradicts a previous setting for the same field type.");
    }
    *field = value;
    return true;
}

static bool
pattern_is_digits(Pattern pattern)
{
    switch (pattern) {
    case PATTERN_AM:
    case PATTERN_AM_DOTS:
    case PATTERN_AD:
    case PATTERN_AD_DOTS:
    case PATTERN_DAY:
    case PATTERN_DY:
    case PATTERN_FF:
    case PATTERN_FX:
    case PATTERN_MONTH:
    case PATTERN_MON:
    case PATTERN_OF:
    case PATTERN_RM:
    case PATTERN_TZ:
    case PATTERN_TZH:
        return false;
    default:
        return true;
    }
}

/* Whether what follows the pattern at hand cannot be part of its number. */
static bool
ends_number(const Reader *reader)
{
    if (reader->nodes[reader->node].ordinal || reader->node + 1 >= reader->node_count)
        return true;
    const Node *next = &reader->nodes[reader->node + 1];
    return next->kind == NODE_PATTERN ? !pattern_is_digits(next->piece.word->pattern) : !is_digit(next->byte);
}

/* A number of `length` characters, or of as many digits as come when nothing can be mixed up with them. */
static bool
read_number(Reader *reader, int length, int *field, int *used_out)
{
    const Node *node = &reader->nodes[reader->node];
    const char *init = reader->at;
    char name[16], copy[32];
    long value;
    char *end;
    while (is_blank(*reader->at))
        reader->at++;
    size_t left = strlen(reader->at);
    snprintf(copy, sizeof copy, "%.*s", length, reader->at);
    errno = 0;
    if (node->fill_mode || ends_number(reader)) {
        value = strtol(init, &end, 10);
        reader->at = end;
    } else {
        if (left < (size_t) length) {
            (void) error_set(reader->err, SQLSTATE_INVALID_DATETIME_FORMAT,
                             "source string too short for \"%s\" formatting field", pattern_name(&node->piece, name));
            (void) error_detail(reader->err, "Field requires %d characters, but only %zu remain.", length, left);
            return error_hint(reader->err, "If your source string is not fixed-width, try using the \"FM\" modifier.");
        }
        value = strtol(copy, &end, 10);
        int used = (int) (end - copy);
        if (used > 0 && used < length) {
            char detail[80];
            snprintf(detail, sizeof detail, "Field requires %d characters, but only %d could be parsed.", length, used);
            (void) invalid(reader, copy, (int) strlen(copy), detail);
            return error_hint(reader->err, "If your source string is not fixed-width, try using the \"FM\" modifier.");
        }
        reader->at += used;
    }
    if (reader->at == init)
        return invalid(reader, copy, (int) strlen(copy), "Value must be an integer.");
    if (errno == ERANGE || value < INT_MIN || value > INT_MAX) {
        (void) error_set(reader->err, SQLSTATE_DATETIME_FIELD_OVERFLOW,
                         "value for \"%s\" in source string is out of range", pattern_name(&node->piece, name));
        return error_detail(reader->err, "Value must be in the range %d to %d.", INT_MIN, INT_MAX);
    }
    if (used_out != NULL)
        *used_out = (int) (reader->at - init);
    return field == NULL || set(reader, field, (int) value);
}

/* One of the words; *found is its number. */
static bool
read_word(Reader *reader, const char *const *list, int count, int *found)
{
    for (int i = 0; i < count; i++) {
        size_t size = strlen(list[i]), same = 0;
        while (same < size && lower_char(reader->at[same]) == list[i][same])
            same++;
        if (same == size) {
            *found = i;
            reader->at += size;
            return true;
        }
    }
    return invalid(reader, reader->at, (int) strcspn(reader->at, " \t\n\r\f"),
                   "The given value did not match any of the allowed values for this field.");
}

static const char *const halves[] = {"am", "pm"}, *const dotted_halves[] = {"a.m.", "p.m."};
static const char *const eras[] = {"ad", "bc"}, *const dotted_eras[] = {"a.d.", "b.c."};
static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const short_months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                           "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const days[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
static const char *const short_days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
static const char *const roman[] = {"xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"};

static bool
read_fraction(Reader *reader, int digits, int *field)
{
    int used;
    if (!read_number(reader, digits, field, &used))
        return false;
    int wanted = digits == 3 && field == &reader->fields.milliseconds ? 3 : 6;
    for (; used < wanted; used++)
        *field *= 10;
    return true;
}

static int
year_of_two_digits(int year)
{
    return year < 70     ? year + 2000
           : year < 100  ? year + 1900
           : year < 520  ? year + 2000
           : year < 1000 ? year + 1000
                         : year;
}

static bool
read_year(Reader *reader, int digits)
{
    int used;
    Fields *fields = &reader->fields;
    if (!read_number(reader, digits, &fields->year, &used))
        return false;
    if (digits < 4 && used < 4)
        fields->year = year_of_two_digits(fields->year);
    fields->year_digits = digits;
    return true;
}

static bool
read_year_with_comma(Reader *reader)
{
    int thousands, rest, used = 0;
    if (sscanf(reader->at, "%9d,%3d%n", &thousands, &rest, &used) < 2)
        return error_set(reader->err, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid input string for \"Y,YYY\"");
    reader->at += used;
    reader->fields.year_digits = 4;
    int64_t year = (int64_t) thousands * 1000 + rest;
    return set(reader, &reader->fields.year, year > INT_MAX ? INT_MAX : (int) year);
}

static bool
read_zone_hour(Reader *reader)
{
    char c = *reader->at;
    if (c == '+' || c == '-' || c == ' ') {
        reader->fields.zone_sign = c == '-' ? -1 : 1;
        reader->at++;
    } else {
        reader->fields.zone_sign = reader->skipped > 0 && reader->at > reader->start && reader->at[-1] == '-' ? -1 : 1;
    }
    return read_number(reader, 2, &reader->fields.zone_hour, NULL);
}

static bool
read_word_pattern(Reader *reader, Pattern pattern)
{
    Fields *fields = &reader->fields;
    int word;
    switch (pattern) {
    case PATTERN_AM:
    case PATTERN_AM_DOTS:
        fields->twelve_hours = true;
        return read_word(reader, pattern == PATTERN_AM ? halves : dotted_halves, 2, &word) &&
               set(reader, &fields->pm, word);
    case PATTERN_AD:
    case PATTERN_AD_DOTS:
        return read_word(reader, pattern == PATTERN_AD ? eras : dotted_eras, 2, &word) &&
               set(reader, &fields->bc, word);
    case PATTERN_MONTH:
    case PATTERN_MON:
        return read_word(reader, pattern == PATTERN_MONTH ? months : short_months, 12, &word) &&
               set(reader, &fields->month, word + 1);
    case PATTERN_DAY:
    case PATTERN_DY:
        if (!read_word(reader, pattern == PATTERN_DAY ? days : short_days, 7, &word) ||
            !set(reader, &fields->weekday, word))
            return false;
        fields->weekday++;
        return true;
    default:
        return read_word(reader, roman, 12, &word) && set(reader, &fields->month, 12 - word);
    }
}

static bool
read_date_pattern(Reader *reader, const struct PatternWord *word)
{
    Fields *fields = &reader->fields;
    int length = (int) strlen(word->word);
    switch (word->pattern) {
    case PATTERN_MM:
        return read_number(reader, length, &fields->month, NULL);
    case PATTERN_DDD:
        return read_number(reader, length, &fields->day_of_year, NULL);
    case PATTERN_IDDD:
        return read_number(reader, 3, &fields->day_of_year, NULL);
    case PATTERN_DD:
        return read_number(reader, length, &fields->day, NULL);
    case PATTERN_D:
        return read_number(reader, length, &fields->weekday, NULL);
    case PATTERN_ID:
        if (!read_number(reader, 1, &fields->weekday, NULL))
            return false;
        fields->weekday = fields->weekday + 1 > 7 ? 1 : fields->weekday + 1;
        return true;
    case PATTERN_WW:
    case PATTERN_IW:
        return read_number(reader, length, &fields->week, NULL);
    case PATTERN_W:
        return read_number(reader, length, &fields->week_of_month, NULL);
    case PATTERN_Q:
        return read_number(reader, length, NULL, NULL); /* which day of the quarter? */
    case PATTERN_CC:
        return read_number(reader, length, &fields->century, NULL);
    case PATTERN_J:
        return read_number(reader, length, &fields->julian, NULL);
    case PATTERN_Y_COMMA:
        return read_year_with_comma(reader);
    case PATTERN_YYYY:
    case PATTERN_IYYY:
        return read_year(reader, length);
    default:
        return read_word_pattern(reader, word->pattern);
    }
}

static bool
read_pattern(Reader *reader, const struct PatternWord *word)
{
    Fields *fields = &reader->fields;
    int length = (int) strlen(word->word);
    char name[16];
    switch (word->pattern) {
    case PATTERN_FX:
        reader->fixed = true;
        return true;
    case PATTERN_HH12:
        fields->twelve_hours = true;
        return read_number(reader, 2, &fields->hour, NULL);
    case PATTERN_HH24:
        return read_number(reader, 2, &fields->hour, NULL);
    case PATTERN_MI:
        return read_number(reader, length, &fields->minute, NULL);
    case PATTERN_SS:
        return read_number(reader, length, &fields->second, NULL);
    case PATTERN_MS:
        return read_fraction(reader, 3, &fields->milliseconds);
    case PATTERN_FF:
        fields->digits = word->digits;
        return read_fraction(reader, word->digits, &fields->microseconds);
    case PATTERN_US:
        return read_fraction(reader, 6, &fields->microseconds);
    case PATTERN_SSSS:
        return read_number(reader, length, &fields->second_of_day, NULL);
    case PATTERN_TZ:
    case PATTERN_OF:
        return error_set(reader->err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "formatting field \"%s\" is only supported in to_char",
                         pattern_name(&reader->nodes[reader->node].piece, name));
    case PATTERN_TZH:
        return read_zone_hour(reader);
    case PATTERN_TZM:
        fields->zone_sign = fields->zone_sign == 0 ? 1 : fields->zone_sign;
        return read_number(reader, 2, &fields->zone_minute, NULL);
    default:
        return read_date_pattern(reader, word);
    }
}

static Calendar
pattern_calendar(Pattern pattern)
{
    switch (pattern) {
    case PATTERN_IDDD:
    case PATTERN_ID:
    case PATTERN_IW:
    case PATTERN_IYYY:
        return CALENDAR_ISO;
    case PATTERN_DDD:
    case PATTERN_DD:
    case PATTERN_D:
    case PATTERN_MM:
    case PATTERN_MONTH:
    case PATTERN_MON:
    case PATTERN_RM:
    case PATTERN_WW:
    case PATTERN_W:
    case PATTERN_Y_COMMA:
    case PATTERN_YYYY:
        return CALENDAR_GREGORIAN;
    default:
        return CALENDAR_ANY;
    }
}

static bool
note_calendar(Reader *reader, Calendar calendar)
{
    Fields *fields = &reader->fields;
    if (calendar == CALENDAR_ANY || fields->calendar == calendar)
        return true;
    if (fields->calendar != CALENDAR_ANY) {
        (void) error_set(reader->err, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid combination of date conventions");
        return error_hint(reader->err, "Do not mix Gregorian and ISO week date conventions in a formatting template.");
    }
    fields->calendar = calendar;
    return true;
}

/* ---- the text along the format */

static int
skip_blanks(Reader *reader)
{
    int skipped = 0;
    for (; is_blank(*reader->at); reader->at++)
        skipped++;
    return skipped;
}

static void
skip_text(Reader *reader, const Node *node)
{
    if (reader->fixed) {
        reader->at += character_size(reader->at);
    } else if (node->kind == NODE_TEXT) {
        if (reader->skipped > 0)
            reader->skipped--;
        else
            reader->at += character_size(reader->at);
    } else if (is_blank(*reader->at) || is_separator(*reader->at)) {
        reader->at++;
    } else {
        reader->skipped--;
    }
}

static bool
read_text(Reader *reader)
{
    for (reader->node = 0; reader->node < reader->node_count && *reader->at != '\0'; reader->node++) {
        const Node *node = &reader->nodes[reader->node];
        bool is_pattern = node->kind == NODE_PATTERN;
        bool is_fixed = is_pattern && node->piece.word->pattern == PATTERN_FX;
        if (!reader->fixed && !is_fixed && (is_pattern || reader->node == 0))
            reader->skipped += skip_blanks(reader);
        if (!is_pattern) {
            if (*reader->at != '\0')
                skip_text(reader, node);
            continue;
        }
        if (!note_calendar(reader, pattern_calendar(node->piece.word->pattern)) ||
            !read_pattern(reader, node->piece.word))
            return false;
        for (int i = 0; i < 2 && node->ordinal && *reader->at != '\0'; i++)
            reader->at += character_size(reader->at);
        if (!reader->fixed)
            reader->skipped = skip_blanks(reader);
    }
    return true;
}

/* ---- fields to a time */

static bool
settle_clock(const Fields *fields, CivilTime *civil, Error *err)
{
    if (fields->second_of_day != 0) {
        civil->hour = fields->second_of_day / 3600;
        civil->minute = fields->second_of_day % 3600 / 60;
        civil->second = fields->second_of_day % 60;
    }
    civil->second = fields->second != 0 ? fields->second : civil->second;
    civil->minute = fields->minute != 0 ? fields->minute : civil->minute;
    civil->hour = fields->hour != 0 ? fields->hour : civil->hour;
    if (!fields->twelve_hours)
        return true;
    if (civil->hour < 1 || civil->hour > 12) {
        (void) error_set(err, SQLSTATE_INVALID_DATETIME_FORMAT, "hour \"%d\" is invalid for the 12-hour clock",
                         civil->hour);
        return error_hint(err, "Use the 24-hour clock, or give an hour between 1 and 12.");
    }
    civil->hour = civil->hour % 12 + (fields->pm != 0 ? 12 : 0);
    return true;
}

static void
settle_year(const Fields *fields, CivilTime *civil)
{
    int century = fields->bc != 0 ? -fields->century : fields->century;
    if (fields->year != 0 && fields->century != 0 && fields->year_digits <= 2) {
        int in_century = fields->year % 100;
        if (in_century != 0)
            civil->year = century >= 0 ? in_century + (century - 1) * 100 : (century + 1) * 100 - in_century + 1;
        else
            civil->year = century * 100 + (century >= 0 ? 0 : 1);
    } else if (fields->year != 0) {
        civil->year = fields->bc != 0 ? -fields->year : fields->year;
        civil->year += civil->year < 0;
    } else if (fields->century != 0) {
        civil->year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    }
}

/* The Monday of an ISO week. */
static int32_t
iso_week_start(int year, int week)
{
    int32_t january4 = date_from_civil(year, 1, 4);
    return january4 - (date_weekday(january4) + 6) % 7 + (week - 1) * 7;
}

static void
set_date(CivilTime *civil, int64_t date)
{
    date_to_civil((int32_t) date, &civil->year, &civil->month, &civil->day);
}

static bool
settle_day_of_year(const Fields *fields, int day_of_year, CivilTime *civil, bool *has_month, bool *has_day, Error *err)
{
    if (civil->year == 0 && fields->bc == 0)
        return error_set(err, SQLSTATE_INVALID_DATETIME_FORMAT,
                         "cannot calculate day of year without year information");
    *has_month = *has_day = true;
    if (fields->calendar == CALENDAR_ISO) {
        set_date(civil, (int64_t) iso_week_start(civil->year, 1) + day_of_year - 1);
        return true;
    }
    int month = 1, before = 0;
    while (month <= 12 && day_of_year > before + days_in_month(civil->year, month))
        before += days_in_month(civil->year, month++);
    if (month > 12) { /* past the year's end: the month is out of range */
        civil->month = civil->month <= 1 ? 13 : civil->month;
        return true;
    }
    civil->month = civil->month <= 1 ? month : civil->month;
    civil->day = civil->day <= 1 ? day_of_year - before : civil->day;
    return true;
}

static bool
out_of_range(Slice text, Error *err)
{
    return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"%.*s\"",
                     (int) text.size, text.bytes);
}

static bool
settle_date(const Fields *fields, CivilTime *civil, Slice text, Error *err)
{
    int day_of_year = fields->day_of_year, day = fields->day;
    bool has_year = fields->year != 0 || fields->century != 0, has_month = false, has_day = false;
    settle_year(fields, civil);
    if (fields->julian != 0) {
        set_date(civil, (int64_t) fields->julian - JULIAN_OF_2000);
        has_year = has_month = has_day = true;
    }
    if (fields->week != 0 && fields->calendar == CALENDAR_ISO) {
        int weekday = fields->weekday == 0 ? 0 : (fields->weekday + 5) % 7;
        if (fields->week > 10000 || fields->week < -10000 || !date_civil_in_range(civil->year, 1))
            return out_of_range(text, err);
        set_date(civil, (int64_t) iso_week_start(civil->year, fields->week) + weekday);
        has_year = has_month = has_day = true;
    } else if (fields->week != 0) {
        day_of_year = (int) (((int64_t) fields->week - 1) * 7 + 1);
    }
    if (fields->week_of_month != 0)
        day = (int) (((int64_t) fields->week_of_month - 1) * 7 + 1);
    if (day != 0) {
        civil->day = day;
        has_day = true;
    }
    if (fields->month != 0) {
        civil->month = fields->month;
        has_month = true;
    }
    if (day_of_year != 0 && (civil->month <= 1 || civil->day <= 1) &&
        !settle_day_of_year(fields, day_of_year, civil, &has_month, &has_day, err))
        return false;
    if ((has_month && (civil->month < 1 || civil->month > 12)) || (has_day && (civil->day < 1 || civil->day > 31)) ||
        (has_year && has_month && has_day && civil->day > days_in_month(civil->year, civil->month)))
        return out_of_range(text, err);
    return true;
}

static bool
settle(const Fields *fields, Slice text, CivilTime *civil, Error *err)
{
    *civil = (CivilTime){.month = 1, .day = 1};
    if (!settle_clock(fields, civil, err) || !settle_date(fields, civil, text, err))
        return false;
    int64_t microsecond = (int64_t) fields->milliseconds * 1000 + fields->microseconds;
    if (civil->hour < 0 || civil->hour >= 24 || civil->minute < 0 || civil->minute >= 60 || civil->second < 0 ||
        civil->second >= 60 || microsecond < 0 || microsecond >= US_PER_SECOND)
        return out_of_range(text, err);
    civil->microsecond = (int) microsecond;
    if (fields->zone_sign != 0 &&
        (fields->zone_hour < 0 || fields->zone_hour > 15 || fields->zone_minute < 0 || fields->zone_minute >= 60))
        return out_of_range(text, err);
    return true;
}

static bool
read_all(Slice text, Slice format, Fields *fields, CivilTime *civil, Error *err)
{
    Arena *arena = arena_new();
    Node *nodes = arena_new_array(arena, Node, format.size + 1);
    Reader reader = {.at = arena_strndup(arena, text.bytes, text.size), .nodes = nodes, .err = err};
    reader.start = reader.at;
    reader.node_count = format_split(format, nodes);
    bool fine = read_text(&reader) && settle(&reader.fields, text, civil, err);
    *fields = reader.fields;
    arena_free(arena);
    return fine;
}

bool
timestamptz_from_char(Slice text, Slice format, const char *zone, int64_t *out, Error *err)
{
    Fields fields;
    CivilTime civil;
    int64_t local;
    if (!read_all(text, format, &fields, &civil, err))
        return false;
    if (!date_civil_in_range(civil.year, civil.month) || !timestamp_join_wide(&civil, &local))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    if (fields.zone_sign != 0)
        *out = local - fields.zone_sign * (fields.zone_hour * US_PER_HOUR + fields.zone_minute * US_PER_MINUTE);
    else
        *out = timestamp_local_to_utc(local, zone_of_session(zone));
    if (!timestamp_in_range(*out))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    if (fields.digits > 0)
        *out = timestamp_round(*out, fields.digits);
    return true;
}

bool
date_from_char(Slice text, Slice format, int32_t *out, Error *err)
{
    Fields fields;
    CivilTime civil;
    if (!read_all(text, format, &fields, &civil, err))
        return false;
    if (date_civil_in_range(civil.year, civil.month)) {
        *out = date_from_civil(civil.year, civil.month, civil.day);
        if (*out >= DATE_MIN && *out < DATE_END)
            return true;
    }
    return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range: \"%.*s\"", (int) text.size, text.bytes);
}
