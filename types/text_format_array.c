/*
 * Arrays and int2vector as text. An array's text is gone over twice: first its shape is made out and every
 * error of form found, then the elements are read.
 */
#include <stdlib.h>

#include "types/array.h"
#include "types/element.h"
#include "types/text_container.h"
#include "types/text_format.h"

#define QUOTED_BYTES_MAX    ((size_t) 2 * PRINTED_BYTES_MAX)
#define VECTOR_ELEMENTS_MAX 100
#define ARRAY_ELEMENTS_MAX  134217727

/* --- quoting --- */

bool
is_null_word(Slice text)
{
    return slice_equal_nocase(text, "null");
}

static bool
needs_quotes(Slice text, const char *special)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (c == '"' || c == '\\' || is_blank(c) || (c != 0 && strchr(special, c) != NULL))
            return true;
    }
    return text.size == 0;
}

/*
 * Puts the text from `start` on in quotes; every quote and backslash in it gets one more character before it. Records in records double
 * in size with each level; what would grow past QUOTED_BYTES_MAX stays as it is, and is too large for a text (PRINTED_BYTES_MAX) then.
 */
static void
quote_tail(Buffer *out, size_t start, bool double_quotes)
{
    size_t extra = 2, size = out->size - start;
    for (size_t i = start; i < out->size; i++)
        extra += out->bytes[i] == '"' || out->bytes[i] == '\\';
    if (size + extra > QUOTED_BYTES_MAX)
        return;
    buffer_reserve(out, extra);
    char *from = out->bytes + start + size, *to = from + extra;
    *--to = '"';
    while (from > out->bytes + start) {
        char c = *--from;
        *--to = c;
        if (c == '"' || c == '\\')
            *--to = double_quotes ? c : '\\';
    }
    *--to = '"';
    out->size += extra;
}

void
container_quote_tail(Buffer *out, size_t start, const char *special)
{
    if (needs_quotes(slice_make(out->bytes + start, out->size - start), special))
        quote_tail(out, start, true);
}

static void
array_quote_tail(Buffer *out, size_t start, const char *special)
{
    Slice text = slice_make(out->bytes + start, out->size - start);
    if (is_null_word(text) || needs_quotes(text, special))
        quote_tail(out, start, false);
}

/* --- printing --- */

static void
print_int(int64_t value, Buffer *out)
{
    out->size = (size_t) (print_int64(buffer_reserve(out, 24), value) - out->bytes);
}

static void
bounds_print(const ArrayShape *shape, Buffer *out)
{
    bool plain = true;
    for (int i = 0; i < shape->dimensions; i++)
        plain &= shape->lower_bounds[i] == 1;
    if (plain)
        return;
    for (int i = 0; i < shape->dimensions; i++) {
        buffer_append_char(out, '[');
        print_int(shape->lower_bounds[i], out);
        buffer_append_char(out, ':');
        print_int((int64_t) shape->lower_bounds[i] + shape->lengths[i] - 1, out);
        buffer_append_char(out, ']');
    }
    buffer_append_char(out, '=');
}

void
element_print(SqlType type, Datum element, const TextStyle *style, const char *special, Buffer *out)
{
    if (element.is_null) {
        buffer_append(out, "NULL", 4);
        return;
    }
    size_t start = out->size;
    datum_print(type, element, style, out);
    if (type.id != TYPE_LIST && type.id != TYPE_MAP) /* these have braces of their own */
        array_quote_tail(out, start, special);
}

void
array_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    ArrayReader reader;
    Datum element;
    array_read(&reader, type, value);
    const ArrayShape *shape = &reader.shape;
    if (shape->count == 0) {
        buffer_append(out, "{}", 2);
        return;
    }
    bounds_print(shape, out);
    for (int64_t i = 0; array_next(&reader, NULL, &element); i++) {
        /* Braces open and close where the index goes around in a dimension. */
        int64_t block = 1;
        int inner = 0;
        for (int d = shape->dimensions - 1; d >= 0; d--, inner++) {
            block *= shape->lengths[d];
            if (i % block != 0)
                break;
        }
        if (i > 0) {
            for (int d = 0; d < inner; d++)
                buffer_append_char(out, '}');
            buffer_append_char(out, ',');
        }
        for (int d = 0; d < inner; d++)
            buffer_append_char(out, '{');
        element_print(reader.element, element, style, "{},", out);
    }
    for (int d = 0; d < shape->dimensions; d++)
        buffer_append_char(out, '}');
}

void
int2vector_print(Slice value, Buffer *out)
{
    ArrayReader reader;
    Datum element;
    array_read(&reader, SQL_ARRAY(INT2), value);
    for (int64_t i = 0; i < reader.shape.count; i++) {
        if (!array_next(&reader, NULL, &element))
            break;
        if (i > 0)
            buffer_append_char(out, ' ');
        print_int(element.i, out);
    }
}

/* --- the shape of an array's text --- */

static bool
array_error(Slice text, Error *err, const char *detail)
{
    error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed array literal: \"%.*s\"", (int) text.size,
              text.bytes);
    return error_detail(err, "%s", detail);
}

static bool
dimensions_error(int count, Error *err)
{
    return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                     "number of array dimensions (%d) exceeds the maximum allowed (%d)", count, ARRAY_DIMENSIONS_MAX);
}

static bool
unexpected(Slice text, char c, Error *err)
{
    char detail[] = "Unexpected \"?\" character.";
    detail[12] = c;
    return array_error(text, err, detail);
}

typedef enum ScanState {
    SCAN_NO_LEVEL,
    SCAN_LEVEL_STARTED,
    SCAN_ELEMENT_STARTED,
    SCAN_QUOTED_STARTED,
    SCAN_QUOTED_COMPLETED,
    SCAN_ELEMENT_DELIMITED,
    SCAN_LEVEL_COMPLETED,
    SCAN_LEVEL_DELIMITED,
} ScanState;

typedef struct Scan {
    Slice text; /* what is scanned, for messages */
    ScanState state;
    bool quoted;
    bool has_element;
    int level; /* of braces */
    int dimensions;
    int32_t counts[ARRAY_DIMENSIONS_MAX];   /* children seen of the block that is open at each level */
    int32_t expected[ARRAY_DIMENSIONS_MAX]; /* children of the blocks closed before, -1: none yet */
} Scan;

static bool
scan_open(Scan *scan, Error *err)
{
    if (scan->state != SCAN_NO_LEVEL && scan->state != SCAN_LEVEL_STARTED && scan->state != SCAN_LEVEL_DELIMITED)
        return unexpected(scan->text, '{', err);
    if (scan->level >= ARRAY_DIMENSIONS_MAX)
        return dimensions_error(scan->level + 1, err);
    scan->state = SCAN_LEVEL_STARTED;
    scan->counts[scan->level++] = 0;
    if (scan->dimensions < scan->level)
        scan->dimensions = scan->level;
    return true;
}

static bool
scan_close(Scan *scan, Error *err)
{
    bool element_done = scan->state == SCAN_ELEMENT_STARTED || scan->state == SCAN_QUOTED_COMPLETED;
    if (!element_done && scan->state != SCAN_LEVEL_COMPLETED &&
        !(scan->level == 1 && scan->state == SCAN_LEVEL_STARTED))
        return unexpected(scan->text, '}', err);
    int32_t *expected = &scan->expected[--scan->level];
    int32_t count = scan->counts[scan->level] + (scan->state != SCAN_LEVEL_STARTED);
    if (*expected >= 0 && *expected != count)
        return array_error(scan->text, err, "Multidimensional arrays must have sub-arrays with matching dimensions.");
    *expected = count;
    scan->state = SCAN_LEVEL_COMPLETED;
    return true;
}

static bool
scan_delimiter(Scan *scan, Error *err)
{
    if (scan->state == SCAN_LEVEL_COMPLETED)
        scan->state = SCAN_LEVEL_DELIMITED;
    else if (scan->state == SCAN_ELEMENT_STARTED || scan->state == SCAN_QUOTED_COMPLETED)
        scan->state = SCAN_ELEMENT_DELIMITED;
    else
        return unexpected(scan->text, ',', err);
    scan->counts[scan->level - 1]++;
    return true;
}

static bool
scan_quote(Scan *scan, Error *err)
{
    if (!scan->quoted && scan->state != SCAN_LEVEL_STARTED && scan->state != SCAN_ELEMENT_DELIMITED)
        return array_error(scan->text, err, "Unexpected array element.");
    scan->quoted = !scan->quoted;
    scan->state = scan->quoted ? SCAN_QUOTED_STARTED : SCAN_QUOTED_COMPLETED;
    scan->has_element = true;
    return true;
}

/* A character of an element that is not in quotes, or a backslash. */
static bool
scan_element(Scan *scan, char c, Error *err)
{
    if (!scan->quoted) {
        if (scan->state != SCAN_LEVEL_STARTED && scan->state != SCAN_ELEMENT_STARTED &&
            scan->state != SCAN_ELEMENT_DELIMITED)
            return c == '\\' ? unexpected(scan->text, c, err)
                             : array_error(scan->text, err, "Unexpected array element.");
        scan->state = SCAN_ELEMENT_STARTED;
    }
    scan->has_element = true;
    return true;
}

/* Finds the shape of "{...}"; `*at` ends behind the closing brace. */
static bool
scan_array(Scan *scan, const char *at, Error *err)
{
    for (;; at++) {
        bool ok = true;
        if (*at == 0)
            return array_error(scan->text, err, "Unexpected end of input.");
        if (*at == '\\') {
            ok = scan_element(scan, *at, err);
            if (ok && *++at == 0)
                return array_error(scan->text, err, "Unexpected end of input.");
        } else if (*at == '"') {
            ok = scan_quote(scan, err);
        } else if (scan->quoted) {
            continue;
        } else if (*at == '{') {
            ok = scan_open(scan, err);
        } else if (*at == '}') {
            ok = scan_close(scan, err);
            if (ok && scan->level == 0)
                break;
        } else if (*at == ',') {
            ok = scan_delimiter(scan, err);
        } else if (!is_blank(*at)) {
            ok = scan_element(scan, *at, err);
        }
        if (!ok)
            return false;
    }
    for (at++; *at != 0; at++)
        if (!is_blank(*at))
            return array_error(scan->text, err, "Junk after closing right brace.");
    if (!scan->has_element)
        scan->dimensions = 0;
    return true;
}

static const char *
skip_bound(const char *at)
{
    while (is_digit(*at) || *at == '-' || *at == '+')
        at++;
    return at;
}

static int32_t
bound_value(const char *at)
{
    return (int32_t) strtol(at, NULL, 10);
}

/* "[2:3][4]=" before the braces */
static bool
bounds_parse(Slice text, const char **start, ArrayShape *shape, Error *err)
{
    const char *at = *start;
    shape->dimensions = 0;
    for (;;) {
        while (is_blank(*at))
            at++;
        if (*at != '[')
            break;
        if (shape->dimensions >= ARRAY_DIMENSIONS_MAX)
            return dimensions_error(shape->dimensions + 1, err);
        const char *end = skip_bound(++at);
        if (end == at)
            return array_error(text, err, "\"[\" must introduce explicitly-specified array dimensions.");
        int32_t lower = 1, upper;
        if (*end == ':') {
            lower = bound_value(at);
            at = end + 1;
            end = skip_bound(at);
            if (end == at)
                return array_error(text, err, "Missing array dimension value.");
        }
        upper = bound_value(at);
        if (*end != ']')
            return array_error(text, err, "Missing \"]\" after array dimensions.");
        if (upper < lower)
            return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "upper bound cannot be less than lower bound");
        int64_t length = (int64_t) upper - lower + 1;
        shape->lower_bounds[shape->dimensions] = lower;
        shape->lengths[shape->dimensions++] = length > INT32_MAX ? INT32_MAX : (int32_t) length;
        at = end + 1;
    }
    *start = at;
    return true;
}

/* --- the elements --- */

/* The next element's text into `out`; *is_null: it is the word NULL. `*at` ends on the delimiter or brace. */
static void
element_text(const char **at, Buffer *out, bool *is_null)
{
    bool quoted = false, was_quoted = false;
    size_t kept = 0; /* what trailing blanks must not be cut from */
    buffer_clear(out);
    for (;; (*at)++) {
        char c = **at;
        if (c == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (c == '\\') {
            buffer_append_char(out, *++*at);
            was_quoted = true;
            kept = out->size;
        } else if (quoted) {
            buffer_append_char(out, c);
            kept = out->size;
        } else if (c == ',' || c == '}' || c == '{') {
            break;
        } else if (!is_blank(c)) {
            buffer_append_char(out, c);
            kept = out->size;
        } else if (out->size > 0) {
            buffer_append_char(out, c);
        }
    }
    out->size = kept;
    *is_null = !was_quoted && is_null_word(buffer_slice(out));
}

static bool
elements_parse(const TextInput *in, const char *at, int64_t count, Datum *elements, Error *err)
{
    SqlType type = type_element_of(in->type);
    Buffer text = {0};
    bool ok = true;
    type.typmod = in->type.typmod;
    for (int64_t i = 0; ok && i < count; i++) {
        while (*at == '{' || *at == '}' || *at == ',' || is_blank(*at))
            at++;
        bool is_null;
        element_text(&at, &text, &is_null);
        if (is_null)
            elements[i] = DATUM_NULL;
        else
            ok = datum_parse(type, buffer_slice(&text), in->style, in->arena, &elements[i], err);
    }
    buffer_deinit(&text);
    return ok;
}

static bool
shape_complete(const Scan *scan, Slice text, bool bounds_given, ArrayShape *shape, Error *err)
{
    if (bounds_given && scan->dimensions != shape->dimensions)
        return array_error(text, err, "Specified array dimensions do not match array contents.");
    shape->dimensions = scan->dimensions;
    shape->count = scan->dimensions == 0 ? 0 : 1;
    for (int i = 0; i < scan->dimensions; i++) {
        if (bounds_given && shape->lengths[i] != scan->expected[i])
            return array_error(text, err, "Specified array dimensions do not match array contents.");
        if (!bounds_given)
            shape->lower_bounds[i] = 1;
        shape->lengths[i] = scan->expected[i];
        if ((int64_t) shape->lower_bounds[i] + shape->lengths[i] > INT32_MAX)
            return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large: %d",
                             shape->lower_bounds[i]);
        shape->count *= scan->expected[i];
        if (shape->count > ARRAY_ELEMENTS_MAX)
            return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%d)",
                             ARRAY_ELEMENTS_MAX);
    }
    return true;
}

bool
array_parse(const TextInput *in, Slice *out, Error *err)
{
    ArrayShape shape;
    Scan scan = {.state = SCAN_NO_LEVEL};
    memset(scan.expected, -1, sizeof scan.expected);
    const char *at = arena_strndup(in->arena, in->text.bytes, in->text.size);
    if (!bounds_parse(in->text, &at, &shape, err))
        return false;
    bool bounds_given = shape.dimensions > 0;
    if (bounds_given) {
        if (*at != '=')
            return array_error(in->text, err, "Missing \"=\" after array dimensions.");
        at++;
        while (is_blank(*at))
            at++;
        if (*at != '{')
            return array_error(in->text, err, "Array contents must start with \"{\".");
    } else if (*at != '{') {
        return array_error(in->text, err, "Array value must start with \"{\" or dimension information.");
    }
    scan.text = slice_of(at);
    if (!scan_array(&scan, at, err) || !shape_complete(&scan, in->text, bounds_given, &shape, err))
        return false;
    Datum *elements = arena_new_array(in->arena, Datum, shape.count + 1);
    if (!elements_parse(in, at, shape.count, elements, err))
        return false;
    *out = array_make(type_element_of(in->type), &shape, elements, in->arena);
    return true;
}

/* --- int2vector --- */

static bool
vector_element_error(Slice text, bool in_range, Error *err)
{
    if (in_range)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "smallint", text);
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value \"%.*s\" is out of range for type smallint",
                     (int) text.size, text.bytes);
}

bool
int2vector_parse(const TextInput *in, Slice *out, Error *err)
{
    Datum elements[VECTOR_ELEMENTS_MAX];
    int32_t count = 0;
    const char *at = arena_strndup(in->arena, in->text.bytes, in->text.size), *end = at + in->text.size;
    for (;;) {
        while (is_blank(*at))
            at++;
        if (*at == 0)
            break;
        if (count == VECTOR_ELEMENTS_MAX)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "int2vector has too many elements");
        char *stop;
        long value = strtol(at, &stop, 10);
        Slice rest = slice_make(at, (size_t) (end - at));
        if (stop == at || (*stop != 0 && *stop != ' '))
            return vector_element_error(rest, true, err);
        if (value < INT16_MIN || value > INT16_MAX)
            return vector_element_error(rest, false, err);
        elements[count++] = datum_int(value);
        at = stop;
    }
    Buffer buffer = {0};
    buffer_append_be32(&buffer, 1);
    buffer_append_be32(&buffer, 0);
    buffer_append_be32(&buffer, type_oid(SQL_TYPE(INT2)));
    buffer_append_be32(&buffer, (uint32_t) count);
    buffer_append_be32(&buffer, 0); /* subscripts count from 0 here */
    for (int32_t i = 0; i < count; i++)
        element_append(SQL_TYPE(INT2), elements[i], &buffer);
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, in->arena), size);
    return true;
}
