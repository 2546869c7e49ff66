/*
 * lower_hir.c -- relations and expressions; joins are in lower_join.c, windows in lower_window.c, subqueries in lower_subquery.c.
 */
#include "planner/lower_internal.h"

/* ---- pieces ---- */

Mir *
join2(Lower *lower, Mir *left, Mir *right, MirClass *classes, int class_count)
{
    if (mir_is_unit(left))
        return right;
    if (mir_is_unit(right))
        return left;
    Mir **inputs = arena_new_array(lower->arena, Mir *, 2);
    inputs[0] = left;
    inputs[1] = right;
    return mir_join(lower->arena, inputs, 2, classes, class_count);
}

Mir *
project_range(Lower *lower, Mir *input, int from, int count)
{
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, count);
    for (int i = 0; i < count; i++)
        columns[i] = (uint16_t) (from + i);
    return mir_project(lower->arena, input, columns, count);
}

Mir *
distinct_unless_unique(Lower *lower, Mir *mir)
{
    uint16_t *all = arena_new_array(lower->arena, uint16_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++)
        all[i] = (uint16_t) i;
    if (mir_columns_unique(lower->plan, mir, lower->arena, all, mir->column_count))
        return mir;
    return mir_distinct(lower->arena, mir);
}

Mir *
semijoin(Lower *lower, Mir *left, Mir *found, MirClass *classes, int class_count)
{
    if (mir_is_unit(found))
        return left;
    Mir **inputs = arena_new_array(lower->arena, Mir *, 2);
    inputs[0] = left;
    inputs[1] = found;
    return project_range(lower, mir_join(lower->arena, inputs, 2, classes, class_count), 0, left->column_count);
}

Mir *
difference(Lower *lower, Mir *a, Mir *b)
{
    return mir_union2(lower->arena, a, mir_negate(lower->arena, b));
}

Mir *
map_nulls(Lower *lower, Mir *input, const SqlType *types, int count)
{
    Scalar **nulls = arena_new_array(lower->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        nulls[i] = scalar_null(lower->arena, types[i]);
    return mir_map(lower->arena, input, nulls, count);
}

/* ---- keys ---- */

typedef struct KeySearch {
    const Row *row;
    int row_columns;
    bool *used; /* columns of row->mir */
} KeySearch;

static int
env_column(const Env *env, int level, uint32_t index)
{
    for (int i = 1; i < level; i++)
        env = env->parent;
    if (env == NULL || index >= (uint32_t) env->count || env->columns[index] < 0)
        bug("a reference to level %d, column %u leads nowhere", level, index);
    return env->columns[index];
}

static void
key_visit(void *context, int level, const Scalar *reference)
{
    KeySearch *search = context;
    uint32_t index = hir_ref_index(reference->column);
    int column = level == 1 ? search->row->outer + (int) index : env_column(search->row->env, level - 1, index);
    search->used[column] = true;
}

static const Env *
env_remap(Lower *lower, const Env *env, const int *positions)
{
    if (env == NULL)
        return NULL;
    Env *made = arena_new_struct(lower->arena, Env);
    int *columns = arena_new_array(lower->arena, int, env->count);
    for (int i = 0; i < env->count; i++)
        columns[i] = env->columns[i] < 0 ? -1 : positions[env->columns[i]];
    *made = (Env){env_remap(lower, env->parent, positions), columns, env->count};
    return made;
}

KeyColumns
key_columns(Lower *lower, const Hir *inner, const Row *row, int row_columns)
{
    int total = row->mir->column_count;
    KeySearch search = {row, row_columns, arena_new_array(lower->arena, bool, total)};
    hir_outer_references(lower->set, inner, key_visit, &search);
    KeyColumns keys = {.columns = arena_new_array(lower->arena, uint16_t, total)};
    int *positions = arena_new_array(lower->arena, int, total);
    for (int i = 0; i < total; i++) {
        positions[i] = -1;
        if (search.used[i]) {
            positions[i] = keys.count;
            keys.columns[keys.count++] = (uint16_t) i;
        }
    }
    Env *env = arena_new_struct(lower->arena, Env);
    int *columns = arena_new_array(lower->arena, int, row_columns);
    for (int i = 0; i < row_columns; i++)
        columns[i] = positions[row->outer + i];
    *env = (Env){env_remap(lower, row->env, positions), columns, row_columns};
    keys.env = env;
    return keys;
}

Mir *
key_relation(Lower *lower, Mir *input, const KeyColumns *keys)
{
    if (keys->count == 0)
        return mir_unit(lower->arena);
    return distinct_unless_unique(lower, mir_project(lower->arena, input, keys->columns, keys->count));
}

MirClass *
key_classes(Lower *lower, const Mir *left, const Mir *right, int right_start, const KeyColumns *keys)
{
    MirClass *classes = arena_new_array(lower->arena, MirClass, keys->count);
    for (int i = 0; i < keys->count; i++) {
        Scalar *a = mir_column(lower->arena, left, keys->columns[i]),
               *b = mir_column(lower->arena, right, (uint32_t) i);
        bool null_safe = a->nullable && b->nullable;
        b->column += (uint32_t) right_start;
        classes[i] = *mir_class_pair(lower->arena, a, b, null_safe);
    }
    return classes;
}

/* ---- expressions ---- */

Row
row_of(Mir *mir, int outer, const Env *env)
{
    return (Row){.mir = mir, .outer = outer, .env = env};
}

static uint32_t
subquery_column(Lower *lower, Row *row, uint32_t subquery)
{
    for (int i = 0; i < row->value_count; i++) {
        if (row->values[i].subquery == subquery)
            return row->values[i].column;
    }
    uint32_t column = lower_subquery_value(lower, row, subquery);
    if (row->value_count < (int) (sizeof row->values / sizeof row->values[0])) {
        row->values[row->value_count].subquery = subquery;
        row->values[row->value_count++].column = column;
    }
    return column;
}

static Scalar *
lower_reference(Lower *lower, Row *row, const Scalar *scalar)
{
    uint32_t column = scalar->column, index = hir_ref_index(column);
    int level = hir_ref_level(column), at;
    if (hir_ref_kind(column) == HIR_REF_SUBQUERY)
        at = (int) subquery_column(lower, row, index);
    else if (hir_ref_kind(column) == HIR_REF_ROW)
        at = level == 0 ? row->outer + (int) index : env_column(row->env, level, index);
    else
        bug("a reference of kind %d is left in a bound query", hir_ref_kind(column));
    /* The row may know better whether it can be null; the type is what was bound. */
    Scalar *made = scalar_column(lower->arena, (uint32_t) at, row->mir->types[at], row->mir->nullable[at]);
    made->position = scalar->position;
    return made;
}

Scalar *
lower_scalar(Lower *lower, Row *row, Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return lower_reference(lower, row, scalar);
    if (scalar->arg_count == 0)
        return scalar;
    Scalar *copy = arena_new_struct(lower->arena, Scalar);
    *copy = *scalar;
    copy->args = lower_scalars(lower, row, scalar->args, scalar->arg_count);
    return copy;
}

Scalar **
lower_scalars(Lower *lower, Row *row, Scalar *const *scalars, int count)
{
    Scalar **lowered = arena_new_array(lower->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        lowered[i] = lower_scalar(lower, row, scalars[i]);
    return lowered;
}

/* ---- filters ---- */

static void
add_filter(Lower *lower, Row *row, Scalar *predicate)
{
    Scalar **list = arena_new_array(lower->arena, Scalar *, 1);
    list[0] = predicate;
    row->mir = mir_filter(lower->arena, row->mir, list, 1);
}

/* EXISTS, or NOT EXISTS, and nothing else. */
static const HirSubquery *
exists_only(const Lower *lower, const Scalar *conjunct, bool *negated)
{
    *negated = conjunct->kind == SCALAR_NOT;
    const HirSubquery *subquery = hir_subquery_of(lower->set, *negated ? conjunct->args[0] : conjunct);
    return subquery != NULL && subquery->kind == HIR_SUBQUERY_EXISTS ? subquery : NULL;
}

void
lower_filter(Lower *lower, Row *row, const HirConjuncts *conjuncts)
{
    bool negated;
    Scalar **plain = arena_new_array(lower->arena, Scalar *, conjuncts->count);
    int count = 0;
    for (int i = 0; i < conjuncts->count; i++) {
        if (!hir_scalar_has_subquery(conjuncts->items[i]))
            plain[count++] = lower_scalar(lower, row, conjuncts->items[i]);
    }
    row->mir = mir_filter(lower->arena, row->mir, plain, count);
    for (int i = 0; i < conjuncts->count; i++) {
        const HirSubquery *subquery = exists_only(lower, conjuncts->items[i], &negated);
        if (subquery != NULL)
            lower_exists_filter(lower, row, (uint32_t) (subquery - lower->set->subqueries), negated);
    }
    for (int i = 0; i < conjuncts->count; i++) {
        if (hir_scalar_has_subquery(conjuncts->items[i]) && exists_only(lower, conjuncts->items[i], &negated) == NULL)
            add_filter(lower, row, lower_scalar(lower, row, conjuncts->items[i]));
    }
}

static Mir *
lower_filter_node(Lower *lower, Hir *hir, Mir *outer, const Env *env)
{
    Hir *pushed = hir_push_filter(lower->set, hir);
    HirConjuncts conjuncts = {0};
    while (pushed->kind == HIR_FILTER) {
        for (int i = 0; i < pushed->list.count; i++)
            hir_conjuncts(lower->set, pushed->list.exprs[i], &conjuncts);
        pushed = pushed->input;
    }
    Row row = row_of(lower_relation(lower, pushed, outer, env), outer->column_count, env);
    lower_filter(lower, &row, &conjuncts);
    return project_range(lower, row.mir, 0, outer->column_count + hir->column_count);
}

/* ---- VALUES ---- */

static bool
all_literals(const Hir *hir)
{
    for (int r = 0; r < hir->values.count; r++) {
        for (int c = 0; c < hir->column_count; c++) {
            const Scalar *value = hir->values.rows[r][c];
            if (value->kind != SCALAR_LITERAL || value->literal_error != NULL)
                return false;
        }
    }
    return true;
}

static void
fold_values(Lower *lower, const Hir *hir)
{
    for (int r = 0; r < hir->values.count; r++) {
        for (int c = 0; c < hir->column_count; c++) {
            Scalar **value = &hir->values.rows[r][c];
            if ((*value)->kind != SCALAR_LITERAL && hir_scalar_levels(lower->set, *value) == 0 &&
                !hir_scalar_has_subquery(*value))
                *value = scalar_fold(lower->arena, *value, lower->eval);
        }
    }
}

static Mir *
literal_values(Lower *lower, const Hir *hir)
{
    Datum **rows = arena_new_array(lower->arena, Datum *, hir->values.count);
    Datum *values = arena_new_array(lower->arena, Datum, (size_t) hir->values.count * (size_t) hir->column_count);
    for (int r = 0; r < hir->values.count; r++) {
        rows[r] = values + (size_t) r * (size_t) hir->column_count;
        for (int c = 0; c < hir->column_count; c++)
            rows[r][c] = hir->values.rows[r][c]->literal;
    }
    return mir_constant(lower->arena, rows, NULL, hir->values.count, hir->types, hir->column_count);
}

static Mir *
lower_values(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    fold_values(lower, hir);
    if (all_literals(hir))
        return join2(lower, outer, literal_values(lower, hir), NULL, 0);
    if (hir->values.count > 1)
        outer = mir_share(lower->plan, outer);
    Mir **rows = arena_new_array(lower->arena, Mir *, hir->values.count);
    for (int r = 0; r < hir->values.count; r++) {
        Row row = row_of(outer, outer->column_count, env);
        Scalar **exprs = lower_scalars(lower, &row, hir->values.rows[r], hir->column_count);
        Mir *mapped = mir_map(lower->arena, row.mir, exprs, hir->column_count);
        uint16_t *columns = arena_new_array(lower->arena, uint16_t, outer->column_count + hir->column_count);
        for (int i = 0; i < outer->column_count; i++)
            columns[i] = (uint16_t) i;
        for (int i = 0; i < hir->column_count; i++)
            columns[outer->column_count + i] = (uint16_t) (row.mir->column_count + i);
        rows[r] = mir_project(lower->arena, mapped, columns, outer->column_count + hir->column_count);
    }
    return mir_union(lower->arena, rows, hir->values.count);
}

/* ---- PROJECT, FLAT_MAP ---- */

static Mir *
lower_project(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    Row row = row_of(lower_relation(lower, hir->input, outer, env), outer->column_count, env);
    Scalar **exprs = lower_scalars(lower, &row, hir->list.exprs, hir->list.count);
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, row.outer + hir->list.count);
    Scalar **maps = arena_new_array(lower->arena, Scalar *, hir->list.count);
    int map_count = 0;
    for (int i = 0; i < row.outer; i++)
        columns[i] = (uint16_t) i;
    for (int i = 0; i < hir->list.count; i++) {
        if (exprs[i]->kind == SCALAR_COLUMN) {
            columns[row.outer + i] = (uint16_t) exprs[i]->column;
        } else {
            columns[row.outer + i] = (uint16_t) (row.mir->column_count + map_count);
            maps[map_count++] = exprs[i];
        }
    }
    Mir *mapped = mir_map(lower->arena, row.mir, maps, map_count);
    return mir_project(lower->arena, mapped, columns, row.outer + hir->list.count);
}

static Mir *
lower_flat_map(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    Row row = row_of(lower_relation(lower, hir->input, outer, env), outer->column_count, env);
    int kept = row.mir->column_count;
    Scalar **args = lower_scalars(lower, &row, hir->flat_map.args, hir->flat_map.call.arg_count);
    int columns = hir->flat_map.call.column_count + hir->flat_map.ordinality;
    Mir *mir = mir_flat_map(lower->arena, row.mir, &hir->flat_map.call, args, hir->flat_map.ordinality);
    uint16_t *project = arena_new_array(lower->arena, uint16_t, kept + columns);
    for (int i = 0; i < kept; i++)
        project[i] = (uint16_t) i;
    for (int i = 0; i < columns; i++)
        project[kept + i] = (uint16_t) (row.mir->column_count + i);
    return mir_project(lower->arena, mir, project, kept + columns);
}

/* ---- REDUCE ---- */

uint16_t
column_for(Columns *columns, const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return (uint16_t) scalar->column;
    for (int i = 0; i < columns->map_count; i++) {
        if (scalar_equal(columns->maps[i], scalar))
            return (uint16_t) (columns->row->mir->column_count + i);
    }
    columns->maps[columns->map_count] = (Scalar *) (uintptr_t) scalar;
    return (uint16_t) (columns->row->mir->column_count + columns->map_count++);
}

static int
reduce_expression_count(const Hir *hir)
{
    int count = hir->reduce.key_count;
    for (int i = 0; i < hir->reduce.aggregate_count; i++)
        count += hir->reduce.aggregates[i].arg_count + hir->reduce.aggregates[i].order_count + 1;
    return count;
}

/* Subqueries widen the row, so that all expressions are lowered before the first map is placed. */
typedef struct LoweredReduce {
    Scalar **keys;
    HirAggregate *aggregates;
} LoweredReduce;

static LoweredReduce
lower_reduce_scalars(Lower *lower, Row *row, const Hir *hir)
{
    LoweredReduce lowered = {lower_scalars(lower, row, hir->reduce.keys, hir->reduce.key_count),
                             arena_new_array(lower->arena, HirAggregate, hir->reduce.aggregate_count)};
    for (int i = 0; i < hir->reduce.aggregate_count; i++) {
        HirAggregate *aggregate = &lowered.aggregates[i];
        *aggregate = hir->reduce.aggregates[i];
        for (int j = 0; j < aggregate->arg_count; j++)
            aggregate->args[j] = lower_scalar(lower, row, aggregate->args[j]);
        if (aggregate->filter != NULL)
            aggregate->filter = lower_scalar(lower, row, aggregate->filter);
        aggregate->order = arena_new_array(lower->arena, HirOrder, aggregate->order_count);
        for (int j = 0; j < aggregate->order_count; j++) {
            aggregate->order[j] = hir->reduce.aggregates[i].order[j];
            aggregate->order[j].expr = lower_scalar(lower, row, aggregate->order[j].expr);
        }
    }
    return lowered;
}

static PlanAggregate
lower_aggregate(Columns *columns, const HirAggregate *aggregate)
{
    PlanAggregate made = {.call = aggregate->call, .distinct = aggregate->distinct, .filter = -1};
    for (int i = 0; i < aggregate->arg_count; i++)
        made.args[i] = column_for(columns, aggregate->args[i]);
    if (aggregate->filter != NULL)
        made.filter = (int16_t) column_for(columns, aggregate->filter);
    made.order = arena_new_array(columns->lower->arena, SortKey, aggregate->order_count);
    made.order_count = aggregate->order_count;
    for (int i = 0; i < aggregate->order_count; i++)
        made.order[i] = (SortKey){column_for(columns, aggregate->order[i].expr), aggregate->order[i].descending,
                                  aggregate->order[i].nulls_first};
    return made;
}

Mir *
lower_grouped(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    Row row = row_of(lower_relation(lower, hir->input, outer, env), outer->column_count, env);
    LoweredReduce lowered = lower_reduce_scalars(lower, &row, hir);
    Columns columns = {
        .lower = lower, .row = &row, .maps = arena_new_array(lower->arena, Scalar *, reduce_expression_count(hir))};
    uint16_t *key = arena_new_array(lower->arena, uint16_t, row.outer + hir->reduce.key_count);
    for (int i = 0; i < row.outer; i++)
        key[i] = (uint16_t) i;
    for (int i = 0; i < hir->reduce.key_count; i++)
        key[row.outer + i] = column_for(&columns, lowered.keys[i]);
    PlanAggregate *aggregates = arena_new_array(lower->arena, PlanAggregate, hir->reduce.aggregate_count);
    for (int i = 0; i < hir->reduce.aggregate_count; i++)
        aggregates[i] = lower_aggregate(&columns, &lowered.aggregates[i]);
    Mir *input = mir_map(lower->arena, row.mir, columns.maps, columns.map_count);
    return mir_reduce(lower->arena, input, key, row.outer + hir->reduce.key_count, aggregates,
                      hir->reduce.aggregate_count);
}

Scalar **
default_values(Lower *lower, const Hir *reduce)
{
    Scalar **defaults = arena_new_array(lower->arena, Scalar *, reduce->reduce.aggregate_count);
    for (int i = 0; i < reduce->reduce.aggregate_count; i++) {
        const AggregateCall *call = &reduce->reduce.aggregates[i].call;
        defaults[i] = scalar_literal(lower->arena, call->result_type, aggregate_empty(call));
    }
    return defaults;
}

static Mir *
lower_reduce(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    if (hir->reduce.key_count > 0)
        return lower_grouped(lower, hir, outer, env);
    /* Over no rows there is still one: what the aggregates are over nothing. */
    outer = mir_share(lower->plan, outer);
    Mir *grouped = mir_share(lower->plan, lower_grouped(lower, hir, outer, env));
    Mir *missing = difference(lower, outer, project_range(lower, grouped, 0, outer->column_count));
    return mir_union2(lower->arena, grouped,
                      mir_map(lower->arena, missing, default_values(lower, hir), hir->reduce.aggregate_count));
}

/* ---- TOPK, set operations ---- */

static Mir *
lower_topk(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    Mir *input = lower_relation(lower, hir->input, outer, env);
    int shift = outer->column_count;
    uint16_t *group = arena_new_array(lower->arena, uint16_t, shift + hir->topk.group_count);
    SortKey *order = arena_new_array(lower->arena, SortKey, hir->topk.order_count);
    for (int i = 0; i < shift; i++)
        group[i] = (uint16_t) i;
    for (int i = 0; i < hir->topk.group_count; i++)
        group[shift + i] = (uint16_t) (shift + hir->topk.group[i]);
    for (int i = 0; i < hir->topk.order_count; i++) {
        order[i] = hir->topk.order[i];
        order[i].column = (uint16_t) (order[i].column + shift);
    }
    return mir_topk(lower->arena, input, group, shift + hir->topk.group_count, order, hir->topk.order_count,
                    hir->topk.limit, hir->topk.offset);
}

static Mir *
lower_set_op(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    outer = mir_share(lower->plan, outer);
    Mir *a = lower_relation(lower, hir->input, outer, env), *b = lower_relation(lower, hir->right, outer, env);
    switch (hir->set_op) {
    case HIR_UNION_ALL:
        return mir_union2(lower->arena, a, b);
    case HIR_EXCEPT_ALL:
        return mir_threshold(lower->arena, difference(lower, a, b), false);
    case HIR_EXCEPT:
        return mir_threshold(
            lower->arena, difference(lower, distinct_unless_unique(lower, a), distinct_unless_unique(lower, b)), false);
    case HIR_INTERSECT_ALL:
        a = mir_share(lower->plan, a);
        return difference(lower, a, mir_threshold(lower->arena, difference(lower, a, b), false));
    case HIR_INTERSECT:
        a = mir_share(lower->plan, distinct_unless_unique(lower, a));
        return difference(lower, a,
                          mir_threshold(lower->arena, difference(lower, a, distinct_unless_unique(lower, b)), false));
    }
    bug("unrecognized set operation %d", hir->set_op);
}

/* ---- relations ---- */

static Mir *
lower_node(Lower *lower, Hir *hir, Mir *outer, const Env *env)
{
    switch (hir->kind) {
    case HIR_VALUES:
        return lower_values(lower, hir, outer, env);
    case HIR_GET:
        return mir_get(lower->arena, hir->item);
    case HIR_PROJECT:
        return lower_project(lower, hir, outer, env);
    case HIR_FILTER:
        return lower_filter_node(lower, hir, outer, env);
    case HIR_FLAT_MAP:
        return lower_flat_map(lower, hir, outer, env);
    case HIR_JOIN:
        return lower_join(lower, hir, outer, env);
    case HIR_REDUCE:
        return lower_reduce(lower, hir, outer, env);
    case HIR_DISTINCT:
        return distinct_unless_unique(lower, lower_relation(lower, hir->input, outer, env));
    case HIR_TOPK:
        return lower_topk(lower, hir, outer, env);
    case HIR_WINDOW:
        return lower_window(lower, hir, outer, env);
    case HIR_SET_OP:
        return lower_set_op(lower, hir, outer, env);
    case HIR_FEEDBACK:
        return lower_feedback(lower, hir);
    case HIR_RECURSE:
        return lower_recursion(lower, hir);
    }
    bug("unrecognized relation kind %d", hir->kind);
}

static Mir *
lowered_before(const Lower *lower, const Hir *hir)
{
    for (int i = 0; i < lower->done_count; i++) {
        if (lower->done[i].hir == hir)
            return lower->done[i].mir;
    }
    return NULL;
}

static void
remember(Lower *lower, const Hir *hir, Mir *mir)
{
    if (lower->done_count == lower->done_capacity) {
        lower->done_capacity = lower->done_capacity * 2 + 8;
        Lowered *grown = arena_new_array(lower->arena, Lowered, lower->done_capacity);
        for (int i = 0; i < lower->done_count; i++)
            grown[i] = lower->done[i];
        lower->done = grown;
    }
    lower->done[lower->done_count++] = (Lowered){hir, mir};
}

Mir *
lower_closed(Lower *lower, Hir *hir)
{
    Mir *before = hir->uses > 1 ? lowered_before(lower, hir) : NULL;
    if (before != NULL)
        return before;
    Mir *mir = lower_node(lower, hir, mir_unit(lower->arena), NULL);
    if (hir->uses > 1) {
        mir = mir_share(lower->plan, mir);
        remember(lower, hir, mir);
    }
    return mir;
}

Mir *
lower_relation(Lower *lower, Hir *hir, Mir *outer, const Env *env)
{
    if (hir->levels == 0)
        return join2(lower, outer, lower_closed(lower, hir), NULL, 0);
    return lower_node(lower, hir, outer, env);
}

MirPlan *
lower_hir(HirQuerySet *set, Hir *hir, Arena *arena, EvalContext *eval)
{
    MirPlan *plan = arena_new_struct(arena, MirPlan);
    plan->arena = arena;
    Lower lower = {.set = set, .plan = plan, .arena = arena, .eval = eval};
    plan->root = lower_closed(&lower, hir);
    vector_deinit(&lower.blocks);
    return plan;
}
