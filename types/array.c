#include "types/array.h"

#include <stdlib.h>

#include "base/hash.h"
#include "types/element.h"

/* number of dimensions, whether there are nulls, type of the elements; a length and a lower bound a dimension */
enum { HEAD_BYTES = 12, DIMENSION_BYTES = 8, ELEMENTS_MAX = 134217727 };

void
array_read(ArrayReader *reader, SqlType array, Slice value)
{
    *reader = (ArrayReader){.element = type_element_of(array)};
    if (value.size < HEAD_BYTES)
        bug("a stored array of %zu bytes", value.size);
    ArrayShape *shape = &reader->shape;
    shape->dimensions = (int) be32_read(value.bytes);
    if (shape->dimensions < 0 || shape->dimensions > ARRAY_DIMENSIONS_MAX ||
        value.size < HEAD_BYTES + (size_t) shape->dimensions * DIMENSION_BYTES)
        bug("a stored array of %d dimensions in %zu bytes", shape->dimensions, value.size);
    shape->count = shape->dimensions == 0 ? 0 : 1;
    const char *at = value.bytes + HEAD_BYTES;
    for (int i = 0; i < shape->dimensions; i++, at += DIMENSION_BYTES) {
        shape->lengths[i] = (int32_t) be32_read(at);
        shape->lower_bounds[i] = (int32_t) be32_read(at + 4);
        shape->count *= shape->lengths[i];
    }
    reader->rest = slice_make(at, value.size - (size_t) (at - value.bytes));
}

bool
array_next(ArrayReader *reader, Arena *arena, Datum *element)
{
    (void) arena; /* elements are read where they lie */
    if (reader->index == reader->shape.count)
        return false;
    reader->index++;
    *element = element_take(reader->element, &reader->rest);
    return true;
}

static void
head_append(Buffer *out, uint32_t element_oid, bool has_nulls, const ArrayShape *shape)
{
    int dimensions = shape->count == 0 ? 0 : shape->dimensions;
    buffer_append_be32(out, (uint32_t) dimensions);
    buffer_append_be32(out, has_nulls && dimensions != 0);
    buffer_append_be32(out, element_oid);
    for (int i = 0; i < dimensions; i++) {
        buffer_append_be32(out, (uint32_t) shape->lengths[i]);
        buffer_append_be32(out, (uint32_t) shape->lower_bounds[i]);
    }
}

static Slice
buffer_finish(Buffer *buffer, Arena *arena)
{
    size_t size = buffer->size;
    return slice_make(buffer_to_arena(buffer, arena), size);
}

Slice
array_make(SqlType element, const ArrayShape *shape, const Datum *elements, Arena *arena)
{
    bool has_nulls = false;
    for (int64_t i = 0; i < shape->count; i++)
        has_nulls |= elements[i].is_null;
    Buffer out = {0};
    head_append(&out, type_oid(element), has_nulls, shape);
    for (int64_t i = 0; i < shape->count; i++)
        element_append(element, elements[i], &out);
    return buffer_finish(&out, arena);
}

Slice
array_make_vector(SqlType element, const Datum *elements, int64_t count, Arena *arena)
{
    ArrayShape shape = {.dimensions = 1, .lengths = {(int32_t) count}, .lower_bounds = {1}, .count = count};
    return array_make(element, &shape, elements, arena);
}

static bool
concat_fails(Error *err, const char *detail)
{
    error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays");
    return detail == NULL ? false : error_detail(err, "%s", detail);
}

/*
 * The shape of `a || b`. Arrays of as many dimensions follow each other along the first; one of a dimension less is
 * taken as an element of the other.
 */
static bool
concat_shape(const ArrayShape *a, const ArrayShape *b, ArrayShape *out, Error *err)
{
    int difference = a->dimensions - b->dimensions;
    if (difference > 1 || difference < -1) {
        concat_fails(err, NULL);
        return error_detail(err, "Arrays of %d and %d dimensions are not compatible for concatenation.", a->dimensions,
                            b->dimensions);
    }
    const ArrayShape *outer = difference >= 0 ? a : b;
    const ArrayShape *other = difference >= 0 ? b : a;
    int inner = difference == 0 ? 1 : 0; /* where the other's dimensions that must agree begin */
    for (int i = 1; i < outer->dimensions; i++) {
        int k = i - 1 + inner;
        if (outer->lengths[i] != other->lengths[k] || outer->lower_bounds[i] != other->lower_bounds[k])
            return concat_fails(err, difference == 0 ? "Arrays with differing element dimensions are not compatible "
                                                       "for concatenation."
                                                     : "Arrays with differing dimensions are not compatible for "
                                                       "concatenation.");
    }
    *out = *outer;
    out->lengths[0] += difference == 0 ? other->lengths[0] : 1;
    out->count = a->count + b->count;
    if (out->count > ELEMENTS_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%d)",
                         ELEMENTS_MAX);
    return true;
}

bool
array_concat(SqlType array, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    ArrayReader x, y;
    array_read(&x, array, a);
    array_read(&y, array, b);
    if (x.shape.dimensions == 0 || y.shape.dimensions == 0) {
        Slice kept = x.shape.dimensions == 0 ? b : a;
        *out = slice_make(arena_strndup(arena, kept.bytes, kept.size), kept.size);
        return true;
    }
    ArrayShape shape;
    if (!concat_shape(&x.shape, &y.shape, &shape, err))
        return false;
    Buffer bytes = {0};
    head_append(&bytes, be32_read(a.bytes + 8), (be32_read(a.bytes + 4) | be32_read(b.bytes + 4)) != 0, &shape);
    buffer_append_slice(&bytes, x.rest);
    buffer_append_slice(&bytes, y.rest);
    *out = buffer_finish(&bytes, arena);
    return true;
}

bool
array_subscript(SqlType array, Slice value, const int64_t *subscripts, int count, Arena *arena, Datum *out)
{
    (void) arena;
    ArrayReader reader;
    array_read(&reader, array, value);
    const ArrayShape *shape = &reader.shape;
    *out = DATUM_NULL;
    if (count == 0 || count != shape->dimensions)
        return false;
    int64_t index = 0;
    for (int i = 0; i < count; i++) {
        int64_t lower = shape->lower_bounds[i];
        if (subscripts[i] < lower || subscripts[i] >= lower + shape->lengths[i])
            return false;
        index = index * shape->lengths[i] + (subscripts[i] - lower);
    }
    while (index-- > 0)
        element_skip(&reader.rest);
    *out = element_take(reader.element, &reader.rest);
    return !out->is_null;
}

static int
int32s_compare(const int32_t *a, const int32_t *b, int count)
{
    for (int i = 0; i < count; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

int
array_compare(SqlType array, Slice a, Slice b)
{
    ArrayReader x, y;
    array_read(&x, array, a);
    array_read(&y, array, b);
    Datum left, right;
    while (array_next(&x, NULL, &left) && array_next(&y, NULL, &right)) {
        int order =
            left.is_null || right.is_null ? left.is_null - right.is_null : datum_compare(x.element, left, right);
        if (order != 0)
            return order;
    }
    if (x.shape.count != y.shape.count)
        return x.shape.count < y.shape.count ? -1 : 1;
    if (x.shape.dimensions != y.shape.dimensions)
        return x.shape.dimensions < y.shape.dimensions ? -1 : 1;
    int order = int32s_compare(x.shape.lengths, y.shape.lengths, x.shape.dimensions);
    return order != 0 ? order : int32s_compare(x.shape.lower_bounds, y.shape.lower_bounds, x.shape.dimensions);
}

uint64_t
array_hash(SqlType array, Slice value)
{
    ArrayReader reader;
    array_read(&reader, array, value);
    uint64_t hash = hash_u64((uint64_t) reader.shape.count);
    for (Datum element; array_next(&reader, NULL, &element);)
        hash = hash_combine(hash, datum_hash(reader.element, element));
    return hash;
}
