/*
 * transform_pushdown.c -- filters towards the leaves.
 *
 * An equality between two inputs of a join becomes a class of it; what a class makes equal to a constant is filtered on every input.
 */
#include "planner/transform.h"

#include "expr/scalar_table.h"

typedef struct Predicates {
    Scalar **items;
    int count, capacity;
    ScalarTable known;
} Predicates;

typedef struct Pushdown {
    MirPlan *plan;
    Arena *arena;
} Pushdown;

static Mir *push(Pushdown *pushdown, Mir *mir, Predicates *predicates);

static void
add(Pushdown *pushdown, Predicates *predicates, Scalar *scalar)
{
    predicates->known.arena = pushdown->arena;
    if (scalar_table_put(&predicates->known, scalar, 1) >= 0)
        return;
    if (predicates->count == predicates->capacity) {
        predicates->capacity = predicates->capacity * 2 + 4;
        Scalar **grown = arena_new_array(pushdown->arena, Scalar *, predicates->capacity);
        for (int i = 0; i < predicates->count; i++)
            grown[i] = predicates->items[i];
        predicates->items = grown;
    }
    predicates->items[predicates->count++] = scalar;
}

/* What cannot fail goes first: it may keep a row from what can. */
static Mir *
filtered(Pushdown *pushdown, Mir *mir, const Predicates *predicates)
{
    Scalar **list = arena_new_array(pushdown->arena, Scalar *, predicates->count);
    int count = 0;
    for (int fails = 0; fails < 2; fails++) {
        for (int i = 0; i < predicates->count; i++) {
            if (scalar_can_fail(predicates->items[i]) == (fails == 1))
                list[count++] = predicates->items[i];
        }
    }
    return mir_filter(pushdown->arena, mir, list, count);
}

static Scalar *
moved(Pushdown *pushdown, const Scalar *scalar, const uint32_t *map)
{
    Scalar *copy = scalar_copy(pushdown->arena, scalar);
    scalar_remap(copy, map);
    return copy;
}

/* ---- through one input ---- */

static Mir *
push_through_map(Pushdown *pushdown, Mir *mir, Predicates *predicates)
{
    Mir *input = mir->inputs[0];
    Scalar **with = arena_new_array(pushdown->arena, Scalar *, mir->column_count);
    for (int i = 0; i < input->column_count; i++)
        with[i] = mir_column(pushdown->arena, input, (uint32_t) i);
    for (int i = 0; i < mir->list.count; i++)
        with[input->column_count + i] = scalar_substitute(pushdown->arena, mir->list.exprs[i], with);
    for (int i = 0; i < predicates->count; i++)
        predicates->items[i] = scalar_substitute(pushdown->arena, predicates->items[i], with);
    return mir_map(pushdown->arena, push(pushdown, input, predicates), mir->list.exprs, mir->list.count);
}

static Mir *
push_through_project(Pushdown *pushdown, Mir *mir, Predicates *predicates)
{
    uint32_t *map = arena_new_array(pushdown->arena, uint32_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++)
        map[i] = mir->project[i];
    for (int i = 0; i < predicates->count; i++)
        predicates->items[i] = moved(pushdown, predicates->items[i], map);
    return mir_project(pushdown->arena, push(pushdown, mir->inputs[0], predicates), mir->project, mir->column_count);
}

/* Predicates that read only columns with a place in `map` go below; the others stay. */
static void
split(Pushdown *pushdown, const Predicates *predicates, const uint32_t *map, int columns, Predicates *below,
      Predicates *above)
{
    bool *used = arena_new_array(pushdown->arena, bool, columns);
    for (int i = 0; i < predicates->count; i++) {
        bool fits = true;
        memset(used, 0, (size_t) columns);
        scalar_mark_columns(predicates->items[i], used);
        for (int c = 0; c < columns && fits; c++)
            fits = !used[c] || map[c] != UINT32_MAX;
        if (fits)
            add(pushdown, below, moved(pushdown, predicates->items[i], map));
        else
            add(pushdown, above, predicates->items[i]);
    }
}

static Mir *
push_by_map(Pushdown *pushdown, Mir *mir, const Predicates *predicates, const uint32_t *map)
{
    Predicates below = {0}, above = {0};
    split(pushdown, predicates, map, mir->column_count, &below, &above);
    Mir *input = push(pushdown, mir->inputs[0], &below);
    return filtered(pushdown, mir_with_input(pushdown->arena, mir, input), &above);
}

static uint32_t *
no_columns(Pushdown *pushdown, const Mir *mir)
{
    uint32_t *map = arena_new_array(pushdown->arena, uint32_t, mir->column_count);
    memset(map, 0xff, (size_t) mir->column_count * sizeof *map);
    return map;
}

static Mir *
push_through_groups(Pushdown *pushdown, Mir *mir, const Predicates *predicates)
{
    uint32_t *map = no_columns(pushdown, mir);
    if (mir->kind == MIR_REDUCE) {
        for (int i = 0; i < mir->reduce.key_count; i++)
            map[i] = mir->reduce.key[i];
    } else if (mir->kind == MIR_WINDOW) {
        /* A partition goes as a whole or stays as a whole. */
        for (int i = 0; i < mir->window.partition_count; i++)
            map[mir->window.partition[i]] = mir->window.partition[i];
    } else {
        const uint16_t *group = mir->kind == MIR_TOPK ? mir->topk.group : mir->guard.group;
        int count = mir->kind == MIR_TOPK ? mir->topk.group_count : mir->guard.group_count;
        for (int i = 0; i < count; i++)
            map[group[i]] = group[i];
    }
    return push_by_map(pushdown, mir, predicates, map);
}

static Mir *
push_through_flat_map(Pushdown *pushdown, Mir *mir, const Predicates *predicates)
{
    uint32_t *map = no_columns(pushdown, mir);
    for (int i = 0; i < mir->inputs[0]->column_count; i++)
        map[i] = (uint32_t) i;
    return push_by_map(pushdown, mir, predicates, map);
}

static Mir *
push_into_inputs(Pushdown *pushdown, Mir *mir, const Predicates *predicates)
{
    Mir **inputs = arena_new_array(pushdown->arena, Mir *, mir->input_count);
    for (int i = 0; i < mir->input_count; i++) {
        Predicates copy = {0};
        for (int p = 0; p < predicates->count; p++)
            add(pushdown, &copy, predicates->items[p]);
        inputs[i] = push(pushdown, mir->inputs[i], &copy);
    }
    return mir_with_inputs(pushdown->arena, mir, inputs);
}

/* ---- joins ---- */

typedef struct JoinPush {
    Mir *mir;
    int *starts;
    uint32_t **maps;    /* of the join's columns to each input's own; NULL: not wanted yet */
    Predicates *inputs; /* over each input's own columns */
    Predicates above;
    MirClass *classes;
    int class_count;
    ScalarTable members; /* of classes that match as = does, to their classes */
} JoinPush;

static void
push_to_input(Pushdown *pushdown, JoinPush *join, int input, const Scalar *predicate)
{
    if (join->maps[input] == NULL) {
        join->maps[input] = no_columns(pushdown, join->mir);
        for (int c = join->starts[input]; c < join->starts[input + 1]; c++)
            join->maps[input][c] = (uint32_t) (c - join->starts[input]);
    }
    add(pushdown, &join->inputs[input], moved(pushdown, predicate, join->maps[input]));
}

static void
class_add(Pushdown *pushdown, MirClass *class, Scalar *member)
{
    Scalar **members = arena_new_array(pushdown->arena, Scalar *, class->count + 1);
    memcpy(members, class->members, (size_t) class->count * sizeof *members);
    members[class->count++] = member;
    class->members = members;
}

/* a = b across two inputs: into the class that has a or b, or a new one. Classes that come to share a member are joined later. */
static bool
to_class(Pushdown *pushdown, JoinPush *join, Scalar *predicate)
{
    int count = join->mir->input_count;
    if (!scalar_is_plain_equality(predicate))
        return false;
    int left = scalar_join_input(predicate->args[0], join->starts, count),
        right = scalar_join_input(predicate->args[1], join->starts, count);
    if (left < 0 || right < 0 || left == right)
        return false;
    int of[2] = {scalar_table_find(&join->members, predicate->args[0]),
                 scalar_table_find(&join->members, predicate->args[1])};
    if (of[0] < 0 && of[1] < 0) {
        of[0] = of[1] = join->class_count;
        join->classes[join->class_count++] =
            *mir_class_pair(pushdown->arena, predicate->args[0], predicate->args[1], false);
    } else if (of[0] != of[1]) {
        int side = of[0] >= 0 ? 1 : 0; /* the one that comes in */
        class_add(pushdown, &join->classes[of[1 - side]], predicate->args[side]);
        of[side] = of[1 - side];
    }
    scalar_table_put(&join->members, predicate->args[0], of[0]);
    scalar_table_put(&join->members, predicate->args[1], of[1]);
    return true;
}

/* The expression that the predicate gives known values; NULL: it does no such thing. */
static Scalar *
fixed_subject(const Scalar *predicate)
{
    if (predicate->kind == SCALAR_IN_LIST)
        return predicate->args[0];
    for (int side = 0; scalar_is_plain_equality(predicate) && side < 2; side++) {
        if (scalar_max_column(predicate->args[side]) > 0 && scalar_max_column(predicate->args[1 - side]) == 0)
            return predicate->args[side];
    }
    return NULL;
}

/* The predicate with `other` in the place of its subject. */
static Scalar *
same_for(Pushdown *pushdown, const Scalar *predicate, const Scalar *subject, Scalar *other)
{
    if (predicate->kind != SCALAR_IN_LIST)
        return scalar_equals(pushdown->arena, other, predicate->args[predicate->args[0] == subject ? 1 : 0]);
    Scalar *copy = arena_new_struct(pushdown->arena, Scalar);
    *copy = *predicate;
    copy->args = arena_new_array(pushdown->arena, Scalar *, 1);
    copy->args[0] = other;
    return copy;
}

static bool
has_context(const Scalar *scalar)
{
    ContextValue which;
    return scalar_has_context(scalar, &which) && which == CONTEXT_MZ_NOW;
}

/* What is true of one member of a class is true of the others. */
static void
spread_constant(Pushdown *pushdown, JoinPush *join, const Scalar *predicate)
{
    const Scalar *subject = has_context(predicate) ? NULL : fixed_subject(predicate);
    int of = subject == NULL ? -1 : scalar_table_find(&join->members, subject);
    if (of < 0)
        return;
    const MirClass *class = &join->classes[of];
    for (int m = 0; m < class->count; m++) {
        int input = scalar_join_input(class->members[m], join->starts, join->mir->input_count);
        if (input >= 0 && !scalar_equal(class->members[m], subject))
            push_to_input(pushdown, join, input, same_for(pushdown, predicate, subject, class->members[m]));
    }
}

/* Of several members over one input, one stays: the others are equal to it by a filter there. */
static void
thin_classes(Pushdown *pushdown, JoinPush *join)
{
    int kept_classes = 0, input_count = join->mir->input_count;
    Scalar **first = arena_new_array(pushdown->arena, Scalar *, input_count);
    for (int i = 0; i < join->class_count; i++) {
        MirClass class = join->classes[i];
        Scalar **members = arena_new_array(pushdown->arena, Scalar *, class.count);
        int kept = 0;
        memset(first, 0, (size_t) input_count * sizeof *first);
        for (int m = 0; m < class.count; m++) {
            int input = scalar_join_input(class.members[m], join->starts, input_count);
            if (class.null_safe || input < 0 || first[input] == NULL) {
                members[kept++] = class.members[m];
                if (input >= 0)
                    first[input] = class.members[m];
            } else if (!scalar_equal(first[input], class.members[m])) {
                push_to_input(pushdown, join, input, scalar_equals(pushdown->arena, first[input], class.members[m]));
            }
        }
        class.members = members;
        class.count = kept;
        if (kept > 1)
            join->classes[kept_classes++] = class;
    }
    join->class_count = kept_classes;
}

static Mir *
push_into_join(Pushdown *pushdown, Mir *mir, const Predicates *predicates)
{
    JoinPush join = {
        .mir = mir, .starts = mir_join_starts(pushdown->arena, mir), .members = {.arena = pushdown->arena}};
    join.maps = arena_new_array(pushdown->arena, uint32_t *, mir->input_count);
    join.inputs = arena_new_array(pushdown->arena, Predicates, mir->input_count);
    join.classes = arena_new_array(pushdown->arena, MirClass, mir->join.class_count + predicates->count);
    if (mir->join.class_count > 0)
        memcpy(join.classes, mir->join.classes, (size_t) mir->join.class_count * sizeof *join.classes);
    join.class_count = mir->join.class_count;
    for (int i = 0; i < join.class_count; i++) {
        for (int m = 0; m < join.classes[i].count && !join.classes[i].null_safe; m++)
            scalar_table_put(&join.members, join.classes[i].members[m], i);
    }
    for (int i = 0; i < predicates->count; i++) {
        Scalar *predicate = predicates->items[i];
        int input = scalar_join_input(predicate, join.starts, mir->input_count);
        if (input == -2 && !to_class(pushdown, &join, predicate))
            add(pushdown, &join.above, predicate);
    }
    for (int i = 0; i < predicates->count; i++) {
        int input = scalar_join_input(predicates->items[i], join.starts, mir->input_count);
        if (input == -2)
            continue;
        push_to_input(pushdown, &join, input == -1 ? 0 : input, predicates->items[i]);
        spread_constant(pushdown, &join, predicates->items[i]);
    }
    thin_classes(pushdown, &join);
    Mir **inputs = arena_new_array(pushdown->arena, Mir *, mir->input_count);
    for (int i = 0; i < mir->input_count; i++)
        inputs[i] = push(pushdown, mir->inputs[i], &join.inputs[i]);
    return filtered(pushdown, mir_join(pushdown->arena, inputs, mir->input_count, join.classes, join.class_count),
                    &join.above);
}

/* ---- the pass ---- */

static Mir *
push(Pushdown *pushdown, Mir *mir, Predicates *predicates)
{
    switch (mir->kind) {
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_LET:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        return filtered(pushdown, mir, predicates);
    case MIR_FILTER: {
        Predicates all = {0};
        for (int i = 0; i < mir->list.count; i++)
            add(pushdown, &all, mir->list.exprs[i]);
        for (int i = 0; i < predicates->count; i++)
            add(pushdown, &all, predicates->items[i]);
        return push(pushdown, mir->inputs[0], &all);
    }
    case MIR_MAP:
        return push_through_map(pushdown, mir, predicates);
    case MIR_PROJECT:
        return push_through_project(pushdown, mir, predicates);
    case MIR_FLAT_MAP:
        return push_through_flat_map(pushdown, mir, predicates);
    case MIR_JOIN:
        return push_into_join(pushdown, mir, predicates);
    case MIR_REDUCE:
    case MIR_TOPK:
    case MIR_WINDOW:
    case MIR_GUARD:
        return push_through_groups(pushdown, mir, predicates);
    case MIR_THRESHOLD:
        if (mir->threshold.settles) {
            Predicates none = {0};
            return filtered(pushdown, push_into_inputs(pushdown, mir, &none), predicates);
        }
        return push_into_inputs(pushdown, mir, predicates);
    case MIR_NEGATE:
    case MIR_UNION:
        return push_into_inputs(pushdown, mir, predicates);
    }
    bug("unrecognized relation kind %d", mir->kind);
}

static Mir *
push_whole(Pushdown *pushdown, Mir *mir)
{
    Predicates none = {0};
    return push(pushdown, mir, &none);
}

/* A let shows the nullability of what is bound; bindings before it may have learned more. */
static Mir *
refresh_lets(void *context, Mir *mir)
{
    (void) context;
    return mir;
}

void
transform_pushdown(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    Pushdown pushdown = {plan, plan->arena};
    for (int i = 0; i < plan->count; i++)
        plan->bindings[i] = push_whole(&pushdown, plan->bindings[i]);
    plan->root = push_whole(&pushdown, plan->root);
    if (plan->count > 0)
        mir_plan_rewrite(plan, refresh_lets, NULL);
}
