#include "dataflow/finishing.h"

#include "collection/column_order.h"

#define RESULT_ROWS 16384

void
error_from_row(Slice encoded, Error *err)
{
    Arena *arena = arena_new();
    EvalError error = eval_error_decode(encoded, arena);
    error_set(err, error.sqlstate, "%s", error.message == NULL ? "evaluation failed" : error.message);
    if (error.detail != NULL)
        error_detail(err, "%s", error.detail);
    if (error.hint != NULL)
        error_hint(err, "%s", error.hint);
    arena_free(arena);
}

bool
errors_find(const ChunkVector *errors, Error *err)
{
    if (errors->count == 0)
        return false;
    SqlType text = SQL_TYPE(TEXT);
    Chunk *chunk = chunks_consolidate(errors->items, errors->count, &text, 1);
    bool found = false, negative = false;
    for (uint32_t i = 0; chunk != NULL && i < chunk->count && !found; i++) {
        negative |= chunk_diff(chunk, i) < 0;
        found = chunk_diff(chunk, i) > 0;
        if (found)
            error_from_row(column_bytes(chunk->columns[0], i), err);
    }
    chunk_release(chunk);
    if (!found && negative) {
        error_set(err, SQLSTATE_INTERNAL_ERROR,
                  "Invalid data in source errors, saw retractions for an error that does not exist");
        return true;
    }
    return found;
}

bool
rows_check_positive(const ChunkVector *rows, Error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const Chunk *chunk = rows->items[i];
        for (uint32_t row = 0; chunk->diffs != NULL && row < chunk->count; row++)
            if (chunk->diffs[row] < 0)
                return error_set(err, SQLSTATE_INTERNAL_ERROR,
                                 "Invalid data in source, saw retractions (%lld) for row that does not exist",
                                 (long long) -chunk->diffs[row]);
    }
    return true;
}

/* A row to be sorted, with the first key's place in its order. */
typedef struct SortItem {
    uint64_t prefix;
    uint32_t chunk, row;
    uint8_t rank; /* where nulls of the first key go */
} SortItem;

typedef struct Sorter {
    const Finishing *finishing;
    const SqlType *types;
    uint16_t column_count;
    const ChunkVector *rows;
    OrderClass order; /* of the first key */
    bool prefix_exact;
} Sorter;

static int
compare_key(const Sorter *sorter, SortKey key, const SortItem *a, const SortItem *b)
{
    const Column *column_a = sorter->rows->items[a->chunk]->columns[key.column];
    const Column *column_b = sorter->rows->items[b->chunk]->columns[key.column];
    bool null_a = column_is_null(column_a, a->row), null_b = column_is_null(column_b, b->row);
    if (null_a || null_b)
        return null_a == null_b ? 0 : null_a == key.nulls_first ? -1 : 1;
    int order = column_compare(sorter->types[key.column], column_a, a->row, column_b, b->row);
    return key.descending ? -order : order;
}

static int
item_compare(const void *left, const void *right, void *context)
{
    const SortItem *a = left, *b = right;
    const Sorter *sorter = context;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    for (int i = sorter->prefix_exact ? 1 : 0; i < sorter->finishing->order_count; i++) {
        int order = compare_key(sorter, sorter->finishing->order[i], a, b);
        if (order != 0)
            return order;
    }
    const Chunk *chunk_a = sorter->rows->items[a->chunk], *chunk_b = sorter->rows->items[b->chunk];
    for (uint16_t i = 0; i < sorter->column_count; i++) {
        int order = column_compare_identity(chunk_a->columns[i], a->row, chunk_b->columns[i], b->row);
        if (order != 0)
            return order;
    }
    return 0;
}

static void
item_init(const Sorter *sorter, SortItem *item, uint32_t chunk, uint32_t row)
{
    SortKey key = sorter->finishing->order[0];
    const Column *column = sorter->rows->items[chunk]->columns[key.column];
    *item = (SortItem){.chunk = chunk, .row = row};
    bool is_null = column_is_null(column, row);
    item->rank = is_null != key.nulls_first;
    if (!is_null && sorter->order != ORDER_DATUM) {
        uint64_t prefix = column_order_prefix(sorter->order, column, row);
        item->prefix = key.descending ? ~prefix : prefix;
    }
}

static void
sift_down(Sorter *sorter, SortItem *heap, size_t count, size_t at)
{
    SortItem item = heap[at];
    for (size_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && item_compare(&heap[child + 1], &heap[child], sorter) > 0)
            child++;
        if (item_compare(&heap[child], &item, sorter) <= 0)
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* The first `wanted` rows in order, at least. Returns how many there are. */
static size_t
sort_rows(Sorter *sorter, size_t wanted, SortItem **items)
{
    const ChunkVector *rows = sorter->rows;
    size_t total = 0, count = 0;
    for (size_t i = 0; i < rows->count; i++)
        total += rows->items[i]->count;
    bool select = wanted < total / 4;
    *items = memory_alloc(((select ? wanted : total) + 1) * sizeof **items);
    for (size_t i = 0; i < rows->count; i++)
        for (uint32_t row = 0; row < rows->items[i]->count; row++) {
            SortItem item;
            item_init(sorter, &item, (uint32_t) i, row);
            if (!select || count < wanted) {
                (*items)[count++] = item;
                if (select && count == wanted)
                    for (size_t at = wanted / 2; at-- > 0;)
                        sift_down(sorter, *items, count, at);
            } else if (wanted > 0 && item_compare(&item, &(*items)[0], sorter) < 0) {
                (*items)[0] = item;
                sift_down(sorter, *items, count, 0);
            }
        }
    qsort_r(*items, count, sizeof **items, item_compare, sorter);
    return count;
}

/* Cuts row counts to those that offset and limit let through. */
typedef struct RowCutter {
    int64_t skip, left;
} RowCutter;

static int64_t
cut(RowCutter *cutter, int64_t count)
{
    int64_t skipped = count < cutter->skip ? count : cutter->skip;
    cutter->skip -= skipped;
    count -= skipped;
    count = count < cutter->left ? count : cutter->left;
    cutter->left -= count;
    return count;
}

static void
emit_sorted(const Finishing *finishing, const SqlType *types, const ChunkVector *rows, const SortItem *items,
            size_t count, RowCutter *cutter, ChunkVector *result)
{
    SqlType *projected = memory_alloc(((size_t) finishing->project_count + 1) * sizeof *projected);
    for (int i = 0; i < finishing->project_count; i++)
        projected[i] = types[finishing->project[i]];
    ChunkBuilder builder;
    chunk_builder_init(&builder, projected, (uint16_t) finishing->project_count);
    for (size_t at = 0; at < count && cutter->left > 0; at++) {
        Chunk *chunk = rows->items[items[at].chunk];
        int64_t times = cut(cutter, chunk_diff(chunk, items[at].row));
        if (times == 0)
            continue;
        for (int i = 0; i < finishing->project_count; i++)
            column_builder_append_row(&builder.columns[i], chunk->columns[finishing->project[i]], items[at].row);
        chunk_builder_end_row(&builder, 0, times);
        if (builder.count == RESULT_ROWS)
            vector_push(result, chunk_builder_finish(&builder));
    }
    Chunk *last = chunk_builder_finish(&builder);
    if (last != NULL)
        vector_push(result, last);
    chunk_builder_deinit(&builder);
    free(projected);
}

/* A chunk without those rows that offset and limit take away. */
static Chunk *
cut_chunk(Chunk *chunk, RowCutter *cutter)
{
    uint32_t *kept = memory_alloc((chunk->count + 1) * sizeof *kept);
    int64_t *diffs = memory_alloc((chunk->count + 1) * sizeof *diffs);
    uint32_t count = 0;
    for (uint32_t row = 0; row < chunk->count && cutter->left > 0; row++) {
        int64_t times = cut(cutter, chunk_diff(chunk, row));
        if (times > 0) {
            kept[count] = row;
            diffs[count++] = times;
        }
    }
    Chunk *result = NULL;
    if (count > 0) {
        Column **columns = memory_alloc((chunk->column_count + 1u) * sizeof(Column *));
        for (uint16_t i = 0; i < chunk->column_count; i++)
            columns[i] = column_gather(chunk->columns[i], kept, count);
        result = chunk_new(count, columns, chunk->column_count, 0, diffs, NULL);
        free(columns);
    } else {
        free(diffs);
    }
    free(kept);
    return result;
}

static void
emit_unsorted(const Finishing *finishing, const ChunkVector *rows, RowCutter *cutter, ChunkVector *result)
{
    bool cuts = finishing->limit >= 0 || finishing->offset > 0;
    for (size_t i = 0; i < rows->count && cutter->left > 0; i++) {
        Chunk *chunk = chunk_project(rows->items[i], finishing->project, (uint16_t) finishing->project_count);
        if (cuts) {
            Chunk *whole = chunk;
            chunk = cut_chunk(whole, cutter);
            chunk_release(whole);
        }
        if (chunk != NULL)
            vector_push(result, chunk);
    }
}

void
finishing_apply(const Finishing *finishing, const SqlType *types, uint16_t column_count, ChunkVector *rows,
                ChunkVector *result)
{
    RowCutter cutter = {.skip = finishing->offset > 0 ? finishing->offset : 0,
                        .left = finishing->limit < 0 ? INT64_MAX : finishing->limit};
    if (finishing->order_count == 0) {
        emit_unsorted(finishing, rows, &cutter, result);
    } else if (cutter.left > 0) {
        SqlType first = types[finishing->order[0].column];
        Sorter sorter = {.finishing = finishing,
                         .types = types,
                         .column_count = column_count,
                         .rows = rows,
                         .order = type_order_class(first)};
        sorter.prefix_exact = sorter.order != ORDER_DATUM && order_prefix_is_exact(sorter.order);
        size_t wanted = cutter.left > INT64_MAX - cutter.skip ? SIZE_MAX : (size_t) (cutter.skip + cutter.left);
        SortItem *items;
        size_t count = sort_rows(&sorter, wanted, &items);
        emit_sorted(finishing, types, rows, items, count, &cutter, result);
        free(items);
    }
    chunk_vector_release(rows);
}
