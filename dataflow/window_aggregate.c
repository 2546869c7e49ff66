/*
 * Aggregates over frames. From row to row a frame's ends only move forward:
 *
 *   accumulated  what leaves the frame is taken from the state and what enters it is added, so that a partition costs its rows
 *   ordered      where the start stays, the best row so far; else a tree over the partition that knows the best row of any range
 *   collected    over the frame's rows anew whenever they changed
 */
#include "dataflow/window.h"

enum { ROWS_BETWEEN_CHECKS = 4096 };

typedef struct Aggregator Aggregator;
struct Aggregator {
    WindowBlock *block;
    const WindowCall *call;
    const Column *column;   /* of the first argument; NULL: none */
    const uint32_t *rows;   /* that count: those that pass the filter */
    const uint32_t *before; /* of a row of the block: how many that count come before it; NULL: all count */
    Frames frames;
    bool (*compute)(Aggregator *aggregator, const FrameRows *rows, Datum *result, EvalError *error);
    Arena *arena; /* of one result */
    Partition partition;
    FrameRows seen; /* the row before */
    bool any_seen, failed;
    Datum result;
    ColumnBuilder out;

    void *state; /* accumulated */
    uint32_t held[2][2];

    bool runs; /* ordered: the start stays */
    uint32_t best, best_end;
    uint32_t *tree;

    const Datum **args; /* collected: of the partition's rows that count */
    int64_t *ones;
    const Datum **picked;
    Arena *partition_arena;
};

static uint32_t
place_of(const Aggregator *aggregator, uint32_t row)
{
    return aggregator->before == NULL ? row : aggregator->before[row];
}

static bool
counts(const Aggregator *aggregator, uint32_t row)
{
    return aggregator->before == NULL || aggregator->before[row] != aggregator->before[row + 1];
}

/* ---- accumulated */

static void
state_add(Aggregator *aggregator, uint32_t first, uint32_t end)
{
    if (first >= end)
        return;
    uint32_t from = place_of(aggregator, first), to = place_of(aggregator, end);
    if (from < to)
        aggregate_accumulate_rows(&aggregator->call->aggregate, aggregator->state, aggregator->column,
                                  aggregator->rows + from, to - from, NULL);
}

static void
state_take(Aggregator *aggregator, uint32_t first, uint32_t end)
{
    const AggregateCall *call = &aggregator->call->aggregate;
    for (uint32_t row = first; row < end; row++) {
        if (!counts(aggregator, row))
            continue;
        Datum value = aggregator->column == NULL ? datum_int(0) : column_datum(aggregator->column, call->arg_type, row);
        aggregate_accumulate(call, aggregator->state, value, -1);
    }
}

static void
state_reset(Aggregator *aggregator)
{
    const AggregateCall *call = &aggregator->call->aggregate;
    aggregate_state_free(call, aggregator->state);
    memset(aggregator->state, 0, aggregate_state_size(call));
    memset(aggregator->held, 0, sizeof aggregator->held);
}

static bool
accumulated_compute(Aggregator *aggregator, const FrameRows *rows, Datum *result, EvalError *error)
{
    const uint32_t wanted[2][2] = {{rows->a, rows->a_end}, {rows->b, rows->b_end}};
    bool anew = true;
    for (int i = 0; i < 2; i++)
        anew = anew && (aggregator->held[i][1] <= wanted[i][0] || aggregator->held[i][0] >= aggregator->held[i][1]);
    if (anew)
        state_reset(aggregator);
    for (int i = 0; i < 2; i++) {
        uint32_t *held = aggregator->held[i];
        uint32_t first = wanted[i][0], end = wanted[i][1];
        state_take(aggregator, held[0], first < held[1] ? first : held[1]);
        state_add(aggregator, first > held[1] ? first : held[1], end);
        held[0] = first;
        held[1] = end;
    }
    if (rows->own != NO_ROW)
        state_add(aggregator, rows->own, rows->own + 1);
    bool worked = aggregate_result(&aggregator->call->aggregate, aggregator->state, aggregator->arena, result, error);
    if (rows->own != NO_ROW)
        state_take(aggregator, rows->own, rows->own + 1);
    return worked;
}

/* ---- ordered */

/* Of equal values the last one is shown, as PostgreSQL does. */
static uint32_t
better_row(const Aggregator *aggregator, uint32_t a, uint32_t b)
{
    if (a == NO_ROW || b == NO_ROW)
        return a == NO_ROW ? b : a;
    const AggregateCall *call = &aggregator->call->aggregate;
    int order = column_compare(call->arg_type, aggregator->column, a, aggregator->column, b);
    if (order == 0)
        return a > b ? a : b;
    return (aggregate_takes_first(call) ? order < 0 : order > 0) ? a : b;
}

static uint32_t
candidate(const Aggregator *aggregator, uint32_t row)
{
    return counts(aggregator, row) && !column_is_null(aggregator->column, row) ? row : NO_ROW;
}

static void
tree_build(Aggregator *aggregator)
{
    uint32_t first = aggregator->partition.first, count = aggregator->partition.end - first;
    for (uint32_t i = 0; i < count; i++)
        aggregator->tree[count + i] = candidate(aggregator, first + i);
    for (uint32_t i = count; i-- > 1;)
        aggregator->tree[i] = better_row(aggregator, aggregator->tree[2 * i], aggregator->tree[2 * i + 1]);
}

static uint32_t
tree_best(const Aggregator *aggregator, uint32_t first, uint32_t end)
{
    uint32_t best = NO_ROW, count = aggregator->partition.end - aggregator->partition.first;
    uint32_t left = first - aggregator->partition.first + count, right = end - aggregator->partition.first + count;
    if (first >= end)
        return NO_ROW;
    for (; left < right; left /= 2, right /= 2) {
        if (left % 2 == 1)
            best = better_row(aggregator, best, aggregator->tree[left++]);
        if (right % 2 == 1)
            best = better_row(aggregator, best, aggregator->tree[--right]);
    }
    return best;
}

static bool
ordered_compute(Aggregator *aggregator, const FrameRows *rows, Datum *result, EvalError *error)
{
    (void) error;
    uint32_t best;
    if (aggregator->runs) {
        for (; aggregator->best_end < rows->a_end; aggregator->best_end++)
            aggregator->best = better_row(aggregator, aggregator->best, candidate(aggregator, aggregator->best_end));
        best = aggregator->best;
    } else {
        best = better_row(aggregator, tree_best(aggregator, rows->a, rows->a_end),
                          tree_best(aggregator, rows->b, rows->b_end));
        if (rows->own != NO_ROW)
            best = better_row(aggregator, best, candidate(aggregator, rows->own));
    }
    *result = best == NO_ROW ? aggregate_empty(&aggregator->call->aggregate)
                             : column_datum(aggregator->column, aggregator->call->aggregate.arg_type, best);
    return true;
}

/* ---- collected */

static void
collect_args(Aggregator *aggregator)
{
    const WindowBlock *block = aggregator->block;
    const WindowCall *call = aggregator->call;
    arena_reset(aggregator->partition_arena);
    uint32_t from = place_of(aggregator, aggregator->partition.first),
             to = place_of(aggregator, aggregator->partition.end);
    Datum *values = arena_new_array(aggregator->partition_arena, Datum, (size_t) (to - from) * call->arg_count + 1);
    for (uint32_t i = from; i < to; i++, values += call->arg_count) {
        for (int k = 0; k < call->arg_count; k++)
            values[k] =
                column_datum(block->rows->columns[call->args[k]], block->types[call->args[k]], aggregator->rows[i]);
        aggregator->args[i] = values;
    }
}

static bool
collected_compute(Aggregator *aggregator, const FrameRows *rows, Datum *result, EvalError *error)
{
    uint32_t from = place_of(aggregator, rows->a), count = place_of(aggregator, rows->a_end) - from;
    const Datum *const *args = aggregator->args + from;
    if (rows->own != NO_ROW || rows->b < rows->b_end) {
        if (count > 0)
            memcpy(aggregator->picked, args, count * sizeof *aggregator->picked);
        if (rows->own != NO_ROW && counts(aggregator, rows->own))
            aggregator->picked[count++] = aggregator->args[place_of(aggregator, rows->own)];
        if (rows->b < rows->b_end)
            for (uint32_t i = place_of(aggregator, rows->b); i < place_of(aggregator, rows->b_end); i++)
                aggregator->picked[count++] = aggregator->args[i];
        args = aggregator->picked;
    }
    if (count == 0) {
        *result = aggregate_empty(&aggregator->call->aggregate);
        return true;
    }
    return aggregate_collect(&aggregator->call->aggregate, args, aggregator->ones, count, aggregator->arena, result,
                             error);
}

/* ---- a partition */

static bool
same_rows(const FrameRows *a, const FrameRows *b)
{
    return a->a == b->a && a->a_end == b->a_end && a->own == b->own && a->b == b->b && a->b_end == b->b_end;
}

static void
partition_begin(Aggregator *aggregator, Partition partition)
{
    aggregator->partition = partition;
    aggregator->any_seen = false;
    switch (aggregator->call->aggregate.function->kind) {
    case AGGREGATE_ACCUMULABLE:
        state_reset(aggregator);
        return;
    case AGGREGATE_ORDERED:
        aggregator->best = NO_ROW;
        aggregator->best_end = partition.first;
        if (!aggregator->runs)
            tree_build(aggregator);
        return;
    case AGGREGATE_COLLECT:
        collect_args(aggregator);
        return;
    }
}

static void
append_row(Aggregator *aggregator, uint32_t row)
{
    FrameRows rows = frames_at(&aggregator->frames, aggregator->block, row);
    if (!aggregator->any_seen || !same_rows(&rows, &aggregator->seen)) {
        EvalError error = {0};
        arena_reset(aggregator->arena);
        aggregator->seen = rows;
        aggregator->any_seen = true;
        aggregator->failed = !aggregator->compute(aggregator, &rows, &aggregator->result, &error);
        if (aggregator->failed)
            window_fail(aggregator->block, row, row + 1, &error);
    } else if (aggregator->failed && aggregator->block->errors[row] == NULL) {
        aggregator->block->errors[row] = aggregator->block->errors[row - 1];
    }
    if (aggregator->failed || aggregator->result.is_null)
        column_builder_append_null(&aggregator->out);
    else
        column_builder_append(&aggregator->out, aggregator->result);
}

/* False: the circuit was stopped. */
static bool
aggregate_partitions(Aggregator *aggregator)
{
    WindowBlock *block = aggregator->block;
    for (uint32_t i = 0; i < block->partition_count; i++) {
        Partition partition = {block->starts[i], block->starts[i + 1]};
        bool framed = frames_fill(&aggregator->frames, block, partition);
        if (framed)
            partition_begin(aggregator, partition);
        for (uint32_t row = partition.first; row < partition.end; row++) {
            if (row % ROWS_BETWEEN_CHECKS == 0 && circuit_stopped(block->circuit))
                return false;
            if (framed)
                append_row(aggregator, row);
            else
                column_builder_append_null(&aggregator->out);
        }
    }
    return true;
}

/* ---- the whole */

static void
filter_rows(Aggregator *aggregator)
{
    WindowBlock *block = aggregator->block;
    uint32_t count = block->rows->count, found = 0;
    if (aggregator->call->filter < 0) {
        aggregator->rows = window_identity(block);
        return;
    }
    const Column *filter = block->rows->columns[aggregator->call->filter];
    uint32_t *rows = arena_new_array(block->arena, uint32_t, (size_t) count + 1);
    uint32_t *before = arena_new_array(block->arena, uint32_t, (size_t) count + 1);
    for (uint32_t i = 0; i < count; i++) {
        before[i] = found;
        if (!column_is_null(filter, i) && ((const uint8_t *) filter->values)[i] != 0)
            rows[found++] = i;
    }
    before[count] = found;
    aggregator->rows = rows;
    aggregator->before = before;
}

static void
prepare(Aggregator *aggregator)
{
    const WindowCall *call = aggregator->call;
    Arena *arena = aggregator->block->arena;
    size_t count = aggregator->block->rows->count;
    filter_rows(aggregator);
    frames_init(&aggregator->frames, aggregator->block, call);
    switch (call->aggregate.function->kind) {
    case AGGREGATE_ACCUMULABLE:
        aggregator->compute = accumulated_compute;
        aggregator->state = memory_calloc(1, aggregate_state_size(&call->aggregate) + 1);
        return;
    case AGGREGATE_ORDERED:
        aggregator->compute = ordered_compute;
        aggregator->runs = call->frame.start == FRAME_UNBOUNDED_PRECEDING && call->frame.exclude == FRAME_EXCLUDE_NONE;
        if (!aggregator->runs)
            aggregator->tree = arena_new_array(arena, uint32_t, 2 * count + 2);
        return;
    case AGGREGATE_COLLECT:
        aggregator->compute = collected_compute;
        aggregator->partition_arena = arena_new();
        aggregator->args = arena_new_array(arena, const Datum *, count + 1);
        aggregator->picked = arena_new_array(arena, const Datum *, count + 1);
        aggregator->ones = arena_new_array(arena, int64_t, count + 1);
        for (size_t i = 0; i < count; i++)
            aggregator->ones[i] = 1;
        return;
    }
}

Column *
window_aggregate(WindowBlock *block, const WindowCall *call)
{
    Aggregator aggregator = {.block = block, .call = call, .arena = arena_new()};
    Column *made = NULL;
    if (call->arg_count > 0)
        aggregator.column = block->rows->columns[call->args[0]];
    column_builder_init(&aggregator.out, type_phys(call->type));
    column_builder_reserve(&aggregator.out, block->rows->count);
    prepare(&aggregator);
    if (aggregate_partitions(&aggregator))
        made = column_builder_finish(&aggregator.out);
    if (aggregator.state != NULL)
        aggregate_state_free(&call->aggregate, aggregator.state);
    free(aggregator.state);
    if (aggregator.partition_arena != NULL)
        arena_free(aggregator.partition_arena);
    arena_free(aggregator.arena);
    column_builder_deinit(&aggregator.out);
    return made;
}
