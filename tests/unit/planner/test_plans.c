#include <check.h>

#include "grammar/parse.h"
#include "tests/unit/planner/sample.h"

#define PLAN(stage, sql, text) {stage, sql, text},
static const struct {
    ExplainStage stage;
    const char *sql, *text;
} plans[] = {
#include "tests/unit/planner/plans.def"
};
#undef PLAN

START_TEST(explain_shows_each_stage_and_what_the_passes_made_of_it)
{
    World *world = world_new();
    sample_tables(world);
    world_do(world, "CREATE INDEX t_a ON t (a)");
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        char *text = world_explain(world, plans[i].sql, plans[i].stage);
        ck_assert_msg(strcmp(text, plans[i].text) == 0, "%s\nis planned as\n%sbut should be as\n%s", plans[i].sql, text,
                      plans[i].text);
        free(text);
    }
    world_free(world);
}
END_TEST

START_TEST(a_query_is_answered_by_the_simplest_means_that_can)
{
    static const struct {
        const char *sql;
        ExecutionKind kind;
    } cases[] = {
        {"SELECT 1", EXECUTION_CONSTANT},
        {"SELECT now(), mz_now()", EXECUTION_CONSTANT},
        {"SELECT * FROM (VALUES (1), (2)) AS v ORDER BY 1 DESC", EXECUTION_CONSTANT},
        {"SELECT * FROM t WHERE false", EXECUTION_CONSTANT},
        {"SELECT * FROM t WHERE a = NULL", EXECUTION_CONSTANT},
        {"SELECT * FROM t WHERE a = 1", EXECUTION_PEEK},
        {"SELECT b FROM t WHERE a IN (1, 2) AND c > 1", EXECUTION_PEEK},
        {"SELECT b FROM t WHERE 1 = a", EXECUTION_PEEK},
        {"SELECT b FROM t WHERE c > 1 ORDER BY b LIMIT 2", EXECUTION_PEEK},
        {"SELECT c FROM t WHERE upper(b) = 'X'", EXECUTION_PEEK},
        {"SELECT k FROM s WHERE v = 'x'", EXECUTION_PEEK},
        {"SELECT k FROM s WHERE v || 'y' = 'x'", EXECUTION_PEEK},
        {"SELECT * FROM u WHERE a = 1", EXECUTION_DATAFLOW},
        {"SELECT count(*) FROM t WHERE a = 1", EXECUTION_DATAFLOW},
        {"SELECT t.a FROM t, u WHERE t.a = u.a", EXECUTION_DATAFLOW},
    };
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    world_do(world, "CREATE INDEX t_a ON t (a)");
    world_do(world, "CREATE INDEX t_upper ON t (upper(b))");
    world_do(world, "CREATE INDEX s_v ON s (v)");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        free(world_text(world, cases[i].sql, false));
        ck_assert_msg(world->last_execution == cases[i].kind, "%s: %d", cases[i].sql, world->last_execution);
    }
    world_free(world);
}
END_TEST

static void
expect(World *world, const char *sql, const char *lines)
{
    char *text = world_text(world, sql, true);
    ck_assert_msg(strcmp(text, lines) == 0, "%s\nanswers\n%sbut should answer\n%s", sql, text, lines);
    free(text);
}

START_TEST(an_indexed_view_is_read_through_its_index_and_computed_where_there_is_none)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    world_do(world, "CREATE VIEW v AS SELECT b, count(*) AS n FROM t GROUP BY b");
    expect(world, "SELECT n FROM v WHERE b = 'two'", "2\n");
    ck_assert_int_eq(world->last_execution, EXECUTION_DATAFLOW);
    world_do(world, "CREATE INDEX v_b ON v (b)");
    expect(world, "SELECT n FROM v WHERE b = 'two'", "2\n");
    ck_assert_int_eq(world->last_execution, EXECUTION_PEEK);
    expect(world, "SELECT t.a, v.n FROM t JOIN v ON t.b = v.b WHERE t.a = 1", "1|1\n");
    char *plan = world_explain(world, "SELECT t.a, v.n FROM t JOIN v ON t.b = v.b WHERE t.a = 1", EXPLAIN_PHYSICAL);
    ck_assert_ptr_nonnull(strstr(plan, "using index materialize.public.v_b"));
    free(plan);
    world_free(world);
}
END_TEST

START_TEST(parameters_take_their_types_from_where_they_stand)
{
    static const struct {
        const char *sql;
        TypeId types[3];
        int count;
    } cases[] = {
        {"SELECT a FROM t WHERE a = $1", {TYPE_INT4}, 1},
        {"SELECT $1 + 1", {TYPE_INT4}, 1},
        {"SELECT $1", {TYPE_TEXT}, 1},
        {"SELECT $2::bigint, $1::date", {TYPE_DATE, TYPE_INT8}, 2},
        {"SELECT b FROM t WHERE c > $1 AND b LIKE $2 LIMIT $3", {TYPE_NUMERIC, TYPE_TEXT, TYPE_INT8}, 3},
        {"SELECT coalesce($1, a) FROM t", {TYPE_INT4}, 1},
        {"SELECT a FROM t WHERE a IN ($1, $2)", {TYPE_INT4, TYPE_INT4}, 2},
        {"SELECT a FROM t WHERE a = ANY ($1)", {TYPE_ARRAY}, 1},
        {"SELECT CASE WHEN $1 THEN 1 END", {TYPE_BOOL}, 1},
        {"VALUES ($1, 1), (2.5, $2)", {TYPE_NUMERIC, TYPE_INT4}, 2},
        {"SELECT 1 UNION SELECT $1", {TYPE_INT4}, 1},
        {"SELECT d FROM u WHERE d = $1 || $2", {TYPE_TEXT, TYPE_TEXT}, 2},
    };
    World *world = world_new();
    sample_tables(world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Arena *arena = arena_new();
        EvalContext eval;
        Error err = ERROR_INIT;
        AstStatement *ast;
        PlannedQuery *planned;
        eval_context_init(&eval, arena);
        PlannerContext context = world_context(world, arena, &eval);
        ck_assert(parse_statement(slice_of(cases[i].sql), arena, &ast, &err));
        ck_assert_msg(plan_query(&context, ast->select, &planned, &err), "%s: %s", cases[i].sql, err.message);
        ck_assert_int_eq(context.parameter_count, cases[i].count);
        for (int p = 0; p < cases[i].count; p++)
            ck_assert_msg(context.parameter_types[p].id == cases[i].types[p], "%s: $%d is %s", cases[i].sql, p + 1,
                          type_format(context.parameter_types[p], arena));
        eval_context_deinit(&eval);
        arena_free(arena);
    }
    world_free(world);
}
END_TEST

START_TEST(parameters_are_bound_when_the_query_runs)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    world_do(world, "CREATE INDEX t_a ON t (a)");
    const SqlType types[] = {SQL_TYPE(INT4), SQL_TYPE(TEXT), SQL_TYPE(INT8)};
    const Datum values[] = {datum_int(2), datum_text("two"), datum_int(1)};
    world->parameter_types = types;
    world->parameters = values;
    world->parameter_count = 3;
    expect(world, "SELECT b, a + $1 FROM t WHERE a = $1", "two|4\ntwo|4\n");
    ck_assert_int_eq(world->last_execution, EXECUTION_PEEK);
    expect(world, "SELECT $1 * 2, $2 || '!'", "4|two!\n");
    expect(world, "SELECT count(*) FROM t WHERE b = $2 AND a = $1", "2\n");
    expect(world, "SELECT a FROM u ORDER BY a DESC LIMIT $3 OFFSET $1", "2\n");
    expect(world, "SELECT a FROM u WHERE a > (SELECT min(a) + $1 FROM u) ORDER BY 1", "4\n5\n");
    world_free(world);
}
END_TEST

START_TEST(temporal_filters_let_rows_in_and_out_as_time_passes)
{
    World *world = world_new();
    world_do(world, "CREATE TABLE r (a int, lower numeric, upper numeric)");
    world_do(world, "CREATE MATERIALIZED VIEW m AS SELECT a FROM r WHERE mz_now() >= lower AND mz_now() < upper");
    world_do(world, "INSERT INTO r VALUES (1, 0, 4), (2, 3, 100), (3, 5, 6), (4, NULL, 9)"); /* now 2 */
    char *text = world_view_text(world, "m");
    ck_assert_str_eq(text, "1\n");
    free(text);
    world_do(world, "INSERT INTO r VALUES (5, 0, 100)"); /* now 3 */
    text = world_view_text(world, "m");
    ck_assert_str_eq(text, "1\n2\n5\n");
    free(text);
    world_do(world, "DELETE FROM r WHERE a = 5");        /* now 4 */
    world_do(world, "INSERT INTO r VALUES (6, 0, 100)"); /* now 5 */
    text = world_view_text(world, "m");
    ck_assert_str_eq(text, "2\n3\n6\n");
    free(text);
    world_free(world);
}
END_TEST

START_TEST(what_depends_on_the_statement_cannot_be_maintained)
{
    static const char *const cases[][2] = {
        {"CREATE MATERIALIZED VIEW m AS SELECT now()", "ERROR 0A000 0: cannot materialize call to now()\n"},
        {"CREATE MATERIALIZED VIEW m AS SELECT a FROM t WHERE b = current_user",
         "ERROR 0A000 0: cannot materialize call to current_user()\n"},
        {"CREATE MATERIALIZED VIEW m AS SELECT mz_now()", "ERROR 0A000 0: cannot materialize call to mz_now()\n"},
        {"CREATE MATERIALIZED VIEW m AS SELECT a FROM t WHERE mz_now() + 1 > a", "ERROR 42883"},
        {"CREATE MATERIALIZED VIEW m AS SELECT a FROM t WHERE mz_now() > a OR a = 1",
         "ERROR 0A000 0: Unsupported temporal predicate."},
        {"CREATE MATERIALIZED VIEW m AS SELECT a FROM t WHERE a = $1", "ERROR 42P02 0: there is no parameter $1\n"},
        {"CREATE VIEW m (x, y) AS SELECT a FROM t",
         "ERROR 42601 16: view materialize.public.m definition names 2 columns, but "
         "view materialize.public.m has 1 column\n"},
        {"CREATE VIEW m AS SELECT a, a FROM t", "ERROR 42701 0: column \"a\" specified more than once\n"},
    };
    World *world = world_new();
    sample_tables(world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = world_text(world, cases[i][0], false);
        ck_assert_msg(strncmp(text, cases[i][1], strlen(cases[i][1])) == 0, "%s: %s", cases[i][0], text);
        free(text);
    }
    world_free(world);
}
END_TEST

START_TEST(a_view_keeps_its_meaning_when_names_around_it_change)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    world_do(world, "CREATE VIEW v (p, q) AS SELECT t.a, u.d FROM t JOIN u ON t.a = u.a");
    world_do(world, "CREATE VIEW w AS SELECT p, count(*) AS n FROM v GROUP BY p");
    expect(world, "WITH t AS (SELECT 100 AS a), u AS (SELECT 1) SELECT p, n FROM w WHERE p < 3 ORDER BY p",
           "1|1\n2|2\n");
    expect(world, "SELECT x.q FROM v AS x JOIN w ON w.p = x.p WHERE w.n = 1 ORDER BY 1", "cinco\nuno\n");
    expect(world, "SELECT nosuch FROM v", "ERROR 42703 8: column \"nosuch\" does not exist\n");
    world_free(world);
}
END_TEST

START_TEST(rows_that_fail_fail_the_query_only_when_they_are_in_it)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    expect(world, "SELECT 10 / c FROM t WHERE c <> 0 AND a = 1", "6.6666666666666667\n");
    expect(world, "SELECT 10 / c FROM t WHERE a = 5", "ERROR 22012 0: division by zero\n");
    expect(world, "SELECT CASE WHEN c = 0 THEN 0 ELSE 10 / c END FROM t WHERE a = 5", "0\n");
    expect(world, "SELECT (SELECT a FROM u)",
           "ERROR 21000 0: more than one row returned by a subquery used as an expression\n");
    world_do(world, "CREATE MATERIALIZED VIEW m AS SELECT 10 / c AS x FROM t");
    char *text = world_view_text(world, "m");
    ck_assert_str_eq(text, "ERROR 22012 0: division by zero\n");
    free(text);
    world_do(world, "DELETE FROM t WHERE c = 0");
    text = world_view_text(world, "m");
    ck_assert_msg(strncmp(text, "-\n3.33", 6) == 0, "%s", text);
    free(text);
    world_free(world);
}
END_TEST

Suite *suite_planner_plans(void);
Suite *
suite_planner_plans(void)
{
    Suite *suite = suite_create("planner plans");
    TCase *tcase = tcase_create("plans");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, explain_shows_each_stage_and_what_the_passes_made_of_it);
    tcase_add_test(tcase, a_query_is_answered_by_the_simplest_means_that_can);
    tcase_add_test(tcase, an_indexed_view_is_read_through_its_index_and_computed_where_there_is_none);
    tcase_add_test(tcase, parameters_take_their_types_from_where_they_stand);
    tcase_add_test(tcase, parameters_are_bound_when_the_query_runs);
    tcase_add_test(tcase, temporal_filters_let_rows_in_and_out_as_time_passes);
    tcase_add_test(tcase, what_depends_on_the_statement_cannot_be_maintained);
    tcase_add_test(tcase, a_view_keeps_its_meaning_when_names_around_it_change);
    tcase_add_test(tcase, rows_that_fail_fail_the_query_only_when_they_are_in_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
