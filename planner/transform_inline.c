/*
 * transform_inline.c -- bindings to where they are used, unless that would compute something twice.
 */
#include "planner/transform.h"

typedef struct Inline {
    MirPlan *plan;
    int *uses;
    int *position; /* of a binding that stays, among those that stay */
    Mir **bindings;
} Inline;

static void
count_use(void *context, Mir *mir)
{
    int *uses = context;
    if (mir->kind == MIR_LET)
        uses[mir->binding]++;
}

/* Reading a table through a filter twice lets each reader have a filter of its own; equal ones are shared again at the end. */
static bool
is_cheap(const Mir *mir)
{
    while (mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT || mir->kind == MIR_MAP)
        mir = mir->inputs[0];
    return mir->kind == MIR_GET || mir->kind == MIR_LET || (mir->kind == MIR_CONSTANT && mir->constant.count <= 1);
}

static bool
stays(const Inline *inlining, int binding)
{
    return inlining->uses[binding] > 1 && !is_cheap(inlining->plan->bindings[binding]);
}

static Mir *
replace(void *context, Mir *mir)
{
    const Inline *inlining = context;
    if (mir->kind != MIR_LET)
        return mir;
    Mir *bound = inlining->bindings[mir->binding];
    if (!stays(inlining, mir->binding))
        return bound;
    Mir *moved = mir_let(inlining->plan, mir->binding);
    moved->types = bound->types;
    moved->nullable = bound->nullable;
    moved->binding = inlining->position[mir->binding];
    return moved;
}

void
transform_inline(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    if (plan->count == 0)
        return;
    Inline inlining = {
        .plan = plan,
        .uses = arena_new_array(plan->arena, int, plan->count),
        .position = arena_new_array(plan->arena, int, plan->count),
        .bindings = arena_new_array(plan->arena, Mir *, plan->count),
    };
    /* From the root down, so that what only an unused binding uses is unused too. */
    mir_visit(plan->root, count_use, inlining.uses);
    for (int i = plan->count - 1; i >= 0; i--) {
        /* What is repeated repeats what it reads. */
        int copies = inlining.uses[i] > 0 && !stays(&inlining, i) ? inlining.uses[i] : inlining.uses[i] > 0;
        for (int copy = 0; copy < copies; copy++)
            mir_visit(plan->bindings[i], count_use, inlining.uses);
    }
    int kept = 0;
    for (int i = 0; i < plan->count; i++) {
        if (inlining.uses[i] == 0)
            continue;
        inlining.bindings[i] = mir_rewrite(plan->arena, plan->bindings[i], replace, &inlining);
        if (stays(&inlining, i))
            inlining.position[i] = kept++;
    }
    plan->root = mir_rewrite(plan->arena, plan->root, replace, &inlining);
    Mir **bindings = arena_new_array(plan->arena, Mir *, kept);
    for (int i = 0; i < plan->count; i++) {
        if (stays(&inlining, i))
            bindings[inlining.position[i]] = inlining.bindings[i];
    }
    plan->bindings = bindings;
    plan->count = plan->capacity = kept;
}
