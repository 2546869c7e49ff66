/*
 * What is asked upstream before anything is created: whether the server can be followed, and what is there to follow.
 */
#include <stdlib.h>
#include <strings.h>

#include "replication/postgres/published.h"
#include "replication/postgres/slot.h"
#include "replication/postgres/upstream_type.h"

typedef struct Validation {
    PGconn *connection;
    const InspectRequest *request;
    Arena *arena;
    PublishedCatalog catalog;
    UpstreamTypes types; /* of the columns taken, that users made there */
    Inspection *result;
    Error *err;
} Validation;

/* ---- the server ---- */

static bool
connect_for_statement(const PostgresConfig *config, bool replication, PGconn **connection, Error *err)
{
    Error cause = ERROR_INIT;
    if (upstream_connect(config, replication, -1, connection, &cause))
        return true;
    error_set(err, SQLSTATE_SYSTEM_ERROR, "failed to connect to PostgreSQL database");
    error_detail(err, "%s", cause.message);
    if (cause.hint != NULL)
        error_hint(err, "%s", cause.hint);
    error_clear(&cause);
    return false;
}

static bool
check_values(const char *wal_level, int senders, int slots, bool standby, int slots_needed, Error *err)
{
    if (standby) {
        error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "server is a standby and cannot be replicated from");
        return error_hint(err, "Connect to the primary server.");
    }
    if (strcmp(wal_level, "logical") != 0)
        return error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                         "server must have wal_level >= logical, but has %s", wal_level);
    if (senders < 1) {
        error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "replication disabled on server");
        return error_hint(err, "set max_wal_senders to a value > 0");
    }
    if (slots < slots_needed) {
        error_set(err, SQLSTATE_CONFIGURATION_LIMIT_EXCEEDED,
                  "PostgreSQL server has insufficient number of replication slots available");
        error_detail(err, "executing this statement requires %d replication slot%s", slots_needed,
                     slots_needed == 1 ? "" : "s");
        return error_hint(err, "you might be able to wait for other sources to finish snapshotting and try again");
    }
    return true;
}

static bool
check_server(PGconn *connection, int slots_needed, Error *err)
{
    static const char sql[] =
        "SELECT current_setting('wal_level'), current_setting('max_wal_senders'), "
        "current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots), "
        "pg_is_in_recovery()";
    PGresult *result;
    if (!upstream_query(connection, -1, sql, &result, err))
        return false;
    bool ok = check_values(PQgetvalue(result, 0, 0), atoi(PQgetvalue(result, 0, 1)), atoi(PQgetvalue(result, 0, 2)),
                           PQgetvalue(result, 0, 3)[0] == 't', slots_needed, err);
    PQclear(result);
    return ok;
}

bool
postgres_validate(const PostgresConfig *config, Error *err)
{
    PGconn *connection;
    if (!connect_for_statement(config, false, &connection, err))
        return false;
    bool ok = check_server(connection, 2, err);
    PQfinish(connection);
    return ok;
}

static bool
read_identity(const PostgresConfig *config, Inspection *inspection, Error *err)
{
    PGconn *connection;
    SystemIdentity identity;
    if (!connect_for_statement(config, true, &connection, err))
        return false;
    bool ok = system_identify(connection, -1, &identity, err);
    PQfinish(connection);
    if (ok) {
        inspection->system_identifier = identity.system_identifier;
        inspection->timeline_id = identity.timeline_id;
    }
    return ok;
}

/* ---- which tables ---- */

static bool
append_table(Validation *v, const PublishedTable *table)
{
    InspectedTable *to = &v->result->tables[v->result->table_count++];
    *to = (InspectedTable){.oid = table->oid,
                           .schema = table->schema,
                           .name = table->name,
                           .replica_identity = table->replica_identity,
                           .columns = arena_new_array(v->arena, InspectedColumn, table->column_count + 1),
                           .column_count = table->column_count};
    for (int i = 0; i < table->column_count; i++) {
        const PublishedColumn *from = &table->columns[i];
        to->columns[i] = (InspectedColumn){.name = from->name,
                                           .attnum = from->attnum,
                                           .type_oid = from->type_oid,
                                           .typmod = from->typmod,
                                           .not_null = from->not_null,
                                           .type = SQL_TYPE(TEXT)};
    }
    return true;
}

static bool
schema_is_requested(const Validation *v, const char *schema)
{
    for (int i = 0; i < v->request->schema_count; i++)
        if (strcmp(v->request->schemas[i], schema) == 0)
            return true;
    return false;
}

static bool
check_schemas(Validation *v)
{
    Buffer missing = {0};
    for (int s = 0; s < v->request->schema_count; s++) {
        bool found = false;
        for (int i = 0; i < v->catalog.count && !found; i++)
            found = strcmp(v->catalog.tables[i].schema, v->request->schemas[s]) == 0;
        if (!found)
            buffer_printf(&missing, "%s%s", missing.size > 0 ? ", " : "", v->request->schemas[s]);
    }
    if (missing.size == 0)
        return true;
    error_set(v->err, SQLSTATE_INVALID_SCHEMA_NAME, "database %s missing referenced schemas", v->result->database);
    error_detail(v->err, "missing schemas: %s", buffer_text(&missing));
    buffer_deinit(&missing);
    return false;
}

/* The published table of that name. NULL, with the error set, when there is none or more than one. */
static const PublishedTable *
find_table(Validation *v, const char *schema, const char *name)
{
    const PublishedTable *found = NULL;
    for (int i = 0; i < v->catalog.count; i++) {
        const PublishedTable *table = &v->catalog.tables[i];
        if (strcmp(table->name, name) != 0 || (schema != NULL && strcmp(table->schema, schema) != 0))
            continue;
        if (found != NULL) {
            error_set(v->err, SQLSTATE_AMBIGUOUS_ALIAS, "table %s is ambiguous, consider specifying the schema", name);
            return NULL;
        }
        found = table;
    }
    if (found == NULL) {
        const char *full = schema == NULL ? name : arena_printf(v->arena, "%s.%s", schema, name);
        error_set(v->err, SQLSTATE_UNDEFINED_TABLE, "table %s not found in source", full);
    }
    return found;
}

static bool
choose_tables(Validation *v)
{
    const InspectRequest *request = v->request;
    int most = v->catalog.count > request->table_count ? v->catalog.count : request->table_count;
    v->result->tables = arena_new_array(v->arena, InspectedTable, most + 1);
    if (request->references == REFERENCE_TABLES) {
        for (int i = 0; i < request->table_count; i++) {
            const PublishedTable *table = find_table(v, request->tables[i].schema, request->tables[i].table);
            if (table == NULL || !append_table(v, table))
                return false;
        }
        return true;
    }
    if (request->references == REFERENCE_SCHEMAS && !check_schemas(v))
        return false;
    for (int i = 0; i < v->catalog.count; i++)
        if (request->references != REFERENCE_SCHEMAS || schema_is_requested(v, v->catalog.tables[i].schema))
            append_table(v, &v->catalog.tables[i]);
    return true;
}

static void
list_available(Validation *v)
{
    Inspection *result = v->result;
    result->available = arena_new_array(v->arena, InspectedTable, v->catalog.count + 1);
    int count = result->table_count;
    InspectedTable *tables = result->tables;
    result->tables = result->available;
    result->table_count = 0;
    for (int i = 0; i < v->catalog.count; i++)
        append_table(v, &v->catalog.tables[i]);
    result->available_count = result->table_count;
    result->tables = tables;
    result->table_count = count;
}

static bool
check_publication(Validation *v)
{
    const char *publication = v->request->publication;
    if (!v->catalog.publication_exists)
        return error_set(v->err, SQLSTATE_UNDEFINED_OBJECT, "publication \"%s\" does not exist", publication);
    if (v->catalog.count == 0)
        return error_set(v->err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "PUBLICATION %s is empty", publication);
    return true;
}

/* ---- privileges ---- */

static void
append_table_oids(const Validation *v, Buffer *sql)
{
    buffer_append_text(sql, "(0");
    for (int i = 0; i < v->result->table_count; i++)
        buffer_printf(sql, ", %u", v->result->tables[i].oid);
    buffer_append_text(sql, ")");
}

/* The first column of the rows of a query over the chosen tables, joined by commas; empty when there are none. */
static bool
list_names(Validation *v, const char *select, const char *condition, const char *ending, Buffer *names)
{
    Buffer sql = {0};
    PGresult *result;
    buffer_printf(&sql, "%s FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE %s AND c.oid IN ",
                  select, condition);
    append_table_oids(v, &sql);
    buffer_append_text(&sql, ending);
    bool ok = upstream_query(v->connection, -1, buffer_text(&sql), &result, v->err);
    buffer_deinit(&sql);
    if (!ok)
        return false;
    for (int i = 0; i < PQntuples(result); i++)
        buffer_printf(names, "%s%s", i > 0 ? ", " : "", PQgetvalue(result, i, 0));
    PQclear(result);
    return true;
}

static bool
check_privileges(Validation *v)
{
    static const char table_name[] = "SELECT n.nspname || '.' || c.relname";
    Buffer schemas = {0}, tables = {0}, secured = {0};
    bool ok = list_names(v, "SELECT DISTINCT n.nspname", "NOT has_schema_privilege(n.oid, 'USAGE')", " ORDER BY 1",
                         &schemas) &&
              list_names(v, table_name, "NOT has_table_privilege(c.oid, 'SELECT')", " ORDER BY 1", &tables) &&
              list_names(v, table_name, "c.relrowsecurity AND row_security_active(c.oid)", " ORDER BY 1", &secured);
    if (ok && (schemas.size > 0 || tables.size > 0)) {
        ok = error_set(v->err, SQLSTATE_INSUFFICIENT_PRIVILEGE, "insufficient privileges");
        if (schemas.size > 0)
            error_detail(v->err, "user lacks USAGE privileges for schemas %s", buffer_text(&schemas));
        else
            error_detail(v->err, "user lacks SELECT privileges for tables %s", buffer_text(&tables));
    } else if (ok && secured.size > 0) {
        ok = error_set(v->err, SQLSTATE_INSUFFICIENT_PRIVILEGE, "one or more tables requires BYPASSRLS");
        error_detail(v->err, "user must have BYPASSRLS attribute to read tables %s", buffer_text(&secured));
        error_hint(v->err, "Add the BYPASSRLS attribute to the Freshet user");
    }
    buffer_deinit(&schemas);
    buffer_deinit(&tables);
    buffer_deinit(&secured);
    return ok;
}

/* ---- TEXT COLUMNS, EXCLUDE COLUMNS ---- */

static bool
option_invalid(Validation *v, const char *option, const ColumnReference *reference, const char *sqlstate,
               const char *text)
{
    return error_at(v->err, reference->position, sqlstate, "invalid %s option value: %s", option, text);
}

static bool
column_missing(Validation *v, const char *option, const ColumnReference *reference, const PublishedTable *table)
{
    const char *name = reference->table == NULL ? reference->column
                                                : arena_printf(v->arena, "%s.%s", reference->table, reference->column);
    option_invalid(v, option, reference, SQLSTATE_UNDEFINED_COLUMN,
                   arena_printf(v->arena, "column \"%s\" does not exist", name));
    for (int i = 0; i < table->column_count; i++)
        if (strcasecmp(table->columns[i].name, reference->column) == 0)
            error_hint(v->err,
                       "The similarly named column \"%s.%s\" does exist. Make sure to surround case sensitive names in "
                       "double quotes.",
                       table->name, table->columns[i].name);
    return false;
}

/* The upstream table that an option's entry means; CREATE TABLE FROM SOURCE names only its columns. */
static const PublishedTable *
option_table(Validation *v, const char *option, const ColumnReference *reference)
{
    if (reference->table == NULL && v->request->for_table && v->result->table_count > 0)
        return published_find(&v->catalog, v->result->tables[0].oid);
    if (reference->table == NULL) {
        option_invalid(
            v, option, reference, SQLSTATE_INVALID_NAME,
            arena_printf(v->arena, "column name '%s' must have at least a table qualification", reference->column));
        return NULL;
    }
    const PublishedTable *table = find_table(v, reference->schema, reference->table);
    if (table == NULL)
        error_prefix(v->err, "invalid %s option value: ", option);
    return table;
}

/* Marks the column in every table taken from `table`; *added: there was one. */
static bool
option_mark(Validation *v, const char *option, const ColumnReference *reference, const PublishedTable *table,
            int column, bool exclude, bool *added)
{
    *added = false;
    for (int i = 0; i < v->result->table_count; i++) {
        if (v->result->tables[i].oid != table->oid)
            continue;
        InspectedColumn *inspected = &v->result->tables[i].columns[column];
        if (inspected->as_text || inspected->excluded)
            return option_invalid(v, option, reference, SQLSTATE_DUPLICATE_COLUMN,
                                  arena_printf(v->arena, "unexpected multiple references to %s.%s.%s.%s",
                                               v->result->database, table->schema, table->name, inspected->name));
        *(exclude ? &inspected->excluded : &inspected->as_text) = true;
        *added = true;
    }
    return true;
}

static bool
apply_option(Validation *v, const char *option, const ColumnReference *references, int count, bool exclude)
{
    if (count > 0 && v->request->references == REFERENCE_NONE) {
        error_set(v->err, SQLSTATE_SYNTAX_ERROR, "%s option is unnecessary when no tables are added", option);
        return error_hint(v->err, "Remove the %s option, as no tables are being added.", option);
    }
    Buffer strangers = {0};
    bool ok = true;
    for (int i = 0; i < count && ok; i++) {
        const PublishedTable *table = option_table(v, option, &references[i]);
        int column = 0;
        bool added;
        while (table != NULL && column < table->column_count &&
               strcmp(table->columns[column].name, references[i].column) != 0)
            column++;
        if (table == NULL)
            ok = false;
        else if (column == table->column_count)
            ok = column_missing(v, option, &references[i], table);
        else
            ok = option_mark(v, option, &references[i], table, column, exclude, &added);
        if (ok && !added)
            buffer_printf(&strangers, "%s%s.%s", strangers.size > 0 ? ", " : "", table->schema, table->name);
    }
    if (ok && strangers.size > 0) {
        ok = error_set(v->err, SQLSTATE_UNDEFINED_TABLE, "%s refers to table not currently being added", option);
        error_detail(v->err, "the following tables are referenced but not added: %s", buffer_text(&strangers));
    }
    buffer_deinit(&strangers);
    return ok;
}

/* ---- types and keys ---- */

static bool
is_object_name_type(TypeId id)
{
    return id == TYPE_REGPROC || id == TYPE_REGCLASS || id == TYPE_REGTYPE;
}

/* False: there is no such type here. *reg: it means an object of that server. */
static bool
map_type(const Validation *v, const InspectedColumn *column, SqlType *type, bool *reg)
{
    *reg = false;
    if (!upstream_type_find(&v->types, column->type_oid, column->typmod, v->arena, type))
        return false;
    TypeId id = type->id == TYPE_ARRAY ? type->element : type->id;
    *reg = is_object_name_type(id);
    return !*reg && id != TYPE_UNKNOWN && id != TYPE_RECORD && id != TYPE_ARRAY;
}

static bool
object_name_column(Validation *v, const InspectedTable *table, const InspectedColumn *column, SqlType type)
{
    error_set(v->err, SQLSTATE_FEATURE_NOT_SUPPORTED,
              "publication %s contains column %s.%s of type %s which Freshet cannot currently ingest",
              v->request->publication, table->name, column->name, type_format(type, v->arena));
    return error_hint(
        v->err, "Remove the table from the publication or use TEXT COLUMNS (%s, ..) to ingest this column as text",
        column->name);
}

static bool
read_types(Validation *v)
{
    int count = 0;
    for (int t = 0; t < v->result->table_count; t++)
        count += v->result->tables[t].column_count;
    uint32_t *oids = arena_new_array(v->arena, uint32_t, count + 1);
    count = 0;
    for (int t = 0; t < v->result->table_count; t++)
        for (int c = 0; c < v->result->tables[t].column_count; c++)
            oids[count++] = v->result->tables[t].columns[c].type_oid;
    return upstream_types_read(v->connection, -1, oids, count, v->arena, &v->types, v->err);
}

static bool
check_types(Validation *v)
{
    Buffer strangers = {0};
    if (!read_types(v))
        return false;
    for (int t = 0; t < v->result->table_count; t++) {
        const InspectedTable *table = &v->result->tables[t];
        for (int c = 0; c < table->column_count; c++) {
            InspectedColumn *column = &table->columns[c];
            bool reg;
            if (column->excluded || column->as_text || map_type(v, column, &column->type, &reg))
                continue;
            if (reg) {
                buffer_deinit(&strangers);
                return object_name_column(v, table, column, column->type);
            }
            buffer_printf(&strangers, "\n%s.%s.%s.%s (OID %u)", v->result->database, table->schema, table->name,
                          column->name, column->type_oid);
        }
    }
    if (strangers.size == 0)
        return true;
    error_set(v->err, SQLSTATE_FEATURE_NOT_SUPPORTED, "referenced tables use unsupported types");
    error_detail(v->err, "the following columns contain unsupported types:%s", buffer_text(&strangers));
    error_hint(v->err,
               "Use the TEXT COLUMNS option naming the listed columns, and Freshet can ingest their values as text. "
               "Use the EXCLUDE COLUMNS option to leave them out.");
    buffer_deinit(&strangers);
    return false;
}

/* Rows are unique by a key only where its columns cannot be null, or where nulls count as equal. */
static bool
key_columns(const InspectedTable *table, const PublishedKey *key, int *columns)
{
    for (int k = 0; k < key->count; k++) {
        int column = 0;
        while (column < table->column_count && table->columns[column].attnum != key->attnums[k])
            column++;
        if (column == table->column_count || (!table->columns[column].not_null && !key->nulls_not_distinct))
            return false;
        columns[k] = column;
    }
    return key->count > 0;
}

static void
list_keys(Validation *v, InspectedTable *table)
{
    const PublishedTable *from = published_find(&v->catalog, table->oid);
    table->keys = arena_new_array(v->arena, InspectedKey, from->key_count + 1);
    for (int i = 0; i < from->key_count; i++) {
        int *columns = arena_new_array(v->arena, int, from->keys[i].count + 1);
        if (key_columns(table, &from->keys[i], columns))
            table->keys[table->key_count++] = (InspectedKey){columns, from->keys[i].count, from->keys[i].primary};
    }
}

/* ---- the whole ---- */

static bool
read_database(Validation *v)
{
    PGresult *result;
    if (!upstream_query(v->connection, -1, "SELECT current_database()", &result, v->err))
        return false;
    v->result->database = arena_strdup(v->arena, PQgetvalue(result, 0, 0));
    PQclear(result);
    return true;
}

static bool
inspect(Validation *v)
{
    const InspectRequest *request = v->request;
    const char *prefix = "POSTGRES source validation: ";
    PublishedRequest published = {.publication = request->publication, .all = true};
    if (!check_server(v->connection, request->for_table ? 1 : 2, v->err))
        return error_prefix(v->err, "%s", prefix);
    if (!read_database(v) || !published_read(v->connection, -1, &published, v->arena, &v->catalog, v->err))
        return false;
    if (!check_publication(v))
        return error_prefix(v->err, "%s", prefix);
    if (!choose_tables(v))
        return request->for_table ? false : error_prefix(v->err, "%s", prefix);
    list_available(v);
    if (request->references == REFERENCE_NONE)
        return apply_option(v, "TEXT COLUMNS", request->text_columns, request->text_column_count, false) &&
                       apply_option(v, "EXCLUDE COLUMNS", request->exclude_columns, request->exclude_column_count, true)
                   ? true
                   : error_prefix(v->err, "%s", prefix);
    if (!check_privileges(v) ||
        !apply_option(v, "TEXT COLUMNS", request->text_columns, request->text_column_count, false) ||
        !apply_option(v, "EXCLUDE COLUMNS", request->exclude_columns, request->exclude_column_count, true) ||
        !check_types(v))
        return error_prefix(v->err, "%s", prefix);
    for (int i = 0; i < v->result->table_count; i++)
        list_keys(v, &v->result->tables[i]);
    return true;
}

bool
postgres_inspect(const PostgresConfig *config, const InspectRequest *request, Arena *arena, Inspection *result,
                 Error *err)
{
    Validation v = {.request = request, .arena = arena, .result = result, .err = err};
    *result = (Inspection){.database = NULL};
    if (!connect_for_statement(config, false, &v.connection, err))
        return false;
    bool ok = inspect(&v);
    PQfinish(v.connection);
    return ok && read_identity(config, result, err);
}
