/*
 * Brings together what the lanes of a reduce have: every lane takes the groups, and before them the distinct values, whose
 * hashes are its share. Where groups are read out of arrangements the first lane takes everything.
 */
#include "dataflow/lanes.h"
#include "dataflow/reduce.h"

#define MERGE_ENTRIES 1024

enum { MERGE_BEGIN, MERGE_VALUES, MERGE_RESERVE, MERGE_GROUPS };

static bool
is_share_of(const OpReduce *op, int lane, uint64_t hash)
{
    return hash % op->shares == (uint64_t) lane;
}

bool
reduce_is_elsewhere(const OpReduce *op, uint64_t hash)
{
    return !is_share_of(op, op->base.circuit->lane, hash);
}

static OpReduce *
other_lane(const OpReduce *op, int lane)
{
    return (OpReduce *) lane_operator(&op->base, lane);
}

/* The next entries of a table that are this lane's share. */
static uint32_t
next_entries(const OpReduce *op, const GroupTable *table, uint32_t own, uint32_t *position, uint32_t *entries)
{
    uint32_t count = 0;
    for (; *position < own && count < MERGE_ENTRIES; ++*position)
        if (group_table_is_used(table, *position) &&
            is_share_of(op, op->base.circuit->lane, group_head(table, *position)->hash))
            entries[count++] = *position;
    return count;
}

static void
release_columns(Column **columns, int count)
{
    for (int i = 0; i < count; i++)
        column_release(columns[i]);
    free(columns);
}

/* ---- distinct values */

static void
take_values(OpReduce *op, ReduceAggregate *aggregate, const ReduceAggregate *from)
{
    uint32_t theirs[MERGE_ENTRIES], ours[MERGE_ENTRIES], groups[MERGE_ENTRIES], position = 0, count;
    int column_count = op->plan->key_count + 1;
    while ((count = next_entries(op, &from->values, from->values_own, &position, theirs)) > 0) {
        if (circuit_stopped(op->base.circuit))
            return;
        Column **columns = memory_alloc((size_t) column_count * sizeof *columns);
        group_table_key_columns(&from->values, theirs, count, columns);
        group_table_find(&aggregate->values, columns, count, ours);
        if (op->plan->key_count > 0)
            group_table_find(&op->groups, columns, count, groups);
        else
            group_table_find(&op->groups, columns, 1, groups);
        for (uint32_t i = 0; i < count; i++) {
            group_head(&aggregate->values, ours[i])->count += group_head(&from->values, theirs[i])->count;
            ValueState *state = group_state(&aggregate->values, ours[i]);
            state->group = groups[op->plan->key_count > 0 ? i : 0];
        }
        release_columns(columns, column_count);
    }
}

/* Each value of the share that is there counts once, in this lane's state of its group. */
static void
count_distinct(OpReduce *op, ReduceAggregate *aggregate)
{
    GroupTable *values = &aggregate->values;
    uint16_t column = (uint16_t) op->plan->key_count;
    for (uint32_t entry = 0; entry < values->next; entry++) {
        const GroupHead *head = group_head(values, entry);
        if (!group_table_is_used(values, entry) || reduce_is_elsewhere(op, head->hash) || head->count <= 0)
            continue;
        const ValueState *value = group_state(values, entry);
        aggregate_accumulate(aggregate->call, (char *) group_state(&op->groups, value->group) + aggregate->state_offset,
                             group_table_key(values, entry, column), 1);
    }
    aggregate->values_touched.count = 0;
}

/* ---- groups */

static void
take_best(OpReduce *op, const ReduceAggregate *aggregate, BestRow *best, const BestRow *other)
{
    if (other->chunk != NULL && (best->chunk == NULL || reduce_row_is_better(op, aggregate, other, best)))
        *best = *other;
}

static void
take_groups(OpReduce *op, const OpReduce *from)
{
    uint32_t theirs[MERGE_ENTRIES], ours[MERGE_ENTRIES], position = 0, count;
    while ((count = next_entries(op, &from->groups, from->groups_own, &position, theirs)) > 0) {
        if (circuit_stopped(op->base.circuit))
            return;
        Column **columns = memory_alloc(((size_t) op->plan->key_count + 1) * sizeof *columns);
        group_table_key_columns(&from->groups, theirs, count, columns);
        group_table_find(&op->groups, columns, count, ours);
        for (uint32_t i = 0; i < count; i++) {
            group_head(&op->groups, ours[i])->count += group_head(&from->groups, theirs[i])->count;
            const char *state = group_state(&from->groups, theirs[i]);
            char *into = group_state(&op->groups, ours[i]);
            for (int k = 0; k < op->plan->aggregate_count; k++) {
                const ReduceAggregate *aggregate = &op->aggregates[k];
                if (reduce_is_accumulated(aggregate))
                    aggregate_merge(aggregate->call, into + aggregate->state_offset, state + aggregate->state_offset);
                else if (aggregate->tactic == REDUCE_ORDERED)
                    take_best(op, aggregate, (BestRow *) (into + aggregate->state_offset),
                              (const BestRow *) (state + aggregate->state_offset));
            }
        }
        release_columns(columns, op->plan->key_count);
    }
}

static void
take_arranged(OpReduce *op, OpReduce *from)
{
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        if (reduce_is_accumulated(&op->aggregates[i]))
            continue;
        Arrangement *arrangement = &op->aggregates[i].arrangement, *other = &from->aggregates[i].arrangement;
        for (size_t k = 0; k < other->input.count; k++)
            vector_push(&arrangement->input, other->input.items[k]);
        arrangement->input_rows += other->input_rows;
        arrangement->input_retracts = arrangement->input_retracts || other->input_retracts;
        vector_deinit(&other->input);
        other->input_rows = 0;
    }
}

/* ---- phases */

/* Only sums and counts, and the least and the greatest where nothing is retracted, can be given by every lane for itself. */
static bool
can_share(const OpReduce *op)
{
    for (int lane = 0; lane < lane_count(op->base.circuit); lane++)
        for (int i = 0; i < op->plan->aggregate_count; i++) {
            const ReduceAggregate *aggregate = &other_lane(op, lane)->aggregates[i];
            if (aggregate->tactic == REDUCE_COLLECT ||
                (aggregate->tactic == REDUCE_ORDERED && aggregate->arrangement.input_retracts))
                return false;
        }
    return true;
}

static void
merge_begin(OpReduce *op)
{
    op->shares = can_share(op) ? (uint32_t) lane_count(op->base.circuit) : 1;
    op->groups_own = op->groups.next;
    for (int i = 0; i < op->plan->aggregate_count; i++)
        op->aggregates[i].values_own = op->aggregates[i].values.next;
    for (int i = 0; i < op->plan->aggregate_count; i++) {
        uint32_t others = 0;
        for (int lane = 0; lane < lane_count(op->base.circuit); lane++)
            others += other_lane(op, lane)->aggregates[i].values.next;
        if (op->aggregates[i].tactic == REDUCE_DISTINCT)
            group_table_reserve(&op->aggregates[i].values, others);
    }
}

void
reduce_merge(Operator *base, int phase)
{
    OpReduce *op = (OpReduce *) base;
    int lanes = lane_count(base->circuit), lane = base->circuit->lane;
    if (lanes == 1 || !base->in_lanes)
        return;
    if (phase == MERGE_BEGIN)
        merge_begin(op);
    if (phase == MERGE_RESERVE) {
        op->groups_own = op->groups.next;
        uint32_t others = 0;
        for (int i = 0; i < lanes; i++)
            others += other_lane(op, i)->groups.next;
        group_table_reserve(&op->groups, others);
    }
    if (op->shares == 1 && lane != 0)
        return;
    for (int i = 0; i < op->plan->aggregate_count && phase == MERGE_VALUES; i++) {
        if (op->aggregates[i].tactic != REDUCE_DISTINCT)
            continue;
        for (int other = 0; other < lanes; other++)
            if (other != lane)
                take_values(op, &op->aggregates[i], &other_lane(op, other)->aggregates[i]);
        count_distinct(op, &op->aggregates[i]);
    }
    for (int other = 0; other < lanes && phase == MERGE_GROUPS; other++) {
        if (other == lane)
            continue;
        take_groups(op, other_lane(op, other));
        if (op->shares == 1)
            take_arranged(op, other_lane(op, other));
    }
}
