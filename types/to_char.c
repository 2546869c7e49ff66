/* to_char of timestamps: a format of patterns, each with FM before it and TH behind it, quoted text, and plain text. */
#include <stdlib.h>

#include "types/datetime_internal.h"
#include "types/text_internal.h"

typedef enum Pattern {
    PATTERN_AM,
    PATTERN_AM_DOTS,
    PATTERN_AD,
    PATTERN_AD_DOTS,
    PATTERN_CC,
    PATTERN_DAY,
    PATTERN_DY,
    PATTERN_DDD,
    PATTERN_DD,
    PATTERN_D,
    PATTERN_FF, /* the digit follows in the word */
    PATTERN_FX,
    PATTERN_HH24,
    PATTERN_HH12,
    PATTERN_IDDD,
    PATTERN_ID,
    PATTERN_IW,
    PATTERN_IYYY,
    PATTERN_J,
    PATTERN_MI,
    PATTERN_MM,
    PATTERN_MONTH,
    PATTERN_MON,
    PATTERN_MS,
    PATTERN_OF,
    PATTERN_Q,
    PATTERN_RM,
    PATTERN_SSSS,
    PATTERN_SS,
    PATTERN_TZH,
    PATTERN_TZM,
    PATTERN_TZ,
    PATTERN_US,
    PATTERN_WW,
    PATTERN_W,
    PATTERN_Y_COMMA,
    PATTERN_YYYY,
} Pattern;

/* Words in upper case; all of them are known in lower case too. `digits` is the width, or the count of decimals. */
static const struct PatternWord {
    const char *word;
    Pattern pattern;
    int digits;
    const char *capital; /* a third spelling, or NULL */
} words[] = {
    {"A.D.", PATTERN_AD_DOTS, 0, NULL}, {"A.M.", PATTERN_AM_DOTS, 0, NULL},  {"AD", PATTERN_AD, 0, NULL},
    {"AM", PATTERN_AM, 0, NULL},        {"B.C.", PATTERN_AD_DOTS, 0, NULL},  {"BC", PATTERN_AD, 0, NULL},
    {"CC", PATTERN_CC, 2, NULL},        {"DAY", PATTERN_DAY, 9, "Day"},      {"DDD", PATTERN_DDD, 3, NULL},
    {"DD", PATTERN_DD, 2, NULL},        {"DY", PATTERN_DY, 0, "Dy"},         {"D", PATTERN_D, 0, NULL},
    {"FF1", PATTERN_FF, 1, NULL},       {"FF2", PATTERN_FF, 2, NULL},        {"FF3", PATTERN_FF, 3, NULL},
    {"FF4", PATTERN_FF, 4, NULL},       {"FF5", PATTERN_FF, 5, NULL},        {"FF6", PATTERN_FF, 6, NULL},
    {"FX", PATTERN_FX, 0, NULL},        {"HH24", PATTERN_HH24, 2, NULL},     {"HH12", PATTERN_HH12, 2, NULL},
    {"HH", PATTERN_HH12, 2, NULL},      {"IDDD", PATTERN_IDDD, 3, NULL},     {"ID", PATTERN_ID, 0, NULL},
    {"IW", PATTERN_IW, 2, NULL},        {"IYYY", PATTERN_IYYY, 4, NULL},     {"IYY", PATTERN_IYYY, 3, NULL},
    {"IY", PATTERN_IYYY, 2, NULL},      {"I", PATTERN_IYYY, 1, NULL},        {"J", PATTERN_J, 0, NULL},
    {"MI", PATTERN_MI, 2, NULL},        {"MM", PATTERN_MM, 2, NULL},         {"MONTH", PATTERN_MONTH, 9, "Month"},
    {"MON", PATTERN_MON, 0, "Mon"},     {"MS", PATTERN_MS, 3, NULL},         {"OF", PATTERN_OF, 2, NULL},
    {"P.M.", PATTERN_AM_DOTS, 0, NULL}, {"PM", PATTERN_AM, 0, NULL},         {"Q", PATTERN_Q, 0, NULL},
    {"RM", PATTERN_RM, 4, NULL},        {"SSSSS", PATTERN_SSSS, 0, NULL},    {"SSSS", PATTERN_SSSS, 0, NULL},
    {"SS", PATTERN_SS, 2, NULL},        {"TZH", PATTERN_TZH, 2, NULL},       {"TZM", PATTERN_TZM, 2, NULL},
    {"TZ", PATTERN_TZ, 0, NULL},        {"US", PATTERN_US, 6, NULL},         {"WW", PATTERN_WW, 2, NULL},
    {"W", PATTERN_W, 0, NULL},          {"Y,YYY", PATTERN_Y_COMMA, 0, NULL}, {"YYYY", PATTERN_YYYY, 4, NULL},
    {"YYY", PATTERN_YYYY, 3, NULL},     {"YY", PATTERN_YYYY, 2, NULL},       {"Y", PATTERN_YYYY, 1, NULL},
};

typedef enum Spelling { SPELL_UPPER, SPELL_LOWER, SPELL_CAPITAL } Spelling;

typedef struct Moment {
    CivilTime civil;
    int32_t date;
    int east;
    const char *abbreviation; /* of the zone, or NULL */
} Moment;

typedef struct Piece {
    const struct PatternWord *word;
    Spelling spelling;
    bool fill;      /* false after FM */
    bool fill_name; /* false after FM and TM */
} Piece;

static bool
starts_with(Slice text, const char *word, bool lower)
{
    size_t size = strlen(word);
    if (text.size < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text.bytes[i] != (lower ? lower_char(word[i]) : word[i]))
            return false;
    return true;
}

static bool
starts_with_any(Slice text, const char *word) /* in upper or lower case */
{
    return starts_with(text, word, false) || starts_with(text, word, true);
}

/* The longest pattern that the text starts with. */
static bool
pattern_find(Slice text, Piece *piece)
{
    piece->word = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (piece->word != NULL && strlen(words[i].word) <= strlen(piece->word->word))
            continue;
        bool upper = starts_with(text, words[i].word, false);
        bool lower = !upper && starts_with(text, words[i].word, true);
        bool capital = !upper && !lower && words[i].capital != NULL && starts_with(text, words[i].capital, false);
        if (!upper && !lower && !capital)
            continue;
        piece->word = &words[i];
        piece->spelling = upper ? SPELL_UPPER : lower ? SPELL_LOWER : SPELL_CAPITAL;
    }
    return piece->word != NULL;
}

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

/* Patterns of the clock; false: not one of them. */
static bool
put_clock(const Piece *piece, const CivilTime *civil, Buffer *out)
{
    static const int scale[] = {0, 100000, 10000, 1000, 100, 10, 1};
    switch (piece->word->pattern) {
    case PATTERN_AM:
        put_name(piece, civil->hour >= 12 ? "PM" : "AM", out);
        return true;
    case PATTERN_AM_DOTS:
        put_name(piece, civil->hour >= 12 ? "P.M." : "A.M.", out);
        return true;
    case PATTERN_HH24:
        put_number(piece, civil->hour, 2, out);
        return true;
    case PATTERN_HH12:
        put_number(piece, civil->hour % 12 == 0 ? 12 : civil->hour % 12, 2, out);
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
        put_number(piece, (civil->hour * 60 + civil->minute) * 60 + civil->second, 0, out);
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
    if (put_clock(piece, civil, out))
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
    if (starts_with_any(format, "TH")) {
        bool lower = format.bytes[0] == 't';
        const char *text = ordinal(out);
        for (int i = 0; is_number && i < 2; i++)
            buffer_append_char(out, lower ? lower_char(text[i]) : text[i]);
        return slice_make(format.bytes + 2, format.size - 2);
    }
    if (starts_with(format, "SP", false))
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
    while (format.size > 0) {
        Piece piece = {.fill = true, .fill_name = true};
        while (starts_with_any(format, "FM") || starts_with_any(format, "TM")) {
            piece.fill &= lower_char(format.bytes[0]) != 'f';
            piece.fill_name = false;
            format = slice_make(format.bytes + 2, format.size - 2);
        }
        if (format.size > 0 && pattern_find(format, &piece)) {
            size_t size = strlen(piece.word->word);
            bool is_number = put_pattern(&piece, &moment, out);
            format = put_suffix(slice_make(format.bytes + size, format.size - size), is_number, out);
        } else if (format.size > 0) {
            format = put_literal(format, out);
        }
    }
    return true;
}
