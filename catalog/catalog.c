/*
 * Look-up and change of the in-memory catalog.
 */
#include "catalog/catalog_internal.h"

/* ---- lifetime ---- */

Catalog *
catalog_new(void)
{
    Catalog *catalog = memory_calloc(1, sizeof *catalog);
    catalog->databases = map_new();
    catalog->database_ids = map_new();
    catalog->system_schemas = map_new();
    catalog->schema_ids = map_new();
    catalog->roles = map_new();
    catalog->role_ids = map_new();
    catalog->clusters = map_new();
    catalog->cluster_ids = map_new();
    catalog->item_ids = map_new();
    catalog->item_oids = map_new();
    catalog->settings = map_new();
    catalog->next_id = 1;
    catalog->next_oid = USER_OID_FIRST;
    catalog->version = 1;
    builtin_install(catalog);
    return catalog;
}

static void
free_all(Map *map, void (*free_value)(void *value))
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(map, &iterator, &key, &value))
        free_value(value);
    map_free(map);
}

static void
free_database_value(void *value)
{
    database_free(value);
}

static void
free_schema_value(void *value)
{
    schema_free(value);
}

static void
free_role_value(void *value)
{
    role_free(value);
}

static void
free_cluster_value(void *value)
{
    catalog_cluster_free(value);
}

static void
free_item_value(void *value)
{
    item_free(value);
}

void
catalog_free(Catalog *catalog)
{
    if (catalog == NULL)
        return;
    map_free(catalog->databases);
    map_free(catalog->system_schemas);
    map_free(catalog->roles);
    map_free(catalog->clusters);
    map_free(catalog->item_oids);
    free_all(catalog->item_ids, free_item_value);
    free_all(catalog->schema_ids, free_schema_value);
    free_all(catalog->database_ids, free_database_value);
    free_all(catalog->role_ids, free_role_value);
    free_all(catalog->cluster_ids, free_cluster_value);
    free_all(catalog->settings, free);
    vector_deinit(&catalog->items);
    for (char **cidr = catalog->egress; cidr != NULL && *cidr != NULL; cidr++)
        free(*cidr);
    free(catalog->egress);
    free(catalog);
}

uint64_t
catalog_version(const Catalog *catalog)
{
    return catalog->version;
}

ObjectId
catalog_allocate_id(Catalog *catalog)
{
    return catalog->next_id++;
}

uint32_t
catalog_allocate_oid(Catalog *catalog)
{
    return catalog->next_oid++;
}

/* ---- look-up ---- */

Database *
catalog_database(const Catalog *catalog, const char *name)
{
    return name == NULL ? NULL : map_get_text(catalog->databases, name);
}

Schema *
catalog_schema(const Catalog *catalog, const char *database_name, const char *name)
{
    Schema *schema = map_get_text(catalog->system_schemas, name);
    const Database *database = catalog_database(catalog, database_name);
    return schema != NULL ? schema : database == NULL ? NULL : map_get_text(database->schemas, name);
}

Item *
catalog_item(const Catalog *catalog, ObjectId id)
{
    return map_get_u64(catalog->item_ids, id);
}

Item *
catalog_item_by_oid(const Catalog *catalog, uint32_t oid)
{
    return map_get_u64(catalog->item_oids, oid);
}

Item *
catalog_item_in(const Schema *schema, const char *name)
{
    return map_get_text(schema->items, name);
}

Item *
catalog_type_in(const Schema *schema, const char *name)
{
    return map_get_text(schema->types, name);
}

CatalogCluster *
catalog_cluster(const Catalog *catalog, const char *name)
{
    return name == NULL ? NULL : map_get_text(catalog->clusters, name);
}

CatalogCluster *
catalog_cluster_by_id(const Catalog *catalog, ObjectId id)
{
    return map_get_u64(catalog->cluster_ids, id);
}

Role *
catalog_role(const Catalog *catalog, const char *name)
{
    return name == NULL ? NULL : map_get_text(catalog->roles, name);
}

Role *
catalog_role_by_id(const Catalog *catalog, ObjectId id)
{
    return map_get_u64(catalog->role_ids, id);
}

Database *
catalog_database_by_id(const Catalog *catalog, ObjectId id)
{
    return map_get_u64(catalog->database_ids, id);
}

Schema *
catalog_schema_by_id(const Catalog *catalog, ObjectId id)
{
    return map_get_u64(catalog->schema_ids, id);
}

static bool
is_visible(const NameScope *scope, const Item *item)
{
    return item != NULL && (!item->is_temporary || item->temporary_session == scope->session);
}

/* Types have names of their own, apart from everything else's. */
static Item *
find_in(const Catalog *catalog, const NameScope *scope, const char *database, const char *schema_name, const char *name,
        bool type)
{
    const Schema *schema = catalog_schema(catalog, database, schema_name);
    Item *item = schema == NULL ? NULL : type ? catalog_type_in(schema, name) : catalog_item_in(schema, name);
    return is_visible(scope, item) ? item : NULL;
}

static Item *
find_unqualified(const Catalog *catalog, const NameScope *scope, const char *name, bool type)
{
    const char *database = scope->database;
    Item *item = find_in(catalog, scope, database, "mz_catalog", name, type);
    if (item == NULL)
        item = find_in(catalog, scope, database, "pg_catalog", name, type);
    for (const char *const *schema = scope->search_path; item == NULL && schema != NULL && *schema != NULL; schema++)
        item = find_in(catalog, scope, database, *schema, name, type);
    return item;
}

static Item *
resolve(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count, bool type)
{
    switch (part_count) {
    case 1:
        return find_unqualified(catalog, scope, parts[0], type);
    case 2:
        return find_in(catalog, scope, scope->database, parts[0], parts[1], type);
    case 3:
        return find_in(catalog, scope, parts[0], parts[1], parts[2], type);
    default:
        return NULL;
    }
}

Item *
catalog_resolve_item(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count)
{
    return resolve(catalog, scope, parts, part_count, false);
}

Item *
catalog_resolve_type(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count)
{
    return resolve(catalog, scope, parts, part_count, true);
}

Schema *
catalog_resolve_schema(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count)
{
    switch (part_count) {
    case 1:
        return catalog_schema(catalog, scope->database, parts[0]);
    case 2:
        return catalog_schema(catalog, parts[0], parts[1]);
    default:
        return NULL;
    }
}

Schema *
catalog_default_schema(const Catalog *catalog, const NameScope *scope)
{
    for (const char *const *name = scope->search_path; name != NULL && *name != NULL; name++) {
        Schema *schema = catalog_schema(catalog, scope->database, *name);
        if (schema != NULL)
            return schema;
    }
    return NULL;
}

/* ---- visits ---- */

void
catalog_each_item(const Catalog *catalog, void (*each)(void *context, Item *item), void *context)
{
    for (size_t i = 0; i < catalog->items.count; i++)
        each(context, catalog->items.items[i]);
}

void
catalog_each_database(const Catalog *catalog, void (*each)(void *context, Database *database), void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(catalog->database_ids, &iterator, &key, &value))
        each(context, value);
}

void
catalog_each_schema(const Catalog *catalog, void (*each)(void *context, Schema *schema), void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(catalog->schema_ids, &iterator, &key, &value))
        each(context, value);
}

void
catalog_each_cluster(const Catalog *catalog, void (*each)(void *context, CatalogCluster *cluster), void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(catalog->cluster_ids, &iterator, &key, &value))
        each(context, value);
}

void
catalog_each_role(const Catalog *catalog, void (*each)(void *context, Role *role), void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(catalog->role_ids, &iterator, &key, &value))
        each(context, value);
}

static bool
depends_on(const Item *item, ObjectId id)
{
    for (int i = 0; i < item->depends_on_count; i++)
        if (item->depends_on[i] == id)
            return true;
    return false;
}

void
catalog_each_dependent(const Catalog *catalog, ObjectId id, void (*each)(void *context, Item *item), void *context)
{
    for (size_t i = 0; i < catalog->items.count; i++)
        if (depends_on(catalog->items.items[i], id))
            each(context, catalog->items.items[i]);
}

const char *
catalog_system_setting(const Catalog *catalog, const char *name)
{
    return map_get_text(catalog->settings, name);
}

void
catalog_each_system_setting(const Catalog *catalog, void (*each)(void *context, Slice name, const char *value),
                            void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(catalog->settings, &iterator, &key, &value))
        each(context, key, value);
}

/* ---- changes ---- */

CatalogChange *
catalog_change_new(void)
{
    return memory_calloc(1, sizeof(CatalogChange));
}

static void
step_free(ChangeStep *step)
{
    switch (step->kind) {
    case CHANGE_PUT_DATABASE:
        database_free(step->database);
        return;
    case CHANGE_PUT_SCHEMA:
        schema_free(step->schema);
        return;
    case CHANGE_PUT_ROLE:
        role_free(step->role);
        return;
    case CHANGE_PUT_CLUSTER:
        catalog_cluster_free(step->cluster);
        return;
    case CHANGE_PUT_ITEM:
        item_free(step->item);
        return;
    default:
        return;
    }
}

void
catalog_change_free(CatalogChange *change)
{
    if (change == NULL)
        return;
    for (size_t i = 0; i < change->steps.count; i++)
        step_free(&change->steps.items[i]);
    vector_deinit(&change->steps);
    free(change);
}

static void
exchange_text(const char **a, const char **b)
{
    const char *text = *a;
    *a = *b;
    *b = text;
}

static void
apply_database(Catalog *catalog, Database *database)
{
    Database *old = catalog_database_by_id(catalog, database->id);
    if (old == NULL) {
        database->schemas = map_new();
        map_put(catalog->databases, slice_of(database->name), database);
        map_put_u64(catalog->database_ids, database->id, database);
        return;
    }
    if (map_get_text(catalog->databases, old->name) == old)
        map_remove(catalog->databases, slice_of(old->name));
    exchange_text(&old->name, &database->name);
    exchange_text(&old->acl, &database->acl);
    exchange_text(&old->comment, &database->comment);
    old->owner = database->owner;
    map_put(catalog->databases, slice_of(old->name), old);
    database_free(database);
}

static Map *
schema_names(Catalog *catalog, const Schema *schema)
{
    return schema->database == NULL ? catalog->system_schemas : schema->database->schemas;
}

/* Replacing keeps the entry where it is: items point to it. A swap is two such replacements, hence the check of who has the name. */
static void
apply_schema(Catalog *catalog, Schema *schema)
{
    Schema *old = catalog_schema_by_id(catalog, schema->id);
    Map *names = schema_names(catalog, schema);
    if (old == NULL) {
        schema->items = map_new();
        schema->types = map_new();
        map_put(names, slice_of(schema->name), schema);
        map_put_u64(catalog->schema_ids, schema->id, schema);
        return;
    }
    if (map_get_text(names, old->name) == old)
        map_remove(names, slice_of(old->name));
    exchange_text(&old->name, &schema->name);
    exchange_text(&old->acl, &schema->acl);
    exchange_text(&old->comment, &schema->comment);
    old->owner = schema->owner;
    map_put(names, slice_of(old->name), old);
    schema_free(schema);
}

static void
apply_role(Catalog *catalog, Role *role)
{
    Role *old = catalog_role_by_id(catalog, role->id);
    if (old != NULL) {
        map_remove(catalog->roles, slice_of(old->name));
        map_remove_u64(catalog->role_ids, old->id);
        role_free(old);
    }
    map_put(catalog->roles, slice_of(role->name), role);
    map_put_u64(catalog->role_ids, role->id, role);
}

static void
apply_cluster(Catalog *catalog, CatalogCluster *cluster)
{
    CatalogCluster *old = catalog_cluster_by_id(catalog, cluster->id);
    if (old != NULL) {
        if (map_get_text(catalog->clusters, old->name) == old)
            map_remove(catalog->clusters, slice_of(old->name));
        map_remove_u64(catalog->cluster_ids, old->id);
        catalog_cluster_free(old);
    }
    map_put(catalog->clusters, slice_of(cluster->name), cluster);
    map_put_u64(catalog->cluster_ids, cluster->id, cluster);
}

static size_t
item_position(const Catalog *catalog, ObjectId id)
{
    size_t low = 0, high = catalog->items.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (catalog->items.items[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Map *
item_names(const Item *item)
{
    return item->kind == ITEM_TYPE ? item->schema->types : item->schema->items;
}

static void
remove_item(Catalog *catalog, Item *item)
{
    if (map_get_text(item_names(item), item->name) == item)
        map_remove(item_names(item), slice_of(item->name));
    map_remove_u64(catalog->item_ids, item->id);
    if (map_get_u64(catalog->item_oids, item->oid) == item)
        map_remove_u64(catalog->item_oids, item->oid);
    size_t position = item_position(catalog, item->id);
    vector_remove(&catalog->items, position);
    if (item->kind == ITEM_TYPE)
        type_forget(item->oid);
    item_free(item);
}

void
catalog_insert_item(Catalog *catalog, Item *item)
{
    Item *old = catalog_item(catalog, item->id);
    if (old != NULL)
        remove_item(catalog, old);
    if (item->kind == ITEM_TYPE && item->user_type.detail != NULL)
        type_register(item->user_type);
    map_put(item_names(item), slice_of(item->name), item);
    map_put_u64(catalog->item_ids, item->id, item);
    map_put_u64(catalog->item_oids, item->oid, item);
    size_t position = item_position(catalog, item->id);
    vector_push(&catalog->items, item);
    memmove(&catalog->items.items[position + 1], &catalog->items.items[position],
            (catalog->items.count - 1 - position) * sizeof(Item *));
    catalog->items.items[position] = item;
}

static void
apply_drop(Catalog *catalog, const ChangeStep *step)
{
    switch (step->kind) {
    case CHANGE_DROP_DATABASE: {
        Database *database = map_remove_u64(catalog->database_ids, step->id);
        if (database != NULL)
            map_remove(catalog->databases, slice_of(database->name));
        database_free(database);
        return;
    }
    case CHANGE_DROP_SCHEMA: {
        Schema *schema = map_remove_u64(catalog->schema_ids, step->id);
        if (schema != NULL && map_get_text(schema_names(catalog, schema), schema->name) == schema)
            map_remove(schema_names(catalog, schema), slice_of(schema->name));
        schema_free(schema);
        return;
    }
    case CHANGE_DROP_ROLE: {
        Role *role = map_remove_u64(catalog->role_ids, step->id);
        if (role != NULL)
            map_remove(catalog->roles, slice_of(role->name));
        role_free(role);
        return;
    }
    case CHANGE_DROP_CLUSTER: {
        CatalogCluster *cluster = map_remove_u64(catalog->cluster_ids, step->id);
        if (cluster != NULL && map_get_text(catalog->clusters, cluster->name) == cluster)
            map_remove(catalog->clusters, slice_of(cluster->name));
        catalog_cluster_free(cluster);
        return;
    }
    default: {
        Item *item = catalog_item(catalog, step->id);
        if (item != NULL)
            remove_item(catalog, item);
    }
    }
}

static void
apply_setting(Catalog *catalog, const ChangeStep *step)
{
    void *old = step->value == NULL ? map_remove(catalog->settings, slice_of(step->name))
                                    : map_put(catalog->settings, slice_of(step->name), memory_strdup(step->value));
    free(old);
}

void
catalog_apply(Catalog *catalog, CatalogChange *change)
{
    for (size_t i = 0; i < change->steps.count; i++) {
        ChangeStep *step = &change->steps.items[i];
        switch (step->kind) {
        case CHANGE_PUT_DATABASE:
            apply_database(catalog, step->database);
            break;
        case CHANGE_PUT_SCHEMA:
            apply_schema(catalog, step->schema);
            break;
        case CHANGE_PUT_ROLE:
            apply_role(catalog, step->role);
            break;
        case CHANGE_PUT_CLUSTER:
            apply_cluster(catalog, step->cluster);
            break;
        case CHANGE_PUT_ITEM:
            catalog_insert_item(catalog, step->item);
            break;
        case CHANGE_SET_SYSTEM:
            apply_setting(catalog, step);
            break;
        default:
            apply_drop(catalog, step);
        }
    }
    change->steps.count = 0;
    catalog->written_next_id = catalog->next_id;
    catalog->written_next_oid = catalog->next_oid;
    catalog->version++;
}

/* ---- rows of a change ---- */

static void
rows_of_put(RowSink *sink, const ChangeStep *step)
{
    const Catalog *catalog = sink->catalog;
    switch (step->kind) {
    case CHANGE_PUT_DATABASE: {
        const Database *old = catalog_database_by_id(catalog, step->database->id);
        if (old != NULL) {
            rows_of_database(sink, old, -1);
            durable_row_database(sink, old, -1);
        }
        rows_of_database(sink, step->database, 1);
        durable_row_database(sink, step->database, 1);
        return;
    }
    case CHANGE_PUT_SCHEMA: {
        const Schema *old = catalog_schema_by_id(catalog, step->schema->id);
        if (old != NULL) {
            rows_of_schema(sink, old, -1);
            durable_row_schema(sink, old, -1);
        }
        rows_of_schema(sink, step->schema, 1);
        durable_row_schema(sink, step->schema, 1);
        return;
    }
    case CHANGE_PUT_ROLE: {
        const Role *old = catalog_role_by_id(catalog, step->role->id);
        if (old != NULL) {
            rows_of_role(sink, old, -1);
            durable_row_role(sink, old, -1);
        }
        rows_of_role(sink, step->role, 1);
        durable_row_role(sink, step->role, 1);
        return;
    }
    case CHANGE_PUT_CLUSTER: {
        const CatalogCluster *old = catalog_cluster_by_id(catalog, step->cluster->id);
        if (old != NULL) {
            rows_of_cluster(sink, old, -1);
            durable_row_cluster(sink, old, -1);
        }
        rows_of_cluster(sink, step->cluster, 1);
        durable_row_cluster(sink, step->cluster, 1);
        return;
    }
    default: {
        const Item *old = catalog_item(catalog, step->item->id);
        if (old != NULL) {
            rows_of_item(sink, old, -1);
            durable_row_item(sink, old, -1);
        }
        rows_of_item(sink, step->item, 1);
        durable_row_item(sink, step->item, 1);
    }
    }
}

static void
rows_of_drop(RowSink *sink, const ChangeStep *step)
{
    const Catalog *catalog = sink->catalog;
    switch (step->kind) {
    case CHANGE_DROP_DATABASE: {
        const Database *database = catalog_database_by_id(catalog, step->id);
        rows_of_database(sink, database, -1);
        durable_row_database(sink, database, -1);
        return;
    }
    case CHANGE_DROP_SCHEMA: {
        const Schema *schema = catalog_schema_by_id(catalog, step->id);
        rows_of_schema(sink, schema, -1);
        durable_row_schema(sink, schema, -1);
        return;
    }
    case CHANGE_DROP_ROLE: {
        const Role *role = catalog_role_by_id(catalog, step->id);
        rows_of_role(sink, role, -1);
        durable_row_role(sink, role, -1);
        return;
    }
    case CHANGE_DROP_CLUSTER: {
        const CatalogCluster *cluster = catalog_cluster_by_id(catalog, step->id);
        rows_of_cluster(sink, cluster, -1);
        durable_row_cluster(sink, cluster, -1);
        return;
    }
    default: {
        const Item *item = catalog_item(catalog, step->id);
        rows_of_item(sink, item, -1);
        durable_row_item(sink, item, -1);
    }
    }
}

void
catalog_change_rows(const Catalog *catalog, const CatalogChange *change,
                    void (*emit)(void *context, uint64_t shard_id, Chunk *rows), void *context)
{
    RowSink sink;
    row_sink_init(&sink, catalog);
    for (size_t i = 0; i < change->steps.count; i++) {
        const ChangeStep *step = &change->steps.items[i];
        switch (step->kind) {
        case CHANGE_PUT_DATABASE:
        case CHANGE_PUT_SCHEMA:
        case CHANGE_PUT_ROLE:
        case CHANGE_PUT_CLUSTER:
        case CHANGE_PUT_ITEM:
            rows_of_put(&sink, step);
            break;
        case CHANGE_SET_SYSTEM: {
            const char *old = catalog_system_setting(catalog, step->name);
            if (old != NULL)
                durable_row_setting(&sink, step->name, old, -1);
            if (step->value != NULL)
                durable_row_setting(&sink, step->name, step->value, 1);
            break;
        }
        default:
            rows_of_drop(&sink, step);
        }
    }
    if (catalog->written_next_id != 0)
        durable_row_counters(&sink, catalog->written_next_id, catalog->written_next_oid, -1);
    durable_row_counters(&sink, catalog->next_id, catalog->next_oid, 1);
    row_sink_emit(&sink, emit, context);
}
