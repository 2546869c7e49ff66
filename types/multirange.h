/*
 * multirange.h -- multiranges in their stored form: PostgreSQL's multirange_send layout (a count, then every range behind a
 * length word), canonical: ranges in order, none empty, no two that overlap or are adjacent.
 *
 * A RangeSet looks at a multirange or at a single range alike, where it lies: the operators between the two kinds are
 * those of sets. An empty range is a set of none.
 */
#ifndef FRESHET_TYPES_MULTIRANGE_H
#define FRESHET_TYPES_MULTIRANGE_H

#include "types/range.h"

typedef struct RangeSet {
    SqlType range; /* the type of its ranges */
    uint32_t count;
    Slice rest;  /* of a multirange: its ranges, each behind a length word */
    Slice first; /* where count > 0 */
    bool single; /* a range: `first` is all of it */
} RangeSet;

/* `type` is a range's or a multirange's. */
RangeSet range_set_read(SqlType type, Slice value);
Slice range_set_last(const RangeSet *set); /* where count > 0 */

/* Walking over a stored multirange: the count first, then as many ranges. `rest` moves on. */
uint32_t multirange_take_count(Slice *rest);
Slice multirange_take(Slice *rest);

/* Of ranges in any order, empty ones too. Fails where range_make does. */
MUST_CHECK bool multirange_make(SqlType type, const Slice *ranges, size_t count, Arena *arena, Slice *out, Error *err);
int multirange_compare(SqlType type, Slice a, Slice b);
uint64_t multirange_hash(SqlType type, Slice value); /* equal multiranges hash alike */

bool range_set_contains_element(const RangeSet *set, Datum element);
bool range_set_contains(const RangeSet *a, const RangeSet *b);
bool range_set_overlaps(const RangeSet *a, const RangeSet *b);
bool range_set_before(const RangeSet *a, const RangeSet *b);     /* a << b */
bool range_set_over_left(const RangeSet *a, const RangeSet *b);  /* a &< b */
bool range_set_over_right(const RangeSet *a, const RangeSet *b); /* a &> b */
bool range_set_adjacent(const RangeSet *a, const RangeSet *b);

/* Of multiranges of one type. */
MUST_CHECK bool multirange_union(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);
MUST_CHECK bool multirange_intersect(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);
MUST_CHECK bool multirange_minus(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err);
/* The smallest range that covers all; the empty one of none. */
MUST_CHECK bool multirange_span(SqlType type, Slice value, Arena *arena, Slice *out, Error *err);

#endif
