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

/*
 * ---- rows with the same hash ----
 *
 * Sorting ties leaves in items[].hash whether the row is the same as the one before it (TIE_SAME), so that nothing
 * has to
 * be compared again when equal rows are summed.
 */
enum { TIE_OTHER, TIE_SAME };

typedef struct TieOrder {
    const Sorter *sorter;
    uint32_t first_step;
} TieOrder;

static int
rows_compare(const Sorter *sorter, uint32_t step, RowRef a, RowRef b)
{
    return layout_compare(sorter->layout, step, sorter_chunk(sorter, a), a.row, sorter_chunk(sorter, b), b.row);
}

static int
ties_compare(const void *a, const void *b, void *context)
{
    const TieOrder *order = context;
    RowRef x = ((const SortItem *) a)->ref, y = ((const SortItem *) b)->ref;
    int compared = rows_compare(order->sorter, order->first_step, x, y);
    if (compared != 0)
        return compared;
    Timestamp time_x = sorter_time(order->sorter, x), time_y = sorter_time(order->sorter, y);
    return (time_x > time_y) - (time_x < time_y);
}

static void
ties_sort_comparing(Sorter *sorter, SortItem *items, size_t count, uint32_t step)
{
    TieOrder order = {sorter, step};
    if (count > TIES_COMPARED)
        qsort_r(items, count, sizeof *items, ties_compare, &order);
    for (size_t i = 1; i < count && count <= TIES_COMPARED; i++) {
        SortItem item = items[i];
        size_t at = i;
        while (at > 0 && ties_compare(&items[at - 1], &item, &order) > 0) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = item;
    }
    items[0].hash = TIE_OTHER;
    for (size_t i = 1; i < count; i++) {
        RowRef last = items[i - 1].ref, ref = items[i].ref;
        items[i].hash = rows_compare(sorter, step, last, ref) == 0 ? TIE_SAME : TIE_OTHER;
        if (items[i].hash == TIE_OTHER && !sorter->collisions && step < sorter->layout->key_steps)
            sorter->collisions = layout_compare_keys(sorter->layout, sorter_chunk(sorter, last), last.row,
                                                     sorter_chunk(sorter, ref), ref.row) != 0;
    }
}

/* Rows that are the same in everything else. */
static void
ties_sort_time(Sorter *sorter, SortItem *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].hash = sorter_time(sorter, items[i].ref);
    radix_sort(items, sorter->scratch, count, 0, 64);
    for (size_t i = 0; i < count; i++)
        items[i].hash = i == 0 ? TIE_OTHER : TIE_SAME;
}

static void ties_sort(Sorter *sorter, SortItem *items, size_t count, uint32_t at);

/* Moves nulls behind (or before) the others; gives the range of the others. */
static void
nulls_apart(Sorter *sorter, SortItem *items, size_t count, const LayoutStep *step, size_t *first, size_t *end)
{
    const uint8_t **sources = sorter->gather.columns[step->column].nulls;
    size_t values = 0, nulls = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *of_source = sources[items[i].ref.source];
        if (of_source != NULL && of_source[items[i].ref.row])
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

#define PREFIXES(type, expression)                                                                                     \
    for (size_t i = 0; i < count; i++) {                                                                               \
        type value = ((const type *) sources[items[i].ref.source])[items[i].ref.row];                                  \
        items[i].hash = (expression);                                                                                  \
    }

/* items[].hash = the order prefix of the step's column. The kinds of integers that keys are mostly made of have
   loops. */
static void
prefixes_load(Sorter *sorter, const LayoutStep *step, SortItem *items, size_t count)
{
    const void **sources = sorter->gather.columns[step->column].values;
    Phys phys = sorter->gather.columns[step->column].phys;
    if (step->identity && phys == PHYS_I32) {
        PREFIXES(uint32_t, value)
    } else if (step->identity && phys == PHYS_I64) {
        PREFIXES(uint64_t, value)
    } else if (!step->identity && step->order == ORDER_SIGNED && phys == PHYS_I32) {
        PREFIXES(int32_t, (uint64_t) (int64_t) value ^ UINT64_C(1) << 63)
    } else if (!step->identity && step->order == ORDER_SIGNED && phys == PHYS_I64) {
        PREFIXES(uint64_t, value ^ UINT64_C(1) << 63)
    } else {
        for (size_t i = 0; i < count; i++) {
            const Column *column = sorter_chunk(sorter, items[i].ref)->columns[step->column];
            uint32_t row = items[i].ref.row;
            items[i].hash =
                step->identity ? column_identity_prefix(column, row) : column_order_prefix(step->order, column, row);
        }
    }
    for (size_t i = 0; i < count && step->descending; i++)
        items[i].hash = ~items[i].hash;
}

/* Sorts by a column's prefixes, then by what follows where these are the same. No value is null. */
static void
ties_sort_prefix(Sorter *sorter, SortItem *items, size_t count, uint32_t at)
{
    const LayoutStep *step = &sorter->layout->steps[at];
    bool exact = step->identity ? identity_prefix_is_exact(type_phys(step->type)) : order_prefix_is_exact(step->order);
    prefixes_load(sorter, step, items, count);
    radix_sort(items, sorter->scratch, count, 0, 64);
    if (at < sorter->layout->key_steps && items[0].hash != items[count - 1].hash)
        sorter->collisions = true;
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && items[next].hash == items[i].hash)
            next++;
        if (next - i == 1)
            items[i].hash = TIE_OTHER;
        else if (exact)
            ties_sort(sorter, items + i, next - i, at + 1);
        else
            ties_sort_comparing(sorter, items + i, next - i, at);
        i = next;
    }
}

/* Sorts rows that agree in all steps before `at`. */
static void
ties_sort(Sorter *sorter, SortItem *items, size_t count, uint32_t at)
{
    if (count == 0)
        return;
    if (count > 1 && at == sorter->layout->step_count) {
        ties_sort_time(sorter, items, count);
        return;
    }
    const LayoutStep *step = &sorter->layout->steps[at];
    if (count <= TIES_COMPARED || (!step->identity && step->order == ORDER_DATUM)) {
        ties_sort_comparing(sorter, items, count, at);
        return;
    }
    size_t first = 0, end = count;
    if (sorter->gather.columns[step->column].any_nulls) {
        nulls_apart(sorter, items, count, step, &first, &end);
        if (at < sorter->layout->key_steps && first != end && end - first != count)
            sorter->collisions = true;
        ties_sort(sorter, items, first, at + 1);
        ties_sort(sorter, items + end, count - end, at + 1);
    }
    if (end != first)
        ties_sort_prefix(sorter, items + first, end - first, at);
}

/* ---- parts ---- */

/* Hands rows of one hash, in order, to the gather; equal rows are summed. */
static bool
ties_gather(Sorter *sorter, uint64_t hash, const SortItem *items, size_t count, Error *err)
{
    Timestamp last_time = 0;
    for (size_t i = 0; i < count; i++) {
        const Chunk *chunk = sorter_chunk(sorter, items[i].ref);
        uint32_t row = items[i].ref.row;
        Timestamp time = chunk_time(chunk, row);
        int64_t diff = chunk_diff(chunk, row);
        if (items[i].hash == TIE_SAME && time == last_time)
            *gather_open_diff(&sorter->gather) += diff;
        else if (!gather_add(&sorter->gather, hash, items[i].ref, time, diff, err))
            return false;
        last_time = time;
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
