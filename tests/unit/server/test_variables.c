#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog/builtin.h"
#include "server/session/variables.h"

static Variables *variables;
static Error err;

static void
setup(void)
{
    variables = variables_new();
    err = ERROR_INIT;
}

static void
teardown(void)
{
    variables_free(variables);
    error_clear(&err);
}

static void
set(const char *name, const char *value, bool local)
{
    ck_assert_msg(variable_set(variables, name, value, local, &err), "%s", err.message);
}

#define ASSERT_IS(name, value) ck_assert_str_eq(variable_get(variables, name), value)

START_TEST(names_are_found_in_any_case_and_by_their_other_names)
{
    ASSERT_IS("timezone", "UTC");
    ASSERT_IS("TIME ZONE", "UTC");
    ASSERT_IS("DATESTYLE", "ISO, MDY");
    set("SCHEMA", "s", false);
    ASSERT_IS("search_path", "s");
    ck_assert_ptr_null(variable_get(variables, "no_such"));
    ck_assert_ptr_null(variable_get(variables, ""));
}
END_TEST

static const struct {
    const char *name, *given, *kept;
} kept[] = {
    {"sql_safe_updates", "TRUE", "on"},
    {"sql_safe_updates", "0", "off"},
    {"statement_timeout", "90s", "90 s"},
    {"statement_timeout", "120000", "2 min"},
    {"statement_timeout", "1500", "1500 ms"},
    {"statement_timeout", "0", "0"},
    {"statement_timeout", "24 hours", "1 d"},
    {"transaction_isolation", "SERIALIZABLE", "serializable"},
    {"transaction_isolation", "read committed", "serializable"},
    {"client_encoding", "utf-8", "UTF8"},
    {"DateStyle", "iso", "ISO, MDY"},
    {"IntervalStyle", "POSTGRES", "postgres"},
    {"TimeZone", "utc", "UTC"},
    {"TimeZone", "Europe/Vienna", "Europe/Vienna"},
    {"extra_float_digits", "1", "1"},
    {"extra_float_digits", "-15", "-15"},
    {"client_min_messages", "WARNING", "warning"},
    {"client_min_messages", "debug", "debug2"},
    {"client_min_messages", "panic", "panic"},
    {"backslash_quote", "yes", "on"},
    {"xmloption", "Document", "document"},
    {"application_name", "it's me", "it's me"},
};

START_TEST(values_are_kept_in_the_form_that_show_prints)
{
    set(kept[_i].name, kept[_i].given, false);
    ASSERT_IS(kept[_i].name, kept[_i].kept);
}
END_TEST

static const struct {
    const char *name, *value, *sqlstate;
} refused[] = {
    {"no_such", "1", "42704"},
    {"sql_safe_updates", "perhaps", "22023"},
    {"sql_safe_updates", "", "22023"},
    {"extra_float_digits", "many", "22023"},
    {"extra_float_digits", "", "22023"},
    {"extra_float_digits", "4", "22023"},
    {"extra_float_digits", "-16", "22023"},
    {"client_min_messages", "loud", "22023"},
    {"client_min_messages", "", "22023"},
    {"client_min_messages", "debug5, debug4", "22023"},
    {"statement_timeout", "-1", "22023"},
    {"statement_timeout", "5 fortnights", "22023"},
    {"statement_timeout", "", "22023"},
    {"statement_timeout", "nan", "22023"},
    {"statement_timeout", "1e300", "22023"},
    {"transaction_isolation", "sloppy", "22023"},
    {"client_encoding", "latin1", "22023"},
    {"DateStyle", "german", "22023"},
    {"IntervalStyle", "iso_8601", "22023"},
    {"standard_conforming_strings", "off", "22023"},
    {"TimeZone", "Atlantis/Capital", "22023"},
    {"server_version", "16", "55P02"},
    {"max_connections", "1", "55P02"},
};

START_TEST(a_bad_value_changes_nothing)
{
    const char *before = variable_get(variables, refused[_i].name);
    unsigned generation = variables_generation(variables);
    ck_assert(!variable_set(variables, refused[_i].name, refused[_i].value, false, &err));
    ck_assert_str_eq(err.sqlstate, refused[_i].sqlstate);
    ck_assert_ptr_eq(variable_get(variables, refused[_i].name), before);
    ck_assert_uint_eq(variables_generation(variables), generation);
}
END_TEST

START_TEST(a_value_of_any_length_is_refused_or_kept)
{
    char *value = malloc(100001);
    memset(value, 'x', 100000);
    value[100000] = '\0';
    if (variable_set(variables, "application_name", value, false, &err))
        ASSERT_IS("application_name", value);
    else
        ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PARAMETER_VALUE);
    free(value);
}
END_TEST

START_TEST(a_rollback_undoes_what_was_set_in_the_transaction)
{
    set("cluster", "before", false);
    variables_begin(variables);
    set("cluster", "during", false);
    set("database", "local", true);
    variables_rollback(variables);
    ASSERT_IS("cluster", "before");
    ASSERT_IS("database", "materialize");
}
END_TEST

START_TEST(a_commit_keeps_what_was_set_and_undoes_what_was_set_locally)
{
    variables_begin(variables);
    set("cluster", "c", false);
    set("database", "d", true);
    ASSERT_IS("database", "d");
    variables_commit(variables);
    ASSERT_IS("cluster", "c");
    ASSERT_IS("database", "materialize");
}
END_TEST

START_TEST(setting_locally_after_setting_goes_back_to_what_was_set)
{
    variables_begin(variables);
    set("cluster", "session", false);
    set("cluster", "one", true);
    set("cluster", "two", true);
    ASSERT_IS("cluster", "two");
    variables_commit(variables);
    ASSERT_IS("cluster", "session");
}
END_TEST

START_TEST(setting_after_setting_locally_stays)
{
    variables_begin(variables);
    set("cluster", "local", true);
    set("cluster", "session", false);
    variables_commit(variables);
    ASSERT_IS("cluster", "session");
}
END_TEST

START_TEST(setting_locally_outside_a_transaction_does_nothing)
{
    set("cluster", "local", true);
    ASSERT_IS("cluster", "quickstart");
    ck_assert(!variable_set(variables, "sql_safe_updates", "perhaps", true, &err));
}
END_TEST

START_TEST(a_reset_goes_back_to_the_start_of_the_session)
{
    set("cluster", "from_startup", false);
    variables_mark_start(variables);
    set("cluster", "later", false);
    set("database", "d", false);
    ck_assert(variable_reset(variables, "cluster", &err));
    ASSERT_IS("cluster", "from_startup");
    ASSERT_IS("database", "d");
    set("cluster", "later", false);
    variables_reset_all(variables);
    ASSERT_IS("cluster", "from_startup");
    ASSERT_IS("database", "materialize");
}
END_TEST

START_TEST(what_cannot_be_set_cannot_be_reset)
{
    ck_assert(!variable_reset(variables, "server_version", &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CANT_CHANGE_RUNTIME_PARAM);
    error_clear(&err);
    ck_assert(!variable_reset(variables, "no_such", &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_UNDEFINED_OBJECT);
}
END_TEST

START_TEST(what_the_server_forces_survives_resets)
{
    variable_force(variables, "session_authorization", "anna");
    variables_reset_all(variables);
    ASSERT_IS("session_authorization", "anna");
}
END_TEST

START_TEST(every_reported_variable_exists_and_says_once_that_it_changed)
{
    for (int i = 0; variable_reported_at(i) != NULL; i++)
        ck_assert_ptr_nonnull(variable_get(variables, variable_reported_at(i)));
    ck_assert(!variable_take_changed(variables, "application_name"));
    set("application_name", "x", false);
    ck_assert(variable_take_changed(variables, "application_name"));
    ck_assert(!variable_take_changed(variables, "application_name"));
    set("application_name", "x", false);
    ck_assert(!variable_take_changed(variables, "application_name"));
    variables_begin(variables);
    set("application_name", "y", false);
    ck_assert(variable_take_changed(variables, "application_name"));
    variables_rollback(variables);
    ck_assert(variable_take_changed(variables, "application_name"));
}
END_TEST

START_TEST(variables_come_in_name_order)
{
    const char *name, *value, *description, *last = "";
    int count = 0;
    for (; variable_at(variables, count, &name, &value, &description); count++) {
        ck_assert_int_lt(strcasecmp(last, name), 0);
        ck_assert_uint_gt(strlen(description), 0);
        last = name;
    }
    ck_assert_int_gt(count, 20);
    for (int i = 0; i <= count; i++) {
        const char *shown = variable_at(variables, i, &name, &value, &description) ? name : NULL;
        ck_assert_pstr_eq(builtin_setting_at((size_t) i), shown);
    }
    ck_assert(!variable_at(variables, count + 1, &name, &value, &description));
}
END_TEST

START_TEST(durations_are_read_in_every_unit)
{
    ck_assert_int_eq(duration_parse_ms("250"), 250);
    ck_assert_int_eq(duration_parse_ms("1.5 s"), 1500);
    ck_assert_int_eq(duration_parse_ms("2min"), 120000);
    ck_assert_int_eq(duration_parse_ms("1 HOUR"), 3600000);
    ck_assert_int_eq(duration_parse_ms("2 days"), 172800000);
    ck_assert_int_eq(duration_parse_ms("500 us"), 0);
    ck_assert_int_eq(duration_parse_ms("s"), -1);
    ck_assert_int_eq(duration_parse_ms("-5"), -1);
    ck_assert_int_eq(duration_parse_ms("inf"), -1);
    ck_assert_int_eq(duration_parse_ms("1 s s"), -1);
}
END_TEST

Suite *suite_server_variables(void);

Suite *
suite_server_variables(void)
{
    Suite *suite = suite_create("server variables");
    TCase *tcase = tcase_create("variables");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, names_are_found_in_any_case_and_by_their_other_names);
    tcase_add_loop_test(tcase, values_are_kept_in_the_form_that_show_prints, 0, sizeof kept / sizeof *kept);
    tcase_add_loop_test(tcase, a_bad_value_changes_nothing, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, a_value_of_any_length_is_refused_or_kept);
    tcase_add_test(tcase, a_rollback_undoes_what_was_set_in_the_transaction);
    tcase_add_test(tcase, a_commit_keeps_what_was_set_and_undoes_what_was_set_locally);
    tcase_add_test(tcase, setting_locally_after_setting_goes_back_to_what_was_set);
    tcase_add_test(tcase, setting_after_setting_locally_stays);
    tcase_add_test(tcase, setting_locally_outside_a_transaction_does_nothing);
    tcase_add_test(tcase, a_reset_goes_back_to_the_start_of_the_session);
    tcase_add_test(tcase, what_cannot_be_set_cannot_be_reset);
    tcase_add_test(tcase, what_the_server_forces_survives_resets);
    tcase_add_test(tcase, every_reported_variable_exists_and_says_once_that_it_changed);
    tcase_add_test(tcase, variables_come_in_name_order);
    tcase_add_test(tcase, durations_are_read_in_every_unit);
    suite_add_tcase(suite, tcase);
    return suite;
}
