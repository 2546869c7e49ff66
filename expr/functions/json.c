#include "types/json_text.h"

#include <stdlib.h>

#include "expr/functions/family.h"
#include "expr/functions/json_build.h"
#include "types/array.h"

/* The type json: its text is kept as it came, and so are its parts. */

static bool
give_as_text(FunctionCall *call, Slice value, Datum *result)
{
    switch (jsonb_kind(value)) {
    case JSON_NULL:
        return give_null(result);
    case JSON_STRING:
        return give_bytes(result, json_text_string(value, call->context->arena));
    default:
        return give_bytes(result, value);
    }
}

#define JSON_PART(name, found)                                                                                         \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        Slice value;                                                                                                   \
        return found ? give_bytes(result, value) : give_null(result);                                                  \
    }                                                                                                                  \
                                                                                                                       \
    ROW_FUNCTION(name##_text)                                                                                          \
    {                                                                                                                  \
        Slice value;                                                                                                   \
        return found ? give_as_text(call, value, result) : give_null(result);                                          \
    }

JSON_PART(field, json_text_field(json_text_trim(args[0].bytes), args[1].bytes, call->context->arena, &value))
JSON_PART(element, json_text_element(json_text_trim(args[0].bytes), args[1].i, &value))

static bool
step(Slice value, Slice name, Arena *arena, Slice *found)
{
    switch (jsonb_kind(value)) {
    case JSON_OBJECT:
        return json_text_field(value, name, arena, found);
    case JSON_ARRAY: {
        char *digits = arena_strndup(arena, name.bytes, name.size), *end;
        long long index = strtoll(digits, &end, 10);
        return end != digits && *end == '\0' && index == (int32_t) index && json_text_element(value, index, found);
    }
    default:
        return false;
    }
}

/* The whole text when the path is empty: of a scalar with the blanks before it, as PostgreSQL has it. */
static bool
follow_path(FunctionCall *call, const Datum *args, Slice *value)
{
    ArrayReader reader;
    Datum name;
    array_read(&reader, SQL_ARRAY(TEXT), args[1].bytes);
    *value = json_text_trim(args[0].bytes);
    JsonKind kind = jsonb_kind(*value);
    if (reader.shape.count == 0 && kind != JSON_ARRAY && kind != JSON_OBJECT)
        *value = slice_make(args[0].bytes.bytes, (size_t) (value->bytes + value->size - args[0].bytes.bytes));
    while (array_next(&reader, call->context->arena, &name)) {
        if (name.is_null || !step(*value, name.bytes, call->context->arena, value))
            return false;
    }
    return true;
}

static bool
follow_args(FunctionCall *call, const Datum *args, Slice *value)
{
    *value = json_text_trim(args[0].bytes);
    for (int i = 1; i < call->arg_count; i++) {
        if (!step(*value, args[i].bytes, call->context->arena, value))
            return false;
    }
    return true;
}

JSON_PART(path, follow_path(call, args, &value))
JSON_PART(extract_path, follow_args(call, args, &value))

ROW_FUNCTION(type_of)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    return give_text(result, names[jsonb_kind(json_text_trim(args[0].bytes))]);
}

ROW_FUNCTION(array_length)
{
    Slice value = json_text_trim(args[0].bytes);
    JsonKind kind = jsonb_kind(value);
    if (kind == JSON_ARRAY)
        return give_int(result, json_text_count(value));
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot get array length of a %s",
                     kind == JSON_OBJECT ? "non-array" : "scalar");
}

static void
strip_nulls(Buffer *out, Slice value, Arena *arena)
{
    JsonKind kind = jsonb_kind(value);
    if (kind == JSON_STRING) {
        jsonb_append_string(out, json_text_string(value, arena));
        return;
    }
    if (kind != JSON_ARRAY && kind != JSON_OBJECT) {
        buffer_append_slice(out, value);
        return;
    }
    Slice key, member;
    bool first = true;
    buffer_append_char(out, kind == JSON_ARRAY ? '[' : '{');
    for (size_t offset = 0; json_text_next(value, &offset, &key, &member);) {
        if (kind == JSON_OBJECT && jsonb_kind(member) == JSON_NULL)
            continue;
        buffer_append_text(out, first ? "" : ",");
        first = false;
        if (kind == JSON_OBJECT) {
            jsonb_append_string(out, json_text_string(key, arena));
            buffer_append_char(out, ':');
        }
        strip_nulls(out, member, arena);
    }
    buffer_append_char(out, kind == JSON_ARRAY ? ']' : '}');
}

ROW_FUNCTION(without_nulls)
{
    Buffer out = {0};
    strip_nulls(&out, json_text_trim(args[0].bytes), call->context->arena);
    return give_buffer(call, result, &out);
}

/* ---- from SQL values */

ROW_FUNCTION(to_json)
{
    Buffer out = {0};
    json_append_datum(&out, call->arg_types[0], args[0], (JsonStyle){.text = &call->context->style, .compact = true},
                      call->context->arena);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(to_json_lines)
{
    Buffer out = {0};
    json_append_datum(&out, call->arg_types[0], args[0],
                      (JsonStyle){.text = &call->context->style, .compact = true, .lines = args[1].i != 0},
                      call->context->arena);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(build_array)
{
    Buffer out = {0};
    buffer_append_char(&out, '[');
    for (int i = 0; i < call->arg_count; i++) {
        buffer_append_text(&out, i > 0 ? ", " : "");
        json_append_datum(&out, call->arg_types[i], args[i],
                          (JsonStyle){.text = &call->context->style, .compact = true}, call->context->arena);
    }
    buffer_append_char(&out, ']');
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(build_object)
{
    if (call->arg_count % 2 != 0) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "argument list must have even number of elements");
        return error_hint(err, "The arguments of %s() must consist of alternating keys and values.",
                          call->function->name);
    }
    Buffer out = {0};
    bool fine = true;
    buffer_append_char(&out, '{');
    for (int i = 0; i < call->arg_count && fine; i += 2) {
        buffer_append_text(&out, i > 0 ? ", " : "");
        if (args[i].is_null) {
            (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "argument %d cannot be null", i + 1);
            fine = error_hint(err, "Object keys should be text.");
            break;
        }
        fine = json_append_key(&out, call->arg_types[i], args[i], &call->context->style, err);
        buffer_append_text(&out, " : ");
        json_append_datum(&out, call->arg_types[i + 1], args[i + 1],
                          (JsonStyle){.text = &call->context->style, .compact = true}, call->context->arena);
    }
    buffer_append_char(&out, '}');
    if (fine)
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

static bool
append_pair(Buffer *out, Datum key, Datum value, Error *err)
{
    if (key.is_null)
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key");
    buffer_append_text(out, out->size > 1 ? ", " : "");
    jsonb_append_string(out, key.bytes);
    buffer_append_text(out, " : ");
    if (value.is_null)
        buffer_append_text(out, "null");
    else
        jsonb_append_string(out, value.bytes);
    return true;
}

/* Keys from one reader, values from the other, which may be the same. */
static bool
give_pairs(FunctionCall *call, ArrayReader *keys, ArrayReader *values, Datum *result, Error *err)
{
    Buffer out = {0};
    Datum key, value;
    bool fine = true;
    buffer_append_char(&out, '{');
    while (fine && array_next(keys, call->context->arena, &key) && array_next(values, call->context->arena, &value))
        fine = append_pair(&out, key, value, err);
    buffer_append_char(&out, '}');
    if (fine)
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

ROW_FUNCTION(object_of_array)
{
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(TEXT), args[0].bytes);
    if (reader.shape.dimensions > 2)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    if (reader.shape.dimensions == 2 && reader.shape.lengths[1] != 2)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "array must have two columns");
    if (reader.shape.count % 2 != 0)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "array must have even number of elements");
    return give_pairs(call, &reader, &reader, result, err);
}

ROW_FUNCTION(object_of_arrays)
{
    ArrayReader keys, values;
    array_read(&keys, SQL_ARRAY(TEXT), args[0].bytes);
    array_read(&values, SQL_ARRAY(TEXT), args[1].bytes);
    if (keys.shape.dimensions > 1 || keys.shape.dimensions != values.shape.dimensions)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    if (keys.shape.count != values.shape.count)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "mismatched array dimensions");
    return give_pairs(call, &keys, &values, result, err);
}

const Function functions_json[] = {
#include "expr/functions/json.def"
};
const size_t functions_json_count = sizeof functions_json / sizeof *functions_json;
