/* An arrangement with a name: what peeks and other dataflows read. The errors have a spine of their own. */
#include "dataflow/operators.h"

typedef struct OpIndex {
    Operator base;
    Operator *arrange;
    Arrangement errors;
} OpIndex;

static void
index_push(Operator *op, int port, Chunk *chunk)
{
    (void) op;
    (void) port;
    (void) chunk;
    bug("an index takes its rows from its arrangement");
}

static void
index_push_errors(Operator *op, Chunk *chunk)
{
    arrangement_add(&((OpIndex *) op)->errors, op->circuit, chunk, NULL, 0);
}

static bool
index_flush(Operator *op, int64_t *fuel)
{
    (void) arrangement_build(&((OpIndex *) op)->errors, op->circuit, fuel);
    return true;
}

static void
index_end_step(Operator *op)
{
    arrangement_end_step(&((OpIndex *) op)->errors, op->circuit->time);
}

static bool
index_work(Operator *op, size_t fuel)
{
    return arrangement_work(&((OpIndex *) op)->errors, fuel);
}

static size_t
index_memory(const Operator *op)
{
    return arrangement_memory(&((const OpIndex *) op)->errors);
}

static void
index_deinit(Operator *op)
{
    arrangement_deinit(&((OpIndex *) op)->errors);
}

static const OperatorKind index_kind = {
    .name = "index",
    .push = index_push,
    .push_errors = index_push_errors,
    .flush = index_flush,
    .end_step = index_end_step,
    .work = index_work,
    .memory = index_memory,
    .deinit = index_deinit,
};

Operator *
op_index_new(Circuit *circuit, const PlanExport *plan, Operator *arrange)
{
    OpIndex *op = circuit_add(circuit, &index_kind, sizeof *op, plan->node);
    SqlType text = SQL_TYPE(TEXT);
    op->arrange = arrange;
    op_arrange_add_reader(arrange, &op->base);
    op_arrange_arrangement(arrange)->keeps_history = true;
    arrangement_init(&op->errors, layout_new(&text, 1, NULL, 0, NULL, 0));
    op->errors.keeps_history = true;
    return &op->base;
}

Arrangement *
op_index_rows(Operator *op)
{
    return op_arrange_arrangement(((OpIndex *) op)->arrange);
}

Arrangement *
op_index_errors(Operator *op)
{
    return &((OpIndex *) op)->errors;
}
