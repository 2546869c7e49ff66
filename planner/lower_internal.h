/*
 * lower_internal.h -- what the parts of lowering (lower_hir.c, lower_join.c, lower_subquery.c) share.
 */
#ifndef FRESHET_PLANNER_LOWER_INTERNAL_H
#define FRESHET_PLANNER_LOWER_INTERNAL_H

#include "planner/lower_hir.h"

/* Where the columns of the rows around are among the columns of the keys: one Env a level, the nearest first. */
typedef struct Env {
    const struct Env *parent;
    const int *columns; /* by index; -1: not read inside */
    int count;
} Env;

typedef struct Lowered {
    const Hir *hir;
    Mir *mir;
} Lowered;

typedef struct LoweredBlock {
    const HirRecursion *block;
    int binding; /* of the plan: what the block gives */
} LoweredBlock;

typedef struct Lower {
    HirQuerySet *set;
    MirPlan *plan;
    Arena *arena;
    EvalContext *eval;
    Lowered *done; /* relations used more than once */
    int done_count, done_capacity;
    VECTOR(LoweredBlock) blocks;
} Lower;

/*
 * A relation on its way up: columns [0, outer) are keys, the next ones are a HIR node's row, and what subqueries gave comes behind.
 */
typedef struct Row {
    Mir *mir;
    int outer;
    const Env *env;
    struct {
        uint32_t subquery;
        uint32_t column;
    } values[64];
    int value_count;
} Row;

/* Columns: those of `outer`, then the relation's. */
Mir *lower_relation(Lower *lower, Hir *hir, Mir *outer, const Env *env);
/* A relation that refers to nothing around it. */
Mir *lower_closed(Lower *lower, Hir *hir);
Mir *lower_join(Lower *lower, const Hir *hir, Mir *outer, const Env *env);
/* A REDUCE grouped by `outer` and its keys, without the row that an aggregate over nothing has. */
Mir *lower_grouped(Lower *lower, const Hir *reduce, Mir *outer, const Env *env);
Scalar **default_values(Lower *lower, const Hir *reduce); /* of the aggregates over nothing */

Mir *lower_window(Lower *lower, const Hir *hir, Mir *outer, const Env *env);

/* Plain columns for what reads no expressions: these become maps over the row, each once. */
typedef struct Columns {
    Lower *lower;
    Row *row;
    Scalar **maps; /* room for all of them */
    int map_count, capacity;
} Columns;
uint16_t column_for(Columns *columns, const Scalar *scalar);

/* lower_recursion.c */
Mir *lower_recursion(Lower *lower, const Hir *hir);
Mir *lower_feedback(Lower *lower, const Hir *hir);

Row row_of(Mir *mir, int outer, const Env *env);
/* The expression over row->mir, to which what its subqueries give is added first. */
Scalar *lower_scalar(Lower *lower, Row *row, Scalar *scalar);
Scalar **lower_scalars(Lower *lower, Row *row, Scalar *const *scalars, int count);
/* Adds the value of a subquery as a column; returns which. */
uint32_t lower_subquery_value(Lower *lower, Row *row, uint32_t subquery);
/* Keeps rows for which the subquery has (or has not) a row. */
void lower_exists_filter(Lower *lower, Row *row, uint32_t subquery, bool negated);
void lower_filter(Lower *lower, Row *row, const HirConjuncts *conjuncts);

/* ---- keys ---- */

/* The columns of `input` that a relation one level further in reads, and the environment that finds them among keys made of just these. */
typedef struct KeyColumns {
    uint16_t *columns;
    int count;
    const Env *env;
} KeyColumns;
KeyColumns key_columns(Lower *lower, const Hir *inner, const Row *row, int row_columns);
/* keys: the distinct values of these columns. */
Mir *key_relation(Lower *lower, Mir *input, const KeyColumns *keys);
/* Classes that match left.columns[i] with column i of what comes at `right_start`. */
MirClass *key_classes(Lower *lower, const Mir *left, const Mir *right, int right_start, const KeyColumns *keys);

Mir *join2(Lower *lower, Mir *left, Mir *right, MirClass *classes, int class_count);
Mir *project_range(Lower *lower, Mir *input, int from, int count);
/* Rows of `left` that have a partner in `found`, which has at most one for each. */
Mir *semijoin(Lower *lower, Mir *left, Mir *found, MirClass *classes, int class_count);
/* a - b, where b is part of a. */
Mir *difference(Lower *lower, Mir *a, Mir *b);
/* Adds literal nulls of these types. */
Mir *map_nulls(Lower *lower, Mir *input, const SqlType *types, int count);
Mir *distinct_unless_unique(Lower *lower, Mir *mir);

#endif
