#include <check.h>

#include "expr/table_function.h"
#include "tests/unit/expr/expression.h"
#include "types/text_format.h"

static Arena *arena;
static EvalContext eval;

static void
setup(void)
{
    arena = arena_new();
    eval_context_init(&eval, arena);
}

static void
teardown(void)
{
    eval_context_deinit(&eval);
    arena_free(arena);
}

typedef struct Sink {
    const TableFunctionCall *call;
    Buffer out;
    int rows, most;
} Sink;

static bool
emit(void *emit_context, const Datum *values)
{
    Sink *sink = emit_context;
    if (sink->rows++ > 0)
        buffer_append_text(&sink->out, " | ");
    for (int i = 0; i < sink->call->column_count; i++) {
        buffer_append_text(&sink->out, i > 0 ? "=" : "");
        if (values[i].is_null)
            buffer_append_text(&sink->out, "null");
        else
            datum_print(sink->call->column_types[i], values[i], NULL, &sink->out);
    }
    return sink->rows < sink->most;
}

/* The rows of a call, or its error; arguments are expressions. */
static const char *
rows_of(const char *name, const char *const *texts, int count, int most)
{
    Error err = ERROR_INIT;
    SqlType types[FUNCTION_ARGS_MAX] = {0};
    Scalar *args[FUNCTION_ARGS_MAX];
    Datum values[FUNCTION_ARGS_MAX];
    TableFunctionCall call;
    const EvalError *error;
    for (int i = 0; i < count; i++) {
        ck_assert_msg(expression_bind(texts[i], NULL, &eval, &args[i], &err), "%s: %s", texts[i], err.message);
        types[i] = args[i]->type;
    }
    if (!table_function_resolve(NULL, name, types, count, 0, arena, &call, &err)) {
        const char *message = arena_printf(arena, "ERROR %s %s", err.sqlstate, err.message);
        error_clear(&err);
        return message;
    }
    for (int i = 0; i < count; i++) {
        ck_assert(cast_scalar(arena, args[i], call.arg_types[i], CAST_IMPLICIT, &eval, &args[i], &err));
        ck_assert(evaluate_constant(args[i], &eval, &values[i], &error));
    }
    Sink sink = {.call = &call, .most = most};
    if (!table_function_evaluate(&call, &eval, values, emit, &sink, &error)) {
        buffer_deinit(&sink.out);
        return arena_printf(arena, "ERROR %s %s", error->sqlstate, error->message);
    }
    return buffer_to_arena(&sink.out, arena);
}

#define ck_assert_rows(expected, name, ...)                                                                            \
    do {                                                                                                               \
        const char *const texts_[] = {__VA_ARGS__};                                                                    \
        ck_assert_str_eq(rows_of(name, texts_, (int) (sizeof texts_ / sizeof *texts_), 1000), expected);               \
    } while (0)

START_TEST(series_end_where_postgresqls_end)
{
    ck_assert_rows("1 | 2 | 3", "generate_series", "1", "3");
    ck_assert_rows("1 | 3 | 5", "generate_series", "1", "6", "2");
    ck_assert_rows("3 | 2 | 1", "generate_series", "3", "1", "-1");
    ck_assert_rows("", "generate_series", "3", "1");
    ck_assert_rows("", "generate_series", "null::int", "1");
    ck_assert_rows("2147483646 | 2147483647", "generate_series", "2147483646", "2147483647");
    ck_assert_rows("ERROR 22023 step size cannot equal zero", "generate_series", "1", "2", "0");
    ck_assert_rows("1.1 | 1.6", "generate_series", "1.1", "2", "0.5");
    ck_assert_rows("ERROR 22023 stop value cannot be NaN", "generate_series", "1.1", "'NaN'::numeric");
    ck_assert_rows("2020-01-31 00:00:00 | 2020-02-29 00:00:00 | 2020-03-29 00:00:00", "generate_series",
                   "timestamp '2020-01-31'", "timestamp '2020-04-01'", "interval '1 month'");
    ck_assert_rows("ERROR 22023 step size cannot equal zero", "generate_series", "timestamp '2020-01-31'",
                   "timestamp '2020-04-01'", "interval '0 days'");
    ck_assert_rows("ERROR 42883 function generate_series(text, text) does not exist", "generate_series", "'a'::text",
                   "'b'::text");
}
END_TEST

START_TEST(a_consumer_may_stop_a_series)
{
    const char *const texts[] = {"1", "1000000000000"};
    ck_assert_str_eq(rows_of("generate_series", texts, 2, 2), "1 | 2");
}
END_TEST

START_TEST(arrays_come_apart)
{
    ck_assert_rows("1 | null | 3", "unnest", "array[1, null, 3]");
    ck_assert_rows("1 | 2 | 3 | 4", "unnest", "array[array[1, 2], array[3, 4]]");
    ck_assert_rows("a | b", "unnest", "'{a,b}'::text[]");
    ck_assert_rows("", "unnest", "null::int[]");
    ck_assert_rows("1 | 2 | 3", "generate_subscripts", "array[7, 8, 9]", "1");
    ck_assert_rows("3 | 2 | 1", "generate_subscripts", "array[7, 8, 9]", "1", "true");
    ck_assert_rows("", "generate_subscripts", "array[7, 8, 9]", "2");
    ck_assert_rows("5=1 | 6=2", "_pg_expandarray", "array[5, 6]");
}
END_TEST

START_TEST(jsonb_comes_apart)
{
    ck_assert_rows("1 | \"a\" | null", "jsonb_array_elements", "'[1, \"a\", null]'::jsonb");
    ck_assert_rows("1 | a | null", "jsonb_array_elements_text", "'[1, \"a\", null]'::jsonb");
    ck_assert_rows("ERROR 22023 cannot extract elements from an object", "jsonb_array_elements", "'{}'::jsonb");
    ck_assert_rows("ERROR 22023 cannot extract elements from a scalar", "jsonb_array_elements", "'1'::jsonb");
    ck_assert_rows("a=1 | b=\"x\"", "jsonb_each", "'{\"a\": 1, \"b\": \"x\"}'::jsonb");
    ck_assert_rows("a=1 | b=x", "jsonb_each_text", "'{\"a\": 1, \"b\": \"x\"}'::jsonb");
    ck_assert_rows("ERROR 22023 cannot call jsonb_each on a non-object", "jsonb_each", "'[]'::jsonb");
    ck_assert_rows("a | b", "jsonb_object_keys", "'{\"a\": 1, \"b\": 2}'::jsonb");
    ck_assert_rows("ERROR 22023 cannot call jsonb_object_keys on an array", "jsonb_object_keys", "'[]'::jsonb");
}
END_TEST

START_TEST(texts_come_apart)
{
    ck_assert_rows("hello | world", "regexp_split_to_table", "'hello   world'", "'\\s+'");
    ck_assert_rows("{bar,beque} | {bazil,barf}", "regexp_matches", "'foobarbequebazilbarfbonk'", "'(b[^b]+)(b[^b]+)'",
                   "'g'");
    ck_assert_rows("{b}", "regexp_matches", "'abcb'", "'b'");
    ck_assert_rows("", "regexp_matches", "'abc'", "'x'");
    ck_assert_rows("ERROR 2201B invalid regular expression: parentheses () not balanced", "regexp_matches", "'abc'",
                   "'('");
    ck_assert_rows("a | null | c", "string_to_table", "'a,,c'", "','", "''");
    ck_assert_rows("a | b", "string_to_table", "'ab'", "null");
}
END_TEST

Suite *suite_expr_table_function(void);

Suite *
suite_expr_table_function(void)
{
    Suite *suite = suite_create("expr/table_function");
    TCase *tests = tcase_create("table_function");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, series_end_where_postgresqls_end);
    tcase_add_test(tests, a_consumer_may_stop_a_series);
    tcase_add_test(tests, arrays_come_apart);
    tcase_add_test(tests, jsonb_comes_apart);
    tcase_add_test(tests, texts_come_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
