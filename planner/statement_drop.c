/*
 * DROP: what goes with what is dropped, and what keeps it from being dropped.
 */
#include <ctype.h>

#include "planner/statement_internal.h"

static bool
contains(const ItemVector *items, const Item *item)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i] == item)
            return true;
    return false;
}

static void
push_once(ItemVector *items, Item *item)
{
    if (!contains(items, item))
        vector_push(items, item);
}

/* ---- dependents ---- */

static void
push_dependent(void *context, Item *item)
{
    push_once(context, item);
}

typedef struct ProgressSearch {
    ItemVector *items;
    ObjectId source;
} ProgressSearch;

static void
push_progress(void *context, Item *item)
{
    ProgressSearch *search = context;
    if (item->source_kind == SOURCE_PROGRESS && item->source == search->source)
        push_once(search->items, item);
}

typedef struct Ordering {
    const Catalog *catalog;
    const ItemVector *wanted;
    ItemVector placed;
} Ordering;

static void
place(void *context, Item *item)
{
    Ordering *ordering = context;
    if (!contains(ordering->wanted, item) || contains(&ordering->placed, item))
        return;
    catalog_each_dependent(ordering->catalog, item->id, place, ordering);
    vector_push(&ordering->placed, item);
}

void
collect_dependents(const Catalog *catalog, ItemVector *items)
{
    for (size_t i = 0; i < items->count; i++) { /* the vector grows meanwhile */
        Item *item = items->items[i];
        catalog_each_dependent(catalog, item->id, push_dependent, items);
        if (item->kind == ITEM_SOURCE && item->source_kind != SOURCE_SUBSOURCE) {
            ProgressSearch search = {items, item->id};
            catalog_each_item(catalog, push_progress, &search);
        }
    }
    Ordering ordering = {.catalog = catalog, .wanted = items};
    for (size_t i = 0; i < items->count; i++)
        place(&ordering, items->items[i]);
    vector_deinit(items);
    *items = ordering.placed;
}

/* ---- dropping items ---- */

typedef struct BlockerSearch {
    const ItemVector *roots;
    Buffer *names;
} BlockerSearch;

static void
note_blocker(void *context, Item *item)
{
    BlockerSearch *search = context;
    if (item->kind == ITEM_INDEX || contains(search->roots, item))
        return;
    buffer_printf(search->names, search->names->size == 0 ? "%s \"%s\"" : ", %s \"%s\"", item_kind_name(item->kind),
                  item->name);
}

static bool
check_blockers(const Catalog *catalog, const ItemVector *roots, Error *err)
{
    for (size_t i = 0; i < roots->count; i++) {
        const Item *root = roots->items[i];
        Buffer names = {0};
        BlockerSearch search = {roots, &names};
        catalog_each_dependent(catalog, root->id, note_blocker, &search);
        if (names.size > 0) {
            error_set(err, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST, "cannot drop %s \"%s\": still depended upon by %s",
                      item_kind_name(root->kind), root->name, buffer_text(&names));
            error_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
        }
        buffer_deinit(&names);
        if (error_is_set(err))
            return false;
    }
    return true;
}

static void
notice_cascade(PlannerContext *context, const ItemVector *all, const ItemVector *roots)
{
    size_t others = 0;
    for (size_t i = 0; i < all->count; i++)
        others += !contains(roots, all->items[i]) && all->items[i]->source_kind != SOURCE_PROGRESS;
    if (others > 0)
        plan_notice(context, SQLSTATE_SUCCESSFUL_COMPLETION, "drop cascades to %zu other object%s", others,
                    others == 1 ? "" : "s");
}

/* A source that stays no longer lists the tables that go. */
static bool
rewrite_sources(PlannerContext *context, const ItemVector *gone, StatementPlan *plan, Error *err)
{
    ItemVector sources = {0};
    bool ok = true;
    for (size_t i = 0; i < gone->count; i++) {
        Item *source = gone->items[i]->source_kind == SOURCE_SUBSOURCE
                           ? catalog_item(context->catalog, gone->items[i]->source)
                           : NULL;
        if (source != NULL && !contains(gone, source))
            push_once(&sources, source);
    }
    for (size_t i = 0; i < sources.count && ok; i++) {
        Item *copy = item_copy(sources.items[i]);
        change_put_item(plan, copy);
        ok = source_forget_tables(copy, gone->items, gone->count, err);
    }
    vector_deinit(&sources);
    return ok;
}

bool
drop_items(PlannerContext *context, ItemVector *roots, bool cascade, StatementPlan *plan, Error *err)
{
    if (!cascade && !check_blockers(context->catalog, roots, err))
        return false;
    ItemVector all = {0};
    for (size_t i = 0; i < roots->count; i++)
        push_once(&all, roots->items[i]);
    collect_dependents(context->catalog, &all);
    if (cascade)
        notice_cascade(context, &all, roots);
    for (size_t i = 0; i < all.count; i++) {
        ChangeStep step = {.kind = CHANGE_DROP_ITEM, .id = all.items[i]->id};
        vector_push(&plan->change->steps, step);
    }
    bool ok = rewrite_sources(context, &all, plan, err);
    vector_deinit(&all);
    return ok;
}

/* ---- items by name ---- */

static bool
check_droppable(PlannerContext *context, const Item *item, const AstName *name, Error *err)
{
    if (!not_system(item, name->position, context, err))
        return false;
    if (item->source_kind == SOURCE_PROGRESS)
        return error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                        "cannot drop %s \"%s\": it is the progress collection of a source and goes with it",
                        item_kind_name(item->kind), item->name);
    return true;
}

static bool
drop_named_items(PlannerContext *context, const AstDrop *drop, StatementPlan *plan, Error *err)
{
    ItemVector roots = {0};
    bool ok = true;
    for (int i = 0; i < drop->names.count && ok; i++) {
        const AstName *name = &drop->names.items[i];
        Item *item;
        ok = find_item_of_kind(context, name, drop->type, drop->if_exists, &item, err) &&
             (item == NULL || check_droppable(context, item, name, err));
        if (ok && item != NULL)
            push_once(&roots, item);
    }
    if (ok && roots.count > 0) {
        plan_change(plan, plan->tag);
        ok = drop_items(context, &roots, drop->behavior == AST_DROP_CASCADE, plan, err);
    }
    vector_deinit(&roots);
    return ok;
}

/* ---- containers ---- */

/* All of a statement's containers are gathered first, so that what is in two of them, or depends on two, is dropped once. */
typedef struct Gathering {
    PlannerContext *context;
    const AstDrop *drop;
    ItemVector contents;
    VECTOR(ChangeStep) containers;
} Gathering;

typedef struct ContentsSearch {
    const Schema *schema;     /* or */
    const Database *database; /* or */
    ObjectId cluster;         /* or */
    ObjectId owner;
    ItemVector found;
} ContentsSearch;

static void
note_content(void *context, Item *item)
{
    ContentsSearch *search = context;
    if ((search->schema != NULL && item->schema == search->schema) ||
        (search->database != NULL && item->schema->database == search->database) ||
        (search->cluster != 0 && item->cluster == search->cluster) ||
        (search->owner != 0 && item->owner == search->owner))
        vector_push(&search->found, item);
}

/* The search's finds become contents. */
static void
gather_contents(Gathering *gathering, ContentsSearch *search)
{
    for (size_t i = 0; i < search->found.count; i++)
        push_once(&gathering->contents, search->found.items[i]);
    vector_deinit(&search->found);
}

static bool
is_gathered(const Gathering *gathering, ChangeKind kind, ObjectId id)
{
    for (size_t i = 0; i < gathering->containers.count; i++)
        if (gathering->containers.items[i].kind == kind && gathering->containers.items[i].id == id)
            return true;
    return false;
}

static void
gather_container(Gathering *gathering, ChangeKind kind, ObjectId id)
{
    ChangeStep step = {.kind = kind, .id = id};
    if (!is_gathered(gathering, kind, id))
        vector_push(&gathering->containers, step);
}

static void
notice_missing(PlannerContext *context, const AstDrop *drop, const AstName *name)
{
    plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "%s \"%s\" does not exist, skipping",
                ast_object_type_name(drop->type), ast_name_text(name, context->arena));
}

static bool
drop_schema(Gathering *gathering, const AstName *name, Error *err)
{
    PlannerContext *context = gathering->context;
    const AstDrop *drop = gathering->drop;
    Schema *schema = catalog_resolve_schema(context->catalog, &context->scope, name->parts, name->count);
    if (schema == NULL) {
        if (!drop->if_exists)
            return error_at(err, name->position, SQLSTATE_INVALID_SCHEMA_NAME, "unknown schema '%s'",
                            ast_name_text(name, context->arena));
        notice_missing(context, drop, name);
        return true;
    }
    if (schema->database == NULL)
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system schema '%s' cannot be modified",
                        schema->name);
    ContentsSearch search = {.schema = schema};
    catalog_each_item(context->catalog, note_content, &search);
    if (search.found.count > 0 && drop->behavior != AST_DROP_CASCADE) {
        vector_deinit(&search.found);
        return error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                        "schema '%s' cannot be dropped without CASCADE while it contains objects",
                        ast_name_text(name, context->arena));
    }
    gather_contents(gathering, &search);
    gather_container(gathering, CHANGE_DROP_SCHEMA, schema->id);
    return true;
}

typedef struct SchemaSearch {
    const Database *database;
    VECTOR(ObjectId) found;
} SchemaSearch;

static void
note_schema(void *context, Schema *schema)
{
    SchemaSearch *search = context;
    if (schema->database == search->database)
        vector_push(&search->found, schema->id);
}

static bool
drop_database(Gathering *gathering, const AstName *name, Error *err)
{
    PlannerContext *context = gathering->context;
    const AstDrop *drop = gathering->drop;
    const char *text = name->parts[name->count - 1];
    Database *database = catalog_database(context->catalog, text);
    if (database == NULL) {
        if (!drop->if_exists)
            return error_at(err, name->position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'", text);
        notice_missing(context, drop, name);
        return true;
    }
    SchemaSearch schemas = {.database = database};
    catalog_each_schema(context->catalog, note_schema, &schemas);
    bool ok = schemas.found.count == 0 || drop->behavior != AST_DROP_RESTRICT ||
              error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                       "database '%s' cannot be dropped with RESTRICT while it contains schemas", text);
    ContentsSearch search = {.database = database};
    if (ok)
        catalog_each_item(context->catalog, note_content, &search);
    gather_contents(gathering, &search);
    for (size_t i = 0; ok && i < schemas.found.count; i++)
        gather_container(gathering, CHANGE_DROP_SCHEMA, schemas.found.items[i]);
    vector_deinit(&schemas.found);
    if (!ok)
        return false;
    gather_container(gathering, CHANGE_DROP_DATABASE, database->id);
    if (context->scope.database != NULL && strcmp(context->scope.database, text) == 0)
        plan_notice(context, SQLSTATE_NOTICE_DROPPED_ACTIVE_DATABASE, "active database \"%s\" has been dropped", text);
    return true;
}

static bool
drop_cluster(Gathering *gathering, const AstName *name, Error *err)
{
    PlannerContext *context = gathering->context;
    const AstDrop *drop = gathering->drop;
    const char *text = name->parts[name->count - 1];
    CatalogCluster *cluster = catalog_cluster(context->catalog, text);
    if (cluster == NULL) {
        if (!drop->if_exists)
            return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster '%s'", text);
        notice_missing(context, drop, name);
        return true;
    }
    if (is_system(cluster->id))
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system cluster '%s' cannot be modified",
                        text);
    ContentsSearch search = {.cluster = cluster->id};
    catalog_each_item(context->catalog, note_content, &search);
    if (search.found.count > 0 && drop->behavior != AST_DROP_CASCADE) {
        vector_deinit(&search.found);
        error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                 "cannot drop cluster \"%s\" because other objects depend on it", text);
        return error_hint(err, "Use DROP ... CASCADE to drop the dependent objects too.");
    }
    gather_contents(gathering, &search);
    gather_container(gathering, CHANGE_DROP_CLUSTER, cluster->id);
    if (context->cluster != NULL && strcmp(context->cluster, text) == 0)
        plan_notice(context, SQLSTATE_NOTICE_DROPPED_ACTIVE_CLUSTER, "active cluster \"%s\" has been dropped", text);
    return true;
}

/* ---- roles ---- */

/* Whether the list of privileges names the role. */
static bool
is_granted(const char *acl, ObjectId role)
{
    ObjectIdText id = object_id_text(role);
    size_t size = strlen(id.text);
    for (const char *at = acl == NULL ? "" : acl; *at != '\0';) {
        if (strncmp(at, id.text, size) == 0 && at[size] == '=')
            return true;
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return false;
}

typedef struct OwnerSearch {
    ObjectId owner;
    bool found;
} OwnerSearch;

static void
note_database_owner(void *context, Database *database)
{
    OwnerSearch *search = context;
    search->found |= database->owner == search->owner || is_granted(database->acl, search->owner);
}

static void
note_schema_owner(void *context, Schema *schema)
{
    OwnerSearch *search = context;
    search->found |= schema->owner == search->owner || is_granted(schema->acl, search->owner);
}

static void
note_cluster_owner(void *context, CatalogCluster *cluster)
{
    OwnerSearch *search = context;
    search->found |= cluster->owner == search->owner || is_granted(cluster->acl, search->owner);
}

static void
note_item_grant(void *context, Item *item)
{
    OwnerSearch *search = context;
    search->found |= is_granted(item->acl, search->owner);
}

/* Or was granted something. */
static bool
owns_something(const Catalog *catalog, ObjectId role)
{
    ContentsSearch items = {.owner = role};
    catalog_each_item(catalog, note_content, &items);
    OwnerSearch search = {.owner = role, .found = items.found.count > 0};
    vector_deinit(&items.found);
    catalog_each_item(catalog, note_item_grant, &search);
    catalog_each_database(catalog, note_database_owner, &search);
    catalog_each_schema(catalog, note_schema_owner, &search);
    catalog_each_cluster(catalog, note_cluster_owner, &search);
    return search.found;
}

typedef struct MemberSearch {
    const Gathering *gathering;
    StatementPlan *plan;
} MemberSearch;

/* Members of what is dropped stay, without that membership. */
static void
leave_roles(void *context, Role *member)
{
    MemberSearch *search = context;
    if (is_gathered(search->gathering, CHANGE_DROP_ROLE, member->id))
        return;
    Role *copy = NULL;
    for (size_t i = member->members_of.count; i > 0; i--) {
        if (!is_gathered(search->gathering, CHANGE_DROP_ROLE, member->members_of.items[i - 1]))
            continue;
        if (copy == NULL)
            copy = role_copy(member);
        vector_remove(&copy->members_of, i - 1);
    }
    ChangeStep step = {.kind = CHANGE_PUT_ROLE, .id = member->id, .role = copy};
    if (copy != NULL)
        vector_push(&search->plan->change->steps, step);
}

static bool
drop_role(Gathering *gathering, const AstName *name, Error *err)
{
    PlannerContext *context = gathering->context;
    const AstDrop *drop = gathering->drop;
    const char *text = name->parts[name->count - 1];
    AstIdent ident = {text, name->position};
    Role *role = catalog_role(context->catalog, text);
    if (role == NULL) {
        if (!drop->if_exists)
            return find_role(context, &ident, &role, err);
        notice_missing(context, drop, name);
        return true;
    }
    if (role->id == context->role)
        return error_at(err, name->position, SQLSTATE_OBJECT_IN_USE, "current role cannot be dropped");
    if (is_system(role->id))
        return error_at(err, name->position, SQLSTATE_RESERVED_NAME, "role name \"%s\" is reserved", text);
    if (owns_something(context->catalog, role->id))
        return error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                        "role \"%s\" cannot be dropped because some objects depend on it", text);
    gather_container(gathering, CHANGE_DROP_ROLE, role->id);
    return true;
}

/* ---- the statement ---- */

static const char *
drop_tag(PlannerContext *context, AstObjectType type)
{
    char *tag = arena_printf(context->arena, "DROP %s", ast_object_type_name(type));
    for (char *c = tag; *c != '\0'; c++)
        *c = (char) toupper((unsigned char) *c);
    return tag;
}

static bool
gather(Gathering *gathering, const AstName *name, Error *err)
{
    switch (gathering->drop->type) {
    case AST_OBJECT_DATABASE:
        return drop_database(gathering, name, err);
    case AST_OBJECT_SCHEMA:
        return drop_schema(gathering, name, err);
    case AST_OBJECT_CLUSTER:
        return drop_cluster(gathering, name, err);
    default:
        return drop_role(gathering, name, err);
    }
}

static bool
drop_containers(PlannerContext *context, const AstDrop *drop, StatementPlan *plan, Error *err)
{
    Gathering gathering = {.context = context, .drop = drop};
    bool ok = true;
    for (int i = 0; i < drop->names.count && ok; i++)
        ok = gather(&gathering, &drop->names.items[i], err);
    if (ok && gathering.containers.count > 0) {
        plan_change(plan, plan->tag);
        ok = gathering.contents.count == 0 || drop_items(context, &gathering.contents, true, plan, err);
        MemberSearch members = {&gathering, plan};
        catalog_each_role(context->catalog, leave_roles, &members);
        for (size_t i = 0; i < gathering.containers.count; i++)
            vector_push(&plan->change->steps, gathering.containers.items[i]);
    }
    vector_deinit(&gathering.contents);
    vector_deinit(&gathering.containers);
    return ok;
}

static bool
drop_replicas(PlannerContext *context, const AstDrop *drop, StatementPlan *plan, Error *err)
{
    for (int i = 0; i < drop->names.count; i++)
        if (!drop_replica(context, &drop->names.items[i], drop->if_exists, plan, err))
            return false;
    return true;
}

bool
plan_drop(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
          Error *err)
{
    (void) indexes;
    const AstDrop *drop = statement->drop;
    plan_nothing(plan, drop_tag(context, drop->type)); /* until something is found */
    switch (drop->type) {
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
        return drop_named_items(context, drop, plan, err);
    case AST_OBJECT_DATABASE:
    case AST_OBJECT_SCHEMA:
    case AST_OBJECT_CLUSTER:
    case AST_OBJECT_ROLE:
        return drop_containers(context, drop, plan, err);
    case AST_OBJECT_CLUSTER_REPLICA:
        return drop_replicas(context, drop, plan, err);
    default:
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "DROP of a %s is not supported",
                        ast_object_type_name(drop->type));
    }
}
