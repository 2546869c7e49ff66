/* What a group gives: from its accumulated state, and from the arrangements of its values. */
#include "dataflow/reduce.h"

static void *
state_of(const OpReduce *op, const ReduceAggregate *aggregate, uint32_t entry)
{
    return (char *) group_state(&op->groups, entry) + aggregate->state_offset;
}

static const EvalError *
error_copied(const EvalError *error, Arena *arena)
{
    EvalError *copy = arena_new_struct(arena, EvalError);
    *copy = *error;
    return copy;
}

void
reduce_accumulated(const OpReduce *op, uint32_t entry, Arena *arena, GroupResult *result)
{
    for (int i = 0; i < op->plan->aggregate_count && result->error == NULL; i++) {
        const ReduceAggregate *aggregate = &op->aggregates[i];
        if (!reduce_is_accumulated(aggregate))
            continue;
        EvalError error = {0};
        if (!aggregate_result(aggregate->call, state_of(op, aggregate, entry), arena, &result->values[i], &error))
            result->error = error_copied(&error, arena);
    }
}

/* Values whose count became positive, or stopped being so, count once more or less. */
static void
settle_values(OpReduce *op, ReduceAggregate *aggregate)
{
    uint16_t column = (uint16_t) op->plan->key_count;
    for (size_t i = 0; i < aggregate->values_touched.count; i++) {
        uint32_t value = aggregate->values_touched.items[i];
        GroupHead *head = group_head(&aggregate->values, value);
        const ValueState *state = group_state(&aggregate->values, value);
        head->flags &= ~(uint32_t) GROUP_TOUCHED;
        int change = (head->count > 0) - (state->count_before > 0);
        if (change != 0)
            aggregate_accumulate(aggregate->call, state_of(op, aggregate, state->group),
                                 group_table_key(&aggregate->values, value, column), change);
        if (head->count == 0)
            group_table_remove(&aggregate->values, value);
    }
    aggregate->values_touched.count = 0;
}

void
reduce_open(OpReduce *op)
{
    Circuit *circuit = op->base.circuit;
    op->uses_best = circuit->one_shot;
    for (int i = 0; i < op->plan->aggregate_count; i++)
        if (op->aggregates[i].tactic == REDUCE_ORDERED && op->aggregates[i].arrangement.input_retracts)
            op->uses_best = false;
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        ReduceAggregate *aggregate = &op->aggregates[i];
        if (aggregate->tactic == REDUCE_DISTINCT)
            settle_values(op, aggregate);
        if (aggregate->tactic == REDUCE_COLLECT || (aggregate->tactic == REDUCE_ORDERED && !op->uses_best)) {
            int64_t fuel = 0;
            (void) arrangement_build(&aggregate->arrangement, circuit, &fuel);
            aggregate->after = arrangement_cursor(&aggregate->arrangement, circuit, true);
            aggregate->before = arrangement_cursor(&aggregate->arrangement, circuit, false);
        }
    }
}

static Datum
read_first(const OpReduce *op, const ReduceAggregate *aggregate, Cursor *cursor)
{
    uint16_t column = (uint16_t) op->plan->key_count;
    CursorRow row;
    while (cursor_row(cursor, &row))
        if (row.diff > 0)
            return column_datum(row.chunk->columns[column], op->input_types[aggregate->plan->args[0]], row.row);
    return aggregate_empty(aggregate->call);
}

bool
reduce_row_is_better(const OpReduce *op, const ReduceAggregate *aggregate, const BestRow *best, const BestRow *than)
{
    uint16_t column = (uint16_t) op->plan->key_count;
    int order = column_compare(op->input_types[aggregate->plan->args[0]], best->chunk->columns[column], best->row,
                               than->chunk->columns[column], than->row);
    return aggregate_takes_first(aggregate->call) ? order < 0 : order > 0;
}

static Datum
best_value(const OpReduce *op, const ReduceAggregate *aggregate, uint32_t entry)
{
    const BestRow *best = state_of(op, aggregate, entry);
    if (best->chunk == NULL)
        return aggregate_empty(aggregate->call);
    SqlType type = op->input_types[aggregate->plan->args[0]];
    return column_datum(best->chunk->columns[op->plan->key_count], type, best->row);
}

static bool
same_arguments(const OpReduce *op, const ReduceAggregate *aggregate, const Datum *a, const Datum *b)
{
    for (int i = 0; i < aggregate_columns(aggregate->call); i++)
        if (!datum_equal(op->input_types[aggregate->plan->args[i]], a[i], b[i]))
            return false;
    return true;
}

static Datum
read_all(const OpReduce *op, const ReduceAggregate *aggregate, Cursor *cursor, Arena *arena, const EvalError **error)
{
    int arg_count = aggregate_columns(aggregate->call);
    VECTOR(const Datum *) args = {0};
    VECTOR(int64_t) diffs = {0};
    CursorRow row;
    while (cursor_row(cursor, &row)) {
        if (row.diff <= 0)
            continue;
        Datum *values = arena_new_array(arena, Datum, arg_count + 1);
        for (int i = 0; i < arg_count; i++)
            values[i] = column_datum(row.chunk->columns[op->plan->key_count + i],
                                     op->input_types[aggregate->plan->args[i]], row.row);
        if (aggregate->plan->distinct && args.count > 0 &&
            same_arguments(op, aggregate, values, args.items[args.count - 1]))
            continue;
        vector_push(&args, values);
        vector_push(&diffs, aggregate->plan->distinct ? 1 : row.diff);
    }
    Datum result = aggregate_empty(aggregate->call);
    EvalError failure = {0};
    if (args.count > 0 &&
        !aggregate_collect(aggregate->call, args.items, diffs.items, args.count, arena, &result, &failure))
        *error = error_copied(&failure, arena);
    vector_deinit(&args);
    vector_deinit(&diffs);
    return result;
}

void
reduce_arranged(const OpReduce *op, uint32_t entry, Column *const *key_columns, uint32_t row, bool after, Arena *arena,
                GroupResult *result)
{
    uint64_t hash = group_head(&op->groups, entry)->hash;
    for (int i = 0; i < op->plan->aggregate_count && result->error == NULL; i++) {
        const ReduceAggregate *aggregate = &op->aggregates[i];
        if (reduce_is_accumulated(aggregate))
            continue;
        if (aggregate->tactic == REDUCE_ORDERED && op->uses_best) {
            result->values[i] = best_value(op, aggregate, entry);
            continue;
        }
        Cursor *cursor = after ? aggregate->after : aggregate->before;
        if (cursor == NULL || !cursor_seek(cursor, hash, key_columns, row))
            result->values[i] = aggregate_empty(aggregate->call);
        else if (aggregate->tactic == REDUCE_ORDERED)
            result->values[i] = read_first(op, aggregate, cursor);
        else
            result->values[i] = read_all(op, aggregate, cursor, arena, &result->error);
    }
}

void
reduce_close(OpReduce *op)
{
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        ReduceAggregate *aggregate = &op->aggregates[i];
        circuit_close_cursor(op->base.circuit, aggregate->before);
        circuit_close_cursor(op->base.circuit, aggregate->after);
        aggregate->before = aggregate->after = NULL;
    }
}
