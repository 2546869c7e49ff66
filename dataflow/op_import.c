/*
 * Hands the updates of a step to the circuit, chunk by chunk, at the step's time. While hydrating the snapshot comes first;
 * what it holds at times after as_of goes back to the queue of later steps.
 */
#include "dataflow/operators.h"

typedef struct SnapshotScan {
    SpineSnapshot *snapshot;
    uint32_t run, chunk;
} SnapshotScan;

struct OpImport {
    Operator base;
    const PlanImport *plan;
    StepBatch batch;
    SnapshotScan rows, errors; /* of a hydration */
    OpImport *first;           /* whose snapshot is shared between lanes; NULL: it is not */
    atomic_uint next_chunk;    /* of the snapshot, over all runs: the next one to be taken */
    Timestamp as_of, upper;    /* what the snapshot has at `upper` or later is not its business */
    StepQueue *late;
    size_t run, chunk; /* position in batch */
    Operator *index;   /* the arrangement that this import serves as */
    Arrangement *serves;
    Column **nulls; /* stand in for columns that nobody reads; of `null_rows` rows */
    uint32_t null_rows;
};

static void
scan_release(SnapshotScan *scan)
{
    if (scan->snapshot != NULL)
        spine_snapshot_release(scan->snapshot);
    *scan = (SnapshotScan){0};
}

/* The chunk with nothing but the columns that are read. */
static Chunk *
narrow(OpImport *import, Chunk *chunk)
{
    const PlanImport *plan = import->plan;
    if (import->null_rows != chunk->count) {
        for (uint16_t i = 0; i < plan->column_count; i++) {
            column_release(import->nulls[i]);
            import->nulls[i] = plan->needed[i] ? NULL : column_constant(plan->types[i], DATUM_NULL, chunk->count);
        }
        import->null_rows = chunk->count;
    }
    Column **columns = memory_alloc((plan->column_count + 1u) * sizeof(Column *));
    for (uint16_t i = 0; i < plan->column_count; i++)
        columns[i] = column_retain(plan->needed[i] ? chunk->columns[i] : import->nulls[i]);
    int64_t *diffs = NULL;
    if (chunk->diffs != NULL) {
        diffs = memory_alloc(chunk->count * sizeof *diffs);
        memcpy(diffs, chunk->diffs, chunk->count * sizeof *diffs);
    }
    Chunk *result = chunk_new(chunk->count, columns, plan->column_count, import->base.circuit->time, diffs, NULL);
    free(columns);
    return result;
}

static void
hand_on(OpImport *import, Chunk *chunk, bool is_error)
{
    Operator *op = &import->base;
    Timestamp time = op->circuit->time;
    Chunk *own = NULL;
    if (!is_error && import->nulls != NULL)
        own = narrow(import, chunk);
    else if (chunk->times != NULL || chunk->time != time)
        own = chunk_with_time(chunk, time);
    Chunk *given = own == NULL ? chunk : own;
    if (is_error)
        operator_push_errors(op, given);
    else
        operator_push(op, given);
    chunk_release(own);
}

static bool
is_early(const OpImport *import, Timestamp time)
{
    return time <= import->as_of && time < import->upper;
}

/* Rows of the snapshot at times up to as_of are handed on, later ones kept for their steps. */
static void
hand_on_snapshot(OpImport *import, Chunk *chunk, bool wanted, bool is_error)
{
    uint32_t early_count = 0;
    if (chunk->times == NULL) {
        early_count = is_early(import, chunk->time) ? chunk->count : 0;
    } else {
        for (uint32_t i = 0; i < chunk->count; i++)
            early_count += is_early(import, chunk->times[i]);
    }
    if (early_count < chunk->count && import->late != NULL)
        step_queue_add_chunk(import->late, chunk, import->as_of + 1, import->upper, is_error);
    if (!wanted || early_count == 0)
        return;
    if (early_count == chunk->count) {
        hand_on(import, chunk, is_error);
        return;
    }
    uint32_t *picked = memory_alloc(early_count * sizeof *picked);
    uint32_t count = 0;
    for (uint32_t i = 0; i < chunk->count; i++)
        if (is_early(import, chunk->times[i]))
            picked[count++] = i;
    Chunk *early = chunk_gather(chunk, picked, count);
    hand_on(import, early, is_error);
    chunk_release(early);
    free(picked);
}

/* True: the scan is at its end. */
static bool
scan_slice(OpImport *import, SnapshotScan *scan, bool is_error, int64_t *fuel)
{
    const OperatorTargets *targets = is_error ? &import->base.error_targets : &import->base.targets;
    bool wanted = targets->count > 0;
    while (scan->snapshot != NULL && scan->run < scan->snapshot->run_count) {
        Run *run = scan->snapshot->runs[scan->run];
        bool has_late = run->upper > import->as_of + 1 && import->late != NULL;
        if (scan->chunk == run->chunk_count || (!wanted && !has_late)) {
            scan->run++;
            scan->chunk = 0;
            continue;
        }
        if (*fuel <= 0)
            return false;
        Chunk *chunk;
        Error err = ERROR_INIT;
        if (!run_chunk(run, scan->chunk, &chunk, &err)) {
            circuit_fail(import->base.circuit, &err);
            return false;
        }
        scan->chunk++;
        *fuel -= chunk->count;
        hand_on_snapshot(import, chunk, wanted, is_error);
        if (circuit_stopped(import->base.circuit))
            return false;
    }
    return true;
}

/* True: all runs were handed on. */
static bool
runs_slice(OpImport *import, const RunVector *runs, bool is_error, int64_t *fuel)
{
    for (; import->run < runs->count; import->run++, import->chunk = 0) {
        Run *run = runs->items[import->run];
        for (; import->chunk < run->chunk_count; import->chunk++) {
            if (*fuel <= 0)
                return false;
            Chunk *chunk;
            Error err = ERROR_INIT;
            if (!run_chunk(run, (uint32_t) import->chunk, &chunk, &err)) {
                circuit_fail(import->base.circuit, &err);
                return false;
            }
            *fuel -= chunk->count;
            hand_on(import, chunk, is_error);
        }
    }
    return true;
}

/* A borrowed arrangement's delta: the index's own run, or one made of what came piecemeal. */
static void
give_delta(OpImport *import)
{
    Circuit *circuit = import->base.circuit;
    Arrangement *arrangement = import->serves;
    StepBatch *batch = &import->batch;
    import->index->dirty = true;
    if (circuit->hydrating || arrangement->delta != NULL)
        return;
    if (batch->row_runs.count == 1 && batch->rows.count == 0) {
        arrangement->delta = run_retain(batch->row_runs.items[0]);
        return;
    }
    ChunkVector chunks = {0};
    for (size_t i = 0; i < batch->rows.count; i++)
        vector_push(&chunks, chunk_with_time(batch->rows.items[i], circuit->time));
    for (size_t i = 0; i < batch->row_runs.count; i++)
        for (uint32_t j = 0; j < batch->row_runs.items[i]->chunk_count; j++) {
            Chunk *chunk;
            Error err = ERROR_INIT;
            if (!run_chunk(batch->row_runs.items[i], j, &chunk, &err)) {
                circuit_fail(circuit, &err);
                break;
            }
            vector_push(&chunks, chunk_with_time(chunk, circuit->time));
        }
    Run *run = run_build(arrangement->layout, chunks.items, chunks.count, circuit->time, circuit->time + 1);
    chunk_vector_release(&chunks);
    if (run->row_count > 0)
        arrangement->delta = run;
    else
        run_release(run);
}

static void
import_release_batch(OpImport *import)
{
    step_batch_deinit(&import->batch);
    import->batch = (StepBatch){0};
    import->run = import->chunk = 0;
}

bool
op_import_push_slice(Operator *op, int64_t *fuel)
{
    OpImport *import = (OpImport *) op;
    StepBatch *batch = &import->batch;
    if (!scan_slice(import, &import->errors, true, fuel))
        return false;
    bool shared = op->circuit->schedule.count > 0;
    if (!shared && !scan_slice(import, &import->rows, false, fuel))
        return false;
    bool holds_rows = import->rows.snapshot != NULL || batch->rows.count > 0 || batch->row_runs.count > 0;
    if (holds_rows && import->run == 0 && import->chunk == 0 && import->serves != NULL)
        give_delta(import);
    for (size_t i = 0; i < batch->errors.count; i++) {
        hand_on(import, batch->errors.items[i], true);
        chunk_release(batch->errors.items[i]);
    }
    batch->errors.count = 0;
    for (size_t i = 0; i < batch->rows.count; i++) {
        *fuel -= batch->rows.items[i]->count;
        hand_on(import, batch->rows.items[i], false);
        chunk_release(batch->rows.items[i]);
    }
    batch->rows.count = 0;
    if (batch->error_runs.count > 0) {
        /* Errors are few: in one go. */
        int64_t plenty = INT64_MAX;
        size_t run = import->run, chunk = import->chunk;
        import->run = import->chunk = 0;
        (void) runs_slice(import, &batch->error_runs, true, &plenty);
        import->run = run;
        import->chunk = chunk;
        for (size_t i = 0; i < batch->error_runs.count; i++)
            run_release(batch->error_runs.items[i]);
        batch->error_runs.count = 0;
    }
    if (op->targets.count > 0 && !runs_slice(import, &batch->row_runs, false, fuel))
        return false;
    import_release_batch(import);
    if (!shared)
        scan_release(&import->rows);
    scan_release(&import->errors);
    return true;
}

void
op_import_share(Operator *lane, Operator *first)
{
    ((OpImport *) lane)->first = (OpImport *) first;
}

bool
op_import_push_shared(Operator *op, int64_t *fuel)
{
    OpImport *import = (OpImport *) op, *first = import->first == NULL ? import : import->first;
    const SpineSnapshot *snapshot = first->rows.snapshot;
    if (import != first) {
        import->as_of = first->as_of;
        import->upper = first->upper;
    }
    while (snapshot != NULL && op->targets.count > 0) {
        if (*fuel <= 0 || circuit_stopped(op->circuit))
            return false;
        uint32_t index = atomic_fetch_add_explicit(&first->next_chunk, 1, memory_order_relaxed), run = 0;
        while (run < snapshot->run_count && index >= snapshot->runs[run]->chunk_count)
            index -= snapshot->runs[run++]->chunk_count;
        if (run == snapshot->run_count)
            return true;
        Chunk *chunk;
        Error err = ERROR_INIT;
        if (!run_chunk(snapshot->runs[run], index, &chunk, &err)) {
            circuit_fail(op->circuit, &err);
            return false;
        }
        *fuel -= chunk->count;
        hand_on_snapshot(import, chunk, true, false);
    }
    return true;
}

static void
import_push(Operator *op, int port, Chunk *chunk)
{
    (void) op;
    (void) port;
    (void) chunk;
    bug("an import has no input");
}

static size_t
import_memory(const Operator *op)
{
    const StepBatch *batch = &((const OpImport *) op)->batch;
    size_t bytes = 0;
    for (size_t i = 0; i < batch->rows.count; i++)
        bytes += chunk_memory(batch->rows.items[i]);
    return bytes;
}

static void
import_deinit(Operator *op)
{
    OpImport *import = (OpImport *) op;
    import_release_batch(import);
    scan_release(&import->rows);
    scan_release(&import->errors);
    for (uint16_t i = 0; import->nulls != NULL && i < import->plan->column_count; i++)
        column_release(import->nulls[i]);
    free(import->nulls);
}

static const OperatorKind import_kind = {
    .name = "import",
    .push = import_push,
    .memory = import_memory,
    .deinit = import_deinit,
};

Operator *
op_import_new(Circuit *circuit, uint32_t node, const PlanImport *plan)
{
    OpImport *import = circuit_add(circuit, &import_kind, sizeof *import, node);
    import->plan = plan;
    bool all = plan->needed == NULL || plan->index_id != 0;
    for (uint16_t i = 0; !all && i < plan->column_count && import->nulls == NULL; i++)
        if (!plan->needed[i])
            import->nulls = memory_calloc(plan->column_count, sizeof(Column *));
    vector_push(&circuit->imports, &import->base);
    return &import->base;
}

void
op_import_load(Operator *op, StepBatch *batch)
{
    step_batch_append(&((OpImport *) op)->batch, batch);
}

void
op_import_load_snapshot(Operator *op, SpineSnapshot *rows, SpineSnapshot *errors, Timestamp as_of, Timestamp upper,
                        StepQueue *late)
{
    OpImport *import = (OpImport *) op;
    import->rows.snapshot = rows == NULL ? NULL : spine_snapshot_retain(rows);
    import->errors.snapshot = errors == NULL ? NULL : spine_snapshot_retain(errors);
    import->as_of = as_of;
    import->upper = upper;
    import->late = late;
}

void
op_import_serve_index(Operator *op, Operator *arrange)
{
    OpImport *import = (OpImport *) op;
    import->index = arrange;
    import->serves = op_arrange_arrangement(arrange);
}
