#include <check.h>
#include <stdlib.h>

#include "expr/aggregate.h"
#include "tests/unit/expr/expression.h"
#include "types/text_format.h"

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

static AggregateCall
call_of(const char *name, SqlType type)
{
    AggregateCall call = {0};
    SqlType arg_types[3];
    Error err = ERROR_INIT;
    int count = type.id == TYPE_UNKNOWN ? 0 : 1;
    ck_assert_msg(aggregate_resolve(NULL, name, &type, count, 0, &call.function, arg_types, &call.result_type, &err),
                  "%s: %s", name, err.message);
    call.arg_type = arg_types[0];
    return call;
}

static Datum
parsed(SqlType type, const char *text)
{
    Datum value = {0};
    Error err = ERROR_INIT;
    if (text == NULL)
        return DATUM_NULL;
    ck_assert_msg(datum_parse(type, slice_of(text), NULL, arena, &value, &err), "%s: %s", text, err.message);
    return value;
}

static const char *
shown(const AggregateCall *call, const void *state)
{
    Datum value;
    EvalError error;
    Buffer out = {0};
    if (!aggregate_result(call, state, arena, &value, &error))
        return arena_printf(arena, "ERROR %s %s", error.sqlstate, error.message);
    if (value.is_null)
        return "null";
    datum_print(call->result_type, value, NULL, &out);
    return buffer_to_arena(&out, arena);
}

/* The aggregate over texts separated by blanks; "-" is null. */
static const char *
aggregated(const char *name, SqlType type, const char *values)
{
    AggregateCall call = call_of(name, type);
    void *state = memory_calloc(1, aggregate_state_size(&call) + 1);
    char *copy = arena_strdup(arena, values), *rest = copy;
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        aggregate_accumulate(&call, state, parsed(type, strcmp(word, "-") == 0 ? NULL : word), 1);
    const char *text = shown(&call, state);
    aggregate_state_free(&call, state);
    free(state);
    return text;
}

START_TEST(sums_and_averages_have_postgresqls_types_and_digits)
{
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(INT4), "1 2 - 3"), "6");
    ck_assert_int_eq(call_of("sum", SQL_TYPE(INT4)).result_type.id, TYPE_INT8);
    ck_assert_int_eq(call_of("sum", SQL_TYPE(INT8)).result_type.id, TYPE_NUMERIC);
    ck_assert_int_eq(call_of("sum", SQL_TYPE(FLOAT4)).result_type.id, TYPE_FLOAT4);
    ck_assert_int_eq(call_of("avg", SQL_TYPE(INT2)).result_type.id, TYPE_NUMERIC);
    ck_assert_int_eq(call_of("max", SQL_TYPE(VARCHAR)).result_type.id, TYPE_TEXT);
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(INT8), "9223372036854775807 9223372036854775807"),
                     "18446744073709551614");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "1.5 2.25 3"), "6.75");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "1.0 1.000"), "2.000");
    ck_assert_str_eq(aggregated("avg", SQL_TYPE(NUMERIC), "1.5 2.25 3"), "2.2500000000000000");
    ck_assert_str_eq(aggregated("avg", SQL_TYPE(INT4), "1 2 4"), "2.3333333333333333");
    ck_assert_str_eq(aggregated("avg", SQL_TYPE(INT8), "100000000000 1"), "50000000000.50000000");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "NaN 1"), "NaN");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "Infinity 1"), "Infinity");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "Infinity -Infinity"), "NaN");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(NUMERIC), "1e60 1e-30 -1e60"), "0.000000000000000000000000000001");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(FLOAT8), "0.5 0.25"), "0.75");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(FLOAT8), "1e300 1 -1e300"), "1");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(FLOAT8), "1e308 1e308"), "ERROR 22003 value out of range: overflow");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(FLOAT8), "Infinity 1"), "Infinity");
    ck_assert_str_eq(aggregated("avg", SQL_TYPE(FLOAT4), "1 2"), "1.5");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(INTERVAL), "P1DT2H P1M"), "1 mon 1 day 02:00:00");
    ck_assert_str_eq(aggregated("avg", SQL_TYPE(INTERVAL), "PT1H PT3H"), "02:00:00");
    ck_assert_str_eq(aggregated("sum", SQL_TYPE(INT4), "-"), "null");
    ck_assert_str_eq(aggregated("count", SQL_TYPE(INT4), "1 - 2"), "2");
    ck_assert_str_eq(aggregated("count", SQL_TYPE(INT4), "-"), "0");
}
END_TEST

START_TEST(boolean_bit_and_spread_aggregates)
{
    ck_assert_str_eq(aggregated("bool_and", SQL_TYPE(BOOL), "t f -"), "f");
    ck_assert_str_eq(aggregated("every", SQL_TYPE(BOOL), "t t"), "t");
    ck_assert_str_eq(aggregated("bool_or", SQL_TYPE(BOOL), "f f"), "f");
    ck_assert_str_eq(aggregated("bool_or", SQL_TYPE(BOOL), "-"), "null");
    ck_assert_str_eq(aggregated("bit_and", SQL_TYPE(INT4), "7 5"), "5");
    ck_assert_str_eq(aggregated("bit_or", SQL_TYPE(INT4), "1 6"), "7");
    ck_assert_str_eq(aggregated("bit_or", SQL_TYPE(INT4), "-1 6"), "-1");
    ck_assert_str_eq(aggregated("bit_xor", SQL_TYPE(INT8), "1 3"), "2");
    ck_assert_str_eq(aggregated("stddev", SQL_TYPE(INT4), "1 2 3 4"), "1.2909944487358056");
    ck_assert_str_eq(aggregated("stddev_pop", SQL_TYPE(INT4), "1 2 3 4"), "1.1180339887498948");
    ck_assert_str_eq(aggregated("variance", SQL_TYPE(INT4), "1 2 3 4"), "1.6666666666666667");
    ck_assert_str_eq(aggregated("var_pop", SQL_TYPE(NUMERIC), "1.5 2.5"), "0.25000000000000000000");
    ck_assert_str_eq(aggregated("variance", SQL_TYPE(INT4), "1"), "null");
    ck_assert_str_eq(aggregated("var_pop", SQL_TYPE(INT4), "1"), "0");
    ck_assert_str_eq(aggregated("stddev", SQL_TYPE(FLOAT8), "1 2 3 4"), "1.2909944487358056");
    ck_assert_str_eq(aggregated("var_samp", SQL_TYPE(FLOAT8), "1e8 1e8 1e8"), "0");
    ck_assert_str_eq(aggregated("var_samp", SQL_TYPE(FLOAT8), "NaN 1"), "NaN");
}
END_TEST

/* Values that stress the sums: many scales, many sizes, specials. */
static const char *const numerics[] = {
    "1",      "0.5",   "-2.25",    "1e40",  "1e-40",  "12345678901234567890.123456789",
    "-0.001", "99.99", "NaN",      "1e100", "-1e100", "Infinity",
    "0",      "0.000", "-7.12345", "3.1",   "3.10",   "3.100"};
static const char *const floats[] = {"1",       "0.1",   "-0.3", "1e300",     "-1e300",   "1e-300",
                                     "5e-324",  "NaN",   "0.7",  "1e17",      "Infinity", "-Infinity",
                                     "3.14159", "-1e17", "0",    "123456.789"};
static const char *const integers[] = {"1", "-5", "2147483647", "-2147483648", "0", "77", "1000000"};

static void
retract_in_another_order(const char *name, SqlType type, const char *const *texts, int count)
{
    AggregateCall call = call_of(name, type);
    size_t size = aggregate_state_size(&call);
    void *state = memory_calloc(1, size + 1);
    int64_t have[32] = {0};
    Datum values[32];
    for (int i = 0; i < count; i++)
        values[i] = parsed(type, texts[i]);
    srand(11);
    for (int step = 0; step < 400; step++) {
        int i = rand() % count;
        int64_t diff = have[i] > 0 && rand() % 2 ? -have[i] : 1 + rand() % 3;
        have[i] += diff;
        aggregate_accumulate(&call, state, values[i], diff);
        /* From scratch, in order. */
        void *fresh = memory_calloc(1, size + 1);
        for (int k = 0; k < count; k++) {
            if (have[k] != 0)
                aggregate_accumulate(&call, fresh, values[k], have[k]);
        }
        const char *expected = shown(&call, fresh), *actual = shown(&call, state);
        ck_assert_msg(strcmp(expected, actual) == 0, "%s after %d steps: %s, from scratch %s", name, step, actual,
                      expected);
        ck_assert(aggregate_state_is_zero(&call, fresh) == aggregate_state_is_zero(&call, state));
        aggregate_state_free(&call, fresh);
        free(fresh);
    }
    for (int i = 0; i < count; i++)
        aggregate_accumulate(&call, state, values[i], -have[i]);
    ck_assert_msg(aggregate_state_is_zero(&call, state), "%s is not zero after all was retracted", name);
    ck_assert_str_eq(shown(&call, state), "null");
    aggregate_state_free(&call, state);
    free(state);
}

START_TEST(retractions_cancel_exactly)
{
    static const char *const accumulated[] = {"sum", "avg", "stddev", "var_pop"};
    for (size_t i = 0; i < sizeof accumulated / sizeof *accumulated; i++) {
        retract_in_another_order(accumulated[i], SQL_TYPE(NUMERIC), numerics, sizeof numerics / sizeof *numerics);
        retract_in_another_order(accumulated[i], SQL_TYPE(FLOAT8), floats, sizeof floats / sizeof *floats);
        retract_in_another_order(accumulated[i], SQL_TYPE(INT4), integers, sizeof integers / sizeof *integers);
    }
    retract_in_another_order("bit_and", SQL_TYPE(INT4), integers, sizeof integers / sizeof *integers);
    retract_in_another_order("bit_or", SQL_TYPE(INT4), integers, sizeof integers / sizeof *integers);
}
END_TEST

START_TEST(a_sum_shows_the_scale_of_what_is_left)
{
    AggregateCall call = call_of("sum", SQL_TYPE(NUMERIC));
    void *state = memory_calloc(1, aggregate_state_size(&call));
    aggregate_accumulate(&call, state, parsed(SQL_TYPE(NUMERIC), "1.5"), 1);
    aggregate_accumulate(&call, state, parsed(SQL_TYPE(NUMERIC), "2.12345"), 1);
    ck_assert_str_eq(shown(&call, state), "3.62345");
    aggregate_accumulate(&call, state, parsed(SQL_TYPE(NUMERIC), "2.12345"), -1);
    ck_assert_str_eq(shown(&call, state), "1.5");
    aggregate_accumulate(&call, state, parsed(SQL_TYPE(NUMERIC), "1.5"), -1);
    ck_assert(aggregate_state_is_zero(&call, state));
    aggregate_state_free(&call, state);
    free(state);
}
END_TEST

START_TEST(rows_of_a_column_are_added_as_one_by_one)
{
    static const SqlType column_types[] = {{.id = TYPE_INT2, .typmod = -1},   {.id = TYPE_INT4, .typmod = -1},
                                           {.id = TYPE_INT8, .typmod = -1},   {.id = TYPE_UINT4, .typmod = -1},
                                           {.id = TYPE_FLOAT8, .typmod = -1}, {.id = TYPE_NUMERIC, .typmod = -1}};
    static const char *const values[] = {"1", "2", NULL, "100", "7"};
    uint32_t rows[] = {0, 2, 3, 4};
    int64_t diffs[] = {1, 5, 2, -3, 1};
    for (size_t t = 0; t < sizeof column_types / sizeof *column_types; t++) {
        ColumnBuilder builder;
        column_builder_init(&builder, type_phys(column_types[t]));
        for (int i = 0; i < 5; i++)
            column_builder_append(&builder, parsed(column_types[t], values[i]));
        Column *column = column_builder_finish(&builder);
        column_builder_deinit(&builder);
        AggregateCall call = call_of("sum", column_types[t]);
        for (int with_diffs = 0; with_diffs < 2; with_diffs++) {
            void *state = memory_calloc(1, aggregate_state_size(&call));
            aggregate_accumulate_rows(&call, state, column, rows, 4, with_diffs ? diffs : NULL);
            bool negative_unsigned = with_diffs && column_types[t].id == TYPE_UINT4;
            const char *retracted = negative_unsigned ? "ERROR 22003 uint8 out of range" : "-292";
            ck_assert_str_eq(shown(&call, state), with_diffs ? retracted : "108");
            aggregate_state_free(&call, state);
            free(state);
        }
        column_release(column);
    }
    AggregateCall count = call_of("count", SQL_TYPE(UNKNOWN));
    int64_t state = 0;
    aggregate_accumulate_rows(&count, &state, NULL, rows, 4, diffs);
    ck_assert_int_eq(state, 1 + 2 - 3 + 1);
}
END_TEST

static const char *
collected(const char *name, const SqlType *types, int arg_count, const char *const (*rows)[2], int count)
{
    AggregateCall call = {0};
    SqlType arg_types[3];
    Error err = ERROR_INIT;
    ck_assert_msg(
        aggregate_resolve(NULL, name, types, arg_count, 0, &call.function, arg_types, &call.result_type, &err),
        "%s: %s", name, err.message);
    call.arg_type = arg_types[0];
    call.second_type = arg_count > 1 ? arg_types[1] : SQL_TYPE(UNKNOWN);
    const Datum **args = arena_new_array(arena, const Datum *, count);
    int64_t *diffs = arena_new_array(arena, int64_t, count);
    for (int i = 0; i < count; i++) {
        Datum *values = arena_new_array(arena, Datum, 2);
        for (int k = 0; k < arg_count; k++)
            values[k] = parsed(arg_types[k], rows[i][k]);
        args[i] = values;
        diffs[i] = i == 0 ? 2 : 1;
    }
    Datum result;
    EvalError error;
    Buffer out = {0};
    if (!aggregate_collect(&call, args, diffs, (size_t) count, arena, &result, &error))
        return arena_printf(arena, "ERROR %s %s", error.sqlstate, error.message);
    if (result.is_null)
        return "null";
    datum_print(call.result_type, result, NULL, &out);
    return buffer_to_arena(&out, arena);
}

START_TEST(collecting_aggregates_take_rows_in_order)
{
    static const char *const rows[][2] = {{"a", ","}, {NULL, ","}, {"b", ";"}};
    static const char *const numbers[][2] = {{"1", "x"}, {NULL, "y"}, {"3", NULL}};
    static const char *const pairs[][2] = {{"k", "1"}, {"l", NULL}, {"k", "3"}};
    static const char *const arrays[][2] = {{"{1,2}", NULL}, {"{3,4}", NULL}};
    static const char *const ragged[][2] = {{"{1,2}", NULL}, {"{3}", NULL}};
    SqlType texts[] = {SQL_TYPE(TEXT), SQL_TYPE(TEXT)};
    SqlType number[] = {SQL_TYPE(INT4)};
    SqlType pair[] = {SQL_TYPE(TEXT), SQL_TYPE(INT4)};
    SqlType array[] = {SQL_ARRAY(INT4)};
    ck_assert_str_eq(collected("string_agg", texts, 2, rows, 3), "a,a;b");
    ck_assert_str_eq(collected("string_agg", texts, 2, &rows[1], 1), "null");
    ck_assert_str_eq(collected("array_agg", number, 1, numbers, 3), "{1,1,NULL,3}");
    ck_assert_str_eq(collected("array_agg", array, 1, arrays, 2), "{{1,2},{1,2},{3,4}}");
    ck_assert_str_eq(collected("array_agg", array, 1, ragged, 2),
                     "ERROR 2202E cannot accumulate arrays of different dimensionality");
    ck_assert_str_eq(collected("jsonb_agg", number, 1, numbers, 3), "[1, 1, null, 3]");
    ck_assert_str_eq(collected("jsonb_object_agg", pair, 2, pairs, 3), "{\"k\": 3, \"l\": null}");
    ck_assert_str_eq(collected("jsonb_agg", number, 1, numbers, 0), "null");
}
END_TEST

START_TEST(an_unknown_aggregate_call_is_refused)
{
    const AggregateFunction *function;
    SqlType arg_types[3], result, text = SQL_TYPE(TEXT);
    Error err = ERROR_INIT;
    ck_assert(!aggregate_resolve(NULL, "sum", &text, 1, 4, &function, arg_types, &result, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_UNDEFINED_FUNCTION);
    ck_assert_str_eq(err.message, "function sum(text) does not exist");
    error_clear(&err);
    ck_assert(aggregate_exists(NULL, "count"));
    ck_assert(!aggregate_exists("mz_catalog", "count"));
    ck_assert(!aggregate_exists(NULL, "lower"));
}
END_TEST

Suite *suite_expr_aggregate(void);

Suite *
suite_expr_aggregate(void)
{
    Suite *suite = suite_create("expr/aggregate");
    TCase *tests = tcase_create("aggregate");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, sums_and_averages_have_postgresqls_types_and_digits);
    tcase_add_test(tests, boolean_bit_and_spread_aggregates);
    tcase_add_test(tests, retractions_cancel_exactly);
    tcase_add_test(tests, a_sum_shows_the_scale_of_what_is_left);
    tcase_add_test(tests, rows_of_a_column_are_added_as_one_by_one);
    tcase_add_test(tests, collecting_aggregates_take_rows_in_order);
    tcase_add_test(tests, an_unknown_aggregate_call_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
