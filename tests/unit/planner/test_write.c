/*
 * INSERT, UPDATE and DELETE planned: what their queries give, and what is refused. That rows change is tested through a server.
 */
#include <check.h>
#include <stdlib.h>

#include "grammar/parse.h"
#include "planner/plan_statement.h"
#include "tests/unit/planner/world.h"

static World *world;
static Arena *arena;
static StatementPlan plan;

static void
setup(void)
{
    world = world_new();
    arena = arena_new();
    world_do(world, "CREATE TABLE t (a int, b text, c numeric(5,2))");
    world_do(world, "CREATE TABLE u (a int, k int)");
    world_do(world, "CREATE VIEW v AS SELECT a FROM t");
}

static void
teardown(void)
{
    arena_free(arena);
    world_free(world);
}

/* "" when it is planned, else "SQLSTATE: message". */
static const char *
planned(const char *sql)
{
    Error err = ERROR_INIT;
    EvalContext eval;
    eval_context_init(&eval, arena);
    PlannerContext context = world_context(world, arena, &eval);
    IndexOracle indexes = world_indexes(world);
    AstStatement *statement;
    const char *said = "";
    plan = (StatementPlan){0};
    if (!parse_statement(slice_of(sql), arena, &statement, &err) ||
        !plan_statement(&context, statement, &indexes, &plan, &err))
        said = arena_printf(arena, "%s: %s", err.sqlstate, err.message);
    error_clear(&err);
    eval_context_deinit(&eval);
    return said;
}

static int
query_width(void)
{
    return planned_query_desc(plan.query)->column_count;
}

START_TEST(update_gives_the_old_row_and_the_new_one)
{
    ck_assert_str_eq(planned("UPDATE t AS x SET b = x.a::text || $1, c = DEFAULT WHERE x.a > $2"), "");
    ck_assert_int_eq(plan.kind, PLAN_UPDATE);
    ck_assert_int_eq(query_width(), 6);
    ck_assert(plan.reads_first);
    ck_assert_int_eq(planned_query_desc(plan.query)->columns[5].type.id, TYPE_NUMERIC);
}
END_TEST

START_TEST(delete_gives_whole_rows_of_its_table_alone)
{
    ck_assert_str_eq(planned("DELETE FROM t USING u, v WHERE t.a = u.a AND k = v.a"), "");
    ck_assert_int_eq(plan.kind, PLAN_DELETE);
    ck_assert_int_eq(query_width(), 3);
    ck_assert_ptr_null(plan.desc);
}
END_TEST

START_TEST(insert_reads_first_only_when_its_query_does)
{
    ck_assert_str_eq(planned("INSERT INTO t VALUES (1, 'x', 2)"), "");
    ck_assert(!plan.reads_first);
    ck_assert_str_eq(planned("INSERT INTO t SELECT a FROM v"), "");
    ck_assert(plan.reads_first);
    ck_assert_int_eq(query_width(), 3);
}
END_TEST

START_TEST(returning_is_described_and_sees_the_rows_by_their_alias)
{
    ck_assert_str_eq(planned("INSERT INTO t AS x (a) VALUES (1) RETURNING *, x.a + 1 AS next, x.*, 'lit'"), "");
    ck_assert_int_eq(plan.desc->column_count, 8);
    ck_assert_str_eq(plan.desc->columns[3].name, "next");
    ck_assert_int_eq(plan.desc->columns[7].type.id, TYPE_TEXT);
    ck_assert_str_eq(planned("INSERT INTO t AS x (a) VALUES (1) RETURNING t.*"),
                     "42P01: missing FROM-clause entry for table \"t\"");
}
END_TEST

START_TEST(writes_that_make_no_sense_are_refused)
{
    static const struct {
        const char *sql, *said;
    } cases[] = {
        {"DELETE FROM v", "42809: cannot mutate view 'v'"},
        {"UPDATE v SET a = 1", "42809: cannot mutate view 'v'"},
        {"DELETE FROM nosuch", "42P01: unknown catalog item 'nosuch'"},
        {"DELETE FROM t USING u WHERE a = 1", "42702: column reference \"a\" is ambiguous"},
        {"DELETE FROM t WHERE a", "42804: argument of WHERE must be type boolean, not type integer"},
        {"DELETE FROM t RETURNING a", "0A000: DELETE ... RETURNING is not supported"},
        {"UPDATE t SET a = 1 RETURNING a", "0A000: UPDATE ... RETURNING is not supported"},
        {"UPDATE t SET a = 1 FROM u", "0A000: UPDATE ... FROM is not supported"},
        {"UPDATE t SET a = 1, a = 2", "42601: multiple assignments to same column \"a\""},
        {"UPDATE t SET d = 1", "42703: column \"d\" of relation \"t\" does not exist"},
        {"UPDATE t SET a = true", "42804: column \"a\" is of type integer but expression is of type boolean"},
        {"UPDATE t SET a = count(*)", "42803: aggregate functions are not allowed in UPDATE"},
        {"UPDATE t SET a = generate_series(1, 3)", "0A000: set-returning functions are not allowed in UPDATE"},
        {"UPDATE t SET a = 1 WHERE mz_now() > 5", "0A000: calls to mz_now in write statements are not supported"},
        {"INSERT INTO t SELECT a, b, c, a FROM t", "42601: INSERT has more expressions than target columns"},
        {"INSERT INTO t (a, b) SELECT a FROM t", "42601: INSERT has more target columns than expressions"},
        {"INSERT INTO t VALUES (1) RETURNING sum(a)",
         "42803: aggregate functions are not allowed in RETURNING clause (function pg_catalog.sum)"},
        {"INSERT INTO t VALUES (1) RETURNING (SELECT 1)", "0A000: RETURNING clause does not allow subqueries"},
        {"INSERT INTO t VALUES (1) RETURNING EXISTS (SELECT 1)", "0A000: RETURNING clause does not allow subqueries"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(strcmp(planned(cases[i].sql), cases[i].said) == 0, "%s: got %s, expected %s", cases[i].sql,
                      planned(cases[i].sql), cases[i].said);
}
END_TEST

Suite *suite_planner_write(void);
Suite *
suite_planner_write(void)
{
    Suite *suite = suite_create("planner write");
    TCase *tests = tcase_create("write");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, update_gives_the_old_row_and_the_new_one);
    tcase_add_test(tests, delete_gives_whole_rows_of_its_table_alone);
    tcase_add_test(tests, insert_reads_first_only_when_its_query_does);
    tcase_add_test(tests, returning_is_described_and_sees_the_rows_by_their_alias);
    tcase_add_test(tests, writes_that_make_no_sense_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
