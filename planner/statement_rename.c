/*
 * Renames and swaps: of items, schemas, databases, clusters.
 *
 * The SQL of everything that is renamed, or that mentions it, is written anew, and so is the definition that is kept for planning. Names are looked
 * up before the change and replaced by what they will be after it.
 */
#include "planner/statement_internal.h"

/* What gets which name. Zero fields: nothing of that kind. */
typedef struct Renaming {
    PlannerContext *context;
    ObjectId item;
    const char *item_name;
    ObjectId schemas[2];
    const char *schema_names[2];
    ObjectId database;
    const char *database_name;
    ObjectId clusters[2];
    const char *cluster_names[2];
} Renaming;

static const char *
renamed_schema(const Renaming *renaming, const Schema *schema)
{
    for (int i = 0; i < 2; i++)
        if (renaming->schemas[i] != 0 && renaming->schemas[i] == schema->id)
            return renaming->schema_names[i];
    return schema->name;
}

static const char *
renamed_cluster(const Renaming *renaming, const CatalogCluster *cluster)
{
    for (int i = 0; i < 2; i++)
        if (renaming->clusters[i] != 0 && renaming->clusters[i] == cluster->id)
            return renaming->cluster_names[i];
    return cluster->name;
}

/* The full name that an item will have. */
static AstName
renamed_item(const Renaming *renaming, const Item *item, Arena *arena)
{
    const Schema *schema = item->schema;
    AstName name = {.count = 0};
    if (schema->database != NULL) {
        bool moved = renaming->database != 0 && renaming->database == schema->database->id;
        name.parts[name.count++] = arena_strdup(arena, moved ? renaming->database_name : schema->database->name);
    }
    name.parts[name.count++] = arena_strdup(arena, renamed_schema(renaming, schema));
    name.parts[name.count++] = arena_strdup(arena, item->id == renaming->item ? renaming->item_name : item->name);
    return name;
}

/* ---- what is affected ---- */

static bool
name_changes(const Renaming *renaming, const Item *item)
{
    if (item->id == renaming->item || renamed_schema(renaming, item->schema) != item->schema->name)
        return true;
    return renaming->database != 0 && item->schema->database != NULL &&
           item->schema->database->id == renaming->database;
}

typedef struct AffectedSearch {
    const Renaming *renaming;
    ItemVector found;
} AffectedSearch;

static void
push_once(ItemVector *items, Item *item)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i] == item)
            return;
    vector_push(items, item);
}

static void
note_affected(void *context, Item *item)
{
    AffectedSearch *search = context;
    const Renaming *renaming = search->renaming;
    const Catalog *catalog = renaming->context->catalog;
    bool affected = name_changes(renaming, item);
    for (int i = 0; i < 2 && !affected; i++)
        affected = renaming->clusters[i] != 0 && item->cluster == renaming->clusters[i];
    for (int i = 0; i < item->depends_on_count && !affected; i++) {
        const Item *read = catalog_item(catalog, item->depends_on[i]);
        affected = read != NULL && name_changes(renaming, read);
    }
    if (affected && !is_system(item->id))
        push_once(&search->found, item);
    /* A source's SQL lists its subsources. */
    Item *source = item->source == 0 ? NULL : catalog_item(catalog, item->source);
    if (source != NULL && name_changes(renaming, item))
        push_once(&search->found, source);
}

/* ---- one item's SQL ---- */

typedef struct NameWalk {
    const Renaming *renaming;
    Arena *arena;
    ItemVector renamed; /* named here, and changing their names */
} NameWalk;

static bool
rename_name(void *data, AstName *name, Error *err)
{
    NameWalk *walk = data;
    Item *item;
    if (!find_item(walk->renaming->context, name, &item, err))
        return false;
    *name = renamed_item(walk->renaming, item, walk->arena);
    if (name_changes(walk->renaming, item))
        push_once(&walk->renamed, item);
    return true;
}

static bool
names_table(const Item *item, const AstName *name, int parts)
{
    const Schema *schema = item->schema;
    return strcmp(name->parts[parts - 1], item->name) == 0 && strcmp(name->parts[parts - 2], schema->name) == 0 &&
           (parts < 3 || (schema->database != NULL && strcmp(name->parts[parts - 3], schema->database->name) == 0));
}

/* s.t.c becomes t.c: a renamed table is still called t in the query, but not s.t. */
static void
shorten_column(void *data, AstName *name, bool is_star)
{
    NameWalk *walk = data;
    int table_parts = is_star ? name->count : name->count - 1;
    bool renamed = false;
    for (size_t i = 0; i < walk->renamed.count && table_parts >= 2; i++)
        renamed |= names_table(walk->renamed.items[i], name, table_parts);
    if (!renamed)
        return;
    for (int i = 0; i + table_parts - 1 < name->count; i++)
        name->parts[i] = name->parts[i + table_parts - 1];
    name->count -= table_parts - 1;
}

static bool
walk_value(AstValue *value, NameWalk *walk, Error *err)
{
    if (value->broker != NULL && !rename_name(walk, &value->broker->connection, err))
        return false;
    for (int i = 0; i < value->list.count; i++)
        if (!walk_value(value->list.items[i], walk, err))
            return false;
    return value->kind != AST_VALUE_SECRET || rename_name(walk, &value->name, err);
}

static bool
walk_connection(AstCreateConnection *create, NameWalk *walk, Error *err)
{
    static const char *const connections[] = {"SSH TUNNEL", "AWS PRIVATELINK", "AWS CONNECTION"};
    for (int i = 0; i < create->options.count; i++) {
        AstOption *option = create->options.items[i];
        if (!walk_value(option->value, walk, err))
            return false;
        for (size_t c = 0; c < 3; c++)
            if (option->value->kind == AST_VALUE_NAME && strcmp(option->name, connections[c]) == 0 &&
                !rename_name(walk, &option->value->name, err))
                return false;
    }
    return true;
}

static bool
walk_source(AstCreateSource *create, NameWalk *walk, Error *err)
{
    for (int i = 0; i < create->tables.count; i++)
        if (!rename_name(walk, &create->tables.items[i].alias, err))
            return false;
    return rename_name(walk, &create->connection, err) &&
           (create->progress.count == 0 || rename_name(walk, &create->progress, err));
}

/* Every item that a stored statement names, but for its own name. */
static bool
walk_stored(AstStatement *statement, NameWalk *walk, Error *err)
{
    switch (statement->kind) {
    case AST_CREATE_CONNECTION:
        return walk_connection(statement->create_connection, walk, err);
    case AST_CREATE_SOURCE:
        return walk_source(statement->create_source, walk, err);
    case AST_CREATE_SUBSOURCE:
        return statement->create_subsource->of_source.count == 0 ||
               rename_name(walk, &statement->create_subsource->of_source, err);
    case AST_CREATE_TABLE_FROM_SOURCE:
        return rename_name(walk, &statement->create_table_from_source->source, err);
    default:
        return ast_walk_statement(statement, rename_name, walk, err);
    }
}

static void
set_own_name(AstStatement *statement, const AstName *name)
{
    switch (statement->kind) {
    case AST_CREATE_CONNECTION:
        statement->create_connection->name = *name;
        return;
    case AST_CREATE_SECRET:
        statement->create_secret->name = *name;
        return;
    case AST_CREATE_SOURCE:
        statement->create_source->name = *name;
        return;
    case AST_CREATE_SUBSOURCE:
        statement->create_subsource->name = *name;
        return;
    case AST_CREATE_VIEW:
        statement->create_view->name = *name;
        return;
    case AST_CREATE_MATERIALIZED_VIEW:
        statement->create_materialized_view->name = *name;
        return;
    case AST_CREATE_TABLE:
        statement->create_table->name = *name;
        return;
    case AST_CREATE_TABLE_FROM_SOURCE:
        statement->create_table_from_source->name = *name;
        return;
    case AST_CREATE_INDEX:
        statement->create_index->name.text = name->parts[name->count - 1];
        return;
    default:
        return;
    }
}

static void
set_cluster(AstStatement *statement, const char *cluster)
{
    AstIdent *ident = statement->kind == AST_CREATE_SOURCE              ? &statement->create_source->cluster
                      : statement->kind == AST_CREATE_MATERIALIZED_VIEW ? &statement->create_materialized_view->cluster
                      : statement->kind == AST_CREATE_INDEX             ? &statement->create_index->cluster
                                                                        : NULL;
    if (ident != NULL && ident->text != NULL)
        ident->text = cluster;
}

static AstQuery *
stored_query(AstStatement *statement)
{
    return statement->kind == AST_CREATE_VIEW                ? statement->create_view->query
           : statement->kind == AST_CREATE_MATERIALIZED_VIEW ? statement->create_materialized_view->query
                                                             : NULL;
}

/* Planned with the names that are still right, and renamed then. */
static bool
rewrite_definition(NameWalk *walk, const Item *old, Item *item, Error *err)
{
    if (!item_replan(walk->renaming->context, item, err)) {
        err->position = 0;
        return error_prefix(err, "renaming conflict: in %s, ", item_full_name(old, walk->renaming->context->arena));
    }
    AstQuery *definition = (AstQuery *) item->definition; /* this copy's own */
    if (item->kind == ITEM_INDEX || definition == NULL)
        return true;
    if (!ast_walk_query(definition, rename_name, walk, err))
        return false;
    ast_walk_columns(definition, shorten_column, walk);
    return true;
}

static bool
rewrite_sql(NameWalk *walk, const Item *old, Item *item, const AstName *own, Error *err)
{
    const PlannerContext *context = walk->renaming->context;
    AstStatement *statement;
    if (!parse_statement(slice_of(item->create_sql), item->arena, &statement, err) ||
        !walk_stored(statement, walk, err))
        return false;
    if (stored_query(statement) != NULL)
        ast_walk_columns(stored_query(statement), shorten_column, walk);
    set_own_name(statement, own);
    const CatalogCluster *cluster = catalog_cluster_by_id(context->catalog, old->cluster);
    if (cluster != NULL)
        set_cluster(statement, arena_strdup(item->arena, renamed_cluster(walk->renaming, cluster)));
    item->create_sql = print_sql(statement, item->arena);
    return true;
}

static bool
rewrite_item(const Renaming *renaming, const Item *old, StatementPlan *plan, Error *err)
{
    Item *item = item_copy(old);
    change_put_item(plan, item);
    NameWalk walk = {.renaming = renaming, .arena = item->arena};
    AstName own = renamed_item(renaming, old, item->arena);
    bool ok = rewrite_definition(&walk, old, item, err) &&
              (item->create_sql == NULL || rewrite_sql(&walk, old, item, &own, err));
    item->name = own.parts[own.count - 1];
    vector_deinit(&walk.renamed);
    return ok;
}

static bool
rewrite_affected(const Renaming *renaming, StatementPlan *plan, Error *err)
{
    AffectedSearch search = {.renaming = renaming};
    catalog_each_item(renaming->context->catalog, note_affected, &search);
    bool ok = true;
    for (size_t i = 0; i < search.found.count && ok; i++)
        ok = rewrite_item(renaming, search.found.items[i], plan, err);
    vector_deinit(&search.found);
    return ok;
}

/* ---- ALTER ... RENAME ---- */

static bool
rename_one_item(PlannerContext *context, const AstAlterRename *alter, StatementPlan *plan, Error *err)
{
    Item *item = catalog_resolve_item(context->catalog, &context->scope, alter->name.parts, alter->name.count);
    if (item != NULL && alter->type == AST_OBJECT_VIEW && item->kind == ITEM_MATERIALIZED_VIEW) {
        error_at(err, alter->name.position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a view",
                 item_full_name(item, context->arena));
        return error_hint(err, "Use ALTER MATERIALIZED VIEW to rename a materialized view.");
    }
    if (!find_item_of_kind(context, &alter->name, alter->type, alter->if_exists, &item, err))
        return false;
    if (item == NULL)
        return true;
    AstName full = full_name(context->arena, item->schema, alter->to.text);
    full.position = alter->to.position;
    NewName name;
    if (!not_system(item, alter->name.position, context, err) ||
        !new_item_name(context, &full, item_kind_name(item->kind), false, false, &name, err))
        return false;
    plan_change(plan, plan->tag);
    Renaming renaming = {.context = context, .item = item->id, .item_name = alter->to.text};
    return rewrite_affected(&renaming, plan, err);
}

static bool
schema_name_is_free(const Schema *schema, const AstIdent *to, Error *err)
{
    if (strncmp(to->text, "mz_", 3) == 0 || strncmp(to->text, "pg_", 3) == 0) {
        error_at(err, to->position, SQLSTATE_RESERVED_NAME, "unacceptable schema name '%s'", to->text);
        return error_detail(err, "The prefixes \"mz_\" and \"pg_\" are reserved for system schemas.");
    }
    return map_get_text(schema->database->schemas, to->text) == NULL ||
           error_at(err, to->position, SQLSTATE_DUPLICATE_SCHEMA, "schema '%s' already exists", to->text);
}

static void
put_schema_named(StatementPlan *plan, const Schema *schema, const char *name)
{
    Schema *copy = schema_copy(schema);
    free((char *) copy->name);
    copy->name = memory_strdup(name);
    ChangeStep step = {.kind = CHANGE_PUT_SCHEMA, .id = copy->id, .schema = copy};
    vector_push(&plan->change->steps, step);
}

static bool
rename_schema(PlannerContext *context, const AstAlterRename *alter, StatementPlan *plan, Error *err)
{
    Schema *schema = catalog_resolve_schema(context->catalog, &context->scope, alter->name.parts, alter->name.count);
    if (schema == NULL && alter->if_exists) {
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "schema \"%s\" does not exist, skipping",
                    ast_name_text(&alter->name, context->arena));
        return true;
    }
    if (!find_schema(context, &alter->name, &schema, err))
        return false;
    if (schema->database == NULL)
        return error_at(err, alter->name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                        "cannot rename schemas in the ambient database: \"%s\"", schema->name);
    if (!schema_name_is_free(schema, &alter->to, err))
        return false;
    plan_change(plan, plan->tag);
    put_schema_named(plan, schema, alter->to.text);
    Renaming renaming = {.context = context, .schemas = {schema->id}, .schema_names = {alter->to.text}};
    return rewrite_affected(&renaming, plan, err);
}

static bool
rename_database(PlannerContext *context, const AstAlterRename *alter, StatementPlan *plan, Error *err)
{
    const char *text = alter->name.parts[alter->name.count - 1];
    Database *database = catalog_database(context->catalog, text);
    if (database == NULL) {
        if (!alter->if_exists)
            return error_at(err, alter->name.position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'", text);
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "database \"%s\" does not exist, skipping", text);
        return true;
    }
    if (catalog_database(context->catalog, alter->to.text) != NULL)
        return error_at(err, alter->to.position, SQLSTATE_DUPLICATE_DATABASE, "database '%s' already exists",
                        alter->to.text);
    plan_change(plan, plan->tag);
    Database *copy = database_copy(database);
    free((char *) copy->name);
    copy->name = memory_strdup(alter->to.text);
    ChangeStep step = {.kind = CHANGE_PUT_DATABASE, .id = copy->id, .database = copy};
    vector_push(&plan->change->steps, step);
    Renaming renaming = {.context = context, .database = database->id, .database_name = alter->to.text};
    return rewrite_affected(&renaming, plan, err);
}

static void
put_cluster_named(StatementPlan *plan, const CatalogCluster *cluster, const char *name)
{
    CatalogCluster *copy = cluster_copy(cluster);
    free((char *) copy->name);
    copy->name = memory_strdup(name);
    ChangeStep step = {.kind = CHANGE_PUT_CLUSTER, .id = copy->id, .cluster = copy};
    vector_push(&plan->change->steps, step);
}

static bool
find_own_cluster(PlannerContext *context, const AstIdent *name, CatalogCluster **cluster, Error *err)
{
    if (!find_cluster(context, name, cluster, err))
        return false;
    return !is_system((*cluster)->id) || error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                                                  "system cluster '%s' cannot be modified", (*cluster)->name);
}

static bool
rename_cluster(PlannerContext *context, const AstAlterRename *alter, StatementPlan *plan, Error *err)
{
    AstIdent name = {alter->name.parts[alter->name.count - 1], alter->name.position};
    CatalogCluster *cluster;
    if (alter->if_exists && catalog_cluster(context->catalog, name.text) == NULL) {
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "cluster \"%s\" does not exist, skipping", name.text);
        return true;
    }
    if (!find_own_cluster(context, &name, &cluster, err) || !name_not_reserved(&alter->to, "cluster", err))
        return false;
    if (catalog_cluster(context->catalog, alter->to.text) != NULL)
        return error_at(err, alter->to.position, SQLSTATE_DUPLICATE_OBJECT, "cluster '%s' already exists",
                        alter->to.text);
    plan_change(plan, plan->tag);
    put_cluster_named(plan, cluster, alter->to.text);
    Renaming renaming = {.context = context, .clusters = {cluster->id}, .cluster_names = {alter->to.text}};
    return rewrite_affected(&renaming, plan, err);
}

static bool
rename_replica(PlannerContext *context, const AstAlterRename *alter, StatementPlan *plan, Error *err)
{
    AstIdent name = {alter->name.parts[0], alter->name.position};
    const char *replica = alter->name.count > 1 ? alter->name.parts[1] : "";
    CatalogCluster *cluster;
    if (!find_own_cluster(context, &name, &cluster, err))
        return false;
    int found = -1, taken = -1;
    for (int i = 0; i < cluster->replica_count; i++) {
        if (strcmp(cluster->replicas[i].name, replica) == 0)
            found = i;
        if (strcmp(cluster->replicas[i].name, alter->to.text) == 0)
            taken = i;
    }
    if (found < 0 && alter->if_exists) {
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "cluster replica \"%s\" does not exist, skipping",
                    ast_name_text(&alter->name, context->arena));
        return true;
    }
    if (found < 0)
        return error_at(err, alter->name.position, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster replica '%s'",
                        ast_name_text(&alter->name, context->arena));
    if (cluster->managed)
        return error_at(err, alter->name.position, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot modify managed cluster %s", cluster->name);
    if (taken >= 0)
        return error_at(err, alter->to.position, SQLSTATE_DUPLICATE_OBJECT,
                        "cannot create multiple replicas named '%s' on cluster '%s'", alter->to.text, cluster->name);
    plan_change(plan, plan->tag);
    put_cluster_named(plan, cluster, cluster->name);
    ClusterReplica *renamed = &plan->change->steps.items[plan->change->steps.count - 1].cluster->replicas[found];
    free((char *) renamed->name);
    renamed->name = memory_strdup(alter->to.text);
    return true;
}

bool
plan_alter_rename(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterRename *alter = statement->alter_rename;
    plan_nothing(plan, alter_tag(context, alter->type));
    switch (alter->type) {
    case AST_OBJECT_DATABASE:
        return rename_database(context, alter, plan, err);
    case AST_OBJECT_SCHEMA:
        return rename_schema(context, alter, plan, err);
    case AST_OBJECT_CLUSTER:
        return rename_cluster(context, alter, plan, err);
    case AST_OBJECT_CLUSTER_REPLICA:
        return rename_replica(context, alter, plan, err);
    case AST_OBJECT_NETWORK_POLICY:
    case AST_OBJECT_TYPE:
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "ALTER of a %s is not supported",
                        ast_object_type_name(alter->type));
    default:
        return rename_one_item(context, alter, plan, err);
    }
}

/* ---- ALTER ... SWAP WITH ---- */

static bool
swap_schemas(PlannerContext *context, const AstAlterSwap *alter, StatementPlan *plan, Error *err)
{
    Schema *a;
    if (!find_schema(context, &alter->name, &a, err))
        return false;
    Schema *b = a->database == NULL ? catalog_schema(context->catalog, NULL, alter->with.text)
                                    : catalog_schema(context->catalog, a->database->name, alter->with.text);
    if (b == NULL)
        return error_at(err, alter->with.position, SQLSTATE_INVALID_SCHEMA_NAME, "unknown schema '%s'",
                        alter->with.text);
    if (a->database == NULL || b->database == NULL)
        return error_at(err, alter->name.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                        "cannot swap schemas that are in the ambient database");
    if (a == b)
        return true;
    plan_change(plan, plan->tag);
    put_schema_named(plan, a, b->name);
    put_schema_named(plan, b, a->name);
    Renaming renaming = {.context = context, .schemas = {a->id, b->id}, .schema_names = {b->name, a->name}};
    return rewrite_affected(&renaming, plan, err);
}

static bool
swap_clusters(PlannerContext *context, const AstAlterSwap *alter, StatementPlan *plan, Error *err)
{
    AstIdent name = {alter->name.parts[alter->name.count - 1], alter->name.position};
    CatalogCluster *a, *b;
    if (!find_own_cluster(context, &name, &a, err) || !find_own_cluster(context, &alter->with, &b, err))
        return false;
    if (a == b)
        return true;
    plan_change(plan, plan->tag);
    put_cluster_named(plan, a, b->name);
    put_cluster_named(plan, b, a->name);
    Renaming renaming = {.context = context, .clusters = {a->id, b->id}, .cluster_names = {b->name, a->name}};
    return rewrite_affected(&renaming, plan, err);
}

bool
plan_alter_swap(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
                Error *err)
{
    (void) indexes;
    const AstAlterSwap *alter = statement->alter_swap;
    plan_nothing(plan, alter_tag(context, alter->type));
    switch (alter->type) {
    case AST_OBJECT_SCHEMA:
        return swap_schemas(context, alter, plan, err);
    case AST_OBJECT_CLUSTER:
        return swap_clusters(context, alter, plan, err);
    default:
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "ALTER %s...SWAP WITH is not supported", plan->tag + strlen("ALTER "));
    }
}
