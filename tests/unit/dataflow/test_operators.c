#include <check.h>

#include "tests/unit/dataflow/trial.h"

#define SEEDS 8

static void
run_seeds(TrialPlan plan, TrialOptions options)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        options.seed = seed;
        trial_run(plan, &options);
    }
}

static uint32_t
passed_through(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    return trial_get(builder, TRIAL_A);
}

START_TEST(an_import_follows_its_collection)
{
    run_seeds(passed_through, (TrialOptions){0});
}
END_TEST

/* v + 1, 10 / v where it is asked for; rows where k > 0. */
static uint32_t
linear_with_errors(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t get = trial_get(builder, TRIAL_A);
    Scalar *sum = plan_operator(builder, "+", plan_column(builder, get, 1), plan_int(builder, 1));
    Scalar *quotient = plan_operator(builder, "/", plan_int(builder, 10), plan_column(builder, get, 1));
    Scalar *positive = plan_operator(builder, ">", plan_column(builder, get, 0), plan_int(builder, 0));
    return plan_linear(builder, get, plan_scalars(builder, 2, sum, quotient), plan_scalars(builder, 1, positive),
                       COLUMNS(0, 4, 5, 2));
}

START_TEST(map_and_filter_agree_with_the_reference_and_errors_come_and_go)
{
    run_seeds(linear_with_errors, (TrialOptions){0});
}
END_TEST

/* A filter over a map that fails: rows that an earlier filter drops do not fail. */
static uint32_t
filter_guards_division(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t get = trial_get(builder, TRIAL_A);
    Scalar *quotient = plan_operator(builder, "/", plan_int(builder, 12), plan_column(builder, get, 1));
    Scalar *unused = plan_operator(builder, "/", plan_int(builder, 1), plan_int(builder, 0));
    Scalar *large =
        plan_operator(builder, ">", scalar_column(builder->arena, 4, SQL_TYPE(INT8), true), plan_int(builder, 2));
    Scalar *not_zero = plan_operator(builder, "<>", plan_column(builder, get, 1), plan_int(builder, 0));
    return plan_linear(builder, get, plan_scalars(builder, 2, quotient, unused),
                       plan_scalars(builder, 2, large, not_zero), COLUMNS(1, 4));
}

START_TEST(rows_that_a_filter_drops_do_not_fail_in_a_map)
{
    run_seeds(filter_guards_division, (TrialOptions){.no_errors = true});
}
END_TEST

static uint32_t
two_way_join(PlanBuilder *builder, uint64_t seed)
{
    uint32_t inputs[] = {trial_get(builder, TRIAL_A), trial_get(builder, seed % 2 == 0 ? TRIAL_B : TRIAL_FED)};
    return plan_join(builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(0, 1, 5, 6));
}

START_TEST(a_join_agrees_with_nested_loops)
{
    run_seeds(two_way_join, (TrialOptions){0});
}
END_TEST

static uint32_t
three_way_join(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t inputs[] = {trial_get(builder, TRIAL_A), trial_get(builder, TRIAL_B), trial_get(builder, TRIAL_FED)};
    Scalar *differ = plan_operator(builder, "<>", scalar_column(builder->arena, 1, SQL_TYPE(INT8), true),
                                   scalar_column(builder->arena, 9, SQL_TYPE(INT8), true));
    return plan_join(builder, inputs, 3, (Columns[]){COLUMNS(0, 2), COLUMNS(5)}, (Columns[]){COLUMNS(0, 2), COLUMNS(0)},
                     plan_scalars(builder, 1, differ), COLUMNS(0, 2, 9, 5, 1));
}

START_TEST(a_join_of_three_keeps_what_later_stages_read)
{
    run_seeds(three_way_join, (TrialOptions){.no_errors = true});
}
END_TEST

static uint32_t
self_join(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t get = trial_get(builder, TRIAL_A);
    uint32_t inputs[] = {get, get};
    return plan_join(builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(1)}, NULL, COLUMNS(0, 1, 4, 5));
}

START_TEST(a_collection_joins_with_itself)
{
    run_seeds(self_join, (TrialOptions){0});
}
END_TEST

static uint32_t
same_key_self_join(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t get = trial_get(builder, TRIAL_A);
    uint32_t inputs[] = {get, get};
    return plan_join(builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(0, 1, 5));
}

START_TEST(both_sides_of_a_join_can_be_one_arrangement)
{
    run_seeds(same_key_self_join, (TrialOptions){0});
}
END_TEST

static uint32_t
cross_join(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t a = trial_get(builder, TRIAL_A), b = trial_get(builder, TRIAL_B);
    uint32_t few = plan_reduce(builder, b, COLUMNS(0), NULL, 0);
    uint32_t inputs[] = {a, few};
    return plan_join(builder, inputs, 2, (Columns[]){NO_COLUMNS}, (Columns[]){NO_COLUMNS}, NULL, COLUMNS(1, 4));
}

START_TEST(a_cross_join_pairs_everything)
{
    run_seeds(cross_join, (TrialOptions){0});
}
END_TEST

static uint32_t
counts_and_sums(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    PlanAggregate aggregates[] = {
        plan_aggregate(builder, get, "count", -1),
        plan_aggregate(builder, get, "sum", 1),
        plan_aggregate(builder, get, "count", 1),
        plan_aggregate(builder, get, "sum", 1),
    };
    aggregates[3].filter = 3;
    return plan_reduce(builder, get,
                       seed % 3 == 0   ? NO_COLUMNS
                       : seed % 3 == 1 ? COLUMNS(0)
                                       : COLUMNS(2, 0),
                       aggregates, 4);
}

START_TEST(counts_and_sums_agree_with_the_reference)
{
    run_seeds(counts_and_sums, (TrialOptions){0});
}
END_TEST

static uint32_t
distinct_aggregates(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    PlanAggregate aggregates[] = {
        plan_aggregate(builder, get, "count", 1),
        plan_aggregate(builder, get, "sum", 1),
        plan_aggregate(builder, get, "count", 2),
    };
    for (int i = 0; i < 3; i++)
        aggregates[i].distinct = true;
    aggregates[2].filter = 3;
    return plan_reduce(builder, get, seed % 2 == 0 ? NO_COLUMNS : COLUMNS(0), aggregates, 3);
}

START_TEST(distinct_aggregates_count_each_value_once)
{
    run_seeds(distinct_aggregates, (TrialOptions){0});
}
END_TEST

static uint32_t
extremes(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    PlanAggregate aggregates[] = {
        plan_aggregate(builder, get, "min", 1), plan_aggregate(builder, get, "max", 1),
        plan_aggregate(builder, get, "max", 2), plan_aggregate(builder, get, "count", -1),
        plan_aggregate(builder, get, "min", 2),
    };
    aggregates[4].filter = 3;
    return plan_reduce(builder, get, seed % 2 == 0 ? NO_COLUMNS : COLUMNS(0), aggregates, 5);
}

START_TEST(min_and_max_survive_the_retraction_of_the_extreme)
{
    run_seeds(extremes, (TrialOptions){0});
}
END_TEST

static uint32_t
collections(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    PlanAggregate aggregates[] = {
        plan_aggregate(builder, get, "array_agg", 1),
        plan_aggregate(builder, get, "array_agg", 2),
        plan_aggregate(builder, get, "array_agg", 1),
    };
    SortKey *order = arena_new_array(builder->arena, SortKey, 2);
    order[0] = (SortKey){.column = 2, .descending = true, .nulls_first = true};
    order[1] = (SortKey){.column = 1};
    aggregates[0].order = order;
    aggregates[0].order_count = 2;
    aggregates[1].distinct = true;
    aggregates[2].filter = 3;
    return plan_reduce(builder, get, seed % 2 == 0 ? NO_COLUMNS : COLUMNS(0), aggregates, 3);
}

START_TEST(collected_aggregates_are_in_order)
{
    run_seeds(collections, (TrialOptions){0});
}
END_TEST

static uint32_t
distinct_rows(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    return seed % 2 == 0 ? plan_reduce(builder, get, COLUMNS(0, 2), NULL, 0) : plan_distinct(builder, get);
}

START_TEST(distinct_gives_each_row_once)
{
    run_seeds(distinct_rows, (TrialOptions){0});
}
END_TEST

static uint32_t
top_rows(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    SortKey order[] = {{.column = 1, .descending = seed % 2 == 0, .nulls_first = seed % 3 == 0}, {.column = 2}};
    static const int64_t limits[] = {1, 3, -1, 2};
    return plan_topk(builder, get, seed % 4 == 0 ? NO_COLUMNS : COLUMNS(0), order, seed % 5 == 0 ? 0 : 2,
                     limits[seed % 4], (int64_t) (seed % 3));
}

START_TEST(the_first_rows_of_each_group_stay_right)
{
    run_seeds(top_rows, (TrialOptions){0});
}
END_TEST

/* A call over columns (k, v, s, f) and two columns of offsets behind them. */
static WindowCall
window_call_of(PlanBuilder *builder, uint32_t input, uint64_t *seed)
{
    static const char *const aggregates[] = {"count", "sum", "min", "max", "array_agg"};
    static const WindowFunction functions[] = {WINDOW_ROW_NUMBER,  WINDOW_RANK,       WINDOW_DENSE_RANK, WINDOW_LAG,
                                               WINDOW_FIRST_VALUE, WINDOW_LAST_VALUE, WINDOW_LEAD};
    WindowCall call = {.filter = -1, .type = SQL_TYPE(INT8), .function = WINDOW_AGGREGATE};
    call.frame = (WindowFrame){.units = (FrameUnits) trial_mix(seed, 3),
                               .start = (FrameBound) trial_mix(seed, 4),
                               .exclude = (FrameExclude) trial_mix(seed, 4),
                               .start_offset = TRIAL_COLUMNS,
                               .end_offset = TRIAL_COLUMNS + 1};
    call.frame.end = (FrameBound) (FRAME_PRECEDING + trial_mix(seed, 4));
    if (trial_mix(seed, 2) == 0) {
        PlanAggregate aggregate = plan_aggregate(builder, input, aggregates[trial_mix(seed, 5)], 1);
        call.aggregate = aggregate.call;
        call.type = aggregate.call.result_type;
        call.args[0] = 1;
        call.arg_count = 1;
        call.filter = trial_mix(seed, 3) == 0 ? 3 : -1;
        return call;
    }
    call.function = functions[trial_mix(seed, 7)];
    if (call.function < WINDOW_LAG)
        return call;
    call.args[0] = (uint16_t) trial_mix(seed, TRIAL_COLUMNS);
    call.arg_count = 1;
    call.type = trial_types[call.args[0]];
    call.ignore_nulls = trial_mix(seed, 3) == 0;
    return call;
}

static uint32_t
window_rows(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    uint64_t random = seed * 31 + 7;
    uint32_t input = plan_linear(builder, get,
                                 plan_scalars(builder, 2, plan_int(builder, (int64_t) trial_mix(&random, 3)),
                                              plan_int(builder, (int64_t) trial_mix(&random, 3))),
                                 NULL, COLUMNS(0, 1, 2, 3, 4, 5));
    SortKey order[] = {{.column = (uint16_t) trial_mix(&random, 2),
                        .descending = trial_mix(&random, 2) == 0,
                        .nulls_first = trial_mix(&random, 2) == 0}};
    WindowCall calls[3];
    int count = 1 + (int) trial_mix(&random, 3);
    for (int i = 0; i < count; i++)
        calls[i] = window_call_of(builder, input, &random);
    return plan_window(builder, input, trial_mix(&random, 3) == 0 ? NO_COLUMNS : COLUMNS(2), order, 1, calls, count);
}

START_TEST(windows_agree_with_frames_looked_at_row_by_row)
{
    run_seeds(window_rows, (TrialOptions){0});
    for (uint64_t seed = 1000; seed < 1040; seed++)
        trial_run(window_rows, &(TrialOptions){.seed = seed, .rounds = 4});
}
END_TEST

static uint32_t
except_all(PlanBuilder *builder, uint64_t seed)
{
    uint32_t a = plan_linear(builder, trial_get(builder, TRIAL_A), NULL, NULL, COLUMNS(0, 2));
    uint32_t b = plan_linear(builder, trial_get(builder, TRIAL_B), NULL, NULL, COLUMNS(0, 2));
    uint32_t inputs[] = {a, plan_unary(builder, PLAN_NEGATE, b)};
    uint32_t both = plan_union(builder, inputs, 2);
    return seed % 2 == 0 ? plan_unary(builder, PLAN_THRESHOLD, both) : plan_distinct(builder, both);
}

START_TEST(except_is_a_threshold_over_a_difference)
{
    run_seeds(except_all, (TrialOptions){.no_errors = true});
}
END_TEST

static uint32_t
union_of_two(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t inputs[] = {trial_get(builder, TRIAL_A), trial_get(builder, TRIAL_B), trial_get(builder, TRIAL_FED)};
    return plan_union(builder, inputs, 3);
}

START_TEST(a_union_has_all_rows_of_its_inputs)
{
    run_seeds(union_of_two, (TrialOptions){0});
}
END_TEST

static uint32_t
guarded(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    return plan_guard(builder, get, seed % 2 == 0 ? COLUMNS(0, 1, 2) : COLUMNS(0));
}

START_TEST(a_guard_fails_while_a_group_has_two_rows)
{
    run_seeds(guarded, (TrialOptions){0});
}
END_TEST

/* There from 2v + 20 on, until 3k + 35: much of it lies ahead when it comes. */
static uint32_t
temporal(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    Scalar *lower = plan_operator(builder, "+", plan_int(builder, 20),
                                  plan_operator(builder, "*", plan_int(builder, 2), plan_column(builder, get, 1)));
    Scalar *upper = plan_operator(builder, "+", plan_int(builder, 35),
                                  plan_operator(builder, "*", plan_int(builder, 3), plan_column(builder, get, 0)));
    /* The bounds are integers of the same width; the type is all that a cast would change. */
    lower = scalar_copy(builder->arena, lower);
    upper = scalar_copy(builder->arena, upper);
    lower->type = upper->type = SQL_TYPE(MZ_TIMESTAMP);
    return plan_temporal(builder, get, seed % 3 == 1 ? NULL : lower, seed % 3 == 2 ? NULL : upper);
}

START_TEST(rows_enter_and_leave_as_time_passes_their_bounds)
{
    run_seeds(temporal, (TrialOptions){.rounds = 20, .no_errors = true});
}
END_TEST

/* generate_series(0, v), nothing where v is null. */
static uint32_t
series(PlanBuilder *builder, uint64_t seed)
{
    uint32_t get = trial_get(builder, TRIAL_A);
    TableFunctionCall call;
    Error err = ERROR_INIT;
    SqlType types[] = {SQL_TYPE(INT8), SQL_TYPE(INT8)};
    bool ok = table_function_resolve(NULL, "generate_series", types, 2, 0, builder->arena, &call, &err);
    ck_assert_msg(ok, "%s", err.message);
    return plan_flat_map(builder, get, &call,
                         plan_scalars(builder, 2, plan_int(builder, 0), plan_column(builder, get, 1)), seed % 2 == 0);
}

START_TEST(a_table_function_expands_each_row)
{
    run_seeds(series, (TrialOptions){0});
}
END_TEST

static uint32_t
constant_joined(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    SqlType types[] = {SQL_TYPE(INT8), SQL_TYPE(TEXT)};
    Datum rows[] = {datum_int(1), datum_text("one"), datum_int(2), datum_text("two"), datum_int(2), datum_text("deux")};
    uint32_t inputs[] = {trial_get(builder, TRIAL_A), plan_constant(builder, types, 2, rows, 3)};
    return plan_join(builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(0, 1, 5));
}

START_TEST(a_constant_is_there_from_the_start)
{
    run_seeds(constant_joined, (TrialOptions){0});
}
END_TEST

/* A left join as planners make it: the join, and the left rows without a partner. */
static uint32_t
outer_join(PlanBuilder *builder, uint64_t seed)
{
    (void) seed;
    uint32_t a = trial_get(builder, TRIAL_A), b = trial_get(builder, TRIAL_B);
    uint32_t sides[] = {a, b};
    uint32_t inner =
        plan_join(builder, sides, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(0, 1, 2, 3, 5));
    uint32_t keys = plan_reduce(builder, b, COLUMNS(0), NULL, 0);
    uint32_t with_keys[] = {a, keys};
    uint32_t matched =
        plan_join(builder, with_keys, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(0, 1, 2, 3));
    uint32_t difference[] = {a, plan_unary(builder, PLAN_NEGATE, matched)};
    uint32_t unmatched = plan_union(builder, difference, 2);
    uint32_t padded =
        plan_linear(builder, unmatched, plan_scalars(builder, 1, scalar_null(builder->arena, SQL_TYPE(INT8))), NULL,
                    COLUMNS(0, 1, 2, 3, 4));
    uint32_t all[] = {inner, padded};
    return plan_union(builder, all, 2);
}

START_TEST(a_left_join_made_of_joins_and_a_difference_stays_right)
{
    run_seeds(outer_join, (TrialOptions){.no_errors = true});
}
END_TEST

Suite *suite_dataflow_operators(void);

Suite *
suite_dataflow_operators(void)
{
    Suite *suite = suite_create("dataflow/operators");
    TCase *tcase = tcase_create("against the reference");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, an_import_follows_its_collection);
    tcase_add_test(tcase, map_and_filter_agree_with_the_reference_and_errors_come_and_go);
    tcase_add_test(tcase, rows_that_a_filter_drops_do_not_fail_in_a_map);
    tcase_add_test(tcase, a_join_agrees_with_nested_loops);
    tcase_add_test(tcase, a_join_of_three_keeps_what_later_stages_read);
    tcase_add_test(tcase, a_collection_joins_with_itself);
    tcase_add_test(tcase, both_sides_of_a_join_can_be_one_arrangement);
    tcase_add_test(tcase, a_cross_join_pairs_everything);
    tcase_add_test(tcase, counts_and_sums_agree_with_the_reference);
    tcase_add_test(tcase, distinct_aggregates_count_each_value_once);
    tcase_add_test(tcase, min_and_max_survive_the_retraction_of_the_extreme);
    tcase_add_test(tcase, collected_aggregates_are_in_order);
    tcase_add_test(tcase, distinct_gives_each_row_once);
    tcase_add_test(tcase, the_first_rows_of_each_group_stay_right);
    tcase_add_test(tcase, windows_agree_with_frames_looked_at_row_by_row);
    tcase_add_test(tcase, except_is_a_threshold_over_a_difference);
    tcase_add_test(tcase, a_union_has_all_rows_of_its_inputs);
    tcase_add_test(tcase, a_guard_fails_while_a_group_has_two_rows);
    tcase_add_test(tcase, rows_enter_and_leave_as_time_passes_their_bounds);
    tcase_add_test(tcase, a_table_function_expands_each_row);
    tcase_add_test(tcase, a_constant_is_there_from_the_start);
    tcase_add_test(tcase, a_left_join_made_of_joins_and_a_difference_stays_right);
    suite_add_tcase(suite, tcase);
    return suite;
}
