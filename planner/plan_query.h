/*
 * plan_query.h -- from a query's tree to what the engine runs.
 *
 *     AstQuery --bind--> HIR --lower (decorrelate)--> MIR --transform_*--> MIR --instantiate--> constant rows | index peek | DataflowPlan
 *
 * Planning is a pure function of tree, catalog and session settings. A PlannedQuery may still have parameters and context values (now(),
 * current_user) in it; query_instantiate replaces them and chooses the physical plan. A PlannedQuery may be kept and instantiated often as
 * long as catalog_version and the settings it was made with are the same.
 *
 * Memory: everything planned lives in the arena given. Event loop only.
 */
#ifndef FRESHET_PLANNER_PLAN_QUERY_H
#define FRESHET_PLANNER_PLAN_QUERY_H

#include "catalog/catalog.h"
#include "dataflow/peek.h"
#include "grammar/ast.h"
#include "planner/row_counts.h"

typedef struct Notice {
    char sqlstate[6];
    const char *severity; /* "NOTICE", "WARNING", ... */
    const char *message, *detail, *hint;
} Notice;

struct MirPlan;

typedef struct PlannerContext {
    const Catalog *catalog;
    NameScope scope;
    const char *cluster; /* the session's active cluster */
    ObjectId role;
    EvalContext *eval; /* for folding; its style reads literals */
    Arena *arena;      /* of the statement */
    /* Parameters: types known so far by number - 1 (TYPE_UNKNOWN: not yet); planning fills in what it infers. Room for 65535 is not needed: grown in `arena`. */
    SqlType *parameter_types;
    int parameter_count;
    bool no_more_parameters;                             /* others than these: 42P02 */
    void (*notice)(void *context, const Notice *notice); /* may be NULL */
    void *notice_context;
    RowCounts row_counts;
    const char *disabled_passes; /* of the optimizer, by name, between commas; NULL: none */
    /* Sees the plan after each pass; may be NULL. */
    void (*after_pass)(void *context, const char *pass, const struct MirPlan *plan);
    void *after_pass_context;
    /* SHOW ... as a relation: the query that it stands for, every name in it in full. NULL: 0A000. */
    bool (*show_query)(struct PlannerContext *context, const AstShow *show, const AstQuery **query, Error *err);
} PlannerContext;

typedef struct PlannedQuery PlannedQuery; /* opaque: optimised MIR, finishing, description */

/* Plans a whole query (ORDER BY, LIMIT and OFFSET at the top become the finishing). 42P18 when a parameter's type stays unknown. */
MUST_CHECK bool plan_query(PlannerContext *context, const AstQuery *query, PlannedQuery **planned, Error *err);
/* For INSERT, COPY: the query's columns are cast (assignment) to `types`; `what` names target columns in errors:
   42804 `column "a" is of type integer but expression is of type text`. Untyped VALUES literals take the target's type. */
MUST_CHECK bool plan_query_for_target(PlannerContext *context, const AstQuery *query, const RelationColumn *columns,
                                      int column_count, PlannedQuery **planned, Error *err);
/* The same for a SELECT whose targets UPDATE sets: 42803 for aggregates, 0A000 for set-returning functions in them. */
MUST_CHECK bool plan_query_for_update(PlannerContext *context, const AstQuery *query, const RelationColumn *columns,
                                      int column_count, PlannedQuery **planned, Error *err);
const RelationDesc *planned_query_desc(const PlannedQuery *planned);
/* Items read directly (tables, views, ...), each once: dependencies of a view. */
void planned_query_dependencies(const PlannedQuery *planned, const ObjectId **ids, int *count);
/* Whether it can be maintained: 0A000 `cannot materialize call to now()` otherwise. */
MUST_CHECK bool planned_query_check_materializable(const PlannedQuery *planned, Error *err);
/* Whether it reads any relation at all (through views too), and whether all that it reads are system relations. */
bool planned_query_is_constant(const PlannedQuery *planned);
bool planned_query_is_system_only(const PlannedQuery *planned);
bool planned_query_has_lookup(const PlannedQuery *planned); /* some index, of any cluster, has a key for it */
bool planned_query_calls_mz_now(const PlannedQuery *planned);

typedef enum ExecutionKind {
    EXECUTION_CONSTANT, /* rows are known */
    EXECUTION_PEEK,     /* one index answers */
    EXECUTION_DATAFLOW, /* a one-shot dataflow */
} ExecutionKind;

/* What must be read, so that the coordinator can choose a timestamp and take snapshots. */
typedef struct QueryExecution {
    ExecutionKind kind;
    ChunkVector rows; /* EXECUTION_CONSTANT: in order, finishing applied; the caller releases */
    PeekPlan peek;    /* EXECUTION_PEEK */
    DataflowPlan *
        plan; /* EXECUTION_DATAFLOW: one export EXPORT_PEEK with id 0, as_of 0: the coordinator sets both; an arena of its own */
    SqlType *result_types;
    int result_count;
} QueryExecution;

/* Which indexes exist on the cluster that will run it: `cluster` 0 means none. Only hydrated ones are offered by the callback. */
typedef struct IndexOracle {
    ObjectId cluster;
    bool (*usable)(void *context, ObjectId index); /* NULL: every index of the cluster is usable */
    void *context;
} IndexOracle;

MUST_CHECK bool query_instantiate(const PlannedQuery *planned, const Catalog *catalog, const ContextBinding *binding,
                                  const IndexOracle *indexes, EvalContext *eval, Arena *arena,
                                  QueryExecution *execution, Error *err);

/*
 * Maintained dataflows. The plan has an arena of its own and one export, whose id (and for subscriptions as_of, until) the coordinator sets.
 * A query with LIMIT or ORDER BY ... LIMIT becomes a TopK here.
 */
MUST_CHECK bool plan_index_dataflow(PlannerContext *context, const Item *relation, Scalar *const *keys, int key_count,
                                    const IndexOracle *indexes, DataflowPlan **plan, Error *err);
MUST_CHECK bool plan_view_dataflow(PlannerContext *context, const Item *materialized_view, const IndexOracle *indexes,
                                   DataflowPlan **plan, Error *err);
MUST_CHECK bool plan_subscribe_dataflow(PlannerContext *context, const PlannedQuery *planned,
                                        const ContextBinding *binding, const IndexOracle *indexes, DataflowPlan **plan,
                                        Error *err);
/* SELECT * FROM item, for SUBSCRIBE item and COPY item TO. */
MUST_CHECK bool plan_relation(PlannerContext *context, const Item *item, PlannedQuery **planned, Error *err);

/* As plan_view_item for a query in item->arena in which every name is full, without planning it: it is known to be sound. */
MUST_CHECK bool plan_view_bound(PlannerContext *context, AstQuery *query, Item *item, Error *err);
/* Fills item->definition (an AstQuery in item->arena), desc and depends_on of a view or materialized view from its query. */
MUST_CHECK bool plan_view_item(PlannerContext *context, const AstQuery *query, const AstIdentList *column_names,
                               Item *item, Error *err);

/* A scalar expression over a relation's columns (index keys), or over nothing (defaults, AS OF, secrets: desc NULL). */
MUST_CHECK bool plan_expression(PlannerContext *context, const AstExpr *expr, const RelationDesc *desc,
                                const char *table_name, Scalar **scalar, Error *err);
MUST_CHECK bool plan_type(PlannerContext *context, const AstType *ast, SqlType *type, Error *err);

/* EXPLAIN. `stage`: which tree is printed; TRACE: each one that a pass of the optimizer left changed. */
typedef enum ExplainStage {
    EXPLAIN_RAW,
    EXPLAIN_DECORRELATED,
    EXPLAIN_LOCALLY_OPTIMIZED, /* without an order of joins, nothing shared */
    EXPLAIN_OPTIMIZED,
    EXPLAIN_PHYSICAL,
    EXPLAIN_TRACE,
} ExplainStage;

/* What is said of each relation of the algebra beside what it is. */
typedef struct ExplainOptions {
    bool arity, types, keys, cardinality, non_negative;
    bool names; /* of columns, behind their numbers */
} ExplainOptions;

typedef struct ExplainRequest {
    ExplainStage stage;
    ExplainOptions options;
    bool json;             /* one document; text otherwise */
    bool postgres;         /* with the keys that PostgreSQL's JSON has */
    bool timing;           /* the time that planning took at the end */
    bool no_fast_path;     /* the dataflow, even where an index answers alone */
    const AstQuery *query; /* or */
    const Item *relation;  /* all its rows */
    const char *name;      /* of a view or an index: the plan that maintains it. NULL: a query that runs once */
    Scalar *const *keys;   /* of an index; NULL: it is none */
    int key_count;
} ExplainRequest;
MUST_CHECK bool explain(PlannerContext *context, const ExplainRequest *request, const IndexOracle *indexes, Buffer *out,
                        Error *err);
MUST_CHECK bool explain_query(PlannerContext *context, const AstQuery *query, ExplainStage stage,
                              const IndexOracle *indexes, Buffer *out, Error *err);

#endif
