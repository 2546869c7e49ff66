/*
 * transform.h -- rewrites of the algebra. Each pass is a file; optimize.c has the list. A pass leaves a plan that means the same.
 */
#ifndef FRESHET_PLANNER_TRANSFORM_H
#define FRESHET_PLANNER_TRANSFORM_H

#include "planner/mir.h"
#include "planner/row_counts.h"

typedef struct OptimizeContext {
    EvalContext *eval;
    const Catalog *catalog;
    ObjectId cluster;     /* whose indexes joins prefer; 0: none */
    const char *disabled; /* names of passes that are left out, between commas, for diagnosis; NULL: none */
    RowCounts row_counts; /* how many rows relations have */
} OptimizeContext;

typedef void (*Transform)(MirPlan *plan, const OptimizeContext *context);

/*
 * Puts what has another value at each call between thresholds: it is called for rows that stay, not for those that come and go while a
 * query is computed, and its value is the same wherever it is used. Runs once, before the passes.
 */
void transform_settle(MirPlan *plan);
/* Bindings used once, and those that cost nothing to repeat, go to where they are used; unused ones go. */
void transform_inline(MirPlan *plan, const OptimizeContext *context);
/* Expressions and relations whose value is known; what follows from an empty input. */
void transform_fold(MirPlan *plan, const OptimizeContext *context);
/* Neighbours of one kind become one node: filters, maps, projections, joins. */
void transform_fusion(MirPlan *plan, const OptimizeContext *context);
/* Unions of unions become one; distincts under a distinct union go. */
void transform_union(MirPlan *plan, const OptimizeContext *context);
/* Filters towards the leaves; equalities across inputs become join classes. */
void transform_pushdown(MirPlan *plan, const OptimizeContext *context);
/* Distinct of what is distinct, thresholds and guards of what needs none, unions that cancel. */
void transform_redundancy(MirPlan *plan, const OptimizeContext *context);
/* Aggregates that can be had for less: of what is unique, of what is never null, of what is distinct already. */
void transform_reduce(MirPlan *plan, const OptimizeContext *context);
/* Limits of limits, and of unions. */
void transform_limit(MirPlan *plan, const OptimizeContext *context);
/* A relation joined with itself on a unique key is read once. */
void transform_self_join(MirPlan *plan, const OptimizeContext *context);
/* Columns that nothing reads are not carried. */
void transform_projection(MirPlan *plan, const OptimizeContext *context);
/* Join keys become columns, and every join gets the order of its inputs. */
void transform_join_order(MirPlan *plan, const OptimizeContext *context);
/* What is computed twice becomes a binding. */
void transform_share(MirPlan *plan, const OptimizeContext *context);

/* Whether the pass is among those left out. The one that orders joins runs all the same: it only keeps the order there is. */
bool transform_is_disabled(const OptimizeContext *context, const char *pass);
/* All of them. `after`, when not NULL, sees the plan after each pass that changed it. */
void optimize(MirPlan *plan, const OptimizeContext *context,
              void (*after)(void *context, const char *pass, const MirPlan *plan), void *after_context);

/* For passes: rewrites every node, inputs first. */
typedef Mir *(*MirRewrite)(void *context, Mir *mir);
Mir *mir_rewrite(Arena *arena, Mir *mir, MirRewrite rewrite, void *context);
void mir_plan_rewrite(MirPlan *plan, MirRewrite rewrite, void *context);

#endif
