#include "dataflow/operator.h"

#include "dataflow/circuit.h"

void
operator_connect(Operator *from, Operator *to, int port)
{
    vector_push(&from->targets, ((OperatorTarget){to, port}));
    operator_connect_errors(from, to);
}

void
operator_connect_rows(Operator *from, Operator *to)
{
    vector_push(&from->targets, ((OperatorTarget){to, 0}));
}

void
operator_connect_errors(Operator *from, Operator *to)
{
    vector_push(&from->error_targets, ((OperatorTarget){to, 0}));
}

void
operator_push(Operator *from, Chunk *chunk)
{
    if (chunk->count == 0)
        return;
    from->rows_out += chunk->count;
    for (size_t i = 0; i < from->targets.count; i++) {
        OperatorTarget target = from->targets.items[i];
        target.op->dirty = true;
        target.op->kind->push(target.op, target.port, chunk);
    }
}

void
operator_push_owned(Operator *from, Chunk *chunk)
{
    if (chunk == NULL)
        return;
    operator_push(from, chunk);
    chunk_release(chunk);
}

void
operator_push_errors(Operator *from, Chunk *chunk)
{
    if (chunk->count == 0)
        return;
    for (size_t i = 0; i < from->error_targets.count; i++) {
        Operator *to = from->error_targets.items[i].op;
        to->dirty = true;
        if (to->kind->push_errors == NULL)
            operator_push_errors(to, chunk);
        else
            to->kind->push_errors(to, chunk);
    }
}

ChunkBuilder *
operator_errors(Operator *op)
{
    if (!op->errors_ready) {
        SqlType type = SQL_TYPE(TEXT);
        chunk_builder_init(&op->errors, &type, 1);
        op->errors_ready = true;
    }
    return &op->errors;
}

void
error_row_append(ChunkBuilder *errors, const EvalError *error, Timestamp time, int64_t diff, Arena *scratch)
{
    Slice bytes = eval_error_encode(error, scratch);
    column_builder_append_bytes(&errors->columns[0], bytes.bytes, bytes.size);
    chunk_builder_end_row(errors, time, diff);
}

void
operator_flush_errors(Operator *op)
{
    if (!op->errors_ready || op->errors.count == 0)
        return;
    Chunk *chunk = chunk_builder_finish(&op->errors);
    operator_push_errors(op, chunk);
    chunk_release(chunk);
}
