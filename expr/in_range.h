/*
 * in_range.h -- what PRECEDING and FOLLOWING mean in RANGE frames: is a value within an offset of another?
 *
 * The types that PostgreSQL's btree families have in_range functions for.
 */
#ifndef FRESHET_EXPR_IN_RANGE_H
#define FRESHET_EXPR_IN_RANGE_H

#include "expr/scalar.h"

/* The type of offset number `index` that goes with an order column's type; false: no more. */
bool in_range_offset_type(SqlType type, int index, SqlType *offset);

typedef struct InRange {
    SqlType type;        /* of value and base */
    SqlType offset_type; /* one that in_range_offset_type gives */
    Datum offset;
    bool subtract;    /* base - offset, else base + offset */
    bool less;        /* is the value at most that, else at least */
    const char *zone; /* that days and months are added to a timestamptz in; NULL: UTC */
    Arena *arena;     /* scratch */
} InRange;

/* 22013 when the offset is negative. */
MUST_CHECK bool in_range_check_offset(const InRange *range, Error *err);
/* Neither is null. What is past the end of the type is further than every value of it. */
MUST_CHECK bool in_range(const InRange *range, Datum value, Datum base, bool *result, Error *err);

#endif
