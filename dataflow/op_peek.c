/* The rows of a one-shot read: everything that comes, consolidated where something is retracted, then sorted and cut. */
#include "dataflow/finishing.h"
#include "dataflow/lanes.h"
#include "dataflow/operators.h"

#define FIRST_ROWS 4096
#define FIRST_FUEL 262144

typedef struct OpPeek {
    Operator base;
    const PlanExport *plan;
    Gathered gathered;
    Finisher *finisher;
    ChunkVector result;
    uint64_t bytes; /* that came, where all of them are sent */
    bool any_rows_do;
} OpPeek;

static void
peek_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    OpPeek *peek = (OpPeek *) op;
    const Finishing *finishing = &peek->plan->finishing;
    bool all_sent = finishing->bytes_max > 0 && finishing->limit < 0 && !peek->gathered.retracts;
    peek->bytes += all_sent ? chunk_memory(chunk) : 0;
    if (all_sent &&
        peek->bytes > 2 * finishing->bytes_max) { /* what is left over it after consolidation is seen below */
        Error err = ERROR_INIT;
        (void) !result_too_large(finishing->bytes_max, &err);
        circuit_fail(op->circuit, &err);
    }
    gathered_add(&peek->gathered, chunk);
    if (peek->any_rows_do && !peek->gathered.retracts &&
        (int64_t) peek->gathered.row_count - finishing->offset >= finishing->limit)
        op->circuit->satisfied = true;
}

static void
peek_push_errors(Operator *op, Chunk *chunk)
{
    gathered_add_errors(&((OpPeek *) op)->gathered, chunk);
}

/* Nothing that the finishing does asks for rows to be together: without retractions they can stay as they came.
   False: not all of them are there yet, or the peek has failed. */
static bool
begin_finishing(OpPeek *op, int64_t *fuel)
{
    Circuit *circuit = op->base.circuit;
    Gathered *gathered = &op->gathered;
    Error err = ERROR_INIT;
    if (errors_find(&gathered->errors, &err)) {
        circuit_fail(circuit, &err);
        return false;
    }
    ChunkVector rows = gathered->rows;
    if (gathered->retracts) {
        if (!gathered_consolidate(gathered, circuit, fuel))
            return false;
        rows = gathered->done;
        gathered->done = (ChunkVector){0};
    } else {
        gathered->rows = (ChunkVector){0};
    }
    if (!rows_check_positive(&rows, &err)) {
        chunk_vector_release(&rows);
        circuit_fail(circuit, &err);
        return false;
    }
    op->finisher = finisher_new(&op->plan->finishing, gathered->types, gathered->column_count, &rows);
    return true;
}

static bool
peek_flush(Operator *base, int64_t *fuel)
{
    OpPeek *op = (OpPeek *) base;
    Circuit *circuit = base->circuit;
    if (op->finisher == NULL && !begin_finishing(op, fuel))
        return false;
    if (!finisher_run(op->finisher, fuel, &op->result))
        return false;
    ClusterResult result = {
        .kind = CLUSTER_PEEK_ROWS, .export_id = op->plan->id, .upper = circuit->time + 1, .rows = op->result};
    op->result = (ChunkVector){0};
    finisher_free(op->finisher);
    op->finisher = NULL;
    circuit->emit(circuit->emit_context, &result);
    return true;
}

/* With an order and a small limit a lane has to keep no more than that many rows of its own. */
static void
keep_first(OpPeek *op)
{
    const Finishing *plan = &op->plan->finishing;
    Gathered *gathered = &op->gathered;
    if (plan->order_count == 0 || plan->limit < 0 || plan->limit > FIRST_ROWS || plan->offset > FIRST_ROWS)
        return;
    uint16_t *all = memory_alloc((gathered->column_count + 1u) * sizeof *all);
    for (uint16_t i = 0; i < gathered->column_count; i++)
        all[i] = i;
    int64_t offset = plan->offset > 0 ? plan->offset : 0;
    Finishing first = {.order = plan->order,
                       .order_count = plan->order_count,
                       .limit = plan->limit + offset,
                       .project = all,
                       .project_count = gathered->column_count};
    Finisher *finisher = finisher_new(&first, gathered->types, gathered->column_count, &gathered->rows);
    ChunkVector kept = {0};
    int64_t fuel = FIRST_FUEL;
    while (!finisher_run(finisher, &fuel, &kept) && !circuit_stopped(op->base.circuit))
        fuel = FIRST_FUEL;
    finisher_free(finisher);
    gathered->rows = kept;
    gathered->row_count = 0;
    for (size_t i = 0; i < kept.count; i++)
        gathered->row_count += kept.items[i]->count;
    free(all);
}

/* 0: every lane keeps its first rows, if nothing takes any of them back. 1: the first lane takes what the others have. */
static void
peek_merge(Operator *op, int phase)
{
    if (phase == 0) {
        bool retracts = false;
        for (int lane = 0; lane < lane_count(op->circuit); lane++)
            retracts = retracts || ((OpPeek *) lane_operator(op, lane))->gathered.retracts;
        if (lane_count(op->circuit) > 1 && !retracts)
            keep_first((OpPeek *) op);
        return;
    }
    for (int lane = 1; lane < lane_count(op->circuit) && op->circuit->lane == 0; lane++)
        gathered_take_over(&((OpPeek *) op)->gathered, &((OpPeek *) lane_operator(op, lane))->gathered);
}

static size_t
peek_memory(const Operator *op)
{
    const OpPeek *peek = (const OpPeek *) op;
    return gathered_memory(&peek->gathered) + (peek->finisher == NULL ? 0 : finisher_memory(peek->finisher));
}

static void
peek_deinit(Operator *op)
{
    gathered_deinit(&((OpPeek *) op)->gathered);
    finisher_free(((OpPeek *) op)->finisher);
    chunk_vector_release(&((OpPeek *) op)->result);
}

static const OperatorKind peek_kind = {
    .name = "peek",
    .push = peek_push,
    .push_errors = peek_push_errors,
    .flush = peek_flush,
    .merge = peek_merge,
    .merge_phases = 2,
    .memory = peek_memory,
    .deinit = peek_deinit,
};

Operator *
op_peek_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count, bool only_grows)
{
    OpPeek *op = circuit_add(circuit, &peek_kind, sizeof *op, plan->node);
    op->any_rows_do = only_grows && plan->finishing.limit >= 0 && plan->finishing.order_count == 0;
    op->base.in_lanes = true;
    op->plan = plan;
    gathered_init(&op->gathered, types, column_count);
    return &op->base;
}
