#include <check.h>
#include <stdlib.h>

#include "tests/lib/process.h"
#include "tests/unit/replication/follower.h"

static Postgres upstream;
static Follower *follower;

static void
upstream_begin(void)
{
    Error err = ERROR_INIT;
    bool ok = postgres_init(&upstream, NULL, &err);
    ck_assert_msg(ok, "%s", ok ? "" : err.message);
}

static void
upstream_end(void)
{
    postgres_deinit(&upstream);
}

static void
begin_with(const char *sql)
{
    Error err = ERROR_INIT;
    bool ok = postgres_reset(&upstream, "up", &err) && postgres_execute(&upstream, "up", sql, &err) &&
              postgres_execute(&upstream, "up", "CREATE PUBLICATION pub FOR ALL TABLES", &err);
    ck_assert_msg(ok, "%s", ok ? "" : err.message);
    follower = follower_new(&upstream, "up");
}

static void
end(void)
{
    follower_free(follower);
}

START_TEST(a_table_is_copied_and_then_followed)
{
    begin_with("CREATE TABLE t (id int PRIMARY KEY, v text, n numeric); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t SELECT g, 'v' || g, g * 1.50 FROM generate_series(1, 1000) g");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "INSERT INTO t VALUES (2000, NULL, 'NaN'); UPDATE t SET v = 'changed' WHERE id < 10; "
                           "DELETE FROM t WHERE id BETWEEN 20 AND 30");
    follower_expect(follower, t);
    follower_expect_status(follower, &follower->status, STATUS_RUNNING);
    follower_expect_status(follower, &t->status, STATUS_RUNNING);
    end();
}
END_TEST

START_TEST(a_table_is_equal_to_upstream_when_it_changes_during_the_copy)
{
    begin_with("CREATE TABLE t (id int, v int); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t SELECT g, 0 FROM generate_series(1, 300000) g");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    for (int i = 0; i < 60; i++)
        follower_run(follower, "UPDATE t SET v = v + 1 WHERE id % 97 = 3; INSERT INTO t VALUES (-1, 1); "
                               "DELETE FROM t WHERE id % 1009 = 5 AND v = 0 AND id < 20000");
    follower_expect_query(follower, t, "SELECT * FROM t");
    ck_assert_uint_eq(t->statistics.snapshot_known, t->statistics.snapshot_staged);
    end();
}
END_TEST

START_TEST(a_table_added_later_does_not_hold_up_the_others)
{
    begin_with("CREATE TABLE a (id int); CREATE TABLE b (id int, v text); ALTER TABLE a REPLICA IDENTITY FULL; "
               "ALTER TABLE b REPLICA IDENTITY FULL; INSERT INTO b SELECT g, repeat('x', 100) FROM generate_series(1, "
               "200000) g");
    FollowedTable *a = follower_add(follower, "public.a", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, a);
    FollowedTable *b = follower_add(follower, "public.b", NULL, NULL);
    FollowedTable *ids = follower_add(follower, "public.b", NULL, (const char *const[]){"v", NULL});
    for (int i = 0; i < 20; i++) {
        follower_run(follower, "INSERT INTO a VALUES (1); INSERT INTO b VALUES (0, 'new')");
        follower_expect(follower, a);
    }
    follower_expect(follower, b);
    follower_expect_query(follower, ids, "SELECT id FROM b");
    end();
}
END_TEST

START_TEST(truncate_takes_rows_away_in_its_transaction)
{
    begin_with("CREATE TABLE a (id int); CREATE TABLE b (id int); ALTER TABLE a REPLICA IDENTITY FULL; "
               "ALTER TABLE b REPLICA IDENTITY FULL; INSERT INTO a SELECT generate_series(1, 100)");
    FollowedTable *a = follower_add(follower, "public.a", NULL, NULL),
                  *b = follower_add(follower, "public.b", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, a);
    follower_run(follower, "BEGIN; INSERT INTO a VALUES (8); TRUNCATE a, b; INSERT INTO a VALUES (9); "
                           "INSERT INTO b VALUES (1); COMMIT");
    follower_expect(follower, a);
    follower_expect(follower, b);
    follower_pause(follower, true);
    follower_run(follower, "INSERT INTO a VALUES (10)");
    follower_run(follower, "TRUNCATE a");
    follower_run(follower, "INSERT INTO a VALUES (11)");
    follower_run(follower, "BEGIN; TRUNCATE b; ROLLBACK");
    follower_pause(follower, false);
    follower_expect(follower, a);
    follower_expect(follower, b);
    end();
}
END_TEST

START_TEST(truncate_during_the_copy_leaves_what_came_after_it)
{
    begin_with("CREATE TABLE t (id int, v text); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t SELECT g, repeat('y', 50) FROM generate_series(1, 300000) g");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_run(follower, "TRUNCATE t; INSERT INTO t VALUES (1, 'after')");
    follower_expect(follower, t);
    end();
}
END_TEST

START_TEST(a_lost_connection_is_made_again_and_nothing_is_lost)
{
    begin_with("CREATE TABLE t (id serial, v text); ALTER TABLE t REPLICA IDENTITY FULL");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_expect_status(follower, &follower->status, STATUS_RUNNING);
    for (int i = 0; i < 3; i++) {
        follower_run(follower, "INSERT INTO t (v) SELECT 'some' FROM generate_series(1, 5000)");
        follower_run(follower, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
        follower_run(follower, "INSERT INTO t (v) SELECT 'more' FROM generate_series(1, 5000)");
    }
    follower_expect_status(follower, &follower->status, STATUS_STALLED);
    follower_expect(follower, t);
    follower_expect_status(follower, &follower->status, STATUS_RUNNING);
    end();
}
END_TEST

START_TEST(a_restart_begins_where_it_was_durable)
{
    begin_with("CREATE TABLE t (id serial, v int); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t (v) SELECT generate_series(1, 1000)");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    for (int i = 0; i < 10; i++) {
        follower_run(follower, "INSERT INTO t (v) SELECT generate_series(1, 100)");
        follower_run(follower, "UPDATE t SET v = v + 1 WHERE id % 10 = 0");
        if (i % 3 == 1)
            follower_pause(follower, true);
        follower_run(follower, "DELETE FROM t WHERE id % 50 = 7");
        follower_restart(follower);
        follower_pause(follower, false);
    }
    follower_expect(follower, t);
    end();
}
END_TEST

START_TEST(a_restart_during_the_copy_copies_again)
{
    begin_with("CREATE TABLE t (id int, v text); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t SELECT g, repeat('z', 80) FROM generate_series(1, 400000) g");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    for (int i = 0; i < 4; i++) {
        sleep_ms(60);
        follower_restart(follower);
    }
    follower_expect_query(follower, t, "SELECT * FROM t");
    end();
}
END_TEST

START_TEST(a_table_that_is_dropped_during_the_copy_leaves_the_others_alone)
{
    begin_with("CREATE TABLE a (id int, v text); CREATE TABLE b (id int, v text); ALTER TABLE a REPLICA IDENTITY FULL; "
               "ALTER TABLE b REPLICA IDENTITY FULL; INSERT INTO a SELECT g, repeat('z', 80) FROM generate_series(1, "
               "300000) g;"
               "INSERT INTO b SELECT g, repeat('z', 80) FROM generate_series(1, 100000) g");
    FollowedTable *a = follower_add(follower, "public.a", NULL, NULL),
                  *b = follower_add(follower, "public.b", NULL, NULL);
    follower_start(follower);
    sleep_ms(150);
    postgres_source_remove_table(follower->source, a->table.shard_id);
    follower_expect_query(follower, b, "SELECT * FROM b");
    FollowedTable *again = follower_add(follower, "public.a", NULL, NULL);
    follower_expect_query(follower, again, "SELECT * FROM a");
    postgres_source_remove_table(follower->source, b->table.shard_id);
    postgres_source_remove_table(follower->source, again->table.shard_id);
    end();
}
END_TEST

START_TEST(what_is_durable_is_confirmed_upstream_and_nothing_more)
{
    begin_with("CREATE TABLE t (id int); ALTER TABLE t REPLICA IDENTITY FULL");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "INSERT INTO t VALUES (1)");
    follower_expect(follower, t);
    char *query = "SELECT confirmed_flush_lsn >= pg_current_wal_lsn() - 0.0 FROM pg_replication_slots";
    for (int waited = 0;; waited += 50) {
        char *moved = upstream_contents(follower, query);
        bool ok = strcmp(moved, "t\n") == 0;
        free(moved);
        if (ok)
            break;
        ck_assert_int_lt(waited, 30000);
        sleep_ms(50);
    }
    follower_pause(follower, true);
    follower_run(follower, "INSERT INTO t VALUES (2)");
    sleep_ms(500);
    char *moved = upstream_contents(follower, query);
    ck_assert_str_eq(moved, "f\n");
    free(moved);
    follower_pause(follower, false);
    end();
}
END_TEST

START_TEST(columns_that_were_not_taken_may_come_and_go)
{
    begin_with("CREATE TABLE t (id int NOT NULL, v int, gone int); ALTER TABLE t REPLICA IDENTITY FULL;"
               "INSERT INTO t VALUES (1, 2, 3)");
    FollowedTable *t = follower_add(follower, "public.t", NULL, (const char *const[]){"gone", NULL});
    FollowedTable *all = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect_query(follower, t, "SELECT id, v FROM t");
    follower_expect(follower, all);
    follower_run(follower, "ALTER TABLE t ADD COLUMN more int DEFAULT 5; INSERT INTO t VALUES (2, 3, 4, 5)");
    follower_expect_query(follower, t, "SELECT id, v FROM t");
    follower_expect_query(follower, all, "SELECT id, v, gone FROM t");
    follower_run(follower, "ALTER TABLE t DROP COLUMN gone");
    follower_expect_error(
        follower, all,
        "Source error: source must be dropped and recreated due to failure: incompatible schema change on public.t");
    follower_expect_error(follower, all, "column \"gone\" was dropped");
    follower_expect_status(follower, &all->status, STATUS_CEASED);
    follower_run(follower, "INSERT INTO t VALUES (3, 4, 5); ALTER TABLE t ADD PRIMARY KEY (id); UPDATE t SET v = 9");
    follower_expect_query(follower, t, "SELECT id, v FROM t");
    follower_restart(follower);
    follower_run(follower, "INSERT INTO t VALUES (4)");
    follower_expect_query(follower, t, "SELECT id, v FROM t");
    end();
}
END_TEST

static const struct Break {
    const char *change, *part;
} breaks[] = {
    {"ALTER TABLE t DROP COLUMN v", "column \"v\" was dropped"},
    {"ALTER TABLE t RENAME COLUMN v TO w", "column \"v\" was renamed to \"w\""},
    {"ALTER TABLE t ALTER COLUMN v TYPE bigint", "type of column \"v\" changed from integer to bigint"},
    {"ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD COLUMN v int", "column \"v\" was dropped"},
    {"ALTER TABLE t ALTER COLUMN n DROP NOT NULL", "column \"n\" is no longer NOT NULL"},
    {"ALTER TABLE t DROP CONSTRAINT t_pkey", "on (\"id\") was dropped"},
    {"ALTER TABLE t RENAME TO u", "table was renamed to \"u\""},
    {"CREATE SCHEMA s; ALTER TABLE t SET SCHEMA s", "table was moved to schema \"s\""},
    {"DROP TABLE t", "table was dropped"},
    {"DROP PUBLICATION pub; CREATE PUBLICATION pub FOR TABLE other", "table was removed from publication \"pub\""},
    {"DROP PUBLICATION pub", "publication \"pub\" does not exist"},
};

START_TEST(an_incompatible_change_breaks_the_table_soon_and_by_itself)
{
    const struct Break *change = &breaks[_i];
    begin_with("CREATE TABLE t (id int PRIMARY KEY, v int, n int NOT NULL); ALTER TABLE t REPLICA IDENTITY FULL;"
               "CREATE TABLE other (id int); ALTER TABLE other REPLICA IDENTITY FULL; INSERT INTO t VALUES (1, 2, 3)");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    FollowedTable *other = follower_add(follower, "public.other", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, change->change);
    follower_expect_error(follower, t, change->part);
    if (strcmp(change->change, "DROP PUBLICATION pub") != 0) {
        follower_run(follower, "INSERT INTO other VALUES (7)");
        follower_expect(follower, other);
    } else {
        follower_expect_error(follower, other, change->part);
    }
    end();
}
END_TEST

START_TEST(a_change_seen_in_the_stream_first_is_named_as_well)
{
    begin_with("CREATE TABLE t (id int, old_name int); ALTER TABLE t REPLICA IDENTITY FULL");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower,
                 "BEGIN; ALTER TABLE t RENAME COLUMN old_name TO new_name; INSERT INTO t VALUES (1, 2); COMMIT");
    follower_expect_error(follower, t, "column \"old_name\" was renamed to \"new_name\"");
    end();
}
END_TEST

START_TEST(without_the_old_row_only_inserts_can_be_followed)
{
    begin_with("CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE n (id int)");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "INSERT INTO t VALUES (1, 2), (2, 3)");
    follower_expect(follower, t);
    follower_run(follower, "UPDATE t SET v = 4 WHERE id = 1");
    follower_expect_error(
        follower, t,
        "old row missing from replication stream. Did you forget to set REPLICA IDENTITY to FULL for your table?");
    end();
}
END_TEST

START_TEST(a_value_that_did_not_change_is_taken_from_the_old_row)
{
    begin_with(
        "CREATE TABLE t (id int, big text, n int); ALTER TABLE t REPLICA IDENTITY FULL; "
        "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL; INSERT INTO t VALUES (1, repeat('large', 100000), 1)");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "UPDATE t SET n = 2");
    follower_expect(follower, t);
    end();
}
END_TEST

START_TEST(text_columns_hold_what_upstream_prints)
{
    begin_with(
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (a int, b text);"
        "CREATE TABLE t (id int, m mood, p pair, b bool, c char(5), ip inet, \"odd \"\"name\" point, d timestamptz);"
        "ALTER TABLE t REPLICA IDENTITY FULL;"
        "INSERT INTO t VALUES (1, 'sad', '(1,x)', true, 'ab', '10.0.0.1', '(1,2)', '2024-01-01'),"
        " (2, NULL, ROW(NULL, NULL), NULL, NULL, NULL, NULL, NULL)");
    FollowedTable *t = follower_add(follower, "public.t",
                                    (const char *const[]){"m", "p", "b", "c", "ip", "odd \"name", "d", NULL}, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "INSERT INTO t SELECT id + 10, m, p, b, c, ip, \"odd \"\"name\", d FROM t");
    follower_expect(follower, t);
    follower_run(follower, "DELETE FROM t WHERE id < 10; ALTER TABLE t ALTER COLUMN m TYPE text; UPDATE t SET id = 5");
    follower_expect(follower, t);
    end();
}
END_TEST

START_TEST(a_column_that_becomes_text_while_running_changes_the_form_of_the_stream)
{
    begin_with(
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE a (id int, n numeric, d date, i interval); "
        "CREATE TABLE m (id int, m mood); ALTER TABLE a REPLICA IDENTITY FULL; ALTER TABLE m REPLICA IDENTITY FULL; "
        "INSERT INTO a VALUES (1, 1.50, '2024-02-29', '1 mon 2 days 03:04:05.6')");
    FollowedTable *a = follower_add(follower, "public.a", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, a);
    FollowedTable *m = follower_add(follower, "public.m", (const char *const[]){"m", NULL}, NULL);
    follower_run(follower, "INSERT INTO m VALUES (1, 'happy')");
    follower_expect(follower, m);
    follower_run(
        follower,
        "INSERT INTO m VALUES (2, 'sad'); DELETE FROM a; INSERT INTO a VALUES (2, 'NaN', 'infinity', '-1 day')");
    follower_expect(follower, a);
    follower_expect(follower, m);
    end();
}
END_TEST

/* Rows of every type and its array, some common and some at the edge; the stream gets them as upstream copies them. */
static const char every_type[] =
    "CREATE TABLE t (id int, c bool, c2 \"char\", c3 int2, c4 int8, c5 float4, c6 float8, c7 numeric, c8 "
    "numeric(10,2), "
    "c9 varchar(10), c10 char(5), c11 bytea, c12 date, c13 time, c14 timestamp, c15 timestamptz, c16 interval, c17 "
    "uuid, "
    "c18 oid, c19 int2vector, c20 jsonb, c21 json, c22 int4range, c23 numrange, c24 tstzrange, c25 int4[], c26 text[], "
    "c27 numeric[], c28 timestamptz[], c29 jsonb[], c30 bytea[], c31 int8range[], c32 interval[], c33 timetz, c34 "
    "inet, "
    "c35 cidr, c36 macaddr, c37 money, c38 bit(3), c39 varbit, c40 name, c41 xml, c42 varchar(3)[], c43 \"char\"[]); "
    "ALTER TABLE t REPLICA IDENTITY FULL; INSERT INTO t VALUES (1, true, 'x', -32768, 9223372036854775807, 0.1, "
    "5e-324, "
    "12345678901234567890123456789012345678901234567890.123456789, -0.01, 'ten chars!', 'ab', '\\x00ff', '2024-02-29', "
    "'23:59:59.999999', '1999-12-31 23:59:59.5', '2024-07-01 00:00:00+02', '1 year 2 mons 3 days 04:05:06.789', "
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 4294967295, '1 2 -3', '{\"b\": 1, \"a\": [1, 2.50, null]}', '{ \"x\" : "
    "1}', "
    "'(,5]', '(1.5,2.50]', '[\"2024-01-01 00:00+00\",)', '[0:2]={7,8,9}', '{a,\"b c\",NULL,\"\"}', '{1.50,NaN,NULL}', "
    "'{\"2024-01-01 00:00:00+00\",infinity}', '{\"{\\\"a\\\": 1}\",null}', '{\"\\\\x00\",\"\\\\xff\"}', "
    "'{\"[1,3)\",empty}', "
    "'{1 day,-02:00:00}', '09:00:00+02', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', 1234.5, '101', '10110', "
    "'nm', "
    "'<a>1</a>', '{abc,d}', '{a}'); "
    "INSERT INTO t (id) VALUES (2); INSERT INTO t (id, c5, c6, c7, c12, c14, c15, c22, c25, c37) VALUES (3, 'NaN', "
    "'-Infinity', "
    "'Infinity', 'infinity', '-infinity', '0044-03-15 12:00:00+00 BC', 'empty', '{}', '-92233720368547758.08')";

START_TEST(every_type_comes_through_the_copy_and_the_stream)
{
    begin_with(every_type);
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    follower_run(follower, "INSERT INTO t SELECT * FROM t; UPDATE t SET id = id + 100; DELETE FROM t WHERE id = 102");
    follower_expect(follower, t);
    /* The same in the text form, which a second table asks for. */
    FollowedTable *text = follower_add(follower, "public.t", (const char *const[]){"c7", NULL}, NULL);
    follower_expect(follower, text);
    follower_run(follower, "INSERT INTO t SELECT * FROM t; UPDATE t SET id = id + 100");
    follower_expect(follower, t);
    follower_expect(follower, text);
    end();
}
END_TEST

START_TEST(a_partitioned_table_is_one_table_when_published_by_its_root)
{
    begin_with("CREATE TABLE p (id int, v int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM "
               "(0) TO (10); "
               "CREATE TABLE p2 PARTITION OF p DEFAULT; ALTER TABLE p1 REPLICA IDENTITY FULL; "
               "ALTER TABLE p REPLICA IDENTITY FULL; ALTER TABLE p2 REPLICA IDENTITY FULL; INSERT INTO p SELECT g, g "
               "FROM generate_series(1, 20) g");
    follower_run(follower, "ALTER PUBLICATION pub SET (publish_via_partition_root = true)");
    FollowedTable *p = follower_add(follower, "public.p", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, p);
    follower_run(follower, "UPDATE p SET v = v + 1; UPDATE p SET id = id + 5 WHERE id = 7");
    follower_expect(follower, p);
    end();
}
END_TEST

START_TEST(tls_with_a_client_certificate_carries_it_too)
{
    begin_with("CREATE TABLE t (id int, v text); ALTER TABLE t REPLICA IDENTITY FULL; "
               "INSERT INTO t SELECT g, repeat('q', 200) FROM generate_series(1, 50000) g");
    postgres_config_deinit(&follower->config);
    follower->config = (PostgresConfig){.host = memory_strdup("localhost"),
                                        .port = upstream.port,
                                        .database = memory_strdup("up"),
                                        .user = memory_strdup("certified"),
                                        .ssl_mode = memory_strdup("verify-full"),
                                        .ssl_root_pem = memory_strdup(upstream.ca),
                                        .ssl_certificate_pem = memory_strdup(upstream.client_certificate),
                                        .ssl_key_pem = memory_strdup(upstream.client_key)};
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect_query(follower, t, "SELECT * FROM t");
    follower_run(follower, "UPDATE t SET v = 'small'");
    follower_expect_query(follower, t, "SELECT * FROM t");
    end();
}
END_TEST

START_TEST(a_slot_that_is_gone_stalls_the_source_and_says_so)
{
    begin_with("CREATE TABLE t (id int); ALTER TABLE t REPLICA IDENTITY FULL");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_run(follower, "INSERT INTO t VALUES (1)");
    follower_expect(follower, t);
    follower_stop(follower);
    Error err = ERROR_INIT;
    ck_assert(postgres_drop_slot(&follower->config, "freshet_test", &err));
    follower_start(follower);
    follower_expect_status(follower, &follower->status, STATUS_STALLED);
    ck_assert_ptr_nonnull(strstr(follower->status.error, "replication slot mysteriously missing"));
    end();
}
END_TEST

START_TEST(another_timeline_stalls_the_source_and_says_so)
{
    begin_with("CREATE TABLE t (id int); ALTER TABLE t REPLICA IDENTITY FULL");
    follower_add(follower, "public.t", NULL, NULL);
    follower->checks_timeline = true;
    follower->timeline_id += 4;
    follower_start(follower);
    follower_expect_status(follower, &follower->status, STATUS_STALLED);
    ck_assert_ptr_nonnull(strstr(follower->status.error, "Expected timeline ID 5 but got 1"));
    end();
}
END_TEST

START_TEST(a_privilege_that_is_taken_stalls_the_copy_until_it_is_back)
{
    begin_with("CREATE TABLE t (id int); ALTER TABLE t REPLICA IDENTITY FULL; INSERT INTO t VALUES (1);"
               "CREATE ROLE limited LOGIN REPLICATION PASSWORD 'limited'; GRANT SELECT ON t TO limited");
    free(follower->config.user);
    free(follower->config.password);
    follower->config.user = memory_strdup("limited");
    follower->config.password = memory_strdup("limited");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_run(follower, "REVOKE SELECT ON t FROM limited");
    follower_start(follower);
    follower_expect_status(follower, &t->status, STATUS_STALLED);
    ck_assert_ptr_nonnull(strstr(t->status.error, "permission denied for table t"));
    follower_run(follower, "GRANT SELECT ON t TO limited");
    follower_expect(follower, t);
    end();
}
END_TEST

START_TEST(a_server_that_goes_away_and_comes_back_is_followed_on)
{
    begin_with("CREATE TABLE t (id int, v text); ALTER TABLE t REPLICA IDENTITY FULL; INSERT INTO t VALUES (1, 'one')");
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    Error err = ERROR_INIT;
    follower_start(follower);
    follower_expect(follower, t);
    postgres_kill(&upstream);
    follower_expect_status(follower, &follower->status, STATUS_STALLED);
    ck_assert_int_eq(strncmp(follower->status.error, "postgres: ", 10), 0);
    ck_assert(postgres_start(&upstream, &err));
    follower_run(follower, "INSERT INTO t VALUES (2, 'two')");
    follower_expect(follower, t);
    follower_expect_status(follower, &t->status, STATUS_RUNNING);
    end();
}
END_TEST

START_TEST(dropping_a_slot_ends_who_uses_it)
{
    begin_with("CREATE TABLE t (id int); ALTER TABLE t REPLICA IDENTITY FULL");
    Error err = ERROR_INIT;
    FollowedTable *t = follower_add(follower, "public.t", NULL, NULL);
    follower_start(follower);
    follower_expect(follower, t);
    ck_assert(postgres_drop_slot(&follower->config, "freshet_test", &err));
    ck_assert(postgres_drop_slot(&follower->config, "freshet_test", &err));
    char *slots = upstream_contents(follower, "SELECT count(*) FROM pg_replication_slots");
    ck_assert_str_eq(slots, "0\n");
    free(slots);
    end();
}
END_TEST

Suite *suite_replication_postgres_source(void);

Suite *
suite_replication_postgres_source(void)
{
    Suite *suite = suite_create("replication_postgres_source");
    TCase *tcase = tcase_create("following");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, upstream_begin, upstream_end);
    tcase_add_test(tcase, a_table_is_copied_and_then_followed);
    tcase_add_test(tcase, a_table_is_equal_to_upstream_when_it_changes_during_the_copy);
    tcase_add_test(tcase, a_table_added_later_does_not_hold_up_the_others);
    tcase_add_test(tcase, truncate_takes_rows_away_in_its_transaction);
    tcase_add_test(tcase, truncate_during_the_copy_leaves_what_came_after_it);
    tcase_add_test(tcase, a_lost_connection_is_made_again_and_nothing_is_lost);
    tcase_add_test(tcase, a_restart_begins_where_it_was_durable);
    tcase_add_test(tcase, a_restart_during_the_copy_copies_again);
    tcase_add_test(tcase, a_table_that_is_dropped_during_the_copy_leaves_the_others_alone);
    tcase_add_test(tcase, what_is_durable_is_confirmed_upstream_and_nothing_more);
    tcase_add_test(tcase, columns_that_were_not_taken_may_come_and_go);
    tcase_add_loop_test(tcase, an_incompatible_change_breaks_the_table_soon_and_by_itself, 0,
                        (int) (sizeof breaks / sizeof breaks[0]));
    tcase_add_test(tcase, a_change_seen_in_the_stream_first_is_named_as_well);
    tcase_add_test(tcase, without_the_old_row_only_inserts_can_be_followed);
    tcase_add_test(tcase, a_value_that_did_not_change_is_taken_from_the_old_row);
    tcase_add_test(tcase, text_columns_hold_what_upstream_prints);
    tcase_add_test(tcase, a_column_that_becomes_text_while_running_changes_the_form_of_the_stream);
    tcase_add_test(tcase, every_type_comes_through_the_copy_and_the_stream);
    tcase_add_test(tcase, a_partitioned_table_is_one_table_when_published_by_its_root);
    tcase_add_test(tcase, tls_with_a_client_certificate_carries_it_too);
    tcase_add_test(tcase, a_slot_that_is_gone_stalls_the_source_and_says_so);
    tcase_add_test(tcase, another_timeline_stalls_the_source_and_says_so);
    tcase_add_test(tcase, a_privilege_that_is_taken_stalls_the_copy_until_it_is_back);
    tcase_add_test(tcase, dropping_a_slot_ends_who_uses_it);
    suite_add_tcase(suite, tcase);
    TCase *restarts = tcase_create("restarts");
    tcase_set_timeout(restarts, 120);
    tcase_add_checked_fixture(restarts, upstream_begin, upstream_end);
    tcase_add_test(restarts, a_server_that_goes_away_and_comes_back_is_followed_on);
    suite_add_tcase(suite, restarts);
    return suite;
}
