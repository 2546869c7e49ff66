/*
 * COMMENT ON: kept with what it is about.
 */
#include <stdlib.h>

#include "planner/statement_internal.h"

enum { COMMENT_BYTES_MAX = 1024 };

static bool
comment_on_item(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    Item *item, *copy;
    if (!find_item_of_kind(context, &comment->name, comment->type, false, &item, err) ||
        !not_system(item, comment->name.position, context, err))
        return false;
    plan_change(plan, plan->tag);
    if (!put_item_copy(context, item, plan, &copy, err))
        return false;
    copy->comment = comment->text == NULL ? NULL : arena_strdup(copy->arena, comment->text);
    return true;
}

static bool
comment_on_column(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    AstName relation = comment->name;
    Item *item, *copy;
    if (relation.count < 2)
        return error_at(err, relation.position, SQLSTATE_SYNTAX_ERROR, "column name must be qualified");
    const char *column = relation.parts[--relation.count];
    if (!find_relation(context, &relation, &item, err) || !not_system(item, relation.position, context, err))
        return false;
    int at = 0;
    while (item->desc != NULL && at < item->desc->column_count && strcmp(item->desc->columns[at].name, column) != 0)
        at++;
    if (item->desc == NULL || at == item->desc->column_count)
        return error_at(err, relation.position, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
                        ast_name_text(&comment->name, context->arena));
    plan_change(plan, plan->tag);
    if (!put_item_copy(context, item, plan, &copy, err))
        return false;
    if (copy->column_comments == NULL)
        copy->column_comments = map_new();
    if (comment->text == NULL)
        map_remove(copy->column_comments, slice_of(column));
    else
        map_put(copy->column_comments, slice_of(column), arena_strdup(copy->arena, comment->text));
    return true;
}

/* A comment on the heap, in place of what was there. */
static void
replace_comment(const char **comment, const char *text)
{
    free((char *) *comment);
    *comment = text == NULL ? NULL : memory_strdup(text);
}

static bool
comment_on_schema(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    Schema *schema;
    if (!find_schema(context, &comment->name, &schema, err))
        return false;
    if (schema->database == NULL)
        return error_at(err, comment->name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                        "system schema '%s' cannot be modified", schema->name);
    plan_change(plan, plan->tag);
    Schema *copy = schema_copy(schema);
    replace_comment(&copy->comment, comment->text);
    ChangeStep step = {.kind = CHANGE_PUT_SCHEMA, .id = copy->id, .schema = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

static bool
comment_on_database(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    const Database *database = catalog_database(context->catalog, comment->name.parts[0]);
    if (database == NULL)
        return error_at(err, comment->name.position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'",
                        comment->name.parts[0]);
    plan_change(plan, plan->tag);
    Database *copy = database_copy(database);
    replace_comment(&copy->comment, comment->text);
    ChangeStep step = {.kind = CHANGE_PUT_DATABASE, .id = copy->id, .database = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

static bool
comment_on_role(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    AstIdent ident = {.text = comment->name.parts[0], .position = comment->name.position};
    Role *role;
    if (!find_role(context, &ident, &role, err) || (is_system(role->id) && !name_not_reserved(&ident, "role", err)))
        return false;
    plan_change(plan, plan->tag);
    Role *copy = role_copy(role);
    replace_comment(&copy->comment, comment->text);
    ChangeStep step = {.kind = CHANGE_PUT_ROLE, .id = copy->id, .role = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

/* On a cluster, or on the replica that the name goes on to. */
static bool
comment_on_cluster(PlannerContext *context, const AstComment *comment, StatementPlan *plan, Error *err)
{
    const AstName *name = &comment->name;
    AstIdent ident = {.text = name->parts[0], .position = name->position};
    CatalogCluster *cluster;
    if (!find_cluster(context, &ident, &cluster, err))
        return false;
    if (is_system(cluster->id))
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system cluster '%s' cannot be modified",
                        cluster->name);
    int replica = -1;
    if (comment->type == AST_OBJECT_CLUSTER_REPLICA) {
        for (int i = 0; name->count > 1 && i < cluster->replica_count; i++)
            replica = strcmp(cluster->replicas[i].name, name->parts[1]) == 0 ? i : replica;
        if (replica < 0)
            return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster replica '%s'",
                            ast_name_text(name, context->arena));
    }
    plan_change(plan, plan->tag);
    CatalogCluster *copy = cluster_copy(cluster);
    replace_comment(replica < 0 ? &copy->comment : &copy->replicas[replica].comment, comment->text);
    ChangeStep step = {.kind = CHANGE_PUT_CLUSTER, .id = copy->id, .cluster = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

bool
plan_comment(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
             Error *err)
{
    (void) indexes;
    const AstComment *comment = statement->comment;
    plan_nothing(plan, "COMMENT");
    if (comment->text != NULL && strlen(comment->text) > COMMENT_BYTES_MAX)
        return error_at(err, statement->position, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                        "provided comment was %zu bytes long, max size is %d bytes", strlen(comment->text),
                        COMMENT_BYTES_MAX);
    switch (comment->type) {
    case AST_OBJECT_COLUMN:
        return comment_on_column(context, comment, plan, err);
    case AST_OBJECT_TABLE:
    case AST_OBJECT_VIEW:
    case AST_OBJECT_MATERIALIZED_VIEW:
    case AST_OBJECT_SOURCE:
    case AST_OBJECT_SUBSOURCE:
    case AST_OBJECT_SINK:
    case AST_OBJECT_INDEX:
    case AST_OBJECT_SECRET:
    case AST_OBJECT_CONNECTION:
    case AST_OBJECT_TYPE:
        return comment_on_item(context, comment, plan, err);
    case AST_OBJECT_SCHEMA:
        return comment_on_schema(context, comment, plan, err);
    case AST_OBJECT_DATABASE:
        return comment_on_database(context, comment, plan, err);
    case AST_OBJECT_ROLE:
        return comment_on_role(context, comment, plan, err);
    case AST_OBJECT_CLUSTER:
    case AST_OBJECT_CLUSTER_REPLICA:
        return comment_on_cluster(context, comment, plan, err);
    default:
        return error_at(err, comment->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED, "COMMENT ON a %s is not supported",
                        ast_object_type_name(comment->type));
    }
}
