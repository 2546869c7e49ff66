/*
 * Rows with positive counts: each with its count, or once. A table counts the rows; a row's form is the one that came first
 * (1.0 and 1.00 are one row), and stays while it is counted.
 */
#include "dataflow/group_table.h"
#include "dataflow/operators.h"

#define FLUSH_ROWS 4096

enum { ROW_TOUCHED = 1 };

typedef struct OpThreshold {
    Operator base;
    bool distinct;
    GroupTable rows; /* state: the count before the step, int64 */
    VECTOR(uint32_t) touched;
    size_t position;
    uint32_t *entries;
    uint32_t capacity;
    ChunkBuilder out;
} OpThreshold;

static void
threshold_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    OpThreshold *op = (OpThreshold *) base;
    if (op->capacity < chunk->count) {
        op->capacity = chunk->count;
        op->entries = memory_realloc(op->entries, op->capacity * sizeof *op->entries);
    }
    group_table_find(&op->rows, chunk->columns, chunk->count, op->entries);
    for (uint32_t i = 0; i < chunk->count; i++) {
        GroupHead *head = group_head(&op->rows, op->entries[i]);
        if ((head->flags & ROW_TOUCHED) == 0) {
            head->flags |= ROW_TOUCHED;
            *(int64_t *) group_state(&op->rows, op->entries[i]) = head->count;
            vector_push(&op->touched, op->entries[i]);
        }
        head->count += chunk_diff(chunk, i);
    }
}

static int64_t
shown(const OpThreshold *op, int64_t count)
{
    return count <= 0 ? 0 : op->distinct ? 1 : count;
}

static void
settle_row(OpThreshold *op, uint32_t entry)
{
    GroupHead *head = group_head(&op->rows, entry);
    int64_t before = *(const int64_t *) group_state(&op->rows, entry);
    int64_t diff = shown(op, head->count) - shown(op, before);
    head->flags &= ~(uint32_t) ROW_TOUCHED;
    if (diff != 0) {
        for (uint16_t i = 0; i < op->rows.column_count; i++)
            column_builder_append(&op->out.columns[i], group_table_key(&op->rows, entry, i));
        chunk_builder_end_row(&op->out, op->base.circuit->time, diff);
        if (op->out.count >= CHUNK_ROWS)
            operator_push_owned(&op->base, chunk_builder_finish(&op->out));
    }
    if (head->count == 0)
        group_table_remove(&op->rows, entry);
}

static bool
threshold_flush(Operator *base, int64_t *fuel)
{
    OpThreshold *op = (OpThreshold *) base;
    while (op->position < op->touched.count) {
        if (*fuel <= 0 || circuit_stopped(base->circuit))
            return false;
        for (int i = 0; i < FLUSH_ROWS && op->position < op->touched.count; i++, --*fuel)
            settle_row(op, op->touched.items[op->position++]);
    }
    operator_push_owned(base, chunk_builder_finish(&op->out));
    op->touched.count = op->position = 0;
    return true;
}

static size_t
threshold_memory(const Operator *base)
{
    const OpThreshold *op = (const OpThreshold *) base;
    return group_table_memory(&op->rows) + op->touched.capacity * sizeof(uint32_t);
}

static void
threshold_deinit(Operator *base)
{
    OpThreshold *op = (OpThreshold *) base;
    group_table_deinit(&op->rows);
    vector_deinit(&op->touched);
    free(op->entries);
    chunk_builder_deinit(&op->out);
}

static const OperatorKind threshold_kind = {
    .name = "threshold",
    .push = threshold_push,
    .flush = threshold_flush,
    .memory = threshold_memory,
    .deinit = threshold_deinit,
};

Operator *
op_threshold_new(Circuit *circuit, uint32_t node, bool distinct, const SqlType *types, uint16_t column_count)
{
    OpThreshold *op = circuit_add(circuit, &threshold_kind, sizeof *op, node);
    op->distinct = distinct;
    group_table_init(&op->rows, types, column_count, sizeof(int64_t));
    chunk_builder_init(&op->out, types, column_count);
    return &op->base;
}
