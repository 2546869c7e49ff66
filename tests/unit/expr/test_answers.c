#include <check.h>

#include "tests/unit/expr/expression.h"

/* Each expression is bound, folded away to a value by the evaluator, and compared with what PostgreSQL 15 said. */

static const struct {
    const char *expression, *answer;
} answers[] = {
#define ANSWER(expression, answer) {expression, answer},
#include "tests/unit/expr/postgres_answers.def"
#undef ANSWER
};

static char *
newlines_shown(Arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c != '\0'; c++)
        *c = (char) (*c == '\n' ? '~' : *c);
    return copy;
}

START_TEST(an_expression_gives_what_postgresql_gives)
{
    Arena *arena = arena_new();
    EvalContext eval;
    eval_context_init(&eval, arena);
    eval.style.time_zone = "UTC";
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        char *value = newlines_shown(arena, expression_value(answers[i].expression, true, &eval));
        ck_assert_msg(strcmp(value, answers[i].answer) == 0, "%s is %s, PostgreSQL says %s", answers[i].expression,
                      value, answers[i].answer);
    }
    eval_context_deinit(&eval);
    arena_free(arena);
}
END_TEST

Suite *suite_expr_answers(void);

Suite *
suite_expr_answers(void)
{
    Suite *suite = suite_create("expr/answers");
    TCase *tests = tcase_create("answers");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, an_expression_gives_what_postgresql_gives);
    suite_add_tcase(suite, tests);
    return suite;
}
