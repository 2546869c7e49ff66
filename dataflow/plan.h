/*
 * plan.h -- the input language of the engine: flat nodes with ids, arrangements chosen, nothing of SQL in it.
 *
 * A DataflowPlan is a DAG. nodes[i] reads only nodes with smaller index; the index is the node's id, so a common subplan is a
 * node that two others read. All memory is in the plan's arena, which the plan owns (dataflow_plan_free), except what imports name.
 *
 * Each node's output is a collection of rows of `types` and beside it a collection of errors: rows whose evaluation failed
 * become errors with the same diff (an encoded EvalError) and disappear when the row is retracted.
 *
 * (1) A plan has no SCALAR_PARAMETER and no SCALAR_CONTEXT in it but CONTEXT_MZ_NOW in temporal filters.
 * (2) Column indexes of a scalar refer to the node's input row (for joins: the inputs' rows one after another).
 * (3) Nothing but `imports` reads state from outside, nothing but `exports` gives results.
 */
#ifndef FRESHET_DATAFLOW_PLAN_H
#define FRESHET_DATAFLOW_PLAN_H

#include "collection/spine.h"
#include "expr/aggregate.h"
#include "base/buffer.h"
#include "expr/scalar.h"
#include "expr/table_function.h"

typedef enum PlanKind {
    PLAN_CONSTANT,  /* rows known when the plan was made */
    PLAN_GET,       /* an import */
    PLAN_LINEAR,    /* map, filter, project in one pass */
    PLAN_FLAT_MAP,  /* a table function for each row */
    PLAN_JOIN,      /* inner join of two or more inputs */
    PLAN_REDUCE,    /* group by with aggregates; with none it is DISTINCT */
    PLAN_TOPK,      /* first rows of each group */
    PLAN_WINDOW,    /* each row with values computed from the rows around it */
    PLAN_NEGATE,    /* diffs change sign */
    PLAN_THRESHOLD, /* rows with positive counts, each with its count (EXCEPT ALL), or once (`distinct`) */
    PLAN_UNION,     /* all inputs' rows */
    PLAN_GUARD,     /* fails with `message` when a group has more than one row: scalar subqueries */
    PLAN_TEMPORAL,  /* rows enter and leave as mz_now() passes their bounds */
    PLAN_RECURSE,   /* what a plan of its own gives, that reads what it gave before, when that changes no more */
} PlanKind;

/* Extends the row by `maps` (each may use columns before it), keeps rows where every filter is true, keeps `project` columns. */
typedef struct LinearPlan {
    Scalar **maps;
    int map_count;
    Scalar **filters;
    int filter_count;
    uint16_t *project;
    int project_count;
} LinearPlan;

/* One step of a join: the rows joined so far, with the next input. */
typedef struct JoinStage {
    uint16_t input;      /* which of the node's inputs comes in */
    uint16_t *left_key;  /* columns of the rows joined so far (inputs in stage order, one after another) */
    uint16_t *right_key; /* columns of the input */
    int key_count;       /* 0: cross join */
    /* Rows by the planner's estimate, -1: none. A one-shot join may build on the smaller side; a maintained one arranges both. */
    int64_t left_rows, right_rows;
} JoinStage;

typedef struct JoinPlan {
    uint16_t first; /* the input that starts */
    JoinStage *stages;
    int stage_count;    /* inputs - 1 */
    LinearPlan closure; /* over the joined row (inputs in stage order); project gives the node's columns */
} JoinPlan;

typedef struct PlanAggregate {
    AggregateCall call;
    uint16_t args[AGGREGATE_COLUMNS_MAX]; /* columns of the input */
    bool distinct;
    int16_t filter; /* boolean column of the input, -1: none */
    SortKey *order; /* of COLLECT aggregates, over the input's columns */
    int order_count;
} PlanAggregate;

typedef struct ReducePlan {
    uint16_t *key; /* columns of the input; the node's columns are the key, then the aggregates */
    int key_count;
    PlanAggregate *aggregates;
    int aggregate_count;
} ReducePlan; /* with no key and no input rows it has no output row: the planner adds the default row by a union */

typedef struct TopkPlan {
    uint16_t *group;
    int group_count;
    SortKey *order; /* ties are broken by all columns' stored form */
    int order_count;
    int64_t limit; /* -1: none */
    int64_t offset;
} TopkPlan;

/* ---- windows ---- */

typedef enum WindowFunction {
    WINDOW_ROW_NUMBER,
    WINDOW_RANK,
    WINDOW_DENSE_RANK,
    WINDOW_PERCENT_RANK,
    WINDOW_CUME_DIST,
    WINDOW_NTILE,       /* args: buckets (int4) */
    WINDOW_LAG,         /* args: value, offset (int4), default (as the value); the last one or two may be left out */
    WINDOW_LEAD,        /* the same */
    WINDOW_FIRST_VALUE, /* args: value; of the frame, as the next ones */
    WINDOW_LAST_VALUE,  /* args: value */
    WINDOW_NTH_VALUE,   /* args: value, n (int4) */
    WINDOW_AGGREGATE,   /* args: the aggregate's, of the frame */
} WindowFunction;
const char *window_function_name(WindowFunction function); /* "row_number"; NULL for AGGREGATE */

typedef enum FrameUnits { FRAME_ROWS, FRAME_RANGE, FRAME_GROUPS } FrameUnits;
typedef enum FrameBound {
    FRAME_UNBOUNDED_PRECEDING,
    FRAME_PRECEDING,
    FRAME_CURRENT_ROW,
    FRAME_FOLLOWING,
    FRAME_UNBOUNDED_FOLLOWING,
} FrameBound;
typedef enum FrameExclude {
    FRAME_EXCLUDE_NONE,
    FRAME_EXCLUDE_ROW,
    FRAME_EXCLUDE_GROUP,
    FRAME_EXCLUDE_TIES
} FrameExclude;

/* What PRECEDING and FOLLOWING count by is a column of the input that has one value in a partition: bigint for ROWS and GROUPS;
   for RANGE of a type that in_range knows beside the one order column's (expr/in_range.h). */
typedef struct WindowFrame {
    FrameUnits units;
    FrameBound start, end;
    FrameExclude exclude;
    uint16_t start_offset, end_offset; /* meaningful with PRECEDING and FOLLOWING */
} WindowFrame;

typedef struct WindowCall {
    WindowFunction function;
    AggregateCall aggregate; /* AGGREGATE */
    uint16_t args[3];        /* columns of the input */
    uint8_t arg_count;
    bool ignore_nulls; /* LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE: rows whose value is null do not count */
    int16_t filter;    /* AGGREGATE: boolean column of the input, -1: none */
    WindowFrame frame; /* FIRST_VALUE, LAST_VALUE, NTH_VALUE, AGGREGATE */
    SqlType type;      /* of the result */
} WindowCall;

bool window_call_nullable(const WindowCall *call); /* whether the result can be null */
bool window_call_framed(const WindowCall *call);   /* whether the frame matters */

/*
 * The input's columns, then a column a call. n equal rows are n rows. Rows that the order leaves equal are peers; among themselves they
 * stand in the order of all columns' stored form. A call that fails (a sum out of range, a negative offset) makes an error of the row.
 */
typedef struct WindowPlan {
    uint16_t *partition; /* columns; none: all rows are one partition */
    int partition_count;
    SortKey *order; /* none: all rows of a partition are peers */
    int order_count;
    WindowCall *calls;
    int call_count;
} WindowPlan;

typedef struct FlatMapPlan {
    TableFunctionCall function;
    Scalar **args;
    int arg_count;
    bool ordinality; /* a last bigint column, from 1 */
} FlatMapPlan;       /* columns: the input's, then the function's */

typedef struct TemporalPlan {
    Scalar **lower; /* mz_timestamp: the row is there from this time on (inclusive), the greatest of them */
    int lower_count;
    Scalar **upper; /* mz_timestamp: until this time (exclusive), the least of them */
    int upper_count;
} TemporalPlan;

/*
 * A recursive block. R(0) is empty, R(k + 1) is what `body` gives over the node's inputs and R(k); the node's rows are the first R(k) that
 * equals R(k - 1). Errors are those of that last iteration: what failed on the way there and does not any more is no error.
 *
 * The body's imports are the node's inputs in order, with R at place `feedback` among them; they name no collections and no indexes. It has one
 * export, EXPORT_COLLECT, of the node's columns; no PLAN_TEMPORAL (its times are iterations). It lives in the arena of the plan around it.
 */
typedef struct RecursePlan {
    struct DataflowPlan *body;
    int feedback;          /* -1: the body does not read what it gave; it is run once */
    int64_t limit;         /* iterations; -1: none */
    bool returns_at_limit; /* R(limit), instead of an error (54001) when that is no fixed point */
    bool monotone;         /* more rows in its imports never take rows away from what it gives */
} RecursePlan;

typedef struct PlanNode {
    PlanKind kind;
    uint32_t *inputs; /* node ids */
    int input_count;
    SqlType *types;
    uint16_t column_count;
    union {
        struct {
            ChunkVector rows; /* retained by the plan; times are 0 */
            ChunkVector errors;
        } constant;
        uint32_t import; /* index in imports */
        LinearPlan linear;
        FlatMapPlan flat_map;
        JoinPlan join;
        ReducePlan reduce;
        TopkPlan topk;
        WindowPlan window;
        struct {
            bool distinct;
        } threshold;
        struct {
            uint16_t *group;
            int group_count;
            const char *sqlstate, *message;
        } guard;
        TemporalPlan temporal;
        RecursePlan recurse;
    };
} PlanNode;

/* A collection read by the dataflow. When `index_id` is not 0, the index (on the same cluster) serves as its arrangement. */
typedef struct PlanImport {
    uint64_t collection_id; /* a shard */
    uint64_t index_id;
    uint16_t *index_key;
    int index_key_count;
    SqlType *types;
    uint16_t column_count;
    /* For a one-shot plan with no index: only these columns are read, others come as empty columns of nulls. NULL: all */
    bool *needed;
} PlanImport;

typedef enum ExportKind {
    EXPORT_INDEX,     /* an arrangement, named, that peeks and other dataflows of the cluster use */
    EXPORT_SHARD,     /* a maintained collection: its updates go out to a shard (materialized view) */
    EXPORT_SUBSCRIBE, /* its updates go out to a session */
    EXPORT_PEEK,      /* one-shot: the rows at as_of, sorted and cut */
    EXPORT_COLLECT,   /* of a recursive block: its rows stay with the operator that runs it */
} ExportKind;

typedef struct Finishing {
    SortKey *order;
    int order_count;
    int64_t limit; /* -1: none */
    int64_t offset;
    uint16_t *project; /* columns sent, after sorting */
    int project_count;
    uint64_t bytes_max; /* a result with more fails (result_check_size); 0: no bound */
} Finishing;

typedef struct PlanExport {
    ExportKind kind;
    uint32_t node;
    uint64_t id;   /* index id, shard id, or the number of the peek or subscription */
    uint16_t *key; /* EXPORT_INDEX */
    int key_count;
    bool with_snapshot;  /* EXPORT_SUBSCRIBE: whether rows at as_of are sent first */
    Finishing finishing; /* EXPORT_PEEK */
} PlanExport;

typedef struct DataflowPlan {
    Arena *arena;
    const char *name; /* for logs and introspection */
    PlanNode *nodes;
    uint32_t node_count;
    PlanImport *imports;
    int import_count;
    PlanExport *exports;
    int export_count;
    Timestamp as_of;
    Timestamp until;        /* exclusive; TIMESTAMP_MAX: none */
    bool one_shot;          /* ends after as_of */
    const TextStyle *style; /* of the session that asks: zone, digits; NULL: the default. In the arena */
} DataflowPlan;

void dataflow_plan_free(DataflowPlan *plan); /* releases constants, frees the arena (and the plan, which lives in it) */
/* Checks the invariants above: column indexes, node order, arities. Says which is broken. */
MUST_CHECK bool dataflow_plan_check(const DataflowPlan *plan, Error *err);
/* As EXPLAIN PHYSICAL PLAN shows it. `import_name` may be NULL. */
void dataflow_plan_print(const DataflowPlan *plan, const char *(*import_name)(void *context, uint64_t id),
                         void *context, Buffer *out);

#endif
