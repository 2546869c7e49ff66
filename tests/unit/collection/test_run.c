#include <check.h>
#include <math.h>

#include "base/hash.h"
#include "collection/cursor.h"
#include "collection/run_internal.h"
#include "tests/unit/collection/model.h"

static int
row_order(const Layout *layout, const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b)
{
    if (a->hashes[row_a] != b->hashes[row_b])
        return a->hashes[row_a] < b->hashes[row_b] ? -1 : 1;
    for (uint16_t i = 0; i < layout->key_count; i++) {
        uint16_t at = layout->key[i];
        int order = column_compare(layout->types[at], a->columns[at], row_a, b->columns[at], row_b);
        if (order != 0)
            return order < 0 ? -1 : 1;
    }
    for (uint16_t i = 0; i < layout->order_count; i++) {
        SortKey key = layout->order[i];
        bool null_a = column_is_null(a->columns[key.column], row_a);
        bool null_b = column_is_null(b->columns[key.column], row_b);
        if (null_a != null_b)
            return null_a == key.nulls_first ? -1 : 1;
        int order =
            column_compare(layout->types[key.column], a->columns[key.column], row_a, b->columns[key.column], row_b);
        if (order != 0)
            return (order < 0) != key.descending ? -1 : 1;
    }
    for (uint16_t i = 0; i < layout->column_count; i++) {
        int order = column_compare_identity(a->columns[i], row_a, b->columns[i], row_b);
        if (order != 0)
            return order > 0 ? 2 : -2; /* any total order will do */
    }
    Timestamp time_a = chunk_time(a, row_a), time_b = chunk_time(b, row_b);
    return (time_a > time_b) - (time_a < time_b);
}

/* The invariants of run.h, asked of every row. */
static void
run_expect_in_order(Run *run)
{
    const Chunk *last = NULL;
    uint32_t last_row = 0;
    uint64_t rows = 0;
    Error err = ERROR_INIT;
    for (uint32_t i = 0; i < run->chunk_count; i++) {
        Chunk *chunk;
        ck_assert(run_chunk(run, i, &chunk, &err));
        uint64_t *hashes = memory_alloc(chunk->count * sizeof *hashes);
        layout_hash(run->layout, chunk, hashes);
        for (uint32_t row = 0; row < chunk->count; row++, rows++) {
            ck_assert_uint_eq(hashes[row], chunk->hashes[row]);
            ck_assert_int_ne(chunk_diff(chunk, row), 0);
            if (last != NULL) {
                int order = row_order(run->layout, last, last_row, chunk, row);
                ck_assert_msg(order == -1 || order == -2 || order == 2, "rows %u and %u are out of order",
                              (unsigned) rows - 1, (unsigned) rows);
            }
            last = chunk;
            last_row = row;
            uint64_t bucket = run->directory_bits == 0 ? 0 : hashes[row] >> (64 - run->directory_bits);
            ck_assert_uint_le(run->directory[bucket], rows);
            ck_assert_uint_gt(run->directory[bucket + 1], rows);
        }
        free(hashes);
    }
    ck_assert_uint_eq(rows, run->row_count);
}

static void
build_and_expect(Layout *layout, uint32_t rows, int ids, uint64_t seed)
{
    Model model;
    model_init(&model, seed);
    ChunkVector chunks = {0};
    int64_t total = 0;
    for (uint32_t at = 0; at < rows;) {
        ModelUpdate updates[500];
        uint32_t count = 1 + (uint32_t) model_random(&model, 500);
        for (uint32_t i = 0; i < count; i++) {
            updates[i] = (ModelUpdate){.id = (int64_t) model_random(&model, (uint64_t) ids) - ids / 2,
                                       .name = (int32_t) model_random(&model, 12),
                                       .number = (int32_t) model_random(&model, 5),
                                       .time = model_random(&model, 3),
                                       .diff = 1 + (int64_t) model_random(&model, 2)};
            if (updates[i].id == 0)
                updates[i].id = MODEL_NULL;
            if (updates[i].name == 0)
                updates[i].name = MODEL_NULL_NAME;
            total += updates[i].diff;
        }
        vector_push(&chunks, model_chunk_of(updates, count));
        at += count;
    }
    Run *run = run_build(layout, chunks.items, chunks.count, 0, 3);
    run_expect_in_order(run);
    int64_t sum = 0;
    for (uint32_t i = 0; i < run->chunk_count; i++)
        for (uint32_t row = 0; row < run->chunks[i]->count; row++)
            sum += chunk_diff(run->chunks[i], row);
    ck_assert_int_eq(sum, total);
    run_release(run);
    chunk_vector_release(&chunks);
    model_deinit(&model);
}

START_TEST(a_run_is_in_order_and_consolidated_whatever_its_layout)
{
    SortKey by_name[] = {{.column = 1, .descending = true}, {.column = 2, .nulls_first = true}};
    SortKey by_name_nulls_first[] = {{.column = 1, .nulls_first = true}};
    Layout *layouts[] = {
        layout_new(model_types, 3, (uint16_t[]){0}, 1, NULL, 0),
        layout_new(model_types, 3, (uint16_t[]){0}, 1, by_name, 2),
        layout_new(model_types, 3, (uint16_t[]){1}, 1, NULL, 0),
        layout_new(model_types, 3, (uint16_t[]){0, 1, 2}, 3, NULL, 0),
        layout_new(model_types, 3, (uint16_t[]){2, 1}, 2, by_name_nulls_first, 1),
        layout_new(model_types, 3, NULL, 0, by_name, 2),
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        build_and_expect(layouts[i], 1, 10, 1);
        build_and_expect(layouts[i], 100, 20, 2);
        build_and_expect(layouts[i], 30000, 10, 3);
        build_and_expect(layouts[i], 30000, 1000000000, 4);
        layout_release(layouts[i]);
    }
}
END_TEST

START_TEST(an_empty_run_is_allowed)
{
    Layout *layout = layout_new(model_types, 3, (uint16_t[]){0}, 1, NULL, 0);
    Run *run = run_build(layout, NULL, 0, 3, 9);
    ck_assert_uint_eq(run->row_count, 0);
    ck_assert_uint_eq(run->upper, 9);
    SpineSnapshot *snapshot = spine_snapshot_new(layout, &run, 1, 0, 9);
    Cursor *cursor = cursor_new(snapshot, 8);
    ck_assert(!cursor_next_key(cursor));
    cursor_free(cursor);
    spine_snapshot_release(snapshot);
    run_release(run);
    layout_release(layout);
}
END_TEST

START_TEST(rows_of_no_columns_are_counted)
{
    Layout *layout = layout_new(NULL, 0, NULL, 0, NULL, 0);
    ChunkBuilder builder;
    chunk_builder_init(&builder, NULL, 0);
    for (int i = 0; i < 100; i++)
        chunk_builder_end_row(&builder, (Timestamp) (i % 2), 1);
    Chunk *chunk = chunk_builder_finish(&builder);
    Run *run = run_build(layout, &chunk, 1, 0, 2);
    ck_assert_uint_eq(run->row_count, 2);
    ck_assert_int_eq(chunk_diff(run->chunks[0], 0), 50);
    Chunk *all = chunks_consolidate(&chunk, 1, NULL, 0);
    ck_assert_uint_eq(all->count, 2);
    chunk_release(all);
    run_release(run);
    chunk_release(chunk);
    chunk_builder_deinit(&builder);
    layout_release(layout);
}
END_TEST

/* The key of a float column: -0 and 0 are one key but two rows. */
START_TEST(keys_equal_in_sql_are_one_key_and_their_stored_forms_are_rows)
{
    SqlType types[1] = {SQL_TYPE(FLOAT8)};
    Layout *layout = layout_new(types, 1, (uint16_t[]){0}, 1, NULL, 0);
    double *values = memory_alloc(5 * sizeof *values);
    memcpy(values, (double[]){0.0, -0.0, 1.5, NAN, -0.0}, 5 * sizeof *values);
    Column *column = column_from_buffers(PHYS_F64, 5, NULL, values, NULL);
    Chunk *chunk = chunk_new(5, &column, 1, 1, NULL, NULL);
    Run *run = run_build(layout, &chunk, 1, 0, 2);
    ck_assert_uint_eq(run->row_count, 4);
    SpineSnapshot *snapshot = spine_snapshot_new(layout, &run, 1, 0, 2);
    Cursor *cursor = cursor_new(snapshot, 1);
    uint64_t hash;
    layout_hash_key(layout, &column, 1, &hash);
    ck_assert(cursor_seek(cursor, hash, &column, 0));
    int64_t diffs = 0;
    int rows = 0;
    for (CursorRow row; cursor_row(cursor, &row); rows++)
        diffs += row.diff;
    ck_assert_int_eq(rows, 2);
    ck_assert_int_eq(diffs, 3);
    cursor_free(cursor);
    spine_snapshot_release(snapshot);
    run_release(run);
    chunk_release(chunk);
    layout_release(layout);
}
END_TEST

START_TEST(every_key_that_is_there_is_found_and_no_other)
{
    Layout *layout = layout_new(model_types, 3, (uint16_t[]){0}, 1, NULL, 0);
    Run *runs[3];
    for (int i = 0; i < 3; i++) {
        ChunkVector chunks = {0};
        for (int64_t at = 0; at < 20000;) {
            ModelUpdate updates[1000];
            for (int j = 0; j < 1000; j++, at++)
                updates[j] = (ModelUpdate){.id = at * 3 + i, .number = (int32_t) at, .time = (Timestamp) i, .diff = 1};
            vector_push(&chunks, model_chunk_of(updates, 1000));
        }
        runs[i] = run_build(layout, chunks.items, chunks.count, (Timestamp) i, (Timestamp) i + 1);
        chunk_vector_release(&chunks);
    }
    SpineSnapshot *snapshot = spine_snapshot_new(layout, runs, 3, 0, 3);
    Cursor *cursor = cursor_new(snapshot, 1); /* the third run is later */
    int64_t *ids = memory_alloc(70000 * sizeof *ids);
    for (int64_t i = 0; i < 70000; i++)
        ids[i] = i - 5000;
    Column *key = column_from_buffers(PHYS_I64, 70000, NULL, ids, NULL);
    uint64_t *hashes = memory_alloc(70000 * sizeof *hashes);
    layout_hash_key(layout, &key, 70000, hashes);
    for (uint32_t i = 0; i < 70000; i++) {
        int64_t id = (int64_t) i - 5000;
        bool there = id >= 0 && id < 60000 && id % 3 < 2;
        cursor_prefetch(cursor, hashes, 70000, i);
        ck_assert_int_eq(cursor_seek(cursor, hashes[i], &key, i), there);
        CursorRow row;
        ck_assert_int_eq(cursor_row(cursor, &row), there);
        if (there) {
            ck_assert_int_eq(((const int64_t *) row.chunk->columns[0]->values)[row.row], id);
            ck_assert_int_eq(row.diff, 1);
            ck_assert(!cursor_row(cursor, &row));
        }
    }
    /* And in order of hash, from a hash on. */
    uint64_t middle = UINT64_C(1) << 63, keys = 0;
    for (bool more = cursor_seek_hash(cursor, middle); more; more = cursor_next_key(cursor)) {
        ck_assert_uint_ge(cursor_key_hash(cursor), middle);
        keys++;
    }
    uint64_t expected = 0;
    for (uint32_t i = 0; i < 70000; i++)
        expected += i >= 5000 && i < 65000 && (i - 5000) % 3 < 2 && hashes[i] >= middle;
    ck_assert_uint_eq(keys, expected);
    free(hashes);
    column_release(key);
    cursor_free(cursor);
    spine_snapshot_release(snapshot);
    for (int i = 0; i < 3; i++)
        run_release(runs[i]);
    layout_release(layout);
}
END_TEST

START_TEST(the_hash_of_a_column_is_the_hash_of_its_datums)
{
    SqlType types[] = {SQL_TYPE(BOOL),   SQL_TYPE(INT2),   SQL_TYPE(INT4),  SQL_TYPE(INT8),
                       SQL_TYPE(OID),    SQL_TYPE(DATE),   SQL_TYPE(UINT4), SQL_TYPE(TEXT),
                       SQL_TYPE(FLOAT4), SQL_TYPE(FLOAT8), SQL_TYPE(UUID),  SQL_TYPE(INTERVAL)};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        ColumnBuilder builder;
        column_builder_init(&builder, type_phys(types[i]));
        for (int value = -3; value < 4; value++) {
            Datum datum = datum_int(value);
            if (types[i].id == TYPE_FLOAT4 || types[i].id == TYPE_FLOAT8)
                datum = datum_float(value * 0.5);
            else if (types[i].id == TYPE_TEXT)
                datum = datum_text(value < 0 ? "" : "some text that is longer");
            else if (type_phys(types[i]) == PHYS_B16)
                memset(datum.b16, value, 16);
            column_builder_append(&builder, datum);
        }
        Column *plain = column_builder_finish(&builder);
        column_builder_append_range(&builder, plain, 0, plain->count);
        column_builder_append_null(&builder);
        Column *nullable = column_builder_finish(&builder);
        Column *columns[] = {plain, nullable};
        for (int j = 0; j < 2; j++) {
            uint64_t hashes[8] = {5, 5, 5, 5, 5, 5, 5, 5};
            column_hash(types[i], columns[j], hashes);
            for (uint32_t row = 0; row < columns[j]->count; row++)
                ck_assert_uint_eq(hashes[row],
                                  hash_combine(5, datum_hash(types[i], column_datum(columns[j], types[i], row))));
        }
        column_release(plain);
        column_release(nullable);
    }
}
END_TEST

START_TEST(consolidating_without_a_key_sums_equal_rows_of_one_time)
{
    ModelUpdate updates[] = {
        {.id = 1, .name = 1, .time = 5, .diff = 1},          {.id = 1, .name = 1, .time = 5, .diff = -1},
        {.id = 2, .name = 1, .time = 5, .diff = 1},          {.id = 2, .name = 1, .time = 6, .diff = -1},
        {.id = 2, .name = 1, .time = 5, .diff = 3},          {.id = MODEL_NULL, .name = 2, .time = 5, .diff = 1},
        {.id = MODEL_NULL, .name = 2, .time = 5, .diff = 1},
    };
    Chunk *chunk = model_chunk_of(updates, 7);
    Chunk *all = chunks_consolidate(&chunk, 1, model_types, 3);
    ck_assert_uint_eq(all->count, 3);
    ck_assert_ptr_null(all->hashes);
    chunk_release(all);
    Chunk *first_two = chunk_gather(chunk, (uint32_t[]){0, 1}, 2);
    ck_assert_ptr_null(chunks_consolidate(&first_two, 1, model_types, 3));
    ck_assert_ptr_null(chunks_consolidate(NULL, 0, model_types, 3));
    chunk_release(first_two);
    chunk_release(chunk);
}
END_TEST

START_TEST(a_run_made_of_chunks_already_sorted_is_the_same_run)
{
    Layout *layout = layout_new(model_types, 3, (uint16_t[]){0}, 1, NULL, 0);
    Model model;
    model_init(&model, 11);
    Chunk *chunk = model_chunk(&model, 200, 0, 1);
    Run *run = run_build(layout, &chunk, 1, 0, 1);
    ChunkVector sorted = {0};
    for (uint32_t i = 0; i < run->chunk_count; i++) {
        Chunk *later = chunk_with_time(run->chunks[i], 3);
        vector_push(&sorted, chunk_negate(later));
        chunk_release(later);
    }
    Run *negated = run_from_sorted(layout, &sorted, 1, 4, 0);
    run_expect_in_order(negated);
    Run *both[2] = {run, negated};
    SpineSnapshot *snapshot = spine_snapshot_new(layout, both, 2, 0, 4);
    contents_expect_equal(contents_of_model(&model, 2), contents_of_scan(snapshot, 2));
    contents_expect_equal((Contents){map_new()}, contents_of_scan(snapshot, 3));
    contents_expect_equal((Contents){map_new()}, contents_of_cursor(snapshot, 3));
    spine_snapshot_release(snapshot);
    run_release(run);
    run_release(negated);
    chunk_release(chunk);
    layout_release(layout);
    model_deinit(&model);
}
END_TEST

Suite *suite_collection_run(void);

Suite *
suite_collection_run(void)
{
    Suite *suite = suite_create("collection/run");
    TCase *cases = tcase_create("run");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_run_is_in_order_and_consolidated_whatever_its_layout);
    tcase_add_test(cases, an_empty_run_is_allowed);
    tcase_add_test(cases, rows_of_no_columns_are_counted);
    tcase_add_test(cases, keys_equal_in_sql_are_one_key_and_their_stored_forms_are_rows);
    tcase_add_test(cases, every_key_that_is_there_is_found_and_no_other);
    tcase_add_test(cases, the_hash_of_a_column_is_the_hash_of_its_datums);
    tcase_add_test(cases, consolidating_without_a_key_sums_equal_rows_of_one_time);
    tcase_add_test(cases, a_run_made_of_chunks_already_sorted_is_the_same_run);
    suite_add_tcase(suite, cases);
    return suite;
}
