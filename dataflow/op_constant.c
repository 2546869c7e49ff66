#include "dataflow/operators.h"

typedef struct OpConstant {
    Operator base;
    const PlanNode *plan;
} OpConstant;

static void
constant_takes_nothing(Operator *op, int port, Chunk *chunk)
{
    (void) op;
    (void) port;
    (void) chunk;
    bug("a constant has no input");
}

static const OperatorKind constant_kind = {.name = "constant", .push = constant_takes_nothing};

Operator *
op_constant_new(Circuit *circuit, uint32_t node, const PlanNode *plan)
{
    OpConstant *constant = circuit_add(circuit, &constant_kind, sizeof *constant, node);
    constant->plan = plan;
    vector_push(&circuit->constants, &constant->base);
    return &constant->base;
}

void
op_constant_push(Operator *op)
{
    const PlanNode *plan = ((OpConstant *) op)->plan;
    for (size_t i = 0; i < plan->constant.rows.count; i++)
        operator_push_owned(op, chunk_with_time(plan->constant.rows.items[i], op->circuit->time));
    for (size_t i = 0; i < plan->constant.errors.count; i++) {
        Chunk *errors = chunk_with_time(plan->constant.errors.items[i], op->circuit->time);
        operator_push_errors(op, errors);
        chunk_release(errors);
    }
}
