/*
 * transform_reduce.c -- aggregates that can be had for less.
 *
 *     count(x), x never null            count(*)
 *     min(DISTINCT x)                   min(x)
 *     count(DISTINCT x), x unique       count(x)
 *     min(x) over distinct rows         min(x) over the rows
 */
#include "planner/transform.h"

/* Whether each value counts once, however often it comes. */
static bool
ignores_repeats(const PlanAggregate *aggregate)
{
    static const char *const names[] = {"min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(aggregate->call.function->name, names[i]) == 0)
            return true;
    }
    return aggregate->distinct;
}

static bool
is_count(const AggregateFunction *function, int arg_count)
{
    return function->arg_count == arg_count && strcmp(function->name, "count") == 0;
}

/* count(*) in the place of count(x); NULL: it is something else. */
static const AggregateFunction *
count_rows(const PlanAggregate *aggregate)
{
    const AggregateFunction *function;
    if (!is_count(aggregate->call.function, 1))
        return NULL;
    for (size_t i = 0; (function = aggregate_at(i)) != NULL; i++) {
        if (is_count(function, 0))
            return function;
    }
    return NULL;
}

/* The group's rows have different values of the argument: key and argument together are unique. */
static bool
argument_unique(const MirPlan *plan, const Mir *mir, const PlanAggregate *aggregate)
{
    const ReducePlan *reduce = &mir->reduce;
    uint16_t *columns = arena_new_array(plan->arena, uint16_t, reduce->key_count + 3);
    for (int i = 0; i < reduce->key_count; i++)
        columns[i] = reduce->key[i];
    for (int i = 0; i < aggregate->call.function->arg_count; i++)
        columns[reduce->key_count + i] = aggregate->args[i];
    return mir_columns_unique(plan, mir->inputs[0], plan->arena, columns,
                              reduce->key_count + aggregate->call.function->arg_count) &&
           mir_non_negative(plan, mir->inputs[0]);
}

static bool
simplify_aggregate(const MirPlan *plan, const Mir *mir, PlanAggregate *aggregate)
{
    bool changed = false;
    if (aggregate->distinct && aggregate->call.function->arg_count > 0) {
        aggregate->distinct = false;
        bool repeats_do_not_matter = ignores_repeats(aggregate);
        aggregate->distinct = !repeats_do_not_matter && !argument_unique(plan, mir, aggregate);
        changed = !aggregate->distinct;
    }
    const AggregateFunction *rows = aggregate->distinct ? NULL : count_rows(aggregate);
    if (rows != NULL && !mir->inputs[0]->nullable[aggregate->args[0]]) {
        aggregate->call.function = rows;
        changed = true;
    }
    return changed;
}

/* The input without the distinct around it, when no aggregate would see the difference. */
static Mir *
without_distinct(const MirPlan *plan, const Mir *mir)
{
    Mir *input = mir->inputs[0];
    if (input->kind != MIR_REDUCE || input->reduce.aggregate_count > 0 || mir->reduce.aggregate_count == 0 ||
        !mir_non_negative(plan, input->inputs[0]))
        return input;
    for (int i = 0; i < mir->reduce.aggregate_count; i++) {
        if (!ignores_repeats(&mir->reduce.aggregates[i]))
            return input;
    }
    return mir_project(plan->arena, input->inputs[0], input->reduce.key, input->reduce.key_count);
}

static Mir *
simplify(void *context, Mir *mir)
{
    const MirPlan *plan = context;
    if (mir->kind != MIR_REDUCE || mir->reduce.aggregate_count == 0)
        return mir;
    int count = mir->reduce.aggregate_count;
    PlanAggregate *aggregates = arena_new_array(plan->arena, PlanAggregate, count);
    bool changed = false;
    for (int i = 0; i < count; i++) {
        aggregates[i] = mir->reduce.aggregates[i];
        changed |= simplify_aggregate(plan, mir, &aggregates[i]);
    }
    Mir *input = without_distinct(plan, mir);
    if (!changed && input == mir->inputs[0])
        return mir;
    return mir_reduce(plan->arena, input, mir->reduce.key, mir->reduce.key_count, aggregates, count);
}

void
transform_reduce(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    mir_plan_rewrite(plan, simplify, plan);
}
