/*
 * plan_query.c -- binding, lowering and optimising a query, and what is known of it afterwards.
 */
#include "planner/lower_hir.h"
#include "planner/planned_query.h"

#include "grammar/parse.h"

/* ---- copies and small facts ---- */

RelationDesc
relation_desc_copy(const RelationDesc *desc, Arena *arena)
{
    RelationDesc copy = {.column_count = desc->column_count, .key_count = desc->key_count};
    copy.columns = arena_new_array(arena, RelationColumn, desc->column_count);
    for (int i = 0; i < desc->column_count; i++) {
        copy.columns[i] = desc->columns[i];
        copy.columns[i].name = arena_strdup(arena, desc->columns[i].name);
        copy.columns[i].type = type_copy(desc->columns[i].type, arena);
        if (desc->columns[i].default_sql != NULL)
            copy.columns[i].default_sql = arena_strdup(arena, desc->columns[i].default_sql);
    }
    copy.keys = arena_new_array(arena, RelationKey, desc->key_count);
    for (int i = 0; i < desc->key_count; i++) {
        copy.keys[i].count = desc->keys[i].count;
        copy.keys[i].columns = arena_new_array(arena, uint16_t, desc->keys[i].count);
        for (int k = 0; k < desc->keys[i].count; k++)
            copy.keys[i].columns[k] = desc->keys[i].columns[k];
    }
    return copy;
}

ObjectId
planner_cluster(const PlannerContext *context)
{
    const CatalogCluster *cluster =
        context->cluster == NULL ? NULL : catalog_cluster(context->catalog, context->cluster);
    return cluster == NULL ? 0 : cluster->id;
}

bool
scalar_is_dynamic(const Scalar *scalar)
{
    if (scalar == NULL)
        return false;
    if (scalar->kind == SCALAR_PARAMETER || scalar->kind == SCALAR_CONTEXT)
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_is_dynamic(scalar->args[i]))
            return true;
    }
    return false;
}

static void
note_dynamic(void *context, const Scalar *scalar)
{
    *(bool *) context |= scalar_is_dynamic(scalar);
}

static void
note_node(void *context, Mir *mir)
{
    mir_visit_scalars(mir, note_dynamic, context);
}

static bool
plan_is_dynamic(const MirPlan *plan)
{
    bool dynamic = false;
    mir_plan_visit(plan, note_node, &dynamic);
    return dynamic;
}

/* ---- a planned query from a bound one ---- */

static MirPlan *
optimised(Binder *binder, Hir *hir)
{
    MirPlan *plan = lower_hir(&binder->set, hir, binder->arena, binder->context->eval);
    OptimizeContext context = {.eval = binder->context->eval,
                               .catalog = binder->catalog,
                               .cluster = planner_cluster(binder->context),
                               .disabled = binder->context->disabled_passes,
                               .row_counts = binder->context->row_counts};
    optimize(plan, &context, binder->context->after_pass, binder->context->after_pass_context);
    return plan;
}

static void
describe_keys(PlannedQuery *planned)
{
    MirKeys keys;
    mir_keys(planned->mir, planned->mir->root, planned->arena, &keys);
    planned->desc.keys = arena_new_array(planned->arena, RelationKey, keys.count);
    for (int i = 0; i < keys.count; i++) {
        bool visible = true;
        for (int k = 0; k < keys.items[i].count; k++)
            visible &= keys.items[i].columns[k] < planned->desc.column_count;
        if (visible)
            planned->desc.keys[planned->desc.key_count++] =
                (RelationKey){.columns = keys.items[i].columns, .count = keys.items[i].count};
    }
}

/* Outlives the items it is read from: a cursor is described again after its view was dropped. */
static void
describe(PlannedQuery *planned, const QueryShape *shape)
{
    const Mir *root = planned->mir->root;
    planned->desc.column_count = shape->count;
    planned->desc.columns = arena_new_array(planned->arena, RelationColumn, shape->count);
    planned->types = arena_new_array(planned->arena, SqlType, shape->count);
    for (int i = 0; i < shape->count; i++) {
        planned->types[i] = type_copy(shape->hir->types[i], planned->arena);
        planned->desc.columns[i] = (RelationColumn){.name = arena_strdup(planned->arena, shape->names[i]),
                                                    .type = planned->types[i],
                                                    .nullable = root->nullable[i]};
    }
    planned->root_types = root->types;
    planned->order = arena_new_array(planned->arena, SortKey, shape->order_count);
    planned->order_count = shape->order_count;
    for (int i = 0; i < shape->order_count; i++)
        planned->order[i] =
            (SortKey){(uint16_t) shape->order[i].output, shape->order[i].descending, shape->order[i].nulls_first};
    planned->limit = shape->limit;
    planned->offset = shape->offset;
}

bool
planned_query_make(Binder *binder, const QueryShape *shape, PlannedQuery **planned, Error *err)
{
    if (!bind_parameters_known(binder, err))
        return false;
    if (shape->hir->column_count > 1600)
        return error_set(err, SQLSTATE_TOO_MANY_COLUMNS, "target lists can have at most 1664 entries");
    PlannedQuery *made = arena_new_struct(binder->arena, PlannedQuery);
    made->arena = binder->arena;
    made->mir = optimised(binder, shape->hir);
    describe(made, shape);
    describe_keys(made);
    made->dependency_count = (int) binder->dependencies.count;
    made->dependencies = arena_new_array(binder->arena, ObjectId, binder->dependencies.count);
    for (size_t i = 0; i < binder->dependencies.count; i++)
        made->dependencies[i] = binder->dependencies.items[i];
    made->reads_relation = binder->reads_relation;
    made->system_only = binder->reads_relation && !binder->reads_user_relation;
    made->dynamic = plan_is_dynamic(made->mir) || scalar_is_dynamic(made->limit) || scalar_is_dynamic(made->offset);
    *planned = made;
    return true;
}

/* ---- entries ---- */

static bool
bound_shape(Binder *binder, BoundQuery *bound, QueryShape *shape, Error *err)
{
    *shape = (QueryShape){
        .names = bound->body.names,
        .count = bound->body.count,
        .order = bound->order,
        .order_count = bound->order_count,
        .limit = bound->limit,
        .offset = bound->offset,
    };
    return bound_query_project(binder, bound, false, &shape->hir, err);
}

static bool
cast_to_targets(Binder *binder, BoundBody *body, const RelationColumn *columns, int count, Error *err)
{
    if (body->count > count)
        return error_at(err, body->positions == NULL ? 0 : body->positions[count], SQLSTATE_SYNTAX_ERROR,
                        "INSERT has more expressions than target columns");
    if (body->count < count)
        return error_set(err, SQLSTATE_SYNTAX_ERROR, "INSERT has more target columns than expressions");
    for (int i = 0; i < count; i++) {
        SqlType from = body->outputs[i]->type;
        if (body_cast(binder, body, i, columns[i].type, CAST_ASSIGNMENT, err))
            continue;
        if (strcmp(err->sqlstate, SQLSTATE_CANNOT_COERCE) != 0)
            return false;
        if (body->rows != NULL) { /* the row that would not do */
            for (int r = 0; r < body->row_count; r++) {
                from = body->rows[r][i]->type;
                if (!type_same(from, columns[i].type) && !cast_exists(from, columns[i].type, CAST_ASSIGNMENT))
                    break;
            }
        }
        error_clear(err);
        error_at(err, body->positions == NULL ? 0 : body->positions[i], SQLSTATE_DATATYPE_MISMATCH,
                 "column \"%s\" is of type %s but expression is of type %s", columns[i].name,
                 type_format(columns[i].type, binder->arena), type_format(from, binder->arena));
        return error_hint(err, "You will need to rewrite or cast the expression.");
    }
    return true;
}

typedef struct PlanRequest {
    const AstQuery *query; /* or */
    const Item *item;
    const RelationColumn *targets;
    int target_count;
    bool updates;
} PlanRequest;

static bool
plan_with(Binder *binder, const PlanRequest *request, PlannedQuery **planned, Error *err)
{
    QueryShape shape = {0};
    if (request->item != NULL) {
        BoundRelation relation;
        if (!bind_item(binder, request->item, 0, &relation, err))
            return false;
        shape = (QueryShape){.hir = relation.hir, .names = relation.names, .count = relation.hir->column_count};
        return planned_query_make(binder, &shape, planned, err);
    }
    BoundQuery bound;
    binder->targets = request->targets;
    binder->target_count = request->target_count;
    binder->updated = request->updates ? request->query->body->select : NULL;
    if (!bind_query(binder, request->query, NULL, &bound, err))
        return false;
    binder->targets = NULL;
    if (request->targets != NULL && !cast_to_targets(binder, &bound.body, request->targets, request->target_count, err))
        return false;
    return bound_shape(binder, &bound, &shape, err) && planned_query_make(binder, &shape, planned, err);
}

/* Views with an index on the session's cluster are read through it; that index may not be usable when the query runs, so that the
   same query is planned a second time without. */
static bool
plan_request(PlannerContext *context, const PlanRequest *request, PlannedQuery **planned, Error *err)
{
    Binder binder;
    binder_init(&binder, context);
    binder.indexed_views_of = planner_cluster(context);
    bool worked = plan_with(&binder, request, planned, err);
    bool again = worked && binder.read_indexed_view;
    binder_deinit(&binder);
    if (again) {
        PlannedQuery *inlined;
        binder_init(&binder, context);
        worked = plan_with(&binder, request, &inlined, err);
        binder_deinit(&binder);
        if (worked) {
            (*planned)->inlined = inlined->mir;
            (*planned)->reads_relation = inlined->reads_relation;
            (*planned)->system_only = inlined->system_only;
        }
    }
    if (worked)
        fast_path_find(*planned, context->catalog);
    return worked;
}

bool
plan_query(PlannerContext *context, const AstQuery *query, PlannedQuery **planned, Error *err)
{
    PlanRequest request = {.query = query};
    return plan_request(context, &request, planned, err);
}

bool
plan_query_for_target(PlannerContext *context, const AstQuery *query, const RelationColumn *columns, int column_count,
                      PlannedQuery **planned, Error *err)
{
    PlanRequest request = {.query = query, .targets = columns, .target_count = column_count};
    return plan_request(context, &request, planned, err);
}

bool
plan_query_for_update(PlannerContext *context, const AstQuery *query, const RelationColumn *columns, int column_count,
                      PlannedQuery **planned, Error *err)
{
    PlanRequest request = {.query = query, .targets = columns, .target_count = column_count, .updates = true};
    return plan_request(context, &request, planned, err);
}

bool
plan_relation(PlannerContext *context, const Item *item, PlannedQuery **planned, Error *err)
{
    PlanRequest request = {.item = item};
    return plan_request(context, &request, planned, err);
}

/* ---- what is known of it ---- */

const RelationDesc *
planned_query_desc(const PlannedQuery *planned)
{
    return &planned->desc;
}

void
planned_query_dependencies(const PlannedQuery *planned, const ObjectId **ids, int *count)
{
    *ids = planned->dependencies;
    *count = planned->dependency_count;
}

bool
planned_query_is_constant(const PlannedQuery *planned)
{
    return !planned->reads_relation;
}

bool
planned_query_has_lookup(const PlannedQuery *planned)
{
    return planned->fast.kind == FAST_PATH_READ && planned->fast.lookup_count > 0;
}

bool
planned_query_is_system_only(const PlannedQuery *planned)
{
    return planned->system_only;
}

/* ---- whether it can be maintained ---- */

typedef struct Materializable {
    Error *err;
    bool filter; /* the scalar at hand is a conjunct of a filter */
    bool fine;
} Materializable;

/* The first call that has no value of its own to maintain. */
static const Scalar *
first_context(const Scalar *scalar, bool mz_now_allowed)
{
    if (scalar->kind == SCALAR_CONTEXT)
        return scalar->context == CONTEXT_MZ_NOW && mz_now_allowed ? NULL : scalar;
    if (scalar->kind == SCALAR_CALL && scalar->function->is_volatile)
        return scalar;
    for (int i = 0; i < scalar->arg_count; i++) {
        const Scalar *found = first_context(scalar->args[i], mz_now_allowed);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static void
check_scalar(void *context, const Scalar *scalar)
{
    Materializable *check = context;
    const Scalar *found = check->fine ? first_context(scalar, check->filter) : NULL;
    if (found == NULL)
        return;
    Buffer text = {0};
    scalar_print(found, NULL, &text);
    check->fine =
        error_set(check->err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot materialize call to %s", buffer_text(&text));
    buffer_deinit(&text);
}

static void
check_node(void *context, Mir *mir)
{
    Materializable *check = context;
    check->filter = mir->kind == MIR_FILTER;
    mir_visit_scalars(mir, check_scalar, context);
}

bool
planned_query_check_materializable(const PlannedQuery *planned, Error *err)
{
    Materializable check = {err, false, true};
    const MirPlan *plan = planned->inlined != NULL ? planned->inlined : planned->mir;
    mir_plan_visit(plan, check_node, &check);
    return check.fine;
}

static bool
scalar_calls_mz_now(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CONTEXT)
        return scalar->context == CONTEXT_MZ_NOW;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_calls_mz_now(scalar->args[i]))
            return true;
    }
    return false;
}

static void
note_mz_now(void *context, const Scalar *scalar)
{
    *(bool *) context |= scalar_calls_mz_now(scalar);
}

static void
note_mz_now_node(void *context, Mir *mir)
{
    mir_visit_scalars(mir, note_mz_now, context);
}

bool
planned_query_calls_mz_now(const PlannedQuery *planned)
{
    bool calls = false;
    mir_plan_visit(planned->mir, note_mz_now_node, &calls);
    return calls;
}

/* ---- expressions alone ---- */

static bool
bind_alone(Binder *binder, const AstExpr *expr, const RelationDesc *desc, const char *table_name, Scalar **scalar,
           Error *err)
{
    Scope *scope;
    if (!scope_new(binder->arena, NULL, SCOPE_QUERY, &scope, err))
        return false;
    scope->clause = desc != NULL ? CLAUSE_INDEX : CLAUSE_OTHER;
    if (desc != NULL) {
        const ScopeTable *table = scope_add_table(binder->arena, scope, NULL, NULL, table_name);
        for (int i = 0; i < desc->column_count; i++) {
            const RelationColumn *column = &desc->columns[i];
            scope_add_column(binder->arena, scope, table, column->name, (uint32_t) i, column->type, column->nullable);
        }
    }
    if (!bind_expr(binder, scope, expr, scalar, err))
        return false;
    if ((*scalar)->type.id == TYPE_UNKNOWN && !bind_cast(binder, *scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, scalar, err))
        return false;
    if (hir_scalar_has_subquery(*scalar))
        return bind_unsupported(expr->position, "subqueries here are", err);
    if ((*scalar)->kind != SCALAR_COLUMN)
        *scalar = scalar_fold(binder->arena, *scalar, binder->context->eval);
    return true;
}

bool
plan_expression(PlannerContext *context, const AstExpr *expr, const RelationDesc *desc, const char *table_name,
                Scalar **scalar, Error *err)
{
    Binder binder;
    binder_init(&binder, context);
    bool worked = bind_alone(&binder, expr, desc, table_name, scalar, err) && bind_parameters_known(&binder, err);
    binder_deinit(&binder);
    return worked;
}
