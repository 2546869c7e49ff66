/* The rows of a one-shot read: everything that comes, consolidated where something is retracted, then sorted and cut. */
#include "dataflow/finishing.h"
#include "dataflow/operators.h"

typedef struct OpPeek {
    Operator base;
    const PlanExport *plan;
    Gathered gathered;
} OpPeek;

static void
peek_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    gathered_add(&((OpPeek *) op)->gathered, chunk);
}

static void
peek_push_errors(Operator *op, Chunk *chunk)
{
    gathered_add_errors(&((OpPeek *) op)->gathered, chunk);
}

/* Nothing that the finishing does asks for rows to be together: without retractions they can stay as they came. */
static void
take_rows(OpPeek *op, ChunkVector *rows)
{
    Gathered *gathered = &op->gathered;
    if (!gathered->retracts) {
        *rows = gathered->rows;
        gathered->rows = (ChunkVector){0};
        return;
    }
    ClusterResult taken = {0};
    gathered_take(gathered, &taken);
    *rows = taken.rows;
    chunk_vector_release(&taken.errors);
}

static bool
peek_flush(Operator *base, int64_t *fuel)
{
    OpPeek *op = (OpPeek *) base;
    Circuit *circuit = base->circuit;
    Gathered *gathered = &op->gathered;
    Error err = ERROR_INIT;
    (void) fuel;
    if (errors_find(&gathered->errors, &err)) {
        circuit_fail(circuit, &err);
        return true;
    }
    ClusterResult result = {.kind = CLUSTER_PEEK_ROWS, .export_id = op->plan->id, .upper = circuit->time + 1};
    ChunkVector rows = {0};
    take_rows(op, &rows);
    if (!rows_check_positive(&rows, &err)) {
        chunk_vector_release(&rows);
        circuit_fail(circuit, &err);
        return true;
    }
    finishing_apply(&op->plan->finishing, gathered->types, gathered->column_count, &rows, &result.rows);
    circuit->emit(circuit->emit_context, &result);
    return true;
}

static size_t
peek_memory(const Operator *op)
{
    return gathered_memory(&((const OpPeek *) op)->gathered);
}

static void
peek_deinit(Operator *op)
{
    gathered_deinit(&((OpPeek *) op)->gathered);
}

static const OperatorKind peek_kind = {
    .name = "peek",
    .push = peek_push,
    .push_errors = peek_push_errors,
    .flush = peek_flush,
    .memory = peek_memory,
    .deinit = peek_deinit,
};

Operator *
op_peek_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count)
{
    OpPeek *op = circuit_add(circuit, &peek_kind, sizeof *op, plan->node);
    op->plan = plan;
    op->gathered.types = (SqlType *) types;
    op->gathered.column_count = column_count;
    return &op->base;
}
