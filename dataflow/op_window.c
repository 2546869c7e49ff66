/*
 * Each row with values computed from the rows around it: an arrangement by partition, rows in order.
 *
 * Hydrating, everything is read once, in order, and evaluated a few thousand rows at a time, whole partitions together. Later a
 * partition that changed is evaluated as it was and as it is; both come in the same order, so one walk over the two gives the
 * difference.
 *
 * In lanes each lane takes the rows of the partitions whose hashes are its share, and evaluates them.
 */
#include "dataflow/lanes.h"
#include "dataflow/row_order.h"
#include "dataflow/window.h"

#include "collection/scan.h"

/* Rows of whole partitions, gathered. */
typedef struct Gathering {
    ChunkBuilder rows;
    RowStarts starts;
} Gathering;

/* What a partition gives. */
typedef struct Version {
    Chunk *rows; /* the node's columns; NULL: no rows */
    const EvalError **errors;
} Version;

typedef struct OpWindow {
    Operator base;
    const WindowPlan *plan;
    const SqlType *types; /* the input's, then the calls' */
    uint16_t input_count;
    Arrangement arrangement;
    bool flushing;
    ChunkVector shares[CREW_MAX]; /* rows of this lane's input, by the lane that evaluates their partition */
    Arena *arena;
    Gathering gathering;

    SpineScan *scan; /* hydrating */
    Chunk *last;     /* the chunk before, to see where its last partition ends */

    Cursor *change, *before, *after;
    ChunkBuilder out;
} OpWindow;

static void
window_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    arrangement_add(&((OpWindow *) base)->arrangement, base->circuit, chunk, NULL, 0);
}

/* ---- bringing lanes together */

enum { MERGE_SPLIT, MERGE_TAKE, MERGE_PHASES };

static void
split_chunk(OpWindow *op, const Chunk *chunk, uint64_t *hashes, uint32_t *rows)
{
    const Layout *layout = op->arrangement.layout;
    uint32_t lanes = (uint32_t) lane_count(op->base.circuit);
    Column **keys = memory_alloc(((size_t) layout->key_count + 1) * sizeof *keys);
    for (int i = 0; i < layout->key_count; i++)
        keys[i] = chunk->columns[layout->key[i]];
    layout_hash_key(layout, keys, chunk->count, hashes);
    free(keys);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        uint32_t count = 0;
        for (uint32_t row = 0; row < chunk->count; row++) {
            rows[count] = row;
            count += hashes[row] % lanes == lane;
        }
        if (count > 0)
            vector_push(&op->shares[lane], chunk_gather(chunk, rows, count));
    }
}

static void
split_input(OpWindow *op)
{
    ChunkVector *input = &op->arrangement.input;
    uint32_t most = 0;
    for (size_t i = 0; i < input->count; i++)
        most = input->items[i]->count > most ? input->items[i]->count : most;
    uint64_t *hashes = memory_alloc(((size_t) most + 1) * sizeof *hashes);
    uint32_t *rows = memory_alloc(((size_t) most + 1) * sizeof *rows);
    for (size_t i = 0; i < input->count; i++) {
        if (!circuit_stopped(op->base.circuit))
            split_chunk(op, input->items[i], hashes, rows);
        chunk_release(input->items[i]);
    }
    input->count = 0;
    op->arrangement.input_rows = 0;
    free(hashes);
    free(rows);
}

static void
take_shares(OpWindow *op)
{
    for (int lane = 0; lane < lane_count(op->base.circuit); lane++) {
        OpWindow *from = (OpWindow *) lane_operator(&op->base, lane);
        ChunkVector *share = &from->shares[op->base.circuit->lane];
        for (size_t i = 0; i < share->count; i++)
            arrangement_add(&op->arrangement, op->base.circuit, share->items[i], NULL, 0);
        chunk_vector_release(share);
    }
}

static void
window_merge(Operator *base, int phase)
{
    OpWindow *op = (OpWindow *) base;
    if (!base->in_lanes || lane_count(base->circuit) == 1)
        return;
    if (phase == MERGE_SPLIT)
        split_input(op);
    else
        take_shares(op);
}

/* ---- evaluating what was gathered */

/* The rows with their calls' columns; the gathering is empty then. The errors live in the arena. False: stopped. */
static bool
evaluate_gathered(OpWindow *op, Version *version)
{
    *version = (Version){0};
    uint32_t count = op->gathering.rows.count;
    if (count == 0)
        return true;
    Chunk *rows = chunk_builder_finish(&op->gathering.rows);
    vector_push(&op->gathering.starts, count);
    WindowBlock block = {.plan = op->plan,
                         .types = op->types,
                         .circuit = op->base.circuit,
                         .arena = op->arena,
                         .rows = rows,
                         .starts = op->gathering.starts.items,
                         .partition_count = (uint32_t) op->gathering.starts.count - 1};
    int total = op->input_count + op->plan->call_count;
    Column **columns = memory_alloc(((size_t) total + 1) * sizeof *columns);
    bool worked = window_evaluate(&block, columns + op->input_count);
    if (worked) {
        for (uint16_t i = 0; i < op->input_count; i++)
            columns[i] = column_retain(rows->columns[i]);
        version->rows = chunk_new(count, columns, (uint16_t) total, op->base.circuit->time, NULL, NULL);
        version->errors = block.errors;
    } else {
        op->base.circuit->interrupted = true;
    }
    free(columns);
    window_block_deinit(&block);
    op->gathering.starts.count = 0;
    chunk_release(rows);
    return worked;
}

static void
version_release(Version *version)
{
    chunk_release(version->rows);
    *version = (Version){0};
}

static void
emit_error(OpWindow *op, const EvalError *error, int64_t diff)
{
    error_row_append(operator_errors(&op->base), error, op->base.circuit->time, diff, op->arena);
}

/* ---- hydrating */

static bool
emit_gathered(OpWindow *op)
{
    Version version;
    if (!evaluate_gathered(op, &version))
        return false;
    if (version.rows != NULL && version.errors == NULL) {
        operator_push(&op->base, version.rows);
    } else if (version.rows != NULL) {
        uint32_t *fine = arena_new_array(op->arena, uint32_t, version.rows->count), count = 0;
        for (uint32_t i = 0; i < version.rows->count; i++) {
            if (version.errors[i] == NULL)
                fine[count++] = i;
            else
                emit_error(op, version.errors[i], 1);
        }
        if (count > 0)
            operator_push_owned(&op->base, chunk_gather(version.rows, fine, count));
    }
    version_release(&version);
    arena_reset(op->arena);
    return true;
}

/* Adds rows [first, end) of a chunk, each as often as it counts. */
static void
gather_counted(Gathering *gathering, const Chunk *chunk, uint32_t first, uint32_t end)
{
    uint32_t rows[CHUNK_ROWS], count = 0;
    for (uint32_t row = first; row < end; row++) {
        for (int64_t left = chunk_diff(chunk, row); left > 0; left--) {
            rows[count++] = row;
            if (count < CHUNK_ROWS)
                continue;
            chunk_builder_append_rows(&gathering->rows, chunk, rows, count, 0);
            count = 0;
        }
    }
    chunk_builder_append_rows(&gathering->rows, chunk, rows, count, 0);
}

static void
gather_rows(Gathering *gathering, const Chunk *chunk, uint32_t first, uint32_t end)
{
    if (first == end)
        return;
    if (chunk->diffs != NULL)
        gather_counted(gathering, chunk, first, end);
    else
        chunk_builder_append_range(&gathering->rows, chunk, first, end - first, 0);
}

static bool
same_partition(const OpWindow *op, const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b)
{
    for (int i = 0; i < op->plan->partition_count; i++) {
        uint16_t column = op->plan->partition[i];
        if (column_compare(op->types[column], a->columns[column], row_a, b->columns[column], row_b) != 0)
            return false;
    }
    return true;
}

/* Marks the rows of a chunk that begin a partition. */
static uint8_t *
mark_partitions(OpWindow *op, const Chunk *chunk)
{
    uint8_t *begins = memory_calloc((size_t) chunk->count + 1, 1);
    for (int i = 0; i < op->plan->partition_count; i++) {
        uint16_t column = op->plan->partition[i];
        column_mark_changes(op->types[column], chunk->columns[column], begins);
    }
    begins[0] = op->last == NULL || !same_partition(op, op->last, op->last->count - 1, chunk, 0);
    return begins;
}

/* Partitions that end in the chunk are evaluated; the last one may go on in the next. */
static bool
take_scanned(OpWindow *op, Chunk *chunk)
{
    uint8_t *begins = mark_partitions(op, chunk);
    uint32_t last = 0, from = 0;
    bool worked = true;
    for (uint32_t row = 0; row < chunk->count; row++)
        if (begins[row])
            last = row;
    if (last > 0 || begins[0]) {
        for (uint32_t row = 0; row <= last && worked; row++) {
            if (!begins[row])
                continue;
            gather_rows(&op->gathering, chunk, from, row);
            from = row;
            if (row == last)
                worked = emit_gathered(op);
            vector_push(&op->gathering.starts, op->gathering.rows.count);
        }
    }
    if (worked)
        gather_rows(&op->gathering, chunk, from, chunk->count);
    free(begins);
    chunk_release(op->last);
    op->last = chunk;
    return worked;
}

static bool
hydrate(OpWindow *op, int64_t *fuel)
{
    bool done = false;
    while (*fuel > 0 && !done && !circuit_stopped(op->base.circuit)) {
        Chunk *chunk;
        Error err = ERROR_INIT;
        if (!spine_scan_next(op->scan, RUN_CHUNK_ROWS, &chunk, &done, &err)) {
            circuit_fail(op->base.circuit, &err);
            return false;
        }
        *fuel -= chunk == NULL ? RUN_CHUNK_ROWS : chunk->count;
        if (chunk != NULL && !take_scanned(op, chunk))
            return false;
    }
    return done && emit_gathered(op);
}

/* ---- the change of a step */

static void
emit_row(OpWindow *op, const Version *version, uint32_t row, int64_t diff)
{
    if (version->errors != NULL && version->errors[row] != NULL) {
        emit_error(op, version->errors[row], diff);
        return;
    }
    chunk_builder_append_row(&op->out, version->rows, row, op->base.circuit->time, diff);
    if (op->out.count >= CHUNK_ROWS)
        operator_push_owned(&op->base, chunk_builder_finish(&op->out));
}

/* Equal rows of the input: whether they are given the same. */
static bool
same_results(const OpWindow *op, const Version *old, uint32_t row_old, const Version *new, uint32_t row_new)
{
    if ((old->errors != NULL && old->errors[row_old] != NULL) || (new->errors != NULL &&new->errors[row_new] != NULL))
        return false;
    for (int i = op->input_count; i < old->rows->column_count; i++)
        if (column_compare_identity(old->rows->columns[i], row_old, new->rows->columns[i], row_new) != 0)
            return false;
    return true;
}

static void
emit_difference(OpWindow *op, const Version *old, const Version *new)
{
    uint32_t old_count = old->rows == NULL ? 0 : old->rows->count, was = 0;
    uint32_t new_count = new->rows == NULL ? 0 : new->rows->count, is = 0;
    while (was < old_count || is < new_count) {
        int order = was == old_count  ? 1
                    : is == new_count ? -1
                                      : rows_compare_whole(op->types, op->plan->order, op->plan->order_count,
                                                           op->input_count, old->rows, was, new->rows, is);
        if (order != 0 || !same_results(op, old, was, new, is)) {
            if (order <= 0)
                emit_row(op, old, was, -1);
            if (order >= 0)
                emit_row(op, new, is, 1);
        }
        was += order <= 0;
        is += order >= 0;
    }
}

static bool
read_version(OpWindow *op, Cursor *cursor, uint64_t hash, Column *const *key_columns, uint32_t key_row,
             Version *version)
{
    CursorRow row;
    *version = (Version){0};
    if (cursor == NULL || !cursor_seek(cursor, hash, key_columns, key_row))
        return true;
    vector_push(&op->gathering.starts, 0);
    while (cursor_row(cursor, &row))
        for (int64_t k = 0; k < row.diff; k++)
            chunk_builder_append_row(&op->gathering.rows, row.chunk, row.row, 0, 1);
    if (op->gathering.rows.count == 0)
        op->gathering.starts.count = 0;
    return evaluate_gathered(op, version);
}

static bool
settle_key(OpWindow *op, int64_t *fuel)
{
    CursorRow key = cursor_key_row(op->change);
    const Layout *layout = op->arrangement.layout;
    Column **key_columns = memory_alloc((layout->key_count + 1u) * sizeof *key_columns);
    for (int i = 0; i < layout->key_count; i++)
        key_columns[i] = key.chunk->columns[layout->key[i]];
    uint64_t hash = cursor_key_hash(op->change);
    Version old = {0}, new = {0};
    bool worked = read_version(op, op->after, hash, key_columns, key.row, &new) &&
                  read_version(op, op->before, hash, key_columns, key.row, &old);
    free(key_columns);
    *fuel -= 4;
    if (worked) {
        *fuel -= (old.rows == NULL ? 0 : old.rows->count) + (new.rows == NULL ? 0 : new.rows->count);
        emit_difference(op, &old, &new);
    }
    version_release(&old);
    version_release(&new);
    arena_reset(op->arena);
    return worked;
}

/* ---- the operator */

static void
close_readers(OpWindow *op)
{
    circuit_close_cursor(op->base.circuit, op->change);
    circuit_close_cursor(op->base.circuit, op->before);
    circuit_close_cursor(op->base.circuit, op->after);
    spine_scan_free(op->scan);
    chunk_release(op->last);
    op->change = op->before = op->after = NULL;
    op->scan = NULL;
    op->last = NULL;
    op->flushing = false;
}

/* False: nothing changed. */
static bool
open_readers(OpWindow *op, int64_t *fuel)
{
    Circuit *circuit = op->base.circuit;
    if (!arrangement_build(&op->arrangement, circuit, fuel))
        return false;
    SpineSnapshot *change = arrangement_change(&op->arrangement, circuit);
    if (change == NULL)
        return false;
    if (circuit->hydrating) {
        op->scan = spine_scan_new(change, circuit->time);
    } else {
        op->change = cursor_new(change, circuit->time);
        op->after = arrangement_cursor(&op->arrangement, circuit, true);
        op->before = arrangement_cursor(&op->arrangement, circuit, false);
    }
    spine_snapshot_release(change);
    op->flushing = true;
    return true;
}

static bool
window_flush(Operator *base, int64_t *fuel)
{
    OpWindow *op = (OpWindow *) base;
    if (!op->flushing && !open_readers(op, fuel))
        return true;
    if (op->scan != NULL) {
        if (!hydrate(op, fuel))
            return false;
    } else {
        while (cursor_next_key(op->change)) {
            if (!settle_key(op, fuel) || *fuel <= 0 || circuit_stopped(base->circuit))
                return false;
        }
    }
    operator_push_owned(base, chunk_builder_finish(&op->out));
    close_readers(op);
    return true;
}

static void
window_end_step(Operator *base)
{
    arrangement_end_step(&((OpWindow *) base)->arrangement, base->circuit->time);
}

static bool
window_work(Operator *base, size_t fuel)
{
    return arrangement_work(&((OpWindow *) base)->arrangement, fuel);
}

static size_t
window_memory(const Operator *base)
{
    const OpWindow *op = (const OpWindow *) base;
    size_t shares = 0;
    for (int lane = 0; lane < CREW_MAX; lane++)
        for (size_t i = 0; i < op->shares[lane].count; i++)
            shares += chunk_memory(op->shares[lane].items[i]);
    return shares + arrangement_memory(&op->arrangement) + chunk_builder_memory(&op->gathering.rows) +
           chunk_builder_memory(&op->out) + arena_bytes(op->arena) +
           op->gathering.starts.capacity * sizeof *op->gathering.starts.items;
}

static void
window_deinit(Operator *base)
{
    OpWindow *op = (OpWindow *) base;
    close_readers(op);
    for (int lane = 0; lane < CREW_MAX; lane++)
        chunk_vector_release(&op->shares[lane]);
    arrangement_deinit(&op->arrangement);
    chunk_builder_deinit(&op->gathering.rows);
    chunk_builder_deinit(&op->out);
    vector_deinit(&op->gathering.starts);
    arena_free(op->arena);
}

static const OperatorKind window_kind = {
    .name = "window",
    .push = window_push,
    .flush = window_flush,
    .end_step = window_end_step,
    .work = window_work,
    .memory = window_memory,
    .merge = window_merge,
    .merge_phases = MERGE_PHASES,
    .deinit = window_deinit,
};

Operator *
op_window_new(Circuit *circuit, uint32_t node, const WindowPlan *plan, const SqlType *input_types, uint16_t input_count,
              const SqlType *types)
{
    OpWindow *op = circuit_add(circuit, &window_kind, sizeof *op, node);
    op->plan = plan;
    op->types = types;
    op->input_count = input_count;
    op->arena = arena_new();
    arrangement_init(&op->arrangement,
                     layout_new(input_types, input_count, plan->partition, (uint16_t) plan->partition_count,
                                plan->order, (uint16_t) plan->order_count));
    op->arrangement.whole_input = circuit->one_shot;
    op->base.in_lanes = op->base.flushed_in_lanes = plan->partition_count > 0;
    chunk_builder_init(&op->gathering.rows, input_types, input_count);
    chunk_builder_init(&op->out, types, (uint16_t) (input_count + plan->call_count));
    return &op->base;
}
