/*
 * operators.h -- how the circuit's operators are made; one op_*.c each.
 *
 * Every constructor adds the operator to the circuit and leaves connecting it to render.c. `node` is the plan's node that it
 * works for; plan structs given must outlive the circuit.
 */
#ifndef FRESHET_DATAFLOW_OPERATORS_H
#define FRESHET_DATAFLOW_OPERATORS_H

#include "dataflow/arrangement.h"
#include "dataflow/step_batch.h"

/* op_import.c: hands the batches of a step to the circuit. */
typedef struct OpImport OpImport;
Operator *op_import_new(Circuit *circuit, uint32_t node, const PlanImport *plan);
/* The step's updates; takes the batch's contents over. Everything in it is handed on at the circuit's time. */
void op_import_load(Operator *op, StepBatch *batch);
/* Also the snapshot (retained until it was read) as of the circuit's time; what it has at later times below `upper` goes to `late`. */
void op_import_load_snapshot(Operator *op, SpineSnapshot *rows, SpineSnapshot *errors, Timestamp as_of, Timestamp upper,
                             StepQueue *late);
bool op_import_push_slice(Operator *op, int64_t *fuel); /* true: everything was handed on */
/* The import of another lane takes its rows from the first one's snapshot, as that one then does too. */
void op_import_share(Operator *lane, Operator *first);
/* Hands on chunks of the snapshot that no lane has taken yet, at most about `fuel` rows. True: none is left. Any lane's thread. */
bool op_import_push_shared(Operator *op, int64_t *fuel);
/* Makes the import serve as a borrowed arrangement: each step's delta is given to it. */
void op_import_serve_index(Operator *op, Operator *arrange);

/* op_constant.c */
Operator *op_constant_new(Circuit *circuit, uint32_t node, const PlanNode *plan);
void op_constant_push(Operator *op);

Operator *op_linear_new(Circuit *circuit, uint32_t node, const LinearPlan *plan, uint32_t input_count);
Operator *op_flat_map_new(Circuit *circuit, uint32_t node, const FlatMapPlan *plan, const SqlType *types,
                          uint16_t column_count);
Operator *op_negate_new(Circuit *circuit, uint32_t node);
Operator *op_union_new(Circuit *circuit, uint32_t node);
Operator *op_temporal_new(Circuit *circuit, uint32_t node, const TemporalPlan *plan);

/* op_arrange.c: takes rows only; errors go past it to the readers. Readers are marked dirty when the arrangement changed. */
typedef struct OpArrange OpArrange;
Operator *op_arrange_new(Circuit *circuit, uint32_t node, Layout *layout); /* takes the layout over */
/* Over another dataflow's index; takes no rows. */
Operator *op_arrange_new_borrowed(Circuit *circuit, uint32_t node, Spine *spine);
Arrangement *op_arrange_arrangement(Operator *op);
void op_arrange_add_reader(Operator *op, Operator *reader);
Operator *op_arrange_reader(const Operator *op, size_t index); /* NULL: no more, or `op` is no arrangement */

/* op_join.c: one stage, two arrangements. */
typedef struct JoinColumn {
    bool right;
    uint16_t column; /* of that side's arrangement */
} JoinColumn;
/* The joined row's columns; columns[i].column UINT16_MAX: nobody reads it. `closure` may be NULL; it is over all of them. */
Operator *op_join_new(Circuit *circuit, uint32_t node, Operator *left, Operator *right, const JoinColumn *columns,
                      const SqlType *types, uint16_t column_count, const LinearPlan *closure);

/* op_hash_join.c: the same in a circuit that runs once. Rows come in by port 0 (left) and 1; columns are those of the streams. */
typedef struct HashJoinSide {
    const SqlType *types;
    const uint16_t *key;
} HashJoinSide;
Operator *op_hash_join_new(Circuit *circuit, uint32_t node, const HashJoinSide *left, const HashJoinSide *right,
                           int key_count, bool build_right, const JoinColumn *columns, const SqlType *types,
                           uint16_t column_count, const LinearPlan *closure);

Operator *op_reduce_new(Circuit *circuit, uint32_t node, const ReducePlan *plan, const SqlType *input_types,
                        const SqlType *types, uint16_t column_count);
Operator *op_topk_new(Circuit *circuit, uint32_t node, const TopkPlan *plan, const SqlType *types,
                      uint16_t column_count);
/* `types` are the input's, then the calls'. */
Operator *op_window_new(Circuit *circuit, uint32_t node, const WindowPlan *plan, const SqlType *input_types,
                        uint16_t input_count, const SqlType *types);
Operator *op_threshold_new(Circuit *circuit, uint32_t node, bool distinct, const SqlType *types, uint16_t column_count);
Operator *op_guard_new(Circuit *circuit, uint32_t node, const PlanNode *plan);
/* op_recurse.c: runs the plan's body in a circuit of its own. */
Operator *op_recurse_new(Circuit *circuit, uint32_t node, const PlanNode *plan);
Operator *op_collect_new(Circuit *circuit, const PlanExport *plan); /* the end of such a body */

/* Exports. */
/* `only_grows`: what comes is never retracted, so that a read with a limit and no order is satisfied by the first rows. */
Operator *op_peek_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count,
                      bool only_grows);
Operator *op_subscribe_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count);
Operator *op_shard_new(Circuit *circuit, const PlanExport *plan, const SqlType *types, uint16_t column_count);
/* op_index.c: over an arrangement of the node; keeps the errors. */
Operator *op_index_new(Circuit *circuit, const PlanExport *plan, Operator *arrange);
Arrangement *op_index_rows(Operator *op);
Arrangement *op_index_errors(Operator *op);

/* op_gather.c: what the exports that send rows have in common. */
typedef struct Gathered {
    const SqlType *types; /* of the plan */
    uint16_t column_count;
    ChunkVector rows;
    ChunkVector errors;
    uint64_t row_count;
    bool retracts;            /* some diff is negative */
    ChunkVector done;         /* consolidated rows */
    Arrangement *arrangement; /* while many rows are consolidated */
    size_t next;
    struct SpineScan *scan;
} Gathered;
void gathered_init(Gathered *gathered, const SqlType *types, uint16_t column_count);
void gathered_add(Gathered *gathered, Chunk *chunk);
void gathered_add_errors(Gathered *gathered, Chunk *chunk);
void gathered_take_over(Gathered *gathered, Gathered *from); /* nothing of either was consolidated */
size_t gathered_memory(const Gathered *gathered);
void gathered_deinit(Gathered *gathered); /* also empties it */
/* Consolidates rows into `done`, and errors. False: call again with more fuel. */
bool gathered_consolidate(Gathered *gathered, Circuit *circuit, int64_t *fuel);
void gathered_take(Gathered *gathered, ClusterResult *result); /* what was consolidated */

#endif
