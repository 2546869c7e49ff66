/*
 * range.h -- ranges in their stored form: PostgreSQL's range_send layout, canonical (see value.h).
 */
#ifndef FRESHET_TYPES_RANGE_H
#define FRESHET_TYPES_RANGE_H

#include "types/value.h"

typedef struct Range {
    bool empty;
    bool lower_infinite, upper_infinite;
    bool lower_inclusive, upper_inclusive;
    Datum lower, upper; /* meaningful when not infinite */
} Range;

void range_read(SqlType type, Slice value, Arena *arena, Range *range);
/* Canonicalises (discrete ranges become [a,b)); 22000 `range lower bound must be less than or equal to range upper bound`. */
MUST_CHECK bool range_make(SqlType type, const Range *range, Arena *arena, Slice *value, Error *err);
int range_compare(SqlType type, Slice a, Slice b);
bool range_contains_element(SqlType type, Slice range, Datum element);
bool range_contains_range(SqlType type, Slice a, Slice b);
bool range_overlaps(SqlType type, Slice a, Slice b);
bool range_before(SqlType type, Slice a, Slice b);     /* a << b */
bool range_over_left(SqlType type, Slice a, Slice b);  /* a &< b: does not extend to the right of b */
bool range_over_right(SqlType type, Slice a, Slice b); /* a &> b: does not extend to the left of b */
bool range_adjacent(SqlType type, Slice a, Slice b);
MUST_CHECK bool range_union(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);
MUST_CHECK bool range_intersect(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);
/* What of `a` lies before and what behind `b`, each perhaps empty; both are `a` and empty when they do not overlap. */
MUST_CHECK bool range_split(SqlType type, Slice a, Slice b, Arena *arena, Slice *before, Slice *behind, Error *err);
bool range_meets(SqlType type, Slice a,
                 Slice b); /* `b` begins where `a` ends, neither sharing nor leaving out anything */
/* From where `first` begins to where `last` ends; neither is empty, and `last` does not end before `first` begins. */
MUST_CHECK bool range_span(SqlType type, Slice first, Slice last, Arena *arena, Slice *out, Error *err);
MUST_CHECK bool range_minus(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);

uint64_t range_hash(SqlType type, Slice value); /* equal ranges hash alike */

#endif
