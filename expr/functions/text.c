#include <stdlib.h>

#include "expr/functions/kernel.h"
#include "expr/functions/quote.h"
#include "expr/functions/characters.h"
#include "types/array.h"
#include "types/text_format.h"

/* Constants are folded on the event loop, and a row travels in one piece: less than PostgreSQL's gigabyte. */
#define TEXT_SIZE_MAX ((int64_t) 100 * 1024 * 1024)

static bool
too_large(Error *err)
{
    return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
}

static Slice
without_blanks(Slice text)
{
    while (text.size > 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* ---- lengths */

static void
text_length(FunctionCall *call)
{
    int32_t *out = memory_alloc(sizeof *out * ((size_t) call->count + 1));
    for (uint32_t i = 0; i < call->count; i++)
        out[i] = (int32_t) utf8_count(column_bytes(call->args[0].column, i));
    kernel_finish(call, out, PHYS_I32);
}

ROW_FUNCTION(bpchar_length)
{
    return give_int(result, utf8_count(without_blanks(args[0].bytes)));
}

static void
byte_length(FunctionCall *call)
{
    int32_t *out = memory_alloc(sizeof *out * ((size_t) call->count + 1));
    for (uint32_t i = 0; i < call->count; i++)
        out[i] = (int32_t) column_bytes(call->args[0].column, i).size;
    kernel_finish(call, out, PHYS_I32);
}

ROW_FUNCTION(bit_length)
{
    return give_int(result, (int64_t) args[0].bytes.size * 8);
}

/* ---- letters */

#define BUFFER_COLUMN(name, append)                                                                                    \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        Buffer buffer = {0};                                                                                           \
        for (uint32_t i = 0; i < call->count; i++) {                                                                   \
            if (kernel_row_is_null(call, i)) {                                                                         \
                column_builder_append_null(call->out);                                                                 \
                continue;                                                                                              \
            }                                                                                                          \
            buffer_clear(&buffer);                                                                                     \
            append(&buffer, column_bytes(call->args[0].column, i));                                                    \
            column_builder_append_bytes(call->out, buffer.bytes, buffer.size);                                         \
        }                                                                                                              \
        buffer_deinit(&buffer);                                                                                        \
    }

BUFFER_COLUMN(text_lower, utf8_append_lower)
BUFFER_COLUMN(text_upper, utf8_append_upper)
BUFFER_COLUMN(text_initcap, utf8_append_initcap)

ROW_FUNCTION(text_ascii)
{
    size_t at = 0;
    return give_int(result, args[0].bytes.size == 0 ? 0 : utf8_decode(args[0].bytes, &at));
}

ROW_FUNCTION(text_chr)
{
    int64_t c = args[0].i;
    if (c < 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "character number must be positive");
    if (c == 0)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "null character not permitted");
    if (c > 0x10ffff)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested character too large for encoding: %lld",
                         (long long) c);
    if (c >= 0xd800 && c <= 0xdfff)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested character not valid for encoding: %lld",
                         (long long) c);
    Buffer out = {0};
    utf8_append(&out, (uint32_t) c);
    return give_buffer(call, result, &out);
}

/* ---- parts */

/* Characters [start, start + length) of a text, start from 1; length < 0: to the end. */
static Slice
characters_of(Slice text, int64_t start, int64_t end)
{
    size_t from = utf8_offset(text, start > 1 ? start - 1 : 0);
    Slice rest = slice_make(text.bytes + from, text.size - from);
    if (end == INT64_MAX)
        return rest;
    int64_t count = end - (start > 1 ? start : 1);
    return slice_make(rest.bytes, count <= 0 ? 0 : utf8_offset(rest, count));
}

ROW_FUNCTION(text_substring_from)
{
    return give_bytes(result, characters_of(args[0].bytes, args[1].i, INT64_MAX));
}

ROW_FUNCTION(text_substring)
{
    if (args[2].i < 0)
        return error_set(err, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
    return give_bytes(result, characters_of(args[0].bytes, args[1].i, args[1].i + args[2].i));
}

static int64_t
find_bytes(Slice text, Slice part)
{
    if (part.size == 0)
        return 0;
    const char *found = part.size > text.size ? NULL : memmem(text.bytes, text.size, part.bytes, part.size);
    return found == NULL ? -1 : found - text.bytes;
}

ROW_FUNCTION(text_position)
{
    int64_t at = find_bytes(args[0].bytes, args[1].bytes);
    return give_int(result, at < 0 ? 0 : utf8_count(slice_make(args[0].bytes.bytes, (size_t) at)) + 1);
}

ROW_FUNCTION(text_overlay)
{
    Slice text = args[0].bytes, with = args[1].bytes;
    int64_t start = args[2].i, length = call->arg_count == 4 ? args[3].i : utf8_count(with);
    if (start <= 0)
        return error_set(err, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
    if (start + length > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    Buffer out = {0};
    buffer_append_slice(&out, characters_of(text, 1, start));
    buffer_append_slice(&out, with);
    buffer_append_slice(&out, characters_of(text, start + length, INT64_MAX));
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_left)
{
    Slice text = args[0].bytes;
    int64_t count = args[1].i >= 0 ? args[1].i : utf8_count(text) + args[1].i;
    return give_bytes(result, slice_make(text.bytes, count <= 0 ? 0 : utf8_offset(text, count)));
}

ROW_FUNCTION(text_right)
{
    Slice text = args[0].bytes;
    int64_t skipped = args[1].i >= 0 ? utf8_count(text) - args[1].i : -args[1].i;
    size_t from = skipped <= 0 ? 0 : utf8_offset(text, skipped);
    return give_bytes(result, slice_make(text.bytes + from, text.size - from));
}

static bool
pad(FunctionCall *call, const Datum *args, bool left, Datum *result, Error *err)
{
    Slice text = args[0].bytes, fill = call->arg_count == 3 ? args[2].bytes : slice_of(" ");
    int64_t length = args[1].i < 0 ? 0 : args[1].i, have = utf8_count(text);
    if (length > TEXT_SIZE_MAX / 4)
        return too_large(err);
    if (have >= length || fill.size == 0)
        return give_bytes(result, slice_make(text.bytes, have > length ? utf8_offset(text, length) : text.size));
    Buffer out = {0};
    if (!left)
        buffer_append_slice(&out, text);
    size_t at = 0;
    for (int64_t missing = length - have; missing > 0; missing--) {
        size_t next = utf8_next(fill, at);
        buffer_append(&out, fill.bytes + at, next - at);
        at = next == fill.size ? 0 : next;
    }
    if (left)
        buffer_append_slice(&out, text);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_lpad)
{
    return pad(call, args, true, result, err);
}

ROW_FUNCTION(text_rpad)
{
    return pad(call, args, false, result, err);
}

static bool
set_has(Slice set, Slice character)
{
    for (size_t at = 0; at < set.size;) {
        size_t next = utf8_next(set, at);
        if (next - at == character.size && memcmp(set.bytes + at, character.bytes, character.size) == 0)
            return true;
        at = next;
    }
    return false;
}

static bool
trim(FunctionCall *call, const Datum *args, bool left, bool right, Datum *result)
{
    Slice text = args[0].bytes, set = call->arg_count == 2 ? args[1].bytes : slice_of(" ");
    size_t from = 0, to = text.size;
    while (left && from < to) {
        size_t next = utf8_next(text, from);
        if (!set_has(set, slice_make(text.bytes + from, next - from)))
            break;
        from = next;
    }
    while (right && to > from) {
        size_t last = to - 1;
        while (last > from && utf8_continues(text.bytes[last]))
            last--;
        if (!set_has(set, slice_make(text.bytes + last, to - last)))
            break;
        to = last;
    }
    return give_bytes(result, slice_make(text.bytes + from, to - from));
}

ROW_FUNCTION(text_btrim)
{
    return trim(call, args, true, true, result);
}

ROW_FUNCTION(text_ltrim)
{
    return trim(call, args, true, false, result);
}

ROW_FUNCTION(text_rtrim)
{
    return trim(call, args, false, true, result);
}

ROW_FUNCTION(text_split_part)
{
    Slice text = args[0].bytes, separator = args[1].bytes;
    int64_t field = args[2].i;
    if (field == 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "field position must not be zero");
    if (text.size == 0)
        return give_text(result, "");
    if (separator.size == 0)
        return give_bytes(result, field == 1 || field == -1 ? text : slice_of(""));
    if (field < 0) {
        int64_t fields = 1;
        Slice rest = text;
        for (int64_t at; (at = find_bytes(rest, separator)) >= 0; fields++)
            rest = slice_make(rest.bytes + at + separator.size, rest.size - (size_t) at - separator.size);
        field += fields + 1;
        if (field <= 0)
            return give_text(result, "");
    }
    for (int64_t i = 1;; i++) {
        int64_t at = find_bytes(text, separator);
        if (i == field)
            return give_bytes(result, slice_make(text.bytes, at < 0 ? text.size : (size_t) at));
        if (at < 0)
            return give_text(result, "");
        text = slice_make(text.bytes + at + separator.size, text.size - (size_t) at - separator.size);
    }
}

/* ---- made from others */

ROW_FUNCTION(text_concat_two)
{
    Slice a = args[0].bytes, b = args[1].bytes;
    char *out = arena_alloc(call->context->arena, a.size + b.size + 1);
    if (a.size > 0)
        memcpy(out, a.bytes, a.size);
    if (b.size > 0)
        memcpy(out + a.size, b.bytes, b.size);
    return give_bytes(result, slice_make(out, a.size + b.size));
}

/* As a cast to text prints it: a boolean in full, a blank-padded text without its blanks. */
static void
append_cast(FunctionCall *call, int arg, Datum value, Buffer *out)
{
    SqlType type = call->arg_types[arg];
    if (type.id == TYPE_BOOL)
        buffer_append_text(out, value.i != 0 ? "true" : "false");
    else if (type.id == TYPE_BPCHAR)
        buffer_append_slice(out, without_blanks(value.bytes));
    else
        datum_print(type, value, &call->context->style, out);
}

ROW_FUNCTION(text_concat_any)
{
    Buffer out = {0};
    append_cast(call, 0, args[0], &out);
    append_cast(call, 1, args[1], &out);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_concat)
{
    Buffer out = {0};
    for (int i = 0; i < call->arg_count; i++) {
        if (!args[i].is_null)
            datum_print(call->arg_types[i], args[i], &call->context->style, &out);
    }
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_concat_ws)
{
    if (args[0].is_null)
        return give_null(result);
    Buffer out = {0};
    bool first = true;
    for (int i = 1; i < call->arg_count; i++) {
        if (args[i].is_null)
            continue;
        if (!first)
            buffer_append_slice(&out, args[0].bytes);
        first = false;
        datum_print(call->arg_types[i], args[i], &call->context->style, &out);
    }
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_repeat)
{
    int64_t times = args[1].i < 0 ? 0 : args[1].i;
    size_t size = args[0].bytes.size;
    if (size > 0 && times > TEXT_SIZE_MAX / (int64_t) size)
        return too_large(err);
    char *out = arena_alloc(call->context->arena, size * (size_t) times + 1);
    for (int64_t i = 0; size > 0 && i < times; i++)
        memcpy(out + (size_t) i * size, args[0].bytes.bytes, size);
    return give_bytes(result, slice_make(out, size * (size_t) times));
}

ROW_FUNCTION(text_reverse)
{
    Slice text = args[0].bytes;
    char *out = arena_alloc(call->context->arena, text.size + 1);
    for (size_t at = 0; at < text.size;) {
        size_t next = utf8_next(text, at);
        memcpy(out + text.size - next, text.bytes + at, next - at);
        at = next;
    }
    return give_bytes(result, slice_make(out, text.size));
}

ROW_FUNCTION(text_replace)
{
    Slice text = args[0].bytes, from = args[1].bytes, to = args[2].bytes;
    if (from.size == 0 || text.size == 0)
        return give_bytes(result, text);
    Buffer out = {0};
    for (int64_t at; (at = find_bytes(text, from)) >= 0;) {
        buffer_append(&out, text.bytes, (size_t) at);
        buffer_append_slice(&out, to);
        text = slice_make(text.bytes + at + from.size, text.size - (size_t) at - from.size);
    }
    buffer_append_slice(&out, text);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_translate)
{
    Slice text = args[0].bytes, from = args[1].bytes, to = args[2].bytes;
    Buffer out = {0};
    for (size_t at = 0; at < text.size;) {
        size_t next = utf8_next(text, at), f = 0, t = 0;
        bool replaced = false;
        while (f < from.size && !replaced) {
            size_t f_next = utf8_next(from, f), t_next = t < to.size ? utf8_next(to, t) : t;
            replaced = f_next - f == next - at && memcmp(from.bytes + f, text.bytes + at, next - at) == 0;
            if (replaced)
                buffer_append(&out, to.bytes + t, t_next - t);
            f = f_next;
            t = t_next;
        }
        if (!replaced)
            buffer_append(&out, text.bytes + at, next - at);
        at = next;
    }
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_starts_with)
{
    Slice text = args[0].bytes, prefix = args[1].bytes;
    return give_bool(result, prefix.size == 0 ||
                                 (text.size >= prefix.size && memcmp(text.bytes, prefix.bytes, prefix.size) == 0));
}

ROW_FUNCTION(int_to_hex)
{
    char *out = call->arg_types[0].id == TYPE_INT4
                    ? arena_printf(call->context->arena, "%x", (unsigned) (uint32_t) args[0].i)
                    : arena_printf(call->context->arena, "%llx", (unsigned long long) args[0].i);
    return give_text(result, out);
}

/* ---- quoting */

ROW_FUNCTION(text_quote_ident)
{
    Buffer out = {0};
    quote_ident(&out, args[0].bytes);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_quote_literal)
{
    Buffer text = {0}, out = {0};
    datum_print(call->arg_types[0], args[0], &call->context->style, &text);
    quote_literal(&out, buffer_slice(&text));
    buffer_deinit(&text);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(text_quote_nullable)
{
    return args[0].is_null ? give_text(result, "NULL") : text_quote_literal(call, args, result, err);
}

ROW_FUNCTION(text_parse_ident)
{
    bool strict = call->arg_count < 2 || args[1].i != 0;
    Datum *names;
    size_t count;
    if (!parse_identifiers(args[0].bytes, strict, call->context->arena, &names, &count, err))
        return false;
    *result = datum_bytes(array_make_vector(SQL_TYPE(TEXT), names, (int64_t) count, call->context->arena));
    free(names);
    return true;
}

/* ---- format() */

typedef struct Directive {
    int width;
    bool left, width_from_arg;
    int position, width_position; /* 0: the next argument */
    char conversion;
} Directive;

static bool
read_number(Slice format, size_t *at, int *number, Error *err)
{
    *number = 0;
    while (*at < format.size && format.bytes[*at] >= '0' && format.bytes[*at] <= '9') {
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, format.bytes[*at] - '0', number))
            return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range");
        (*at)++;
    }
    return true;
}

static bool
read_position(int number, int *position, Error *err)
{
    if (number == 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                         "format specifies argument 0, but arguments are numbered from 1");
    *position = number;
    return true;
}

static bool
unterminated(Error *err)
{
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unterminated format() type specifier");
    return error_hint(err, "For a single \"%%\" use \"%%%%\".");
}

/* %[position$][-][width | * | *n$]type */
static bool
read_directive(Slice format, size_t *at, Directive *directive, Error *err)
{
    int number;
    size_t start = *at;
    *directive = (Directive){0};
    if (!read_number(format, at, &number, err))
        return false;
    if (*at > start && *at < format.size && format.bytes[*at] == '$') {
        (*at)++;
        if (!read_position(number, &directive->position, err))
            return false;
    } else if (*at > start && number != 0 && format.bytes[start] != '0') {
        directive->width = number;
        goto type;
    } else {
        *at = start;
    }
    while (*at < format.size && format.bytes[*at] == '-') {
        directive->left = true;
        (*at)++;
    }
    if (*at < format.size && format.bytes[*at] == '*') {
        (*at)++;
        directive->width_from_arg = true;
        start = *at;
        if (!read_number(format, at, &number, err))
            return false;
        if (*at > start) {
            if (*at >= format.size || format.bytes[*at] != '$')
                return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                                 "width argument position must be ended by \"$\"");
            (*at)++;
            if (!read_position(number, &directive->width_position, err))
                return false;
        }
    } else if (!read_number(format, at, &directive->width, err)) {
        return false;
    }
type:
    if (*at >= format.size)
        return unterminated(err);
    directive->conversion = format.bytes[(*at)++];
    return true;
}

static bool
next_argument(FunctionCall *call, int position, int *next, int *arg, Error *err)
{
    *arg = position > 0 ? position : *next;
    if (*arg >= call->arg_count)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "too few arguments for format()");
    *next = *arg + 1;
    return true;
}

static bool
append_conversion(FunctionCall *call, const Directive *directive, int arg, Datum value, Buffer *out, Error *err)
{
    Buffer text = {0};
    if (value.is_null) {
        if (directive->conversion == 'I')
            return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
                             "null values cannot be formatted as an SQL identifier");
        if (directive->conversion == 'L')
            buffer_append_text(out, "NULL");
        return true;
    }
    datum_print(call->arg_types[arg], value, &call->context->style, &text);
    if (directive->conversion == 'I')
        quote_ident(out, buffer_slice(&text));
    else if (directive->conversion == 'L')
        quote_literal(out, buffer_slice(&text));
    else
        buffer_append_slice(out, buffer_slice(&text));
    buffer_deinit(&text);
    return true;
}

static bool
format_directive(FunctionCall *call, const Datum *args, const Directive *directive, int *next, Buffer *out, Error *err)
{
    int width = directive->width, arg;
    bool left = directive->left;
    if (strchr("sIL", directive->conversion) == NULL) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized format() type specifier \"%c\"",
                         directive->conversion);
        return error_hint(err, "For a single \"%%\" use \"%%%%\".");
    }
    if (directive->width_from_arg) {
        if (!next_argument(call, directive->width_position, next, &arg, err))
            return false;
        width = args[arg].is_null ? 0 : (int) args[arg].i;
        if (width < 0) {
            left = true;
            width = -width;
        }
    }
    if (!next_argument(call, directive->position, next, &arg, err))
        return false;
    Buffer text = {0};
    bool fine = append_conversion(call, directive, arg, args[arg], &text, err);
    if (width > TEXT_SIZE_MAX || width < -TEXT_SIZE_MAX)
        fine = too_large(err);
    int64_t blanks = fine ? width - utf8_count(buffer_slice(&text)) : 0;
    for (int64_t i = 0; !left && i < blanks; i++)
        buffer_append_char(out, ' ');
    buffer_append_slice(out, buffer_slice(&text));
    for (int64_t i = 0; left && i < blanks; i++)
        buffer_append_char(out, ' ');
    buffer_deinit(&text);
    return fine;
}

ROW_FUNCTION(text_format)
{
    if (args[0].is_null)
        return give_null(result);
    Slice format = args[0].bytes;
    Buffer out = {0};
    int next = 1;
    bool fine = true;
    for (size_t at = 0; at < format.size && fine;) {
        if (format.bytes[at] != '%') {
            buffer_append_char(&out, format.bytes[at++]);
        } else if (at + 1 < format.size && format.bytes[at + 1] == '%') {
            buffer_append_char(&out, '%');
            at += 2;
        } else {
            Directive directive;
            at++;
            fine = read_directive(format, &at, &directive, err) &&
                   format_directive(call, args, &directive, &next, &out, err);
        }
    }
    if (!fine) {
        buffer_deinit(&out);
        return false;
    }
    return give_buffer(call, result, &out);
}

/* ---- sizes for people */

ROW_FUNCTION(size_pretty)
{
    static const struct {
        const char *name;
        int64_t limit;
        bool round;
        int shift;
    } units[] = {{"bytes", 10 * 1024, false, 0},  {"kB", 20 * 1024 - 1, true, 9},  {"MB", 20 * 1024 - 1, true, 10},
                 {"GB", 20 * 1024 - 1, true, 10}, {"TB", 20 * 1024 - 1, true, 10}, {"PB", 20 * 1024 - 1, true, 10}};
    int64_t size = args[0].i;
    for (int u = 0; u < 6; u++) {
        /* Every unit after bytes keeps one bit more, for rounding half away from zero. */
        size = size / ((int64_t) 1 << units[u].shift);
        uint64_t shown = size < 0 ? -(uint64_t) size : (uint64_t) size;
        if (u == 5 || shown < (uint64_t) units[u].limit) {
            if (units[u].round)
                size = (size + (size < 0 ? -1 : 1)) / 2;
            return give_text(result, arena_printf(call->context->arena, "%lld %s", (long long) size, units[u].name));
        }
    }
    return false;
}

const Function functions_text[] = {
#include "expr/functions/text.def"
};
const size_t functions_text_count = sizeof functions_text / sizeof *functions_text;
