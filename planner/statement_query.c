/*
 * Statements that carry rows and write none, and COPY: SELECT, SUBSCRIBE, EXPLAIN.
 */
#include <stdlib.h>

#include "planner/statement_internal.h"

static bool
plan_as_of(PlannerContext *context, const AstAsOf *as_of, Scalar **scalar, bool *at_least, Error *err)
{
    if (as_of == NULL)
        return true;
    *at_least = as_of->at_least;
    return plan_expression(context, as_of->expr, NULL, NULL, scalar, err);
}

bool
plan_select_statement(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                      StatementPlan *plan, Error *err)
{
    (void) indexes;
    if (!plan_as_of(context, statement->select->as_of, &plan->as_of, &plan->as_of_at_least, err) ||
        !plan_query(context, statement->select, &plan->query, err))
        return false;
    plan->kind = PLAN_QUERY;
    plan->tag = "SELECT";
    plan->desc = planned_query_desc(plan->query);
    return true;
}

/* ---- COPY ---- */

static bool
copy_char(const AstOption *option, char *out, Arena *arena, Error *err)
{
    const char *text = value_text(option->value, arena);
    if (text == NULL || strlen(text) != 1)
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "COPY %s must be a single one-byte character", option->name);
    *out = text[0];
    return true;
}

static bool
copy_format(PlannerContext *context, const AstOptionList *options, CopyOptions *copy, Error *err)
{
    const AstOption *option = ast_option_find(options, "FORMAT");
    const char *text = option == NULL ? "text" : value_text(option->value, context->arena);
    if (text != NULL && slice_equal_nocase(slice_of(text), "text"))
        copy->format = COPY_TEXT;
    else if (text != NULL && slice_equal_nocase(slice_of(text), "csv"))
        copy->format = COPY_CSV;
    else if (text != NULL && slice_equal_nocase(slice_of(text), "binary"))
        copy->format = COPY_BINARY;
    else
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "COPY format \"%s\" not recognized",
                        text == NULL ? "" : text);
    return true;
}

static bool
copy_options(PlannerContext *context, const AstOptionList *options, CopyOptions *copy, Error *err)
{
    static const char *const known[] = {"FORMAT", "DELIMITER", "NULL", "QUOTE", "ESCAPE", "HEADER", NULL};
    if (!options_known(options, known, "COPY options", err) || !copy_format(context, options, copy, err))
        return false;
    bool csv = copy->format == COPY_CSV;
    copy->delimiter = csv ? ',' : '\t';
    copy->null_text = csv ? "" : "\\N";
    copy->quote = '"';
    const AstOption *option;
    if ((option = ast_option_find(options, "DELIMITER")) != NULL &&
        !copy_char(option, &copy->delimiter, context->arena, err))
        return false;
    if ((option = ast_option_find(options, "QUOTE")) != NULL) {
        if (!csv)
            return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "COPY quote available only in CSV mode");
        if (!copy_char(option, &copy->quote, context->arena, err))
            return false;
    }
    copy->escape = copy->quote;
    if ((option = ast_option_find(options, "ESCAPE")) != NULL) {
        if (!csv)
            return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "COPY escape available only in CSV mode");
        if (!copy_char(option, &copy->escape, context->arena, err))
            return false;
    }
    if ((option = ast_option_find(options, "NULL")) != NULL)
        copy->null_text = value_text(option->value, context->arena);
    if (copy->null_text == NULL)
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "COPY NULL must be a string");
    if (csv && copy->delimiter == copy->quote)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "COPY delimiter and quote must be different");
    return option_bool(options, "HEADER", false, &copy->header, err);
}

static bool
copy_defaults(PlannerContext *context, const Item *table, StatementPlan *plan, Error *err)
{
    plan->target_defaults = arena_new_array(context->arena, Scalar *, table->desc->column_count + 1);
    for (int i = 0; i < table->desc->column_count; i++) {
        const RelationColumn *column = &table->desc->columns[i];
        AstExpr *ast;
        Scalar *scalar;
        if (column->default_sql == NULL)
            continue;
        if (!default_expr(context, column, &ast, err) || !plan_expression(context, ast, NULL, NULL, &scalar, err) ||
            !cast_scalar(context->arena, scalar, column->type, CAST_ASSIGNMENT, context->eval,
                         &plan->target_defaults[i], err))
            return false;
    }
    return true;
}

static bool
plan_copy_from(PlannerContext *context, const AstCopy *copy, StatementPlan *plan, Error *err)
{
    Item *table;
    if (copy->target != AST_COPY_STDIN)
        return error_at(err, copy->table.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "COPY FROM anything but STDIN is not supported");
    if (!find_insert_target(context, &copy->table, &table, err) ||
        !target_columns(context, table, &copy->columns, &plan->target_columns, &plan->target_column_count, err) ||
        !copy_defaults(context, table, plan, err))
        return false;
    plan->kind = PLAN_COPY_FROM;
    plan->target = table->id;
    return true;
}

static bool plan_subscribe_ast(PlannerContext *context, const AstSubscribe *ast, SubscribePlan **out, Error *err);

static bool
plan_copy_to(PlannerContext *context, const AstCopy *copy, StatementPlan *plan, Error *err)
{
    if (copy->target != AST_COPY_STDOUT)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "COPY TO anything but STDOUT is not supported");
    plan->kind = PLAN_COPY_TO;
    if (copy->subscribe != NULL) {
        if (!plan_subscribe_ast(context, copy->subscribe, &plan->subscribe, err))
            return false;
        plan->desc = plan->subscribe->desc;
        return true;
    }
    if (copy->query != NULL) {
        if (!plan_as_of(context, copy->query->as_of, &plan->as_of, &plan->as_of_at_least, err) ||
            !plan_query(context, copy->query, &plan->query, err))
            return false;
    } else {
        Item *item;
        if (copy->columns.count > 0)
            return error_at(err, copy->columns.items[0].position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "COPY of some columns is not supported; use COPY (SELECT ...) TO STDOUT");
        if (!find_relation(context, &copy->table, &item, err) || !plan_relation(context, item, &plan->query, err))
            return false;
    }
    plan->desc = planned_query_desc(plan->query);
    return true;
}

bool
plan_copy(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
          Error *err)
{
    const AstCopy *copy = statement->copy;
    (void) indexes;
    plan->tag = "COPY";
    return copy_options(context, &copy->options, &plan->copy, err) &&
           (copy->to ? plan_copy_to(context, copy, plan, err) : plan_copy_from(context, copy, plan, err));
}

/* ---- SUBSCRIBE ---- */

static int
find_column(const RelationDesc *desc, const char *name)
{
    for (int i = 0; i < desc->column_count; i++)
        if (strcmp(desc->columns[i].name, name) == 0)
            return i;
    return -1;
}

static bool
subscribe_keys(PlannerContext *context, const AstSubscribe *ast, SubscribePlan *plan, Error *err)
{
    const AstEnvelope *envelope = ast->envelope;
    if (envelope == NULL || envelope->kind == AST_ENVELOPE_NONE)
        return true;
    const RelationDesc *desc = planned_query_desc(plan->query);
    plan->envelope = envelope->kind == AST_ENVELOPE_UPSERT ? ENVELOPE_UPSERT : ENVELOPE_DEBEZIUM;
    uint16_t *key = arena_new_array(context->arena, uint16_t, envelope->keys.count + 1);
    for (int i = 0; i < envelope->keys.count; i++) {
        int column = find_column(desc, envelope->keys.items[i].text);
        if (column < 0)
            return error_at(err, envelope->keys.items[i].position, SQLSTATE_UNDEFINED_COLUMN,
                            "column \"%s\" does not exist", envelope->keys.items[i].text);
        key[i] = (uint16_t) column;
    }
    plan->key = key;
    plan->key_count = envelope->keys.count;
    if (plan->key_count > 0)
        return true;
    error_at(err, envelope->position, SQLSTATE_INVALID_COLUMN_REFERENCE,
             "invalid keys in SUBSCRIBE ENVELOPE %s (KEY (..))",
             plan->envelope == ENVELOPE_UPSERT ? "UPSERT" : "DEBEZIUM");
    return error_hint(err, "All keys must be columns on the underlying relation.");
}

/* Columns of the order are (mz_diff, relation columns...): by name or by position. */
static bool
subscribe_order(PlannerContext *context, const AstSubscribe *ast, SubscribePlan *plan, Error *err)
{
    if (!ast->within_timestamp)
        return true;
    const RelationDesc *desc = planned_query_desc(plan->query);
    SortKey *order = arena_new_array(context->arena, SortKey, ast->order_by.count + 1);
    for (int i = 0; i < ast->order_by.count; i++) {
        const AstOrderItem *item = &ast->order_by.items[i];
        const AstExpr *expr = item->expr;
        int column = -1;
        if (expr->kind == AST_EXPR_COLUMN && expr->name.count == 1)
            column = strcmp(expr->name.parts[0], "mz_diff") == 0 ? 0 : find_column(desc, expr->name.parts[0]) + 1;
        if (expr->kind == AST_EXPR_INTEGER)
            column = atoi(expr->text) - 2;
        bool is_name =
            expr->kind == AST_EXPR_COLUMN && expr->name.count == 1 && strcmp(expr->name.parts[0], "mz_diff") != 0;
        if (column < 0 || column > desc->column_count || (is_name && column == 0)) {
            error_at(err, expr->position, SQLSTATE_INVALID_COLUMN_REFERENCE,
                     "invalid ORDER BY in SUBSCRIBE WITHIN TIMESTAMP ORDER BY");
            return error_hint(err, "All order bys must be output columns.");
        }
        bool descending = item->direction == AST_ORDER_DESC;
        order[i] =
            (SortKey){.column = (uint16_t) column,
                      .descending = descending,
                      .nulls_first = item->nulls == AST_NULLS_DEFAULT ? descending : item->nulls == AST_NULLS_FIRST};
    }
    plan->envelope = ENVELOPE_WITHIN_TIMESTAMP_ORDER;
    plan->order = order;
    plan->order_count = ast->order_by.count;
    return true;
}

static void
add_column(RelationDesc *desc, const char *name, SqlType type, bool nullable)
{
    desc->columns[desc->column_count++] = (RelationColumn){name, type, nullable, NULL};
}

static bool
is_key_column(const SubscribePlan *plan, int column)
{
    for (int i = 0; i < plan->key_count; i++)
        if (plan->key[i] == column)
            return true;
    return false;
}

static RelationDesc *
subscribe_desc(PlannerContext *context, const SubscribePlan *plan)
{
    const RelationDesc *inner = planned_query_desc(plan->query);
    RelationDesc *desc = arena_new_struct(context->arena, RelationDesc);
    desc->columns = arena_new_array(context->arena, RelationColumn, 2 * inner->column_count + 4);
    SqlType scale_zero = SQL_TYPE(NUMERIC);
    scale_zero.typmod = ((39 << 16) | 0) + 4;
    add_column(desc, "mz_timestamp", scale_zero, false);
    if (plan->progress)
        add_column(desc, "mz_progressed", SQL_TYPE(BOOL), false);
    if (plan->envelope == ENVELOPE_NONE || plan->envelope == ENVELOPE_WITHIN_TIMESTAMP_ORDER) {
        add_column(desc, "mz_diff", SQL_TYPE(INT8), true);
        for (int i = 0; i < inner->column_count; i++)
            add_column(desc, inner->columns[i].name, inner->columns[i].type,
                       plan->progress || inner->columns[i].nullable);
        return desc;
    }
    add_column(desc, "mz_state", SQL_TYPE(TEXT), true);
    for (int i = 0; i < plan->key_count; i++)
        add_column(desc, inner->columns[plan->key[i]].name, inner->columns[plan->key[i]].type, true);
    bool debezium = plan->envelope == ENVELOPE_DEBEZIUM;
    for (int pass = debezium ? 0 : 1; pass < 2; pass++)
        for (int i = 0; i < inner->column_count; i++) {
            if (is_key_column(plan, i))
                continue;
            const char *name =
                !debezium ? inner->columns[i].name
                          : arena_printf(context->arena, pass == 0 ? "before_%s" : "after_%s", inner->columns[i].name);
            add_column(desc, name, inner->columns[i].type, true);
        }
    return desc;
}

static bool
plan_subscribe_ast(PlannerContext *context, const AstSubscribe *ast, SubscribePlan **out, Error *err)
{
    static const char *const known[] = {"SNAPSHOT", "PROGRESS", NULL};
    SubscribePlan *plan = *out = arena_new_struct(context->arena, SubscribePlan);
    if (ast->query != NULL) {
        if (!plan_query(context, ast->query, &plan->query, err))
            return false;
    } else {
        Item *item;
        if (!find_item(context, &ast->name, &item, err))
            return false;
        if (!item_is_relation(item))
            return error_at(err, ast->name.position, SQLSTATE_WRONG_OBJECT_TYPE,
                            "'%s' cannot be subscribed to because it is a %s",
                            ast_name_text(&ast->name, context->arena), item_kind_name(item->kind));
        plan->item = item->id;
        if (!plan_relation(context, item, &plan->query, err))
            return false;
    }
    if (!options_known(&ast->options, known, "SUBSCRIBE options", err) ||
        !option_bool(&ast->options, "SNAPSHOT", true, &plan->snapshot, err) ||
        !option_bool(&ast->options, "PROGRESS", false, &plan->progress, err) ||
        !subscribe_keys(context, ast, plan, err) || !subscribe_order(context, ast, plan, err) ||
        !plan_as_of(context, ast->as_of, &plan->as_of, &plan->as_of_at_least, err))
        return false;
    if (ast->up_to != NULL && !plan_expression(context, ast->up_to, NULL, NULL, &plan->up_to, err))
        return false;
    plan->desc = subscribe_desc(context, plan);
    return true;
}

bool
plan_subscribe(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
               Error *err)
{
    (void) indexes;
    if (!plan_subscribe_ast(context, statement->subscribe, &plan->subscribe, err))
        return false;
    plan->kind = PLAN_SUBSCRIBE;
    plan->tag = "SUBSCRIBE";
    plan->desc = plan->subscribe->desc;
    return true;
}
