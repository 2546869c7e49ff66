#include <check.h>
#include <signal.h>

#include "base/error.h"

static Error err;

static void
setup(void)
{
    err = ERROR_INIT;
}

static void
teardown(void)
{
    error_clear(&err);
}

START_TEST(setting_returns_false_and_fills_in)
{
    ck_assert(!error_is_set(&err));
    ck_assert(!error_at(&err, 8, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist", "x"));
    ck_assert(!error_detail(&err, "There are %d columns.", 3));
    ck_assert(!error_hint(&err, "Perhaps \"%s\".", "y"));
    ck_assert(error_is_set(&err));
    ck_assert_str_eq(err.sqlstate, "42703");
    ck_assert_int_eq(err.position, 8);
    ck_assert_str_eq(err.message, "column \"x\" does not exist");
    ck_assert_str_eq(err.detail, "There are 3 columns.");
    ck_assert_str_eq(err.hint, "Perhaps \"y\".");
}
END_TEST

START_TEST(the_first_of_two_errors_is_kept)
{
    error_set(&err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    error_set(&err, SQLSTATE_INTERNAL_ERROR, "later");
    ck_assert_str_eq(err.sqlstate, "22012");
    ck_assert_str_eq(err.message, "division by zero");
}
END_TEST

START_TEST(a_prefix_goes_before_the_message)
{
    error_set(&err, SQLSTATE_IO_ERROR, "no such file");
    ck_assert(!error_prefix(&err, "could not open \"%s\": ", "a"));
    ck_assert_str_eq(err.message, "could not open \"a\": no such file");
}
END_TEST

START_TEST(moving_leaves_the_source_unset)
{
    Error from = ERROR_INIT;
    error_set(&err, SQLSTATE_WARNING, "old");
    error_set(&from, SQLSTATE_SYNTAX_ERROR, "new");
    error_move(&err, &from);
    ck_assert(!error_is_set(&from));
    ck_assert_ptr_null(from.message);
    ck_assert_str_eq(err.message, "new");
}
END_TEST

START_TEST(a_copy_lives_on_its_own)
{
    Error from = ERROR_INIT;
    error_set(&from, SQLSTATE_SYNTAX_ERROR, "message");
    error_hint(&from, "hint");
    error_copy(&err, &from);
    error_clear(&from);
    ck_assert_str_eq(err.message, "message");
    ck_assert_str_eq(err.hint, "hint");
    ck_assert_ptr_null(err.detail);
}
END_TEST

START_TEST(a_cleared_error_can_be_set_again)
{
    error_set(&err, SQLSTATE_SYNTAX_ERROR, "first");
    error_clear(&err);
    ck_assert(!error_is_set(&err));
    error_set(&err, SQLSTATE_WARNING, "second");
    ck_assert_str_eq(err.message, "second");
}
END_TEST

START_TEST(a_bug_ends_the_process)
{
    bug("unrecognized kind %d", 7);
}
END_TEST

Suite *suite_base_error(void);

Suite *
suite_base_error(void)
{
    Suite *suite = suite_create("base error");
    TCase *group = tcase_create("error");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, setting_returns_false_and_fills_in);
    tcase_add_test(group, the_first_of_two_errors_is_kept);
    tcase_add_test(group, a_prefix_goes_before_the_message);
    tcase_add_test(group, moving_leaves_the_source_unset);
    tcase_add_test(group, a_copy_lives_on_its_own);
    tcase_add_test(group, a_cleared_error_can_be_set_again);
    tcase_add_test_raise_signal(group, a_bug_ends_the_process, SIGABRT);
    suite_add_tcase(suite, group);
    return suite;
}
