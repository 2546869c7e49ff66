#include "types/jsonb.h"

#include <stdlib.h>

#include "expr/functions/family.h"
#include "expr/functions/json_build.h"
#include "types/array.h"
#include "types/text_format.h"

static bool
give_as_text(FunctionCall *call, Slice value, Datum *result)
{
    switch (jsonb_kind(value)) {
    case JSON_NULL:
        return give_null(result);
    case JSON_STRING:
        return give_bytes(result, jsonb_string(value, call->context->arena));
    default:
        return give_bytes(result, value);
    }
}

/* ---- parts of a value */

ROW_FUNCTION(field)
{
    Slice value;
    return jsonb_field(args[0].bytes, args[1].bytes, &value) ? give_bytes(result, value) : give_null(result);
}

ROW_FUNCTION(field_text)
{
    Slice value;
    return jsonb_field(args[0].bytes, args[1].bytes, &value) ? give_as_text(call, value, result) : give_null(result);
}

ROW_FUNCTION(element)
{
    Slice value;
    return jsonb_element(args[0].bytes, args[1].i, &value) ? give_bytes(result, value) : give_null(result);
}

ROW_FUNCTION(element_text)
{
    Slice value;
    return jsonb_element(args[0].bytes, args[1].i, &value) ? give_as_text(call, value, result) : give_null(result);
}

static bool
read_index(Slice text, int64_t *index)
{
    char digits[24];
    if (text.size == 0 || text.size >= sizeof digits)
        return false;
    memcpy(digits, text.bytes, text.size);
    digits[text.size] = '\0';
    char *end;
    *index = strtoll(digits, &end, 10);
    return *end == '\0' && *index >= INT32_MIN && *index <= INT32_MAX;
}

static bool
step(Slice value, Slice name, Slice *found)
{
    int64_t index;
    switch (jsonb_kind(value)) {
    case JSON_OBJECT:
        return jsonb_field(value, name, found);
    case JSON_ARRAY:
        return read_index(name, &index) && jsonb_element(value, index, found);
    default:
        return false;
    }
}

/* Texts of a text[]; false: one of them is null. */
static bool
read_path(FunctionCall *call, Slice array, Slice **names, int64_t *count)
{
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(TEXT), array);
    *count = reader.shape.count;
    *names = arena_new_array(call->context->arena, Slice, *count + 1);
    Datum name;
    bool no_null = true;
    for (int64_t i = 0; array_next(&reader, call->context->arena, &name); i++) {
        no_null = no_null && !name.is_null;
        (*names)[i] = name.is_null ? (Slice){0} : name.bytes;
    }
    return no_null;
}

static bool
follow_path(FunctionCall *call, const Datum *args, Slice *value)
{
    Slice *names;
    int64_t count;
    if (!read_path(call, args[1].bytes, &names, &count))
        return false;
    *value = args[0].bytes;
    for (int64_t i = 0; i < count; i++) {
        if (!step(*value, names[i], value))
            return false;
    }
    return true;
}

ROW_FUNCTION(path)
{
    Slice value;
    return follow_path(call, args, &value) ? give_bytes(result, value) : give_null(result);
}

ROW_FUNCTION(path_text)
{
    Slice value;
    return follow_path(call, args, &value) ? give_as_text(call, value, result) : give_null(result);
}

static bool
follow_args(FunctionCall *call, const Datum *args, Slice *value)
{
    *value = args[0].bytes;
    for (int i = 1; i < call->arg_count; i++) {
        if (!step(*value, args[i].bytes, value))
            return false;
    }
    return true;
}

ROW_FUNCTION(extract_path)
{
    Slice value;
    return follow_args(call, args, &value) ? give_bytes(result, value) : give_null(result);
}

ROW_FUNCTION(extract_path_text)
{
    Slice value;
    return follow_args(call, args, &value) ? give_as_text(call, value, result) : give_null(result);
}

/* ---- questions */

ROW_FUNCTION(contains)
{
    return give_bool(result, jsonb_contains(args[0].bytes, args[1].bytes));
}

ROW_FUNCTION(contained)
{
    return give_bool(result, jsonb_contains(args[1].bytes, args[0].bytes));
}

/* A key of an object, a string in an array, or the string itself. */
static bool
has_name(Slice value, Slice name, Arena *arena)
{
    Slice found;
    switch (jsonb_kind(value)) {
    case JSON_OBJECT:
        return jsonb_field(value, name, &found);
    case JSON_STRING:
        return slice_equal(jsonb_string(value, arena), name);
    case JSON_ARRAY: {
        Slice key, member;
        for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, arena);) {
            if (jsonb_kind(member) == JSON_STRING && slice_equal(jsonb_string(member, arena), name))
                return true;
        }
        return false;
    }
    default:
        return false;
    }
}

ROW_FUNCTION(exists)
{
    return give_bool(result, has_name(args[0].bytes, args[1].bytes, call->context->arena));
}

static bool
exists_many(FunctionCall *call, const Datum *args, bool all)
{
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(TEXT), args[1].bytes);
    Datum name;
    while (array_next(&reader, call->context->arena, &name)) {
        if (!name.is_null && has_name(args[0].bytes, name.bytes, call->context->arena) != all)
            return !all;
    }
    return all;
}

ROW_FUNCTION(exists_any)
{
    return give_bool(result, exists_many(call, args, false));
}

ROW_FUNCTION(exists_all)
{
    return give_bool(result, exists_many(call, args, true));
}

ROW_FUNCTION(type_of)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    return give_text(result, names[jsonb_kind(args[0].bytes)]);
}

ROW_FUNCTION(array_length)
{
    JsonKind kind = jsonb_kind(args[0].bytes);
    if (kind == JSON_ARRAY)
        return give_int(result, jsonb_count(args[0].bytes));
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot get array length of a %s",
                     kind == JSON_OBJECT ? "non-array" : "scalar");
}

ROW_FUNCTION(pretty)
{
    Buffer out = {0};
    jsonb_pretty(args[0].bytes, &out);
    return give_buffer(call, result, &out);
}

/* ---- building: pieces that are canonical already are put together as text */

static void
append_separator(Buffer *out, char open)
{
    if (out->size > 0 && out->bytes[out->size - 1] != open)
        buffer_append_text(out, ", ");
}

static void
append_member(Buffer *out, Slice key, Slice value)
{
    append_separator(out, '{');
    jsonb_append_string(out, key);
    buffer_append_text(out, ": ");
    buffer_append_slice(out, value);
}

static void
append_element(Buffer *out, Slice value)
{
    append_separator(out, '[');
    buffer_append_slice(out, value);
}

static void
strip_nulls(Buffer *out, Slice value, Arena *arena)
{
    JsonKind kind = jsonb_kind(value);
    if (kind != JSON_ARRAY && kind != JSON_OBJECT) {
        buffer_append_slice(out, value);
        return;
    }
    Slice key, member;
    bool first = true;
    buffer_append_char(out, kind == JSON_ARRAY ? '[' : '{');
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, arena);) {
        if (kind == JSON_OBJECT && jsonb_kind(member) == JSON_NULL)
            continue;
        if (!first)
            buffer_append_text(out, ", ");
        first = false;
        if (kind == JSON_OBJECT) {
            jsonb_append_string(out, key);
            buffer_append_text(out, ": ");
        }
        strip_nulls(out, member, arena);
    }
    buffer_append_char(out, kind == JSON_ARRAY ? ']' : '}');
}

ROW_FUNCTION(without_nulls)
{
    Buffer out = {0};
    strip_nulls(&out, args[0].bytes, call->context->arena);
    return give_buffer(call, result, &out);
}

static void
append_elements(Buffer *out, Slice value, Arena *arena)
{
    if (jsonb_kind(value) != JSON_ARRAY) {
        append_element(out, value);
        return;
    }
    Slice key, member;
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, arena);)
        append_element(out, member);
}

static void
append_members(Buffer *out, Slice object, Arena *arena)
{
    Slice key, member;
    for (size_t offset = 0; jsonb_next(object, &offset, &key, &member, arena);)
        append_member(out, key, member);
}

ROW_FUNCTION(concat)
{
    Arena *arena = call->context->arena;
    Slice a = args[0].bytes, b = args[1].bytes;
    Buffer out = {0};
    if (jsonb_kind(a) == JSON_OBJECT && jsonb_kind(b) == JSON_OBJECT) {
        buffer_append_char(&out, '{');
        append_members(&out, a, arena);
        append_members(&out, b, arena);
        buffer_append_char(&out, '}');
        return json_finish(&out, arena, result, err);
    }
    buffer_append_char(&out, '[');
    append_elements(&out, a, arena);
    append_elements(&out, b, arena);
    buffer_append_char(&out, ']');
    return give_buffer(call, result, &out);
}

static bool
name_listed(const Slice *names, int64_t count, Slice name)
{
    for (int64_t i = 0; i < count; i++) {
        if (names[i].bytes != NULL && slice_equal(names[i], name))
            return true;
    }
    return false;
}

static bool
path_check(FunctionCall *call, int arg, Slice array, Error *err)
{
    ArrayReader reader;
    array_read(&reader, call->arg_types[arg], array);
    return reader.shape.dimensions <= 1 ||
           error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
}

static bool
delete_names(FunctionCall *call, Slice value, const Slice *names, int64_t count, Datum *result, Error *err)
{
    Arena *arena = call->context->arena;
    JsonKind kind = jsonb_kind(value);
    if (kind != JSON_ARRAY && kind != JSON_OBJECT)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
    Buffer out = {0};
    Slice key, member;
    buffer_append_char(&out, kind == JSON_ARRAY ? '[' : '{');
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, arena);) {
        if (kind == JSON_OBJECT && !name_listed(names, count, key))
            append_member(&out, key, member);
        else if (kind == JSON_ARRAY &&
                 !(jsonb_kind(member) == JSON_STRING && name_listed(names, count, jsonb_string(member, arena))))
            append_element(&out, member);
    }
    buffer_append_char(&out, kind == JSON_ARRAY ? ']' : '}');
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(delete_name)
{
    return delete_names(call, args[0].bytes, &args[1].bytes, 1, result, err);
}

ROW_FUNCTION(delete_many)
{
    Slice *names;
    int64_t count;
    if (!path_check(call, 1, args[1].bytes, err))
        return false;
    (void) read_path(call, args[1].bytes, &names, &count);
    return delete_names(call, args[0].bytes, names, count, result, err);
}

ROW_FUNCTION(delete_index)
{
    Slice value = args[0].bytes;
    JsonKind kind = jsonb_kind(value);
    if (kind == JSON_OBJECT)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot delete from object using integer index");
    if (kind != JSON_ARRAY)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
    int64_t count = jsonb_count(value), index = args[1].i < 0 ? count + args[1].i : args[1].i, i = 0;
    Buffer out = {0};
    Slice key, member;
    buffer_append_char(&out, '[');
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, call->context->arena); i++) {
        if (i != index)
            append_element(&out, member);
    }
    buffer_append_char(&out, ']');
    return give_buffer(call, result, &out);
}

/* ---- changing what a path leads to */

typedef enum PathChange { PATH_DELETE, PATH_SET, PATH_CREATE, PATH_INSERT_BEFORE, PATH_INSERT_AFTER } PathChange;

typedef struct PathEdit {
    PathChange change;
    const Slice *names;
    int64_t count;
    Slice value;
    Arena *arena;
} PathEdit;

static bool append_changed(const PathEdit *edit, int64_t depth, Slice value, Buffer *out, Error *err);

static bool
bad_path_index(const PathEdit *edit, int64_t depth, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION,
                     "path element at position %lld is not an integer: \"%.*s\"", (long long) depth + 1,
                     (int) edit->names[depth].size, edit->names[depth].bytes);
}

static bool
change_object(const PathEdit *edit, int64_t depth, Slice value, Buffer *out, Error *err)
{
    bool last = depth + 1 == edit->count, found = false;
    Slice name = edit->names[depth], key, member;
    bool inserts = edit->change == PATH_INSERT_BEFORE || edit->change == PATH_INSERT_AFTER;
    buffer_append_char(out, '{');
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, edit->arena);) {
        if (!slice_equal(key, name)) {
            append_member(out, key, member);
            continue;
        }
        found = true;
        if (last && edit->change == PATH_DELETE)
            continue;
        if (last && inserts) {
            (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot replace existing key");
            return error_hint(err, "Try using the function jsonb_set to replace key value.");
        }
        if (last) {
            append_member(out, key, edit->value);
            continue;
        }
        append_member(out, key, slice_of(""));
        if (!append_changed(edit, depth + 1, member, out, err))
            return false;
    }
    if (!found && last && (edit->change == PATH_CREATE || inserts))
        append_member(out, name, edit->value);
    buffer_append_char(out, '}');
    return true;
}

static bool
change_array(const PathEdit *edit, int64_t depth, Slice value, Buffer *out, Error *err)
{
    int64_t wanted, count = jsonb_count(value), i = 0;
    bool last = depth + 1 == edit->count;
    bool adds = edit->change >= PATH_CREATE;
    if (!read_index(edit->names[depth], &wanted))
        return bad_path_index(edit, depth, err);
    bool before_start = wanted < 0 && -wanted > count;
    wanted = wanted < 0 ? wanted + count : wanted;
    Slice key, member;
    buffer_append_char(out, '[');
    if (before_start && last && adds)
        append_element(out, edit->value);
    for (size_t offset = 0; jsonb_next(value, &offset, &key, &member, edit->arena); i++) {
        if (i != wanted || before_start) {
            append_element(out, member);
        } else if (!last) {
            append_element(out, slice_of(""));
            if (!append_changed(edit, depth + 1, member, out, err))
                return false;
        } else if (edit->change == PATH_INSERT_BEFORE) {
            append_element(out, edit->value);
            append_element(out, member);
        } else if (edit->change == PATH_INSERT_AFTER) {
            append_element(out, member);
            append_element(out, edit->value);
        } else if (edit->change != PATH_DELETE) {
            append_element(out, edit->value);
        }
    }
    if (!before_start && wanted >= count && last && adds)
        append_element(out, edit->value);
    buffer_append_char(out, ']');
    return true;
}

static bool
append_changed(const PathEdit *edit, int64_t depth, Slice value, Buffer *out, Error *err)
{
    JsonKind kind = jsonb_kind(value);
    if (edit->names[depth].bytes == NULL)
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "path element at position %lld is null",
                         (long long) depth + 1);
    switch (kind) {
    case JSON_OBJECT:
        return change_object(edit, depth, value, out, err);
    case JSON_ARRAY:
        return change_array(edit, depth, value, out, err);
    default:
        buffer_append_slice(out, value);
        return true;
    }
}

static bool
change_path(FunctionCall *call, const Datum *args, PathChange change, Slice value, Datum *result, Error *err)
{
    PathEdit edit = {.change = change, .value = value, .arena = call->context->arena};
    Slice *names;
    int64_t count;
    JsonKind kind = jsonb_kind(args[0].bytes);
    const char *verb = change == PATH_DELETE ? "delete path" : "set path";
    if (!path_check(call, 1, args[1].bytes, err))
        return false;
    if (kind != JSON_OBJECT && kind != JSON_ARRAY)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot %s in scalar", verb);
    (void) read_path(call, args[1].bytes, &names, &count);
    if (jsonb_count(args[0].bytes) == 0 && (change == PATH_DELETE || change == PATH_SET))
        return give_bytes(result, args[0].bytes);
    if (count == 0)
        return give_bytes(result, args[0].bytes);
    edit.names = names;
    edit.count = count;
    Buffer out = {0};
    if (!append_changed(&edit, 0, args[0].bytes, &out, err)) {
        buffer_deinit(&out);
        return false;
    }
    return json_finish(&out, call->context->arena, result, err);
}

ROW_FUNCTION(delete_path)
{
    return change_path(call, args, PATH_DELETE, (Slice){0}, result, err);
}

ROW_FUNCTION(set_path)
{
    bool create = call->arg_count < 4 || args[3].i != 0;
    return change_path(call, args, create ? PATH_CREATE : PATH_SET, args[2].bytes, result, err);
}

static bool
bad_null_treatment(Error *err)
{
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                     "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or "
                     "\"raise_exception\"");
}

/* As set_path, but for what is done when the new value is null. */
ROW_FUNCTION(set_path_lax)
{
    if (args[0].is_null || args[1].is_null || (call->arg_count > 3 && args[3].is_null))
        return give_null(result);
    if (call->arg_count > 4 && args[4].is_null)
        return bad_null_treatment(err);
    bool create = call->arg_count < 4 || args[3].i != 0;
    Slice treatment = call->arg_count > 4 ? args[4].bytes : slice_of("use_json_null");
    if (!args[2].is_null)
        return change_path(call, args, create ? PATH_CREATE : PATH_SET, args[2].bytes, result, err);
    if (slice_equal(treatment, slice_of("use_json_null")))
        return change_path(call, args, create ? PATH_CREATE : PATH_SET, slice_of("null"), result, err);
    if (slice_equal(treatment, slice_of("delete_key")))
        return change_path(call, args, PATH_DELETE, (Slice){0}, result, err);
    if (slice_equal(treatment, slice_of("return_target")))
        return give_bytes(result, args[0].bytes);
    if (!slice_equal(treatment, slice_of("raise_exception")))
        return bad_null_treatment(err);
    (void) error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "JSON value must not be null");
    (void) error_detail(err, "Exception was raised because null_value_treatment is \"raise_exception\".");
    return error_hint(err, "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is "
                           "not passed.");
}

ROW_FUNCTION(insert_path)
{
    bool after = call->arg_count == 4 && args[3].i != 0;
    return change_path(call, args, after ? PATH_INSERT_AFTER : PATH_INSERT_BEFORE, args[2].bytes, result, err);
}

/* ---- from SQL values */

ROW_FUNCTION(to_json)
{
    Buffer out = {0};
    json_append_datum(&out, call->arg_types[0], args[0], (JsonStyle){.text = &call->context->style},
                      call->context->arena);
    return json_finish(&out, call->context->arena, result, err);
}

ROW_FUNCTION(build_array)
{
    Buffer out = {0};
    buffer_append_char(&out, '[');
    for (int i = 0; i < call->arg_count; i++) {
        buffer_append_text(&out, i > 0 ? ", " : "");
        json_append_datum(&out, call->arg_types[i], args[i], (JsonStyle){.text = &call->context->style},
                          call->context->arena);
    }
    buffer_append_char(&out, ']');
    return json_finish(&out, call->context->arena, result, err);
}

ROW_FUNCTION(build_object)
{
    if (call->arg_count % 2 != 0) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "argument list must have even number of elements");
        return error_hint(err, "The arguments of %s() must consist of alternating keys and values.",
                          call->function->name);
    }
    Buffer out = {0};
    buffer_append_char(&out, '{');
    for (int i = 0; i < call->arg_count; i += 2) {
        buffer_append_text(&out, i > 0 ? ", " : "");
        bool fine = args[i].is_null
                        ? error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "argument %d: key must not be null", i + 1)
                        : json_append_key(&out, call->arg_types[i], args[i], &call->context->style, err);
        if (!fine) {
            buffer_deinit(&out);
            return false;
        }
        buffer_append_text(&out, ": ");
        json_append_datum(&out, call->arg_types[i + 1], args[i + 1], (JsonStyle){.text = &call->context->style},
                          call->context->arena);
    }
    buffer_append_char(&out, '}');
    return json_finish(&out, call->context->arena, result, err);
}

static bool
append_pair(Buffer *out, Datum key, Datum value, bool first, Error *err)
{
    if (key.is_null)
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key");
    buffer_append_text(out, first ? "" : ", ");
    jsonb_append_string(out, key.bytes);
    buffer_append_text(out, ": ");
    if (value.is_null)
        buffer_append_text(out, "null");
    else
        jsonb_append_string(out, value.bytes);
    return true;
}

/* jsonb_object(text[]): keys and values in turn, or in rows of two. */
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
    Buffer out = {0};
    Datum key, value;
    bool fine = true, first = true;
    buffer_append_char(&out, '{');
    while (fine && array_next(&reader, call->context->arena, &key) &&
           array_next(&reader, call->context->arena, &value)) {
        fine = append_pair(&out, key, value, first, err);
        first = false;
    }
    buffer_append_char(&out, '}');
    if (!fine) {
        buffer_deinit(&out);
        return false;
    }
    return json_finish(&out, call->context->arena, result, err);
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
    Buffer out = {0};
    Datum key, value;
    bool fine = true, first = true;
    buffer_append_char(&out, '{');
    while (fine && array_next(&keys, call->context->arena, &key) && array_next(&values, call->context->arena, &value)) {
        fine = append_pair(&out, key, value, first, err);
        first = false;
    }
    buffer_append_char(&out, '}');
    if (!fine) {
        buffer_deinit(&out);
        return false;
    }
    return json_finish(&out, call->context->arena, result, err);
}

const Function functions_jsonb[] = {
#include "expr/functions/jsonb.def"
};
const size_t functions_jsonb_count = sizeof functions_jsonb / sizeof *functions_jsonb;
