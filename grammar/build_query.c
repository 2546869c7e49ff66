/*
 * build_query.c -- queries, FROM, windows.
 */
#include <string.h>

#include "grammar/build.h"

static int
max_of(int a, int b)
{
    return a > b ? a : b;
}

static int
depth_of(const AstExpr *expr)
{
    return expr == NULL ? 0 : expr->depth;
}

static AstBody *
build_body(Parser *p, AstBodyKind kind, int position, int depth_below)
{
    AstBody *body = NEW(AstBody);

    body->kind = kind;
    body->position = position;
    body->depth = depth_checked(p, depth_below + 1, position);
    return body;
}

QueryTail *
build_tail(Parser *p, AstOrderList *order_by, const QueryTail *limit, AstAsOf *as_of)
{
    QueryTail *tail = NEW(QueryTail);

    if (limit != NULL)
        *tail = *limit;
    tail->order_by = order_by;
    tail->as_of = as_of;
    return tail;
}

AstAsOf *
build_as_of(Parser *p, const Token *at, bool at_least, AstExpr *expr)
{
    AstAsOf *as_of = NEW(AstAsOf);

    as_of->position = at->position;
    as_of->at_least = at_least;
    as_of->expr = expr;
    return as_of;
}

AstQuery *
build_query(Parser *p, AstWith *with, AstBody *body, const QueryTail *tail)
{
    AstQuery *query = NEW(AstQuery);
    int below = body->depth;

    query->position = with != NULL ? with->position : body->position;
    query->with = with;
    query->body = body;
    if (with != NULL) {
        for (int i = 0; i < with->ctes.count; i++)
            below = max_of(below, with->ctes.items[i]->query->depth);
    }
    if (tail != NULL) {
        LIST_SET(query->order_by, tail->order_by);
        query->limit = tail->limit;
        query->offset = tail->offset;
        query->with_ties = tail->with_ties;
        query->as_of = tail->as_of;
        below = max_of(below,
                       max_of(depth_of_order(tail->order_by), max_of(depth_of(tail->limit), depth_of(tail->offset))));
        if (tail->as_of != NULL)
            below = max_of(below, depth_of(tail->as_of->expr));
    }
    query->depth = depth_checked(p, below + 1, query->position);
    return query;
}

/* Parentheses that hold nothing but a body leave no node. */
AstBody *
build_body_query(Parser *p, AstQuery *query)
{
    AstBody *body;

    if (query->with == NULL && query->order_by.count == 0 && query->limit == NULL && query->offset == NULL &&
        query->as_of == NULL)
        return query->body;
    body = build_body(p, AST_BODY_QUERY, query->position, query->depth);
    body->query = query;
    return body;
}

AstBody *
build_body_show(Parser *p, AstShow *show)
{
    AstBody *body = build_body(p, AST_BODY_SHOW, show->position, depth_of(show->where));

    body->show = show;
    return body;
}

AstBody *
build_body_table(Parser *p, const Token *at, const AstName *name)
{
    AstBody *body = build_body(p, AST_BODY_TABLE, at->position, 0);

    body->table = *name;
    return body;
}

AstBody *
build_set_op(Parser *p, const Token *op, AstSetOpKind kind, bool all, AstBody *left, AstBody *right)
{
    AstBody *body = build_body(p, AST_BODY_SET_OP, op->position, max_of(left->depth, right->depth));

    body->set_op.op = kind;
    body->set_op.all = all;
    body->set_op.left = left;
    body->set_op.right = right;
    return body;
}

AstBody *
build_values(Parser *p, const Token *at, const AstExprList *row)
{
    return build_values_push(p, build_body(p, AST_BODY_VALUES, at->position, 0), row);
}

AstBody *
build_values_push(Parser *p, AstBody *values, const AstExprList *row)
{
    PUSH(&values->values, *row);
    values->depth = depth_checked(p, max_of(values->depth, depth_of_list(row) + 1), values->position);
    return values;
}

static int
depth_of_groups(const AstGroupList *groups)
{
    int depth = 0;

    for (int i = 0; groups != NULL && i < groups->count; i++) {
        const AstGroupItem *item = groups->items[i];

        depth = max_of(depth, max_of(depth_of(item->expr), depth_of_list(&item->exprs)));
        depth = max_of(depth, depth_of_groups(&item->items) + (item->items.count > 0));
    }
    return depth;
}

static int
depth_of_select(const AstSelect *select)
{
    int depth = max_of(depth_of(select->where), depth_of(select->having));

    depth = max_of(depth, max_of(depth_of(select->qualify), depth_of_list(&select->distinct_on)));
    depth = max_of(depth, depth_of_groups(&select->group_by));
    for (int i = 0; i < select->targets.count; i++)
        depth = max_of(depth, depth_of(select->targets.items[i].expr));
    for (int i = 0; i < select->from.count; i++)
        depth = max_of(depth, select->from.items[i]->depth);
    for (int i = 0; i < select->windows.count; i++)
        depth = max_of(depth, depth_of_window(select->windows.items[i]));
    return depth;
}

AstBody *
build_select(Parser *p, const Token *at, Distinct distinct, const AstTargetList *targets, const AstFromList *from,
             AstExpr *where, GroupClause group, AstExpr *having, const AstWindowList *windows, AstExpr *qualify,
             const AstOptionList *options)
{
    AstSelect *select = NEW(AstSelect);
    AstBody *body;

    select->position = at->position;
    select->distinct = distinct.kind;
    LIST_SET(select->distinct_on, distinct.on);
    LIST_SET(select->targets, targets);
    LIST_SET(select->from, from);
    select->where = where;
    LIST_SET(select->group_by, group.items);
    select->group_distinct = group.distinct;
    select->having = having;
    LIST_SET(select->windows, windows);
    select->qualify = qualify;
    LIST_SET(select->options, group.options);
    LIST_SET(select->options, options);
    if (group.options != NULL && options != NULL)
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, at->position, "OPTIONS specified more than once");
    body = build_body(p, AST_BODY_SELECT, at->position, depth_of_select(select));
    body->select = select;
    return body;
}

AstGroupItem *
build_group(Parser *p, AstGroupKind kind, int position)
{
    AstGroupItem *item = NEW(AstGroupItem);

    item->kind = kind;
    item->position = position;
    return item;
}

AstWith *
build_with(Parser *p, const Token *at, const AstCteList *ctes, const AstOptionList *options, WithKind kind)
{
    AstWith *with = NEW(AstWith);

    with->position = at->position;
    with->recursive = kind == WITH_RECURSIVE;
    with->mutually_recursive = kind == WITH_MUTUALLY_RECURSIVE;
    LIST_SET(with->options, options);
    with->ctes = *ctes;
    return with;
}

AstCte *
build_cte(Parser *p, const Token *name, const AstIdentList *columns, const AstColumnDefList *defs, int materialized,
          AstQuery *query)
{
    AstCte *cte = NEW(AstCte);

    cte->position = name->position;
    cte->name = IDENT(*name);
    LIST_SET(cte->columns, columns);
    LIST_SET(cte->column_defs, defs);
    cte->materialized = materialized > 0;
    cte->not_materialized = materialized < 0;
    cte->query = query;
    return cte;
}

AstOrderItem *
build_order(Parser *p, AstExpr *expr, AstDirection direction, AstNulls nulls)
{
    AstOrderItem *item = NEW(AstOrderItem);

    item->expr = expr;
    item->direction = direction;
    item->nulls = nulls;
    item->position = expr->position;
    return item;
}

/* ---- FROM ---- */

static AstFromItem *
build_from(Parser *p, AstFromKind kind, int position, int depth_below)
{
    AstFromItem *item = NEW(AstFromItem);

    item->kind = kind;
    item->position = position;
    item->depth = depth_checked(p, depth_below + 1, position);
    return item;
}

Alias *
build_alias(Parser *p, const Token *name, const AstIdentList *columns, const AstColumnDefList *defs)
{
    Alias *alias = NEW(Alias);

    if (name != NULL)
        alias->name = IDENT(*name);
    LIST_SET(alias->columns, columns);
    LIST_SET(alias->defs, defs);
    return alias;
}

AstFromItem *
build_from_alias(Parser *p, AstFromItem *item, const Alias *alias)
{
    AstFromItem *named = item;

    if (alias == NULL)
        return item;
    /* (a JOIN b) AS x may itself come with an alias inside: (a JOIN b AS y) has it on b, so nothing is lost. */
    if (item->alias.text != NULL)
        parser_syntax_error_at(p, alias->name.position);
    named->alias = alias->name;
    named->column_aliases = alias->columns;
    named->column_defs = alias->defs;
    return named;
}

AstFromItem *
build_from_table(Parser *p, const AstName *name, bool only)
{
    AstFromItem *item = build_from(p, AST_FROM_TABLE, name->position, 0);

    item->table = *name;
    item->only = only;
    return item;
}

AstFromItem *
build_from_query(Parser *p, AstQuery *query)
{
    AstFromItem *item = build_from(p, AST_FROM_SUBQUERY, query->position, query->depth);

    item->query = query;
    return item;
}

static void
check_function(Parser *p, const AstExpr *expr)
{
    if (expr->kind != AST_EXPR_FUNCTION)
        parser_syntax_error_at(p, expr->position);
}

AstFromItem *
build_from_function(Parser *p, AstExpr *function, bool ordinality)
{
    AstFromItem *item = build_from(p, AST_FROM_FUNCTION, function->position, function->depth);

    check_function(p, function);
    item->function = function;
    item->ordinality = ordinality;
    return item;
}

AstFromItem *
build_rows_from(Parser *p, const Token *at, const AstExprList *functions, bool ordinality)
{
    AstFromItem *item = build_from(p, AST_FROM_ROWS_FROM, at->position, depth_of_list(functions));

    for (int i = 0; i < functions->count; i++)
        check_function(p, functions->items[i]);
    item->rows_from = *functions;
    item->ordinality = ordinality;
    return item;
}

AstFromItem *
build_join(Parser *p, AstJoinKind kind, bool natural, AstFromItem *left, AstFromItem *right, const JoinQual *qual)
{
    AstExpr *on = qual == NULL ? NULL : qual->on;
    AstFromItem *item =
        build_from(p, AST_FROM_JOIN, left->position, max_of(max_of(left->depth, right->depth), depth_of(on)));

    item->join.kind = kind;
    item->join.natural = natural;
    item->join.left = left;
    item->join.right = right;
    item->join.on = on;
    if (qual != NULL) {
        LIST_SET(item->join.using_, qual->using_);
        item->join.using_alias = qual->using_alias;
    }
    return item;
}

/* ---- Windows ---- */

AstWindow *
build_window(Parser *p, const Token *at, AstIdent base, const AstExprList *partition_by, const AstOrderList *order_by,
             const Frame *frame)
{
    AstWindow *window = NEW(AstWindow);

    window->position = at->position;
    window->inline_ = true;
    window->base = base;
    LIST_SET(window->partition_by, partition_by);
    LIST_SET(window->order_by, order_by);
    if (frame != NULL) {
        window->units = frame->units;
        window->start = frame->start;
        window->end = frame->end;
        window->has_end = frame->has_end;
        window->exclude = frame->exclude;
    }
    return window;
}

Frame *
build_frame(Parser *p, AstFrameUnits units, const AstFrameBound *start, const AstFrameBound *end, AstExclude exclude)
{
    Frame *frame = NEW(Frame);

    frame->units = units;
    frame->start = *start;
    if (end != NULL)
        frame->end = *end;
    frame->has_end = end != NULL;
    frame->exclude = exclude;
    return frame;
}
