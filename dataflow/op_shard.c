/* Sends every step's updates out, to be written to the shard of a materialized view. */
#include "dataflow/operators.h"

typedef struct OpShard {
    Operator base;
    const PlanExport *plan;
    Gathered gathered;
} OpShard;

static void
shard_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    gathered_add(&((OpShard *) op)->gathered, chunk);
}

static void
shard_push_errors(Operator *op, Chunk *chunk)
{
    gathered_add_errors(&((OpShard *) op)->gathered, chunk);
}

static bool
shard_flush(Operator *base, int64_t *fuel)
{
    OpShard *op = (OpShard *) base;
    Circuit *circuit = base->circuit;
    ClusterResult result = {.kind = CLUSTER_UPDATES, .export_id = op->plan->id, .upper = circuit->time + 1};
    if (!gathered_consolidate(&op->gathered, circuit, fuel))
        return false;
    gathered_take(&op->gathered, &result);
    if (circuit->hydrating || result.rows.count > 0 || result.errors.count > 0)
        circuit->emit(circuit->emit_context, &result);
    return true;
}

static size_t
shard_memory(const Operator *op)
{
    return gathered_memory(&((const OpShard *) op)->gathered);
}

static void
shard_deinit(Operator *op)
{
    gathered_deinit(&((OpShard *) op)->gathered);
}

static const OperatorKind shard_kind = {
    .name = "shard",
    .push = shard_push,
    .push_errors = shard_push_errors,
    .flush = shard_flush,
    .memory = shard_memory,
    .deinit = shard_deinit,
};

Operator *
op_shard_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count)
{
    OpShard *op = circuit_add(circuit, &shard_kind, sizeof *op, plan->node);
    op->plan = plan;
    gathered_init(&op->gathered, types, column_count);
    return &op->base;
}
