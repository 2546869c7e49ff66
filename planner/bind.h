/*
 * bind.h -- from the syntax tree to HIR: names looked up, types checked, casts made explicit. PostgreSQL's rules and messages.
 *
 * Internal to planner/. One Binder serves one planning call; everything lives in its arena.
 *
 *     bind_query.c      WITH, ORDER BY, set operations, VALUES; bind_limit.c LIMIT
 *     bind_select.c     one SELECT: targets, GROUP BY, HAVING, DISTINCT
 *     bind_from.c       FROM items and joins
 *     bind_expr.c       expressions; bind_literal.c literals; bind_function.c calls; bind_subquery.c subqueries and row comparisons
 *     bind_sql_function.c  functions defined by an expression over system relations
 *     bind_recursion.c  WITH MUTUALLY RECURSIVE, WITH RECURSIVE
 *     bind_argument.c   named and VARIADIC arguments
 *     bind_set_function.c  set-returning functions among the targets
 *     bind_record.c     rows, fields, stars; bind_container.c lists and maps
 *     bind_output.c     names of output columns
 *     bind_grouping.c   GROUPING SETS
 *     bind_window.c     window calls
 *     bind_aggregate.c  aggregate calls, and what may stand beside them
 *     bind_type.c       type names, casts, parameters
 */
#ifndef FRESHET_PLANNER_BIND_H
#define FRESHET_PLANNER_BIND_H

#include "planner/plan_query.h"
#include "planner/scope.h"

typedef struct ViewBinding {
    ObjectId id;
    Hir *hir;
} ViewBinding;

/* Where a statement names an item: for writing names out in full. */
typedef struct NameUse {
    AstName *name;
    const Item *item;
} NameUse;

/* What $1, $2, ... stand for in the expression of a function that is defined by one. */
typedef struct SqlBody {
    Scalar *const *args; /* NULL: parameters are the statement's */
    int count;
    int depth; /* of the scope that the arguments were bound in */
} SqlBody;

typedef struct Binder {
    PlannerContext *context;
    Arena *arena;
    const Catalog *catalog;
    const NameScope
        *names; /* of the statement, or of nothing inside views: their definitions name everything in full */
    HirQuerySet set;
    VECTOR(ObjectId) dependencies; /* items named by the statement itself */
    VECTOR(ViewBinding) views;     /* views already inlined */
    VECTOR(Scalar *) parameters;   /* every parameter node, so that all follow when the type is found */
    VECTOR(NameUse) name_uses;
    struct CteBinding *ctes;       /* those in sight, the nearest first */
    const RelationColumn *targets; /* of INSERT: what DEFAULT in VALUES stands for; NULL elsewhere */
    int target_count;
    const AstSelect *updated; /* whose targets are what UPDATE sets: no aggregates, one row a row; NULL elsewhere */
    int view_depth;
    SqlBody body; /* of the function being bound */
    ObjectId
        indexed_views_of; /* the cluster whose indexed views are read through their indexes; 0: every view is inlined */
    int set_calls, set_call_position; /* of set-returning functions bound so far; where the last stands */
    bool reads_relation, reads_user_relation;
    bool read_indexed_view;
} Binder;

void binder_init(Binder *binder, PlannerContext *context);
void binder_deinit(Binder *binder);

struct SelectState {
    HirAggregate *aggregates;
    int aggregate_count, aggregate_capacity;
    struct SetFunction {
        TableFunctionCall call;
        Scalar **args;
        uint32_t first; /* of its columns among those of all: what HIR_REF_SET counts */
        int depth;      /* while they are placed: how many calls lie in one another from here down; 0: not wanted */
        int placed;     /* its first column in the relation under the targets; -1: it has none */
    } * set_functions;
    int set_function_count, set_function_capacity;
    uint32_t set_column_count;
    struct SelectWindow {
        HirWindow window;
        int call_capacity;
        uint32_t first_column; /* of its calls, once they are applied */
    } * windows;
    int window_count, window_capacity;
    struct SelectWindowCall {
        int window, call;
    } * window_calls; /* as references count them */
    int window_call_count, window_call_capacity;
    struct SelectGrouping {
        Scalar **args;
        int count;
    } * groupings;
    int grouping_count, grouping_capacity;
    const AstSelect *ast;
};

/* A relation with named columns. */
typedef struct BoundRelation {
    Hir *hir;
    const char **names;
} BoundRelation;

typedef struct CteBinding {
    struct CteBinding *next;
    const char *name;
    BoundRelation relation; /* hir NULL: it may not be read here */
    int depth;              /* of the scope around it, 0 when there is none */
    const char *refused;    /* why not: a message with the name to be filled in */
    const char *refused_state;
    int refused_position; /* 0: where it is read */
    int uses, last_use;   /* where it is read last */
} CteBinding;

static inline int
scope_depth(const Scope *scope)
{
    return scope == NULL ? 0 : scope->depth;
}

/*
 * The body of a query: expressions over a relation, not yet projected, so that whoever is around can still say what type an
 * untyped literal has. Outputs [0, count) are the query's columns; hidden ones for sorting follow.
 */
typedef struct BoundBody {
    Hir *input;
    Scalar **outputs;
    int output_count;
    const char **names;
    int *positions;
    int count;
    Scalar ***rows; /* VALUES that are not a relation yet: outputs are placeholders of type UNKNOWN; NULL otherwise */
    int row_count;
} BoundBody;

typedef struct BoundOrder {
    int output;
    bool descending, nulls_first;
    int position;
} BoundOrder;

typedef struct BoundQuery {
    BoundBody body;
    BoundOrder *order;
    int order_count;
    Scalar *limit, *offset; /* bigint over no columns, or NULL */
} BoundQuery;

/* ---- queries ---- */
MUST_CHECK bool bind_query(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err);
/* As a relation of its visible columns: sorted only as far as LIMIT needs it. Untyped literals become text. */
MUST_CHECK bool bind_query_relation(Binder *binder, const AstQuery *query, Scope *parent, BoundRelation *relation,
                                    Error *err);
/* The projected relation of all outputs; order is left to the caller unless there is a limit. */
MUST_CHECK bool bound_query_project(Binder *binder, BoundQuery *bound, bool apply_limit, Hir **hir, Error *err);
/* Gives VALUES a common type a column (42804), where nobody gave another before. */
MUST_CHECK bool body_settle(Binder *binder, BoundBody *body, Error *err);
MUST_CHECK bool body_resolve_unknown(Binder *binder, BoundBody *body, Error *err);
MUST_CHECK bool body_cast(Binder *binder, BoundBody *body, int output, SqlType type, CastContext context, Error *err);
/* bind_recursion.c: WITH MUTUALLY RECURSIVE puts all its bindings in sight; WITH RECURSIVE is bound query by query. */
MUST_CHECK bool bind_mutually_recursive(Binder *binder, const AstWith *with, Scope *parent, Error *err);
MUST_CHECK bool bind_recursive_cte(Binder *binder, const AstCte *ast, Scope *parent, CteBinding *cte, Error *err);
/* WITH name (a, b): the names that the query gives, as far as they are not given new ones. */
MUST_CHECK bool bind_cte_names(Binder *binder, const AstCte *ast, CteBinding *cte, Error *err);
MUST_CHECK bool bind_query_body(Binder *binder, const AstBody *body, Scope *parent, BoundBody *bound, Error *err);
Hir *bound_body_project(Binder *binder, BoundBody *body);
MUST_CHECK bool bind_select(Binder *binder, const AstSelect *select, const AstOrderList *order_by, Scope *parent,
                            BoundQuery *bound, Error *err);
MUST_CHECK bool bind_ordinal(const AstExpr *expr, int count, const char *clause, int *ordinal,
                             Error *err); /* 0: not one */
MUST_CHECK bool bind_order_flags(const AstOrderItem *item, BoundOrder *order, Error *err);
/* LIMIT and OFFSET of a query whose body and order are bound: `bound` keeps them where they are constant, and has them in its body where
   they are not. */
MUST_CHECK bool bind_limits(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err);

/* ---- FROM ---- */
typedef struct BoundFrom {
    Hir *hir;
    Scope *scope; /* names of its columns; no parent */
} BoundFrom;
MUST_CHECK bool bind_from(Binder *binder, const AstFromList *from, Scope *parent, BoundFrom *bound, Error *err);
MUST_CHECK bool bind_item(Binder *binder, const Item *item, int position, BoundRelation *relation, Error *err);
MUST_CHECK bool bind_view(Binder *binder, const Item *item, BoundRelation *relation, Error *err);

/* ---- expressions ---- */
MUST_CHECK bool bind_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
/* With 42804 `argument of WHERE must be type boolean, not type integer` when it is something else. */
MUST_CHECK bool bind_condition(Binder *binder, Scope *scope, const AstExpr *expr, const char *what, Scalar **scalar,
                               Error *err);
MUST_CHECK bool bind_expr_list(Binder *binder, Scope *scope, const AstExprList *list, Scalar ***scalars, Error *err);
Scalar *bind_unknown_literal(Binder *binder, const char *text, int position);
MUST_CHECK bool bind_number(Binder *binder, const char *text, bool integer, int position, Scalar **scalar, Error *err);
/* Text as a regproc, regprocedure, regrole or regnamespace, which are OIDs here; `done` is false when it is a number or the type is another. */
MUST_CHECK bool bind_oid_alias(Binder *binder, const AstType *ast, const char *text, bool *done, uint32_t *oid,
                               Error *err);
MUST_CHECK bool bind_typed_literal(Binder *binder, const AstType *ast, const char *text, int position, Scalar **scalar,
                                   Error *err);
MUST_CHECK bool bind_operator(Binder *binder, const char *name, Scalar *left, Scalar *right, int position,
                              Scalar **scalar, Error *err);
MUST_CHECK bool bind_unified(Binder *binder, Scalar **scalars, int count, const char *what, int position, SqlType *type,
                             Error *err);
MUST_CHECK bool bind_function(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
MUST_CHECK bool bind_call(Binder *binder, const char *schema, const char *name, Scalar **args, int count, int position,
                          Scalar **scalar, Error *err);
/* A call of what sql_functions.def defines. *done is false for other functions. */
MUST_CHECK bool bind_sql_function(Binder *binder, Scope *scope, const char *schema, const char *name,
                                  Scalar *const *args, int count, int position, bool *done, Scalar **scalar,
                                  Error *err);
/* An expression in which $1, $2, ... are `args`; it sees no names of `scope`. */
MUST_CHECK bool bind_sql_body(Binder *binder, Scope *scope, const char *body, Scalar **args, int count, Scalar **scalar,
                              Error *err);
MUST_CHECK bool bind_sql_argument(Binder *binder, const Scope *scope, int number, int position, Scalar **scalar,
                                  Error *err);
/* A relation's name from its OID, with its schema where the search path does not find it. */
MUST_CHECK bool bind_regclass_text(Binder *binder, Scope *scope, Scalar *oid, Scalar **scalar, Error *err);
/* bind_argument.c: the arguments by position, with defaults for those that names leave out. */
MUST_CHECK bool bind_arguments(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar ***args,
                               int *count, Error *err);
MUST_CHECK bool bind_table_function(Binder *binder, Scope *scope, const AstFunction *function, int position,
                                    TableFunctionCall *call, Scalar ***args, Error *err);
/* A call in an expression of a SELECT: a HIR_REF_SET, a row of them when the function has several columns. */
MUST_CHECK bool bind_set_function(Binder *binder, Scope *scope, const AstFunction *function, int position,
                                  Scalar **scalar, Error *err);
/* 0A000 `set-returning functions are not allowed in CASE` when one was bound since set_calls was `calls_before`. */
MUST_CHECK bool bind_no_set_function(const Binder *binder, int calls_before, const char *what, Error *err);
/* `hir` with the results of the functions that `exprs` call as more columns; the expressions then read these. */
Hir *bind_place_set_functions(Binder *binder, SelectState *select, Scalar **exprs, int count, Hir *hir);

/* ---- records ---- */
typedef struct BoundFields {
    Scalar **items;
    const char **names;
    int count, capacity;
} BoundFields;
/* ROW(fields), whose fields have these names; NULL: f1, f2, ... */
Scalar *bind_record(Binder *binder, Scalar **fields, const char *const *names, int count);
Scalar *bind_whole_row(Binder *binder, const Scope *owner, const ScopeTable *table, int level);
MUST_CHECK bool bind_table_row(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
MUST_CHECK bool bind_row(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
MUST_CHECK bool bind_field(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
/* False: it is no record, or has no such field. No error is set. */
bool bind_field_of(Binder *binder, Scalar *record, const char *name, Scalar **scalar);
bool bind_is_star(const AstExpr *expr); /* t.* or (x).* */
/* Adds what t.* or (x).* stands for. */
MUST_CHECK bool bind_star_fields(Binder *binder, Scope *scope, const AstExpr *expr, BoundFields *fields, Error *err);
/* A list in which these stars are written out: of ROW(...). */
MUST_CHECK bool bind_starred_list(Binder *binder, Scope *scope, const AstExprList *list, Scalar ***scalars, int *count,
                                  Error *err);

const char *bind_function_schema(const AstName *name);
MUST_CHECK bool bind_aggregate(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar **scalar,
                               Error *err);
/* The parts of a call over rows of the scope: resolved, cast. */
MUST_CHECK bool bind_aggregate_call(Binder *binder, Scope *scope, const AstFunction *function, int position,
                                    HirAggregate *aggregate, Error *err);
MUST_CHECK bool bind_subquery_expr(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err);
MUST_CHECK bool bind_row_comparison(Binder *binder, const char *op, Scalar **left, Scalar **right, int count,
                                    int position, Scalar **scalar, Error *err);
Scalar *bind_not(Binder *binder, Scalar *arg);
Scalar *bind_is_null(Binder *binder, Scalar *arg);
Scalar *bind_coalesce_bool(Binder *binder, Scalar *arg, bool otherwise);
MUST_CHECK bool bind_distinct_from(Binder *binder, Scalar *left, Scalar *right, bool negated, int position,
                                   Scalar **scalar, Error *err);
/* bind_container.c. `target`: the type that it is cast to, or UNKNOWN. */
MUST_CHECK bool bind_list_value(Binder *binder, Scope *scope, const AstExpr *expr, SqlType target, Scalar **scalar,
                                Error *err);
MUST_CHECK bool bind_map_value(Binder *binder, Scope *scope, const AstExpr *expr, SqlType target, Scalar **scalar,
                               Error *err);
MUST_CHECK bool bind_list_subscript(Binder *binder, Scope *scope, Scalar *list, const AstSubscriptList *subscripts,
                                    int position, Scalar **scalar, Error *err);
/* A call of the function that makes a container; not null. */
Scalar *bind_container(Binder *binder, const char *function, Scalar **args, int count, SqlType type, int position);
int bind_expr_start(const AstExpr *expr);          /* where it begins in the statement */
const char *bind_output_name(const AstExpr *expr); /* what PostgreSQL calls a column without alias */

/* ---- after a SELECT's expressions are bound: what they may use of the FROM columns ---- */
typedef struct Grouping {
    Binder *binder;
    const Scope *scope;
    Scalar **keys;
    int key_count;
    const HirAggregate *aggregates;
    int aggregate_count;
    bool sets; /* there are several sets of keys: a key may be null where it is not grouped by */
} Grouping;
/* The expression over the grouped relation: keys, then aggregates. 42803. */
MUST_CHECK bool grouping_apply(const Grouping *grouping, Scalar *scalar, Scalar **grouped, Error *err);

/* ---- windows ---- */
bool window_function_exists(const char *schema, const char *name);
/* A call with OVER, as a HIR_REF_WINDOW. */
MUST_CHECK bool bind_window_call(Binder *binder, Scope *scope, const AstFunction *function, int position,
                                 Scalar **scalar, Error *err);
/* The WINDOW clause, windows that nobody uses included. */
MUST_CHECK bool bind_named_windows(Binder *binder, Scope *scope, Error *err);
MUST_CHECK bool windows_group(const Grouping *grouping, SelectState *select, Error *err);
Hir *windows_apply(Binder *binder, SelectState *select, Hir *hir);
Scalar *windows_resolve(Binder *binder, const SelectState *select, Scalar *scalar); /* after windows_apply */

/* ---- sets of group keys ---- */
typedef struct KeySet {
    int *keys; /* numbers of group keys, each once */
    int count;
} KeySet;
typedef struct KeySets {
    KeySet *items;
    int count, capacity;
} KeySets;
/* Binds one key and says which it is. */
typedef bool (*GroupKeyAdd)(void *context, const AstExpr *expr, int *key, Error *err);
/* A GROUP BY of plain expressions is one set. */
MUST_CHECK bool bind_key_sets(Binder *binder, const AstSelect *select, GroupKeyAdd add, void *context, KeySets *sets,
                              Error *err);
MUST_CHECK bool bind_grouping_call(Binder *binder, Scope *scope, const AstFunction *function, int position,
                                   Scalar **scalar, Error *err); /* as a HIR_REF_GROUPING */
/* Columns: all keys, the aggregates, the values of GROUPING(...), whose arguments are compared with the keys as written. */
MUST_CHECK bool reduce_by_sets(Binder *binder, Hir *input, Scalar **keys, Scalar *const *written, int key_count,
                               const KeySets *sets, const SelectState *select, Hir **hir, Error *err);

/* ---- types ---- */
void bind_dependency(Binder *binder, ObjectId id); /* once */
MUST_CHECK bool bind_type(Binder *binder, const AstType *ast, SqlType *type, Error *err);
/* cast_scalar, knowing parameters. */
MUST_CHECK bool bind_cast(Binder *binder, Scalar *scalar, SqlType to, CastContext context, Scalar **result, Error *err);
MUST_CHECK bool bind_explicit_cast(Binder *binder, Scalar *scalar, SqlType to, int position, Scalar **result,
                                   Error *err);
MUST_CHECK bool bind_parameter(Binder *binder, int number, int position, Scalar **scalar, Error *err);
/* 42P18 for parameters whose type stayed unknown. */
MUST_CHECK bool bind_parameters_known(Binder *binder, Error *err);
MUST_CHECK bool bind_unsupported(int position, const char *what,
                                 Error *err); /* 0A000 `{what} not yet supported`; false */

#endif
