/*
 * transform_projection.c -- columns that nothing reads are not carried.
 *
 * Needs go from the root down, through all uses of a binding before the binding itself; then every node is rebuilt to give just
 * the columns needed, in their old order.
 */
#include "planner/transform.h"

typedef struct Narrow {
    MirPlan *plan;
    Arena *arena;
    bool **bindings; /* columns needed of each binding */
    bool marking;    /* the first walk: needs are noted, nothing is built */
} Narrow;

/* A node cut down: `mir` has the columns needed, and column c of the old node is map[c] of it. */
static Mir *narrow(Narrow *narrowing, Mir *mir, const bool *needed);

static uint32_t *
ranks(Narrow *narrowing, const bool *needed, int count)
{
    uint32_t *map = arena_new_array(narrowing->arena, uint32_t, count + 1);
    uint32_t rank = 0;
    for (int i = 0; i < count; i++)
        map[i] = needed[i] ? rank++ : UINT32_MAX;
    map[count] = rank; /* how many */
    return map;
}

static bool *
flags(Narrow *narrowing, int count)
{
    return arena_new_array(narrowing->arena, bool, count + 1);
}

static Scalar **
moved_list(Narrow *narrowing, Scalar *const *exprs, int count, const uint32_t *map)
{
    Scalar **list = arena_new_array(narrowing->arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        list[i] = scalar_copy(narrowing->arena, exprs[i]);
        scalar_remap(list[i], map);
    }
    return list;
}

/* Keeps the needed ones of `mir`, whose column for old column c is map[c]. */
static Mir *
keep(Narrow *narrowing, Mir *mir, const bool *needed, int count, const uint32_t *map)
{
    uint16_t *columns = arena_new_array(narrowing->arena, uint16_t, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (needed[i])
            columns[kept++] = (uint16_t) map[i];
    }
    return mir_project(narrowing->arena, mir, columns, kept);
}

static Mir *
narrow_leaf(Narrow *narrowing, Mir *mir, const bool *needed)
{
    if (mir->kind == MIR_LET) {
        bool *of_binding = narrowing->bindings[mir->binding];
        if (narrowing->marking) {
            for (int i = 0; i < mir->column_count; i++)
                of_binding[i] |= needed[i];
            return mir;
        }
        uint32_t *map = ranks(narrowing, of_binding, mir->column_count);
        return keep(narrowing, mir_let(narrowing->plan, mir->binding), needed, mir->column_count, map);
    }
    if (narrowing->marking)
        return mir;
    uint32_t *all = arena_new_array(narrowing->arena, uint32_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++)
        all[i] = (uint32_t) i;
    if (mir->kind == MIR_GET || mir->kind == MIR_RECURSE || mir->kind == MIR_FEEDBACK)
        return keep(narrowing, mir, needed, mir->column_count, all);
    uint32_t *map = ranks(narrowing, needed, mir->column_count);
    int kept = (int) map[mir->column_count];
    if (kept == mir->column_count)
        return mir;
    Datum **rows = arena_new_array(narrowing->arena, Datum *, mir->constant.count);
    SqlType *types = arena_new_array(narrowing->arena, SqlType, kept);
    for (int r = 0; r < mir->constant.count; r++)
        rows[r] = arena_new_array(narrowing->arena, Datum, kept);
    for (int c = 0; c < mir->column_count; c++) {
        if (!needed[c])
            continue;
        types[map[c]] = mir->types[c];
        for (int r = 0; r < mir->constant.count; r++)
            rows[r][map[c]] = mir->constant.rows[r][c];
    }
    return mir_constant(narrowing->arena, rows, mir->constant.diffs, mir->constant.count, types, kept);
}

static Mir *
narrow_map(Narrow *narrowing, Mir *mir, const bool *needed)
{
    Mir *input = mir->inputs[0];
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = mir->list.count - 1; i >= 0; i--) {
        if (used[input->column_count + i])
            scalar_mark_columns(mir->list.exprs[i], used);
    }
    Mir *below = narrow(narrowing, input, used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    Scalar **exprs = arena_new_array(narrowing->arena, Scalar *, mir->list.count);
    int count = 0;
    for (int i = 0; i < mir->list.count; i++) {
        if (used[input->column_count + i])
            exprs[count++] = mir->list.exprs[i];
    }
    exprs = moved_list(narrowing, exprs, count, map);
    return keep(narrowing, mir_map(narrowing->arena, below, exprs, count), needed, mir->column_count, map);
}

static Mir *
narrow_filter(Narrow *narrowing, Mir *mir, const bool *needed)
{
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < mir->list.count; i++)
        scalar_mark_columns(mir->list.exprs[i], used);
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    Scalar **exprs = moved_list(narrowing, mir->list.exprs, mir->list.count, map);
    return keep(narrowing, mir_filter(narrowing->arena, below, exprs, mir->list.count), needed, mir->column_count, map);
}

static Mir *
narrow_project(Narrow *narrowing, Mir *mir, const bool *needed)
{
    Mir *input = mir->inputs[0];
    bool *used = flags(narrowing, input->column_count);
    uint16_t *columns = arena_new_array(narrowing->arena, uint16_t, mir->column_count);
    int count = 0;
    for (int i = 0; i < mir->column_count; i++) {
        if (needed[i])
            used[mir->project[i]] = true;
    }
    Mir *below = narrow(narrowing, input, used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, input->column_count);
    for (int i = 0; i < mir->column_count; i++) {
        if (needed[i])
            columns[count++] = (uint16_t) map[mir->project[i]];
    }
    return mir_project(narrowing->arena, below, columns, count);
}

static Mir *
narrow_flat_map(Narrow *narrowing, Mir *mir, const bool *needed)
{
    int width = mir->inputs[0]->column_count, added = mir->column_count - width;
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < mir->flat_map.arg_count; i++)
        scalar_mark_columns(mir->flat_map.args[i], used);
    for (int i = 0; i < added; i++)
        used[width + i] = true; /* the function gives all its columns */
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    Scalar **args = moved_list(narrowing, mir->flat_map.args, mir->flat_map.arg_count, map);
    Mir *made = mir_flat_map(narrowing->arena, below, &mir->flat_map.function, args, mir->flat_map.ordinality);
    return keep(narrowing, made, needed, mir->column_count, map);
}

static Mir *
narrow_join(Narrow *narrowing, Mir *mir, const bool *needed)
{
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < mir->join.class_count; i++) {
        for (int m = 0; m < mir->join.classes[i].count; m++)
            scalar_mark_columns(mir->join.classes[i].members[m], used);
    }
    Mir **inputs = arena_new_array(narrowing->arena, Mir *, mir->input_count);
    for (int i = 0, start = 0; i < mir->input_count; start += mir->inputs[i++]->column_count)
        inputs[i] = narrow(narrowing, mir->inputs[i], used + start);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    MirClass *classes = arena_new_array(narrowing->arena, MirClass, mir->join.class_count);
    for (int i = 0; i < mir->join.class_count; i++) {
        classes[i] = mir->join.classes[i];
        classes[i].members = moved_list(narrowing, classes[i].members, classes[i].count, map);
    }
    Mir *joined = mir_join(narrowing->arena, inputs, mir->input_count, classes, mir->join.class_count);
    if (joined->kind == MIR_JOIN) {
        joined->join.order = mir->join.order;
        joined->join.sizes = mir->join.sizes;
    }
    return keep(narrowing, joined, needed, mir->column_count, map);
}

static void
moved_columns(uint16_t *to, const uint16_t *from, int count, const uint32_t *map)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint16_t) map[from[i]];
}

static SortKey *
moved_order(Narrow *narrowing, const SortKey *order, int count, const uint32_t *map)
{
    SortKey *moved = arena_new_array(narrowing->arena, SortKey, count);
    for (int i = 0; i < count; i++) {
        moved[i] = order[i];
        moved[i].column = (uint16_t) map[order[i].column];
    }
    return moved;
}

static void
mark_aggregate(const PlanAggregate *aggregate, bool *used)
{
    for (int i = 0; i < aggregate_columns(&aggregate->call); i++)
        used[aggregate->args[i]] = true;
    if (aggregate->filter >= 0)
        used[aggregate->filter] = true;
    for (int i = 0; i < aggregate->order_count; i++)
        used[aggregate->order[i].column] = true;
}

static Mir *
narrow_reduce(Narrow *narrowing, Mir *mir, const bool *needed)
{
    const ReducePlan *reduce = &mir->reduce;
    int width = mir->inputs[0]->column_count;
    bool *used = flags(narrowing, width), *kept = flags(narrowing, mir->column_count);
    for (int i = 0; i < reduce->key_count; i++)
        used[reduce->key[i]] = kept[i] = true;
    for (int i = 0; i < reduce->aggregate_count; i++) {
        if (needed[reduce->key_count + i]) {
            kept[reduce->key_count + i] = true;
            mark_aggregate(&reduce->aggregates[i], used);
        }
    }
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, width), *own = ranks(narrowing, kept, mir->column_count);
    uint16_t *key = arena_new_array(narrowing->arena, uint16_t, reduce->key_count);
    moved_columns(key, reduce->key, reduce->key_count, map);
    PlanAggregate *aggregates = arena_new_array(narrowing->arena, PlanAggregate, reduce->aggregate_count);
    int count = 0;
    for (int i = 0; i < reduce->aggregate_count; i++) {
        if (!kept[reduce->key_count + i])
            continue;
        PlanAggregate *aggregate = &aggregates[count++];
        *aggregate = reduce->aggregates[i];
        moved_columns(aggregate->args, aggregate->args, aggregate_columns(&aggregate->call), map);
        if (aggregate->filter >= 0)
            aggregate->filter = (int16_t) map[aggregate->filter];
        aggregate->order = moved_order(narrowing, aggregate->order, aggregate->order_count, map);
    }
    Mir *made = mir_reduce(narrowing->arena, below, key, reduce->key_count, aggregates, count);
    return keep(narrowing, made, needed, mir->column_count, own);
}

static Mir *
narrow_topk(Narrow *narrowing, Mir *mir, const bool *needed)
{
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < mir->topk.group_count; i++)
        used[mir->topk.group[i]] = true;
    for (int i = 0; i < mir->topk.order_count; i++)
        used[mir->topk.order[i].column] = true;
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    uint16_t *group = arena_new_array(narrowing->arena, uint16_t, mir->topk.group_count);
    moved_columns(group, mir->topk.group, mir->topk.group_count, map);
    SortKey *order = moved_order(narrowing, mir->topk.order, mir->topk.order_count, map);
    Mir *made = mir_topk(narrowing->arena, below, group, mir->topk.group_count, order, mir->topk.order_count,
                         mir->topk.limit, mir->topk.offset);
    return keep(narrowing, made, needed, mir->column_count, map);
}

/* A call that nothing reads is not computed; a window without calls gives its input's rows. */
static Mir *
narrow_window(Narrow *narrowing, Mir *mir, const bool *needed)
{
    const WindowPlan *window = &mir->window;
    int width = mir->inputs[0]->column_count;
    bool *used = flags(narrowing, mir->column_count), any = false;
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < window->call_count; i++) {
        if (needed[width + i])
            mir_window_mark_call(&window->calls[i], used);
        any |= needed[width + i];
    }
    if (any)
        mir_window_mark(window, used);
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    WindowPlan moved = mir_window_moved(narrowing->arena, window, map, needed + width);
    Mir *made = any ? mir_window(narrowing->arena, below, &moved) : below;
    return keep(narrowing, made, needed, mir->column_count, map);
}

static Mir *
narrow_guard(Narrow *narrowing, Mir *mir, const bool *needed)
{
    bool *used = flags(narrowing, mir->column_count);
    memcpy(used, needed, (size_t) mir->column_count);
    for (int i = 0; i < mir->guard.group_count; i++)
        used[mir->guard.group[i]] = true;
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    uint32_t *map = ranks(narrowing, used, mir->column_count);
    uint16_t *group = arena_new_array(narrowing->arena, uint16_t, mir->guard.group_count);
    moved_columns(group, mir->guard.group, mir->guard.group_count, map);
    Mir *made =
        mir_guard(narrowing->arena, below, group, mir->guard.group_count, mir->guard.sqlstate, mir->guard.message);
    return keep(narrowing, made, needed, mir->column_count, map);
}

static Mir *
narrow_whole_rows(Narrow *narrowing, Mir *mir, const bool *needed)
{
    bool *used = flags(narrowing, mir->column_count);
    memset(used, true, (size_t) mir->column_count);
    Mir *below = narrow(narrowing, mir->inputs[0], used);
    if (narrowing->marking)
        return mir;
    return keep(narrowing, mir_with_input(narrowing->arena, mir, below), needed, mir->column_count,
                ranks(narrowing, used, mir->column_count));
}

static Mir *
narrow(Narrow *narrowing, Mir *mir, const bool *needed)
{
    switch (mir->kind) {
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_LET:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        return narrow_leaf(narrowing, mir, needed);
    case MIR_MAP:
        return narrow_map(narrowing, mir, needed);
    case MIR_FILTER:
        return narrow_filter(narrowing, mir, needed);
    case MIR_PROJECT:
        return narrow_project(narrowing, mir, needed);
    case MIR_FLAT_MAP:
        return narrow_flat_map(narrowing, mir, needed);
    case MIR_JOIN:
        return narrow_join(narrowing, mir, needed);
    case MIR_REDUCE:
        return narrow_reduce(narrowing, mir, needed);
    case MIR_TOPK:
        return narrow_topk(narrowing, mir, needed);
    case MIR_WINDOW:
        return narrow_window(narrowing, mir, needed);
    case MIR_GUARD:
        return narrow_guard(narrowing, mir, needed);
    case MIR_THRESHOLD:
        return narrow_whole_rows(narrowing, mir, needed);
    case MIR_NEGATE:
    case MIR_UNION: {
        Mir **inputs = arena_new_array(narrowing->arena, Mir *, mir->input_count);
        for (int i = 0; i < mir->input_count; i++)
            inputs[i] = narrow(narrowing, mir->inputs[i], needed);
        return narrowing->marking ? mir : mir_with_inputs(narrowing->arena, mir, inputs);
    }
    }
    bug("unrecognized relation kind %d", mir->kind);
}

static bool *
all_of(Narrow *narrowing, const Mir *mir)
{
    bool *needed = flags(narrowing, mir->column_count);
    memset(needed, true, (size_t) mir->column_count);
    return needed;
}

void
transform_projection(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    Narrow narrowing = {plan, plan->arena, arena_new_array(plan->arena, bool *, plan->count), true};
    for (int i = 0; i < plan->count; i++)
        narrowing.bindings[i] = flags(&narrowing, plan->bindings[i]->column_count);
    bool *of_root = all_of(&narrowing, plan->root);
    if (plan->count > 0) {
        narrow(&narrowing, plan->root, of_root);
        for (int i = plan->count - 1; i >= 0; i--)
            narrow(&narrowing, plan->bindings[i], narrowing.bindings[i]);
    }
    narrowing.marking = false;
    for (int i = 0; i < plan->count; i++)
        plan->bindings[i] = narrow(&narrowing, plan->bindings[i], narrowing.bindings[i]);
    plan->root = narrow(&narrowing, plan->root, of_root);
}
