/*
 * Rows that are there for a time: from `lower` on, until `upper`. What lies ahead waits in a heap ordered by time; the step at
 * that time lets it go.
 */
#include "dataflow/operators.h"
#include "expr/evaluate.h"

typedef struct FutureUpdate {
    Timestamp time;
    int64_t diff;
    Chunk *chunk; /* retained */
    uint32_t row;
} FutureUpdate;

typedef struct OpTemporal {
    Operator base;
    const TemporalPlan *plan;
    VECTOR(FutureUpdate) heap; /* the least time first */
    Arena *scratch;
    EvalContext eval;
} OpTemporal;

static void
heap_push(OpTemporal *op, FutureUpdate update)
{
    vector_push(&op->heap, update);
    FutureUpdate *items = op->heap.items;
    size_t at = op->heap.count - 1;
    for (; at > 0 && items[(at - 1) / 2].time > update.time; at = (at - 1) / 2)
        items[at] = items[(at - 1) / 2];
    items[at] = update;
}

static FutureUpdate
heap_pop(OpTemporal *op)
{
    FutureUpdate *items = op->heap.items;
    FutureUpdate first = items[0], last = vector_pop(&op->heap);
    size_t count = op->heap.count, at = 0;
    for (size_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && items[child + 1].time < items[child].time)
            child++;
        if (items[child].time >= last.time)
            break;
        items[at] = items[child];
    }
    if (count > 0)
        items[at] = last;
    return first;
}

/* A row's bounds while they are found out. */
typedef struct RowSpan {
    Timestamp lower, upper;
    const EvalError *error;
    bool is_null;
} RowSpan;

static void
apply_bound(OpTemporal *op, const Scalar *bound, bool is_lower, const Chunk *chunk, RowSpan *spans)
{
    Evaluated value = {0};
    evaluate(bound, &op->eval, chunk, &value);
    for (uint32_t row = 0; row < chunk->count; row++) {
        uint32_t at = value.is_constant ? 0 : row;
        RowSpan *span = &spans[row];
        if (value.errors != NULL && value.errors[at] != NULL) {
            span->error = span->error == NULL ? value.errors[at] : span->error;
        } else if (column_is_null(value.column, at)) {
            span->is_null = true;
        } else {
            Timestamp time = ((const uint64_t *) value.column->values)[at];
            if (is_lower && time > span->lower)
                span->lower = time;
            if (!is_lower && time < span->upper)
                span->upper = time;
        }
    }
    evaluated_release(&value);
}

static void
temporal_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    OpTemporal *op = (OpTemporal *) base;
    Timestamp now = base->circuit->time;
    RowSpan *spans = memory_calloc(chunk->count + 1, sizeof *spans);
    uint32_t *present = memory_alloc((chunk->count + 1) * sizeof *present);
    uint32_t count = 0;
    for (uint32_t row = 0; row < chunk->count; row++)
        spans[row].upper = TIMESTAMP_MAX;
    for (int i = 0; i < op->plan->lower_count; i++)
        apply_bound(op, op->plan->lower[i], true, chunk, spans);
    for (int i = 0; i < op->plan->upper_count; i++)
        apply_bound(op, op->plan->upper[i], false, chunk, spans);
    for (uint32_t row = 0; row < chunk->count; row++) {
        const RowSpan *span = &spans[row];
        int64_t diff = chunk_diff(chunk, row);
        if (span->error != NULL) {
            error_row_append(operator_errors(base), span->error, now, diff, op->scratch);
            continue;
        }
        if (span->is_null || span->upper <= now || span->upper <= span->lower)
            continue;
        if (span->lower <= now)
            present[count++] = row;
        else if (!base->circuit->one_shot)
            heap_push(op, (FutureUpdate){span->lower, diff, chunk_retain(chunk), row});
        if (span->upper != TIMESTAMP_MAX && !base->circuit->one_shot)
            heap_push(op, (FutureUpdate){span->upper, -diff, chunk_retain(chunk), row});
    }
    if (count == chunk->count)
        operator_push(base, chunk);
    else if (count > 0)
        operator_push_owned(base, chunk_gather(chunk, present, count));
    free(present);
    free(spans);
    arena_reset(op->scratch);
}

static bool
temporal_flush(Operator *base, int64_t *fuel)
{
    OpTemporal *op = (OpTemporal *) base;
    if (op->heap.count == 0 || op->heap.items[0].time > base->circuit->time)
        return true;
    /* Rows of one chunk often leave together: equal neighbours are gathered at once. */
    uint32_t rows[CHUNK_ROWS];
    int64_t *diffs = memory_alloc(sizeof *diffs * CHUNK_ROWS);
    while (*fuel > 0 && op->heap.count > 0 && op->heap.items[0].time <= base->circuit->time) {
        Chunk *source = op->heap.items[0].chunk;
        uint32_t count = 0;
        chunk_retain(source);
        while (count < CHUNK_ROWS && op->heap.count > 0 && op->heap.items[0].time <= base->circuit->time &&
               op->heap.items[0].chunk == source) {
            FutureUpdate update = heap_pop(op);
            rows[count] = update.row;
            diffs[count++] = update.diff;
            chunk_release(update.chunk);
        }
        *fuel -= count;
        Column **columns = memory_alloc((source->column_count + 1u) * sizeof(Column *));
        for (uint16_t i = 0; i < source->column_count; i++)
            columns[i] = column_gather(source->columns[i], rows, count);
        int64_t *own = memory_alloc(count * sizeof *own);
        memcpy(own, diffs, count * sizeof *own);
        operator_push_owned(base, chunk_new(count, columns, source->column_count, base->circuit->time, own, NULL));
        free(columns);
        chunk_release(source);
    }
    free(diffs);
    return op->heap.count == 0 || op->heap.items[0].time > base->circuit->time;
}

static Timestamp
temporal_wakeup(const Operator *base)
{
    const OpTemporal *op = (const OpTemporal *) base;
    return op->heap.count == 0 ? TIMESTAMP_MAX : op->heap.items[0].time;
}

static size_t
temporal_memory(const Operator *base)
{
    const OpTemporal *op = (const OpTemporal *) base;
    return op->heap.capacity * sizeof(FutureUpdate) + op->heap.count * 16;
}

static void
temporal_deinit(Operator *base)
{
    OpTemporal *op = (OpTemporal *) base;
    for (size_t i = 0; i < op->heap.count; i++)
        chunk_release(op->heap.items[i].chunk);
    vector_deinit(&op->heap);
    eval_context_deinit(&op->eval);
    arena_free(op->scratch);
}

static const OperatorKind temporal_kind = {
    .name = "temporal",
    .push = temporal_push,
    .flush = temporal_flush,
    .wakeup = temporal_wakeup,
    .memory = temporal_memory,
    .deinit = temporal_deinit,
};

Operator *
op_temporal_new(Circuit *circuit, uint32_t node, const TemporalPlan *plan)
{
    OpTemporal *op = circuit_add(circuit, &temporal_kind, sizeof *op, node);
    op->plan = plan;
    op->scratch = arena_new();
    eval_context_init(&op->eval, op->scratch);
    circuit_style(circuit, &op->eval);
    return &op->base;
}
