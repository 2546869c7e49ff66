/*
 * optimize.c -- the list of passes.
 */
#include "planner/transform.h"

#include "base/hash.h"

#define ROUNDS_MAX 4

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
    {"inline", transform_inline},         {"fold", transform_fold},         {"union", transform_union},
    {"fusion", transform_fusion},         {"pushdown", transform_pushdown}, {"redundancy", transform_redundancy},
    {"self_join", transform_self_join},   {"reduce", transform_reduce},     {"limit", transform_limit},
    {"projection", transform_projection},
};

static const Pass physical[] = {
    {"inline", transform_inline},         {"fold", transform_fold},
    {"fusion", transform_fusion},         {"join_order", transform_join_order},
    {"projection", transform_projection}, {"share", transform_share},
};

bool
transform_is_disabled(const OptimizeContext *context, const char *pass)
{
    size_t size = strlen(pass);
    for (const char *at = context->disabled; at != NULL && *at != '\0';) {
        at += strspn(at, ", ");
        size_t word = strcspn(at, ", ");
        if (word == size && strncmp(at, pass, size) == 0)
            return true;
        at += word;
    }
    return false;
}

static void
run(MirPlan *plan, const Pass *passes, size_t count, const OptimizeContext *context,
    void (*after)(void *context, const char *pass, const MirPlan *plan), void *after_context)
{
    for (size_t i = 0; i < count; i++) {
        if (passes[i].transform != transform_join_order && transform_is_disabled(context, passes[i].name))
            continue;
        passes[i].transform(plan, context);
#ifndef NDEBUG
        mir_plan_check(plan, passes[i].name);
#endif
        if (after != NULL)
            after(after_context, passes[i].name, plan);
    }
}

static uint64_t
plan_hash(const MirPlan *plan)
{
    uint64_t hash = mir_hash(plan->root);
    for (int i = 0; i < plan->count; i++)
        hash = hash_combine(hash, mir_hash(plan->bindings[i]));
    return hash;
}

static bool
is_linear(const Mir *mir)
{
    while (mir->kind == MIR_MAP || mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT)
        mir = mir->inputs[0];
    return mir->kind == MIR_GET || mir->kind == MIR_CONSTANT;
}

/* Bodies of recursive blocks are plans of their own. Nothing in them reads an index: what they read comes in through the plan around them. */
static void
optimize_body(void *context, Mir *mir)
{
    OptimizeContext inside = *(const OptimizeContext *) context;
    inside.cluster = 0;
    if (mir->kind == MIR_RECURSE)
        optimize(mir->recursion->body, &inside, NULL, NULL);
}

void
optimize(MirPlan *plan, const OptimizeContext *context,
         void (*after)(void *context, const char *pass, const MirPlan *plan), void *after_context)
{
    for (int i = 0; i < plan->count; i++)
        mir_visit(plan->bindings[i], optimize_body, (void *) (uintptr_t) context);
    mir_visit(plan->root, optimize_body, (void *) (uintptr_t) context);
    transform_settle(plan);
    /* A second round sees joins and unions that the first one uncovered; a chain over one relation has nothing to uncover. */
    int rounds = plan->count == 0 && is_linear(plan->root) ? 1 : ROUNDS_MAX;
    uint64_t before = 0;
    for (int round = 0; round < rounds; round++) {
        run(plan, logical, sizeof logical / sizeof logical[0], context, after, after_context);
        uint64_t now = plan_hash(plan);
        if (round > 0 && now == before)
            break;
        before = now;
    }
    if (rounds > 1)
        run(plan, physical, sizeof physical / sizeof physical[0], context, after, after_context);
}
