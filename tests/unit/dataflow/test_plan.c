#include <check.h>

#include "tests/unit/dataflow/trial.h"

/* A plan with one of everything that can be broken. */
static PlanBuilder
sound_plan(void)
{
    PlanBuilder builder = plan_builder_new(10, false);
    uint32_t a = trial_get(&builder, TRIAL_A), b = trial_get(&builder, TRIAL_B);
    Scalar *sum = plan_operator(&builder, "+", plan_column(&builder, a, 0), plan_column(&builder, a, 1));
    Scalar *small = plan_operator(&builder, "<", plan_column(&builder, a, 0), plan_int(&builder, 5));
    uint32_t linear = plan_linear(&builder, a, plan_scalars(&builder, 1, sum), plan_scalars(&builder, 1, small),
                                  COLUMNS(0, 4, 2, 3)); /* 2 */
    uint32_t inputs[] = {linear, b};
    uint32_t join = plan_join(&builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(1)}, NULL,
                              COLUMNS(0, 1, 6, 7)); /* 3 */
    PlanAggregate count = plan_aggregate(&builder, join, "count", 1);
    count.filter = 3;
    uint32_t reduce = plan_reduce(&builder, join, COLUMNS(0), &count, 1); /* 4 */
    SortKey order = {.column = 1};
    uint32_t topk = plan_topk(&builder, reduce, COLUMNS(0), &order, 1, 3, 0);                      /* 5 */
    uint32_t guard = plan_guard(&builder, plan_unary(&builder, PLAN_THRESHOLD, topk), COLUMNS(0)); /* 6, 7 */
    plan_export_index(&builder, guard, 1, COLUMNS(0));
    plan_export_subscribe(&builder, guard, 2, true);
    return builder;
}

static void
expect_broken(PlanBuilder *builder, const char *what)
{
    Error err = ERROR_INIT;
    ck_assert_msg(!dataflow_plan_check(builder->plan, &err), "%s passes", what);
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INTERNAL_ERROR);
    error_clear(&err);
    dataflow_plan_free(builder->plan);
}

START_TEST(a_sound_plan_passes)
{
    PlanBuilder builder = sound_plan();
    Error err = ERROR_INIT;
    ck_assert_msg(dataflow_plan_check(builder.plan, &err), "%s", err.message);
    dataflow_plan_free(builder.plan);
}
END_TEST

#define BREAK(what, change)                                                                                            \
    {                                                                                                                  \
        PlanBuilder builder = sound_plan();                                                                            \
        PlanNode *nodes = builder.plan->nodes;                                                                         \
        (void) nodes;                                                                                                  \
        change;                                                                                                        \
        expect_broken(&builder, what);                                                                                 \
    }

START_TEST(every_broken_invariant_is_found){
    BREAK("a node that reads itself", nodes[4].inputs[0] = 4) BREAK(
        "a node without its input", nodes[5].input_count = 0) BREAK("an import that is not there", nodes[1].import = 7)
        BREAK("a projection past the end", nodes[2].linear.project[0] = 5) BREAK("a projection of another type",
                                                                                 nodes[2].linear.project[0] = 2)
            BREAK("a map that reads a later column", nodes[2].linear.maps[0]->args[0]->column = 4)
                BREAK("a filter that is no boolean", nodes[2].linear.filters[0] = nodes[2].linear.maps[0])
                    BREAK("a parameter", nodes[2].linear.maps[0]->args[0]->kind = SCALAR_PARAMETER)
                        BREAK("a context value", nodes[2].linear.maps[0]->args[0]->kind = SCALAR_CONTEXT)
                            BREAK("a join stage for the same input", nodes[3].join.stages[0].input = 0)
                                BREAK("a join key past the end", nodes[3].join.stages[0].left_key[0] = 4)
                                    BREAK("a join key of another type", nodes[3].join.stages[0].right_key[0] = 2) BREAK(
                                        "a join with too few stages",
                                        nodes[3].join.stage_count = 0) BREAK("an aggregate's argument past the end",
                                                                             nodes[4].reduce.aggregates[0].args[0] = 4)
                                        BREAK("an aggregate's filter that is no boolean",
                                              nodes[4].reduce.aggregates[0].filter = 0)
                                            BREAK("an aggregate of another type", nodes[4].types[1] = SQL_TYPE(TEXT))
                                                BREAK("a group key past the end", nodes[4].reduce.key[0] = 4)
                                                    BREAK("an order past the end", nodes[5].topk.order[0].column = 2)
                                                        BREAK("a guard without words", nodes[7].guard.message = NULL)
                                                            BREAK("an export of no node",
                                                                  builder.plan->exports[0].node = 8)
                                                                BREAK("an index key past the end",
                                                                      builder.plan->exports[0].key[0] = 2)
                                                                    BREAK("a peek that goes on",
                                                                          builder.plan->exports[1].kind = EXPORT_PEEK)
                                                                        BREAK("no exports",
                                                                              builder.plan->export_count = 0)} END_TEST

    static const char *name_of(void *context, uint64_t id)
{
    (void) context;
    return id == TRIAL_A ? "public.a" : NULL;
}

START_TEST(a_plan_prints_as_a_tree)
{
    PlanBuilder builder = sound_plan();
    Buffer out = {0};
    dataflow_plan_print(builder.plan, name_of, NULL, &out);
    const char *text = buffer_text(&out);
    static const char *const parts[] = {
        "Index public.a on=[#0]",
        "Guard group_by=[#0]",
        "TopK group_by=[#0] order_by=[#1 asc nulls_last] limit=3",
        "Reduce group_by",
        "count(#1) filter #3",
        "Join::Linear",
        "lookup_key=[#1]",
        "Get public.a",
        "Get u2",
        "cte l0 =",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(text, parts[i]) != NULL, "%s is not in:\n%s", parts[i], text);
    buffer_deinit(&out);
    dataflow_plan_free(builder.plan);
}
END_TEST

Suite *suite_dataflow_plan(void);

Suite *
suite_dataflow_plan(void)
{
    Suite *suite = suite_create("dataflow/plan");
    TCase *tcase = tcase_create("plan");
    tcase_add_test(tcase, a_sound_plan_passes);
    tcase_add_test(tcase, every_broken_invariant_is_found);
    tcase_add_test(tcase, a_plan_prints_as_a_tree);
    suite_add_tcase(suite, tcase);
    return suite;
}
