/* What a chunk of input does to the groups' states. */
#include "collection/column_order.h"
#include "dataflow/reduce.h"

/* A group needs this many rows of a chunk on average to be worth handling on its own. */
#define ROWS_PER_GROUP_MIN 8

static void
reserve_scratch(OpReduce *op, uint32_t count)
{
    if (op->capacity >= count)
        return;
    op->capacity = count;
    op->entries = memory_realloc(op->entries, count * sizeof *op->entries);
    op->locals = memory_realloc(op->locals, count * sizeof *op->locals);
    op->order = memory_realloc(op->order, count * sizeof *op->order);
    op->rows = memory_realloc(op->rows, count * sizeof *op->rows);
    op->states = memory_realloc(op->states, count * sizeof *op->states);
    op->local_entries = memory_realloc(op->local_entries, count * sizeof *op->local_entries);
    op->local_starts = memory_realloc(op->local_starts, (count + 1) * sizeof *op->local_starts);
}

static void
touch(OpReduce *op, GroupHead *head, uint32_t entry)
{
    TouchedGroup touched = {.entry = entry, .was_emitted = (head->flags & GROUP_EMITTED) != 0};
    head->flags |= GROUP_TOUCHED;
    if (touched.was_emitted && op->plan->aggregate_count > 0) {
        touched.old.values = arena_new_array(op->arena, Datum, op->plan->aggregate_count);
        reduce_accumulated(op, entry, op->arena, &touched.old);
    }
    vector_push(&op->touched, touched);
}

static void
find_groups(OpReduce *op, const Chunk *chunk)
{
    Column *few[8], **keys = few;
    int key_count = op->plan->key_count;
    if (key_count > 8)
        keys = memory_alloc((size_t) key_count * sizeof *keys);
    for (int i = 0; i < key_count; i++)
        keys[i] = chunk->columns[op->plan->key[i]];
    if (key_count == 0) {
        group_table_find(&op->groups, keys, 1, op->entries);
        for (uint32_t i = 1; i < chunk->count; i++)
            op->entries[i] = op->entries[0];
    } else {
        group_table_find(&op->groups, keys, chunk->count, op->entries);
    }
    if (keys != few)
        free(keys);
}

/*
 * Orders the chunk's rows by group: order[local_starts[g] ... local_starts[g + 1]) are the rows of local_entries[g].
 * Returns how many groups there are, 0 when there are too many to be worth it. Touches the groups and counts their rows.
 */
static uint32_t
partition_rows(OpReduce *op, const Chunk *chunk)
{
    uint32_t count = chunk->count, locals = 0;
    uint32_t epoch = ++op->epoch;
    bool hydrating = op->base.circuit->hydrating;
    for (uint32_t i = 0; i < count; i++) {
        GroupHead *head = group_head(&op->groups, op->entries[i]);
        if (head->mark != epoch) {
            head->mark = epoch;
            head->local = locals;
            op->local_entries[locals++] = op->entries[i];
            if (!hydrating && (head->flags & GROUP_TOUCHED) == 0)
                touch(op, head, op->entries[i]);
        }
        op->locals[i] = head->local;
        head->count += chunk->diffs == NULL ? 1 : chunk->diffs[i];
    }
    if ((uint64_t) locals * ROWS_PER_GROUP_MIN > count && locals > 1)
        return 0;
    uint32_t *starts = op->local_starts;
    memset(starts, 0, (locals + 1) * sizeof *starts);
    for (uint32_t i = 0; i < count; i++)
        starts[op->locals[i] + 1]++;
    for (uint32_t i = 0; i < locals; i++)
        starts[i + 1] += starts[i];
    for (uint32_t i = 0; i < count; i++)
        op->order[starts[op->locals[i]]++] = i;
    for (uint32_t i = locals; i > 0; i--)
        starts[i] = starts[i - 1];
    starts[0] = 0;
    return locals;
}

static inline bool
row_passes(const Column *filter, uint32_t row)
{
    return !column_is_null(filter, row) && ((const uint8_t *) filter->values)[row] != 0;
}

static const Column *
filter_column(const ReduceAggregate *aggregate, const Chunk *chunk)
{
    return aggregate->plan->filter < 0 ? NULL : chunk->columns[aggregate->plan->filter];
}

static void *
aggregate_state(const OpReduce *op, const ReduceAggregate *aggregate, uint32_t entry)
{
    return (char *) group_state(&op->groups, entry) + aggregate->state_offset;
}

static void
accumulate_by_group(OpReduce *op, ReduceAggregate *aggregate, const Chunk *chunk, const Column *column, uint32_t groups)
{
    const Column *filter = filter_column(aggregate, chunk);
    for (uint32_t group = 0; group < groups; group++) {
        const uint32_t *rows = &op->order[op->local_starts[group]];
        uint32_t count = op->local_starts[group + 1] - op->local_starts[group];
        if (filter != NULL) {
            uint32_t kept = 0;
            for (uint32_t i = 0; i < count; i++)
                if (row_passes(filter, rows[i]))
                    op->rows[kept++] = rows[i];
            rows = op->rows;
            count = kept;
        }
        if (count > 0)
            aggregate_accumulate_rows(aggregate->call, aggregate_state(op, aggregate, op->local_entries[group]), column,
                                      rows, count, chunk->diffs);
    }
}

static void
accumulate_by_row(OpReduce *op, ReduceAggregate *aggregate, const Chunk *chunk, const Column *column)
{
    const Column *filter = filter_column(aggregate, chunk);
    uint32_t count = filter == NULL ? chunk->count : 0;
    for (uint32_t row = 0; filter != NULL && row < chunk->count; row++)
        if (row_passes(filter, row))
            op->rows[count++] = row;
    aggregate_accumulate_each(aggregate->call, op->states, aggregate->state_offset, column,
                              filter == NULL ? NULL : op->rows, count, chunk->diffs);
}

/* The rows that an aggregate looks at at all: NULL: every row of the chunk. */
static const uint32_t *
wanted_rows(OpReduce *op, const ReduceAggregate *aggregate, const Chunk *chunk, bool skip_nulls, uint32_t *count)
{
    const Column *filter = filter_column(aggregate, chunk);
    const Column *column = skip_nulls ? chunk->columns[aggregate->plan->args[0]] : NULL;
    *count = chunk->count;
    if (filter == NULL && (column == NULL || column->nulls == NULL))
        return NULL;
    uint32_t kept = 0;
    for (uint32_t row = 0; row < chunk->count; row++)
        if ((filter == NULL || row_passes(filter, row)) && (column == NULL || !column_is_null(column, row)))
            op->rows[kept++] = row;
    *count = kept;
    return op->rows;
}

static void
count_values(OpReduce *op, ReduceAggregate *aggregate, const Chunk *chunk)
{
    uint32_t count;
    const uint32_t *rows = wanted_rows(op, aggregate, chunk, true, &count);
    if (count == 0)
        return;
    int key_count = op->plan->key_count;
    Column **columns = memory_alloc(((size_t) key_count + 1) * sizeof *columns);
    for (int i = 0; i <= key_count; i++) {
        Column *column = chunk->columns[i < key_count ? op->plan->key[i] : aggregate->plan->args[0]];
        columns[i] = rows == NULL ? column_retain(column) : column_gather(column, rows, count);
    }
    uint32_t *values = memory_alloc(count * sizeof *values);
    group_table_find(&aggregate->values, columns, count, values);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = rows == NULL ? i : rows[i];
        GroupHead *head = group_head(&aggregate->values, values[i]);
        ValueState *state = group_state(&aggregate->values, values[i]);
        if ((head->flags & GROUP_TOUCHED) == 0) {
            head->flags |= GROUP_TOUCHED;
            state->count_before = head->count;
            vector_push(&aggregate->values_touched, values[i]);
        }
        state->group = op->entries[row];
        head->count += chunk_diff(chunk, row);
    }
    free(values);
    for (int i = 0; i <= key_count; i++)
        column_release(columns[i]);
    free(columns);
}

static void
keep_best(OpReduce *op, ReduceAggregate *aggregate, const Chunk *kept, const uint32_t *rows)
{
    const Column *column = kept->columns[op->plan->key_count];
    SqlType type = op->input_types[aggregate->plan->args[0]];
    OrderClass order = type_order_class(type);
    bool has_prefix = type_has_order_prefix(type), takes_first = aggregate_takes_first(aggregate->call);
    for (uint32_t i = 0; i < kept->count; i++) {
        BestRow *best = aggregate_state(op, aggregate, op->entries[rows == NULL ? i : rows[i]]);
        BestRow row = {kept, i, has_prefix ? type_order_prefix(type, order, column, i) : 0};
        if (best->chunk != NULL && row.prefix != best->prefix) {
            if ((row.prefix < best->prefix) == takes_first)
                *best = row;
        } else if (best->chunk == NULL || reduce_row_is_better(op, aggregate, &row, best)) {
            *best = row;
        }
    }
}

static void
arrange_rows(OpReduce *op, ReduceAggregate *aggregate, Chunk *chunk)
{
    uint32_t count;
    const uint32_t *rows = wanted_rows(op, aggregate, chunk, aggregate->tactic == REDUCE_ORDERED, &count);
    if (count == 0)
        return;
    Arrangement *arrangement = &aggregate->arrangement;
    size_t before = arrangement->input.count;
    arrangement_add(arrangement, op->base.circuit, chunk, rows, count);
    if (aggregate->tactic == REDUCE_ORDERED && op->base.circuit->one_shot && arrangement->input.count > before)
        keep_best(op, aggregate, arrangement->input.items[before], rows);
}

void
reduce_take_chunk(OpReduce *op, Chunk *chunk)
{
    reserve_scratch(op, chunk->count);
    find_groups(op, chunk);
    uint32_t groups = partition_rows(op, chunk);
    for (uint32_t i = 0; groups == 0 && i < chunk->count; i++)
        op->states[i] = group_state(&op->groups, op->entries[i]);
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        ReduceAggregate *aggregate = &op->aggregates[i];
        const Column *column =
            aggregate_columns(aggregate->call) == 0 ? NULL : chunk->columns[aggregate->plan->args[0]];
        switch (aggregate->tactic) {
        case REDUCE_ACCUMULATE:
            if (groups > 0)
                accumulate_by_group(op, aggregate, chunk, column, groups);
            else
                accumulate_by_row(op, aggregate, chunk, column);
            break;
        case REDUCE_DISTINCT:
            count_values(op, aggregate, chunk);
            break;
        case REDUCE_ORDERED:
        case REDUCE_COLLECT:
            arrange_rows(op, aggregate, chunk);
            break;
        }
    }
}
