#include <check.h>
#include <stdlib.h>

#include "tests/unit/dataflow/trial.h"

/* Grows plans at random: every kind of node, shared nodes, indexes, over rows with nulls, repeats, retractions and errors. */

#define PLANS       60
#define NODES_MAX   9
#define COLUMNS_MAX 6

typedef struct Growth {
    PlanBuilder *builder;
    uint64_t random;
    uint32_t nodes[NODES_MAX + 8];
    bool may_be_negative[NODES_MAX + 8];
    int count;
    int joins;
} Growth;

static uint64_t
draw(Growth *growth, uint64_t below)
{
    return trial_mix(&growth->random, below);
}

static void
add(Growth *growth, uint32_t node, bool may_be_negative)
{
    growth->nodes[growth->count] = node;
    growth->may_be_negative[growth->count++] = may_be_negative;
}

static int
draw_node(Growth *growth)
{
    /* Young nodes are drawn more often, so that plans grow deep. */
    uint64_t a = draw(growth, (uint64_t) growth->count), b = draw(growth, (uint64_t) growth->count);
    return (int) (a > b ? a : b);
}

/* A column of the type; -1: there is none. */
static int
draw_column(Growth *growth, uint32_t node, TypeId type)
{
    const PlanNode *plan = plan_node(growth->builder, node);
    int start = (int) draw(growth, plan->column_count);
    for (int i = 0; i < plan->column_count; i++) {
        int column = (start + i) % plan->column_count;
        if (plan->types[column].id == type)
            return column;
    }
    return -1;
}

static Columns
draw_columns(Growth *growth, int total, int max)
{
    Columns columns = {.count = (int) draw(growth, (uint64_t) (max < total ? max : total) + 1)};
    for (int i = 0; i < columns.count; i++)
        columns.items[i] = (uint16_t) draw(growth, (uint64_t) total);
    return columns;
}

/* Different columns: a group's key has each once. */
static Columns
draw_key(Growth *growth, int total, int max)
{
    Columns drawn = draw_columns(growth, total, max), key = {0};
    for (int i = 0; i < drawn.count; i++) {
        bool seen = false;
        for (int k = 0; k < key.count; k++)
            seen = seen || key.items[k] == drawn.items[i];
        if (!seen)
            key.items[key.count++] = drawn.items[i];
    }
    return key;
}

static void
grow_linear(Growth *growth, int from)
{
    PlanBuilder *builder = growth->builder;
    uint32_t input = growth->nodes[from];
    int total = plan_node(builder, input)->column_count;
    Scalar *map = NULL, *filter = NULL;
    int a = draw_column(growth, input, TYPE_INT8), b = draw_column(growth, input, TYPE_INT8);
    if (a >= 0) {
        static const char *const operators[] = {"+", "-", "*", "/", "%"};
        static const char *const comparisons[] = {"<", "<>", ">=", "="};
        map = plan_operator(builder, operators[draw(growth, 5)], plan_column(builder, input, (uint16_t) a),
                            plan_column(builder, input, (uint16_t) b));
        if (draw(growth, 2) == 0)
            filter = plan_operator(builder, comparisons[draw(growth, 4)],
                                   draw(growth, 2) == 0 ? scalar_copy(builder->arena, map)
                                                        : plan_column(builder, input, (uint16_t) a),
                                   plan_int(builder, (int64_t) draw(growth, 6) - 1));
    }
    Columns project = draw_columns(growth, total + (map != NULL), COLUMNS_MAX);
    if (project.count == 0)
        project = COLUMNS(0);
    add(growth, plan_linear(builder, input, plan_scalars(builder, 1, map), plan_scalars(builder, 1, filter), project),
        growth->may_be_negative[from]);
}

static void
grow_join(Growth *growth, int left, int right)
{
    PlanBuilder *builder = growth->builder;
    uint32_t inputs[] = {growth->nodes[left], growth->nodes[right]};
    TypeId type = draw(growth, 3) == 0 ? TYPE_TEXT : TYPE_INT8;
    int a = draw_column(growth, inputs[0], type), b = draw_column(growth, inputs[1], type);
    if (a < 0 || b < 0 || growth->joins == 2)
        return;
    growth->joins++;
    int total = plan_node(builder, inputs[0])->column_count + plan_node(builder, inputs[1])->column_count;
    Columns project = draw_columns(growth, total, COLUMNS_MAX);
    if (project.count == 0)
        project = COLUMNS(0);
    add(growth,
        plan_join(builder, inputs, 2, (Columns[]){COLUMNS((uint16_t) a)}, (Columns[]){COLUMNS((uint16_t) b)}, NULL,
                  project),
        growth->may_be_negative[left] || growth->may_be_negative[right]);
}

static void
grow_reduce(Growth *growth, int from)
{
    PlanBuilder *builder = growth->builder;
    uint32_t input = growth->nodes[from];
    static const char *const names[] = {"count", "sum", "min", "max", "array_agg", "count"};
    PlanAggregate aggregates[4];
    int count = (int) draw(growth, 4);
    for (int i = 0; i < count; i++) {
        int kind = (int) draw(growth, 6);
        int column = draw_column(growth, input, kind > 1 && draw(growth, 2) == 0 ? TYPE_TEXT : TYPE_INT8);
        if (column < 0 || kind == 5) {
            aggregates[i] = plan_aggregate(builder, input, "count", -1);
        } else {
            aggregates[i] = plan_aggregate(builder, input, names[kind], column);
            aggregates[i].distinct = draw(growth, 3) == 0;
        }
        int filter = draw_column(growth, input, TYPE_BOOL);
        if (draw(growth, 3) == 0)
            aggregates[i].filter = (int16_t) filter;
    }
    Columns key = draw_key(growth, plan_node(builder, input)->column_count, 2);
    if (key.count + count == 0)
        key = COLUMNS(0);
    add(growth, plan_reduce(builder, input, key, aggregates, count), false);
}

static void
grow_topk(Growth *growth, int from)
{
    PlanBuilder *builder = growth->builder;
    uint32_t input = growth->nodes[from];
    int total = plan_node(builder, input)->column_count;
    SortKey order[2] = {0};
    int order_count = (int) draw(growth, 3);
    for (int i = 0; i < order_count; i++)
        order[i] = (SortKey){.column = (uint16_t) draw(growth, (uint64_t) total),
                             .descending = draw(growth, 2) == 0,
                             .nulls_first = draw(growth, 2) == 0};
    add(growth,
        plan_topk(builder, input, draw_key(growth, total, 2), order, order_count, (int64_t) draw(growth, 4) - 1,
                  (int64_t) draw(growth, 3)),
        false);
}

/* Columns of the same types in both: the common ones, by projection. */
static bool
align(Growth *growth, int a, int b, uint32_t aligned[2])
{
    PlanBuilder *builder = growth->builder;
    Columns project[2] = {0};
    for (TypeId type = TYPE_UNKNOWN; type < TYPE_COUNT; type++) {
        if (type != TYPE_INT8 && type != TYPE_TEXT)
            continue;
        int x = draw_column(growth, growth->nodes[a], type), y = draw_column(growth, growth->nodes[b], type);
        if (x < 0 || y < 0)
            continue;
        project[0].items[project[0].count++] = (uint16_t) x;
        project[1].items[project[1].count++] = (uint16_t) y;
    }
    if (project[0].count == 0)
        return false;
    aligned[0] = plan_linear(builder, growth->nodes[a], NULL, NULL, project[0]);
    aligned[1] = plan_linear(builder, growth->nodes[b], NULL, NULL, project[1]);
    return true;
}

static void
grow_set(Growth *growth, int a, int b)
{
    PlanBuilder *builder = growth->builder;
    uint32_t aligned[2];
    if (!align(growth, a, b, aligned))
        return;
    bool subtract = draw(growth, 2) == 0;
    if (subtract)
        aligned[1] = plan_unary(builder, PLAN_NEGATE, aligned[1]);
    uint32_t node = plan_union(builder, aligned, 2);
    bool negative = subtract || growth->may_be_negative[a] || growth->may_be_negative[b];
    if (draw(growth, 3) > 0) {
        node = draw(growth, 2) == 0 ? plan_unary(builder, PLAN_THRESHOLD, node) : plan_distinct(builder, node);
        negative = false;
    }
    add(growth, node, negative);
}

static void
grow(Growth *growth)
{
    PlanBuilder *builder = growth->builder;
    int from = draw_node(growth);
    bool negative = growth->may_be_negative[from];
    switch (draw(growth, 8)) {
    case 0:
    case 1:
        grow_linear(growth, from);
        break;
    case 2:
        grow_join(growth, from, draw_node(growth));
        break;
    case 3:
    case 4:
        if (!negative)
            grow_reduce(growth, from);
        break;
    case 5:
        if (!negative)
            grow_topk(growth, from);
        break;
    case 6:
        grow_set(growth, from, draw_node(growth));
        break;
    default:
        if (!negative && draw(growth, 2) == 0)
            add(growth,
                plan_guard(builder, growth->nodes[from],
                           draw_key(growth, plan_node(builder, growth->nodes[from])->column_count, 3)),
                false);
        else
            add(growth, plan_distinct(builder, growth->nodes[from]), false);
        break;
    }
}

static uint32_t
random_plan(PlanBuilder *builder, uint64_t seed)
{
    Growth growth = {.builder = builder, .random = seed * 77};
    bool indexed = seed % 2 == 0;
    add(&growth, indexed ? trial_get_indexed(builder, TRIAL_A) : trial_get(builder, TRIAL_A), false);
    add(&growth, indexed && seed % 4 == 0 ? trial_get_indexed(builder, TRIAL_B) : trial_get(builder, TRIAL_B), false);
    add(&growth, trial_get(builder, TRIAL_FED), false);
    int wanted = 4 + (int) draw(&growth, NODES_MAX - 4);
    for (int tries = 0; growth.count < wanted && tries < 50; tries++)
        grow(&growth);
    int last = growth.count - 1;
    return growth.may_be_negative[last] ? plan_unary(builder, PLAN_THRESHOLD, growth.nodes[last]) : growth.nodes[last];
}

/* FRESHET_SEED and FRESHET_PLANS in the environment run other plans. */
static uint64_t
from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

START_TEST(random_plans_agree_with_the_reference_at_every_time)
{
    uint64_t first = from_environment("FRESHET_SEED", 1);
    uint64_t plans = from_environment("FRESHET_PLANS", PLANS);
    for (uint64_t seed = first; seed < first + plans; seed++)
        trial_run(random_plan, &(TrialOptions){.seed = seed, .rounds = 6, .indexed = true, .no_errors = seed % 3 > 0});
}
END_TEST

START_TEST(every_plan_passes_its_check_and_prints)
{
    for (uint64_t seed = 1; seed < 300; seed++) {
        PlanBuilder builder = plan_builder_new(10, false);
        uint32_t node = random_plan(&builder, seed);
        plan_export_subscribe(&builder, node, 1, true);
        Error err = ERROR_INIT;
        ck_assert_msg(dataflow_plan_check(builder.plan, &err), "seed %llu: %s", (unsigned long long) seed, err.message);
        Buffer text = {0};
        dataflow_plan_print(builder.plan, NULL, NULL, &text);
        ck_assert_uint_gt(text.size, 0);
        buffer_deinit(&text);
        dataflow_plan_free(builder.plan);
    }
}
END_TEST

Suite *suite_dataflow_random_plans(void);

Suite *
suite_dataflow_random_plans(void)
{
    Suite *suite = suite_create("dataflow/random_plans");
    TCase *tcase = tcase_create("random plans");
    tcase_set_timeout(tcase, 1200);
    tcase_add_test(tcase, random_plans_agree_with_the_reference_at_every_time);
    tcase_add_test(tcase, every_plan_passes_its_check_and_prints);
    suite_add_tcase(suite, tcase);
    return suite;
}
