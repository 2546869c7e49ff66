/*
 * explain.c -- the trees that a query goes through, as text.
 */
#include "planner/explain.h"

#include "base/clock.h"
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

/* ---- one dataflow ---- */

static bool
print_physical(PlannerContext *context, const ExplainRequest *request, const PlannedQuery *planned,
               const IndexOracle *indexes, Buffer *out, Error *err)
{
    bool maintained = request->name != NULL;
    LowerMirOptions options = {
        .catalog = context->catalog, .indexes = indexes, .name = "explain", .one_shot = !maintained};
    DataflowPlan *plan;
    uint32_t root;
    Names names = {context->catalog, context->arena};
    const MirPlan *chosen = planned_query_choose(planned, context->catalog, indexes, context->arena);
    if (maintained)
        chosen = planned_query_maintained(planned, chosen, context->arena);
    if (!lower_mir(chosen, &options, &plan, &root, err))
        return false;
    PlanExport export = {.kind = maintained ? EXPORT_SHARD : EXPORT_PEEK, .node = root, .finishing = {.limit = -1}};
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

/* ---- before the passes ---- */

static bool
print_bound(PlannerContext *context, Binder *binder, const ExplainRequest *request, Buffer *out, Error *err)
{
    Hir *hir;
    if (request->query != NULL) {
        BoundQuery bound;
        if (!bind_query(binder, request->query, NULL, &bound, err) ||
            !bound_query_project(binder, &bound, false, &hir, err))
            return false;
    } else {
        BoundRelation relation;
        if (!bind_item(binder, request->relation, 0, &relation, err))
            return false;
        hir = relation.hir;
    }
    if (request->stage == EXPLAIN_RAW) {
        hir_print(&binder->set, hir, context->arena, out);
        return true;
    }
    MirPlan *plan = lower_hir(&binder->set, hir, context->arena, context->eval);
    mir_plan_explain(plan, &request->options, context->row_counts, context->arena, out);
    return true;
}

/* ---- the passes, one after another ---- */

typedef struct Trace {
    PlannerContext *context;
    const ExplainRequest *request;
    Buffer *out, last; /* the plan as it was printed last */
    int64_t since_us;
} Trace;

static void
trace_pass(void *context, const char *pass, const MirPlan *plan)
{
    Trace *trace = context;
    int64_t took_us = clock_steady_us() - trace->since_us;
    Buffer text = {0};
    mir_plan_explain(plan, &trace->request->options, trace->context->row_counts, trace->context->arena, &text);
    if (strcmp(buffer_text(&text), buffer_text(&trace->last)) != 0) {
        buffer_printf(trace->out, "after %s", pass);
        if (trace->request->timing)
            buffer_printf(trace->out, " (%lld us)", (long long) took_us);
        buffer_append_text(trace->out, ":\n");
        buffer_append_text(trace->out, buffer_text(&text));
    }
    buffer_deinit(&trace->last);
    trace->last = text;
    trace->since_us = clock_steady_us();
}

/* ---- the stages ---- */

static bool
plan_explained(PlannerContext *context, const ExplainRequest *request, PlannedQuery **planned, Error *err)
{
    return request->query != NULL ? plan_query(context, request->query, planned, err)
                                  : plan_relation(context, request->relation, planned, err);
}

static bool
print_trace(PlannerContext *context, const ExplainRequest *request, Buffer *out, Error *err)
{
    Trace trace = {context, request, out, {0}, clock_steady_us()};
    PlannerContext traced = *context;
    PlannedQuery *planned;
    traced.after_pass = trace_pass;
    traced.after_pass_context = &trace;
    bool worked = plan_explained(&traced, request, &planned, err);
    buffer_deinit(&trace.last);
    return worked;
}

static bool
print_planned(PlannerContext *context, const ExplainRequest *request, const IndexOracle *indexes, Buffer *out,
              Error *err)
{
    PlannedQuery *planned;
    PlannerContext local = *context;
    if (request->stage == EXPLAIN_LOCALLY_OPTIMIZED)
        local.disabled_passes = "join_order, share";
    if (!plan_explained(&local, request, &planned, err))
        return false;
    if (request->name == NULL)
        print_finishing(planned, out);
    if (request->stage == EXPLAIN_PHYSICAL)
        return (!request->no_fast_path && request->name == NULL &&
                print_fast_path(planned, indexes, context->arena, out)) ||
               print_physical(context, request, planned, indexes, out, err);
    const MirPlan *chosen = planned_query_choose(planned, context->catalog, indexes, context->arena);
    if (request->name != NULL)
        chosen = planned_query_maintained(planned, chosen, context->arena);
    mir_plan_explain(chosen, &request->options, context->row_counts, context->arena, out);
    return true;
}

static bool
print_stage(PlannerContext *context, const ExplainRequest *request, const IndexOracle *indexes, Buffer *out, Error *err)
{
    if (request->stage == EXPLAIN_TRACE)
        return print_trace(context, request, out, err);
    if (request->stage != EXPLAIN_RAW && request->stage != EXPLAIN_DECORRELATED)
        return print_planned(context, request, indexes, out, err);
    Binder binder;
    binder_init(&binder, context);
    bool worked = print_bound(context, &binder, request, out, err);
    binder_deinit(&binder);
    return worked;
}

/* ---- what is maintained has a name ---- */

static void
append_indented(Buffer *out, const char *text)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        buffer_printf(out, "  %.*s\n", (int) size, text);
        text += size + (text[size] != '\0');
    }
}

static void
print_index(const ExplainRequest *request, Arena *arena, Buffer *out)
{
    buffer_printf(out, "%s:\n  ArrangeBy keys=[[", request->name);
    for (int i = 0; i < request->key_count; i++) {
        buffer_append_text(out, i == 0 ? "" : ", ");
        scalar_print(request->keys[i], NULL, out);
    }
    buffer_printf(out, "]]\n    ReadGlobalFromSameDataflow %s\n", item_full_name(request->relation, arena));
}

static const char *
stage_name(ExplainStage stage)
{
    static const char *const names[] = {
        [EXPLAIN_RAW] = "raw",
        [EXPLAIN_DECORRELATED] = "decorrelated",
        [EXPLAIN_LOCALLY_OPTIMIZED] = "locally optimized",
        [EXPLAIN_OPTIMIZED] = "optimized",
        [EXPLAIN_PHYSICAL] = "physical",
        [EXPLAIN_TRACE] = "optimizer trace",
    };
    return names[stage];
}

bool
explain(PlannerContext *context, const ExplainRequest *request, const IndexOracle *indexes, Buffer *out, Error *err)
{
    Buffer plan = {0}, text = {0};
    int64_t began_us = clock_steady_us();
    if (!print_stage(context, request, indexes, &plan, err)) {
        buffer_deinit(&plan);
        return false;
    }
    double took_ms = (double) (clock_steady_us() - began_us) / 1000;
    if (request->keys != NULL)
        print_index(request, context->arena, &text);
    if (request->name != NULL && request->keys == NULL)
        buffer_printf(&text, "%s:\n", request->name);
    else if (request->keys != NULL)
        buffer_printf(&text, "%s:\n", item_full_name(request->relation, context->arena));
    if (request->name != NULL)
        append_indented(&text, buffer_text(&plan));
    else
        buffer_append_text(&text, buffer_text(&plan));
    if (request->timing && !request->json)
        buffer_printf(&text, "Planning time: %.3f ms\n", took_ms);
    if (request->json && request->postgres)
        explain_json_postgres(buffer_text(&text), took_ms, out);
    else if (request->json)
        explain_json_tree(buffer_text(&text), stage_name(request->stage), out);
    else
        buffer_append_text(out, buffer_text(&text));
    buffer_deinit(&plan);
    buffer_deinit(&text);
    return true;
}

bool
explain_query(PlannerContext *context, const AstQuery *query, ExplainStage stage, const IndexOracle *indexes,
              Buffer *out, Error *err)
{
    ExplainRequest request = {.stage = stage, .query = query};
    return explain(context, &request, indexes, out, err);
}
