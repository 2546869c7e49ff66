/*
 * optimize.c -- the list of passes.
 */
#include "planner/transform.h"

Mir *
mir_rewrite(Arena *arena, Mir *mir, MirRewrite rewrite, void *context)
{
    Mir *changed = mir;
    if (mir->input_count > 0) {
        Mir **inputs = NULL;
        for (int i = 0; i < mir->input_count; i++) {
            Mir *input = mir_rewrite(arena, mir->inputs[i], rewrite, context);
            if (input == mir->inputs[i] && inputs == NULL)
                continue;
            if (inputs == NULL) {
                inputs = arena_new_array(arena, Mir *, mir->input_count);
                memcpy(inputs, mir->inputs, (size_t) mir->input_count * sizeof *inputs);
            }
            inputs[i] = input;
        }
        if (inputs != NULL)
            changed = mir_with_inputs(arena, mir, inputs);
    }
    return rewrite(context, changed);
}

/* What a binding knows of its columns may have grown: its LETs show it. */
typedef struct LetRefresh {
    MirPlan *plan;
    MirRewrite rewrite;
    void *context;
} LetRefresh;

static Mir *
refresh(void *context, Mir *mir)
{
    const LetRefresh *let = context;
    if (mir->kind == MIR_LET && mir->nullable != let->plan->bindings[mir->binding]->nullable)
        mir = mir_let(let->plan, mir->binding);
    return let->rewrite(let->context, mir);
}

void
mir_plan_rewrite(MirPlan *plan, MirRewrite rewrite, void *context)
{
    LetRefresh let = {plan, rewrite, context};
    for (int i = 0; i < plan->count; i++)
        plan->bindings[i] = mir_rewrite(plan->arena, plan->bindings[i], refresh, &let);
    plan->root = mir_rewrite(plan->arena, plan->root, refresh, &let);
}

typedef struct Pass {
    const char *name;
    Transform transform;
} Pass;

static const Pass logical[] = {
    {"inline", transform_inline},         {"fold", transform_fold},
    {"fusion", transform_fusion},         {"pushdown", transform_pushdown},
    {"redundancy", transform_redundancy}, {"projection", transform_projection},
};

static const Pass physical[] = {
    {"inline", transform_inline},         {"fold", transform_fold},
    {"fusion", transform_fusion},         {"join order", transform_join_order},
    {"projection", transform_projection}, {"share", transform_share},
};

static void
run(MirPlan *plan, const Pass *passes, size_t count, const OptimizeContext *context,
    void (*after)(void *context, const char *pass, const MirPlan *plan), void *after_context)
{
    for (size_t i = 0; i < count; i++) {
        passes[i].transform(plan, context);
#ifndef NDEBUG
        mir_plan_check(plan, passes[i].name);
#endif
        if (after != NULL)
            after(after_context, passes[i].name, plan);
    }
}

static bool
is_linear(const Mir *mir)
{
    while (mir->kind == MIR_MAP || mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT)
        mir = mir->inputs[0];
    return mir->kind == MIR_GET || mir->kind == MIR_CONSTANT;
}

void
optimize(MirPlan *plan, const OptimizeContext *context,
         void (*after)(void *context, const char *pass, const MirPlan *plan), void *after_context)
{
    /* A second round sees joins and unions that the first one uncovered; a chain over one relation has nothing to uncover. */
    int rounds = plan->count == 0 && is_linear(plan->root) ? 1 : 3;
    for (int round = 0; round < rounds; round++)
        run(plan, logical, sizeof logical / sizeof logical[0], context, after, after_context);
    if (rounds > 1)
        run(plan, physical, sizeof physical / sizeof physical[0], context, after, after_context);
}
