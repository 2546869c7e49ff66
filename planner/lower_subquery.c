/*
 * lower_subquery.c -- EXISTS and scalar subqueries as joins.
 *
 * With S the rows at hand and K the distinct values of theirs that the subquery reads:
 *     EXISTS      S joined with the distinct K of the subquery's rows; NOT EXISTS is S without these
 *     scalar      S joined with the subquery's rows over K, guarded to be one a key; rows of S without one get null
 * A subquery whose only link to what is around are equalities needs no K: it is computed on its own and joined on these.
 */
#include "planner/lower_internal.h"

/* ---- EXISTS by equalities ---- */

typedef struct Equalities {
    Scalar **inside, **outside; /* over the subquery's row; over the rows around it */
    int count;
    HirConjuncts own; /* what reads only the subquery's row */
    Hir *base;
} Equalities;

static bool
reads_own_row(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return hir_ref_kind(scalar->column) != HIR_REF_ROW || hir_ref_level(scalar->column) == 0;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (reads_own_row(scalar->args[i]))
            return true;
    }
    return false;
}

static bool
reads_rows_around(const Lower *lower, const Scalar *scalar)
{
    return hir_scalar_levels(lower->set, scalar) > 0;
}

static bool
add_equality(const Lower *lower, Equalities *equalities, const Scalar *conjunct)
{
    if (!scalar_is_plain_equality(conjunct) || hir_scalar_has_subquery(conjunct))
        return false;
    for (int side = 0; side < 2; side++) {
        Scalar *inside = conjunct->args[side], *outside = conjunct->args[1 - side];
        if (reads_own_row(outside) || reads_rows_around(lower, inside) || !reads_rows_around(lower, outside))
            continue;
        equalities->inside[equalities->count] = inside;
        equalities->outside[equalities->count++] = outside;
        return true;
    }
    return false;
}

static bool
find_equalities(Lower *lower, Hir *query, Equalities *equalities)
{
    HirConjuncts conjuncts = {0};
    while (query->kind == HIR_FILTER) {
        for (int i = 0; i < query->list.count; i++)
            hir_conjuncts(lower->set, query->list.exprs[i], &conjuncts);
        query = query->input;
    }
    if (query->levels > 0)
        return false;
    *equalities = (Equalities){.base = query};
    equalities->inside = arena_new_array(lower->arena, Scalar *, conjuncts.count);
    equalities->outside = arena_new_array(lower->arena, Scalar *, conjuncts.count);
    equalities->own.items = arena_new_array(lower->arena, Scalar *, conjuncts.count);
    for (int i = 0; i < conjuncts.count; i++) {
        if (!reads_rows_around(lower, conjuncts.items[i]))
            equalities->own.items[equalities->own.count++] = conjuncts.items[i];
        else if (!add_equality(lower, equalities, conjuncts.items[i]))
            return false;
    }
    return equalities->count > 0;
}

/* The distinct values of the inner sides. */
static Mir *
equality_values(Lower *lower, const Equalities *equalities)
{
    Scalar *own = NULL;
    for (int i = 0; i < equalities->own.count; i++)
        own = scalar_and(lower->arena, own, equalities->own.items[i]);
    Hir *values =
        hir_project(lower->set, hir_filter(lower->set, equalities->base, own), equalities->inside, equalities->count);
    return distinct_unless_unique(lower, lower_closed(lower, values));
}

static Scalar *
outer_side(Lower *lower, Row *row, Scalar *outside)
{
    return lower_scalar(lower, row, hir_scalar_shift(lower->set, outside, -1));
}

/* ---- EXISTS ---- */

/* What the rows hold does not matter to EXISTS. */
static Hir *
exists_core(Hir *query)
{
    while (query->kind == HIR_PROJECT || query->kind == HIR_DISTINCT)
        query = query->input;
    return query;
}

static int
row_width(const Row *row)
{
    return row->mir->column_count - row->outer;
}

/* The rows of row->mir, shared, that have a partner. */
static Mir *
exists_rows(Lower *lower, Row *row, Hir *query)
{
    query = exists_core(query);
    Equalities equalities;
    if (query->uses <= 1 && find_equalities(lower, query, &equalities)) {
        MirClass *classes = arena_new_array(lower->arena, MirClass, equalities.count);
        Mir *found = equality_values(lower, &equalities);
        for (int i = 0; i < equalities.count; i++) {
            Scalar *left = outer_side(lower, row, equalities.outside[i]);
            Scalar *right = mir_column(lower->arena, found, (uint32_t) i);
            right->column += (uint32_t) row->mir->column_count;
            classes[i] = *mir_class_pair(lower->arena, left, right, false);
        }
        return semijoin(lower, row->mir, found, classes, equalities.count);
    }
    KeyColumns keys = key_columns(lower, query, row, row_width(row));
    Mir *inner = lower_relation(lower, query, key_relation(lower, row->mir, &keys), keys.env);
    Mir *found = distinct_unless_unique(lower, project_range(lower, inner, 0, keys.count));
    return semijoin(lower, row->mir, found, key_classes(lower, row->mir, found, row->mir->column_count, &keys),
                    keys.count);
}

void
lower_exists_filter(Lower *lower, Row *row, uint32_t subquery, bool negated)
{
    Hir *query = lower->set->subqueries[subquery].query;
    if (negated || exists_core(query)->levels > 0)
        row->mir = mir_share(lower->plan, row->mir);
    Mir *matched = exists_rows(lower, row, query);
    row->mir = negated ? difference(lower, row->mir, matched) : matched;
}

static Mir *
map_bool(Lower *lower, Mir *input, bool value)
{
    Scalar **list = arena_new_array(lower->arena, Scalar *, 1);
    list[0] = scalar_bool(lower->arena, value);
    return mir_map(lower->arena, input, list, 1);
}

static uint32_t
exists_value(Lower *lower, Row *row, Hir *query)
{
    row->mir = mir_share(lower->plan, row->mir);
    uint32_t column = (uint32_t) row->mir->column_count;
    Mir *matched = mir_share(lower->plan, exists_rows(lower, row, query));
    Mir *others = difference(lower, row->mir, matched);
    row->mir = mir_union2(lower->arena, map_bool(lower, matched, true), map_bool(lower, others, false));
    return column;
}

/* ---- scalar subqueries ---- */

/* S joined with `inner` (keys, then values), one row of it a key at most. Rows of S without one get `otherwise`, unless it is NULL. */
static void
join_values(Lower *lower, Row *row, Mir *inner, const KeyColumns *keys, Scalar **otherwise)
{
    int width = row->mir->column_count, values = inner->column_count - keys->count;
    MirClass *classes = key_classes(lower, row->mir, inner, width, keys);
    Mir *joined = join2(lower, row->mir, inner, classes, keys->count);
    /* join2 leaves units out: a unit on the left has no columns, so that positions hold. */
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, width + values);
    for (int i = 0; i < width; i++)
        columns[i] = (uint16_t) i;
    for (int i = 0; i < values; i++)
        columns[width + i] = (uint16_t) (width + keys->count + i);
    joined = mir_project(lower->arena, joined, columns, width + values);
    if (otherwise != NULL) {
        joined = mir_share(lower->plan, joined);
        Mir *others = difference(lower, row->mir, project_range(lower, joined, 0, width));
        joined = mir_union2(lower->arena, joined, mir_map(lower->arena, others, otherwise, values));
    }
    row->mir = joined;
}

static Scalar **
null_values(Lower *lower, const Hir *query)
{
    Scalar **nulls = arena_new_array(lower->arena, Scalar *, query->column_count);
    for (int i = 0; i < query->column_count; i++)
        nulls[i] = scalar_null(lower->arena, query->types[i]);
    return nulls;
}

/* An aggregate without GROUP BY has one row whatever happens: the default is given where S has no partner. */
static uint32_t
aggregate_value(Lower *lower, Row *row, Hir **projections, int projection_count, Hir *reduce)
{
    int width = row->mir->column_count;
    KeyColumns keys = key_columns(lower, reduce, row, row_width(row));
    if (keys.count == 0) {
        join_values(lower, row, lower_closed(lower, reduce), &keys, NULL);
    } else {
        row->mir = mir_share(lower->plan, row->mir);
        Mir *grouped = lower_grouped(lower, reduce, key_relation(lower, row->mir, &keys), keys.env);
        join_values(lower, row, grouped, &keys, default_values(lower, reduce));
    }
    /* What is computed from the aggregates sees them as its row, and S around it. */
    int first = width;
    for (int i = projection_count - 1; i >= 0; i--) {
        int *columns = arena_new_array(lower->arena, int, width - row->outer);
        for (int c = 0; c < width - row->outer; c++)
            columns[c] = row->outer + c;
        Env env = {row->env, columns, width - row->outer};
        Row inner = row_of(row->mir, first, &env);
        Scalar **exprs = lower_scalars(lower, &inner, projections[i]->list.exprs, projections[i]->list.count);
        first = inner.mir->column_count;
        row->mir = mir_map(lower->arena, inner.mir, exprs, projections[i]->list.count);
    }
    return (uint32_t) first;
}

static uint32_t
scalar_value(Lower *lower, Row *row, Hir *query)
{
    Hir *projections[16], *core = query;
    int projection_count = 0;
    while (core->kind == HIR_PROJECT && projection_count < 16) {
        projections[projection_count++] = core;
        core = core->input;
    }
    if (core->kind == HIR_REDUCE && core->reduce.key_count == 0)
        return aggregate_value(lower, row, projections, projection_count, core);
    uint32_t column = (uint32_t) row->mir->column_count;
    row->mir = mir_share(lower->plan, row->mir);
    KeyColumns keys = key_columns(lower, query, row, row_width(row));
    Mir *inner = lower_relation(lower, query, key_relation(lower, row->mir, &keys), keys.env);
    uint16_t *group = arena_new_array(lower->arena, uint16_t, keys.count);
    for (int i = 0; i < keys.count; i++)
        group[i] = (uint16_t) i;
    if (!mir_columns_unique(lower->plan, inner, lower->arena, group, keys.count))
        inner = mir_guard(lower->arena, inner, group, keys.count, SQLSTATE_CARDINALITY_VIOLATION,
                          "more than one row returned by a subquery used as an expression");
    join_values(lower, row, inner, &keys, hir_is_single_row(query) ? NULL : null_values(lower, query));
    return column;
}

uint32_t
lower_subquery_value(Lower *lower, Row *row, uint32_t subquery)
{
    const HirSubquery *found = &lower->set->subqueries[subquery];
    return found->kind == HIR_SUBQUERY_EXISTS ? exists_value(lower, row, found->query)
                                              : scalar_value(lower, row, found->query);
}
