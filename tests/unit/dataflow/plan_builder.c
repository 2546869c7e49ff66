#include "tests/unit/dataflow/plan_builder.h"

#include <check.h>
#include <stdarg.h>

#include "expr/function.h"

PlanBuilder
plan_builder_new(Timestamp as_of, bool one_shot)
{
    Arena *arena = arena_new();
    DataflowPlan *plan = arena_new_struct(arena, DataflowPlan);
    *plan = (DataflowPlan){
        .arena = arena,
        .name = "test",
        .nodes = arena_new_array(arena, PlanNode, BUILDER_NODES_MAX),
        .imports = arena_new_array(arena, PlanImport, BUILDER_IMPORTS_MAX),
        .exports = arena_new_array(arena, PlanExport, BUILDER_EXPORTS_MAX),
        .as_of = as_of,
        .until = TIMESTAMP_MAX,
        .one_shot = one_shot,
    };
    return (PlanBuilder){arena, plan};
}

const PlanNode *
plan_node(const PlanBuilder *builder, uint32_t id)
{
    return &builder->plan->nodes[id];
}

static uint16_t *
copied(PlanBuilder *builder, Columns columns)
{
    uint16_t *copy = arena_new_array(builder->arena, uint16_t, columns.count + 1);
    if (columns.count > 0)
        memcpy(copy, columns.items, (size_t) columns.count * sizeof *copy);
    return copy;
}

static PlanNode *
add_node(PlanBuilder *builder, PlanKind kind, const uint32_t *inputs, int input_count, uint16_t column_count)
{
    DataflowPlan *plan = builder->plan;
    ck_assert_uint_lt(plan->node_count, BUILDER_NODES_MAX);
    PlanNode *node = &plan->nodes[plan->node_count++];
    node->kind = kind;
    node->inputs = arena_new_array(builder->arena, uint32_t, input_count + 1);
    if (input_count > 0)
        memcpy(node->inputs, inputs, (size_t) input_count * sizeof *inputs);
    node->input_count = input_count;
    node->types = arena_new_array(builder->arena, SqlType, column_count + 1);
    node->column_count = column_count;
    return node;
}

static uint32_t
last_id(const PlanBuilder *builder)
{
    return builder->plan->node_count - 1;
}

/* A node with the columns of its first input. */
static PlanNode *
add_like(PlanBuilder *builder, PlanKind kind, const uint32_t *inputs, int input_count)
{
    const PlanNode *first = plan_node(builder, inputs[0]);
    PlanNode *node = add_node(builder, kind, inputs, input_count, first->column_count);
    memcpy(node->types, first->types, first->column_count * sizeof *node->types);
    return node;
}

uint32_t
plan_get_index(PlanBuilder *builder, uint64_t collection_id, uint64_t index_id, Columns key, const SqlType *types,
               uint16_t column_count)
{
    DataflowPlan *plan = builder->plan;
    PlanNode *node = add_node(builder, PLAN_GET, NULL, 0, column_count);
    memcpy(node->types, types, column_count * sizeof *types);
    for (int i = 0; i < plan->import_count; i++)
        if (plan->imports[i].collection_id == collection_id && plan->imports[i].index_id == index_id) {
            node->import = (uint32_t) i;
            return last_id(builder);
        }
    ck_assert_int_lt(plan->import_count, BUILDER_IMPORTS_MAX);
    node->import = (uint32_t) plan->import_count;
    plan->imports[plan->import_count++] = (PlanImport){
        .collection_id = collection_id,
        .index_id = index_id,
        .index_key = copied(builder, key),
        .index_key_count = key.count,
        .types = node->types,
        .column_count = column_count,
    };
    return last_id(builder);
}

uint32_t
plan_get(PlanBuilder *builder, uint64_t collection_id, const SqlType *types, uint16_t column_count)
{
    return plan_get_index(builder, collection_id, 0, NO_COLUMNS, types, column_count);
}

uint32_t
plan_constant(PlanBuilder *builder, const SqlType *types, uint16_t column_count, const Datum *values, uint32_t rows)
{
    PlanNode *node = add_node(builder, PLAN_CONSTANT, NULL, 0, column_count);
    memcpy(node->types, types, column_count * sizeof *types);
    ChunkBuilder chunk;
    chunk_builder_init(&chunk, types, column_count);
    for (uint32_t i = 0; i < rows; i++)
        chunk_builder_append_datums(&chunk, &values[i * column_count], 0, 1);
    Chunk *done = chunk_builder_finish(&chunk);
    if (done != NULL)
        vector_push(&node->constant.rows, done);
    chunk_builder_deinit(&chunk);
    return last_id(builder);
}

static int
list_length(Scalar **list)
{
    int count = 0;
    while (list != NULL && list[count] != NULL)
        count++;
    return count;
}

static LinearPlan
make_linear(PlanBuilder *builder, Scalar **maps, Scalar **filters, Columns project)
{
    return (LinearPlan){
        .maps = maps,
        .map_count = list_length(maps),
        .filters = filters,
        .filter_count = list_length(filters),
        .project = copied(builder, project),
        .project_count = project.count,
    };
}

uint32_t
plan_linear(PlanBuilder *builder, uint32_t input, Scalar **maps, Scalar **filters, Columns project)
{
    PlanNode *node = add_node(builder, PLAN_LINEAR, &input, 1, (uint16_t) project.count);
    const PlanNode *from = plan_node(builder, input);
    node->linear = make_linear(builder, maps, filters, project);
    for (int i = 0; i < project.count; i++) {
        uint16_t column = project.items[i];
        node->types[i] = column < from->column_count ? from->types[column] : maps[column - from->column_count]->type;
    }
    return last_id(builder);
}

uint32_t
plan_join(PlanBuilder *builder, const uint32_t *inputs, int input_count, const Columns *left_keys,
          const Columns *right_keys, Scalar **filters, Columns project)
{
    PlanNode *node = add_node(builder, PLAN_JOIN, inputs, input_count, (uint16_t) project.count);
    SqlType types[64];
    int total = 0;
    for (int i = 0; i < input_count; i++)
        for (uint16_t k = 0; k < plan_node(builder, inputs[i])->column_count; k++)
            types[total++] = plan_node(builder, inputs[i])->types[k];
    node->join.stages = arena_new_array(builder->arena, JoinStage, input_count);
    node->join.stage_count = input_count - 1;
    for (int i = 0; i + 1 < input_count; i++)
        node->join.stages[i] = (JoinStage){
            .input = (uint16_t) (i + 1),
            .left_key = copied(builder, left_keys[i]),
            .right_key = copied(builder, right_keys[i]),
            .key_count = left_keys[i].count,
        };
    node->join.closure = make_linear(builder, NULL, filters, project);
    for (int i = 0; i < project.count; i++)
        node->types[i] = types[project.items[i]];
    return last_id(builder);
}

uint32_t
plan_reduce(PlanBuilder *builder, uint32_t input, Columns key, const PlanAggregate *aggregates, int count)
{
    PlanNode *node = add_node(builder, PLAN_REDUCE, &input, 1, (uint16_t) (key.count + count));
    node->reduce = (ReducePlan){
        .key = copied(builder, key),
        .key_count = key.count,
        .aggregates = arena_new_array(builder->arena, PlanAggregate, count + 1),
        .aggregate_count = count,
    };
    for (int i = 0; i < key.count; i++)
        node->types[i] = plan_node(builder, input)->types[key.items[i]];
    for (int i = 0; i < count; i++) {
        node->reduce.aggregates[i] = aggregates[i];
        node->types[key.count + i] = aggregates[i].call.result_type;
    }
    return last_id(builder);
}

uint32_t
plan_topk(PlanBuilder *builder, uint32_t input, Columns group, const SortKey *order, int order_count, int64_t limit,
          int64_t offset)
{
    PlanNode *node = add_like(builder, PLAN_TOPK, &input, 1);
    node->topk = (TopkPlan){
        .group = copied(builder, group),
        .group_count = group.count,
        .order = arena_new_array(builder->arena, SortKey, order_count + 1),
        .order_count = order_count,
        .limit = limit,
        .offset = offset,
    };
    if (order_count > 0)
        memcpy(node->topk.order, order, (size_t) order_count * sizeof *order);
    return last_id(builder);
}

uint32_t
plan_window(PlanBuilder *builder, uint32_t input, Columns partition, const SortKey *order, int order_count,
            const WindowCall *calls, int call_count)
{
    uint16_t width = plan_node(builder, input)->column_count;
    PlanNode *node = add_like(builder, PLAN_WINDOW, &input, 1);
    SqlType *types = arena_new_array(builder->arena, SqlType, width + call_count + 1);
    memcpy(types, node->types, width * sizeof *types);
    for (int i = 0; i < call_count; i++)
        types[width + i] = calls[i].type;
    node->types = types;
    node->column_count = (uint16_t) (width + call_count);
    node->window = (WindowPlan){
        .partition = copied(builder, partition),
        .partition_count = partition.count,
        .order = arena_new_array(builder->arena, SortKey, order_count + 1),
        .order_count = order_count,
        .calls = arena_new_array(builder->arena, WindowCall, call_count + 1),
        .call_count = call_count,
    };
    if (order_count > 0)
        memcpy(node->window.order, order, (size_t) order_count * sizeof *order);
    memcpy(node->window.calls, calls, (size_t) call_count * sizeof *calls);
    return last_id(builder);
}

uint32_t
plan_unary(PlanBuilder *builder, PlanKind kind, uint32_t input)
{
    add_like(builder, kind, &input, 1);
    return last_id(builder);
}

uint32_t
plan_distinct(PlanBuilder *builder, uint32_t input)
{
    add_like(builder, PLAN_THRESHOLD, &input, 1)->threshold.distinct = true;
    return last_id(builder);
}

uint32_t
plan_union(PlanBuilder *builder, const uint32_t *inputs, int count)
{
    add_like(builder, PLAN_UNION, inputs, count);
    return last_id(builder);
}

uint32_t
plan_guard(PlanBuilder *builder, uint32_t input, Columns group)
{
    PlanNode *node = add_like(builder, PLAN_GUARD, &input, 1);
    node->guard.group = copied(builder, group);
    node->guard.group_count = group.count;
    node->guard.sqlstate = "21000";
    node->guard.message = "more than one record produced in subquery";
    return last_id(builder);
}

uint32_t
plan_temporal(PlanBuilder *builder, uint32_t input, Scalar *lower, Scalar *upper)
{
    PlanNode *node = add_like(builder, PLAN_TEMPORAL, &input, 1);
    node->temporal.lower = plan_scalars(builder, 1, lower);
    node->temporal.lower_count = lower != NULL;
    node->temporal.upper = plan_scalars(builder, 1, upper);
    node->temporal.upper_count = upper != NULL;
    return last_id(builder);
}

uint32_t
plan_flat_map(PlanBuilder *builder, uint32_t input, const TableFunctionCall *call, Scalar **args, bool ordinality)
{
    const PlanNode *from = plan_node(builder, input);
    int column_count = from->column_count + call->column_count + (ordinality ? 1 : 0);
    PlanNode *node = add_node(builder, PLAN_FLAT_MAP, &input, 1, (uint16_t) column_count);
    memcpy(node->types, from->types, from->column_count * sizeof *node->types);
    memcpy(node->types + from->column_count, call->column_types, (size_t) call->column_count * sizeof *node->types);
    if (ordinality)
        node->types[column_count - 1] = SQL_TYPE(INT8);
    node->flat_map =
        (FlatMapPlan){.function = *call, .args = args, .arg_count = list_length(args), .ordinality = ordinality};
    return last_id(builder);
}

static PlanExport *
add_export(PlanBuilder *builder, ExportKind kind, uint32_t node, uint64_t id)
{
    DataflowPlan *plan = builder->plan;
    ck_assert_int_lt(plan->export_count, BUILDER_EXPORTS_MAX);
    PlanExport *export = &plan->exports[plan->export_count++];
    *export = (PlanExport){.kind = kind, .node = node, .id = id};
    return export;
}

void
plan_export_index(PlanBuilder *builder, uint32_t node, uint64_t id, Columns key)
{
    PlanExport *export = add_export(builder, EXPORT_INDEX, node, id);
    export->key = copied(builder, key);
    export->key_count = key.count;
}

void
plan_export_subscribe(PlanBuilder *builder, uint32_t node, uint64_t id, bool with_snapshot)
{
    add_export(builder, EXPORT_SUBSCRIBE, node, id)->with_snapshot = with_snapshot;
}

void
plan_export_shard(PlanBuilder *builder, uint32_t node, uint64_t id)
{
    add_export(builder, EXPORT_SHARD, node, id);
}

void
plan_export_peek(PlanBuilder *builder, uint32_t node, uint64_t id)
{
    PlanExport *export = add_export(builder, EXPORT_PEEK, node, id);
    uint16_t column_count = plan_node(builder, node)->column_count;
    export->finishing = (Finishing){.limit = -1,
                                    .project = arena_new_array(builder->arena, uint16_t, column_count + 1),
                                    .project_count = column_count};
    for (uint16_t i = 0; i < column_count; i++)
        export->finishing.project[i] = i;
}

Scalar *
plan_column(PlanBuilder *builder, uint32_t node, uint16_t column)
{
    return scalar_column(builder->arena, column, plan_node(builder, node)->types[column], true);
}

Scalar *
plan_int(PlanBuilder *builder, int64_t value)
{
    return scalar_literal(builder->arena, SQL_TYPE(INT8), datum_int(value));
}

Scalar *
plan_operator(PlanBuilder *builder, const char *name, Scalar *left, Scalar *right)
{
    Error err = ERROR_INIT;
    Scalar *result = NULL;
    EvalContext eval;
    eval_context_init(&eval, builder->arena);
    bool ok = scalar_operator(builder->arena, name, left, right, 0, &eval, &result, &err);
    ck_assert_msg(ok, "%s: %s", name, err.message);
    eval_context_deinit(&eval);
    return result;
}

Scalar **
plan_scalars(PlanBuilder *builder, int count, ...)
{
    Scalar **list = arena_new_array(builder->arena, Scalar *, count + 1);
    va_list args;
    va_start(args, count);
    for (int i = 0; i < count; i++)
        list[i] = va_arg(args, Scalar *);
    va_end(args);
    return list;
}

PlanAggregate
plan_aggregate(PlanBuilder *builder, uint32_t node, const char *name, int arg)
{
    Error err = ERROR_INIT;
    PlanAggregate aggregate = {.filter = -1};
    SqlType types[3] = {SQL_TYPE(UNKNOWN)}, wanted[3];
    if (arg >= 0) {
        types[0] = plan_node(builder, node)->types[arg];
        aggregate.args[0] = (uint16_t) arg;
    }
    aggregate.call.arg_type = types[0];
    bool ok = aggregate_resolve(NULL, name, types, arg < 0 ? 0 : 1, 0, &aggregate.call.function, wanted,
                                &aggregate.call.result_type, &err);
    ck_assert_msg(ok, "%s: %s", name, err.message);
    return aggregate;
}
