/*
 * plan_instantiate.c -- a planned query with its parameters: rows, a peek, or a one-shot dataflow.
 */
#include "planner/lower_mir.h"
#include "planner/planned_query.h"

#include <stdlib.h>

#include "expr/scalar_set.h"

/* ---- parameters and context values ---- */

typedef struct PlanBind {
    Arena *arena;
    const ContextBinding *binding;
    Error *err;
    bool failed;
} PlanBind;

static Scalar *
bind_scalar(void *context, Scalar *scalar)
{
    PlanBind *bind = context;
    Scalar *bound = scalar;
    if (!bind->failed && scalar_is_dynamic(scalar))
        bind->failed = !scalar_bind_context(bind->arena, scalar, bind->binding, &bound, bind->err);
    return bound;
}

static void
bind_node(void *context, Mir *mir)
{
    PlanBind *bind = context;
    if (mir->kind == MIR_MAP || mir->kind == MIR_FILTER || mir->kind == MIR_FLAT_MAP || mir->kind == MIR_JOIN ||
        mir->kind == MIR_TOPK)
        mir_rewrite_scalars(bind->arena, mir, bind_scalar, bind);
}

bool
mir_plan_bind(const MirPlan *plan, const ContextBinding *binding, Arena *arena, MirPlan **bound, Error *err)
{
    PlanBind bind = {arena, binding, err, false};
    *bound = mir_plan_copy(plan, arena);
    mir_plan_visit(*bound, bind_node, &bind);
    return !bind.failed;
}

static bool
bound_limit(const Scalar *limit, bool is_offset, const ContextBinding *binding, Arena *arena, int64_t *value,
            Error *err)
{
    Scalar *bound = (Scalar *) (uintptr_t) limit;
    if (limit != NULL && scalar_is_dynamic(limit) && !scalar_bind_context(arena, limit, binding, &bound, err))
        return false;
    return limit_value(bound, is_offset, arena, value, err);
}

static bool
make_finishing(const PlannedQuery *planned, const ContextBinding *binding, Arena *arena, Finishing *finishing,
               Error *err)
{
    *finishing = (Finishing){
        .order = planned->order, .order_count = planned->order_count, .project_count = planned->desc.column_count};
    finishing->project = arena_new_array(arena, uint16_t, planned->desc.column_count);
    for (int i = 0; i < planned->desc.column_count; i++)
        finishing->project[i] = (uint16_t) i;
    return bound_limit(planned->limit, false, binding, arena, &finishing->limit, err) &&
           bound_limit(planned->offset, true, binding, arena, &finishing->offset, err);
}

static bool
finishing_is_trivial(const PlannedQuery *planned)
{
    return planned->order_count == 0 && planned->limit == NULL && planned->offset == NULL &&
           planned->mir->root->column_count == planned->desc.column_count;
}

/* ---- constants ---- */

static bool
give_constant(const PlannedQuery *planned, const Mir *constant, const ContextBinding *binding, Arena *arena,
              QueryExecution *execution, Error *err)
{
    execution->kind = EXECUTION_CONSTANT;
    if (finishing_is_trivial(planned)) {
        constant_chunks(constant, &execution->rows);
        return true;
    }
    Finishing finishing;
    ChunkVector rows = {0};
    if (!make_finishing(planned, binding, arena, &finishing, err))
        return false;
    constant_chunks(constant, &rows);
    finishing_apply(&finishing, constant->types, (uint16_t) constant->column_count, &rows, &execution->rows);
    return true;
}

/* The columns that are not computed, then the computed ones, of one row of a chain over a constant. */
typedef struct RowRun {
    const LinearForm *form;
    SqlType *types;
    Datum *values;
    const EvalError **errors; /* of each map */
    EvalContext *eval;
} RowRun;

static void
run_maps(RowRun *run)
{
    const LinearForm *form = run->form;
    for (int i = 0; i < form->map_count; i++) {
        int at = form->input_count + i;
        run->errors[i] = NULL;
        if (!evaluate_row(form->maps[i], run->eval, run->types, run->values, at, &run->values[at], &run->errors[i]))
            run->values[at] = DATUM_NULL;
    }
}

/* Filters in order; those over computed columns after the maps. A filter that fails is an error of the query. */
static bool
run_filters(RowRun *run, bool computed, bool *passes, Error *err)
{
    const LinearForm *form = run->form;
    for (int i = 0; i < form->filter_count && *passes; i++) {
        const EvalError *error = NULL;
        Datum value;
        if ((scalar_max_column(form->filters[i]) > (uint32_t) form->input_count) != computed)
            continue;
        if (!evaluate_row(form->filters[i], run->eval, run->types, run->values, form->input_count + form->map_count,
                          &value, &error)) {
            error_from_eval(err, error);
            return false;
        }
        *passes = !value.is_null && value.i != 0;
    }
    return true;
}

static bool
run_row(RowRun *run, bool *passes, Error *err)
{
    const LinearForm *form = run->form;
    *passes = true;
    if (!run_filters(run, false, passes, err))
        return false;
    if (!*passes)
        return true;
    run_maps(run);
    if (!run_filters(run, true, passes, err))
        return false;
    for (int i = 0; i < form->project_count && *passes; i++) {
        int map = form->project[i] - form->input_count;
        if (map >= 0 && run->errors[map] != NULL) {
            error_from_eval(err, run->errors[map]);
            return false;
        }
    }
    return true;
}

static bool
bind_list(Scalar *const *list, int count, const ContextBinding *binding, Arena *arena, Scalar ***bound, Error *err)
{
    *bound = arena_new_array(arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        (*bound)[i] = list[i];
        if (scalar_is_dynamic(list[i]) && !scalar_bind_context(arena, list[i], binding, &(*bound)[i], err))
            return false;
    }
    return true;
}

static bool
bind_form(const LinearForm *form, const ContextBinding *binding, Arena *arena, LinearForm *bound, Error *err)
{
    *bound = *form;
    return bind_list(form->maps, form->map_count, binding, arena, &bound->maps, err) &&
           bind_list(form->filters, form->filter_count, binding, arena, &bound->filters, err);
}

static bool
run_constant(const PlannedQuery *planned, const ContextBinding *binding, EvalContext *eval, Arena *arena,
             QueryExecution *execution, Error *err)
{
    const FastPath *fast = &planned->fast;
    const Mir *base = fast->base, *root = planned->mir->root;
    if (fast->form.map_count == 0 && fast->form.filter_count == 0 && linear_form_is_identity(&fast->form))
        return give_constant(planned, base, binding, arena, execution, err);
    LinearForm form;
    if (!bind_form(&fast->form, binding, arena, &form, err))
        return false;
    int total = form.input_count + form.map_count, count = base->constant.count, kept = 0;
    RowRun run = {&form, arena_new_array(arena, SqlType, total), arena_new_array(arena, Datum, total),
                  arena_new_array(arena, const EvalError *, form.map_count), eval};
    for (int i = 0; i < total; i++)
        run.types[i] = i < form.input_count ? base->types[i] : form.maps[i - form.input_count]->type;
    Datum **rows = arena_new_array(arena, Datum *, count);
    int64_t *diffs = base->constant.diffs == NULL ? NULL : arena_new_array(arena, int64_t, count);
    for (int r = 0; r < count; r++) {
        bool passes;
        for (int c = 0; c < form.input_count; c++)
            run.values[c] = base->constant.rows[r][c];
        if (!run_row(&run, &passes, err))
            return false;
        if (!passes)
            continue;
        rows[kept] = arena_new_array(arena, Datum, form.project_count);
        for (int c = 0; c < form.project_count; c++)
            rows[kept][c] = run.values[form.project[c]];
        if (diffs != NULL)
            diffs[kept] = base->constant.diffs[r];
        kept++;
    }
    Mir *constant = mir_constant(arena, rows, diffs, kept, root->types, root->column_count);
    return give_constant(planned, constant, binding, arena, execution, err);
}

/* What the session's settings say about texts: for expressions that run elsewhere. No callbacks. */
static TextStyle *
session_style(const ContextBinding *binding, const EvalContext *eval, Arena *arena)
{
    TextStyle *style = arena_new_struct(arena, TextStyle);
    *style = eval->style;
    style->relation_name = NULL;
    style->relation_context = NULL;
    if (binding->setting == NULL)
        return style;
    const char *zone = binding->setting(binding->setting_context, "TimeZone");
    const char *digits = binding->setting(binding->setting_context, "extra_float_digits");
    if (zone != NULL)
        style->time_zone = strcmp(zone, "UTC") == 0 ? NULL : arena_strdup(arena, zone);
    if (digits != NULL)
        style->extra_float_digits = float_digits_of(atoi(digits));
    return style;
}

/* ---- peeks ---- */

static bool
index_is_usable(const Item *index, const IndexOracle *indexes)
{
    return indexes != NULL && indexes->cluster != 0 && index->cluster == indexes->cluster &&
           (indexes->usable == NULL || indexes->usable(indexes->context, index->id));
}

/* A key's value: *null when no row can have it. */
static bool
key_value(const Scalar *scalar, const ContextBinding *binding, EvalContext *eval, Arena *arena, Datum *value,
          Error *err)
{
    if (scalar->kind == SCALAR_LITERAL && scalar->literal_error == NULL) {
        *value = scalar->literal;
        return true;
    }
    int parameter = scalar->kind == SCALAR_PARAMETER ? scalar->parameter - 1 : -1;
    if (parameter >= 0 && parameter < binding->parameter_count &&
        type_same(binding->parameter_types[parameter], scalar->type)) {
        *value = binding->parameters[parameter];
        return true;
    }
    Scalar *bound;
    const EvalError *error;
    if (!scalar_bind_context(arena, scalar, binding, &bound, err))
        return false;
    if (evaluate_constant(bound, eval, value, &error))
        return true;
    error_from_eval(err, error);
    return false;
}

/* The literals of all lookups, row by row; rows with a null are left out. */
static bool
lookup_literals(const IndexLookup *lookup, int key_count, const ContextBinding *binding, EvalContext *eval,
                Arena *arena, PeekPlan *peek, Error *err)
{
    int rows = lookup->list == NULL ? 1 : lookup->list->set->count;
    bool null = false;
    Datum *key = arena_new_array(arena, Datum, key_count);
    for (int k = 0; k < key_count; k++) {
        if (k == lookup->list_key)
            continue;
        if (!key_value(lookup->values[k], binding, eval, arena, &key[k], err))
            return false;
        null |= key[k].is_null;
    }
    peek->literals = arena_new_array(arena, Datum, rows * key_count);
    for (int r = 0; r < rows && !null; r++) {
        Datum *row = peek->literals + peek->literal_rows * key_count;
        for (int k = 0; k < key_count; k++)
            row[k] = k == lookup->list_key ? lookup->list->set->values[r] : key[k];
        peek->literal_rows += lookup->list_key < 0 || !row[lookup->list_key].is_null;
    }
    return true;
}

static bool
make_peek(const PlannedQuery *planned, const Item *index, const IndexShape *shape, const LinearForm *form, bool dynamic,
          const ContextBinding *binding, Arena *arena, PeekPlan *peek, Error *err)
{
    LinearForm bound = *form;
    if (dynamic && !bind_form(form, binding, arena, &bound, err))
        return false;
    peek->index_id = index->id;
    peek->types = shape->types;
    peek->column_count = shape->column_count;
    peek->key = shape->key;
    peek->key_count = shape->key_count;
    peek->linear = linear_form_plan(&bound);
    peek->result_types = planned->root_types;
    return make_finishing(planned, binding, arena, &peek->finishing, err);
}

static bool
try_peek(const PlannedQuery *planned, const ContextBinding *binding, const IndexOracle *indexes, EvalContext *eval,
         Arena *arena, QueryExecution *execution, bool *done, Error *err)
{
    const FastPath *fast = &planned->fast;
    PeekPlan *peek = &execution->peek;
    *done = true;
    execution->kind = EXECUTION_PEEK;
    for (int i = 0; i < fast->lookup_count; i++) {
        const IndexLookup *lookup = &fast->lookups[i];
        if (!index_is_usable(lookup->index, indexes))
            continue;
        if (!make_peek(planned, lookup->index, &fast->lookup_shapes[i], &fast->lookup_forms[i], fast->lookup_dynamic[i],
                       binding, arena, peek, err) ||
            !lookup_literals(lookup, peek->key_count, binding, eval, arena, peek, err))
            return false;
        if (peek->literal_rows == 0)
            execution->kind = EXECUTION_CONSTANT; /* nothing equals null */
        return true;
    }
    for (int i = 0; i < fast->scan_count; i++) {
        if (index_is_usable(fast->scans[i], indexes))
            return make_peek(planned, fast->scans[i], &fast->scan_shapes[i], &fast->scan_forms[i], fast->dynamic,
                             binding, arena, peek, err);
    }
    *done = false;
    return true;
}

/* ---- everything else ---- */

typedef struct ViewIndexes {
    const Catalog *catalog;
    const IndexOracle *indexes;
    Arena *arena;
    bool all;
} ViewIndexes;

static void
check_view(void *context, Mir *mir)
{
    ViewIndexes *views = context;
    if (mir->kind == MIR_GET && mir->item->kind == ITEM_VIEW && views->all)
        views->all = index_list(views->arena, views->catalog, views->indexes, mir->item->id).count > 0;
}

bool
planned_query_indexes_usable(const PlannedQuery *planned, const Catalog *catalog, const IndexOracle *indexes,
                             Arena *arena)
{
    ViewIndexes views = {catalog, indexes, arena, true};
    mir_plan_visit(planned->mir, check_view, &views);
    return views.all;
}

const MirPlan *
planned_query_choose(const PlannedQuery *planned, const Catalog *catalog, const IndexOracle *indexes, Arena *arena)
{
    if (planned->inlined == NULL || planned_query_indexes_usable(planned, catalog, indexes, arena))
        return planned->mir;
    return planned->inlined;
}

static bool
run_dataflow(const PlannedQuery *planned, const Catalog *catalog, const ContextBinding *binding,
             const IndexOracle *indexes, EvalContext *eval, Arena *arena, QueryExecution *execution, Error *err)
{
    const MirPlan *chosen = planned_query_choose(planned, catalog, indexes, arena);
    MirPlan *mir = (MirPlan *) (uintptr_t) chosen;
    if (planned->dynamic) {
        if (!mir_plan_bind(chosen, binding, arena, &mir, err))
            return false;
        OptimizeContext context = {.eval = eval, .catalog = catalog, .cluster = indexes == NULL ? 0 : indexes->cluster};
        transform_fold(mir, &context);
        transform_inline(mir, &context);
    }
    if (mir->root->kind == MIR_CONSTANT)
        return give_constant(planned, mir->root, binding, arena, execution, err);
    LowerMirOptions options = {.catalog = catalog, .indexes = indexes, .name = "select", .one_shot = true};
    Finishing finishing;
    uint32_t root;
    if (!make_finishing(planned, binding, arena, &finishing, err) ||
        !lower_mir(mir, &options, &execution->plan, &root, err))
        return false;
    DataflowPlan *plan = execution->plan;
    plan->export_count = 1;
    plan->exports = arena_new_array(plan->arena, PlanExport, 1);
    plan->style = session_style(binding, eval, plan->arena);
    plan->exports[0] = (PlanExport){.kind = EXPORT_PEEK, .node = root, .finishing = finishing};
    Finishing *own = &plan->exports[0].finishing;
    own->order = arena_new_array(plan->arena, SortKey, finishing.order_count);
    for (int i = 0; i < finishing.order_count; i++)
        own->order[i] = finishing.order[i];
    own->project = arena_new_array(plan->arena, uint16_t, finishing.project_count);
    for (int i = 0; i < finishing.project_count; i++)
        own->project[i] = finishing.project[i];
    execution->kind = EXECUTION_DATAFLOW;
    return true;
}

bool
query_instantiate(const PlannedQuery *planned, const Catalog *catalog, const ContextBinding *binding,
                  const IndexOracle *indexes, EvalContext *eval, Arena *arena, QueryExecution *execution, Error *err)
{
    bool done = false;
    *execution = (QueryExecution){.result_types = planned->types, .result_count = planned->desc.column_count};
    const TextStyle *style = session_style(binding, eval, arena);
    eval->style.time_zone = style->time_zone;
    eval->style.extra_float_digits = style->extra_float_digits;
    execution->peek.style = style;
    if (planned->fast.kind == FAST_PATH_CONSTANT)
        return run_constant(planned, binding, eval, arena, execution, err);
    if (planned->fast.kind == FAST_PATH_READ &&
        !try_peek(planned, binding, indexes, eval, arena, execution, &done, err))
        return false;
    return done || run_dataflow(planned, catalog, binding, indexes, eval, arena, execution, err);
}
