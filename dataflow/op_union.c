/* All inputs' rows, as they come; and the rows with their diffs' signs changed. */
#include "dataflow/operators.h"

static void
union_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    operator_push(op, chunk);
}

static void
negate_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    operator_push_owned(op, chunk_negate(chunk));
}

static const OperatorKind union_kind = {.name = "union", .push = union_push};
static const OperatorKind negate_kind = {.name = "negate", .push = negate_push};

Operator *
op_union_new(Circuit *circuit, uint32_t node)
{
    Operator *op = circuit_add(circuit, &union_kind, sizeof *op, node);
    op->in_lanes = true;
    return op;
}

Operator *
op_negate_new(Circuit *circuit, uint32_t node)
{
    Operator *op = circuit_add(circuit, &negate_kind, sizeof *op, node);
    op->in_lanes = true;
    return op;
}
