#include "types/range.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "types/datetime.h"
#include "types/element.h"

/* The first byte of a stored range; the bounds that are not infinite follow, each with a length word. */
enum {
    FLAG_EMPTY = 0x01,
    FLAG_LOWER_INCLUSIVE = 0x02,
    FLAG_UPPER_INCLUSIVE = 0x04,
    FLAG_LOWER_INFINITE = 0x08,
    FLAG_UPPER_INFINITE = 0x10,
};

/* One end of a range. Two ends are ordered by where the values that they admit begin or stop. */
typedef struct Bound {
    Datum value;
    bool infinite;
    bool inclusive;
    bool is_lower;
} Bound;

void
range_read(SqlType type, Slice value, Arena *arena, Range *range)
{
    (void) arena; /* bounds are read where they lie */
    if (value.size == 0)
        bug("a stored range of no bytes");
    int flags = (uint8_t) value.bytes[0];
    Slice rest = slice_make(value.bytes + 1, value.size - 1);
    SqlType element = type_range_element(type);
    *range = (Range){
        .empty = (flags & FLAG_EMPTY) != 0,
        .lower_infinite = (flags & FLAG_LOWER_INFINITE) != 0,
        .upper_infinite = (flags & FLAG_UPPER_INFINITE) != 0,
        .lower_inclusive = (flags & FLAG_LOWER_INCLUSIVE) != 0,
        .upper_inclusive = (flags & FLAG_UPPER_INCLUSIVE) != 0,
    };
    if (range->empty)
        return;
    if (!range->lower_infinite)
        range->lower = element_take(element, &rest);
    if (!range->upper_infinite)
        range->upper = element_take(element, &rest);
}

static Bound
range_lower(const Range *range)
{
    return (Bound){range->lower, range->lower_infinite, range->lower_inclusive, true};
}

static Bound
range_upper(const Range *range)
{
    return (Bound){range->upper, range->upper_infinite, range->upper_inclusive, false};
}

static Range
range_between(Bound lower, Bound upper)
{
    return (Range){.lower_infinite = lower.infinite,
                   .upper_infinite = upper.infinite,
                   .lower_inclusive = lower.inclusive,
                   .upper_inclusive = upper.inclusive,
                   .lower = lower.value,
                   .upper = upper.value};
}

/* Where a bound lies beside its value: just before it (-1), at it, or just behind it (1). */
static int
bound_side(Bound bound)
{
    if (bound.inclusive)
        return 0;
    return bound.is_lower ? 1 : -1;
}

static int
bound_compare(SqlType element, Bound a, Bound b)
{
    int far_a = a.infinite ? (a.is_lower ? -1 : 1) : 0;
    int far_b = b.infinite ? (b.is_lower ? -1 : 1) : 0;
    if (far_a != 0 || far_b != 0)
        return (far_a > far_b) - (far_a < far_b);
    int order = datum_compare(element, a.value, b.value);
    return order != 0 ? order : bound_side(a) - bound_side(b);
}

static bool
integer_after(SqlType element, Datum *value, Error *err)
{
    enum { DATE_LAST = 2147483494 - 2451545 - 1 };
    switch (element.id) {
    case TYPE_INT4:
        if (value->i == INT32_MAX)
            return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
        break;
    case TYPE_INT8:
        if (value->i == INT64_MAX)
            return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
        break;
    default:
        if (value->i == DATE_INFINITY || value->i == DATE_MINUS_INFINITY)
            return true; /* there is no next day, and the bound stays as it was written */
        if (value->i >= DATE_LAST)
            return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
        break;
    }
    value->i++;
    return true;
}

static bool
element_is_endless_date(SqlType element, Datum value)
{
    return element.id == TYPE_DATE && (value.i == DATE_INFINITY || value.i == DATE_MINUS_INFINITY);
}

/* Ranges of whole numbers and of days are kept as [a,b). */
static bool
range_canonicalise(SqlType element, Range *range, Error *err)
{
    if (element.id != TYPE_INT4 && element.id != TYPE_INT8 && element.id != TYPE_DATE)
        return true;
    if (!range->lower_infinite && !range->lower_inclusive && !element_is_endless_date(element, range->lower)) {
        if (!integer_after(element, &range->lower, err))
            return false;
        range->lower_inclusive = true;
    }
    if (!range->upper_infinite && range->upper_inclusive && !element_is_endless_date(element, range->upper)) {
        if (!integer_after(element, &range->upper, err))
            return false;
        range->upper_inclusive = false;
    }
    return true;
}

static bool
range_is_empty(SqlType element, const Range *range)
{
    if (range->empty)
        return true;
    if (range->lower_infinite || range->upper_infinite || (range->lower_inclusive && range->upper_inclusive))
        return false;
    return datum_compare(element, range->lower, range->upper) == 0;
}

static Slice
range_store(SqlType element, const Range *range, Arena *arena)
{
    Buffer out = {0};
    int flags = range->empty ? FLAG_EMPTY
                             : (range->lower_inclusive ? FLAG_LOWER_INCLUSIVE : 0) |
                                   (range->upper_inclusive ? FLAG_UPPER_INCLUSIVE : 0) |
                                   (range->lower_infinite ? FLAG_LOWER_INFINITE : 0) |
                                   (range->upper_infinite ? FLAG_UPPER_INFINITE : 0);
    buffer_append_char(&out, (char) flags);
    if (!range->empty && !range->lower_infinite)
        element_append(element, range->lower, &out);
    if (!range->empty && !range->upper_infinite)
        element_append(element, range->upper, &out);
    size_t size = out.size;
    return slice_make(buffer_to_arena(&out, arena), size);
}

bool
range_make(SqlType type, const Range *range, Arena *arena, Slice *value, Error *err)
{
    SqlType element = type_range_element(type);
    Range made = *range;
    if (made.lower_infinite)
        made.lower_inclusive = false;
    if (made.upper_infinite)
        made.upper_inclusive = false;
    if (!made.empty && !made.lower_infinite && !made.upper_infinite &&
        datum_compare(element, made.lower, made.upper) > 0)
        return error_set(err, SQLSTATE_DATA_EXCEPTION,
                         "range lower bound must be less than or equal to range upper bound");
    made.empty = range_is_empty(element, &made);
    if (!made.empty) {
        if (!range_canonicalise(element, &made, err))
            return false;
        made.empty = range_is_empty(element, &made);
    }
    *value = range_store(element, &made, arena);
    return true;
}

typedef struct RangePair {
    SqlType element;
    Range a, b;
    Bound lower_a, upper_a, lower_b, upper_b;
} RangePair;

static RangePair
pair_read(SqlType type, Slice a, Slice b)
{
    RangePair pair = {.element = type_range_element(type)};
    range_read(type, a, NULL, &pair.a);
    range_read(type, b, NULL, &pair.b);
    pair.lower_a = range_lower(&pair.a);
    pair.upper_a = range_upper(&pair.a);
    pair.lower_b = range_lower(&pair.b);
    pair.upper_b = range_upper(&pair.b);
    return pair;
}

static bool
pair_has_empty(const RangePair *pair)
{
    return pair->a.empty || pair->b.empty;
}

int
range_compare(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    if (pair_has_empty(&pair))
        return pair.b.empty - pair.a.empty;
    int order = bound_compare(pair.element, pair.lower_a, pair.lower_b);
    return order != 0 ? order : bound_compare(pair.element, pair.upper_a, pair.upper_b);
}

uint64_t
range_hash(SqlType type, Slice value)
{
    Range range;
    range_read(type, value, NULL, &range);
    SqlType element = type_range_element(type);
    uint64_t hash = hash_u64((uint8_t) value.bytes[0]);
    if (range.empty)
        return hash;
    if (!range.lower_infinite)
        hash = hash_combine(hash, datum_hash(element, range.lower));
    if (!range.upper_infinite)
        hash = hash_combine(hash, datum_hash(element, range.upper));
    return hash;
}

bool
range_contains_element(SqlType type, Slice value, Datum element)
{
    Range range;
    range_read(type, value, NULL, &range);
    SqlType element_type = type_range_element(type);
    if (range.empty)
        return false;
    Bound at = {.value = element, .inclusive = true};
    return bound_compare(element_type, range_lower(&range), at) <= 0 &&
           bound_compare(element_type, at, range_upper(&range)) <= 0;
}

bool
range_contains_range(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    if (pair_has_empty(&pair))
        return pair.b.empty;
    return bound_compare(pair.element, pair.lower_a, pair.lower_b) <= 0 &&
           bound_compare(pair.element, pair.upper_a, pair.upper_b) >= 0;
}

static bool
pair_overlaps(const RangePair *pair)
{
    return !pair_has_empty(pair) && bound_compare(pair->element, pair->lower_a, pair->upper_b) <= 0 &&
           bound_compare(pair->element, pair->lower_b, pair->upper_a) <= 0;
}

bool
range_overlaps(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return pair_overlaps(&pair);
}

bool
range_before(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return !pair_has_empty(&pair) && bound_compare(pair.element, pair.upper_a, pair.lower_b) < 0;
}

bool
range_over_left(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return !pair_has_empty(&pair) && bound_compare(pair.element, pair.upper_a, pair.upper_b) <= 0;
}

bool
range_over_right(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return !pair_has_empty(&pair) && bound_compare(pair.element, pair.lower_a, pair.lower_b) >= 0;
}

/* Whether nothing lies between an upper and a lower bound, and nothing in both. Discrete ranges are [a,b) here. */
static bool
bounds_touch(SqlType element, Bound upper, Bound lower)
{
    return !upper.infinite && !lower.infinite && upper.inclusive != lower.inclusive &&
           datum_compare(element, upper.value, lower.value) == 0;
}

static bool
pair_adjacent(const RangePair *pair)
{
    return !pair_has_empty(pair) && (bounds_touch(pair->element, pair->upper_a, pair->lower_b) ||
                                     bounds_touch(pair->element, pair->upper_b, pair->lower_a));
}

bool
range_adjacent(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return pair_adjacent(&pair);
}

static bool
range_copy(Slice value, Arena *arena, Slice *out)
{
    *out = slice_make(arena_strndup(arena, value.bytes, value.size), value.size);
    return true;
}

bool
range_union(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    RangePair pair = pair_read(type, a, b);
    if (pair_has_empty(&pair))
        return range_copy(pair.a.empty ? b : a, arena, out);
    if (!pair_overlaps(&pair) && !pair_adjacent(&pair))
        return error_set(err, SQLSTATE_DATA_EXCEPTION, "result of range union would not be contiguous");
    bool a_first = bound_compare(pair.element, pair.lower_a, pair.lower_b) < 0;
    bool a_last = bound_compare(pair.element, pair.upper_a, pair.upper_b) > 0;
    Range range = range_between(a_first ? pair.lower_a : pair.lower_b, a_last ? pair.upper_a : pair.upper_b);
    return range_make(type, &range, arena, out, err);
}

bool
range_intersect(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    RangePair pair = pair_read(type, a, b);
    Range range = {.empty = true};
    if (pair_overlaps(&pair)) {
        bool a_first = bound_compare(pair.element, pair.lower_a, pair.lower_b) < 0;
        bool a_last = bound_compare(pair.element, pair.upper_a, pair.upper_b) > 0;
        range = range_between(a_first ? pair.lower_b : pair.lower_a, a_last ? pair.upper_b : pair.upper_a);
    }
    return range_make(type, &range, arena, out, err);
}

/* The end of what lies on the other side of a bound. */
static Bound
bound_turned(Bound bound)
{
    bound.is_lower = !bound.is_lower;
    bound.inclusive = !bound.inclusive;
    return bound;
}

bool
range_minus(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    RangePair pair = pair_read(type, a, b);
    if (!pair_overlaps(&pair))
        return range_copy(a, arena, out);
    bool left_over = bound_compare(pair.element, pair.lower_a, pair.lower_b) < 0;
    bool right_over = bound_compare(pair.element, pair.upper_a, pair.upper_b) > 0;
    Range range = {.empty = true};
    if (left_over && right_over)
        return error_set(err, SQLSTATE_DATA_EXCEPTION, "result of range difference would not be contiguous");
    if (left_over)
        range = range_between(pair.lower_a, bound_turned(pair.lower_b));
    else if (right_over)
        range = range_between(bound_turned(pair.upper_b), pair.upper_a);
    return range_make(type, &range, arena, out, err);
}

bool
range_split(SqlType type, Slice a, Slice b, Arena *arena, Slice *before, Slice *behind, Error *err)
{
    RangePair pair = pair_read(type, a, b);
    Range left = {.empty = true}, right = {.empty = true};
    if (!pair_overlaps(&pair))
        left = pair.a;
    else if (bound_compare(pair.element, pair.lower_a, pair.lower_b) < 0)
        left = range_between(pair.lower_a, bound_turned(pair.lower_b));
    if (pair_overlaps(&pair) && bound_compare(pair.element, pair.upper_a, pair.upper_b) > 0)
        right = range_between(bound_turned(pair.upper_b), pair.upper_a);
    return range_make(type, &left, arena, before, err) && range_make(type, &right, arena, behind, err);
}

bool
range_span(SqlType type, Slice first, Slice last, Arena *arena, Slice *out, Error *err)
{
    RangePair pair = pair_read(type, first, last);
    Range range = range_between(pair.lower_a, pair.upper_b);
    return range_make(type, &range, arena, out, err);
}

bool
range_meets(SqlType type, Slice a, Slice b)
{
    RangePair pair = pair_read(type, a, b);
    return !pair_has_empty(&pair) && bounds_touch(pair.element, pair.upper_a, pair.lower_b);
}
