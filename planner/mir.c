/*
 * mir.c -- making and copying nodes of the algebra.
 */
#include "planner/mir.h"

const char *
mir_kind_name(MirKind kind)
{
    static const char *const names[] = {
        [MIR_CONSTANT] = "Constant",   [MIR_GET] = "ReadStorage", [MIR_LET] = "Get",          [MIR_MAP] = "Map",
        [MIR_FILTER] = "Filter",       [MIR_PROJECT] = "Project", [MIR_FLAT_MAP] = "FlatMap", [MIR_JOIN] = "Join",
        [MIR_REDUCE] = "Reduce",       [MIR_TOPK] = "TopK",       [MIR_WINDOW] = "Window",    [MIR_NEGATE] = "Negate",
        [MIR_THRESHOLD] = "Threshold", [MIR_UNION] = "Union",     [MIR_GUARD] = "Guard",
    };
    return names[kind];
}

static Mir *
make(Arena *arena, MirKind kind, Mir *input, int column_count)
{
    Mir *mir = arena_new_struct(arena, Mir);
    mir->kind = kind;
    mir->column_count = column_count;
    if (input != NULL) {
        mir->inputs = arena_new_array(arena, Mir *, 1);
        mir->inputs[0] = input;
        mir->input_count = 1;
    }
    return mir;
}

/* The columns are the input's: shared, since nothing changes them. */
static Mir *
make_like(Arena *arena, MirKind kind, Mir *input)
{
    Mir *mir = make(arena, kind, input, input->column_count);
    mir->types = input->types;
    mir->nullable = input->nullable;
    return mir;
}

static void
own_columns(Arena *arena, Mir *mir)
{
    mir->types = arena_new_array(arena, SqlType, mir->column_count);
    mir->nullable = arena_new_array(arena, bool, mir->column_count);
}

static void
copy_columns(Mir *to, int at, const Mir *from)
{
    for (int i = 0; i < from->column_count; i++) {
        to->types[at + i] = from->types[i];
        to->nullable[at + i] = from->nullable[i];
    }
}

/* ---- leaves ---- */

Mir *
mir_constant(Arena *arena, Datum **rows, int64_t *diffs, int count, const SqlType *types, int column_count)
{
    Mir *mir = make(arena, MIR_CONSTANT, NULL, column_count);
    own_columns(arena, mir);
    for (int c = 0; c < column_count; c++) {
        mir->types[c] = types[c];
        for (int r = 0; r < count; r++)
            mir->nullable[c] |= rows[r][c].is_null;
    }
    mir->constant.rows = rows;
    mir->constant.diffs = diffs;
    mir->constant.count = count;
    return mir;
}

Mir *
mir_empty(Arena *arena, const SqlType *types, int column_count)
{
    return mir_constant(arena, NULL, NULL, 0, types, column_count);
}

Mir *
mir_unit(Arena *arena)
{
    Datum **rows = arena_new_array(arena, Datum *, 1);
    return mir_constant(arena, rows, NULL, 1, NULL, 0);
}

Mir *
mir_get(Arena *arena, const Item *item)
{
    Mir *mir = make(arena, MIR_GET, NULL, item->desc->column_count);
    own_columns(arena, mir);
    for (int i = 0; i < mir->column_count; i++) {
        mir->types[i] = item->desc->columns[i].type;
        mir->nullable[i] = item->desc->columns[i].nullable;
    }
    mir->item = item;
    return mir;
}

Mir *
mir_let(MirPlan *plan, int binding)
{
    const Mir *bound = plan->bindings[binding];
    Mir *mir = make(plan->arena, MIR_LET, NULL, bound->column_count);
    mir->types = bound->types;
    mir->nullable = bound->nullable;
    mir->binding = binding;
    return mir;
}

/* ---- linear ---- */

Mir *
mir_map(Arena *arena, Mir *input, Scalar **exprs, int count)
{
    if (count == 0)
        return input;
    Mir *mir = make(arena, MIR_MAP, input, input->column_count + count);
    own_columns(arena, mir);
    copy_columns(mir, 0, input);
    for (int i = 0; i < count; i++) {
        const Scalar *expr = exprs[i];
        int at = input->column_count + i;
        mir->types[at] = expr->type;
        mir->nullable[at] = expr->kind == SCALAR_COLUMN ? mir->nullable[expr->column] : expr->nullable;
    }
    mir->list.exprs = exprs;
    mir->list.count = count;
    return mir;
}

Mir *
mir_filter(Arena *arena, Mir *input, Scalar **predicates, int count)
{
    if (count == 0)
        return input;
    Mir *mir = make_like(arena, MIR_FILTER, input);
    bool *rejected = arena_new_array(arena, bool, mir->column_count);
    for (int i = 0; i < count; i++)
        scalar_mark_null_rejected(predicates[i], rejected);
    for (int c = 0; c < mir->column_count; c++)
        rejected[c] = input->nullable[c] && !rejected[c];
    mir->nullable = rejected;
    mir->list.exprs = predicates;
    mir->list.count = count;
    return mir;
}

Mir *
mir_project(Arena *arena, Mir *input, const uint16_t *columns, int count)
{
    bool identity = count == input->column_count;
    for (int i = 0; i < count && identity; i++)
        identity = columns[i] == i;
    if (identity)
        return input;
    if (input->kind == MIR_PROJECT) {
        uint16_t *through = arena_new_array(arena, uint16_t, count);
        for (int i = 0; i < count; i++)
            through[i] = input->project[columns[i]];
        return mir_project(arena, input->inputs[0], through, count);
    }
    Mir *mir = make(arena, MIR_PROJECT, input, count);
    own_columns(arena, mir);
    mir->project = arena_new_array(arena, uint16_t, count);
    for (int i = 0; i < count; i++) {
        mir->project[i] = columns[i];
        mir->types[i] = input->types[columns[i]];
        mir->nullable[i] = input->nullable[columns[i]];
    }
    return mir;
}

Mir *
mir_flat_map(Arena *arena, Mir *input, const TableFunctionCall *call, Scalar **args, bool ordinality)
{
    Mir *mir = make(arena, MIR_FLAT_MAP, input, input->column_count + call->column_count + ordinality);
    own_columns(arena, mir);
    copy_columns(mir, 0, input);
    for (int i = 0; i < call->column_count; i++) {
        mir->types[input->column_count + i] = call->column_types[i];
        mir->nullable[input->column_count + i] = true;
    }
    if (ordinality)
        mir->types[mir->column_count - 1] = SQL_TYPE(INT8);
    mir->flat_map =
        (FlatMapPlan){.function = *call, .args = args, .arg_count = call->arg_count, .ordinality = ordinality};
    return mir;
}

/* ---- joins, groups, sets ---- */

Mir *
mir_join(Arena *arena, Mir **inputs, int input_count, MirClass *classes, int class_count)
{
    if (input_count == 1 && class_count == 0)
        return inputs[0];
    int columns = 0;
    for (int i = 0; i < input_count; i++)
        columns += inputs[i]->column_count;
    Mir *mir = make(arena, MIR_JOIN, NULL, columns);
    own_columns(arena, mir);
    mir->inputs = inputs;
    mir->input_count = input_count;
    for (int i = 0, at = 0; i < input_count; at += inputs[i++]->column_count)
        copy_columns(mir, at, inputs[i]);
    bool *rejected = arena_new_array(arena, bool, columns);
    for (int i = 0; i < class_count; i++) {
        for (int j = 0; j < classes[i].count && !classes[i].null_safe; j++)
            scalar_mark_nulls(classes[i].members[j], rejected);
    }
    for (int c = 0; c < columns; c++)
        mir->nullable[c] = mir->nullable[c] && !rejected[c];
    mir->join.classes = classes;
    mir->join.class_count = class_count;
    return mir;
}

MirClass *
mir_class_pair(Arena *arena, Scalar *a, Scalar *b, bool null_safe)
{
    MirClass *class = arena_new_struct(arena, MirClass);
    class->members = arena_new_array(arena, Scalar *, 2);
    class->members[0] = a;
    class->members[1] = b;
    class->count = 2;
    class->null_safe = null_safe;
    return class;
}

Mir *
mir_reduce(Arena *arena, Mir *input, const uint16_t *key, int key_count, PlanAggregate *aggregates, int aggregate_count)
{
    Mir *mir = make(arena, MIR_REDUCE, input, key_count + aggregate_count);
    own_columns(arena, mir);
    mir->reduce.key = arena_new_array(arena, uint16_t, key_count);
    for (int i = 0; i < key_count; i++) {
        mir->reduce.key[i] = key[i];
        mir->types[i] = input->types[key[i]];
        mir->nullable[i] = input->nullable[key[i]];
    }
    for (int i = 0; i < aggregate_count; i++) {
        mir->types[key_count + i] = aggregates[i].call.result_type;
        mir->nullable[key_count + i] = aggregate_empty(&aggregates[i].call).is_null;
    }
    mir->reduce.key_count = key_count;
    mir->reduce.aggregates = aggregates;
    mir->reduce.aggregate_count = aggregate_count;
    return mir;
}

Mir *
mir_distinct(Arena *arena, Mir *input)
{
    uint16_t *key = arena_new_array(arena, uint16_t, input->column_count);
    for (int i = 0; i < input->column_count; i++)
        key[i] = (uint16_t) i;
    return mir_reduce(arena, input, key, input->column_count, NULL, 0);
}

Mir *
mir_topk(Arena *arena, Mir *input, const uint16_t *group, int group_count, SortKey *order, int order_count,
         Scalar *limit, Scalar *offset)
{
    Mir *mir = make_like(arena, MIR_TOPK, input);
    mir->topk.group = arena_new_array(arena, uint16_t, group_count);
    for (int i = 0; i < group_count; i++)
        mir->topk.group[i] = group[i];
    mir->topk.group_count = group_count;
    mir->topk.order = order;
    mir->topk.order_count = order_count;
    mir->topk.limit = limit;
    mir->topk.offset = offset;
    return mir;
}

Mir *
mir_negate(Arena *arena, Mir *input)
{
    return input->kind == MIR_NEGATE ? input->inputs[0] : make_like(arena, MIR_NEGATE, input);
}

Mir *
mir_threshold(Arena *arena, Mir *input, bool distinct)
{
    Mir *mir = make_like(arena, MIR_THRESHOLD, input);
    mir->threshold.distinct = distinct;
    return mir;
}

Mir *
mir_union(Arena *arena, Mir **inputs, int count)
{
    if (count == 1)
        return inputs[0];
    Mir *mir = make(arena, MIR_UNION, NULL, inputs[0]->column_count);
    mir->types = inputs[0]->types;
    mir->nullable = arena_new_array(arena, bool, mir->column_count);
    for (int i = 0; i < count; i++) {
        /* What is taken away adds no nulls. */
        for (int c = 0; c < mir->column_count && inputs[i]->kind != MIR_NEGATE; c++)
            mir->nullable[c] |= inputs[i]->nullable[c];
    }
    mir->inputs = inputs;
    mir->input_count = count;
    return mir;
}

Mir *
mir_union2(Arena *arena, Mir *a, Mir *b)
{
    Mir **inputs = arena_new_array(arena, Mir *, 2);
    inputs[0] = a;
    inputs[1] = b;
    return mir_union(arena, inputs, 2);
}

Mir *
mir_guard(Arena *arena, Mir *input, const uint16_t *group, int group_count, const char *sqlstate, const char *message)
{
    Mir *mir = make_like(arena, MIR_GUARD, input);
    mir->guard.group = arena_new_array(arena, uint16_t, group_count);
    for (int i = 0; i < group_count; i++)
        mir->guard.group[i] = group[i];
    mir->guard.group_count = group_count;
    mir->guard.sqlstate = sqlstate;
    mir->guard.message = message;
    return mir;
}

Scalar *
mir_column(Arena *arena, const Mir *mir, uint32_t column)
{
    return scalar_column(arena, column, mir->types[column], mir->nullable[column]);
}

/* ---- copies ---- */

Mir *
mir_with_input(Arena *arena, const Mir *mir, Mir *input)
{
    Mir **inputs = arena_new_array(arena, Mir *, 1);
    inputs[0] = input;
    return mir_with_inputs(arena, mir, inputs);
}

Mir *
mir_with_inputs(Arena *arena, const Mir *mir, Mir **inputs)
{
    Mir *input = mir->input_count > 0 ? inputs[0] : NULL;
    Mir *copy;
    switch (mir->kind) {
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_LET:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        copy = arena_new_struct(arena, Mir);
        *copy = *mir;
        return copy;
    case MIR_MAP:
        return mir_map(arena, input, mir->list.exprs, mir->list.count);
    case MIR_FILTER:
        return mir_filter(arena, input, mir->list.exprs, mir->list.count);
    case MIR_PROJECT:
        return mir_project(arena, input, mir->project, mir->column_count);
    case MIR_FLAT_MAP:
        return mir_flat_map(arena, input, &mir->flat_map.function, mir->flat_map.args, mir->flat_map.ordinality);
    case MIR_JOIN:
        copy = mir_join(arena, inputs, mir->input_count, mir->join.classes, mir->join.class_count);
        if (copy->kind == MIR_JOIN) {
            copy->join.order = mir->join.order;
            copy->join.sizes = mir->join.sizes;
        }
        return copy;
    case MIR_REDUCE:
        return mir_reduce(arena, input, mir->reduce.key, mir->reduce.key_count, mir->reduce.aggregates,
                          mir->reduce.aggregate_count);
    case MIR_TOPK:
        return mir_topk(arena, input, mir->topk.group, mir->topk.group_count, mir->topk.order, mir->topk.order_count,
                        mir->topk.limit, mir->topk.offset);
    case MIR_WINDOW:
        return mir_window(arena, input, &mir->window);
    case MIR_NEGATE:
        return mir_negate(arena, input);
    case MIR_THRESHOLD:
        input = mir_threshold(arena, input, mir->threshold.distinct);
        input->threshold.settles = mir->threshold.settles;
        return input;
    case MIR_UNION:
        return mir_union(arena, inputs, mir->input_count);
    case MIR_GUARD:
        return mir_guard(arena, input, mir->guard.group, mir->guard.group_count, mir->guard.sqlstate,
                         mir->guard.message);
    }
    bug("unrecognized relation kind %d", mir->kind);
}

static void
bindings_grow(MirPlan *plan)
{
    if (plan->count < plan->capacity)
        return;
    plan->capacity = plan->capacity * 2 + 8;
    Mir **grown = arena_new_array(plan->arena, Mir *, plan->capacity);
    for (int i = 0; i < plan->count; i++)
        grown[i] = plan->bindings[i];
    plan->bindings = grown;
}

int
mir_bind(MirPlan *plan, Mir *mir)
{
    bindings_grow(plan);
    plan->bindings[plan->count] = mir;
    return plan->count++;
}

Mir *
mir_share(MirPlan *plan, Mir *mir)
{
    if (mir->kind == MIR_GET || mir->kind == MIR_LET || (mir->kind == MIR_CONSTANT && mir->constant.count <= 1))
        return mir;
    return mir_let(plan, mir_bind(plan, mir));
}

static Mir *
copy_node(const Mir *mir, Arena *arena)
{
    Mir *copy = arena_new_struct(arena, Mir);
    *copy = *mir;
    copy->inputs = arena_new_array(arena, Mir *, mir->input_count);
    for (int i = 0; i < mir->input_count; i++)
        copy->inputs[i] = copy_node(mir->inputs[i], arena);
    if (mir->kind == MIR_RECURSE) {
        copy->recursion = arena_new_struct(arena, MirRecursion);
        *copy->recursion = *mir->recursion;
        copy->recursion->body = mir_plan_copy(mir->recursion->body, arena);
    }
    if (mir->kind == MIR_JOIN) {
        copy->join.classes = arena_new_array(arena, MirClass, mir->join.class_count);
        for (int i = 0; i < mir->join.class_count; i++) {
            MirClass *class = &copy->join.classes[i];
            *class = mir->join.classes[i];
            class->members = arena_new_array(arena, Scalar *, class->count);
            memcpy(class->members, mir->join.classes[i].members, (size_t) class->count * sizeof *class->members);
        }
    }
    return copy;
}

MirPlan *
mir_plan_copy(const MirPlan *plan, Arena *arena)
{
    MirPlan *copy = arena_new_struct(arena, MirPlan);
    copy->arena = arena;
    for (int i = 0; i < plan->count; i++)
        mir_bind(copy, copy_node(plan->bindings[i], arena));
    copy->root = copy_node(plan->root, arena);
    return copy;
}

/* ---- walks ---- */

void
mir_visit(Mir *mir, void (*visit)(void *context, Mir *mir), void *context)
{
    for (int i = 0; i < mir->input_count; i++)
        mir_visit(mir->inputs[i], visit, context);
    visit(context, mir);
}

static Scalar **
rewrite_list(Arena *arena, Scalar **exprs, int count, Scalar *(*rewrite)(void *context, Scalar *scalar), void *context)
{
    Scalar **copy = arena_new_array(arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        copy[i] = rewrite(context, exprs[i]);
    return copy;
}

void
mir_rewrite_scalars(Arena *arena, Mir *mir, Scalar *(*rewrite)(void *context, Scalar *scalar), void *context)
{
    switch (mir->kind) {
    case MIR_MAP:
    case MIR_FILTER:
        mir->list.exprs = rewrite_list(arena, mir->list.exprs, mir->list.count, rewrite, context);
        return;
    case MIR_FLAT_MAP:
        mir->flat_map.args = rewrite_list(arena, mir->flat_map.args, mir->flat_map.arg_count, rewrite, context);
        return;
    case MIR_JOIN: {
        MirClass *classes = arena_new_array(arena, MirClass, mir->join.class_count);
        for (int i = 0; i < mir->join.class_count; i++) {
            classes[i] = mir->join.classes[i];
            classes[i].members = rewrite_list(arena, classes[i].members, classes[i].count, rewrite, context);
        }
        mir->join.classes = classes;
        return;
    }
    case MIR_TOPK:
        if (mir->topk.limit != NULL)
            mir->topk.limit = rewrite(context, mir->topk.limit);
        if (mir->topk.offset != NULL)
            mir->topk.offset = rewrite(context, mir->topk.offset);
        return;
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_LET:
    case MIR_PROJECT:
    case MIR_REDUCE:
    case MIR_WINDOW:
    case MIR_NEGATE:
    case MIR_THRESHOLD:
    case MIR_UNION:
    case MIR_GUARD:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        return;
    }
}

void
mir_visit_scalars(const Mir *mir, void (*visit)(void *context, const Scalar *scalar), void *context)
{
    switch (mir->kind) {
    case MIR_MAP:
    case MIR_FILTER:
        for (int i = 0; i < mir->list.count; i++)
            visit(context, mir->list.exprs[i]);
        return;
    case MIR_FLAT_MAP:
        for (int i = 0; i < mir->flat_map.arg_count; i++)
            visit(context, mir->flat_map.args[i]);
        return;
    case MIR_JOIN:
        for (int i = 0; i < mir->join.class_count; i++) {
            for (int j = 0; j < mir->join.classes[i].count; j++)
                visit(context, mir->join.classes[i].members[j]);
        }
        return;
    case MIR_TOPK:
        if (mir->topk.limit != NULL)
            visit(context, mir->topk.limit);
        if (mir->topk.offset != NULL)
            visit(context, mir->topk.offset);
        return;
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_LET:
    case MIR_PROJECT:
    case MIR_REDUCE:
    case MIR_WINDOW:
    case MIR_NEGATE:
    case MIR_THRESHOLD:
    case MIR_UNION:
    case MIR_GUARD:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        return;
    }
}
