#include "dataflow/linear.h"
#include "dataflow/operators.h"

typedef struct OpLinear {
    Operator base;
    LinearProgram program;
} OpLinear;

static void
linear_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    operator_push_owned(op, linear_apply(&((OpLinear *) op)->program, chunk, operator_errors(op)));
}

static void
linear_op_deinit(Operator *op)
{
    linear_deinit(&((OpLinear *) op)->program);
}

static const OperatorKind linear_kind = {.name = "linear", .push = linear_push, .deinit = linear_op_deinit};

Operator *
op_linear_new(Circuit *circuit, uint32_t node, const LinearPlan *plan, uint32_t input_count)
{
    OpLinear *linear = circuit_add(circuit, &linear_kind, sizeof *linear, node);
    linear->base.in_lanes = true;
    linear_init(&linear->program, plan, input_count);
    circuit_style(circuit, &linear->program.eval);
    return &linear->base;
}
