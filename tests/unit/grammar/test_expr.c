/*
 * Expressions: the shape of the tree, by printing every operation in parentheses, and the words of each form.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grammar/parse.h"
#include "tests/unit/grammar/round_trip.h"

static Arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

static AstExpr *
parsed(const char *sql)
{
    Error err = ERROR_INIT;
    AstExpr *expr = NULL;

    if (!parse_expression(slice_of(sql), arena, &expr, &err))
        ck_abort_msg("%s at %d: %s", err.message, err.position, sql);
    return expr;
}

static void
check_shape(const char *sql, const char *shape)
{
    Buffer text = {0};

    ast_print_expr(parsed(sql), AST_PRINT_PARENTHESES, &text);
    ck_assert_msg(strcmp(buffer_text(&text), shape) == 0, "%s\n   is %s\n  not %s", sql, buffer_text(&text), shape);
    buffer_deinit(&text);
}

static void
check_print(const char *sql, const char *expected)
{
    char *text = printed_expr(sql);

    ck_assert_msg(strcmp(text, expected) == 0, "%s\n   prints %s\n  not %s", sql, text, expected);
    free(text);
    text = printed_expr(expected);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(operators_bind_as_in_postgresql)
{
    check_shape("a or b and not c", "a OR (b AND (NOT c))");
    check_shape("not a = b", "NOT (a = b)");
    check_shape("a = b is null", "(a = b) IS NULL");
    check_shape("a < b + c * d ^ e", "a < (b + (c * (d ^ e)))");
    check_shape("a ^ b ^ c", "(a ^ b) ^ c");
    check_shape("a - b - c", "(a - b) - c");
    check_shape("-a ^ b", "-a ^ b");
    check_shape("a || b = c || d", "(a || b) = (c || d)");
    check_shape("a || b + c", "a || (b + c)");
    check_shape("~ a || b", "(~ a) || b");
    check_shape("~ a + b", "~ (a + b)");
    check_shape("a between b and c and d", "(a BETWEEN b AND c) AND d");
    check_shape("a between b = c and d", "a BETWEEN (b = c) AND d");
    check_shape("a in (1, 2) = b", "(a IN (1, 2)) = b");
    check_shape("a like b || c", "a LIKE (b || c)");
    check_shape("a not like b and c", "(a NOT LIKE b) AND c");
    check_shape("a + b at time zone c", "a + (b AT TIME ZONE c)");
    check_shape("a || b collate c", "a || (b COLLATE c)");
    check_shape("-a::int", "-a::integer");
    check_shape("a operator(pg_catalog.+) b * c", "a OPERATOR(pg_catalog.+) (b * c)");
    check_shape("a = any (b) or c", "(a = ANY (b)) OR c");
    check_shape("a is distinct from b or c", "(a IS DISTINCT FROM b) OR c");
    check_shape("a -> 'b' ->> 'c' = 'd'", "((a -> 'b') ->> 'c') = 'd'");
    check_shape("a and b and c or d or e", "(a AND b AND c) OR d OR e");
    check_shape("a @> b", "a @> b");
    check_shape("a ?| b", "a ?| b");
}
END_TEST

START_TEST(parentheses_are_printed_only_where_needed)
{
    check_print("((a))+((b*c))", "a + b * c");
    check_print("(a+b)*c", "(a + b) * c");
    check_print("a-(b-c)", "a - (b - c)");
    check_print("(a or b) and c", "(a OR b) AND c");
    check_print("(a = b) = c", "(a = b) = c");
    check_print("a = (b = c)", "a = (b = c)");
    check_print("(a and b) and (c and d)", "a AND b AND c AND d");
    check_print("not (a and b)", "NOT (a AND b)");
    check_print("(not a) = b", "(NOT a) = b");
    check_print("- (- a)", "- -a");
    check_print("-(-5)", "5");
    check_print("2 - -5", "2 - -5");
    check_print("(-5)::text", "(-5)::text");
    check_print("-5::text", "-5::text");
    check_print("- (5 + a)", "-(5 + a)");
    check_print("(a || b) collate c", "(a || b) COLLATE c");
    check_print("(a).b.c[1]", "(((a).b).c)[1]");
    check_print("(select 1) + 1", "(SELECT 1) + 1");
    check_print("a between (b between c and d) and e", "a BETWEEN (b BETWEEN c AND d) AND e");
    check_print("(a is null) is true", "(a IS NULL) IS TRUE");
    check_print("(a, b) = (c, d)", "ROW(a, b) = ROW(c, d)");
}
END_TEST

START_TEST(every_form_prints_back)
{
    static const char *const forms[] = {
        "NULL",
        "true",
        "1",
        "-1",
        "1.5",
        "'it''s'",
        "b'101'",
        "x'1F'",
        "$1",
        "$1[2]",
        "a.b.c.d",
        "t.*",
        "(f(x)).*",
        "date '2020-01-01'",
        "interval '1 day'",
        "interval '1' DAY TO SECOND(3)",
        "interval(3) '1'",
        "timestamp(3) with time zone 'x'",
        "double precision '1'",
        "a.b 'x'",
        "numeric(10, 2) '1'",
        "count(*)",
        "count(DISTINCT a, b)",
        "f(a => 1, b => 2 + 3)",
        "f(a, VARIADIC b)",
        "a.b.f(1)",
        "left('a', 1)",
        "\"coalesce\"(a)",
        "string_agg(a, ',' ORDER BY b DESC NULLS LAST) FILTER (WHERE c) OVER w",
        "CURRENT_DATE",
        "CURRENT_TIMESTAMP(3)",
        "CURRENT_USER",
        "USER",
        "EXTRACT(EPOCH FROM a)",
        "EXTRACT('fortnight' FROM a)",
        "POSITION(a IN b)",
        "SUBSTRING(a FROM 1 FOR 2)",
        "SUBSTRING(a FROM b)",
        "SUBSTRING(a SIMILAR b ESCAPE c)",
        "substring(a, 1, 2)",
        "TRIM(LEADING 'x' FROM a)",
        "TRIM(BOTH FROM a)",
        "TRIM(TRAILING FROM a)",
        "OVERLAY(a PLACING b FROM 1 FOR 2)",
        "NORMALIZE(a, NFC)",
        "a AT TIME ZONE 'UTC'",
        "(a, b) OVERLAPS (c, d)",
        "COALESCE(a, b)",
        "NULLIF(a, b)",
        "GREATEST(a)",
        "LEAST(a, b)",
        "grouping(a, b)",
        "CASE WHEN a THEN b END",
        "CASE a WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END",
        "a IS NOT UNKNOWN",
        "a IS NOT DISTINCT FROM b",
        "a NOT BETWEEN SYMMETRIC 1 AND 2",
        "a NOT IN (SELECT 1)",
        "a NOT IN (1, 2)",
        "a ILIKE b ESCAPE 'x'",
        "a NOT SIMILAR TO b",
        "a !~* b",
        "a = ANY (SELECT 1)",
        "a <> ALL (ARRAY[1, 2])",
        "a LIKE ANY (b)",
        "a NOT ILIKE ALL (b)",
        "a OPERATOR(s.~) ANY (b)",
        "a OPERATOR(pg_catalog.~) b",
        "EXISTS (SELECT 1)",
        "ARRAY[1, 2]",
        "ARRAY[]",
        "ARRAY[ARRAY[1, 2], ARRAY[3, 4]]",
        "ARRAY(SELECT 1)",
        "LIST[LIST[1], LIST[]]",
        "LIST(SELECT 1)",
        "MAP['a' => 1, 'b' => MAP['c' => 2]]",
        "MAP(SELECT 'a', 1)",
        "ROW()",
        "ROW(1)",
        "a[1][2 : 3]",
        "a[: 2]",
        "a[1 : ]",
        "(f(x))[1]",
        "ARRAY[1, 2][1]",
        "a::integer list",
        "a::integer[][]",
        "a::map[text => integer list]",
        "a::character varying(10)",
        "a::s.t(1, 2)[]",
        "a COLLATE pg_catalog.\"default\"",
        "CASE c.x WHEN 'r' THEN 'y' END",
        "@ -5",
        "@- a",
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *text = printed_expr(forms[i]);

        ck_assert_msg(strcmp(text, forms[i]) == 0, "%s prints %s", forms[i], text);
        check_print(text, text);
        free(text);
    }
}
END_TEST

START_TEST(forms_are_the_functions_they_stand_for)
{
    static const char *const cases[][2] = {
        {"extract(year from a)", "extract 'year' a"},
        {"position(a in b)", "position b a"},
        {"substring(a for 2)", "substring a 1 2"},
        {"trim(both x from a)", "btrim a x"},
        {"trim(a)", "btrim a"},
        {"trim(a, x)", "btrim a x"},
        {"a at time zone z", "timezone z a"},
        {"current_user", "current_user"},
        {"overlay(a placing b from 1)", "overlay a b 1"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AstExpr *expr = parsed(cases[i][0]);
        Buffer text = {0};

        ck_assert_int_eq(expr->kind, AST_EXPR_FUNCTION);
        buffer_append_text(&text, expr->function->name.parts[0]);
        for (int k = 0; k < expr->function->args.count; k++) {
            buffer_append_char(&text, ' ');
            ast_print_expr(expr->function->args.items[k], AST_PRINT_ONE_LINE, &text);
        }
        ck_assert_str_eq(buffer_text(&text), cases[i][1]);
        buffer_deinit(&text);
    }
}
END_TEST

START_TEST(a_minus_sign_belongs_to_the_number_after_it)
{
    AstExpr *expr = parsed("-9223372036854775808");

    ck_assert_int_eq(expr->kind, AST_EXPR_INTEGER);
    ck_assert_str_eq(expr->text, "-9223372036854775808");
    expr = parsed("a -5");
    ck_assert_int_eq(expr->kind, AST_EXPR_OPERATOR);
    ck_assert_str_eq(expr->op.right->text, "5");
}
END_TEST

START_TEST(positions_count_characters)
{
    AstExpr *expr = parsed("'ééé' || \"ñ\".b + 1");

    ck_assert_int_eq(expr->position, 7);
    ck_assert_int_eq(expr->op.left->position, 1);
    ck_assert_int_eq(expr->op.right->position, 16);
    ck_assert_int_eq(expr->op.right->op.left->position, 10);
    ck_assert_str_eq(expr->op.right->op.left->name.parts[0], "ñ");
}
END_TEST

START_TEST(types_spelled_by_keyword_have_postgresqls_names)
{
    static const char *const cases[][2] = {
        {"int", "int4"},
        {"bigint", "int8"},
        {"double precision", "float8"},
        {"float(10)", "float4"},
        {"dec(3)", "numeric"},
        {"char", "bpchar"},
        {"char varying(3)", "varchar"},
        {"timestamp with time zone", "timestamptz"},
        {"time without time zone", "time"},
        {"bit varying", "varbit"},
        {"boolean", "bool"},
    };
    Error err = ERROR_INIT;
    AstType *type;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(parse_type(slice_of(cases[i][0]), arena, &type, &err));
        ck_assert(type->keyword);
        ck_assert_str_eq(type->name.parts[0], cases[i][1]);
    }
    ck_assert(parse_type(slice_of("\"char\""), arena, &type, &err));
    ck_assert(!type->keyword);
    ck_assert_str_eq(type->name.parts[0], "char");
    ck_assert_int_eq(type->modifiers.count, 0);
    ck_assert(parse_type(slice_of("int[3][] list"), arena, &type, &err));
    ck_assert_int_eq(type->kind, AST_TYPE_LIST);
    ck_assert_int_eq(type->element->kind, AST_TYPE_ARRAY);
    ck_assert_int_eq(type->element->dimensions, 2);
    ck_assert(!parse_type(slice_of("int int"), arena, &type, &err));
    error_clear(&err);
}
END_TEST

START_TEST(names_have_up_to_four_parts)
{
    Error err = ERROR_INIT;
    AstName name;

    ck_assert(parse_name(slice_of("a.\"B c\".select"), arena, &name, &err));
    ck_assert_int_eq(name.count, 3);
    ck_assert_str_eq(name.parts[1], "B c");
    ck_assert_str_eq(name.parts[2], "select");
    ck_assert(parse_name(slice_of("[u12 AS d.s.t]"), arena, &name, &err));
    ck_assert_str_eq(name.id, "u12");
    ck_assert_int_eq(name.count, 3);
    ck_assert(!parse_name(slice_of("a.b.c.d.e"), arena, &name, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_SYNTAX_ERROR);
    ck_assert_str_eq(err.message, "improper qualified name (too many dotted names): a.b.c.d.e");
    error_clear(&err);
    /* A fifth part is a field of a column. */
    ck_assert_int_eq(parsed("a.b.c.d.e")->kind, AST_EXPR_FIELD);
}
END_TEST

Suite *suite_grammar_expr(void);

Suite *
suite_grammar_expr(void)
{
    Suite *suite = suite_create("grammar expressions");
    TCase *group = tcase_create("expressions");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, operators_bind_as_in_postgresql);
    tcase_add_test(group, parentheses_are_printed_only_where_needed);
    tcase_add_test(group, every_form_prints_back);
    tcase_add_test(group, forms_are_the_functions_they_stand_for);
    tcase_add_test(group, a_minus_sign_belongs_to_the_number_after_it);
    tcase_add_test(group, positions_count_characters);
    tcase_add_test(group, types_spelled_by_keyword_have_postgresqls_names);
    tcase_add_test(group, names_have_up_to_four_parts);
    suite_add_tcase(suite, group);
    return suite;
}
