/*
 * transform_union.c -- unions of unions are one union; a distinct over one makes those in its inputs needless.
 *
 * From the top down, so that a chain of thousands of branches is gathered once.
 */
#include "planner/transform.h"

typedef struct Leaves {
    MirPlan *plan;
    bool distinct; /* the rows' counts do not matter: distincts on the way are dropped */
    int nested;    /* unions and distincts that went */
    Mir **items;
    bool *negated;
    int count, capacity;
} Leaves;

/* A distinct of whole rows. */
static bool
is_distinct(const Mir *mir)
{
    if (mir->kind != MIR_REDUCE || mir->reduce.aggregate_count > 0 ||
        mir->reduce.key_count != mir->inputs[0]->column_count)
        return false;
    for (int i = 0; i < mir->reduce.key_count; i++) {
        if (mir->reduce.key[i] != i)
            return false;
    }
    return true;
}

static void
leaf_add(Leaves *leaves, Mir *mir, bool negated)
{
    if (leaves->count == leaves->capacity) {
        Mir **items = arena_new_array(leaves->plan->arena, Mir *, leaves->capacity * 2 + 8);
        bool *flags = arena_new_array(leaves->plan->arena, bool, leaves->capacity * 2 + 8);
        for (int i = 0; i < leaves->count; i++) {
            items[i] = leaves->items[i];
            flags[i] = leaves->negated[i];
        }
        leaves->items = items;
        leaves->negated = flags;
        leaves->capacity = leaves->capacity * 2 + 8;
    }
    leaves->items[leaves->count] = mir;
    leaves->negated[leaves->count++] = negated;
}

static void
gather(Leaves *leaves, Mir *mir, bool negated)
{
    if (mir->kind == MIR_UNION) {
        leaves->nested++;
        for (int i = 0; i < mir->input_count; i++)
            gather(leaves, mir->inputs[i], negated);
    } else if (mir->kind == MIR_NEGATE) {
        gather(leaves, mir->inputs[0], !negated);
    } else if (leaves->distinct && is_distinct(mir)) {
        leaves->nested++;
        gather(leaves, mir->inputs[0], negated);
    } else {
        leaf_add(leaves, mir, negated);
    }
}

static Mir *fuse(MirPlan *plan, Mir *mir);

static Mir *
fuse_union(MirPlan *plan, Mir *mir, bool distinct)
{
    Leaves leaves = {.plan = plan, .distinct = distinct};
    gather(&leaves, mir, false);
    for (int i = 0; i < leaves.count && distinct; i++) {
        /* What is taken away has to be counted. */
        if (leaves.negated[i] || !mir_non_negative(plan, leaves.items[i]))
            return fuse_union(plan, mir, false);
    }
    bool changed = leaves.nested > 1 || leaves.count != mir->input_count;
    for (int i = 0; i < leaves.count; i++) {
        Mir *fused = fuse(plan, leaves.items[i]);
        changed |= fused != leaves.items[i];
        leaves.items[i] = leaves.negated[i] ? mir_negate(plan->arena, fused) : fused;
    }
    return changed ? mir_union(plan->arena, leaves.items, leaves.count) : mir;
}

static Mir *
fuse(MirPlan *plan, Mir *mir)
{
    if (mir->kind == MIR_UNION)
        return fuse_union(plan, mir, false);
    Mir **inputs = NULL;
    for (int i = 0; i < mir->input_count; i++) {
        bool counts_only_once = mir->kind == MIR_REDUCE && mir->reduce.aggregate_count == 0;
        Mir *input = mir->inputs[i];
        Mir *fused = counts_only_once && input->kind == MIR_UNION ? fuse_union(plan, input, true) : fuse(plan, input);
        if (fused == input)
            continue;
        if (inputs == NULL) {
            inputs = arena_new_array(plan->arena, Mir *, mir->input_count);
            memcpy(inputs, mir->inputs, (size_t) mir->input_count * sizeof *inputs);
        }
        inputs[i] = fused;
    }
    return inputs == NULL ? mir : mir_with_inputs(plan->arena, mir, inputs);
}

void
transform_union(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    for (int i = 0; i < plan->count; i++)
        plan->bindings[i] = fuse(plan, plan->bindings[i]);
    plan->root = fuse(plan, plan->root);
}
