#include <check.h>

#include "tests/unit/planner/sample.h"

#define REFUSED(sql, text) {sql, text},
static const struct {
    const char *sql, *text;
} refusals[] = {
#include "tests/unit/planner/refusals.def"
};
#undef REFUSED

START_TEST(what_cannot_be_planned_is_refused_with_its_reason_and_place)
{
    World *world = world_new();
    sample_tables(world);
    sample_rows(world);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char *text = world_text(world, refusals[i].sql, false);
        text[strcspn(text, "\n")] = '\0';
        const char *said = strncmp(text, "ERROR ", 6) == 0 ? text + 6 : text;
        ck_assert_msg(strcmp(said, refusals[i].text) == 0, "%s\nis refused with\n%s\nbut should be with\n%s",
                      refusals[i].sql, said, refusals[i].text);
        free(text);
    }
    world_free(world);
}
END_TEST

Suite *suite_planner_refusals(void);
Suite *
suite_planner_refusals(void)
{
    Suite *suite = suite_create("planner refusals");
    TCase *tcase = tcase_create("refusals");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, what_cannot_be_planned_is_refused_with_its_reason_and_place);
    suite_add_tcase(suite, tcase);
    return suite;
}
