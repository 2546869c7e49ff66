#include "replication/postgres/published.h"

#include <stdlib.h>

#define VERSION_GENERATED_COLUMNS 120000
#define VERSION_COLUMN_LISTS      150000 /* and row filters, and NULLS NOT DISTINCT */

typedef struct Reading {
    PGconn *connection;
    int stop_fd, version;
    const PublishedRequest *request;
    Arena *arena;
    PublishedCatalog *catalog;
} Reading;

static const char *
field(const Reading *reading, const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : arena_strdup(reading->arena, PQgetvalue(result, row, column));
}

static bool
field_is_true(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

static uint32_t
field_oid(const PGresult *result, int row, int column)
{
    return (uint32_t) strtoul(PQgetvalue(result, row, column), NULL, 10);
}

static bool
run(const Reading *reading, Buffer *sql, PGresult **result, Error *err)
{
    bool ok = upstream_query(reading->connection, reading->stop_fd, buffer_text(sql), result, err);
    buffer_clear(sql);
    return ok;
}

/* ---- tables ---- */

static void
append_oids(Buffer *sql, const Reading *reading)
{
    buffer_append_text(sql, "(0");
    for (int i = 0; reading->request->all ? i < reading->catalog->count : i < reading->request->oid_count; i++)
        buffer_printf(sql, ", %u", reading->request->all ? reading->catalog->tables[i].oid : reading->request->oids[i]);
    buffer_append_text(sql, ")");
}

static void
tables_query(const Reading *reading, Buffer *sql)
{
    const PublishedRequest *request = reading->request;
    buffer_printf(
        sql,
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident, p.tablename IS NOT NULL, c.reltuples, %s, %s "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_publication_tables p "
        "ON p.schemaname = n.nspname AND p.tablename = c.relname AND p.pubname = ",
        request->with_sizes ? "pg_relation_size(c.oid) / current_setting('block_size')::int8" : "0",
        reading->version >= VERSION_COLUMN_LISTS ? "p.rowfilter" : "NULL");
    sql_append_literal(sql, request->publication);
    buffer_append_text(sql, " WHERE c.relkind IN ('r', 'p') AND ");
    if (request->all) {
        buffer_append_text(sql, "p.tablename IS NOT NULL");
    } else {
        buffer_append_text(sql, "c.oid IN ");
        append_oids(sql, reading);
    }
    buffer_append_text(sql, " ORDER BY n.nspname, c.relname");
}

static bool
read_tables(Reading *reading, Buffer *sql, Error *err)
{
    PGresult *result;
    tables_query(reading, sql);
    if (!run(reading, sql, &result, err))
        return false;
    PublishedCatalog *catalog = reading->catalog;
    catalog->count = PQntuples(result);
    catalog->tables = arena_new_array(reading->arena, PublishedTable, catalog->count + 1);
    for (int i = 0; i < catalog->count; i++)
        catalog->tables[i] = (PublishedTable){.oid = field_oid(result, i, 0),
                                              .schema = field(reading, result, i, 1),
                                              .name = field(reading, result, i, 2),
                                              .kind = PQgetvalue(result, i, 3)[0],
                                              .replica_identity = PQgetvalue(result, i, 4)[0],
                                              .published = field_is_true(result, i, 5),
                                              .row_estimate = strtod(PQgetvalue(result, i, 6), NULL),
                                              .pages = strtoll(PQgetvalue(result, i, 7), NULL, 10),
                                              .row_filter = field(reading, result, i, 8)};
    PQclear(result);
    return true;
}

static PublishedTable *
table_of(const Reading *reading, uint32_t oid)
{
    return (PublishedTable *) published_find(reading->catalog, oid);
}

/* ---- columns ---- */

static void
columns_query(const Reading *reading, Buffer *sql)
{
    buffer_append_text(sql, "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, "
                            "format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
                            "WHERE a.attnum > 0 AND NOT a.attisdropped");
    if (reading->version >= VERSION_GENERATED_COLUMNS)
        buffer_append_text(sql, " AND a.attgenerated = ''");
    if (reading->version >= VERSION_COLUMN_LISTS) {
        buffer_append_text(
            sql, " AND NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication b ON b.oid = r.prpubid "
                 "WHERE r.prrelid = a.attrelid AND a.attnum <> ALL (r.prattrs) AND b.pubname = ");
        sql_append_literal(sql, reading->request->publication);
        buffer_append_text(sql, ")");
    }
    buffer_append_text(sql, " AND a.attrelid IN ");
    append_oids(sql, reading);
    buffer_append_text(sql, " ORDER BY a.attrelid, a.attnum");
}

static int
rows_of_group(const PGresult *result, int first)
{
    int end = first;
    while (end < PQntuples(result) && strcmp(PQgetvalue(result, end, 0), PQgetvalue(result, first, 0)) == 0)
        end++;
    return end - first;
}

static bool
read_columns(Reading *reading, Buffer *sql, Error *err)
{
    PGresult *result;
    columns_query(reading, sql);
    if (!run(reading, sql, &result, err))
        return false;
    for (int first = 0, count; first < PQntuples(result); first += count) {
        count = rows_of_group(result, first);
        PublishedTable *table = table_of(reading, field_oid(result, first, 0));
        if (table == NULL)
            continue;
        table->columns = arena_new_array(reading->arena, PublishedColumn, count);
        table->column_count = count;
        for (int i = 0; i < count; i++)
            table->columns[i] = (PublishedColumn){.attnum = atoi(PQgetvalue(result, first + i, 1)),
                                                  .name = field(reading, result, first + i, 2),
                                                  .type_oid = field_oid(result, first + i, 3),
                                                  .typmod = atoi(PQgetvalue(result, first + i, 4)),
                                                  .not_null = field_is_true(result, first + i, 5),
                                                  .type_name = field(reading, result, first + i, 6)};
    }
    PQclear(result);
    return true;
}

/* ---- keys ---- */

static void
keys_query(const Reading *reading, Buffer *sql)
{
    buffer_printf(sql,
                  "SELECT c.conrelid, %s, array_to_string(c.conkey, ' '), c.contype = 'p' FROM pg_constraint c "
                  "LEFT JOIN pg_index i ON i.indexrelid = c.conindid WHERE c.contype IN ('p', 'u') AND c.conrelid IN ",
                  reading->version >= VERSION_COLUMN_LISTS ? "coalesce(i.indnullsnotdistinct, false)" : "false");
    append_oids(sql, reading);
    buffer_append_text(sql, " ORDER BY c.conrelid, c.contype, c.oid");
}

static void
read_attnums(const Reading *reading, const char *text, PublishedKey *key)
{
    key->attnums = arena_new_array(reading->arena, int, strlen(text) / 2 + 1);
    for (char *end; *text != '\0'; text = end) {
        key->attnums[key->count] = (int) strtol(text, &end, 10);
        if (end == text)
            return;
        key->count++;
    }
}

static bool
read_keys(Reading *reading, Buffer *sql, Error *err)
{
    PGresult *result;
    keys_query(reading, sql);
    if (!run(reading, sql, &result, err))
        return false;
    for (int first = 0, count; first < PQntuples(result); first += count) {
        count = rows_of_group(result, first);
        PublishedTable *table = table_of(reading, field_oid(result, first, 0));
        if (table == NULL)
            continue;
        table->keys = arena_new_array(reading->arena, PublishedKey, count);
        table->key_count = count;
        for (int i = 0; i < count; i++) {
            table->keys[i].nulls_not_distinct = field_is_true(result, first + i, 1);
            table->keys[i].primary = field_is_true(result, first + i, 3);
            read_attnums(reading, PQgetvalue(result, first + i, 2), &table->keys[i]);
        }
    }
    PQclear(result);
    return true;
}

/* ---- the whole ---- */

/* The position is asked for last: what the snapshot showed lies before it. */
static bool
read_publication(Reading *reading, Buffer *sql, Error *err)
{
    PGresult *result;
    buffer_append_text(sql, "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = ");
    sql_append_literal(sql, reading->request->publication);
    buffer_append_text(sql, "), CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END");
    if (!run(reading, sql, &result, err))
        return false;
    reading->catalog->publication_exists = field_is_true(result, 0, 0);
    bool ok = PQgetisnull(result, 0, 1) || lsn_parse(PQgetvalue(result, 0, 1), &reading->catalog->lsn) ||
              error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "query returned no position");
    PQclear(result);
    return ok;
}

bool
published_read(PGconn *connection, int stop_fd, const PublishedRequest *request, Arena *arena,
               PublishedCatalog *catalog, Error *err)
{
    Reading reading = {connection, stop_fd, PQserverVersion(connection), request, arena, catalog};
    Buffer sql = {0};
    *catalog = (PublishedCatalog){.count = 0};
    bool own = !request->in_transaction;
    bool ok = !own || upstream_execute(connection, stop_fd, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    ok = ok && read_tables(&reading, &sql, err) && read_columns(&reading, &sql, err) &&
         read_keys(&reading, &sql, err) && read_publication(&reading, &sql, err);
    if (own && ok)
        ok = upstream_execute(connection, stop_fd, "COMMIT", err);
    buffer_deinit(&sql);
    return ok;
}

const PublishedTable *
published_find(const PublishedCatalog *catalog, uint32_t oid)
{
    for (int i = 0; i < catalog->count; i++)
        if (catalog->tables[i].oid == oid)
            return &catalog->tables[i];
    return NULL;
}

/* ---- whether it fits ---- */

static const char *
misfit(const TableSpec *spec, Arena *arena, const char *change)
{
    const SourceTable *table = &spec->table;
    return arena_printf(arena, "incompatible schema change on %s.%s (oid %u): %s", table->schema, table->name,
                        table->upstream_oid, change);
}

static const char *
name_misfit(const TableSpec *spec, const char *schema, const char *name, Arena *arena)
{
    if (strcmp(spec->table.schema, schema) != 0)
        return misfit(spec, arena, arena_printf(arena, "table was moved to schema \"%s\"", schema));
    if (strcmp(spec->table.name, name) != 0)
        return misfit(spec, arena, arena_printf(arena, "table was renamed to \"%s\"", name));
    return NULL;
}

static const char *
type_misfit(const TableSpec *spec, const SourceTableColumn *column, uint32_t type_oid, int32_t typmod,
            const char *type_name, Arena *arena)
{
    if (column->as_text || (column->type_oid == type_oid && column->typmod == typmod))
        return NULL;
    SqlType type;
    const char *to = type_name != NULL                        ? type_name
                     : type_from_oid(type_oid, typmod, &type) ? type_format(type, arena)
                                                              : arena_printf(arena, "type with oid %u", type_oid);
    return misfit(spec, arena,
                  arena_printf(arena, "type of column \"%s\" changed from %s to %s", column->upstream_name,
                               type_format(column->type, arena), to));
}

static const char *
column_misfit(const TableSpec *spec, const SourceTableColumn *column, const PublishedTable *table, Arena *arena)
{
    const PublishedColumn *found = NULL;
    for (int i = 0; i < table->column_count && found == NULL; i++)
        if (table->columns[i].attnum == column->attnum)
            found = &table->columns[i];
    if (found == NULL)
        return misfit(spec, arena, arena_printf(arena, "column \"%s\" was dropped", column->upstream_name));
    if (strcmp(found->name, column->upstream_name) != 0)
        return misfit(spec, arena,
                      arena_printf(arena, "column \"%s\" was renamed to \"%s\"", column->upstream_name, found->name));
    const char *text = type_misfit(spec, column, found->type_oid, found->typmod, found->type_name, arena);
    if (text == NULL && column->not_null && !found->not_null)
        text = misfit(spec, arena, arena_printf(arena, "column \"%s\" is no longer NOT NULL", column->upstream_name));
    return text;
}

static bool
key_has(const PublishedKey *key, int attnum)
{
    for (int i = 0; i < key->count; i++)
        if (key->attnums[i] == attnum)
            return true;
    return false;
}

static bool
key_is_there(const TableSpec *spec, const InspectedKey *key, const PublishedTable *table)
{
    for (int k = 0; k < table->key_count; k++) {
        bool same = table->keys[k].count == key->count;
        for (int i = 0; i < key->count && same; i++)
            same = key_has(&table->keys[k], spec->table.columns[key->columns[i]].attnum);
        if (same)
            return true;
    }
    return false;
}

static const char *
key_misfit(const TableSpec *spec, const InspectedKey *key, Arena *arena)
{
    Buffer names = {0};
    for (int i = 0; i < key->count; i++)
        buffer_printf(&names, "%s\"%s\"", i > 0 ? ", " : "", spec->table.columns[key->columns[i]].upstream_name);
    const char *text = misfit(
        spec, arena, arena_printf(arena, "primary key or unique constraint on (%s) was dropped", buffer_text(&names)));
    buffer_deinit(&names);
    return text;
}

const char *
published_misfit(const TableSpec *spec, const PublishedCatalog *catalog, const char *publication, Arena *arena)
{
    const PublishedTable *table = published_find(catalog, spec->table.upstream_oid);
    if (!catalog->publication_exists)
        return arena_printf(arena, "publication \"%s\" does not exist", publication);
    if (table == NULL)
        return misfit(spec, arena, "table was dropped");
    const char *text = name_misfit(spec, table->schema, table->name, arena);
    if (text == NULL && !table->published)
        text = misfit(spec, arena, arena_printf(arena, "table was removed from publication \"%s\"", publication));
    for (int i = 0; i < spec->table.column_count && text == NULL; i++)
        text = column_misfit(spec, &spec->table.columns[i], table, arena);
    for (int i = 0; i < spec->table.key_count && text == NULL; i++)
        if (!key_is_there(spec, &spec->table.keys[i], table))
            text = key_misfit(spec, &spec->table.keys[i], arena);
    return text;
}

const char *
relation_misfit(const TableSpec *spec, const PgoutputMessage *relation, uint16_t *wire, Arena *arena)
{
    const char *text = name_misfit(spec, relation->schema, relation->name, arena);
    for (int i = 0; i < spec->table.column_count && text == NULL; i++) {
        const SourceTableColumn *column = &spec->table.columns[i];
        uint16_t at = 0;
        while (at < relation->column_count && strcmp(relation->columns[at].name, column->upstream_name) != 0)
            at++;
        if (at == relation->column_count)
            text = misfit(spec, arena, arena_printf(arena, "column \"%s\" was dropped", column->upstream_name));
        else
            text = type_misfit(spec, column, relation->columns[at].type_oid, relation->columns[at].typmod, NULL, arena);
        wire[i] = at;
    }
    return text;
}
