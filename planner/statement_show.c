/*
 * SHOW: each form is a query over system relations.
 */
#include "planner/statement_internal.h"

static void
append_literal(Buffer *sql, const char *text)
{
    ast_print_string(text, sql);
}

static void
append_id(Buffer *sql, ObjectId id)
{
    append_literal(sql, object_id_text(id).text);
}

/* LEFT JOIN of an item's own comment, as k.comment. */
static const char item_comment[] = " LEFT JOIN mz_internal.mz_comments k ON k.id = o.id AND k.object_sub_id IS NULL";

static bool
schema_filter(PlannerContext *context, const AstShow *show, const char *column, Buffer *sql, Error *err)
{
    Schema *schema;
    if (!find_schema(context, &show->in, &schema, err))
        return false;
    buffer_printf(sql, " AND %s = ", column);
    append_id(sql, schema->id);
    return true;
}

static bool
cluster_filter(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    CatalogCluster *cluster;
    if (show->cluster.text == NULL)
        return true;
    if (!find_cluster(context, &show->cluster, &cluster, err))
        return false;
    buffer_append_text(sql, " AND o.cluster_id = ");
    append_id(sql, cluster->id);
    return true;
}

static bool
show_items(PlannerContext *context, const AstShow *show, const char *relation, const char *columns, const char *joins,
           bool clustered, Buffer *sql, Error *err)
{
    buffer_printf(sql, "SELECT %s, COALESCE(k.comment, '') AS comment FROM mz_catalog.%s o%s%s WHERE true", columns,
                  relation, joins, item_comment);
    return schema_filter(context, show, "o.schema_id", sql, err) &&
           (!clustered || cluster_filter(context, show, sql, err));
}

static bool
show_databases(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    (void) context;
    (void) show;
    (void) err;
    buffer_append_text(sql, "SELECT o.name, COALESCE(k.comment, '') AS comment FROM mz_catalog.mz_databases o");
    buffer_append_text(sql, item_comment);
    return true;
}

static bool
show_schemas(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    const char *name = show->in.count > 0 ? show->in.parts[0] : context->scope.database;
    const Database *database = catalog_database(context->catalog, name);
    if (database == NULL)
        return error_at(err, show->in.position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'", name);
    buffer_printf(sql,
                  "SELECT o.name, COALESCE(k.comment, '') AS comment FROM mz_catalog.mz_schemas o%s "
                  "WHERE o.database_id IS NULL OR o.database_id = ",
                  item_comment);
    append_id(sql, database->id);
    return true;
}

static bool
show_tables(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    if (!show_items(context, show, "mz_tables", "o.name", "", false, sql, err))
        return false;
    if (show->on.count == 0)
        return true;
    Item *source;
    if (!find_item_of_kind(context, &show->on, AST_OBJECT_SOURCE, false, &source, err))
        return false;
    buffer_append_text(sql, " AND o.source_id = ");
    append_id(sql, source->id);
    return true;
}

static bool
show_indexes(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    buffer_append_text(
        sql,
        "SELECT o.name, r.name AS \"on\", c.name AS cluster, q.key, COALESCE(k.comment, '') AS comment "
        "FROM mz_catalog.mz_indexes o JOIN mz_catalog.mz_relations r ON o.on_id = r.id "
        "JOIN mz_catalog.mz_clusters c ON o.cluster_id = c.id "
        "JOIN (SELECT x.index_id, array_agg(COALESCE(x.on_expression, n.name) ORDER BY x.index_position) AS key "
        "FROM mz_catalog.mz_index_columns x JOIN mz_catalog.mz_indexes i ON x.index_id = i.id "
        "LEFT JOIN mz_catalog.mz_columns n ON n.id = i.on_id AND n.position = x.on_position GROUP BY x.index_id) q "
        "ON q.index_id = o.id");
    buffer_printf(sql, "%s WHERE true", item_comment);
    if (show->on.count > 0) {
        Item *on;
        if (!find_relation(context, &show->on, &on, err))
            return false;
        buffer_append_text(sql, " AND o.on_id = ");
        append_id(sql, on->id);
    } else if (!schema_filter(context, show, "r.schema_id", sql, err)) {
        return false;
    }
    return cluster_filter(context, show, sql, err);
}

static bool
show_subsources(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    buffer_append_text(sql, "SELECT o.name, o.type FROM mz_catalog.mz_sources o JOIN "
                            "mz_internal.mz_object_dependencies d ON d.referenced_object_id = o.id "
                            "JOIN mz_catalog.mz_sources p ON p.id = d.object_id "
                            "WHERE o.type IN ('subsource', 'progress') AND p.type NOT IN ('subsource', 'progress')");
    if (show->on.count > 0) {
        Item *source;
        if (!find_item(context, &show->on, &source, err))
            return false;
        if (source->kind != ITEM_SOURCE)
            return error_at(err, show->on.position, SQLSTATE_WRONG_OBJECT_TYPE,
                            "cannot show subsources on %s because it is a %s", ast_name_text(&show->on, context->arena),
                            item_kind_name(source->kind));
        buffer_append_text(sql, " AND p.id = ");
        append_id(sql, source->id);
        return true;
    }
    return schema_filter(context, show, "o.schema_id", sql, err);
}

static void
show_clusters(Buffer *sql)
{
    buffer_append_text(sql,
                       "SELECT o.name, COALESCE(r.replicas, '') AS replicas, COALESCE(k.comment, '') AS comment "
                       "FROM mz_catalog.mz_clusters o LEFT JOIN "
                       "(SELECT cluster_id, string_agg(name || ' (' || size || ')', ', ' ORDER BY name) AS replicas "
                       "FROM mz_catalog.mz_cluster_replicas GROUP BY cluster_id) r ON r.cluster_id = o.id");
    buffer_append_text(sql, item_comment);
}

static void
show_replicas(Buffer *sql)
{
    buffer_append_text(sql,
                       "SELECT c.name AS cluster, o.name AS replica, o.size, s.status = 'online' AS ready, "
                       "COALESCE(k.comment, '') AS comment "
                       "FROM mz_catalog.mz_cluster_replicas o JOIN mz_catalog.mz_clusters c ON o.cluster_id = c.id "
                       "JOIN mz_internal.mz_cluster_replica_statuses s ON s.replica_id = o.id");
    buffer_append_text(sql, item_comment);
}

static const char cluster_join[] = " LEFT JOIN mz_catalog.mz_clusters c ON c.id = o.cluster_id";

static bool
show_objects(PlannerContext *context, const AstShow *show, Buffer *sql, const char **order, Error *err)
{
    *order = "1";
    switch (show->type) {
    case AST_OBJECT_DATABASE:
        return show_databases(context, show, sql, err);
    case AST_OBJECT_SCHEMA:
        return show_schemas(context, show, sql, err);
    case AST_OBJECT_ROLE:
        buffer_append_text(sql, "SELECT o.name, COALESCE(k.comment, '') AS comment FROM mz_catalog.mz_roles o");
        buffer_printf(sql, "%s WHERE o.id NOT LIKE 's%%'", item_comment);
        return true;
    case AST_OBJECT_TABLE:
        return show_tables(context, show, sql, err);
    case AST_OBJECT_VIEW:
        return show_items(context, show, "mz_views", "o.name", "", false, sql, err);
    case AST_OBJECT_TYPE:
        return show_items(context, show, "mz_types", "o.name", "", false, sql, err);
    case AST_OBJECT_SECRET:
        return show_items(context, show, "mz_secrets", "o.name", "", false, sql, err);
    case AST_OBJECT_CONNECTION:
        *order = "1, 2";
        return show_items(context, show, "mz_connections", "o.name, o.type", "", false, sql, err);
    case AST_OBJECT_SOURCE:
        *order = "1, 2";
        return show_items(context, show, "mz_sources", "o.name, o.type, c.name AS cluster", cluster_join, true, sql,
                          err);
    case AST_OBJECT_SINK:
        *order = "1, 2";
        return show_items(context, show, "mz_sinks", "o.name, o.type, c.name AS cluster", cluster_join, true, sql, err);
    case AST_OBJECT_SUBSOURCE:
        *order = "1, 2";
        return show_subsources(context, show, sql, err);
    case AST_OBJECT_MATERIALIZED_VIEW:
        return show_items(context, show, "mz_materialized_views", "o.name, c.name AS cluster", cluster_join, true, sql,
                          err);
    case AST_OBJECT_INDEX:
        *order = "1, 2";
        return show_indexes(context, show, sql, err);
    case AST_OBJECT_OBJECT:
        *order = "1, 2";
        return show_items(context, show, "mz_objects", "o.name, o.type", "", false, sql, err);
    case AST_OBJECT_CLUSTER:
        show_clusters(sql);
        return true;
    case AST_OBJECT_CLUSTER_REPLICA:
        *order = "1, 2";
        show_replicas(sql);
        return true;
    default:
        return error_at(err, show->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "SHOW of %s objects is not supported",
                        ast_object_type_name(show->type));
    }
}

static bool
show_columns(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    Item *item;
    if (!find_relation(context, &show->name, &item, err))
        return false;
    buffer_append_text(
        sql, "SELECT o.name, o.nullable, o.type, COALESCE(k.comment, '') AS comment, o.position FROM "
             "mz_catalog.mz_columns o "
             "LEFT JOIN mz_internal.mz_comments k ON k.id = o.id AND k.object_sub_id = o.position::int4 WHERE o.id = ");
    append_id(sql, item->id);
    return true;
}

/* ---- SHOW CREATE ---- */

static bool
append_create(Buffer *sql, const char *name, const char *create_sql, Arena *arena, Error *err)
{
    Buffer pretty = {0};
    AstStatement *statement;
    if (!parse_statement(slice_of(create_sql), arena, &statement, err))
        return false;
    ast_print_statement(statement, AST_PRINT_PRETTY, &pretty);
    buffer_append_char(&pretty, ';');
    buffer_append_text(sql, "SELECT ");
    append_literal(sql, name);
    buffer_append_text(sql, " AS name, ");
    append_literal(sql, buffer_text(&pretty));
    buffer_append_text(sql, " AS create_sql");
    buffer_deinit(&pretty);
    return true;
}

static const char *
cluster_sql(const CatalogCluster *cluster, Arena *arena)
{
    Buffer out = {0};
    buffer_append_text(&out, "CREATE CLUSTER ");
    ast_print_ident(cluster->name, AST_PRINT_QUOTED, &out);
    if (cluster->managed) {
        buffer_printf(&out, " (SIZE = '%s', REPLICATION FACTOR = %d", cluster->size, cluster->replication_factor);
        if (cluster->options_sql[0] != '\0')
            buffer_printf(&out, ", %s", cluster->options_sql);
        buffer_append_char(&out, ')');
    } else {
        buffer_append_text(&out, " REPLICAS (");
        for (int i = 0; i < cluster->replica_count; i++) {
            buffer_append_text(&out, i == 0 ? "" : ", ");
            ast_print_ident(cluster->replicas[i].name, AST_PRINT_QUOTED, &out);
            buffer_printf(&out, " (SIZE = '%s')", cluster->replicas[i].size);
        }
        buffer_append_char(&out, ')');
    }
    return buffer_to_arena(&out, arena);
}

static bool
show_create(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    if (show->type == AST_OBJECT_CLUSTER) {
        AstIdent name = {show->name.parts[0], show->name.position};
        CatalogCluster *cluster;
        return find_cluster(context, &name, &cluster, err) &&
               append_create(sql, cluster->name, cluster_sql(cluster, context->arena), context->arena, err);
    }
    Item *item;
    if (show->type == AST_OBJECT_SECRET)
        return error_at(err, show->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "SHOW CREATE SECRET is not supported");
    if (!find_item_of_kind(context, &show->name, show->type, false, &item, err))
        return false;
    const char *full = item_full_name(item, context->arena);
    if (is_system(item->id))
        return error_at(err, show->name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                        "cannot show create for system object %s", full);
    return append_create(sql, full, item->create_sql, context->arena, err);
}

/* ---- filters, and the whole ---- */

static bool
show_sql(PlannerContext *context, const AstShow *show, Buffer *sql, Error *err)
{
    Buffer inner = {0};
    const char *columns = "*", *order = NULL;
    bool ok;
    switch (show->kind) {
    case AST_SHOW_OBJECTS:
        ok = show_objects(context, show, &inner, &order, err);
        break;
    case AST_SHOW_COLUMNS:
        columns = "name, nullable, type, comment";
        order = "position";
        ok = show_columns(context, show, &inner, err);
        break;
    case AST_SHOW_CREATE:
        ok = show_create(context, show, &inner, err);
        break;
    default:
        ok = error_at(err, show->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "this form of SHOW is not supported");
    }
    if (ok) {
        buffer_printf(sql, "SELECT %s FROM (%s) AS shown", columns, buffer_text(&inner));
        if (show->like != NULL) {
            buffer_append_text(sql, " WHERE name LIKE ");
            append_literal(sql, show->like);
        } else if (show->where != NULL) {
            buffer_append_text(sql, " WHERE ");
            ast_print_expr(show->where, AST_PRINT_QUOTED, sql);
        }
        if (order != NULL)
            buffer_printf(sql, " ORDER BY %s", order);
    }
    buffer_deinit(&inner);
    return ok;
}

bool
show_query(PlannerContext *context, const AstShow *show, const AstQuery **query, Error *err)
{
    Buffer sql = {0};
    if (!show_sql(context, show, &sql, err)) {
        buffer_deinit(&sql);
        return false;
    }
    AstStatement *statement;
    char *text = buffer_to_arena(&sql, context->arena);
    if (!parse_statement(slice_of(text), context->arena, &statement, err))
        return false;
    *query = statement->select;
    return true;
}

bool
plan_show(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
          Error *err)
{
    const AstQuery *query;
    (void) indexes;
    if (!show_query(context, statement->show, &query, err) || !plan_query(context, query, &plan->query, err))
        return false;
    plan->kind = PLAN_QUERY;
    plan->tag = "SELECT";
    plan->desc = planned_query_desc(plan->query);
    return true;
}
