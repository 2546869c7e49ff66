#include "types/multirange.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/vector.h"
#include "types/element.h"

typedef VECTOR(Slice) Ranges;

uint32_t
multirange_take_count(Slice *rest)
{
    if (rest->size < 4)
        bug("a stored multirange of %zu bytes", rest->size);
    uint32_t count = be32_read(rest->bytes);
    *rest = slice_make(rest->bytes + 4, rest->size - 4);
    return count;
}

Slice
multirange_take(Slice *rest)
{
    Slice bytes = element_skip(rest);
    return slice_make(bytes.bytes + 4, bytes.size - 4);
}

RangeSet
range_set_read(SqlType type, Slice value)
{
    RangeSet set = {.range = type, .first = value, .single = true};
    if (type_is_range(type)) {
        Range range;
        range_read(type, value, NULL, &range);
        set.count = range.empty ? 0 : 1;
        return set;
    }
    set = (RangeSet){.range = type_multirange_range(type), .rest = value};
    set.count = multirange_take_count(&set.rest);
    Slice rest = set.rest;
    if (set.count > 0)
        set.first = multirange_take(&rest);
    return set;
}

/* The next range of a walk over a set. `rest` begins as set->rest. */
static Slice
set_next(const RangeSet *set, Slice *rest)
{
    return set->single ? set->first : multirange_take(rest);
}

Slice
range_set_last(const RangeSet *set)
{
    Slice rest = set->rest, last = set->first;
    for (uint32_t i = 0; i < set->count; i++)
        last = set_next(set, &rest);
    return last;
}

/* ---- making */

static int
range_order(const void *a, const void *b, void *type)
{
    return range_compare(*(const SqlType *) type, *(const Slice *) a, *(const Slice *) b);
}

static void
store(const Ranges *ranges, Arena *arena, Slice *out)
{
    Buffer buffer = {0};
    buffer_append_be32(&buffer, (uint32_t) ranges->count);
    for (size_t i = 0; i < ranges->count; i++) {
        buffer_append_be32(&buffer, (uint32_t) ranges->items[i].size);
        buffer_append_slice(&buffer, ranges->items[i]);
    }
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, arena), size);
}

/* Puts a range behind those that are there, in order, joining it with the last when nothing lies between. */
static bool
ranges_add(Ranges *ranges, SqlType type, Slice range, Arena *arena, Error *err)
{
    Slice *last = ranges->count > 0 ? &ranges->items[ranges->count - 1] : NULL;
    if (last != NULL && (range_overlaps(type, *last, range) || range_adjacent(type, *last, range)))
        return range_union(type, *last, range, arena, last, err);
    vector_push(ranges, range);
    return true;
}

static bool
range_is_none(SqlType type, Slice value)
{
    return range_set_read(type, value).count == 0;
}

bool
multirange_make(SqlType type, const Slice *ranges, size_t count, Arena *arena, Slice *out, Error *err)
{
    SqlType range = type_multirange_range(type);
    Ranges sorted = {0}, made = {0};
    for (size_t i = 0; i < count; i++) {
        if (!range_is_none(range, ranges[i]))
            vector_push(&sorted, ranges[i]);
    }
    if (sorted.count > 1)
        qsort_r(sorted.items, sorted.count, sizeof(Slice), range_order, &range);
    bool ok = true;
    for (size_t i = 0; i < sorted.count && ok; i++)
        ok = ranges_add(&made, range, sorted.items[i], arena, err);
    if (ok)
        store(&made, arena, out);
    vector_deinit(&sorted);
    vector_deinit(&made);
    return ok;
}

/* ---- order */

int
multirange_compare(SqlType type, Slice a, Slice b)
{
    SqlType range = type_multirange_range(type);
    uint32_t count_a = multirange_take_count(&a), count_b = multirange_take_count(&b);
    for (uint32_t i = 0; i < count_a && i < count_b; i++) {
        int order = range_compare(range, multirange_take(&a), multirange_take(&b));
        if (order != 0)
            return order;
    }
    return (count_a > count_b) - (count_a < count_b);
}

uint64_t
multirange_hash(SqlType type, Slice value)
{
    SqlType range = type_multirange_range(type);
    uint32_t count = multirange_take_count(&value);
    uint64_t hash = hash_u64(count);
    for (uint32_t i = 0; i < count; i++)
        hash = hash_combine(hash, range_hash(range, multirange_take(&value)));
    return hash;
}

/* ---- questions */

bool
range_set_contains_element(const RangeSet *set, Datum element)
{
    Slice rest = set->rest;
    for (uint32_t i = 0; i < set->count; i++) {
        if (range_contains_element(set->range, set_next(set, &rest), element))
            return true;
    }
    return false;
}

/* Both are in order: the walk over `a` goes on from where the last range of `b` was found. */
bool
range_set_contains(const RangeSet *a, const RangeSet *b)
{
    Slice rest_a = a->rest, rest_b = b->rest, holder = a->first;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        Slice range = set_next(b, &rest_b);
        while (taken == 0 || !range_contains_range(a->range, holder, range)) {
            if (taken == a->count)
                return false;
            holder = set_next(a, &rest_a);
            taken++;
        }
    }
    return true;
}

bool
range_set_overlaps(const RangeSet *a, const RangeSet *b)
{
    if (a->count == 0 || b->count == 0)
        return false;
    Slice rest_a = a->rest, rest_b = b->rest;
    Slice range_a = set_next(a, &rest_a), range_b = set_next(b, &rest_b);
    uint32_t at_a = 0, at_b = 0;
    while (!range_overlaps(a->range, range_a, range_b)) {
        bool behind = range_before(a->range, range_a, range_b);
        if (behind ? ++at_a == a->count : ++at_b == b->count)
            return false;
        if (behind)
            range_a = set_next(a, &rest_a);
        else
            range_b = set_next(b, &rest_b);
    }
    return true;
}

bool
range_set_before(const RangeSet *a, const RangeSet *b)
{
    return a->count > 0 && b->count > 0 && range_before(a->range, range_set_last(a), b->first);
}

bool
range_set_over_left(const RangeSet *a, const RangeSet *b)
{
    return a->count > 0 && b->count > 0 && range_over_left(a->range, range_set_last(a), range_set_last(b));
}

bool
range_set_over_right(const RangeSet *a, const RangeSet *b)
{
    return a->count > 0 && b->count > 0 && range_over_right(a->range, a->first, b->first);
}

bool
range_set_adjacent(const RangeSet *a, const RangeSet *b)
{
    return a->count > 0 && b->count > 0 &&
           (range_meets(a->range, range_set_last(a), b->first) || range_meets(a->range, range_set_last(b), a->first));
}

/* ---- algebra */

static void
ranges_append(Ranges *ranges, const RangeSet *set)
{
    Slice rest = set->rest;
    for (uint32_t i = 0; i < set->count; i++)
        vector_push(ranges, set_next(set, &rest));
}

bool
multirange_union(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    Ranges all = {0};
    RangeSet set_a = range_set_read(type, a), set_b = range_set_read(type, b);
    ranges_append(&all, &set_a);
    ranges_append(&all, &set_b);
    bool ok = multirange_make(type, all.items, all.count, arena, out, err);
    vector_deinit(&all);
    return ok;
}

bool
multirange_intersect(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    Ranges left = {0}, right = {0}, common = {0};
    RangeSet set_a = range_set_read(type, a), set_b = range_set_read(type, b);
    SqlType range = set_a.range;
    ranges_append(&left, &set_a);
    ranges_append(&right, &set_b);
    bool ok = true;
    for (size_t i = 0, j = 0; i < left.count && j < right.count && ok;) {
        Slice both;
        ok = range_intersect(range, left.items[i], right.items[j], arena, &both, err);
        if (ok && !range_is_none(range, both))
            vector_push(&common, both);
        /* The one that ends first has met all that it can meet. */
        if (range_over_left(range, left.items[i], right.items[j]))
            i++;
        else
            j++;
    }
    ok = ok && multirange_make(type, common.items, common.count, arena, out, err);
    vector_deinit(&left);
    vector_deinit(&right);
    vector_deinit(&common);
    return ok;
}

/* What `range` has outside `taken`, which is in order. */
static bool
range_leave_out(SqlType type, Slice range, const Ranges *taken, size_t *from, Ranges *left, Arena *arena, Error *err)
{
    while (*from < taken->count && range_before(type, taken->items[*from], range))
        ++*from;
    for (size_t i = *from; i < taken->count && range_overlaps(type, range, taken->items[i]); i++) {
        Slice before, behind;
        if (!range_split(type, range, taken->items[i], arena, &before, &behind, err))
            return false;
        if (!range_is_none(type, before))
            vector_push(left, before);
        range = behind;
    }
    if (!range_is_none(type, range))
        vector_push(left, range);
    return true;
}

bool
multirange_minus(SqlType type, Slice a, Slice b, Arena *arena, Slice *out, Error *err)
{
    Ranges taken = {0}, left = {0};
    RangeSet set_a = range_set_read(type, a), set_b = range_set_read(type, b);
    Slice rest = set_a.rest;
    size_t from = 0;
    bool ok = true;
    ranges_append(&taken, &set_b);
    for (uint32_t i = 0; i < set_a.count && ok; i++)
        ok = range_leave_out(set_a.range, set_next(&set_a, &rest), &taken, &from, &left, arena, err);
    ok = ok && multirange_make(type, left.items, left.count, arena, out, err);
    vector_deinit(&taken);
    vector_deinit(&left);
    return ok;
}

bool
multirange_span(SqlType type, Slice value, Arena *arena, Slice *out, Error *err)
{
    RangeSet set = range_set_read(type, value);
    if (set.count == 0)
        return range_make(set.range, &(Range){.empty = true}, arena, out, err);
    return range_span(set.range, set.first, range_set_last(&set), arena, out, err);
}
