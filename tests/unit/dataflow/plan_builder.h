/*
 * plan_builder.h -- plans written by hand, a call a node. Every function returns the new node's id.
 */
#ifndef FRESHET_TESTS_UNIT_DATAFLOW_PLAN_BUILDER_H
#define FRESHET_TESTS_UNIT_DATAFLOW_PLAN_BUILDER_H

#include "dataflow/plan.h"

#define BUILDER_NODES_MAX   64
#define BUILDER_IMPORTS_MAX 8
#define BUILDER_EXPORTS_MAX 4

typedef struct PlanBuilder {
    Arena *arena;
    DataflowPlan *plan;
} PlanBuilder;

typedef struct Columns {
    int count;
    uint16_t items[16];
} Columns;
#define COLUMNS(...)                                                                                                   \
    ((Columns){.count = (int) (sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t)), .items = {__VA_ARGS__}})
#define NO_COLUMNS ((Columns){0})

PlanBuilder plan_builder_new(Timestamp as_of, bool one_shot);
const PlanNode *plan_node(const PlanBuilder *builder, uint32_t id);

uint32_t plan_get(PlanBuilder *builder, uint64_t collection_id, const SqlType *types, uint16_t column_count);
uint32_t plan_get_index(PlanBuilder *builder, uint64_t collection_id, uint64_t index_id, Columns key,
                        const SqlType *types, uint16_t column_count);
uint32_t plan_constant(PlanBuilder *builder, const SqlType *types, uint16_t column_count, const Datum *values,
                       uint32_t rows);
/* Maps and filters are NULL-terminated lists in the builder's arena, or NULL. */
uint32_t plan_linear(PlanBuilder *builder, uint32_t input, Scalar **maps, Scalar **filters, Columns project);
uint32_t plan_join(PlanBuilder *builder, const uint32_t *inputs, int input_count, const Columns *left_keys,
                   const Columns *right_keys, Scalar **filters, Columns project);
uint32_t plan_reduce(PlanBuilder *builder, uint32_t input, Columns key, const PlanAggregate *aggregates, int count);
uint32_t plan_topk(PlanBuilder *builder, uint32_t input, Columns group, const SortKey *order, int order_count,
                   int64_t limit, int64_t offset);
/* The node's columns, then the calls'. */
uint32_t plan_window(PlanBuilder *builder, uint32_t input, Columns partition, const SortKey *order, int order_count,
                     const WindowCall *calls, int call_count);
uint32_t plan_unary(PlanBuilder *builder, PlanKind kind, uint32_t input); /* NEGATE, THRESHOLD */
uint32_t plan_distinct(PlanBuilder *builder, uint32_t input);             /* THRESHOLD with distinct */
uint32_t plan_union(PlanBuilder *builder, const uint32_t *inputs, int count);
uint32_t plan_guard(PlanBuilder *builder, uint32_t input, Columns group);
uint32_t plan_temporal(PlanBuilder *builder, uint32_t input, Scalar *lower, Scalar *upper);
uint32_t plan_flat_map(PlanBuilder *builder, uint32_t input, const TableFunctionCall *call, Scalar **args,
                       bool ordinality);

void plan_export_index(PlanBuilder *builder, uint32_t node, uint64_t id, Columns key);
void plan_export_subscribe(PlanBuilder *builder, uint32_t node, uint64_t id, bool with_snapshot);
void plan_export_shard(PlanBuilder *builder, uint32_t node, uint64_t id);
void plan_export_peek(PlanBuilder *builder, uint32_t node, uint64_t id); /* everything, in any order */

Scalar *plan_column(PlanBuilder *builder, uint32_t node, uint16_t column); /* a column of the node's rows */
Scalar *plan_int(PlanBuilder *builder, int64_t value);
Scalar *plan_operator(PlanBuilder *builder, const char *name, Scalar *left, Scalar *right);
Scalar **plan_scalars(PlanBuilder *builder, int count, ...); /* a NULL-terminated list */
/* An aggregate over columns of `node`; arg < 0: none. */
PlanAggregate plan_aggregate(PlanBuilder *builder, uint32_t node, const char *name, int arg);

#endif
