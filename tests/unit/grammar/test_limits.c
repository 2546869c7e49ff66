/*
 * Long and deep statements: long ones work, deep ones are refused by name, several threads parse at once.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "grammar/parse.h"
#include "tests/unit/grammar/round_trip.h"

/* head, then `item` count times with `between` between, then tail. */
static char *
repeated(const char *head, const char *item, const char *between, int count, const char *tail)
{
    Buffer text = {0};

    buffer_append_text(&text, head);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(&text, between);
        buffer_append_text(&text, item);
    }
    buffer_append_text(&text, tail);
    return buffer_take(&text);
}

static void
check_works(char *sql)
{
    Buffer why = {0};
    bool parses;

    if (!round_trips(slice_of(sql), &parses, &why))
        ck_abort_msg("%.300s", buffer_text(&why));
    buffer_deinit(&why);
    free(sql);
}

static void
check_too_deep(char *sql)
{
    char *text = refused(sql);

    ck_assert_msg(strncmp(text, "54001", 5) == 0, "%.60s... gives \"%s\"", sql, text);
    ck_assert_ptr_nonnull(strstr(text, "statement is nested too deeply"));
    free(text);
    free(sql);
}

START_TEST(long_chains_and_lists_work)
{
    check_works(repeated("select ", "a = 1", " or ", 50000, ""));
    check_works(repeated("select ", "a = 1", " and ", 50000, ""));
    check_works(repeated("select ", "a", " + ", 4000, ""));
    check_works(repeated("select ", "a", " || ", 4000, ""));
    check_works(repeated("select a in (", "12345", ", ", 100000, ")"));
    check_works(repeated("insert into t values ", "(1, 'x')", ", ", 50000, ""));
    check_works(repeated("", "select 1", " union all ", 4000, ""));
    check_works(repeated("select * from ", "t", " cross join ", 4000, ""));
    check_works(repeated("select ", "not ", "", 4000, "a"));
    check_works(repeated("", "select 1;", "\n", 20000, ""));
    check_works(repeated("select case ", "when a then b ", "", 20000, "end"));
}
END_TEST

START_TEST(deep_nesting_is_refused_by_name)
{
    check_too_deep(repeated("select ", "(", "", 10000, "1"));
    check_too_deep(repeated("select ", "(", "", 1000000, ""));
    check_too_deep(repeated("select ", "a + ", "", 10000, "a"));
    check_too_deep(repeated("select ", "not ", "", 10000, "a"));
    check_too_deep(repeated("select ", "- ", "", 10000, "a"));
    check_too_deep(repeated("select ", "f(", "", 10000, "a"));
    check_too_deep(repeated("select ", "(select ", "", 10000, "1"));
    check_too_deep(repeated("select * from ", "(select * from ", "", 10000, "t"));
    check_too_deep(repeated("select ", "array[", "", 10000, ""));
    check_too_deep(repeated("select ", "case when ", "", 10000, ""));
    check_too_deep(repeated("select a", "::int", "", 10000, ""));
    check_too_deep(repeated("select a::int", " list", "", 10000, ""));
    check_too_deep(repeated("", "select 1", " union all ", 10000, ""));
    check_too_deep(repeated("select * from ", "t", " cross join ", 10000, ""));
    check_too_deep(repeated("create cluster c (x ", "(", "", 10000, ""));
    check_too_deep(repeated("prepare p as ", "prepare p as ", "", 10000, "select 1"));
}
END_TEST

START_TEST(nesting_of_a_thousand_levels_works)
{
    Buffer text = {0};

    buffer_append_text(&text, "select ");
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&text, "f((1 + ");
    buffer_append_text(&text, "1");
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&text, "))");
    check_works(buffer_take(&text));
}
END_TEST

static void *
parse_many(void *arg)
{
    bool *ok = arg;

    for (int i = 0; i < 2000 && *ok; i++) {
        char *text = printed(i % 2 == 0 ? "SELECT a, 'é' FROM t WHERE b IN (1, 2)" : "CREATE CLUSTER c (SIZE = '1')",
                             AST_PRINT_ONE_LINE);

        *ok =
            strcmp(text, i % 2 == 0 ? "SELECT a, 'é' FROM t WHERE b IN (1, 2)" : "CREATE CLUSTER c (SIZE = '1')") == 0;
        free(text);
    }
    return NULL;
}

START_TEST(several_threads_parse_at_once)
{
    pthread_t threads[4];
    bool ok[4] = {true, true, true, true};

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, parse_many, &ok[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(ok[i]);
    }
}
END_TEST

Suite *suite_grammar_limits(void);

Suite *
suite_grammar_limits(void)
{
    Suite *suite = suite_create("grammar limits");
    TCase *group = tcase_create("limits");

    tcase_set_timeout(group, 0);
    tcase_add_test(group, long_chains_and_lists_work);
    tcase_add_test(group, deep_nesting_is_refused_by_name);
    tcase_add_test(group, nesting_of_a_thousand_levels_works);
    tcase_add_test(group, several_threads_parse_at_once);
    suite_add_tcase(suite, group);
    return suite;
}
