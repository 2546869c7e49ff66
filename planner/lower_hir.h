/*
 * lower_hir.h -- from HIR to the algebra: subqueries decorrelated, outer joins made of inner ones.
 *
 * A relation that refers to rows around it is computed for the set of values of those rows that it reads ("keys"), with these values as its
 * first columns, and joined back to the rows they came from.
 */
#ifndef FRESHET_PLANNER_LOWER_HIR_H
#define FRESHET_PLANNER_LOWER_HIR_H

#include "planner/hir.h"
#include "planner/mir.h"

/* `hir` refers to nothing around it. `eval` folds constants. */
MirPlan *lower_hir(HirQuerySet *set, Hir *hir, Arena *arena, EvalContext *eval);

#endif
