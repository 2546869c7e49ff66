#include <stdlib.h>

#include "expr/functions/family.h"
#include "types/numeric.h"

/* Sizes for people: '10 MB' and back. Counting nulls. */

static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};

#define UNIT_COUNT ((int) (sizeof units / sizeof *units))

/* The number that is shown stays below this; the next unit takes over then. */
static int
unit_limit(int unit)
{
    return unit == 0 ? 10 * 1024 : 20 * 1024 - 1;
}

static Numeric
half_rounded(Numeric value, Arena *arena)
{
    Numeric two = numeric_from_int64(2, arena), one = numeric_from_int64(numeric_sign(value) < 0 ? -1 : 1, arena),
            out = value;
    Error ignored = ERROR_INIT;
    if (!numeric_add(value, one, arena, &out, &ignored) || !numeric_div_trunc(out, two, arena, &out, &ignored))
        error_clear(&ignored);
    return out;
}

/* From kilobytes on the value is kept twice as large, for rounding at the end. */
ROW_FUNCTION(pretty_numeric)
{
    Arena *arena = call->context->arena;
    Numeric value = args[0].bytes;
    if (!numeric_is_finite(value)) {
        Buffer text = {0};
        numeric_print(value, &text);
        buffer_append_text(&text, " PB");
        return give_buffer(call, result, &text);
    }
    int unit = 0;
    for (; unit < UNIT_COUNT - 1; unit++) {
        Numeric limit = numeric_from_int64(unit_limit(unit), arena);
        if (numeric_compare(numeric_abs(value, arena), limit) < 0)
            break;
        Numeric step = numeric_from_int64(unit == 0 ? 512 : 1024, arena);
        if (!numeric_div_trunc(value, step, arena, &value, err))
            return false;
    }
    if (unit > 0)
        value = half_rounded(value, arena);
    Buffer text = {0};
    numeric_print(value, &text);
    buffer_printf(&text, " %s", units[unit]);
    return give_buffer(call, result, &text);
}

/* ---- pg_size_bytes */

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static Slice
trimmed(Slice text)
{
    while (text.size > 0 && is_space(text.bytes[0]))
        text = slice_make(text.bytes + 1, text.size - 1);
    while (text.size > 0 && is_space(text.bytes[text.size - 1]))
        text.size--;
    return text;
}

static size_t
digits_at(Slice text, size_t at)
{
    size_t count = 0;
    while (at + count < text.size && text.bytes[at + count] >= '0' && text.bytes[at + count] <= '9')
        count++;
    return count;
}

/* Characters of a number at the start: sign, digits, point, exponent. 0: none. */
static size_t
number_size(Slice text)
{
    size_t at = text.size > 0 && (text.bytes[0] == '-' || text.bytes[0] == '+');
    size_t digits = digits_at(text, at);
    at += digits;
    if (at < text.size && text.bytes[at] == '.') {
        size_t fraction = digits_at(text, at + 1);
        at += 1 + fraction;
        digits += fraction;
    }
    if (digits == 0)
        return 0;
    if (at < text.size && (text.bytes[at] == 'e' || text.bytes[at] == 'E')) {
        size_t sign = at + 1 < text.size && (text.bytes[at + 1] == '-' || text.bytes[at + 1] == '+');
        size_t exponent = digits_at(text, at + 1 + sign);
        at += exponent > 0 ? 1 + sign + exponent : 0;
    }
    return at;
}

ROW_FUNCTION(size_bytes)
{
    Arena *arena = call->context->arena;
    Slice text = trimmed(args[0].bytes);
    size_t size = number_size(text);
    Numeric value;
    if (size == 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid size: \"%.*s\"", (int) args[0].bytes.size,
                         args[0].bytes.bytes);
    if (!numeric_parse(slice_make(text.bytes, size), arena, &value, err))
        return false;
    Slice unit = trimmed(slice_make(text.bytes + size, text.size - size));
    int u = 0;
    while (u < UNIT_COUNT && unit.size > 0 && !slice_equal_nocase(unit, units[u]))
        u++;
    if (slice_equal_nocase(unit, "b"))
        u = 0;
    if (u == UNIT_COUNT) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid size: \"%.*s\"", (int) args[0].bytes.size,
                         args[0].bytes.bytes);
        (void) error_detail(err, "Invalid size unit: \"%.*s\".", (int) unit.size, unit.bytes);
        return error_hint(err, "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
    }
    int64_t bytes;
    Numeric factor = numeric_from_int64(INT64_C(1) << (10 * u), arena);
    if (!numeric_mul(value, factor, arena, &value, err) || !numeric_to_int64(value, &bytes, err))
        return false;
    return give_int(result, bytes);
}

/* ---- nulls among arguments */

static int64_t
null_count(const FunctionCall *call, const Datum *args)
{
    int64_t count = 0;
    for (int i = 0; i < call->arg_count; i++)
        count += args[i].is_null;
    return count;
}

ROW_FUNCTION(num_nulls)
{
    return give_int(result, null_count(call, args));
}

ROW_FUNCTION(num_nonnulls)
{
    return give_int(result, call->arg_count - null_count(call, args));
}

const Function functions_size[] = {
#include "expr/functions/size.def"
};
const size_t functions_size_count = sizeof functions_size / sizeof *functions_size;
