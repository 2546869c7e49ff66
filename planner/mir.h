/*
 * mir.h -- the relational algebra that queries are optimised in: no subqueries, inner joins only, every column by its position.
 *
 * A MirPlan is a list of bindings and a root. A LET node stands for a binding before it in the list, so that what is used twice is
 * written once; apart from that every node has one parent.
 *
 * (1) Nodes are immutable; passes build new ones. Everything lives in one arena.
 * (2) Scalars are over the node's input row: of a join, the inputs' rows one after another.
 * (3) Reduce, top-k, window and guard read plain columns; what is computed for them is a map below.
 * (4) A class of a join holds expressions over one input each that must be equal: `null_safe` ones match null with null, the others never.
 * (5) `nullable` is an upper bound: a column that is not nullable never is null.
 */
#ifndef FRESHET_PLANNER_MIR_H
#define FRESHET_PLANNER_MIR_H

#include "catalog/catalog.h"
#include "dataflow/plan.h"

typedef enum MirKind {
    MIR_CONSTANT,
    MIR_GET,
    MIR_LET,
    MIR_MAP,     /* the input's columns, then the values of `list` */
    MIR_FILTER,  /* rows where every predicate of `list` is true */
    MIR_PROJECT, /* columns of the input */
    MIR_FLAT_MAP,
    MIR_JOIN,
    MIR_REDUCE, /* without aggregates: DISTINCT */
    MIR_TOPK,
    MIR_WINDOW, /* the input's columns, then a column a call */
    MIR_NEGATE,
    MIR_THRESHOLD,
    MIR_UNION,
    MIR_GUARD,
    MIR_RECURSE,  /* a recursive block: what its body gives when that changes no more; a leaf */
    MIR_FEEDBACK, /* in a body: what it gave the time before */
} MirKind;
const char *mir_kind_name(MirKind kind);

typedef struct MirClass {
    Scalar **members; /* over the concatenated inputs */
    int count;
    bool null_safe;
} MirClass;

/* What the order of a join was chosen by: rows by estimate. */
typedef struct MirJoinSizes {
    double *inputs; /* of each input */
    double *joined; /* joined[n]: once n inputs of the order have been joined, n >= 1 */
} MirJoinSizes;

typedef struct Mir Mir;

/*
 * A recursive block (RecursePlan of dataflow/plan.h). The body is a plan of its own, with bindings of its own, and reads nothing of the plan
 * around it but relations of the catalog and FEEDBACKs of blocks around it. Passes do not move anything into or out of it.
 */
typedef struct MirRecursion {
    int block; /* number in the statement: copies of a plan keep it */
    struct MirPlan *body;
    int64_t limit; /* -1: none */
    bool returns_at_limit;
} MirRecursion;

struct Mir {
    MirKind kind;
    int column_count;
    SqlType *types;
    bool *nullable;
    Mir **inputs;
    int input_count;
    union {
        struct {
            Datum **rows;
            int64_t *diffs; /* NULL: all 1 */
            int count;
        } constant;
        const Item *item; /* GET */
        int binding;      /* LET */
        struct {
            Scalar **exprs;
            int count;
        } list;
        uint16_t *project;
        FlatMapPlan flat_map;
        struct {
            MirClass *classes;
            int class_count;
            uint16_t *order;           /* of the inputs; NULL while not chosen */
            const MirJoinSizes *sizes; /* with the order */
        } join;
        ReducePlan reduce;
        struct {
            uint16_t *group;
            int group_count;
            SortKey *order;
            int order_count;
            Scalar *limit;  /* bigint over no columns; NULL: none */
            Scalar *offset; /* NULL: none */
        } topk;
        WindowPlan window;
        struct {
            bool distinct;
            bool settles; /* stays, and nothing moves through it: around what has another value at each call */
        } threshold;
        struct {
            uint16_t *group;
            int group_count;
            const char *sqlstate, *message;
        } guard;
        MirRecursion *recursion; /* RECURSE */
        int feedback;            /* FEEDBACK: the block */
    };
};

typedef struct MirPlan {
    Arena *arena;
    Mir **bindings;
    int count, capacity;
    Mir *root;
} MirPlan;

/* ---- making: small simplifications included (no maps, no predicates, all columns in order: the input itself) ---- */
Mir *mir_constant(Arena *arena, Datum **rows, int64_t *diffs, int count, const SqlType *types, int column_count);
Mir *mir_empty(Arena *arena, const SqlType *types, int column_count);
Mir *mir_unit(Arena *arena);
Mir *mir_get(Arena *arena, const Item *item);
Mir *mir_let(MirPlan *plan, int binding);
Mir *mir_map(Arena *arena, Mir *input, Scalar **exprs, int count);
Mir *mir_filter(Arena *arena, Mir *input, Scalar **predicates, int count);
Mir *mir_project(Arena *arena, Mir *input, const uint16_t *columns, int count);
Mir *mir_flat_map(Arena *arena, Mir *input, const TableFunctionCall *call, Scalar **args, bool ordinality);
Mir *mir_join(Arena *arena, Mir **inputs, int input_count, MirClass *classes, int class_count);
Mir *mir_reduce(Arena *arena, Mir *input, const uint16_t *key, int key_count, PlanAggregate *aggregates,
                int aggregate_count);
Mir *mir_distinct(Arena *arena, Mir *input);
Mir *mir_topk(Arena *arena, Mir *input, const uint16_t *group, int group_count, SortKey *order, int order_count,
              Scalar *limit, Scalar *offset);
Mir *mir_window(Arena *arena, Mir *input, const WindowPlan *window);
Mir *mir_negate(Arena *arena, Mir *input);
Mir *mir_threshold(Arena *arena, Mir *input, bool distinct);
Mir *mir_union(Arena *arena, Mir **inputs, int count);
Mir *mir_union2(Arena *arena, Mir *a, Mir *b);
Mir *mir_guard(Arena *arena, Mir *input, const uint16_t *group, int group_count, const char *sqlstate,
               const char *message);
/* All columns of both may be null. */
Mir *mir_recurse(Arena *arena, MirRecursion *recursion);
Mir *mir_feedback(Arena *arena, int block, const SqlType *types, int column_count);
/* Whether more rows in what it reads never take rows away. */
bool mir_plan_is_monotone(const MirPlan *plan);
/* The node over other inputs of the same shape. */
Mir *mir_with_inputs(Arena *arena, const Mir *mir, Mir **inputs);
Mir *mir_with_input(Arena *arena, const Mir *mir, Mir *input);
Scalar *mir_column(Arena *arena, const Mir *mir, uint32_t column);
MirClass *mir_class_pair(Arena *arena, Scalar *a, Scalar *b, bool null_safe);

static inline bool
mir_is_empty(const Mir *mir)
{
    return mir->kind == MIR_CONSTANT && mir->constant.count == 0;
}

static inline bool
mir_is_unit(const Mir *mir)
{
    return mir->kind == MIR_CONSTANT && mir->column_count == 0 && mir->constant.count == 1 &&
           mir->constant.diffs == NULL;
}

/* ---- bindings ---- */
/* A node that can be used more than once: itself when that is cheap, a LET of a new binding otherwise. */
Mir *mir_share(MirPlan *plan, Mir *mir);
int mir_bind(MirPlan *plan, Mir *mir);

/* Visits every node, inputs first. */
void mir_visit(Mir *mir, void (*visit)(void *context, Mir *mir), void *context);
/* Every node of all bindings, of the root, and of the bodies of recursive blocks. */
void mir_plan_visit(const MirPlan *plan, void (*visit)(void *context, Mir *mir), void *context);
/* Every expression of a node itself; `rewrite` may return another of the same type. The node is changed: for a plan of one's own. */
void mir_rewrite_scalars(Arena *arena, Mir *mir, Scalar *(*rewrite)(void *context, Scalar *scalar), void *context);
void mir_visit_scalars(const Mir *mir, void (*visit)(void *context, const Scalar *scalar), void *context);
/* A plan that shares nothing mutable with the original: nodes are new, arrays of expressions too. */
MirPlan *mir_plan_copy(const MirPlan *plan, Arena *arena);

/* ---- facts ---- */
/* Sets of columns that are unique in the output: at most MIR_KEYS_MAX of them. `plan` gives the bindings, NULL: LETs have none. */
#define MIR_KEYS_MAX 8
typedef struct MirKey {
    uint16_t *columns;
    int count;
} MirKey;
typedef struct MirKeys {
    MirKey items[MIR_KEYS_MAX];
    int count;
} MirKeys;
void mir_keys(const MirPlan *plan, const Mir *mir, Arena *arena, MirKeys *keys);
bool mir_columns_unique(const MirPlan *plan, const Mir *mir, Arena *arena, const uint16_t *columns, int count);
/* Whether no row can have a negative count. */
bool mir_non_negative(const MirPlan *plan, const Mir *mir);
/* Whether the predicate is not true when the column is null. */
bool scalar_rejects_null(const Scalar *predicate, uint32_t column);
/* Sets rejected[c] for every column of which that holds. */
void scalar_mark_null_rejected(const Scalar *predicate, bool *rejected);
/* Sets marked[c] for every column that makes the value null when it is null. */
void scalar_mark_nulls(const Scalar *scalar, bool *marked);
/* The function of a scalar is this operator, over two operands of one type. */
bool scalar_is_operator(const Scalar *scalar, const char *name);
bool scalar_is_plain_equality(const Scalar *scalar);
/* Sets used[c] for every column read. */
void scalar_mark_columns(const Scalar *scalar, bool *used);
/* The one input of a join that the scalar reads: -1 for none, -2 for several. `starts` are the inputs' first columns. */
int scalar_join_input(const Scalar *scalar, const int *starts, int input_count);
int *mir_join_starts(Arena *arena, const Mir *join); /* input_count + 1 entries */

/* Windows. */
bool mir_window_equal(const WindowPlan *a, const WindowPlan *b);
void mir_window_print(const WindowPlan *window, Buffer *out);
void mir_window_mark_call(const WindowCall *call, bool *used); /* sets used[c] for every column of the input read */
void mir_window_mark(const WindowPlan *window, bool *used);    /* of partition and order, too */
/* Its columns moved; the arrays are new. Only calls with kept[i], all when NULL. */
WindowPlan mir_window_moved(Arena *arena, const WindowPlan *window, const uint32_t *map, const bool *kept);

/* Structure: for sharing and for tests. */
bool mir_equal(const Mir *a, const Mir *b);
uint64_t mir_hash(const Mir *mir);

/* EXPLAIN. `names` are the root's columns or NULL. */
void mir_plan_print(const MirPlan *plan, Arena *arena, Buffer *out);
/* Checks (2) to (4) and arities; bug() with the pass's name when they are broken. */
void mir_plan_check(const MirPlan *plan, const char *pass);

#endif
