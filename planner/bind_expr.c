/*
 * bind_expr.c -- scalar expressions.
 */
#include "planner/bind.h"
#include "planner/mir.h"

/* ---- small makers ---- */

Scalar *
bind_not(Binder *binder, Scalar *arg)
{
    if (scalar_is_literal_bool(arg, true) || scalar_is_literal_bool(arg, false))
        return scalar_bool(binder->arena, scalar_is_literal_bool(arg, false));
    if (arg->kind == SCALAR_NOT)
        return arg->args[0];
    Scalar **args = arena_new_array(binder->arena, Scalar *, 1);
    args[0] = arg;
    return scalar_make(binder->arena, SCALAR_NOT, SQL_TYPE(BOOL), args, 1);
}

Scalar *
bind_is_null(Binder *binder, Scalar *arg)
{
    /* References stay until the query is bound, although what can never be null is known here: whose aggregate a call is depends on them. */
    Scalar **args = arena_new_array(binder->arena, Scalar *, 1);
    args[0] = arg;
    Scalar *made = scalar_make(binder->arena, SCALAR_IS_NULL, SQL_TYPE(BOOL), args, 1);
    made->nullable = false;
    return made;
}

Scalar *
bind_coalesce_bool(Binder *binder, Scalar *arg, bool otherwise)
{
    if (!arg->nullable)
        return arg;
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2);
    args[0] = arg;
    args[1] = scalar_bool(binder->arena, otherwise);
    Scalar *made = scalar_make(binder->arena, SCALAR_COALESCE, SQL_TYPE(BOOL), args, 2);
    made->nullable = false;
    return made;
}

bool
bind_operator(Binder *binder, const char *name, Scalar *left, Scalar *right, int position, Scalar **scalar, Error *err)
{
    ResolvedCall resolved;
    SqlType left_type = left == NULL ? SQL_TYPE(UNKNOWN) : left->type;
    if (!operator_resolve(name, left_type, right->type, left == NULL, position, &resolved, err))
        return false;
    int count = left == NULL ? 1 : 2;
    Scalar **args = arena_new_array(binder->arena, Scalar *, count);
    if (left != NULL && !bind_cast(binder, left, resolved.arg_types[0], CAST_IMPLICIT, &args[0], err))
        return false;
    if (!bind_cast(binder, right, resolved.arg_types[count - 1], CAST_IMPLICIT, &args[count - 1], err))
        return false;
    *scalar = scalar_call(binder->arena, resolved.function, args, count, resolved.result);
    (*scalar)->position = position;
    return true;
}

/* Where an expression begins: operators are placed by their symbol. */
int
bind_expr_start(const AstExpr *expr)
{
    switch (expr->kind) {
    case AST_EXPR_OPERATOR:
        return expr->op.left == NULL ? expr->position : bind_expr_start(expr->op.left);
    case AST_EXPR_AND:
    case AST_EXPR_OR:
        return bind_expr_start(expr->list.items[0]);
    case AST_EXPR_IS:
        return bind_expr_start(expr->is.arg);
    case AST_EXPR_DISTINCT_FROM:
        return bind_expr_start(expr->pair.left);
    case AST_EXPR_BETWEEN:
        return bind_expr_start(expr->between.arg);
    case AST_EXPR_IN_LIST:
    case AST_EXPR_IN_QUERY:
        return bind_expr_start(expr->in.arg);
    case AST_EXPR_LIKE:
        return bind_expr_start(expr->like.arg);
    case AST_EXPR_QUANTIFIED:
        return bind_expr_start(expr->quantified.left);
    case AST_EXPR_COLLATE:
        return bind_expr_start(expr->collate.arg);
    case AST_EXPR_CAST: {
        int start = bind_expr_start(expr->cast.arg);
        return start < expr->position ? start : expr->position; /* CAST (x AS t) begins before x */
    }
    case AST_EXPR_SUBSCRIPT:
        return bind_expr_start(expr->subscript.arg);
    default:
        return expr->position;
    }
}

/* The first expression that cannot be matched with those before it. */
static int
unmatched(Scalar *const *scalars, const SqlType *types, int count, const char *what)
{
    for (int i = 1; i < count; i++) {
        Error err = ERROR_INIT;
        SqlType type;
        if (!type_unify(types, i + 1, what, 0, &type, &err)) {
            error_clear(&err);
            return scalars[i]->position;
        }
    }
    return 0;
}

/* All to one type, as CASE, COALESCE, ARRAY and VALUES want it. In place. */
bool
bind_unified(Binder *binder, Scalar **scalars, int count, const char *what, int position, SqlType *type, Error *err)
{
    SqlType *types = arena_new_array(binder->arena, SqlType, count);
    for (int i = 0; i < count; i++)
        types[i] = scalars[i]->type;
    if (!type_unify(types, count, what, position, type, err)) {
        int at = unmatched(scalars, types, count, what);
        err->position = at == 0 ? err->position : at;
        return false;
    }
    /* A modifier survives only where all agree on it. */
    type->typmod = count > 0 ? types[0].typmod : -1;
    for (int i = 0; i < count; i++) {
        if (!type_same(types[i], *type) || types[i].typmod != type->typmod)
            type->typmod = -1;
    }
    for (int i = 0; i < count; i++) {
        if (!bind_cast(binder, scalars[i], *type, CAST_IMPLICIT, &scalars[i], err))
            return false;
    }
    return true;
}

bool
bind_expr_list(Binder *binder, Scope *scope, const AstExprList *list, Scalar ***scalars, Error *err)
{
    *scalars = arena_new_array(binder->arena, Scalar *, list->count);
    for (int i = 0; i < list->count; i++) {
        if (!bind_expr(binder, scope, list->items[i], &(*scalars)[i], err))
            return false;
    }
    return true;
}

bool
bind_condition(Binder *binder, Scope *scope, const AstExpr *expr, const char *what, Scalar **scalar, Error *err)
{
    if (!bind_expr(binder, scope, expr, scalar, err))
        return false;
    if ((*scalar)->type.id == TYPE_UNKNOWN)
        return bind_cast(binder, *scalar, SQL_TYPE(BOOL), CAST_IMPLICIT, scalar, err);
    if ((*scalar)->type.id != TYPE_BOOL)
        return error_at(err, bind_expr_start(expr), SQLSTATE_DATATYPE_MISMATCH,
                        "argument of %s must be type boolean, not type %s", what,
                        type_format((*scalar)->type, binder->arena));
    return true;
}

/* ---- names ---- */

/* t.f where f is no column of t: f(t), when there is such a function. */
static bool
bind_attribute(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstName *name = &expr->name;
    const char *attribute = name->parts[name->count - 1];
    const ScopeTable *table = NULL;
    const Scope *owner;
    int level;
    if (name->count > 1 && function_exists(NULL, attribute) &&
        !scope_find_table(scope, name->parts, name->count - 1, expr->position, &table, &owner, &level, err))
        return false;
    if (table == NULL)
        return scope_unknown_column(scope, name, err);
    Scalar *row = bind_whole_row(binder, owner, table, level);
    Error failed = ERROR_INIT;
    if (bind_call(binder, NULL, attribute, &row, 1, expr->position, scalar, &failed))
        return true;
    error_clear(&failed);
    return scope_unknown_column(scope, name, err);
}

static bool
bind_column(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    ScopeMatch match;
    bool found;
    if (!scope_find_column(scope, &expr->name, &match, &found, err))
        return false;
    if (found) {
        *scalar =
            hir_column(binder->arena, match.level, match.column->index, match.column->type, match.column->nullable);
        (*scalar)->position = expr->position;
        return true;
    }
    const ScopeTable *table;
    const Scope *owner;
    int level;
    if (!scope_find_table(scope, expr->name.parts, expr->name.count, expr->position, &table, &owner, &level, err))
        return false;
    if (table == NULL)
        return bind_attribute(binder, scope, expr, scalar, err);
    *scalar = bind_whole_row(binder, owner, table, level);
    (*scalar)->position = expr->position;
    return true;
}

/* ---- operators ---- */

static const char *
operator_symbol(const AstName *name)
{
    return name->parts[name->count - 1];
}

static bool
is_comparison(const char *op)
{
    return strcmp(op, "=") == 0 || strcmp(op, "<>") == 0 || strcmp(op, "<") == 0 || strcmp(op, "<=") == 0 ||
           strcmp(op, ">") == 0 || strcmp(op, ">=") == 0;
}

static bool
bind_rows_compared(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstExprList *left = &expr->op.left->list, *right = &expr->op.right->list;
    Scalar **lefts, **rights;
    if (left->count != right->count)
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR, "unequal number of entries in row expressions");
    if (!bind_expr_list(binder, scope, left, &lefts, err) || !bind_expr_list(binder, scope, right, &rights, err))
        return false;
    return bind_row_comparison(binder, operator_symbol(&expr->op.name), lefts, rights, left->count, expr->position,
                               scalar, err);
}

static bool
bind_prefix(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstExpr *operand = expr->op.right;
    const char *op = operator_symbol(&expr->op.name);
    if (strcmp(op, "-") == 0 && (operand->kind == AST_EXPR_INTEGER || operand->kind == AST_EXPR_DECIMAL))
        return bind_number(binder, arena_printf(binder->arena, "-%s", operand->text), operand->kind == AST_EXPR_INTEGER,
                           expr->position, scalar, err);
    Scalar *right;
    return bind_expr(binder, scope, operand, &right, err) &&
           bind_operator(binder, op, NULL, right, expr->position, scalar, err);
}

/* Of two collations that are written neither is better. */
static bool
check_collations(const AstExpr *expr, Error *err)
{
    const AstExpr *left = expr->op.left, *right = expr->op.right;
    if (left->kind != AST_EXPR_COLLATE || right->kind != AST_EXPR_COLLATE)
        return true;
    const AstName *a = &left->collate.collation, *b = &right->collate.collation;
    if (strcmp(a->parts[a->count - 1], b->parts[b->count - 1]) == 0)
        return true;
    return error_at(err, right->position, SQLSTATE_COLLATION_MISMATCH,
                    "collation mismatch between explicit collations \"%s\" and \"%s\"", a->parts[a->count - 1],
                    b->parts[b->count - 1]);
}

/* OPERATOR(s.+): all operators are in pg_catalog. */
static bool
check_operator_schema(const Binder *binder, const AstExpr *expr, Error *err)
{
    const AstName *name = &expr->op.name;
    if (name->count < 2 || strcmp(name->parts[name->count - 2], "pg_catalog") == 0)
        return true;
    if (catalog_resolve_schema(binder->catalog, binder->names, name->parts, name->count - 1) == NULL)
        return error_at(err, expr->position, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
                        name->parts[name->count - 2]);
    return error_at(err, expr->position, SQLSTATE_UNDEFINED_FUNCTION, "operator does not exist: %s.%s",
                    name->parts[name->count - 2], name->parts[name->count - 1]);
}

static bool
bind_operator_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const char *op = operator_symbol(&expr->op.name);
    if (expr->op.left == NULL)
        return bind_prefix(binder, scope, expr, scalar, err);
    if (is_comparison(op) && expr->op.left->kind == AST_EXPR_ROW && expr->op.right->kind == AST_EXPR_ROW)
        return bind_rows_compared(binder, scope, expr, scalar, err);
    if (is_comparison(op) && expr->op.left->kind == AST_EXPR_ROW && expr->op.right->kind == AST_EXPR_SUBQUERY)
        return bind_subquery_expr(binder, scope, expr, scalar, err);
    Scalar *left, *right;
    if (!bind_expr(binder, scope, expr->op.left, &left, err) ||
        !bind_expr(binder, scope, expr->op.right, &right, err) || !check_collations(expr, err) ||
        !check_operator_schema(binder, expr, err))
        return false;
    return bind_operator(binder, op, left, right, expr->position, scalar, err);
}

static bool
bind_connective(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    bool conjunction = expr->kind == AST_EXPR_AND;
    Scalar **args = arena_new_array(binder->arena, Scalar *, expr->list.count);
    for (int i = 0; i < expr->list.count; i++) {
        if (!bind_condition(binder, scope, expr->list.items[i], conjunction ? "AND" : "OR", &args[i], err))
            return false;
    }
    *scalar = scalar_make(binder->arena, conjunction ? SCALAR_AND : SCALAR_OR, SQL_TYPE(BOOL), args, expr->list.count);
    return true;
}

static bool
bind_not_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *arg;
    if (!bind_condition(binder, scope, expr->arg, "NOT", &arg, err))
        return false;
    *scalar = bind_not(binder, arg);
    return true;
}

static const char *
is_test_name(AstIsTest test, bool negated)
{
    switch (test) {
    case AST_IS_TRUE:
        return negated ? "IS NOT TRUE" : "IS TRUE";
    case AST_IS_FALSE:
        return negated ? "IS NOT FALSE" : "IS FALSE";
    case AST_IS_UNKNOWN:
        return negated ? "IS NOT UNKNOWN" : "IS UNKNOWN";
    case AST_IS_NULL:
        return negated ? "IS NOT NULL" : "IS NULL";
    }
    bug("unrecognized IS test %d", test);
}

/* A row IS NULL when all its fields are, IS NOT NULL when none is. */
static Scalar *
row_is_null(Binder *binder, Scalar *row, bool negated)
{
    Scalar *all = NULL;
    for (int i = 0; i < row->arg_count; i++) {
        Scalar *test = bind_is_null(binder, row->args[i]);
        all = scalar_and(binder->arena, all, negated ? bind_not(binder, test) : test);
    }
    return all == NULL ? scalar_bool(binder->arena, true) : all;
}

static bool
bind_is(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *arg;
    const char *what = is_test_name(expr->is.test, expr->is.negated);
    if (expr->is.test == AST_IS_NULL) {
        if (!bind_expr(binder, scope, expr->is.arg, &arg, err))
            return false;
        if (arg->kind == SCALAR_ROW) {
            *scalar = row_is_null(binder, arg, expr->is.negated);
            return true;
        }
        if (arg->kind == SCALAR_PARAMETER && arg->type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, arg, SQL_TYPE(TEXT), CAST_IMPLICIT, &arg, err))
            return false;
        *scalar = bind_is_null(binder, arg);
    } else {
        if (!bind_condition(binder, scope, expr->is.arg, what, &arg, err))
            return false;
        if (expr->is.test == AST_IS_UNKNOWN)
            *scalar = bind_is_null(binder, arg);
        else
            *scalar = bind_coalesce_bool(binder, expr->is.test == AST_IS_TRUE ? arg : bind_not(binder, arg), false);
    }
    if (expr->is.negated)
        *scalar = bind_not(binder, *scalar);
    return true;
}

bool
bind_distinct_from(Binder *binder, Scalar *left, Scalar *right, bool negated, int position, Scalar **scalar, Error *err)
{
    Scalar *equal;
    if (!bind_operator(binder, "=", left, right, position, &equal, err))
        return false;
    if (equal->arg_count == 2) {
        left = equal->args[0];
        right = equal->args[1];
    }
    if (!left->nullable && !right->nullable) {
        *scalar = negated ? equal : bind_not(binder, equal);
        return true;
    }
    Scalar *sides[2] = {left, right};
    if (!bind_call(binder, "mz_internal", "is_distinct_from", sides, 2, position, scalar, err))
        return false;
    (*scalar)->nullable = false;
    if (negated)
        *scalar = bind_not(binder, *scalar);
    return true;
}

static bool
bind_distinct_from_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *left, *right;
    return bind_expr(binder, scope, expr->pair.left, &left, err) &&
           bind_expr(binder, scope, expr->pair.right, &right, err) &&
           bind_distinct_from(binder, left, right, expr->pair.negated, expr->position, scalar, err);
}

static bool
between(Binder *binder, Scalar *arg, Scalar *low, Scalar *high, int position, Scalar **scalar, Error *err)
{
    Scalar *above, *below;
    if (!bind_operator(binder, ">=", arg, low, position, &above, err) ||
        !bind_operator(binder, "<=", arg, high, position, &below, err))
        return false;
    *scalar = scalar_and(binder->arena, above, below);
    return true;
}

static bool
bind_between(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *arg, *low, *high;
    if (!bind_expr(binder, scope, expr->between.arg, &arg, err) ||
        !bind_expr(binder, scope, expr->between.low, &low, err) ||
        !bind_expr(binder, scope, expr->between.high, &high, err) ||
        !between(binder, arg, low, high, expr->position, scalar, err))
        return false;
    if (expr->between.symmetric) {
        Scalar **either = arena_new_array(binder->arena, Scalar *, 2);
        either[0] = *scalar;
        if (!between(binder, arg, high, low, expr->position, &either[1], err))
            return false;
        *scalar = scalar_make(binder->arena, SCALAR_OR, SQL_TYPE(BOOL), either, 2);
    }
    if (expr->between.negated)
        *scalar = bind_not(binder, *scalar);
    return true;
}

/* x = 1 OR x = 2 OR ...: a set, when all that is compared are literals. NULL: it is not. */
static Scalar *
literal_set(Binder *binder, Scalar *const *tests, int count)
{
    Datum *values = arena_new_array(binder->arena, Datum, count);
    int kept = 0;
    bool has_null = false;
    for (int i = 0; i < count; i++) {
        if (!scalar_is_plain_equality(tests[i]) || (i > 0 && !scalar_equal(tests[i]->args[0], tests[0]->args[0])))
            return NULL;
        Scalar *value = tests[i]->args[1];
        if (value->kind == SCALAR_CALL)
            value = scalar_fold(binder->arena, value, binder->context->eval);
        if (value->kind != SCALAR_LITERAL || value->literal_error != NULL)
            return NULL;
        has_null |= value->literal.is_null;
        if (!value->literal.is_null)
            values[kept++] = value->literal;
    }
    return scalar_in_list(binder->arena, tests[0]->args[0], tests[0]->args[0]->type, values, kept, has_null);
}

static bool
bind_in_list(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstExprList *list = &expr->in.list;
    bool rows = expr->in.arg->kind == AST_EXPR_ROW;
    Scalar *arg = NULL, **fields = NULL;
    if (rows ? !bind_expr_list(binder, scope, &expr->in.arg->list, &fields, err)
             : !bind_expr(binder, scope, expr->in.arg, &arg, err))
        return false;
    Scalar **tests = arena_new_array(binder->arena, Scalar *, list->count);
    for (int i = 0; i < list->count; i++) {
        const AstExpr *item = list->items[i];
        if (rows) {
            Scalar **others;
            if (item->kind != AST_EXPR_ROW || item->list.count != expr->in.arg->list.count)
                return error_at(err, item->position, SQLSTATE_SYNTAX_ERROR,
                                "unequal number of entries in row expressions");
            if (!bind_expr_list(binder, scope, &item->list, &others, err) ||
                !bind_row_comparison(binder, "=", fields, others, item->list.count, expr->position, &tests[i], err))
                return false;
            continue;
        }
        Scalar *value;
        if (!bind_expr(binder, scope, item, &value, err) ||
            !bind_operator(binder, "=", arg, value, expr->position, &tests[i], err))
            return false;
    }
    Scalar *set = list->count > 1 && !rows ? literal_set(binder, tests, list->count) : NULL;
    if (set != NULL)
        *scalar = set;
    else if (list->count < 2)
        *scalar = list->count == 0 ? scalar_bool(binder->arena, false) : tests[0];
    else
        *scalar = scalar_make(binder->arena, SCALAR_OR, SQL_TYPE(BOOL), tests, list->count);
    if (expr->in.negated)
        *scalar = bind_not(binder, *scalar);
    return true;
}

static bool
bind_like(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    bool negated = expr->like.negated;
    Scalar *arg, *pattern, *escape = NULL;
    if (!bind_expr(binder, scope, expr->like.arg, &arg, err) ||
        !bind_expr(binder, scope, expr->like.pattern, &pattern, err))
        return false;
    if (expr->like.escape != NULL && !bind_expr(binder, scope, expr->like.escape, &escape, err))
        return false;
    const char *op;
    if (expr->like.like == AST_SIMILAR) {
        Scalar *args[2] = {pattern, escape};
        if (!bind_call(binder, "pg_catalog", "similar_to_escape", args, escape == NULL ? 1 : 2, expr->position,
                       &pattern, err))
            return false;
        op = negated ? "!~" : "~";
    } else {
        Scalar *args[2] = {pattern, escape};
        if (escape != NULL && !bind_call(binder, "pg_catalog", "like_escape", args, 2, expr->position, &pattern, err))
            return false;
        bool insensitive = expr->like.like == AST_ILIKE;
        op = negated ? (insensitive ? "!~~*" : "!~~") : (insensitive ? "~~*" : "~~");
    }
    return bind_operator(binder, op, arg, pattern, expr->position, scalar, err);
}

/* left op ANY (array) */
static bool
bind_quantified_array(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const char *op = operator_symbol(expr->quantified.op);
    Scalar *left, *array;
    if (!bind_expr(binder, scope, expr->quantified.left, &left, err) ||
        !bind_expr(binder, scope, expr->quantified.array, &array, err))
        return false;
    if (array->type.id == TYPE_UNKNOWN) {
        SqlType element = left->type.id == TYPE_UNKNOWN ? SQL_TYPE(TEXT) : left->type;
        element.typmod = -1;
        if (!bind_cast(binder, array, type_array_of(element), CAST_IMPLICIT, &array, err))
            return false;
    }
    bool vector = array->type.id == TYPE_INT2VECTOR;
    if (array->type.id != TYPE_ARRAY && !vector)
        return error_at(err, expr->position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "op ANY/ALL (array) requires array on right side");
    SqlType element = vector ? SQL_TYPE(INT2) : type_element_of(array->type);
    ResolvedCall resolved;
    if (!operator_resolve(op, left->type, element, false, expr->position, &resolved, err))
        return false;
    if (resolved.result.id != TYPE_BOOL)
        return error_at(err, expr->position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "op ANY/ALL (array) requires operator to yield boolean");
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2);
    if (!bind_cast(binder, left, resolved.arg_types[0], CAST_IMPLICIT, &args[0], err))
        return false;
    args[1] = array;
    if ((vector || !type_same(element, resolved.arg_types[1])) &&
        !bind_cast(binder, array, type_array_of(resolved.arg_types[1]), CAST_EXPLICIT, &args[1], err))
        return false;
    *scalar = scalar_make(binder->arena, expr->quantified.all ? SCALAR_ALL : SCALAR_ANY, SQL_TYPE(BOOL), args, 2);
    (*scalar)->function = resolved.function;
    (*scalar)->position = expr->position;
    return true;
}

/* ---- CASE and its kin ---- */

static bool
bind_case(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstCase *ast = expr->case_;
    int count = ast->whens.count, set_calls = binder->set_calls;
    Scalar *operand = NULL;
    Scalar **results = arena_new_array(binder->arena, Scalar *, count + 1);
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2 * count + 1);
    if (ast->operand != NULL) {
        if (!bind_expr(binder, scope, ast->operand, &operand, err))
            return false;
        if (operand->type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, operand, SQL_TYPE(TEXT), CAST_IMPLICIT, &operand, err))
            return false;
    }
    for (int i = 0; i < count; i++) {
        const AstWhen *when = &ast->whens.items[i];
        Scalar *value;
        if (operand == NULL) {
            if (!bind_condition(binder, scope, when->condition, "CASE/WHEN", &args[2 * i], err))
                return false;
        } else if (!bind_expr(binder, scope, when->condition, &value, err) ||
                   !bind_operator(binder, "=", operand, value, when->condition->position, &args[2 * i], err)) {
            return false;
        }
        if (!bind_expr(binder, scope, when->result, &results[i + 1], err))
            return false;
    }
    /* ELSE goes first when types are matched. */
    if (ast->otherwise == NULL)
        results[0] = scalar_null(binder->arena, SQL_TYPE(UNKNOWN));
    else if (!bind_expr(binder, scope, ast->otherwise, &results[0], err))
        return false;
    SqlType type;
    if (!bind_no_set_function(binder, set_calls, "CASE", err) ||
        !bind_unified(binder, results, count + 1, "CASE", expr->position, &type, err))
        return false;
    for (int i = 0; i < count; i++)
        args[2 * i + 1] = results[i + 1];
    args[2 * count] = results[0];
    *scalar = scalar_make(binder->arena, SCALAR_CASE, type, args, 2 * count + 1);
    return true;
}

static bool
bind_variadic(Binder *binder, Scope *scope, const AstExpr *expr, ScalarKind kind, const char *what, Scalar **scalar,
              Error *err)
{
    Scalar **args;
    SqlType type;
    int set_calls = binder->set_calls;
    if (!bind_expr_list(binder, scope, &expr->list, &args, err) ||
        (kind == SCALAR_COALESCE && !bind_no_set_function(binder, set_calls, what, err)) ||
        !bind_unified(binder, args, expr->list.count, what, expr->position, &type, err))
        return false;
    *scalar = scalar_make(binder->arena, kind, type, args, expr->list.count);
    return true;
}

/* Whether PostgreSQL compares the two as they are: it has an operator of both types, and casts neither. */
static bool
compares_as_is(SqlType left, SqlType right)
{
    bool integers = type_is_integer(left) && type_is_integer(right);
    bool floats =
        (left.id == TYPE_FLOAT4 || left.id == TYPE_FLOAT8) && (right.id == TYPE_FLOAT4 || right.id == TYPE_FLOAT8);
    bool dates = (left.id == TYPE_DATE || left.id == TYPE_TIMESTAMP || left.id == TYPE_TIMESTAMPTZ) &&
                 (right.id == TYPE_DATE || right.id == TYPE_TIMESTAMP || right.id == TYPE_TIMESTAMPTZ);
    return integers || floats || dates || (left.id == TYPE_NAME && right.id == TYPE_TEXT);
}

static bool
bind_nullif(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *left, *right, *equal;
    if (!bind_expr(binder, scope, expr->pair.left, &left, err) ||
        !bind_expr(binder, scope, expr->pair.right, &right, err))
        return false;
    if (left->type.id == TYPE_UNKNOWN && right->type.id == TYPE_UNKNOWN &&
        !bind_cast(binder, left, SQL_TYPE(TEXT), CAST_IMPLICIT, &left, err))
        return false;
    if (!bind_operator(binder, "=", left, right, expr->position, &equal, err))
        return false;
    Scalar *value = compares_as_is(left->type, right->type) ? left : equal->args[0];
    Scalar **args = arena_new_array(binder->arena, Scalar *, 3);
    args[0] = equal;
    args[1] = scalar_null(binder->arena, value->type);
    args[2] = value;
    *scalar = scalar_make(binder->arena, SCALAR_CASE, value->type, args, 3);
    return true;
}

/* ---- arrays, rows ---- */

/* `target`: the array type it is cast to, or UNKNOWN. */
static bool
bind_array(Binder *binder, Scope *scope, const AstExpr *expr, SqlType target, Scalar **scalar, Error *err)
{
    int count = expr->list.count;
    Scalar **args = arena_new_array(binder->arena, Scalar *, count);
    bool has_target = target.id == TYPE_ARRAY, nested = false;
    if (count == 0 && !has_target) {
        error_at(err, expr->position, SQLSTATE_INDETERMINATE_DATATYPE, "cannot determine type of empty array");
        return error_hint(err, "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
    }
    for (int i = 0; i < count; i++) {
        const AstExpr *item = expr->list.items[i];
        if (item->kind == AST_EXPR_ARRAY ? !bind_array(binder, scope, item, target, &args[i], err)
                                         : !bind_expr(binder, scope, item, &args[i], err))
            return false;
        nested |= args[i]->type.id == TYPE_ARRAY;
    }
    SqlType element = has_target ? type_element_of(target) : SQL_TYPE(UNKNOWN);
    if (has_target) {
        for (int i = 0; i < count; i++) {
            if (!bind_explicit_cast(binder, args[i], nested ? target : element, args[i]->position, &args[i], err))
                return false;
        }
    } else {
        if (!bind_unified(binder, args, count, "ARRAY", expr->position, &element, err))
            return false;
        for (int i = 0; i < count && element.id == TYPE_UNKNOWN; i++) {
            if (!bind_cast(binder, args[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &args[i], err))
                return false;
        }
        if (element.id == TYPE_UNKNOWN)
            element = SQL_TYPE(TEXT);
    }
    SqlType type = has_target ? target : nested ? element : type_array_of(element);
    type.typmod = -1;
    *scalar = scalar_make(binder->arena, SCALAR_ARRAY, type, args, count);
    (*scalar)->nullable = false;
    (*scalar)->position = expr->position;
    return true;
}

static bool
bind_subscript_bound(Binder *binder, Scope *scope, const AstExpr *expr, int32_t left_out, Scalar **bound, Error *err)
{
    if (expr == NULL) {
        *bound = scalar_literal(binder->arena, SQL_TYPE(INT4), datum_int(left_out));
        return true;
    }
    return bind_expr(binder, scope, expr, bound, err) &&
           bind_cast(binder, *bound, SQL_TYPE(INT4), CAST_ASSIGNMENT, bound, err);
}

static bool
bind_slices(Binder *binder, Scope *scope, Scalar *arg, const AstSubscriptList *list, int position, Scalar **scalar,
            Error *err)
{
    Scalar **args = arena_new_array(binder->arena, Scalar *, 1 + 2 * list->count);
    args[0] = arg;
    for (int i = 0; i < list->count; i++) {
        const AstSubscript *item = &list->items[i];
        /* Beside a slice, [n] is [1:n]. */
        const AstExpr *upper = item->slice ? item->upper : item->lower;
        args[1 + 2 * i] = scalar_literal(binder->arena, SQL_TYPE(INT4), datum_int(1));
        if ((item->slice && !bind_subscript_bound(binder, scope, item->lower, INT32_MIN, &args[1 + 2 * i], err)) ||
            !bind_subscript_bound(binder, scope, upper, INT32_MAX, &args[2 + 2 * i], err))
            return false;
    }
    return bind_call(binder, "mz_internal", "array_slice", args, 1 + 2 * list->count, position, scalar, err);
}

static bool
bind_subscript(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstSubscriptList *list = &expr->subscript.subscripts;
    Scalar *arg;
    if (!bind_expr(binder, scope, expr->subscript.arg, &arg, err))
        return false;
    bool slice = false;
    for (int i = 0; i < list->count; i++)
        slice |= list->items[i].slice;
    if (arg->type.id == TYPE_JSONB && !slice) {
        for (int i = 0; i < list->count; i++) {
            Scalar *key;
            if (!bind_expr(binder, scope, list->items[i].lower, &key, err) ||
                !scalar_subscript(binder->arena, arg, &key, 1, binder->context->eval, &arg, err))
                return false;
        }
        *scalar = arg;
        return true;
    }
    if (arg->type.id == TYPE_LIST)
        return bind_list_subscript(binder, scope, arg, list, expr->position, scalar, err);
    if (arg->type.id != TYPE_ARRAY && arg->type.id != TYPE_INT2VECTOR)
        return error_at(err, bind_expr_start(expr), SQLSTATE_DATATYPE_MISMATCH,
                        "cannot subscript type %s because it does not support subscripting",
                        type_format(arg->type, binder->arena));
    if (slice)
        return bind_slices(binder, scope, arg, list, expr->position, scalar, err);
    Scalar *args[1 + 6] = {arg};
    if (list->count > 6)
        return error_at(err, expr->position, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                        "number of array dimensions (%d) exceeds the maximum allowed (6)", list->count);
    for (int i = 0; i < list->count; i++) {
        if (!bind_subscript_bound(binder, scope, list->items[i].lower, 0, &args[i + 1], err))
            return false;
    }
    return bind_call(binder, "mz_internal", "array_subscript", args, list->count + 1, expr->position, scalar, err);
}

/* ---- casts ---- */

static bool
bind_cast_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstExpr *inner = expr->cast.arg;
    if (inner->kind == AST_EXPR_STRING)
        return bind_typed_literal(binder, expr->cast.type, inner->text, inner->position, scalar, err);
    SqlType type;
    Scalar *arg;
    if (!bind_type(binder, expr->cast.type, &type, err))
        return false;
    if (inner->kind == AST_EXPR_ARRAY && type.id == TYPE_ARRAY)
        return bind_array(binder, scope, inner, type, scalar, err);
    if (inner->kind == AST_EXPR_LIST && type.id == TYPE_LIST)
        return bind_list_value(binder, scope, inner, type, scalar, err);
    if (inner->kind == AST_EXPR_MAP && type.id == TYPE_MAP)
        return bind_map_value(binder, scope, inner, type, scalar, err);
    if (!bind_expr(binder, scope, inner, &arg, err))
        return false;
    if (arg->type.id == TYPE_REGCLASS && type_is_string(type) && !bind_regclass_text(binder, scope, arg, &arg, err))
        return false;
    return bind_explicit_cast(binder, arg, type, expr->position, scalar, err);
}

static bool
bind_collate(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstName *name = &expr->collate.collation;
    const char *collation = name->parts[name->count - 1];
    bool bytewise = strcmp(collation, "default") == 0 || strcmp(collation, "C") == 0 ||
                    strcmp(collation, "POSIX") == 0 || strcmp(collation, "ucs_basic") == 0;
    if (!bytewise)
        return error_at(err, expr->position, SQLSTATE_UNDEFINED_OBJECT,
                        "collation \"%s\" for encoding \"UTF8\" does not exist", collation);
    if (!bind_expr(binder, scope, expr->collate.arg, scalar, err))
        return false;
    if ((*scalar)->type.id != TYPE_UNKNOWN && !type_is_string((*scalar)->type))
        return error_at(err, expr->position, SQLSTATE_DATATYPE_MISMATCH, "collations are not supported by type %s",
                        type_format((*scalar)->type, binder->arena));
    return true;
}

bool
bind_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    switch (expr->kind) {
    case AST_EXPR_NULL:
        *scalar = scalar_null(binder->arena, SQL_TYPE(UNKNOWN));
        (*scalar)->position = expr->position;
        return true;
    case AST_EXPR_BOOLEAN:
        *scalar = scalar_bool(binder->arena, expr->boolean);
        (*scalar)->position = expr->position;
        return true;
    case AST_EXPR_INTEGER:
    case AST_EXPR_DECIMAL:
        return bind_number(binder, expr->text, expr->kind == AST_EXPR_INTEGER, expr->position, scalar, err);
    case AST_EXPR_STRING:
        *scalar = bind_unknown_literal(binder, expr->text, expr->position);
        return true;
    case AST_EXPR_BIT_STRING:
        return bind_cast(binder, bind_unknown_literal(binder, expr->text, expr->position), SQL_TYPE(BIT), CAST_EXPLICIT,
                         scalar, err);
    case AST_EXPR_TYPED_LITERAL:
        return bind_typed_literal(binder, expr->typed_literal.type, expr->typed_literal.text,
                                  expr->typed_literal.text_position, scalar, err);
    case AST_EXPR_PARAMETER:
        if (binder->body.args != NULL)
            return bind_sql_argument(binder, scope, expr->parameter, expr->position, scalar, err);
        return bind_parameter(binder, expr->parameter, expr->position, scalar, err);
    case AST_EXPR_COLUMN:
        return bind_column(binder, scope, expr, scalar, err);
    case AST_EXPR_STAR:
        if (expr->name.count > 0) /* t.* where one value is wanted: the row as a record */
            return bind_table_row(binder, scope, expr, scalar, err);
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR, "\"*\" is not allowed here");
    case AST_EXPR_DEFAULT:
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR, "DEFAULT is not allowed in this context");
    case AST_EXPR_FUNCTION:
        return bind_function(binder, scope, expr, scalar, err);
    case AST_EXPR_NAMED_ARGUMENT:
        return bind_unsupported(expr->position, "named arguments are", err);
    case AST_EXPR_OPERATOR:
        return bind_operator_expr(binder, scope, expr, scalar, err);
    case AST_EXPR_AND:
    case AST_EXPR_OR:
        return bind_connective(binder, scope, expr, scalar, err);
    case AST_EXPR_NOT:
        return bind_not_expr(binder, scope, expr, scalar, err);
    case AST_EXPR_IS:
        return bind_is(binder, scope, expr, scalar, err);
    case AST_EXPR_DISTINCT_FROM:
        return bind_distinct_from_expr(binder, scope, expr, scalar, err);
    case AST_EXPR_BETWEEN:
        return bind_between(binder, scope, expr, scalar, err);
    case AST_EXPR_IN_LIST:
        return bind_in_list(binder, scope, expr, scalar, err);
    case AST_EXPR_LIKE:
        return bind_like(binder, scope, expr, scalar, err);
    case AST_EXPR_QUANTIFIED:
        if (expr->quantified.query != NULL)
            return bind_subquery_expr(binder, scope, expr, scalar, err);
        return bind_quantified_array(binder, scope, expr, scalar, err);
    case AST_EXPR_CAST:
        return bind_cast_expr(binder, scope, expr, scalar, err);
    case AST_EXPR_COLLATE:
        return bind_collate(binder, scope, expr, scalar, err);
    case AST_EXPR_CASE:
        return bind_case(binder, scope, expr, scalar, err);
    case AST_EXPR_COALESCE:
        return bind_variadic(binder, scope, expr, SCALAR_COALESCE, "COALESCE", scalar, err);
    case AST_EXPR_GREATEST:
        return bind_variadic(binder, scope, expr, SCALAR_GREATEST, "GREATEST", scalar, err);
    case AST_EXPR_LEAST:
        return bind_variadic(binder, scope, expr, SCALAR_LEAST, "LEAST", scalar, err);
    case AST_EXPR_NULLIF:
        return bind_nullif(binder, scope, expr, scalar, err);
    case AST_EXPR_IN_QUERY:
    case AST_EXPR_EXISTS:
    case AST_EXPR_SUBQUERY:
    case AST_EXPR_ARRAY_QUERY:
    case AST_EXPR_LIST_QUERY:
    case AST_EXPR_MAP_QUERY:
        return bind_subquery_expr(binder, scope, expr, scalar, err);
    case AST_EXPR_ARRAY:
        return bind_array(binder, scope, expr, SQL_TYPE(UNKNOWN), scalar, err);
    case AST_EXPR_ROW:
        return bind_row(binder, scope, expr, scalar, err);
    case AST_EXPR_SUBSCRIPT:
        return bind_subscript(binder, scope, expr, scalar, err);
    case AST_EXPR_FIELD:
        return bind_field(binder, scope, expr, scalar, err);
    case AST_EXPR_FIELD_STAR:
        return error_at(err, bind_expr_start(expr->arg), SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "row expansion via \"*\" is not supported here");
    case AST_EXPR_LIST:
        return bind_list_value(binder, scope, expr, SQL_TYPE(UNKNOWN), scalar, err);
    case AST_EXPR_MAP:
        return bind_map_value(binder, scope, expr, SQL_TYPE(UNKNOWN), scalar, err);
    }
    bug("unrecognized expression kind %d", expr->kind);
}
