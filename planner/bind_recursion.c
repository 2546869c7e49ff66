/*
 * bind_recursion.c -- queries that read themselves.
 *
 * WITH RECURSIVE r AS (base UNION [ALL] step) is a recursive block of one binding, base UNION [ALL] step. PostgreSQL gives `step` only the rows
 * that the step before made; giving it all rows found so far comes to the same as long as `step` takes each row for itself: filters,
 * projections, joins. What does not is refused, most of it by PostgreSQL too.
 */
#include <errno.h>

#include "planner/bind.h"

static HirRecursion *
block_new(Binder *binder, int count)
{
    HirRecursion *block = arena_new_struct(binder->arena, HirRecursion);
    block->block = binder->set.blocks++;
    block->values = arena_new_array(binder->arena, Hir *, count);
    block->names = arena_new_array(binder->arena, const char *, count);
    block->count = count;
    block->limit = -1;
    return block;
}

static bool
check_closed(const Hir *hir, int position, Error *err)
{
    return hir->levels == 0 ||
           bind_unsupported(position, "recursive queries that refer to columns of the query around them are", err);
}

/* Inside a block views are read by their definition: a block reads tables, never another dataflow's index. */
static bool
bind_inside(Binder *binder, const AstQuery *query, Scope *parent, BoundRelation *relation, Error *err)
{
    ObjectId views = binder->indexed_views_of;
    binder->indexed_views_of = 0;
    bool worked = bind_query_relation(binder, query, parent, relation, err);
    binder->indexed_views_of = views;
    return worked;
}

/* ---- WITH MUTUALLY RECURSIVE ---- */

static bool
bad_limit(int position, const char *what, Error *err)
{
    return error_at(err, position, SQLSTATE_INVALID_PARAMETER_VALUE,
                    "Invalid WITH MUTUALLY RECURSIVE recursion limit. %s", what);
}

static bool
block_limits(const AstWith *with, HirRecursion *block, Error *err)
{
    if (with->options.count > 1)
        return bad_limit(with->options.items[1]->position,
                         "RECURSION LIMIT, RETURN AT RECURSION LIMIT and ERROR AT RECURSION LIMIT exclude one another.",
                         err);
    for (int i = 0; i < with->options.count; i++) {
        const AstOption *option = with->options.items[i];
        char *end = NULL;
        errno = 0;
        long long limit = option->value->text == NULL ? 0 : strtoll(option->value->text, &end, 10);
        if (end == NULL || *end != '\0' || errno != 0 || limit < 1)
            return bad_limit(option->position, "Recursion limit has to be greater than 0.", err);
        block->limit = limit;
        block->returns_at_limit = strncmp(option->name, "RETURN", 6) == 0;
    }
    return true;
}

static bool
declare_binding(Binder *binder, const AstCte *ast, HirRecursion *block, int number, CteBinding *cte, SqlType **types,
                Error *err)
{
    int count = ast->column_defs.count;
    if (count == 0)
        return error_at(err, ast->position, SQLSTATE_SYNTAX_ERROR,
                        "WITH MUTUALLY RECURSIVE query \"%s\" must declare its columns and their types",
                        ast->name.text);
    *types = arena_new_array(binder->arena, SqlType, count);
    const char **names = arena_new_array(binder->arena, const char *, count);
    for (int i = 0; i < count; i++) {
        const AstColumnDef *column = ast->column_defs.items[i];
        names[i] = column->name.text;
        if (!bind_type(binder, column->type, &(*types)[i], err))
            return false;
        for (int j = 0; j < i; j++) {
            if (strcmp(names[i], names[j]) == 0)
                return error_at(err, column->position, SQLSTATE_DUPLICATE_COLUMN,
                                "column \"%s\" specified more than once", names[i]);
        }
    }
    block->names[number] = cte->name;
    cte->relation.names = names;
    cte->relation.hir = hir_recursion(&binder->set, HIR_FEEDBACK, block, number, *types, count);
    return true;
}

static const char *
type_list(Binder *binder, const SqlType *types, int count)
{
    Buffer text = {0};
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "" : ", ", type_format(types[i], binder->arena));
    return buffer_to_arena(&text, binder->arena);
}

static bool
same_types(const SqlType *declared, int declared_count, const Hir *hir)
{
    if (declared_count != hir->column_count)
        return false;
    for (int i = 0; i < declared_count; i++) {
        if (!type_same(declared[i], hir->types[i]))
            return false;
    }
    return true;
}

/* Modifiers follow the declaration: a numeric column declared as numeric(10, 2) is rounded to that. */
static bool
apply_modifiers(Binder *binder, const SqlType *declared, Hir **hir, Error *err)
{
    int count = (*hir)->column_count;
    bool changed = false;
    Scalar **exprs = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        Scalar *column = hir_column_of(&binder->set, *hir, (uint32_t) i);
        if (!bind_cast(binder, column, declared[i], CAST_ASSIGNMENT, &exprs[i], err))
            return false;
        changed |= exprs[i] != column;
    }
    if (changed)
        *hir = hir_project(&binder->set, *hir, exprs, count);
    return true;
}

static bool
bind_binding(Binder *binder, const AstCte *ast, Scope *parent, const SqlType *types, Hir **value, Error *err)
{
    BoundRelation relation;
    int count = ast->column_defs.count;
    if (!bind_inside(binder, ast->query, parent, &relation, err))
        return false;
    if (!same_types(types, count, relation.hir)) {
        error_at(err, ast->position, SQLSTATE_DATATYPE_MISMATCH,
                 "WITH MUTUALLY RECURSIVE query \"%s\" declared types (%s), but query returns types (%s)",
                 ast->name.text, type_list(binder, types, count),
                 type_list(binder, relation.hir->types, relation.hir->column_count));
        return error_hint(err, "You will need to rewrite or cast the query's expressions.");
    }
    *value = relation.hir;
    return apply_modifiers(binder, types, value, err) && check_closed(*value, ast->position, err);
}

bool
bind_mutually_recursive(Binder *binder, const AstWith *with, Scope *parent, Error *err)
{
    int count = with->ctes.count;
    HirRecursion *block = block_new(binder, count);
    CteBinding *ctes = arena_new_array(binder->arena, CteBinding, count);
    SqlType **types = arena_new_array(binder->arena, SqlType *, count);
    if (!block_limits(with, block, err))
        return false;
    for (int i = 0; i < count; i++) {
        const AstCte *ast = with->ctes.items[i];
        for (int j = 0; j < i; j++) {
            if (strcmp(ctes[j].name, ast->name.text) == 0)
                return error_at(err, ast->name.position, SQLSTATE_DUPLICATE_ALIAS,
                                "WITH query name \"%s\" specified more than once", ast->name.text);
        }
        ctes[i] = (CteBinding){.name = ast->name.text, .depth = scope_depth(parent)};
        if (!declare_binding(binder, ast, block, i, &ctes[i], &types[i], err))
            return false;
    }
    for (int i = 0; i < count; i++) {
        ctes[i].next = binder->ctes;
        binder->ctes = &ctes[i];
    }
    for (int i = 0; i < count; i++) {
        if (!bind_binding(binder, with->ctes.items[i], parent, types[i], &block->values[i], err))
            return false;
    }
    for (int i = 0; i < count; i++)
        ctes[i].relation.hir =
            hir_recursion(&binder->set, HIR_RECURSE, block, i, types[i], with->ctes.items[i]->column_defs.count);
    return true;
}

/* ---- WITH RECURSIVE ---- */

#define AGGREGATION "an aggregation"

/* How many times a recursive term reads the block, and where it may not. */
typedef struct StepCheck {
    const Binder *binder;
    const HirRecursion *block;
    const char *name;
    int position; /* of the last reference */
    bool all;     /* UNION ALL */
    int found;
    Error *err;
} StepCheck;

static bool check_step(StepCheck *check, const Hir *hir, const char *inside);

static bool
check_subqueries(StepCheck *check, const Scalar *scalar)
{
    const HirSubquery *subquery = scalar == NULL ? NULL : hir_subquery_of(&check->binder->set, scalar);
    if (subquery != NULL)
        return check_step(check, subquery->query, "a subquery");
    for (int i = 0; scalar != NULL && i < scalar->arg_count; i++) {
        if (!check_subqueries(check, scalar->args[i]))
            return false;
    }
    return true;
}

static bool
check_reference(StepCheck *check, const Hir *hir, const char *inside)
{
    if (hir->recursion.block != check->block)
        return true;
    check->found++;
    if (inside != NULL && strcmp(inside, AGGREGATION) == 0)
        return error_set(check->err, SQLSTATE_INVALID_RECURSION,
                         "aggregate functions are not allowed in a recursive query's recursive term");
    if (inside != NULL)
        return error_at(check->err, check->position, SQLSTATE_INVALID_RECURSION,
                        "recursive reference to query \"%s\" must not appear within %s", check->name, inside);
    if (check->found > 1)
        return error_at(check->err, check->position, SQLSTATE_INVALID_RECURSION,
                        "recursive reference to query \"%s\" must not appear more than once", check->name);
    return true;
}

/* What stands between a node's inputs and rows taken one for one. */
static const char *
side_of(const StepCheck *check, const Hir *hir, bool right, const char *inside)
{
    if (inside != NULL)
        return inside;
    switch (hir->kind) {
    case HIR_JOIN:
        if (hir->join.kind == HIR_JOIN_FULL || hir->join.kind == (right ? HIR_JOIN_LEFT : HIR_JOIN_RIGHT))
            return "an outer join";
        return NULL;
    case HIR_SET_OP:
        return hir->set_op == HIR_UNION_ALL                                       ? NULL
               : hir->set_op == HIR_INTERSECT || hir->set_op == HIR_INTERSECT_ALL ? "INTERSECT"
                                                                                  : "EXCEPT";
    case HIR_REDUCE:
        return AGGREGATION;
    case HIR_TOPK:
        return "a query with LIMIT or DISTINCT ON";
    case HIR_WINDOW:
        return "a query with window functions";
    case HIR_DISTINCT:
        return check->all ? "DISTINCT under UNION ALL" : NULL;
    default:
        return NULL;
    }
}

static bool
check_step(StepCheck *check, const Hir *hir, const char *inside)
{
    if (hir->kind == HIR_FEEDBACK)
        return check_reference(check, hir, inside);
    if (hir->input != NULL && !check_step(check, hir->input, side_of(check, hir, false, inside)))
        return false;
    if (hir->right != NULL && !check_step(check, hir->right, side_of(check, hir, true, inside)))
        return false;
    if (hir->kind == HIR_PROJECT || hir->kind == HIR_FILTER) {
        for (int i = 0; i < hir->list.count; i++) {
            if (!check_subqueries(check, hir->list.exprs[i]))
                return false;
        }
    }
    return hir->kind != HIR_JOIN || check_subqueries(check, hir->join.on);
}

/* The base decides the columns' types: the step's must come to the same. */
static bool
step_types(Binder *binder, const char *name, const BoundBody *base, BoundBody *step, Error *err)
{
    for (int i = 0; i < base->count; i++) {
        SqlType types[2] = {base->outputs[i]->type, step->outputs[i]->type}, both;
        if (!type_unify(types, 2, "UNION", step->positions[i], &both, err))
            return false;
        if (!type_same(types[0], both) ||
            (types[0].typmod != -1 && (!type_same(types[0], types[1]) || types[0].typmod != types[1].typmod))) {
            if (type_same(types[0], both))
                both.typmod = -1;
            error_at(err, base->positions[i], SQLSTATE_DATATYPE_MISMATCH,
                     "recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall", name,
                     i + 1, type_format(types[0], binder->arena), type_format(both, binder->arena));
            return error_hint(err, "Cast the output of the non-recursive term to the correct type.");
        }
        if (!body_cast(binder, step, i, types[0], CAST_IMPLICIT, err))
            return false;
    }
    return true;
}

static bool
bind_step(Binder *binder, const AstCte *ast, Scope *parent, CteBinding *cte, BoundBody *base, HirRecursion *block,
          Error *err)
{
    const AstBody *body = ast->query->body;
    BoundBody step;
    SqlType *types = arena_new_array(binder->arena, SqlType, base->count);
    for (int i = 0; i < base->count; i++)
        types[i] = base->outputs[i]->type;
    cte->relation =
        (BoundRelation){hir_recursion(&binder->set, HIR_FEEDBACK, block, 0, types, base->count), base->names};
    if (!bind_cte_names(binder, ast, cte, err))
        return false;
    int before = cte->uses;
    if (!bind_query_body(binder, body->set_op.right, parent, &step, err))
        return false;
    if (step.count != base->count)
        return error_at(err, step.count > 0 ? step.positions[0] : body->position, SQLSTATE_SYNTAX_ERROR,
                        "each UNION query must have the same number of columns");
    if (!step_types(binder, cte->name, base, &step, err))
        return false;
    Hir *first = bound_body_project(binder, base), *next = bound_body_project(binder, &step);
    StepCheck check = {binder, block, cte->name, cte->last_use, body->set_op.all, 0, err};
    if (cte->uses > before && !check_step(&check, next, NULL))
        return false;
    Hir *both = hir_set_op(&binder->set, HIR_UNION_ALL, first, next);
    if (!body->set_op.all)
        both = hir_distinct(&binder->set, both);
    block->values[0] = both;
    if (cte->uses == before) { /* it does not read itself */
        cte->relation.hir = both;
        return true;
    }
    cte->relation.hir = hir_recursion(&binder->set, HIR_RECURSE, block, 0, types, base->count);
    return check_closed(both, ast->position, err);
}

static bool
bind_union(Binder *binder, const AstCte *ast, Scope *parent, CteBinding *cte, Error *err)
{
    BoundBody base;
    HirRecursion *block = block_new(binder, 1);
    block->names[0] = cte->name;
    cte->refused = "recursive reference to query \"%s\" must not appear within its non-recursive term";
    cte->refused_state = SQLSTATE_INVALID_RECURSION;
    return bind_query_body(binder, ast->query->body->set_op.left, parent, &base, err) &&
           bind_step(binder, ast, parent, cte, &base, block, err);
}

/* What is said when a query of another form reads itself after all. */
static void
refuse_form(const AstQuery *query, int position, bool is_union, CteBinding *cte)
{
    cte->refused_state = is_union ? SQLSTATE_FEATURE_NOT_SUPPORTED : SQLSTATE_INVALID_RECURSION;
    cte->refused_position = position;
    if (!is_union) {
        cte->refused = "recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term";
    } else if (query->order_by.count > 0) {
        cte->refused = "ORDER BY in a recursive query is not implemented";
        cte->refused_position = bind_expr_start(query->order_by.items[0].expr);
    } else {
        const AstExpr *cut = query->offset != NULL ? query->offset : query->limit;
        cte->refused = query->offset != NULL ? "OFFSET in a recursive query is not implemented"
                                             : "LIMIT in a recursive query is not implemented";
        cte->refused_position = bind_expr_start(cut);
    }
}

bool
bind_recursive_cte(Binder *binder, const AstCte *ast, Scope *parent, CteBinding *cte, Error *err)
{
    const AstQuery *query = ast->query;
    const AstBody *body = query->body;
    bool is_union = body->kind == AST_BODY_SET_OP && body->set_op.op == AST_UNION && query->with == NULL;
    bool is_sorted = query->order_by.count > 0 || query->limit != NULL || query->offset != NULL;
    ObjectId views = binder->indexed_views_of;
    cte->next = binder->ctes;
    binder->ctes = cte;
    binder->indexed_views_of = 0;
    bool worked;
    if (is_union && !is_sorted) {
        worked = bind_union(binder, ast, parent, cte, err);
    } else {
        refuse_form(query, ast->position, is_union, cte);
        worked =
            bind_query_relation(binder, query, parent, &cte->relation, err) && bind_cte_names(binder, ast, cte, err);
    }
    binder->indexed_views_of = views;
    binder->ctes = cte->next;
    return worked;
}
