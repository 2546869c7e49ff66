/* Sends every step's updates to a session. */
#include "dataflow/operators.h"

typedef struct OpSubscribe {
    Operator base;
    const PlanExport *plan;
    Gathered gathered;
} OpSubscribe;

static void
subscribe_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    gathered_add(&((OpSubscribe *) op)->gathered, chunk);
}

static void
subscribe_push_errors(Operator *op, Chunk *chunk)
{
    gathered_add_errors(&((OpSubscribe *) op)->gathered, chunk);
}

static bool
subscribe_flush(Operator *base, int64_t *fuel)
{
    OpSubscribe *op = (OpSubscribe *) base;
    Circuit *circuit = base->circuit;
    if (circuit->hydrating && !op->plan->with_snapshot) {
        gathered_deinit(&op->gathered);
        return true;
    }
    ClusterResult result = {.kind = CLUSTER_UPDATES, .export_id = op->plan->id, .upper = circuit->time + 1};
    if (!gathered_consolidate(&op->gathered, circuit, fuel))
        return false;
    gathered_take(&op->gathered, &result);
    if (circuit->hydrating || result.rows.count > 0 || result.errors.count > 0)
        circuit->emit(circuit->emit_context, &result);
    return true;
}

static size_t
subscribe_memory(const Operator *op)
{
    return gathered_memory(&((const OpSubscribe *) op)->gathered);
}

static void
subscribe_deinit(Operator *op)
{
    gathered_deinit(&((OpSubscribe *) op)->gathered);
}

static const OperatorKind subscribe_kind = {
    .name = "subscribe",
    .push = subscribe_push,
    .push_errors = subscribe_push_errors,
    .flush = subscribe_flush,
    .memory = subscribe_memory,
    .deinit = subscribe_deinit,
};

Operator *
op_subscribe_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count)
{
    OpSubscribe *op = circuit_add(circuit, &subscribe_kind, sizeof *op, plan->node);
    op->plan = plan;
    gathered_init(&op->gathered, types, column_count);
    return &op->base;
}
