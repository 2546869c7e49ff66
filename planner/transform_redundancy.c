/*
 * transform_redundancy.c -- operators that change nothing.
 */
#include "planner/transform.h"

typedef struct Redundancy {
    MirPlan *plan;
    Arena *arena;
} Redundancy;

static Mir *
simplify_reduce(Redundancy *redundancy, Mir *mir)
{
    Mir *input = mir->inputs[0];
    if (mir->reduce.aggregate_count > 0)
        return mir;
    bool unique =
        mir_columns_unique(redundancy->plan, input, redundancy->arena, mir->reduce.key, mir->reduce.key_count);
    if (unique && mir_non_negative(redundancy->plan, input))
        return mir_project(redundancy->arena, input, mir->reduce.key, mir->reduce.key_count);
    /* Distinct of distinct, where the inner one has more columns: once is enough. */
    if (input->kind == MIR_PROJECT && input->inputs[0]->kind == MIR_REDUCE &&
        input->inputs[0]->reduce.aggregate_count == 0) {
        const Mir *inner = input->inputs[0];
        uint16_t *key = arena_new_array(redundancy->arena, uint16_t, mir->reduce.key_count);
        for (int i = 0; i < mir->reduce.key_count; i++)
            key[i] = inner->reduce.key[input->project[mir->reduce.key[i]]];
        return mir_reduce(redundancy->arena, inner->inputs[0], key, mir->reduce.key_count, NULL, 0);
    }
    return mir;
}

/* x - x */
static Mir *
simplify_union(Redundancy *redundancy, Mir *mir)
{
    Mir **inputs = arena_new_array(redundancy->arena, Mir *, mir->input_count);
    bool *gone = arena_new_array(redundancy->arena, bool, mir->input_count);
    int kept = 0;
    for (int i = 0; i < mir->input_count; i++) {
        if (mir->inputs[i]->kind != MIR_NEGATE)
            continue;
        for (int j = 0; j < mir->input_count && !gone[i]; j++) {
            if (j == i || gone[j] || mir->inputs[j]->kind == MIR_NEGATE ||
                !mir_equal(mir->inputs[j], mir->inputs[i]->inputs[0]))
                continue;
            gone[i] = gone[j] = true;
        }
    }
    for (int i = 0; i < mir->input_count; i++) {
        if (!gone[i])
            inputs[kept++] = mir->inputs[i];
    }
    if (kept == mir->input_count)
        return mir;
    return kept == 0 ? mir_empty(redundancy->arena, mir->types, mir->column_count)
                     : mir_union(redundancy->arena, inputs, kept);
}

/* Whether the rows of `set` are values of columns of `of`: then every row of `of` finds itself in it. */
static bool
is_values_of(const MirPlan *plan, const Mir *set, const Mir *of, uint16_t *columns)
{
    while (set->kind == MIR_LET && !(of->kind == MIR_LET && of->binding == set->binding))
        set = plan->bindings[set->binding];
    if (set->kind != MIR_REDUCE || set->reduce.aggregate_count > 0)
        return false;
    const Mir *source = set->inputs[0];
    for (int i = 0; i < set->reduce.key_count; i++)
        columns[i] = source->kind == MIR_PROJECT ? source->project[set->reduce.key[i]] : set->reduce.key[i];
    if (source->kind == MIR_PROJECT)
        source = source->inputs[0];
    return mir_equal(source, of);
}

/* Column c of input i is in a class that makes it equal to column d of input j, null matching null where either can be. */
static bool
columns_matched(const Mir *mir, const int *starts, int i, int c, int j, int d)
{
    for (int k = 0; k < mir->join.class_count; k++) {
        const MirClass *class = &mir->join.classes[k];
        bool has_c = false, has_d = false;
        for (int m = 0; m < class->count; m++) {
            const Scalar *member = class->members[m];
            has_c |= member->kind == SCALAR_COLUMN && (int) member->column == starts[i] + c;
            has_d |= member->kind == SCALAR_COLUMN && (int) member->column == starts[j] + d;
        }
        if (has_c && has_d)
            return class->null_safe || !mir->inputs[j]->nullable[d];
    }
    return false;
}

/* S joined with the distinct values of its own columns, on these: nothing is added and nothing lost. */
static int
find_self_values(Redundancy *redundancy, const Mir *mir, int *of, uint16_t *columns)
{
    int *starts = mir_join_starts(redundancy->arena, mir);
    for (int i = 0; i < mir->input_count; i++) {
        for (int j = 0; j < mir->input_count; j++) {
            const Mir *set = mir->inputs[i];
            if (i == j || set->column_count == 0 || !is_values_of(redundancy->plan, set, mir->inputs[j], columns))
                continue;
            bool matched = true;
            for (int c = 0; c < set->column_count && matched; c++)
                matched = columns_matched(mir, starts, i, c, j, columns[c]);
            if (matched) {
                *of = j;
                return i;
            }
        }
    }
    return -1;
}

static Mir *
simplify_join(Redundancy *redundancy, Mir *mir)
{
    uint16_t *columns = arena_new_array(redundancy->arena, uint16_t, mir->column_count);
    int of, gone = find_self_values(redundancy, mir, &of, columns);
    if (gone < 0)
        return mir;
    int *starts = mir_join_starts(redundancy->arena, mir);
    int width = mir->inputs[gone]->column_count;
    uint32_t *map = arena_new_array(redundancy->arena, uint32_t, mir->column_count);
    uint16_t *project = arena_new_array(redundancy->arena, uint16_t, mir->column_count);
    for (int c = 0; c < mir->column_count; c++) {
        int to = c >= starts[gone] && c < starts[gone + 1] ? starts[of] + columns[c - starts[gone]] : c;
        map[c] = (uint32_t) (to >= starts[gone + 1] ? to - width : to);
        project[c] = (uint16_t) map[c];
    }
    Mir **inputs = arena_new_array(redundancy->arena, Mir *, mir->input_count);
    int input_count = 0;
    for (int i = 0; i < mir->input_count; i++) {
        if (i != gone)
            inputs[input_count++] = mir->inputs[i];
    }
    MirClass *classes = arena_new_array(redundancy->arena, MirClass, mir->join.class_count);
    int class_count = 0;
    for (int i = 0; i < mir->join.class_count; i++) {
        MirClass class = {arena_new_array(redundancy->arena, Scalar *, mir->join.classes[i].count), 0,
                          mir->join.classes[i].null_safe};
        for (int m = 0; m < mir->join.classes[i].count; m++) {
            Scalar *member = scalar_copy(redundancy->arena, mir->join.classes[i].members[m]);
            scalar_remap(member, map);
            bool known = false;
            for (int k = 0; k < class.count && !known; k++)
                known = scalar_equal(class.members[k], member);
            if (!known)
                class.members[class.count++] = member;
        }
        if (class.count > 1)
            classes[class_count++] = class;
    }
    Mir *joined = mir_join(redundancy->arena, inputs, input_count, classes, class_count);
    return mir_project(redundancy->arena, joined, project, mir->column_count);
}

static Mir *
simplify(void *context, Mir *mir)
{
    Redundancy *redundancy = context;
    switch (mir->kind) {
    case MIR_REDUCE:
        return simplify_reduce(redundancy, mir);
    case MIR_UNION:
        return simplify_union(redundancy, mir);
    case MIR_JOIN:
        return simplify_join(redundancy, mir);
    case MIR_THRESHOLD: {
        bool needed = mir->threshold.settles || !mir_non_negative(redundancy->plan, mir->inputs[0]);
        if (!needed && mir->threshold.distinct)
            return mir_distinct(redundancy->arena, mir->inputs[0]);
        return needed ? mir : mir->inputs[0];
    }
    case MIR_GUARD:
        if (mir_columns_unique(redundancy->plan, mir->inputs[0], redundancy->arena, mir->guard.group,
                               mir->guard.group_count))
            return mir->inputs[0];
        return mir;
    default:
        return mir;
    }
}

void
transform_redundancy(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    Redundancy redundancy = {plan, plan->arena};
    mir_plan_rewrite(plan, simplify, &redundancy);
}
