/*
 * transform_settle.c -- thresholds around random() and the like.
 */
#include "planner/transform.h"

static bool
calls_volatile(const Mir *mir)
{
    bool found = false;
    if (mir->kind == MIR_MAP || mir->kind == MIR_FILTER) {
        for (int i = 0; i < mir->list.count; i++)
            found |= scalar_is_volatile(mir->list.exprs[i]);
    } else if (mir->kind == MIR_FLAT_MAP) {
        for (int i = 0; i < mir->flat_map.arg_count; i++)
            found |= scalar_is_volatile(mir->flat_map.args[i]);
    }
    return found;
}

static Mir *
settled(Arena *arena, Mir *mir)
{
    if (mir->kind == MIR_GET || mir->kind == MIR_CONSTANT || (mir->kind == MIR_THRESHOLD && mir->threshold.settles))
        return mir;
    Mir *threshold = mir_threshold(arena, mir, false);
    threshold->threshold.settles = true;
    return threshold;
}

static Mir *
settle(void *context, Mir *mir)
{
    MirPlan *plan = context;
    if (!calls_volatile(mir))
        return mir;
    Mir *input = settled(plan->arena, mir->inputs[0]);
    return settled(plan->arena, mir_with_inputs(plan->arena, mir, &input));
}

/* Nothing comes after the last values: they need no threshold of their own. */
static Mir *
open_end(Arena *arena, Mir *mir)
{
    if (mir->kind == MIR_THRESHOLD && mir->threshold.settles)
        return mir->inputs[0];
    if (mir->kind != MIR_PROJECT)
        return mir;
    Mir *input = open_end(arena, mir->inputs[0]);
    return input == mir->inputs[0] ? mir : mir_with_inputs(arena, mir, &input);
}

void
transform_settle(MirPlan *plan)
{
    mir_plan_rewrite(plan, settle, plan);
    plan->root = open_end(plan->arena, plan->root);
}
