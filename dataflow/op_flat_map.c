#include "dataflow/operators.h"

#define CANCEL_CHECK_ROWS 4096

typedef struct OpFlatMap {
    Operator base;
    const FlatMapPlan *plan;
    const SqlType *types;
    uint16_t column_count, input_count;
    ChunkBuilder rows;
    Arena *scratch;
    EvalContext eval;
    Evaluated *args; /* of one chunk */
    Datum *values;   /* of one row */
    Chunk *input;    /* while a row is expanded */
    uint32_t row;
    int64_t ordinality;
} OpFlatMap;

static bool
flat_map_emit(void *context, const Datum *values)
{
    OpFlatMap *op = context;
    ChunkBuilder *rows = &op->rows;
    uint16_t column = 0;
    for (; column < op->input_count; column++)
        column_builder_append_row(&rows->columns[column], op->input->columns[column], op->row);
    for (int i = 0; i < op->plan->function.column_count; i++, column++)
        column_builder_append(&rows->columns[column], values[i]);
    op->ordinality++;
    if (op->plan->ordinality)
        column_builder_append(&rows->columns[column], datum_int(op->ordinality));
    chunk_builder_end_row(rows, op->input->time, chunk_diff(op->input, op->row));
    if (rows->count >= CHUNK_ROWS)
        operator_push_owned(&op->base, chunk_builder_finish(rows));
    return !op->base.circuit->satisfied &&
           (op->ordinality % CANCEL_CHECK_ROWS != 0 || !circuit_stopped(op->base.circuit));
}

static void
flat_map_row(OpFlatMap *op, const Evaluated *args, uint32_t row)
{
    const FlatMapPlan *plan = op->plan;
    Datum *values = op->values;
    const EvalError *error = NULL;
    for (int i = 0; i < plan->arg_count && error == NULL; i++) {
        uint32_t at = args[i].is_constant ? 0 : row;
        if (args[i].errors != NULL && args[i].errors[at] != NULL)
            error = args[i].errors[at];
        else
            values[i] = column_datum(args[i].column, plan->args[i]->type, at);
    }
    op->row = row;
    op->ordinality = 0;
    if (error == NULL && table_function_evaluate(&plan->function, &op->eval, values, flat_map_emit, op, &error))
        return;
    if (error != NULL)
        error_row_append(operator_errors(&op->base), error, op->input->time, chunk_diff(op->input, row), op->scratch);
}

static void
flat_map_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    OpFlatMap *op = (OpFlatMap *) base;
    Evaluated *args = op->args;
    op->input = chunk;
    for (int i = 0; i < op->plan->arg_count; i++) {
        args[i] = (Evaluated){0};
        evaluate(op->plan->args[i], &op->eval, chunk, &args[i]);
    }
    for (uint32_t row = 0; row < chunk->count && !base->circuit->satisfied; row++) {
        flat_map_row(op, args, row);
        if (circuit_stopped(base->circuit)) {
            base->circuit->interrupted = true;
            break;
        }
    }
    for (int i = 0; i < op->plan->arg_count; i++)
        evaluated_release(&args[i]);
    arena_reset(op->scratch);
    operator_push_owned(base, chunk_builder_finish(&op->rows));
    op->input = NULL;
}

static size_t
flat_map_memory(const Operator *op)
{
    return chunk_builder_memory(&((const OpFlatMap *) op)->rows);
}

static void
flat_map_deinit(Operator *base)
{
    OpFlatMap *op = (OpFlatMap *) base;
    chunk_builder_deinit(&op->rows);
    eval_context_deinit(&op->eval);
    arena_free(op->scratch);
    free(op->args);
    free(op->values);
}

static const OperatorKind flat_map_kind = {
    .name = "flat_map", .push = flat_map_push, .memory = flat_map_memory, .deinit = flat_map_deinit};

Operator *
op_flat_map_new(Circuit *circuit, uint32_t node, const FlatMapPlan *plan, const SqlType *types, uint16_t column_count)
{
    OpFlatMap *op = circuit_add(circuit, &flat_map_kind, sizeof *op, node);
    op->base.in_lanes = true;
    op->plan = plan;
    op->types = types;
    op->column_count = column_count;
    op->input_count = (uint16_t) (column_count - plan->function.column_count - (plan->ordinality ? 1 : 0));
    chunk_builder_init(&op->rows, types, column_count);
    op->args = memory_calloc((size_t) plan->arg_count + 1, sizeof *op->args);
    op->values = memory_calloc((size_t) plan->arg_count + 1, sizeof *op->values);
    op->scratch = arena_new();
    eval_context_init(&op->eval, op->scratch);
    circuit_style(circuit, &op->eval);
    return &op->base;
}
