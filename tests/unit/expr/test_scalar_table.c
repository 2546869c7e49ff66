#include <check.h>

#include "expr/scalar_table.h"

Suite *suite_expr_scalar_table(void);

START_TEST(equal_expressions_share_a_number_however_many_there_are)
{
    Arena *arena = arena_new();
    ScalarTable table = {.arena = arena};
    ck_assert_int_eq(scalar_table_find(&table, scalar_bool(arena, true)), -1);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(scalar_table_put(&table, scalar_column(arena, (uint32_t) i, SQL_TYPE(INT4), true), i), -1);
    for (int i = 0; i < 1000; i++) {
        const Scalar *again = scalar_column(arena, (uint32_t) i, SQL_TYPE(INT4), true);
        ck_assert_int_eq(scalar_table_put(&table, again, 7), i);
        ck_assert_int_eq(scalar_table_find(&table, again), i);
    }
    ck_assert_int_eq(table.count, 1000);
    ck_assert_int_eq(scalar_table_find(&table, scalar_column(arena, 5, SQL_TYPE(INT8), true)), -1);
    arena_free(arena);
}
END_TEST

Suite *
suite_expr_scalar_table(void)
{
    Suite *suite = suite_create("expr scalar table");
    TCase *tests = tcase_create("table");
    tcase_add_test(tests, equal_expressions_share_a_number_however_many_there_are);
    suite_add_tcase(suite, tests);
    return suite;
}
