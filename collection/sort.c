#include "collection/sort.h"

#include <stdlib.h>

#include "collection/layout_internal.h"

enum {
    PART_ROWS = 4096,    /* parts of about this size, 16 bytes a row, stay in the second cache */
    PART_BITS_MAX = 11,  /* more streams than this at once would miss the TLB on every write */
    INSERTION_ROWS = 24, /* below this, insertion beats radix */
    TIES_COMPARED = 16,  /* ties up to this many are sorted by comparing rows */
};

typedef struct SortItem {
    uint64_t hash; /* or an order prefix, while ties are sorted */
    RowRef ref;
} SortItem;

typedef struct Sorter {
    const Layout *layout;
    Gather gather;
    SortItem *scratch; /* as many as the largest part */
    bool collisions;
} Sorter;

static const Chunk *
sorter_chunk(const Sorter *sorter, RowRef ref)
{
    return sorter->gather.sources[ref.source];
}

static Timestamp
sorter_time(const Sorter *sorter, RowRef ref)
{
    return chunk_time(sorter_chunk(sorter, ref), ref.row);
}

/* ---- by 64-bit integers ---- */

/* False when the items were too far from their places; they are whole but only partly sorted then. */
static bool
insertion_sort(SortItem *items, size_t count, size_t moves_max)
{
    size_t moves = 0;
    for (size_t i = 1; i < count; i++) {
        SortItem item = items[i];
        size_t at = i;
        while (at > 0 && items[at - 1].hash > item.hash) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = item;
        moves += i - at;
        if (moves > moves_max)
            return false;
    }
    return true;
}

/* One stable pass by eight bits. */
static void
radix_pass(const SortItem *from, SortItem *to, size_t count, unsigned shift)
{
    size_t starts[256] = {0};
    for (size_t i = 0; i < count; i++)
        starts[from[i].hash >> shift & 255]++;
    size_t next = 0;
    for (int i = 0; i < 256; i++) {
        size_t size = starts[i];
        starts[i] = next;
        next += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].hash >> shift & 255]++] = from[i];
}

static void
radix_sort(SortItem *items, SortItem *scratch, size_t count, unsigned first_shift, unsigned end_shift)
{
    SortItem *from = items, *to = scratch;
    uint64_t differing = 0;
    for (size_t i = 1; i < count; i++)
        differing |= items[i].hash ^ items[0].hash;
    for (unsigned shift = first_shift; shift < end_shift; shift += 8)
        if ((differing >> shift & 255) != 0) {
            radix_pass(from, to, count, shift);
            SortItem *swap = from;
            from = to;
            to = swap;
        }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}

/* `bits` top bits are the same in all items. */
static void
items_sort(SortItem *items, SortItem *scratch, size_t count, unsigned bits)
{
    if (count <= INSERTION_ROWS) {
        insertion_sort(items, count, SIZE_MAX);
        return;
    }
    /* Sixteen bits below the common ones put nearly every hash in its place; insertion does the rest. */
    unsigned end = 64 - bits;
    radix_sort(items, scratch, count, end - 16, end);
    if (!insertion_sort(items, count, count * 4))
        radix_sort(items, scratch, count, 0, 64);
}

/* ---- rows with the same hash ---- */

typedef struct TieOrder {
    const Sorter *sorter;
    uint32_t first_step;
} TieOrder;

static int
ties_compare(const void *a, const void *b, void *context)
{
    const TieOrder *order = context;
    RowRef x = ((const SortItem *) a)->ref, y = ((const SortItem *) b)->ref;
    int compared = layout_compare(order->sorter->layout, order->first_step, sorter_chunk(order->sorter, x), x.row,
                                  sorter_chunk(order->sorter, y), y.row);
    if (compared != 0)
        return compared;
    Timestamp time_x = sorter_time(order->sorter, x), time_y = sorter_time(order->sorter, y);
    return (time_x > time_y) - (time_x < time_y);
}

static void
ties_sort_comparing(Sorter *sorter, SortItem *items, size_t count, uint32_t step)
{
    TieOrder order = {sorter, step};
    if (count > TIES_COMPARED) {
        qsort_r(items, count, sizeof *items, ties_compare, &order);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        SortItem item = items[i];
        size_t at = i;
        while (at > 0 && ties_compare(&items[at - 1], &item, &order) > 0) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = item;
    }
}

static void ties_sort(Sorter *sorter, SortItem *items, size_t count, uint32_t step);

/* Moves nulls behind (or before) the others; gives the range of the others. */
static void
nulls_apart(Sorter *sorter, SortItem *items, size_t count, const LayoutStep *step, size_t *first, size_t *end)
{
    size_t values = 0, nulls = 0;
    for (size_t i = 0; i < count; i++) {
        const Column *column = sorter_chunk(sorter, items[i].ref)->columns[step->column];
        if (column_is_null(column, items[i].ref.row))
            sorter->scratch[nulls++] = items[i];
        else
            items[values++] = items[i];
    }
    if (step->nulls_first) {
        memmove(items + nulls, items, values * sizeof *items);
        memcpy(items, sorter->scratch, nulls * sizeof *items);
        *first = nulls;
        *end = count;
    } else {
        memcpy(items + values, sorter->scratch, nulls * sizeof *items);
        *first = 0;
        *end = values;
    }
}

static uint64_t
step_prefix(const Sorter *sorter, const LayoutStep *step, RowRef ref)
{
    const Column *column = sorter_chunk(sorter, ref)->columns[step->column];
    if (step->identity)
        return column_identity_prefix(column, ref.row);
    uint64_t prefix = column_order_prefix(step->order, column, ref.row);
    return step->descending ? ~prefix : prefix;
}

/* Sorts by a column's prefixes, then by what follows where these are the same. No value is null. */
static void
ties_sort_prefix(Sorter *sorter, SortItem *items, size_t count, uint32_t at)
{
    const LayoutStep *step = &sorter->layout->steps[at];
    bool exact = step->identity ? identity_prefix_is_exact(type_phys(step->type)) : order_prefix_is_exact(step->order);
    for (size_t i = 0; i < count; i++)
        items[i].hash = step_prefix(sorter, step, items[i].ref);
    radix_sort(items, sorter->scratch, count, 0, 64);
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && items[next].hash == items[i].hash)
            next++;
        if (next - i > 1) {
            if (exact)
                ties_sort(sorter, items + i, next - i, at + 1);
            else
                ties_sort_comparing(sorter, items + i, next - i, at);
        }
        i = next;
    }
}

/* Rows that are the same in everything else. */
static void
ties_sort_time(Sorter *sorter, SortItem *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].hash = sorter_time(sorter, items[i].ref);
    radix_sort(items, sorter->scratch, count, 0, 64);
}

/* Sorts rows that agree in all steps before `at`. Uses items[].hash for its own ends. */
static void
ties_sort(Sorter *sorter, SortItem *items, size_t count, uint32_t at)
{
    if (count <= TIES_COMPARED) {
        ties_sort_comparing(sorter, items, count, at);
        return;
    }
    if (at == sorter->layout->step_count) {
        ties_sort_time(sorter, items, count);
        return;
    }
    const LayoutStep *step = &sorter->layout->steps[at];
    if (!step->identity && step->order == ORDER_DATUM) {
        ties_sort_comparing(sorter, items, count, at);
        return;
    }
    size_t first = 0, end = count;
    if (sorter->gather.columns[step->column].any_nulls) {
        nulls_apart(sorter, items, count, step, &first, &end);
        if (first > 1)
            ties_sort(sorter, items, first, at + 1);
        if (count - end > 1)
            ties_sort(sorter, items + end, count - end, at + 1);
    }
    if (end - first > 1)
        ties_sort_prefix(sorter, items + first, end - first, at);
}

/* ---- parts ---- */

/* Hands rows of one hash, in order, to the gather; equal rows are summed. */
static bool
ties_gather(Sorter *sorter, uint64_t hash, const SortItem *items, size_t count, Error *err)
{
    for (size_t i = 0; i < count; i++) {
        RowRef ref = items[i].ref;
        const Chunk *chunk = sorter_chunk(sorter, ref);
        Timestamp time = chunk_time(chunk, ref.row);
        int64_t diff = chunk_diff(chunk, ref.row);
        if (i != 0) {
            RowRef last = items[i - 1].ref;
            const Chunk *last_chunk = sorter_chunk(sorter, last);
            if (layout_compare(sorter->layout, 0, last_chunk, last.row, chunk, ref.row) == 0) {
                if (sorter_time(sorter, last) == time) {
                    *gather_open_diff(&sorter->gather) += diff;
                    continue;
                }
            } else if (!sorter->collisions) {
                sorter->collisions = layout_compare_keys(sorter->layout, last_chunk, last.row, chunk, ref.row) != 0;
            }
        }
        if (!gather_add(&sorter->gather, hash, ref, time, diff, err))
            return false;
    }
    return true;
}

static bool
part_sort(Sorter *sorter, SortItem *items, size_t count, unsigned bits, Error *err)
{
    items_sort(items, sorter->scratch, count, bits);
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        uint64_t hash = items[i].hash;
        while (next < count && items[next].hash == hash)
            next++;
        if (next - i == 1) {
            const Chunk *chunk = sorter_chunk(sorter, items[i].ref);
            uint32_t row = items[i].ref.row;
            if (!gather_add(&sorter->gather, hash, items[i].ref, chunk_time(chunk, row), chunk_diff(chunk, row), err))
                return false;
        } else {
            ties_sort(sorter, items + i, next - i, 0);
            if (!ties_gather(sorter, hash, items + i, next - i, err))
                return false;
        }
        i = next;
    }
    return true;
}

static unsigned
part_bits(uint64_t rows)
{
    unsigned bits = 0;
    while (bits < PART_BITS_MAX && rows >> bits > PART_ROWS)
        bits++;
    return bits;
}

/* The rows of all chunks, cut into 2^bits parts; ends[part] is where each part ends. */
static SortItem *
items_partition(const Layout *layout, Chunk *const *chunks, size_t count, uint64_t rows, unsigned bits, uint64_t *ends)
{
    uint64_t *hashes = memory_alloc(rows * sizeof *hashes);
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        layout_hash(layout, chunks[i], hashes + at);
        for (uint32_t row = 0; row < chunks[i]->count; row++, at++)
            ends[bits == 0 ? 0 : hashes[at] >> (64 - bits)]++;
    }
    uint64_t next = 0;
    for (uint64_t part = 0; part < UINT64_C(1) << bits; part++) {
        uint64_t size = ends[part];
        ends[part] = next;
        next += size;
    }
    SortItem *items = memory_alloc(rows * sizeof *items);
    at = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t row = 0; row < chunks[i]->count; row++, at++) {
            uint64_t part = bits == 0 ? 0 : hashes[at] >> (64 - bits);
            items[ends[part]++] = (SortItem){hashes[at], {(uint32_t) i, row}};
        }
    free(hashes);
    return items;
}

bool
chunks_sort(const Layout *layout, Chunk *const *chunks, size_t count, RunSink *sink, bool *collisions, Error *err)
{
    uint64_t rows = 0;
    *collisions = false;
    for (size_t i = 0; i < count; i++)
        rows += chunks[i]->count;
    if (rows == 0)
        return true;
    unsigned bits = part_bits(rows);
    uint64_t *ends = memory_calloc((size_t) 1 << bits, sizeof *ends);
    SortItem *items = items_partition(layout, chunks, count, rows, bits, ends);
    uint64_t largest = 0;
    for (uint64_t part = 0, start = 0; part < UINT64_C(1) << bits; start = ends[part++])
        largest = ends[part] - start > largest ? ends[part] - start : largest;

    Sorter sorter = {.layout = layout, .scratch = memory_alloc(largest * sizeof(SortItem))};
    gather_init(&sorter.gather, layout->types, layout->column_count, rows, sink);
    for (size_t i = 0; i < count; i++)
        gather_source(&sorter.gather, chunks[i]);
    bool ok = true;
    for (uint64_t part = 0, start = 0; ok && part < UINT64_C(1) << bits; start = ends[part++])
        ok = part_sort(&sorter, items + start, ends[part] - start, bits, err);
    ok = ok && gather_finish(&sorter.gather, err);
    *collisions = sorter.collisions;
    gather_deinit(&sorter.gather);
    free(sorter.scratch);
    free(items);
    free(ends);
    return ok;
}
