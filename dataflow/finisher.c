/*
 * Sorting: rows become items with the first key's value as an integer in front, so that most comparisons look at nothing else.
 * With a small limit a heap keeps the best items; otherwise pieces are sorted one by one and merged while they are sent.
 */
#include "collection/column_order.h"
#include "dataflow/finishing.h"

#define RESULT_ROWS 16384
#define PIECE_ITEMS 65536

typedef struct SortItem {
    uint64_t prefix;
    uint32_t chunk, row;
    uint8_t rank; /* where nulls of the first key go */
} SortItem;

/* A sorted piece that is being merged. */
typedef struct Piece {
    size_t at, end;
} Piece;

typedef enum FinisherPhase { FINISHER_FILLING, FINISHER_SORTING, FINISHER_SENDING, FINISHER_DONE } FinisherPhase;

struct Finisher {
    const Finishing *finishing;
    const SqlType *types;
    uint16_t column_count;
    ChunkVector rows;
    FinisherPhase phase;
    OrderClass order; /* of the first key */
    bool has_prefix, prefix_exact;
    size_t chunk; /* the next one to be filled in, or sent */
    SortItem *items;
    size_t count, capacity;
    bool selects;       /* only the best `capacity` items are kept, in a heap with the worst on top */
    size_t sorted;      /* items in sorted pieces */
    VECTOR(Piece) heap; /* pieces, the one with the least item on top */
    int64_t skip, left; /* rows to be passed over, and to be sent, with their repeats */
    ChunkBuilder out;
};

static int
compare_key(const Finisher *finisher, SortKey key, const SortItem *a, const SortItem *b)
{
    const Column *column_a = finisher->rows.items[a->chunk]->columns[key.column];
    const Column *column_b = finisher->rows.items[b->chunk]->columns[key.column];
    bool null_a = column_is_null(column_a, a->row), null_b = column_is_null(column_b, b->row);
    if (null_a || null_b)
        return null_a == null_b ? 0 : null_a == key.nulls_first ? -1 : 1;
    int order = column_compare(finisher->types[key.column], column_a, a->row, column_b, b->row);
    return key.descending ? -order : order;
}

static int
item_compare(const void *left, const void *right, void *context)
{
    const SortItem *a = left, *b = right;
    const Finisher *finisher = context;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    for (int i = finisher->prefix_exact ? 1 : 0; i < finisher->finishing->order_count; i++) {
        int order = compare_key(finisher, finisher->finishing->order[i], a, b);
        if (order != 0)
            return order;
    }
    const Chunk *chunk_a = finisher->rows.items[a->chunk], *chunk_b = finisher->rows.items[b->chunk];
    for (uint16_t i = 0; i < finisher->column_count; i++) {
        int order = column_compare_identity(chunk_a->columns[i], a->row, chunk_b->columns[i], b->row);
        if (order != 0)
            return order;
    }
    return 0;
}

static SortItem
make_item(const Finisher *finisher, uint32_t chunk, uint32_t row)
{
    SortKey key = finisher->finishing->order[0];
    const Column *column = finisher->rows.items[chunk]->columns[key.column];
    bool is_null = column_is_null(column, row);
    SortItem item = {.chunk = chunk, .row = row, .rank = is_null != key.nulls_first};
    if (!is_null && finisher->has_prefix) {
        uint64_t prefix = type_order_prefix(finisher->types[key.column], finisher->order, column, row);
        item.prefix = key.descending ? ~prefix : prefix;
    }
    return item;
}

/* ---- keeping the best */

static void
sift_item(Finisher *finisher, size_t at)
{
    SortItem *heap = finisher->items, item = heap[at];
    for (size_t child; (child = at * 2 + 1) < finisher->count; at = child) {
        if (child + 1 < finisher->count && item_compare(&heap[child + 1], &heap[child], finisher) > 0)
            child++;
        if (item_compare(&heap[child], &item, finisher) <= 0)
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

static void
keep_if_best(Finisher *finisher, SortItem item)
{
    if (finisher->count < finisher->capacity) {
        finisher->items[finisher->count++] = item;
        if (finisher->count == finisher->capacity)
            for (size_t at = finisher->count / 2; at-- > 0;)
                sift_item(finisher, at);
    } else if (item.rank == finisher->items[0].rank && item.prefix > finisher->items[0].prefix) {
        return; /* most rows */
    } else if (item_compare(&item, &finisher->items[0], finisher) < 0) {
        finisher->items[0] = item;
        sift_item(finisher, 0);
    }
}

static void
fill(Finisher *finisher, int64_t *fuel)
{
    for (; finisher->chunk<finisher->rows.count && * fuel> 0; finisher->chunk++) {
        const Chunk *chunk = finisher->rows.items[finisher->chunk];
        *fuel -= chunk->count;
        for (uint32_t row = 0; row < chunk->count; row++) {
            SortItem item = make_item(finisher, (uint32_t) finisher->chunk, row);
            if (finisher->selects)
                keep_if_best(finisher, item);
            else
                finisher->items[finisher->count++] = item;
        }
    }
    if (finisher->chunk == finisher->rows.count)
        finisher->phase = FINISHER_SORTING;
}

/* ---- sorting pieces, and merging them */

static bool
piece_is_before(const Finisher *finisher, const Piece *a, const Piece *b)
{
    return item_compare(&finisher->items[a->at], &finisher->items[b->at], (void *) finisher) < 0;
}

static void
sift_piece(Finisher *finisher, size_t at)
{
    Piece *heap = finisher->heap.items, piece = heap[at];
    size_t count = finisher->heap.count;
    for (size_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && piece_is_before(finisher, &heap[child + 1], &heap[child]))
            child++;
        if (!piece_is_before(finisher, &heap[child], &piece))
            break;
        heap[at] = heap[child];
    }
    heap[at] = piece;
}

static void
sort_pieces(Finisher *finisher, int64_t *fuel)
{
    while (finisher->sorted<finisher->count && * fuel> 0) {
        size_t left = finisher->count - finisher->sorted;
        size_t count = left < PIECE_ITEMS ? left : PIECE_ITEMS;
        qsort_r(&finisher->items[finisher->sorted], count, sizeof *finisher->items, item_compare, finisher);
        vector_push(&finisher->heap, ((Piece){finisher->sorted, finisher->sorted + count}));
        finisher->sorted += count;
        *fuel -= (int64_t) count;
    }
    if (finisher->sorted < finisher->count)
        return;
    for (size_t at = finisher->heap.count / 2; at-- > 0;)
        sift_piece(finisher, at);
    finisher->phase = FINISHER_SENDING;
}

/* ---- sending */

/* How many of a row's repeats are sent. */
static int64_t
cut(Finisher *finisher, int64_t count)
{
    int64_t skipped = count < finisher->skip ? count : finisher->skip;
    finisher->skip -= skipped;
    count -= skipped;
    count = count < finisher->left ? count : finisher->left;
    finisher->left -= count;
    return count;
}

static void
send_row(Finisher *finisher, const Chunk *chunk, uint32_t row, ChunkVector *result)
{
    const Finishing *finishing = finisher->finishing;
    int64_t times = cut(finisher, chunk_diff(chunk, row));
    if (times == 0)
        return;
    for (int i = 0; i < finishing->project_count; i++)
        column_builder_append_row(&finisher->out.columns[i], chunk->columns[finishing->project[i]], row);
    chunk_builder_end_row(&finisher->out, 0, times);
    if (finisher->out.count == RESULT_ROWS)
        vector_push(result, chunk_builder_finish(&finisher->out));
}

static void
send_sorted(Finisher *finisher, int64_t *fuel, ChunkVector *result)
{
    while (finisher->heap.count > 0 && finisher->left > 0 && *fuel > 0) {
        Piece *first = &finisher->heap.items[0];
        const SortItem *item = &finisher->items[first->at++];
        send_row(finisher, finisher->rows.items[item->chunk], item->row, result);
        if (first->at == first->end)
            *first = vector_pop(&finisher->heap);
        if (finisher->heap.count > 1)
            sift_piece(finisher, 0);
        --*fuel;
    }
    if (finisher->heap.count == 0 || finisher->left == 0)
        finisher->phase = FINISHER_DONE;
}

/* Without an order whole chunks go as they are. */
static void
send_unsorted(Finisher *finisher, int64_t *fuel, ChunkVector *result)
{
    const Finishing *finishing = finisher->finishing;
    bool cuts = finishing->limit >= 0 || finishing->offset > 0;
    for (; finisher->chunk < finisher->rows.count && finisher->left > 0 && *fuel > 0; finisher->chunk++) {
        const Chunk *chunk = finisher->rows.items[finisher->chunk];
        *fuel -= chunk->count;
        if (!cuts) {
            vector_push(result, chunk_project(chunk, finishing->project, (uint16_t) finishing->project_count));
            continue;
        }
        for (uint32_t row = 0; row < chunk->count && finisher->left > 0; row++)
            send_row(finisher, chunk, row, result);
    }
    if (finisher->chunk == finisher->rows.count || finisher->left == 0)
        finisher->phase = FINISHER_DONE;
}

/* ---- life */

Finisher *
finisher_new(const Finishing *finishing, const SqlType *types, uint16_t column_count, ChunkVector *rows)
{
    Finisher *finisher = memory_calloc(1, sizeof *finisher);
    finisher->finishing = finishing;
    finisher->types = types;
    finisher->column_count = column_count;
    finisher->rows = *rows;
    *rows = (ChunkVector){0};
    finisher->skip = finishing->offset > 0 ? finishing->offset : 0;
    finisher->left = finishing->limit < 0 ? INT64_MAX : finishing->limit;
    SqlType *projected = memory_alloc(((size_t) finishing->project_count + 1) * sizeof *projected);
    for (int i = 0; i < finishing->project_count; i++)
        projected[i] = types[finishing->project[i]];
    chunk_builder_init(&finisher->out, projected, (uint16_t) finishing->project_count);
    free(projected);
    if (finisher->left == 0) {
        finisher->phase = FINISHER_DONE;
        return finisher;
    }
    if (finishing->order_count == 0) {
        finisher->phase = FINISHER_SENDING;
        return finisher;
    }
    finisher->order = type_order_class(types[finishing->order[0].column]);
    finisher->has_prefix = type_has_order_prefix(types[finishing->order[0].column]);
    finisher->prefix_exact = finisher->order != ORDER_DATUM && order_prefix_is_exact(finisher->order);
    size_t total = 0;
    for (size_t i = 0; i < finisher->rows.count; i++)
        total += finisher->rows.items[i]->count;
    /* A row may repeat, so that this many rows are enough, if perhaps too many. */
    size_t wanted = finisher->left > INT64_MAX - finisher->skip ? SIZE_MAX : (size_t) (finisher->left + finisher->skip);
    finisher->selects = wanted < total / 4;
    finisher->capacity = finisher->selects ? wanted : total;
    finisher->items = memory_alloc((finisher->capacity + 1) * sizeof *finisher->items);
    return finisher;
}

bool
finisher_run(Finisher *finisher, int64_t *fuel, ChunkVector *result)
{
    if (finisher->phase == FINISHER_FILLING)
        fill(finisher, fuel);
    if (finisher->phase == FINISHER_SORTING)
        sort_pieces(finisher, fuel);
    if (finisher->phase == FINISHER_SENDING) {
        if (finisher->finishing->order_count == 0)
            send_unsorted(finisher, fuel, result);
        else
            send_sorted(finisher, fuel, result);
    }
    if (finisher->phase != FINISHER_DONE)
        return false;
    Chunk *last = chunk_builder_finish(&finisher->out);
    if (last != NULL)
        vector_push(result, last);
    return true;
}

void
finisher_free(Finisher *finisher)
{
    if (finisher == NULL)
        return;
    chunk_vector_release(&finisher->rows);
    chunk_builder_deinit(&finisher->out);
    vector_deinit(&finisher->heap);
    free(finisher->items);
    free(finisher);
}

size_t
finisher_memory(const Finisher *finisher)
{
    size_t bytes = finisher->capacity * sizeof *finisher->items;
    for (size_t i = 0; i < finisher->rows.count; i++)
        bytes += chunk_memory(finisher->rows.items[i]);
    return bytes;
}
