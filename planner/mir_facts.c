/*
 * mir_facts.c -- what is known of a relation without reading it: unique keys, signs of counts, nulls, which input an expression reads.
 */
#include "planner/mir.h"

#include "base/hash.h"

/* ---- scalars ---- */

bool
scalar_is_operator(const Scalar *scalar, const char *name)
{
    return scalar->kind == SCALAR_CALL && scalar->arg_count == 2 && scalar->function->kind == FUNCTION_OPERATOR &&
           strcmp(scalar->function->name, name) == 0 && type_same(scalar->args[0]->type, scalar->args[1]->type);
}

bool
scalar_is_plain_equality(const Scalar *scalar)
{
    return scalar_is_operator(scalar, "=");
}

void
scalar_mark_columns(const Scalar *scalar, bool *used)
{
    if (scalar->kind == SCALAR_COLUMN)
        used[scalar->column] = true;
    for (int i = 0; i < scalar->arg_count; i++)
        scalar_mark_columns(scalar->args[i], used);
}

static int
column_input(uint32_t column, const int *starts, int input_count)
{
    int input = 0;
    while (input + 1 < input_count && (int) column >= starts[input + 1])
        input++;
    return input;
}

int
scalar_join_input(const Scalar *scalar, const int *starts, int input_count)
{
    if (scalar->kind == SCALAR_COLUMN)
        return column_input(scalar->column, starts, input_count);
    int found = -1;
    for (int i = 0; i < scalar->arg_count; i++) {
        int input = scalar_join_input(scalar->args[i], starts, input_count);
        if (input == -1)
            continue;
        if (input == -2 || (found >= 0 && found != input))
            return -2;
        found = input;
    }
    return found;
}

int *
mir_join_starts(Arena *arena, const Mir *join)
{
    int *starts = arena_new_array(arena, int, join->input_count + 1);
    for (int i = 0; i < join->input_count; i++)
        starts[i + 1] = starts[i] + join->inputs[i]->column_count;
    return starts;
}

/* The value is null whenever the column is. */
static bool
is_null_with(const Scalar *scalar, uint32_t column)
{
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        return scalar->column == column;
    case SCALAR_CALL:
        for (int i = 0; i < scalar->arg_count && scalar->function->strict; i++) {
            if (is_null_with(scalar->args[i], column))
                return true;
        }
        return false;
    case SCALAR_NOT:
        return is_null_with(scalar->args[0], column);
    case SCALAR_ANY:
    case SCALAR_ALL:
        return false; /* over an empty array the answer is known */
    case SCALAR_IN_LIST:
        return is_null_with(scalar->args[0], column);
    default:
        return false;
    }
}

bool
scalar_rejects_null(const Scalar *predicate, uint32_t column)
{
    switch (predicate->kind) {
    case SCALAR_AND:
        for (int i = 0; i < predicate->arg_count; i++) {
            if (scalar_rejects_null(predicate->args[i], column))
                return true;
        }
        return false;
    case SCALAR_OR:
        for (int i = 0; i < predicate->arg_count; i++) {
            if (!scalar_rejects_null(predicate->args[i], column))
                return false;
        }
        return true;
    case SCALAR_NOT:
        if (predicate->args[0]->kind == SCALAR_IS_NULL)
            return is_null_with(predicate->args[0]->args[0], column);
        return is_null_with(predicate->args[0], column);
    case SCALAR_COALESCE: /* COALESCE(x, false) */
        return predicate->arg_count == 2 && scalar_is_literal_bool(predicate->args[1], false) &&
               scalar_rejects_null(predicate->args[0], column);
    default:
        return is_null_with(predicate, column);
    }
}

void
scalar_mark_nulls(const Scalar *scalar, bool *marked)
{
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        marked[scalar->column] = true;
        return;
    case SCALAR_CALL:
        for (int i = 0; i < scalar->arg_count && scalar->function->strict; i++)
            scalar_mark_nulls(scalar->args[i], marked);
        return;
    case SCALAR_NOT:
    case SCALAR_IN_LIST:
        scalar_mark_nulls(scalar->args[0], marked);
        return;
    default:
        return;
    }
}

void
scalar_mark_null_rejected(const Scalar *predicate, bool *rejected)
{
    switch (predicate->kind) {
    case SCALAR_AND:
        for (int i = 0; i < predicate->arg_count; i++)
            scalar_mark_null_rejected(predicate->args[i], rejected);
        return;
    case SCALAR_NOT:
        scalar_mark_nulls(predicate->args[0]->kind == SCALAR_IS_NULL ? predicate->args[0]->args[0] : predicate->args[0],
                          rejected);
        return;
    case SCALAR_COLUMN:
    case SCALAR_CALL:
    case SCALAR_IN_LIST:
        scalar_mark_nulls(predicate, rejected);
        return;
    case SCALAR_OR: {
        /* What the first operand rejects, if the others do too. */
        uint32_t columns = scalar_max_column(predicate);
        bool *first = memory_alloc(columns + 1);
        memset(first, 0, columns + 1);
        scalar_mark_null_rejected(predicate->args[0], first);
        for (uint32_t c = 0; c < columns; c++) {
            if (first[c] && !rejected[c])
                rejected[c] = scalar_rejects_null(predicate, c);
        }
        free(first);
        return;
    }
    case SCALAR_COALESCE:
        if (predicate->arg_count == 2 && scalar_is_literal_bool(predicate->args[1], false))
            scalar_mark_null_rejected(predicate->args[0], rejected);
        return;
    default:
        return;
    }
}

/* ---- keys ---- */

static void
key_add(MirKeys *keys, uint16_t *columns, int count)
{
    if (keys->count < MIR_KEYS_MAX)
        keys->items[keys->count++] = (MirKey){columns, count};
}

static void
keys_of_item(const Mir *mir, Arena *arena, MirKeys *keys)
{
    const RelationDesc *desc = mir->item->desc;
    for (int i = 0; i < desc->key_count; i++) {
        uint16_t *columns = arena_new_array(arena, uint16_t, desc->keys[i].count);
        /* Upstream, a UNIQUE constraint lets in any number of nulls; a view's keys are those of its groups. */
        bool view = mir->item->kind == ITEM_VIEW || mir->item->kind == ITEM_MATERIALIZED_VIEW, nulls = false;
        for (int j = 0; j < desc->keys[i].count; j++) {
            columns[j] = desc->keys[i].columns[j];
            nulls |= !view && desc->columns[columns[j]].nullable;
        }
        if (!nulls)
            key_add(keys, columns, desc->keys[i].count);
    }
}

static void
keys_projected(const Mir *mir, const MirKeys *inner, Arena *arena, MirKeys *keys)
{
    for (int i = 0; i < inner->count; i++) {
        const MirKey *key = &inner->items[i];
        uint16_t *columns = arena_new_array(arena, uint16_t, key->count);
        int found = 0;
        for (int j = 0; j < key->count; j++) {
            for (int c = 0; c < mir->column_count; c++) {
                if (mir->project[c] == key->columns[j]) {
                    columns[found++] = (uint16_t) c;
                    break;
                }
            }
        }
        if (found == key->count)
            key_add(keys, columns, key->count);
    }
}

/* Columns that a filter fixes to one value need not be in a key. */
static void
keys_filtered(const Mir *mir, const MirKeys *inner, MirKeys *keys)
{
    *keys = *inner;
    for (int i = 0; i < keys->count; i++) {
        MirKey *key = &keys->items[i];
        int kept = 0;
        for (int j = 0; j < key->count; j++) {
            bool fixed = false;
            for (int p = 0; p < mir->list.count && !fixed; p++) {
                const Scalar *predicate = mir->list.exprs[p];
                if (!scalar_is_plain_equality(predicate))
                    continue;
                for (int side = 0; side < 2; side++) {
                    const Scalar *column = predicate->args[side], *other = predicate->args[1 - side];
                    fixed |= column->kind == SCALAR_COLUMN && column->column == key->columns[j] &&
                             scalar_max_column(other) == 0;
                }
            }
            if (!fixed)
                key->columns[kept++] = key->columns[j];
        }
        key->count = kept;
    }
}

static bool
class_has_column(const MirClass *class, uint32_t column)
{
    for (int i = 0; i < class->count; i++) {
        if (class->members[i]->kind == SCALAR_COLUMN && class->members[i]->column == column)
            return true;
    }
    return false;
}

/* Whether every column of the key is equal to an expression over inputs other than `input`. */
static bool
key_is_matched(const Mir *join, const int *starts, int input, const MirKey *key)
{
    for (int i = 0; i < key->count; i++) {
        bool matched = false;
        for (int c = 0; c < join->join.class_count && !matched; c++) {
            const MirClass *class = &join->join.classes[c];
            if (!class_has_column(class, (uint32_t) starts[input] + key->columns[i]))
                continue;
            for (int m = 0; m < class->count; m++) {
                int of = scalar_join_input(class->members[m], starts, join->input_count);
                matched |= of != input && of >= 0;
            }
        }
        if (!matched)
            return false;
    }
    return true;
}

/*
 * Bindings that read the one before twice are a tree of 2^n nodes to whoever follows them. Past so many nodes nothing is known, which is
 * always true.
 */
#define NODES_VISITED_MAX 4096

static void keys_within(const MirPlan *plan, const Mir *mir, Arena *arena, int *budget, MirKeys *keys);

/* The key of one input is a key of the join when each other input adds at most one row; otherwise keys are joined together. */
static void
keys_of_join(const MirPlan *plan, const Mir *mir, Arena *arena, int *budget, MirKeys *keys)
{
    int *starts = mir_join_starts(arena, mir);
    MirKeys *inner = arena_new_array(arena, MirKeys, mir->input_count);
    bool *single = arena_new_array(arena, bool, mir->input_count);
    int several = 0, last = 0;
    for (int i = 0; i < mir->input_count; i++) {
        keys_within(plan, mir->inputs[i], arena, budget, &inner[i]);
        for (int k = 0; k < inner[i].count; k++)
            single[i] |= key_is_matched(mir, starts, i, &inner[i].items[k]);
    }
    /* Of two inputs that determine each other, one has to stay. */
    for (int i = 0; i < mir->input_count; i++) {
        if (!single[i]) {
            several++;
            last = i;
        }
    }
    if (several == 0) {
        single[0] = false;
        several = 1;
    }
    if (several == 1) {
        bool determines = mir->input_count == 2;
        for (int k = 0; k < inner[last].count && determines; k++) {
            uint16_t *columns = arena_new_array(arena, uint16_t, inner[last].items[k].count);
            for (int j = 0; j < inner[last].items[k].count; j++)
                columns[j] = (uint16_t) (starts[last] + inner[last].items[k].columns[j]);
            key_add(keys, columns, inner[last].items[k].count);
        }
    }
    int total = 0;
    for (int i = 0; i < mir->input_count; i++) {
        if (inner[i].count == 0)
            return;
        total += inner[i].items[0].count;
    }
    uint16_t *columns = arena_new_array(arena, uint16_t, total);
    total = 0;
    for (int i = 0; i < mir->input_count; i++) {
        for (int j = 0; j < inner[i].items[0].count; j++)
            columns[total++] = (uint16_t) (starts[i] + inner[i].items[0].columns[j]);
    }
    key_add(keys, columns, total);
}

static uint16_t *
first_columns(Arena *arena, int count)
{
    uint16_t *columns = arena_new_array(arena, uint16_t, count);
    for (int i = 0; i < count; i++)
        columns[i] = (uint16_t) i;
    return columns;
}

static bool
is_limit_one(const Mir *mir)
{
    return mir->topk.limit != NULL && mir->topk.limit->kind == SCALAR_LITERAL && !mir->topk.limit->literal.is_null &&
           mir->topk.limit->literal.i <= 1;
}

/* keys - found, both sets of one relation's columns: what is left of the first is still a set. */
static bool
is_difference(const Mir *mir)
{
    int positive = 0;
    for (int i = 0; i < mir->input_count; i++)
        positive += mir->inputs[i]->kind != MIR_NEGATE;
    return positive == 1;
}

/* A row's number is its own in its partition. */
static void
keys_of_window(const Mir *mir, Arena *arena, MirKeys *keys)
{
    const WindowPlan *window = &mir->window;
    for (int i = 0; i < window->call_count; i++) {
        if (window->calls[i].function != WINDOW_ROW_NUMBER)
            continue;
        uint16_t *columns = arena_new_array(arena, uint16_t, window->partition_count + 1);
        for (int k = 0; k < window->partition_count; k++)
            columns[k] = window->partition[k];
        columns[window->partition_count] = (uint16_t) (mir->inputs[0]->column_count + i);
        key_add(keys, columns, window->partition_count + 1);
        return;
    }
}

static void
keys_within(const MirPlan *plan, const Mir *mir, Arena *arena, int *budget, MirKeys *keys)
{
    MirKeys inner;
    keys->count = 0;
    if (--*budget < 0)
        return;
    switch (mir->kind) {
    case MIR_CONSTANT:
        if (mir->constant.count <= 1 && mir->constant.diffs == NULL)
            key_add(keys, NULL, 0);
        return;
    case MIR_GET:
        keys_of_item(mir, arena, keys);
        return;
    case MIR_LET:
        if (plan != NULL)
            keys_within(plan, plan->bindings[mir->binding], arena, budget, keys);
        return;
    case MIR_MAP:
    case MIR_NEGATE:
    case MIR_THRESHOLD:
        keys_within(plan, mir->inputs[0], arena, budget, keys);
        if (mir->kind == MIR_THRESHOLD && mir->threshold.distinct)
            key_add(keys, first_columns(arena, mir->column_count), mir->column_count);
        return;
    case MIR_FILTER:
        keys_within(plan, mir->inputs[0], arena, budget, &inner);
        keys_filtered(mir, &inner, keys);
        return;
    case MIR_PROJECT:
        keys_within(plan, mir->inputs[0], arena, budget, &inner);
        keys_projected(mir, &inner, arena, keys);
        return;
    case MIR_FLAT_MAP:
        return;
    case MIR_JOIN:
        keys_of_join(plan, mir, arena, budget, keys);
        return;
    case MIR_REDUCE:
        key_add(keys, first_columns(arena, mir->reduce.key_count), mir->reduce.key_count);
        return;
    case MIR_TOPK:
        keys_within(plan, mir->inputs[0], arena, budget, keys);
        if (is_limit_one(mir))
            key_add(keys, mir->topk.group, mir->topk.group_count);
        return;
    case MIR_WINDOW:
        keys_within(plan, mir->inputs[0], arena, budget, keys);
        keys_of_window(mir, arena, keys);
        return;
    case MIR_GUARD:
        keys_within(plan, mir->inputs[0], arena, budget, keys);
        key_add(keys, mir->guard.group, mir->guard.group_count);
        return;
    case MIR_RECURSE:
        keys_within(mir->recursion->body, mir->recursion->body->root, arena, budget, keys);
        return;
    case MIR_FEEDBACK:
        return;
    case MIR_UNION:
        if (is_difference(mir)) {
            for (int i = 0; i < mir->input_count; i++) {
                if (mir->inputs[i]->kind != MIR_NEGATE)
                    keys_within(plan, mir->inputs[i], arena, budget, keys);
            }
        }
        return;
    }
}

void
mir_keys(const MirPlan *plan, const Mir *mir, Arena *arena, MirKeys *keys)
{
    int budget = NODES_VISITED_MAX;
    keys_within(plan, mir, arena, &budget, keys);
}

bool
mir_columns_unique(const MirPlan *plan, const Mir *mir, Arena *arena, const uint16_t *columns, int count)
{
    MirKeys keys;
    mir_keys(plan, mir, arena, &keys);
    for (int i = 0; i < keys.count; i++) {
        bool covered = true;
        for (int j = 0; j < keys.items[i].count && covered; j++) {
            covered = false;
            for (int c = 0; c < count && !covered; c++)
                covered = columns[c] == keys.items[i].columns[j];
        }
        if (covered)
            return true;
    }
    return false;
}

static bool
non_negative_within(const MirPlan *plan, const Mir *mir, int *budget)
{
    if (--*budget < 0)
        return false;
    switch (mir->kind) {
    case MIR_CONSTANT:
        for (int i = 0; i < mir->constant.count && mir->constant.diffs != NULL; i++) {
            if (mir->constant.diffs[i] < 0)
                return false;
        }
        return true;
    case MIR_NEGATE:
        return false;
    case MIR_LET:
        return plan != NULL && non_negative_within(plan, plan->bindings[mir->binding], budget);
    case MIR_GET:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
    case MIR_REDUCE:
    case MIR_TOPK:
    case MIR_WINDOW:
    case MIR_THRESHOLD:
        return true;
    default:
        for (int i = 0; i < mir->input_count; i++) {
            if (!non_negative_within(plan, mir->inputs[i], budget))
                return false;
        }
        return true;
    }
}

bool
mir_non_negative(const MirPlan *plan, const Mir *mir)
{
    int budget = NODES_VISITED_MAX;
    return non_negative_within(plan, mir, &budget);
}

/* ---- structure ---- */

static bool
scalars_equal(Scalar *const *a, Scalar *const *b, int count)
{
    for (int i = 0; i < count; i++) {
        if ((a[i] == NULL) != (b[i] == NULL) || (a[i] != NULL && !scalar_equal(a[i], b[i])))
            return false;
    }
    return true;
}

static bool
columns_equal(const uint16_t *a, const uint16_t *b, int count)
{
    return count == 0 || memcmp(a, b, (size_t) count * sizeof *a) == 0;
}

static bool
order_equal(const SortKey *a, const SortKey *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i].column != b[i].column || a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first)
            return false;
    }
    return true;
}

static bool
constant_equal(const Mir *a, const Mir *b)
{
    if (a->constant.count != b->constant.count)
        return false;
    for (int r = 0; r < a->constant.count; r++) {
        if ((a->constant.diffs == NULL ? 1 : a->constant.diffs[r]) !=
            (b->constant.diffs == NULL ? 1 : b->constant.diffs[r]))
            return false;
        for (int c = 0; c < a->column_count; c++) {
            if (!datum_identical(a->types[c], a->constant.rows[r][c], b->constant.rows[r][c]))
                return false;
        }
    }
    return true;
}

static bool
join_equal(const Mir *a, const Mir *b)
{
    if (a->join.class_count != b->join.class_count || (a->join.order == NULL) != (b->join.order == NULL) ||
        (a->join.order != NULL && !columns_equal(a->join.order, b->join.order, a->input_count)))
        return false;
    for (int i = 0; i < a->join.class_count; i++) {
        const MirClass *x = &a->join.classes[i], *y = &b->join.classes[i];
        if (x->count != y->count || x->null_safe != y->null_safe || !scalars_equal(x->members, y->members, x->count))
            return false;
    }
    return true;
}

static bool
aggregates_equal(const ReducePlan *a, const ReducePlan *b)
{
    if (a->aggregate_count != b->aggregate_count)
        return false;
    for (int i = 0; i < a->aggregate_count; i++) {
        const PlanAggregate *x = &a->aggregates[i], *y = &b->aggregates[i];
        if (x->call.function != y->call.function || !type_same(x->call.result_type, y->call.result_type) ||
            !columns_equal(x->args, y->args, aggregate_columns(&x->call)) || x->distinct != y->distinct ||
            x->filter != y->filter || x->order_count != y->order_count ||
            !order_equal(x->order, y->order, x->order_count))
            return false;
    }
    return true;
}

static bool
own_equal(const Mir *a, const Mir *b)
{
    switch (a->kind) {
    case MIR_CONSTANT:
        return constant_equal(a, b);
    case MIR_GET:
        return a->item == b->item;
    case MIR_LET:
        return a->binding == b->binding;
    case MIR_RECURSE:
        return a->recursion == b->recursion;
    case MIR_FEEDBACK:
        return a->feedback == b->feedback;
    case MIR_MAP:
    case MIR_FILTER:
        return a->list.count == b->list.count && scalars_equal(a->list.exprs, b->list.exprs, a->list.count);
    case MIR_PROJECT:
        return columns_equal(a->project, b->project, a->column_count);
    case MIR_FLAT_MAP:
        return table_function_call_same(&a->flat_map.function, &b->flat_map.function) &&
               a->flat_map.ordinality == b->flat_map.ordinality && a->flat_map.arg_count == b->flat_map.arg_count &&
               scalars_equal(a->flat_map.args, b->flat_map.args, a->flat_map.arg_count);
    case MIR_JOIN:
        return join_equal(a, b);
    case MIR_REDUCE:
        return a->reduce.key_count == b->reduce.key_count &&
               columns_equal(a->reduce.key, b->reduce.key, a->reduce.key_count) &&
               aggregates_equal(&a->reduce, &b->reduce);
    case MIR_TOPK:
        return a->topk.group_count == b->topk.group_count &&
               columns_equal(a->topk.group, b->topk.group, a->topk.group_count) &&
               a->topk.order_count == b->topk.order_count &&
               order_equal(a->topk.order, b->topk.order, a->topk.order_count) &&
               scalars_equal(&a->topk.limit, &b->topk.limit, 1) && scalars_equal(&a->topk.offset, &b->topk.offset, 1);
    case MIR_WINDOW:
        return mir_window_equal(&a->window, &b->window);
    case MIR_THRESHOLD:
        return a->threshold.distinct == b->threshold.distinct && a->threshold.settles == b->threshold.settles;
    case MIR_GUARD:
        return a->guard.group_count == b->guard.group_count &&
               columns_equal(a->guard.group, b->guard.group, a->guard.group_count) &&
               strcmp(a->guard.message, b->guard.message) == 0;
    case MIR_NEGATE:
    case MIR_UNION:
        return true;
    }
    bug("unrecognized relation kind %d", a->kind);
}

bool
mir_equal(const Mir *a, const Mir *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->column_count != b->column_count || a->input_count != b->input_count)
        return false;
    for (int i = 0; i < a->column_count; i++) {
        if (!type_same(a->types[i], b->types[i]))
            return false;
    }
    if (!own_equal(a, b))
        return false;
    for (int i = 0; i < a->input_count; i++) {
        if (!mir_equal(a->inputs[i], b->inputs[i]))
            return false;
    }
    return true;
}

static void
hash_scalar(void *context, const Scalar *scalar)
{
    uint64_t *hash = context;
    *hash = hash_combine(*hash, scalar_hash(scalar));
}

uint64_t
mir_hash(const Mir *mir)
{
    uint64_t hash = hash_combine((uint64_t) mir->kind, (uint64_t) mir->column_count);
    if (mir->kind == MIR_GET)
        hash = hash_combine(hash, mir->item->id);
    if (mir->kind == MIR_LET)
        hash = hash_combine(hash, (uint64_t) mir->binding);
    for (int i = 0; i < mir->column_count && mir->kind == MIR_PROJECT; i++)
        hash = hash_combine(hash, mir->project[i]);
    for (int i = 0; mir->kind == MIR_REDUCE && i < mir->reduce.key_count; i++)
        hash = hash_combine(hash, mir->reduce.key[i]);
    mir_visit_scalars(mir, hash_scalar, &hash);
    for (int i = 0; i < mir->input_count; i++)
        hash = hash_combine(hash, mir_hash(mir->inputs[i]));
    return hash;
}
