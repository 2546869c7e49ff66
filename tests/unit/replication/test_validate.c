/* What upstream is asked before anything is created; the words are those of the dialect. */
#include <check.h>
#include <stdlib.h>

#include "replication/postgres/postgres_source.h"
#include "tests/lib/postgres.h"

static Postgres upstream;
static PostgresConfig config;
static Arena *arena;
static Inspection inspection;
static Error err;

static void
upstream_begin(void)
{
    bool ok =
        postgres_init(&upstream, NULL, &err) && postgres_reset(&upstream, "up", &err) &&
        postgres_execute(
            &upstream, "up",
            "CREATE TABLE good (id int PRIMARY KEY, v text, m money, a int[]); CREATE TABLE \"Mixed\" (\"Id\" int); "
            "CREATE SCHEMA second; CREATE TABLE second.good (id int NOT NULL UNIQUE, n int UNIQUE); "
            "CREATE TYPE mood AS (sad int); CREATE TABLE odd (id int, m mood, p point); "
            "CREATE TABLE reg (r regclass); CREATE PUBLICATION nobody; "
            "CREATE PUBLICATION p_some FOR TABLE good, \"Mixed\"; CREATE PUBLICATION p_both FOR TABLE good, "
            "second.good; "
            "CREATE PUBLICATION p_odd FOR TABLE odd; CREATE PUBLICATION p_reg FOR TABLE reg",
            &err);
    ck_assert_msg(ok, "%s", ok ? "" : err.message);
}

static void
upstream_end(void)
{
    postgres_deinit(&upstream);
}

static void
begin(void)
{
    arena = arena_new();
    err = ERROR_INIT;
    config = (PostgresConfig){.host = memory_strdup("127.0.0.1"),
                              .port = upstream.port,
                              .database = memory_strdup("up"),
                              .user = memory_strdup("replicator"),
                              .password = memory_strdup(upstream.password),
                              .ssl_mode = memory_strdup("disable")};
}

static void
end(void)
{
    postgres_config_deinit(&config);
    arena_free(arena);
    error_clear(&err);
}

static bool
inspect(const char *publication, ReferenceKind references, const ReferenceRequest *tables, int table_count,
        const ColumnReference *text, int text_count)
{
    InspectRequest request = {.publication = publication,
                              .references = references,
                              .tables = tables,
                              .table_count = table_count,
                              .text_columns = text,
                              .text_column_count = text_count};
    return postgres_inspect(&config, &request, arena, &inspection, &err);
}

static void
expect_message(const char *message, const char *detail)
{
    ck_assert_str_eq(err.message, message);
    if (detail != NULL)
        ck_assert_str_eq(err.detail, detail);
}

START_TEST(a_server_that_is_set_up_is_accepted)
{
    ck_assert_msg(postgres_validate(&config, &err), "%s", err.message);
}
END_TEST

START_TEST(why_there_is_no_connection_is_said)
{
    PostgresConfig good = config;
    config.password = "wrong";
    ck_assert(!postgres_validate(&config, &err));
    ck_assert_str_eq(err.sqlstate, "58000");
    expect_message("failed to connect to PostgreSQL database",
                   "password authentication failed for user \"replicator\"");
    error_clear(&err);
    config = good;
    config.database = "missing";
    ck_assert(!postgres_validate(&config, &err));
    expect_message("failed to connect to PostgreSQL database", "database \"missing\" does not exist");
    error_clear(&err);
    config = good;
    config.port = 1;
    ck_assert(!postgres_validate(&config, &err));
    expect_message("failed to connect to PostgreSQL database",
                   "error connecting to server: Connection refused (os error 111)");
    error_clear(&err);
    config = good;
    config.host = "no-such-host.invalid";
    ck_assert(!postgres_validate(&config, &err));
    ck_assert_ptr_nonnull(strstr(err.detail, "failed to lookup address information"));
    error_clear(&err);
    config = good;
    config.ssl_mode = "verify-ca";
    config.ssl_root_pem = upstream.client_certificate;
    ck_assert(!postgres_validate(&config, &err));
    ck_assert_msg(strncmp(err.detail, "error performing TLS handshake: ", 32) == 0, "%s", err.detail);
    error_clear(&err);
    config.ssl_mode = "verify-full";
    config.ssl_root_pem = upstream.ca;
    ck_assert_msg(postgres_validate(&config, &err), "%s %s", err.message, err.detail);
    config = good;
}
END_TEST

START_TEST(a_publication_must_exist_and_hold_something)
{
    ck_assert(!inspect("missing", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: publication \"missing\" does not exist", NULL);
    error_clear(&err);
    ck_assert(!inspect("nobody", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: PUBLICATION nobody is empty", NULL);
}
END_TEST

START_TEST(tables_are_described_as_they_become_here)
{
    ck_assert_msg(inspect("p_both", REFERENCE_ALL, NULL, 0, NULL, 0), "%s", err.message);
    ck_assert_str_eq(inspection.database, "up");
    ck_assert_uint_ge(inspection.timeline_id, 1);
    ck_assert_int_eq(inspection.table_count, 2);
    const InspectedTable *good = &inspection.tables[0], *second = &inspection.tables[1];
    ck_assert_str_eq(good->schema, "public");
    ck_assert_int_eq(good->column_count, 4);
    ck_assert_int_eq(good->columns[2].type.id, TYPE_MONEY);
    ck_assert_int_eq(good->columns[3].type.id, TYPE_ARRAY);
    ck_assert_int_eq(good->key_count, 1);
    ck_assert_int_eq(good->keys[0].columns[0], 0);
    /* Nulls may repeat in n: it is no key. */
    ck_assert_int_eq(second->key_count, 1);
    ck_assert_int_eq(inspection.available_count, 2);
}
END_TEST

START_TEST(references_must_be_there_and_clear)
{
    ck_assert(!inspect("p_some", REFERENCE_TABLES, &(ReferenceRequest){NULL, "missing"}, 1, NULL, 0));
    expect_message("POSTGRES source validation: table missing not found in source", NULL);
    error_clear(&err);
    ck_assert(!inspect("p_both", REFERENCE_TABLES, &(ReferenceRequest){NULL, "good"}, 1, NULL, 0));
    expect_message("POSTGRES source validation: table good is ambiguous, consider specifying the schema", NULL);
    error_clear(&err);
    ck_assert(
        inspect("p_both", REFERENCE_TABLES, (ReferenceRequest[]){{"second", "good"}, {"second", "good"}}, 2, NULL, 0));
    ck_assert_int_eq(inspection.table_count, 2);
    InspectRequest request = {.publication = "p_both",
                              .references = REFERENCE_SCHEMAS,
                              .schemas = (const char *[]){"public", "absent", "gone"},
                              .schema_count = 3};
    ck_assert(!postgres_inspect(&config, &request, arena, &inspection, &err));
    expect_message("POSTGRES source validation: database up missing referenced schemas",
                   "missing schemas: absent, gone");
    error_clear(&err);
    request = (InspectRequest){.publication = "p_both",
                               .references = REFERENCE_TABLES,
                               .tables = &(ReferenceRequest){"public", "nothing"},
                               .table_count = 1,
                               .for_table = true};
    ck_assert(!postgres_inspect(&config, &request, arena, &inspection, &err));
    expect_message("table public.nothing not found in source", NULL);
}
END_TEST

START_TEST(options_must_name_columns_that_are_added)
{
    ReferenceRequest good = {NULL, "good"};
    ck_assert(!inspect("p_some", REFERENCE_TABLES, &good, 1, &(ColumnReference){NULL, "good", "nothing", 0}, 1));
    expect_message(
        "POSTGRES source validation: invalid TEXT COLUMNS option value: column \"good.nothing\" does not exist", NULL);
    error_clear(&err);
    ck_assert(!inspect("p_some", REFERENCE_ALL, NULL, 0, &(ColumnReference){NULL, "Mixed", "id", 0}, 1));
    ck_assert_ptr_nonnull(strstr(err.hint, "\"Mixed.Id\" does exist"));
    error_clear(&err);
    ck_assert(!inspect("p_some", REFERENCE_TABLES, &good, 1, &(ColumnReference){NULL, NULL, "id", 0}, 1));
    expect_message(
        "POSTGRES source validation: invalid TEXT COLUMNS option value: column name 'id' must have at least a table "
        "qualification",
        NULL);
    error_clear(&err);
    ck_assert(!inspect("p_some", REFERENCE_TABLES, &good, 1, &(ColumnReference){NULL, "Mixed", "Id", 0}, 1));
    expect_message("POSTGRES source validation: TEXT COLUMNS refers to table not currently being added",
                   "the following tables are referenced but not added: public.Mixed");
    error_clear(&err);
    ColumnReference twice[] = {{NULL, "good", "id", 0}, {"public", "good", "id", 0}};
    ck_assert(!inspect("p_some", REFERENCE_TABLES, &good, 1, twice, 2));
    ck_assert_ptr_nonnull(strstr(err.message, "unexpected multiple references to up.public.good.id"));
}
END_TEST

START_TEST(types_without_a_counterpart_are_listed)
{
    ck_assert(!inspect("p_odd", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: referenced tables use unsupported types", NULL);
    ck_assert_ptr_nonnull(strstr(err.detail, "\nup.public.odd.m (OID "));
    ck_assert_ptr_nonnull(strstr(err.detail, "\nup.public.odd.p (OID 600)"));
    error_clear(&err);
    ColumnReference texts[] = {{NULL, "odd", "m", 0}, {NULL, "odd", "p", 0}};
    ck_assert(inspect("p_odd", REFERENCE_ALL, NULL, 0, texts, 2));
    ck_assert(inspection.tables[0].columns[1].as_text);
    ck_assert_int_eq(inspection.tables[0].columns[1].type.id, TYPE_TEXT);
    ck_assert(!inspect("p_reg", REFERENCE_ALL, NULL, 0, NULL, 0));
    ck_assert_ptr_nonnull(strstr(err.message, "publication p_reg contains column reg.r of type regclass"));
}
END_TEST

START_TEST(privileges_are_checked)
{
    ck_assert(postgres_execute(
        &upstream, "up", "CREATE ROLE limited LOGIN REPLICATION PASSWORD 'limited'; GRANT SELECT ON good TO limited",
        &err));
    free(config.user);
    free(config.password);
    config.user = memory_strdup("limited");
    config.password = memory_strdup("limited");
    ck_assert(!inspect("p_both", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: insufficient privileges",
                   "user lacks USAGE privileges for schemas second");
    error_clear(&err);
    ck_assert(!inspect("p_some", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: insufficient privileges",
                   "user lacks SELECT privileges for tables public.Mixed");
    error_clear(&err);
    ck_assert(postgres_execute(&upstream, "up",
                               "GRANT SELECT ON \"Mixed\" TO limited; ALTER TABLE \"Mixed\" ENABLE ROW LEVEL SECURITY",
                               &err));
    ck_assert(!inspect("p_some", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message("POSTGRES source validation: one or more tables requires BYPASSRLS",
                   "user must have BYPASSRLS attribute to read tables public.Mixed");
}
END_TEST

START_TEST(settings_of_the_server_are_checked)
{
    ck_assert(postgres_execute(&upstream, "up", "ALTER SYSTEM SET wal_level = 'replica'", &err));
    postgres_stop(&upstream);
    ck_assert(postgres_start(&upstream, &err));
    ck_assert(!postgres_validate(&config, &err));
    expect_message("server must have wal_level >= logical, but has replica", NULL);
    error_clear(&err);
    ck_assert(postgres_execute(&upstream, "up", "ALTER SYSTEM RESET wal_level", &err));
    ck_assert(postgres_execute(&upstream, "up", "ALTER SYSTEM SET max_replication_slots = 1", &err));
    postgres_stop(&upstream);
    ck_assert(postgres_start(&upstream, &err));
    ck_assert(!inspect("p_some", REFERENCE_ALL, NULL, 0, NULL, 0));
    expect_message(
        "POSTGRES source validation: PostgreSQL server has insufficient number of replication slots available",
        "executing this statement requires 2 replication slots");
}
END_TEST

Suite *suite_replication_validate(void);

Suite *
suite_replication_validate(void)
{
    Suite *suite = suite_create("replication_validate");
    TCase *tcase = tcase_create("asking");
    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, upstream_begin, upstream_end);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_server_that_is_set_up_is_accepted);
    tcase_add_test(tcase, why_there_is_no_connection_is_said);
    tcase_add_test(tcase, a_publication_must_exist_and_hold_something);
    tcase_add_test(tcase, tables_are_described_as_they_become_here);
    tcase_add_test(tcase, references_must_be_there_and_clear);
    tcase_add_test(tcase, options_must_name_columns_that_are_added);
    tcase_add_test(tcase, types_without_a_counterpart_are_listed);
    tcase_add_test(tcase, privileges_are_checked);
    suite_add_tcase(suite, tcase);
    TCase *settings = tcase_create("settings");
    tcase_set_timeout(settings, 60);
    tcase_add_checked_fixture(settings, upstream_begin, upstream_end);
    tcase_add_checked_fixture(settings, begin, end);
    tcase_add_test(settings, settings_of_the_server_are_checked);
    suite_add_tcase(suite, settings);
    return suite;
}
