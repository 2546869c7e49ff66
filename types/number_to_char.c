#include <float.h>
#include <math.h>
#include <stdio.h>

#include "types/number_format.h"
#include "types/picture.h"

/*
 * The digits of the number are laid under the picture, right-aligned at the point; the sign is written when the first digit comes up. What
 * does not fit is shown as #.
 */
typedef struct Layout {
    Picture *picture;
    Buffer *out;
    const char *digits; /* of the absolute value, with a point; NUL-terminated */
    const char *at;     /* the next of them */
    const char *last;   /* the last one that matters under FM; NULL: all do */
    char sign;
    bool sign_written;
    bool any_digit; /* the pattern before put one */
    int spaces;     /* places before the first digit */
    int place, places;
} Layout;

/* ---- what the value gives: digits and a sign */

static void
fill_hashes(const Picture *picture, Buffer *digits)
{
    buffer_clear(digits);
    for (int i = 0; i < picture->before + picture->after + 1; i++)
        buffer_append_char(digits, i == picture->before ? '.' : '#');
}

/* Takes the sign off the text and finds how it stands to the picture. */
static void
layout_digits(Layout *layout, Buffer *digits)
{
    Picture *picture = layout->picture;
    const char *text = buffer_text(digits);
    layout->sign = *text == '-' ? '-' : '+';
    if (*text == '-') {
        memmove(digits->bytes, digits->bytes + 1, digits->size - 1);
        digits->size--;
        text = buffer_text(digits);
    }
    int before = (int) strcspn(text, ".");
    if (before < picture->before) {
        layout->spaces = picture->before - before;
    } else if (before > picture->before) {
        fill_hashes(picture, digits);
    }
}

static void
append_hashed_exponent(const Picture *picture, Buffer *out)
{
    buffer_append_char(out, ' ');
    for (int i = 1; i < picture->before + picture->after + 6; i++)
        buffer_append_char(out, i == picture->before + 1 ? '.' : '#');
}

static void
print_float_exponent(const Picture *picture, double value, Buffer *out)
{
    if (!isfinite(value)) {
        append_hashed_exponent(picture, out);
        return;
    }
    size_t start = out->size;
    buffer_printf(out, "%+.*e", picture->after, value);
    if (out->bytes[start] == '+')
        out->bytes[start] = ' ';
}

/* d.ddde+xx of a decimal text, rounded half away from zero. */
static void
print_decimal_exponent(const Picture *picture, Slice text, Buffer *out)
{
    Buffer digits = {0};
    bool negative = text.size > 0 && text.bytes[0] == '-';
    if (text.size > (size_t) negative && !is_digit(text.bytes[negative])) {
        append_hashed_exponent(picture, out);
        return;
    }
    int point = -1, first = -1;
    for (size_t i = negative; i < text.size; i++) {
        if (text.bytes[i] == '.') {
            point = (int) digits.size;
            continue;
        }
        if (first < 0 && text.bytes[i] != '0')
            first = (int) digits.size;
        buffer_append_char(&digits, text.bytes[i]);
    }
    point = point < 0 ? (int) digits.size : point;
    int exponent = first < 0 ? 0 : point - 1 - first;
    buffer_append_char(out, negative && first >= 0 ? '-' : ' ');
    size_t start = out->size;
    first = first < 0 ? 0 : first;
    for (int i = 0; i <= picture->after; i++)
        buffer_append_char(out, first + i < (int) digits.size ? digits.bytes[first + i] : '0');
    bool up = first + picture->after + 1 < (int) digits.size && digits.bytes[first + picture->after + 1] >= '5';
    for (size_t i = out->size; up && i-- > start;) {
        up = out->bytes[i] == '9';
        out->bytes[i] = up ? '0' : (char) (out->bytes[i] + 1);
    }
    size_t whole = 1;
    if (up) { /* PostgreSQL leaves the exponent as it was: 10.0e+00 */
        buffer_append_char(out, '0');
        memmove(out->bytes + start + 1, out->bytes + start, out->size - start - 1);
        out->bytes[start] = '1';
        whole = 2;
    }
    if (picture->after > 0) {
        buffer_append_char(out, '.');
        memmove(out->bytes + start + whole + 1, out->bytes + start + whole, out->size - start - whole - 1);
        out->bytes[start + whole] = '.';
    }
    buffer_printf(out, "e%+03d", exponent);
    buffer_deinit(&digits);
}

static void
print_float(Picture *picture, double value, int digits_max, Buffer *digits)
{
    if (picture->shifts) {
        value *= pow(10, picture->shift);
        picture->before += picture->shift;
    }
    if (!isfinite(value)) { /* Infinity has eight letters, NaN three */
        int letters = isnan(value) ? 3 : 8;
        picture->after = letters >= digits_max                   ? 0
                         : letters + picture->after > digits_max ? digits_max - letters
                                                                 : picture->after;
        buffer_append_text(digits, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    int before = snprintf(NULL, 0, "%.0f", fabs(value));
    if (before >= digits_max)
        picture->after = 0;
    else if (before + picture->after > digits_max)
        picture->after = digits_max - before;
    buffer_printf(digits, "%.*f", picture->after, value);
}

static bool
print_integer(Picture *picture, SqlType type, int64_t value, Buffer *digits, Error *err)
{
    if (picture->shifts) {
        double factor = pow(10, picture->shift);
        picture->before += picture->shift;
        if (factor >= 9223372036854775808.0 || __builtin_mul_overflow(value, (int64_t) factor, &value) ||
            (type.id == TYPE_INT4 && value != (int32_t) value))
            return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range",
                             type.id == TYPE_INT4 ? "integer" : "bigint");
    }
    buffer_printf(digits, "%lld", (long long) value);
    if (picture->after > 0)
        buffer_append_char(digits, '.');
    for (int i = 0; i < picture->after; i++)
        buffer_append_char(digits, '0');
    return true;
}

static bool
print_numeric(Picture *picture, Numeric value, Arena *arena, Buffer *digits, Error *err)
{
    if (picture->shifts) {
        Numeric factor = numeric_from_int64(1, arena), ten = numeric_from_int64(10, arena);
        if (!numeric_power(ten, numeric_from_int64(picture->shift, arena), arena, &factor, err) ||
            !numeric_mul(value, factor, arena, &value, err))
            return false;
        picture->before += picture->shift;
    }
    numeric_print(numeric_is_finite(value) ? numeric_round(value, picture->after, arena) : value, digits);
    return true;
}

/* ---- Roman numbers */

static bool
roman_value(SqlType type, Datum value, Arena *arena, int *out, Error *err)
{
    int64_t whole = value.i;
    if (type.id == TYPE_FLOAT4 || type.id == TYPE_FLOAT8) {
        double rounded = rint(value.f);
        *out = rounded >= 1 && rounded < 4000 ? (int) rounded : 0;
        return true;
    }
    if (type.id == TYPE_NUMERIC) {
        if (!numeric_is_finite(value.bytes))
            return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert %s to integer",
                             numeric_is_nan(value.bytes) ? "NaN" : "infinity");
        if (!numeric_to_int64(numeric_round(value.bytes, 0, arena), &whole, err)) {
            error_clear(err);
            whole = INT64_MAX;
        }
    }
    if (whole < INT32_MIN || whole > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    *out = (int) whole;
    return true;
}

static void
print_roman(int value, bool lower, bool fill_mode, Buffer *out)
{
    static const struct {
        int value;
        const char *text;
    } steps[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                 {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
    char text[17] = "###############";
    if (value >= 1 && value <= 3999) {
        text[0] = '\0';
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            for (; value >= steps[i].value; value -= steps[i].value)
                strcat(text, steps[i].text);
    }
    for (char *c = text; lower && *c != '\0'; c++)
        *c = lower_char(*c);
    buffer_printf(out, fill_mode ? "%s" : "%15s", text);
}

/* ---- the layout */

static void
put(Layout *layout, char c)
{
    buffer_append_char(layout->out, c);
}

/* 9.9 of 0.1 has a blank for the zero. */
static bool
zero_is_blank(const Layout *layout)
{
    return !layout->picture->has_zero && layout->at == layout->digits && *layout->at == '0' &&
           layout->picture->after != 0;
}

static void
put_leading_sign(Layout *layout)
{
    const Picture *picture = layout->picture;
    bool reached = layout->place >= layout->spaces || (picture->has_zero && picture->zero_start == layout->place);
    bool only_point = layout->last != NULL && *layout->last == '.';
    if (layout->sign_written || !reached || (zero_is_blank(layout) && !only_point))
        return;
    if (picture->signed_by_s) {
        if (picture->sign != SIGN_BEFORE)
            return;
        put(layout, layout->sign);
    } else if (picture->brackets) {
        put(layout, layout->sign == '+' ? ' ' : '<');
    } else if (layout->sign == '-') {
        put(layout, '-');
    } else if (!picture->fill_mode) {
        put(layout, ' ');
    }
    layout->sign_written = true;
}

static void
put_digit_or_point(Layout *layout, bool zero)
{
    const Picture *picture = layout->picture;
    if (*layout->at == '.') {
        bool last_is_point = layout->last != NULL && *layout->last == '.';
        if (!last_is_point || picture->fill_mode)
            put(layout, '.');
    } else if (layout->last != NULL && layout->at > layout->last && !zero) {
        /* not relevant */
    } else if (zero_is_blank(layout)) {
        if (!picture->fill_mode)
            put(layout, ' ');
        else if (layout->last != NULL && *layout->last == '.')
            put(layout, '0');
    } else {
        put(layout, *layout->at);
        layout->any_digit = true;
    }
    if (*layout->at != '\0')
        layout->at++;
}

static void
put_place(Layout *layout, bool zero)
{
    const Picture *picture = layout->picture;
    if (picture->roman)
        return;
    layout->any_digit = false;
    put_leading_sign(layout);
    if (layout->place >= layout->spaces) {
        put_digit_or_point(layout, zero);
    } else if (picture->has_zero && picture->zero_start <= layout->place) {
        put(layout, '0');
        layout->any_digit = true;
    } else if (!picture->fill_mode) {
        put(layout, ' ');
    }
    int end = layout->places + (layout->spaces > 0) + picture->has_point;
    if (layout->last != NULL && layout->last == layout->at)
        end = layout->place;
    if (layout->place + 1 == end) {
        if (layout->sign_written && picture->brackets)
            put(layout, layout->sign == '+' ? ' ' : '>');
        else if (picture->signed_by_s && picture->sign == SIGN_AFTER)
            put(layout, layout->sign);
    }
    layout->place++;
}

static bool
put_ordinal(Layout *layout, bool lower, Error *err)
{
    const char *digits = layout->digits;
    if (layout->picture->roman || *digits == '#' || layout->sign == '-' || layout->picture->has_point)
        return true;
    size_t size = strlen(digits);
    if (size == 0 || !is_digit(digits[size - 1]))
        return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "\"%s\" is not a number", digits);
    char last = size > 1 && digits[size - 2] == '1' ? '0' : digits[size - 1];
    const char *text = last == '1' ? "ST" : last == '2' ? "ND" : last == '3' ? "RD" : "TH";
    put(layout, lower ? lower_char(text[0]) : text[0]);
    put(layout, lower ? lower_char(text[1]) : text[1]);
    return true;
}

static bool
put_piece(Layout *layout, const PicturePiece *piece, int roman, Error *err)
{
    bool fill_mode = layout->picture->fill_mode;
    switch (piece->pattern) {
    case NUMBER_TEXT:
        buffer_append_slice(layout->out, piece->text);
        return true;
    case NUMBER_NINE:
    case NUMBER_ZERO:
    case NUMBER_POINT:
    case NUMBER_POINT_OF_LOCALE:
        put_place(layout, piece->pattern == NUMBER_ZERO);
        return true;
    case NUMBER_COMMA:
    case NUMBER_GROUP:
        if (layout->any_digit)
            put(layout, ',');
        else if (!fill_mode)
            put(layout, ' ');
        return true;
    case NUMBER_CURRENCY:
        put(layout, ' ');
        return true;
    case NUMBER_ROMAN:
        print_roman(roman, piece->lower, fill_mode, layout->out);
        return true;
    case NUMBER_ORDINAL:
        return put_ordinal(layout, piece->lower, err);
    case NUMBER_MINUS:
    case NUMBER_PLUS: {
        char sign = piece->pattern == NUMBER_MINUS ? '-' : '+';
        if (layout->sign == sign)
            put(layout, sign);
        else if (!fill_mode)
            put(layout, ' ');
        return true;
    }
    case NUMBER_SIGN_ALWAYS:
        put(layout, layout->sign);
        return true;
    default:
        return true;
    }
}

/* Under FM zeros at the end are dropped, but for those that a 0 asks for. */
static void
find_last_relevant(Layout *layout)
{
    const Picture *picture = layout->picture;
    const char *point = strchr(layout->digits, '.');
    if (!picture->fill_mode || !picture->has_point || point == NULL)
        return;
    layout->last = point;
    for (const char *c = point + 1; *c != '\0'; c++)
        if (*c != '0')
            layout->last = c;
    if (picture->zero_end > layout->spaces) {
        int last = (int) strlen(layout->digits) - 1, wanted = picture->zero_end - layout->spaces;
        const char *zero = layout->digits + (wanted < last ? wanted : last);
        layout->last = layout->last < zero ? zero : layout->last;
    }
}

static void
settle_sign(Layout *layout)
{
    Picture *picture = layout->picture;
    if (picture->plus || picture->minus) {
        layout->sign_written = !picture->plus || picture->minus;
        return;
    }
    if (layout->sign != '-' && picture->fill_mode)
        picture->brackets = false;
    layout->sign_written = layout->sign == '+' && picture->fill_mode && !picture->signed_by_s;
    if (picture->sign == SIGN_BEFORE && picture->before == picture->sign_at)
        picture->sign = SIGN_AFTER;
}

static bool
lay_out(Layout *layout, int roman, Error *err)
{
    Picture *picture = layout->picture;
    picture->zero_start -= picture->zero_start > 0;
    if (picture->roman) {
        bool fill_mode = picture->fill_mode;
        *picture = (Picture){.pieces = picture->pieces, .piece_count = picture->piece_count, .roman = true};
        picture->fill_mode = fill_mode;
        layout->sign = '\0';
        layout->spaces = 0;
    }
    settle_sign(layout);
    find_last_relevant(layout);
    layout->places = picture->before + picture->after - 1 + (!layout->sign_written && layout->spaces == 0);
    size_t start = layout->out->size;
    for (int i = 0; i < picture->piece_count; i++)
        if (!put_piece(layout, &picture->pieces[i], roman, err))
            return false;
    const char *end =
        layout->out->size > start ? memchr(layout->out->bytes + start, '\0', layout->out->size - start) : NULL;
    if (end != NULL) /* a place without a digit ends the text */
        layout->out->size = (size_t) (end - layout->out->bytes);
    return true;
}

static bool
print_value(Picture *picture, SqlType type, Datum value, Arena *arena, Buffer *digits, Error *err)
{
    switch (type.id) {
    case TYPE_FLOAT4:
        print_float(picture, picture->shifts ? (double) (float) value.f : value.f, FLT_DIG, digits);
        return true;
    case TYPE_FLOAT8:
        print_float(picture, value.f, DBL_DIG, digits);
        return true;
    case TYPE_NUMERIC:
        return print_numeric(picture, value.bytes, arena, digits, err);
    default:
        return print_integer(picture, type, value.i, digits, err);
    }
}

static void
print_exponent(const Picture *picture, SqlType type, Datum value, Buffer *out)
{
    Buffer text = {0};
    switch (type.id) {
    case TYPE_INT4:
        print_float_exponent(picture, (double) value.i, out);
        return;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        print_float_exponent(picture, value.f, out);
        return;
    case TYPE_NUMERIC:
        numeric_print(value.bytes, &text);
        break;
    default:
        buffer_printf(&text, "%lld", (long long) value.i);
    }
    print_decimal_exponent(picture, buffer_slice(&text), out);
    buffer_deinit(&text);
}

bool
number_to_char(SqlType type, Datum value, Slice format, Arena *arena, Buffer *out, Error *err)
{
    Picture picture;
    if (format.size == 0)
        return true;
    if (!picture_read(format, arena, &picture, err))
        return false;
    int roman = 0;
    if (picture.roman && !roman_value(type, value, arena, &roman, err))
        return false;
    if (picture.exponent && !picture.roman) {
        print_exponent(&picture, type, value, out);
        return true;
    }
    Buffer digits = {0};
    Layout layout = {.picture = &picture, .out = out};
    bool fine = picture.roman || print_value(&picture, type, value, arena, &digits, err);
    if (fine) {
        if (!picture.roman)
            layout_digits(&layout, &digits);
        layout.digits = layout.at = buffer_text(&digits);
        fine = lay_out(&layout, roman, err);
    }
    buffer_deinit(&digits);
    return fine;
}
