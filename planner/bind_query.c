/*
 * bind_query.c -- WITH, set operations, VALUES, ORDER BY and LIMIT around what bind_select.c binds.
 */
#include "planner/bind.h"

#include "grammar/parse.h"

static bool bind_body(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err);

void
binder_init(Binder *binder, PlannerContext *context)
{
    *binder = (Binder){
        .context = context,
        .arena = context->arena,
        .catalog = context->catalog,
        .names = &context->scope,
        .set = {.arena = context->arena},
    };
}

void
binder_deinit(Binder *binder)
{
    vector_deinit(&binder->dependencies);
    vector_deinit(&binder->views);
    vector_deinit(&binder->parameters);
    vector_deinit(&binder->name_uses);
}

/* ---- bodies ---- */

static BoundBody
body_of(Binder *binder, Hir *hir, const char **names, const int *positions)
{
    BoundBody body = {.input = hir, .names = names, .output_count = hir->column_count, .count = hir->column_count};
    body.outputs = arena_new_array(binder->arena, Scalar *, hir->column_count);
    body.positions = arena_new_array(binder->arena, int, hir->column_count);
    for (int i = 0; i < hir->column_count; i++) {
        body.outputs[i] = hir_column_of(&binder->set, hir, (uint32_t) i);
        if (positions != NULL)
            body.outputs[i]->position = body.positions[i] = positions[i];
    }
    return body;
}

/* VALUES to a relation, when every column has its type. */
static void
values_finish(Binder *binder, BoundBody *body)
{
    if (body->rows == NULL)
        return;
    SqlType *types = arena_new_array(binder->arena, SqlType, body->count);
    for (int i = 0; i < body->count; i++)
        types[i] = body->outputs[i]->type;
    Hir *hir = hir_values(&binder->set, body->rows, body->row_count, types, body->count);
    *body = body_of(binder, hir, body->names, body->positions);
}

static bool
values_cast(Binder *binder, BoundBody *body, int output, SqlType type, CastContext context, Error *err)
{
    for (int i = 0; i < body->row_count; i++) {
        if (!bind_cast(binder, body->rows[i][output], type, context, &body->rows[i][output], err))
            return false;
    }
    body->outputs[output] = hir_column(binder->arena, 0, (uint32_t) output, type, true);
    return true;
}

bool
body_cast(Binder *binder, BoundBody *body, int output, SqlType type, CastContext context, Error *err)
{
    if (body->rows != NULL)
        return values_cast(binder, body, output, type, context, err);
    return bind_cast(binder, body->outputs[output], type, context, &body->outputs[output], err);
}

bool
body_settle(Binder *binder, BoundBody *body, Error *err)
{
    if (body->rows == NULL)
        return true;
    Scalar **column = arena_new_array(binder->arena, Scalar *, body->row_count);
    for (int i = 0; i < body->count; i++) {
        SqlType type;
        if (body->outputs[i]->type.id != TYPE_UNKNOWN)
            continue;
        for (int r = 0; r < body->row_count; r++)
            column[r] = body->rows[r][i];
        if (!bind_unified(binder, column, body->row_count, "VALUES", body->positions[i], &type, err))
            return false;
        for (int r = 0; r < body->row_count; r++)
            body->rows[r][i] = column[r];
        body->outputs[i] = hir_column(binder->arena, 0, (uint32_t) i, type, true);
    }
    return true;
}

bool
bind_query_body(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err)
{
    return bind_body(binder, body, parent, bound, err) && body_resolve_unknown(binder, bound, err);
}

bool
body_resolve_unknown(Binder *binder, BoundBody *body, Error *err)
{
    if (!body_settle(binder, body, err))
        return false;
    for (int i = 0; i < body->output_count; i++) {
        if (body->outputs[i]->type.id == TYPE_UNKNOWN &&
            !body_cast(binder, body, i, SQL_TYPE(TEXT), CAST_IMPLICIT, err))
            return false;
    }
    values_finish(binder, body);
    return true;
}

/* The relation of all outputs. */
static Hir *
body_project(Binder *binder, BoundBody *body)
{
    bool identity = body->output_count == body->input->column_count;
    for (int i = 0; i < body->output_count && identity; i++)
        identity = body->outputs[i]->kind == SCALAR_COLUMN &&
                   body->outputs[i]->column == hir_ref(HIR_REF_ROW, 0, (uint32_t) i);
    return identity ? body->input : hir_project(&binder->set, body->input, body->outputs, body->output_count);
}

Hir *
bound_body_project(Binder *binder, BoundBody *body)
{
    if (body->output_count > body->count)
        body->output_count = body->count;
    return body_project(binder, body);
}

/* ---- VALUES ---- */

static bool
bind_default(Binder *binder, int column, int position, Scalar **scalar, Error *err)
{
    if (binder->targets == NULL || column >= binder->target_count)
        return error_at(err, position, SQLSTATE_SYNTAX_ERROR, "DEFAULT is not allowed in this context");
    const RelationColumn *target = &binder->targets[column];
    if (target->default_sql == NULL) {
        *scalar = scalar_null(binder->arena, target->type);
        return true;
    }
    AstExpr *expr;
    Scope *scope;
    return parse_expression(slice_of(target->default_sql), binder->arena, &expr, err) &&
           scope_new(binder->arena, NULL, SCOPE_QUERY, &scope, err) && bind_expr(binder, scope, expr, scalar, err);
}

static bool
bind_values_row(Binder *binder, Scope *scope, const AstExprList *list, Scalar ***row, Error *err)
{
    *row = arena_new_array(binder->arena, Scalar *, list->count);
    for (int i = 0; i < list->count; i++) {
        const AstExpr *expr = list->items[i];
        if (expr->kind == AST_EXPR_DEFAULT ? !bind_default(binder, i, expr->position, &(*row)[i], err)
                                           : !bind_expr(binder, scope, expr, &(*row)[i], err))
            return false;
    }
    return true;
}

static bool
bind_values(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err)
{
    const AstRowList *rows = &body->values;
    int columns = rows->items[0].count;
    Scope *scope;
    if (!scope_new(binder->arena, parent, SCOPE_QUERY, &scope, err))
        return false;
    scope->clause = CLAUSE_VALUES;
    *bound = (BoundBody){.count = columns, .output_count = columns, .row_count = rows->count};
    bound->rows = arena_new_array(binder->arena, Scalar **, rows->count);
    for (int i = 0; i < rows->count; i++) {
        const AstExprList *row = &rows->items[i];
        if (row->count != columns)
            return error_at(err, row->count > 0 ? row->items[0]->position : body->position, SQLSTATE_SYNTAX_ERROR,
                            "VALUES lists must all be the same length");
        if (!bind_values_row(binder, scope, row, &bound->rows[i], err))
            return false;
    }
    bound->outputs = arena_new_array(binder->arena, Scalar *, columns);
    bound->names = arena_new_array(binder->arena, const char *, columns);
    bound->positions = arena_new_array(binder->arena, int, columns);
    for (int i = 0; i < columns; i++) {
        bound->outputs[i] = hir_column(binder->arena, 0, (uint32_t) i, SQL_TYPE(UNKNOWN), true);
        bound->names[i] = arena_printf(binder->arena, "column%d", i + 1);
        bound->positions[i] = rows->items[0].items[i]->position;
    }
    return true;
}

/* ---- set operations ---- */

static const char *
set_op_name(AstSetOpKind op)
{
    return op == AST_UNION ? "UNION" : op == AST_INTERSECT ? "INTERSECT" : "EXCEPT";
}

static bool
unify_sides(Binder *binder, const AstBody *body, BoundBody *left, BoundBody *right, Error *err)
{
    const char *name = set_op_name(body->set_op.op);
    if (left->count != right->count)
        return error_at(err, right->count > 0 ? right->positions[0] : body->position, SQLSTATE_SYNTAX_ERROR,
                        "each %s query must have the same number of columns", name);
    if (!body_settle(binder, left, err) || !body_settle(binder, right, err))
        return false;
    for (int i = 0; i < left->count; i++) {
        SqlType type, types[2] = {left->outputs[i]->type, right->outputs[i]->type};
        if (!type_unify(types, 2, name, right->positions[i], &type, err))
            return false;
        if (type.id == TYPE_UNKNOWN)
            type = SQL_TYPE(TEXT);
        type.typmod = type_same(types[0], type) && type_same(types[1], type) && types[0].typmod == types[1].typmod
                          ? types[0].typmod
                          : -1;
        if (!body_cast(binder, left, i, type, CAST_IMPLICIT, err) ||
            !body_cast(binder, right, i, type, CAST_IMPLICIT, err))
            return false;
    }
    values_finish(binder, left);
    values_finish(binder, right);
    return true;
}

static bool
bind_set_op(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err)
{
    BoundBody left, right;
    if (!bind_body(binder, body->set_op.left, parent, &left, err) ||
        !bind_body(binder, body->set_op.right, parent, &right, err) || !unify_sides(binder, body, &left, &right, err))
        return false;
    static const HirSetOp ops[][2] = {
        [AST_UNION] = {HIR_UNION_ALL, HIR_UNION_ALL},
        [AST_INTERSECT] = {HIR_INTERSECT, HIR_INTERSECT_ALL},
        [AST_EXCEPT] = {HIR_EXCEPT, HIR_EXCEPT_ALL},
    };
    Hir *hir = hir_set_op(&binder->set, ops[body->set_op.op][body->set_op.all], body_project(binder, &left),
                          body_project(binder, &right));
    if (body->set_op.op == AST_UNION && !body->set_op.all)
        hir = hir_distinct(&binder->set, hir);
    *bound = body_of(binder, hir, left.names, left.positions);
    return true;
}

static bool
bind_table_body(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err)
{
    AstFromItem item = {.kind = AST_FROM_TABLE, .position = body->position, .table = body->table};
    AstFromItem *items[1] = {&item};
    AstFromList from = {.items = items, .count = 1};
    BoundFrom relation;
    size_t uses = binder->name_uses.count;
    if (!bind_from(binder, &from, parent, &relation, err))
        return false;
    /* The name stands in the body, not in the item made for it. */
    for (; uses < binder->name_uses.count; uses++)
        binder->name_uses.items[uses].name = (AstName *) (uintptr_t) &body->table;
    const char **names = arena_new_array(binder->arena, const char *, relation.scope->count);
    for (int i = 0; i < relation.scope->count; i++)
        names[i] = relation.scope->columns[i].name;
    *bound = body_of(binder, relation.hir, names, NULL);
    return true;
}

/* A query in parentheses. */
static bool
bind_operand(Binder *binder, const AstQuery *ast, Scope *parent, BoundBody *bound, Error *err)
{
    BoundQuery query;
    Hir *hir;
    if (!bind_query(binder, ast, parent, &query, err))
        return false;
    if (query.limit == NULL && query.offset == NULL && query.body.output_count == query.body.count) {
        *bound = query.body; /* sorting an operand means nothing */
        return true;
    }
    if (!bound_query_project(binder, &query, true, &hir, err))
        return false;
    Scalar **columns = arena_new_array(binder->arena, Scalar *, query.body.count);
    for (int i = 0; i < query.body.count; i++)
        columns[i] = hir_column_of(&binder->set, hir, (uint32_t) i);
    *bound = body_of(binder, hir_project(&binder->set, hir, columns, query.body.count), query.body.names,
                     query.body.positions);
    return true;
}

static bool
bind_body(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err)
{
    BoundQuery query = {0};
    switch (body->kind) {
    case AST_BODY_SELECT:
        if (!bind_select(binder, body->select, NULL, parent, &query, err))
            return false;
        *bound = query.body;
        return true;
    case AST_BODY_SET_OP:
        return bind_set_op(binder, body, parent, bound, err);
    case AST_BODY_VALUES:
        return bind_values(binder, body, parent, bound, err);
    case AST_BODY_TABLE:
        return bind_table_body(binder, body, parent, bound, err);
    case AST_BODY_SHOW: {
        const AstQuery *show;
        if (binder->context->show_query == NULL)
            return bind_unsupported(body->position, "SHOW inside a query is", err);
        return binder->context->show_query(binder->context, body->show, &show, err) &&
               bind_operand(binder, show, parent, bound, err);
    }
    case AST_BODY_QUERY:
        return bind_operand(binder, body->query, parent, bound, err);
    }
    bug("unrecognized query body kind %d", body->kind);
}

/* ---- ORDER BY of what is not a SELECT ---- */

static bool
order_output(const BoundBody *body, const AstExpr *expr, int *output, Error *err)
{
    int ordinal;
    if (!bind_ordinal(expr, body->count, "ORDER BY", &ordinal, err))
        return false;
    *output = ordinal - 1;
    if (ordinal > 0)
        return true;
    const char *name = expr->kind == AST_EXPR_COLUMN && expr->name.count == 1 ? expr->name.parts[0] : NULL;
    for (int i = 0; i < body->count && name != NULL; i++) {
        if (strcmp(body->names[i], name) != 0)
            continue;
        if (*output >= 0)
            return error_at(err, expr->position, SQLSTATE_AMBIGUOUS_COLUMN, "ORDER BY \"%s\" is ambiguous", name);
        *output = i;
    }
    if (*output >= 0)
        return true;
    if (name != NULL)
        return error_at(err, expr->position, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist", name);
    if (expr->kind == AST_EXPR_COLUMN)
        return error_at(err, expr->position, SQLSTATE_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%s\"",
                        expr->name.parts[expr->name.count - 2]);
    error_at(err, bind_expr_start(expr), SQLSTATE_FEATURE_NOT_SUPPORTED,
             "invalid UNION/INTERSECT/EXCEPT ORDER BY clause");
    (void) error_detail(err, "Only result column names can be used, not expressions or functions.");
    return error_hint(err, "Add the expression/function to every SELECT, or move the UNION into a FROM clause.");
}

/* VALUES and TABLE are relations whose columns an expression may use: it becomes an output that nobody sees. */
static bool
order_expression(Binder *binder, BoundBody *body, const AstExpr *expr, Scope *parent, int *output, Error *err)
{
    Scope *scope;
    Scalar *scalar;
    if (!body_resolve_unknown(binder, body, err) || !scope_new(binder->arena, parent, SCOPE_QUERY, &scope, err))
        return false;
    ScopeTable *table = scope_add_table(binder->arena, scope, NULL, NULL, "*VALUES*");
    for (int i = 0; i < body->count; i++)
        scope_add_column(binder->arena, scope, table, body->names[i], (uint32_t) i, body->input->types[i],
                         body->input->nullable[i]);
    scope->clause = CLAUSE_ORDER_BY;
    if (!bind_expr(binder, scope, expr, &scalar, err))
        return false;
    if (scalar->type.id == TYPE_UNKNOWN && !bind_cast(binder, scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, &scalar, err))
        return false;
    Scalar **outputs = arena_new_array(binder->arena, Scalar *, body->output_count + 1);
    for (int i = 0; i < body->output_count; i++)
        outputs[i] = body->outputs[i];
    outputs[body->output_count] = scalar;
    body->outputs = outputs;
    *output = body->output_count++;
    return true;
}

static bool
is_output_name(const AstExpr *expr)
{
    return (expr->kind == AST_EXPR_COLUMN && expr->name.count == 1) || expr->kind == AST_EXPR_INTEGER ||
           expr->kind == AST_EXPR_STRING || expr->kind == AST_EXPR_DECIMAL || expr->kind == AST_EXPR_NULL;
}

static bool
bind_body_order(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err)
{
    bool relation = query->body->kind == AST_BODY_VALUES || query->body->kind == AST_BODY_TABLE;
    bound->order = arena_new_array(binder->arena, BoundOrder, query->order_by.count);
    for (int i = 0; i < query->order_by.count; i++) {
        BoundOrder *order = &bound->order[bound->order_count++];
        const AstOrderItem *item = &query->order_by.items[i];
        if (!bind_order_flags(item, order, err))
            return false;
        bool worked = relation && !is_output_name(item->expr)
                          ? order_expression(binder, &bound->body, item->expr, parent, &order->output, err)
                          : order_output(&bound->body, item->expr, &order->output, err);
        if (!worked)
            return false;
    }
    return true;
}

/* ---- WITH ---- */

bool
bind_cte_names(Binder *binder, const AstCte *ast, CteBinding *cte, Error *err)
{
    int count = cte->relation.hir->column_count;
    if (ast->columns.count > count)
        return error_at(err, ast->position, SQLSTATE_INVALID_COLUMN_REFERENCE,
                        "WITH query \"%s\" has %d columns available but %d columns specified", ast->name.text, count,
                        ast->columns.count);
    if (ast->columns.count > 0) {
        const char **names = arena_new_array(binder->arena, const char *, count);
        for (int i = 0; i < count; i++)
            names[i] = i < ast->columns.count ? ast->columns.items[i].text : cte->relation.names[i];
        cte->relation.names = names;
    }
    return true;
}

static bool
bind_cte(Binder *binder, const AstCte *ast, Scope *parent, CteBinding *cte, Error *err)
{
    return bind_query_relation(binder, ast->query, parent, &cte->relation, err) &&
           bind_cte_names(binder, ast, cte, err);
}

/* Under WITH RECURSIVE a name is known in its own query: whether that may be meant. */
static bool
cte_may_recurse(const AstCte *ast)
{
    const AstBody *body = ast->query->body;
    return body->kind != AST_BODY_VALUES && body->kind != AST_BODY_SHOW;
}

static bool
bind_with(Binder *binder, const AstWith *with, Scope *parent, Error *err)
{
    if (with->mutually_recursive)
        return bind_mutually_recursive(binder, with, parent, err);
    for (int i = 0; i < with->ctes.count; i++) {
        const AstCte *ast = with->ctes.items[i];
        for (int j = 0; j < i; j++) {
            if (strcmp(with->ctes.items[j]->name.text, ast->name.text) == 0)
                return error_at(err, ast->name.position, SQLSTATE_DUPLICATE_ALIAS,
                                "WITH query name \"%s\" specified more than once", ast->name.text);
        }
        CteBinding *cte = arena_new_struct(binder->arena, CteBinding);
        cte->name = ast->name.text;
        cte->depth = scope_depth(parent);
        if (with->recursive && cte_may_recurse(ast) ? !bind_recursive_cte(binder, ast, parent, cte, err)
                                                    : !bind_cte(binder, ast, parent, cte, err))
            return false;
        cte->next = binder->ctes;
        binder->ctes = cte;
    }
    return true;
}

/* ---- queries ---- */

static bool
bind_query_parts(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err)
{
    *bound = (BoundQuery){0};
    if (query->with != NULL && !bind_with(binder, query->with, parent, err))
        return false;
    const AstBody *body = query->body;
    if (body->kind == AST_BODY_SELECT) {
        if (!bind_select(binder, body->select, query->order_by.count > 0 ? &query->order_by : NULL, parent, bound, err))
            return false;
    } else if (body->kind == AST_BODY_QUERY && query->order_by.count == 0 && query->limit == NULL &&
               query->offset == NULL) {
        return bind_query(binder, body->query, parent, bound, err);
    } else if (!bind_body(binder, body, parent, &bound->body, err) ||
               !bind_body_order(binder, query, parent, bound, err)) {
        return false;
    }
    return bind_limits(binder, query, parent, bound, err);
}

bool
bind_query(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err)
{
    CteBinding *ctes = binder->ctes;
    bool worked = bind_query_parts(binder, query, parent, bound, err);
    binder->ctes = ctes;
    return worked;
}

bool
bound_query_project(Binder *binder, BoundQuery *bound, bool apply_limit, Hir **hir, Error *err)
{
    if (!body_resolve_unknown(binder, &bound->body, err))
        return false;
    *hir = body_project(binder, &bound->body);
    if (!apply_limit || (bound->limit == NULL && bound->offset == NULL))
        return true;
    SortKey *order = arena_new_array(binder->arena, SortKey, bound->order_count);
    for (int i = 0; i < bound->order_count; i++)
        order[i] =
            (SortKey){(uint16_t) bound->order[i].output, bound->order[i].descending, bound->order[i].nulls_first};
    *hir = hir_topk(&binder->set, *hir, NULL, 0, order, bound->order_count, bound->limit, bound->offset);
    return true;
}

bool
bind_query_relation(Binder *binder, const AstQuery *query, Scope *parent, BoundRelation *relation, Error *err)
{
    BoundQuery bound;
    Hir *hir;
    if (!bind_query(binder, query, parent, &bound, err))
        return false;
    bool limited = bound.limit != NULL || bound.offset != NULL;
    if (!limited)
        bound.body.output_count = bound.body.count; /* what is only sorted by is not needed */
    if (!bound_query_project(binder, &bound, true, &hir, err))
        return false;
    if (hir->column_count > bound.body.count) {
        Scalar **columns = arena_new_array(binder->arena, Scalar *, bound.body.count);
        for (int i = 0; i < bound.body.count; i++)
            columns[i] = hir_column_of(&binder->set, hir, (uint32_t) i);
        hir = hir_project(&binder->set, hir, columns, bound.body.count);
    }
    *relation = (BoundRelation){hir, bound.body.names};
    return true;
}
