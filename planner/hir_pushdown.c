/*
 * hir_pushdown.c -- filters towards the tables while joins still have their kinds, since an outer join stops them later.
 *
 * A filter on the side that an outer join keeps goes below it; one that no row padded with nulls passes makes it an inner join.
 */
#include "planner/hir.h"
#include "planner/mir.h"

/* ---- conjuncts ---- */

static void
conjunct_add(HirQuerySet *set, HirConjuncts *conjuncts, Scalar *scalar)
{
    if (conjuncts->count == conjuncts->capacity) {
        conjuncts->capacity = conjuncts->capacity * 2 + 4;
        Scalar **grown = arena_new_array(set->arena, Scalar *, conjuncts->capacity);
        for (int i = 0; i < conjuncts->count; i++)
            grown[i] = conjuncts->items[i];
        conjuncts->items = grown;
    }
    conjuncts->items[conjuncts->count++] = scalar;
}

static bool
is_null_or_bool(const Scalar *scalar)
{
    return scalar->kind == SCALAR_LITERAL && scalar->literal_error == NULL;
}

static bool
is_true(const Scalar *scalar)
{
    return scalar_is_literal_bool(scalar, true);
}

static Scalar *
negation(HirQuerySet *set, Scalar *arg)
{
    Scalar **args = arena_new_array(set->arena, Scalar *, 1);
    args[0] = arg;
    Scalar *made = scalar_make(set->arena, SCALAR_NOT, SQL_TYPE(BOOL), args, 1);
    made->nullable = arg->nullable;
    return made;
}

/* CASE WHEN a THEN true WHEN b THEN null ELSE false END, as IN makes it: with other values it is no such case. */
static bool
case_first_only(const Scalar *scalar, bool wanted)
{
    if (scalar->kind != SCALAR_CASE || scalar->arg_count < 3)
        return false;
    for (int i = 1; i < scalar->arg_count; i += 2) {
        if (!is_null_or_bool(scalar->args[i]))
            return false;
    }
    const Scalar *otherwise = scalar->args[scalar->arg_count - 1];
    bool first = scalar_is_literal_bool(scalar->args[1], wanted);
    if (!is_null_or_bool(otherwise) || !first || scalar_is_literal_bool(otherwise, wanted))
        return false;
    for (int i = 3; i < scalar->arg_count - 1; i += 2) {
        if (scalar_is_literal_bool(scalar->args[i], wanted))
            return false;
    }
    return true;
}

/* The conditions under which CASE falls through to an ELSE that is `wanted`: none of the others may be true, and none may be null. */
static bool
case_falls_through(const Scalar *scalar, bool wanted)
{
    if (scalar->kind != SCALAR_CASE || !scalar_is_literal_bool(scalar->args[scalar->arg_count - 1], wanted))
        return false;
    for (int i = 0; i + 1 < scalar->arg_count; i += 2) {
        if (scalar->args[i]->nullable || !is_null_or_bool(scalar->args[i + 1]) ||
            scalar_is_literal_bool(scalar->args[i + 1], wanted))
            return false;
    }
    return true;
}

static void
collect(HirQuerySet *set, Scalar *scalar, bool negated, HirConjuncts *conjuncts)
{
    if (scalar->kind == SCALAR_NOT) {
        collect(set, scalar->args[0], !negated, conjuncts);
        return;
    }
    if (scalar->kind == (negated ? SCALAR_OR : SCALAR_AND)) {
        for (int i = 0; i < scalar->arg_count; i++)
            collect(set, scalar->args[i], negated, conjuncts);
        return;
    }
    if (case_first_only(scalar, !negated)) {
        collect(set, scalar->args[0], false, conjuncts);
        return;
    }
    if (case_falls_through(scalar, !negated)) {
        for (int i = 0; i + 1 < scalar->arg_count; i += 2)
            collect(set, scalar->args[i], true, conjuncts);
        return;
    }
    Scalar *conjunct = negated ? negation(set, scalar) : scalar;
    if (!is_true(conjunct))
        conjunct_add(set, conjuncts, conjunct);
}

void
hir_conjuncts(HirQuerySet *set, Scalar *predicate, HirConjuncts *conjuncts)
{
    collect(set, predicate, false, conjuncts);
}

bool
hir_scalar_has_subquery(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return hir_ref_kind(scalar->column) == HIR_REF_SUBQUERY;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (hir_scalar_has_subquery(scalar->args[i]))
            return true;
    }
    return false;
}

static Scalar *
conjunction(HirQuerySet *set, const HirConjuncts *conjuncts)
{
    Scalar *all = NULL;
    for (int i = 0; i < conjuncts->count; i++)
        all = scalar_and(set->arena, all, conjuncts->items[i]);
    return all;
}

static Hir *
filter_by(HirQuerySet *set, Hir *input, const HirConjuncts *conjuncts)
{
    return hir_filter(set, input, conjunction(set, conjuncts));
}

/* ---- through a projection ---- */

typedef struct Substitution {
    Scalar **exprs;
} Substitution;

static Scalar *
substitute(void *context, const Scalar *reference, int depth)
{
    const Substitution *substitution = context;
    if (depth > 0 || hir_ref_kind(reference->column) != HIR_REF_ROW || hir_ref_level(reference->column) != 0)
        return NULL;
    return substitution->exprs[hir_ref_index(reference->column)];
}

/* Of a subquery's value, or of a value that another call would not give again. */
static bool
reads_fixed_column(const Scalar *scalar, Scalar *const *exprs)
{
    if (scalar->kind == SCALAR_COLUMN && hir_ref_level(scalar->column) > 0)
        return false;
    if (scalar->kind == SCALAR_COLUMN) {
        const Scalar *expr = exprs[hir_ref_index(scalar->column)];
        return hir_scalar_has_subquery(expr) || scalar_is_volatile(expr);
    }
    for (int i = 0; i < scalar->arg_count; i++) {
        if (reads_fixed_column(scalar->args[i], exprs))
            return true;
    }
    return false;
}

static Hir *
push_through_project(HirQuerySet *set, const Hir *project, HirConjuncts *conjuncts)
{
    HirConjuncts below = {0}, above = {0};
    Substitution substitution = {project->list.exprs};
    for (int i = 0; i < conjuncts->count; i++) {
        Scalar *conjunct = conjuncts->items[i];
        if (hir_scalar_has_subquery(conjunct) || reads_fixed_column(conjunct, project->list.exprs))
            conjunct_add(set, &above, conjunct);
        else
            conjunct_add(set, &below, hir_scalar_replace(set, conjunct, 0, substitute, &substitution));
    }
    *conjuncts = above;
    if (below.count == 0)
        return NULL;
    return hir_project(set, filter_by(set, project->input, &below), project->list.exprs, project->list.count);
}

/* ---- into a join ---- */

typedef enum Sides { SIDE_NONE = 0, SIDE_LEFT = 1, SIDE_RIGHT = 2, SIDE_BOTH = 3 } Sides;

static Sides
sides_read(const Scalar *scalar, uint32_t left_count)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if (hir_ref_level(scalar->column) > 0)
            return SIDE_NONE;
        return hir_ref_index(scalar->column) < left_count ? SIDE_LEFT : SIDE_RIGHT;
    }
    Sides sides = SIDE_NONE;
    for (int i = 0; i < scalar->arg_count; i++)
        sides |= sides_read(scalar->args[i], left_count);
    return sides;
}

typedef struct ToRight {
    Arena *arena;
    uint32_t left_count;
} ToRight;

/* As it stands on the right side: one level further in. */
static Scalar *
to_right(void *context, const Scalar *reference, int depth)
{
    (void) depth;
    const ToRight *move = context;
    int level = hir_ref_level(reference->column);
    uint32_t index = hir_ref_index(reference->column);
    uint32_t column =
        level == 0 ? hir_ref(HIR_REF_ROW, 0, index - move->left_count) : hir_ref(HIR_REF_ROW, level + 1, index);
    return scalar_column(move->arena, column, reference->type, reference->nullable);
}

/* Whether the conjunct is not true when all columns of that side are null. */
static bool
rejects_side(const Scalar *conjunct, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        if (scalar_rejects_null(conjunct, hir_ref(HIR_REF_ROW, 0, (uint32_t) i)))
            return true;
    }
    return false;
}

static HirJoinKind
narrowed_kind(const Hir *join, const HirConjuncts *conjuncts)
{
    int left_count = join->input->column_count, right_count = join->right->column_count;
    bool left_kept = join->join.kind == HIR_JOIN_LEFT || join->join.kind == HIR_JOIN_FULL;
    bool right_kept = join->join.kind == HIR_JOIN_RIGHT || join->join.kind == HIR_JOIN_FULL;
    for (int i = 0; i < conjuncts->count; i++) {
        if (hir_scalar_has_subquery(conjuncts->items[i]))
            continue;
        if (left_kept && rejects_side(conjuncts->items[i], left_count, right_count))
            left_kept = false; /* rows without a right side are not wanted */
        if (right_kept && rejects_side(conjuncts->items[i], 0, left_count))
            right_kept = false;
    }
    if (left_kept)
        return right_kept ? HIR_JOIN_FULL : HIR_JOIN_LEFT;
    return right_kept ? HIR_JOIN_RIGHT : HIR_JOIN_INNER;
}

/* Below inner joins alone the algebra's own pass does better: it sees all of them at once. */
static bool
has_outer_join(const Hir *hir)
{
    while (hir->kind == HIR_PROJECT || hir->kind == HIR_FILTER)
        hir = hir->input;
    return hir->kind == HIR_JOIN &&
           (hir->join.kind != HIR_JOIN_INNER || has_outer_join(hir->input) || has_outer_join(hir->right));
}

static Hir *
push_into_join(HirQuerySet *set, const Hir *join, HirConjuncts *conjuncts)
{
    HirConjuncts left = {0}, right = {0}, above = {0};
    HirJoinKind kind = narrowed_kind(join, conjuncts);
    bool inner = kind == HIR_JOIN_INNER;
    bool left_open = kind == HIR_JOIN_LEFT || (inner && has_outer_join(join->input));
    bool right_open = kind == HIR_JOIN_RIGHT || (inner && has_outer_join(join->right));
    ToRight move = {set->arena, (uint32_t) join->input->column_count};
    for (int i = 0; i < conjuncts->count; i++) {
        Scalar *conjunct = conjuncts->items[i];
        Sides sides = hir_scalar_has_subquery(conjunct) ? SIDE_BOTH : sides_read(conjunct, move.left_count);
        if (sides == SIDE_LEFT && left_open)
            conjunct_add(set, &left, conjunct);
        else if (sides == SIDE_RIGHT && right_open)
            conjunct_add(set, &right, hir_scalar_replace(set, conjunct, 0, to_right, &move));
        else
            conjunct_add(set, &above, conjunct);
    }
    *conjuncts = above;
    if (left.count == 0 && right.count == 0 && kind == join->join.kind)
        return NULL;
    return hir_join(set, kind, filter_by(set, join->input, &left), filter_by(set, join->right, &right), join->join.on);
}

Hir *
hir_push_filter(HirQuerySet *set, Hir *hir)
{
    HirConjuncts conjuncts = {0};
    Hir *input = hir;
    while (input->kind == HIR_FILTER) {
        for (int i = 0; i < input->list.count; i++)
            hir_conjuncts(set, input->list.exprs[i], &conjuncts);
        input = input->input;
    }
    if (input->levels == 0 && input->uses > 1)
        return filter_by(set, input, &conjuncts); /* computed once for all its uses */
    Hir *pushed = NULL;
    if (input->kind == HIR_PROJECT)
        pushed = push_through_project(set, input, &conjuncts);
    else if (input->kind == HIR_JOIN)
        pushed = push_into_join(set, input, &conjuncts);
    return filter_by(set, pushed == NULL ? input : pushed, &conjuncts);
}
