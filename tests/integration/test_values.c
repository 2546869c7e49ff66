/* Values of every supported type, replicated, leave Freshet as upstream sends them: in text and in binary. */
#include <check.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/compare.h"
#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"

Suite *suite_integration_values(void);

static Postgres postgres;
static Freshet freshet;
static PGconn *upstream;
static PGconn *client;

/* A type and values of it, as an SQL list. */
static const struct {
    const char *type;
    const char *values;
} cases[] = {
    {"bool", "true, false"},
    {"int2", "-32768, 0, 32767"},
    {"int4", "-2147483648, 0, 2147483647"},
    {"int8", "-9223372036854775808, 0, 9223372036854775807"},
    {"float4", "'0.1', '-0', 'NaN', 'Infinity', '-Infinity', '3.4028235e38', '1e-45', '123456.79'"},
    {"float8", "'0.1', '-0', 'NaN', 'Infinity', '-Infinity', '1.7976931348623157e308', '5e-324', '1e15', '1e16'"},
    {"numeric", "'0', '0.000', '-1', '1e50', '1e-50', 'NaN', 'Infinity', '-Infinity', '10000', '9999.9999', "
                "'123456789012345678901234567890.123456789012345678901234567890'"},
    {"numeric(12,4)", "'0', '-0.0001', '12345678.9'"},
    {"text", "'', 'plain', E'tab\\tnewline\\nquote\\'', 'Grüße ☃ 𝄞'"},
    {"varchar(8)", "'', 'eight ch'"},
    {"char(4)", "'', 'a', 'four'"},
    {"\"char\"", "'', 'x'"},
    {"bytea", "'', '\\x00', '\\xdeadbeef00ff'"},
    {"date", "'2000-01-01', '0001-01-01', '4713-11-24 BC', '5874897-12-31', 'infinity', '-infinity'"},
    {"time", "'00:00', '23:59:59.999999', '24:00:00'"},
    {"timestamp", "'2000-01-01', '1999-12-31 23:59:59.999999', '4713-11-24 BC', '294276-12-31 23:59:59.999999', "
                  "'infinity', '-infinity'"},
    {"timestamptz", "'2000-01-01 00:00+00', '2024-07-01 12:00+05:30', '0044-03-15 12:00+00 BC', 'infinity'"},
    {"interval", "'0', '1 year -1 day 00:00:00.000001', '-178000000 years', '10 days 24 hours', '-1 mons'"},
    {"uuid", "'00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"},
    {"oid", "0, 4294967295"},
    {"int2vector", "'', '1 2 -3'"},
    {"jsonb", "'null', '1.50', '\"a\\u00e9\\n\"', '[1, [2, {\"b\": 1, \"a\": null}]]', '{}', '1e1000'"},
    {"int4range", "'empty', '[1,5)', '(,5]', '[1,)', '(,)'"},
    {"int8range", "'[1,5]', 'empty'"},
    {"numrange", "'(1.50,2.5]', '(,)'"},
    {"daterange", "'[2024-01-01,2024-02-01]', '[2024-01-01,infinity)'"},
    {"tsrange", "'[2024-01-01 00:00,2024-01-02 12:00:00.5)'"},
    {"tstzrange", "'(2024-01-01 00:00+00,]'"},
    {"int4[]", "'{}', '{1,NULL,3}', '{{1,2},{3,4}}', '[-1:1]={1,2,3}'"},
    {"text[]", "'{\"a b\",NULL,\"NULL\",\"\",\"q\\\"\",\"b\\\\\\\\\"}'"},
    {"numeric[]", "'{1.50,NaN}'"},
    {"timestamptz[]", "'{\"2024-01-01 00:00+00\",infinity,NULL}'"},
    {"jsonb[]", "'{\"{\\\"a\\\": 1}\"}'"},
    {"bytea[]", "'{\"\\\\x00ff\"}'"},
    {"uuid[]", "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"},
    {"interval[]", "'{\"1 day\",\"-02:00:00\"}'"},
    {"numrange[]", "'{\"[1.5,2)\",empty}'"},
    {"bool[]", "'{t,f,NULL}'"},
    {"float8[]", "'{0.1,NaN}'"},
    {"varchar(3)[]", "'{abc}'"},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static void
run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
}

static void
make_tables(void)
{
    Buffer sql = {0};
    for (int i = 0; i < CASES; i++) {
        buffer_clear(&sql);
        buffer_printf(&sql, "CREATE TABLE v%d (id serial, v %s)", i, cases[i].type);
        run(upstream, buffer_text(&sql));
        buffer_clear(&sql);
        buffer_printf(&sql, "ALTER TABLE v%d REPLICA IDENTITY FULL", i);
        run(upstream, buffer_text(&sql));
    }
    buffer_deinit(&sql);
    run(upstream, "CREATE PUBLICATION pub FOR ALL TABLES");
}

/* One row a value, and a null. */
static void
insert_values(void)
{
    Buffer sql = {0};
    for (int i = 0; i < CASES; i++) {
        const char *at = cases[i].values;
        while (*at != '\0') {
            bool quoted = false;
            size_t size = 0;
            for (; at[size] != '\0' && (quoted || at[size] != ','); size++) {
                quoted ^= at[size] == '\'' && !(size > 0 && at[size - 1] == '\\' && at[0] == 'E');
            }
            buffer_clear(&sql);
            buffer_printf(&sql, "INSERT INTO v%d (v) VALUES (%.*s)", i, (int) size, at);
            run(upstream, buffer_text(&sql));
            at += size;
            at += strspn(at, ", ");
        }
        buffer_clear(&sql);
        buffer_printf(&sql, "INSERT INTO v%d (v) VALUES (NULL)", i);
        run(upstream, buffer_text(&sql));
    }
    buffer_deinit(&sql);
}

static void
start_servers(void)
{
    Error err = ERROR_INIT;
    ck_assert_msg(postgres_init(&postgres, NULL, &err), "%s\n%s", err.message, err.detail);
    freshet_init(&freshet, NULL);
    ck_assert_msg(freshet_start(&freshet, &err), "%s\n%s", err.message, err.detail);
    char *conninfo = postgres_conninfo(&postgres, "postgres");
    upstream = PQconnectdb(conninfo);
    free(conninfo);
    conninfo = freshet_conninfo(&freshet, NULL);
    client = PQconnectdb(conninfo);
    free(conninfo);
    make_tables();
    insert_values();
    Buffer sql = {0};
    buffer_printf(&sql, "CREATE SECRET pw AS '%s'", postgres.password);
    run(client, buffer_text(&sql));
    buffer_clear(&sql);
    buffer_printf(&sql,
                  "CREATE CONNECTION pg TO POSTGRES (HOST '127.0.0.1', PORT %d, USER 'replicator', PASSWORD SECRET pw, "
                  "DATABASE 'postgres')",
                  postgres.port);
    run(client, buffer_text(&sql));
    buffer_deinit(&sql);
    run(client, "CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'pub') FOR ALL TABLES");
}

static void
stop_servers(void)
{
    PQfinish(client);
    PQfinish(upstream);
    freshet_deinit(&freshet);
    postgres_deinit(&postgres);
}

static void
assert_same(int number, bool binary)
{
    Buffer sql = {0};
    Buffer why = {0};
    buffer_printf(&sql, "SELECT id, v FROM v%d", number);
    ck_assert_msg(query_same_in_time(upstream, client, buffer_text(&sql), binary, 20000, &why), "%s, %s: %s",
                  cases[number].type, binary ? "binary" : "text", buffer_text(&why));
    buffer_deinit(&sql);
    buffer_deinit(&why);
}

START_TEST(values_of_the_snapshot_leave_as_upstream_sends_them)
{
    assert_same(_i, false);
    assert_same(_i, true);
}
END_TEST

START_TEST(values_of_the_stream_leave_as_upstream_sends_them)
{
    Buffer sql = {0};
    buffer_printf(&sql, "INSERT INTO v%d (v) SELECT v FROM v%d", _i, _i);
    run(upstream, buffer_text(&sql));
    assert_same(_i, true);
    buffer_clear(&sql);
    buffer_printf(&sql, "UPDATE v%d SET id = id + 1000 WHERE id %% 2 = 0", _i);
    run(upstream, buffer_text(&sql));
    buffer_clear(&sql);
    buffer_printf(&sql, "DELETE FROM v%d WHERE id > 1002", _i);
    run(upstream, buffer_text(&sql));
    assert_same(_i, false);
    assert_same(_i, true);
    buffer_deinit(&sql);
}
END_TEST

Suite *
suite_integration_values(void)
{
    Suite *suite = suite_create("values");
    TCase *tests = tcase_create("replicated");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, start_servers, stop_servers);
    tcase_add_loop_test(tests, values_of_the_snapshot_leave_as_upstream_sends_them, 0, CASES);
    tcase_add_loop_test(tests, values_of_the_stream_leave_as_upstream_sends_them, 0, CASES);
    suite_add_tcase(suite, tests);
    return suite;
}
