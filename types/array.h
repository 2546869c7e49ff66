/*
 * array.h -- arrays in their stored form: PostgreSQL's array_send layout (see value.h).
 */
#ifndef FRESHET_TYPES_ARRAY_H
#define FRESHET_TYPES_ARRAY_H

#include "base/buffer.h"
#include "types/value.h"

#define ARRAY_DIMENSIONS_MAX 6

typedef struct ArrayShape {
    int dimensions; /* 0: empty */
    int32_t lengths[ARRAY_DIMENSIONS_MAX];
    int32_t lower_bounds[ARRAY_DIMENSIONS_MAX];
    int64_t count; /* product of lengths */
} ArrayShape;

typedef struct ArrayReader {
    ArrayShape shape;
    SqlType element;
    Slice rest;
    int64_t index;
} ArrayReader;

void array_read(ArrayReader *reader, SqlType array, Slice value);
bool array_next(ArrayReader *reader, Arena *arena, Datum *element); /* row-major order; false at the end */

/* An array of `elements` (shape->count of them, row-major). */
Slice array_make(SqlType element, const ArrayShape *shape, const Datum *elements, Arena *arena);
Slice array_make_vector(SqlType element, const Datum *elements, int64_t count,
                        Arena *arena); /* one dimension, from 1 */
MUST_CHECK bool array_concat(SqlType array, Slice a, Slice b, Arena *arena, Slice *out, Error *err); /* 2202E */
bool array_subscript(SqlType array, Slice value, const int64_t *subscripts, int count, Arena *arena,
                     Datum *out); /* false: null */

/* PostgreSQL's order: element by element, null last, then count, dimensions and bounds. Of LIST and INT2VECTOR too. */
int array_compare(SqlType array, Slice a, Slice b);
uint64_t array_hash(SqlType array, Slice value); /* equal arrays hash alike */

#endif
