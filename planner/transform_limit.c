/*
 * transform_limit.c -- limits towards the leaves: of what a limit takes from a union, each branch gives no more than that; a limit of
 * what has no more rows than it goes.
 */
#include "planner/transform.h"

/* A literal count; -1: it is not known. */
static int64_t
known(const Scalar *scalar, int64_t absent)
{
    if (scalar == NULL)
        return absent;
    if (scalar->kind != SCALAR_LITERAL || scalar->literal_error != NULL || scalar->literal.is_null ||
        scalar->literal.i < 0)
        return -1;
    return scalar->literal.i;
}

/* How many rows it has at most; -1: there is no bound. */
static int64_t
bound_of(const Mir *mir)
{
    while (mir->kind == MIR_MAP || mir->kind == MIR_PROJECT || mir->kind == MIR_FILTER)
        mir = mir->inputs[0];
    if (mir->kind == MIR_CONSTANT && mir->constant.diffs == NULL)
        return mir->constant.count;
    if (mir->kind == MIR_TOPK && mir->topk.group_count == 0 && mir->topk.limit != NULL)
        return known(mir->topk.limit, -1);
    if (mir->kind == MIR_REDUCE && mir->reduce.key_count == 0)
        return 1;
    return -1;
}

static Mir *
limit_union(MirPlan *plan, Mir *mir, int64_t most)
{
    const Mir *all = mir->inputs[0];
    bool changed = false;
    for (int i = 0; i < all->input_count; i++) {
        if (all->inputs[i]->kind == MIR_NEGATE || !mir_non_negative(plan, all->inputs[i]))
            return mir; /* what is taken away may be anywhere */
    }
    Mir **inputs = arena_new_array(plan->arena, Mir *, all->input_count);
    for (int i = 0; i < all->input_count; i++) {
        int64_t bound = bound_of(all->inputs[i]);
        inputs[i] = all->inputs[i];
        if (bound >= 0 && bound <= most)
            continue;
        inputs[i] = mir_topk(plan->arena, inputs[i], NULL, 0, mir->topk.order, mir->topk.order_count,
                             scalar_literal(plan->arena, SQL_TYPE(INT8), datum_int(most)), NULL);
        changed = true;
    }
    return changed ? mir_with_input(plan->arena, mir, mir_union(plan->arena, inputs, all->input_count)) : mir;
}

static Mir *
push_limit(void *context, Mir *mir)
{
    MirPlan *plan = context;
    if (mir->kind != MIR_TOPK || mir->topk.limit == NULL || mir->topk.group_count > 0)
        return mir;
    int64_t limit = known(mir->topk.limit, -1), offset = known(mir->topk.offset, 0);
    if (limit < 0 || offset < 0 || limit > INT64_MAX - offset)
        return mir;
    int64_t bound = bound_of(mir->inputs[0]);
    if (offset == 0 && bound >= 0 && bound <= limit)
        return mir->inputs[0];
    return mir->inputs[0]->kind == MIR_UNION ? limit_union(plan, mir, limit + offset) : mir;
}

void
transform_limit(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    mir_plan_rewrite(plan, push_limit, plan);
}
