/*
 * bind_grouping.c -- GROUPING SETS, ROLLUP and CUBE: which sets of keys a SELECT is grouped by, and the union of one grouping a set.
 */
#include "planner/bind.h"

enum { SETS_MAX = 4096, CUBE_MAX = 12, GROUPING_ARGS_MAX = 31 };

/* ---- sets ---- */

static KeySet
set_joined(Binder *binder, const KeySet *a, const KeySet *b)
{
    KeySet joined = {arena_new_array(binder->arena, int, a->count + b->count), 0};
    for (int side = 0; side < 2; side++) {
        const KeySet *from = side == 0 ? a : b;
        for (int i = 0; i < from->count; i++) {
            bool known = false;
            for (int k = 0; k < joined.count && !known; k++)
                known = joined.keys[k] == from->keys[i];
            if (!known)
                joined.keys[joined.count++] = from->keys[i];
        }
    }
    return joined;
}

static bool
set_same(const KeySet *a, const KeySet *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        bool found = false;
        for (int k = 0; k < b->count && !found; k++)
            found = a->keys[i] == b->keys[k];
        if (!found)
            return false;
    }
    return true;
}

static bool
sets_add(Binder *binder, KeySets *sets, KeySet set, int position, Error *err)
{
    if (sets->count == SETS_MAX)
        return error_at(err, position, SQLSTATE_STATEMENT_TOO_COMPLEX, "too many grouping sets present (maximum %d)",
                        SETS_MAX);
    if (sets->count == sets->capacity) {
        sets->capacity = sets->capacity * 2 + 4;
        KeySet *grown = arena_new_array(binder->arena, KeySet, sets->capacity);
        for (int i = 0; i < sets->count; i++)
            grown[i] = sets->items[i];
        sets->items = grown;
    }
    sets->items[sets->count++] = set;
    return true;
}

typedef struct Expansion {
    Binder *binder;
    GroupKeyAdd add;
    void *context;
} Expansion;

/* One expression, or several in parentheses. */
static bool
expand_element(const Expansion *expansion, const AstExpr *expr, KeySet *set, Error *err)
{
    bool row = expr->kind == AST_EXPR_ROW;
    int count = row ? expr->list.count : 1;
    KeySet keys = {arena_new_array(expansion->binder->arena, int, count), count};
    for (int i = 0; i < count; i++) {
        if (!expansion->add(expansion->context, row ? expr->list.items[i] : expr, &keys.keys[i], err))
            return false;
    }
    *set = set_joined(expansion->binder, &keys, &(KeySet){0});
    return true;
}

static bool
expand_elements(const Expansion *expansion, const AstExprList *list, KeySet **elements, Error *err)
{
    *elements = arena_new_array(expansion->binder->arena, KeySet, list->count);
    for (int i = 0; i < list->count; i++) {
        if (!expand_element(expansion, list->items[i], &(*elements)[i], err))
            return false;
    }
    return true;
}

static bool
expand_rollup(const Expansion *expansion, const AstGroupItem *item, KeySets *sets, Error *err)
{
    KeySet *elements, set = {0};
    if (!expand_elements(expansion, &item->exprs, &elements, err) ||
        !sets_add(expansion->binder, sets, set, item->position, err))
        return false;
    for (int i = 0; i < item->exprs.count; i++) {
        set = set_joined(expansion->binder, &set, &elements[i]);
        if (!sets_add(expansion->binder, sets, set, item->position, err))
            return false;
    }
    return true;
}

static bool
expand_cube(const Expansion *expansion, const AstGroupItem *item, KeySets *sets, Error *err)
{
    KeySet *elements;
    if (item->exprs.count > CUBE_MAX)
        return error_at(err, item->position, SQLSTATE_TOO_MANY_COLUMNS, "CUBE is limited to %d elements", CUBE_MAX);
    if (!expand_elements(expansion, &item->exprs, &elements, err))
        return false;
    for (int mask = 0; mask < 1 << item->exprs.count; mask++) {
        KeySet set = {0};
        for (int i = 0; i < item->exprs.count; i++) {
            if ((mask >> i & 1) != 0)
                set = set_joined(expansion->binder, &set, &elements[i]);
        }
        if (!sets_add(expansion->binder, sets, set, item->position, err))
            return false;
    }
    return true;
}

static bool
expand_item(const Expansion *expansion, const AstGroupItem *item, KeySets *sets, Error *err)
{
    KeySet set = {0};
    switch (item->kind) {
    case AST_GROUP_EXPR:
        return expand_element(expansion, item->expr, &set, err) &&
               sets_add(expansion->binder, sets, set, item->position, err);
    case AST_GROUP_EMPTY:
        return sets_add(expansion->binder, sets, set, item->position, err);
    case AST_GROUP_ROLLUP:
        return expand_rollup(expansion, item, sets, err);
    case AST_GROUP_CUBE:
        return expand_cube(expansion, item, sets, err);
    case AST_GROUP_GROUPING_SETS:
        for (int i = 0; i < item->items.count; i++) {
            if (!expand_item(expansion, item->items.items[i], sets, err))
                return false;
        }
        return true;
    }
    bug("unrecognized kind of GROUP BY %d", item->kind);
}

static void
sets_distinct(KeySets *sets)
{
    int kept = 0;
    for (int i = 0; i < sets->count; i++) {
        bool known = false;
        for (int k = 0; k < kept && !known; k++)
            known = set_same(&sets->items[k], &sets->items[i]);
        if (!known)
            sets->items[kept++] = sets->items[i];
    }
    sets->count = kept;
}

bool
bind_key_sets(Binder *binder, const AstSelect *select, GroupKeyAdd add, void *context, KeySets *sets, Error *err)
{
    Expansion expansion = {binder, add, context};
    *sets = (KeySets){0};
    if (!sets_add(binder, sets, (KeySet){0}, select->position, err))
        return false;
    for (int i = 0; i < select->group_by.count; i++) {
        const AstGroupItem *item = select->group_by.items[i];
        KeySets own = {0}, crossed = {0};
        if (!expand_item(&expansion, item, &own, err))
            return false;
        for (int a = 0; a < sets->count; a++) {
            for (int b = 0; b < own.count; b++) {
                KeySet joined = set_joined(binder, &sets->items[a], &own.items[b]);
                if (!sets_add(binder, &crossed, joined, item->position, err))
                    return false;
            }
        }
        *sets = crossed;
    }
    if (select->group_distinct)
        sets_distinct(sets);
    return true;
}

/* ---- GROUPING(...) ---- */

bool
bind_grouping_call(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar **scalar, Error *err)
{
    SelectState *select = scope->select;
    Clause clause = scope->clause;
    bool allowed = clause == CLAUSE_SELECT || clause == CLAUSE_HAVING || clause == CLAUSE_ORDER_BY ||
                   clause == CLAUSE_DISTINCT_ON || clause == CLAUSE_QUALIFY;
    if (select == NULL || !allowed || scope->in_aggregate)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "grouping operations are not allowed in %s",
                        scope->in_aggregate ? "aggregate functions" : clause_name(clause));
    if (function->args.count > GROUPING_ARGS_MAX)
        return error_at(err, position, SQLSTATE_TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments");
    Scalar **args;
    if (!bind_expr_list(binder, scope, &function->args, &args, err))
        return false;
    if (select->grouping_count == select->grouping_capacity) {
        select->grouping_capacity = select->grouping_capacity * 2 + 4;
        struct SelectGrouping *grown = arena_new_array(binder->arena, struct SelectGrouping, select->grouping_capacity);
        for (int i = 0; i < select->grouping_count; i++)
            grown[i] = select->groupings[i];
        select->groupings = grown;
    }
    uint32_t index = (uint32_t) select->grouping_count++;
    select->groupings[index] = (struct SelectGrouping){args, function->args.count};
    *scalar = scalar_column(binder->arena, hir_ref(HIR_REF_GROUPING, 0, index), SQL_TYPE(INT4), false);
    (*scalar)->position = position;
    return true;
}

/* A bit for each argument that the set does not group by, the last argument's the lowest. */
static bool
grouping_value(const struct SelectGrouping *grouping, Scalar *const *keys, int key_count, const KeySet *set,
               int64_t *value, Error *err)
{
    *value = 0;
    for (int i = 0; i < grouping->count; i++) {
        int key = 0;
        while (key < key_count && !scalar_equal(keys[key], grouping->args[i]))
            key++;
        if (key == key_count)
            return error_at(err, grouping->args[i]->position, SQLSTATE_GROUPING_ERROR,
                            "arguments to GROUPING must be grouping expressions of the associated query level");
        bool grouped = false;
        for (int k = 0; k < set->count && !grouped; k++)
            grouped = set->keys[k] == key;
        *value = *value << 1 | !grouped;
    }
    return true;
}

/* ---- the union ---- */

/* One grouping, with nulls for the keys that it lacks. Columns: all keys, the aggregates, the values of GROUPING(...). */
static bool
reduce_by_set(Binder *binder, Hir *input, Scalar **keys, Scalar *const *written, int key_count, const KeySet *set,
              const SelectState *select, Hir **hir, Error *err)
{
    int count = key_count + select->aggregate_count + select->grouping_count;
    Scalar **own = arena_new_array(binder->arena, Scalar *, set->count);
    Scalar **columns = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < set->count; i++)
        own[i] = keys[set->keys[i]];
    *hir = hir_reduce(&binder->set, input, own, set->count, select->aggregates, select->aggregate_count);
    for (int i = 0; i < key_count; i++)
        columns[i] = scalar_null(binder->arena, keys[i]->type);
    for (int i = 0; i < set->count; i++)
        columns[set->keys[i]] = hir_column_of(&binder->set, *hir, (uint32_t) i);
    for (int i = 0; i < select->aggregate_count; i++)
        columns[key_count + i] = hir_column_of(&binder->set, *hir, (uint32_t) (set->count + i));
    for (int i = 0; i < select->grouping_count; i++) {
        int64_t value;
        if (!grouping_value(&select->groupings[i], written, key_count, set, &value, err))
            return false;
        columns[key_count + select->aggregate_count + i] =
            scalar_literal(binder->arena, SQL_TYPE(INT4), datum_int(value));
    }
    *hir = hir_project(&binder->set, *hir, columns, count);
    return true;
}

bool
reduce_by_sets(Binder *binder, Hir *input, Scalar **keys, Scalar *const *written, int key_count, const KeySets *sets,
               const SelectState *select, Hir **hir, Error *err)
{
    if (sets->count > 1)
        input->uses += sets->count;
    *hir = NULL;
    for (int i = 0; i < sets->count; i++) {
        Hir *grouped;
        if (!reduce_by_set(binder, input, keys, written, key_count, &sets->items[i], select, &grouped, err))
            return false;
        *hir = *hir == NULL ? grouped : hir_set_op(&binder->set, HIR_UNION_ALL, *hir, grouped);
    }
    return true;
}
