/*
 * Entries to JSON bodies and back.
 */
#include "catalog/durable.h"

#include <stdio.h>

#include "catalog/catalog_internal.h"
#include "catalog/durable_internal.h"
#include "types/jsonb.h"

Layout *
catalog_shard_layout(void)
{
    SqlType types[3] = {SQL_TYPE(TEXT), SQL_TYPE(INT8), SQL_TYPE(TEXT)};
    uint16_t key[3] = {0, 1, 2};
    return layout_new(types, 3, key, 3, NULL, 0);
}

/* ---- writing ---- */

static void
put_key(Buffer *out, const char *name)
{
    char last = out->size == 0 ? '{' : out->bytes[out->size - 1];
    if (last != '{' && last != '[')
        buffer_append_char(out, ',');
    buffer_printf(out, "\"%s\":", name);
}

static void
put_text(Buffer *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    put_key(out, name);
    jsonb_append_string(out, slice_of(text));
}

static void
put_number(Buffer *out, const char *name, uint64_t number)
{
    if (number == 0)
        return;
    put_key(out, name);
    buffer_printf(out, "%llu", (unsigned long long) number);
}

static void
put_signed(Buffer *out, const char *name, int64_t number)
{
    put_key(out, name);
    buffer_printf(out, "%lld", (long long) number);
}

static void
put_bool(Buffer *out, const char *name, bool value)
{
    if (!value)
        return;
    put_key(out, name);
    buffer_append_text(out, "true");
}

static void
open_object(Buffer *out)
{
    char last = out->size == 0 ? '[' : out->bytes[out->size - 1];
    if (last == '}' || last == ']')
        buffer_append_char(out, ',');
    buffer_append_char(out, '{');
}

static void
put_keys(Buffer *out, const char *name, const RelationKey *keys, int count)
{
    for (int i = 0; i < count; i++) {
        if (keys[i].primary)
            put_number(out, strcmp(name, "keys") == 0 ? "primary" : "declared_primary", (uint64_t) i + 1);
    }
    put_key(out, name);
    buffer_append_char(out, '[');
    for (int i = 0; i < count; i++) {
        buffer_append_text(out, i == 0 ? "[" : ",[");
        for (int c = 0; c < keys[i].count; c++)
            buffer_printf(out, c == 0 ? "%u" : ",%u", keys[i].columns[c]);
        buffer_append_char(out, ']');
    }
    buffer_append_char(out, ']');
}

static void
put_desc(Buffer *out, const RelationDesc *desc)
{
    if (desc == NULL)
        return;
    put_key(out, "desc");
    buffer_append_text(out, "{\"columns\":[");
    for (int i = 0; i < desc->column_count; i++) {
        const RelationColumn *column = &desc->columns[i];
        open_object(out);
        put_text(out, "name", column->name);
        if (column->type.detail != NULL || column->type.id == TYPE_LIST || column->type.id == TYPE_MAP) {
            put_key(out, "in_full");
            durable_put_type(out, column->type);
        } else {
            put_number(out, "type", type_oid(column->type));
            put_signed(out, "typmod", column->type.typmod);
        }
        put_bool(out, "nullable", column->nullable);
        put_text(out, "default", column->default_sql);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
    put_keys(out, "keys", desc->keys, desc->key_count);
    if (desc->declared_count > 0)
        put_keys(out, "declared", desc->declared, desc->declared_count);
    buffer_append_char(out, '}');
}

static void
put_upstream(Buffer *out, const UpstreamTable *table)
{
    if (table == NULL)
        return;
    put_key(out, "upstream");
    buffer_append_char(out, '{');
    put_number(out, "oid", table->oid);
    put_text(out, "database", table->database);
    put_text(out, "schema", table->schema);
    put_text(out, "name", table->name);
    put_number(out, "identity", (uint64_t) (unsigned char) table->replica_identity);
    put_key(out, "columns");
    buffer_append_char(out, '[');
    for (int i = 0; i < table->column_count; i++) {
        const UpstreamColumn *column = &table->columns[i];
        open_object(out);
        put_text(out, "name", column->name);
        put_signed(out, "attnum", column->attnum);
        put_number(out, "type", column->type_oid);
        put_signed(out, "typmod", column->typmod);
        put_bool(out, "not_null", column->not_null);
        put_bool(out, "as_text", column->as_text);
        put_bool(out, "excluded", column->excluded);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
    put_keys(out, "keys", table->keys, table->key_count);
    buffer_append_char(out, '}');
}

static void
put_options(Buffer *out, const Item *item)
{
    if (item->option_count == 0)
        return;
    put_key(out, "options");
    buffer_append_char(out, '[');
    for (int i = 0; i < item->option_count; i++) {
        open_object(out);
        put_text(out, "name", item->options[i].name);
        put_text(out, "text", item->options[i].text);
        put_number(out, "reference", item->options[i].reference);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
}

static void
put_column_comments(Buffer *out, const Item *item)
{
    if (item->column_comments == NULL)
        return;
    put_key(out, "column_comments");
    buffer_append_char(out, '{');
    for (int i = 0; item->desc != NULL && i < item->desc->column_count; i++) {
        const char *name = item->desc->columns[i].name;
        const char *comment = map_get_text(item->column_comments, name);
        if (comment == NULL)
            continue;
        if (out->bytes[out->size - 1] != '{')
            buffer_append_char(out, ',');
        jsonb_append_string(out, slice_of(name));
        buffer_append_char(out, ':');
        jsonb_append_string(out, slice_of(comment));
    }
    buffer_append_char(out, '}');
}

static void
put_postgres(Buffer *out, const PostgresSourceDetails *details)
{
    if (details == NULL)
        return;
    put_key(out, "postgres");
    buffer_append_char(out, '{');
    put_text(out, "publication", details->publication);
    put_text(out, "slot", details->slot);
    put_text(out, "database", details->database);
    put_number(out, "timeline", details->timeline_id);
    buffer_append_char(out, '}');
}

static void
finish_row(RowSink *sink, const char *kind, ObjectId id, Buffer *body, int64_t diff)
{
    buffer_append_char(body, '}');
    row_sink_add_durable(sink, kind, id, buffer_slice(body), diff);
    buffer_deinit(body);
}

void
durable_row_item(RowSink *sink, const Item *item, int64_t diff)
{
    if (item->is_temporary || (item->id & OBJECT_ID_SYSTEM) != 0)
        return;
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_signed(&body, "kind", item->kind);
    put_number(&body, "oid", item->oid);
    put_number(&body, "schema", item->schema->id);
    put_text(&body, "name", item->name);
    put_number(&body, "owner", item->owner);
    put_text(&body, "create_sql", item->create_sql);
    put_text(&body, "comment", item->comment);
    put_text(&body, "acl", item->acl);
    put_column_comments(&body, item);
    put_number(&body, "cluster", item->cluster);
    put_number(&body, "shard", item->shard);
    put_number(&body, "source_kind", item->source_kind);
    put_number(&body, "source", item->source);
    put_number(&body, "connection", item->connection);
    put_number(&body, "index_on", item->index_on);
    put_text(&body, "connection_type", item->connection_type);
    if (item->kind == ITEM_TYPE) {
        put_key(&body, "user_type");
        durable_put_type(&body, item->user_type);
    }
    put_number(&body, "created_at_ms", (uint64_t) item->created_at_ms);
    put_key(&body, "depends_on");
    buffer_append_char(&body, '[');
    for (int i = 0; i < item->depends_on_count; i++)
        buffer_printf(&body, i == 0 ? "%llu" : ",%llu", (unsigned long long) item->depends_on[i]);
    buffer_append_char(&body, ']');
    put_desc(&body, item->desc);
    put_postgres(&body, item->postgres);
    put_upstream(&body, item->upstream);
    put_options(&body, item);
    finish_row(sink, "item", item->id, &body, diff);
}

void
durable_row_database(RowSink *sink, const Database *database, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_number(&body, "oid", database->oid);
    put_text(&body, "name", database->name);
    put_number(&body, "owner", database->owner);
    put_text(&body, "acl", database->acl);
    put_text(&body, "comment", database->comment);
    finish_row(sink, "database", database->id, &body, diff);
}

void
durable_row_schema(RowSink *sink, const Schema *schema, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_number(&body, "oid", schema->oid);
    put_text(&body, "name", schema->name);
    put_number(&body, "owner", schema->owner);
    put_text(&body, "acl", schema->acl);
    put_text(&body, "comment", schema->comment);
    put_number(&body, "database", schema->database->id);
    finish_row(sink, "schema", schema->id, &body, diff);
}

void
durable_row_role(RowSink *sink, const Role *role, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_number(&body, "oid", role->oid);
    put_text(&body, "name", role->name);
    put_text(&body, "verifier", role->verifier);
    put_text(&body, "comment", role->comment);
    put_bool(&body, "inherit", role->inherit);
    put_bool(&body, "login", role->login);
    put_bool(&body, "superuser", role->superuser);
    put_key(&body, "members_of");
    buffer_append_char(&body, '[');
    for (size_t i = 0; i < role->members_of.count; i++)
        buffer_printf(&body, i == 0 ? "%llu" : ",%llu", (unsigned long long) role->members_of.items[i]);
    buffer_append_text(&body, "],\"settings\":{");
    size_t iterator = 0;
    Slice key;
    void *value;
    while (role->settings != NULL && map_next(role->settings, &iterator, &key, &value)) {
        if (body.bytes[body.size - 1] != '{')
            buffer_append_char(&body, ',');
        jsonb_append_string(&body, key);
        buffer_append_char(&body, ':');
        jsonb_append_string(&body, slice_of(value));
    }
    buffer_append_char(&body, '}');
    finish_row(sink, "role", role->id, &body, diff);
}

void
durable_row_cluster(RowSink *sink, const CatalogCluster *cluster, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_text(&body, "name", cluster->name);
    put_number(&body, "owner", cluster->owner);
    put_text(&body, "acl", cluster->acl);
    put_text(&body, "comment", cluster->comment);
    put_bool(&body, "managed", cluster->managed);
    put_text(&body, "size", cluster->size);
    put_number(&body, "replication_factor", (uint64_t) cluster->replication_factor);
    put_text(&body, "options", cluster->options_sql);
    put_key(&body, "replicas");
    buffer_append_char(&body, '[');
    for (int i = 0; i < cluster->replica_count; i++) {
        open_object(&body);
        put_number(&body, "id", cluster->replicas[i].id);
        put_text(&body, "name", cluster->replicas[i].name);
        put_text(&body, "size", cluster->replicas[i].size);
        put_text(&body, "comment", cluster->replicas[i].comment);
        buffer_append_char(&body, '}');
    }
    buffer_append_char(&body, ']');
    finish_row(sink, "cluster", cluster->id, &body, diff);
}

void
durable_row_setting(RowSink *sink, const char *name, const char *value, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_text(&body, "name", name);
    put_text(&body, "value", value);
    finish_row(sink, "setting", 0, &body, diff);
}

void
durable_row_counters(RowSink *sink, ObjectId next_id, uint32_t next_oid, int64_t diff)
{
    Buffer body = {0};
    buffer_append_char(&body, '{');
    put_number(&body, "next_id", next_id);
    put_number(&body, "next_oid", next_oid);
    finish_row(sink, "counter", 0, &body, diff);
}

/* ---- reading ---- */

/* `what` ends every call: a body is JSON that was checked, so a missing field reads as its default. */
static uint64_t
get_number(Slice body, const char *name)
{
    Slice value;
    char digits[32];
    if (!jsonb_field(body, slice_of(name), &value) || value.size >= sizeof digits)
        return 0;
    memcpy(digits, value.bytes, value.size);
    digits[value.size] = '\0';
    return value.bytes[0] == '-' ? (uint64_t) strtoll(digits, NULL, 10) : strtoull(digits, NULL, 10);
}

static bool
get_bool(Slice body, const char *name)
{
    Slice value;
    return jsonb_field(body, slice_of(name), &value) && value.size > 0 && value.bytes[0] == 't';
}

const char *
durable_text(Slice body, const char *name, Arena *arena)
{
    Slice value;
    if (!jsonb_field(body, slice_of(name), &value) || jsonb_kind(value) != JSON_STRING)
        return NULL;
    Slice text = jsonb_string(value, arena);
    return arena_strndup(arena, text.bytes, text.size);
}

static char *
get_heap_text(Slice body, const char *name)
{
    Arena *arena = arena_new();
    const char *text = durable_text(body, name, arena);
    char *copy = text == NULL ? NULL : memory_strdup(text);
    arena_free(arena);
    return copy;
}

static uint64_t
number_of(Slice value)
{
    char digits[32] = {0};
    memcpy(digits, value.bytes, value.size < sizeof digits ? value.size : sizeof digits - 1);
    return strtoull(digits, NULL, 10);
}

static void
get_keys(Slice body, const char *name, Arena *arena, RelationKey **keys, int *count)
{
    Slice list, element, number, unused;
    *count = 0;
    if (!jsonb_field(body, slice_of(name), &list) || jsonb_kind(list) != JSON_ARRAY)
        return;
    *keys = arena_new_array(arena, RelationKey, jsonb_count(list) + 1);
    for (size_t at = 0; jsonb_next(list, &at, &unused, &element, arena);) {
        RelationKey *key = &(*keys)[(*count)++];
        key->columns = arena_new_array(arena, uint16_t, jsonb_count(element) + 1);
        for (size_t inner = 0; jsonb_next(element, &inner, &unused, &number, arena);)
            key->columns[key->count++] = (uint16_t) number_of(number);
    }
    uint64_t primary = get_number(body, strcmp(name, "keys") == 0 ? "primary" : "declared_primary");
    if (primary > 0 && primary <= (uint64_t) *count)
        (*keys)[primary - 1].primary = true;
}

static bool
get_desc(Slice body, Item *item, Error *err)
{
    Slice desc, columns, element, unused, type;
    if (!jsonb_field(body, slice_of("desc"), &desc) || !jsonb_field(desc, slice_of("columns"), &columns))
        return true;
    item->desc = arena_new_struct(item->arena, RelationDesc);
    item->desc->columns = arena_new_array(item->arena, RelationColumn, jsonb_count(columns) + 1);
    for (size_t at = 0; jsonb_next(columns, &at, &unused, &element, item->arena);) {
        RelationColumn *column = &item->desc->columns[item->desc->column_count++];
        column->name = durable_text(element, "name", item->arena);
        column->nullable = get_bool(element, "nullable");
        column->default_sql = durable_text(element, "default", item->arena);
        uint32_t oid = (uint32_t) get_number(element, "type");
        int32_t typmod = (int32_t) (int64_t) get_number(element, "typmod");
        bool read = jsonb_field(element, slice_of("in_full"), &type)
                        ? durable_get_type(type, item->arena, &column->type)
                        : type_from_oid(oid, typmod, &column->type);
        if (column->name == NULL || !read)
            return error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: column %d of \"%s\" has an unknown type (OID %u)",
                             item->desc->column_count, item->name, oid);
    }
    get_keys(desc, "keys", item->arena, &item->desc->keys, &item->desc->key_count);
    get_keys(desc, "declared", item->arena, &item->desc->declared, &item->desc->declared_count);
    return true;
}

static void
get_upstream(Slice body, Item *item)
{
    Slice value, columns, element, unused;
    if (!jsonb_field(body, slice_of("upstream"), &value))
        return;
    Arena *arena = item->arena;
    UpstreamTable *table = item->upstream = arena_new_struct(arena, UpstreamTable);
    table->oid = (uint32_t) get_number(value, "oid");
    table->database = durable_text(value, "database", arena);
    table->schema = durable_text(value, "schema", arena);
    table->name = durable_text(value, "name", arena);
    table->replica_identity = (char) get_number(value, "identity");
    get_keys(value, "keys", arena, &table->keys, &table->key_count);
    if (!jsonb_field(value, slice_of("columns"), &columns))
        return;
    table->columns = arena_new_array(arena, UpstreamColumn, jsonb_count(columns) + 1);
    for (size_t at = 0; jsonb_next(columns, &at, &unused, &element, arena);)
        table->columns[table->column_count++] =
            (UpstreamColumn){.name = durable_text(element, "name", arena),
                             .attnum = (int) get_number(element, "attnum"),
                             .type_oid = (uint32_t) get_number(element, "type"),
                             .typmod = (int32_t) (int64_t) get_number(element, "typmod"),
                             .not_null = get_bool(element, "not_null"),
                             .as_text = get_bool(element, "as_text"),
                             .excluded = get_bool(element, "excluded")};
}

static void
get_lists(Slice body, Item *item)
{
    Slice list, element, key, unused;
    Arena *arena = item->arena;
    if (jsonb_field(body, slice_of("depends_on"), &list)) {
        item->depends_on = arena_new_array(arena, ObjectId, jsonb_count(list) + 1);
        for (size_t at = 0; jsonb_next(list, &at, &unused, &element, arena);)
            item->depends_on[item->depends_on_count++] = number_of(element);
    }
    if (jsonb_field(body, slice_of("options"), &list)) {
        item->options = arena_new_array(arena, ConnectionOption, jsonb_count(list) + 1);
        for (size_t at = 0; jsonb_next(list, &at, &unused, &element, arena);)
            item->options[item->option_count++] =
                (ConnectionOption){durable_text(element, "name", arena), durable_text(element, "text", arena),
                                   get_number(element, "reference")};
    }
    if (jsonb_field(body, slice_of("column_comments"), &list)) {
        item->column_comments = map_new();
        for (size_t at = 0; jsonb_next(list, &at, &key, &element, arena);) {
            Slice text = jsonb_string(element, arena);
            map_put(item->column_comments, key, arena_strndup(arena, text.bytes, text.size));
        }
    }
}

static bool
load_item(Catalog *catalog, ObjectId id, Slice body, Error *err)
{
    Item *item = item_new((ItemKind) get_number(body, "kind"));
    Arena *arena = item->arena;
    Slice postgres, user_type;
    item->id = id;
    item->oid = (uint32_t) get_number(body, "oid");
    item->schema = catalog_schema_by_id(catalog, get_number(body, "schema"));
    item->name = durable_text(body, "name", arena);
    item->owner = get_number(body, "owner");
    item->create_sql = durable_text(body, "create_sql", arena);
    item->comment = durable_text(body, "comment", arena);
    item->acl = durable_text(body, "acl", arena);
    item->cluster = get_number(body, "cluster");
    item->shard = get_number(body, "shard");
    item->source_kind = (SourceKind) get_number(body, "source_kind");
    item->source = get_number(body, "source");
    item->connection = get_number(body, "connection");
    item->index_on = get_number(body, "index_on");
    item->connection_type = durable_text(body, "connection_type", arena);
    item->created_at_ms = (int64_t) get_number(body, "created_at_ms");
    if (jsonb_field(body, slice_of("postgres"), &postgres)) {
        item->postgres = arena_new_struct(arena, PostgresSourceDetails);
        *item->postgres =
            (PostgresSourceDetails){durable_text(postgres, "publication", arena), durable_text(postgres, "slot", arena),
                                    get_number(postgres, "timeline"), durable_text(postgres, "database", arena)};
    }
    get_upstream(body, item);
    get_lists(body, item);
    if (jsonb_field(body, slice_of("user_type"), &user_type) && !durable_get_type(user_type, arena, &item->user_type))
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: type %s cannot be read", item->name);
    bool ok = item->schema != NULL && item->name != NULL
                  ? get_desc(body, item, err)
                  : error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: item %s has no schema or no name",
                              object_id_text(id).text);
    if (ok)
        catalog_insert_item(catalog, item);
    else
        item_free(item);
    return ok;
}

static Database *
read_database(ObjectId id, Slice body)
{
    Database *database = memory_calloc(1, sizeof *database);
    database->id = id;
    database->oid = (uint32_t) get_number(body, "oid");
    database->name = get_heap_text(body, "name");
    database->owner = get_number(body, "owner");
    database->acl = get_heap_text(body, "acl");
    database->comment = get_heap_text(body, "comment");
    return database;
}

static Schema *
read_schema(const Catalog *catalog, ObjectId id, Slice body)
{
    Schema *schema = memory_calloc(1, sizeof *schema);
    schema->id = id;
    schema->oid = (uint32_t) get_number(body, "oid");
    schema->name = get_heap_text(body, "name");
    schema->owner = get_number(body, "owner");
    schema->acl = get_heap_text(body, "acl");
    schema->comment = get_heap_text(body, "comment");
    schema->database = catalog_database_by_id(catalog, get_number(body, "database"));
    return schema;
}

static Role *
read_role(ObjectId id, Slice body)
{
    Arena *arena = arena_new();
    Slice list, key, element, unused;
    Role *role = memory_calloc(1, sizeof *role);
    role->id = id;
    role->oid = (uint32_t) get_number(body, "oid");
    role->name = get_heap_text(body, "name");
    role->verifier = get_heap_text(body, "verifier");
    role->comment = get_heap_text(body, "comment");
    role->inherit = get_bool(body, "inherit");
    role->login = get_bool(body, "login");
    role->superuser = get_bool(body, "superuser");
    role->settings = map_new();
    if (jsonb_field(body, slice_of("members_of"), &list))
        for (size_t at = 0; jsonb_next(list, &at, &unused, &element, arena);)
            vector_push(&role->members_of, number_of(element));
    if (jsonb_field(body, slice_of("settings"), &list))
        for (size_t at = 0; jsonb_next(list, &at, &key, &element, arena);) {
            Slice text = jsonb_string(element, arena);
            char *copy = memory_calloc(1, text.size + 1);
            memcpy(copy, text.bytes, text.size);
            free(map_put(role->settings, key, copy));
        }
    arena_free(arena);
    return role;
}

static CatalogCluster *
read_cluster(ObjectId id, Slice body)
{
    Arena *arena = arena_new();
    Slice list, element, unused;
    CatalogCluster *cluster = memory_calloc(1, sizeof *cluster);
    cluster->id = id;
    cluster->name = get_heap_text(body, "name");
    cluster->owner = get_number(body, "owner");
    cluster->acl = get_heap_text(body, "acl");
    cluster->comment = get_heap_text(body, "comment");
    cluster->managed = get_bool(body, "managed");
    cluster->size = get_heap_text(body, "size");
    cluster->replication_factor = (int) get_number(body, "replication_factor");
    cluster->options_sql = get_heap_text(body, "options");
    if (jsonb_field(body, slice_of("replicas"), &list)) {
        cluster->replicas = memory_calloc((size_t) jsonb_count(list) + 1, sizeof *cluster->replicas);
        for (size_t at = 0; jsonb_next(list, &at, &unused, &element, arena);)
            cluster->replicas[cluster->replica_count++] =
                (ClusterReplica){get_number(element, "id"), get_heap_text(element, "name"),
                                 get_heap_text(element, "size"), get_heap_text(element, "comment")};
    }
    arena_free(arena);
    return cluster;
}

static bool
load_row(Catalog *catalog, Slice kind, ObjectId id, Slice body, CatalogChange *change, Error *err)
{
    ChangeStep step = {0};
    if (slice_equal(kind, slice_of("database"))) {
        step = (ChangeStep){.kind = CHANGE_PUT_DATABASE, .database = read_database(id, body)};
    } else if (slice_equal(kind, slice_of("schema"))) {
        step = (ChangeStep){.kind = CHANGE_PUT_SCHEMA, .schema = read_schema(catalog, id, body)};
        if (step.schema->database == NULL) {
            schema_free(step.schema);
            return error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: schema %s has no database",
                             object_id_text(id).text);
        }
    } else if (slice_equal(kind, slice_of("role"))) {
        step = (ChangeStep){.kind = CHANGE_PUT_ROLE, .role = read_role(id, body)};
    } else if (slice_equal(kind, slice_of("cluster"))) {
        step = (ChangeStep){.kind = CHANGE_PUT_CLUSTER, .cluster = read_cluster(id, body)};
    } else if (slice_equal(kind, slice_of("item"))) {
        return load_item(catalog, id, body, err);
    } else if (slice_equal(kind, slice_of("counter"))) {
        catalog->next_id = get_number(body, "next_id");
        catalog->next_oid = (uint32_t) get_number(body, "next_oid");
        return true;
    } else if (slice_equal(kind, slice_of("setting"))) {
        char *name = get_heap_text(body, "name"), *value = get_heap_text(body, "value");
        if (name != NULL && value != NULL)
            free(map_put(catalog->settings, slice_of(name), value));
        free(name);
        return true;
    } else {
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: unknown kind of row \"%.*s\"", (int) kind.size,
                         kind.bytes);
    }
    vector_push(&change->steps, step);
    catalog_apply(catalog, change);
    return true;
}

/* What others stand in comes first. */
static int
kind_rank(Slice kind)
{
    static const char *const order[] = {"counter", "setting", "role", "database", "schema", "cluster", "item"};
    for (int i = 0; i < 7; i++)
        if (slice_equal(kind, slice_of(order[i])))
            return i;
    return 7;
}

typedef struct LoadRow {
    Slice kind, body;
    ObjectId id;
} LoadRow;

static int
compare_rows(const void *left, const void *right)
{
    const LoadRow *a = left, *b = right;
    int order = kind_rank(a->kind) - kind_rank(b->kind);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

static void
damaged_body(ObjectId id, Error *err)
{
    Error why = ERROR_INIT;
    error_move(&why, err);
    error_set(err, SQLSTATE_DATA_CORRUPTED, "catalog: body of %s: %s", object_id_text(id).text, why.message);
    error_clear(&why);
}

bool
catalog_load(Catalog *catalog, Chunk *const *rows, size_t count, Error *err)
{
    VECTOR(LoadRow) sorted = {0};
    Buffer canonical = {0};
    CatalogChange *change = catalog_change_new();
    for (size_t i = 0; i < count; i++)
        for (uint32_t row = 0; row < rows[i]->count; row++) {
            LoadRow entry = {column_bytes(rows[i]->columns[0], row), column_bytes(rows[i]->columns[2], row),
                             (ObjectId) column_datum(rows[i]->columns[1], SQL_TYPE(INT8), row).i};
            vector_push(&sorted, entry);
        }
    if (sorted.count > 1)
        qsort(sorted.items, sorted.count, sizeof *sorted.items, compare_rows);
    bool ok = true;
    for (size_t i = 0; i < sorted.count && ok; i++) {
        buffer_clear(&canonical);
        ok = jsonb_parse(sorted.items[i].body, &canonical, err);
        if (ok)
            ok = load_row(catalog, sorted.items[i].kind, sorted.items[i].id, buffer_slice(&canonical), change, err);
        else
            damaged_body(sorted.items[i].id, err);
    }
    catalog->written_next_id = catalog->next_id;
    catalog->written_next_oid = catalog->next_oid;
    catalog_change_free(change);
    buffer_deinit(&canonical);
    vector_deinit(&sorted);
    return ok;
}

/* ---- a new catalog ---- */

static void
push_step(CatalogChange *change, ChangeStep step)
{
    vector_push(&change->steps, step);
}

CatalogChange *
catalog_bootstrap(Catalog *catalog, const char *superuser_verifier)
{
    CatalogChange *change = catalog_change_new();
    Role *role = memory_calloc(1, sizeof *role);
    role->id = catalog_allocate_id(catalog);
    role->oid = catalog_allocate_oid(catalog);
    role->name = memory_strdup("materialize");
    role->inherit = role->login = role->superuser = true;
    role->verifier = superuser_verifier == NULL ? NULL : memory_strdup(superuser_verifier);
    push_step(change, (ChangeStep){.kind = CHANGE_PUT_ROLE, .role = role});

    Database *database = memory_calloc(1, sizeof *database);
    database->id = catalog_allocate_id(catalog);
    database->oid = catalog_allocate_oid(catalog);
    database->name = memory_strdup("materialize");
    database->owner = role->id;
    push_step(change, (ChangeStep){.kind = CHANGE_PUT_DATABASE, .database = database});

    Schema *schema = memory_calloc(1, sizeof *schema);
    schema->id = catalog_allocate_id(catalog);
    schema->oid = catalog_allocate_oid(catalog);
    schema->name = memory_strdup("public");
    schema->owner = role->id;
    schema->database = database;
    push_step(change, (ChangeStep){.kind = CHANGE_PUT_SCHEMA, .schema = schema});

    CatalogCluster *cluster = memory_calloc(1, sizeof *cluster);
    cluster->id = catalog_allocate_id(catalog);
    cluster->name = memory_strdup("quickstart");
    cluster->owner = role->id;
    cluster->managed = true;
    cluster->size = memory_strdup("25cc");
    cluster->options_sql = memory_strdup("");
    cluster->replication_factor = cluster->replica_count = 1;
    cluster->replicas = memory_calloc(1, sizeof *cluster->replicas);
    cluster->replicas[0] =
        (ClusterReplica){catalog_allocate_id(catalog), memory_strdup("r1"), memory_strdup("25cc"), NULL};
    push_step(change, (ChangeStep){.kind = CHANGE_PUT_CLUSTER, .cluster = cluster});
    return change;
}
