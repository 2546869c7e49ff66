/*
 * bind_subquery.c -- subqueries inside expressions, and comparisons of rows.
 *
 * x op ANY (q) has three values. It becomes EXISTS of the rows that compare true and EXISTS of those that compare null:
 *     CASE WHEN EXISTS (q where x op y) THEN true WHEN <some comparison is null> THEN null ELSE false END
 * where, for an operator that is null exactly when an operand is, the second part is
 *     x IS NULL AND EXISTS (q) OR EXISTS (q where y IS NULL)
 * so that it costs no product of x and q. ALL is ANY of the opposite, negated.
 */
#include "planner/bind.h"

/* ---- rows ---- */

static bool
rows_equal(Binder *binder, const char *op, Scalar **left, Scalar **right, int count, int position, Scalar **scalar,
           Error *err)
{
    Scalar **tests = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        if (!bind_operator(binder, op, left[i], right[i], position, &tests[i], err))
            return false;
    }
    bool all = strcmp(op, "=") == 0;
    *scalar =
        count == 1 ? tests[0] : scalar_make(binder->arena, all ? SCALAR_AND : SCALAR_OR, SQL_TYPE(BOOL), tests, count);
    return true;
}

/* (a, b) < (c, d): a < c OR a = c AND b < d. Built from the last field on. */
static bool
rows_ordered(Binder *binder, const char *op, Scalar **left, Scalar **right, int count, int position, Scalar **scalar,
             Error *err)
{
    const char strict[2] = {op[0], '\0'};
    if (!bind_operator(binder, op, left[count - 1], right[count - 1], position, scalar, err))
        return false;
    for (int i = count - 2; i >= 0; i--) {
        Scalar *before, *equal;
        if (!bind_operator(binder, strict, left[i], right[i], position, &before, err) ||
            !bind_operator(binder, "=", left[i], right[i], position, &equal, err))
            return false;
        Scalar **either = arena_new_array(binder->arena, Scalar *, 2);
        either[0] = before;
        either[1] = scalar_and(binder->arena, equal, *scalar);
        *scalar = scalar_make(binder->arena, SCALAR_OR, SQL_TYPE(BOOL), either, 2);
    }
    return true;
}

bool
bind_row_comparison(Binder *binder, const char *op, Scalar **left, Scalar **right, int count, int position,
                    Scalar **scalar, Error *err)
{
    if (count == 0)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length");
    if (count == 1)
        return bind_operator(binder, op, left[0], right[0], position, scalar, err);
    if (strcmp(op, "=") == 0 || strcmp(op, "<>") == 0)
        return rows_equal(binder, op, left, right, count, position, scalar, err);
    if (strcmp(op, "<") == 0 || strcmp(op, "<=") == 0 || strcmp(op, ">") == 0 || strcmp(op, ">=") == 0)
        return rows_ordered(binder, op, left, right, count, position, scalar, err);
    return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                    "could not determine interpretation of row comparison operator %s", op);
}

/* ---- EXISTS, scalar, ARRAY ---- */

static bool
bind_exists(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    BoundRelation relation;
    if (!bind_query_relation(binder, expr->query, scope, &relation, err))
        return false;
    *scalar = hir_subquery(&binder->set, HIR_SUBQUERY_EXISTS, relation.hir);
    return true;
}

static bool
check_one_column(const Hir *hir, int position, Error *err)
{
    if (hir->column_count == 1)
        return true;
    return error_at(err, position, SQLSTATE_SYNTAX_ERROR, "subquery must return only one column");
}

static bool
bind_scalar_subquery(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    BoundRelation relation;
    if (!bind_query_relation(binder, expr->query, scope, &relation, err) ||
        !check_one_column(relation.hir, expr->position, err))
        return false;
    *scalar = hir_subquery(&binder->set, HIR_SUBQUERY_SCALAR, relation.hir);
    (*scalar)->position = expr->position;
    return true;
}

/* ARRAY(SELECT x ... ORDER BY y): array_agg(x ORDER BY y), and an empty array for no rows. */
static bool
bind_collecting_subquery(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    BoundQuery query;
    Hir *hir;
    bool is_array = expr->kind == AST_EXPR_ARRAY_QUERY, is_map = expr->kind == AST_EXPR_MAP_QUERY;
    const char *name = is_array ? "array_agg" : is_map ? "map_agg" : "list_agg";
    int wanted = is_map ? 2 : 1;
    if (!bind_query(binder, expr->query, scope, &query, err) || !body_resolve_unknown(binder, &query.body, err))
        return false;
    if (query.body.count != wanted)
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR,
                        is_map ? "expected map subquery to return 2 columns, got %d columns"
                               : "subquery must return only one column",
                        query.body.count);
    if (!bound_query_project(binder, &query, true, &hir, err))
        return false;
    HirAggregate *aggregate = arena_new_struct(binder->arena, HirAggregate);
    SqlType argument_types[2], result;
    if (!aggregate_resolve(is_array ? "pg_catalog" : "mz_catalog", name, hir->types, wanted, expr->position,
                           &aggregate->call.function, argument_types, &result, err))
        return false;
    for (int i = 0; i < wanted; i++) {
        aggregate->args[i] = hir_column_of(&binder->set, hir, (uint32_t) i);
        if (!bind_cast(binder, aggregate->args[i], argument_types[i], CAST_IMPLICIT, &aggregate->args[i], err))
            return false;
    }
    aggregate->arg_count = wanted;
    aggregate->call.arg_type = aggregate->args[0]->type;
    aggregate->call.second_type = is_map ? aggregate->args[1]->type : SQL_TYPE(UNKNOWN);
    aggregate->call.result_type = result;
    aggregate->order = arena_new_array(binder->arena, HirOrder, query.order_count);
    aggregate->order_count = query.order_count;
    for (int i = 0; i < query.order_count; i++)
        aggregate->order[i] = (HirOrder){hir_column_of(&binder->set, hir, (uint32_t) query.order[i].output),
                                         query.order[i].descending, query.order[i].nulls_first};
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2);
    args[0] = hir_subquery(&binder->set, HIR_SUBQUERY_SCALAR, hir_reduce(&binder->set, hir, NULL, 0, aggregate, 1));
    args[1] = is_array ? scalar_make(binder->arena, SCALAR_ARRAY, result, NULL, 0)
                       : bind_container(binder, is_map ? "map_make" : "list_make", NULL, 0, result, expr->position);
    args[1]->nullable = false;
    *scalar = scalar_make(binder->arena, SCALAR_COALESCE, result, args, 2);
    (*scalar)->nullable = false;
    return true;
}

/* ---- IN, ANY, ALL ---- */

static Scalar *
exists_where(Binder *binder, Hir *query, Scalar *predicate)
{
    return hir_subquery(&binder->set, HIR_SUBQUERY_EXISTS, hir_filter(&binder->set, query, predicate));
}

static bool
references_own_row(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return hir_ref_kind(scalar->column) == HIR_REF_ROW && hir_ref_level(scalar->column) == 0;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (references_own_row(scalar->args[i]))
            return true;
    }
    return false;
}

/* Whether some comparison is null. NULL: none can be. `comparison` stands inside the query, `left` outside. */
static Scalar *
some_null(Binder *binder, Hir *query, Scalar *comparison, Scalar *left)
{
    bool simple =
        left != NULL && comparison->kind == SCALAR_CALL && comparison->function->strict && comparison->arg_count == 2;
    Scalar *inside = simple ? comparison->args[1] : NULL;
    if (simple && references_own_row(comparison->args[0]))
        simple = false;
    if (!simple) {
        if (!comparison->nullable)
            return NULL;
        return exists_where(binder, query, bind_is_null(binder, comparison));
    }
    Scalar *left_null = NULL, *right_null = NULL;
    if (comparison->args[0]->nullable)
        left_null =
            scalar_and(binder->arena, bind_is_null(binder, hir_scalar_shift(&binder->set, comparison->args[0], -1)),
                       hir_subquery(&binder->set, HIR_SUBQUERY_EXISTS, query));
    if (inside->nullable)
        right_null = exists_where(binder, query, bind_is_null(binder, inside));
    if (left_null == NULL || right_null == NULL)
        return left_null == NULL ? right_null : left_null;
    Scalar **either = arena_new_array(binder->arena, Scalar *, 2);
    either[0] = left_null;
    either[1] = right_null;
    Scalar *made = scalar_make(binder->arena, SCALAR_OR, SQL_TYPE(BOOL), either, 2);
    made->nullable = false;
    return made;
}

static const char *
opposite(const char *op)
{
    static const char *const pairs[][2] = {{"=", "<>"},     {"<", ">="}, {">", "<="},  {"~~", "!~~"},
                                           {"~~*", "!~~*"}, {"~", "!~"}, {"~*", "!~*"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(op, pairs[i][0]) == 0)
            return pairs[i][1];
        if (strcmp(op, pairs[i][1]) == 0)
            return pairs[i][0];
    }
    return NULL;
}

static bool
bind_quantified(Binder *binder, Scalar **left, int left_count, const char *op, bool all, Hir *query, int position,
                Scalar **scalar, Error *err)
{
    if (query->column_count != left_count)
        return error_at(err, position, SQLSTATE_SYNTAX_ERROR,
                        query->column_count > left_count ? "subquery has too many columns"
                                                         : "subquery has too few columns");
    Scalar **outside = arena_new_array(binder->arena, Scalar *, left_count);
    Scalar **inside = arena_new_array(binder->arena, Scalar *, left_count);
    for (int i = 0; i < left_count; i++) {
        outside[i] = hir_scalar_shift(&binder->set, left[i], 1);
        inside[i] = hir_column_of(&binder->set, query, (uint32_t) i);
    }
    const char *sought = op;
    bool negate = false;
    if (all) {
        sought = left_count == 1 ? opposite(op) : NULL;
        negate = sought == NULL;
        sought = negate ? op : sought;
    }
    Scalar *comparison;
    /* An operator that does not exist is named as it was written. */
    if (sought != op && !bind_row_comparison(binder, op, outside, inside, left_count, position, &comparison, err))
        return false;
    if (!bind_row_comparison(binder, sought, outside, inside, left_count, position, &comparison, err))
        return false;
    if (comparison->type.id != TYPE_BOOL)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE, "operator %s must return type boolean, not type %s",
                        op, type_format(comparison->type, binder->arena));
    query->uses += 2; /* found in it, null in it */
    Scalar *null = some_null(binder, query, comparison, left_count == 1 && !negate ? left[0] : NULL);
    Scalar *found = exists_where(binder, query, negate ? bind_not(binder, comparison) : comparison);
    if (null == NULL) {
        *scalar = all ? bind_not(binder, found) : found;
        return true;
    }
    Scalar **args = arena_new_array(binder->arena, Scalar *, 5);
    args[0] = found;
    args[1] = scalar_bool(binder->arena, !all);
    args[2] = null;
    args[3] = scalar_null(binder->arena, SQL_TYPE(BOOL));
    args[4] = scalar_bool(binder->arena, all);
    *scalar = scalar_make(binder->arena, SCALAR_CASE, SQL_TYPE(BOOL), args, 5);
    (*scalar)->nullable = true;
    return true;
}

static bool
bind_left_side(Binder *binder, Scope *scope, const AstExpr *expr, Scalar ***left, int *count, Error *err)
{
    if (expr->kind == AST_EXPR_ROW) {
        *count = expr->list.count;
        return bind_expr_list(binder, scope, &expr->list, left, err);
    }
    *count = 1;
    *left = arena_new_array(binder->arena, Scalar *, 1);
    return bind_expr(binder, scope, expr, &(*left)[0], err);
}

static bool
bind_against_query(Binder *binder, Scope *scope, const AstExpr *left_ast, const char *op, bool all,
                   const AstQuery *query, int position, Scalar **scalar, Error *err)
{
    Scalar **left;
    int count;
    BoundRelation relation;
    return bind_query_relation(binder, query, scope, &relation, err) &&
           bind_left_side(binder, scope, left_ast, &left, &count, err) &&
           bind_quantified(binder, left, count, op, all, relation.hir, position, scalar, err);
}

/* (a, b) op (SELECT x, y): the subquery gives one record at most, whose fields are compared. */
static bool
bind_row_against_query(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar **left;
    int count;
    BoundRelation relation;
    if (!bind_query_relation(binder, expr->op.right->query, scope, &relation, err) ||
        !bind_left_side(binder, scope, expr->op.left, &left, &count, err))
        return false;
    Hir *query = relation.hir;
    if (query->column_count != count)
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR,
                        query->column_count > count ? "subquery has too many columns" : "subquery has too few columns");
    Scalar **fields = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        fields[i] = hir_column_of(&binder->set, query, (uint32_t) i);
    Scalar **record = arena_new_array(binder->arena, Scalar *, 1);
    record[0] = bind_record(binder, fields, relation.names, count);
    Scalar *value = hir_subquery(&binder->set, HIR_SUBQUERY_SCALAR, hir_project(&binder->set, query, record, 1));
    value->position = expr->op.right->position;
    Scalar **right = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        right[i] = scalar_field(binder->arena, value, i);
    const AstName *op = &expr->op.name;
    return bind_row_comparison(binder, op->parts[op->count - 1], left, right, count, expr->position, scalar, err);
}

bool
bind_subquery_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    switch (expr->kind) {
    case AST_EXPR_EXISTS:
        return bind_exists(binder, scope, expr, scalar, err);
    case AST_EXPR_SUBQUERY:
        return bind_scalar_subquery(binder, scope, expr, scalar, err);
    case AST_EXPR_ARRAY_QUERY:
    case AST_EXPR_LIST_QUERY:
    case AST_EXPR_MAP_QUERY:
        return bind_collecting_subquery(binder, scope, expr, scalar, err);
    case AST_EXPR_IN_QUERY:
        if (!bind_against_query(binder, scope, expr->in.arg, "=", false, expr->in.query, expr->position, scalar, err))
            return false;
        if (expr->in.negated)
            *scalar = bind_not(binder, *scalar);
        return true;
    case AST_EXPR_QUANTIFIED: {
        const AstName *op = expr->quantified.op;
        return bind_against_query(binder, scope, expr->quantified.left, op->parts[op->count - 1], expr->quantified.all,
                                  expr->quantified.query, expr->position, scalar, err);
    }
    case AST_EXPR_OPERATOR:
        return bind_row_against_query(binder, scope, expr, scalar, err);
    default:
        bug("unrecognized subquery expression kind %d", expr->kind);
    }
}
