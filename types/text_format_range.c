/* Ranges and records as text. */
#include "types/binary_format.h"
#include "types/element.h"
#include "types/range.h"
#include "types/text_container.h"
#include "types/text_format.h"

/* --- ranges --- */

static void
bound_print(SqlType type, Datum value, const TextStyle *style, Buffer *out)
{
    size_t start = out->size;
    datum_print(type, value, style, out);
    container_quote_tail(out, start, "()[],");
}

void
range_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    Range range;
    SqlType element = type_range_element(type);
    range_read(type, value, NULL, &range);
    if (range.empty) {
        buffer_append_text(out, "empty");
    } else {
        buffer_append_char(out, range.lower_inclusive ? '[' : '(');
        if (!range.lower_infinite)
            bound_print(element, range.lower, style, out);
        buffer_append_char(out, ',');
        if (!range.upper_infinite)
            bound_print(element, range.upper, style, out);
        buffer_append_char(out, range.upper_inclusive ? ']' : ')');
    }
}

static bool
range_error(Slice text, const char *detail, Error *err)
{
    error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed range literal: \"%.*s\"", (int) text.size,
              text.bytes);
    return error_detail(err, "%s", detail);
}

/*
 * Text up to an unquoted character of `stops`; a doubled quote inside quotes stands for one. false: the text ended
 * before.
 */
static bool
quoted_take(const char **at, const char *stops, Buffer *out)
{
    bool quoted = false;
    buffer_clear(out);
    for (;; (*at)++) {
        char c = **at;
        if (c == 0)
            return false;
        if (!quoted && strchr(stops, c) != NULL)
            return true;
        if (c == '\\') {
            if (*++*at == 0)
                return false;
            buffer_append_char(out, **at);
        } else if (c != '"') {
            buffer_append_char(out, c);
        } else if (!quoted) {
            quoted = true;
        } else if ((*at)[1] == '"') {
            buffer_append_char(out, *++*at);
        } else {
            quoted = false;
        }
    }
}

static bool
bound_parse(const TextInput *in, const char **at, Buffer *scratch, Datum *value, Error *err)
{
    if (!quoted_take(at, ",)]", scratch))
        return range_error(in->text, "Unexpected end of input.", err);
    value->bytes = slice_make(arena_strndup(in->arena, scratch->bytes, scratch->size), scratch->size);
    return true;
}

/* The text between the brackets; bounds are kept as text, to be read when the form is known to be right. */
static bool
range_parse_form(const TextInput *in, const char *at, Buffer *scratch, Range *range, Error *err)
{
    if (*at != '(' && *at != '[')
        return range_error(in->text, "Missing left parenthesis or bracket.", err);
    range->lower_inclusive = *at++ == '[';
    range->lower_infinite = *at == ',';
    if (!range->lower_infinite) {
        range->lower_infinite = *at == ')' || *at == ']';
        if (!range->lower_infinite && !bound_parse(in, &at, scratch, &range->lower, err))
            return false;
    }
    if (*at++ != ',')
        return range_error(in->text, "Missing comma after lower bound.", err);
    range->upper_infinite = *at == ')' || *at == ']';
    if (!range->upper_infinite && !bound_parse(in, &at, scratch, &range->upper, err))
        return false;
    if (*at != ')' && *at != ']')
        return range_error(in->text, "Too many commas.", err);
    range->upper_inclusive = *at++ == ']';
    while (is_blank(*at))
        at++;
    return *at == 0 || range_error(in->text, "Junk after right parenthesis or bracket.", err);
}

bool
range_parse(const TextInput *in, Slice *out, Error *err)
{
    Range range = {0};
    SqlType element = type_range_element(in->type);
    Slice text = slice_trim(in->text);
    if (text.size >= 5 && slice_equal_nocase(slice_make(text.bytes, 5), "empty")) {
        if (text.size > 5)
            return range_error(in->text, "Junk after \"empty\" key word.", err);
        range.empty = true;
        return range_make(in->type, &range, in->arena, out, err);
    }
    Buffer scratch = {0};
    bool ok = range_parse_form(in, arena_strndup(in->arena, text.bytes, text.size), &scratch, &range, err);
    buffer_deinit(&scratch);
    if (ok && !range.lower_infinite)
        ok = datum_parse(element, range.lower.bytes, in->style, in->arena, &range.lower, err);
    if (ok && !range.upper_infinite)
        ok = datum_parse(element, range.upper.bytes, in->style, in->arena, &range.upper, err);
    range.lower_inclusive &= !range.lower_infinite;
    range.upper_inclusive &= !range.upper_infinite;
    return ok && range_make(in->type, &range, in->arena, out, err);
}

/* --- records --- */

/* The type of a field: what the record's type says, else what the value says itself. */
static SqlType
field_type(SqlType record, uint32_t index, uint32_t oid)
{
    SqlType type;
    if (record.detail != NULL && index < (uint32_t) record.detail->count)
        return record.detail->fields[index].type;
    return type_from_oid(oid, -1, &type) ? type : SQL_TYPE(TEXT);
}

void
record_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    uint32_t count = be32_read(value.bytes);
    Slice rest = slice_make(value.bytes + 4, value.size - 4);
    buffer_append_char(out, '(');
    for (uint32_t i = 0; i < count; i++) {
        SqlType field = field_type(type, i, be32_read(rest.bytes));
        rest = slice_make(rest.bytes + 4, rest.size - 4);
        Datum datum = element_take(field, &rest);
        if (i > 0)
            buffer_append_char(out, ',');
        if (datum.is_null)
            continue;
        size_t start = out->size;
        datum_print(field, datum, style, out);
        container_quote_tail(out, start, "(),");
    }
    buffer_append_char(out, ')');
}

static bool
record_error(Slice text, const char *detail, Error *err)
{
    error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed record literal: \"%.*s\"", (int) text.size,
              text.bytes);
    return error_detail(err, "%s", detail);
}

static bool
record_parse_fields(const TextInput *in, const char *at, Buffer *scratch, Buffer *value, Error *err)
{
    const TypeDetail *detail = in->type.detail;
    if (*at++ != '(')
        return record_error(in->text, "Missing left parenthesis.", err);
    buffer_append_be32(value, (uint32_t) detail->count);
    for (int i = 0; i < detail->count; i++) {
        Datum datum = DATUM_NULL;
        SqlType type = detail->fields[i].type;
        if (i > 0 && *at++ != ',')
            return record_error(in->text, "Too few columns.", err);
        if (*at != ',' && *at != ')') {
            if (!quoted_take(&at, ",)", scratch))
                return record_error(in->text, "Unexpected end of input.", err);
            if (!datum_parse(type, buffer_slice(scratch), in->style, in->arena, &datum, err))
                return false;
        }
        buffer_append_be32(value, type_oid(type));
        element_append(type, datum, value);
    }
    if (*at++ != ')')
        return record_error(in->text, "Too many columns.", err);
    while (is_blank(*at))
        at++;
    return *at == 0 || record_error(in->text, "Junk after right parenthesis.", err);
}

bool
record_parse(const TextInput *in, Slice *out, Error *err)
{
    if (in->type.detail == NULL)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "input of anonymous composite types is not implemented");
    Buffer scratch = {0}, value = {0};
    Slice text = slice_trim(in->text);
    bool ok = record_parse_fields(in, arena_strndup(in->arena, text.bytes, text.size), &scratch, &value, err);
    buffer_deinit(&scratch);
    size_t size = value.size;
    *out = slice_make(buffer_to_arena(&value, in->arena), size);
    return ok;
}
