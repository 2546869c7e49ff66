#include "planner/ast_walk.h"

#include <string.h>

typedef struct CteScope {
    const AstIdent *name;
    const struct CteScope *outer;
} CteScope;

typedef struct Walk {
    RelationVisitor visit; /* or */
    ColumnVisitor visit_column;
    void *context;
    Error *err;
} Walk;

static bool walk_query(Walk *walk, AstQuery *query, const CteScope *scope);
static bool walk_expr(Walk *walk, AstExpr *expr, const CteScope *scope);

static bool
walk_name(Walk *walk, AstName *name, const CteScope *scope)
{
    if (walk->visit == NULL)
        return true;
    for (; name->count == 1 && name->id == NULL && scope != NULL; scope = scope->outer)
        if (strcmp(scope->name->text, name->parts[0]) == 0)
            return true;
    return walk->visit(walk->context, name, walk->err);
}

static bool
walk_exprs(Walk *walk, const AstExprList *list, const CteScope *scope)
{
    for (int i = 0; i < list->count; i++)
        if (!walk_expr(walk, list->items[i], scope))
            return false;
    return true;
}

static bool
walk_order(Walk *walk, const AstOrderList *list, const CteScope *scope)
{
    for (int i = 0; i < list->count; i++)
        if (!walk_expr(walk, list->items[i].expr, scope))
            return false;
    return true;
}

static bool
walk_window(Walk *walk, const AstWindow *window, const CteScope *scope)
{
    return window == NULL ||
           (walk_exprs(walk, &window->partition_by, scope) && walk_order(walk, &window->order_by, scope) &&
            walk_expr(walk, window->start.offset, scope) && walk_expr(walk, window->end.offset, scope));
}

static bool
walk_function(Walk *walk, const AstFunction *function, const CteScope *scope)
{
    return walk_exprs(walk, &function->args, scope) && walk_order(walk, &function->order_by, scope) &&
           walk_order(walk, &function->within_group, scope) && walk_expr(walk, function->filter, scope) &&
           walk_window(walk, function->over, scope);
}

static bool
walk_case(Walk *walk, const AstCase *cases, const CteScope *scope)
{
    for (int i = 0; i < cases->whens.count; i++)
        if (!walk_expr(walk, cases->whens.items[i].condition, scope) ||
            !walk_expr(walk, cases->whens.items[i].result, scope))
            return false;
    return walk_expr(walk, cases->operand, scope) && walk_expr(walk, cases->otherwise, scope);
}

static bool
walk_subscripts(Walk *walk, AstExpr *expr, const CteScope *scope)
{
    for (int i = 0; i < expr->subscript.subscripts.count; i++)
        if (!walk_expr(walk, expr->subscript.subscripts.items[i].lower, scope) ||
            !walk_expr(walk, expr->subscript.subscripts.items[i].upper, scope))
            return false;
    return walk_expr(walk, expr->subscript.arg, scope);
}

static bool
walk_expr(Walk *walk, AstExpr *expr, const CteScope *scope)
{
    if (expr == NULL)
        return true;
    switch (expr->kind) {
    case AST_EXPR_NULL:
    case AST_EXPR_BOOLEAN:
    case AST_EXPR_INTEGER:
    case AST_EXPR_DECIMAL:
    case AST_EXPR_STRING:
    case AST_EXPR_BIT_STRING:
    case AST_EXPR_TYPED_LITERAL:
    case AST_EXPR_PARAMETER:
    case AST_EXPR_DEFAULT:
        return true;
    case AST_EXPR_COLUMN:
    case AST_EXPR_STAR:
        if (walk->visit_column != NULL)
            walk->visit_column(walk->context, &expr->name, expr->kind == AST_EXPR_STAR);
        return true;
    case AST_EXPR_FUNCTION:
        return walk_function(walk, expr->function, scope);
    case AST_EXPR_NAMED_ARGUMENT:
        return walk_expr(walk, expr->named.arg, scope);
    case AST_EXPR_OPERATOR:
        return walk_expr(walk, expr->op.left, scope) && walk_expr(walk, expr->op.right, scope);
    case AST_EXPR_AND:
    case AST_EXPR_OR:
    case AST_EXPR_COALESCE:
    case AST_EXPR_GREATEST:
    case AST_EXPR_LEAST:
    case AST_EXPR_ARRAY:
    case AST_EXPR_LIST:
    case AST_EXPR_MAP:
    case AST_EXPR_ROW:
        return walk_exprs(walk, &expr->list, scope);
    case AST_EXPR_NOT:
    case AST_EXPR_FIELD_STAR:
        return walk_expr(walk, expr->arg, scope);
    case AST_EXPR_IS:
        return walk_expr(walk, expr->is.arg, scope);
    case AST_EXPR_DISTINCT_FROM:
    case AST_EXPR_NULLIF:
        return walk_expr(walk, expr->pair.left, scope) && walk_expr(walk, expr->pair.right, scope);
    case AST_EXPR_BETWEEN:
        return walk_expr(walk, expr->between.arg, scope) && walk_expr(walk, expr->between.low, scope) &&
               walk_expr(walk, expr->between.high, scope);
    case AST_EXPR_IN_LIST:
        return walk_expr(walk, expr->in.arg, scope) && walk_exprs(walk, &expr->in.list, scope);
    case AST_EXPR_IN_QUERY:
        return walk_expr(walk, expr->in.arg, scope) && walk_query(walk, expr->in.query, scope);
    case AST_EXPR_LIKE:
        return walk_expr(walk, expr->like.arg, scope) && walk_expr(walk, expr->like.pattern, scope) &&
               walk_expr(walk, expr->like.escape, scope);
    case AST_EXPR_QUANTIFIED:
        return walk_expr(walk, expr->quantified.left, scope) && walk_expr(walk, expr->quantified.array, scope) &&
               walk_query(walk, expr->quantified.query, scope);
    case AST_EXPR_CAST:
        return walk_expr(walk, expr->cast.arg, scope);
    case AST_EXPR_COLLATE:
        return walk_expr(walk, expr->collate.arg, scope);
    case AST_EXPR_CASE:
        return walk_case(walk, expr->case_, scope);
    case AST_EXPR_EXISTS:
    case AST_EXPR_SUBQUERY:
    case AST_EXPR_ARRAY_QUERY:
    case AST_EXPR_LIST_QUERY:
    case AST_EXPR_MAP_QUERY:
        return walk_query(walk, expr->query, scope);
    case AST_EXPR_SUBSCRIPT:
        return walk_subscripts(walk, expr, scope);
    case AST_EXPR_FIELD:
        return walk_expr(walk, expr->field.arg, scope);
    }
    return true;
}

static bool
walk_from(Walk *walk, AstFromItem *item, const CteScope *scope)
{
    if (item == NULL)
        return true;
    switch (item->kind) {
    case AST_FROM_TABLE: {
        const char *last = item->table.count > 0 ? item->table.parts[item->table.count - 1] : NULL;
        if (!walk_name(walk, &item->table, scope))
            return false;
        /* A renamed relation is still called in the query what it was called. */
        if (item->alias.text == NULL && last != NULL && strcmp(last, item->table.parts[item->table.count - 1]) != 0)
            item->alias.text = last;
        return true;
    }
    case AST_FROM_SUBQUERY:
        return walk_query(walk, item->query, scope);
    case AST_FROM_FUNCTION:
        return walk_expr(walk, item->function, scope);
    case AST_FROM_ROWS_FROM:
        return walk_exprs(walk, &item->rows_from, scope);
    case AST_FROM_JOIN:
        return walk_from(walk, item->join.left, scope) && walk_from(walk, item->join.right, scope) &&
               walk_expr(walk, item->join.on, scope);
    }
    return true;
}

static bool
walk_group(Walk *walk, const AstGroupList *list, const CteScope *scope)
{
    for (int i = 0; i < list->count; i++) {
        const AstGroupItem *item = list->items[i];
        if (!walk_expr(walk, item->expr, scope) || !walk_exprs(walk, &item->exprs, scope) ||
            !walk_group(walk, &item->items, scope))
            return false;
    }
    return true;
}

static bool
walk_select(Walk *walk, AstSelect *select, const CteScope *scope)
{
    for (int i = 0; i < select->from.count; i++)
        if (!walk_from(walk, select->from.items[i], scope))
            return false;
    for (int i = 0; i < select->targets.count; i++)
        if (!walk_expr(walk, select->targets.items[i].expr, scope))
            return false;
    for (int i = 0; i < select->windows.count; i++)
        if (!walk_window(walk, select->windows.items[i], scope))
            return false;
    return walk_exprs(walk, &select->distinct_on, scope) && walk_expr(walk, select->where, scope) &&
           walk_group(walk, &select->group_by, scope) && walk_expr(walk, select->having, scope) &&
           walk_expr(walk, select->qualify, scope);
}

static bool
walk_body(Walk *walk, AstBody *body, const CteScope *scope)
{
    switch (body->kind) {
    case AST_BODY_SELECT:
        return walk_select(walk, body->select, scope);
    case AST_BODY_SET_OP:
        return walk_body(walk, body->set_op.left, scope) && walk_body(walk, body->set_op.right, scope);
    case AST_BODY_VALUES:
        for (int i = 0; i < body->values.count; i++)
            if (!walk_exprs(walk, &body->values.items[i], scope))
                return false;
        return true;
    case AST_BODY_TABLE:
        return walk_name(walk, &body->table, scope);
    case AST_BODY_SHOW:
        return true;
    case AST_BODY_QUERY:
        return walk_query(walk, body->query, scope);
    }
    return true;
}

static bool
walk_rest(Walk *walk, AstQuery *query, const CteScope *scope)
{
    return walk_body(walk, query->body, scope) && walk_order(walk, &query->order_by, scope) &&
           walk_expr(walk, query->limit, scope) && walk_expr(walk, query->offset, scope);
}

/* Each expression sees those before it, recursive ones themselves too; mutually recursive ones see all. */
static bool
walk_ctes(Walk *walk, AstQuery *query, int from, const CteScope *scope)
{
    if (from == query->with->ctes.count) {
        for (int i = 0; query->with->mutually_recursive && i < query->with->ctes.count; i++)
            if (!walk_query(walk, query->with->ctes.items[i]->query, scope))
                return false;
        return walk_rest(walk, query, scope);
    }
    AstCte *cte = query->with->ctes.items[from];
    CteScope inner = {&cte->name, scope};
    if (!query->with->mutually_recursive && !walk_query(walk, cte->query, query->with->recursive ? &inner : scope))
        return false;
    return walk_ctes(walk, query, from + 1, &inner);
}

static bool
walk_query(Walk *walk, AstQuery *query, const CteScope *scope)
{
    if (query == NULL)
        return true;
    return query->with == NULL ? walk_rest(walk, query, scope) : walk_ctes(walk, query, 0, scope);
}

bool
ast_walk_query(AstQuery *query, RelationVisitor visit, void *context, Error *err)
{
    Walk walk = {.visit = visit, .context = context, .err = err};
    return walk_query(&walk, query, NULL);
}

bool
ast_walk_statement(AstStatement *statement, RelationVisitor visit, void *context, Error *err)
{
    Walk walk = {.visit = visit, .context = context, .err = err};
    switch (statement->kind) {
    case AST_CREATE_VIEW:
        return walk_query(&walk, statement->create_view->query, NULL);
    case AST_CREATE_MATERIALIZED_VIEW:
        return walk_query(&walk, statement->create_materialized_view->query, NULL);
    case AST_CREATE_INDEX:
        return walk_name(&walk, &statement->create_index->on, NULL);
    default:
        return true;
    }
}

void
ast_walk_columns(AstQuery *query, ColumnVisitor visit, void *context)
{
    Error err = ERROR_INIT;
    Walk walk = {.visit_column = visit, .context = context, .err = &err};
    bool whole = walk_query(&walk, query, NULL);
    (void) whole; /* visiting columns never stops */
}
