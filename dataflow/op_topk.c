/*
 * The first rows of each group: an arrangement by group, rows in order. A group that changed has its window read as it was
 * and as it is; both come in the same order, so one walk over the two gives the difference.
 */
#include "dataflow/operators.h"
#include "dataflow/row_order.h"

typedef struct WindowRow {
    CursorRow row;
    int64_t count;
} WindowRow;

typedef VECTOR(WindowRow) Window;

typedef struct OpTopk {
    Operator base;
    const TopkPlan *plan;
    const SqlType *types;
    Arrangement arrangement;
    bool flushing;
    Cursor *change, *before, *after;
    Window old, new;
    ChunkBuilder out;
} OpTopk;

static void
topk_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    arrangement_add(&((OpTopk *) base)->arrangement, base->circuit, chunk, NULL, 0);
}

/* Rows offset ... offset + limit of the key that the cursor is at. */
static void
read_window(const TopkPlan *plan, Cursor *cursor, Window *window)
{
    int64_t skip = plan->offset, left = plan->limit < 0 ? INT64_MAX : plan->limit;
    CursorRow row;
    window->count = 0;
    while (left > 0 && cursor_row(cursor, &row)) {
        int64_t count = row.diff;
        if (count <= 0)
            continue;
        int64_t skipped = count < skip ? count : skip;
        skip -= skipped;
        count -= skipped;
        count = count < left ? count : left;
        if (count == 0)
            continue;
        left -= count;
        vector_push(window, ((WindowRow){row, count}));
    }
}

static int
row_compare(const OpTopk *op, const CursorRow *a, const CursorRow *b)
{
    return rows_compare_whole(op->types, op->plan->order, op->plan->order_count, a->chunk->column_count, a->chunk,
                              a->row, b->chunk, b->row);
}

static void
emit(OpTopk *op, const CursorRow *row, int64_t diff)
{
    if (diff == 0)
        return;
    chunk_builder_append_row(&op->out, row->chunk, row->row, op->base.circuit->time, diff);
    if (op->out.count >= CHUNK_ROWS)
        operator_push_owned(&op->base, chunk_builder_finish(&op->out));
}

static void
emit_difference(OpTopk *op)
{
    size_t old = 0, new = 0;
    while (old < op->old.count || new < op->new.count) {
        const WindowRow *was = old < op->old.count ? &op->old.items[old] : NULL;
        const WindowRow *is = new < op->new.count ? &op->new.items[new] : NULL;
        int order = was == NULL ? 1 : is == NULL ? -1 : row_compare(op, &was->row, &is->row);
        if (order == 0)
            emit(op, &is->row, is->count - was->count);
        else if (order < 0)
            emit(op, &was->row, -was->count);
        else
            emit(op, &is->row, is->count);
        old += order <= 0;
        new += order >= 0;
    }
}

static void
settle_key(OpTopk *op, int64_t *fuel)
{
    CursorRow key = cursor_key_row(op->change);
    const Layout *layout = op->arrangement.layout;
    Column *few[8], **key_columns = few;
    if (layout->key_count > 8)
        key_columns = memory_alloc(layout->key_count * sizeof *key_columns);
    for (int i = 0; i < layout->key_count; i++)
        key_columns[i] = key.chunk->columns[layout->key[i]];
    uint64_t hash = cursor_key_hash(op->change);
    op->old.count = op->new.count = 0;
    if (cursor_seek(op->after, hash, key_columns, key.row))
        read_window(op->plan, op->after, &op->new);
    if (op->before != NULL && cursor_seek(op->before, hash, key_columns, key.row))
        read_window(op->plan, op->before, &op->old);
    if (key_columns != few)
        free(key_columns);
    *fuel -= (int64_t) (4 + op->old.count + op->new.count);
    emit_difference(op);
}

static void
close_cursors(OpTopk *op)
{
    circuit_close_cursor(op->base.circuit, op->change);
    circuit_close_cursor(op->base.circuit, op->before);
    circuit_close_cursor(op->base.circuit, op->after);
    op->change = op->before = op->after = NULL;
    op->flushing = false;
}

static bool
topk_flush(Operator *base, int64_t *fuel)
{
    OpTopk *op = (OpTopk *) base;
    Circuit *circuit = base->circuit;
    if (!op->flushing) {
        if (!arrangement_build(&op->arrangement, circuit, fuel))
            return true;
        SpineSnapshot *change = arrangement_change(&op->arrangement, circuit);
        if (change == NULL)
            return true;
        op->change = cursor_new(change, circuit->time);
        op->after = arrangement_cursor(&op->arrangement, circuit, true);
        op->before = arrangement_cursor(&op->arrangement, circuit, false);
        op->flushing = true;
        spine_snapshot_release(change);
    }
    while (*fuel > 0 && !circuit_stopped(circuit)) {
        if (!cursor_next_key(op->change)) {
            operator_push_owned(base, chunk_builder_finish(&op->out));
            close_cursors(op);
            return true;
        }
        settle_key(op, fuel);
    }
    return false;
}

static void
topk_end_step(Operator *base)
{
    arrangement_end_step(&((OpTopk *) base)->arrangement, base->circuit->time);
}

static bool
topk_work(Operator *base, size_t fuel)
{
    return arrangement_work(&((OpTopk *) base)->arrangement, fuel);
}

static size_t
topk_memory(const Operator *base)
{
    const OpTopk *op = (const OpTopk *) base;
    return arrangement_memory(&op->arrangement) + (op->old.capacity + op->new.capacity) * sizeof(WindowRow);
}

static void
topk_deinit(Operator *base)
{
    OpTopk *op = (OpTopk *) base;
    close_cursors(op);
    arrangement_deinit(&op->arrangement);
    chunk_builder_deinit(&op->out);
    vector_deinit(&op->old);
    vector_deinit(&op->new);
}

static const OperatorKind topk_kind = {
    .name = "topk",
    .push = topk_push,
    .flush = topk_flush,
    .end_step = topk_end_step,
    .work = topk_work,
    .memory = topk_memory,
    .deinit = topk_deinit,
};

Operator *
op_topk_new(Circuit *circuit, uint32_t node, const TopkPlan *plan, const SqlType *types, uint16_t column_count)
{
    OpTopk *op = circuit_add(circuit, &topk_kind, sizeof *op, node);
    op->plan = plan;
    op->types = types;
    arrangement_init(&op->arrangement, layout_new(types, column_count, plan->group, (uint16_t) plan->group_count,
                                                  plan->order, (uint16_t) plan->order_count));
    chunk_builder_init(&op->out, types, column_count);
    return &op->base;
}
