#include "expr/functions/json_build.h"

#include <math.h>

#include "types/array.h"
#include "types/datetime.h"
#include "types/element.h"
#include "types/jsonb.h"
#include "types/map.h"
#include "types/numeric.h"
#include "types/text_format.h"

static void
append_quoted(Buffer *out, SqlType type, Datum value, const TextStyle *style)
{
    Buffer text = {0};
    datum_print(type, value, style, &text);
    jsonb_append_string(out, buffer_slice(&text));
    buffer_deinit(&text);
}

/* ISO 8601: the blank between date and time becomes a T, and a zone always has its minutes. */
static void
append_timestamp(Buffer *out, SqlType type, Datum value, const TextStyle *style)
{
    Buffer text = {0};
    datum_print(type, value, style, &text);
    char *blank = memchr(text.bytes, ' ', text.size);
    if (blank != NULL)
        *blank = 'T';
    size_t tail = text.size >= 3 ? text.size - 3 : 0;
    bool bare_hours =
        type.id == TYPE_TIMESTAMPTZ && blank != NULL && (text.bytes[tail] == '+' || text.bytes[tail] == '-');
    if (bare_hours)
        buffer_append_text(&text, ":00");
    jsonb_append_string(out, buffer_slice(&text));
    buffer_deinit(&text);
}

/* Between the elements at hand; what is inside them has no line feeds. */
static const char *
separator_of(JsonStyle *style)
{
    bool lines = style->lines;
    style->lines = false;
    return lines ? ",\n " : style->compact ? "," : ", ";
}

static void
append_dimension(Buffer *out, ArrayReader *reader, int dimension, JsonStyle style, Arena *arena)
{
    const char *separator = separator_of(&style);
    buffer_append_char(out, '[');
    for (int32_t i = 0; i < reader->shape.lengths[dimension]; i++) {
        if (i > 0)
            buffer_append_text(out, separator);
        Datum element;
        if (dimension + 1 < reader->shape.dimensions)
            append_dimension(out, reader, dimension + 1, style, arena);
        else if (array_next(reader, arena, &element))
            json_append_datum(out, reader->element, element, style, arena);
    }
    buffer_append_char(out, ']');
}

static void
append_array(Buffer *out, SqlType type, Slice value, JsonStyle style, Arena *arena)
{
    ArrayReader reader;
    array_read(&reader, type, value);
    if (reader.shape.dimensions == 0)
        buffer_append_text(out, "[]");
    else
        append_dimension(out, &reader, 0, style, arena);
}

static void
append_record(Buffer *out, SqlType type, Slice value, JsonStyle style, Arena *arena)
{
    uint32_t count = be32_read(value.bytes);
    Slice rest = slice_make(value.bytes + 4, value.size - 4);
    const char *separator = separator_of(&style);
    buffer_append_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        SqlType field = SQL_TYPE(TEXT);
        const char *name = NULL;
        if (type.detail != NULL) {
            field = type.detail->fields[i].type;
            name = type.detail->fields[i].name;
        } else {
            (void) type_from_oid(be32_read(rest.bytes), -1, &field);
        }
        rest = slice_make(rest.bytes + 4, rest.size - 4);
        Datum element = element_take(field, &rest);
        if (i > 0)
            buffer_append_text(out, separator);
        jsonb_append_string(out, slice_of(name != NULL ? name : arena_printf(arena, "f%u", (unsigned) i + 1)));
        buffer_append_text(out, style.compact ? ":" : ": ");
        json_append_datum(out, field, element, style, arena);
    }
    buffer_append_char(out, '}');
}

static void
append_map(Buffer *out, SqlType type, Slice value, JsonStyle style, Arena *arena)
{
    MapReader reader;
    Datum key, element;
    map_read(&reader, type, value);
    buffer_append_char(out, '{');
    for (uint32_t i = 0; map_next_entry(&reader, &key, &element); i++) {
        buffer_append_text(out, i == 0 ? "" : style.compact ? "," : ", ");
        jsonb_append_string(out, key.bytes);
        buffer_append_text(out, style.compact ? ":" : ": ");
        json_append_datum(out, reader.value, element, style, arena);
    }
    buffer_append_char(out, '}');
}

void
json_append_datum(Buffer *out, SqlType type, Datum value, JsonStyle style, Arena *arena)
{
    if (value.is_null) {
        buffer_append_text(out, "null");
        return;
    }
    switch (type.id) {
    case TYPE_BOOL:
        buffer_append_text(out, value.i != 0 ? "true" : "false");
        return;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        if (isfinite(value.f))
            datum_print(type, value, style.text, out);
        else
            append_quoted(out, type, value, style.text);
        return;
    case TYPE_NUMERIC:
        if (numeric_is_finite(value.bytes))
            datum_print(type, value, style.text, out);
        else
            append_quoted(out, type, value, style.text);
        return;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT2:
    case TYPE_UINT4:
    case TYPE_UINT8:
        datum_print(type, value, style.text, out);
        return;
    case TYPE_JSON:
    case TYPE_JSONB:
        buffer_append_slice(out, value.bytes);
        return;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        append_timestamp(out, type, value, style.text);
        return;
    case TYPE_ARRAY:
    case TYPE_LIST:
        append_array(out, type, value.bytes, style, arena);
        return;
    case TYPE_MAP:
        append_map(out, type, value.bytes, style, arena);
        return;
    case TYPE_RECORD:
        append_record(out, type, value.bytes, style, arena);
        return;
    default:
        append_quoted(out, type, value, style.text);
    }
}

bool
json_append_key(Buffer *out, SqlType type, Datum value, const TextStyle *style, Error *err)
{
    switch (type.id) {
    case TYPE_ARRAY:
    case TYPE_RECORD:
    case TYPE_JSON:
    case TYPE_JSONB:
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                         "key value must be scalar, not array, composite, or json");
    case TYPE_BOOL:
        jsonb_append_string(out, slice_of(value.i != 0 ? "true" : "false"));
        return true;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        append_timestamp(out, type, value, style);
        return true;
    default:
        append_quoted(out, type, value, style);
        return true;
    }
}

bool
json_finish(Buffer *built, Arena *arena, Datum *result, Error *err)
{
    Buffer canonical = {0};
    bool fine = jsonb_parse(buffer_slice(built), &canonical, err);
    buffer_deinit(built);
    if (!fine) {
        buffer_deinit(&canonical);
        return false;
    }
    size_t size = canonical.size;
    *result = datum_bytes(slice_make(buffer_to_arena(&canonical, arena), size));
    return true;
}
