#include <check.h>

#include "server/session/literal.h"

static void
check_lifted(const char *sql, const char *text, int count, const int64_t *values)
{
    LiftedQuery lifted;
    ck_assert_msg(literals_lift(slice_of(sql), &lifted), "%s", sql);
    ck_assert_str_eq(buffer_text(&lifted.text), text);
    ck_assert_int_eq(lifted.count, count);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(lifted.values[i], values[i]);
    buffer_deinit(&lifted.text);
}

static void
check_left(const char *sql)
{
    LiftedQuery lifted;
    ck_assert_msg(!literals_lift(slice_of(sql), &lifted), "%s", sql);
    buffer_deinit(&lifted.text);
}

START_TEST(integers_that_are_compared_with_are_lifted)
{
    check_lifted("SELECT a FROM t WHERE aid = 5;", "SELECT a FROM t WHERE aid = $1;", 1, (int64_t[]){5});
    check_lifted("select a from t where aid=5 AND (b >= 70 or c<>08)",
                 "select a from t where aid=$1 AND (b >= $2 or c<>$3)", 3, (int64_t[]){5, 70, 8});
    check_lifted("SELECT 1, t.a2 FROM t WHERE a = 999999999999999999 ", "SELECT 1, t.a2 FROM t WHERE a = $1 ", 1,
                 (int64_t[]){999999999999999999});
}
END_TEST

START_TEST(an_integer_that_is_part_of_an_expression_stays)
{
    check_left("SELECT a FROM t WHERE a = 5 + 1");
    check_left("SELECT a FROM t WHERE a = -5");
    check_left("SELECT a FROM t WHERE a = 5::int8");
    check_left("SELECT a FROM t WHERE a = 5.0");
    check_left("SELECT a FROM t WHERE a = 5e3");
    check_left("SELECT a FROM t WHERE a = 5 IS NULL");
    check_left("SELECT a FROM t WHERE a -> 5 AND b");
    check_left("SELECT a FROM t WHERE a = 1000000000000000000");
    check_lifted("SELECT a FROM t WHERE a = 5 * 2 AND b = 7", "SELECT a FROM t WHERE a = 5 * 2 AND b = $1", 1,
                 (int64_t[]){7});
}
END_TEST

START_TEST(texts_with_more_than_plain_comparisons_are_left_alone)
{
    check_left("");
    check_left(" ");
    check_left("SELECT");
    check_left("UPDATE t SET a = 5");
    check_left("SELECT a FROM t WHERE a = 5 AND b = 'x'");
    check_left("SELECT a FROM \"t\" WHERE a = 5");
    check_left("SELECT a FROM t WHERE a = $1 AND b = 5");
    check_left("SELECT a FROM t WHERE a = 5 -- b");
    check_left("SELECT a FROM t WHERE a = 5 /* b */");
    check_left("SELECT a FROM t WHERE a = 5; SELECT 1");
    check_left("SELECT a FROM t WHERE a = 5 ORDER BY a");
    check_left("SELECT a = 5 FROM t GROUP BY a = 5");
    check_left("SELECT a FROM t WHERE \xc3\xa9 = 5");
}
END_TEST

START_TEST(no_more_than_eight_are_lifted)
{
    check_lifted("SELECT 1 WHERE 1=1 AND 2=2 AND 3=3 AND 4=4 AND 5=5 AND 6=6 AND 7=7 AND 8=8 AND 9=9",
                 "SELECT 1 WHERE 1=$1 AND 2=$2 AND 3=$3 AND 4=$4 AND 5=$5 AND 6=$6 AND 7=$7 AND 8=$8 AND 9=9", 8,
                 (int64_t[]){1, 2, 3, 4, 5, 6, 7, 8});
}
END_TEST

Suite *suite_server_literal(void);

Suite *
suite_server_literal(void)
{
    Suite *suite = suite_create("server/literal");
    TCase *tests = tcase_create("lifting");
    tcase_add_test(tests, integers_that_are_compared_with_are_lifted);
    tcase_add_test(tests, an_integer_that_is_part_of_an_expression_stays);
    tcase_add_test(tests, texts_with_more_than_plain_comparisons_are_left_alone);
    tcase_add_test(tests, no_more_than_eight_are_lifted);
    suite_add_tcase(suite, tests);
    return suite;
}
