/*
 * circuit.h -- a dataflow's operators, and the machine that takes them through a step.
 *
 *     circuit_begin(circuit, time, hydrating)     the imports have been loaded with the step's batches
 *     while (!circuit_run(circuit, &fuel)) ...    in slices
 *     circuit_end(circuit)
 *
 * (1) Operators are kept in topological order: an operator reads only from operators before it.
 * (2) A failure (a damaged file, too much memory) is sticky: circuit_run returns false and `failure` says why.
 *     A cancelled circuit_run returns false too, and could go on if it were cancelled no more, unless `interrupted`.
 * (3) circuit_stopped is asked every few thousand rows by every loop.
 */
#ifndef FRESHET_DATAFLOW_CIRCUIT_H
#define FRESHET_DATAFLOW_CIRCUIT_H

#include "dataflow/cluster.h"
#include "dataflow/operator.h"

/* Says that whoever waits for the dataflow does not any more. Shared between threads. */
typedef struct CancelFlag {
    atomic_uint references;
    atomic_bool cancelled;
} CancelFlag;

CancelFlag *cancel_flag_new(void);
CancelFlag *cancel_flag_retain(CancelFlag *flag);
void cancel_flag_release(CancelFlag *flag);

typedef enum CircuitStepKind { STEP_IMPORT, STEP_CONSTANT, STEP_MERGE, STEP_FLUSH } CircuitStepKind;

typedef struct CircuitStep {
    CircuitStepKind kind;
    Operator *op;
} CircuitStep;

typedef enum CircuitPhase { CIRCUIT_IDLE, CIRCUIT_IMPORTING, CIRCUIT_FLUSHING, CIRCUIT_FLUSHED } CircuitPhase;

struct Circuit {
    VECTOR(Operator *) operators;
    VECTOR(Operator *) imports;   /* OpImport, in the plan's order; also in operators */
    VECTOR(Operator *) constants; /* push their rows when hydrating */
    size_t constants_pushed;
    CircuitPhase phase;
    size_t position; /* in imports or operators */
    Timestamp time;
    bool hydrating; /* the first step: everything that is there before is empty */
    bool one_shot;  /* there will be no other */
    VECTOR(CircuitStep)
    schedule;           /* of a circuit that runs once (lanes.h); empty: imports first, then flushes in order */
    Circuit *main;      /* the first lane */
    Circuit *lanes[16]; /* of the first lane: itself and the others, which it owns */
    int lane, lane_count;
    bool lane_done;    /* this lane is through with the step of the schedule at hand */
    struct Crew *crew; /* runs the lanes; the cluster's */
    const CancelFlag *cancel;
    const TextStyle *style; /* the plan's; NULL: the default */
    bool satisfied;         /* a one-shot read has the rows it asked for: whoever makes more may stop */
    bool interrupted;       /* a cancelled operator left part of its work undone for good */
    Error failure;
    void (*emit)(void *context,
                 ClusterResult *result); /* takes the result's contents over; dataflow_id is the receiver's */
    void *emit_context;
};

/* Gives an operator's expressions the style of the plan. */
void circuit_style(const Circuit *circuit, EvalContext *eval);
Circuit *circuit_new(const CancelFlag *cancel, bool one_shot);
void circuit_free(Circuit *circuit);
/* Allocates an operator of `size` bytes, the last one so far. */
void *circuit_add(Circuit *circuit, const OperatorKind *kind, size_t size, uint32_t node);

void circuit_begin(Circuit *circuit, Timestamp time, bool hydrating);
bool circuit_run(Circuit *circuit, int64_t *fuel);
void circuit_end(Circuit *circuit);

void circuit_fail(Circuit *circuit, Error *err); /* takes the error over; keeps the first */
bool circuit_stopped(const Circuit *circuit);    /* failed or cancelled */
bool circuit_work(Circuit *circuit, size_t fuel);
Timestamp circuit_wakeup(const Circuit *circuit); /* TIMESTAMP_MAX: never */
size_t circuit_memory(const Circuit *circuit);

#endif
