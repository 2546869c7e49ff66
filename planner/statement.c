/*
 * Statements to their planners.
 */
#include "planner/statement_internal.h"

#include "catalog/builtin.h"

#include <stdlib.h>

static StatementPlanner *
planner_of(AstStatementKind kind)
{
    switch (kind) {
    case AST_SELECT:
        return plan_select_statement;
    case AST_INSERT:
        return plan_insert;
    case AST_UPDATE:
        return plan_update;
    case AST_DELETE:
        return plan_delete;
    case AST_COPY:
        return plan_copy;
    case AST_SUBSCRIBE:
        return plan_subscribe;
    case AST_SHOW:
        return plan_show;
    case AST_EXPLAIN_PLAN:
        return plan_explain;
    case AST_CREATE_CONNECTION:
        return plan_create_connection;
    case AST_CREATE_SECRET:
        return plan_create_secret;
    case AST_CREATE_DATABASE:
        return plan_create_database;
    case AST_CREATE_SCHEMA:
        return plan_create_schema;
    case AST_CREATE_SOURCE:
        return plan_create_source;
    case AST_CREATE_VIEW:
        return plan_create_view;
    case AST_CREATE_MATERIALIZED_VIEW:
        return plan_create_materialized_view;
    case AST_CREATE_TABLE:
        return plan_create_table;
    case AST_CREATE_TABLE_FROM_SOURCE:
        return plan_create_table_from_source;
    case AST_CREATE_TYPE:
        return plan_create_type;
    case AST_CREATE_INDEX:
        return plan_create_index;
    case AST_CREATE_ROLE:
        return plan_create_role;
    case AST_CREATE_CLUSTER:
        return plan_create_cluster;
    case AST_CREATE_CLUSTER_REPLICA:
        return plan_create_cluster_replica;
    case AST_ALTER_RENAME:
        return plan_alter_rename;
    case AST_ALTER_SWAP:
        return plan_alter_swap;
    case AST_ALTER_OWNER:
        return plan_alter_owner;
    case AST_ALTER_OPTIONS:
        return plan_alter_options;
    case AST_ALTER_SECRET:
        return plan_alter_secret;
    case AST_ALTER_CONNECTION:
        return plan_alter_connection;
    case AST_ALTER_ROLE:
        return plan_alter_role;
    case AST_ALTER_SOURCE:
        return plan_alter_source;
    case AST_ALTER_SYSTEM:
        return plan_alter_system;
    case AST_DROP:
        return plan_drop;
    case AST_COMMENT:
        return plan_comment;
    case AST_GRANT_ROLE:
    case AST_REVOKE_ROLE:
        return plan_grant_role;
    case AST_GRANT_PRIVILEGES:
    case AST_REVOKE_PRIVILEGES:
        return plan_grant_privileges;
    case AST_VALIDATE_CONNECTION:
        return plan_validate;
    default:
        return NULL;
    }
}

bool
statement_is_planned(AstStatementKind kind)
{
    return planner_of(kind) != NULL;
}

/* What a statement that failed half-way had put together. False. */
static bool
forget_change(StatementPlan *plan)
{
    catalog_change_free(plan->change);
    plan->change = NULL;
    return false;
}

bool
plan_statement(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
               Error *err)
{
    StatementPlanner *planner = planner_of(statement->kind);
    context->show_query = show_query;
    if (planner == NULL)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not supported",
                        ast_statement_kind_name(statement->kind));
    return planner(context, statement, indexes, plan, err) || forget_change(plan);
}

bool
plan_statement_inspected(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer,
                         StatementPlan *plan, Error *err)
{
    return source_inspected(context, statement, answer, plan, err) || forget_change(plan);
}

bool
plan_loaded_item(PlannerContext *context, Item *item, Error *err)
{
    switch (item->kind) {
    case ITEM_VIEW:
    case ITEM_MATERIALIZED_VIEW:
    case ITEM_INDEX:
        return item_replan(context, item, err);
    default:
        return true;
    }
}

static ObjectId
next_system_id(const Catalog *catalog)
{
    ObjectId id = OBJECT_ID_SYSTEM | 1000;
    while (catalog_item(catalog, id) != NULL)
        id++;
    return id;
}

bool
plan_builtin_view(PlannerContext *context, const char *schema, const char *name, const char *sql, Item **out,
                  Error *err)
{
    Item *item = item_new(ITEM_VIEW);
    item->id = next_system_id(context->catalog);
    uint32_t oid = builtin_relation_oid(schema, name);
    item->oid = oid != 0 ? oid : 17000 + (uint32_t) (item->id & 0xffff);
    item->schema = catalog_schema(context->catalog, NULL, schema);
    item->name = arena_strdup(item->arena, name);
    item->owner = OBJECT_ID_SYSTEM | 11;
    item->create_sql = arena_printf(item->arena, "CREATE VIEW %s.%s AS %s", schema, name, sql);
    AstStatement *statement;
    if (parse_statement(slice_of(arena_strdup(item->arena, sql)), item->arena, &statement, err) &&
        plan_view_bound(context, statement->select, item, err)) {
        *out = item;
        return true;
    }
    item_free(item);
    return false;
}
