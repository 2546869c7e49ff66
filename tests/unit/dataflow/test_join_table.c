#include <check.h>
#include <stdio.h>

#include "dataflow/join_table.h"
#include "types/text_format.h"

static const SqlType types[2] = {{.id = TYPE_INT4, .typmod = -1}, {.id = TYPE_NUMERIC, .typmod = -1}};
static const uint16_t first_column[1] = {0}, both_columns[2] = {0, 1};

/* Rows first, first + 1, ...; every seventh has a null key. The second column is the number modulo 10. */
static Chunk *
numbers(int first, int count)
{
    ChunkBuilder builder;
    Arena *arena = arena_new();
    chunk_builder_init(&builder, types, 2);
    for (int i = first; i < first + count; i++) {
        Datum value;
        Error err = ERROR_INIT;
        char text[16];
        snprintf(text, sizeof text, i % 2 == 0 ? "%d" : "%d.0", i % 10);
        ck_assert(datum_parse(types[1], slice_of(text), NULL, arena, &value, &err));
        chunk_builder_append_datums(&builder, (Datum[]){i % 7 == 0 ? DATUM_NULL : datum_int(i), value}, 0, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    arena_free(arena);
    return chunk;
}

static void
build(JoinTable *table, const JoinKey *key, uint32_t parts)
{
    Circuit *circuit = circuit_new(NULL, true);
    join_table_init(table, key);
    for (int i = 0; i < 20; i++) {
        Chunk *chunk = numbers(i / 2 * 1000 - 3000, 1000); /* each number twice */
        join_table_add(table, chunk);
        chunk_release(chunk);
    }
    join_table_prepare(table, parts);
    for (uint32_t i = 0; i < table->part_count; i++)
        join_table_build(table, i, circuit);
    circuit_free(circuit);
}

static void
check_found(const JoinTable *table, const JoinKey *key, bool cross)
{
    enum { FIRST = -4000, COUNT = 12000 };
    static uint64_t keys[COUNT];
    static uint32_t rows[COUNT];
    static JoinRow found[COUNT];
    Chunk *probe = numbers(FIRST, COUNT);
    uint32_t count = join_key_read(key, probe, keys, rows), partners = 0;
    join_table_find(table, key, probe, keys, rows, count, found);
    for (uint32_t i = 0; i < count && !cross; i++) {
        int number = FIRST + (int) rows[i], chain = 0;
        ck_assert_int_ne(number % 7, 0);
        for (JoinRow row = found[i]; row.chunk != JOIN_NONE; row = join_table_next(table, row), chain++)
            ck_assert_int_eq(((const int32_t *) table->chunks.items[row.chunk]->columns[0]->values)[row.row], number);
        ck_assert_int_eq(chain, number >= -3000 && number < 7000 ? 2 : 0);
    }
    for (JoinRow row = found[0]; cross && row.chunk != JOIN_NONE; row = join_table_next(table, row))
        partners++;
    ck_assert_uint_eq(partners, cross ? 20000 : 0);
    chunk_release(probe);
}

START_TEST(rows_are_found_by_an_integer_in_any_number_of_parts)
{
    JoinKey key = {types, first_column, 1, true};
    for (uint32_t parts = 1; parts <= 4; parts *= 2) {
        JoinTable table;
        build(&table, &key, parts);
        ck_assert(table.has_chains);
        check_found(&table, &key, false);
        join_table_deinit(&table);
    }
}
END_TEST

START_TEST(keys_of_several_columns_are_compared_as_in_sql)
{
    JoinKey key = {types, both_columns, 2, join_key_is_integer(types, 2)};
    JoinTable table;
    build(&table, &key, 2);
    ck_assert(!key.integer);
    check_found(&table, &key, false);
    join_table_deinit(&table);
}
END_TEST

START_TEST(without_a_key_every_row_is_a_partner)
{
    JoinKey key = {types, first_column, 0, false};
    JoinTable table;
    build(&table, &key, 2);
    check_found(&table, &key, true);
    JoinRow rows[3] = {{0, 1}, {19, 999}, {4, 5}};
    Column *column = join_table_gather(&table, 0, rows, 3);
    ck_assert_int_eq(((const int32_t *) column->values)[1], 6999);
    ck_assert(column_is_null(column, 2) == ((2 * 1000 - 3000 + 5) % 7 == 0));
    column_release(column);
    join_table_deinit(&table);
}
END_TEST

Suite *suite_dataflow_join_table(void);

Suite *
suite_dataflow_join_table(void)
{
    Suite *suite = suite_create("dataflow/join_table");
    TCase *tcase = tcase_create("join table");
    tcase_add_test(tcase, rows_are_found_by_an_integer_in_any_number_of_parts);
    tcase_add_test(tcase, keys_of_several_columns_are_compared_as_in_sql);
    tcase_add_test(tcase, without_a_key_every_row_is_a_partner);
    suite_add_tcase(suite, tcase);
    return suite;
}
