#include <check.h>
#include <stdio.h>

#include "collection/cursor.h"
#include "dataflow/finishing.h"
#include "tests/unit/dataflow/plan_builder.h"

static const SqlType types[3] = {
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_TEXT, .typmod = -1},
    {.id = TYPE_FLOAT8, .typmod = -1},
};

typedef struct Fixture {
    PlanBuilder builder; /* for scalars */
    Spine *rows, *errors;
    IndexSnapshot snapshot;
    PeekPlan plan;
} Fixture;

static uint16_t all_columns[3] = {0, 1, 2}, first_column[1] = {0};

/* An index by the first column; times 1 and on, a row a time. */
static void
fixture_init(Fixture *fixture)
{
    SqlType text = SQL_TYPE(TEXT);
    *fixture = (Fixture){.builder = plan_builder_new(0, true)};
    Layout *layout = layout_new(types, 3, first_column, 1, NULL, 0);
    Layout *error_layout = layout_new(&text, 1, NULL, 0, NULL, 0);
    fixture->rows = spine_new(layout);
    fixture->errors = spine_new(error_layout);
    layout_release(layout);
    layout_release(error_layout);
    fixture->plan = (PeekPlan){
        .types = (SqlType *) types,
        .column_count = 3,
        .key = first_column,
        .key_count = 1,
        .linear = {.project = all_columns, .project_count = 3},
        .result_types = (SqlType *) types,
        .finishing = {.limit = -1, .project = all_columns, .project_count = 3},
    };
}

static void
put(Spine *spine, const SqlType *row_types, uint16_t column_count, const Datum *values, int64_t diff)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, row_types, column_count);
    Timestamp time = spine_upper(spine) < 1 ? 1 : spine_upper(spine);
    chunk_builder_append_datums(&builder, values, time, diff);
    Chunk *chunk = chunk_builder_finish(&builder);
    spine_insert(spine, run_build(spine_layout(spine), &chunk, 1, spine_upper(spine), time + 1));
    chunk_release(chunk);
    chunk_builder_deinit(&builder);
}

static void
put_row(Fixture *fixture, int64_t id, const char *name, double number, int64_t diff)
{
    put(fixture->rows, types, 3, (Datum[]){datum_int(id), datum_text(name), datum_float(number)}, diff);
}

static void
put_error(Fixture *fixture, const char *message, int64_t diff)
{
    EvalError error = {.sqlstate = "22012", .message = message, .hint = "Do not."};
    Datum encoded = datum_bytes(eval_error_encode(&error, fixture->builder.arena));
    SqlType text = SQL_TYPE(TEXT);
    put(fixture->errors, &text, 1, &encoded, diff);
}

/* Every row found as text, in order. */
static char *
peek(Fixture *fixture, Timestamp as_of, size_t budget, bool *exhausted, Error *err)
{
    fixture->snapshot = (IndexSnapshot){
        .rows = spine_snapshot(fixture->rows), .errors = spine_snapshot(fixture->errors), .frontier = as_of + 1};
    ChunkVector result = {0};
    Buffer text = {0};
    bool ok = peek_index(&fixture->plan, &fixture->snapshot, as_of, budget, exhausted, &result, err);
    ck_assert(ok == !error_is_set(err));
    for (size_t i = 0; i < result.count; i++)
        for (uint32_t row = 0; row < result.items[i]->count; row++) {
            const Chunk *chunk = result.items[i];
            for (uint16_t k = 0; k < chunk->column_count; k++) {
                if (chunk->columns[k]->phys == PHYS_BYTES)
                    buffer_append_slice(&text, column_bytes(chunk->columns[k], row));
                else if (chunk->columns[k]->phys == PHYS_F64)
                    buffer_printf(&text, "%g", ((const double *) chunk->columns[k]->values)[row]);
                else
                    buffer_printf(&text, "%lld", (long long) ((const int64_t *) chunk->columns[k]->values)[row]);
                buffer_append_char(&text, ',');
            }
            buffer_printf(&text, "x%lld;", (long long) chunk_diff(chunk, row));
        }
    chunk_vector_release(&result);
    index_snapshot_release(&fixture->snapshot);
    return buffer_take(&text);
}

static void
expect(Fixture *fixture, Timestamp as_of, const char *expected)
{
    bool exhausted;
    Error err = ERROR_INIT;
    char *found = peek(fixture, as_of, 0, &exhausted, &err);
    ck_assert_msg(!error_is_set(&err), "%s", err.message);
    ck_assert_str_eq(found, expected);
    free(found);
}

static void
fixture_deinit(Fixture *fixture)
{
    spine_free(fixture->rows);
    spine_free(fixture->errors);
    dataflow_plan_free(fixture->builder.plan);
}

START_TEST(a_lookup_finds_the_rows_of_its_keys_once)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 1, "one", 1, 1);
    put_row(&fixture, 2, "two", 2, 3);
    put_row(&fixture, 3, "three", 3, 1);
    Datum literals[] = {datum_int(2), datum_int(9), datum_int(2), datum_int(1)};
    fixture.plan.literals = literals;
    fixture.plan.literal_rows = 4;
    SortKey order = {.column = 0};
    fixture.plan.finishing.order = &order;
    fixture.plan.finishing.order_count = 1;
    expect(&fixture, 10, "1,one,1,x1;2,two,2,x3;");
    expect(&fixture, 1, "1,one,1,x1;"); /* as of a time before the second row */
    fixture.plan.literal_rows = 1;
    expect(&fixture, 10, "2,two,2,x3;");
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_scan_maps_filters_sorts_and_cuts)
{
    Fixture fixture;
    fixture_init(&fixture);
    for (int64_t i = 0; i < 10; i++)
        put_row(&fixture, i, i % 2 == 0 ? "even" : "odd", (double) (i % 3), 1);
    PlanBuilder *builder = &fixture.builder;
    Scalar *id = scalar_column(builder->arena, 0, types[0], true);
    fixture.plan.linear.maps = plan_scalars(builder, 1, plan_operator(builder, "*", id, plan_int(builder, 10)));
    fixture.plan.linear.map_count = 1;
    fixture.plan.linear.filters = plan_scalars(builder, 1, plan_operator(builder, ">", id, plan_int(builder, 2)));
    fixture.plan.linear.filter_count = 1;
    fixture.plan.linear.project = (uint16_t[]){3, 1, 2};
    SortKey order[] = {{.column = 2, .descending = true}, {.column = 0, .descending = true}};
    fixture.plan.finishing = (Finishing){
        .order = order, .order_count = 2, .limit = 3, .offset = 1, .project = (uint16_t[]){0, 1}, .project_count = 2};
    expect(&fixture, 100, "50,odd,x1;70,odd,x1;40,even,x1;");
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(limit_and_offset_count_repeats)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 1, "a", 1, 3);
    put_row(&fixture, 2, "b", 2, 3);
    SortKey order = {.column = 0};
    fixture.plan.finishing.order = &order;
    fixture.plan.finishing.order_count = 1;
    fixture.plan.finishing.offset = 2;
    fixture.plan.finishing.limit = 2;
    expect(&fixture, 10, "1,a,1,x1;2,b,2,x1;");
    fixture.plan.finishing.limit = 0;
    expect(&fixture, 10, "");
    fixture.plan.finishing.limit = -1;
    fixture.plan.finishing.offset = 6;
    expect(&fixture, 10, "");
    fixture.plan.finishing.order_count = 0;
    fixture.plan.finishing.offset = 5;
    bool exhausted;
    Error err = ERROR_INIT;
    char *found = peek(&fixture, 10, 0, &exhausted, &err);
    ck_assert_uint_eq(strlen(found), strlen("1,a,1,x1;")); /* one of the six, whichever is last */
    free(found);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(an_error_row_fails_the_peek_until_it_is_retracted)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 1, "a", 1, 1);
    put_error(&fixture, "division by zero", 1);
    bool exhausted;
    Error err = ERROR_INIT;
    free(peek(&fixture, 5, 0, &exhausted, &err));
    ck_assert_str_eq(err.sqlstate, "22012");
    ck_assert_str_eq(err.message, "division by zero");
    ck_assert_str_eq(err.hint, "Do not.");
    error_clear(&err);
    put_error(&fixture, "division by zero", -1);
    expect(&fixture, 5, "1,a,1,x1;");
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(an_expression_that_fails_fails_the_peek)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 0, "a", 1, 1);
    PlanBuilder *builder = &fixture.builder;
    Scalar *id = scalar_column(builder->arena, 0, types[0], true);
    fixture.plan.linear.maps = plan_scalars(builder, 1, plan_operator(builder, "/", plan_int(builder, 1), id));
    fixture.plan.linear.map_count = 1;
    fixture.plan.linear.project = (uint16_t[]){3, 1, 2};
    bool exhausted;
    Error err = ERROR_INIT;
    free(peek(&fixture, 5, 0, &exhausted, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DIVISION_BY_ZERO);
    error_clear(&err);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_peek_with_a_budget_gives_up_when_it_is_spent)
{
    Fixture fixture;
    fixture_init(&fixture);
    for (int64_t i = 0; i < 50; i++)
        put_row(&fixture, i % 2, "a", (double) i, 1);
    bool exhausted;
    Error err = ERROR_INIT;
    char *found = peek(&fixture, 100, 20, &exhausted, &err);
    ck_assert(exhausted);
    ck_assert_str_eq(found, "");
    free(found);
    Datum literal = datum_int(1);
    fixture.plan.literals = &literal;
    fixture.plan.literal_rows = 1;
    free(peek(&fixture, 100, 20, &exhausted, &err));
    ck_assert(exhausted);
    free(peek(&fixture, 100, 25, &exhausted, &err));
    ck_assert(!exhausted);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_negative_count_is_an_error)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 1, "a", 1, -3);
    bool exhausted;
    Error err = ERROR_INIT;
    free(peek(&fixture, 5, 0, &exhausted, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INTERNAL_ERROR);
    ck_assert_str_eq(err.message, "Invalid data in source, saw retractions (3) for row that does not exist");
    error_clear(&err);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_time_that_was_compacted_away_is_refused)
{
    Fixture fixture;
    fixture_init(&fixture);
    put_row(&fixture, 1, "a", 1, 1);
    put_row(&fixture, 2, "b", 1, 1);
    spine_set_since(fixture.rows, 2);
    bool exhausted;
    Error err = ERROR_INIT;
    free(peek(&fixture, 1, 0, &exhausted, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_EXCEPTION);
    error_clear(&err);
    fixture_deinit(&fixture);
}
END_TEST

/* Rows in random order, sorted by (text descending nulls first, float): against a sort by comparing. */
START_TEST(sorting_many_rows_agrees_with_comparing_them)
{
    uint64_t random = 42;
    for (int limit = -1; limit < 2; limit++) {
        ChunkBuilder builder;
        ChunkVector rows = {0}, result = {0};
        chunk_builder_init(&builder, types, 3);
        for (int i = 0; i < 20000; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            char text[12];
            snprintf(text, sizeof text, "%llu", (unsigned long long) (random >> 40) % 500);
            Datum values[] = {datum_int(i), datum_text(text), datum_float((double) (random >> 50))};
            values[1] = random >> 60 == 0 ? DATUM_NULL : values[1];
            chunk_builder_append_datums(&builder, values, 0, 1);
            if (builder.count == 3000)
                vector_push(&rows, chunk_builder_finish(&builder));
        }
        vector_push(&rows, chunk_builder_finish(&builder));
        chunk_builder_deinit(&builder);
        SortKey order[] = {{.column = 1, .descending = true, .nulls_first = true}, {.column = 2}};
        Finishing finishing = {.order = order,
                               .order_count = 2,
                               .limit = limit < 0    ? -1
                                        : limit == 0 ? 900
                                                     : 15000,
                               .project = all_columns,
                               .project_count = 3};
        finishing_apply(&finishing, types, 3, &rows, &result);
        uint64_t count = 0;
        const Chunk *previous = NULL;
        uint32_t previous_row = 0;
        for (size_t i = 0; i < result.count; i++)
            for (uint32_t row = 0; row < result.items[i]->count; row++, count++) {
                const Chunk *chunk = result.items[i];
                if (previous != NULL) {
                    bool null_a = column_is_null(previous->columns[1], previous_row);
                    bool null_b = column_is_null(chunk->columns[1], row);
                    ck_assert(null_a || !null_b);
                    int by_text = null_b || null_a ? null_b - null_a
                                                   : column_compare(types[1], previous->columns[1], previous_row,
                                                                    chunk->columns[1], row);
                    ck_assert_int_ge(by_text, null_a && !null_b ? -1 : 0);
                    if (by_text == 0)
                        ck_assert_int_le(
                            column_compare(types[2], previous->columns[2], previous_row, chunk->columns[2], row), 0);
                }
                previous = chunk;
                previous_row = row;
            }
        ck_assert_uint_eq(count, limit < 0 ? 20000 : limit == 0 ? 900 : 15000);
        chunk_vector_release(&result);
    }
}
END_TEST

Suite *suite_dataflow_peek(void);

Suite *
suite_dataflow_peek(void)
{
    Suite *suite = suite_create("dataflow/peek");
    TCase *tcase = tcase_create("peek");
    tcase_add_test(tcase, a_lookup_finds_the_rows_of_its_keys_once);
    tcase_add_test(tcase, a_scan_maps_filters_sorts_and_cuts);
    tcase_add_test(tcase, limit_and_offset_count_repeats);
    tcase_add_test(tcase, an_error_row_fails_the_peek_until_it_is_retracted);
    tcase_add_test(tcase, an_expression_that_fails_fails_the_peek);
    tcase_add_test(tcase, a_peek_with_a_budget_gives_up_when_it_is_spent);
    tcase_add_test(tcase, a_negative_count_is_an_error);
    tcase_add_test(tcase, a_time_that_was_compacted_away_is_refused);
    tcase_add_test(tcase, sorting_many_rows_agrees_with_comparing_them);
    suite_add_tcase(suite, tcase);
    return suite;
}
