#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/numeric_internal.h"

static char *
group_print(char *at, int group)
{
    at[0] = (char) ('0' + group / 1000);
    at[1] = (char) ('0' + group / 100 % 10);
    at[2] = (char) ('0' + group / 10 % 10);
    at[3] = (char) ('0' + group % 10);
    return at + NUMERIC_GROUP_DIGITS;
}

static char *
whole_print(char *at, const NumericHead *head)
{
    if (head->weight < 0 || head->count == 0) {
        *at++ = '0';
        return at;
    }
    char first[NUMERIC_GROUP_DIGITS];
    group_print(first, numeric_group(head, 0));
    int skip = 0;
    while (first[skip] == '0')
        skip++;
    memcpy(at, first + skip, (size_t) (NUMERIC_GROUP_DIGITS - skip));
    at += NUMERIC_GROUP_DIGITS - skip;
    for (int i = 1; i <= head->weight; i++)
        at = group_print(at, i < head->count ? numeric_group(head, i) : 0);
    return at;
}

static char *
fraction_print(char *at, const NumericHead *head)
{
    char *end = at + head->scale;
    for (int i = head->weight + 1; at < end; i++)
        at = group_print(at, i >= 0 && i < head->count ? numeric_group(head, i) : 0);
    return end;
}

void
numeric_print(Numeric value, Buffer *out)
{
    NumericHead head = numeric_head(value);
    switch (head.sign) {
    case NUMERIC_NAN:
        buffer_append_text(out, "NaN");
        return;
    case NUMERIC_INFINITY:
        buffer_append_text(out, "Infinity");
        return;
    case NUMERIC_MINUS_INFINITY:
        buffer_append_text(out, "-Infinity");
        return;
    default:
        break;
    }
    if (head.count == 0)
        head.weight = -1;
    int whole_groups = head.weight < 0 ? 1 : head.weight + 1;
    /* sign, point, and the last group's digits beyond the scale that are written and then cut off */
    size_t room = (size_t) whole_groups * NUMERIC_GROUP_DIGITS + (size_t) head.scale + 2 + NUMERIC_GROUP_DIGITS;
    char *start = buffer_reserve(out, room);
    char *at = start;
    if (head.sign == NUMERIC_NEGATIVE)
        *at++ = '-';
    at = whole_print(at, &head);
    if (head.scale > 0) {
        *at++ = '.';
        at = fraction_print(at, &head);
    }
    out->size += (size_t) (at - start);
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
parse_fails(Slice text, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric: \"%.*s\"",
                     (int) text.size, text.bytes);
}

static Slice
spaces_trimmed(Slice text)
{
    while (text.size != 0 && is_space(text.bytes[text.size - 1]))
        text.size--;
    while (text.size != 0 && is_space(text.bytes[0])) {
        text.bytes++;
        text.size--;
    }
    return text;
}

static bool
special_parse(Slice text, Arena *arena, Numeric *out)
{
    static const struct {
        const char *name;
        unsigned sign;
    } names[] = {
        {"NaN", NUMERIC_NAN},
        {"Infinity", NUMERIC_INFINITY},
        {"+Infinity", NUMERIC_INFINITY},
        {"-Infinity", NUMERIC_MINUS_INFINITY},
        {"inf", NUMERIC_INFINITY},
        {"+inf", NUMERIC_INFINITY},
        {"-inf", NUMERIC_MINUS_INFINITY},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal_nocase(text, names[i].name)) {
            *out = numeric_special(names[i].sign, arena);
            return true;
        }
    return false;
}

/* What follows an 'e': blanks, a sign, digits. The number stops at LONG_MAX, as strtol has it. */
static bool
exponent_parse(const char **at, const char *end, long *exponent)
{
    const char *p = *at;
    while (p < end && is_space(*p))
        p++;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return false;
    long value = 0;
    for (; p < end && is_digit(*p); p++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p - '0', &value))
            value = LONG_MAX / 10;
    *exponent = negative ? -value : value;
    *at = p;
    return true;
}

bool
numeric_parse(Slice text, Arena *arena, Numeric *out, Error *err)
{
    enum { EXPONENT_MAX = INT_MAX / 2, SHORT = 128 };
    Slice trimmed = spaces_trimmed(text);
    const char *at = trimmed.bytes, *end = trimmed.bytes + trimmed.size;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || !(is_digit(*at) || (*at == '.' && at + 1 < end && is_digit(at[1]))))
        return special_parse(trimmed, arena, out) || parse_fails(text, err);

    char near[SHORT];
    char *digits = trimmed.size <= SHORT ? near : memory_alloc(trimmed.size);
    size_t count = 0;
    int64_t point = -1;
    for (; at < end && (is_digit(*at) || (*at == '.' && point < 0)); at++)
        if (*at == '.')
            point = (int64_t) count;
        else
            digits[count++] = *at;
    int64_t scale = point < 0 ? 0 : (int64_t) count - point;
    if (point < 0)
        point = (int64_t) count;
    bool done = true;
    if (at < end && (*at == 'e' || *at == 'E')) {
        long exponent = 0;
        at++;
        if (!exponent_parse(&at, end, &exponent)) {
            done = parse_fails(text, err);
        } else if (exponent >= EXPONENT_MAX || exponent <= -EXPONENT_MAX) {
            done = numeric_overflow(err);
        } else {
            point += exponent;
            scale = scale > exponent ? scale - exponent : 0;
        }
    }
    if (done && at != end)
        done = parse_fails(text, err);
    if (done)
        done = numeric_pack(digits, count, point, negative, scale, arena, out, err);
    if (digits != near)
        free(digits);
    return done;
}

static bool
numeric_from_digits(double value, int digits, Arena *arena, Numeric *out, Error *err)
{
    if (isnan(value) || isinf(value)) {
        *out = numeric_special(isnan(value) ? NUMERIC_NAN
                               : value > 0  ? NUMERIC_INFINITY
                                            : NUMERIC_MINUS_INFINITY,
                               arena);
        return true;
    }
    char text[64];
    int size = snprintf(text, sizeof text, "%.*g", digits, value);
    return numeric_parse(slice_make(text, (size_t) size), arena, out, err);
}

bool
numeric_from_double(double value, Arena *arena, Numeric *out, Error *err)
{
    return numeric_from_digits(value, 15, arena, out, err);
}

bool
numeric_from_float(float value, Arena *arena, Numeric *out, Error *err)
{
    return numeric_from_digits((double) value, 6, arena, out, err);
}

double
numeric_to_double(Numeric value)
{
    enum { EXACT_POWER_MAX = 22 };
    NumericHead head = numeric_head(value);
    if (numeric_head_is_special(&head))
        return head.sign == NUMERIC_NAN ? (double) NAN : head.sign == NUMERIC_INFINITY ? HUGE_VAL : -HUGE_VAL;
    __int128 units;
    int scale;
    /* Both are exact as doubles, so that one division rounds rightly. */
    if (head.scale <= EXACT_POWER_MAX && numeric_to_int128(value, &scale, &units) && units <= INT64_C(1) << 53 &&
        units >= -(INT64_C(1) << 53))
        return (double) (int64_t) units / (double) numeric_power128(scale);
    Buffer text = {0};
    numeric_print(value, &text);
    double result = strtod(buffer_text(&text), NULL);
    buffer_deinit(&text);
    return result;
}
