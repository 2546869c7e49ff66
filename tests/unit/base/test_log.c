#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static Error err;
static char written[20000];

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

/* What log_write puts on standard error, in `written`. */
static void
capture(const char *module, const char *message)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_write(LOG_WARN, module, "%s", message);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t size = read(ends[0], written, sizeof written - 1);
    ck_assert_int_gt(size, 0);
    written[size] = '\0';
    close(ends[0]);
}

START_TEST(a_line_has_a_time_a_level_and_a_module)
{
    int year, month, day, hour, minute, second, ms, end = 0;
    capture("postgres", "source is running source=u5");
    int count =
        sscanf(written, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n", &year, &month, &day, &hour, &minute, &second, &ms, &end);
    ck_assert_int_eq(count, 7);
    ck_assert_int_eq(end, 25);
    ck_assert_str_eq(written + end, "WARN postgres: source is running source=u5\n");
}
END_TEST

START_TEST(a_message_stays_on_one_line)
{
    capture("x", "a\nb\tc\x01");
    ck_assert_ptr_nonnull(strstr(written, "a\\nb\\x09c\\x01\n"));
    ck_assert_ptr_eq(strchr(written, '\n'), written + strlen(written) - 1);
}
END_TEST

START_TEST(a_message_without_end_is_cut)
{
    static char endless[30000];
    memset(endless, 'y', sizeof endless - 1);
    capture("x", endless);
    ck_assert_uint_lt(strlen(written), 9000);
    ck_assert_int_eq(written[strlen(written) - 1], '\n');
    memset(endless, '\n', sizeof endless - 1);
    capture("x", endless);
    ck_assert_ptr_eq(strchr(written, '\n'), written + strlen(written) - 1);
}
END_TEST

START_TEST(a_filter_sets_the_least_level_by_module)
{
    ck_assert(log_set_filter("warn,postgres=debug,storage=off", &err));
    ck_assert(!log_enabled(LOG_INFO, "server"));
    ck_assert(log_enabled(LOG_WARN, "server"));
    ck_assert(log_enabled(LOG_DEBUG, "postgres"));
    ck_assert(!log_enabled(LOG_TRACE, "postgres"));
    ck_assert(!log_enabled(LOG_ERROR, "storage"));
    ck_assert(log_set_filter("INFO", &err));
    ck_assert(log_enabled(LOG_INFO, "server"));
    ck_assert(!log_enabled(LOG_DEBUG, "postgres"));
}
END_TEST

START_TEST(a_filter_that_cannot_be_read_changes_nothing)
{
    static const char *const broken[] = {"",   "loud",   "info,",      "=info",
                                         "a=", "a=loud", "info,,warn", "a_module_name_that_is_much_too_long=info"};
    ck_assert(log_set_filter("error", &err));
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        ck_assert_msg(!log_set_filter(broken[i], &err), "%s", broken[i]);
        ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PARAMETER_VALUE);
        ck_assert_ptr_nonnull(strstr(err.message, broken[i]));
        error_clear(&err);
    }
    ck_assert(!log_enabled(LOG_WARN, "server"));
}
END_TEST

START_TEST(clocks_have_their_units)
{
    int64_t steady = clock_steady_us();
    ck_assert_int_ge(clock_steady_us(), steady);
    ck_assert_int_gt(clock_wall_ms(), INT64_C(1700000000000));
    ck_assert_int_lt(clock_wall_ms(), INT64_C(10000000000000));
    ck_assert_int_gt(clock_wall_us(), INT64_C(1700000000000000));
}
END_TEST

Suite *suite_base_log(void);

Suite *
suite_base_log(void)
{
    Suite *suite = suite_create("base log");
    TCase *group = tcase_create("log, clock");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, a_line_has_a_time_a_level_and_a_module);
    tcase_add_test(group, a_message_stays_on_one_line);
    tcase_add_test(group, a_message_without_end_is_cut);
    tcase_add_test(group, a_filter_sets_the_least_level_by_module);
    tcase_add_test(group, a_filter_that_cannot_be_read_changes_nothing);
    tcase_add_test(group, clocks_have_their_units);
    suite_add_tcase(suite, group);
    return suite;
}
