/*
 * Entries: making, copying, freeing, naming.
 */
#include "catalog/catalog_internal.h"

#include <ctype.h>
#include <stdio.h>

ObjectIdText
object_id_text(ObjectId id)
{
    ObjectIdText text;
    bool system = (id & OBJECT_ID_SYSTEM) != 0;
    snprintf(text.text, sizeof text.text, "%c%llu", system ? 's' : 'u', (unsigned long long) (id & ~OBJECT_ID_SYSTEM));
    return text;
}

bool
object_id_parse(Slice text, ObjectId *id)
{
    if (text.size < 2 || text.size > 19 || (text.bytes[0] != 'u' && text.bytes[0] != 's'))
        return false;
    uint64_t number = 0;
    for (size_t i = 1; i < text.size; i++) {
        if (!isdigit((unsigned char) text.bytes[i]))
            return false;
        number = number * 10 + (uint64_t) (text.bytes[i] - '0');
    }
    if (number >= OBJECT_ID_SYSTEM)
        return false;
    *id = number | (text.bytes[0] == 's' ? OBJECT_ID_SYSTEM : 0);
    return number > 0;
}

/* ---- items ---- */

Item *
item_new(ItemKind kind)
{
    Arena *arena = arena_new();
    Item *item = arena_new_struct(arena, Item);
    item->arena = arena;
    item->kind = kind;
    return item;
}

void
item_free(Item *item)
{
    if (item == NULL)
        return;
    map_free(item->column_comments);
    arena_free(item->arena);
}

static const char *
copy_text(Arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_strdup(arena, text);
}

static uint16_t *
copy_columns(Arena *arena, const uint16_t *columns, int count)
{
    uint16_t *copy = arena_new_array(arena, uint16_t, count + 1);
    if (count > 0)
        memcpy(copy, columns, (size_t) count * sizeof *copy);
    return copy;
}

static RelationKey *
copy_keys(Arena *arena, const RelationKey *keys, int count)
{
    RelationKey *copy = arena_new_array(arena, RelationKey, count + 1);
    for (int i = 0; i < count; i++)
        copy[i] = (RelationKey){copy_columns(arena, keys[i].columns, keys[i].count), keys[i].count, keys[i].primary};
    return copy;
}

static RelationDesc *
copy_desc(Arena *arena, const RelationDesc *desc)
{
    if (desc == NULL)
        return NULL;
    RelationDesc *copy = arena_new_struct(arena, RelationDesc);
    copy->column_count = desc->column_count;
    copy->columns = arena_new_array(arena, RelationColumn, desc->column_count + 1);
    for (int i = 0; i < desc->column_count; i++) {
        const RelationColumn *column = &desc->columns[i];
        copy->columns[i] = (RelationColumn){copy_text(arena, column->name), type_copy(column->type, arena),
                                            column->nullable, copy_text(arena, column->default_sql)};
    }
    copy->key_count = desc->key_count;
    copy->keys = copy_keys(arena, desc->keys, desc->key_count);
    copy->declared_count = desc->declared_count;
    copy->declared = copy_keys(arena, desc->declared, desc->declared_count);
    return copy;
}

static UpstreamTable *
copy_upstream(Arena *arena, const UpstreamTable *table)
{
    if (table == NULL)
        return NULL;
    UpstreamTable *copy = arena_new_struct(arena, UpstreamTable);
    *copy = *table;
    copy->database = copy_text(arena, table->database);
    copy->schema = copy_text(arena, table->schema);
    copy->name = copy_text(arena, table->name);
    copy->columns = arena_new_array(arena, UpstreamColumn, table->column_count + 1);
    for (int i = 0; i < table->column_count; i++) {
        copy->columns[i] = table->columns[i];
        copy->columns[i].name = copy_text(arena, table->columns[i].name);
    }
    copy->keys = copy_keys(arena, table->keys, table->key_count);
    return copy;
}

Item *
item_copy(const Item *item)
{
    Item *copy = item_new(item->kind);
    Arena *arena = copy->arena;
    *copy = *item;
    copy->arena = arena;
    copy->definition = NULL;
    copy->name = copy_text(arena, item->name);
    copy->create_sql = copy_text(arena, item->create_sql);
    copy->comment = copy_text(arena, item->comment);
    copy->acl = copy_text(arena, item->acl);
    copy->column_comments = NULL;
    if (item->column_comments != NULL) {
        copy->column_comments = map_new();
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(item->column_comments, &iterator, &key, &value))
            map_put(copy->column_comments, key, arena_strdup(arena, value));
    }
    copy->depends_on = arena_new_array(arena, ObjectId, item->depends_on_count + 1);
    if (item->depends_on_count > 0)
        memcpy(copy->depends_on, item->depends_on, (size_t) item->depends_on_count * sizeof(ObjectId));
    copy->desc = copy_desc(arena, item->desc);
    if (item->postgres != NULL) {
        copy->postgres = arena_new_struct(arena, PostgresSourceDetails);
        *copy->postgres = (PostgresSourceDetails){copy_text(arena, item->postgres->publication),
                                                  copy_text(arena, item->postgres->slot), item->postgres->timeline_id,
                                                  copy_text(arena, item->postgres->database)};
    }
    copy->upstream = copy_upstream(arena, item->upstream);
    copy->index_keys = arena_new_array(arena, Scalar *, item->index_key_count + 1);
    for (int i = 0; i < item->index_key_count; i++)
        copy->index_keys[i] = item->index_keys == NULL ? NULL : scalar_copy(arena, item->index_keys[i]);
    copy->connection_type = copy_text(arena, item->connection_type);
    copy->options = arena_new_array(arena, ConnectionOption, item->option_count + 1);
    for (int i = 0; i < item->option_count; i++)
        copy->options[i] = (ConnectionOption){copy_text(arena, item->options[i].name),
                                              copy_text(arena, item->options[i].text), item->options[i].reference};
    copy->user_type = type_copy(item->user_type, arena);
    return copy;
}

bool
item_is_relation(const Item *item)
{
    switch (item->kind) {
    case ITEM_TABLE:
    case ITEM_SOURCE:
    case ITEM_VIEW:
    case ITEM_MATERIALIZED_VIEW:
        return true;
    default:
        return false;
    }
}

const char *
item_kind_name(ItemKind kind)
{
    static const char *const names[] = {"table",      "source", "view", "materialized view", "sink", "index",
                                        "connection", "secret", "type", "function"};
    return names[kind];
}

const char *
item_kind_column(ItemKind kind)
{
    return kind == ITEM_MATERIALIZED_VIEW ? "materialized-view" : item_kind_name(kind);
}

const char *
item_full_name(const Item *item, Arena *arena)
{
    const Schema *schema = item->schema;
    if (schema->database == NULL)
        return arena_printf(arena, "%s.%s", schema->name, item->name);
    return arena_printf(arena, "%s.%s.%s", schema->database->name, schema->name, item->name);
}

static void
append_quoted(Buffer *out, const char *name)
{
    buffer_append_char(out, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            buffer_append_char(out, '"');
        buffer_append_char(out, *name);
    }
    buffer_append_char(out, '"');
}

const char *
item_quoted_name(const Item *item, Arena *arena)
{
    Buffer out = {0};
    if (item->schema->database != NULL) {
        append_quoted(&out, item->schema->database->name);
        buffer_append_char(&out, '.');
    }
    append_quoted(&out, item->schema->name);
    buffer_append_char(&out, '.');
    append_quoted(&out, item->name);
    return buffer_to_arena(&out, arena);
}

const char *
source_type_name(const Item *item)
{
    static const char *const names[] = {
        [SOURCE_NONE] = "source",
        [SOURCE_POSTGRES] = "postgres",
        [SOURCE_SUBSOURCE] = "subsource",
        [SOURCE_PROGRESS] = "progress",
        [SOURCE_LOAD_GENERATOR] = "load-generator",
        [SOURCE_KAFKA] = "kafka",
        [SOURCE_OTHER] = "source",
    };
    return names[item->source_kind];
}

/* ---- the others: heap structs with heap strings ---- */

static char *
heap_text(const char *text)
{
    return text == NULL ? NULL : memory_strdup(text);
}

Database *
database_copy(const Database *database)
{
    Database *copy = memory_calloc(1, sizeof *copy);
    *copy = *database;
    copy->name = heap_text(database->name);
    copy->acl = heap_text(database->acl);
    copy->comment = heap_text(database->comment);
    copy->schemas = NULL;
    return copy;
}

void
database_free(Database *database)
{
    if (database == NULL)
        return;
    free((char *) database->name);
    free((char *) database->acl);
    free((char *) database->comment);
    map_free(database->schemas);
    free(database);
}

Schema *
schema_copy(const Schema *schema)
{
    Schema *copy = memory_calloc(1, sizeof *copy);
    *copy = *schema;
    copy->name = heap_text(schema->name);
    copy->acl = heap_text(schema->acl);
    copy->comment = heap_text(schema->comment);
    copy->items = copy->types = NULL;
    return copy;
}

void
schema_free(Schema *schema)
{
    if (schema == NULL)
        return;
    free((char *) schema->name);
    free((char *) schema->acl);
    free((char *) schema->comment);
    map_free(schema->items);
    map_free(schema->types);
    free(schema);
}

Role *
role_copy(const Role *role)
{
    Role *copy = memory_calloc(1, sizeof *copy);
    *copy = *role;
    copy->name = heap_text(role->name);
    copy->verifier = heap_text(role->verifier);
    copy->comment = heap_text(role->comment);
    copy->settings = NULL;
    if (role->settings != NULL) {
        copy->settings = map_new();
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(role->settings, &iterator, &key, &value))
            map_put(copy->settings, key, memory_strdup(value));
    }
    memset(&copy->members_of, 0, sizeof copy->members_of);
    for (size_t i = 0; i < role->members_of.count; i++)
        vector_push(&copy->members_of, role->members_of.items[i]);
    return copy;
}

void
role_free(Role *role)
{
    if (role == NULL)
        return;
    free((char *) role->name);
    free((char *) role->verifier);
    free((char *) role->comment);
    if (role->settings != NULL) {
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(role->settings, &iterator, &key, &value))
            free(value);
        map_free(role->settings);
    }
    vector_deinit(&role->members_of);
    free(role);
}

CatalogCluster *
cluster_copy(const CatalogCluster *cluster)
{
    CatalogCluster *copy = memory_calloc(1, sizeof *copy);
    *copy = *cluster;
    copy->name = heap_text(cluster->name);
    copy->acl = heap_text(cluster->acl);
    copy->comment = heap_text(cluster->comment);
    copy->size = heap_text(cluster->size);
    copy->options_sql = heap_text(cluster->options_sql);
    copy->replicas = memory_calloc((size_t) cluster->replica_count + 1, sizeof *copy->replicas);
    for (int i = 0; i < cluster->replica_count; i++)
        copy->replicas[i] =
            (ClusterReplica){cluster->replicas[i].id, heap_text(cluster->replicas[i].name),
                             heap_text(cluster->replicas[i].size), heap_text(cluster->replicas[i].comment)};
    return copy;
}

void
catalog_cluster_free(CatalogCluster *cluster)
{
    if (cluster == NULL)
        return;
    for (int i = 0; i < cluster->replica_count; i++) {
        free((char *) cluster->replicas[i].name);
        free((char *) cluster->replicas[i].size);
        free((char *) cluster->replicas[i].comment);
    }
    free(cluster->replicas);
    free((char *) cluster->name);
    free((char *) cluster->acl);
    free((char *) cluster->comment);
    free((char *) cluster->size);
    free((char *) cluster->options_sql);
    free(cluster);
}

/* ---- sizes ---- */

static const ClusterSize sizes[] = {
#define GIB(n)                                     ((uint64_t) (n) << 30)
#define SIZE(name, workers, memory, disk, credits) {name, workers, memory, disk, credits},
#include "catalog/cluster_sizes.def"
#undef SIZE
};

const ClusterSize *
cluster_size(const char *name)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(sizes[i].name, name) == 0)
            return &sizes[i];
    return NULL;
}

const ClusterSize *
cluster_size_at(size_t index)
{
    return index < sizeof sizes / sizeof *sizes ? &sizes[index] : NULL;
}
