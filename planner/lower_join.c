/*
 * lower_join.c -- inner, left, right and full joins, lateral or not.
 *
 * What an outer join keeps without a partner is its side minus the rows that have one:
 *     L left join R on c  =  (L join R on c)  +  (L - (L semijoin R on c)) x nulls
 */
#include "planner/lower_internal.h"

typedef struct JoinSides {
    Mir *left;  /* keys, then the left columns; shared where it is used again */
    Mir *right; /* right_keys columns of keys, then the right columns */
    int outer;  /* columns of the keys around the join */
    int left_count, right_count;
    int right_keys;
    KeyColumns keys; /* what the right side reads of the left; count 0: it stands for itself */
} JoinSides;

/* Level 1 of the right side's environment, where it reads nothing of the left. */
static const Env *
env_behind(Lower *lower, const Env *env)
{
    Env *made = arena_new_struct(lower->arena, Env);
    *made = (Env){.parent = env};
    return made;
}

static void
sides_lower(Lower *lower, const Hir *hir, Mir *outer, const Env *env, bool keeps_left, bool keeps_right,
            JoinSides *sides)
{
    *sides = (JoinSides){
        .outer = outer->column_count, .left_count = hir->input->column_count, .right_count = hir->right->column_count};
    sides->left = lower_relation(lower, hir->input, outer, env);
    if (keeps_right && outer->column_count > 0) {
        /* Kept rows need the keys too. */
        sides->right = lower_relation(lower, hir->right, outer, env_behind(lower, env));
        sides->right_keys = outer->column_count;
        sides->keys.columns = arena_new_array(lower->arena, uint16_t, outer->column_count);
        for (int i = 0; i < outer->column_count; i++)
            sides->keys.columns[i] = (uint16_t) i;
        sides->keys.count = outer->column_count;
    } else if (hir->right->levels == 0) {
        sides->right = lower_closed(lower, hir->right);
    } else {
        sides->left = mir_share(lower->plan, sides->left);
        Row row = row_of(sides->left, sides->outer, env);
        sides->keys = key_columns(lower, hir->right, &row, sides->left_count);
        sides->right =
            lower_relation(lower, hir->right, key_relation(lower, sides->left, &sides->keys), sides->keys.env);
        sides->right_keys = sides->keys.count;
    }
    if (keeps_left)
        sides->left = mir_share(lower->plan, sides->left);
    if (keeps_right)
        sides->right = mir_share(lower->plan, sides->right);
}

/* Keys, left columns, right columns: every pair of rows that belong together, before ON. */
static Mir *
sides_product(Lower *lower, const JoinSides *sides)
{
    int width = sides->outer + sides->left_count;
    MirClass *classes = key_classes(lower, sides->left, sides->right, width, &sides->keys);
    Mir *joined = join2(lower, sides->left, sides->right, classes, sides->keys.count);
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, width + sides->right_count);
    for (int i = 0; i < width; i++)
        columns[i] = (uint16_t) i;
    for (int i = 0; i < sides->right_count; i++)
        columns[width + i] = (uint16_t) (width + sides->right_keys + i);
    return mir_project(lower->arena, joined, columns, width + sides->right_count);
}

static Mir *
apply_on(Lower *lower, Mir *product, int outer, const Env *env, const HirConjuncts *on)
{
    Row row = row_of(product, outer, env);
    lower_filter(lower, &row, on);
    return project_range(lower, row.mir, 0, product->column_count);
}

/* ---- rows that have a partner ---- */

/* ON taken apart over the joined row: a_i = b_i with a over the kept side and b over the other, and what reads one side only. */
typedef struct OnParts {
    Scalar **kept_sides, **other_sides;
    int equality_count;
    Scalar **kept_filters, **other_filters;
    int kept_filter_count, other_filter_count;
} OnParts;

static void
reads(const Scalar *scalar, int from, int to, bool *inside, bool *outside)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if ((int) scalar->column >= from && (int) scalar->column < to)
            *inside = true;
        else
            *outside = true;
    }
    for (int i = 0; i < scalar->arg_count; i++)
        reads(scalar->args[i], from, to, inside, outside);
}

/* Columns [from, to) are the other side's; the rest belongs to the kept side. False: ON is more than this. */
static bool
on_take_apart(Lower *lower, const HirConjuncts *on, const Mir *product, int outer, const Env *env, int from, int to,
              OnParts *parts)
{
    *parts = (OnParts){0};
    parts->kept_sides = arena_new_array(lower->arena, Scalar *, on->count);
    parts->other_sides = arena_new_array(lower->arena, Scalar *, on->count);
    parts->kept_filters = arena_new_array(lower->arena, Scalar *, on->count);
    parts->other_filters = arena_new_array(lower->arena, Scalar *, on->count);
    for (int i = 0; i < on->count; i++) {
        if (hir_scalar_has_subquery(on->items[i]))
            return false;
        Row row = row_of((Mir *) (uintptr_t) product, outer, env);
        Scalar *conjunct = lower_scalar(lower, &row, on->items[i]);
        bool other = false, kept = false;
        reads(conjunct, from, to, &other, &kept);
        if (!other) {
            parts->kept_filters[parts->kept_filter_count++] = conjunct;
            continue;
        }
        if (!kept) {
            parts->other_filters[parts->other_filter_count++] = conjunct;
            continue;
        }
        if (!scalar_is_plain_equality(conjunct))
            return false;
        bool other0 = false, kept0 = false, other1 = false, kept1 = false;
        reads(conjunct->args[0], from, to, &other0, &kept0);
        reads(conjunct->args[1], from, to, &other1, &kept1);
        if ((other0 && kept0) || (other1 && kept1))
            return false;
        parts->kept_sides[parts->equality_count] = conjunct->args[other0 ? 1 : 0];
        parts->other_sides[parts->equality_count++] = conjunct->args[other0 ? 0 : 1];
    }
    return true;
}

static void
remap_list(Lower *lower, Scalar **list, int count, const uint32_t *map)
{
    for (int i = 0; i < count; i++) {
        list[i] = scalar_copy(lower->arena, list[i]);
        scalar_remap(list[i], map);
    }
}

/*
 * Rows of `kept` with a partner in `other`. `kept_map` and `other_map` take columns of the product to columns of the two.
 * Both are relations that stand for themselves with respect to each other.
 */
static Mir *
matched_by_equality(Lower *lower, Mir *kept, Mir *other, OnParts *parts, const uint32_t *kept_map,
                    const uint32_t *other_map)
{
    remap_list(lower, parts->kept_sides, parts->equality_count, kept_map);
    remap_list(lower, parts->kept_filters, parts->kept_filter_count, kept_map);
    remap_list(lower, parts->other_sides, parts->equality_count, other_map);
    remap_list(lower, parts->other_filters, parts->other_filter_count, other_map);
    other = mir_filter(lower->arena, other, parts->other_filters, parts->other_filter_count);
    int width = other->column_count;
    other = mir_map(lower->arena, other, parts->other_sides, parts->equality_count);
    Mir *found = distinct_unless_unique(lower, project_range(lower, other, width, parts->equality_count));
    Mir *left = mir_filter(lower->arena, kept, parts->kept_filters, parts->kept_filter_count);
    MirClass *classes = arena_new_array(lower->arena, MirClass, parts->equality_count);
    for (int i = 0; i < parts->equality_count; i++) {
        Scalar *right = mir_column(lower->arena, found, (uint32_t) i);
        right->column += (uint32_t) left->column_count;
        classes[i] = *mir_class_pair(lower->arena, parts->kept_sides[i], right, false);
    }
    return semijoin(lower, left, found, classes, parts->equality_count);
}

/* The other side adds at most one row to each row of the kept side: the join's rows are then the matched ones. */
static bool
at_most_one(Lower *lower, const Mir *other, const OnParts *parts, const uint32_t *other_map)
{
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, parts->equality_count);
    int count = 0;
    for (int i = 0; i < parts->equality_count; i++) {
        if (parts->other_sides[i]->kind == SCALAR_COLUMN)
            columns[count++] = (uint16_t) other_map[parts->other_sides[i]->column];
    }
    return mir_columns_unique(lower->plan, other, lower->arena, columns, count);
}

/* By the values that ON and the other side read of it, as the join's rows have them. kept_columns are the kept side's in the join. */
static Mir *
matched_by_values(Lower *lower, Mir *kept, Mir *inner, const uint16_t *kept_columns, const bool *read)
{
    KeyColumns keys = {.columns = arena_new_array(lower->arena, uint16_t, kept->column_count)};
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, kept->column_count);
    for (int i = 0; i < kept->column_count; i++) {
        if (!read[kept_columns[i]])
            continue;
        columns[keys.count] = kept_columns[i];
        keys.columns[keys.count++] = (uint16_t) i;
    }
    Mir *found = mir_distinct(lower->arena, mir_project(lower->arena, inner, columns, keys.count));
    return semijoin(lower, kept, found, key_classes(lower, kept, found, kept->column_count, &keys), keys.count);
}

/* ---- the parts of an outer join ---- */

typedef struct OuterJoin {
    JoinSides sides;
    Mir *product; /* before ON, which may say that columns are not null */
    Mir *inner;   /* shared */
    HirConjuncts on;
    const Env *env;
} OuterJoin;

/* Columns of the join that ON reads, or that the right side's keys are: all of them when ON has subqueries. */
static bool *
columns_read(Lower *lower, const OuterJoin *join)
{
    bool *read = arena_new_array(lower->arena, bool, join->inner->column_count);
    for (int i = 0; i < join->sides.keys.count; i++)
        read[join->sides.keys.columns[i]] = true;
    for (int i = 0; i < join->on.count; i++) {
        if (hir_scalar_has_subquery(join->on.items[i])) {
            memset(read, true, (size_t) join->inner->column_count);
            break;
        }
        Row row = row_of(join->inner, join->sides.outer, join->env);
        scalar_mark_columns(lower_scalar(lower, &row, join->on.items[i]), read);
    }
    return read;
}

static uint32_t *
map_range(Lower *lower, int total, int from, int to, int start)
{
    uint32_t *map = arena_new_array(lower->arena, uint32_t, total);
    for (int i = 0; i < total; i++)
        map[i] = i >= from && i < to ? (uint32_t) (start + i - from) : UINT32_MAX;
    return map;
}

static Mir *
kept_left(Lower *lower, const OuterJoin *join)
{
    const JoinSides *sides = &join->sides;
    int split = sides->outer + sides->left_count, total = split + sides->right_count;
    uint32_t *left_map = map_range(lower, total, 0, split, 0),
             *right_map = map_range(lower, total, split, total, sides->right_keys);
    OnParts parts;
    Mir *matched;
    bool apart = sides->keys.count == 0 &&
                 on_take_apart(lower, &join->on, join->product, sides->outer, join->env, split, total, &parts);
    if (apart && at_most_one(lower, sides->right, &parts, right_map)) {
        matched = project_range(lower, join->inner, 0, split);
    } else if (apart) {
        matched = matched_by_equality(lower, sides->left, sides->right, &parts, left_map, right_map);
    } else {
        uint16_t *columns = arena_new_array(lower->arena, uint16_t, split);
        for (int i = 0; i < split; i++)
            columns[i] = (uint16_t) i;
        matched = matched_by_values(lower, sides->left, join->inner, columns, columns_read(lower, join));
    }
    return map_nulls(lower, difference(lower, sides->left, matched), join->inner->types + split, sides->right_count);
}

/* The right side has `right_keys` = the keys around, or none, in front. */
static Mir *
kept_right(Lower *lower, const OuterJoin *join)
{
    const JoinSides *sides = &join->sides;
    int split = sides->outer + sides->left_count, total = split + sides->right_count, keys = sides->right_keys;
    uint32_t *left_map = map_range(lower, total, sides->outer, split, sides->outer);
    uint32_t *right_map = map_range(lower, total, split, total, keys);
    OnParts parts;
    Mir *matched;
    bool apart = keys == 0 &&
                 on_take_apart(lower, &join->on, join->product, sides->outer, join->env, sides->outer, split, &parts);
    if (apart && at_most_one(lower, sides->left, &parts, left_map)) {
        matched = project_range(lower, join->inner, split, sides->right_count);
    } else if (apart) {
        matched = matched_by_equality(lower, sides->right, sides->left, &parts, right_map, left_map);
    } else {
        uint16_t *columns = arena_new_array(lower->arena, uint16_t, keys + sides->right_count);
        for (int i = 0; i < keys; i++)
            columns[i] = (uint16_t) i;
        for (int i = 0; i < sides->right_count; i++)
            columns[keys + i] = (uint16_t) (split + i);
        matched = matched_by_values(lower, sides->right, join->inner, columns, columns_read(lower, join));
    }
    Mir *padded = map_nulls(lower, difference(lower, sides->right, matched), join->inner->types + sides->outer,
                            sides->left_count);
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, total);
    for (int i = 0; i < sides->outer; i++)
        columns[i] = (uint16_t) i;
    for (int i = 0; i < sides->left_count; i++)
        columns[sides->outer + i] = (uint16_t) (sides->right->column_count + i);
    for (int i = 0; i < sides->right_count; i++)
        columns[split + i] = (uint16_t) (keys + i);
    return mir_project(lower->arena, padded, columns, total);
}

Mir *
lower_join(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    bool keeps_left = hir->join.kind == HIR_JOIN_LEFT || hir->join.kind == HIR_JOIN_FULL;
    bool keeps_right = hir->join.kind == HIR_JOIN_RIGHT || hir->join.kind == HIR_JOIN_FULL;
    OuterJoin join = {.env = env};
    if (keeps_right)
        outer = mir_share(lower->plan, outer);
    sides_lower(lower, hir, outer, env, keeps_left, keeps_right, &join.sides);
    if (hir->join.on != NULL)
        hir_conjuncts(lower->set, hir->join.on, &join.on);
    join.product = sides_product(lower, &join.sides);
    join.inner = apply_on(lower, join.product, join.sides.outer, env, &join.on);
    if (!keeps_left && !keeps_right)
        return join.inner;
    join.inner = mir_share(lower->plan, join.inner);
    Mir *result = join.inner;
    if (keeps_left)
        result = mir_union2(lower->arena, result, kept_left(lower, &join));
    if (keeps_right)
        result = mir_union2(lower->arena, result, kept_right(lower, &join));
    return result;
}
