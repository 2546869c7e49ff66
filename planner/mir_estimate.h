/*
 * mir_estimate.h -- about how many rows a relation has: for choosing between plans that mean the same.
 *
 * Row counts of stored relations are given; selectivities are PostgreSQL's for columns of which nothing is known.
 */
#ifndef FRESHET_PLANNER_MIR_ESTIMATE_H
#define FRESHET_PLANNER_MIR_ESTIMATE_H

#include "planner/mir.h"
#include "planner/row_counts.h"

typedef struct Estimator {
    const MirPlan *plan;
    RowCounts counts;
    double *bindings; /* rows of each */
} Estimator;

void estimator_init(Estimator *estimator, const MirPlan *plan, RowCounts counts);
double mir_estimate_rows(const Estimator *estimator, const Mir *mir); /* at least 1 */
/* How many different values the column has, in a relation of `rows` rows. */
double mir_estimate_distinct(const Estimator *estimator, const Mir *mir, uint32_t column, double rows);
/* The share of rows that pass. */
double scalar_selectivity(const Scalar *predicate);

#endif
