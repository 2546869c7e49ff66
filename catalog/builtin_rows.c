/*
 * What each catalog entry looks like in the system relations.
 */
#include <stdio.h>

#include "catalog/builtin.h"
#include "catalog/catalog_internal.h"
#include "catalog/durable.h"
#include "expr/function.h"
#include "types/array.h"
#include "types/datetime.h"
#include "types/numeric.h"

/* ---- the sink ---- */

typedef struct RowTable {
    uint64_t shard_id;
    ChunkBuilder builder;
} RowTable;

static Arena *
sink_scratch(void)
{
    return arena_new();
}

void
row_sink_init(RowSink *sink, const Catalog *catalog)
{
    sink->catalog = catalog;
    sink->builders = map_new();
}

static RowTable *
sink_table(RowSink *sink, uint64_t shard_id, const SqlType *types, int count)
{
    RowTable *table = map_get_u64(sink->builders, shard_id);
    if (table != NULL)
        return table;
    table = memory_calloc(1, sizeof *table);
    table->shard_id = shard_id;
    chunk_builder_init(&table->builder, types, (uint16_t) count);
    map_put_u64(sink->builders, shard_id, table);
    return table;
}

void
row_sink_add(RowSink *sink, const char *schema, const char *name, const Datum *row, int64_t diff)
{
    const Item *item = builtin_table(sink->catalog, schema, name);
    SqlType types[48];
    for (int i = 0; i < item->desc->column_count; i++)
        types[i] = item->desc->columns[i].type;
    RowTable *table = sink_table(sink, item->shard, types, item->desc->column_count);
    chunk_builder_append_datums(&table->builder, row, 0, diff);
}

void
row_sink_add_durable(RowSink *sink, const char *kind, ObjectId id, Slice body, int64_t diff)
{
    SqlType types[3] = {SQL_TYPE(TEXT), SQL_TYPE(INT8), SQL_TYPE(TEXT)};
    RowTable *table = sink_table(sink, CATALOG_SHARD_ID, types, 3);
    Datum row[3] = {datum_text(kind), datum_int((int64_t) id), datum_bytes(body)};
    chunk_builder_append_datums(&table->builder, row, 0, diff);
}

void
row_sink_emit(RowSink *sink, void (*emit)(void *context, uint64_t shard_id, Chunk *rows), void *context)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(sink->builders, &iterator, &key, &value)) {
        RowTable *table = value;
        Chunk *rows = chunk_builder_finish(&table->builder);
        if (rows != NULL)
            emit(context, table->shard_id, rows);
        chunk_builder_deinit(&table->builder);
        free(table);
    }
    map_free(sink->builders);
}

/* ---- values ---- */

static Datum
id_value(Arena *arena, ObjectId id)
{
    return id == 0 ? DATUM_NULL : datum_text(arena_strdup(arena, object_id_text(id).text));
}

static Datum
text_value(const char *text)
{
    return text == NULL ? DATUM_NULL : datum_text(text);
}

static Datum
oid_value(uint32_t oid)
{
    return datum_int((int64_t) oid);
}

/* {owner=privileges/owner}: what an owner has of its own, and after it what was granted to others. */
static Datum
privileges_value(Arena *arena, ObjectId owner, const char *letters, const char *acl)
{
    ObjectIdText text = object_id_text(owner);
    VECTOR(Datum) items = {0};
    if (owner != 0)
        vector_push(&items, datum_text(arena_printf(arena, "%s=%s/%s", text.text, letters, text.text)));
    for (const char *at = acl == NULL ? "" : acl; *at != '\0';) {
        size_t size = strcspn(at, " ");
        vector_push(&items, datum_text(arena_strndup(arena, at, size)));
        at += size + strspn(at + size, " ");
    }
    Slice array = array_make_vector(SQL_TYPE(MZ_ACLITEM), items.items, (int64_t) items.count, arena);
    vector_deinit(&items);
    return datum_bytes(array);
}

/* An id at `text` as a role's name; "" for PUBLIC. */
static const char *
role_name(const Catalog *catalog, const char *text, size_t size)
{
    ObjectId id;
    const Role *role = object_id_parse(slice_make(text, size), &id) ? catalog_role_by_id(catalog, id) : NULL;
    return role == NULL ? "" : role->name;
}

/* A relation's privileges with the names of roles, as pg_class.relacl has them; no row when only the owner has any. */
static void
rows_of_acl(RowSink *sink, Arena *arena, const Item *item, const char *letters, int64_t diff)
{
    if (item->acl == NULL)
        return;
    VECTOR(Datum) items = {0};
    const Role *owner = catalog_role_by_id(sink->catalog, item->owner);
    const char *name = owner == NULL ? "" : owner->name;
    vector_push(&items, datum_text(arena_printf(arena, "%s=%s/%s", name, letters, name)));
    for (const char *at = item->acl; *at != '\0';) {
        size_t size = strcspn(at, " "), grantee = strcspn(at, "="), privileges = strcspn(at, "/");
        vector_push(&items, datum_text(arena_printf(
                                arena, "%s%.*s/%s", role_name(sink->catalog, at, grantee), (int) (privileges - grantee),
                                at + grantee, role_name(sink->catalog, at + privileges + 1, size - privileges - 1))));
        at += size + strspn(at + size, " ");
    }
    Datum row[] = {datum_int(item->oid),
                   datum_bytes(array_make_vector(SQL_TYPE(TEXT), items.items, (int64_t) items.count, arena))};
    row_sink_add(sink, "mz_internal", "mz_relation_acls", row, diff);
    vector_deinit(&items);
}

/* ---- containers ---- */

static void
row_of_comment(RowSink *sink, Arena *arena, ObjectId id, const char *kind, const char *comment, int64_t diff)
{
    if (comment == NULL)
        return;
    Datum row[] = {id_value(arena, id), text_value(kind), DATUM_NULL, text_value(comment)};
    row_sink_add(sink, "mz_internal", "mz_comments", row, diff);
}

void
rows_of_database(RowSink *sink, const Database *database, int64_t diff)
{
    Arena *arena = sink_scratch();
    Datum row[] = {id_value(arena, database->id), oid_value(database->oid), text_value(database->name),
                   id_value(arena, database->owner), privileges_value(arena, database->owner, "UC", database->acl)};
    row_sink_add(sink, "mz_catalog", "mz_databases", row, diff);
    row_of_comment(sink, arena, database->id, "database", database->comment, diff);
    arena_free(arena);
}

void
rows_of_schema(RowSink *sink, const Schema *schema, int64_t diff)
{
    Arena *arena = sink_scratch();
    Datum row[] = {id_value(arena, schema->id),
                   oid_value(schema->oid),
                   schema->database == NULL ? DATUM_NULL : id_value(arena, schema->database->id),
                   text_value(schema->name),
                   id_value(arena, schema->owner),
                   privileges_value(arena, schema->owner, "UC", schema->acl)};
    row_sink_add(sink, "mz_catalog", "mz_schemas", row, diff);
    row_of_comment(sink, arena, schema->id, "schema", schema->comment, diff);
    arena_free(arena);
}

void
rows_of_role(RowSink *sink, const Role *role, int64_t diff)
{
    Arena *arena = sink_scratch();
    Datum row[] = {id_value(arena, role->id), oid_value(role->oid),   text_value(role->name),
                   datum_int(role->inherit),  datum_int(role->login), datum_int(role->superuser)};
    row_sink_add(sink, "mz_catalog", "mz_roles", row, diff);
    row_of_comment(sink, arena, role->id, "role", role->comment, diff);
    for (size_t i = 0; i < role->members_of.count; i++) {
        Datum member[] = {id_value(arena, role->members_of.items[i]), id_value(arena, role->id),
                          id_value(arena, OBJECT_ID_SYSTEM | 11)};
        row_sink_add(sink, "mz_catalog", "mz_role_members", member, diff);
    }
    size_t iterator = 0;
    Slice key;
    void *value;
    while (role->settings != NULL && map_next(role->settings, &iterator, &key, &value)) {
        Datum setting[] = {id_value(arena, role->id), datum_bytes(key), text_value(value)};
        row_sink_add(sink, "mz_catalog", "mz_role_parameters", setting, diff);
    }
    arena_free(arena);
}

void
rows_of_cluster(RowSink *sink, const CatalogCluster *cluster, int64_t diff)
{
    Arena *arena = sink_scratch();
    Datum row[] = {id_value(arena, cluster->id),
                   text_value(cluster->name),
                   id_value(arena, cluster->owner),
                   privileges_value(arena, cluster->owner, "UC", cluster->acl),
                   datum_int(cluster->managed),
                   cluster->managed ? text_value(cluster->size) : DATUM_NULL,
                   cluster->managed ? datum_int(cluster->replication_factor) : DATUM_NULL,
                   datum_int(true),
                   DATUM_NULL,
                   datum_int(false),
                   (Datum){.interval = {.microseconds = US_PER_SECOND}}};
    row_sink_add(sink, "mz_catalog", "mz_clusters", row, diff);
    row_of_comment(sink, arena, cluster->id, "cluster", cluster->comment, diff);
    for (int i = 0; i < cluster->replica_count; i++) {
        const ClusterReplica *replica = &cluster->replicas[i];
        Datum replica_row[] = {id_value(arena, replica->id),
                               text_value(replica->name),
                               id_value(arena, cluster->id),
                               text_value(replica->size),
                               DATUM_NULL,
                               id_value(arena, cluster->owner),
                               datum_int(true)};
        row_sink_add(sink, "mz_catalog", "mz_cluster_replicas", replica_row, diff);
        row_of_comment(sink, arena, replica->id, "cluster-replica", replica->comment, diff);
        Datum status[] = {id_value(arena, replica->id), datum_int(0), text_value("online"), DATUM_NULL, datum_int(0)};
        row_sink_add(sink, "mz_internal", "mz_cluster_replica_statuses", status, diff);
    }
    arena_free(arena);
}

/* ---- items ---- */

static const char *
definition_of(const Item *item)
{
    const char *as = item->create_sql == NULL ? NULL : strstr(item->create_sql, " AS ");
    return as == NULL ? "" : as + 4;
}

/* The dialect declares every numeric with its greatest precision; what was declared is in the column's own type. */
static int32_t
shown_typmod(SqlType type)
{
    return type.id == TYPE_NUMERIC && type.typmod >= 4 ? ((39 << 16) | ((type.typmod - 4) & 0xffff)) + 4 : type.typmod;
}

static void
rows_of_columns(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    for (int i = 0; i < item->desc->column_count; i++) {
        const RelationColumn *column = &item->desc->columns[i];
        SqlType bare = column->type;
        bare.typmod = -1;
        Datum row[] = {id_value(arena, item->id),
                       text_value(column->name),
                       datum_int(i + 1),
                       datum_int(column->nullable),
                       text_value(type_format(bare, arena)),
                       text_value(column->default_sql),
                       oid_value(type_oid(column->type)),
                       datum_int(shown_typmod(column->type))};
        row_sink_add(sink, "mz_catalog", "mz_columns", row, diff);
    }
    rows_of_attributes(sink, arena, item, diff);
    rows_of_keys(sink, arena, item, diff);
}

static void
rows_of_dependencies(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    for (int i = 0; i < item->depends_on_count; i++) {
        Datum row[] = {id_value(arena, item->id), id_value(arena, item->depends_on[i])};
        row_sink_add(sink, "mz_internal", "mz_object_dependencies", row, diff);
    }
    /* Users look for the tables of a source by the source: the edge in the other direction. */
    if (item->source != 0) {
        Datum row[] = {id_value(arena, item->source), id_value(arena, item->id)};
        row_sink_add(sink, "mz_internal", "mz_object_dependencies", row, diff);
    }
}

static void
rows_of_comments(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    row_of_comment(sink, arena, item->id, item_kind_column(item->kind), item->comment, diff);
    for (int i = 0; item->column_comments != NULL && i < item->desc->column_count; i++) {
        const char *comment = map_get_text(item->column_comments, item->desc->columns[i].name);
        if (comment == NULL)
            continue;
        Datum row[] = {id_value(arena, item->id), text_value(item_kind_column(item->kind)), datum_int(i + 1),
                       text_value(comment)};
        row_sink_add(sink, "mz_internal", "mz_comments", row, diff);
    }
}

static void
rows_of_table(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),         oid_value(item->oid),
                   id_value(arena, item->schema->id), text_value(item->name),
                   id_value(arena, item->owner),      privileges_value(arena, item->owner, "arwd", item->acl),
                   text_value(item->create_sql),      text_value(item->create_sql),
                   id_value(arena, item->source)};
    row_sink_add(sink, "mz_catalog", "mz_tables", row, diff);
}

static void
rows_of_source(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),
                   oid_value(item->oid),
                   id_value(arena, item->schema->id),
                   text_value(item->name),
                   text_value(source_type_name(item)),
                   id_value(arena, item->connection),
                   DATUM_NULL,
                   item->source_kind == SOURCE_POSTGRES ? text_value("none") : DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   id_value(arena, item->cluster),
                   id_value(arena, item->owner),
                   privileges_value(arena, item->owner, "r", item->acl),
                   text_value(item->create_sql),
                   text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_sources", row, diff);
    if (item->postgres != NULL) {
        Datum details[] = {id_value(arena, item->id), text_value(item->postgres->slot),
                           datum_int((int64_t) item->postgres->timeline_id)};
        row_sink_add(sink, "mz_internal", "mz_postgres_sources", details, diff);
    }
}

static void
rows_of_view(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),
                   oid_value(item->oid),
                   id_value(arena, item->schema->id),
                   text_value(item->name),
                   text_value(definition_of(item)),
                   id_value(arena, item->owner),
                   privileges_value(arena, item->owner, "r", item->acl),
                   text_value(item->create_sql == NULL ? "" : item->create_sql),
                   text_value(item->create_sql == NULL ? "" : item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_views", row, diff);
}

static void
rows_of_materialized_view(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),         oid_value(item->oid),
                   id_value(arena, item->schema->id), text_value(item->name),
                   id_value(arena, item->cluster),    text_value(definition_of(item)),
                   id_value(arena, item->owner),      privileges_value(arena, item->owner, "r", item->acl),
                   text_value(item->create_sql),      text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_materialized_views", row, diff);
}

/* Names for printing an index's expressions; NULL when what it is on is not known. */
static const char **
column_names(const Catalog *catalog, ObjectId relation, Arena *arena)
{
    const Item *item = catalog_item(catalog, relation);
    if (item == NULL || item->desc == NULL)
        return NULL;
    const char **names = arena_new_array(arena, const char *, item->desc->column_count);
    for (int i = 0; i < item->desc->column_count; i++)
        names[i] = item->desc->columns[i].name;
    return names;
}

/* An expression as EXPLAIN shows it says #2{v}: of that, v. */
static const char *
with_bare_names(const char *text, Arena *arena)
{
    char *bare = arena_strdup(arena, text), *to = bare;
    for (const char *at = text; *at != '\0';) {
        size_t digits = *at == '#' ? strspn(at + 1, "0123456789") : 0;
        const char *end = digits > 0 && at[1 + digits] == '{' ? strchr(at, '}') : NULL;
        if (end == NULL) {
            *to++ = *at++;
            continue;
        }
        for (at += digits + 2; at < end; at++)
            *to++ = *at;
        at++;
    }
    *to = '\0';
    return bare;
}

/* Names for an index's expressions are those of PostgreSQL: a call by its function. */
static void
rows_of_index_attributes(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    const Item *on = catalog_item(sink->catalog, item->index_on);
    const char **names = column_names(sink->catalog, item->index_on, arena);
    for (int i = 0; item->index_keys != NULL && i < item->index_key_count; i++) {
        const Scalar *key = item->index_keys[i];
        bool is_column = key->kind == SCALAR_COLUMN && on != NULL && on->desc != NULL;
        const char *name = is_column                  ? on->desc->columns[key->column].name
                           : key->kind == SCALAR_CALL ? key->function->name
                                                      : "expr";
        bool plain = name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
        Buffer text = {0};
        if (!is_column)
            scalar_print(key, names, &text);
        const char *expression = is_column ? NULL : with_bare_names(buffer_to_arena(&text, arena), arena);
        row_of_attribute(sink, item->oid, is_column || plain ? name : "expr", key->type, i + 1, false, expression, 'i',
                         diff);
    }
}

static void
rows_of_index(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),       oid_value(item->oid),           text_value(item->name),
                   id_value(arena, item->index_on), id_value(arena, item->cluster), id_value(arena, item->owner),
                   text_value(item->create_sql),    text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_indexes", row, diff);
    rows_of_index_attributes(sink, arena, item, diff);
    const char **names = column_names(sink->catalog, item->index_on, arena);
    for (int i = 0; item->index_keys != NULL && i < item->index_key_count; i++) {
        const Scalar *key = item->index_keys[i];
        bool is_column = key->kind == SCALAR_COLUMN;
        Buffer expression = {0};
        if (!is_column)
            scalar_print(key, names, &expression);
        Datum column[] = {
            id_value(arena, item->id), datum_int(i + 1), is_column ? datum_int(key->column + 1) : DATUM_NULL,
            is_column ? DATUM_NULL : text_value(with_bare_names(buffer_to_arena(&expression, arena), arena)),
            datum_int(key->nullable)};
        row_sink_add(sink, "mz_catalog", "mz_index_columns", column, diff);
    }
}

static void
rows_of_connection(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),
                   oid_value(item->oid),
                   id_value(arena, item->schema->id),
                   text_value(item->name),
                   text_value(item->connection_type),
                   id_value(arena, item->owner),
                   privileges_value(arena, item->owner, "U", item->acl),
                   text_value(item->create_sql),
                   text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_connections", row, diff);
}

static void
rows_of_secret(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),         oid_value(item->oid),
                   id_value(arena, item->schema->id), text_value(item->name),
                   id_value(arena, item->owner),      privileges_value(arena, item->owner, "U", item->acl)};
    row_sink_add(sink, "mz_catalog", "mz_secrets", row, diff);
}

static void
rows_of_sink(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    Datum row[] = {id_value(arena, item->id),
                   oid_value(item->oid),
                   id_value(arena, item->schema->id),
                   text_value(item->name),
                   text_value("kafka"),
                   id_value(arena, item->connection),
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   id_value(arena, item->cluster),
                   id_value(arena, item->owner),
                   text_value(item->create_sql),
                   text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_sinks", row, diff);
}

static const char *
type_category_name(SqlType type)
{
    switch (type.id) {
    case TYPE_LIST:
        return "list";
    case TYPE_MAP:
        return "map";
    case TYPE_RECORD:
        return "composite";
    case TYPE_ENUM:
        return "enum";
    default:
        return "user-defined";
    }
}

static void
rows_of_labels(RowSink *sink, const Item *item, int64_t diff)
{
    for (int i = 0; i < item->user_type.detail->label_count; i++) {
        const EnumLabel *label = &item->user_type.detail->labels[i];
        Datum row[] = {oid_value(item->oid), datum_float(label->order), text_value(label->label)};
        row_sink_add(sink, "mz_internal", "mz_enum_labels", row, diff);
    }
}

static void
rows_of_type(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    if (item->user_type.id == TYPE_ENUM)
        rows_of_labels(sink, item, diff);
    Datum row[] = {id_value(arena, item->id),
                   oid_value(item->oid),
                   id_value(arena, item->schema->id),
                   text_value(item->name),
                   text_value(type_category_name(item->user_type)),
                   id_value(arena, item->owner),
                   privileges_value(arena, item->owner, "U", item->acl),
                   text_value(item->create_sql),
                   text_value(item->create_sql)};
    row_sink_add(sink, "mz_catalog", "mz_types", row, diff);
}

void
rows_of_item(RowSink *sink, const Item *item, int64_t diff)
{
    if (item->is_temporary)
        return;
    Arena *arena = sink_scratch();
    switch (item->kind) {
    case ITEM_TABLE:
        rows_of_table(sink, arena, item, diff);
        break;
    case ITEM_SOURCE:
        rows_of_source(sink, arena, item, diff);
        break;
    case ITEM_VIEW:
        rows_of_view(sink, arena, item, diff);
        break;
    case ITEM_MATERIALIZED_VIEW:
        rows_of_materialized_view(sink, arena, item, diff);
        break;
    case ITEM_INDEX:
        rows_of_index(sink, arena, item, diff);
        break;
    case ITEM_CONNECTION:
        rows_of_connection(sink, arena, item, diff);
        break;
    case ITEM_SECRET:
        rows_of_secret(sink, arena, item, diff);
        break;
    case ITEM_SINK:
        rows_of_sink(sink, arena, item, diff);
        break;
    case ITEM_TYPE:
        rows_of_type(sink, arena, item, diff);
        break;
    case ITEM_FUNCTION:
        break;
    }
    if (item->upstream != NULL) {
        Datum row[] = {id_value(arena, item->id), text_value(item->upstream->schema), text_value(item->upstream->name)};
        row_sink_add(sink, "mz_internal", "mz_postgres_source_tables", row, diff);
    }
    if (item->desc != NULL)
        rows_of_columns(sink, arena, item, diff);
    rows_of_acl(sink, arena, item, item->kind == ITEM_TABLE ? "arwd" : item_is_relation(item) ? "r" : "U", diff);
    rows_of_dependencies(sink, arena, item, diff);
    rows_of_comments(sink, arena, item, diff);
    arena_free(arena);
}

/* ---- what does not come from entries ---- */

void
rows_of_egress(RowSink *sink, int64_t diff)
{
    for (char **cidr = sink->catalog->egress; cidr != NULL && *cidr != NULL; cidr++) {
        const char *slash = strchr(*cidr, '/');
        int prefix = slash != NULL ? atoi(slash + 1) : strchr(*cidr, ':') != NULL ? 128 : 32;
        size_t size = slash == NULL ? strlen(*cidr) : (size_t) (slash - *cidr);
        char full[96];
        snprintf(full, sizeof full, "%.*s/%d", (int) size, *cidr, prefix);
        Datum row[] = {datum_bytes(slice_make(*cidr, size)), datum_int(prefix), datum_text(full)};
        row_sink_add(sink, "mz_catalog", "mz_egress_ips", row, diff);
    }
}

static void
rows_of_sizes(RowSink *sink, Arena *arena)
{
    const ClusterSize *size;
    for (size_t i = 0; (size = cluster_size_at(i)) != NULL; i++) {
        Numeric credits;
        Error err = ERROR_INIT;
        if (!numeric_parse(slice_of(size->credits_per_hour), arena, &credits, &err))
            bug("credits of size %s: %s", size->name, err.message);
        Datum row[] = {text_value(size->name),
                       datum_int(1),
                       datum_int(size->workers),
                       datum_int((int64_t) size->workers * 1000000000),
                       datum_int((int64_t) size->memory_bytes),
                       datum_int((int64_t) size->disk_bytes),
                       datum_bytes(credits)};
        row_sink_add(sink, "mz_catalog", "mz_cluster_replica_sizes", row, 1);
    }
}

static const char *
category_name(char category)
{
    switch (category) {
    case 'A':
        return "array";
    case 'B':
        return "boolean";
    case 'C':
        return "composite";
    case 'D':
        return "date-time";
    case 'I':
        return "network-address";
    case 'N':
        return "numeric";
    case 'P':
        return "pseudo";
    case 'S':
        return "string";
    case 'T':
        return "timespan";
    case 'U':
        return "user-defined";
    case 'V':
        return "bit-string";
    default:
        return "unknown";
    }
}

/* A type and the array of it, under ids made of their OIDs: no builtin relation has such a high number. */
static void
rows_of_builtin_type(RowSink *sink, Arena *arena, SqlType type)
{
    ObjectId owner = OBJECT_ID_SYSTEM | 11;
    const Schema *schema =
        map_get_text(sink->catalog->system_schemas, type_oid(type) >= 16384 ? "mz_catalog" : "pg_catalog");
    for (int i = 0; i < (type_array_oid(type) == 0 ? 1 : 2); i++) {
        SqlType shown = i == 0 ? type : type_array_of(type);
        Datum row[] = {id_value(arena, OBJECT_ID_SYSTEM | (1000000 + type_oid(shown))),
                       oid_value(type_oid(shown)),
                       id_value(arena, schema->id),
                       text_value(type_pg_name(shown)),
                       text_value(category_name(type_category(shown))),
                       id_value(arena, owner),
                       privileges_value(arena, owner, "U", NULL),
                       DATUM_NULL,
                       DATUM_NULL};
        row_sink_add(sink, "mz_catalog", "mz_types", row, 1);
        Datum details[] = {oid_value(type_oid(shown)),
                           datum_int(type_length(shown)),
                           datum_int(type_category(shown)),
                           datum_int(type_is_preferred(shown)),
                           oid_value(i == 0 ? 0 : type_oid(type)),
                           oid_value(i == 0 ? type_array_oid(type) : 0)};
        row_sink_add(sink, "mz_internal", "mz_type_details", details, 1);
    }
}

/* Of the pseudo-types only those that PostgreSQL has not: signatures of functions of lists and maps name them. */
static void
rows_of_pseudo_types(RowSink *sink, Arena *arena)
{
    static const SqlType types[] = {{.id = (TypeId) PSEUDO_ANYCOMPATIBLELIST},
                                    {.id = (TypeId) PSEUDO_ANYCOMPATIBLEMAP}};
    ObjectId owner = OBJECT_ID_SYSTEM | 11;
    const Schema *schema = map_get_text(sink->catalog->system_schemas, "mz_catalog");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        uint32_t oid = function_type_oid(types[i]);
        Datum row[] = {id_value(arena, OBJECT_ID_SYSTEM | (1000000 + oid)),
                       oid_value(oid),
                       id_value(arena, schema->id),
                       text_value(function_type_name(types[i], arena)),
                       text_value(category_name('P')),
                       id_value(arena, owner),
                       privileges_value(arena, owner, "U", NULL),
                       DATUM_NULL,
                       DATUM_NULL};
        row_sink_add(sink, "mz_catalog", "mz_types", row, 1);
        Datum details[] = {oid_value(oid), datum_int(-1), datum_int('P'), datum_int(false), oid_value(0), oid_value(0)};
        row_sink_add(sink, "mz_internal", "mz_type_details", details, 1);
    }
}

void
rows_that_never_change(RowSink *sink)
{
    Arena *arena = sink_scratch();
    rows_of_sizes(sink, arena);
    for (int id = 0; id < TYPE_COUNT; id++)
        rows_of_builtin_type(sink, arena, type_of_id((TypeId) id));
    rows_of_pseudo_types(sink, arena);
    rows_of_postgres(sink);
    rows_of_settings(sink);
    arena_free(arena);
}
