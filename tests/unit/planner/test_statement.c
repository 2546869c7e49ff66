/*
 * Statements against a catalog, without server or engine: what they change, what they say, where they point.
 */
#include <check.h>
#include <stdio.h>

#include "catalog/durable.h"
#include "grammar/ast_print.h"
#include "grammar/parse.h"
#include "planner/plan_statement.h"

typedef struct Ledger {
    Catalog *catalog;
    Arena *arena; /* of everything planned in one test */
    EvalContext eval;
    Buffer notices; /* of the last statement */
    const char *database;
    StatementPlan plan; /* of the last statement */
    UpstreamAnswer answer;
    Map *rows; /* of every shard, as text: how many there are */
} Ledger;

static const char *const search_path[] = {"public", NULL};

/* ---- upstream ---- */

static struct UpstreamAnswerTable
upstream_table(Arena *arena, const char *schema, const char *name, uint32_t oid)
{
    UpstreamColumn *columns = arena_new_array(arena, UpstreamColumn, 3);
    columns[0] = (UpstreamColumn){.name = "id", .attnum = 1, .type_oid = 23, .typmod = -1, .not_null = true};
    columns[1] = (UpstreamColumn){.name = "Name", .attnum = 2, .type_oid = 1043, .typmod = 24};
    columns[2] = (UpstreamColumn){.name = "mood", .attnum = 3, .type_oid = 99999, .typmod = -1, .excluded = true};
    RelationKey *key = arena_new_struct(arena, RelationKey);
    key->columns = arena_new_array(arena, uint16_t, 1);
    key->count = 1;
    SqlType *types = arena_new_array(arena, SqlType, 3);
    types[0] = SQL_TYPE(INT4);
    types[1] = (SqlType){.id = TYPE_VARCHAR, .typmod = 24};
    types[2] = SQL_TYPE(TEXT);
    return (struct UpstreamAnswerTable){.table = {.oid = oid,
                                                  .database = "shop",
                                                  .schema = schema,
                                                  .name = name,
                                                  .columns = columns,
                                                  .column_count = 3,
                                                  .replica_identity = 'f',
                                                  .keys = key,
                                                  .key_count = 1},
                                        .types = types};
}

static void
upstream_has(Ledger *ledger, const char *const *tables, int count)
{
    ledger->answer = (UpstreamAnswer){.database = "shop",
                                      .timeline_id = 1,
                                      .tables = arena_new_array(ledger->arena, struct UpstreamAnswerTable, count + 1),
                                      .table_count = count,
                                      .slot_name = "materialize_00112233445566778899aabbccddeeff"};
    for (int i = 0; i < count; i++)
        ledger->answer.tables[i] =
            upstream_table(ledger->arena, tables[2 * i], tables[2 * i + 1],
                           (uint32_t) (16400 + strlen(tables[2 * i]) * 100 + (uint32_t) tables[2 * i + 1][0]));
}

/* ---- running ---- */

/* No row may ever be there twice, or less than not at all. */
static void
count_rows(void *context, uint64_t shard, Chunk *rows)
{
    Ledger *ledger = context;
    for (uint32_t row = 0; row < rows->count; row++) {
        Buffer key = {0};
        buffer_append_be64(&key, shard);
        for (uint16_t c = 0; c < rows->column_count; c++) {
            const Column *column = rows->columns[c];
            buffer_append_char(&key, column_is_null(column, row) ? 'n' : 'v');
            if (column_is_null(column, row))
                continue;
            if (column->phys == PHYS_BYTES)
                buffer_append_slice(&key, column_bytes(column, row));
            else
                buffer_append(&key, (const char *) column->values + (size_t) row * (size_t) phys_width(column->phys),
                              (size_t) phys_width(column->phys));
        }
        intptr_t count = (intptr_t) map_get(ledger->rows, buffer_slice(&key)) + chunk_diff(rows, row);
        map_put(ledger->rows, buffer_slice(&key), (void *) count);
        buffer_deinit(&key);
    }
    chunk_release(rows);
}

static void
check_rows(Ledger *ledger)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(ledger->rows, &iterator, &key, &value))
        ck_assert_msg((intptr_t) value == 0 || (intptr_t) value == 1, "%ld of the row %.*s", (long) (intptr_t) value,
                      (int) key.size - 8, key.bytes + 8);
}

static void
count_user_item(void *context, Item *item)
{
    *(size_t *) context += (item->id & OBJECT_ID_SYSTEM) == 0;
}

/* The durable shard has one row an item. */
static void
check_durable(Ledger *ledger)
{
    static const char prefix[] = "vitem";
    size_t items = 0, rows = 0, iterator = 0;
    Slice key;
    void *value;
    catalog_each_item(ledger->catalog, count_user_item, &items);
    while (map_next(ledger->rows, &iterator, &key, &value))
        rows += (intptr_t) value == 1 && be64_read(key.bytes) == CATALOG_SHARD_ID &&
                memcmp(key.bytes + 8, prefix, sizeof prefix - 1) == 0;
    ck_assert_uint_eq(rows, items);
}

static void
keep_notice(void *context, const Notice *notice)
{
    Ledger *ledger = context;
    buffer_printf(&ledger->notices, "%s: %s\n", notice->sqlstate, notice->message);
}

static PlannerContext
ledger_context(Ledger *ledger)
{
    return (PlannerContext){.catalog = ledger->catalog,
                            .scope = {.database = ledger->database, .search_path = search_path},
                            .cluster = "quickstart",
                            .role = catalog_role(ledger->catalog, "materialize")->id,
                            .eval = &ledger->eval,
                            .arena = ledger->arena,
                            .notice = keep_notice,
                            .notice_context = ledger};
}

static void
setup(Ledger *ledger)
{
    *ledger = (Ledger){.catalog = catalog_new(), .arena = arena_new(), .database = "materialize"};
    eval_context_init(&ledger->eval, ledger->arena);
    ledger->rows = map_new();
    CatalogChange *change = catalog_bootstrap(ledger->catalog, NULL);
    catalog_change_rows(ledger->catalog, change, count_rows, ledger);
    catalog_apply(ledger->catalog, change);
    catalog_change_free(change);
    static const char *const tables[] = {"public", "t", "public", "u", "other", "v"};
    upstream_has(ledger, tables, 3);
}

static void
teardown(Ledger *ledger)
{
    eval_context_deinit(&ledger->eval);
    buffer_deinit(&ledger->notices);
    map_free(ledger->rows);
    arena_free(ledger->arena);
    catalog_free(ledger->catalog);
}

/* What is stored must be what a start would make of it. */
static void
check_item(void *context, Item *item)
{
    Ledger *ledger = context;
    if ((item->id & OBJECT_ID_SYSTEM) != 0)
        return;
    Error err = ERROR_INIT;
    AstStatement *statement;
    Buffer printed = {0};
    ck_assert_ptr_nonnull(item->create_sql);
    ck_assert_msg(parse_statement(slice_of(item->create_sql), ledger->arena, &statement, &err), "%s: %s",
                  item->create_sql, err.message);
    ast_print_statement(statement, AST_PRINT_QUOTED, &printed);
    if (item->source_kind != SOURCE_SUBSOURCE && item->source_kind != SOURCE_PROGRESS)
        ck_assert_str_eq(buffer_text(&printed), item->create_sql);
    buffer_deinit(&printed);
    PlannerContext planner = ledger_context(ledger);
    planner.scope = (NameScope){0};
    Item *copy = item_copy(item);
    ck_assert_msg(plan_loaded_item(&planner, copy, &err), "%s: %s", item->create_sql, err.message);
    ck_assert_int_eq(copy->depends_on_count, item->depends_on_count);
    for (int i = 0; i < copy->depends_on_count; i++)
        ck_assert_uint_eq(copy->depends_on[i], item->depends_on[i]);
    if (item->definition != NULL) {
        Buffer kept = {0}, again = {0};
        ast_print_query(item->definition, AST_PRINT_QUOTED, &kept);
        ast_print_query(copy->definition, AST_PRINT_QUOTED, &again);
        ck_assert_str_eq(buffer_text(&kept), buffer_text(&again));
        buffer_deinit(&kept);
        buffer_deinit(&again);
    }
    if (copy->desc != NULL) {
        ck_assert_int_eq(copy->desc->column_count, item->desc->column_count);
        for (int i = 0; i < copy->desc->column_count; i++)
            ck_assert_str_eq(copy->desc->columns[i].name, item->desc->columns[i].name);
    }
    item_free(copy);
}

static void
apply(Ledger *ledger)
{
    CatalogChange *change = ledger->plan.change;
    if (change == NULL)
        return;
    catalog_change_rows(ledger->catalog, change, count_rows, ledger);
    check_rows(ledger);
    catalog_apply(ledger->catalog, change);
    catalog_change_free(change);
    ledger->plan.change = NULL;
    check_durable(ledger);
    catalog_each_item(ledger->catalog, check_item, ledger);
}

static bool
run(Ledger *ledger, const char *sql, Error *err)
{
    PlannerContext planner = ledger_context(ledger);
    AstStatement *statement;
    IndexOracle indexes = {0};
    ledger->plan = (StatementPlan){0};
    buffer_clear(&ledger->notices);
    if (!parse_statement(slice_of(sql), ledger->arena, &statement, err))
        return false;
    bool ok = plan_statement(&planner, statement, &indexes, &ledger->plan, err);
    if (ok && ledger->plan.kind == PLAN_INSPECT) {
        ledger->plan = (StatementPlan){0};
        ok = plan_statement_inspected(&planner, statement, &ledger->answer, &ledger->plan, err);
    }
    if (ok)
        apply(ledger);
    else
        catalog_change_free(ledger->plan.change);
    return ok;
}

static void
does(Ledger *ledger, const char *sql)
{
    Error err = ERROR_INIT;
    ck_assert_msg(run(ledger, sql, &err), "%s: %s %s", sql, err.sqlstate, err.message);
}

static void
fails(Ledger *ledger, const char *sql, const char *sqlstate, int position, const char *message)
{
    Error err = ERROR_INIT;
    uint64_t version = catalog_version(ledger->catalog);
    ck_assert_msg(!run(ledger, sql, &err), "%s succeeds", sql);
    ck_assert_str_eq(err.message, message);
    ck_assert_str_eq(err.sqlstate, sqlstate);
    if (position >= 0)
        ck_assert_int_eq(err.position, position);
    ck_assert_uint_eq(catalog_version(ledger->catalog), version);
    error_clear(&err);
}

static void
notices(Ledger *ledger, const char *sql, const char *text)
{
    does(ledger, sql);
    ck_assert_str_eq(buffer_text(&ledger->notices), text);
}

static Item *
item_of(Ledger *ledger, const char *schema, const char *name)
{
    const char *parts[] = {"materialize", schema, name};
    NameScope scope = {0};
    return catalog_resolve_item(ledger->catalog, &scope, parts, 3);
}

static const char *
sql_of(Ledger *ledger, const char *schema, const char *name)
{
    Item *item = item_of(ledger, schema, name);
    ck_assert_msg(item != NULL, "there is no %s.%s", schema, name);
    return item->create_sql;
}

#define LEDGER_TEST(name)                                                                                              \
    static void name##_body(Ledger *l);                                                                                \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        Ledger ledger;                                                                                                 \
        setup(&ledger);                                                                                                \
        name##_body(&ledger);                                                                                          \
        teardown(&ledger);                                                                                             \
    }                                                                                                                  \
    END_TEST                                                                                                           \
    static void name##_body(Ledger *l)

#define DOES(sql)                     does(l, sql)
#define FAILS(sql, state, at, text)   fails(l, sql, state, at, text)
#define NOTICES(sql, text)            notices(l, sql, text)
#define SQL_IS(schema, name, text)    ck_assert_str_eq(sql_of(l, schema, name), text)
#define IS_THERE(schema, name, there) ck_assert_int_eq(item_of(l, schema, name) != NULL, there)

static void
make_connection(Ledger *l)
{
    DOES("CREATE SECRET pw AS 'hunter2'");
    DOES("CREATE CONNECTION pg TO POSTGRES (HOST 'db', PORT 5433, DATABASE 'shop', USER 'm', PASSWORD SECRET pw, "
         "SSL MODE require)");
}

/* ---- secrets and connections ---- */

LEDGER_TEST(a_secret_is_written_and_not_shown)
{
    DOES("CREATE SECRET s AS 'hunter2'");
    ck_assert_int_eq(l->plan.secret_count, 1);
    SQL_IS("public", "s", "CREATE SECRET \"materialize\".\"public\".\"s\" AS '<REDACTED>'");
    NOTICES("CREATE SECRET IF NOT EXISTS s AS 'x'",
            "42710: secret \"materialize.public.s\" already exists, skipping\n");
    ck_assert_int_eq(l->plan.kind, PLAN_NOTHING);
    FAILS("CREATE SECRET s AS 'x'", "42710", 15, "secret \"materialize.public.s\" already exists");
    FAILS("CREATE SECRET n AS 1", "42804", 20, "AS does not support implicitly casting from integer to bytea");
    DOES("CREATE SECRET b AS decode('aGk=', 'base64')");
    DOES("ALTER SECRET s AS 'new'");
    ck_assert_int_eq(l->plan.secret_count, 1);
    NOTICES("ALTER SECRET IF EXISTS nope AS 'new'", "42704: secret \"nope\" does not exist, skipping\n");
}

LEDGER_TEST(a_postgres_connection_keeps_its_options)
{
    make_connection(l);
    const Item *item = item_of(l, "public", "pg");
    ck_assert_str_eq(item->connection_type, "postgres");
    ck_assert_int_eq(item->option_count, 6);
    ck_assert_str_eq(item->options[1].text, "5433");
    ck_assert_uint_eq(item->options[4].reference, item_of(l, "public", "pw")->id);
    ck_assert_int_eq(item->depends_on_count, 1);
    ck_assert_int_eq(l->plan.validate_count, 1);
    SQL_IS("public", "pg",
           "CREATE CONNECTION \"materialize\".\"public\".\"pg\" TO POSTGRES (HOST = 'db', PORT = 5433, DATABASE = "
           "'shop', USER = 'm', PASSWORD = SECRET \"materialize\".\"public\".\"pw\", SSL MODE = require)");
    DOES("CREATE CONNECTION quiet TO POSTGRES (HOST 'db', DATABASE 'shop', USER 'm') WITH (VALIDATE = false)");
    ck_assert_int_eq(l->plan.validate_count, 0);
}

LEDGER_TEST(options_of_connections_are_checked)
{
    make_connection(l);
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', USER 'u', BROKER 'b')", "42601", 54,
          "POSTGRES connections do not support BROKER values");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', HOST 'i')", "42601", 44, "HOST specified more than once");
    FAILS("CREATE CONNECTION c TO POSTGRES (DATABASE 'd', USER 'u')", "22023", -1, "HOST option is required");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', USER 'u')", "22023", -1, "DATABASE option is required");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd')", "22023", -1, "USER option is required");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', SSL MODE 'maybe')", "22023", 68,
          "invalid CONNECTION: unknown SSL MODE \"maybe\"");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', SSL KEY SECRET pw)", "22023", -1,
          "invalid CONNECTION: both SSL KEY and SSL CERTIFICATE are required");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', PORT 70000)", "22023", 68,
          "invalid PORT option value: a port is between 1 and 65535");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', PASSWORD 'plain')", "22023", 68,
          "invalid PASSWORD option value: must provide a secret value");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', PASSWORD SECRET nope)", "42P01", -1,
          "unknown catalog item 'nope'");
    FAILS("CREATE CONNECTION c TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', SSH TUNNEL pg)", "42809", -1,
          "pg is not an SSH connection");
    FAILS("CREATE CONNECTION c TO SSH TUNNEL (HOST 'h', PORT 22, USER SECRET pw)", "22023", -1,
          "SSH connections do not support supplying USER value as SECRET");
    FAILS("CREATE CONNECTION c TO KAFKA (BROKER 'a', BROKERS ('b', 'c'))", "22023", -1,
          "invalid CONNECTION: can only set one of BROKER, BROKERS, or AWS PRIVATELINK");
    FAILS("CREATE CONNECTION c TO CONFLUENT SCHEMA REGISTRY (USERNAME 'u')", "22023", -1,
          "invalid CONNECTION: must specify URL");
}

LEDGER_TEST(other_connections_are_stored)
{
    make_connection(l);
    DOES("CREATE CONNECTION tunnel TO SSH TUNNEL (HOST 'h', PORT 22, USER 'u')");
    ck_assert_int_eq(l->plan.validate_count, 0);
    DOES("CREATE CONNECTION k TO KAFKA (BROKERS ('a:1' USING SSH TUNNEL tunnel, 'b:2'), SASL MECHANISMS 'PLAIN', "
         "SASL USERNAME 'u', SASL PASSWORD SECRET pw)");
    ck_assert_int_eq(item_of(l, "public", "k")->depends_on_count, 2);
    DOES("CREATE CONNECTION csr TO CONFLUENT SCHEMA REGISTRY (URL 'http://h:8081')");
    ck_assert_str_eq(item_of(l, "public", "csr")->connection_type, "confluent-schema-registry");
    DOES("CREATE CONNECTION pg2 TO POSTGRES (HOST 'h', DATABASE 'd', USER 'u', SSH TUNNEL tunnel)");
    FAILS("DROP CONNECTION tunnel", "2BP01", -1,
          "cannot drop connection \"tunnel\": still depended upon by connection \"k\", connection \"pg2\"");
    DOES("ALTER CONNECTION tunnel RENAME TO burrow");
    ck_assert_ptr_nonnull(strstr(sql_of(l, "public", "k"), "USING SSH TUNNEL \"materialize\".\"public\".\"burrow\""));
    ck_assert_ptr_nonnull(strstr(sql_of(l, "public", "pg2"), "SSH TUNNEL = \"materialize\".\"public\".\"burrow\""));
}

LEDGER_TEST(a_connection_is_altered)
{
    make_connection(l);
    DOES("ALTER CONNECTION pg SET (HOST 'elsewhere'), RESET (SSL MODE), DROP (PORT)");
    ck_assert_int_eq(l->plan.validate_count, 1);
    SQL_IS("public", "pg",
           "CREATE CONNECTION \"materialize\".\"public\".\"pg\" TO POSTGRES (DATABASE = 'shop', USER = 'm', PASSWORD = "
           "SECRET \"materialize\".\"public\".\"pw\", HOST = 'elsewhere')");
    FAILS("ALTER CONNECTION pg DROP (HOST)", "22023", 0, "HOST option is required");
    FAILS("ALTER CONNECTION pg SET (HOST 'a'), RESET (HOST)", "42601", -1,
          "cannot both SET and DROP/RESET options HOST");
    FAILS("ALTER CONNECTION pg SET (BROKER 'a')", "42601", 26, "POSTGRES connections do not support BROKER values");
    FAILS("ALTER CONNECTION nope SET (HOST 'a')", "42704", 18, "connection \"nope\" does not exist");
    NOTICES("ALTER CONNECTION IF EXISTS nope SET (HOST 'a')", "42704: connection \"nope\" does not exist, skipping\n");
    DOES("VALIDATE CONNECTION pg");
    ck_assert_int_eq(l->plan.kind, PLAN_VALIDATE);
    ck_assert_uint_eq(l->plan.target, item_of(l, "public", "pg")->id);
}

/* ---- containers ---- */

LEDGER_TEST(databases_and_schemas_come_and_go)
{
    DOES("CREATE DATABASE d");
    ck_assert_ptr_nonnull(catalog_schema(l->catalog, "d", "public"));
    FAILS("CREATE DATABASE d", "42P04", 17, "database 'd' already exists");
    NOTICES("CREATE DATABASE IF NOT EXISTS d", "42P04: database \"d\" already exists, skipping\n");
    DOES("CREATE SCHEMA d.s");
    DOES("CREATE SCHEMA s");
    FAILS("CREATE SCHEMA s", "42P06", 15, "schema 's' already exists");
    FAILS("CREATE SCHEMA mz_s", "42939", 15, "unacceptable schema name 'mz_s'");
    FAILS("CREATE SCHEMA nope.s", "3D000", 15, "unknown database 'nope'");
    DOES("CREATE TABLE s.t (a int)");
    FAILS("DROP SCHEMA s", "2BP01", 13, "schema 's' cannot be dropped without CASCADE while it contains objects");
    DOES("CREATE VIEW v AS SELECT * FROM s.t");
    NOTICES("DROP SCHEMA s CASCADE", "00000: drop cascades to 1 other object\n");
    IS_THERE("public", "v", false);
    FAILS("DROP SCHEMA s", "3F000", 13, "unknown schema 's'");
    NOTICES("DROP SCHEMA IF EXISTS s", "42704: schema \"s\" does not exist, skipping\n");
    FAILS("DROP SCHEMA mz_catalog", "42501", 13, "system schema 'mz_catalog' cannot be modified");
    FAILS("DROP DATABASE d RESTRICT", "2BP01", 15,
          "database 'd' cannot be dropped with RESTRICT while it contains schemas");
    DOES("CREATE TABLE d.public.t (a int)");
    DOES("DROP DATABASE d");
    ck_assert_ptr_null(catalog_database(l->catalog, "d"));
    NOTICES("DROP DATABASE materialize", "MZ002: active database \"materialize\" has been dropped\n");
}

LEDGER_TEST(schemas_that_depend_on_each_other_are_dropped_together)
{
    DOES("CREATE SCHEMA a");
    DOES("CREATE SCHEMA b");
    DOES("CREATE TABLE a.t (x int)");
    DOES("CREATE VIEW b.v AS SELECT * FROM a.t");
    DOES("CREATE VIEW a.w AS SELECT * FROM b.v");
    DOES("DROP SCHEMA a, b, a CASCADE");
    ck_assert_ptr_null(catalog_schema(l->catalog, "materialize", "a"));
    ck_assert_ptr_null(catalog_schema(l->catalog, "materialize", "b"));
}

LEDGER_TEST(clusters_are_managed_and_not)
{
    DOES("CREATE CLUSTER c SIZE '50cc', REPLICATION FACTOR 2");
    const CatalogCluster *cluster = catalog_cluster(l->catalog, "c");
    ck_assert_int_eq(cluster->replica_count, 2);
    ck_assert_str_eq(cluster->replicas[1].name, "r2");
    DOES("ALTER CLUSTER c SET (REPLICATION FACTOR 0)");
    ck_assert_int_eq(catalog_cluster(l->catalog, "c")->replica_count, 0);
    DOES("ALTER CLUSTER c SET (SIZE '100cc', REPLICATION FACTOR 1, INTROSPECTION INTERVAL = '1s')");
    ck_assert_str_eq(catalog_cluster(l->catalog, "c")->replicas[0].size, "100cc");
    ck_assert_str_eq(catalog_cluster(l->catalog, "c")->options_sql, "INTROSPECTION INTERVAL = '1s'");
    DOES("ALTER CLUSTER c SET (INTROSPECTION DEBUGGING = true)");
    ck_assert_str_eq(catalog_cluster(l->catalog, "c")->options_sql,
                     "INTROSPECTION INTERVAL = '1s', INTROSPECTION DEBUGGING = true");
    DOES("ALTER CLUSTER c RESET (INTROSPECTION INTERVAL, REPLICATION FACTOR)");
    ck_assert_str_eq(catalog_cluster(l->catalog, "c")->options_sql, "INTROSPECTION DEBUGGING = true");
    FAILS("CREATE CLUSTER c SIZE '50cc'", "42710", 16, "cluster 'c' already exists");
    FAILS("CREATE CLUSTER d SIZE 'huge'", "22023", 18, "unknown cluster replica size huge");
    FAILS("CREATE CLUSTER d REPLICATION FACTOR 1", "22023", 16, "SIZE must be specified for managed clusters");
    FAILS("CREATE CLUSTER mz_d SIZE '50cc'", "42939", 16, "cluster name \"mz_d\" is reserved");
    FAILS("CREATE CLUSTER REPLICA c.r9 SIZE '50cc'", "55000", 24, "cannot modify managed cluster c");
    DOES("CREATE CLUSTER u REPLICAS (a (SIZE '25cc'))");
    DOES("CREATE CLUSTER REPLICA u.b SIZE '25cc'");
    FAILS("CREATE CLUSTER REPLICA u.b SIZE '25cc'", "42710", -1,
          "cannot create multiple replicas named 'b' on cluster 'u'");
    DOES("ALTER CLUSTER REPLICA u.b RENAME TO z");
    DOES("DROP CLUSTER REPLICA u.z, u.a");
    ck_assert_int_eq(catalog_cluster(l->catalog, "u")->replica_count, 0);
    NOTICES("DROP CLUSTER REPLICA IF EXISTS u.z", "42704: cluster replica \"u.z\" does not exist, skipping\n");
    FAILS("DROP CLUSTER mz_system", "42501", 14, "system cluster 'mz_system' cannot be modified");
    DOES("CREATE TABLE t (a int)");
    DOES("CREATE INDEX i IN CLUSTER c ON t (a)");
    FAILS("DROP CLUSTER c", "2BP01", 14, "cannot drop cluster \"c\" because other objects depend on it");
    DOES("ALTER CLUSTER c SWAP WITH u");
    SQL_IS("public", "i", "CREATE INDEX \"i\" IN CLUSTER \"u\" ON \"materialize\".\"public\".\"t\" (\"a\")");
    DOES("ALTER CLUSTER u RENAME TO w");
    SQL_IS("public", "i", "CREATE INDEX \"i\" IN CLUSTER \"w\" ON \"materialize\".\"public\".\"t\" (\"a\")");
    DOES("DROP CLUSTER w CASCADE");
    IS_THERE("public", "i", false);
    IS_THERE("public", "t", true);
}

LEDGER_TEST(roles_have_attributes_members_and_settings)
{
    DOES("CREATE ROLE a WITH LOGIN PASSWORD 'x'");
    ck_assert_ptr_nonnull(strstr(catalog_role(l->catalog, "a")->verifier, "SCRAM-SHA-256$4096:"));
    DOES("ALTER ROLE a PASSWORD NULL");
    ck_assert_ptr_null(catalog_role(l->catalog, "a")->verifier);
    DOES("CREATE ROLE b SUPERUSER");
    FAILS("CREATE ROLE b", "42710", 13, "role 'b' already exists");
    FAILS("CREATE ROLE mz_b", "42939", 13, "role name \"mz_b\" is reserved");
    FAILS("CREATE ROLE c CREATEDB", "0A000", 15, "CREATEDB attribute is not supported");
    FAILS("CREATE ROLE c LOGIN NOLOGIN", "42601", 21, "conflicting or redundant options");
    DOES("GRANT a TO b");
    ck_assert_int_eq((int) catalog_role(l->catalog, "b")->members_of.count, 1);
    NOTICES("GRANT a TO b", "42710: role \"b\" is already a member of role \"a\"\n");
    FAILS("GRANT b TO a", "22023", 7, "role \"b\" is a member of role \"a\"");
    DOES("ALTER ROLE a SET cluster = 'c'");
    ck_assert_str_eq(map_get_text(catalog_role(l->catalog, "a")->settings, "cluster"), "c");
    DOES("ALTER ROLE a RESET cluster");
    ck_assert_ptr_null(map_get_text(catalog_role(l->catalog, "a")->settings, "cluster"));
    FAILS("DROP ROLE materialize", "55006", 11, "current role cannot be dropped");
    DOES("CREATE TABLE t (x int)");
    DOES("ALTER TABLE t OWNER TO a");
    FAILS("DROP ROLE a", "2BP01", 11, "role \"a\" cannot be dropped because some objects depend on it");
    DOES("DROP TABLE t");
    DOES("DROP ROLE a");
    ck_assert_int_eq((int) catalog_role(l->catalog, "b")->members_of.count, 0);
    FAILS("DROP ROLE a", "42704", 11, "unknown role 'a'");
    NOTICES("DROP ROLE IF EXISTS a", "42704: role \"a\" does not exist, skipping\n");
    DOES("ALTER SYSTEM SET enable_table_keys = true");
    ck_assert_str_eq(catalog_system_setting(l->catalog, "enable_table_keys"), "true");
    DOES("ALTER SYSTEM RESET enable_table_keys");
    DOES("ALTER SYSTEM SET one = 1");
    DOES("ALTER SYSTEM RESET ALL");
    ck_assert_ptr_null(catalog_system_setting(l->catalog, "one"));
    ck_assert_ptr_null(catalog_system_setting(l->catalog, "enable_table_keys"));
}

/* ---- tables, views, indexes ---- */

LEDGER_TEST(a_table_keeps_columns_and_defaults)
{
    DOES("CREATE TABLE t (a int NOT NULL, b varchar(20) DEFAULT 'x' || 'y', \"C d\" numeric(10, 2))");
    const Item *item = item_of(l, "public", "t");
    ck_assert_int_eq(item->desc->column_count, 3);
    ck_assert(!item->desc->columns[0].nullable);
    ck_assert_str_eq(item->desc->columns[1].default_sql, "'x' || 'y'");
    ck_assert_uint_eq(item->shard, item->id);
    FAILS("CREATE TABLE t (a int)", "42P07", 14, "table \"materialize.public.t\" already exists");
    NOTICES("CREATE TABLE IF NOT EXISTS t (a int)", "42P07: table \"materialize.public.t\" already exists, skipping\n");
    FAILS("CREATE TABLE u (a int, a text)", "42701", 24, "column \"a\" specified more than once");
    FAILS("CREATE TABLE u (a nope)", "42704", -1, "type \"nope\" does not exist");
    FAILS("CREATE TABLE u (a int CHECK (a > 0))", "0A000", -1,
          "CREATE TABLE with column constraint: CHECK not yet supported");
    FAILS("CREATE TABLE u (a int, FOREIGN KEY (a) REFERENCES t (a))", "0A000", -1,
          "CREATE TABLE with table constraint: FOREIGN KEY not yet supported");
    NOTICES("CREATE TABLE k (a int PRIMARY KEY, b int, UNIQUE (b))",
            "01000: PRIMARY KEY is not enforced\n01000: UNIQUE is not enforced\n");
    ck_assert(!item_of(l, "public", "k")->desc->columns[0].nullable);
    ck_assert_int_eq(item_of(l, "public", "k")->desc->key_count, 0);
    NOTICES("CREATE UNIQUE INDEX ki ON k (b)", "01000: UNIQUE is not enforced\n");
    FAILS("CREATE TABLE u (a int, UNIQUE (nope))", "42703", 32, "unknown column \"nope\" in table constraint");
    FAILS("CREATE TABLE u (a int DEFAULT true)", "42804", -1,
          "column \"a\" is of type integer but default expression is of type boolean");
    FAILS("CREATE TEMPORARY TABLE u (a int)", "0A000", 1, "CREATE TEMPORARY TABLE is not supported");
    FAILS("CREATE TABLE mz_catalog.u (a int)", "42501", 14, "system schema 'mz_catalog' cannot be modified");
    FAILS("CREATE TABLE nope.u (a int)", "3F000", 14, "unknown schema 'nope'");
    DOES("ALTER SYSTEM SET enable_table_keys = true");
    DOES("CREATE TABLE u (a int PRIMARY KEY, b int, UNIQUE (a, b))");
    ck_assert_int_eq(item_of(l, "public", "u")->desc->key_count, 2);
}

LEDGER_TEST(views_are_stored_with_full_names)
{
    DOES("CREATE TABLE t (a int, b text)");
    DOES("CREATE VIEW v (x) AS SELECT t.a, b FROM t WHERE a IN (SELECT a FROM public.t)");
    SQL_IS("public", "v",
           "CREATE VIEW \"materialize\".\"public\".\"v\" (\"x\") AS SELECT \"t\".\"a\", \"b\" FROM "
           "\"materialize\".\"public\".\"t\" WHERE \"a\" IN (SELECT \"a\" FROM \"materialize\".\"public\".\"t\")");
    ck_assert_str_eq(item_of(l, "public", "v")->desc->columns[0].name, "x");
    FAILS("CREATE VIEW w AS SELECT * FROM nope", "42P01", 32, "unknown catalog item 'nope'");
    FAILS("CREATE VIEW w AS SELECT $1 :: int", "42P02", -1, "there is no parameter $1");
    FAILS("CREATE TEMP VIEW w AS SELECT 1", "0A000", 1, "CREATE TEMPORARY VIEW is not supported");
    DOES("CREATE OR REPLACE VIEW v AS SELECT 1 AS one");
    ck_assert_str_eq(item_of(l, "public", "v")->desc->columns[0].name, "one");
    FAILS("CREATE OR REPLACE VIEW v AS SELECT * FROM v", "42P17", -1,
          "cannot replace view materialize.public.v: depended upon by new materialize.public.v definition");
    DOES("CREATE VIEW w AS SELECT * FROM v");
    FAILS("CREATE OR REPLACE VIEW v AS SELECT 2", "2BP01", -1,
          "cannot drop view \"v\": still depended upon by view \"w\"");
    FAILS("CREATE OR REPLACE VIEW t AS SELECT 2", "42809", -1, "\"t\" is a table not a view");
    FAILS("DROP VIEW t", "42809", 11, "\"t\" is a table not a view");
}

LEDGER_TEST(materialized_views_stand_in_clusters)
{
    DOES("CREATE TABLE t (a int)");
    DOES("CREATE CLUSTER c SIZE '25cc'");
    DOES("CREATE MATERIALIZED VIEW m IN CLUSTER c AS SELECT count(*) AS n FROM t");
    SQL_IS("public", "m",
           "CREATE MATERIALIZED VIEW \"materialize\".\"public\".\"m\" IN CLUSTER \"c\" AS SELECT \"count\"(*) AS \"n\" "
           "FROM \"materialize\".\"public\".\"t\"");
    ck_assert_uint_eq(item_of(l, "public", "m")->cluster, catalog_cluster(l->catalog, "c")->id);
    FAILS("CREATE MATERIALIZED VIEW x IN CLUSTER nope AS SELECT 1", "42704", 39, "unknown cluster 'nope'");
    FAILS("CREATE MATERIALIZED VIEW x AS SELECT now()", "0A000", -1, "cannot materialize call to now()");
    FAILS("DROP VIEW m", "42809", 11, "materialize.public.m is not a view");
    FAILS("ALTER VIEW m RENAME TO n", "42809", 12, "materialize.public.m is not a view");
    FAILS("CREATE INDEX ON t (a) WITH (NOPE = 1)", "42601", -1, "CREATE INDEX...WITH do not support NOPE values");
}

LEDGER_TEST(indexes_are_named_after_their_keys)
{
    DOES("CREATE TABLE t (a int, b text)");
    DOES("CREATE INDEX ON t (a, b)");
    DOES("CREATE INDEX ON t (a, b)");
    DOES("CREATE INDEX ON t (a + 1)");
    DOES("CREATE DEFAULT INDEX ON t");
    IS_THERE("public", "t_a_b_idx", true);
    IS_THERE("public", "t_a_b_idx1", true);
    IS_THERE("public", "t_expr_idx", true);
    SQL_IS(
        "public", "t_primary_idx",
        "CREATE INDEX \"t_primary_idx\" IN CLUSTER \"quickstart\" ON \"materialize\".\"public\".\"t\" (\"a\", \"b\")");
    ck_assert_int_eq(item_of(l, "public", "t_primary_idx")->index_key_count, 2);
    DOES("CREATE SCHEMA s");
    DOES("CREATE VIEW s.v AS SELECT a FROM t");
    DOES("CREATE INDEX vi ON s.v (a)");
    IS_THERE("s", "vi", true);
    FAILS("CREATE INDEX vi ON s.v (a)", "42P07", 14, "index \"materialize.s.vi\" already exists");
    FAILS("CREATE INDEX ON t (nope)", "42703", 20, "column \"nope\" does not exist");
    FAILS("CREATE INDEX ON t_a_b_idx (a)", "42809", 17, "index cannot be created on t_a_b_idx because it is a index");
    FAILS("CREATE INDEX ON t USING btree (a)", "0A000", -1, "CREATE INDEX ... USING btree is not supported");
    DOES("DROP TABLE t CASCADE");
    IS_THERE("public", "t_expr_idx", false);
    IS_THERE("s", "vi", false);
}

LEDGER_TEST(drop_says_what_is_in_the_way)
{
    DOES("CREATE TABLE t (a int)");
    DOES("CREATE INDEX i ON t (a)");
    DOES("CREATE VIEW v AS SELECT * FROM t");
    DOES("CREATE MATERIALIZED VIEW m AS SELECT * FROM v");
    FAILS("DROP TABLE t", "2BP01", -1, "cannot drop table \"t\": still depended upon by view \"v\"");
    FAILS("DROP TABLE t, v", "42809", 15, "\"v\" is a view not a table");
    DOES("DROP MATERIALIZED VIEW m");
    NOTICES("DROP TABLE IF EXISTS t, nope CASCADE",
            "42704: table \"nope\" does not exist, skipping\n00000: drop cascades to 2 other objects\n");
    IS_THERE("public", "i", false);
    FAILS("DROP TABLE t", "42P01", 12, "unknown catalog item 't'");
    FAILS("DROP VIEW mz_catalog.mz_tables", "42809", -1, "\"mz_catalog.mz_tables\" is a table not a view");
    FAILS("DROP TABLE mz_catalog.mz_tables", "42501", 12, "system item 'mz_catalog.mz_tables' cannot be modified");
}

/* ---- sources ---- */

LEDGER_TEST(a_source_has_a_table_for_every_published_one)
{
    make_connection(l);
    DOES("CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'p', EXCLUDE COLUMNS (t.mood)) FOR ALL TABLES");
    const Item *source = item_of(l, "public", "s"), *progress = item_of(l, "public", "s_progress");
    const Item *table = item_of(l, "public", "t");
    ck_assert_int_eq(source->source_kind, SOURCE_POSTGRES);
    ck_assert_str_eq(source->postgres->slot, "materialize_00112233445566778899aabbccddeeff");
    ck_assert_uint_lt(progress->id, source->id);
    ck_assert_uint_lt(source->id, table->id);
    ck_assert_int_eq(progress->source_kind, SOURCE_PROGRESS);
    ck_assert_uint_eq(progress->source, source->id);
    ck_assert_uint_eq(source->shard, 0);
    ck_assert_uint_eq(table->shard, table->id);
    ck_assert_int_eq(table->desc->column_count, 2);
    ck_assert(!table->desc->columns[0].nullable);
    ck_assert_int_eq(table->desc->key_count, 1);
    ck_assert_int_eq(table->upstream->column_count, 3);
    SQL_IS("public", "s",
           "CREATE SOURCE \"materialize\".\"public\".\"s\" IN CLUSTER \"quickstart\" FROM POSTGRES CONNECTION "
           "\"materialize\".\"public\".\"pg\" (PUBLICATION = 'p', EXCLUDE COLUMNS = (\"t\".\"mood\")) FOR TABLES "
           "(\"shop\".\"public\".\"t\" AS \"materialize\".\"public\".\"t\", \"shop\".\"public\".\"u\" AS "
           "\"materialize\".\"public\".\"u\", \"shop\".\"other\".\"v\" AS \"materialize\".\"public\".\"v\") EXPOSE "
           "PROGRESS AS \"materialize\".\"public\".\"s_progress\"");
    FAILS("DROP SOURCE s", "2BP01", -1,
          "cannot drop source \"s\": still depended upon by source \"t\", source \"u\", source \"v\"");
    FAILS("DROP SOURCE s_progress", "2BP01", -1,
          "cannot drop source \"s_progress\": it is the progress collection of a source and goes with it");
    DOES("CREATE VIEW over AS SELECT * FROM t");
    FAILS("DROP SOURCE t", "2BP01", -1, "cannot drop source \"t\": still depended upon by view \"over\"");
    NOTICES("DROP SOURCE t CASCADE", "00000: drop cascades to 1 other object\n");
    SQL_IS("public", "s",
           "CREATE SOURCE \"materialize\".\"public\".\"s\" IN CLUSTER \"quickstart\" FROM POSTGRES CONNECTION "
           "\"materialize\".\"public\".\"pg\" (PUBLICATION = 'p') FOR TABLES (\"shop\".\"public\".\"u\" AS "
           "\"materialize\".\"public\".\"u\", \"shop\".\"other\".\"v\" AS \"materialize\".\"public\".\"v\") EXPOSE "
           "PROGRESS AS \"materialize\".\"public\".\"s_progress\"");
    FAILS("ALTER SOURCE s ADD SUBSOURCE u AS again", "42710", -1,
          "POSTGRES source validation: another subsource already refers to shop.public.u");
    DOES("ALTER SOURCE s ADD SUBSOURCE t AS tt WITH (EXCLUDE COLUMNS (t.mood))");
    IS_THERE("public", "tt", true);
    ck_assert_ptr_nonnull(
        strstr(sql_of(l, "public", "s"), "\"shop\".\"public\".\"t\" AS \"materialize\".\"public\".\"tt\""));
    DOES("ALTER SOURCE s DROP SUBSOURCE tt");
    IS_THERE("public", "tt", false);
    DOES("ALTER SOURCE s REFRESH REFERENCES");
    ck_assert_int_eq(l->plan.kind, PLAN_NOTHING);
    DOES("DROP SOURCE u, v");
    ck_assert_ptr_null(strstr(sql_of(l, "public", "s"), "FOR TABLES"));
    DOES("DROP SOURCE s");
    IS_THERE("public", "s_progress", false);
}

LEDGER_TEST(tables_of_a_source_are_named_as_said)
{
    make_connection(l);
    DOES("CREATE SCHEMA z");
    DOES("CREATE CLUSTER c SIZE '25cc'");
    DOES("CREATE SOURCE s IN CLUSTER c FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (public.t AS z.tt, v) "
         "EXPOSE PROGRESS AS pro");
    IS_THERE("z", "tt", true);
    IS_THERE("public", "v", true);
    IS_THERE("public", "pro", true);
    ck_assert_uint_eq(item_of(l, "z", "tt")->cluster, catalog_cluster(l->catalog, "c")->id);
    FAILS("CREATE SOURCE s2 FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (t AS a, public.t AS b)", "42710",
          -1, "POSTGRES source validation: multiple subsources refer to table shop.public.t");
    FAILS("CREATE SOURCE s2 FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (t AS a, u AS a)", "42710", -1,
          "POSTGRES source validation: multiple subsources would be named a");
    FAILS("CREATE SOURCE s2 FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (t AS v)", "42P07", -1,
          "source \"materialize.public.v\" already exists");
    FAILS("CREATE SOURCE t FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (t)", "42P07", -1,
          "source \"materialize.public.t\" already exists");
}

LEDGER_TEST(what_a_source_may_not_say)
{
    make_connection(l);
    FAILS("CREATE SOURCE s FROM POSTGRES CONNECTION pw (PUBLICATION 'p')", "42809", 42,
          "pw is not a POSTGRES CONNECTION");
    FAILS("CREATE SOURCE s FROM POSTGRES CONNECTION pg (TEXT COLUMNS (t.a))", "22023", -1,
          "CONNECTION must specify PUBLICATION");
    FAILS("CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'p', DETAILS 'ff')", "22023", -1,
          "CREATE SOURCE specifies DETAILS option");
    FAILS("CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'p', TEXT COLUMNS (a)) FOR ALL TABLES", "22023", -1,
          "invalid TEXT COLUMNS option value: column name 'a' must have at least a table qualification");
    FAILS("CREATE SOURCE s FROM LOAD GENERATOR COUNTER", "0A000", 1,
          "CREATE SOURCE ... FROM LOAD GENERATOR is not supported");
    FAILS("CREATE SOURCE s IN CLUSTER nope FROM POSTGRES CONNECTION pg (PUBLICATION 'p')", "42704", 28,
          "unknown cluster 'nope'");
}

LEDGER_TEST(tables_are_made_from_a_source)
{
    make_connection(l);
    DOES("CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'p')");
    DOES("CREATE TABLE t FROM SOURCE s (REFERENCE public.t)");
    DOES("CREATE SCHEMA v2");
    DOES("CREATE TABLE v2.t FROM SOURCE s (REFERENCE t) WITH (EXCLUDE COLUMNS (mood))");
    const Item *table = item_of(l, "v2", "t");
    ck_assert_int_eq(table->kind, ITEM_TABLE);
    ck_assert_int_eq(table->source_kind, SOURCE_NONE);
    ck_assert_uint_eq(table->source, item_of(l, "public", "s")->id);
    ck_assert_str_eq(table->upstream->name, "t");
    SQL_IS("v2", "t",
           "CREATE TABLE \"materialize\".\"v2\".\"t\" FROM SOURCE \"materialize\".\"public\".\"s\" (REFERENCE = "
           "\"shop\".\"public\".\"t\") WITH (EXCLUDE COLUMNS = (mood))");
    FAILS("CREATE TABLE x FROM SOURCE s (REFERENCE nope)", "42P01", -1, "table nope not found in source");
    FAILS("CREATE TABLE x FROM SOURCE s", "22023", -1,
          "CREATE TABLE ... FROM SOURCE must specify REFERENCE for a POSTGRES source");
    FAILS("CREATE TABLE x FROM SOURCE s_progress (REFERENCE t)", "42809", -1, "s_progress is not a POSTGRES SOURCE");
    FAILS("CREATE TABLE x FROM SOURCE t (REFERENCE t)", "42809", -1, "\"t\" is a table not a source");
    DOES("CREATE SCHEMA v1");
    DOES("CREATE VIEW v1.q AS SELECT * FROM v2.t");
    DOES("ALTER SCHEMA v1 SWAP WITH v2");
    SQL_IS("v2", "q", "CREATE VIEW \"materialize\".\"v2\".\"q\" AS SELECT * FROM \"materialize\".\"v1\".\"t\"");
    DOES("DROP SOURCE s CASCADE");
    IS_THERE("v1", "t", false);
    IS_THERE("v2", "q", false);
}

/* ---- renames ---- */

LEDGER_TEST(renames_are_followed_by_what_depends)
{
    make_connection(l);
    DOES("CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'p') FOR TABLES (t)");
    DOES("CREATE VIEW v AS SELECT t.id, x.\"Name\" FROM t JOIN t AS x USING (id)");
    DOES("CREATE INDEX i ON v (id)");
    DOES("ALTER SOURCE t RENAME TO renamed");
    SQL_IS("public", "v",
           "CREATE VIEW \"materialize\".\"public\".\"v\" AS SELECT \"t\".\"id\", \"x\".\"Name\" FROM "
           "\"materialize\".\"public\".\"renamed\" AS \"t\" JOIN \"materialize\".\"public\".\"renamed\" AS \"x\" USING "
           "(\"id\")");
    ck_assert_ptr_nonnull(
        strstr(sql_of(l, "public", "s"), "\"shop\".\"public\".\"t\" AS \"materialize\".\"public\".\"renamed\""));
    DOES("ALTER VIEW v RENAME TO w");
    SQL_IS("public", "i", "CREATE INDEX \"i\" IN CLUSTER \"quickstart\" ON \"materialize\".\"public\".\"w\" (\"id\")");
    DOES("ALTER SECRET pw RENAME TO pw2");
    DOES("ALTER CONNECTION pg RENAME TO pg2");
    DOES("ALTER SOURCE s RENAME TO s2");
    ck_assert_ptr_nonnull(strstr(sql_of(l, "public", "renamed"), "OF SOURCE \"materialize\".\"public\".\"s2\""));
    ck_assert_ptr_nonnull(strstr(sql_of(l, "public", "s2"), "CONNECTION \"materialize\".\"public\".\"pg2\""));
    DOES("ALTER INDEX i RENAME TO j");
    FAILS("ALTER VIEW w RENAME TO renamed", "42P07", 24, "source \"materialize.public.renamed\" already exists");
    FAILS("ALTER VIEW nope RENAME TO x", "42P01", 12, "unknown catalog item 'nope'");
    NOTICES("ALTER VIEW IF EXISTS nope RENAME TO x", "42704: view \"nope\" does not exist, skipping\n");
    DOES("CREATE SCHEMA z");
    DOES("CREATE VIEW z.q AS SELECT public.w.id FROM public.w");
    DOES("ALTER SCHEMA public RENAME TO pub");
    SQL_IS("z", "q",
           "CREATE VIEW \"materialize\".\"z\".\"q\" AS SELECT \"w\".\"id\" FROM \"materialize\".\"pub\".\"w\"");
    FAILS("ALTER SCHEMA mz_catalog RENAME TO x", "42501", 14,
          "cannot rename schemas in the ambient database: \"mz_catalog\"");
    FAILS("ALTER SCHEMA pub RENAME TO z", "42P06", 28, "schema 'z' already exists");
    FAILS("ALTER SCHEMA pub RENAME TO pg_z", "42939", 28, "unacceptable schema name 'pg_z'");
    DOES("ALTER DATABASE materialize RENAME TO d");
    NameScope scope = {0};
    const char *parts[] = {"d", "z", "q"};
    ck_assert_str_eq(catalog_resolve_item(l->catalog, &scope, parts, 3)->create_sql,
                     "CREATE VIEW \"d\".\"z\".\"q\" AS SELECT \"w\".\"id\" FROM \"d\".\"pub\".\"w\"");
}

LEDGER_TEST(schemas_swap_names)
{
    DOES("CREATE SCHEMA a");
    DOES("CREATE SCHEMA b");
    DOES("CREATE TABLE a.t (x int)");
    DOES("CREATE TABLE b.t (y text)");
    DOES("CREATE VIEW v AS SELECT x FROM a.t");
    DOES("CREATE VIEW a.w AS SELECT y FROM b.t");
    DOES("ALTER SCHEMA a SWAP WITH b");
    ck_assert_str_eq(item_of(l, "a", "t")->desc->columns[0].name, "y");
    SQL_IS("public", "v",
           "CREATE VIEW \"materialize\".\"public\".\"v\" AS SELECT \"x\" FROM \"materialize\".\"b\".\"t\"");
    SQL_IS("b", "w", "CREATE VIEW \"materialize\".\"b\".\"w\" AS SELECT \"y\" FROM \"materialize\".\"a\".\"t\"");
    FAILS("ALTER SCHEMA a SWAP WITH nope", "3F000", 26, "unknown schema 'nope'");
    DOES("DROP SCHEMA b CASCADE");
    IS_THERE("a", "t", true);
}

LEDGER_TEST(owners_and_comments_are_kept)
{
    DOES("CREATE ROLE r");
    DOES("CREATE TABLE t (a int, b int)");
    DOES("CREATE VIEW v AS SELECT * FROM t");
    DOES("CREATE INDEX i ON v (a)");
    DOES("ALTER VIEW v OWNER TO r");
    ObjectId role = catalog_role(l->catalog, "r")->id;
    ck_assert_uint_eq(item_of(l, "public", "v")->owner, role);
    ck_assert_uint_eq(item_of(l, "public", "i")->owner, role);
    NOTICES("ALTER INDEX i OWNER TO r", "01000: cannot change owner of \"i\"\n");
    DOES("ALTER SCHEMA public OWNER TO r");
    DOES("ALTER DATABASE materialize OWNER TO r");
    DOES("ALTER CLUSTER quickstart OWNER TO r");
    DOES("COMMENT ON VIEW v IS 'about v'");
    DOES("COMMENT ON COLUMN v.b IS 'about b'");
    ck_assert_str_eq(item_of(l, "public", "v")->comment, "about v");
    ck_assert_str_eq(map_get_text(item_of(l, "public", "v")->column_comments, "b"), "about b");
    DOES("COMMENT ON VIEW v IS NULL");
    DOES("COMMENT ON COLUMN v.b IS NULL");
    ck_assert_ptr_null(item_of(l, "public", "v")->comment);
    FAILS("COMMENT ON COLUMN v.nope IS 'x'", "42703", -1, "column \"v.nope\" does not exist");
    DOES("COMMENT ON CLUSTER quickstart IS 'x'");
    FAILS("COMMENT ON DATABASE nope IS 'x'", "3D000", -1, "unknown database 'nope'");
    DOES("ALTER TABLE t SET (RETAIN HISTORY = FOR '1 hour')");
    FAILS("ALTER TABLE t SET (NOPE = 1)", "42601", -1, "ALTER TABLE do not support NOPE values");
    char sql[1200] = "COMMENT ON TABLE t IS '";
    memset(sql + strlen(sql), 'x', 1025);
    strcat(sql, "'");
    FAILS(sql, "54000", -1, "provided comment was 1025 bytes long, max size is 1024 bytes");
}

Suite *suite_planner_statement(void);

Suite *
suite_planner_statement(void)
{
    Suite *suite = suite_create("planner: statements");
    TCase *tests = tcase_create("statements");
    tcase_add_test(tests, a_secret_is_written_and_not_shown);
    tcase_add_test(tests, a_postgres_connection_keeps_its_options);
    tcase_add_test(tests, options_of_connections_are_checked);
    tcase_add_test(tests, other_connections_are_stored);
    tcase_add_test(tests, a_connection_is_altered);
    tcase_add_test(tests, databases_and_schemas_come_and_go);
    tcase_add_test(tests, schemas_that_depend_on_each_other_are_dropped_together);
    tcase_add_test(tests, clusters_are_managed_and_not);
    tcase_add_test(tests, roles_have_attributes_members_and_settings);
    tcase_add_test(tests, a_table_keeps_columns_and_defaults);
    tcase_add_test(tests, views_are_stored_with_full_names);
    tcase_add_test(tests, materialized_views_stand_in_clusters);
    tcase_add_test(tests, indexes_are_named_after_their_keys);
    tcase_add_test(tests, drop_says_what_is_in_the_way);
    tcase_add_test(tests, a_source_has_a_table_for_every_published_one);
    tcase_add_test(tests, tables_of_a_source_are_named_as_said);
    tcase_add_test(tests, what_a_source_may_not_say);
    tcase_add_test(tests, tables_are_made_from_a_source);
    tcase_add_test(tests, renames_are_followed_by_what_depends);
    tcase_add_test(tests, schemas_swap_names);
    tcase_add_test(tests, owners_and_comments_are_kept);
    suite_add_tcase(suite, tests);
    return suite;
}
