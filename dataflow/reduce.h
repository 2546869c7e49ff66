/*
 * reduce.h -- the parts of the reduce operator; private to op_reduce.c, reduce_input.c, reduce_result.c.
 *
 * A group is an entry of a table. How an aggregate is kept:
 *
 *   REDUCE_ACCUMULATE  its state is inline in the entry
 *   REDUCE_DISTINCT    the same, fed by a second table that counts rows by (key, value): a value that comes or goes counts once
 *   REDUCE_ORDERED     min, max: an arrangement of (key, value) with values in order; its first row is the result
 *   REDUCE_COLLECT     an arrangement of (key, arguments, order), read as a whole for each group that changed
 *
 * In a step, the first row that touches a group makes it tell what it gave before; at the flush it tells what it gives now, and
 * the difference goes on. So nothing that was given has to be kept.
 */
#ifndef FRESHET_DATAFLOW_REDUCE_H
#define FRESHET_DATAFLOW_REDUCE_H

#include "dataflow/group_table.h"
#include "dataflow/operators.h"

typedef enum ReduceTactic { REDUCE_ACCUMULATE, REDUCE_DISTINCT, REDUCE_ORDERED, REDUCE_COLLECT } ReduceTactic;

enum { GROUP_TOUCHED = 1, GROUP_EMITTED = 2 };

/* Of a (key, value) of REDUCE_DISTINCT. */
typedef struct ValueState {
    int64_t count_before;
    uint32_t group;
} ValueState;

/* Of a group of REDUCE_ORDERED in a one-shot circuit: the best row seen so far, right as long as nothing is retracted. */
typedef struct BestRow {
    const Chunk *chunk;
    uint32_t row;
    uint64_t prefix; /* type_order_prefix of its value, where the type has one */
} BestRow;

typedef VECTOR(uint32_t) Entries;

typedef struct ReduceAggregate {
    const PlanAggregate *plan;
    const AggregateCall *call;
    ReduceTactic tactic;
    uint32_t state_offset;
    GroupTable values; /* REDUCE_DISTINCT */
    Entries values_touched;
    uint32_t values_own;     /* entries of `values` that were there before lanes were merged */
    Arrangement arrangement; /* REDUCE_ORDERED, REDUCE_COLLECT: key, arguments, order */
    Cursor *before, *after;
} ReduceAggregate;

/* What a group gives: aggregates' values, or the error of the first that failed. */
typedef struct GroupResult {
    Datum *values;
    const EvalError *error;
} GroupResult;

typedef struct TouchedGroup {
    uint32_t entry;
    bool was_emitted;
    GroupResult old; /* of what is accumulated; meaningful when was_emitted */
} TouchedGroup;

typedef struct OpReduce {
    Operator base;
    const ReducePlan *plan;
    const SqlType *input_types;
    GroupTable groups;
    ReduceAggregate *aggregates;
    bool reads_arrangements;
    VECTOR(TouchedGroup) touched;
    Arena *arena; /* of a step */

    /* scratch of a chunk */
    uint32_t capacity;
    uint32_t *entries, *locals, *order, *rows;
    char **states; /* of each row's group, where rows are handled one by one */
    uint32_t *local_entries, *local_starts;
    uint32_t epoch;

    /* the flush at hand */
    bool flushing, uses_best;
    size_t position; /* in touched; while hydrating, where every group is new, in the table */
    Entries gone;    /* groups to be removed at the end of a hydration */
    ChunkBuilder out;

    /* After lanes were merged: groups whose hash is this lane's share of `shares` are given by it; with one share by the first lane. */
    uint32_t shares;
    uint32_t groups_own; /* entries that were there before */
} OpReduce;

static inline bool
reduce_is_accumulated(const ReduceAggregate *aggregate)
{
    return aggregate->tactic == REDUCE_ACCUMULATE || aggregate->tactic == REDUCE_DISTINCT;
}

/* reduce_input.c */
void reduce_take_chunk(OpReduce *op, Chunk *chunk);

/* reduce_merge.c */
enum { REDUCE_MERGE_PHASES = 4 };
void reduce_merge(Operator *base, int phase);
/* Whether the group is another lane's to give. */
bool reduce_is_elsewhere(const OpReduce *op, uint64_t hash);

/* reduce_result.c */
bool reduce_row_is_better(const OpReduce *op, const ReduceAggregate *aggregate, const BestRow *best,
                          const BestRow *than);
/* Adds the values of what is accumulated; an error ends it. */
void reduce_accumulated(const OpReduce *op, uint32_t entry, Arena *arena, GroupResult *result);
void reduce_open(OpReduce *op); /* values counted, arrangements built, cursors opened */
/* Adds the rest: `key_columns` has the groups' keys, this one's in `row`. */
void reduce_arranged(const OpReduce *op, uint32_t entry, Column *const *key_columns, uint32_t row, bool after,
                     Arena *arena, GroupResult *result);
void reduce_close(OpReduce *op);

#endif
