#include <check.h>
#include <stdio.h>

#include "dataflow/group_table.h"

static const SqlType key_types[2] = {{.id = TYPE_INT4, .typmod = -1}, {.id = TYPE_TEXT, .typmod = -1}};

static Chunk *
keys(int first, int count, bool nulls)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, key_types, 2);
    for (int i = first; i < first + count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i / 2);
        chunk_builder_append_datums(&builder,
                                    (Datum[]){nulls && i % 2 == 0 ? DATUM_NULL : datum_int(i), datum_text(text)}, 0, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    return chunk;
}

static void
find(GroupTable *table, int first, int count, bool nulls, uint32_t *entries)
{
    Chunk *chunk = keys(first, count, nulls);
    group_table_find(table, chunk->columns, chunk->count, entries);
    chunk_release(chunk);
}

START_TEST(a_key_keeps_its_entry_through_growth_and_removal_of_others)
{
    enum { COUNT = 20000 };
    static uint32_t first[COUNT], again[COUNT];
    GroupTable table;
    group_table_init(&table, key_types, 2, sizeof(int64_t));
    find(&table, 0, COUNT, false, first);
    for (int i = 0; i < COUNT; i++)
        *(int64_t *) group_state(&table, first[i]) = i;
    for (int i = 0; i < COUNT; i++)
        if (i % 3 != 0)
            group_table_remove(&table, first[i]);
    ck_assert_uint_eq(table.count, (COUNT + 2) / 3);
    find(&table, 0, COUNT, false, again);
    for (int i = 0; i < COUNT; i++) {
        int64_t state = *(int64_t *) group_state(&table, again[i]);
        ck_assert_int_eq(state, i % 3 == 0 ? i : 0); /* the others came anew */
        ck_assert_int_eq(group_table_key(&table, again[i], 0).i, i);
    }
    size_t iterator = 0;
    uint32_t entry;
    int seen = 0;
    while (group_table_next(&table, &iterator, &entry))
        seen++;
    ck_assert_int_eq(seen, COUNT);
    group_table_deinit(&table);
}
END_TEST

START_TEST(nulls_are_one_key_and_differ_from_values)
{
    GroupTable table;
    group_table_init(&table, key_types, 2, 0);
    uint32_t with[4], without[4];
    find(&table, 0, 4, true, with); /* (null, 0) (1, 0) (null, 1) (3, 1) */
    find(&table, 0, 4, false, without);
    ck_assert_uint_eq(with[1], without[1]);
    ck_assert_uint_ne(with[0], without[0]);
    ck_assert_uint_eq(table.count, 6);
    ck_assert(group_table_key(&table, with[0], 0).is_null);
    Column *columns[2];
    group_table_key_columns(&table, with, 4, columns);
    ck_assert(column_is_null(columns[0], 2));
    ck_assert(slice_equal(column_bytes(columns[1], 3), slice_of("1")));
    column_release(columns[0]);
    column_release(columns[1]);
    group_table_deinit(&table);
}
END_TEST

/* Two columns of four bytes are kept in the slots. */
START_TEST(short_keys_are_told_apart_with_and_without_nulls)
{
    enum { COUNT = 9000 };
    const SqlType types[2] = {SQL_TYPE(INT4), SQL_TYPE(INT4)};
    static uint32_t first[COUNT], again[COUNT];
    GroupTable table;
    group_table_init(&table, types, 2, sizeof(int64_t));
    ChunkBuilder builder;
    chunk_builder_init(&builder, types, 2);
    for (int i = 0; i < COUNT; i++) /* (x, y), (y, x), (null, x) for 3,000 values of x */
        chunk_builder_append_datums(&builder,
                                    (Datum[]){i % 3 == 2 ? DATUM_NULL : datum_int(i % 3 == 0 ? i / 3 - 1500 : -1),
                                              datum_int(i % 3 == 0 ? -1 : i / 3 - 1500)},
                                    0, 1);
    Chunk *chunk = chunk_builder_finish(&builder);
    group_table_find(&table, chunk->columns, COUNT, first);
    /* (-1, -1) came twice, all others once. */
    ck_assert_uint_eq(table.count, COUNT - 1);
    group_table_find(&table, chunk->columns, COUNT, again);
    ck_assert_mem_eq(first, again, sizeof first);
    for (int i = 0; i < COUNT; i++) {
        ck_assert(group_table_key(&table, first[i], 0).is_null == (i % 3 == 2));
        ck_assert_int_eq(group_table_key(&table, first[i], 1).i, i % 3 == 0 ? -1 : i / 3 - 1500);
        *(int64_t *) group_state(&table, first[i]) = 7;
    }
    for (int i = 0; i < COUNT; i += 5)
        if (group_table_is_used(&table, first[i]))
            group_table_remove(&table, first[i]);
    group_table_find(&table, chunk->columns, COUNT, again);
    for (int i = 0; i < COUNT; i++)
        if (first[i] != first[1499 * 3 + 1]) /* (-1, -1) is another row's, too */
            ck_assert_int_eq(*(int64_t *) group_state(&table, again[i]), i % 5 == 0 ? 0 : 7);
    ck_assert_uint_eq(table.count, COUNT - 1);
    group_table_deinit(&table);
    chunk_release(chunk);
    chunk_builder_deinit(&builder);
}
END_TEST

START_TEST(values_that_are_equal_in_sql_are_one_group)
{
    SqlType type = SQL_TYPE(FLOAT8);
    ChunkBuilder builder;
    chunk_builder_init(&builder, &type, 1);
    chunk_builder_append_datums(&builder, (Datum[]){datum_float(0.0)}, 0, 1);
    chunk_builder_append_datums(&builder, (Datum[]){datum_float(-0.0)}, 0, 1);
    chunk_builder_append_datums(&builder, (Datum[]){datum_float(1.0)}, 0, 1);
    Chunk *chunk = chunk_builder_finish(&builder);
    GroupTable table;
    group_table_init(&table, &type, 1, 0);
    uint32_t entries[3];
    group_table_find(&table, chunk->columns, 3, entries);
    ck_assert_uint_eq(entries[0], entries[1]);
    ck_assert_uint_ne(entries[0], entries[2]);
    group_table_deinit(&table);
    chunk_release(chunk);
    chunk_builder_deinit(&builder);
}
END_TEST

START_TEST(a_table_without_key_columns_has_one_group)
{
    GroupTable table;
    group_table_init(&table, NULL, 0, 16);
    uint32_t entries[3];
    group_table_find(&table, NULL, 3, entries);
    ck_assert_uint_eq(entries[0], entries[2]);
    ck_assert_uint_eq(table.count, 1);
    group_table_deinit(&table);
}
END_TEST

Suite *suite_dataflow_group_table(void);

Suite *
suite_dataflow_group_table(void)
{
    Suite *suite = suite_create("dataflow/group_table");
    TCase *tcase = tcase_create("group table");
    tcase_add_test(tcase, a_key_keeps_its_entry_through_growth_and_removal_of_others);
    tcase_add_test(tcase, nulls_are_one_key_and_differ_from_values);
    tcase_add_test(tcase, short_keys_are_told_apart_with_and_without_nulls);
    tcase_add_test(tcase, values_that_are_equal_in_sql_are_one_group);
    tcase_add_test(tcase, a_table_without_key_columns_has_one_group);
    suite_add_tcase(suite, tcase);
    return suite;
}
