/*
 * plan_dataflow.c -- maintained dataflows: indexes, materialized views, subscriptions.
 */
#include "planner/lower_mir.h"
#include "planner/planned_query.h"

MirPlan *
planned_query_maintained(const PlannedQuery *planned, const MirPlan *mir, Arena *arena)
{
    MirPlan *plan = mir_plan_copy(mir, arena);
    if (planned->limit != NULL || planned->offset != NULL)
        plan->root =
            mir_topk(arena, plan->root, NULL, 0, planned->order, planned->order_count, planned->limit, planned->offset);
    uint16_t *columns = arena_new_array(arena, uint16_t, planned->desc.column_count);
    for (int i = 0; i < planned->desc.column_count; i++)
        columns[i] = (uint16_t) i;
    plan->root = mir_project(arena, plan->root, columns, planned->desc.column_count);
    return plan;
}

static bool
lower_with_export(const MirPlan *mir, const Catalog *catalog, const IndexOracle *indexes, const char *name,
                  PlanExport export, DataflowPlan **plan, Error *err)
{
    LowerMirOptions options = {.catalog = catalog, .indexes = indexes, .name = name};
    if (!lower_mir(mir, &options, plan, &export.node, err))
        return false;
    (*plan)->export_count = 1;
    (*plan)->exports = arena_new_array((*plan)->arena, PlanExport, 1);
    (*plan)->exports[0] = export;
    PlanExport *own = &(*plan)->exports[0];
    own->key = arena_new_array((*plan)->arena, uint16_t, export.key_count);
    for (int i = 0; i < export.key_count; i++)
        own->key[i] = export.key[i];
    return true;
}

/* Indexed views are read through indexes of the cluster that runs the dataflow. */
static bool
plan_item_rows(PlannerContext *context, const Item *item, bool definition, const IndexOracle *indexes,
               PlannedQuery **planned, Error *err)
{
    Binder binder;
    binder_init(&binder, context);
    for (int attempt = 0; attempt < 2; attempt++) {
        BoundRelation relation;
        binder.indexed_views_of = attempt == 0 && indexes != NULL ? indexes->cluster : 0;
        bool worked =
            definition ? bind_view(&binder, item, &relation, err) : bind_item(&binder, item, 0, &relation, err);
        if (worked) {
            QueryShape shape = {.hir = relation.hir, .names = relation.names, .count = relation.hir->column_count};
            worked = planned_query_make(&binder, &shape, planned, err);
        }
        bool indexed = binder.read_indexed_view;
        binder_deinit(&binder);
        if (!worked || !indexed)
            return worked;
        /* Every index that it counted on has to be usable now. */
        if (planned_query_indexes_usable(*planned, context->catalog, indexes, context->arena))
            return true;
        binder_init(&binder, context);
    }
    return true;
}

bool
plan_index_dataflow(PlannerContext *context, const Item *relation, Scalar *const *keys, int key_count,
                    const IndexOracle *indexes, DataflowPlan **plan, Error *err)
{
    PlannedQuery *planned;
    Scalar **computed;
    int computed_count;
    bool definition = relation->kind == ITEM_VIEW;
    if (!plan_item_rows(context, relation, definition, indexes, &planned, err) ||
        !planned_query_check_materializable(planned, err))
        return false;
    IndexShape shape = index_shape_of(context->arena, relation->desc, keys, key_count, &computed, &computed_count);
    MirPlan *mir = mir_plan_copy(planned->mir, context->arena);
    mir->root = mir_map(context->arena, mir->root, computed, computed_count);
    PlanExport export = {.kind = EXPORT_INDEX, .key = shape.key, .key_count = shape.key_count};
    return lower_with_export(mir, context->catalog, indexes, relation->name, export, plan, err);
}

bool
plan_view_dataflow(PlannerContext *context, const Item *materialized_view, const IndexOracle *indexes,
                   DataflowPlan **plan, Error *err)
{
    PlannedQuery *planned;
    if (!plan_item_rows(context, materialized_view, true, indexes, &planned, err) ||
        !planned_query_check_materializable(planned, err))
        return false;
    PlanExport export = {.kind = EXPORT_SHARD};
    return lower_with_export(planned->mir, context->catalog, indexes, materialized_view->name, export, plan, err);
}

bool
plan_subscribe_dataflow(PlannerContext *context, const PlannedQuery *planned, const ContextBinding *binding,
                        const IndexOracle *indexes, DataflowPlan **plan, Error *err)
{
    /* mz_now() moves with the subscription: only what can be a temporal filter may have it. */
    ContextBinding moving = *binding;
    moving.has_mz_now = false;
    const MirPlan *chosen = planned_query_choose(planned, context->catalog, indexes, context->arena);
    MirPlan *mir = planned_query_maintained(planned, chosen, context->arena), *bound;
    if (!mir_plan_bind(mir, &moving, context->arena, &bound, err))
        return false;
    OptimizeContext optimize_context = {
        .eval = context->eval, .catalog = context->catalog, .cluster = indexes == NULL ? 0 : indexes->cluster};
    transform_fold(bound, &optimize_context);
    PlanExport export = {.kind = EXPORT_SUBSCRIBE, .with_snapshot = true};
    return lower_with_export(bound, context->catalog, indexes, "subscribe", export, plan, err);
}
