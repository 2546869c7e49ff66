#include <check.h>
#include <stdlib.h>

#include "tests/unit/expr/expression.h"
#include "types/text_format.h"

/* Columns a integer, b integer, c text. */
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

static Datum
number(int64_t value)
{
    return value == INT64_MIN ? DATUM_NULL : datum_int(value);
}

#define NONE INT64_MIN

typedef struct Row {
    int64_t a, b;
    const char *c;
} Row;

static Chunk *
chunk_of(const Row *rows, int count)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, types, 3);
    for (int i = 0; i < count; i++) {
        Datum values[3] = {number(rows[i].a), number(rows[i].b),
                           rows[i].c == NULL ? DATUM_NULL : datum_text(rows[i].c)};
        chunk_builder_append_datums(&builder, values, 1, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    return chunk;
}

static Scalar *
bound(const char *text)
{
    Scalar *scalar;
    Error err = ERROR_INIT;
    ck_assert_msg(expression_bind(text, &columns, &eval, &scalar, &err), "%s: %s", text, err.message);
    return scalar;
}

/* All rows' values in one line: "1 null !division by zero". */
static const char *
values_of(const Scalar *scalar, const Chunk *chunk)
{
    Evaluated result;
    Buffer out = {0};
    evaluate(scalar, &eval, chunk, &result);
    for (uint32_t row = 0; row < chunk->count; row++) {
        uint32_t at = result.is_constant ? 0 : row;
        buffer_append_text(&out, row > 0 ? " " : "");
        if (result.errors != NULL && result.errors[at] != NULL)
            buffer_printf(&out, "!%s", result.errors[at]->message);
        else if (column_is_null(result.column, at))
            buffer_append_text(&out, "null");
        else
            datum_print(scalar->type, column_datum(result.column, scalar->type, at), NULL, &out);
    }
    evaluated_release(&result);
    return buffer_to_arena(&out, arena);
}

#define ck_assert_values(text, rows, expected)                                                                         \
    do {                                                                                                               \
        Chunk *chunk_ = chunk_of(rows, (int) (sizeof(rows) / sizeof *(rows)));                                         \
        ck_assert_str_eq(values_of(bound(text), chunk_), expected);                                                    \
        ck_assert_str_eq(values_of(scalar_fold(arena, bound(text), &eval), chunk_), expected);                         \
        chunk_release(chunk_);                                                                                         \
    } while (0)

static const Row mixed[] = {{1, 2, "x"}, {NONE, 3, NULL}, {5, 0, "yy"}, {7, NONE, ""}, {2147483647, 1, "z"}};

START_TEST(arithmetic_keeps_nulls_and_fails_rows_one_by_one)
{
    ck_assert_values("a + b", mixed, "3 null 5 null !integer out of range");
    ck_assert_values("a / b", mixed, "0 null !division by zero null 2147483647");
    ck_assert_values("a + 1", mixed, "2 null 6 8 !integer out of range");
    ck_assert_values("1 - a", mixed, "0 null -4 -6 -2147483646");
    ck_assert_values("a::smallint", mixed, "1 null 5 7 !smallint out of range");
}
END_TEST

START_TEST(an_error_of_an_argument_is_the_error_of_the_call)
{
    ck_assert_values("(a / b) + 1", mixed, "1 null !division by zero null !integer out of range");
    ck_assert_values("concat(a / b, 'x')", mixed, "0x x !division by zero x 2147483647x");
    ck_assert_values("(a / b) is null", mixed, "f t !division by zero t f");
    ck_assert_values("not (a / b = 0)", mixed, "f null !division by zero null t");
    ck_assert_values("(a / b) in (0, 1)", mixed, "t null !division by zero null f");
    ck_assert_values("array[a / b]", mixed, "{0} {NULL} !division by zero {NULL} {2147483647}");
    ck_assert_values("greatest(a / b, 3)", mixed, "3 3 !division by zero 3 2147483647");
}
END_TEST

START_TEST(and_and_or_drop_errors_that_do_not_decide)
{
    ck_assert_values("b <> 0 and a / b > 0", mixed, "f null f null t");
    ck_assert_values("a / b > 0 and b <> 0", mixed, "f null f null t");
    ck_assert_values("b = 0 or a / b > 0", mixed, "f null t null t");
    ck_assert_values("a / b > 0 and b = 0", mixed, "f f !division by zero null f");
    ck_assert_values("a / b > 0 and null", mixed, "f null !division by zero null null");
    ck_assert_values("c = 'x' and a > 0 and b > 1", mixed, "t null f f f");
}
END_TEST

START_TEST(case_and_coalesce_evaluate_what_they_need)
{
    ck_assert_values("case when b = 0 then -1 else a / b end", mixed, "0 null -1 null 2147483647");
    ck_assert_values("case when b = 0 then 'none' when b is null then 'null' else c end", mixed, "x null none null z");
    ck_assert_values("case when a / b > 0 then 1 else 2 end", mixed, "2 2 !division by zero 2 1");
    ck_assert_values("coalesce(b, a / 0)", mixed, "2 3 0 !division by zero 1");
    ck_assert_values("coalesce(c, a::text, 'none')", mixed, "x none yy  z");
    ck_assert_values("coalesce(a, b, 9)", mixed, "1 3 5 7 2147483647");
    ck_assert_values("nullif(a, 5)", mixed, "1 null null 7 2147483647");
}
END_TEST

START_TEST(texts_lists_and_patterns_over_rows)
{
    ck_assert_values("c || '!'", mixed, "x! null yy! ! z!");
    ck_assert_values("length(c)", mixed, "1 null 2 0 1");
    ck_assert_values("c like 'y%'", mixed, "f null t f f");
    ck_assert_values("c like c", mixed, "t null t t t");
    ck_assert_values("c ~ '^[xz]$'", mixed, "t null f f t");
    ck_assert_values("c in ('x', 'z')", mixed, "t null f f t");
    ck_assert_values("a in (1, 5, null)", mixed, "t null t null null");
    ck_assert_values("a = any(array[b - 1, 5])", mixed, "t null t null f");
    ck_assert_values("a <> all(array[1, 5])", mixed, "f null f t t");
    ck_assert_values("a is distinct from b", mixed, "t t t t t");
    ck_assert_values("upper(c)", mixed, "X null YY  Z");
}
END_TEST

START_TEST(a_constant_is_one_row)
{
    Chunk *chunk = chunk_of(mixed, 5);
    Evaluated result;
    evaluate(bound("1 + 1"), &eval, chunk, &result);
    ck_assert(result.is_constant);
    ck_assert_uint_eq(result.column->count, 1);
    Column *spread = evaluated_spread(&result, SQL_TYPE(INT4), chunk->count);
    ck_assert_uint_eq(spread->count, 5);
    ck_assert_int_eq(column_datum(spread, SQL_TYPE(INT4), 4).i, 2);
    column_release(spread);
    evaluated_release(&result);
    evaluate(bound("case when true then 3 end"), &eval, chunk, &result);
    ck_assert(result.is_constant);
    evaluated_release(&result);
    chunk_release(chunk);
}
END_TEST

START_TEST(a_filter_selects_true_rows_and_tells_failed_ones)
{
    Chunk *chunk = chunk_of(mixed, 5);
    uint32_t selected[5];
    const EvalError **errors;
    ck_assert_uint_eq(evaluate_filter(bound("a > 1"), &eval, chunk, selected, &errors), 3);
    ck_assert_ptr_null(errors);
    ck_assert_uint_eq(selected[0], 2);
    ck_assert_uint_eq(selected[2], 4);
    ck_assert_uint_eq(evaluate_filter(bound("a / b > 0"), &eval, chunk, selected, &errors), 1);
    ck_assert_uint_eq(selected[0], 4);
    ck_assert_ptr_nonnull(errors);
    ck_assert_str_eq(errors[2]->sqlstate, "22012");
    ck_assert_ptr_null(errors[4]);
    ck_assert_uint_eq(evaluate_filter(bound("true"), &eval, chunk, selected, &errors), 5);
    ck_assert_uint_eq(evaluate_filter(bound("null::bool"), &eval, chunk, selected, &errors), 0);
    ck_assert_uint_eq(evaluate_filter(bound("1 / 0 = 1"), &eval, chunk, selected, &errors), 0);
    ck_assert_str_eq(errors[4]->message, "division by zero");
    chunk_release(chunk);
}
END_TEST

START_TEST(one_row_is_evaluated_without_a_chunk)
{
    Datum values[3] = {datum_int(6), datum_int(4), datum_text("t")}, result;
    const EvalError *error;
    ck_assert(evaluate_row(bound("a * b"), &eval, types, values, 3, &result, &error));
    ck_assert_int_eq(result.i, 24);
    values[1] = datum_int(0);
    ck_assert(!evaluate_row(bound("a / b"), &eval, types, values, 3, &result, &error));
    ck_assert_str_eq(error->sqlstate, "22012");
}
END_TEST

/* Few and many rows, plain and with nulls, must agree: kernels, subsets and assembled parts against row after row. */
START_TEST(a_chunk_gives_what_its_rows_give_one_by_one)
{
    static const char *const texts[] = {
        "a + b * 2",
        "case when a % 3 = 0 then c when a > b then upper(c) || 'u' else substring(c, 1, 1) end",
        "coalesce(nullif(c, 'c1'), a::text || c, 'n')",
        "a > 10 and (b < 5 or length(c) > 1) and c like '%1%'",
        "case when a > 50 then case when b > 5 then a / (b - 6) else 0 end else b end",
        "greatest(a, b, 5)",
        "a = any(array[b, b + 1, 7])"};
    srand(7);
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        Scalar *scalar = bound(texts[t]);
        Row rows[300];
        for (int i = 0; i < 300; i++) {
            rows[i] = (Row){rand() % 100, rand() % 10, arena_printf(arena, "c%d", rand() % 20)};
            if (rand() % 7 == 0)
                rows[i].a = NONE;
            if (rand() % 7 == 0)
                rows[i].b = NONE;
            if (rand() % 7 == 0)
                rows[i].c = NULL;
        }
        Chunk *chunk = chunk_of(rows, 300);
        Buffer expected = {0};
        for (int i = 0; i < 300; i++) {
            Chunk *one = chunk_of(&rows[i], 1);
            buffer_printf(&expected, "%s%s", i > 0 ? " " : "", values_of(scalar, one));
            chunk_release(one);
        }
        ck_assert_str_eq(values_of(scalar, chunk), buffer_text(&expected));
        buffer_deinit(&expected);
        chunk_release(chunk);
    }
}
END_TEST

Suite *suite_expr_evaluate(void);

Suite *
suite_expr_evaluate(void)
{
    Suite *suite = suite_create("expr/evaluate");
    TCase *tests = tcase_create("evaluate");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, arithmetic_keeps_nulls_and_fails_rows_one_by_one);
    tcase_add_test(tests, an_error_of_an_argument_is_the_error_of_the_call);
    tcase_add_test(tests, and_and_or_drop_errors_that_do_not_decide);
    tcase_add_test(tests, case_and_coalesce_evaluate_what_they_need);
    tcase_add_test(tests, texts_lists_and_patterns_over_rows);
    tcase_add_test(tests, a_constant_is_one_row);
    tcase_add_test(tests, a_filter_selects_true_rows_and_tells_failed_ones);
    tcase_add_test(tests, one_row_is_evaluated_without_a_chunk);
    tcase_add_test(tests, a_chunk_gives_what_its_rows_give_one_by_one);
    suite_add_tcase(suite, tests);
    return suite;
}
