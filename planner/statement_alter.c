/*
 * ALTER ... OWNER TO, SET and RESET of options.
 */
#include <ctype.h>

#include "planner/statement_internal.h"

const char *
alter_tag(PlannerContext *context, AstObjectType type)
{
    char *tag = arena_printf(context->arena, "ALTER %s", ast_object_type_name(type));
    for (char *c = tag; *c != '\0'; c++)
        *c = (char) toupper((unsigned char) *c);
    return tag;
}

bool
put_item_copy(PlannerContext *context, const Item *old, StatementPlan *plan, Item **copy, Error *err)
{
    *copy = item_copy(old);
    change_put_item(plan, *copy);
    return item_replan(context, *copy, err);
}

/* ---- owners ---- */

typedef struct IndexSearch {
    ItemVector found;
} IndexSearch;

static void
note_index(void *context, Item *item)
{
    IndexSearch *search = context;
    if (item->kind == ITEM_INDEX)
        vector_push(&search->found, item);
}

/* Indexes belong to whom the relation belongs to. */
static bool
item_owner(PlannerContext *context, const AstAlterOwner *alter, const Role *role, StatementPlan *plan, Error *err)
{
    Item *item, *copy;
    if (!find_item_of_kind(context, &alter->name, alter->type, alter->if_exists, &item, err))
        return false;
    if (item == NULL)
        return true;
    if (item->kind == ITEM_INDEX) {
        plan_notice(context, SQLSTATE_WARNING, "cannot change owner of \"%s\"", item->name);
        return true;
    }
    if (!not_system(item, alter->name.position, context, err))
        return false;
    plan_change(plan, plan->tag);
    IndexSearch search = {0};
    catalog_each_dependent(context->catalog, item->id, note_index, &search);
    vector_push(&search.found, item);
    bool ok = true;
    for (size_t i = 0; i < search.found.count && ok; i++) {
        ok = put_item_copy(context, search.found.items[i], plan, &copy, err);
        copy->owner = role->id;
    }
    vector_deinit(&search.found);
    return ok;
}

static bool
schema_owner(PlannerContext *context, const AstAlterOwner *alter, const Role *role, StatementPlan *plan, Error *err)
{
    Schema *schema;
    if (!find_schema(context, &alter->name, &schema, err))
        return false;
    if (schema->database == NULL)
        return error_at(err, alter->name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                        "system schema '%s' cannot be modified", schema->name);
    plan_change(plan, plan->tag);
    Schema *copy = schema_copy(schema);
    copy->owner = role->id;
    ChangeStep step = {.kind = CHANGE_PUT_SCHEMA, .id = copy->id, .schema = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

static bool
database_owner(PlannerContext *context, const AstAlterOwner *alter, const Role *role, StatementPlan *plan, Error *err)
{
    const char *text = alter->name.parts[alter->name.count - 1];
    Database *database = catalog_database(context->catalog, text);
    if (database == NULL)
        return error_at(err, alter->name.position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'", text);
    plan_change(plan, plan->tag);
    Database *copy = database_copy(database);
    copy->owner = role->id;
    ChangeStep step = {.kind = CHANGE_PUT_DATABASE, .id = copy->id, .database = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

static bool
cluster_owner(PlannerContext *context, const AstAlterOwner *alter, const Role *role, StatementPlan *plan, Error *err)
{
    AstIdent name = {alter->name.parts[0], alter->name.position};
    CatalogCluster *cluster;
    if (!find_cluster(context, &name, &cluster, err))
        return false;
    if (is_system(cluster->id))
        return error_at(err, name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system cluster '%s' cannot be modified",
                        cluster->name);
    plan_change(plan, plan->tag);
    CatalogCluster *copy = cluster_copy(cluster);
    copy->owner = role->id;
    ChangeStep step = {.kind = CHANGE_PUT_CLUSTER, .id = copy->id, .cluster = copy};
    vector_push(&plan->change->steps, step);
    return true;
}

bool
plan_alter_owner(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                 StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterOwner *alter = statement->alter_owner;
    Role *role;
    plan_nothing(plan, alter_tag(context, alter->type));
    if (!find_role(context, &alter->owner, &role, err))
        return false;
    switch (alter->type) {
    case AST_OBJECT_SCHEMA:
        return schema_owner(context, alter, role, plan, err);
    case AST_OBJECT_DATABASE:
        return database_owner(context, alter, role, plan, err);
    case AST_OBJECT_CLUSTER:
        return cluster_owner(context, alter, role, plan, err);
    case AST_OBJECT_CLUSTER_REPLICA:
    case AST_OBJECT_NETWORK_POLICY:
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "OWNER TO of a %s is not supported",
                        ast_object_type_name(alter->type));
    default:
        return item_owner(context, alter, role, plan, err);
    }
}

/* ---- options ---- */

/* History and intervals are accepted: how long history is kept does not depend on them. */
bool
plan_alter_options(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                   StatementPlan *plan, Error *err)
{
    static const char *const accepted[] = {"RETAIN HISTORY", "TIMESTAMP INTERVAL", NULL};
    const AstAlterOptions *alter = statement->alter_options;
    if (alter->type == AST_OBJECT_CLUSTER)
        return plan_alter_cluster(context, statement, indexes, plan, err);
    Item *item;
    plan_nothing(plan, alter_tag(context, alter->type));
    return find_item_of_kind(context, &alter->name, alter->type, alter->if_exists, &item, err) &&
           options_known(&alter->options, accepted, plan->tag, err);
}
