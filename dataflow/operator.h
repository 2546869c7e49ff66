/*
 * operator.h -- one part of a circuit: takes chunks in, hands chunks on.
 *
 * In a step every update has the circuit's time. A chunk that is pushed has no times of its own (times NULL), and
 * belongs to the one who pushes: who keeps it retains it.
 *
 * (1) push and push_errors may be called any number of times before flush. Linear operators pass on at once.
 * (2) flush is called in topological order once all inputs of the step are complete, again and again until it returns
 *     true. Each call spends about `fuel` rows and takes them off.
 * (3) Errors are a collection of one text column, an encoded EvalError a row. Operators pass their inputs' errors on.
 * (4) An operator that is not dirty has nothing to flush, and nothing to end.
 *
 * Worker thread only.
 */
#ifndef FRESHET_DATAFLOW_OPERATOR_H
#define FRESHET_DATAFLOW_OPERATOR_H

#include "dataflow/plan.h"

typedef struct Operator Operator;
typedef struct Circuit Circuit;

typedef struct OperatorKind {
    const char *name;
    void (*push)(Operator *op, int port, Chunk *chunk);
    void (*push_errors)(Operator *op, Chunk *chunk); /* NULL: passed on */
    bool (*flush)(Operator *op, int64_t *fuel);      /* NULL: nothing is kept back */
    void (*end_step)(Operator *op);                  /* NULL: nothing to end */
    bool (*work)(Operator *op, size_t fuel);         /* NULL: none; background merging, true while there is more */
    Timestamp (*wakeup)(const Operator *op);         /* NULL: never; the next time at which it changes by itself */
    size_t (*memory)(const Operator *op);            /* NULL: too little to count */
    void (*merge)(Operator *op, int phase);          /* NULL: see lanes.h; phases 0 to merge_phases - 1 */
    int merge_phases;
    void (*deinit)(Operator *op); /* NULL: nothing but the Operator; the struct is freed by the circuit */
} OperatorKind;

typedef struct OperatorTarget {
    Operator *op;
    int port;
} OperatorTarget;

typedef VECTOR(OperatorTarget) OperatorTargets;

struct Operator {
    const OperatorKind *kind;
    Circuit *circuit;
    uint32_t node;                 /* of the plan */
    uint32_t number;               /* in the circuit */
    OperatorTargets targets;       /* get rows */
    OperatorTargets error_targets; /* get errors */
    bool dirty;                    /* got something in this step */
    bool in_lanes;                 /* see lanes.h */
    bool flushed_in_lanes;
    bool has_first_port; /* what comes in by first_port has to be complete, and merged, before the rest */
    int8_t first_port;
    uint64_t rows_out;
    ChunkBuilder errors; /* made by operator_fail_row, not handed on yet */
    bool errors_ready;   /* the builder is initialised */
};

/* Rows and errors of `from` go to `to`. */
void operator_connect(Operator *from, Operator *to, int port);
/* Only the rows: an arrangement, which may be shared by many. */
void operator_connect_rows(Operator *from, Operator *to);
/* Only the errors: what takes rows through an arrangement. */
void operator_connect_errors(Operator *from, Operator *to);

void operator_push(Operator *from, Chunk *chunk);       /* to every target; empty chunks are dropped */
void operator_push_owned(Operator *from, Chunk *chunk); /* and releases it; NULL is allowed */
void operator_push_errors(Operator *from, Chunk *chunk);

/* The errors' builder, for rows that fail; operator_flush_errors hands them on. */
ChunkBuilder *operator_errors(Operator *op);
void error_row_append(ChunkBuilder *errors, const EvalError *error, Timestamp time, int64_t diff, Arena *scratch);
void operator_flush_errors(Operator *op);

#endif
