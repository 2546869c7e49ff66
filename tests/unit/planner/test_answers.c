#include <check.h>
#include <stdio.h>

#include "tests/unit/planner/sample.h"

typedef struct Answer {
    const char *sql, *lines;
    bool ordered;
} Answer;

#define ANSWER(sql, lines)  {sql, lines, false},
#define ORDERED(sql, lines) {sql, lines, true},
static const Answer answers[] = {
#include "tests/unit/planner/answers.def"
};
#undef ANSWER
#undef ORDERED

#define ANSWER_COUNT (int) (sizeof answers / sizeof answers[0])

START_TEST(every_query_is_answered_as_postgresql_answers_it)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    for (int i = 0; i < ANSWER_COUNT; i++) {
        char *text = world_text(world, answers[i].sql, answers[i].ordered);
        ck_assert_msg(strcmp(text, answers[i].lines) == 0, "%s\nanswers\n%sbut should answer\n%s", answers[i].sql, text,
                      answers[i].lines);
        free(text);
    }
    world_free(world);
}
END_TEST

START_TEST(indexes_change_no_answer)
{
    World *world = world_new();
    sample_tables(world);
    world_do(world, "CREATE INDEX t_a ON t (a)");
    world_do(world, "CREATE INDEX t_b ON t (b, a)");
    world_do(world, "CREATE INDEX t_upper ON t (upper(b))");
    world_do(world, "CREATE INDEX u_a ON u (a)");
    world_do(world, "CREATE INDEX s_v ON s (v)");
    world_do(world, "CREATE INDEX e_x ON e (x)");
    sample_rows(world);
    for (int i = 0; i < ANSWER_COUNT; i++) {
        char *text = world_text(world, answers[i].sql, answers[i].ordered);
        ck_assert_msg(strcmp(text, answers[i].lines) == 0, "%s\nanswers\n%sbut should answer\n%s", answers[i].sql, text,
                      answers[i].lines);
        free(text);
    }
    world_free(world);
}
END_TEST

/* Views need a name for every column, and none twice. */
static char *
view_statement(const char *name, const char *sql, int columns)
{
    Buffer text = {0};
    buffer_printf(&text, "CREATE MATERIALIZED VIEW %s (", name);
    for (int c = 0; c < columns; c++)
        buffer_printf(&text, "%sc%d", c == 0 ? "" : ", ", c);
    buffer_printf(&text, ") AS %s", sql);
    return buffer_take(&text);
}

/* False: the query is one that cannot be maintained. */
static bool
maintain(World *world, const char *name, const char *sql)
{
    for (int columns = 1; columns < 9; columns++) {
        char *statement = view_statement(name, sql, columns);
        char *text = world_text(world, statement, false);
        bool made = *text == '\0', now = strstr(text, "cannot materialize") != NULL;
        free(statement);
        free(text);
        if (made || now)
            return made;
    }
    return false;
}

typedef struct Maintained {
    const Answer *answer;
    char name[16];
} Maintained;

static void
expect_all(World *world, const Maintained *maintained, int count, const char *after)
{
    for (int i = 0; i < count; i++) {
        char *query = world_text(world, maintained[i].answer->sql, false),
             *view = world_view_text(world, maintained[i].name);
        bool both_fail = strncmp(query, "ERROR", 5) == 0 && strncmp(view, "ERROR", 5) == 0;
        ck_assert_msg(both_fail || strcmp(query, view) == 0,
                      "after %s\n%s\nas a view holds\n%sand as a query answers\n%s", after, maintained[i].answer->sql,
                      view, query);
        free(query);
        free(view);
    }
}

/* One part in four of the queries at a time. */
START_TEST(a_maintained_view_holds_what_its_query_answers_after_every_change)
{
    static const char *const changes[] = {
        "INSERT INTO e VALUES (1, 2), (2, NULL), (NULL, 2)",
        "DELETE FROM t WHERE a = 2",
        "INSERT INTO t VALUES (4, 'two', 9), (4, 'two', 9), (NULL, NULL, 2.25)",
        "DELETE FROM u WHERE a > 3",
        "DELETE FROM t",
        "INSERT INTO t VALUES (2, 'zwei', 2)",
        "DELETE FROM u",
        "DELETE FROM s",
        "DELETE FROM e",
        "INSERT INTO u VALUES (2, 'again')",
    };
    World *world = world_new();
    Maintained maintained[ANSWER_COUNT];
    int count = 0;
    sample_tables(world);
    for (int i = _i; i < ANSWER_COUNT; i += 4) {
        Maintained *next = &maintained[count];
        next->answer = &answers[i];
        snprintf(next->name, sizeof next->name, "m%d", i);
        count += maintain(world, next->name, answers[i].sql);
    }
    ck_assert_int_gt(count, 40);
    expect_all(world, maintained, count, "nothing");
    sample_rows(world);
    expect_all(world, maintained, count, "the first rows");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        world_do(world, changes[i]);
        expect_all(world, maintained, count, changes[i]);
    }
    world_free(world);
}
END_TEST

Suite *suite_planner_answers(void);
Suite *
suite_planner_answers(void)
{
    Suite *suite = suite_create("planner answers");
    TCase *tcase = tcase_create("answers");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, every_query_is_answered_as_postgresql_answers_it);
    tcase_add_test(tcase, indexes_change_no_answer);
    tcase_add_loop_test(tcase, a_maintained_view_holds_what_its_query_answers_after_every_change, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite;
}
