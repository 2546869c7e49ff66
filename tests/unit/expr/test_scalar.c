#include <check.h>
#include <stdlib.h>

#include "tests/unit/expr/expression.h"

static const SqlType types[] = {
    {.id = TYPE_INT4, .typmod = -1}, {.id = TYPE_INT4, .typmod = -1}, {.id = TYPE_TEXT, .typmod = -1}};
static const ExpressionColumns columns = {types, 3};

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

static Scalar *
bound(const char *text)
{
    Scalar *scalar;
    Error err = ERROR_INIT;
    ck_assert_msg(expression_bind(text, &columns, &eval, &scalar, &err), "%s: %s", text, err.message);
    return scalar;
}

static const char *
printed(const Scalar *scalar)
{
    Buffer out = {0};
    scalar_print(scalar, NULL, &out);
    return buffer_to_arena(&out, arena);
}

static const char *
folded(const char *text)
{
    return printed(scalar_fold(arena, bound(text), &eval));
}

START_TEST(a_copy_outlives_the_arena_of_its_original)
{
    static const char *const texts[] = {"a + 1", "c in ('x', 'y')", "row(a, c)", "c || 'it''s'",
                                        "case when a > 1 then b end"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Scalar *original = scalar_fold(arena, bound(texts[i]), &eval);
        char *text = memory_strdup(printed(original));
        uint64_t hash = scalar_hash(original);
        Arena *other = arena_new();
        Scalar *copy = scalar_copy(other, original);
        ck_assert(scalar_equal(copy, original));
        arena_reset(arena);
        ck_assert_str_eq(printed(copy), text);
        ck_assert_uint_eq(scalar_hash(copy), hash);
        arena_free(other);
        free(text);
    }
}
END_TEST

START_TEST(equal_scalars_are_equal_whatever_their_positions)
{
    ck_assert(scalar_equal(bound("a + 1"), bound("a   +   1")));
    ck_assert(!scalar_equal(bound("a + 1"), bound("a + 2")));
    ck_assert(!scalar_equal(bound("a + 1"), bound("b + 1")));
    ck_assert(!scalar_equal(bound("a + 1"), bound("a - 1")));
    ck_assert(!scalar_equal(bound("1::numeric"), bound("1::numeric(5,2)")));
    ck_assert(scalar_hash(bound("a + 1")) == scalar_hash(bound("a + 1")));
}
END_TEST

START_TEST(columns_are_moved_and_replaced)
{
    uint32_t map[] = {5, 0, 1};
    Scalar *scalar = bound("a + b");
    scalar_remap(scalar, map);
    ck_assert_str_eq(printed(scalar), "#5 + #0");
    scalar_shift(scalar, 1, 2);
    ck_assert_str_eq(printed(scalar), "#7 + #0");
    ck_assert_uint_eq(scalar_max_column(scalar), 8);
    ck_assert(scalar_uses_column(scalar, 7));
    ck_assert(!scalar_uses_column(scalar, 5));
    Scalar *with[] = {bound("b * 2"), bound("3"), NULL};
    ck_assert_str_eq(printed(scalar_substitute(arena, bound("a + b"), with)), "(#1 * 2) + 3");
}
END_TEST

START_TEST(a_scalar_prints_as_explain_shows_it)
{
    const char *names[] = {"id", NULL, "name"};
    Buffer out = {0};
    scalar_print(bound("a = 1 and c is not null or not c like 'x%'"), names, &out);
    ck_assert_str_eq(buffer_text(&out), "((#0{id} = 1) AND (#2{name} IS NOT NULL)) OR (NOT (#2{name} ~~ 'x%'))");
    buffer_deinit(&out);
    ck_assert_str_eq(printed(bound("a::bigint + 1")), "#0::bigint + 1::bigint");
    ck_assert_str_eq(printed(bound("coalesce(c, 'a''b')")), "coalesce(#2, 'a''b')");
    ck_assert_str_eq(printed(bound("case when a > 1 then 2 else b end")), "case when #0 > 1 then 2 else #1 end");
    ck_assert_str_eq(printed(bound("a = any(array[1, b])")), "#0 = ANY (array[1, #1])");
    ck_assert_str_eq(printed(bound("lower(c)")), "lower(#2)");
    ck_assert_str_eq(printed(bound("-a")), "-#0");
    ck_assert_str_eq(printed(bound("a is distinct from b")), "#0 IS DISTINCT FROM #1");
}
END_TEST

START_TEST(folding_leaves_what_depends_on_rows)
{
    ck_assert_str_eq(folded("a + (1 + 2) * 3"), "#0 + 9");
    ck_assert_str_eq(folded("a::bigint + 1"), "#0::bigint + 1");
    ck_assert_str_eq(folded("1 / 0"), "error(\"division by zero\")");
    ck_assert_str_eq(folded("a = 1 and true"), "#0 = 1");
    ck_assert_str_eq(folded("a = 1 and false and 1 / 0 = 1"), "false");
    ck_assert_str_eq(folded("a = 1 or true"), "true");
    ck_assert_str_eq(folded("a = 1 and a = 1"), "#0 = 1");
    ck_assert_str_eq(folded("a = 1 and b = 2 and (c = 'x' and a = 1)"), "(#0 = 1) AND (#1 = 2) AND (#2 = 'x')");
    ck_assert_str_eq(folded("not not a = 1"), "#0 = 1");
    ck_assert_str_eq(folded("a + null::int"), "null");
    ck_assert_str_eq(folded("(a / b) + null::int"), "(#0 / #1) + null");
    ck_assert_str_eq(folded("case when false then 1 when a > 1 then 2 when true then 3 else 4 end"),
                     "case when #0 > 1 then 2 else 3 end");
    ck_assert_str_eq(folded("case when true then a else b end"), "#0");
    ck_assert_str_eq(folded("coalesce(null, a, 5, b)"), "coalesce(#0, 5)");
    ck_assert_str_eq(folded("coalesce(null, 5, b)"), "5");
    ck_assert_str_eq(folded("greatest(1, 3, 2)"), "3");
    ck_assert_str_eq(folded("array[1, 1 + 1]"), "'{1,2}'");
}
END_TEST

START_TEST(equalities_with_literals_become_lists)
{
    ck_assert_str_eq(folded("a = 1 or a = 2 or b = 3"), "(#0 IN (1, 2)) OR (#1 = 3)");
    ck_assert_str_eq(folded("a = 1 or 2 = a"), "#0 IN (1, 2)");
    ck_assert_str_eq(folded("c in ('x', 'y', null)"), "(#2 IN ('x', 'y')) OR null");
    ck_assert_str_eq(folded("a = any('{1,2}')"), "#0 IN (1, 2)");
    ck_assert_str_eq(folded("a <> all('{1,2}')"), "NOT (#0 IN (1, 2))");
    ck_assert_str_eq(folded("a = any('{7}')"), "#0 = 7");
    ck_assert_str_eq(folded("a = any('{}')"), "false");
    ck_assert_str_eq(folded("a = any(null::int[])"), "null");
    ck_assert_str_eq(folded("a > any('{1,2}')"), "#0 > ANY ('{1,2}')");
}
END_TEST

START_TEST(nullability_and_failing_are_known)
{
    Scalar *sure = scalar_column(arena, 0, SQL_TYPE(INT4), false);
    Scalar *sum, *one = scalar_literal(arena, SQL_TYPE(INT4), datum_int(1));
    Error err = ERROR_INIT;
    ck_assert(scalar_operator(arena, "+", sure, one, 0, &eval, &sum, &err));
    ck_assert(!sum->nullable);
    ck_assert(scalar_can_fail(sum));
    ck_assert(bound("a + 1")->nullable);
    ck_assert(!scalar_can_fail(bound("a = 1")));
    ck_assert(!bound("a is null")->nullable);
    ck_assert(!bound("coalesce(a, 1)")->nullable);
}
END_TEST

static const char *
setting(void *context, const char *name)
{
    (void) context;
    return strcmp(name, "timezone") == 0 ? "UTC" : NULL;
}

START_TEST(context_values_and_parameters_become_literals)
{
    Datum parameters[] = {datum_int(42)};
    SqlType parameter_types[] = {SQL_TYPE(INT4)};
    const char *schemas[] = {"public", NULL};
    ContextBinding binding = {.now = 0,
                              .user = "ann",
                              .database = "db",
                              .schemas = schemas,
                              .backend_pid = 7,
                              .setting = setting,
                              .parameters = parameters,
                              .parameter_types = parameter_types,
                              .parameter_count = 1};
    Scalar *result;
    Error err = ERROR_INIT;
    ck_assert(scalar_bind_context(arena, bound("now()"), &binding, &result, &err));
    ck_assert_str_eq(printed(result), "'2000-01-01 00:00:00+00'");
    ck_assert(
        scalar_bind_context(arena, bound("current_user() || '@' || current_database()"), &binding, &result, &err));
    ck_assert_str_eq(printed(scalar_fold(arena, result, &eval)), "'ann@db'");
    ck_assert(scalar_bind_context(arena, bound("current_schemas(true)"), &binding, &result, &err));
    ck_assert_str_eq(printed(result), "'{mz_catalog,pg_catalog,public}'");
    ck_assert(scalar_bind_context(arena, bound("current_setting('timezone')"), &binding, &result, &err));
    ck_assert_str_eq(printed(result), "'UTC'");
    ck_assert(scalar_bind_context(arena, bound("current_setting('nope', true)"), &binding, &result, &err));
    ck_assert_str_eq(printed(result), "null");
    ck_assert(!scalar_bind_context(arena, bound("current_setting('nope')"), &binding, &result, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_UNDEFINED_OBJECT);
    ck_assert_str_eq(err.message, "unrecognized configuration parameter \"nope\"");
    error_clear(&err);
    Scalar *parameter = scalar_parameter(arena, 1, SQL_TYPE(INT4));
    ck_assert(scalar_bind_context(arena, parameter, &binding, &result, &err));
    ck_assert_str_eq(printed(result), "42");
    ck_assert(!scalar_bind_context(arena, scalar_parameter(arena, 2, SQL_TYPE(INT4)), &binding, &result, &err));
    ck_assert_str_eq(err.message, "there is no parameter $2");
    error_clear(&err);
    ck_assert(scalar_bind_context(arena, bound("mz_now()"), &binding, &result, &err));
    ck_assert_int_eq(result->kind, SCALAR_CONTEXT);
}
END_TEST

START_TEST(a_parameter_without_a_type_takes_the_one_it_is_wanted_in)
{
    Scalar *parameter = scalar_parameter(arena, 1, SQL_TYPE(UNKNOWN)), *sum;
    Scalar *column = scalar_column(arena, 0, SQL_TYPE(INT8), true);
    Error err = ERROR_INIT;
    ck_assert(scalar_operator(arena, "+", column, parameter, 0, &eval, &sum, &err));
    ck_assert_int_eq(parameter->type.id, TYPE_INT8);
}
END_TEST

START_TEST(an_error_survives_being_encoded)
{
    EvalError error = {"22012", "division by zero", NULL, "Do not."};
    EvalError back = eval_error_decode(eval_error_encode(&error, arena), arena);
    ck_assert_str_eq(back.sqlstate, "22012");
    ck_assert_str_eq(back.message, "division by zero");
    ck_assert_ptr_null(back.detail);
    ck_assert_str_eq(back.hint, "Do not.");
}
END_TEST

START_TEST(resolution_errors_have_postgresqls_words)
{
    ResolvedCall call;
    Error err = ERROR_INIT;
    SqlType args[] = {SQL_TYPE(INT4), SQL_TYPE(TEXT)};
    ck_assert(!function_resolve(NULL, "lower", args, 2, 8, &call, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_UNDEFINED_FUNCTION);
    ck_assert_str_eq(err.message, "function lower(integer, text) does not exist");
    ck_assert_int_eq(err.position, 8);
    ck_assert_ptr_nonnull(err.hint);
    error_clear(&err);
    ck_assert(!function_resolve("mz_catalog", "lower", &args[1], 1, 0, &call, &err));
    ck_assert_str_eq(err.message, "function mz_catalog.lower(text) does not exist");
    error_clear(&err);
    ck_assert(!operator_resolve("+", SQL_TYPE(UNKNOWN), SQL_TYPE(UNKNOWN), false, 0, &call, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_AMBIGUOUS_FUNCTION);
    ck_assert_str_eq(err.message, "operator is not unique: unknown + unknown");
    error_clear(&err);
    SqlType result, different[] = {SQL_TYPE(INT4), SQL_TYPE(BOOL)};
    ck_assert(!type_unify(different, 2, "UNION", 3, &result, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATATYPE_MISMATCH);
    ck_assert_str_eq(err.message, "UNION types integer and boolean cannot be matched");
    error_clear(&err);
}
END_TEST

START_TEST(every_function_has_a_body_and_a_known_result)
{
    size_t count = 0;
    for (const Function *function; (function = function_at(count)) != NULL; count++) {
        bool runs = function->row != NULL || function->column != NULL || function->kind == FUNCTION_CONTEXT;
        ck_assert_msg(runs, "%s has no body", function->name);
        ck_assert_msg(function->result.id != TYPE_UNKNOWN, "%s has no result", function->name);
        ck_assert_msg(function_type_oid(function->result) != 0, "%s gives a type without an OID", function->name);
        ck_assert_msg(!function->variadic || function->arg_count > 0, "%s is variadic without arguments",
                      function->name);
    }
    ck_assert_uint_gt(count, 800);
}
END_TEST

Suite *suite_expr_scalar(void);

Suite *
suite_expr_scalar(void)
{
    Suite *suite = suite_create("expr/scalar");
    TCase *tests = tcase_create("scalar");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_copy_outlives_the_arena_of_its_original);
    tcase_add_test(tests, equal_scalars_are_equal_whatever_their_positions);
    tcase_add_test(tests, columns_are_moved_and_replaced);
    tcase_add_test(tests, a_scalar_prints_as_explain_shows_it);
    tcase_add_test(tests, folding_leaves_what_depends_on_rows);
    tcase_add_test(tests, equalities_with_literals_become_lists);
    tcase_add_test(tests, nullability_and_failing_are_known);
    tcase_add_test(tests, context_values_and_parameters_become_literals);
    tcase_add_test(tests, a_parameter_without_a_type_takes_the_one_it_is_wanted_in);
    tcase_add_test(tests, an_error_survives_being_encoded);
    tcase_add_test(tests, resolution_errors_have_postgresqls_words);
    tcase_add_test(tests, every_function_has_a_body_and_a_known_result);
    suite_add_tcase(suite, tests);
    return suite;
}
