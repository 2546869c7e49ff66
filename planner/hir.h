/*
 * hir.h -- a query with every name and type known, still shaped like SQL: joins of all kinds, subqueries inside expressions.
 *
 * Expressions are Scalars (expr/scalar.h) whose column numbers say more than a position:
 *
 *     kind of reference | level | index
 *
 *   HIR_REF_ROW       column `index` of a row. Level 0 is the row that the expression is evaluated over; level 1 is the row of the
 *                     query (or of the left side of the join) around it, and so on.
 *   HIR_REF_SUBQUERY  the value of subquery `index` of the HirQuerySet.
 *   HIR_REF_AGGREGATE aggregate `index` of the grouped SELECT that is `level` scopes out. Only while a SELECT is being bound.
 *   HIR_REF_WINDOW    window call `index` of the SELECT being bound. Only then.
 *   HIR_REF_GROUPING  GROUPING(...) number `index` of the SELECT being bound. Only then.
 *   HIR_REF_SET       result of set-returning function `index` of the SELECT being bound. Only then.
 *
 * (1) Entering a subquery, and entering the right side of a join, goes one level in: what was level 0 outside is level 1 inside.
 * (2) Nodes are immutable once made and may be shared by several parents, subqueries too. Rewriting copies.
 * (3) `levels` is how many levels around it a node refers to: 0 means that it stands for itself.
 */
#ifndef FRESHET_PLANNER_HIR_H
#define FRESHET_PLANNER_HIR_H

#include "catalog/catalog.h"
#include "dataflow/plan.h"
#include "expr/aggregate.h"
#include "expr/table_function.h"

typedef enum HirRefKind {
    HIR_REF_ROW,
    HIR_REF_SUBQUERY,
    HIR_REF_AGGREGATE,
    HIR_REF_SET,
    HIR_REF_WINDOW,
    HIR_REF_GROUPING,
} HirRefKind;

#define HIR_LEVEL_MAX 200
#define HIR_INDEX_MAX ((1 << 21) - 1)

static inline uint32_t
hir_ref(HirRefKind kind, int level, uint32_t index)
{
    return (uint32_t) kind << 29 | (uint32_t) level << 21 | index;
}

static inline HirRefKind
hir_ref_kind(uint32_t column)
{
    return (HirRefKind) (column >> 29);
}

static inline int
hir_ref_level(uint32_t column)
{
    return (int) (column >> 21 & 0xff);
}

static inline uint32_t
hir_ref_index(uint32_t column)
{
    return column & HIR_INDEX_MAX;
}

typedef struct Hir Hir;

typedef enum HirKind {
    HIR_VALUES,   /* rows of expressions; one row of no columns is the unit relation */
    HIR_GET,      /* an item */
    HIR_PROJECT,  /* other columns: expressions over the input */
    HIR_FILTER,   /* rows where every predicate is true */
    HIR_FLAT_MAP, /* the input's columns, then a table function's */
    HIR_JOIN,
    HIR_REDUCE, /* columns: keys, then aggregates */
    HIR_DISTINCT,
    HIR_TOPK,
    HIR_WINDOW, /* the input's columns, then a column a window call */
    HIR_SET_OP,
    HIR_RECURSE,  /* a binding of a recursive block, when nothing in the block changes any more */
    HIR_FEEDBACK, /* inside the block: the binding as the iteration before left it */
} HirKind;

typedef enum HirJoinKind { HIR_JOIN_INNER, HIR_JOIN_LEFT, HIR_JOIN_RIGHT, HIR_JOIN_FULL } HirJoinKind;
typedef enum HirSetOp { HIR_UNION_ALL, HIR_EXCEPT, HIR_EXCEPT_ALL, HIR_INTERSECT, HIR_INTERSECT_ALL } HirSetOp;

typedef struct HirOrder {
    Scalar *expr;
    bool descending;
    bool nulls_first;
} HirOrder;

typedef struct HirAggregate {
    AggregateCall call;
    Scalar *args[AGGREGATE_COLUMNS_MAX];
    int arg_count;
    bool distinct;
    Scalar *filter; /* or NULL */
    HirOrder *order;
    int order_count;
} HirAggregate;

typedef struct HirWindowCall {
    WindowCall call; /* but for the columns, which are: */
    Scalar *args[3];
    Scalar *filter;                    /* or NULL */
    Scalar *start_offset, *end_offset; /* with PRECEDING and FOLLOWING, else NULL */
} HirWindowCall;

typedef struct HirWindow {
    Scalar **partition;
    int partition_count;
    HirOrder *order;
    int order_count;
    HirWindowCall *calls;
    int call_count;
} HirWindow;

/*
 * WITH MUTUALLY RECURSIVE: bindings that read one another. All are empty at first; an iteration computes all of them from what they were before
 * it. Bindings refer to nothing around the block.
 */
typedef struct HirRecursion {
    int block; /* its number in the statement */
    Hir **values;
    const char **names;
    int count;
    int64_t limit; /* iterations; -1: none */
    bool returns_at_limit;
} HirRecursion;

struct Hir {
    HirKind kind;
    int levels;
    int uses; /* as a whole, by name or by several expressions: what is used twice is computed once */
    int column_count;
    SqlType *types;
    bool *nullable;
    Hir *input; /* all but VALUES and GET; the left side of joins and set operations */
    Hir *right;
    union {
        struct {
            Scalar ***rows;
            int count;
        } values;
        const Item *item; /* GET */
        struct {
            Scalar **exprs;
            int count;
        } list; /* PROJECT, FILTER */
        struct {
            TableFunctionCall call;
            Scalar **args;
            bool ordinality;
        } flat_map;
        struct {
            HirJoinKind kind;
            Scalar *on; /* over the left columns, then the right ones; NULL: true */
        } join;
        struct {
            Scalar **keys;
            int key_count;
            HirAggregate *aggregates;
            int aggregate_count;
        } reduce;
        struct {
            uint16_t *group; /* columns */
            int group_count;
            SortKey *order;
            int order_count;
            Scalar *limit;  /* over no columns; or NULL */
            Scalar *offset; /* or NULL */
        } topk;
        HirWindow window;
        HirSetOp set_op;
        struct {
            const HirRecursion *block;
            int binding;
            int position; /* of the reference; 0: none */
        } recursion;      /* RECURSE, FEEDBACK */
    };
};

typedef enum HirSubqueryKind { HIR_SUBQUERY_EXISTS, HIR_SUBQUERY_SCALAR } HirSubqueryKind;

typedef struct HirSubquery {
    HirSubqueryKind kind;
    Hir *query; /* SCALAR: one column */
} HirSubquery;

/* The subqueries that expressions of one statement refer to. */
typedef struct HirQuerySet {
    Arena *arena;
    HirSubquery *subqueries;
    uint32_t count, capacity;
    int blocks; /* recursive ones so far */
} HirQuerySet;

Scalar *hir_column(Arena *arena, int level, uint32_t index, SqlType type, bool nullable);
Scalar *hir_subquery(HirQuerySet *set, HirSubqueryKind kind, Hir *query);
static inline const HirSubquery *
hir_subquery_of(const HirQuerySet *set, const Scalar *scalar) /* NULL when the scalar is no subquery's value */
{
    if (scalar->kind != SCALAR_COLUMN || hir_ref_kind(scalar->column) != HIR_REF_SUBQUERY)
        return NULL;
    return &set->subqueries[hir_ref_index(scalar->column)];
}

Hir *hir_unit(HirQuerySet *set);
Hir *hir_values(HirQuerySet *set, Scalar ***rows, int row_count, const SqlType *types, int column_count);
Hir *hir_get(HirQuerySet *set, const Item *item);
Hir *hir_project(HirQuerySet *set, Hir *input, Scalar **exprs, int count);
Hir *hir_filter(HirQuerySet *set, Hir *input, Scalar *predicate); /* NULL: the input itself */
Hir *hir_flat_map(HirQuerySet *set, Hir *input, const TableFunctionCall *call, Scalar **args, bool ordinality);
Hir *hir_join(HirQuerySet *set, HirJoinKind kind, Hir *left, Hir *right, Scalar *on);
Hir *hir_reduce(HirQuerySet *set, Hir *input, Scalar **keys, int key_count, HirAggregate *aggregates,
                int aggregate_count);
Hir *hir_distinct(HirQuerySet *set, Hir *input);
Hir *hir_topk(HirQuerySet *set, Hir *input, uint16_t *group, int group_count, SortKey *order, int order_count,
              Scalar *limit, Scalar *offset);
Hir *hir_window(HirQuerySet *set, Hir *input, const HirWindow *window);
HirWindow hir_window_copy(Arena *arena, const HirWindow *window); /* expressions are shared, arrays are not */
/* The places of all expressions of a window, *count of them. */
Scalar ***hir_window_scalars(Arena *arena, const HirWindow *window, int *count);
Hir *hir_set_op(HirQuerySet *set, HirSetOp op, Hir *left, Hir *right);
/* A binding of a block, RECURSE or FEEDBACK. All columns may be null. */
Hir *hir_recursion(HirQuerySet *set, HirKind kind, const HirRecursion *block, int binding, const SqlType *types,
                   int column_count);
Scalar *hir_column_of(HirQuerySet *set, const Hir *hir, uint32_t index); /* level 0 */
/* Whether it has exactly one row whatever its input: an aggregate without GROUP BY. */
bool hir_is_single_row(const Hir *hir);

/*
 * Replaces references to rows and aggregates. `replace` is called for each reference whose level is `depth` or more, where depth is how
 * many levels in from the expression given it stands; it returns NULL to keep it, or an expression as it would stand there.
 * Unchanged parts are shared with the original.
 */
typedef Scalar *(*HirReplace)(void *context, const Scalar *reference, int depth);
Scalar *hir_scalar_replace(HirQuerySet *set, Scalar *scalar, int depth, HirReplace replace, void *context);
Hir *hir_replace(HirQuerySet *set, Hir *hir, int depth, HirReplace replace, void *context);
/* The same expression (relation) moved `by` levels in: references to what is around it grow by that. */
Scalar *hir_scalar_shift(HirQuerySet *set, Scalar *scalar, int by);
Hir *hir_shift(HirQuerySet *set, Hir *hir, int by);

/* References to rows around: `visit` is called with the level counted from the node (1: the row just around it). May repeat. */
typedef void (*HirVisit)(void *context, int level, const Scalar *reference);
void hir_outer_references(const HirQuerySet *set, const Hir *hir, HirVisit visit, void *context);
void hir_scalar_references(const HirQuerySet *set, const Scalar *scalar, HirVisit visit,
                           void *context); /* level 0 too */
/* How many levels around it an expression refers to (0: its own row at most). */
int hir_scalar_levels(const HirQuerySet *set, const Scalar *scalar);

/* The conjuncts of a predicate, as a condition wants them: what is false and what is null need not be told apart. */
typedef struct HirConjuncts {
    Scalar **items;
    int count, capacity;
} HirConjuncts;
void hir_conjuncts(HirQuerySet *set, Scalar *predicate, HirConjuncts *conjuncts);
/* The same rows with filters as far down as joins allow, outer joins turned into inner ones where a filter says so. `hir` is a FILTER. */
Hir *hir_push_filter(HirQuerySet *set, Hir *hir);
bool hir_scalar_has_subquery(const Scalar *scalar);

/* EXPLAIN RAW PLAN. */
void hir_print(const HirQuerySet *set, const Hir *hir, Arena *arena, Buffer *out);

#endif
