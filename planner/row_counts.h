/*
 * row_counts.h -- what the planner is told of the sizes of relations. A plan is right whatever it is told.
 */
#ifndef FRESHET_PLANNER_ROW_COUNTS_H
#define FRESHET_PLANNER_ROW_COUNTS_H

#include "catalog/catalog.h"

typedef struct RowCounts {
    int64_t (*count)(void *context,
                     const Item *item); /* about how many rows it has, -1: unknown; NULL: nothing is known */
    void *context;
} RowCounts;

#endif
