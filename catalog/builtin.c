/*
 * The system objects that every catalog begins with.
 */
#include "catalog/builtin.h"

#include <ctype.h>

#include "catalog/catalog_internal.h"

static const struct {
    const char *schema, *name, *columns;
} tables[] = {
#define TABLE(schema, name, columns) {schema, name, columns},
#include "catalog/builtin/tables.def"
#undef TABLE
};

static const BuiltinView views[] = {
#define VIEW(schema, name, sql)      {schema, name, sql},
#define EMPTY(schema, name, columns) {schema, name, "SELECT " columns " WHERE false"},
#include "catalog/builtin/views.def"

#include "catalog/builtin/pg_catalog.def"

#include "catalog/builtin/information_schema.def"
#undef EMPTY
#undef VIEW
};

static const struct {
    int number;
    uint32_t oid;
    const char *name;
} schemas[] = {{2, 16656, "mz_catalog"},         {3, 16657, "pg_catalog"}, {4, 16658, "mz_internal"},
               {5, 16659, "information_schema"}, {6, 16660, "mz_unsafe"},  {7, 16972, "mz_catalog_unstable"},
               {8, 16973, "mz_introspection"}};

static const struct {
    int number;
    uint32_t oid;
    const char *name;
    bool login, superuser;
} roles[] = {{11, 16661, "mz_system", true, true}, {12, 16662, "mz_support", true, false}};

static const struct {
    int number;
    const char *name;
} clusters[] = {{21, "mz_system"}, {22, "mz_catalog_server"}};

const BuiltinView *
builtin_view_at(size_t index)
{
    return index < sizeof views / sizeof *views ? &views[index] : NULL;
}

static void
install_schemas(Catalog *catalog)
{
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        Schema *schema = memory_calloc(1, sizeof *schema);
        schema->id = OBJECT_ID_SYSTEM | (ObjectId) schemas[i].number;
        schema->oid = schemas[i].oid;
        schema->name = memory_strdup(schemas[i].name);
        schema->owner = OBJECT_ID_SYSTEM | 11;
        schema->items = map_new();
        schema->types = map_new();
        map_put(catalog->system_schemas, slice_of(schema->name), schema);
        map_put_u64(catalog->schema_ids, schema->id, schema);
    }
}

static void
install_roles(Catalog *catalog)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        Role *role = memory_calloc(1, sizeof *role);
        role->id = OBJECT_ID_SYSTEM | (ObjectId) roles[i].number;
        role->oid = roles[i].oid;
        role->name = memory_strdup(roles[i].name);
        role->inherit = true;
        role->login = roles[i].login;
        role->superuser = roles[i].superuser;
        map_put(catalog->roles, slice_of(role->name), role);
        map_put_u64(catalog->role_ids, role->id, role);
    }
}

static void
install_clusters(Catalog *catalog)
{
    for (size_t i = 0; i < sizeof clusters / sizeof *clusters; i++) {
        CatalogCluster *cluster = memory_calloc(1, sizeof *cluster);
        cluster->id = OBJECT_ID_SYSTEM | (ObjectId) clusters[i].number;
        cluster->name = memory_strdup(clusters[i].name);
        cluster->owner = OBJECT_ID_SYSTEM | 11;
        cluster->managed = true;
        cluster->size = memory_strdup("25cc");
        cluster->options_sql = memory_strdup("");
        cluster->replication_factor = cluster->replica_count = 1;
        cluster->replicas = memory_calloc(1, sizeof *cluster->replicas);
        cluster->replicas[0] = (ClusterReplica){OBJECT_ID_SYSTEM | (ObjectId) (clusters[i].number + 10),
                                                memory_strdup("r1"), memory_strdup("25cc"), NULL};
        map_put(catalog->clusters, slice_of(cluster->name), cluster);
        map_put_u64(catalog->cluster_ids, cluster->id, cluster);
    }
}

/* "name type[?]" of the specification; `at` moves behind it and its comma. */
static RelationColumn
read_column(Arena *arena, const char **at)
{
    while (isspace((unsigned char) **at))
        (*at)++;
    bool quoted = **at == '"';
    const char *start = *at += quoted;
    while (**at != (quoted ? '"' : ' '))
        (*at)++;
    RelationColumn column = {.name = arena_strndup(arena, start, (size_t) (*at - start))};
    *at += quoted + 1;
    start = *at;
    while (**at != '\0' && **at != ',' && **at != '?')
        (*at)++;
    size_t size = (size_t) (*at - start);
    bool is_array = size > 2 && start[size - 1] == ']';
    char *type = arena_strndup(arena, start, is_array ? size - 2 : size);
    if (!type_from_name(type, &column.type))
        bug("unknown type %s in tables.def", type);
    if (is_array)
        column.type = type_array_of(column.type);
    column.nullable = **at == '?';
    *at += column.nullable;
    *at += **at == ',';
    return column;
}

static void
install_table(Catalog *catalog, size_t i, const char *schema, const char *name, const char *specification)
{
    Item *item = item_new(ITEM_TABLE);
    uint32_t oid = builtin_relation_oid(schema, name);
    item->id = OBJECT_ID_SYSTEM | (SYSTEM_ITEM_ID_FIRST + i);
    item->oid = oid != 0 ? oid : SYSTEM_OID_FIRST + (uint32_t) i;
    item->schema = map_get_text(catalog->system_schemas, schema);
    item->name = name;
    item->owner = OBJECT_ID_SYSTEM | 11;
    item->shard = item->id;
    item->desc = arena_new_struct(item->arena, RelationDesc);
    VECTOR(RelationColumn) columns = {0};
    for (const char *at = specification; *at != '\0';) {
        RelationColumn column = read_column(item->arena, &at);
        vector_push(&columns, column);
    }
    item->desc->column_count = (int) columns.count;
    item->desc->columns = arena_new_array(item->arena, RelationColumn, columns.count);
    memcpy(item->desc->columns, columns.items, columns.count * sizeof *columns.items);
    vector_deinit(&columns);
    catalog_insert_item(catalog, item);
}

void
builtin_install(Catalog *catalog)
{
    install_schemas(catalog);
    install_roles(catalog);
    install_clusters(catalog);
    size_t count = sizeof tables / sizeof *tables;
    for (size_t i = 0; i < count; i++)
        install_table(catalog, i, tables[i].schema, tables[i].name, tables[i].columns);
    const char *schema, *name, *columns;
    for (size_t i = 0; postgres_relation_at(i, &schema, &name, &columns); i++)
        install_table(catalog, count + i, schema, name, columns);
}

Item *
builtin_table(const Catalog *catalog, const char *schema, const char *name)
{
    const Schema *found = map_get_text(catalog->system_schemas, schema);
    Item *item = found == NULL ? NULL : catalog_item_in(found, name);
    if (item == NULL)
        bug("no system relation %s.%s", schema, name);
    return item;
}

void
builtin_set_egress(Catalog *catalog, const char *const *cidrs)
{
    size_t count = 0;
    while (cidrs[count] != NULL)
        count++;
    catalog->egress = memory_calloc(count + 1, sizeof *catalog->egress);
    for (size_t i = 0; i < count; i++)
        catalog->egress[i] = memory_strdup(cidrs[i]);
}

static void
fill_database(void *context, Database *database)
{
    rows_of_database(context, database, 1);
}

static void
fill_schema(void *context, Schema *schema)
{
    rows_of_schema(context, schema, 1);
}

static void
fill_role(void *context, Role *role)
{
    rows_of_role(context, role, 1);
}

static void
fill_cluster(void *context, CatalogCluster *cluster)
{
    rows_of_cluster(context, cluster, 1);
}

static void
fill_item(void *context, Item *item)
{
    rows_of_item(context, item, 1);
}

void
builtin_fill(const Catalog *catalog, void (*emit)(void *context, uint64_t shard_id, Chunk *rows), void *context)
{
    RowSink sink;
    row_sink_init(&sink, catalog);
    catalog_each_database(catalog, fill_database, &sink);
    catalog_each_schema(catalog, fill_schema, &sink);
    catalog_each_role(catalog, fill_role, &sink);
    catalog_each_cluster(catalog, fill_cluster, &sink);
    catalog_each_item(catalog, fill_item, &sink);
    rows_of_egress(&sink, 1);
    rows_that_never_change(&sink);
    row_sink_emit(&sink, emit, context);
}
