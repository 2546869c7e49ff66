/*
 * Clusters and their replicas. The replicas of a managed cluster follow from its size and replication factor: r1, r2, ...
 */
#include <stdio.h>

#include "planner/statement_internal.h"

#define REPLICAS_MAX 5

static const char *const cluster_options[] = {"SIZE",
                                              "REPLICATION FACTOR",
                                              "MANAGED",
                                              "SCHEDULE",
                                              "AVAILABILITY ZONES",
                                              "INTROSPECTION INTERVAL",
                                              "INTROSPECTION DEBUGGING",
                                              "WORKLOAD CLASS",
                                              "DISK",
                                              "IDLE ARRANGEMENT MERGE EFFORT",
                                              "EXPERIMENTAL ARRANGEMENT COMPACTION",
                                              NULL};
static const char *const replica_options[] = {"SIZE",
                                              "AVAILABILITY ZONE",
                                              "INTROSPECTION INTERVAL",
                                              "INTROSPECTION DEBUGGING",
                                              "DISK",
                                              "BILLED AS",
                                              "INTERNAL",
                                              "IDLE ARRANGEMENT MERGE EFFORT",
                                              NULL};

/* ---- options ---- */

static bool
size_option(const AstOptionList *options, Arena *arena, const char **size, Error *err)
{
    const AstOption *option = ast_option_find(options, "SIZE");
    *size = NULL;
    if (option == NULL)
        return true;
    *size = value_text(option->value, arena);
    if (*size == NULL)
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "invalid SIZE option value: cannot use value as string");
    if (cluster_size(*size) != NULL)
        return true;
    error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "unknown cluster replica size %s", *size);
    Buffer known = {0};
    const ClusterSize *each;
    for (size_t i = 0; (each = cluster_size_at(i)) != NULL; i++)
        buffer_printf(&known, i == 0 ? "%s" : ", %s", each->name);
    error_hint(err, "Valid replica sizes: %s.", buffer_text(&known));
    buffer_deinit(&known);
    return false;
}

static bool
factor_option(const AstOptionList *options, Arena *arena, int *factor, Error *err)
{
    const AstOption *option = ast_option_find(options, "REPLICATION FACTOR");
    if (option == NULL)
        return true;
    const char *text = value_text(option->value, arena);
    char *end = NULL;
    long number = text == NULL ? -1 : strtol(text, &end, 10);
    if (text == NULL || end == text || *end != '\0' || number < 0)
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "invalid REPLICATION FACTOR option value: cannot use value as number");
    if (number > REPLICAS_MAX) {
        error_at(err, option->position, SQLSTATE_INSUFFICIENT_RESOURCES,
                 "creating Cluster Replica would violate max_replicas_per_cluster limit (desired: %ld, limit: %d, "
                 "current: 0)",
                 number, REPLICAS_MAX);
        return error_hint(err, "Drop an existing Cluster Replica or use a lower replication factor.");
    }
    *factor = (int) number;
    return true;
}

static bool
check_schedule(const AstOptionList *options, Error *err)
{
    const AstOption *schedule = ast_option_find(options, "SCHEDULE");
    if (schedule == NULL || schedule->value->kind != AST_VALUE_SCHEDULE)
        return true;
    if (ast_option_find(options, "REPLICATION FACTOR") != NULL)
        return error_at(err, schedule->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "REPLICATION FACTOR cannot be given together with any SCHEDULE other than MANUAL");
    return error_at(err, schedule->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "SCHEDULE = ON REFRESH is not supported");
}

static bool
has_own_field(const char *option)
{
    return strcmp(option, "SIZE") == 0 || strcmp(option, "REPLICATION FACTOR") == 0 || strcmp(option, "MANAGED") == 0;
}

/* What an option list looks like when printed: by way of the statement that has one. */
static char *
options_text(AstOptionList *options)
{
    static const char prefix[] = "CREATE CLUSTER c (";
    AstCreateCluster create = {.name = {.text = "c"}, .options = *options};
    AstStatement statement = {.kind = AST_CREATE_CLUSTER, .create_cluster = &create};
    Buffer text = {0};
    ast_print_statement(&statement, AST_PRINT_ONE_LINE, &text);
    char *inside = memory_calloc(1, text.size);
    memcpy(inside, text.bytes + sizeof prefix - 1, text.size - sizeof prefix);
    buffer_deinit(&text);
    return inside;
}

/* The old options without `without`, then the new ones that have no field of their own. */
static bool
merge_options(Arena *arena, const char *old_sql, const AstOptionList *changes, bool reset, char **merged, Error *err)
{
    AstOptionList all = {0};
    AstOptionList old = {0};
    AstStatement *parsed;
    if (old_sql != NULL && old_sql[0] != '\0') {
        if (!parse_statement(slice_of(arena_printf(arena, "CREATE CLUSTER c (%s)", old_sql)), arena, &parsed, err))
            return false;
        old = parsed->create_cluster->options;
    }
    all.items = arena_new_array(arena, AstOption *, old.count + changes->count + 1);
    for (int i = 0; i < old.count; i++)
        if (ast_option_find(changes, old.items[i]->name) == NULL)
            all.items[all.count++] = old.items[i];
    for (int i = 0; !reset && i < changes->count; i++)
        if (!has_own_field(changes->items[i]->name))
            all.items[all.count++] = changes->items[i];
    *merged = options_text(&all);
    return true;
}

/* ---- replicas ---- */

static void
add_replica(PlannerContext *context, CatalogCluster *cluster, const char *name, const char *size)
{
    cluster->replicas =
        memory_realloc(cluster->replicas, (size_t) (cluster->replica_count + 1) * sizeof *cluster->replicas);
    cluster->replicas[cluster->replica_count++] = (ClusterReplica){catalog_allocate_id((Catalog *) context->catalog),
                                                                   memory_strdup(name), memory_strdup(size), NULL};
}

static void
remove_replica(CatalogCluster *cluster, int index)
{
    free((char *) cluster->replicas[index].name);
    free((char *) cluster->replicas[index].size);
    free((char *) cluster->replicas[index].comment);
    memmove(&cluster->replicas[index], &cluster->replicas[index + 1],
            (size_t) (cluster->replica_count - 1 - index) * sizeof *cluster->replicas);
    cluster->replica_count--;
}

static int
find_replica(const CatalogCluster *cluster, const char *name)
{
    for (int i = 0; i < cluster->replica_count; i++)
        if (strcmp(cluster->replicas[i].name, name) == 0)
            return i;
    return -1;
}

/* Replicas of another size are new ones. */
static void
manage_replicas(PlannerContext *context, CatalogCluster *cluster)
{
    for (int i = cluster->replica_count - 1; i >= 0; i--)
        if (i >= cluster->replication_factor || strcmp(cluster->replicas[i].size, cluster->size) != 0)
            remove_replica(cluster, i);
    while (cluster->replica_count < cluster->replication_factor)
        add_replica(context, cluster, arena_printf(context->arena, "r%d", cluster->replica_count + 1), cluster->size);
}

static bool
define_replica(PlannerContext *context, CatalogCluster *cluster, const AstIdent *name, const AstOptionList *options,
               Error *err)
{
    const char *size;
    if (!options_known(options, replica_options, "CLUSTER REPLICA", err) || !name_not_reserved(name, "replica", err) ||
        !size_option(options, context->arena, &size, err))
        return false;
    if (size == NULL)
        return error_at(err, name->position, SQLSTATE_INVALID_PARAMETER_VALUE, "SIZE option must be specified");
    if (find_replica(cluster, name->text) >= 0)
        return error_at(err, name->position, SQLSTATE_DUPLICATE_OBJECT,
                        "cannot create multiple replicas named '%s' on cluster '%s'", name->text, cluster->name);
    if (cluster->replica_count == REPLICAS_MAX)
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_RESOURCES,
                        "creating Cluster Replica would violate max_replicas_per_cluster limit (desired: %d, limit: "
                        "%d, current: %d)",
                        REPLICAS_MAX + 1, REPLICAS_MAX, REPLICAS_MAX);
    add_replica(context, cluster, name->text, size);
    return true;
}

static void
put_cluster(StatementPlan *plan, CatalogCluster *cluster)
{
    ChangeStep step = {.kind = CHANGE_PUT_CLUSTER, .id = cluster->id, .cluster = cluster};
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
must_be_unmanaged(const CatalogCluster *cluster, int position, Error *err)
{
    return !cluster->managed || error_at(err, position, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                                         "cannot modify managed cluster %s", cluster->name);
}

/* ---- CREATE ---- */

static bool
define_managed(PlannerContext *context, const AstCreateCluster *create, CatalogCluster *cluster, Error *err)
{
    const char *size;
    char *others = NULL;
    cluster->replication_factor = 1;
    if (!option_bool(&create->options, "MANAGED", true, &cluster->managed, err) ||
        !size_option(&create->options, context->arena, &size, err) ||
        !factor_option(&create->options, context->arena, &cluster->replication_factor, err) ||
        !check_schedule(&create->options, err) ||
        !merge_options(context->arena, NULL, &create->options, false, &others, err))
        return false;
    free((char *) cluster->options_sql);
    cluster->options_sql = others;
    if (!cluster->managed)
        return error_at(err, create->name.position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "REPLICAS must be specified for unmanaged clusters");
    if (size == NULL)
        return error_at(err, create->name.position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "SIZE must be specified for managed clusters");
    cluster->size = memory_strdup(size);
    manage_replicas(context, cluster);
    return true;
}

bool
plan_create_cluster(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                    StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateCluster *create = statement->create_cluster;
    if (!name_not_reserved(&create->name, "cluster", err) ||
        !options_known(&create->options, cluster_options, "CREATE CLUSTER", err))
        return false;
    if (catalog_cluster(context->catalog, create->name.text) != NULL) {
        if (!create->if_not_exists)
            return error_at(err, create->name.position, SQLSTATE_DUPLICATE_OBJECT, "cluster '%s' already exists",
                            create->name.text);
        plan_notice(context, SQLSTATE_DUPLICATE_OBJECT, "cluster \"%s\" already exists, skipping", create->name.text);
        plan_nothing(plan, "CREATE CLUSTER");
        return true;
    }
    plan_change(plan, "CREATE CLUSTER");
    CatalogCluster *cluster = memory_calloc(1, sizeof *cluster);
    put_cluster(plan, cluster);
    cluster->id = catalog_allocate_id((Catalog *) context->catalog);
    plan->change->steps.items[plan->change->steps.count - 1].id = cluster->id;
    cluster->name = memory_strdup(create->name.text);
    cluster->owner = context->role;
    cluster->options_sql = memory_strdup("");
    if (!create->has_replicas)
        return define_managed(context, create, cluster, err);
    for (int i = 0; i < create->replicas.count; i++)
        if (!define_replica(context, cluster, &create->replicas.items[i].name, &create->replicas.items[i].options, err))
            return false;
    return true;
}

bool
plan_create_cluster_replica(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                            StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateClusterReplica *create = statement->create_cluster_replica;
    CatalogCluster *old;
    if (!find_own_cluster(context, &create->cluster, &old, err) ||
        !must_be_unmanaged(old, create->cluster.position, err))
        return false;
    plan_change(plan, "CREATE CLUSTER REPLICA");
    CatalogCluster *cluster = cluster_copy(old);
    put_cluster(plan, cluster);
    return define_replica(context, cluster, &create->name, &create->options, err);
}

/* ---- DROP CLUSTER REPLICA ---- */

bool
drop_replica(PlannerContext *context, const AstName *name, bool if_exists, StatementPlan *plan, Error *err)
{
    CatalogCluster *old = catalog_cluster(context->catalog, name->parts[0]);
    const char *replica = name->count > 1 ? name->parts[1] : "";
    int index = old == NULL ? -1 : find_replica(old, replica);
    if (index < 0) {
        if (!if_exists)
            return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster replica '%s'",
                            ast_name_text(name, context->arena));
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "cluster replica \"%s\" does not exist, skipping",
                    ast_name_text(name, context->arena));
        return true;
    }
    AstIdent ident = {old->name, name->position};
    if (!find_own_cluster(context, &ident, &old, err) || !must_be_unmanaged(old, name->position, err))
        return false;
    plan_change(plan, "DROP CLUSTER REPLICA");
    CatalogCluster *cluster = NULL;
    for (size_t i = 0; i < plan->change->steps.count; i++)
        if (plan->change->steps.items[i].id == old->id)
            cluster = plan->change->steps.items[i].cluster;
    if (cluster == NULL) {
        cluster = cluster_copy(old);
        put_cluster(plan, cluster);
    }
    index = find_replica(cluster, replica);
    if (index >= 0)
        remove_replica(cluster, index);
    return true;
}

/* ---- ALTER CLUSTER ---- */

static bool
make_managed(CatalogCluster *cluster, const char *size, int position, Error *err)
{
    if (size == NULL && cluster->replica_count > 0)
        size = cluster->replicas[0].size;
    if (size == NULL)
        return error_at(err, position, SQLSTATE_INVALID_PARAMETER_VALUE, "SIZE must be specified for managed clusters");
    cluster->managed = true;
    cluster->size = memory_strdup(size);
    cluster->replication_factor = cluster->replica_count;
    for (int i = 0; i < cluster->replica_count; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "r%d", i + 1);
        if (strcmp(cluster->replicas[i].name, expected) != 0)
            return error_at(err, position, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "cluster replica %s does not have the name that it has in a managed cluster: %s",
                            cluster->replicas[i].name, expected);
    }
    return true;
}

static void
make_unmanaged(CatalogCluster *cluster)
{
    free((char *) cluster->size);
    cluster->size = NULL;
    cluster->managed = false;
    cluster->replication_factor = 0;
}

static bool
set_options(PlannerContext *context, const AstAlterOptions *alter, CatalogCluster *cluster, Error *err)
{
    const AstOptionList *options = &alter->options;
    bool managed;
    const char *size;
    if (!option_bool(options, "MANAGED", cluster->managed, &managed, err) ||
        !size_option(options, context->arena, &size, err) || !check_schedule(options, err))
        return false;
    if (managed && !cluster->managed && !make_managed(cluster, size, alter->name.position, err))
        return false;
    if (!managed && (size != NULL || ast_option_find(options, "REPLICATION FACTOR") != NULL))
        return error_at(err, alter->name.position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "cannot change the SIZE or REPLICATION FACTOR of unmanaged cluster %s", cluster->name);
    if (!managed) {
        make_unmanaged(cluster);
        return true;
    }
    if (!factor_option(options, context->arena, &cluster->replication_factor, err))
        return false;
    if (size != NULL) {
        free((char *) cluster->size);
        cluster->size = memory_strdup(size);
    }
    manage_replicas(context, cluster);
    return true;
}

static bool
reset_options(PlannerContext *context, const AstAlterOptions *alter, CatalogCluster *cluster, Error *err)
{
    const AstOption *size = ast_option_find(&alter->options, "SIZE");
    if (size != NULL)
        return error_at(err, size->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "RESET of SIZE is not supported");
    if (ast_option_find(&alter->options, "REPLICATION FACTOR") != NULL && cluster->managed) {
        cluster->replication_factor = 1;
        manage_replicas(context, cluster);
    }
    return ast_option_find(&alter->options, "MANAGED") == NULL || cluster->managed ||
           make_managed(cluster, NULL, alter->name.position, err);
}

bool
plan_alter_cluster(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                   StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterOptions *alter = statement->alter_options;
    AstIdent name = {alter->name.parts[0], alter->name.position};
    if (alter->if_exists && catalog_cluster(context->catalog, name.text) == NULL) {
        plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "cluster \"%s\" does not exist, skipping", name.text);
        plan_nothing(plan, "ALTER CLUSTER");
        return true;
    }
    CatalogCluster *old;
    if (!find_own_cluster(context, &name, &old, err) ||
        !options_known(&alter->options, cluster_options, "ALTER CLUSTER", err))
        return false;
    plan_change(plan, "ALTER CLUSTER");
    CatalogCluster *cluster = cluster_copy(old);
    put_cluster(plan, cluster);
    char *others;
    if (!merge_options(context->arena, old->options_sql, &alter->options, alter->reset, &others, err))
        return false;
    free((char *) cluster->options_sql);
    cluster->options_sql = others;
    return alter->reset ? reset_options(context, alter, cluster, err) : set_options(context, alter, cluster, err);
}
