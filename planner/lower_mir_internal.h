/*
 * lower_mir_internal.h -- what lower_mir.c, lower_mir_join.c and lower_mir_window.c share.
 */
#ifndef FRESHET_PLANNER_LOWER_MIR_INTERNAL_H
#define FRESHET_PLANNER_LOWER_MIR_INTERNAL_H

#include "planner/lower_mir.h"

typedef struct EmitImport {
    const Item *item, *index; /* index NULL: the relation's shard; item NULL: what a recursive block gave */
    int block;                /* the block */
    IndexShape shape;
    bool *used;
    uint32_t node;
} EmitImport;

typedef struct EmitIndexes {
    const Item *item;
    IndexList list;
} EmitIndexes;

typedef struct Emit {
    const MirPlan *mir;
    const LowerMirOptions *options;
    Arena *arena;   /* of the plan */
    Arena *scratch; /* of the lowering */
    VECTOR(PlanNode) nodes;
    VECTOR(EmitImport) imports;
    VECTOR(EmitIndexes) index_lists;
    uint32_t *bindings; /* their nodes */
    int depth;          /* of the node being lowered */
} Emit;

IndexList emit_indexes(Emit *emit, const Item *item); /* usable ones of the relation */
bool emit_mir(Emit *emit, const Mir *mir, uint32_t *out, Error *err);
/* A join and the chain above it. */
bool emit_join(Emit *emit, const Mir *join, const Mir *chain, uint32_t *out, Error *err);
/* `types` are the joined row's, inputs in stage order; the closure is what `form` says. */
bool emit_join_node(Emit *emit, JoinPlan join, const uint32_t *inputs, int input_count, const SqlType *types,
                    LinearForm *form, uint32_t *out, Error *err);

/* A window and the chain above it. */
bool emit_window(Emit *emit, const Mir *window, const Mir *chain, uint32_t *out, Error *err);

/* Copies in the plan's arena. */
SqlType emit_type(Emit *emit, SqlType type);
uint16_t *emit_columns(Emit *emit, const uint16_t *columns, int count);
SortKey *emit_order(Emit *emit, const SortKey *order, int count);
SqlType *emit_types(Emit *emit, const SqlType *types, int count);
uint32_t emit_node(Emit *emit, PlanNode node, const uint32_t *inputs, int input_count, const SqlType *types,
                   int column_count);
uint32_t emit_import(Emit *emit, const Item *item, const Item *index, const bool *used);
/* lower_mir_recursion.c */
uint32_t emit_feedback(Emit *emit, const Mir *mir);
bool emit_recursion(Emit *emit, const Mir *mir, uint32_t *out, Error *err);
uint32_t emit_constant(Emit *emit, const Mir *constant);
LinearPlan emit_linear_plan(Emit *emit, const LinearForm *form);
/* The form over a node's rows: nothing, a LINEAR node, or a TEMPORAL one between two. */
bool emit_form(Emit *emit, uint32_t node, const SqlType *types, LinearForm *form, uint32_t *out, Error *err);

#endif
