#include "expr/functions/json_build.h"
#include "base/vector.h"
#include "types/array.h"
#include "types/json_text.h"
#include "types/text_format.h"

/* JSON as values of SQL's types. */

typedef struct ArrayFill {
    SqlType element;
    bool typed;
    EvalContext *context;
    VECTOR(Datum) values;
    ArrayShape shape;
} ArrayFill;

static bool
next_member(Slice value, bool typed, size_t *offset, Slice *member, Arena *arena)
{
    return typed ? json_text_next(value, offset, NULL, member) : jsonb_next(value, offset, NULL, member, arena);
}

static bool
malformed(Error *err)
{
    return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed JSON array");
}

/* How deep arrays lie in each other at the start of the value. */
static void
measure(ArrayFill *fill, Slice value)
{
    Slice member;
    size_t offset = 0;
    while (jsonb_kind(value) == JSON_ARRAY && fill->shape.dimensions < ARRAY_DIMENSIONS_MAX) {
        int64_t count = fill->typed ? json_text_count(value) : jsonb_count(value);
        fill->shape.lower_bounds[fill->shape.dimensions] = 1;
        fill->shape.lengths[fill->shape.dimensions++] = (int32_t) count;
        offset = 0;
        if (count == 0 || !next_member(value, fill->typed, &offset, &member, fill->context->arena))
            return;
        value = member;
    }
}

static bool
fill_dimension(ArrayFill *fill, Slice value, int dimension, Error *err)
{
    Slice member;
    int32_t count = 0;
    if (jsonb_kind(value) != JSON_ARRAY)
        return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "expected JSON array");
    for (size_t offset = 0; next_member(value, fill->typed, &offset, &member, fill->context->arena); count++) {
        Datum element;
        bool fine = dimension + 1 < fill->shape.dimensions
                        ? fill_dimension(fill, member, dimension + 1, err)
                        : json_as_datum(member, fill->typed, fill->element, fill->context, &element, err);
        if (!fine)
            return false;
        if (dimension + 1 == fill->shape.dimensions)
            vector_push(&fill->values, element);
    }
    if (count == fill->shape.lengths[dimension])
        return true;
    (void) malformed(err);
    return error_detail(err, "Multidimensional arrays must have sub-arrays with matching dimensions.");
}

static bool
read_array(Slice value, bool typed, SqlType type, EvalContext *context, Datum *result, Error *err)
{
    ArrayFill fill = {.element = type_element_of(type), .typed = typed, .context = context};
    measure(&fill, value);
    bool fine = fill_dimension(&fill, value, 0, err);
    fill.shape.count = (int64_t) fill.values.count;
    if (fill.shape.count == 0)
        fill.shape.dimensions = 0;
    if (fine)
        *result = datum_bytes(array_make(fill.element, &fill.shape, fill.values.items, context->arena));
    vector_deinit(&fill.values);
    return fine;
}

bool
json_as_datum(Slice value, bool typed, SqlType type, EvalContext *context, Datum *result, Error *err)
{
    JsonKind kind = jsonb_kind(value);
    if (type.id == TYPE_JSON || type.id == TYPE_JSONB) {
        if (kind == JSON_NULL && type.id == TYPE_JSON) {
            *result = datum_bytes(value);
            return true;
        }
        return datum_parse(type, value, &context->style, context->arena, result, err);
    }
    if (kind == JSON_NULL) {
        *result = DATUM_NULL;
        return true;
    }
    if (type.id == TYPE_ARRAY && kind == JSON_ARRAY)
        return read_array(value, typed, type, context, result, err);
    if (type.id == TYPE_ARRAY && kind != JSON_STRING) {
        return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "expected JSON array");
    }
    Slice text = value;
    if (kind == JSON_STRING)
        text = typed ? json_text_string(value, context->arena) : jsonb_string(value, context->arena);
    return datum_parse(type, text, &context->style, context->arena, result, err);
}
