/*
 * explain.c -- the trees that a query goes through, as text.
 */
#include "planner/lower_hir.h"
#include "planner/lower_mir.h"
#include "planner/planned_query.h"

typedef struct Names {
    const Catalog *catalog;
    Arena *arena;
} Names;

/* Imports are shards, whose ids are their items' for all that is made by SQL; indexes by their item. */
static const char *
import_name(void *context, uint64_t id)
{
    const Names *names = context;
    const Item *item = catalog_item(names->catalog, id);
    return item == NULL ? NULL : item_full_name(item, names->arena);
}

static void
print_finishing(const PlannedQuery *planned, Buffer *out)
{
    if (planned->order_count == 0 && planned->limit == NULL && planned->offset == NULL)
        return;
    buffer_append_text(out, "Finish");
    for (int i = 0; i < planned->order_count; i++) {
        const SortKey *key = &planned->order[i];
        buffer_printf(out, "%s#%u%s%s", i == 0 ? " order_by=[" : ", ", key->column, key->descending ? " desc" : " asc",
                      key->nulls_first ? " nulls_first" : " nulls_last");
    }
    if (planned->order_count > 0)
        buffer_append_char(out, ']');
    if (planned->limit != NULL) {
        buffer_append_text(out, " limit=");
        scalar_print(planned->limit, NULL, out);
    }
    if (planned->offset != NULL) {
        buffer_append_text(out, " offset=");
        scalar_print(planned->offset, NULL, out);
    }
    buffer_append_char(out, '\n');
}

static bool
index_usable(const Item *index, const IndexOracle *indexes)
{
    return indexes != NULL && indexes->cluster != 0 && index->cluster == indexes->cluster &&
           (indexes->usable == NULL || indexes->usable(indexes->context, index->id));
}

static void
print_lookup(const IndexLookup *lookup, Buffer *out)
{
    buffer_append_text(out, " lookup=(");
    for (int i = 0; i < lookup->index->index_key_count; i++) {
        if (i > 0)
            buffer_append_text(out, ", ");
        scalar_print(i == lookup->list_key ? lookup->list : lookup->values[i], NULL, out);
    }
    buffer_append_char(out, ')');
}

/* An index answers alone: which, and by what. */
static bool
print_fast_path(const PlannedQuery *planned, const IndexOracle *indexes, Arena *arena, Buffer *out)
{
    const FastPath *fast = &planned->fast;
    for (int i = 0; i < fast->lookup_count; i++) {
        if (!index_usable(fast->lookups[i].index, indexes))
            continue;
        buffer_printf(out, "Explained Query (fast path):\n  PeekIndex %s",
                      item_full_name(fast->lookups[i].index, arena));
        print_lookup(&fast->lookups[i], out);
        buffer_append_char(out, '\n');
        return true;
    }
    for (int i = 0; i < fast->scan_count; i++) {
        if (!index_usable(fast->scans[i], indexes))
            continue;
        buffer_printf(out, "Explained Query (fast path):\n  PeekIndex %s all rows\n",
                      item_full_name(fast->scans[i], arena));
        return true;
    }
    return false;
}

static bool
print_physical(PlannerContext *context, const PlannedQuery *planned, const IndexOracle *indexes, Buffer *out,
               Error *err)
{
    LowerMirOptions options = {.catalog = context->catalog, .indexes = indexes, .name = "explain", .one_shot = true};
    DataflowPlan *plan;
    uint32_t root;
    Names names = {context->catalog, context->arena};
    const MirPlan *chosen = planned_query_choose(planned, context->catalog, indexes, context->arena);
    if (!lower_mir(chosen, &options, &plan, &root, err))
        return false;
    PlanExport export = {.kind = EXPORT_PEEK, .node = root, .finishing = {.limit = -1}};
    uint16_t *project = arena_new_array(plan->arena, uint16_t, planned->desc.column_count);
    for (int i = 0; i < planned->desc.column_count; i++)
        project[i] = (uint16_t) i;
    export.finishing.project = project;
    export.finishing.project_count = planned->desc.column_count;
    plan->exports = &export;
    plan->export_count = 1;
    dataflow_plan_print(plan, import_name, &names, out);
    dataflow_plan_free(plan);
    return true;
}

static bool
explain_bound(PlannerContext *context, Binder *binder, const AstQuery *query, ExplainStage stage, Buffer *out,
              Error *err)
{
    BoundQuery bound;
    Hir *hir;
    if (!bind_query(binder, query, NULL, &bound, err) || !bound_query_project(binder, &bound, false, &hir, err))
        return false;
    if (stage == EXPLAIN_RAW) {
        hir_print(&binder->set, hir, context->arena, out);
        return true;
    }
    MirPlan *plan = lower_hir(&binder->set, hir, context->arena, context->eval);
    mir_plan_print(plan, context->arena, out);
    return true;
}

bool
explain_query(PlannerContext *context, const AstQuery *query, ExplainStage stage, const IndexOracle *indexes,
              Buffer *out, Error *err)
{
    if (stage == EXPLAIN_RAW || stage == EXPLAIN_DECORRELATED) {
        Binder binder;
        binder_init(&binder, context);
        bool worked = explain_bound(context, &binder, query, stage, out, err);
        binder_deinit(&binder);
        return worked;
    }
    PlannedQuery *planned;
    if (!plan_query(context, query, &planned, err))
        return false;
    print_finishing(planned, out);
    if (stage == EXPLAIN_OPTIMIZED) {
        mir_plan_print(planned_query_choose(planned, context->catalog, indexes, context->arena), context->arena, out);
        return true;
    }
    return print_fast_path(planned, indexes, context->arena, out) ||
           print_physical(context, planned, indexes, out, err);
}
