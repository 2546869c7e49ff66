/*
 * mir_recursion.c -- recursive blocks in the algebra: how they are made, walked, and told to be monotone.
 */
#include "planner/mir.h"

static Mir *
make_leaf(Arena *arena, MirKind kind, const SqlType *types, int column_count)
{
    Mir *mir = arena_new_struct(arena, Mir);
    mir->kind = kind;
    mir->column_count = column_count;
    mir->types = arena_new_array(arena, SqlType, column_count);
    mir->nullable = arena_new_array(arena, bool, column_count);
    for (int i = 0; i < column_count; i++) {
        mir->types[i] = types[i];
        mir->nullable[i] = true;
    }
    return mir;
}

Mir *
mir_recurse(Arena *arena, MirRecursion *recursion)
{
    const Mir *root = recursion->body->root;
    Mir *mir = make_leaf(arena, MIR_RECURSE, root->types, root->column_count);
    mir->recursion = recursion;
    return mir;
}

Mir *
mir_feedback(Arena *arena, int block, const SqlType *types, int column_count)
{
    Mir *mir = make_leaf(arena, MIR_FEEDBACK, types, column_count);
    mir->feedback = block;
    return mir;
}

typedef struct PlanVisit {
    void (*visit)(void *context, Mir *mir);
    void *context;
} PlanVisit;

static void
visit_node(void *context, Mir *mir)
{
    const PlanVisit *plan_visit = context;
    plan_visit->visit(plan_visit->context, mir);
    if (mir->kind == MIR_RECURSE)
        mir_plan_visit(mir->recursion->body, plan_visit->visit, plan_visit->context);
}

void
mir_plan_visit(const MirPlan *plan, void (*visit)(void *context, Mir *mir), void *context)
{
    PlanVisit plan_visit = {visit, context};
    for (int i = 0; i < plan->count; i++)
        mir_visit(plan->bindings[i], visit_node, &plan_visit);
    mir_visit(plan->root, visit_node, &plan_visit);
}

static void
note_non_monotone(void *context, Mir *mir)
{
    bool *monotone = context;
    switch (mir->kind) {
    case MIR_NEGATE:
    case MIR_TOPK:
    case MIR_WINDOW:
    case MIR_GUARD:
        *monotone = false;
        return;
    case MIR_REDUCE:
        *monotone &= mir->reduce.aggregate_count == 0;
        return;
    case MIR_RECURSE:
        *monotone &= mir->recursion->limit < 0;
        return;
    default:
        return;
    }
}

bool
mir_plan_is_monotone(const MirPlan *plan)
{
    bool monotone = true;
    mir_plan_visit(plan, note_non_monotone, &monotone);
    return monotone;
}
