/*
 * INSERT, UPDATE and DELETE. The last two are a query each: whole rows of the table that go, for UPDATE followed by those that come.
 */
#include "planner/statement_internal.h"

/* ---- targets ---- */

bool
find_insert_target(PlannerContext *context, const AstName *name, Item **table, Error *err)
{
    if (!find_item(context, name, table, err))
        return false;
    const Item *item = *table;
    const char *text = ast_name_text(name, context->arena);
    if (is_system(item->id))
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "cannot insert into system table '%s'",
                        text);
    if (item->kind != ITEM_TABLE || item->source != 0)
        return error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "cannot insert into %s '%s'",
                        item->source != 0 ? "source-fed table" : item_kind_name(item->kind), text);
    return true;
}

/* which[i] is the table column that the i-th given value goes to. */
bool
target_columns(PlannerContext *context, const Item *table, const AstIdentList *names, int **which, int *count,
               Error *err)
{
    const RelationDesc *desc = table->desc;
    *count = names->count > 0 ? names->count : desc->column_count;
    *which = arena_new_array(context->arena, int, *count + 1);
    for (int i = 0; i < *count; i++) {
        (*which)[i] = names->count == 0 ? i : -1;
        for (int c = 0; names->count > 0 && c < desc->column_count; c++)
            if (strcmp(desc->columns[c].name, names->items[i].text) == 0)
                (*which)[i] = c;
        if ((*which)[i] < 0)
            return error_at(err, names->items[i].position, SQLSTATE_UNDEFINED_COLUMN,
                            "column \"%s\" of relation \"%s\" does not exist", names->items[i].text, table->name);
        for (int earlier = 0; earlier < i; earlier++)
            if ((*which)[earlier] == (*which)[i])
                return error_at(err, names->items[i].position, SQLSTATE_DUPLICATE_COLUMN,
                                "column \"%s\" specified more than once", names->items[i].text);
    }
    return true;
}

bool
default_expr(PlannerContext *context, const RelationColumn *column, AstExpr **expr, Error *err)
{
    if (column->default_sql != NULL)
        return parse_expression(slice_of(column->default_sql), context->arena, expr, err);
    *expr = arena_new_struct(context->arena, AstExpr);
    (*expr)->kind = AST_EXPR_NULL;
    (*expr)->depth = 1;
    return true;
}

static int
position_in(const int *which, int count, int column)
{
    for (int i = 0; i < count; i++)
        if (which[i] == column)
            return i;
    return -1;
}

/* ---- INSERT ---- */

static bool
check_row_width(const AstExprList *row, int count, const AstIdentList *names, Error *err)
{
    if (row->count > count)
        return error_at(err, row->items[count]->position, SQLSTATE_SYNTAX_ERROR,
                        "INSERT has more expressions than target columns");
    if (row->count < count && names->count > 0)
        return error_at(err, names->items[row->count].position, SQLSTATE_SYNTAX_ERROR,
                        "INSERT has more target columns than expressions");
    return true;
}

/* VALUES rows made as wide as the table: given values in their places, defaults in the others. */
static bool
widen_values(PlannerContext *context, const Item *table, const AstIdentList *names, const int *which, int count,
             const AstRowList *rows, AstRowList *wide, Error *err)
{
    const RelationDesc *desc = table->desc;
    *wide = (AstRowList){.items = arena_new_array(context->arena, AstExprList, rows->count + 1), .count = rows->count};
    for (int r = 0; r < rows->count; r++) {
        const AstExprList *row = &rows->items[r];
        if (!check_row_width(row, count, names, err))
            return false;
        if (row->count != rows->items[0].count)
            return error_at(err, row->count > 0 ? row->items[0]->position : 0, SQLSTATE_SYNTAX_ERROR,
                            "VALUES lists must all be the same length");
        AstExprList *to = &wide->items[r];
        to->items = arena_new_array(context->arena, AstExpr *, desc->column_count + 1);
        to->count = desc->column_count;
        for (int c = 0; c < desc->column_count; c++) {
            int at = position_in(which, count, c);
            bool given = at >= 0 && at < row->count && row->items[at]->kind != AST_EXPR_DEFAULT;
            if (given)
                to->items[c] = row->items[at];
            else if (!default_expr(context, &desc->columns[c], &to->items[c], err))
                return false;
        }
    }
    return true;
}

static AstExpr *
column_expr(Arena *arena, const char *name)
{
    AstExpr *expr = arena_new_struct(arena, AstExpr);
    expr->kind = AST_EXPR_COLUMN;
    expr->depth = 1;
    expr->name = (AstName){.parts = {name}, .count = 1};
    return expr;
}

/* SELECT given and default columns in the table's order FROM (query) AS given (c0, c1, ...). */
static bool
wrap_query(PlannerContext *context, const Item *table, const int *which, int count, const AstQuery *query,
           const AstQuery **wrapped, Error *err)
{
    Arena *arena = context->arena;
    AstFromItem *from = arena_new_struct(arena, AstFromItem);
    from->kind = AST_FROM_SUBQUERY;
    from->query = (AstQuery *) query;
    from->alias.text = "given";
    from->column_aliases.items = arena_new_array(arena, AstIdent, count + 1);
    from->column_aliases.count = count;
    for (int i = 0; i < count; i++)
        from->column_aliases.items[i].text = arena_printf(arena, "c%d", i);
    AstSelect *select = arena_new_struct(arena, AstSelect);
    select->from.items = arena_new_array(arena, AstFromItem *, 1);
    select->from.items[0] = from;
    select->from.count = 1;
    select->targets.items = arena_new_array(arena, AstTarget, table->desc->column_count + 1);
    select->targets.count = table->desc->column_count;
    for (int c = 0; c < table->desc->column_count; c++) {
        int at = position_in(which, count, c);
        if (at >= 0)
            select->targets.items[c].expr = column_expr(arena, from->column_aliases.items[at].text);
        else if (!default_expr(context, &table->desc->columns[c], &select->targets.items[c].expr, err))
            return false;
    }
    AstQuery *outer = arena_new_struct(arena, AstQuery);
    outer->body = arena_new_struct(arena, AstBody);
    outer->body->kind = AST_BODY_SELECT;
    outer->body->select = select;
    *wrapped = outer;
    return true;
}

static const AstQuery *
values_query(PlannerContext *context, const AstQuery *like, AstRowList rows)
{
    AstQuery *query = arena_new_struct(context->arena, AstQuery);
    if (like != NULL)
        *query = *like;
    query->body = arena_new_struct(context->arena, AstBody);
    query->body->kind = AST_BODY_VALUES;
    query->body->values = rows;
    return query;
}

static bool
is_plain_values(const AstQuery *query)
{
    return query->body->kind == AST_BODY_VALUES && query->order_by.count == 0 && query->limit == NULL &&
           query->offset == NULL && query->with == NULL;
}

static bool
identity(const int *which, int count, int column_count)
{
    for (int i = 0; i < count; i++)
        if (which[i] != i)
            return false;
    return count == column_count;
}

/* The query that gives the rows as wide as the table, and what is before it: WITH ... INSERT. */
static bool
insert_query(PlannerContext *context, const AstInsert *insert, const Item *table, const AstQuery **out, Error *err)
{
    int *which, count;
    if (!target_columns(context, table, &insert->columns, &which, &count, err))
        return false;
    const AstQuery *query = insert->query;
    if (query == NULL || is_plain_values(query)) {
        AstRowList rows = {0}, wide;
        AstExprList empty = {0};
        if (query == NULL)
            rows = (AstRowList){.items = &empty, .count = 1};
        else
            rows = query->body->values;
        if (query == NULL)
            count = 0;
        if (!widen_values(context, table, &insert->columns, which, count, &rows, &wide, err))
            return false;
        query = values_query(context, query, wide);
    }
    AstQuery *with_ctes = arena_new_struct(context->arena, AstQuery);
    *with_ctes = *query;
    if (insert->with != NULL && query->with != NULL)
        return error_at(err, insert->with->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "WITH before INSERT and before its query is not supported");
    if (insert->with != NULL)
        with_ctes->with = insert->with;
    *out = with_ctes;
    if (insert->query == NULL || is_plain_values(insert->query))
        return true;
    PlannedQuery *inner;
    if (!plan_query(context, *out, &inner, err))
        return false;
    int given = planned_query_desc(inner)->column_count;
    if (given > count)
        return error_at(err, query->position, SQLSTATE_SYNTAX_ERROR, "INSERT has more expressions than target columns");
    if (given < count && insert->columns.count > 0)
        return error_at(err, insert->columns.items[given].position, SQLSTATE_SYNTAX_ERROR,
                        "INSERT has more target columns than expressions");
    return identity(which, given, table->desc->column_count) ||
           wrap_query(context, table, which, given, *out, out, err);
}

/* Only what no other timeline brings may be read for a write: at the time of the write it is as it was when it was read. */
static bool
reads_user_tables_only(PlannerContext *context, const ObjectId *ids, int count)
{
    for (int i = 0; i < count; i++) {
        const Item *item = catalog_item(context->catalog, ids[i]);
        if (item == NULL)
            continue;
        bool view = item->kind == ITEM_VIEW || item->kind == ITEM_MATERIALIZED_VIEW;
        bool table = item->kind == ITEM_TABLE && item->source == 0;
        if (is_system(item->id) || (!view && !table))
            return false;
        if (view && !reads_user_tables_only(context, item->depends_on, item->depends_on_count))
            return false;
    }
    return true;
}

static bool
check_selection(PlannerContext *context, StatementPlan *plan, Error *err)
{
    const ObjectId *ids;
    int count;
    planned_query_dependencies(plan->query, &ids, &count);
    if (!reads_user_tables_only(context, ids, count))
        return error_set(err, SQLSTATE_INVALID_TRANSACTION_STATE,
                         "invalid selection: operation may only refer to user-defined tables");
    if (planned_query_calls_mz_now(plan->query))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "calls to mz_now in write statements are not supported");
    plan->reads_first = !planned_query_is_constant(plan->query);
    return true;
}

bool
plan_insert(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
            Error *err)
{
    const AstInsert *insert = statement->insert;
    Item *table;
    const AstQuery *query = NULL;
    (void) indexes;
    if (!find_insert_target(context, &insert->table, &table, err) ||
        !insert_query(context, insert, table, &query, err) ||
        !plan_query_for_target(context, query, table->desc->columns, table->desc->column_count, &plan->query, err) ||
        !check_selection(context, plan, err))
        return false;
    if (insert->returning.count > 0) {
        RelationDesc *desc;
        if (!plan_returning(context, table, &insert->alias, &insert->returning, &plan->returning, &desc, err))
            return false;
        plan->desc = desc;
    }
    plan->kind = PLAN_INSERT;
    plan->tag = "INSERT";
    plan->target = table->id;
    return true;
}

/* ---- UPDATE and DELETE ---- */

static bool
find_mutated(PlannerContext *context, const AstName *name, Item **table, Error *err)
{
    if (!find_item(context, name, table, err))
        return false;
    const Item *item = *table;
    const char *text = ast_name_text(name, context->arena);
    if (item->kind != ITEM_TABLE || item->source != 0)
        return error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "cannot mutate %s '%s'",
                        item->source != 0 ? "source-fed table" : item_kind_name(item->kind), text);
    if (is_system(item->id))
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "cannot mutate system table '%s'", text);
    return true;
}

static AstFromItem *
table_from(Arena *arena, const AstName *name, const AstIdent *alias)
{
    AstFromItem *from = arena_new_struct(arena, AstFromItem);
    from->kind = AST_FROM_TABLE;
    from->depth = 1;
    from->table = *name;
    from->alias = *alias;
    return from;
}

static AstExpr *
old_value(Arena *arena, const AstName *table, const AstIdent *alias, const char *column)
{
    AstExpr *expr = column_expr(arena, column);
    const char *relation = alias->text != NULL ? alias->text : table->parts[table->count - 1];
    expr->name = (AstName){.parts = {relation, column}, .count = 2};
    return expr;
}

static AstQuery *
select_query(Arena *arena, AstSelect *select, AstWith *with)
{
    AstQuery *query = arena_new_struct(arena, AstQuery);
    query->with = with;
    query->body = arena_new_struct(arena, AstBody);
    query->body->kind = AST_BODY_SELECT;
    query->body->select = select;
    return query;
}

/* SELECT t.a, t.b, ... FROM t, with room for as many targets again. */
static AstSelect *
select_rows(PlannerContext *context, const Item *table, const AstName *name, const AstIdent *alias)
{
    Arena *arena = context->arena;
    int count = table->desc->column_count;
    AstSelect *select = arena_new_struct(arena, AstSelect);
    select->from.items = arena_new_array(arena, AstFromItem *, 1);
    select->from.items[0] = table_from(arena, name, alias);
    select->from.count = 1;
    select->targets.items = arena_new_array(arena, AstTarget, 2 * count + 1);
    select->targets.count = count;
    for (int i = 0; i < count; i++)
        select->targets.items[i].expr = old_value(arena, name, alias, table->desc->columns[i].name);
    return select;
}

/*
 * What USING names is joined, and a row goes once however often it is matched: WHERE EXISTS (SELECT FROM using WHERE p). The join is planned
 * too, for in there an ambiguous name would quietly mean the nearer table's.
 */
static bool
using_condition(PlannerContext *context, const AstDelete *delete_, AstSelect *select, Error *err)
{
    Arena *arena = context->arena;
    int count = delete_->using_.count;
    AstSelect joined = *select;
    joined.from.items = arena_new_array(arena, AstFromItem *, count + 1);
    joined.from.count = count + 1;
    joined.from.items[0] = select->from.items[0];
    memcpy(joined.from.items + 1, delete_->using_.items, (size_t) count * sizeof *joined.from.items);
    joined.where = delete_->where;
    PlannedQuery *checked;
    if (!plan_query(context, select_query(arena, &joined, delete_->with), &checked, err))
        return false;
    AstSelect *matches = arena_new_struct(arena, AstSelect);
    matches->from = delete_->using_;
    matches->where = delete_->where;
    AstExpr *exists = arena_new_struct(arena, AstExpr);
    exists->kind = AST_EXPR_EXISTS;
    exists->depth = 1;
    exists->query = select_query(arena, matches, NULL);
    select->where = exists;
    return true;
}

bool
plan_delete(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
            Error *err)
{
    const AstDelete *delete_ = statement->delete_;
    Item *table;
    (void) indexes;
    if (!find_mutated(context, &delete_->table, &table, err))
        return false;
    if (delete_->returning.count > 0)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "DELETE ... RETURNING is not supported");
    AstSelect *select = select_rows(context, table, &delete_->table, &delete_->alias);
    select->where = delete_->where;
    if (delete_->using_.count > 0 && !using_condition(context, delete_, select, err))
        return false;
    plan->kind = PLAN_DELETE;
    plan->tag = "DELETE";
    plan->target = table->id;
    return plan_query_for_target(context, select_query(context->arena, select, delete_->with), table->desc->columns,
                                 table->desc->column_count, &plan->query, err) &&
           check_selection(context, plan, err);
}

static bool
add_new_values(PlannerContext *context, const AstUpdate *update, const Item *table, AstSelect *select, Error *err)
{
    const RelationDesc *desc = table->desc;
    AstExpr **values = arena_new_array(context->arena, AstExpr *, desc->column_count + 1);
    for (int i = 0; i < update->assignments.count; i++) {
        const AstAssignment *assignment = &update->assignments.items[i];
        int c = 0;
        while (c < desc->column_count && strcmp(desc->columns[c].name, assignment->column.text) != 0)
            c++;
        if (c == desc->column_count)
            return error_at(err, assignment->column.position, SQLSTATE_UNDEFINED_COLUMN,
                            "column \"%s\" of relation \"%s\" does not exist", assignment->column.text, table->name);
        if (values[c] != NULL)
            return error_at(err, assignment->column.position, SQLSTATE_SYNTAX_ERROR,
                            "multiple assignments to same column \"%s\"", assignment->column.text);
        values[c] = assignment->value;
        if (assignment->value->kind == AST_EXPR_DEFAULT && !default_expr(context, &desc->columns[c], &values[c], err))
            return false;
    }
    for (int c = 0; c < desc->column_count; c++) {
        AstExpr *kept = select->targets.items[c].expr;
        select->targets.items[select->targets.count++].expr = values[c] != NULL ? values[c] : kept;
    }
    return true;
}

bool
plan_update(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
            Error *err)
{
    const AstUpdate *update = statement->update;
    Item *table;
    (void) indexes;
    if (!find_mutated(context, &update->table, &table, err))
        return false;
    if (update->returning.count > 0 || update->from.count > 0)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "UPDATE ... %s is not supported",
                        update->from.count > 0 ? "FROM" : "RETURNING");
    AstSelect *select = select_rows(context, table, &update->table, &update->alias);
    select->where = update->where;
    if (!add_new_values(context, update, table, select, err))
        return false;
    int count = table->desc->column_count;
    RelationColumn *columns = arena_new_array(context->arena, RelationColumn, 2 * count + 1);
    for (int i = 0; i < 2 * count; i++)
        columns[i] = table->desc->columns[i % count];
    plan->kind = PLAN_UPDATE;
    plan->tag = "UPDATE";
    plan->target = table->id;
    return plan_query_for_update(context, select_query(context->arena, select, update->with), columns, 2 * count,
                                 &plan->query, err) &&
           check_selection(context, plan, err);
}
