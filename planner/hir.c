/*
 * hir.c -- making, shifting and rewriting bound queries.
 */
#include "planner/hir.h"

Scalar *
hir_column(Arena *arena, int level, uint32_t index, SqlType type, bool nullable)
{
    return scalar_column(arena, hir_ref(HIR_REF_ROW, level, index), type, nullable);
}

Scalar *
hir_column_of(HirQuerySet *set, const Hir *hir, uint32_t index)
{
    return hir_column(set->arena, 0, index, hir->types[index], hir->nullable[index]);
}

static uint32_t
subquery_add(HirQuerySet *set, HirSubqueryKind kind, Hir *query)
{
    if (set->count == set->capacity) {
        uint32_t capacity = set->capacity == 0 ? 8 : set->capacity * 2;
        HirSubquery *grown = arena_new_array(set->arena, HirSubquery, capacity);
        if (set->count > 0)
            memcpy(grown, set->subqueries, set->count * sizeof *grown);
        set->subqueries = grown;
        set->capacity = capacity;
    }
    set->subqueries[set->count] = (HirSubquery){.kind = kind, .query = query};
    return set->count++;
}

Scalar *
hir_subquery(HirQuerySet *set, HirSubqueryKind kind, Hir *query)
{
    uint32_t index = subquery_add(set, kind, query);
    SqlType type = kind == HIR_SUBQUERY_EXISTS ? SQL_TYPE(BOOL) : query->types[0];
    bool nullable = kind == HIR_SUBQUERY_SCALAR && !(hir_is_single_row(query) && !query->nullable[0]);
    return scalar_column(set->arena, hir_ref(HIR_REF_SUBQUERY, 0, index), type, nullable);
}

/* ---- levels ---- */

static int
levels_max(int a, int b)
{
    return a > b ? a : b;
}

int
hir_scalar_levels(const HirQuerySet *set, const Scalar *scalar)
{
    if (scalar == NULL)
        return 0;
    if (scalar->kind == SCALAR_COLUMN) {
        switch (hir_ref_kind(scalar->column)) {
        case HIR_REF_SUBQUERY:
            return levels_max(0, set->subqueries[hir_ref_index(scalar->column)].query->levels - 1);
        case HIR_REF_ROW:
        case HIR_REF_AGGREGATE:
        case HIR_REF_SET:
        case HIR_REF_WINDOW:
        case HIR_REF_GROUPING:
            return hir_ref_level(scalar->column);
        }
    }
    int levels = 0;
    for (int i = 0; i < scalar->arg_count; i++)
        levels = levels_max(levels, hir_scalar_levels(set, scalar->args[i]));
    return levels;
}

static int
list_levels(const HirQuerySet *set, Scalar *const *exprs, int count)
{
    int levels = 0;
    for (int i = 0; i < count; i++)
        levels = levels_max(levels, hir_scalar_levels(set, exprs[i]));
    return levels;
}

static int
aggregate_levels(const HirQuerySet *set, const HirAggregate *aggregate)
{
    int levels = list_levels(set, aggregate->args, aggregate->arg_count);
    levels = levels_max(levels, hir_scalar_levels(set, aggregate->filter));
    for (int i = 0; i < aggregate->order_count; i++)
        levels = levels_max(levels, hir_scalar_levels(set, aggregate->order[i].expr));
    return levels;
}

static int
window_levels(const HirQuerySet *set, const HirWindow *window)
{
    int count, levels = 0;
    Scalar ***slots = hir_window_scalars(set->arena, window, &count);
    for (int i = 0; i < count; i++)
        levels = levels_max(levels, hir_scalar_levels(set, *slots[i]));
    return levels;
}

static int
own_levels(const HirQuerySet *set, const Hir *hir)
{
    int levels = 0;
    switch (hir->kind) {
    case HIR_VALUES:
        for (int i = 0; i < hir->values.count; i++)
            levels = levels_max(levels, list_levels(set, hir->values.rows[i], hir->column_count));
        return levels;
    case HIR_PROJECT:
    case HIR_FILTER:
        return list_levels(set, hir->list.exprs, hir->list.count);
    case HIR_FLAT_MAP:
        return list_levels(set, hir->flat_map.args, hir->flat_map.call.arg_count);
    case HIR_JOIN:
        return hir_scalar_levels(set, hir->join.on);
    case HIR_REDUCE:
        levels = list_levels(set, hir->reduce.keys, hir->reduce.key_count);
        for (int i = 0; i < hir->reduce.aggregate_count; i++)
            levels = levels_max(levels, aggregate_levels(set, &hir->reduce.aggregates[i]));
        return levels;
    case HIR_TOPK:
        return levels_max(hir_scalar_levels(set, hir->topk.limit), hir_scalar_levels(set, hir->topk.offset));
    case HIR_WINDOW:
        return window_levels(set, &hir->window);
    case HIR_GET:
    case HIR_DISTINCT:
    case HIR_SET_OP:
    case HIR_RECURSE:
    case HIR_FEEDBACK:
        return 0;
    }
    bug("unrecognized relation kind %d", hir->kind);
}

static Hir *
finish(const HirQuerySet *set, Hir *hir)
{
    hir->levels = own_levels(set, hir);
    if (hir->input != NULL)
        hir->levels = levels_max(hir->levels, hir->input->levels);
    if (hir->right != NULL)
        hir->levels = levels_max(hir->levels, hir->right->levels - (hir->kind == HIR_JOIN));
    return hir;
}

/* ---- making ---- */

static Hir *
make(HirQuerySet *set, HirKind kind, Hir *input, int column_count)
{
    Hir *hir = arena_new_struct(set->arena, Hir);
    hir->kind = kind;
    hir->input = input;
    hir->column_count = column_count;
    hir->types = arena_new_array(set->arena, SqlType, column_count);
    hir->nullable = arena_new_array(set->arena, bool, column_count);
    return hir;
}

static void
copy_columns(Hir *to, int at, const Hir *from)
{
    if (from->column_count == 0)
        return;
    memcpy(to->types + at, from->types, (size_t) from->column_count * sizeof *to->types);
    memcpy(to->nullable + at, from->nullable, (size_t) from->column_count * sizeof *to->nullable);
}

Hir *
hir_values(HirQuerySet *set, Scalar ***rows, int row_count, const SqlType *types, int column_count)
{
    Hir *hir = make(set, HIR_VALUES, NULL, column_count);
    for (int c = 0; c < column_count; c++) {
        hir->types[c] = types[c];
        for (int r = 0; r < row_count; r++)
            hir->nullable[c] |= rows[r][c]->nullable;
    }
    hir->values.rows = rows;
    hir->values.count = row_count;
    return finish(set, hir);
}

Hir *
hir_unit(HirQuerySet *set)
{
    Scalar ***rows = arena_new_array(set->arena, Scalar **, 1);
    return hir_values(set, rows, 1, NULL, 0);
}

Hir *
hir_get(HirQuerySet *set, const Item *item)
{
    Hir *hir = make(set, HIR_GET, NULL, item->desc->column_count);
    for (int i = 0; i < hir->column_count; i++) {
        hir->types[i] = item->desc->columns[i].type;
        hir->nullable[i] = item->desc->columns[i].nullable;
    }
    hir->item = item;
    return hir;
}

Hir *
hir_recursion(HirQuerySet *set, HirKind kind, const HirRecursion *block, int binding, const SqlType *types,
              int column_count)
{
    Hir *hir = make(set, kind, NULL, column_count);
    for (int i = 0; i < column_count; i++) {
        hir->types[i] = types[i];
        hir->nullable[i] = true;
    }
    hir->recursion.block = block;
    hir->recursion.binding = binding;
    return hir;
}

Hir *
hir_project(HirQuerySet *set, Hir *input, Scalar **exprs, int count)
{
    Hir *hir = make(set, HIR_PROJECT, input, count);
    for (int i = 0; i < count; i++) {
        hir->types[i] = exprs[i]->type;
        hir->nullable[i] = exprs[i]->nullable;
    }
    hir->list.exprs = exprs;
    hir->list.count = count;
    return finish(set, hir);
}

Hir *
hir_filter(HirQuerySet *set, Hir *input, Scalar *predicate)
{
    if (predicate == NULL)
        return input;
    Hir *hir = make(set, HIR_FILTER, input, input->column_count);
    copy_columns(hir, 0, input);
    hir->list.exprs = arena_new_array(set->arena, Scalar *, 1);
    hir->list.exprs[0] = predicate;
    hir->list.count = 1;
    return finish(set, hir);
}

Hir *
hir_flat_map(HirQuerySet *set, Hir *input, const TableFunctionCall *call, Scalar **args, bool ordinality)
{
    Hir *hir = make(set, HIR_FLAT_MAP, input, input->column_count + call->column_count + ordinality);
    copy_columns(hir, 0, input);
    for (int i = 0; i < call->column_count; i++) {
        hir->types[input->column_count + i] = call->column_types[i];
        hir->nullable[input->column_count + i] = true;
    }
    if (ordinality)
        hir->types[hir->column_count - 1] = SQL_TYPE(INT8);
    hir->flat_map.call = *call;
    hir->flat_map.args = args;
    hir->flat_map.ordinality = ordinality;
    return finish(set, hir);
}

Hir *
hir_join(HirQuerySet *set, HirJoinKind kind, Hir *left, Hir *right, Scalar *on)
{
    Hir *hir = make(set, HIR_JOIN, left, left->column_count + right->column_count);
    copy_columns(hir, 0, left);
    copy_columns(hir, left->column_count, right);
    for (int i = 0; i < hir->column_count; i++) {
        bool of_left = i < left->column_count;
        if (kind == HIR_JOIN_FULL || (kind == HIR_JOIN_LEFT && !of_left) || (kind == HIR_JOIN_RIGHT && of_left))
            hir->nullable[i] = true;
    }
    hir->right = right;
    hir->join.kind = kind;
    hir->join.on = on;
    return finish(set, hir);
}

Hir *
hir_reduce(HirQuerySet *set, Hir *input, Scalar **keys, int key_count, HirAggregate *aggregates, int aggregate_count)
{
    Hir *hir = make(set, HIR_REDUCE, input, key_count + aggregate_count);
    for (int i = 0; i < key_count; i++) {
        hir->types[i] = keys[i]->type;
        hir->nullable[i] = keys[i]->nullable;
    }
    for (int i = 0; i < aggregate_count; i++) {
        hir->types[key_count + i] = aggregates[i].call.result_type;
        hir->nullable[key_count + i] = aggregate_empty(&aggregates[i].call).is_null;
    }
    hir->reduce.keys = keys;
    hir->reduce.key_count = key_count;
    hir->reduce.aggregates = aggregates;
    hir->reduce.aggregate_count = aggregate_count;
    return finish(set, hir);
}

Hir *
hir_distinct(HirQuerySet *set, Hir *input)
{
    if (input->kind == HIR_DISTINCT)
        return input;
    Hir *hir = make(set, HIR_DISTINCT, input, input->column_count);
    copy_columns(hir, 0, input);
    return finish(set, hir);
}

Hir *
hir_topk(HirQuerySet *set, Hir *input, uint16_t *group, int group_count, SortKey *order, int order_count, Scalar *limit,
         Scalar *offset)
{
    Hir *hir = make(set, HIR_TOPK, input, input->column_count);
    copy_columns(hir, 0, input);
    hir->topk.group = group;
    hir->topk.group_count = group_count;
    hir->topk.order = order;
    hir->topk.order_count = order_count;
    hir->topk.limit = limit;
    hir->topk.offset = offset;
    return finish(set, hir);
}

Scalar ***
hir_window_scalars(Arena *arena, const HirWindow *window, int *count)
{
    Scalar ***slots =
        arena_new_array(arena, Scalar **, window->partition_count + window->order_count + window->call_count * 6);
    int found = 0;
    for (int i = 0; i < window->partition_count; i++)
        slots[found++] = &window->partition[i];
    for (int i = 0; i < window->order_count; i++)
        slots[found++] = &window->order[i].expr;
    for (int i = 0; i < window->call_count; i++) {
        HirWindowCall *call = &window->calls[i];
        for (int k = 0; k < call->call.arg_count; k++)
            slots[found++] = &call->args[k];
        Scalar **others[] = {&call->filter, &call->start_offset, &call->end_offset};
        for (int k = 0; k < 3; k++) {
            if (*others[k] != NULL)
                slots[found++] = others[k];
        }
    }
    *count = found;
    return slots;
}

HirWindow
hir_window_copy(Arena *arena, const HirWindow *window)
{
    HirWindow copy = *window;
    copy.partition = arena_new_array(arena, Scalar *, window->partition_count);
    copy.order = arena_new_array(arena, HirOrder, window->order_count);
    copy.calls = arena_new_array(arena, HirWindowCall, window->call_count);
    for (int i = 0; i < window->partition_count; i++)
        copy.partition[i] = window->partition[i];
    for (int i = 0; i < window->order_count; i++)
        copy.order[i] = window->order[i];
    for (int i = 0; i < window->call_count; i++)
        copy.calls[i] = window->calls[i];
    return copy;
}

Hir *
hir_window(HirQuerySet *set, Hir *input, const HirWindow *window)
{
    Hir *hir = make(set, HIR_WINDOW, input, input->column_count + window->call_count);
    copy_columns(hir, 0, input);
    for (int i = 0; i < window->call_count; i++) {
        hir->types[input->column_count + i] = window->calls[i].call.type;
        hir->nullable[input->column_count + i] = window_call_nullable(&window->calls[i].call);
    }
    hir->window = *window;
    return finish(set, hir);
}

Hir *
hir_set_op(HirQuerySet *set, HirSetOp op, Hir *left, Hir *right)
{
    Hir *hir = make(set, HIR_SET_OP, left, left->column_count);
    copy_columns(hir, 0, left);
    bool keeps_left = op == HIR_EXCEPT || op == HIR_EXCEPT_ALL;
    for (int i = 0; i < hir->column_count && !keeps_left; i++)
        hir->nullable[i] |= right->nullable[i];
    hir->right = right;
    hir->set_op = op;
    return finish(set, hir);
}

bool
hir_is_single_row(const Hir *hir)
{
    while (hir->kind == HIR_PROJECT)
        hir = hir->input;
    return (hir->kind == HIR_REDUCE && hir->reduce.key_count == 0) ||
           (hir->kind == HIR_VALUES && hir->values.count == 1);
}

/* ---- rewriting ---- */

static uint32_t
subquery_replace(HirQuerySet *set, uint32_t index, int depth, HirReplace replace, void *context)
{
    HirSubquery subquery = set->subqueries[index];
    Hir *query = hir_replace(set, subquery.query, depth + 1, replace, context);
    return query == subquery.query ? index : subquery_add(set, subquery.kind, query);
}

static Scalar *
reference_replace(HirQuerySet *set, Scalar *scalar, int depth, HirReplace replace, void *context)
{
    if (hir_ref_kind(scalar->column) == HIR_REF_SUBQUERY) {
        uint32_t index = hir_ref_index(scalar->column);
        uint32_t replaced = subquery_replace(set, index, depth, replace, context);
        if (replaced == index)
            return scalar;
        Scalar *copy =
            scalar_column(set->arena, hir_ref(HIR_REF_SUBQUERY, 0, replaced), scalar->type, scalar->nullable);
        copy->position = scalar->position;
        return copy;
    }
    if (hir_ref_level(scalar->column) < depth)
        return scalar;
    Scalar *replacement = replace(context, scalar, depth);
    return replacement == NULL ? scalar : replacement;
}

Scalar *
hir_scalar_replace(HirQuerySet *set, Scalar *scalar, int depth, HirReplace replace, void *context)
{
    if (scalar == NULL)
        return NULL;
    if (scalar->kind == SCALAR_COLUMN)
        return reference_replace(set, scalar, depth, replace, context);
    Scalar *copy = scalar;
    for (int i = 0; i < scalar->arg_count; i++) {
        Scalar *arg = hir_scalar_replace(set, scalar->args[i], depth, replace, context);
        if (arg == scalar->args[i])
            continue;
        if (copy == scalar) {
            copy = arena_new_struct(set->arena, Scalar);
            *copy = *scalar;
            copy->args = arena_new_array(set->arena, Scalar *, scalar->arg_count);
            memcpy(copy->args, scalar->args, (size_t) scalar->arg_count * sizeof *copy->args);
        }
        copy->args[i] = arg;
    }
    return copy;
}

static Scalar **
list_replace(HirQuerySet *set, Scalar **exprs, int count, int depth, HirReplace replace, void *context)
{
    Scalar **copy = arena_new_array(set->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        copy[i] = hir_scalar_replace(set, exprs[i], depth, replace, context);
    return copy;
}

static HirAggregate *
aggregates_replace(HirQuerySet *set, const Hir *hir, int depth, HirReplace replace, void *context)
{
    int count = hir->reduce.aggregate_count;
    HirAggregate *copy = arena_new_array(set->arena, HirAggregate, count);
    for (int i = 0; i < count; i++) {
        copy[i] = hir->reduce.aggregates[i];
        for (int j = 0; j < copy[i].arg_count; j++)
            copy[i].args[j] = hir_scalar_replace(set, copy[i].args[j], depth, replace, context);
        copy[i].filter = hir_scalar_replace(set, copy[i].filter, depth, replace, context);
        HirOrder *order = arena_new_array(set->arena, HirOrder, copy[i].order_count);
        for (int j = 0; j < copy[i].order_count; j++) {
            order[j] = copy[i].order[j];
            order[j].expr = hir_scalar_replace(set, order[j].expr, depth, replace, context);
        }
        copy[i].order = order;
    }
    return copy;
}

static void
own_replace(HirQuerySet *set, Hir *copy, int depth, HirReplace replace, void *context)
{
    switch (copy->kind) {
    case HIR_VALUES: {
        Scalar ***rows = arena_new_array(set->arena, Scalar **, copy->values.count);
        for (int i = 0; i < copy->values.count; i++)
            rows[i] = list_replace(set, copy->values.rows[i], copy->column_count, depth, replace, context);
        copy->values.rows = rows;
        return;
    }
    case HIR_PROJECT:
    case HIR_FILTER:
        copy->list.exprs = list_replace(set, copy->list.exprs, copy->list.count, depth, replace, context);
        return;
    case HIR_FLAT_MAP:
        copy->flat_map.args =
            list_replace(set, copy->flat_map.args, copy->flat_map.call.arg_count, depth, replace, context);
        return;
    case HIR_JOIN:
        copy->join.on = hir_scalar_replace(set, copy->join.on, depth, replace, context);
        return;
    case HIR_REDUCE:
        copy->reduce.keys = list_replace(set, copy->reduce.keys, copy->reduce.key_count, depth, replace, context);
        copy->reduce.aggregates = aggregates_replace(set, copy, depth, replace, context);
        return;
    case HIR_TOPK:
        copy->topk.limit = hir_scalar_replace(set, copy->topk.limit, depth, replace, context);
        copy->topk.offset = hir_scalar_replace(set, copy->topk.offset, depth, replace, context);
        return;
    case HIR_WINDOW: {
        int count;
        copy->window = hir_window_copy(set->arena, &copy->window);
        Scalar ***slots = hir_window_scalars(set->arena, &copy->window, &count);
        for (int i = 0; i < count; i++)
            *slots[i] = hir_scalar_replace(set, *slots[i], depth, replace, context);
        return;
    }
    case HIR_GET:
    case HIR_DISTINCT:
    case HIR_SET_OP:
    case HIR_RECURSE:
    case HIR_FEEDBACK:
        return;
    }
}

Hir *
hir_replace(HirQuerySet *set, Hir *hir, int depth, HirReplace replace, void *context)
{
    if (hir->levels < depth)
        return hir; /* nothing in it looks that far out */
    Hir *copy = arena_new_struct(set->arena, Hir);
    *copy = *hir;
    if (hir->input != NULL)
        copy->input = hir_replace(set, hir->input, depth, replace, context);
    if (hir->right != NULL)
        copy->right = hir_replace(set, hir->right, depth + (hir->kind == HIR_JOIN), replace, context);
    own_replace(set, copy, depth, replace, context);
    return finish(set, copy);
}

typedef struct Shift {
    Arena *arena;
    int by;
} Shift;

static Scalar *
shift_reference(void *context, const Scalar *reference, int depth)
{
    (void) depth;
    const Shift *shift = context;
    uint32_t column = reference->column;
    Scalar *copy = scalar_column(
        shift->arena, hir_ref(hir_ref_kind(column), hir_ref_level(column) + shift->by, hir_ref_index(column)),
        reference->type, reference->nullable);
    copy->position = reference->position;
    return copy;
}

Scalar *
hir_scalar_shift(HirQuerySet *set, Scalar *scalar, int by)
{
    Shift shift = {set->arena, by};
    return by == 0 ? scalar : hir_scalar_replace(set, scalar, 0, shift_reference, &shift);
}

Hir *
hir_shift(HirQuerySet *set, Hir *hir, int by)
{
    Shift shift = {set->arena, by};
    return by == 0 || hir->levels == 0 ? hir : hir_replace(set, hir, 1, shift_reference, &shift);
}

/* ---- references ---- */

typedef struct Walk {
    const HirQuerySet *set;
    HirVisit visit;
    void *context;
} Walk;

static void relation_walk(const Walk *walk, const Hir *hir, int depth);

static void
scalar_walk(const Walk *walk, const Scalar *scalar, int depth)
{
    if (scalar == NULL)
        return;
    if (scalar->kind == SCALAR_COLUMN) {
        if (hir_ref_kind(scalar->column) == HIR_REF_SUBQUERY)
            relation_walk(walk, walk->set->subqueries[hir_ref_index(scalar->column)].query, depth + 1);
        else if (hir_ref_level(scalar->column) >= depth)
            walk->visit(walk->context, hir_ref_level(scalar->column) - depth, scalar);
        return;
    }
    for (int i = 0; i < scalar->arg_count; i++)
        scalar_walk(walk, scalar->args[i], depth);
}

static void
list_walk(const Walk *walk, Scalar *const *exprs, int count, int depth)
{
    for (int i = 0; i < count; i++)
        scalar_walk(walk, exprs[i], depth);
}

static void
own_walk(const Walk *walk, const Hir *hir, int depth)
{
    switch (hir->kind) {
    case HIR_VALUES:
        for (int i = 0; i < hir->values.count; i++)
            list_walk(walk, hir->values.rows[i], hir->column_count, depth);
        return;
    case HIR_PROJECT:
    case HIR_FILTER:
        list_walk(walk, hir->list.exprs, hir->list.count, depth);
        return;
    case HIR_FLAT_MAP:
        list_walk(walk, hir->flat_map.args, hir->flat_map.call.arg_count, depth);
        return;
    case HIR_JOIN:
        scalar_walk(walk, hir->join.on, depth);
        return;
    case HIR_REDUCE:
        list_walk(walk, hir->reduce.keys, hir->reduce.key_count, depth);
        for (int i = 0; i < hir->reduce.aggregate_count; i++) {
            const HirAggregate *aggregate = &hir->reduce.aggregates[i];
            list_walk(walk, aggregate->args, aggregate->arg_count, depth);
            scalar_walk(walk, aggregate->filter, depth);
            for (int j = 0; j < aggregate->order_count; j++)
                scalar_walk(walk, aggregate->order[j].expr, depth);
        }
        return;
    case HIR_TOPK:
        scalar_walk(walk, hir->topk.limit, depth);
        scalar_walk(walk, hir->topk.offset, depth);
        return;
    case HIR_WINDOW: {
        int count;
        Scalar ***slots = hir_window_scalars(walk->set->arena, &hir->window, &count);
        for (int i = 0; i < count; i++)
            scalar_walk(walk, *slots[i], depth);
        return;
    }
    case HIR_GET:
    case HIR_DISTINCT:
    case HIR_SET_OP:
    case HIR_RECURSE:
    case HIR_FEEDBACK:
        return;
    }
}

/* `depth` is the level, seen from inside, that counts as 0. Visits what lies at that level or beyond. */
static void
relation_walk(const Walk *walk, const Hir *hir, int depth)
{
    if (hir->levels < depth)
        return;
    own_walk(walk, hir, depth);
    if (hir->input != NULL)
        relation_walk(walk, hir->input, depth);
    if (hir->right != NULL)
        relation_walk(walk, hir->right, depth + (hir->kind == HIR_JOIN));
}

typedef struct Outer {
    HirVisit visit;
    void *context;
} Outer;

static void
outer_visit(void *context, int level, const Scalar *reference)
{
    const Outer *outer = context;
    outer->visit(outer->context, level + 1, reference);
}

void
hir_outer_references(const HirQuerySet *set, const Hir *hir, HirVisit visit, void *context)
{
    Outer outer = {visit, context};
    Walk walk = {set, outer_visit, &outer};
    relation_walk(&walk, hir, 1);
}

void
hir_scalar_references(const HirQuerySet *set, const Scalar *scalar, HirVisit visit, void *context)
{
    Walk walk = {set, visit, context};
    scalar_walk(&walk, scalar, 0);
}
