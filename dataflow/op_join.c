/*
 * One stage of a join: dA x B(t) + A(t-1) x dB, over two arrangements with keys that are compared with each other.
 *
 * Each product is walked by its smaller side, key by key, with a seek into the larger one, so that a change costs in proportion to itself.
 * The walk can stop after any pair of rows, and goes on there in the next slice.
 */
#include "dataflow/linear.h"
#include "dataflow/operators.h"

#define SEEK_COST 4 /* in rows of fuel */

typedef VECTOR(CursorRow) CursorRows;

/* One product: `driver` is walked, `other` is sought in. */
typedef struct JoinPass {
    Cursor *driver, *other;
    bool driver_is_left;
    const uint16_t *driver_key;
    int key_count;
} JoinPass;

typedef struct JoinPairs { /* one side of the pairs found */
    const Chunk *chunks[CHUNK_ROWS];
    uint32_t rows[CHUNK_ROWS];
} JoinPairs;

typedef struct OpJoin {
    Operator base;
    Arrangement *left, *right;
    JoinColumn *columns;
    SqlType *types;
    uint16_t column_count;
    bool has_closure;
    LinearProgram closure;

    bool begun;
    JoinPass passes[2];
    int pass_count, pass;
    CursorRows driver_rows, other_rows; /* of the key at hand */
    size_t driver_row, other_row;       /* the next pair */

    uint32_t pair_count;
    JoinPairs *pairs[2]; /* left, right */
    int64_t *diffs;
    Column **output;
} OpJoin;

static void
join_push(Operator *op, int port, Chunk *chunk)
{
    (void) op;
    (void) port;
    (void) chunk;
    bug("a join takes its rows from arrangements");
}

static Column *
gather_column(const JoinPairs *pairs, uint32_t count, uint16_t column)
{
    const Chunk *first = pairs->chunks[0];
    uint32_t end = 1;
    while (end < count && pairs->chunks[end] == first)
        end++;
    if (end == count)
        return column_gather(first->columns[column], pairs->rows, count);
    ColumnBuilder builder;
    column_builder_init(&builder, first->columns[column]->phys);
    column_builder_reserve(&builder, count);
    for (uint32_t start = 0; start < count; start = end) {
        const Chunk *chunk = pairs->chunks[start];
        for (end = start + 1; end < count && pairs->chunks[end] == chunk; end++)
            ;
        if (end == start + 1)
            column_builder_append_row(&builder, chunk->columns[column], pairs->rows[start]);
        else
            column_builder_append_rows(&builder, chunk->columns[column], &pairs->rows[start], end - start);
    }
    return column_builder_finish(&builder);
}

/* Makes a chunk of the pairs found so far and hands it on. */
static void
join_emit(OpJoin *join)
{
    uint32_t count = join->pair_count;
    if (count == 0)
        return;
    join->pair_count = 0;
    Column *blank = NULL;
    for (uint16_t i = 0; i < join->column_count; i++) {
        JoinColumn from = join->columns[i];
        if (from.column != UINT16_MAX) {
            join->output[i] = gather_column(join->pairs[from.right], count, from.column);
            continue;
        }
        if (blank == NULL || blank->phys != type_phys(join->types[i])) {
            column_release(blank);
            blank = column_constant(join->types[i], DATUM_NULL, count);
        }
        join->output[i] = column_retain(blank);
    }
    column_release(blank);
    bool all_one = true;
    for (uint32_t i = 0; i < count; i++)
        all_one &= join->diffs[i] == 1;
    int64_t *diffs = NULL;
    if (!all_one) {
        diffs = memory_alloc(count * sizeof *diffs);
        memcpy(diffs, join->diffs, count * sizeof *diffs);
    }
    Chunk *chunk = chunk_new(count, join->output, join->column_count, join->base.circuit->time, diffs, NULL);
    if (join->has_closure) {
        operator_push_owned(&join->base, linear_apply(&join->closure, chunk, operator_errors(&join->base)));
        chunk_release(chunk);
    } else {
        operator_push_owned(&join->base, chunk);
    }
}

static void
add_pair(OpJoin *join, const JoinPass *pass, const CursorRow *driver, const CursorRow *other)
{
    uint32_t at = join->pair_count++;
    JoinPairs *driver_pairs = join->pairs[pass->driver_is_left ? 0 : 1];
    JoinPairs *other_pairs = join->pairs[pass->driver_is_left ? 1 : 0];
    driver_pairs->chunks[at] = driver->chunk;
    driver_pairs->rows[at] = driver->row;
    other_pairs->chunks[at] = other->chunk;
    other_pairs->rows[at] = other->row;
    join->diffs[at] = driver->diff * other->diff;
    if (join->pair_count == CHUNK_ROWS)
        join_emit(join);
}

static void
read_rows(Cursor *cursor, CursorRows *rows)
{
    CursorRow row;
    rows->count = 0;
    while (cursor_row(cursor, &row))
        vector_push(rows, row);
}

/* The next key that both sides have: its rows. False: there is none. */
static bool
pass_next_key(OpJoin *join, JoinPass *pass, int64_t *fuel)
{
    while (*fuel > 0 && cursor_next_key(pass->driver)) {
        *fuel -= SEEK_COST;
        CursorRow key = cursor_key_row(pass->driver);
        if (key.chunk->hashes != NULL)
            cursor_prefetch(pass->other, key.chunk->hashes, key.chunk->count, key.row);
        if (chunk_key_has_null(key.chunk, key.row, pass->driver_key, pass->key_count))
            continue;
        Column *columns[32], **key_columns = columns;
        if (pass->key_count > 32)
            key_columns = memory_alloc((size_t) pass->key_count * sizeof *key_columns);
        for (int i = 0; i < pass->key_count; i++)
            key_columns[i] = key.chunk->columns[pass->driver_key[i]];
        bool found = cursor_seek(pass->other, cursor_key_hash(pass->driver), key_columns, key.row);
        if (key_columns != columns)
            free(key_columns);
        if (!found)
            continue;
        read_rows(pass->other, &join->other_rows);
        read_rows(pass->driver, &join->driver_rows);
        join->driver_row = join->other_row = 0;
        if (join->driver_rows.count > 0 && join->other_rows.count > 0)
            return true;
    }
    return false;
}

/* True: the product is complete. */
static bool
pass_run(OpJoin *join, JoinPass *pass, int64_t *fuel)
{
    for (;;) {
        while (join->driver_row < join->driver_rows.count) {
            const CursorRow *driver = &join->driver_rows.items[join->driver_row];
            for (; join->other_row<join->other_rows.count && * fuel> 0; join->other_row++, --*fuel)
                add_pair(join, pass, driver, &join->other_rows.items[join->other_row]);
            if (*fuel <= 0)
                return false;
            join->other_row = 0;
            join->driver_row++;
            if (circuit_stopped(join->base.circuit))
                return false;
        }
        if (!pass_next_key(join, pass, fuel))
            return *fuel > 0;
    }
}

static void
add_pass(OpJoin *join, SpineSnapshot *left, Timestamp left_time, SpineSnapshot *right, Timestamp right_time)
{
    bool driver_is_left = snapshot_rows(left) <= snapshot_rows(right);
    Cursor *left_cursor = cursor_new(left, left_time), *right_cursor = cursor_new(right, right_time);
    const Layout *layout = driver_is_left ? join->left->layout : join->right->layout;
    join->passes[join->pass_count++] = (JoinPass){
        .driver = driver_is_left ? left_cursor : right_cursor,
        .other = driver_is_left ? right_cursor : left_cursor,
        .driver_is_left = driver_is_left,
        .driver_key = layout->key,
        .key_count = layout->key_count,
    };
}

static void
join_begin(OpJoin *join)
{
    const Circuit *circuit = join->base.circuit;
    Timestamp time = circuit->time;
    join->begun = true;
    join->pass = join->pass_count = 0;
    join->driver_rows.count = join->driver_row = 0;
    SpineSnapshot *left_change = arrangement_change(join->left, circuit);
    SpineSnapshot *right_change = arrangement_change(join->right, circuit);
    if (left_change != NULL) {
        SpineSnapshot *right = arrangement_snapshot(join->right, time);
        if (!spine_snapshot_is_empty(right))
            add_pass(join, left_change, time, right, time);
        spine_snapshot_release(right);
    }
    if (right_change != NULL && !circuit->hydrating) {
        SpineSnapshot *left = arrangement_snapshot(join->left, time);
        if (!spine_snapshot_is_empty(left))
            add_pass(join, left, time - 1, right_change, time);
        spine_snapshot_release(left);
    }
    if (left_change != NULL)
        spine_snapshot_release(left_change);
    if (right_change != NULL)
        spine_snapshot_release(right_change);
}

static void
close_passes(OpJoin *join)
{
    for (int i = 0; i < join->pass_count; i++) {
        circuit_close_cursor(join->base.circuit, join->passes[i].driver);
        circuit_close_cursor(join->base.circuit, join->passes[i].other);
    }
    join->pass_count = 0;
    join->begun = false;
}

static bool
join_flush(Operator *op, int64_t *fuel)
{
    OpJoin *join = (OpJoin *) op;
    if (!join->begun)
        join_begin(join);
    for (; join->pass < join->pass_count; join->pass++) {
        if (!pass_run(join, &join->passes[join->pass], fuel)) {
            join_emit(join);
            return false;
        }
        join_emit(join);
    }
    close_passes(join);
    return true;
}

static size_t
join_memory(const Operator *op)
{
    const OpJoin *join = (const OpJoin *) op;
    return 2 * sizeof(JoinPairs) + CHUNK_ROWS * sizeof(int64_t) +
           (join->driver_rows.capacity + join->other_rows.capacity) * sizeof(CursorRow);
}

static void
join_deinit(Operator *op)
{
    OpJoin *join = (OpJoin *) op;
    for (int i = 0; i < join->pass_count; i++) {
        cursor_free(join->passes[i].driver);
        cursor_free(join->passes[i].other);
    }
    if (join->has_closure)
        linear_deinit(&join->closure);
    vector_deinit(&join->driver_rows);
    vector_deinit(&join->other_rows);
    free(join->pairs[0]);
    free(join->pairs[1]);
    free(join->diffs);
    free(join->output);
    free(join->columns);
    free(join->types);
}

static const OperatorKind join_kind = {
    .name = "join", .push = join_push, .flush = join_flush, .memory = join_memory, .deinit = join_deinit};

Operator *
op_join_new(Circuit *circuit, uint32_t node, Operator *left, Operator *right, const JoinColumn *columns,
            const SqlType *types, uint16_t column_count, const LinearPlan *closure)
{
    OpJoin *join = circuit_add(circuit, &join_kind, sizeof *join, node);
    join->left = op_arrange_arrangement(left);
    join->right = op_arrange_arrangement(right);
    op_arrange_add_reader(left, &join->base);
    if (right != left)
        op_arrange_add_reader(right, &join->base);
    join->column_count = column_count;
    join->columns = memory_alloc((column_count + 1u) * sizeof *join->columns);
    memcpy(join->columns, columns, column_count * sizeof *columns);
    join->types = memory_alloc((column_count + 1u) * sizeof *join->types);
    memcpy(join->types, types, column_count * sizeof *types);
    join->pairs[0] = memory_alloc(sizeof *join->pairs[0]);
    join->pairs[1] = memory_alloc(sizeof *join->pairs[1]);
    join->diffs = memory_alloc(CHUNK_ROWS * sizeof *join->diffs);
    join->output = memory_alloc((column_count + 1u) * sizeof(Column *));
    join->has_closure = closure != NULL && !linear_is_identity(closure, column_count);
    if (join->has_closure) {
        linear_init(&join->closure, closure, column_count);
        circuit_style(circuit, &join->closure.eval);
    }
    return &join->base;
}
