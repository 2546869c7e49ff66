#include "dataflow/reduce.h"

#define FLUSH_GROUPS 512 /* groups whose keys are put into columns together */

static void
reduce_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    reduce_take_chunk((OpReduce *) base, chunk);
}

static int
touched_compare(const void *a, const void *b, void *table)
{
    const TouchedGroup *x = a, *y = b;
    uint64_t hash_x = group_head(table, x->entry)->hash, hash_y = group_head(table, y->entry)->hash;
    if (hash_x != hash_y)
        return hash_x < hash_y ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static void
append_row(OpReduce *op, uint32_t entry, const Datum *values, int64_t diff)
{
    uint16_t column = 0;
    for (; column < op->plan->key_count; column++)
        column_builder_append(&op->out.columns[column], group_table_key(&op->groups, entry, column));
    for (int i = 0; i < op->plan->aggregate_count; i++, column++)
        column_builder_append(&op->out.columns[column], values[i]);
    chunk_builder_end_row(&op->out, op->base.circuit->time, diff);
    if (op->out.count >= CHUNK_ROWS)
        operator_push_owned(&op->base, chunk_builder_finish(&op->out));
}

static void
append_result(OpReduce *op, uint32_t entry, const GroupResult *result, int64_t diff)
{
    if (result->error != NULL)
        error_row_append(operator_errors(&op->base), result->error, op->base.circuit->time, diff, op->arena);
    else
        append_row(op, entry, result->values, diff);
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_result(const OpReduce *op, const GroupResult *a, const GroupResult *b)
{
    if (a->error != NULL || b->error != NULL)
        return a->error != NULL && b->error != NULL && strcmp(a->error->sqlstate, b->error->sqlstate) == 0 &&
               same_text(a->error->message, b->error->message) && same_text(a->error->detail, b->error->detail) &&
               same_text(a->error->hint, b->error->hint);
    for (int i = 0; i < op->plan->aggregate_count; i++)
        if (!datum_identical(op->aggregates[i].call->result_type, a->values[i], b->values[i]))
            return false;
    return true;
}

static void
free_states(OpReduce *op, uint32_t entry)
{
    for (int i = 0; i < op->plan->aggregate_count; i++)
        if (reduce_is_accumulated(&op->aggregates[i]))
            aggregate_state_free(op->aggregates[i].call,
                                 (char *) group_state(&op->groups, entry) + op->aggregates[i].state_offset);
}

static void
free_group(OpReduce *op, uint32_t entry)
{
    free_states(op, entry);
    group_table_remove(&op->groups, entry);
}

/* What the group gave before goes, what it gives now comes, unless they are the same. */
static void
settle_group(OpReduce *op, TouchedGroup *touched, Column *const *key_columns, uint32_t row)
{
    GroupHead *head = group_head(&op->groups, touched->entry);
    bool emits = head->count > 0;
    Datum few[16];
    GroupResult now = {
        .values = op->plan->aggregate_count <= 16 ? few : arena_new_array(op->arena, Datum, op->plan->aggregate_count)};
    if (emits) {
        reduce_accumulated(op, touched->entry, op->arena, &now);
        reduce_arranged(op, touched->entry, key_columns, row, true, op->arena, &now);
    }
    if (touched->was_emitted)
        reduce_arranged(op, touched->entry, key_columns, row, false, op->arena, &touched->old);
    if (touched->was_emitted != emits || (emits && !same_result(op, &touched->old, &now))) {
        if (touched->was_emitted)
            append_result(op, touched->entry, &touched->old, -1);
        if (emits)
            append_result(op, touched->entry, &now, 1);
    }
    head->flags &= ~(uint32_t) (GROUP_TOUCHED | GROUP_EMITTED);
    if (emits)
        head->flags |= GROUP_EMITTED;
    if (head->count != 0)
        return;
    if (op->base.circuit->hydrating)
        vector_push(&op->gone, touched->entry);
    else
        free_group(op, touched->entry);
}

static void
settle_groups(OpReduce *op, TouchedGroup *groups, size_t count)
{
    uint32_t entries[FLUSH_GROUPS];
    uint64_t hashes[FLUSH_GROUPS];
    Column **key_columns = NULL;
    if (op->reads_arrangements) {
        key_columns = memory_alloc(((size_t) op->plan->key_count + 1) * sizeof *key_columns);
        for (size_t i = 0; i < count; i++) {
            entries[i] = groups[i].entry;
            hashes[i] = group_head(&op->groups, entries[i])->hash;
        }
        group_table_key_columns(&op->groups, entries, (uint32_t) count, key_columns);
    }
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < op->plan->aggregate_count && op->reads_arrangements; k++)
            if (op->aggregates[k].after != NULL)
                cursor_prefetch(op->aggregates[k].after, hashes, (uint32_t) count, (uint32_t) i);
        settle_group(op, &groups[i], key_columns, (uint32_t) i);
    }
    if (key_columns != NULL)
        for (int i = 0; i < op->plan->key_count; i++)
            column_release(key_columns[i]);
    free(key_columns);
}

/* Some of the groups that are left. Returns how many; 0: none is. */
static size_t
settle_some(OpReduce *op)
{
    size_t count = 0;
    if (!op->base.circuit->hydrating) {
        size_t left = op->touched.count - op->position;
        count = left < FLUSH_GROUPS ? left : FLUSH_GROUPS;
        settle_groups(op, &op->touched.items[op->position], count);
        op->position += count;
        return count;
    }
    TouchedGroup groups[FLUSH_GROUPS];
    uint32_t entry;
    /* Seeks go through an arrangement in the order of hashes; else the entries are best read as they lie. */
    while (count < FLUSH_GROUPS &&
           (op->reads_arrangements ? group_table_next_hashed : group_table_next)(&op->groups, &op->position, &entry)) {
        if (op->shares > 0 && reduce_is_elsewhere(op, group_head(&op->groups, entry)->hash))
            continue;
        __builtin_prefetch(group_head(&op->groups, entry));
        groups[count++] = (TouchedGroup){.entry = entry};
    }
    settle_groups(op, groups, count);
    arena_reset(op->arena); /* no group had anything to tell of before */
    return count;
}

static bool
reduce_flush(Operator *base, int64_t *fuel)
{
    OpReduce *op = (OpReduce *) base;
    if (!op->flushing) {
        op->flushing = true;
        op->position = 0;
        reduce_open(op);
        if (op->reads_arrangements && op->touched.count > 64)
            qsort_r(op->touched.items, op->touched.count, sizeof *op->touched.items, touched_compare, &op->groups);
    }
    for (size_t count = 1; count > 0; *fuel -= (int64_t) (count * (op->reads_arrangements ? 8 : 2))) {
        if (*fuel <= 0 || circuit_stopped(base->circuit))
            return false;
        count = settle_some(op);
    }
    operator_push_owned(base, chunk_builder_finish(&op->out));
    for (size_t i = 0; i < op->gone.count; i++)
        free_group(op, op->gone.items[i]);
    vector_deinit(&op->gone);
    reduce_close(op);
    op->touched.count = 0;
    op->flushing = false;
    return true;
}

static void
reduce_end_step(Operator *base)
{
    OpReduce *op = (OpReduce *) base;
    arena_reset(op->arena);
    for (int i = 0; i < op->plan->aggregate_count; i++)
        if (op->aggregates[i].tactic == REDUCE_ORDERED || op->aggregates[i].tactic == REDUCE_COLLECT)
            arrangement_end_step(&op->aggregates[i].arrangement, base->circuit->time);
}

static bool
reduce_work(Operator *base, size_t fuel)
{
    OpReduce *op = (OpReduce *) base;
    bool more = false;
    for (int i = 0; i < op->plan->aggregate_count; i++)
        if (op->aggregates[i].tactic == REDUCE_ORDERED || op->aggregates[i].tactic == REDUCE_COLLECT)
            more |= arrangement_work(&op->aggregates[i].arrangement, fuel);
    return more;
}

static size_t
reduce_memory(const Operator *base)
{
    const OpReduce *op = (const OpReduce *) base;
    size_t bytes = group_table_memory(&op->groups) + arena_bytes(op->arena) +
                   op->touched.capacity * sizeof *op->touched.items + (size_t) op->capacity * 24;
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        const ReduceAggregate *aggregate = &op->aggregates[i];
        if (aggregate->tactic == REDUCE_DISTINCT)
            bytes += group_table_memory(&aggregate->values);
        else if (aggregate->tactic != REDUCE_ACCUMULATE)
            bytes += arrangement_memory(&aggregate->arrangement);
    }
    return bytes;
}

static void
reduce_deinit(Operator *base)
{
    OpReduce *op = (OpReduce *) base;
    size_t iterator = 0;
    uint32_t entry;
    while (group_table_next(&op->groups, &iterator, &entry))
        free_states(op, entry);
    group_table_deinit(&op->groups);
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        ReduceAggregate *aggregate = &op->aggregates[i];
        if (aggregate->before != NULL)
            cursor_free(aggregate->before);
        if (aggregate->after != NULL)
            cursor_free(aggregate->after);
        if (aggregate->tactic == REDUCE_DISTINCT)
            group_table_deinit(&aggregate->values);
        else if (aggregate->tactic != REDUCE_ACCUMULATE)
            arrangement_deinit(&aggregate->arrangement);
        vector_deinit(&aggregate->values_touched);
    }
    chunk_builder_deinit(&op->out);
    vector_deinit(&op->touched);
    vector_deinit(&op->gone);
    arena_free(op->arena);
    free(op->aggregates);
    free(op->entries);
    free(op->locals);
    free(op->order);
    free(op->rows);
    free(op->states);
    free(op->local_entries);
    free(op->local_starts);
}

static const OperatorKind reduce_kind = {
    .name = "reduce",
    .push = reduce_push,
    .flush = reduce_flush,
    .end_step = reduce_end_step,
    .work = reduce_work,
    .memory = reduce_memory,
    .merge = reduce_merge,
    .merge_phases = REDUCE_MERGE_PHASES,
    .deinit = reduce_deinit,
};

static ReduceTactic
choose_tactic(const PlanAggregate *plan)
{
    switch (plan->call.function->kind) {
    case AGGREGATE_ACCUMULABLE:
        return plan->distinct ? REDUCE_DISTINCT : REDUCE_ACCUMULATE;
    case AGGREGATE_ORDERED:
        return REDUCE_ORDERED;
    case AGGREGATE_COLLECT:
        return REDUCE_COLLECT;
    }
    bug("unrecognized aggregate kind %d", plan->call.function->kind);
}

/* Columns: the group's key, the arguments, what COLLECT orders by. */
static void
init_arrangement(const OpReduce *op, ReduceAggregate *aggregate)
{
    const PlanAggregate *plan = aggregate->plan;
    int key_count = op->plan->key_count, arg_count = aggregate_columns(&plan->call);
    bool ordered = aggregate->tactic == REDUCE_ORDERED;
    int order_count = ordered ? 0 : plan->order_count;
    int column_count = key_count + arg_count + order_count;
    uint16_t *project = memory_alloc(((size_t) column_count + 1) * sizeof *project);
    uint16_t *key = memory_alloc(((size_t) key_count + 1) * sizeof *key);
    SqlType *types = memory_alloc(((size_t) column_count + 1) * sizeof *types);
    SortKey *order = memory_calloc((size_t) (order_count + arg_count) + 1, sizeof *order);
    int orders = 0;
    for (int i = 0; i < key_count; i++) {
        project[i] = op->plan->key[i];
        key[i] = (uint16_t) i;
    }
    for (int i = 0; i < arg_count; i++)
        project[key_count + i] = plan->args[i];
    for (int i = 0; i < order_count; i++) {
        project[key_count + arg_count + i] = plan->order[i].column;
        order[orders] = plan->order[i];
        order[orders++].column = (uint16_t) (key_count + arg_count + i);
    }
    /* min and max read the first row; DISTINCT needs equal arguments side by side. */
    for (int i = 0; i < arg_count && (ordered || plan->distinct); i++)
        order[orders++] = (SortKey){.column = (uint16_t) (key_count + i),
                                    .descending = ordered && !aggregate_takes_first(aggregate->call)};
    for (int i = 0; i < column_count; i++)
        types[i] = op->input_types[project[i]];
    arrangement_init(&aggregate->arrangement,
                     layout_new(types, (uint16_t) column_count, key, (uint16_t) key_count, order, (uint16_t) orders));
    aggregate->arrangement.project = project;
    aggregate->arrangement.whole_input = op->base.circuit->one_shot;
    free(key);
    free(types);
    free(order);
}

static void
init_values(const OpReduce *op, ReduceAggregate *aggregate)
{
    int key_count = op->plan->key_count;
    SqlType *types = memory_alloc(((size_t) key_count + 1) * sizeof *types);
    for (int i = 0; i < key_count; i++)
        types[i] = op->input_types[op->plan->key[i]];
    types[key_count] = op->input_types[aggregate->plan->args[0]];
    group_table_init(&aggregate->values, types, (uint16_t) (key_count + 1), sizeof(ValueState));
    free(types);
}

Operator *
op_reduce_new(Circuit *circuit, uint32_t node, const ReducePlan *plan, const SqlType *input_types, const SqlType *types,
              uint16_t column_count)
{
    OpReduce *op = circuit_add(circuit, &reduce_kind, sizeof *op, node);
    op->plan = plan;
    op->input_types = input_types;
    op->base.in_lanes = op->base.flushed_in_lanes = true;
    op->arena = arena_new();
    op->aggregates = memory_calloc((size_t) plan->aggregate_count + 1, sizeof *op->aggregates);
    size_t state_size = 0;
    for (int i = 0; i < plan->aggregate_count; i++) {
        ReduceAggregate *aggregate = &op->aggregates[i];
        aggregate->plan = &plan->aggregates[i];
        aggregate->call = &plan->aggregates[i].call;
        aggregate->tactic = choose_tactic(aggregate->plan);
        if (reduce_is_accumulated(aggregate) && !aggregate_can_merge(aggregate->call))
            op->base.in_lanes = op->base.flushed_in_lanes = false;
        aggregate->state_offset = (uint32_t) state_size;
        size_t size = 0;
        if (aggregate->tactic == REDUCE_DISTINCT)
            init_values(op, aggregate);
        if (aggregate->tactic == REDUCE_ORDERED || aggregate->tactic == REDUCE_COLLECT) {
            init_arrangement(op, aggregate);
            op->reads_arrangements = true;
            size = aggregate->tactic == REDUCE_ORDERED && circuit->one_shot ? sizeof(BestRow) : 0;
        } else {
            size = aggregate_state_size(aggregate->call);
        }
        state_size += (size + 15) / 16 * 16;
    }
    group_table_init(&op->groups, types, (uint16_t) plan->key_count, state_size);
    chunk_builder_init(&op->out, types, column_count);
    return &op->base;
}
