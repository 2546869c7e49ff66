/*
 * print_query.c -- queries, FROM and SHOW.
 */
#include <string.h>

#include "grammar/print.h"

void
print_subquery(Printer *to, const AstQuery *query)
{
    print_open(to);
    print_query(to, query);
    print_close(to);
}

void
print_as_of(Printer *to, const AstAsOf *as_of)
{
    print_text(to, as_of->at_least ? "AS OF AT LEAST " : "AS OF ");
    print_expr(to, as_of->expr);
}

/* ---- WITH ---- */

void
print_typed_columns(Printer *to, const AstColumnDefList *columns)
{
    print_text(to, "(");
    for (int i = 0; i < columns->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_column_def(to, columns->items[i]);
    }
    print_text(to, ")");
}

static void
print_cte(Printer *to, const AstCte *cte)
{
    print_ident(to, cte->name.text);
    print_ident_list(to, &cte->columns);
    if (cte->column_defs.count > 0) {
        print_text(to, " ");
        print_typed_columns(to, &cte->column_defs);
    }
    print_text(to, " AS ");
    if (cte->materialized)
        print_text(to, "MATERIALIZED ");
    if (cte->not_materialized)
        print_text(to, "NOT MATERIALIZED ");
    print_subquery(to, cte->query);
}

void
print_with(Printer *to, const AstWith *with)
{
    print_text(to, with->recursive ? "WITH RECURSIVE" : with->mutually_recursive ? "WITH MUTUALLY RECURSIVE" : "WITH");
    if (with->options.count > 0) {
        print_text(to, " ");
        print_options(to, &with->options);
    }
    print_indent(to);
    for (int i = 0; i < with->ctes.count; i++) {
        if (i > 0) {
            print_text(to, ",");
            print_line(to);
        }
        print_cte(to, with->ctes.items[i]);
    }
    print_outdent(to);
    print_line(to);
}

/* ---- SELECT ---- */

void
print_targets(Printer *to, const AstTargetList *targets)
{
    for (int i = 0; i < targets->count; i++) {
        const AstTarget *target = &targets->items[i];

        if (i > 0)
            print_text(to, ", ");
        print_expr(to, target->expr);
        if (target->alias.text != NULL) {
            print_text(to, " AS ");
            print_ident(to, target->alias.text);
        }
    }
}

static void
print_group_items(Printer *to, const AstGroupList *items)
{
    for (int i = 0; i < items->count; i++) {
        const AstGroupItem *item = items->items[i];

        if (i > 0)
            print_text(to, ", ");
        switch (item->kind) {
        case AST_GROUP_EXPR:
            print_expr(to, item->expr);
            break;
        case AST_GROUP_EMPTY:
            print_text(to, "()");
            break;
        case AST_GROUP_ROLLUP:
        case AST_GROUP_CUBE:
            print_text(to, item->kind == AST_GROUP_CUBE ? "CUBE (" : "ROLLUP (");
            print_expr_list(to, &item->exprs);
            print_text(to, ")");
            break;
        case AST_GROUP_GROUPING_SETS:
            print_text(to, "GROUPING SETS (");
            print_group_items(to, &item->items);
            print_text(to, ")");
            break;
        }
    }
}

static void
print_condition(Printer *to, const char *word, const AstExpr *expr)
{
    if (expr == NULL)
        return;
    print_line(to);
    print_text(to, word);
    print_expr(to, expr);
}

static void
print_windows(Printer *to, const AstWindowList *windows)
{
    for (int i = 0; i < windows->count; i++) {
        if (i == 0) {
            print_line(to);
            print_text(to, "WINDOW ");
        } else {
            print_text(to, ", ");
        }
        print_ident(to, windows->items[i]->name.text);
        print_text(to, " AS ");
        print_window(to, windows->items[i]);
    }
}

static void
print_select(Printer *to, const AstSelect *select)
{
    print_text(to, "SELECT");
    if (select->distinct != AST_DISTINCT_NONE)
        print_text(to, " DISTINCT");
    if (select->distinct == AST_DISTINCT_ON) {
        print_text(to, " ON (");
        print_expr_list(to, &select->distinct_on);
        print_text(to, ")");
    }
    if (select->targets.count > 0)
        print_text(to, " ");
    print_targets(to, &select->targets);
    if (select->from.count > 0) {
        print_line(to);
        print_text(to, "FROM ");
        print_from_list(to, &select->from);
    }
    print_condition(to, "WHERE ", select->where);
    if (select->group_by.count > 0) {
        print_line(to);
        print_text(to, select->group_distinct ? "GROUP BY DISTINCT " : "GROUP BY ");
        print_group_items(to, &select->group_by);
    }
    print_condition(to, "HAVING ", select->having);
    print_windows(to, &select->windows);
    print_condition(to, "QUALIFY ", select->qualify);
    if (select->options.count > 0) {
        print_line(to);
        print_text(to, "OPTIONS ");
        print_options(to, &select->options);
    }
}

static int
set_level(const AstBody *body)
{
    if (body->kind == AST_BODY_QUERY)
        return 0;
    if (body->kind != AST_BODY_SET_OP)
        return 3;
    return body->set_op.op == AST_INTERSECT ? 2 : 1;
}

static void print_body(Printer *to, const AstBody *body);

/* SHOW stands only where a whole query does. */
static void
print_set_operand(Printer *to, const AstBody *body, int level)
{
    bool parentheses = set_level(body) < level || body->kind == AST_BODY_SHOW;

    if (!parentheses || body->kind == AST_BODY_QUERY) {
        print_body(to, body);
        return;
    }
    print_open(to);
    print_body(to, body);
    print_close(to);
}

static void
print_set_op(Printer *to, const AstBody *body)
{
    static const char *const words[] = {"UNION", "INTERSECT", "EXCEPT"};
    int level = set_level(body);

    print_set_operand(to, body->set_op.left, level);
    print_line(to);
    print_text(to, words[body->set_op.op]);
    print_text(to, body->set_op.all ? " ALL" : "");
    print_line(to);
    print_set_operand(to, body->set_op.right, level + 1);
}

static void
print_values(Printer *to, const AstRowList *rows)
{
    print_text(to, "VALUES ");
    for (int i = 0; i < rows->count; i++) {
        print_text(to, i > 0 ? ", (" : "(");
        print_expr_list(to, &rows->items[i]);
        print_text(to, ")");
    }
}

static void
print_body(Printer *to, const AstBody *body)
{
    switch (body->kind) {
    case AST_BODY_SELECT:
        print_select(to, body->select);
        break;
    case AST_BODY_SET_OP:
        print_set_op(to, body);
        break;
    case AST_BODY_VALUES:
        print_values(to, &body->values);
        break;
    case AST_BODY_TABLE:
        print_text(to, "TABLE ");
        print_name(to, &body->table);
        break;
    case AST_BODY_SHOW:
        print_show(to, body->show);
        break;
    case AST_BODY_QUERY:
        print_subquery(to, body->query);
        break;
    }
}

void
print_query(Printer *to, const AstQuery *query)
{
    if (query->with != NULL)
        print_with(to, query->with);
    print_body(to, query->body);
    if (query->order_by.count > 0) {
        print_line(to);
        print_text(to, "ORDER BY ");
        print_order_list(to, &query->order_by);
    }
    if (query->with_ties) {
        print_condition(to, "OFFSET ", query->offset);
        print_line(to);
        print_text(to, "FETCH FIRST ");
        print_operand(to, query->limit, LEVEL_PRIMARY);
        print_text(to, " ROWS WITH TIES");
    } else {
        print_condition(to, "LIMIT ", query->limit);
        print_condition(to, "OFFSET ", query->offset);
    }
    if (query->as_of != NULL) {
        print_line(to);
        print_as_of(to, query->as_of);
    }
}

/* ---- FROM ---- */

static void
print_alias(Printer *to, const AstFromItem *item)
{
    if (item->alias.text == NULL && item->column_defs.count == 0)
        return;
    print_text(to, " AS ");
    if (item->alias.text != NULL)
        print_ident(to, item->alias.text);
    print_ident_list(to, &item->column_aliases);
    if (item->column_defs.count > 0) {
        print_text(to, item->alias.text != NULL ? " " : "");
        print_typed_columns(to, &item->column_defs);
    }
}

static void print_from_item(Printer *to, const AstFromItem *item);

/* A join on the right, or one with an alias, needs parentheses. */
static void
print_join_operand(Printer *to, const AstFromItem *item, bool right)
{
    bool parentheses = item->kind == AST_FROM_JOIN && right && item->alias.text == NULL;

    print_text(to, parentheses ? "(" : "");
    print_from_item(to, item);
    print_text(to, parentheses ? ")" : "");
}

static void
print_join(Printer *to, const AstFromItem *item)
{
    static const char *const words[] = {"JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ", "CROSS JOIN "};
    bool parentheses = item->alias.text != NULL;

    print_text(to, parentheses ? "(" : "");
    print_join_operand(to, item->join.left, false);
    print_indent(to);
    print_text(to, item->join.natural ? "NATURAL " : "");
    print_text(to, words[item->join.kind]);
    print_join_operand(to, item->join.right, true);
    print_outdent(to);
    if (item->join.on != NULL) {
        print_text(to, " ON ");
        print_expr(to, item->join.on);
    }
    if (item->join.using_.count > 0) {
        print_text(to, " USING");
        print_ident_list(to, &item->join.using_);
        if (item->join.using_alias.text != NULL) {
            print_text(to, " AS ");
            print_ident(to, item->join.using_alias.text);
        }
    }
    print_text(to, parentheses ? ")" : "");
}

static void
print_from_item(Printer *to, const AstFromItem *item)
{
    if (item->lateral)
        print_text(to, "LATERAL ");
    switch (item->kind) {
    case AST_FROM_TABLE:
        print_text(to, item->only ? "ONLY " : "");
        print_name(to, &item->table);
        break;
    case AST_FROM_SUBQUERY:
        print_subquery(to, item->query);
        break;
    case AST_FROM_FUNCTION:
        print_expr(to, item->function);
        break;
    case AST_FROM_ROWS_FROM:
        print_text(to, "ROWS FROM (");
        print_expr_list(to, &item->rows_from);
        print_text(to, ")");
        break;
    case AST_FROM_JOIN:
        print_join(to, item);
        break;
    }
    if (item->ordinality)
        print_text(to, " WITH ORDINALITY");
    print_alias(to, item);
}

void
print_from_list(Printer *to, const AstFromList *from)
{
    for (int i = 0; i < from->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_from_item(to, from->items[i]);
    }
}

/* ---- SHOW ---- */

static void
print_plural(Printer *to, AstObjectType type)
{
    if (type == AST_OBJECT_INDEX)
        print_text(to, "INDEXES");
    else if (type == AST_OBJECT_NETWORK_POLICY)
        print_text(to, "NETWORK POLICIES");
    else {
        print_object_type(to, type);
        print_text(to, "S");
    }
}

/* Plain words are variables by themselves; other words need quotes, but for the two the grammar knows. */
static void
print_show_variable(Printer *to, const char *variable)
{
    if (strcmp(variable, "cluster") == 0 || strcmp(variable, "role") == 0)
        print_text(to, variable);
    else
        print_variable(to, variable);
}

static void
print_show_head(Printer *to, const AstShow *show)
{
    switch (show->kind) {
    case AST_SHOW_VARIABLE:
        print_show_variable(to, show->variable);
        break;
    case AST_SHOW_ALL:
        print_text(to, "ALL");
        break;
    case AST_SHOW_OBJECTS:
        print_plural(to, show->type);
        break;
    case AST_SHOW_COLUMNS:
        print_text(to, "COLUMNS FROM ");
        print_name(to, &show->name);
        break;
    case AST_SHOW_CREATE:
        print_text(to, show->redacted ? "REDACTED CREATE " : "CREATE ");
        print_object_type(to, show->type);
        print_text(to, " ");
        print_name(to, &show->name);
        break;
    case AST_SHOW_PRIVILEGES:
        print_text(to, "PRIVILEGES");
        break;
    case AST_SHOW_DEFAULT_PRIVILEGES:
        print_text(to, "DEFAULT PRIVILEGES");
        break;
    case AST_SHOW_ROLE_MEMBERSHIP:
        print_text(to, "ROLE MEMBERSHIP");
        break;
    }
}

static void
print_show_name(Printer *to, const char *word, const AstName *name)
{
    if (name->count == 0 && name->id == NULL)
        return;
    print_text(to, word);
    print_name(to, name);
}

void
print_show(Printer *to, const AstShow *show)
{
    print_text(to, "SHOW ");
    print_text(to, show->extended ? "EXTENDED " : "");
    print_text(to, show->full ? "FULL " : "");
    print_show_head(to, show);
    if (show->kind == AST_SHOW_PRIVILEGES || show->kind == AST_SHOW_DEFAULT_PRIVILEGES) {
        if (show->type != AST_OBJECT_NONE) {
            print_text(to, " ON ");
            print_object_type(to, show->type);
        }
        if (show->kind == AST_SHOW_PRIVILEGES)
            print_show_name(to, " ", &show->name);
    }
    print_show_name(to, " FROM ", &show->in);
    print_show_name(to, " ON ", &show->on);
    if (show->cluster.text != NULL) {
        print_text(to, " IN CLUSTER ");
        print_ident(to, show->cluster.text);
    }
    if (show->role.text != NULL) {
        print_text(to, " FOR ");
        print_ident(to, show->role.text);
    }
    if (show->like != NULL) {
        print_text(to, " LIKE ");
        print_string(to, show->like);
    }
    if (show->where != NULL) {
        print_text(to, " WHERE ");
        print_expr(to, show->where);
    }
}
